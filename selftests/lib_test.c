// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf selftests - libsbpf: what its functions do and how they fail
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/libsbpf.h"

#include "common.h"

#include "kselftest_harness.h"

#define NO_SUCH		"no-such"

static void open_lib(int *device, int *sandbox)
{
	*device = sbpf_device();
	/* Those of an earlier test go when the kernel gets to it. */
	await(!sbpf_ids(*device, NULL, 0));
	*sandbox = sbpf_create(*device, "rules", "lib", 0);
}

FIXTURE(lib) {
	int device;
	int sandbox;
};

FIXTURE_SETUP(lib)
{
	open_lib(&self->device, &self->sandbox);
	ASSERT_LE(0, self->sandbox);
}

FIXTURE_TEARDOWN(lib)
{
	close(self->sandbox);
	close(self->device);
}

/* The same, by the names of rows of threat-model.rst. */
FIXTURE(map_batching) {
	int device;
	int sandbox;
};

FIXTURE_SETUP(map_batching)
{
	open_lib(&self->device, &self->sandbox);
	ASSERT_LE(0, self->sandbox);
}

FIXTURE_TEARDOWN(map_batching)
{
	close(self->sandbox);
	close(self->device);
}

FIXTURE(syscall_bypass) {
	int device;
	int sandbox;
};

FIXTURE_SETUP(syscall_bypass)
{
	open_lib(&self->device, &self->sandbox);
	ASSERT_LE(0, self->sandbox);
}

FIXTURE_TEARDOWN(syscall_bypass)
{
	close(self->sandbox);
	close(self->device);
}

/* In a child that has entered: returns its exit status. */
static int in_sandbox(int sandbox, int (*act)(long arg), long arg)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || sbpf_enter(sandbox))
			_exit(255);
		_exit(act(arg));
	}
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

TEST_F(lib, state_of_the_module_and_its_policies)
{
	struct sbpf_policy_info policy;
	struct sbpf_ledger_info ledger;
	struct sbpf_info info;

	EXPECT_EQ(0, sbpf_module(self->device, &info));
	EXPECT_EQ(SBPF_ABI, info.abi);
	EXPECT_EQ(1, info.policies);
	EXPECT_EQ(0, sbpf_ledger(self->device, &ledger));
	EXPECT_LT(0, ledger.channels_count);
	EXPECT_EQ(0, sbpf_policy(self->device, 0, &policy));
	EXPECT_STREQ("rules", policy.name);
	EXPECT_EQ(-ENOENT, sbpf_policy(self->device, 1, &policy));
	EXPECT_EQ(0, sbpf_policy_find(self->device, "rules", &policy));
	EXPECT_EQ(-ENOENT, sbpf_policy_find(self->device, NO_SUCH, &policy));
}

TEST_F(lib, creation_fails_as_documented)
{
	static const char long_name[SBPF_NAME_MAX + 1] = { [0 ... SBPF_NAME_MAX - 1] = 'x' };
	struct sbpf_stat stat;
	int fd;

	EXPECT_EQ(-ENOENT, sbpf_create(self->device, NO_SUCH, "lib", 0));
	EXPECT_EQ(-EINVAL, sbpf_create(self->device, "", "lib", 0));
	EXPECT_EQ(-EINVAL, sbpf_create(self->device, long_name, "lib", 0));
	EXPECT_EQ(-EINVAL, sbpf_create(self->device, "rules", long_name, 0));
	EXPECT_EQ(-EINVAL, sbpf_create(self->device, "rules", "a b", 0));
	EXPECT_EQ(-EINVAL, sbpf_create(self->device, "rules", "lib", ~0U));
	EXPECT_EQ(-EBADF, sbpf_create(-1, "rules", "lib", 0));
	EXPECT_EQ(-ENOTTY, sbpf_create(self->sandbox, "rules", "lib", 0));
	EXPECT_EQ(-ENOTTY, sbpf_stat(self->device, &stat));
	EXPECT_EQ(-EFAULT, sbpf_replace_rules(self->sandbox, &(struct sbpf_set_rules){
		.paths = 1, .paths_count = 1 }));
	fd = sbpf_create(self->device, "rules", NULL, SBPF_SANDBOX_KILL);
	ASSERT_LE(0, fd);
	EXPECT_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
	EXPECT_EQ(0, sbpf_stat(fd, &stat));
	EXPECT_STREQ("", stat.name);
	EXPECT_EQ(SBPF_SANDBOX_KILL, stat.flags);
	close(fd);
}

TEST_F(lib, sandboxes_are_found)
{
	struct sbpf_stat stat, other;
	__u64 ids[4];
	int fd;

	ASSERT_EQ(0, sbpf_stat(self->sandbox, &stat));
	EXPECT_STREQ("lib", stat.name);
	EXPECT_STREQ("rules", stat.policy);
	ASSERT_EQ(1, sbpf_ids(self->device, ids, 4));
	EXPECT_EQ(stat.id, ids[0]);
	EXPECT_EQ(1, sbpf_ids(self->device, NULL, 0));
	fd = sbpf_open(self->device, stat.id);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, sbpf_stat(fd, &other));
	EXPECT_EQ(stat.id, other.id);
	close(fd);
	EXPECT_EQ(-ENOENT, sbpf_open(self->device, stat.id + 1));
}

static int read_it(long path)
{
	int fd = open((const char *)path, O_RDONLY);

	return fd < 0 ? errno : 0;
}

/* Many at once. */

#define MANY	300

static int create_many(int device, int *fds, int count)
{
	char name[16];
	int i;

	for (i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "many%d", i);
		fds[i] = sbpf_create(device, "rules", name, i & 1 ? SBPF_SANDBOX_COMPLAIN : 0);
		if (fds[i] < 0)
			return fds[i];
	}
	return 0;
}

/* What differs between what is told of a sandbox briefly and at length. */
static int differs(const struct sbpf_brief *brief, const struct sbpf_stat *stat)
{
	__u64 asked = 0, denied = 0;
	int i, same = brief->resources_count == SBPF_RESOURCE_MAX;

	for (i = 0; i < SBPF_OP_MAX; i++) {
		asked += stat->asked[i];
		denied += stat->denied[i];
	}
	/* Time goes on, also for who has ended. */
	for (i = 0; i < SBPF_RESOURCE_MAX; i++)
		same &= i == SBPF_RESOURCE_WALL_TIME || i == SBPF_RESOURCE_CPU_TIME ||
			brief->usage[i] == stat->usage[i];
	return (brief->id != stat->id) << 0 | (brief->parent != stat->parent) << 1 |
	       (brief->created_ns != stat->created_ns) << 2 |
	       (brief->policy_generation != stat->policy_generation) << 3 |
	       (brief->state != stat->state) << 4 | (brief->layer != stat->layer) << 5 |
	       (brief->flags != stat->flags) << 6 | (brief->uid != stat->uid) << 7 |
	       (brief->stopped != stat->stopped) << 8 | !same << 9 |
	       (brief->pids_peak != stat->peak[SBPF_RESOURCE_PIDS]) << 10 |
	       (brief->pids_limit != stat->limit[SBPF_RESOURCE_PIDS]) << 11 |
	       (brief->asked != asked) << 12 | (brief->denied != denied) << 13 |
	       !!strcmp(brief->policy, stat->policy) << 14 |
	       !!strcmp(brief->name, stat->name) << 15;
}

TEST_F(map_batching, many_are_listed)
{
	static const int times[] = { SBPF_RESOURCE_CPU_TIME, SBPF_RESOURCE_WALL_TIME };
	static struct sbpf_brief briefs[MANY + 2];
	static struct sbpf_stat stats[MANY + 2];
	static int fds[MANY];
	struct sbpf_stat stat;
	__u64 from = 0, last = 0;
	int i, count, total = 0;

	ASSERT_EQ(0, create_many(self->device, fds, MANY));
	/* One has something to tell. */
	ASSERT_EQ(0, sbpf_limit(self->sandbox, SBPF_RESOURCE_PIDS, 9, SBPF_ACTION_DENY));
	ASSERT_EQ(EACCES, in_sandbox(self->sandbox, read_it, PATH(FREE)));
	ASSERT_TRUE(await(!sbpf_stat(self->sandbox, &stat) &&
			  !stat.usage[SBPF_RESOURCE_PIDS]));
	ASSERT_EQ(MANY + 1, sbpf_list(self->device, &from, briefs, MANY + 2));
	EXPECT_EQ(0, from);
	ASSERT_EQ(MANY + 1, sbpf_list_stats(self->device, &from, stats, MANY + 2));
	EXPECT_EQ(0, from);
	EXPECT_STREQ("lib", briefs[0].name);
	EXPECT_LT(0, briefs[0].denied);
	EXPECT_LT(0, briefs[0].usage[SBPF_RESOURCE_CPU_TIME]);
	EXPECT_EQ(1, briefs[0].pids_peak);
	EXPECT_EQ(9, briefs[0].pids_limit);
	for (i = 0; i < MANY + 1; i++) {
		EXPECT_EQ(0, differs(&briefs[i], &stats[i]));
		EXPECT_EQ(sizeof(stats[i]), stats[i].size);
		EXPECT_LT(last, briefs[i].id);
		last = briefs[i].id;
	}
	EXPECT_EQ(SBPF_SANDBOX_COMPLAIN, briefs[2].flags);
	/* And as each is told by itself, but for the times: they go on, also for who has ended. */
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, sbpf_stat(i ? fds[i - 1] : self->sandbox, &stat));
		for (size_t time = 0; time < ARRAY_SIZE(times); time++) {
			EXPECT_LE(stats[i].usage[times[time]], stat.usage[times[time]]);
			stat.usage[times[time]] = stats[i].usage[times[time]];
			stat.peak[times[time]] = stats[i].peak[times[time]];
		}
		EXPECT_EQ(0, memcmp(&stat, &stats[i], sizeof(stat)));
	}
	/* In parts, none twice. */
	last = 0;
	do {
		count = sbpf_list(self->device, &from, briefs, 7);
		ASSERT_LT(0, count);
		for (i = 0; i < count; i++) {
			EXPECT_LT(last, briefs[i].id);
			last = briefs[i].id;
		}
		total += count;
	} while (from);
	EXPECT_EQ(MANY + 1, total);
	/* One whose turn it would be goes away. */
	ASSERT_EQ(3, sbpf_list(self->device, &from, briefs, 3));
	EXPECT_EQ(briefs[2].id + 1, from);
	close(fds[2]);
	ASSERT_TRUE(await(sbpf_ids(self->device, NULL, 0) == MANY));
	ASSERT_EQ(1, sbpf_list(self->device, &from, briefs, 1));
	EXPECT_STREQ("many3", briefs[0].name);
	for (i = 0; i < MANY; i++)
		if (i != 2)
			close(fds[i]);
	ASSERT_TRUE(await(sbpf_ids(self->device, NULL, 0) == 1));
	from = 0;
	EXPECT_EQ(1, sbpf_list(self->device, &from, briefs, MANY));
	from = ~0ULL;
	EXPECT_EQ(0, sbpf_list(self->device, &from, briefs, MANY));
	EXPECT_EQ(0, from);
}

#define AT_ONCE	7

/* All rules of a kind in pieces: how many, or -errno. */
static int read_rules(int sandbox, __u32 kind, void *records, size_t size, unsigned int most)
{
	struct sbpf_get_rules get = { .kind = kind };
	unsigned int total = 0;
	int count;

	do {
		get.count = most - total < AT_ONCE ? most - total : AT_ONCE;
		get.rules = (uintptr_t)records + total * size;
		count = sbpf_rules(sandbox, &get);
		if (count < 0)
			return count;
		total += count;
	} while (get.from && total < most);
	return get.from ? -E2BIG : (int)total;
}

/* In the middle layer: what is seen of two outside of it and of one in it. */
static int act_list_nested(long device)
{
	struct sbpf_net_rule nets[4];
	struct sbpf_brief briefs[4];
	struct sbpf_stat stats[4];
	__u64 from = 0;
	int nested = sbpf_create(device, "rules", "nested", 0);

	if (nested < 0)
		return 1;
	if (sbpf_list(device, &from, briefs, 4) != 1 || strcmp(briefs[0].name, "nested"))
		return 2;
	if (briefs[0].parent || briefs[0].layer != 1)
		return 3;
	if (sbpf_list_stats(device, &from, stats, 4) != 1 ||
	    differs(&briefs[0], &stats[0]) & ~(1 << 9))
		return 4;
	/* Its rules are told to whoever may set them. */
	if (sbpf_add_net(nested, NULL, 1, 2, SBPF_NET_TCP_BIND, 0) ||
	    read_rules(nested, SBPF_RULE_NET, nets, sizeof(nets[0]), 4) != 2)
		return 6;
	return from ? 5 : 0;
}

static int act_list_as_user(long device)
{
	struct sbpf_brief brief;
	__u64 from = 0;

	return act_become(USER_A) ?: sbpf_list(device, &from, &brief, 1) != 0;
}

TEST_F(lib, lists_show_what_is_within_reach)
{
	int status;
	pid_t pid;

	ASSERT_EQ(0, sbpf_add_device(self->sandbox, "/dev/sbpf", SBPF_DEV_IOCTL, 0));
	EXPECT_EQ(0, in_sandbox(self->sandbox, act_list_nested, self->device));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(act_list_as_user(self->device));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

TEST_F(lib, records_of_other_lengths)
{
	struct {
		struct sbpf_brief brief;
		__u64 more;
	} longer = { .more = 77 };
	__u64 id[3] = { 0, 77, 77 };
	struct sbpf_records records = {
		.size = sizeof(records),
		.record_size = sizeof(id[0]),
		.count = 1,
		.records = (uintptr_t)id,
	};
	const struct sbpf_records valid = records;

	ASSERT_EQ(0, sbpf_ioctl(self->device, SBPF_IOC_RECORDS, &records));
	EXPECT_EQ(1, records.count);
	EXPECT_NE(0, id[0]);
	EXPECT_EQ(77, id[1]);
	records = valid;
	records.record_size = sizeof(longer);
	records.records = (uintptr_t)&longer;
	ASSERT_EQ(0, sbpf_ioctl(self->device, SBPF_IOC_RECORDS, &records));
	EXPECT_EQ(id[0], longer.brief.id);
	EXPECT_STREQ("lib", longer.brief.name);
	EXPECT_EQ(77, longer.more);

	records = valid;
	records.count = 0;
	EXPECT_EQ(0, sbpf_ioctl(self->device, SBPF_IOC_RECORDS, &records));
	EXPECT_EQ(0, records.count);
	records = valid;
	records.record = SBPF_RECORD_MAX;
	EXPECT_EQ(EINVAL, sbpf_ioctl(self->device, SBPF_IOC_RECORDS, &records));
	records = valid;
	records.record_size = 7;
	EXPECT_EQ(EINVAL, sbpf_ioctl(self->device, SBPF_IOC_RECORDS, &records));
	records.record_size = 4097;
	EXPECT_EQ(E2BIG, sbpf_ioctl(self->device, SBPF_IOC_RECORDS, &records));
	records = valid;
	records.records = 1;
	EXPECT_EQ(EFAULT, sbpf_ioctl(self->device, SBPF_IOC_RECORDS, &records));
	EXPECT_EQ(EFAULT, sbpf_ioctl(self->device, SBPF_IOC_RECORDS, NULL));
	records = valid;
	records.size = 3;
	EXPECT_EQ(EINVAL, sbpf_ioctl(self->device, SBPF_IOC_RECORDS, &records));
}

TEST_F(lib, paths)
{
	int pipes[2];
	char name[32];

	ASSERT_EQ(EACCES, in_sandbox(self->sandbox, read_it, PATH(FREE)));
	ASSERT_EQ(0, sbpf_add_path(self->sandbox, DIR, SBPF_PATH_RO, 0));
	EXPECT_EQ(0, in_sandbox(self->sandbox, read_it, PATH(FREE)));
	EXPECT_EQ(0, sbpf_add_path(self->sandbox, FORBIDDEN, 0, SBPF_PATH_ALL));
	EXPECT_EQ(EACCES, in_sandbox(self->sandbox, read_it, PATH(FORBIDDEN)));
	EXPECT_EQ(0, in_sandbox(self->sandbox, read_it, PATH(FREE)));

	EXPECT_EQ(-ENOENT, sbpf_add_path(self->sandbox, DIR "/" NO_SUCH, SBPF_PATH_RO, 0));
	EXPECT_EQ(-EINVAL, sbpf_add_path(self->sandbox, DIR, SBPF_ACCESS_MAX, 0));
	EXPECT_EQ(-EBADF, sbpf_add_path(-1, DIR, SBPF_PATH_RO, 0));
	ASSERT_EQ(0, pipe(pipes));
	snprintf(name, sizeof(name), "/proc/self/fd/%d", pipes[0]);
	EXPECT_EQ(-EBADFD, sbpf_add_path(self->sandbox, name, SBPF_PATH_RO, 0));
}

TEST_F(lib, names)
{
	static const char too_long[SBPF_PATTERN_MAX + 1] = { [0 ... SBPF_PATTERN_MAX - 1] = '*' };

	ASSERT_EQ(0, sbpf_add_names(self->sandbox, DIR, "fr*", SBPF_PATH_RO, 0));
	EXPECT_EQ(0, in_sandbox(self->sandbox, read_it, PATH(FREE)));
	EXPECT_EQ(EACCES, in_sandbox(self->sandbox, read_it, PATH(FORBIDDEN)));
	EXPECT_EQ(-ENAMETOOLONG, sbpf_add_names(self->sandbox, DIR, too_long, SBPF_PATH_RO, 0));
	EXPECT_EQ(-EINVAL, sbpf_add_names(self->sandbox, DIR, "a/b", SBPF_PATH_RO, 0));
	EXPECT_EQ(-ENOTDIR, sbpf_add_names(self->sandbox, FREE, "*", SBPF_PATH_RO, 0));
}

/* Rules are told as they were set. */

#define PATHS	30

/* How many of the records are the same as one. */
static int same_records(const void *records, int count, size_t size, const void *one)
{
	int same = 0, i;

	for (i = 0; i < count; i++)
		same += !memcmp((const char *)records + i * size, one, size);
	return same;
}

TEST_F(lib, rules_are_told_as_they_were_set)
{
	static struct sbpf_path_record told[PATHS + 4];
	struct sbpf_path_record expected = { .dev = file_dev(DIR) };
	struct sbpf_name_record told_names[4], named = { .dev = file_dev(DIR) };
	struct sbpf_net_rule told_nets[8], nets[3] = {
		{ SBPF_NET_TCP_BIND, 0, AF_INET, 8, 1, 2, 0, { 127 } },
		{ SBPF_NET_TCP_CONNECT, SBPF_NET_UDP_SEND, AF_INET6, 10, 0, 65535, 0,
		  { 0xfe, 0x80 } },
		{ 0, SBPF_NET_TCP_BIND, AF_INET, 8, 1, 1, 0, { 127 } },
	};
	struct sbpf_dev_rule told_devs[8], devs[2] = {
		{ SBPF_DEV_READ, 0, S_IFCHR, 1, 5, 0, ~0U, 0 },
		{ SBPF_DEV_IOCTL, 0, S_IFBLK, SBPF_DEV_ANY, SBPF_DEV_ANY, 7, 9, 0 },
	};
	struct sbpf_path_rule paths[PATHS + 1] = {};
	struct sbpf_name_rule names[2] = {
		{ .allow = SBPF_PATH_RO, .deny = SBPF_ACCESS_IOCTL, .pattern = "a*" },
		{ .allow = SBPF_PATH_RW, .pattern = "[!b]?" },
	};
	const struct sbpf_set_rules set = {
		.paths = (uintptr_t)paths, .paths_count = PATHS + 1,
		.names = (uintptr_t)names, .names_count = 2,
		.nets = (uintptr_t)nets, .nets_count = 3,
		.devs = (uintptr_t)devs, .devs_count = 2,
		.rights = 5, .capabilities = 6, .sockets = SBPF_SOCKET_PING,
	};
	struct sbpf_get_rules get = { .from = 0 };
	char name[PATHS][32];
	int i;

	EXPECT_EQ(0, read_rules(self->sandbox, SBPF_RULE_PATH, told, sizeof(*told), PATHS));
	for (i = 0; i < PATHS; i++) {
		snprintf(name[i], sizeof(name[i]), DIR "/told%d", i);
		ASSERT_EQ(0, write_file(name[i], ""));
		paths[i] = (struct sbpf_path_rule){ open(name[i], O_PATH | O_CLOEXEC), 1 + i,
						    i & 1 ? SBPF_ACCESS_CONNECT : 0, 0 };
		ASSERT_LE(0, paths[i].fd);
	}
	/* Another about the first: they add up. */
	paths[PATHS] = (struct sbpf_path_rule){ paths[0].fd, SBPF_ACCESS_REFER, 0, 0 };
	names[0].fd = open(DIR, O_PATH | O_DIRECTORY | O_CLOEXEC);
	names[1].fd = names[0].fd;
	ASSERT_EQ(0, sbpf_replace_rules(self->sandbox, &set));

	ASSERT_EQ(PATHS, read_rules(self->sandbox, SBPF_RULE_PATH, told, sizeof(*told),
				    PATHS + 4));
	for (i = 0; i < PATHS; i++) {
		expected.ino = file_ino(name[i]);
		expected.allow = paths[i].allow | (i ? 0 : SBPF_ACCESS_REFER);
		expected.deny = paths[i].deny;
		EXPECT_EQ(1, same_records(told, PATHS, sizeof(*told), &expected));
		close(paths[i].fd);
	}
	ASSERT_EQ(2, read_rules(self->sandbox, SBPF_RULE_NAME, told_names, sizeof(*told_names),
				4));
	named.ino = file_ino(DIR);
	for (i = 0; i < 2; i++) {
		named.allow = names[i].allow;
		named.deny = names[i].deny;
		memcpy(named.pattern, names[i].pattern, sizeof(named.pattern));
		EXPECT_EQ(1, same_records(told_names, 2, sizeof(named), &named));
	}
	close(names[0].fd);
	ASSERT_EQ(3, read_rules(self->sandbox, SBPF_RULE_NET, told_nets, sizeof(*nets), 8));
	for (i = 0; i < 3; i++)
		EXPECT_EQ(1, same_records(told_nets, 3, sizeof(*nets), &nets[i]));
	ASSERT_EQ(2, read_rules(self->sandbox, SBPF_RULE_DEV, told_devs, sizeof(*devs), 8));
	for (i = 0; i < 2; i++)
		EXPECT_EQ(1, same_records(told_devs, 2, sizeof(*devs), &devs[i]));
	EXPECT_EQ(0, sbpf_rules(self->sandbox, &get));
	EXPECT_EQ(5, get.rights);
	EXPECT_EQ(6, get.capabilities);
	EXPECT_EQ(SBPF_SOCKET_PING, get.sockets);

	get = (struct sbpf_get_rules){ .kind = SBPF_RULE_MAX };
	EXPECT_EQ(-EINVAL, sbpf_rules(self->sandbox, &get));
	get = (struct sbpf_get_rules){ .count = 1, .rules = 1 };
	EXPECT_EQ(-EFAULT, sbpf_rules(self->sandbox, &get));
	get = (struct sbpf_get_rules){ .count = 1, .from = ~0U, .rules = (uintptr_t)told };
	EXPECT_EQ(0, sbpf_rules(self->sandbox, &get));
	EXPECT_EQ(0, get.from);
}

static int bind_it(long port)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return fd < 0 || bind(fd, (void *)&addr, sizeof(addr)) ? errno : 0;
}

TEST_F(lib, nets)
{
	static const char *const bad[] = {
		"", "localhost", "127.0.0.1/", "127.0.0.1/33", "127.0.0.1/8", "127.0.0.0/8x",
		"::1/129", "::/-1", "1:2:3:4:5:6:7:8:9:1:2:3:4:5:6:7:8:9:1:2:3:4:5:6:7:8",
	};
	size_t i, refused = 0;

	ASSERT_EQ(EACCES, in_sandbox(self->sandbox, bind_it, 4711));
	ASSERT_EQ(0, sbpf_add_net(self->sandbox, "127.0.0.0/8", 4711, 4712, SBPF_NET_TCP_BIND, 0));
	EXPECT_EQ(0, in_sandbox(self->sandbox, bind_it, 4711));
	EXPECT_EQ(EACCES, in_sandbox(self->sandbox, bind_it, 4713));
	ASSERT_EQ(0, sbpf_add_net(self->sandbox, "127.0.0.1", 4711, 4711, 0, SBPF_NET_TCP_BIND));
	EXPECT_EQ(EACCES, in_sandbox(self->sandbox, bind_it, 4711));
	EXPECT_EQ(0, sbpf_add_net(self->sandbox, NULL, 4713, 4713, SBPF_NET_TCP_BIND, 0));
	EXPECT_EQ(0, in_sandbox(self->sandbox, bind_it, 4713));
	EXPECT_EQ(0, sbpf_add_net(self->sandbox, "fe80::/10", 1, 2, SBPF_NET_TCP_CONNECT, 0));
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		refused += sbpf_add_net(self->sandbox, bad[i], 1, 2, SBPF_NET_TCP_BIND, 0) ==
			   -EINVAL;
	EXPECT_EQ(i, refused);
	EXPECT_EQ(-EINVAL, sbpf_add_net(self->sandbox, NULL, 2, 1, SBPF_NET_TCP_BIND, 0));
	EXPECT_EQ(-EINVAL, sbpf_add_net(self->sandbox, NULL, 1, 2, SBPF_NET_MAX, 0));
}

TEST_F(lib, devices)
{
	ASSERT_EQ(EACCES, in_sandbox(self->sandbox, read_it, PATH("/dev/zero")));
	ASSERT_EQ(0, sbpf_add_device(self->sandbox, "/dev/zero", SBPF_DEV_READ, 0));
	EXPECT_EQ(0, in_sandbox(self->sandbox, read_it, PATH("/dev/zero")));
	EXPECT_EQ(0, sbpf_add_device(self->sandbox, "/dev/zero", 0, SBPF_DEV_READ));
	EXPECT_EQ(EACCES, in_sandbox(self->sandbox, read_it, PATH("/dev/zero")));
	EXPECT_EQ(-ENODEV, sbpf_add_device(self->sandbox, FREE, SBPF_DEV_READ, 0));
	EXPECT_EQ(-ENOENT, sbpf_add_device(self->sandbox, DIR "/" NO_SUCH, SBPF_DEV_READ, 0));
	EXPECT_EQ(-EINVAL, sbpf_add_device(self->sandbox, "/dev/zero", SBPF_DEV_MAX, 0));
	EXPECT_EQ(0, sbpf_add_rights(self->sandbox, 1ULL << SBPF_RIGHT_WX));
	EXPECT_EQ(-EINVAL, sbpf_add_rights(self->sandbox, 1ULL << SBPF_RIGHT_MAX));
}

TEST_F(lib, limits)
{
	struct sbpf_limit many[SBPF_LIMITS_MAX + 1] = {
		{ SBPF_RESOURCE_PIDS, SBPF_ACTION_FREEZE, 7 },
		{ SBPF_RESOURCE_SOCKETS, SBPF_ACTION_KILL, 8 },
	};
	struct sbpf_stat stat;

	EXPECT_EQ(0, sbpf_limits(self->sandbox, many, 2));
	EXPECT_EQ(0, sbpf_limit(self->sandbox, SBPF_RESOURCE_WALL_TIME, 1ULL << 40,
				SBPF_ACTION_KILL));
	ASSERT_EQ(0, sbpf_stat(self->sandbox, &stat));
	EXPECT_EQ(7, stat.limit[SBPF_RESOURCE_PIDS]);
	EXPECT_EQ(8, stat.limit[SBPF_RESOURCE_SOCKETS]);
	EXPECT_EQ(SBPF_ACTION_KILL, stat.action[SBPF_RESOURCE_SOCKETS]);
	EXPECT_EQ(1ULL << 40, stat.limit[SBPF_RESOURCE_WALL_TIME]);
	EXPECT_EQ(-E2BIG, sbpf_limits(self->sandbox, many, SBPF_LIMITS_MAX + 1));
	EXPECT_EQ(-EINVAL, sbpf_limit(self->sandbox, SBPF_RESOURCE_MAX, 1, SBPF_ACTION_DENY));
	EXPECT_EQ(-EINVAL, sbpf_limit(self->sandbox, SBPF_RESOURCE_PIDS, 0, SBPF_ACTION_DENY));
	EXPECT_EQ(-EINVAL, sbpf_limit(self->sandbox, SBPF_RESOURCE_WALL_TIME, 1,
				      SBPF_ACTION_DENY));
	EXPECT_EQ(-EOPNOTSUPP, sbpf_limit(self->sandbox, SBPF_RESOURCE_EXECS, 1,
					  SBPF_ACTION_DENY));
	EXPECT_EQ(-ENOENT, sbpf_limit(self->sandbox, SBPF_RESOURCE_MEMORY, 1 << 20,
				      SBPF_ACTION_KILL));
	EXPECT_EQ(-ENOENT, sbpf_cgroup(self->sandbox, DIR "/" NO_SUCH));
	EXPECT_EQ(-EBADF, sbpf_cgroup(self->sandbox, DIR));
}

/* What a member may do with the descriptor of its own sandbox: returns what differs. */
static int member_is_refused(long fd)
{
	struct sbpf_get_rules get = { .kind = SBPF_RULE_PATH };
	struct sbpf_ledger_info ledger;
	struct sbpf_stat stat;
	int sandbox = fd;

	return (sbpf_add_path(sandbox, "/", SBPF_PATH_RO, 0) != -EPERM) << 0 |
	       (sbpf_limit(sandbox, SBPF_RESOURCE_PIDS, 9, SBPF_ACTION_DENY) != -EPERM) << 1 |
	       (sbpf_kill(sandbox) != -EPERM || sbpf_thaw(sandbox) != -EPERM ||
		sbpf_cgroup(sandbox, "/") != -EPERM) << 2 |
	       (sbpf_complain(sandbox, 1) != -EPERM) << 3 |
	       (sbpf_move(sandbox, "rules") != -EPERM) << 4 |
	       (sbpf_members(sandbox, NULL, 0) != -EPERM) << 5 |
	       (sbpf_stat(sandbox, &stat) || sbpf_enter(sandbox) != -EPERM) << 6 |
	       (sbpf_ledger(sandbox, &ledger) != -ENOTTY ||
		sbpf_rules(sandbox, &get) != -EPERM) << 7;
}

TEST_F(lib, members_are_refused)
{
	struct sbpf_stat before, after;

	ASSERT_EQ(0, sbpf_stat(self->sandbox, &before));
	/* "/" can be opened, so that it is the request that fails. */
	ASSERT_EQ(0, sbpf_add_path(self->sandbox, "/", SBPF_PATH_RO, 0));
	EXPECT_EQ(0, in_sandbox(self->sandbox, member_is_refused, self->sandbox));
	ASSERT_EQ(0, sbpf_stat(self->sandbox, &after));
	EXPECT_EQ(0, memcmp(before.limit, after.limit, sizeof(before.limit)));
	EXPECT_EQ(before.flags, after.flags);
	EXPECT_EQ(SBPF_STATE_LIVE, after.state);
}

static int sleep_long(long unused)
{
	sleep(1000);
	return 0;
}

static void on_alarm(int sig)
{
}

TEST_F(lib, wait_and_kill)
{
	struct sigaction act = { .sa_handler = on_alarm };
	struct sbpf_stat stat;
	__u64 pids[2];
	pid_t pid;

	/* Nobody has entered. */
	EXPECT_EQ(-ETIMEDOUT, sbpf_wait(self->sandbox, 10));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		sbpf_enter(self->sandbox);
		_exit(sleep_long(0));
	}
	ASSERT_TRUE(await(sbpf_members(self->sandbox, pids, 2) == 1));
	EXPECT_EQ(pid, pids[0]);
	EXPECT_EQ(1, sbpf_members(self->sandbox, NULL, 0));
	EXPECT_EQ(-ETIMEDOUT, sbpf_wait(self->sandbox, 10));
	ASSERT_EQ(0, sigaction(SIGALRM, &act, NULL));
	alarm(1);
	EXPECT_EQ(-EINTR, sbpf_wait(self->sandbox, -1));
	EXPECT_EQ(0, sbpf_complain(self->sandbox, 1));
	ASSERT_EQ(0, sbpf_stat(self->sandbox, &stat));
	EXPECT_EQ(SBPF_SANDBOX_COMPLAIN, stat.flags);
	EXPECT_EQ(0, sbpf_complain(self->sandbox, 0));
	EXPECT_EQ(0, sbpf_move(self->sandbox, "rules"));
	EXPECT_EQ(-ENOENT, sbpf_move(self->sandbox, NO_SUCH));
	EXPECT_EQ(0, sbpf_thaw(self->sandbox));
	EXPECT_EQ(0, sbpf_kill(self->sandbox));
	EXPECT_EQ(0, sbpf_wait(self->sandbox, 1000 * PATIENCE));
	ASSERT_EQ(pid, waitpid(pid, NULL, 0));
	EXPECT_EQ(-ESRCH, sbpf_enter(self->sandbox));
	EXPECT_EQ(-ESRCH, sbpf_move(self->sandbox, "rules"));
	EXPECT_EQ(-EBADF, sbpf_wait(100, 0));
}

/* Threads: each with a sandbox of its own, all of them remapping the page. */

#define THREADS		4
#define ROUNDS		25

static void *thread(void *unused)
{
	struct sbpf_stat stat, own;
	long failed = 0;
	int i, device, fd;

	for (i = 0; i < ROUNDS && !failed; i++) {
		device = sbpf_device();
		fd = sbpf_create(device, "rules", "thread", 0);
		failed = fd < 0 || sbpf_add_path(fd, DIR, SBPF_PATH_RO, 0) ||
			 sbpf_limit(fd, SBPF_RESOURCE_PIDS, 5, SBPF_ACTION_DENY) ||
			 sbpf_stat(fd, &stat) || stat.limit[SBPF_RESOURCE_PIDS] != 5 ||
			 sbpf_self() || sbpf_self_stat(&own) || strcmp(own.name, "outer") ||
			 sbpf_self_limit(SBPF_RESOURCE_PIDS) != 50 ||
			 sbpf_self_left(SBPF_RESOURCE_PIDS) > 50;
		close(fd);
		close(device);
	}
	return (void *)failed;
}

static int run_threads(long unused)
{
	pthread_t threads[THREADS];
	long sum = 0;
	void *failed;
	int i;

	for (i = 0; i < THREADS; i++)
		sum += !!pthread_create(&threads[i], NULL, thread, NULL);
	for (i = 0; i < THREADS && !sum; i++) {
		pthread_join(threads[i], &failed);
		sum += (long)failed;
	}
	return sum;
}

TEST_F(syscall_bypass, threads)
{
	int outer = sbpf_create(self->device, "rules", "outer", 0);

	ASSERT_LE(0, outer);
	/* In no sandbox there is no page. */
	EXPECT_EQ(-ENODEV, sbpf_self());
	ASSERT_EQ(0, sbpf_add_path(outer, "/", SBPF_PATH_ALL, 0));
	ASSERT_EQ(0, sbpf_add_device(outer, "/dev/sbpf", SBPF_DEV_READ | SBPF_DEV_WRITE |
				     SBPF_DEV_IOCTL, 0));
	ASSERT_EQ(0, sbpf_limit(outer, SBPF_RESOURCE_PIDS, 50, SBPF_ACTION_DENY));
	EXPECT_EQ(0, in_sandbox(outer, run_threads, 0));
	close(outer);
}

/* Without the page each question is a system call: returns what is not as it should be. */
static int ask_without_page(long allowed)
{
	struct sbpf_stat stat, mapped;

	if (!allowed)
		return (sbpf_self_stat(&stat) != -EACCES) << 0 |
		       (sbpf_self_usage(SBPF_RESOURCE_PIDS) != SBPF_UNKNOWN) << 1 |
		       (sbpf_self_limit(SBPF_RESOURCE_PIDS) != SBPF_UNLIMITED) << 2 |
		       (sbpf_self() != -EACCES) << 3;
	if (sbpf_self_stat(&stat) || strcmp(stat.name, "lib") ||
	    stat.usage[SBPF_RESOURCE_PIDS] != 1 || stat.limit[SBPF_RESOURCE_PIDS] != 7)
		return 1;
	if (sbpf_self_usage(SBPF_RESOURCE_PIDS) != 1 ||
	    sbpf_self_limit(SBPF_RESOURCE_PIDS) != 7 ||
	    sbpf_self_left(SBPF_RESOURCE_PIDS) != 6 ||
	    sbpf_self_limit(SBPF_RESOURCE_SOCKETS) != SBPF_UNLIMITED ||
	    sbpf_self_left(SBPF_RESOURCE_SOCKETS) != SBPF_UNLIMITED)
		return 2;
	if (sbpf_self_usage(~0U) != SBPF_UNKNOWN || sbpf_self_limit(~0U) != SBPF_UNLIMITED)
		return 3;
	/* How large files are nobody knows, but how large they may be. */
	if (sbpf_self_usage(SBPF_RESOURCE_FILE_SIZE) != SBPF_UNKNOWN ||
	    sbpf_self_left(SBPF_RESOURCE_FILE_SIZE) != 1 << 20)
		return 5;
	/* And with it all is the same. */
	if (sbpf_self() || sbpf_self_stat(&mapped) || stat.id != mapped.id ||
	    stat.created_ns != mapped.created_ns || stat.events != mapped.events ||
	    stat.policy_generation != mapped.policy_generation)
		return 4;
	if (sbpf_self_usage(SBPF_RESOURCE_FILE_SIZE) != SBPF_UNKNOWN ||
	    sbpf_self_left(SBPF_RESOURCE_FILE_SIZE) != 1 << 20 ||
	    sbpf_self_usage(SBPF_RESOURCE_MAX) != SBPF_UNKNOWN)
		return 6;
	return 0;
}

TEST_F(syscall_bypass, without_a_page)
{
	ASSERT_EQ(0, sbpf_limit(self->sandbox, SBPF_RESOURCE_PIDS, 7, SBPF_ACTION_DENY));
	ASSERT_EQ(0, sbpf_limit(self->sandbox, SBPF_RESOURCE_FILE_SIZE, 1 << 20, 0));
	EXPECT_EQ(0, in_sandbox(self->sandbox, ask_without_page, 0));
	ASSERT_EQ(0, sbpf_add_device(self->sandbox, "/dev/sbpf", SBPF_DEV_READ |
				     SBPF_DEV_WRITE | SBPF_DEV_IOCTL, 0));
	EXPECT_EQ(0, in_sandbox(self->sandbox, ask_without_page, 1));
}

/* Unprivileged. */
static int user(long device)
{
	int sandbox = sbpf_create(device, "rules", "user", 0);

	if (sandbox < 0)
		return 1;
	if (sbpf_enter(sandbox) != -EPERM || sbpf_add_path(sandbox, DIR, SBPF_PATH_RO, 0))
		return 2;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || sbpf_enter(sandbox))
		return 3;
	return read_it(PATH(FREE)) || read_it(PATH("/etc/passwd")) != EACCES ? 4 : 0;
}

TEST_F(lib, users_sandbox_themselves)
{
	int status;
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid)
		_exit(act_become(USER_A) ? 100 : user(self->device));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

int main(int argc, char **argv)
{
	if (setup() || setup_rules())
		return KSFT_FAIL;
	return run_tests(argc, argv);
}
