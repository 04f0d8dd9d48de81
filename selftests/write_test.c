// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf selftests - Writes of BPF programs into a process's memory
 *
 * The programs of bpf/write.bpf.c write into the memory of whoever asks for it:
 * here the test itself, or a child. The policy of bpf/asked.bpf.c decides about it.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "common.h"
#include "kselftest_harness.h"
#include "asked.skel.h"
#include "write.skel.h"

/* As in bpf/write.bpf.c. */
#define OPTION	0x53425046

#define MODE	"/sys/module/sbpf/parameters/bpf_write"
#define KPROBES	"/sys/kernel/debug/kprobes/enabled"

static struct write_bpf *programs;

static char target[64];

/* Ask for one write. */
static int ask(void *address)
{
	return syscall(SYS_prctl, OPTION, address, 0, 0, 0) < 0 ? errno : 0;
}

static int act_ask(long address)
{
	return ask((void *)address) == EINVAL ? 0 : EIO;
}

static int programs_open(const char *name, bool load)
{
	struct bpf_program *program;

	programs = write_bpf__open();
	if (!programs)
		return errno;
	program = bpf_object__find_program_by_name(programs->obj, name);
	if (!program)
		return ENOENT;
	bpf_program__set_autoload(program, true);
	if (!load)
		return 0;
	if (write_bpf__load(programs) || write_bpf__attach(programs))
		return errno;
	memset(programs->bss->bytes, 'B', sizeof(programs->bss->bytes));
	programs->bss->pid = getpid();
	return 0;
}

static uint64_t writes(void)
{
	struct sbpf_info info;

	return info_get(&info) ? ~0ULL : info.writes;
}

static uint64_t missed(void)
{
	struct sbpf_info info;

	return info_get(&info) ? ~0ULL : info.writes_missed;
}

FIXTURE(write) {
	int log;
};

FIXTURE_VARIANT(write) {
	const char *program;
	/* What the kernel calls the function that calls the helper. */
	const char *symbol;
};

#define WRITE(name) \
	FIXTURE_VARIANT_ADD(write, name) { .program = #name, .symbol = #name }
WRITE(by_fentry);
WRITE(by_sleepable);
WRITE(by_tracepoint);
WRITE(by_lsm);
/* The kernel runs no kprobe there, so that another guard has to see it. */
WRITE(by_kprobe);
FIXTURE_VARIANT_ADD(write, by_subprogram) {
	.program = "by_subprogram",
	.symbol = "subprogram",
};

FIXTURE_SETUP(write)
{
	ASSERT_EQ(0, write_file(MODE, "log"));
	ASSERT_EQ(0, programs_open(variant->program, true));
	memset(target, 'A', sizeof(target));
	self->log = log_open();
	ASSERT_LE(0, self->log);
	events_reset();
}

FIXTURE_TEARDOWN(write)
{
	write_file(MODE, "log");
	write_bpf__destroy(programs);
}

/* Did exactly the bytes change that were to be written? */
static bool written(void)
{
	return !memcmp(target, "AAAAAAAABBBBBBBBAAAAAAAA", 24);
}

static bool untouched(void)
{
	return !memcmp(target, "AAAAAAAAAAAAAAAAAAAAAAAA", 24);
}

/* What event and log must tell of the one write that there was. */
static void expect_report(struct __test_metadata *_metadata, int log,
			  const char *symbol, int error)
{
	char line[512] = "", word[64], comm[16];
	const struct sbpf_event *seen;

	prctl(PR_GET_NAME, comm);
	EXPECT_EQ(1, events_total());
	ASSERT_EQ(1, events_count(SBPF_EVENT_WRITE));
	seen = event(SBPF_EVENT_WRITE, 0);
	EXPECT_EQ(error, seen->error);
	EXPECT_EQ((uintptr_t)(target + 8), seen->addr);
	EXPECT_EQ(8, seen->len);
	EXPECT_EQ(getpid(), seen->target_pid);
	EXPECT_STREQ(comm, seen->target_comm);
	EXPECT_EQ(gettid(), seen->pid);
	EXPECT_EQ(getpid(), seen->tgid);
	EXPECT_EQ(SBPF_OP_MAX, seen->op);
	EXPECT_EQ(0, seen->sandbox);
	EXPECT_NE(NULL, strstr(seen->text, symbol)) TH_LOG("text: %s", seen->text);

	ASSERT_TRUE(log_find(log, "sbpf: bpf write:", line, sizeof(line)));
	EXPECT_NE(NULL, strstr(line, symbol)) TH_LOG("the log says: %s", line);
	snprintf(word, sizeof(word), "pid %d ", getpid());
	EXPECT_NE(NULL, strstr(line, word));
	snprintf(word, sizeof(word), "comm %s ", comm);
	EXPECT_NE(NULL, strstr(line, word));
	snprintf(word, sizeof(word), "address 0x%lx ", (uintptr_t)(target + 8));
	EXPECT_NE(NULL, strstr(line, word));
	EXPECT_NE(NULL, strstr(line, "length 8"));
	EXPECT_NE(NULL, strstr(line, error ? "denied" : "allowed"));
	/* And that was all. */
	EXPECT_FALSE(log_next(log, "bpf write:", line, sizeof(line)));
}

TEST_F(write, is_logged_denied_or_ignored)
{
	/* Who has loaded the program is in no sandbox, so that these are the same. */
	static const char * const denying[] = { "deny", "confine" };
	uint64_t before = writes(), missed_before = missed();
	char line[512];
	int i;

	ASSERT_EQ(EINVAL, ask(target + 8));
	EXPECT_EQ(1, programs->bss->calls);
	EXPECT_EQ(0, programs->bss->ret);
	EXPECT_TRUE(written());
	expect_report(_metadata, self->log, variant->symbol, 0);
	EXPECT_EQ(before + 1, writes());

	for (i = 0; i < ARRAY_SIZE(denying); i++) {
		ASSERT_EQ(0, write_file(MODE, denying[i]));
		memset(target, 'A', sizeof(target));
		events_reset();
		ASSERT_EQ(EINVAL, ask(target + 8));
		EXPECT_EQ(2 + i, programs->bss->calls);
		EXPECT_EQ(-EPERM, programs->bss->ret);
		EXPECT_EQ(1 + i, programs->bss->refused);
		EXPECT_TRUE(untouched());
		expect_report(_metadata, self->log, variant->symbol, -EPERM);
		EXPECT_EQ(before + 2 + i, writes());
	}

	ASSERT_EQ(0, write_file(MODE, "off"));
	events_reset();
	ASSERT_EQ(EINVAL, ask(target + 8));
	EXPECT_EQ(4, programs->bss->calls);
	EXPECT_EQ(0, programs->bss->ret);
	EXPECT_TRUE(written());
	EXPECT_EQ(0, events_total());
	EXPECT_FALSE(log_next(self->log, "bpf write:", line, sizeof(line)));
	EXPECT_EQ(before + 3, writes());
	EXPECT_EQ(missed_before, missed());
}

FIXTURE(guard) {
	int log;
};

FIXTURE_SETUP(guard)
{
	ASSERT_EQ(0, write_file(MODE, "log"));
	memset(target, 'A', sizeof(target));
	self->log = log_open();
	ASSERT_LE(0, self->log);
	events_reset();
}

FIXTURE_TEARDOWN(guard)
{
	write_file(KPROBES, "1");
	write_file(MODE, "log");
	if (programs)
		write_bpf__destroy(programs);
}

TEST_F(guard, mode_is_a_parameter)
{
	static const char * const modes[] = { "off", "log", "deny" };
	static const char * const wrong[] = { "", "de", "denied", "1", "log deny" };
	struct sbpf_info info;
	char text[32];
	int i;

	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		ASSERT_EQ(0, write_file(MODE, modes[i]));
		ASSERT_EQ(0, read_file(MODE, text, sizeof(text)));
		text[strcspn(text, "\n")] = 0;
		EXPECT_STREQ(modes[i], text);
		ASSERT_EQ(0, info_get(&info));
		/* In this order: SBPF_WRITE_OFF, SBPF_WRITE_LOG, SBPF_WRITE_DENY. */
		EXPECT_EQ(i, info.write_mode);
		EXPECT_EQ(0, info.write_error);
	}
	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		/* Nothing is written of an empty string. */
		if (wrong[i][0])
			EXPECT_EQ(EINVAL, write_file(MODE, wrong[i]));
		ASSERT_EQ(0, info_get(&info));
		EXPECT_EQ(SBPF_WRITE_DENY, info.write_mode);
	}
	/* With the newline of a shell, too. */
	EXPECT_EQ(0, write_file(MODE, "log\n"));
}

static int act_write_mode(long mode)
{
	return write_file(MODE, (const char *)mode);
}

TEST_F(guard, mode_is_for_root)
{
	struct actor user;

	ASSERT_EQ(0, actor_start(&user));
	ASSERT_EQ(0, actor_call(&user, act_become, USER_A));
	EXPECT_EQ(EACCES, actor_call(&user, act_write_mode, PATH("off")));
	actor_stop(&user);
}

TEST_F(guard, tells_which_sandbox_was_written_to)
{
	const struct sbpf_event *seen;
	struct actor member;
	int fd;

	ASSERT_EQ(0, actor_start(&member));
	ASSERT_EQ(0, programs_open("by_fentry", true));
	fd = sandbox_create("probe", "", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, actor_call(&member, act_enter_id, sandbox_id(fd)));
	programs->bss->pid = member.pid;
	events_reset();
	ASSERT_EQ(0, actor_call(&member, act_ask, PATH(target + 8)));
	EXPECT_EQ(1, events_total());
	seen = event(SBPF_EVENT_WRITE, 0);
	EXPECT_EQ(SBPF_EVENT_WRITE, seen->type);
	EXPECT_EQ(member.pid, seen->target_pid);
	EXPECT_STREQ(ACTOR_COMM, seen->target_comm);
	EXPECT_EQ(sandbox_id(fd), seen->sandbox);
	EXPECT_STREQ("probe", seen->policy);
	/* This process's memory is another. */
	EXPECT_TRUE(untouched());
	actor_stop(&member);
}

/* A descriptor of the ledger from which what there is has been read. */
static int ledger_open(void)
{
	static struct sbpf_write_record records[64];
	int fd = open("/dev/sbpf_ledger", O_RDONLY | O_CLOEXEC);

	while (fd >= 0 && read(fd, records, sizeof(records)) > 0)
		;
	return fd;
}

/* The next record of a write of a BPF program; all zero for none. */
static struct sbpf_write_record ledger_next(int fd)
{
	struct sbpf_write_record record;

	do {
		memset(&record, 0, sizeof(record));
	} while (read(fd, &record, sizeof(record)) == sizeof(record) &&
		 record.channel != SBPF_CHANNEL_BPF);
	return record;
}

/* A page that was not written to since fork(2) is none that a program can write to. */
static int act_touch(long unused)
{
	memset(target, 'A', sizeof(target));
	return 0;
}

/* Has the target of this process been written to? */
static int act_is_written(long unused)
{
	return written() ? 0 : untouched() ? ENODATA : EIO;
}

/* Whose policy has gone may not be written to, nor is anybody asked. */
TEST_F(guard, nothing_writes_into_members_without_a_policy)
{
	const int ledger = ledger_open();
	struct sbpf_write_record record;
	struct policy closed;
	struct actor member;
	int fd;

	ASSERT_LE(0, ledger);
	/* First: it is to have no descriptor of the policy. */
	ASSERT_EQ(0, actor_start(&member));
	ASSERT_EQ(0, actor_call(&member, act_touch, 0));
	ASSERT_EQ(0, setup_policy(&closed, "closed", 0, SBPF_POLICY_OPEN));
	ASSERT_EQ(0, programs_open("by_fentry", true));
	fd = sandbox_create("closed", "", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, actor_call(&member, act_enter_id, sandbox_id(fd)));
	programs->bss->pid = member.pid;
	ASSERT_EQ(0, actor_call(&member, act_ask, PATH(target + 8)));
	EXPECT_EQ(0, programs->bss->ret);
	EXPECT_EQ(0, actor_call(&member, act_is_written, 0));
	record = ledger_next(ledger);
	EXPECT_EQ(0, record.error);
	EXPECT_EQ(member.pid, record.target_pid);

	ASSERT_EQ(0, actor_call(&member, act_touch, 0));
	policy_close(&closed);
	events_reset();
	actor_call(&member, act_ask, PATH(target + 8));
	EXPECT_EQ(2, programs->bss->calls);
	EXPECT_EQ(-EPERM, programs->bss->ret);
	EXPECT_EQ(ENODATA, actor_call(&member, act_is_written, 0));
	ASSERT_EQ(1, events_count(SBPF_EVENT_WRITE));
	EXPECT_EQ(-EPERM, event(SBPF_EVENT_WRITE, 0)->error);
	record = ledger_next(ledger);
	EXPECT_EQ(-EPERM, record.error);
	EXPECT_EQ(sandbox_id(fd), record.target_sandbox);
	EXPECT_EQ(0, ledger_next(ledger).seq);
	actor_stop(&member);
	close(fd);
	close(ledger);
}

static int act_load_and_ask(long program)
{
	int err = programs_open((const char *)program, true) ?: act_ask(PATH(target + 8));

	write_bpf__destroy(programs);
	return err;
}

/* Whoever that was, in a sandbox or not, the writer is told, and the program. */
TEST_F(guard, tells_who_loaded_the_program)
{
	const int ledger = ledger_open();
	struct bpf_prog_info info = {};
	struct sbpf_write_record record;
	__u32 len = sizeof(info);
	char comm[16];
	int fd;

	ASSERT_LE(0, ledger);
	ASSERT_EQ(0, prctl(PR_GET_NAME, comm));
	ASSERT_EQ(0, programs_open("by_tracepoint", true));
	ASSERT_EQ(0, bpf_prog_get_info_by_fd(bpf_program__fd(programs->progs.by_tracepoint),
					     &info, &len));
	ASSERT_EQ(EINVAL, ask(target + 8));
	record = ledger_next(ledger);
	EXPECT_EQ(getpid(), record.pid);
	EXPECT_EQ(getpid(), record.tgid);
	EXPECT_EQ(0, record.uid);
	EXPECT_EQ(0, record.sandbox);
	EXPECT_STREQ(comm, record.comm);
	EXPECT_STREQ("by_tracepoint", record.program);
	EXPECT_EQ(info.id, record.program_id);
	EXPECT_EQ(0, memcmp(info.tag, record.tag, sizeof(record.tag)));
	EXPECT_EQ(getpid(), record.target_pid);
	EXPECT_EQ(0, record.target_uid);
	write_bpf__destroy(programs);
	programs = NULL;

	/* By a member, into itself. */
	fd = sandbox_create("probe", "", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, run(fd, act_load_and_ask, PATH("by_fentry")));
	record = ledger_next(ledger);
	EXPECT_NE(getpid(), record.pid);
	EXPECT_EQ(record.target_pid, record.pid);
	EXPECT_EQ(sandbox_id(fd), record.sandbox);
	EXPECT_EQ(sandbox_id(fd), record.target_sandbox);
	EXPECT_STREQ("by_fentry", record.program);
	EXPECT_EQ(0, ledger_next(ledger).seq);
	close(fd);
	close(ledger);
}

/* A write that fails for a reason of its own is one all the same. */
TEST_F(guard, tells_of_writes_that_fail)
{
	ASSERT_EQ(0, programs_open("by_fentry", true));
	events_reset();
	ASSERT_EQ(EINVAL, ask((void *)8));
	EXPECT_EQ(1, programs->bss->calls);
	EXPECT_EQ(1, programs->bss->refused);
	EXPECT_EQ(-EFAULT, programs->bss->ret);
	EXPECT_EQ(1, events_total());
	EXPECT_EQ(8, event(SBPF_EVENT_WRITE, 0)->addr);
}

/* Where a file is mapped: which one, as far as that can be told without a lock. */
TEST_F(guard, tells_which_file_is_mapped)
{
	char name[NAME_MAX + 1], path[PATH_MAX], expected[SBPF_PATH_MAX];
	struct sbpf_write_record record;
	int ledger, fd, len;
	char *mapped;

	ASSERT_EQ(0, programs_open("by_fentry", true));
	/* A long one, of which a record has the beginning. */
	memset(name, 'n', NAME_MAX);
	name[NAME_MAX] = '\0';
	for (len = NAME_MAX; len; len = len == NAME_MAX ? 4 : 0) {
		snprintf(path, sizeof(path), "%s/%.*s", DIR, len, name);
		snprintf(expected, sizeof(expected), ".../%.*s", len, name);
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, ftruncate(fd, 4096));
		mapped = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
		ASSERT_NE(MAP_FAILED, mapped);
		close(fd);
		mapped[0] = 'A';
		ledger = ledger_open();
		ASSERT_LE(0, ledger);
		ASSERT_EQ(EINVAL, ask(mapped));
		EXPECT_EQ(0, memcmp(mapped, "BBBBBBBB", 8));
		record = ledger_next(ledger);
		EXPECT_EQ(SBPF_MAPPING_FILE, record.mapping);
		EXPECT_STREQ(expected, record.path);
		munmap(mapped, 4096);
		unlink(path);
		close(ledger);
	}
}

#define CPU1 "/sys/devices/system/cpu/cpu1/online"

TEST_F_TIMEOUT(guard, sees_them_on_a_processor_that_comes_back, 120)
{
	const uint64_t missed_before = missed();
	cpu_set_t all, one;

	ASSERT_EQ(0, programs_open("by_kprobe", true));
	ASSERT_EQ(0, sched_getaffinity(0, sizeof(all), &all));
	ASSERT_EQ(0, write_file(CPU1, "0"));
	ASSERT_EQ(0, write_file(CPU1, "1"));
	CPU_ZERO(&one);
	CPU_SET(1, &one);
	ASSERT_EQ(0, sched_setaffinity(0, sizeof(one), &one));
	events_reset();
	ASSERT_EQ(EINVAL, ask(target + 8));
	EXPECT_EQ(1, programs->bss->calls);
	EXPECT_EQ(1, events_count(SBPF_EVENT_WRITE));
	EXPECT_EQ(missed_before, missed());
	sched_setaffinity(0, sizeof(all), &all);
}

#define DEBUG_REGISTERS 4

/* Take or give back the debug registers of all processors. */
static int registers_take(bool take)
{
	static int fds[CPU_SETSIZE * DEBUG_REGISTERS], count;
	struct perf_event_attr attr = {
		.type = PERF_TYPE_BREAKPOINT,
		.size = sizeof(attr),
		.bp_type = HW_BREAKPOINT_W,
		.bp_addr = (uintptr_t)&count,
		.bp_len = HW_BREAKPOINT_LEN_4,
	};
	int i;

	for (; !take && count; count--)
		close(fds[count - 1]);
	for (i = 0; take && i < DEBUG_REGISTERS * sysconf(_SC_NPROCESSORS_ONLN); i++) {
		fds[i] = syscall(SYS_perf_event_open, &attr, -1, i / DEBUG_REGISTERS, -1, 0);
		if (fds[i] < 0)
			return errno;
		count++;
	}
	return 0;
}

/*
 * The kernel does not run a kprobe within a kprobe: without a breakpoint what a
 * program writes there is counted only, and the program is told of when it is
 * loaded, or refused.
 */
TEST_F_TIMEOUT(guard, without_breakpoints_programs_for_kprobes_are_counted_or_refused, 300)
{
	struct sbpf_info before, after;
	char line[512] = "";

	/* The guard has one of them; and none when it is off. */
	EXPECT_EQ(ENOSPC, registers_take(true));
	registers_take(false);
	ASSERT_EQ(0, write_file(MODE, "off"));
	ASSERT_EQ(0, registers_take(true));
	ASSERT_EQ(0, write_file(MODE, "log"));
	EXPECT_TRUE(log_find(self->log, "no breakpoint", line, sizeof(line)));

	ASSERT_EQ(0, info_get(&before));
	EXPECT_EQ(0, before.write_error);
	EXPECT_EQ(ENOSPC, before.write_break_error);
	EXPECT_EQ(0, system("sbpf check | grep -q '^warn *write guard.*kprobe.*No space'"));
	ASSERT_EQ(0, programs_open("by_kprobe", true));
	EXPECT_TRUE(log_find(self->log, "by_kprobe", line, sizeof(line)));
	EXPECT_NE(NULL, strstr(line, "sbpf: bpf write:"));
	ASSERT_EQ(EINVAL, ask(target + 8));
	ASSERT_EQ(EINVAL, ask(target + 8));
	EXPECT_EQ(2, programs->bss->calls);
	EXPECT_TRUE(written());
	ASSERT_EQ(0, info_get(&after));
	EXPECT_EQ(before.writes + 2, after.writes);
	EXPECT_EQ(before.writes_missed + 2, after.writes_missed);
	write_bpf__destroy(programs);

	ASSERT_EQ(0, write_file(MODE, "deny"));
	bpf_quiet(true);
	ASSERT_EQ(0, programs_open("by_kprobe", false));
	EXPECT_NE(0, write_bpf__load(programs));
	EXPECT_EQ(EPERM, errno);
	EXPECT_TRUE(log_find(self->log, "refused", line, sizeof(line)));
	EXPECT_NE(NULL, strstr(line, "by_kprobe"));
	write_bpf__destroy(programs);

	/* Others are not hindered, nor is it when nobody watches. */
	ASSERT_EQ(0, programs_open("by_fentry", true));
	write_bpf__destroy(programs);
	ASSERT_EQ(0, write_file(MODE, "off"));
	ASSERT_EQ(0, programs_open("by_kprobe", true));

	/* Once there are registers again all is well. */
	registers_take(false);
	ASSERT_EQ(0, write_file(MODE, "log"));
	ASSERT_EQ(0, info_get(&after));
	EXPECT_EQ(0, after.write_break_error);
	events_reset();
	ASSERT_EQ(EINVAL, ask(target + 8));
	EXPECT_EQ(1, events_count(SBPF_EVENT_WRITE));
}

static int channel_error(void)
{
	struct sbpf_ledger_info info = { .size = sizeof(info) };

	return sbpf_ioctl(control, SBPF_IOC_LEDGER, &info) ?:
	       info.channels[SBPF_CHANNEL_BPF].error;
}

/* Switched off by root, for all of the kernel: that is told, by "sbpf check" too. */
TEST_F_TIMEOUT(guard, tells_when_kprobes_are_switched_off, 300)
{
	struct sbpf_info info;

	EXPECT_NE(0, system("sbpf check | grep -q 'kprobes are switched off'"));
	ASSERT_EQ(0, info_get(&info));
	EXPECT_EQ(0, info.write_disarmed);
	ASSERT_EQ(0, programs_open("by_fentry", true));
	ASSERT_EQ(0, write_file(KPROBES, "0"));
	EXPECT_EQ(0, system("sbpf check >/dev/null"));
	EXPECT_EQ(0, system("sbpf check | grep -q '^warn *write guard: log, but kprobes are "
			    "switched off: only breakpoints see'"));
	ASSERT_EQ(0, info_get(&info));
	EXPECT_EQ(1, info.write_disarmed);
	EXPECT_EQ(0, info.write_error);
	/* Which do. */
	EXPECT_EQ(0, channel_error());
	events_reset();
	ASSERT_EQ(EINVAL, ask(target + 8));
	EXPECT_EQ(1, events_count(SBPF_EVENT_WRITE));

	/* Where there are none, nothing does, and nothing can be denied. */
	ASSERT_EQ(0, write_file(MODE, "off"));
	ASSERT_EQ(0, registers_take(true));
	ASSERT_EQ(0, write_file(MODE, "log"));
	EXPECT_EQ(EOPNOTSUPP, channel_error());
	EXPECT_EQ(0, system("sbpf check | grep -q '^warn *write guard: log, but kprobes are "
			    "switched off: writes of BPF programs are not seen'"));
	EXPECT_EQ(0, system("sbpf guard | grep -q '^bpf .* not watched: '"));
	EXPECT_EQ(EOPNOTSUPP, write_file(MODE, "deny"));
	events_reset();
	ASSERT_EQ(EINVAL, ask(target + 8));
	EXPECT_EQ(0, events_total());

	ASSERT_EQ(0, write_file(KPROBES, "1"));
	EXPECT_EQ(0, channel_error());
	ASSERT_EQ(0, write_file(MODE, "deny"));
	memset(target, 'A', sizeof(target));
	ASSERT_EQ(EINVAL, ask(target + 8));
	EXPECT_TRUE(untouched());
	EXPECT_EQ(1, events_count(SBPF_EVENT_WRITE));
	ASSERT_EQ(0, write_file(MODE, "off"));
	registers_take(false);
	ASSERT_EQ(0, write_file(MODE, "log"));
	EXPECT_EQ(0, system("sbpf check | grep -q '^ok *write guard'"));
	ASSERT_EQ(0, info_get(&info));
	EXPECT_EQ(0, info.write_disarmed);
}

#define THREADS 4

static void *write_often(void *rounds)
{
	char mine[16];
	long i;

	for (i = 0; i < (long)rounds; i++)
		ask(mine);
	return NULL;
}

/* Count the writes that the log shows, and those of which it says it does not. */
static uint64_t account(int log, uint64_t *shown)
{
	uint64_t hidden = 0;
	char line[512];

	while (log_next(log, "bpf write: ", line, sizeof(line))) {
		if (strstr(line, "not shown"))
			hidden += strtoull(strpbrk(line, "0123456789"), NULL, 10);
		else
			(*shown)++;
	}
	return hidden;
}

/* Last: it uses up what the log takes in a while. */
TEST_F_TIMEOUT(guard, counts_every_write_under_load, 300)
{
	/* Fewer than the listener's ring has room for. */
	const long rounds = 500;
	uint64_t before = writes(), shown = 0, hidden, more, calls;
	pthread_t threads[THREADS];
	int i;

	ASSERT_EQ(0, programs_open("by_fentry", true));
	events_reset();
	for (i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, write_often, (void *)rounds));
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	/* A kernel that preempts programs may skip some, which write nothing. */
	calls = programs->bss->calls;
	EXPECT_LT(0, calls);
	EXPECT_GE(THREADS * rounds, calls);
	EXPECT_EQ(before + calls, writes());
	EXPECT_EQ(calls, events_total());
	EXPECT_EQ(calls, events_count(SBPF_EVENT_WRITE));

	/* The log shows a few, and in time how many it does not show. */
	hidden = account(self->log, &shown);
	EXPECT_LT(0, shown);
	EXPECT_GT(100, shown);
	ASSERT_TRUE(await((ask(target), more = account(self->log, &shown))));
	EXPECT_EQ(programs->bss->calls, shown + hidden + more);
	EXPECT_EQ(before + programs->bss->calls, writes());
}

/* Each call is an event of its own, denied or not. Last, as the one before. */
TEST_F_TIMEOUT(guard, sees_every_write_in_a_kprobe, 120)
{
	const uint64_t before = writes(), missed_before = missed();
	const struct sbpf_event *seen;
	char line[512];
	int i;

	ASSERT_EQ(0, programs_open("by_kprobe", true));
	/* Loading it is not worth a word, as all that it does is seen. */
	EXPECT_FALSE(log_next(self->log, "in a kprobe", line, sizeof(line)));
	events_reset();
	for (i = 0; i < 100; i++) {
		if (i == 50) {
			EXPECT_TRUE(written());
			ASSERT_EQ(0, write_file(MODE, "deny"));
			memset(target, 'A', sizeof(target));
		}
		ASSERT_EQ(EINVAL, ask(target + 8));
	}
	EXPECT_TRUE(untouched());
	EXPECT_EQ(100, programs->bss->calls);
	EXPECT_EQ(50, programs->bss->refused);
	EXPECT_EQ(100, events_total());
	ASSERT_EQ(100, events_count(SBPF_EVENT_WRITE));
	for (i = 0; i < 100; i++) {
		seen = event(SBPF_EVENT_WRITE, i);
		EXPECT_EQ(i < 50 ? 0 : -EPERM, seen->error);
		EXPECT_EQ((uintptr_t)(target + 8), seen->addr);
		EXPECT_NE(NULL, strstr(seen->text, "by_kprobe"));
	}
	EXPECT_EQ(before + 100, writes());
	EXPECT_EQ(missed_before, missed());
}

static void *write_always(void *unused)
{
	char mine[16];

	for (;;)
		ask(mine);
	return NULL;
}

static void *write_once(void *unused)
{
	char mine[16];

	ask(mine);
	return NULL;
}

/* Threads that write while others come and go, and are ended by execve(2). */
static int act_exec_under_writes(long unused)
{
	pthread_t thread;
	int i;

	programs->bss->pid = getpid();
	for (i = 0; i < 3; i++)
		if (pthread_create(&thread, NULL, write_always, NULL))
			return EAGAIN;
	for (i = 0; i < 20; i++) {
		if (pthread_create(&thread, NULL, write_once, NULL) ||
		    (i & 1 && pthread_join(thread, NULL)))
			return EAGAIN;
		if (!fork())
			_exit(0);
		wait(NULL);
	}
	execl("/bin/true", "true", NULL);
	return errno;
}

/* Last, as the two before. */
TEST_F_TIMEOUT(guard, counts_writes_of_threads_that_end, 300)
{
	const uint64_t before = writes(), missed_before = missed();
	int i;

	ASSERT_EQ(0, programs_open("by_tracepoint", true));
	for (i = 0; i < 10; i++) {
		EXPECT_EQ(0, write_file(MODE, i & 1 ? "deny" : "log"));
		EXPECT_EQ(0, run(-1, act_exec_under_writes, 0));
	}
	EXPECT_LT(0, programs->bss->calls);
	EXPECT_EQ(before + programs->bss->calls, writes());
	EXPECT_EQ(missed_before, missed());
}

#define PROGRAMS 200

/* Each of many programs, and the thread that loaded it. */
static struct many {
	int fd;
	pid_t tid;
} many[PROGRAMS];

/* Loads a program that writes to where its first argument says. */
static void *load_one(void *arg)
{
	const struct bpf_insn code[] = {
		/* r1 = arguments[0]; *(u32 *)(r10 - 8) = 0x42424242 */
		{ .code = BPF_LDX | BPF_MEM | BPF_DW, .dst_reg = 1, .src_reg = 1 },
		{ .code = BPF_ST | BPF_MEM | BPF_W, .dst_reg = 10, .off = -8, .imm = 0x42424242 },
		/* r2 = r10 - 8; r3 = 4 */
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 2, .src_reg = 10 },
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = 2, .imm = -8 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 3, .imm = 4 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_probe_write_user },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	struct many *one = arg;

	one->tid = gettid();
	one->fd = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "one_of_many", "GPL", code,
				ARRAY_SIZE(code), NULL);
	return NULL;
}

/* There are many at a time, each loaded by somebody else. Last, as those before. */
TEST_F(guard, tells_who_loaded_each_of_many)
{
	const int ledger = ledger_open();
	__u64 arguments[] = { (uintptr_t)(target + 8) };
	LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = arguments,
		    .ctx_size_in = sizeof(arguments));
	struct sbpf_write_record record;
	int i, known = 0;
	pthread_t thread;

	ASSERT_LE(0, ledger);
	for (i = 0; i < PROGRAMS; i++) {
		ASSERT_EQ(0, pthread_create(&thread, NULL, load_one, &many[i]));
		ASSERT_EQ(0, pthread_join(thread, NULL));
		ASSERT_LE(0, many[i].fd);
	}
	for (i = 0; i < PROGRAMS; i++) {
		ASSERT_EQ(0, bpf_prog_test_run_opts(many[i].fd, &options));
		record = ledger_next(ledger);
		EXPECT_STREQ("one_of_many", record.program);
		known += record.pid == many[i].tid;
		close(many[i].fd);
	}
	EXPECT_EQ(PROGRAMS, known);
	EXPECT_EQ(0, memcmp(target, "AAAAAAAABBBBAAAA", 16));
	close(ledger);
}

/* Policies are asked about them, wherever the programs are; last, as those before. */

static struct asked_bpf *asked;

FIXTURE(asked) {
	struct actor member;
	int fd;
	__u64 id;
	int ledger;
};

FIXTURE_SETUP(asked)
{
	memset(asked->bss, 0, sizeof(*asked->bss));
	ASSERT_EQ(0, write_file(MODE, "log"));
	memset(target, 'A', sizeof(target));
	ASSERT_EQ(0, actor_start(&self->member));
	ASSERT_EQ(0, actor_call(&self->member, act_touch, 0));
	self->fd = sandbox_create("asked", "", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, self->fd);
	self->id = sandbox_id(self->fd);
	ASSERT_EQ(0, actor_call(&self->member, act_enter_id, self->id));
	self->ledger = ledger_open();
	ASSERT_LE(0, self->ledger);
}

FIXTURE_TEARDOWN(asked)
{
	write_file(MODE, "log");
	actor_stop(&self->member);
	if (programs)
		write_bpf__destroy(programs);
	close(self->ledger);
	close(self->fd);
}

/* How many of the eight bytes from there on have been written? */
static int act_count(long offset)
{
	int i, count = 0;

	for (i = 0; i < 8; i++)
		count += target[offset + i] == 'B';
	return count;
}

#define DENIED_AT	8
#define ALLOWED_AT	32

/*
 * The member has programs write at an offset: @written bytes are, or none and @layer of its
 * sandboxes has denied that. It is one event, and one record, which policies were told.
 */
static void expect_write(struct __test_metadata *_metadata, struct actor *member, int ledger,
			 int offset, int written, int layer)
{
	const __u64 addr = (uintptr_t)target + offset, calls = programs->bss->calls;
	const struct sbpf_event *denied;
	struct sbpf_write_record record;
	const void *seen;

	ASSERT_EQ(0, actor_call(member, act_touch, 0));
	events_reset();
	ASSERT_EQ(0, actor_call(member, act_ask, addr));
	EXPECT_EQ(calls + 1, programs->bss->calls);
	EXPECT_EQ(written ? 0 : -EPERM, programs->bss->ret);
	EXPECT_EQ(written, actor_call(member, act_count, offset));
	EXPECT_EQ(written ? 1 : 2, events_total());
	ASSERT_EQ(1, events_count(SBPF_EVENT_WRITE));
	EXPECT_EQ(programs->bss->ret, event(SBPF_EVENT_WRITE, 0)->error);
	if (!written) {
		ASSERT_EQ(1, events_count(SBPF_EVENT_DENIED));
		denied = event(SBPF_EVENT_DENIED, 0);
		EXPECT_EQ(SBPF_OP_MEM_WRITE, denied->op);
		EXPECT_EQ(-VERDICT, denied->error);
		EXPECT_EQ(layer, denied->layer);
		EXPECT_EQ(SBPF_CHANNEL_BPF, denied->number);
		EXPECT_EQ(addr, denied->addr);
		EXPECT_EQ(member->pid, denied->pid);
		EXPECT_EQ(member->pid, denied->target_pid);
	}
	record = ledger_next(ledger);
	EXPECT_EQ(programs->bss->ret, record.error);
	EXPECT_NE(0, record.seq);
	EXPECT_NE(0, record.time_ns);
	EXPECT_EQ(0, ledger_next(ledger).seq);
	/* What policies cannot know yet. */
	record.error = 0;
	record.seq = 0;
	record.time_ns = 0;
	seen = &asked->bss->seen[layer];
	EXPECT_EQ(0, memcmp(seen, &record, sizeof(record)));
	EXPECT_EQ(addr, record.addr);
	EXPECT_EQ(member->pid, record.target_pid);
	EXPECT_EQ(PROT_READ | PROT_WRITE, record.prot);
	EXPECT_EQ(getpid(), record.pid);
	EXPECT_NE(0, record.program_id);
}

TEST_F_TIMEOUT(asked, policies_decide_wherever_the_program_is, 120)
{
	static const char * const names[] = {
		"by_fentry", "by_sleepable", "by_tracepoint", "by_lsm", "by_kprobe",
		"by_subprogram",
	};
	const uint64_t before = writes(), missed_before = missed();
	struct sbpf_stat stat;
	int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		TH_LOG("%s", names[i]);
		ASSERT_EQ(0, programs_open(names[i], true));
		programs->bss->pid = self->member.pid;
		asked->bss->denied[1] = 0;
		asked->bss->longest[1] = 0;
		expect_write(_metadata, &self->member, self->ledger, DENIED_AT, 8, 1);
		asked->bss->denied[1] = (uintptr_t)target + DENIED_AT;
		expect_write(_metadata, &self->member, self->ledger, DENIED_AT, 0, 1);
		expect_write(_metadata, &self->member, self->ledger, ALLOWED_AT, 8, 1);
		asked->bss->longest[1] = 4;
		expect_write(_metadata, &self->member, self->ledger, ALLOWED_AT, 0, 1);
		programs->bss->less = 4;
		expect_write(_metadata, &self->member, self->ledger, ALLOWED_AT, 4, 1);
		write_bpf__destroy(programs);
	}
	programs = NULL;
	EXPECT_EQ(5 * i, asked->bss->calls[1]);
	ASSERT_EQ(0, sandbox_stat(self->fd, &stat));
	EXPECT_EQ(5 * i, stat.asked[SBPF_OP_MEM_WRITE]);
	EXPECT_EQ(2 * i, stat.denied[SBPF_OP_MEM_WRITE]);
	EXPECT_EQ(before + 5 * i, writes());
	EXPECT_EQ(missed_before, missed());
}

TEST_F(asked, only_in_mode_log)
{
	ASSERT_EQ(0, programs_open("by_fentry", true));
	programs->bss->pid = self->member.pid;
	asked->bss->denied[1] = (uintptr_t)target + DENIED_AT;
	ASSERT_EQ(0, write_file(MODE, "deny"));
	ASSERT_EQ(0, actor_call(&self->member, act_ask, PATH(target + ALLOWED_AT)));
	EXPECT_EQ(-EPERM, programs->bss->ret);
	ASSERT_EQ(0, write_file(MODE, "off"));
	ASSERT_EQ(0, actor_call(&self->member, act_ask, PATH(target + DENIED_AT)));
	EXPECT_EQ(0, programs->bss->ret);
	EXPECT_EQ(0, asked->bss->calls[1]);
}

/* A program that fails for a reason of its own is told so. */
TEST_F(asked, writes_that_fail)
{
	ASSERT_EQ(0, programs_open("by_fentry", true));
	programs->bss->pid = self->member.pid;
	ASSERT_EQ(0, actor_call(&self->member, act_ask, 8));
	EXPECT_EQ(-EFAULT, programs->bss->ret);
	/* The kernel's. */
	ASSERT_EQ(0, actor_call(&self->member, act_ask, 0xffffffff81000000));
	EXPECT_EQ(-EFAULT, programs->bss->ret);
	EXPECT_EQ(2, asked->bss->calls[1]);
	EXPECT_EQ(0, ledger_next(self->ledger).error);
	EXPECT_EQ(0, ledger_next(self->ledger).error);
}

static int act_nest(long unused)
{
	int fd = sandbox_create("asked", "inner", 0, SBPF_UNLIMITED);

	return fd < 0 ? -fd : sandbox_enter(fd);
}

TEST_F(asked, each_layer_until_one_denies)
{
	ASSERT_EQ(0, programs_open("by_fentry", true));
	programs->bss->pid = self->member.pid;
	ASSERT_EQ(0, actor_call(&self->member, act_nest, 0));
	expect_write(_metadata, &self->member, self->ledger, DENIED_AT, 8, 2);
	EXPECT_EQ(1, asked->bss->calls[2]);
	EXPECT_EQ(1, asked->bss->calls[1]);
	asked->bss->denied[1] = (uintptr_t)target + DENIED_AT;
	expect_write(_metadata, &self->member, self->ledger, DENIED_AT, 0, 1);
	EXPECT_EQ(2, asked->bss->calls[2]);
	EXPECT_EQ(2, asked->bss->calls[1]);
	asked->bss->denied[2] = asked->bss->denied[1];
	expect_write(_metadata, &self->member, self->ledger, DENIED_AT, 0, 2);
	EXPECT_EQ(3, asked->bss->calls[2]);
	EXPECT_EQ(2, asked->bss->calls[1]);
}

/* What a policy writes itself those around it are asked about, and nobody else. */
TEST_F(asked, policies_around_one_that_writes)
{
	struct sbpf_write_record record;
	const struct sbpf_event *denied;

	ASSERT_EQ(0, actor_call(&self->member, act_nest, 0));
	asked->bss->own_address[1] = (uintptr_t)target + ALLOWED_AT;
	ASSERT_EQ(0, actor_call(&self->member, act_open, PATH(FREE)));
	EXPECT_EQ(0, asked->bss->own_ret[1]);
	EXPECT_EQ(8, actor_call(&self->member, act_count, ALLOWED_AT));
	EXPECT_EQ(0, asked->bss->calls[1] + asked->bss->calls[2]);
	EXPECT_EQ(0, ledger_next(self->ledger).error);

	asked->bss->own_address[1] = 0;
	asked->bss->own_address[2] = (uintptr_t)target + DENIED_AT;
	asked->bss->denied[1] = (uintptr_t)target + DENIED_AT;
	events_reset();
	ASSERT_EQ(0, actor_call(&self->member, act_open, PATH(FREE)));
	EXPECT_EQ(-EPERM, asked->bss->own_ret[2]);
	EXPECT_EQ(0, actor_call(&self->member, act_count, DENIED_AT));
	EXPECT_EQ(1, asked->bss->calls[1]);
	EXPECT_EQ(0, asked->bss->calls[2]);
	EXPECT_EQ(2, events_total());
	ASSERT_EQ(1, events_count(SBPF_EVENT_DENIED));
	denied = event(SBPF_EVENT_DENIED, 0);
	EXPECT_EQ(SBPF_OP_MEM_WRITE, denied->op);
	EXPECT_EQ(-VERDICT, denied->error);
	EXPECT_EQ(1, denied->layer);
	ASSERT_EQ(1, events_count(SBPF_EVENT_WRITE));
	record = ledger_next(self->ledger);
	EXPECT_EQ(-EPERM, record.error);
	EXPECT_EQ((uintptr_t)target + DENIED_AT, record.addr);
	EXPECT_EQ(0, ledger_next(self->ledger).seq);

	/* The control. */
	asked->bss->denied[1] = 0;
	ASSERT_EQ(0, actor_call(&self->member, act_open, PATH(FREE)));
	EXPECT_EQ(0, asked->bss->own_ret[2]);
	EXPECT_EQ(8, actor_call(&self->member, act_count, DENIED_AT));
	EXPECT_EQ(2, asked->bss->calls[1]);
	EXPECT_EQ(0, asked->bss->calls[2]);
}

static int act_load_for(long pid)
{
	int err = programs_open("by_fentry", true);

	if (!err)
		programs->bss->pid = pid;
	return err;
}

static int act_retarget(long pid)
{
	programs->bss->pid = pid;
	return 0;
}

/* Those of who loaded the program are asked, too, about targets outside. */
TEST_F(asked, who_loaded_it)
{
	struct sbpf_write_record record;

	ASSERT_EQ(0, actor_call(&self->member, act_load_for, getpid()));
	events_reset();
	ASSERT_EQ(EINVAL, ask(target + 8));
	EXPECT_TRUE(written());
	EXPECT_EQ(1, asked->bss->calls[1]);
	record = ledger_next(self->ledger);
	EXPECT_EQ(0, record.error);
	EXPECT_EQ(self->id, record.sandbox);
	EXPECT_EQ(self->member.pid, record.pid);
	EXPECT_EQ(0, record.target_sandbox);
	EXPECT_EQ(getpid(), record.target_pid);
	EXPECT_EQ(1, events_total());

	asked->bss->denied[1] = (uintptr_t)target + 8;
	memset(target, 'A', sizeof(target));
	events_reset();
	ASSERT_EQ(EINVAL, ask(target + 8));
	EXPECT_TRUE(untouched());
	EXPECT_EQ(2, asked->bss->calls[1]);
	EXPECT_EQ(-EPERM, ledger_next(self->ledger).error);
	EXPECT_EQ(2, events_total());
	EXPECT_EQ(self->id, event(SBPF_EVENT_DENIED, 0)->sandbox);
	EXPECT_EQ(-VERDICT, event(SBPF_EVENT_DENIED, 0)->error);
	EXPECT_EQ(getpid(), event(SBPF_EVENT_DENIED, 0)->target_pid);

	/* Once, if that is the target's as well. */
	ASSERT_EQ(0, actor_call(&self->member, act_retarget, self->member.pid));
	ASSERT_EQ(0, actor_call(&self->member, act_ask, PATH(target + ALLOWED_AT)));
	EXPECT_EQ(8, actor_call(&self->member, act_count, ALLOWED_AT));
	EXPECT_EQ(3, asked->bss->calls[1]);

	/* Confined to their sandbox both are in the same; and asked all the same. */
	ASSERT_EQ(0, write_file(MODE, "confine"));
	ASSERT_EQ(0, actor_call(&self->member, act_touch, 0));
	ASSERT_EQ(0, actor_call(&self->member, act_ask, PATH(target + ALLOWED_AT)));
	EXPECT_EQ(8, actor_call(&self->member, act_count, ALLOWED_AT));
	EXPECT_EQ(4, asked->bss->calls[1]);
	ASSERT_EQ(0, actor_call(&self->member, act_retarget, getpid()));
	memset(target, 'A', sizeof(target));
	ASSERT_EQ(EINVAL, ask(target + ALLOWED_AT));
	EXPECT_EQ(0, act_count(ALLOWED_AT));
	EXPECT_EQ(4, asked->bss->calls[1]);
}

/* Where policies cannot run those deny that have the operation. */
TEST_F(asked, nobody_with_interrupts_off)
{
	struct actor other;

	ASSERT_EQ(0, programs_open("by_switch", true));
	/* The control: into somebody else. */
	ASSERT_EQ(0, actor_start(&other));
	ASSERT_EQ(0, actor_call(&other, act_touch, 0));
	programs->bss->pid = other.pid;
	programs->bss->switch_address = (uintptr_t)target + ALLOWED_AT;
	ASSERT_EQ(0, actor_call(&other, act_nothing, 0));
	ASSERT_TRUE(await(programs->bss->calls == 1));
	EXPECT_EQ(8, actor_call(&other, act_count, ALLOWED_AT));
	EXPECT_EQ(0, programs->bss->ret);
	EXPECT_EQ(0, ledger_next(self->ledger).error);
	actor_stop(&other);

	programs->bss->pid = self->member.pid;
	events_reset();
	programs->bss->switch_address = (uintptr_t)target + ALLOWED_AT;
	ASSERT_EQ(0, actor_call(&self->member, act_nothing, 0));
	ASSERT_TRUE(await(programs->bss->calls == 2));
	EXPECT_EQ(0, actor_call(&self->member, act_count, ALLOWED_AT));
	EXPECT_EQ(-EPERM, programs->bss->ret);
	EXPECT_EQ(0, asked->bss->calls[1]);
	EXPECT_EQ(2, events_total());
	EXPECT_EQ(SBPF_OP_MEM_WRITE, event(SBPF_EVENT_DENIED, 0)->op);
	EXPECT_EQ(-EPERM, event(SBPF_EVENT_DENIED, 0)->error);
	EXPECT_EQ(self->id, event(SBPF_EVENT_DENIED, 0)->sandbox);
	EXPECT_EQ(-EPERM, ledger_next(self->ledger).error);
	EXPECT_EQ(0, ledger_next(self->ledger).seq);
}

/* Programs that are attached to what a policy does. */
TEST_F(asked, nobody_about_what_a_question_leads_to)
{
	ASSERT_EQ(0, programs_open("by_fentry", false));
	bpf_program__set_autoload(programs->progs.by_note, true);
	ASSERT_EQ(0, write_bpf__load(programs));
	ASSERT_EQ(0, write_bpf__attach(programs));
	memset(programs->bss->bytes, 'B', sizeof(programs->bss->bytes));
	programs->bss->pid = self->member.pid;
	programs->bss->note_address = (uintptr_t)target + ALLOWED_AT;
	asked->bss->noting = true;

	/* The control: a question about something else. */
	ASSERT_EQ(0, actor_call(&self->member, act_forbidden, 0));
	EXPECT_EQ(1, programs->bss->note_calls);
	EXPECT_EQ(0, programs->bss->note_ret);
	EXPECT_EQ(8, actor_call(&self->member, act_count, ALLOWED_AT));
	EXPECT_EQ(1, asked->bss->calls[1]);
	EXPECT_EQ(0, ledger_next(self->ledger).error);

	ASSERT_EQ(0, actor_call(&self->member, act_touch, 0));
	events_reset();
	ASSERT_EQ(0, actor_call(&self->member, act_ask, PATH(target + 8)));
	EXPECT_EQ(2, programs->bss->note_calls);
	EXPECT_EQ(-EPERM, programs->bss->note_ret);
	EXPECT_EQ(0, actor_call(&self->member, act_count, ALLOWED_AT));
	EXPECT_EQ(0, programs->bss->ret);
	EXPECT_EQ(8, actor_call(&self->member, act_count, 8));
	EXPECT_EQ(2, asked->bss->calls[1]);
	EXPECT_EQ(1, events_count(SBPF_EVENT_DENIED));
	EXPECT_EQ(2, events_count(SBPF_EVENT_WRITE));
	EXPECT_EQ(-EPERM, ledger_next(self->ledger).error);
	EXPECT_EQ(0, ledger_next(self->ledger).error);
	EXPECT_EQ(0, ledger_next(self->ledger).seq);
}

TEST_F_TIMEOUT(asked, without_breakpoints, 120)
{
	uint64_t before, missed_before;

	ASSERT_EQ(0, write_file(MODE, "off"));
	ASSERT_EQ(0, registers_take(true));
	ASSERT_EQ(0, write_file(MODE, "log"));
	before = writes();
	missed_before = missed();
	ASSERT_EQ(0, programs_open("by_fentry", true));
	programs->bss->pid = self->member.pid;
	expect_write(_metadata, &self->member, self->ledger, DENIED_AT, 8, 1);
	asked->bss->denied[1] = (uintptr_t)target + DENIED_AT;
	expect_write(_metadata, &self->member, self->ledger, DENIED_AT, 0, 1);
	EXPECT_EQ(before + 2, writes());
	EXPECT_EQ(missed_before, missed());
	registers_take(false);
	ASSERT_EQ(0, write_file(MODE, "off"));
	ASSERT_EQ(0, write_file(MODE, "log"));
}

/* Half of them where it is denied. */
static void *ask_often(void *rounds)
{
	long i;

	for (i = 0; i < (long)rounds; i++)
		ask(target + (i & 1 ? DENIED_AT : ALLOWED_AT));
	return NULL;
}

static int act_ask_often(long rounds)
{
	pthread_t threads[THREADS];
	int i, err = 0;

	for (i = 0; i < THREADS && !err; i++)
		err = pthread_create(&threads[i], NULL, ask_often, (void *)rounds);
	while (i--)
		pthread_join(threads[i], NULL);
	return err;
}

TEST_F_TIMEOUT(asked, about_every_write_under_load, 300)
{
	const uint64_t before = writes(), missed_before = missed();
	uint64_t calls, refused;

	ASSERT_EQ(0, programs_open("by_tracepoint", true));
	programs->bss->pid = self->member.pid;
	asked->bss->denied[1] = (uintptr_t)target + DENIED_AT;
	events_reset();
	ASSERT_EQ(0, actor_call(&self->member, act_ask_often, 200));
	calls = programs->bss->calls;
	refused = programs->bss->refused;
	/* A kernel that preempts programs may skip some, which write nothing. */
	EXPECT_LT(0, refused);
	EXPECT_LT(refused, calls);
	EXPECT_GE(THREADS * 200, calls);
	EXPECT_EQ(calls, asked->bss->calls[1]);
	EXPECT_EQ(calls, events_count(SBPF_EVENT_WRITE));
	EXPECT_EQ(refused, events_count(SBPF_EVENT_DENIED));
	EXPECT_EQ(before + calls, writes());
	EXPECT_EQ(missed_before, missed());
	EXPECT_EQ(0, actor_call(&self->member, act_count, DENIED_AT));
	EXPECT_EQ(8, actor_call(&self->member, act_count, ALLOWED_AT));
}

int main(int argc, char **argv)
{
	/* With that operation no program could write into members. */
	const uint64_t ops = OPS_ALL & ~(1ULL << SBPF_OP_MEM_WRITE);

	if (setup() || setup_policy(&probe, "probe", ops, SBPF_POLICY_OPEN))
		return KSFT_FAIL;
	asked = asked_bpf__open_and_load();
	if (!asked || !bpf_map__attach_struct_ops(asked->maps.policy)) {
		printf("Bail out! cannot register the policy asked: %s\n", strerror(errno));
		return KSFT_FAIL;
	}
	return run_tests(argc, argv);
}
