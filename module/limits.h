/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Limits: accounting of resources, in every layer
 */
#ifndef _SBPF_LIMITS_H
#define _SBPF_LIMITS_H

#include <linux/atomic.h>
#include <linux/types.h>

#include "uapi/sbpf.h"

struct sbpf_sandbox;

/*
 * Tasks that have not been freed, dead ones included: what was charged to
 * SBPF_RESOURCE_PIDS and is uncharged later. User space does not see it; its
 * limit keeps a sandbox from exhausting the system's pids with zombies, and is
 * far enough above that of pids for the delay of RCU after a task was reaped.
 */
#define SBPF_COUNTER_TASKS	SBPF_RESOURCE_MAX
#define SBPF_COUNTER_MAX	(SBPF_RESOURCE_MAX + 1)
#define SBPF_DEAD_TASKS_MAX	4096

/**
 * struct sbpf_counter - One resource of one sandbox
 * @usage: use now
 * @peak: highest use so far
 * @limit: what @usage may not exceed by a charge; SBPF_UNLIMITED for none
 */
struct sbpf_counter {
	atomic64_t usage;
	atomic64_t peak;
	u64 limit;
};

bool sbpf_limit_valid(u64 limit);
void sbpf_limits_set(struct sbpf_sandbox *sandbox, enum sbpf_resource resource,
		     u64 limit);
struct sbpf_sandbox *sbpf_limits_charge(struct sbpf_sandbox *sandbox,
					const struct sbpf_sandbox *end,
					int resource, u32 amount);
void sbpf_limits_charge_forced(struct sbpf_sandbox *sandbox,
			       const struct sbpf_sandbox *end,
			       int resource, u32 amount);
void sbpf_limits_uncharge(struct sbpf_sandbox *sandbox,
			  const struct sbpf_sandbox *end,
			  int resource, u32 amount);

#endif /* _SBPF_LIMITS_H */
