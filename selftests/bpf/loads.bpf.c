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
extern int bpf_sock_destroy(struct sock_common *sock) __ksym __weak;
struct bpf_ksock;
struct bpf_ksock_create_opts;
extern struct bpf_ksock *bpf_ksock_create(const struct bpf_ksock_create_opts *opts, u32 opts__sz,
					  int *err__uninit) __ksym __weak;
extern void bpf_ksock_release(struct bpf_ksock *ks) __ksym __weak;
extern int bpf_set_dentry_xattr(struct dentry *dentry, const char *name__str,
				const struct bpf_dynptr *value_p, int flags) __ksym __weak;
extern int bpf_remove_dentry_xattr(struct dentry *dentry, const char *name__str) __ksym __weak;
/* Of the module tcp_dctcp. */
extern u32 dctcp_ssthresh(struct sock *sk) __ksym __weak;

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
SEC("?kprobe/security_file_open")
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

SEC("?iter/tcp")
int closer(struct bpf_iter__tcp *ctx)
{
	struct sock_common *sock = ctx->sk_common;

	if (sock && (int)bpf_get_current_pid_tgid() == pid)
		bpf_sock_destroy(sock);
	return 0;
}

SEC("?syscall")
int opener(void *ctx)
{
	/* struct bpf_ksock_create_opts: a family, a type and so on. */
	u8 opts[4] = { 2, 2 };
	struct bpf_ksock *sock = NULL;
	int err = 0;

	if ((int)bpf_get_current_pid_tgid() == pid)
		sock = bpf_ksock_create((void *)opts, sizeof(opts), &err);
	if (sock)
		bpf_ksock_release(sock);
	return 0;
}

char label[8];
const char label_name[] = "security.bpf.sbpf";

static __always_inline void change_label(struct dentry *dentry)
{
	struct bpf_dynptr value;

	if ((int)bpf_get_current_pid_tgid() != pid)
		return;
	bpf_dynptr_from_mem(label, sizeof(label), 0, &value);
	bpf_set_dentry_xattr(dentry, label_name, &value, 0);
	bpf_remove_dentry_xattr(dentry, label_name);
}

SEC("?lsm.s/inode_getxattr")
int BPF_PROG(labeller, struct dentry *dentry, char *name)
{
	change_label(dentry);
	return 0;
}

/* There the inode is locked, for which the verifier takes other functions. */
SEC("?lsm.s/inode_removexattr")
int BPF_PROG(locked_labeller, struct mnt_idmap *idmap, struct dentry *dentry, const char *name)
{
	change_label(dentry);
	return 0;
}

SEC("?struct_ops/ssthresh")
u32 BPF_PROG(borrower, struct sock *sk)
{
	return dctcp_ssthresh(sk);
}

SEC("?.struct_ops")
struct tcp_congestion_ops borrowing = {
	.ssthresh = (void *)borrower,
	.name = "borrowing",
};

SEC("?perf_event")
int sampler(struct bpf_perf_event_data *ctx)
{
	if ((int)bpf_get_current_pid_tgid() == pid)
		bpf_send_signal(9);
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

/* Its type is set by who loads it. */
SEC("?many")
int many(void *ctx)
{
	return 0;
}

/* Of a tracepoint, which is called as a function that is hooked. */
SEC("?tp_btf/mem_write")
int listener(void *ctx)
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

/* What it replaces a function of. */
__noinline int subprogram(struct __sk_buff *skb)
{
	return skb->len;
}

SEC("?socket")
int replaced(struct __sk_buff *skb)
{
	return subprogram(skb);
}
