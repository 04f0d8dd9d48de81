// SPDX-License-Identifier: GPL-2.0-only
/*
 * listener - Copies every event of the module into a ring buffer
 *
 * It runs where the event is raised, so that an event is in the ring before
 * the operation that it tells of is over. What does not fit is counted.
 *
 * Each CPU has a ring of its own: the event of a write is raised from a kprobe,
 * which counts as an NMI, where a ring that another CPU writes to is refused.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "sbpf.h"

char LICENSE[] SEC("license") = "GPL";

struct ring {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 2 << 20);
};

/* One per CPU: how many is set and they are made by user space. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(values, struct ring);
} rings SEC(".maps");

__u64 lost;

static __always_inline int copy(const struct sbpf_event *event)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct sbpf_event *slot = NULL;
	void *ring;

	ring = bpf_map_lookup_elem(&rings, &cpu);
	if (ring)
		slot = bpf_ringbuf_reserve(ring, sizeof(*slot), 0);
	if (!slot) {
		__sync_fetch_and_add(&lost, 1);
		return 0;
	}
	if (bpf_probe_read_kernel(slot, sizeof(*slot), event)) {
		__sync_fetch_and_add(&lost, 1);
		bpf_ringbuf_discard(slot, 0);
		return 0;
	}
	bpf_ringbuf_submit(slot, 0);
	return 0;
}

SEC("raw_tp/sbpf_denied")
int BPF_PROG(on_denied, const struct sbpf_event *event)
{
	return copy(event);
}

SEC("raw_tp/sbpf_note")
int BPF_PROG(on_note, const struct sbpf_event *event)
{
	return copy(event);
}

SEC("raw_tp/sbpf_error")
int BPF_PROG(on_error, const struct sbpf_event *event)
{
	return copy(event);
}

SEC("raw_tp/sbpf_write")
int BPF_PROG(on_write, const struct sbpf_event *event)
{
	return copy(event);
}

SEC("raw_tp/sbpf_load")
int BPF_PROG(on_load, const struct sbpf_event *event)
{
	return copy(event);
}

SEC("raw_tp/sbpf_control")
int BPF_PROG(on_control, const struct sbpf_event *event)
{
	return copy(event);
}

SEC("raw_tp/sbpf_sandbox")
int BPF_PROG(on_sandbox, const struct sbpf_event *event)
{
	return copy(event);
}
