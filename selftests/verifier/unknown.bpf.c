// SPDX-License-Identifier: GPL-2.0-only
/*
 * A kfunc that does not exist. In a file of its own, because the loader looks for
 * all kfuncs of a file, even if only one program is loaded.
 */
#include "reject.bpf.h"

char LICENSE[] SEC("license") = "GPL";

BAD(extern int bpf_sbpf_file_hide(struct file *file) __ksym;)

REJECT(file_open, unknown_kfunc, "'bpf_sbpf_file_hide': not found", struct file *file)
{
	return BAD(bpf_sbpf_file_hide(file)) GOOD(0);
}
