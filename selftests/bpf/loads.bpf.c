// SPDX-License-Identifier: GPL-2.0-only
/*
 * loads - Programs that could change what is not their own, and one that could not
 *
 * They are loaded; none is ever run to that effect.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

extern void crash_kexec(struct pt_regs *regs) __ksym __weak;
extern int bpf_send_signal_task(struct task_struct *task, int sig, enum pid_type type,
				u64 value) __ksym __weak;

/* Nobody's. */
const volatile int pid = -1;

SEC("?tp_btf/sys_enter")
int harmless(void *ctx)
{
	return bpf_get_current_pid_tgid() == 1;
}

SEC("?tp_btf/sys_enter")
int writer(void *ctx)
{
	char byte = 0;

	if ((int)bpf_get_current_pid_tgid() == pid)
		bpf_probe_write_user(NULL, &byte, 1);
	return 0;
}

SEC("?tp_btf/sys_enter")
int killer(void *ctx)
{
	if ((int)bpf_get_current_pid_tgid() == pid)
		bpf_send_signal(9);
	return 0;
}

/* Two of them, one in a function of its own. */
static __noinline int kill_thread(int sig)
{
	return bpf_send_signal_thread(sig);
}

SEC("?kprobe/do_exit")
int both(struct pt_regs *ctx)
{
	char byte = 0;

	if ((int)bpf_get_current_pid_tgid() != pid)
		return 0;
	kill_thread(9);
	return bpf_probe_write_user(NULL, &byte, 1);
}

/* Nothing that the kernel lets it be attached to. */
SEC("?kprobe/do_exit")
int overrider(struct pt_regs *ctx)
{
	if ((int)bpf_get_current_pid_tgid() == pid)
		bpf_override_return(ctx, 0);
	return 0;
}

SEC("?uprobe")
int setter(struct pt_regs *ctx)
{
	if ((int)bpf_get_current_pid_tgid() == pid)
		ctx->di = 0;
	return 0;
}

SEC("?tp_btf/sys_enter")
int BPF_PROG(crasher, struct pt_regs *regs)
{
	if ((int)bpf_get_current_pid_tgid() == pid)
		crash_kexec(regs);
	return 0;
}

SEC("?tp_btf/sys_enter")
int signaller(void *ctx)
{
	if ((int)bpf_get_current_pid_tgid() == pid)
		bpf_send_signal_task(bpf_get_current_task_btf(), 9, PIDTYPE_PID, 0);
	return 0;
}

SEC("?lsm/file_open")
int BPF_PROG(decider, struct file *file)
{
	return 0;
}

SEC("?fmod_ret/security_file_open")
int BPF_PROG(returner, struct file *file)
{
	return 0;
}

SEC("?fentry/security_file_open")
int BPF_PROG(watcher, struct file *file)
{
	return 0;
}

SEC("?fentry/sbpf_dispatch")
int BPF_PROG(insider)
{
	return 0;
}

SEC("?freplace/subprogram")
int replacer(struct __sk_buff *skb)
{
	return 0;
}
