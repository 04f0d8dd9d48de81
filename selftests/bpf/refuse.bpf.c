// SPDX-License-Identifier: GPL-2.0-only
/*
 * refuse - An LSM other than sbpf that refuses what a process does
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

#define EUSERS 87

/* In: whose tasks to refuse. Out: how many were. */
__u32 pid;
__u64 refused;

SEC("lsm/task_alloc")
int BPF_PROG(refuse_task, struct task_struct *task, unsigned long clone_flags)
{
	if (bpf_get_current_pid_tgid() >> 32 != pid)
		return 0;
	__sync_fetch_and_add(&refused, 1);
	return -EUSERS;
}
