// SPDX-License-Identifier: GPL-2.0-only
/*
 * probe - A policy that does what a test wants and tells it what it was asked
 *
 * The test sets a rule per layer and operation in memory that it shares with
 * the policy, and reads what the policy was given. It may register the policy
 * under any name, and leave out operations or exchange their programs.
 */
#include "vmlinux.h"
#include <sbpf/policy.bpf.h>

#include "probe.h"

char LICENSE[] SEC("license") = "GPL";

struct probe_rule rules[PROBE_LAYERS][PROBE_OP_MAX];
struct probe_record records[PROBE_LAYERS][PROBE_OP_MAX];

/* What sandbox_init returns, how often both were called, and for whom last. */
int init_verdict;
__u64 init_calls;
__u64 init_sandbox;
char init_name[SBPF_NAME_MAX];
__u64 exit_calls;
__u64 exit_sandbox;

static __always_inline int probe(struct sbpf_sandbox *sandbox, enum probe_op op,
				 __u64 number, __u64 key, __u64 extra)
{
	__u32 layer = sandbox->layer;
	struct probe_record *record;
	struct probe_rule *rule;

	if (layer >= PROBE_LAYERS)
		return -EPERM;
	rule = &rules[layer][op];
	record = &records[layer][op];
	record->sandbox = sandbox->id;
	record->pid = bpf_get_current_task_btf()->pid;
	record->number = number;
	record->key = key;
	record->extra = extra;
	__sync_fetch_and_add(&record->calls, 1);
	if (!rule->verdict || (number & rule->bits) != rule->bits ||
	    (rule->key && rule->key != key))
		return 0;
	__sync_fetch_and_add(&record->hits, 1);
	return rule->verdict;
}

SBPF_OP(task_alloc, struct sbpf_sandbox *sandbox, struct task_struct *task,
	__u64 clone_flags)
{
	return probe(sandbox, PROBE_TASK_ALLOC, clone_flags, 0, 0);
}

SBPF_OP(bprm_check_security, struct sbpf_sandbox *sandbox, struct linux_binprm *bprm)
{
	return probe(sandbox, PROBE_BPRM_CHECK_SECURITY, 0,
		     bprm->file->f_inode->i_ino, 0);
}

SBPF_OP(file_open, struct sbpf_sandbox *sandbox, struct file *file)
{
	return probe(sandbox, PROBE_FILE_OPEN, file->f_flags, file->f_inode->i_ino, 0);
}

SBPF_OP(ptrace_access_check, struct sbpf_sandbox *sandbox, struct task_struct *child,
	__u32 mode)
{
	return probe(sandbox, PROBE_PTRACE_ACCESS_CHECK, mode, child->tgid, 0);
}

SBPF_OP(ptrace_traceme, struct sbpf_sandbox *sandbox, struct task_struct *parent)
{
	return probe(sandbox, PROBE_PTRACE_TRACEME, 0, parent->tgid, 0);
}

SBPF_OP(task_kill, struct sbpf_sandbox *sandbox, struct task_struct *target, int sig)
{
	return probe(sandbox, PROBE_TASK_KILL, sig, target->tgid, 0);
}

SBPF_OP(socket_connect, struct sbpf_sandbox *sandbox, struct socket *sock,
	struct sockaddr *address, int addrlen)
{
	__u64 start = 0;

	/* The port of an internet address, or a path's first characters. */
	bpf_probe_read_kernel(&start, sizeof(start), address);
	return probe(sandbox, PROBE_SOCKET_CONNECT, address->sa_family, addrlen, start);
}

SBPF_OP(mmap_file, struct sbpf_sandbox *sandbox, struct file *file, __u64 reqprot,
	__u64 prot, __u64 flags)
{
	return probe(sandbox, PROBE_MMAP_FILE, prot, file ? file->f_inode->i_ino : 0,
		     reqprot);
}

SBPF_OP(file_mprotect, struct sbpf_sandbox *sandbox, struct vm_area_struct *vma,
	__u64 reqprot, __u64 prot)
{
	return probe(sandbox, PROBE_FILE_MPROTECT, prot, reqprot, vma->vm_start);
}

static __always_inline int init(struct sbpf_sandbox *sandbox)
{
	__u32 i;

	__sync_fetch_and_add(&init_calls, 1);
	init_sandbox = sandbox->id;
	for (i = 0; i < SBPF_NAME_MAX; i++)
		init_name[i] = sandbox->name[i];
	return init_verdict;
}

SBPF_OP(sandbox_init, struct sbpf_sandbox *sandbox)
{
	return init(sandbox);
}

SBPF_OP(sandbox_exit, struct sbpf_sandbox *sandbox)
{
	__sync_fetch_and_add(&exit_calls, 1);
	exit_sandbox = sandbox->id;
	return 0;
}

/* The same, sleepable: fit for sandbox_init, unfit for file_open. */
SEC("?struct_ops.s/sandbox_init")
int BPF_PROG(sleepable_init, struct sbpf_sandbox *sandbox)
{
	return init(sandbox);
}

SEC("?struct_ops.s/file_open")
int BPF_PROG(sleepable_open, struct sbpf_sandbox *sandbox, struct file *file)
{
	return probe(sandbox, PROBE_FILE_OPEN, file->f_flags, file->f_inode->i_ino, 0);
}

SBPF_POLICY(policy) = {
	.sandbox_init = (void *)sandbox_init,
	.sandbox_exit = (void *)sandbox_exit,
	.task_alloc = (void *)task_alloc,
	.bprm_check_security = (void *)bprm_check_security,
	.file_open = (void *)file_open,
	.ptrace_access_check = (void *)ptrace_access_check,
	.ptrace_traceme = (void *)ptrace_traceme,
	.task_kill = (void *)task_kill,
	.socket_connect = (void *)socket_connect,
	.mmap_file = (void *)mmap_file,
	.file_mprotect = (void *)file_mprotect,
	.name = "probe",
};

/* Without a link nobody could unregister it safely: refused. */
SEC("?.struct_ops")
struct sbpf_policy_ops unlinked = {
	.file_open = (void *)file_open,
	.name = "unlinked",
};
