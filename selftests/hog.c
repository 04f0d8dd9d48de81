// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf selftests - Programs that want too much and never give up, and one that just works
 *
 *	hog forks|spin|files|disk|names|connections|execs
 *	hog work SECONDS	prints how much of the time it had a CPU, in thousandths
 *
 * Files are made in the working directory.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void forks(void)
{
	if (!fork())
		for (;;)
			pause();
}

static void spin(void)
{
}

static void files(void)
{
	if (open("/dev/null", O_RDONLY) < 0)
		errno = 0;
}

static void disk(void)
{
	static int fd = -1;
	static char block[65536];

	if (fd < 0)
		fd = open("full", O_CREAT | O_WRONLY, 0600);
	if (write(fd, block, sizeof(block)) < 0)
		errno = 0;
}

static void names(void)
{
	static unsigned int count;
	char name[16];

	snprintf(name, sizeof(name), "n%u", count++ % 1000);
	close(open(name, O_CREAT | O_WRONLY, 0600));
	unlink(name);
}

static void connections(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(9) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (connect(fd, (void *)&addr, sizeof(addr)))
		errno = 0;
	close(fd);
}

static void execs(void)
{
	pid_t pid = fork();

	if (!pid) {
		execl("/usr/bin/true", "true", NULL);
		_exit(1);
	}
	waitpid(pid, NULL, 0);
}

static double now(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static int work(double seconds)
{
	double begin = now(CLOCK_MONOTONIC), used = now(CLOCK_PROCESS_CPUTIME_ID);

	while (now(CLOCK_MONOTONIC) < begin + seconds)
		;
	printf("%.0f\n", 1000 * (now(CLOCK_PROCESS_CPUTIME_ID) - used) /
	       (now(CLOCK_MONOTONIC) - begin));
	return 0;
}

static const struct {
	const char *name;
	void (*once)(void);
} hogs[] = {
	{ "forks", forks },
	{ "spin", spin },
	{ "files", files },
	{ "disk", disk },
	{ "names", names },
	{ "connections", connections },
	{ "execs", execs },
};

int main(int argc, char **argv)
{
	size_t i;

	if (argc == 3 && !strcmp(argv[1], "work"))
		return work(atof(argv[2]));
	for (i = 0; argc == 2 && i < sizeof(hogs) / sizeof(hogs[0]); i++)
		while (!strcmp(argv[1], hogs[i].name))
			hogs[i].once();
	return 2;
}
