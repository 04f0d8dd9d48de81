/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Sandboxes: lifetime, nesting, and what happens when they end
 */
#ifndef _SBPF_SANDBOX_H
#define _SBPF_SANDBOX_H

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/signal.h>
#include <linux/spinlock.h>
#include <linux/uidgid.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "limits.h"
#include "policy.h"
#include "stats.h"
#include "uapi/sbpf.h"

struct ipc_namespace;
struct page;
struct sbpf_cgroup;

/**
 * struct sbpf_sandbox - A sandbox
 *
 * Held by its descriptors, its members, the sandboxes nested in it and policies
 * that acquired it. When the last of these is gone a work item takes it apart.
 */
struct sbpf_sandbox {
	/** @id: Number, never used again. Constant; policies read it. */
	u64 id;
	/** @layer: 1 without parent, else the parent's plus 1. Constant; policies read it. */
	u32 layer;
	/** @name: For people. Constant; policies read it. */
	char name[SBPF_NAME_MAX];
	/** @parent: Sandbox around this one, held; NULL for none. Constant. */
	struct sbpf_sandbox *parent;
	/**
	 * @asked: Policy to ask: @policy, or &sbpf_policy_none when dying.
	 * Written under @control or with @dying set, read under RCU.
	 */
	struct sbpf_policy __rcu *asked;
	/** @stats: Per CPU. Constant. */
	struct sbpf_stats __percpu *stats;
	/** @stats_page: What @stats is on. Constant. */
	struct sbpf_stats_page *stats_page;
	/** @complain: Report denials of the policy, but allow. Any time. */
	bool complain;
	/** @dying: No new members; every operation is denied. Set once. */
	bool dying;
	/** @frozen: Its members are to be stopped. Any time. */
	bool frozen;
	/**
	 * @frozen_until: Use of CPU time, in nanoseconds, at which it is seen not to be; 0
	 * before that is known. Its watch's own.
	 */
	u64 frozen_until;
	/** @waited_ns: When members were seen last to wait for CPUs. Its watch's own. */
	u64 waited_ns;
	/** @flags: enum sbpf_sandbox_flags as created. Constant. */
	u32 flags;
	/** @refs: See above. */
	refcount_t refs;
	/** @counters: By enum sbpf_resource and SBPF_COUNTER_TASKS. */
	struct sbpf_counter counters[SBPF_COUNTER_MAX];
	/**
	 * @counted: Resources, by bit, that are counted in @counters, the others in @stats.
	 * Bits are set under @control and stay.
	 */
	u32 counted;
	/**
	 * @stopped: 1 + the resource whose limit has killed or frozen it; 0 for none.
	 */
	u32 stopped;
	/** @spent: What members have used of what is not charged, and given. */
	struct sbpf_spent spent;
	/**
	 * @wanted: Limits of SBPF_RESOURCES_KERNEL, by SBPF_KERNEL(), that a policy wants and
	 * that are not in force yet; SBPF_UNLIMITED for none.
	 */
	u64 wanted[SBPF_KERNEL_MAX];
	/** @wanted_work: Puts them in force. Holds a reference. */
	struct work_struct wanted_work;
	/** @watch: Looks at limits of that; cancelled before it is taken apart. */
	struct delayed_work watch;
	/** @cgroup: Its control group, NULL for none. Set once under @control, read any time. */
	struct sbpf_cgroup *cgroup;
	/** @page: What members can map, struct sbpf_usage; NULL until one has. Set once. */
	struct page *page;
	/** @refresh: Brings @page up to date. */
	struct delayed_work refresh;
	/** @period: How long until it does so again, in jiffies. Its own. */
	int period;
	/** @hooks: Hooks that limits hold attached. Under @control. */
	u128 hooks;
	/** @members_lock: Protects @members. Taken inside sighand->siglock, never nested. */
	spinlock_t members_lock;
	/** @members: struct sbpf_member.list of tasks whose innermost sandbox this is. */
	struct list_head members;
	/** @walked: There is a mark among @members, that is none. Under their lock. */
	bool walked;
	/** @signals: How often one was sent to all of @members. Under the lock of the tree. */
	u64 signals;
	/** @wait: For the sandbox to become empty. */
	wait_queue_head_t wait;
	/** @control: Serialises changes of policy and rules. Taken outside the policy lock. */
	struct mutex control;
	/** @rules: Its rules, NULL for none. Written under @control, read under RCU. */
	struct sbpf_rules __rcu *rules;
	/** @policy: Its policy. Under @control. */
	struct sbpf_policy *policy;
	/** @children: struct sbpf_sandbox.sibling, under the lock of the tree. */
	struct list_head children;
	/** @sibling: In the parent's @children, under the lock of the tree. */
	struct list_head sibling;
	/** @uid: User who created it. Constant. */
	kuid_t uid;
	/** @ipc_ns: IPC namespace of its creator; may be gone, identity only. Constant. */
	const struct ipc_namespace *ipc_ns;
	/** @created_ns: Time of creation, CLOCK_BOOTTIME. Constant. */
	u64 created_ns;
	/** @entered_ns: Time when it was first entered; 0 before. Set once. */
	u64 entered_ns;
	/** @signal_work: Sends signals to all members. Holds a reference. */
	struct work_struct signal_work;
	/** @free_work: Takes the sandbox apart. */
	struct work_struct free_work;
	/** @asked_high: What sbpf_stats.asked of all CPUs had no bits for. */
	atomic64_t asked_high[SBPF_OP_MAX];
	/** @all_asked_high: Sum of these, written after them. */
	atomic64_t all_asked_high;
	/**
	 * @denied: How often an operation was denied, which makes an event anyway; and, as
	 * SBPF_OP_MAX, what is none.
	 */
	atomic64_t denied[SBPF_OP_MAX + 1];
	/** @denied_ops: Of which operations that is not 0, by bit. */
	atomic64_t denied_ops;
	/** @all_denied: Sum of these. */
	atomic64_t all_denied;
	/** @events: How many events told of it. */
	atomic64_t events;
	/** @rcu: Frees it after the last reader. */
	struct rcu_head rcu;
};

/**
 * sbpf_sandbox_asked - Count that a policy is asked
 * @sandbox: the sandbox that it is the policy of
 * @op: about what
 *
 * Context: any.
 */
static __always_inline void sbpf_sandbox_asked(struct sbpf_sandbox *sandbox, enum sbpf_op op)
{
	if (likely(this_cpu_inc_return(sandbox->stats->asked[op])))
		return;
	atomic64_add(1 << SBPF_ASKED_BITS, &sandbox->asked_high[op]);
	atomic64_add(1 << SBPF_ASKED_BITS, &sandbox->all_asked_high);
}

/**
 * sbpf_sandbox_denied - Count that an operation is denied
 * @sandbox: the sandbox that denies it
 * @op: which, SBPF_OP_MAX for what is none
 *
 * Context: any.
 */
static inline void sbpf_sandbox_denied(struct sbpf_sandbox *sandbox, enum sbpf_op op)
{
	static_assert(SBPF_OP_MAX <= 64);
	if (atomic64_inc_return(&sandbox->denied[op]) == 1 && op < SBPF_OP_MAX)
		atomic64_or(BIT_ULL(op), &sandbox->denied_ops);
	atomic64_inc(&sandbox->all_denied);
}

/**
 * sbpf_sandbox_within - Is a sandbox another one or nested in it?
 * @sandbox: inner, may be NULL
 * @outer: outer
 *
 * Return: whether it is.
 */
static inline bool sbpf_sandbox_within(const struct sbpf_sandbox *sandbox,
				       const struct sbpf_sandbox *outer)
{
	while (sandbox && sandbox->layer > outer->layer)
		sandbox = sandbox->parent;
	return sandbox == outer;
}

/**
 * sbpf_sandbox_dying - Is a sandbox, or one around it, being killed?
 * @sandbox: the sandbox
 *
 * Return: whether it is.
 */
static inline bool sbpf_sandbox_dying(const struct sbpf_sandbox *sandbox)
{
	for (; sandbox; sandbox = sandbox->parent)
		if (READ_ONCE(sandbox->dying))
			return true;
	return false;
}

/**
 * sbpf_sandbox_signal - Signal that a new member of a sandbox is to get
 * @sandbox: the sandbox
 *
 * Return: SIGKILL, SIGSTOP, or 0 for none.
 */
static inline int sbpf_sandbox_signal(const struct sbpf_sandbox *sandbox)
{
	int signal = 0;

	for (; sandbox; sandbox = sandbox->parent) {
		if (READ_ONCE(sandbox->dying))
			return SIGKILL;
		if (READ_ONCE(sandbox->frozen))
			signal = SIGSTOP;
	}
	return signal;
}

static inline void sbpf_sandbox_get(struct sbpf_sandbox *sandbox)
{
	refcount_inc(&sandbox->refs);
}

int __init sbpf_sandbox_init(void);
void sbpf_sandbox_exit(void);
struct sbpf_sandbox *sbpf_sandbox_create(const struct sbpf_create *create,
					 struct sbpf_sandbox *parent);
void sbpf_sandbox_put(struct sbpf_sandbox *sandbox);
struct sbpf_sandbox *sbpf_sandbox_find(u64 id);
struct sbpf_sandbox *sbpf_sandbox_open(u64 id, const struct sbpf_sandbox *viewer);
u32 sbpf_sandbox_next(const struct sbpf_sandbox *viewer, u64 *from,
		      struct sbpf_sandbox **found, u32 capacity);
u32 sbpf_sandbox_list(struct sbpf_sandbox *viewer, u64 *ids, u32 capacity);
u32 sbpf_sandbox_members(struct sbpf_sandbox *sandbox, u64 *pids, u32 capacity);
u32 sbpf_sandbox_count(void);
bool sbpf_sandbox_reach(const struct sbpf_sandbox *sandbox,
			const struct sbpf_sandbox *viewer);
int sbpf_sandbox_may_enter(const struct sbpf_sandbox *sandbox);
int sbpf_sandbox_set_policy(struct sbpf_sandbox *sandbox, const char *name);
void sbpf_sandbox_kill(struct sbpf_sandbox *sandbox);
void sbpf_sandbox_freeze(struct sbpf_sandbox *sandbox);
void sbpf_sandbox_thaw(struct sbpf_sandbox *sandbox);
void sbpf_sandbox_spent(struct sbpf_sandbox *sandbox, u64 *sums);
void sbpf_sandbox_file_size(struct sbpf_sandbox *sandbox);
void sbpf_sandbox_orphan(struct sbpf_policy *policy, bool kill);
u64 sbpf_sandbox_stat(struct sbpf_sandbox *sandbox, struct sbpf_stat *stat);
void sbpf_sandbox_brief(struct sbpf_sandbox *sandbox, struct sbpf_brief *brief);

#endif /* _SBPF_SANDBOX_H */
