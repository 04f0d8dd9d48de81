// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Sandboxes: lifetime, nesting, and what happens when they end
 */
#include <linux/capability.h>
#include <linux/cleanup.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/user_namespace.h>
#include <linux/xarray.h>

#include "cgroup.h"
#include "event.h"
#include "main.h"
#include "member.h"
#include "rules.h"
#include "sandbox.h"
#include "stats.h"
#include "usage.h"

/*
 * Protects the tree of sandboxes and the table of them by number, and walks over members.
 * Taken inside the policy lock.
 */
static DEFINE_MUTEX(tree_lock);
static DEFINE_XARRAY_FLAGS(sandboxes, XA_FLAGS_ACCOUNT);
static u32 sandbox_count;
static u64 last_id;

/* How many sandboxes are looked at under RCU at a time. */
#define LOOK_MAX	256

/* As large as they are: of a kmalloc() a tenth would be unused. */
static struct kmem_cache *sandbox_cache;

static void free_work(struct work_struct *work);
static void signal_work(struct work_struct *work);

static struct sbpf_sandbox *sandbox_alloc(const struct sbpf_create *create,
					  struct sbpf_sandbox *parent)
{
	struct sbpf_sandbox *sandbox;

	sandbox = kmem_cache_zalloc(sandbox_cache, GFP_KERNEL_ACCOUNT);
	if (!sandbox)
		return NULL;
	if (sbpf_stats_alloc(sandbox)) {
		kmem_cache_free(sandbox_cache, sandbox);
		return NULL;
	}
	strscpy(sandbox->name, create->name);
	sandbox->flags = create->flags;
	sandbox->complain = create->flags & SBPF_SANDBOX_COMPLAIN;
	sandbox->uid = current_uid();
	sandbox->ipc_ns = current->nsproxy->ipc_ns;
	sandbox->created_ns = ktime_get_boottime_ns();
	sbpf_limits_init(sandbox, create->pids);
	INIT_DELAYED_WORK(&sandbox->watch, sbpf_limits_watch);
	INIT_DEFERRABLE_WORK(&sandbox->refresh, sbpf_usage_refresh);
	RCU_INIT_POINTER(sandbox->asked, &sbpf_policy_none);
	refcount_set(&sandbox->refs, 1);
	spin_lock_init(&sandbox->members_lock);
	INIT_LIST_HEAD(&sandbox->members);
	init_waitqueue_head(&sandbox->wait);
	mutex_init(&sandbox->control);
	INIT_LIST_HEAD(&sandbox->children);
	INIT_LIST_HEAD(&sandbox->sibling);
	INIT_WORK(&sandbox->signal_work, signal_work);
	INIT_WORK(&sandbox->wanted_work, sbpf_limits_wanted);
	INIT_WORK(&sandbox->free_work, free_work);
	/* A member runs code of this module. */
	__module_get(THIS_MODULE);
	sandbox->layer = 1;
	if (parent) {
		sbpf_sandbox_get(parent);
		sandbox->parent = parent;
		sandbox->layer = parent->layer + 1;
	}
	return sandbox;
}

static void sandbox_free_rcu(struct rcu_head *rcu)
{
	kmem_cache_free(sandbox_cache, container_of(rcu, struct sbpf_sandbox, rcu));
}

static void sandbox_free(struct sbpf_sandbox *sandbox)
{
	struct sbpf_rules *rules = rcu_dereference_protected(sandbox->rules, true);

	if (sandbox->parent)
		sbpf_sandbox_put(sandbox->parent);
	/* Whoever found the sandbox before may be reading them. */
	if (rules || sandbox->cgroup) {
		RCU_INIT_POINTER(sandbox->rules, NULL);
		synchronize_rcu();
	}
	if (rules)
		sbpf_rules_free(rules);
	if (sandbox->cgroup)
		sbpf_cgroup_free(sandbox->cgroup);
	sbpf_stats_free(sandbox);
	mutex_destroy(&sandbox->control);
	call_rcu(&sandbox->rcu, sandbox_free_rcu);
	module_put(THIS_MODULE);
}

/*
 * A sandbox has been put under a policy. If meanwhile the sandbox was killed, or
 * the policy unregistered, that must not get lost: whoever did it may have looked
 * before.
 */
static void sandbox_assigned(struct sbpf_sandbox *sandbox)
{
	/* Pairs with the one in sbpf_sandbox_kill(). */
	smp_mb();
	if (READ_ONCE(sandbox->dying)) {
		rcu_assign_pointer(sandbox->asked, &sbpf_policy_none);
		return;
	}
	/* A new one may be moved already, and its first policy be freed. */
	guard(rcu)();
	if (!rcu_access_pointer(READ_ONCE(sandbox->policy)->version) &&
	    (sandbox->flags & SBPF_SANDBOX_KILL))
		sbpf_sandbox_kill(sandbox);
}

/**
 * sbpf_sandbox_create - Create a sandbox
 * @create: what user space asks for; checked here but for @size
 * @parent: sandbox to nest it in, held by the caller; NULL for none
 *
 * Context: process, may sleep.
 *
 * Return: the sandbox with one reference, or ERR_PTR as SBPF_IOC_CREATE documents.
 */
struct sbpf_sandbox *sbpf_sandbox_create(const struct sbpf_create *create,
					 struct sbpf_sandbox *parent)
{
	const struct sbpf_limit pids = { SBPF_RESOURCE_PIDS, .limit = create->pids };
	struct sbpf_sandbox *sandbox;
	struct sbpf_policy *policy;
	int err;

	if (create->flags & ~(SBPF_SANDBOX_KILL | SBPF_SANDBOX_COMPLAIN |
			      SBPF_SANDBOX_STEALTH) ||
	    !sbpf_limit_valid(&pids) ||
	    !sbpf_name_valid(create->policy) ||
	    (create->name[0] && !sbpf_name_valid(create->name)))
		return ERR_PTR(-EINVAL);
	if (parent && parent->layer == SBPF_LAYERS_MAX)
		return ERR_PTR(-E2BIG);

	policy = sbpf_policy_get(create->policy);
	if (IS_ERR(policy))
		return ERR_CAST(policy);
	sandbox = sandbox_alloc(create, parent);
	if (!sandbox) {
		err = -ENOMEM;
		goto put_policy;
	}

	mutex_lock(&tree_lock);
	sandbox->id = last_id + 1;
	err = xa_insert(&sandboxes, sandbox->id, NULL, GFP_KERNEL_ACCOUNT);
	if (!err)
		last_id++;
	mutex_unlock(&tree_lock);
	if (err)
		goto free_sandbox;

	err = sbpf_policy_sandbox_init(policy, sandbox);
	if (err)
		goto erase;

	/* Whole before anybody can find it. */
	sandbox->policy = policy;
	rcu_assign_pointer(sandbox->asked, policy);
	mutex_lock(&tree_lock);
	xa_store(&sandboxes, sandbox->id, sandbox, GFP_KERNEL_ACCOUNT);
	if (parent)
		list_add_tail(&sandbox->sibling, &parent->children);
	sandbox_count++;
	mutex_unlock(&tree_lock);
	sandbox_assigned(sandbox);
	sbpf_event_sandbox(sandbox, "created");
	return sandbox;

erase:
	/* The policy may have killed it in sandbox_init. */
	cancel_work_sync(&sandbox->signal_work);
	cancel_delayed_work_sync(&sandbox->watch);
	xa_erase(&sandboxes, sandbox->id);
free_sandbox:
	sandbox_free(sandbox);
put_policy:
	sbpf_policy_put(policy);
	return ERR_PTR(err);
}

static void free_work(struct work_struct *work)
{
	struct sbpf_sandbox *sandbox = container_of(work, struct sbpf_sandbox, free_work);

	mutex_lock(&tree_lock);
	xa_erase(&sandboxes, sandbox->id);
	list_del_init(&sandbox->sibling);
	sandbox_count--;
	mutex_unlock(&tree_lock);

	/* The policy may still change limits, when it is told. */
	disable_delayed_work_sync(&sandbox->watch);
	/* Nobody may have looked since the last member died. */
	sbpf_limits_sample(sandbox);
	sbpf_usage_free(sandbox);
	if (sandbox->hooks)
		sbpf_policy_hooks_put(sandbox->hooks);
	sbpf_event_sandbox(sandbox, "destroyed");
	RCU_INIT_POINTER(sandbox->asked, &sbpf_policy_none);
	sbpf_policy_sandbox_exit(sandbox->policy, sandbox);
	/*
	 * Readers of the sandbox may still look at the policy through it:
	 * the policy is freed after an RCU grace period too.
	 */
	sbpf_policy_put(sandbox->policy);
	sandbox_free(sandbox);
}

/**
 * sbpf_sandbox_put - Give up a reference
 * @sandbox: the sandbox; taken apart by a work item if it was the last
 *
 * Context: any.
 */
void sbpf_sandbox_put(struct sbpf_sandbox *sandbox)
{
	if (refcount_dec_and_test(&sandbox->refs))
		queue_work(sbpf_wq, &sandbox->free_work);
}

/**
 * sbpf_sandbox_reach - May the current task control a sandbox?
 * @sandbox: the sandbox
 * @viewer: sandbox of the current task, NULL for none
 *
 * A member reaches what is nested in its own sandbox and nothing else, whoever
 * it is. Others reach what their user created, or with CAP_SYS_ADMIN all.
 *
 * Return: whether it may.
 */
bool sbpf_sandbox_reach(const struct sbpf_sandbox *sandbox,
			const struct sbpf_sandbox *viewer)
{
	if (viewer)
		return sandbox != viewer && sbpf_sandbox_within(sandbox, viewer);
	return uid_eq(sandbox->uid, current_uid()) ||
	       ns_capable_noaudit(&init_user_ns, CAP_SYS_ADMIN);
}

/**
 * sbpf_sandbox_find - Find any sandbox by number
 * @id: number
 *
 * Context: under rcu_read_lock(); any, NMI included.
 *
 * Return: the sandbox, which may have no reference left, or NULL.
 */
struct sbpf_sandbox *sbpf_sandbox_find(u64 id)
{
	return xa_load(&sandboxes, id);
}

/**
 * sbpf_sandbox_open - Find a sandbox by number within reach
 * @id: number
 * @viewer: sandbox of the current task, NULL for none
 *
 * Context: process, may sleep.
 *
 * Return: the sandbox with a reference for the caller, or ERR_PTR(-ENOENT) if
 * there is none within reach.
 */
struct sbpf_sandbox *sbpf_sandbox_open(u64 id, const struct sbpf_sandbox *viewer)
{
	struct sbpf_sandbox *sandbox;

	mutex_lock(&tree_lock);
	sandbox = id > ULONG_MAX ? NULL : xa_load(&sandboxes, id);
	if (!sandbox || !sbpf_sandbox_reach(sandbox, viewer) ||
	    !refcount_inc_not_zero(&sandbox->refs))
		sandbox = ERR_PTR(-ENOENT);
	mutex_unlock(&tree_lock);
	return sandbox;
}

/**
 * sbpf_sandbox_list - Numbers of the sandboxes within reach
 * @viewer: sandbox of the current task, NULL for none
 * @ids: receives the numbers, ascending
 * @capacity: length of @ids
 *
 * Context: process, may sleep.
 *
 * Return: how many there are, which may be more than @capacity.
 */
u32 sbpf_sandbox_list(struct sbpf_sandbox *viewer, u64 *ids, u32 capacity)
{
	struct sbpf_sandbox *sandbox;
	unsigned long id;
	u32 count = 0;

	mutex_lock(&tree_lock);
	xa_for_each(&sandboxes, id, sandbox) {
		if (!sbpf_sandbox_reach(sandbox, viewer))
			continue;
		if (count < capacity)
			ids[count] = id;
		count++;
	}
	mutex_unlock(&tree_lock);
	return count;
}

/**
 * sbpf_sandbox_next - Find the next sandboxes within reach
 * @viewer: sandbox of the current task, NULL for none
 * @from: lowest number; receives that to go on with, 0 when there are no more
 * @found: receives them, ascending, each with a reference for the caller
 * @capacity: length of @found
 *
 * Looks at a bounded number of sandboxes, and may find none although there are more.
 *
 * Context: process.
 *
 * Return: how many were found.
 */
u32 sbpf_sandbox_next(const struct sbpf_sandbox *viewer, u64 *from,
		      struct sbpf_sandbox **found, u32 capacity)
{
	XA_STATE(xas, &sandboxes, min_t(u64, *from, ULONG_MAX));
	struct sbpf_sandbox *sandbox;
	u32 count = 0, looked = 0;

	*from = 0;
	rcu_read_lock();
	xas_for_each(&xas, sandbox, ULONG_MAX) {
		if (xas_retry(&xas, sandbox) || xa_is_zero(sandbox))
			continue;
		if (count == capacity || looked++ == LOOK_MAX) {
			*from = xas.xa_index;
			break;
		}
		if (sbpf_sandbox_reach(sandbox, viewer) &&
		    refcount_inc_not_zero(&sandbox->refs))
			found[count++] = sandbox;
	}
	rcu_read_unlock();
	return count;
}

/**
 * sbpf_sandbox_count - How many sandboxes are there?
 *
 * Return: the number.
 */
u32 sbpf_sandbox_count(void)
{
	return READ_ONCE(sandbox_count);
}

/* Next in a walk over @top and all nested in it, outer before inner. */
static struct sbpf_sandbox *tree_next(struct sbpf_sandbox *sandbox,
				      struct sbpf_sandbox *top)
{
	lockdep_assert_held(&tree_lock);
	if (!list_empty(&sandbox->children))
		return list_first_entry(&sandbox->children, struct sbpf_sandbox, sibling);
	for (; sandbox != top; sandbox = sandbox->parent)
		if (!list_is_last(&sandbox->sibling, &sandbox->parent->children))
			return list_next_entry(sandbox, sibling);
	return NULL;
}

/**
 * sbpf_sandbox_members - Numbers of the live tasks of a sandbox and of those nested
 * @sandbox: the sandbox, held
 * @pids: receives thread numbers in the caller's pid namespace
 * @capacity: length of @pids
 *
 * Context: process, may sleep.
 *
 * Return: how many there are, which may be more than @capacity.
 */
u32 sbpf_sandbox_members(struct sbpf_sandbox *sandbox, u64 *pids, u32 capacity)
{
	struct sbpf_sandbox *inner;
	u32 count = 0;

	mutex_lock(&tree_lock);
	for (inner = sandbox; inner; inner = tree_next(inner, sandbox)) {
		u32 filled = min(count, capacity);

		count += sbpf_member_list(inner, pids + filled, capacity - filled);
	}
	mutex_unlock(&tree_lock);
	return count;
}

/* The state may change meanwhile: then this is queued again. */
static void signal_work(struct work_struct *work)
{
	struct sbpf_sandbox *sandbox = container_of(work, struct sbpf_sandbox, signal_work);
	struct sbpf_sandbox *inner;

	mutex_lock(&tree_lock);
	/* What is frozen around it stays so, or by itself. */
	for (inner = sandbox; inner; inner = tree_next(inner, sandbox))
		sbpf_member_signal(inner, sbpf_sandbox_signal(inner) ?: SIGCONT);
	mutex_unlock(&tree_lock);
	sbpf_sandbox_put(sandbox);
}

static void signal_members(struct sbpf_sandbox *sandbox)
{
	/* Pairs with sandbox_assigned(), member_run() and sbpf_member_enter(). */
	smp_mb();
	/* Without a reference left there are no members either. */
	if (!refcount_inc_not_zero(&sandbox->refs))
		return;
	if (!queue_work(sbpf_wq, &sandbox->signal_work))
		sbpf_sandbox_put(sandbox);
}

/**
 * sbpf_sandbox_kill - Kill all members of a sandbox and of those nested in it
 * @sandbox: the sandbox, held or in a read-side critical section
 *
 * From here on every operation of its members is denied and no task becomes a
 * member; SIGKILL follows from a work item.
 *
 * Context: any.
 */
void sbpf_sandbox_kill(struct sbpf_sandbox *sandbox)
{
	/* Reported first: afterwards it has no policy to name. */
	if (!xchg(&sandbox->dying, true))
		sbpf_event_sandbox(sandbox, "killed");
	rcu_assign_pointer(sandbox->asked, &sbpf_policy_none);
	signal_members(sandbox);
}

/**
 * sbpf_sandbox_freeze - Stop all members of a sandbox and of those nested in it
 * @sandbox: the sandbox, held or in a read-side critical section
 *
 * SIGSTOP follows from a work item, and goes to tasks that become members too. If they
 * go on all the same they are killed.
 *
 * Context: any.
 */
void sbpf_sandbox_freeze(struct sbpf_sandbox *sandbox)
{
	if (!xchg(&sandbox->frozen, true))
		sbpf_event_sandbox(sandbox, "frozen");
	signal_members(sandbox);
	mod_delayed_work(sbpf_wq, &sandbox->watch, 0);
}

/**
 * sbpf_sandbox_thaw - Let members of a sandbox go on that was frozen
 * @sandbox: the sandbox, held
 *
 * Context: any.
 */
void sbpf_sandbox_thaw(struct sbpf_sandbox *sandbox)
{
	if (!xchg(&sandbox->frozen, false))
		return;
	sbpf_event_sandbox(sandbox, "thawed");
	signal_members(sandbox);
}

/**
 * sbpf_sandbox_spent - Add what members have used and not yet given
 * @sandbox: the sandbox, held or its watch; those of nested ones count too
 * @sums: see sbpf_spent_add()
 *
 * Context: process, may sleep.
 */
void sbpf_sandbox_spent(struct sbpf_sandbox *sandbox, u64 *sums)
{
	struct sbpf_sandbox *inner;

	mutex_lock(&tree_lock);
	for (inner = sandbox; inner; inner = tree_next(inner, sandbox))
		sbpf_member_spent(inner, sums);
	mutex_unlock(&tree_lock);
}

/**
 * sbpf_sandbox_file_size - Limit the size of files of members, nested ones included
 * @sandbox: the sandbox, held; its limit has been set
 *
 * Context: process, may sleep.
 */
void sbpf_sandbox_file_size(struct sbpf_sandbox *sandbox)
{
	struct sbpf_sandbox *inner;

	mutex_lock(&tree_lock);
	for (inner = sandbox; inner; inner = tree_next(inner, sandbox))
		sbpf_member_file_size(inner);
	mutex_unlock(&tree_lock);
}

/**
 * sbpf_sandbox_orphan - The policy of sandboxes has gone
 * @policy: the policy; has no version any more, so that nothing is allowed
 * @kill: kill all of them, not only those that asked for it
 *
 * Context: process, under the policy lock; may sleep.
 */
void sbpf_sandbox_orphan(struct sbpf_policy *policy, bool kill)
{
	struct sbpf_sandbox *sandbox;
	unsigned long id;

	mutex_lock(&tree_lock);
	xa_for_each(&sandboxes, id, sandbox) {
		if (READ_ONCE(sandbox->policy) != policy)
			continue;
		sbpf_event_sandbox(sandbox, "orphaned");
		if (kill || (sandbox->flags & SBPF_SANDBOX_KILL))
			sbpf_sandbox_kill(sandbox);
	}
	mutex_unlock(&tree_lock);
}

/**
 * sbpf_sandbox_set_policy - Put a sandbox under another policy
 * @sandbox: the sandbox, held; may be an orphan
 * @name: name of a registered policy, terminated
 *
 * Context: process, may sleep.
 *
 * Return: 0, or with nothing changed -EINVAL (name), -ENOENT (no such policy),
 * -EPERM (not open to all), -ESRCH (being killed), or what sandbox_init returned.
 */
int sbpf_sandbox_set_policy(struct sbpf_sandbox *sandbox, const char *name)
{
	struct sbpf_policy *policy, *old;
	int err;

	if (!sbpf_name_valid(name))
		return -EINVAL;
	policy = sbpf_policy_get(name);
	if (IS_ERR(policy))
		return PTR_ERR(policy);

	mutex_lock(&sandbox->control);
	if (READ_ONCE(sandbox->dying))
		err = -ESRCH;
	else
		err = sbpf_policy_sandbox_init(policy, sandbox);
	if (err) {
		old = policy;
	} else {
		old = sandbox->policy;
		WRITE_ONCE(sandbox->policy, policy);
		rcu_assign_pointer(sandbox->asked, policy);
		sandbox_assigned(sandbox);
		/* No operation runs under the old one when sandbox_exit does. */
		synchronize_rcu();
		sbpf_policy_sandbox_exit(old, sandbox);
		sbpf_event_sandbox(sandbox, "moved");
	}
	mutex_unlock(&sandbox->control);
	sbpf_policy_put(old);
	return err;
}

/**
 * sbpf_sandbox_may_enter - Is there somebody to ask about a new member?
 * @sandbox: the sandbox, held
 *
 * Context: process.
 *
 * Return: 0; -ESRCH if the sandbox, or one around it, is being killed or has
 * lost its policy; -EPERM if its policy is not open to all and the caller lacks
 * CAP_SYS_ADMIN.
 */
int sbpf_sandbox_may_enter(const struct sbpf_sandbox *sandbox)
{
	bool privileged = capable(CAP_SYS_ADMIN);
	const struct sbpf_policy_version *version;
	const struct sbpf_sandbox *layer;
	int err = 0;

	rcu_read_lock();
	for (layer = sandbox; layer && !err; layer = layer->parent) {
		version = rcu_dereference(rcu_dereference(layer->asked)->version);
		if (!version)
			err = -ESRCH;
		else if (layer == sandbox && !privileged &&
			 !(version->ops->flags & SBPF_POLICY_OPEN))
			err = -EPERM;
	}
	rcu_read_unlock();
	return err;
}

static enum sbpf_sandbox_state
sandbox_state(const struct sbpf_sandbox *sandbox,
	      const struct sbpf_policy_version *version)
{
	if (sbpf_sandbox_dying(sandbox))
		return SBPF_STATE_DYING;
	if (!version)
		return SBPF_STATE_ORPHAN;
	return sbpf_sandbox_signal(sandbox) ? SBPF_STATE_FROZEN : SBPF_STATE_LIVE;
}

static u32 sandbox_flags(const struct sbpf_sandbox *sandbox)
{
	u32 flags = sandbox->flags & ~SBPF_SANDBOX_COMPLAIN;

	return READ_ONCE(sandbox->complain) ? flags | SBPF_SANDBOX_COMPLAIN : flags;
}

/* What is told of the policy, without a lock. */
static void sandbox_policy(const struct sbpf_sandbox *sandbox, char *name, u32 *state,
			   u64 *generation)
{
	const struct sbpf_policy_version *version;
	const struct sbpf_policy *policy;

	rcu_read_lock();
	/* It stays until a grace period after somebody moved the sandbox away. */
	policy = READ_ONCE(sandbox->policy);
	memcpy(name, policy->name, SBPF_NAME_MAX);
	version = rcu_dereference(policy->version);
	*state = sandbox_state(sandbox, version);
	*generation = version ? version->generation : 0;
	rcu_read_unlock();
}

/* As sbpf_limits_usage() tells it, of all resources. */
static __always_inline void sandbox_usage(struct sbpf_sandbox *sandbox, u64 *usage)
{
	static const u8 rates[] = { SBPF_RESOURCE_CONNECTION_RATE, SBPF_RESOURCE_EXEC_RATE };
	int cpu, i;

#pragma GCC unroll 16
	for (i = 0; i < SBPF_RESOURCE_MAX; i++)
		usage[i] = atomic64_read(&sandbox->counters[i].usage);
	for_each_possible_cpu(cpu) {
		const struct sbpf_stats *stats = per_cpu_ptr(sandbox->stats, cpu);

#pragma GCC unroll 8
		for (i = 0; i < SBPF_USED_MAX; i++)
			usage[SBPF_USED_FIRST + i] += READ_ONCE(stats->used[i]);
	}
	/* These are not just sums, but 0 before anybody enters; rates, where there are none. */
	if (!READ_ONCE(sandbox->entered_ns))
		return;
	usage[SBPF_RESOURCE_WALL_TIME] = ktime_get_boot_fast_ns() - sandbox->entered_ns;
	for (i = 0; i < (int)ARRAY_SIZE(rates); i++)
		if (unlikely(usage[rates[i]]))
			usage[rates[i]] = sbpf_limits_usage(sandbox, rates[i]);
}

/*
 * Four counters of sbpf_stats.asked, of which most are 0, go to where their sums are;
 * returns whether any is not, by four bits.
 */
static __always_inline u64 asked_add(u64 four, u64 *sums, int step)
{
	if (likely(!four))
		return 0;
	for (; four; four >>= SBPF_ASKED_BITS, sums += step)
		*sums += (u16)four;
	return 0xf;
}

/*
 * How often policies were asked: by operation, with a @step of 1, or in all (0). 2^16 too
 * few while a CPU has begun anew and not said so. @sums are 0 before, and those of operations
 * remain so whose bit is not in what this returns.
 */
static __always_inline u64 sandbox_sum_asked(struct sbpf_sandbox *sandbox, u64 *sums, int step)
{
	u64 high, ops;
	int cpu, i;

	do {
		high = atomic64_read(&sandbox->all_asked_high);
		/* Pairs with full barriers in sbpf_sandbox_asked(). */
		smp_rmb();
		ops = high ? ~0ULL : 0;
		/* It only grows: whoever comes here again sets them anew. */
		if (!step)
			*sums = high;
		else if (unlikely(high))
			for (i = 0; i < SBPF_OP_MAX; i++)
				sums[i] = atomic64_read(&sandbox->asked_high[i]);
		for_each_possible_cpu(cpu) {
			const struct sbpf_stats *stats = per_cpu_ptr(sandbox->stats, cpu);

#pragma GCC unroll 16
			for (i = 0; i < (int)ARRAY_SIZE(stats->fours); i++)
				ops |= asked_add(READ_ONCE(stats->fours[i]),
						 sums + 4 * i * step, step) << 4 * i;
		}
		/* As above. */
		smp_rmb();
	} while (unlikely(high != atomic64_read(&sandbox->all_asked_high)));
	return ops;
}

/**
 * sbpf_sandbox_stat - State and statistics of a sandbox
 * @sandbox: the sandbox, held
 * @stat: receives them, its counters of operations zeroed by the caller; @stat->size and
 *	what is not known is left alone
 *
 * Without a lock where nobody is in the sandbox.
 *
 * Context: process, may sleep.
 *
 * Return: operations, by bit: counters of all others are 0.
 */
u64 sbpf_sandbox_stat(struct sbpf_sandbox *sandbox, struct sbpf_stat *stat)
{
	u64 ops, left;
	int i;

	static_assert(SBPF_OP_MAX <= ARRAY_SIZE(stat->asked));
	static_assert(SBPF_RESOURCE_MAX <= ARRAY_SIZE(stat->usage));

	stat->id = sandbox->id;
	stat->parent = sandbox->parent ? sandbox->parent->id : 0;
	stat->layer = sandbox->layer;
	stat->flags = sandbox_flags(sandbox);
	stat->uid = from_kuid_munged(current_user_ns(), sandbox->uid);
	stat->created_ns = sandbox->created_ns;
	stat->ops_count = SBPF_OP_MAX;
	stat->resources_count = SBPF_RESOURCE_MAX;
	stat->events = atomic64_read(&sandbox->events);
	stat->denied_other = atomic64_read(&sandbox->denied[SBPF_OP_MAX]);
	memcpy(stat->name, sandbox->name, sizeof(stat->name));
	sandbox_policy(sandbox, stat->policy, &stat->state, &stat->policy_generation);

	sbpf_limits_sample(sandbox);
	stat->stopped = READ_ONCE(sandbox->stopped);
	sandbox_usage(sandbox, stat->usage);
	/* Of what is never taken back that is the most as well. */
#pragma GCC unroll 16
	for (i = 0; i < SBPF_RESOURCE_MAX; i++) {
		stat->peak[i] = BIT(i) & SBPF_RESOURCES_PEAK ?
				atomic64_read(&sandbox->counters[i].peak) : stat->usage[i];
		stat->limit[i] = READ_ONCE(sandbox->counters[i].limit);
		stat->action[i] = READ_ONCE(sandbox->counters[i].action);
	}
	ops = sandbox_sum_asked(sandbox, stat->asked, 1);
	left = atomic64_read(&sandbox->denied_ops);
	ops |= left;
	for (; left; left &= left - 1)
		stat->denied[__ffs64(left)] =
			atomic64_read(&sandbox->denied[__ffs64(left)]);
	return ops;
}

/**
 * sbpf_sandbox_brief - State and statistics of a sandbox in short
 * @sandbox: the sandbox, held
 * @brief: receives them; what is not known is left alone
 *
 * The same as sbpf_sandbox_stat() tells.
 *
 * Context: process, may sleep.
 */
void sbpf_sandbox_brief(struct sbpf_sandbox *sandbox, struct sbpf_brief *brief)
{
	static_assert(SBPF_RESOURCE_MAX <= ARRAY_SIZE(brief->usage));

	brief->id = sandbox->id;
	brief->parent = sandbox->parent ? sandbox->parent->id : 0;
	brief->created_ns = sandbox->created_ns;
	brief->layer = sandbox->layer;
	brief->flags = sandbox_flags(sandbox);
	brief->uid = from_kuid_munged(current_user_ns(), sandbox->uid);
	brief->resources_count = SBPF_RESOURCE_MAX;
	brief->pids_peak = sbpf_limits_peak(sandbox, SBPF_RESOURCE_PIDS);
	brief->pids_limit = READ_ONCE(sandbox->counters[SBPF_RESOURCE_PIDS].limit);
	brief->denied = atomic64_read(&sandbox->all_denied);
	memcpy(brief->name, sandbox->name, sizeof(brief->name));
	sandbox_policy(sandbox, brief->policy, &brief->state, &brief->policy_generation);
	sbpf_limits_sample(sandbox);
	brief->stopped = READ_ONCE(sandbox->stopped);
	sandbox_usage(sandbox, brief->usage);
	sandbox_sum_asked(sandbox, &brief->asked, 0);
}

/**
 * sbpf_sandbox_init - Set up where sandboxes are
 *
 * Context: module init.
 *
 * Return: 0, or -ENOMEM.
 */
int __init sbpf_sandbox_init(void)
{
	sandbox_cache = KMEM_CACHE(sbpf_sandbox, 0);
	return sandbox_cache ? 0 : -ENOMEM;
}

/**
 * sbpf_sandbox_exit - Undo sbpf_sandbox_init(); the last sandbox is freed
 *
 * Context: module exit.
 */
void sbpf_sandbox_exit(void)
{
	sbpf_stats_exit();
	kmem_cache_destroy(sandbox_cache);
}
