/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - A control group for a sandbox: memory and share of the CPUs
 */
#ifndef _SBPF_CGROUP_H
#define _SBPF_CGROUP_H

#include <stdbool.h>
#include <linux/types.h>

#include "limits.h"

/** CGROUP_UNKNOWN: what cannot be told; as SBPF_UNLIMITED is for a limit. */
#define CGROUP_UNKNOWN	(~0ULL)

/**
 * struct cgroup_memory - Memory of a control group, in bytes
 * @usage: now
 * @peak: at most so far
 * @limit: limit, or SBPF_UNLIMITED
 */
struct cgroup_memory {
	__u64 usage;
	__u64 peak;
	__u64 limit;
};

bool cgroup_wanted(const struct limits *limits);
int cgroup_make(const struct limits *limits, __u64 id);
int cgroup_enter(void);
bool cgroup_out_of_memory(void);
void cgroup_remove(void);
void cgroup_memory(__u64 pid, __u64 id, struct cgroup_memory *memory);

#endif /* _SBPF_CGROUP_H */
