/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A program of which the segment of code goes on in memory that is no part of its file.
 * The kernel makes that executable like the rest, and writable. It runs code there.
 */
	.text
	.globl	_start
_start:
	lea	room + 4096(%rip), %rdi
	/* ret */
	movb	$0xc3, (%rdi)
	call	*%rdi
	/* exit(42) */
	mov	$42, %edi
	mov	$60, %eax
	syscall

	.section .room, "ax", @nobits
room:
	.skip	8192

	.section .note.GNU-stack, "", @progbits
