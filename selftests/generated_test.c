// SPDX-License-Identifier: GPL-2.0-only
/*
 * Generated programs: what the verifier lets through of programs made at random from
 * kfuncs, helpers, and what an operation is given, rightly used and not, breaks nothing.
 *
 * Program N of seed S is always the same; SBPF_GENERATED_SEED=S is another lot, and with
 * SBPF_TEST_LONG=1 there are more of them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "common.h"
#include "kselftest_harness.h"

#define OPS		"sbpf_policy_ops"
#define GENERATED	"generated"
/* How many accepted programs make a policy. */
#define BATCH		8
#define INSNS_MAX	512
#define KFUNCS_MAX	64
#define ARGS_MAX	5
#define PIDS		1000

/* What is known about the kernel. */
static struct btf *module;
static int module_fd, ops_id, value_id;
static struct kfunc {
	const char *name;
	__u32 id;
	const struct btf_type *proto;
	long accepted;
} kfuncs[KFUNCS_MAX];
static int kfuncs_count;

/* The pseudo-random numbers of one program. */
static uint64_t state;

static uint32_t any(uint32_t below)
{
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (state >> 33) % below;
}

static bool often(void)
{
	return any(16);
}

static bool seldom(void)
{
	return !often();
}

/* Learning */

static const char *name_of(const struct btf_type *type)
{
	return btf__name_by_offset(module, type->name_off);
}

/* The name of the struct that a type points to; "" for other pointers, NULL for numbers. */
static const char *pointee(__u32 id)
{
	const struct btf_type *type = btf__type_by_id(module, btf__resolve_type(module, id));

	if (!btf_is_ptr(type))
		return NULL;
	do {
		type = btf__type_by_id(module, type->type);
	} while (btf_is_mod(type) || btf_is_typedef(type));
	return btf_is_struct(type) ? name_of(type) : "";
}

static int find_module(void)
{
	struct bpf_btf_info info;
	__u32 id = 0, len;
	char name[64];
	int fd;

	while (!bpf_btf_get_next_id(id, &id)) {
		fd = bpf_btf_get_fd_by_id(id);
		if (fd < 0)
			continue;
		memset(&info, 0, sizeof(info));
		info.name = (uintptr_t)name;
		info.name_len = sizeof(name);
		len = sizeof(info);
		if (!bpf_btf_get_info_by_fd(fd, &info, &len) && info.kernel_btf &&
		    !strcmp(name, "sbpf"))
			return fd;
		close(fd);
	}
	return -ENOENT;
}

static bool learn(void)
{
	struct btf *vmlinux = btf__load_vmlinux_btf();
	const struct btf_type *type;
	__u32 id;

	module = vmlinux ? btf__load_module_btf("sbpf", vmlinux) : NULL;
	module_fd = find_module();
	if (!module || module_fd < 0)
		return false;
	ops_id = btf__find_by_name_kind(module, OPS, BTF_KIND_STRUCT);
	value_id = btf__find_by_name_kind(module, "bpf_struct_ops_" OPS, BTF_KIND_STRUCT);
	for (id = btf__type_cnt(vmlinux); id < btf__type_cnt(module); id++) {
		type = btf__type_by_id(module, id);
		if (!btf_is_func(type) || strncmp(name_of(type), "bpf_sbpf_", 9) ||
		    kfuncs_count == KFUNCS_MAX)
			continue;
		kfuncs[kfuncs_count++] = (struct kfunc){
			.name = name_of(type), .id = id,
			.proto = btf__type_by_id(module, type->type),
		};
	}
	return ops_id > 0 && value_id > 0 && kfuncs_count > 20;
}

/* The number of a member of the policy's struct. */
static int member_of(const char *name)
{
	const struct btf_type *ops = btf__type_by_id(module, ops_id);
	int i;

	for (i = 0; i < btf_vlen(ops); i++)
		if (!strcmp(btf__name_by_offset(module, btf_members(ops)[i].name_off), name))
			return i;
	return -1;
}

/* Generating */

/**
 * struct program - A program that is made
 * @insns: its instructions
 * @count: how many
 * @holds: the struct that the generator believes each register to point to; NULL: a number
 * @owed: register with a sandbox to be released, 0 for none
 * @calls: kfuncs that it calls, by bit
 */
static struct program {
	struct bpf_insn insns[INSNS_MAX];
	int count;
	const char *holds[10];
	int owed;
	uint64_t calls;
} made;

static void emit(__u8 code, __u8 dst, __u8 src, __s16 off, __s32 imm)
{
	if (made.count < INSNS_MAX)
		made.insns[made.count++] = (struct bpf_insn){
			.code = code, .dst_reg = dst, .src_reg = src, .off = off, .imm = imm
		};
}

static void set(int reg, __s32 number)
{
	emit(BPF_ALU64 | BPF_MOV | BPF_K, reg, 0, 0, number);
}

static void copy(int to, int from)
{
	emit(BPF_ALU64 | BPF_MOV | BPF_X, to, from, 0, 0);
}

static __s32 number(void)
{
	static const __s32 numbers[] = {
		0, 1, 2, 3, 7, 8, 16, 64, 65, 255, 256, 4095, 4096, 65536, -1, -2, -13, -4095,
		-4096, INT32_MAX, INT32_MIN
	};

	return often() ? numbers[any(sizeof(numbers) / sizeof(*numbers))] : (__s32)any(~0U);
}

/* One of those that stay over calls. */
static int saved(void)
{
	return 7 + any(3);
}

static int holder_of(const char *type)
{
	int first = any(3), i, reg;

	for (i = 0; i < 3; i++) {
		reg = 7 + (first + i) % 3;
		if (made.holds[reg] && !strcmp(made.holds[reg], type))
			return reg;
	}
	return 0;
}

static void keep_result(const char *type, bool acquired)
{
	int reg = saved();

	if (reg == made.owed)
		return;
	copy(reg, 0);
	made.holds[reg] = type;
	if (!acquired)
		return;
	/* Or NULL, upon which it ends: mostly. */
	if (often()) {
		emit(BPF_JMP | BPF_JNE | BPF_K, reg, 0, 2, 0);
		set(0, 0);
		emit(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	}
	made.owed = reg;
}

static void release(void)
{
	int i;

	for (i = 0; i < kfuncs_count; i++)
		if (!strcmp(kfuncs[i].name, "bpf_sbpf_sandbox_release"))
			break;
	copy(1, made.owed);
	emit(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_KFUNC_CALL, 1, kfuncs[i].id);
	made.calls |= 1ULL << i;
	made.holds[made.owed] = NULL;
	made.owed = 0;
}

/* Whether there is something of each type that a kfunc wants. */
static bool callable(const struct kfunc *kfunc)
{
	const struct btf_param *param = btf_params(kfunc->proto);
	const char *type;
	int i;

	for (i = 0; i < btf_vlen(kfunc->proto); i++) {
		type = pointee(param[i].type);
		if (type && *type && strcmp(type, "sbpf_new_name") && !holder_of(type))
			return false;
	}
	return !strstr(kfunc->name, "release");
}

static void call_kfunc(void)
{
	const struct btf_param *param;
	struct kfunc *kfunc;
	const char *type;
	int i, reg, tries = 8;

	do
		kfunc = &kfuncs[any(kfuncs_count)];
	while (!callable(kfunc) && tries-- && often());
	param = btf_params(kfunc->proto);
	for (i = 0; i < btf_vlen(kfunc->proto) && i < ARGS_MAX; i++) {
		type = pointee(param[i].type);
		reg = type && *type && often() ? holder_of(type) : 0;
		if (reg) {
			copy(1 + i, reg);
		} else if (type && often()) {
			/* The stack: 512 bytes, the first 448 of which are zero. */
			copy(1 + i, 10);
			emit(BPF_ALU64 | BPF_ADD | BPF_K, 1 + i, 0, 0,
			     often() ? -448 : -8 * (int)any(70));
		} else if (often()) {
			set(1 + i, type && seldom() ? 0 : any(3) ? (__s32)any(448) : number());
		} else {
			copy(1 + i, any(11));
		}
	}
	emit(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_KFUNC_CALL, 1, kfunc->id);
	made.calls |= 1ULL << (kfunc - kfuncs);
	if (often() && kfunc->proto->type)
		keep_result(pointee(kfunc->proto->type), strstr(kfunc->name, "acquire"));
}

static void call_helper(void)
{
	int id = 1 + any(211), i;

	/* Those that fill the kernel's log with what they print. */
	if (id == BPF_FUNC_trace_printk || id == BPF_FUNC_trace_vprintk)
		id = BPF_FUNC_get_current_task_btf;
	for (i = 1; i <= ARGS_MAX; i++) {
		if (any(3))
			set(i, number());
		else
			copy(i, often() ? 10 : saved());
	}
	emit(BPF_JMP | BPF_CALL, 0, 0, 0, id);
	keep_result(NULL, false);
}

static void statement(void)
{
	static const __u8 alu[] = {
		BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_OR, BPF_AND, BPF_LSH, BPF_RSH, BPF_MOD,
		BPF_XOR, BPF_ARSH
	};
	static const __u8 sizes[] = { BPF_B, BPF_H, BPF_W, BPF_DW };
	int to = saved(), from = saved();

	switch (any(10)) {
	case 0:
		if (made.holds[to] && often())
			break;
		emit((any(2) ? BPF_ALU : BPF_ALU64) | alu[any(sizeof(alu))] | BPF_K, to, 0, 0,
		     number());
		break;
	case 1:
		/* A branch over what follows, or not. */
		emit(BPF_JMP | (any(2) ? BPF_JEQ : BPF_JSGT) | BPF_K, from, 0, 1, number());
		set(0, number());
		break;
	case 2:
		/* What an object has, or a number leads to. */
		if (to == made.owed || (!made.holds[from] && often()))
			break;
		emit(BPF_LDX | BPF_MEM | sizes[any(4)], to, from, 8 * any(often() ? 8 : 4096), 0);
		made.holds[to] = NULL;
		break;
	case 3:
		if (often())
			break;
		/* Writes to where nothing may be written. */
		emit(BPF_STX | (any(4) ? BPF_MEM : BPF_ATOMIC) | BPF_DW, often() ? from : 6, to,
		     8 * any(8), 0);
		break;
	case 4:
		if (to == made.owed)
			break;
		emit(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_get_current_task_btf);
		copy(to, 0);
		made.holds[to] = "task_struct";
		break;
	case 5:
		if (any(4))
			call_kfunc();
		else
			call_helper();
		break;
	case 6:
		if (made.owed && any(2))
			release();
		else if (seldom())
			emit(BPF_JMP | BPF_JA, 0, 0, -(int)any(8), 0);
		break;
	default:
		call_kfunc();
	}
}

/* Program @index of @seed, for an operation of which the arguments are known. */
static void generate(uint64_t seed, uint32_t index, const struct btf_type *proto)
{
	const struct btf_param *param = proto ? btf_params(proto) : NULL;
	int args = proto ? btf_vlen(proto) : 0, i, arg;

	memset(&made, 0, sizeof(made));
	state = seed * 1000003 + index;
	for (i = 0; i < 8; i++)
		any(2);
	copy(6, 1);
	for (i = 56; i > 0 && often(); i--)
		emit(BPF_ST | BPF_MEM | BPF_DW, 10, 0, -8 * i, 0);
	for (i = 7; i < 10; i++) {
		arg = i == 7 && often() ? 0 : any(args + (args && often() ? 0 : 1));
		if (!args || seldom()) {
			set(i, number());
			continue;
		}
		emit(BPF_LDX | BPF_MEM | BPF_DW, i, 6, 8 * arg, 0);
		made.holds[i] = arg < args ? pointee(param[arg].type) : NULL;
	}
	for (i = 1 + any(12); i; i--)
		statement();
	if (made.owed && often())
		release();
	if (any(3))
		set(0, any(2) ? 0 : number());
	else
		copy(0, any(2) ? 10 : saved());
	emit(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

static int load(enum bpf_prog_type type, int member)
{
	int fds[] = { module_fd, module_fd };
	LIBBPF_OPTS(bpf_prog_load_opts, options, .fd_array = fds);

	if (type == BPF_PROG_TYPE_STRUCT_OPS) {
		options.attach_btf_id = ops_id;
		options.attach_btf_obj_fd = module_fd;
		options.expected_attach_type = member;
	}
	return bpf_prog_load(type, GENERATED, "GPL", made.insns, made.count, &options);
}

/* Registering */

/* A policy of some members' programs: the descriptor of its link, or -errno. */
static int register_policy(const int *members, const int *programs, int count)
{
	const struct btf_type *value = btf__type_by_id(module, value_id);
	const struct btf_type *ops = btf__type_by_id(module, ops_id);
	const __u32 start = btf_members(value)[btf_vlen(value) - 1].offset / 8;
	struct btf *own = btf__new_empty();
	LIBBPF_OPTS(bpf_map_create_opts, options, .btf_vmlinux_value_type_id = value_id,
		    .value_type_btf_obj_fd = module_fd,
		    .map_flags = BPF_F_LINK | BPF_F_VTYPE_BTF_OBJ_FD);
	char *data = calloc(1, value->size);
	int map, link, i, err;
	__u32 key = 0;

	btf__add_int(own, "int", 4, BTF_INT_SIGNED);
	err = btf__load_into_kernel(own);
	if (err || !data)
		return err ?: -ENOMEM;
	options.btf_fd = btf__fd(own);
	map = bpf_map_create(BPF_MAP_TYPE_STRUCT_OPS, GENERATED, sizeof(key), value->size, 1,
			     &options);
	btf__free(own);
	if (map < 0)
		return map;
	strcpy(data + start + btf_members(ops)[member_of("name")].offset / 8, GENERATED);
	for (i = 0; i < count; i++)
		*(unsigned long *)(data + start + btf_members(ops)[members[i]].offset / 8) =
			programs[i];
	err = bpf_map_update_elem(map, &key, data, 0);
	free(data);
	link = err ?: bpf_link_create(map, 0, BPF_STRUCT_OPS, NULL);
	close(map);
	return link;
}

/* Acts */

/* What has to be the same whatever a policy of somebody else's does. */
static char canary[8192];

static int act_untouched(long unused)
{
	size_t i;

	for (i = 0; i < sizeof(canary); i++)
		if (canary[i] != (char)(i * 7))
			return EUCLEAN;
	return act_open(PATH(FREE));
}

/* A bit of everything; only that it ends is of interest. */
static int act_everything(long unused)
{
	struct sockaddr_in address = { AF_INET, 0, { htonl(INADDR_LOOPBACK) }, { 0 } };
	struct rlimit limit = { 10, 10 };
	char buf[64];
	int pair[2];
	void *map;
	int fd;

	fd = open(FREE, O_RDWR | O_CLOEXEC);
	if (fd >= 0) {
		map = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
		if (map != MAP_FAILED) {
			mprotect(map, 4096, PROT_READ | PROT_EXEC);
			munmap(map, 4096);
		}
		fcntl(fd, F_SETFL, O_APPEND);
		fcntl(fd, F_SETLK, &(struct flock){ .l_type = F_RDLCK });
		fchmod(fd, 0666);
		close(fd);
	}
	read_file("/proc/self/status", buf, sizeof(buf));
	mkdir(DIR "/dir", 0700);
	rename(DIR "/dir", DIR "/dir2");
	rmdir(DIR "/dir2");
	symlink("nowhere", DIR "/link");
	link(DIR "/link", DIR "/link2");
	unlink(DIR "/link");
	unlink(DIR "/link2");
	mknod(DIR "/fifo", S_IFIFO | 0600, 0);
	truncate(DIR "/fifo", 0);
	chown(DIR "/fifo", 0, 0);
	unlink(DIR "/fifo");
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bind(fd, (void *)&address, sizeof(address));
	connect(fd, (void *)&address, sizeof(address));
	sendto(fd, "", 1, MSG_DONTWAIT, (void *)&address, sizeof(address));
	close(fd);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	listen(fd, 1);
	close(fd);
	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	kill(getpid(), 0);
	prctl(PR_SET_NAME, GENERATED);
	setpriority(PRIO_PROCESS, 0, 1);
	sched_setaffinity(0, sizeof(cpu_set_t), &(cpu_set_t){ { 1 } });
	setrlimit(RLIMIT_CORE, &limit);
	setresuid(-1, -1, -1);
	act_fork(0);
	act_forbidden(0);
	return 0;
}

static int sandbox_state(int sandbox)
{
	struct sbpf_stat stat;

	return sandbox_stat(sandbox, &stat) ? -1 : (int)stat.state;
}

/* In a sandbox of the generated policy inside another, which forbids. */
static int act_nested(long unused)
{
	int sandbox = sandbox_create(GENERATED, "", 0, SBPF_UNLIMITED);

	if (sandbox < 0)
		return -sandbox;
	/* Unless sandbox_init has killed it. */
	if (sandbox_enter(sandbox))
		return sandbox_state(sandbox) == SBPF_STATE_DYING ? 0 : ECHILD;
	act_everything(0);
	return act_forbidden(0) ? 0 : EUCLEAN;
}

FIXTURE(generated_programs)
{
	struct actor bystander, neighbour;
	int neighbours;
};

FIXTURE_SETUP(generated_programs)
{
	size_t i;

	for (i = 0; i < sizeof(canary); i++)
		canary[i] = i * 7;
	ASSERT_TRUE(learn());
	policy_reset(&probe);
	policy_forbid(&probe, 1, EACCES);
	self->neighbours = sandbox_create("probe", "", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, self->neighbours);
	ASSERT_EQ(0, actor_start(&self->bystander));
	ASSERT_EQ(0, actor_start(&self->neighbour));
	ASSERT_EQ(0, actor_call(&self->neighbour, act_enter, self->neighbours));
	bpf_quiet(true);
}

FIXTURE_TEARDOWN(generated_programs)
{
	actor_stop(&self->bystander);
	actor_stop(&self->neighbour);
	close(self->neighbours);
}

/* What holds whatever the programs of a policy do. False, having said what does not, if not. */
static bool holds(struct actor *bystander, struct actor *neighbour, int outer,
		  const int *members, const int *programs, int count)
{
	int link = register_policy(members, programs, count);
	int sandbox = -1, err;
	bool good = true, entered = false;
	struct sbpf_stat stat;
	struct actor member;

#define HOLDS(what)							\
	({								\
		bool __holds = (what);					\
									\
		if (!__holds)						\
			printf("# does not hold: %s\n", #what);		\
		good &= __holds;					\
	})

	HOLDS(link >= 0);
	if (link < 0)
		return false;
	err = run(outer, act_nested, 0);
	/* Refused by sandbox_init, with its errno, or killed. */
	HOLDS(err != EUCLEAN && err != ECHILD);
	HOLDS(file_intact(FORBIDDEN));
	sandbox = sandbox_create(GENERATED, GENERATED, 0, PIDS);
	HOLDS(!actor_start(&member));
	if (sandbox >= 0) {
		entered = !actor_call(&member, act_enter, sandbox);
		/* sandbox_init may have killed it. */
		HOLDS(entered || sandbox_state(sandbox) == SBPF_STATE_DYING);
		if (entered)
			actor_call(&member, act_everything, 0);
		HOLDS(!sandbox_stat(sandbox, &stat));
		HOLDS(!strcmp(stat.name, GENERATED));
		HOLDS(!strcmp(stat.policy, GENERATED));
		HOLDS(stat.limit[SBPF_RESOURCE_PIDS] <= PIDS);
	}
	/* Actors may have a descriptor of it as well. */
	HOLDS(!bpf_link_detach(link));
	close(link);
	/* Without its policy a sandbox allows nothing. */
	HOLDS(!entered || await(actor_call(&member, act_open, PATH(FREE))));
	actor_stop(&member);
	close(sandbox);
	HOLDS(!actor_call(bystander, act_untouched, 0));
	HOLDS(!actor_call(neighbour, act_untouched, 0));
	HOLDS(actor_call(neighbour, act_forbidden, 0) == EACCES);
#undef HOLDS
	return good;
}

TEST_F_TIMEOUT(generated_programs, break_nothing, 3600)
{
	const struct btf_type *ops = btf__type_by_id(module, ops_id);
	const char *seed_text = getenv("SBPF_GENERATED_SEED");
	const uint64_t seed = seed_text ? strtoull(seed_text, NULL, 0) : 1;
	const uint32_t number_of = getenv("SBPF_TEST_LONG") ? 20000 : 3000 / slow();
	static const enum bpf_prog_type others[] = {
		BPF_PROG_TYPE_SOCKET_FILTER, BPF_PROG_TYPE_KPROBE, BPF_PROG_TYPE_SCHED_CLS,
		BPF_PROG_TYPE_XDP, BPF_PROG_TYPE_PERF_EVENT, BPF_PROG_TYPE_CGROUP_SKB,
		BPF_PROG_TYPE_RAW_TRACEPOINT, BPF_PROG_TYPE_SYSCALL, BPF_PROG_TYPE_SK_MSG,
		BPF_PROG_TYPE_CGROUP_SOCKOPT, BPF_PROG_TYPE_NETFILTER,
	};
	int members[BATCH], programs[BATCH], count = 0, policies = 0, calls = 0;
	uint32_t accepted = 0, foreign = 0, index, first = 0, i;
	const struct btf_type *proto;
	int member, fd, outer;

	outer = sandbox_create("probe", "", 0, SBPF_UNLIMITED);
	ASSERT_LE(0, outer);
	for (index = 0; index < number_of; index++) {
		/* One of the functions that the struct begins with. */
		state = seed + index * 31;
		any(2);
		do {
			member = any(btf_vlen(ops));
			proto = btf__type_by_id(module, btf__resolve_type(module,
					btf_members(ops)[member].type));
			proto = btf_is_ptr(proto) ? btf__type_by_id(module, proto->type) : NULL;
		} while (!proto || !btf_is_func_proto(proto));
		generate(seed, index, proto);
		fd = load(BPF_PROG_TYPE_STRUCT_OPS, member);
		if (fd < 0)
			continue;
		accepted++;
		for (i = 0; (int)i < kfuncs_count; i++)
			kfuncs[i].accepted += made.calls >> i & 1;
		/* The same for another type, which has no such arguments, is never accepted. */
		if (made.calls) {
			generate(seed, index, NULL);
			foreign += made.calls != 0;
			for (i = 0; made.calls && i < sizeof(others) / sizeof(*others); i++)
				ASSERT_GT(0, load(others[i], 0)) {
					TH_LOG("seed %lu program %u: type %u calls a kfunc", seed,
					       index, others[i]);
				}
		}
		for (i = 0; (int)i < count && members[i] != member; i++)
			;
		if ((int)i < count) {
			close(fd);
			continue;
		}
		if (!count)
			first = index;
		members[count] = member;
		programs[count++] = fd;
		if (count < BATCH)
			continue;
		EXPECT_TRUE(holds(&self->bystander, &self->neighbour, outer, members, programs,
				  count)) {
			TH_LOG("seed %lu, of programs %u to %u", seed, first, index);
		}
		while (count)
			close(programs[--count]);
		policies++;
	}
	while (count)
		close(programs[--count]);
	for (i = 0; (int)i < kfuncs_count; i++) {
		calls += !!kfuncs[i].accepted;
		if (!kfuncs[i].accepted)
			printf("# %s: in no program that was accepted\n", kfuncs[i].name);
	}
	printf("# seed %lu: %u programs, %u accepted, %d policies, %d of %d kfuncs, %u of others\n",
	       seed, number_of, accepted, policies, calls, kfuncs_count, foreign);
	/* Else nothing was tried. */
	EXPECT_LT(number_of / 20, accepted);
	EXPECT_GT(number_of, 2 * accepted);
	EXPECT_LT(kfuncs_count / 3, calls);
	EXPECT_LT(10, policies);
	EXPECT_LT(0, foreign);
	close(outer);
}

/* What the verifier has said of the last program. */
static char said[1 << 14];

/* Whether what was made is accepted; else -errno, and what was said. */
static int judge(enum bpf_prog_type type, struct bpf_prog_load_opts *options)
{
	int fd;

	*said = 0;
	options->log_buf = said;
	options->log_size = sizeof(said);
	options->log_level = 1;
	fd = bpf_prog_load(type, GENERATED, "GPL", made.insns, made.count, options);
	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

/* A program that calls a kfunc, or nothing. */
static void make_call(const struct kfunc *kfunc)
{
	memset(&made, 0, sizeof(made));
	if (kfunc)
		emit(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_KFUNC_CALL, 1, kfunc->id);
	set(0, 0);
	emit(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

FIXTURE(least_privilege) {
};

FIXTURE_SETUP(least_privilege)
{
	ASSERT_TRUE(learn());
}

FIXTURE_TEARDOWN(least_privilege)
{
}

/* Each kfunc, called by each type of program, and the same program without the call. */
TEST_F_TIMEOUT(least_privilege, kfuncs_are_for_policies_alone, 600)
{
	static const struct {
		const char *name;
		enum bpf_prog_type type;
		enum bpf_attach_type attach;
		/* What it is attached to, by kind and name. */
		int kind;
		const char *at;
	} others[] = {
#define TYPE(of, ...) { .name = #of, .type = BPF_PROG_TYPE_##of, __VA_ARGS__ }
		TYPE(SOCKET_FILTER), TYPE(KPROBE), TYPE(SCHED_CLS), TYPE(SCHED_ACT),
		TYPE(TRACEPOINT), TYPE(XDP), TYPE(PERF_EVENT), TYPE(CGROUP_SKB),
		TYPE(CGROUP_SOCK), TYPE(LWT_IN), TYPE(LWT_OUT), TYPE(LWT_XMIT), TYPE(SOCK_OPS),
		TYPE(SK_SKB), TYPE(CGROUP_DEVICE), TYPE(SK_MSG), TYPE(RAW_TRACEPOINT),
		TYPE(LWT_SEG6LOCAL), TYPE(LIRC_MODE2), TYPE(FLOW_DISSECTOR),
		TYPE(CGROUP_SYSCTL), TYPE(RAW_TRACEPOINT_WRITABLE), TYPE(SYSCALL),
		TYPE(CGROUP_SOCK_ADDR, .attach = BPF_CGROUP_INET4_BIND),
		TYPE(SK_REUSEPORT, .attach = BPF_SK_REUSEPORT_SELECT),
		TYPE(CGROUP_SOCKOPT, .attach = BPF_CGROUP_SETSOCKOPT),
		TYPE(SK_LOOKUP, .attach = BPF_SK_LOOKUP),
		TYPE(NETFILTER, .attach = BPF_NETFILTER),
		TYPE(TRACING, .attach = BPF_TRACE_RAW_TP, .kind = BTF_KIND_TYPEDEF,
		     .at = "btf_trace_sys_enter"),
		TYPE(TRACING, .attach = BPF_TRACE_FENTRY, .kind = BTF_KIND_FUNC, .at = "vfs_open"),
		TYPE(TRACING, .attach = BPF_TRACE_FEXIT, .kind = BTF_KIND_FUNC, .at = "vfs_open"),
		TYPE(TRACING, .attach = BPF_TRACE_ITER, .kind = BTF_KIND_FUNC,
		     .at = "bpf_iter_task"),
		TYPE(LSM, .attach = BPF_LSM_MAC, .kind = BTF_KIND_FUNC, .at = "bpf_lsm_file_open"),
#undef TYPE
	};
	int fds[] = { module_fd, module_fd }, tried = 0, i, err;
	struct kfunc *kfunc;
	uint32_t other;

	for (other = 0; other < sizeof(others) / sizeof(*others); other++) {
		LIBBPF_OPTS(bpf_prog_load_opts, options, .fd_array = fds);

		options.expected_attach_type = others[other].attach;
		if (others[other].at)
			options.attach_btf_id = btf__find_by_name_kind(module, others[other].at,
								       others[other].kind);
		if (others[other].type == BPF_PROG_TYPE_SYSCALL)
			options.prog_flags = BPF_F_SLEEPABLE;
		make_call(NULL);
		err = judge(others[other].type, &options);
		if (err) {
			printf("# %s: not on this kernel: error %d\n", others[other].name, err);
			continue;
		}
		tried++;
		for (i = 0; i < kfuncs_count; i++) {
			make_call(&kfuncs[i]);
			EXPECT_EQ(-EACCES, judge(others[other].type, &options));
			EXPECT_NE(NULL, strstr(said, "is not allowed"))
				TH_LOG("%s calls %s: %s", others[other].name, kfuncs[i].name, said);
		}
	}
	EXPECT_LE(25, tried);
	/* A policy may: what is wrong then are the arguments, if anything. */
	for (kfunc = kfuncs; kfunc < kfuncs + kfuncs_count; kfunc++) {
		LIBBPF_OPTS(bpf_prog_load_opts, options, .fd_array = fds,
			    .attach_btf_id = ops_id, .attach_btf_obj_fd = module_fd,
			    .expected_attach_type = member_of("file_open"));

		make_call(kfunc);
		judge(BPF_PROG_TYPE_STRUCT_OPS, &options);
		EXPECT_EQ(NULL, strstr(said, "is not allowed")) TH_LOG("%s: %s", kfunc->name, said);
	}
}

/* Two of a policy's functions may sleep. */
TEST_F_TIMEOUT(least_privilege, operations_do_not_sleep, 300)
{
	const struct btf_type *ops = btf__type_by_id(module, ops_id), *proto;
	int member, err, count = 0;
	const char *name;

	make_call(NULL);
	for (member = 0; member < btf_vlen(ops); member++) {
		LIBBPF_OPTS(bpf_prog_load_opts, options, .attach_btf_id = ops_id,
			    .attach_btf_obj_fd = module_fd, .expected_attach_type = member);

		name = btf__name_by_offset(module, btf_members(ops)[member].name_off);
		proto = btf__type_by_id(module,
					btf__resolve_type(module, btf_members(ops)[member].type));
		if (!btf_is_ptr(proto))
			continue;
		count++;
		EXPECT_EQ(0, judge(BPF_PROG_TYPE_STRUCT_OPS, &options)) TH_LOG("%s", name);
		options.prog_flags = BPF_F_SLEEPABLE;
		err = judge(BPF_PROG_TYPE_STRUCT_OPS, &options);
		if (!strcmp(name, "sandbox_init") || !strcmp(name, "sandbox_exit")) {
			EXPECT_EQ(0, err);
			continue;
		}
		EXPECT_EQ(-EINVAL, err) TH_LOG("%s", name);
		EXPECT_NE(NULL, strstr(said, "attach to unsupported member"));
	}
	EXPECT_EQ(SBPF_OP_MAX + 2, count);
}

int main(int argc, char **argv)
{
	if (setup() || setup_policy(&probe, "probe", OPS_ALL, SBPF_POLICY_OPEN))
		return KSFT_FAIL;
	return run_tests(argc, argv);
}
