/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Limits: accounting of resources, in every layer
 *
 * What can be taken back, and what a sandbox has a limit for, is counted in one place,
 * exactly. The rest is counted per CPU. What tasks use is kept by the kernel in the
 * task; it is added up when somebody wants to know, and when the task is freed.
 */
#ifndef _SBPF_LIMITS_H
#define _SBPF_LIMITS_H

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/types.h>

#include "uapi/sbpf.h"

struct rlimit;
struct sbpf_object;
struct sbpf_sandbox;
struct task_struct;
struct work_struct;

/*
 * Tasks that have not been freed, dead ones included: what was charged to
 * SBPF_RESOURCE_PIDS and is uncharged later. User space does not see it; its
 * limit keeps a sandbox from exhausting the system's pids with zombies, and is
 * far enough above that of pids for the delay of RCU after a task was reaped.
 */
#define SBPF_COUNTER_TASKS	SBPF_RESOURCE_MAX
#define SBPF_COUNTER_MAX	(SBPF_RESOURCE_MAX + 1)
#define SBPF_DEAD_TASKS_MAX	4096

/* Charges that are taken back. */
#define SBPF_RESOURCES_HELD	(BIT(SBPF_RESOURCE_PIDS) | BIT(SBPF_COUNTER_TASKS) | \
				 BIT(SBPF_RESOURCE_OPEN_FILES))
/* Charges in one second. */
#define SBPF_RESOURCES_RATE	(BIT(SBPF_RESOURCE_CONNECTION_RATE) | \
				 BIT(SBPF_RESOURCE_EXEC_RATE))
/* What nobody charges: it is looked at now and then. */
#define SBPF_RESOURCES_TIME	(BIT(SBPF_RESOURCE_CPU_TIME) | \
				 BIT(SBPF_RESOURCE_WALL_TIME))
#define SBPF_RESOURCES_SPENT	(BIT(SBPF_RESOURCE_CPU_TIME) | \
				 BIT(SBPF_RESOURCE_BYTES_READ) | \
				 BIT(SBPF_RESOURCE_BYTES_WRITTEN))
#define SBPF_RESOURCES_WATCHED	(SBPF_RESOURCES_TIME | SBPF_RESOURCES_SPENT)
/* What the kernel limits by its own engines, nobody charges. */
#define SBPF_RESOURCES_KERNEL	(BIT(SBPF_RESOURCE_MEMORY) | \
				 BIT(SBPF_RESOURCE_CPU_SHARE) | \
				 BIT(SBPF_RESOURCE_FILE_SIZE))
/* One of them by number, of so many. */
#define SBPF_KERNEL(resource)	((resource) - SBPF_RESOURCE_MEMORY)
#define SBPF_KERNEL_MAX		(SBPF_KERNEL(SBPF_RESOURCE_FILE_SIZE) + 1)
/* Whose highest use is kept: of the others that is the use now. */
#define SBPF_RESOURCES_PEAK	(SBPF_RESOURCES_HELD | SBPF_RESOURCES_RATE | \
				 BIT(SBPF_RESOURCE_MEMORY))
#define SBPF_RESOURCES_UNLIMITED (BIT(SBPF_RESOURCE_FILES_OPENED) | \
				  BIT(SBPF_RESOURCE_BYTES_READ) | \
				  BIT(SBPF_RESOURCE_EXECS))
/* What this kernel keeps no account of. */
#define SBPF_RESOURCES_MISSING	(IS_ENABLED(CONFIG_TASK_XACCT) ? 0 :	\
				 BIT(SBPF_RESOURCE_BYTES_READ) |	\
				 BIT(SBPF_RESOURCE_BYTES_WRITTEN))

/**
 * struct sbpf_spent - What tasks use, as the kernel keeps it in each of them
 * @cpu: CPU time in nanoseconds
 * @read: bytes read
 * @written: bytes written
 */
struct sbpf_spent {
	atomic64_t cpu;
	atomic64_t read;
	atomic64_t written;
};

/**
 * struct sbpf_counter - One resource of one sandbox
 * @usage: use now; of rates, a second in the upper half and the use in it in the
 *	lower; of what is not charged, as last looked at
 * @peak: highest use so far
 * @base: what was counted per CPU, before there was a limit
 * @limit: what use may not exceed by a charge; SBPF_UNLIMITED for none
 * @action: enum sbpf_action
 * @told: of what is not charged: the limit has been passed, and its action taken
 */
struct sbpf_counter {
	atomic64_t usage;
	atomic64_t peak;
	u64 base;
	u64 limit;
	u32 action;
	bool told;
};

bool sbpf_limit_valid(const struct sbpf_limit *limit);
void sbpf_limits_init(struct sbpf_sandbox *sandbox, u64 pids);
int sbpf_limits_set(struct sbpf_sandbox *sandbox, const struct sbpf_limit *limits,
		    u32 count);
int sbpf_limits_tighten(struct sbpf_sandbox *sandbox, u32 resource, u64 limit);
void sbpf_limits_wanted(struct work_struct *work);
u64 sbpf_limits_usage(struct sbpf_sandbox *sandbox, u32 resource);
u64 sbpf_limits_peak(struct sbpf_sandbox *sandbox, u32 resource);
struct sbpf_sandbox *sbpf_limits_charge(struct sbpf_sandbox *sandbox,
					const struct sbpf_sandbox *end,
					int resource, u32 amount);
void sbpf_limits_charge_forced(struct sbpf_sandbox *sandbox,
			       const struct sbpf_sandbox *end,
			       int resource, u32 amount);
void sbpf_limits_uncharge(struct sbpf_sandbox *sandbox,
			  const struct sbpf_sandbox *end,
			  int resource, u32 amount);
void sbpf_limits_count(struct sbpf_sandbox *sandbox, int resource);
int sbpf_limits_over(struct sbpf_sandbox *sandbox, int resource, enum sbpf_op op,
		     const struct sbpf_object *object);
struct sbpf_sandbox *sbpf_limits_written(struct sbpf_sandbox *sandbox);
void sbpf_limits_file_size(struct task_struct *task, const struct sbpf_sandbox *sandbox);
int sbpf_limits_set_rlimit(struct sbpf_sandbox *sandbox, const struct rlimit *rlimit,
			   const struct sbpf_object *object);
void sbpf_limits_oversize(struct sbpf_sandbox *sandbox);
void sbpf_spent_start(struct sbpf_spent *spent, const struct task_struct *task);
void sbpf_spent_flush(struct sbpf_spent *spent, const struct task_struct *task,
		      struct sbpf_sandbox *sandbox);
void sbpf_spent_add(u64 *sums, const struct sbpf_spent *spent,
		    const struct task_struct *task);
void sbpf_limits_sample(struct sbpf_sandbox *sandbox);
void sbpf_limits_entered(struct sbpf_sandbox *sandbox);
void sbpf_limits_watch(struct work_struct *work);

#endif /* _SBPF_LIMITS_H */
