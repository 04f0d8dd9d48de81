/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Members: which sandbox a task is in
 *
 * Locks: sighand->siglock, then one of sandbox->members_lock or a lock of the
 * table, which are never held together. All are taken with interrupts off,
 * since the last reference to a task may be dropped anywhere.
 */
#ifndef _SBPF_MEMBER_H
#define _SBPF_MEMBER_H

#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/rculist.h>
#include <linux/types.h>

#include "limits.h"
#include "trampoline.h"

struct sbpf_sandbox;
struct task_struct;

/**
 * struct sbpf_member - A task in a sandbox, from before it runs until it is freed
 */
struct sbpf_member {
	/** @node: In the table, under the lock of its bucket; read under RCU. */
	struct hlist_node node;
	/** @task: The task; valid while this is in the table. Constant. */
	struct task_struct *task;
	/**
	 * @sandbox: Its innermost sandbox, held. Changes only inwards, when the
	 * process enters a nested one, under its siglock.
	 */
	struct sbpf_sandbox __rcu *sandbox;
	/** @list: In the sandbox's members, under its members_lock. */
	struct list_head list;
	/** @running: The task can be sent signals. Under members_lock. */
	bool running;
	/** @signals: As of @sandbox when it was sent a signal. Under members_lock. */
	u64 signals;
	/** @gone: It has exited and is not charged any more. Set once by xchg(). */
	int gone;
	/** @spent: What the task has used that does not count, or is counted already. */
	struct sbpf_spent spent;
	/**
	 * @spared: Policies of others are being asked about what the task does, and may
	 * not write into its memory. By the task itself only.
	 */
	unsigned int spared;
	/** @rcu: Frees this after the last reader. */
	struct rcu_head rcu;
};

extern struct hlist_head sbpf_members[1 << SBPF_MEMBER_BITS];

static __always_inline unsigned long
sbpf_member_bucket(const struct task_struct *task)
{
	return (unsigned long)task * SBPF_MEMBER_FACTOR >> (64 - SBPF_MEMBER_BITS);
}

/**
 * sbpf_member_find - Find the membership of a task
 * @task: the task
 *
 * Context: under rcu_read_lock(); any.
 *
 * Return: the member, valid until rcu_read_unlock(), or NULL.
 */
static __always_inline struct sbpf_member *
sbpf_member_find(const struct task_struct *task)
{
	struct sbpf_member *member;

	hlist_for_each_entry_rcu(member,
				 &sbpf_members[sbpf_member_bucket(task)], node)
		if (member->task == task)
			return member;
	return NULL;
}

/**
 * sbpf_member_sandbox - Innermost sandbox of a task
 * @task: the task
 *
 * Context: under rcu_read_lock(); any.
 *
 * Return: the sandbox, valid until rcu_read_unlock() (for the current task,
 * while it does not enter another), or NULL if it is in none.
 */
static __always_inline struct sbpf_sandbox *
sbpf_member_sandbox(const struct task_struct *task)
{
	struct sbpf_member *member = sbpf_member_find(task);

	return member ? rcu_dereference(member->sandbox) : NULL;
}

/**
 * sbpf_member_is - Is a task a member of any sandbox?
 * @task: the task
 *
 * Context: any.
 *
 * Return: whether it is.
 */
static inline bool sbpf_member_is(const struct task_struct *task)
{
	bool is;

	rcu_read_lock();
	is = sbpf_member_find(task);
	rcu_read_unlock();
	return is;
}

int sbpf_member_add(struct task_struct *task, struct sbpf_sandbox *sandbox);
void sbpf_member_remove(struct task_struct *task);
void sbpf_member_exited(struct task_struct *task);
void sbpf_member_created(struct task_struct *task);
int sbpf_member_enter(struct sbpf_sandbox *sandbox);
void sbpf_member_signal(struct sbpf_sandbox *sandbox, int signal);
bool sbpf_member_spent_now(struct sbpf_sandbox *sandbox, u64 *sums);
void sbpf_member_spent(struct sbpf_sandbox *sandbox, u64 *sums);
void sbpf_member_file_size(struct sbpf_sandbox *sandbox);
void sbpf_member_flush(struct sbpf_sandbox *sandbox);
u32 sbpf_member_list(struct sbpf_sandbox *sandbox, u64 *pids, u32 capacity);
int __init sbpf_member_init(void);
void sbpf_member_exit(void);

#endif /* _SBPF_MEMBER_H */
