// SPDX-License-Identifier: GPL-2.0-only
/*
 * A policy to be swapped live: it forbids to open any file of the name
 * "forbidden", with the errno VERDICT. Built twice, with a different one each, a
 * success in between would be an operation that neither of them was asked about.
 */
#include "vmlinux.h"
#include <sbpf/policy.bpf.h>

char LICENSE[] SEC("license") = "GPL";

SBPF_OP(file_open, struct sbpf_sandbox *sandbox, struct file *file)
{
	char name[16] = "";

	bpf_probe_read_kernel_str(name, sizeof(name), file->f_path.dentry->d_name.name);
	return bpf_strncmp(name, sizeof("forbidden"), "forbidden") ? 0 : -VERDICT;
}

SBPF_POLICY(swap) = {
	.file_open = (void *)file_open,
	.flags = SBPF_POLICY_OPEN,
	.name = "swap",
};
