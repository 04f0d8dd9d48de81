/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Device rules: by number, whatever the nodes are called
 */
#ifndef _SBPF_DEVS_H
#define _SBPF_DEVS_H

#include <linux/types.h>

struct sbpf_dev_rule;
struct sbpf_ranges;

struct sbpf_ranges *sbpf_devs_make(const struct sbpf_ranges *old,
				   const struct sbpf_dev_rule *rules, u32 count);
u32 sbpf_devs_get(const struct sbpf_ranges *devs, u32 *from, struct sbpf_dev_rule *rules,
		  u32 capacity);
int sbpf_devs_access(const struct sbpf_ranges *devs, umode_t mode, dev_t dev,
		     u32 access, u32 cmd);

#endif /* _SBPF_DEVS_H */
