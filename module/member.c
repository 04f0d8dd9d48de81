// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Members: which sandbox a task is in
 *
 * A table finds the member of a task. A task gets there by fork, in the LSM
 * hook task_alloc, or by entering, and stays until the LSM hook task_free: no
 * earlier, so that nothing that it still does escapes, and no later, so that
 * a new task at the same address starts without one.
 *
 * Entering takes in all threads at once. Under siglock no thread can be linked
 * into the process; one that is being created at this time, its parent having
 * passed task_alloc before it became a member, is taken in by the tracepoint
 * task_newtask, which fires when the thread is linked and has not run.
 */
#include <linux/capability.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "cgroup.h"
#include "limits.h"
#include "member.h"
#include "sandbox.h"

#define LOCKS_BITS 6

/* How often to enter anew because threads appeared meanwhile. */
#define ENTER_TRIES 32

/* How many tasks to signal per turn of the members' lock. */
#define KILL_BATCH 16

/* How many members to look at per turn of their lock, which stops interrupts. */
#define WALK_BATCH 256

struct hlist_head sbpf_members[1 << SBPF_MEMBER_BITS] __read_mostly;
static spinlock_t locks[1 << LOCKS_BITS];
static struct kmem_cache *member_cache;

static spinlock_t *bucket_lock(const struct task_struct *task)
{
	return &locks[sbpf_member_bucket(task) & ((1 << LOCKS_BITS) - 1)];
}

static struct sbpf_member *member_alloc(gfp_t gfp)
{
	return kmem_cache_zalloc(member_cache, gfp | __GFP_ACCOUNT | __GFP_NOWARN);
}

static void member_link(struct sbpf_member *member, struct sbpf_sandbox *sandbox)
{
	unsigned long flags;

	spin_lock_irqsave(&sandbox->members_lock, flags);
	list_add(&member->list, &sandbox->members);
	spin_unlock_irqrestore(&sandbox->members_lock, flags);
}

static void member_unlink(struct sbpf_member *member, struct sbpf_sandbox *sandbox)
{
	unsigned long flags;

	spin_lock_irqsave(&sandbox->members_lock, flags);
	list_del(&member->list);
	spin_unlock_irqrestore(&sandbox->members_lock, flags);
}

/* The task has been charged; the member becomes visible. */
static void member_insert(struct sbpf_member *member, struct task_struct *task,
			  struct sbpf_sandbox *sandbox)
{
	unsigned long flags;

	sbpf_sandbox_get(sandbox);
	member->task = task;
	sbpf_spent_start(&member->spent, task);
	RCU_INIT_POINTER(member->sandbox, sandbox);
	member_link(member, sandbox);

	spin_lock_irqsave(bucket_lock(task), flags);
	hlist_add_head_rcu(&member->node, &sbpf_members[sbpf_member_bucket(task)]);
	spin_unlock_irqrestore(bucket_lock(task), flags);
}

/* Moves a member inwards; the charge of the new sandbox has been made. */
static void member_move(struct sbpf_member *member, struct sbpf_sandbox *to)
{
	struct sbpf_sandbox *from = rcu_dereference_protected(member->sandbox, true);

	sbpf_sandbox_get(to);
	sbpf_spent_flush(&member->spent, member->task, from);
	member_unlink(member, from);
	rcu_assign_pointer(member->sandbox, to);
	member->signals = 0;
	member_link(member, to);
	sbpf_sandbox_put(from);
}

static void member_uncharge(struct sbpf_member *member)
{
	if (!xchg(&member->gone, 1))
		sbpf_limits_uncharge(rcu_dereference_check(member->sandbox, true),
				     NULL, SBPF_RESOURCE_PIDS, 1);
}

/*
 * The task can be signalled from now on. Returns the signal that was sent to its
 * sandbox meanwhile, if any, and the caller must send to the task.
 */
static int member_run(struct sbpf_member *member, struct sbpf_sandbox *sandbox)
{
	unsigned long flags;

	spin_lock_irqsave(&sandbox->members_lock, flags);
	member->running = true;
	spin_unlock_irqrestore(&sandbox->members_lock, flags);
	/* The killer sets dying and then looks for running members. */
	smp_mb();
	return sbpf_sandbox_signal(sandbox);
}

/*
 * Sends a new member the signal that its sandbox is to get. Whoever thawed it in between
 * may have sent his before: what was sent last is to be what is true then.
 */
static void member_tell(struct task_struct *task, int signal)
{
	int sent;

	do {
		send_sig(signal, task, 1);
		sent = signal;
		/* Pairs with signal_members(). */
		smp_mb();
		rcu_read_lock();
		signal = sbpf_sandbox_signal(sbpf_member_sandbox(task)) ?: SIGCONT;
		rcu_read_unlock();
	} while (sent != SIGKILL && signal != sent);
}

/**
 * sbpf_member_add - Make a task that is being created a member
 * @task: the task
 * @sandbox: its innermost sandbox, in which and around which both
 *	SBPF_RESOURCE_PIDS and SBPF_COUNTER_TASKS have been charged
 *
 * Context: LSM hook task_alloc; may not sleep.
 *
 * Return: 0, or -ENOMEM.
 */
int sbpf_member_add(struct task_struct *task, struct sbpf_sandbox *sandbox)
{
	struct sbpf_member *member = member_alloc(GFP_ATOMIC);

	if (!member)
		return -ENOMEM;
	member_insert(member, task, sandbox);
	return 0;
}

/**
 * sbpf_member_remove - Forget a task that is about to be freed
 * @task: the task, member or not
 *
 * Context: LSM hook task_free; any.
 */
void sbpf_member_remove(struct task_struct *task)
{
	struct sbpf_sandbox *sandbox;
	struct sbpf_member *member;
	unsigned long flags;

	/* Nobody else adds or removes this task now. */
	rcu_read_lock();
	member = sbpf_member_find(task);
	rcu_read_unlock();
	if (!member)
		return;

	spin_lock_irqsave(bucket_lock(task), flags);
	hlist_del_rcu(&member->node);
	spin_unlock_irqrestore(bucket_lock(task), flags);

	member_uncharge(member);
	sandbox = rcu_dereference_protected(member->sandbox, true);
	sbpf_limits_uncharge(sandbox, NULL, SBPF_COUNTER_TASKS, 1);
	member_unlink(member, sandbox);
	sbpf_spent_flush(&member->spent, task, sandbox);
	sbpf_sandbox_put(sandbox);
	kfree_rcu(member, rcu);
}

/* The current task's; it keeps it while it runs. */
static spinlock_t *own_siglock(void)
{
	return &rcu_dereference_protected(current->sighand, true)->siglock;
}

/* As for_each_thread(), whose lockdep check needs a lock that is not exported. */
#define for_each_own_thread(task) \
	list_for_each_entry_rcu(task, &current->signal->thread_head, thread_node)

/* Threads appear and exit meanwhile, so counts are only a guess. */
static int enter_prepare(struct list_head *fresh, int count)
{
	struct sbpf_member *member;

	while (count--) {
		member = member_alloc(GFP_KERNEL);
		if (!member)
			return -ENOMEM;
		list_add(&member->list, fresh);
	}
	return 0;
}

/*
 * May the process enter? Under siglock. Returns the number of its threads, and
 * in @alive that of those which are not exiting.
 */
static int enter_check(const struct sbpf_sandbox *sandbox, bool privileged,
		       int *alive)
{
	struct task_struct *task;
	int count = 0;

	/* Short of that, PF_EXITING changes under siglock: exit_signals(). */
	if (current->signal->flags & SIGNAL_GROUP_EXIT)
		return -EINTR;
	*alive = 0;
	for_each_own_thread(task) {
		count++;
		if (task->flags & PF_EXITING)
			continue;
		if (sbpf_member_sandbox(task) != sandbox->parent)
			return -EPERM;
		if (!privileged && !task_no_new_privs(task))
			return -EPERM;
		if (!list_empty(&task->ptraced))
			return -EBUSY;
		if (!sbpf_cgroup_has(sandbox, task))
			return -EXDEV;
		(*alive)++;
	}
	return count;
}

/*
 * Takes in all threads, each from the list of fresh members unless it is a
 * member of the sandbox around this one. A thread that is exiting does nothing
 * any more that would need mediation, but as the leader it stands for its process
 * when that is the target: it becomes a member that counts for nothing. If it is
 * a member already it may be taking back its charge right now, and stays.
 *
 * Under siglock. Returns 0, -errno, or the positive number of fresh members that
 * it takes if there are too few.
 */
static int enter_all(struct sbpf_sandbox *sandbox, struct list_head *fresh,
		     bool privileged)
{
	struct sbpf_member *member;
	struct task_struct *task;
	int alive, count;

	count = enter_check(sandbox, privileged, &alive);
	if (count < 0)
		return count;
	if (!sandbox->parent && count > list_count_nodes(fresh))
		return count;
	if (sbpf_limits_charge(sandbox, sandbox->parent, SBPF_RESOURCE_PIDS, alive))
		return -EAGAIN;

	for_each_own_thread(task) {
		bool exiting = task->flags & PF_EXITING;

		member = sbpf_member_find(task);
		if (member) {
			if (!exiting) {
				sbpf_limits_charge_forced(sandbox, sandbox->parent,
							  SBPF_COUNTER_TASKS, 1);
				member_move(member, sandbox);
			}
			continue;
		}
		if (sandbox->parent)
			continue;
		member = list_first_entry(fresh, struct sbpf_member, list);
		list_del(&member->list);
		member->running = true;
		member->gone = exiting;
		sbpf_limits_charge_forced(sandbox, NULL, SBPF_COUNTER_TASKS, 1);
		member_insert(member, task, sandbox);
	}
	return 0;
}

/**
 * sbpf_member_enter - Make the current process, all of it, a member
 * @sandbox: the sandbox, held by the caller
 *
 * Context: process, may sleep.
 *
 * Return: 0, or with nothing changed -errno as SBPF_IOC_ENTER documents.
 */
int sbpf_member_enter(struct sbpf_sandbox *sandbox)
{
	bool privileged = capable(CAP_SYS_ADMIN);
	struct sbpf_member *member, *next;
	LIST_HEAD(fresh);
	int err, signal, tries;

	err = sandbox->parent ? 0 : get_nr_threads(current);
	for (tries = 0; tries < ENTER_TRIES && err >= 0; tries++) {
		err = enter_prepare(&fresh, err);
		if (err)
			break;
		rcu_read_lock();
		spin_lock_irq(own_siglock());
		err = enter_all(sandbox, &fresh, privileged);
		spin_unlock_irq(own_siglock());
		rcu_read_unlock();
		if (!err)
			break;
	}
	if (err > 0)
		err = -EAGAIN;

	list_for_each_entry_safe(member, next, &fresh, list)
		kmem_cache_free(member_cache, member);
	if (err)
		return err;

	sbpf_limits_file_size(current, sandbox);
	sbpf_limits_entered(sandbox);
	/* Pairs with the killer, who sets dying and then looks for members. */
	smp_mb();
	signal = sbpf_sandbox_signal(sandbox);
	if (signal)
		member_tell(current, signal);
	return 0;
}

/**
 * sbpf_member_signal - Send a signal to the members of one sandbox
 * @sandbox: the sandbox, held or within one that is
 * @signal: SIGKILL, SIGSTOP or SIGCONT
 *
 * Tasks that cannot be signalled yet do that themselves, see member_run().
 *
 * Context: process, one walk over members at a time; may sleep between tasks.
 */
void sbpf_member_signal(struct sbpf_sandbox *sandbox, int signal)
{
	struct task_struct *tasks[KILL_BATCH];
	struct sbpf_member *member, *next;
	u64 signals = ++sandbox->signals;
	int count, i;

	do {
		count = 0;
		spin_lock_irq(&sandbox->members_lock);
		/* Those that got it go to the tail, new ones come to the head. */
		list_for_each_entry_safe(member, next, &sandbox->members, list) {
			if (member->signals == signals)
				break;
			if (!member->running)
				continue;
			member->signals = signals;
			list_move_tail(&member->list, &sandbox->members);
			/* Not freed while it is on the list, but maybe unused. */
			if (!refcount_inc_not_zero(&member->task->usage))
				continue;
			tasks[count++] = member->task;
			if (count == KILL_BATCH)
				break;
		}
		spin_unlock_irq(&sandbox->members_lock);
		for (i = 0; i < count; i++) {
			send_sig(signal, tasks[i], 1);
			put_task_struct(tasks[i]);
		}
		cond_resched();
	} while (count == KILL_BATCH);
}

static void walk_begin(struct sbpf_sandbox *sandbox, struct list_head *mark)
{
	list_add(mark, &sandbox->members);
	sandbox->walked = true;
}

static void walk_end(struct sbpf_sandbox *sandbox, struct list_head *mark)
{
	list_del(mark);
	sandbox->walked = false;
}

/*
 * The next in a walk over the members of a sandbox, NULL at the end, with their lock given
 * up now and then. There is one walk at a time. Those who come meanwhile come before @mark
 * and are left out; those who leave have been looked at or not.
 */
static struct sbpf_member *walk_next(struct sbpf_sandbox *sandbox, struct list_head *mark,
				     u32 *looked)
	__must_hold(&sandbox->members_lock)
{
	if (++*looked % WALK_BATCH == 0) {
		spin_unlock_irq(&sandbox->members_lock);
		cond_resched();
		spin_lock_irq(&sandbox->members_lock);
	}
	if (list_is_last(mark, &sandbox->members))
		return NULL;
	list_move(mark, mark->next);
	return list_entry(mark->prev, struct sbpf_member, list);
}

/**
 * sbpf_member_spent_now - Add what the members of one sandbox have used, if they are few
 * @sandbox: the sandbox, held
 * @sums: see sbpf_spent_add()
 *
 * In a fraction of the instructions of a walk that may have to wait.
 *
 * Context: process.
 *
 * Return: whether that was done; else nothing was.
 */
bool sbpf_member_spent_now(struct sbpf_sandbox *sandbox, u64 *sums)
{
	struct sbpf_member *member;
	u64 added[3] = {};
	u32 looked = 0;
	bool all;

	if (list_empty_careful(&sandbox->members))
		return true;
	spin_lock_irq(&sandbox->members_lock);
	all = !sandbox->walked;
	if (all) {
		list_for_each_entry(member, &sandbox->members, list) {
			all = ++looked < WALK_BATCH;
			if (!all)
				break;
			sbpf_spent_add(added, &member->spent, member->task);
		}
	}
	spin_unlock_irq(&sandbox->members_lock);
	if (!all)
		return false;
	sums[0] += added[0];
	sums[1] += added[1];
	sums[2] += added[2];
	return true;
}

/**
 * sbpf_member_spent - Add what the members of one sandbox have used and not yet given
 * @sandbox: the sandbox, held
 * @sums: see sbpf_spent_add()
 *
 * Context: process, one walk over members at a time; may sleep.
 */
void sbpf_member_spent(struct sbpf_sandbox *sandbox, u64 *sums)
{
	struct sbpf_member *member;
	struct list_head mark;
	u32 looked = 0;

	spin_lock_irq(&sandbox->members_lock);
	walk_begin(sandbox, &mark);
	while ((member = walk_next(sandbox, &mark, &looked)))
		sbpf_spent_add(sums, &member->spent, member->task);
	walk_end(sandbox, &mark);
	spin_unlock_irq(&sandbox->members_lock);
}

/**
 * sbpf_member_file_size - Limit the size of files of the members of one sandbox
 * @sandbox: the sandbox, held; its limit has been set
 *
 * Tasks that do not run yet see to it themselves, see sbpf_member_created().
 *
 * Context: process, one walk over members at a time; may sleep.
 */
void sbpf_member_file_size(struct sbpf_sandbox *sandbox)
{
	struct sbpf_member *member;
	struct task_struct *task;
	struct list_head mark;
	u32 looked = 0;

	spin_lock_irq(&sandbox->members_lock);
	walk_begin(sandbox, &mark);
	while ((member = walk_next(sandbox, &mark, &looked))) {
		task = member->task;
		/* Not freed while it is on the list, but maybe unused. */
		if (!member->running || !refcount_inc_not_zero(&task->usage))
			continue;
		spin_unlock_irq(&sandbox->members_lock);
		sbpf_limits_file_size(task, sandbox);
		put_task_struct(task);
		spin_lock_irq(&sandbox->members_lock);
	}
	walk_end(sandbox, &mark);
	spin_unlock_irq(&sandbox->members_lock);
}

/**
 * sbpf_member_flush - Give what the current task has used
 * @sandbox: its sandbox
 *
 * Context: any but an interrupt, under rcu_read_lock().
 */
void sbpf_member_flush(struct sbpf_sandbox *sandbox)
{
	sbpf_spent_flush(&sbpf_member_find(current)->spent, current, sandbox);
}

/**
 * sbpf_member_list - Numbers of the live tasks of one sandbox
 * @sandbox: the sandbox, held
 * @pids: receives thread numbers in the caller's pid namespace
 * @capacity: length of @pids
 *
 * Context: process, one walk over members at a time; may sleep.
 *
 * Return: how many there are, which may be more than @capacity.
 */
u32 sbpf_member_list(struct sbpf_sandbox *sandbox, u64 *pids, u32 capacity)
{
	struct pid_namespace *ns = task_active_pid_ns(current);
	struct sbpf_member *member;
	u32 count = 0, looked = 0;
	struct list_head mark;

	spin_lock_irq(&sandbox->members_lock);
	walk_begin(sandbox, &mark);
	while ((member = walk_next(sandbox, &mark, &looked))) {
		if (READ_ONCE(member->gone) || !member->running)
			continue;
		if (count < capacity)
			pids[count] = task_pid_nr_ns(member->task, ns);
		count++;
	}
	walk_end(sandbox, &mark);
	spin_unlock_irq(&sandbox->members_lock);
	return count;
}

/**
 * sbpf_member_exited - A task is exiting and counts no more
 * @task: the task, member or not
 *
 * It stays a member until it is freed.
 *
 * Context: tracepoint sched_process_exit; may not sleep.
 */
void sbpf_member_exited(struct task_struct *task)
{
	struct sbpf_member *member;

	rcu_read_lock();
	member = sbpf_member_find(task);
	if (member)
		member_uncharge(member);
	rcu_read_unlock();
}

/*
 * If the creator became a member, or of a nested sandbox, after it passed
 * task_alloc, what it creates must follow. Under siglock, so that no thread
 * enters meanwhile. Returns the signal that @task must get, or 0.
 */
static int created_follow(struct task_struct *task)
{
	struct sbpf_sandbox *sandbox = sbpf_member_sandbox(current);
	struct sbpf_member *member = sbpf_member_find(task);
	struct sbpf_sandbox *from;

	/* Charged already is what it is in, if anything. */
	from = member ? rcu_dereference(member->sandbox) : NULL;
	if (from != sandbox) {
		/* Nobody asked in which group it would be. */
		if (!sbpf_cgroup_has(sandbox, task))
			return SIGKILL;
		if (!member) {
			member = member_alloc(GFP_ATOMIC);
			if (!member)
				return SIGKILL;
		}
		sbpf_limits_charge_forced(sandbox, from, SBPF_RESOURCE_PIDS, 1);
		sbpf_limits_charge_forced(sandbox, from, SBPF_COUNTER_TASKS, 1);
		if (from)
			member_move(member, sandbox);
		else
			member_insert(member, task, sandbox);
	}
	return member_run(member, sandbox);
}

/**
 * sbpf_member_created - The current task has created a task, which has not run yet
 * @task: the new task, member or not
 *
 * Context: tracepoint task_newtask; may not sleep.
 */
void sbpf_member_created(struct task_struct *task)
{
	unsigned long flags;
	int signal;

	rcu_read_lock();
	if (sbpf_member_find(current)) {
		spin_lock_irqsave(own_siglock(), flags);
		signal = created_follow(task);
		spin_unlock_irqrestore(own_siglock(), flags);
		if (signal)
			member_tell(task, signal);
		/* It may have inherited what has been lowered since. */
		sbpf_limits_file_size(task, sbpf_member_sandbox(task));
	}
	rcu_read_unlock();
}

/**
 * sbpf_member_init - Set up the table
 *
 * Context: module init.
 *
 * Return: 0, or -ENOMEM.
 */
int __init sbpf_member_init(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(locks); i++)
		spin_lock_init(&locks[i]);
	member_cache = KMEM_CACHE(sbpf_member, 0);
	return member_cache ? 0 : -ENOMEM;
}

/**
 * sbpf_member_exit - Free what sbpf_member_init() set up; the table is empty
 *
 * Context: module exit.
 */
void sbpf_member_exit(void)
{
	kmem_cache_destroy(member_cache);
}
