// SPDX-License-Identifier: GPL-2.0-only
/*
 * mem - Programs of somebody else's where sbpf watches /proc/PID/mem, and who gets
 * descriptors of programs
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

SEC("fentry/security_bpf_prog")
int BPF_PROG(opening, struct bpf_prog *prog)
{
	return 0;
}
