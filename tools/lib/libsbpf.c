// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * libsbpf - For programs that sandbox themselves or others: /dev/sbpf and the descriptors
 * of sandboxes
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "libsbpf.h"

#define DEVICE		"/dev/sbpf"

/* A request: its result, or -errno. */
static int call(int fd, unsigned long request, void *arg)
{
	int result = ioctl(fd, request, arg);

	return result < 0 ? -errno : result;
}

static int open_path(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* A name as requests have it; false if it is too long. */
static bool copy_name(char *to, const char *name, size_t size)
{
	size_t len = strlen(name);

	if (len >= size)
		return false;
	memcpy(to, name, len + 1);
	return true;
}

int sbpf_device(void)
{
	int fd = open_path(DEVICE, O_RDWR);

	/* Who may not have sandboxes may ask; not twice where a policy denies it. */
	if (fd == -EACCES && access(DEVICE, W_OK))
		fd = open_path(DEVICE, O_RDONLY);
	return fd;
}

int sbpf_module(int device, struct sbpf_info *info)
{
	memset(info, 0, sizeof(*info));
	info->size = sizeof(*info);
	return call(device, SBPF_IOC_INFO, info);
}

int sbpf_ledger(int device, struct sbpf_ledger_info *info)
{
	memset(info, 0, sizeof(*info));
	info->size = sizeof(*info);
	return call(device, SBPF_IOC_LEDGER, info);
}

int sbpf_policy(int device, __u32 index, struct sbpf_policy_info *info)
{
	memset(info, 0, sizeof(*info));
	info->size = sizeof(*info);
	info->index = index;
	return call(device, SBPF_IOC_POLICY, info);
}

int sbpf_policy_find(int device, const char *name, struct sbpf_policy_info *info)
{
	__u32 index = 0;
	int error;

	do {
		error = sbpf_policy(device, index++, info);
	} while (!error && strncmp(info->name, name, sizeof(info->name)));
	return error;
}

/* Has a list of numbers filled: how many there are, or -errno. */
static int list(int fd, unsigned long request, __u64 *numbers, __u32 capacity)
{
	struct sbpf_ids ids = {
		.size = sizeof(ids),
		.count = capacity,
		.ids = (uintptr_t)numbers,
	};
	int error = call(fd, request, &ids);

	return error ? error : (int)ids.count;
}

int sbpf_ids(int device, __u64 *ids, __u32 capacity)
{
	return list(device, SBPF_IOC_LIST, ids, capacity);
}

/* One request may find none of those that are left. */
static int records(int device, __u32 record, size_t size, __u64 *from, void *to, __u32 count)
{
	struct sbpf_records request = {
		.size = sizeof(request),
		.record = record,
		.record_size = size,
		.from = *from,
		.records = (uintptr_t)to,
	};
	int error;

	do {
		request.count = count;
		error = call(device, SBPF_IOC_RECORDS, &request);
	} while (!error && !request.count && request.from && count);
	*from = request.from;
	return error ? error : (int)request.count;
}

int sbpf_list(int device, __u64 *from, struct sbpf_brief *briefs, __u32 count)
{
	return records(device, SBPF_RECORD_BRIEF, sizeof(*briefs), from, briefs, count);
}

int sbpf_list_stats(int device, __u64 *from, struct sbpf_stat *stats, __u32 count)
{
	return records(device, SBPF_RECORD_STAT, sizeof(*stats), from, stats, count);
}

int sbpf_create(int device, const char *policy, const char *name, __u32 flags)
{
	struct sbpf_create create = {
		.size = sizeof(create),
		.flags = flags,
		.pids = SBPF_UNLIMITED,
	};

	if (!copy_name(create.policy, policy, sizeof(create.policy)) ||
	    !copy_name(create.name, name ? name : "", sizeof(create.name)))
		return -EINVAL;
	return call(device, SBPF_IOC_CREATE, &create);
}

int sbpf_open(int device, __u64 id)
{
	struct sbpf_open request = { .size = sizeof(request), .id = id };

	return call(device, SBPF_IOC_OPEN, &request);
}

static int set_rules(int sandbox, const struct sbpf_set_rules *rules, __u32 flags)
{
	struct sbpf_set_rules set = *rules;

	set.size = sizeof(set);
	set.flags = flags;
	return call(sandbox, SBPF_IOC_SET_RULES, &set);
}

int sbpf_add_rules(int sandbox, const struct sbpf_set_rules *rules)
{
	return set_rules(sandbox, rules, SBPF_RULES_ADD);
}

int sbpf_replace_rules(int sandbox, const struct sbpf_set_rules *rules)
{
	return set_rules(sandbox, rules, 0);
}

int sbpf_add_path(int sandbox, const char *path, __u32 allow, __u32 deny)
{
	struct sbpf_path_rule rule = { .allow = allow, .deny = deny };
	const struct sbpf_set_rules set = { .paths = (uintptr_t)&rule, .paths_count = 1 };
	int error;

	rule.fd = open_path(path, O_PATH);
	if (rule.fd < 0)
		return rule.fd;
	error = sbpf_add_rules(sandbox, &set);
	close(rule.fd);
	return error;
}

int sbpf_add_names(int sandbox, const char *dir, const char *pattern, __u32 allow, __u32 deny)
{
	struct sbpf_name_rule rule = { .allow = allow, .deny = deny };
	const struct sbpf_set_rules set = { .names = (uintptr_t)&rule, .names_count = 1 };
	int error;

	if (!copy_name(rule.pattern, pattern, sizeof(rule.pattern)))
		return -ENAMETOOLONG;
	rule.fd = open_path(dir, O_PATH);
	if (rule.fd < 0)
		return rule.fd;
	error = sbpf_add_rules(sandbox, &set);
	close(rule.fd);
	return error;
}

/* ADDRESS or ADDRESS/PREFIX into a rule; false if it is neither. */
static bool read_address(struct sbpf_net_rule *rule, const char *text)
{
	char address[INET6_ADDRSTRLEN];
	const char *slash = strchrnul(text, '/'), *digit;
	unsigned int bits, prefix = 0;

	if (slash - text >= (ptrdiff_t)sizeof(address))
		return false;
	memcpy(address, text, slash - text);
	address[slash - text] = '\0';
	rule->family = strchr(address, ':') ? AF_INET6 : AF_INET;
	bits = rule->family == AF_INET6 ? 128 : 32;
	rule->prefix = bits;
	if (inet_pton(rule->family, address, rule->address) != 1)
		return false;
	if (!*slash)
		return true;
	for (digit = slash + 1; *digit >= '0' && *digit <= '9' && prefix <= bits; digit++)
		prefix = 10 * prefix + (*digit - '0');
	rule->prefix = prefix;
	return digit > slash + 1 && !*digit && prefix <= bits;
}

int sbpf_add_net(int sandbox, const char *address, __u16 port_first, __u16 port_last,
		 __u32 allow, __u32 deny)
{
	struct sbpf_net_rule rules[2] = { {
		.allow = allow,
		.deny = deny,
		.family = AF_INET,
		.port_first = port_first,
		.port_last = port_last,
	} };
	struct sbpf_set_rules set = { .nets = (uintptr_t)rules, .nets_count = 1 };

	if (address) {
		if (!read_address(&rules[0], address))
			return -EINVAL;
	} else {
		rules[1] = rules[0];
		rules[1].family = AF_INET6;
		set.nets_count = 2;
	}
	return sbpf_add_rules(sandbox, &set);
}

int sbpf_add_device(int sandbox, const char *node, __u32 allow, __u32 deny)
{
	struct sbpf_dev_rule rule = { .allow = allow, .deny = deny, .ioctl_last = ~0U };
	struct sbpf_path_rule path = { .allow = SBPF_PATH_NODE };
	struct sbpf_set_rules set = {
		.paths = (uintptr_t)&path,
		.devs = (uintptr_t)&rule,
		.devs_count = 1,
		.paths_count = !!(allow & (SBPF_DEV_READ | SBPF_DEV_WRITE)),
	};
	struct stat st;
	int error;

	path.fd = open_path(node, O_PATH);
	if (path.fd < 0)
		return path.fd;
	if (fstat(path.fd, &st)) {
		error = -errno;
	} else if (!S_ISCHR(st.st_mode) && !S_ISBLK(st.st_mode)) {
		error = -ENODEV;
	} else {
		rule.type = st.st_mode & S_IFMT;
		rule.major = major(st.st_rdev);
		rule.minor = minor(st.st_rdev);
		error = sbpf_add_rules(sandbox, &set);
	}
	close(path.fd);
	return error;
}

int sbpf_add_rights(int sandbox, __u64 rights)
{
	const struct sbpf_set_rules set = { .rights = rights };

	return sbpf_add_rules(sandbox, &set);
}

int sbpf_rules(int sandbox, struct sbpf_get_rules *rules)
{
	int error;

	rules->size = sizeof(*rules);
	error = call(sandbox, SBPF_IOC_GET_RULES, rules);
	return error ? error : (int)rules->count;
}

int sbpf_limits(int sandbox, const struct sbpf_limit *limits, __u32 count)
{
	struct sbpf_set_limits set = {
		.size = sizeof(set),
		.count = count,
		.limits = (uintptr_t)limits,
	};

	return call(sandbox, SBPF_IOC_SET_LIMITS, &set);
}

int sbpf_limit(int sandbox, __u32 resource, __u64 limit, __u32 action)
{
	const struct sbpf_limit one = {
		.resource = resource,
		.action = action,
		.limit = limit,
	};

	return sbpf_limits(sandbox, &one, 1);
}

int sbpf_cgroup(int sandbox, const char *dir)
{
	__s32 fd = open_path(dir, O_RDONLY | O_DIRECTORY);
	int error;

	if (fd < 0)
		return fd;
	error = call(sandbox, SBPF_IOC_SET_CGROUP, &fd);
	close(fd);
	return error;
}

int sbpf_enter(int sandbox)
{
	return call(sandbox, SBPF_IOC_ENTER, NULL);
}

int sbpf_stat(int sandbox, struct sbpf_stat *stat)
{
	memset(stat, 0, sizeof(*stat));
	stat->size = sizeof(*stat);
	return call(sandbox, SBPF_IOC_STAT, stat);
}

int sbpf_members(int sandbox, __u64 *pids, __u32 capacity)
{
	return list(sandbox, SBPF_IOC_MEMBERS, pids, capacity);
}

int sbpf_wait(int sandbox, int timeout_ms)
{
	struct pollfd fd = { .fd = sandbox, .events = POLLIN };
	int ready = poll(&fd, 1, timeout_ms);

	if (ready < 0)
		return -errno;
	if (!ready)
		return -ETIMEDOUT;
	return fd.revents & POLLIN ? 0 : -EBADF;
}

int sbpf_kill(int sandbox)
{
	return call(sandbox, SBPF_IOC_KILL, NULL);
}

int sbpf_thaw(int sandbox)
{
	return call(sandbox, SBPF_IOC_THAW, NULL);
}

int sbpf_complain(int sandbox, int on)
{
	__u32 complain = !!on;

	return call(sandbox, SBPF_IOC_SET_COMPLAIN, &complain);
}

int sbpf_move(int sandbox, const char *policy)
{
	struct sbpf_set_policy set = { .size = sizeof(set) };

	if (!copy_name(set.policy, policy, sizeof(set.policy)))
		return -EINVAL;
	return call(sandbox, SBPF_IOC_SET_POLICY, &set);
}
