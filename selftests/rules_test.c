// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf selftests - Rules: what the owner of a sandbox allows of the file tree
 *
 * Under the shipped policy "rules", which asks them. scripts/rules.sh does the same
 * by the command and with real programs.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <linux/capability.h>

#include "common.h"
#include "kselftest_harness.h"

#define TREE	DIR "/tree"
#define INNER	TREE "/inner"
#define FILE_A	TREE "/a"
#define FILE_B	INNER "/b"

#define READ	(SBPF_ACCESS_READ_FILE | SBPF_ACCESS_READ_DIR)
#define ALL	(SBPF_ACCESS_MAX - 1)

static struct sbpf_path_rule rule(const char *path, uint32_t allow, uint32_t deny)
{
	return (struct sbpf_path_rule){
		.fd = open(path, O_PATH | O_CLOEXEC),
		.allow = allow,
		.deny = deny,
	};
}

static int set_rules(int sandbox, uint32_t flags, struct sbpf_path_rule *paths,
		     uint32_t count)
{
	struct sbpf_set_rules set = {
		.size = sizeof(set),
		.flags = flags,
		.paths_count = count,
		.paths = (uintptr_t)paths,
		/* Files are opened by handle as well. */
		.capabilities = 1ULL << CAP_DAC_READ_SEARCH,
	};
	int err = sbpf_ioctl(sandbox, SBPF_IOC_SET_RULES, &set);
	uint32_t i;

	for (i = 0; i < count; i++)
		close(paths[i].fd);
	return err;
}

#define SET(sandbox, flags, rules...) ({				\
	struct sbpf_path_rule list__[] = { rules };			\
	set_rules(sandbox, flags, list__, sizeof(list__) / sizeof(list__[0])); \
})

static int act_open_write(long path)
{
	int fd = open((const char *)path, O_WRONLY);

	return fd < 0 ? errno : close(fd);
}

static int act_open_truncate(long path)
{
	int fd = open((const char *)path, O_RDONLY | O_TRUNC);

	return fd < 0 ? errno : close(fd);
}

/* The same file by a descriptor that permits nothing, opened anew. */
static int act_reopen(long path)
{
	char name[32];
	int fd = open((const char *)path, O_PATH), again;

	if (fd < 0)
		return errno;
	snprintf(name, sizeof(name), "/dev/fd/%d", fd);
	again = open(name, O_RDONLY);
	return again < 0 ? errno : 0;
}

static int act_by_handle(long path)
{
	struct {
		struct file_handle handle;
		unsigned char bytes[MAX_HANDLE_SZ];
	} at = { .handle.handle_bytes = MAX_HANDLE_SZ };
	int mount, fd, id;

	if (name_to_handle_at(AT_FDCWD, (const char *)path, &at.handle, &id, 0))
		return -errno;
	mount = open(DIR, O_RDONLY | O_DIRECTORY);
	fd = open_by_handle_at(mount, &at.handle, O_RDONLY);
	return fd < 0 ? errno : 0;
}

static int act_list(long path)
{
	int fd = open((const char *)path, O_RDONLY | O_DIRECTORY);

	return fd < 0 ? errno : close(fd);
}

static int act_anonymous(long unused)
{
	int pipes[2], fd = memfd_create("x", 0), again;
	char name[32];

	if (fd < 0 || pipe(pipes) || write(pipes[1], "x", 1) != 1)
		return errno;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	again = open(name, O_RDWR);
	if (again < 0)
		return errno;
	/* Used, but not as code. */
	if (ftruncate(again, 4096) ||
	    mmap(NULL, 4096, PROT_READ, MAP_SHARED, again, 0) == MAP_FAILED)
		return errno;
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, again, 0) == MAP_FAILED ?
	       errno : 0;
}

static int act_set_rules(long sandbox)
{
	return SET(sandbox, 0, rule(DIR, ALL, 0));
}

FIXTURE(rules) {
	struct actor member;
	int fd;
};

FIXTURE_SETUP(rules)
{
	ASSERT_EQ(0, actor_start(&self->member));
	self->fd = sandbox_create("rules", "", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, self->fd);
	events_reset();
}

FIXTURE_TEARDOWN(rules)
{
	sandbox_kill(self->fd);
	close(self->fd);
	actor_stop(&self->member);
}

static int enter(struct actor *member, int fd)
{
	return actor_call(member, act_enter_id, sandbox_id(fd));
}

TEST_F(rules, nothing_is_allowed_without)
{
	EXPECT_EQ(0, actor_call(&self->member, act_open, PATH(FILE_A)));
	ASSERT_EQ(0, enter(&self->member, self->fd));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_open, PATH(FILE_A)));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_list, PATH(TREE)));
	EXPECT_EQ(2, events_total());
	EXPECT_STREQ(FILE_A, event(SBPF_EVENT_DENIED, 0)->text);
	EXPECT_EQ(-EACCES, event(SBPF_EVENT_DENIED, 0)->error);
}

TEST_F(rules, nearest_decides)
{
	ASSERT_EQ(0, SET(self->fd, 0, rule(TREE, READ, 0), rule(INNER, 0, ALL)));
	ASSERT_EQ(0, enter(&self->member, self->fd));
	EXPECT_EQ(0, actor_call(&self->member, act_open, PATH(FILE_A)));
	EXPECT_EQ(0, actor_call(&self->member, act_list, PATH(TREE)));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_open, PATH(FILE_B)));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_list, PATH(INNER)));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_open, PATH(FREE)));

	/* And within the denied one an allowed file. */
	ASSERT_EQ(0, SET(self->fd, SBPF_RULES_ADD, rule(FILE_B, READ, 0)));
	EXPECT_EQ(0, actor_call(&self->member, act_open, PATH(FILE_B)));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_list, PATH(INNER)));
}

TEST_F(rules, on_the_same_object_they_add_up_and_denying_wins)
{
	ASSERT_EQ(0, SET(self->fd, 0, rule(TREE, SBPF_ACCESS_READ_FILE, 0),
			 rule(TREE, SBPF_ACCESS_READ_DIR, 0)));
	ASSERT_EQ(0, enter(&self->member, self->fd));
	EXPECT_EQ(0, actor_call(&self->member, act_open, PATH(FILE_A)));
	EXPECT_EQ(0, actor_call(&self->member, act_list, PATH(TREE)));
	ASSERT_EQ(0, SET(self->fd, SBPF_RULES_ADD, rule(TREE, 0, SBPF_ACCESS_READ_DIR)));
	EXPECT_EQ(0, actor_call(&self->member, act_open, PATH(FILE_A)));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_list, PATH(TREE)));
	/* What denies comes first or last. */
	ASSERT_EQ(0, SET(self->fd, SBPF_RULES_ADD, rule(TREE, ALL, 0)));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_list, PATH(TREE)));
	/* Replacing forgets it. */
	ASSERT_EQ(0, SET(self->fd, 0, rule(TREE, ALL, 0)));
	EXPECT_EQ(0, actor_call(&self->member, act_list, PATH(TREE)));
}

TEST_F(rules, each_access_is_one_bit)
{
	ASSERT_EQ(0, SET(self->fd, 0, rule(TREE, SBPF_ACCESS_READ_FILE, 0)));
	ASSERT_EQ(0, enter(&self->member, self->fd));
	EXPECT_EQ(0, actor_call(&self->member, act_open, PATH(FILE_A)));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_list, PATH(TREE)));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_open_write, PATH(FILE_A)));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_open_truncate, PATH(FILE_A)));
	EXPECT_TRUE(file_intact(FILE_A));

	ASSERT_EQ(0, SET(self->fd, 0, rule(TREE, SBPF_ACCESS_WRITE, 0)));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_open, PATH(FILE_A)));
	EXPECT_EQ(0, actor_call(&self->member, act_open_write, PATH(FILE_A)));

	ASSERT_EQ(0, SET(self->fd, 0, rule(TREE, SBPF_ACCESS_READ_FILE | SBPF_ACCESS_TRUNCATE, 0)));
	EXPECT_EQ(0, actor_call(&self->member, act_open_truncate, PATH(FILE_A)));
	EXPECT_EQ(0, write_file(FILE_A, CONTENT));
}

TEST_F(rules, other_ways_to_the_same_file)
{
	ASSERT_EQ(0, SET(self->fd, 0, rule("/", READ, 0), rule(TREE, 0, ALL)));
	EXPECT_EQ(0, actor_call(&self->member, act_reopen, PATH(FILE_A)));
	EXPECT_EQ(0, actor_call(&self->member, act_by_handle, PATH(FILE_A)));
	ASSERT_EQ(0, enter(&self->member, self->fd));
	EXPECT_EQ(0, actor_call(&self->member, act_reopen, PATH(FREE)));
	EXPECT_EQ(0, actor_call(&self->member, act_by_handle, PATH(FREE)));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_reopen, PATH(FILE_A)));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_by_handle, PATH(FILE_A)));
	/* A second name of the file, in an allowed directory, is the file's own place. */
	ASSERT_EQ(0, SET(self->fd, 0, rule("/", READ, 0), rule(FILE_A, 0, ALL)));
	ASSERT_EQ(0, link(FILE_A, DIR "/alias"));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_open, PATH(DIR "/alias")));
	unlink(DIR "/alias");
}

TEST_F(rules, they_stay_with_what_they_name)
{
	ASSERT_EQ(0, SET(self->fd, 0, rule(DIR, READ, 0), rule(INNER, 0, ALL)));
	ASSERT_EQ(0, enter(&self->member, self->fd));
	ASSERT_EQ(0, rename(INNER, DIR "/moved"));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_open, PATH(DIR "/moved/b")));
	ASSERT_EQ(0, mkdir(INNER, 0755));
	EXPECT_EQ(0, write_file(INNER "/b", "other\n"));
	EXPECT_EQ(0, actor_call(&self->member, act_open, PATH(INNER "/b")));
	EXPECT_EQ(0, unlink(INNER "/b"));
	EXPECT_EQ(0, rmdir(INNER));
	ASSERT_EQ(0, rename(DIR "/moved", INNER));
}

TEST_F(rules, memory_files_are_used_but_not_executed)
{
	ASSERT_EQ(0, SET(self->fd, 0, rule(DIR, ALL, 0), rule("/proc", ALL, 0)));
	EXPECT_EQ(0, actor_call(&self->member, act_anonymous, 0));
	ASSERT_EQ(0, enter(&self->member, self->fd));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_anonymous, 0));
	EXPECT_EQ(1, events_total());
	EXPECT_EQ(SBPF_OP_MMAP_FILE, event(SBPF_EVENT_DENIED, 0)->op);
}

TEST_F(rules, mistakes_change_nothing)
{
	struct sbpf_path_rule one = rule(TREE, READ, 0);
	struct sbpf_set_rules set = {
		.size = sizeof(set), .paths_count = 1, .paths = (uintptr_t)&one,
	};
	int pipes[2];

	ASSERT_EQ(0, pipe(pipes));
	ASSERT_EQ(0, SET(self->fd, 0, rule(TREE, READ, 0)));
	ASSERT_EQ(0, enter(&self->member, self->fd));

	EXPECT_EQ(EBADF, SET(self->fd, 0, rule(TREE, 0, ALL), { .fd = -1 }));
	EXPECT_EQ(EBADFD, SET(self->fd, 0, rule(TREE, 0, ALL), { .fd = pipes[0] }));
	EXPECT_EQ(EINVAL, SET(self->fd, 0, rule(TREE, SBPF_ACCESS_MAX, 0)));
	EXPECT_EQ(EINVAL, SET(self->fd, 0, rule(TREE, 0, 1U << 31)));
	EXPECT_EQ(EINVAL, SET(self->fd, 2, rule(TREE, 0, ALL)));
	one.deny = ALL;
	set.rights = 1ULL << SBPF_RIGHT_MAX;
	EXPECT_EQ(EINVAL, sbpf_ioctl(self->fd, SBPF_IOC_SET_RULES, &set));
	set.rights = 0;
	set.capabilities = 1ULL << 63;
	EXPECT_EQ(EINVAL, sbpf_ioctl(self->fd, SBPF_IOC_SET_RULES, &set));
	set.capabilities = 0;
	set.sockets = SBPF_SOCKET_MAX;
	EXPECT_EQ(EINVAL, sbpf_ioctl(self->fd, SBPF_IOC_SET_RULES, &set));
	set.sockets = 0;
	set.paths_count = SBPF_RULES_MAX + 1;
	EXPECT_EQ(E2BIG, sbpf_ioctl(self->fd, SBPF_IOC_SET_RULES, &set));
	set.paths_count = 2;
	set.paths = 16;
	EXPECT_EQ(EFAULT, sbpf_ioctl(self->fd, SBPF_IOC_SET_RULES, &set));
	set.size = 3;
	EXPECT_EQ(EINVAL, sbpf_ioctl(self->fd, SBPF_IOC_SET_RULES, &set));
	close(one.fd);

	EXPECT_EQ(0, actor_call(&self->member, act_open, PATH(FILE_A)));
	EXPECT_EQ(0, events_total());
}

TEST_F(rules, a_member_cannot_change_its_own)
{
	ASSERT_EQ(0, SET(self->fd, 0, rule(TREE, READ, 0)));
	/* By a descriptor that it keeps. */
	actor_stop(&self->member);
	ASSERT_EQ(0, actor_start(&self->member));
	ASSERT_EQ(0, actor_call(&self->member, act_enter, self->fd));
	EXPECT_EQ(EPERM, actor_call(&self->member, act_set_rules, self->fd));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_open, PATH(FREE)));
}

/* In memory that the process shares with the test. */
static struct progress {
	volatile unsigned long opens;
	volatile int wrong;
	volatile bool stop;
} *progress;

static int act_open_on_and_on(long unused)
{
	while (!progress->stop) {
		int err = act_open(PATH(FILE_A));

		if (err)
			progress->wrong = err;
		err = act_open(PATH(FILE_B));
		if (err && err != EACCES)
			progress->wrong = err;
		progress->opens++;
	}
	return 0;
}

TEST_F_TIMEOUT(rules, replacing_them_is_one_step, 120)
{
	int i;

	progress = mmap(NULL, sizeof(*progress), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, progress);
	actor_stop(&self->member);
	ASSERT_EQ(0, actor_start(&self->member));
	ASSERT_EQ(0, SET(self->fd, 0, rule(TREE, READ, 0)));
	ASSERT_EQ(0, enter(&self->member, self->fd));
	ASSERT_EQ(0, actor_tell(&self->member, act_open_on_and_on, 0));
	for (i = 0; i < 40; i++) {
		ASSERT_EQ(0, SET(self->fd, 0, rule(TREE, READ, 0), rule(INNER, 0, ALL)));
		/* The one that renames makes lookups go again. */
		ASSERT_EQ(0, rename(FREE, FREE "2"));
		ASSERT_EQ(0, SET(self->fd, 0, rule(FILE_A, READ, 0), rule(TREE, READ, 0)));
		ASSERT_EQ(0, rename(FREE "2", FREE));
	}
	progress->stop = true;
	EXPECT_EQ(0, actor_answer(&self->member));
	EXPECT_EQ(0, progress->wrong);
	EXPECT_LT(40, progress->opens);
}

static pid_t first;

/* The harness ends the process itself. */
static void unload(void)
{
	if (getpid() == first && system("sbpf policy unload rules >/dev/null"))
		fprintf(stderr, "cannot unload the policy\n");
}

int main(int argc, char **argv)
{
	if (setup())
		return KSFT_FAIL;
	if (mkdir(TREE, 0755) || mkdir(INNER, 0755) || write_file(FILE_A, CONTENT) ||
	    write_file(FILE_B, CONTENT) || system("sbpf policy load rules >/dev/null"))
		ksft_exit_fail_msg("cannot set up\n");
	first = getpid();
	atexit(unload);
	return test_harness_run(argc, argv);
}
