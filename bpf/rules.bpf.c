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

SBPF_OP(file_receive, struct sbpf_sandbox *sandbox, struct file *file)
{
	if (sbpf_is_raw_device(file->f_inode) || sbpf_is_proc_mem(file))
		return -EACCES;
	return bpf_sbpf_open_access(sandbox, file);
}

SBPF_OP(file_truncate, struct sbpf_sandbox *sandbox, struct file *file)
{
	return bpf_sbpf_path_access(sandbox, &file->f_path, SBPF_ACCESS_TRUNCATE);
}

SBPF_OP(path_truncate, struct sbpf_sandbox *sandbox, const struct path *path)
{
	return bpf_sbpf_path_access(sandbox, path, SBPF_ACCESS_TRUNCATE);
}

SBPF_OP(path_mknod, struct sbpf_sandbox *sandbox, const struct path *dir,
	const char *name, __u32 mode, __u32 dev)
{
	return bpf_sbpf_path_access(sandbox, dir, sbpf_create_access(mode));
}

SBPF_OP(path_mkdir, struct sbpf_sandbox *sandbox, const struct path *dir,
	const char *name, __u32 mode)
{
	return bpf_sbpf_path_access(sandbox, dir, SBPF_ACCESS_CREATE_DIR);
}

SBPF_OP(path_symlink, struct sbpf_sandbox *sandbox, const struct path *dir,
	const char *name, const char *old_name)
{
	return bpf_sbpf_path_access(sandbox, dir, SBPF_ACCESS_CREATE_SYMLINK);
}

SBPF_OP(path_link, struct sbpf_sandbox *sandbox, struct dentry *old_dentry,
	const struct path *new_dir, const char *new_name)
{
	return bpf_sbpf_link_access(sandbox, old_dentry, new_dir);
}

SBPF_OP(path_rename, struct sbpf_sandbox *sandbox, struct dentry *old_dentry,
	const struct path *new_dir, const char *new_name, struct inode *new_inode,
	__u32 flags)
{
	if (!new_inode)
		return bpf_sbpf_link_access(sandbox, old_dentry, new_dir);
	return bpf_sbpf_rename_access(sandbox, old_dentry, new_dir, new_inode, flags);
}

SBPF_OP(path_unlink, struct sbpf_sandbox *sandbox, const struct path *dir,
	struct dentry *dentry)
{
	return bpf_sbpf_remove_access(sandbox, dir, dentry);
}

SBPF_OP(path_rmdir, struct sbpf_sandbox *sandbox, const struct path *dir,
	struct dentry *dentry)
{
	return bpf_sbpf_remove_access(sandbox, dir, dentry);
}

SBPF_OP(path_chmod, struct sbpf_sandbox *sandbox, const struct path *path, __u32 mode)
{
	return bpf_sbpf_path_access(sandbox, path, SBPF_ACCESS_METADATA);
}

SBPF_OP(path_chown, struct sbpf_sandbox *sandbox, const struct path *path, __u32 uid,
	__u32 gid)
{
	return bpf_sbpf_path_access(sandbox, path, SBPF_ACCESS_METADATA);
}

/* What is mounted below an allowed directory would be allowed. */
SBPF_OP(sb_mount, struct sbpf_sandbox *sandbox, const char *dev_name,
	const struct path *path, const char *type, __u64 flags)
{
	return -EPERM;
}

SBPF_OP(sb_umount, struct sbpf_sandbox *sandbox, struct vfsmount *mnt, int flags)
{
	return -EPERM;
}

SBPF_OP(sb_pivotroot, struct sbpf_sandbox *sandbox, const struct path *old_path,
	const struct path *new_path)
{
	return -EPERM;
}

SBPF_OP(move_mount, struct sbpf_sandbox *sandbox, const struct path *from_path,
	const struct path *to_path)
{
	return -EPERM;
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
	.file_receive = (void *)file_receive,
	.file_truncate = (void *)file_truncate,
	.path_truncate = (void *)path_truncate,
	.path_mknod = (void *)path_mknod,
	.path_mkdir = (void *)path_mkdir,
	.path_symlink = (void *)path_symlink,
	.path_link = (void *)path_link,
	.path_rename = (void *)path_rename,
	.path_unlink = (void *)path_unlink,
	.path_rmdir = (void *)path_rmdir,
	.path_chmod = (void *)path_chmod,
	.path_chown = (void *)path_chown,
	.sb_mount = (void *)sb_mount,
	.sb_umount = (void *)sb_umount,
	.sb_pivotroot = (void *)sb_pivotroot,
	.move_mount = (void *)move_mount,
	.ptrace_access_check = (void *)ptrace_access_check,
	.ptrace_traceme = (void *)ptrace_traceme,
	.task_kill = (void *)task_kill,
	.socket_connect = (void *)socket_connect,
	.mmap_file = (void *)mmap_file,
	.file_mprotect = (void *)file_mprotect,
	.flags = SBPF_POLICY_OPEN,
	.name = "rules",
};
