/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - A control group for a sandbox: memory and share of the CPUs
 */
#ifndef _SBPF_CGROUP_H
#define _SBPF_CGROUP_H

#include <stdbool.h>

#include "limits.h"

const char *cgroup_lack(bool memory, bool cpu, const char **remedy);
bool cgroup_wanted(const struct limits *limits);
int cgroup_make(const struct limits *limits, int sandbox);
int cgroup_enter(void);
bool cgroup_ran_out(void);
void cgroup_remove(void);

#endif /* _SBPF_CGROUP_H */
