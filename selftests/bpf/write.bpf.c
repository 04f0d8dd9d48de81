// SPDX-License-Identifier: GPL-2.0-only
/*
 * write - Programs of several types that write into the memory of the process
 * that asks for it by prctl(OPTION, address)
 *
 * The option is one that the kernel rejects, so that nothing but the write
 * happens; the process is checked all the same.
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

#define OPTION	 0x53425046
#define NR_PRCTL 157
#define ENOSYS	 38

/* In: which process, and what to write, without so many bytes at the end. */
__u32 pid;
char bytes[8];
__u32 less;
/* Where it is to be written to once the process is taken off its processor; 0 for nowhere. */
__u64 switch_address;
/* Where to, when a policy notes something. */
__u64 note_address;

/* Out: calls of the helper, and what the last one returned. */
__u64 calls;
__u64 refused;
long ret;

/* Out: the same when a policy notes something. */
__u64 note_calls;
long note_ret;

static __always_inline void write_to(__u64 option, __u64 address)
{
	if (option != OPTION || bpf_get_current_pid_tgid() >> 32 != pid)
		return;
	__sync_fetch_and_add(&calls, 1);
	ret = bpf_probe_write_user((void *)address, bytes,
				   sizeof(bytes) - (less & 7));
	if (ret)
		__sync_fetch_and_add(&refused, 1);
}

SEC("?fentry/__x64_sys_prctl")
int BPF_PROG(by_fentry, const struct pt_regs *regs)
{
	write_to(regs->di, regs->si);
	return 0;
}

SEC("?tp_btf/sys_enter")
int BPF_PROG(by_tracepoint, struct pt_regs *regs, long nr)
{
	if (nr == NR_PRCTL)
		write_to(regs->di, regs->si);
	return 0;
}

SEC("?lsm/task_prctl")
int BPF_PROG(by_lsm, int option, unsigned long arg2)
{
	write_to(option, arg2);
	return -ENOSYS;
}

SEC("?lsm.s/task_prctl")
int BPF_PROG(by_sleepable, int option, unsigned long arg2)
{
	write_to(option, arg2);
	return -ENOSYS;
}

SEC("?kprobe/__x64_sys_prctl")
int BPF_KPROBE(by_kprobe, const struct pt_regs *regs)
{
	write_to(BPF_CORE_READ(regs, di), BPF_CORE_READ(regs, si));
	return 0;
}

/* The call is in a function of its own, which the kernel names by itself. */
static __noinline int subprogram(__u64 option, __u64 address)
{
	write_to(option, address);
	return 0;
}

SEC("?fentry/__x64_sys_prctl")
int BPF_PROG(by_subprogram, const struct pt_regs *regs)
{
	return subprogram(regs->di, regs->si);
}

/* With interrupts off. */
SEC("?tp_btf/sched_switch")
int BPF_PROG(by_switch)
{
	__u64 address = switch_address;

	if (!address || bpf_get_current_pid_tgid() >> 32 != pid)
		return 0;
	switch_address = 0;
	write_to(OPTION, address);
	return 0;
}

SEC("?fentry/bpf_sbpf_note")
int BPF_PROG(by_note)
{
	if (!note_address || bpf_get_current_pid_tgid() >> 32 != pid)
		return 0;
	__sync_fetch_and_add(&note_calls, 1);
	note_ret = bpf_probe_write_user((void *)note_address, bytes, sizeof(bytes));
	return 0;
}
