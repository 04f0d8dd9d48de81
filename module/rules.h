/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Rules: what a sandbox's owner allows of the file tree, for policies to ask
 */
#ifndef _SBPF_RULES_H
#define _SBPF_RULES_H

#include <linux/types.h>

struct dentry;
struct inode;
struct path;
struct sbpf_path_rule;
struct sbpf_rules;
struct sbpf_sandbox;
struct vfsmount;

int sbpf_rules_set(struct sbpf_sandbox *sandbox, const struct sbpf_path_rule *paths,
		   u32 count, bool add);
void sbpf_rules_free(struct sbpf_rules *rules);
int sbpf_rules_access(const struct sbpf_sandbox *sandbox, struct vfsmount *mnt,
		      struct dentry *dentry, u32 access);
int sbpf_rules_refer(const struct sbpf_sandbox *sandbox, struct vfsmount *mnt,
		     struct dentry *dentry, struct dentry *new_dir,
		     const struct inode *replaced, bool exchange);

#endif /* _SBPF_RULES_H */
