// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf selftests - Sandboxes: their life, their descriptors, and nesting
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "common.h"
#include "kselftest_harness.h"

/* Another policy to move to, and one that is not open to all. */
static struct policy second;
static struct policy closed;

/* In memory of each actor of its own. */
static int own_sandbox;

static int act_create(long flags)
{
	own_sandbox = sandbox_create("probe", "own", flags, SBPF_UNLIMITED);
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

/* Nest a sandbox in the own one, enter it, and keep no descriptor. */
static int act_nest(long flags)
{
	return act_create(flags) ?: act_enter_own(0) ?: act_close(own_sandbox);
}

static int act_listed(long id)
{
	return sandbox_listed(id);
}

static int act_exit(long unused)
{
	_exit(0);
}

FIXTURE(sandbox) {
	int fd;
	uint64_t id;
	struct actor a;
	struct actor b;
};

FIXTURE_SETUP(sandbox)
{
	ASSERT_TRUE(sandboxes_gone());
	policy_reset(&probe);
	policy_reset(&second);
	ASSERT_EQ(0, actor_start(&self->a));
	ASSERT_EQ(0, actor_start(&self->b));
	events_reset();
	/* After the actors: this is the only descriptor of it. */
	self->fd = sandbox_create("probe", "box", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, self->fd);
	self->id = sandbox_id(self->fd);
	ASSERT_NE(0, self->id);
}

FIXTURE_TEARDOWN(sandbox)
{
	actor_stop(&self->a);
	actor_stop(&self->b);
}

/* Life */

TEST_F(sandbox, lives_as_long_as_its_descriptor)
{
	struct sbpf_info before, after;

	ASSERT_EQ(0, info_get(&before));
	EXPECT_TRUE(sandbox_listed(self->id));
	EXPECT_EQ(1, events_sandbox(self->id, "created"));
	close(self->fd);
	EXPECT_TRUE(await(!sandbox_listed(self->id)));
	EXPECT_TRUE(await(events_sandbox(self->id, "destroyed")));
	EXPECT_EQ(-ENOENT, sandbox_open(self->id));
	ASSERT_EQ(0, info_get(&after));
	EXPECT_EQ(before.sandboxes - 1, after.sandboxes);
}

TEST_F(sandbox, lives_as_long_as_its_last_member)
{
	int fd;

	policy_forbid(&probe, 1, VERDICT);
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	EXPECT_EQ(1, events_sandbox(self->id, "entered"));
	close(self->fd);
	EXPECT_TRUE(sandbox_listed(self->id));
	EXPECT_EQ(VERDICT, actor_call(&self->a, act_forbidden, 0));

	/* It can be found again. */
	fd = sandbox_open(self->id);
	ASSERT_LE(0, fd);
	EXPECT_EQ(1, sandbox_pids(fd));
	close(fd);

	actor_stop(&self->a);
	EXPECT_TRUE(await(!sandbox_listed(self->id)));
	EXPECT_TRUE(await(events_sandbox(self->id, "destroyed")));
	EXPECT_EQ(1, probe.skel->bss->exit_calls);
}

TEST_F(sandbox, lives_as_long_as_what_is_nested_in_it)
{
	uint64_t inner;

	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	ASSERT_EQ(0, actor_call(&self->a, act_create, 0));
	inner = actor_call(&self->a, act_own_id, 0);
	ASSERT_EQ(0, actor_call(&self->a, act_enter_own, 0));
	close(self->fd);
	EXPECT_TRUE(sandbox_listed(self->id));
	EXPECT_TRUE(sandbox_listed(inner));
	actor_stop(&self->a);
	EXPECT_TRUE(await(!sandbox_listed(inner)));
	EXPECT_TRUE(await(!sandbox_listed(self->id)));
}

TEST_F(sandbox, number_is_never_used_again)
{
	uint64_t last = self->id;
	int fd, i;

	for (i = 0; i < 8; i++) {
		fd = sandbox_create("probe", "", 0, SBPF_UNLIMITED);
		ASSERT_LE(0, fd);
		EXPECT_LT(last, sandbox_id(fd));
		last = sandbox_id(fd);
		close(fd);
	}
}

TEST_F(sandbox, descriptors_close_on_exec)
{
	int fd = sandbox_open(self->id);

	ASSERT_LE(0, fd);
	EXPECT_EQ(FD_CLOEXEC, fcntl(self->fd, F_GETFD));
	EXPECT_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
}

/* Waiting for it to be empty */

/* The wait must end by being woken, long before it ends by its time-out. */
static bool woken_empty(int fd)
{
	double start = seconds();

	return sandbox_empty(fd, PATIENCE * 1000) && seconds() - start < PATIENCE / 2;
}

TEST_F(sandbox, is_not_empty_before_it_is_entered)
{
	EXPECT_FALSE(sandbox_empty(self->fd, 0));
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	EXPECT_FALSE(sandbox_empty(self->fd, 0));
}

TEST_F(sandbox, is_empty_when_its_member_has_exited)
{
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	ASSERT_EQ(0, actor_call(&self->b, act_enter_id, self->id));
	actor_stop(&self->a);
	EXPECT_FALSE(sandbox_empty(self->fd, 0));
	/* Nobody waits for it: it stays a zombie. */
	ASSERT_EQ(0, actor_tell(&self->b, act_exit, 0));
	EXPECT_TRUE(woken_empty(self->fd));
	EXPECT_EQ(0, kill(self->b.pid, 0));
	EXPECT_EQ(0, sandbox_pids(self->fd));
	EXPECT_EQ(0, sandbox_members(self->fd, NULL, 0));
}

static void *wait_for_pipe(void *fd)
{
	char c;

	if (read((long)fd, &c, 1) < 0)
		return NULL;
	syscall(SYS_exit_group, 0);
	return NULL;
}

static int act_leader_exits(long fd)
{
	pthread_t thread;
	int err = pthread_create(&thread, NULL, wait_for_pipe, (void *)fd);

	if (err)
		return err;
	/* Of this thread only. */
	syscall(SYS_exit, 0);
	return 0;
}

TEST_F(sandbox, is_not_empty_while_a_thread_outlives_the_leader)
{
	struct actor leader;
	int pair[2];

	ASSERT_EQ(0, pipe(pair));
	ASSERT_EQ(0, actor_start(&leader));
	ASSERT_EQ(0, actor_call(&leader, act_enter_id, self->id));
	ASSERT_EQ(0, actor_tell(&leader, act_leader_exits, pair[0]));
	/* The leader is gone, its thread is not. */
	ASSERT_TRUE(await(sandbox_pids(self->fd) == 1));
	EXPECT_FALSE(sandbox_empty(self->fd, 0));
	ASSERT_EQ(1, write(pair[1], "", 1));
	EXPECT_TRUE(woken_empty(self->fd));
	actor_stop(&leader);
}

TEST_F(sandbox, is_not_empty_while_a_nested_one_is_not)
{
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	ASSERT_EQ(0, actor_call(&self->a, act_nest, 0));
	EXPECT_FALSE(sandbox_empty(self->fd, 0));
	EXPECT_EQ(1, sandbox_pids(self->fd));
	ASSERT_EQ(0, actor_tell(&self->a, act_exit, 0));
	EXPECT_TRUE(woken_empty(self->fd));
}

TEST_F(sandbox, is_filled_again)
{
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	actor_stop(&self->a);
	EXPECT_TRUE(woken_empty(self->fd));
	ASSERT_EQ(0, actor_call(&self->b, act_enter_id, self->id));
	EXPECT_FALSE(sandbox_empty(self->fd, 0));
}

/* Members */

static pthread_barrier_t barrier;

/* What each of them reads something of, if it is not 0. */
static int reading;

static void *pausing_thread(void *unused)
{
	char block[1000];

	if (reading && read(reading, block, sizeof(block)) != sizeof(block))
		_exit(1);
	pthread_barrier_wait(&barrier);
	pause();
	return NULL;
}

static int act_pause_threads(long count)
{
	pthread_t thread;
	int err, i;

	pthread_barrier_init(&barrier, NULL, count + 1);
	for (i = 0; i < count; i++) {
		err = pthread_create(&thread, NULL, pausing_thread, NULL);
		if (err)
			return err;
	}
	pthread_barrier_wait(&barrier);
	return 0;
}

static bool contains(const uint64_t *list, int count, uint64_t number)
{
	int i;

	for (i = 0; i < count; i++)
		if (list[i] == number)
			return true;
	return false;
}

TEST_F(sandbox, lists_members_of_its_own_and_nested)
{
	uint64_t pids[8] = {};

	ASSERT_EQ(0, sandbox_members(self->fd, pids, 8));
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	ASSERT_EQ(0, actor_call(&self->b, act_enter_id, self->id));
	ASSERT_EQ(2, sandbox_members(self->fd, pids, 8));
	EXPECT_TRUE(contains(pids, 2, self->a.pid));
	EXPECT_TRUE(contains(pids, 2, self->b.pid));

	/* Threads are listed one by one, nested members too. */
	ASSERT_EQ(0, actor_call(&self->a, act_nest, 0));
	ASSERT_EQ(0, actor_call(&self->b, act_pause_threads, 2));
	ASSERT_EQ(4, sandbox_members(self->fd, pids, 8));
	EXPECT_TRUE(contains(pids, 4, self->a.pid));
	EXPECT_TRUE(contains(pids, 4, self->b.pid));
	EXPECT_EQ(4, sandbox_pids(self->fd));

	/* More than fit: told, and not written. */
	pids[1] = ~0ULL;
	EXPECT_EQ(4, sandbox_members(self->fd, pids, 1));
	EXPECT_EQ(~0ULL, pids[1]);
	EXPECT_EQ(4, sandbox_members(self->fd, NULL, 0));

	actor_stop(&self->b);
	ASSERT_TRUE(await(sandbox_members(self->fd, pids, 8) == 1));
	EXPECT_EQ(self->a.pid, pids[0]);
}

static int act_read_threads(long count)
{
	int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC), err;
	char block[1000];

	/* Threads begin at 0, so that each of them reads as much more. */
	reading = fd;
	err = fd < 0 ? errno : act_pause_threads(count);
	return err ?: read(fd, block, sizeof(block)) != sizeof(block);
}

/* They are looked at in turns: none is left out, none is counted twice. */
TEST_F_TIMEOUT(sandbox, lists_and_counts_many_members, 120)
{
	const int count = 1000;
	uint64_t pids[1100] = {};
	struct sbpf_stat stat;
	int i, doubles = 0;

	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	ASSERT_EQ(0, actor_call(&self->a, act_read_threads, count));
	ASSERT_EQ(count + 1, sandbox_members(self->fd, pids, 1100));
	for (i = 0; i <= count; i++)
		doubles += contains(pids + i + 1, count - i, pids[i]);
	EXPECT_EQ(0, doubles);
	ASSERT_EQ(0, sandbox_stat(self->fd, &stat));
	if (!kernel_counts_bytes())
		return;
	EXPECT_LE((count + 1) * 1000, stat.usage[SBPF_RESOURCE_BYTES_READ]);
	EXPECT_GT((count + 2) * 1000, stat.usage[SBPF_RESOURCE_BYTES_READ]);
}

/* Killing */

TEST_F(sandbox, kill_ends_all_members_and_no_one_else)
{
	struct actor nested, thread;
	struct sbpf_stat stat;

	ASSERT_EQ(0, actor_start(&nested));
	ASSERT_EQ(0, actor_start(&thread));
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	ASSERT_EQ(0, actor_call(&nested, act_enter_id, self->id));
	ASSERT_EQ(0, actor_call(&nested, act_nest, 0));
	ASSERT_EQ(0, actor_call(&thread, act_enter_id, self->id));
	ASSERT_EQ(0, actor_call(&thread, act_pause_threads, 3));
	EXPECT_EQ(6, sandbox_pids(self->fd));

	EXPECT_EQ(0, sandbox_kill(self->fd));
	EXPECT_TRUE(woken_empty(self->fd));
	EXPECT_EQ(KILLED, actor_call(&self->a, act_nothing, 0));
	EXPECT_EQ(KILLED, actor_call(&nested, act_nothing, 0));
	EXPECT_EQ(KILLED, actor_call(&thread, act_nothing, 0));
	EXPECT_EQ(0, actor_call(&self->b, act_nothing, 0));

	/* It can be killed again, and nobody can enter any more. */
	EXPECT_EQ(0, sandbox_kill(self->fd));
	EXPECT_EQ(1, events_sandbox(self->id, "killed"));
	EXPECT_EQ(ESRCH, actor_call(&self->b, act_enter_id, self->id));
	EXPECT_EQ(ESRCH, sandbox_set_policy(self->fd, "second"));
	ASSERT_EQ(0, sandbox_stat(self->fd, &stat));
	EXPECT_EQ(SBPF_STATE_DYING, stat.state);
	EXPECT_EQ(0, stat.usage[SBPF_RESOURCE_PIDS]);
	actor_stop(&nested);
	actor_stop(&thread);
}

TEST_F(sandbox, kill_of_an_inner_one_spares_the_outer)
{
	uint64_t inner;
	int fd;

	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	ASSERT_EQ(0, actor_call(&self->b, act_enter_id, self->id));
	ASSERT_EQ(0, actor_call(&self->b, act_create, 0));
	inner = actor_call(&self->b, act_own_id, 0);
	fd = sandbox_open(inner);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, actor_call(&self->b, act_enter_own, 0));
	EXPECT_EQ(0, sandbox_kill(fd));
	EXPECT_TRUE(woken_empty(fd));
	EXPECT_EQ(KILLED, actor_call(&self->b, act_nothing, 0));
	EXPECT_EQ(0, actor_call(&self->a, act_nothing, 0));
	EXPECT_EQ(1, sandbox_pids(self->fd));
	EXPECT_FALSE(sandbox_empty(self->fd, 0));
}

static int act_stop_itself(long unused)
{
	return raise(SIGSTOP);
}

TEST_F(sandbox, kill_reaches_who_is_stopped)
{
	int status;

	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	ASSERT_EQ(0, actor_tell(&self->a, act_stop_itself, 0));
	ASSERT_EQ(self->a.pid, waitpid(self->a.pid, &status, WUNTRACED));
	ASSERT_TRUE(WIFSTOPPED(status));
	EXPECT_EQ(0, sandbox_kill(self->fd));
	EXPECT_TRUE(woken_empty(self->fd));
}

/* Everything that is created creates, for ever. */
static int act_bomb(long unused)
{
	signal(SIGCHLD, SIG_IGN);
	for (;;)
		if (fork() < 0)
			sched_yield();
	return 0;
}

TEST_F_TIMEOUT(sandbox, kill_beats_a_fork_bomb, 300)
{
	int i;

	for (i = 0; i < 3; i++) {
		struct actor bomber;
		int fd;

		ASSERT_EQ(0, actor_start(&bomber));
		fd = sandbox_create("probe", "", 0, 40);
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, actor_call(&bomber, act_enter_id, sandbox_id(fd)));
		if (i == 2)
			ASSERT_EQ(0, actor_call(&bomber, act_nest, 0));
		ASSERT_EQ(0, actor_tell(&bomber, act_bomb, 0));
		ASSERT_TRUE(await(sandbox_pids(fd) >= (i ? 40 : 4)));
		EXPECT_EQ(0, sandbox_kill(fd));
		EXPECT_TRUE(woken_empty(fd));
		EXPECT_EQ(0, sandbox_members(fd, NULL, 0));
		/* No straggler was created after that. */
		EXPECT_EQ(KILLED, actor_answer(&bomber));
		EXPECT_EQ(0, sandbox_pids(fd));
		actor_stop(&bomber);
		close(fd);
	}
}

TEST_F(sandbox, kill_before_anyone_entered)
{
	EXPECT_EQ(0, sandbox_kill(self->fd));
	EXPECT_EQ(ESRCH, actor_call(&self->a, act_enter_id, self->id));
	EXPECT_EQ(0, actor_call(&self->a, act_nothing, 0));
	EXPECT_FALSE(sandbox_empty(self->fd, 0));
}

/* Nesting */

TEST_F(sandbox, nests_to_the_sixteenth_layer)
{
	uint64_t ids[SBPF_LAYERS_MAX + 1] = {};
	const struct sbpf_event *seen;
	struct sbpf_stat stat;
	int fd, layer;

	ids[1] = self->id;
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	for (layer = 2; layer <= SBPF_LAYERS_MAX; layer++) {
		ASSERT_EQ(0, actor_call(&self->a, act_create, 0));
		ids[layer] = actor_call(&self->a, act_own_id, 0);
		ASSERT_EQ(0, actor_call(&self->a, act_enter_own, 0));
	}
	EXPECT_EQ(E2BIG, actor_call(&self->a, act_create, 0));

	for (layer = 1; layer <= SBPF_LAYERS_MAX; layer++) {
		fd = sandbox_open(ids[layer]);
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, sandbox_stat(fd, &stat));
		EXPECT_EQ(layer, stat.layer);
		EXPECT_EQ(ids[layer - 1], stat.parent);
		EXPECT_EQ(1, stat.usage[SBPF_RESOURCE_PIDS]);
		close(fd);
	}

	/* All must allow; the event tells which one did not. */
	events_reset();
	EXPECT_EQ(0, actor_call(&self->a, act_forbidden, 0));
	EXPECT_EQ(0, events_total());
	for (layer = 1; layer <= SBPF_LAYERS_MAX; layer++) {
		policy_reset(&probe);
		policy_forbid(&probe, layer, VERDICT);
		events_reset();
		EXPECT_EQ(VERDICT, actor_call(&self->a, act_forbidden, 0));
		EXPECT_EQ(1, events_total());
		seen = event(SBPF_EVENT_DENIED, 0);
		EXPECT_EQ(layer, seen->layer);
		EXPECT_EQ(ids[layer], seen->sandbox);
		EXPECT_EQ(-VERDICT, seen->error);
	}
}

/* The innermost is asked first, and a denial ends it. */
TEST_F(sandbox, inner_layer_is_asked_first)
{
	const struct sbpf_event *seen;
	struct probe_record (*records)[PROBE_OP_MAX];
	struct sbpf_stat outer_stat, inner_stat;
	int inner;

	records = (void *)probe.skel->bss->records;
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	ASSERT_EQ(0, actor_call(&self->a, act_create, 0));
	inner = sandbox_open(actor_call(&self->a, act_own_id, 0));
	ASSERT_LE(0, inner);
	ASSERT_EQ(0, actor_call(&self->a, act_enter_own, 0));

	policy_forbid(&probe, 1, VERDICT);
	policy_forbid(&probe, 2, VERDICT_2);
	events_reset();
	EXPECT_EQ(VERDICT_2, actor_call(&self->a, act_forbidden, 0));
	EXPECT_EQ(1, events_total());
	seen = event(SBPF_EVENT_DENIED, 0);
	EXPECT_EQ(2, seen->layer);
	EXPECT_EQ(-VERDICT_2, seen->error);
	EXPECT_EQ(0, records[1][SBPF_OP_FILE_OPEN].calls);
	EXPECT_EQ(1, records[2][SBPF_OP_FILE_OPEN].calls);

	/* Allowed inside, denied outside: both were asked. */
	policy_rule(&probe, 2, SBPF_OP_FILE_OPEN, 0, 0, 0);
	EXPECT_EQ(VERDICT, actor_call(&self->a, act_forbidden, 0));
	EXPECT_EQ(1, records[1][SBPF_OP_FILE_OPEN].calls);
	EXPECT_EQ(2, records[2][SBPF_OP_FILE_OPEN].calls);
	ASSERT_EQ(0, sandbox_stat(self->fd, &outer_stat));
	ASSERT_EQ(0, sandbox_stat(inner, &inner_stat));
	EXPECT_EQ(1, outer_stat.denied[SBPF_OP_FILE_OPEN]);
	EXPECT_EQ(1, inner_stat.denied[SBPF_OP_FILE_OPEN]);
	EXPECT_EQ(1, outer_stat.asked[SBPF_OP_FILE_OPEN]);
	EXPECT_EQ(2, inner_stat.asked[SBPF_OP_FILE_OPEN]);
}

/* Visibility */

TEST_F(sandbox, users_see_their_own_only)
{
	uint64_t a, b;

	ASSERT_EQ(0, actor_call(&self->a, act_become, USER_A));
	ASSERT_EQ(0, actor_call(&self->b, act_become, USER_B));
	ASSERT_EQ(0, actor_call(&self->a, act_create, 0));
	ASSERT_EQ(0, actor_call(&self->b, act_create, 0));
	a = actor_call(&self->a, act_own_id, 0);
	b = actor_call(&self->b, act_own_id, 0);

	EXPECT_EQ(1, actor_call(&self->a, act_listed, a));
	EXPECT_EQ(0, actor_call(&self->a, act_listed, b));
	EXPECT_EQ(0, actor_call(&self->a, act_listed, self->id));
	EXPECT_EQ(1, actor_call(&self->b, act_listed, b));
	EXPECT_EQ(0, actor_call(&self->b, act_listed, a));
	EXPECT_EQ(ENOENT, actor_call(&self->a, act_enter_id, b));
	EXPECT_EQ(ENOENT, actor_call(&self->b, act_enter_id, self->id));

	/* Root sees all. */
	EXPECT_TRUE(sandbox_listed(a));
	EXPECT_TRUE(sandbox_listed(b));
	EXPECT_TRUE(sandbox_listed(self->id));
}

TEST_F(sandbox, members_see_what_is_nested_only)
{
	uint64_t inner;

	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	ASSERT_EQ(0, actor_call(&self->b, act_enter_id, self->id));
	ASSERT_EQ(0, actor_call(&self->a, act_create, 0));
	inner = actor_call(&self->a, act_own_id, 0);
	/* Both are root. */
	EXPECT_EQ(1, actor_call(&self->a, act_listed, inner));
	EXPECT_EQ(1, actor_call(&self->b, act_listed, inner));
	EXPECT_EQ(0, actor_call(&self->b, act_listed, self->id));
	ASSERT_EQ(0, actor_call(&self->a, act_enter_own, 0));
	EXPECT_EQ(0, actor_call(&self->a, act_listed, inner));
	EXPECT_EQ(0, actor_call(&self->a, act_listed, self->id));
}

/* Statistics */

TEST_F(sandbox, stat_tells_all)
{
	uint64_t before = boottime_ns(), now;
	struct sbpf_stat stat;
	int fd;

	fd = sandbox_create("probe", "A-name_of.31-characters.1234567",
			    SBPF_SANDBOX_KILL | SBPF_SANDBOX_COMPLAIN, 7);
	ASSERT_LE(0, fd);
	now = boottime_ns();
	ASSERT_EQ(0, sandbox_stat(fd, &stat));
	EXPECT_EQ(sizeof(stat), stat.size);
	EXPECT_EQ(SBPF_STATE_LIVE, stat.state);
	EXPECT_LT(self->id, stat.id);
	EXPECT_EQ(0, stat.parent);
	EXPECT_EQ(1, stat.layer);
	EXPECT_EQ(SBPF_SANDBOX_KILL | SBPF_SANDBOX_COMPLAIN, stat.flags);
	EXPECT_EQ(getuid(), stat.uid);
	EXPECT_EQ(SBPF_OP_MAX, stat.ops_count);
	EXPECT_EQ(1, stat.policy_generation);
	EXPECT_LE(before, stat.created_ns);
	EXPECT_GE(now, stat.created_ns);
	EXPECT_EQ(0, stat.usage[SBPF_RESOURCE_PIDS]);
	EXPECT_EQ(0, stat.peak[SBPF_RESOURCE_PIDS]);
	EXPECT_EQ(7, stat.limit[SBPF_RESOURCE_PIDS]);
	EXPECT_STREQ("probe", stat.policy);
	EXPECT_STREQ("A-name_of.31-characters.1234567", stat.name);

	ASSERT_EQ(0, sandbox_stat(self->fd, &stat));
	EXPECT_EQ(0, stat.flags);
	EXPECT_EQ(SBPF_UNLIMITED, stat.limit[SBPF_RESOURCE_PIDS]);
}

static int act_stat_uid(long unused)
{
	struct sbpf_stat stat;

	return sandbox_stat(own_sandbox, &stat) ? 0 : stat.uid;
}

TEST_F(sandbox, stat_tells_the_creator)
{
	struct sbpf_stat stat;
	int fd;

	ASSERT_EQ(0, actor_call(&self->a, act_become, USER_A));
	ASSERT_EQ(0, actor_call(&self->a, act_create, 0));
	EXPECT_EQ(USER_A, actor_call(&self->a, act_stat_uid, 0));
	fd = sandbox_open(actor_call(&self->a, act_own_id, 0));
	ASSERT_EQ(0, sandbox_stat(fd, &stat));
	EXPECT_EQ(USER_A, stat.uid);
}

static int act_self_uid(long unused)
{
	struct sbpf_stat stat = { .size = sizeof(stat) };

	return sbpf_ioctl(control, SBPF_IOC_SELF, &stat) ? -1 : (int)stat.uid;
}

static int act_page_uid(long unused)
{
	const volatile struct sbpf_usage *page;

	page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, control, 0);
	return page != MAP_FAILED && await(page->seq) ? (int)page->stat.uid : -1;
}

static int act_user_namespace(long unused)
{
	return unshare(CLONE_NEWUSER) ? errno : 0;
}

/* Who sees no users of the system sees that one neither; of the page all see the same. */
TEST_F(sandbox, members_are_told_the_creator_as_they_see_it)
{
	char text[16] = "";
	int fd, overflow;

	ASSERT_EQ(0, read_file("/proc/sys/kernel/overflowuid", text, sizeof(text)));
	overflow = atoi(text);
	ASSERT_EQ(0, actor_call(&self->a, act_become, USER_A));
	ASSERT_EQ(0, actor_call(&self->a, act_create, 0));
	fd = sandbox_open(actor_call(&self->a, act_own_id, 0));
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, actor_call(&self->b, act_enter_id, sandbox_id(fd)));
	EXPECT_EQ(USER_A, actor_call(&self->b, act_self_uid, 0));
	EXPECT_EQ(overflow, actor_call(&self->b, act_page_uid, 0));
	ASSERT_EQ(0, actor_call(&self->b, act_user_namespace, 0));
	EXPECT_EQ(overflow, actor_call(&self->b, act_self_uid, 0));
	EXPECT_EQ(overflow, actor_call(&self->b, act_page_uid, 0));
	sandbox_kill(fd);
	close(fd);
}

TEST_F(sandbox, counters_are_exact_on_all_cpus)
{
	struct sbpf_stat stat;
	int i;

	policy_forbid(&probe, 1, VERDICT);
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	ASSERT_EQ(0, actor_call(&self->b, act_enter_id, self->id));
	for (i = 0; i < 50; i++) {
		ASSERT_EQ(0, actor_tell(&self->a, act_forbidden, 0));
		ASSERT_EQ(0, actor_tell(&self->b, act_open, PATH(FREE)));
		ASSERT_EQ(VERDICT, actor_answer(&self->a));
		ASSERT_EQ(0, actor_answer(&self->b));
	}
	ASSERT_EQ(0, sandbox_stat(self->fd, &stat));
	EXPECT_EQ(100, stat.asked[SBPF_OP_FILE_OPEN]);
	EXPECT_EQ(50, stat.denied[SBPF_OP_FILE_OPEN]);
	EXPECT_EQ(50, events_total());
}

/* Complain mode */

TEST_F(sandbox, complaining_reports_and_allows)
{
	const struct sbpf_event *seen;
	struct sbpf_stat stat;

	policy_forbid(&probe, 1, VERDICT);
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	EXPECT_EQ(VERDICT, actor_call(&self->a, act_forbidden, 0));
	ASSERT_EQ(0, sandbox_set_complain(self->fd, 1));
	ASSERT_EQ(0, sandbox_stat(self->fd, &stat));
	EXPECT_EQ(SBPF_SANDBOX_COMPLAIN, stat.flags);

	events_reset();
	EXPECT_EQ(0, actor_call(&self->a, act_forbidden, 0));
	EXPECT_EQ(1, events_total());
	seen = event(SBPF_EVENT_DENIED, 0);
	EXPECT_EQ(SBPF_EVENT_COMPLAIN, seen->flags);
	EXPECT_EQ(-VERDICT, seen->error);
	ASSERT_EQ(0, sandbox_stat(self->fd, &stat));
	EXPECT_EQ(2, stat.denied[SBPF_OP_FILE_OPEN]);

	ASSERT_EQ(0, sandbox_set_complain(self->fd, 0));
	EXPECT_EQ(VERDICT, actor_call(&self->a, act_forbidden, 0));
	EXPECT_EQ(0, event(SBPF_EVENT_DENIED, 1)->flags);
	EXPECT_EQ(EINVAL, sandbox_set_complain(self->fd, 2));
}

TEST_F(sandbox, complaining_binds_nobody_around)
{
	uint64_t inner;

	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	ASSERT_EQ(0, actor_call(&self->a, act_create, SBPF_SANDBOX_COMPLAIN));
	inner = actor_call(&self->a, act_own_id, 0);
	ASSERT_EQ(0, actor_call(&self->a, act_enter_own, 0));
	policy_forbid(&probe, 1, VERDICT);
	policy_forbid(&probe, 2, VERDICT_2);
	events_reset();
	/* The inner one complains, the outer one is asked all the same. */
	EXPECT_EQ(VERDICT, actor_call(&self->a, act_forbidden, 0));
	EXPECT_EQ(2, events_total());
	EXPECT_EQ(inner, event(SBPF_EVENT_DENIED, 0)->sandbox);
	EXPECT_EQ(SBPF_EVENT_COMPLAIN, event(SBPF_EVENT_DENIED, 0)->flags);
	EXPECT_EQ(-VERDICT_2, event(SBPF_EVENT_DENIED, 0)->error);
	EXPECT_EQ(self->id, event(SBPF_EVENT_DENIED, 1)->sandbox);
	EXPECT_EQ(0, event(SBPF_EVENT_DENIED, 1)->flags);
	EXPECT_EQ(-VERDICT, event(SBPF_EVENT_DENIED, 1)->error);
}

TEST_F(sandbox, complaining_lifts_no_limit)
{
	ASSERT_EQ(0, sandbox_set_complain(self->fd, 1));
	ASSERT_EQ(0, sandbox_set_limit(self->fd, 1));
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	events_reset();
	EXPECT_EQ(EAGAIN, actor_call(&self->a, act_fork, 0));
	EXPECT_EQ(1, events_total());
	EXPECT_EQ(SBPF_EVENT_LIMIT, event(SBPF_EVENT_DENIED, 0)->flags);
}

/* Change of policy */

TEST_F(sandbox, moves_to_another_policy)
{
	struct sbpf_stat stat;

	policy_forbid(&probe, 1, VERDICT);
	policy_forbid(&second, 1, VERDICT_2);
	EXPECT_EQ(1, probe.skel->bss->init_calls);
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	EXPECT_EQ(VERDICT, actor_call(&self->a, act_forbidden, 0));

	EXPECT_EQ(0, sandbox_set_policy(self->fd, "second"));
	EXPECT_EQ(VERDICT_2, actor_call(&self->a, act_forbidden, 0));
	EXPECT_STREQ("second", event(SBPF_EVENT_DENIED, 1)->policy);
	ASSERT_EQ(0, sandbox_stat(self->fd, &stat));
	EXPECT_STREQ("second", stat.policy);
	/* The counters are the sandbox's. */
	EXPECT_EQ(2, stat.denied[SBPF_OP_FILE_OPEN]);
	EXPECT_EQ(1, probe.skel->bss->exit_calls);
	EXPECT_EQ(self->id, probe.skel->bss->exit_sandbox);
	EXPECT_EQ(1, second.skel->bss->init_calls);
	EXPECT_EQ(self->id, second.skel->bss->init_sandbox);
	EXPECT_STREQ("box", second.skel->bss->init_name);
	EXPECT_EQ(0, second.skel->bss->exit_calls);
}

TEST_F(sandbox, stays_when_the_other_policy_refuses)
{
	struct sbpf_stat stat;

	policy_forbid(&probe, 1, VERDICT);
	ASSERT_EQ(0, actor_call(&self->a, act_enter_id, self->id));
	second.skel->bss->init_verdict = -ENOSPC;
	EXPECT_EQ(ENOSPC, sandbox_set_policy(self->fd, "second"));
	EXPECT_EQ(ENOENT, sandbox_set_policy(self->fd, "nothing"));
	EXPECT_EQ(EINVAL, sandbox_set_policy(self->fd, "no thing"));
	EXPECT_EQ(EINVAL, sandbox_set_policy(self->fd, ""));
	ASSERT_EQ(0, sandbox_stat(self->fd, &stat));
	EXPECT_STREQ("probe", stat.policy);
	EXPECT_EQ(VERDICT, actor_call(&self->a, act_forbidden, 0));
	EXPECT_EQ(0, probe.skel->bss->exit_calls);
	EXPECT_EQ(0, second.skel->bss->exit_calls);
}

static int act_set_closed(long unused)
{
	return sandbox_set_policy(own_sandbox, "closed");
}

static int act_set_second(long unused)
{
	return sandbox_set_policy(own_sandbox, "second");
}

TEST_F(sandbox, moves_to_an_open_policy_only_without_privilege)
{
	ASSERT_EQ(0, actor_call(&self->a, act_become, USER_A));
	ASSERT_EQ(0, actor_call(&self->a, act_create, 0));
	EXPECT_EQ(EPERM, actor_call(&self->a, act_set_closed, 0));
	EXPECT_EQ(0, actor_call(&self->a, act_set_second, 0));
	EXPECT_EQ(0, sandbox_set_policy(self->fd, "closed"));
}

/* What may be asked for */

FIXTURE(create) {
};

FIXTURE_VARIANT(create) {
	struct sbpf_create create;
	int error;
};

#define CREATE(variant, err, ...) \
	FIXTURE_VARIANT_ADD(create, variant) { .error = err, .create = { \
		.size = sizeof(struct sbpf_create), .pids = 1, .policy = "probe", \
		##__VA_ARGS__ } }
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
/* 32 bytes without an end. */
#define LONG { "01234567890123456789012345678901" }
CREATE(good, 0);
CREATE(name_of_all_characters, 0, .name = "AZaz09._-");
CREATE(name_of_31, 0, .name = "0123456789012345678901234567890");
CREATE(name_without_end, EINVAL, .name = LONG);
CREATE(name_with_space, EINVAL, .name = "a b");
CREATE(name_with_slash, EINVAL, .name = "a/b");
CREATE(name_with_newline, EINVAL, .name = "a\n");
CREATE(name_with_byte_over_127, EINVAL, .name = "\xe4");
CREATE(policy_empty, EINVAL, .policy = "");
CREATE(policy_without_end, EINVAL, .policy = LONG);
CREATE(policy_with_slash, EINVAL, .policy = "../probe");
CREATE(policy_unknown, ENOENT, .policy = "prob");
CREATE(policy_of_31, ENOENT, .policy = "0123456789012345678901234567890");
CREATE(flags_all, 0, .flags = SBPF_SANDBOX_KILL | SBPF_SANDBOX_COMPLAIN);
CREATE(flags_unknown, EINVAL, .flags = 8);
CREATE(flags_high, EINVAL, .flags = 1U << 31);
CREATE(pids_none, EINVAL, .pids = 0);
CREATE(pids_unlimited, 0, .pids = SBPF_UNLIMITED);
CREATE(pids_negative, EINVAL, .pids = SBPF_UNLIMITED - 1);
#pragma GCC diagnostic pop

FIXTURE_SETUP(create)
{
	policy_reset(&probe);
}

FIXTURE_TEARDOWN(create)
{
}

TEST_F(create, checks_what_it_is_given)
{
	struct sbpf_create create = variant->create;
	struct sbpf_info before, after;
	int fd;

	ASSERT_EQ(0, info_get(&before));
	fd = ioctl(control, SBPF_IOC_CREATE, &create);
	if (variant->error) {
		EXPECT_EQ(-1, fd);
		EXPECT_EQ(variant->error, errno);
		ASSERT_EQ(0, info_get(&after));
		/* Half a sandbox would count, or have told the policy. */
		EXPECT_LE(after.sandboxes, before.sandboxes);
		EXPECT_EQ(0, probe.skel->bss->init_calls);
	} else {
		EXPECT_LE(0, fd);
		EXPECT_EQ(1, probe.skel->bss->init_calls);
	}
}

/* Sizes: both sides may grow */

FIXTURE(ioctl) {
	int fd;
};

FIXTURE_SETUP(ioctl)
{
	policy_reset(&probe);
	self->fd = sandbox_create("probe", "box", 0, 5);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(ioctl)
{
}

/* A structure of tomorrow: what is known today, and more. */
struct longer {
	union {
		struct sbpf_create create;
		struct sbpf_stat stat;
		struct sbpf_info info;
		struct sbpf_set_limits limits;
		struct sbpf_set_policy set_policy;
		struct sbpf_ids ids;
		struct sbpf_open open;
		struct sbpf_policy_info policy;
		uint32_t size;
	};
	/* Beyond the longest of these. */
	uint64_t more[2];
};

TEST_F(ioctl, takes_a_shorter_structure_as_ending_in_zeros)
{
	struct longer l = { .create = {
		.size = offsetof(struct sbpf_create, name),
		.pids = 1,
		.policy = "probe",
		.name = "not/looked/at",
	} };
	struct sbpf_stat stat;
	int fd;

	fd = ioctl(control, SBPF_IOC_CREATE, &l);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, sandbox_stat(fd, &stat));
	EXPECT_STREQ("", stat.name);

	/* Cut before the policy, it has none: an invalid name. */
	l.size = offsetof(struct sbpf_create, policy);
	EXPECT_EQ(EINVAL, sbpf_ioctl(control, SBPF_IOC_CREATE, &l));
	/* Too short for its own size. */
	l.size = 3;
	EXPECT_EQ(EINVAL, sbpf_ioctl(control, SBPF_IOC_CREATE, &l));
	l.size = 0;
	EXPECT_EQ(EINVAL, sbpf_ioctl(control, SBPF_IOC_CREATE, &l));
}

TEST_F(ioctl, fills_a_shorter_structure_as_far_as_it_goes)
{
	struct sbpf_stat full;
	struct longer l;

	ASSERT_EQ(0, sandbox_stat(self->fd, &full));
	memset(&l, 0xff, sizeof(l));
	l.size = offsetof(struct sbpf_stat, limit) + sizeof(uint64_t);
	ASSERT_EQ(0, sbpf_ioctl(self->fd, SBPF_IOC_STAT, &l));
	EXPECT_EQ(full.id, l.stat.id);
	EXPECT_EQ(5, l.stat.limit[0]);
	EXPECT_EQ(~0ULL, l.stat.limit[1]);
	EXPECT_EQ(offsetof(struct sbpf_stat, limit) + sizeof(uint64_t), l.size);

	/* As a program asks that was built when there was less. */
	memset(&l, 0xff, sizeof(l));
	l.size = offsetof(struct sbpf_stat, events);
	ASSERT_EQ(0, sbpf_ioctl(self->fd, _IOC(_IOC_READ | _IOC_WRITE, 's',
					       _IOC_NR(SBPF_IOC_STAT), l.size), &l));
	EXPECT_EQ(full.id, l.stat.id);
	EXPECT_EQ(0, strcmp(full.policy, l.stat.policy));
	EXPECT_EQ(~0ULL, l.stat.events);

	memset(&l, 0xff, sizeof(l));
	l.size = offsetof(struct sbpf_info, policies);
	ASSERT_EQ(0, sbpf_ioctl(control, SBPF_IOC_INFO, &l));
	EXPECT_EQ(SBPF_ABI, l.info.abi);
	EXPECT_EQ(~0U, l.info.policies);
}

TEST_F(ioctl, takes_a_longer_structure_that_ends_in_zeros)
{
	struct sbpf_limit limit = { SBPF_RESOURCE_PIDS, SBPF_ACTION_DENY, 6 };
	struct longer l = { .create = { .pids = 1, .policy = "probe" } };

	l.size = sizeof(l.create) + 8;
	EXPECT_LE(0, ioctl(control, SBPF_IOC_CREATE, &l));
	((char *)&l)[sizeof(l.create) + 7] = 1;
	EXPECT_EQ(E2BIG, sbpf_ioctl(control, SBPF_IOC_CREATE, &l));
	((char *)&l)[sizeof(l.create) + 7] = 0;
	((char *)&l)[sizeof(l.create)] = 1;
	EXPECT_EQ(E2BIG, sbpf_ioctl(control, SBPF_IOC_CREATE, &l));
	/* Not its business. */
	l.size = sizeof(l.create);
	EXPECT_LE(0, ioctl(control, SBPF_IOC_CREATE, &l));

	memset(&l, 0, sizeof(l));
	l.size = sizeof(l);
	EXPECT_EQ(0, sbpf_ioctl(self->fd, SBPF_IOC_STAT, &l));
	EXPECT_EQ(5, l.stat.limit[0]);
	EXPECT_EQ(sizeof(l), l.size);
	l.size = sizeof(l);
	l.more[1] = 1;
	EXPECT_EQ(E2BIG, sbpf_ioctl(self->fd, SBPF_IOC_STAT, &l));

	memset(&l, 0, sizeof(l));
	l.size = sizeof(l.limits) + 8;
	l.limits.count = 1;
	l.limits.limits = (uintptr_t)&limit;
	EXPECT_EQ(0, sbpf_ioctl(self->fd, SBPF_IOC_SET_LIMITS, &l));
	((char *)&l)[sizeof(l.limits)] = 1;
	limit.limit = 7;
	EXPECT_EQ(E2BIG, sbpf_ioctl(self->fd, SBPF_IOC_SET_LIMITS, &l));

	memset(&l, 0, sizeof(l));
	l.size = sizeof(l);
	EXPECT_EQ(0, sbpf_ioctl(self->fd, SBPF_IOC_STAT, &l));
	EXPECT_EQ(6, l.stat.limit[0]);
	/* Longer than a page is nothing that anybody means. */
	l.size = 1U << 30;
	EXPECT_EQ(E2BIG, sbpf_ioctl(self->fd, SBPF_IOC_STAT, &l));
}

TEST_F(ioctl, rejects_what_it_does_not_know)
{
	struct longer l = {};

	EXPECT_EQ(ENOTTY, sbpf_ioctl(control, _IO('s', 0x7f), NULL));
	EXPECT_EQ(ENOTTY, sbpf_ioctl(control, _IO('t', 0x00), NULL));
	EXPECT_EQ(ENOTTY, sbpf_ioctl(self->fd, _IO('s', 0x7f), NULL));
	/* Requests of the one on the other. */
	EXPECT_EQ(ENOTTY, sbpf_ioctl(control, SBPF_IOC_KILL, NULL));
	EXPECT_EQ(ENOTTY, sbpf_ioctl(self->fd, SBPF_IOC_LIST, &l));

	EXPECT_EQ(EINVAL, sandbox_limit(self->fd, SBPF_RESOURCE_MAX, 1, 0));
	EXPECT_EQ(EINVAL, sandbox_limit(self->fd, SBPF_RESOURCE_PIDS, 1, SBPF_ACTION_MAX));
	EXPECT_EQ(EINVAL, sandbox_limit(self->fd, SBPF_RESOURCE_WALL_TIME, 1,
					SBPF_ACTION_DENY));
	EXPECT_EQ(EINVAL, sandbox_limit(self->fd, SBPF_RESOURCE_EXEC_RATE, 1ULL << 32, 0));
	EXPECT_EQ(EOPNOTSUPP, sandbox_limit(self->fd, SBPF_RESOURCE_EXECS, 1, 0));
	EXPECT_EQ(EINVAL, sandbox_set_limit(self->fd, 0));
	EXPECT_EQ(EINVAL, sandbox_set_limit(self->fd, SBPF_UNLIMITED - 1));
	l.open = (struct sbpf_open){ sizeof(l.open), 1, sandbox_id(self->fd) };
	EXPECT_EQ(EINVAL, sbpf_ioctl(control, SBPF_IOC_OPEN, &l));
	EXPECT_EQ(-ENOENT, sandbox_open(0));
	EXPECT_EQ(-ENOENT, sandbox_open(~0ULL));
	l.set_policy = (struct sbpf_set_policy){ sizeof(l.set_policy), 1, "probe" };
	EXPECT_EQ(EINVAL, sbpf_ioctl(self->fd, SBPF_IOC_SET_POLICY, &l));
	l.policy = (struct sbpf_policy_info){ sizeof(l.policy), .index = 1000 };
	EXPECT_EQ(ENOENT, sbpf_ioctl(control, SBPF_IOC_POLICY, &l));
}

TEST_F(ioctl, survives_bad_addresses)
{
	uint64_t id = sandbox_id(self->fd);
	struct sbpf_ids ids = { sizeof(ids), 4, 1 };
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct sbpf_stat *stat;

	ASSERT_NE(MAP_FAILED, page);
	ASSERT_EQ(0, munmap(page + 4096, 4096));
	EXPECT_EQ(EFAULT, sbpf_ioctl(control, SBPF_IOC_CREATE, NULL));
	EXPECT_EQ(EFAULT, sbpf_ioctl(control, SBPF_IOC_INFO, (void *)-4096L));
	EXPECT_EQ(EFAULT, sbpf_ioctl(self->fd, SBPF_IOC_STAT, NULL));
	EXPECT_EQ(EFAULT, sbpf_ioctl(self->fd, SBPF_IOC_SET_COMPLAIN, NULL));
	EXPECT_EQ(EFAULT, sbpf_ioctl(control, SBPF_IOC_LIST, &ids));
	/* Across the end of what is mapped. */
	stat = (void *)(page + 4096 - sizeof(uint64_t));
	stat->size = sizeof(*stat);
	EXPECT_EQ(EFAULT, sbpf_ioctl(self->fd, SBPF_IOC_STAT, stat));
	EXPECT_EQ(id, sandbox_id(self->fd));
}

TEST_F(ioctl, list_tells_how_many_did_not_fit)
{
	int count = sandbox_list(NULL, 0);
	uint64_t id[2] = { 0, ~0ULL };

	EXPECT_LE(1, count);
	EXPECT_EQ(count, sandbox_list(id, 1));
	EXPECT_NE(0, id[0]);
	EXPECT_EQ(~0ULL, id[1]);
}

static int act_open_device(long unused)
{
	struct sbpf_info info;

	close(control);
	control = open("/dev/sbpf", O_RDWR | O_CLOEXEC);
	return control < 0 ? errno : info_get(&info);
}

TEST_F(ioctl, device_is_open_to_all)
{
	struct actor user;

	ASSERT_EQ(0, actor_start(&user));
	ASSERT_EQ(0, actor_call(&user, act_become, USER_A));
	EXPECT_EQ(0, actor_call(&user, act_open_device, 0));
	actor_stop(&user);
}

int main(int argc, char **argv)
{
	if (setup() || setup_policy(&probe, "probe", OPS_ALL, SBPF_POLICY_OPEN) ||
	    setup_policy(&second, "second", OPS_ALL, SBPF_POLICY_OPEN) ||
	    setup_policy(&closed, "closed", OPS_ALL, 0))
		return KSFT_FAIL;
	return run_tests(argc, argv);
}
