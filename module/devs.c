// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Device rules: by number, whatever the nodes are called
 */
#include <linux/err.h>
#include <linux/kdev_t.h>
#include <linux/slab.h>
#include <linux/stat.h>
#include <linux/string.h>

#include "devs.h"
#include "ranges.h"
#include "uapi/sbpf.h"

/* For SBPF_DEV_ANY, which no number of either kind is. */
static struct sbpf_range_key dev_key(umode_t mode, u32 major, u32 minor)
{
	return (struct sbpf_range_key){ { mode & S_IFMT, major, minor } };
}

/* One that does not say everything, so that ioctls have a range of their own. */
static struct sbpf_range dev_range(const struct sbpf_dev_rule *rule, u32 access)
{
	return (struct sbpf_range){
		.key = dev_key(rule->type, rule->major, rule->minor),
		.last = U32_MAX,
		.allow = rule->allow & access,
		.deny = rule->deny & access,
	};
}

static bool dev_valid(const struct sbpf_dev_rule *rule)
{
	if (rule->type != S_IFCHR && rule->type != S_IFBLK)
		return false;
	if (rule->major == SBPF_DEV_ANY && rule->minor != SBPF_DEV_ANY)
		return false;
	if ((rule->major != SBPF_DEV_ANY && rule->major != MAJOR(MKDEV(rule->major, 0))) ||
	    (rule->minor != SBPF_DEV_ANY && rule->minor != MINOR(MKDEV(0, rule->minor))))
		return false;
	return !((rule->allow | rule->deny) & ~(SBPF_DEV_MAX - 1)) && !rule->reserved &&
	       rule->ioctl_first <= rule->ioctl_last;
}

/**
 * sbpf_devs_make - Make device rules of those that there are and new ones
 * @old: those that there are, may be NULL
 * @rules: new ones
 * @count: number of @rules
 *
 * Context: process, may sleep.
 *
 * Return: the rules, NULL if there are none; ERR_PTR(-EINVAL) for one that makes
 * no sense, -E2BIG for more than SBPF_RULES_MAX, -ENOMEM.
 */
struct sbpf_ranges *sbpf_devs_make(const struct sbpf_ranges *old,
				   const struct sbpf_dev_rule *rules, u32 count)
{
	const struct sbpf_range *kept;
	struct sbpf_range *ranges;
	u32 i, keep;

	kept = sbpf_ranges_all(old, &keep);
	if (!keep && !count)
		return NULL;
	/* Each rule is two ranges. */
	if (keep / 2 + count > SBPF_RULES_MAX)
		return ERR_PTR(-E2BIG);
	ranges = kvmalloc_array(keep + 2 * count, sizeof(*ranges), GFP_KERNEL_ACCOUNT);
	if (!ranges)
		return ERR_PTR(-ENOMEM);
	if (keep)
		memcpy(ranges, kept, keep * sizeof(*ranges));
	for (i = 0; i < count; i++) {
		struct sbpf_range *range = &ranges[keep + 2 * i];

		if (!dev_valid(&rules[i])) {
			kvfree(ranges);
			return ERR_PTR(-EINVAL);
		}
		range[0] = dev_range(&rules[i], ~SBPF_DEV_IOCTL);
		range[1] = dev_range(&rules[i], SBPF_DEV_IOCTL);
		range[1].first = rules[i].ioctl_first;
		range[1].last = rules[i].ioctl_last;
	}
	return sbpf_ranges_make(ranges, keep + 2 * count);
}

/**
 * sbpf_devs_get - Tell device rules
 * @devs: the rules, may be NULL
 * @from: number of the first range; receives that to go on with, 0 when there are no more
 * @rules: receives them, zeroed by the caller
 * @capacity: length of @rules
 *
 * Context: any.
 *
 * Return: how many were filled.
 */
u32 sbpf_devs_get(const struct sbpf_ranges *devs, u32 *from, struct sbpf_dev_rule *rules,
		  u32 capacity)
{
	const struct sbpf_range *ranges;
	u32 count, i, filled = 0;

	ranges = sbpf_ranges_all(devs, &count);
	for (i = *from; i < count && filled < capacity; i++) {
		struct sbpf_dev_rule *rule = &rules[filled];

		/* The part of a rule that it has not got. */
		if (!(ranges[i].allow | ranges[i].deny))
			continue;
		rule->allow = ranges[i].allow;
		rule->deny = ranges[i].deny;
		rule->type = ranges[i].key.words[0];
		rule->major = ranges[i].key.words[1];
		rule->minor = ranges[i].key.words[2];
		rule->ioctl_first = ranges[i].first;
		rule->ioctl_last = ranges[i].last;
		filled++;
	}
	*from = i < count ? i : 0;
	return filled;
}

/**
 * sbpf_devs_access - May a device be used in a way?
 * @devs: rules, may be NULL
 * @mode: S_IFCHR or S_IFBLK, among other bits of a mode
 * @dev: device
 * @access: enum sbpf_dev_access, all of which are wanted
 * @cmd: command, for SBPF_DEV_IOCTL
 *
 * Context: any; takes no lock.
 *
 * Return: 0 or -EACCES.
 */
int sbpf_devs_access(const struct sbpf_ranges *devs, umode_t mode, dev_t dev,
		     u32 access, u32 cmd)
{
	const struct sbpf_range_key keys[] = {
		dev_key(mode, MAJOR(dev), MINOR(dev)),
		dev_key(mode, MAJOR(dev), SBPF_DEV_ANY),
		dev_key(mode, SBPF_DEV_ANY, SBPF_DEV_ANY),
	};
	const struct sbpf_span *span;
	int i;

	for (i = 0; i < ARRAY_SIZE(keys) && access; i++) {
		span = sbpf_ranges_find(devs, &keys[i], cmd);
		if (!span)
			continue;
		if (span->deny & access)
			return -EACCES;
		access &= ~span->allow;
	}
	return access ? -EACCES : 0;
}
