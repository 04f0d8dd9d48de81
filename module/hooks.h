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

#include "uapi/ops.h"
#include "uapi/sbpf.h"

struct sbpf_sandbox;

/*
 * Every operation but those in SBPF_OTHER_OPS is the LSM hook of the same name, which
 * the kernel calls from the function security_NAME(), with three exceptions in hooks.c.
 */

/** SBPF_HOOKS_MORE: X(name, NAME, OP) for each other hook by which the kernel asks OP. */
#define SBPF_HOOKS_MORE(X)						\
	X(task_getpgid, TASK_GETPGID, PTRACE_ACCESS_CHECK)		\
	X(task_getsid, TASK_GETSID, PTRACE_ACCESS_CHECK)		\
	X(task_getscheduler, TASK_GETSCHEDULER, PTRACE_ACCESS_CHECK)	\
	X(task_getioprio, TASK_GETIOPRIO, PTRACE_ACCESS_CHECK)		\
	X(mmap_addr, MMAP_ADDR, CAPABLE)				\
	X(vm_enough_memory_mm, VM_ENOUGH_MEMORY_MM, MMAP_FILE)		\
	X(file_ioctl_compat, FILE_IOCTL_COMPAT, FILE_IOCTL)		\
	X(uring_cmd, URING_CMD, FILE_IOCTL)				\
	X(file_truncate, FILE_TRUNCATE, PATH_TRUNCATE)			\
	X(inode_create, INODE_CREATE, PATH_MKNOD)			\
	X(path_rmdir, PATH_RMDIR, PATH_UNLINK)				\
	X(inode_unlink, INODE_UNLINK, PATH_UNLINK)			\
	X(inode_file_setattr, INODE_FILE_SETATTR, INODE_SETATTR)	\
	X(inode_set_acl, INODE_SET_ACL, INODE_SETXATTR)			\
	X(inode_remove_acl, INODE_REMOVE_ACL, INODE_REMOVEXATTR)	\
	X(msg_queue_alloc, MSG_QUEUE_ALLOC, IPC_PERMISSION)		\
	X(sem_alloc, SEM_ALLOC, IPC_PERMISSION)				\
	X(shm_alloc, SHM_ALLOC, IPC_PERMISSION)				\
	X(msg_queue_msgctl, MSG_QUEUE_MSGCTL, IPC_PERMISSION)		\
	X(sem_semctl, SEM_SEMCTL, IPC_PERMISSION)			\
	X(shm_shmctl, SHM_SHMCTL, IPC_PERMISSION)			\
	X(socket_setsockopt, SOCKET_SETSOCKOPT, SOCKET_CREATE)		\
	X(kernel_module_request, KERNEL_MODULE_REQUEST, KERNEL_READ_FILE) \
	X(kernel_load_data, KERNEL_LOAD_DATA, KERNEL_READ_FILE)		\
	X(prepare_creds, PREPARE_CREDS, KERNEL_READ_FILE)

/**
 * enum sbpf_hook - Hooks that no operation is named after; the others are enum
 * sbpf_op
 * @SBPF_HOOK_TASK_FREE: the end of a member, attached together with task_alloc
 * @SBPF_HOOK_SOCKET_POST_CREATE: a member has created a socket
 * @SBPF_HOOK_SK_FREE: the end of a socket, attached if it is to be known whose
 *	sockets are
 * @SBPF_HOOK_CGROUP_WRITE: a member writes to a file of a control group; no hook, but the
 *	function that does it
 * @SBPF_HOOK_FILE_ALLOC: a member opens a file, of any kind
 * @SBPF_HOOK_FILE_FREE: the end of a file, attached together with that
 * @SBPF_HOOK_FILE_PERMISSION: a member reads or writes
 * @SBPF_HOOK_OVERSIZE: a member gets SIGXFSZ, as a file of it would become too large;
 *	no hook, but the tracepoint signal_generate
 */
enum sbpf_hook {
	SBPF_HOOK_TASK_FREE = SBPF_OP_MAX,
	SBPF_HOOK_SOCKET_POST_CREATE,
	SBPF_HOOK_SK_FREE,
	SBPF_HOOK_CGROUP_WRITE,
	/* private: */
#define HOOK(name, NAME, OP) SBPF_HOOK_##NAME,
	SBPF_HOOKS_MORE(HOOK)
#undef HOOK
	/* public: */
	SBPF_HOOK_FILE_ALLOC,
	SBPF_HOOK_FILE_FREE,
	SBPF_HOOK_FILE_PERMISSION,
	SBPF_HOOK_OVERSIZE,
	/* private: */
	SBPF_HOOK_MAX,
};

/* Masks have to hold them. */
static_assert(SBPF_OP_MAX < 64 && SBPF_HOOK_MAX < 128);
#define SBPF_HOOK_BIT(hook)	((u128)1 << (hook))

/* Those that concern others than members; the rest fire for members only. */
#define SBPF_HOOKS_ANY		(SBPF_HOOK_BIT(SBPF_OP_TASK_ALLOC) | \
				 SBPF_HOOK_BIT(SBPF_OP_PTRACE_TRACEME) | \
				 SBPF_HOOK_BIT(SBPF_HOOK_TASK_FREE) | \
				 SBPF_HOOK_BIT(SBPF_HOOK_SK_FREE) | \
				 SBPF_HOOK_BIT(SBPF_HOOK_FILE_FREE))

/* What membership and its accounts need, whatever a policy implements. */
#define SBPF_HOOKS_MEMBER	(SBPF_HOOK_BIT(SBPF_OP_TASK_ALLOC) | \
				 SBPF_HOOK_BIT(SBPF_HOOK_TASK_FREE) | \
				 SBPF_HOOK_BIT(SBPF_HOOK_CGROUP_WRITE) | \
				 SBPF_HOOK_BIT(SBPF_OP_FILE_OPEN) | \
				 SBPF_HOOK_BIT(SBPF_OP_SOCKET_CONNECT) | \
				 SBPF_HOOK_BIT(SBPF_HOOK_SOCKET_POST_CREATE))
/* Operations that are none. */
#define SBPF_HOOKS_NONE		(SBPF_HOOK_BIT(SBPF_OP_CHARGE) | \
				 SBPF_HOOK_BIT(SBPF_OP_MEM_WRITE))
/* All that serve the others. */
#define SBPF_HOOKS_ALL		((SBPF_HOOK_BIT(SBPF_HOOK_FILE_ALLOC) - 1) & ~SBPF_HOOKS_NONE)

/* What limits need besides. */
#define SBPF_HOOKS_OPEN_FILES	(SBPF_HOOK_BIT(SBPF_HOOK_FILE_ALLOC) | \
				 SBPF_HOOK_BIT(SBPF_HOOK_FILE_FREE))
#define SBPF_HOOKS_FILES_CREATED (SBPF_HOOK_BIT(SBPF_OP_PATH_MKNOD) | \
				  SBPF_HOOK_BIT(SBPF_OP_PATH_MKDIR) | \
				  SBPF_HOOK_BIT(SBPF_OP_PATH_SYMLINK) | \
				  SBPF_HOOK_BIT(SBPF_OP_PATH_RENAME))
#define SBPF_HOOKS_BYTES_WRITTEN SBPF_HOOK_BIT(SBPF_HOOK_FILE_PERMISSION)
#define SBPF_HOOKS_FILE_SIZE	(SBPF_HOOK_BIT(SBPF_OP_TASK_SETRLIMIT) | \
				 SBPF_HOOK_BIT(SBPF_HOOK_OVERSIZE))

/**
 * sbpf_hooks_of - Which hooks serve some operations?
 * @ops: mask of BIT_ULL(enum sbpf_op)
 *
 * Return: mask of hooks, those that membership needs included.
 */
static inline u128 sbpf_hooks_of(u64 ops)
{
	u128 hooks = (ops & ~SBPF_HOOKS_NONE) | SBPF_HOOKS_MEMBER;

#define HOOK(name, NAME, OP)					\
	if (ops & BIT_ULL(SBPF_OP_##OP))			\
		hooks |= SBPF_HOOK_BIT(SBPF_HOOK_##NAME);
	SBPF_HOOKS_MORE(HOOK)
#undef HOOK
	if (ops & (BIT_ULL(SBPF_OP_UNIX_STREAM_CONNECT) | BIT_ULL(SBPF_OP_UNIX_MAY_SEND)))
		hooks |= SBPF_HOOK_BIT(SBPF_HOOK_SOCKET_POST_CREATE) |
			 SBPF_HOOK_BIT(SBPF_HOOK_SK_FREE);
	if (ops & BIT_ULL(SBPF_OP_CHARGE))
		hooks |= SBPF_HOOKS_FILES_CREATED | SBPF_HOOK_BIT(SBPF_OP_SOCKET_SENDMSG) |
			 SBPF_HOOK_BIT(SBPF_OP_BPRM_CHECK_SECURITY);
	return hooks;
}

/* Where cores go, of the kernel: a text of the administrator's; NULL if it is not found. */
extern const char *sbpf_hooks_core_pattern;

/**
 * typedef sbpf_hook_fn - What is to be done when a hook fires
 * @sandbox: that of the current task, NULL if it is in none
 * @args: the registers that may hold arguments of the hooked function
 *
 * Return: 0 to go on, -errno to return that instead, or 1, see sbpf_dispatch_any().
 */
typedef int (*sbpf_hook_fn)(struct sbpf_sandbox *sandbox, const unsigned long *args);

/**
 * struct sbpf_hook_slot - Place in a table of hooks by where their functions go on
 * @body: where the function goes on behind what ftrace writes; 0 for none
 * @call: what to do; NULL for nothing
 */
struct sbpf_hook_slot {
	unsigned long body;
	sbpf_hook_fn call;
};

/* Far more than there are hooks; indexed by a byte, which wraps around. */
extern struct sbpf_hook_slot sbpf_hook_slots[256];

/**
 * sbpf_hook_find - Which hook is it that fired?
 * @body: where the hooked function goes on
 *
 * Context: any.
 *
 * Return: what is to be done; NULL if it is none.
 */
static __always_inline sbpf_hook_fn sbpf_hook_find(unsigned long body)
{
	u8 i = body >> 4;

	do {
		if (likely(sbpf_hook_slots[i].body == body))
			return sbpf_hook_slots[i].call;
	} while (sbpf_hook_slots[i++].body);
	return NULL;
}

void sbpf_hooks_seen(void);
int sbpf_hooks_get(u128 mask);
void sbpf_hooks_put(u128 mask);
u64 sbpf_hooks_attached(void);
bool sbpf_hooks_uses(const char *function);
int __init sbpf_hooks_init(const sbpf_hook_fn *calls);
void sbpf_hooks_exit(void);

#endif /* _SBPF_HOOKS_H */
