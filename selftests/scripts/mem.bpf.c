// SPDX-License-Identifier: GPL-2.0-only
/*
 * mem - A program of somebody else's where sbpf watches /proc/PID/mem
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

SEC("fentry/mem_write")
int BPF_PROG(writing, struct file *file)
{
	return 0;
}
