// SPDX-License-Identifier: GPL-2.0-only
/*
 * strict - What a program from a stranger has no business with
 *
 * Denies opening files that hold secrets (match.bpf.h lists them), disks and
 * memory as devices; tracing and signalling tasks outside the sandbox;
 * mapping memory that is writable and executable, at once or one after the other;
 * running a file that has no name; connect(2).
 *
 * What it does not see, since no operation mediates it yet:
 * - renames, links and changes of mode: secrets are told by name, and a program
 *   that may rename ~/.ssh can read it afterwards;
 * - data sent without connect(2): sendto(2), MSG_FASTOPEN; listening;
 * - signals by F_SETOWN and O_ASYNC, limits of other processes (prlimit(2));
 * - memory that the kernel makes executable by itself: personality(2) with
 *   READ_IMPLIES_EXEC, an executable stack; a file mapped twice, shared and
 *   writable, and executable;
 * - what only root can do: mounts, modules, bpf(2), other character devices.
 */
#include "vmlinux.h"
#include <sbpf/policy.bpf.h>

char LICENSE[] SEC("license") = "GPL";

SBPF_OP(file_open, struct sbpf_sandbox *sandbox, struct file *file)
{
	if (sbpf_is_raw_device(file->f_inode) || sbpf_is_secret(file) ||
	    sbpf_is_proc_mem(file))
		return -EACCES;
	return 0;
}

SBPF_OP(bprm_check_security, struct sbpf_sandbox *sandbox, struct linux_binprm *bprm)
{
	return sbpf_is_nameless(bprm->file->f_inode) ? -EACCES : 0;
}

SBPF_OP(ptrace_access_check, struct sbpf_sandbox *sandbox, struct task_struct *child,
	unsigned int mode)
{
	return bpf_sbpf_sandbox_contains(sandbox, child) ? 0 : -EPERM;
}

SBPF_OP(ptrace_traceme, struct sbpf_sandbox *sandbox, struct task_struct *parent)
{
	struct task_struct *child = bpf_get_current_task_btf();

	if (bpf_sbpf_sandbox_contains(sandbox, parent) &&
	    bpf_sbpf_sandbox_contains(sandbox, child))
		return 0;
	return -EPERM;
}

SBPF_OP(task_kill, struct sbpf_sandbox *sandbox, struct task_struct *target, int sig)
{
	return bpf_sbpf_sandbox_contains(sandbox, target) ? 0 : -EPERM;
}

SBPF_OP(socket_connect, struct sbpf_sandbox *sandbox, struct socket *sock,
	struct sockaddr *address, int addrlen)
{
	return -EACCES;
}

SBPF_OP(mmap_file, struct sbpf_sandbox *sandbox, struct file *file,
	unsigned long reqprot, unsigned long prot, unsigned long flags)
{
	if (!(prot & PROT_EXEC))
		return 0;
	if (!file || (prot & PROT_WRITE) || sbpf_is_nameless(file->f_inode))
		return -EACCES;
	return 0;
}

SBPF_OP(file_mprotect, struct sbpf_sandbox *sandbox, struct vm_area_struct *vma,
	unsigned long reqprot, unsigned long prot)
{
	if (sbpf_is_wx(prot) || sbpf_is_written_exec(vma, prot))
		return -EACCES;
	return 0;
}

SBPF_POLICY(strict) = {
	.bprm_check_security = (void *)bprm_check_security,
	.file_open = (void *)file_open,
	.ptrace_access_check = (void *)ptrace_access_check,
	.ptrace_traceme = (void *)ptrace_traceme,
	.task_kill = (void *)task_kill,
	.socket_connect = (void *)socket_connect,
	.mmap_file = (void *)mmap_file,
	.file_mprotect = (void *)file_mprotect,
	.flags = SBPF_POLICY_OPEN,
	.name = "strict",
};
