// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - The module as seen from user space: /dev/sbpf and sandboxes' descriptors
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "dev.h"
#include "out.h"

/* How long the members of a sandbox may take to die of SIGKILL. */
#define KILL_TIMEOUT_MS	5000

/**
 * dev_open - Open the module's device
 *
 * Reports what is wrong if that fails or the module is too old.
 *
 * Return: a descriptor that is closed on exec, or -1.
 */
int dev_open(void)
{
	struct sbpf_info info;
	int dev, error;

	dev = open(DEV_PATH, O_RDWR | O_CLOEXEC);
	if (dev < 0) {
		if (errno == ENOENT || errno == ENXIO || errno == ENODEV)
			out_error(DEV_LOAD_HINT, "the module is not loaded: %s", DEV_PATH);
		else if (errno == EACCES || errno == EPERM)
			out_error("inside of a sandbox its policy may forbid this",
				  "cannot open: %s: %m", DEV_PATH);
		else
			out_error(NULL, "cannot open: %s: %m", DEV_PATH);
		return -1;
	}
	error = dev_info(dev, &info);
	if (!error && info.abi >= SBPF_ABI)
		return dev;
	if (error)
		out_error("load the module of the same version as this command",
			  "cannot talk to the module: %s", strerror(-error));
	else
		out_error("load the module of the same version as this command",
			  "the module is too old: it has ABI %u, this command needs %u", info.abi,
			  SBPF_ABI);
	close(dev);
	return -1;
}

/* An ioctl on a structure: its result, or -errno. */
static int call(int fd, unsigned long request, void *arg)
{
	int result = ioctl(fd, request, arg);

	return result < 0 ? -errno : result;
}

/**
 * dev_info - Ask for the module's state
 * @dev: from dev_open()
 * @info: where to put it
 *
 * Return: 0 or -errno.
 */
int dev_info(int dev, struct sbpf_info *info)
{
	memset(info, 0, sizeof(*info));
	info->size = sizeof(*info);
	return call(dev, SBPF_IOC_INFO, info);
}

/**
 * dev_ledger - Ask for the state of the ledger
 * @dev: from dev_open()
 * @info: where to put it
 *
 * Return: 0 or -errno.
 */
int dev_ledger(int dev, struct sbpf_ledger_info *info)
{
	memset(info, 0, sizeof(*info));
	info->size = sizeof(*info);
	return call(dev, SBPF_IOC_LEDGER, info);
}

/**
 * dev_policy - Ask for one registered policy
 * @dev: from dev_open()
 * @index: which, from 0
 * @info: where to put it
 *
 * Return: 0; -ENOENT there are not so many; or another -errno.
 */
int dev_policy(int dev, __u32 index, struct sbpf_policy_info *info)
{
	memset(info, 0, sizeof(*info));
	info->size = sizeof(*info);
	info->index = index;
	return call(dev, SBPF_IOC_POLICY, info);
}

/**
 * dev_policy_find - Ask for a registered policy by name
 * @dev: from dev_open()
 * @name: its name
 * @info: where to put it
 *
 * Return: 0; -ENOENT no policy of that name is registered; or another -errno.
 */
int dev_policy_find(int dev, const char *name, struct sbpf_policy_info *info)
{
	__u32 index = 0;
	int error;

	do {
		error = dev_policy(dev, index++, info);
	} while (!error && strncmp(info->name, name, sizeof(info->name)));
	return error;
}

/**
 * dev_create - Create a sandbox
 * @dev: from dev_open()
 * @create: what it shall be; its size is filled in
 *
 * Return: a descriptor that owns the sandbox and is closed on exec, or -errno
 * as SBPF_IOC_CREATE has it.
 */
int dev_create(int dev, struct sbpf_create *create)
{
	create->size = sizeof(*create);
	return call(dev, SBPF_IOC_CREATE, create);
}

/**
 * dev_sandbox - Open a sandbox
 * @dev: from dev_open()
 * @id: its number
 *
 * Return: a descriptor that is closed on exec; -ENOENT; or another -errno.
 */
int dev_sandbox(int dev, __u64 id)
{
	struct sbpf_open open = { .size = sizeof(open), .id = id };

	return call(dev, SBPF_IOC_OPEN, &open);
}

/* Get a list of numbers, however long it has become while we asked. */
static int list(int fd, unsigned long request, __u64 **numbers, __u32 *count)
{
	struct sbpf_ids ids;
	__u32 room = 64;
	int error;

	while (1) {
		*numbers = calloc(room, sizeof(**numbers));
		if (!*numbers)
			return -ENOMEM;
		ids = (struct sbpf_ids){
			.size = sizeof(ids),
			.count = room,
			.ids = (unsigned long)*numbers,
		};
		error = call(fd, request, &ids);
		*count = ids.count;
		if (error >= 0 && ids.count <= room)
			return 0;
		free(*numbers);
		*numbers = NULL;
		if (error < 0)
			return error;
		room = ids.count + 64;
	}
}

/**
 * dev_sandboxes - List the sandboxes within reach
 * @dev: from dev_open()
 * @ids: where to put an array of their numbers, to be freed
 * @count: where to put its length
 *
 * Return: 0 or -errno.
 */
int dev_sandboxes(int dev, __u64 **ids, __u32 *count)
{
	return list(dev, SBPF_IOC_LIST, ids, count);
}

/**
 * sandbox_stat - Ask for a sandbox's state and statistics
 * @sandbox: its descriptor
 * @stat: where to put them
 *
 * Return: 0 or -errno.
 */
int sandbox_stat(int sandbox, struct sbpf_stat *stat)
{
	memset(stat, 0, sizeof(*stat));
	stat->size = sizeof(*stat);
	return call(sandbox, SBPF_IOC_STAT, stat);
}

/**
 * sandbox_members - List the members of a sandbox
 * @sandbox: its descriptor
 * @pids: where to put an array of their thread ids, to be freed
 * @count: where to put its length
 *
 * Return: 0 or -errno.
 */
int sandbox_members(int sandbox, __u64 **pids, __u32 *count)
{
	return list(sandbox, SBPF_IOC_MEMBERS, pids, count);
}

/**
 * sandbox_set_limits - Set limits of a sandbox
 * @sandbox: its descriptor
 * @limits: the limits
 * @count: number of @limits
 *
 * Return: 0 or -errno as SBPF_IOC_SET_LIMITS has it.
 */
int sandbox_set_limits(int sandbox, const struct sbpf_limit *limits, __u32 count)
{
	struct sbpf_set_limits set = {
		.size = sizeof(set),
		.count = count,
		.limits = (unsigned long)limits,
	};

	return call(sandbox, SBPF_IOC_SET_LIMITS, &set);
}

/**
 * sandbox_thaw - Let the members of a frozen sandbox go on
 * @sandbox: its descriptor
 *
 * Return: 0 or -errno.
 */
int sandbox_thaw(int sandbox)
{
	return call(sandbox, SBPF_IOC_THAW, NULL);
}

/**
 * sandbox_wait_empty - Wait until no task is left in a sandbox
 * @sandbox: its descriptor
 * @timeout_ms: how long at most, in milliseconds
 *
 * Return: whether it has been entered and is empty.
 */
bool sandbox_wait_empty(int sandbox, int timeout_ms)
{
	struct pollfd fd = { .fd = sandbox, .events = POLLIN };

	return poll(&fd, 1, timeout_ms) == 1 && fd.revents & POLLIN;
}

/**
 * sandbox_kill - Kill all members of a sandbox and wait until they are gone
 * @sandbox: its descriptor
 *
 * Reports what is wrong if that fails.
 *
 * Return: whether nobody is left.
 */
bool sandbox_kill(int sandbox)
{
	struct sbpf_stat stat;
	int error;

	error = call(sandbox, SBPF_IOC_KILL, NULL);
	if (error == -EPERM) {
		out_error("a member cannot kill its own sandbox", "not permitted");
		return false;
	}
	if (error) {
		out_error(NULL, "cannot kill the sandbox: %s", strerror(-error));
		return false;
	}
	if (!sandbox_stat(sandbox, &stat) && !stat.usage[SBPF_RESOURCE_PIDS])
		return true;
	if (sandbox_wait_empty(sandbox, KILL_TIMEOUT_MS))
		return true;
	out_error("they end as soon as the kernel lets them: sbpf show tells",
		  "members are still alive %d s after SIGKILL", KILL_TIMEOUT_MS / 1000);
	return false;
}

/**
 * sandbox_add_rules - Add to the rules of a sandbox
 * @sandbox: its descriptor
 * @set: rules; its size and flags are filled in
 *
 * Return: 0 or -errno.
 */
int sandbox_add_rules(int sandbox, struct sbpf_set_rules *set)
{
	set->size = sizeof(*set);
	set->flags = SBPF_RULES_ADD;
	return call(sandbox, SBPF_IOC_SET_RULES, set);
}

/**
 * sandbox_add_capabilities - Let members of a sandbox use capabilities, if they have them
 * @sandbox: its descriptor
 * @capabilities: mask by number
 *
 * Return: 0 or -errno.
 */
int sandbox_add_capabilities(int sandbox, __u64 capabilities)
{
	struct sbpf_set_rules set = {
		.size = sizeof(set),
		.flags = SBPF_RULES_ADD,
		.capabilities = capabilities,
	};

	return call(sandbox, SBPF_IOC_SET_RULES, &set);
}
