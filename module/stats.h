/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Counters of sandboxes per CPU, those of many on a page
 */
#ifndef _SBPF_STATS_H
#define _SBPF_STATS_H

#include <linux/math.h>
#include <linux/percpu.h>
#include <linux/types.h>

#include "uapi/sbpf.h"

struct sbpf_sandbox;
struct sbpf_stats_page;

/*
 * Resources that are counted per CPU are among these. It is not only they, so that a
 * number of a resource is one of a counter less a constant.
 */
#define SBPF_USED_FIRST		SBPF_RESOURCE_FILES_OPENED
#define SBPF_USED_MAX		(SBPF_RESOURCE_EXECS - SBPF_USED_FIRST + 1)
#define SBPF_USED(resource)	((resource) - SBPF_USED_FIRST)

/* Bits of sbpf_stats.asked. */
#define SBPF_ASKED_BITS		16

/**
 * struct sbpf_stats - Counters of one sandbox on one CPU
 * @used: charges of what is counted per CPU, by SBPF_USED()
 * @asked: how often a policy was asked, by enum sbpf_op; lower bits, see
 *	sbpf_sandbox.asked_high
 * @fours: the same, four at a time
 */
struct sbpf_stats {
	u64 used[SBPF_USED_MAX];
	union {
		u16 asked[SBPF_OP_MAX];
		u64 fours[DIV_ROUND_UP(SBPF_OP_MAX, 4)];
	};
};

int sbpf_stats_alloc(struct sbpf_sandbox *sandbox);
void sbpf_stats_free(struct sbpf_sandbox *sandbox);
void sbpf_stats_exit(void);

#endif /* _SBPF_STATS_H */
