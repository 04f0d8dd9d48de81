/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Visits: what rules were found to grant in directories far below
 */
#ifndef _SBPF_VISITS_H
#define _SBPF_VISITS_H

#include <linux/types.h>

struct dentry;
struct vfsmount;

u32 sbpf_visit_find(u64 rules, const struct vfsmount *mnt, const struct dentry *dentry,
		    unsigned int renames);
void sbpf_visit_keep(u64 rules, const struct vfsmount *mnt, const struct dentry *dentry,
		     unsigned int renames, u32 grant);

#endif /* _SBPF_VISITS_H */
