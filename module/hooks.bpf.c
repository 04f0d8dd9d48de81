// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - The LSM programs: each hands its arguments to the kfunc of dispatch.c
 * of the same name
 *
 * Programs of type LSM because only these and struct_ops programs run
 * unconditionally: the kernel skips tracing programs that are already running
 * on the same CPU (bpf_prog_check_recur() in include/linux/bpf_verifier.h).
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

long sbpf_hook_task_alloc(struct task_struct *task, u64 clone_flags) __ksym;
void sbpf_hook_task_free(struct task_struct *task) __ksym;
long sbpf_hook_bprm_check_security(struct linux_binprm *bprm) __ksym;
long sbpf_hook_file_open(struct file *file) __ksym;
long sbpf_hook_ptrace_access_check(struct task_struct *child, u32 mode) __ksym;
long sbpf_hook_ptrace_traceme(struct task_struct *parent) __ksym;
long sbpf_hook_task_kill(struct task_struct *target, int sig) __ksym;
long sbpf_hook_socket_connect(struct socket *sock, struct sockaddr *address,
			      int addrlen) __ksym;
long sbpf_hook_mmap_file(struct file *file, u64 reqprot, u64 prot, u64 flags) __ksym;
long sbpf_hook_file_mprotect(struct vm_area_struct *vma, u64 reqprot, u64 prot) __ksym;

/*
 * The verifier wants to see that an LSM program returns 0 or -errno; the
 * kfuncs return nothing else.
 */
static __always_inline long clamp(long verdict)
{
	if (verdict >= 0)
		return 0;
	if (verdict < -4095)
		return -1;
	return verdict;
}

/* The context is the array of the hook's arguments; @ctx[i] keeps their types. */
#define HOOK(name, args...)				\
	SEC("lsm/" #name) long h_##name(u64 *ctx)	\
	{						\
		return clamp(sbpf_hook_##name(args));	\
	}

HOOK(task_alloc, (void *)ctx[0], ctx[1])
HOOK(bprm_check_security, (void *)ctx[0])
HOOK(file_open, (void *)ctx[0])
HOOK(ptrace_access_check, (void *)ctx[0], ctx[1])
HOOK(ptrace_traceme, (void *)ctx[0])
HOOK(task_kill, (void *)ctx[0], ctx[2])
HOOK(socket_connect, (void *)ctx[0], (void *)ctx[1], ctx[2])
HOOK(mmap_file, (void *)ctx[0], ctx[1], ctx[2], ctx[3])
HOOK(file_mprotect, (void *)ctx[0], ctx[1], ctx[2])

SEC("lsm/task_free") long h_task_free(u64 *ctx)
{
	sbpf_hook_task_free((void *)ctx[0]);
	return 0;
}
