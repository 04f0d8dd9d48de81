// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf selftests - eBPF as a threat: programs that could change what is not their own,
 * and what is tried with bpf(2) against sbpf itself
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "common.h"
#include "kselftest_harness.h"
#include "loads.skel.h"

#define LEDGER	"/dev/sbpf_ledger"
#define MODE	"/sys/module/sbpf/parameters/load"

/* BPF_TRACE_FENTRY_MULTI, which headers do not have yet. */
#define FENTRY_MULTI	59

static struct loads_bpf *programs, *targets;

static void unload(void)
{
	loads_bpf__destroy(programs);
	loads_bpf__destroy(targets);
	programs = NULL;
	targets = NULL;
}

/* Gives the program that replaces a function one to do it to: 0 or -errno. */
static int aim(void)
{
	int err;

	targets = loads_bpf__open();
	if (!targets)
		return -errno;
	bpf_program__set_autoload(targets->progs.replaced, true);
	err = loads_bpf__load(targets);
	return err ?: bpf_program__set_attach_target(programs->progs.replacer,
						     bpf_program__fd(targets->progs.replaced),
						     "subprogram");
}

/* Loads one of the programs: 0 or errno. */
static int load(const char *name)
{
	struct bpf_program *program;
	int err = 0;

	programs = loads_bpf__open();
	if (!programs)
		return errno;
	program = bpf_object__find_program_by_name(programs->obj, name);
	bpf_program__set_autoload(program, true);
	if (program == programs->progs.borrower)
		bpf_map__set_autocreate(programs->maps.borrowing, true);
	if (program == programs->progs.many) {
		bpf_program__set_type(program, BPF_PROG_TYPE_TRACING);
		bpf_program__set_expected_attach_type(program, FENTRY_MULTI);
	}
	if (program == programs->progs.replacer)
		err = -aim();
	err = err ?: -loads_bpf__load(programs);
	if (err)
		unload();
	return err;
}

/* The descriptor of the one that was. */
static int loaded(const char *name)
{
	return bpf_program__fd(bpf_object__find_program_by_name(programs->obj, name));
}

static int act_load(long name)
{
	int err = load((const char *)name);

	unload();
	return err;
}

/* Has this kernel such a function or structure, or that module of it? */
static bool module_has(const char *module, const char *name, int kind)
{
	struct btf *vmlinux = btf__load_vmlinux_btf();
	struct btf *btf = module ? btf__load_module_btf(module, vmlinux) : vmlinux;
	bool has = btf && btf__find_by_name_kind(btf, name, kind) > 0;

	if (btf != vmlinux)
		btf__free(btf);
	btf__free(vmlinux);
	return has;
}

static bool kernel_has(const char *name, int kind)
{
	return module_has(NULL, name, kind);
}

/* Have programs of this kernel such a property? */
static bool programs_have(const char *member)
{
	struct btf *btf = btf__load_vmlinux_btf();
	int id = btf ? btf__find_by_name_kind(btf, "bpf_prog_aux", BTF_KIND_STRUCT) : 0, i;
	const struct btf_type *type = id > 0 ? btf__type_by_id(btf, id) : NULL;
	bool has = false;

	for (i = 0; type && i < btf_vlen(type) && !has; i++)
		has = !strcmp(btf__name_by_offset(btf, btf_members(type)[i].name_off), member);
	btf__free(btf);
	return has;
}

/* A descriptor of the ledger from which what there is has been read. */
static int ledger_open(void)
{
	static struct sbpf_write_record records[64];
	int fd = open(LEDGER, O_RDONLY | O_CLOEXEC);

	while (fd >= 0 && read(fd, records, sizeof(records)) > 0)
		;
	return fd;
}

/* The next record of a load; all zero for none. */
static struct sbpf_write_record ledger_next(int fd)
{
	struct sbpf_write_record record;

	do {
		memset(&record, 0, sizeof(record));
	} while (read(fd, &record, sizeof(record)) == sizeof(record) &&
		 record.channel != SBPF_CHANNEL_LOAD);
	return record;
}

/*
 * Of a channel the kernel's log gets 20 lines in five seconds, and a point makes five at
 * most: waits until there is room for them, also if the kernel's seconds begin with the
 * point before. Shared, as each point is another process.
 */
static struct {
	double since;
	int lines;
} *logged;

static void log_room(void)
{
	double rest = logged->since + 6 - seconds();

	if (logged->lines + 5 > 15 && rest > 0)
		usleep(rest * 1e6);
	if (seconds() >= logged->since + 6) {
		logged->since = seconds();
		logged->lines = 0;
	}
	logged->lines += 5;
}

FIXTURE(load) {
	int ledger;
	int log;
	/* What it fails with where it is not denied. */
	int error;
};

FIXTURE_VARIANT(load) {
	const char *program;
	enum bpf_prog_type type;
	/* What it could do, when loaded and, if it is not the same, when not. */
	const char *harm;
	const char *denied;
	/* What it needs; a helper without which the kernel refuses it itself. */
	const char *function;
	const char *module;
	const char *property;
	const char *structure;
	const char *helper;
	/* It is denied by what the verifier found out, who has numbered it by then. */
	bool numbered;
};

#define LOAD(name, kind, ...)						\
	FIXTURE_VARIANT_ADD(load, name) {				\
		.program = #name, .type = BPF_PROG_TYPE_##kind, __VA_ARGS__	\
	}
LOAD(harmless, TRACING, .harm = NULL);
LOAD(listener, TRACING, .harm = NULL);
LOAD(writer, TRACING, .harm = "calls bpf_probe_write_user; attaches to sys_enter",
     .denied = "calls bpf_probe_write_user; ");
LOAD(killer, TRACING, .harm = "calls bpf_send_signal; attaches to sys_enter",
     .denied = "calls bpf_send_signal; ");
LOAD(both, KPROBE, .harm = "calls bpf_probe_write_user, bpf_send_signal_thread");
LOAD(overrider, KPROBE, .harm = "calls bpf_override_return",
     .helper = "bpf_override_return");
LOAD(setter, KPROBE, .harm = "sets registers", .property = "kprobe_write_ctx",
     .numbered = true);
LOAD(crasher, TRACING, .harm = "calls crash_kexec; attaches to sys_enter",
     .denied = "calls crash_kexec; ", .function = "crash_kexec");
LOAD(signaller, TRACING, .harm = "calls bpf_send_signal_task; attaches to sys_enter",
     .denied = "calls bpf_send_signal_task; ", .function = "bpf_send_signal_task");
LOAD(sampler, PERF_EVENT, .harm = "calls bpf_send_signal");
LOAD(closer, TRACING, .harm = "calls bpf_sock_destroy; attaches to bpf_iter_tcp",
     .denied = "calls bpf_sock_destroy; ", .function = "bpf_sock_destroy");
LOAD(opener, SYSCALL, .harm = "calls bpf_ksock_create", .function = "bpf_ksock_create");
LOAD(labeller, LSM, .harm = "calls bpf_set_dentry_xattr, bpf_remove_dentry_xattr; "
     "decides at bpf_lsm_inode_getxattr",
     .denied = "calls bpf_set_dentry_xattr, bpf_remove_dentry_xattr; decides at type ",
     .function = "bpf_set_dentry_xattr");
LOAD(locked_labeller, LSM, .harm = "calls bpf_set_dentry_xattr_locked, "
     "bpf_remove_dentry_xattr_locked; decides at bpf_lsm_inode_removexattr",
     .denied = "calls bpf_set_dentry_xattr, bpf_remove_dentry_xattr; decides at type ",
     .function = "bpf_set_dentry_xattr");
LOAD(borrower, STRUCT_OPS, .harm = "calls a kfunc of a module; attaches to ssthresh",
     .denied = "calls a kfunc of a module; attaches to type ", .module = "tcp_dctcp",
     .function = "dctcp_ssthresh");
LOAD(replacer, EXT, .harm = "replaces subprogram of program replaced",
     .denied = "replaces type ");
LOAD(decider, LSM, .harm = "decides at bpf_lsm_file_open", .denied = "decides at type ");
LOAD(returner, TRACING, .harm = "returns for security_file_open",
     .denied = "returns for type ");
LOAD(watcher, TRACING, .harm = "attaches to security_file_open", .numbered = true);
LOAD(many, TRACING, .harm = "attaches to functions named later",
     .structure = "bpf_tracing_multi_link");
LOAD(insider, TRACING, .harm = "attaches to sbpf_dispatch", .denied = "attaches to type ");

FIXTURE_SETUP(load)
{
	if (variant->module && system("modprobe -q tcp_dctcp"))
		SKIP(return, "this kernel has no module %s", variant->module);
	if (variant->function && !module_has(variant->module, variant->function, BTF_KIND_FUNC))
		SKIP(return, "this kernel has no %s", variant->function);
	if (variant->property && !programs_have(variant->property))
		SKIP(return, "programs of this kernel have no %s", variant->property);
	if (variant->structure && !kernel_has(variant->structure, BTF_KIND_STRUCT))
		SKIP(return, "this kernel has no %s", variant->structure);
	if (variant->helper && !kernel_has(variant->helper, BTF_KIND_FUNC))
		self->error = EINVAL;
	ASSERT_EQ(0, write_file(MODE, "log"));
	log_room();
	self->ledger = ledger_open();
	self->log = log_open();
	ASSERT_LE(0, self->ledger);
	ASSERT_LE(0, self->log);
	events_reset();
}

FIXTURE_TEARDOWN(load)
{
	write_file(MODE, "log");
	close(self->ledger);
	close(self->log);
	unload();
}

static void expect_load(struct __test_metadata *_metadata, const struct _test_data_load *self,
			const struct _fixture_variant_load *variant, int error)
{
	struct sbpf_write_record record = ledger_next(self->ledger), again;
	struct bpf_prog_info info = {};
	char line[512] = "", word[128];
	const struct sbpf_event *seen;
	__u32 len = sizeof(info);
	const char *harm;

	if (!error)
		ASSERT_EQ(0, bpf_prog_get_info_by_fd(loaded(variant->program), &info, &len));
	ASSERT_EQ(SBPF_CHANNEL_LOAD, record.channel);
	EXPECT_EQ(error, record.error);
	EXPECT_EQ(getpid(), record.pid);
	EXPECT_EQ(getpid(), record.tgid);
	EXPECT_EQ(0, record.uid);
	EXPECT_EQ(0, record.sandbox);
	EXPECT_STREQ(variant->program, record.program);
	EXPECT_EQ(variant->type, record.request);
	if (error && variant->numbered) {
		EXPECT_NE(0, record.program_id);
		info.id = record.program_id;
	} else {
		EXPECT_EQ(info.id, record.program_id);
		EXPECT_EQ(0, memcmp(info.tag, record.tag, sizeof(record.tag)));
	}
	EXPECT_LT(0, record.len);
	EXPECT_EQ(0, record.target_pid);
	/* Where it is to be attached is not known yet. */
	harm = error && variant->denied ? variant->denied : variant->harm;
	EXPECT_EQ(0, strncmp(record.path, harm, strlen(harm)));
	if (harm == variant->harm)
		EXPECT_STREQ(harm, record.path);
	/* And nothing else; but libbpf tries once more to hear the reason. */
	again = ledger_next(self->ledger);
	EXPECT_EQ(error, again.error);
	EXPECT_EQ(error ? record.seq + 1 : 0, again.seq);
	EXPECT_EQ(0, ledger_next(self->ledger).seq);

	EXPECT_EQ(error ? 2 : 1, events_total());
	ASSERT_EQ(error ? 2 : 1, events_count(SBPF_EVENT_LOAD));
	seen = event(SBPF_EVENT_LOAD, 0);
	EXPECT_EQ(error, seen->error);
	EXPECT_EQ(getpid(), seen->pid);
	EXPECT_EQ(variant->type, seen->number);
	EXPECT_EQ(info.id, seen->addr);
	EXPECT_STREQ(variant->program, seen->target_comm);
	EXPECT_STREQ(record.path, seen->text);

	snprintf(word, sizeof(word), "_%s id %u type %u ", variant->program, info.id,
		 variant->type);
	EXPECT_TRUE(log_find(self->log, word, line, sizeof(line)));
	EXPECT_NE(NULL, strstr(line, error ? ": denied" : ": allowed"));
}

TEST_F(load, is_recorded)
{
	const bool seen = variant->harm && !self->error;

	bpf_quiet(self->error);
	ASSERT_EQ(self->error, load(variant->program));
	bpf_quiet(false);
	if (seen)
		expect_load(_metadata, self, variant, 0);
	EXPECT_EQ(seen, events_total());
}

TEST_F(load, is_denied)
{
	ASSERT_EQ(0, write_file(MODE, "deny"));
	bpf_quiet(true);
	EXPECT_EQ(variant->harm ? EPERM : 0, load(variant->program));
	bpf_quiet(false);
	if (variant->harm)
		expect_load(_metadata, self, variant, -EPERM);
	EXPECT_EQ(variant->harm ? 2 : 0, events_total());
}

TEST_F(load, is_no_matter_when_off)
{
	ASSERT_EQ(0, write_file(MODE, "off"));
	bpf_quiet(self->error);
	EXPECT_EQ(self->error, load(variant->program));
	bpf_quiet(false);
	EXPECT_EQ(0, events_total());
	EXPECT_EQ(0, ledger_next(self->ledger).seq);
}

/* In a sandbox that allows all. */
TEST_F(load, is_denied_to_members_when_confined)
{
	const bool seen = variant->harm && !self->error;
	int sandbox;

	policy_reset(&probe);
	sandbox = sandbox_create("probe", "loader", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, sandbox);
	bpf_quiet(true);
	EXPECT_EQ(self->error, run(sandbox, act_load, PATH(variant->program)));
	EXPECT_EQ(seen ? sandbox_id(sandbox) : 0, ledger_next(self->ledger).sandbox);
	ASSERT_EQ(0, write_file(MODE, "confine"));
	EXPECT_EQ(self->error, load(variant->program));
	EXPECT_EQ(variant->harm ? EPERM : 0, run(sandbox, act_load, PATH(variant->program)));
	bpf_quiet(false);
	if (seen)
		EXPECT_EQ(0, ledger_next(self->ledger).error);
	if (variant->harm)
		EXPECT_EQ(-EPERM, ledger_next(self->ledger).error);
	close(sandbox);
}

/*
 * What can be tried against sbpf by bpf(2) and beside it: by root outside, where it fails
 * or can be seen, and by root in a sandbox, where it fails. The policy that is attacked
 * is "victim".
 */
static struct policy victim;

#define FTRACE		"/proc/sys/kernel/ftrace_enabled"
#define PANIC		"/proc/sys/kernel/panic"
#define GUARD		"/sys/module/sbpf/parameters/bpf_write"
#define KPROBES		"/sys/kernel/debug/kprobes/enabled"
#define INJECTABLE	"/sys/kernel/debug/error_injection/list"
#define HOOKED		"/sys/kernel/debug/tracing/enabled_functions"
#define PINS		DIR "/pins"
#define PIN		PINS "/victim"
#define PIN_MORE	PINS "/more"
#define PIN_OTHER	PINS "/other"

/* A file system for pins that is this test's. */
static int pins_make(void)
{
	/* What a test that failed has left. */
	umount2(PINS, MNT_DETACH);
	if (mkdir(PINS, 0700) && errno != EEXIST)
		return errno;
	return mount("pins", PINS, "bpf", 0, NULL) ? errno : 0;
}

/* The descriptor, or -errno, of what user space could find by number. */
static int map_by_id(const struct bpf_map *map)
{
	struct bpf_map_info info = {};
	__u32 len = sizeof(info);

	if (bpf_map_get_info_by_fd(bpf_map__fd(map), &info, &len))
		return -errno;
	return bpf_map_get_fd_by_id(info.id);
}

static int link_by_id(void)
{
	struct bpf_link_info info = {};
	__u32 len = sizeof(info);

	if (bpf_link_get_info_by_fd(bpf_link__fd(victim.link), &info, &len))
		return -errno;
	return bpf_link_get_fd_by_id(info.id);
}

static int attack_map_frozen(long unused)
{
	int fd = map_by_id(victim.skel->maps.policy);

	return fd < 0 ? -fd : bpf_map_freeze(fd) ? errno : 0;
}

static int attack_map_edited(long unused)
{
	int fd = map_by_id(victim.skel->maps.bss), err;
	__u32 key = 0;

	if (fd < 0)
		return -fd;
	err = bpf_map_update_elem(fd, &key, victim.skel->bss, BPF_ANY) ? errno : 0;
	close(fd);
	return err;
}

static int attack_operations_edited(long unused)
{
	int fd = map_by_id(victim.skel->maps.policy), err;
	char value[4096] = {};
	__u32 key = 0;

	if (fd < 0)
		return -fd;
	err = bpf_map_update_elem(fd, &key, value, BPF_ANY) ? errno : 0;
	close(fd);
	return err;
}

static int delete_first(const struct bpf_map *map)
{
	int fd = map_by_id(map), err;
	__u32 key = 0;

	if (fd < 0)
		return -fd;
	err = bpf_map_delete_elem(fd, &key) ? errno : 0;
	close(fd);
	return err;
}

/* An array, of which nothing can be deleted; but the descriptor is had. */
static int attack_map_entry_deleted(long unused)
{
	return delete_first(victim.skel->maps.bss);
}

static int attack_map_edited_in_batch(long unused)
{
	int fd = map_by_id(victim.skel->maps.bss), err;
	__u32 key = 0, count = 1;

	if (fd < 0)
		return -fd;
	err = bpf_map_update_batch(fd, &key, victim.skel->bss, &count, NULL) ? errno : 0;
	close(fd);
	return err;
}

static int attack_operations_deleted(long unused)
{
	return delete_first(victim.skel->maps.policy);
}

static int attack_program_opened(long unused)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);
	int fd;

	if (bpf_prog_get_info_by_fd(bpf_program__fd(victim.skel->progs.file_open), &info, &len))
		return errno;
	fd = bpf_prog_get_fd_by_id(info.id);
	if (fd >= 0)
		close(fd);
	return fd < 0 ? -fd : 0;
}

static int attack_link_detached(long unused)
{
	int fd = link_by_id(), err;

	if (fd < 0)
		return -fd;
	err = bpf_link_detach(fd) ? errno : 0;
	close(fd);
	return err;
}

static int attack_link_updated(long unused)
{
	struct policy other;
	int fd = link_by_id(), err;

	if (fd < 0)
		return -fd;
	/* It is ready then, even though its name is taken. */
	err = policy_open(&other, "victim", 0) ?: policy_register(&other);
	if (err == EEXIST)
		err = bpf_link_update(fd, bpf_map__fd(other.skel->maps.policy), NULL) ? errno : 0;
	policy_close(&other);
	close(fd);
	return err;
}

static int attack_pin_replaced(long unused)
{
	return bpf_obj_pin(bpf_map__fd(victim.skel->maps.bss), PIN) ? errno : 0;
}

static int attack_link_pinned(long unused)
{
	return bpf_obj_pin(bpf_link__fd(victim.link), PIN_MORE) ? errno : 0;
}

static int attack_program_pinned(long unused)
{
	return bpf_obj_pin(bpf_program__fd(victim.skel->progs.file_open), PIN_MORE) ? errno : 0;
}

/* The test has no other reference then. */
static int attack_unpinned(long unused)
{
	return unlink(PIN) ? errno : 0;
}

/* By what somebody else has pinned. */
static int attack_pin_covered(long unused)
{
	return rename(PIN_OTHER, PIN) ? errno : 0;
}

static int attack_pins_unmounted(long unused)
{
	return umount2(PINS, 0) ? errno : 0;
}

static int attack_module_removed(long unused)
{
	return syscall(SYS_delete_module, "sbpf", O_NONBLOCK) ? errno : 0;
}

static int attack_ftrace_off(long unused)
{
	return write_file(FTRACE, "0");
}

static int attack_kprobes_off(long unused)
{
	return write_file(KPROBES, "0");
}

static int attack_guard_off(long unused)
{
	return write_file(GUARD, "off");
}

/* Loads a program and attaches it. */
static int attack_attached(long name)
{
	struct bpf_link *link;
	int err = load((const char *)name);

	if (err)
		return err;
	link = bpf_program__attach(bpf_object__find_program_by_name(programs->obj,
								    (const char *)name));
	err = link ? 0 : errno;
	bpf_link__destroy(link);
	unload();
	return err;
}

/* In the place of one of the policy's. */
static int attack_replaced(long unused)
{
	struct bpf_link *link = NULL;
	int err = 0;

	programs = loads_bpf__open();
	if (!programs)
		return errno;
	bpf_program__set_autoload(programs->progs.replacer, true);
	if (bpf_program__set_attach_target(programs->progs.replacer,
					   bpf_program__fd(victim.skel->progs.file_open),
					   "file_open") || loads_bpf__load(programs))
		err = errno;
	if (!err)
		link = bpf_program__attach(programs->progs.replacer);
	err = err ?: link ? 0 : errno;
	bpf_link__destroy(link);
	unload();
	return err;
}

static bool registered(const char *name)
{
	struct sbpf_policy_info info = { .size = sizeof(info) };

	for (; !sbpf_ioctl(control, SBPF_IOC_POLICY, &info); info.index++)
		if (!strcmp(info.name, name))
			return true;
	return false;
}

FIXTURE(attack) {
	int sandbox;
};

FIXTURE_VARIANT(attack) {
	act_fn fn;
	long arg;
	/* What comes of it outside: errnos that kernels have for it, 0 for success. */
	int errors[3];
	/* What an event of type control, or load, says. */
	const char *control;
	const char *load;
	/* A helper without which the kernel refuses to load it, and nothing is to be seen. */
	const char *helper;
	/* The policy is gone then. */
	bool gone;
	/* It is kept by a pin alone. */
	bool pinned;
};

#define ATTACK(name, fun, ...)						\
	FIXTURE_VARIANT_ADD(attack, name) {				\
		.fn = attack_##fun, __VA_ARGS__				\
	}
/* What a process ends with has 8 bits: this is ENOTSUPP, 524. */
ATTACK(map_frozen, map_frozen, .errors = { 524 & 0xff }, .control = "map policy opened");
ATTACK(map_edited, map_edited, .control = " opened");
ATTACK(map_entry_deleted, map_entry_deleted, .errors = { EINVAL }, .control = " opened");
ATTACK(map_edited_in_batch, map_edited_in_batch, .control = " opened");
ATTACK(operations_deleted, operations_deleted, .errors = { EOPNOTSUPP },
       .control = "map policy opened");
ATTACK(operations_edited, operations_edited, .errors = { EBUSY, EINVAL },
       .control = "map policy opened");
ATTACK(program_opened, program_opened, .control = "program file_open opened");
ATTACK(link_detached, link_detached, .control = "policy victim unregistered", .gone = true);
ATTACK(link_updated, link_updated, .control = "policy victim replaced, generation 2");
ATTACK(pin_replaced, pin_replaced, .errors = { EEXIST }, .control = " to be pinned",
       .pinned = true);
ATTACK(link_pinned, link_pinned, .control = "link to be pinned");
ATTACK(program_pinned, program_pinned, .control = "program file_open to be pinned");
ATTACK(unpinned, unpinned, .control = "policy victim unregistered", .gone = true,
       .pinned = true);
ATTACK(pin_covered, pin_covered, .control = "policy victim unregistered", .gone = true,
       .pinned = true);
ATTACK(pins_unmounted, pins_unmounted, .control = "policy victim unregistered", .gone = true,
       .pinned = true);
ATTACK(module_removed, module_removed, .errors = { EWOULDBLOCK, EBUSY },
       .control = "module to be removed");
ATTACK(ftrace_off, ftrace_off, .errors = { EBUSY, EOPNOTSUPP, EINVAL },
       .control = "kernel.ftrace_enabled to be set");
ATTACK(kprobes_off, kprobes_off, .control = "kprobes/enabled to be set");
ATTACK(guard_off, guard_off, .control = "mode of bpf set to off");
/* On what is hooked already. */
ATTACK(returns, attached, .arg = PATH("returner"), .errors = { EBUSY, EINVAL },
       .load = "returns for security_file_open");
ATTACK(watches, attached, .arg = PATH("watcher"), .errors = { EBUSY, EINVAL },
       .load = "attaches to security_file_open");
ATTACK(decides, attached, .arg = PATH("decider"), .load = "decides at bpf_lsm_file_open");
/* By a kprobe: on what the kernel lists for that alone. */
ATTACK(overrides, attached, .arg = PATH("overrider"), .errors = { EINVAL },
       .load = "calls bpf_override_return", .helper = "bpf_override_return");
ATTACK(inside, attached, .arg = PATH("insider"), .load = "attaches to sbpf_dispatch");
ATTACK(replaces, replaced, .errors = { EINVAL },
       .control = "program file_open to be replaced");

FIXTURE_SETUP(attack)
{
	int other;

	ASSERT_EQ(0, setup_policy(&victim, "victim", 1ULL << SBPF_OP_FILE_OPEN,
				  SBPF_POLICY_OPEN));
	ASSERT_EQ(0, pins_make());
	if (variant->pinned) {
		ASSERT_EQ(0, bpf_obj_pin(bpf_link__fd(victim.link), PIN));
		bpf_link__destroy(victim.link);
		victim.link = NULL;
		other = bpf_map_create(BPF_MAP_TYPE_ARRAY, "other", 4, 4, 1, NULL);
		ASSERT_EQ(0, bpf_obj_pin(other, PIN_OTHER));
		close(other);
	}
	ASSERT_EQ(0, write_file(GUARD, "log"));
	self->sandbox = sandbox_create("rules", "attacker", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, self->sandbox);
	bpf_quiet(true);
	events_reset();
}

FIXTURE_TEARDOWN(attack)
{
	bpf_quiet(false);
	write_file(KPROBES, "1");
	umount2(PINS, MNT_DETACH);
	policy_close(&victim);
	/* What was only pinned goes in the kernel's own time. */
	EXPECT_TRUE(await(!registered("victim")));
	write_file(GUARD, "log");
	close(self->sandbox);
}

static bool seen(enum sbpf_event_type type, const char *text)
{
	int i, count = events_count(type);

	for (i = 0; i < count; i++)
		if (strstr(event(type, i)->text, text))
			return true;
	return false;
}

TEST_F_TIMEOUT(attack, fails_or_is_seen_outside, 300)
{
	int err = run(-1, variant->fn, variant->arg);

	EXPECT_TRUE(err == variant->errors[0] || (err && (err == variant->errors[1] ||
							  err == variant->errors[2])))
		TH_LOG("errno %d: %s", err, strerror(err));
	if (variant->control)
		EXPECT_TRUE(await(seen(SBPF_EVENT_CONTROL, variant->control)));
	if (variant->load)
		EXPECT_EQ(!variant->helper || kernel_has(variant->helper, BTF_KIND_FUNC),
			  seen(SBPF_EVENT_LOAD, variant->load));
	EXPECT_EQ(!variant->gone, registered("victim"));
	EXPECT_TRUE(registered("rules"));
}

TEST_F_TIMEOUT(attack, fails_inside, 300)
{
	char text[16];

	EXPECT_NE(0, run(self->sandbox, variant->fn, variant->arg));
	EXPECT_EQ(0, events_count(SBPF_EVENT_CONTROL));
	EXPECT_EQ(0, events_count(SBPF_EVENT_LOAD));
	EXPECT_LE(1, events_count(SBPF_EVENT_DENIED));
	EXPECT_TRUE(registered("victim"));
	ASSERT_EQ(0, read_file(GUARD, text, sizeof(text)));
	EXPECT_STREQ("log\n", text);
	ASSERT_EQ(0, read_file(FTRACE, text, sizeof(text)));
	EXPECT_STREQ("1\n", text);
	ASSERT_EQ(0, read_file(KPROBES, text, sizeof(text)));
	EXPECT_STREQ("1\n", text);
}

/* Is it one of the words of a text, or the beginning of one like "word+0x0"? */
static bool has_word(const char *text, const char *word)
{
	const size_t len = strlen(word);
	const char *at;

	for (at = strstr(text, word); at; at = strstr(at + len, word))
		if ((at == text || isspace(at[-1])) && (isspace(at[len]) || at[len] == '+'))
			return true;
	return false;
}

/* What is hooked, by policies for all operations, is nothing that overrides are for. */
TEST(overrides_are_for_nothing_that_is_hooked)
{
	static char hooked[1 << 16];
	FILE *file = fopen(HOOKED, "re");
	char line[256];
	int count = 0;

	ASSERT_NE(NULL, file);
	ASSERT_LT(0, fread(hooked, 1, sizeof(hooked) - 1, file));
	EXPECT_TRUE(feof(file));
	fclose(file);
	EXPECT_TRUE(has_word(hooked, "security_file_open"));
	EXPECT_TRUE(has_word(hooked, "access_remote_vm"));
	file = fopen(INJECTABLE, "re");
	if (!file)
		SKIP(return, "on this kernel overrides are for nothing");
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "+ \t\n")] = 0;
		count++;
		EXPECT_FALSE(has_word(hooked, line)) TH_LOG("%s", line);
	}
	fclose(file);
	EXPECT_LT(0, count);
}

/* What is tried against the module and by pins, by this process. */
FIXTURE(attempt) {
	int other;
};

FIXTURE_SETUP(attempt)
{
	ASSERT_EQ(0, setup_policy(&victim, "victim", 1ULL << SBPF_OP_FILE_OPEN,
				  SBPF_POLICY_OPEN));
	self->other = bpf_map_create(BPF_MAP_TYPE_ARRAY, "other", 4, 4, 1, NULL);
	ASSERT_LE(0, self->other);
	ASSERT_EQ(0, pins_make());
	ASSERT_EQ(0, bpf_obj_pin(self->other, PIN));
	events_reset();
}

FIXTURE_TEARDOWN(attempt)
{
	umount2(PINS, MNT_DETACH);
	policy_close(&victim);
	close(self->other);
}

static void expect_attempt(struct __test_metadata *_metadata, __u64 number, const char *text)
{
	const struct sbpf_event *seen = event(SBPF_EVENT_CONTROL, 0);
	char comm[16];

	prctl(PR_GET_NAME, comm);
	ASSERT_EQ(1, events_count(SBPF_EVENT_CONTROL));
	EXPECT_EQ(0, events_total());
	EXPECT_STREQ(text, seen->text);
	EXPECT_EQ(number, seen->number);
	EXPECT_EQ(0, seen->error);
	EXPECT_EQ(0, seen->sandbox);
	EXPECT_EQ(getpid(), seen->pid);
	EXPECT_EQ(getpid(), seen->tgid);
	EXPECT_STREQ(comm, seen->comm);
	events_reset();
}

TEST_F(attempt, is_told_once_and_exactly)
{
	struct bpf_link_info link = {};
	struct bpf_prog_info prog = {};
	struct bpf_map_info map = {};
	char text[64];
	__u32 len;

	len = sizeof(link);
	ASSERT_EQ(0, bpf_link_get_info_by_fd(bpf_link__fd(victim.link), &link, &len));
	len = sizeof(prog);
	ASSERT_EQ(0, bpf_prog_get_info_by_fd(bpf_program__fd(victim.skel->progs.file_open),
					     &prog, &len));
	len = sizeof(map);
	ASSERT_EQ(0, bpf_map_get_info_by_fd(bpf_map__fd(victim.skel->maps.bss), &map, &len));
	snprintf(text, sizeof(text), "map %s to be pinned", map.name);
	EXPECT_EQ(0, events_count(SBPF_EVENT_CONTROL));

	EXPECT_EQ(EEXIST, attack_pin_replaced(0));
	expect_attempt(_metadata, map.id, text);
	EXPECT_EQ(0, attack_link_pinned(0));
	expect_attempt(_metadata, link.id, "link to be pinned");
	EXPECT_EQ(EEXIST, attack_program_pinned(0));
	expect_attempt(_metadata, prog.id, "program file_open to be pinned");
	EXPECT_NE(0, attack_module_removed(0));
	expect_attempt(_metadata, 0, "module to be removed");
	EXPECT_NE(0, attack_ftrace_off(0));
	expect_attempt(_metadata, 0, "kernel.ftrace_enabled to be set");
	EXPECT_EQ(0, attack_kprobes_off(0));
	expect_attempt(_metadata, 0, "kprobes/enabled to be set");
	EXPECT_EQ(0, write_file(KPROBES, "1"));
	expect_attempt(_metadata, 0, "kprobes/enabled to be set");
}

static int act_module_removed(long unused)
{
	return setuid(USER_A) ? EIO : attack_module_removed(0);
}

/* The control: the same with what is not sbpf's, or by who may not. */
TEST_F(attempt, on_anything_else_is_not_told)
{
	int program, fd;
	char text[64];

	bpf_quiet(true);
	ASSERT_EQ(0, load("harmless"));
	bpf_quiet(false);
	program = loaded("harmless");
	events_reset();
	EXPECT_EQ(EEXIST, bpf_obj_pin(self->other, PIN) ? errno : 0);
	EXPECT_EQ(0, bpf_obj_pin(self->other, PIN_MORE));
	EXPECT_EQ(EEXIST, bpf_obj_pin(program, PIN) ? errno : 0);
	fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	EXPECT_EQ(EINVAL, bpf_obj_pin(fd, PIN) ? errno : 0);
	close(fd);
	EXPECT_EQ(ENOENT, syscall(SYS_delete_module, "sbp", O_NONBLOCK) ? errno : 0);
	EXPECT_EQ(ENOENT, syscall(SYS_delete_module, "sbpf2", O_NONBLOCK) ? errno : 0);
	EXPECT_EQ(EFAULT, syscall(SYS_delete_module, NULL, O_NONBLOCK) ? errno : 0);
	EXPECT_EQ(EPERM, run(-1, act_module_removed, 0));
	EXPECT_EQ(0, read_file(FTRACE, text, sizeof(text)));
	EXPECT_EQ(0, read_file(KPROBES, text, sizeof(text)));
	EXPECT_EQ(0, read_file(PANIC, text, sizeof(text)));
	EXPECT_EQ(0, write_file(PANIC, text));
	EXPECT_EQ(0, events_count(SBPF_EVENT_CONTROL));
	EXPECT_EQ(0, events_total());
	unload();
}

/* Before the last policy goes, with which the recorder of events does. */
static void close_probe(void)
{
	policy_close(&probe);
}

int main(int argc, char **argv)
{
	logged = mmap(NULL, sizeof(*logged), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (logged == MAP_FAILED || setup() || setup_rules() ||
	    setup_policy(&probe, "probe", OPS_ALL, SBPF_POLICY_OPEN) || atexit(close_probe))
		return KSFT_FAIL;
	return run_tests(argc, argv);
}
