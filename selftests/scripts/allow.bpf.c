// SPDX-License-Identifier: GPL-2.0-only
/*
 * allow - Asked about everything, allows everything
 */
#include "vmlinux.h"
#include <sbpf/policy.bpf.h>
#include "ops.h"

char LICENSE[] SEC("license") = "GPL";

#define PROGRAM(op, OP)						\
	SEC("struct_ops/" #op) int op(void *arguments) { return 0; }
SBPF_OPS(PROGRAM)

#define MEMBER(op, OP) .op = (void *)op,
SBPF_POLICY(allow) = {
	SBPF_OPS(MEMBER)
	.flags = SBPF_POLICY_OPEN,
	.name = "allow",
};
