// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does one attack after another, and tells how each went.
 *
 *	attack [--sibling] LIST user|root CMD...
 *
 * sets the stage, as root and outside of any sandbox, then executes CMD with
 * "inside LIST USER" added to it: CMD is this program, or what starts it in a
 * sandbox or as another user. The inside makes the attacks of LIST that USER can
 * make, the outside looks after each whether anything has changed, and sets the
 * stage anew if so. With --sibling the victim, and whoever hands something in, are in
 * another sandbox, which allows everything. Prints a line of JSON for each attack.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <mqueue.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/sendfile.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <arpa/inet.h>
#include <dirent.h>
#include <unistd.h>

#include "sbpf.h"
#include "threats.h"

#define LENGTH(array)	(sizeof(array) / sizeof((array)[0]))
#define CHANNEL		0	/* descriptor of the inside */
#define PATIENCE	10	/* seconds for an attack */
#define NO_ANSWER	255
#define ORPHANED	0x100	/* added to an answer: my parent is no more */
/* An answer below 0 is minus the sum of enum what and how: hand it to me. */

extern const struct attack *const __start_attacks[], *const __stop_attacks[];

struct stage stage;

static const char *list;
static int who;
static int control;		/* /dev/sbpf */
static int sibling = -1;	/* sandbox of the victim, if it has one */
static pid_t starter;		/* of the inside: its parent, or above that */
static bool orphaned;		/* the inside has lost its parent */
static int channel;		/* to the inside */
static int terminal;		/* of the inside */

static void die(const char *what)
{
	fprintf(stderr, "attack: %s: %m\n", what);
	exit(1);
}

static const struct attack *attack_at(int i)
{
	return __start_attacks + i < __stop_attacks ? __start_attacks[i] : NULL;
}

/* What attacks share */

int result(long value)
{
	return value < 0 ? errno : 0;
}

int reads_secret(int fd)
{
	char text[sizeof(SECRET)] = "";
	int err;

	if (fd < 0)
		return errno;
	/* Others may have read from it. */
	lseek(fd, 0, SEEK_SET);
	err = result(read(fd, text, sizeof(text) - 1));
	close(fd);
	return err ?: strcmp(text, SECRET) ? ENODATA : 0;
}

int appends(int fd)
{
	int err;

	if (fd < 0)
		return errno;
	err = result(write(fd, "evil\n", 5));
	close(fd);
	return err;
}

int run_program(const char *const *argv, const char *const *env)
{
	static const char *const none[] = { NULL };
	int status, pipes[2], err = 0;
	pid_t child;

	if (pipe2(pipes, O_CLOEXEC))
		return errno;
	child = fork();
	if (!child) {
		execve(argv[0], (char **)argv, (char **)(env ?: none));
		err = errno;
		if (write(pipes[1], &err, sizeof(err)) < 0)
			_exit(1);
		_exit(1);
	}
	if (child < 0)
		return errno;
	close(pipes[1]);
	if (read(pipes[0], &err, sizeof(err)) < 0)
		err = errno;
	close(pipes[0]);
	waitpid(child, &status, 0);
	if (err)
		return err;
	/* evil.c, and this program when told to be one. */
	return WIFEXITED(status) && WEXITSTATUS(status) == 42 ? 0 : EACCES;
}

int in_child(int (*fn)(void))
{
	pid_t child = fork();
	int status;

	if (child < 0)
		return errno;
	if (!child)
		_exit(fn());
	if (waitpid(child, &status, 0) != child)
		return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : NO_ANSWER;
}

void *scratch(int prot)
{
	void *page = mmap(NULL, 4096, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return page == MAP_FAILED ? NULL : page;
}

int read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	*text = 0;
	if (fd < 0)
		return errno;
	got = read(fd, text, size - 1);
	close(fd);
	if (got < 0)
		return errno;
	text[got] = 0;
	return 0;
}

int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err;

	if (fd < 0)
		return errno;
	err = result(write(fd, text, strlen(text)));
	close(fd);
	return err;
}

const char *victim_path(const char *name)
{
	static char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", stage.victim, name);
	return path;
}

long receive(int fd, struct msghdr *msg)
{
	return recvmsg(fd, msg, 0);
}

static int send_descriptor(int to, int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = "", byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};

	CMSG_FIRSTHDR(&msg)->cmsg_level = SOL_SOCKET;
	CMSG_FIRSTHDR(&msg)->cmsg_type = SCM_RIGHTS;
	CMSG_FIRSTHDR(&msg)->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(CMSG_FIRSTHDR(&msg)), &fd, sizeof(fd));
	return sendmsg(to, &msg, 0) == 1 ? 0 : -1;
}

static int receive_descriptor(int from, long (*receive)(int fd, struct msghdr *msg))
{
	char control[CMSG_SPACE(sizeof(int))], byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	int fd;

	if (receive(from, &msg) != 1)
		return -1;
	if (!CMSG_FIRSTHDR(&msg)) {
		/* The kernel tells that it was cut off, not why. */
		errno = EACCES;
		return -1;
	}
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	return fd;
}

int ask_for(enum what what, long (*receive)(int fd, struct msghdr *msg))
{
	int need = -(int)what;

	if (write(CHANNEL, &need, sizeof(need)) != sizeof(need))
		return -1;
	return receive_descriptor(CHANNEL, receive);
}

/* Whoever is outside answers a system call of ours. */
int ask_to_add(enum what what, enum how how)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpgrp, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { LENGTH(filter), filter };
	int need = -(int)(what + how), listener;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -1;
	listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			   SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
	if (listener < 0 || write(CHANNEL, &need, sizeof(need)) != sizeof(need) ||
	    send_descriptor(CHANNEL, listener))
		return -1;
	return syscall(SYS_getpgrp);
}

/* Inside */

static int attempt(const struct attack *attack)
{
	pid_t child;
	char comm[64];
	int status;

	child = fork();
	if (child < 0)
		return errno;
	if (!child) {
		/* Whoever reads the events by eye can tell them apart. */
		snprintf(comm, sizeof(comm), "%.6s%s", attack->row, attack->way);
		prctl(PR_SET_NAME, comm);
		alarm(PATIENCE);
		_exit(attack->fn());
	}
	while (waitpid(child, &status, 0) != child)
		;
	/* What the attack has left behind, its children. */
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : NO_ANSWER;
}

static int inside(void)
{
	pid_t parent = getppid();
	int answer;

	signal(SIGPIPE, SIG_IGN);
	while (read(CHANNEL, &stage, sizeof(stage)) == sizeof(stage) && stage.attack >= 0) {
		answer = attempt(attack_at(stage.attack));
		if (getppid() != parent)
			answer |= ORPHANED;
		if (write(CHANNEL, &answer, sizeof(answer)) != sizeof(answer))
			return 1;
	}
	return 0;
}

/* Outside: the victim */

/**
 * struct shared - What the victim tells, in memory that it shares with the stage
 * @ready: it does its work
 * @hits: how often somebody has got through to it
 */
static volatile struct shared {
	int ready;
	int hits;
	struct stage stage;
} *shared;

static void hit(int sig)
{
	shared->hits++;
}

static int bound(int family, int type, const char *name, int *port)
{
	struct sockaddr_in in = { AF_INET, 0, { htonl(INADDR_LOOPBACK) }, { 0 } };
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	socklen_t len = offsetof(struct sockaddr_un, sun_path);
	int fd = socket(family, type | SOCK_CLOEXEC, 0), err;

	if (family == AF_UNIX) {
		memcpy(un.sun_path + (*name != '/'), name, strlen(name));
		err = bind(fd, (void *)&un, len + strlen(name) + 1);
		if (*name == '/')
			chmod(name, 0777);
	} else {
		err = bind(fd, (void *)&in, sizeof(in));
		len = sizeof(in);
		err = err ?: getsockname(fd, (void *)&in, &len);
		*port = ntohs(in.sin_port);
	}
	if (err || (type == SOCK_STREAM && listen(fd, 16)))
		die(name);
	return fd;
}

/* Sends KEY to whoever connects: the deputy that can be asked. */
static void serve(int fd)
{
	int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	char text[64];

	shared->hits++;
	if (client < 0)
		return;
	read_text(KEY, text, sizeof(text));
	if (write(client, text, strlen(text)) < 0)
		shared->hits++;
	close(client);
}

static void enter_sibling(void)
{
	if (sibling >= 0 && ioctl(sibling, SBPF_IOC_ENTER))
		die("SBPF_IOC_ENTER");
}

static void victim(void)
{
	static char memory[] = SECRET;
	struct pollfd fds[7] = { 0 };
	char text[64];
	int pipes[2], i, err = 0, count = 0;
	struct mq_attr attr = { .mq_maxmsg = 4, .mq_msgsize = 16 };
	struct io_uring_params params = { 0 };
	struct iovec secret = { memory, sizeof(memory) };

	prctl(PR_SET_NAME, "browser");
	prctl(PR_SET_DUMPABLE, 1);
	for (i = 1; i < 32; i++)
		if (i != SIGKILL && i != SIGSTOP && i != SIGCHLD && i != SIGTERM)
			signal(i, hit);
	umask(0);
	unlink(BUS);
	unlink(LOG);
	fds[count++].fd = bound(AF_INET, SOCK_STREAM, "tcp", &stage.tcp);
	fds[count++].fd = bound(AF_INET, SOCK_DGRAM, "udp", &stage.udp);
	fds[count++].fd = bound(AF_UNIX, SOCK_STREAM, BUS, NULL);
	fds[count++].fd = bound(AF_UNIX, SOCK_DGRAM, LOG, NULL);
	fds[count++].fd = bound(AF_UNIX, SOCK_STREAM, ABSTRACT, NULL);
	fds[count++].fd = bound(AF_UNIX, SOCK_DGRAM, ABSTRACT_LOG, NULL);
	stage.shm = shmget(IPC_PRIVATE, 4096, 0666);
	stage.msg = msgget(IPC_PRIVATE, 0666);
	stage.sem = semget(IPC_PRIVATE, 1, 0666);
	err |= mq_open(QUEUE, O_RDWR | O_CREAT, 0666, &attr) < 0;
	err |= pipe2(pipes, O_CLOEXEC);
	err |= write(pipes[1], SECRET, strlen(SECRET)) < 0;
	close(open("/dev/shm" QUEUE, O_RDWR | O_CREAT, 0666));
	stage.pipe = pipes[0];
	stage.ring = syscall(SYS_io_uring_setup, 4, &params);
	err |= syscall(SYS_io_uring_register, stage.ring, IORING_REGISTER_BUFFERS, &secret, 1);
	stage.memory = (uintptr_t)memory;
	if (err || stage.shm < 0 || stage.msg < 0 || stage.sem < 0)
		die("victim");
	shared->stage = stage;
	shared->ready = 1;
	for (i = 0; i < count; i++)
		fds[i].events = POLLIN;
	while (1) {
		if (poll(fds, count, -1) < 0)
			continue;
		for (i = 0; i < count; i++) {
			if (!fds[i].revents)
				continue;
			if (i % 2)
				shared->hits += read(fds[i].fd, text, sizeof(text)) >= 0;
			else
				serve(fds[i].fd);
		}
		if (strcmp(memory, SECRET))
			shared->hits++;
	}
}

static void victim_end(void)
{
	if (stage.victim <= 0)
		return;
	kill(stage.victim, SIGKILL);
	waitpid(stage.victim, NULL, 0);
	stage.victim = 0;
	shmctl(stage.shm, IPC_RMID, NULL);
	msgctl(stage.msg, IPC_RMID, NULL);
	semctl(stage.sem, 0, IPC_RMID);
	mq_unlink(QUEUE);
	unlink("/dev/shm" QUEUE);
}

static void victim_start(void)
{
	int attack = stage.attack, tty = stage.tty;
	pid_t child;

	memset((void *)shared, 0, sizeof(*shared));
	child = fork();
	if (child < 0)
		die("fork");
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		setpgid(0, 0);
		enter_sibling();
		if (who == USER && (setgid(USER_ID) || setuid(USER_ID)))
			die("setuid");
		victim();
	}
	while (!shared->ready)
		usleep(1000);
	stage = shared->stage;
	stage.victim = child;
	stage.attack = attack;
	stage.tty = tty;
}

/* Outside: the tree */

static void copy(const char *from, const char *to, mode_t mode)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);

	if (in < 0 || out < 0 || sendfile(out, in, NULL, 1 << 24) <= 0 || fchmod(out, mode))
		die(to);
	close(in);
	close(out);
}

static int own(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	uid_t uid = who == USER ? USER_ID : 0;

	return lchown(path, uid, uid);
}

/* The victim's. */
static bool is_socket(const char *path)
{
	return !strcmp(path, T "/run") || !strcmp(path, BUS) || !strcmp(path, LOG);
}

/* All but the directory itself, which has a rule. */
static int drop(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return ftw->level && !is_socket(path) ? remove(path) : 0;
}

static void make(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		die(path);
	close(fd);
}

static void make_device(const char *path, mode_t type, dev_t dev)
{
	if (mknod(path, type, dev) || chmod(path, 0666))
		die(path);
}

static char here[256];

static const char *beside(const char *name)
{
	static char path[sizeof(here) + 32];

	snprintf(path, sizeof(path), "%s/%.30s", here, name);
	return path;
}

static void work_make(void)
{
	nftw(WORK, drop, 16, FTW_DEPTH | FTW_PHYS);
	make(WORK "/file", "file\n");
	copy(beside("evil.so"), WORK "/evil.so", 0755);
	copy(beside("attack"), WORK "/prog", 0755);
	nftw(WORK, own, 16, FTW_PHYS);
}

static void tree_make(void)
{
	static const char *const dirs[] = {
		T, HOME, HOME "/.ssh", HOME "/.config", AUTOSTART, HOME "/empty", T "/cron.d",
		T "/bin", T "/run", T "/mnt", WORK
	};
	size_t i;

	nftw(T, drop, 16, FTW_DEPTH | FTW_PHYS);
	for (i = 0; i < LENGTH(dirs); i++)
		if (mkdir(dirs[i], 0755) && errno != EEXIST)
			die(dirs[i]);
	make(KEY, SECRET);
	make(BASHRC, "bashrc\n");
	make(HOME "/doc", "public\n");
	make(NOTES, "notes\n");
	nftw(T, own, 16, FTW_PHYS);
	chmod(T "/run", 0777);
	copy(beside("attack"), T "/bin/setuid", 04755);
	copy(beside("runpath"), T "/bin/runpath", 0755);
	copy(beside("execstack"), T "/bin/execstack", 0755);
	copy(beside("codebss"), T "/bin/codebss", 0755);
	make_device(T "/bin/disk", S_IFBLK, makedev(254, 0));
	make_device(T "/bin/screen", S_IFCHR, makedev(7, 0));
	make_device(T "/bin/input", S_IFCHR, makedev(13, 64));
	make_device(T "/bin/fb0", S_IFCHR, makedev(29, 0));
	make_device(T "/bin/mem", S_IFCHR, makedev(1, 1));
	make_device(T "/bin/kmem", S_IFCHR, makedev(1, 2));
	make_device(T "/bin/port", S_IFCHR, makedev(1, 4));
	work_make();
}

/* Outside: what there is, as a text or a sum of it */

/**
 * struct state - What there is outside of sandboxes, but for the tree
 * @system: settings of the kernel, mounts, modules, names
 * @victim: the victim and its objects
 * @hits: how often somebody has got through to it
 */
struct state {
	char system[65536];
	char victim[16384];
	int hits;
};

static uint64_t sum_outside, sum_work;

static uint64_t sum(uint64_t sum, const void *data, size_t size)
{
	const unsigned char *p = data;

	while (size--)
		sum = (sum ^ *p++) * 0x100000001b3;
	return sum;
}

/* Whatever is done to a file changes its ctime. */
static int sum_file(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	uint64_t *to = strncmp(path, WORK, strlen(WORK)) ? &sum_outside : &sum_work;

	if (is_socket(path))
		return 0;
	*to = sum(*to, path, strlen(path));
	*to = sum(*to, &st->st_ino, sizeof(st->st_ino));
	*to = sum(*to, &st->st_mode, sizeof(st->st_mode));
	/* The atime is nobody's concern. */
	*to = sum(*to, &st->st_ctim, sizeof(st->st_ctim));
	return 0;
}

static uint64_t sum_tree(uint64_t *work)
{
	sum_outside = 0;
	sum_work = 0;
	nftw(T, sum_file, 16, FTW_PHYS);
	*work = sum_work;
	return sum_outside;
}

static void add_file(char **at, const char *path)
{
	read_text(path, *at, 16384);
	*at += strlen(*at);
}

static void add_dir(char **at, const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		*at += sprintf(*at, "%s/%s\n", path, entry->d_name);
	if (dir)
		closedir(dir);
}

/* Names of modules: how often one is used is no matter. */
static void add_modules(char **at)
{
	char text[16384], *save, *line;

	read_text("/proc/modules", text, sizeof(text));
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		*at += sprintf(*at, "module %.*s\n", (int)strcspn(line, " "), line);
}

static void system_state(char *at)
{
	static const char *const files[] = {
		"/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe",
		"/proc/sys/kernel/hostname", "/proc/sys/kernel/domainname",
		"/proc/sys/kernel/sysrq", "/proc/sys/kernel/printk", "/proc/self/mountinfo",
		"/proc/swaps", "/sys/module/sbpf/parameters/bpf_write",
	};
	size_t i;

	for (i = 0; i < LENGTH(files); i++)
		add_file(&at, files[i]);
	add_modules(&at);
	add_dir(&at, "/dev/shm");
	add_dir(&at, "/dev/mqueue");
	add_dir(&at, "/sys/fs/bpf/sbpf");
	add_dir(&at, "/sys/fs/cgroup");
	add_dir(&at, "/proc/sys/fs/binfmt_misc");
}

static void victim_state(char *at)
{
	char text[4096], *line;
	cpu_set_t cpus;
	struct iovec to = { text, strlen(SECRET) };
	struct iovec from = { (void *)stage.memory, strlen(SECRET) };

	at += sprintf(at, "sockets %d\n", access(BUS, F_OK) + access(LOG, F_OK));
	if (process_vm_readv(stage.victim, &to, 1, &from, 1, 0) == strlen(SECRET))
		at += sprintf(at, "memory %.*s", (int)strlen(SECRET), text);
	read_text(victim_path("stat"), text, sizeof(text));
	line = strrchr(text, ')');
	if (!line || line[2] == 'Z') {
		sprintf(at, "dead\n");
		return;
	}
	at += sprintf(at, "stopped %d\n", line[2] == 'T' || line[2] == 't');
	add_file(&at, victim_path("limits"));
	add_file(&at, victim_path("oom_score_adj"));
	add_file(&at, victim_path("timerslack_ns"));
	read_text(victim_path("status"), text, sizeof(text));
	line = strstr(text, "TracerPid");
	if (line)
		at += sprintf(at, "%.12s\n", line);
	CPU_ZERO(&cpus);
	sched_getaffinity(stage.victim, sizeof(cpus), &cpus);
	at += sprintf(at, "nice %d, policy %d, cpus %d\n", getpriority(PRIO_PROCESS, stage.victim),
		sched_getscheduler(stage.victim), CPU_COUNT(&cpus));
	add_file(&at, "/proc/sysvipc/shm");
	add_file(&at, "/proc/sysvipc/msg");
	add_file(&at, "/proc/sysvipc/sem");
}

/* Outside: the run */

static void print_text(const char *name, const char *text)
{
	printf(", \"%s\": \"", name);
	for (; *text; text++)
		if (*text == '\n')
			printf("\\n");
		else if (*text == '"' || *text == '\\')
			printf("\\%c", *text);
		else
			printf("%c", *text == '\t' ? ' ' : *text);
	printf("\"");
}

/* The first line that differs. */
static void print_difference(const char *name, const char *before, const char *after)
{
	const char *line = after;
	char text[256];

	while (*before && *before == *after)
		if (*before++ == *after++ && after[-1] == '\n')
			line = after;
	snprintf(text, sizeof(text), "%.*s", (int)strcspn(line, "\n"), line);
	print_text(name, text);
}

/* Of a process that has one; its end does no harm. */
static int open_user_namespace(void)
{
	char path[32], byte;
	int pipes[2], fd;
	pid_t child;

	if (pipe2(pipes, O_CLOEXEC))
		return -1;
	child = fork();
	if (!child) {
		if (!unshare(CLONE_NEWUSER) && write(pipes[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	close(pipes[1]);
	snprintf(path, sizeof(path), "/proc/%d/ns/user", child);
	fd = read(pipes[0], &byte, 1) == 1 ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	close(pipes[0]);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	return fd;
}

static int open_what(enum what what)
{
	struct io_uring_params params = { 0 };

	switch (what) {
	case A_KEY:
		return open(KEY, O_RDWR | O_CLOEXEC);
	case A_BASHRC:
		return open(BASHRC, O_RDWR | O_CLOEXEC);
	case A_NOTES:
		return open(NOTES, O_WRONLY | O_CLOEXEC);
	case A_RING:
		return syscall(SYS_io_uring_setup, 4, &params);
	case A_USERFAULTFD:
		return syscall(SYS_userfaultfd, O_CLOEXEC);
	case A_USERNS:
		return open_user_namespace();
	default:
		errno = EINVAL;
		return -1;
	}
}

/* Answer a system call with a descriptor. */
static void add_descriptor(int fd, enum how how)
{
	int listener = receive_descriptor(channel, receive), added;
	struct seccomp_notif call = { 0 };
	struct seccomp_notif_addfd add = { .srcfd = fd, .newfd_flags = O_CLOEXEC };
	struct seccomp_notif_resp answer = { 0 };
	struct pollfd calls = { listener, POLLIN, 0 };

	if (listener < 0 || poll(&calls, 1, 1000 * PATIENCE) != 1 ||
	    ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call))
		die("listener");
	add.id = call.id;
	if (how == ADDED_IN_PLACE) {
		add.flags = SECCOMP_ADDFD_FLAG_SETFD;
		add.newfd = 2;
	} else if (how == ADDED_AND_SENT) {
		add.flags = SECCOMP_ADDFD_FLAG_SEND;
	}
	added = ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add);
	if (added >= 0 && how == ADDED_AND_SENT)
		return;
	answer.id = call.id;
	answer.val = added;
	if (added < 0) {
		answer.val = 0;
		answer.error = -errno;
	}
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer))
		die("answer");
}

/* By a process that may be in a sandbox. */
static void hand_in(int need)
{
	pid_t child = fork();
	int status, fd;

	if (child < 0)
		die("fork");
	if (!child) {
		enter_sibling();
		fd = open_what(need % WHATS);
		if (fd < 0)
			die("descriptor");
		if (need / WHATS)
			add_descriptor(fd, need - need % WHATS);
		else if (send_descriptor(channel, fd))
			die("sendmsg");
		_exit(0);
	}
	if (waitpid(child, &status, 0) != child || status)
		fprintf(stderr, "attack: what was asked for was not handed in\n");
}

/*
 * Give the newest sandbox of all rights and capabilities, masks, and let it write a
 * file, if not NULL: is there one?
 */
static bool grant(uint64_t rights, uint64_t capabilities, const char *path)
{
	uint64_t ids[64];
	struct sbpf_ids all = { .size = sizeof(all), .count = 64, .ids = (uintptr_t)ids };
	struct sbpf_open open_it = { .size = sizeof(open_it) };
	struct sbpf_path_rule rule = { .allow = SBPF_ACCESS_READ_FILE | SBPF_ACCESS_WRITE };
	struct sbpf_set_rules rules = {
		.size = sizeof(rules),
		.flags = SBPF_RULES_ADD,
		.paths = (uintptr_t)&rule,
		.paths_count = !!path,
		.rights = rights,
		.capabilities = capabilities,
	};
	int sandbox;
	uint32_t i;

	if (ioctl(control, SBPF_IOC_LIST, &all))
		die("/dev/sbpf");
	for (i = 0; i < all.count && i < 64; i++)
		if (ids[i] > open_it.id)
			open_it.id = ids[i];
	sandbox = open_it.id ? ioctl(control, SBPF_IOC_OPEN, &open_it) : -1;
	if (!open_it.id)
		return false;
	if (path)
		rule.fd = open(path, O_PATH | O_CLOEXEC);
	if (sandbox < 0 || ioctl(sandbox, SBPF_IOC_SET_RULES, &rules))
		die("rules");
	if (path)
		close(rule.fd);
	close(sandbox);
	return true;
}

static const char *errno_name(int err)
{
	return err == NO_ANSWER ? "died" : err ? strerrorname_np(err) ?: "?" : "0";
}

/* Number of the newest event. */
static uint64_t events(void)
{
	struct sbpf_info info = { .size = sizeof(info) };

	if (ioctl(control, SBPF_IOC_INFO, &info))
		die("SBPF_IOC_INFO");
	return info.events;
}

/* What there was before the attack is what there was after the last one. */
static struct {
	uint64_t tree;
	uint64_t work;
	struct state state;
} before, after;

static void look(void)
{
	after.tree = sum_tree(&after.work);
	system_state(after.state.system);
	victim_state(after.state.victim);
	after.state.hits = shared->hits;
}

/* Those of the attacks that are tried one after another, in the same sandbox. */
enum pass {
	PLAIN,
	WITH_RING,		/* and with the right to use io_uring */
	WITH_LENT,		/* and with NOTES, which may be written */
	WITH_CAPABILITIES,	/* and with all capabilities: only by root, and in a sandbox */
	PASSES,
};

static int one(const struct attack *attack, enum pass pass)
{
	uint64_t from = events();
	bool changed = false, harmed = false;
	int answer;

	shared->hits = 0;
	if (write(channel, &stage, sizeof(stage)) != sizeof(stage))
		die("the inside");
	do {
		if (read(channel, &answer, sizeof(answer)) != sizeof(answer))
			return -1;
		if (answer < 0)
			hand_in(-answer);
	} while (answer < 0);
	orphaned = answer & ORPHANED;
	answer &= ~ORPHANED;
	printf("{\"attack\": \"%s.%s\", \"who\": %d, \"from\": %llu, \"to\": %llu",
	       attack->row, attack->way, attack->who | who << 8, (unsigned long long)from,
	       (unsigned long long)events());
	printf(", \"pass\": %d, \"errno\": \"%s\"", pass, errno_name(answer));
	print_text("denied", attack->denied);
	look();
	if (after.tree != before.tree) {
		print_text("tree", "changed");
		tree_make();
		changed = true;
	} else if (after.work != before.work) {
		work_make();
		before.tree = sum_tree(&before.work);
	}
	if (strcmp(before.state.system, after.state.system)) {
		print_difference("system", before.state.system, after.state.system);
		harmed = true;
	}
	if (strcmp(before.state.victim, after.state.victim)) {
		print_difference("victim", before.state.victim, after.state.victim);
		harmed = true;
	} else if (after.state.hits) {
		print_text("victim", "somebody has got through to it");
	}
	puts("}");
	fflush(stdout);
	if (harmed) {
		victim_end();
		victim_start();
	}
	if (changed || harmed) {
		look();
		before = after;
	}
	return 0;
}

/* It is the user's, and nobody listens to it. */
static void terminal_open(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), unlocked = 0;
	unsigned int number;

	if (master < 0 || ioctl(master, TIOCSPTLCK, &unlocked) ||
	    ioctl(master, TIOCGPTN, &number))
		die("pty");
	terminal = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (terminal < 0 || fchown(terminal, who == USER ? USER_ID : 0, 5))
		die("pty");
	stage.tty = number;
}

static bool in_pass(const struct attack *attack, enum pass pass)
{
	if (strcmp(attack->list, list) || !(attack->who & who))
		return false;
	switch (pass) {
	case WITH_RING:
		return attack->who & RING;
	case WITH_LENT:
		return attack->who & LENT;
	case WITH_CAPABILITIES:
		/* The others are denied by no more than a capability that is lacking. */
		return who == ROOT && strstr(attack->denied, "capable:") &&
		       strchr(attack->denied, '|');
	default:
		return !(attack->who & (RING | LENT));
	}
}

/* What the sandbox has to be given for it: is there something to try? */
static bool allow(enum pass pass)
{
	switch (pass) {
	case WITH_RING:
		grant(1ULL << SBPF_RIGHT_IO_URING, 0, NULL);
		return true;
	case WITH_LENT:
		grant(0, 0, NOTES);
		return true;
	case WITH_CAPABILITIES:
		return grant(0, (2ULL << CAP_LAST_CAP) - 1, NULL);
	default:
		return true;
	}
}

static void inside_start(char **argv)
{
	static const struct timeval patience = { .tv_sec = 3 * PATIENCE };
	int channels[2], key = open(KEY, O_RDONLY | O_CLOEXEC);

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channels) ||
	    setsockopt(channels[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)))
		die("channel");
	starter = fork();
	if (starter < 0)
		die("fork");
	if (!starter) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* INHERITED last: it may be the number of one of the others. */
		if (dup2(channels[1], 0) < 0 || dup2(terminal, 1) < 0 ||
		    dup2(key, INHERITED) < 0)
			die("dup2");
		execvp(argv[0], argv);
		die(argv[0]);
	}
	close(key);
	close(channels[1]);
	channel = channels[0];
}

/* The old one ends when nobody is at the other end of its channel. */
static void inside_restart(char **argv)
{
	close(channel);
	kill(starter, SIGKILL);
	waitpid(starter, NULL, 0);
	inside_start(argv);
}

/* True if the inside has died. */
static bool attacks(char **argv, enum pass pass)
{
	const struct attack *attack;
	int i;

	for (i = 0; (attack = attack_at(i)); i++) {
		if (!in_pass(attack, pass))
			continue;
		stage.attack = i;
		if (one(attack, pass)) {
			fprintf(stderr, "attack: the inside has died of %s.%s\n", attack->row,
				attack->way);
			return true;
		}
		if (orphaned)
			inside_restart(argv);
	}
	return false;
}

static int create_sibling(void)
{
	struct sbpf_create create = {
		.size = sizeof(create), .pids = SBPF_UNLIMITED, .policy = "audit"
	};
	int sandbox = ioctl(control, SBPF_IOC_CREATE, &create);

	if (sandbox < 0)
		die("SBPF_IOC_CREATE");
	return sandbox;
}

static int outside(char **argv)
{
	bool died = false;
	enum pass pass;
	int status;

	if (readlink("/proc/self/exe", here, sizeof(here) - 1) < 0)
		die("/proc/self/exe");
	*strrchr(here, '/') = 0;
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (shared == MAP_FAILED)
		die("mmap");
	if (chdir("/"))
		die("/");
	control = open("/dev/sbpf", O_RDWR | O_CLOEXEC);
	if (control < 0)
		die("/dev/sbpf");
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 ||
	    syscall(SYS_add_key, "user", SESSION_KEY, SECRET, strlen(SECRET),
		    KEY_SPEC_SESSION_KEYRING) < 0)
		die("keys");
	if (sibling >= 0)
		sibling = create_sibling();
	tree_make();
	victim_start();
	look();
	before = after;
	terminal_open();
	inside_start(argv);
	for (pass = PLAIN; pass < PASSES && !died; pass++)
		died = allow(pass) && attacks(argv, pass);
	stage.attack = -1;
	if (died || write(channel, &stage, sizeof(stage)) < 0)
		kill(starter, SIGKILL);
	waitpid(starter, &status, 0);
	victim_end();
	nftw(T, drop, 16, FTW_DEPTH | FTW_PHYS);
	unlink(BUS);
	unlink(LOG);
	rmdir(T "/run");
	rmdir(T);
	return died || !WIFEXITED(status) || WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	static char *args[64];
	int i;

	/* A program that somebody wants to be executed. */
	if (argc == 2 && !strcmp(argv[1], "evil"))
		return 42;
	if (argc == 2 && !strcmp(argv[1], "euid"))
		return geteuid() ? 1 : 42;
	if (argc > 1 && !strcmp(argv[1], "--sibling")) {
		sibling = 0;
		argc--;
		argv++;
	}
	if (argc < 4 || argc > 58) {
		fprintf(stderr, "usage: attack [--sibling] LIST user|root CMD...\n");
		return 2;
	}
	i = !strcmp(argv[1], "inside") ? 2 : 1;
	list = argv[i];
	who = !strcmp(argv[i + 1], "user") ? USER : ROOT;
	if (i == 2)
		return inside();
	for (i = 3; i < argc; i++)
		args[i - 3] = argv[i];
	args[argc - 3] = "inside";
	args[argc - 2] = argv[1];
	args[argc - 1] = argv[2];
	return outside(args);
}
