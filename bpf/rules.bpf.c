// SPDX-License-Identifier: GPL-2.0-only
/*
 * rules - What the owner of the sandbox has allowed, and nothing else
 *
 * The default of "sbpf run" with rules. Files: as the rules say (--ro, --rw,
 * --exec, --deny). Other processes, memory and network: as under strict.
 */
#include "vmlinux.h"
#include <sbpf/policy.bpf.h>

char LICENSE[] SEC("license") = "GPL";

SBPF_OP(file_open, struct sbpf_sandbox *sandbox, struct file *file)
{
	if (sbpf_is_raw_device(file->f_inode) || sbpf_is_proc_mem(file))
		return -EACCES;
	return bpf_sbpf_open_access(sandbox, file);
}

SBPF_OP(bprm_check_security, struct sbpf_sandbox *sandbox, struct linux_binprm *bprm)
{
	return bpf_sbpf_path_access(sandbox, &bprm->file->f_path, SBPF_ACCESS_EXECUTE);
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
	if (!file || (prot & PROT_WRITE))
		return -EACCES;
	return bpf_sbpf_path_access(sandbox, &file->f_path, SBPF_ACCESS_MAP_EXEC);
}

SBPF_OP(file_mprotect, struct sbpf_sandbox *sandbox, struct vm_area_struct *vma,
	unsigned long reqprot, unsigned long prot)
{
	if (sbpf_is_wx(prot) || sbpf_is_written_exec(vma, prot))
		return -EACCES;
	if (!(prot & PROT_EXEC) || (vma->vm_flags & VM_EXEC))
		return 0;
	return bpf_sbpf_vma_access(sandbox, vma, SBPF_ACCESS_MAP_EXEC);
}

SBPF_POLICY(rules) = {
	.bprm_check_security = (void *)bprm_check_security,
	.file_open = (void *)file_open,
	.ptrace_access_check = (void *)ptrace_access_check,
	.ptrace_traceme = (void *)ptrace_traceme,
	.task_kill = (void *)task_kill,
	.socket_connect = (void *)socket_connect,
	.mmap_file = (void *)mmap_file,
	.file_mprotect = (void *)file_mprotect,
	.flags = SBPF_POLICY_OPEN,
	.name = "rules",
};
