// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Kfuncs: what policies may call
 *
 * All may be called from every operation, those that may not sleep included; but those
 * that ask path rules by no program that may sleep, since they rely on RCU, and those
 * that wait for a lock by none of mem_write, which may be asked where that is held.
 * The verifier sees to it that pointers are trusted and not NULL, that memory
 * has the size given with it, and that what is acquired is released.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/cleanup.h>
#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "event.h"
#include "kfuncs.h"
#include "ledger.h"
#include "limits.h"
#include "member.h"
#include "memwrite.h"
#include "policy.h"
#include "sandbox.h"

__bpf_kfunc_start_defs();

/**
 * bpf_sbpf_sandbox_acquire - Innermost sandbox of a task
 * @task: any task
 *
 * Return: the sandbox, to be given to bpf_sbpf_sandbox_release(), or NULL if the
 * task is in none.
 */
__bpf_kfunc struct sbpf_sandbox *bpf_sbpf_sandbox_acquire(struct task_struct *task)
{
	struct sbpf_sandbox *sandbox;

	rcu_read_lock();
	sandbox = sbpf_member_sandbox(task);
	if (sandbox && !refcount_inc_not_zero(&sandbox->refs))
		sandbox = NULL;
	rcu_read_unlock();
	return sandbox;
}

/**
 * bpf_sbpf_sandbox_release - Give up an acquired sandbox
 * @sandbox: from bpf_sbpf_sandbox_acquire()
 */
__bpf_kfunc void bpf_sbpf_sandbox_release(struct sbpf_sandbox *sandbox)
{
	sbpf_sandbox_put(sandbox);
}

/**
 * bpf_sbpf_sandbox_contains - Is a task in a sandbox or in one nested in it?
 * @sandbox: sandbox
 * @task: task
 *
 * Return: whether it is.
 */
__bpf_kfunc bool bpf_sbpf_sandbox_contains(struct sbpf_sandbox *sandbox,
					   struct task_struct *task)
{
	bool contains;

	rcu_read_lock();
	contains = sbpf_sandbox_within(sbpf_member_sandbox(task), sandbox);
	rcu_read_unlock();
	return contains;
}

/**
 * bpf_sbpf_task_same - Are two tasks in the same innermost sandbox?
 * @a: task
 * @b: task
 *
 * Return: whether both are in one and it is the same; false if either is in none.
 */
__bpf_kfunc bool bpf_sbpf_task_same(struct task_struct *a, struct task_struct *b)
{
	struct sbpf_sandbox *sandbox;
	bool same;

	rcu_read_lock();
	sandbox = sbpf_member_sandbox(a);
	same = sandbox && sandbox == sbpf_member_sandbox(b);
	rcu_read_unlock();
	return same;
}

/**
 * bpf_sbpf_sandbox_kill - Kill all members of a sandbox and of those nested in it
 * @sandbox: sandbox
 *
 * Operations are denied from this moment; the tasks receive SIGKILL a little
 * later.
 */
__bpf_kfunc void bpf_sbpf_sandbox_kill(struct sbpf_sandbox *sandbox)
{
	sbpf_sandbox_kill(sandbox);
}

/**
 * bpf_sbpf_resource_usage - How much of a resource does a sandbox use?
 * @sandbox: sandbox
 * @resource: enum sbpf_resource
 *
 * CPU time and bytes are as of when they were last looked at, which is at least every
 * 50 milliseconds while there is a limit of them.
 *
 * Return: use now, what is nested in it included; SBPF_UNKNOWN if nobody measures it, and
 * for an unknown resource.
 */
__bpf_kfunc u64 bpf_sbpf_resource_usage(struct sbpf_sandbox *sandbox, u32 resource)
{
	if (resource >= SBPF_RESOURCE_MAX)
		return SBPF_UNKNOWN;
	return sbpf_limits_usage(sandbox, resource);
}

/**
 * bpf_sbpf_resource_limit - How much of a resource may a sandbox use?
 * @sandbox: sandbox
 * @resource: enum sbpf_resource
 *
 * Return: its own limit that is in force, not that of the sandboxes around it;
 * SBPF_UNLIMITED for none; 0 for an unknown resource.
 */
__bpf_kfunc u64 bpf_sbpf_resource_limit(struct sbpf_sandbox *sandbox, u32 resource)
{
	if (resource >= SBPF_RESOURCE_MAX)
		return 0;
	return READ_ONCE(sandbox->counters[resource].limit);
}

/**
 * bpf_sbpf_limit_tighten - Lower a limit of a sandbox
 * @sandbox: sandbox
 * @resource: enum sbpf_resource
 * @limit: the new limit, at least 1; use above it stays, but cannot grow. A higher one
 *	than that in force is ignored
 *
 * The action of the limit stays as its owner has set it, who may raise it again.
 *
 * SBPF_RESOURCE_MEMORY, CPU_SHARE and FILE_SIZE are kept by the kernel: a little later it has
 * been told, with the permission of who has set the limit, and the new limit is in force and
 * told, as by bpf_sbpf_resource_limit(); the lowest that was wanted until then. If the kernel
 * refuses, as when the control group has been removed, the limit stays and there is an event
 * (SBPF_EVENT_ERROR with SBPF_EVENT_LIMIT). A member that makes files anew, or sets
 * RLIMIT_FSIZE, is held to the new FILE_SIZE at once.
 *
 * Return: 0, -EINVAL (unknown resource, or it cannot have such a limit), or -EOPNOTSUPP:
 * there is no limit of this resource yet.
 */
__bpf_kfunc int bpf_sbpf_limit_tighten(struct sbpf_sandbox *sandbox, u32 resource,
				       u64 limit)
{
	return sbpf_limits_tighten(sandbox, resource, limit);
}

/**
 * bpf_sbpf_file_path - Path of a file, as the current task sees it
 * @file: file
 * @buf: receives the path, terminated
 * @buf__sz: length of @buf in bytes
 *
 * The path is for people and events. It depends on the root and the mounts of
 * the task, which a task may be able to change: base no verdict on it alone.
 *
 * Return: length of the path with its NUL, -ENAMETOOLONG if it does not fit, or
 * -ENOENT if the task has no root any more, or in an interrupt; then @buf is an empty string.
 */
__bpf_kfunc int bpf_sbpf_file_path(struct file *file, char *buf, u32 buf__sz)
{
	const u32 size = min_t(u32, buf__sz, INT_MAX);
	char *path = ERR_PTR(-ENOENT);
	size_t len;

	if (!size)
		return -ENAMETOOLONG;
	/* Who is interrupted may have rename_lock. */
	if (current->fs && in_task())
		path = d_path(&file->f_path, buf, size);
	if (IS_ERR(path)) {
		buf[0] = '\0';
		return PTR_ERR(path);
	}
	/* It ends where @buf does. Not by its NUL: others may write to a map's value. */
	len = buf + size - path;
	memmove(buf, path, len);
	return len;
}

/**
 * bpf_sbpf_note - Report an event of the policy's own
 * @sandbox: sandbox that the policy is asked about
 * @text: text, need not be terminated; at most SBPF_TEXT_MAX - 1 bytes are kept
 * @text__sz: length of @text in bytes
 * @number: anything
 *
 * Return: 0.
 */
__bpf_kfunc int bpf_sbpf_note(struct sbpf_sandbox *sandbox, const char *text,
			      u32 text__sz, u64 number)
{
	sbpf_event_note(sandbox, text, text__sz, number);
	return 0;
}

/**
 * bpf_sbpf_write_user - Write into the memory of the current task, a member
 * @sandbox: sandbox that the policy is asked about
 * @addr: address in that memory
 * @data: what to write; the verifier wants it to be writable itself
 * @data__sz: its length in bytes, at most SBPF_WRITE_USER_MAX
 *
 * There is no other way for a policy. Each call is in the ledger, by channel "bpf" as that
 * of any program, also while that is not watched otherwise. The policies around @sandbox
 * are asked about it (mem_write). What is not in memory is not written, since nobody sleeps.
 *
 * Return: 0; -EPERM if the current task is not in @sandbox, or not in the one that the
 * policy is asked about, or the mode of the channel is deny, or a policy around denies it or
 * cannot be asked, as when this is itself an answer to such a question; -E2BIG; or -EFAULT,
 * having written a part or nothing.
 */
__bpf_kfunc int bpf_sbpf_write_user(struct sbpf_sandbox *sandbox, u64 addr,
				    const void *data, u32 data__sz)
{
	/* Of the program, and where it goes on. */
	const unsigned long *frame = __builtin_frame_address(0);
	const struct sbpf_member *self;
	struct sbpf_write_record record;
	bool allow;

	if (data__sz > SBPF_WRITE_USER_MAX)
		return -E2BIG;
	guard(rcu)();
	self = sbpf_member_find(current);
	if (!in_task() || !current->mm || !self || self->spared ||
	    !sbpf_sandbox_within(sbpf_member_sandbox(current), sandbox))
		return -EPERM;
	sbpf_memwrite_describe(&record, addr, data__sz, frame[0], frame[1]);
	allow = sbpf_ledger_mode(SBPF_CHANNEL_BPF) != SBPF_WRITE_DENY &&
		!sbpf_dispatch_policy_write(sandbox, &record);
	sbpf_ledger_commit(&record, allow);
	if (!allow)
		return -EPERM;
	return copy_to_user_nofault((void __user *)addr, data, data__sz);
}

__bpf_kfunc_end_defs();

BTF_KFUNCS_START(policy_ids)
BTF_ID_FLAGS(func, bpf_sbpf_sandbox_acquire, KF_ACQUIRE | KF_RET_NULL | KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_sbpf_sandbox_release, KF_RELEASE)
BTF_ID_FLAGS(func, bpf_sbpf_sandbox_contains, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_sbpf_task_same, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_sbpf_sandbox_kill, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_sbpf_resource_usage, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_sbpf_resource_limit, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_sbpf_limit_tighten, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_sbpf_file_path, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_sbpf_path_access, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_sbpf_dentry_access, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_sbpf_open_access, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_sbpf_vma_access, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_sbpf_create_access, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_sbpf_remove_access, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_sbpf_link_access, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_sbpf_rename_access, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_sbpf_right, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_sbpf_capability, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_sbpf_dev_access, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_sbpf_socket_access, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_sbpf_connect_access, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_sbpf_bind_access, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_sbpf_listen_access, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_sbpf_send_access, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_sbpf_unix_access, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_sbpf_ipc_private, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_sbpf_note, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_sbpf_write_user, KF_TRUSTED_ARGS)
BTF_KFUNCS_END(policy_ids)

/*
 * Those that ask path rules: on the way to the root RCU keeps what it finds. That nothing
 * is renamed meanwhile rename_lock tells, which is waited for.
 */
BTF_SET_START(rules_ids)
BTF_ID(func, bpf_sbpf_path_access)
BTF_ID(func, bpf_sbpf_dentry_access)
BTF_ID(func, bpf_sbpf_open_access)
BTF_ID(func, bpf_sbpf_vma_access)
BTF_ID(func, bpf_sbpf_create_access)
BTF_ID(func, bpf_sbpf_remove_access)
BTF_ID(func, bpf_sbpf_link_access)
BTF_ID(func, bpf_sbpf_rename_access)
BTF_SET_END(rules_ids)

/* Others that wait for rename_lock, or need the lock of a socket. */
BTF_SET_START(locks_ids)
BTF_ID(func, bpf_sbpf_file_path)
BTF_ID(func, bpf_sbpf_unix_access)
BTF_SET_END(locks_ids)

BTF_ID_LIST_SINGLE(ops_id, struct, sbpf_policy_ops)

static bool listed(const struct btf_id_set *set, u32 id)
{
	u32 i;

	for (i = 0; i < set->cnt; i++)
		if (set->ids[i] == id)
			return true;
	return false;
}

/* May a struct_ops program call this? */
static int kfuncs_filter(const struct bpf_prog *prog, u32 kfunc_id)
{
	const bool mem_write = sbpf_policy_mem_write(prog);
	int err = sbpf_policy_kfunc_filter(prog);
	u32 id;

	if (err)
		return err;
	/*
	 * The kernel renumbers a module's types when it loads them, and tells the
	 * module nothing but this one: all are moved by as much.
	 */
	id = kfunc_id - (prog->aux->attach_btf_id - ops_id[0]);
	if ((prog->sleepable || mem_write) && listed(&rules_ids, id))
		return -EACCES;
	return mem_write && listed(&locks_ids, id) ? -EACCES : 0;
}

static const struct btf_kfunc_id_set policy_set = {
	.owner = THIS_MODULE,
	.set = &policy_ids,
	.filter = kfuncs_filter,
};

/**
 * sbpf_kfuncs_init - Make the kfuncs known to policies
 *
 * A module may register one set per type of program.
 *
 * Context: module init; there is no undoing it but the unloading of the module.
 *
 * Return: 0 or -errno.
 */
int __init sbpf_kfuncs_init(void)
{
	return register_btf_kfunc_id_set(BPF_PROG_TYPE_STRUCT_OPS, &policy_set);
}
