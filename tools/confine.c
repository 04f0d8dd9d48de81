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
 * What may be an address of the kernel is nothing else: it is not kept, counted with, compared
 * but with NULL, nor returned, so that a policy sees none as a number. That goes for what was
 * left in registers and on the stack as well.
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
/* And how memory of an arena is reached. */
#define PROBE_MEM32		0xa0

#define REGISTERS	12
#define STACK_MAX	512
#define ARGUMENTS	12
#define CALL_ARGUMENTS	5

/* The verifier itself keeps something below. */
#define STACK_SIZE		(STACK_MAX + 8)

/* Of include/uapi/linux/bpf.h, of newer kernels. */
#define LOAD_ACQUIRE		0x100
#define JCOND			0xe0

/*
 * What is known of a register: it may be an address of the kernel, is any number or one of
 * 32 bits; one of the arguments is VALUE_ARGUMENT + its index.
 */
enum value { VALUE_POINTER, VALUE_NUMBER, VALUE_32_BITS, VALUE_CONTEXT, VALUE_ARGUMENT };

/**
 * struct state - What is known before an instruction
 * @values: of each register, enum value
 * @written: by bit, which bytes of the stack have been, the lowest first
 * @reached: whether anything is
 */
struct state {
	__u8 values[REGISTERS];
	__u8 written[(STACK_SIZE + 7) / 8];
	bool reached;
};

/**
 * struct confined - A program that is looked at
 * @layout: the module's types
 * @proto: of the operation
 * @arena: number of the map that is the policy's arena, 0 if it has none
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
	__u32 arena;
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
		} else if (insn->code == (BPF_JMP | JCOND)) {
			/* For which the verifier puts in calls that nothing was given of. */
			return "loops by may_goto";
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

/* The struct that an argument of the operation leads to, as pointee(). */
static const char *argument_pointee(const struct confined *program, int argument)
{
	if (argument < 0 || argument >= btf_vlen(program->proto))
		return "";
	return pointee(program->layout->module, btf_params(program->proto)[argument].type);
}

/* May it be an address of the kernel? */
static bool is_address(const struct confined *program, __u8 value)
{
	return value == VALUE_POINTER || value == VALUE_CONTEXT ||
	       (value >= VALUE_ARGUMENT &&
		argument_pointee(program, value - VALUE_ARGUMENT));
}

static const char *check_call(const struct confined *program, __u32 index,
			      const struct state *state)
{
	const struct btf *btf = program->layout->module;
	const struct btf_type *kfunc;
	const char *want, *got;
	int i, value;

	if (!program->insns[index].src_reg)
		return NULL;
	if (!calls_kfunc(&program->insns[index]))
		return "calls a function of its own";
	kfunc = called(program, index);
	if (!kfunc || btf_vlen(kfunc) > CALL_ARGUMENTS)
		return "calls a function that is not of sbpf";
	if (pointee(btf, kfunc->type))
		return "gets a pointer from a kfunc";
	for (i = 0; i < btf_vlen(kfunc); i++) {
		want = pointee(btf, btf_params(kfunc)[i].type);
		value = state->values[BPF_REG_1 + i];
		if (!want && is_address(program, value))
			return "gives a kfunc a pointer for a number";
		got = want && value >= VALUE_ARGUMENT ?
		      argument_pointee(program, value - VALUE_ARGUMENT) : NULL;
		if (want && (!*want || !got || strcmp(want, got)))
			return "gives a kfunc something else than an argument of the operation";
	}
	return NULL;
}

/* The stack has been written to, or is it all of these bytes that have been? */
static bool stack_bytes(const struct bpf_insn *insn, struct state *state, int size, bool write)
{
	int i, bit, all = 1;

	for (i = 0; i < size; i++) {
		bit = STACK_SIZE + insn->off + i;
		if (write)
			state->written[bit / 8] |= 1 << bit % 8;
		all &= state->written[bit / 8] >> bit % 8;
	}
	return all;
}

/* An access to memory, by one register; only what is plainly written is no load. */
static const char *check_access(const struct bpf_insn *insn, int base, struct state *state)
{
	const int class = BPF_CLASS(insn->code), mode = BPF_MODE(insn->code);
	const bool write = class == BPF_ST || (class == BPF_STX && mode == BPF_MEM);
	static const __u8 sizes[] = { [BPF_W >> 3] = 4, [BPF_H >> 3] = 2, [BPF_B >> 3] = 1,
				      [BPF_DW >> 3] = 8 };
	const int size = sizes[BPF_SIZE(insn->code) >> 3];

	if (state->values[base] == VALUE_32_BITS)
		return NULL;
	if (base == BPF_REG_10 && (insn->off < -STACK_SIZE || insn->off + size > 0))
		return "reaches beyond its stack";
	if (base == BPF_REG_10)
		return stack_bytes(insn, state, size, write) ?
		       NULL : "reads of its stack what it has not written";
	if (class == BPF_LDX && mode == BPF_MEM && state->values[base] == VALUE_CONTEXT)
		return insn->off >= 0 && insn->off + size <= 8 * ARGUMENTS ?
		       NULL : "reads beyond its arguments";
	return "reaches memory that is neither in the arena nor on the stack";
}

static __u8 value_loaded(const struct bpf_insn *insn, const struct state *state)
{
	if (state->values[insn->src_reg] == VALUE_CONTEXT)
		return BPF_SIZE(insn->code) == BPF_DW && !(insn->off % 8) ?
		       VALUE_ARGUMENT + insn->off / 8 : VALUE_POINTER;
	return BPF_SIZE(insn->code) != BPF_DW && BPF_MODE(insn->code) == BPF_MEM ?
	       VALUE_32_BITS : VALUE_NUMBER;
}

static __u8 value_computed(const struct confined *program, const struct bpf_insn *insn,
			   const struct state *state)
{
	const int op = BPF_OP(insn->code);
	const bool constant = BPF_SRC(insn->code) == BPF_K || op == BPF_END || op == BPF_NEG;
	const bool copied = op == BPF_MOV && !constant;
	const __u8 from = state->values[insn->src_reg];

	/* Of an address there may be something in whatever comes of it. */
	if ((op != BPF_MOV && is_address(program, state->values[insn->dst_reg])) ||
	    (!constant && is_address(program, from)))
		return copied && BPF_CLASS(insn->code) == BPF_ALU64 && !insn->off ?
		       from : VALUE_POINTER;
	/* The upper half of what comes of 32 bits is zero; to swap bytes may mean 64. */
	if (BPF_CLASS(insn->code) == BPF_ALU)
		return op == BPF_END && insn->imm > 32 ? VALUE_NUMBER : VALUE_32_BITS;
	if (op == BPF_MOV && constant)
		return insn->imm >= 0 ? VALUE_32_BITS : VALUE_NUMBER;
	/* Not if it is extended by its sign, or moved to another space. */
	if (copied && !insn->off)
		return from;
	if (op == BPF_AND && constant && insn->imm >= 0)
		return VALUE_32_BITS;
	if (op == BPF_RSH && constant && insn->imm >= 32)
		return VALUE_32_BITS;
	return VALUE_NUMBER;
}

/* What a constant of 64 bits is, of which the kernel shows maps by their numbers. */
static __u8 value_wide(const struct confined *program, __u32 index)
{
	const struct bpf_insn *insn = &program->insns[index];

	if (insn->src_reg == BPF_PSEUDO_MAP_VALUE && program->arena &&
	    insn->imm == (__s32)program->arena)
		return VALUE_NUMBER;
	if (insn->src_reg)
		return VALUE_POINTER;
	return insn[1].imm ? VALUE_NUMBER : VALUE_32_BITS;
}

static const char *step_atomic(const struct confined *program, const struct bpf_insn *insn,
			       struct state *state)
{
	const bool load = insn->imm == LOAD_ACQUIRE;
	const char *why = check_access(insn, load ? insn->src_reg : insn->dst_reg, state);

	if (!load && is_address(program, state->values[insn->src_reg]))
		return "keeps a pointer";
	if (insn->imm == BPF_CMPXCHG && is_address(program, state->values[BPF_REG_0]))
		return "compares a pointer";
	/* What was there comes back in one of these. */
	if (load)
		state->values[insn->dst_reg] = VALUE_NUMBER;
	else if (insn->imm == BPF_CMPXCHG)
		state->values[BPF_REG_0] = VALUE_NUMBER;
	else
		state->values[insn->src_reg] = VALUE_NUMBER;
	return why;
}

static const char *step_jump(const struct confined *program, __u32 index, struct state *state)
{
	const struct bpf_insn *insn = &program->insns[index];
	const int op = BPF_OP(insn->code);
	const char *why;
	int i;

	if (op == BPF_EXIT)
		return is_address(program, state->values[BPF_REG_0]) ? "returns a pointer" : NULL;
	if (op == BPF_CALL) {
		why = check_call(program, index, state);
		for (i = BPF_REG_1; i <= BPF_REG_5; i++)
			state->values[i] = VALUE_POINTER;
		state->values[BPF_REG_0] = VALUE_NUMBER;
		return why;
	}
	/* Whether there is an object may be asked. */
	if (op == BPF_JA ||
	    ((op == BPF_JEQ || op == BPF_JNE) && BPF_CLASS(insn->code) == BPF_JMP &&
	     BPF_SRC(insn->code) == BPF_K && !insn->imm))
		return NULL;
	if (is_address(program, state->values[insn->dst_reg]) ||
	    (BPF_SRC(insn->code) == BPF_X && is_address(program, state->values[insn->src_reg])))
		return "compares a pointer";
	return NULL;
}

/* Does an instruction change the frame pointer? So it stays what it is: VALUE_POINTER. */
static bool moves_stack(const struct bpf_insn *insn)
{
	switch (BPF_CLASS(insn->code)) {
	case BPF_LD:
	case BPF_LDX:
	case BPF_ALU:
	case BPF_ALU64:
		return insn->dst_reg == BPF_REG_10;
	case BPF_STX:
		return BPF_MODE(insn->code) != BPF_MEM && insn->imm == LOAD_ACQUIRE &&
		       insn->dst_reg == BPF_REG_10;
	default:
		return false;
	}
}

/* What is known after an instruction, wherever it jumps; NULL, or what is wrong with it. */
static const char *step(const struct confined *program, __u32 index, struct state *state)
{
	const struct bpf_insn *insn = &program->insns[index];
	const char *why = NULL;

	if (insn->dst_reg >= REGISTERS || insn->src_reg >= REGISTERS)
		return "has an unknown register";
	if (moves_stack(insn))
		return "moves its stack";
	switch (BPF_CLASS(insn->code)) {
	case BPF_LD:
		if (!is_wide(insn) || index + 1 >= program->count)
			return "reads a packet";
		state->values[insn->dst_reg] = value_wide(program, index);
		return NULL;
	case BPF_LDX:
		why = check_access(insn, insn->src_reg, state);
		state->values[insn->dst_reg] = value_loaded(insn, state);
		return why;
	case BPF_ST:
		return insn->code == ST_NOSPEC ? NULL : check_access(insn, insn->dst_reg, state);
	case BPF_STX:
		if (BPF_MODE(insn->code) != BPF_MEM && BPF_MODE(insn->code) != PROBE_MEM32)
			return step_atomic(program, insn, state);
		why = check_access(insn, insn->dst_reg, state);
		if (!why && is_address(program, state->values[insn->src_reg]))
			why = "keeps a pointer";
		return why;
	case BPF_ALU:
	case BPF_ALU64:
		state->values[insn->dst_reg] = value_computed(program, insn, state);
		return NULL;
	default:
		return step_jump(program, index, state);
	}
}

static __u8 join_values(const struct confined *program, __u8 a, __u8 b)
{
	if (a == b)
		return a;
	return is_address(program, a) || is_address(program, b) ? VALUE_POINTER : VALUE_NUMBER;
}

/* Have what is known at @target be what both ways to it know; whether that was news. */
static bool join(const struct confined *program, struct state *target,
		 const struct state *state)
{
	bool news = !target->reached;
	unsigned int i;
	__u8 both;

	if (news) {
		*target = *state;
		target->reached = true;
		return true;
	}
	for (i = 0; i < REGISTERS; i++) {
		both = join_values(program, target->values[i], state->values[i]);
		news |= both != target->values[i];
		target->values[i] = both;
	}
	for (i = 0; i < sizeof(target->written); i++) {
		news |= target->written[i] & ~state->written[i];
		target->written[i] &= state->written[i];
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
		*news |= join(program, &program->states[next], state);
	}
	if (!jump)
		return NULL;
	target = next + (class == BPF_JMP32 && op == BPF_JA ? insn->imm : insn->off);
	if (target < 0 || target >= program->count)
		return "jumps out of itself";
	*news |= join(program, &program->states[target], state);
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
	/* The rest is what the kernel has left there. */
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
			 __u32 arena, const struct bpf_program *bpf)
{
	struct confined program = {
		.layout = layout,
		.proto = proto,
		.arena = arena,
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

/* The number of a policy's arena, of which the kernel lets a program use one; 0 if none. */
static __u32 find_arena(const struct bpf_object *bpf)
{
	struct bpf_map_info info = { 0 };
	const struct bpf_map *map;
	__u32 len = sizeof(info);

	bpf_object__for_each_map(map, bpf)
		if (bpf_map__type(map) == BPF_MAP_TYPE_ARENA &&
		    !bpf_map_get_info_by_fd(bpf_map__fd(map), &info, &len))
			return info.id;
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
	const __u32 arena = find_arena(object->bpf);
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
					      arena, bpf);
	}
	layout_free(&layout);
	return error;
}
