// SPDX-License-Identifier: GPL-2.0-only
/*
 * Races: one thread does what a sandbox denies or allows, depending on what another
 * swaps meanwhile, again and again.
 *
 *	race NAME TRIES SECONDS [outside]
 *
 * makes TRIES tries, or as many as fit into SECONDS unless that is 0, or until SIGTERM,
 * in a sandbox under the policy "rules", or outside. Prints how many tries, wins (got
 * what is denied), denials, allowed ones (got what is not denied) and swaps there were.
 * Outside the first win ends the race.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sbpf.h"

#define LENGTH(array)	(sizeof(array) / sizeof((array)[0]))

#define DIR	"/var/tmp/races"
#define OPEN	DIR "/open"		/* may be read */
#define CLOSED	DIR "/closed"		/* may not be used */
#define WORK	DIR "/work"		/* all but execute */
/* So far below either that the walk up to its rule is remembered. */
#define DEEP	"/1/2/3/4/5/6/7/8/9/10/11/12"
#define WON	42

#define READ	(SBPF_ACCESS_READ_FILE | SBPF_ACCESS_READ_DIR)
#define EXECUTE	(READ | SBPF_ACCESS_EXECUTE | SBPF_ACCESS_MAP_EXEC)
#define ALL	(SBPF_ACCESS_MAX - 1)
#define WRITE	(ALL & ~(EXECUTE | SBPF_ACCESS_CONNECT))

/* What the racers and whoever is outside share. */
static struct {
	atomic_long tries;
	atomic_long wins;
	atomic_long denied;
	atomic_long allowed;
	atomic_long swaps_begun;
	atomic_long swaps;
	atomic_bool stop;
	struct sockaddr_in address;
} *shared;

static int open_port, closed_port;
static int sandbox = -1;

static void die(const char *what)
{
	fprintf(stderr, "race: %s: %m\n", what);
	exit(1);
}

/* A try came out so. */
static void count(int err)
{
	if (err == EACCES || err == EPERM)
		shared->denied++;
}

static void exchange(const char *a, const char *b)
{
	shared->swaps_begun++;
	if (renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE))
		die("exchange");
	shared->swaps++;
}

static void reads(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char byte = 0;

	if (fd < 0) {
		count(errno);
		return;
	}
	if (read(fd, &byte, 1) == 1 && byte == 's')
		shared->wins++;
	else
		shared->allowed++;
	close(fd);
}

/* A symbolic link that leads to what may be read, or to what may not. */

static void try_link(void)
{
	reads(WORK "/file");
}

static void swap_link(void)
{
	exchange(WORK "/file", WORK "/file2");
}

/* Directories, one allowed and one not, that are exchanged. */

static void try_directory(void)
{
	reads(shared->tries % 2 ? OPEN "/file" : CLOSED "/file");
}

static void swap_directory(void)
{
	exchange(OPEN, CLOSED);
}

/*
 * Directories without a rule of their own, which are moved from below the one that is
 * allowed to below the other and back, and files far below these. What counts is what
 * was opened while nobody moved anything.
 */

static void try_deep(void)
{
	const bool open_one = shared->tries % 2;
	const long before = shared->swaps;
	const bool still = shared->swaps_begun == before;
	const int fd = open(open_one ? OPEN DEEP "/file" : CLOSED DEEP "/file",
			    O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		count(errno);
		return;
	}
	if (!open_one && still && shared->swaps_begun == before)
		shared->wins++;
	else
		shared->allowed++;
	close(fd);
}

static void swap_deep(void)
{
	exchange(OPEN "/1", CLOSED "/1");
	usleep(100);
}

/* Files with a rule of their own, the one allowed and the other not. */

static void try_file(void)
{
	reads(shared->tries % 2 ? WORK "/own" : WORK "/own2");
}

static void swap_file(void)
{
	exchange(WORK "/own", WORK "/own2");
}

/* A link that leads to a program, or to what may be executed but is none. */

static void try_exec(void)
{
	execl(WORK "/prog", "prog", "won", NULL);
	if (errno == ENOEXEC)
		shared->allowed++;
	count(errno);
}

static void swap_exec(void)
{
	exchange(WORK "/prog", WORK "/prog2");
}

/* A link that leads to our own socket, or to somebody else's. */

static void try_connect(void)
{
	const struct sockaddr_un name = { AF_UNIX, WORK "/socket" };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (connect(fd, (void *)&name, sizeof(name))) {
		/* The queue of our own, which nobody empties, is full. */
		if (errno == EAGAIN)
			shared->allowed++;
		count(errno);
	} else if (!getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) &&
		   peer.pid == getpid()) {
		shared->allowed++;
	} else {
		shared->wins++;
	}
	close(fd);
}

static void swap_connect(void)
{
	exchange(WORK "/socket", WORK "/socket2");
}

/* The address that system calls are given changes in memory. */

static void try_address(void)
{
	static int fd = -1;
	struct sockaddr_in got;
	socklen_t len = sizeof(got);
	int err;

	if (fd < 0)
		fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (shared->tries % 2) {
		/* Whoever gets it counts it. */
		err = sendto(fd, "", 1, MSG_DONTWAIT, (void *)&shared->address,
			     sizeof(shared->address)) < 0 ? errno : 0;
	} else {
		err = connect(fd, (void *)&shared->address, sizeof(shared->address)) ? errno : 0;
		if (!err && !getpeername(fd, (void *)&got, &len) &&
		    ntohs(got.sin_port) == closed_port)
			shared->wins++;
		connect(fd, (struct sockaddr *)&(struct sockaddr){ AF_UNSPEC }, sizeof(got));
	}
	if (!err)
		shared->allowed++;
	count(err);
}

static void swap_address(void)
{
	shared->address.sin_port = htons(shared->swaps++ % 2 ? open_port : closed_port);
}

/* The rules, none of which allow it. */

static void try_rules(void)
{
	reads(shared->tries % 2 ? CLOSED "/file" : OPEN "/file");
}

/* The policy: whoever starts this replaces it. */
static void swap_nothing(void)
{
	usleep(10000);
	shared->swaps++;
}

static void give_rules(bool more)
{
	const struct {
		const char *path;
		uint32_t allow;
	} paths[] = {
		{ OPEN, READ }, { CLOSED, 0 }, { WORK, WRITE }, { WORK "/own", READ },
		{ WORK "/own2", 0 }, { WORK "/noprog", EXECUTE },
		{ "/usr", EXECUTE }, { "/etc", READ }, { WORK, READ },
	};
	struct sbpf_path_rule rules[LENGTH(paths)];
	struct sbpf_net_rule net = {
		.allow = SBPF_NET_UDP_SEND | SBPF_NET_UDP_CONNECT,
		.family = AF_INET,
		.prefix = 32,
		.port_first = open_port,
		.port_last = open_port,
		.address = { 127, 0, 0, 1 },
	};
	struct sbpf_set_rules all = {
		.size = sizeof(all),
		.paths = (uintptr_t)rules,
		.paths_count = LENGTH(paths) - !more,
		.nets = (uintptr_t)&net,
		.nets_count = 1,
	};
	static int fds[LENGTH(paths)];
	size_t i;

	for (i = 0; i < LENGTH(paths); i++) {
		/* The objects, once: what their names are later is part of the race. */
		if (!fds[i])
			fds[i] = open(paths[i].path, O_PATH | O_CLOEXEC);
		rules[i] = (struct sbpf_path_rule){
			.fd = fds[i], .allow = paths[i].allow, .deny = paths[i].allow ? 0 : ALL
		};
	}
	if (ioctl(sandbox, SBPF_IOC_SET_RULES, &all))
		die("SBPF_IOC_SET_RULES");
}

static void swap_rules(void)
{
	if (sandbox >= 0)
		give_rules(shared->swaps % 2);
	else
		usleep(1000);
	shared->swaps++;
}

/**
 * struct race - One race
 * @name: its name
 * @try: makes a try
 * @swap: swaps
 * @accomplice: swaps are made outside of the sandbox
 */
static const struct race {
	const char *name;
	void (*try)(void);
	void (*swap)(void);
	bool accomplice;
} races[] = {
	{ "link", try_link, swap_link, false },
	{ "directory", try_directory, swap_directory, true },
	{ "deep", try_deep, swap_deep, true },
	{ "file", try_file, swap_file, true },
	{ "exec", try_exec, swap_exec, false },
	{ "connect", try_connect, swap_connect, false },
	{ "address", try_address, swap_address, false },
	{ "rules", try_rules, swap_rules, true },
	{ "policy", try_rules, swap_nothing, true },
};

static void *swaps(void *race)
{
	while (!shared->stop)
		((const struct race *)race)->swap();
	return NULL;
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static void tries(const struct race *race, long number, double time, bool outside)
{
	double end = seconds() + time;

	while (shared->tries < number && !shared->stop && !(outside && shared->wins)) {
		race->try();
		if (!(++shared->tries % 64) && time && seconds() > end)
			break;
	}
}

static int listener(int type, const char *path, int *port)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct sockaddr_in in = { AF_INET, 0, { htonl(INADDR_LOOPBACK) }, { 0 } };
	socklen_t len = sizeof(in);
	int fd = socket(path ? AF_UNIX : AF_INET, type | SOCK_CLOEXEC, 0);

	if (path) {
		snprintf(un.sun_path, sizeof(un.sun_path), "%s", path);
		if (bind(fd, (void *)&un, sizeof(un)) || listen(fd, 1000))
			die(path);
	} else {
		if (bind(fd, (void *)&in, len) || getsockname(fd, (void *)&in, &len))
			die("bind");
		*port = ntohs(in.sin_port);
	}
	return fd;
}

/* What is sent to the closed port arrives with whoever is outside. */
static void *receives(void *fd)
{
	char byte;

	while (recv((long)fd, &byte, 1, 0) >= 0)
		shared->wins++;
	return NULL;
}

static void make(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		die(path);
	close(fd);
}

static void set_stage(void)
{
	pthread_t thread;

	if (system("rm -rf " DIR " && mkdir -p " OPEN DEEP " " CLOSED DEEP " " WORK) ||
	    system("cp /proc/$PPID/exe " CLOSED "/prog"))
		die(DIR);
	make(OPEN "/file", "open\n", 0644);
	make(CLOSED "/file", "secret\n", 0644);
	make(OPEN DEEP "/file", "open\n", 0644);
	make(CLOSED DEEP "/file", "secret\n", 0644);
	make(WORK "/own", "open\n", 0644);
	make(WORK "/own2", "secret\n", 0644);
	make(WORK "/noprog", "no program\n", 0755);
	if (symlink(OPEN "/file", WORK "/file") || symlink(CLOSED "/file", WORK "/file2") ||
	    symlink(WORK "/noprog", WORK "/prog") || symlink(CLOSED "/prog", WORK "/prog2") ||
	    symlink(WORK "/ours", WORK "/socket") || symlink(WORK "/theirs", WORK "/socket2"))
		die("symlink");
	listener(SOCK_STREAM, WORK "/theirs", NULL);
	listener(SOCK_DGRAM, NULL, &open_port);
	pthread_create(&thread, NULL, receives,
		       (void *)(long)listener(SOCK_DGRAM, NULL, &closed_port));
	shared->address = (struct sockaddr_in){
		AF_INET, htons(open_port), { htonl(INADDR_LOOPBACK) }, { 0 }
	};
}

static void create_sandbox(void)
{
	struct sbpf_create create = {
		.size = sizeof(create), .pids = SBPF_UNLIMITED, .policy = "rules"
	};
	int dev = open("/dev/sbpf", O_RDWR | O_CLOEXEC);

	if (dev >= 0)
		sandbox = ioctl(dev, SBPF_IOC_CREATE, &create);
	if (sandbox < 0)
		die("sandbox");
	give_rules(true);
}

/* The member, or outside whoever does the same. */
static int racer(const struct race *race, long number, double time)
{
	pthread_t swapper;
	bool outside = sandbox < 0;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!outside && ioctl(sandbox, SBPF_IOC_ENTER))
		die("SBPF_IOC_ENTER");
	if (!strcmp(race->name, "connect"))
		listener(SOCK_STREAM, WORK "/ours", NULL);
	if (!race->accomplice)
		pthread_create(&swapper, NULL, swaps, (void *)race);
	tries(race, number, time, outside);
	/* A thread that is just executing stays; so no join. */
	_exit(0);
}

static void stop(int sig)
{
	(void)sig;
	shared->stop = true;
}

int main(int argc, char **argv)
{
	const struct race *race = NULL;
	pthread_t accomplice;
	int status = 0;
	pid_t child;
	size_t i;

	if (argc == 2 && !strcmp(argv[1], "won"))
		return WON;
	for (i = 0; argc >= 4 && i < LENGTH(races); i++)
		if (!strcmp(races[i].name, argv[1]))
			race = &races[i];
	if (!race) {
		fprintf(stderr, "usage: race NAME TRIES SECONDS [outside]\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (shared == MAP_FAILED)
		die("mmap");
	signal(SIGTERM, stop);
	set_stage();
	if (argc == 4)
		create_sandbox();
	child = fork();
	if (child < 0)
		die("fork");
	if (!child)
		return racer(race, atol(argv[2]), atof(argv[3]));
	if (race->accomplice)
		pthread_create(&accomplice, NULL, swaps, (void *)race);
	waitpid(child, &status, 0);
	shared->stop = true;
	if (race->accomplice)
		pthread_join(accomplice, NULL);
	if (WIFEXITED(status) && WEXITSTATUS(status) == WON)
		shared->wins++;
	else if (!WIFEXITED(status) || WEXITSTATUS(status))
		return 1;
	/* What was sent has arrived: it is the same machine. */
	usleep(100000);
	printf("tries %ld wins %ld denied %ld allowed %ld swaps %ld\n", shared->tries,
	       shared->wins, shared->denied, shared->allowed, shared->swaps);
	return 0;
}
