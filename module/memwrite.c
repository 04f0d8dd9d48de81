// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Memory writes: every write of a BPF program into a process's memory
 *
 * The one helper for that is bpf_probe_write_user(). A kprobe on its entry sees
 * each call, of whatever program on the system: the target is the current task,
 * address and length are arguments, and the return address lies in the program,
 * whose symbol names it. To deny, the probe continues in a function that does
 * nothing but fail, so that the target's memory is not touched. If a policy is to be
 * asked, which cannot run in a probe, it continues in one that asks, and does itself
 * what the helper would have done.
 *
 * The kernel does not run a kprobe while it runs another, it only counts it as
 * missed; and the functions beneath the helper cannot be traced by other means.
 * So there is a breakpoint of the processor's in the same place, which comes first
 * and does the same. Breakpoints are off in an NMI and in the handling of another;
 * but there, as the helper refuses in any interrupt, nothing is written.
 *
 * Where there is no breakpoint, since others have all of the debug registers, the
 * calls of a program that is attached to a kprobe are only counted. Such programs
 * are told when they are loaded then, see loads.c: reported in log mode, refused in
 * deny mode. Programs loaded before that, and those of
 * other types that a kprobe causes to run in turn, are not.
 */
#include <linux/bpf.h>
#include <linux/bpf_verifier.h>
#include <linux/cleanup.h>
#include <linux/cpuhotplug.h>
#include <linux/hash.h>
#include <linux/hex.h>
#include <linux/hw_breakpoint.h>
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/log2.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/preempt.h>
#include <linux/ptrace.h>
#include <linux/random.h>
#include <linux/rcupdate.h>
#include <linux/rcupdate_trace.h>
#include <linux/sched.h>
#include <linux/sched/user.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/processor-flags.h>
#include <asm/text-patching.h>

#include "dispatch.h"
#include "ledger.h"
#include "member.h"
#include "memwrite.h"
#include "sandbox.h"
#include "symbols.h"
#include "trampoline.h"

#ifndef CONFIG_X86_64
#error "The return address of the probed helper is found on x86-64 only."
#endif

/* Protects what is set up; not taken where CPUs come and go. */
static DEFINE_MUTEX(guard_lock);

static int probe_error = -ENODEV;

/* Why some CPU has no breakpoint; 0 if all have. */
static int break_error;
static enum cpuhp_state break_state;
static DEFINE_PER_CPU(struct perf_event *, breakpoint);
/* Who tries on this CPU whether its breakpoint works; NULL for nobody, or it does. */
static DEFINE_PER_CPU(struct task_struct *, trial);

/**
 * struct write_counts - Calls of the helper, counted on one CPU
 * @reported: reported
 * @passed: let pass at the breakpoint, to the kprobe behind it
 * @received: of these, arrived at the kprobe; the others it missed
 */
struct write_counts {
	u64 reported;
	u64 passed;
	u64 received;
};

static DEFINE_PER_CPU(struct write_counts, counts);

/*
 * What is told as missed: this while the mode is off, since nobody wants to know
 * then, else what there was more than this.
 */
static s64 missed_base;

/* Something that no program knows. */
static unsigned long cookie __ro_after_init;

/**
 * struct write_loader - Who loaded a program that writes
 * @aux: which program: what stays the same while the verifier changes it
 * @pid: thread
 * @tgid: its process
 * @sandbox: number of its sandbox, 0 for none
 * @comm: its name
 */
struct write_loader {
	const struct bpf_prog_aux *aux;
	u32 pid;
	u32 tgid;
	u64 sandbox;
	char comm[TASK_COMM_LEN];
};

/*
 * Rows, by hash of @aux, which a later program may have again; who finds a row full
 * takes a place in turn. Changed under loaders_lock.
 */
static struct write_loader loaders[1 << 6][1 << 4];
static unsigned int loaders_turn;
static DEFINE_RAW_SPINLOCK(loaders_lock);

/* The kernel's bpf_prog_ksym_find(); 0 if there is none. */
static unsigned long ksym_find __ro_after_init;

static struct write_loader *loader_row(const struct bpf_prog_aux *aux)
{
	return loaders[hash_ptr(aux, ilog2(ARRAY_SIZE(loaders)))];
}

/* The place in a row of a program, or with NULL a free one; NULL if there is none. */
static struct write_loader *loader_find(struct write_loader *row,
					const struct bpf_prog_aux *aux)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(loaders[0]); i++)
		if (READ_ONCE(row[i].aux) == aux)
			return &row[i];
	return NULL;
}

/**
 * sbpf_memwrite_loaded - A program was loaded by the current task, or is gone
 * @aux: of the program
 * @writes: does it write, and is not gone?
 *
 * Context: under rcu_read_lock(); task, may not sleep.
 */
void sbpf_memwrite_loaded(const struct bpf_prog_aux *aux, bool writes)
{
	struct write_loader *row = loader_row(aux), *slot;
	struct sbpf_sandbox *sandbox;
	unsigned long flags;

	raw_spin_lock_irqsave(&loaders_lock, flags);
	slot = loader_find(row, aux);
	if (writes && !slot)
		slot = loader_find(row, NULL) ?:
		       &row[loaders_turn++ % ARRAY_SIZE(loaders[0])];
	if (slot)
		WRITE_ONCE(slot->aux, NULL);
	if (!writes)
		goto unlock;
	/* For readers, who may come between any of these: first it is nobody's. */
	smp_wmb();
	slot->pid = current->pid;
	slot->tgid = current->tgid;
	sandbox = sbpf_member_sandbox(current);
	slot->sandbox = sandbox ? sandbox->id : 0;
	strscpy(slot->comm, current->comm);
	/* And last whose it is: see describe_loader(). */
	smp_store_release(&slot->aux, aux);
unlock:
	raw_spin_unlock_irqrestore(&loaders_lock, flags);
}

static void describe_loader(struct sbpf_write_record *record,
			    const struct bpf_prog_aux *aux)
{
	const struct write_loader *slot = loader_find(loader_row(aux), aux);
	struct write_loader loader;

	if (aux->user)
		record->uid = from_kuid(&init_user_ns, aux->user->uid);
	/* Pairs with the stores in sbpf_memwrite_loaded(), as does the barrier below. */
	if (!slot || smp_load_acquire(&slot->aux) != aux)
		return;
	loader = *slot;
	/* It is the same still: so was all of it. */
	smp_rmb();
	if (READ_ONCE(slot->aux) != aux)
		return;
	record->pid = loader.pid;
	record->tgid = loader.tgid;
	record->sandbox = loader.sandbox;
	strscpy(record->comm, loader.comm);
}

/*
 * "bpf_prog_<tag>_<name> [bpf]" is what the kernel calls a function of a program.
 * Puts its name in front of what there is already.
 */
static noinline void describe_function(struct sbpf_write_record *record, unsigned long ip)
{
	static const char prefix[] = "bpf_prog_";
	char symbol[KSYM_SYMBOL_LEN], *name = symbol;
	size_t len, tag = strlen(prefix) + 2 * sizeof(record->tag);

	sprint_symbol_no_offset(symbol, ip);
	symbol[strcspn(symbol, " ")] = '\0';
	if (strstarts(symbol, prefix) && symbol[tag] == '_' &&
	    !hex2bin(record->tag, symbol + strlen(prefix), sizeof(record->tag)))
		name = symbol + tag + 1;
	if (*record->program) {
		len = strlen(name);
		snprintf(name + len, symbol + sizeof(symbol) - name - len, ":%s",
			 record->program);
	}
	strscpy(record->program, name);
}
NOKPROBE_SYMBOL(describe_function);

/*
 * Programs keep frame pointers; a function of one, which has no number, is called by
 * another or by the program itself.
 */
static void describe_writer(struct sbpf_write_record *record, unsigned long bp,
			    unsigned long ip)
{
	unsigned long frame[2] = { bp, ip };
	const struct bpf_prog *prog;
	int i;

	describe_function(record, frame[1]);
	for (i = 0; i < MAX_CALL_FRAMES && ksym_find; i++) {
		prog = sbpf_trampoline_find(frame[1], ksym_find);
		if (!prog)
			return;
		record->program_id = prog->aux->id;
		if (record->program_id) {
			if (i)
				describe_function(record, frame[1]);
			describe_loader(record, prog->aux);
			return;
		}
		if (copy_from_kernel_nofault(frame, (void *)frame[0], sizeof(frame)))
			return;
	}
}
NOKPROBE_SYMBOL(describe_writer);

/**
 * sbpf_memwrite_describe - Describe a write of a BPF program
 * @record: to be filled; what is not known stays zero
 * @addr: address in the memory of the current task
 * @len: length in bytes
 * @bp: frame pointer of the program
 * @ip: where it goes on
 *
 * Context: under rcu_read_lock(); any, NMI included.
 */
void sbpf_memwrite_describe(struct sbpf_write_record *record, u64 addr, u32 len,
			    unsigned long bp, unsigned long ip)
{
	sbpf_ledger_begin(record, SBPF_CHANNEL_BPF, current, addr, len);
	describe_writer(record, bp, ip);
	if (current->mm)
		sbpf_ledger_mapping(record, current->mm, SBPF_LEDGER_NONE);
}
NOKPROBE_SYMBOL(sbpf_memwrite_describe);

/* Runs in place of the helper when that is to fail. */
static long write_denied(void)
{
	return -EPERM;
}

/* Runs in its place when policies are to be asked, wherever the program calls it. */
static long write_asked(void __user *dst, const void *src, u32 len)
{
	/* Of the program, and where it goes on. */
	const unsigned long *frame = __builtin_frame_address(0);
	struct sbpf_write_record record;
	bool allow;

	rcu_read_lock();
	sbpf_memwrite_describe(&record, (__force u64)dst, len, frame[0], frame[1]);
	allow = sbpf_ledger_allows(&record, current);
	rcu_read_unlock();
	sbpf_ledger_commit(&record, allow);
	/*
	 * As the helper has it, but for nmi_uaccess_okay(): the memory of another task is
	 * in use only where interrupts are off, see write_seen().
	 */
	if (!allow || in_interrupt() || current->flags & (PF_KTHREAD | PF_EXITING))
		return -EPERM;
	return copy_to_user_nofault(dst, src, len);
}

/*
 * The helper is about to run: puts that on record, unless that is left to what runs in
 * its place. Returns where it is to go on instead, or 0.
 */
static unsigned long write_seen(const struct pt_regs *regs)
{
	struct sbpf_write_record record;
	bool allow, asks;

	if (sbpf_ledger_mode(SBPF_CHANNEL_BPF) == SBPF_WRITE_OFF)
		return 0;
	this_cpu_inc(counts.reported);
	rcu_read_lock();
	/* bpf_probe_write_user(void *dst, const void *src, u32 len) */
	sbpf_memwrite_describe(&record, regs->di, regs->dx, regs->bp,
			       *(unsigned long *)regs->sp);
	allow = sbpf_ledger_mode_allows(&record, current);
	asks = allow && sbpf_dispatch_write_asks(&record);
	/*
	 * The scheduler's locks may be held by the program's caller. Here the log, which
	 * may wake somebody up, knows better than to do so; there it would not.
	 */
	if (asks && !(regs->flags & X86_EFLAGS_IF)) {
		asks = false;
		allow = sbpf_ledger_allows(&record, current);
	}
	rcu_read_unlock();
	if (asks)
		return (unsigned long)write_asked;
	sbpf_ledger_commit(&record, allow);
	return allow ? 0 : (unsigned long)write_denied;
}
NOKPROBE_SYMBOL(write_seen);

/*
 * What the breakpoint leaves in r11, which is nobody's where a function begins, for
 * the kprobe to know that this very call, whose stack no other has, was seen.
 */
static unsigned long write_mark(const struct pt_regs *regs)
{
	return cookie ^ regs->sp;
}
NOKPROBE_SYMBOL(write_mark);

static int write_probe(struct kprobe *probe, struct pt_regs *regs)
{
	unsigned long instead;

	if (regs->r11 == write_mark(regs)) {
		this_cpu_inc(counts.received);
		return 0;
	}
	if (this_cpu_read(trial) == current)
		return 0;
	instead = write_seen(regs);
	if (!instead)
		return 0;
	instruction_pointer_set(regs, instead);
	return 1;
}
NOKPROBE_SYMBOL(write_probe);

static void write_break(struct perf_event *event, struct perf_sample_data *data,
			struct pt_regs *regs)
{
	unsigned long instead = 0;

	if (this_cpu_read(trial) == current)
		this_cpu_write(trial, NULL);
	else
		instead = write_seen(regs);
	if (instead) {
		instruction_pointer_set(regs, instead);
		return;
	}
	regs->r11 = write_mark(regs);
	this_cpu_inc(counts.passed);
}
NOKPROBE_SYMBOL(write_break);

/**
 * sbpf_memwrite_load - May a program that writes be loaded?
 * @prog: the program, not verified yet
 *
 * Context: under rcu_read_lock(); task, may not sleep.
 *
 * Return: 0, or -EPERM if its writes could not be denied.
 */
int sbpf_memwrite_load(const struct bpf_prog *prog)
{
	const enum sbpf_write_mode now = sbpf_ledger_mode(SBPF_CHANNEL_BPF);

	/* What attaches to another program may run within one for kprobes. */
	if (now == SBPF_WRITE_OFF || !READ_ONCE(break_error) ||
	    (prog->type != BPF_PROG_TYPE_KPROBE && !prog->aux->dst_prog))
		return 0;
	pr_warn("bpf write: program %s loaded by pid %d comm %s may run in a kprobe, where its writes cannot be watched: %s\n",
		prog->aux->name, current->pid, current->comm,
		now == SBPF_WRITE_LOG ? "they are only counted" : "refused");
	return now == SBPF_WRITE_LOG ? 0 : -EPERM;
}

/* Keeps a probe from being optimised, which would ignore a changed ip. */
static void probe_after(struct kprobe *probe, struct pt_regs *regs,
			unsigned long flags)
{
}

static struct kprobe write_kprobe = {
	.symbol_name = "bpf_probe_write_user",
	.pre_handler = write_probe,
	.post_handler = probe_after,
};

/* Does the breakpoint of this CPU work? In a kernel thread the helper only fails. */
static bool break_works(void)
{
	bool works;

	this_cpu_write(trial, current);
	sbpf_trampoline_body(NULL, 0, (unsigned long)write_kprobe.addr);
	works = !this_cpu_read(trial);
	this_cpu_write(trial, NULL);
	return works;
}

/* Runs in a thread of the CPU, which is of use without a breakpoint, too. */
static int break_online(unsigned int cpu)
{
	struct perf_event_attr attr;
	struct perf_event *event;
	int err = 0;

	hw_breakpoint_init(&attr);
	attr.bp_addr = (unsigned long)write_kprobe.addr;
	attr.bp_len = sizeof(long);
	attr.bp_type = HW_BREAKPOINT_X;
	event = perf_event_create_kernel_counter(&attr, cpu, NULL, write_break, NULL);
	if (IS_ERR(event))
		err = PTR_ERR(event);
	else
		per_cpu(breakpoint, cpu) = event;
	if (!err && !break_works())
		err = -EIO;
	if (!err || READ_ONCE(break_error))
		return 0;
	pr_warn("no breakpoint on bpf_probe_write_user on cpu %u: error %d%s; calls of programs in kprobes are only counted\n",
		cpu, err, err == -ENOSPC ? " (others have all debug registers)" : "");
	WRITE_ONCE(break_error, err);
	return 0;
}

static int break_offline(unsigned int cpu)
{
	unregister_hw_breakpoint(per_cpu(breakpoint, cpu));
	per_cpu(breakpoint, cpu) = NULL;
	return 0;
}

/* Sets the breakpoints, or again if some are missing; or takes them away. */
static void break_set(bool on)
{
	int state;

	lockdep_assert_held(&guard_lock);
	if (on && break_state && !READ_ONCE(break_error))
		return;
	if (break_state)
		cpuhp_remove_state(break_state);
	break_state = 0;
	WRITE_ONCE(break_error, 0);
	if (!on)
		return;
	state = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "sbpf:write", break_online,
				  break_offline);
	if (state > 0)
		break_state = state;
	else
		WRITE_ONCE(break_error, state);
}

/* Calls that came through neither the breakpoint nor the kprobe, in any mode. */
static s64 calls_missed(void)
{
	s64 missed = READ_ONCE(write_kprobe.nmissed);
	int cpu;

	for_each_possible_cpu(cpu) {
		missed += READ_ONCE(per_cpu(counts.received, cpu));
		missed -= READ_ONCE(per_cpu(counts.passed, cpu));
	}
	return missed;
}

/*
 * Has root switched all kprobes off, in debugfs? Then the instruction is not there that
 * stops at one; ftrace knows nothing of the function, and none else is ever used.
 */
static bool probe_disarmed(void)
{
	u8 opcode;

	return copy_from_kernel_nofault(&opcode, write_kprobe.addr, sizeof(opcode)) ||
	       opcode != INT3_INSN_OPCODE;
}

/**
 * sbpf_memwrite_error - Can writes of BPF programs be watched?
 *
 * Context: any.
 *
 * Return: 0 or -errno; -EOPNOTSUPP if kprobes are switched off and there are no
 * breakpoints.
 */
int sbpf_memwrite_error(void)
{
	if (probe_error)
		return probe_error;
	return READ_ONCE(break_error) && probe_disarmed() ? -EOPNOTSUPP : 0;
}

/**
 * sbpf_memwrite_watch - The mode of SBPF_CHANNEL_BPF has been set
 * @old: what it was, which may be the same
 *
 * Context: process, may sleep; one at a time.
 */
void sbpf_memwrite_watch(unsigned int old)
{
	const bool on = sbpf_ledger_mode(SBPF_CHANNEL_BPF) != SBPF_WRITE_OFF;
	const bool was_on = old != SBPF_WRITE_OFF;

	guard(mutex)(&guard_lock);
	if (probe_error)
		return;
	if (on)
		break_set(true);
	if (on != was_on)
		missed_base = calls_missed() - missed_base;
	if (!on)
		break_set(false);
}

/**
 * sbpf_memwrite_info - State of the guard
 * @info: receives write_mode, write_error, write_break_error, write_disarmed, writes
 *	and writes_missed
 *
 * Context: process, may sleep.
 */
void sbpf_memwrite_info(struct sbpf_info *info)
{
	s64 missed;
	int cpu;

	const enum sbpf_write_mode mode = sbpf_ledger_mode(SBPF_CHANNEL_BPF);

	guard(mutex)(&guard_lock);
	info->write_mode = mode;
	info->write_error = -probe_error;
	info->write_break_error = -READ_ONCE(break_error);
	info->write_disarmed = !probe_error && probe_disarmed();
	missed = mode == SBPF_WRITE_OFF ? missed_base : calls_missed() - missed_base;
	/* Some may be on their way from the one to the other. */
	info->writes_missed = max(missed, 0LL);
	info->writes = info->writes_missed;
	for_each_possible_cpu(cpu)
		info->writes += READ_ONCE(per_cpu(counts.reported, cpu));
}

/**
 * sbpf_memwrite_init - Set the guard up
 *
 * Without it the rest of the module works.
 *
 * Context: module init.
 */
void __init sbpf_memwrite_init(void)
{
	cookie = get_random_long();
	ksym_find = sbpf_symbols_find("bpf_prog_ksym_find");
	guard(mutex)(&guard_lock);
	probe_error = register_kprobe(&write_kprobe);
	if (probe_error)
		pr_err("cannot watch bpf_probe_write_user: error %d; writes of BPF programs into processes are not logged\n",
		       probe_error);
}

/**
 * sbpf_memwrite_exit - Take the guard down
 *
 * On return nothing runs in place of the helper any more, preempted BPF programs
 * included.
 *
 * Context: module exit, may sleep.
 */
void sbpf_memwrite_exit(void)
{
	guard(mutex)(&guard_lock);
	if (probe_error)
		return;
	break_set(false);
	unregister_kprobe(&write_kprobe);
	synchronize_rcu_tasks();
	synchronize_rcu_tasks_trace();
}
