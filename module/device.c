// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Device: /dev/sbpf and the descriptors of sandboxes
 *
 * Anyone may open the device; each request is checked against who makes it at
 * that time, so that a descriptor passed into a sandbox gives its members nothing.
 */
#include <linux/anon_inodes.h>
#include <linux/capability.h>
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "cgroup.h"
#include "device.h"
#include "event.h"
#include "hooks.h"
#include "ledger.h"
#include "limits.h"
#include "member.h"
#include "memwrite.h"
#include "policy.h"
#include "rules.h"
#include "sandbox.h"
#include "usage.h"

/* How many sandboxes are held at a time, and how often per request some are looked for. */
#define RECORDS_HELD	16
#define RECORDS_TURNS	(SBPF_RECORDS_MAX / RECORDS_HELD)

/* Most numbers returned by one request; 8 MiB of them. */
#define IDS_MAX ((u32)SZ_1M)

/*
 * Reads a structure that begins with its size: -EINVAL if it does not even have
 * that, -E2BIG if it has more than the kernel knows and that is not zero.
 */
static int copy_in(void *to, size_t known, const void __user *from)
{
	u32 size;

	if (get_user(size, (const u32 __user *)from))
		return -EFAULT;
	if (size < sizeof(size))
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	return copy_struct_from_user(to, known, from, size);
}

/* Writes back as much as the caller's structure has room for. */
static int copy_out(void __user *to, const void *from, size_t known)
{
	u32 size = *(const u32 *)from;

	return copy_to_user(to, from, min_t(size_t, size, known)) ? -EFAULT : 0;
}

/* The current task's own sandbox; stays while it does not enter another. */
static struct sbpf_sandbox *own_sandbox(void)
{
	struct sbpf_sandbox *sandbox;

	rcu_read_lock();
	sandbox = sbpf_member_sandbox(current);
	rcu_read_unlock();
	return sandbox;
}

/* Fills a caller's list of numbers by @fill; see struct sbpf_ids. */
static int ioctl_ids(void __user *arg, struct sbpf_sandbox *sandbox,
		     u32 (*fill)(struct sbpf_sandbox *, u64 *, u32))
{
	struct sbpf_ids ids = {};
	u32 capacity;
	u64 *numbers;
	int err;

	err = copy_in(&ids, sizeof(ids), arg);
	if (err)
		return err;
	capacity = min(ids.count, IDS_MAX);
	numbers = kvmalloc_array(max(capacity, 1U), sizeof(*numbers), GFP_KERNEL_ACCOUNT);
	if (!numbers)
		return -ENOMEM;
	ids.count = fill(sandbox, numbers, capacity);
	if (copy_to_user(u64_to_user_ptr(ids.ids), numbers,
			 min(ids.count, capacity) * sizeof(*numbers)))
		err = -EFAULT;
	else
		err = copy_out(arg, &ids, sizeof(ids));
	kvfree(numbers);
	return err;
}

/*
 * A descriptor gives control, but never to a member. To be asked after what user
 * space hands over was copied, which can take as long as user space likes.
 */
static int check_control(const struct sbpf_sandbox *sandbox)
{
	struct sbpf_sandbox *own = own_sandbox();

	return own && !sbpf_sandbox_reach(sandbox, own) ? -EPERM : 0;
}

static int ioctl_set_policy(struct sbpf_sandbox *sandbox, void __user *arg)
{
	struct sbpf_set_policy set = {};
	int err;

	err = copy_in(&set, sizeof(set), arg);
	if (!err)
		err = check_control(sandbox);
	if (err)
		return err;
	if (set.reserved)
		return -EINVAL;
	return sbpf_sandbox_set_policy(sandbox, set.policy);
}

/*
 * An array of user space: NULL for none, or ERR_PTR; to be freed by kvfree().
 * Never of more than SBPF_RULES_MAX.
 */
static void *copy_array(u64 user, u32 count, size_t size)
{
	void *array;

	if (!count)
		return NULL;
	if (count > SBPF_RULES_MAX)
		return ERR_PTR(-E2BIG);
	array = kvmalloc_array(count, size, GFP_KERNEL_ACCOUNT);
	if (!array)
		return ERR_PTR(-ENOMEM);
	if (!copy_from_user(array, u64_to_user_ptr(user), count * size))
		return array;
	kvfree(array);
	return ERR_PTR(-EFAULT);
}

static int ioctl_set_rules(struct sbpf_sandbox *sandbox, void __user *arg)
{
	struct sbpf_set_rules set = {};
	struct sbpf_rules_input input;
	int err;

	err = copy_in(&set, sizeof(set), arg);
	if (err)
		return err;
	if (set.flags & ~SBPF_RULES_ADD || set.rights >> SBPF_RIGHT_MAX ||
	    set.capabilities >> CAP_LAST_CAP >> 1 ||
	    set.sockets & ~(u64)(SBPF_SOCKET_MAX - 1))
		return -EINVAL;
	input = (struct sbpf_rules_input){
		.paths = copy_array(set.paths, set.paths_count, sizeof(*input.paths)),
		.names = copy_array(set.names, set.names_count, sizeof(*input.names)),
		.nets = copy_array(set.nets, set.nets_count, sizeof(*input.nets)),
		.devs = copy_array(set.devs, set.devs_count, sizeof(*input.devs)),
		.paths_count = set.paths_count,
		.names_count = set.names_count,
		.nets_count = set.nets_count,
		.devs_count = set.devs_count,
		.rights = set.rights,
		.capabilities = set.capabilities,
		.sockets = set.sockets,
	};
	err = PTR_ERR_OR_ZERO(input.paths) ?: PTR_ERR_OR_ZERO(input.names) ?:
	      PTR_ERR_OR_ZERO(input.nets) ?: PTR_ERR_OR_ZERO(input.devs) ?:
	      check_control(sandbox) ?:
	      sbpf_rules_set(sandbox, &input, set.flags & SBPF_RULES_ADD);
	if (!IS_ERR(input.paths))
		kvfree(input.paths);
	if (!IS_ERR(input.names))
		kvfree(input.names);
	if (!IS_ERR(input.nets))
		kvfree(input.nets);
	if (!IS_ERR(input.devs))
		kvfree(input.devs);
	return err;
}

static int ioctl_get_rules(struct sbpf_sandbox *sandbox, void __user *arg)
{
	static const size_t sizes[] = {
		[SBPF_RULE_PATH] = sizeof(struct sbpf_path_record),
		[SBPF_RULE_NAME] = sizeof(struct sbpf_name_record),
		[SBPF_RULE_NET] = sizeof(struct sbpf_net_rule),
		[SBPF_RULE_DEV] = sizeof(struct sbpf_dev_rule),
	};
	struct sbpf_get_rules get = {};
	void *records;
	u32 capacity;
	int err;

	static_assert(ARRAY_SIZE(sizes) == SBPF_RULE_MAX);
	err = copy_in(&get, sizeof(get), arg) ?: check_control(sandbox);
	if (err)
		return err;
	if (get.kind >= SBPF_RULE_MAX)
		return -EINVAL;
	capacity = min(get.count, SBPF_RECORDS_MAX);
	records = kvcalloc(max(capacity, 1U), sizes[get.kind], GFP_KERNEL_ACCOUNT);
	if (!records)
		return -ENOMEM;
	get.count = sbpf_rules_get(sandbox, &get, records, capacity);
	if (copy_to_user(u64_to_user_ptr(get.rules), records, get.count * sizes[get.kind]))
		err = -EFAULT;
	else
		err = copy_out(arg, &get, sizeof(get));
	kvfree(records);
	return err;
}

static int ioctl_set_limits(struct sbpf_sandbox *sandbox, void __user *arg)
{
	struct sbpf_set_limits set = {};
	struct sbpf_limit *limits;
	int err;

	err = copy_in(&set, sizeof(set), arg);
	if (err)
		return err;
	if (set.count > SBPF_LIMITS_MAX)
		return -E2BIG;
	limits = copy_array(set.limits, set.count, sizeof(*limits));
	if (IS_ERR(limits))
		return PTR_ERR(limits);
	err = check_control(sandbox) ?: sbpf_limits_set(sandbox, limits, set.count);
	kvfree(limits);
	return err;
}

static int ioctl_set_cgroup(struct sbpf_sandbox *sandbox, void __user *arg)
{
	int err, fd;

	if (get_user(fd, (const int __user *)arg))
		return -EFAULT;
	err = check_control(sandbox);
	if (err)
		return err;
	mutex_lock(&sandbox->control);
	err = sbpf_cgroup_bind(sandbox, fd);
	mutex_unlock(&sandbox->control);
	return err;
}

static int ioctl_thaw(struct sbpf_sandbox *sandbox)
{
	int err = check_control(sandbox);

	if (!err)
		sbpf_sandbox_thaw(sandbox);
	return err;
}

static int ioctl_set_complain(struct sbpf_sandbox *sandbox, void __user *arg)
{
	u32 complain;
	int err;

	if (get_user(complain, (const u32 __user *)arg))
		return -EFAULT;
	err = check_control(sandbox);
	if (err)
		return err;
	if (complain > 1)
		return -EINVAL;
	WRITE_ONCE(sandbox->complain, complain);
	return 0;
}

static int ioctl_kill(struct sbpf_sandbox *sandbox)
{
	int err = check_control(sandbox);

	if (!err)
		sbpf_sandbox_kill(sandbox);
	return err;
}

/* A member sees those nested in its own as anyone outside sees those nested in none. */
static void as_seen(const struct sbpf_sandbox *sandbox, const struct sbpf_sandbox *own,
		    u64 *parent, u32 *layer)
{
	if (!own || !sbpf_sandbox_reach(sandbox, own))
		return;
	*layer -= own->layer;
	if (sandbox->parent == own)
		*parent = 0;
}

static void stat_as_seen(struct sbpf_sandbox *sandbox, struct sbpf_stat *stat)
{
	sbpf_sandbox_stat(sandbox, stat);
	as_seen(sandbox, own_sandbox(), &stat->parent, &stat->layer);
}

static int ioctl_stat(struct sbpf_sandbox *sandbox, void __user *arg,
		      void (*fill)(struct sbpf_sandbox *, struct sbpf_stat *))
{
	struct sbpf_stat *stat;
	int err;

	stat = kzalloc(sizeof(*stat), GFP_KERNEL);
	if (!stat)
		return -ENOMEM;
	err = copy_in(stat, sizeof(*stat), arg);
	if (!err) {
		u32 size = stat->size;

		memset(stat, 0, sizeof(*stat));
		stat->size = size;
		fill(sandbox, stat);
		err = copy_out(arg, stat, sizeof(*stat));
	}
	kfree(stat);
	return err;
}

/* What a request for records tells of one sandbox; used for one after another. */
union record {
	struct sbpf_brief brief;
	struct sbpf_stat stat;
};

/*
 * As copy_to_user() of whole records, in a fraction of the instructions where that goes byte
 * by byte: all that they have are words. The words from @first up to @end, whose numbers the
 * compiler knows; returns whether they are out.
 */
static __always_inline bool words_copy(u64 __user *user, const void *record, size_t first,
				       size_t end)
{
	const u64 *from = record;
	size_t i;

#pragma GCC unroll 32
	for (i = first; i < end; i++)
		unsafe_put_user(from[i], &user[i], fault);
	return true;
fault:
	return false;
}

static __always_inline bool words_zero(u64 __user *user, size_t first, size_t end)
{
	size_t i;

#pragma GCC unroll 32
	for (i = first; i < end; i++)
		unsafe_put_user(0ULL, &user[i], fault);
	return true;
fault:
	return false;
}

static int brief_out(u64 __user *user, const struct sbpf_brief *brief)
{
	bool out;

	if (!user_write_access_begin(user, sizeof(*brief)))
		return -EFAULT;
	out = words_copy(user, brief, 0, sizeof(*brief) / sizeof(*user));
	user_write_access_end();
	return out ? 0 : -EFAULT;
}

#define WORD(member)	(offsetof(struct sbpf_stat, member) / sizeof(u64))

/* What no resource has is 0: less to look at. */
static __always_inline bool resources_out(u64 __user *user, const struct sbpf_stat *stat)
{
	return words_copy(user, stat, 0, WORD(usage[SBPF_RESOURCE_MAX])) &&
	       words_zero(user, WORD(usage[SBPF_RESOURCE_MAX]), WORD(peak)) &&
	       words_copy(user, stat, WORD(peak), WORD(peak[SBPF_RESOURCE_MAX])) &&
	       words_zero(user, WORD(peak[SBPF_RESOURCE_MAX]), WORD(limit)) &&
	       words_copy(user, stat, WORD(limit), WORD(limit[SBPF_RESOURCE_MAX])) &&
	       words_zero(user, WORD(limit[SBPF_RESOURCE_MAX]), WORD(action)) &&
	       words_copy(user, stat, WORD(action), WORD(asked));
}

/* Counters but of @ops are 0; those are made so for the next record. */
static __always_inline bool counters_out(u64 __user *user, struct sbpf_stat *stat, u64 ops)
{
	/* Not as arrays: while users' memory can be written no index may be checked. */
	u64 *asked = stat->asked, *denied = stat->denied;
	int i;

	if (!words_zero(user, WORD(asked), WORD(policy)))
		return false;
	for (; ops; ops &= ops - 1) {
		i = __ffs64(ops);
		unsafe_put_user(asked[i], &user[WORD(asked) + i], fault);
		unsafe_put_user(denied[i], &user[WORD(denied) + i], fault);
		asked[i] = 0;
		denied[i] = 0;
	}
	return true;
fault:
	return false;
}

static int stat_out(u64 __user *user, struct sbpf_stat *stat, u64 ops)
{
	bool out;

	if (!user_write_access_begin(user, sizeof(*stat)))
		return -EFAULT;
	out = resources_out(user, stat) && counters_out(user, stat, ops) &&
	      words_copy(user, stat, WORD(policy), sizeof(*stat) / sizeof(*user));
	user_write_access_end();
	return out ? 0 : -EFAULT;
}

static int record_out(void __user *to, const struct sbpf_records *records,
		      const struct sbpf_sandbox *own, struct sbpf_sandbox *sandbox,
		      union record *record)
{
	const size_t size = records->record_size;
	struct sbpf_stat *stat = &record->stat;
	u64 ops;

	if (records->record == SBPF_RECORD_BRIEF) {
		sbpf_sandbox_brief(sandbox, &record->brief);
		as_seen(sandbox, own, &record->brief.parent, &record->brief.layer);
		if (size >= sizeof(record->brief))
			return brief_out(to, &record->brief);
		return copy_to_user(to, &record->brief, size) ? -EFAULT : 0;
	}
	stat->size = size;
	ops = sbpf_sandbox_stat(sandbox, stat);
	as_seen(sandbox, own, &stat->parent, &stat->layer);
	if (size >= sizeof(*stat))
		return stat_out(to, stat, ops);
	if (copy_to_user(to, stat, size))
		return -EFAULT;
	memset(stat->asked, 0, sizeof(stat->asked));
	memset(stat->denied, 0, sizeof(stat->denied));
	return 0;
}

/* Fills as many records as a number of turns allows; returns how many. */
static int records_fill(struct sbpf_records *records, u32 capacity, union record *record)
{
	const struct sbpf_sandbox *own = own_sandbox();
	struct sbpf_sandbox *held[RECORDS_HELD];
	u32 filled = 0, count, i;
	int turn, err = 0;

	for (turn = 0; turn < RECORDS_TURNS && filled < capacity && !err; turn++) {
		count = sbpf_sandbox_next(own, &records->from, held,
					  min(capacity - filled, RECORDS_HELD));
		for (i = 0; i < count; i++) {
			u64 to = records->records + (u64)(filled + i) * records->record_size;

			err = err ?: record_out(u64_to_user_ptr(to), records, own, held[i],
						record);
			sbpf_sandbox_put(held[i]);
		}
		filled += count;
		if (!records->from)
			break;
		if (fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	return err ?: filled;
}

static int ioctl_records(void __user *arg)
{
	struct sbpf_records records = {};
	union record *record;
	int err;

	err = copy_in(&records, sizeof(records), arg);
	if (err)
		return err;
	if (records.record >= SBPF_RECORD_MAX || records.record_size < sizeof(u64))
		return -EINVAL;
	if (records.record_size > PAGE_SIZE)
		return -E2BIG;
	record = kzalloc(sizeof(*record), GFP_KERNEL);
	if (!record)
		return -ENOMEM;
	err = records_fill(&records, min(records.count, SBPF_RECORDS_MAX), record);
	kfree(record);
	if (err < 0)
		return err;
	records.count = err;
	return copy_out(arg, &records, sizeof(records));
}

static int ioctl_enter(struct sbpf_sandbox *sandbox)
{
	int err;

	err = sbpf_sandbox_may_enter(sandbox);
	if (err)
		return err;
	/*
	 * Which control group it is does not change meanwhile. Whoever sets a limit of
	 * memory may wait until this task is dead.
	 */
	if (mutex_lock_killable(&sandbox->control))
		return -EINTR;
	err = sbpf_member_enter(sandbox);
	mutex_unlock(&sandbox->control);
	if (!err)
		sbpf_event_sandbox(sandbox, "entered");
	return err;
}

/* A request without the size of its structure, which has grown since or will. */
#define REQUEST(cmd)	((cmd) & ~(unsigned int)IOCSIZE_MASK)

static long sandbox_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct sbpf_sandbox *sandbox = file->private_data;
	void __user *user = (void __user *)arg;

	switch (REQUEST(cmd)) {
	case REQUEST(SBPF_IOC_ENTER):
		return ioctl_enter(sandbox);
	case REQUEST(SBPF_IOC_STAT):
		return ioctl_stat(sandbox, user, stat_as_seen);
	case REQUEST(SBPF_IOC_KILL):
		return ioctl_kill(sandbox);
	case REQUEST(SBPF_IOC_MEMBERS):
		return check_control(sandbox) ?:
		       ioctl_ids(user, sandbox, sbpf_sandbox_members);
	case REQUEST(SBPF_IOC_SET_POLICY):
		return ioctl_set_policy(sandbox, user);
	case REQUEST(SBPF_IOC_SET_LIMITS):
		return ioctl_set_limits(sandbox, user);
	case REQUEST(SBPF_IOC_SET_RULES):
		return ioctl_set_rules(sandbox, user);
	case REQUEST(SBPF_IOC_GET_RULES):
		return ioctl_get_rules(sandbox, user);
	case REQUEST(SBPF_IOC_SET_COMPLAIN):
		return ioctl_set_complain(sandbox, user);
	case REQUEST(SBPF_IOC_SET_CGROUP):
		return ioctl_set_cgroup(sandbox, user);
	case REQUEST(SBPF_IOC_THAW):
		return ioctl_thaw(sandbox);
	}
	return -ENOTTY;
}

static __poll_t sandbox_poll(struct file *file, poll_table *wait)
{
	struct sbpf_sandbox *sandbox = file->private_data;

	poll_wait(file, &sandbox->wait, wait);
	if (READ_ONCE(sandbox->entered_ns) &&
	    !atomic64_read(&sandbox->counters[SBPF_RESOURCE_PIDS].usage))
		return EPOLLIN | EPOLLRDNORM;
	return 0;
}

static int sandbox_release(struct inode *inode, struct file *file)
{
	sbpf_sandbox_put(file->private_data);
	return 0;
}

static const struct file_operations sandbox_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = sandbox_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.poll = sandbox_poll,
	.release = sandbox_release,
};

/* Takes over the reference to the sandbox. */
static int sandbox_fd(struct sbpf_sandbox *sandbox)
{
	int fd;

	fd = anon_inode_getfd("[sbpf]", &sandbox_fops, sandbox, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		sbpf_sandbox_put(sandbox);
	return fd;
}

static int ioctl_create(void __user *arg)
{
	struct sbpf_create create = {};
	struct sbpf_sandbox *sandbox;
	int err;

	err = copy_in(&create, sizeof(create), arg);
	if (err)
		return err;
	sandbox = sbpf_sandbox_create(&create, own_sandbox());
	return IS_ERR(sandbox) ? PTR_ERR(sandbox) : sandbox_fd(sandbox);
}

static int ioctl_open(void __user *arg)
{
	struct sbpf_sandbox *sandbox;
	struct sbpf_open open = {};
	int err;

	err = copy_in(&open, sizeof(open), arg);
	if (err)
		return err;
	if (open.reserved)
		return -EINVAL;
	sandbox = sbpf_sandbox_open(open.id, own_sandbox());
	return IS_ERR(sandbox) ? PTR_ERR(sandbox) : sandbox_fd(sandbox);
}

static int ioctl_info(void __user *arg)
{
	struct sbpf_sandbox *own = own_sandbox();
	struct sbpf_info info = {};
	int err;

	err = copy_in(&info, sizeof(info), arg);
	if (err)
		return err;
	info.abi = SBPF_ABI;
	info.hooks = sbpf_hooks_attached();
	info.policies = sbpf_policy_count();
	/* Those that the caller is in are not for it to see. */
	info.sandboxes = sbpf_sandbox_count() - (own ? own->layer : 0);
	info.events = sbpf_event_newest();
	info.resources_missing = SBPF_RESOURCES_MISSING;
	info.reserved = 0;
	sbpf_memwrite_info(&info);
	return copy_out(arg, &info, sizeof(info));
}

static int ioctl_ledger(void __user *arg)
{
	struct sbpf_ledger_info info = {};
	u32 size;
	int err;

	if (sbpf_member_is(current))
		return -EPERM;
	err = copy_in(&info, sizeof(info), arg);
	if (err)
		return err;
	size = info.size;
	info = (struct sbpf_ledger_info){ .size = size };
	sbpf_ledger_info(&info);
	return copy_out(arg, &info, sizeof(info));
}

/* How many of the sandboxes that the caller is in are under a policy? */
static u32 own_under(const char *policy)
{
	struct sbpf_sandbox *layer;
	u32 count = 0;

	/* Who controls them may hold their locks for long. */
	guard(rcu)();
	for (layer = own_sandbox(); layer; layer = layer->parent)
		count += !strcmp(READ_ONCE(layer->policy)->name, policy);
	return count;
}

static int ioctl_policy(void __user *arg)
{
	struct sbpf_policy_info info = {};
	int err;

	err = copy_in(&info, sizeof(info), arg);
	if (err)
		return err;
	info.reserved = 0;
	err = sbpf_policy_info(&info);
	if (err)
		return err;
	info.sandboxes -= min(info.sandboxes, own_under(info.name));
	return copy_out(arg, &info, sizeof(info));
}

/* The sandbox that the current task may know that it is in, or NULL. */
static struct sbpf_sandbox *told_sandbox(void)
{
	struct sbpf_sandbox *own = own_sandbox();

	return own && !(own->flags & SBPF_SANDBOX_STEALTH) ? own : NULL;
}

static int device_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct sbpf_sandbox *sandbox = told_sandbox();

	return sandbox ? sbpf_usage_map(sandbox, vma) : -ENODEV;
}

static int ioctl_self(void __user *arg)
{
	struct sbpf_sandbox *sandbox = told_sandbox();

	return sandbox ? ioctl_stat(sandbox, arg, sbpf_usage_stat) : -ENODEV;
}

/* May it have sandboxes, as far as the permissions of the device go, or only ask? */
static bool may_control(const struct file *file)
{
	return file->f_mode & FMODE_WRITE;
}

static long device_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	void __user *user = (void __user *)arg;

	switch (REQUEST(cmd)) {
	case REQUEST(SBPF_IOC_INFO):
		return ioctl_info(user);
	case REQUEST(SBPF_IOC_POLICY):
		return ioctl_policy(user);
	case REQUEST(SBPF_IOC_CREATE):
		return may_control(file) ? ioctl_create(user) : -EACCES;
	case REQUEST(SBPF_IOC_LIST):
		return ioctl_ids(user, own_sandbox(), sbpf_sandbox_list);
	case REQUEST(SBPF_IOC_OPEN):
		return may_control(file) ? ioctl_open(user) : -EACCES;
	case REQUEST(SBPF_IOC_LEDGER):
		return ioctl_ledger(user);
	case REQUEST(SBPF_IOC_SELF):
		return ioctl_self(user);
	case REQUEST(SBPF_IOC_RECORDS):
		return ioctl_records(user);
	}
	return -ENOTTY;
}

static const struct file_operations device_fops = {
	.owner = THIS_MODULE,
	.mmap = device_mmap,
	.unlocked_ioctl = device_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "sbpf",
	.mode = 0666,
	.fops = &device_fops,
};

/**
 * sbpf_device_init - Make /dev/sbpf
 *
 * Context: module init.
 *
 * Return: 0 or -errno.
 */
int __init sbpf_device_init(void)
{
	return misc_register(&device);
}

/**
 * sbpf_device_exit - Remove /dev/sbpf
 *
 * Context: module exit.
 */
void sbpf_device_exit(void)
{
	misc_deregister(&device);
}
