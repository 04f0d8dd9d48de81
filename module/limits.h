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
struct sbpf_sandbox *sbpf_limits_charge(struct sbpf_sandbox *sandbox,
					const struct sbpf_sandbox *end,
					enum sbpf_resource resource, u32 amount);
void sbpf_limits_charge_forced(struct sbpf_sandbox *sandbox,
			       const struct sbpf_sandbox *end,
			       enum sbpf_resource resource, u32 amount);
void sbpf_limits_uncharge(struct sbpf_sandbox *sandbox,
			  const struct sbpf_sandbox *end,
			  enum sbpf_resource resource, u32 amount);

#endif /* _SBPF_LIMITS_H */
