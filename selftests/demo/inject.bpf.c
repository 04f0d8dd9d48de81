// SPDX-License-Identifier: GPL-2.0-only
/*
 * What sbpf watches for: a BPF program that changes the memory of a process. It
 * overwrites the first four bytes of whatever a process of the name "victim" is
 * about to write.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

SEC("tp/syscalls/sys_enter_write")
int inject(struct trace_event_raw_sys_enter *ctx)
{
	char comm[16];

	bpf_get_current_comm(comm, sizeof(comm));
	if (!bpf_strncmp(comm, sizeof("victim"), "victim") && ctx->args[2] >= 4)
		bpf_probe_write_user((void *)ctx->args[1], "EVIL", 4);
	return 0;
}
