// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Rules: what a sandbox's owner allows, for policies to ask
 *
 * A path rule names an object, file or directory, and holds it by a path as an open
 * descriptor would, so that its inode is not used for anything else. What an
 * access may do is said by the nearest object with a rule on the way from what is
 * accessed up to the root: parents, and where a mount begins the directory that it
 * is mounted on. A set of rules, those about addresses and devices included, never
 * changes; it is replaced as a whole.
 */
#include <linux/cred.h>
#include <linux/dcache.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/glob.h>
#include <linux/hash.h>
#include <linux/log2.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <linux/namei.h>
#include <linux/path.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/seqlock.h>
#include <linux/slab.h>

#include "compat.h"
#include "devs.h"
#include "nets.h"
#include "ranges.h"
#include "rules.h"
#include "sandbox.h"
#include "visits.h"

/* Places in the table of objects, and marks, for each object with rules. */
#define PLACES_EACH	4
#define MARKS_EACH	64

/* A few rules are seen not to be about something as soon as many. */
#define PLACES_BITS_MIN	4
#define MARKS_BITS_MIN	12

/* How many directories are above rules without more room. */
#define ABOVE_BITS_MIN 5

/*
 * So many steps towards the root cost less than to ask whether one was there before.
 * Of the numbers only a constant of the language can be in a pragma.
 */
enum { STEPS_NEAR = 8 };

/* Of a walk: it depends on a name; it has not come to an end. */
#define GRANT_NAMES	(-1)
#define GRANT_FAR	(-2)

/**
 * struct sbpf_rule - The rules about one object
 * @path: holds it
 * @allow: enum sbpf_access, allowed of it and of what is below it
 * @deny: those that are not, whatever @allow says
 * @grant: @allow without @deny
 * @own: it has path rules; else only names in it have rules
 * @names: the first of the rules about names in it, 1 more than its index; or 0
 * @names_count: how many of these there are
 */
struct sbpf_rule {
	struct path path;
	u32 allow;
	u32 deny;
	u32 grant;
	bool own;
	u32 names;
	u32 names_count;
};

/**
 * struct sbpf_name - A rule about names in a directory
 * @rule: index of the directory among the rules
 * @next: the next about names in it, 1 more than its index; or 0
 * @allow: as struct sbpf_rule
 * @deny: as struct sbpf_rule
 * @pattern: of the names
 */
struct sbpf_name {
	u32 rule;
	u32 next;
	u32 allow;
	u32 deny;
	char pattern[SBPF_PATTERN_MAX];
};

/**
 * struct sbpf_above - A directory that stays where it is: it is on the way from an
 *	object with rules to the root, or has rules about names in it
 * @node: in its bucket
 * @path: holds it
 */
struct sbpf_above {
	struct hlist_node node;
	struct path path;
};

/**
 * struct sbpf_found - The rules about an object, at a glance
 * @rule: index among the rules
 * @grant: what they grant, or GRANT_NAMES
 */
struct sbpf_found {
	u32 rule;
	s32 grant;
};

/**
 * struct sbpf_rules - A set of rules
 * @number: no other set has, or had, the same
 * @rules: those about objects
 * @count: number of @rules
 * @names: those about names
 * @names_count: number of @names
 * @above: struct sbpf_above by inode, in no fewer buckets than there are of them
 * @above_count: how many there are
 * @above_shift: as @shift, to get a bucket in @above
 * @nets: those about addresses, or NULL
 * @devs: those about devices, or NULL
 * @rights: mask of BIT_ULL(enum sbpf_right)
 * @capabilities: mask of BIT_ULL(CAP_*)
 * @sockets: enum sbpf_socket
 * @shift: of a hash, to get a place in @objects; 64 minus log2 of its size
 * @mask: size of @objects minus 1
 * @marks_shift: of a hash, to get a place in @marks
 * @marks: which hashes objects with rules have, a byte each. So few of them are set
 *	that of what has no rule 98 % and more are seen not to at the first look
 * @found: which rules an object at the same place has
 * @objects: inodes in a table with open addressing, at most a quarter full
 */
struct sbpf_rules {
	u64 number;
	struct sbpf_rule *rules;
	struct sbpf_name *names;
	struct hlist_head *above;
	struct sbpf_nets *nets;
	struct sbpf_ranges *devs;
	u64 rights;
	u64 capabilities;
	u64 sockets;
	u32 names_count;
	u32 count;
	u32 shift;
	u32 mask;
	u32 marks_shift;
	u8 *marks;
	u32 above_count;
	u32 above_shift;
	struct sbpf_found *found;
	const struct inode *objects[];
};

static __always_inline unsigned long rules_hash(const struct inode *inode, u32 shift)
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

static u32 above_size(const struct sbpf_rules *rules)
{
	return 1U << (64 - rules->above_shift);
}

static struct hlist_head *above_bucket(const struct sbpf_rules *rules,
				       const struct inode *inode)
{
	return &rules->above[rules_hash(inode, rules->above_shift)];
}

/**
 * sbpf_rules_free - Give up a set of rules that nobody reads any more
 * @rules: the set, may be NULL
 *
 * Context: process, may sleep.
 */
void sbpf_rules_free(struct sbpf_rules *rules)
{
	struct sbpf_above *above;
	struct hlist_node *next;
	u32 i;

	if (!rules)
		return;
	for (i = 0; i < rules->count; i++)
		path_put(&rules->rules[i].path);
	for (i = 0; rules->above && i < above_size(rules); i++) {
		cond_resched();
		hlist_for_each_entry_safe(above, next, &rules->above[i], node) {
			path_put(&above->path);
			kfree(above);
		}
	}
	kvfree(rules->above);
	sbpf_nets_free(rules->nets);
	sbpf_ranges_free(rules->devs);
	kvfree(rules->rules);
	kvfree(rules->names);
	kvfree(rules->marks);
	kvfree(rules->found);
	kvfree(rules);
}

/* At least @min, and so many that their power of two is not less than @size. */
static u32 rules_bits(u32 min, unsigned long size)
{
	return max_t(u32, min, order_base_2(size));
}

static struct sbpf_rules *rules_alloc(u32 count, u32 names)
{
	u32 bits = rules_bits(PLACES_BITS_MIN, (unsigned long)count * PLACES_EACH);
	u32 marks_bits = rules_bits(MARKS_BITS_MIN, (unsigned long)count * MARKS_EACH);
	static atomic64_t last = ATOMIC64_INIT(0);
	struct sbpf_rules *rules;

	rules = kvzalloc(struct_size(rules, objects, 1UL << bits), GFP_KERNEL_ACCOUNT);
	if (!rules)
		return NULL;
	rules->number = atomic64_inc_return(&last);
	rules->shift = 64 - bits;
	rules->mask = (1UL << bits) - 1;
	rules->marks_shift = 64 - marks_bits;
	rules->marks = kvzalloc(1UL << marks_bits, GFP_KERNEL_ACCOUNT);
	rules->found = kvcalloc(1UL << bits, sizeof(*rules->found),
				GFP_KERNEL_ACCOUNT);
	rules->rules = kvcalloc(max(count, 1U), sizeof(*rules->rules),
				GFP_KERNEL_ACCOUNT);
	rules->names = kvcalloc(max(names, 1U), sizeof(*rules->names),
				GFP_KERNEL_ACCOUNT);
	rules->above_shift = 64 - ABOVE_BITS_MIN;
	rules->above = kvcalloc(above_size(rules), sizeof(*rules->above), GFP_KERNEL_ACCOUNT);
	if (rules->marks && rules->found && rules->rules && rules->names && rules->above)
		return rules;
	sbpf_rules_free(rules);
	return NULL;
}

/* The rules about what is at a place. */
static struct sbpf_rule *rule_at(const struct sbpf_rules *rules, u32 place)
{
	return &rules->rules[rules->found[place].rule];
}

/* The rules about an object, made if there are none; its grant is to be told anew. */
static struct sbpf_rule *rules_object(struct sbpf_rules *rules, const struct path *path)
{
	const struct inode *inode = d_backing_inode(path->dentry);
	u32 i = rules_place(rules, inode);

	if (!rules->objects[i]) {
		path_get(path);
		rules->rules[rules->count].path = *path;
		rules->found[i].rule = rules->count++;
		rules->objects[i] = inode;
		rules->marks[rules_hash(inode, rules->marks_shift)] = true;
	}
	rules->found[i].grant = GRANT_NAMES;
	return rule_at(rules, i);
}

/* Those without names grant the same whichever way one comes. */
static void rules_tell(struct sbpf_rules *rules)
{
	u32 i;

	for (i = 0; i <= rules->mask; i++)
		if (rules->objects[i] && !rule_at(rules, i)->names)
			rules->found[i].grant = rule_at(rules, i)->grant;
}

static void rules_add_path(struct sbpf_rules *rules, const struct path *path, u32 allow,
			   u32 deny)
{
	struct sbpf_rule *rule = rules_object(rules, path);

	rule->own = true;
	rule->allow |= allow;
	rule->deny |= deny;
	rule->grant = rule->allow & ~rule->deny;
}

static int rules_add_name(struct sbpf_rules *rules, const struct path *path, u32 allow,
			  u32 deny, const char *pattern)
{
	struct sbpf_rule *rule = rules_object(rules, path);
	struct sbpf_name *name = &rules->names[rules->names_count];

	/* Each is compared with each name, under RCU. */
	if (rule->names_count == SBPF_NAMES_DIR_MAX)
		return -E2BIG;
	rule->names_count++;
	rules->names_count++;
	name->rule = rule - rules->rules;
	name->next = rule->names;
	name->allow = allow;
	name->deny = deny;
	strscpy(name->pattern, pattern);
	rule->names = rules->names_count;
	return 0;
}

static bool rules_is_above(const struct sbpf_rules *rules, const struct inode *inode)
{
	const struct sbpf_above *above;

	hlist_for_each_entry(above, above_bucket(rules, inode), node)
		if (d_backing_inode(above->path.dentry) == inode)
			return true;
	return false;
}

/* Makes room for as many directories again, so that the buckets stay short. */
static int above_grow(struct sbpf_rules *rules)
{
	struct hlist_head *old = rules->above, *new;
	u32 old_size = above_size(rules), i;
	struct sbpf_above *above;
	struct hlist_node *next;

	new = kvcalloc(2UL * old_size, sizeof(*new), GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!new)
		return -ENOMEM;
	rules->above = new;
	rules->above_shift--;
	for (i = 0; i < old_size; i++) {
		cond_resched();
		hlist_for_each_entry_safe(above, next, &old[i], node)
			hlist_add_head(&above->node,
				       above_bucket(rules, d_backing_inode(above->path.dentry)));
	}
	kvfree(old);
	return 0;
}

static int above_add(struct sbpf_rules *rules, const struct path *path)
{
	struct sbpf_above *above;
	int err;

	if (fatal_signal_pending(current))
		return -EINTR;
	cond_resched();
	if (rules->above_count == above_size(rules)) {
		err = above_grow(rules);
		if (err)
			return err;
	}
	above = kmalloc(sizeof(*above), GFP_KERNEL_ACCOUNT);
	if (!above)
		return -ENOMEM;
	path_get(path);
	above->path = *path;
	rules->above_count++;
	hlist_add_head(&above->node, above_bucket(rules, d_backing_inode(path->dentry)));
	return 0;
}

/* Notes all directories above an object, up to those that have been noted. */
static int rules_add_above(struct sbpf_rules *rules, const struct path *path)
{
	struct path at = *path;
	struct dentry *parent;
	int err = 0;

	path_get(&at);
	while (!err) {
		if (at.dentry == at.mnt->mnt_root) {
			if (!follow_up(&at))
				break;
		} else {
			parent = dget_parent(at.dentry);
			dput(at.dentry);
			/* The root of what is mounted nowhere any more, or was never. */
			if (at.dentry == parent) {
				at.dentry = parent;
				break;
			}
			at.dentry = parent;
		}
		if (rules_is_above(rules, d_backing_inode(at.dentry)))
			break;
		err = above_add(rules, &at);
	}
	path_put(&at);
	return err;
}

/*
 * Is what is there on no tree that anybody can name? So are pipes, sockets and memory
 * files; those in huge pages as well, on a hugetlbfs that the kernel has mounted for
 * itself. One that somebody else mounts never has SB_KERNMOUNT.
 */
static __always_inline bool rules_anonymous(const struct super_block *sb)
{
	return unlikely(sb->s_flags & (SB_NOUSER | SB_KERNMOUNT)) &&
	       (sb->s_flags & SB_NOUSER || sb->s_magic == HUGETLBFS_MAGIC);
}

/* The file of a descriptor, O_PATH included, if there can be rules about it. */
static struct file *rules_file(int fd)
{
	struct file *file = fget_raw(fd);

	if (!file)
		return ERR_PTR(-EBADF);
	if (!rules_anonymous(file->f_path.mnt->mnt_sb))
		return file;
	fput(file);
	return ERR_PTR(-EBADFD);
}

static int rules_add_path_fd(struct sbpf_rules *rules, const struct sbpf_path_rule *rule)
{
	struct file *file;

	if (rule->reserved || (rule->allow | rule->deny) & ~(SBPF_ACCESS_MAX - 1))
		return -EINVAL;
	file = rules_file(rule->fd);
	if (IS_ERR(file))
		return PTR_ERR(file);
	rules_add_path(rules, &file->f_path, rule->allow, rule->deny);
	fput(file);
	return 0;
}

static int rules_add_name_fd(struct sbpf_rules *rules, const struct sbpf_name_rule *rule)
{
	struct file *file;
	int err = 0;

	if (rule->reserved || (rule->allow | rule->deny) & ~(SBPF_ACCESS_MAX - 1) ||
	    !rule->pattern[0] ||
	    strnlen(rule->pattern, SBPF_PATTERN_MAX) == SBPF_PATTERN_MAX ||
	    strchr(rule->pattern, '/'))
		return -EINVAL;
	file = rules_file(rule->fd);
	if (IS_ERR(file))
		return PTR_ERR(file);
	/* By other letters the same object would be found, under a name that is none. */
	if (!d_is_dir(file->f_path.dentry))
		err = -ENOTDIR;
	else if (file->f_path.dentry->d_flags & DCACHE_OP_COMPARE)
		err = -EOPNOTSUPP;
	else
		err = rules_add_name(rules, &file->f_path, rule->allow, rule->deny,
				     rule->pattern);
	fput(file);
	return err;
}

/* Those that there are, so that new ones can be added. */
static void rules_copy(struct sbpf_rules *rules, const struct sbpf_rules *old)
{
	u32 i;

	for (i = 0; i < old->count; i++)
		if (old->rules[i].own)
			rules_add_path(rules, &old->rules[i].path, old->rules[i].allow,
				       old->rules[i].deny);
	for (i = 0; i < old->names_count; i++)
		rules_add_name(rules, &old->rules[old->names[i].rule].path,
			       old->names[i].allow, old->names[i].deny,
			       old->names[i].pattern);
	rules->rights = old->rights;
	rules->capabilities = old->capabilities;
	rules->sockets = old->sockets;
}

static int rules_fill(struct sbpf_rules *rules, const struct sbpf_rules *old,
		      const struct sbpf_rules_input *input)
{
	int err = 0;
	u32 i;

	if (old)
		rules_copy(rules, old);
	for (i = 0; i < input->paths_count && !err; i++)
		err = rules_add_path_fd(rules, &input->paths[i]);
	for (i = 0; i < input->names_count && !err; i++)
		err = rules_add_name_fd(rules, &input->names[i]);
	for (i = 0; i < rules->count && !err; i++)
		err = rules_add_above(rules, &rules->rules[i].path);
	/* Not before: what is above one that has been noted is taken for noted. */
	for (i = 0; i < rules->count && !err; i++)
		if (rules->rules[i].names &&
		    !rules_is_above(rules, d_backing_inode(rules->rules[i].path.dentry)))
			err = above_add(rules, &rules->rules[i].path);
	if (err)
		return err;
	rules_tell(rules);
	rules->nets = sbpf_nets_make(old ? old->nets : NULL, input->nets,
				     input->nets_count);
	if (IS_ERR(rules->nets)) {
		err = PTR_ERR(rules->nets);
		rules->nets = NULL;
		return err;
	}
	rules->devs = sbpf_devs_make(old ? old->devs : NULL, input->devs,
				     input->devs_count);
	if (IS_ERR(rules->devs)) {
		err = PTR_ERR(rules->devs);
		rules->devs = NULL;
		return err;
	}
	rules->rights |= input->rights;
	rules->capabilities |= input->capabilities;
	rules->sockets |= input->sockets;
	return 0;
}

/**
 * sbpf_rules_set - Replace the rules of a sandbox, or add to them
 * @sandbox: the sandbox, held
 * @input: rules; their numbers have been checked
 * @add: keep those that there are
 *
 * Context: process, may sleep.
 *
 * Return: 0, or with nothing changed -errno as SBPF_IOC_SET_RULES documents.
 */
int sbpf_rules_set(struct sbpf_sandbox *sandbox, const struct sbpf_rules_input *input,
		   bool add)
{
	u32 count = input->paths_count + input->names_count, names = input->names_count;
	struct sbpf_rules *old, *new;
	int err = 0;

	mutex_lock(&sandbox->control);
	old = rcu_dereference_protected(sandbox->rules,
					lockdep_is_held(&sandbox->control));
	if (add && old) {
		count += old->count;
		names += old->names_count;
	}
	if (count > SBPF_RULES_MAX || names > SBPF_NAMES_MAX) {
		err = -E2BIG;
		goto unlock;
	}
	new = rules_alloc(count, names);
	if (!new) {
		err = -ENOMEM;
		goto unlock;
	}
	err = rules_fill(new, add ? old : NULL, input);
	if (err)
		goto free;
	rcu_assign_pointer(sandbox->rules, new);
	if (old)
		synchronize_rcu();
	new = old;
free:
	sbpf_rules_free(new);
unlock:
	mutex_unlock(&sandbox->control);
	return err;
}

/* What is told of the object of a rule. */
static struct sbpf_path_record rules_record(const struct sbpf_rule *rule)
{
	return (struct sbpf_path_record){
		.ino = d_backing_inode(rule->path.dentry)->i_ino,
		.dev = rule->path.dentry->d_sb->s_dev,
		.allow = rule->allow,
		.deny = rule->deny,
	};
}

static u32 rules_get_paths(const struct sbpf_rules *rules, u32 *from,
			   struct sbpf_path_record *records, u32 capacity)
{
	u32 i, filled = 0;

	for (i = *from; i < rules->count && filled < capacity; i++)
		if (rules->rules[i].own)
			records[filled++] = rules_record(&rules->rules[i]);
	*from = i < rules->count ? i : 0;
	return filled;
}

static u32 rules_get_names(const struct sbpf_rules *rules, u32 *from,
			   struct sbpf_name_record *records, u32 capacity)
{
	u32 i, filled = 0;

	for (i = *from; i < rules->names_count && filled < capacity; i++) {
		const struct sbpf_name *name = &rules->names[i];
		struct sbpf_path_record dir = rules_record(&rules->rules[name->rule]);
		struct sbpf_name_record *record = &records[filled++];

		record->ino = dir.ino;
		record->dev = dir.dev;
		record->allow = name->allow;
		record->deny = name->deny;
		strscpy_pad(record->pattern, name->pattern);
	}
	*from = i < rules->names_count ? i : 0;
	return filled;
}

/**
 * sbpf_rules_get - Tell rules of a sandbox
 * @sandbox: the sandbox, held
 * @get: what to tell and from where; receives where to go on, and masks
 * @records: receives records of that kind, zeroed by the caller
 * @capacity: length of @records
 *
 * Context: process, may sleep.
 *
 * Return: how many were filled.
 */
u32 sbpf_rules_get(struct sbpf_sandbox *sandbox, struct sbpf_get_rules *get, void *records,
		   u32 capacity)
{
	const struct sbpf_rules *rules;
	u32 filled = 0;

	mutex_lock(&sandbox->control);
	rules = rcu_dereference_protected(sandbox->rules, lockdep_is_held(&sandbox->control));
	if (!rules)
		get->from = 0;
	else if (get->kind == SBPF_RULE_PATH)
		filled = rules_get_paths(rules, &get->from, records, capacity);
	else if (get->kind == SBPF_RULE_NAME)
		filled = rules_get_names(rules, &get->from, records, capacity);
	else if (get->kind == SBPF_RULE_NET)
		filled = sbpf_nets_get(rules->nets, &get->from, records, capacity);
	else
		filled = sbpf_devs_get(rules->devs, &get->from, records, capacity);
	get->rights = rules ? rules->rights : 0;
	get->capabilities = rules ? rules->capabilities : 0;
	get->sockets = rules ? rules->sockets : 0;
	mutex_unlock(&sandbox->control);
	return filled;
}

/*
 * What the rules about names in a directory grant one of them; GRANT_NAMES if none is
 * about it. The name may change meanwhile, but stays terminated.
 */
static s32 rules_name(const struct sbpf_rules *rules, const struct sbpf_rule *rule,
		      const char *name)
{
	u32 allow = 0, deny = 0, i;
	bool found = false;

	for (i = rule->names; i; i = rules->names[i - 1].next) {
		const struct sbpf_name *names = &rules->names[i - 1];

		if (!glob_match(names->pattern, name))
			continue;
		found = true;
		allow |= names->allow;
		deny |= names->deny;
	}
	return found ? allow & ~deny : GRANT_NAMES;
}

/* What the rules about an object itself grant, GRANT_NAMES, or GRANT_FAR if it has none. */
static __always_inline s32 rules_own(const struct sbpf_rules *rules,
				     const struct dentry *dentry)
{
	const struct inode *inode, *object;
	u32 i;

	if (likely(!rules->marks[rules_hash(d_backing_inode(dentry), rules->marks_shift)]))
		return GRANT_FAR;
	/* Read again, so that the way past costs no register. */
	inode = READ_ONCE(dentry->d_inode);
	i = rules_hash(inode, rules->shift);
	while ((object = rules->objects[i])) {
		if (object == inode)
			return rules->found[i].grant;
		i = (i + 1) & rules->mask;
	}
	return GRANT_FAR;
}

/* One step towards the root; false where it ends. Without @root that is a file system's. */
static __always_inline bool rules_step(struct vfsmount **mnt, struct dentry **dentry,
				       const struct dentry **root)
{
	struct dentry *parent = READ_ONCE((*dentry)->d_parent);

	if (likely(*dentry != *root && *dentry != parent)) {
		*dentry = parent;
		return true;
	}
	/* A root that is not that of the mount is reached by handle only. */
	if (*dentry != *root || sbpf_mount_parent(*mnt) == *mnt)
		return false;
	*dentry = sbpf_mount_point(*mnt);
	*mnt = sbpf_mount_parent(*mnt);
	*root = (*mnt)->mnt_root;
	return true;
}

/* The walk from where it is near no more, which may be known from another visit. */
static noinline s32 rules_walk_far(const struct sbpf_rules *rules, struct vfsmount *mnt,
				   struct dentry *dentry, const struct dentry *root,
				   const struct vfsmount *begun, unsigned int renames)
{
	const struct dentry *from = dentry;
	/* Only that one is held. Where it is mounted can change meanwhile, and lead back. */
	bool stayed = mnt == begun;
	s32 grant;

	if (stayed) {
		grant = sbpf_visit_find(rules->number, begun, from, renames);
		if (grant)
			return grant;
	}
	while ((grant = rules_own(rules, dentry)) == GRANT_FAR) {
		stayed = stayed && dentry != root;
		if (!rules_step(&mnt, &dentry, &root))
			return 0;
	}
	if (stayed && grant > 0 && !read_seqretry(&rename_lock, renames))
		sbpf_visit_keep(rules->number, begun, from, renames, grant);
	return grant;
}

/*
 * Goes from an object towards the root and stops at the first with a rule: what it
 * grants, GRANT_NAMES, or 0 if there is none. Unless @mounted the way ends at the
 * root of the file system.
 */
static __always_inline s32 rules_walk(const struct sbpf_rules *rules,
				      struct vfsmount *mnt, struct dentry *dentry,
				      const bool mounted, unsigned int renames)
{
	const struct dentry *root = mounted ? mnt->mnt_root : NULL;
	const struct vfsmount *begun = mnt;
	s32 grant;
	int i;

	/* One that is about to be created has no rule, and a parent that is no root. */
	if (unlikely(d_is_negative(dentry)))
		dentry = READ_ONCE(dentry->d_parent);
#pragma GCC unroll STEPS_NEAR
	for (i = 0; i < STEPS_NEAR; i++) {
		grant = rules_own(rules, dentry);
		if (grant != GRANT_FAR)
			return grant;
		if (!rules_step(&mnt, &dentry, &root))
			return 0;
	}
	return rules_walk_far(rules, mnt, dentry, root, begun, renames);
}

/* The same with names. An object has none where it is mounted. */
static u32 rules_walk_names(const struct sbpf_rules *rules, struct vfsmount *mnt,
			    struct dentry *dentry, bool mounted)
{
	const struct sbpf_rule *rule;
	u32 left = SBPF_NAMES_WALK_MAX, i;
	struct dentry *child = NULL;
	s32 grant;

	if (d_is_negative(dentry)) {
		child = dentry;
		dentry = READ_ONCE(dentry->d_parent);
	}
	while (1) {
		i = rules_place(rules, d_backing_inode(dentry));
		if (rules->objects[i]) {
			rule = rule_at(rules, i);
			grant = GRANT_NAMES;
			if (child) {
				/* The system's renames may be waiting for this. */
				if (rule->names_count > left)
					return 0;
				left -= rule->names_count;
				grant = rules_name(rules, rule, child->d_name.name);
			}
			if (grant >= 0)
				return grant;
			if (rule->own)
				return rule->grant;
		}
		child = dentry;
		dentry = READ_ONCE(dentry->d_parent);
		if ((!mounted || child != mnt->mnt_root) && child != dentry)
			continue;
		if (!mounted || child != mnt->mnt_root || sbpf_mount_parent(mnt) == mnt)
			return 0;
		child = NULL;
		dentry = sbpf_mount_point(mnt);
		mnt = sbpf_mount_parent(mnt);
	}
}

/* With names, or since a rename went on that could have led astray. */
static noinline u32 rules_walk_again(const struct sbpf_rules *rules,
				     struct vfsmount *mnt, struct dentry *dentry,
				     bool mounted)
{
	unsigned int seq = read_seqbegin(&rename_lock);
	u32 grant = rules_walk_names(rules, mnt, dentry, mounted);

	if (likely(!read_seqretry(&rename_lock, seq)))
		return grant;
	/* Now none does. */
	read_seqlock_excl(&rename_lock);
	grant = rules_walk_names(rules, mnt, dentry, mounted);
	read_sequnlock_excl(&rename_lock);
	return grant;
}

static __always_inline u32 rules_nearest(const struct sbpf_rules *rules,
					 struct vfsmount *mnt, struct dentry *dentry,
					 const bool mounted)
{
	unsigned int seq = read_seqbegin(&rename_lock);
	s32 grant = rules_walk(rules, mnt, dentry, mounted, seq);

	if (unlikely(grant < 0 || read_seqretry(&rename_lock, seq)))
		return rules_walk_again(rules, mnt, dentry, mounted);
	return grant;
}

static const struct sbpf_rules *rules_of(const struct sbpf_sandbox *sandbox)
{
	return rcu_dereference(sandbox->rules);
}

/*
 * Is it a mount of overlayfs's own, by which it opens what lies beneath? Nothing
 * leads there but the overlay above, of which the same act has been asked.
 */
static bool rules_beneath(struct vfsmount *mnt)
{
	return sbpf_mount_internal(mnt) && !(mnt->mnt_sb->s_flags & SB_KERNMOUNT);
}

/* What the rules grant. Of what is on no tree, all that does not make code. */
static __always_inline u32 rules_grant(const struct sbpf_rules *rules,
				       struct vfsmount *mnt, struct dentry *dentry)
{
	u32 grant;

	if (rules_anonymous(mnt->mnt_sb))
		return ~(SBPF_ACCESS_EXECUTE | SBPF_ACCESS_MAP_EXEC);
	grant = rules ? rules_nearest(rules, mnt, dentry, true) : 0;
	if (unlikely(!grant) && rules_beneath(mnt))
		return ~(SBPF_ACCESS_EXECUTE | SBPF_ACCESS_MAP_EXEC);
	return grant;
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

/* What opening a file wants. */
static noinline u32 open_access(const struct file *file)
{
	u32 access = 0;

	/* What overlayfs opens beneath a file whose opening was allowed. */
	if (file->f_mode & FMODE_BACKING)
		return 0;
	/* The kernel reads it on behalf of execve(2). */
	if (file->f_flags & __FMODE_EXEC)
		return SBPF_ACCESS_EXECUTE;
	if (file->f_mode & FMODE_READ) {
		access = S_ISDIR(file_inode(file)->i_mode) ? SBPF_ACCESS_READ_DIR :
							     SBPF_ACCESS_READ_FILE;
		if (file->f_mode & FMODE_WRITE)
			access |= SBPF_ACCESS_WRITE;
	} else if (file->f_mode & FMODE_WRITE) {
		access = SBPF_ACCESS_WRITE;
	} else if (!(file->f_mode & FMODE_PATH)) {
		/* For ioctls only: O_ACCMODE of open(2). */
		access = SBPF_ACCESS_READ_FILE | SBPF_ACCESS_WRITE;
	}
	if (file->f_flags & O_TRUNC)
		access |= SBPF_ACCESS_TRUNCATE;
	return access;
}

/* Of a file whose opening is allowed: is there more to ask than rules know? */
static noinline int open_special(const struct file *file)
{
	unsigned long magic = file_inode(file)->i_sb->s_magic;
	umode_t mode = file_inode(file)->i_mode;

	if (S_ISCHR(mode) || S_ISBLK(mode))
		return SBPF_SPECIAL_DEVICE;
	/* Nobody was asked about its mode, as for one that gets a name. */
	if ((file->f_flags & __O_TMPFILE) && mode & (S_ISUID | S_ISGID))
		return SBPF_SPECIAL_SETID;
	/* What is written there moves tasks and changes their limits. */
	if ((file->f_mode & FMODE_WRITE) && (magic == CGROUP2_SUPER_MAGIC ||
					     magic == CGROUP_SUPER_MAGIC))
		return SBPF_SPECIAL_CGROUP;
	return 0;
}

/**
 * sbpf_rules_open - May a file be opened as it is?
 * @sandbox: sandbox whose rules are asked
 * @file: the file
 *
 * Context: as sbpf_rules_access().
 *
 * Return: 0, -EACCES, or enum sbpf_special for what rules do not say all about.
 */
int sbpf_rules_open(const struct sbpf_sandbox *sandbox, const struct file *file)
{
	const fmode_t modes = FMODE_READ | FMODE_WRITE | FMODE_BACKING | FMODE_PATH;
	const struct inode *inode = file_inode(file);
	u32 access = SBPF_ACCESS_READ_FILE;
	/* Most just read a file. */
	bool plain = S_ISREG(inode->i_mode) && (file->f_mode & modes) == FMODE_READ &&
		     !(file->f_flags & (O_TRUNC | __O_TMPFILE | __FMODE_EXEC));

	if (unlikely(!plain))
		access = open_access(file);
	if (unlikely(access & ~rules_grant(rules_of(sandbox), file->f_path.mnt,
					   file->f_path.dentry)))
		return inode->i_sb->s_magic == SBPF_MQUEUE_MAGIC ? SBPF_SPECIAL_QUEUE : -EACCES;
	if (unlikely(inode->i_sb->s_magic == PROC_SUPER_MAGIC))
		return SBPF_SPECIAL_PROC;
	return likely(plain) ? 0 : open_special(file);
}

/*
 * Is an overlay at work, on what its members' changes go to? It has put on the
 * rights of whoever mounted it, and the same act has been asked of the overlay.
 */
static bool rules_at_work(struct dentry *dentry)
{
	struct dentry *parent;

	if (current_cred() == current_real_cred())
		return false;
	while (d_is_negative(dentry) || !sbpf_inode_overlaid(d_backing_inode(dentry))) {
		parent = READ_ONCE(dentry->d_parent);
		if (parent == dentry)
			return false;
		dentry = parent;
	}
	return true;
}

/**
 * sbpf_rules_access_dentry - May this be done to an object, wherever it is mounted?
 * @sandbox: sandbox whose rules are asked
 * @dentry: the object
 * @access: enum sbpf_access, all of which are wanted
 *
 * For operations that do not tell the mount: rules about what the file system is
 * mounted on do not count.
 *
 * Context: as sbpf_rules_access().
 *
 * Return: 0, or -EACCES.
 */
int sbpf_rules_access_dentry(const struct sbpf_sandbox *sandbox, struct dentry *dentry,
			     u32 access)
{
	const struct sbpf_rules *rules = rules_of(sandbox);

	if (rules_anonymous(dentry->d_sb))
		return access & (SBPF_ACCESS_EXECUTE | SBPF_ACCESS_MAP_EXEC) ? -EACCES : 0;
	if (rules && !(access & ~rules_nearest(rules, NULL, dentry, false)))
		return 0;
	return rules_at_work(dentry) ? 0 : -EACCES;
}

/* What rules about names grant one in a directory; GRANT_NAMES if none is about it. */
static s32 rules_name_in(const struct sbpf_rules *rules, const struct dentry *dir,
			 const char *name)
{
	u32 i;

	if (!rules)
		return GRANT_NAMES;
	i = rules_place(rules, d_backing_inode(dir));
	return rules->objects[i] ? rules_name(rules, rule_at(rules, i), name) : GRANT_NAMES;
}

/* May such a name appear in a directory, where that itself allows it? */
static bool rules_name_may(const struct sbpf_rules *rules, const struct dentry *dir,
			   const char *name, u32 access)
{
	s32 named = rules_name_in(rules, dir, name);

	return named < 0 || !(access & ~(u32)named);
}

/*
 * What an object is granted by its own rule, by one about its name, or without
 * either by its directory's (@grant).
 */
static u32 rules_grant_in(const struct sbpf_rules *rules, const struct inode *inode,
			  const struct dentry *dir, const char *name, u32 grant)
{
	const struct sbpf_rule *rule;
	s32 named;
	u32 i;

	if (!rules || !inode)
		return grant;
	i = rules_place(rules, inode);
	if (rules->objects[i]) {
		rule = rule_at(rules, i);
		if (rule->own)
			return rule->grant;
	}
	named = rules_name_in(rules, dir, name);
	return named >= 0 ? named : grant;
}

/**
 * sbpf_rules_create - May an object be created in a directory?
 * @sandbox: sandbox whose rules are asked
 * @mnt: mount of the directory
 * @dir: the directory
 * @name: name that the object gets
 * @access: enum sbpf_access that this takes, of the directory and of what rules about
 *	names in it say of such a name
 *
 * Context: as sbpf_rules_access().
 *
 * Return: 0, or -EACCES.
 */
int sbpf_rules_create(const struct sbpf_sandbox *sandbox, struct vfsmount *mnt,
		      struct dentry *dir, const char *name, u32 access)
{
	const struct sbpf_rules *rules = rules_of(sandbox);

	if (access & ~rules_grant(rules, mnt, dir) ||
	    !rules_name_may(rules, dir, name, access))
		return -EACCES;
	return 0;
}

/**
 * sbpf_rules_remove - May a name be removed?
 * @sandbox: sandbox whose rules are asked
 * @mnt: mount of the directory
 * @dir: the directory
 * @dentry: entry of @dir
 *
 * SBPF_ACCESS_REMOVE is needed of both. A directory that has rules about names in it
 * stays: another in its place would have none.
 *
 * Context: as sbpf_rules_access().
 *
 * Return: 0, or -EACCES.
 */
int sbpf_rules_remove(const struct sbpf_sandbox *sandbox, struct vfsmount *mnt,
		      struct dentry *dir, struct dentry *dentry)
{
	const struct sbpf_rules *rules = rules_of(sandbox);

	if (SBPF_ACCESS_REMOVE & ~rules_grant(rules, mnt, dir) ||
	    SBPF_ACCESS_REMOVE & ~rules_grant(rules, mnt, dentry))
		return -EACCES;
	return rules && d_is_dir(dentry) && rules_is_above(rules, d_backing_inode(dentry)) ?
		-EACCES : 0;
}

/**
 * sbpf_rules_refer - May an object appear in another directory, by another name?
 * @sandbox: sandbox whose rules are asked
 * @mnt: mount of all of them
 * @dentry: object that is renamed or linked
 * @new_dir: directory where it is to appear
 * @new_name: name that it gets there
 * @replaced: object that has the name there, or NULL
 * @exchange: @replaced is to appear in the place of @dentry, instead of going
 *
 * It must be allowed of both directories, of the object and of such a name
 * (SBPF_ACCESS_REFER), and nothing may be allowed of the object there that is not where
 * it is. A directory above an object with rules, or with rules about names in it, stays
 * where it is: another in its place would have none.
 *
 * Context: as sbpf_rules_access().
 *
 * Return: 0, -EACCES, or -EXDEV if an object would gain rights.
 */
int sbpf_rules_refer(const struct sbpf_sandbox *sandbox, struct vfsmount *mnt,
		     struct dentry *dentry, struct dentry *new_dir,
		     const char *new_name, const struct inode *replaced, bool exchange)
{
	const struct sbpf_rules *rules = rules_of(sandbox);
	const struct inode *inode = d_backing_inode(dentry);
	struct dentry *old_dir = READ_ONCE(dentry->d_parent);
	const char *old_name = dentry->d_name.name;
	u32 old = rules_grant(rules, mnt, old_dir);
	u32 new = rules_grant(rules, mnt, new_dir);
	u32 from = rules_grant_in(rules, inode, old_dir, old_name, old);
	u32 there = rules_grant_in(rules, replaced, new_dir, new_name, new);

	if (!(old & new & from & SBPF_ACCESS_REFER) ||
	    !rules_name_may(rules, new_dir, new_name, SBPF_ACCESS_REFER))
		return -EACCES;
	if (rules && (rules_is_above(rules, inode) ||
		      (replaced && rules_is_above(rules, replaced))))
		return -EACCES;
	if (exchange && (!(there & SBPF_ACCESS_REFER) ||
			 !rules_name_may(rules, old_dir, old_name, SBPF_ACCESS_REFER)))
		return -EACCES;
	if (replaced && !exchange && !(there & new & SBPF_ACCESS_REMOVE))
		return -EACCES;
	/* A rule of its own goes with it: then both are the same. */
	if (rules_grant_in(rules, inode, new_dir, new_name, new) & ~from)
		return -EXDEV;
	if (exchange &&
	    rules_grant_in(rules, replaced, old_dir, old_name, old) & ~there)
		return -EXDEV;
	return 0;
}

/**
 * sbpf_rules_right - Has a sandbox a right?
 * @sandbox: sandbox whose rules are asked
 * @right: enum sbpf_right
 *
 * Context: as sbpf_rules_access().
 *
 * Return: 0 or -EPERM.
 */
int sbpf_rules_right(const struct sbpf_sandbox *sandbox, u32 right)
{
	const struct sbpf_rules *rules = rules_of(sandbox);

	return rules && right < 64 && rules->rights & BIT_ULL(right) ? 0 : -EPERM;
}

/**
 * sbpf_rules_capability - May members use a capability, if they have it?
 * @sandbox: sandbox whose rules are asked
 * @capability: CAP_*
 *
 * Context: as sbpf_rules_access().
 *
 * Return: 0 or -EPERM.
 */
int sbpf_rules_capability(const struct sbpf_sandbox *sandbox, u32 capability)
{
	const struct sbpf_rules *rules = rules_of(sandbox);

	return rules && capability < 64 &&
	       rules->capabilities & BIT_ULL(capability) ? 0 : -EPERM;
}

/**
 * sbpf_rules_dev - May a device be used in a way?
 * @sandbox: sandbox whose rules are asked
 * @mode: S_IFCHR or S_IFBLK
 * @dev: device
 * @access: enum sbpf_dev_access, all of which are wanted
 * @cmd: command, for SBPF_DEV_IOCTL
 *
 * Context: as sbpf_rules_access().
 *
 * Return: 0 or -EACCES.
 */
int sbpf_rules_dev(const struct sbpf_sandbox *sandbox, umode_t mode, dev_t dev,
		   u32 access, u32 cmd)
{
	const struct sbpf_rules *rules = rules_of(sandbox);

	return sbpf_devs_access(rules ? rules->devs : NULL, mode, dev, access, cmd);
}

/**
 * sbpf_rules_nets - Rules about addresses
 * @sandbox: sandbox whose rules are asked
 * @sockets: gets enum sbpf_socket, kinds that may be used
 *
 * Context: as sbpf_rules_access().
 *
 * Return: the rules, or NULL for none.
 */
const struct sbpf_nets *sbpf_rules_nets(const struct sbpf_sandbox *sandbox, u64 *sockets)
{
	const struct sbpf_rules *rules = rules_of(sandbox);

	*sockets = rules ? rules->sockets : 0;
	return rules ? rules->nets : NULL;
}
