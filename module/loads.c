// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Loads: BPF programs that could change what is not their own, seen when they are
 * loaded
 *
 * A program that calls one of the functions below, or takes the place of something that
 * others rely on, is put on record when the verifier has accepted it: then it has a
 * number and a tag, and nobody can run it yet. Where it is not to be loaded, that is said
 * before the verifier looks at it, by what it might call; of one that sets registers, or
 * is for a function that sbpf hooks, of which only the verifier knows, when its loader
 * would get a descriptor.
 *
 * Not listed is what only reads, of whomever (bpf_copy_from_user_task(), bpf_d_path(),
 * bpf_probe_read_kernel()); what changes the packets, sockets, keys of a remote control,
 * arguments of bind(2) and so on that programs of that type are there to change; what
 * changes maps; and bpf_sys_bpf(), since what is loaded by it comes by here as well.
 */
#include <linux/bitmap.h>
#include <linux/bits.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/glob.h>
#include <linux/string.h>

#include "compat.h"
#include "event.h"
#include "hooks.h"
#include "ledger.h"
#include "loads.h"
#include "member.h"
#include "memwrite.h"
#include "policy.h"
#include "remote.h"
#include "symbols.h"
#include "trampoline.h"

/**
 * struct load_function - A helper or kfunc that changes what is not the program's
 * @name: its name
 * @id: its number, as user space gives it: of a helper, or in the kernel's type
 *	information; then negative if the kernel has none
 * @entry: its address, what the verifier makes of @id; 0 if the kernel has none
 */
struct load_function {
	const char *name;
	s32 id;
	unsigned long entry;
};

static struct load_function load_helpers[] __ro_after_init = {
	/* Writes into the memory of whoever happens to run. The first: see HARM_WRITES. */
	{ "bpf_probe_write_user", BPF_FUNC_probe_write_user },
	/* Makes a function of the kernel return something without having run. */
	{ "bpf_override_return", BPF_FUNC_override_return },
	/* Signal whoever happens to run. */
	{ "bpf_send_signal", BPF_FUNC_send_signal },
	{ "bpf_send_signal_thread", BPF_FUNC_send_signal_thread },
};

static struct load_function load_kfuncs[] __ro_after_init = {
	/* Signals anybody. */
	{ "bpf_send_signal_task" },
	/* Change attributes of files, which may be labels of security. */
	{ "bpf_set_dentry_xattr" },
	{ "bpf_set_dentry_xattr_locked" },
	{ "bpf_remove_dentry_xattr" },
	{ "bpf_remove_dentry_xattr_locked" },
	/* Closes connections of others. */
	{ "bpf_sock_destroy" },
	/* Makes a socket that is nobody's. */
	{ "bpf_ksock_create" },
	/* Ends the kernel. */
	{ "crash_kexec" },
};

/*
 * What policies may call of the kernel's kfuncs: those that read, and that keep a policy's own
 * memory and what it has a reference of. None that runs something of a policy's later, where
 * nobody is asked: work queues, and work of tasks.
 */
static const char * const policy_kfuncs[] = {
	"bpf_rcu_read_*", "bpf_preempt_*", "bpf_cast_to_kern_ctx", "bpf_rdonly_cast",
	"bpf_iter_num_*", "bpf_iter_bits_*", "bpf_iter_task_*", "bpf_iter_css_*",
	"bpf_task_acquire", "bpf_task_release", "bpf_task_from_pid", "bpf_task_from_vpid",
	"bpf_task_under_cgroup", "bpf_task_get_cgroup1",
	"bpf_cgroup_acquire", "bpf_cgroup_release", "bpf_cgroup_ancestor", "bpf_cgroup_from_id",
	"bpf_obj_*", "bpf_percpu_obj_*", "bpf_refcount_acquire*", "bpf_list_*", "bpf_rbtree_*",
	"bpf_res_spin_*", "bpf_dynptr_*", "bpf_cpumask_*", "bpf_arena_*", "bpf_str*",
	"bpf_map_sum_elem_count", "__bpf_trap",
};

/* Of the kernel, as it was built; and btf_name_by_offset(). */
static struct btf *kernel_types __ro_after_init;
static unsigned long name_by_offset __ro_after_init;

/* What harm a program may do: bits for the helpers, for the kfuncs, and these. */
#define HARM_WRITES	BIT(0)
#define HARM_KFUNC	8
/* Calls a kfunc of a module, of which nothing is known. */
#define HARM_MODULE	BIT(24)
/* Decides, or runs, in the place of what others rely on. */
#define HARM_PLACE	BIT(25)
/* Sets registers of whoever runs; found out by the verifier. */
#define HARM_REGISTERS	BIT(26)

static_assert(ARRAY_SIZE(load_helpers) <= HARM_KFUNC);
static_assert(HARM_KFUNC + ARRAY_SIZE(load_kfuncs) <= 24);

/*
 * Numbers of maps that policies use, by their lower bits: a map that has the same ones is
 * taken for one of a policy. Numbers go up, so that there are 65536 between the two.
 */
static DECLARE_BITMAP(policy_maps, 1 << 16);

#define MAP_BIT(map)	((map)->id & 0xffff)

/* How descriptors of the three end, by which files that are such are told; addresses. */
static unsigned long map_release __ro_after_init;
static unsigned long prog_release __ro_after_init;
static unsigned long link_release __ro_after_init;

/* Those that are there to change packets, for which modules have kfuncs. */
static bool for_packets(const struct bpf_prog *prog)
{
	switch (prog->type) {
	case BPF_PROG_TYPE_SCHED_CLS:
	case BPF_PROG_TYPE_SCHED_ACT:
	case BPF_PROG_TYPE_XDP:
	case BPF_PROG_TYPE_SK_SKB:
	case BPF_PROG_TYPE_CGROUP_SKB:
	case BPF_PROG_TYPE_NETFILTER:
		return true;
	default:
		return false;
	}
}

/* Which of some functions a call is of: a bit, or 0. */
static u32 callee_of(const struct load_function *functions, int count, s32 imm, bool verified)
{
	unsigned long callee = (unsigned long)__bpf_call_base + imm;
	int i;

	for (i = 0; i < count; i++)
		if (verified ? functions[i].entry == callee : functions[i].id == imm)
			return BIT(i);
	return 0;
}

static u32 call_harm(const struct bpf_prog *prog, const struct bpf_insn *insn, bool verified)
{
	if (!insn->src_reg)
		return callee_of(load_helpers, ARRAY_SIZE(load_helpers), insn->imm, verified);
	if (insn->src_reg != BPF_PSEUDO_KFUNC_CALL)
		return 0;
	/* A module's. */
	if (insn->off)
		return sbpf_policy_owns(prog) || for_packets(prog) ? 0 : HARM_MODULE;
	return callee_of(load_kfuncs, ARRAY_SIZE(load_kfuncs), insn->imm, verified) << HARM_KFUNC;
}

/* Is it for the beginning or the end of functions, or for both as newer kernels have it? */
static bool watches_functions(const struct bpf_prog *prog)
{
	return prog->type == BPF_PROG_TYPE_TRACING &&
	       prog->expected_attach_type != BPF_MODIFY_RETURN &&
	       prog->expected_attach_type != BPF_TRACE_RAW_TP &&
	       prog->expected_attach_type != BPF_TRACE_ITER;
}

/* Is it for many functions, of which nobody knows before it is attached? Newer kernels. */
static bool watches_many(const struct bpf_prog *prog)
{
	return watches_functions(prog) &&
	       prog->expected_attach_type >= SBPF_FENTRY_MULTI &&
	       prog->expected_attach_type <= SBPF_FSESSION_MULTI;
}

/* Is it for a function that sbpf hooks? The verifier finds out which function it is for. */
static bool watches_hooked(const struct bpf_prog *prog)
{
	const char *function = prog->aux->attach_func_name;

	return watches_functions(prog) && function && !prog->aux->dst_prog &&
	       (sbpf_hooks_uses(function) || sbpf_remote_uses(function));
}

/* Is what it is to be attached to something that others, or sbpf, rely on? */
static bool takes_place(const struct bpf_prog *prog)
{
	const struct bpf_prog_aux *aux = prog->aux;

	switch (prog->type) {
	case BPF_PROG_TYPE_LSM:
	case BPF_PROG_TYPE_EXT:
		return true;
	case BPF_PROG_TYPE_TRACING:
		break;
	default:
		return false;
	}
	if (prog->expected_attach_type == BPF_MODIFY_RETURN || watches_many(prog))
		return true;
	if (!watches_functions(prog))
		return false;
	if (aux->dst_prog ? sbpf_policy_owns(aux->dst_prog) : sbpf_policy_module(prog))
		return true;
	return watches_hooked(prog);
}

/* What might it do? The verifier leaves addresses in calls. */
static u32 load_harm(const struct bpf_prog *prog, bool verified)
{
	u32 harm = takes_place(prog) ? HARM_PLACE : 0;
	const struct bpf_insn *insn;

	if (verified && sbpf_prog_sets_registers(prog))
		harm |= HARM_REGISTERS;
	for (insn = prog->insnsi; insn < prog->insnsi + prog->len; insn++) {
		/* The second half of a 16 byte instruction is no instruction. */
		if (insn->code == (BPF_LD | BPF_IMM | BPF_DW))
			insn++;
		else if (insn->code == (BPF_JMP | BPF_CALL))
			harm |= call_harm(prog, insn, verified);
	}
	return harm;
}

static void describe_calls(struct sbpf_write_record *record, u32 harm)
{
	size_t len = 0;
	int i;

	for (i = 0; i < ARRAY_SIZE(load_helpers); i++)
		if (harm & BIT(i))
			len += scnprintf(record->path + len, sizeof(record->path) - len,
					 "%s%s", len ? ", " : "calls ", load_helpers[i].name);
	for (i = 0; i < ARRAY_SIZE(load_kfuncs); i++)
		if (harm & BIT(HARM_KFUNC + i))
			len += scnprintf(record->path + len, sizeof(record->path) - len,
					 "%s%s", len ? ", " : "calls ", load_kfuncs[i].name);
	if (harm & HARM_MODULE)
		scnprintf(record->path + len, sizeof(record->path) - len, "%sa kfunc of a module",
			  len ? ", " : "calls ");
	len = strlen(record->path);
	if (harm & HARM_REGISTERS)
		scnprintf(record->path + len, sizeof(record->path) - len, "%ssets registers",
			  len ? "; " : "");
}

static void describe_place(struct sbpf_write_record *record, const struct bpf_prog *prog)
{
	const struct bpf_prog_aux *aux = prog->aux;
	const char *how = prog->type == BPF_PROG_TYPE_LSM ? "decides at" :
			  prog->type == BPF_PROG_TYPE_EXT ? "replaces" :
			  prog->expected_attach_type == BPF_MODIFY_RETURN ? "returns for" :
			  "attaches to";
	size_t len = strlen(record->path);

	len += scnprintf(record->path + len, sizeof(record->path) - len, "%s%s ",
			 len ? "; " : "", how);
	if (watches_many(prog))
		len += scnprintf(record->path + len, sizeof(record->path) - len,
				 "functions named later");
	else if (aux->attach_func_name)
		len += scnprintf(record->path + len, sizeof(record->path) - len, "%s",
				 aux->attach_func_name);
	else
		len += scnprintf(record->path + len, sizeof(record->path) - len, "type %u",
				 aux->attach_btf_id);
	if (aux->dst_prog)
		scnprintf(record->path + len, sizeof(record->path) - len, " of program %s",
			  aux->dst_prog->aux->name);
}

static void load_record(const struct bpf_prog *prog, u32 harm, bool allow)
{
	struct sbpf_write_record record;

	sbpf_ledger_begin(&record, SBPF_CHANNEL_LOAD, NULL, prog->expected_attach_type,
			  prog->len);
	sbpf_ledger_writer(&record);
	record.request = prog->type;
	record.mapping = SBPF_MAPPING_NONE;
	record.program_id = prog->aux->id;
	if (record.program_id)
		memcpy(record.tag, prog->tag, sizeof(record.tag));
	strscpy(record.program, prog->aux->name);
	describe_calls(&record, harm);
	if (prog->aux->attach_btf_id || prog->aux->attach_func_name || watches_many(prog))
		describe_place(&record, prog);
	sbpf_ledger_commit(&record, allow);
}

/* Is a program that could do harm denied to the current task? */
static bool load_denied(void)
{
	const enum sbpf_write_mode mode = sbpf_ledger_mode(SBPF_CHANNEL_LOAD);

	return mode == SBPF_WRITE_DENY ||
	       (mode == SBPF_WRITE_CONFINE && sbpf_member_find(current));
}

/* The same, of a program about which the verifier alone could tell. */
static bool late_denied(const struct bpf_prog *prog)
{
	return (sbpf_prog_sets_registers(prog) || watches_hooked(prog)) && load_denied();
}

/**
 * sbpf_loads_check - A program is being loaded: may it be?
 * @prog: the program, not verified yet
 *
 * Context: under rcu_read_lock(); task, may not sleep.
 *
 * Return: 0 or -EPERM.
 */
int sbpf_loads_check(const struct bpf_prog *prog)
{
	const struct bpf_prog *place = prog->aux->dst_prog;
	const u32 harm = load_harm(prog, false);

	if (!harm)
		return 0;
	if (load_denied()) {
		load_record(prog, harm, false);
		return -EPERM;
	}
	/* The verifier will refuse it, so that it never comes to be on record. */
	if (prog->type == BPF_PROG_TYPE_EXT && place && sbpf_policy_owns(place) &&
	    sbpf_ledger_mode(SBPF_CHANNEL_LOAD) != SBPF_WRITE_OFF)
		sbpf_event_control(place->aux->id, "program %s to be replaced",
				   place->aux->name);
	return harm & HARM_WRITES ? sbpf_memwrite_load(prog) : 0;
}

/**
 * sbpf_loads_done - A program was loaded; its loader has no descriptor of it yet
 * @prog: the program, with number and tag
 *
 * Context: under rcu_read_lock(); task, may not sleep.
 */
void sbpf_loads_done(const struct bpf_prog *prog)
{
	const u32 harm = load_harm(prog, true);
	int i;

	/* Policies may call bpf_sbpf_write_user(). */
	sbpf_memwrite_loaded(prog->aux, harm & HARM_WRITES || sbpf_policy_owns(prog));
	for (i = 0; i < prog->aux->used_map_cnt && sbpf_policy_owns(prog); i++)
		set_bit(MAP_BIT(prog->aux->used_maps[i]), policy_maps);
	if (harm && sbpf_ledger_mode(SBPF_CHANNEL_LOAD) != SBPF_WRITE_OFF)
		load_record(prog, harm, !late_denied(prog));
}

/* Is it a policy's, or taken for one? */
static bool of_policy(const struct bpf_map *map)
{
	return map->map_type == BPF_MAP_TYPE_STRUCT_OPS || test_bit(MAP_BIT(map), policy_maps);
}

/**
 * sbpf_loads_map - Somebody gets a descriptor of a map
 * @map: the map
 *
 * Who creates it has the only reference.
 *
 * Context: under rcu_read_lock(); task, may not sleep.
 */
void sbpf_loads_map(const struct bpf_map *map)
{
	if (atomic64_read(&map->refcnt) > 1 && of_policy(map))
		sbpf_event_control(map->id, "map %s opened", map->name);
}

/**
 * sbpf_loads_prog - Somebody gets a descriptor of a program
 * @prog: the program
 *
 * Who loads it has the only reference.
 *
 * Context: under rcu_read_lock(); task, may not sleep.
 *
 * Return: 0 or -EPERM.
 */
int sbpf_loads_prog(const struct bpf_prog *prog)
{
	/* What the verifier alone finds out is denied here; sbpf_loads_done() records it. */
	if (late_denied(prog))
		return -EPERM;
	if (sbpf_policy_owns(prog) && atomic64_read(&prog->aux->refcnt) > 1)
		sbpf_event_control(prog->aux->id, "program %s opened", prog->aux->name);
	return 0;
}

/**
 * sbpf_loads_link - Somebody gets a descriptor of a link that is there already
 * @link: the link
 *
 * Context: under rcu_read_lock(); task, may not sleep.
 */
void sbpf_loads_link(const struct bpf_link *link)
{
	if (link->type == BPF_LINK_TYPE_STRUCT_OPS)
		sbpf_event_control(link->id, "link opened");
}

/**
 * sbpf_loads_pin - Somebody wants to pin something, wherever it is
 * @descriptor: its descriptor
 *
 * Context: under rcu_read_lock(); task, may not sleep.
 */
void sbpf_loads_pin(unsigned int descriptor)
{
	struct file *file = fget(descriptor);
	unsigned long release;

	if (!file)
		return;
	release = (unsigned long)file->f_op->release;
	if (release == map_release) {
		const struct bpf_map *map = file->private_data;

		if (of_policy(map))
			sbpf_event_control(map->id, "map %s to be pinned", map->name);
	} else if (release == prog_release) {
		const struct bpf_prog *prog = file->private_data;

		if (sbpf_policy_owns(prog))
			sbpf_event_control(prog->aux->id, "program %s to be pinned",
					   prog->aux->name);
	} else if (release == link_release) {
		const struct bpf_link *link = file->private_data;

		if (link->type == BPF_LINK_TYPE_STRUCT_OPS)
			sbpf_event_control(link->id, "link to be pinned");
	}
	fput(file);
}

/* May a policy call this of the kernel's kfuncs? */
static bool for_policies(u32 id)
{
	const struct btf_type *type = btf_type_by_id(kernel_types, id);
	const char *name;
	int i;

	if (!type)
		return false;
	name = (const char *)sbpf_trampoline_call((unsigned long)kernel_types, type->name_off, 0,
						  name_by_offset);
	for (i = 0; name && i < ARRAY_SIZE(policy_kfuncs); i++)
		if (glob_match(policy_kfuncs[i], name))
			return true;
	return false;
}

/**
 * sbpf_loads_foreign - Does a program of a policy call a kfunc that is not for policies?
 * @prog: the program, not verified yet; the verifier has looked its kfuncs up
 *
 * The kernel offers each struct_ops program those that were made for any other type of
 * struct_ops: of TCP's congestion control, which write into a socket of whatever kind they
 * are given; of schedulers; of modules.
 *
 * Context: any.
 *
 * Return: whether it does.
 */
bool sbpf_loads_foreign(const struct bpf_prog *prog)
{
	const struct bpf_insn *insn;

	for (insn = prog->insnsi; insn < prog->insnsi + prog->len; insn++) {
		if (insn->code == (BPF_LD | BPF_IMM | BPF_DW))
			insn++;
		else if (insn->code == (BPF_JMP | BPF_CALL) &&
			 insn->src_reg == BPF_PSEUDO_KFUNC_CALL &&
			 !(insn->off ? sbpf_prog_calls_us(prog) : for_policies(insn->imm)))
			return true;
	}
	return false;
}

/**
 * sbpf_loads_init - Find the helpers and kfuncs, and what tells descriptors
 *
 * Context: module init, after sbpf_symbols_init().
 *
 * Return: 0, or -EOPNOTSUPP if kfuncs or descriptors cannot be told.
 */
int __init sbpf_loads_init(void)
{
	unsigned long find = sbpf_symbols_find("btf_find_by_name_kind");
	unsigned long get = sbpf_symbols_find("bpf_get_btf_vmlinux");
	int i;

	for (i = 0; i < ARRAY_SIZE(load_helpers); i++)
		load_helpers[i].entry = sbpf_symbols_find(load_helpers[i].name);
	if (get)
		kernel_types = sbpf_trampoline_find(0, get);
	name_by_offset = sbpf_symbols_find("btf_name_by_offset");
	if (!find || !name_by_offset || IS_ERR_OR_NULL(kernel_types)) {
		pr_err("cannot look the kernel's kfuncs up\n");
		return -EOPNOTSUPP;
	}
	map_release = sbpf_symbols_find("bpf_map_release");
	prog_release = sbpf_symbols_find("bpf_prog_release");
	link_release = sbpf_symbols_find("bpf_link_release");
	if (!map_release || !prog_release || !link_release) {
		pr_err("cannot tell descriptors of BPF\n");
		return -EOPNOTSUPP;
	}
	for (i = 0; i < ARRAY_SIZE(load_kfuncs); i++) {
		load_kfuncs[i].id = -ENOENT;
		load_kfuncs[i].entry = sbpf_symbols_find(load_kfuncs[i].name);
		/* Each search goes through all types, so none is made in vain. */
		if (!load_kfuncs[i].entry)
			continue;
		load_kfuncs[i].id = sbpf_trampoline_call((unsigned long)kernel_types,
							 (unsigned long)load_kfuncs[i].name,
							 BTF_KIND_FUNC, find);
	}
	return 0;
}
