/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Rules: what a sandbox's owner allows, for policies to ask
 */
#ifndef _SBPF_RULES_H
#define _SBPF_RULES_H

#include <linux/types.h>

struct dentry;
struct file;
struct inode;
struct path;
struct sbpf_dev_rule;
struct sbpf_get_rules;
struct sbpf_name_rule;
struct sbpf_net_rule;
struct sbpf_nets;
struct sbpf_path_rule;
struct sbpf_rules;
struct sbpf_sandbox;
struct vfsmount;

/**
 * enum sbpf_special - Files that path rules do not say all about
 * @SBPF_SPECIAL_DEVICE: a device, see bpf_sbpf_dev_access()
 * @SBPF_SPECIAL_PROC: of /proc, which tells about tasks
 * @SBPF_SPECIAL_QUEUE: a POSIX message queue, about which no rule can be
 * @SBPF_SPECIAL_SETID: a new file without a name that has a set-user-ID or
 *	set-group-ID bit
 * @SBPF_SPECIAL_CGROUP: to write to a control group
 */
enum sbpf_special {
	SBPF_SPECIAL_DEVICE	= 1,
	SBPF_SPECIAL_PROC	= 2,
	SBPF_SPECIAL_QUEUE	= 3,
	SBPF_SPECIAL_SETID	= 4,
	SBPF_SPECIAL_CGROUP	= 5,
};

/**
 * struct sbpf_rules_input - Rules that user space hands over, in kernel memory
 * @paths: about objects
 * @names: about names
 * @nets: about addresses
 * @devs: about devices
 * @paths_count: number of @paths
 * @names_count: number of @names
 * @nets_count: number of @nets
 * @devs_count: number of @devs
 * @rights: mask of BIT_ULL(enum sbpf_right)
 * @capabilities: mask of BIT_ULL(CAP_*)
 * @sockets: enum sbpf_socket
 */
struct sbpf_rules_input {
	struct sbpf_path_rule *paths;
	struct sbpf_name_rule *names;
	struct sbpf_net_rule *nets;
	struct sbpf_dev_rule *devs;
	u32 paths_count;
	u32 names_count;
	u32 nets_count;
	u32 devs_count;
	u64 rights;
	u64 capabilities;
	u64 sockets;
};

int sbpf_rules_set(struct sbpf_sandbox *sandbox, const struct sbpf_rules_input *input,
		   bool add);
u32 sbpf_rules_get(struct sbpf_sandbox *sandbox, struct sbpf_get_rules *get, void *records,
		   u32 capacity);
void sbpf_rules_free(struct sbpf_rules *rules);
int sbpf_rules_access(const struct sbpf_sandbox *sandbox, struct vfsmount *mnt,
		      struct dentry *dentry, u32 access);
int sbpf_rules_open(const struct sbpf_sandbox *sandbox, const struct file *file);
int sbpf_rules_access_dentry(const struct sbpf_sandbox *sandbox, struct dentry *dentry,
			     u32 access);
int sbpf_rules_create(const struct sbpf_sandbox *sandbox, struct vfsmount *mnt,
		      struct dentry *dir, const char *name, u32 access);
int sbpf_rules_remove(const struct sbpf_sandbox *sandbox, struct vfsmount *mnt,
		      struct dentry *dir, struct dentry *dentry);
int sbpf_rules_refer(const struct sbpf_sandbox *sandbox, struct vfsmount *mnt,
		     struct dentry *dentry, struct dentry *new_dir,
		     const char *new_name, const struct inode *replaced, bool exchange);
int sbpf_rules_right(const struct sbpf_sandbox *sandbox, u32 right);
int sbpf_rules_capability(const struct sbpf_sandbox *sandbox, u32 capability);
int sbpf_rules_dev(const struct sbpf_sandbox *sandbox, umode_t mode, dev_t dev,
		   u32 access, u32 cmd);
const struct sbpf_nets *sbpf_rules_nets(const struct sbpf_sandbox *sandbox, u64 *sockets);

#endif /* _SBPF_RULES_H */
