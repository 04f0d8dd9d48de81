// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the kernel lets any struct_ops program call, but the module no policy. In a file
 * of its own, because a kernel may not have it.
 */
#include "reject.bpf.h"

char LICENSE[] SEC("license") = "GPL";

BAD(extern void crash_kexec(struct pt_regs *regs) __ksym;)

REJECT(file_open, ends_the_kernel,
       "attach to unsupported member file_open|'crash_kexec': not found", struct file *file)
{
	BAD(crash_kexec(NULL);)
	return 0;
}
