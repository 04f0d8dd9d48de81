// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Hooks: puts the trampolines in front of the kernel's security functions
 * while somebody needs them
 *
 * A module cannot register LSM hooks, and a BPF program on one costs every task
 * in the system almost 200 instructions each time. But each hook is called from
 * one function, security_*(), and ftrace can put a call of ours in the place of
 * its first nop. Alone there it has no guard against recursion, unlike tracing
 * programs; beside other tracers it has one per task, which only a tracer that
 * itself did what is hooked would trip. All of this is called under the policy
 * lock.
 */
#include <linux/ftrace.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/stringify.h>
#include <linux/tracepoint.h>

#include "compat.h"
#include "dispatch.h"
#include "hooks.h"
#include "limits.h"
#include "member.h"
#include "symbols.h"
#include "tags.h"
#include "trampoline.h"

/**
 * struct sbpf_batch - Hooks that are registered with ftrace together, until nobody
 * uses any of them
 * @list: in the list of batches
 * @ops: ftrace's, whose filter are the functions of @mask that are not @parked
 * @trampoline: what these call first
 * @mask: which hooks
 * @parked: those of @mask that are not attached, since nobody uses them; never all
 *
 * Because ftrace waits for every task to be out of its trampolines, a tenth of a
 * second and more, each time that it unregisters something. To change a filter it
 * waits for nobody; but it remembers for whom a function is until what it was
 * registered with is unregistered, so that nobody else can have a parked one.
 */
struct sbpf_batch {
	struct list_head list;
	struct ftrace_ops ops;
	unsigned long trampoline;
	u128 mask;
	u128 parked;
};

static LIST_HEAD(batches);

/* Those whose functions are called otherwise. */
#define security_bprm_check_security security_bprm_check
#define security_userns_create security_create_user_ns
#define security_settime security_settime64

#define FUNCTION(name, NAME) [SBPF_OP_##NAME] = __stringify(security_##name),
#define MORE(name, NAME, OP) [SBPF_HOOK_##NAME] = __stringify(security_##name),
static const char * const functions[SBPF_HOOK_MAX] = {
	SBPF_HOOK_OPS(FUNCTION)
	SBPF_HOOKS_MORE(MORE)
	[SBPF_HOOK_TASK_FREE] = "security_task_free",
	[SBPF_HOOK_SOCKET_POST_CREATE] = "security_socket_post_create",
	[SBPF_HOOK_SK_FREE] = "security_sk_free",
	/* No security function is asked about this one, by whatever descriptor it is done. */
	[SBPF_HOOK_CGROUP_WRITE] = "cgroup_file_write",
	[SBPF_HOOK_FILE_ALLOC] = "security_file_alloc",
	[SBPF_HOOK_FILE_FREE] = "security_file_free",
	[SBPF_HOOK_FILE_PERMISSION] = "security_file_permission",
};
#undef MORE
#undef FUNCTION

/* A kernel that has not these has not what they are about: file_setattr(2) is new. */
#define OPTIONAL	(SBPF_HOOK_BIT(SBPF_HOOK_URING_CMD) | \
			 SBPF_HOOK_BIT(SBPF_HOOK_INODE_FILE_SETATTR) | \
			 (IS_ENABLED(CONFIG_MEMCG) ? 0 : SBPF_HOOK_BIT(SBPF_HOOK_CGROUP_WRITE)))

/* Those that this kernel has. */
static u128 present __ro_after_init;

const char *sbpf_hooks_core_pattern __ro_after_init;

/* Where ftrace writes into each. */
static unsigned long entries[SBPF_HOOK_MAX] __ro_after_init;

struct sbpf_hook_slot sbpf_hook_slots[256] __ro_after_init;

/* How many policies need each. */
static unsigned int users[SBPF_HOOK_MAX];

static void probe_exit(SBPF_PROBE_EXIT_ARGS)
{
	sbpf_member_exited(task);
}

static void probe_newtask(SBPF_PROBE_NEWTASK_ARGS)
{
	sbpf_member_created(task);
}

static void probe_exec(void *data, struct task_struct *task, pid_t old_pid,
		       struct linux_binprm *bprm)
{
	struct sbpf_sandbox *sandbox;

	rcu_read_lock();
	sandbox = sbpf_member_sandbox(task);
	if (sandbox) {
		sbpf_limits_count(sandbox, SBPF_RESOURCE_EXECS);
		sbpf_dispatch_executed(sandbox, bprm);
	}
	rcu_read_unlock();
}

static void probe_signal(void *data, int sig, struct kernel_siginfo *info,
			 struct task_struct *task, int group, int result)
{
	/* Of another it would not be about a file. */
	if (likely(sig != SIGXFSZ) || info != SEND_SIG_NOINFO || task != current)
		return;
	rcu_read_lock();
	sbpf_limits_oversize(sbpf_member_sandbox(task));
	rcu_read_unlock();
}

/*
 * Tracepoints that are registered while a hook is in use that needs them: of all members,
 * or of limits. Modules find them by name only.
 */
static struct sbpf_probe {
	const char *name;
	void *function;
	enum sbpf_hook hook;
	struct tracepoint *tracepoint;
	bool registered;
} tracepoints[] = {
	{ "sched_process_exit", probe_exit, SBPF_HOOK_TASK_FREE },
	{ "task_newtask", probe_newtask, SBPF_HOOK_TASK_FREE },
	{ "sched_process_exec", probe_exec, SBPF_HOOK_TASK_FREE },
	{ "signal_generate", probe_signal, SBPF_HOOK_OVERSIZE },
};

static u128 attached;
/* Those of operations, for readers without the lock. */
static u64 attached_ops;

static void hooks_set(u128 mask)
{
	attached = mask;
	WRITE_ONCE(attached_ops, mask & (SBPF_HOOK_BIT(SBPF_OP_MAX) - 1));
	/* Whose sockets are is remembered only while it is known when they are freed. */
	WRITE_ONCE(sbpf_tags_wanted, mask & SBPF_HOOK_BIT(SBPF_HOOK_SK_FREE));
}

/* Set by the task_alloc hook while hooks_prove() waits for it. */
static bool seen;

/**
 * sbpf_hooks_seen - The task_alloc hook has fired for a task outside sandboxes
 *
 * Context: any.
 */
void sbpf_hooks_seen(void)
{
	if (unlikely(!READ_ONCE(seen)))
		WRITE_ONCE(seen, true);
}

static int idle(void *data)
{
	return 0;
}

/* Create a task and see whether the hook fires. */
static int hooks_prove(void)
{
	struct task_struct *task;

	/* Nobody who went through the hook before sees it fire now. */
	synchronize_rcu_tasks();
	WRITE_ONCE(seen, false);
	task = kthread_create(idle, NULL, "sbpf_prove");
	if (IS_ERR(task))
		return PTR_ERR(task);
	kthread_stop(task);
	if (READ_ONCE(seen))
		return 0;
	pr_err("hooks do not fire: ftrace is off (sysctl -w kernel.ftrace_enabled=1)\n");
	return -EOPNOTSUPP;
}

static void probe_find(struct tracepoint *tracepoint, void *data)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(tracepoints); i++)
		if (!strcmp(tracepoint->name, tracepoints[i].name))
			tracepoints[i].tracepoint = tracepoint;
}

static void probes_unregister(u128 mask)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(tracepoints); i++) {
		if (!tracepoints[i].registered || !(mask & SBPF_HOOK_BIT(tracepoints[i].hook)))
			continue;
		tracepoint_probe_unregister(tracepoints[i].tracepoint,
					    tracepoints[i].function, NULL);
		tracepoints[i].registered = false;
	}
}

/* If it fails some may be registered. */
static int probes_register(u128 mask)
{
	int err, i;

	for (i = 0; i < ARRAY_SIZE(tracepoints); i++) {
		if (tracepoints[i].registered || !(mask & SBPF_HOOK_BIT(tracepoints[i].hook)))
			continue;
		for_each_kernel_tracepoint(probe_find, NULL);
		err = -ENOENT;
		if (tracepoints[i].tracepoint)
			err = tracepoint_probe_register(tracepoints[i].tracepoint,
							tracepoints[i].function, NULL);
		if (err) {
			pr_err("cannot use tracepoint %s: error %d\n",
			       tracepoints[i].name, err);
			return err;
		}
		tracepoints[i].registered = true;
	}
	return 0;
}

/* Adds functions to the filter of a batch, or removes them: all or none. */
static int batch_filter(struct sbpf_batch *batch, u128 mask, bool remove)
{
	unsigned long ips[SBPF_HOOK_MAX];
	unsigned int count = 0, i;

	for (i = 0; i < SBPF_HOOK_MAX; i++)
		if (mask & SBPF_HOOK_BIT(i))
			ips[count++] = entries[i];
	return ftrace_set_filter_ips(&batch->ops, ips, count, remove, 0);
}

/* Detaches those that nobody uses, which are not all: no filter is every function. */
static void batch_park(struct sbpf_batch *batch, u128 unused)
{
	unused &= batch->mask & ~batch->parked;
	if (!unused || WARN_ON_ONCE(unused == (batch->mask & ~batch->parked)))
		return;
	/* Without memory for it they stay attached; the next one may have it. */
	if (batch_filter(batch, unused, true))
		return;
	batch->parked |= unused;
	hooks_set(attached & ~unused);
}

/* Attaches those of its parked hooks that are in @mask. */
static int batch_unpark(struct sbpf_batch *batch, u128 mask)
{
	int err;

	mask &= batch->parked;
	if (!mask)
		return 0;
	err = batch_filter(batch, mask, false);
	/* Once more, which changes nothing: ftrace may have died doing it. */
	if (!err && batch_filter(batch, mask, false) == -ENODEV)
		err = -ENODEV;
	if (err)
		return err;
	batch->parked &= ~mask;
	hooks_set(attached | mask);
	return 0;
}

static void batch_free(struct sbpf_batch *batch)
{
	ftrace_free_filter(&batch->ops);
	kfree(batch);
}

static int batch_attach(u128 mask, void (*trampoline)(void))
{
	struct sbpf_batch *batch;
	int err;

	if (!mask)
		return 0;
	batch = kzalloc(sizeof(*batch), GFP_KERNEL);
	if (!batch)
		return -ENOMEM;
	batch->mask = mask;
	batch->trampoline = (unsigned long)trampoline;
	err = batch_filter(batch, mask, false);
	if (!err)
		err = register_ftrace_direct(&batch->ops, batch->trampoline);
	if (err) {
		/* It may have been in ftrace's list for a moment. */
		synchronize_rcu_tasks();
		/* ftrace may have died having attached some of it. */
		if (err == -ENODEV)
			__module_get(THIS_MODULE);
		else
			batch_free(batch);
		return err;
	}
	/*
	 * Keeps kernel.ftrace_enabled from being set to 0 (EBUSY), which would
	 * detach without a word; 7.3 never lets it be. Registering overwrites the
	 * flags on 6.12; whoever comes in between is found out by hooks_prove().
	 */
	batch->ops.flags |= FTRACE_OPS_FL_PERMANENT;
	list_add(&batch->list, &batches);
	hooks_set(attached | mask);
	return 0;
}

/* A function that a live patch replaced while it was parked has both for a moment. */
static int batch_share(SBPF_FTRACE_OPS_FUNC_ARGS)
{
	return cmd == FTRACE_OPS_CMD_ENABLE_SHARE_IPMODIFY_SELF ? 0 : -EBUSY;
}

/* On return no task is in a trampoline that it entered from one of the hooks. */
static void batch_detach(struct sbpf_batch *batch)
{
	int err;

	list_del(&batch->list);
	/* ftrace forgets for whom those functions are that are in the filter now. */
	batch->ops.ops_func = batch_share;
	err = batch_unpark(batch, batch->parked);
	hooks_set(attached & ~batch->mask);
	err = unregister_ftrace_direct(&batch->ops, batch->trampoline, false) ?: err;
	if (!err) {
		batch_free(batch);
		return;
	}
	/*
	 * ftrace has died, and the kernel goes on calling the trampolines; or there
	 * was no memory, and functions that were parked cannot be hooked any more.
	 */
	pr_err("hooks cannot be detached: error %d; the module stays\n", err);
	__module_get(THIS_MODULE);
}

static void hooks_detach_unused(void)
{
	bool tagging = attached & SBPF_HOOK_BIT(SBPF_HOOK_SK_FREE);
	struct sbpf_batch *batch, *next;
	u128 used = 0;
	int i;

	for (i = 0; i < SBPF_HOOK_MAX; i++)
		if (users[i])
			used |= SBPF_HOOK_BIT(i);
	probes_unregister(~used);
	list_for_each_entry_safe(batch, next, &batches, list)
		if (!(batch->mask & used))
			batch_detach(batch);
		else
			batch_park(batch, ~used);
	if (!tagging || (attached & SBPF_HOOK_BIT(SBPF_HOOK_SK_FREE)))
		return;
	/* Whoever saw that they are wanted may still add one. */
	synchronize_rcu();
	sbpf_tags_flush();
}

/* Attaches hooks of one kind: those that were parked, and the others. */
static int hooks_attach_kind(u128 mask, void (*trampoline)(void))
{
	struct sbpf_batch *batch;
	int err = 0;

	list_for_each_entry(batch, &batches, list)
		if (!err)
			err = batch_unpark(batch, mask);
	return err ?: batch_attach(mask & ~attached, trampoline);
}

static int hooks_attach(u128 mask)
{
	int err;

	/* These first: no end of a socket may be missed whose creation was seen. */
	err = hooks_attach_kind(mask & SBPF_HOOKS_ANY, sbpf_trampoline_any);
	if (!err)
		err = hooks_attach_kind(mask & ~SBPF_HOOKS_ANY, sbpf_trampoline_member);
	if (err) {
		pr_err_ratelimited("cannot attach hooks: error %d%s\n", err, err != -EBUSY ? "" :
				   " (a BPF fentry, fexit or fmod_ret program or a live patch is on one)");
		return err;
	}
	/* Those attached later are beside ones that were proven to fire. */
	return mask & SBPF_HOOK_BIT(SBPF_OP_TASK_ALLOC) ? hooks_prove() : 0;
}

/**
 * sbpf_hooks_get - Take hooks into use, attaching those that are not attached
 * @mask: which, SBPF_HOOK_BIT(enum sbpf_op or enum sbpf_hook); the member hooks must
 *	be in use already or among them
 *
 * Context: process, under the policy lock; may sleep.
 *
 * Return: 0, or with nothing changed -EOPNOTSUPP (attached hooks do not fire),
 * -EBUSY (a function has a direct call of somebody else's already), -EINTR (the
 * current task is being killed), -ENOMEM, or another error of ftrace.
 */
int sbpf_hooks_get(u128 mask)
{
	int err, i;

	err = probes_register(mask);
	if (!err && mask & present & ~attached)
		err = hooks_attach(mask & present & ~attached);
	for (i = 0; i < SBPF_HOOK_MAX && !err; i++)
		if (mask & SBPF_HOOK_BIT(i))
			users[i]++;
	if (err)
		hooks_detach_unused();
	return err;
}

/**
 * sbpf_hooks_put - Give up the use of hooks
 * @mask: which
 *
 * Context: process, under the policy lock; may sleep.
 */
void sbpf_hooks_put(u128 mask)
{
	int i;

	for (i = 0; i < SBPF_HOOK_MAX; i++)
		if (mask & SBPF_HOOK_BIT(i))
			users[i]--;
	hooks_detach_unused();
}

/**
 * sbpf_hooks_attached - Which hooks are attached?
 *
 * Context: any.
 *
 * Return: mask of BIT_ULL(enum sbpf_op).
 */
u64 sbpf_hooks_attached(void)
{
	return READ_ONCE(attached_ops);
}

/**
 * sbpf_hooks_uses - Is a function one that may be hooked?
 * @function: its name
 *
 * Context: any.
 *
 * Return: whether it is.
 */
bool sbpf_hooks_uses(const char *function)
{
	int i;

	for (i = 0; i < SBPF_HOOK_MAX; i++)
		if (functions[i] && !strcmp(functions[i], function))
			return true;
	return false;
}

static void __init slot_fill(unsigned long body, sbpf_hook_fn call)
{
	u8 i = body >> 4;

	while (sbpf_hook_slots[i].body)
		i++;
	sbpf_hook_slots[i] = (struct sbpf_hook_slot){ .body = body, .call = call };
}

/**
 * sbpf_hooks_init - Find the functions to hook
 * @calls: what is to be done when they fire, by enum sbpf_op and enum sbpf_hook
 *
 * Context: module init; may sleep.
 *
 * Return: 0, or -EOPNOTSUPP if the kernel lacks one.
 */
int __init sbpf_hooks_init(const sbpf_hook_fn *calls)
{
	int i;

	for (i = 0; i < SBPF_HOOK_MAX; i++) {
		if (!functions[i])
			continue;
		entries[i] = sbpf_symbols_entry(functions[i]);
		if (entries[i]) {
			slot_fill(entries[i] + MCOUNT_INSN_SIZE, calls[i]);
			present |= SBPF_HOOK_BIT(i);
		} else if (sbpf_symbols_find(functions[i]) || !(OPTIONAL & SBPF_HOOK_BIT(i))) {
			pr_err("this kernel has no function %s that ftrace can hook\n",
			       functions[i]);
			return -EOPNOTSUPP;
		}
	}
	sbpf_hooks_core_pattern = (const char *)sbpf_symbols_find("core_pattern");
	return 0;
}

/**
 * sbpf_hooks_exit - Wait until no probe runs any more; no hook is attached
 *
 * Context: module exit.
 */
void sbpf_hooks_exit(void)
{
	tracepoint_synchronize_unregister();
}
