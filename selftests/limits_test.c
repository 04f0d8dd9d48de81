// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf selftests - Limits: what a sandbox may use of resources, and what it has used
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "common.h"
#include "kselftest_harness.h"
#include "depends.skel.h"
#include "refuse.skel.h"

/* In memory of each actor of its own: children that wait to be killed. */
#define CHILDREN_MAX 64
static pid_t children[CHILDREN_MAX];
static int children_count;

/* Create children until there are @count, or it fails. */
static int act_breed(long count)
{
	pid_t parent = getpid(), pid;

	while (children_count < count) {
		pid = syscall(SYS_fork);
		if (pid < 0)
			return errno;
		if (!pid) {
			/* Not all of them are in a sandbox that the test kills. */
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			/* Which came too late where the parent was killed before it. */
			while (getppid() == parent)
				pause();
			_exit(0);
		}
		children[children_count++] = pid;
	}
	return 0;
}

static int act_children(long unused)
{
	return children_count;
}

/* Kill one of them; it remains a zombie until it is buried. */
static int act_cull(long unused)
{
	siginfo_t info;

	if (!children_count || kill(children[--children_count], SIGKILL) ||
	    waitid(P_PID, children[children_count], &info, WEXITED | WNOWAIT))
		return errno;
	return 0;
}

static int act_bury(long unused)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	return 0;
}

/* In memory of each actor of its own. */
static int own_sandbox;

static int act_create(long pids)
{
	own_sandbox = sandbox_create("probe", "own", 0, pids);
	return own_sandbox < 0 ? -own_sandbox : 0;
}

static int act_own_id(long unused)
{
	return sandbox_id(own_sandbox);
}

static int act_enter_own(long unused)
{
	return sandbox_enter(own_sandbox);
}

FIXTURE(pids) {
	struct actor a;
	struct actor b;
	int fd;
	uint64_t id;
};

#define LIMIT 4

FIXTURE_SETUP(pids)
{
	policy_reset(&probe);
	ASSERT_EQ(0, actor_start(&self->a));
	ASSERT_EQ(0, actor_start(&self->b));
	self->fd = sandbox_create("probe", "", 0, LIMIT);
	ASSERT_LE(0, self->fd);
	self->id = sandbox_id(self->fd);
	events_reset();
}

FIXTURE_TEARDOWN(pids)
{
	sandbox_kill(self->fd);
	actor_stop(&self->a);
	actor_stop(&self->b);
}

static uint64_t peak(int fd)
{
	struct sbpf_stat stat;

	return sandbox_stat(fd, &stat) ? ~0ULL : stat.peak[SBPF_RESOURCE_PIDS];
}

static uint64_t asked(int fd)
{
	struct sbpf_stat stat;

	return sandbox_stat(fd, &stat) ? ~0ULL : stat.asked[SBPF_OP_TASK_ALLOC];
}

TEST_F(pids, fork_fails_at_the_limit)
{
	const struct sbpf_event *seen;
	struct sbpf_stat stat;

	/* The control: outside it can have more. */
	ASSERT_EQ(0, actor_call(&self->b, act_breed, LIMIT + 1));
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	EXPECT_EQ(0, actor_call(&self->a, act_breed, LIMIT - 1));
	EXPECT_EQ(LIMIT, sandbox_pids(self->fd));
	EXPECT_EQ(LIMIT, peak(self->fd));
	EXPECT_EQ(0, events_total());

	EXPECT_EQ(EAGAIN, actor_call(&self->a, act_breed, LIMIT));
	EXPECT_EQ(LIMIT - 1, actor_call(&self->a, act_children, 0));
	EXPECT_EQ(LIMIT, sandbox_pids(self->fd));
	EXPECT_EQ(1, events_total());
	seen = event(SBPF_EVENT_DENIED, 0);
	EXPECT_EQ(SBPF_OP_TASK_ALLOC, seen->op);
	EXPECT_EQ(-EAGAIN, seen->error);
	EXPECT_EQ(SBPF_EVENT_LIMIT, seen->flags);
	EXPECT_EQ(self->id, seen->sandbox);
	EXPECT_EQ(1, seen->layer);
	EXPECT_EQ(self->a.pid, seen->pid);
	EXPECT_STREQ("probe", seen->policy);

	/* A denial, though the policy was not asked. */
	ASSERT_EQ(0, sandbox_stat(self->fd, &stat));
	EXPECT_EQ(1, stat.denied[SBPF_OP_TASK_ALLOC]);
	EXPECT_EQ(LIMIT - 1, stat.asked[SBPF_OP_TASK_ALLOC]);
	EXPECT_EQ(LIMIT, stat.limit[SBPF_RESOURCE_PIDS]);
	EXPECT_EQ(LIMIT, stat.peak[SBPF_RESOURCE_PIDS]);
}

TEST_F(pids, exit_gives_back_exactly)
{
	int i;

	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	ASSERT_EQ(0, actor_call(&self->a, act_breed, LIMIT - 1));
	for (i = 0; i < 5; i++) {
		ASSERT_EQ(EAGAIN, actor_call(&self->a, act_fork, 0));
		/* At its exit, not when somebody has waited for it. */
		ASSERT_EQ(0, actor_call(&self->a, act_cull, 0));
		ASSERT_EQ(LIMIT - 1, sandbox_pids(self->fd));
		/* One, and not two. */
		ASSERT_EQ(0, actor_call(&self->a, act_breed, LIMIT - 1));
		ASSERT_EQ(EAGAIN, actor_call(&self->a, act_breed, LIMIT));
		ASSERT_EQ(0, actor_call(&self->a, act_bury, 0));
		ASSERT_EQ(LIMIT, sandbox_pids(self->fd));
	}
	for (i = 1; i < LIMIT; i++) {
		EXPECT_EQ(0, actor_call(&self->a, act_cull, 0));
		EXPECT_EQ(LIMIT - i, sandbox_pids(self->fd));
	}
	EXPECT_EQ(LIMIT, peak(self->fd));
	EXPECT_EQ(10, events_total());
}

static pthread_barrier_t barrier;

static void *waiting_thread(void *unused)
{
	pthread_barrier_wait(&barrier);
	return NULL;
}

/* Have that many threads at a time. */
static int act_threads(long count)
{
	pthread_t threads[CHILDREN_MAX];
	int err = 0, i;

	pthread_barrier_init(&barrier, NULL, count + 1);
	for (i = 0; i < count; i++) {
		err = pthread_create(&threads[i], NULL, waiting_thread, NULL);
		/* Those started before stay. */
		if (err)
			return err;
	}
	pthread_barrier_wait(&barrier);
	for (i = 0; i < count; i++)
		err = err ?: pthread_join(threads[i], NULL);
	return err;
}

TEST_F(pids, threads_count)
{
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	EXPECT_EQ(0, actor_call(&self->a, act_threads, LIMIT - 1));
	EXPECT_EQ(LIMIT, peak(self->fd));
	EXPECT_TRUE(await(sandbox_pids(self->fd) == 1));
	EXPECT_EQ(EAGAIN, actor_call(&self->a, act_threads, LIMIT));
	EXPECT_EQ(LIMIT, sandbox_pids(self->fd));
	EXPECT_EQ(1, events_total());
	EXPECT_EQ(SBPF_EVENT_LIMIT, event(SBPF_EVENT_DENIED, 0)->flags);
}

TEST_F(pids, many_members_share_it)
{
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	ASSERT_EQ(0, actor_call(&self->b, act_enter_id, self->id));
	EXPECT_EQ(0, actor_call(&self->a, act_breed, 1));
	EXPECT_EQ(0, actor_call(&self->b, act_breed, 1));
	EXPECT_EQ(EAGAIN, actor_call(&self->a, act_breed, 2));
	EXPECT_EQ(EAGAIN, actor_call(&self->b, act_breed, 2));
	EXPECT_EQ(0, actor_call(&self->b, act_cull, 0));
	EXPECT_EQ(0, actor_call(&self->a, act_breed, 2));
}

static int act_idle_threads(long count)
{
	pthread_t thread;
	int err = 0;

	pthread_barrier_init(&barrier, NULL, count + 1);
	while (count-- && !err)
		err = pthread_create(&thread, NULL, waiting_thread, NULL);
	return err;
}

TEST_F(pids, entry_is_limited)
{
	/* All threads or none. */
	ASSERT_EQ(0, actor_call(&self->a, act_idle_threads, LIMIT));
	EXPECT_EQ(EAGAIN, actor_call(&self->a, act_enter_id, self->id));
	EXPECT_EQ(0, sandbox_pids(self->fd));
	EXPECT_EQ(0, sandbox_members(self->fd, NULL, 0));
	EXPECT_FALSE(sandbox_empty(self->fd, 0));

	ASSERT_EQ(0, actor_call(&self->b, act_idle_threads, LIMIT - 1));
	EXPECT_EQ(0, actor_call(&self->b, act_enter_id, self->id));
	EXPECT_EQ(LIMIT, sandbox_pids(self->fd));
	/* It is full now. */
	EXPECT_EQ(EAGAIN, run(self->fd, act_nothing, 0));
	EXPECT_EQ(LIMIT, sandbox_pids(self->fd));
}

/* What a failed fork was charged comes back */

TEST_F(pids, denial_by_the_policy_gives_back)
{
	int i;

	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	policy_rule(&probe, 1, SBPF_OP_TASK_ALLOC, VERDICT, 0, 0);
	for (i = 0; i < 2 * LIMIT; i++)
		ASSERT_EQ(VERDICT, actor_call(&self->a, act_fork, 0));
	EXPECT_EQ(1, sandbox_pids(self->fd));
	EXPECT_EQ(1, sandbox_members(self->fd, NULL, 0));
	EXPECT_EQ(2 * LIMIT, events_total());
	EXPECT_EQ(0, event(SBPF_EVENT_DENIED, 0)->flags);
	policy_rule(&probe, 1, SBPF_OP_TASK_ALLOC, 0, 0, 0);
	EXPECT_EQ(0, actor_call(&self->a, act_breed, LIMIT - 1));
}

/* Fork fails before the kernel asks anybody. */
static int act_limit_self(long processes)
{
	struct rlimit limit = { processes, processes };

	return setrlimit(RLIMIT_NPROC, &limit) ? errno : 0;
}

TEST_F(pids, rlimit_gives_back)
{
	int i;

	ASSERT_EQ(0, actor_call(&self->a, act_become, USER_A));
	ASSERT_EQ(0, actor_call(&self->a, act_no_new_privs, 0));
	ASSERT_EQ(0, actor_call(&self->a, act_create, LIMIT));
	ASSERT_EQ(0, actor_call(&self->a, act_enter_own, 0));
	self->fd = sandbox_open(actor_call(&self->a, act_own_id, 0));
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, actor_call(&self->a, act_limit_self, 1));
	for (i = 0; i < 2 * LIMIT; i++)
		ASSERT_EQ(EAGAIN, actor_call(&self->a, act_fork, 0));
	EXPECT_EQ(1, sandbox_pids(self->fd));
	EXPECT_EQ(0, asked(self->fd));
	/* No event: it was not the sandbox that denied it. */
	EXPECT_EQ(0, events_total());
	EXPECT_EQ(0, sandbox_sum_denied(self->fd));
}

/* Fork fails after the sandbox has allowed it: the number is taken. */
static int act_fork_as(long pid)
{
	pid_t tid = pid;
	struct clone_args args = {
		.exit_signal = SIGCHLD,
		.set_tid = (uintptr_t)&tid,
		.set_tid_size = 1,
	};
	pid_t child = syscall(SYS_clone3, &args, sizeof(args));

	if (child < 0)
		return errno;
	if (!child)
		_exit(0);
	return waitpid(child, NULL, 0) == child ? 0 : errno;
}

TEST_F(pids, failure_after_the_sandbox_gives_back)
{
	int i;

	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	for (i = 0; i < 2 * LIMIT; i++) {
		/* The task is freed a grace period later, and the charge with it. */
		ASSERT_TRUE(await(sandbox_pids(self->fd) < LIMIT));
		ASSERT_EQ(EEXIST, actor_call(&self->a, act_fork_as, self->b.pid));
	}
	EXPECT_EQ(2 * LIMIT, asked(self->fd));
	EXPECT_TRUE(await(sandbox_pids(self->fd) == 1));
	EXPECT_EQ(1, sandbox_members(self->fd, NULL, 0));
	EXPECT_EQ(0, actor_call(&self->a, act_breed, LIMIT - 1));
	EXPECT_EQ(0, events_total());
}

TEST_F(pids, refusal_by_another_lsm_gives_back)
{
	struct refuse_bpf *other = refuse_bpf__open_and_load();
	int i;

	ASSERT_NE(NULL, other);
	ASSERT_EQ(0, refuse_bpf__attach(other));
	/* That it was loaded is one. */
	events_reset();
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	other->bss->pid = self->a.pid;
	for (i = 0; i < 2 * LIMIT; i++)
		EXPECT_EQ(EUSERS, actor_call(&self->a, act_fork, 0));
	EXPECT_EQ(2 * LIMIT, other->bss->refused);
	EXPECT_EQ(2 * LIMIT, asked(self->fd));
	EXPECT_EQ(1, sandbox_pids(self->fd));
	EXPECT_EQ(1, sandbox_members(self->fd, NULL, 0));
	other->bss->pid = 0;
	EXPECT_EQ(0, actor_call(&self->a, act_breed, LIMIT - 1));
	EXPECT_EQ(0, events_total());
	refuse_bpf__destroy(other);
}

/* Nested */

TEST_F(pids, every_layer_is_charged)
{
	uint64_t inner_id;
	int inner;

	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	ASSERT_EQ(0, actor_call(&self->b, act_enter_id, self->id));
	ASSERT_EQ(0, actor_call(&self->a, act_create, 2));
	inner_id = actor_call(&self->a, act_own_id, 0);
	inner = sandbox_open(inner_id);
	ASSERT_LE(0, inner);
	ASSERT_EQ(0, actor_call(&self->a, act_enter_own, 0));
	EXPECT_EQ(1, sandbox_pids(inner));
	EXPECT_EQ(2, sandbox_pids(self->fd));

	EXPECT_EQ(0, actor_call(&self->a, act_breed, 1));
	EXPECT_EQ(2, sandbox_pids(inner));
	EXPECT_EQ(3, sandbox_pids(self->fd));

	/* The inner limit. */
	EXPECT_EQ(EAGAIN, actor_call(&self->a, act_breed, 2));
	EXPECT_EQ(inner_id, event(SBPF_EVENT_DENIED, 0)->sandbox);
	EXPECT_EQ(2, event(SBPF_EVENT_DENIED, 0)->layer);
	EXPECT_EQ(2, sandbox_pids(inner));
	EXPECT_EQ(3, sandbox_pids(self->fd));

	/* The outer limit, of which the others use a part. */
	ASSERT_EQ(0, sandbox_set_limit(inner, 100));
	ASSERT_EQ(0, actor_call(&self->b, act_breed, 1));
	EXPECT_EQ(EAGAIN, actor_call(&self->a, act_breed, 2));
	EXPECT_EQ(self->id, event(SBPF_EVENT_DENIED, 1)->sandbox);
	EXPECT_EQ(1, event(SBPF_EVENT_DENIED, 1)->layer);
	EXPECT_EQ(SBPF_EVENT_LIMIT, event(SBPF_EVENT_DENIED, 1)->flags);
	EXPECT_EQ(2, sandbox_pids(inner));
	EXPECT_EQ(4, sandbox_pids(self->fd));
	EXPECT_EQ(2, events_total());

	EXPECT_EQ(0, actor_call(&self->a, act_cull, 0));
	EXPECT_EQ(1, sandbox_pids(inner));
	EXPECT_EQ(3, sandbox_pids(self->fd));
}

/* Entering a nested sandbox charges it, and the outer one not again. */
TEST_F(pids, entering_inwards_charges_the_inner_only)
{
	ASSERT_EQ(0, sandbox_set_limit(self->fd, 2));
	ASSERT_EQ(0, actor_call(&self->a, act_idle_threads, 1));
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	ASSERT_EQ(0, actor_call(&self->a, act_create, 1));
	EXPECT_EQ(EAGAIN, actor_call(&self->a, act_enter_own, 0));
	EXPECT_EQ(2, sandbox_pids(self->fd));
	ASSERT_EQ(0, actor_call(&self->a, act_create, 2));
	EXPECT_EQ(0, actor_call(&self->a, act_enter_own, 0));
	EXPECT_EQ(2, sandbox_pids(self->fd));
	EXPECT_EQ(2, peak(self->fd));
}

/* Change of the limit */

TEST_F(pids, limit_below_the_usage_lets_nothing_grow)
{
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	ASSERT_EQ(0, actor_call(&self->a, act_breed, LIMIT - 1));
	ASSERT_EQ(0, sandbox_set_limit(self->fd, 2));
	/* Nobody is killed for it. */
	EXPECT_EQ(LIMIT, sandbox_pids(self->fd));
	EXPECT_EQ(EAGAIN, actor_call(&self->a, act_fork, 0));
	EXPECT_EQ(0, actor_call(&self->a, act_cull, 0));
	EXPECT_EQ(3, sandbox_pids(self->fd));
	EXPECT_EQ(EAGAIN, actor_call(&self->a, act_fork, 0));
	EXPECT_EQ(0, actor_call(&self->a, act_cull, 0));
	EXPECT_EQ(EAGAIN, actor_call(&self->a, act_fork, 0));
	EXPECT_EQ(0, actor_call(&self->a, act_cull, 0));
	EXPECT_EQ(0, actor_call(&self->a, act_breed, 1));
	EXPECT_EQ(EAGAIN, actor_call(&self->a, act_breed, 2));

	ASSERT_EQ(0, sandbox_set_limit(self->fd, SBPF_UNLIMITED));
	EXPECT_EQ(0, actor_call(&self->a, act_breed, 2 * LIMIT));
	EXPECT_EQ(2 * LIMIT + 1, sandbox_pids(self->fd));
}

/* Races for the last places */

#define RACERS 4

static int act_race(long rounds)
{
	int failed = 0, err;

	while (rounds--) {
		err = act_fork(0);
		if (err && err != EAGAIN)
			return err;
		failed += err == EAGAIN;
	}
	return -failed;
}

TEST_F_TIMEOUT(pids, accounts_are_exact_under_load, 120)
{
	struct actor racers[RACERS];
	int i;

	/* Not enough for all of them at a time. */
	ASSERT_EQ(0, sandbox_set_limit(self->fd, RACERS + 2));
	for (i = 0; i < RACERS; i++) {
		ASSERT_EQ(0, actor_start(&racers[i]));
		ASSERT_EQ(0, actor_call(&racers[i], act_enter_id, self->id));
	}
	for (i = 0; i < RACERS; i++)
		ASSERT_EQ(0, actor_tell(&racers[i], act_race, 100));
	for (i = 0; i < RACERS; i++)
		EXPECT_GE(0, actor_answer(&racers[i]));
	EXPECT_TRUE(await(sandbox_pids(self->fd) == RACERS));
	EXPECT_GE(RACERS + 2, peak(self->fd));
	EXPECT_LT(RACERS, peak(self->fd));
	for (i = 0; i < RACERS; i++)
		actor_stop(&racers[i]);
	EXPECT_TRUE(sandbox_empty(self->fd, PATIENCE * 1000));
	EXPECT_EQ(0, sandbox_pids(self->fd));
}

/* Other resources */

FIXTURE(resources) {
	struct actor a;
	struct actor b;
	int fd;
	uint64_t id;
};

FIXTURE_SETUP(resources)
{
	policy_reset(&probe);
	ASSERT_EQ(0, actor_start(&self->a));
	ASSERT_EQ(0, actor_start(&self->b));
	self->fd = sandbox_create("probe", "", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, self->fd);
	self->id = sandbox_id(self->fd);
	events_reset();
}

FIXTURE_TEARDOWN(resources)
{
	sandbox_kill(self->fd);
	actor_stop(&self->a);
	actor_stop(&self->b);
}

static uint64_t usage(int fd, int resource)
{
	struct sbpf_stat stat;

	return sandbox_stat(fd, &stat) ? ~0ULL : stat.usage[resource];
}

static int state(int fd)
{
	struct sbpf_stat stat;

	return sandbox_stat(fd, &stat) ? -1 : (int)stat.state;
}

static int stopped(int fd)
{
	struct sbpf_stat stat;

	return sandbox_stat(fd, &stat) ? -1 : (int)stat.stopped - 1;
}

/* In memory of each actor of its own: files that it has open. */
#define FILES_MAX 64
static int held[FILES_MAX];
static int held_count;

static int hold(int fd)
{
	if (fd < 0)
		return errno;
	held[held_count++] = fd;
	return 0;
}

static int act_hold_file(long unused)
{
	return hold(open(FREE, O_RDONLY | O_CLOEXEC));
}

static int act_hold_socket(long unused)
{
	return hold(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

static int act_hold_eventfd(long unused)
{
	return hold(eventfd(0, EFD_CLOEXEC));
}

static int act_hold_copy(long unused)
{
	return hold(dup(held[0]));
}

/* Two files at a time. */
static int act_hold_pipe(long unused)
{
	int pipes[2];

	if (pipe2(pipes, O_CLOEXEC))
		return errno;
	return hold(pipes[0]) ?: hold(pipes[1]);
}

static int act_drop(long count)
{
	while (count-- && held_count)
		close(held[--held_count]);
	return 0;
}

static int act_socket(long family)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return fd < 0 ? errno : close(fd);
}

/* A listener outside, for all to connect to. */
static struct sockaddr_in listener_address;

static int listener(void)
{
	socklen_t len = sizeof(listener_address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	listener_address.sin_family = AF_INET;
	listener_address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener_address.sin_port = 0;
	if (bind(fd, (void *)&listener_address, sizeof(listener_address)) ||
	    listen(fd, 1000) ||
	    getsockname(fd, (void *)&listener_address, &len))
		return -1;
	return fd;
}

static int act_connect(long port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = port,
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), err;

	if (fd < 0)
		return errno;
	err = connect(fd, (void *)&address, sizeof(address)) ? errno : 0;
	close(fd);
	return err;
}

/* The same by sending. */
static int act_fastopen(long port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = port,
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), err;

	if (fd < 0)
		return errno;
	err = sendto(fd, "x", 1, MSG_FASTOPEN, (void *)&address, sizeof(address)) < 0 ? errno : 0;
	close(fd);
	return err;
}

static const char *numbered(char *path, size_t size, const char *what, long number)
{
	snprintf(path, size, DIR "/%s.%d.%ld", what, getpid(), number);
	return path;
}

static int act_create_file(long number)
{
	char path[64];
	int fd = open(numbered(path, sizeof(path), "file", number),
		      O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);

	if (fd < 0)
		return errno;
	unlink(path);
	return close(fd);
}

static int act_create_dir(long number)
{
	char path[64];

	if (mkdir(numbered(path, sizeof(path), "dir", number), 0700))
		return errno;
	return rmdir(path) ? errno : 0;
}

static int act_create_link(long number)
{
	char path[64];

	if (symlink("nowhere", numbered(path, sizeof(path), "link", number)))
		return errno;
	return unlink(path) ? errno : 0;
}

static int act_create_pipe(long number)
{
	char path[64];

	if (mkfifo(numbered(path, sizeof(path), "pipe", number), 0600))
		return errno;
	return unlink(path) ? errno : 0;
}

static int act_create_nameless(long unused)
{
	int fd = open(DIR, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);

	return fd < 0 ? errno : close(fd);
}

/* Writes that many bytes by one system call, to a file of its own. */
static int act_write(long count)
{
	static char zeros[65536];
	ssize_t done;
	char path[64];
	int fd, err = 0;

	fd = open(numbered(path, sizeof(path), "written", 0),
		  O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno;
	done = write(fd, zeros, count);
	if (done < 0)
		err = errno;
	else if (done != count)
		err = EIO;
	close(fd);
	unlink(path);
	return err;
}

static int act_read_zeros(long count)
{
	static char buf[65536];
	int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	ssize_t done = read(fd, buf, count);

	close(fd);
	return done == count ? 0 : EIO;
}

static int act_exec_it(long path)
{
	char *const argv[] = { (char *)path, NULL };
	int status;
	pid_t pid = fork();

	if (!pid) {
		/* What the program's loader complains of there would count as written. */
		close(STDERR_FILENO);
		execv(argv[0], argv);
		_exit(errno);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
}

static int act_exec(long unused)
{
	return act_exec_it(PATH(PROGRAM));
}

static int act_times(long unused)
{
	return 0;
}

/* Use that much CPU time, in milliseconds. */
static int act_spin(long ms)
{
	struct timespec now, end;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
	end.tv_sec += ms / 1000;
	end.tv_nsec += ms % 1000 * 1000000;
	do {
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	} while ((now.tv_sec - end.tv_sec) * 1000000000LL + now.tv_nsec - end.tv_nsec < 0);
	return 0;
}

/* What it has used of that, in milliseconds. */
static int act_cpu(long unused)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return -(now.tv_sec * 1000 + now.tv_nsec / 1000000);
}

/* One limit after which an act is denied */

FIXTURE(denied) {
	struct actor a;
	int fd;
	int socket;
	uint64_t id;
};

FIXTURE_VARIANT(denied) {
	int resource;
	int error;
	int op;
	act_fn act;
	/* The act takes the port of a listener. */
	bool port;
};

#define DENIED(name, _resource, _error, _op, _act, _port)	\
FIXTURE_VARIANT_ADD(denied, name)				\
{								\
	.resource = SBPF_RESOURCE_##_resource,			\
	.error = _error,					\
	.op = SBPF_OP_##_op,					\
	.act = _act,						\
	.port = _port,						\
}
DENIED(open_files, OPEN_FILES, EMFILE, MAX, act_hold_file, false);
DENIED(open_sockets, OPEN_FILES, EMFILE, MAX, act_hold_socket, false);
DENIED(open_eventfds, OPEN_FILES, EMFILE, MAX, act_hold_eventfd, false);
DENIED(files, FILES_CREATED, EDQUOT, PATH_MKNOD, act_create_file, false);
DENIED(dirs, FILES_CREATED, EDQUOT, PATH_MKDIR, act_create_dir, false);
DENIED(links, FILES_CREATED, EDQUOT, PATH_SYMLINK, act_create_link, false);
DENIED(pipes, FILES_CREATED, EDQUOT, PATH_MKNOD, act_create_pipe, false);
DENIED(nameless, FILES_CREATED, EDQUOT, FILE_OPEN, act_create_nameless, false);
DENIED(sockets, SOCKETS, ENOBUFS, SOCKET_CREATE, act_socket, false);
DENIED(connections, CONNECTIONS, ENOBUFS, SOCKET_CONNECT, act_connect, true);
DENIED(fastopen, CONNECTIONS, ENOBUFS, SOCKET_SENDMSG, act_fastopen, true);

FIXTURE_SETUP(denied)
{
	policy_reset(&probe);
	ASSERT_EQ(0, actor_start(&self->a));
	self->socket = listener();
	ASSERT_LE(0, self->socket);
	self->fd = sandbox_create("probe", "", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, self->fd);
	self->id = sandbox_id(self->fd);
	events_reset();
}

FIXTURE_TEARDOWN(denied)
{
	sandbox_kill(self->fd);
	actor_stop(&self->a);
	close(self->socket);
}

TEST_F(denied, beyond_the_limit_and_not_before)
{
	long arg = variant->port ? listener_address.sin_port : AF_UNIX;
	const struct sbpf_event *seen;
	struct sbpf_stat stat;
	int i;

	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	/* The control: without the limit it can be done more often. */
	for (i = 0; i < 2 * LIMIT; i++)
		ASSERT_EQ(0, actor_call(&self->a, variant->act, arg));
	ASSERT_EQ(0, actor_call(&self->a, act_drop, FILES_MAX));
	ASSERT_EQ(0, sandbox_stat(self->fd, &stat));
	ASSERT_EQ(0, sandbox_limit(self->fd, variant->resource,
				   stat.usage[variant->resource] + LIMIT, SBPF_ACTION_DENY));
	for (i = 0; i < LIMIT; i++)
		EXPECT_EQ(0, actor_call(&self->a, variant->act, arg));
	EXPECT_EQ(0, events_total());

	for (i = 0; i < LIMIT; i++)
		EXPECT_EQ(variant->error, actor_call(&self->a, variant->act, arg));
	EXPECT_EQ(LIMIT, events_total());
	seen = event(SBPF_EVENT_DENIED, 0);
	EXPECT_EQ(variant->op, seen->op);
	EXPECT_EQ(-variant->error, seen->error);
	EXPECT_EQ(SBPF_EVENT_LIMIT, seen->flags);
	EXPECT_EQ(variant->resource, seen->resource);
	EXPECT_EQ(self->id, seen->sandbox);
	EXPECT_EQ(self->a.pid, seen->pid);
	EXPECT_EQ(stat.usage[variant->resource] + LIMIT, usage(self->fd, variant->resource));
	EXPECT_EQ(-1, stopped(self->fd));

	/* Without it again. */
	ASSERT_EQ(0, sandbox_limit(self->fd, variant->resource, SBPF_UNLIMITED,
				   SBPF_ACTION_DENY));
	EXPECT_EQ(0, actor_call(&self->a, variant->act, arg));
	EXPECT_EQ(stat.usage[variant->resource] + LIMIT + 1,
		  usage(self->fd, variant->resource));
}

TEST_F(denied, is_let_pass_to_notify)
{
	long arg = variant->port ? listener_address.sin_port : AF_UNIX;
	const struct sbpf_event *seen;
	int i;

	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	ASSERT_EQ(0, sandbox_limit(self->fd, variant->resource, LIMIT, SBPF_ACTION_NOTIFY));
	for (i = 0; i < LIMIT; i++)
		ASSERT_EQ(0, actor_call(&self->a, variant->act, arg));
	EXPECT_EQ(0, events_total());
	for (i = 0; i < LIMIT; i++)
		ASSERT_EQ(0, actor_call(&self->a, variant->act, arg));
	/* When it was passed, not each time. */
	EXPECT_EQ(1, events_total());
	seen = event(SBPF_EVENT_DENIED, 0);
	EXPECT_EQ(SBPF_EVENT_LIMIT | SBPF_EVENT_COMPLAIN, seen->flags);
	EXPECT_EQ(variant->resource, seen->resource);
	EXPECT_EQ(0, seen->error);
	EXPECT_EQ(2 * LIMIT, usage(self->fd, variant->resource));
}

TEST_F(denied, kills)
{
	long arg = variant->port ? listener_address.sin_port : AF_UNIX;
	int i;

	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	ASSERT_EQ(0, sandbox_limit(self->fd, variant->resource, LIMIT, SBPF_ACTION_KILL));
	for (i = 0; i < LIMIT; i++)
		ASSERT_EQ(0, actor_call(&self->a, variant->act, arg));
	EXPECT_EQ(SBPF_STATE_LIVE, state(self->fd));
	EXPECT_EQ(KILLED, actor_call(&self->a, variant->act, arg));
	EXPECT_EQ(SBPF_STATE_DYING, state(self->fd));
	EXPECT_EQ(variant->resource, stopped(self->fd));
	EXPECT_EQ(SBPF_EVENT_LIMIT | SBPF_EVENT_KILLED, event(SBPF_EVENT_DENIED, 0)->flags);
	EXPECT_TRUE(sandbox_empty(self->fd, PATIENCE * 1000));
}

static bool is_stopped(pid_t pid)
{
	char path[64], text[512], *end;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (read_file(path, text, sizeof(text)))
		return false;
	end = strrchr(text, ')');
	return end && end[2] == 'T';
}

/* An actor has come upon the limit of a resource of its sandbox, and got no further. */
static void expect_frozen(struct __test_metadata *_metadata, const struct actor *actor, int fd,
			  uint32_t resource)
{
	struct pollfd answer = { .fd = actor->answers, .events = POLLIN };

	EXPECT_TRUE(await(is_stopped(actor->pid)));
	/* Before it could do anything more, such as to tell. */
	EXPECT_EQ(0, poll(&answer, 1, 0));
	EXPECT_EQ(SBPF_STATE_FROZEN, state(fd));
	EXPECT_EQ(resource, stopped(fd));
	EXPECT_EQ(SBPF_EVENT_LIMIT | SBPF_EVENT_FROZEN, event(SBPF_EVENT_DENIED, 0)->flags);
	EXPECT_EQ(resource, event(SBPF_EVENT_DENIED, 0)->resource);
}

TEST_F(denied, freezes)
{
	long arg = variant->port ? listener_address.sin_port : AF_UNIX;
	int i;

	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	ASSERT_EQ(0, sandbox_limit(self->fd, variant->resource, LIMIT, SBPF_ACTION_FREEZE));
	for (i = 0; i < LIMIT; i++)
		ASSERT_EQ(0, actor_call(&self->a, variant->act, arg));
	ASSERT_EQ(0, actor_tell(&self->a, variant->act, arg));
	expect_frozen(_metadata, &self->a, self->fd, variant->resource);
	ASSERT_EQ(0, sandbox_limit(self->fd, variant->resource, SBPF_UNLIMITED,
				   SBPF_ACTION_DENY));
	ASSERT_EQ(0, sbpf_ioctl(self->fd, SBPF_IOC_THAW, NULL));
	/* It was denied before it was stopped. */
	EXPECT_EQ(variant->error, actor_answer(&self->a));
	EXPECT_EQ(0, actor_call(&self->a, variant->act, arg));
	EXPECT_EQ(SBPF_STATE_LIVE, state(self->fd));
}

/* Timers send SIGCONT to the process itself without anybody being asked. */

static void on_continue(int signal)
{
}

static int act_go_on_for_ever(long unused)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGCONT };
	struct itimerspec often;
	timer_t timer;
	int i;

	signal(SIGCONT, on_continue);
	/* A signal to stop ends timers whose own signal is pending just then. */
	for (i = 1; i <= 20; i++) {
		often.it_interval = (struct timespec){ .tv_nsec = i * 45000000 };
		often.it_value = often.it_interval;
		if (timer_create(CLOCK_MONOTONIC, &event, &timer) ||
		    timer_settime(timer, 0, &often, NULL))
			return errno;
	}
	prctl(PR_SET_NAME, "going");
	while (1)
		;
	return 0;
}

static bool is_going(pid_t pid)
{
	char path[64], name[16];

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	return !read_file(path, name, sizeof(name)) && !strcmp(name, "going\n");
}

TEST_F_TIMEOUT(resources, what_is_frozen_and_goes_on_is_killed, 120)
{
	int status;

	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	ASSERT_EQ(0, actor_tell(&self->a, act_go_on_for_ever, 0));
	/* Frozen without its timers it would never go on. */
	ASSERT_TRUE(await(is_going(self->a.pid)));
	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_CPU_TIME, 50000000,
				   SBPF_ACTION_FREEZE));
	ASSERT_EQ(self->a.pid, waitpid(self->a.pid, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status));
	EXPECT_EQ(SIGKILL, WTERMSIG(status));
	EXPECT_EQ(SBPF_RESOURCE_CPU_TIME, stopped(self->fd));
	memset(&self->a, 0, sizeof(self->a));
}

/* Files are given back */

TEST_F(resources, closed_files_do_not_count)
{
	int i;

	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_OPEN_FILES, LIMIT, 0));
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, actor_call(&self->a, act_hold_file, 0));
		ASSERT_EQ(0, actor_call(&self->a, act_hold_pipe, 0));
		ASSERT_EQ(3, usage(self->fd, SBPF_RESOURCE_OPEN_FILES));
		/* Room for one of the two. */
		ASSERT_EQ(EMFILE, actor_call(&self->a, act_hold_pipe, 0));
		ASSERT_TRUE(await(usage(self->fd, SBPF_RESOURCE_OPEN_FILES) == 3));
		/* A descriptor is no file. */
		ASSERT_EQ(0, actor_call(&self->a, act_hold_copy, 0));
		ASSERT_EQ(3, usage(self->fd, SBPF_RESOURCE_OPEN_FILES));
		ASSERT_EQ(0, actor_call(&self->a, act_drop, 1));
		ASSERT_EQ(3, usage(self->fd, SBPF_RESOURCE_OPEN_FILES));
		ASSERT_EQ(0, actor_call(&self->a, act_drop, FILES_MAX));
		ASSERT_TRUE(await(!usage(self->fd, SBPF_RESOURCE_OPEN_FILES)));
	}
	/* What dies with its last process. */
	ASSERT_EQ(0, actor_call(&self->a, act_hold_pipe, 0));
	actor_stop(&self->a);
	EXPECT_TRUE(await(!usage(self->fd, SBPF_RESOURCE_OPEN_FILES)));
}

TEST_F(resources, all_members_share_open_files)
{
	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_OPEN_FILES, 2, 0));
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	ASSERT_EQ(0, actor_call(&self->b, act_enter_id, self->id));
	ASSERT_EQ(0, actor_call(&self->a, act_hold_file, 0));
	ASSERT_EQ(0, actor_call(&self->b, act_hold_file, 0));
	EXPECT_EQ(EMFILE, actor_call(&self->a, act_hold_file, 0));
	EXPECT_EQ(EMFILE, actor_call(&self->b, act_hold_file, 0));
	ASSERT_EQ(0, actor_call(&self->b, act_drop, 1));
	ASSERT_TRUE(await(usage(self->fd, SBPF_RESOURCE_OPEN_FILES) == 1));
	EXPECT_EQ(0, actor_call(&self->a, act_hold_file, 0));
}

/* Bytes */

TEST_F(resources, bytes_are_counted_exactly)
{
	uint64_t written;

	if (!kernel_counts_bytes())
		SKIP(return, "this kernel does not count bytes");
	ASSERT_EQ(0, actor_call(&self->a, act_write, 60000));
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	/* Its answers to the test, which are there before the kernel has counted them. */
	EXPECT_TRUE(await(usage(self->fd, SBPF_RESOURCE_BYTES_WRITTEN) == sizeof(int)));
	ASSERT_EQ(0, actor_call(&self->a, act_write, 12345));
	EXPECT_TRUE(await(usage(self->fd, SBPF_RESOURCE_BYTES_WRITTEN) ==
			  12345 + 2 * sizeof(int)));
	ASSERT_EQ(0, actor_call(&self->a, act_read_zeros, 54321));
	EXPECT_LE(54321, usage(self->fd, SBPF_RESOURCE_BYTES_READ));
	EXPECT_GT(54321 + 200, usage(self->fd, SBPF_RESOURCE_BYTES_READ));
	/* What a task has written stays when it is gone. */
	written = usage(self->fd, SBPF_RESOURCE_BYTES_WRITTEN);
	actor_stop(&self->a);
	EXPECT_TRUE(await(!sandbox_pids(self->fd)));
	EXPECT_LE(written, usage(self->fd, SBPF_RESOURCE_BYTES_WRITTEN));
	EXPECT_GT(written + 16, usage(self->fd, SBPF_RESOURCE_BYTES_WRITTEN));
}

TEST_F(resources, writing_ends_at_the_limit)
{
	const struct sbpf_event *seen;

	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	/* It is not taken where it would mean nothing. */
	ASSERT_EQ(kernel_counts_bytes() ? 0 : EOPNOTSUPP,
		  sandbox_limit(self->fd, SBPF_RESOURCE_BYTES_WRITTEN, 100000, 0));
	if (!kernel_counts_bytes())
		return;
	ASSERT_EQ(0, actor_call(&self->a, act_write, 60000));
	/* Begins below it. Then it cannot even answer. */
	ASSERT_EQ(0, actor_tell(&self->a, act_write, 60000));
	EXPECT_TRUE(await(events_count(SBPF_EVENT_DENIED) > 0));
	seen = event(SBPF_EVENT_DENIED, 0);
	EXPECT_EQ(-EDQUOT, seen->error);
	EXPECT_EQ(SBPF_RESOURCE_BYTES_WRITTEN, seen->resource);
}

/* Rates */

TEST_F(resources, rates_are_of_each_second)
{
	int i, done = 0, since = 0, refused = 0, err, server = listener();
	const long port = listener_address.sin_port;
	double begin = seconds();

	ASSERT_LE(0, server);
	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_CONNECTION_RATE, 2, 0));
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	/* Until it was refused in three seconds, each time after two at least. */
	while (refused < 3 && seconds() < begin + PATIENCE) {
		err = actor_call(&self->a, act_connect, port);
		if (!err) {
			done++;
			since++;
			continue;
		}
		ASSERT_EQ(EAGAIN, err);
		if (!since)
			continue;
		EXPECT_LE(2, since);
		since = 0;
		refused++;
	}
	EXPECT_EQ(3, refused);
	/* And no more than two in each second that was begun. */
	EXPECT_GE(2 * ((int)(seconds() - begin) + 2), done);
	EXPECT_EQ(done, usage(self->fd, SBPF_RESOURCE_CONNECTIONS));
	EXPECT_GE(2, usage(self->fd, SBPF_RESOURCE_CONNECTION_RATE));
	EXPECT_EQ(SBPF_RESOURCE_CONNECTION_RATE, event(SBPF_EVENT_DENIED, 0)->resource);
	for (i = 0; i < 5; i++)
		EXPECT_EQ(0, actor_call(&self->b, act_connect, port));
	close(server);
}

/* Time */

/*
 * Two members with children, one of them in a nested sandbox, are killed: when their time
 * is over, or by the owner. How long after that all have ended, in nanoseconds.
 */
static uint64_t end_of_all(bool by_limit)
{
	const uint64_t limit = 3000000000 * slow();
	int fd = sandbox_create("probe", "", 0, SBPF_UNLIMITED), inner = -1, i;
	struct actor actors[2];
	uint64_t end, late = ~0ULL;

	if (by_limit && sandbox_limit(fd, SBPF_RESOURCE_WALL_TIME, limit, SBPF_ACTION_KILL))
		return late;
	for (i = 0; i < 2; i++)
		actor_start(&actors[i]);
	end = boottime_ns() + limit;
	if (!actor_call(&actors[0], act_enter, fd) && !actor_call(&actors[1], act_enter, fd) &&
	    !actor_call(&actors[1], act_create, SBPF_UNLIMITED)) {
		inner = sandbox_open(actor_call(&actors[1], act_own_id, 0));
		if (!actor_call(&actors[1], act_enter_own, 0) &&
		    !actor_call(&actors[0], act_breed, 3) &&
		    !actor_call(&actors[1], act_breed, 3) && sandbox_pids(fd) == 8 &&
		    sandbox_pids(inner) == 4) {
			if (!by_limit) {
				end = boottime_ns();
				sandbox_kill(fd);
			}
			if (sandbox_empty(fd, PATIENCE * 1000))
				late = boottime_ns() - end;
		}
		if (sandbox_pids(fd) || sandbox_pids(inner) || state(inner) != SBPF_STATE_DYING ||
		    stopped(fd) != (by_limit ? SBPF_RESOURCE_WALL_TIME : -1))
			late = ~0ULL;
		close(inner);
	}
	for (i = 0; i < 2; i++)
		actor_stop(&actors[i]);
	close(fd);
	return late;
}

TEST_F_TIMEOUT(resources, wall_time_kills_all_in_time, 120)
{
	uint64_t late, dying;
	int tries = 0;

	/* As for CPU time. What dies takes its time, however it is killed. */
	do {
		dying = end_of_all(false);
		ASSERT_NE(~0ULL, dying);
		late = end_of_all(true);
	} while (late > dying + 100000000 && ++tries < 5);
	EXPECT_GE(dying + 100000000, late);
}

TEST_F(resources, wall_time_kills_in_time)
{
	const uint64_t limit = 1000000000 * slow();
	struct sbpf_stat stat;
	uint64_t begin, late;

	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_WALL_TIME, limit, SBPF_ACTION_KILL));
	/* It has not begun. */
	usleep(limit / 1000 + 200000);
	ASSERT_EQ(SBPF_STATE_LIVE, state(self->fd));
	EXPECT_EQ(0, usage(self->fd, SBPF_RESOURCE_WALL_TIME));
	begin = boottime_ns();
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	ASSERT_EQ(0, actor_call(&self->a, act_breed, 2));
	EXPECT_TRUE(sandbox_empty(self->fd, PATIENCE * 1000));
	ASSERT_EQ(0, sandbox_stat(self->fd, &stat));
	EXPECT_EQ(SBPF_RESOURCE_WALL_TIME + 1, stat.stopped);
	/* What they still try is denied as well. */
	EXPECT_LE(1, events_count(SBPF_EVENT_DENIED));
	late = event(SBPF_EVENT_DENIED, 0)->time_ns - begin - limit;
	EXPECT_GT(100000000, late) {
		TH_LOG("%llu ns late", (unsigned long long)late);
	}
	EXPECT_EQ(SBPF_OP_MAX, event(SBPF_EVENT_DENIED, 0)->op);
	EXPECT_EQ(SBPF_EVENT_LIMIT | SBPF_EVENT_KILLED, event(SBPF_EVENT_DENIED, 0)->flags);
	EXPECT_EQ(SBPF_RESOURCE_WALL_TIME, event(SBPF_EVENT_DENIED, 0)->resource);
	EXPECT_EQ(0, event(SBPF_EVENT_DENIED, 0)->pid);
}

/* Two that spin until the limit of half a second kills them: what they used. */
static uint64_t spin_to_the_limit(void)
{
	struct actor spinners[2];
	int fd = sandbox_create("probe", "", 0, SBPF_UNLIMITED), i;
	uint64_t used = ~0ULL;

	if (sandbox_limit(fd, SBPF_RESOURCE_CPU_TIME, 500000000, SBPF_ACTION_KILL))
		return used;
	for (i = 0; i < 2; i++) {
		actor_start(&spinners[i]);
		actor_call(&spinners[i], act_enter, fd);
		actor_tell(&spinners[i], act_spin, 100000);
	}
	if (sandbox_empty(fd, PATIENCE * 1000) && stopped(fd) == SBPF_RESOURCE_CPU_TIME)
		used = usage(fd, SBPF_RESOURCE_CPU_TIME);
	for (i = 0; i < 2; i++)
		actor_stop(&spinners[i]);
	close(fd);
	return used;
}

TEST_F_TIMEOUT(resources, cpu_time_kills_in_time, 120)
{
	const uint64_t most = 500000000 + 200000000 * slow();
	uint64_t used;
	int tries = 0;

	/* What it used before does not count. */
	ASSERT_EQ(0, actor_call(&self->a, act_spin, 700));
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	ASSERT_EQ(0, actor_call(&self->a, act_spin, 300));
	used = usage(self->fd, SBPF_RESOURCE_CPU_TIME);
	EXPECT_LE(300000000, used);
	/* Without those 700 at least, and not more than the kernel tells of it. */
	EXPECT_GE((-actor_call(&self->a, act_cpu, 0) - 690) * 1000000LL, used);
	EXPECT_EQ(SBPF_STATE_LIVE, state(self->fd));

	/*
	 * A tenth of a second late, of each of two. Where the machine itself does not run
	 * all the time it is tried again.
	 */
	do {
		used = spin_to_the_limit();
		EXPECT_LE(500000000, used);
	} while (used > most && ++tries < 5);
	EXPECT_GE(most, used);
}

TEST_F(resources, time_notifies_once)
{
	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_WALL_TIME, 1,
				   SBPF_ACTION_NOTIFY));
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	EXPECT_TRUE(await(events_count(SBPF_EVENT_DENIED) == 1));
	ASSERT_EQ(0, actor_call(&self->b, act_enter_id, self->id));
	usleep(300000);
	EXPECT_EQ(1, events_count(SBPF_EVENT_DENIED));
	EXPECT_EQ(SBPF_EVENT_LIMIT | SBPF_EVENT_COMPLAIN, event(SBPF_EVENT_DENIED, 0)->flags);
	EXPECT_EQ(0, actor_call(&self->a, act_times, 0));
}

/* What goes wrong costs nothing afterwards */

#define BROKEN	DIR "/broken"	/* may be executed, but is no program */

TEST_F(resources, failed_execs_leave_nothing)
{
	uint64_t files, execs;
	int i;

	ASSERT_EQ(0, write_file(BROKEN, "no program\n"));
	ASSERT_EQ(0, chmod(BROKEN, 0755));
	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_OPEN_FILES, 50, 0));
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	ASSERT_EQ(0, actor_call(&self->a, act_hold_file, 0));
	/* The control. */
	ASSERT_EQ(0, actor_call(&self->a, act_exec_it, PATH(PROGRAM)));
	EXPECT_TRUE(await(sandbox_pids(self->fd) == 1));
	EXPECT_TRUE(await(usage(self->fd, SBPF_RESOURCE_OPEN_FILES) == 1));
	files = usage(self->fd, SBPF_RESOURCE_OPEN_FILES);
	execs = usage(self->fd, SBPF_RESOURCE_EXECS);
	EXPECT_EQ(1, execs);
	policy_rule(&probe, 1, SBPF_OP_CHARGE, VERDICT, 0, SBPF_RESOURCE_EXEC_RATE + 1);
	for (i = 0; i < 5; i++)
		EXPECT_EQ(VERDICT, actor_call(&self->a, act_exec_it, PATH(PROGRAM)));
	policy_rule(&probe, 1, SBPF_OP_CHARGE, 0, 0, 0);
	for (i = 0; i < 5; i++) {
		EXPECT_EQ(ENOENT, actor_call(&self->a, act_exec_it, PATH(DIR "/nothing")));
		EXPECT_EQ(EACCES, actor_call(&self->a, act_exec_it, PATH(FREE)));
		EXPECT_EQ(ENOEXEC, actor_call(&self->a, act_exec_it, PATH(BROKEN)));
	}
	EXPECT_EQ(execs, usage(self->fd, SBPF_RESOURCE_EXECS));
	EXPECT_TRUE(await(sandbox_pids(self->fd) == 1));
	EXPECT_TRUE(await(usage(self->fd, SBPF_RESOURCE_OPEN_FILES) == files));
}

TEST_F(resources, accounts_outlive_the_policy)
{
	struct policy gone;
	uint64_t pids[4];
	int fd, i, count;

	ASSERT_EQ(0, policy_open(&gone, "gone", OPS_ALL));
	ASSERT_EQ(0, policy_register(&gone));
	fd = sandbox_create("gone", "", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, sandbox_limit(fd, SBPF_RESOURCE_OPEN_FILES, 50, 0));
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, sandbox_id(fd)));
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, actor_call(&self->a, act_hold_file, 0));
	ASSERT_EQ(0, actor_call(&self->a, act_breed, 2));
	policy_close(&gone);
	EXPECT_EQ(SBPF_STATE_ORPHAN, state(fd));
	/* What is denied is not charged. */
	EXPECT_EQ(EPERM, actor_call(&self->a, act_breed, 3));
	EXPECT_EQ(EPERM, actor_call(&self->a, act_hold_file, 0));
	EXPECT_EQ(3, sandbox_pids(fd));
	EXPECT_TRUE(await(usage(fd, SBPF_RESOURCE_OPEN_FILES) == 3));
	/* The children have the same files. */
	EXPECT_EQ(0, actor_call(&self->a, act_drop, 1));
	EXPECT_EQ(3, usage(fd, SBPF_RESOURCE_OPEN_FILES));
	count = sandbox_members(fd, pids, 4);
	ASSERT_EQ(3, count);
	for (i = 0; i < count; i++)
		if (pids[i] != self->a.pid)
			ASSERT_EQ(0, kill(pids[i], SIGKILL));
	EXPECT_TRUE(await(sandbox_pids(fd) == 1));
	EXPECT_TRUE(await(usage(fd, SBPF_RESOURCE_OPEN_FILES) == 2));
	actor_stop(&self->a);
	EXPECT_TRUE(await(!sandbox_pids(fd)));
	EXPECT_TRUE(await(!usage(fd, SBPF_RESOURCE_OPEN_FILES)));
	close(fd);
}

/* Actions of what is not charged for good */

FIXTURE(acted) {
	struct actor a;
	int fd;
	int socket;
};

FIXTURE_VARIANT(acted) {
	int resource;
	int error;
	/* Of enum acting. */
	int act;
};

enum acting { BREED, CONNECT_IT, EXEC_IT, WRITE_MUCH };

#define ACTED(name, _resource, _error, _act)		\
FIXTURE_VARIANT_ADD(acted, name)			\
{							\
	.resource = SBPF_RESOURCE_##_resource,		\
	.error = _error,				\
	.act = _act,					\
}
ACTED(pids, PIDS, EAGAIN, BREED);
ACTED(connection_rate, CONNECTION_RATE, EAGAIN, CONNECT_IT);
ACTED(exec_rate, EXEC_RATE, EAGAIN, EXEC_IT);
ACTED(bytes_written, BYTES_WRITTEN, EDQUOT, WRITE_MUCH);

FIXTURE_SETUP(acted)
{
	if (variant->resource == SBPF_RESOURCE_BYTES_WRITTEN && !kernel_counts_bytes())
		SKIP(return, "this kernel does not count bytes");
	policy_reset(&probe);
	/* Known to the actor. */
	self->socket = listener();
	ASSERT_LE(0, self->socket);
	ASSERT_EQ(0, actor_start(&self->a));
	self->fd = sandbox_create("probe", "", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, sandbox_id(self->fd)));
	events_reset();
}

FIXTURE_TEARDOWN(acted)
{
	sandbox_kill(self->fd);
	actor_stop(&self->a);
	close(self->socket);
}

/* How much that takes: two of them are more than the limit. */
#define ACTED_LIMIT	1
#define BYTES		60000

static int act_once(long what)
{
	switch (what) {
	case BREED: return act_breed(children_count + 1);
	case CONNECT_IT: return act_connect(listener_address.sin_port);
	case EXEC_IT: return act_exec(0);
	default: return act_write(BYTES);
	}
}

/* Until it fails; what begins a second may be the first of the next one. */
static int act_until_refused(long what)
{
	const double until = seconds() + PATIENCE;
	int err;

	do {
		err = act_once(what);
	} while (!err && seconds() < until && children_count < CHILDREN_MAX);
	return err;
}

static int act_often(long what)
{
	int err = 0, i;

	for (i = 0; i < 10 && !err; i++)
		err = act_once(what);
	return err;
}

static uint64_t acted_limit(int resource)
{
	return resource == SBPF_RESOURCE_PIDS ? 2 :
	       resource == SBPF_RESOURCE_BYTES_WRITTEN ? BYTES + BYTES / 2 : ACTED_LIMIT;
}

TEST_F(acted, control)
{
	EXPECT_EQ(0, actor_call(&self->a, act_often, variant->act));
	EXPECT_EQ(0, events_total());
}

TEST_F(acted, kills)
{
	int err;

	ASSERT_EQ(0, sandbox_limit(self->fd, variant->resource, acted_limit(variant->resource),
				   SBPF_ACTION_KILL));
	err = actor_call(&self->a, act_until_refused, variant->act);
	/* Who executes is a child of it, and dies first. */
	EXPECT_TRUE(err == KILLED || (err == EIO && variant->act == EXEC_IT));
	EXPECT_EQ(SBPF_STATE_DYING, state(self->fd));
	EXPECT_EQ(variant->resource, stopped(self->fd));
	EXPECT_EQ(SBPF_EVENT_LIMIT | SBPF_EVENT_KILLED, event(SBPF_EVENT_DENIED, 0)->flags);
	EXPECT_EQ(variant->resource, event(SBPF_EVENT_DENIED, 0)->resource);
	EXPECT_EQ(-variant->error, event(SBPF_EVENT_DENIED, 0)->error);
	EXPECT_TRUE(sandbox_empty(self->fd, PATIENCE * 1000));
}

TEST_F(acted, freezes)
{
	ASSERT_EQ(0, sandbox_limit(self->fd, variant->resource, acted_limit(variant->resource),
				   SBPF_ACTION_FREEZE));
	ASSERT_EQ(0, actor_tell(&self->a, act_until_refused, variant->act));
	expect_frozen(_metadata, &self->a, self->fd, variant->resource);
	ASSERT_EQ(0, sandbox_limit(self->fd, variant->resource, SBPF_UNLIMITED,
				   SBPF_ACTION_DENY));
	ASSERT_EQ(0, sbpf_ioctl(self->fd, SBPF_IOC_THAW, NULL));
	EXPECT_EQ(variant->error, actor_answer(&self->a));
	EXPECT_EQ(0, actor_call(&self->a, act_once, variant->act));
	EXPECT_EQ(SBPF_STATE_LIVE, state(self->fd));
}

TEST_F(acted, notifies)
{
	const double until = seconds() + PATIENCE;

	ASSERT_EQ(0, sandbox_limit(self->fd, variant->resource, acted_limit(variant->resource),
				   SBPF_ACTION_NOTIFY));
	do {
		ASSERT_EQ(0, actor_call(&self->a, act_often, variant->act));
	} while (!events_count(SBPF_EVENT_DENIED) && seconds() < until &&
		 variant->act != BREED);
	EXPECT_TRUE(await(events_count(SBPF_EVENT_DENIED)));
	EXPECT_EQ(SBPF_EVENT_LIMIT | SBPF_EVENT_COMPLAIN, event(SBPF_EVENT_DENIED, 0)->flags);
	EXPECT_EQ(variant->resource, event(SBPF_EVENT_DENIED, 0)->resource);
	EXPECT_EQ(0, event(SBPF_EVENT_DENIED, 0)->error);
	EXPECT_EQ(SBPF_STATE_LIVE, state(self->fd));
	EXPECT_EQ(-1, stopped(self->fd));
}

/* Nested */

TEST_F(resources, nested_use_counts_in_every_layer)
{
	int inner;

	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_SOCKETS, 3, 0));
	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_OPEN_FILES, 30, 0));
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	ASSERT_EQ(0, actor_call(&self->b, act_enter_id, self->id));
	ASSERT_EQ(0, actor_call(&self->a, act_socket, AF_UNIX));
	/* Far more than it takes to enter another. */
	ASSERT_EQ(0, actor_call(&self->a, act_spin, 200));
	ASSERT_EQ(0, actor_call(&self->a, act_create, -1));
	inner = sandbox_open(actor_call(&self->a, act_own_id, 0));
	ASSERT_LE(0, inner);
	ASSERT_EQ(0, actor_call(&self->a, act_enter_own, 0));
	/* What was used outside stays there. */
	EXPECT_EQ(0, usage(inner, SBPF_RESOURCE_SOCKETS));
	EXPECT_GT(200000000, usage(inner, SBPF_RESOURCE_CPU_TIME));
	EXPECT_LE(200000000, usage(self->fd, SBPF_RESOURCE_CPU_TIME));
	ASSERT_EQ(0, actor_call(&self->a, act_socket, AF_UNIX));
	ASSERT_EQ(0, actor_call(&self->a, act_spin, 20));
	EXPECT_EQ(1, usage(inner, SBPF_RESOURCE_SOCKETS));
	EXPECT_EQ(2, usage(self->fd, SBPF_RESOURCE_SOCKETS));
	EXPECT_LE(20000000, usage(inner, SBPF_RESOURCE_CPU_TIME));
	EXPECT_LE(220000000, usage(self->fd, SBPF_RESOURCE_CPU_TIME));

	/* The limit is that of the outer, which the other uses as well. */
	ASSERT_EQ(0, actor_call(&self->b, act_socket, AF_UNIX));
	EXPECT_EQ(ENOBUFS, actor_call(&self->a, act_socket, AF_UNIX));
	EXPECT_EQ(self->id, event(SBPF_EVENT_DENIED, 0)->sandbox);
	EXPECT_EQ(1, usage(inner, SBPF_RESOURCE_SOCKETS));
	EXPECT_EQ(3, usage(self->fd, SBPF_RESOURCE_SOCKETS));
	/* The limit that the inner has not got: files count there too. */
	ASSERT_EQ(0, actor_call(&self->a, act_hold_file, 0));
	EXPECT_EQ(1, usage(inner, SBPF_RESOURCE_OPEN_FILES));
	ASSERT_EQ(0, actor_call(&self->a, act_drop, 1));
	EXPECT_TRUE(await(!usage(inner, SBPF_RESOURCE_OPEN_FILES)));
	close(inner);
}

/* The policy is asked about each charge */

TEST_F(denied, policy_is_asked_before)
{
	long arg = variant->port ? listener_address.sin_port : AF_UNIX;
	struct probe_record *record = &probe.skel->bss->records[1][SBPF_OP_CHARGE];
	const struct sbpf_event *seen;
	uint64_t used;
	int i;

	/* Open files are counted where there is a limit of them. */
	ASSERT_EQ(0, sandbox_limit(self->fd, variant->resource, 100, SBPF_ACTION_DENY));
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	for (i = 0; i < LIMIT; i++)
		ASSERT_EQ(0, actor_call(&self->a, variant->act, arg));
	used = usage(self->fd, variant->resource);
	EXPECT_LE(LIMIT, used);
	policy_rule(&probe, 1, SBPF_OP_CHARGE, VERDICT, 0, variant->resource + 1);
	EXPECT_EQ(VERDICT, actor_call(&self->a, variant->act, arg));
	EXPECT_EQ(1, record->hits);
	EXPECT_EQ(used, record->extra);
	EXPECT_EQ(1, record->number);
	EXPECT_EQ(used, usage(self->fd, variant->resource));
	EXPECT_EQ(1, events_total());
	seen = event(SBPF_EVENT_DENIED, 0);
	EXPECT_EQ(SBPF_OP_CHARGE, seen->op);
	EXPECT_EQ(0, seen->flags);
	EXPECT_EQ(variant->resource, seen->resource);
	EXPECT_EQ(-VERDICT, seen->error);
	policy_rule(&probe, 1, SBPF_OP_CHARGE, 0, 0, 0);
	EXPECT_EQ(0, actor_call(&self->a, variant->act, arg));
}

TEST_F(resources, policy_is_asked_about_tasks)
{
	policy_rule(&probe, 1, SBPF_OP_CHARGE, VERDICT, 0, SBPF_RESOURCE_PIDS + 1);
	/* Not about those who enter. */
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	EXPECT_EQ(VERDICT, actor_call(&self->a, act_fork, 0));
	EXPECT_EQ(1, sandbox_pids(self->fd));
	policy_rule(&probe, 1, SBPF_OP_CHARGE, VERDICT, 0, SBPF_RESOURCE_EXEC_RATE + 1);
	EXPECT_EQ(VERDICT, actor_call(&self->a, act_exec, 0));
	policy_rule(&probe, 1, SBPF_OP_CHARGE, 0, 0, 0);
	EXPECT_EQ(0, actor_call(&self->a, act_exec, 0));
}

/* What depends.bpf.c denies, and the event of it, the only one since events were reset. */
static void expect_over(struct __test_metadata *_metadata, struct actor *actor, act_fn act,
			long arg, uint32_t resource)
{
	const struct sbpf_event *seen;

	events_reset();
	EXPECT_EQ(EUSERS, actor_call(actor, act, arg));
	EXPECT_EQ(1, events_total());
	seen = event(SBPF_EVENT_DENIED, 0);
	EXPECT_EQ(SBPF_OP_CHARGE, seen->op);
	EXPECT_EQ(0, seen->flags);
	EXPECT_EQ(resource, seen->resource);
	EXPECT_EQ(-EUSERS, seen->error);
}

/* On another resource, on time, on what was opened. */
TEST_F(resources, limits_depend_on_what_a_policy_sees)
{
	struct depends_bpf *depends = depends_bpf__open_and_load();
	struct timespec now;
	uint64_t used;
	int fd, i;

	ASSERT_NE(NULL, depends);
	ASSERT_NE(NULL, bpf_map__attach_struct_ops(depends->maps.policy));
	depends->bss->execs = 2;
	depends->bss->until_ns = ~0ULL;
	depends->bss->secret_ino = file_ino(FREE);
	fd = sandbox_create("depends", "", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, sandbox_id(fd)));

	for (i = 0; i < 3; i++) {
		EXPECT_EQ(0, actor_call(&self->a, act_socket, AF_UNIX));
		EXPECT_EQ(0, actor_call(&self->a, act_exec, 0));
	}
	used = usage(fd, SBPF_RESOURCE_SOCKETS);
	EXPECT_EQ(3, used);
	expect_over(_metadata, &self->a, act_socket, AF_UNIX, SBPF_RESOURCE_SOCKETS);
	EXPECT_EQ(used, usage(fd, SBPF_RESOURCE_SOCKETS));

	EXPECT_EQ(0, actor_call(&self->a, act_create_file, 0));
	clock_gettime(CLOCK_MONOTONIC, &now);
	depends->bss->until_ns = now.tv_sec * 1000000000ULL + now.tv_nsec;
	expect_over(_metadata, &self->a, act_create_file, 0, SBPF_RESOURCE_FILES_CREATED);

	EXPECT_EQ(0, actor_call(&self->a, act_fork, 0));
	EXPECT_EQ(0, actor_call(&self->a, act_hold_file, 0));
	expect_over(_metadata, &self->a, act_fork, 0, SBPF_RESOURCE_PIDS);
	close(fd);
}

/* Members cannot do anything about it */

static int act_raise(long id)
{
	int fd = sandbox_open(id);

	return fd < 0 ? -fd : sandbox_limit(fd, SBPF_RESOURCE_SOCKETS, SBPF_UNLIMITED, 0);
}

static int act_raise_own(long unused)
{
	return sandbox_limit(own_sandbox, SBPF_RESOURCE_SOCKETS, SBPF_UNLIMITED, 0);
}

static int act_thaw_own(long unused)
{
	return sbpf_ioctl(own_sandbox, SBPF_IOC_THAW, NULL);
}

TEST_F(resources, members_cannot_raise_them)
{
	EXPECT_EQ(0, actor_call(&self->b, act_raise, self->id));
	ASSERT_EQ(0, actor_call(&self->a, act_create, -1));
	EXPECT_EQ(0, actor_call(&self->a, act_raise_own, 0));
	ASSERT_EQ(0, actor_call(&self->a, act_enter_own, 0));
	EXPECT_EQ(EPERM, actor_call(&self->a, act_raise_own, 0));
	EXPECT_EQ(EPERM, actor_call(&self->a, act_thaw_own, 0));
	EXPECT_EQ(ENOENT, actor_call(&self->a, act_raise, actor_call(&self->a, act_own_id, 0)));
}

/* The page */

/* In memory of each actor of its own. */
static const volatile struct sbpf_usage *page;

static int act_self(long unused)
{
	struct sbpf_stat stat = { .size = sizeof(stat) };

	return sbpf_ioctl(control, SBPF_IOC_SELF, &stat) ?: -(int)stat.id;
}

static int act_map(long unused)
{
	void *at = mmap(NULL, 4096, PROT_READ, MAP_SHARED, control, 0);

	if (at == MAP_FAILED)
		return errno;
	page = at;
	return await(page->seq) ? 0 : ETIME;
}

static int act_map_wrongly(long unused)
{
	void *at;

	at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, control, 0);
	if (at != MAP_FAILED || errno != EACCES)
		return 1;
	at = mmap(NULL, 8192, PROT_READ, MAP_SHARED, control, 0);
	if (at != MAP_FAILED || errno != EINVAL)
		return 2;
	at = mmap(NULL, 4096, PROT_READ, MAP_SHARED, control, 4096);
	if (at != MAP_FAILED || errno != EINVAL)
		return 3;
	if (!mprotect((void *)page, 4096, PROT_READ | PROT_WRITE) || errno != EACCES)
		return 4;
	return 0;
}

/* Does the page tell that many sockets, soon? */
static int act_page_sockets(long count)
{
	return await(page->stat.usage[SBPF_RESOURCE_SOCKETS] == count) ? 0 : ETIME;
}

static int act_page_limit(long pids)
{
	return await(page->stat.limit[SBPF_RESOURCE_PIDS] == pids) ? 0 : ETIME;
}

static int act_page_id(long unused)
{
	return -(int)page->stat.id;
}

static int act_page_events(long count)
{
	return await(page->stat.events == count) ? 0 : ETIME;
}

static int act_page_generation(long generation)
{
	return await(page->stat.policy_generation == generation) ? 0 : ETIME;
}

/* Is it what the ioctl tells, and time that has passed? */
static int act_page_created(long unused)
{
	struct sbpf_stat stat = { .size = sizeof(stat) };

	return sbpf_ioctl(control, SBPF_IOC_SELF, &stat) ?: !page->stat.created_ns ||
	       page->stat.created_ns != stat.created_ns || page->time_ns < stat.created_ns ||
	       page->time_ns > boottime_ns();
}

TEST_F(resources, page_tells_members_what_they_use)
{
	EXPECT_EQ(ENODEV, actor_call(&self->a, act_self, 0));
	EXPECT_EQ(ENODEV, actor_call(&self->a, act_map, 0));
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	EXPECT_EQ(-(int)self->id, actor_call(&self->a, act_self, 0));
	ASSERT_EQ(0, actor_call(&self->a, act_map, 0));
	EXPECT_EQ(0, actor_call(&self->a, act_map_wrongly, 0));
	EXPECT_EQ(-(int)self->id, actor_call(&self->a, act_page_id, 0));
	EXPECT_EQ(0, actor_call(&self->a, act_page_sockets, 0));
	ASSERT_EQ(0, actor_call(&self->a, act_socket, AF_UNIX));
	EXPECT_EQ(0, actor_call(&self->a, act_page_sockets, 1));
	ASSERT_EQ(0, sandbox_set_limit(self->fd, 77));
	EXPECT_EQ(0, actor_call(&self->a, act_page_limit, 77));
	EXPECT_EQ(0, actor_call(&self->a, act_page_created, 0));
	/* Of a nested one it is another page. */
	ASSERT_EQ(0, actor_call(&self->a, act_create, -1));
	ASSERT_EQ(0, actor_call(&self->a, act_enter_own, 0));
	ASSERT_EQ(0, actor_call(&self->a, act_map, 0));
	EXPECT_EQ(-actor_call(&self->a, act_own_id, 0), actor_call(&self->a, act_page_id, 0));
	EXPECT_EQ(0, actor_call(&self->a, act_page_sockets, 0));
}

TEST_F(resources, page_tells_of_policy_and_events)
{
	struct policy first, second;
	struct sbpf_stat stat;
	int fd;

	ASSERT_EQ(0, policy_open(&first, "turns", OPS_ALL));
	ASSERT_EQ(0, policy_register(&first));
	ASSERT_EQ(0, policy_open(&second, "turns", OPS_ALL));
	ASSERT_EQ(0, policy_load(&second));
	fd = sandbox_create("turns", "", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, sandbox_stat(fd, &stat));
	/* It was created. */
	EXPECT_EQ(1, stat.events);
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, sandbox_id(fd)));
	ASSERT_EQ(0, actor_call(&self->a, act_map, 0));
	EXPECT_EQ(0, actor_call(&self->a, act_page_generation, 1));
	EXPECT_EQ(0, actor_call(&self->a, act_page_events, 2));
	policy_forbid(&first, 1, VERDICT);
	EXPECT_EQ(VERDICT, actor_call(&self->a, act_forbidden, 0));
	EXPECT_EQ(0, actor_call(&self->a, act_page_events, 3));
	/* A verdict that is none is told, and that it was taken for another. */
	policy_forbid(&first, 1, -1);
	EXPECT_EQ(EPERM, actor_call(&self->a, act_forbidden, 0));
	EXPECT_EQ(0, actor_call(&self->a, act_page_events, 5));
	/* What is told of another is not told of it. */
	EXPECT_EQ(1, events_sandbox(sandbox_id(fd), "entered"));
	ASSERT_EQ(0, sandbox_stat(self->fd, &stat));
	EXPECT_EQ(1, stat.events);
	ASSERT_EQ(0, policy_replace(&first, &second));
	EXPECT_EQ(0, actor_call(&self->a, act_page_generation, 2));
	sandbox_kill(fd);
	ASSERT_EQ(0, sandbox_stat(fd, &stat));
	EXPECT_EQ(6, stat.events);
	close(fd);
	policy_close(&first);
	policy_close(&second);
}

/* Uses up what the page tells twice. */
static void *open_for_ever(void *unused)
{
	while (1)
		close(open(FREE, O_RDONLY | O_CLOEXEC));
	return NULL;
}

/*
 * Read it until it was seen in that many states: how many looks showed parts of two
 * states, less 1. It is of what was read between two equal and even numbers only.
 */
static int act_read_much(long states)
{
	const double until = seconds() + PATIENCE * slow();
	uint64_t used, most, last = 0;
	pthread_t opener;
	uint32_t before;
	int torn = 0;

	if (pthread_create(&opener, NULL, open_for_ever, NULL))
		return EAGAIN;
	while (states && seconds() < until) {
		for (int i = 0; i < 10000; i++) {
			before = __atomic_load_n(&page->seq, __ATOMIC_ACQUIRE);
			used = page->stat.usage[SBPF_RESOURCE_FILES_OPENED];
			/* Now and then it is written meanwhile. */
			if (!i)
				usleep(5000);
			most = page->stat.peak[SBPF_RESOURCE_FILES_OPENED];
			__atomic_thread_fence(__ATOMIC_ACQUIRE);
			if (before & 1 || before != __atomic_load_n(&page->seq, __ATOMIC_RELAXED))
				continue;
			torn += used != most;
			if (used != last && states)
				states--;
			last = used;
		}
	}
	return states ? ETIME : -1 - torn;
}

TEST_F_TIMEOUT(resources, page_is_never_torn, 60)
{
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	ASSERT_EQ(0, actor_call(&self->a, act_map, 0));
	EXPECT_EQ(-1, actor_call(&self->a, act_read_much, 50));
}

TEST_F(resources, stealth_has_no_page)
{
	int fd = sandbox_create("probe", "", SBPF_SANDBOX_STEALTH, SBPF_UNLIMITED);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, sandbox_id(fd)));
	/* As outside. */
	EXPECT_EQ(ENODEV, actor_call(&self->a, act_self, 0));
	EXPECT_EQ(ENODEV, actor_call(&self->a, act_map, 0));
	sandbox_kill(fd);
	close(fd);
}

/* Several limits at a time, all or none. */
TEST_F(resources, limits_are_set_together)
{
	struct sbpf_limit list[] = {
		{ SBPF_RESOURCE_SOCKETS, SBPF_ACTION_KILL, 7 },
		{ SBPF_RESOURCE_PIDS, SBPF_ACTION_DENY, 8 },
		{ SBPF_RESOURCE_CPU_TIME, SBPF_ACTION_DENY, 9 },
	};
	struct sbpf_set_limits set = {
		.size = sizeof(set),
		.count = 3,
		.limits = (uintptr_t)list,
	};
	struct sbpf_stat stat;

	EXPECT_EQ(EINVAL, sbpf_ioctl(self->fd, SBPF_IOC_SET_LIMITS, &set));
	ASSERT_EQ(0, sandbox_stat(self->fd, &stat));
	EXPECT_EQ(SBPF_UNLIMITED, stat.limit[SBPF_RESOURCE_SOCKETS]);
	EXPECT_EQ(SBPF_UNLIMITED, stat.limit[SBPF_RESOURCE_PIDS]);
	list[2].action = SBPF_ACTION_FREEZE;
	EXPECT_EQ(0, sbpf_ioctl(self->fd, SBPF_IOC_SET_LIMITS, &set));
	ASSERT_EQ(0, sandbox_stat(self->fd, &stat));
	EXPECT_EQ(SBPF_RESOURCE_MAX, stat.resources_count);
	EXPECT_EQ(7, stat.limit[SBPF_RESOURCE_SOCKETS]);
	EXPECT_EQ(SBPF_ACTION_KILL, stat.action[SBPF_RESOURCE_SOCKETS]);
	EXPECT_EQ(8, stat.limit[SBPF_RESOURCE_PIDS]);
	EXPECT_EQ(9, stat.limit[SBPF_RESOURCE_CPU_TIME]);
	EXPECT_EQ(SBPF_ACTION_FREEZE, stat.action[SBPF_RESOURCE_CPU_TIME]);
	set.count = SBPF_LIMITS_MAX + 1;
	EXPECT_EQ(E2BIG, sbpf_ioctl(self->fd, SBPF_IOC_SET_LIMITS, &set));
	set.count = 1;
	set.limits = 1;
	EXPECT_EQ(EFAULT, sbpf_ioctl(self->fd, SBPF_IOC_SET_LIMITS, &set));
}

/* What the kernel limits by its own engines */

#define GROUP	GROUPS "/limits"
#define BELOW	GROUP "/below"
#define BELOW2	GROUP "/below2"
#define BESIDE	GROUPS "/beside"
#define MIB	(1ULL << 20)

FIXTURE(group) {
	struct actor a;
	struct actor b;
	int dir;
	int fd;
	uint64_t id;
};

FIXTURE_SETUP(group)
{
	policy_reset(&probe);
	self->dir = group_make(GROUP);
	ASSERT_LE(0, self->dir);
	ASSERT_EQ(0, actor_start(&self->a));
	ASSERT_EQ(0, actor_start(&self->b));
	self->fd = sandbox_create("probe", "", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, self->fd);
	self->id = sandbox_id(self->fd);
	events_reset();
}

FIXTURE_TEARDOWN(group)
{
	sandbox_kill(self->fd);
	actor_stop(&self->a);
	actor_stop(&self->b);
	close(self->dir);
	group_remove(GROUP);
}

/* What a file of the group says, without the end of the line. */
static const char *told(const char *name)
{
	static char text[128];
	char path[128];

	snprintf(path, sizeof(path), GROUP "/%s", name);
	if (read_file(path, text, sizeof(text)))
		return "";
	text[strcspn(text, "\n")] = '\0';
	return text;
}

TEST_F(group, is_named_once_and_before)
{
	int other = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd;
	struct sbpf_stat stat;

	/* Nobody would see to it. */
	EXPECT_EQ(ENOENT, sandbox_limit(self->fd, SBPF_RESOURCE_MEMORY, MIB, SBPF_ACTION_KILL));
	EXPECT_EQ(ENOENT, sandbox_limit(self->fd, SBPF_RESOURCE_CPU_SHARE, 500, 0));
	EXPECT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_MEMORY, SBPF_UNLIMITED, 0));
	ASSERT_EQ(0, sandbox_stat(self->fd, &stat));
	EXPECT_EQ(SBPF_UNLIMITED, stat.limit[SBPF_RESOURCE_MEMORY]);
	EXPECT_EQ(SBPF_UNLIMITED, stat.limit[SBPF_RESOURCE_CPU_SHARE]);
	/* Nor does anybody measure it. */
	EXPECT_EQ(SBPF_UNKNOWN, stat.usage[SBPF_RESOURCE_MEMORY]);
	EXPECT_EQ(SBPF_UNKNOWN, stat.peak[SBPF_RESOURCE_MEMORY]);
	EXPECT_EQ(SBPF_UNKNOWN, stat.usage[SBPF_RESOURCE_CPU_SHARE]);
	EXPECT_EQ(SBPF_UNKNOWN, stat.peak[SBPF_RESOURCE_CPU_SHARE]);
	EXPECT_EQ(SBPF_UNKNOWN, stat.usage[SBPF_RESOURCE_FILE_SIZE]);
	EXPECT_EQ(SBPF_UNKNOWN, stat.peak[SBPF_RESOURCE_FILE_SIZE]);

	EXPECT_EQ(EBADF, sandbox_set_cgroup(self->fd, -1));
	EXPECT_EQ(EBADF, sandbox_set_cgroup(self->fd, other));
	EXPECT_EQ(EBADF, sandbox_set_cgroup(self->fd, self->fd));
	EXPECT_EQ(EFAULT, sbpf_ioctl(self->fd, SBPF_IOC_SET_CGROUP, (void *)1));
	EXPECT_EQ(0, sandbox_set_cgroup(self->fd, self->dir));
	EXPECT_EQ(EBUSY, sandbox_set_cgroup(self->fd, self->dir));
	close(other);

	/* Whoever enters is in it. */
	EXPECT_EQ(EXDEV, actor_call(&self->a, act_enter_id, self->id));
	EXPECT_EQ(0, sandbox_pids(self->fd));
	ASSERT_EQ(0, actor_call(&self->a, act_join_group, PATH(GROUP)));
	EXPECT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	EXPECT_EQ(1, sandbox_pids(self->fd));

	/* Not when somebody may be outside of it. */
	fd = sandbox_create("probe", "", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, actor_call(&self->b, act_enter_id, sandbox_id(fd)));
	EXPECT_EQ(EBUSY, sandbox_set_cgroup(fd, self->dir));
	sandbox_kill(fd);
}

static int act_bind_own(long path)
{
	int dir = open((const char *)path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = dir < 0 ? errno : sandbox_set_cgroup(own_sandbox, dir);

	close(dir);
	return err;
}

TEST_F(group, nested_ones_are_within)
{
	int dir = group_make(BESIDE);

	ASSERT_LE(0, dir);
	close(dir);
	ASSERT_EQ(0, mkdir(BELOW, 0755));
	ASSERT_EQ(0, sandbox_set_cgroup(self->fd, self->dir));
	ASSERT_EQ(0, actor_call(&self->a, act_join_group, PATH(BELOW)));
	ASSERT_EQ(0, actor_call(&self->b, act_join_group, PATH(GROUP)));
	/* Further in is within as well. */
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	ASSERT_EQ(0, actor_call(&self->b, act_enter_id, self->id));
	ASSERT_EQ(0, actor_call(&self->a, act_create, -1));
	EXPECT_EQ(EXDEV, actor_call(&self->a, act_bind_own, PATH(BESIDE)));
	EXPECT_EQ(EXDEV, actor_call(&self->a, act_bind_own, PATH(GROUPS)));
	EXPECT_EQ(0, actor_call(&self->a, act_bind_own, PATH(BELOW)));
	EXPECT_EQ(0, actor_call(&self->a, act_enter_own, 0));
	EXPECT_EQ(EPERM, actor_call(&self->a, act_bind_own, PATH(BELOW)));
	/* Without one of its own it is that around. */
	ASSERT_EQ(0, actor_call(&self->b, act_create, -1));
	EXPECT_EQ(0, group_move(self->b.pid, BESIDE));
	EXPECT_EQ(EXDEV, actor_call(&self->b, act_enter_own, 0));
	EXPECT_EQ(0, group_move(self->b.pid, GROUP));
	EXPECT_EQ(0, actor_call(&self->b, act_enter_own, 0));
	sandbox_kill(self->fd);
	group_remove(BELOW);
	group_remove(BESIDE);
}

TEST_F(group, gets_the_limits)
{
	struct sbpf_limit both[] = {
		{ SBPF_RESOURCE_CPU_SHARE, SBPF_ACTION_DENY, 250 },
		{ SBPF_RESOURCE_MEMORY, SBPF_ACTION_DENY, 64 * MIB },
	};
	struct sbpf_set_limits set = {
		.size = sizeof(set),
		.count = 2,
		.limits = (uintptr_t)both,
	};
	struct sbpf_stat stat;
	int fd, dir;

	ASSERT_EQ(0, sandbox_set_cgroup(self->fd, self->dir));
	EXPECT_EQ(0, sbpf_ioctl(self->fd, SBPF_IOC_SET_LIMITS, &set));
	EXPECT_STREQ("67108864", told("memory.max"));
	EXPECT_STREQ("0", told("memory.oom.group"));
	EXPECT_STREQ("25000 100000", told("cpu.max"));
	EXPECT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_MEMORY, 32 * MIB, SBPF_ACTION_KILL));
	EXPECT_STREQ("33554432", told("memory.max"));
	EXPECT_STREQ("1", told("memory.oom.group"));
	EXPECT_STREQ("25000 100000", told("cpu.max"));
	ASSERT_EQ(0, sandbox_stat(self->fd, &stat));
	EXPECT_EQ(32 * MIB, stat.limit[SBPF_RESOURCE_MEMORY]);
	EXPECT_EQ(SBPF_ACTION_KILL, stat.action[SBPF_RESOURCE_MEMORY]);
	EXPECT_EQ(250, stat.limit[SBPF_RESOURCE_CPU_SHARE]);

	EXPECT_EQ(EINVAL, sandbox_limit(self->fd, SBPF_RESOURCE_MEMORY, 4095, 0));
	EXPECT_EQ(EINVAL, sandbox_limit(self->fd, SBPF_RESOURCE_CPU_SHARE, 9, 0));
	EXPECT_EQ(EINVAL, sandbox_limit(self->fd, SBPF_RESOURCE_CPU_SHARE, 1000001, 0));
	EXPECT_EQ(EINVAL, sandbox_limit(self->fd, SBPF_RESOURCE_FILE_SIZE, 1,
					SBPF_ACTION_NOTIFY));
	EXPECT_STREQ("25000 100000", told("cpu.max"));
	EXPECT_STREQ("33554432", told("memory.max"));

	/* What the module looks at itself the kernel does not limit. */
	EXPECT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_MEMORY, MIB, SBPF_ACTION_NOTIFY));
	EXPECT_STREQ("max", told("memory.max"));
	EXPECT_STREQ("0", told("memory.oom.group"));
	EXPECT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_CPU_SHARE, SBPF_UNLIMITED, 0));
	EXPECT_STREQ("max 100000", told("cpu.max"));

	/* A group without controllers. */
	ASSERT_EQ(0, mkdir(BELOW, 0755));
	dir = open(BELOW, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fd = sandbox_create("probe", "", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, sandbox_set_cgroup(fd, dir));
	close(dir);
	EXPECT_EQ(EOPNOTSUPP, sandbox_limit(fd, SBPF_RESOURCE_MEMORY, MIB, SBPF_ACTION_KILL));
	EXPECT_EQ(EOPNOTSUPP, sandbox_limit(fd, SBPF_RESOURCE_CPU_SHARE, 500, 0));
	ASSERT_EQ(0, sandbox_stat(fd, &stat));
	EXPECT_EQ(SBPF_UNLIMITED, stat.limit[SBPF_RESOURCE_MEMORY]);
	EXPECT_EQ(SBPF_UNKNOWN, stat.usage[SBPF_RESOURCE_MEMORY]);
	EXPECT_EQ(SBPF_UNKNOWN, stat.peak[SBPF_RESOURCE_MEMORY]);
	/* What it gets later nothing would be told of. */
	ASSERT_EQ(0, write_file(GROUP "/cgroup.subtree_control", "+memory"));
	EXPECT_EQ(EOPNOTSUPP, sandbox_limit(fd, SBPF_RESOURCE_MEMORY, MIB, SBPF_ACTION_KILL));
	sandbox_kill(fd);
	close(fd);
	group_remove(BELOW);
}

/* As their owner could: not by asking the module, which may more. */
static int act_limit_group(long id)
{
	int fd = sandbox_open(id);

	return fd < 0 ? -fd : sandbox_limit(fd, SBPF_RESOURCE_MEMORY, MIB, SBPF_ACTION_KILL);
}

static int act_bind_as_user(long path)
{
	return act_become(USER_A) ?: act_create(-1) ?: act_bind_own(path);
}

TEST_F(group, limits_take_the_permission_to_write_there)
{
	/* Whoever names it could have others in it as well. */
	EXPECT_EQ(EACCES, actor_call(&self->b, act_bind_as_user, PATH(GROUP)));
	ASSERT_EQ(0, chown(GROUP "/cgroup.procs", USER_A, -1));
	EXPECT_EQ(0, actor_call(&self->a, act_bind_as_user, PATH(GROUP)));
	EXPECT_EQ(EACCES, actor_call(&self->a, act_limit_group,
				     actor_call(&self->a, act_own_id, 0)));
	EXPECT_STREQ("max", told("memory.max"));
}

/* Where another file is mounted in place of one of the group. */
static int act_limit_covered(long id)
{
	int fd = sandbox_open(id), dir, err;
	struct stat seen;
	char path[64];

	numbered(path, sizeof(path), "covers", 0);
	close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	if (fd < 0 || unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount(path, GROUP "/memory.max", NULL, MS_BIND, NULL))
		return errno;
	dir = open(GROUP, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	err = sandbox_set_cgroup(fd, dir) ?:
	      sandbox_limit(fd, SBPF_RESOURCE_MEMORY, MIB, SBPF_ACTION_KILL);
	return stat(path, &seen) || seen.st_size ? EEXIST : err;
}

TEST_F(group, limits_are_written_to_no_other_files)
{
	EXPECT_EQ(EXDEV, actor_call(&self->a, act_limit_covered, self->id));
	EXPECT_STREQ("max", told("memory.max"));
	EXPECT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_CPU_SHARE, 500, 0));
}

/* Memory that each actor holds, in its own. */
#define BLOCKS_MAX 4
static struct { void *at; long size; } blocks[BLOCKS_MAX];
static int blocks_count;

static int act_use_memory(long bytes)
{
	char *at;

	if (blocks_count == BLOCKS_MAX)
		return ENOMEM;
	at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (at == MAP_FAILED)
		return errno;
	memset(at, 1, bytes);
	blocks[blocks_count].at = at;
	blocks[blocks_count++].size = bytes;
	return 0;
}

static int act_give_memory(long unused)
{
	if (!blocks_count)
		return ENOENT;
	blocks_count--;
	return munmap(blocks[blocks_count].at, blocks[blocks_count].size) ? errno : 0;
}

static bool near(uint64_t a, uint64_t b)
{
	return a < b + MIB && b < a + MIB;
}

/* Does the page tell that much memory, soon? */
static int act_page_memory(long bytes)
{
	return await(near(page->stat.usage[SBPF_RESOURCE_MEMORY], bytes)) ? 0 : ETIME;
}

TEST_F(group, memory_is_told)
{
	uint64_t before;
	struct sbpf_stat stat;

	ASSERT_EQ(0, sandbox_set_cgroup(self->fd, self->dir));
	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_MEMORY, 64 * MIB, SBPF_ACTION_KILL));
	ASSERT_EQ(0, actor_call(&self->a, act_join_group, PATH(GROUP)));
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	ASSERT_EQ(0, actor_call(&self->a, act_map, 0));
	before = usage(self->fd, SBPF_RESOURCE_MEMORY);
	ASSERT_EQ(0, actor_call(&self->a, act_use_memory, 16 * MIB));
	ASSERT_EQ(0, sandbox_stat(self->fd, &stat));
	EXPECT_TRUE(near(before + 16 * MIB, stat.usage[SBPF_RESOURCE_MEMORY]));
	EXPECT_TRUE(near(strtoull(told("memory.current"), NULL, 10),
			 stat.usage[SBPF_RESOURCE_MEMORY]));
	EXPECT_LE(stat.usage[SBPF_RESOURCE_MEMORY], stat.peak[SBPF_RESOURCE_MEMORY]);
	EXPECT_EQ(0, actor_call(&self->a, act_page_memory, stat.usage[SBPF_RESOURCE_MEMORY]));
	EXPECT_EQ(0, events_total());
}

TEST_F(group, memory_runs_out)
{
	const struct sbpf_event *seen;

	ASSERT_EQ(0, sandbox_set_cgroup(self->fd, self->dir));
	ASSERT_EQ(0, actor_call(&self->a, act_join_group, PATH(GROUP)));
	ASSERT_EQ(0, actor_call(&self->b, act_join_group, PATH(GROUP)));
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	ASSERT_EQ(0, actor_call(&self->b, act_enter_id, self->id));
	/* The control. */
	EXPECT_EQ(0, actor_call(&self->a, act_use_memory, 32 * MIB));
	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_MEMORY, 40 * MIB, SBPF_ACTION_DENY));
	EXPECT_EQ(KILLED, actor_call(&self->a, act_use_memory, 64 * MIB));
	ASSERT_TRUE(await(events_total() == 1));
	seen = event(SBPF_EVENT_DENIED, 0);
	EXPECT_EQ(SBPF_OP_MAX, seen->op);
	EXPECT_EQ(SBPF_EVENT_LIMIT, seen->flags);
	EXPECT_EQ(SBPF_RESOURCE_MEMORY, seen->resource);
	EXPECT_EQ(self->id, seen->sandbox);
	EXPECT_EQ(0, seen->pid);
	EXPECT_EQ(0, actor_call(&self->b, act_nothing, 0));
	EXPECT_EQ(SBPF_STATE_LIVE, state(self->fd));

	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_MEMORY, 40 * MIB, SBPF_ACTION_KILL));
	EXPECT_EQ(KILLED, actor_call(&self->b, act_use_memory, 64 * MIB));
	ASSERT_TRUE(await(events_total() == 2));
	seen = event(SBPF_EVENT_DENIED, 1);
	EXPECT_EQ(SBPF_EVENT_LIMIT | SBPF_EVENT_KILLED, seen->flags);
	EXPECT_EQ(SBPF_RESOURCE_MEMORY, seen->resource);
	EXPECT_EQ(SBPF_STATE_DYING, state(self->fd));
	EXPECT_EQ(SBPF_RESOURCE_MEMORY, stopped(self->fd));
	EXPECT_EQ(1, events_sandbox(self->id, "killed"));
	/* The kernel tells it with a trace of calls, which is no complaint. */
	klogctl(5 /* SYSLOG_ACTION_CLEAR */, NULL, 0);
}

/* More is had until the module sees it. */
TEST_F(group, memory_notifies_and_freezes)
{
	ASSERT_EQ(0, sandbox_set_cgroup(self->fd, self->dir));
	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_MEMORY, 40 * MIB, SBPF_ACTION_NOTIFY));
	ASSERT_EQ(0, actor_call(&self->a, act_join_group, PATH(GROUP)));
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	EXPECT_EQ(0, actor_call(&self->a, act_use_memory, 32 * MIB));
	EXPECT_EQ(0, actor_call(&self->a, act_use_memory, 32 * MIB));
	ASSERT_TRUE(await(events_total() == 1));
	EXPECT_EQ(SBPF_EVENT_LIMIT | SBPF_EVENT_COMPLAIN, event(SBPF_EVENT_DENIED, 0)->flags);
	EXPECT_EQ(SBPF_RESOURCE_MEMORY, event(SBPF_EVENT_DENIED, 0)->resource);
	EXPECT_EQ(0, actor_call(&self->a, act_nothing, 0));
	EXPECT_EQ(SBPF_STATE_LIVE, state(self->fd));

	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_MEMORY, 40 * MIB, SBPF_ACTION_FREEZE));
	ASSERT_TRUE(await(is_stopped(self->a.pid)));
	EXPECT_EQ(SBPF_EVENT_LIMIT | SBPF_EVENT_FROZEN, event(SBPF_EVENT_DENIED, 1)->flags);
	EXPECT_EQ(SBPF_STATE_FROZEN, state(self->fd));
	EXPECT_EQ(SBPF_RESOURCE_MEMORY, stopped(self->fd));
}

/* Each time that it has become more, not once and for all. */
TEST_F(group, memory_notifies_again)
{
	ASSERT_EQ(0, sandbox_set_cgroup(self->fd, self->dir));
	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_MEMORY, 24 * MIB, SBPF_ACTION_NOTIFY));
	ASSERT_EQ(0, actor_call(&self->a, act_join_group, PATH(GROUP)));
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	EXPECT_EQ(0, actor_call(&self->a, act_use_memory, 32 * MIB));
	ASSERT_TRUE(await(events_total() == 1));
	EXPECT_EQ(0, actor_call(&self->a, act_give_memory, 0));
	/* The module says nothing when it sees that. */
	usleep(200000);
	EXPECT_EQ(0, actor_call(&self->a, act_use_memory, 32 * MIB));
	ASSERT_TRUE(await(events_total() == 2));
	EXPECT_EQ(SBPF_EVENT_LIMIT | SBPF_EVENT_COMPLAIN, event(SBPF_EVENT_DENIED, 1)->flags);
}

/* Enter a sandbox, and one in it that has the group below. */
static int act_nest_below(long id)
{
	return act_join_group(PATH(BELOW)) ?: act_enter_id(id) ?: act_create(-1) ?:
	       act_bind_own(PATH(BELOW)) ?: act_enter_own(0);
}

/* What is used in a nested sandbox counts in it and around it; each has its own limit. */
TEST_F(group, memory_of_nested_ones_counts)
{
	int inner;

	ASSERT_EQ(0, mkdir(BELOW, 0755));
	ASSERT_EQ(0, write_file(GROUP "/cgroup.subtree_control", "+memory"));
	ASSERT_EQ(0, sandbox_set_cgroup(self->fd, self->dir));
	ASSERT_EQ(0, actor_call(&self->a, act_nest_below, self->id));
	ASSERT_EQ(0, actor_call(&self->b, act_join_group, PATH(BELOW)));
	ASSERT_EQ(0, actor_call(&self->b, act_enter_id, self->id));
	inner = sandbox_open(actor_call(&self->a, act_own_id, 0));
	ASSERT_LE(0, inner);
	ASSERT_EQ(0, actor_call(&self->b, act_enter_id, sandbox_id(inner)));
	EXPECT_EQ(0, actor_call(&self->a, act_use_memory, 16 * MIB));
	EXPECT_LE(16 * MIB, usage(inner, SBPF_RESOURCE_MEMORY));
	EXPECT_TRUE(near(usage(inner, SBPF_RESOURCE_MEMORY),
			 usage(self->fd, SBPF_RESOURCE_MEMORY)));
	EXPECT_EQ(0, actor_call(&self->a, act_give_memory, 0));

	ASSERT_EQ(0, sandbox_limit(inner, SBPF_RESOURCE_MEMORY, 24 * MIB, SBPF_ACTION_DENY));
	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_MEMORY, 48 * MIB, SBPF_ACTION_KILL));
	EXPECT_EQ(KILLED, actor_call(&self->a, act_use_memory, 32 * MIB));
	ASSERT_TRUE(await(events_total() == 1));
	EXPECT_EQ(sandbox_id(inner), event(SBPF_EVENT_DENIED, 0)->sandbox);
	EXPECT_EQ(SBPF_STATE_LIVE, state(self->fd));

	/* The one around it has less, whatever is let have further in. */
	ASSERT_EQ(0, sandbox_limit(inner, SBPF_RESOURCE_MEMORY, 96 * MIB, SBPF_ACTION_DENY));
	EXPECT_EQ(KILLED, actor_call(&self->b, act_use_memory, 64 * MIB));
	ASSERT_TRUE(await(events_total() == 2));
	EXPECT_EQ(self->id, event(SBPF_EVENT_DENIED, 1)->sandbox);
	EXPECT_EQ(SBPF_RESOURCE_MEMORY, stopped(self->fd));
	EXPECT_EQ(SBPF_STATE_DYING, state(self->fd));
	/* The kernel tells it with a trace of calls, which is no complaint. */
	klogctl(5 /* SYSLOG_ACTION_CLEAR */, NULL, 0);
	close(inner);
	actor_stop(&self->a);
	actor_stop(&self->b);
	group_remove(BELOW);
}

/* The size of one file */

/* Makes a file that large by a write to its end; without a signal. */
static int act_make_file(long size)
{
	char path[64];
	int fd, err;

	signal(SIGXFSZ, SIG_IGN);
	fd = open(numbered(path, sizeof(path), "sized", 0),
		  O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno;
	err = pwrite(fd, "x", 1, size - 1) == 1 ? 0 : errno;
	close(fd);
	unlink(path);
	return err;
}

/* The same, in a child. */
static int act_child_makes_file(long size)
{
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(act_make_file(size));
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
}

/* Does it have that limit, and can it be raised? */
static int act_file_limit(long size)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_FSIZE, &limit) || limit.rlim_max != (rlim_t)size ||
	    limit.rlim_cur != (rlim_t)size)
		return ERANGE;
	limit.rlim_max++;
	return setrlimit(RLIMIT_FSIZE, &limit) ? errno : 0;
}

static int act_limit_file_size(long size)
{
	const struct rlimit limit = { size, size };

	return setrlimit(RLIMIT_FSIZE, &limit) ? errno : 0;
}

/* In memory of each actor of its own: a child that answers what it is asked, or dies. */
static struct actor child;

static int act_have_child(long unused)
{
	return actor_start(&child);
}

static int act_child_file_limit(long size)
{
	return actor_call(&child, act_file_limit, size);
}

TEST_F(resources, file_size_is_limited)
{
	const struct sbpf_event *seen;

	/* Without a limit. */
	EXPECT_EQ(0, actor_call(&self->a, act_make_file, MIB));
	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_FILE_SIZE, 4 * MIB, 0));
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	EXPECT_EQ(0, actor_call(&self->a, act_make_file, 4 * MIB));
	EXPECT_EQ(0, actor_call(&self->a, act_child_makes_file, 4 * MIB));
	EXPECT_EQ(0, events_total());
	EXPECT_EQ(EFBIG, actor_call(&self->a, act_make_file, 4 * MIB + 1));
	EXPECT_EQ(EFBIG, actor_call(&self->a, act_child_makes_file, 4 * MIB + 1));
	EXPECT_EQ(2, events_total());
	seen = event(SBPF_EVENT_DENIED, 0);
	EXPECT_EQ(SBPF_OP_MAX, seen->op);
	EXPECT_EQ(-EFBIG, seen->error);
	EXPECT_EQ(SBPF_EVENT_LIMIT, seen->flags);
	EXPECT_EQ(SBPF_RESOURCE_FILE_SIZE, seen->resource);
	EXPECT_EQ(self->a.pid, seen->pid);
	EXPECT_EQ(0, actor_call(&self->b, act_make_file, 4 * MIB + 1));
	EXPECT_EQ(2, events_total());
}

TEST_F(resources, file_size_is_lowered_for_all)
{
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	ASSERT_EQ(0, actor_call(&self->a, act_have_child, 0));
	ASSERT_EQ(0, actor_call(&self->a, act_create, -1));
	ASSERT_EQ(0, actor_call(&self->a, act_enter_own, 0));
	EXPECT_EQ(0, actor_call(&self->a, act_make_file, 4 * MIB));
	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_FILE_SIZE, 4 * MIB, 0));
	EXPECT_EQ(EFBIG, actor_call(&self->a, act_make_file, 4 * MIB + 1));
	EXPECT_EQ(EPERM, actor_call(&self->a, act_child_file_limit, 4 * MIB));
	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_FILE_SIZE, MIB, 0));
	EXPECT_EQ(EPERM, actor_call(&self->a, act_file_limit, MIB));
	EXPECT_EQ(EPERM, actor_call(&self->a, act_child_file_limit, MIB));
	/* Raised it is for who comes then. */
	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_FILE_SIZE, 8 * MIB, 0));
	EXPECT_EQ(EFBIG, actor_call(&self->a, act_make_file, 4 * MIB));
	ASSERT_EQ(0, actor_call(&self->b, act_enter_id, self->id));
	EXPECT_EQ(EPERM, actor_call(&self->b, act_file_limit, 8 * MIB));
}

TEST_F(resources, members_cannot_raise_file_size)
{
	const struct sbpf_event *seen;
	struct sbpf_stat stat;

	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_FILE_SIZE, MIB, 0));
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	EXPECT_EQ(EPERM, actor_call(&self->a, act_file_limit, MIB));
	EXPECT_EQ(EPERM, actor_call(&self->a, act_file_limit, MIB));
	EXPECT_EQ(2, events_total());
	seen = event(SBPF_EVENT_DENIED, 0);
	EXPECT_EQ(SBPF_OP_TASK_SETRLIMIT, seen->op);
	EXPECT_EQ(-EPERM, seen->error);
	EXPECT_EQ(SBPF_EVENT_LIMIT, seen->flags);
	EXPECT_EQ(SBPF_RESOURCE_FILE_SIZE, seen->resource);
	EXPECT_EQ(RLIMIT_FSIZE, seen->number);
	ASSERT_EQ(0, sandbox_stat(self->fd, &stat));
	EXPECT_EQ(2, stat.denied[SBPF_OP_TASK_SETRLIMIT]);
	/* Whoever has it from elsewhere may. */
	ASSERT_EQ(0, actor_call(&self->b, act_limit_file_size, MIB));
	EXPECT_EQ(0, actor_call(&self->b, act_file_limit, MIB));
	EXPECT_EQ(2, events_total());
}

/* Raises how large files may become, again and again, with all its threads. */
static void *raising(void *size)
{
	for (;;)
		act_limit_file_size((long)size);
	return NULL;
}

static int act_raise_for_ever(long size)
{
	pthread_t thread;
	int i;

	for (i = 0; i < 3; i++)
		if (pthread_create(&thread, NULL, raising, (void *)size))
			return EAGAIN;
	return 0;
}

static uint64_t file_limit_of(const struct actor *actor)
{
	struct rlimit limit;

	return prlimit(actor->pid, RLIMIT_FSIZE, NULL, &limit) ? 0 : limit.rlim_max;
}

/* Whoever sets it while it is lowered has set it before, or may not. */
TEST_F_TIMEOUT(resources, file_size_is_lowered_while_members_raise_it, 120)
{
	int i, raised = 0;

	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	ASSERT_EQ(0, actor_call(&self->a, act_raise_for_ever, 64 * MIB));
	for (i = 0; i < 1000; i++) {
		ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_FILE_SIZE, 64 * MIB, 0));
		/* That it can is the control. */
		ASSERT_TRUE(await(file_limit_of(&self->a) == 64 * MIB));
		raised++;
		ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_FILE_SIZE, MIB, 0));
		ASSERT_EQ(MIB, file_limit_of(&self->a)) {
			TH_LOG("round %d", i);
		}
		sched_yield();
		ASSERT_EQ(MIB, file_limit_of(&self->a)) {
			TH_LOG("round %d, later", i);
		}
	}
	EXPECT_EQ(1000, raised);
}

TEST_F(resources, file_size_kills_and_freezes)
{
	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_FILE_SIZE, MIB, SBPF_ACTION_FREEZE));
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	ASSERT_EQ(0, actor_tell(&self->a, act_make_file, MIB + 1));
	ASSERT_TRUE(await(is_stopped(self->a.pid)));
	EXPECT_EQ(SBPF_STATE_FROZEN, state(self->fd));
	EXPECT_EQ(SBPF_RESOURCE_FILE_SIZE, stopped(self->fd));
	ASSERT_EQ(0, sbpf_ioctl(self->fd, SBPF_IOC_THAW, NULL));
	EXPECT_EQ(EFBIG, actor_answer(&self->a));
	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_FILE_SIZE, MIB, SBPF_ACTION_KILL));
	actor_call(&self->a, act_make_file, MIB + 1);
	EXPECT_TRUE(await(state(self->fd) == SBPF_STATE_DYING));
	EXPECT_EQ(SBPF_EVENT_LIMIT | SBPF_EVENT_KILLED, event(SBPF_EVENT_DENIED, 1)->flags);
}

/* Accounts against a model of them, with failures of the kernel's own */

#define STEPS	400

enum step {
	HOLD_FILE, HOLD_SOCKET, HOLD_EVENTFD, HOLD_PIPE, DROP, SOCKET, CREATE, CREATE_NAMELESS,
	CREATE_DIR, CREATE_LINK, CREATE_PIPE, CONNECT, FASTOPEN, FORK, THREAD, EXEC, WRITE,
	OVERSIZE, USE_MEMORY, GIVE_MEMORY,
	VISIT,		/* somebody more enters the outer one, and ends */
	RENEW,		/* the inner one is killed, and there is a new one */
	STEPS_MAX
};

/* How large files become at most, as the kernel sees to. */
#define FILE_SIZE	MIB

/*
 * How much memory is taken and given back at a time, much more than what the kernel charges
 * for all else and in advance: that is what it may be told wrong by.
 */
#define BLOCK		(8 * MIB)
#define BLOCK_SLACK	(BLOCK / 2)

/* How much each WRITE writes, and an actor reads for each act. */
#define WRITTEN	1234
#define ORDER	(sizeof(act_fn) + sizeof(long))

/* Memory allocations fail where the kernel has been built for it, the @nth from now. */
static int fail_fd = -1;

static void fail_at(int nth)
{
	char text[16];

	if (fail_fd >= 0 && write(fail_fd, text, snprintf(text, sizeof(text), "%d", nth)) < 0)
		_exit(KSFT_FAIL);
}

static int act_fail_open(long unused)
{
	fail_fd = open("/proc/self/fail-nth", O_WRONLY | O_CLOEXEC);
	return fail_fd < 0 ? errno : 0;
}

static int step_do(int step)
{
	switch (step) {
	case HOLD_FILE: return act_hold_file(0);
	case HOLD_SOCKET: return act_hold_socket(0);
	case HOLD_EVENTFD: return act_hold_eventfd(0);
	case HOLD_PIPE: return act_hold_pipe(0);
	case SOCKET: return act_socket(AF_UNIX);
	case CREATE: return act_create_file(0);
	case CREATE_NAMELESS: return act_create_nameless(0);
	case CREATE_DIR: return act_create_dir(0);
	case CREATE_LINK: return act_create_link(0);
	case CREATE_PIPE: return act_create_pipe(0);
	case THREAD: return act_thread(0);
	case WRITE: return act_write(WRITTEN);
	case OVERSIZE: return act_make_file(FILE_SIZE + 1);
	case USE_MEMORY: return act_use_memory(BLOCK);
	case GIVE_MEMORY: return act_give_memory(0);
	case CONNECT: return act_connect(listener_address.sin_port);
	case FASTOPEN: return act_fastopen(listener_address.sin_port);
	case FORK: return act_fork(0);
	case EXEC: return act_exec(0);
	default: return act_drop(1);
	}
}

static int act_step(long step)
{
	int err;

	fail_at(step >> 8);
	err = step_do(step & 0xff);
	fail_at(0);
	return err;
}

/* What a step uses up in any case that it succeeds. */
static void step_uses(int step, uint64_t *uses)
{
	const bool connects = step == CONNECT || step == FASTOPEN;

	uses[SBPF_RESOURCE_SOCKETS] += step == HOLD_SOCKET || step == SOCKET || connects;
	uses[SBPF_RESOURCE_CONNECTIONS] += connects;
	uses[SBPF_RESOURCE_CONNECTION_RATE] += connects;
	uses[SBPF_RESOURCE_FILES_CREATED] += (step >= CREATE && step <= CREATE_PIPE) ||
					     step == WRITE || step == OVERSIZE;
	uses[SBPF_RESOURCE_FILES_OPENED] += step == HOLD_FILE || step == CREATE ||
					    step == CREATE_NAMELESS || step == WRITE ||
					    step == OVERSIZE || step == EXEC;
	uses[SBPF_RESOURCE_EXECS] += step == EXEC;
	uses[SBPF_RESOURCE_EXEC_RATE] += step == EXEC;
}

static uint64_t second_of(const struct sbpf_stat *stat)
{
	return (boottime_ns() - stat->created_ns) / 1000000000;
}

/* State and statistics, and the second of the sandbox's life that they are of. */
static uint64_t stat_in_second(int fd, struct sbpf_stat *stat)
{
	uint64_t second;

	do {
		second = second_of(stat);
		if (sandbox_stat(fd, stat))
			return ~0ULL;
	} while (second != second_of(stat));
	return second;
}

static int visit(struct actor *visitor, uint64_t id)
{
	return actor_start(visitor) ?: actor_call(visitor, act_join_group, PATH(BELOW2)) ?:
	       actor_call(visitor, act_enter_id, id);
}

/* Is about as much memory used as the model says? */
static bool memory_matches(int fd, uint64_t model)
{
	uint64_t now = usage(fd, SBPF_RESOURCE_MEMORY);

	return now < model + BLOCK_SLACK && model < now + BLOCK_SLACK;
}

TEST_F_TIMEOUT(group, random_sequences_match_a_model, 600)
{
	static const int totals[] = {
		SBPF_RESOURCE_SOCKETS, SBPF_RESOURCE_CONNECTIONS,
		SBPF_RESOURCE_FILES_CREATED, SBPF_RESOURCE_FILES_OPENED,
		SBPF_RESOURCE_EXECS, SBPF_RESOURCE_FILE_SIZE,
	};
	static const int rates[] = { SBPF_RESOURCE_CONNECTION_RATE, SBPF_RESOURCE_EXEC_RATE };
	bool failing = !access("/proc/self/fail-nth", W_OK);
	unsigned int seed = time(NULL), steps = 0, failed = 0;
	struct actor *actors[2] = { &self->b, &self->a };
	/* Of the outer and the inner sandbox: files that are held, and the rest. */
	uint64_t model[2][SBPF_RESOURCE_MAX] = {}, before[2][SBPF_RESOURCE_MAX];
	/* The second that rates in the model are of; most files held; memory of the inner one. */
	uint64_t when[2] = {}, begun[2], second, most[2], taken = 0, now;
	int inner, who, step, nth, err, i, j, socket, layers[2], own[2] = {};
	struct actor visitor;
	struct sbpf_stat stat;

	TH_LOG("seed %u, %s failures", seed, failing ? "with" : "without");
	srand(seed);
	if (failing) {
		write_file("/sys/kernel/debug/failslab/ignore-gfp-wait", "N");
		/* Each would be a trace in the kernel log. */
		write_file("/sys/kernel/debug/failslab/verbose", "0");
	}
	socket = listener();
	ASSERT_LE(0, socket);
	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_OPEN_FILES, 20, 0));
	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_FILES_CREATED, 1000, 0));
	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_SOCKETS, 150, 0));
	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_FILE_SIZE, FILE_SIZE, 0));
	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_CONNECTION_RATE, 2, 0));
	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_EXEC_RATE, 2, 0));
	ASSERT_EQ(0, mkdir(BELOW, 0755));
	ASSERT_EQ(0, mkdir(BELOW2, 0755));
	ASSERT_EQ(0, write_file(GROUP "/cgroup.subtree_control", "+memory"));
	ASSERT_EQ(0, sandbox_set_cgroup(self->fd, self->dir));
	ASSERT_EQ(0, actor_call(&self->a, act_nest_below, self->id));
	ASSERT_EQ(0, actor_call(&self->b, act_join_group, PATH(BELOW2)));
	ASSERT_EQ(0, actor_call(&self->b, act_enter_id, self->id));
	inner = sandbox_open(actor_call(&self->a, act_own_id, 0));
	ASSERT_LE(0, inner);
	layers[0] = self->fd;
	layers[1] = inner;
	if (failing) {
		ASSERT_EQ(0, actor_call(&self->a, act_fail_open, 0));
		ASSERT_EQ(0, actor_call(&self->b, act_fail_open, 0));
	}
	/* The descriptors of the tests themselves, and the answers until now. */
	for (i = 0; i < 2; i++) {
		ASSERT_TRUE(!kernel_counts_bytes() ||
			    await(usage(layers[i], SBPF_RESOURCE_BYTES_WRITTEN) ==
				  (i ? 2 + failing : 3 + 2 * failing) * sizeof(int)));
		ASSERT_EQ(0, sandbox_stat(layers[i], &stat));
		memcpy(model[i], stat.usage, sizeof(model[i]));
		most[i] = model[i][SBPF_RESOURCE_OPEN_FILES];
	}

	while (steps++ < STEPS) {
		who = rand() & 1;
		step = rand() % STEPS_MAX;
		nth = failing && rand() % 3 == 0 ? 1 + rand() % 40 : 0;
		/* A new one takes some open files. */
		if (step == RENEW && own[0] > 10)
			step = DROP;
		/* What a page fault fails for it is repeated, which the kernel tells. */
		if (step == USE_MEMORY)
			nth = 0;
		memcpy(before, model, sizeof(before));
		if (step == RENEW) {
			/* What was held comes back, what was used up does not. */
			ASSERT_EQ(0, sandbox_kill(inner));
			actor_stop(&self->a);
			ASSERT_TRUE(await(sandbox_pids(self->fd) == 1));
			close(inner);
			ASSERT_EQ(0, actor_start(&self->a));
			ASSERT_EQ(0, actor_call(&self->a, act_nest_below, self->id));
			inner = sandbox_open(actor_call(&self->a, act_own_id, 0));
			ASSERT_LE(0, inner);
			if (failing)
				ASSERT_EQ(0, actor_call(&self->a, act_fail_open, 0));
			layers[1] = inner;
			model[0][SBPF_RESOURCE_OPEN_FILES] -= own[1];
			model[0][SBPF_RESOURCE_MEMORY] -= taken;
			own[1] = 0;
			taken = 0;
			ASSERT_TRUE(!kernel_counts_bytes() ||
				    await(usage(inner, SBPF_RESOURCE_BYTES_WRITTEN) ==
					  (2 + failing) * sizeof(int)));
			for (j = 0; j < ARRAY_SIZE(totals); j++) {
				now = usage(self->fd, totals[j]);
				if (totals[j] != SBPF_RESOURCE_FILES_OPENED)
					ASSERT_EQ(model[0][totals[j]], now);
				ASSERT_LE(model[0][totals[j]], now);
				model[0][totals[j]] = now;
			}
			ASSERT_TRUE(await(usage(self->fd, SBPF_RESOURCE_OPEN_FILES) ==
					  model[0][SBPF_RESOURCE_OPEN_FILES]));
			for (i = 0; i < 2; i++) {
				ASSERT_EQ(0, sandbox_stat(layers[i], &stat));
				if (i)
					memcpy(model[i], stat.usage, sizeof(model[i]));
				else
					memcpy(&model[i][SBPF_RESOURCE_BYTES_READ],
					       &stat.usage[SBPF_RESOURCE_BYTES_READ],
					       2 * sizeof(now));
			}
			EXPECT_EQ(0, model[1][SBPF_RESOURCE_SOCKETS] +
				     model[1][SBPF_RESOURCE_CONNECTIONS] +
				     model[1][SBPF_RESOURCE_FILES_CREATED] +
				     model[1][SBPF_RESOURCE_EXECS]);
			most[1] = model[1][SBPF_RESOURCE_OPEN_FILES];
			when[1] = 0;
			continue;
		}
		for (i = 0; i < 2; i++)
			begun[i] = stat_in_second(layers[i], &stat);
		if (step == VISIT) {
			who = 0;
			err = visit(&visitor, self->id);
			ASSERT_EQ(0, err);
			ASSERT_EQ(3, sandbox_pids(self->fd));
			actor_stop(&visitor);
		} else {
			err = actor_call(actors[who], act_step, step | nth << 8);
		}
		ASSERT_LE(0, err);
		ASSERT_TRUE(step != OVERSIZE || err);
		failed += err && step != OVERSIZE;
		for (i = 0; i <= who; i++)
			step_uses(step, model[i]);
		if (step == DROP && own[who] && !err) {
			own[who]--;
			for (i = 0; i <= who; i++)
				model[i][SBPF_RESOURCE_OPEN_FILES]--;
		}
		if ((step == USE_MEMORY || step == GIVE_MEMORY) && !err) {
			for (i = 0; i <= who; i++)
				model[i][SBPF_RESOURCE_MEMORY] +=
					step == USE_MEMORY ? BLOCK : -BLOCK;
			if (who)
				taken += step == USE_MEMORY ? BLOCK : -BLOCK;
		}
		if (step <= HOLD_PIPE && !err) {
			own[who] += 1 + (step == HOLD_PIPE);
			for (i = 0; i <= who; i++)
				model[i][SBPF_RESOURCE_OPEN_FILES] += 1 + (step == HOLD_PIPE);
		}
		for (i = 0; i < 2; i++) {
			/* What is freed, is so a little later. */
			ASSERT_TRUE(await(usage(layers[i], SBPF_RESOURCE_OPEN_FILES) ==
					  model[i][SBPF_RESOURCE_OPEN_FILES])) {
				TH_LOG("step %u of %d: %d, failure %d: %d", steps, who, step, nth,
				       err);
			}
			ASSERT_TRUE(await(sandbox_pids(layers[i]) == 2 - i));
			ASSERT_TRUE(await(memory_matches(layers[i],
							 model[i][SBPF_RESOURCE_MEMORY]))) {
				TH_LOG("step %u of %d: %d: %lu, not %lu", steps, who, step,
				       usage(layers[i], SBPF_RESOURCE_MEMORY),
				       model[i][SBPF_RESOURCE_MEMORY]);
			}
			if (kernel_counts_bytes() && i <= who && step != VISIT)
				model[i][SBPF_RESOURCE_BYTES_READ] += ORDER;
			/* What a program reads when it starts nobody knows here. */
			now = usage(layers[i], SBPF_RESOURCE_BYTES_READ);
			ASSERT_LE(model[i][SBPF_RESOURCE_BYTES_READ], now);
			if (step != EXEC)
				ASSERT_EQ(model[i][SBPF_RESOURCE_BYTES_READ], now);
			model[i][SBPF_RESOURCE_BYTES_READ] = now;
			/* Answers are written, too; how a failure is made as well. */
			if (!failing && kernel_counts_bytes() && i <= who) {
				model[i][SBPF_RESOURCE_BYTES_WRITTEN] += sizeof(int);
				if (step == WRITE && !err)
					model[i][SBPF_RESOURCE_BYTES_WRITTEN] += WRITTEN;
				ASSERT_TRUE(await(usage(layers[i], SBPF_RESOURCE_BYTES_WRITTEN) ==
						  model[i][SBPF_RESOURCE_BYTES_WRITTEN])) {
					TH_LOG("step %u of %d: %d: %d", steps, who, step, err);
				}
			}
			second = stat_in_second(layers[i], &stat);
			for (j = 0; j < ARRAY_SIZE(totals); j++) {
				now = stat.usage[totals[j]];
				ASSERT_LE(before[i][totals[j]], now);
				ASSERT_EQ(stat.peak[totals[j]], now);
				/* Nor which files it opens. */
				if (step == EXEC && totals[j] == SBPF_RESOURCE_FILES_OPENED)
					model[i][totals[j]] = now;
				/* Of what fails on its way a part may have been used. */
				ASSERT_GE(model[i][totals[j]], now);
				if (!err)
					ASSERT_EQ(model[i][totals[j]], now);
				model[i][totals[j]] = now;
			}
			for (j = 0; j < ARRAY_SIZE(rates); j++) {
				uint64_t used = model[i][rates[j]] - before[i][rates[j]];

				now = stat.usage[rates[j]];
				if (stat.limit[rates[j]] == SBPF_UNLIMITED)
					used = 0;
				if (begun[i] == second) {
					if (when[i] == second)
						used += before[i][rates[j]];
					if (!err)
						ASSERT_EQ(used, now);
				}
				ASSERT_GE(used, now);
				model[i][rates[j]] = now;
			}
			when[i] = second;
			if (most[i] < model[i][SBPF_RESOURCE_OPEN_FILES])
				most[i] = model[i][SBPF_RESOURCE_OPEN_FILES];
			/* One step has not more than four open that it does not keep. */
			ASSERT_LE(most[i], stat.peak[SBPF_RESOURCE_OPEN_FILES]);
			ASSERT_GE(most[i] + 4, stat.peak[SBPF_RESOURCE_OPEN_FILES]);
			ASSERT_GE(3 - i, stat.peak[SBPF_RESOURCE_PIDS]);
		}
	}
	EXPECT_EQ(3, peak(self->fd));
	/* Limits were reached, or failures made. */
	EXPECT_LT(0, failed);
	EXPECT_GE(20, model[0][SBPF_RESOURCE_OPEN_FILES]);
	EXPECT_GE(150, model[0][SBPF_RESOURCE_SOCKETS]);
	actor_stop(&self->a);
	actor_stop(&self->b);
	for (i = 0; i < 2; i++) {
		EXPECT_TRUE(await(usage(layers[i], SBPF_RESOURCE_MEMORY) < BLOCK_SLACK));
		EXPECT_TRUE(await(!usage(layers[i], SBPF_RESOURCE_OPEN_FILES)));
		EXPECT_TRUE(await(!sandbox_pids(layers[i])));
	}
	close(inner);
	close(socket);
	group_remove(BELOW);
	group_remove(BELOW2);
}

/* Accounts under load */

#define WORKERS	4
#define OPENS	20000

/* How often each connects. */
static int connects;

static void *opening(void *unused)
{
	int i, fd;

	for (i = 0; i < OPENS; i++) {
		fd = open(FREE, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return (void *)1;
		close(fd);
	}
	return NULL;
}

static void *creating_sockets(void *created)
{
	int i, fd;

	for (i = 0; i < OPENS / 10; i++) {
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd >= 0) {
			__atomic_add_fetch((int *)created, 1, __ATOMIC_RELAXED);
			close(fd);
		} else if (errno != ENOBUFS) {
			return (void *)1;
		}
	}
	return NULL;
}

/* The cheapest that is charged: a connection that fails at once. */
static void *connecting(void *unused)
{
	const struct sockaddr_un nobody = { .sun_family = AF_UNIX, .sun_path = "\0nobody" };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), i;

	for (i = 0; i < connects; i++)
		if (!connect(fd, (void *)&nobody, sizeof(nobody)) ||
		    (errno != ECONNREFUSED && errno != ENOBUFS))
			return (void *)1;
	close(fd);
	return NULL;
}

static int created;

static int work(void *(*worker)(void *))
{
	pthread_t threads[WORKERS];
	void *result;
	int err = 0, i;

	created = 0;
	for (i = 0; i < WORKERS && !err; i++)
		err = pthread_create(&threads[i], NULL, worker, &created);
	while (i--)
		err = pthread_join(threads[i], &result) ?: result ? EIO : err;
	return err;
}

static int act_open_much(long unused)
{
	return work(opening);
}

static int act_connect_much(long count)
{
	connects = count;
	return work(connecting);
}

/* In two layers; at first counted per CPU, then in one place and up to a limit. */
TEST_F_TIMEOUT(resources, charges_are_exact_under_load, 3600)
{
	const long count = getenv("SBPF_TEST_LONG") ? 1000000 : 5000 / slow();
	const long all = WORKERS * count;
	const uint64_t limit = all + all / 2;
	int inner, i, above = 0;

	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	ASSERT_EQ(0, actor_call(&self->a, act_create, SBPF_UNLIMITED));
	inner = sandbox_open(actor_call(&self->a, act_own_id, 0));
	ASSERT_LE(0, inner);
	ASSERT_EQ(0, actor_call(&self->a, act_enter_own, 0));
	ASSERT_EQ(0, actor_call(&self->a, act_connect_much, count));
	EXPECT_EQ(all, usage(self->fd, SBPF_RESOURCE_CONNECTIONS));
	EXPECT_EQ(all, usage(inner, SBPF_RESOURCE_CONNECTIONS));

	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_CONNECTIONS, limit, 0));
	ASSERT_EQ(0, actor_tell(&self->a, act_connect_much, count));
	while (usage(self->fd, SBPF_RESOURCE_CONNECTIONS) < limit)
		;
	/* Who tries in vain is not counted, not for a moment. */
	for (i = 0; i < 1000; i++)
		above += usage(self->fd, SBPF_RESOURCE_CONNECTIONS) > limit;
	EXPECT_EQ(0, above);
	EXPECT_EQ(0, actor_answer(&self->a));
	EXPECT_EQ(limit, usage(self->fd, SBPF_RESOURCE_CONNECTIONS));
	EXPECT_EQ(limit, usage(inner, SBPF_RESOURCE_CONNECTIONS));
	close(inner);
}

static int act_socket_much(long unused)
{
	return work(creating_sockets) ?: -created;
}

/* More often than what is counted per CPU has bits for, all on one CPU. */
#define QUESTIONS	140000

static int act_be_asked_about(long times)
{
	char name[16];
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		return errno;
	while (times--)
		prctl(PR_GET_NAME, name);
	return 0;
}

/* What lists tell of a sandbox. */
static int list_one(uint64_t id, struct sbpf_brief *brief)
{
	struct sbpf_records records = {
		.size = sizeof(records),
		.record = SBPF_RECORD_BRIEF,
		.record_size = sizeof(*brief),
		.count = 1,
		.from = id,
		.records = (uintptr_t)brief,
	};

	memset(brief, 0, sizeof(*brief));
	return sbpf_ioctl(control, SBPF_IOC_RECORDS, &records);
}

TEST_F_TIMEOUT(resources, questions_are_counted_beyond_their_bits, 120)
{
	struct sbpf_brief brief;
	struct sbpf_stat stat;
	uint64_t all = 0;
	int i;

	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	ASSERT_EQ(0, actor_call(&self->a, act_be_asked_about, QUESTIONS));
	ASSERT_EQ(0, sandbox_stat(self->fd, &stat));
	EXPECT_EQ(QUESTIONS, stat.asked[SBPF_OP_TASK_PRCTL]);
	for (i = 0; i < SBPF_OP_MAX; i++)
		all += stat.asked[i];
	ASSERT_EQ(0, list_one(self->id, &brief));
	EXPECT_EQ(self->id, brief.id);
	EXPECT_EQ(all, brief.asked);
}

TEST_F_TIMEOUT(resources, counters_are_exact_under_load, 300)
{
	uint64_t opened, sockets, last;

	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_OPEN_FILES, 1000, 0));
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	opened = usage(self->fd, SBPF_RESOURCE_FILES_OPENED);
	ASSERT_EQ(0, actor_call(&self->a, act_open_much, 0));
	EXPECT_EQ(opened + WORKERS * OPENS, usage(self->fd, SBPF_RESOURCE_FILES_OPENED));
	EXPECT_TRUE(await(!usage(self->fd, SBPF_RESOURCE_OPEN_FILES)));

	/* From per CPU to one place, in the midst of it. */
	sockets = usage(self->fd, SBPF_RESOURCE_SOCKETS);
	ASSERT_EQ(0, actor_tell(&self->a, act_socket_much, 0));
	await(usage(self->fd, SBPF_RESOURCE_SOCKETS) > sockets + 100);
	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_SOCKETS, sockets + 4000, 0));
	/* Unless it had been passed by then. */
	last = usage(self->fd, SBPF_RESOURCE_SOCKETS);
	if (last < sockets + 4000)
		last = sockets + 4000;
	EXPECT_EQ(-(int)(last - sockets), actor_answer(&self->a));
	EXPECT_EQ(last, usage(self->fd, SBPF_RESOURCE_SOCKETS));
}

/* Members stay in the group of their sandbox, whatever its policy: this one allows all */

static int act_raise_memory(long path)
{
	return write_file((const char *)path, "max");
}

/* A descriptor by which whoever writes there leaves. */
static int way_out = -1;

static int act_open_way_out(long unused)
{
	way_out = open(BESIDE "/cgroup.procs", O_WRONLY | O_CLOEXEC);
	return way_out < 0 ? errno : -way_out;
}

static int act_leave_by_it(long unused)
{
	return write(way_out, "0", 1) == 1 ? 0 : errno;
}

/* Takes the descriptor of another process, which has it open. */
static int act_take_way_out(long pid)
{
	int process = syscall(SYS_pidfd_open, pid & 0xffffffff, 0);

	way_out = syscall(SYS_pidfd_getfd, process, pid >> 32, 0);
	close(process);
	return way_out < 0 ? errno : 0;
}

/* Is it in that group, and no other? */
static bool in_group(pid_t pid, const char *path)
{
	char file[64], text[1024], *at;

	snprintf(file, sizeof(file), "/proc/%d/cgroup", pid);
	if (read_file(file, text, sizeof(text)))
		return false;
	at = strstr(text, "0::");
	if (!at)
		return false;
	at[strcspn(at, "\n")] = '\0';
	return !strcmp(at + strlen("0::"), path + strlen(GROUPS));
}

FIXTURE(stays) {
	struct actor a;
	struct actor b;
	int dir;
	int fd;
	uint64_t id;
};

FIXTURE_VARIANT(stays) {
	/* Who has the groups in hand, if not root: as by delegation. */
	long uid;
};

FIXTURE_VARIANT_ADD(stays, root) { .uid = 0 };
FIXTURE_VARIANT_ADD(stays, user) { .uid = USER_A };

/* a is a member that the groups are in the hands of, b is none. */
FIXTURE_SETUP(stays)
{
	static const char * const delegated[] = {
		GROUPS "/cgroup.procs", GROUP "/cgroup.procs", GROUP "/memory.max",
		GROUP "/cpu.max", GROUP "/cgroup.subtree_control", GROUP "/cgroup.freeze",
		BESIDE "/cgroup.procs", BESIDE "/memory.max", BELOW "/cgroup.procs",
		BELOW "/cgroup.max.depth",
	};
	size_t i;
	int beside;

	policy_reset(&probe);
	self->dir = group_make(GROUP);
	ASSERT_LE(0, self->dir);
	beside = group_make(BESIDE);
	ASSERT_LE(0, beside);
	close(beside);
	ASSERT_EQ(0, mkdir(BELOW, 0755));
	for (i = 0; i < ARRAY_SIZE(delegated) && variant->uid; i++)
		ASSERT_EQ(0, chown(delegated[i], variant->uid, -1)) {
			TH_LOG("%s", delegated[i]);
		}
	ASSERT_EQ(0, actor_start(&self->a));
	ASSERT_EQ(0, actor_start(&self->b));
	self->fd = sandbox_create("probe", "", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, self->fd);
	self->id = sandbox_id(self->fd);
	ASSERT_EQ(0, sandbox_set_cgroup(self->fd, self->dir));
	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_MEMORY, 64 * MIB, SBPF_ACTION_KILL));
	ASSERT_EQ(0, actor_call(&self->a, act_join_group, PATH(GROUP)));
	ASSERT_EQ(0, actor_call(&self->b, act_join_group, PATH(GROUP)));
}

FIXTURE_TEARDOWN(stays)
{
	sandbox_kill(self->fd);
	actor_stop(&self->a);
	actor_stop(&self->b);
	close(self->dir);
	group_remove(BELOW);
	group_remove(GROUP);
	group_remove(BESIDE);
	EXPECT_EQ(0, chown(GROUPS "/cgroup.procs", 0, -1));
}

static int become(struct actor *actor, long uid)
{
	return uid ? actor_call(actor, act_become, uid) : 0;
}

/* Ways out, and to more: what each gets who is no member, and as what it is denied to one. */
static const struct {
	const char *path;
	act_fn act;
	int op;
} ways[] = {
	{ BESIDE, act_join_group, SBPF_OP_MAX },
	{ GROUPS, act_join_group, SBPF_OP_MAX },
	{ BESIDE, act_clone_into, SBPF_OP_TASK_ALLOC },
	{ GROUP "/memory.max", act_raise_memory, SBPF_OP_MAX },
	{ GROUP "/cpu.max", act_raise_memory, SBPF_OP_MAX },
	/* Not theirs, either. */
	{ BESIDE "/memory.max", act_raise_memory, SBPF_OP_MAX },
};

TEST_F(stays, others_leave)
{
	size_t i;

	ASSERT_EQ(0, become(&self->b, variant->uid));
	events_reset();
	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		EXPECT_EQ(0, actor_call(&self->b, ways[i].act, PATH(ways[i].path))) {
			TH_LOG("way %zu", i);
		}
		EXPECT_EQ(0, actor_call(&self->b, act_join_group, PATH(GROUP)));
	}
	EXPECT_STREQ("max", told("memory.max"));
	EXPECT_EQ(0, events_total());
}

TEST_F(stays, members_do_not)
{
	const struct sbpf_event *seen;
	struct sbpf_stat stat;
	size_t i;

	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	ASSERT_EQ(0, become(&self->a, variant->uid));
	/* It is no matter of policies. */
	ASSERT_EQ(0, sandbox_set_complain(self->fd, 1));
	events_reset();
	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		EXPECT_EQ(EPERM, actor_call(&self->a, ways[i].act, PATH(ways[i].path))) {
			TH_LOG("way %zu", i);
		}
		seen = event(SBPF_EVENT_DENIED, i);
		EXPECT_EQ(ways[i].op, (int)seen->op);
		EXPECT_EQ(-EPERM, seen->error);
		EXPECT_EQ(SBPF_EVENT_CGROUP, seen->flags);
		EXPECT_EQ(0, seen->policy_generation);
		EXPECT_EQ(self->id, seen->sandbox);
		EXPECT_EQ(self->a.pid, seen->pid);
		EXPECT_TRUE(ways[i].op != SBPF_OP_MAX ||
			    !strncmp(seen->text, ways[i].path, strlen(ways[i].path)));
	}
	EXPECT_EQ(ARRAY_SIZE(ways), events_total());
	ASSERT_EQ(0, sandbox_stat(self->fd, &stat));
	EXPECT_EQ(1, stat.denied[SBPF_OP_TASK_ALLOC]);
	EXPECT_EQ(ARRAY_SIZE(ways) - 1, stat.denied_other);
	EXPECT_TRUE(in_group(self->a.pid, GROUP));
	EXPECT_EQ(1, sandbox_pids(self->fd));
	EXPECT_STREQ("67108864", told("memory.max"));

	/* Nothing else is denied: not a group in it, and its limits, nor to open the files. */
	EXPECT_EQ(0, actor_call(&self->a, act_join_group, PATH(BELOW)));
	EXPECT_TRUE(in_group(self->a.pid, BELOW));
	EXPECT_EQ(0, actor_call(&self->a, act_raise_memory, PATH(BELOW "/cgroup.max.depth")));
	EXPECT_EQ(0, actor_call(&self->a, act_join_group, PATH(GROUP)));
	EXPECT_EQ(0, actor_call(&self->a, act_fork, 0));
	EXPECT_GT(0, actor_call(&self->a, act_open_way_out, 0));
	EXPECT_EQ(ARRAY_SIZE(ways), events_total());

	/* Who is outside moves them as ever. */
	EXPECT_EQ(0, group_move(self->a.pid, BESIDE));
	EXPECT_TRUE(in_group(self->a.pid, BESIDE));
	EXPECT_EQ(0, write_file(GROUP "/memory.max", "max"));
	EXPECT_EQ(ARRAY_SIZE(ways), events_total());
}

TEST_F(stays, members_with_the_right_leave)
{
	struct sbpf_set_rules set = {
		.size = sizeof(set), .rights = 1ULL << SBPF_RIGHT_CGROUP,
	};
	size_t i;

	ASSERT_EQ(0, sbpf_ioctl(self->fd, SBPF_IOC_SET_RULES, &set));
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	ASSERT_EQ(0, become(&self->a, variant->uid));
	events_reset();
	for (i = 0; i < ARRAY_SIZE(ways); i++)
		EXPECT_EQ(0, actor_call(&self->a, ways[i].act, PATH(ways[i].path)));
	EXPECT_EQ(0, events_total());
}

/* Descriptors know who opened them, and whether they were members. */
TEST_F(stays, descriptors_from_outside_are_no_way_out)
{
	long open_in_b;

	ASSERT_EQ(0, become(&self->b, variant->uid));
	open_in_b = -actor_call(&self->b, act_open_way_out, 0);
	ASSERT_LT(0, open_in_b);
	ASSERT_GT(0, actor_call(&self->a, act_open_way_out, 0));
	/* The control. */
	ASSERT_EQ(0, actor_call(&self->a, act_leave_by_it, 0));
	ASSERT_TRUE(in_group(self->a.pid, BESIDE));
	ASSERT_EQ(0, actor_call(&self->a, act_join_group, PATH(GROUP)));

	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	events_reset();
	EXPECT_EQ(EPERM, actor_call(&self->a, act_leave_by_it, 0));
	EXPECT_EQ(0, actor_call(&self->a, act_take_way_out,
				open_in_b << 32 | self->b.pid));
	EXPECT_EQ(EPERM, actor_call(&self->a, act_leave_by_it, 0));
	EXPECT_EQ(2, events_total());
	EXPECT_EQ(SBPF_EVENT_CGROUP, event(SBPF_EVENT_DENIED, 1)->flags);
	EXPECT_EQ(SBPF_OP_MAX, event(SBPF_EVENT_DENIED, 1)->op);
	EXPECT_TRUE(in_group(self->a.pid, GROUP));
	/* The other one has it, and leaves. */
	EXPECT_EQ(0, actor_call(&self->b, act_leave_by_it, 0));
}

static int act_leave_thread(long path)
{
	return write_file((const char *)path, "0");
}

/* One thread of many leaves by another file; the group of a thread is within that of others. */
TEST_F(group, threads_stay)
{
	int below;

	ASSERT_EQ(0, mkdir(BELOW, 0755));
	ASSERT_EQ(0, mkdir(BELOW2, 0755));
	ASSERT_EQ(0, write_file(BELOW "/cgroup.type", "threaded"));
	ASSERT_EQ(0, write_file(BELOW2 "/cgroup.type", "threaded"));
	below = open(BELOW, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ASSERT_EQ(0, sandbox_set_cgroup(self->fd, below));
	close(below);
	ASSERT_EQ(0, actor_call(&self->a, act_join_group, PATH(BELOW)));
	/* The control. */
	ASSERT_EQ(0, actor_call(&self->a, act_leave_thread, PATH(BELOW2 "/cgroup.threads")));
	ASSERT_EQ(0, actor_call(&self->a, act_leave_thread, PATH(BELOW "/cgroup.threads")));

	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	events_reset();
	EXPECT_EQ(0, actor_call(&self->a, act_leave_thread, PATH(BELOW "/cgroup.threads")));
	EXPECT_EQ(EPERM, actor_call(&self->a, act_leave_thread,
				    PATH(BELOW2 "/cgroup.threads")));
	EXPECT_EQ(EPERM, actor_call(&self->a, act_leave_thread,
				    PATH(GROUP "/cgroup.threads")));
	EXPECT_EQ(2, events_total());
	EXPECT_EQ(SBPF_EVENT_CGROUP, event(SBPF_EVENT_DENIED, 0)->flags);
	EXPECT_TRUE(in_group(self->a.pid, BELOW));
	sandbox_kill(self->fd);
	actor_stop(&self->a);
	group_remove(BELOW);
	group_remove(BELOW2);
}

static int act_limit_own(long bytes)
{
	return sandbox_limit(own_sandbox, SBPF_RESOURCE_MEMORY, bytes, SBPF_ACTION_KILL);
}

/* Each layer holds its own: a is in the inner one as well, b in the outer one only. */
TEST_F(group, nested_members_stay)
{
	struct sbpf_set_rules set = {
		.size = sizeof(set), .rights = 1ULL << SBPF_RIGHT_CGROUP,
	};
	uint64_t inner;
	int fd;

	close(group_make(BESIDE));
	ASSERT_EQ(0, mkdir(BELOW, 0755));
	ASSERT_EQ(0, write_file(GROUP "/cgroup.subtree_control", "+memory"));
	ASSERT_EQ(0, sandbox_set_cgroup(self->fd, self->dir));
	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_MEMORY, 64 * MIB, SBPF_ACTION_KILL));
	ASSERT_EQ(0, group_move(self->b.pid, BELOW));
	ASSERT_EQ(0, actor_call(&self->b, act_enter_id, self->id));
	ASSERT_EQ(0, actor_call(&self->a, act_nest_below, self->id));
	inner = actor_call(&self->a, act_own_id, 0);
	fd = sandbox_open(inner);
	ASSERT_LE(0, fd);
	events_reset();

	EXPECT_EQ(EPERM, actor_call(&self->a, act_raise_memory, PATH(BELOW "/memory.max")));
	EXPECT_EQ(inner, event(SBPF_EVENT_DENIED, 0)->sandbox);
	/* A right that it has been given by those who may not leave themselves is not enough. */
	ASSERT_EQ(0, sbpf_ioctl(fd, SBPF_IOC_SET_RULES, &set));
	EXPECT_EQ(0, actor_call(&self->a, act_raise_memory, PATH(BELOW "/memory.max")));
	EXPECT_EQ(EPERM, actor_call(&self->a, act_join_group, PATH(BESIDE)));
	EXPECT_EQ(self->id, event(SBPF_EVENT_DENIED, 1)->sandbox);
	EXPECT_TRUE(in_group(self->a.pid, BELOW));
	set.rights = 0;
	ASSERT_EQ(0, sbpf_ioctl(fd, SBPF_IOC_SET_RULES, &set));

	/* Who is around it moves its members, and limits them, but no further than itself. */
	EXPECT_EQ(0, actor_call(&self->b, act_raise_memory, PATH(BELOW "/memory.max")));
	EXPECT_EQ(EPERM, actor_call(&self->b, act_join_group, PATH(BESIDE)));
	EXPECT_EQ(self->id, event(SBPF_EVENT_DENIED, 2)->sandbox);

	/* Nor by the module, for a sandbox of its own that has the same group. */
	ASSERT_EQ(0, actor_call(&self->b, act_create, -1));
	ASSERT_EQ(0, actor_call(&self->b, act_bind_own, PATH(GROUP)));
	EXPECT_EQ(EPERM, actor_call(&self->b, act_limit_own, 128 * MIB));
	EXPECT_STREQ("67108864", told("memory.max"));

	/* One without a group is in that of the sandbox around it. */
	ASSERT_EQ(0, actor_call(&self->b, act_create, -1));
	ASSERT_EQ(0, actor_call(&self->b, act_enter_own, 0));
	EXPECT_EQ(EPERM, actor_call(&self->b, act_join_group, PATH(BESIDE)));
	EXPECT_TRUE(in_group(self->b.pid, BELOW));
	close(fd);
	sandbox_kill(self->fd);
	actor_stop(&self->a);
	actor_stop(&self->b);
	group_remove(BELOW);
	group_remove(BESIDE);
}

#define OLD	"/run/sbpf-old-groups"

static int act_leave_by_old(long unused)
{
	return write_file(OLD "/sbpf/cgroup.procs", "0");
}

/*
 * Creates a task in another group, and the process becomes a member of a sandbox in the
 * meantime: when the number of the task is told, which has to wait for a page.
 */
#define PAGE	4096

static struct {
	void *page;
	int faults;
	int sandbox;
	int err;
} meantime;

static void *enter_in_the_meantime(void *unused)
{
	struct pollfd asked = { .fd = meantime.faults, .events = POLLIN };
	struct uffdio_zeropage page = {
		.range = { (uintptr_t)meantime.page, PAGE },
	};

	meantime.err = poll(&asked, 1, 5000 * slow()) == 1 ? 0 : ETIMEDOUT;
	if (!meantime.err && meantime.sandbox >= 0)
		meantime.err = group_move(0, GROUP) ?: sandbox_enter(meantime.sandbox);
	if (ioctl(meantime.faults, UFFDIO_ZEROPAGE, &page))
		meantime.err = errno;
	return NULL;
}

/* How that task ended: 0, errno if there is none, EIDRM if it was killed. */
static int act_create_in_the_meantime(long sandbox)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct clone_args args = {
		.flags = CLONE_INTO_CGROUP | CLONE_PIDFD,
		.exit_signal = SIGCHLD,
		.cgroup = open(BESIDE, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
	};
	pthread_t thread;
	int status;
	pid_t pid;

	meantime.sandbox = sandbox;
	meantime.page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	meantime.faults = syscall(SYS_userfaultfd, O_CLOEXEC);
	reg.range = (struct uffdio_range){ (uintptr_t)meantime.page, PAGE };
	args.pidfd = (uintptr_t)meantime.page;
	if (ioctl(meantime.faults, UFFDIO_API, &api) ||
	    ioctl(meantime.faults, UFFDIO_REGISTER, &reg) ||
	    pthread_create(&thread, NULL, enter_in_the_meantime, NULL))
		return ENOTRECOVERABLE;
	pid = syscall(SYS_clone3, &args, sizeof(args));
	if (!pid)
		_exit(0);
	if (pid < 0)
		return errno;
	pthread_join(thread, NULL);
	if (meantime.err)
		return meantime.err;
	if (waitpid(pid, &status, 0) != pid)
		return errno;
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL ? EIDRM : status;
}

/* It is not there to be a member elsewhere. */
TEST_F(group, who_is_created_in_another_while_its_creator_enters_dies)
{
	int beside = group_make(BESIDE);

	ASSERT_LE(0, beside);
	close(beside);
	ASSERT_EQ(0, sandbox_set_cgroup(self->fd, self->dir));
	EXPECT_EQ(0, run(-1, act_create_in_the_meantime, -1));
	EXPECT_EQ(EIDRM, run(-1, act_create_in_the_meantime, self->fd));
	EXPECT_TRUE(await(usage(self->fd, SBPF_RESOURCE_PIDS) == 0));
	group_remove(BESIDE);
}

/* A hierarchy of version 1 is another thing, and no way out of this one. */
TEST_F(group, old_hierarchies_are_none_of_it)
{
	mkdir(OLD, 0700);
	if (mount("none", OLD, "cgroup", 0, "none,name=sbpf"))
		SKIP(return, "no control groups of version 1 here");
	ASSERT_EQ(0, mkdir(OLD "/sbpf", 0755));
	ASSERT_EQ(0, sandbox_set_cgroup(self->fd, self->dir));
	ASSERT_EQ(0, actor_call(&self->a, act_join_group, PATH(GROUP)));
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	events_reset();
	EXPECT_EQ(0, actor_call(&self->a, act_leave_by_old, 0));
	EXPECT_TRUE(in_group(self->a.pid, GROUP));
	EXPECT_EQ(EPERM, actor_call(&self->a, act_join_group, PATH(GROUPS)));
	EXPECT_TRUE(in_group(self->a.pid, GROUP));
	actor_stop(&self->a);
	EXPECT_TRUE(await(!rmdir(OLD "/sbpf")));
	umount(OLD);
}

/* Denials of what is no operation are counted as well, in lists, too. */
TEST_F(group, denials_of_no_operation_are_counted)
{
	struct sbpf_brief brief;
	struct sbpf_stat stat;

	ASSERT_EQ(0, sandbox_set_cgroup(self->fd, self->dir));
	ASSERT_EQ(0, actor_call(&self->a, act_join_group, PATH(GROUP)));
	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_OPEN_FILES, 1, SBPF_ACTION_DENY));
	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_FILE_SIZE, MIB, SBPF_ACTION_DENY));
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	ASSERT_EQ(0, sandbox_stat(self->fd, &stat));
	EXPECT_EQ(0, stat.denied_other);
	EXPECT_EQ(EFBIG, actor_call(&self->a, act_make_file, MIB + 1));
	ASSERT_EQ(0, sandbox_stat(self->fd, &stat));
	EXPECT_EQ(1, stat.denied_other);
	EXPECT_EQ(0, actor_call(&self->a, act_hold_file, 0));
	EXPECT_EQ(EMFILE, actor_call(&self->a, act_hold_file, 0));
	EXPECT_EQ(EMFILE, actor_call(&self->a, act_hold_file, 0));
	ASSERT_EQ(0, sandbox_stat(self->fd, &stat));
	EXPECT_EQ(3, stat.denied_other);
	EXPECT_EQ(0, sandbox_sum_denied(self->fd));
	ASSERT_EQ(0, list_one(self->id, &brief));
	EXPECT_EQ(self->id, brief.id);
	EXPECT_EQ(3, brief.denied);
	EXPECT_EQ(3, events_total());

	/* Who gets no more memory is killed by the kernel. */
	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_MEMORY, 16 * MIB, SBPF_ACTION_DENY));
	EXPECT_EQ(KILLED, actor_call(&self->a, act_use_memory, 64 * MIB));
	EXPECT_TRUE(await(!sandbox_stat(self->fd, &stat) && stat.denied_other == 4));
	klogctl(5 /* SYSLOG_ACTION_CLEAR */, NULL, 0);

	if (!kernel_counts_bytes())
		return;
	ASSERT_EQ(0, actor_call(&self->b, act_join_group, PATH(GROUP)));
	ASSERT_EQ(0, actor_call(&self->b, act_enter_id, self->id));
	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_BYTES_WRITTEN, 1, SBPF_ACTION_DENY));
	/* Nor can it answer. */
	ASSERT_EQ(0, actor_tell(&self->b, act_until_refused, WRITE_MUCH));
	EXPECT_TRUE(await(!sandbox_stat(self->fd, &stat) && stat.denied_other == 6));
}

/* The share of CPUs: whoever has used it up waits, and the module sees it */

/* More than a tenth of a CPU gives in the kernel's period, ten times. */
#define SHARE	100
#define SPIN_MS	100

TEST_F_TIMEOUT(group, cpu_share_is_told, 120)
{
	const struct sbpf_event *seen;

	ASSERT_EQ(0, sandbox_set_cgroup(self->fd, self->dir));
	ASSERT_EQ(0, actor_call(&self->a, act_join_group, PATH(GROUP)));
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	/* The control: what is no limit makes nobody wait. */
	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_CPU_SHARE, 1000000,
				   SBPF_ACTION_NOTIFY));
	ASSERT_EQ(0, actor_call(&self->a, act_spin, SPIN_MS));
	EXPECT_EQ(0, events_total());

	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_CPU_SHARE, SHARE, SBPF_ACTION_NOTIFY));
	ASSERT_EQ(0, actor_call(&self->a, act_spin, SPIN_MS));
	ASSERT_TRUE(await(events_total()));
	seen = event(SBPF_EVENT_DENIED, 0);
	EXPECT_EQ(SBPF_OP_MAX, seen->op);
	EXPECT_EQ(0, seen->error);
	EXPECT_EQ(SBPF_EVENT_LIMIT | SBPF_EVENT_COMPLAIN, seen->flags);
	EXPECT_EQ(SBPF_RESOURCE_CPU_SHARE, seen->resource);
	EXPECT_EQ(self->id, seen->sandbox);
	EXPECT_EQ(0, seen->pid);
	EXPECT_EQ(SBPF_STATE_LIVE, state(self->fd));
	EXPECT_EQ(-1, stopped(self->fd));
	/* Nobody waits who does nothing. */
	usleep(1500000);
	events_reset();
	usleep(500000);
	EXPECT_EQ(0, events_total());

	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_CPU_SHARE, SHARE, SBPF_ACTION_DENY));
	ASSERT_EQ(0, actor_call(&self->a, act_spin, SPIN_MS));
	ASSERT_TRUE(await(events_total()));
	EXPECT_EQ(SBPF_EVENT_LIMIT, event(SBPF_EVENT_DENIED, 0)->flags);
	EXPECT_EQ(SBPF_RESOURCE_CPU_SHARE, event(SBPF_EVENT_DENIED, 0)->resource);
	EXPECT_EQ(SBPF_STATE_LIVE, state(self->fd));
	EXPECT_EQ(0, sandbox_sum_denied(self->fd));
}

/* It is not told for each time that the kernel has them wait. */
TEST_F_TIMEOUT(group, cpu_share_is_told_now_and_then, 120)
{
	double begin;

	ASSERT_EQ(0, sandbox_set_cgroup(self->fd, self->dir));
	ASSERT_EQ(0, actor_call(&self->a, act_join_group, PATH(GROUP)));
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	begin = seconds();
	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_CPU_SHARE, SHARE, SBPF_ACTION_NOTIFY));
	ASSERT_EQ(0, actor_call(&self->a, act_spin, 4 * SPIN_MS));
	ASSERT_TRUE(await(events_total()));
	EXPECT_GE((int)(seconds() - begin) + 1, events_total());
}

TEST_F_TIMEOUT(group, cpu_share_kills, 120)
{
	ASSERT_EQ(0, sandbox_set_cgroup(self->fd, self->dir));
	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_CPU_SHARE, SHARE, SBPF_ACTION_KILL));
	ASSERT_EQ(0, actor_call(&self->a, act_join_group, PATH(GROUP)));
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	EXPECT_EQ(KILLED, actor_call(&self->a, act_spin, 100000));
	EXPECT_EQ(SBPF_STATE_DYING, state(self->fd));
	EXPECT_EQ(SBPF_RESOURCE_CPU_SHARE, stopped(self->fd));
	EXPECT_EQ(1, events_total());
	EXPECT_EQ(SBPF_EVENT_LIMIT | SBPF_EVENT_KILLED, event(SBPF_EVENT_DENIED, 0)->flags);
	EXPECT_EQ(SBPF_RESOURCE_CPU_SHARE, event(SBPF_EVENT_DENIED, 0)->resource);
	EXPECT_TRUE(sandbox_empty(self->fd, PATIENCE * 1000));
}

TEST_F_TIMEOUT(group, cpu_share_freezes, 120)
{
	ASSERT_EQ(0, sandbox_set_cgroup(self->fd, self->dir));
	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_CPU_SHARE, SHARE, SBPF_ACTION_FREEZE));
	ASSERT_EQ(0, actor_call(&self->a, act_join_group, PATH(GROUP)));
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	ASSERT_EQ(0, actor_tell(&self->a, act_spin, 10 * SPIN_MS));
	expect_frozen(_metadata, &self->a, self->fd, SBPF_RESOURCE_CPU_SHARE);
	/* Once more, as nothing has changed. */
	ASSERT_EQ(0, sbpf_ioctl(self->fd, SBPF_IOC_THAW, NULL));
	ASSERT_TRUE(await(events_total() == 2));
	EXPECT_TRUE(await(is_stopped(self->a.pid)));
	EXPECT_EQ(SBPF_STATE_FROZEN, state(self->fd));
	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_CPU_SHARE, SBPF_UNLIMITED, 0));
	ASSERT_EQ(0, sbpf_ioctl(self->fd, SBPF_IOC_THAW, NULL));
	EXPECT_EQ(0, actor_answer(&self->a));
	EXPECT_EQ(2, events_total());
	EXPECT_EQ(SBPF_STATE_LIVE, state(self->fd));
}

/* Time */

TEST_F(resources, wall_time_freezes)
{
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	/* The control. */
	ASSERT_EQ(0, actor_call(&self->a, act_spin, 10));
	ASSERT_EQ(0, events_total());
	ASSERT_EQ(0, actor_tell(&self->a, act_spin, 100000));
	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_WALL_TIME, 1, SBPF_ACTION_FREEZE));
	expect_frozen(_metadata, &self->a, self->fd, SBPF_RESOURCE_WALL_TIME);
	EXPECT_EQ(0, event(SBPF_EVENT_DENIED, 0)->error);
	/* That it has passed is told and done once: who thaws the sandbox knows. */
	ASSERT_EQ(0, sbpf_ioctl(self->fd, SBPF_IOC_THAW, NULL));
	usleep(300000);
	EXPECT_EQ(SBPF_STATE_LIVE, state(self->fd));
	EXPECT_FALSE(is_stopped(self->a.pid));
	EXPECT_EQ(1, events_total());
}

TEST_F(resources, cpu_time_notifies)
{
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	ASSERT_EQ(0, sandbox_limit(self->fd, SBPF_RESOURCE_CPU_TIME,
				   usage(self->fd, SBPF_RESOURCE_CPU_TIME) + 300000000,
				   SBPF_ACTION_NOTIFY));
	ASSERT_EQ(0, actor_call(&self->a, act_spin, 50));
	EXPECT_EQ(0, events_total());
	ASSERT_EQ(0, actor_call(&self->a, act_spin, 400));
	EXPECT_TRUE(await(events_total() == 1));
	EXPECT_EQ(SBPF_EVENT_LIMIT | SBPF_EVENT_COMPLAIN, event(SBPF_EVENT_DENIED, 0)->flags);
	EXPECT_EQ(SBPF_RESOURCE_CPU_TIME, event(SBPF_EVENT_DENIED, 0)->resource);
	EXPECT_EQ(0, event(SBPF_EVENT_DENIED, 0)->error);
	/* Once, and it goes on. */
	EXPECT_EQ(0, actor_call(&self->a, act_spin, 200));
	EXPECT_EQ(1, events_total());
	EXPECT_EQ(SBPF_STATE_LIVE, state(self->fd));
	EXPECT_EQ(-1, stopped(self->fd));
}

int main(int argc, char **argv)
{
	if (setup() || setup_policy(&probe, "probe", OPS_ALL, SBPF_POLICY_OPEN))
		return KSFT_FAIL;
	return run_tests(argc, argv);
}
