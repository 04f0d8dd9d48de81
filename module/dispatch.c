// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Dispatch: the one path that every hook takes
 *
 * Each LSM program of hooks.bpf.c calls the kfunc of the same name: find the
 * sandbox of the task that acts, ask the policy of each layer, inside out, count,
 * and report a denial. The programs run under rcu_read_lock(), which keeps
 * sandboxes, policies and, by the struct_ops core, their operations. A task
 * outside of sandboxes pays for the programs and one look into the table.
 */
#include <linux/binfmts.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/mm_types.h>
#include <linux/percpu.h>
#include <linux/sched.h>

#include "compat.h"
#include "dispatch.h"
#include "event.h"
#include "hooks.h"
#include "limits.h"
#include "member.h"
#include "policy.h"
#include "sandbox.h"

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

__bpf_kfunc_start_defs();

__bpf_kfunc long sbpf_hook_task_alloc(struct task_struct *task, u64 clone_flags)
{
	struct sbpf_sandbox *sandbox = sbpf_member_sandbox(current), *full;
	struct sbpf_object object = { .number = clone_flags };
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
		  OBJECT(.number = clone_flags), task, clone_flags);
	if (!err)
		err = sbpf_member_add(task, sandbox);
	if (err) {
		sbpf_limits_uncharge(sandbox, NULL, SBPF_COUNTER_TASKS, 1);
		sbpf_limits_uncharge(sandbox, NULL, SBPF_RESOURCE_PIDS, 1);
	}
	return err;

full:
	this_cpu_inc(full->stats->denied[SBPF_OP_TASK_ALLOC]);
	sbpf_event_denied(full, NULL, SBPF_OP_TASK_ALLOC, -EAGAIN,
			  SBPF_EVENT_LIMIT, &object);
	return -EAGAIN;
}

/*
 * The verifier does not trust the pointer that this hook hands out, and need
 * not: the function compares it only (suffix __ign: taken as it is).
 */
__bpf_kfunc void sbpf_hook_task_free(struct task_struct *task__ign)
{
	sbpf_member_remove(task__ign);
}

__bpf_kfunc long sbpf_hook_bprm_check_security(struct linux_binprm *bprm)
{
	struct sbpf_sandbox *sandbox = sbpf_member_sandbox(current);

	if (likely(!sandbox))
		return 0;
	return ask(sandbox, NULL, SBPF_OP_BPRM_CHECK_SECURITY, bprm_check_security,
		   OBJECT(.file = bprm->file), bprm);
}

__bpf_kfunc long sbpf_hook_file_open(struct file *file)
{
	struct sbpf_sandbox *sandbox = sbpf_member_sandbox(current);

	if (likely(!sandbox))
		return 0;
	return ask(sandbox, NULL, SBPF_OP_FILE_OPEN, file_open,
		   OBJECT(.file = file, .number = file->f_flags), file);
}

__bpf_kfunc long sbpf_hook_ptrace_access_check(struct task_struct *child, u32 mode)
{
	struct sbpf_sandbox *sandbox = sbpf_member_sandbox(current);

	if (likely(!sandbox))
		return 0;
	return ask(sandbox, NULL, SBPF_OP_PTRACE_ACCESS_CHECK, ptrace_access_check,
		   OBJECT(.task = child, .number = mode), child, mode);
}

__bpf_kfunc long sbpf_hook_ptrace_traceme(struct task_struct *parent)
{
	struct sbpf_sandbox *sandbox = sbpf_member_sandbox(current);
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

__bpf_kfunc long sbpf_hook_task_kill(struct task_struct *target, int sig)
{
	struct sbpf_sandbox *sandbox = sbpf_member_sandbox(current);

	/* A USB completion signals in an interrupt, on behalf of somebody else. */
	if (likely(!sandbox) || !in_task())
		return 0;
	return ask(sandbox, NULL, SBPF_OP_TASK_KILL, task_kill,
		   OBJECT(.task = target, .number = sig), target, sig);
}

__bpf_kfunc long sbpf_hook_socket_connect(struct socket *sock,
					  struct sockaddr *address, int addrlen)
{
	struct sbpf_sandbox *sandbox = sbpf_member_sandbox(current);

	if (likely(!sandbox))
		return 0;
	return ask(sandbox, NULL, SBPF_OP_SOCKET_CONNECT, socket_connect,
		   OBJECT(.address = address, .address_len = addrlen),
		   sock, address, addrlen);
}

/* NULL for anonymous memory, which 7.3's verifier knows and 6.12's does not. */
__bpf_kfunc long sbpf_hook_mmap_file(struct file *file__ign,
				     unsigned long reqprot, unsigned long prot,
				     unsigned long flags)
{
	struct sbpf_sandbox *sandbox = sbpf_member_sandbox(current);

	if (likely(!sandbox))
		return 0;
	return ask(sandbox, NULL, SBPF_OP_MMAP_FILE, mmap_file,
		   OBJECT(.file = file__ign, .number = prot),
		   file__ign, reqprot, prot, flags);
}

__bpf_kfunc long sbpf_hook_file_mprotect(struct vm_area_struct *vma,
					 unsigned long reqprot, unsigned long prot)
{
	struct sbpf_sandbox *sandbox = sbpf_member_sandbox(current);

	if (likely(!sandbox))
		return 0;
	return ask(sandbox, NULL, SBPF_OP_FILE_MPROTECT, file_mprotect,
		   OBJECT(.file = vma->vm_file, .number = prot,
			  .addr = vma->vm_start, .len = vma->vm_end - vma->vm_start),
		   vma, reqprot, prot);
}

__bpf_kfunc_end_defs();

BTF_KFUNCS_START(hook_ids)
BTF_ID_FLAGS(func, sbpf_hook_task_alloc)
BTF_ID_FLAGS(func, sbpf_hook_task_free)
BTF_ID_FLAGS(func, sbpf_hook_bprm_check_security)
BTF_ID_FLAGS(func, sbpf_hook_file_open)
BTF_ID_FLAGS(func, sbpf_hook_ptrace_access_check)
BTF_ID_FLAGS(func, sbpf_hook_ptrace_traceme)
BTF_ID_FLAGS(func, sbpf_hook_task_kill)
BTF_ID_FLAGS(func, sbpf_hook_socket_connect)
BTF_ID_FLAGS(func, sbpf_hook_mmap_file)
BTF_ID_FLAGS(func, sbpf_hook_file_mprotect)
BTF_KFUNCS_END(hook_ids)

/* Other LSM programs must not ask policies questions of their own. */
static int hook_filter(const struct bpf_prog *prog, u32 kfunc_id)
{
	return sbpf_hooks_loading() ? 0 : -EACCES;
}

static const struct btf_kfunc_id_set hook_set = {
	.owner = THIS_MODULE,
	.set = &hook_ids,
	.filter = hook_filter,
};

/**
 * sbpf_dispatch_init - Make the kfuncs known to the LSM programs
 *
 * Context: module init; there is no undoing it but the unloading of the module.
 *
 * Return: 0 or -errno.
 */
int __init sbpf_dispatch_init(void)
{
	return register_btf_kfunc_id_set(BPF_PROG_TYPE_LSM, &hook_set);
}
