// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Limits: accounting of resources, in every layer
 */
#include <linux/wait.h>

#include "limits.h"
#include "sandbox.h"

/**
 * sbpf_limit_valid - May this be a limit?
 * @limit: amount, or SBPF_UNLIMITED
 *
 * Return: whether it is at least 1 and fits the signed counters.
 */
bool sbpf_limit_valid(u64 limit)
{
	return limit == SBPF_UNLIMITED || (limit >= 1 && limit <= S64_MAX);
}

/**
 * sbpf_limits_set - Set a limit
 * @sandbox: sandbox
 * @resource: enum sbpf_resource
 * @limit: a valid limit
 *
 * Context: any.
 */
void sbpf_limits_set(struct sbpf_sandbox *sandbox, enum sbpf_resource resource,
		     u64 limit)
{
	u64 tasks = SBPF_UNLIMITED;

	if (resource == SBPF_RESOURCE_PIDS) {
		if (limit <= S64_MAX - SBPF_DEAD_TASKS_MAX)
			tasks = limit + SBPF_DEAD_TASKS_MAX;
		WRITE_ONCE(sandbox->counters[SBPF_COUNTER_TASKS].limit, tasks);
	}
	WRITE_ONCE(sandbox->counters[resource].limit, limit);
}

static void counter_peak(struct sbpf_counter *counter, s64 usage)
{
	s64 peak = atomic64_read(&counter->peak);

	while (usage > peak)
		if (atomic64_try_cmpxchg(&counter->peak, &peak, usage))
			break;
}

static void counter_sub(struct sbpf_sandbox *sandbox,
			int resource, u32 amount)
{
	struct sbpf_counter *counter = &sandbox->counters[resource];

	if (!atomic64_sub_return(amount, &counter->usage) &&
	    resource == SBPF_RESOURCE_PIDS)
		wake_up_all(&sandbox->wait);
}

/**
 * sbpf_limits_charge - Charge a sandbox and those around it
 * @sandbox: the innermost to be charged
 * @end: the first that is not charged, NULL to charge all
 * @resource: enum sbpf_resource, or SBPF_COUNTER_TASKS
 * @amount: how much, in the resource's unit
 *
 * Two charges that race for the last unit may both fail, but never both succeed.
 *
 * Context: any.
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
		struct sbpf_counter *counter = &layer->counters[resource];
		s64 usage = atomic64_add_return(amount, &counter->usage);

		if ((u64)usage > READ_ONCE(counter->limit)) {
			counter_sub(layer, resource, amount);
			sbpf_limits_uncharge(sandbox, layer, resource, amount);
			return layer;
		}
		counter_peak(counter, usage);
	}
	return NULL;
}

/**
 * sbpf_limits_charge_forced - Charge what exists already, beyond any limit
 * @sandbox: the innermost to be charged
 * @end: the first that is not charged, NULL to charge all
 * @resource: enum sbpf_resource, or SBPF_COUNTER_TASKS
 * @amount: how much, in the resource's unit
 *
 * Context: any.
 */
void sbpf_limits_charge_forced(struct sbpf_sandbox *sandbox,
			       const struct sbpf_sandbox *end,
			       int resource, u32 amount)
{
	for (; sandbox != end; sandbox = sandbox->parent)
		counter_peak(&sandbox->counters[resource],
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
