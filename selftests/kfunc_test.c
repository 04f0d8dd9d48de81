// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf selftests - Kfuncs: what they give the policies that call them
 *
 * The policy kfunc (see bpf/kfunc.bpf.c) calls them all when its members open a
 * certain file or send a signal, and leaves here what it got.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "common.h"
#include "kfunc.skel.h"
#include "kselftest_harness.h"

static struct kfunc_bpf *kfunc;
/* Who loaded it: tests are other processes. */
static pid_t loader;

static int own_sandbox;

static int act_nest(long unused)
{
	own_sandbox = sandbox_create("kfunc", "inner", 0, 9);
	if (own_sandbox < 0)
		return -own_sandbox;
	return sandbox_enter(own_sandbox);
}

static int act_own_id(long unused)
{
	return sandbox_id(own_sandbox);
}

static int act_signal(long pid)
{
	return kill(pid, SIGURG) ? errno : 0;
}

FIXTURE(kfunc) {
	int fd;
	uint64_t id;
	struct actor a;
	struct actor b;
};

#define LIMIT 7

FIXTURE_SETUP(kfunc)
{
	memset(kfunc->bss, 0, sizeof(*kfunc->bss));
	kfunc->bss->watched_ino = forbidden_ino;
	ASSERT_EQ(0, actor_start(&self->a));
	ASSERT_EQ(0, actor_start(&self->b));
	self->fd = sandbox_create("kfunc", "outer", 0, LIMIT);
	ASSERT_LE(0, self->fd);
	self->id = sandbox_id(self->fd);
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	events_reset();
}

FIXTURE_TEARDOWN(kfunc)
{
	actor_stop(&self->a);
	actor_stop(&self->b);
}

TEST_F(kfunc, file_path)
{
	ASSERT_EQ(0, actor_call(&self->a, act_forbidden, 0));
	EXPECT_EQ(1, kfunc->bss->opens);
	EXPECT_STREQ(FORBIDDEN, kfunc->bss->path);
	/* With its NUL. */
	EXPECT_EQ(sizeof(FORBIDDEN), kfunc->bss->path_ret);

	/* Just enough, one too few, next to nothing, nothing. */
	kfunc->bss->path_size = sizeof(FORBIDDEN);
	ASSERT_EQ(0, actor_call(&self->a, act_forbidden, 0));
	EXPECT_EQ(sizeof(FORBIDDEN), kfunc->bss->path_sized_ret);
	EXPECT_STREQ(FORBIDDEN, kfunc->bss->path_sized);
	kfunc->bss->path_size = sizeof(FORBIDDEN) - 1;
	ASSERT_EQ(0, actor_call(&self->a, act_forbidden, 0));
	EXPECT_EQ(-ENAMETOOLONG, kfunc->bss->path_sized_ret);
	EXPECT_STREQ("", kfunc->bss->path_sized);
	kfunc->bss->path_size = 1;
	ASSERT_EQ(0, actor_call(&self->a, act_forbidden, 0));
	EXPECT_EQ(-ENAMETOOLONG, kfunc->bss->path_sized_ret);
	kfunc->bss->path_size = 0;
	ASSERT_EQ(0, actor_call(&self->a, act_forbidden, 0));
	EXPECT_EQ(-ENAMETOOLONG, kfunc->bss->path_sized_ret);
	EXPECT_EQ(5, kfunc->bss->opens);
}

TEST_F(kfunc, file_path_writes_nothing_beyond)
{
	memset(kfunc->bss->path_sized, 0x55, sizeof(kfunc->bss->path_sized));
	kfunc->bss->path_size = sizeof(FORBIDDEN);
	ASSERT_EQ(0, actor_call(&self->a, act_forbidden, 0));
	EXPECT_STREQ(FORBIDDEN, kfunc->bss->path_sized);
	EXPECT_EQ(0x55, kfunc->bss->path_sized[sizeof(FORBIDDEN)]);
	memset(kfunc->bss->path_sized, 0x55, sizeof(kfunc->bss->path_sized));
	kfunc->bss->path_size = 4;
	ASSERT_EQ(0, actor_call(&self->a, act_forbidden, 0));
	EXPECT_EQ(0x55, kfunc->bss->path_sized[4]);
}

static int act_link(long unused)
{
	return link(FORBIDDEN, DIR "/linked") || unlink(DIR "/linked") ? errno : 0;
}

TEST_F(kfunc, a_name_that_does_not_end_is_none)
{
	EXPECT_EQ(0, actor_call(&self->a, act_link, 0));
	EXPECT_EQ(-ENAMETOOLONG, kfunc->bss->endless_ret);
	EXPECT_EQ(-ENAMETOOLONG, kfunc->bss->endless_create);
}

static char marked[] = "unmarked text";

/* Of the member's own copy: 1 if it is as before, 2 if it was marked, 3 for all else. */
static int act_look(long unused)
{
	return !strcmp(marked, "unmarked text") ? 1 : !strcmp(marked, "markrked text") ? 2 : 3;
}

static int act_unmark(long unused)
{
	strcpy(marked, "unmarked text");
	return 0;
}

/* The last record of the ledger; all zero for none. */
static struct sbpf_write_record last_record(void)
{
	struct sbpf_write_record record = {}, next;
	int fd = open("/dev/sbpf_ledger", O_RDONLY | O_CLOEXEC);

	while (read(fd, &next, sizeof(next)) == sizeof(next))
		record = next;
	close(fd);
	return record;
}

TEST_F(kfunc, write_user)
{
	const char mode[] = "/sys/module/sbpf/parameters/bpf_write";
	struct sbpf_write_record record;
	struct bpf_prog_info info = {};
	const struct sbpf_event *seen;
	__u32 len = sizeof(info);
	char name[64];

	/* On record whatever the mode is, unless it denies. */
	kfunc->bss->write_addr = (uintptr_t)marked;
	ASSERT_EQ(0, write_file(mode, "deny"));
	ASSERT_EQ(0, actor_call(&self->a, act_forbidden, 0));
	EXPECT_EQ(-EPERM, kfunc->bss->write_ret);
	EXPECT_EQ(1, actor_call(&self->a, act_look, 0));
	ASSERT_EQ(1, events_count(SBPF_EVENT_WRITE));
	EXPECT_EQ(-EPERM, event(SBPF_EVENT_WRITE, 0)->error);
	/* Unlike any program, a policy writes into its own sandbox only. */
	ASSERT_EQ(0, write_file(mode, "confine"));
	events_reset();
	ASSERT_EQ(0, actor_call(&self->a, act_forbidden, 0));
	EXPECT_EQ(0, kfunc->bss->write_ret);
	EXPECT_EQ(2, actor_call(&self->a, act_look, 0));
	ASSERT_EQ(1, events_count(SBPF_EVENT_WRITE));
	EXPECT_EQ(0, event(SBPF_EVENT_WRITE, 0)->error);
	ASSERT_EQ(0, actor_call(&self->a, act_unmark, 0));
	ASSERT_EQ(0, write_file(mode, "off"));
	events_reset();
	ASSERT_EQ(0, actor_call(&self->a, act_forbidden, 0));
	EXPECT_EQ(0, kfunc->bss->write_ret);
	EXPECT_EQ(-E2BIG, kfunc->bss->write_long_ret);
	EXPECT_EQ(2, actor_call(&self->a, act_look, 0));
	ASSERT_EQ(1, events_count(SBPF_EVENT_WRITE));
	seen = event(SBPF_EVENT_WRITE, 0);
	EXPECT_EQ(0, seen->error);
	EXPECT_EQ(self->a.pid, seen->target_pid);
	EXPECT_EQ((uintptr_t)marked, seen->addr);
	EXPECT_EQ(4, seen->len);
	/* The program, by its tag and name; and who loaded it. */
	ASSERT_EQ(0, bpf_prog_get_info_by_fd(bpf_program__fd(kfunc->progs.file_open), &info, &len));
	snprintf(name, sizeof(name), "bpf_prog_%02x%02x%02x%02x%02x%02x%02x%02x_file_open",
		 info.tag[0], info.tag[1], info.tag[2], info.tag[3], info.tag[4], info.tag[5],
		 info.tag[6], info.tag[7]);
	EXPECT_EQ(0, strncmp(name, seen->text, strlen(name))) TH_LOG("%s", seen->text);
	record = last_record();
	EXPECT_EQ(SBPF_CHANNEL_BPF, record.channel);
	EXPECT_EQ(info.id, record.program_id);
	EXPECT_EQ(loader, record.pid);
	EXPECT_EQ(self->a.pid, record.target_pid);
	EXPECT_EQ(self->id, record.target_sandbox);
	ASSERT_EQ(0, write_file(mode, "log"));

	/* The kernel's own memory is nobody's, and where nothing is nothing comes. */
	kfunc->bss->write_addr = 0xffffffff81000000;
	ASSERT_EQ(0, actor_call(&self->a, act_forbidden, 0));
	EXPECT_EQ(-EFAULT, kfunc->bss->write_ret);
	kfunc->bss->write_addr = 4096;
	ASSERT_EQ(0, actor_call(&self->a, act_forbidden, 0));
	EXPECT_EQ(-EFAULT, kfunc->bss->write_ret);
	/* What others have is not touched. */
	EXPECT_EQ(1, actor_call(&self->b, act_look, 0));
	EXPECT_STREQ("unmarked text", marked);
}

static int act_write_into(long pid)
{
	char bytes[] = "text";
	struct iovec from = { bytes, 4 }, to = { marked + 9, 4 };

	return process_vm_writev(pid, &from, 1, &to, 1, 0) == 4 ? 0 : errno;
}

/* The policy of a sandbox is asked about who writes into it, but may write into members only. */
TEST_F(kfunc, write_user_spares_writers_outside)
{
	kfunc->bss->write_addr = (uintptr_t)marked;
	ASSERT_EQ(0, act_write_into(self->a.pid));
	EXPECT_EQ(1, kfunc->bss->mem_writes);
	EXPECT_EQ(-EPERM, kfunc->bss->mem_write_ret);
	EXPECT_STREQ("unmarked text", marked);
	EXPECT_EQ(1, actor_call(&self->a, act_look, 0));
	EXPECT_EQ(0, events_count(SBPF_EVENT_WRITE));

	/* The control: a member writes into another, and is written to itself. */
	ASSERT_EQ(0, actor_call(&self->b, act_enter_id, self->id));
	ASSERT_EQ(0, actor_call(&self->b, act_write_into, self->a.pid));
	EXPECT_EQ(2, kfunc->bss->mem_writes);
	EXPECT_EQ(0, kfunc->bss->mem_write_ret);
	EXPECT_EQ(0, kfunc->bss->mem_write_theirs_ret);
	EXPECT_EQ(2, actor_call(&self->b, act_look, 0));
	EXPECT_EQ(1, actor_call(&self->a, act_look, 0));
	EXPECT_EQ(2, events_count(SBPF_EVENT_WRITE));
}

/* Nor into members of another sandbox, whose policy was not asked, by way of that. */
TEST_F(kfunc, write_user_spares_members_of_others)
{
	struct policy other;
	int fd;

	ASSERT_EQ(0, setup_policy(&other, "other", 1ULL << SBPF_OP_FILE_OPEN, SBPF_POLICY_OPEN));
	fd = sandbox_create("other", "", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, fd);
	kfunc->bss->write_addr = (uintptr_t)marked;
	ASSERT_EQ(0, actor_call(&self->b, act_enter_id, sandbox_id(fd)));
	ASSERT_EQ(0, actor_call(&self->b, act_write_into, self->a.pid));
	EXPECT_EQ(1, kfunc->bss->mem_writes);
	EXPECT_EQ(-EPERM, kfunc->bss->mem_write_ret);
	EXPECT_EQ(-EPERM, kfunc->bss->mem_write_theirs_ret);
	EXPECT_EQ(1, actor_call(&self->b, act_look, 0));
	EXPECT_EQ(1, actor_call(&self->a, act_look, 0));
	EXPECT_EQ(0, events_count(SBPF_EVENT_WRITE));
	close(fd);
	policy_close(&other);
}

/* By whatever name it is opened, the path is the file's. */
static int act_open_devious(long unused)
{
	return act_open(PATH(DIR "/.././mnt//forbidden"));
}

TEST_F(kfunc, file_path_is_resolved)
{
	char link[] = DIR "/hard";

	ASSERT_EQ(0, actor_call(&self->a, act_open_devious, 0));
	EXPECT_STREQ(FORBIDDEN, kfunc->bss->path);
	ASSERT_EQ(0, symlink(FORBIDDEN, DIR "/soft"));
	EXPECT_EQ(0, actor_call(&self->a, act_open, PATH(DIR "/soft")));
	EXPECT_STREQ(FORBIDDEN, kfunc->bss->path);
	unlink(DIR "/soft");
	/* Another name of the file is another path. */
	ASSERT_EQ(0, linkat(AT_FDCWD, FORBIDDEN, AT_FDCWD, link, 0));
	EXPECT_EQ(0, actor_call(&self->a, act_open, PATH(DIR "/hard")));
	EXPECT_STREQ(DIR "/hard", kfunc->bss->path);
	unlink(link);
}

TEST_F(kfunc, note)
{
	const struct sbpf_event *seen;
	struct sbpf_stat stat;
	int i;

	kfunc->bss->note_number = 0x123456789abcdef0;
	ASSERT_EQ(0, actor_call(&self->a, act_forbidden, 0));
	EXPECT_EQ(0, kfunc->bss->note_ret);
	EXPECT_EQ(0, kfunc->bss->note_long_ret);
	EXPECT_EQ(2, events_total());
	ASSERT_EQ(2, events_count(SBPF_EVENT_NOTE));
	seen = event(SBPF_EVENT_NOTE, 0);
	EXPECT_STREQ("watched file opened", seen->text);
	EXPECT_EQ(0x123456789abcdef0, seen->number);
	EXPECT_EQ(self->id, seen->sandbox);
	EXPECT_EQ(1, seen->layer);
	EXPECT_STREQ("kfunc", seen->policy);
	EXPECT_EQ(1, seen->policy_generation);
	EXPECT_EQ(self->a.pid, seen->pid);
	EXPECT_EQ(self->a.pid, seen->tgid);
	EXPECT_STREQ(ACTOR_COMM, seen->comm);
	EXPECT_EQ(SBPF_OP_MAX, seen->op);
	EXPECT_EQ(0, seen->error);

	/* Cut off, and terminated. */
	seen = event(SBPF_EVENT_NOTE, 1);
	EXPECT_EQ(SBPF_TEXT_MAX - 1, strlen(seen->text));
	for (i = 0; i < SBPF_TEXT_MAX - 1; i++)
		ASSERT_EQ('x', seen->text[i]);
	EXPECT_EQ(~0ULL, seen->number);

	/* It is no denial. */
	ASSERT_EQ(0, sandbox_stat(self->fd, &stat));
	EXPECT_EQ(0, stat.denied[SBPF_OP_FILE_OPEN]);
}

TEST_F(kfunc, resources)
{
	ASSERT_EQ(0, actor_call(&self->a, act_forbidden, 0));
	EXPECT_EQ(1, kfunc->bss->usage);
	EXPECT_EQ(LIMIT, kfunc->bss->limit);

	ASSERT_EQ(0, actor_call(&self->b, act_enter_id, self->id));
	ASSERT_EQ(0, sandbox_set_limit(self->fd, SBPF_UNLIMITED));
	ASSERT_EQ(0, actor_call(&self->b, act_forbidden, 0));
	EXPECT_EQ(2, kfunc->bss->usage);
	EXPECT_EQ(SBPF_UNLIMITED, kfunc->bss->limit);

	/* Unknown ones. */
	kfunc->bss->resource = SBPF_RESOURCE_MAX;
	ASSERT_EQ(0, actor_call(&self->a, act_forbidden, 0));
	EXPECT_EQ(SBPF_UNKNOWN, kfunc->bss->usage);
	EXPECT_EQ(0, kfunc->bss->limit);
	kfunc->bss->resource = ~0U;
	ASSERT_EQ(0, actor_call(&self->a, act_forbidden, 0));
	EXPECT_EQ(SBPF_UNKNOWN, kfunc->bss->usage);
	EXPECT_EQ(0, kfunc->bss->limit);
}

/* What the kernel limits policies see, and leave alone. */
TEST_F(kfunc, resources_of_a_group)
{
	static const char group[] = GROUPS "/kfunc";
	int dir = group_make(group), fd;
	uint64_t memory;
	char text[32];

	ASSERT_LE(0, dir);
	fd = sandbox_create("kfunc", "", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, sandbox_set_cgroup(fd, dir));
	ASSERT_EQ(0, sandbox_limit(fd, SBPF_RESOURCE_MEMORY, 64 << 20, SBPF_ACTION_KILL));
	ASSERT_EQ(0, sandbox_limit(fd, SBPF_RESOURCE_CPU_SHARE, 900, SBPF_ACTION_DENY));
	ASSERT_EQ(0, sandbox_limit(fd, SBPF_RESOURCE_FILE_SIZE, 1 << 20, SBPF_ACTION_DENY));
	ASSERT_EQ(0, actor_call(&self->b, act_join_group, PATH(group)));
	ASSERT_EQ(0, actor_call(&self->b, act_enter_id, sandbox_id(fd)));
	kfunc->bss->resource = SBPF_RESOURCE_MEMORY;
	ASSERT_EQ(0, actor_call(&self->b, act_forbidden, 0));
	memory = kfunc->bss->usage;
	ASSERT_EQ(0, read_file(GROUPS "/kfunc/memory.current", text, sizeof(text)));
	EXPECT_LT(0, memory);
	EXPECT_GT(1 << 20, labs((long)(memory - strtoull(text, NULL, 10))));
	EXPECT_EQ(64 << 20, kfunc->bss->limit);
	kfunc->bss->resource = SBPF_RESOURCE_CPU_SHARE;
	ASSERT_EQ(0, actor_call(&self->b, act_forbidden, 0));
	EXPECT_EQ(900, kfunc->bss->limit);
	EXPECT_EQ(SBPF_UNKNOWN, kfunc->bss->usage);
	kfunc->bss->resource = SBPF_RESOURCE_FILE_SIZE;
	ASSERT_EQ(0, actor_call(&self->b, act_forbidden, 0));
	EXPECT_EQ(1 << 20, kfunc->bss->limit);
	EXPECT_EQ(SBPF_UNKNOWN, kfunc->bss->usage);
	/* What nobody measures is not 0. */
	kfunc->bss->resource = SBPF_RESOURCE_MEMORY;
	ASSERT_EQ(0, actor_call(&self->a, act_forbidden, 0));
	EXPECT_EQ(SBPF_UNKNOWN, kfunc->bss->usage);
	kfunc->bss->resource = SBPF_RESOURCE_MAX;
	ASSERT_EQ(0, actor_call(&self->a, act_forbidden, 0));
	EXPECT_EQ(SBPF_UNKNOWN, kfunc->bss->usage);
	sandbox_kill(fd);
	close(fd);
	close(dir);
	actor_stop(&self->b);
	group_remove(group);
}

/* A policy lowers limits that there are, and nothing else. */
TEST_F(kfunc, limit_tighten)
{
	/* This one is not lower. */
	kfunc->bss->tighten = LIMIT + 1;
	ASSERT_EQ(0, actor_call(&self->a, act_forbidden, 0));
	EXPECT_EQ(0, kfunc->bss->tighten_ret);
	EXPECT_EQ(LIMIT, kfunc->bss->limit);
	EXPECT_EQ(0, actor_call(&self->a, act_fork, 0));

	kfunc->bss->tighten = 1;
	ASSERT_EQ(0, actor_call(&self->a, act_forbidden, 0));
	EXPECT_EQ(0, kfunc->bss->tighten_ret);
	EXPECT_EQ(1, kfunc->bss->limit);
	EXPECT_EQ(EAGAIN, actor_call(&self->a, act_fork, 0));
	/* Its owner may raise it again. */
	kfunc->bss->tighten = 0;
	ASSERT_EQ(0, sandbox_set_limit(self->fd, LIMIT));
	EXPECT_EQ(0, actor_call(&self->a, act_fork, 0));

	kfunc->bss->tighten = SBPF_UNLIMITED;
	ASSERT_EQ(0, actor_call(&self->a, act_forbidden, 0));
	EXPECT_EQ(-EINVAL, kfunc->bss->tighten_ret);
	kfunc->bss->tighten = 1;
	kfunc->bss->resource = SBPF_RESOURCE_SOCKETS;
	ASSERT_EQ(0, actor_call(&self->a, act_forbidden, 0));
	EXPECT_EQ(-EOPNOTSUPP, kfunc->bss->tighten_ret);
	EXPECT_EQ(SBPF_UNLIMITED, kfunc->bss->limit);
	kfunc->bss->resource = SBPF_RESOURCE_MAX;
	ASSERT_EQ(0, actor_call(&self->a, act_forbidden, 0));
	EXPECT_EQ(-EINVAL, kfunc->bss->tighten_ret);
}

/* It shares what it would take long to copy, thousands of times. */
static pid_t create_dead(void)
{
	pid_t pid = vfork();

	if (!pid)
		_exit(0);
	return pid;
}

/* How many children can be dead, that nobody has waited for; at most @most. */
static int act_zombies(long most)
{
	siginfo_t info;
	int count = 0;
	pid_t pid;

	while (count < most) {
		pid = create_dead();
		if (pid < 0 || waitid(P_PID, pid, &info, WEXITED | WNOWAIT))
			break;
		count++;
	}
	return count;
}

static int act_bury(long unused)
{
	while (wait(NULL) > 0)
		;
	return 0;
}

/* With the limit of tasks goes that of dead ones, see SBPF_RESOURCE_PIDS. */
TEST_F_TIMEOUT(kfunc, dead_tasks_are_limited, 300)
{
	ASSERT_EQ(0, sandbox_set_limit(self->fd, 1 << 30));
	kfunc->bss->tighten = LIMIT;
	ASSERT_EQ(0, actor_call(&self->a, act_forbidden, 0));
	EXPECT_EQ(LIMIT + 4096 - 1, actor_call(&self->a, act_zombies, 2 * 4096));
	EXPECT_EQ(1, sandbox_pids(self->fd));
	EXPECT_EQ(EAGAIN, actor_call(&self->a, act_fork, 0));
	EXPECT_EQ(0, actor_call(&self->a, act_bury, 0));
	EXPECT_TRUE(await(!actor_call(&self->a, act_fork, 0)));
}

/* Limits that the kernel keeps: of a sandbox with a control group, in which b is */

#define MIB	(1ULL << 20)
/* As many that nobody has to wait for one, which would be an event: a thousand. */
#define CPUS	1000000

FIXTURE(engines) {
	int dir;
	int fd;
	struct actor b;
};

static const char engines_group[] = GROUPS "/engines";

FIXTURE_SETUP(engines)
{
	memset(kfunc->bss, 0, sizeof(*kfunc->bss));
	kfunc->bss->watched_ino = forbidden_ino;
	self->dir = group_make(engines_group);
	ASSERT_LE(0, self->dir);
	self->fd = sandbox_create("kfunc", "", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, sandbox_set_cgroup(self->fd, self->dir));
	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_MEMORY, 64 * MIB, SBPF_ACTION_KILL));
	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_CPU_SHARE, CPUS, SBPF_ACTION_DENY));
	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_FILE_SIZE, MIB, SBPF_ACTION_DENY));
	ASSERT_EQ(0, actor_start(&self->b));
	ASSERT_EQ(0, actor_call(&self->b, act_join_group, PATH(engines_group)));
	ASSERT_EQ(0, actor_call(&self->b, act_enter_id, sandbox_id(self->fd)));
	events_reset();
}

FIXTURE_TEARDOWN(engines)
{
	sandbox_kill(self->fd);
	close(self->fd);
	close(self->dir);
	actor_stop(&self->b);
	group_remove(engines_group);
}

/* The policy wants a limit; returns what it is told. */
static int tighten(struct actor *member, int resource, uint64_t limit)
{
	kfunc->bss->resource = resource;
	kfunc->bss->tighten = limit;
	return actor_call(member, act_forbidden, 0) ?: kfunc->bss->tighten_ret;
}

static uint64_t limit_of(int fd, int resource)
{
	struct sbpf_stat stat;

	return sandbox_stat(fd, &stat) ? 0 : stat.limit[resource];
}

/* What a file of the group says, without the end of the line. */
static const char *group_says(const char *name)
{
	static char text[64];
	char path[64];

	snprintf(path, sizeof(path), "%s/%s", engines_group, name);
	if (read_file(path, text, sizeof(text)))
		return "";
	text[strcspn(text, "\n")] = '\0';
	return text;
}

static int act_use_memory(long bytes)
{
	char *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		return errno;
	memset(at, 1, bytes);
	return munmap(at, bytes) ? errno : 0;
}

/* Is that how large files of its may become? */
static int act_file_limit(long size)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_FSIZE, &limit) || limit.rlim_cur != (rlim_t)size ||
	       limit.rlim_max != (rlim_t)size ? ERANGE : 0;
}

/* What is told is in force. */
TEST_F(engines, limits_are_lowered)
{
	EXPECT_EQ(0, actor_call(&self->b, act_use_memory, 40 * MIB));
	EXPECT_EQ(0, tighten(&self->b, SBPF_RESOURCE_MEMORY, 24 * MIB));
	EXPECT_TRUE(await(limit_of(self->fd, SBPF_RESOURCE_MEMORY) == 24 * MIB));
	EXPECT_STREQ("25165824", group_says("memory.max"));
	EXPECT_EQ(0, tighten(&self->b, SBPF_RESOURCE_CPU_SHARE, CPUS / 2));
	EXPECT_TRUE(await(limit_of(self->fd, SBPF_RESOURCE_CPU_SHARE) == CPUS / 2));
	EXPECT_STREQ("50000000 100000", group_says("cpu.max"));
	EXPECT_EQ(0, tighten(&self->b, SBPF_RESOURCE_FILE_SIZE, 1000));
	EXPECT_TRUE(await(limit_of(self->fd, SBPF_RESOURCE_FILE_SIZE) == 1000));
	EXPECT_EQ(0, actor_call(&self->b, act_file_limit, 1000));

	/* These are not lower, and these are none. */
	EXPECT_EQ(0, tighten(&self->b, SBPF_RESOURCE_MEMORY, 25 * MIB));
	EXPECT_EQ(0, tighten(&self->b, SBPF_RESOURCE_CPU_SHARE, CPUS / 2 + 1));
	EXPECT_EQ(0, tighten(&self->b, SBPF_RESOURCE_FILE_SIZE, 1001));
	EXPECT_EQ(-EINVAL, tighten(&self->b, SBPF_RESOURCE_MEMORY, 4095));
	EXPECT_EQ(-EINVAL, tighten(&self->b, SBPF_RESOURCE_CPU_SHARE, 9));
	EXPECT_EQ(-EINVAL, tighten(&self->b, SBPF_RESOURCE_FILE_SIZE, SBPF_UNLIMITED));
	/* What was wanted before is over with this. */
	EXPECT_EQ(0, tighten(&self->b, SBPF_RESOURCE_CPU_SHARE, CPUS / 2 - 1));
	EXPECT_TRUE(await(limit_of(self->fd, SBPF_RESOURCE_CPU_SHARE) == CPUS / 2 - 1));
	EXPECT_EQ(24 * MIB, limit_of(self->fd, SBPF_RESOURCE_MEMORY));
	EXPECT_EQ(1000, limit_of(self->fd, SBPF_RESOURCE_FILE_SIZE));
	EXPECT_STREQ("25165824", group_says("memory.max"));
	EXPECT_EQ(0, events_count(SBPF_EVENT_ERROR));
	EXPECT_EQ(0, events_count(SBPF_EVENT_DENIED));

	/* Its owner may raise them again, or do away with them. */
	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_CPU_SHARE, SBPF_UNLIMITED, 0));
	EXPECT_STREQ("max 100000", group_says("cpu.max"));
	EXPECT_EQ(-EOPNOTSUPP, tighten(&self->b, SBPF_RESOURCE_CPU_SHARE, 100));
	EXPECT_EQ(KILLED, actor_call(&self->b, act_use_memory, 40 * MIB));
	EXPECT_TRUE(await(events_sandbox(sandbox_id(self->fd), "killed") == 1));
	/* The kernel tells it with a trace of calls, which is no complaint. */
	klogctl(5 /* SYSLOG_ACTION_CLEAR */, NULL, 0);
}

/* Where it is looked at what is had, the kernel is told nothing. */
TEST_F(engines, limits_that_are_looked_at_are_lowered)
{
	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_MEMORY, 64 * MIB, SBPF_ACTION_NOTIFY));
	EXPECT_EQ(0, tighten(&self->b, SBPF_RESOURCE_MEMORY, 4096));
	EXPECT_TRUE(await(limit_of(self->fd, SBPF_RESOURCE_MEMORY) == 4096));
	EXPECT_STREQ("max", group_says("memory.max"));
	ASSERT_TRUE(await(events_count(SBPF_EVENT_DENIED) == 1));
	EXPECT_EQ(SBPF_EVENT_LIMIT | SBPF_EVENT_COMPLAIN, event(SBPF_EVENT_DENIED, 0)->flags);
}

TEST_F(engines, a_limit_that_cannot_be_lowered_stays)
{
	const struct sbpf_event *seen;

	ASSERT_EQ(0, group_move(self->b.pid, GROUPS));
	group_remove(engines_group);
	EXPECT_EQ(0, tighten(&self->b, SBPF_RESOURCE_CPU_SHARE, CPUS / 2));
	ASSERT_TRUE(await(events_count(SBPF_EVENT_ERROR) == 1));
	seen = event(SBPF_EVENT_ERROR, 0);
	EXPECT_EQ(SBPF_OP_MAX, seen->op);
	EXPECT_EQ(-ENODEV, seen->error);
	EXPECT_EQ(SBPF_EVENT_LIMIT, seen->flags);
	EXPECT_EQ(SBPF_RESOURCE_CPU_SHARE, seen->resource);
	EXPECT_EQ(sandbox_id(self->fd), seen->sandbox);
	EXPECT_EQ(0, seen->pid);
	EXPECT_EQ(CPUS, limit_of(self->fd, SBPF_RESOURCE_CPU_SHARE));
	/* This one is none of the group. */
	EXPECT_EQ(0, tighten(&self->b, SBPF_RESOURCE_FILE_SIZE, 1000));
	EXPECT_TRUE(await(limit_of(self->fd, SBPF_RESOURCE_FILE_SIZE) == 1000));
}

static volatile bool controlled;

/* Whoever else wants to change the sandbox waits. */
static void *control_for_long(void *fd)
{
	while (!controlled)
		sandbox_limit((long)fd, SBPF_RESOURCE_MEMORY, 64 * MIB, SBPF_ACTION_KILL);
	return NULL;
}

/* What the policy has wanted before, and is not done yet, is not done afterwards. */
TEST_F_TIMEOUT(engines, its_owner_has_the_last_word, 30)
{
	pthread_t threads[2];
	int i;

	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, control_for_long,
					    (void *)(long)self->fd));
	for (i = 0; i < 100; i++) {
		ASSERT_EQ(0, tighten(&self->b, SBPF_RESOURCE_CPU_SHARE, 100));
		ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_CPU_SHARE, CPUS, 0));
		/* When this is done, that would be. */
		ASSERT_EQ(0, tighten(&self->b, SBPF_RESOURCE_FILE_SIZE, MIB - 1 - i));
		ASSERT_TRUE(await(limit_of(self->fd, SBPF_RESOURCE_FILE_SIZE) == MIB - 1 - i));
		ASSERT_EQ(CPUS, limit_of(self->fd, SBPF_RESOURCE_CPU_SHARE)) {
			TH_LOG("round %d", i);
		}
		ASSERT_STREQ("100000000 100000", group_says("cpu.max"));
	}
	controlled = true;
	for (i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	EXPECT_EQ(0, events_count(SBPF_EVENT_ERROR));
}

/* What is still to be done holds the sandbox, and nothing for ever. */
TEST_F_TIMEOUT(engines, sandboxes_end_while_limits_are_lowered, 30)
{
	struct actor member;
	uint64_t id;
	int i, fd;

	kfunc->bss->resource = SBPF_RESOURCE_CPU_SHARE;
	kfunc->bss->tighten = 100;
	for (i = 0; i < 20; i++) {
		fd = sandbox_create("kfunc", "", 0, SBPF_UNLIMITED);
		ASSERT_LE(0, fd);
		id = sandbox_id(fd);
		ASSERT_EQ(0, sandbox_set_cgroup(fd, self->dir));
		ASSERT_EQ(0, sandbox_limit(fd, SBPF_RESOURCE_CPU_SHARE, CPUS, 0));
		ASSERT_EQ(0, actor_start(&member));
		ASSERT_EQ(0, actor_call(&member, act_join_group, PATH(engines_group)));
		ASSERT_EQ(0, actor_call(&member, act_enter_id, id));
		ASSERT_EQ(0, actor_call(&member, act_forbidden, 0));
		sandbox_kill(fd);
		close(fd);
		actor_stop(&member);
		ASSERT_TRUE(await(!sandbox_listed(id)));
	}
}

TEST_F(kfunc, sandbox_acquire_gives_the_innermost)
{
	uint64_t inner;

	ASSERT_EQ(0, actor_call(&self->a, act_forbidden, 0));
	EXPECT_EQ(self->id, kfunc->bss->asked_id);
	EXPECT_EQ(self->id, kfunc->bss->own_id);
	EXPECT_EQ(1, kfunc->bss->own_layer);

	ASSERT_EQ(0, actor_call(&self->a, act_nest, 0));
	inner = actor_call(&self->a, act_own_id, 0);
	ASSERT_EQ(0, actor_call(&self->a, act_forbidden, 0));
	/* The outer one is asked last, about a task that is further in. */
	EXPECT_EQ(3, kfunc->bss->opens);
	EXPECT_EQ(self->id, kfunc->bss->asked_id);
	EXPECT_EQ(inner, kfunc->bss->own_id);
	EXPECT_EQ(2, kfunc->bss->own_layer);
	/* Which counts in both. */
	EXPECT_EQ(1, kfunc->bss->usage);
	EXPECT_EQ(LIMIT, kfunc->bss->limit);
}

TEST_F(kfunc, sandbox_release_leaves_nothing_behind)
{
	int i;

	for (i = 0; i < 50; i++)
		ASSERT_EQ(0, actor_call(&self->a, act_forbidden, 0));
	EXPECT_EQ(50, kfunc->bss->opens);
	close(self->fd);
	EXPECT_TRUE(sandbox_listed(self->id));
	actor_stop(&self->a);
	EXPECT_TRUE(await(!sandbox_listed(self->id)));
}

TEST_F(kfunc, tasks_outside)
{
	ASSERT_EQ(0, actor_call(&self->a, act_signal, self->b.pid));
	EXPECT_EQ(1, kfunc->bss->kills);
	EXPECT_TRUE(kfunc->bss->target_none);
	EXPECT_FALSE(kfunc->bss->target_within);
	EXPECT_FALSE(kfunc->bss->target_same);
	EXPECT_TRUE(kfunc->bss->self_within);
	EXPECT_TRUE(kfunc->bss->self_same);
}

TEST_F(kfunc, tasks_of_the_same_sandbox)
{
	ASSERT_EQ(0, actor_call(&self->b, act_enter_id, self->id));
	ASSERT_EQ(0, actor_call(&self->a, act_signal, self->b.pid));
	EXPECT_FALSE(kfunc->bss->target_none);
	EXPECT_EQ(self->id, kfunc->bss->target_id);
	EXPECT_TRUE(kfunc->bss->target_within);
	EXPECT_TRUE(kfunc->bss->target_same);
}

TEST_F(kfunc, tasks_of_a_sibling)
{
	int fd = sandbox_create("kfunc", "sibling", 0, SBPF_UNLIMITED);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, actor_call(&self->b, act_enter_id, sandbox_id(fd)));
	ASSERT_EQ(0, actor_call(&self->a, act_signal, self->b.pid));
	EXPECT_EQ(sandbox_id(fd), kfunc->bss->target_id);
	EXPECT_FALSE(kfunc->bss->target_within);
	EXPECT_FALSE(kfunc->bss->target_same);
}

TEST_F(kfunc, tasks_of_a_nested_sandbox)
{
	uint64_t inner;

	ASSERT_EQ(0, actor_call(&self->b, act_enter_id, self->id));
	ASSERT_EQ(0, actor_call(&self->b, act_nest, 0));
	inner = actor_call(&self->b, act_own_id, 0);
	ASSERT_EQ(0, actor_call(&self->a, act_signal, self->b.pid));
	EXPECT_EQ(1, kfunc->bss->kills);
	EXPECT_EQ(inner, kfunc->bss->target_id);
	EXPECT_TRUE(kfunc->bss->target_within);
	EXPECT_FALSE(kfunc->bss->target_same);

	/* The other way: the inner is asked, then the outer, which has both. */
	ASSERT_EQ(0, actor_call(&self->b, act_signal, self->a.pid));
	EXPECT_EQ(3, kfunc->bss->kills);
	EXPECT_EQ(self->id, kfunc->bss->target_id);
	EXPECT_TRUE(kfunc->bss->target_within);
	EXPECT_FALSE(kfunc->bss->target_same);
	EXPECT_TRUE(kfunc->bss->self_within);
}

TEST_F(kfunc, sandbox_kill)
{
	int fd = sandbox_create("kfunc", "sibling", 0, SBPF_UNLIMITED);
	struct sbpf_stat stat;
	struct actor inner;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, actor_start(&inner));
	ASSERT_EQ(0, actor_call(&inner, act_enter_id, self->id));
	ASSERT_EQ(0, actor_call(&inner, act_nest, 0));
	ASSERT_EQ(0, actor_call(&self->b, act_enter_id, sandbox_id(fd)));
	EXPECT_EQ(2, sandbox_pids(self->fd));

	kfunc->bss->deadly_ino = file_ino(FREE);
	actor_call(&self->a, act_open, PATH(FREE));
	EXPECT_TRUE(sandbox_empty(self->fd, PATIENCE * 1000));
	EXPECT_EQ(KILLED, actor_call(&self->a, act_nothing, 0));
	EXPECT_EQ(KILLED, actor_call(&inner, act_nothing, 0));
	ASSERT_EQ(0, sandbox_stat(self->fd, &stat));
	EXPECT_EQ(SBPF_STATE_DYING, stat.state);
	EXPECT_EQ(1, events_sandbox(self->id, "killed"));

	/* Nobody else is hurt. */
	EXPECT_EQ(0, actor_call(&self->b, act_nothing, 0));
	ASSERT_EQ(0, sandbox_stat(fd, &stat));
	EXPECT_EQ(SBPF_STATE_LIVE, stat.state);
	actor_stop(&inner);
}

int main(int argc, char **argv)
{
	struct bpf_link *link;

	if (setup())
		return KSFT_FAIL;
	loader = getpid();
	kfunc = kfunc_bpf__open_and_load();
	link = kfunc ? bpf_map__attach_struct_ops(kfunc->maps.policy) : NULL;
	if (!link) {
		printf("Bail out! cannot register the policy kfunc: %s\n", strerror(errno));
		return KSFT_FAIL;
	}
	return run_tests(argc, argv);
}
