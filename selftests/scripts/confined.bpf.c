// SPDX-License-Identifier: GPL-2.0-only
/*
 * confined - A policy all data of which is in an arena, and what else it decides by are
 * the rules. FAULT is the number of something that a confined policy does not do.
 */
#include "vmlinux.h"
#include <sbpf/policy.bpf.h>

char LICENSE[] SEC("license") = "GPL";

#ifndef FAULT
#define FAULT 0
#endif

#define __arena		__attribute__((address_space(1)))
#define BPF_F_MMAPABLE	(1U << 10)

struct {
	__uint(type, BPF_MAP_TYPE_ARENA);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 16);
	/* So that an address in it has 0 in its lower half where it begins. */
	__ulong(map_extra, 1UL << 44);
} arena SEC(".maps");

__u64 __arena data[512] __attribute__((aligned(4096)));

/* Requests of members: to write to an address, and to tell what is at one. */
#define WRITE	0x5bf0
#define TELL	0x5bf1

#if FAULT == 3
__u64 outside;
#endif

#if FAULT == 6
static __attribute__((noinline)) int own(__u64 number)
{
	return number * number % 7;
}
#endif

SBPF_OP(file_open, struct sbpf_sandbox *sandbox, struct file *file)
{
	__sync_fetch_and_add(&data[0], 1);
#if FAULT == 1
	if (file->f_mode & FMODE_WRITE)
		data[1]++;
#elif FAULT == 2
	data[1] += sandbox->layer;
#elif FAULT == 3
	outside++;
#elif FAULT == 4
	__u64 seen;

	bpf_probe_read_kernel(&seen, sizeof(seen), file);
	data[1] += seen;
#elif FAULT == 5
	sbpf_note(sandbox, "opened", 0);
#elif FAULT == 6
	data[1] += own(data[0]);
#elif FAULT == 7
	data[1] += bpf_sbpf_task_same(bpf_get_current_task_btf(), bpf_get_current_task_btf());
#elif FAULT == 8
	volatile __u64 stack[8] = { 0 };

	data[1] += stack[bpf_get_prandom_u32() & 7];
#elif FAULT == 9
	data[1] = (__u64)file;
#elif FAULT == 10
	__u64 half;

	asm volatile("r1 = %1; w0 = w1; %0 = r0" : "=r"(half) : "r"(file) : "r0", "r1");
	data[1] = half;
#elif FAULT == 11
	return (long)file;
#elif FAULT == 12
	if ((__u64)file > 0xffff888100000000)
		data[1]++;
#elif FAULT == 13
	__u64 left;

	asm volatile("%0 = *(u64 *)(r10 - 256)" : "=r"(left));
	data[1] = left;
#elif FAULT == 14
	data[1] = bpf_sbpf_resource_usage(sandbox, (__u32)(__u64)file);
#endif
	return bpf_sbpf_open_access(sandbox, file) < 0 ? -EACCES : 0;
}

/* What a member says is taken for an address. */
SBPF_OP(task_prctl, struct sbpf_sandbox *sandbox, int option, __u64 arg2, __u64 arg3)
{
	__u64 __arena *there = (__u64 __arena *)arg2;

	/* A program has the arena that it uses something of. */
	data[2]++;
	if (option == WRITE)
		*there = arg3;
	else if (option == TELL)
		return -(int)(*there & 0xfff);
	return 0;
}

SBPF_POLICY(confined) = {
	.file_open = (void *)file_open,
	.task_prctl = (void *)task_prctl,
	.flags = SBPF_POLICY_OPEN,
	.name = "confined",
};
