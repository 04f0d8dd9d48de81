/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libsbpf - For programs that sandbox themselves or others, and for those in a sandbox
 *
 * A sandbox is a descriptor, as is the device that makes it: they are closed by close(2)
 * and are not inherited by programs that are executed. What is said of a sandbox may be
 * said by whoever has its descriptor, but for members: they may enter and sbpf_stat() it.
 *
 * All functions may be called by several threads at a time, after fork(2), and in signal
 * handlers but for sbpf_add_net(). None allocates memory, or keeps a descriptor but those
 * that it returns. What returns int returns -errno for a failure: besides what is said
 * there -EFAULT a bad pointer, -EBADF no descriptor, and -ENOTTY one of something else, or
 * a module that is too old for the request. errno itself is anything afterwards. Where the
 * error is -EPERM, "the caller is in the sandbox", it is that for members of any sandbox that
 * this one is not nested in.
 */
#ifndef _LIBSBPF_H
#define _LIBSBPF_H

#ifdef SBPF_SOURCE_TREE
#include "uapi/sbpf.h"
#else
#include <sbpf/sbpf.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* What "sbpf run" takes its options for paths to mean: --exec, --ro, --rw and a device. */
#define SBPF_PATH_EXEC	(SBPF_ACCESS_READ_FILE | SBPF_ACCESS_EXECUTE | SBPF_ACCESS_MAP_EXEC)
#define SBPF_PATH_RO	(SBPF_PATH_EXEC | SBPF_ACCESS_READ_DIR)
#define SBPF_PATH_ALL	(SBPF_ACCESS_MAX - 1)
#define SBPF_PATH_RW	(SBPF_PATH_ALL & ~(SBPF_ACCESS_EXECUTE | SBPF_ACCESS_MAP_EXEC | \
					   SBPF_ACCESS_CONNECT))
#define SBPF_PATH_NODE	(SBPF_ACCESS_READ_FILE | SBPF_ACCESS_READ_DIR | SBPF_ACCESS_WRITE | \
			 SBPF_ACCESS_TRUNCATE)

/* The device */

/**
 * sbpf_device - Open the module's device
 *
 * Whoever may not write to it, but read, gets a descriptor by which one can ask, but neither
 * create sandboxes nor open them (-EACCES).
 *
 * Return: its descriptor; -ENOENT the module is not loaded; -EACCES or another error: the
 * policy of the sandbox that the caller is in does not allow it; -EMFILE, -ENFILE, -ENOMEM.
 */
int sbpf_device(void);

/**
 * sbpf_module - Ask for the module's state
 * @device: from sbpf_device()
 * @info: receives it
 *
 * Return: 0 or -errno, see above.
 */
int sbpf_module(int device, struct sbpf_info *info);

/**
 * sbpf_ledger - Ask for the state of the ledger
 * @device: from sbpf_device()
 * @info: receives it
 *
 * Return: 0; -EPERM the caller is in a sandbox.
 */
int sbpf_ledger(int device, struct sbpf_ledger_info *info);

/**
 * sbpf_policy - Ask for one registered policy
 * @device: from sbpf_device()
 * @index: which, from 0 in the order of registration
 * @info: receives it
 *
 * Return: 0; -ENOENT there are not so many.
 */
int sbpf_policy(int device, __u32 index, struct sbpf_policy_info *info);

/**
 * sbpf_policy_find - Ask for a registered policy by name
 * @device: from sbpf_device()
 * @name: its name
 * @info: receives it
 *
 * Return: 0; -ENOENT no policy of that name is registered.
 */
int sbpf_policy_find(int device, const char *name, struct sbpf_policy_info *info);

/**
 * sbpf_ids - List the sandboxes within reach
 * @device: from sbpf_device()
 * @ids: receives their numbers, ascending
 * @capacity: how many fit there
 *
 * Return: how many there are, which may be more than fitted; -ENOMEM.
 */
int sbpf_ids(int device, __u64 *ids, __u32 capacity);

/**
 * sbpf_list - State and counters in short of the sandboxes within reach
 * @device: from sbpf_device()
 * @from: 0 to begin with, then what this has put there: 0 when there are no more
 * @briefs: receives them, by number
 * @count: how many fit there
 *
 * Far cheaper than one at a time.
 *
 * Return: how many were filled, 0 only when there are no more; -ENOMEM; -EINTR the
 * process is being killed.
 */
int sbpf_list(int device, __u64 *from, struct sbpf_brief *briefs, __u32 count);

/**
 * sbpf_list_stats - The same, with all that is known of each
 * @device: from sbpf_device()
 * @from: as above
 * @stats: receives it
 * @count: how many fit there
 *
 * Return: as sbpf_list().
 */
int sbpf_list_stats(int device, __u64 *from, struct sbpf_stat *stats, __u32 count);

/* Making a sandbox */

/**
 * sbpf_create - Create a sandbox; nested in the caller's own if the caller is in one
 * @device: from sbpf_device()
 * @policy: name of a registered policy
 * @name: a name for people, or NULL
 * @flags: enum sbpf_sandbox_flags
 *
 * It ends when its last descriptor is closed and nobody is in it.
 *
 * Return: its descriptor; -EACCES @device is open for reading only, see sbpf_device();
 * -EINVAL no such flag, or a name that is none: they are 1 to 31 characters of
 * A-Z a-z 0-9 . _ -; -ENOENT no such policy; -EPERM the policy is not open to all users and
 * the caller lacks CAP_SYS_ADMIN; -E2BIG nested deeper than SBPF_LAYERS_MAX; -EMFILE,
 * -ENFILE, -ENOMEM; or what the policy answered.
 */
int sbpf_create(int device, const char *policy, const char *name, __u32 flags);

/**
 * sbpf_open - Open a sandbox that there is
 * @device: from sbpf_device()
 * @id: its number
 *
 * Return: a descriptor; -EACCES @device is open for reading only; -ENOENT no such sandbox
 * within reach; -EMFILE, -ENFILE, -ENOMEM.
 */
int sbpf_open(int device, __u64 id);

/**
 * sbpf_add_path - Add a rule about a file, or a directory and all that is below
 * @sandbox: its descriptor
 * @path: what it is about, as the caller sees it now
 * @allow: enum sbpf_access, or SBPF_PATH_RO and the like
 * @deny: enum sbpf_access; wins over @allow
 *
 * Return: 0; -EPERM the caller is in the sandbox; -EINVAL unknown access, or one that @path
 * cannot have; -EBADFD @path is on no file tree, such as a pipe; -E2BIG more than
 * SBPF_RULES_MAX; -ENOMEM; -EINTR the process is being killed; or why @path cannot be
 * opened: -ENOENT, -EACCES, ...
 */
int sbpf_add_path(int sandbox, const char *path, __u32 allow, __u32 deny);

/**
 * sbpf_add_names - Add a rule about names in a directory, those to come included
 * @sandbox: its descriptor
 * @dir: the directory, as the caller sees it now
 * @pattern: of the names, with * ? [a-z] [!a-z], see struct sbpf_name_rule
 * @allow: enum sbpf_access
 * @deny: enum sbpf_access
 *
 * Return: 0; -ENOTDIR @dir is none; -EOPNOTSUPP its file system takes other names for
 * the same; -ENAMETOOLONG @pattern is longer than SBPF_PATTERN_MAX; -E2BIG more than
 * SBPF_NAMES_MAX or SBPF_NAMES_DIR_MAX; or as sbpf_add_path().
 */
int sbpf_add_names(int sandbox, const char *dir, const char *pattern, __u32 allow, __u32 deny);

/**
 * sbpf_add_net - Add a rule about addresses and ports
 * @sandbox: its descriptor
 * @address: ADDRESS or ADDRESS/PREFIX, of IPv4 or IPv6; NULL for all of both. To be
 *	allowed as a destination 0.0.0.0 and :: must be named
 * @port_first: first port; 0 is a free one when binding
 * @port_last: last port
 * @allow: enum sbpf_net_access
 * @deny: enum sbpf_net_access
 *
 * Return: 0; -EPERM the caller is in the sandbox; -EINVAL unknown access, no address, bits
 * behind the prefix, or ports in the wrong order; -E2BIG more than SBPF_RULES_MAX; -ENOMEM;
 * -EINTR the process is being killed.
 */
int sbpf_add_net(int sandbox, const char *address, __u16 port_first, __u16 port_last,
		 __u32 allow, __u32 deny);

/**
 * sbpf_add_device - Add a rule about a device
 * @sandbox: its descriptor
 * @node: a node of it. Where @allow has SBPF_DEV_READ or SBPF_DEV_WRITE there is a rule
 *	that it may be opened by that path as well
 * @allow: enum sbpf_dev_access; with SBPF_DEV_IOCTL all commands
 * @deny: enum sbpf_dev_access
 *
 * Return: 0; -ENODEV @node is of none; or as sbpf_add_path().
 */
int sbpf_add_device(int sandbox, const char *node, __u32 allow, __u32 deny);

/**
 * sbpf_add_rights - Let members do what else a policy asks about
 * @sandbox: its descriptor
 * @rights: mask by enum sbpf_right: 1ULL << SBPF_RIGHT_WX and so on
 *
 * Return: 0; -EPERM the caller is in the sandbox; -EINVAL no such right; -ENOMEM; -EINTR
 * the process is being killed.
 */
int sbpf_add_rights(int sandbox, __u64 rights);

/**
 * sbpf_add_rules - Add any number of rules of all kinds in one step
 * @sandbox: its descriptor
 * @rules: the rules; size and flags do not matter. Descriptors in it may be closed then
 *
 * Far cheaper than one at a time: whoever adds to rules makes a copy of what there is.
 *
 * Return: 0, or with nothing changed -errno as SBPF_IOC_SET_RULES has it.
 */
int sbpf_add_rules(int sandbox, const struct sbpf_set_rules *rules);

/**
 * sbpf_replace_rules - The same, instead of all rules that there are
 * @sandbox: its descriptor
 * @rules: the rules; size and flags do not matter
 *
 * Return: as sbpf_add_rules().
 */
int sbpf_replace_rules(int sandbox, const struct sbpf_set_rules *rules);

/**
 * sbpf_rules - Ask for rules of a sandbox, of one kind
 * @sandbox: its descriptor
 * @rules: kind, from, count and rules say what is asked for, and where there is room for
 *	it, see struct sbpf_get_rules; receives all but size. For the masks alone count is 0
 *
 * To be called again until from is 0; what was set meanwhile may be there or not.
 *
 * Return: how many were filled, with room for any 0 only when there are no more; -EPERM
 * the caller is in the sandbox; -EINVAL no such kind; -ENOMEM.
 */
int sbpf_rules(int sandbox, struct sbpf_get_rules *rules);

/**
 * sbpf_limit - Set one limit
 * @sandbox: its descriptor
 * @resource: enum sbpf_resource
 * @limit: at least 1, or SBPF_UNLIMITED
 * @action: enum sbpf_action
 *
 * Return: as sbpf_limits().
 */
int sbpf_limit(int sandbox, __u32 resource, __u64 limit, __u32 action);

/**
 * sbpf_limits - Set limits
 * @sandbox: its descriptor
 * @limits: the limits; those of other resources stay
 * @count: number of @limits
 *
 * Return: 0, or with nothing changed: -EPERM the caller is in the sandbox; -EINVAL unknown
 * resource or action, a limit of 0 or too high, or an action that it cannot have, as
 * SBPF_ACTION_DENY of time; -EOPNOTSUPP the resource cannot be limited, or this kernel keeps
 * no account of it, or the control group has no such controller; -ENOENT it takes a control
 * group, see sbpf_cgroup(); -EACCES the caller may not write to its files, -EROFS nobody
 * may; -EXDEV something is mounted in their place; -E2BIG more than SBPF_LIMITS_MAX; -EINTR
 * the process is being killed; -EBUSY, -ENOMEM.
 */
int sbpf_limits(int sandbox, const struct sbpf_limit *limits, __u32 count);

/**
 * sbpf_cgroup - Name the control group of a sandbox, for limits of memory and CPU share
 * @sandbox: its descriptor
 * @dir: directory of a control group of version 2, which should be the sandbox's own, as
 *	what others in it use is told as well, and counts
 *
 * Before anybody enters, once and for all. Who enters must be in it: writes 0 to its file
 * cgroup.procs before. No member takes anybody out of it, or changes its limits, but with
 * SBPF_RIGHT_CGROUP. To remove it in the end is left to the caller.
 *
 * Return: 0; -EPERM the caller is in the sandbox; -EBUSY it has one, or has been entered;
 * -EBADF @dir is of no such group; -EACCES the caller may not write to its cgroup.procs,
 * -EROFS nobody may; -EXDEV the sandbox is nested in one with a group that this is not in;
 * -EOPNOTSUPP this kernel has none of memory; -ENOMEM; or why @dir cannot be opened.
 */
int sbpf_cgroup(int sandbox, const char *dir);

/**
 * sbpf_enter - Make this process, with all its threads, a member for ever
 * @sandbox: its descriptor
 *
 * Children are members from their birth. The descriptor is of little use afterwards and
 * should be closed, as anything that the process shall not use any more.
 *
 * Return: 0; -EPERM without CAP_SYS_ADMIN, and a thread lacks no_new_privs (prctl(2),
 * PR_SET_NO_NEW_PRIVS) or the policy is not open to all; or the process is in another
 * sandbox than the one this is nested in; -ESRCH the sandbox is being killed or its
 * policy is gone; -EBUSY the process is tracing another; -EAGAIN limit of processes, or
 * threads appear faster than they can be taken in; -EINTR the process is being killed;
 * -EXDEV it is not in the control group of the sandbox, or of that around it; -ENOMEM.
 */
int sbpf_enter(int sandbox);

/* A sandbox from outside */

/**
 * sbpf_stat - State, statistics, usage and limits of a sandbox
 * @sandbox: its descriptor
 * @stat: receives them
 *
 * Return: 0; -ENOMEM.
 */
int sbpf_stat(int sandbox, struct sbpf_stat *stat);

/**
 * sbpf_members - List the live threads of a sandbox and of those nested in it
 * @sandbox: its descriptor
 * @pids: receives their numbers, as the caller sees them
 * @capacity: how many fit there
 *
 * Return: how many there are, which may be more than fitted; -EPERM the caller is in it;
 * -ENOMEM.
 */
int sbpf_members(int sandbox, __u64 *pids, __u32 capacity);

/**
 * sbpf_wait - Wait until a sandbox has been entered and nobody is left in it
 * @sandbox: its descriptor, on which poll(2) tells POLLIN then
 * @timeout_ms: how long at most, in milliseconds; -1 for ever
 *
 * Return: 0; -ETIMEDOUT; -EINTR a signal was handled.
 */
int sbpf_wait(int sandbox, int timeout_ms);

/**
 * sbpf_kill - Kill all members, those of nested sandboxes too; nobody enters any more
 * @sandbox: its descriptor
 *
 * They have ended when sbpf_wait() says so.
 *
 * Return: 0; -EPERM the caller is in it.
 */
int sbpf_kill(int sandbox);

/**
 * sbpf_thaw - Let members go on whom a limit has frozen
 * @sandbox: its descriptor
 *
 * Return: 0, also if there is nothing to thaw; -EPERM the caller is in it.
 */
int sbpf_thaw(int sandbox);

/**
 * sbpf_complain - Let happen, and tell, what the policy would deny; or not any more
 * @sandbox: its descriptor
 * @on: whether
 *
 * Return: 0; -EPERM the caller is in it.
 */
int sbpf_complain(int sandbox, int on);

/**
 * sbpf_move - Put a sandbox under another policy
 * @sandbox: its descriptor
 * @policy: name of a registered policy
 *
 * Return: 0; -EINVAL no name; -ENOENT no such policy; -EPERM it is not open to all users
 * and the caller lacks CAP_SYS_ADMIN, or the caller is in the sandbox; -ESRCH the sandbox
 * is being killed; -ENOMEM; or what the policy answered.
 */
int sbpf_move(int sandbox, const char *policy);

/* One's own sandbox */

/**
 * sbpf_self - Map the page of the sandbox that the caller is in
 *
 * To be called before the functions below; again after the process has entered another
 * sandbox. They work without it, but by system calls each time. Child processes have the
 * mapping as well.
 *
 * Return: 0; -ENODEV in no sandbox, or in one with SBPF_SANDBOX_STEALTH; -ENOMEM; or as
 * sbpf_device().
 */
int sbpf_self(void);

/**
 * sbpf_self_stat - All that is known of the sandbox, as of one moment
 * @stat: receives it
 *
 * The page does not tell who created it, see struct sbpf_usage.
 *
 * Return: as sbpf_self().
 */
int sbpf_self_stat(struct sbpf_stat *stat);

/**
 * sbpf_self_usage - How much of a resource the sandbox uses
 * @resource: enum sbpf_resource
 *
 * Return: that, as of a few milliseconds ago at most while the caller runs; SBPF_UNKNOWN if
 * it is not known.
 */
__u64 sbpf_self_usage(__u32 resource);

/**
 * sbpf_self_limit - How much of a resource the sandbox may use
 * @resource: enum sbpf_resource
 *
 * Those of sandboxes around it are not told.
 *
 * Return: that, SBPF_UNLIMITED for all, or if it is not known.
 */
__u64 sbpf_self_limit(__u32 resource);

/**
 * sbpf_self_left - How much of a resource is left to the sandbox
 * @resource: enum sbpf_resource
 *
 * Return: the difference, 0 if there is none left, or SBPF_UNLIMITED; the limit itself if it
 * is not known how much is used.
 */
__u64 sbpf_self_left(__u32 resource);

#ifdef __cplusplus
}
#endif

#endif /* _LIBSBPF_H */
