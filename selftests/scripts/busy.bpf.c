// SPDX-License-Identifier: GPL-2.0-only
/*
 * busy - A program of somebody else's on a function where sbpf would watch
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#ifndef FUNCTION
#define FUNCTION mem_write
#endif
#define SECTION(function) SEC("fentry/" #function)
#define FENTRY(function) SECTION(function)

char LICENSE[] SEC("license") = "GPL";

FENTRY(FUNCTION)
int busy(void *arguments)
{
	return 0;
}
