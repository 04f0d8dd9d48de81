// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Rules: what a sandbox's owner allows of the file tree, for policies to ask
 *
 * A rule names an object, file or directory, and holds it by a path as an open
 * descriptor would, so that its inode is not used for anything else. What an
 * access may do is said by the nearest object with a rule on the way from what is
 * accessed up to the root: parents, and where a mount begins the directory that it
 * is mounted on. A set of rules never changes; it is replaced as a whole.
 */
#include <linux/dcache.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/mount.h>
#include <linux/path.h>
#include <linux/rcupdate.h>
#include <linux/seqlock.h>
#include <linux/slab.h>

#include "compat.h"
#include "rules.h"
#include "sandbox.h"

/* A few rules are seen not to be about something as soon as many. */
#define OBJECTS_BITS_MIN 8

/**
 * struct sbpf_rule - The rules about one object
 * @path: holds it
 * @allow: enum sbpf_access, allowed of it and of what is below it
 * @deny: those that are not, whatever @allow says
 */
struct sbpf_rule {
	struct path path;
	u32 allow;
	u32 deny;
};

/**
 * struct sbpf_rules - A set of rules
 * @rules: them
 * @count: number of @rules
 * @shift: of a hash, to get a place in @objects; 64 minus log2 of its size
 * @mask: size of @objects minus 1
 * @indexes: which of @rules an object at the same place has
 * @objects: inodes in a table with open addressing, of which seven eighths are
 *	NULL, so that most of what has no rule is seen not to at the first look
 */
struct sbpf_rules {
	struct sbpf_rule *rules;
	u32 count;
	u32 shift;
	u32 mask;
	u32 *indexes;
	const struct inode *objects[];
};

static __always_inline u32 rule_grant(const struct sbpf_rule *rule)
{
	return rule->allow & ~rule->deny;
}

static __always_inline u32 rules_hash(const struct inode *inode, u32 shift)
{
	return (unsigned long)inode * GOLDEN_RATIO_64 >> shift;
}

/* Place of an object, or of the NULL where it would be. */
static u32 rules_place(const struct sbpf_rules *rules, const struct inode *inode)
{
	u32 i = rules_hash(inode, rules->shift);

	while (rules->objects[i] && rules->objects[i] != inode)
		i = (i + 1) & rules->mask;
	return i;
}

/**
 * sbpf_rules_free - Give up a set of rules that nobody reads any more
 * @rules: the set, may be NULL
 *
 * Context: process, may sleep.
 */
void sbpf_rules_free(struct sbpf_rules *rules)
{
	u32 i;

	if (!rules)
		return;
	for (i = 0; i < rules->count; i++)
		path_put(&rules->rules[i].path);
	kvfree(rules->rules);
	kvfree(rules->indexes);
	kvfree(rules);
}

static struct sbpf_rules *rules_alloc(u32 count)
{
	u32 bits = OBJECTS_BITS_MIN;
	struct sbpf_rules *rules;

	while (1UL << bits < 8UL * count)
		bits++;
	rules = kvzalloc(struct_size(rules, objects, 1UL << bits), GFP_KERNEL_ACCOUNT);
	if (!rules)
		return NULL;
	rules->shift = 64 - bits;
	rules->mask = (1UL << bits) - 1;
	rules->indexes = kvcalloc(1UL << bits, sizeof(*rules->indexes),
				  GFP_KERNEL_ACCOUNT);
	rules->rules = kvcalloc(max(count, 1U), sizeof(*rules->rules),
				GFP_KERNEL_ACCOUNT);
	if (rules->indexes && rules->rules)
		return rules;
	sbpf_rules_free(rules);
	return NULL;
}

static void rules_add(struct sbpf_rules *rules, const struct path *path, u32 allow,
		      u32 deny)
{
	const struct inode *inode = d_backing_inode(path->dentry);
	u32 i = rules_place(rules, inode);
	struct sbpf_rule *rule;

	if (!rules->objects[i]) {
		path_get(path);
		rules->rules[rules->count].path = *path;
		rules->indexes[i] = rules->count++;
		rules->objects[i] = inode;
	}
	rule = &rules->rules[rules->indexes[i]];
	rule->allow |= allow;
	rule->deny |= deny;
}

static int rules_add_fd(struct sbpf_rules *rules, const struct sbpf_path_rule *rule)
{
	struct file *file;
	int err = 0;

	if (rule->reserved || (rule->allow | rule->deny) & ~(SBPF_ACCESS_MAX - 1))
		return -EINVAL;
	/* O_PATH descriptors too. */
	file = fget_raw(rule->fd);
	if (!file)
		return -EBADF;
	if (file->f_path.mnt->mnt_sb->s_flags & SB_NOUSER)
		err = -EBADFD;
	else
		rules_add(rules, &file->f_path, rule->allow, rule->deny);
	fput(file);
	return err;
}

/**
 * sbpf_rules_set - Replace the rules of a sandbox, or add to them
 * @sandbox: the sandbox, held
 * @paths: rules
 * @count: number of @paths
 * @add: keep those that there are
 *
 * Context: process, may sleep.
 *
 * Return: 0, or with nothing changed -errno as SBPF_IOC_SET_RULES documents.
 */
int sbpf_rules_set(struct sbpf_sandbox *sandbox, const struct sbpf_path_rule *paths,
		   u32 count, bool add)
{
	struct sbpf_rules *old, *new;
	int err = 0;
	u32 i;

	mutex_lock(&sandbox->control);
	old = rcu_dereference_protected(sandbox->rules,
					lockdep_is_held(&sandbox->control));
	if (add && old && count + old->count > SBPF_RULES_MAX) {
		err = -E2BIG;
		goto unlock;
	}
	new = rules_alloc(count + (add && old ? old->count : 0));
	if (!new) {
		err = -ENOMEM;
		goto unlock;
	}
	for (i = 0; add && old && i < old->count; i++)
		rules_add(new, &old->rules[i].path, old->rules[i].allow,
			  old->rules[i].deny);
	for (i = 0; i < count && !err; i++)
		err = rules_add_fd(new, &paths[i]);
	if (err)
		goto free;
	rcu_assign_pointer(sandbox->rules, new);
	synchronize_rcu();
	new = old;
free:
	sbpf_rules_free(new);
unlock:
	mutex_unlock(&sandbox->control);
	return err;
}

/*
 * Goes from an object towards the root and stops at the first with a rule; NULL
 * if there is none.
 */
static __always_inline const struct sbpf_rule *
rules_walk(const struct sbpf_rules *rules, struct vfsmount *mnt, struct dentry *dentry)
{
	const u32 shift = rules->shift, mask = rules->mask;
	const struct inode *inode, *object;
	struct dentry *parent;
	u32 i;

	/* One that is about to be created has no rule, and a parent that is no root. */
	if (unlikely(d_is_negative(dentry)))
		dentry = READ_ONCE(dentry->d_parent);
	while (1) {
		inode = d_backing_inode(dentry);
		i = rules_hash(inode, shift);
		while (unlikely(object = rules->objects[i])) {
			if (object == inode)
				return &rules->rules[rules->indexes[i]];
			i = (i + 1) & mask;
		}
		parent = READ_ONCE(dentry->d_parent);
		if (likely(dentry != mnt->mnt_root && dentry != parent)) {
			dentry = parent;
			continue;
		}
		/* A root that is not that of the mount is reached by handle only. */
		if (dentry != mnt->mnt_root || sbpf_mount_parent(mnt) == mnt)
			return NULL;
		dentry = sbpf_mount_point(mnt);
		mnt = sbpf_mount_parent(mnt);
	}
}

/* A rename went on meanwhile, which could have led astray: now none does. */
static noinline const struct sbpf_rule *rules_walk_again(const struct sbpf_rules *rules,
							 struct vfsmount *mnt,
							 struct dentry *dentry)
{
	const struct sbpf_rule *rule;

	read_seqlock_excl(&rename_lock);
	rule = rules_walk(rules, mnt, dentry);
	read_sequnlock_excl(&rename_lock);
	return rule;
}

static __always_inline const struct sbpf_rule *
rules_nearest(const struct sbpf_rules *rules, struct vfsmount *mnt,
	      struct dentry *dentry)
{
	unsigned int seq = read_seqbegin(&rename_lock);
	const struct sbpf_rule *rule = rules_walk(rules, mnt, dentry);

	if (unlikely(read_seqretry(&rename_lock, seq)))
		return rules_walk_again(rules, mnt, dentry);
	return rule;
}

static const struct sbpf_rules *rules_of(const struct sbpf_sandbox *sandbox)
{
	return rcu_dereference(sandbox->rules);
}

/*
 * What the rules grant. Pipes, sockets, memory files and the like are on no tree
 * that anybody can name: whoever has one may do with it what does not make code.
 */
static __always_inline u32 rules_grant(const struct sbpf_rules *rules,
				       struct vfsmount *mnt, struct dentry *dentry)
{
	const struct sbpf_rule *rule;

	if (mnt->mnt_sb->s_flags & SB_NOUSER)
		return ~(SBPF_ACCESS_EXECUTE | SBPF_ACCESS_MAP_EXEC);
	rule = rules ? rules_nearest(rules, mnt, dentry) : NULL;
	return rule ? rule_grant(rule) : 0;
}

/**
 * sbpf_rules_access - May this be done to an object?
 * @sandbox: sandbox whose rules are asked
 * @mnt: mount of the object
 * @dentry: the object; one that does not exist yet is asked as its parent
 * @access: enum sbpf_access, all of which are wanted
 *
 * Context: in a policy that may not sleep, that is, under rcu_read_lock(); takes no
 * lock unless a rename is going on.
 *
 * Return: 0, or -EACCES.
 */
int sbpf_rules_access(const struct sbpf_sandbox *sandbox, struct vfsmount *mnt,
		      struct dentry *dentry, u32 access)
{
	return access & ~rules_grant(rules_of(sandbox), mnt, dentry) ? -EACCES : 0;
}

/* What an object is granted by its own rule or, without one, by its directory's. */
static u32 rules_grant_in(const struct sbpf_rules *rules, const struct inode *inode,
			  u32 dir)
{
	u32 i;

	if (!rules || !inode)
		return dir;
	i = rules_place(rules, inode);
	return rules->objects[i] ? rule_grant(&rules->rules[rules->indexes[i]]) : dir;
}

/**
 * sbpf_rules_refer - May an object appear in another directory?
 * @sandbox: sandbox whose rules are asked
 * @mnt: mount of all of them
 * @dentry: object that is renamed or linked
 * @new_dir: directory where it is to appear
 * @replaced: object that has the name there, or NULL
 * @exchange: @replaced is to appear in the place of @dentry, instead of going
 *
 * It must be allowed of both directories and of the object (SBPF_ACCESS_REFER), and
 * nothing may be allowed of the object there that is not where it is.
 *
 * Context: as sbpf_rules_access().
 *
 * Return: 0, -EACCES, or -EXDEV if an object would gain rights.
 */
int sbpf_rules_refer(const struct sbpf_sandbox *sandbox, struct vfsmount *mnt,
		     struct dentry *dentry, struct dentry *new_dir,
		     const struct inode *replaced, bool exchange)
{
	const struct sbpf_rules *rules = rules_of(sandbox);
	const struct inode *inode = d_backing_inode(dentry);
	u32 old = rules_grant(rules, mnt, READ_ONCE(dentry->d_parent));
	u32 new = rules_grant(rules, mnt, new_dir);
	u32 from = rules_grant_in(rules, inode, old);
	u32 there = rules_grant_in(rules, replaced, new);

	if (!(old & new & from & SBPF_ACCESS_REFER))
		return -EACCES;
	if (exchange && !(there & SBPF_ACCESS_REFER))
		return -EACCES;
	if (replaced && !exchange && !(there & new & SBPF_ACCESS_REMOVE))
		return -EACCES;
	/* A rule of its own goes with it: then both are the same. */
	if (rules_grant_in(rules, inode, new) & ~from)
		return -EXDEV;
	if (exchange && rules_grant_in(rules, replaced, old) & ~there)
		return -EXDEV;
	return 0;
}
