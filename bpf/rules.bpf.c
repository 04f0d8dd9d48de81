// SPDX-License-Identifier: GPL-2.0-only
/*
 * rules - What the owner of the sandbox has allowed, and nothing else
 *
 * The default of "sbpf run". Files, addresses and devices: as the rules say. What is
 * inside the sandbox may be traced, signalled and talked to, what is outside may
 * not. Of the kernel a program gets what programs need; the rest, and every other
 * denial in here, is opened by a right that the owner gives (enum sbpf_right).
 */
#include "vmlinux.h"
#include <sbpf/policy.bpf.h>

char LICENSE[] SEC("license") = "GPL";

#define SB_KERNMOUNT		(1UL << 22)
#define SB_NOUSER		(1UL << 31)
#define HUGETLBFS_MAGIC		0x958458f6
#define ANON_INODE_FS_MAGIC	0x09041934

#define RENAME_WHITEOUT		4

#define CLONE_INTO_CGROUP	0x200000000ULL
#define S_ISETID		06000
#define FMODE_EXEC		0x20	/* in f_flags, too */

#define MQUEUE_MAGIC		0x19800202

#define F_RDLCK			0
#define F_WRLCK			1
#define F_UNLCK			2
#define F_SETFL			4
#define F_SETOWN		8
#define F_SETSIG		10
#define F_SETOWN_EX		15
#define F_SETLEASE		1024
#define F_NOTIFY		1026
#define F_SETDELEG		1040

#define FASYNC			0x2000
#define FIONBIO			0x5421
#define FIONCLEX		0x5450
#define FIOCLEX			0x5451
#define FIOASYNC		0x5452
#define FIOSETOWN		0x8901
#define SIOCSPGRP		0x8902
#define FIGETBSZ		0x2
#define FS_IOC_FIEMAP		0xc020660b
#define FS_IOC_GETFLAGS		0x80086601
#define FS_IOC32_GETFLAGS	0x80046601
#define FS_IOC_GETVERSION	0x80087601
#define FS_IOC_FSGETXATTR	0x801c581f
#define FICLONE			0x40049409
#define FICLONERANGE		0x4020940d
#define FIDEDUPERANGE		0xc0189436

#define ATTR_SIZE		(1 << 3)
#define ATTR_ATIME		(1 << 4)
#define ATTR_MTIME		(1 << 5)

/* Files */

/* Is it a memory file or the like, which no rule can be about? In huge pages, too. */
static __always_inline bool is_anonymous(const struct file *file)
{
	const struct super_block *sb = file->f_inode->i_sb;

	return sb->s_flags & SB_NOUSER ||
	       (sb->s_flags & SB_KERNMOUNT && sb->s_magic == HUGETLBFS_MAGIC);
}

static __always_inline bool is_device(const struct inode *inode)
{
	unsigned int type = inode->i_mode & S_IFMT;

	return type == S_IFCHR || type == S_IFBLK;
}

static __always_inline int open_device(struct sbpf_sandbox *sandbox, struct file *file)
{
	__u32 access = 0;

	if (file->f_mode & FMODE_READ)
		access |= SBPF_DEV_READ;
	if (file->f_mode & FMODE_WRITE)
		access |= SBPF_DEV_WRITE;
	/* For ioctls only. */
	if (!access)
		access = SBPF_DEV_READ | SBPF_DEV_WRITE;
	return bpf_sbpf_dev_access(sandbox, file->f_inode->i_mode, file->f_inode->i_rdev,
				   access, 0);
}

/* What /proc tells about a task outside; and a way to write code. */
static __always_inline int open_proc(struct sbpf_sandbox *sandbox, struct file *file)
{
	if (sbpf_is_proc_mem(file) && bpf_sbpf_right(sandbox, SBPF_RIGHT_WX))
		return -EACCES;
	if (sbpf_is_proc_outside(sandbox, file->f_inode) &&
	    bpf_sbpf_right(sandbox, SBPF_RIGHT_PROC))
		return -ENOENT;
	return 0;
}

static __always_inline int use_ipc(struct sbpf_sandbox *sandbox)
{
	if (bpf_sbpf_ipc_private(sandbox) || !bpf_sbpf_right(sandbox, SBPF_RIGHT_IPC))
		return 0;
	return -EACCES;
}

/* Of the POSIX message queues, which no rule need be about. */
static __always_inline bool is_queues(const struct path *dir)
{
	return dir->dentry->d_sb->s_magic == MQUEUE_MAGIC;
}

static __always_inline int open_file(struct sbpf_sandbox *sandbox, struct file *file)
{
	int special = bpf_sbpf_open_access(sandbox, file);

	/* To be executed; run_file() is asked next. */
	if (special == -EACCES && (file->f_flags & FMODE_EXEC) && is_anonymous(file))
		return bpf_sbpf_right(sandbox, SBPF_RIGHT_ANON_EXEC) ? -EACCES : 0;
	if (special <= 0)
		return special;
	switch (special) {
	case SBPF_SPECIAL_DEVICE:
		return open_device(sandbox, file);
	case SBPF_SPECIAL_PROC:
		return open_proc(sandbox, file);
	case SBPF_SPECIAL_QUEUE:
		return use_ipc(sandbox);
	case SBPF_SPECIAL_SETID:
		return bpf_sbpf_right(sandbox, SBPF_RIGHT_SETID);
	case SBPF_SPECIAL_CGROUP:
		return bpf_sbpf_right(sandbox, SBPF_RIGHT_CGROUP);
	default:
		return -EACCES;
	}
}

/* Whoever runs it outside would act for its owner. */
static __always_inline int give_setid(struct sbpf_sandbox *sandbox, __u32 mode)
{
	return mode & S_ISETID ? bpf_sbpf_right(sandbox, SBPF_RIGHT_SETID) : 0;
}

SBPF_OP(file_open, struct sbpf_sandbox *sandbox, struct file *file)
{
	return open_file(sandbox, file);
}

/* Ways into the kernel that are descriptors, made here or by somebody else. */
static __always_inline int use_kind(struct sbpf_sandbox *sandbox, const void *name)
{
	char kind[16] = {};

	bpf_probe_read_kernel_str(kind, sizeof(kind), name);
	if (!bpf_strncmp(kind, sizeof("[io_uring]"), "[io_uring]"))
		return bpf_sbpf_right(sandbox, SBPF_RIGHT_IO_URING);
	if (!bpf_strncmp(kind, sizeof("[userfaultfd]"), "[userfaultfd]"))
		return bpf_sbpf_right(sandbox, SBPF_RIGHT_USERFAULTFD);
	return 0;
}

SBPF_OP(file_receive, struct sbpf_sandbox *sandbox, struct file *file)
{
	if (file->f_inode->i_sb->s_magic == ANON_INODE_FS_MAGIC)
		return use_kind(sandbox, file->f_path.dentry->d_name.name);
	return open_file(sandbox, file);
}

SBPF_OP(path_truncate, struct sbpf_sandbox *sandbox, const struct path *path)
{
	return bpf_sbpf_path_access(sandbox, path, SBPF_ACCESS_TRUNCATE);
}

/* That a file system answers without a change, or that are none of its. */
static __always_inline bool is_harmless_ioctl(__u32 cmd)
{
	switch (cmd) {
	case FIGETBSZ:
	case FS_IOC_FIEMAP:
	case FS_IOC_GETFLAGS:
	case FS_IOC32_GETFLAGS:
	case FS_IOC_GETVERSION:
	case FS_IOC_FSGETXATTR:
	case FICLONE:
	case FICLONERANGE:
	case FIDEDUPERANGE:
		return true;
	default:
		return (cmd >> 8) == 'T';
	}
}

/* What fcntl(2) does as well, of whatever is open. */
static __always_inline bool is_descriptor_ioctl(__u32 cmd)
{
	return cmd == FIOCLEX || cmd == FIONCLEX || cmd == FIONBIO;
}

SBPF_OP(file_ioctl, struct sbpf_sandbox *sandbox, struct file *file, __u32 cmd,
	__u64 arg)
{
	if (is_descriptor_ioctl(cmd))
		return 0;
	if (is_device(file->f_inode)) {
		/* See file_fcntl. */
		if (cmd == FIOASYNC && bpf_sbpf_right(sandbox, SBPF_RIGHT_SIGNAL))
			return -EPERM;
		return bpf_sbpf_dev_access(sandbox, file->f_inode->i_mode,
					   file->f_inode->i_rdev, SBPF_DEV_IOCTL, cmd);
	}
	/* Who is to get SIGIO. */
	if (cmd == FIOSETOWN || cmd == SIOCSPGRP)
		return bpf_sbpf_right(sandbox, SBPF_RIGHT_SIGNAL);
	if (is_harmless_ioctl(cmd))
		return 0;
	return bpf_sbpf_path_access(sandbox, &file->f_path, SBPF_ACCESS_IOCTL);
}

/* Shuts others out of a file that may only be read. */
static __always_inline int lock_file(struct sbpf_sandbox *sandbox, struct file *file,
				     __u32 right)
{
	if ((file->f_mode & FMODE_WRITE) ||
	    !bpf_sbpf_path_access(sandbox, &file->f_path, SBPF_ACCESS_WRITE) ||
	    !bpf_sbpf_right(sandbox, right))
		return 0;
	return -EACCES;
}

SBPF_OP(file_lock, struct sbpf_sandbox *sandbox, struct file *file, __u32 cmd)
{
	switch (cmd) {
	case F_WRLCK:
		return lock_file(sandbox, file, SBPF_RIGHT_LOCK);
	case F_RDLCK:
		return lock_file(sandbox, file, SBPF_RIGHT_READ_LOCK);
	default:
		return 0;
	}
}

/* The number that a thread has for itself, in its pid namespace. */
static __always_inline int own_number(const struct task_struct *thread)
{
	struct pid *pid = BPF_CORE_READ(thread, thread_pid);
	void *numbers = (void *)pid + bpf_core_field_offset(struct pid, numbers);
	const struct upid *own;

	own = numbers + BPF_CORE_READ(pid, level) * bpf_core_type_size(struct upid);
	return BPF_CORE_READ(own, nr);
}

SBPF_OP(file_fcntl, struct sbpf_sandbox *sandbox, struct file *file, __u32 cmd,
	__u64 arg)
{
	struct task_struct *task = bpf_get_current_task_btf();

	switch (cmd) {
	case F_SETSIG:
		arg = file->f_flags;
		/* fallthrough */
	case F_SETFL:
		/* A terminal says itself that SIGIO is for its foreground group. */
		if (!(arg & FASYNC) || !is_device(file->f_inode))
			return 0;
		return bpf_sbpf_right(sandbox, SBPF_RIGHT_SIGNAL);
	case F_SETOWN:
		if (!(int)arg || (int)arg == own_number(task) ||
		    (int)arg == own_number(BPF_CORE_READ(task, group_leader)))
			return 0;
		return bpf_sbpf_right(sandbox, SBPF_RIGHT_SIGNAL);
	case F_SETOWN_EX:
		return bpf_sbpf_right(sandbox, SBPF_RIGHT_SIGNAL);
	case F_SETLEASE:
		return (int)arg == F_UNLCK ? 0 :
		       lock_file(sandbox, file, SBPF_RIGHT_LOCK);
	/* A lease, of directories too; which kind is in the task's memory. */
	case F_SETDELEG:
		return lock_file(sandbox, file, SBPF_RIGHT_LOCK);
	default:
		return 0;
	}
}

static __always_inline int create(struct sbpf_sandbox *sandbox, const struct path *dir,
				  const char *name, __u32 access)
{
	struct sbpf_new_name to;

	sbpf_new_name(&to, name, 0);
	return bpf_sbpf_create_access(sandbox, dir, &to, access);
}

SBPF_OP(path_mknod, struct sbpf_sandbox *sandbox, const struct path *dir,
	const char *name, __u32 mode, __u32 dev)
{
	__u32 access = sbpf_create_access(mode);
	int err;

	if (give_setid(sandbox, mode))
		return -EPERM;
	if (access == SBPF_ACCESS_CREATE_DEVICE &&
	    bpf_sbpf_dev_access(sandbox, mode, sbpf_decode_dev(dev), SBPF_DEV_MKNOD, 0))
		return -EACCES;
	err = create(sandbox, dir, name, access);
	return err && is_queues(dir) ? use_ipc(sandbox) : err;
}

SBPF_OP(path_mkdir, struct sbpf_sandbox *sandbox, const struct path *dir,
	const char *name, __u32 mode)
{
	return create(sandbox, dir, name, SBPF_ACCESS_CREATE_DIR);
}

SBPF_OP(path_symlink, struct sbpf_sandbox *sandbox, const struct path *dir,
	const char *name, const char *old_name)
{
	return create(sandbox, dir, name, SBPF_ACCESS_CREATE_SYMLINK);
}

SBPF_OP(path_link, struct sbpf_sandbox *sandbox, struct dentry *old_dentry,
	const struct path *new_dir, const char *new_name)
{
	const struct inode *inode = old_dentry->d_inode;
	struct sbpf_new_name to;

	/* A file without a name would get one where none may be created. */
	if (!inode || bpf_sbpf_path_access(sandbox, new_dir, sbpf_create_access(inode->i_mode)))
		return -EACCES;
	sbpf_new_name(&to, new_name, 0);
	return bpf_sbpf_link_access(sandbox, old_dentry, new_dir, &to);
}

SBPF_OP(path_rename, struct sbpf_sandbox *sandbox, struct dentry *old_dentry,
	const struct path *new_dir, const char *new_name, struct inode *new_inode,
	__u32 flags)
{
	struct sbpf_new_name to;

	if (flags & RENAME_WHITEOUT &&
	    bpf_sbpf_dev_access(sandbox, S_IFCHR, 0, SBPF_DEV_MKNOD, 0))
		return -EACCES;
	sbpf_new_name(&to, new_name, flags);
	if (!new_inode)
		return bpf_sbpf_link_access(sandbox, old_dentry, new_dir, &to);
	return bpf_sbpf_rename_access(sandbox, old_dentry, new_dir, new_inode, &to);
}

SBPF_OP(path_unlink, struct sbpf_sandbox *sandbox, const struct path *dir,
	struct dentry *dentry)
{
	int err = bpf_sbpf_remove_access(sandbox, dir, dentry);

	return err && is_queues(dir) ? use_ipc(sandbox) : err;
}

SBPF_OP(path_notify, struct sbpf_sandbox *sandbox, const struct path *path, __u64 mask)
{
	bool dir = (path->dentry->d_inode->i_mode & S_IFMT) == S_IFDIR;

	return bpf_sbpf_path_access(sandbox, path, dir ? SBPF_ACCESS_READ_DIR :
							 SBPF_ACCESS_READ_FILE);
}

SBPF_OP(path_chmod, struct sbpf_sandbox *sandbox, const struct path *path, __u32 mode)
{
	if (give_setid(sandbox, mode))
		return -EPERM;
	return bpf_sbpf_path_access(sandbox, path, SBPF_ACCESS_METADATA);
}

SBPF_OP(path_chown, struct sbpf_sandbox *sandbox, const struct path *path, __u32 uid,
	__u32 gid)
{
	return bpf_sbpf_path_access(sandbox, path, SBPF_ACCESS_METADATA);
}

SBPF_OP(inode_setattr, struct sbpf_sandbox *sandbox, struct dentry *dentry,
	struct iattr *attr)
{
	/* Times and flags: for mode, owner and size there are operations with a path. */
	if (attr->ia_valid && (!(attr->ia_valid & (ATTR_ATIME | ATTR_MTIME)) ||
			       (attr->ia_valid & ATTR_SIZE)))
		return 0;
	return bpf_sbpf_dentry_access(sandbox, dentry, SBPF_ACCESS_METADATA);
}

SBPF_OP(inode_setxattr, struct sbpf_sandbox *sandbox, struct dentry *dentry,
	const char *name, __u64 size, int flags)
{
	return bpf_sbpf_dentry_access(sandbox, dentry, SBPF_ACCESS_METADATA);
}

SBPF_OP(inode_removexattr, struct sbpf_sandbox *sandbox, struct dentry *dentry,
	const char *name)
{
	return bpf_sbpf_dentry_access(sandbox, dentry, SBPF_ACCESS_METADATA);
}

/* What is mounted below an allowed directory would be allowed. */
SBPF_OP(sb_mount, struct sbpf_sandbox *sandbox, const char *dev_name,
	const struct path *path, const char *type, __u64 flags)
{
	return bpf_sbpf_right(sandbox, SBPF_RIGHT_MOUNT);
}

SBPF_OP(sb_umount, struct sbpf_sandbox *sandbox, struct vfsmount *mnt, int flags)
{
	return bpf_sbpf_right(sandbox, SBPF_RIGHT_MOUNT);
}

SBPF_OP(sb_pivotroot, struct sbpf_sandbox *sandbox, const struct path *old_path,
	const struct path *new_path)
{
	return bpf_sbpf_right(sandbox, SBPF_RIGHT_MOUNT);
}

SBPF_OP(move_mount, struct sbpf_sandbox *sandbox, const struct path *from_path,
	const struct path *to_path)
{
	return bpf_sbpf_right(sandbox, SBPF_RIGHT_MOUNT);
}

SBPF_OP(path_chroot, struct sbpf_sandbox *sandbox, const struct path *path)
{
	return bpf_sbpf_right(sandbox, SBPF_RIGHT_MOUNT);
}

/* Code */

static __always_inline int run_file(struct sbpf_sandbox *sandbox, struct file *file,
				    __u32 access)
{
	if (is_anonymous(file))
		return bpf_sbpf_right(sandbox, SBPF_RIGHT_ANON_EXEC) ? -EACCES : 0;
	return bpf_sbpf_path_access(sandbox, &file->f_path, access);
}

static __always_inline int write_code(struct sbpf_sandbox *sandbox)
{
	return bpf_sbpf_right(sandbox, SBPF_RIGHT_WX) ? -EACCES : 0;
}

SBPF_OP(bprm_check_security, struct sbpf_sandbox *sandbox, struct linux_binprm *bprm)
{
	return run_file(sandbox, bprm->file, SBPF_ACCESS_EXECUTE);
}

SBPF_OP(mmap_file, struct sbpf_sandbox *sandbox, struct file *file,
	unsigned long reqprot, unsigned long prot, unsigned long flags)
{
	int err = 0;

	if (!(prot & PROT_EXEC))
		return 0;
	if (!file || (prot & PROT_WRITE))
		err = write_code(sandbox);
	if (err || !file)
		return err;
	return run_file(sandbox, file, SBPF_ACCESS_MAP_EXEC);
}

SBPF_OP(file_mprotect, struct sbpf_sandbox *sandbox, struct vm_area_struct *vma,
	unsigned long reqprot, unsigned long prot)
{
	struct file *file = vma->vm_file;
	int err = 0;

	if (sbpf_is_wx(prot) || sbpf_is_written_exec(vma, prot))
		err = write_code(sandbox);
	if (err || !(prot & PROT_EXEC) || (vma->vm_flags & VM_EXEC))
		return err;
	err = bpf_sbpf_vma_access(sandbox, vma, SBPF_ACCESS_MAP_EXEC);
	if (!err || !file || !is_anonymous(file))
		return err;
	return bpf_sbpf_right(sandbox, SBPF_RIGHT_ANON_EXEC) ? -EACCES : 0;
}

/* Other tasks */

static __always_inline int outside(struct sbpf_sandbox *sandbox,
				   struct task_struct *task, __u32 right)
{
	return bpf_sbpf_sandbox_contains(sandbox, task) ? 0 :
		bpf_sbpf_right(sandbox, right);
}

SBPF_OP(task_alloc, struct sbpf_sandbox *sandbox, struct task_struct *task,
	__u64 clone_flags)
{
	return clone_flags & CLONE_INTO_CGROUP ?
		bpf_sbpf_right(sandbox, SBPF_RIGHT_CGROUP) : 0;
}

SBPF_OP(ptrace_access_check, struct sbpf_sandbox *sandbox, struct task_struct *child,
	unsigned int mode)
{
	return outside(sandbox, child, SBPF_RIGHT_TRACE);
}

SBPF_OP(ptrace_traceme, struct sbpf_sandbox *sandbox, struct task_struct *parent)
{
	return outside(sandbox, parent, SBPF_RIGHT_TRACE) ?:
	       outside(sandbox, bpf_get_current_task_btf(), SBPF_RIGHT_TRACE);
}

SBPF_OP(task_kill, struct sbpf_sandbox *sandbox, struct task_struct *target, int sig)
{
	return outside(sandbox, target, SBPF_RIGHT_SIGNAL);
}

SBPF_OP(task_setnice, struct sbpf_sandbox *sandbox, struct task_struct *task, int nice)
{
	return outside(sandbox, task, SBPF_RIGHT_SCHED);
}

SBPF_OP(task_setioprio, struct sbpf_sandbox *sandbox, struct task_struct *task,
	int ioprio)
{
	return outside(sandbox, task, SBPF_RIGHT_SCHED);
}

SBPF_OP(task_setscheduler, struct sbpf_sandbox *sandbox, struct task_struct *task)
{
	return outside(sandbox, task, SBPF_RIGHT_SCHED);
}

SBPF_OP(task_setrlimit, struct sbpf_sandbox *sandbox, struct task_struct *task,
	__u32 resource, struct rlimit *new_rlim)
{
	return outside(sandbox, task, SBPF_RIGHT_SCHED);
}

SBPF_OP(ipc_permission, struct sbpf_sandbox *sandbox, struct kern_ipc_perm *ipcp,
	__u32 flag)
{
	return use_ipc(sandbox);
}

/* Sockets */

SBPF_OP(socket_create, struct sbpf_sandbox *sandbox, int family, int type, int protocol,
	int kern)
{
	return kern ? 0 : bpf_sbpf_socket_access(sandbox, family, type, protocol);
}

SBPF_OP(socket_bind, struct sbpf_sandbox *sandbox, struct socket *sock,
	struct sockaddr *address, int addrlen)
{
	struct sock *sk = sock->sk;
	char first = 0;

	if (!sk || sk->__sk_common.skc_family != AF_UNIX)
		return bpf_sbpf_bind_access(sandbox, sock, address, addrlen);
	/* Of a path the directory is asked about; without any the kernel finds one. */
	if (addrlen <= (int)sizeof(address->sa_family) ||
	    bpf_probe_read_kernel(&first, 1, (void *)address + sizeof(address->sa_family)) ||
	    first)
		return 0;
	/* Whoever looks for somebody else by that name would find the member. */
	return bpf_sbpf_right(sandbox, SBPF_RIGHT_ABSTRACT) ? -EACCES : 0;
}

SBPF_OP(socket_connect, struct sbpf_sandbox *sandbox, struct socket *sock,
	struct sockaddr *address, int addrlen)
{
	return bpf_sbpf_connect_access(sandbox, sock, address, addrlen);
}

SBPF_OP(socket_listen, struct sbpf_sandbox *sandbox, struct socket *sock, int backlog)
{
	return bpf_sbpf_listen_access(sandbox, sock);
}

SBPF_OP(socket_sendmsg, struct sbpf_sandbox *sandbox, struct socket *sock,
	struct msghdr *msg, int size)
{
	return bpf_sbpf_send_access(sandbox, sock, msg);
}

static __always_inline int reach(struct sbpf_sandbox *sandbox, struct sock *other)
{
	int err = bpf_sbpf_unix_access(sandbox, other);

	return err && bpf_sbpf_right(sandbox, SBPF_RIGHT_UNIX) ? err : 0;
}

SBPF_OP(unix_stream_connect, struct sbpf_sandbox *sandbox, struct sock *sock,
	struct sock *other, struct sock *newsk)
{
	return reach(sandbox, other);
}

SBPF_OP(unix_may_send, struct sbpf_sandbox *sandbox, struct socket *sock,
	struct socket *other)
{
	struct sock *sk = other->sk;

	return sk ? reach(sandbox, sk) : -EACCES;
}

/* The kernel */

SBPF_OP(capable, struct sbpf_sandbox *sandbox, const struct cred *cred,
	struct user_namespace *ns, int cap, __u32 opts)
{
	/* The kernel will say no itself, without an event. */
	if (!(cred->cap_effective.val & 1ULL << (cap & 63)))
		return 0;
	if (ns->level > 0 && !bpf_sbpf_right(sandbox, SBPF_RIGHT_USERNS))
		return 0;
	return bpf_sbpf_capability(sandbox, cap);
}

SBPF_OP(userns_create, struct sbpf_sandbox *sandbox, const struct cred *cred)
{
	return bpf_sbpf_right(sandbox, SBPF_RIGHT_USERNS);
}

SBPF_OP(key_alloc, struct sbpf_sandbox *sandbox, struct key *key,
	const struct cred *cred, __u64 flags)
{
	return bpf_sbpf_right(sandbox, SBPF_RIGHT_KEYS);
}

SBPF_OP(key_permission, struct sbpf_sandbox *sandbox, struct key *key,
	const struct cred *cred, __u32 need_perm)
{
	return bpf_sbpf_right(sandbox, SBPF_RIGHT_KEYS);
}

SBPF_OP(bpf, struct sbpf_sandbox *sandbox, int cmd, __u32 size)
{
	return bpf_sbpf_right(sandbox, SBPF_RIGHT_BPF);
}

SBPF_OP(perf_event_open, struct sbpf_sandbox *sandbox, int type)
{
	return bpf_sbpf_right(sandbox, SBPF_RIGHT_PERF);
}

SBPF_OP(kernel_read_file, struct sbpf_sandbox *sandbox, struct file *file, __u32 id)
{
	return bpf_sbpf_right(sandbox, SBPF_RIGHT_MODULES);
}

SBPF_OP(inode_init_security_anon, struct sbpf_sandbox *sandbox, struct inode *inode,
	const char *name)
{
	return use_kind(sandbox, name);
}

SBPF_OP(syslog, struct sbpf_sandbox *sandbox, int type)
{
	return bpf_sbpf_right(sandbox, SBPF_RIGHT_SYSLOG);
}

SBPF_OP(settime, struct sbpf_sandbox *sandbox, const struct timespec64 *ts,
	const struct timezone *tz)
{
	return bpf_sbpf_right(sandbox, SBPF_RIGHT_TIME);
}

#define OP(name) .name = (void *)name

SBPF_POLICY(rules) = {
	OP(task_alloc),
	OP(bprm_check_security),
	OP(ptrace_access_check),
	OP(ptrace_traceme),
	OP(task_kill),
	OP(task_setnice),
	OP(task_setioprio),
	OP(task_setscheduler),
	OP(task_setrlimit),
	OP(capable),
	OP(userns_create),
	OP(mmap_file),
	OP(file_mprotect),
	OP(sb_mount),
	OP(sb_umount),
	OP(sb_pivotroot),
	OP(move_mount),
	OP(path_chroot),
	OP(file_open),
	OP(file_receive),
	OP(file_ioctl),
	OP(file_lock),
	OP(file_fcntl),
	OP(path_truncate),
	OP(path_mknod),
	OP(path_mkdir),
	OP(path_symlink),
	OP(path_link),
	OP(path_rename),
	OP(path_unlink),
	OP(path_notify),
	OP(path_chmod),
	OP(path_chown),
	OP(inode_setattr),
	OP(inode_setxattr),
	OP(inode_removexattr),
	OP(ipc_permission),
	OP(unix_stream_connect),
	OP(unix_may_send),
	OP(socket_create),
	OP(socket_bind),
	OP(socket_connect),
	OP(socket_listen),
	OP(socket_sendmsg),
	OP(key_alloc),
	OP(key_permission),
	OP(bpf),
	OP(perf_event_open),
	OP(kernel_read_file),
	OP(inode_init_security_anon),
	OP(syslog),
	OP(settime),
	.flags = SBPF_POLICY_OPEN,
	.name = "rules",
};
