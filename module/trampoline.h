/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Trampolines: what trampoline.S and C must agree on
 */
#ifndef _SBPF_TRAMPOLINE_H
#define _SBPF_TRAMPOLINE_H

/* The table of members: log2 of its buckets, and the factor that finds one. */
#define SBPF_MEMBER_BITS	13
#define SBPF_MEMBER_FACTOR	0x61c8864680b583eb

#ifndef __ASSEMBLER__

#include <linux/types.h>

struct task_struct;

/* Called by ftrace only; see trampoline.S. */
void sbpf_trampoline_member(void);
void sbpf_trampoline_any(void);

/**
 * sbpf_trampoline_body - Run a function from behind its very beginning
 * @task: first argument of that function
 * @clone_flags: second argument of that function
 * @body: where it goes on; also its third argument
 *
 * Named after the one that task_alloc stops.
 *
 * Context: that of the function.
 *
 * Return: what the function returns.
 */
int sbpf_trampoline_body(struct task_struct *task, u64 clone_flags,
			 unsigned long body);

#endif /* __ASSEMBLER__ */

#endif /* _SBPF_TRAMPOLINE_H */
