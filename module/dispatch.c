// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Dispatch: the one path that every hook takes
 *
 * The trampolines come here: find the sandbox of the task that acts, ask the
 * policy of each layer, inside out, count, and report a denial. All under RCU,
 * which keeps sandboxes, policies and, by the struct_ops core, their operations.
 */
#include <linux/array_size.h>
#include <linux/binfmts.h>
#include <linux/build_bug.h>
#include <linux/cleanup.h>
#include <linux/fs.h>
#include <linux/mm_types.h>
#include <linux/mman.h>
#include <linux/mount.h>
#include <linux/percpu.h>
#include <linux/personality.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "dispatch.h"
#include "event.h"
#include "hooks.h"
#include "limits.h"
#include "member.h"
#include "policy.h"
#include "sandbox.h"
#include "trampoline.h"

/*
 * A layer does not allow: its policy said so, or there is none (@version NULL).
 * Returns what the layer makes of it: -errno, or 0 in complain mode.
 */
static noinline int refuse(struct sbpf_sandbox *layer,
			   const struct sbpf_policy_version *version,
			   enum sbpf_op op, int verdict,
			   const struct sbpf_object *object)
{
	u32 flags = 0;

	if (!version) {
		verdict = -EPERM;
		flags = SBPF_EVENT_ORPHANED;
	} else {
		if (verdict > 0 || verdict < -MAX_ERRNO) {
			sbpf_event_error(layer, version, op, verdict);
			verdict = -EPERM;
		}
		if (READ_ONCE(layer->complain))
			flags = SBPF_EVENT_COMPLAIN;
	}
	this_cpu_inc(layer->stats->denied[op]);
	sbpf_event_denied(layer, version, op, verdict, flags, object);
	return flags & SBPF_EVENT_COMPLAIN ? 0 : verdict;
}

/*
 * Asks the policies of @sandbox and of those around it up to, not including,
 * @end. A macro because each operation has arguments of its own. The object is
 * made only when it is reported.
 */
#define ask(sandbox, end, OP, op, object, args...) ({			\
	const struct sbpf_policy_version *version__;			\
	struct sbpf_sandbox *layer__;					\
	int verdict__ = 0;						\
									\
	for (layer__ = (sandbox); layer__ != (end);			\
	     layer__ = layer__->parent) {				\
		version__ = rcu_dereference(				\
			rcu_dereference(layer__->asked)->version);	\
		if (likely(version__)) {				\
			if (!version__->ops->op)			\
				continue;				\
			this_cpu_inc(layer__->stats->asked[OP]);	\
			verdict__ = version__->ops->op(layer__, args);	\
			if (likely(!verdict__))				\
				continue;				\
		}							\
		verdict__ = refuse(layer__, version__, OP, verdict__,	\
				   &(struct sbpf_object){ object });	\
		if (verdict__)						\
			break;						\
	}								\
	verdict__;							\
})

/* For an object of several members. */
#define OBJECT(members...) members

/*
 * One function per hook, of the same name: what to ask about the arguments of the
 * kernel's security function. @sandbox is that of the current task; it is NULL in
 * hooks among SBPF_HOOKS_ANY only. All return 0 or -errno.
 */

/* Or 1 if a member is being created: see sbpf_dispatch_task_alloc(). */
static int hook_task_alloc(struct sbpf_sandbox *sandbox, const unsigned long *args)
{
	struct task_struct *task = (struct task_struct *)args[0];
	struct sbpf_object object = { .number = args[1] };
	struct sbpf_sandbox *full;
	int err;

	if (likely(!sandbox)) {
		sbpf_hooks_seen();
		return 0;
	}
	full = sbpf_limits_charge(sandbox, NULL, SBPF_RESOURCE_PIDS, 1);
	if (full)
		goto full;
	full = sbpf_limits_charge(sandbox, NULL, SBPF_COUNTER_TASKS, 1);
	if (full) {
		sbpf_limits_uncharge(sandbox, NULL, SBPF_RESOURCE_PIDS, 1);
		goto full;
	}
	err = ask(sandbox, NULL, SBPF_OP_TASK_ALLOC, task_alloc,
		  OBJECT(.number = args[1]), task, args[1]);
	if (!err)
		err = sbpf_member_add(task, sandbox);
	if (!err)
		return 1;
	sbpf_limits_uncharge(sandbox, NULL, SBPF_COUNTER_TASKS, 1);
	sbpf_limits_uncharge(sandbox, NULL, SBPF_RESOURCE_PIDS, 1);
	return err;

full:
	this_cpu_inc(full->stats->denied[SBPF_OP_TASK_ALLOC]);
	sbpf_event_denied(full, NULL, SBPF_OP_TASK_ALLOC, -EAGAIN,
			  SBPF_EVENT_LIMIT, &object);
	return -EAGAIN;
}

static int hook_bprm_check_security(struct sbpf_sandbox *sandbox,
				    const unsigned long *args)
{
	struct linux_binprm *bprm = (struct linux_binprm *)args[0];

	return ask(sandbox, NULL, SBPF_OP_BPRM_CHECK_SECURITY, bprm_check_security,
		   OBJECT(.file = bprm->file), bprm);
}

/* The most frequent of all: nothing on its stack can be written beyond. */
static __no_stack_protector int hook_file_open(struct sbpf_sandbox *sandbox,
					       const unsigned long *args)
{
	struct file *file = (struct file *)args[0];

	return ask(sandbox, NULL, SBPF_OP_FILE_OPEN, file_open,
		   OBJECT(.file = file, .number = file->f_flags), file);
}

static int hook_ptrace_access_check(struct sbpf_sandbox *sandbox,
				    const unsigned long *args)
{
	struct task_struct *child = (struct task_struct *)args[0];
	unsigned int mode = args[1];

	return ask(sandbox, NULL, SBPF_OP_PTRACE_ACCESS_CHECK, ptrace_access_check,
		   OBJECT(.task = child, .number = mode), child, mode);
}

static int hook_ptrace_traceme(struct sbpf_sandbox *sandbox,
			       const unsigned long *args)
{
	struct task_struct *parent = (struct task_struct *)args[0];
	struct sbpf_sandbox *tracer = sbpf_member_sandbox(parent);
	int err;

	err = ask(sandbox, NULL, SBPF_OP_PTRACE_TRACEME, ptrace_traceme,
		  OBJECT(.task = parent), parent);
	if (err || !tracer)
		return err;
	/* Layers of the tracer that the tracee is not in have a say too. */
	while (sandbox && !sbpf_sandbox_within(tracer, sandbox))
		sandbox = sandbox->parent;
	return ask(tracer, sandbox, SBPF_OP_PTRACE_TRACEME, ptrace_traceme,
		   OBJECT(.task = parent), parent);
}

static int hook_task_kill(struct sbpf_sandbox *sandbox, const unsigned long *args)
{
	struct task_struct *target = (struct task_struct *)args[0];
	int sig = args[2];

	/* A USB completion signals in an interrupt, on behalf of somebody else. */
	if (!in_task())
		return 0;
	return ask(sandbox, NULL, SBPF_OP_TASK_KILL, task_kill,
		   OBJECT(.task = target, .number = sig), target, sig);
}

static int hook_socket_connect(struct sbpf_sandbox *sandbox,
			       const unsigned long *args)
{
	struct socket *sock = (struct socket *)args[0];
	struct sockaddr *address = (struct sockaddr *)args[1];
	int addrlen = args[2];

	return ask(sandbox, NULL, SBPF_OP_SOCKET_CONNECT, socket_connect,
		   OBJECT(.address = address, .address_len = addrlen),
		   sock, address, addrlen);
}

/* What the kernel will apply: mmap_prot() in security/security.c. */
static unsigned long mmap_prot(const struct file *file, unsigned long prot)
{
	if ((prot & (PROT_READ | PROT_EXEC)) != PROT_READ ||
	    !(current->personality & READ_IMPLIES_EXEC))
		return prot;
	/* path_noexec() is not for modules. */
	if (file && ((file->f_path.mnt->mnt_flags & MNT_NOEXEC) ||
		     (file->f_path.mnt->mnt_sb->s_iflags & SB_I_NOEXEC)))
		return prot;
	return prot | PROT_EXEC;
}

static int hook_mmap_file(struct sbpf_sandbox *sandbox, const unsigned long *args)
{
	struct file *file = (struct file *)args[0];
	unsigned long prot = mmap_prot(file, args[1]);

	return ask(sandbox, NULL, SBPF_OP_MMAP_FILE, mmap_file,
		   OBJECT(.file = file, .number = prot),
		   file, args[1], prot, args[2]);
}

static int hook_file_mprotect(struct sbpf_sandbox *sandbox,
			      const unsigned long *args)
{
	struct vm_area_struct *vma = (struct vm_area_struct *)args[0];

	return ask(sandbox, NULL, SBPF_OP_FILE_MPROTECT, file_mprotect,
		   OBJECT(.file = vma->vm_file, .number = args[2],
			  .addr = vma->vm_start, .len = vma->vm_end - vma->vm_start),
		   vma, args[1], args[2]);
}

/* The task is about to be freed. */
static int hook_task_free(struct sbpf_sandbox *sandbox, const unsigned long *args)
{
	sbpf_member_remove((struct task_struct *)args[0]);
	return 0;
}

/**
 * sbpf_dispatch - A hook has fired
 * @args: the six registers that may hold arguments of the hooked function
 * @body: where that function goes on
 *
 * Context: trampoline, that is: any that the function is called in. Whoever is not
 * a member must not sleep in here, since nothing keeps the module for it.
 *
 * Return: 0 to go on, -errno to return that instead; 1 to let
 * sbpf_dispatch_task_alloc() do the rest.
 */
int sbpf_dispatch(const unsigned long *args, unsigned long body)
{
#define HOOK(name) hook_##name,
	static int (* const table[])(struct sbpf_sandbox *, const unsigned long *) = {
		SBPF_OPS(HOOK)
		hook_task_free,
	};
#undef HOOK
	unsigned int hook = sbpf_hook_find(body);
	struct sbpf_sandbox *sandbox;

	static_assert(ARRAY_SIZE(table) == SBPF_HOOK_MAX);
	if (WARN_ON_ONCE(hook == SBPF_HOOK_MAX))
		return -EPERM;
	guard(rcu)();
	sandbox = sbpf_member_sandbox(current);
	/* The bucket may be that of another task. */
	if (!sandbox && !(SBPF_HOOKS_ANY & BIT_ULL(hook)))
		return 0;
	return table[hook](sandbox, args);
}

/**
 * sbpf_dispatch_task_alloc - Do the rest of security_task_alloc() for a member
 * @task: the new task, a member
 * @clone_flags: flags of clone(2)
 * @body: where security_task_alloc() goes on
 *
 * When that fails nobody may call security_task_free(), as it does itself when
 * the failure is another LSM's.
 *
 * Context: trampoline, of a member, which keeps the module; may sleep.
 *
 * Return: 0 or -errno, to the caller of security_task_alloc().
 */
int sbpf_dispatch_task_alloc(struct task_struct *task, u64 clone_flags,
			     unsigned long body)
{
	int err = sbpf_trampoline_body(task, clone_flags, body);

	if (err)
		sbpf_member_remove(task);
	return err;
}
