// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf selftests - Rules: what the owner of a sandbox allows; addresses and sockets
 * are in nets_test
 *
 * Under the shipped policy "rules", which asks them. scripts/rules.sh does the same
 * by the command and with real programs.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/if_vlan.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <linux/membarrier.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <linux/sockios.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <pthread.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/xattr.h>

#include "common.h"
#include "kselftest_harness.h"

#define TREE	DIR "/tree"
#define INNER	TREE "/inner"
#define FILE_A	TREE "/a"
#define FILE_B	INNER "/b"

#define READ	(SBPF_ACCESS_READ_FILE | SBPF_ACCESS_READ_DIR)
#define ALL	(SBPF_ACCESS_MAX - 1)

#define RIGHTS_ALL	((1ULL << SBPF_RIGHT_MAX) - 1)
#define CAPS_ALL	((1ULL << (CAP_LAST_CAP + 1)) - 1)
#define CAP(cap)	(1ULL << (cap))

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

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

static struct sbpf_name_rule name(const char *dir, const char *pattern, uint32_t allow,
				  uint32_t deny)
{
	struct sbpf_name_rule rule = {
		.fd = open(dir, O_PATH | O_CLOEXEC),
		.allow = allow,
		.deny = deny,
	};

	strncpy(rule.pattern, pattern, sizeof(rule.pattern));
	return rule;
}

static int set_names(int sandbox, uint32_t flags, struct sbpf_name_rule *names,
		     uint32_t count)
{
	struct sbpf_set_rules set = {
		.size = sizeof(set),
		.flags = flags,
		.names_count = count,
		.names = (uintptr_t)names,
	};
	int err = sbpf_ioctl(sandbox, SBPF_IOC_SET_RULES, &set);
	uint32_t i;

	for (i = 0; i < count; i++)
		close(names[i].fd);
	return err;
}

/* Beside the rules that there are. */
#define ADD_NAMES(sandbox, rules...) ({					\
	struct sbpf_name_rule names__[] = { rules };			\
	set_names(sandbox, SBPF_RULES_ADD, names__,			\
		  sizeof(names__) / sizeof(names__[0]));		\
})

static int add_devs(int sandbox, struct sbpf_dev_rule *devs, uint32_t count)
{
	struct sbpf_set_rules set = {
		.size = sizeof(set),
		.flags = SBPF_RULES_ADD,
		.devs_count = count,
		.devs = (uintptr_t)devs,
	};

	return sbpf_ioctl(sandbox, SBPF_IOC_SET_RULES, &set);
}

#define ADD_DEVS(sandbox, rules...) ({					\
	struct sbpf_dev_rule devs__[] = { rules };			\
	add_devs(sandbox, devs__, sizeof(devs__) / sizeof(devs__[0]));	\
})

static int add_rights(int sandbox, uint64_t rights, uint64_t capabilities)
{
	struct sbpf_set_rules set = {
		.size = sizeof(set),
		.flags = SBPF_RULES_ADD,
		.rights = rights,
		.capabilities = capabilities,
	};

	return sbpf_ioctl(sandbox, SBPF_IOC_SET_RULES, &set);
}

/* Two names for an act, of a process that was there before the test. */
struct names {
	const char *from, *to;
	unsigned int flags;
};

#define NAMES_FLAGS(one, other, which) ({					\
	static const struct names names__ = {					\
		.from = one, .to = other, .flags = which,			\
	};									\
	PATH(&names__);								\
})

#define NAMES(from, to)		NAMES_FLAGS(from, to, 0)
#define EXCHANGE(one, other)	NAMES_FLAGS(one, other, RENAME_EXCHANGE)

static int act_rename(long arg)
{
	const struct names *names = (const void *)arg;

	return renameat2(AT_FDCWD, names->from, AT_FDCWD, names->to, names->flags) ?
	       errno : 0;
}

static int act_link(long arg)
{
	const struct names *names = (const void *)arg;

	return link(names->from, names->to) ? errno : 0;
}

static int act_create(long path)
{
	int fd = open((const char *)path, O_WRONLY | O_CREAT | O_EXCL, 0666);

	return fd < 0 ? errno : close(fd);
}

static int act_unlink(long path)
{
	return unlink((const char *)path) ? errno : 0;
}

static int act_mkdir(long path)
{
	return mkdir((const char *)path, 0755) ? errno : 0;
}

static int act_rmdir(long path)
{
	return rmdir((const char *)path) ? errno : 0;
}

static int act_mkfifo(long path)
{
	return mkfifo((const char *)path, 0644) ? errno : 0;
}

static int act_symlink(long path)
{
	return symlink("free", (const char *)path) ? errno : 0;
}

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
	/* What opening by handle needs. */
	ASSERT_EQ(0, add_rights(self->fd, 0, CAP(CAP_DAC_READ_SEARCH)));
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

/* As long as a huge page, of a memory file that is in such. */
#define HUGE		(2UL << 20)
#define MEMORY_HUGE	(MFD_HUGETLB | MAP_HUGE_2MB)	/* the same for both calls */
#define MOUNTED		DIR "/huge"

static int act_huge(long prot)
{
	int fd = memfd_create("x", MEMORY_HUGE), again, err;
	char name[32];

	if (fd < 0)
		return ENOTRECOVERABLE;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	again = open(name, O_RDWR);
	if (again < 0 || ftruncate(again, HUGE) || fchmod(again, 0600) ||
	    futimens(again, NULL))
		return errno;
	err = mmap(NULL, HUGE, prot, MAP_SHARED, again, 0) == MAP_FAILED ? errno : 0;
	close(again);
	close(fd);
	return err;
}

/* Made code of later. Through a descriptor to read by, as it would be written code else. */
static int act_huge_mprotect(long unused)
{
	int fd = memfd_create("x", MEMORY_HUGE);
	char name[32];
	void *at;

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	if (fd < 0 || ftruncate(fd, HUGE))
		return ENOTRECOVERABLE;
	at = mmap(NULL, HUGE, PROT_READ, MAP_SHARED, open(name, O_RDONLY), 0);
	if (at == MAP_FAILED)
		return ENOTRECOVERABLE;
	return mprotect(at, HUGE, PROT_READ | PROT_EXEC) ? errno : 0;
}

TEST_F(rules, memory_files_in_huge_pages_as_well)
{
	static const char pages[] = "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages";
	int memory;

	if (access(pages, W_OK))
		SKIP(return, "this machine has no huge pages");
	ASSERT_EQ(0, write_file(pages, "4\n"));
	ASSERT_EQ(0, mkdir(MOUNTED, 0755));
	ASSERT_EQ(0, mount("none", MOUNTED, "hugetlbfs", 0, "pagesize=2M"));
	ASSERT_EQ(0, act_create(PATH(MOUNTED "/file")));
	EXPECT_EQ(0, run(-1, act_huge, PROT_READ | PROT_EXEC));
	EXPECT_EQ(0, run(-1, act_huge_mprotect, 0));
	EXPECT_EQ(0, run(self->fd, act_huge, PROT_READ | PROT_WRITE));
	EXPECT_EQ(0, events_total());
	EXPECT_EQ(EACCES, run(self->fd, act_huge, PROT_READ | PROT_EXEC));
	EXPECT_EQ(SBPF_OP_MMAP_FILE, event(SBPF_EVENT_DENIED, 0)->op);
	EXPECT_EQ(EACCES, run(self->fd, act_huge_mprotect, 0));
	EXPECT_EQ(SBPF_OP_FILE_MPROTECT, event(SBPF_EVENT_DENIED, 1)->op);
	EXPECT_EQ(2, events_total());
	ASSERT_EQ(0, add_rights(self->fd, 1ULL << SBPF_RIGHT_ANON_EXEC, 0));
	EXPECT_EQ(0, run(self->fd, act_huge, PROT_READ | PROT_EXEC));
	EXPECT_EQ(0, run(self->fd, act_huge_mprotect, 0));
	/* No rule can be about one. */
	memory = memfd_create("x", MEMORY_HUGE);
	EXPECT_EQ(EBADFD, SET(self->fd, 0, { .fd = memory, .allow = ALL }));
	/* But what somebody has mounted is a file system like any other. */
	EXPECT_EQ(EACCES, run(self->fd, act_open, PATH(MOUNTED "/file")));
	ASSERT_EQ(0, SET(self->fd, 0, rule(MOUNTED, READ, 0)));
	EXPECT_EQ(0, run(self->fd, act_open, PATH(MOUNTED "/file")));
	ASSERT_EQ(0, SET(self->fd, 0, rule(FREE, READ, 0)));
	EXPECT_EQ(0, umount(MOUNTED));
	EXPECT_EQ(0, rmdir(MOUNTED));
	EXPECT_EQ(0, write_file(pages, "0\n"));
}

/* Executed and mapped as code are two things; a script is not mapped. */

#define SHM	"/dev/shm/sbpf-rules"

static int act_execute(long path)
{
	char *const argv[] = { "script", NULL };
	int status;
	pid_t pid = fork();

	if (!pid) {
		execv((const char *)path, argv);
		_exit(errno);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return ENOTRECOVERABLE;
	return WEXITSTATUS(status);
}

static int act_map_code(long path)
{
	int fd = open((const char *)path, O_RDONLY), err;

	if (fd < 0)
		return ENOTRECOVERABLE;
	err = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) == MAP_FAILED ?
	      errno : 0;
	close(fd);
	return err;
}

TEST_F(rules, to_execute_is_not_to_map)
{
	const uint32_t code = SBPF_ACCESS_EXECUTE | SBPF_ACCESS_MAP_EXEC;

	EXPECT_EQ(0, run(-1, act_execute, PATH(SCRIPT)));
	EXPECT_EQ(0, run(-1, act_map_code, PATH(SCRIPT)));
	ASSERT_EQ(0, SET(self->fd, 0, rule("/", READ | code, 0),
			 rule(SCRIPT, READ | SBPF_ACCESS_EXECUTE, 0)));
	EXPECT_EQ(0, run(self->fd, act_execute, PATH(SCRIPT)));
	EXPECT_EQ(0, events_total());
	EXPECT_EQ(EACCES, run(self->fd, act_map_code, PATH(SCRIPT)));
	EXPECT_EQ(1, events_total());
	EXPECT_EQ(SBPF_OP_MMAP_FILE, event(SBPF_EVENT_DENIED, 0)->op);

	ASSERT_EQ(0, SET(self->fd, 0, rule("/", READ | code, 0),
			 rule(SCRIPT, READ | SBPF_ACCESS_MAP_EXEC, 0)));
	events_reset();
	EXPECT_EQ(0, run(self->fd, act_map_code, PATH(SCRIPT)));
	EXPECT_EQ(0, events_total());
	EXPECT_EQ(EACCES, run(self->fd, act_execute, PATH(SCRIPT)));
	EXPECT_EQ(1, events_total());
}

TEST_F(rules, memory_with_a_name_is_a_file)
{
	ASSERT_EQ(0, write_file(SHM, CONTENT));
	EXPECT_EQ(0, run(-1, act_map_code, PATH(SHM)));
	ASSERT_EQ(0, SET(self->fd, 0, rule("/dev/shm", ALL & ~SBPF_ACCESS_MAP_EXEC, 0)));
	EXPECT_EQ(EACCES, run(self->fd, act_map_code, PATH(SHM)));
	EXPECT_EQ(1, events_total());
	EXPECT_EQ(SBPF_OP_MMAP_FILE, event(SBPF_EVENT_DENIED, 0)->op);
	/* That is for memory without a name. */
	ASSERT_EQ(0, add_rights(self->fd, 1ULL << SBPF_RIGHT_ANON_EXEC, 0));
	EXPECT_EQ(EACCES, run(self->fd, act_map_code, PATH(SHM)));
	ASSERT_EQ(0, SET(self->fd, 0, rule("/dev/shm", READ | SBPF_ACCESS_MAP_EXEC, 0)));
	EXPECT_EQ(0, run(self->fd, act_map_code, PATH(SHM)));
	unlink(SHM);
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

/*
 * Far below a rule, where the module remembers the way up. DEEP is that many
 * directories named d in each other, with a file in each.
 */
#define DEEP	24
#define ELSEWHERE DIR "/elsewhere"

static int make_deep(const char *top)
{
	char path[PATH_MAX];
	int i;

	strcpy(path, top);
	for (i = 0; i < DEEP; i++) {
		strcat(path, "/d");
		if (mkdir(path, 0755))
			return -1;
		strcat(path, "/file");
		if (mknod(path, S_IFREG | 0644, 0))
			return -1;
		*strrchr(path, '/') = '\0';
	}
	return 0;
}

static void remove_deep(const char *top)
{
	char path[PATH_MAX];
	int i;

	strcpy(path, top);
	for (i = 0; i < DEEP; i++)
		strcat(path, "/d");
	for (; i; i--) {
		strcat(path, "/file");
		unlink(path);
		*strrchr(path, '/') = '\0';
		rmdir(path);
		*strrchr(path, '/') = '\0';
	}
}

/* The file so many directories deep; if less than 0, elsewhere. */
static int act_open_deep(long depth)
{
	char path[PATH_MAX];

	strcpy(path, depth < 0 ? ELSEWHERE : TREE);
	for (depth = labs(depth); depth; depth--)
		strcat(path, "/d");
	strcat(path, "/file");
	return act_open(PATH(path));
}

FIXTURE(deep) {
	struct actor member;
	int fd;
};

FIXTURE_SETUP(deep)
{
	/* Where removed directories are freed, those that are made take their place. */
	ASSERT_EQ(0, sched_setaffinity(0, sizeof(cpu_set_t), &(cpu_set_t){ { 1 } }));
	ASSERT_EQ(0, mkdir(ELSEWHERE, 0755));
	ASSERT_EQ(0, make_deep(TREE));
	self->fd = sandbox_create("rules", "", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, SET(self->fd, 0, rule(TREE, ALL, 0)));
	ASSERT_EQ(0, actor_start(&self->member));
	ASSERT_EQ(0, enter(&self->member, self->fd));
}

FIXTURE_TEARDOWN(deep)
{
	sandbox_kill(self->fd);
	close(self->fd);
	actor_stop(&self->member);
	umount2(ELSEWHERE, MNT_DETACH);
	remove_deep(TREE);
	remove_deep(ELSEWHERE);
	rmdir(ELSEWHERE);
}

/* Twice: the way is found, and remembered, unless RCU makes it forgotten meanwhile. */
#define TRIES		20
#define OPEN(depth)	actor_call(&self->member, act_open_deep, depth)
#define OPENS()		(OPEN(DEEP) ?: OPEN(DEEP))

TEST_F(deep, rules_change)
{
	EXPECT_EQ(0, OPENS());
	ASSERT_EQ(0, SET(self->fd, 0, rule(TREE, 0, ALL)));
	EXPECT_EQ(EACCES, OPEN(DEEP));
	ASSERT_EQ(0, SET(self->fd, 0, rule(TREE, ALL, 0)));
	EXPECT_EQ(0, OPENS());
	ASSERT_EQ(0, SET(self->fd, SBPF_RULES_ADD, rule(TREE "/d/d", 0, ALL)));
	EXPECT_EQ(EACCES, OPEN(DEEP));
}

/* Of two sandboxes each has its own. */
TEST_F(deep, rules_of_others)
{
	int other = sandbox_create("rules", "", 0, SBPF_UNLIMITED);
	struct actor stranger;
	int i;

	ASSERT_LE(0, other);
	ASSERT_EQ(0, SET(other, 0, rule(FREE, READ, 0)));
	ASSERT_EQ(0, actor_start(&stranger));
	ASSERT_EQ(0, enter(&stranger, other));
	for (i = 0; i < TRIES; i++) {
		ASSERT_EQ(0, OPENS());
		ASSERT_EQ(EACCES, actor_call(&stranger, act_open_deep, DEEP));
	}
	sandbox_kill(other);
	close(other);
	actor_stop(&stranger);
}

TEST_F(deep, a_directory_on_the_way_moves)
{
	int i;

	for (i = 0; i < TRIES; i++) {
		ASSERT_EQ(0, OPENS());
		ASSERT_EQ(0, rename(TREE "/d", ELSEWHERE "/d"));
		ASSERT_EQ(EACCES, OPEN(-DEEP));
		ASSERT_EQ(0, rename(ELSEWHERE "/d", TREE "/d"));
	}
}

/* By a mount that begins below the rule nothing is allowed. */
TEST_F(deep, another_mount)
{
	int i;

	ASSERT_EQ(0, mount(TREE "/d", ELSEWHERE, NULL, MS_BIND, NULL));
	for (i = 0; i < TRIES; i++) {
		ASSERT_EQ(0, OPENS());
		ASSERT_EQ(EACCES, OPEN(1 - DEEP));
	}
}

/* Another that is at the same address in memory is not the same. */
TEST_F_TIMEOUT(deep, directories_end_and_others_take_their_place, 120)
{
	int i, round, depth;

	for (round = 0; round < 100; round++) {
		for (depth = 1; depth <= DEEP; depth++)
			ASSERT_EQ(0, OPEN(depth));
		remove_deep(TREE);
		/* What was freed is free when RCU says so. */
		for (i = 0; i < 2; i++)
			ASSERT_EQ(0, syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0));
		ASSERT_EQ(0, make_deep(ELSEWHERE));
		for (depth = 1; depth <= DEEP; depth++) {
			ASSERT_EQ(EACCES, OPEN(-depth)) {
				TH_LOG("in round %d at depth %d", round, depth);
			}
		}
		remove_deep(ELSEWHERE);
		ASSERT_EQ(0, make_deep(TREE));
	}
}

/*
 * Names. NEST/free   ordinary
 *            x.key   named by a pattern
 *            in/     a directory, also to rename into
 */
#define NEST	DIR "/nest"
#define IN	NEST "/in"
#define KEY	NEST "/x.key"
#define PLAIN	NEST "/free"

FIXTURE(names) {
	struct actor member;
	/* One that is forked by a test, and thus knows its paths. */
	struct actor late;
	int fd;
};

FIXTURE_SETUP(names)
{
	ASSERT_EQ(0, system("rm -rf " NEST));
	ASSERT_EQ(0, mkdir(NEST, 0755));
	ASSERT_EQ(0, mkdir(IN, 0755));
	ASSERT_EQ(0, write_file(KEY, CONTENT));
	ASSERT_EQ(0, write_file(PLAIN, CONTENT));
	ASSERT_EQ(0, actor_start(&self->member));
	self->fd = sandbox_create("rules", "", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, self->fd);
	events_reset();
}

FIXTURE_TEARDOWN(names)
{
	sandbox_kill(self->fd);
	close(self->fd);
	actor_stop(&self->member);
}

TEST_F(names, deny_those_to_come)
{
	ASSERT_EQ(0, SET(self->fd, 0, rule(DIR, ALL, 0)));
	ASSERT_EQ(0, ADD_NAMES(self->fd, name(NEST, "*.key", 0, ALL)));
	ASSERT_EQ(0, enter(&self->member, self->fd));
	EXPECT_EQ(0, actor_call(&self->member, act_open, PATH(PLAIN)));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_open, PATH(KEY)));
	EXPECT_EQ(1, events_total());
	EXPECT_STREQ(KEY, event(SBPF_EVENT_DENIED, 0)->text);
	/* Created later, by somebody else. */
	ASSERT_EQ(0, write_file(NEST "/y.key", CONTENT));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_open, PATH(NEST "/y.key")));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_unlink, PATH(NEST "/y.key")));
	/* A directory, with what is in it. */
	ASSERT_EQ(0, mkdir(NEST "/d.key", 0755));
	ASSERT_EQ(0, write_file(NEST "/d.key/file", CONTENT));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_open, PATH(NEST "/d.key/file")));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_create, PATH(NEST "/d.key/new")));
	/* In this directory only. */
	ASSERT_EQ(0, write_file(IN "/z.key", CONTENT));
	EXPECT_EQ(0, actor_call(&self->member, act_open, PATH(IN "/z.key")));
}

TEST_F(names, allow_within_what_is_denied)
{
	ASSERT_EQ(0, SET(self->fd, 0, rule(NEST, SBPF_ACCESS_CREATE_FILE, 0)));
	ASSERT_EQ(0, ADD_NAMES(self->fd, name(NEST, "[a-x].k?y", READ, 0)));
	ASSERT_EQ(0, enter(&self->member, self->fd));
	EXPECT_EQ(0, actor_call(&self->member, act_open, PATH(KEY)));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_open_write, PATH(KEY)));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_open, PATH(PLAIN)));
	ASSERT_EQ(0, write_file(NEST "/z.key", CONTENT));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_open, PATH(NEST "/z.key")));
	ASSERT_EQ(0, rename(NEST "/z.key", NEST "/a.kay"));
	EXPECT_EQ(0, actor_call(&self->member, act_open, PATH(NEST "/a.kay")));
}

TEST_F(names, several_add_up_and_an_own_rule_wins)
{
	ASSERT_EQ(0, ADD_NAMES(self->fd, name(NEST, "*.key", SBPF_ACCESS_READ_FILE, 0),
			       name(NEST, "x*", SBPF_ACCESS_WRITE, 0)));
	ASSERT_EQ(0, enter(&self->member, self->fd));
	EXPECT_EQ(0, actor_call(&self->member, act_open, PATH(KEY)));
	EXPECT_EQ(0, actor_call(&self->member, act_open_write, PATH(KEY)));
	/* What is added keeps them, and denying wins. */
	ASSERT_EQ(0, ADD_NAMES(self->fd, name(NEST, "x.*", 0, SBPF_ACCESS_READ_FILE)));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_open, PATH(KEY)));
	EXPECT_EQ(0, actor_call(&self->member, act_open_write, PATH(KEY)));
	ASSERT_EQ(0, SET(self->fd, SBPF_RULES_ADD, rule(PLAIN, READ, 0)));
	EXPECT_EQ(0, actor_call(&self->member, act_open_write, PATH(KEY)));
	/* Its own. */
	ASSERT_EQ(0, SET(self->fd, SBPF_RULES_ADD, rule(KEY, READ, 0)));
	EXPECT_EQ(0, actor_call(&self->member, act_open, PATH(KEY)));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_open_write, PATH(KEY)));
	/* Without any: the names are gone as well. */
	ASSERT_EQ(0, SET(self->fd, 0, rule(PLAIN, READ, 0)));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_open_write, PATH(KEY)));
}

TEST_F(names, to_and_from_a_matching_one)
{
	/* *.key has less than others, *.pub more. */
	ASSERT_EQ(0, SET(self->fd, 0, rule(DIR, ALL, SBPF_ACCESS_EXECUTE)));
	ASSERT_EQ(0, ADD_NAMES(self->fd, name(NEST, "*.key", READ | SBPF_ACCESS_REFER, 0),
			       name(NEST, "*.pub", ALL, 0), name(NEST, "*.no", 0, ALL)));
	ASSERT_EQ(0, write_file(NEST "/x.pub", CONTENT));
	ASSERT_EQ(0, write_file(NEST "/x.no", CONTENT));
	/* The control. */
	EXPECT_EQ(0, actor_call(&self->member, act_rename, NAMES(KEY, NEST "/k")));
	EXPECT_EQ(0, actor_call(&self->member, act_rename, NAMES(NEST "/k", KEY)));
	ASSERT_EQ(0, enter(&self->member, self->fd));
	/* It would gain. */
	EXPECT_EQ(EXDEV, actor_call(&self->member, act_rename, NAMES(KEY, NEST "/k")));
	EXPECT_EQ(EXDEV, actor_call(&self->member, act_link, NAMES(KEY, NEST "/k")));
	EXPECT_EQ(EXDEV, actor_call(&self->member, act_rename, NAMES(KEY, IN "/x.key")));
	EXPECT_EQ(EXDEV, actor_call(&self->member, act_rename, NAMES(PLAIN, NEST "/p.pub")));
	EXPECT_EQ(EXDEV, actor_call(&self->member, act_link, NAMES(PLAIN, NEST "/p.pub")));
	/* By either end of an exchange, whatever the other loses. */
	EXPECT_EQ(EXDEV, actor_call(&self->member, act_rename,
				    EXCHANGE(PLAIN, NEST "/x.pub")));
	EXPECT_EQ(EXDEV, actor_call(&self->member, act_rename,
				    EXCHANGE(NEST "/x.pub", PLAIN)));
	EXPECT_EQ(EXDEV, actor_call(&self->member, act_rename,
				    EXCHANGE(PLAIN, KEY)));
	/* What may not be referred to. */
	EXPECT_EQ(EACCES, actor_call(&self->member, act_rename,
				     NAMES(NEST "/x.no", NEST "/k")));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_link, NAMES(NEST "/x.no", NEST "/k")));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_rename,
				     EXCHANGE(PLAIN, NEST "/x.no")));
	/* Nor what may not be removed be replaced. */
	EXPECT_EQ(EACCES, actor_call(&self->member, act_rename, NAMES(PLAIN, KEY)));
	EXPECT_EQ(12, events_total());
	EXPECT_TRUE(file_intact(KEY) && file_intact(PLAIN) && file_intact(NEST "/x.no"));
	/* It only loses, or stays alike. */
	EXPECT_EQ(0, actor_call(&self->member, act_rename, NAMES(KEY, NEST "/other.key")));
	EXPECT_EQ(0, actor_call(&self->member, act_link, NAMES(PLAIN, NEST "/p.key")));
	EXPECT_EQ(0, actor_call(&self->member, act_rename, NAMES(PLAIN, NEST "/q.key")));
	EXPECT_EQ(0, actor_call(&self->member, act_rename, NAMES(NEST "/x.pub", NEST "/plain")));
}

/* All kinds of it, and by all ways that a name appears. */
TEST_F(names, not_created_where_denied)
{
	const struct {
		int (*act)(long path);
		long arg;
	} ways[] = {
		{ act_create, PATH(NEST "/y.key") },
		{ act_mkdir, PATH(NEST "/y.key") },
		{ act_mkfifo, PATH(NEST "/y.key") },
		{ act_symlink, PATH(NEST "/y.key") },
		{ act_link, NAMES(PLAIN, NEST "/y.key") },
		{ act_rename, NAMES(PLAIN, NEST "/y.key") },
	};
	size_t i;

	ASSERT_EQ(0, SET(self->fd, 0, rule(DIR, ALL, 0)));
	ASSERT_EQ(0, enter(&self->member, self->fd));
	for (i = 0; i < COUNT(ways); i++) {
		ASSERT_EQ(0, ADD_NAMES(self->fd, name(NEST, "*.key", 0, ALL)));
		EXPECT_EQ(EACCES, actor_call(&self->member, ways[i].act, ways[i].arg));
		EXPECT_EQ(i + 1, events_total());
		EXPECT_NE(0, access(NEST "/y.key", F_OK));
		EXPECT_TRUE(file_intact(PLAIN));
		/* The control. */
		ASSERT_EQ(0, SET(self->fd, 0, rule(DIR, ALL, 0)));
		EXPECT_EQ(0, actor_call(&self->member, ways[i].act, ways[i].arg));
		ASSERT_EQ(0, system("rm -r " NEST "/y.key"));
	}
	/* Of several rights those that it takes. */
	ASSERT_EQ(0, ADD_NAMES(self->fd, name(NEST, "*.key", SBPF_ACCESS_CREATE_SPECIAL, 0)));
	EXPECT_EQ(0, actor_call(&self->member, act_mkfifo, PATH(NEST "/y.key")));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_mkdir, PATH(NEST "/z.key")));
}

/* Another in the place of a directory would have no rules about names in it. */
TEST_F(names, their_directory_stays)
{
	ASSERT_EQ(0, mkdir(NEST "/new", 0755));
	ASSERT_EQ(0, SET(self->fd, 0, rule(DIR, ALL, 0)));
	ASSERT_EQ(0, ADD_NAMES(self->fd, name(IN, "*.key", 0, ALL)));
	ASSERT_EQ(0, enter(&self->member, self->fd));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_rename, NAMES(IN, NEST "/away")));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_rmdir, PATH(IN)));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_rename, NAMES(NEST "/new", IN)));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_rename, EXCHANGE(NEST "/new", IN)));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_rename, EXCHANGE(IN, NEST "/new")));
	EXPECT_EQ(5, events_total());
	/* The control, and what is above it. */
	EXPECT_EQ(EACCES, actor_call(&self->member, act_rename, NAMES(NEST, DIR "/away")));
	ASSERT_EQ(0, SET(self->fd, 0, rule(DIR, ALL, 0)));
	EXPECT_EQ(0, actor_call(&self->member, act_rename, EXCHANGE(NEST "/new", IN)));
	EXPECT_EQ(0, actor_call(&self->member, act_rename, NAMES(NEST "/new", IN)));
	EXPECT_EQ(0, actor_call(&self->member, act_rename, NAMES(IN, NEST "/away")));
	EXPECT_EQ(0, actor_call(&self->member, act_rmdir, PATH(NEST "/away")));
}

TEST_F(names, a_mount_on_a_matching_directory)
{
	ASSERT_EQ(0, mkdir(NEST "/mounted", 0755));
	ASSERT_EQ(0, mount("none", NEST "/mounted", "tmpfs", 0, ""));
	ASSERT_EQ(0, write_file(NEST "/mounted/file", CONTENT));
	ASSERT_EQ(0, SET(self->fd, 0, rule(DIR, ALL, 0)));
	ASSERT_EQ(0, ADD_NAMES(self->fd, name(NEST, "mount*", 0, ALL)));
	ASSERT_EQ(0, enter(&self->member, self->fd));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_open, PATH(NEST "/mounted/file")));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_list, PATH(NEST "/mounted")));
	ASSERT_EQ(0, SET(self->fd, 0, rule(DIR, ALL, 0)));
	EXPECT_EQ(0, actor_call(&self->member, act_open, PATH(NEST "/mounted/file")));
	umount2(NEST "/mounted", MNT_DETACH);
}

TEST_F(names, mistakes_change_nothing)
{
	struct sbpf_name_rule *many, rule = name(NEST, "*.key", READ, 0);
	struct sbpf_set_rules set = { .size = sizeof(set), .names = 16, .names_count = 1 };
	int i;

	ASSERT_EQ(0, ADD_NAMES(self->fd, name(NEST, "*.key", READ, 0)));
	ASSERT_EQ(0, enter(&self->member, self->fd));
	EXPECT_EQ(EINVAL, ADD_NAMES(self->fd, name(NEST, "", 0, ALL)));
	EXPECT_EQ(EINVAL, ADD_NAMES(self->fd, name(NEST, "in/*", 0, ALL)));
	memset(rule.pattern, '*', sizeof(rule.pattern));
	EXPECT_EQ(EINVAL, set_names(self->fd, 0, &rule, 1));
	EXPECT_EQ(EINVAL, ADD_NAMES(self->fd, name(NEST, "*", SBPF_ACCESS_MAX, 0)));
	EXPECT_EQ(EINVAL, ADD_NAMES(self->fd, { name(NEST, "*", 0, ALL).fd, .reserved = 1,
						.pattern = "*" }));
	EXPECT_EQ(ENOTDIR, ADD_NAMES(self->fd, name(KEY, "*", 0, ALL)));
	EXPECT_EQ(EBADF, ADD_NAMES(self->fd, { -1, .pattern = "*" }));
	EXPECT_EQ(EFAULT, sbpf_ioctl(self->fd, SBPF_IOC_SET_RULES, &set));
	set.names_count = SBPF_RULES_MAX + 1;
	EXPECT_EQ(E2BIG, sbpf_ioctl(self->fd, SBPF_IOC_SET_RULES, &set));
	/* One more than fits beside the one that there is. */
	many = calloc(SBPF_NAMES_MAX, sizeof(*many));
	ASSERT_NE(NULL, many);
	for (i = 0; i < SBPF_NAMES_MAX; i++)
		many[i] = (struct sbpf_name_rule){ dup(0), .pattern = "a" };
	close(many[0].fd);
	many[0] = name(NEST, "a", 0, 0);
	for (i = 1; i < SBPF_NAMES_MAX; i++)
		ASSERT_EQ(many[i].fd, dup2(many[0].fd, many[i].fd));
	EXPECT_EQ(E2BIG, set_names(self->fd, SBPF_RULES_ADD, many, SBPF_NAMES_MAX));
	/* The same of one directory. */
	for (i = 0; i < SBPF_NAMES_DIR_MAX; i++)
		many[i] = name(NEST, "a", 0, 0);
	EXPECT_EQ(E2BIG, set_names(self->fd, SBPF_RULES_ADD, many, SBPF_NAMES_DIR_MAX));
	for (i = 0; i < SBPF_NAMES_DIR_MAX - 1; i++)
		many[i] = name(NEST, "a", 0, 0);
	EXPECT_EQ(0, set_names(self->fd, SBPF_RULES_ADD, many, SBPF_NAMES_DIR_MAX - 1));
	EXPECT_EQ(0, actor_call(&self->member, act_open, PATH(KEY)));
	free(many);
}

/* As many rules about names in a directory, which are about none of those that there are. */
static int add_names_much(int sandbox, const char *dir, int count)
{
	struct sbpf_name_rule many[SBPF_NAMES_DIR_MAX];
	int i;

	for (i = 0; i < count; i++)
		many[i] = name(dir, "*.other", READ, 0);
	return set_names(sandbox, SBPF_RULES_ADD, many, count);
}

/* Of directories in each other each is about few, and all are asked. */
TEST_F(names, so_many_are_asked_and_no_more)
{
	const int dirs = SBPF_NAMES_WALK_MAX / SBPF_NAMES_DIR_MAX;
	char path[100] = NEST, file[120];
	int i;

	ASSERT_EQ(0, SET(self->fd, 0, rule(DIR, ALL, 0)));
	for (i = 0; i < dirs; i++) {
		strcat(path, "/dir");
		ASSERT_EQ(0, mkdir(path, 0755));
		ASSERT_EQ(0, add_names_much(self->fd, path, SBPF_NAMES_DIR_MAX));
	}
	snprintf(file, sizeof(file), "%s/file", path);
	ASSERT_EQ(0, write_file(file, CONTENT));
	ASSERT_EQ(0, actor_start(&self->late));
	ASSERT_EQ(0, enter(&self->late, self->fd));
	EXPECT_EQ(0, actor_call(&self->late, act_open, PATH(file)));
	/* One more, above all of them; the others are found below it. */
	ASSERT_EQ(0, add_names_much(self->fd, NEST, 1));
	EXPECT_EQ(EACCES, actor_call(&self->late, act_open, PATH(file)));
	EXPECT_EQ(0, actor_call(&self->late, act_open, PATH(PLAIN)));
	/* Nobody asks them where something nearer decides. */
	ASSERT_EQ(0, SET(self->fd, SBPF_RULES_ADD, rule(NEST "/dir", READ, 0)));
	EXPECT_EQ(0, actor_call(&self->late, act_open, PATH(file)));
	actor_stop(&self->late);
}

/* Where X.KEY is x.key no pattern would be safe. */
TEST_F(names, not_where_others_are_the_same)
{
	if (mount("none", IN, "tmpfs", 0, "casefold"))
		SKIP(return, "this kernel's tmpfs does not fold case");
	EXPECT_EQ(EOPNOTSUPP, ADD_NAMES(self->fd, name(IN, "*.key", 0, ALL)));
	EXPECT_EQ(0, ADD_NAMES(self->fd, name(NEST, "*.key", 0, ALL)));
	umount2(IN, MNT_DETACH);
}

/* What changes what is known of a file. Each acts on FILE_A. */

static int metadata_utimensat(int fd)
{
	const struct timespec times[2] = { { 1, 0 }, { 2, 0 } };

	return utimensat(AT_FDCWD, FILE_A, times, 0);
}

static int metadata_touch(int fd)
{
	return utimensat(AT_FDCWD, FILE_A, NULL, 0);
}

static int metadata_futimens(int fd)
{
	const struct timespec times[2] = { { 1, 0 }, { 0, UTIME_OMIT } };

	return futimens(fd, times);
}

static int metadata_chmod(int fd)
{
	return chmod(FILE_A, 0644);
}

static int metadata_fchmod(int fd)
{
	return fchmod(fd, 0644);
}

static int metadata_chown(int fd)
{
	return lchown(FILE_A, 0, 0);
}

static int metadata_fchown(int fd)
{
	return fchown(fd, 0, 0);
}

static int metadata_setxattr(int fd)
{
	return setxattr(FILE_A, "trusted.x", "x", 1, 0);
}

static int metadata_lsetxattr(int fd)
{
	return lsetxattr(FILE_A, "security.x", "x", 1, 0);
}

static int metadata_fsetxattr(int fd)
{
	return fsetxattr(fd, "trusted.y", "y", 1, 0);
}

/* Each time anew, so that there is something to remove. */
static int metadata_removexattr(int fd)
{
	return removexattr(FILE_A, "trusted.x") && errno != ENODATA ? -1 : 0;
}

static int metadata_fremovexattr(int fd)
{
	return fremovexattr(fd, "trusted.y") && errno != ENODATA ? -1 : 0;
}

/* Version 2; owner, group and others, all of 6. */
static const struct {
	uint32_t version;
	struct {
		uint16_t tag, perm;
		uint32_t id;
	} entries[3];
} acl = { 2, { { 1, 6, ~0U }, { 4, 6, ~0U }, { 32, 6, ~0U } } };

static int metadata_acl(int fd)
{
	return setxattr(FILE_A, "system.posix_acl_access", &acl, sizeof(acl), 0);
}

static int metadata_remove_acl(int fd)
{
	return removexattr(FILE_A, "system.posix_acl_access");
}

static const struct metadata {
	const char *name;
	int (*act)(int fd);
	enum sbpf_op op;
} metadata[] = {
	{ "utimensat", metadata_utimensat, SBPF_OP_INODE_SETATTR },
	{ "touch", metadata_touch, SBPF_OP_INODE_SETATTR },
	{ "futimens", metadata_futimens, SBPF_OP_INODE_SETATTR },
	{ "chmod", metadata_chmod, SBPF_OP_PATH_CHMOD },
	{ "fchmod", metadata_fchmod, SBPF_OP_PATH_CHMOD },
	{ "chown", metadata_chown, SBPF_OP_PATH_CHOWN },
	{ "fchown", metadata_fchown, SBPF_OP_PATH_CHOWN },
	{ "setxattr", metadata_setxattr, SBPF_OP_INODE_SETXATTR },
	{ "lsetxattr", metadata_lsetxattr, SBPF_OP_INODE_SETXATTR },
	{ "fsetxattr", metadata_fsetxattr, SBPF_OP_INODE_SETXATTR },
	{ "removexattr", metadata_removexattr, SBPF_OP_INODE_REMOVEXATTR },
	{ "fremovexattr", metadata_fremovexattr, SBPF_OP_INODE_REMOVEXATTR },
	{ "set an ACL", metadata_acl, SBPF_OP_INODE_SETXATTR },
	{ "remove an ACL", metadata_remove_acl, SBPF_OP_INODE_REMOVEXATTR },
};

static int act_metadata(long i)
{
	int fd = open(FILE_A, O_RDONLY | O_CLOEXEC), err;

	if (fd < 0)
		return ENOTRECOVERABLE;
	err = metadata[i].act(fd) ? errno : 0;
	close(fd);
	return err;
}

TEST_F_TIMEOUT(rules, metadata_by_every_way, 120)
{
	int i, err;

	ASSERT_EQ(0, SET(self->fd, 0, rule(TREE, ALL, SBPF_ACCESS_METADATA)));
	ASSERT_EQ(0, add_rights(self->fd, 0, CAPS_ALL));
	for (i = 0; i < COUNT(metadata); i++) {
		err = actor_call(&self->member, act_metadata, i);
		EXPECT_EQ(0, err) TH_LOG("outside: %s", metadata[i].name);
	}
	ASSERT_EQ(0, enter(&self->member, self->fd));
	for (i = 0; i < COUNT(metadata); i++) {
		events_reset();
		err = actor_call(&self->member, act_metadata, i);
		EXPECT_EQ(EACCES, err) TH_LOG("%s", metadata[i].name);
		EXPECT_EQ(1, events_total()) TH_LOG("%s", metadata[i].name);
		EXPECT_EQ(metadata[i].op, event(SBPF_EVENT_DENIED, 0)->op)
			TH_LOG("%s", metadata[i].name);
	}
	/* Reading and this are enough. */
	ASSERT_EQ(0, SET(self->fd, 0, rule(TREE, READ | SBPF_ACCESS_METADATA, 0)));
	ASSERT_EQ(0, add_rights(self->fd, 0, CAPS_ALL));
	events_reset();
	for (i = 0; i < COUNT(metadata); i++) {
		err = actor_call(&self->member, act_metadata, i);
		EXPECT_EQ(0, err) TH_LOG("allowed: %s", metadata[i].name);
	}
	EXPECT_EQ(0, events_total());
}

static int act_truncate(long path)
{
	return truncate((const char *)path, sizeof(CONTENT) - 1) ? errno : 0;
}

static int act_ftruncate(long path)
{
	int fd = open((const char *)path, O_WRONLY | O_CLOEXEC), err;

	if (fd < 0)
		return ENOTRECOVERABLE;
	err = ftruncate(fd, sizeof(CONTENT) - 1) ? errno : 0;
	close(fd);
	return err;
}

TEST_F(rules, truncating_is_not_writing)
{
	ASSERT_EQ(0, SET(self->fd, 0, rule(TREE, READ | SBPF_ACCESS_WRITE, 0)));
	EXPECT_EQ(0, actor_call(&self->member, act_truncate, PATH(FILE_A)));
	EXPECT_EQ(0, actor_call(&self->member, act_ftruncate, PATH(FILE_A)));
	ASSERT_EQ(0, enter(&self->member, self->fd));
	EXPECT_EQ(0, actor_call(&self->member, act_open_write, PATH(FILE_A)));
	EXPECT_EQ(0, events_total());
	EXPECT_EQ(EACCES, actor_call(&self->member, act_truncate, PATH(FILE_A)));
	EXPECT_EQ(SBPF_OP_PATH_TRUNCATE, event(SBPF_EVENT_DENIED, 0)->op);
	EXPECT_EQ(EACCES, actor_call(&self->member, act_ftruncate, PATH(FILE_A)));
	EXPECT_EQ(SBPF_OP_PATH_TRUNCATE, event(SBPF_EVENT_DENIED, 1)->op);
	EXPECT_EQ(EACCES, actor_call(&self->member, act_open_truncate, PATH(FILE_A)));
	EXPECT_EQ(3, events_total());
	EXPECT_TRUE(file_intact(FILE_A));

	ASSERT_EQ(0, SET(self->fd, 0, rule(TREE, SBPF_ACCESS_TRUNCATE, 0)));
	EXPECT_EQ(0, actor_call(&self->member, act_truncate, PATH(FILE_A)));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_open_write, PATH(FILE_A)));
	ASSERT_EQ(0, SET(self->fd, 0, rule(TREE, SBPF_ACCESS_WRITE | SBPF_ACCESS_TRUNCATE, 0)));
	EXPECT_EQ(0, actor_call(&self->member, act_ftruncate, PATH(FILE_A)));
}

TEST_F(rules, a_rename_gives_no_rights)
{
	ASSERT_EQ(0, system("mkdir " DIR "/less " DIR "/more && "
			    "echo intact | tee " DIR "/less/l >" DIR "/more/m"));
	ASSERT_EQ(0, SET(self->fd, 0, rule(DIR "/less", ALL, SBPF_ACCESS_EXECUTE),
			 rule(DIR "/more", ALL, 0)));
	EXPECT_EQ(0, actor_call(&self->member, act_rename,
				NAMES(DIR "/less/l", DIR "/more/l")));
	EXPECT_EQ(0, actor_call(&self->member, act_rename,
				NAMES(DIR "/more/l", DIR "/less/l")));
	ASSERT_EQ(0, enter(&self->member, self->fd));
	EXPECT_EQ(EXDEV, actor_call(&self->member, act_rename,
				    NAMES(DIR "/less/l", DIR "/more/l")));
	EXPECT_EQ(EXDEV, actor_call(&self->member, act_link,
				    NAMES(DIR "/less/l", DIR "/more/l")));
	EXPECT_EQ(2, events_total());
	EXPECT_EQ(-EXDEV, event(SBPF_EVENT_DENIED, 0)->error);
	EXPECT_TRUE(file_intact(DIR "/less/l"));
	EXPECT_EQ(0, actor_call(&self->member, act_rename,
				NAMES(DIR "/more/m", DIR "/less/m")));
	ASSERT_EQ(0, system("rm -r " DIR "/less " DIR "/more"));
}

/* A name for a file that has none. */
static int act_link_tmpfile(long path)
{
	int fd = open(TREE, O_WRONLY | O_TMPFILE, 0600), err;
	char name[32];

	if (fd < 0)
		return ENOTRECOVERABLE;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	err = linkat(AT_FDCWD, name, AT_FDCWD, (const char *)path, AT_SYMLINK_FOLLOW) ?
	      errno : 0;
	close(fd);
	unlink((const char *)path);
	return err;
}

static int act_link_and_unlink(long arg)
{
	const struct names *names = (const void *)arg;

	return link(names->from, names->to) || unlink(names->to) ? errno : 0;
}

TEST_F(rules, a_link_creates_a_name)
{
	const uint32_t other = READ | SBPF_ACCESS_WRITE | SBPF_ACCESS_REFER | SBPF_ACCESS_REMOVE;
	const struct {
		act_fn act;
		long arg;
		uint32_t access;
	} links[] = {
		{ act_link_tmpfile, PATH(TREE "/new"), SBPF_ACCESS_CREATE_FILE },
		{ act_link_and_unlink, NAMES(FILE_A, TREE "/new"), SBPF_ACCESS_CREATE_FILE },
		{ act_link_and_unlink, NAMES(TREE "/pipe", TREE "/new"),
		  SBPF_ACCESS_CREATE_SPECIAL },
		{ act_link_and_unlink, NAMES(TREE "/symlink", TREE "/new"),
		  SBPF_ACCESS_CREATE_SYMLINK },
		{ act_link_and_unlink, NAMES(TREE "/node", TREE "/new"),
		  SBPF_ACCESS_CREATE_DEVICE },
	};
	int i, err;

	ASSERT_EQ(0, mkfifo(TREE "/pipe", 0600));
	ASSERT_EQ(0, symlink("a", TREE "/symlink"));
	ASSERT_EQ(0, mknod(TREE "/node", S_IFCHR | 0600, makedev(1, 3)));
	for (i = 0; i < COUNT(links); i++) {
		EXPECT_EQ(0, run(-1, links[i].act, links[i].arg)) TH_LOG("link %d", i);
		/* All kinds but its own, and that alone. */
		ASSERT_EQ(0, SET(self->fd, 0, rule(TREE, ALL & ~links[i].access, 0)));
		events_reset();
		err = run(self->fd, links[i].act, links[i].arg);
		EXPECT_EQ(EACCES, err) TH_LOG("link %d", i);
		EXPECT_EQ(SBPF_OP_PATH_LINK, event(SBPF_EVENT_DENIED, 0)->op)
			TH_LOG("link %d", i);
		ASSERT_EQ(0, SET(self->fd, 0, rule(TREE, other | links[i].access, 0)));
		err = run(self->fd, links[i].act, links[i].arg);
		EXPECT_EQ(0, err) TH_LOG("link %d", i);
		ASSERT_EQ(0, SET(self->fd, 0, rule(TREE, (other | links[i].access) &
							 ~SBPF_ACCESS_REFER, 0)));
		err = run(self->fd, links[i].act, links[i].arg);
		EXPECT_EQ(EACCES, err) TH_LOG("link %d", i);
	}
	ASSERT_EQ(0, system("rm " TREE "/pipe " TREE "/symlink " TREE "/node"));
}

/* Locks, leases, and who is told of what happens to a file */

static int act_flock(long path)
{
	int fd = open((const char *)path, O_RDONLY | O_CLOEXEC), err;

	if (fd < 0)
		return ENOTRECOVERABLE;
	err = flock(fd, LOCK_EX | LOCK_NB) ? errno : 0;
	close(fd);
	return err;
}

static int act_flock_shared(long path)
{
	int fd = open((const char *)path, O_RDONLY | O_CLOEXEC), err;

	if (fd < 0)
		return ENOTRECOVERABLE;
	err = flock(fd, LOCK_SH | LOCK_NB) ? errno : 0;
	close(fd);
	return err;
}

static int act_lease(long path)
{
	int fd = open((const char *)path, O_RDONLY | O_CLOEXEC), err;

	if (fd < 0)
		return ENOTRECOVERABLE;
	err = fcntl(fd, F_SETLEASE, F_RDLCK) ? errno : 0;
	close(fd);
	return err;
}

/* struct delegation, which is younger than the headers; also of a directory. */
static int act_delegation(long path)
{
	const struct {
		uint32_t flags;
		uint16_t type;
		uint16_t pad;
	} delegation = { .type = F_RDLCK };
	int fd = open((const char *)path, O_RDONLY | O_CLOEXEC), err;

	if (fd < 0)
		return ENOTRECOVERABLE;
	err = fcntl(fd, 1024 + 16 /* F_SETDELEG */, &delegation) ? errno : 0;
	close(fd);
	return err;
}

TEST_F(rules, delegations_of_what_may_only_be_read)
{
	ASSERT_EQ(0, SET(self->fd, 0, rule(TREE, READ, 0)));
	if (actor_call(&self->member, act_delegation, PATH(TREE)) == EINVAL)
		SKIP(return, "this kernel has none");
	EXPECT_EQ(0, actor_call(&self->member, act_delegation, PATH(TREE)));
	EXPECT_EQ(0, actor_call(&self->member, act_delegation, PATH(FILE_A)));
	/* To read under a lock is less than to have the kernel hold up others. */
	ASSERT_EQ(0, add_rights(self->fd, 1ULL << SBPF_RIGHT_READ_LOCK, 0));
	ASSERT_EQ(0, enter(&self->member, self->fd));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_delegation, PATH(TREE)));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_delegation, PATH(FILE_A)));
	EXPECT_EQ(2, events_total());
	EXPECT_EQ(SBPF_OP_FILE_FCNTL, event(SBPF_EVENT_DENIED, 0)->op);
	ASSERT_EQ(0, add_rights(self->fd, 1ULL << SBPF_RIGHT_LOCK, 0));
	EXPECT_EQ(0, actor_call(&self->member, act_delegation, PATH(TREE)));
	EXPECT_EQ(0, actor_call(&self->member, act_delegation, PATH(FILE_A)));
}

TEST_F(rules, locks_on_what_may_only_be_read)
{
	ASSERT_EQ(0, SET(self->fd, 0, rule(TREE, READ, 0),
			 rule(FREE, READ | SBPF_ACCESS_WRITE, 0)));
	EXPECT_EQ(0, actor_call(&self->member, act_flock, PATH(FILE_A)));
	EXPECT_EQ(0, actor_call(&self->member, act_lease, PATH(FILE_A)));
	ASSERT_EQ(0, enter(&self->member, self->fd));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_flock, PATH(FILE_A)));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_lease, PATH(FILE_A)));
	EXPECT_EQ(2, events_total());
	EXPECT_EQ(SBPF_OP_FILE_LOCK, event(SBPF_EVENT_DENIED, 0)->op);
	EXPECT_EQ(SBPF_OP_FILE_FCNTL, event(SBPF_EVENT_DENIED, 1)->op);
	/* A shared one as well; but not on what may be written, or with the right. */
	EXPECT_EQ(EACCES, actor_call(&self->member, act_flock_shared, PATH(FILE_A)));
	EXPECT_EQ(3, events_total());
	EXPECT_EQ(0, actor_call(&self->member, act_flock, PATH(FREE)));
	EXPECT_EQ(0, actor_call(&self->member, act_flock_shared, PATH(FREE)));
	EXPECT_EQ(0, actor_call(&self->member, act_lease, PATH(FREE)));
	ASSERT_EQ(0, add_rights(self->fd, 1ULL << SBPF_RIGHT_LOCK, 0));
	EXPECT_EQ(0, actor_call(&self->member, act_flock, PATH(FILE_A)));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_flock_shared, PATH(FILE_A)));
	ASSERT_EQ(0, add_rights(self->fd, 1ULL << SBPF_RIGHT_READ_LOCK, 0));
	EXPECT_EQ(0, actor_call(&self->member, act_flock_shared, PATH(FILE_A)));
	/* To the kernel it is a shared lock as well. */
	EXPECT_EQ(0, actor_call(&self->member, act_lease, PATH(FILE_A)));
}

static int act_own(long pid)
{
	int pipes[2], err;

	if (pipe2(pipes, O_CLOEXEC))
		return errno;
	err = fcntl(pipes[0], F_SETOWN, pid) ? errno : 0;
	close(pipes[0]);
	close(pipes[1]);
	return err;
}

static int act_own_ex(long pid)
{
	const struct f_owner_ex owner = { F_OWNER_PID, pid };
	int pipes[2], err;

	if (pipe2(pipes, O_CLOEXEC))
		return errno;
	err = fcntl(pipes[0], F_SETOWN_EX, &owner) ? errno : 0;
	close(pipes[0]);
	close(pipes[1]);
	return err;
}

static int act_own_ioctl(long pid)
{
	int pair[2], arg = pid, err;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return errno;
	err = ioctl(pair[0], FIOSETOWN, &arg) ? errno : 0;
	close(pair[0]);
	close(pair[1]);
	return err;
}

TEST_F(rules, signals_by_descriptors)
{
	const pid_t outside = getpid();

	EXPECT_EQ(0, actor_call(&self->member, act_own, outside));
	EXPECT_EQ(0, actor_call(&self->member, act_own_ex, outside));
	EXPECT_EQ(0, actor_call(&self->member, act_own_ioctl, outside));
	ASSERT_EQ(0, enter(&self->member, self->fd));
	EXPECT_EQ(EPERM, actor_call(&self->member, act_own, outside));
	EXPECT_EQ(EPERM, actor_call(&self->member, act_own, -outside));
	EXPECT_EQ(EPERM, actor_call(&self->member, act_own_ex, outside));
	EXPECT_EQ(EPERM, actor_call(&self->member, act_own_ioctl, outside));
	EXPECT_EQ(4, events_total());
	EXPECT_EQ(0, actor_call(&self->member, act_own, self->member.pid));
	EXPECT_EQ(0, actor_call(&self->member, act_own, 0));
	ASSERT_EQ(0, add_rights(self->fd, 1ULL << SBPF_RIGHT_SIGNAL, 0));
	EXPECT_EQ(0, actor_call(&self->member, act_own, outside));
	EXPECT_EQ(0, actor_call(&self->member, act_own_ex, outside));
	EXPECT_EQ(0, actor_call(&self->member, act_own_ioctl, outside));
}

/*
 * In a pid namespace of its own a member has two numbers. By the one that only others
 * know, it means another process there.
 */
static int act_own_number(long sandbox)
{
	struct clone_args args = { .exit_signal = SIGCHLD, .set_tid_size = 1 };
	int numbers[2], go[2], status;
	char text[16] = "";
	pid_t number, other, member;

	if (pipe(numbers) || pipe(go))
		return ENOTRECOVERABLE;
	member = fork();
	if (!member) {
		/* In the namespace that /proc was mounted in. */
		if (readlink("/proc/self", text, sizeof(text) - 1) < 0)
			_exit(ENOTRECOVERABLE);
		number = atoi(text);
		if (write(numbers[1], &number, sizeof(number)) != sizeof(number) ||
		    read(go[0], text, 1) != 1 || sandbox_enter(sandbox) ||
		    act_own(getpid()))
			_exit(ENOTRECOVERABLE);
		_exit(act_own(number));
	}
	if (read(numbers[0], &number, sizeof(number)) != sizeof(number))
		return ENOTRECOVERABLE;
	args.set_tid = (uintptr_t)&number;
	other = syscall(SYS_clone3, &args, sizeof(args));
	if (!other) {
		pause();
		_exit(0);
	}
	if (other != number || write(go[1], "x", 1) != 1)
		return ENOTRECOVERABLE;
	waitpid(member, &status, 0);
	return WEXITSTATUS(status);
}

static int act_in_pid_namespace(long sandbox)
{
	int status;
	pid_t first;

	if (unshare(CLONE_NEWPID))
		return ENOTRECOVERABLE;
	first = fork();
	if (!first)
		_exit(act_own_number(sandbox));
	waitpid(first, &status, 0);
	return WEXITSTATUS(status);
}

TEST_F(rules, signals_by_a_number_of_another_namespace)
{
	EXPECT_EQ(EPERM, run(-1, act_in_pid_namespace, self->fd));
	EXPECT_EQ(1, events_total());
	ASSERT_EQ(0, add_rights(self->fd, 1ULL << SBPF_RIGHT_SIGNAL, 0));
	EXPECT_EQ(0, run(-1, act_in_pid_namespace, self->fd));
}

TEST_F(rules, proc_of_tasks_outside)
{
	static const char * const files[] = { "stat", "status", "cmdline", "maps", "task" };
	static char outside[COUNT(files)][32], inside[COUNT(files)][32];
	struct actor other;
	int i, err;

	/* They are to know the names. */
	actor_stop(&self->member);
	ASSERT_EQ(0, actor_start(&other));
	for (i = 0; i < COUNT(files); i++) {
		sprintf(outside[i], "/proc/%d/%s", getpid(), files[i]);
		sprintf(inside[i], "/proc/%d/%s", other.pid, files[i]);
	}
	ASSERT_EQ(0, actor_start(&self->member));
	ASSERT_EQ(0, SET(self->fd, 0, rule("/", READ, 0)));
	for (i = 0; i < COUNT(files); i++)
		EXPECT_EQ(0, actor_call(&self->member, act_open, PATH(outside[i])));
	ASSERT_EQ(0, enter(&self->member, self->fd));
	ASSERT_EQ(0, enter(&other, self->fd));
	for (i = 0; i < COUNT(files); i++) {
		err = actor_call(&self->member, act_open, PATH(inside[i]));
		EXPECT_EQ(0, err) TH_LOG("%s", inside[i]);
	}
	EXPECT_EQ(0, actor_call(&self->member, act_open, PATH("/proc/self/status")));
	EXPECT_EQ(0, actor_call(&self->member, act_open, PATH("/proc/uptime")));
	EXPECT_EQ(0, events_total());
	EXPECT_EQ(ENOENT, actor_call(&self->member, act_open, PATH("/proc/1/stat")));
	for (i = 0; i < COUNT(files); i++) {
		err = actor_call(&self->member, act_open, PATH(outside[i]));
		/* Who may see memory is asked before, for what tells about it. */
		EXPECT_TRUE(err == ENOENT || (err == EACCES && !strcmp(files[i], "maps")))
			TH_LOG("%s: %d", outside[i], err);
	}
	ASSERT_EQ(0, add_rights(self->fd, 1ULL << SBPF_RIGHT_PROC, 0));
	EXPECT_EQ(0, actor_call(&self->member, act_open, PATH(outside[0])));
	actor_stop(&other);
}

/* Devices */

static struct sbpf_dev_rule dev(uint32_t major, uint32_t minor, uint32_t allow, uint32_t deny)
{
	return (struct sbpf_dev_rule){
		.allow = allow, .deny = deny, .type = S_IFCHR,
		.major = major, .minor = minor, .ioctl_last = ~0U,
	};
}

#define NODE	DIR "/node"

static int act_mknod(long number)
{
	if (mknod(NODE, S_IFCHR | 0600, number))
		return errno;
	unlink(NODE);
	return 0;
}

TEST_F(rules, devices_by_the_nearest_number)
{
	ASSERT_EQ(0, SET(self->fd, 0, rule("/dev", READ | SBPF_ACCESS_WRITE, 0)));
	ASSERT_EQ(0, enter(&self->member, self->fd));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_open, PATH("/dev/null")));
	EXPECT_EQ(1, events_total());
	/* The other accesses do not give it. */
	ASSERT_EQ(0, ADD_DEVS(self->fd, dev(1, 3, SBPF_DEV_WRITE | SBPF_DEV_MKNOD |
					    SBPF_DEV_IOCTL, 0)));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_open, PATH("/dev/null")));
	EXPECT_EQ(0, actor_call(&self->member, act_open_write, PATH("/dev/null")));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_open_write, PATH("/dev/zero")));
	/* Of the major number, of any; the nearer one decides about what it names. */
	ASSERT_EQ(0, ADD_DEVS(self->fd, dev(1, SBPF_DEV_ANY, SBPF_DEV_READ, 0),
			      dev(1, 7, 0, SBPF_DEV_READ)));
	EXPECT_EQ(0, actor_call(&self->member, act_open, PATH("/dev/null")));
	EXPECT_EQ(0, actor_call(&self->member, act_open, PATH("/dev/zero")));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_open, PATH("/dev/full")));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_open_write, PATH("/dev/zero")));
	ASSERT_EQ(0, ADD_DEVS(self->fd, dev(SBPF_DEV_ANY, SBPF_DEV_ANY, 0, SBPF_DEV_READ)));
	EXPECT_EQ(0, actor_call(&self->member, act_open, PATH("/dev/zero")));
	ASSERT_EQ(0, ADD_DEVS(self->fd, dev(1, 5, 0, SBPF_DEV_READ)));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_open, PATH("/dev/zero")));
	EXPECT_EQ(0, actor_call(&self->member, act_open, PATH("/dev/null")));
	/* A node elsewhere is the same device; a device is a file, too. */
	ASSERT_EQ(0, SET(self->fd, 0, rule("/dev", READ, 0)));
	ASSERT_EQ(0, ADD_DEVS(self->fd, dev(1, 3, SBPF_DEV_READ | SBPF_DEV_WRITE, 0)));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_open_write, PATH("/dev/null")));
	EXPECT_EQ(0, actor_call(&self->member, act_open, PATH("/dev/null")));
}

TEST_F(rules, devices_created)
{
	ASSERT_EQ(0, SET(self->fd, 0, rule(DIR, SBPF_ACCESS_CREATE_DEVICE |
					   SBPF_ACCESS_REMOVE, 0)));
	ASSERT_EQ(0, add_rights(self->fd, 0, CAP(CAP_MKNOD)));
	EXPECT_EQ(0, actor_call(&self->member, act_mknod, makedev(1, 3)));
	ASSERT_EQ(0, enter(&self->member, self->fd));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_mknod, makedev(1, 3)));
	EXPECT_EQ(1, events_total());
	EXPECT_EQ(SBPF_OP_PATH_MKNOD, event(SBPF_EVENT_DENIED, 0)->op);
	EXPECT_EQ(-EACCES, event(SBPF_EVENT_DENIED, 0)->error);
	ASSERT_EQ(0, ADD_DEVS(self->fd, dev(1, 3, SBPF_DEV_MKNOD, 0),
			      dev(300, 70000, SBPF_DEV_MKNOD, 0)));
	EXPECT_EQ(0, actor_call(&self->member, act_mknod, makedev(1, 3)));
	EXPECT_EQ(0, actor_call(&self->member, act_mknod, makedev(300, 70000)));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_mknod, makedev(1, 5)));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_mknod, makedev(300, 70001)));
	EXPECT_EQ(3, events_total());
	/* And of the directory. */
	ASSERT_EQ(0, SET(self->fd, SBPF_RULES_ADD, rule(DIR, 0, SBPF_ACCESS_CREATE_DEVICE)));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_mknod, makedev(1, 3)));
	EXPECT_EQ(4, events_total());
}

/* FS_IOC_RESVSP, which is in no header: has a file take so much space. */
static int act_reserve(long length)
{
	const struct {
		int16_t type, whence;
		int64_t start, length;
		int32_t unused[6];
	} space = { .length = length };
	int fd = open(FREE, O_WRONLY | O_CLOEXEC), err;

	if (fd < 0)
		return ENOTRECOVERABLE;
	err = ioctl(fd, _IOW('X', 40, space), &space) ? errno : 0;
	close(fd);
	return err;
}

TEST_F(rules, ioctls_on_files)
{
	const struct sbpf_event *denied;
	struct stat before, after;

	ASSERT_EQ(0, SET(self->fd, 0, rule(FREE, ALL & ~SBPF_ACCESS_IOCTL, 0)));
	EXPECT_EQ(0, actor_call(&self->member, act_reserve, 4096));
	ASSERT_EQ(0, enter(&self->member, self->fd));
	ASSERT_EQ(0, stat(FREE, &before));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_reserve, 8 * 4096));
	ASSERT_EQ(0, stat(FREE, &after));
	EXPECT_EQ(before.st_blocks, after.st_blocks);
	EXPECT_EQ(1, events_total());
	denied = event(SBPF_EVENT_DENIED, 0);
	EXPECT_EQ(SBPF_OP_FILE_IOCTL, denied->op);
	EXPECT_EQ(-EACCES, denied->error);
	EXPECT_STREQ(FREE, denied->text);
	/* Alone, but for what the descriptor takes. */
	ASSERT_EQ(0, SET(self->fd, 0, rule(FREE, SBPF_ACCESS_WRITE | SBPF_ACCESS_IOCTL, 0)));
	EXPECT_EQ(0, actor_call(&self->member, act_reserve, 8 * 4096));
	ASSERT_EQ(0, stat(FREE, &after));
	EXPECT_LT(before.st_blocks, after.st_blocks);
	EXPECT_EQ(1, events_total());
}

/* A terminal, which the members have got from the test. */
static int terminal;

static int act_terminal(long cmd)
{
	/* For FIOASYNC: on. */
	char settings[64] = "x";

	return ioctl(terminal, cmd, settings) ? errno : 0;
}

TEST_F(rules, ioctls_by_number)
{
	int master;

	actor_stop(&self->member);
	ASSERT_EQ(0, openpty(&master, &terminal, NULL, NULL, NULL));
	ASSERT_EQ(0, actor_start(&self->member));
	ASSERT_EQ(0, add_rights(self->fd, 0, CAPS_ALL));
	EXPECT_EQ(0, actor_call(&self->member, act_terminal, TCGETS));
	EXPECT_EQ(0, actor_call(&self->member, act_terminal, TIOCSTI));
	ASSERT_EQ(0, enter(&self->member, self->fd));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_terminal, TCGETS));
	ASSERT_EQ(0, ADD_DEVS(self->fd, {
		.allow = SBPF_DEV_IOCTL, .type = S_IFCHR, .major = 136,
		.minor = SBPF_DEV_ANY, .ioctl_first = TCGETS, .ioctl_last = TCGETS,
	}));
	events_reset();
	EXPECT_EQ(0, actor_call(&self->member, act_terminal, TCGETS));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_terminal, TIOCSTI));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_terminal, TCGETS + 1));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_terminal, TCGETS - 1));
	EXPECT_EQ(3, events_total());
	EXPECT_EQ(SBPF_OP_FILE_IOCTL, event(SBPF_EVENT_DENIED, 0)->op);
	EXPECT_EQ(TIOCSTI, event(SBPF_EVENT_DENIED, 0)->number);
	/* All but one. */
	ASSERT_EQ(0, ADD_DEVS(self->fd, dev(136, SBPF_DEV_ANY, SBPF_DEV_IOCTL, 0), {
		.deny = SBPF_DEV_IOCTL, .type = S_IFCHR, .major = 136,
		.minor = SBPF_DEV_ANY, .ioctl_first = TIOCSTI, .ioctl_last = TIOCSTI,
	}));
	EXPECT_EQ(0, actor_call(&self->member, act_terminal, TIOCOUTQ));
	EXPECT_EQ(EACCES, actor_call(&self->member, act_terminal, TIOCSTI));
	close(master);
	close(terminal);
}

static int act_async(long flags)
{
	return fcntl(terminal, F_SETFL, flags) ? errno : 0;
}

static int act_which_signal(long signal)
{
	return fcntl(terminal, F_SETSIG, signal) ? errno : 0;
}

static int act_async_pipe(long unused)
{
	int pipes[2], err;

	if (pipe2(pipes, O_CLOEXEC))
		return errno;
	err = fcntl(pipes[0], F_SETFL, O_ASYNC) || fcntl(pipes[0], F_SETSIG, SIGUSR1) ? errno : 0;
	close(pipes[0]);
	close(pipes[1]);
	return err;
}

/* Which has SIGIO, or what is set instead, sent to its foreground group. */
TEST_F(rules, signals_by_terminals)
{
	int master;

	actor_stop(&self->member);
	ASSERT_EQ(0, openpty(&master, &terminal, NULL, NULL, NULL));
	ASSERT_EQ(0, actor_start(&self->member));
	ASSERT_EQ(0, ADD_DEVS(self->fd, dev(136, SBPF_DEV_ANY, SBPF_DEV_IOCTL, 0)));
	EXPECT_EQ(0, actor_call(&self->member, act_async, O_RDWR | O_ASYNC));
	EXPECT_EQ(0, actor_call(&self->member, act_async, O_RDWR));
	EXPECT_EQ(0, actor_call(&self->member, act_terminal, FIOASYNC));
	EXPECT_EQ(0, actor_call(&self->member, act_which_signal, SIGKILL));
	EXPECT_EQ(0, actor_call(&self->member, act_which_signal, 0));
	EXPECT_EQ(0, actor_call(&self->member, act_async, O_RDWR));
	ASSERT_EQ(0, enter(&self->member, self->fd));
	events_reset();
	EXPECT_EQ(EPERM, actor_call(&self->member, act_async, O_RDWR | O_ASYNC));
	EXPECT_EQ(EPERM, actor_call(&self->member, act_terminal, FIOASYNC));
	EXPECT_EQ(2, events_total());
	EXPECT_EQ(SBPF_OP_FILE_FCNTL, event(SBPF_EVENT_DENIED, 0)->op);
	EXPECT_EQ(SBPF_OP_FILE_IOCTL, event(SBPF_EVENT_DENIED, 1)->op);
	EXPECT_FALSE(fcntl(terminal, F_GETFL) & O_ASYNC);
	/* Neither is which one changed where somebody else wants it. */
	EXPECT_EQ(0, actor_call(&self->member, act_which_signal, 0));
	ASSERT_EQ(0, act_async(O_RDWR | O_ASYNC));
	EXPECT_EQ(EPERM, actor_call(&self->member, act_which_signal, SIGKILL));
	ASSERT_EQ(0, act_async(O_RDWR));
	/* Of what is its own it may be told. */
	EXPECT_EQ(0, actor_call(&self->member, act_async_pipe, 0));
	EXPECT_EQ(0, actor_call(&self->member, act_async, O_RDWR | O_NONBLOCK));
	ASSERT_EQ(0, add_rights(self->fd, 1ULL << SBPF_RIGHT_SIGNAL, 0));
	EXPECT_EQ(0, actor_call(&self->member, act_async, O_RDWR | O_ASYNC));
	EXPECT_EQ(0, actor_call(&self->member, act_async, O_RDWR));
	EXPECT_EQ(0, actor_call(&self->member, act_terminal, FIOASYNC));
	close(master);
	close(terminal);
}

TEST_F(rules, mistakes_in_rules_about_devices)
{
	struct sbpf_dev_rule good = dev(1, 3, SBPF_DEV_READ, 0), bad;
	struct sbpf_set_rules set = { .size = sizeof(set), .devs = 16, .devs_count = 1 };

	ASSERT_EQ(0, SET(self->fd, 0, rule("/dev", READ, 0)));
	ASSERT_EQ(0, ADD_DEVS(self->fd, good));
	ASSERT_EQ(0, enter(&self->member, self->fd));
#define BAD(field, value)						\
	bad = good;							\
	bad.field = value;						\
	EXPECT_EQ(EINVAL, ADD_DEVS(self->fd, bad)) TH_LOG(#field)
	BAD(type, 0);
	BAD(type, S_IFCHR | 1);
	BAD(type, S_IFREG);
	BAD(allow, SBPF_DEV_MAX);
	BAD(deny, 1U << 31);
	BAD(major, SBPF_DEV_ANY);
	BAD(major, 1 << 12);
	BAD(minor, 1 << 20);
	BAD(ioctl_last, 0; bad.ioctl_first = 1);
	BAD(reserved, 1);
	EXPECT_EQ(EFAULT, sbpf_ioctl(self->fd, SBPF_IOC_SET_RULES, &set));
	set.devs_count = SBPF_RULES_MAX + 1;
	EXPECT_EQ(E2BIG, sbpf_ioctl(self->fd, SBPF_IOC_SET_RULES, &set));
	EXPECT_EQ(0, actor_call(&self->member, act_open, PATH("/dev/null")));
}

/* Set-user-ID files by other ways than chmod */

#define MADE	DIR "/made"

static int right_create_setid(long unused)
{
	int fd = open(MADE "/setid", O_WRONLY | O_CREAT | O_EXCL, 04755);

	if (fd < 0)
		return errno;
	close(fd);
	unlink(MADE "/setid");
	return 0;
}

static int right_mknod_setid(long unused)
{
	if (mknod(MADE "/setid", S_IFREG | 02755, 0))
		return errno;
	unlink(MADE "/setid");
	return 0;
}

static int right_tmpfile_setid(long unused)
{
	int fd = open(MADE, O_WRONLY | O_TMPFILE, 04755);

	return fd < 0 ? errno : close(fd);
}

static int act_tmpfile(long unused)
{
	int fd = open(MADE, O_WRONLY | O_TMPFILE, 0755);

	return fd < 0 ? errno : close(fd);
}

TEST_F(rules, set_user_ID_from_the_beginning)
{
	act_fn acts[] = { right_create_setid, right_mknod_setid, right_tmpfile_setid };
	int i;

	ASSERT_EQ(0, system("mkdir -p " MADE));
	ASSERT_EQ(0, SET(self->fd, 0, rule(DIR, ALL, 0)));
	for (i = 0; i < COUNT(acts); i++)
		EXPECT_EQ(0, actor_call(&self->member, acts[i], 0));
	ASSERT_EQ(0, enter(&self->member, self->fd));
	for (i = 0; i < COUNT(acts); i++) {
		int err = actor_call(&self->member, acts[i], 0);

		EXPECT_EQ(EPERM, err) TH_LOG("act %d", i);
	}
	EXPECT_EQ(COUNT(acts), events_total());
	EXPECT_EQ(0, actor_call(&self->member, act_tmpfile, 0));
	EXPECT_EQ(0, actor_call(&self->member, act_create, PATH(MADE "/setid")));
	EXPECT_EQ(0, actor_call(&self->member, act_unlink, PATH(MADE "/setid")));
	ASSERT_EQ(0, add_rights(self->fd, 1ULL << SBPF_RIGHT_SETID, 0));
	for (i = 0; i < COUNT(acts); i++)
		EXPECT_EQ(0, actor_call(&self->member, acts[i], 0));
}

/* Rights: an act for each, that fails without and works with it. */

static int canary = 42;
static char proc_stat[32];
static int segment, queue, semaphore, key;
static char cgroup[64];

static struct sockaddr_un abstract = { .sun_family = AF_UNIX, .sun_path = "\0sbpf-rights" };
#define ABSTRACT_LEN (offsetof(struct sockaddr_un, sun_path) + sizeof("\0sbpf-rights") - 1)
static struct sockaddr_un receiver = { .sun_family = AF_UNIX, .sun_path = "\0sbpf-receiver" };
#define RECEIVER_LEN (offsetof(struct sockaddr_un, sun_path) + sizeof("\0sbpf-receiver") - 1)

#define RIGHTS_QUEUE	"/sbpf-rights"

static int right_wx(long unused)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? errno : 0;
}

static int right_wx_later(long unused)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return mprotect(page, 4096, PROT_READ | PROT_WRITE | PROT_EXEC) ? errno : 0;
}

static int right_wx_by_proc(long unused)
{
	return act_open_write(PATH("/proc/self/mem"));
}

static int right_anon_exec(long unused)
{
	int fd = memfd_create("x", 0);

	if (fd < 0 || ftruncate(fd, 4096))
		return ENOTRECOVERABLE;
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) == MAP_FAILED ?
	       errno : 0;
}

/* What is no program gets as far as that. */
static int right_anon_program(long unused)
{
	char *none[] = { NULL };
	int fd = memfd_create("x", 0);

	if (fd < 0 || write(fd, "text", 4) != 4)
		return ENOTRECOVERABLE;
	return fexecve(fd, none, none) ? errno : 0;
}

/* In a namespace of its own, since that of others needs another right. */
static int right_shm_exec(long unused)
{
	int id = unshare(CLONE_NEWIPC) ? -1 : shmget(IPC_PRIVATE, 4096, 0700);

	if (id < 0)
		return ENOTRECOVERABLE;
	return shmat(id, NULL, SHM_EXEC | SHM_RDONLY) == (void *)-1 ? errno : 0;
}

static int right_trace(long unused)
{
	int got = 0;
	struct iovec here = { &got, sizeof(got) }, there = { &canary, sizeof(canary) };

	if (process_vm_readv(getppid(), &here, 1, &there, 1, 0) < 0)
		return errno;
	return got == canary ? 0 : ENOTRECOVERABLE;
}

static int right_traceme(long unused)
{
	return ptrace(PTRACE_TRACEME, 0, 0, 0) ? errno : 0;
}

static int right_signal(long unused)
{
	return kill(getppid(), 0) ? errno : 0;
}

static int right_own(long unused)
{
	return act_own(getppid());
}

static int right_own_ioctl(long unused)
{
	return act_own_ioctl(getppid());
}

static int right_sched(long unused)
{
	return setpriority(PRIO_PROCESS, getppid(), 0) ? errno : 0;
}

static int right_scheduler(long unused)
{
	const struct sched_param none = {};

	return sched_setscheduler(getppid(), SCHED_OTHER, &none) ? errno : 0;
}

/* IOPRIO_WHO_PROCESS */
static int right_ioprio(long unused)
{
	return syscall(SYS_ioprio_set, 1, getppid(), 0) ? errno : 0;
}

/* To what it is. */
static int right_rlimit(long unused)
{
	struct rlimit core;

	getrlimit(RLIMIT_CORE, &core);
	return prlimit(getppid(), RLIMIT_CORE, &core, NULL) ? errno : 0;
}

static int right_proc(long unused)
{
	return act_open(PATH(proc_stat));
}

static int right_ipc(long unused)
{
	return shmat(segment, NULL, SHM_RDONLY) == (void *)-1 ? errno : 0;
}

static int right_queue(long unused)
{
	mqd_t mq = mq_open(RIGHTS_QUEUE, O_RDWR);

	return mq == (mqd_t)-1 ? errno : mq_close(mq);
}

static int right_queue_made(long unused)
{
	mqd_t mq = mq_open(RIGHTS_QUEUE "-new", O_RDWR | O_CREAT, 0600, NULL);

	return mq == (mqd_t)-1 ? errno : mq_unlink(RIGHTS_QUEUE "-new") ? errno : 0;
}

/* And it is there again. */
static int right_queue_removed(long unused)
{
	if (mq_unlink(RIGHTS_QUEUE))
		return errno;
	return mq_open(RIGHTS_QUEUE, O_RDWR | O_CREAT, 0600, NULL) == (mqd_t)-1 ? errno : 0;
}

static int right_datagram(long unused)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	if (fd < 0)
		return ENOTRECOVERABLE;
	return sendto(fd, "x", 1, MSG_DONTWAIT, (void *)&receiver, RECEIVER_LEN) < 0 ? errno : 0;
}

static int right_unix(long unused)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (fd < 0)
		return ENOTRECOVERABLE;
	return connect(fd, (void *)&abstract, ABSTRACT_LEN) ? errno : 0;
}

static int right_userns(long unused)
{
	return unshare(CLONE_NEWUSER) ? errno : 0;
}

static int right_mount(long unused)
{
	return mount("none", IN, "tmpfs", 0, NULL) ? errno : 0;
}

static int right_move_mount(long unused)
{
	int context = syscall(SYS_fsopen, "tmpfs", 0), fd;

	if (context < 0 || syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		return ENOTRECOVERABLE;
	fd = syscall(SYS_fsmount, context, 0, 0);
	if (fd < 0)
		return ENOTRECOVERABLE;
	return syscall(SYS_move_mount, fd, "", AT_FDCWD, IN, MOVE_MOUNT_F_EMPTY_PATH) ? errno : 0;
}

/* In a namespace of its own, which needs a capability alone. */
static int right_pivot_root(long unused)
{
	if (unshare(CLONE_NEWNS))
		return ENOTRECOVERABLE;
	return syscall(SYS_pivot_root, DIR "/mounted", DIR "/mounted") ? errno : 0;
}

static int right_umount(long unused)
{
	return umount2(DIR "/mounted", MNT_DETACH) ? errno : 0;
}

static int right_chroot(long unused)
{
	return chroot(DIR) ? errno : 0;
}

static int right_setid(long unused)
{
	int err = chmod(FREE, 04755) ? errno : 0;

	return err ?: chmod(FREE, 0666) ? errno : 0;
}

static int right_cgroup(long unused)
{
	return act_clone_into(PATH(cgroup));
}

static int right_cgroup_moved(long unused)
{
	return act_join_group(PATH(cgroup));
}

static int right_key(long unused)
{
	char c;

	return syscall(SYS_keyctl, KEYCTL_DESCRIBE, key, &c, 1, 0) < 0 ? errno : 0;
}

static int right_keys(long unused)
{
	return syscall(SYS_add_key, "user", "sbpf", "x", 1, KEY_SPEC_PROCESS_KEYRING) < 0 ?
	       errno : 0;
}

static int right_bpf(long unused)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4,
		.max_entries = 1,
	};

	return syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr)) < 0 ? errno : 0;
}

static int right_perf(long unused)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE, .size = sizeof(attr),
		.config = PERF_COUNT_SW_TASK_CLOCK,
	};

	return syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0) < 0 ? errno : 0;
}

/* What is no module gets as far as that. */
static int right_modules(long unused)
{
	static const char module[4096];

	return syscall(SYS_init_module, module, sizeof(module), "") ? errno : 0;
}

static int right_io_uring(long unused)
{
	struct io_uring_params params = {};

	return syscall(SYS_io_uring_setup, 1, &params) < 0 ? errno : 0;
}

static int right_userfaultfd(long unused)
{
	return syscall(SYS_userfaultfd, O_CLOEXEC) < 0 ? errno : 0;
}

/* SYSLOG_ACTION_SIZE_BUFFER */
static int right_syslog(long unused)
{
	return klogctl(10, NULL, 0) < 0 ? errno : 0;
}

static int right_time(long unused)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return clock_settime(CLOCK_REALTIME, &now) ? errno : 0;
}

static int right_lock(long unused)
{
	return act_flock(PATH(FORBIDDEN));
}

static int right_read_lock(long unused)
{
	return act_flock_shared(PATH(FORBIDDEN));
}

/* The kernel takes a lease for reading for a shared lock as well. */
static int right_lease(long unused)
{
	int fd = open(FORBIDDEN, O_RDONLY | O_CLOEXEC), err;

	if (fd < 0)
		return ENOTRECOVERABLE;
	err = fcntl(fd, F_SETLEASE, F_WRLCK) ? errno : 0;
	close(fd);
	return err;
}

static int right_abstract(long unused)
{
	const struct sockaddr_un name = { AF_UNIX, "\0sbpf-taken" };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	return bind(fd, (void *)&name, sizeof(name)) ? errno : 0;
}

static const struct right {
	const char *key;
	const char *name;
	enum sbpf_right right;
	act_fn act;
	enum sbpf_op op;
	int without;
	int with;
	bool several;		/* objects are asked about, one at least */
} rights[] = {
#define RIGHT(NAME, act_name, op_name, error, others...) {			\
	.key = #NAME, .name = #act_name, .right = SBPF_RIGHT_##NAME, .act = right_##act_name,	\
	.op = SBPF_OP_##op_name, .without = error, ##others			\
}
	RIGHT(WX, wx, MMAP_FILE, EACCES),
	RIGHT(WX, wx_later, FILE_MPROTECT, EACCES),
	RIGHT(WX, wx_by_proc, FILE_OPEN, EACCES),
	RIGHT(ANON_EXEC, anon_exec, MMAP_FILE, EACCES),
	RIGHT(ANON_EXEC, anon_program, FILE_OPEN, EACCES, .with = ENOEXEC),
	RIGHT(ANON_EXEC, shm_exec, MMAP_FILE, EACCES),
	RIGHT(TRACE, trace, PTRACE_ACCESS_CHECK, EPERM),
	RIGHT(TRACE, traceme, PTRACE_TRACEME, EPERM),
	RIGHT(SIGNAL, signal, TASK_KILL, EPERM),
	RIGHT(SIGNAL, own, FILE_FCNTL, EPERM),
	RIGHT(SIGNAL, own_ioctl, FILE_IOCTL, EPERM),
	RIGHT(SCHED, sched, TASK_SETNICE, EPERM),
	RIGHT(SCHED, scheduler, TASK_SETSCHEDULER, EPERM),
	RIGHT(SCHED, ioprio, TASK_SETIOPRIO, EPERM),
	RIGHT(SCHED, rlimit, TASK_SETRLIMIT, EPERM),
	RIGHT(PROC, proc, FILE_OPEN, ENOENT),
	RIGHT(IPC, ipc, IPC_PERMISSION, EACCES),
	RIGHT(IPC, queue, FILE_OPEN, EACCES),
	RIGHT(IPC, queue_made, PATH_MKNOD, EACCES),
	RIGHT(IPC, queue_removed, PATH_UNLINK, EACCES),
	RIGHT(UNIX, unix, UNIX_STREAM_CONNECT, EACCES),
	RIGHT(UNIX, datagram, UNIX_MAY_SEND, EACCES),
	RIGHT(USERNS, userns, USERNS_CREATE, EPERM),
	RIGHT(MOUNT, mount, SB_MOUNT, EPERM),
	RIGHT(MOUNT, move_mount, MOVE_MOUNT, EPERM),
	RIGHT(MOUNT, pivot_root, SB_PIVOTROOT, EPERM),
	RIGHT(MOUNT, umount, SB_UMOUNT, EPERM),
	RIGHT(MOUNT, chroot, PATH_CHROOT, EPERM),
	RIGHT(SETID, setid, PATH_CHMOD, EPERM),
	RIGHT(SETID, create_setid, PATH_MKNOD, EPERM),
	RIGHT(SETID, mknod_setid, PATH_MKNOD, EPERM),
	RIGHT(SETID, tmpfile_setid, FILE_OPEN, EPERM),
	RIGHT(CGROUP, cgroup, TASK_ALLOC, EPERM),
	RIGHT(CGROUP, cgroup_moved, FILE_OPEN, EPERM),
	RIGHT(KEYS, keys, KEY_ALLOC, EPERM),
	RIGHT(KEYS, key, KEY_PERMISSION, EPERM, .several = true),
	RIGHT(BPF, bpf, BPF, EPERM),
	RIGHT(PERF, perf, PERF_EVENT_OPEN, EPERM),
	RIGHT(MODULES, modules, KERNEL_READ_FILE, EPERM, .with = ENOEXEC),
	RIGHT(IO_URING, io_uring, INODE_INIT_SECURITY_ANON, EPERM),
	RIGHT(USERFAULTFD, userfaultfd, INODE_INIT_SECURITY_ANON, EPERM),
	RIGHT(SYSLOG, syslog, SYSLOG, EPERM),
	RIGHT(TIME, time, SETTIME, EPERM),
	RIGHT(LOCK, lock, FILE_LOCK, EACCES),
	RIGHT(LOCK, lease, FILE_FCNTL, EACCES),
	RIGHT(READ_LOCK, read_lock, FILE_LOCK, EACCES),
	RIGHT(ABSTRACT, abstract, SOCKET_BIND, EACCES),
};

/* What they act on; until the test ends. */
static bool rights_prepare(void)
{
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int bound = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	sprintf(proc_stat, "/proc/%d/stat", getpid());
	sprintf(cgroup, "/sys/fs/cgroup/sbpf-%d", getpid());
	segment = shmget(IPC_PRIVATE, 4096, 0600);
	key = syscall(SYS_add_key, "user", "sbpf-rights", "x", 1, KEY_SPEC_PROCESS_KEYRING);
	return segment >= 0 && key >= 0 && !bind(listener, (void *)&abstract, ABSTRACT_LEN) &&
	       !listen(listener, 64) && !bind(bound, (void *)&receiver, RECEIVER_LEN) &&
	       mq_open(RIGHTS_QUEUE, O_RDWR | O_CREAT, 0600, NULL) != (mqd_t)-1 &&
	       !mkdir(cgroup, 0755) && !system("mkdir -p " IN " " DIR "/mounted " MADE);
}

static void rights_end(void)
{
	shmctl(segment, IPC_RMID, NULL);
	mq_unlink(RIGHTS_QUEUE);
	rmdir(cgroup);
}

/* What the acts need beside their rights: the same as in a profile, see PROFILE. */
static int rights_rules(int sandbox)
{
	return SET(sandbox, 0, rule("/", READ, 0), rule(FREE, ALL, 0), rule(MADE, ALL, 0),
		   rule("/proc", ALL, 0), rule("/sys/fs/cgroup", ALL, 0));
}

static int run_right(int sandbox, const struct right *right)
{
	int err;

	if (mount("none", DIR "/mounted", "tmpfs", 0, NULL))
		return ENOTRECOVERABLE;
	err = run(sandbox, right->act, 0);
	umount2(IN, MNT_DETACH);
	umount2(DIR "/mounted", MNT_DETACH);
	return err;
}

TEST_F_TIMEOUT(rules, each_right, 240)
{
	uint64_t seen = 0, one;
	int i, err, total;

	ASSERT_TRUE(rights_prepare());
	for (i = 0; i < COUNT(rights); i++) {
		err = run_right(-1, &rights[i]);
		EXPECT_EQ(rights[i].with, err) TH_LOG("outside: %s", rights[i].name);
	}
	for (i = 0; i < COUNT(rights); i++) {
		one = 1ULL << rights[i].right;
		seen |= one;
		/* All others are not enough, it alone is. */
		ASSERT_EQ(0, rights_rules(self->fd));
		ASSERT_EQ(0, add_rights(self->fd, RIGHTS_ALL & ~one, CAPS_ALL));
		events_reset();
		err = run_right(self->fd, &rights[i]);
		EXPECT_EQ(rights[i].without, err) TH_LOG("without: %s", rights[i].name);
		total = events_total();
		EXPECT_TRUE(total == 1 || (total && rights[i].several))
			TH_LOG("without: %s: %d events", rights[i].name, total);
		EXPECT_EQ(rights[i].op, event(SBPF_EVENT_DENIED, 0)->op)
			TH_LOG("without: %s", rights[i].name);
		ASSERT_EQ(0, rights_rules(self->fd));
		ASSERT_EQ(0, add_rights(self->fd, one, CAPS_ALL));
		err = run_right(self->fd, &rights[i]);
		EXPECT_EQ(rights[i].with, err) TH_LOG("with: %s", rights[i].name);
		EXPECT_EQ(total, events_total()) TH_LOG("with: %s", rights[i].name);
	}
	EXPECT_EQ(RIGHTS_ALL, seen);
	rights_end();
}

#define PROFILE	DIR "/right.conf"

/* A sandbox by a profile with one more line: a descriptor, and what ends it in @command. */
static int profile_start(const char *line, FILE **command)
{
	uint64_t ids[64], before = 0;
	char text[256];
	int fd, i, n;

	n = sandbox_list(ids, COUNT(ids));
	for (i = 0; i < n; i++)
		if (ids[i] > before)
			before = ids[i];
	snprintf(text, sizeof(text), "[files]\nro = /\nrw = " FREE " " MADE
		 " /proc /sys/fs/cgroup\n[process]\n%s\n", line);
	if (write_file(PROFILE, text))
		return -1;
	*command = popen("exec sbpf run --profile " PROFILE " -- cat", "w");
	/* The newest, as soon as it has a member: then it has its rules. */
	while (*command) {
		n = sandbox_list(ids, COUNT(ids));
		for (i = 0; i < n; i++) {
			if (ids[i] <= before)
				continue;
			fd = sandbox_open(ids[i]);
			if (fd >= 0 && sandbox_pids(fd))
				return add_rights(fd, 0, CAPS_ALL) ? -1 : fd;
			close(fd);
		}
		sched_yield();
	}
	return -1;
}

TEST_F_TIMEOUT(rules, each_right_by_a_line_of_a_profile, 480)
{
	FILE *command = NULL;
	int fd, i, err;
	char line[64];
	char *c;

	ASSERT_TRUE(rights_prepare());
	fd = profile_start("", &command);
	ASSERT_LE(0, fd);
	for (i = 0; i < COUNT(rights); i++) {
		err = run_right(fd, &rights[i]);
		EXPECT_EQ(rights[i].without, err) TH_LOG("without: %s", rights[i].name);
	}
	close(fd);
	EXPECT_EQ(0, pclose(command));
	for (i = 0; i < COUNT(rights); i++) {
		snprintf(line, sizeof(line), "allow = %s", rights[i].key);
		for (c = line; *c; c++)
			*c = *c == '_' ? '-' : *c | ' ';
		fd = profile_start(line, &command);
		ASSERT_LE(0, fd);
		err = run_right(fd, &rights[i]);
		EXPECT_EQ(rights[i].with, err) TH_LOG("%s: %s", line, rights[i].name);
		close(fd);
		EXPECT_EQ(0, pclose(command));
	}
	unlink(PROFILE);
	rights_end();
}

/* The kernel looks for the module 8021q, unless it is there. */
static int act_wants_module(long unused)
{
	struct vlan_ioctl_args args = { .cmd = GET_VLAN_REALDEV_NAME_CMD, .device1 = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), err;

	err = ioctl(fd, SIOCGIFVLAN, &args) ? errno : 0;
	close(fd);
	return err;
}

TEST_F(rules, modules_that_the_kernel_loads_by_itself)
{
	const struct sbpf_event *denied;
	int err = run(-1, act_wants_module, 0);

	if (err == ENOPKG)
		SKIP(return, "this kernel has no module 8021q");
	/* It is no interface of that kind, which only the module can tell. */
	EXPECT_EQ(EINVAL, err);
	ASSERT_EQ(0, syscall(SYS_delete_module, "8021q", O_NONBLOCK));
	ASSERT_EQ(0, SET(self->fd, 0, rule("/", READ, 0)));
	ASSERT_EQ(0, enter(&self->member, self->fd));
	events_reset();
	EXPECT_EQ(ENOPKG, actor_call(&self->member, act_wants_module, 0));
	EXPECT_EQ(1, events_total());
	denied = event(SBPF_EVENT_DENIED, 0);
	EXPECT_EQ(SBPF_OP_KERNEL_READ_FILE, denied->op);
	EXPECT_EQ(-EPERM, denied->error);
	EXPECT_STREQ("8021q", denied->text);
	ASSERT_EQ(0, add_rights(self->fd, 1ULL << SBPF_RIGHT_MODULES, 0));
	EXPECT_EQ(EINVAL, actor_call(&self->member, act_wants_module, 0));
	EXPECT_EQ(1, events_total());
	EXPECT_EQ(0, syscall(SYS_delete_module, "8021q", O_NONBLOCK));
}

/* Not in DIR, which nobody else sees. */
#define CORE		"/var/tmp/sbpf-core"
#define TO_PROGRAM	"|/usr/bin/tee " CORE
#define CORE_PATTERN	"/proc/sys/kernel/core_pattern"
#define CORE_PIPE_LIMIT	"/proc/sys/kernel/core_pipe_limit"

/* A crash: is there a core of it? */
static int act_crash(long unused)
{
	int status;
	pid_t pid = fork();

	if (!pid)
		abort();
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFSIGNALED(status))
		return ENOTRECOVERABLE;
	return WCOREDUMP(status) ? 0 : ENODATA;
}

/* By root, outside, with whatever the member has in its memory. */
TEST_F(rules, core_dumps_by_programs)
{
	const struct sbpf_event *denied;
	char pattern[128];

	ASSERT_EQ(0, SET(self->fd, 0, rule("/", READ, 0)));
	ASSERT_EQ(0, read_file(CORE_PATTERN, pattern, sizeof(pattern)));
	ASSERT_EQ(0, write_file(CORE_PATTERN, TO_PROGRAM));
	/* The kernel waits for its end. */
	ASSERT_EQ(0, write_file(CORE_PIPE_LIMIT, "1"));
	EXPECT_EQ(0, run(-1, act_crash, 0));
	EXPECT_EQ(0, unlink(CORE));
	events_reset();
	EXPECT_EQ(ENODATA, run(self->fd, act_crash, 0));
	EXPECT_NE(0, access(CORE, F_OK));
	EXPECT_EQ(1, events_total());
	denied = event(SBPF_EVENT_DENIED, 0);
	EXPECT_EQ(SBPF_OP_KERNEL_READ_FILE, denied->op);
	EXPECT_EQ(-EPERM, denied->error);
	EXPECT_STREQ(TO_PROGRAM, denied->text);
	ASSERT_EQ(0, add_rights(self->fd, 1ULL << SBPF_RIGHT_MODULES, 0));
	EXPECT_EQ(0, run(self->fd, act_crash, 0));
	EXPECT_EQ(0, unlink(CORE));
	/* Of a core that goes nowhere there is nothing to ask. */
	ASSERT_EQ(0, SET(self->fd, 0, rule("/", READ, 0)));
	EXPECT_EQ(0, write_file(CORE_PATTERN, pattern));
	EXPECT_EQ(ENODATA, run(self->fd, act_crash, 0));
	EXPECT_EQ(1, events_total());
	EXPECT_EQ(0, write_file(CORE_PIPE_LIMIT, "0"));
}

static int act_namespace(long unused)
{
	return unshare(CLONE_NEWUTS) ? errno : 0;
}

static int act_chown(long unused)
{
	return chown(FREE, 1, 1) || chown(FREE, 0, 0) ? errno : 0;
}

static int act_hurry(long unused)
{
	return setpriority(PRIO_PROCESS, 0, -5) ? errno : 0;
}

static int act_raw_socket(long unused)
{
	return socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) < 0 ? errno : 0;
}

TEST_F_TIMEOUT(rules, capabilities_of_root, 120)
{
	static const struct {
		int capability, error;
		act_fn act;
	} uses[] = {
		{ CAP_SYS_ADMIN, EPERM, act_namespace },
		{ CAP_CHOWN, EPERM, act_chown },
		{ CAP_SYS_NICE, EACCES, act_hurry },
		{ CAP_NET_RAW, EPERM, act_raw_socket },
	};
	struct sbpf_set_rules set = { .size = sizeof(set), .rights = RIGHTS_ALL };
	int i, err;

	for (i = 0; i < COUNT(uses); i++) {
		struct sbpf_path_rule free = rule(FREE, ALL, 0);

		set.paths = (uintptr_t)&free;
		set.paths_count = 1;
		set.sockets = SBPF_SOCKET_RAW;
		EXPECT_EQ(0, run(-1, uses[i].act, 0));
		set.capabilities = CAPS_ALL & ~CAP(uses[i].capability);
		ASSERT_EQ(0, sbpf_ioctl(self->fd, SBPF_IOC_SET_RULES, &set));
		events_reset();
		err = run(self->fd, uses[i].act, 0);
		EXPECT_EQ(uses[i].error, err) TH_LOG("without %d", uses[i].capability);
		EXPECT_EQ(1, events_total());
		EXPECT_EQ(SBPF_OP_CAPABLE, event(SBPF_EVENT_DENIED, 0)->op);
		EXPECT_EQ(uses[i].capability, event(SBPF_EVENT_DENIED, 0)->number);
		set.capabilities = CAP(uses[i].capability);
		ASSERT_EQ(0, sbpf_ioctl(self->fd, SBPF_IOC_SET_RULES, &set));
		err = run(self->fd, uses[i].act, 0);
		EXPECT_EQ(0, err) TH_LOG("with %d", uses[i].capability);
		close(free.fd);
	}
}

/* IPC with others and among themselves */

#define QUEUE	"/sbpf-rules"

static int act_segment(long unused)
{
	return shmat(segment, NULL, 0) == (void *)-1 ? errno : 0;
}

static int act_message(long unused)
{
	struct { long type; char text[1]; } message = { 1, "x" };

	return msgsnd(queue, &message, 1, IPC_NOWAIT) ? errno : 0;
}

static int act_semaphore(long unused)
{
	struct sembuf up = { 0, 1, IPC_NOWAIT };

	return semop(semaphore, &up, 1) ? errno : 0;
}

static int act_queue(long unused)
{
	mqd_t mq = mq_open(QUEUE, O_RDWR);

	return mq == (mqd_t)-1 ? errno : mq_close(mq);
}

static int act_among_themselves(long unused)
{
	mqd_t mq;
	int err;

	segment = shmget(IPC_PRIVATE, 4096, 0600);
	queue = msgget(IPC_PRIVATE, 0600);
	semaphore = semget(IPC_PRIVATE, 1, 0600);
	if (segment < 0 || queue < 0 || semaphore < 0)
		return errno;
	err = act_segment(0) ?: act_message(0) ?: act_semaphore(0);
	if (err)
		return err;
	mq = mq_open(QUEUE, O_RDWR | O_CREAT, 0600, NULL);
	return mq == (mqd_t)-1 ? errno : mq_unlink(QUEUE) ? errno : 0;
}

static int act_leave_ipc(long unused)
{
	return unshare(CLONE_NEWIPC) ? errno : act_among_themselves(0);
}

static int act_remove_segment(long unused)
{
	return shmctl(segment, IPC_RMID, NULL) ? errno : 0;
}

static int act_remove_message_queue(long unused)
{
	return msgctl(queue, IPC_RMID, NULL) ? errno : 0;
}

static int act_remove_semaphore(long unused)
{
	return semctl(semaphore, 0, IPC_RMID) ? errno : 0;
}

static int act_remove_queue(long unused)
{
	return mq_unlink(QUEUE) ? errno : 0;
}

static int act_create_queue(long unused)
{
	mqd_t mq = mq_open(QUEUE "-new", O_RDWR | O_CREAT, 0600, NULL);

	return mq == (mqd_t)-1 ? errno : mq_unlink(QUEUE "-new") ? errno : 0;
}

static bool make_ipc(void)
{
	segment = shmget(IPC_PRIVATE, 4096, 0600);
	queue = msgget(IPC_PRIVATE, 0600);
	semaphore = semget(IPC_PRIVATE, 1, 0600);
	return segment >= 0 && queue >= 0 && semaphore >= 0 &&
	       mq_open(QUEUE, O_RDWR | O_CREAT, 0600, NULL) != (mqd_t)-1;
}

TEST_F(rules, ipc_objects_of_others_stay)
{
	act_fn acts[] = { act_remove_segment, act_remove_message_queue,
			  act_remove_semaphore, act_remove_queue, act_create_queue };
	int i, err;

	ASSERT_TRUE(make_ipc());
	for (i = 0; i < COUNT(acts); i++)
		EXPECT_EQ(0, run(-1, acts[i], 0)) TH_LOG("act %d", i);
	ASSERT_TRUE(make_ipc());
	for (i = 0; i < COUNT(acts); i++) {
		events_reset();
		err = run(self->fd, acts[i], 0);
		EXPECT_EQ(EACCES, err) TH_LOG("act %d", i);
		EXPECT_EQ(1, events_total()) TH_LOG("act %d", i);
	}
	EXPECT_EQ(-1, access("/dev/mqueue" QUEUE "-new", F_OK));
	ASSERT_EQ(0, add_rights(self->fd, 1ULL << SBPF_RIGHT_IPC, 0));
	for (i = 0; i < COUNT(acts); i++)
		EXPECT_EQ(0, run(self->fd, acts[i], 0)) TH_LOG("act %d", i);
}

static int act_inotify(long path)
{
	return inotify_add_watch(inotify_init1(IN_CLOEXEC), (const char *)path,
				 IN_ALL_EVENTS) < 0 ? errno : 0;
}

TEST_F(rules, watching_needs_the_right_to_read)
{
	const long paths[] = { (long)FILE_A, (long)TREE };
	const uint32_t access[] = { SBPF_ACCESS_READ_FILE, SBPF_ACCESS_READ_DIR };
	int i;

	for (i = 0; i < 2; i++) {
		EXPECT_EQ(0, run(-1, act_inotify, paths[i]));
		ASSERT_EQ(0, SET(self->fd, 0, rule((const char *)paths[i],
						   ~access[i] & ALL, 0)));
		events_reset();
		EXPECT_EQ(EACCES, run(self->fd, act_inotify, paths[i]));
		EXPECT_EQ(1, events_total());
		ASSERT_EQ(0, SET(self->fd, 0, rule((const char *)paths[i], access[i], 0)));
		EXPECT_EQ(0, run(self->fd, act_inotify, paths[i]));
	}
}

TEST_F(rules, ipc_with_others_and_among_themselves)
{
	act_fn acts[] = { act_segment, act_message, act_semaphore, act_queue };
	mqd_t mq = mq_open(QUEUE, O_RDWR | O_CREAT, 0600, NULL);
	int i, err;

	segment = shmget(IPC_PRIVATE, 4096, 0600);
	queue = msgget(IPC_PRIVATE, 0600);
	semaphore = semget(IPC_PRIVATE, 1, 0600);
	ASSERT_TRUE(mq != (mqd_t)-1 && segment >= 0 && queue >= 0 && semaphore >= 0);
	ASSERT_EQ(0, add_rights(self->fd, 0, CAP(CAP_SYS_ADMIN)));
	for (i = 0; i < COUNT(acts); i++)
		EXPECT_EQ(0, run(-1, acts[i], 0));
	for (i = 0; i < COUNT(acts); i++) {
		events_reset();
		err = run(self->fd, acts[i], 0);
		EXPECT_EQ(EACCES, err) TH_LOG("act %d", i);
		EXPECT_EQ(1, events_total()) TH_LOG("act %d", i);
	}
	EXPECT_EQ(EACCES, run(self->fd, act_among_themselves, 0));
	/* In a namespace that they do not share with whoever made the sandbox. */
	EXPECT_EQ(0, run(self->fd, act_leave_ipc, 0));
	ASSERT_EQ(0, add_rights(self->fd, 1ULL << SBPF_RIGHT_IPC, 0));
	for (i = 0; i < COUNT(acts); i++)
		EXPECT_EQ(0, run(self->fd, acts[i], 0));
	shmctl(segment, IPC_RMID, NULL);
	msgctl(queue, IPC_RMID, NULL);
	semctl(semaphore, 0, IPC_RMID);
	mq_unlink(QUEUE);
}

int main(int argc, char **argv)
{
	if (setup())
		return KSFT_FAIL;
	if (mkdir(TREE, 0755) || mkdir(INNER, 0755) || write_file(FILE_A, CONTENT) ||
	    write_file(FILE_B, CONTENT))
		ksft_exit_fail_msg("cannot set up\n");
	if (setup_rules())
		return KSFT_FAIL;
	return run_tests(argc, argv);
}
