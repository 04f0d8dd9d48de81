// SPDX-License-Identifier: GPL-2.0-only
/*
 * audit - Allows everything and notes what would matter
 *
 * A note per program executed (its path), file opened that holds secrets,
 * attempt to trace or signal a task outside the sandbox, connection, and mapping
 * that is writable and executable. `sbpf events` shows them.
 */
#include "vmlinux.h"
#include <sbpf/policy.bpf.h>

char LICENSE[] SEC("license") = "GPL";

/* Notes "<what> <path of @file>"; @what has the width of the field. */
static __always_inline void note_file(struct sbpf_sandbox *sandbox,
				      const char what[5], struct file *file)
{
	char text[SBPF_TEXT_MAX];

	__builtin_memcpy(text, what, 5);
	bpf_sbpf_file_path(file, text + 5, sizeof(text) - 5);
	bpf_sbpf_note(sandbox, text, sizeof(text), file->f_flags);
}

SBPF_OP(bprm_check_security, struct sbpf_sandbox *sandbox, struct linux_binprm *bprm)
{
	note_file(sandbox, "exec ", bprm->file);
	return 0;
}

SBPF_OP(file_open, struct sbpf_sandbox *sandbox, struct file *file)
{
	if (sbpf_is_raw_device(file->f_inode) || sbpf_is_secret(file))
		note_file(sandbox, "open ", file);
	return 0;
}

SBPF_OP(ptrace_access_check, struct sbpf_sandbox *sandbox, struct task_struct *child,
	unsigned int mode)
{
	if (!bpf_sbpf_sandbox_contains(sandbox, child))
		sbpf_note(sandbox, "traces a task outside the sandbox", child->pid);
	return 0;
}

SBPF_OP(task_kill, struct sbpf_sandbox *sandbox, struct task_struct *target, int sig)
{
	if (!bpf_sbpf_sandbox_contains(sandbox, target))
		sbpf_note(sandbox, "signals a task outside the sandbox", target->pid);
	return 0;
}

SBPF_OP(socket_connect, struct sbpf_sandbox *sandbox, struct socket *sock,
	struct sockaddr *address, int addrlen)
{
	sbpf_note(sandbox, "connects, address family",
		  addrlen < (int)sizeof(address->sa_family) ? 0 : address->sa_family);
	return 0;
}

SBPF_OP(mmap_file, struct sbpf_sandbox *sandbox, struct file *file,
	unsigned long reqprot, unsigned long prot, unsigned long flags)
{
	if (sbpf_is_wx(prot) || (!file && (prot & PROT_EXEC)))
		sbpf_note(sandbox, "maps executable memory that has no file or is writable", prot);
	return 0;
}

SBPF_OP(file_mprotect, struct sbpf_sandbox *sandbox, struct vm_area_struct *vma,
	unsigned long reqprot, unsigned long prot)
{
	if (sbpf_is_wx(prot) || sbpf_is_written_exec(vma, prot))
		sbpf_note(sandbox, "makes written memory executable", prot);
	return 0;
}

SBPF_POLICY(audit) = {
	.bprm_check_security = (void *)bprm_check_security,
	.file_open = (void *)file_open,
	.ptrace_access_check = (void *)ptrace_access_check,
	.task_kill = (void *)task_kill,
	.socket_connect = (void *)socket_connect,
	.mmap_file = (void *)mmap_file,
	.file_mprotect = (void *)file_mprotect,
	.flags = SBPF_POLICY_OPEN,
	.name = "audit",
};
