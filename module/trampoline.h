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

/* Called by ftrace only; see trampoline.S. */
void sbpf_trampoline_member(void);
void sbpf_trampoline_any(void);
void sbpf_trampoline_remote(void);

/**
 * sbpf_trampoline_body - Run a function from behind its very beginning
 * @object: first argument of that function
 * @argument: second argument of that function, if it has one
 * @body: where it goes on; also its third argument
 *
 * Context: that of the function.
 *
 * Return: what the function returns.
 */
int sbpf_trampoline_body(void *object, u64 argument, unsigned long body);

/**
 * sbpf_trampoline_find - Run a function that may not be called through a pointer
 * @argument: its argument
 * @function: its address
 *
 * Context: that of the function.
 *
 * Return: what the function returns.
 */
void *sbpf_trampoline_find(unsigned long argument, unsigned long function);

/**
 * sbpf_trampoline_call - Run a function that may not be called through a pointer
 * @a: its first argument
 * @b: its second argument
 * @c: its third argument
 * @function: its address
 *
 * Context: that of the function.
 *
 * Return: what the function returns; of an int the upper half is anything.
 */
long sbpf_trampoline_call(unsigned long a, unsigned long b, unsigned long c,
			  unsigned long function);

#endif /* __ASSEMBLER__ */

#endif /* _SBPF_TRAMPOLINE_H */
