/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Hooks: puts the trampolines in front of the kernel's security functions
 * while somebody needs them
 */
#ifndef _SBPF_HOOKS_H
#define _SBPF_HOOKS_H

#include <linux/bits.h>
#include <linux/types.h>

#include "uapi/sbpf.h"

/*
 * Every operation, in the order of enum sbpf_op, has the name of an LSM hook,
 * followed by that of the one function through which the kernel calls the hook.
 */
#define SBPF_OPS(X)							\
	X(task_alloc, security_task_alloc)				\
	X(bprm_check_security, security_bprm_check)			\
	X(file_open, security_file_open)				\
	X(ptrace_access_check, security_ptrace_access_check)		\
	X(ptrace_traceme, security_ptrace_traceme)			\
	X(task_kill, security_task_kill)				\
	X(socket_connect, security_socket_connect)			\
	X(mmap_file, security_mmap_file)				\
	X(file_mprotect, security_file_mprotect)

/* No operation, but the end of a member: attached together with task_alloc. */
#define SBPF_HOOK_TASK_FREE	SBPF_OP_MAX
#define SBPF_HOOK_MAX		(SBPF_OP_MAX + 1)

/* Those that concern others than members; the rest fire for members only. */
#define SBPF_HOOKS_ANY		(BIT_ULL(SBPF_OP_TASK_ALLOC) | \
				 BIT_ULL(SBPF_OP_PTRACE_TRACEME) | \
				 BIT_ULL(SBPF_HOOK_TASK_FREE))

/* What membership itself needs, whatever a policy implements. */
#define SBPF_HOOKS_MEMBER	(BIT_ULL(SBPF_OP_TASK_ALLOC) | \
				 BIT_ULL(SBPF_HOOK_TASK_FREE))
#define SBPF_HOOKS_ALL		(BIT_ULL(SBPF_HOOK_MAX) - 1)

extern unsigned long sbpf_hook_bodies[SBPF_HOOK_MAX];

/**
 * sbpf_hook_find - Which hook is it that fired?
 * @body: where the hooked function goes on
 *
 * Context: any.
 *
 * Return: enum sbpf_op or SBPF_HOOK_TASK_FREE; SBPF_HOOK_MAX for none.
 */
static inline unsigned int sbpf_hook_find(unsigned long body)
{
	unsigned int i;

	for (i = 0; i < SBPF_HOOK_MAX; i++)
		if (sbpf_hook_bodies[i] == body)
			break;
	return i;
}

void sbpf_hooks_seen(void);
int sbpf_hooks_get(u64 mask);
void sbpf_hooks_put(u64 mask);
u64 sbpf_hooks_attached(void);
int __init sbpf_hooks_init(void);
void sbpf_hooks_exit(void);

#endif /* _SBPF_HOOKS_H */
