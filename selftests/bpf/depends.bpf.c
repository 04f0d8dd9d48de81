// SPDX-License-Identifier: GPL-2.0-only
/*
 * depends - A policy whose limits depend on each other, on time, and on what was opened
 */
#include "vmlinux.h"
#include <sbpf/policy.bpf.h>

char LICENSE[] SEC("license") = "GPL";

#define EUSERS	87

/* In: more programs than these, and there are no sockets any more. */
__u64 execs;
/* Until when files may be created, by the clock since boot without suspension. */
__u64 until_ns;
/* Who has opened this file has no more children. */
__u64 secret_ino;

static bool opened;

SBPF_OP(file_open, struct sbpf_sandbox *sandbox, struct file *file)
{
	if (file->f_inode->i_ino == secret_ino)
		opened = true;
	return 0;
}

SBPF_OP(charge, struct sbpf_sandbox *sandbox, __u32 resource, __u64 amount, __u64 usage)
{
	bool over = false;

	if (resource == SBPF_RESOURCE_SOCKETS)
		over = bpf_sbpf_resource_usage(sandbox, SBPF_RESOURCE_EXECS) > execs;
	else if (resource == SBPF_RESOURCE_FILES_CREATED)
		over = bpf_ktime_get_ns() > until_ns;
	else if (resource == SBPF_RESOURCE_PIDS)
		over = opened;
	return over ? -EUSERS : 0;
}

SBPF_POLICY(policy) = {
	.file_open = (void *)file_open,
	.charge = (void *)charge,
	.name = "depends",
};
