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
 * Every operation is the LSM hook of the same name, which the kernel calls from
 * the function security_NAME(); the order is enum sbpf_op.
 */
#define SBPF_OPS(X)			\
	X(task_alloc)			\
	X(bprm_check_security)		\
	X(file_open)			\
	X(ptrace_access_check)		\
	X(ptrace_traceme)		\
	X(task_kill)			\
	X(socket_connect)		\
	X(mmap_file)			\
	X(file_mprotect)

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

/**
 * struct sbpf_hook_slot - Place in a table of hooks by where their functions go on
 * @body: where the function goes on behind what ftrace writes; 0 for none
 * @hook: enum sbpf_op or SBPF_HOOK_TASK_FREE; SBPF_HOOK_MAX for none
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
 * Return: enum sbpf_op or SBPF_HOOK_TASK_FREE; SBPF_HOOK_MAX for none.
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
