// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf selftests - Every operation, by every way that leads to it
 *
 * Each variant is an act. It must succeed outside of sandboxes, succeed under a
 * policy that allows it or does not implement the operation, and fail with the
 * policy's errno and one event under a policy that denies it.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/io_uring.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>

#include "common.h"
#include "kselftest_harness.h"

/* From include/linux/ptrace.h of the kernel. */
#define MODE_READ		0x01
#define MODE_ATTACH		0x02

/* A policy that implements nothing. */
static struct policy bare;

/* What an act does it to, made by the fixture outside of sandboxes. */

enum address {
	TCP4,
	TCP6,
	UDP4,
	UDP6,
	UNIX,
	UNIX_ABSTRACT,
	UNIX_DATAGRAM,
	ADDRESSES,
};

static struct {
	int domain;
	int type;
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
	};
	socklen_t len;
	const char *text;
	int fd;
} sockets[ADDRESSES] = {
	[TCP4] = { AF_INET, SOCK_STREAM, .text = "127.0.0.1" },
	[TCP6] = { AF_INET6, SOCK_STREAM, .text = "::1" },
	[UDP4] = { AF_INET, SOCK_DGRAM, .text = "127.0.0.1" },
	[UDP6] = { AF_INET6, SOCK_DGRAM, .text = "::1" },
	[UNIX] = { AF_UNIX, SOCK_STREAM, .text = DIR "/socket" },
	[UNIX_ABSTRACT] = { AF_UNIX, SOCK_STREAM, .text = "@sbpf-test" },
	[UNIX_DATAGRAM] = { AF_UNIX, SOCK_DGRAM, .text = DIR "/datagrams" },
};

static struct actor target;
static int target_pidfd = -1;
static int segment = -1;

/* In the memory of the target, who is asked for it. */
static int canary = 1;

static int act_canary(long unused)
{
	return canary;
}

static int act_block(long sig)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	return sigprocmask(SIG_BLOCK, &set, NULL) ? errno : 0;
}

/* Has the signal been sent? Takes it. */
static int act_pending(long sig)
{
	const struct timespec now = {};
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	return sigtimedwait(&set, NULL, &now) == sig;
}

static int listen_on(enum address i)
{
	socklen_t len = sizeof(struct sockaddr_un);
	int fd;

	switch (sockets[i].domain) {
	case AF_INET:
		sockets[i].in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		len = sizeof(sockets[i].in);
		break;
	case AF_INET6:
		sockets[i].in6.sin6_addr = in6addr_loopback;
		len = sizeof(sockets[i].in6);
		break;
	case AF_UNIX:
		strcpy(sockets[i].un.sun_path, sockets[i].text);
		len = offsetof(struct sockaddr_un, sun_path) +
		      strlen(sockets[i].text);
		if (sockets[i].text[0] == '@')
			sockets[i].un.sun_path[0] = 0;
		else
			unlink(sockets[i].text);
	}
	sockets[i].any.sa_family = sockets[i].domain;
	sockets[i].len = len;
	fd = socket(sockets[i].domain, sockets[i].type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || bind(fd, &sockets[i].any, len))
		return errno;
	/* Where did the kernel put it? */
	if (sockets[i].domain != AF_UNIX && getsockname(fd, &sockets[i].any, &len))
		return errno;
	if (sockets[i].type == SOCK_STREAM && listen(fd, 8))
		return errno;
	sockets[i].fd = fd;
	return 0;
}

static uint16_t port_of(enum address i)
{
	switch (sockets[i].domain) {
	case AF_INET:
		return ntohs(sockets[i].in.sin_port);
	case AF_INET6:
		return ntohs(sockets[i].in6.sin6_port);
	}
	return 0;
}

/* io_uring without a library */

struct ring {
	int fd;
	unsigned int *sq_tail, *sq_mask, *sq_array, *sq_flags;
	unsigned int *cq_head, *cq_tail, *cq_mask;
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqes;
};

static struct ring ring;

static int ring_setup(unsigned int flags)
{
	struct io_uring_params p = { .flags = flags, .sq_thread_idle = 1000 };
	char *sq, *cq;

	ring.fd = syscall(SYS_io_uring_setup, 4, &p);
	if (ring.fd < 0)
		return errno;
	sq = mmap(NULL, p.sq_off.array + p.sq_entries * sizeof(unsigned int),
		  PROT_READ | PROT_WRITE, MAP_SHARED, ring.fd, IORING_OFF_SQ_RING);
	cq = mmap(NULL, p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe),
		  PROT_READ | PROT_WRITE, MAP_SHARED, ring.fd, IORING_OFF_CQ_RING);
	ring.sqes = mmap(NULL, p.sq_entries * sizeof(struct io_uring_sqe),
			 PROT_READ | PROT_WRITE, MAP_SHARED, ring.fd,
			 IORING_OFF_SQES);
	if (sq == MAP_FAILED || cq == MAP_FAILED || ring.sqes == MAP_FAILED)
		return errno;
	ring.sq_tail = (void *)(sq + p.sq_off.tail);
	ring.sq_mask = (void *)(sq + p.sq_off.ring_mask);
	ring.sq_array = (void *)(sq + p.sq_off.array);
	ring.sq_flags = (void *)(sq + p.sq_off.flags);
	ring.cq_head = (void *)(cq + p.cq_off.head);
	ring.cq_tail = (void *)(cq + p.cq_off.tail);
	ring.cq_mask = (void *)(cq + p.cq_off.ring_mask);
	ring.cqes = (void *)(cq + p.cq_off.cqes);
	return 0;
}

/* Do one operation, wait for it, and return its result. */
static int ring_do(const struct io_uring_sqe *sqe)
{
	unsigned int tail = *ring.sq_tail, head = *ring.cq_head;
	unsigned int flags = IORING_ENTER_GETEVENTS;
	int res;

	ring.sqes[tail & *ring.sq_mask] = *sqe;
	ring.sq_array[tail & *ring.sq_mask] = tail & *ring.sq_mask;
	__atomic_store_n(ring.sq_tail, tail + 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(ring.sq_flags, __ATOMIC_SEQ_CST) & IORING_SQ_NEED_WAKEUP)
		flags |= IORING_ENTER_SQ_WAKEUP;
	if (syscall(SYS_io_uring_enter, ring.fd, 1, 1, flags, NULL, 0) < 0)
		return -errno;
	while (__atomic_load_n(ring.cq_tail, __ATOMIC_ACQUIRE) == head)
		syscall(SYS_io_uring_enter, ring.fd, 0, 1, IORING_ENTER_GETEVENTS,
			NULL, 0);
	res = ring.cqes[head & *ring.cq_mask].res;
	__atomic_store_n(ring.cq_head, head + 1, __ATOMIC_RELEASE);
	return res;
}

static int prepare_ring(long unused)
{
	return ring_setup(0);
}

/* A ring whose worker exists already, outside of any sandbox so far. */
static int prepare_worker(long unused)
{
	const struct io_uring_sqe nop = {
		.opcode = IORING_OP_NOP,
		.flags = IOSQE_ASYNC,
	};

	return ring_setup(0) ?: -ring_do(&nop);
}

/* A ring that a thread of the kernel empties. */
static int prepare_poller(long unused)
{
	return ring_setup(IORING_SETUP_SQPOLL);
}

/* Acts of task_alloc */

static int no_child(int err)
{
	return waitpid(-1, NULL, WNOHANG | __WALL) == -1 && errno == ECHILD ? err : EBUSY;
}

static int child_of(pid_t pid)
{
	int status;

	if (pid < 0)
		return no_child(errno);
	if (!pid)
		_exit(0);
	return waitpid(pid, &status, __WALL) == pid ? WEXITSTATUS(status) : errno;
}

static int do_fork(long unused)
{
	return child_of(syscall(SYS_fork));
}

static int do_vfork(long unused)
{
	pid_t pid = vfork();

	/* In two steps: a vforked child may not return from here. */
	if (!pid)
		_exit(0);
	return child_of(pid);
}

static int do_clone(long flags)
{
	return child_of(syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, NULL));
}

static int do_clone3(long flags)
{
	struct clone_args args = { .flags = flags, .exit_signal = SIGCHLD };

	return child_of(syscall(SYS_clone3, &args, sizeof(args)));
}

/* Acts of bprm_check_security: they return when they fail */

static int do_exec(long path)
{
	char *argv[] = { (char *)path, NULL }, *envp[] = { NULL };

	execve(argv[0], argv, envp);
	return errno;
}

static int do_execveat(long path)
{
	char *argv[] = { (char *)path, NULL }, *envp[] = { NULL };
	int fd = open(argv[0], O_PATH | O_CLOEXEC);

	syscall(SYS_execveat, fd, "", argv, envp, AT_EMPTY_PATH);
	return errno;
}

/* Acts of file_open */

static int opened(int fd)
{
	return fd < 0 ? errno : close(fd);
}

static int do_open(long flags)
{
	return opened(syscall(SYS_open, FORBIDDEN, flags, 0));
}

static int do_openat2(long flags)
{
	struct open_how how = { .flags = flags, .resolve = RESOLVE_NO_SYMLINKS };

	return opened(syscall(SYS_openat2, AT_FDCWD, FORBIDDEN, &how, sizeof(how)));
}

static int do_open_link(long unused)
{
	int err = symlink(FORBIDDEN, DIR "/link") ? errno : 0;

	err = err ?: opened(open(DIR "/link", O_RDONLY));
	unlink(DIR "/link");
	return err;
}

static int do_open_by_handle(long unused)
{
	char room[sizeof(struct file_handle) + MAX_HANDLE_SZ]
		__attribute__((aligned(8))) = "";
	struct file_handle *handle = (void *)room;
	int mount, fd = open(DIR, O_RDONLY | O_DIRECTORY);

	handle->handle_bytes = MAX_HANDLE_SZ;
	if (fd < 0 || name_to_handle_at(AT_FDCWD, FORBIDDEN, handle, &mount, 0))
		return errno;
	return opened(open_by_handle_at(fd, handle, O_RDONLY));
}

static int do_open_ring(long sqe_flags)
{
	const struct io_uring_sqe sqe = {
		.opcode = IORING_OP_OPENAT,
		.flags = sqe_flags,
		.fd = AT_FDCWD,
		.addr = (uintptr_t)FORBIDDEN,
		.open_flags = O_RDONLY,
	};
	int res = ring_do(&sqe);

	if (res < 0)
		return -res;
	return close(res);
}

static bool is_truncated(void)
{
	bool truncated = !file_intact(FORBIDDEN);

	write_file(FORBIDDEN, CONTENT);
	return truncated;
}

/* Acts of ptrace_access_check */

static int do_attach(long unused)
{
	if (ptrace(PTRACE_ATTACH, target.pid, NULL, NULL))
		return errno;
	if (waitpid(target.pid, NULL, __WALL) != target.pid)
		return errno;
	return ptrace(PTRACE_DETACH, target.pid, NULL, NULL) ? errno : 0;
}

static int do_seize(long unused)
{
	/* Detaches as it exits. */
	return ptrace(PTRACE_SEIZE, target.pid, NULL, NULL) ? errno : 0;
}

static int do_vm_readv(long unused)
{
	int value = 0;
	struct iovec local = { &value, sizeof(value) };
	struct iovec remote = { &canary, sizeof(canary) };

	if (process_vm_readv(target.pid, &local, 1, &remote, 1, 0) < 0)
		return errno;
	return value ? 0 : EBADMSG;
}

static int do_vm_writev(long value)
{
	struct iovec local = { &value, sizeof(canary) };
	struct iovec remote = { &canary, sizeof(canary) };

	return process_vm_writev(target.pid, &local, 1, &remote, 1, 0) < 0 ? errno : 0;
}

static bool is_overwritten(void)
{
	int value = actor_call(&target, act_canary, 0);

	/* As it was. */
	if (value != canary)
		do_vm_writev(canary);
	return value != canary;
}

static int do_proc(long name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", target.pid, (const char *)name);
	return opened(open(path, O_RDONLY));
}

/*
 * On newer kernels, who may profile the whole system may read what concerns memory,
 * whatever a security module says.
 */
static int prepare_unprofiling(long unused)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data))
		return errno;
	data[CAP_SYS_ADMIN / 32].effective &= ~(1U << CAP_SYS_ADMIN % 32);
	data[CAP_PERFMON / 32].effective &= ~(1U << CAP_PERFMON % 32);
	if (syscall(SYS_capset, &header, data))
		return errno;
	/* To enter all the same. */
	return act_no_new_privs(0);
}

static int do_getfd(long unused)
{
	return opened(syscall(SYS_pidfd_getfd, target_pidfd, control, 0));
}

static int do_traceme(long unused)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) ? errno : 0;
}

/* Acts of task_kill */

static int do_kill(long sig)
{
	return kill(target.pid, sig) ? errno : 0;
}

static int do_kill_group(long sig)
{
	return kill(-target.pid, sig) ? errno : 0;
}

static int do_tgkill(long sig)
{
	return syscall(SYS_tgkill, target.pid, target.pid, sig) ? errno : 0;
}

static int do_tkill(long sig)
{
	return syscall(SYS_tkill, target.pid, sig) ? errno : 0;
}

static int do_sigqueue(long sig)
{
	return sigqueue(target.pid, sig, (union sigval){}) ? errno : 0;
}

static int do_pidfd_signal(long sig)
{
	return syscall(SYS_pidfd_send_signal, target_pidfd, sig, NULL, 0) ? errno : 0;
}

static int do_kill_self(long sig)
{
	return kill(getpid(), sig) ? errno : 0;
}

static bool is_signalled(void)
{
	return actor_call(&target, act_pending, SIGUSR1);
}

/* Acts of socket_connect */

static int do_connect(long i)
{
	int fd = socket(sockets[i].domain, sockets[i].type | SOCK_CLOEXEC, 0);
	int err = 0;

	if (fd < 0 || connect(fd, &sockets[i].any, sockets[i].len))
		err = errno;
	close(fd);
	return err;
}

static int do_connect_ring(long i)
{
	int fd = socket(sockets[i].domain, sockets[i].type | SOCK_CLOEXEC, 0);
	const struct io_uring_sqe sqe = {
		.opcode = IORING_OP_CONNECT,
		.fd = fd,
		.addr = (uintptr_t)&sockets[i].any,
		.off = sockets[i].len,
	};
	int res = ring_do(&sqe);

	close(fd);
	return -res;
}

static bool is_connected(void)
{
	bool connected = false;
	int i, fd;

	for (i = 0; i < ADDRESSES; i++) {
		if (sockets[i].type != SOCK_STREAM)
			continue;
		fd = accept(sockets[i].fd, NULL, NULL);
		if (fd >= 0) {
			connected = true;
			close(fd);
		}
	}
	return connected;
}

/* Acts of mmap_file and file_mprotect */

static int mapped(const void *memory)
{
	return memory == MAP_FAILED ? errno : 0;
}

static int do_mmap(long prot)
{
	return mapped(mmap(NULL, 4096, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

static char *page;

static int prepare_page(long prot)
{
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		    -1, 0);
	if (page == MAP_FAILED)
		return errno;
	page[0] = 'p';
	return mprotect(page, 4096, PROT_READ) ? errno : 0;
}

/* A denied mapping leaves what it was to replace. */
static int do_mmap_over(long prot)
{
	int err = mapped(mmap(page, 4096, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
			      -1, 0));

	return err && page[0] != 'p' ? EBADMSG : err;
}

static int mapping_fd;

static int prepare_program(long unused)
{
	mapping_fd = open(PROGRAM, O_RDONLY | O_CLOEXEC);
	return mapping_fd < 0 ? errno : 0;
}

static int do_mmap_program(long prot)
{
	return mapped(mmap(NULL, 4096, prot, MAP_PRIVATE, mapping_fd, 0));
}

static int do_shmat(long flags)
{
	return shmat(segment, NULL, flags) == (void *)-1 ? errno : 0;
}

/* The kernel writes to the page if it may. */
static bool page_writable(void)
{
	return syscall(SYS_getrandom, page, 1, 0) == 1;
}

static int do_mprotect(long prot)
{
	int err = mprotect(page, 4096, prot) ? errno : 0;

	return err && page_writable() ? EBADMSG : err;
}

static int do_pkey_mprotect(long prot)
{
	int err = syscall(SYS_pkey_mprotect, page, 4096, prot, -1) ? errno : 0;

	return err && page_writable() ? EBADMSG : err;
}

/* The table */

/* Which object the rule is about; anything else stays allowed. */
enum key {
	KEY_ANY,
	KEY_FORBIDDEN,
	KEY_PROGRAM,
	KEY_SCRIPT,
	KEY_TARGET,
	KEY_PARENT,
	/* The child itself; the rule is about any. */
	KEY_SELF,
};

FIXTURE(op) {
	struct sbpf_event want;
	/* Which bits of the event's number are compared. */
	uint64_t number_mask;
	uint64_t key;
};

FIXTURE_VARIANT(op) {
	enum sbpf_op op;
	/* Run in the child before it enters, then after it. */
	act_fn prepare;
	long prepare_arg;
	act_fn act;
	long arg;
	enum key key;
	/* The rule's bits; the event's number is @number, or if 0 these. */
	uint32_t bits;
	uint64_t number;
	/* What the kernel makes of the policy's errno, if not the same. */
	int error;
	/* How often the policy is asked, if not once. */
	int asked;
	/* The operation is done by another thread of the child. */
	bool by_thread;
	/* Did the act have an effect? Undoes it. */
	bool (*effect)(void);
};

#define VARIANT(name, ...) \
	FIXTURE_VARIANT_ADD(op, name) { __VA_ARGS__ }

#define ON_ALLOC(name, ...) \
	VARIANT(task_alloc_##name, .op = SBPF_OP_TASK_ALLOC, __VA_ARGS__)
ON_ALLOC(fork, .act = do_fork);
ON_ALLOC(vfork, .act = do_vfork, .number = CLONE_VFORK | CLONE_VM);
ON_ALLOC(clone, .act = do_clone, .arg = CLONE_FS, .number = CLONE_FS);
ON_ALLOC(clone3, .act = do_clone3, .arg = CLONE_FILES, .number = CLONE_FILES);
ON_ALLOC(thread, .act = act_thread, .bits = CLONE_THREAD,
	 .number = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
		CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID |
		CLONE_CHILD_CLEARTID);

#define ON_EXEC(name, ...) \
	VARIANT(bprm_check_security_##name, .op = SBPF_OP_BPRM_CHECK_SECURITY, \
		__VA_ARGS__)
ON_EXEC(execve, .act = do_exec, .arg = PATH(PROGRAM), .key = KEY_PROGRAM);
ON_EXEC(execveat, .act = do_execveat, .arg = PATH(PROGRAM), .key = KEY_PROGRAM);
ON_EXEC(script, .act = do_exec, .arg = PATH(SCRIPT), .key = KEY_SCRIPT);
ON_EXEC(interpreter, .act = do_exec, .arg = PATH(SCRIPT), .key = KEY_PROGRAM, .asked = 2);

#define ON_OPEN(name, ...) \
	VARIANT(file_open_##name, .op = SBPF_OP_FILE_OPEN, .key = KEY_FORBIDDEN, \
		__VA_ARGS__)
ON_OPEN(open, .act = do_open, .arg = O_RDONLY);
ON_OPEN(for_writing, .act = do_open, .arg = O_WRONLY, .bits = O_WRONLY);
ON_OPEN(truncating, .act = do_open, .arg = O_WRONLY | O_TRUNC, .effect = is_truncated);
ON_OPEN(creat, .act = do_open, .arg = O_WRONLY | O_CREAT | O_TRUNC, .effect = is_truncated);
ON_OPEN(openat2, .act = do_openat2, .arg = O_RDWR);
ON_OPEN(symlink, .act = do_open_link);
ON_OPEN(handle, .act = do_open_by_handle, .asked = 2);
ON_OPEN(io_uring, .prepare = prepare_ring, .act = do_open_ring);
ON_OPEN(io_uring_worker, .prepare = prepare_worker, .act = do_open_ring,
	.arg = IOSQE_ASYNC, .by_thread = true);
ON_OPEN(io_uring_poller, .prepare = prepare_poller, .act = do_open_ring,
	.by_thread = true);

#define ON_ACCESS(name, ...) \
	VARIANT(ptrace_access_check_##name, .op = SBPF_OP_PTRACE_ACCESS_CHECK, \
		.key = KEY_TARGET, __VA_ARGS__)
ON_ACCESS(attach, .act = do_attach, .bits = MODE_ATTACH);
ON_ACCESS(seize, .act = do_seize, .bits = MODE_ATTACH);
ON_ACCESS(process_vm_readv, .act = do_vm_readv, .bits = MODE_ATTACH, .error = EPERM);
ON_ACCESS(process_vm_writev, .act = do_vm_writev, .arg = 2, .bits = MODE_ATTACH,
	  .error = EPERM, .effect = is_overwritten);
ON_ACCESS(mem, .act = do_proc, .arg = PATH("mem"), .bits = MODE_ATTACH, .error = EACCES);
ON_ACCESS(environ, .prepare = prepare_unprofiling, .act = do_proc,
	  .arg = PATH("environ"), .bits = MODE_READ, .error = EACCES);
ON_ACCESS(pidfd_getfd, .act = do_getfd, .bits = MODE_ATTACH, .error = EPERM);

VARIANT(ptrace_traceme, .op = SBPF_OP_PTRACE_TRACEME, .act = do_traceme,
	.key = KEY_PARENT);

#define ON_KILL(name, ...) \
	VARIANT(task_kill_##name, .op = SBPF_OP_TASK_KILL, .key = KEY_TARGET, __VA_ARGS__)
#define USR1 .arg = SIGUSR1, .number = SIGUSR1, .effect = is_signalled
ON_KILL(kill, .act = do_kill, USR1);
ON_KILL(probing, .act = do_kill, .arg = 0);
ON_KILL(group, .act = do_kill_group, USR1);
ON_KILL(tgkill, .act = do_tgkill, USR1);
ON_KILL(tkill, .act = do_tkill, USR1);
ON_KILL(sigqueue, .act = do_sigqueue, USR1);
ON_KILL(pidfd, .act = do_pidfd_signal, USR1);
VARIANT(task_kill_self, .op = SBPF_OP_TASK_KILL, .act = do_kill_self, .arg = SIGURG,
	.number = SIGURG, .key = KEY_SELF);

#define ON_CONNECT(name, address, ...) \
	VARIANT(socket_connect_##name, .op = SBPF_OP_SOCKET_CONNECT, .arg = address, \
		__VA_ARGS__)
ON_CONNECT(tcp, TCP4, .act = do_connect, .number = AF_INET, .effect = is_connected);
ON_CONNECT(tcp6, TCP6, .act = do_connect, .number = AF_INET6, .effect = is_connected);
ON_CONNECT(udp, UDP4, .act = do_connect, .number = AF_INET);
ON_CONNECT(udp6, UDP6, .act = do_connect, .number = AF_INET6);
ON_CONNECT(unix, UNIX, .act = do_connect, .number = AF_UNIX, .effect = is_connected);
ON_CONNECT(unix_abstract, UNIX_ABSTRACT, .act = do_connect, .number = AF_UNIX,
	   .effect = is_connected);
ON_CONNECT(unix_datagram, UNIX_DATAGRAM, .act = do_connect, .number = AF_UNIX);
ON_CONNECT(io_uring, TCP4, .prepare = prepare_ring, .act = do_connect_ring,
	   .number = AF_INET, .effect = is_connected);

#define RWX (PROT_READ | PROT_WRITE | PROT_EXEC)
#define ON_MMAP(name, ...) \
	VARIANT(mmap_file_##name, .op = SBPF_OP_MMAP_FILE, __VA_ARGS__)
ON_MMAP(anonymous, .act = do_mmap, .arg = RWX, .bits = RWX);
ON_MMAP(over, .prepare = prepare_page, .act = do_mmap_over, .arg = RWX, .bits = RWX);
ON_MMAP(program, .prepare = prepare_program, .act = do_mmap_program,
	.arg = PROT_READ | PROT_EXEC, .bits = PROT_READ | PROT_EXEC, .key = KEY_PROGRAM);
ON_MMAP(shmat, .act = do_shmat, .arg = SHM_EXEC, .bits = RWX);

#define ON_MPROTECT(name, ...) \
	VARIANT(file_mprotect_##name, .op = SBPF_OP_FILE_MPROTECT, \
		.prepare = prepare_page, .arg = RWX, .bits = RWX, __VA_ARGS__)
ON_MPROTECT(mprotect, .act = do_mprotect);
ON_MPROTECT(pkey_mprotect, .act = do_pkey_mprotect);

static void want_file(struct sbpf_event *want, const char *path)
{
	strcpy(want->text, path);
	want->ino = file_ino(path);
	want->dev = file_dev(path);
}

FIXTURE_SETUP(op)
{
	struct sbpf_event *want = &self->want;
	int i;

	for (i = 0; i < ADDRESSES; i++)
		ASSERT_EQ(0, listen_on(i));
	segment = shmget(IPC_PRIVATE, 4096, 0600);
	ASSERT_LE(0, segment);
	ASSERT_EQ(0, actor_start_group(&target));
	ASSERT_EQ(0, actor_call(&target, act_block, SIGUSR1));
	target_pidfd = syscall(SYS_pidfd_open, target.pid, 0);
	ASSERT_LE(0, target_pidfd);

	want->type = SBPF_EVENT_DENIED;
	want->op = variant->op;
	want->error = -VERDICT;
	want->layer = 1;
	want->policy_generation = 1;
	strcpy(want->policy, "probe");
	strcpy(want->comm, ACTOR_COMM);
	want->number = variant->number ?: variant->bits;
	self->number_mask = ~0ULL;

	switch (variant->key) {
	case KEY_ANY:
		break;
	case KEY_FORBIDDEN:
		want_file(want, FORBIDDEN);
		self->key = want->ino;
		/* The flags that it is opened with. */
		self->number_mask = 0;
		break;
	case KEY_PROGRAM:
		want_file(want, PROGRAM);
		self->key = want->ino;
		break;
	case KEY_SCRIPT:
		want_file(want, SCRIPT);
		self->key = want->ino;
		break;
	case KEY_TARGET:
		want->target_pid = target.pid;
		self->key = target.pid;
		strcpy(want->target_comm, ACTOR_COMM);
		if (variant->op == SBPF_OP_PTRACE_ACCESS_CHECK)
			self->number_mask = MODE_READ | MODE_ATTACH;
		break;
	case KEY_PARENT:
		want->target_pid = getpid();
		self->key = getpid();
		prctl(PR_GET_NAME, want->target_comm);
		break;
	case KEY_SELF:
		strcpy(want->target_comm, ACTOR_COMM);
		break;
	}
	if (variant->op == SBPF_OP_SOCKET_CONNECT) {
		strcpy(want->text, sockets[variant->arg].text);
		want->port = port_of(variant->arg);
	}
	if (variant->op == SBPF_OP_FILE_MPROTECT)
		want->len = 4096;
	policy_reset(&probe);
	policy_reset(&bare);
}

FIXTURE_TEARDOWN(op)
{
	actor_stop(&target);
	shmctl(segment, IPC_RMID, NULL);
}

/* Acts as the variant says. Returns the child's process id, its result in @err. */
static pid_t act(const struct _fixture_variant_op *variant, int sandbox, int *err)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		prctl(PR_SET_NAME, ACTOR_COMM);
		*err = variant->prepare ? variant->prepare(variant->prepare_arg) : 0;
		if (!*err && sandbox >= 0)
			*err = sandbox_enter(sandbox);
		_exit(*err ?: variant->act(variant->arg));
	}
	*err = pid == waitpid(pid, &status, 0) && WIFEXITED(status) ?
		WEXITSTATUS(status) : KILLED;
	return pid;
}

static bool unavailable(int err)
{
	return err == ENOSYS || err == EOPNOTSUPP;
}

TEST_F(op, denied)
{
	struct sbpf_event *want = &self->want;
	const struct probe_record *record;
	const struct sbpf_event *seen;
	struct sbpf_stat stat;
	int err, op, sandbox;
	pid_t pid;

	/* It works outside of sandboxes and is nobody's business. */
	events_reset();
	act(variant, -1, &err);
	if (unavailable(err))
		SKIP(return, "the kernel cannot do it: %s", strerror(err));
	ASSERT_EQ(0, err);
	if (variant->effect)
		EXPECT_TRUE(await(variant->effect()));
	EXPECT_EQ(0, events_total());

	policy_rule(&probe, 1, variant->op, VERDICT, variant->bits, self->key);
	sandbox = sandbox_create("probe", "", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, sandbox);
	pid = act(variant, sandbox, &err);
	EXPECT_EQ(variant->error ?: VERDICT, err);
	if (variant->effect)
		EXPECT_FALSE(variant->effect());

	/* Exactly one event, which tells all. */
	EXPECT_EQ(1, events_total());
	ASSERT_EQ(1, events_count(SBPF_EVENT_DENIED));
	seen = event(SBPF_EVENT_DENIED, 0);
	EXPECT_EQ(want->op, seen->op);
	EXPECT_EQ(want->error, seen->error);
	EXPECT_EQ(0, seen->flags);
	EXPECT_EQ(sandbox_id(sandbox), seen->sandbox);
	EXPECT_EQ(want->layer, seen->layer);
	EXPECT_STREQ(want->policy, seen->policy);
	EXPECT_EQ(want->policy_generation, seen->policy_generation);
	EXPECT_EQ(pid, seen->tgid);
	if (variant->by_thread) {
		EXPECT_NE(pid, seen->pid);
	} else {
		EXPECT_EQ(pid, seen->pid);
		EXPECT_STREQ(want->comm, seen->comm);
	}
	if (variant->key == KEY_SELF)
		want->target_pid = pid;
	EXPECT_EQ(want->target_pid, seen->target_pid);
	EXPECT_STREQ(want->target_comm, seen->target_comm);
	EXPECT_EQ(want->number & self->number_mask, seen->number & self->number_mask);
	EXPECT_EQ(want->len, seen->len);
	EXPECT_EQ(want->len != 0, seen->addr != 0);
	EXPECT_EQ(want->port, seen->port);
	/* A segment's file has no path or inode that anybody knows. */
	if (variant->act != do_shmat) {
		EXPECT_STREQ(want->text, seen->text);
		EXPECT_EQ(want->ino, seen->ino);
		EXPECT_EQ(want->dev, seen->dev);
	}

	/* The policy was given what the event tells. */
	record = (void *)&probe.skel->bss->records[1][variant->op];
	EXPECT_EQ(variant->asked ?: 1, record->calls);
	EXPECT_EQ(1, record->hits);
	EXPECT_EQ(seen->sandbox, record->sandbox);
	EXPECT_EQ(seen->pid, record->pid);
	if (variant->op != SBPF_OP_BPRM_CHECK_SECURITY)
		EXPECT_EQ(seen->number, record->number);
	if (self->key)
		EXPECT_EQ(self->key, record->key);
	switch (variant->op) {
	case SBPF_OP_SOCKET_CONNECT:
		EXPECT_EQ(sockets[variant->arg].len, record->key);
		EXPECT_EQ(0, memcmp(&record->extra, &sockets[variant->arg].any, 8));
		break;
	case SBPF_OP_MMAP_FILE:
		/* What was asked for; x86 applies the same. */
		EXPECT_EQ(seen->number, record->extra);
		break;
	case SBPF_OP_FILE_MPROTECT:
		EXPECT_EQ(seen->number, record->key);
		EXPECT_EQ(seen->addr, record->extra);
		break;
	default:
		break;
	}

	/* The sandbox counted right, and nothing else was denied. */
	ASSERT_EQ(0, sandbox_stat(sandbox, &stat));
	EXPECT_EQ(SBPF_OP_MAX, stat.ops_count);
	for (op = 0; op < SBPF_OP_MAX; op++) {
		record = (void *)&probe.skel->bss->records[1][op];
		EXPECT_EQ(record->calls, stat.asked[op]);
		EXPECT_EQ(op == (int)variant->op, stat.denied[op]);
	}
	EXPECT_EQ(SBPF_STATE_LIVE, stat.state);
	EXPECT_EQ(0, stat.usage[SBPF_RESOURCE_PIDS]);
}

TEST_F(op, allowed)
{
	struct sbpf_stat stat;
	int err, i, sandbox;
	uint64_t asked = 0;

	events_reset();
	/* By a verdict. */
	sandbox = sandbox_create("probe", "", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, sandbox);
	act(variant, sandbox, &err);
	if (unavailable(err))
		SKIP(return, "the kernel cannot do it: %s", strerror(err));
	EXPECT_EQ(0, err);
	if (variant->effect)
		EXPECT_TRUE(await(variant->effect()));
	ASSERT_EQ(0, sandbox_stat(sandbox, &stat));
	EXPECT_EQ(0, sandbox_sum_denied(sandbox));
	EXPECT_LE(variant->asked ?: 1, stat.asked[variant->op]);

	/* By a policy without the operation. */
	sandbox = sandbox_create("bare", "", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, sandbox);
	act(variant, sandbox, &err);
	EXPECT_EQ(0, err);
	if (variant->effect)
		EXPECT_TRUE(await(variant->effect()));
	ASSERT_EQ(0, sandbox_stat(sandbox, &stat));
	for (i = 0; i < SBPF_OP_MAX; i++)
		asked += stat.asked[i];
	EXPECT_EQ(0, asked);
	EXPECT_EQ(0, sandbox_sum_denied(sandbox));

	EXPECT_EQ(0, events_total());
}

/* Operations that look alike and are not asked about */

FIXTURE(unasked) {
	int sandbox;
};

FIXTURE_SETUP(unasked)
{
	policy_reset(&probe);
	self->sandbox = sandbox_create("probe", "", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, self->sandbox);
	events_reset();
}

FIXTURE_TEARDOWN(unasked)
{
}

static int do_open_path(long unused)
{
	return opened(open(FORBIDDEN, O_PATH));
}

TEST_F(unasked, open_of_a_path_only)
{
	policy_forbid(&probe, 1, VERDICT);
	EXPECT_EQ(0, run(self->sandbox, do_open_path, 0));
	EXPECT_EQ(0, probe.skel->bss->records[1][SBPF_OP_FILE_OPEN].calls);
	EXPECT_EQ(0, events_total());
}

/* A descriptor opened before is not opened again by reading it. */
static int do_read_opened(long fd)
{
	char c;
	ssize_t got = pread(fd, &c, 1, 0);

	return got < 0 ? errno : got == 1 ? 0 : EIO;
}

TEST_F(unasked, read_of_an_open_file)
{
	int fd = open(FORBIDDEN, O_RDONLY);

	policy_forbid(&probe, 1, VERDICT);
	EXPECT_EQ(0, run(self->sandbox, do_read_opened, fd));
	EXPECT_EQ(0, events_total());
}

/* Who is traced gives power to its parent, so the parent's sandbox has a say */

FIXTURE(tracer) {
	struct actor parent;
	int outer;
	int inner;
};

FIXTURE_SETUP(tracer)
{
	policy_reset(&probe);
	self->outer = sandbox_create("probe", "outer", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, self->outer);
	ASSERT_EQ(0, actor_start(&self->parent));
}

FIXTURE_TEARDOWN(tracer)
{
	actor_stop(&self->parent);
}

static struct actor tracee;

static int act_start_tracee(long unused)
{
	return actor_start(&tracee);
}

static int act_trace_tracee(long unused)
{
	return actor_call(&tracee, do_traceme, 0);
}

TEST_F(tracer, sandbox_of_the_parent_is_asked)
{
	/* The child was born before its parent entered, and stays outside. */
	ASSERT_EQ(0, actor_call(&self->parent, act_start_tracee, 0));
	ASSERT_EQ(0, actor_call(&self->parent, act_enter, self->outer));
	policy_rule(&probe, 1, SBPF_OP_PTRACE_TRACEME, VERDICT, 0, 0);
	events_reset();
	EXPECT_EQ(VERDICT, actor_call(&self->parent, act_trace_tracee, 0));
	EXPECT_EQ(1, events_total());
	EXPECT_EQ(SBPF_OP_PTRACE_TRACEME, event(SBPF_EVENT_DENIED, 0)->op);
	EXPECT_EQ(sandbox_id(self->outer), event(SBPF_EVENT_DENIED, 0)->sandbox);
	EXPECT_EQ(self->parent.pid, event(SBPF_EVENT_DENIED, 0)->target_pid);
	EXPECT_EQ(1, probe.skel->bss->records[1][SBPF_OP_PTRACE_TRACEME].calls);

	policy_rule(&probe, 1, SBPF_OP_PTRACE_TRACEME, 0, 0, 0);
	EXPECT_EQ(0, actor_call(&self->parent, act_trace_tracee, 0));
}

TEST_F(tracer, common_sandbox_is_asked_once)
{
	ASSERT_EQ(0, actor_call(&self->parent, act_enter, self->outer));
	ASSERT_EQ(0, actor_call(&self->parent, act_start_tracee, 0));
	events_reset();
	EXPECT_EQ(0, actor_call(&self->parent, act_trace_tracee, 0));
	EXPECT_EQ(1, probe.skel->bss->records[1][SBPF_OP_PTRACE_TRACEME].calls);
	EXPECT_EQ(0, events_total());
}

int main(int argc, char **argv)
{
	if (setup() || setup_policy(&probe, "probe", OPS_ALL, SBPF_POLICY_OPEN) ||
	    setup_policy(&bare, "bare", 0, SBPF_POLICY_OPEN))
		return KSFT_FAIL;
	return test_harness_run(argc, argv);
}
