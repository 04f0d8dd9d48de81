// SPDX-License-Identifier: GPL-2.0-only
/*
 * fentry - A program of somebody else's on a function that sbpf hooks
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

SEC("fentry/security_file_open")
int BPF_PROG(opened, struct file *file)
{
	return 0;
}
