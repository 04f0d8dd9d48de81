// SPDX-License-Identifier: GPL-2.0-only
/*
 * The shape of a policy: members that exist, with the types that they have, and
 * programs that end with a verdict.
 */
#include "reject.bpf.h"

char LICENSE[] SEC("license") = "GPL";

/* One more operation than the kernel has. */
struct sbpf_policy_ops___more {
	BAD(int (*file_admire)(struct sbpf_sandbox *sandbox, struct file *file);)
	GOOD(int (*file_open)(struct sbpf_sandbox *sandbox, struct file *file);)
	char name[SBPF_NAME_MAX];
};

REJECT_OPS(sbpf_policy_ops___more, "struct_ops/file_open", BAD(file_admire) GOOD(file_open),
	   unknown_member, "Cannot find member file_admire", struct sbpf_sandbox *sandbox,
	   struct file *file)
{
	return 0;
}

/* A name that is too long for the kernel's. */
struct sbpf_policy_ops___longer {
	int (*file_open)(struct sbpf_sandbox *sandbox, struct file *file);
	char name[BAD(2 *) SBPF_NAME_MAX];
};

REJECT_OPS(sbpf_policy_ops___longer, "struct_ops/file_open", file_open, long_name,
	   "member name", struct sbpf_sandbox *sandbox, struct file *file)
{
	return 0;
}

/* The verdict is what a program leaves in R0. */
REJECT(file_open, no_verdict, "R[0-9] !read_ok", struct file *file)
{
	int verdict;

	asm volatile(GOOD("%0 = 0") "" : "=r"(verdict));
	return verdict;
}

REJECT(file_open, endless, "infinite loop|back-edge", struct file *file)
{
	while (BAD(true) GOOD(false))
		barrier();
	return 0;
}
