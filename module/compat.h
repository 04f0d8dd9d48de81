/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Differences between kernels; nothing outside this file knows of any
 *
 * build/kernel_config.h is made from the BTF of the kernel that is built against.
 */
#ifndef _SBPF_COMPAT_H
#define _SBPF_COMPAT_H

#include "kernel_config.h"

/* For assembly: the variable of a CPU that points to its current task. */
#ifdef SBPF_HAVE_PCPU_HOT
#define SBPF_CURRENT_TASK pcpu_hot
#else
#define SBPF_CURRENT_TASK current_task
#endif

/* Since 6.16, and 6.12.y, the type is the only argument: which register is it in? */
#ifdef SBPF_HAVE_PERF_EVENT_ATTR
#define SBPF_PERF_TYPE_ARG 1
#else
#define SBPF_PERF_TYPE_ARG 0
#endif

/*
 * On 7.3 programs for three numbers of struct_ops members are refused; the first
 * is that of BPF_TRACE_FENTRY_MULTI, which older headers do not have.
 */
#define SBPF_POLICY_NAME_MEMBER 59

/* 7.3 has programs for many functions at once; of enum bpf_attach_type. */
#define SBPF_FENTRY_MULTI	59
#define SBPF_FSESSION_MULTI	61

#ifndef __ASSEMBLER__

#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kernfs.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/mm_types.h>
#include <linux/mount.h>
#include <linux/rbtree.h>
#include <linux/rcupdate.h>
#include <linux/types.h>
#include <linux/uprobes.h>

/* Since 7.0 every kfunc takes trusted arguments only and the flag is gone. */
#ifndef KF_TRUSTED_ARGS
#define KF_TRUSTED_ARGS 0
#endif

/* Since 6.16 the tracepoint tells whether the last thread exits. */
#ifdef SBPF_HAVE_EXIT_GROUP_DEAD
#define SBPF_PROBE_EXIT_ARGS void *data, struct task_struct *task, bool group_dead
#else
#define SBPF_PROBE_EXIT_ARGS void *data, struct task_struct *task
#endif

/* Since 6.17 clone flags are 64 bits wide everywhere. */
#ifdef SBPF_HAVE_CLONE_FLAGS_64
#define SBPF_PROBE_NEWTASK_ARGS void *data, struct task_struct *task, u64 clone_flags
#else
#define SBPF_PROBE_NEWTASK_ARGS \
	void *data, struct task_struct *task, unsigned long clone_flags
#endif

/* Since 7.0 the operations of an ftrace_ops are told about which function. */
#ifdef SBPF_HAVE_FTRACE_OPS_FUNC_IP
#define SBPF_FTRACE_OPS_FUNC_ARGS \
	struct ftrace_ops *ops, unsigned long ip, enum ftrace_ops_cmd cmd
#else
#define SBPF_FTRACE_OPS_FUNC_ARGS struct ftrace_ops *ops, enum ftrace_ops_cmd cmd
#endif

/* What get_state_synchronize_rcu_full() fills; 7.3 has another name for it. */
#ifdef SBPF_HAVE_RCU_GP_SEQ
#define SBPF_RCU_STATE struct rcu_gp_seq
#else
#define SBPF_RCU_STATE struct rcu_gp_oldstate
#endif

/* Of the file system of message queues; in no header of the kernel. */
#define SBPF_MQUEUE_MAGIC 0x19800202

/*
 * The kernel keeps to itself where a mount is mounted. The Makefile compares this
 * beginning of struct mount with the kernel's, and copies from that what follows up
 * to mnt_ns, which differs.
 */
struct sbpf_mount {
	struct hlist_node mnt_hash;
	struct sbpf_mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
	SBPF_MOUNT_MEMBERS
};

/* The mount that a mount is mounted on, or itself; under rcu_read_lock(). */
static inline struct vfsmount *sbpf_mount_parent(struct vfsmount *mnt)
{
	return &READ_ONCE(container_of(mnt, struct sbpf_mount, mnt)->mnt_parent)->mnt;
}

/* The directory that it is mounted on; under rcu_read_lock(). */
static inline struct dentry *sbpf_mount_point(struct vfsmount *mnt)
{
	return READ_ONCE(container_of(mnt, struct sbpf_mount, mnt)->mnt_mountpoint);
}

/* Do writes of an overlay go there, to this directory of a file system? */
static inline bool sbpf_inode_overlaid(struct inode *inode)
{
#ifdef SBPF_HAVE_INODE_STATE
	return inode_state_read_once(inode) & I_OVL_INUSE;
#else
	return READ_ONCE(inode->i_state) & I_OVL_INUSE;
#endif
}

/* The directory that a file of a control group is in; under rcu_read_lock(). */
static inline struct kernfs_node *sbpf_kernfs_parent(const struct kernfs_node *node)
{
#ifdef SBPF_HAVE_KERNFS_PARENT_RCU
	return rcu_dereference(node->__parent);
#else
	return node->parent;
#endif
}

/* Since 6.18 programs for uprobes may set registers of whoever comes by. */
static inline bool sbpf_prog_sets_registers(const struct bpf_prog *prog)
{
#ifdef SBPF_HAVE_KPROBE_WRITE_CTX
	return prog->aux->kprobe_write_ctx;
#else
	return false;
#endif
}

/*
 * What the verifier keeps of the modules whose kfuncs a program calls, and tells nobody:
 * struct bpf_kfunc_btf_tab of kernel/bpf/verifier.c. Makefile compares it with the kernel's.
 */
struct sbpf_kfunc_modules {
	struct {
		struct btf *btf;
		struct module *module;
		u16 offset;
	} of[256];
	u32 count;
};

/* Are these known by now, and all of them this one? */
static inline bool sbpf_prog_calls_us(const struct bpf_prog *prog)
{
	const struct sbpf_kfunc_modules *modules = (const void *)prog->aux->kfunc_btf_tab;
	u32 i;

	for (i = 0; modules && i < modules->count; i++)
		if (modules->of[i].module != THIS_MODULE)
			return false;
	return i > 0;
}

#ifdef CONFIG_UPROBES
/*
 * What set_swbp() and set_orig_insn() get as their second argument: a mapping since
 * 6.16, its memory before.
 */
static inline struct mm_struct *sbpf_uprobe_mm(unsigned long arg)
{
	return __same_type(set_swbp, int(struct arch_uprobe *, struct mm_struct *,
					 unsigned long)) ?
	       (struct mm_struct *)arg : ((struct vm_area_struct *)arg)->vm_mm;
}
#endif

/* A task whose memory it is; NULL if none is known. Under rcu_read_lock(). */
static inline struct task_struct *sbpf_mm_owner(struct mm_struct *mm)
{
#ifdef CONFIG_MEMCG
	return rcu_dereference(mm->owner);
#else
	return NULL;
#endif
}

/* Is it the kernel's own, in no namespace, neither now nor later? */
static inline bool sbpf_mount_internal(struct vfsmount *mnt)
{
	return IS_ERR(READ_ONCE(container_of(mnt, struct sbpf_mount, mnt)->mnt_ns));
}

#endif /* __ASSEMBLER__ */

#endif /* _SBPF_COMPAT_H */
