/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - What the author of a policy includes, after vmlinux.h
 *
 * A policy is one struct sbpf_policy_ops in the section ".struct_ops.link"
 * and a program per operation that it wants to decide:
 *
 *	SBPF_OP(file_open, struct sbpf_sandbox *sandbox, struct file *file)
 *	{
 *		return 0;		// or -EACCES
 *	}
 *	SBPF_POLICY(mine) = { .file_open = (void *)file_open, .name = "mine" };
 *
 * Documentation/policy.rst describes every operation and kfunc.
 */
#ifndef _SBPF_POLICY_BPF_H
#define _SBPF_POLICY_BPF_H

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define SBPF_NAME_MAX		32
#define SBPF_TEXT_MAX		256

#define SBPF_POLICY_OPEN	(1ULL << 0)
#define SBPF_RESOURCE_PIDS	0

#define EPERM		1
#define ENOENT		2
#define EACCES		13
#define EAGAIN		11

#define AF_UNIX		1
#define AF_INET		2
#define AF_INET6	10
#define PROT_READ	0x1
#define PROT_WRITE	0x2
#define PROT_EXEC	0x4
#define VM_EXEC		0x4
#define VM_SHARED	0x8
#define VM_MAYWRITE	0x20
#define FMODE_READ	0x1
#define FMODE_WRITE	0x2

/*
 * The part of a sandbox that policies may read. The names match the module's,
 * offsets are relocated when the policy is loaded.
 */
struct sbpf_sandbox {
	__u64 id;
	__u32 layer;
	char name[SBPF_NAME_MAX];
} __attribute__((preserve_access_index));

/* Operations and data of a policy; libbpf matches the members by name. */
struct sbpf_policy_ops {
	int (*sandbox_init)(struct sbpf_sandbox *sandbox);
	void (*sandbox_exit)(struct sbpf_sandbox *sandbox);
	int (*task_alloc)(struct sbpf_sandbox *sandbox, struct task_struct *task,
			  __u64 clone_flags);
	int (*bprm_check_security)(struct sbpf_sandbox *sandbox,
				   struct linux_binprm *bprm);
	int (*file_open)(struct sbpf_sandbox *sandbox, struct file *file);
	int (*ptrace_access_check)(struct sbpf_sandbox *sandbox,
				   struct task_struct *child, __u32 mode);
	int (*ptrace_traceme)(struct sbpf_sandbox *sandbox,
			      struct task_struct *parent);
	int (*task_kill)(struct sbpf_sandbox *sandbox, struct task_struct *target,
			 int sig);
	int (*socket_connect)(struct sbpf_sandbox *sandbox, struct socket *sock,
			      struct sockaddr *address, int addrlen);
	int (*mmap_file)(struct sbpf_sandbox *sandbox, struct file *file,
			 __u64 reqprot, __u64 prot, __u64 flags);
	int (*file_mprotect)(struct sbpf_sandbox *sandbox,
			     struct vm_area_struct *vma, __u64 reqprot,
			     __u64 prot);
	__u64 flags;
	char name[SBPF_NAME_MAX];
};

extern struct sbpf_sandbox *bpf_sbpf_sandbox_acquire(struct task_struct *task) __ksym;
extern void bpf_sbpf_sandbox_release(struct sbpf_sandbox *sandbox) __ksym;
extern bool bpf_sbpf_sandbox_contains(struct sbpf_sandbox *sandbox,
				      struct task_struct *task) __ksym;
extern bool bpf_sbpf_task_same(struct task_struct *a, struct task_struct *b) __ksym;
extern void bpf_sbpf_sandbox_kill(struct sbpf_sandbox *sandbox) __ksym;
extern __u64 bpf_sbpf_resource_usage(struct sbpf_sandbox *sandbox, __u32 resource) __ksym;
extern __u64 bpf_sbpf_resource_limit(struct sbpf_sandbox *sandbox, __u32 resource) __ksym;
extern int bpf_sbpf_file_path(struct file *file, char *buf, __u32 buf__sz) __ksym;
extern int bpf_sbpf_note(struct sbpf_sandbox *sandbox, const char *text,
			 __u32 text__sz, __u64 number) __ksym;

/* A program for operation @op; add sleepable ones with SBPF_OP_SLEEPABLE. */
#define SBPF_OP(op, args...) \
	SEC("struct_ops/" #op) int BPF_PROG(op, ##args)
#define SBPF_OP_SLEEPABLE(op, args...) \
	SEC("struct_ops.s/" #op) int BPF_PROG(op, ##args)

/* Notes a string constant; the verifier wants what kfuncs read to be writable. */
#define sbpf_note(sandbox, literal, number) ({				\
	char text__[] = literal;					\
	bpf_sbpf_note(sandbox, text__, sizeof(text__), number);		\
})

#define SBPF_POLICY(var) \
	SEC(".struct_ops.link") struct sbpf_policy_ops var

#include "match.bpf.h"
#include "rules.bpf.h"

#endif /* _SBPF_POLICY_BPF_H */
