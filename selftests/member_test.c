// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf selftests - Membership: who becomes a member, who does not, and that
 * members cannot undo it
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "common.h"
#include "kselftest_harness.h"

/* A policy that is not open to all. */
static struct policy closed;

static int status_of(pid_t pid)
{
	int status;

	if (pid < 0)
		return errno;
	if (waitpid(pid, &status, __WALL) != pid)
		return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : KILLED;
}

/* Inheritance */

static int via_fork(long unused)
{
	pid_t pid = fork();

	if (!pid)
		_exit(act_forbidden(0));
	return status_of(pid);
}

static int via_vfork(long unused)
{
	pid_t pid = vfork();

	if (!pid) {
		if (syscall(SYS_open, FORBIDDEN, O_RDONLY) < 0)
			_exit(errno);
		_exit(0);
	}
	return status_of(pid);
}

static int via_clone(long flags)
{
	pid_t pid = syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, NULL);

	if (!pid)
		_exit(act_forbidden(0));
	return status_of(pid);
}

static int via_clone3(long flags)
{
	struct clone_args args = { .flags = flags, .exit_signal = SIGCHLD };
	pid_t pid = syscall(SYS_clone3, &args, sizeof(args));

	if (!pid)
		_exit(act_forbidden(0));
	return status_of(pid);
}

/* The child of its grandparent, which is the test, outside. */
static int via_clone_parent(long unused)
{
	struct clone_args args = { .flags = CLONE_PARENT };
	int result, pair[2];
	pid_t pid;

	if (pipe(pair))
		return errno;
	pid = syscall(SYS_clone3, &args, sizeof(args));
	if (!pid) {
		result = act_forbidden(0);
		_exit(write(pair[1], &result, sizeof(result)) != sizeof(result));
	}
	if (pid < 0 || read(pair[0], &result, sizeof(result)) != sizeof(result))
		return KILLED;
	return result;
}

static void *forbidden_thread(void *result)
{
	*(int *)result = act_forbidden(0);
	return NULL;
}

static int via_thread(long unused)
{
	pthread_t thread;
	int err, result = KILLED;

	err = pthread_create(&thread, NULL, forbidden_thread, &result);
	return err ?: pthread_join(thread, NULL) ?: result;
}

static void *forking_thread(void *result)
{
	*(int *)result = via_fork(0);
	return NULL;
}

static int via_fork_of_thread(long unused)
{
	pthread_t thread;
	int err, result = KILLED;

	err = pthread_create(&thread, NULL, forking_thread, &result);
	return err ?: pthread_join(thread, NULL) ?: result;
}

/* See main(). */
#define EXEC_FORBIDDEN "--open-forbidden"

static int via_exec(long unused)
{
	char *argv[] = { "/proc/self/exe", EXEC_FORBIDDEN, NULL };

	execv(argv[0], argv);
	return errno;
}

static void *exec_thread(void *unused)
{
	via_exec(0);
	return NULL;
}

/* The thread takes over the process, with its leader's number. */
static int via_exec_of_thread(long unused)
{
	pthread_t thread;
	int err = pthread_create(&thread, NULL, exec_thread, NULL);

	return err ?: pthread_join(thread, NULL) ?: KILLED;
}

static int via_double_fork(long unused)
{
	pid_t pid = fork();

	if (!pid)
		_exit(via_fork(0));
	return status_of(pid);
}

static int via_setsid(long unused)
{
	pid_t pid = fork();

	if (!pid) {
		if (setsid() < 0)
			_exit(errno);
		_exit(act_forbidden(0));
	}
	return status_of(pid);
}

/* Everything that a daemon does to get away from its past. */
static int via_daemon(long unused)
{
	int result, pair[2];
	pid_t pid;

	if (pipe(pair))
		return errno;
	pid = fork();
	if (!pid) {
		if (setsid() < 0)
			_exit(errno);
		pid = fork();
		if (pid)
			_exit(pid < 0);
		/* Adopted by now by whoever adopts orphans. */
		await(getppid() != getpgrp());
		if (chdir("/"))
			_exit(errno);
		result = act_forbidden(0);
		_exit(write(pair[1], &result, sizeof(result)) != sizeof(result));
	}
	close(pair[1]);
	if (status_of(pid) || read(pair[0], &result, sizeof(result)) != sizeof(result))
		return KILLED;
	return result;
}

static int via_namespaces(long unused)
{
	if (unshare(CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWCGROUP))
		return errno;
	return via_fork(0);
}

static int via_user_namespace(long unused)
{
	if (unshare(CLONE_NEWUSER | CLONE_NEWPID))
		return errno;
	return via_fork(0);
}

FIXTURE(inherit) {
};

FIXTURE_VARIANT(inherit) {
	act_fn via;
	long arg;
	/* How many tasks the sandbox has at least at one time. */
	int tasks;
};

#define INHERIT(name, number, ...) \
	FIXTURE_VARIANT_ADD(inherit, name) { .tasks = number, __VA_ARGS__ }
INHERIT(itself, 1, .via = act_forbidden);
INHERIT(fork, 2, .via = via_fork);
INHERIT(vfork, 2, .via = via_vfork);
INHERIT(clone, 2, .via = via_clone, .arg = CLONE_FILES | CLONE_FS);
INHERIT(clone3, 2, .via = via_clone3);
INHERIT(clone_parent, 2, .via = via_clone_parent);
INHERIT(clone_newuser, 2, .via = via_clone3, .arg = CLONE_NEWUSER);
INHERIT(thread, 2, .via = via_thread);
INHERIT(fork_of_thread, 3, .via = via_fork_of_thread);
INHERIT(exec, 1, .via = via_exec);
INHERIT(exec_of_thread, 2, .via = via_exec_of_thread);
INHERIT(double_fork, 3, .via = via_double_fork);
INHERIT(setsid, 2, .via = via_setsid);
INHERIT(daemon, 2, .via = via_daemon);
INHERIT(namespaces, 2, .via = via_namespaces);
INHERIT(user_namespace, 2, .via = via_user_namespace);

FIXTURE_SETUP(inherit)
{
	policy_reset(&probe);
}

FIXTURE_TEARDOWN(inherit)
{
}

TEST_F(inherit, descendant_is_member)
{
	const struct sbpf_event *seen;
	struct sbpf_stat stat;
	int sandbox;

	sandbox = sandbox_create("probe", "", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, sandbox);
	policy_forbid(&probe, 1, VERDICT);
	events_reset();
	/* The control: outside it works. */
	ASSERT_EQ(0, run(-1, variant->via, variant->arg));
	EXPECT_EQ(0, events_total());

	EXPECT_EQ(VERDICT, run(sandbox, variant->via, variant->arg));
	EXPECT_EQ(1, events_total());
	seen = event(SBPF_EVENT_DENIED, 0);
	EXPECT_EQ(SBPF_OP_FILE_OPEN, seen->op);
	EXPECT_EQ(sandbox_id(sandbox), seen->sandbox);

	/* Counted in, and counted out again. */
	EXPECT_TRUE(sandbox_empty(sandbox, PATIENCE * 1000));
	ASSERT_EQ(0, sandbox_stat(sandbox, &stat));
	EXPECT_LE(variant->tasks, stat.peak[SBPF_RESOURCE_PIDS]);
	EXPECT_EQ(0, stat.usage[SBPF_RESOURCE_PIDS]);
	EXPECT_EQ(0, sandbox_members(sandbox, NULL, 0));
	while (waitpid(-1, NULL, __WALL) > 0)
		;
}

/* Who is not a member */

FIXTURE(outside) {
	int sandbox;
	struct actor member;
	struct actor other;
};

FIXTURE_SETUP(outside)
{
	policy_reset(&probe);
	policy_forbid(&probe, 1, VERDICT);
	self->sandbox = sandbox_create("probe", "", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, self->sandbox);
	ASSERT_EQ(0, actor_start(&self->member));
	ASSERT_EQ(0, actor_start(&self->other));
}

FIXTURE_TEARDOWN(outside)
{
	actor_stop(&self->member);
	actor_stop(&self->other);
}

static struct actor early_child;

static int act_child(long unused)
{
	return actor_start(&early_child);
}

static int act_child_forbidden(long unused)
{
	return actor_call(&early_child, act_forbidden, 0);
}

TEST_F(outside, others_are_not_affected)
{
	uint64_t pids[4] = {};

	/* A child from before is not a member either. */
	ASSERT_EQ(0, actor_call(&self->member, act_child, 0));
	EXPECT_EQ(0, actor_call(&self->member, act_forbidden, 0));
	EXPECT_EQ(0, actor_call(&self->member, act_enter, self->sandbox));
	events_reset();
	EXPECT_EQ(VERDICT, actor_call(&self->member, act_forbidden, 0));
	EXPECT_EQ(1, events_total());

	EXPECT_EQ(0, actor_call(&self->other, act_forbidden, 0));
	EXPECT_EQ(0, actor_call(&self->other, via_fork, 0));
	EXPECT_EQ(0, actor_call(&self->member, act_child_forbidden, 0));
	EXPECT_EQ(0, act_forbidden(0));
	EXPECT_EQ(1, events_total());

	EXPECT_EQ(1, sandbox_members(self->sandbox, pids, 4));
	EXPECT_EQ(self->member.pid, pids[0]);
	EXPECT_EQ(1, sandbox_pids(self->sandbox));
}

/* Create a child with a certain number, let it open FORBIDDEN. */
static int forbidden_as(pid_t pid)
{
	struct clone_args args = {
		.exit_signal = SIGCHLD,
		.set_tid = (uintptr_t)&pid,
		.set_tid_size = 1,
	};
	pid_t child = syscall(SYS_clone3, &args, sizeof(args));

	if (!child)
		_exit(act_forbidden(0));
	if (child > 0 && child != pid)
		return ERANGE;
	return status_of(child);
}

TEST_F_TIMEOUT(outside, membership_does_not_leak_to_a_reused_pid, 300)
{
	struct actor mortal;
	int i, err;

	/* The sandbox lives on. */
	ASSERT_EQ(0, actor_call(&self->member, act_enter, self->sandbox));
	events_reset();
	for (i = 0; i < 20; i++) {
		ASSERT_EQ(0, actor_start(&mortal));
		ASSERT_EQ(0, actor_call(&mortal, act_enter, self->sandbox));
		ASSERT_EQ(VERDICT, actor_call(&mortal, act_forbidden, 0));
		err = mortal.pid;
		actor_stop(&mortal);
		err = forbidden_as(err);
		/* Somebody else may have been quicker. */
		if (err != EEXIST)
			ASSERT_EQ(0, err);
	}
	EXPECT_EQ(20, events_total());
	EXPECT_EQ(1, sandbox_pids(self->sandbox));
}

static pid_t member_tid;

static void *tid_thread(void *tid)
{
	*(int *)tid = gettid();
	return NULL;
}

static int act_thread_tid(long unused)
{
	pthread_t thread;
	int err, tid = 0;

	err = pthread_create(&thread, NULL, tid_thread, &tid) ?:
	      pthread_join(thread, NULL);
	/* The thread's end is known before the kernel gave its number back. */
	return err ? -err : tid;
}

TEST_F_TIMEOUT(outside, membership_does_not_leak_to_a_reused_tid, 300)
{
	int err = 0;

	ASSERT_EQ(0, actor_call(&self->member, act_enter, self->sandbox));
	events_reset();
	member_tid = actor_call(&self->member, act_thread_tid, 0);
	ASSERT_LT(0, member_tid);
	ASSERT_TRUE(await((err = forbidden_as(member_tid)) != EEXIST));
	EXPECT_EQ(0, err);
	EXPECT_EQ(0, events_total());
}

/* Entering takes in all threads */

/* Shared by all processes of the crowd. */
struct crowd {
	/* The process has entered: from here on everything is denied. */
	int entered;
	int stop;
	/* Acts that began after that, and how many of them succeeded. */
	int acts;
	int escapes;
	/* Threads and children so far; threads alive. */
	int born;
	int alive;
	int main_result;
};

static struct crowd *crowd;

static void crowd_act(void)
{
	bool after = __atomic_load_n(&crowd->entered, __ATOMIC_SEQ_CST);
	int err = act_forbidden(0);

	if (!after)
		return;
	if (err != VERDICT)
		__atomic_add_fetch(&crowd->escapes, 1, __ATOMIC_SEQ_CST);
	__atomic_add_fetch(&crowd->acts, 1, __ATOMIC_SEQ_CST);
}

/* Each thread creates its successor. */
static void *crowd_chain(void *unused)
{
	pthread_attr_t attr;
	pthread_t next;

	__atomic_add_fetch(&crowd->born, 1, __ATOMIC_SEQ_CST);
	crowd_act();
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, 64 * 1024);
	while (!__atomic_load_n(&crowd->stop, __ATOMIC_SEQ_CST))
		if (!pthread_create(&next, &attr, crowd_chain, NULL))
			return NULL;
	__atomic_sub_fetch(&crowd->alive, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

/* One thread creates processes. What it creates after entering is inside. */
static void *crowd_forks(void *unused)
{
	pid_t pid;
	bool after;

	while (!__atomic_load_n(&crowd->stop, __ATOMIC_SEQ_CST)) {
		after = __atomic_load_n(&crowd->entered, __ATOMIC_SEQ_CST);
		pid = syscall(SYS_fork);
		if (!pid) {
			if (after)
				crowd_act();
			_exit(0);
		}
		if (pid > 0)
			waitpid(pid, NULL, 0);
		__atomic_add_fetch(&crowd->born, 1, __ATOMIC_SEQ_CST);
	}
	__atomic_sub_fetch(&crowd->alive, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

#define CROWD_THREADS 4

static int act_crowd(long sandbox)
{
	pthread_t thread;
	int err, i;

	crowd->alive = CROWD_THREADS;
	for (i = 0; i < CROWD_THREADS; i++) {
		err = pthread_create(&thread, NULL, i ? crowd_chain : crowd_forks, NULL);
		if (err)
			return err;
	}
	if (!await(__atomic_load_n(&crowd->born, __ATOMIC_SEQ_CST) > 2 * CROWD_THREADS))
		return ETIME;
	/* It may tell that threads appear too fast. */
	while ((err = sandbox_enter(sandbox)) == EAGAIN)
		;
	__atomic_store_n(&crowd->entered, 1, __ATOMIC_SEQ_CST);
	crowd->main_result = act_forbidden(0);
	if (!err && !await(__atomic_load_n(&crowd->acts, __ATOMIC_SEQ_CST) >
			   4 * CROWD_THREADS))
		err = ETIME;
	__atomic_store_n(&crowd->stop, 1, __ATOMIC_SEQ_CST);
	if (!await(!__atomic_load_n(&crowd->alive, __ATOMIC_SEQ_CST)))
		err = ETIME;
	return err;
}

FIXTURE(threads) {
	int sandbox;
};

FIXTURE_SETUP(threads)
{
	policy_reset(&probe);
	policy_forbid(&probe, 1, VERDICT);
	self->sandbox = sandbox_create("probe", "", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, self->sandbox);
	crowd = mmap(NULL, sizeof(*crowd), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, crowd);
}

FIXTURE_TEARDOWN(threads)
{
}

TEST_F_TIMEOUT(threads, all_enter_at_once_while_they_multiply, 300)
{
	int i, sandbox;

	for (i = 0; i < 12; i++) {
		memset(crowd, 0, sizeof(*crowd));
		sandbox = sandbox_create("probe", "", 0, SBPF_UNLIMITED);
		ASSERT_LE(0, sandbox);
		ASSERT_EQ(0, run(-1, act_crowd, sandbox));
		ASSERT_EQ(VERDICT, crowd->main_result);
		ASSERT_EQ(0, crowd->escapes);
		/* The same number was charged as was given back. */
		ASSERT_TRUE(sandbox_empty(sandbox, PATIENCE * 1000));
		ASSERT_EQ(0, sandbox_pids(sandbox));
		ASSERT_EQ(0, sandbox_members(sandbox, NULL, 0));
		close(sandbox);
	}
}

static pthread_barrier_t barrier;

/* Threads that wait until told to act, and leave the result. */
static void *waiting_thread(void *result)
{
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	*(int *)result = act_forbidden(0);
	pthread_barrier_wait(&barrier);
	return NULL;
}

static int act_enter_with_threads(long sandbox)
{
	int results[CROWD_THREADS] = {}, err, i;
	uint64_t pids[CROWD_THREADS + 1];
	pthread_t thread;

	pthread_barrier_init(&barrier, NULL, CROWD_THREADS + 1);
	for (i = 0; i < CROWD_THREADS; i++) {
		err = pthread_create(&thread, NULL, waiting_thread, &results[i]);
		if (err)
			return err;
	}
	pthread_barrier_wait(&barrier);
	err = sandbox_enter(sandbox);
	pthread_barrier_wait(&barrier);
	if (sandbox_pids(sandbox) != CROWD_THREADS + 1)
		err = ERANGE;
	/* A member may not list its own sandbox. */
	if (sandbox_members(sandbox, pids, CROWD_THREADS + 1) != -EPERM)
		err = ERANGE;
	pthread_barrier_wait(&barrier);
	for (i = 0; i < CROWD_THREADS; i++)
		if (results[i] != VERDICT)
			err = ENOTRECOVERABLE;
	return err;
}

TEST_F(threads, sleeping_ones_enter_too)
{
	events_reset();
	EXPECT_EQ(0, run(-1, act_enter_with_threads, self->sandbox));
	EXPECT_EQ(CROWD_THREADS, events_total());
	EXPECT_TRUE(sandbox_empty(self->sandbox, PATIENCE * 1000));
}

static void *entering_thread(void *sandbox)
{
	return (void *)(long)sandbox_enter((long)sandbox);
}

static int act_enter_by_thread(long sandbox)
{
	pthread_t thread;
	void *result;
	int err;

	err = pthread_create(&thread, NULL, entering_thread, (void *)sandbox) ?:
	      pthread_join(thread, &result);
	return err ?: (long)result ?: act_forbidden(0);
}

TEST_F(threads, any_of_them_may_enter)
{
	EXPECT_EQ(VERDICT, run(-1, act_enter_by_thread, self->sandbox));
}

/* Who may enter */

FIXTURE(entry) {
	int sandbox;
	int sibling;
	struct actor actor;
	struct actor other;
};

FIXTURE_SETUP(entry)
{
	policy_reset(&probe);
	policy_forbid(&probe, 1, VERDICT);
	self->sandbox = sandbox_create("probe", "", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, self->sandbox);
	self->sibling = sandbox_create("probe", "sibling", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, self->sibling);
	/* After what they are to inherit. */
	ASSERT_EQ(0, actor_start(&self->actor));
	ASSERT_EQ(0, actor_start(&self->other));
}

FIXTURE_TEARDOWN(entry)
{
	actor_stop(&self->actor);
	actor_stop(&self->other);
}

TEST_F(entry, privilege_is_enough)
{
	EXPECT_EQ(0, actor_call(&self->actor, act_enter, self->sandbox));
	EXPECT_EQ(VERDICT, actor_call(&self->actor, act_forbidden, 0));
}

TEST_F(entry, no_new_privs_is_enough)
{
	ASSERT_EQ(0, actor_call(&self->actor, act_become, USER_A));
	EXPECT_EQ(EPERM, actor_call(&self->actor, act_enter, self->sandbox));
	EXPECT_EQ(0, actor_call(&self->actor, act_forbidden, 0));
	EXPECT_EQ(0, sandbox_pids(self->sandbox));

	ASSERT_EQ(0, actor_call(&self->actor, act_no_new_privs, 0));
	EXPECT_EQ(0, actor_call(&self->actor, act_enter, self->sandbox));
	EXPECT_EQ(VERDICT, actor_call(&self->actor, act_forbidden, 0));
}

static int act_unshare_user(long unused)
{
	return unshare(CLONE_NEWUSER) ? errno : 0;
}

TEST_F(entry, privilege_in_a_user_namespace_is_none)
{
	ASSERT_EQ(0, actor_call(&self->actor, act_become, USER_A));
	ASSERT_EQ(0, actor_call(&self->actor, act_unshare_user, 0));
	EXPECT_EQ(EPERM, actor_call(&self->actor, act_enter, self->sandbox));
}

static void *idle_thread(void *unused)
{
	pause();
	return NULL;
}

static int act_idle_thread(long unused)
{
	pthread_t thread;

	return pthread_create(&thread, NULL, idle_thread, NULL);
}

TEST_F(entry, no_new_privs_is_needed_in_every_thread)
{
	ASSERT_EQ(0, actor_call(&self->actor, act_become, USER_A));
	ASSERT_EQ(0, actor_call(&self->actor, act_idle_thread, 0));
	/* In the thread that calls, not in the one before it. */
	ASSERT_EQ(0, actor_call(&self->actor, act_no_new_privs, 0));
	EXPECT_EQ(EPERM, actor_call(&self->actor, act_enter, self->sandbox));
	EXPECT_EQ(0, actor_call(&self->actor, act_forbidden, 0));
	EXPECT_EQ(0, sandbox_pids(self->sandbox));
}

/* In memory of each actor of its own. */
static int own_sandbox;

static int act_create(long policy)
{
	own_sandbox = sandbox_create((const char *)policy, "own", 0, SBPF_UNLIMITED);
	return own_sandbox < 0 ? -own_sandbox : 0;
}

static int act_enter_own(long unused)
{
	return sandbox_enter(own_sandbox);
}

static int act_own_id(long unused)
{
	return sandbox_id(own_sandbox);
}

TEST_F(entry, unprivileged_create_needs_an_open_policy)
{
	EXPECT_EQ(0, actor_call(&self->actor, act_create, PATH("closed")));
	ASSERT_EQ(0, actor_call(&self->actor, act_become, USER_A));
	EXPECT_EQ(EPERM, actor_call(&self->actor, act_create, PATH("closed")));
	EXPECT_EQ(0, actor_call(&self->actor, act_create, PATH("probe")));
	ASSERT_EQ(0, actor_call(&self->actor, act_no_new_privs, 0));
	EXPECT_EQ(EPERM, actor_call(&self->actor, act_create, PATH("closed")));
	EXPECT_EQ(0, actor_call(&self->actor, act_create, PATH("probe")));
	EXPECT_EQ(0, actor_call(&self->actor, act_enter_own, 0));
	EXPECT_EQ(VERDICT, actor_call(&self->actor, act_forbidden, 0));
}

static int act_seize(long pid)
{
	return ptrace(PTRACE_SEIZE, pid, NULL, NULL) ? errno : 0;
}

static int act_detach(long pid)
{
	if (ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) ||
	    waitpid(pid, NULL, __WALL) != pid ||
	    ptrace(PTRACE_DETACH, pid, NULL, NULL))
		return errno;
	return 0;
}

TEST_F(entry, not_while_tracing)
{
	ASSERT_EQ(0, actor_call(&self->actor, act_seize, self->other.pid));
	EXPECT_EQ(EBUSY, actor_call(&self->actor, act_enter, self->sandbox));
	EXPECT_EQ(0, actor_call(&self->actor, act_forbidden, 0));
	ASSERT_EQ(0, actor_call(&self->actor, act_detach, self->other.pid));
	EXPECT_EQ(0, actor_call(&self->actor, act_enter, self->sandbox));
	EXPECT_EQ(VERDICT, actor_call(&self->actor, act_forbidden, 0));
}

static void *seizing_thread(void *pid)
{
	int err = act_seize((long)pid);

	pthread_barrier_wait(&barrier);
	if (!err)
		pause();
	return NULL;
}

static int act_seize_by_thread(long pid)
{
	pthread_t thread;
	int err;

	pthread_barrier_init(&barrier, NULL, 2);
	err = pthread_create(&thread, NULL, seizing_thread, (void *)pid);
	if (!err)
		pthread_barrier_wait(&barrier);
	return err;
}

TEST_F(entry, not_while_a_thread_is_tracing)
{
	ASSERT_EQ(0, actor_call(&self->actor, act_seize_by_thread, self->other.pid));
	EXPECT_EQ(EBUSY, actor_call(&self->actor, act_enter, self->sandbox));
	EXPECT_EQ(0, actor_call(&self->actor, act_forbidden, 0));
}

TEST_F(entry, while_being_traced_from_outside)
{
	ASSERT_EQ(0, act_seize(self->actor.pid));
	EXPECT_EQ(0, actor_call(&self->actor, act_enter, self->sandbox));
	EXPECT_EQ(0, act_detach(self->actor.pid));
	EXPECT_EQ(VERDICT, actor_call(&self->actor, act_forbidden, 0));
}

TEST_F(entry, only_inwards)
{
	int id, nested;

	ASSERT_EQ(0, actor_call(&self->actor, act_enter, self->sandbox));
	/* Not twice, and not somewhere else. */
	EXPECT_EQ(EPERM, actor_call(&self->actor, act_enter, self->sandbox));
	EXPECT_EQ(EPERM, actor_call(&self->actor, act_enter, self->sibling));
	EXPECT_EQ(1, sandbox_pids(self->sandbox));
	EXPECT_EQ(0, sandbox_pids(self->sibling));

	ASSERT_EQ(0, actor_call(&self->actor, act_create, PATH("probe")));
	/* Nobody enters a nested sandbox from outside, root or not. */
	id = actor_call(&self->actor, act_own_id, 0);
	EXPECT_EQ(EPERM, actor_call(&self->other, act_enter_id, id));
	EXPECT_EQ(0, actor_call(&self->other, act_forbidden, 0));

	nested = sandbox_open(id);
	ASSERT_LE(0, nested);
	EXPECT_EQ(0, actor_call(&self->actor, act_enter_own, 0));
	EXPECT_EQ(1, sandbox_pids(nested));
	EXPECT_EQ(1, sandbox_pids(self->sandbox));
	/* And not back out. */
	EXPECT_EQ(EPERM, actor_call(&self->actor, act_enter, self->sandbox));
	EXPECT_EQ(EPERM, actor_call(&self->actor, act_enter, self->sibling));
	EXPECT_EQ(EPERM, actor_call(&self->actor, act_enter_own, 0));
}

/* A descriptor gives members nothing */

static int act_members(long fd)
{
	int count = sandbox_members(fd, NULL, 0);

	return count < 0 ? -count : 0;
}

static int act_set_policy(long fd)
{
	return sandbox_set_policy(fd, "probe");
}

static int act_set_limit(long fd)
{
	return sandbox_set_limit(fd, 100);
}

static int act_set_complain(long fd)
{
	return sandbox_set_complain(fd, 1);
}

static int act_kill(long fd)
{
	return sandbox_kill(fd);
}

static int act_stat(long fd)
{
	struct sbpf_stat stat;

	return sandbox_stat(fd, &stat);
}

static int act_open_id(long id)
{
	int fd = sandbox_open(id);

	return fd < 0 ? -fd : 0;
}

static int act_count(long unused)
{
	return sandbox_list(NULL, 0);
}

static const act_fn controls[] = {
	act_members, act_set_policy, act_set_limit, act_set_complain, act_kill,
};

TEST_F(entry, a_member_has_no_control)
{
	struct sbpf_stat stat;
	int i;

	/* The control: whoever is outside has it. */
	ASSERT_EQ(0, actor_call(&self->other, act_members, self->sandbox));
	ASSERT_EQ(0, actor_call(&self->other, act_set_policy, self->sandbox));
	ASSERT_EQ(0, actor_call(&self->other, act_set_limit, self->sandbox));

	ASSERT_EQ(0, actor_call(&self->actor, act_enter, self->sandbox));
	for (i = 0; i < ARRAY_SIZE(controls); i++) {
		EXPECT_EQ(EPERM, actor_call(&self->actor, controls[i], self->sandbox));
		EXPECT_EQ(EPERM, actor_call(&self->actor, controls[i], self->sibling));
	}
	EXPECT_EQ(0, actor_call(&self->actor, act_stat, self->sandbox));
	EXPECT_EQ(ENOENT, actor_call(&self->actor, act_open_id, sandbox_id(self->sandbox)));
	EXPECT_EQ(ENOENT, actor_call(&self->actor, act_open_id, sandbox_id(self->sibling)));
	EXPECT_EQ(0, actor_call(&self->actor, act_count, 0));

	/* Of what it nests in its own it has control, until it enters. */
	ASSERT_EQ(0, actor_call(&self->actor, act_create, PATH("probe")));
	EXPECT_EQ(1, actor_call(&self->actor, act_count, 0));
	ASSERT_EQ(0, actor_call(&self->actor, act_enter_own, 0));
	for (i = 0; i < ARRAY_SIZE(controls); i++)
		EXPECT_EQ(EPERM, actor_call(&self->actor, controls[i], self->sandbox));
	EXPECT_EQ(0, actor_call(&self->actor, act_count, 0));

	/* Nothing came of all that. */
	ASSERT_EQ(0, sandbox_stat(self->sandbox, &stat));
	EXPECT_EQ(SBPF_STATE_LIVE, stat.state);
	EXPECT_EQ(0, stat.flags);
	EXPECT_EQ(100, stat.limit[SBPF_RESOURCE_PIDS]);
	EXPECT_EQ(VERDICT, actor_call(&self->actor, act_forbidden, 0));
}

static int act_controls_own(long unused)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(controls); i++)
		if (controls[i](own_sandbox))
			return i + 1;
	return 0;
}

static int act_controls_own_denied(long unused)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(controls); i++)
		if (controls[i](own_sandbox) != EPERM)
			return i + 1;
	return 0;
}

TEST_F(entry, a_member_controls_what_it_nests)
{
	ASSERT_EQ(0, actor_call(&self->actor, act_enter, self->sandbox));
	ASSERT_EQ(0, actor_call(&self->actor, act_create, PATH("probe")));
	EXPECT_EQ(0, actor_call(&self->actor, act_controls_own, 0));
	/* The last of them killed it. */
	EXPECT_EQ(ESRCH, actor_call(&self->actor, act_enter_own, 0));

	ASSERT_EQ(0, actor_call(&self->actor, act_create, PATH("probe")));
	ASSERT_EQ(0, actor_call(&self->actor, act_enter_own, 0));
	EXPECT_EQ(0, actor_call(&self->actor, act_controls_own_denied, 0));
}

/* In a member that has root's privileges and the descriptors of the policy. */
static int act_update_policy(long unused)
{
	return policy_replace(&closed, &closed);
}

TEST_F(entry, a_member_does_not_replace_a_policy)
{
	ASSERT_EQ(0, actor_call(&self->actor, act_update_policy, 0));
	ASSERT_EQ(0, actor_call(&self->actor, act_enter, self->sandbox));
	EXPECT_EQ(EPERM, actor_call(&self->actor, act_update_policy, 0));
	EXPECT_EQ(0, actor_call(&self->other, act_update_policy, 0));
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], EXEC_FORBIDDEN))
		return act_forbidden(0);
	if (setup() || setup_policy(&probe, "probe", OPS_ALL, SBPF_POLICY_OPEN) ||
	    setup_policy(&closed, "closed", OPS_ALL, 0))
		return KSFT_FAIL;
	return run_tests(argc, argv);
}
