// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Confined policies: that reach no memory but their own, whatever the verifier says
 *
 * Looks at the instructions that the kernel is going to run, as the verifier has left them.
 * Memory is reached by three ways only:
 *
 *	the arena	by a number of 32 bits, to which the kernel's compiler adds the arena's
 *			address: that reaches 4 GiB from there, which the kernel keeps free
 *			around it. That it has no more bits must be plain from the instructions
 *			before. If the verifier took it for something else, so that nothing is
 *			added, there is no memory of the kernel's that it reaches.
 *	the stack	from the frame pointer itself, by a constant.
 *	the context	the arguments of the operation, to be read.
 *
 * Functions of the kernel get numbers, and for an object the argument of that type, as it came.
 * Nothing is taken for granted but what these rules can see, which is little: a policy that
 * is refused here may well be harmless.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/bpf.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "confine.h"
#include "layout.h"
#include "object.h"
#include "out.h"

#define HINT	"a confined policy keeps its data in a BPF arena, calls no functions of its "	\
		"own, and asks kfuncs about the arguments as they came: Documentation/policy.rst"

/* Of include/linux/filter.h: a barrier. */
#define ST_NOSPEC		(BPF_ST | 0xc0)

#define REGISTERS	12
#define STACK_MAX	512
#define ARGUMENTS	12
#define CALL_ARGUMENTS	5

/* What is known of a register: one of the arguments is VALUE_ARGUMENT + its index. */
enum value { VALUE_ANY, VALUE_32_BITS, VALUE_CONTEXT, VALUE_ARGUMENT };

/**
 * struct state - What is known before an instruction
 * @values: of each register, enum value
 * @reached: whether anything is
 */
struct state {
	__u8 values[REGISTERS];
	bool reached;
};

/**
 * struct confined - A program that is looked at
 * @layout: the module's types
 * @proto: of the operation
 * @insns: what the kernel runs
 * @count: how many of them
 * @states: what is known before each
 * @given: what the kernel was given, where calls have the numbers of kfuncs
 * @given_count: how many of them
 * @calls: which of the calls in @given each instruction is
 * @why: what is wrong
 */
struct confined {
	const struct layout *layout;
	const struct btf_type *proto;
	struct bpf_insn *insns;
	__u32 count;
	struct state *states;
	const struct bpf_insn *given;
	__u32 given_count;
	__u32 *calls;
	const char *why;
};

static bool calls_kfunc(const struct bpf_insn *insn)
{
	return insn->code == (BPF_JMP | BPF_CALL) && insn->src_reg == BPF_PSEUDO_KFUNC_CALL;
}

static bool is_wide(const struct bpf_insn *insn)
{
	return insn->code == (BPF_LD | BPF_IMM | BPF_DW);
}

/* Helpers that are given no memory and give none. */
static bool helper_is_harmless(__s32 id)
{
	return id == BPF_FUNC_ktime_get_ns || id == BPF_FUNC_ktime_get_boot_ns ||
	       id == BPF_FUNC_get_prandom_u32 || id == BPF_FUNC_get_current_pid_tgid ||
	       id == BPF_FUNC_get_current_uid_gid;
}

/*
 * What the kernel shows of a call does not say of which function. But of what it was given
 * the calls are still there in the same order, unless there are fewer of them.
 */
static const char *match_calls(struct confined *program)
{
	__u32 i, given = 0, shown = 0;

	for (i = 0; i < program->given_count; i++) {
		const struct bpf_insn *insn = &program->given[i];

		if (is_wide(insn)) {
			i++;
		} else if (calls_kfunc(insn)) {
			given++;
		} else if (insn->code == (BPF_JMP | BPF_CALL) &&
			   (insn->src_reg || !helper_is_harmless(insn->imm))) {
			return "calls a function that is no kfunc";
		}
	}
	program->calls = calloc(program->count, sizeof(*program->calls));
	if (!program->calls)
		return "no memory";
	for (i = 0; i < program->count; i++) {
		if (is_wide(&program->insns[i]))
			i++;
		else if (calls_kfunc(&program->insns[i]))
			program->calls[i] = shown++;
	}
	return shown == given ? NULL : "has calls that are never made";
}

/* The struct that a pointer leads to, NULL for a number, "" for other pointers. */
static const char *pointee(const struct btf *btf, __u32 id)
{
	const struct btf_type *type = btf__type_by_id(btf, btf__resolve_type(btf, id));

	if (!btf_is_ptr(type))
		return NULL;
	do {
		type = btf__type_by_id(btf, type->type);
	} while (btf_is_mod(type) || btf_is_typedef(type));
	return btf_is_struct(type) ? btf__name_by_offset(btf, type->name_off) : "";
}

/* Which kfunc it is that is called by an instruction. */
static const struct btf_type *called(const struct confined *program, __u32 index)
{
	const struct btf *btf = program->layout->module;
	const struct btf_type *type;
	__u32 i, left = program->calls[index] + 1;

	for (i = 0; i < program->given_count; i++) {
		if (is_wide(&program->given[i]))
			i++;
		else if (calls_kfunc(&program->given[i]) && !--left)
			break;
	}
	/* Those of the module have an offset, those of the kernel none. */
	type = program->given[i].off ? btf__type_by_id(btf, program->given[i].imm) : NULL;
	if (!type || !btf_is_func(type) ||
	    strncmp(btf__name_by_offset(btf, type->name_off), "bpf_sbpf_", 9))
		return NULL;
	return btf__type_by_id(btf, type->type);
}

static const char *check_call(const struct confined *program, __u32 index,
			      const struct state *state)
{
	const struct btf *btf = program->layout->module;
	const struct btf_param *from = btf_params(program->proto);
	const struct btf_type *kfunc;
	const char *want, *got;
	int i, argument;

	if (!program->insns[index].src_reg)
		return NULL;
	if (!calls_kfunc(&program->insns[index]))
		return "calls a function of its own";
	kfunc = called(program, index);
	if (!kfunc || btf_vlen(kfunc) > CALL_ARGUMENTS)
		return "calls a function that is not of sbpf";
	for (i = 0; i < btf_vlen(kfunc); i++) {
		want = pointee(btf, btf_params(kfunc)[i].type);
		if (!want)
			continue;
		argument = state->values[BPF_REG_1 + i] - VALUE_ARGUMENT;
		got = argument >= 0 && argument < btf_vlen(program->proto) ?
		      pointee(btf, from[argument].type) : NULL;
		if (!*want || !got || strcmp(want, got))
			return "gives a kfunc something else than an argument of the operation";
	}
	return NULL;
}

/* An access to memory, by one register. */
static const char *check_access(const struct bpf_insn *insn, int base, const struct state *state)
{
	const int class = BPF_CLASS(insn->code), mode = BPF_MODE(insn->code);
	static const __u8 sizes[] = { [BPF_W >> 3] = 4, [BPF_H >> 3] = 2, [BPF_B >> 3] = 1,
				      [BPF_DW >> 3] = 8 };
	const int size = sizes[BPF_SIZE(insn->code) >> 3];

	if (state->values[base] == VALUE_32_BITS && base != BPF_REG_10)
		return NULL;
	if (base == BPF_REG_10)
		return insn->off >= -STACK_MAX - 8 && insn->off + size <= 0 ?
		       NULL : "reaches beyond its stack";
	if (class == BPF_LDX && mode == BPF_MEM && state->values[base] == VALUE_CONTEXT)
		return insn->off >= 0 && insn->off + size <= 8 * ARGUMENTS ?
		       NULL : "reads beyond its arguments";
	return "reaches memory that is neither in the arena nor on the stack";
}

static __u8 value_loaded(const struct bpf_insn *insn, const struct state *state)
{
	if (state->values[insn->src_reg] == VALUE_CONTEXT && insn->src_reg != BPF_REG_10 &&
	    BPF_SIZE(insn->code) == BPF_DW && !(insn->off % 8))
		return VALUE_ARGUMENT + insn->off / 8;
	return BPF_SIZE(insn->code) != BPF_DW && BPF_MODE(insn->code) == BPF_MEM ?
	       VALUE_32_BITS : VALUE_ANY;
}

static __u8 value_computed(const struct bpf_insn *insn, const struct state *state)
{
	const int op = BPF_OP(insn->code);

	/* The upper half of what comes of 32 bits is zero; to swap bytes may mean 64. */
	if (BPF_CLASS(insn->code) == BPF_ALU)
		return op == BPF_END && insn->imm > 32 ? VALUE_ANY : VALUE_32_BITS;
	if (op == BPF_MOV && BPF_SRC(insn->code) == BPF_K)
		return insn->imm >= 0 ? VALUE_32_BITS : VALUE_ANY;
	/* Not if it is extended by its sign, or moved to another space. */
	if (op == BPF_MOV && !insn->off && insn->src_reg != BPF_REG_10)
		return state->values[insn->src_reg];
	if (op == BPF_AND && BPF_SRC(insn->code) == BPF_K && insn->imm >= 0)
		return VALUE_32_BITS;
	if (op == BPF_RSH && BPF_SRC(insn->code) == BPF_K && insn->imm >= 32)
		return VALUE_32_BITS;
	return VALUE_ANY;
}

/* What is known after an instruction that is no jump; NULL, or what is wrong with it. */
static const char *step(const struct confined *program, __u32 index, struct state *state)
{
	const struct bpf_insn *insn = &program->insns[index];
	const char *why = NULL;
	int i;

	if (insn->dst_reg >= REGISTERS || insn->src_reg >= REGISTERS)
		return "has an unknown register";
	switch (BPF_CLASS(insn->code)) {
	case BPF_LD:
		if (!is_wide(insn) || index + 1 >= program->count)
			return "reads a packet";
		state->values[insn->dst_reg] = insn->src_reg || program->insns[index + 1].imm ?
					       VALUE_ANY : VALUE_32_BITS;
		return NULL;
	case BPF_LDX:
		why = check_access(insn, insn->src_reg, state);
		state->values[insn->dst_reg] = value_loaded(insn, state);
		return why;
	case BPF_ST:
		return insn->code == ST_NOSPEC ? NULL : check_access(insn, insn->dst_reg, state);
	case BPF_STX:
		why = check_access(insn, insn->dst_reg, state);
		/* What was there comes back in one of two. */
		if (BPF_MODE(insn->code) != BPF_MEM) {
			state->values[insn->src_reg] = VALUE_ANY;
			state->values[BPF_REG_0] = VALUE_ANY;
		}
		return why;
	case BPF_ALU:
	case BPF_ALU64:
		if (insn->dst_reg == BPF_REG_10)
			return "moves its stack";
		state->values[insn->dst_reg] = value_computed(insn, state);
		return NULL;
	default:
		if (BPF_OP(insn->code) != BPF_CALL)
			return NULL;
		why = check_call(program, index, state);
		for (i = BPF_REG_0; i <= BPF_REG_5; i++)
			state->values[i] = VALUE_ANY;
		return why;
	}
}

/* Have what is known at @target be what both ways to it know; whether that was news. */
static bool join(struct state *target, const struct state *state)
{
	bool news = !target->reached;
	int i;

	if (news) {
		*target = *state;
		target->reached = true;
		return true;
	}
	for (i = 0; i < REGISTERS; i++) {
		if (target->values[i] == VALUE_ANY || target->values[i] == state->values[i])
			continue;
		target->values[i] = VALUE_ANY;
		news = true;
	}
	return news;
}

/* Pass what is known after an instruction on to those that may be next. */
static const char *pass_on(struct confined *program, __u32 index, const struct state *state,
			   bool *news)
{
	const struct bpf_insn *insn = &program->insns[index];
	const int class = BPF_CLASS(insn->code), op = BPF_OP(insn->code);
	const bool jump = (class == BPF_JMP || class == BPF_JMP32) && op != BPF_CALL;
	const __s64 next = (__s64)index + 1 + is_wide(insn);
	__s64 target;

	if (jump && op == BPF_EXIT)
		return NULL;
	if (!(jump && op == BPF_JA)) {
		if (next >= program->count)
			return "runs out of instructions";
		*news |= join(&program->states[next], state);
	}
	if (!jump)
		return NULL;
	target = next + (class == BPF_JMP32 && op == BPF_JA ? insn->imm : insn->off);
	if (target < 0 || target >= program->count)
		return "jumps out of itself";
	*news |= join(&program->states[target], state);
	return NULL;
}

/* Until nothing new is known: what is known gets less only, so that this ends. */
static const char *walk(struct confined *program)
{
	const char *why = NULL;
	struct state state;
	bool news = true;
	__u32 i;

	program->states = calloc(program->count, sizeof(*program->states));
	if (!program->states)
		return "no memory";
	program->states[0].reached = true;
	program->states[0].values[BPF_REG_1] = VALUE_CONTEXT;
	while (news && !why) {
		news = false;
		for (i = 0; i < program->count && !why; i++) {
			if (!program->states[i].reached)
				continue;
			state = program->states[i];
			why = step(program, i, &state) ?: pass_on(program, i, &state, &news);
		}
	}
	return why;
}

/* The instructions of a program as the kernel runs them: 0 or -errno. */
static int read_insns(struct confined *program, int fd)
{
	struct bpf_prog_info info = { 0 };
	__u32 len = sizeof(info), size;

	if (bpf_prog_get_info_by_fd(fd, &info, &len))
		return -errno;
	size = info.xlated_prog_len;
	program->insns = malloc(size);
	if (!program->insns)
		return -ENOMEM;
	memset(&info, 0, sizeof(info));
	info.xlated_prog_insns = (__u64)(unsigned long)program->insns;
	info.xlated_prog_len = size;
	len = sizeof(info);
	if (bpf_prog_get_info_by_fd(fd, &info, &len))
		return -errno;
	if (!info.xlated_prog_insns || info.xlated_prog_len != size || !size)
		return -EPERM;
	program->count = size / sizeof(*program->insns);
	return 0;
}

static int check_program(const struct layout *layout, const struct btf_type *proto,
			 const struct bpf_program *bpf)
{
	struct confined program = {
		.layout = layout,
		.proto = proto,
		.given = bpf_program__insns(bpf),
		.given_count = bpf_program__insn_cnt(bpf),
	};
	int error = read_insns(&program, bpf_program__fd(bpf));

	program.why = error ? strerror(-error) : match_calls(&program) ?: walk(&program);
	free(program.insns);
	free(program.states);
	free(program.calls);
	if (program.why)
		return out_error(HINT, "not confined: program %s: %s", bpf_program__name(bpf),
				 program.why);
	return 0;
}

/**
 * confine_check - Refuse a policy whose programs may reach memory that is not their own
 * @object: loaded, not registered yet
 *
 * Reports what is wrong if that fails.
 *
 * Return: 0 or EXIT_FAILURE.
 */
int confine_check(const struct policy_object *object)
{
	const struct btf_member *member;
	const struct btf_type *type;
	struct bpf_program *bpf;
	struct layout layout;
	int error;

	error = layout_load(&layout);
	if (error)
		error = out_error(NULL, "the module's types cannot be read: %s", strerror(-error));
	bpf_object__for_each_program(bpf, object->bpf) {
		if (error)
			break;
		if (bpf_program__fd(bpf) < 0)
			continue;
		member = object_operation(object, &layout, bpf);
		type = member ? btf__type_by_id(layout.module,
				btf__resolve_type(layout.module, member->type)) : NULL;
		if (!type || !btf_is_ptr(type))
			error = out_error(HINT, "not confined: program %s: is no operation",
					  bpf_program__name(bpf));
		else
			error = check_program(&layout, btf__type_by_id(layout.module, type->type),
					      bpf);
	}
	layout_free(&layout);
	return error;
}
