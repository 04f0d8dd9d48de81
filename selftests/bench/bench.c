// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - What operations cost, in instructions
 *
 * Measures one column of the table that run.sh prints: how many instructions a
 * set of ordinary operations takes for a task that is in no sandbox, in one of
 * sbpf, or under Landlock or seccomp. Instructions are read with rdtsc, which
 * counts exactly them in a guest of QEMU that runs with -icount shift=0; the
 * program refuses to measure where it does not.
 *
 * Every row is measured in many short rounds. What disturbs a round, such as timer
 * interrupts, deferred work or an empty cache of the allocator, only ever adds to
 * it, so of the rounds in ascending order those between the 10th and the 30th
 * percent count, by their mean. All rows are gone through several times; the
 * lowest mean of a row is its result.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <x86intrin.h>

#include "sbpf.h"

#define PASSES		3
#define ROUNDS_MAX	600
#define PAGE		4096UL
#define DEEPER		22	/* directories */
#define DEEPEST		42

static void fail(const char *what)
{
	fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* What the operations work on, made by set_up() after a sandbox was entered. */
static const char file_path[] = "one/two/file";
static char deep_path[PATH_MAX], deeper_path[PATH_MAX], deepest_path[PATH_MAX];
static int file_fd, write_fd, udp_fd, listen_fd;
static struct sockaddr_in udp_addr, tcp_addr;
static pid_t self, victim, bystander;
static void *page;
/* A page of the victim, and what is written to it. */
static char *remote, local[PAGE];

/*
 * The operations. Each returns 0, or -1 with errno. System calls are made
 * directly where the C library would add work of its own.
 */
static long op_getppid(void)
{
	return syscall(SYS_getppid) < 0 ? -1 : 0;
}

static long open_close(const char *path)
{
	int fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -1 : syscall(SYS_close, fd);
}

static long op_open_close(void)
{
	return open_close(deep_path);
}

static long op_open_close_deeper(void)
{
	return open_close(deeper_path);
}

static long op_open_close_deepest(void)
{
	return open_close(deepest_path);
}

static long op_pread(void)
{
	char buf[64];

	return syscall(SYS_pread64, file_fd, buf, sizeof(buf), 0) ==
		       sizeof(buf) ? 0 : -1;
}

/* To one's own memory. */
static long op_store(void)
{
	volatile char *to = local;
	int i;

	for (i = 0; i < 64; i++)
		to[i] = i;
	return 0;
}

static long op_pwrite(void)
{
	return syscall(SYS_pwrite64, write_fd, local, 64, 0) == 64 ? 0 : -1;
}

/* Into the memory of another, which is what the ledger is about. */
static long op_process_vm_writev(void)
{
	const struct iovec from = { local, sizeof(local) }, to = { remote, sizeof(local) };

	return process_vm_writev(victim, &from, 1, &to, 1, 0) == sizeof(local) ? 0 : -1;
}

static long op_stat(void)
{
	struct stat st;

	return syscall(SYS_newfstatat, AT_FDCWD, deep_path, &st, 0);
}

static long map_unmap(int flags, int fd)
{
	void *p = mmap(NULL, PAGE, PROT_READ, flags, fd, 0);

	return p == MAP_FAILED ? -1 : munmap(p, PAGE);
}

static long op_mmap_anon(void)
{
	return map_unmap(MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

static long op_mmap_file(void)
{
	return map_unmap(MAP_PRIVATE, file_fd);
}

static long op_mprotect(void)
{
	static int prot = PROT_NONE;

	/* No change would be no work. */
	prot ^= PROT_READ | PROT_WRITE;
	return syscall(SYS_mprotect, page, PAGE, prot);
}

static long reap(pid_t pid)
{
	int status;

	if (syscall(SYS_wait4, pid, &status, 0, NULL) != pid)
		return -1;
	if (status) {
		errno = ECHILD;
		return -1;
	}
	return 0;
}

static long op_fork_exit(void)
{
	pid_t pid = syscall(SYS_fork);

	if (!pid)
		syscall(SYS_exit_group, 0);
	return pid < 0 ? -1 : reap(pid);
}

static long fork_exec(const char *path)
{
	static char *const argv[] = { "true", NULL };
	static char *const envp[] = { NULL };
	pid_t pid = syscall(SYS_fork);

	if (!pid) {
		syscall(SYS_execve, path, argv, envp);
		syscall(SYS_exit_group, 1);
	}
	return pid < 0 ? -1 : reap(pid);
}

static long op_exec_static(void)
{
	return fork_exec("one/two/true");
}

static long op_exec_dynamic(void)
{
	return fork_exec("/usr/bin/true");
}

static long op_kill_probe(void)
{
	return syscall(SYS_kill, victim, 0);
}

static volatile sig_atomic_t handled;

static void on_usr1(int sig)
{
	(void)sig;
	handled++;
}

static long op_kill_handler(void)
{
	sig_atomic_t before = handled;

	if (syscall(SYS_kill, self, SIGUSR1))
		return -1;
	return handled == before + 1 ? 0 : -1;
}

static long op_connect_udp(void)
{
	return syscall(SYS_connect, udp_fd, &udp_addr, sizeof(udp_addr));
}

static long op_connect_tcp(void)
{
	static const struct linger abort = { .l_onoff = 1 };
	int peer, err, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	err = connect(fd, (void *)&tcp_addr, sizeof(tcp_addr));
	if (!err) {
		peer = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);
		/* Reset, or closed connections would pile up. */
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
		close(fd);
		return peer < 0 ? -1 : close(peer);
	}
	peer = errno;
	close(fd);
	errno = peer;
	return -1;
}

/**
 * struct row - One operation
 * @name: as in the table, without blanks
 * @op: does it once
 * @loops: how often per round
 * @rounds: how many rounds per pass
 * @may_fail: a sandbox may deny it; what is measured then is the denial
 * @denied: errno of the denial, 0 if allowed
 * @best: lowest mean of all passes, in instructions per operation
 */
struct row {
	const char *name;
	long (*op)(void);
	unsigned int loops;
	unsigned int rounds;
	bool may_fail;
	int denied;
	double best;
};

#define ROW(_name, _op, _loops, _rounds, _may_fail)		\
	{							\
		.name = (_name),				\
		.op = (_op),					\
		.loops = (_loops),				\
		.rounds = (_rounds),				\
		.may_fail = (_may_fail),			\
	}

static struct row rows[] = {
	ROW("getppid", op_getppid, 200, 100, false),
	ROW("pread", op_pread, 100, 100, false),
	ROW("pwrite", op_pwrite, 100, 100, false),
	ROW("store", op_store, 1000, 100, false),
	ROW("process_vm_writev", op_process_vm_writev, 20, 100, true),
	ROW("stat", op_stat, 20, 100, false),
	ROW("open+close", op_open_close, 20, 200, false),
	ROW("open+close-25", op_open_close_deeper, 20, 200, false),
	ROW("open+close-45", op_open_close_deepest, 20, 200, false),
	ROW("mmap+munmap", op_mmap_anon, 20, 600, false),
	ROW("mmap+munmap-file", op_mmap_file, 20, 600, false),
	ROW("mprotect", op_mprotect, 20, 200, false),
	ROW("kill-0", op_kill_probe, 50, 100, false),
	ROW("kill-handler", op_kill_handler, 20, 100, false),
	/* 48 use up the kernel's batches of random numbers a whole number of times. */
	ROW("connect-udp", op_connect_udp, 48, 100, true),
	ROW("connect-tcp", op_connect_tcp, 1, 300, true),
	ROW("fork+exit", op_fork_exit, 1, 200, false),
	ROW("execve", op_exec_static, 1, 200, false),
	ROW("execve-dynamic", op_exec_dynamic, 1, 100, false),
};

#define NR_ROWS (sizeof(rows) / sizeof(rows[0]))

static bool is_denial(int err)
{
	return err == EPERM || err == EACCES;
}

/* Returns the errno of the last failure, 0 if all succeeded. */
static int loop(long (*op)(void), unsigned int loops)
{
	int err = 0;

	while (loops--) {
		errno = 0;
		if (op())
			err = errno ?: EPROTO;
	}
	return err;
}

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void measure(struct row *row)
{
	static uint64_t took[ROUNDS_MAX];
	uint64_t start;
	unsigned int i;
	uint64_t sum = 0;
	double mean;
	int err;

	/* The first rounds fill caches. */
	for (i = 0; i < 5; i++)
		row->denied = loop(row->op, row->loops);
	for (i = 0; i < row->rounds; i++) {
		start = __rdtsc();
		err = loop(row->op, row->loops);
		took[i] = __rdtsc() - start;
		if (err != row->denied) {
			errno = err;
			fail(row->name);
		}
	}
	errno = row->denied;
	if (errno && !(row->may_fail && is_denial(errno)))
		fail(row->name);
	qsort(took, row->rounds, sizeof(took[0]), by_value);
	for (i = row->rounds / 10; i < row->rounds * 3 / 10; i++)
		sum += took[i];
	mean = (double)sum / (row->rounds / 5) / row->loops;
	if (!row->best || mean < row->best)
		row->best = mean;
}

static void set_up(void)
{
	struct sigaction usr1 = { .sa_handler = on_usr1 };
	socklen_t len = sizeof(tcp_addr);
	sigset_t pending;

	file_fd = open(file_path, O_RDONLY | O_CLOEXEC);
	if (file_fd < 0)
		fail(file_path);
	page = mmap(NULL, 3 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		fail("mmap");
	/* Alone in its mapping, so that no change of protection merges it. */
	page = (char *)page + PAGE;
	if (mprotect(page, PAGE, PROT_READ | PROT_WRITE))
		fail("mprotect");
	*(volatile char *)page = 1;

	remote = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (remote == MAP_FAILED)
		fail("mmap");
	*remote = 1;
	write_fd = memfd_create("written", MFD_CLOEXEC);
	if (write_fd < 0)
		fail("memfd_create");

	udp_addr.sin_family = AF_INET;
	udp_addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	udp_addr.sin_port = htons(9);
	udp_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (udp_fd < 0)
		fail("socket");
	tcp_addr.sin_family = AF_INET;
	tcp_addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listen_fd < 0 || bind(listen_fd, (void *)&tcp_addr, len) ||
	    listen(listen_fd, 8) || getsockname(listen_fd, (void *)&tcp_addr, &len))
		fail("listen");

	if (sigaction(SIGUSR1, &usr1, NULL))
		fail("sigaction");
	/*
	 * One signal of this user is always pending: the first and the last
	 * one do more work, and others' signals would decide which one is.
	 */
	sigemptyset(&pending);
	sigaddset(&pending, SIGUSR2);
	if (sigprocmask(SIG_BLOCK, &pending, NULL) || raise(SIGUSR2))
		fail("raise");
	self = getpid();
	victim = fork();
	if (victim < 0)
		fail("fork");
	if (!victim) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
}

static void end(pid_t pid)
{
	if (pid && (kill(pid, SIGKILL) || waitpid(pid, NULL, 0) != pid))
		fail("ending a child");
}

/* Landlock with five rules on paths, as a tool that runs a command would set. */
static void enter_landlock(const char *work)
{
	const uint64_t read = LANDLOCK_ACCESS_FS_EXECUTE |
			      LANDLOCK_ACCESS_FS_READ_FILE |
			      LANDLOCK_ACCESS_FS_READ_DIR;
	const struct landlock_ruleset_attr attr = {
		/* All that the first version of Landlock knows. */
		.handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1,
	};
	const struct {
		const char *path;
		uint64_t access;
	} rules[] = {
		{ "/usr", read },
		{ "/etc", read },
		{ "/proc", read },
		{ "/dev", read | LANDLOCK_ACCESS_FS_WRITE_FILE },
		{ work, attr.handled_access_fs },
	};
	struct landlock_path_beneath_attr beneath;
	int ruleset = syscall(SYS_landlock_create_ruleset, &attr,
			      sizeof(attr.handled_access_fs), 0);
	size_t i;

	if (ruleset < 0)
		fail("landlock_create_ruleset");
	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		beneath.allowed_access = rules[i].access;
		beneath.parent_fd = open(rules[i].path, O_PATH | O_CLOEXEC);
		if (beneath.parent_fd < 0)
			fail(rules[i].path);
		if (syscall(SYS_landlock_add_rule, ruleset,
			    LANDLOCK_RULE_PATH_BENEATH, &beneath, 0))
			fail("landlock_add_rule");
		close(beneath.parent_fd);
	}
	if (syscall(SYS_landlock_restrict_self, ruleset, 0))
		fail("landlock_restrict_self");
	close(ruleset);
}

/* Seccomp with one rule: kexec_load fails. */
static void enter_seccomp(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_kexec_load, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = {
		.len = sizeof(filter) / sizeof(filter[0]),
		.filter = filter,
	};

	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog))
		fail("seccomp");
}

/*
 * The same rules as those of Landlock above, and more up to @count, about files
 * DIR/rules/N that nothing here uses. And one for what is done by loopback.
 */
static void add_rules(int sandbox, unsigned int count)
{
	static const char *const used[] = { ".", "/usr", "/etc", "/proc", "/dev" };
	const struct sbpf_net_rule loopback = {
		.allow = SBPF_NET_MAX - 1,
		.family = AF_INET,
		.prefix = 8,
		.port_last = 65535,
		.address = { 127 },
	};
	struct sbpf_path_rule paths[512];
	struct sbpf_set_rules set = {
		.size = sizeof(set),
		.flags = SBPF_RULES_ADD,
		.paths = (uintptr_t)paths,
		.nets = (uintptr_t)&loopback,
		.nets_count = 1,
	};
	unsigned int i, n;
	char name[32];

	for (i = 0; i < count; i += set.paths_count) {
		for (n = 0; n < 512 && i + n < count; n++) {
			if (i + n < 5)
				strcpy(name, used[i + n]);
			else
				snprintf(name, sizeof(name), "rules/%u", i + n);
			paths[n] = (struct sbpf_path_rule){
				.fd = open(name, O_PATH | O_CLOEXEC),
				.allow = SBPF_ACCESS_MAX - 1,
			};
			if (paths[n].fd < 0)
				fail(name);
		}
		set.paths_count = n;
		if (ioctl(sandbox, SBPF_IOC_SET_RULES, &set))
			fail("SBPF_IOC_SET_RULES");
		set.nets_count = 0;
		while (n--)
			close(paths[n].fd);
	}
}

static int create_sandbox(const char *policy)
{
	struct sbpf_create create = {
		.size = sizeof(create),
		.pids = SBPF_UNLIMITED,
		.name = "bench",
	};
	int control, sandbox;

	if (strlen(policy) >= sizeof(create.policy)) {
		errno = ENAMETOOLONG;
		fail(policy);
	}
	strcpy(create.policy, policy);
	control = open("/dev/sbpf", O_RDWR | O_CLOEXEC);
	if (control < 0)
		fail("/dev/sbpf");
	sandbox = ioctl(control, SBPF_IOC_CREATE, &create);
	if (sandbox < 0)
		fail("SBPF_IOC_CREATE");
	close(control);
	return sandbox;
}

static void enter_sandbox(const char *policy, unsigned int rules)
{
	int sandbox = create_sandbox(policy);

	if (rules)
		add_rules(sandbox, rules);
	if (ioctl(sandbox, SBPF_IOC_ENTER))
		fail("SBPF_IOC_ENTER");
	close(sandbox);
}

/* A task that sits in a sandbox while this one, outside of it, is measured. */
static void bystand(const char *policy, unsigned int unused)
{
	(void)unused;
	enter_sandbox(policy, 0);
}

/* One that has many by their descriptors, of which it may have so many. */
static void hold(const char *policy, unsigned int count)
{
	const struct rlimit files = { count + 64, count + 64 };

	if (setrlimit(RLIMIT_NOFILE, &files))
		fail("setrlimit");
	while (count--)
		create_sandbox(policy);
}

/* A child that does something, then sits there. */
static pid_t start(void (*act)(const char *policy, unsigned int count), const char *policy,
		   unsigned int count)
{
	int ready[2];
	pid_t pid;
	char c;

	if (pipe2(ready, O_CLOEXEC))
		fail("pipe2");
	pid = fork();
	if (pid < 0)
		fail("fork");
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		act(policy, count);
		if (write(ready[1], "", 1) != 1)
			fail("write");
		for (;;)
			pause();
	}
	close(ready[1]);
	if (read(ready[0], &c, 1) != 1) {
		errno = ECHILD;
		fail("a child did not start");
	}
	close(ready[0]);
	return pid;
}

/* Whether rdtsc counts instructions: it did if a known number of them took it. */
static bool counts_instructions(void)
{
	const uint64_t turns = 10000;
	uint64_t start, took, best = UINT64_MAX, n;
	int i;

	for (i = 0; i < 10; i++) {
		n = turns;
		start = __rdtsc();
		asm volatile("1:\n\t"
			     "nop\n\tnop\n\tnop\n\t"
			     "dec %0\n\t"
			     "jnz 1b" : "+r" (n));
		took = __rdtsc() - start;
		if (took < best)
			best = took;
	}
	return best >= 5 * turns && best <= 5 * turns + 50;
}

static void usage(FILE *out)
{
	fputs("usage: bench [OPTION...] DIR\n"
	      "Measure in DIR, which holds one/two/file, one/two/true and d/d/.../file\n"
	      "(22 times d; if DIR is two levels deep, that is 25), and print a line per operation: name, instructions, errno of a denial or 0.\n"
	      "  --sandbox POLICY    in a sandbox under POLICY\n"
	      "  --rules N           with N path rules, at least 5\n"
	      "  --live N            while there are N more sandboxes\n"
	      "  --bystander POLICY  outside, while another task sits in one\n"
	      "  --landlock          under Landlock with five rules\n"
	      "  --seccomp           under seccomp with one rule\n"
	      "  --row NAME          only this operation\n"
	      "  --any-clock         even if rdtsc does not count instructions\n",
	      out);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "sandbox", required_argument, NULL, 's' },
		{ "rules", required_argument, NULL, 'R' },
		{ "live", required_argument, NULL, 'L' },
		{ "bystander", required_argument, NULL, 'b' },
		{ "landlock", no_argument, NULL, 'l' },
		{ "seccomp", no_argument, NULL, 'c' },
		{ "row", required_argument, NULL, 'r' },
		{ "any-clock", no_argument, NULL, 'a' },
		{ "help", no_argument, NULL, 'h' },
		{}
	};
	const char *sandbox = NULL, *around = NULL, *only = NULL;
	bool landlock = false, seccomp = false, any_clock = false;
	unsigned int i, pass, rules = 0, live = 0;
	int opt, status;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (opt) {
		case 's':
			sandbox = optarg;
			break;
		case 'R':
			rules = strtoul(optarg, NULL, 10);
			break;
		case 'L':
			live = strtoul(optarg, NULL, 10);
			break;
		case 'b':
			around = optarg;
			break;
		case 'l':
			landlock = true;
			break;
		case 'c':
			seccomp = true;
			break;
		case 'r':
			only = optarg;
			break;
		case 'a':
			any_clock = true;
			break;
		case 'h':
			usage(stdout);
			return 0;
		default:
			usage(stderr);
			return 2;
		}
	}
	if (optind != argc - 1) {
		usage(stderr);
		return 2;
	}
	/* The same addresses in every column make the same work for mmap. */
	status = personality(0xffffffff);
	if (!(status & ADDR_NO_RANDOMIZE)) {
		if (personality(status | ADDR_NO_RANDOMIZE) < 0)
			fail("personality");
		execv("/proc/self/exe", argv);
		fail("/proc/self/exe");
	}
	if (!any_clock && !counts_instructions()) {
		fputs("bench: rdtsc does not count instructions here; boot the guest with\n"
		      "bench: selftests/vm.sh --icount, or accept any clock with --any-clock\n",
		      stderr);
		return 1;
	}
	if (chdir(argv[optind]))
		fail(argv[optind]);
	if (!getcwd(deep_path, sizeof(deep_path) - 2 * DEEPEST - sizeof(file_path) - 1))
		fail("getcwd");
	if (landlock)
		enter_landlock(deep_path);
	strcat(deep_path, "/");
	strcpy(deeper_path, deep_path);
	for (i = 0; i < DEEPER; i++)
		strcat(deeper_path, "d/");
	strcpy(deepest_path, deeper_path);
	for (; i < DEEPEST; i++)
		strcat(deepest_path, "d/");
	strcat(deeper_path, "file");
	strcat(deepest_path, "file");
	strcat(deep_path, file_path);

	if (around)
		bystander = start(bystand, around, 0);
	/* run.sh ends it: from where this process is going, not even its death can. */
	if (live && sandbox)
		start(hold, sandbox, live);
	if (seccomp)
		enter_seccomp();
	if (sandbox)
		enter_sandbox(sandbox, rules);
	set_up();
	for (pass = 0; pass < PASSES; pass++)
		for (i = 0; i < NR_ROWS; i++)
			if (!only || !strcmp(only, rows[i].name))
				measure(&rows[i]);
	end(victim);
	end(bystander);
	for (i = 0; i < NR_ROWS; i++)
		if (rows[i].best)
			printf("%s %.1f %d\n", rows[i].name, rows[i].best,
			       rows[i].denied);
	return 0;
}
