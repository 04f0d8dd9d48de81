/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Control groups: what the kernel itself limits for all members together
 *
 * A sandbox has a control group if its owner has named one. Whoever enters is in it, and
 * members stay in it: what would move anybody out of it, or change its limits, is denied.
 */
#ifndef _SBPF_CGROUP_H
#define _SBPF_CGROUP_H

#include <linux/types.h>

struct kernfs_open_file;
struct sbpf_cgroup;
struct sbpf_limit;
struct sbpf_sandbox;
struct task_struct;

int sbpf_cgroup_bind(struct sbpf_sandbox *sandbox, int fd);
void sbpf_cgroup_free(struct sbpf_cgroup *cgroup);
bool sbpf_cgroup_may_write(const struct sbpf_cgroup *cgroup, struct kernfs_open_file *of);
bool sbpf_cgroup_has(const struct sbpf_sandbox *sandbox, struct task_struct *task);
int sbpf_cgroup_limit(struct sbpf_cgroup *cgroup, const struct sbpf_limit *memory,
		      const struct sbpf_limit *cpu);
int sbpf_cgroup_tighten(const struct sbpf_cgroup *cgroup, const struct sbpf_limit *limit);
u64 sbpf_cgroup_memory(const struct sbpf_cgroup *cgroup);
u64 sbpf_cgroup_memory_peak(const struct sbpf_cgroup *cgroup);
bool sbpf_cgroup_ran_out(struct sbpf_cgroup *cgroup);
bool sbpf_cgroup_waited(struct sbpf_cgroup *cgroup);

#endif /* _SBPF_CGROUP_H */
