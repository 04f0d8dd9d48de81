/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - What the author of a policy includes, after vmlinux.h
 *
 * A policy is one struct sbpf_policy_ops in the section ".struct_ops.link"
 * and a program per operation that it wants to decide:
 *
 *	SBPF_OP(file_open, struct sbpf_sandbox *sandbox, struct file *file)
 *	{
 *		return 0;		// or -EACCES
 *	}
 *	SBPF_POLICY(mine) = { .file_open = (void *)file_open, .name = "mine" };
 *
 * Documentation/policy.rst describes every operation and kfunc.
 */
#ifndef _SBPF_POLICY_BPF_H
#define _SBPF_POLICY_BPF_H

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define SBPF_NAME_MAX		32
#define SBPF_TEXT_MAX		256

#define SBPF_POLICY_OPEN	(1ULL << 0)
#define SBPF_UNLIMITED		(~0ULL)
#define SBPF_UNKNOWN		(~0ULL)

/* What is charged and limited; <sbpf/sbpf.h>, from which they are, says of what. */
enum sbpf_resource {
	SBPF_RESOURCE_PIDS,
	SBPF_RESOURCE_CPU_TIME,
	SBPF_RESOURCE_WALL_TIME,
	SBPF_RESOURCE_OPEN_FILES,
	SBPF_RESOURCE_FILES_OPENED,
	SBPF_RESOURCE_FILES_CREATED,
	SBPF_RESOURCE_BYTES_READ,
	SBPF_RESOURCE_BYTES_WRITTEN,
	SBPF_RESOURCE_SOCKETS,
	SBPF_RESOURCE_CONNECTIONS,
	SBPF_RESOURCE_CONNECTION_RATE,
	SBPF_RESOURCE_EXECS,
	SBPF_RESOURCE_EXEC_RATE,
	SBPF_RESOURCE_MEMORY,
	SBPF_RESOURCE_CPU_SHARE,
	SBPF_RESOURCE_FILE_SIZE,
};

#define EPERM		1
#define ENOENT		2
#define EACCES		13
#define EAGAIN		11

#define AF_UNIX		1
#define AF_INET		2
#define AF_INET6	10
#define PROT_READ	0x1
#define PROT_WRITE	0x2
#define PROT_EXEC	0x4
#define VM_EXEC		0x4
#define VM_SHARED	0x8
#define VM_MAYWRITE	0x20
#define FMODE_READ	0x1
#define FMODE_WRITE	0x2

/*
 * The part of a sandbox that policies may read. The names match the module's,
 * offsets are relocated when the policy is loaded.
 */
struct sbpf_sandbox {
	__u64 id;
	__u32 layer;
	char name[SBPF_NAME_MAX];
} __attribute__((preserve_access_index));

#define SBPF_PROGRAM_MAX	64
#define SBPF_PATH_MAX		128

/* A write into the memory of another process: see sbpf.h. */
struct sbpf_write_record {
	__u64 seq;
	__u64 time_ns;
	__u64 sandbox;
	__u64 target_sandbox;
	__u64 addr;
	__u64 len;
	__u8 tag[8];
	__u32 channel;
	__s32 error;
	__u32 pid;
	__u32 tgid;
	__u32 uid;
	__u32 target_pid;
	__u32 target_tgid;
	__u32 target_uid;
	__u32 request;
	__u32 program_id;
	__u32 mapping;
	__u32 prot;
	char comm[16];
	char target_comm[16];
	char program[SBPF_PROGRAM_MAX];
	char path[SBPF_PATH_MAX];
} __attribute__((preserve_access_index));

/* Operations and data of a policy; libbpf matches the members by name. */
struct sbpf_policy_ops {
	int (*sandbox_init)(struct sbpf_sandbox *sandbox);
	void (*sandbox_exit)(struct sbpf_sandbox *sandbox);
	int (*task_alloc)(struct sbpf_sandbox *sandbox,
		struct task_struct *task, __u64 clone_flags);
	int (*bprm_check_security)(struct sbpf_sandbox *sandbox,
		struct linux_binprm *bprm);
	int (*ptrace_access_check)(struct sbpf_sandbox *sandbox,
		struct task_struct *child, __u32 mode);
	int (*ptrace_traceme)(struct sbpf_sandbox *sandbox,
		struct task_struct *parent);
	int (*task_kill)(struct sbpf_sandbox *sandbox,
		struct task_struct *target, int sig);
	int (*task_setnice)(struct sbpf_sandbox *sandbox,
		struct task_struct *task, int nice);
	int (*task_setioprio)(struct sbpf_sandbox *sandbox,
		struct task_struct *task, int ioprio);
	int (*task_setscheduler)(struct sbpf_sandbox *sandbox,
		struct task_struct *task);
	int (*task_setrlimit)(struct sbpf_sandbox *sandbox,
		struct task_struct *task, __u32 resource,
		struct rlimit *new_rlim);
	int (*task_fix_setuid)(struct sbpf_sandbox *sandbox, struct cred *new,
		const struct cred *old, int flags);
	int (*task_fix_setgid)(struct sbpf_sandbox *sandbox, struct cred *new,
		const struct cred *old, int flags);
	int (*task_prctl)(struct sbpf_sandbox *sandbox, int option, __u64 arg2,
		__u64 arg3, __u64 arg4, __u64 arg5);
	int (*capable)(struct sbpf_sandbox *sandbox, const struct cred *cred,
		struct user_namespace *ns, int cap, __u32 opts);
	int (*userns_create)(struct sbpf_sandbox *sandbox,
		const struct cred *cred);
	int (*mmap_file)(struct sbpf_sandbox *sandbox, struct file *file,
		__u64 reqprot, __u64 prot, __u64 flags);
	int (*file_mprotect)(struct sbpf_sandbox *sandbox,
		struct vm_area_struct *vma, __u64 reqprot, __u64 prot);
	int (*file_open)(struct sbpf_sandbox *sandbox, struct file *file);
	int (*file_receive)(struct sbpf_sandbox *sandbox, struct file *file);
	int (*file_ioctl)(struct sbpf_sandbox *sandbox, struct file *file,
		__u32 cmd, __u64 arg);
	int (*file_lock)(struct sbpf_sandbox *sandbox, struct file *file,
		__u32 cmd);
	int (*file_fcntl)(struct sbpf_sandbox *sandbox, struct file *file,
		__u32 cmd, __u64 arg);
	int (*path_truncate)(struct sbpf_sandbox *sandbox,
		const struct path *path);
	int (*path_mknod)(struct sbpf_sandbox *sandbox, const struct path *dir,
		const char *name, __u32 mode, __u32 dev);
	int (*path_mkdir)(struct sbpf_sandbox *sandbox, const struct path *dir,
		const char *name, __u32 mode);
	int (*path_symlink)(struct sbpf_sandbox *sandbox,
		const struct path *dir, const char *name,
		const char *old_name);
	int (*path_link)(struct sbpf_sandbox *sandbox,
		struct dentry *old_dentry, const struct path *new_dir,
		const char *new_name);
	int (*path_rename)(struct sbpf_sandbox *sandbox,
		struct dentry *old_dentry, const struct path *new_dir,
		const char *new_name, struct inode *new_inode, __u32 flags);
	int (*path_unlink)(struct sbpf_sandbox *sandbox, const struct path *dir,
		struct dentry *dentry);
	int (*path_chmod)(struct sbpf_sandbox *sandbox, const struct path *path,
		__u32 mode);
	int (*path_chown)(struct sbpf_sandbox *sandbox, const struct path *path,
		__u32 uid, __u32 gid);
	int (*path_chroot)(struct sbpf_sandbox *sandbox,
		const struct path *path);
	int (*path_notify)(struct sbpf_sandbox *sandbox,
		const struct path *path, __u64 mask);
	int (*inode_setattr)(struct sbpf_sandbox *sandbox,
		struct dentry *dentry, struct iattr *attr);
	int (*inode_setxattr)(struct sbpf_sandbox *sandbox,
		struct dentry *dentry, const char *name, __u64 size, int flags);
	int (*inode_removexattr)(struct sbpf_sandbox *sandbox,
		struct dentry *dentry, const char *name);
	int (*sb_mount)(struct sbpf_sandbox *sandbox, const char *dev_name,
		const struct path *path, const char *type, __u64 flags);
	int (*sb_umount)(struct sbpf_sandbox *sandbox, struct vfsmount *mnt,
		int flags);
	int (*sb_pivotroot)(struct sbpf_sandbox *sandbox,
		const struct path *old_path, const struct path *new_path);
	int (*move_mount)(struct sbpf_sandbox *sandbox,
		const struct path *from_path, const struct path *to_path);
	int (*ipc_permission)(struct sbpf_sandbox *sandbox,
		struct kern_ipc_perm *ipcp, __u32 flag);
	int (*unix_stream_connect)(struct sbpf_sandbox *sandbox,
		struct sock *sock, struct sock *other, struct sock *newsk);
	int (*unix_may_send)(struct sbpf_sandbox *sandbox, struct socket *sock,
		struct socket *other);
	int (*socket_create)(struct sbpf_sandbox *sandbox, int family, int type,
		int protocol, int kern);
	int (*socket_bind)(struct sbpf_sandbox *sandbox, struct socket *sock,
		struct sockaddr *address, int addrlen);
	int (*socket_connect)(struct sbpf_sandbox *sandbox, struct socket *sock,
		struct sockaddr *address, int addrlen);
	int (*socket_listen)(struct sbpf_sandbox *sandbox, struct socket *sock,
		int backlog);
	int (*socket_sendmsg)(struct sbpf_sandbox *sandbox, struct socket *sock,
		struct msghdr *msg, int size);
	int (*key_alloc)(struct sbpf_sandbox *sandbox, struct key *key,
		const struct cred *cred, __u64 flags);
	int (*key_permission)(struct sbpf_sandbox *sandbox, struct key *key,
		const struct cred *cred, __u32 need_perm);
	int (*bpf)(struct sbpf_sandbox *sandbox, int cmd, __u32 size);
	int (*bpf_prog_load)(struct sbpf_sandbox *sandbox, struct bpf_prog *prog);
	int (*perf_event_open)(struct sbpf_sandbox *sandbox, int type);
	int (*kernel_read_file)(struct sbpf_sandbox *sandbox, struct file *file,
		__u32 id);
	int (*inode_init_security_anon)(struct sbpf_sandbox *sandbox,
		struct inode *inode, const char *name);
	int (*syslog)(struct sbpf_sandbox *sandbox, int type);
	int (*settime)(struct sbpf_sandbox *sandbox,
		const struct timespec64 *ts, const struct timezone *tz);
	int (*charge)(struct sbpf_sandbox *sandbox, __u32 resource, __u64 amount,
		__u64 usage);
	int (*mem_write)(struct sbpf_sandbox *sandbox,
		const struct sbpf_write_record *record);
	__u64 flags;
	char name[SBPF_NAME_MAX];
};

extern struct sbpf_sandbox *bpf_sbpf_sandbox_acquire(struct task_struct *task) __ksym;
extern void bpf_sbpf_sandbox_release(struct sbpf_sandbox *sandbox) __ksym;
extern bool bpf_sbpf_sandbox_contains(struct sbpf_sandbox *sandbox,
				      struct task_struct *task) __ksym;
extern bool bpf_sbpf_task_same(struct task_struct *a, struct task_struct *b) __ksym;
extern void bpf_sbpf_sandbox_kill(struct sbpf_sandbox *sandbox) __ksym;
extern __u64 bpf_sbpf_resource_usage(struct sbpf_sandbox *sandbox, __u32 resource) __ksym;
extern __u64 bpf_sbpf_resource_limit(struct sbpf_sandbox *sandbox, __u32 resource) __ksym;
extern int bpf_sbpf_limit_tighten(struct sbpf_sandbox *sandbox, __u32 resource,
				  __u64 limit) __ksym;
extern int bpf_sbpf_file_path(struct file *file, char *buf, __u32 buf__sz) __ksym;
extern int bpf_sbpf_note(struct sbpf_sandbox *sandbox, const char *text,
			 __u32 text__sz, __u64 number) __ksym;
extern int bpf_sbpf_write_user(struct sbpf_sandbox *sandbox, __u64 addr,
			       const void *data, __u32 data__sz) __ksym;

/* A program for operation @op; add sleepable ones with SBPF_OP_SLEEPABLE. */
#define SBPF_OP(op, args...) \
	SEC("struct_ops/" #op) int BPF_PROG(op, ##args)
#define SBPF_OP_SLEEPABLE(op, args...) \
	SEC("struct_ops.s/" #op) int BPF_PROG(op, ##args)

/* Notes a string constant; the verifier wants what kfuncs read to be writable. */
#define sbpf_note(sandbox, literal, number) ({				\
	char text__[] = literal;					\
	bpf_sbpf_note(sandbox, text__, sizeof(text__), number);		\
})

#define SBPF_POLICY(var) \
	SEC(".struct_ops.link") struct sbpf_policy_ops var

#include "match.bpf.h"
#include "rules.bpf.h"

#endif /* _SBPF_POLICY_BPF_H */
