// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf selftests - Limits: how many tasks a sandbox may have
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "common.h"
#include "kselftest_harness.h"
#include "refuse.skel.h"

/* In memory of each actor of its own: children that wait to be killed. */
#define CHILDREN_MAX 64
static pid_t children[CHILDREN_MAX];
static int children_count;

/* Create children until there are @count, or it fails. */
static int act_breed(long count)
{
	pid_t pid;

	while (children_count < count) {
		pid = syscall(SYS_fork);
		if (pid < 0)
			return errno;
		if (!pid) {
			/* Not all of them are in a sandbox that the test kills. */
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			for (;;)
				pause();
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

int main(int argc, char **argv)
{
	if (setup() || setup_policy(&probe, "probe", OPS_ALL, SBPF_POLICY_OPEN))
		return KSFT_FAIL;
	return test_harness_run(argc, argv);
}
