// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf selftests - Programs that want too much, and one that just works
 *
 *	hog forks|spin|files|disk|names|connections|execs|memory|sleep [first|SECONDS]
 *	hog work SECONDS	prints how much work it did, and how much of the time it had a
 *				CPU, in thousandths
 *
 * A hog never gives up, but with "first" when it fails first, and with a number when that
 * time is over, which begins as soon as it gets again what it was refused, or after two
 * seconds without refusal: for limits of each second it begins with a second. Then it
 * prints how often it got what it wanted, and the former why it failed; it ends with 3 when
 * it may not even write that. Files are made in the working directory.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Each wants one of something; whether it got it, else errno is why not. */

static bool forks(void)
{
	pid_t pid = fork();

	while (!pid)
		pause();
	return pid > 0;
}

static bool spin(void)
{
	return true;
}

static bool files(void)
{
	return open("/dev/null", O_RDONLY) >= 0;
}

static bool disk(void)
{
	static int fd = -1;
	static char block[65536];

	if (fd < 0)
		fd = open("full", O_CREAT | O_WRONLY, 0600);
	return write(fd, block, sizeof(block)) == sizeof(block);
}

static bool names(void)
{
	static unsigned int count;
	char name[16];
	int fd;

	snprintf(name, sizeof(name), "n%u", count++ % 1000);
	fd = open(name, O_CREAT | O_WRONLY, 0600);
	if (fd < 0)
		return false;
	close(fd);
	unlink(name);
	return true;
}

static bool connections(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(9) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	bool good;

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	good = !connect(fd, (void *)&addr, sizeof(addr));
	close(fd);
	return good;
}

static bool execs(void)
{
	pid_t pid = fork();
	int status = 0;

	if (!pid) {
		execl("/usr/bin/true", "true", NULL);
		_exit(1);
	}
	waitpid(pid, &status, 0);
	return pid > 0 && !status;
}

/* By a child, so that somebody is left to try again when that is killed for it. */
static bool memory(void)
{
	const size_t block = 1 << 20;
	pid_t pid = fork();
	char *more;

	while (!pid) {
		more = malloc(block);
		if (!more)
			_exit(1);
		memset(more, 1, block);
	}
	waitpid(pid, NULL, 0);
	return false;
}

static bool sleep_on(void)
{
	pause();
	return true;
}

static double time_of(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static double now(void)
{
	return time_of(CLOCK_MONOTONIC);
}

static int work(double seconds)
{
	double begin = now(), used = time_of(CLOCK_PROCESS_CPUTIME_ID);
	volatile unsigned int piece;
	unsigned long done = 0;

	for (; now() < begin + seconds; done++)
		for (piece = 0; piece < 1000; piece++)
			;
	used = time_of(CLOCK_PROCESS_CPUTIME_ID) - used;
	printf("%lu %.0f\n", done, 1000 * used / (now() - begin));
	return 0;
}

static const struct {
	const char *name;
	bool (*once)(void);
} hogs[] = {
	{ "forks", forks },
	{ "spin", spin },
	{ "files", files },
	{ "disk", disk },
	{ "names", names },
	{ "connections", connections },
	{ "execs", execs },
	{ "memory", memory },
	{ "sleep", sleep_on },
};

static int until_first(bool (*once)(void))
{
	unsigned long count = 0;

	while (once())
		count++;
	printf("%lu %m\n", count);
	return fflush(stdout) ? 3 : 0;
}

/* How often it got what it wanted until @end; @refused: until it is given again. */
static unsigned long got_until(bool (*once)(void), double end, bool *refused)
{
	unsigned long count = 0;

	while (now() < end) {
		if (once()) {
			count++;
			if (refused && *refused)
				break;
			continue;
		}
		if (refused)
			*refused = true;
		usleep(10000);
	}
	return count;
}

static int for_seconds(bool (*once)(void), double seconds)
{
	bool refused = false;
	unsigned long count;

	got_until(once, now() + 2, &refused);
	count = got_until(once, now() + seconds, NULL);
	printf("%lu\n", count + refused);
	return 0;
}

int main(int argc, char **argv)
{
	size_t i;

	if (argc == 3 && !strcmp(argv[1], "work"))
		return work(atof(argv[2]));
	for (i = 0; argc > 1 && i < sizeof(hogs) / sizeof(hogs[0]); i++) {
		if (strcmp(argv[1], hogs[i].name))
			continue;
		if (argc > 2)
			return strcmp(argv[2], "first") ? for_seconds(hogs[i].once, atof(argv[2])) :
							  until_first(hogs[i].once);
		for (;;)
			hogs[i].once();
	}
	return 2;
}
