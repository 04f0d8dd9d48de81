// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf selftests - Policies: registration, live replacement, and their end
 */
#define _GNU_SOURCE
#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "common.h"
#include "kselftest_harness.h"

#define OP(name)	(1ULL << SBPF_OP_##name)

/* Membership and its accounts need them. */
#define HOOKS_MIN	(OP(TASK_ALLOC) | OP(FILE_OPEN) | OP(SOCKET_CONNECT))

/* What operations need; two of them are no hooks, one is asked at several. */
static uint64_t hooks_of(uint64_t ops)
{
	if (ops & OP(CHARGE))
		ops |= OP(PATH_MKNOD) | OP(PATH_MKDIR) | OP(PATH_SYMLINK) |
		       OP(PATH_RENAME) | OP(SOCKET_SENDMSG) | OP(BPRM_CHECK_SECURITY);
	return (ops | HOOKS_MIN) & ~(OP(CHARGE) | OP(MEM_WRITE));
}

static uint64_t hooks(void)
{
	struct sbpf_info info;

	return info_get(&info) ? ~0ULL : info.hooks;
}

/* Those whose functions are called otherwise. */
#define security_bprm_check_security security_bprm_check
#define security_userns_create security_create_user_ns
#define security_settime security_settime64

#define STRING(text) #text
#define NAME(function) STRING(function)
#define FUNCTION(op, ID) { NAME(security_##op), 1ULL << SBPF_OP_##ID },

/* The functions that have hooks, and for which operations these are needed. */
static const struct {
	const char *name;
	uint64_t ops;
} functions[] = {
	SBPF_HOOK_OPS(FUNCTION)
	{ "security_task_free", ~0ULL },
	{ "security_task_getpgid", OP(PTRACE_ACCESS_CHECK) },
	{ "security_task_getsid", OP(PTRACE_ACCESS_CHECK) },
	{ "security_task_getscheduler", OP(PTRACE_ACCESS_CHECK) },
	{ "security_task_getioprio", OP(PTRACE_ACCESS_CHECK) },
	{ "security_mmap_addr", OP(CAPABLE) },
	{ "security_vm_enough_memory_mm", OP(MMAP_FILE) },
	{ "security_file_ioctl_compat", OP(FILE_IOCTL) },
	{ "security_uring_cmd", OP(FILE_IOCTL) },
	{ "security_file_truncate", OP(PATH_TRUNCATE) },
	{ "security_inode_create", OP(PATH_MKNOD) },
	{ "security_path_rmdir", OP(PATH_UNLINK) },
	{ "security_inode_unlink", OP(PATH_UNLINK) },
	{ "security_inode_file_setattr", OP(INODE_SETATTR) },
	{ "security_inode_set_acl", OP(INODE_SETXATTR) },
	{ "security_inode_remove_acl", OP(INODE_REMOVEXATTR) },
	{ "security_msg_queue_alloc", OP(IPC_PERMISSION) },
	{ "security_sem_alloc", OP(IPC_PERMISSION) },
	{ "security_shm_alloc", OP(IPC_PERMISSION) },
	{ "security_msg_queue_msgctl", OP(IPC_PERMISSION) },
	{ "security_sem_semctl", OP(IPC_PERMISSION) },
	{ "security_shm_shmctl", OP(IPC_PERMISSION) },
	{ "security_socket_setsockopt", OP(SOCKET_CREATE) },
	{ "security_kernel_module_request", OP(KERNEL_READ_FILE) },
	{ "security_kernel_load_data", OP(KERNEL_READ_FILE) },
	{ "security_prepare_creds", OP(KERNEL_READ_FILE) },
	{ "security_socket_post_create", ~0ULL },
	{ "cgroup_file_write", ~0ULL },
	{ "security_sk_free", OP(UNIX_STREAM_CONNECT) | OP(UNIX_MAY_SEND) },
};
#undef FUNCTION

/* Says which function differs. */
#define EXPECT_ATTACHED(ops) ({						\
	bool attached__[ARRAY_SIZE(functions) + 1];			\
	unsigned int i__;						\
									\
	ASSERT_EQ(0, functions_attached(attached__));			\
	for (i__ = 0; i__ < ARRAY_SIZE(functions); i__++)		\
		EXPECT_EQ(is_needed(i__, ops), attached__[i__])		\
			TH_LOG("%s", functions[i__].name);		\
	EXPECT_FALSE(attached__[i__]);					\
})

/* Its types; of the newest functions a kernel may not have all. */
static const struct btf *vmlinux(void)
{
	static struct btf *btf;

	if (!btf)
		btf = btf__load_vmlinux_btf();
	return btf;
}

static bool is_needed(int i, uint64_t ops)
{
	static int ids[ARRAY_SIZE(functions)];

	if (!ids[i])
		ids[i] = btf__find_by_name_kind(vmlinux(), functions[i].name, BTF_KIND_FUNC);
	return (ops & functions[i].ops) && ids[i] > 0;
}

/* What is attached, according to ftrace: a function, and then what it calls. */
static int functions_attached(bool attached[ARRAY_SIZE(functions) + 1])
{
	FILE *file = fopen("/sys/kernel/tracing/enabled_functions", "re");
	char line[512], name[256] = "";
	unsigned int i;

	if (!file)
		return errno;
	memset(attached, 0, ARRAY_SIZE(functions) + 1);
	while (fgets(line, sizeof(line), file)) {
		if (line[0] != '\t')
			sscanf(line, "%255s", name);
		/* The ledger's are there whatever is registered. */
		if (!strstr(line, "-->sbpf_trampoline_") ||
		    strstr(line, "-->sbpf_trampoline_remote"))
			continue;
		for (i = 0; i < ARRAY_SIZE(functions) && strcmp(name, functions[i].name); i++)
			;
		attached[i] = true;
	}
	fclose(file);
	return 0;
}

/* Attach a BPF program to a function, and detach it. */
static int fentry(const char *function)
{
	static const struct bpf_insn insns[] = {
		{ BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0 },
		{ BPF_JMP | BPF_EXIT, 0, 0, 0, 0 },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = BPF_TRACE_FENTRY);
	int prog, link, err;

	opts.attach_btf_id = btf__find_by_name_kind(vmlinux(), function, BTF_KIND_FUNC);
	prog = bpf_prog_load(BPF_PROG_TYPE_TRACING, "other", "GPL", insns, ARRAY_SIZE(insns),
			     &opts);
	if (prog < 0)
		return errno;
	link = bpf_raw_tracepoint_open(NULL, prog);
	err = link < 0 ? errno : 0;
	close(prog);
	if (link >= 0)
		close(link);
	return err;
}

static int policies(void)
{
	struct sbpf_info info;

	return info_get(&info) ? -1 : (int)info.policies;
}

static int policy_info(int index, struct sbpf_policy_info *info)
{
	memset(info, 0, sizeof(*info));
	info->size = sizeof(*info);
	info->index = index;
	return sbpf_ioctl(control, SBPF_IOC_POLICY, info);
}

static uint64_t generation(int index)
{
	struct sbpf_policy_info info;

	return policy_info(index, &info) ? 0 : info.generation;
}

/* Registration */

FIXTURE(registration) {
	struct policy policy;
	int log;
};

FIXTURE_SETUP(registration)
{
	ASSERT_TRUE(sandboxes_gone());
	/* Nobody uses anything: nothing is attached. */
	ASSERT_EQ(0, policies());
	ASSERT_EQ(0, hooks());
	self->log = log_open();
	ASSERT_LE(0, self->log);
	bpf_quiet(true);
}

FIXTURE_TEARDOWN(registration)
{
	if (self->policy.skel)
		policy_close(&self->policy);
}

TEST_F_TIMEOUT(registration, tells_what_was_registered, 30)
{
	/* Every operation is in one of them, and opening files in both. */
	const uint64_t one = 0x5555555555555555 & OPS_ALL;
	const uint64_t two = (0xaaaaaaaaaaaaaaaa & OPS_ALL) | OP(FILE_OPEN);
	struct sbpf_policy_info info;
	struct policy other;

	ASSERT_EQ(0, policy_open(&self->policy, "one", one));
	self->policy.skel->struct_ops.policy->flags = SBPF_POLICY_OPEN;
	ASSERT_EQ(0, policy_register(&self->policy));
	EXPECT_EQ(1, policies());
	EXPECT_EQ(hooks_of(one), hooks());
	ASSERT_EQ(0, policy_info(0, &info));
	EXPECT_STREQ("one", info.name);
	EXPECT_EQ(SBPF_POLICY_OPEN, info.flags);
	EXPECT_EQ(one, info.ops);
	EXPECT_EQ(1, info.generation);
	EXPECT_EQ(0, info.sandboxes);
	EXPECT_EQ(ENOENT, policy_info(1, &info));

	ASSERT_EQ(0, policy_open(&other, "two", two));
	ASSERT_EQ(0, policy_register(&other));
	EXPECT_EQ(2, policies());
	EXPECT_EQ(hooks_of(OPS_ALL), hooks());
	ASSERT_EQ(0, policy_info(1, &info));
	EXPECT_STREQ("two", info.name);
	EXPECT_EQ(two, info.ops);
	EXPECT_EQ(0, info.flags);

	/* What came with the other goes with it. */
	policy_close(&other);
	EXPECT_EQ(1, policies());
	EXPECT_EQ(hooks_of(one), hooks());
	ASSERT_EQ(0, policy_info(0, &info));
	EXPECT_STREQ("one", info.name);

	/* Of what came with the one, what the other needs stays. */
	ASSERT_EQ(0, policy_open(&other, "two", two));
	ASSERT_EQ(0, policy_register(&other));
	policy_close(&self->policy);
	EXPECT_EQ(1, policies());
	EXPECT_EQ(hooks_of(two), hooks());
	policy_close(&other);
	EXPECT_EQ(0, policies());
	EXPECT_EQ(0, hooks());
}

static int act_socket(long unused)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	return fd < 0 ? errno : close(fd);
}

/* Whose a socket is must not be noted when its end is not. */
TEST_F(registration, hooks_that_stay_need_those_that_come_with_them)
{
	struct policy about_sockets, other;
	int fd;

	ASSERT_EQ(0, policy_open(&self->policy, "first", 0));
	ASSERT_EQ(0, policy_register(&self->policy));
	ASSERT_EQ(0, policy_open(&about_sockets, "sockets",
				 OP(SOCKET_CONNECT) | OP(UNIX_STREAM_CONNECT)));
	ASSERT_EQ(0, policy_register(&about_sockets));
	ASSERT_EQ(0, policy_open(&other, "other", OP(SOCKET_CONNECT)));
	ASSERT_EQ(0, policy_register(&other));
	policy_close(&about_sockets);
	fd = sandbox_create("other", "", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, run(fd, act_socket, 0));
	close(fd);
	EXPECT_TRUE(sandboxes_gone());
	policy_close(&other);
	policy_close(&self->policy);
	EXPECT_EQ(0, hooks());
}

TEST_F(registration, takes_the_longest_name_and_no_operations)
{
	ASSERT_EQ(0, policy_open(&self->policy, "A-Za-z0-9._-0123456789012345678", 0));
	ASSERT_EQ(0, policy_register(&self->policy));
	EXPECT_EQ(1, policies());
	EXPECT_EQ(HOOKS_MIN, hooks());
}

/* It failed, says why, and left nothing behind. */
#define EXPECT_REFUSED(err, reason)						\
	do {									\
		char line__[512] = "";						\
										\
		EXPECT_EQ(err, policy_register(&self->policy));			\
		EXPECT_EQ(0, policies());					\
		EXPECT_EQ(0, hooks());						\
		EXPECT_TRUE(log_find(self->log, "sbpf:", line__, sizeof(line__))); \
		EXPECT_NE(NULL, strstr(line__, reason))				\
			TH_LOG("the log says: %s", line__);			\
	} while (0)

TEST_F(registration, refuses_unknown_flags)
{
	static const uint64_t flags[] = { SBPF_POLICY_OPEN | 2, 1ULL << 63 };
	int i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		ASSERT_EQ(0, policy_open(&self->policy, "one", OP(FILE_OPEN)));
		self->policy.skel->struct_ops.policy->flags = flags[i];
		EXPECT_REFUSED(EINVAL, "flags");
		policy_close(&self->policy);
	}
}

TEST_F(registration, refuses_an_empty_name)
{
	ASSERT_EQ(0, policy_open(&self->policy, "", 0));
	EXPECT_REFUSED(EINVAL, "name");
}

TEST_F(registration, refuses_a_name_without_end)
{
	ASSERT_EQ(0, policy_open(&self->policy, "01234567890123456789012345678901", 0));
	EXPECT_REFUSED(EINVAL, "name");
}

TEST_F(registration, refuses_bad_characters)
{
	static const char * const names[] = { "a b", "a/b", "\xe4" };
	int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		ASSERT_EQ(0, policy_open(&self->policy, names[i], 0));
		EXPECT_REFUSED(EINVAL, "name");
		policy_close(&self->policy);
	}
}

TEST_F(registration, refuses_a_second_policy_of_the_name)
{
	struct policy other;
	char line[256] = "";

	ASSERT_EQ(0, policy_open(&self->policy, "one", OP(FILE_OPEN)));
	ASSERT_EQ(0, policy_register(&self->policy));
	ASSERT_EQ(0, policy_open(&other, "one", OP(TASK_KILL)));
	EXPECT_EQ(EEXIST, policy_register(&other));
	EXPECT_TRUE(log_find(self->log, "registered already", line, sizeof(line)));
	EXPECT_EQ(1, policies());
	EXPECT_EQ(HOOKS_MIN | OP(FILE_OPEN), hooks());
	policy_close(&other);
	EXPECT_EQ(1, policies());
	EXPECT_EQ(1, generation(0));

	/* The name is free when its owner is gone. */
	policy_close(&self->policy);
	ASSERT_EQ(0, policy_open(&self->policy, "one", 0));
	EXPECT_EQ(0, policy_register(&self->policy));
}

TEST_F(registration, refuses_a_sleepable_program_where_it_may_not_sleep)
{
	ASSERT_EQ(0, policy_open(&self->policy, "one", OPS_ALL));
	self->policy.skel->struct_ops.policy->file_open =
		self->policy.skel->progs.sleepable_open;
	bpf_program__set_autoload(self->policy.skel->progs.file_open, false);
	bpf_program__set_autoload(self->policy.skel->progs.sleepable_open, true);
	EXPECT_REFUSED(EINVAL, "sleep");
}

TEST_F(registration, refuses_a_map_without_link)
{
	struct probe_bpf *skel;
	char line[256] = "";

	ASSERT_EQ(0, policy_open(&self->policy, "one", OP(FILE_OPEN)));
	skel = self->policy.skel;
	bpf_map__set_autocreate(skel->maps.unlinked, true);
	ASSERT_EQ(0, policy_load(&self->policy));
	EXPECT_EQ(NULL, bpf_map__attach_struct_ops(skel->maps.unlinked));
	EXPECT_EQ(EOPNOTSUPP, errno);
	EXPECT_EQ(0, policies());
	EXPECT_EQ(0, hooks());
	EXPECT_TRUE(log_find(self->log, "link", line, sizeof(line)));
}

/* A program of one operation in the place of another has other arguments. */
TEST_F(registration, refuses_a_program_of_another_operation)
{
	int err;

	ASSERT_EQ(0, policy_open(&self->policy, "one", OPS_ALL));
	self->policy.skel->struct_ops.policy->file_open =
		self->policy.skel->progs.socket_connect;
	bpf_program__set_autoload(self->policy.skel->progs.file_open, false);
	err = policy_register(&self->policy);
	EXPECT_NE(0, err);
	EXPECT_EQ(0, policies());
	EXPECT_EQ(0, hooks());
}

/* Verdicts out of range */

static const struct {
	int value;
	uint32_t flags;
	/* What the member gets, and whether the value is reported as an error. */
	int error;
	bool faulty;
} verdicts[] = {
	{ .value = -4095, .error = 4095 },
	{ .value = -EPERM, .error = EPERM },
	{ .value = -4096, .error = EPERM, .faulty = true },
	{ .value = 1, .error = EPERM, .faulty = true },
	{ .value = INT_MAX, .error = EPERM, .faulty = true },
	{ .value = INT_MIN, .error = EPERM, .faulty = true },
	{ .value = 1, .error = 0, .faulty = true, .flags = SBPF_SANDBOX_COMPLAIN },
};

/* An exit status is too short for some. */
static int *result;

static int act_store_forbidden(long unused)
{
	*result = act_forbidden(0);
	return 0;
}

TEST_F(registration, verdict_out_of_range_is_an_error)
{
	const struct sbpf_event *seen;
	int fd, i;

	result = mmap(NULL, sizeof(*result), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, result);
	ASSERT_EQ(0, policy_open(&self->policy, "faulty", OP(FILE_OPEN)));
	ASSERT_EQ(0, policy_register(&self->policy));
	for (i = 0; i < ARRAY_SIZE(verdicts); i++) {
		int value = verdicts[i].value, faulty = verdicts[i].faulty;

		fd = sandbox_create("faulty", "", verdicts[i].flags, SBPF_UNLIMITED);
		ASSERT_LE(0, fd);
		policy_forbid(&self->policy, 1, -value);
		events_reset();
		ASSERT_EQ(0, run(fd, act_store_forbidden, 0));
		EXPECT_EQ(verdicts[i].error, *result) TH_LOG("verdict %d", value);

		EXPECT_EQ(faulty + 1, events_total());
		ASSERT_EQ(1, events_count(SBPF_EVENT_DENIED));
		seen = event(SBPF_EVENT_DENIED, 0);
		EXPECT_EQ(faulty ? -EPERM : value, seen->error);
		EXPECT_EQ(verdicts[i].flags ? SBPF_EVENT_COMPLAIN : 0, seen->flags);
		ASSERT_EQ(faulty, events_count(SBPF_EVENT_ERROR));
		if (!faulty)
			continue;
		/* The error, then the denial. */
		seen = event(SBPF_EVENT_ERROR, 0);
		EXPECT_GT(event(SBPF_EVENT_DENIED, 0)->seq, seen->seq);
		EXPECT_EQ(value, seen->error);
		EXPECT_EQ(SBPF_OP_FILE_OPEN, seen->op);
		EXPECT_EQ(sandbox_id(fd), seen->sandbox);
		EXPECT_STREQ("faulty", seen->policy);
		EXPECT_EQ(1, seen->policy_generation);
	}
}

/* Two versions of a policy, and one member */

struct hammer {
	int stop;
	uint64_t acts;
	/* How often which errno, the last one for anything unexpected. */
	uint64_t allowed, first, second, eperm, other;
};

static struct hammer *hammer;

static int act_hammer(long unused)
{
	while (!__atomic_load_n(&hammer->stop, __ATOMIC_SEQ_CST)) {
		switch (act_forbidden(0)) {
		case 0:
			__atomic_add_fetch(&hammer->allowed, 1, __ATOMIC_SEQ_CST);
			break;
		case VERDICT:
			__atomic_add_fetch(&hammer->first, 1, __ATOMIC_SEQ_CST);
			break;
		case VERDICT_2:
			__atomic_add_fetch(&hammer->second, 1, __ATOMIC_SEQ_CST);
			break;
		case EPERM:
			__atomic_add_fetch(&hammer->eperm, 1, __ATOMIC_SEQ_CST);
			break;
		default:
			__atomic_add_fetch(&hammer->other, 1, __ATOMIC_SEQ_CST);
		}
		__atomic_add_fetch(&hammer->acts, 1, __ATOMIC_SEQ_CST);
	}
	return 0;
}

static bool hammered(int times)
{
	uint64_t until = __atomic_load_n(&hammer->acts, __ATOMIC_SEQ_CST) + times;

	return await(__atomic_load_n(&hammer->acts, __ATOMIC_SEQ_CST) >= until);
}

FIXTURE(live) {
	struct policy first;
	struct policy second;
	int fd;
	uint64_t id;
	struct actor member;
	struct actor other;
	struct actor third;
};

FIXTURE_SETUP(live)
{
	ASSERT_TRUE(sandboxes_gone());
	ASSERT_EQ(0, policies());
	hammer = mmap(NULL, sizeof(*hammer), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, hammer);
	/* They must not inherit the link, which would keep the policy alive. */
	ASSERT_EQ(0, actor_start(&self->member));
	ASSERT_EQ(0, actor_start(&self->other));
	ASSERT_EQ(0, actor_start(&self->third));
	ASSERT_EQ(0, policy_open(&self->first, "live", OP(FILE_OPEN)));
	self->first.skel->struct_ops.policy->flags = SBPF_POLICY_OPEN;
	ASSERT_EQ(0, policy_register(&self->first));
	policy_forbid(&self->first, 1, VERDICT);
	self->fd = sandbox_create("live", "box", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, self->fd);
	self->id = sandbox_id(self->fd);
	ASSERT_EQ(0, actor_call(&self->member, act_enter_id, self->id));
	ASSERT_EQ(VERDICT, actor_call(&self->member, act_forbidden, 0));
	events_reset();
}

FIXTURE_TEARDOWN(live)
{
	actor_stop(&self->member);
	actor_stop(&self->other);
	actor_stop(&self->third);
	if (self->first.skel)
		policy_close(&self->first);
	if (self->second.skel)
		policy_close(&self->second);
}

static int act_signal(long pid)
{
	return kill(pid, SIGURG) ? errno : 0;
}

/* What has to be attached, for each of two policies, and nothing else. */
TEST_F_TIMEOUT(registration, attaches_what_is_needed_alone, 300)
{
	const uint64_t one = OP(FILE_OPEN) | OP(TASK_KILL) | OP(FILE_IOCTL) |
			     OP(INODE_SETXATTR) | OP(PTRACE_TRACEME);
	const uint64_t two = OP(FILE_OPEN) | OP(SOCKET_CREATE);
	struct actor member, other;
	struct policy second;
	int i, fd, round;

	ASSERT_EQ(0, actor_start(&member));
	ASSERT_EQ(0, actor_start(&other));
	EXPECT_ATTACHED(0);
	ASSERT_EQ(0, policy_open(&self->policy, "one", one));
	ASSERT_EQ(0, policy_register(&self->policy));
	EXPECT_EQ(hooks_of(one), hooks());
	EXPECT_ATTACHED(HOOKS_MIN | one);
	ASSERT_EQ(0, policy_open(&second, "two", two));
	ASSERT_EQ(0, policy_register(&second));
	policy_forbid(&second, 1, VERDICT_2);
	fd = sandbox_create("two", "", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, actor_call(&other, act_enter_id, sandbox_id(fd)));
	close(fd);

	/* More than once: what was detached and attached again is as it was. */
	for (round = 0; round < 3; round++) {
		EXPECT_EQ(hooks_of(one | two), hooks());
		EXPECT_ATTACHED(HOOKS_MIN | one | two);
		policy_close(&self->policy);
		EXPECT_EQ(hooks_of(two), hooks());
		EXPECT_ATTACHED(HOOKS_MIN | two);
		EXPECT_EQ(VERDICT_2, actor_call(&other, act_forbidden, 0));
		EXPECT_EQ(0, actor_call(&other, act_signal, member.pid));
		/* Registered with ftrace all the same: nobody else can have it. */
		EXPECT_NE(0, fentry("security_task_kill"));
		ASSERT_EQ(0, policy_open(&self->policy, "one", one));
		ASSERT_EQ(0, policy_register(&self->policy));
	}

	/* It is in force again. */
	fd = sandbox_create("one", "", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, actor_call(&member, act_enter_id, sandbox_id(fd)));
	close(fd);
	EXPECT_EQ(0, actor_call(&member, act_signal, other.pid));
	policy_rule(&self->policy, 1, SBPF_OP_TASK_KILL, VERDICT, 0, 0);
	EXPECT_EQ(VERDICT, actor_call(&member, act_signal, other.pid));
	actor_stop(&member);
	actor_stop(&other);
	ASSERT_TRUE(sandboxes_gone());

	/* The last that goes leaves nothing, whatever it needed itself. */
	policy_close(&self->policy);
	EXPECT_EQ(hooks_of(two), hooks());
	policy_close(&second);
	EXPECT_EQ(0, hooks());
	EXPECT_ATTACHED(0);
	for (i = 0; i < ARRAY_SIZE(functions); i++)
		if (is_needed(i, OPS_ALL))
			EXPECT_EQ(0, fentry(functions[i].name)) TH_LOG("%s", functions[i].name);
	/* And they can be hooked again. */
	ASSERT_EQ(0, policy_open(&self->policy, "one", OPS_ALL));
	ASSERT_EQ(0, policy_register(&self->policy));
	EXPECT_ATTACHED(OPS_ALL);
}

TEST_F(live, replacement_takes_over)
{
	struct sbpf_policy_info info;
	const struct sbpf_event *seen;
	struct sbpf_stat stat;

	ASSERT_EQ(0, policy_open(&self->second, "live", OP(FILE_OPEN) | OP(TASK_KILL)));
	ASSERT_EQ(0, policy_load(&self->second));
	policy_forbid(&self->second, 1, VERDICT_2);
	policy_rule(&self->second, 1, SBPF_OP_TASK_KILL, VERDICT_2, 0, 0);
	EXPECT_EQ(0, actor_call(&self->member, act_signal, self->other.pid));
	EXPECT_EQ(HOOKS_MIN | OP(FILE_OPEN), hooks());

	ASSERT_EQ(0, policy_replace(&self->first, &self->second));
	EXPECT_EQ(VERDICT_2, actor_call(&self->member, act_forbidden, 0));
	EXPECT_EQ(VERDICT_2, actor_call(&self->member, act_signal, self->other.pid));
	EXPECT_EQ(HOOKS_MIN | OP(FILE_OPEN) | OP(TASK_KILL), hooks());
	EXPECT_EQ(1, policies());
	ASSERT_EQ(0, policy_info(0, &info));
	EXPECT_EQ(2, info.generation);
	EXPECT_EQ(OP(FILE_OPEN) | OP(TASK_KILL), info.ops);
	EXPECT_EQ(0, info.flags);
	EXPECT_EQ(1, info.sandboxes);
	ASSERT_EQ(0, sandbox_stat(self->fd, &stat));
	EXPECT_EQ(2, stat.policy_generation);
	seen = event(SBPF_EVENT_DENIED, 0);
	EXPECT_EQ(2, seen->policy_generation);
	EXPECT_EQ(-VERDICT_2, seen->error);
	EXPECT_EQ(2, events_total());

	/* And back: the hook that nobody needs any more is gone. */
	ASSERT_EQ(0, policy_replace(&self->first, &self->first));
	EXPECT_EQ(3, generation(0));
	EXPECT_EQ(HOOKS_MIN | OP(FILE_OPEN), hooks());
	EXPECT_EQ(VERDICT, actor_call(&self->member, act_forbidden, 0));
	EXPECT_EQ(0, actor_call(&self->member, act_signal, self->other.pid));
	/* Sandboxes stay: they are not told. */
	EXPECT_EQ(1, self->first.skel->bss->init_calls);
	EXPECT_EQ(0, self->first.skel->bss->exit_calls);
	EXPECT_EQ(0, self->second.skel->bss->init_calls);
}

TEST_F(live, refused_replacement_changes_nothing)
{
	/* Of another name. */
	bpf_quiet(true);
	ASSERT_EQ(0, policy_open(&self->second, "other", OP(FILE_OPEN)));
	ASSERT_EQ(0, policy_load(&self->second));
	policy_forbid(&self->second, 1, VERDICT_2);
	EXPECT_EQ(EINVAL, policy_replace(&self->first, &self->second));
	EXPECT_EQ(1, generation(0));
	EXPECT_EQ(VERDICT, actor_call(&self->member, act_forbidden, 0));
	policy_close(&self->second);

	/* One that could not be registered either. */
	ASSERT_EQ(0, policy_open(&self->second, "live", OP(FILE_OPEN) | OP(TASK_KILL)));
	self->second.skel->struct_ops.policy->flags = 1 << 5;
	ASSERT_EQ(0, policy_load(&self->second));
	policy_forbid(&self->second, 1, VERDICT_2);
	EXPECT_EQ(EINVAL, policy_replace(&self->first, &self->second));
	EXPECT_EQ(1, generation(0));
	EXPECT_EQ(HOOKS_MIN | OP(FILE_OPEN), hooks());
	EXPECT_EQ(VERDICT, actor_call(&self->member, act_forbidden, 0));
}

static int act_create_live(long unused)
{
	int fd = sandbox_create("live", "", 0, SBPF_UNLIMITED);

	if (fd < 0)
		return -fd;
	close(fd);
	return 0;
}

TEST_F(live, replacement_changes_who_may_use_it)
{
	ASSERT_EQ(0, actor_call(&self->other, act_become, USER_A));
	EXPECT_EQ(0, actor_call(&self->other, act_create_live, 0));
	ASSERT_EQ(0, policy_open(&self->second, "live", OP(FILE_OPEN)));
	ASSERT_EQ(0, policy_load(&self->second));
	ASSERT_EQ(0, policy_replace(&self->first, &self->second));
	EXPECT_EQ(EPERM, actor_call(&self->other, act_create_live, 0));
}

/* No operation falls between two versions. */
TEST_F_TIMEOUT(live, replacement_misses_no_operation, 300)
{
	uint64_t before;
	int i;

	ASSERT_EQ(0, policy_open(&self->second, "live", OP(FILE_OPEN) | OP(MMAP_FILE)));
	ASSERT_EQ(0, policy_load(&self->second));
	policy_forbid(&self->second, 1, VERDICT_2);
	ASSERT_EQ(0, actor_tell(&self->member, act_hammer, 0));
	ASSERT_TRUE(hammered(10));
	EXPECT_EQ(0, hammer->second);

	for (i = 0; i < 8; i++) {
		bool odd = i % 2;

		ASSERT_EQ(0, policy_replace(&self->first, odd ? &self->first : &self->second));
		/* One may have been under way. */
		ASSERT_TRUE(hammered(2));
		before = odd ? hammer->second : hammer->first;
		ASSERT_TRUE(hammered(20));
		EXPECT_EQ(before, odd ? hammer->second : hammer->first);
	}
	__atomic_store_n(&hammer->stop, 1, __ATOMIC_SEQ_CST);
	EXPECT_EQ(0, actor_answer(&self->member));
	EXPECT_EQ(0, hammer->allowed);
	EXPECT_EQ(0, hammer->eperm);
	EXPECT_EQ(0, hammer->other);
	EXPECT_EQ(hammer->acts, hammer->first + hammer->second);
	EXPECT_LE(80, hammer->first);
	EXPECT_LE(80, hammer->second);
	EXPECT_EQ(9, generation(0));
	/* The sandbox counted each, besides that of the fixture. */
	EXPECT_EQ(hammer->acts + 1, sandbox_sum_denied(self->fd));
}

/* The end of a policy */

static int act_exec(long unused)
{
	char *argv[] = { PROGRAM, NULL };

	execv(PROGRAM, argv);
	return errno;
}

static int act_mmap(long unused)
{
	return mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
		MAP_FAILED ? errno : 0;
}

static char page[4096] __attribute__((aligned(4096)));

static int act_mprotect(long unused)
{
	return mprotect(page, sizeof(page), PROT_READ) ? errno : 0;
}

static int act_seize(long pid)
{
	return ptrace(PTRACE_SEIZE, pid, NULL, NULL) ? errno : 0;
}

static int act_traceme(long unused)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) ? errno : 0;
}

static int act_connect(long unused)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(9),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_DGRAM, 0), err = 0;

	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)))
		err = errno;
	close(fd);
	return err;
}

static void unregister(struct policy *policy)
{
	bpf_link__destroy(policy->link);
	policy->link = NULL;
}

TEST_F(live, unregistering_denies_everything)
{
	const struct {
		act_fn fn;
		long arg;
	} acts[] = {
		[SBPF_OP_TASK_ALLOC] = { act_fork, 0 },
		[SBPF_OP_BPRM_CHECK_SECURITY] = { act_exec, 0 },
		[SBPF_OP_FILE_OPEN] = { act_open, PATH(FREE) },
		[SBPF_OP_PTRACE_ACCESS_CHECK] = { act_seize, self->other.pid },
		[SBPF_OP_PTRACE_TRACEME] = { act_traceme, 0 },
		[SBPF_OP_TASK_KILL] = { act_signal, self->other.pid },
		[SBPF_OP_SOCKET_CONNECT] = { act_connect, 0 },
		[SBPF_OP_MMAP_FILE] = { act_mmap, 0 },
		[SBPF_OP_FILE_MPROTECT] = { act_mprotect, 0 },
	};
	const struct sbpf_event *seen;
	struct sbpf_stat stat;
	int op;

	/* All but those that change the member for good. */
	for (op = 0; op < sizeof(acts) / sizeof(acts[0]); op++)
		if (op != SBPF_OP_BPRM_CHECK_SECURITY && op != SBPF_OP_PTRACE_TRACEME &&
		    op != SBPF_OP_PTRACE_ACCESS_CHECK)
			EXPECT_EQ(0, actor_call(&self->member, acts[op].fn, acts[op].arg));
	/* Complaining covers the policy's denials, and not that of its loss. */
	ASSERT_EQ(0, sandbox_set_complain(self->fd, 1));
	EXPECT_EQ(0, actor_call(&self->member, act_forbidden, 0));

	unregister(&self->first);
	EXPECT_EQ(0, policies());
	/* Everything is asked now, and nothing is allowed. */
	EXPECT_EQ(hooks_of(OPS_ALL), hooks());
	ASSERT_EQ(0, sandbox_stat(self->fd, &stat));
	EXPECT_EQ(SBPF_STATE_ORPHAN, stat.state);
	EXPECT_EQ(0, stat.policy_generation);
	EXPECT_STREQ("live", stat.policy);
	EXPECT_EQ(1, events_sandbox(self->id, "orphaned"));

	events_reset();
	for (op = 0; op < sizeof(acts) / sizeof(acts[0]); op++) {
		EXPECT_EQ(EPERM, actor_call(&self->member, acts[op].fn, acts[op].arg))
			TH_LOG("operation %d", op);
		ASSERT_EQ(op + 1, events_total());
		seen = event(SBPF_EVENT_DENIED, op);
		EXPECT_EQ(SBPF_EVENT_ORPHANED, seen->flags);
		/* A file is opened before it is executed; sockets have to be made. */
		if (op != SBPF_OP_BPRM_CHECK_SECURITY && op != SBPF_OP_SOCKET_CONNECT)
			EXPECT_EQ(op, seen->op);
		EXPECT_EQ(-EPERM, seen->error);
		EXPECT_EQ(self->id, seen->sandbox);
		EXPECT_EQ(0, seen->policy_generation);
	}
	/* It takes nobody in. */
	EXPECT_EQ(ESRCH, actor_call(&self->other, act_enter_id, self->id));
	EXPECT_EQ(0, actor_call(&self->other, act_forbidden, 0));

	/* The policy is gone and told nothing; nobody needs hooks any more. */
	actor_stop(&self->member);
	EXPECT_TRUE(sandbox_empty(self->fd, PATIENCE * 1000));
	close(self->fd);
	EXPECT_TRUE(sandboxes_gone());
	EXPECT_EQ(0, self->first.skel->bss->exit_calls);
	EXPECT_TRUE(await(hooks() == 0));
}

TEST_F(live, unregistering_misses_no_operation)
{
	ASSERT_EQ(0, actor_tell(&self->member, act_hammer, 0));
	ASSERT_TRUE(hammered(20));
	unregister(&self->first);
	ASSERT_TRUE(hammered(20));
	__atomic_store_n(&hammer->stop, 1, __ATOMIC_SEQ_CST);
	EXPECT_EQ(0, actor_answer(&self->member));
	EXPECT_EQ(0, hammer->allowed);
	EXPECT_EQ(0, hammer->other);
	EXPECT_LE(20, hammer->first);
	EXPECT_LE(19, hammer->eperm);
}

static int own_sandbox;

static int act_nest(long unused)
{
	own_sandbox = sandbox_create("live", "", 0, SBPF_UNLIMITED);
	if (own_sandbox < 0)
		return -own_sandbox;
	return sandbox_enter(own_sandbox);
}

TEST_F(live, unregistering_kills_if_so_chosen)
{
	struct sbpf_stat stat;
	int fd;

	fd = sandbox_create("live", "deadly", SBPF_SANDBOX_KILL, SBPF_UNLIMITED);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, actor_call(&self->other, act_enter_id, sandbox_id(fd)));
	ASSERT_EQ(0, actor_call(&self->third, act_enter_id, sandbox_id(fd)));
	ASSERT_EQ(0, actor_call(&self->third, act_nest, 0));
	EXPECT_EQ(2, sandbox_pids(fd));

	unregister(&self->first);
	EXPECT_TRUE(sandbox_empty(fd, PATIENCE * 1000));
	EXPECT_EQ(KILLED, actor_call(&self->other, act_nothing, 0));
	EXPECT_EQ(KILLED, actor_call(&self->third, act_nothing, 0));
	ASSERT_EQ(0, sandbox_stat(fd, &stat));
	EXPECT_EQ(SBPF_STATE_DYING, stat.state);
	/* The other sandbox of the policy chose to live. */
	EXPECT_EQ(0, actor_call(&self->member, act_nothing, 0));
	EXPECT_EQ(EPERM, actor_call(&self->member, act_open, PATH(FREE)));
}

TEST_F(live, unregistering_touches_its_own_sandboxes_only)
{
	int fd;

	ASSERT_EQ(0, policy_open(&self->second, "other", OP(FILE_OPEN)));
	ASSERT_EQ(0, policy_register(&self->second));
	policy_forbid(&self->second, 1, VERDICT_2);
	fd = sandbox_create("other", "", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, actor_call(&self->other, act_enter_id, sandbox_id(fd)));
	ASSERT_EQ(VERDICT_2, actor_call(&self->other, act_forbidden, 0));
	ASSERT_EQ(VERDICT, actor_call(&self->member, act_forbidden, 0));

	unregister(&self->first);
	EXPECT_EQ(EPERM, actor_call(&self->member, act_open, PATH(FREE)));
	EXPECT_EQ(VERDICT_2, actor_call(&self->other, act_forbidden, 0));
	EXPECT_EQ(0, actor_call(&self->other, act_open, PATH(FREE)));
	EXPECT_EQ(0, actor_call(&self->other, act_fork, 0));
	EXPECT_EQ(0, actor_call(&self->other, act_signal, self->third.pid));
}

/* An orphan is not adopted by a stranger of the same name, only by its owner. */
TEST_F(live, orphan_stays_one_until_it_is_moved)
{
	struct sbpf_stat stat;

	unregister(&self->first);
	ASSERT_EQ(0, policy_open(&self->second, "live", OP(FILE_OPEN)));
	ASSERT_EQ(0, policy_register(&self->second));
	policy_forbid(&self->second, 1, VERDICT_2);
	EXPECT_EQ(EPERM, actor_call(&self->member, act_forbidden, 0));
	EXPECT_EQ(EPERM, actor_call(&self->member, act_open, PATH(FREE)));
	ASSERT_EQ(0, sandbox_stat(self->fd, &stat));
	EXPECT_EQ(SBPF_STATE_ORPHAN, stat.state);

	ASSERT_EQ(0, sandbox_set_policy(self->fd, "live"));
	ASSERT_EQ(0, sandbox_stat(self->fd, &stat));
	EXPECT_EQ(SBPF_STATE_LIVE, stat.state);
	EXPECT_EQ(1, stat.policy_generation);
	EXPECT_EQ(VERDICT_2, actor_call(&self->member, act_forbidden, 0));
	EXPECT_EQ(0, actor_call(&self->member, act_open, PATH(FREE)));
	EXPECT_EQ(0, actor_call(&self->member, act_fork, 0));
	EXPECT_EQ(0, self->first.skel->bss->exit_calls);
	EXPECT_EQ(1, self->second.skel->bss->init_calls);
	/* No orphan is left. */
	EXPECT_TRUE(await(hooks() == (HOOKS_MIN | OP(FILE_OPEN))));
}

/* In the process that loads a policy without pinning it. */
static struct policy owned;

static int act_own_policy(long unused)
{
	int err = policy_open(&owned, "owned", OP(FILE_OPEN)) ?: policy_register(&owned);

	if (!err)
		policy_forbid(&owned, 1, VERDICT);
	return err;
}

TEST_F(live, policy_dies_with_its_owner)
{
	int fd;

	ASSERT_EQ(0, actor_call(&self->other, act_own_policy, 0));
	EXPECT_EQ(2, policies());
	fd = sandbox_create("owned", "", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, actor_call(&self->third, act_enter_id, sandbox_id(fd)));
	EXPECT_EQ(VERDICT, actor_call(&self->third, act_forbidden, 0));
	EXPECT_EQ(0, actor_call(&self->third, act_open, PATH(FREE)));

	actor_stop(&self->other);
	EXPECT_TRUE(await(policies() == 1));
	EXPECT_EQ(EPERM, actor_call(&self->third, act_open, PATH(FREE)));
	EXPECT_EQ(VERDICT, actor_call(&self->member, act_forbidden, 0));
	EXPECT_EQ(-ENOENT, sandbox_create("owned", "", 0, SBPF_UNLIMITED));
}

/* sandbox_init and sandbox_exit */

FIXTURE(lifecycle) {
	struct policy policy;
	struct actor member;
};

FIXTURE_VARIANT(lifecycle) {
	bool sleepable;
};

FIXTURE_VARIANT_ADD(lifecycle, atomic) {
};

FIXTURE_VARIANT_ADD(lifecycle, sleepable) {
	.sleepable = true,
};

FIXTURE_SETUP(lifecycle)
{
	struct probe_bpf *skel;

	ASSERT_TRUE(sandboxes_gone());
	ASSERT_EQ(0, actor_start(&self->member));
	ASSERT_EQ(0, policy_open(&self->policy, "cycle", 0));
	skel = self->policy.skel;
	if (variant->sleepable) {
		skel->struct_ops.policy->sandbox_init = skel->progs.sleepable_init;
		bpf_program__set_autoload(skel->progs.sandbox_init, false);
		bpf_program__set_autoload(skel->progs.sleepable_init, true);
	}
	ASSERT_EQ(0, policy_register(&self->policy));
}

FIXTURE_TEARDOWN(lifecycle)
{
	actor_stop(&self->member);
	policy_close(&self->policy);
}

TEST_F(lifecycle, init_may_refuse_and_exit_follows_init)
{
	struct sbpf_policy_info info;
	int fd, second;
	uint64_t id;

	fd = sandbox_create("cycle", "box", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, fd);
	id = sandbox_id(fd);
	EXPECT_EQ(1, self->policy.skel->bss->init_calls);
	EXPECT_EQ(id, self->policy.skel->bss->init_sandbox);
	EXPECT_STREQ("box", self->policy.skel->bss->init_name);

	second = sandbox_open(id);
	ASSERT_EQ(0, actor_call(&self->member, act_enter_id, id));
	close(fd);
	close(second);
	EXPECT_EQ(0, self->policy.skel->bss->exit_calls);
	actor_stop(&self->member);
	EXPECT_TRUE(sandboxes_gone());
	EXPECT_TRUE(await(self->policy.skel->bss->exit_calls));
	EXPECT_EQ(1, self->policy.skel->bss->exit_calls);
	EXPECT_EQ(id, self->policy.skel->bss->exit_sandbox);
	EXPECT_EQ(1, self->policy.skel->bss->init_calls);

	/* A refusal reaches the creator, and what was refused is not destroyed. */
	policy_reset(&self->policy);
	self->policy.skel->bss->init_verdict = -EDQUOT;
	EXPECT_EQ(-EDQUOT, sandbox_create("cycle", "", 0, SBPF_UNLIMITED));
	/* Out of range. */
	self->policy.skel->bss->init_verdict = 1;
	EXPECT_EQ(-EPERM, sandbox_create("cycle", "", 0, SBPF_UNLIMITED));
	self->policy.skel->bss->init_verdict = -5000;
	EXPECT_EQ(-EPERM, sandbox_create("cycle", "", 0, SBPF_UNLIMITED));
	EXPECT_EQ(3, self->policy.skel->bss->init_calls);

	EXPECT_TRUE(sandboxes_gone());
	EXPECT_EQ(0, self->policy.skel->bss->exit_calls);
	EXPECT_TRUE(await(!policy_info(0, &info) && !info.sandboxes));
}

/* Anyone may create sandboxes, and have the policy be wrong as often. */
TEST_F(lifecycle, mistakes_of_init_do_not_flood_the_log)
{
	const int tries = 200;
	int log = log_open(), lines = 0, i;
	char line[1000];

	self->policy.skel->bss->init_verdict = 1;
	/* They are told, though perhaps not the first, if there were many before. */
	EXPECT_TRUE(await(sandbox_create("cycle", "", 0, SBPF_UNLIMITED) == -EPERM &&
			  log_next(log, "sandbox_init returned", line, sizeof(line))));
	for (i = 0; i < tries; i++)
		ASSERT_EQ(-EPERM, sandbox_create("cycle", "", 0, SBPF_UNLIMITED));
	while (log_next(log, "sandbox_init returned", line, sizeof(line)))
		lines++;
	EXPECT_GT(tries / 2, lines);
	close(log);
}

int main(int argc, char **argv)
{
	if (setup())
		return KSFT_FAIL;
	return run_tests(argc, argv);
}
