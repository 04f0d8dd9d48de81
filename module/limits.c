// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Limits: accounting of resources, in every layer
 *
 * What can be taken back, and what a sandbox has a limit for, is counted in one place,
 * exactly. The rest is counted per CPU. What tasks use is kept by the kernel in the
 * task; it is added up when somebody wants to know, and when the task is freed.
 */
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/mutex.h>
#include <linux/mm_types.h>
#include <linux/percpu.h>
#include <linux/resource.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/time64.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "cgroup.h"
#include "event.h"
#include "hooks.h"
#include "limits.h"
#include "main.h"
#include "member.h"
#include "policy.h"
#include "sandbox.h"

/* How often to look at what is not charged, in nanoseconds. */
#define WATCH_MIN_NS	(4 * NSEC_PER_MSEC)
#define WATCH_MEMORY_NS	(50 * NSEC_PER_MSEC)
#define WATCH_BYTES_NS	(50 * NSEC_PER_MSEC)
/* As long as the period in which the kernel gives CPU time out. */
#define WATCH_CPU_NS	(100 * NSEC_PER_MSEC)
#define WATCH_FROZEN_NS	(100 * NSEC_PER_MSEC)

/* In thousandths of a CPU. The kernel gives out no less than a millisecond in 100. */
#define CPU_SHARE_MIN	10
#define CPU_SHARE_MAX	1000000

static bool is(int resource, u32 mask)
{
	return BIT(resource) & mask;
}

/**
 * sbpf_limit_valid - May this be a limit?
 * @limit: what user space says
 *
 * Return: whether it is.
 */
bool sbpf_limit_valid(const struct sbpf_limit *limit)
{
	if (limit->resource >= SBPF_RESOURCE_MAX || limit->action >= SBPF_ACTION_MAX)
		return false;
	if (limit->limit == SBPF_UNLIMITED)
		return true;
	if (is(limit->resource, SBPF_RESOURCES_TIME) && limit->action == SBPF_ACTION_DENY)
		return false;
	switch (limit->resource) {
	case SBPF_RESOURCE_MEMORY:
		return limit->limit >= PAGE_SIZE && limit->limit <= S64_MAX;
	case SBPF_RESOURCE_CPU_SHARE:
		return limit->limit >= CPU_SHARE_MIN && limit->limit <= CPU_SHARE_MAX;
	case SBPF_RESOURCE_FILE_SIZE:
		return limit->limit >= 1 && limit->limit <= S64_MAX &&
		       limit->action != SBPF_ACTION_NOTIFY;
	}
	return limit->limit >= 1 &&
	       limit->limit <= (is(limit->resource, SBPF_RESOURCES_RATE) ? U32_MAX - 1 :
								       S64_MAX);
}

static u64 counter_limit(const struct sbpf_sandbox *sandbox, int resource)
{
	u64 pids;

	if (resource != SBPF_COUNTER_TASKS)
		return READ_ONCE(sandbox->counters[resource].limit);
	pids = READ_ONCE(sandbox->counters[SBPF_RESOURCE_PIDS].limit);
	return pids <= S64_MAX - SBPF_DEAD_TASKS_MAX ? pids + SBPF_DEAD_TASKS_MAX :
						       SBPF_UNLIMITED;
}

/* From here on the resource is counted in one place. */
static void limit_set(struct sbpf_sandbox *sandbox, int resource, u64 limit, u32 action)
{
	struct sbpf_counter *counter = &sandbox->counters[resource];

	counter->told = false;
	WRITE_ONCE(counter->action, action);
	WRITE_ONCE(counter->limit, limit);
	/* What a policy wanted before its owner has overruled. */
	if (is(resource, SBPF_RESOURCES_KERNEL))
		WRITE_ONCE(sandbox->wanted[SBPF_KERNEL(resource)], SBPF_UNLIMITED);
}

static u64 counted_per_cpu(struct sbpf_sandbox *sandbox, int resource)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(sandbox->stats, cpu)->used[SBPF_USED(resource)]);
	return sum;
}

/**
 * sbpf_limits_init - Set up the accounts of a new sandbox
 * @sandbox: the sandbox
 * @pids: a valid limit of SBPF_RESOURCE_PIDS
 */
void sbpf_limits_init(struct sbpf_sandbox *sandbox, u64 pids)
{
	static const u32 unknown = SBPF_RESOURCES_KERNEL | SBPF_RESOURCES_MISSING;
	int i;

	for (i = 0; i < SBPF_COUNTER_MAX; i++) {
		sandbox->counters[i].limit = SBPF_UNLIMITED;
		/* Memory becomes known with a control group. */
		if (is(i, unknown)) {
			atomic64_set(&sandbox->counters[i].usage, SBPF_UNKNOWN);
			atomic64_set(&sandbox->counters[i].peak, SBPF_UNKNOWN);
		}
	}
	for (i = 0; i < SBPF_KERNEL_MAX; i++)
		sandbox->wanted[i] = SBPF_UNLIMITED;
	sandbox->counted = SBPF_RESOURCES_HELD | SBPF_RESOURCES_RATE;
	limit_set(sandbox, SBPF_RESOURCE_PIDS, pids, SBPF_ACTION_DENY);
}

/* What must be hooked to see what a limit is about. */
static u128 limit_hooks(const struct sbpf_limit *limit)
{
	if (limit->limit == SBPF_UNLIMITED)
		return 0;
	switch (limit->resource) {
	case SBPF_RESOURCE_OPEN_FILES:
		return SBPF_HOOKS_OPEN_FILES;
	case SBPF_RESOURCE_FILES_CREATED:
		return SBPF_HOOKS_FILES_CREATED;
	case SBPF_RESOURCE_BYTES_WRITTEN:
		return SBPF_HOOKS_BYTES_WRITTEN;
	case SBPF_RESOURCE_FILE_SIZE:
		return SBPF_HOOKS_FILE_SIZE;
	case SBPF_RESOURCE_EXEC_RATE:
		return SBPF_HOOK_BIT(SBPF_OP_BPRM_CHECK_SECURITY);
	case SBPF_RESOURCE_CONNECTIONS:
	case SBPF_RESOURCE_CONNECTION_RATE:
		return SBPF_HOOK_BIT(SBPF_OP_SOCKET_SENDMSG);
	}
	return 0;
}

/* Has the kernel limit what of @limits is its control group's. */
static int limit_group(struct sbpf_sandbox *sandbox, const struct sbpf_limit *limits, u32 count)
{
	const struct sbpf_limit *memory = NULL, *cpu = NULL;
	u32 i;

	for (i = 0; i < count; i++) {
		if (limits[i].resource == SBPF_RESOURCE_MEMORY)
			memory = &limits[i];
		else if (limits[i].resource == SBPF_RESOURCE_CPU_SHARE)
			cpu = &limits[i];
	}
	if (!memory && !cpu)
		return 0;
	if (sandbox->cgroup)
		return sbpf_cgroup_limit(sandbox->cgroup, memory, cpu);
	return (memory && memory->limit != SBPF_UNLIMITED) ||
	       (cpu && cpu->limit != SBPF_UNLIMITED) ? -ENOENT : 0;
}

/**
 * sbpf_limits_set - Set limits
 * @sandbox: the sandbox, held
 * @limits: the limits
 * @count: number of @limits
 *
 * Context: process, may sleep.
 *
 * Return: 0, or with nothing changed -errno as SBPF_IOC_SET_LIMITS documents.
 */
int sbpf_limits_set(struct sbpf_sandbox *sandbox, const struct sbpf_limit *limits,
		    u32 count)
{
	u32 counted = 0, i;
	bool files = false;
	u128 hooks = 0;
	int err;

	for (i = 0; i < count; i++) {
		if (!sbpf_limit_valid(&limits[i]))
			return -EINVAL;
		if (is(limits[i].resource, SBPF_RESOURCES_UNLIMITED | SBPF_RESOURCES_MISSING))
			return -EOPNOTSUPP;
		if (limits[i].limit != SBPF_UNLIMITED)
			counted |= BIT(limits[i].resource);
		files |= limits[i].resource == SBPF_RESOURCE_FILE_SIZE;
		hooks |= limit_hooks(&limits[i]);
	}

	mutex_lock(&sandbox->control);
	hooks &= ~sandbox->hooks;
	err = sbpf_policy_hooks_get(hooks);
	if (err)
		goto unlock;
	err = limit_group(sandbox, limits, count);
	if (err) {
		if (hooks)
			sbpf_policy_hooks_put(hooks);
		goto unlock;
	}
	sandbox->hooks |= hooks;
	counted &= ~sandbox->counted & ~(SBPF_RESOURCES_WATCHED | SBPF_RESOURCES_KERNEL);
	WRITE_ONCE(sandbox->counted, sandbox->counted | counted);
	/* When nobody counts per CPU any more it is known how much that was. */
	if (counted)
		synchronize_rcu();
	for (i = 0; i < SBPF_RESOURCE_MAX; i++)
		if (is(i, counted))
			WRITE_ONCE(sandbox->counters[i].base,
				   counted_per_cpu(sandbox, i));
	for (i = 0; i < count; i++)
		limit_set(sandbox, limits[i].resource, limits[i].limit,
			  limits[i].action);
	if (files)
		sbpf_sandbox_file_size(sandbox);
	mod_delayed_work(sbpf_wq, &sandbox->watch, 0);
unlock:
	mutex_unlock(&sandbox->control);
	return err;
}

/* Has the kernel keep to a lower limit, where one may sleep. */
static int kernel_tighten(struct sbpf_sandbox *sandbox, u32 resource, u64 limit)
{
	struct sbpf_limit lower = { .resource = resource, .limit = limit };
	u64 *wanted = &sandbox->wanted[SBPF_KERNEL(resource)];
	u64 old = READ_ONCE(sandbox->counters[resource].limit);

	if (old == SBPF_UNLIMITED)
		return -EOPNOTSUPP;
	if (!sbpf_limit_valid(&lower))
		return -EINVAL;
	if (limit >= old)
		return 0;
	old = READ_ONCE(*wanted);
	do {
		/* Whoever wants that has it seen to. */
		if (limit >= old)
			return 0;
	} while (!try_cmpxchg64(wanted, &old, limit));
	/* Without a reference left there are no members either. */
	if (!refcount_inc_not_zero(&sandbox->refs))
		return 0;
	if (!queue_work(sbpf_limits_wq, &sandbox->wanted_work))
		sbpf_sandbox_put(sandbox);
	return 0;
}

/**
 * sbpf_limits_tighten - Lower a limit that there is
 * @sandbox: the sandbox
 * @resource: enum sbpf_resource
 * @limit: the new limit; a higher one than that in force is ignored
 *
 * The action of the limit stays. Of SBPF_RESOURCES_KERNEL a work item sees to it.
 *
 * Context: any.
 *
 * Return: 0, -EINVAL unknown resource or one that has no such limit, -EOPNOTSUPP it has no
 * limit yet.
 */
int sbpf_limits_tighten(struct sbpf_sandbox *sandbox, u32 resource, u64 limit)
{
	struct sbpf_counter *counter;
	u64 old;

	if (resource >= SBPF_RESOURCE_MAX || !limit || limit > S64_MAX)
		return -EINVAL;
	if (is(resource, SBPF_RESOURCES_KERNEL))
		return kernel_tighten(sandbox, resource, limit);
	counter = &sandbox->counters[resource];
	old = READ_ONCE(counter->limit);
	do {
		if (old == SBPF_UNLIMITED)
			return -EOPNOTSUPP;
	} while (limit < old && !try_cmpxchg64(&counter->limit, &old, limit));
	if (is(resource, SBPF_RESOURCES_WATCHED))
		mod_delayed_work(sbpf_wq, &sandbox->watch, 0);
	return 0;
}

/* Has the kernel keep to the limit that a policy wants, if that is lower, and then tells it. */
static void wanted_set(struct sbpf_sandbox *sandbox, u32 resource)
{
	struct sbpf_counter *counter = &sandbox->counters[resource];
	u64 *wanted = &sandbox->wanted[SBPF_KERNEL(resource)];
	struct sbpf_limit lower = { resource, counter->action, READ_ONCE(*wanted) };
	u64 limit = lower.limit;
	int err = 0;

	/* Its owner may have done away with it. */
	if (counter->limit != SBPF_UNLIMITED && limit < counter->limit) {
		if (resource == SBPF_RESOURCE_FILE_SIZE)
			sbpf_sandbox_file_size(sandbox);
		else
			err = sbpf_cgroup_tighten(sandbox->cgroup, &lower);
		if (err)
			sbpf_event_not_tightened(sandbox, resource, err);
		else
			WRITE_ONCE(counter->limit, limit);
	}
	/* Whoever has lowered it meanwhile has queued this anew. */
	try_cmpxchg64(wanted, &limit, SBPF_UNLIMITED);
}

/**
 * sbpf_limits_wanted - Lower limits that the kernel keeps, as a policy wants
 * @work: struct sbpf_sandbox.wanted_work, which holds a reference
 *
 * Context: work item.
 */
void sbpf_limits_wanted(struct work_struct *work)
{
	struct sbpf_sandbox *sandbox = container_of(work, struct sbpf_sandbox, wanted_work);

	mutex_lock(&sandbox->control);
	wanted_set(sandbox, SBPF_RESOURCE_MEMORY);
	wanted_set(sandbox, SBPF_RESOURCE_CPU_SHARE);
	wanted_set(sandbox, SBPF_RESOURCE_FILE_SIZE);
	mutex_unlock(&sandbox->control);
	/* Memory may be more than that already, with nobody but its watch to see to it. */
	mod_delayed_work(sbpf_wq, &sandbox->watch, 0);
	sbpf_sandbox_put(sandbox);
}

/* The second that a rate is counted in now. */
static u32 second(const struct sbpf_sandbox *sandbox)
{
	return div_u64(ktime_get_boot_fast_ns() - sandbox->created_ns, NSEC_PER_SEC);
}

/**
 * sbpf_limits_usage - How much of a resource does a sandbox use?
 * @sandbox: the sandbox
 * @resource: enum sbpf_resource, less than SBPF_RESOURCE_MAX
 *
 * Context: any. What is not charged is as of the last sbpf_limits_sample().
 *
 * Return: use now, what is nested in it included; SBPF_UNKNOWN if nobody measures it.
 */
u64 sbpf_limits_usage(struct sbpf_sandbox *sandbox, u32 resource)
{
	u64 usage = atomic64_read(&sandbox->counters[resource].usage);
	struct sbpf_cgroup *cgroup;
	u64 entered;

	if (is(resource, SBPF_RESOURCES_RATE))
		return usage && usage >> 32 == second(sandbox) ? (u32)usage : 0;
	if (resource == SBPF_RESOURCE_WALL_TIME) {
		entered = READ_ONCE(sandbox->entered_ns);
		return entered ? ktime_get_boot_fast_ns() - entered : 0;
	}
	if (resource == SBPF_RESOURCE_MEMORY) {
		/* Pairs with sbpf_cgroup_bind(). */
		cgroup = smp_load_acquire(&sandbox->cgroup);
		return cgroup ? sbpf_cgroup_memory(cgroup) : SBPF_UNKNOWN;
	}
	if (is(resource, SBPF_RESOURCES_HELD | SBPF_RESOURCES_SPENT | SBPF_RESOURCES_KERNEL))
		return usage;
	return usage + counted_per_cpu(sandbox, resource);
}

/**
 * sbpf_limits_peak - How much of a resource has a sandbox used at most?
 * @sandbox: the sandbox
 * @resource: enum sbpf_resource, less than SBPF_RESOURCE_MAX
 *
 * Context: any.
 *
 * Return: the highest use so far, which for what is never taken back is that now.
 */
u64 sbpf_limits_peak(struct sbpf_sandbox *sandbox, u32 resource)
{
	if (is(resource, SBPF_RESOURCES_PEAK))
		return atomic64_read(&sandbox->counters[resource].peak);
	return sbpf_limits_usage(sandbox, resource);
}

/* Raises to a value what only grows. */
static void counter_raise(atomic64_t *to, s64 value)
{
	s64 old = atomic64_read(to);

	while (value > old)
		if (atomic64_try_cmpxchg(to, &old, value))
			break;
}

/*
 * Adds to the use in this second, unless that would be more than @most. Returns what it
 * is then, or would be.
 */
static u64 rate_add(struct sbpf_sandbox *sandbox, struct sbpf_counter *counter,
		    s32 amount, u64 most)
{
	u64 now = (u64)second(sandbox) << 32, usage;
	s64 old = atomic64_read(&counter->usage);

	do {
		usage = (u64)old >> 32 == now >> 32 ? (u32)old : 0;
		/* What is taken back may be of a second that is over. */
		usage = amount < 0 && usage < -amount ? 0 : usage + amount;
		if (usage > most)
			break;
	} while (!atomic64_try_cmpxchg(&counter->usage, &old, now | usage));
	return usage;
}

static void counter_sub(struct sbpf_sandbox *sandbox, int resource, u32 amount)
{
	struct sbpf_counter *counter = &sandbox->counters[resource];

	if (!is(resource, READ_ONCE(sandbox->counted)))
		this_cpu_sub(sandbox->stats->used[SBPF_USED(resource)], amount);
	else if (is(resource, SBPF_RESOURCES_RATE))
		rate_add(sandbox, counter, -(s32)amount, U32_MAX);
	else if (!atomic64_sub_return(amount, &counter->usage) &&
		 resource == SBPF_RESOURCE_PIDS)
		wake_up_all(&sandbox->wait);
}

/*
 * Adds to the use, unless that would be more than @most: nobody ever sees more. Returns
 * what it is then, or would be.
 */
static u64 counter_add(struct sbpf_counter *counter, u32 amount, u64 most)
{
	const u64 base = READ_ONCE(counter->base);
	s64 old = atomic64_read(&counter->usage);
	u64 usage;

	do {
		usage = base + old + amount;
		if (usage > most)
			break;
	} while (!atomic64_try_cmpxchg(&counter->usage, &old, old + amount));
	return usage;
}

/* Charges one layer, if that is within its limit; returns whether it is. */
static bool layer_charge(struct sbpf_sandbox *layer, int resource, u32 amount)
{
	struct sbpf_counter *counter = &layer->counters[resource];
	bool held = is(resource, SBPF_RESOURCES_HELD), rate = is(resource, SBPF_RESOURCES_RATE);
	u64 limit, most, usage;

	if (!is(resource, READ_ONCE(layer->counted))) {
		this_cpu_add(layer->stats->used[SBPF_USED(resource)], amount);
		return true;
	}
	limit = counter_limit(layer, resource);
	/* Whoever has no limit writes no cache line that others do. */
	if (rate && limit == SBPF_UNLIMITED)
		return true;
	most = limit;
	if (READ_ONCE(counter->action) == SBPF_ACTION_NOTIFY)
		most = rate ? U32_MAX : SBPF_UNLIMITED;
	usage = rate ? rate_add(layer, counter, amount, most) :
		       counter_add(counter, amount, most);
	if (usage > most)
		return most > limit;
	if (held || rate)
		counter_raise(&counter->peak, usage);
	/* Passed now, and not before. */
	if (unlikely(usage > limit && usage - amount <= limit))
		sbpf_event_limit(layer, resource, SBPF_EVENT_LIMIT | SBPF_EVENT_COMPLAIN);
	return true;
}

/**
 * sbpf_limits_charge - Charge a sandbox and those around it
 * @sandbox: the innermost to be charged
 * @end: the first that is not charged, NULL to charge all
 * @resource: enum sbpf_resource, or SBPF_COUNTER_TASKS
 * @amount: how much, in the resource's unit
 *
 * Of two charges that race for the last unit one succeeds, unless a sandbox further out
 * forbids it: what was charged until then is taken back.
 *
 * Context: any, under rcu_read_lock() or a lock that takes its place.
 *
 * Return: NULL if charged; else the sandbox whose limit forbids it, and nothing
 * is charged.
 */
struct sbpf_sandbox *sbpf_limits_charge(struct sbpf_sandbox *sandbox,
					const struct sbpf_sandbox *end,
					int resource, u32 amount)
{
	struct sbpf_sandbox *layer;

	for (layer = sandbox; layer != end; layer = layer->parent) {
		if (layer_charge(layer, resource, amount))
			continue;
		sbpf_limits_uncharge(sandbox, layer, resource, amount);
		return layer;
	}
	return NULL;
}

/**
 * sbpf_limits_charge_forced - Charge what exists already, beyond any limit
 * @sandbox: the innermost to be charged
 * @end: the first that is not charged, NULL to charge all
 * @resource: one of SBPF_RESOURCES_HELD
 * @amount: how much, in the resource's unit
 *
 * Context: any.
 */
void sbpf_limits_charge_forced(struct sbpf_sandbox *sandbox,
			       const struct sbpf_sandbox *end,
			       int resource, u32 amount)
{
	for (; sandbox != end; sandbox = sandbox->parent)
		counter_raise(&sandbox->counters[resource].peak,
			      atomic64_add_return(amount,
						  &sandbox->counters[resource].usage));
}

/**
 * sbpf_limits_uncharge - Take back a charge
 * @sandbox: as charged
 * @end: as charged
 * @resource: as charged
 * @amount: as charged
 *
 * Wakes whoever waits for a sandbox to be empty.
 *
 * Context: any.
 */
void sbpf_limits_uncharge(struct sbpf_sandbox *sandbox,
			  const struct sbpf_sandbox *end,
			  int resource, u32 amount)
{
	for (; sandbox != end; sandbox = sandbox->parent)
		counter_sub(sandbox, resource, amount);
}

static u32 limit_flags(struct sbpf_sandbox *sandbox, int resource)
{
	switch (READ_ONCE(sandbox->counters[resource].action)) {
	case SBPF_ACTION_KILL:
		return SBPF_EVENT_LIMIT | SBPF_EVENT_KILLED;
	case SBPF_ACTION_FREEZE:
		return SBPF_EVENT_LIMIT | SBPF_EVENT_FROZEN;
	case SBPF_ACTION_NOTIFY:
		return SBPF_EVENT_LIMIT | SBPF_EVENT_COMPLAIN;
	}
	return SBPF_EVENT_LIMIT;
}

/* Does to the sandbox what the event says. */
static void limit_act(struct sbpf_sandbox *sandbox, int resource, u32 flags)
{
	if (flags & (SBPF_EVENT_KILLED | SBPF_EVENT_FROZEN))
		WRITE_ONCE(sandbox->stopped, resource + 1);
	if (flags & SBPF_EVENT_KILLED)
		sbpf_sandbox_kill(sandbox);
	if (flags & SBPF_EVENT_FROZEN)
		sbpf_sandbox_freeze(sandbox);
}

/**
 * sbpf_limits_over - An operation would exceed a limit
 * @sandbox: the sandbox whose limit it is
 * @resource: enum sbpf_resource, or SBPF_COUNTER_TASKS
 * @op: the operation, SBPF_OP_MAX if it is none
 * @object: what it acts upon
 *
 * Counts and reports it, and takes the limit's action.
 *
 * Context: a hook, without siglock.
 *
 * Return: -errno for the operation.
 */
int sbpf_limits_over(struct sbpf_sandbox *sandbox, int resource, enum sbpf_op op,
		     const struct sbpf_object *object)
{
	static const int errors[SBPF_RESOURCE_MAX] = {
		[SBPF_RESOURCE_PIDS] = -EAGAIN,
		[SBPF_RESOURCE_OPEN_FILES] = -EMFILE,
		[SBPF_RESOURCE_FILES_CREATED] = -EDQUOT,
		[SBPF_RESOURCE_BYTES_WRITTEN] = -EDQUOT,
		[SBPF_RESOURCE_SOCKETS] = -ENOBUFS,
		[SBPF_RESOURCE_CONNECTIONS] = -ENOBUFS,
		[SBPF_RESOURCE_CONNECTION_RATE] = -EAGAIN,
		[SBPF_RESOURCE_EXEC_RATE] = -EAGAIN,
	};
	struct sbpf_object told = *object;
	u32 flags;

	if (resource == SBPF_COUNTER_TASKS)
		resource = SBPF_RESOURCE_PIDS;
	told.resource = resource;
	flags = limit_flags(sandbox, resource);
	sbpf_sandbox_denied(sandbox, op);
	sbpf_event_denied(sandbox, NULL, op, errors[resource], flags, &told);
	/*
	 * Nothing more of what it does is to be seen, and work items take their time.
	 * First, so that whoever thaws the sandbox makes this one go on as well.
	 */
	if (flags & SBPF_EVENT_KILLED)
		send_sig(SIGKILL, current, 1);
	else if (flags & SBPF_EVENT_FROZEN)
		send_sig(SIGSTOP, current, 1);
	limit_act(sandbox, resource, flags);
	return errors[resource];
}

/* The size of one file */

/* What holds for whoever sets it, or is new, before it is what holds for all. */
static u64 file_size_limit(const struct sbpf_sandbox *sandbox)
{
	return min(READ_ONCE(sandbox->counters[SBPF_RESOURCE_FILE_SIZE].limit),
		   READ_ONCE(sandbox->wanted[SBPF_KERNEL(SBPF_RESOURCE_FILE_SIZE)]));
}

/**
 * sbpf_limits_file_size - Limit the size of files of a process
 * @task: a task of it, held
 * @sandbox: its sandbox
 *
 * What is set for it already may be less, and stays. Children inherit it.
 *
 * Context: any that may take alloc_lock.
 */
void sbpf_limits_file_size(struct task_struct *task, const struct sbpf_sandbox *sandbox)
{
	struct rlimit *rlimit = &task->signal->rlim[RLIMIT_FSIZE];
	struct task_struct *leader;
	u64 most = SBPF_UNLIMITED;

	for (; sandbox; sandbox = sandbox->parent)
		most = min(most, file_size_limit(sandbox));
	if (most == SBPF_UNLIMITED)
		return;
	rcu_read_lock();
	/* Its leader stays until then, and for a grace period. */
	leader = READ_ONCE(task->group_leader);
	if (pid_alive(task)) {
		/* Against setrlimit(2), which may have been allowed more just before. */
		task_lock(leader);
		rlimit->rlim_cur = min_t(u64, rlimit->rlim_cur, most);
		rlimit->rlim_max = min_t(u64, rlimit->rlim_max, most);
		task_unlock(leader);
	}
	rcu_read_unlock();
}

/**
 * sbpf_limits_set_rlimit - A member sets how large files may become, maybe for another
 * @sandbox: its sandbox
 * @rlimit: to what
 * @object: task is for whom
 *
 * Context: LSM hook task_setrlimit.
 *
 * Return: 0, or -EPERM, which has been counted and reported, if that is more than a sandbox
 * allows that both are in.
 */
int sbpf_limits_set_rlimit(struct sbpf_sandbox *sandbox, const struct rlimit *rlimit,
			   const struct sbpf_object *object)
{
	const struct sbpf_sandbox *inner = sbpf_member_sandbox(object->task);
	struct sbpf_object told = *object;

	for (; sandbox; sandbox = sandbox->parent) {
		if (rlimit->rlim_max <= file_size_limit(sandbox) ||
		    !sbpf_sandbox_within(inner, sandbox))
			continue;
		told.resource = SBPF_RESOURCE_FILE_SIZE;
		sbpf_sandbox_denied(sandbox, SBPF_OP_TASK_SETRLIMIT);
		sbpf_event_denied(sandbox, NULL, SBPF_OP_TASK_SETRLIMIT, -EPERM,
				  SBPF_EVENT_LIMIT, &told);
		return -EPERM;
	}
	return 0;
}

/**
 * sbpf_limits_oversize - The kernel has refused to make a file larger
 * @sandbox: that of the current task, NULL for none
 *
 * Counts and reports it, and takes the limit's action, if it was for one.
 *
 * Context: under siglock.
 */
void sbpf_limits_oversize(struct sbpf_sandbox *sandbox)
{
	const u64 most = rlimit(RLIMIT_FSIZE);
	u64 limit;
	u32 flags;

	for (; sandbox; sandbox = sandbox->parent) {
		limit = file_size_limit(sandbox);
		/* It may have set itself less. */
		if (limit == SBPF_UNLIMITED || limit > most)
			continue;
		flags = limit_flags(sandbox, SBPF_RESOURCE_FILE_SIZE);
		sbpf_sandbox_denied(sandbox, SBPF_OP_MAX);
		sbpf_event_denied(sandbox, NULL, SBPF_OP_MAX, -EFBIG, flags,
				  &(struct sbpf_object){ .resource = SBPF_RESOURCE_FILE_SIZE });
		limit_act(sandbox, SBPF_RESOURCE_FILE_SIZE, flags);
		return;
	}
}

/* What tasks use */

static void spent_now(u64 *cpu, u64 *read, u64 *written, const struct task_struct *task)
{
	*cpu = READ_ONCE(task->se.sum_exec_runtime);
#ifdef CONFIG_TASK_XACCT
	*read = READ_ONCE(task->ioac.rchar);
	*written = READ_ONCE(task->ioac.wchar);
#else
	*read = 0;
	*written = 0;
#endif
}

/**
 * sbpf_spent_start - A task becomes a member: what it used before does not count
 * @spent: receives what that was
 * @task: the task
 *
 * Context: any.
 */
void sbpf_spent_start(struct sbpf_spent *spent, const struct task_struct *task)
{
	u64 cpu, read, written;

	spent_now(&cpu, &read, &written, task);
	atomic64_set(&spent->cpu, cpu);
	atomic64_set(&spent->read, read);
	atomic64_set(&spent->written, written);
}

/**
 * sbpf_spent_flush - Give to sandboxes what a member used
 * @spent: what it had used when this was done last
 * @task: the member's task
 * @sandbox: innermost sandbox that gets it
 *
 * It may happen twice at a time, as when another thread enters a nested sandbox with
 * the process: what one gives too much the other gives too little.
 *
 * Context: any.
 */
void sbpf_spent_flush(struct sbpf_spent *spent, const struct task_struct *task,
		      struct sbpf_sandbox *sandbox)
{
	u64 cpu, read, written;

	spent_now(&cpu, &read, &written, task);
	cpu -= atomic64_xchg(&spent->cpu, cpu);
	read -= atomic64_xchg(&spent->read, read);
	written -= atomic64_xchg(&spent->written, written);
	for (; sandbox; sandbox = sandbox->parent) {
		atomic64_add(cpu, &sandbox->spent.cpu);
		if (read)
			atomic64_add(read, &sandbox->spent.read);
		if (written)
			atomic64_add(written, &sandbox->spent.written);
	}
}

/**
 * sbpf_spent_add - Add what a member has used and not yet given
 * @sums: CPU time, bytes read and bytes written so far
 * @spent: what it has given
 * @task: its task
 *
 * Context: any; the member is on a list that is locked.
 */
void sbpf_spent_add(u64 *sums, const struct sbpf_spent *spent,
		    const struct task_struct *task)
{
	u64 cpu, read, written;

	spent_now(&cpu, &read, &written, task);
	sums[0] += cpu - atomic64_read(&spent->cpu);
	sums[1] += read - atomic64_read(&spent->read);
	sums[2] += written - atomic64_read(&spent->written);
}

/* What is told by its control group. */
static void memory_sample(struct sbpf_sandbox *sandbox)
{
	struct sbpf_counter *counter = &sandbox->counters[SBPF_RESOURCE_MEMORY];
	struct sbpf_cgroup *cgroup;
	u32 flags;

	/* Pairs with sbpf_cgroup_bind(). */
	cgroup = smp_load_acquire(&sandbox->cgroup);
	if (!cgroup)
		return;
	atomic64_set(&counter->usage, sbpf_cgroup_memory(cgroup));
	counter_raise(&counter->peak, sbpf_cgroup_memory_peak(cgroup));
	if (sbpf_cgroup_ran_out(cgroup) && READ_ONCE(counter->limit) != SBPF_UNLIMITED) {
		flags = limit_flags(sandbox, SBPF_RESOURCE_MEMORY);
		sbpf_sandbox_denied(sandbox, SBPF_OP_MAX);
		sbpf_event_limit(sandbox, SBPF_RESOURCE_MEMORY, flags);
		limit_act(sandbox, SBPF_RESOURCE_MEMORY, flags);
	}
}

/**
 * sbpf_limits_sample - Look at what is not charged
 * @sandbox: the sandbox
 *
 * Whether memory has run out is reported, and acted upon, by who sees it first. A member
 * that ends meanwhile may be missing in what is found, which never falls.
 *
 * Context: process, may sleep.
 */
void sbpf_limits_sample(struct sbpf_sandbox *sandbox)
{
	u64 sums[3] = {
		atomic64_read(&sandbox->spent.cpu),
		atomic64_read(&sandbox->spent.read),
		atomic64_read(&sandbox->spent.written),
	};
	struct sbpf_counter *counters = sandbox->counters;

	memory_sample(sandbox);
	if (!READ_ONCE(sandbox->entered_ns))
		return;
	/* Whoever comes now is not missing: it has not used anything yet. */
	if (!list_empty_careful(&sandbox->children) || !sbpf_member_spent_now(sandbox, sums))
		sbpf_sandbox_spent(sandbox, sums);
	counter_raise(&counters[SBPF_RESOURCE_CPU_TIME].usage, sums[0]);
	if (SBPF_RESOURCES_MISSING)
		return;
	counter_raise(&counters[SBPF_RESOURCE_BYTES_READ].usage, sums[1]);
	counter_raise(&counters[SBPF_RESOURCE_BYTES_WRITTEN].usage, sums[2]);
}

/**
 * sbpf_limits_written - May more be written?
 * @sandbox: the innermost sandbox
 *
 * Context: any.
 *
 * Return: NULL if so, else the sandbox whose limit has been reached.
 */
struct sbpf_sandbox *sbpf_limits_written(struct sbpf_sandbox *sandbox)
{
	struct sbpf_counter *counter;
	u64 written;

	for (; sandbox; sandbox = sandbox->parent) {
		counter = &sandbox->counters[SBPF_RESOURCE_BYTES_WRITTEN];
		written = max(atomic64_read(&sandbox->spent.written),
			      atomic64_read(&counter->usage));
		if (written >= READ_ONCE(counter->limit) &&
		    READ_ONCE(counter->action) != SBPF_ACTION_NOTIFY)
			return sandbox;
	}
	return NULL;
}

/* Looks at one limit: returns how much is left, U64_MAX if that does not matter. */
static u64 watch_limit(struct sbpf_sandbox *sandbox, int resource)
{
	struct sbpf_counter *counter = &sandbox->counters[resource];
	u64 usage = sbpf_limits_usage(sandbox, resource);
	u64 limit = READ_ONCE(counter->limit);
	u32 action, flags;

	if (limit == SBPF_UNLIMITED)
		return U64_MAX;
	if (usage < limit) {
		/* Of memory that may have been given back. */
		counter->told = false;
		return limit - usage;
	}
	action = READ_ONCE(counter->action);
	/* Of bytes the next write will be told; memory is denied by the kernel. */
	if (!counter->told && (is(resource, SBPF_RESOURCES_TIME) ||
			       action == SBPF_ACTION_NOTIFY ||
			       (resource == SBPF_RESOURCE_MEMORY &&
				action == SBPF_ACTION_FREEZE))) {
		counter->told = true;
		flags = limit_flags(sandbox, resource);
		sbpf_event_limit(sandbox, resource, flags);
		limit_act(sandbox, resource, flags);
	}
	return U64_MAX;
}

/*
 * Whoever has used up the share of CPUs waits, whatever the action. As it may be so all the
 * time, that is told once in a second at most.
 */
static u64 watch_cpu_share(struct sbpf_sandbox *sandbox)
{
	struct sbpf_counter *counter = &sandbox->counters[SBPF_RESOURCE_CPU_SHARE];
	u64 now = ktime_get_boot_fast_ns();
	u32 flags;

	if (READ_ONCE(counter->limit) == SBPF_UNLIMITED)
		return U64_MAX;
	if (!sbpf_cgroup_waited(sandbox->cgroup))
		return WATCH_CPU_NS;
	flags = limit_flags(sandbox, SBPF_RESOURCE_CPU_SHARE);
	if (flags & (SBPF_EVENT_KILLED | SBPF_EVENT_FROZEN)) {
		/* It may have been before it was stopped. */
		if (READ_ONCE(sandbox->dying) || READ_ONCE(sandbox->frozen))
			return WATCH_CPU_NS;
	} else if (counter->told && now - sandbox->waited_ns < NSEC_PER_SEC) {
		return WATCH_CPU_NS;
	}
	counter->told = true;
	sandbox->waited_ns = now;
	sbpf_event_limit(sandbox, SBPF_RESOURCE_CPU_SHARE, flags);
	limit_act(sandbox, SBPF_RESOURCE_CPU_SHARE, flags);
	return WATCH_CPU_NS;
}

/*
 * A member that was stopped goes on after a SIGCONT, which timers and descriptors send
 * it without asking: what is frozen and goes on working is killed.
 */
static u64 watch_frozen(struct sbpf_sandbox *sandbox)
{
	u64 used;

	if (!READ_ONCE(sandbox->frozen)) {
		sandbox->frozen_until = 0;
		return U64_MAX;
	}
	sbpf_limits_sample(sandbox);
	used = sbpf_limits_usage(sandbox, SBPF_RESOURCE_CPU_TIME);
	if (!sandbox->frozen_until)
		sandbox->frozen_until = used + WATCH_FROZEN_NS * num_online_cpus();
	else if (used > sandbox->frozen_until)
		sbpf_sandbox_kill(sandbox);
	return WATCH_FROZEN_NS;
}

/**
 * sbpf_limits_watch - Look at limits of what is not charged, and when to do it again
 * @work: struct sbpf_sandbox.watch
 *
 * Context: work item; not while the sandbox is taken apart.
 */
void sbpf_limits_watch(struct work_struct *work)
{
	struct sbpf_sandbox *sandbox =
		container_of(to_delayed_work(work), struct sbpf_sandbox, watch);
	u64 next = U64_MAX, left;

	/* That may be what they have died of. */
	memory_sample(sandbox);
	/* Entering comes here again. */
	if (!READ_ONCE(sandbox->entered_ns) ||
	    !atomic64_read(&sandbox->counters[SBPF_RESOURCE_PIDS].usage))
		return;
	next = watch_limit(sandbox, SBPF_RESOURCE_WALL_TIME);
	/* It goes on while the machine is suspended; what this waits by does not. */
	if (next != U64_MAX)
		next = min(next, NSEC_PER_SEC);
	if (READ_ONCE(sandbox->counters[SBPF_RESOURCE_CPU_TIME].limit) != SBPF_UNLIMITED ||
	    READ_ONCE(sandbox->counters[SBPF_RESOURCE_BYTES_WRITTEN].limit) !=
	    SBPF_UNLIMITED)
		sbpf_limits_sample(sandbox);
	/* It cannot be used up by more than all CPUs. */
	left = watch_limit(sandbox, SBPF_RESOURCE_CPU_TIME);
	if (left != U64_MAX)
		next = min(next, max(div_u64(left, num_online_cpus()), WATCH_MIN_NS));
	if (watch_limit(sandbox, SBPF_RESOURCE_BYTES_WRITTEN) != U64_MAX)
		next = min(next, WATCH_BYTES_NS);
	watch_limit(sandbox, SBPF_RESOURCE_MEMORY);
	if (READ_ONCE(sandbox->counters[SBPF_RESOURCE_MEMORY].limit) != SBPF_UNLIMITED)
		next = min(next, WATCH_MEMORY_NS);
	next = min(next, watch_cpu_share(sandbox));
	next = min(next, watch_frozen(sandbox));
	if (next != U64_MAX)
		queue_delayed_work(sbpf_wq, &sandbox->watch,
				   min_t(u64, nsecs_to_jiffies64(next) + 1, MAX_JIFFY_OFFSET));
}

/**
 * sbpf_limits_entered - A process has entered
 * @sandbox: the sandbox
 *
 * Context: process.
 */
void sbpf_limits_entered(struct sbpf_sandbox *sandbox)
{
	u64 never = 0;

	try_cmpxchg64(&sandbox->entered_ns, &never, ktime_get_boottime_ns());
	for (; sandbox; sandbox = sandbox->parent)
		mod_delayed_work(sbpf_wq, &sandbox->watch, 0);
}

/**
 * sbpf_limits_count - Count what is not limited
 * @sandbox: the innermost sandbox
 * @resource: one of SBPF_RESOURCES_UNLIMITED that is not looked at
 *
 * Context: any.
 */
void sbpf_limits_count(struct sbpf_sandbox *sandbox, int resource)
{
	for (; sandbox; sandbox = sandbox->parent)
		this_cpu_inc(sandbox->stats->used[SBPF_USED(resource)]);
}
