// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - What many sandboxes and many rules cost, batched and one by one
 *
 *	many [--only-inhabited] POLICY DIR
 *
 * Prints lines "name number": instructions for one sandbox or rule of COUNT, where rdtsc
 * counts these (see bench.c), and bytes of memory. DIR/rules has files 1 to COUNT. Each
 * sandbox is a descriptor of this process, whose limit is raised for it. Nobody is in them,
 * but in INHABITED others, a process in each. Of rules one by one the first SINGLE are
 * measured. Of rules what counts is the CPU time of this process, a nanosecond being an
 * instruction: one by one each waits for a grace period, in which rdtsc counts on.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#include "lib/libsbpf.h"

#define COUNT		10000
#define AT_A_TIME	1024
#define INHABITED	1000
#define SINGLE		200
#define ROUNDS		20
#define LIVES		50

static int device, fds[COUNT];
static __u64 ids[COUNT];
static struct sbpf_brief briefs[AT_A_TIME];
static struct sbpf_stat stats[AT_A_TIME];

static int check(int result, const char *what)
{
	if (result >= 0)
		return result;
	fprintf(stderr, "many: %s: %s\n", what, strerror(-result));
	exit(1);
}

/* Goes before the names of rows. */
static const char *of = "";

static void row(const char *name, uint64_t took, unsigned int count)
{
	printf("%s%s %.1f\n", of, name, (double)took / count);
}

/* A number of kB from /proc/meminfo, as bytes. */
static long memory(const char *name)
{
	char line[128];
	long kb = 0;
	FILE *file = fopen("/proc/meminfo", "r");

	if (!file)
		check(-errno, "/proc/meminfo");
	while (fgets(line, sizeof(line), file))
		if (!strncmp(line, name, strlen(name)))
			kb = atol(line + strlen(name) + 1);
	fclose(file);
	return kb * 1024;
}

static int create(const char *policy)
{
	return check(sbpf_create(device, policy, "many", 0), "sbpf_create");
}

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static unsigned int live(void)
{
	struct sbpf_info info;

	check(sbpf_module(device, &info), "sbpf_module");
	return info.sandboxes;
}

/* From nothing to nothing: what a work item does at the end is waited for. */
static void lives(const char *policy)
{
	uint64_t took[ROUNDS], start;
	int i, j;

	for (i = 0; i < ROUNDS; i++) {
		start = __rdtsc();
		for (j = 0; j < LIVES; j++)
			close(create(policy));
		while (live())
			sched_yield();
		took[i] = __rdtsc() - start;
	}
	qsort(took, ROUNDS, sizeof(took[0]), by_value);
	printf("create+destroy %.1f\n", (double)took[ROUNDS / 4] / LIVES);
}

static void list_one_by_one(void)
{
	uint64_t start = __rdtsc();
	int i, count, fd;

	count = check(sbpf_ids(device, ids, COUNT), "sbpf_ids");
	for (i = 0; i < count; i++) {
		fd = check(sbpf_open(device, ids[i]), "sbpf_open");
		check(sbpf_stat(fd, &stats[0]), "sbpf_stat");
		close(fd);
	}
	row("list-one-by-one", __rdtsc() - start, count);
}

static void list_batched(void)
{
	uint64_t start = __rdtsc();
	__u64 from = 0;
	int count = 0;

	do {
		count += check(sbpf_list(device, &from, briefs, AT_A_TIME), "sbpf_list");
	} while (from);
	row("list-batched", __rdtsc() - start, count);

	start = __rdtsc();
	count = 0;
	do {
		count += check(sbpf_list_stats(device, &from, stats, AT_A_TIME),
			       "sbpf_list_stats");
	} while (from);
	row("stats-batched", __rdtsc() - start, count);
}

static void list(void)
{
	list_batched();
	list_one_by_one();
	list_batched();
}

/* A process that has entered when this returns. */
static pid_t inhabit(int sandbox)
{
	struct sbpf_stat stat;
	pid_t pid = fork();

	if (pid < 0)
		check(-errno, "fork");
	if (!pid) {
		check(sbpf_enter(sandbox), "sbpf_enter");
		/* So that something has been asked, and denied. */
		open("/", O_RDONLY | O_CLOEXEC);
		for (;;)
			pause();
	}
	do {
		sched_yield();
		check(sbpf_stat(sandbox, &stat), "sbpf_stat");
	} while (!stat.denied[SBPF_OP_FILE_OPEN]);
	return pid;
}

/* With a process in each. */
static void inhabited(const char *policy)
{
	pid_t pids[INHABITED];
	int i;

	for (i = 0; i < INHABITED; i++) {
		fds[i] = create(policy);
		pids[i] = inhabit(fds[i]);
	}
	of = "inhabited-";
	list();
	of = "";
	for (i = 0; i < INHABITED; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
		close(fds[i]);
	}
	while (live())
		sched_yield();
}

static uint64_t cpu_time(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static void rules(const char *policy)
{
	static struct sbpf_path_rule paths[COUNT];
	struct sbpf_set_rules set = { .paths_count = COUNT, .paths = (uintptr_t)paths };
	int i, batched = create(policy), single = create(policy);
	uint64_t start;
	char name[32];

	for (i = 0; i < COUNT; i++) {
		snprintf(name, sizeof(name), "rules/%d", i + 1);
		paths[i].allow = SBPF_PATH_RO;
		paths[i].fd = open(name, O_PATH | O_CLOEXEC);
		if (paths[i].fd < 0)
			check(-errno, name);
	}
	start = cpu_time();
	check(sbpf_add_rules(batched, &set), "sbpf_add_rules");
	row("rules-batched", cpu_time() - start, COUNT);
	set.paths_count = 1;
	start = cpu_time();
	/* Each copies those before: to add all of them so would take hours. */
	for (i = 0; i < SINGLE; i++) {
		set.paths = (uintptr_t)&paths[i];
		check(sbpf_add_rules(single, &set), "sbpf_add_rules");
	}
	row("rules-one-by-one", cpu_time() - start, SINGLE);
	for (i = 0; i < COUNT; i++)
		close(paths[i].fd);
	close(batched);
	close(single);
}

int main(int argc, char **argv)
{
	const struct rlimit files = { 2 * COUNT, 2 * COUNT };
	static const char *const kinds[] = { "MemAvailable", "Slab", "Percpu" };
	bool only = argc > 1 && !strcmp(argv[1], "--only-inhabited");
	long before[3], after;
	int i, j;

	argv += only;
	argc -= only;
	if (argc != 3 || chdir(argv[2]) || setrlimit(RLIMIT_NOFILE, &files))
		check(argc == 3 ? -errno : -EINVAL, "usage: many POLICY DIR");
	setlinebuf(stdout);
	device = check(sbpf_device(), "/dev/sbpf");
	if (only) {
		inhabited(argv[1]);
		return 0;
	}
	lives(argv[1]);
	/* For what is freed after a grace period. */
	sleep(2);
	for (i = 0; i < COUNT / 10; i++)
		fds[i] = create(argv[1]);
	/* What is there once, or kept in reserve, has been taken by now. */
	for (j = 0; j < 3; j++)
		before[j] = memory(kinds[j]);
	for (; i < COUNT; i++)
		fds[i] = create(argv[1]);
	for (j = 0; j < 3; j++) {
		after = memory(kinds[j]) - before[j];
		printf("memory-%s %.1f\n", kinds[j],
		       (double)(j ? after : -after) / (COUNT - COUNT / 10));
	}
	list();
	for (i = 0; i < COUNT; i++)
		close(fds[i]);
	while (live())
		sched_yield();
	inhabited(argv[1]);
	rules(argv[1]);
	return 0;
}
