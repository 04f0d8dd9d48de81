// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Visits: what rules were found to grant in directories far below
 *
 * A walk from deep below up to a rule is remembered by each processor, so that only
 * the first visit costs what the depth is. Nothing is held: what is remembered is of
 * use only as long as nothing that was there can have been freed, as then the same
 * addresses would be those of others. Directories and mounts are freed by RCU, so that
 * it ends with the first grace period that began after they were seen not to have been
 * given up: the mount as whoever asks holds it, the directory as it has its inode, and
 * what is above that as it is held by what is below. That none is moved, and so held no
 * more, rename_lock tells. The inode is compared since one that is removed can be made
 * anew in the same place.
 */
#include <linux/dcache.h>
#include <linux/hash.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>

#include "compat.h"
#include "visits.h"

/* What a static variable of a module takes from each processor is scarce. */
#define VISITS_BITS	5

/**
 * struct sbpf_visit - A visit
 * @rules: number of the set of rules that was asked
 * @mnt: where the walk was, the mount of its beginning
 * @dentry: a directory on the way, from which on it is remembered
 * @inode: what @dentry was
 * @since: state of RCU when @dentry had @inode; none of these was freed, and nothing above
 *	them, while no grace period has ended
 * @renames: of rename_lock, which goes on when any directory is moved
 * @grant: enum sbpf_access
 */
struct sbpf_visit {
	u64 rules;
	const struct vfsmount *mnt;
	const struct dentry *dentry;
	const struct inode *inode;
	SBPF_RCU_STATE since;
	unsigned int renames;
	u32 grant;
};

static DEFINE_PER_CPU(struct sbpf_visit[1 << VISITS_BITS], visits);

/* Of this processor, which the caller does not leave. */
static struct sbpf_visit *visit_of(const struct dentry *dentry)
{
	return this_cpu_ptr(&visits[hash_ptr(dentry, VISITS_BITS)]);
}

/**
 * sbpf_visit_find - What was found when the same was asked before
 * @rules: number of the set of rules
 * @mnt: mount of what is accessed, held
 * @dentry: a directory above it, on the same mount
 * @renames: sequence of rename_lock, to be read again afterwards
 *
 * Context: any, under rcu_read_lock(); an interrupt finds nothing.
 *
 * Return: enum sbpf_access, or 0 if nothing is known.
 */
u32 sbpf_visit_find(u64 rules, const struct vfsmount *mnt, const struct dentry *dentry,
		    unsigned int renames)
{
	struct sbpf_visit *visit;
	u32 grant = 0;

	if (!in_task())
		return 0;
	preempt_disable();
	visit = visit_of(dentry);
	if (visit->dentry == dentry && visit->rules == rules && visit->mnt == mnt &&
	    visit->renames == renames && visit->inode == d_backing_inode(dentry) &&
	    !poll_state_synchronize_rcu_full(&visit->since))
		grant = visit->grant;
	preempt_enable();
	return grant;
}

/**
 * sbpf_visit_keep - Remember what was found
 * @rules: number of the set of rules
 * @mnt: mount of what is accessed, held
 * @dentry: a directory above it, on the same mount, as is the rule that was found
 * @renames: sequence of rename_lock, which was the same before and after the walk
 * @grant: enum sbpf_access; 0 is not remembered
 *
 * Context: any, under rcu_read_lock(); nothing is remembered in interrupts.
 */
void sbpf_visit_keep(u64 rules, const struct vfsmount *mnt, const struct dentry *dentry,
		     unsigned int renames, u32 grant)
{
	struct sbpf_visit *visit;

	if (!in_task())
		return;
	preempt_disable();
	visit = visit_of(dentry);
	/* First, as one that has an inode afterwards had not been given up. */
	get_state_synchronize_rcu_full(&visit->since);
	visit->inode = READ_ONCE(dentry->d_inode);
	visit->dentry = visit->inode ? dentry : NULL;
	visit->rules = rules;
	visit->mnt = mnt;
	visit->renames = renames;
	visit->grant = grant;
	preempt_enable();
}
