// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - What it costs to ask what one uses, in instructions
 *
 *	page FILE
 *
 * To be run in a sandbox that has a limit of processes and whose policy lets /dev/sbpf be
 * opened, in a guest that counts instructions (see bench.c): libsbpf, which reads the page,
 * beside the ways there are without it, one of which is FILE, of a control group. Of many
 * rounds the lowest counts. Prints lines "name instructions".
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#include "lib/libsbpf.h"

#define ROUNDS	200
#define LOOPS	20

static struct sbpf_stat stat;
static volatile __u64 sink;
static int status_fd, group_fd;

static int op_usage(void)
{
	sink = sbpf_self_usage(SBPF_RESOURCE_CPU_TIME);
	return sink ? 0 : -1;
}

static int op_left(void)
{
	sink = sbpf_self_left(SBPF_RESOURCE_PIDS);
	return sink == SBPF_UNLIMITED ? -1 : 0;
}

static int op_stat(void)
{
	return sbpf_self_stat(&stat);
}

static int op_getrusage(void)
{
	struct rusage usage;

	return getrusage(RUSAGE_SELF, &usage);
}

static int op_cpu_clock(void)
{
	struct timespec ts;

	return clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
}

static int read_again(int fd)
{
	char text[4096];

	return pread(fd, text, sizeof(text), 0) > 0 ? 0 : -1;
}

static int op_status(void)
{
	return read_again(status_fd);
}

static int op_group(void)
{
	return read_again(group_fd);
}

static const struct {
	const char *name;
	int (*op)(void);
} rows[] = {
	{ "sbpf_self_usage", op_usage },
	{ "sbpf_self_left", op_left },
	{ "sbpf_self_stat", op_stat },
	{ "getrusage", op_getrusage },
	{ "clock_gettime", op_cpu_clock },
	{ "/proc/self/status", op_status },
	{ "pids.current", op_group },
};

int main(int argc, char **argv)
{
	struct timespec pause = { .tv_nsec = 100000000 };
	unsigned long long start, took, best;
	unsigned int i, j, k, failed;
	int error = sbpf_self();

	if (error) {
		fprintf(stderr, "page: %s\n", strerror(-error));
		return 1;
	}
	nanosleep(&pause, NULL);
	status_fd = open("/proc/self/status", O_RDONLY);
	group_fd = open(argc > 1 ? argv[1] : "/dev/null", O_RDONLY);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		best = ~0ULL;
		failed = 0;
		for (j = 0; j < ROUNDS; j++) {
			start = __rdtsc();
			for (k = 0; k < LOOPS; k++)
				failed |= rows[i].op();
			took = __rdtsc() - start;
			if (took < best)
				best = took;
		}
		if (failed) {
			fprintf(stderr, "page: %s fails\n", rows[i].name);
			return 1;
		}
		printf("%s %.1f\n", rows[i].name, (double)best / LOOPS);
	}
	return 0;
}
