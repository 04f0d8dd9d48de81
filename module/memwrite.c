// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Memory writes: every write of a BPF program into a process's memory
 *
 * The one helper for that is bpf_probe_write_user(). A kprobe on its entry sees
 * each call, of whatever program on the system: the target is the current task,
 * address and length are arguments, and the return address lies in the program,
 * whose symbol names it. To deny, the probe continues in a function that does
 * nothing but fail, so that the target's memory is not touched.
 *
 * The kernel does not run a kprobe while it runs another, it only counts it as
 * missed; and the functions beneath the helper cannot be traced by other means.
 * So there is a breakpoint of the processor's in the same place, which comes first
 * and does the same. Breakpoints are off in an NMI and in the handling of another;
 * but there, as the helper refuses in any interrupt, nothing is written.
 *
 * Where there is no breakpoint, since others have all of the debug registers, the
 * calls of a program that is attached to a kprobe are only counted. Such programs
 * are told when they are loaded then, by a probe on the LSM hook for that: reported
 * in log mode, refused in deny mode. Programs loaded before that, and those of
 * other types that a kprobe causes to run in turn, are not.
 */
#include <linux/bpf.h>
#include <linux/cleanup.h>
#include <linux/cpuhotplug.h>
#include <linux/hw_breakpoint.h>
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/ptrace.h>
#include <linux/random.h>
#include <linux/ratelimit.h>
#include <linux/rcupdate.h>
#include <linux/rcupdate_trace.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "event.h"
#include "memwrite.h"
#include "trampoline.h"

#ifndef CONFIG_X86_64
#error "The return address of the probed helper is found on x86-64 only."
#endif

/* Protects what is set up; not taken where CPUs come and go. */
static DEFINE_MUTEX(guard_lock);

static unsigned int mode = SBPF_WRITE_LOG;
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

/* Log at most 20 lines in 5 seconds and say how many were left out. */
static DEFINE_RATELIMIT_STATE(log_limit, 5 * HZ, 20);
static atomic_t suppressed;

/* Runs in place of a probed function that is to fail. */
static long write_denied(void)
{
	return -EPERM;
}

static int probe_deny(struct pt_regs *regs)
{
	instruction_pointer_set(regs, (unsigned long)write_denied);
	return 1;
}
NOKPROBE_SYMBOL(probe_deny);

static void write_log(const char *program, u64 addr, u32 len, bool deny)
{
	int missed;

	if (!__ratelimit(&log_limit)) {
		atomic_inc(&suppressed);
		return;
	}
	missed = atomic_xchg(&suppressed, 0);
	if (missed)
		pr_warn("bpf write: %d not shown\n", missed);
	pr_warn("bpf write: program %s into pid %d comm %s address 0x%llx length %u: %s\n",
		program, current->pid, current->comm, addr, len,
		deny ? "denied" : "allowed");
}

/* The helper is about to run: reports that; is it not to? */
static bool write_denies(struct pt_regs *regs)
{
	/* bpf_probe_write_user(void *dst, const void *src, u32 len) */
	u64 addr = regs_get_kernel_argument(regs, 0);
	u32 len = regs_get_kernel_argument(regs, 2);
	unsigned int now = READ_ONCE(mode);
	char program[KSYM_SYMBOL_LEN];
	bool deny = now == SBPF_WRITE_DENY;

	if (now == SBPF_WRITE_OFF)
		return false;
	this_cpu_inc(counts.reported);
	/* "bpf_prog_<tag>_<name>+0x.../0x... [bpf]"; the offset says nothing. */
	sprint_symbol_no_offset(program, *(unsigned long *)regs->sp);
	program[strcspn(program, " ")] = '\0';
	write_log(program, addr, len, deny);
	sbpf_event_write(program, addr, len, deny ? -EPERM : 0);
	return deny;
}
NOKPROBE_SYMBOL(write_denies);

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
	if (regs->r11 == write_mark(regs)) {
		this_cpu_inc(counts.received);
		return 0;
	}
	if (this_cpu_read(trial) == current)
		return 0;
	return write_denies(regs) ? probe_deny(regs) : 0;
}
NOKPROBE_SYMBOL(write_probe);

static void write_break(struct perf_event *event, struct perf_sample_data *data,
			struct pt_regs *regs)
{
	if (this_cpu_read(trial) == current) {
		this_cpu_write(trial, NULL);
	} else if (write_denies(regs)) {
		probe_deny(regs);
		return;
	}
	regs->r11 = write_mark(regs);
	this_cpu_inc(counts.passed);
}
NOKPROBE_SYMBOL(write_break);

static bool calls_probe_write_user(const struct bpf_prog *prog)
{
	const struct bpf_insn *insn;

	for (insn = prog->insnsi; insn < prog->insnsi + prog->len; insn++) {
		if (insn->code == (BPF_JMP | BPF_CALL) && !insn->src_reg &&
		    insn->imm == BPF_FUNC_probe_write_user)
			return true;
		/* The second half of a 16 byte instruction is no instruction. */
		if (insn->code == (BPF_LD | BPF_IMM | BPF_DW))
			insn++;
	}
	return false;
}

static int load_probe(struct kprobe *probe, struct pt_regs *regs)
{
	/* security_bpf_prog_load(struct bpf_prog *prog, ...), not verified yet */
	const struct bpf_prog *prog = (void *)regs_get_kernel_argument(regs, 0);
	unsigned int now = READ_ONCE(mode);

	/* What attaches to another program may run within one for kprobes. */
	if (now == SBPF_WRITE_OFF || !READ_ONCE(break_error) ||
	    (prog->type != BPF_PROG_TYPE_KPROBE && !prog->aux->dst_prog) ||
	    !calls_probe_write_user(prog))
		return 0;
	pr_warn("bpf write: program %s loaded by pid %d comm %s may run in a kprobe, where its writes cannot be watched: %s\n",
		prog->aux->name, current->pid, current->comm,
		now == SBPF_WRITE_DENY ? "refused" : "they are only counted");
	return now == SBPF_WRITE_DENY ? probe_deny(regs) : 0;
}
NOKPROBE_SYMBOL(load_probe);

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

static struct kprobe load_kprobe = {
	.symbol_name = "security_bpf_prog_load",
	.pre_handler = load_probe,
	.post_handler = probe_after,
};

static struct kprobe *kprobes[] = { &write_kprobe, &load_kprobe };

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

static const char * const mode_names[] = {
	[SBPF_WRITE_OFF] = "off",
	[SBPF_WRITE_LOG] = "log",
	[SBPF_WRITE_DENY] = "deny",
};

static int mode_set(const char *value, const struct kernel_param *param)
{
	int new = sysfs_match_string(mode_names, value);

	if (new < 0) {
		pr_err("bpf_write must be off, log or deny\n");
		return -EINVAL;
	}
	guard(mutex)(&guard_lock);
	/* At load time the parameter is set before the probe is. */
	if (new == SBPF_WRITE_DENY && probe_error && probe_error != -ENODEV)
		return -EOPNOTSUPP;
	if (!probe_error && new != SBPF_WRITE_OFF)
		break_set(true);
	if (new != mode && (new == SBPF_WRITE_OFF || mode == SBPF_WRITE_OFF))
		missed_base = calls_missed() - missed_base;
	WRITE_ONCE(mode, new);
	if (!probe_error && new == SBPF_WRITE_OFF)
		break_set(false);
	return 0;
}

static int mode_get(char *buffer, const struct kernel_param *param)
{
	return sysfs_emit(buffer, "%s\n", mode_names[READ_ONCE(mode)]);
}

static const struct kernel_param_ops mode_ops = {
	.set = mode_set,
	.get = mode_get,
};
module_param_cb(bpf_write, &mode_ops, NULL, 0644);
MODULE_PARM_DESC(bpf_write, "What to do when a BPF program writes into a process's memory: log (default), deny or off");

/**
 * sbpf_memwrite_info - State of the guard
 * @info: receives write_mode, write_error, write_break_error, writes and
 *	writes_missed
 *
 * Context: process, may sleep.
 */
void sbpf_memwrite_info(struct sbpf_info *info)
{
	s64 missed;
	int cpu;

	guard(mutex)(&guard_lock);
	info->write_mode = mode;
	info->write_error = -probe_error;
	info->write_break_error = -READ_ONCE(break_error);
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
 * Without it, unless writes are to be denied, the rest of the module works.
 *
 * Context: module init.
 *
 * Return: 0, or the error of the probe if the mode is deny.
 */
int __init sbpf_memwrite_init(void)
{
	cookie = get_random_long();
	ratelimit_set_flags(&log_limit, RATELIMIT_MSG_ON_RELEASE);
	guard(mutex)(&guard_lock);
	probe_error = register_kprobes(kprobes, ARRAY_SIZE(kprobes));
	if (!probe_error) {
		break_set(mode != SBPF_WRITE_OFF);
		return 0;
	}
	pr_err("cannot watch bpf_probe_write_user: error %d; writes of BPF programs into processes are not logged\n",
	       probe_error);
	return mode == SBPF_WRITE_DENY ? probe_error : 0;
}

/**
 * sbpf_memwrite_exit - Take the guard down
 *
 * On return nothing runs write_denied() any more, preempted BPF programs included.
 *
 * Context: module exit, may sleep.
 */
void sbpf_memwrite_exit(void)
{
	guard(mutex)(&guard_lock);
	if (probe_error)
		return;
	break_set(false);
	unregister_kprobes(kprobes, ARRAY_SIZE(kprobes));
	/* The parameter can be set until the module is gone. */
	probe_error = -ENODEV;
	synchronize_rcu_tasks();
	synchronize_rcu_tasks_trace();
}
