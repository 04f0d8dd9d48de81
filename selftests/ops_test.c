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
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <linux/openat2.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/fanotify.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/xattr.h>

#include <bpf/libbpf.h>

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
static int segment = -1, queue = -1, semaphore = -1;

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
	/* To enter all the same. */
	return capabilities_set(1ULL << CAP_PERFMON | 1ULL << CAP_SYS_ADMIN, false) ?:
	       act_no_new_privs(0);
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

static char *heap;

static int prepare_heap(long unused)
{
	heap = sbrk(0);
	return personality(READ_IMPLIES_EXEC) < 0 ? errno : 0;
}

/* The library's own brk(2) would only look at whether it has enough. */
static int do_brk(long size)
{
	return syscall(SYS_brk, heap + size) == (long)(heap + size) ? 0 : ENOMEM;
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

/* Acts of the other operations on processes */

static int done(long result)
{
	return result < 0 ? errno : 0;
}

static int do_setpriority(long nice)
{
	return done(setpriority(PRIO_PROCESS, target.pid, nice));
}

static int do_nice(long nice)
{
	return done(syscall(SYS_setpriority, PRIO_PROCESS, 0, nice));
}

/* "Best effort", as it is. */
#define IOPRIO		(2 << 13 | 4)

static int do_ioprio_set(long ioprio)
{
	return done(syscall(SYS_ioprio_set, 1, target.pid, ioprio));
}

static int do_setscheduler(long policy)
{
	const struct sched_param param = {};

	return done(sched_setscheduler(target.pid, policy, &param));
}

static int do_setaffinity(long unused)
{
	cpu_set_t set;

	return done(sched_getaffinity(0, sizeof(set), &set)) ?:
	       done(sched_setaffinity(target.pid, sizeof(set), &set));
}

static int do_getsid(long unused)
{
	return done(getsid(target.pid));
}

static int do_getpgid(long unused)
{
	return done(getpgid(target.pid));
}

static int do_getscheduler(long unused)
{
	return done(sched_getscheduler(target.pid));
}

static int do_getaffinity(long unused)
{
	cpu_set_t set;

	return done(sched_getaffinity(target.pid, sizeof(set), &set));
}

static int do_ioprio_get(long unused)
{
	return done(syscall(SYS_ioprio_get, 1, target.pid));
}

static int do_prlimit(long resource)
{
	struct rlimit limit;

	return done(prlimit(target.pid, resource, NULL, &limit)) ?:
	       done(prlimit(target.pid, resource, &limit, NULL));
}

static int do_setrlimit(long resource)
{
	struct rlimit limit;

	return done(getrlimit(resource, &limit)) ?: done(setrlimit(resource, &limit));
}

static int do_move_pages(long unused)
{
	void *pages[] = { &canary };
	int status;

	return done(syscall(SYS_move_pages, target.pid, 1, pages, NULL, &status, 0));
}

static int do_setuid(long uid)
{
	return done(syscall(SYS_setuid, uid));
}

static int do_setreuid(long uid)
{
	return done(syscall(SYS_setreuid, -1, uid));
}

static int do_setresuid(long uid)
{
	return done(syscall(SYS_setresuid, -1, uid, -1));
}

/* Returns no error. */
static int do_setfsuid(long uid)
{
	syscall(SYS_setfsuid, uid);
	return syscall(SYS_setfsuid, -1) == uid ? 0 : ECANCELED;
}

static int do_setgid(long gid)
{
	return done(syscall(SYS_setgid, gid));
}

static int do_setresgid(long gid)
{
	return done(syscall(SYS_setresgid, -1, gid, -1));
}

static int do_prctl(long option)
{
	return done(prctl(option, ACTOR_COMM, 0, 0, 0));
}

static int do_sethostname(long unused)
{
	char name[65];

	return done(gethostname(name, sizeof(name))) ?:
	       done(sethostname(name, strlen(name)));
}

static int do_mmap_low(long unused)
{
	void *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	return page == MAP_FAILED ? errno : done(munmap(page, 4096));
}

static int do_chown_free(long uid)
{
	/* Takes CAP_CHOWN: changes nothing but is asked. */
	return done(chown(FREE, uid, 0)) ?: done(chown(FREE, 0, 0));
}

static int do_unshare(long flags)
{
	return done(unshare(flags));
}

/* Acts on open files */

/* A file without capabilities, locks and readers, and two names of it. */
#define VICTIM		DIR "/victim"
#define NEW		DIR "/new"
#define EMPTY		DIR "/empty"	/* a directory */

static int file_fd = -1;

static int prepare_file(long path)
{
	file_fd = open((const char *)path, O_RDWR | O_CLOEXEC);
	return done(file_fd);
}

static int pair[2];

/* A message with a descriptor is waiting. */
static int prepare_message(long path)
{
	char room[CMSG_SPACE(sizeof(int))] = "", byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = room,
		.msg_controllen = sizeof(room),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&msg);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	return prepare_file(path) ?:
	       done(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair)) ?:
	       (memcpy(CMSG_DATA(header), &file_fd, sizeof(file_fd)),
		done(sendmsg(pair[0], &msg, 0)));
}

static int do_recvmsg(long unused)
{
	char room[CMSG_SPACE(sizeof(int))] = "", byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = room,
		.msg_controllen = sizeof(room),
	};

	if (recvmsg(pair[1], &msg, 0) != 1)
		return errno;
	return msg.msg_flags & MSG_CTRUNC || !msg.msg_controllen ? ECANCELED : 0;
}

static int do_ioctl(long cmd)
{
	return done(ioctl(file_fd, cmd, NULL));
}

static void on_fault(int sig)
{
	_exit(ENOSYS);
}

/* By the system call of 32-bit programs, if the kernel has it. */
static int do_ioctl_compat(long cmd)
{
	int result;

	signal(SIGSEGV, on_fault);
	asm volatile("int $0x80" : "=a"(result) :
		     "a"(54), "b"(file_fd), "c"(cmd), "d"(0) : "memory",
		     "r8", "r9", "r10", "r11");
	return -result;
}

static int do_flock(long how)
{
	return done(flock(file_fd, how));
}

static int do_setlk(long cmd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1 };

	return done(fcntl(file_fd, cmd, &lock));
}

static int do_setown(long unused)
{
	return done(fcntl(file_fd, F_SETOWN, getpid()));
}

static int do_dupfd(long unused)
{
	return opened(fcntl(file_fd, F_DUPFD, 100));
}

static int do_ftruncate(long unused)
{
	return done(ftruncate(file_fd, 0));
}

static int do_truncate(long path)
{
	return done(truncate((const char *)path, 0));
}

/* Acts on names of files */

static int do_mknod(long mode)
{
	return done(mknod(NEW, mode, 0));
}

static int do_creat(long mode)
{
	return opened(open(NEW, O_RDWR | O_CREAT | O_CLOEXEC, mode));
}

static int do_bind_path(long unused)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = NEW };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return fd < 0 ? errno : done(bind(fd, (void *)&address, sizeof(address)));
}

static int do_mkdir(long mode)
{
	return done(mkdir(NEW, mode));
}

static int do_symlink(long unused)
{
	return done(symlink("elsewhere", NEW));
}

static int do_link(long unused)
{
	return done(link(VICTIM, NEW));
}

static int do_rename(long unused)
{
	return done(rename(VICTIM, NEW));
}

static int do_renameat2(long flags)
{
	return done(renameat2(AT_FDCWD, VICTIM, AT_FDCWD, NEW, flags));
}

static int do_unlink(long unused)
{
	return done(unlink(VICTIM));
}

static int do_unlinkat(long flags)
{
	return done(unlinkat(AT_FDCWD, flags & AT_REMOVEDIR ? EMPTY : VICTIM, flags));
}

static int do_rmdir(long unused)
{
	return done(rmdir(EMPTY));
}

/* The same by io_uring. */
static int do_path_ring(long opcode)
{
	struct io_uring_sqe sqe = { .opcode = opcode, .fd = AT_FDCWD };

	switch (opcode) {
	case IORING_OP_MKDIRAT:
		sqe.addr = (uintptr_t)NEW;
		sqe.len = 0700;
		break;
	case IORING_OP_SYMLINKAT:
		sqe.addr = (uintptr_t)"elsewhere";
		sqe.addr2 = (uintptr_t)NEW;
		break;
	case IORING_OP_LINKAT:
	case IORING_OP_RENAMEAT:
		sqe.addr = (uintptr_t)VICTIM;
		sqe.addr2 = (uintptr_t)NEW;
		sqe.len = AT_FDCWD;
		break;
	default:
		sqe.addr = (uintptr_t)VICTIM;
	}
	return -ring_do(&sqe);
}

/* Flags, which no iattr is about; since 6.17. */
static int do_file_setattr(long unused)
{
	struct {
		uint64_t xflags;
		uint32_t extsize, nextents, projid, cowextsize;
	} attr = { .xflags = 0x80 /* FS_XFLAG_NODUMP */ };

	return done(syscall(469 /* file_setattr */, AT_FDCWD, VICTIM, &attr, sizeof(attr), 0));
}

static int prepare_ring_null(long unused)
{
	file_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	return done(file_fd) ?: prepare_ring(0);
}

/* /dev/null takes any command. */
static int do_command_ring(long unused)
{
	const struct io_uring_sqe sqe = {
		.opcode = IORING_OP_URING_CMD,
		.fd = file_fd,
		.cmd_op = 7,
	};

	return -ring_do(&sqe);
}

static int do_inotify(long mask)
{
	return done(inotify_add_watch(inotify_init1(IN_CLOEXEC), VICTIM, mask));
}

static int prepare_fanotify(long unused)
{
	file_fd = fanotify_init(FAN_CLASS_NOTIF | FAN_CLOEXEC, O_RDONLY);
	return done(file_fd);
}

static int do_fanotify(long mask)
{
	return done(fanotify_mark(file_fd, FAN_MARK_ADD, mask, AT_FDCWD, VICTIM));
}

static bool is_new(void)
{
	bool new = !access(NEW, F_OK) || !faccessat(AT_FDCWD, NEW, F_OK, AT_SYMLINK_NOFOLLOW);

	remove(NEW);
	return new;
}

static bool is_renamed(void)
{
	return !rename(NEW, VICTIM);
}

static bool is_unlinked(void)
{
	bool gone = access(VICTIM, F_OK);

	if (gone)
		write_file(VICTIM, CONTENT);
	return gone;
}

static bool is_removed(void)
{
	return !mkdir(EMPTY, 0755);
}

static int do_chmod(long mode)
{
	return done(chmod(VICTIM, mode));
}

static int do_fchmod(long mode)
{
	return done(fchmod(file_fd, mode));
}

static int do_chown(long uid)
{
	return done(chown(VICTIM, uid, uid));
}

static int do_fchown(long uid)
{
	return done(fchown(file_fd, uid, uid));
}

static int do_lchown(long uid)
{
	return done(lchown(VICTIM, uid, uid));
}

static int do_chroot(long unused)
{
	return done(chroot(EMPTY));
}

/* Acts on what is known of files */

static int do_utimens(long unused)
{
	return done(utimensat(AT_FDCWD, VICTIM, NULL, 0));
}

static int do_futimens(long unused)
{
	return done(futimens(file_fd, NULL));
}

#define XATTR		"trusted.sbpf"
#define ACL		"system.posix_acl_access"

/* Version 2; owner, group and others may read. */
static const struct {
	uint32_t version;
	struct {
		uint16_t tag, perm;
		uint32_t id;
	} entries[5];
} acl = {
	2, {
		{ 0x01, 4, -1 }, { 0x02, 4, USER_A }, { 0x04, 4, -1 }, { 0x10, 4, -1 },
		{ 0x20, 4, -1 },
	},
};

static int do_setxattr(long flags)
{
	return done(setxattr(VICTIM, XATTR, "value", 5, flags));
}

static int do_fsetxattr(long flags)
{
	return done(fsetxattr(file_fd, XATTR, "value", 5, flags));
}

static int do_removexattr(long name)
{
	return done(removexattr(VICTIM, (const char *)name));
}

static int do_setacl(long unused)
{
	return done(setxattr(VICTIM, ACL, &acl, sizeof(acl), 0));
}

/* Acts on mounts */

static int do_mount(long flags)
{
	return done(mount("sbpf-test", EMPTY, "tmpfs", flags, NULL));
}

static int do_mount_bind(long flags)
{
	return done(mount(FREE, VICTIM, NULL, flags, NULL));
}

static bool is_mounted(void)
{
	bool empty = !umount(EMPTY);

	return !umount(VICTIM) || empty;
}

static int prepare_mount(long unused)
{
	return done(mount(EMPTY, EMPTY, NULL, MS_BIND, NULL));
}

static int do_umount(long flags)
{
	return done(umount2(EMPTY, flags));
}

static bool is_unmounted(void)
{
	return umount(EMPTY);
}

static int prepare_root(long unused)
{
	return done(unshare(CLONE_NEWNS)) ?: prepare_mount(0) ?: done(chdir(EMPTY));
}

static int do_pivot_root(long unused)
{
	return done(syscall(SYS_pivot_root, ".", "."));
}

/* A mount that is nowhere. */
static int prepare_detached(long unused)
{
	file_fd = syscall(SYS_open_tree, AT_FDCWD, EMPTY, 1 | O_CLOEXEC);
	return done(file_fd);
}

static int do_move_mount(long unused)
{
	return done(syscall(SYS_move_mount, file_fd, "", AT_FDCWD, EMPTY, 4));
}

/* Acts of communication */

static int do_shmctl(long unused)
{
	struct shmid_ds ds;

	return done(shmctl(segment, IPC_STAT, &ds));
}

#define QUEUES "/dev/mqueue/"

static int do_shmget(long unused)
{
	int id = shmget(IPC_PRIVATE, 4096, 0600);

	return done(id) ?: done(shmctl(id, IPC_RMID, NULL));
}

static int do_msgget(long unused)
{
	int id = msgget(IPC_PRIVATE, 0600);

	return done(id) ?: done(msgctl(id, IPC_RMID, NULL));
}

static int do_semget(long unused)
{
	int id = semget(IPC_PRIVATE, 1, 0600);

	return done(id) ?: done(semctl(id, 0, IPC_RMID));
}

static int do_shm_info(long unused)
{
	struct shm_info info;

	return done(shmctl(0, SHM_INFO, (void *)&info));
}

static int do_shm_lock(long unused)
{
	return done(shmctl(segment, SHM_LOCK, NULL));
}

static int do_shm_remove(long unused)
{
	return done(shmctl(segment, IPC_RMID, NULL));
}

static bool is_shm_removed(void)
{
	bool removed = shmctl(segment, IPC_STAT, &(struct shmid_ds){});

	if (removed)
		segment = shmget(IPC_PRIVATE, 4096, 0600);
	return removed;
}

static int do_queue_set(long unused)
{
	struct msqid_ds ds = { .msg_perm.mode = 0640, .msg_qbytes = 64 };

	return done(msgctl(queue, IPC_SET, &ds));
}

/* Did its size change? */
static bool is_queue_set(void)
{
	struct msqid_ds ds, old = { .msg_perm.mode = 0600, .msg_qbytes = 128 };

	return !msgctl(queue, IPC_STAT, &ds) && ds.msg_qbytes == 64 &&
	       !msgctl(queue, IPC_SET, &old);
}

static int do_semaphore_remove(long unused)
{
	return done(semctl(semaphore, 0, IPC_RMID));
}

static bool is_semaphore_removed(void)
{
	bool removed = semctl(semaphore, 0, GETVAL) < 0;

	if (removed)
		semaphore = semget(IPC_PRIVATE, 1, 0600);
	return removed;
}

static int do_mq_open(long unused)
{
	return opened(mq_open("/sbpf-new", O_RDWR | O_CREAT | O_CLOEXEC, 0600, NULL));
}

static bool is_mq_new(void)
{
	return !mq_unlink("/sbpf-new");
}

static int make_mq(void)
{
	return opened(mq_open("/sbpf-old", O_RDWR | O_CREAT | O_CLOEXEC, 0600, NULL));
}

static int do_mq_unlink(long unused)
{
	return done(mq_unlink("/sbpf-old"));
}

static bool is_mq_unlinked(void)
{
	bool gone = access(QUEUES "sbpf-old", F_OK);

	if (gone)
		make_mq();
	return gone;
}

static int do_socket(long type)
{
	return opened(socket(AF_INET, type, 0));
}

static int do_socketpair(long type)
{
	return done(socketpair(AF_UNIX, type, 0, pair));
}

static int socket_fd;

static int prepare_socket(long i)
{
	socket_fd = socket(sockets[i].domain, sockets[i].type | SOCK_CLOEXEC, 0);
	return done(socket_fd);
}

static int do_source_route(long unused)
{
	const unsigned char loose[] = { 131, 7, 4, 127, 0, 0, 2, 0 };

	return done(setsockopt(socket_fd, SOL_IP, IP_OPTIONS, loose, sizeof(loose)));
}

static int do_bind(long domain)
{
	struct sockaddr_in in = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "\0sbpf-bind" };

	if (domain == AF_INET)
		return done(bind(socket_fd, (void *)&in, sizeof(in)));
	return done(bind(socket_fd, (void *)&un,
			 offsetof(struct sockaddr_un, sun_path) + 10));
}

static int prepare_bound(long unused)
{
	return prepare_socket(TCP4) ?: do_bind(AF_INET);
}

static int do_listen(long backlog)
{
	return done(listen(socket_fd, backlog));
}

static int do_sendto(long i)
{
	return done(sendto(socket_fd, "data", 4, 0, &sockets[i].any, sockets[i].len));
}

static int do_sendmmsg(long i)
{
	struct iovec iov = { "data", 4 };
	struct mmsghdr msgs[] = { {
		.msg_hdr = {
			.msg_name = &sockets[i].any,
			.msg_namelen = sockets[i].len,
			.msg_iov = &iov,
			.msg_iovlen = 1,
		},
	} };

	return done(sendmmsg(socket_fd, msgs, 1, 0));
}

/* Connects without connect. */
static int do_fastopen(long i)
{
	return done(sendto(socket_fd, "data", 4, MSG_FASTOPEN, &sockets[i].any,
			   sockets[i].len));
}

static int prepare_connected(long i)
{
	return prepare_socket(i) ?: done(connect(socket_fd, &sockets[i].any, sockets[i].len));
}

static int do_write(long unused)
{
	return done(write(socket_fd, "data", 4));
}

static int prepare_ring_connected(long i)
{
	return prepare_ring(0) ?: prepare_connected(i);
}

static int do_send_ring(long unused)
{
	const struct io_uring_sqe sqe = {
		.opcode = IORING_OP_SEND,
		.fd = socket_fd,
		.addr = (uintptr_t)"data",
		.len = 4,
	};
	int res = ring_do(&sqe);

	return res < 0 ? -res : 0;
}

/* Acts on keys */

#define KEY_RING	(-2)	/* of the process */

static int prepare_keyring(long unused)
{
	return done(syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_RING, 1));
}

static int do_add_key(long description)
{
	return done(syscall(SYS_add_key, "user", description, "x", 1, KEY_RING));
}

static long key;

static int prepare_key(long description)
{
	if (prepare_keyring(0))
		return errno;
	key = syscall(SYS_add_key, "user", description, "x", 1, KEY_RING);
	return done(key);
}

static int do_describe_key(long unused)
{
	char c;

	return done(syscall(SYS_keyctl, KEYCTL_DESCRIBE, key, &c, 1, 0));
}

/* Acts on the kernel */

static int do_bpf(long cmd)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY,
		.key_size = 4,
		.value_size = 4,
		.max_entries = 1,
	};

	return opened(syscall(SYS_bpf, cmd, &attr, sizeof(attr)));
}

static int do_prog_load(long type)
{
	struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = {
		.prog_type = type,
		.insns = (uintptr_t)insns,
		.insn_cnt = 2,
		.license = (uintptr_t)"GPL",
		.prog_name = "sbpf_test",
	};

	return opened(syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr)));
}

static int do_perf(long unused)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.exclude_kernel = 1,
		.exclude_hv = 1,
	};

	return opened(syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0));
}

/* What is loaded is no module: the kernel has looked at it. */
static int no_module(long result)
{
	return result < 0 && errno == ENOEXEC ? 0 : errno;
}

static int prepare_module(long path)
{
	file_fd = open((const char *)path, O_RDONLY | O_CLOEXEC);
	return done(file_fd);
}

static int do_finit_module(long unused)
{
	return no_module(syscall(SYS_finit_module, file_fd, "", 0));
}

static int do_init_module(long unused)
{
	static char image[4096];

	return no_module(syscall(SYS_init_module, image, sizeof(image), ""));
}

static int do_userfaultfd(long flags)
{
	return opened(syscall(SYS_userfaultfd, flags));
}

static int do_ring_setup(long unused)
{
	struct io_uring_params p = {};

	return opened(syscall(SYS_io_uring_setup, 4, &p));
}

static int do_syslog(long action)
{
	return done(klogctl(action, NULL, 0));
}

static int do_kmsg(long unused)
{
	return opened(open("/dev/kmsg", O_RDONLY | O_CLOEXEC));
}

static int do_settime(long unused)
{
	struct timespec now;

	return done(clock_gettime(CLOCK_REALTIME, &now)) ?:
	       done(clock_settime(CLOCK_REALTIME, &now));
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
	/* The event's number may be any; it is the policy's all the same. */
	bool any_number;
	/* More of the event: a file (or in a directory that the rule is about), a text. */
	const char *path;
	bool directory;
	const char *text;
	uint64_t addr;
	/* Of the System V object that the event tells instead of @addr. */
	const int *id;
	uint64_t len;
	/* 1 + the socket that the event tells the address of. */
	int to;
	/* The rule's key, if it is no object's. */
	uint64_t rule_key;
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
ON_MMAP(heap, .prepare = prepare_heap, .act = do_brk, .arg = 16 * 4096, .bits = RWX,
	.len = 16 * 4096, .error = ENOMEM);
ON_MMAP(shmat, .act = do_shmat, .arg = SHM_EXEC, .bits = RWX);

#define ON_MPROTECT(name, ...) \
	VARIANT(file_mprotect_##name, .op = SBPF_OP_FILE_MPROTECT, \
		.prepare = prepare_page, .arg = RWX, .bits = RWX, __VA_ARGS__)
ON_MPROTECT(mprotect, .act = do_mprotect);
ON_MPROTECT(pkey_mprotect, .act = do_pkey_mprotect);

/* Operations with a task, a file or a number for an object. */
#define ON(op_, OP_, name, ...) \
	VARIANT(op_##_##name, .op = SBPF_OP_##OP_, __VA_ARGS__)
#define ON_TASK(op_, OP_, name, ...) \
	ON(op_, OP_, name, .key = KEY_TARGET, __VA_ARGS__)
#define N(value) .arg = value, .number = value

ON_TASK(task_setnice, TASK_SETNICE, other, .act = do_setpriority, N(5));
VARIANT(task_setnice_self, .op = SBPF_OP_TASK_SETNICE, .act = do_nice, N(5),
	.key = KEY_SELF);
ON_TASK(task_setioprio, TASK_SETIOPRIO, ioprio_set, .act = do_ioprio_set, N(IOPRIO));
ON_TASK(task_setscheduler, TASK_SETSCHEDULER, setscheduler, .act = do_setscheduler,
	.arg = SCHED_BATCH);
ON_TASK(task_setscheduler, TASK_SETSCHEDULER, setaffinity, .act = do_setaffinity);
ON_TASK(task_setrlimit, TASK_SETRLIMIT, prlimit, .act = do_prlimit, N(RLIMIT_CPU));
VARIANT(task_setrlimit_setrlimit, .op = SBPF_OP_TASK_SETRLIMIT, .act = do_setrlimit,
	N(RLIMIT_NOFILE), .key = KEY_SELF);
ON_ACCESS(getsid, .act = do_getsid, .bits = MODE_READ);
ON_ACCESS(getpgid, .act = do_getpgid, .bits = MODE_READ);
ON_ACCESS(getscheduler, .act = do_getscheduler, .bits = MODE_READ);
ON_ACCESS(getaffinity, .act = do_getaffinity, .bits = MODE_READ);
ON_ACCESS(ioprio_get, .act = do_ioprio_get, .bits = MODE_READ);
ON_ACCESS(move_pages, .act = do_move_pages, .bits = MODE_READ, .error = EPERM);
ON(task_fix_setuid, TASK_FIX_SETUID, setuid, .act = do_setuid, N(USER_A));
ON(task_fix_setuid, TASK_FIX_SETUID, setreuid, .act = do_setreuid, N(USER_A));
ON(task_fix_setuid, TASK_FIX_SETUID, setresuid, .act = do_setresuid, N(USER_A));
ON(task_fix_setuid, TASK_FIX_SETUID, setfsuid, .act = do_setfsuid, N(USER_A),
   .error = ECANCELED);
ON(task_fix_setgid, TASK_FIX_SETGID, setgid, .act = do_setgid, N(USER_A));
ON(task_fix_setgid, TASK_FIX_SETGID, setresgid, .act = do_setresgid, N(USER_A));
ON(task_prctl, TASK_PRCTL, set_name, .act = do_prctl, N(PR_SET_NAME));
ON(capable, CAPABLE, sethostname, .act = do_sethostname, .number = CAP_SYS_ADMIN,
   .rule_key = CAP_SYS_ADMIN, .error = EPERM);
ON(capable, CAPABLE, chown, .act = do_chown_free, .arg = USER_A, .number = CAP_CHOWN,
   .error = EPERM);
ON(capable, CAPABLE, mmap_low, .act = do_mmap_low, .number = CAP_SYS_RAWIO, .error = EPERM);
ON(userns_create, USERNS_CREATE, unshare, .act = do_unshare, .arg = CLONE_NEWUSER);
ON(userns_create, USERNS_CREATE, clone, .act = do_clone, .arg = CLONE_NEWUSER);

#define ON_FILE(op_, OP_, name, path_, ...) \
	ON(op_, OP_, name, .prepare = prepare_file, .prepare_arg = PATH(path_), \
	   .path = path_, __VA_ARGS__)
ON(file_receive, FILE_RECEIVE, scm_rights, .prepare = prepare_message,
   .prepare_arg = PATH(FREE), .act = do_recvmsg, .path = FREE, .error = ECANCELED);
ON(file_receive, FILE_RECEIVE, pidfd_getfd, .act = do_getfd, .path = "/dev/sbpf");
ON_FILE(file_ioctl, FILE_IOCTL, ioctl, FREE, .act = do_ioctl, N(FIOCLEX));
ON_FILE(file_ioctl, FILE_IOCTL, compat, FREE, .act = do_ioctl_compat, N(FIOCLEX));
ON(file_ioctl, FILE_IOCTL, io_uring, .prepare = prepare_ring_null, .act = do_command_ring,
   .path = "/dev/null", .number = 7);
ON_FILE(file_lock, FILE_LOCK, flock, FREE, .act = do_flock, .arg = LOCK_EX,
	.number = F_WRLCK);
ON_FILE(file_lock, FILE_LOCK, setlk, FREE, .act = do_setlk, .arg = F_SETLK,
	.number = F_WRLCK);
ON_FILE(file_lock, FILE_LOCK, ofd, FREE, .act = do_setlk, .arg = F_OFD_SETLK,
	.number = F_WRLCK);
ON_FILE(file_fcntl, FILE_FCNTL, setown, FREE, .act = do_setown, .number = F_SETOWN);
ON_FILE(file_fcntl, FILE_FCNTL, dupfd, FREE, .act = do_dupfd);
ON_FILE(path_truncate, PATH_TRUNCATE, ftruncate, FORBIDDEN, .act = do_ftruncate,
	.effect = is_truncated);
ON(path_truncate, PATH_TRUNCATE, open, .act = do_open, .arg = O_WRONLY | O_TRUNC,
   .path = FORBIDDEN, .effect = is_truncated);
ON(path_truncate, PATH_TRUNCATE, truncate, .act = do_truncate, .arg = PATH(FORBIDDEN),
   .path = FORBIDDEN, .effect = is_truncated);

#define ON_NEW(op_, OP_, name, ...) \
	ON(op_, OP_, name, .path = NEW, .directory = true, .effect = is_new, __VA_ARGS__)
/* Always done by a worker. */
#define RING(opcode) \
	.prepare = prepare_ring, .act = do_path_ring, .arg = opcode, .by_thread = true
ON_NEW(path_mknod, PATH_MKNOD, mknod, .act = do_mknod, N(S_IFIFO | 0600));
ON_NEW(path_mknod, PATH_MKNOD, open, .act = do_creat, .arg = 0600,
       .number = S_IFREG | 0600);
ON_NEW(path_mknod, PATH_MKNOD, bind, .act = do_bind_path, .number = S_IFSOCK | 0777);
ON_NEW(path_mkdir, PATH_MKDIR, mkdir, .act = do_mkdir, N(0700));
ON_NEW(path_mkdir, PATH_MKDIR, io_uring, RING(IORING_OP_MKDIRAT), .number = 0700);
ON_NEW(path_symlink, PATH_SYMLINK, symlink, .act = do_symlink);
ON_NEW(path_symlink, PATH_SYMLINK, io_uring, RING(IORING_OP_SYMLINKAT));
ON(path_link, PATH_LINK, link, .act = do_link, .path = VICTIM, .text = NEW,
   .effect = is_new);
ON(path_link, PATH_LINK, io_uring, RING(IORING_OP_LINKAT), .path = VICTIM, .text = NEW,
   .effect = is_new);

#define ON_VICTIM(op_, OP_, name, ...) \
	ON(op_, OP_, name, .path = VICTIM, __VA_ARGS__)
ON_VICTIM(path_rename, PATH_RENAME, rename, .act = do_rename, .effect = is_renamed);
ON_VICTIM(path_rename, PATH_RENAME, renameat2, .act = do_renameat2,
	  N(RENAME_NOREPLACE), .effect = is_renamed);
ON_VICTIM(path_rename, PATH_RENAME, io_uring, RING(IORING_OP_RENAMEAT),
	  .effect = is_renamed);
ON_VICTIM(path_unlink, PATH_UNLINK, unlink, .act = do_unlink, .effect = is_unlinked);
ON_VICTIM(path_unlink, PATH_UNLINK, unlinkat, .act = do_unlinkat, .effect = is_unlinked);
ON_VICTIM(path_unlink, PATH_UNLINK, io_uring, RING(IORING_OP_UNLINKAT),
	  .effect = is_unlinked);
ON(path_unlink, PATH_UNLINK, rmdir, .act = do_rmdir, .path = EMPTY, .effect = is_removed);
ON(path_unlink, PATH_UNLINK, unlinkat_dir, .act = do_unlinkat, .arg = AT_REMOVEDIR,
   .path = EMPTY, .effect = is_removed);
ON_VICTIM(path_chmod, PATH_CHMOD, chmod, .act = do_chmod, N(0600));
ON_FILE(path_chmod, PATH_CHMOD, fchmod, VICTIM, .act = do_fchmod, N(0600));
ON_VICTIM(path_chown, PATH_CHOWN, chown, .act = do_chown, N(USER_A));
ON_VICTIM(path_chown, PATH_CHOWN, lchown, .act = do_lchown, N(USER_A));
ON_FILE(path_chown, PATH_CHOWN, fchown, VICTIM, .act = do_fchown, N(USER_A));
/* The event has the path on the mount of the IPC namespace. */
ON(path_mknod, PATH_MKNOD, mq_open, .act = do_mq_open, .path = QUEUES "sbpf-new",
   .directory = true, .text = "/sbpf-new", .number = S_IFREG | 0600,
   .effect = is_mq_new);
ON(path_unlink, PATH_UNLINK, mq_unlink, .act = do_mq_unlink,
   .path = QUEUES "sbpf-old", .text = "/sbpf-old", .effect = is_mq_unlinked);
ON_VICTIM(path_notify, PATH_NOTIFY, inotify, .act = do_inotify, N(IN_OPEN));
ON_VICTIM(path_notify, PATH_NOTIFY, fanotify, .prepare = prepare_fanotify,
	  .act = do_fanotify, N(FAN_OPEN));
ON(path_chroot, PATH_CHROOT, chroot, .act = do_chroot, .path = EMPTY);

/* These are told by their path within the file system. */
#define ON_INODE(op_, OP_, name, ...) \
	ON(op_, OP_, name, .prepare = prepare_file, .prepare_arg = PATH(VICTIM), \
	   .path = VICTIM, .text = "/victim", __VA_ARGS__)
#define MODE_CHANGES	1	/* ATTR_MODE */
#define OWNER_CHANGES	2	/* ATTR_UID */
#define SIZE_CHANGES	8	/* ATTR_SIZE */
ON_INODE(inode_setattr, INODE_SETATTR, utimensat, .act = do_utimens, .any_number = true);
ON_INODE(inode_setattr, INODE_SETATTR, futimens, .act = do_futimens, .any_number = true);
ON_INODE(inode_setattr, INODE_SETATTR, chmod, .act = do_chmod, .arg = 0600,
	 .bits = MODE_CHANGES, .any_number = true);
ON_INODE(inode_setattr, INODE_SETATTR, chown, .act = do_chown, .arg = USER_A,
	 .bits = OWNER_CHANGES, .any_number = true);
ON_INODE(inode_setattr, INODE_SETATTR, truncate, .act = do_truncate,
	 .arg = PATH(VICTIM), .bits = SIZE_CHANGES, .any_number = true);
ON_INODE(inode_setattr, INODE_SETATTR, file_setattr, .act = do_file_setattr);
ON_INODE(inode_setxattr, INODE_SETXATTR, setxattr, .act = do_setxattr, .len = 5);
ON_INODE(inode_setxattr, INODE_SETXATTR, fsetxattr, .act = do_fsetxattr, .len = 5);
#define ON_PREPARED(op_, OP_, name, ...) \
	ON(op_, OP_, name, .path = VICTIM, .text = "/victim", __VA_ARGS__)
ON_PREPARED(inode_removexattr, INODE_REMOVEXATTR, removexattr, .prepare = do_setxattr,
	    .act = do_removexattr, .arg = PATH(XATTR));
ON_INODE(inode_setxattr, INODE_SETXATTR, acl, .act = do_setacl);
ON_PREPARED(inode_removexattr, INODE_REMOVEXATTR, acl, .prepare = do_setacl,
	    .act = do_removexattr, .arg = PATH(ACL));

#define ON_MOUNT(op_, OP_, name, ...) \
	ON(op_, OP_, name, .path = EMPTY, __VA_ARGS__)
ON_MOUNT(sb_mount, SB_MOUNT, new, .act = do_mount, N(MS_NOEXEC), .effect = is_mounted);
ON(sb_mount, SB_MOUNT, bind, .path = VICTIM, .act = do_mount_bind, N(MS_BIND),
   .effect = is_mounted);
ON_MOUNT(sb_umount, SB_UMOUNT, umount, .prepare = prepare_mount, .act = do_umount,
	 .effect = is_unmounted);
ON_MOUNT(sb_umount, SB_UMOUNT, detach, .prepare = prepare_mount, .act = do_umount,
	 N(MNT_DETACH), .effect = is_unmounted);
ON_MOUNT(sb_pivotroot, SB_PIVOTROOT, pivot_root, .prepare = prepare_root,
	 .act = do_pivot_root);
ON_MOUNT(move_mount, MOVE_MOUNT, detached, .prepare = prepare_detached,
	 .act = do_move_mount, .effect = is_mounted);

#define ON_IPC(name, ...) \
	ON(ipc_permission, IPC_PERMISSION, name, __VA_ARGS__)
ON_IPC(shmget, .act = do_shmget);
ON_IPC(msgget, .act = do_msgget);
ON_IPC(semget, .act = do_semget);
ON_IPC(shmat, .act = do_shmat, .number = 0666, .id = &segment, .error = EACCES);
ON_IPC(shmctl, .act = do_shmctl, .number = 0444, .id = &segment, .error = EACCES);
ON_IPC(shm_info, .act = do_shm_info, .number = 0444, .addr = ~0ULL);
ON_IPC(shm_lock, .act = do_shm_lock, .number = 0222, .id = &segment);
ON_IPC(shm_remove, .act = do_shm_remove, .number = 0222, .id = &segment,
       .effect = is_shm_removed);
ON_IPC(queue_set, .act = do_queue_set, .number = 0222, .id = &queue,
       .effect = is_queue_set);
ON_IPC(semaphore_remove, .act = do_semaphore_remove, .number = 0222, .id = &semaphore,
       .effect = is_semaphore_removed);
#define ON_SOCKET(op_, OP_, name, ...) \
	ON(op_, OP_, name, .prepare = prepare_socket, __VA_ARGS__)
#define TO(address) .prepare_arg = address, .arg = address, .to = address + 1
ON_SOCKET(unix_stream_connect, UNIX_STREAM_CONNECT, path, TO(UNIX), .act = do_connect,
	  .number = AF_UNIX, .effect = is_connected);
ON_SOCKET(unix_stream_connect, UNIX_STREAM_CONNECT, abstract, TO(UNIX_ABSTRACT),
	  .act = do_connect, .number = AF_UNIX, .effect = is_connected);
ON_SOCKET(unix_may_send, UNIX_MAY_SEND, connect, TO(UNIX_DATAGRAM), .act = do_connect,
	  .number = AF_UNIX);
ON_SOCKET(unix_may_send, UNIX_MAY_SEND, sendto, TO(UNIX_DATAGRAM), .act = do_sendto,
	  .number = AF_UNIX);
ON(socket_create, SOCKET_CREATE, socket, .act = do_socket, .arg = SOCK_DGRAM,
   .number = AF_INET, .addr = SOCK_DGRAM);
ON(socket_create, SOCKET_CREATE, socketpair, .act = do_socketpair, .arg = SOCK_STREAM,
   .number = AF_UNIX, .addr = SOCK_STREAM);
ON_SOCKET(socket_create, SOCKET_CREATE, source_route, .prepare_arg = UDP4,
	  .act = do_source_route, .number = AF_INET, .addr = SOCK_RAW, .len = IPPROTO_RAW);
ON_SOCKET(socket_bind, SOCKET_BIND, tcp, .prepare_arg = TCP4, .act = do_bind,
	  N(AF_INET), .text = "127.0.0.1");
ON_SOCKET(socket_bind, SOCKET_BIND, unix_abstract, .prepare_arg = UNIX, .act = do_bind,
	  N(AF_UNIX), .text = "@sbpf-bind");
ON(socket_listen, SOCKET_LISTEN, tcp, .prepare = prepare_bound, .act = do_listen, N(3));
#define ON_SEND(name, address, ...) \
	ON_SOCKET(socket_sendmsg, SOCKET_SENDMSG, name, TO(address), .len = 4, __VA_ARGS__)
ON_SEND(udp, UDP4, .act = do_sendto, .number = AF_INET);
ON_SEND(udp6, UDP6, .act = do_sendto, .number = AF_INET6);
ON_SEND(unix, UNIX_DATAGRAM, .act = do_sendto, .number = AF_UNIX);
ON_SEND(sendmmsg, UDP4, .act = do_sendmmsg, .number = AF_INET);
ON_SEND(fastopen, TCP4, .act = do_fastopen, .number = AF_INET, .effect = is_connected);
ON(socket_sendmsg, SOCKET_SENDMSG, write, .prepare = prepare_connected,
   .prepare_arg = UDP4, .act = do_write, .number = AF_INET, .len = 4);
ON(socket_sendmsg, SOCKET_SENDMSG, io_uring, .prepare = prepare_ring_connected,
   .prepare_arg = UDP4, .act = do_send_ring, .number = AF_INET, .len = 4);

ON(key_alloc, KEY_ALLOC, add_key, .prepare = prepare_keyring, .act = do_add_key,
   .arg = PATH("sbpf-test"), .text = "sbpf-test");
ON(key_permission, KEY_PERMISSION, describe, .prepare = prepare_key,
   .prepare_arg = PATH("sbpf-test"), .act = do_describe_key, .text = "sbpf-test",
   .bits = 1);

ON(bpf, BPF, map_create, .act = do_bpf, .arg = BPF_MAP_CREATE);
ON(bpf_prog_load, BPF_PROG_LOAD, socket, .act = do_prog_load, .text = "sbpf_test",
   N(BPF_PROG_TYPE_SOCKET_FILTER));
ON(bpf_prog_load, BPF_PROG_LOAD, kprobe, .act = do_prog_load, .text = "sbpf_test",
   N(BPF_PROG_TYPE_KPROBE));
ON(perf_event_open, PERF_EVENT_OPEN, own, .act = do_perf);
ON(kernel_read_file, KERNEL_READ_FILE, finit_module, .prepare = prepare_module,
   .prepare_arg = PATH(FREE), .act = do_finit_module, .path = FREE, .number = 2);
ON(kernel_read_file, KERNEL_READ_FILE, init_module, .act = do_init_module, .number = 2);
ON(inode_init_security_anon, INODE_INIT_SECURITY_ANON, io_uring, .act = do_ring_setup,
   .text = "[io_uring]");
ON(inode_init_security_anon, INODE_INIT_SECURITY_ANON, userfaultfd,
   .act = do_userfaultfd, .arg = O_CLOEXEC, .text = "[userfaultfd]");
ON(syslog, SYSLOG, syslog, .act = do_syslog, N(10));
ON(syslog, SYSLOG, kmsg, .act = do_kmsg, .number = 3);
ON(settime, SETTIME, clock_settime, .act = do_settime, .any_number = true);

static void want_file(struct sbpf_event *want, const char *path)
{
	strcpy(want->text, path);
	want->ino = file_ino(path);
	want->dev = file_dev(path);
}

FIXTURE_SETUP(op)
{
	struct sbpf_event *want = &self->want;
	int i, to;

	remove(NEW);
	ASSERT_EQ(0, write_file(VICTIM, CONTENT));
	ASSERT_EQ(0, mkdir(EMPTY, 0755) && errno != EEXIST ? errno : 0);
	for (i = 0; i < ADDRESSES; i++)
		ASSERT_EQ(0, listen_on(i));
	segment = shmget(IPC_PRIVATE, 4096, 0600);
	ASSERT_LE(0, segment);
	queue = msgget(IPC_PRIVATE, 0600);
	ASSERT_LE(0, queue);
	semaphore = semget(IPC_PRIVATE, 1, 0600);
	ASSERT_LE(0, semaphore);
	ASSERT_EQ(0, make_mq());
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
	if (variant->any_number)
		self->number_mask = 0;
	want->addr = variant->addr;
	want->len = variant->len;
	if (variant->op == SBPF_OP_FILE_MPROTECT) {
		want->addr = ~0ULL;
		want->len = 4096;
	}
	to = variant->op == SBPF_OP_SOCKET_CONNECT ? variant->arg : variant->to - 1;
	if (to >= 0) {
		strcpy(want->text, sockets[to].text);
		/* A unix socket has no port; one that sends tells the address given. */
		want->port = port_of(to);
	}
	policy_reset(&probe);
	policy_reset(&bare);
}

FIXTURE_TEARDOWN(op)
{
	umount(EMPTY);
	actor_stop(&target);
	shmctl(segment, IPC_RMID, NULL);
	msgctl(queue, IPC_RMID, NULL);
	semctl(semaphore, 0, IPC_RMID);
	mq_unlink("/sbpf-old");
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
	const char *directory;
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

	/* What was made again is another file. */
	if (variant->path) {
		want_file(want, variant->path);
		self->key = want->ino;
	}
	if (variant->directory) {
		directory = strndupa(variant->path, strrchr(variant->path, '/') - variant->path);
		self->key = file_ino(directory);
		want->dev = file_dev(directory);
	}
	if (variant->id)
		want->addr = *variant->id;
	if (variant->text)
		strcpy(want->text, variant->text);
	if (variant->rule_key)
		self->key = variant->rule_key;
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
	/* Where its memory is only the child knows. */
	if (variant->op == SBPF_OP_FILE_MPROTECT && seen->addr)
		want->addr = seen->addr;
	EXPECT_EQ(want->addr, seen->addr);
	EXPECT_EQ(want->port, seen->port);
	/* A segment's file has no path or inode that anybody knows. */
	if (variant->op != SBPF_OP_MMAP_FILE || variant->act != do_shmat) {
		EXPECT_STREQ(want->text, seen->text);
		EXPECT_EQ(want->ino, seen->ino);
		EXPECT_EQ(want->dev, seen->dev);
	}

	/* The policy was given what the event tells. */
	record = (void *)&probe.skel->bss->records[1][variant->op];
	/* The kernel looks for capabilities at many places, and searches keyrings. */
	if (variant->op != SBPF_OP_CAPABLE && variant->op != SBPF_OP_KEY_PERMISSION)
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
		/* What was asked for; x86 applies the same, but for the heap. */
		EXPECT_EQ(variant->act == do_brk ? PROT_READ | PROT_WRITE : seen->number,
			  record->extra);
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

/* An errno that would let the kernel go on */

FIXTURE(errno_of) {
	int sandbox;
};

FIXTURE_SETUP(errno_of)
{
	policy_reset(&probe);
	self->sandbox = sandbox_create("probe", "", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, self->sandbox);
	events_reset();
}

FIXTURE_TEARDOWN(errno_of)
{
}

TEST_F(errno_of, prctl_is_never_enosys)
{
	policy_rule(&probe, 1, SBPF_OP_TASK_PRCTL, ENOSYS, 0, 0);
	EXPECT_EQ(EPERM, run(self->sandbox, do_prctl, PR_SET_NAME));
	EXPECT_EQ(1, events_total());
	EXPECT_EQ(-ENOSYS, event(SBPF_EVENT_DENIED, 0)->error);
}

/* What is renamed may replace something, which the policy is told of. */
static int do_replace(long unused)
{
	return done(rename(VICTIM, FREE));
}

TEST_F(errno_of, rename_tells_what_is_replaced)
{
	const struct probe_record *record =
		(void *)&probe.skel->bss->records[1][SBPF_OP_PATH_RENAME];
	uint64_t name = 0;

	ASSERT_EQ(0, write_file(VICTIM, CONTENT));
	memcpy(&name, "free", 4);
	policy_rule(&probe, 1, SBPF_OP_PATH_RENAME, VERDICT, 0, 0);
	EXPECT_EQ(VERDICT, run(self->sandbox, do_replace, 0));
	EXPECT_EQ(file_ino(VICTIM), record->key);
	EXPECT_EQ(name + file_ino(DIR) + file_ino(FREE), record->extra);
	EXPECT_TRUE(file_intact(FREE));
}

/* Members of a sandbox whose policy is gone: nothing is allowed but to end */

FIXTURE(orphan) {
	struct policy policy;
	struct actor members[3];
	int sandbox;
};

static void *wait_for_ever(void *unused)
{
	pause();
	return NULL;
}

/* Have what has to be given up: a thread, a lock, sockets, memory that is shared. */
static int act_settle(long unused)
{
	static pthread_t thread;

	return prepare_file(PATH(VICTIM)) ?: do_flock(LOCK_SH) ?: prepare_connected(UDP4) ?:
	       do_socketpair(SOCK_STREAM) ?: do_shmat(0) ?:
	       mapped(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file_fd, 0)) ?:
	       pthread_create(&thread, NULL, wait_for_ever, NULL);
}

static int act_exit(long status)
{
	exit(status);
}

FIXTURE_SETUP(orphan)
{
	struct sbpf_stat stat;
	int i;

	remove(NEW);
	remove(VICTIM);
	ASSERT_EQ(0, write_file(VICTIM, CONTENT));
	ASSERT_EQ(0, listen_on(UDP4));
	segment = shmget(IPC_PRIVATE, 4096, 0600);
	ASSERT_LE(0, segment);
	/* Before there is a link, which they would keep. */
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, actor_start(&self->members[i]));
	ASSERT_EQ(0, policy_open(&self->policy, "gone", 0));
	ASSERT_EQ(0, policy_register(&self->policy));
	self->sandbox = sandbox_create("gone", "", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, self->sandbox);
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, actor_call(&self->members[i], act_enter_id,
					sandbox_id(self->sandbox)));
		ASSERT_EQ(0, actor_call(&self->members[i], act_settle, 0));
	}
	EXPECT_EQ(6, sandbox_pids(self->sandbox));
	bpf_link__destroy(self->policy.link);
	self->policy.link = NULL;
	ASSERT_EQ(0, sandbox_stat(self->sandbox, &stat));
	ASSERT_EQ(SBPF_STATE_ORPHAN, stat.state);
	events_reset();
}

FIXTURE_TEARDOWN(orphan)
{
	int i;

	for (i = 0; i < 3; i++)
		actor_stop(&self->members[i]);
	shmctl(segment, IPC_RMID, NULL);
}

TEST_F(orphan, may_exit_and_be_killed)
{
	int status;

	/* By itself, by a signal that it could have caught, and by one that it could not. */
	ASSERT_EQ(0, actor_tell(&self->members[0], act_exit, 7));
	ASSERT_EQ(self->members[0].pid, waitpid(self->members[0].pid, &status, 0));
	EXPECT_TRUE(WIFEXITED(status));
	EXPECT_EQ(7, WEXITSTATUS(status));
	ASSERT_EQ(0, kill(self->members[1].pid, SIGTERM));
	ASSERT_EQ(self->members[1].pid, waitpid(self->members[1].pid, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status));
	EXPECT_EQ(SIGTERM, WTERMSIG(status));
	ASSERT_EQ(0, kill(self->members[2].pid, SIGKILL));
	ASSERT_EQ(self->members[2].pid, waitpid(self->members[2].pid, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status));
	EXPECT_EQ(SIGKILL, WTERMSIG(status));
	memset(self->members, 0, sizeof(self->members));

	EXPECT_TRUE(sandbox_empty(self->sandbox, PATIENCE * 1000));
	EXPECT_EQ(0, sandbox_pids(self->sandbox));
	/* And nothing of it was asked about. */
	EXPECT_EQ(0, events_total());
}

TEST_F(orphan, may_do_nothing_else)
{
	static const struct {
		enum sbpf_op op;
		act_fn fn;
		long arg;
	} acts[] = {
		{ SBPF_OP_TASK_SETNICE, do_nice, 5 },
		{ SBPF_OP_TASK_SETRLIMIT, do_setrlimit, RLIMIT_NOFILE },
		{ SBPF_OP_TASK_FIX_SETUID, do_setuid, USER_A },
		{ SBPF_OP_TASK_FIX_SETGID, do_setgid, USER_A },
		{ SBPF_OP_TASK_PRCTL, do_prctl, PR_SET_NAME },
		{ SBPF_OP_CAPABLE, do_sethostname, 0 },
		{ SBPF_OP_USERNS_CREATE, do_clone, CLONE_NEWUSER },
		{ SBPF_OP_FILE_IOCTL, do_ioctl, FIOCLEX },
		{ SBPF_OP_FILE_LOCK, do_flock, LOCK_SH },
		{ SBPF_OP_FILE_FCNTL, do_setown, 0 },
		{ SBPF_OP_PATH_TRUNCATE, do_ftruncate, 0 },
		{ SBPF_OP_PATH_TRUNCATE, do_truncate, PATH(VICTIM) },
		{ SBPF_OP_PATH_MKNOD, do_mknod, S_IFIFO | 0600 },
		{ SBPF_OP_PATH_MKDIR, do_mkdir, 0700 },
		{ SBPF_OP_PATH_SYMLINK, do_symlink, 0 },
		{ SBPF_OP_PATH_LINK, do_link, 0 },
		{ SBPF_OP_PATH_RENAME, do_rename, 0 },
		{ SBPF_OP_PATH_UNLINK, do_unlink, 0 },
		{ SBPF_OP_PATH_CHMOD, do_chmod, 0600 },
		{ SBPF_OP_PATH_CHOWN, do_chown, USER_A },
		{ SBPF_OP_INODE_SETATTR, do_utimens, 0 },
		{ SBPF_OP_SOCKET_CREATE, do_socket, SOCK_DGRAM },
		{ SBPF_OP_SOCKET_SENDMSG, do_write, 0 },
		{ SBPF_OP_BPF, do_bpf, BPF_MAP_CREATE },
		{ SBPF_OP_PERF_EVENT_OPEN, do_perf, 0 },
		{ SBPF_OP_INODE_INIT_SECURITY_ANON, do_ring_setup, 0 },
		{ SBPF_OP_SYSLOG, do_syslog, 10 },
		{ SBPF_OP_SETTIME, do_settime, 0 },
	};
	const struct sbpf_event *seen;
	int err, i;

	for (i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		events_reset();
		err = actor_call(&self->members[0], acts[i].fn, acts[i].arg);
		EXPECT_LE(1, events_total());
		seen = event(SBPF_EVENT_DENIED, 0);
		/* The kernel may look for a capability first, and use an errno of its own. */
		if (seen->op == SBPF_OP_CAPABLE) {
			EXPECT_NE(0, err);
		} else {
			EXPECT_EQ(acts[i].op, seen->op);
			EXPECT_EQ(EPERM, err);
		}
		EXPECT_EQ(SBPF_EVENT_ORPHANED, seen->flags);
		EXPECT_EQ(-EPERM, seen->error);
	}
	EXPECT_TRUE(file_intact(VICTIM));
	EXPECT_EQ(0, actor_call(&self->members[0], act_nothing, 0));
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
	return run_tests(argc, argv);
}
