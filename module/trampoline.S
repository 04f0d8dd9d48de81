/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Trampolines: what ftrace calls in the place of the first nop of a
 * security function
 *
 * On entry 0(%rsp) is where that function goes on and 8(%rsp) where its caller
 * does; its arguments are in their registers. Going on means to return with
 * these as they were; to deny is to return to the caller with -errno in %rax, as
 * what these return may be 64 bits wide.
 */
#include <linux/linkage.h>
#include <linux/objtool.h>
#include <asm/asm.h>
#include <asm/frame.h>
#include <asm/nospec-branch.h>
#include <asm/percpu.h>
#include <asm/unwind_hints.h>

#include "compat.h"
#include "trampoline.h"

/*
 * Nobody may call a trampoline through a pointer: ftrace writes a direct call,
 * or returns to it.
 */
.macro TRAMPOLINE name:req
SYM_START(\name, SYM_L_GLOBAL, SYM_A_ALIGN)
	ANNOTATE_NOENDBR
.endm

/*
 * Flags say what @dispatch(arguments, where the function goes on) returned. With
 * @caller it is also told where the caller goes on.
 */
.macro ASK dispatch:req caller=0
	FRAME_BEGIN
	pushq	%r9
	pushq	%r8
	pushq	%rcx
	pushq	%rdx
	pushq	%rsi
	pushq	%rdi
	movq	%rsp, %rdi
	movq	6 * 8 + FRAME_OFFSET(%rsp), %rsi
	.if \caller
	movq	7 * 8 + FRAME_OFFSET(%rsp), %rdx
	.endif
	call	\dispatch
	popq	%rdi
	popq	%rsi
	popq	%rdx
	popq	%rcx
	popq	%r8
	popq	%r9
	FRAME_END
	testl	%eax, %eax
.endm

/*
 * It did not return 0. If that is above, the function is to be finished by
 * sbpf_dispatch_rest(), of a member; else denied.
 */
.macro FINISH
	js	.Ldeny\@
	popq	%rdx
	UNWIND_HINT_FUNC
	jmp	sbpf_dispatch_rest
.Ldeny\@:
	movslq	%eax, %rax
	addq	$8, %rsp
	UNWIND_HINT_FUNC
	RET
.endm

	.text

/*
 * For what only members are asked about. If the bucket of the current task in
 * the table of members is empty it is none, and this is all that it pays.
 */
TRAMPOLINE sbpf_trampoline_member
	movq	PER_CPU_VAR(SBPF_CURRENT_TASK), %rax
	movabsq	$SBPF_MEMBER_FACTOR, %r10
	imulq	%rax, %r10
	shrq	$(64 - SBPF_MEMBER_BITS), %r10
	cmpq	$0, sbpf_members(, %r10, 8)
	jne	1f
	RET
1:	ASK sbpf_dispatch
	jnz	2f
	RET
2:	FINISH
SYM_FUNC_END(sbpf_trampoline_member)

/* For the rest. */
TRAMPOLINE sbpf_trampoline_any
	ASK sbpf_dispatch_any
	jnz	1f
	RET
1:	FINISH
SYM_FUNC_END(sbpf_trampoline_any)

/*
 * For functions that write into the memory of others; 1 is to return 0 instead.
 */
TRAMPOLINE sbpf_trampoline_remote
	ASK sbpf_remote_dispatch caller=1
	jnz	1f
	RET
1:	movslq	%eax, %rax
	js	2f
	xorl	%eax, %eax
2:	addq	$8, %rsp
	UNWIND_HINT_FUNC
	RET
SYM_FUNC_END(sbpf_trampoline_remote)

/* void *sbpf_trampoline_find(argument, function) */
SYM_FUNC_START(sbpf_trampoline_find)
	pushq	%rsi
	UNWIND_HINT_FUNC
	RET
SYM_FUNC_END(sbpf_trampoline_find)

/* int sbpf_trampoline_call(a, b, c, function) */
SYM_FUNC_START(sbpf_trampoline_call)
	pushq	%rcx
	UNWIND_HINT_FUNC
	RET
SYM_FUNC_END(sbpf_trampoline_call)

/* int sbpf_trampoline_body(object, argument, body) */
SYM_FUNC_START(sbpf_trampoline_body)
	pushq	%rdx
	UNWIND_HINT_FUNC
	RET
SYM_FUNC_END(sbpf_trampoline_body)
