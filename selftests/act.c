// SPDX-License-Identifier: GPL-2.0-only
/*
 * One act that a sandbox may allow or not, for scripts, as starting an interpreter takes
 * far longer than all there is to try.
 *
 *	act connect ADDRESS PORT	by TCP
 *	act send ADDRESS PORT		a byte by UDP
 *	act listen ADDRESS PORT [READY]	by TCP; creates the file READY and accepts all
 *	act connect-unix PATH		to a stream socket
 *	act listen-unix PATH		and stays
 *	act socket FAMILY TYPE PROTOCOL	opens one; numbers
 *	act ioctl COMMAND		of standard input, with a byte 'x'
 *	act wx				maps memory to write and execute
 *	act exchange PATH PATH
 *	act whiteout PATH PATH		renames, and leaves a whiteout
 *	act open PATH FLAGS
 *	act hold TEXT			has it in memory; prints its process and where that
 *					is, and for each line of input the text as it is then
 *	act latency FILE		system calls, one "NAME TICKS" per line: what the fastest
 *					of some thousand takes
 *	act write WAY PID ADDRESS STOP	writes "loaded\0" there, by process_vm, proc_mem or
 *					ptrace, until the file STOP is there
 *	act write WAY STOP		the same by bpf, into itself, or by userfaultfd,
 *					registers or other (a uprobe), into a child; or loads
 *					(load) what could. What is denied is tried again.
 *
 * Exits with 0, or with the errno of what failed, or 255 if it was called wrongly.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <linux/userfaultfd.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>
#include <x86intrin.h>

static void try(bool good, const char *what)
{
	int err = errno;

	if (good)
		return;
	perror(what);
	exit(err);
}

/* The same for what may be denied, which is for others to tell. */
static void try_write(bool good, const char *what)
{
	try(good || errno == EPERM, what);
}

static long number(const char *text)
{
	return strtol(text, NULL, 0);
}

static void listening(int fd, const char *ready)
{
	try(!listen(fd, 128), "listen");
	if (ready)
		try(open(ready, O_WRONLY | O_CREAT | O_CLOEXEC, 0644) >= 0, ready);
}

/* What is done with a socket of @type and an address; exits. */
static void act_inet(const char *act, int type, const char *text, const char *port,
		     const char *ready)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(number(port)) };
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(number(port)) };
	bool six = strchr(text, ':');
	struct sockaddr *address = six ? (void *)&in6 : (void *)&in;
	socklen_t len = six ? sizeof(in6) : sizeof(in);
	int on = 1;
	int fd;

	if (inet_pton(six ? AF_INET6 : AF_INET, text,
		      six ? (void *)&in6.sin6_addr : (void *)&in.sin_addr) != 1)
		exit(255);
	fd = socket(address->sa_family, type | SOCK_CLOEXEC, 0);
	try(fd >= 0, "socket");
	if (!strcmp(act, "connect")) {
		try(!connect(fd, address, len), "connect");
	} else if (!strcmp(act, "send")) {
		try(sendto(fd, "x", 1, 0, address, len) == 1, "sendto");
	} else {
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
		if (six)
			setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
		try(!bind(fd, address, len), "bind");
		listening(fd, ready);
		while (ready)
			close(accept(fd, NULL, NULL));
	}
	exit(0);
}

static void act_unix(const char *act, const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	try(fd >= 0, "socket");
	if (strlen(path) >= sizeof(un.sun_path))
		exit(255);
	strcpy(un.sun_path, path);
	if (!strcmp(act, "connect-unix")) {
		try(!connect(fd, (void *)&un, sizeof(un)), "connect");
	} else {
		try(!bind(fd, (void *)&un, sizeof(un)), "bind");
		listening(fd, NULL);
		pause();
	}
	exit(0);
}

static void act_hold(const char *text)
{
	char *held = strdup(text), line[16];

	try(held, "strdup");
	setlinebuf(stdout);
	printf("%d %lu\n", getpid(), (unsigned long)held);
	while (fgets(line, sizeof(line), stdin))
		puts(held);
}

/* Do it once: false if it fails. @file is open as @fd. */
static bool call(int number, const char *file, int fd)
{
	struct stat st;
	char byte;

	switch (number) {
	case 0:
		return getppid() >= 0;
	case 1:
		return !stat(file, &st);
	case 2:
		return pread(fd, &byte, 1, 0) == 1;
	case 3:
		return !close(open(file, O_RDONLY | O_CLOEXEC));
	default:
		return !kill(getpid(), 0);
	}
}

/*
 * Few at a time, so that most are not interrupted, and one kind after the other, so that
 * none has a worse time than the others.
 */
static void act_latency(const char *file)
{
	static const char *const names[] = { "getppid", "stat", "pread", "open+close", "kill" };
	enum { KINDS = sizeof(names) / sizeof(names[0]), ROUNDS = 300, CALLS = 16 };
	uint64_t least[KINDS], ticks;
	int fd = open(file, O_RDONLY | O_CLOEXEC), round, kind, i;

	try(fd >= 0, file);
	memset(least, 0xff, sizeof(least));
	for (round = 0; round < ROUNDS; round++) {
		for (kind = 0; kind < KINDS; kind++) {
			ticks = __rdtsc();
			for (i = 0; i < CALLS; i++)
				try(call(kind, file, fd), names[kind]);
			ticks = __rdtsc() - ticks;
			if (ticks < least[kind])
				least[kind] = ticks;
		}
	}
	for (kind = 0; kind < KINDS; kind++)
		printf("%s %lu\n", names[kind], (unsigned long)(least[kind] / CALLS));
}

static void act_write(const char *way, const char *pid, const char *address, const char *stop)
{
	struct iovec local = { "loaded", 6 };
	struct iovec remote = { (void *)number(address), 6 };
	char path[64];
	long word;
	int mem;

	snprintf(path, sizeof(path), "/proc/%s/mem", pid);
	mem = open(path, O_RDWR | O_CLOEXEC);
	try(mem >= 0, path);
	if (!strcmp(way, "ptrace")) {
		try(!ptrace(PTRACE_ATTACH, number(pid), 0, 0), "ptrace");
		try(waitpid(number(pid), NULL, 0) > 0, "waitpid");
		memcpy(&word, "loaded\0", sizeof(word));
	}
	while (access(stop, F_OK)) {
		if (!strcmp(way, "process_vm")) {
			/* What is denied halfway is said to be not there. */
			try_write(process_vm_writev(number(pid), &local, 1, &remote, 1, 0) == 6 ||
				  errno == EFAULT, way);
		} else if (!strcmp(way, "proc_mem")) {
			try_write(pwrite(mem, "loaded", 6, number(address)) == 6, way);
		} else {
			try_write(!ptrace(PTRACE_POKEDATA, number(pid), number(address), word),
				  way);
		}
	}
	if (!strcmp(way, "ptrace"))
		try(!ptrace(PTRACE_DETACH, number(pid), 0, 0), "ptrace");
}

/*
 * A program that is run by us, and writes to where its first argument says; or is only
 * loaded.
 */
static void act_write_bpf(const char *stop, bool runs)
{
	static const struct bpf_insn code[] = {
		/* r1 = arguments[0]; *(u32 *)(r10 - 8) = "load" */
		{ .code = BPF_LDX | BPF_MEM | BPF_DW, .dst_reg = 1, .src_reg = 1 },
		{ .code = BPF_ST | BPF_MEM | BPF_W, .dst_reg = 10, .off = -8, .imm = 0x64616f6c },
		/* r2 = r10 - 8; r3 = 4 */
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 2, .src_reg = 10 },
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = 2, .imm = -8 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 3, .imm = 4 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_probe_write_user },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	static char held[8];
	__u64 arguments[] = { (uintptr_t)held };
	union bpf_attr load = {
		.prog_type = BPF_PROG_TYPE_RAW_TRACEPOINT,
		.insns = (uintptr_t)code,
		.insn_cnt = sizeof(code) / sizeof(code[0]),
		.license = (uintptr_t)"GPL",
		.prog_name = "act",
	};
	union bpf_attr run = {
		.test = { .ctx_in = (uintptr_t)arguments, .ctx_size_in = sizeof(arguments) },
	};
	int fd;

	while (!runs && access(stop, F_OK)) {
		fd = syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof(load));
		try_write(fd >= 0, "BPF_PROG_LOAD");
		close(fd);
	}
	if (!runs)
		return;
	fd = syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof(load));
	try(fd >= 0, "BPF_PROG_LOAD");
	run.test.prog_fd = fd;
	while (access(stop, F_OK)) {
		memset(held, 0, sizeof(held));
		try(!syscall(SYS_bpf, BPF_PROG_TEST_RUN, &run, sizeof(run)), "BPF_PROG_TEST_RUN");
		errno = -(int)run.test.retval;
		try_write(!errno && !strcmp(held, "load"), "bpf_probe_write_user");
	}
}

/* A child that waits. */
static int paused(void)
{
	int child = fork();

	try(child >= 0, "fork");
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pause();
	}
	return child;
}

static void act_write_registers(const char *stop)
{
	const int child = paused();

	try(!ptrace(PTRACE_ATTACH, child, 0, 0) && waitpid(child, NULL, 0) > 0, "ptrace");
	while (access(stop, F_OK))
		try_write(!ptrace(PTRACE_POKEUSER, child, offsetof(struct user, regs.r15), 0),
			  "ptrace");
}

/* A breakpoint where nobody comes: our code is as far into the file as into memory. */
static void act_write_other(const char *stop)
{
	extern const char __executable_start[];
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.uprobe_path = (uintptr_t)"/proc/self/exe",
		.probe_offset = (uintptr_t)act_write_other - (uintptr_t)__executable_start,
	};
	FILE *type = fopen("/sys/bus/event_source/devices/uprobe/type", "re");
	const int child = paused();
	int fd;

	try(type && fscanf(type, "%u", &attr.type) == 1, "uprobe");
	while (access(stop, F_OK)) {
		fd = syscall(SYS_perf_event_open, &attr, child, -1, -1, PERF_FLAG_FD_CLOEXEC);
		try_write(fd >= 0, "perf_event_open");
		close(fd);
	}
}

/* After the first time the page is there, but the write is one that is seen. */
static void act_write_userfaultfd(const char *stop)
{
	char *pages = mmap(NULL, 2 * 4096, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct uffdio_register reg = {
		.range = { (uintptr_t)pages, 4096 }, .mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	struct uffdio_copy copy = {
		.dst = (uintptr_t)pages, .src = (uintptr_t)pages + 4096, .len = 4096,
	};
	struct uffdio_api api = { .api = UFFD_API };
	int fds[2], fd, child;

	try(pages != MAP_FAILED && !pipe(fds), "mmap");
	child = fork();
	try(child >= 0, "fork");
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		fd = syscall(SYS_userfaultfd, 0);
		try(fd >= 0 && !ioctl(fd, UFFDIO_API, &api) &&
		    !ioctl(fd, UFFDIO_REGISTER, &reg), "userfaultfd");
		try(write(fds[1], &fd, sizeof(fd)) == sizeof(fd), "write");
		pause();
	}
	close(fds[1]);
	memset(pages + 4096, 'x', 4096);
	try(read(fds[0], &fd, sizeof(fd)) == sizeof(fd), "read");
	fd = syscall(SYS_pidfd_getfd, syscall(SYS_pidfd_open, child, 0), fd, 0);
	try(fd >= 0, "pidfd_getfd");
	while (access(stop, F_OK))
		try_write(!ioctl(fd, UFFDIO_COPY, &copy) || errno == EEXIST, "UFFDIO_COPY");
}

int main(int argc, char **argv)
{
	const char *act = argc > 1 ? argv[1] : "";
	char byte = 'x';

	if (argc == 4 && !strcmp(act, "send"))
		act_inet(act, SOCK_DGRAM, argv[2], argv[3], NULL);
	if (argc == 4 && (!strcmp(act, "connect") || !strcmp(act, "listen")))
		act_inet(act, SOCK_STREAM, argv[2], argv[3], NULL);
	if (argc == 5 && !strcmp(act, "listen"))
		act_inet(act, SOCK_STREAM, argv[2], argv[3], argv[4]);
	if (argc == 3 && (!strcmp(act, "connect-unix") || !strcmp(act, "listen-unix")))
		act_unix(act, argv[2]);
	if (argc == 5 && !strcmp(act, "socket")) {
		try(socket(number(argv[2]), number(argv[3]), number(argv[4])) >= 0, act);
	} else if (argc == 3 && !strcmp(act, "ioctl")) {
		try(ioctl(STDIN_FILENO, number(argv[2]), &byte) >= 0, act);
	} else if (argc == 2 && !strcmp(act, "wx")) {
		try(mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED, act);
	} else if (argc == 4 && !strcmp(act, "exchange")) {
		try(!renameat2(AT_FDCWD, argv[2], AT_FDCWD, argv[3], RENAME_EXCHANGE), act);
	} else if (argc == 4 && !strcmp(act, "whiteout")) {
		try(!renameat2(AT_FDCWD, argv[2], AT_FDCWD, argv[3], RENAME_WHITEOUT), act);
	} else if (argc == 4 && !strcmp(act, "open")) {
		try(open(argv[2], number(argv[3])) >= 0, act);
	} else if (argc == 3 && !strcmp(act, "latency")) {
		act_latency(argv[2]);
	} else if (argc == 3 && !strcmp(act, "hold")) {
		act_hold(argv[2]);
	} else if (argc == 6 && !strcmp(act, "write")) {
		act_write(argv[2], argv[3], argv[4], argv[5]);
	} else if (argc == 4 && !strcmp(act, "write") && !strcmp(argv[2], "bpf")) {
		act_write_bpf(argv[3], true);
	} else if (argc == 4 && !strcmp(act, "write") && !strcmp(argv[2], "load")) {
		act_write_bpf(argv[3], false);
	} else if (argc == 4 && !strcmp(act, "write") && !strcmp(argv[2], "registers")) {
		act_write_registers(argv[3]);
	} else if (argc == 4 && !strcmp(act, "write") && !strcmp(argv[2], "other")) {
		act_write_other(argv[3]);
	} else if (argc == 4 && !strcmp(act, "write")) {
		act_write_userfaultfd(argv[3]);
	} else {
		fprintf(stderr, "act: see its source for what there is\n");
		return 255;
	}
	return 0;
}
