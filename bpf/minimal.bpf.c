// SPDX-License-Identifier: GPL-2.0-only
/*
 * minimal - The smallest useful policy: root's files cannot be opened for writing
 *
 * Build, register, use:
 *	bpftool btf dump file /sys/kernel/btf/vmlinux format c > vmlinux.h
 *	clang -g -O2 -mcpu=v3 -target bpf -I. -c minimal.bpf.c
 *	sbpf policy load minimal.bpf.o
 *	sbpf run --policy minimal -- sh -c 'echo hello >> /etc/motd'
 */
#include "vmlinux.h"
#include <sbpf/policy.bpf.h>

char LICENSE[] SEC("license") = "GPL";

SBPF_OP(file_open, struct sbpf_sandbox *sandbox, struct file *file)
{
	struct inode *inode = file->f_inode;

	if (!(file->f_mode & FMODE_WRITE))
		return 0;
	if (sbpf_is_regular(inode) && inode->i_uid.val == 0)
		return -EACCES;
	return 0;
}

SBPF_POLICY(minimal) = {
	.file_open = (void *)file_open,
	.flags = SBPF_POLICY_OPEN,
	.name = "minimal",
};
