// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - The recorder: copies every event of the module into a ring buffer
 *
 * One program per tracepoint of the module, each of which is handed the address
 * of one struct sbpf_event. When the ring is full the newest events are
 * dropped; nothing counts them here, since the reader sees every loss, whatever
 * its cause, as a gap in the sequence numbers.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "uapi/sbpf.h"

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);	/* set before it is loaded */
} ring SEC(".maps");

/* The sequence number that the next reader expects; user space's alone. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} next SEC(".maps");

static __always_inline int record(const __u64 *ctx)
{
	struct sbpf_event *event;

	event = bpf_ringbuf_reserve(&ring, sizeof(*event), 0);
	if (!event)
		return 0;
	if (bpf_probe_read_kernel(event, sizeof(*event), (const void *)ctx[0]))
		bpf_ringbuf_discard(event, 0);
	else
		bpf_ringbuf_submit(event, 0);
	return 0;
}

SEC("raw_tp/sbpf_denied")
int sbpf_denied(__u64 *ctx)
{
	return record(ctx);
}

SEC("raw_tp/sbpf_note")
int sbpf_note(__u64 *ctx)
{
	return record(ctx);
}

SEC("raw_tp/sbpf_error")
int sbpf_error(__u64 *ctx)
{
	return record(ctx);
}

SEC("raw_tp/sbpf_write")
int sbpf_write(__u64 *ctx)
{
	return record(ctx);
}

SEC("raw_tp/sbpf_control")
int sbpf_control(__u64 *ctx)
{
	return record(ctx);
}

SEC("raw_tp/sbpf_load")
int sbpf_load(__u64 *ctx)
{
	return record(ctx);
}

SEC("raw_tp/sbpf_sandbox")
int sbpf_sandbox(__u64 *ctx)
{
	return record(ctx);
}
