/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Policies: the struct_ops type, registration and live replacement
 */
#ifndef _SBPF_POLICY_H
#define _SBPF_POLICY_H

#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/types.h>

#include "uapi/sbpf.h"

struct bpf_link;
struct bpf_prog;
struct file;
struct linux_binprm;
struct sbpf_sandbox;
struct sockaddr;
struct socket;
struct task_struct;
struct vm_area_struct;

/**
 * struct sbpf_policy_ops - What a policy implements, written in BPF
 *
 * Every operation is optional; an operation left out is allowed by this
 * policy. Operations return 0 to allow or -errno (-1 to -4095) to deny; any
 * other value denies with -EPERM and is reported as the policy's error. All
 * pointers are trusted kernel objects that user space cannot change under the
 * policy, and valid only during the call.
 *
 * A task that acts is asked about in its innermost sandbox first, then in each
 * sandbox around it; the first denial ends it. Operations run under
 * rcu_read_lock() and may not sleep, except sandbox_init and sandbox_exit.
 * "current" (bpf_get_current_task_btf()) is the task that acts.
 */
struct sbpf_policy_ops {
	/**
	 * @sandbox_init: A sandbox is created under this policy, or moved to
	 * it. Called before any task can enter. May sleep.
	 *
	 * Return: 0, or -errno to refuse the sandbox (the errno that its
	 * creator gets).
	 */
	int (*sandbox_init)(struct sbpf_sandbox *sandbox);

	/**
	 * @sandbox_exit: A sandbox for which sandbox_init returned 0 is
	 * destroyed or moved to another policy. Not called when the policy was
	 * unregistered before. May sleep.
	 */
	void (*sandbox_exit)(struct sbpf_sandbox *sandbox);

	/**
	 * @task_alloc: The current task, a member, creates @task by fork, vfork or
	 * clone. @task is not running yet; @clone_flags are those of clone(2).
	 * The limit of processes has been checked before. If allowed, @task is
	 * a member of the same sandbox before its first instruction.
	 */
	int (*task_alloc)(struct sbpf_sandbox *sandbox, struct task_struct *task,
			  u64 clone_flags);

	/**
	 * @bprm_check_security: The current task executes the file
	 * @bprm->file. Called again for the interpreter of a script.
	 */
	int (*bprm_check_security)(struct sbpf_sandbox *sandbox,
				   struct linux_binprm *bprm);

	/**
	 * @file_open: The current task opens @file, by whatever system call;
	 * @file->f_mode and @file->f_flags say how. Not called for O_PATH. With
	 * O_CREAT the file has been created before, and stays when denied.
	 */
	int (*file_open)(struct sbpf_sandbox *sandbox, struct file *file);

	/**
	 * @ptrace_access_check: The current task wants to trace @child or to
	 * read or write what tracing would give, as through /proc/PID/mem,
	 * process_vm_writev(2) or pidfd_getfd(2). @mode has PTRACE_MODE_READ (1)
	 * or PTRACE_MODE_ATTACH (2).
	 */
	int (*ptrace_access_check)(struct sbpf_sandbox *sandbox,
				   struct task_struct *child, u32 mode);

	/**
	 * @ptrace_traceme: The current task asks to be traced by @parent. Asked
	 * of the sandboxes of the current task and, where they differ, of those
	 * of @parent, who gains the power over it.
	 */
	int (*ptrace_traceme)(struct sbpf_sandbox *sandbox,
			      struct task_struct *parent);

	/**
	 * @task_kill: The current task sends signal @sig to @target; 0 probes
	 * whether it could. Asked for each target of a group or broadcast
	 * signal, also when a task signals itself.
	 */
	int (*task_kill)(struct sbpf_sandbox *sandbox, struct task_struct *target,
			 int sig);

	/**
	 * @socket_connect: The current task connects @sock to @address, which
	 * has @addrlen bytes in kernel memory; more than sizeof(*@address)
	 * is read with bpf_probe_read_kernel().
	 */
	int (*socket_connect)(struct sbpf_sandbox *sandbox, struct socket *sock,
			      struct sockaddr *address, int addrlen);

	/**
	 * @mmap_file: The current task maps memory: @file, or anonymous memory
	 * when @file is NULL. @reqprot is what it asked for, @prot what the
	 * kernel will apply (PROT_*), @flags are those of mmap(2).
	 */
	int (*mmap_file)(struct sbpf_sandbox *sandbox, struct file *file,
			 unsigned long reqprot, unsigned long prot,
			 unsigned long flags);

	/**
	 * @file_mprotect: The current task changes the protection of @vma
	 * (mprotect, pkey_mprotect). @reqprot and @prot as for @mmap_file.
	 */
	int (*file_mprotect)(struct sbpf_sandbox *sandbox,
			     struct vm_area_struct *vma, unsigned long reqprot,
			     unsigned long prot);

	/** @flags: enum sbpf_policy_flags; an unknown flag is refused. */
	u64 flags;

	/**
	 * @name: 1 to 31 characters of A-Z a-z 0-9 . _ - ; unique among the
	 * registered policies. A replacement must have the same name.
	 */
	char name[SBPF_NAME_MAX];
};

/**
 * struct sbpf_policy_version - One version of a policy's operations
 * @ops: operations, in the map of the struct_ops core, which keeps them until an
 *	RCU and an RCU-tasks grace period after unregistration or replacement
 * @generation: 1 for the version registered, one more at each replacement
 * @rcu: frees this after the last reader
 */
struct sbpf_policy_version {
	const struct sbpf_policy_ops *ops;
	u64 generation;
	struct rcu_head rcu;
};

/**
 * struct sbpf_policy - A policy, from registration until it is unregistered and
 * its last sandbox is gone
 */
struct sbpf_policy {
	/**
	 * @version: What to ask now. NULL once unregistered. Written under
	 * the policy lock, read under RCU or the SRCU of this file.
	 */
	struct sbpf_policy_version __rcu *version;
	/** @list: In the list of registered policies, under the policy lock. */
	struct list_head list;
	/** @link: The struct_ops link it is registered by; identity only. */
	const struct bpf_link *link;
	/** @generation: Of the newest version, under the policy lock. */
	u64 generation;
	/** @hooks: Hooks that it holds attached, under the policy lock. */
	u64 hooks;
	/** @sandboxes: Number of sandboxes under it, under the policy lock. */
	u32 sandboxes;
	/** @name: Constant. */
	char name[SBPF_NAME_MAX];
	/** @rcu: Frees this after the last reader. */
	struct rcu_head rcu;
};

extern struct sbpf_policy sbpf_policy_none;

bool sbpf_name_valid(const char *name);
struct sbpf_policy *sbpf_policy_get(const char *name);
void sbpf_policy_put(struct sbpf_policy *policy);
int sbpf_policy_sandbox_init(struct sbpf_policy *policy,
			     struct sbpf_sandbox *sandbox);
void sbpf_policy_sandbox_exit(struct sbpf_policy *policy,
			      struct sbpf_sandbox *sandbox);
int sbpf_policy_info(struct sbpf_policy_info *info);
u32 sbpf_policy_count(void);
int sbpf_policy_kfunc_filter(const struct bpf_prog *prog, u32 kfunc_id);
int __init sbpf_policy_init(void);

#endif /* _SBPF_POLICY_H */
