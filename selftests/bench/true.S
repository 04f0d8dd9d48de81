/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - The smallest program that succeeds, so that execve() is what is
 * measured and not a dynamic linker
 */
#include <asm/unistd.h>

	.globl	_start
_start:
	mov	$__NR_exit_group, %eax
	xor	%edi, %edi
	syscall

	.section .note.GNU-stack, "", @progbits
