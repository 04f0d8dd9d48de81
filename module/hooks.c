// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Hooks: attaches the BPF LSM programs of hooks.bpf.c while somebody
 * needs them
 *
 * A module cannot register LSM hooks, but it can load BPF LSM programs: they
 * come as a light skeleton, are loaded by kern_sys_bpf(), and the links are held
 * by reference once their descriptors are closed. Loading happens on a kernel
 * worker, which has the privileges that whoever registers a policy need not
 * have. All of this is called under the policy lock.
 */
#include <linux/bpf.h>
#include <linux/err.h>
#include <linux/fdtable.h>
#include <linux/ftrace.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/tracepoint.h>
#include <linux/workqueue.h>

#include "compat.h"
#include "hooks.h"
#include "member.h"

/*
 * skel_internal.h of libbpf before 1.7 defines a structure that the kernel has
 * from 7.3 on, and calls strncpy(), which 7.3 no longer has.
 */
#define bpf_map_desc sbpf_skel_map_desc
#define strncpy(dst, src, size) strscpy_pad(dst, src, size)
#include "hooks.lskel.h"
#undef strncpy
#undef bpf_map_desc

/* For bpf_link_get_from_fd(); MODULE_IMPORT_NS() is spelled differently per kernel. */
MODULE_INFO(import_ns, "BPF_INTERNAL");

/**
 * struct sbpf_hook - One LSM program
 * @link: keeps it attached; NULL while detached
 * @users: how many policies need it
 * @attach: attaches the program of a loaded skeleton, returns the link's fd
 */
struct sbpf_hook {
	struct bpf_link *link;
	unsigned int users;
	int (*attach)(struct hooks_bpf *skel);
};

#define HOOK(name) { .attach = hooks_bpf__h_##name##__attach },
static struct sbpf_hook hooks[SBPF_HOOK_MAX] = {
	SBPF_OPS(HOOK)
	HOOK(task_free)
};
#undef HOOK

static void probe_exit(SBPF_PROBE_EXIT_ARGS)
{
	sbpf_member_exited(task);
}

static void probe_newtask(SBPF_PROBE_NEWTASK_ARGS)
{
	sbpf_member_created(task);
}

/*
 * Tracepoints that membership needs beside the LSM hooks. Their probes are
 * functions of this module, which nothing skips. Modules find them by name only.
 */
static struct sbpf_probe {
	const char *name;
	void *function;
	struct tracepoint *tracepoint;
	bool registered;
} tracepoints[] = {
	{ .name = "sched_process_exit", .function = probe_exit },
	{ .name = "task_newtask", .function = probe_newtask },
};

/*
 * BPF programs on LSM hooks are called through ftrace, and writing 0 to
 * kernel.ftrace_enabled would switch them off without a word, unless a permanent
 * ftrace_ops is registered: then it fails with EBUSY. This one watches a function
 * that nobody calls.
 */
static noinline void ftrace_anchor(void)
{
	barrier();
}

static void notrace ftrace_nothing(unsigned long ip, unsigned long parent_ip,
				   struct ftrace_ops *ops, struct ftrace_regs *regs)
{
}

static struct ftrace_ops ftrace_lock = {
	.func = ftrace_nothing,
	.flags = FTRACE_OPS_FL_PERMANENT,
};

/*
 * Of its own: whoever waits for a hook holds the policy lock, which work items of
 * other queues may want.
 */
static struct workqueue_struct *hooks_wq;

/* Attached hooks, for readers without the lock. */
static u64 attached;

/* The worker that loads the programs, while it does. */
static struct task_struct *loader;

/* Set by the task_alloc hook while sbpf_hooks_prove() waits for it. */
static bool seen;

/**
 * sbpf_hooks_loading - Is the current task loading the programs of hooks.bpf.c?
 *
 * Nobody else's programs may call the kfuncs of dispatch.c.
 *
 * Return: whether it is.
 */
bool sbpf_hooks_loading(void)
{
	return READ_ONCE(loader) == current;
}

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

/*
 * Programs attach without complaint on a kernel that was booted without "bpf"
 * in its LSM list, and then never run. So create a task and see whether the
 * hook fires.
 */
static int sbpf_hooks_prove(void)
{
	struct task_struct *task;

	WRITE_ONCE(seen, false);
	task = kthread_create(idle, NULL, "sbpf_prove");
	if (IS_ERR(task))
		return PTR_ERR(task);
	kthread_stop(task);
	if (READ_ONCE(seen))
		return 0;
	pr_err("hooks do not fire: boot with bpf in the LSM list (add \"bpf\" to lsm= on the kernel command line; the list now is in /sys/kernel/security/lsm)\n");
	return -EOPNOTSUPP;
}

static bool ftrace_locked;

static void probe_find(struct tracepoint *tracepoint, void *data)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(tracepoints); i++)
		if (!strcmp(tracepoint->name, tracepoints[i].name))
			tracepoints[i].tracepoint = tracepoint;
}

static void probes_unregister(void)
{
	int i;

	if (ftrace_locked)
		unregister_ftrace_function(&ftrace_lock);
	ftrace_locked = false;
	for (i = 0; i < ARRAY_SIZE(tracepoints); i++) {
		if (!tracepoints[i].registered)
			continue;
		tracepoint_probe_unregister(tracepoints[i].tracepoint,
					    tracepoints[i].function, NULL);
		tracepoints[i].registered = false;
	}
}

static int probes_register(void)
{
	int err, i;

	err = register_ftrace_function(&ftrace_lock);
	if (err) {
		pr_err("cannot keep ftrace on: error %d%s\n", err, err == -EBUSY ?
		       " (set kernel.ftrace_enabled to 1)" : "");
		return err;
	}
	ftrace_locked = true;

	for_each_kernel_tracepoint(probe_find, NULL);
	for (i = 0; i < ARRAY_SIZE(tracepoints); i++) {
		err = -ENOENT;
		if (tracepoints[i].tracepoint)
			err = tracepoint_probe_register(tracepoints[i].tracepoint,
							tracepoints[i].function, NULL);
		if (err) {
			pr_err("cannot use tracepoint %s: error %d\n",
			       tracepoints[i].name, err);
			probes_unregister();
			return err;
		}
		tracepoints[i].registered = true;
	}
	return 0;
}

static void sbpf_hooks_detach(u64 mask)
{
	int i;

	if (mask & BIT_ULL(SBPF_HOOK_TASK_FREE))
		probes_unregister();

	for (i = 0; i < SBPF_HOOK_MAX; i++) {
		if (!(mask & BIT_ULL(i)) || !hooks[i].link)
			continue;
		bpf_link_put(hooks[i].link);
		hooks[i].link = NULL;
		WRITE_ONCE(attached, attached & ~BIT_ULL(i));
	}
}

static int sbpf_hooks_attach(u64 mask)
{
	struct hooks_bpf *skel;
	struct bpf_link *link;
	int err, fd, i;

	skel = hooks_bpf__open();
	if (!skel)
		return -ENOMEM;
	WRITE_ONCE(loader, current);
	err = hooks_bpf__load(skel);
	WRITE_ONCE(loader, NULL);
	if (err) {
		pr_err("cannot load the LSM programs: error %d\n", err);
		goto out;
	}

	if (mask & BIT_ULL(SBPF_HOOK_TASK_FREE)) {
		err = probes_register();
		if (err)
			goto out;
	}
	for (i = 0; i < SBPF_HOOK_MAX; i++) {
		if (!(mask & BIT_ULL(i)))
			continue;
		fd = hooks[i].attach(skel);
		link = fd < 0 ? ERR_PTR(fd) : bpf_link_get_from_fd(fd);
		/* A worker's first descriptor, which the skeleton takes for none. */
		if (fd == 0)
			close_fd(fd);
		if (IS_ERR(link)) {
			err = PTR_ERR(link);
			pr_err("cannot attach LSM program %d: error %d\n", i, err);
			goto out;
		}
		hooks[i].link = link;
		WRITE_ONCE(attached, attached | BIT_ULL(i));
	}
	err = sbpf_hooks_prove();
out:
	if (err)
		sbpf_hooks_detach(mask);
	/* Closes all descriptors; attached programs live on by their links. */
	hooks_bpf__destroy(skel);
	return err;
}

struct sbpf_hooks_work {
	struct work_struct work;
	u64 mask;
	int err;
};

static void sbpf_hooks_work(struct work_struct *work)
{
	struct sbpf_hooks_work *w = container_of(work, struct sbpf_hooks_work, work);

	w->err = sbpf_hooks_attach(w->mask);
}

/**
 * sbpf_hooks_get - Take hooks into use, attaching those that nobody used
 * @mask: which, BIT_ULL(enum sbpf_op) and BIT_ULL(SBPF_HOOK_TASK_FREE); the
 *	member hooks must be in use already or among them
 *
 * Context: process, under the policy lock; may sleep.
 *
 * Return: 0, or with nothing changed -EOPNOTSUPP (attached hooks do not fire on
 * this kernel), -ENOMEM, or the error of loading or attaching.
 */
int sbpf_hooks_get(u64 mask)
{
	struct sbpf_hooks_work w = { .mask = 0 };
	int i;

	for (i = 0; i < SBPF_HOOK_MAX; i++)
		if ((mask & BIT_ULL(i)) && !hooks[i].users)
			w.mask |= BIT_ULL(i);
	if (w.mask) {
		INIT_WORK_ONSTACK(&w.work, sbpf_hooks_work);
		queue_work(hooks_wq, &w.work);
		flush_work(&w.work);
		destroy_work_on_stack(&w.work);
		if (w.err)
			return w.err;
	}
	for (i = 0; i < SBPF_HOOK_MAX; i++)
		if (mask & BIT_ULL(i))
			hooks[i].users++;
	return 0;
}

/**
 * sbpf_hooks_put - Give up the use of hooks, detaching those that nobody else uses
 * @mask: which
 *
 * Context: process, under the policy lock; may sleep. The programs are freed
 * some time later, and until then refer to the module.
 */
void sbpf_hooks_put(u64 mask)
{
	u64 unused = 0;
	int i;

	for (i = 0; i < SBPF_HOOK_MAX; i++)
		if ((mask & BIT_ULL(i)) && !--hooks[i].users)
			unused |= BIT_ULL(i);
	sbpf_hooks_detach(unused);
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
	return READ_ONCE(attached) & (BIT_ULL(SBPF_OP_MAX) - 1);
}

/**
 * sbpf_hooks_init - Prepare for attaching
 *
 * Context: module init.
 *
 * Return: 0, -ENOMEM, or the error of ftrace.
 */
int __init sbpf_hooks_init(void)
{
	int err;

	err = ftrace_set_filter_ip(&ftrace_lock, (unsigned long)ftrace_anchor, 0, 0);
	if (err)
		return err;
	hooks_wq = alloc_ordered_workqueue("sbpf_hooks", 0);
	return hooks_wq ? 0 : -ENOMEM;
}

/**
 * sbpf_hooks_exit - Wait until nothing of a detached hook runs any more
 *
 * Context: module exit.
 */
void sbpf_hooks_exit(void)
{
	tracepoint_synchronize_unregister();
	ftrace_free_filter(&ftrace_lock);
	destroy_workqueue(hooks_wq);
}
