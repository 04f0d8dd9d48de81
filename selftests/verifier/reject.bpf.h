/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Programs that must be rejected, and for what reason
 *
 * Each file is compiled twice. In NAME.bpf.o every program has one fault, in
 * NAME.mended.bpf.o it does not: BAD(...) is there in the first only, GOOD(...) in
 * the second only. load.c expects that every program of the first is rejected
 * with a message that matches its regular expression (the messages differ
 * between kernels) and that every program of the second loads.
 */
#ifndef _REJECT_BPF_H
#define _REJECT_BPF_H

#include "vmlinux.h"
#include <sbpf/policy.bpf.h>

#ifdef MENDED
#define BAD(...)
#define GOOD(...)	__VA_ARGS__
#else
#define BAD(...)	__VA_ARGS__
#define GOOD(...)
#endif

/* What load.c reads from the object's BTF. */
#define FOR(why)	__attribute__((btf_decl_tag("reject:" why)))

/* A program of section @section, to be rejected for @why. */
#define REJECT_PROG(section, name, why, args...)			\
	FOR(why) SEC(section) int BPF_PROG(name, ##args)

/*
 * The same for a program of struct_ops type @type. Its map is called after it, so
 * that load.c can load it without the others.
 */
#define REJECT_OPS(type, section, op, prog, why, args...)		\
	int prog(unsigned long long *ctx);				\
	SEC(".struct_ops.link") struct type prog##_ops = {		\
		.op = (void *)prog, .name = #prog,			\
	};								\
	REJECT_PROG(section, prog, why, ##args)

/* The usual one: a policy's program for operation @op. */
#define REJECT(op, prog, why, args...)					\
	REJECT_OPS(sbpf_policy_ops, "struct_ops/" #op, op, prog, why,	\
		   struct sbpf_sandbox *sandbox, ##args)

#endif /* _REJECT_BPF_H */
