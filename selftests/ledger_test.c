// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf selftests - The ledger: writes into the memory of other processes
 *
 * The victim is a process forked from the test, so that the two have the same
 * addresses. Writes of BPF programs are write_test's.
 */
#define _GNU_SOURCE
#include <asm/prctl.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/elf.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <linux/prctl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "common.h"
#include "kselftest_harness.h"

#define LEDGER		"/dev/sbpf_ledger"
#define PAGE		4096
#define BYTES		"BBBBBBBB"
#define LEN		8

static const char * const modes[] = {
	[SBPF_WRITE_OFF] = "off",
	[SBPF_WRITE_LOG] = "log",
	[SBPF_WRITE_DENY] = "deny",
	[SBPF_WRITE_CONFINE] = "confine",
};

static const char * const channels[] = {
	[SBPF_CHANNEL_BPF] = "bpf",
	[SBPF_CHANNEL_PROCESS_VM] = "process_vm",
	[SBPF_CHANNEL_PTRACE] = "ptrace",
	[SBPF_CHANNEL_REGISTERS] = "registers",
	[SBPF_CHANNEL_PROC_MEM] = "proc_mem",
	[SBPF_CHANNEL_USERFAULTFD] = "userfaultfd",
	[SBPF_CHANNEL_OTHER] = "other",
	[SBPF_CHANNEL_LOAD] = "load",
};

/* Of what no BPF program writes. */
static const __u8 no_tag[8];

/* What is written to: a private page, "A" all over, of whoever has it mapped. */
static char *page;
/* Where a userfaultfd may fill in pages: two of them, none there. */
static char *missing;
/* Two pages that are shared with whoever is forked, each with a mapping of its own. */
static char *shared;
/* A private copy of part of a file. */
static char *mapped;

static const char *parameter(int channel)
{
	static char path[128];

	snprintf(path, sizeof(path), "/sys/module/sbpf/parameters/%s%s", channels[channel],
		 channel == SBPF_CHANNEL_LOAD ? "" : "_write");
	return path;
}

static int set_mode(int channel, int mode)
{
	return write_file(parameter(channel), modes[mode]);
}

static int set_all(int mode)
{
	int i, err = 0;

	for (i = 0; i < SBPF_CHANNEL_MAX && !err; i++)
		err = set_mode(i, mode);
	return err;
}

static struct sbpf_ledger_info ledger_info(void)
{
	struct sbpf_ledger_info info = { .size = sizeof(info) };

	if (sbpf_ioctl(control, SBPF_IOC_LEDGER, &info))
		memset(&info, 0, sizeof(info));
	return info;
}

/* A descriptor of the ledger from which what there is has been read. */
static int ledger_open(void)
{
	static struct sbpf_write_record records[64];
	int fd = open(LEDGER, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	while (read(fd, records, sizeof(records)) > 0)
		;
	return fd;
}

/* The next record; all zero for none. */
static struct sbpf_write_record ledger_next(int fd)
{
	struct sbpf_write_record record;

	if (read(fd, &record, sizeof(record)) != sizeof(record))
		memset(&record, 0, sizeof(record));
	return record;
}

/* The ways */

static int by_process_vm(pid_t pid, void *to)
{
	struct iovec from = { BYTES, LEN }, remote = { to, LEN };

	return process_vm_writev(pid, &from, 1, &remote, 1, 0) == LEN ? 0 : errno;
}

/* No signal is sent, which could come after we have gone. */
static int trace(pid_t pid)
{
	int status;

	if (ptrace(PTRACE_SEIZE, pid, 0, 0) || ptrace(PTRACE_INTERRUPT, pid, 0, 0))
		return errno;
	waitpid(pid, &status, __WALL);
	return 0;
}

static int poke(pid_t pid, int request, void *to)
{
	long word;
	int err = trace(pid);

	if (err)
		return err;
	memcpy(&word, BYTES, sizeof(word));
	err = ptrace(request, pid, to, word) ? errno : 0;
	ptrace(PTRACE_DETACH, pid, 0, 0);
	return err;
}

static int by_pokedata(pid_t pid, void *to)
{
	return poke(pid, PTRACE_POKEDATA, to);
}

static int by_poketext(pid_t pid, void *to)
{
	return poke(pid, PTRACE_POKETEXT, to);
}

/* Registers that whoever waits in read(2) has no use of: at offset @to. */
static int by_register(pid_t pid, void *to)
{
	void *number = (void *)offsetof(struct user_regs_struct, orig_rax);
	int err;

	/* On its way there it may set them itself. */
	while (!(err = trace(pid))) {
		long nr = ptrace(PTRACE_PEEKUSER, pid, number, 0);

		ptrace(PTRACE_DETACH, pid, 0, 0);
		if (nr == SYS_read)
			return poke(pid, PTRACE_POKEUSER, to);
	}
	return err;
}

static int mem_open(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	return open(path, O_RDWR | O_CLOEXEC);
}

static int by_proc_mem(pid_t pid, void *to)
{
	int fd = mem_open(pid);
	int err = pwrite(fd, BYTES, LEN, (off_t)to) == LEN ? 0 : errno;

	close(fd);
	return err;
}

static int by_seek(pid_t pid, void *to)
{
	int fd = mem_open(pid);
	int err = lseek(fd, (off_t)to, SEEK_SET) != (off_t)to ||
		  write(fd, BYTES, LEN) != LEN ? errno : 0;

	close(fd);
	return err;
}

/* One write by io_uring, in the task itself or by a worker. */
static int ring_write(int file, void *to, unsigned int flags)
{
	struct io_uring_params p = {};
	int fd = syscall(SYS_io_uring_setup, 1, &p);
	struct io_uring_sqe *sqe;
	struct io_uring_cqe *cqe;
	unsigned int *tail;
	char *sq, *cq;
	int err;

	if (fd < 0)
		return errno;
	sq = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, IORING_OFF_SQ_RING);
	cq = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, IORING_OFF_CQ_RING);
	sqe = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, IORING_OFF_SQES);
	if (sq == MAP_FAILED || cq == MAP_FAILED || sqe == MAP_FAILED)
		return errno;
	*sqe = (struct io_uring_sqe){
		.opcode = IORING_OP_WRITE,
		.flags = flags,
		.fd = file,
		.addr = (uintptr_t)BYTES,
		.len = LEN,
		.off = (uintptr_t)to,
	};
	tail = (unsigned int *)(sq + p.sq_off.tail);
	*(unsigned int *)(sq + p.sq_off.array) = 0;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_SEQ_CST);
	if (syscall(SYS_io_uring_enter, fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
		return errno;
	cqe = (struct io_uring_cqe *)(cq + p.cq_off.cqes);
	err = cqe->res == LEN ? 0 : cqe->res < 0 ? -cqe->res : EIO;
	munmap(sq, PAGE);
	munmap(cq, PAGE);
	munmap(sqe, PAGE);
	close(fd);
	return err;
}

static int by_io_uring(pid_t pid, void *to)
{
	int fd = mem_open(pid);
	int err = ring_write(fd, to, 0);

	close(fd);
	return err;
}

static int by_io_uring_worker(pid_t pid, void *to)
{
	int fd = mem_open(pid);
	int err = ring_write(fd, to, IOSQE_ASYNC);

	close(fd);
	return err;
}

/* Whose workers, who do all of it, have names and numbers of their own. */
static bool by_ring(int (*write)(pid_t pid, void *to))
{
	return write == by_io_uring || write == by_io_uring_worker;
}

/* The victim's own userfaultfd for its missing pages: fds are the same numbers. */
#define VICTIM_UFFD	200

static int uffd_make(char *from, int mode, long features)
{
	struct uffdio_api api = { .api = UFFD_API, .features = features };
	struct uffdio_register reg = {
		.range = { (uintptr_t)from, 2 * PAGE },
		.mode = mode,
	};
	/* Which anybody may have. */
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);

	if (fd < 0 || ioctl(fd, UFFDIO_API, &api) || ioctl(fd, UFFDIO_REGISTER, &reg))
		return errno;
	return dup2(fd, VICTIM_UFFD) < 0 ? errno : 0;
}

static int act_uffd(long features)
{
	return uffd_make(missing, UFFDIO_REGISTER_MODE_MISSING, features);
}

static int act_uffd_minor(long unused)
{
	return uffd_make(shared, UFFDIO_REGISTER_MODE_MINOR, UFFD_FEATURE_MINOR_SHMEM);
}

static int uffd_of(pid_t pid)
{
	int pidfd = syscall(SYS_pidfd_open, pid, 0), fd;

	if (pidfd < 0)
		return -1;
	fd = syscall(SYS_pidfd_getfd, pidfd, VICTIM_UFFD, 0);
	close(pidfd);
	return fd;
}

static int by_uffd_copy(pid_t pid, void *to)
{
	static char from[PAGE] __attribute((aligned(PAGE)));
	struct uffdio_copy copy = {
		.dst = (uintptr_t)to,
		.src = (uintptr_t)from,
		.len = PAGE,
	};
	int fd = uffd_of(pid);
	int err;

	memset(from, 'B', sizeof(from));
	err = ioctl(fd, UFFDIO_COPY, &copy) ? errno : 0;
	close(fd);
	return err;
}

static int by_uffd_zero(pid_t pid, void *to)
{
	struct uffdio_zeropage zero = { .range = { (uintptr_t)to, PAGE } };
	int fd = uffd_of(pid);
	int err = ioctl(fd, UFFDIO_ZEROPAGE, &zero) ? errno : 0;

	close(fd);
	return err;
}

static int by_uffd_continue(pid_t pid, void *to)
{
	struct uffdio_continue more = { .range = { (uintptr_t)to, PAGE } };
	int fd = uffd_of(pid);
	int err = ioctl(fd, UFFDIO_CONTINUE, &more) ? errno : 0;

	close(fd);
	return err;
}

static int by_uffd_poison(pid_t pid, void *to)
{
	struct uffdio_poison poison = { .range = { (uintptr_t)to, PAGE } };
	int fd = uffd_of(pid);
	int err = ioctl(fd, UFFDIO_POISON, &poison) ? errno : 0;

	close(fd);
	return err;
}

/* What was filled in before is allowed again, and stays. */
static int by_userfaultfd(pid_t pid, void *to)
{
	int err = by_uffd_copy(pid, to);

	return err == EEXIST ? 0 : err;
}

/* The first or second place that is written to by a channel, and how much is. */
static void *place(int channel, int which)
{
	if (channel == SBPF_CHANNEL_USERFAULTFD)
		return missing + which * PAGE;
	if (channel == SBPF_CHANNEL_REGISTERS)
		return (void *)(which ? offsetof(struct user_regs_struct, r8) :
					offsetof(struct user_regs_struct, r10));
	return page + 8 + which * 100;
}

static size_t place_len(int channel)
{
	return channel == SBPF_CHANNEL_USERFAULTFD ? PAGE : LEN;
}

static int place_mapping(int channel)
{
	return channel == SBPF_CHANNEL_REGISTERS ? SBPF_MAPPING_NONE : SBPF_MAPPING_ANONYMOUS;
}

/* What a process does to be written to by a channel. */
static int act_expose(long channel)
{
	return channel == SBPF_CHANNEL_USERFAULTFD ? act_uffd(0) : 0;
}

/* First of all, as the log takes so many lines only. */
FIXTURE(log) {
	struct actor victim;
	int log;
};

FIXTURE_VARIANT(log) {
	int (*write)(pid_t pid, void *to);
	int channel;
};

FIXTURE(channel) {
	struct actor victim;
	int ledger;
};

FIXTURE_VARIANT(channel) {
	int (*write)(pid_t pid, void *to);
	int channel;
	int request;
};

#define CHANNEL(name, NAME, ptrace_request)				\
	FIXTURE_VARIANT_ADD(log, name) {				\
		.write = by_##name,					\
		.channel = SBPF_CHANNEL_##NAME,				\
	};								\
	FIXTURE_VARIANT_ADD(channel, name) {				\
		.write = by_##name,					\
		.channel = SBPF_CHANNEL_##NAME,				\
		.request = ptrace_request,				\
	}
CHANNEL(process_vm, PROCESS_VM, 0);
CHANNEL(pokedata, PTRACE, PTRACE_POKEDATA);
CHANNEL(poketext, PTRACE, PTRACE_POKETEXT);
CHANNEL(proc_mem, PROC_MEM, 0);
CHANNEL(seek, PROC_MEM, 0);
CHANNEL(io_uring, PROC_MEM, 0);
CHANNEL(io_uring_worker, PROC_MEM, 0);
CHANNEL(register, REGISTERS, PTRACE_POKEUSER);
CHANNEL(userfaultfd, USERFAULTFD, 0);
#undef CHANNEL

FIXTURE_SETUP(log)
{
	ASSERT_EQ(0, set_all(SBPF_WRITE_LOG));
	ASSERT_EQ(0, actor_start(&self->victim));
	ASSERT_EQ(0, actor_call(&self->victim, act_expose, variant->channel));
	self->log = log_open();
	ASSERT_LE(0, self->log);
}

FIXTURE_TEARDOWN(log)
{
	actor_stop(&self->victim);
	set_all(SBPF_WRITE_LOG);
}

TEST_F(log, has_a_line_for_each)
{
	char line[512] = "", words[256], comm[16], *to = place(variant->channel, 0);
	int denied;

	prctl(PR_GET_NAME, comm);
	for (denied = 0; denied < 2; denied++) {
		ASSERT_EQ(0, set_mode(variant->channel,
				      denied ? SBPF_WRITE_DENY : SBPF_WRITE_LOG));
		ASSERT_EQ(denied ? EPERM : 0, variant->write(self->victim.pid, to));
		snprintf(words, sizeof(words), "sbpf: %s write: pid ", channels[variant->channel]);
		ASSERT_TRUE(log_find(self->log, words, line, sizeof(line)));
		if (!by_ring(variant->write)) {
			snprintf(words, sizeof(words), "write: pid %d comm %s into ", getpid(),
				 comm);
			EXPECT_NE(NULL, strstr(line, words)) TH_LOG("the log says: %s", line);
		}
		snprintf(words, sizeof(words),
			 " into pid %d comm %s address 0x%lx length %zu: %s",
			 self->victim.pid, ACTOR_COMM, (uintptr_t)to,
			 place_len(variant->channel), denied ? "denied" : "allowed");
		EXPECT_NE(NULL, strstr(line, words)) TH_LOG("the log says: %s", line);
		EXPECT_FALSE(log_next(self->log, " write:", line, sizeof(line)));
	}
	ASSERT_EQ(0, set_mode(variant->channel, SBPF_WRITE_OFF));
	ASSERT_EQ(0, variant->write(self->victim.pid, to));
	EXPECT_FALSE(log_next(self->log, " write:", line, sizeof(line)));
}

/* A name of a task that looks like another line. */
TEST_F(log, has_one_line_whatever_the_name)
{
	static const char name[] = "x\nsbpf: bpf";
	char line[512] = "";

	prctl(PR_SET_NAME, name);
	ASSERT_EQ(0, variant->write(self->victim.pid, place(variant->channel, 0)));
	ASSERT_TRUE(log_find(self->log, " write:", line, sizeof(line)));
	if (!by_ring(variant->write))
		EXPECT_NE(NULL, strstr(line, "comm x\\x5cnsbpf: bpf into")) TH_LOG("%s", line);
	EXPECT_FALSE(log_next(self->log, "sbpf: bpf", line, sizeof(line)));
}

/* What the victim's page has now, seen without a word in the ledger. */
static bool victim_has(pid_t pid, void *at, const char *bytes, size_t len)
{
	char have[64] = "";
	struct iovec to = { have, len }, from = { at, len };

	return process_vm_readv(pid, &to, 1, &from, 1, 0) == len && !memcmp(have, bytes, len);
}

/* Is a page there? To look into one that is not would have us wait for a userfaultfd. */
static bool page_present(pid_t pid, void *at)
{
	char path[64];
	uint64_t entry = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/pagemap", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (pread(fd, &entry, sizeof(entry), (uintptr_t)at / PAGE * sizeof(entry)) < 0)
		entry = 0;
	close(fd);
	return entry >> 63;
}

static bool register_has(pid_t pid, void *at, const char *bytes)
{
	long word;

	if (trace(pid))
		return false;
	word = ptrace(PTRACE_PEEKUSER, pid, at, 0);
	ptrace(PTRACE_DETACH, pid, 0, 0);
	return !memcmp(&word, bytes, sizeof(word));
}

/* Was there a write to the first or second place, and to nothing beside it? */
static bool was_written(pid_t pid, int channel, int which)
{
	char *at = place(channel, which);

	if (channel == SBPF_CHANNEL_REGISTERS)
		return register_has(pid, at, BYTES);
	if (channel == SBPF_CHANNEL_USERFAULTFD)
		return page_present(pid, at) && victim_has(pid, at, BYTES, LEN);
	return victim_has(pid, at - 8, "AAAAAAAABBBBBBBBAAAAAAAA", 24);
}

/* Was there none? */
static bool was_not_written(pid_t pid, int channel, int which)
{
	char *at = place(channel, which);

	if (channel == SBPF_CHANNEL_REGISTERS)
		return !register_has(pid, at, BYTES);
	if (channel == SBPF_CHANNEL_USERFAULTFD)
		return !page_present(pid, at);
	return victim_has(pid, at - 8, "AAAAAAAAAAAAAAAAAAAAAAAA", 24);
}

FIXTURE_SETUP(channel)
{
	memset(page, 'A', PAGE);
	ASSERT_EQ(0, set_all(SBPF_WRITE_LOG));
	ASSERT_EQ(0, actor_start(&self->victim));
	ASSERT_EQ(0, actor_call(&self->victim, act_expose, variant->channel));
	self->ledger = ledger_open();
	ASSERT_LE(0, self->ledger);
}

FIXTURE_TEARDOWN(channel)
{
	actor_stop(&self->victim);
	set_all(SBPF_WRITE_LOG);
	close(self->ledger);
}

/* The one record that there is, of this process writing into the victim. */
static void expect_record(struct __test_metadata *_metadata, int ledger, pid_t victim,
			  const struct _fixture_variant_channel *variant, int which, int error)
{
	struct sbpf_write_record record = ledger_next(ledger);
	const int channel = variant->channel, mapping = place_mapping(channel);
	char comm[16];

	EXPECT_EQ(channel, record.channel);
	EXPECT_EQ(error, record.error);
	EXPECT_EQ(getpid(), record.tgid);
	if (by_ring(variant->write)) {
		EXPECT_NE(getpid(), record.pid);
		snprintf(comm, sizeof(comm), "iou-wrk-%d", getpid());
	} else {
		EXPECT_EQ(getpid(), record.pid);
		prctl(PR_GET_NAME, comm);
	}
	EXPECT_STREQ(comm, record.comm);
	EXPECT_EQ(0, record.uid);
	EXPECT_EQ(0, record.sandbox);
	EXPECT_EQ(victim, record.target_pid);
	EXPECT_EQ(victim, record.target_tgid);
	EXPECT_STREQ(ACTOR_COMM, record.target_comm);
	EXPECT_EQ(0, record.target_uid);
	EXPECT_EQ(0, record.target_sandbox);
	EXPECT_EQ((uintptr_t)place(channel, which), record.addr);
	EXPECT_EQ(place_len(channel), record.len);
	EXPECT_EQ(variant->request, record.request);
	EXPECT_EQ(mapping, record.mapping);
	EXPECT_EQ(mapping > SBPF_MAPPING_NONE ? PROT_READ | PROT_WRITE : 0, record.prot);
	EXPECT_EQ(0, record.program_id);
	EXPECT_EQ(0, memcmp(record.tag, no_tag, sizeof(no_tag)));
	EXPECT_STREQ("", record.program);
	EXPECT_STREQ("", record.path);
	EXPECT_LT(boottime_ns(), record.time_ns + 10000000000ULL);
	EXPECT_GE(boottime_ns(), record.time_ns);
	EXPECT_EQ(0, ledger_next(ledger).seq);
	EXPECT_EQ(record.seq, ledger_info().records);
}

TEST_F(channel, is_logged_denied_or_ignored)
{
	const pid_t pid = self->victim.pid;
	const int channel = variant->channel;
	struct sbpf_ledger_info before = ledger_info(), after;

	EXPECT_TRUE(was_not_written(pid, channel, 0));
	ASSERT_EQ(0, variant->write(pid, place(channel, 0)));
	EXPECT_TRUE(was_written(pid, channel, 0));
	expect_record(_metadata, self->ledger, pid, variant, 0, 0);

	/* Elsewhere, where it is seen what was not written. */
	ASSERT_EQ(0, set_mode(channel, SBPF_WRITE_DENY));
	EXPECT_EQ(EPERM, variant->write(pid, place(channel, 1)));
	EXPECT_TRUE(was_not_written(pid, channel, 1));
	expect_record(_metadata, self->ledger, pid, variant, 1, -EPERM);

	ASSERT_EQ(0, set_mode(channel, SBPF_WRITE_OFF));
	EXPECT_EQ(0, variant->write(pid, place(channel, 1)));
	EXPECT_TRUE(was_written(pid, channel, 1));
	EXPECT_EQ(0, ledger_next(self->ledger).seq);

	after = ledger_info();
	EXPECT_EQ(before.records + 2, after.records);
	EXPECT_EQ(before.channels[variant->channel].records + 2,
		  after.channels[variant->channel].records);
	EXPECT_EQ(before.channels[variant->channel].denied + 1,
		  after.channels[variant->channel].denied);
	EXPECT_EQ(SBPF_WRITE_OFF, after.channels[variant->channel].mode);
	EXPECT_EQ(0, after.channels[variant->channel].error);
	/* Nobody's memory but the victim's. */
	EXPECT_EQ(0, memcmp(page, "AAAAAAAAAAAAAAAAAAAAAAAA", 24));
}

/* Others are still watched when some are not. */
TEST_F(channel, is_the_only_one_denied)
{
	const pid_t pid = self->victim.pid;
	int i;

	for (i = 0; i < SBPF_CHANNEL_MAX; i++)
		ASSERT_EQ(0, set_mode(i, i == variant->channel ? SBPF_WRITE_LOG :
						SBPF_WRITE_DENY));
	ASSERT_EQ(0, variant->write(pid, place(variant->channel, 0)));
	expect_record(_metadata, self->ledger, pid, variant, 0, 0);
}

/* What an actor is to do, in memory that it shares with the test. */
struct attack {
	int (*write)(pid_t pid, void *to);
	int channel;
	pid_t pid;
	pid_t writer;
	long rounds;
	char path[128];
};

static struct attack *attack;

static int act_attack(long unused)
{
	return attack->write(attack->pid, place(attack->channel, 0));
}

static int act_write_off(long unused)
{
	return write_file(attack->path, "off");
}

static int act_attack_child(long unused)
{
	struct actor child;
	int err = actor_start(&child) ?: actor_call(&child, act_expose, attack->channel);

	err = err ?: attack->write(child.pid, place(attack->channel, 0));
	if (!err && !was_written(child.pid, attack->channel, 0))
		err = EIO;
	actor_stop(&child);
	return err;
}

static int act_dumpable(long unused)
{
	return prctl(PR_SET_DUMPABLE, 1) ? errno : 0;
}

/* Be without CAP_SYS_PTRACE. */
static int act_drop(long unused)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, data))
		return errno;
	data[0].effective &= ~(1U << CAP_SYS_PTRACE);
	data[0].permitted &= ~(1U << CAP_SYS_PTRACE);
	data[0].inheritable &= ~(1U << CAP_SYS_PTRACE);
	return syscall(SYS_capset, &header, data) ? errno : 0;
}

TEST_F(channel, is_confined_to_children_and_to_the_same_user_with_privilege)
{
	const pid_t pid = self->victim.pid;
	struct sbpf_write_record record;
	struct actor other;

	attack->write = variant->write;
	attack->channel = variant->channel;
	attack->pid = pid;
	ASSERT_EQ(0, actor_start(&other));
	ASSERT_EQ(0, set_all(SBPF_WRITE_CONFINE));
	/* The same user, and an ancestor besides. */
	EXPECT_EQ(0, variant->write(pid, place(variant->channel, 0)));
	EXPECT_EQ(0, ledger_next(self->ledger).error);
	/* The same user. */
	EXPECT_EQ(0, actor_call(&other, act_attack, 0));
	record = ledger_next(self->ledger);
	EXPECT_EQ(0, record.error);
	EXPECT_EQ(other.pid, record.tgid);

	/* Not another user's, though the kernel would let it. */
	ASSERT_EQ(0, actor_call(&self->victim, act_become, USER_A));
	EXPECT_EQ(EPERM, actor_call(&other, act_attack, 0));
	record = ledger_next(self->ledger);
	EXPECT_EQ(-EPERM, record.error);
	EXPECT_EQ(USER_A, record.target_uid);
	EXPECT_EQ(other.pid, record.tgid);
	EXPECT_EQ(0, record.uid);
	ASSERT_EQ(0, set_all(SBPF_WRITE_LOG));
	EXPECT_EQ(0, actor_call(&other, act_attack, 0));
	EXPECT_EQ(0, ledger_next(self->ledger).error);
	ASSERT_EQ(0, set_all(SBPF_WRITE_CONFINE));

	/* Without the privilege children only. */
	ASSERT_EQ(0, actor_call(&other, act_become, USER_A));
	ASSERT_EQ(0, actor_call(&other, act_dumpable, 0));
	ASSERT_EQ(0, actor_call(&self->victim, act_dumpable, 0));
	EXPECT_EQ(EPERM, actor_call(&other, act_attack, 0));
	record = ledger_next(self->ledger);
	EXPECT_EQ(-EPERM, record.error);
	EXPECT_EQ(USER_A, record.uid);
	EXPECT_EQ(0, actor_call(&other, act_attack_child, 0));
	EXPECT_EQ(0, ledger_next(self->ledger).error);
	ASSERT_EQ(0, set_all(SBPF_WRITE_LOG));
	EXPECT_EQ(0, actor_call(&other, act_attack, 0));
	actor_stop(&other);
}

TEST_F(channel, is_confined_to_the_same_sandbox)
{
	struct sbpf_write_record record;
	struct actor other;
	uint64_t id;
	int fd;

	attack->write = variant->write;
	attack->channel = variant->channel;
	attack->pid = self->victim.pid;
	ASSERT_EQ(0, actor_start(&other));
	fd = sandbox_create("probe", "", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, fd);
	id = sandbox_id(fd);
	ASSERT_EQ(0, actor_call(&other, act_enter_id, id));
	ASSERT_EQ(0, actor_call(&other, act_drop, 0));
	ASSERT_EQ(0, actor_call(&self->victim, act_drop, 0));

	EXPECT_EQ(0, actor_call(&other, act_attack, 0));
	record = ledger_next(self->ledger);
	EXPECT_EQ(0, record.error);
	EXPECT_EQ(id, record.sandbox);
	EXPECT_EQ(0, record.target_sandbox);
	ASSERT_EQ(0, set_all(SBPF_WRITE_CONFINE));
	EXPECT_EQ(EPERM, actor_call(&other, act_attack, 0));
	record = ledger_next(self->ledger);
	EXPECT_EQ(-EPERM, record.error);
	EXPECT_EQ(id, record.sandbox);

	ASSERT_EQ(0, actor_call(&self->victim, act_enter_id, id));
	EXPECT_EQ(0, actor_call(&other, act_attack, 0));
	record = ledger_next(self->ledger);
	EXPECT_EQ(0, record.error);
	EXPECT_EQ(id, record.sandbox);
	EXPECT_EQ(id, record.target_sandbox);
	ASSERT_EQ(0, set_all(SBPF_WRITE_DENY));
	EXPECT_EQ(EPERM, actor_call(&other, act_attack, 0));
	actor_stop(&other);
}

/* A policy that denies, on either side. */
TEST_F(channel, is_denied_by_the_policies_of_writer_and_target)
{
	const struct probe_record *seen = (void *)&probe.skel->bss->records[1][SBPF_OP_MEM_WRITE];
	const struct sbpf_event *denied;
	struct actor other;
	uint64_t id;
	int fd;

	policy_reset(&probe);
	attack->write = variant->write;
	attack->channel = variant->channel;
	attack->pid = self->victim.pid;
	ASSERT_EQ(0, actor_start(&other));
	fd = sandbox_create("probe", "", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, fd);
	id = sandbox_id(fd);
	ASSERT_EQ(0, actor_call(&other, act_enter_id, id));
	EXPECT_EQ(0, actor_call(&other, act_attack, 0));
	EXPECT_EQ(0, ledger_next(self->ledger).error);
	EXPECT_EQ(1, seen->calls);
	EXPECT_EQ(id, seen->sandbox);
	EXPECT_EQ(variant->channel, seen->number);
	EXPECT_EQ(self->victim.pid, seen->key);
	EXPECT_EQ((uintptr_t)place(variant->channel, 0), seen->extra);

	/* The writer is told EPERM, whatever the policy says. */
	policy_rule(&probe, 1, SBPF_OP_MEM_WRITE, VERDICT, 0, 0);
	events_reset();
	EXPECT_EQ(EPERM, actor_call(&other, act_attack, 0));
	EXPECT_EQ(-EPERM, ledger_next(self->ledger).error);
	EXPECT_EQ(2, seen->calls);
	EXPECT_EQ(1, events_total());
	denied = event(SBPF_EVENT_DENIED, 0);
	EXPECT_EQ(SBPF_OP_MEM_WRITE, denied->op);
	EXPECT_EQ(-VERDICT, denied->error);
	EXPECT_EQ(self->victim.pid, denied->target_pid);
	EXPECT_EQ(variant->channel, denied->number);
	EXPECT_EQ((uintptr_t)place(variant->channel, 0), denied->addr);
	EXPECT_EQ(place_len(variant->channel), denied->len);
	EXPECT_EQ(id, denied->sandbox);
	actor_stop(&other);

	/* The same from outside, into a member. */
	memset(page, 'A', PAGE);
	ASSERT_EQ(0, actor_start(&other));
	ASSERT_EQ(0, actor_call(&other, act_expose, variant->channel));
	ASSERT_EQ(0, actor_call(&other, act_enter_id, id));
	events_reset();
	EXPECT_EQ(EPERM, variant->write(other.pid, place(variant->channel, 0)));
	EXPECT_TRUE(was_not_written(other.pid, variant->channel, 0));
	EXPECT_EQ(-EPERM, ledger_next(self->ledger).error);
	EXPECT_EQ(3, seen->calls);
	EXPECT_EQ(1, events_total());
	EXPECT_EQ(id, event(SBPF_EVENT_DENIED, 0)->sandbox);
	/* Asked once where both are in it. */
	ASSERT_EQ(0, actor_call(&self->victim, act_enter_id, id));
	EXPECT_EQ(EPERM, actor_call(&other, act_attack, 0));
	EXPECT_EQ(4, seen->calls);
	policy_reset(&probe);
	EXPECT_EQ(0, variant->write(other.pid, place(variant->channel, 0)));
	EXPECT_TRUE(was_written(other.pid, variant->channel, 0));
	actor_stop(&other);
}

FIXTURE(ledger) {
	struct actor victim;
	int ledger;
};

FIXTURE_SETUP(ledger)
{
	memset(page, 'A', PAGE);
	ASSERT_EQ(0, set_all(SBPF_WRITE_LOG));
	ASSERT_EQ(0, actor_start(&self->victim));
	ASSERT_EQ(0, actor_call(&self->victim, act_nothing, 0));
	self->ledger = ledger_open();
	ASSERT_LE(0, self->ledger);
}

FIXTURE_TEARDOWN(ledger)
{
	actor_stop(&self->victim);
	set_all(SBPF_WRITE_LOG);
	close(self->ledger);
}

static void *read_named(void *arg)
{
	int *thread = arg, fds[2];
	char byte;

	prctl(PR_SET_NAME, "read");
	if (pipe(fds))
		return NULL;
	__atomic_store_n(thread, gettid(), __ATOMIC_RELEASE);
	return (void *)read(fds[0], &byte, 1);
}

/* Has another thread, which waits in read(2); returns its number. */
static int act_be_two(long unused)
{
	static int number;
	pthread_t thread;

	if (pthread_create(&thread, NULL, read_named, &number) ||
	    !await(__atomic_load_n(&number, __ATOMIC_ACQUIRE)))
		return -1;
	return number;
}

static void *write_named(void *arg)
{
	struct attack *what = arg;

	prctl(PR_SET_NAME, "write");
	what->writer = gettid();
	return (void *)(long)what->write(what->pid, place(what->channel, 0));
}

/* A thread writes: into a thread by ptrace, else into a process. */
TEST_F(ledger, tells_threads_from_processes)
{
	const pid_t pid = self->victim.pid;
	const pid_t thread = actor_call(&self->victim, act_be_two, 0);
	struct attack ways[] = {
		{ .write = by_process_vm, .channel = SBPF_CHANNEL_PROCESS_VM, .pid = pid },
		{ .write = by_proc_mem, .channel = SBPF_CHANNEL_PROC_MEM, .pid = pid },
		{ .write = by_userfaultfd, .channel = SBPF_CHANNEL_USERFAULTFD, .pid = pid },
		{ .write = by_pokedata, .channel = SBPF_CHANNEL_PTRACE, .pid = thread },
		{ .write = by_register, .channel = SBPF_CHANNEL_REGISTERS, .pid = thread },
	};
	struct sbpf_write_record record;
	pthread_t writer;
	void *result;
	int i;

	ASSERT_LT(0, thread);
	ASSERT_EQ(0, actor_call(&self->victim, act_uffd, 0));
	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		ASSERT_EQ(0, pthread_create(&writer, NULL, write_named, &ways[i]));
		ASSERT_EQ(0, pthread_join(writer, &result));
		EXPECT_EQ(NULL, result);
		record = ledger_next(self->ledger);
		EXPECT_EQ(ways[i].channel, record.channel);
		EXPECT_EQ(ways[i].writer, record.pid);
		EXPECT_EQ(getpid(), record.tgid);
		EXPECT_STREQ("write", record.comm);
		EXPECT_EQ(ways[i].pid, record.target_pid);
		EXPECT_EQ(pid, record.target_tgid);
		EXPECT_STREQ(ways[i].pid == thread ? "read" : ACTOR_COMM, record.target_comm);
		EXPECT_EQ(0, ledger_next(self->ledger).seq);
	}
}

TEST_F(ledger, has_one_record_per_segment)
{
	char bytes[2][6] = { "BBBBBB", "BBBBBB" };
	const pid_t pid = self->victim.pid;
	struct iovec from[2] = { { bytes[0], 6 }, { bytes[1], 6 } };
	struct iovec to[4] = {
		{ page, 4 }, { page, 0 }, { page + 16, 6 }, { page + 32, 8 },
	};
	struct sbpf_write_record record;
	int i;

	/* There are 12 bytes to write: the last segment gets two. */
	ASSERT_EQ(12, process_vm_writev(pid, from, 2, to, 4, 0));
	record = ledger_next(self->ledger);
	EXPECT_EQ((uintptr_t)page, record.addr);
	EXPECT_EQ(4, record.len);
	record = ledger_next(self->ledger);
	EXPECT_EQ((uintptr_t)page + 16, record.addr);
	EXPECT_EQ(6, record.len);
	record = ledger_next(self->ledger);
	EXPECT_EQ((uintptr_t)page + 32, record.addr);
	EXPECT_EQ(2, record.len);
	EXPECT_EQ(0, ledger_next(self->ledger).seq);

	/* Reading is not writing. */
	ASSERT_EQ(12, process_vm_readv(pid, from, 2, to, 4, 0));
	EXPECT_EQ(0, ledger_next(self->ledger).seq);

	memset(page, 'A', PAGE);
	ASSERT_EQ(0, set_mode(SBPF_CHANNEL_PROCESS_VM, SBPF_WRITE_DENY));
	memset(bytes, 'C', sizeof(bytes));
	ASSERT_EQ(-1, process_vm_writev(pid, from, 2, to, 4, 0));
	EXPECT_EQ(EPERM, errno);
	EXPECT_TRUE(victim_has(pid, page, "BBBBAAAA", 8));
	EXPECT_TRUE(victim_has(pid, page + 16, "BBBBBBAA", 8));
	for (i = 0; i < 3; i++)
		EXPECT_EQ(-EPERM, ledger_next(self->ledger).error);
	EXPECT_EQ(0, ledger_next(self->ledger).seq);
}

/* Many pages are done in several goes, which are one write. */
TEST_F(ledger, has_one_record_of_a_long_segment)
{
	const size_t len = 3000 * PAGE;
	char *from = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct iovec local = { from, len }, remote = { from + 5, len - 5 };
	struct sbpf_write_record record;
	struct actor victim;

	ASSERT_NE(MAP_FAILED, from);
	ASSERT_EQ(0, actor_start(&victim));
	ASSERT_EQ(len - 5, process_vm_writev(victim.pid, &local, 1, &remote, 1, 0));
	record = ledger_next(self->ledger);
	EXPECT_EQ((uintptr_t)from + 5, record.addr);
	EXPECT_EQ(len - 5, record.len);
	EXPECT_EQ(0, ledger_next(self->ledger).seq);
	actor_stop(&victim);
}

#define WRITERS 48

static struct attack writers[WRITERS];
static char *sources;

/* Writes two segments from a page of its own, which is not there yet. */
static void *write_two(void *arg)
{
	const struct attack *what = arg;
	const long i = what - writers;
	struct iovec from = { sources + i * PAGE, 16 };
	struct iovec to[] = { { page + 32 * i, 8 }, { page + 32 * i + 16, 8 } };

	return (void *)(process_vm_writev(what->pid, &from, 1, to, 2, 0) - 16);
}

/*
 * Writers that are held up between their segments, for what they write is not there: none
 * of them is mistaken for another, or forgotten.
 */
TEST_F(ledger, has_each_segment_of_many_who_write_at_once)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC), i, exact = 0;
	struct sbpf_write_record record;
	struct uffdio_zeropage zero = {};
	pthread_t threads[WRITERS];
	struct uffd_msg message;
	void *result;

	sources = mmap(NULL, WRITERS * PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, sources);
	reg.range = (struct uffdio_range){ (uintptr_t)sources, WRITERS * PAGE };
	zero.range = reg.range;
	ASSERT_EQ(0, ioctl(fd, UFFDIO_API, &api));
	ASSERT_EQ(0, ioctl(fd, UFFDIO_REGISTER, &reg));
	for (i = 0; i < WRITERS; i++) {
		writers[i].pid = self->victim.pid;
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, write_two, &writers[i]));
	}
	for (i = 0; i < WRITERS; i++)
		ASSERT_EQ(sizeof(message), read(fd, &message, sizeof(message)));
	ASSERT_EQ(0, ioctl(fd, UFFDIO_ZEROPAGE, &zero));
	for (i = 0; i < WRITERS; i++) {
		ASSERT_EQ(0, pthread_join(threads[i], &result));
		EXPECT_EQ(NULL, result);
	}
	for (i = 0; i < 2 * WRITERS; i++) {
		record = ledger_next(self->ledger);
		exact += record.len == 8 && record.channel == SBPF_CHANNEL_PROCESS_VM;
	}
	EXPECT_EQ(2 * WRITERS, exact);
	EXPECT_EQ(0, ledger_next(self->ledger).seq);
	close(fd);
}

/* What the kernel refuses anyway has not been allowed. */
TEST_F(ledger, has_no_record_of_what_the_kernel_refuses)
{
	struct actor other;

	attack->write = by_process_vm;
	attack->pid = self->victim.pid;
	ASSERT_EQ(0, actor_start(&other));
	ASSERT_EQ(0, actor_call(&other, act_become, USER_A));
	EXPECT_EQ(EPERM, actor_call(&other, act_attack, 0));
	attack->pid = 0x3ffffe;
	EXPECT_EQ(ESRCH, actor_call(&other, act_attack, 0));
	EXPECT_EQ(0, ledger_next(self->ledger).seq);
	actor_stop(&other);
}

TEST_F(ledger, has_writes_into_registers)
{
	struct {
		struct user_regs_struct regs;
		struct user_fpregs_struct fpregs;
	} set, before, after;
	struct iovec vec = { &set.regs, sizeof(set.regs) };
	const size_t r15 = offsetof(struct user_regs_struct, r15);
	const uintptr_t regs = (uintptr_t)&set.regs, fpregs = (uintptr_t)&set.fpregs;
	/* For one that differs each time. */
	const uintptr_t number = ~0UL;
	const struct {
		int request;
		uintptr_t addr, data, record_addr;
		size_t len;
	} ways[] = {
		{ PTRACE_POKEUSER, r15, number, r15, 8 },
		{ PTRACE_SETREGS, 0, regs, 0, sizeof(set.regs) },
		{ PTRACE_SETFPREGS, 0, fpregs, 0, sizeof(set.fpregs) },
		{ PTRACE_SETREGSET, NT_PRSTATUS, (uintptr_t)&vec, NT_PRSTATUS, sizeof(set.regs) },
		{ PTRACE_ARCH_PRCTL, number, ARCH_SET_GS, ARCH_SET_GS, 8 },
		{ PTRACE_ARCH_PRCTL, number, ARCH_SET_FS, ARCH_SET_FS, 8 },
	};
	const pid_t pid = self->victim.pid;
	struct sbpf_write_record record;
	int i, denied;

#define get(to) (ptrace(PTRACE_GETREGS, pid, 0, &(to)->regs) ||			\
		 ptrace(PTRACE_GETFPREGS, pid, 0, &(to)->fpregs))
	ASSERT_EQ(0, trace(pid));
	ASSERT_EQ(0, get(&before));
	EXPECT_EQ(0, ledger_next(self->ledger).seq);
	for (i = 0; i < 2 * ARRAY_SIZE(ways); i++) {
		const typeof(ways[0]) *way = &ways[i / 2];
		const uintptr_t next = 0x1000 * (i + 1);

		denied = i % 2;
		set = before;
		set.regs.r15 = next;
		set.fpregs.st_space[0] = next;
		ASSERT_EQ(0, set_mode(SBPF_CHANNEL_REGISTERS,
				      denied ? SBPF_WRITE_DENY : SBPF_WRITE_LOG));
		errno = 0;
		EXPECT_EQ(denied ? -1 : 0,
			  ptrace(way->request, pid, way->addr == number ? next : way->addr,
				 way->data == number ? next : way->data));
		EXPECT_EQ(denied ? EPERM : 0, errno);
		ASSERT_EQ(0, get(&after));
		EXPECT_EQ(denied, !memcmp(&before, &after, sizeof(after))) {
			TH_LOG("request %#x", way->request);
		}
		before = after;
		record = ledger_next(self->ledger);
		EXPECT_EQ(SBPF_CHANNEL_REGISTERS, record.channel);
		EXPECT_EQ(way->request, record.request);
		EXPECT_EQ(way->record_addr, record.addr);
		EXPECT_EQ(way->len, record.len);
		EXPECT_EQ(SBPF_MAPPING_NONE, record.mapping);
		EXPECT_EQ(pid, record.target_pid);
		EXPECT_EQ(denied ? -EPERM : 0, record.error);
		EXPECT_EQ(0, ledger_next(self->ledger).seq);
	}
#undef get
	/* Reading is not writing. */
	ASSERT_EQ(0, ptrace(PTRACE_ARCH_PRCTL, pid, &before.regs.fs_base, ARCH_GET_FS));
	EXPECT_EQ(0, ledger_next(self->ledger).seq);
	/* Memory is another channel. */
	EXPECT_EQ(0, ptrace(PTRACE_POKEDATA, pid, page, 0));
	EXPECT_EQ(SBPF_CHANNEL_PTRACE, ledger_next(self->ledger).channel);
	EXPECT_EQ(0, ledger_next(self->ledger).seq);
	ptrace(PTRACE_DETACH, pid, 0, 0);
}

#define PTRACE_SET_SYSCALL_INFO 0x4212

/* What a system call is about to be done with: where the kernel has that, since 6.16. */
TEST_F(ledger, has_writes_into_system_calls)
{
	const pid_t pid = self->victim.pid;
	struct __ptrace_syscall_info set, seen;
	struct sbpf_write_record record;
	bool known;
	int status;

#define get(to) ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(*(to)), to)
	ASSERT_EQ(0, trace(pid));
	ASSERT_EQ(0, ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD));
	ASSERT_EQ(0, ptrace(PTRACE_SYSCALL, pid, 0, 0));
	ASSERT_EQ(pid, waitpid(pid, &status, __WALL));
	ASSERT_LT(0, get(&set));
	ASSERT_EQ(PTRACE_SYSCALL_INFO_ENTRY, set.op);
	/* Of which read(2) has no use. */
	set.entry.args[5] = 0x1234;
	errno = 0;
	known = !ptrace(PTRACE_SET_SYSCALL_INFO, pid, sizeof(set), &set);
	if (!known)
		EXPECT_EQ(EIO, errno);
	ASSERT_LT(0, get(&seen));
	EXPECT_EQ(known, seen.entry.args[5] == 0x1234);
	record = ledger_next(self->ledger);
	EXPECT_EQ(SBPF_CHANNEL_REGISTERS, record.channel);
	EXPECT_EQ(PTRACE_SET_SYSCALL_INFO, record.request);
	EXPECT_EQ(0, record.addr);
	EXPECT_EQ(sizeof(set), record.len);
	EXPECT_EQ(pid, record.target_pid);
	EXPECT_EQ(0, record.error);

	set.entry.args[5] = 0x5678;
	ASSERT_EQ(0, set_mode(SBPF_CHANNEL_REGISTERS, SBPF_WRITE_DENY));
	EXPECT_EQ(-1, ptrace(PTRACE_SET_SYSCALL_INFO, pid, sizeof(set), &set));
	EXPECT_EQ(EPERM, errno);
	EXPECT_EQ(-EPERM, ledger_next(self->ledger).error);
	EXPECT_EQ(0, ledger_next(self->ledger).seq);
	ASSERT_LT(0, get(&set));
	EXPECT_EQ(0, memcmp(&seen, &set, sizeof(set)));
#undef get
	ptrace(PTRACE_DETACH, pid, 0, 0);
}

/* ptrace(2) as a 32-bit program calls it: number 26. */
static long ptrace32(uint32_t request, uint32_t pid, uint32_t addr, uint32_t data)
{
	long ret;

	asm volatile("int $0x80" : "=a"(ret) : "a"(26), "b"(request), "c"(pid), "d"(addr),
		     "S"(data) : "memory", "r8", "r9", "r10", "r11");
	return ret;
}

static char *low;

static int act_map_low(long unused)
{
	low = mmap((void *)0x10000000, PAGE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	return low == MAP_FAILED ? errno : 0;
}

static int act_low(long want)
{
	return *(uint32_t *)low == want ? 0 : EIO;
}

TEST_F(ledger, has_what_32_bit_programs_poke)
{
	/* SETREGS, SETFPREGS, SETFPXREGS, SET_THREAD_AREA */
	static const struct {
		uint32_t request, addr, len;
	} sets[] = { { 13, 0, 68 }, { 15, 0, 108 }, { 19, 0, 512 }, { 26, 12, 16 } };
	const pid_t pid = self->victim.pid;
	struct sbpf_write_record record;
	int i;

	/* Where there are none, the kernel takes the call for a fault. */
	if (access("/proc/sys/abi/vsyscall32", F_OK))
		SKIP(return, "this kernel has no system calls of 32 bits");
	ASSERT_EQ(0, actor_call(&self->victim, act_map_low, 0));
	ASSERT_EQ(0, trace(pid));
	ASSERT_EQ(0, ptrace32(PTRACE_POKEDATA, pid, 0x10000004, 0x42424242));
	record = ledger_next(self->ledger);
	EXPECT_EQ(SBPF_CHANNEL_PTRACE, record.channel);
	EXPECT_EQ(PTRACE_POKEDATA, record.request);
	EXPECT_EQ(0x10000004, record.addr);
	EXPECT_EQ(4, record.len);
	EXPECT_EQ(pid, record.target_pid);
	EXPECT_EQ(0, record.error);
	EXPECT_EQ(0x42424242, ptrace(PTRACE_PEEKDATA, pid, 0x10000004, 0) & 0xffffffff);

	ASSERT_EQ(0, set_mode(SBPF_CHANNEL_PTRACE, SBPF_WRITE_DENY));
	EXPECT_EQ(-EPERM, ptrace32(PTRACE_POKEDATA, pid, 0x10000000, 0x42424242));
	record = ledger_next(self->ledger);
	EXPECT_EQ(-EPERM, record.error);
	EXPECT_EQ(0x10000000, record.addr);

	/* Registers are offsets in another structure there. */
	ASSERT_EQ(0, set_mode(SBPF_CHANNEL_REGISTERS, SBPF_WRITE_DENY));
	EXPECT_EQ(-EPERM, ptrace32(PTRACE_POKEUSER, pid, 0, 1));
	record = ledger_next(self->ledger);
	EXPECT_EQ(SBPF_CHANNEL_REGISTERS, record.channel);
	EXPECT_EQ(4, record.len);
	EXPECT_EQ(0, ledger_next(self->ledger).seq);

	/* What they set is as long as theirs is; and one record, by whichever functions. */
	for (i = 0; i < ARRAY_SIZE(sets); i++) {
		EXPECT_EQ(-EPERM, ptrace32(sets[i].request, pid, sets[i].addr, 0));
		record = ledger_next(self->ledger);
		EXPECT_EQ(SBPF_CHANNEL_REGISTERS, record.channel);
		EXPECT_EQ(sets[i].request, record.request);
		EXPECT_EQ(sets[i].addr, record.addr);
		EXPECT_EQ(sets[i].len, record.len);
		EXPECT_EQ(-EPERM, record.error);
		EXPECT_EQ(0, ledger_next(self->ledger).seq);
	}
	ASSERT_EQ(0, set_mode(SBPF_CHANNEL_REGISTERS, SBPF_WRITE_LOG));
	EXPECT_EQ(-EFAULT, ptrace32(26, pid, 12, 0));
	EXPECT_EQ(16, ledger_next(self->ledger).len);
	EXPECT_EQ(0, ledger_next(self->ledger).seq);
	ptrace(PTRACE_DETACH, pid, 0, 0);
	EXPECT_EQ(0, actor_call(&self->victim, act_low, 0));
}

TEST_F(ledger, has_what_a_userfaultfd_fills_in)
{
	const pid_t pid = self->victim.pid;
	struct sbpf_write_record record;

	ASSERT_EQ(0, actor_call(&self->victim, act_uffd, 0));
	ASSERT_EQ(0, set_mode(SBPF_CHANNEL_USERFAULTFD, SBPF_WRITE_DENY));
	EXPECT_EQ(EPERM, by_uffd_copy(pid, missing));
	record = ledger_next(self->ledger);
	EXPECT_EQ(SBPF_CHANNEL_USERFAULTFD, record.channel);
	EXPECT_EQ(-EPERM, record.error);
	EXPECT_EQ((uintptr_t)missing, record.addr);
	EXPECT_EQ(PAGE, record.len);
	EXPECT_EQ(pid, record.target_pid);
	EXPECT_EQ(SBPF_MAPPING_ANONYMOUS, record.mapping);
	EXPECT_EQ(EPERM, by_uffd_zero(pid, missing + PAGE));
	EXPECT_EQ(-EPERM, ledger_next(self->ledger).error);

	/* That nothing was filled in shows in that it still can be. */
	ASSERT_EQ(0, set_mode(SBPF_CHANNEL_USERFAULTFD, SBPF_WRITE_LOG));
	EXPECT_EQ(0, by_uffd_copy(pid, missing));
	EXPECT_TRUE(victim_has(pid, missing, "BBBBBBBB", 8));
	EXPECT_EQ(0, ledger_next(self->ledger).error);
	EXPECT_EQ(0, by_uffd_zero(pid, missing + PAGE));
	record = ledger_next(self->ledger);
	EXPECT_EQ((uintptr_t)missing + PAGE, record.addr);
	EXPECT_EQ(PAGE, record.len);
	EXPECT_EQ(EEXIST, by_uffd_copy(pid, missing));
}

/* The only record is of a userfaultfd that was to fill a page of the victim in. */
static void expect_filled(struct __test_metadata *_metadata, int ledger, pid_t victim,
			  char *at, int mapping, int error)
{
	struct sbpf_write_record record = ledger_next(ledger);
	char comm[16];

	prctl(PR_GET_NAME, comm);
	EXPECT_EQ(SBPF_CHANNEL_USERFAULTFD, record.channel);
	EXPECT_EQ(error, record.error);
	EXPECT_EQ((uintptr_t)at, record.addr);
	EXPECT_EQ(PAGE, record.len);
	EXPECT_EQ(0, record.request);
	EXPECT_EQ(getpid(), record.pid);
	EXPECT_EQ(getpid(), record.tgid);
	EXPECT_STREQ(comm, record.comm);
	EXPECT_EQ(0, record.uid);
	EXPECT_EQ(victim, record.target_pid);
	EXPECT_EQ(victim, record.target_tgid);
	EXPECT_STREQ(ACTOR_COMM, record.target_comm);
	EXPECT_EQ(mapping, record.mapping);
	EXPECT_EQ(0, ledger_next(ledger).seq);
}

/* What the file has already becomes part of the victim's memory. */
TEST_F(ledger, has_what_a_userfaultfd_continues_with)
{
	const pid_t pid = self->victim.pid;
	char *second = shared + PAGE;

	memset(shared, 'B', 2 * PAGE);
	ASSERT_EQ(0, actor_call(&self->victim, act_uffd_minor, 0));
	ASSERT_EQ(0, set_mode(SBPF_CHANNEL_USERFAULTFD, SBPF_WRITE_DENY));
	EXPECT_EQ(EPERM, by_uffd_continue(pid, second));
	expect_filled(_metadata, self->ledger, pid, second, SBPF_MAPPING_FILE, -EPERM);
	EXPECT_FALSE(page_present(pid, shared));
	EXPECT_FALSE(page_present(pid, second));

	ASSERT_EQ(0, set_mode(SBPF_CHANNEL_USERFAULTFD, SBPF_WRITE_LOG));
	EXPECT_EQ(0, by_uffd_continue(pid, second));
	expect_filled(_metadata, self->ledger, pid, second, SBPF_MAPPING_FILE, 0);
	EXPECT_FALSE(page_present(pid, shared));
	EXPECT_TRUE(page_present(pid, second));
	EXPECT_TRUE(victim_has(pid, second, "BBBBBBBB", 8));
}

/* The victim can never read that page then. */
TEST_F(ledger, has_what_a_userfaultfd_poisons)
{
	const pid_t pid = self->victim.pid;
	char *second = missing + PAGE;

	ASSERT_EQ(0, actor_call(&self->victim, act_uffd, UFFD_FEATURE_POISON));
	ASSERT_EQ(0, set_mode(SBPF_CHANNEL_USERFAULTFD, SBPF_WRITE_DENY));
	EXPECT_EQ(EPERM, by_uffd_poison(pid, missing));
	expect_filled(_metadata, self->ledger, pid, missing, SBPF_MAPPING_ANONYMOUS, -EPERM);
	EXPECT_EQ(EPERM, by_uffd_poison(pid, second));
	expect_filled(_metadata, self->ledger, pid, second, SBPF_MAPPING_ANONYMOUS, -EPERM);

	/* The first can still be filled in; the second is not, and nobody waits for it. */
	ASSERT_EQ(0, set_mode(SBPF_CHANNEL_USERFAULTFD, SBPF_WRITE_LOG));
	EXPECT_EQ(0, by_uffd_copy(pid, missing));
	expect_filled(_metadata, self->ledger, pid, missing, SBPF_MAPPING_ANONYMOUS, 0);
	EXPECT_TRUE(victim_has(pid, missing, "BBBBBBBB", 8));
	EXPECT_EQ(0, by_uffd_poison(pid, second));
	expect_filled(_metadata, self->ledger, pid, second, SBPF_MAPPING_ANONYMOUS, 0);
	EXPECT_FALSE(page_present(pid, second));
	EXPECT_FALSE(victim_has(pid, second, "", 1));
}

/* Into one's own memory may write who likes. */
TEST_F(ledger, has_nothing_of_writes_into_own_memory)
{
	const pid_t pid = getpid();
	int i;

	ASSERT_EQ(0, set_all(SBPF_WRITE_DENY));
	EXPECT_EQ(0, by_process_vm(pid, page));
	EXPECT_EQ(0, by_proc_mem(pid, page + 8));
	EXPECT_EQ(0, by_io_uring(pid, page + 16));
	EXPECT_EQ(0, by_io_uring_worker(pid, page + 24));
	for (i = 0; i < 4; i++)
		EXPECT_EQ(0, memcmp(page + 8 * i, BYTES, LEN));
	EXPECT_EQ(0, act_uffd(0));
	EXPECT_EQ(0, by_uffd_copy(pid, missing));
	EXPECT_EQ(0, ledger_next(self->ledger).seq);
}

TEST_F(ledger, tells_what_is_mapped)
{
	const pid_t pid = self->victim.pid;
	char local[64] = "", *heap = sbrk(0), path[SBPF_PATH_MAX];
	struct sbpf_write_record record;
	struct actor victim;

	ASSERT_NE((void *)-1, sbrk(PAGE));
	ASSERT_EQ(0, actor_start(&victim));
	ASSERT_EQ(0, by_process_vm(victim.pid, heap));
	EXPECT_EQ(SBPF_MAPPING_HEAP, ledger_next(self->ledger).mapping);
	ASSERT_EQ(0, by_process_vm(victim.pid, local));
	EXPECT_EQ(SBPF_MAPPING_STACK, ledger_next(self->ledger).mapping);
	actor_stop(&victim);

	/* A private copy of part of a file. */
	ASSERT_EQ(0, by_proc_mem(pid, mapped));
	record = ledger_next(self->ledger);
	EXPECT_EQ(SBPF_MAPPING_FILE, record.mapping);
	EXPECT_EQ(PROT_READ | PROT_WRITE, record.prot);
	snprintf(path, sizeof(path), "%s", FREE);
	EXPECT_STREQ(path, record.path);
	EXPECT_EQ(EIO, by_proc_mem(pid, (void *)PAGE));
	EXPECT_EQ(SBPF_MAPPING_NONE, ledger_next(self->ledger).mapping);
}

/*
 * All but these would change what a process finds in its memory, or might. The kernel
 * lets nobody advise so about the memory of another; if it did there would have to be a
 * channel.
 */
TEST_F(ledger, needs_no_channel_for_advice)
{
	const int pidfd = syscall(SYS_pidfd_open, self->victim.pid, 0);
	struct iovec vec = { page, PAGE };
	int advice;

	ASSERT_LE(0, pidfd);
	for (advice = 0; advice < 256; advice++) {
		errno = 0;
		switch (advice) {
		case MADV_COLD:
		case MADV_PAGEOUT:
			EXPECT_EQ(PAGE, syscall(SYS_process_madvise, pidfd, &vec, 1, advice, 0));
			break;
		case MADV_WILLNEED:
		case MADV_COLLAPSE:
			/* Whether there is anything to do is the kernel's. */
			syscall(SYS_process_madvise, pidfd, &vec, 1, advice, 0);
			break;
		default:
			EXPECT_EQ(-1, syscall(SYS_process_madvise, pidfd, &vec, 1, advice, 0));
			EXPECT_EQ(EINVAL, errno) TH_LOG("advice %d", advice);
		}
		EXPECT_TRUE(victim_has(self->victim.pid, page, "AAAAAAAA", 8)) {
			TH_LOG("advice %d", advice);
		}
	}
	EXPECT_EQ(0, ledger_next(self->ledger).seq);
}

/* The kernel has no way to splice into /proc/PID/mem; else it would be seen. */
TEST_F(ledger, needs_nothing_for_splice)
{
	int fd = mem_open(self->victim.pid), pipes[2];
	loff_t to = (loff_t)(uintptr_t)page;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, pipe(pipes));
	ASSERT_EQ(LEN, write(pipes[1], BYTES, LEN));
	EXPECT_EQ(-1, splice(pipes[0], NULL, fd, &to, LEN, 0));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_TRUE(victim_has(self->victim.pid, page, "AAAAAAAA", 8));
	EXPECT_EQ(0, ledger_next(self->ledger).seq);
}

/* Pages are moved within one's own memory only; else it would be seen. */
static int move_page(int fd)
{
	struct uffdio_move move = {
		.dst = (uintptr_t)missing, .src = (uintptr_t)page, .len = PAGE,
	};

	return ioctl(fd, UFFDIO_MOVE, &move) ? errno : 0;
}

static int act_move_page(long unused)
{
	/* A page of its own, which it shares with nobody. */
	memset(page, 'A', PAGE);
	return move_page(VICTIM_UFFD);
}

TEST_F(ledger, needs_no_channel_for_moved_pages)
{
	int fd;

	ASSERT_EQ(0, actor_call(&self->victim, act_uffd, 0));
	fd = uffd_of(self->victim.pid);
	ASSERT_LE(0, fd);
	EXPECT_EQ(EINVAL, move_page(fd));
	EXPECT_FALSE(page_present(self->victim.pid, missing));
	EXPECT_TRUE(victim_has(self->victim.pid, page, "AAAAAAAA", 8));
	EXPECT_EQ(0, actor_call(&self->victim, act_move_page, 0));
	EXPECT_TRUE(victim_has(self->victim.pid, missing, "AAAAAAAA", 8));
	EXPECT_EQ(0, ledger_next(self->ledger).seq);
	close(fd);
}

/* What has a uprobe, and what counts those who set it. */
static __attribute((noinline)) void probed(void)
{
	asm volatile("nop; nop; nop; nop; nop");
}

static volatile unsigned short counter = 7;

/* Where in the program's file something is; 0 for nowhere. */
static uint64_t file_offset(const volatile void *what)
{
	unsigned long from, to, offset, at = (unsigned long)what;
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512];
	uint64_t found = 0;

	while (maps && fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx %*s %lx", &from, &to, &offset) == 3 &&
		    from <= at && at < to)
			found = at - from + offset;
	if (maps)
		fclose(maps);
	return found;
}

/* A uprobe for one process, or with -1 for all on CPU 0: a descriptor or -errno. */
static int uprobe_open(const char *path, uint64_t offset, uint64_t count_at, pid_t pid)
{
	struct perf_event_attr attr = { .size = sizeof(attr) };
	char text[16];
	int err, fd;

	err = read_file("/sys/bus/event_source/devices/uprobe/type", text, sizeof(text));
	if (err)
		return -err;
	attr.type = atoi(text);
	attr.config = count_at << 32;
	attr.uprobe_path = (uintptr_t)path;
	attr.probe_offset = offset;
	fd = syscall(SYS_perf_event_open, &attr, pid, pid < 0 ? 0 : -1, -1,
		     PERF_FLAG_FD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

#define EXE	"/usr/lib/sbpf/selftests/ledger_test"
#define CODE	"/tmp/sbpf-test-code"

/*
 * The next record is of a function for uprobes: of this process into the code or the
 * count of its own program, or of nobody known into CODE.
 */
static void expect_uprobe(struct __test_metadata *_metadata, int ledger, pid_t victim,
			  const char *function, const volatile void *at, size_t len, int error,
			  bool known)
{
	struct sbpf_write_record record = ledger_next(ledger);
	char comm[16] = "";

	if (known)
		prctl(PR_GET_NAME, comm);
	EXPECT_EQ(SBPF_CHANNEL_OTHER, record.channel);
	EXPECT_STREQ(function, record.program);
	EXPECT_EQ(0, record.program_id);
	EXPECT_EQ(0, memcmp(record.tag, no_tag, sizeof(no_tag)));
	EXPECT_EQ(known ? getpid() : 0, record.pid);
	EXPECT_EQ(known ? getpid() : 0, record.tgid);
	EXPECT_STREQ(comm, record.comm);
	EXPECT_EQ(0, record.uid);
	EXPECT_EQ(0, record.sandbox);
	EXPECT_EQ(victim, record.target_pid);
	EXPECT_EQ(victim, record.target_tgid);
	EXPECT_STREQ(ACTOR_COMM, record.target_comm);
	EXPECT_EQ(0, record.target_uid);
	EXPECT_EQ(0, record.target_sandbox);
	EXPECT_EQ((uintptr_t)at, record.addr);
	EXPECT_EQ(len, record.len);
	EXPECT_EQ(0, record.request);
	EXPECT_EQ(SBPF_MAPPING_FILE, record.mapping);
	EXPECT_EQ(PROT_READ | (at == &counter ? PROT_WRITE : PROT_EXEC), record.prot);
	EXPECT_STREQ(known ? EXE : CODE, record.path);
	EXPECT_EQ(error, record.error);
}

/* What the log has of a breakpoint set by this process. */
static void expect_uprobe_logged(struct __test_metadata *_metadata, int log, pid_t victim,
				 const char *verdict)
{
	char words[256], line[512] = "", comm[16];

	prctl(PR_GET_NAME, comm);
	snprintf(words, sizeof(words),
		 "other write: pid %d comm %s by set_swbp into pid %d comm %s address 0x%lx length 1: %s",
		 getpid(), comm, victim, ACTOR_COMM, (uintptr_t)probed, verdict);
	ASSERT_TRUE(log_find(log, "set_swbp", line, sizeof(line)));
	EXPECT_NE(NULL, strstr(line, words)) TH_LOG("the log says: %s", line);
}

TEST_F(ledger, has_what_uprobes_write)
{
	const uint64_t offset = file_offset(probed), count_at = file_offset(&counter);
	unsigned short seven = 7, eight = 8;
	const pid_t pid = self->victim.pid;
	char original = *(char *)probed;
	int log = log_open(), fd;

	if (access("/sys/bus/event_source/devices/uprobe/type", F_OK))
		SKIP(return, "this kernel has no uprobes");
	ASSERT_LE(0, log);
	ASSERT_NE(0, offset);
	ASSERT_NE(0, count_at);
	ASSERT_NE('\xcc', original);
	ASSERT_EQ(0, set_mode(SBPF_CHANNEL_OTHER, SBPF_WRITE_OFF));
	fd = uprobe_open("/proc/self/exe", offset, count_at, pid);
	ASSERT_LE(0, fd);
	EXPECT_TRUE(victim_has(pid, probed, "\xcc", 1));
	close(fd);
	EXPECT_TRUE(await(victim_has(pid, probed, &original, 1)));
	EXPECT_EQ(0, ledger_next(self->ledger).seq);

	ASSERT_EQ(0, set_mode(SBPF_CHANNEL_OTHER, SBPF_WRITE_DENY));
	EXPECT_EQ(-EPERM, uprobe_open("/proc/self/exe", offset, count_at, pid));
	EXPECT_TRUE(victim_has(pid, probed, &original, 1));
	EXPECT_TRUE(victim_has(pid, (void *)&counter, (char *)&seven, 2));
	expect_uprobe(_metadata, self->ledger, pid, "set_swbp", probed, 1, -EPERM, true);
	expect_uprobe_logged(_metadata, log, pid, "denied");
	while (ledger_next(self->ledger).seq)
		;

	ASSERT_EQ(0, set_mode(SBPF_CHANNEL_OTHER, SBPF_WRITE_LOG));
	fd = uprobe_open("/proc/self/exe", offset, count_at, pid);
	ASSERT_LE(0, fd);
	EXPECT_TRUE(victim_has(pid, probed, "\xcc", 1));
	EXPECT_TRUE(victim_has(pid, (void *)&counter, (char *)&eight, 2));
	expect_uprobe(_metadata, self->ledger, pid, "set_swbp", probed, 1, 0, true);
	expect_uprobe(_metadata, self->ledger, pid, "__update_ref_ctr", &counter, 2, 0, true);
	EXPECT_EQ(0, ledger_next(self->ledger).seq);
	expect_uprobe_logged(_metadata, log, pid, "allowed");

	/* It goes in any mode: what stayed would end the process. */
	ASSERT_EQ(0, set_mode(SBPF_CHANNEL_OTHER, SBPF_WRITE_DENY));
	close(fd);
	EXPECT_TRUE(await(victim_has(pid, probed, &original, 1)));
	EXPECT_TRUE(victim_has(pid, (void *)&counter, (char *)&seven, 2));
	expect_uprobe(_metadata, self->ledger, pid, "set_orig_insn", probed, 1, 0, true);
	expect_uprobe(_metadata, self->ledger, pid, "__update_ref_ctr", &counter, 2, 0, true);
	EXPECT_EQ(original, *(char *)probed);
	EXPECT_EQ(0, actor_call(&self->victim, act_nothing, 0));
	close(log);
}

/* Sets a uprobe in a process, and takes it away. */
static int act_probe(long pid)
{
	int fd = uprobe_open("/proc/self/exe", file_offset(probed), 0, pid);

	if (fd < 0)
		return -fd;
	close(fd);
	return 0;
}

static int act_probe_child(long unused)
{
	struct actor child;
	int err = actor_start(&child) ?: act_probe(child.pid);

	actor_stop(&child);
	return err;
}

/* The record of what the victim's code is told by a uprobe; not that of its going. */
static struct sbpf_write_record uprobe_by(struct __test_metadata *_metadata, int ledger,
					  struct actor *by, pid_t victim, int error)
{
	const char original = *(char *)probed;
	struct sbpf_write_record record;

	EXPECT_EQ(error, actor_call(by, act_probe, victim));
	EXPECT_TRUE(await(victim_has(victim, probed, &original, 1)));
	record = ledger_next(ledger);
	EXPECT_EQ(SBPF_CHANNEL_OTHER, record.channel);
	EXPECT_STREQ("set_swbp", record.program);
	EXPECT_EQ(-error, record.error);
	EXPECT_EQ(by->pid, record.tgid);
	while (ledger_next(ledger).seq)
		;
	return record;
}

TEST_F(ledger, confines_what_uprobes_write)
{
	const pid_t pid = self->victim.pid;
	struct sbpf_write_record record;
	struct actor writer, other;

	if (access("/sys/bus/event_source/devices/uprobe/type", F_OK))
		SKIP(return, "this kernel has no uprobes");
	ASSERT_EQ(0, actor_start(&writer));
	ASSERT_EQ(0, actor_start(&other));
	ASSERT_EQ(0, set_mode(SBPF_CHANNEL_OTHER, SBPF_WRITE_CONFINE));
	/* The same user, with the privilege. */
	uprobe_by(_metadata, self->ledger, &writer, pid, 0);
	/* Not another user's, though the kernel would let it. */
	ASSERT_EQ(0, actor_call(&self->victim, act_become, USER_A));
	record = uprobe_by(_metadata, self->ledger, &writer, pid, EPERM);
	EXPECT_EQ(USER_A, record.target_uid);
	ASSERT_EQ(0, set_mode(SBPF_CHANNEL_OTHER, SBPF_WRITE_LOG));
	uprobe_by(_metadata, self->ledger, &writer, pid, 0);
	ASSERT_EQ(0, set_mode(SBPF_CHANNEL_OTHER, SBPF_WRITE_CONFINE));
	/* Without the privilege children only. */
	ASSERT_EQ(0, actor_call(&writer, act_drop, 0));
	uprobe_by(_metadata, self->ledger, &writer, other.pid, EPERM);
	EXPECT_EQ(0, actor_call(&writer, act_probe_child, 0));
	EXPECT_EQ(0, ledger_next(self->ledger).error);
	actor_stop(&writer);
	actor_stop(&other);
}

/* As is_denied_by_the_policies_of_writer_and_target. */
TEST_F(ledger, asks_the_policies_about_what_uprobes_write)
{
	const struct probe_record *seen = (void *)&probe.skel->bss->records[1][SBPF_OP_MEM_WRITE];
	struct actor member, other;
	uint64_t id;
	int fd;

	if (access("/sys/bus/event_source/devices/uprobe/type", F_OK))
		SKIP(return, "this kernel has no uprobes");
	policy_reset(&probe);
	ASSERT_EQ(0, actor_start(&member));
	ASSERT_EQ(0, actor_start(&other));
	fd = sandbox_create("probe", "", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, fd);
	id = sandbox_id(fd);
	ASSERT_EQ(0, actor_call(&member, act_enter_id, id));
	EXPECT_EQ(id, uprobe_by(_metadata, self->ledger, &member, self->victim.pid, 0).sandbox);
	/* Not about its going. */
	EXPECT_EQ(1, seen->calls);
	EXPECT_EQ(id, seen->sandbox);
	EXPECT_EQ(SBPF_CHANNEL_OTHER, seen->number);
	EXPECT_EQ(self->victim.pid, seen->key);
	EXPECT_EQ((uintptr_t)probed, seen->extra);

	policy_rule(&probe, 1, SBPF_OP_MEM_WRITE, VERDICT, 0, 0);
	events_reset();
	uprobe_by(_metadata, self->ledger, &member, self->victim.pid, EPERM);
	EXPECT_EQ(2, seen->calls);
	EXPECT_EQ(1, events_total());
	EXPECT_EQ(SBPF_OP_MEM_WRITE, event(SBPF_EVENT_DENIED, 0)->op);
	EXPECT_EQ(self->victim.pid, event(SBPF_EVENT_DENIED, 0)->target_pid);
	/* The same from outside, into a member. */
	events_reset();
	EXPECT_EQ(id, uprobe_by(_metadata, self->ledger, &other, member.pid, EPERM).target_sandbox);
	EXPECT_EQ(3, seen->calls);
	EXPECT_EQ(1, events_total());
	policy_reset(&probe);
	uprobe_by(_metadata, self->ledger, &other, member.pid, 0);
	actor_stop(&member);
	actor_stop(&other);
}

/* Maps code of which nobody else has any: what is its first byte then? */
static char *code;

static int act_map_code(long unused)
{
	int fd = open(CODE, O_RDONLY | O_CLOEXEC);

	code = mmap((void *)0x20000000, PAGE, PROT_READ | PROT_EXEC,
		    MAP_PRIVATE | MAP_FIXED_NOREPLACE, fd, 0);
	close(fd);
	return code == MAP_FAILED ? -1 : (unsigned char)*code;
}

static int act_unmap_code(long unused)
{
	return munmap(code, PAGE) ? errno : 0;
}

/* A uprobe that was set before anybody had the file mapped. */
TEST_F(ledger, has_what_uprobes_write_later)
{
	const pid_t pid = self->victim.pid;
	int fd;

	if (access("/sys/bus/event_source/devices/uprobe/type", F_OK))
		SKIP(return, "this kernel has no uprobes");
	unlink(CODE);
	ASSERT_EQ(0, write_file(CODE, "\x90\x90\x90\x90\x90\x90\x90\x90\xc3\x90\x90\x90"
				      "\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90"));
	fd = uprobe_open(CODE, 0, 0, -1);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, ledger_next(self->ledger).seq);
	EXPECT_EQ(0xcc, actor_call(&self->victim, act_map_code, 0));
	expect_uprobe(_metadata, self->ledger, pid, "set_swbp", (void *)0x20000000, 1, 0, false);
	EXPECT_EQ(0, actor_call(&self->victim, act_unmap_code, 0));

	/* Who set it is not known, so that nobody is the same user. */
	ASSERT_EQ(0, set_mode(SBPF_CHANNEL_OTHER, SBPF_WRITE_CONFINE));
	EXPECT_EQ(0x90, actor_call(&self->victim, act_map_code, 0));
	expect_uprobe(_metadata, self->ledger, pid, "set_swbp", (void *)0x20000000, 1, -EPERM,
		      false);
	close(fd);
	unlink(CODE);
}

static int act_open_ledger(long unused)
{
	int fd = open(LEDGER, O_RDONLY);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int act_read_ledger(long fd)
{
	struct sbpf_write_record record;

	return read(fd, &record, sizeof(record)) < 0 ? errno : 0;
}

TEST_F(ledger, is_read_by_whom_its_file_lets_but_by_no_member)
{
	struct actor user, member;
	int fd;

	ASSERT_EQ(0, actor_start(&user));
	ASSERT_EQ(0, actor_call(&user, act_become, USER_A));
	EXPECT_EQ(EACCES, actor_call(&user, act_open_ledger, 0));
	ASSERT_EQ(0, chown(LEDGER, 0, USER_A));
	EXPECT_EQ(0, actor_call(&user, act_open_ledger, 0));
	ASSERT_EQ(0, chown(LEDGER, 0, 0));
	actor_stop(&user);

	/* Root in a sandbox, whose policy allows everything. */
	ASSERT_EQ(0, actor_start(&member));
	EXPECT_EQ(0, actor_call(&member, act_open_ledger, 0));
	EXPECT_EQ(0, actor_call(&member, act_read_ledger, self->ledger));
	fd = sandbox_create("probe", "", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, actor_call(&member, act_enter_id, sandbox_id(fd)));
	EXPECT_EQ(EPERM, actor_call(&member, act_open_ledger, 0));
	EXPECT_EQ(EPERM, actor_call(&member, act_read_ledger, self->ledger));
	actor_stop(&member);
}

TEST_F(ledger, is_read_in_whole_records)
{
	struct sbpf_write_record records[3];

	ASSERT_EQ(0, by_process_vm(self->victim.pid, page));
	ASSERT_EQ(0, by_process_vm(self->victim.pid, page));
	EXPECT_EQ(-1, read(self->ledger, records, sizeof(records[0]) - 1));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, syscall(SYS_read, self->ledger, 8, sizeof(records)));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(sizeof(records[0]), read(self->ledger, records, sizeof(records[0]) + 7));
	EXPECT_EQ(sizeof(records[0]), read(self->ledger, records + 1, 2 * sizeof(records[0])));
	EXPECT_EQ(records[0].seq + 1, records[1].seq);
	EXPECT_EQ(0, read(self->ledger, records, sizeof(records)));
	EXPECT_EQ(-1, lseek(self->ledger, 0, SEEK_SET));
	EXPECT_EQ(ESPIPE, errno);
}

TEST_F(ledger, modes_are_parameters_for_root)
{
	static const char * const wrong[] = { "de", "denied", "1", "log deny" };
	struct actor user;
	char path[128], text[32];
	int i, mode;

	attack->write = NULL;
	ASSERT_EQ(0, actor_start(&user));
	ASSERT_EQ(0, actor_call(&user, act_become, USER_A));
	for (i = 0; i < SBPF_CHANNEL_MAX; i++) {
		strcpy(path, parameter(i));
		for (mode = 0; mode < ARRAY_SIZE(modes); mode++) {
			ASSERT_EQ(0, set_mode(i, mode));
			ASSERT_EQ(0, read_file(path, text, sizeof(text)));
			text[strcspn(text, "\n")] = 0;
			EXPECT_STREQ(modes[mode], text);
			EXPECT_EQ(mode, ledger_info().channels[i].mode);
			EXPECT_EQ(0, ledger_info().channels[i].error);
		}
		for (mode = 0; mode < ARRAY_SIZE(wrong); mode++)
			EXPECT_EQ(EINVAL, write_file(path, wrong[mode]));
		EXPECT_EQ(SBPF_WRITE_CONFINE, ledger_info().channels[i].mode);
		snprintf(attack->path, sizeof(attack->path), "%s", path);
		EXPECT_EQ(EACCES, actor_call(&user, act_write_off, 0));
	}
	EXPECT_EQ(SBPF_CHANNEL_MAX, ledger_info().channels_count);
	actor_stop(&user);
}

/* Root in a sandbox, whose policy allows everything, sets none. */
TEST_F(ledger, modes_are_not_for_members)
{
	struct actor member;
	int i, fd;

	ASSERT_EQ(0, actor_start(&member));
	fd = sandbox_create("probe", "", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, fd);
	snprintf(attack->path, sizeof(attack->path), "%s", parameter(SBPF_CHANNEL_BPF));
	EXPECT_EQ(0, actor_call(&member, act_write_off, 0));
	EXPECT_EQ(SBPF_WRITE_OFF, ledger_info().channels[SBPF_CHANNEL_BPF].mode);
	ASSERT_EQ(0, set_all(SBPF_WRITE_LOG));
	ASSERT_EQ(0, actor_call(&member, act_enter_id, sandbox_id(fd)));
	for (i = 0; i < SBPF_CHANNEL_MAX; i++) {
		snprintf(attack->path, sizeof(attack->path), "%s", parameter(i));
		EXPECT_EQ(EPERM, actor_call(&member, act_write_off, 0));
		EXPECT_EQ(SBPF_WRITE_LOG, ledger_info().channels[i].mode);
	}
	actor_stop(&member);
}

/* Lines that the log does not show are counted. */
TEST_F(ledger, counts_lines_that_are_not_in_the_log)
{
	const uint64_t before = ledger_info().suppressed;
	int log = log_open(), shown = 0, i;
	uint64_t suppressed;
	char line[512];

	ASSERT_LE(0, log);
	for (i = 0; i < 100; i++)
		ASSERT_EQ(0, by_process_vm(self->victim.pid, page));
	while (log_next(log, "sbpf: process_vm write: pid ", line, sizeof(line)))
		shown++;
	suppressed = ledger_info().suppressed - before;
	EXPECT_LT(0, suppressed);
	EXPECT_EQ(100, shown + suppressed);
	close(log);
}

/* Writes in one of several ways until nobody is left to write to. */
static void write_until_gone(int way, pid_t pid)
{
	struct uffdio_copy copy = {
		.dst = (uintptr_t)missing, .src = (uintptr_t)page, .len = PAGE,
	};
	int fd;

	switch (way) {
	case 0:
	case 1:
		while (!by_process_vm(pid, page))
			;
		break;
	case 2:
		fd = mem_open(pid);
		while (pwrite(fd, BYTES, LEN, (off_t)page) == LEN)
			;
		break;
	case 3:
		/* The page is there after the first time, which is seen by then. */
		fd = uffd_of(pid);
		while (!ioctl(fd, UFFDIO_COPY, &copy) || errno == EEXIST)
			;
		break;
	case 4:
		if (trace(pid))
			break;
		while (!ptrace(PTRACE_POKEDATA, pid, page, 0) &&
		       !ptrace(PTRACE_POKEUSER, pid, place(SBPF_CHANNEL_REGISTERS, 0), 0))
			;
		break;
	default:
		while (!act_probe(pid))
			;
	}
}

/* Processes that die while they are written to. */
TEST_F_TIMEOUT(ledger, outlives_its_targets, 300)
{
	static const int channels[] = {
		SBPF_CHANNEL_PROCESS_VM, SBPF_CHANNEL_PROC_MEM, SBPF_CHANNEL_USERFAULTFD,
		SBPF_CHANNEL_PTRACE, SBPF_CHANNEL_REGISTERS, SBPF_CHANNEL_OTHER,
	};
	const int uprobes = !access("/sys/bus/event_source/devices/uprobe/type", F_OK);
	struct sbpf_ledger_info before = ledger_info();
	int round, i;

	for (round = 0; round < 20; round++) {
		struct actor victim;
		pid_t writers[6];

		ASSERT_EQ(0, actor_start(&victim));
		ASSERT_EQ(0, actor_call(&victim, act_uffd, 0));
		for (i = 0; i < ARRAY_SIZE(writers); i++) {
			writers[i] = fork();
			if (writers[i])
				continue;
			write_until_gone(i, victim.pid);
			_exit(0);
		}
		usleep(round * 1000 * slow());
		/* The last waits for each of them. */
		for (i = 0; i < ARRAY_SIZE(channels) - !uprobes && round == 19; i++)
			EXPECT_TRUE(await(ledger_info().channels[channels[i]].records >
					  before.channels[channels[i]].records)) {
				TH_LOG("channel %d", channels[i]);
			}
		actor_stop(&victim);
		for (i = 0; i < ARRAY_SIZE(writers); i++)
			waitpid(writers[i], NULL, 0);
	}
}

#define CHANGING	DIR "/changing"

/*
 * What a process that is another one all the time shares with the test, at an address of
 * its own: it executes itself with a second thread, forks with one, and leaves its place
 * to the child.
 */
static struct changing {
	pid_t pid;
	pid_t owner;
	int stop;
	int times;
	char bytes[PAGE - 16];
} *const changing = (void *)0x30000000;

static int changing_map(void)
{
	int fd = open(CHANGING, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int err = ftruncate(fd, PAGE) ||
		  mmap(changing, PAGE, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_FIXED_NOREPLACE, fd, 0) != changing ? errno : 0;

	close(fd);
	return err;
}

static void *wait_on(void *unused)
{
	pause();
	return NULL;
}

static int change(void)
{
	pthread_t thread;

	if (changing_map() || pthread_create(&thread, NULL, wait_on, NULL) ||
	    changing->stop || kill(changing->owner, 0))
		return KSFT_FAIL;
	changing->times++;
	if (fork())
		_exit(0);
	changing->pid = getpid();
	if (pthread_create(&thread, NULL, wait_on, NULL))
		return KSFT_FAIL;
	execl("/proc/self/exe", "ledger_test", CHANGING, NULL);
	return KSFT_FAIL;
}

/* Odd while all writes that begin and end meanwhile are denied. */
static atomic_int denying;

struct chaser {
	int (*write)(pid_t pid, void *to);
	bool privileged;
	atomic_long written;
	long unrecorded, beaten;
};

/* Writes, each time elsewhere, and looks for the record of what was written. */
static void *chase(void *arg)
{
	struct chaser *chaser = arg;
	int fd = ledger_open(), i, before, err, tries;
	struct sbpf_write_record record;
	uint64_t last = 0;
	bool found;
	char *to;

	if (!chaser->privileged)
		act_drop(0);
	/* Who is chased comes first. */
	nice(10);
	for (i = 0; !changing->stop; i++) {
		to = changing->bytes + i % 400 * LEN;
		before = denying;
		err = chaser->write(changing->pid, to);
		if (!err && before % 2 && before == denying)
			chaser->beaten++;
		/* Behind one that another processor has not finished it is not to be read yet. */
		found = false;
		for (tries = 0; !tries || (!err && !found && tries < 1000); tries++) {
			if (tries)
				usleep(1000);
			while ((record = ledger_next(fd)).seq) {
				/* What is not kept any more is not missed. */
				if (last && record.seq != last + 1)
					found = true;
				last = record.seq;
				if (record.pid == gettid() && record.addr == (uintptr_t)to &&
				    !record.error)
					found = true;
			}
		}
		chaser->written += !err;
		chaser->unrecorded += !err && !found;
	}
	close(fd);
	return NULL;
}

#define CHASERS		4
#define TIMES		30

/* Has each of them had its chances? */
static bool chased(const struct chaser *chasers)
{
	int i;

	for (i = 0; i < CHASERS && chasers[i].written; i++)
		;
	return i == CHASERS && changing->times >= TIMES;
}

/* Those that only ancestors may write into are children of ours as soon as they have no other. */
TEST_F_TIMEOUT(ledger, is_not_outrun_by_who_forks_executes_and_exits, 300)
{
	static const int order[] = { SBPF_WRITE_LOG, SBPF_WRITE_DENY, SBPF_WRITE_CONFINE };
	struct chaser chasers[CHASERS] = {
		{ .write = by_process_vm }, { .write = by_process_vm, .privileged = true },
		{ .write = by_proc_mem }, { .write = by_pokedata },
	};
	static const int channels[] = {
		SBPF_CHANNEL_PROCESS_VM, SBPF_CHANNEL_PROC_MEM, SBPF_CHANNEL_PTRACE,
	};
	struct sbpf_ledger_info before = ledger_info();
	pthread_t threads[ARRAY_SIZE(chasers)];
	int i, round;
	pid_t pid;

	ASSERT_EQ(0, changing_map());
	changing->owner = getpid();
	ASSERT_EQ(0, prctl(PR_SET_CHILD_SUBREAPER, 1));
	signal(SIGCHLD, SIG_IGN);
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		/* Else the kernel would keep all of them from it but the privileged one. */
		prctl(PR_CAPBSET_DROP, CAP_SYS_PTRACE);
		execl("/proc/self/exe", "ledger_test", CHANGING, NULL);
		_exit(KSFT_FAIL);
	}
	EXPECT_TRUE(await(changing->pid));
	for (i = 0; i < ARRAY_SIZE(chasers); i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, chase, &chasers[i]));
	for (round = 0; round < 30 || (round < 300 && !chased(chasers)); round++) {
		const int mode = order[round % ARRAY_SIZE(order)];

		for (i = 0; i < ARRAY_SIZE(channels); i++)
			EXPECT_EQ(0, set_mode(channels[i], mode));
		denying += mode == SBPF_WRITE_DENY;
		usleep(100000 * slow());
		denying += mode == SBPF_WRITE_DENY;
	}
	changing->stop = 1;
	for (i = 0; i < ARRAY_SIZE(chasers); i++) {
		pthread_join(threads[i], NULL);
		EXPECT_LT(0, chasers[i].written);
		EXPECT_EQ(0, chasers[i].unrecorded) TH_LOG("writer %d", i);
		EXPECT_EQ(0, chasers[i].beaten) TH_LOG("writer %d", i);
	}
	EXPECT_LE(TIMES, changing->times);
	for (i = 0; i < ARRAY_SIZE(channels); i++)
		EXPECT_LT(before.channels[channels[i]].denied,
			  ledger_info().channels[channels[i]].denied);
	TH_LOG("%d processes; written: %ld %ld %ld %ld", changing->times, chasers[0].written,
	       chasers[1].written, chasers[2].written, chasers[3].written);
	signal(SIGCHLD, SIG_DFL);
	unlink(CHANGING);
}

#define THREADS 4

static atomic_long failures;

static void *write_often(void *arg)
{
	const struct attack *what = arg;
	long i;

	for (i = 0; i < what->rounds; i++)
		if (what->write(what->pid, page + 8))
			failures++;
	return NULL;
}

/*
 * Each of many writes is on record, or counted as lost; for who reads meanwhile too.
 * SBPF_LEDGER_WRITES says how many, a million with SBPF_TEST_LONG.
 */
TEST_F_TIMEOUT(ledger, accounts_for_every_write_under_load, 1200)
{
	static struct sbpf_write_record records[256];
	const char *number = getenv("SBPF_LEDGER_WRITES");
	const long total = number ? atol(number) : getenv("SBPF_TEST_LONG") ? 1000000 : 20000;
	struct attack what = {
		.write = by_process_vm, .pid = self->victim.pid, .rounds = total / THREADS,
	};
	struct sbpf_ledger_info before = ledger_info(), after;
	uint64_t seen = 0, gaps = 0, kept = 0, next = before.records + 1, lost;
	pthread_t threads[THREADS];
	ssize_t len;
	int i, fd;

	for (i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, write_often, &what));
	do {
		after = ledger_info();
		while ((len = read(self->ledger, records, sizeof(records))) > 0) {
			for (i = 0; i < len / (ssize_t)sizeof(records[0]); i++) {
				/* In order, none twice. */
				if (records[i].seq < next)
					failures++;
				gaps += records[i].seq - next;
				next = records[i].seq + 1;
				seen++;
				if (records[i].addr != (uintptr_t)page + 8 ||
				    records[i].target_pid != what.pid || records[i].error)
					failures++;
			}
		}
	} while (after.records < before.records + total);
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	gaps += after.records + 1 - next;
	EXPECT_EQ(0, failures);
	EXPECT_EQ(before.records + total, ledger_info().records);
	EXPECT_EQ(total, seen + gaps);
	EXPECT_EQ(before.channels[SBPF_CHANNEL_PROCESS_VM].records + total,
		  ledger_info().channels[SBPF_CHANNEL_PROCESS_VM].records);

	/* What is there now is what is not lost. */
	fd = open(LEDGER, O_RDONLY);
	ASSERT_LE(0, fd);
	while ((len = read(fd, records, sizeof(records))) > 0)
		kept += len / sizeof(records[0]);
	lost = ledger_info().lost;
	EXPECT_EQ(ledger_info().records, kept + lost);
	TH_LOG("%ld writes: %llu seen while they were made, %llu missed; kept %llu, lost %llu",
	       total, (unsigned long long)seen, (unsigned long long)gaps,
	       (unsigned long long)kept, (unsigned long long)lost);
	close(fd);
}

int main(int argc, char **argv)
{
	int fd;

	if (argc == 2 && !strcmp(argv[1], CHANGING))
		return change();
	if (setup() || setup_policy(&probe, "probe", OPS_ALL, SBPF_POLICY_OPEN))
		return KSFT_FAIL;
	page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	/* Apart from others that could be merged with it. */
	shared = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	missing = mmap(NULL, 4 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	attack = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	fd = open(FREE, O_RDONLY);
	mapped = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	if (page == MAP_FAILED || shared == MAP_FAILED || missing == MAP_FAILED ||
	    attack == MAP_FAILED || mapped == MAP_FAILED ||
	    mprotect(missing + PAGE, 2 * PAGE, PROT_READ | PROT_WRITE))
		return KSFT_FAIL;
	missing += PAGE;
	return run_tests(argc, argv);
}
