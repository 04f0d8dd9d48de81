/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Hooks: attaches the BPF LSM programs of hooks.bpf.c while somebody
 * needs them
 */
#ifndef _SBPF_HOOKS_H
#define _SBPF_HOOKS_H

#include <linux/bits.h>
#include <linux/jump_label.h>
#include <linux/types.h>

#include "uapi/sbpf.h"

/* Every operation is the LSM hook of the same name; the order is enum sbpf_op. */
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

/* What membership itself needs, whatever a policy implements. */
#define SBPF_HOOKS_MEMBER	(BIT_ULL(SBPF_OP_TASK_ALLOC) | \
				 BIT_ULL(SBPF_HOOK_TASK_FREE))
#define SBPF_HOOKS_ALL		(BIT_ULL(SBPF_HOOK_MAX) - 1)

bool sbpf_hooks_loading(void);
void sbpf_hooks_seen(void);
int sbpf_hooks_get(u64 mask);
void sbpf_hooks_put(u64 mask);
u64 sbpf_hooks_attached(void);
int __init sbpf_hooks_init(void);
void sbpf_hooks_exit(void);

#endif /* _SBPF_HOOKS_H */
