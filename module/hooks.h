/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Hooks: puts the trampolines in front of the kernel's security functions
 * while somebody needs them
 */
#ifndef _SBPF_HOOKS_H
#define _SBPF_HOOKS_H

#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/types.h>

#include "uapi/sbpf.h"

/*
 * Every operation is the LSM hook of the same name, which the kernel calls from
 * the function security_NAME(), with three exceptions in hooks.c; the order is
 * enum sbpf_op.
 */
#define SBPF_OPS(X)						\
	X(task_alloc, TASK_ALLOC)				\
	X(bprm_check_security, BPRM_CHECK_SECURITY)		\
	X(file_open, FILE_OPEN)					\
	X(ptrace_access_check, PTRACE_ACCESS_CHECK)		\
	X(ptrace_traceme, PTRACE_TRACEME)			\
	X(task_kill, TASK_KILL)					\
	X(socket_connect, SOCKET_CONNECT)			\
	X(mmap_file, MMAP_FILE)					\
	X(file_mprotect, FILE_MPROTECT)				\
	X(task_setnice, TASK_SETNICE)				\
	X(task_setioprio, TASK_SETIOPRIO)			\
	X(task_setscheduler, TASK_SETSCHEDULER)			\
	X(task_setrlimit, TASK_SETRLIMIT)			\
	X(task_fix_setuid, TASK_FIX_SETUID)			\
	X(task_fix_setgid, TASK_FIX_SETGID)			\
	X(task_prctl, TASK_PRCTL)				\
	X(capable, CAPABLE)					\
	X(userns_create, USERNS_CREATE)				\
	X(file_receive, FILE_RECEIVE)				\
	X(file_ioctl, FILE_IOCTL)				\
	X(file_lock, FILE_LOCK)					\
	X(file_fcntl, FILE_FCNTL)				\
	X(file_truncate, FILE_TRUNCATE)				\
	X(path_truncate, PATH_TRUNCATE)				\
	X(path_mknod, PATH_MKNOD)				\
	X(path_mkdir, PATH_MKDIR)				\
	X(path_symlink, PATH_SYMLINK)				\
	X(path_link, PATH_LINK)					\
	X(path_rename, PATH_RENAME)				\
	X(path_unlink, PATH_UNLINK)				\
	X(path_rmdir, PATH_RMDIR)				\
	X(path_chmod, PATH_CHMOD)				\
	X(path_chown, PATH_CHOWN)				\
	X(path_chroot, PATH_CHROOT)				\
	X(inode_setattr, INODE_SETATTR)				\
	X(inode_setxattr, INODE_SETXATTR)			\
	X(inode_removexattr, INODE_REMOVEXATTR)			\
	X(inode_set_acl, INODE_SET_ACL)				\
	X(sb_mount, SB_MOUNT)					\
	X(sb_umount, SB_UMOUNT)					\
	X(sb_pivotroot, SB_PIVOTROOT)				\
	X(move_mount, MOVE_MOUNT)				\
	X(ipc_permission, IPC_PERMISSION)			\
	X(unix_stream_connect, UNIX_STREAM_CONNECT)		\
	X(unix_may_send, UNIX_MAY_SEND)				\
	X(socket_create, SOCKET_CREATE)				\
	X(socket_bind, SOCKET_BIND)				\
	X(socket_listen, SOCKET_LISTEN)				\
	X(socket_sendmsg, SOCKET_SENDMSG)			\
	X(key_alloc, KEY_ALLOC)					\
	X(key_permission, KEY_PERMISSION)			\
	X(bpf, BPF)						\
	X(perf_event_open, PERF_EVENT_OPEN)			\
	X(kernel_read_file, KERNEL_READ_FILE)			\
	X(kernel_load_data, KERNEL_LOAD_DATA)			\
	X(inode_init_security_anon, INODE_INIT_SECURITY_ANON)	\
	X(syslog, SYSLOG)					\
	X(settime, SETTIME)

/**
 * enum sbpf_hook - Hooks that no operation is named after; the others are enum
 * sbpf_op
 * @SBPF_HOOK_TASK_FREE: the end of a member, attached together with task_alloc
 * @SBPF_HOOK_FILE_IOCTL_COMPAT: file_ioctl by a 32-bit system call
 * @SBPF_HOOK_INODE_REMOVE_ACL: inode_set_acl that removes
 * @SBPF_HOOK_SOCKET_POST_CREATE: a socket of a member
 * @SBPF_HOOK_SK_FREE: the end of a socket, attached together with that
 */
enum sbpf_hook {
	SBPF_HOOK_TASK_FREE = SBPF_OP_MAX,
	SBPF_HOOK_FILE_IOCTL_COMPAT,
	SBPF_HOOK_INODE_REMOVE_ACL,
	SBPF_HOOK_SOCKET_POST_CREATE,
	SBPF_HOOK_SK_FREE,
	/* private: */
	SBPF_HOOK_MAX,
};

/* Masks have to hold them. */
static_assert(SBPF_HOOK_MAX < 64);

/* Those that concern others than members; the rest fire for members only. */
#define SBPF_HOOKS_ANY		(BIT_ULL(SBPF_OP_TASK_ALLOC) | \
				 BIT_ULL(SBPF_OP_PTRACE_TRACEME) | \
				 BIT_ULL(SBPF_HOOK_TASK_FREE) | \
				 BIT_ULL(SBPF_HOOK_SK_FREE))

/* What membership itself needs, whatever a policy implements. */
#define SBPF_HOOKS_MEMBER	(BIT_ULL(SBPF_OP_TASK_ALLOC) | \
				 BIT_ULL(SBPF_HOOK_TASK_FREE))
#define SBPF_HOOKS_ALL		(BIT_ULL(SBPF_HOOK_MAX) - 1)

/**
 * sbpf_hooks_of - Which hooks serve some operations?
 * @ops: mask of BIT_ULL(enum sbpf_op)
 *
 * Return: mask of hooks, those that membership needs included.
 */
static inline u64 sbpf_hooks_of(u64 ops)
{
	if (ops & BIT_ULL(SBPF_OP_FILE_IOCTL))
		ops |= BIT_ULL(SBPF_HOOK_FILE_IOCTL_COMPAT);
	if (ops & BIT_ULL(SBPF_OP_INODE_SET_ACL))
		ops |= BIT_ULL(SBPF_HOOK_INODE_REMOVE_ACL);
	if (ops & (BIT_ULL(SBPF_OP_UNIX_STREAM_CONNECT) | BIT_ULL(SBPF_OP_UNIX_MAY_SEND)))
		ops |= BIT_ULL(SBPF_HOOK_SOCKET_POST_CREATE) | BIT_ULL(SBPF_HOOK_SK_FREE);
	return ops | SBPF_HOOKS_MEMBER;
}

/**
 * struct sbpf_hook_slot - Place in a table of hooks by where their functions go on
 * @body: where the function goes on behind what ftrace writes; 0 for none
 * @hook: enum sbpf_op or enum sbpf_hook; SBPF_HOOK_MAX for none
 */
struct sbpf_hook_slot {
	unsigned long body;
	unsigned int hook;
};

/* Far more than there are hooks; indexed by a byte, which wraps around. */
extern struct sbpf_hook_slot sbpf_hook_slots[256];

/**
 * sbpf_hook_find - Which hook is it that fired?
 * @body: where the hooked function goes on
 *
 * Context: any.
 *
 * Return: enum sbpf_op or enum sbpf_hook; SBPF_HOOK_MAX for none.
 */
static inline unsigned int sbpf_hook_find(unsigned long body)
{
	u8 i = body >> 4;

	while (sbpf_hook_slots[i].body != body && sbpf_hook_slots[i].body)
		i++;
	return sbpf_hook_slots[i].hook;
}

void sbpf_hooks_seen(void);
int sbpf_hooks_get(u64 mask);
void sbpf_hooks_put(u64 mask);
u64 sbpf_hooks_attached(void);
int __init sbpf_hooks_init(void);
void sbpf_hooks_exit(void);

#endif /* _SBPF_HOOKS_H */
