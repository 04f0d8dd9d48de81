/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf selftests - What the test programs share
 *
 * Helpers return 0 or a positive errno, so that the line that fails is the
 * test's; those that return a descriptor or a number return -errno instead.
 *
 * A test program is one process that forks for each test. What is expensive
 * is set up once, before the first test, by setup() and setup_policy(): the
 * listener to events, a tmpfs of the program's own at DIR, and policies (see
 * bpf/probe.bpf.c). All disappear with the process.
 */
#ifndef _SBPF_SELFTESTS_COMMON_H
#define _SBPF_SELFTESTS_COMMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include "bpf/probe.h"
#include "probe.skel.h"
#include "sbpf.h"

#define DIR		"/mnt"
#define FORBIDDEN	DIR "/forbidden"	/* a file that tests deny */
#define FREE		DIR "/free"		/* one that they do not */
#define CONTENT		"intact\n"		/* of both */
#define PROGRAM		DIR "/true"		/* does nothing */
#define SCRIPT		DIR "/script"		/* PROGRAM is its interpreter */

/* Verdicts that no kernel code returns for what the tests do. */
#define VERDICT		EXDEV
#define VERDICT_2	ENOTUNIQ

/* Numbers that no user or process group of the guest has. */
#define USER_A		1501
#define USER_B		1502

/* How long to wait for what happens at once unless it never does, in seconds. */
#define PATIENCE	20

/* Poll for a condition; true if it came true in time. */
#define await(condition)						\
	({								\
		const double __until = seconds() + PATIENCE;		\
		bool __true;						\
									\
		while (!(__true = (condition)) && seconds() < __until)	\
			usleep(500);					\
		__true;							\
	})

/* How many times as long things may take here: run.sh says so. */
uint64_t slow(void);

double seconds(void);
uint64_t boottime_ns(void);

/* Set-up */

/* /dev/sbpf, opened by setup(). */
extern int control;
/* The file FORBIDDEN. */
extern ino_t forbidden_ino;

/* These explain themselves when they fail. */
struct policy;
int setup(void);
int setup_policy(struct policy *policy, const char *name, uint64_t ops,
		 uint64_t flags);
/* The shipped policy rules, until the program ends. */
int setup_rules(void);
ino_t file_ino(const char *path);
/* The device of a file as events tell it. */
uint32_t file_dev(const char *path);
bool file_intact(const char *path);
bool kernel_counts_bytes(void);		/* that are read and written, of each task */
int write_file(const char *path, const char *text);
int read_file(const char *path, char *text, size_t size);

/* Sandboxes */

int sbpf_ioctl(int fd, unsigned long request, void *arg);
int info_get(struct sbpf_info *info);
int sandbox_create(const char *policy, const char *name, uint32_t flags,
		   uint64_t pids);
int sandbox_open(uint64_t id);
int sandbox_enter(int fd);
int sandbox_kill(int fd);
int sandbox_set_policy(int fd, const char *policy);
/* One limit; the other, of processes, denies. */
int sandbox_limit(int fd, uint32_t resource, uint64_t limit, uint32_t action);
int sandbox_set_limit(int fd, uint64_t pids);
int sandbox_set_complain(int fd, uint32_t on);
int sandbox_set_cgroup(int fd, int dir);
int sandbox_stat(int fd, struct sbpf_stat *stat);
uint64_t sandbox_id(int fd);
uint64_t sandbox_pids(int fd);
uint64_t sandbox_sum_denied(int fd);
/* These return how many there are, or -errno. */
int sandbox_members(int fd, uint64_t *pids, uint32_t capacity);
int sandbox_list(uint64_t *ids, uint32_t capacity);
bool sandbox_listed(uint64_t id);
/* Have the sandboxes of earlier tests, which go in their own time, gone? */
bool sandboxes_gone(void);
/* Is POLLIN reported within a time in milliseconds? */
bool sandbox_empty(int fd, int timeout);

/* Policies */

struct policy {
	struct probe_bpf *skel;
	struct bpf_link *link;
};

#define OPS_ALL		((1ULL << SBPF_OP_MAX) - 1)

/* For the policy "probe", which most tests use. */
extern struct policy probe;

/*
 * Open the policy, to be registered under @name with some of the operations;
 * then register it. policy_close() unregisters.
 */
int policy_open(struct policy *policy, const char *name, uint64_t ops);
int policy_register(struct policy *policy);
void policy_close(struct policy *policy);
/* Load without registering, to replace another by it. */
int policy_load(struct policy *policy);
int policy_replace(struct policy *policy, struct policy *by);
/* Where the name is in the policy's data: SBPF_NAME_MAX bytes, not yet loaded. */
char *policy_name(struct policy *policy);
/* Let libbpf and the verifier not explain failures that a test provokes. */
void bpf_quiet(bool on);
/* Forget all rules and records. */
void policy_reset(struct policy *policy);
/* Set one rule. */
void policy_rule(struct policy *policy, int layer, enum sbpf_op op, int error,
		 uint32_t bits, uint64_t key);
/* The most common of them: deny opening FORBIDDEN in a layer. */
void policy_forbid(struct policy *policy, int layer, int error);

/* Control groups */

#define GROUPS	"/run/sbpf-groups"

/* Mount them, and make a group with memory and CPU; returns its directory, or -errno. */
int group_make(const char *path);
/* Once nobody is left in it. */
void group_remove(const char *path);
/* Move a process into a group, 0 for the current one. */
int group_move(pid_t pid, const char *path);
int act_join_group(long path);
/* Create a process in it. */
int act_clone_into(long path);

/* Events */

/* Forget what happened so far. */
void events_reset(void);
/* How many events of a type happened since; -1 if the listener lost any. */
int events_count(enum sbpf_event_type type);
/* Of all types but SBPF_EVENT_SANDBOX and SBPF_EVENT_CONTROL, and all of them have been heard. */
int events_total(void);
/* One of them, from 0; all zero if there are not so many. */
const struct sbpf_event *event(enum sbpf_event_type type, int index);
/* How often a sandbox went through something. */
int events_sandbox(uint64_t id, const char *what);

/* The kernel's log */

/* From here on. */
int log_open(void);
/* Take the next line, without its prefix, that contains a text; false if none comes. */
bool log_find(int fd, const char *text, char *line, size_t size);
/* The same, but only what is there already. */
bool log_next(int fd, const char *text, char *line, size_t size);

/* Processes */

/* What a process does for a test: returns 0 or errno. */
typedef int (*act_fn)(long arg);

#define ACTOR_COMM	"actor"

/* What run() and actor_call() return when the process was killed. */
#define KILLED		(-1)

/*
 * Run @fn in a child process that has entered the sandbox with the descriptor
 * @sandbox (-1 for none). Returns what it returned.
 */
int run(int sandbox, act_fn fn, long arg);

/* A process that does one thing after another when told to. */
struct actor {
	pid_t pid;
	int orders;
	int answers;
};

int actor_start(struct actor *actor);
/* In a process group of its own. */
int actor_start_group(struct actor *actor);
int actor_call(struct actor *actor, act_fn fn, long arg);
/* The same in two parts. */
int actor_tell(struct actor *actor, act_fn fn, long arg);
int actor_answer(struct actor *actor);
/* End it, if nobody else did, and take it off the process table. */
void actor_stop(struct actor *actor);

/* Acts. */
int act_nothing(long arg);
int act_enter(long sandbox);
int act_enter_id(long id);		/* and keep no descriptor of it */
int act_close(long fd);
int act_open(long path);		/* for reading */
int act_forbidden(long unused);		/* open FORBIDDEN */
int act_fork(long unused);		/* and wait for it */
int act_thread(long unused);		/* and join it */
int act_no_new_privs(long unused);
/* Has the calling thread those of a mask that it may have in effect, or not? 0 or errno. */
int capabilities_set(uint64_t mask, bool on);
int act_become(long uid);		/* all ids, no capabilities */

#define PATH(path)	((long)(path))

/* Runs the tests of the harness, whose limits of time are those of a machine that is not slow(). */
#define run_tests(argc, argv) ({							\
	struct __fixture_metadata *fixture__;					\
	struct __test_metadata *test__;						\
										\
	for (fixture__ = __fixture_list; fixture__; fixture__ = fixture__->next)	\
		for (test__ = fixture__->tests; test__; test__ = test__->next)	\
			test__->timeout *= slow();				\
	test_harness_run(argc, argv);						\
})

#endif /* _SBPF_SELFTESTS_COMMON_H */
