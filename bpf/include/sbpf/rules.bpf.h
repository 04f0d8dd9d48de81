/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Asking the rules that a sandbox's owner has given it, for policies
 */
#ifndef _SBPF_RULES_BPF_H
#define _SBPF_RULES_BPF_H

/* enum sbpf_access of the module's <sbpf/sbpf.h>, which says what each means. */
#define SBPF_ACCESS_READ_FILE		(1U << 0)
#define SBPF_ACCESS_READ_DIR		(1U << 1)
#define SBPF_ACCESS_WRITE		(1U << 2)
#define SBPF_ACCESS_TRUNCATE		(1U << 3)
#define SBPF_ACCESS_EXECUTE		(1U << 4)
#define SBPF_ACCESS_MAP_EXEC		(1U << 5)
#define SBPF_ACCESS_CREATE_FILE		(1U << 6)
#define SBPF_ACCESS_CREATE_DIR		(1U << 7)
#define SBPF_ACCESS_CREATE_SYMLINK	(1U << 8)
#define SBPF_ACCESS_CREATE_SPECIAL	(1U << 9)
#define SBPF_ACCESS_CREATE_DEVICE	(1U << 10)
#define SBPF_ACCESS_REMOVE		(1U << 11)
#define SBPF_ACCESS_REFER		(1U << 12)
#define SBPF_ACCESS_METADATA		(1U << 13)
#define SBPF_ACCESS_IOCTL		(1U << 14)
#define SBPF_ACCESS_CONNECT		(1U << 15)

/* enum sbpf_dev_access */
#define SBPF_DEV_READ			(1U << 0)
#define SBPF_DEV_WRITE			(1U << 1)
#define SBPF_DEV_MKNOD			(1U << 2)
#define SBPF_DEV_IOCTL			(1U << 3)

/* enum sbpf_right */
enum {
	SBPF_RIGHT_WX,
	SBPF_RIGHT_ANON_EXEC,
	SBPF_RIGHT_TRACE,
	SBPF_RIGHT_SIGNAL,
	SBPF_RIGHT_SCHED,
	SBPF_RIGHT_PROC,
	SBPF_RIGHT_IPC,
	SBPF_RIGHT_UNIX,
	SBPF_RIGHT_USERNS,
	SBPF_RIGHT_MOUNT,
	SBPF_RIGHT_SETID,
	SBPF_RIGHT_CGROUP,
	SBPF_RIGHT_KEYS,
	SBPF_RIGHT_BPF,
	SBPF_RIGHT_PERF,
	SBPF_RIGHT_MODULES,
	SBPF_RIGHT_IO_URING,
	SBPF_RIGHT_USERFAULTFD,
	SBPF_RIGHT_SYSLOG,
	SBPF_RIGHT_TIME,
	SBPF_RIGHT_LOCK,
	SBPF_RIGHT_READ_LOCK,
	SBPF_RIGHT_ABSTRACT,
};

/* What bpf_sbpf_open_access() returns for files that rules do not say all about. */
enum {
	SBPF_SPECIAL_DEVICE = 1,
	SBPF_SPECIAL_PROC = 2,
	SBPF_SPECIAL_QUEUE = 3,
	SBPF_SPECIAL_SETID = 4,
	SBPF_SPECIAL_CGROUP = 5,
};

/* Where an object is to appear: see sbpf_new_name(). */
struct sbpf_new_name {
	__u32 flags;
	char name[256];
};

/* Not for programs that may sleep: those that ask path rules. */
extern int bpf_sbpf_open_access(struct sbpf_sandbox *sandbox, struct file *file) __ksym;
extern int bpf_sbpf_path_access(struct sbpf_sandbox *sandbox, const struct path *path,
				__u32 access) __ksym;
extern int bpf_sbpf_dentry_access(struct sbpf_sandbox *sandbox, struct dentry *dentry,
				  __u32 access) __ksym;
extern int bpf_sbpf_vma_access(struct sbpf_sandbox *sandbox, struct vm_area_struct *vma,
			       __u32 access) __ksym;
extern int bpf_sbpf_create_access(struct sbpf_sandbox *sandbox, const struct path *dir,
				  const struct sbpf_new_name *to, __u32 access) __ksym;
extern int bpf_sbpf_remove_access(struct sbpf_sandbox *sandbox, const struct path *dir,
				  struct dentry *dentry) __ksym;
extern int bpf_sbpf_link_access(struct sbpf_sandbox *sandbox, struct dentry *old_dentry,
				const struct path *new_dir,
				const struct sbpf_new_name *to) __ksym;
extern int bpf_sbpf_rename_access(struct sbpf_sandbox *sandbox, struct dentry *old_dentry,
				  const struct path *new_dir, struct inode *new_inode,
				  const struct sbpf_new_name *to) __ksym;
extern int bpf_sbpf_right(struct sbpf_sandbox *sandbox, __u32 right) __ksym;
extern int bpf_sbpf_capability(struct sbpf_sandbox *sandbox, __u32 capability) __ksym;
extern int bpf_sbpf_dev_access(struct sbpf_sandbox *sandbox, __u32 mode, __u32 dev,
			       __u32 access, __u32 cmd) __ksym;
extern int bpf_sbpf_socket_access(struct sbpf_sandbox *sandbox, int family, int type,
				  int protocol) __ksym;
extern int bpf_sbpf_connect_access(struct sbpf_sandbox *sandbox, struct socket *sock,
				   struct sockaddr *address, int addrlen) __ksym;
extern int bpf_sbpf_bind_access(struct sbpf_sandbox *sandbox, struct socket *sock,
				struct sockaddr *address, int addrlen) __ksym;
extern int bpf_sbpf_listen_access(struct sbpf_sandbox *sandbox, struct socket *sock) __ksym;
extern int bpf_sbpf_send_access(struct sbpf_sandbox *sandbox, struct socket *sock,
				struct msghdr *msg) __ksym;
extern int bpf_sbpf_unix_access(struct sbpf_sandbox *sandbox, struct sock *other) __ksym;
extern bool bpf_sbpf_ipc_private(struct sbpf_sandbox *sandbox) __ksym;

/* From the arguments of path_rename, or others without flags. */
static __always_inline void sbpf_new_name(struct sbpf_new_name *to, const char *new_name,
					  __u32 flags)
{
	__builtin_memset(to, 0, sizeof(*to));
	to->flags = flags;
	bpf_probe_read_kernel_str(to->name, sizeof(to->name), new_name);
}

/* The argument of mknod(2), as path_mknod gets it, as the kernel encodes devices. */
static __always_inline __u32 sbpf_decode_dev(__u32 dev)
{
	return ((dev & 0xfff00) >> 8) << 20 | (dev & 0xff) | ((dev >> 12) & 0xfff00);
}

/* What making an object of this mode, or a name of one, wants of its directory. */
static __always_inline __u32 sbpf_create_access(__u32 mode)
{
	switch (mode & S_IFMT) {
	case 0:
	case S_IFREG:
		return SBPF_ACCESS_CREATE_FILE;
	case S_IFLNK:
		return SBPF_ACCESS_CREATE_SYMLINK;
	case S_IFCHR:
	case S_IFBLK:
		return SBPF_ACCESS_CREATE_DEVICE;
	default:
		return SBPF_ACCESS_CREATE_SPECIAL;
	}
}

#endif /* _SBPF_RULES_BPF_H */
