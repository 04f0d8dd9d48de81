/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - The module as seen from user space: /dev/sbpf and sandboxes' descriptors
 */
#ifndef _SBPF_DEV_H
#define _SBPF_DEV_H

#include <stdbool.h>

#include "uapi/sbpf.h"

#define DEV_PATH	"/dev/sbpf"

/** DEV_LOAD_HINT: how to load the module. */
#define DEV_LOAD_HINT	"as root: modprobe sbpf (or insmod sbpf.ko where it was built)"

int dev_open(void);
int dev_info(int dev, struct sbpf_info *info);
int dev_ledger(int dev, struct sbpf_ledger_info *info);
int dev_policy(int dev, __u32 index, struct sbpf_policy_info *info);
int dev_policy_find(int dev, const char *name, struct sbpf_policy_info *info);
int dev_create(int dev, struct sbpf_create *create);
int dev_sandbox(int dev, __u64 id);
int dev_sandboxes(int dev, __u64 **ids, __u32 *count);

int sandbox_stat(int sandbox, struct sbpf_stat *stat);
int sandbox_members(int sandbox, __u64 **pids, __u32 *count);
int sandbox_set_limits(int sandbox, const struct sbpf_limit *limits, __u32 count);
int sandbox_thaw(int sandbox);
bool sandbox_wait_empty(int sandbox, int timeout_ms);
bool sandbox_kill(int sandbox);
int sandbox_add_rules(int sandbox, struct sbpf_set_rules *set);
int sandbox_add_capabilities(int sandbox, __u64 capabilities);

#endif /* _SBPF_DEV_H */
