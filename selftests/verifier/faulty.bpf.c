// SPDX-License-Identifier: GPL-2.0-only
/*
 * A whole policy with a fault that only the verifier finds, to see what becomes of
 * one who loads it.
 */
#include "reject.bpf.h"

char LICENSE[] SEC("license") = "GPL";

FOR("Unreleased reference")
SBPF_OP(file_open, struct sbpf_sandbox *sandbox, struct file *file)
{
	struct sbpf_sandbox *s;

	s = bpf_sbpf_sandbox_acquire(bpf_get_current_task_btf());
	GOOD(if (s) bpf_sbpf_sandbox_release(s);)
	return 0;
}

SBPF_POLICY(file_open_ops) = {
	.file_open = (void *)file_open,
	.name = "faulty",
};
