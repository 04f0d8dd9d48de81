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
 * So the writes of a program that is attached to a kprobe are counted but not
 * seen one by one. Such programs are told when they are loaded, by a probe on
 * the LSM hook for that: reported in log mode, refused in deny mode. Programs
 * loaded before that mode was set, and those of other types that a kprobe causes
 * to run in turn, are only counted.
 */
#include <linux/bpf.h>
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/percpu.h>
#include <linux/ptrace.h>
#include <linux/ratelimit.h>
#include <linux/rcupdate.h>
#include <linux/rcupdate_trace.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "event.h"
#include "memwrite.h"

#ifndef CONFIG_X86_64
#error "The return address of the probed helper is found on x86-64 only."
#endif

static unsigned int mode = SBPF_WRITE_LOG;
static int probe_error = -ENODEV;
static DEFINE_PER_CPU(u64, writes);

/* Log at most 20 lines in 5 seconds and say how many were left out. */
static DEFINE_RATELIMIT_STATE(log_limit, 5 * HZ, 20);
static atomic_t suppressed;

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
	/* At load time the parameter is set before the probe is. */
	if (new == SBPF_WRITE_DENY && probe_error && probe_error != -ENODEV)
		return -EOPNOTSUPP;
	WRITE_ONCE(mode, new);
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

static int write_probe(struct kprobe *probe, struct pt_regs *regs)
{
	/* bpf_probe_write_user(void *dst, const void *src, u32 len) */
	u64 addr = regs_get_kernel_argument(regs, 0);
	u32 len = regs_get_kernel_argument(regs, 2);
	unsigned int now = READ_ONCE(mode);
	char program[KSYM_SYMBOL_LEN];
	bool deny = now == SBPF_WRITE_DENY;

	if (now == SBPF_WRITE_OFF)
		return 0;
	this_cpu_inc(writes);
	/* "bpf_prog_<tag>_<name>+0x.../0x... [bpf]"; the offset says nothing. */
	sprint_symbol_no_offset(program, *(unsigned long *)regs->sp);
	program[strcspn(program, " ")] = '\0';
	write_log(program, addr, len, deny);
	sbpf_event_write(program, addr, len, deny ? -EPERM : 0);
	return deny ? probe_deny(regs) : 0;
}
NOKPROBE_SYMBOL(write_probe);

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
	if (now == SBPF_WRITE_OFF ||
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

/**
 * sbpf_memwrite_info - State of the guard
 * @info: receives write_mode, write_error, writes and writes_missed
 *
 * Context: process.
 */
void sbpf_memwrite_info(struct sbpf_info *info)
{
	int cpu;

	info->write_mode = READ_ONCE(mode);
	info->write_error = -probe_error;
	info->writes_missed = READ_ONCE(write_kprobe.nmissed);
	info->writes = info->writes_missed;
	for_each_possible_cpu(cpu)
		info->writes += READ_ONCE(per_cpu(writes, cpu));
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
	ratelimit_set_flags(&log_limit, RATELIMIT_MSG_ON_RELEASE);
	probe_error = register_kprobes(kprobes, ARRAY_SIZE(kprobes));
	if (!probe_error)
		return 0;
	pr_err("cannot watch bpf_probe_write_user: error %d; writes of BPF programs into processes are not logged\n",
	       probe_error);
	return READ_ONCE(mode) == SBPF_WRITE_DENY ? probe_error : 0;
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
	if (probe_error)
		return;
	unregister_kprobes(kprobes, ARRAY_SIZE(kprobes));
	synchronize_rcu_tasks();
	synchronize_rcu_tasks_trace();
}
