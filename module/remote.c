// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Remote: writes of tasks into the memory of others, seen where the kernel
 * begins them; loads of BPF programs, and descriptors of those that are policies'; what
 * is tried against the module and what it stands on
 *
 * Calls of ours are put in front of functions of the kernel, as hooks.c does, while
 * some channel that goes through them is watched. Nothing keeps the module for whoever
 * comes along there, so nobody sleeps. Each function is as near to the system call as
 * possible, so that a denial becomes EPERM; behind these are those that anything else
 * would use, which are told by who calls them.
 *
 * Uprobes write into whoever has a file mapped: at once if they are set, by whoever sets
 * them; later when the file is mapped, and then it is not known who that was.
 *
 * process_vm_writev(2) is seen twice: where its addresses have been copied from user
 * space and it can be denied, and where the kernel has found that the writer may do
 * it at all. Between the two what was asked waits in a ticket.
 */
#include <linux/bitops.h>
#include <linux/cleanup.h>
#include <linux/compat.h>
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/ftrace.h>
#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/kallsyms.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/mm_types.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/perf_event.h>
#include <linux/pid.h>
#include <linux/ptrace.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <linux/uprobes.h>
#include <linux/userfaultfd_k.h>
#include <asm/ldt.h>
#include <asm/prctl.h>
#include <asm/ptrace-abi.h>
#include <asm/syscall.h>
#include <asm/text-patching.h>
#include <asm/unistd.h>

#include "compat.h"
#include "event.h"
#include "ledger.h"
#include "loads.h"
#include "member.h"
#include "memwrite.h"
#include "remote.h"
#include "symbols.h"
#include "trampoline.h"

/* Functions that are hooked together, or not. */
enum remote_group {
	GROUP_PROCESS_VM,
	GROUP_PTRACE,
	GROUP_PROC_MEM,
	GROUP_USERFAULTFD,
	GROUP_OTHER,
	GROUP_UPROBES,
	GROUP_LOAD,
	GROUP_HANDLES,
	GROUP_ATTEMPTS,
	GROUP_MAX,
	GROUP_NONE = GROUP_MAX,
};

/**
 * struct remote_state - A group
 * @channels: mask of the channels that it is for
 * @error: why it cannot be hooked; 0 if it can, or has not been tried
 */
struct remote_state {
	unsigned int channels;
	int error;
};

static struct remote_state groups[GROUP_MAX] = {
	[GROUP_PROCESS_VM] = { .channels = BIT(SBPF_CHANNEL_PROCESS_VM) },
	[GROUP_PTRACE] = {
		.channels = BIT(SBPF_CHANNEL_PTRACE) | BIT(SBPF_CHANNEL_REGISTERS),
	},
	[GROUP_PROC_MEM] = { .channels = BIT(SBPF_CHANNEL_PROC_MEM) },
	[GROUP_USERFAULTFD] = { .channels = BIT(SBPF_CHANNEL_USERFAULTFD) },
	/* Where process_vm_writev(2) is seen for the second time, too. */
	[GROUP_OTHER] = {
		.channels = BIT(SBPF_CHANNEL_OTHER) | BIT(SBPF_CHANNEL_PROCESS_VM),
	},
	[GROUP_UPROBES] = { .channels = BIT(SBPF_CHANNEL_OTHER) },
	/* Where it is seen who loads what writes later, too. */
	[GROUP_LOAD] = { .channels = BIT(SBPF_CHANNEL_LOAD) | BIT(SBPF_CHANNEL_BPF) },
	[GROUP_HANDLES] = { .channels = BIT(SBPF_CHANNEL_LOAD) },
	[GROUP_ATTEMPTS] = { .channels = BIT(SBPF_CHANNEL_LOAD) },
};

/**
 * struct remote_set - Groups that are hooked by one registration with ftrace, which to
 * undo takes a tenth of a second and more
 * @ops: ftrace's
 * @groups: mask of these; 0 if this is free
 */
struct remote_set {
	struct ftrace_ops ops;
	unsigned int groups;
};

static struct remote_set sets[GROUP_MAX];

/* Is this memory of somebody else's? */
static bool remote(const struct mm_struct *mm)
{
	return mm && mm != current->mm;
}

/* The memory of a task, to be given to mmdrop(), or NULL. */
static struct mm_struct *mm_of(struct task_struct *task)
{
	struct mm_struct *mm;

	task_lock(task);
	mm = task->mm;
	if (mm)
		mmgrab(mm);
	task_unlock(task);
	return mm;
}

/* Describes, decides and records a write: 0 or -EPERM. */
static int remote_write(enum sbpf_channel channel, struct task_struct *target,
			struct mm_struct *mm, u64 addr, u64 len, u32 request,
			const char *program)
{
	struct sbpf_write_record record;
	bool allow;

	if (sbpf_ledger_mode(channel) == SBPF_WRITE_OFF)
		return 0;
	sbpf_ledger_begin(&record, channel, target, addr, len);
	sbpf_ledger_writer(&record);
	record.request = request;
	record.mapping = SBPF_MAPPING_NONE;
	if (program)
		strscpy(record.program, program);
	if (channel != SBPF_CHANNEL_REGISTERS && mm) {
		record.mapping = SBPF_MAPPING_UNKNOWN;
		sbpf_ledger_mapping(&record, mm, SBPF_LEDGER_TRY);
	}
	allow = sbpf_ledger_allows(&record, target);
	sbpf_ledger_commit(&record, allow);
	return allow ? 0 : -EPERM;
}

/* process_vm_writev(2) */

/**
 * struct remote_ticket - A call of process_vm_writev(2) that was not denied
 * @task: whose; NULL for none. It may have returned since: only identity
 * @mm: memory written to; only identity
 * @vec: the segments, in kernel memory; as long as the call lasts
 * @count: their number
 * @room: length of what there is to write
 * @recorded: its writes are on record
 */
struct remote_ticket {
	const struct task_struct *task;
	const struct mm_struct *mm;
	const struct iovec *vec;
	unsigned long count;
	size_t room;
	bool recorded;
};

/* By hash of the task. The newest is first, and takes the place of the oldest. */
struct remote_row {
	/* Protects @tickets. */
	spinlock_t lock;
	struct remote_ticket tickets[4];
};

static struct remote_row rows[1 << 8];

static struct remote_row *row_of(const struct task_struct *task)
{
	return &rows[hash_ptr(task, ilog2(ARRAY_SIZE(rows)))];
}

/* Where in a row the current task's is; the last place if nowhere. */
static int ticket_place(const struct remote_row *row)
{
	int i = 0;

	lockdep_assert_held(&row->lock);
	while (i < ARRAY_SIZE(row->tickets) - 1 && row->tickets[i].task != current)
		i++;
	return i;
}

static void ticket_put(const struct remote_ticket *ticket)
{
	struct remote_row *row = row_of(current);

	spin_lock(&row->lock);
	memmove(&row->tickets[1], &row->tickets[0],
		ticket_place(row) * sizeof(row->tickets[0]));
	row->tickets[0] = *ticket;
	spin_unlock(&row->lock);
}

static void tickets_forget(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		spin_lock(&rows[i].lock);
		memset(rows[i].tickets, 0, sizeof(rows[i].tickets));
		spin_unlock(&rows[i].lock);
	}
}

/* The ticket of the current task, which will have been recorded from now on. */
static bool ticket_get(struct remote_ticket *ticket)
{
	struct remote_row *row = row_of(current);
	struct remote_ticket *found;

	spin_lock(&row->lock);
	found = &row->tickets[ticket_place(row)];
	*ticket = *found;
	if (ticket->task == current)
		found->recorded = true;
	spin_unlock(&row->lock);
	return ticket->task == current;
}

/* Is the current task in process_vm_readv(2)? */
static bool process_vm_reads(void)
{
	const int nr = syscall_get_nr(current, current_pt_regs());

	if (in_ia32_syscall())
		return nr == 347;
#ifdef __X32_SYSCALL_BIT
	if (nr & __X32_SYSCALL_BIT)
		return (nr & ~__X32_SYSCALL_BIT) == 539;
#endif
	return nr == __NR_process_vm_readv;
}

/*
 * Describes the segment that is to be written from *@i on, which is then behind it;
 * *@room is what there is left to write. False for none.
 */
static bool ticket_next(const struct remote_ticket *ticket, unsigned long *i, size_t *room,
			struct task_struct *target, struct sbpf_write_record *record)
{
	const struct iovec *segment;
	size_t len;

	while (*i < ticket->count && *room) {
		segment = &ticket->vec[(*i)++];
		len = min(segment->iov_len, *room);
		*room -= len;
		if (!len)
			continue;
		sbpf_ledger_begin(record, SBPF_CHANNEL_PROCESS_VM, target,
				  (__force u64)segment->iov_base, len);
		sbpf_ledger_writer(record);
		return true;
	}
	return false;
}

static bool ticket_allowed(const struct remote_ticket *ticket, struct task_struct *target)
{
	struct sbpf_write_record record;
	size_t room = ticket->room;
	unsigned long i = 0;

	/* Which is how it is for most. */
	if (sbpf_ledger_mode(SBPF_CHANNEL_PROCESS_VM) == SBPF_WRITE_LOG &&
	    !sbpf_member_find(current) && !sbpf_member_find(target))
		return true;
	while (ticket_next(ticket, &i, &room, target, &record))
		if (!sbpf_ledger_allows(&record, target))
			return false;
	return true;
}

/* Records each segment; @mm, of whose mmap_lock the caller has @lock, may be NULL. */
static void ticket_record(const struct remote_ticket *ticket, struct task_struct *target,
			  struct mm_struct *mm, enum sbpf_ledger_lock lock, bool allow)
{
	struct sbpf_write_record record;
	size_t room = ticket->room;
	unsigned long i = 0;

	while (ticket_next(ticket, &i, &room, target, &record)) {
		if (mm)
			sbpf_ledger_mapping(&record, mm, lock);
		sbpf_ledger_commit(&record, allow);
	}
}

/*
 * process_vm_rw_core(pid, iter, vec, count, ...): what follows may differ, as does the
 * name, since compilers leave out what is constant.
 */
static int call_process_vm(const unsigned long *args, unsigned long caller)
{
	struct remote_ticket ticket = {
		.task = current,
		.vec = (const struct iovec *)args[2],
		.count = args[3],
		.room = iov_iter_count((const struct iov_iter *)args[1]),
	};
	struct task_struct *target;
	struct mm_struct *mm;

	if (sbpf_ledger_mode(SBPF_CHANNEL_PROCESS_VM) == SBPF_WRITE_OFF || process_vm_reads())
		return 0;
	target = pid_task(find_vpid(args[0]), PIDTYPE_PID);
	if (target)
		ticket.mm = READ_ONCE(target->mm);
	/* Also if it is for nothing: that of an earlier call is not to be taken for it. */
	if (!remote(ticket.mm) || ticket_allowed(&ticket, target)) {
		ticket_put(&ticket);
		return 0;
	}
	mm = mm_of(target);
	ticket_record(&ticket, target, mm, SBPF_LEDGER_TRY, false);
	if (mm)
		mmdrop(mm);
	return -EPERM;
}

/* Now it is certain what memory it is; @mm is locked. */
static int process_vm_pins(struct mm_struct *mm, u64 addr, u64 len)
{
	struct task_struct *target = sbpf_mm_owner(mm);
	struct remote_ticket ticket;
	bool allow;

	if (sbpf_ledger_mode(SBPF_CHANNEL_PROCESS_VM) == SBPF_WRITE_OFF)
		return 0;
	if (!ticket_get(&ticket))
		return remote_write(SBPF_CHANNEL_PROCESS_VM, target, mm, addr, len, 0, NULL);
	if (ticket.recorded)
		return 0;
	/* The target may have become another one. */
	allow = ticket.mm == mm || ticket_allowed(&ticket, target);
	ticket_record(&ticket, target, mm, SBPF_LEDGER_HELD, allow);
	return allow ? 0 : -EPERM;
}

/* ptrace(2) */

#define REQUEST_SET_THREAD_AREA		26
#define REQUEST_ARCH_PRCTL		30
#define REQUEST_SET_SYSCALL_INFO	0x4212

/* Length of the registers that a regset request gives, 0 if it cannot be told. */
static u64 regset_len(unsigned long data, bool compat)
{
	const void __user *user = (const void __user *)data;
	struct iovec vec = {};
	u32 pair[2] = {};

	if (compat)
		return copy_from_user_nofault(pair, user, sizeof(pair)) ? 0 : pair[1];
	return copy_from_user_nofault(&vec, user, sizeof(vec)) ? 0 : vec.iov_len;
}

/* Lengths of what programs of 32 bits set by one request. */
#define REGS_LEN_32	68
#define FPREGS_LEN_32	108
#define FPXREGS_LEN_32	512

static int ptrace_call(const unsigned long *args, bool compat)
{
	struct task_struct *child = (struct task_struct *)args[0];
	enum sbpf_channel channel = SBPF_CHANNEL_REGISTERS;
	const u32 request = args[1];
	u64 addr = args[2], len;

	switch (request) {
	case PTRACE_POKETEXT:
	case PTRACE_POKEDATA:
		channel = SBPF_CHANNEL_PTRACE;
		fallthrough;
	case PTRACE_POKEUSR:
		len = compat ? sizeof(u32) : sizeof(u64);
		break;
	case PTRACE_SETREGS:
		len = compat ? REGS_LEN_32 : sizeof(struct user_regs_struct);
		break;
	case PTRACE_SETFPREGS:
		len = compat ? FPREGS_LEN_32 : sizeof(struct user_i387_struct);
		break;
	case PTRACE_SETFPXREGS:
		len = FPXREGS_LEN_32;
		break;
	case PTRACE_SETREGSET:
		len = regset_len(args[3], compat);
		break;
	case REQUEST_SET_THREAD_AREA:
		/* Which goes on to arch_ptrace(). */
		if (compat)
			return 0;
		len = sizeof(struct user_desc);
		break;
	case REQUEST_SET_SYSCALL_INFO:
		len = addr;
		addr = 0;
		break;
	case REQUEST_ARCH_PRCTL:
		if (args[3] != ARCH_SET_FS && args[3] != ARCH_SET_GS)
			return 0;
		addr = args[3];
		len = sizeof(u64);
		break;
	default:
		return 0;
	}
	return remote_write(channel, child, child->mm, addr, len, request, NULL);
}

/* arch_ptrace(child, request, addr, data); the child is stopped. */
static int call_ptrace(const unsigned long *args, unsigned long caller)
{
	return ptrace_call(args, false);
}

static int call_compat_ptrace(const unsigned long *args, unsigned long caller)
{
	return ptrace_call(args, true);
}

/* mem_write(file, buf, count, position) of /proc/PID/mem, which is open for long. */
static int call_proc_mem(const unsigned long *args, unsigned long caller)
{
	struct mm_struct *mm = ((const struct file *)args[0])->private_data;

	if (!remote(mm) || !atomic_read(&mm->mm_users))
		return 0;
	return remote_write(SBPF_CHANNEL_PROC_MEM, sbpf_mm_owner(mm), mm,
			    *(const loff_t *)args[3], args[2], 0, NULL);
}

/* mfill_atomic_copy(ctx, start, from, len, ...) */
static int call_userfaultfd_copy(const unsigned long *args, unsigned long caller)
{
	struct mm_struct *mm = ((const struct userfaultfd_ctx *)args[0])->mm;

	return !remote(mm) ? 0 : remote_write(SBPF_CHANNEL_USERFAULTFD, sbpf_mm_owner(mm),
					      mm, args[1], args[3], 0, NULL);
}

/* mfill_atomic_zeropage(ctx, start, len, ...) and others */
static int call_userfaultfd(const unsigned long *args, unsigned long caller)
{
	struct mm_struct *mm = ((const struct userfaultfd_ctx *)args[0])->mm;

	return !remote(mm) ? 0 : remote_write(SBPF_CHANNEL_USERFAULTFD, sbpf_mm_owner(mm),
					      mm, args[1], args[2], 0, NULL);
}

/* Anything else */

/**
 * struct remote_caller - Who calls a function that others use
 * @ip: where it goes on
 * @group: the group that sees what it does already, GROUP_NONE for none
 * @name: its name
 */
struct remote_caller {
	unsigned long ip;
	enum remote_group group;
	char name[SBPF_PROGRAM_MAX];
};

/* Those that were met, since it takes long to find out; only ever added to. */
static struct remote_caller callers[16];
static unsigned int callers_count;
static DEFINE_SPINLOCK(callers_lock);

static void caller_describe(struct remote_caller *caller, unsigned long ip)
{
	static const struct {
		const char *name;
		enum remote_group group;
	} known[] = {
		{ "process_vm_rw", GROUP_PROCESS_VM },
		{ "ptrace_access_vm", GROUP_PTRACE },
		/* To whom it returns if it leaves it at that. */
		{ "generic_ptrace_pokedata", GROUP_PTRACE },
		{ "ptrace_request", GROUP_PTRACE },
		{ "compat_ptrace_request", GROUP_PTRACE },
		{ "mem_rw", GROUP_PROC_MEM },
		{ "mem_write", GROUP_PROC_MEM },
	};
	char symbol[KSYM_SYMBOL_LEN];
	int i;

	sprint_symbol_no_offset(symbol, ip);
	caller->ip = ip;
	caller->group = GROUP_NONE;
	strscpy(caller->name, symbol);
	for (i = 0; i < ARRAY_SIZE(known); i++)
		if (strstarts(symbol, known[i].name))
			caller->group = known[i].group;
}

static const struct remote_caller *caller_find(unsigned long ip)
{
	/* Pairs with the store in caller_get(). */
	unsigned int count = smp_load_acquire(&callers_count), i;

	for (i = 0; i < count; i++)
		if (callers[i].ip == ip)
			return &callers[i];
	return NULL;
}

/* Who calls; @fresh is used where there is no room to remember. */
static const struct remote_caller *caller_get(unsigned long ip, struct remote_caller *fresh)
{
	const struct remote_caller *caller = caller_find(ip);

	if (likely(caller))
		return caller;
	caller_describe(fresh, ip);
	spin_lock(&callers_lock);
	if (!caller_find(ip) && callers_count < ARRAY_SIZE(callers)) {
		callers[callers_count] = *fresh;
		/* For caller_find(): what it counts is there. */
		smp_store_release(&callers_count, callers_count + 1);
	}
	spin_unlock(&callers_lock);
	return fresh;
}

/* Is it seen elsewhere, or was it not to be? */
static bool seen_elsewhere(enum remote_group group)
{
	return group != GROUP_NONE && !READ_ONCE(groups[group].error);
}

static noinline int access_foreign(struct task_struct *target, struct mm_struct *mm,
				   const unsigned long *args, unsigned long ip)
{
	struct remote_caller fresh;
	const struct remote_caller *caller = caller_get(ip, &fresh);

	if (seen_elsewhere(caller->group))
		return 0;
	/* What was written is all that it tells: nothing. */
	return remote_write(SBPF_CHANNEL_OTHER, target, mm, args[1], (u32)args[3], 0,
			    caller->name) ? 1 : 0;
}

/* access_remote_vm(mm, addr, buf, len, flags) */
static int call_access_remote(const unsigned long *args, unsigned long caller)
{
	struct mm_struct *mm = (struct mm_struct *)args[0];

	if (!(args[4] & FOLL_WRITE) || !remote(mm))
		return 0;
	return access_foreign(sbpf_mm_owner(mm), mm, args, caller);
}

/* access_process_vm(task, addr, buf, len, flags) */
static int call_access_process(const unsigned long *args, unsigned long caller)
{
	struct task_struct *target = (struct task_struct *)args[0];
	struct mm_struct *mm;
	int ret;

	if (!(args[4] & FOLL_WRITE) || !remote(READ_ONCE(target->mm)))
		return 0;
	mm = mm_of(target);
	if (!mm)
		return 0;
	ret = access_foreign(target, mm, args, caller);
	mmdrop(mm);
	return ret;
}

/* pin_user_pages_remote(mm, start, pages, flags, ...), with the mappings locked */
static int call_pin_remote(const unsigned long *args, unsigned long ip)
{
	struct mm_struct *mm = (struct mm_struct *)args[0];
	const u64 len = args[2] << PAGE_SHIFT;
	const struct remote_caller *caller;
	struct remote_caller fresh;

	if (!(args[3] & FOLL_WRITE) || !remote(mm))
		return 0;
	caller = caller_get(ip, &fresh);
	if (caller->group == GROUP_PROCESS_VM)
		return process_vm_pins(mm, args[1], len);
	return remote_write(SBPF_CHANNEL_OTHER, sbpf_mm_owner(mm), mm, args[1], len, 0,
			    caller->name);
}

#ifdef CONFIG_UPROBES
/*
 * Puts on record what a uprobe writes, the mappings being locked: 0 or -EPERM. That what
 * it wrote before goes again is never denied: a breakpoint that belongs to nobody ends
 * the process.
 */
static int uprobe_record(struct mm_struct *mm, u64 addr, u64 len, const char *function,
			 bool undoes)
{
	struct task_struct *target = remote(mm) ? sbpf_mm_owner(mm) : current;
	struct sbpf_write_record record;
	bool allow;

	if (sbpf_ledger_mode(SBPF_CHANNEL_OTHER) == SBPF_WRITE_OFF)
		return 0;
	sbpf_ledger_begin(&record, SBPF_CHANNEL_OTHER, target, addr, len);
	if (remote(mm))
		sbpf_ledger_writer(&record);
	strscpy(record.program, function);
	sbpf_ledger_mapping(&record, mm, SBPF_LEDGER_HELD);
	allow = undoes || sbpf_ledger_allows(&record, target);
	sbpf_ledger_commit(&record, allow);
	return allow ? 0 : -EPERM;
}

/* set_swbp(uprobe, memory, addr) */
static int call_uprobe_set(const unsigned long *args, unsigned long caller)
{
	return uprobe_record(sbpf_uprobe_mm(args[1]), args[2], UPROBE_SWBP_INSN_SIZE,
			     "set_swbp", false);
}

/* set_orig_insn(uprobe, memory, addr) */
static int call_uprobe_clear(const unsigned long *args, unsigned long caller)
{
	return uprobe_record(sbpf_uprobe_mm(args[1]), args[2], UPROBE_SWBP_INSN_SIZE,
			     "set_orig_insn", true);
}

/* __update_ref_ctr(mm, addr, change): counts who has set a uprobe */
static int call_uprobe_count(const unsigned long *args, unsigned long caller)
{
	return uprobe_record((struct mm_struct *)args[0], args[1], sizeof(short),
			     "__update_ref_ctr", (short)args[2] < 0);
}
#endif

/* bpf_check(program, ...): the verifier is about to look at it */
static int call_bpf_check(const unsigned long *args, unsigned long caller)
{
	return sbpf_loads_check(*(struct bpf_prog **)args[0]);
}

/* perf_event_bpf_event(program, type, flags): it has a number, or is about to lose it */
static int call_bpf_event(const unsigned long *args, unsigned long caller)
{
	const struct bpf_prog *prog = (const struct bpf_prog *)args[0];

	if ((u32)args[1] == PERF_BPF_EVENT_PROG_LOAD)
		sbpf_loads_done(prog);
	else
		sbpf_memwrite_loaded(prog->aux, false);
	return 0;
}

/* security_bpf_map(map, mode): somebody gets a descriptor of it, as of the two below */
static int call_bpf_map(const unsigned long *args, unsigned long caller)
{
	sbpf_loads_map((const struct bpf_map *)args[0]);
	return 0;
}

/* security_bpf_prog(program) */
static int call_bpf_prog(const unsigned long *args, unsigned long caller)
{
	return sbpf_loads_prog((const struct bpf_prog *)args[0]);
}

/* bpf_link_new_fd(link) */
static int call_bpf_link(const unsigned long *args, unsigned long caller)
{
	sbpf_loads_link((const struct bpf_link *)args[0]);
	return 0;
}

/* bpf_obj_pin_user(descriptor, ...) */
static int call_bpf_pin(const unsigned long *args, unsigned long caller)
{
	sbpf_loads_pin(args[0]);
	return 0;
}

/*
 * find_module_all(name, ...), where delete_module(2) has found that the caller may, and
 * has copied the name: the first thing that it calls then. What comes of it is not known.
 */
static int call_find_module(const unsigned long *args, unsigned long ip)
{
	unsigned long call[6];
	struct remote_caller fresh;

	if (strcmp((const char *)args[0], THIS_MODULE->name) ||
	    !strstr(caller_get(ip, &fresh)->name, "delete_module"))
		return 0;
	syscall_get_arguments(current, current_pt_regs(), call);
	sbpf_event_control(0, "module to be removed%s", call[1] & O_TRUNC ? " by force" : "");
	return 0;
}

/* proc_sys_write(iocb, from): ftrace itself has no function that ftrace can hook */
static int call_sysctl(const unsigned long *args, unsigned long caller)
{
	const struct file *file = ((const struct kiocb *)args[0])->ki_filp;

	if (!strcmp(file->f_path.dentry->d_name.name, "ftrace_enabled"))
		sbpf_event_control(0, "kernel.ftrace_enabled to be set");
	return 0;
}

/* write_enabled_file_bool(file, ...) of kprobes, in debugfs */
static int call_kprobes(const unsigned long *args, unsigned long caller)
{
	sbpf_event_control(0, "kprobes/enabled to be set");
	return 0;
}

/**
 * struct remote_point - A function that is hooked
 * @group: together with which
 * @names: what compilers may have called it
 * @optional: the group does without it
 * @call: what to do there
 * @entry: where ftrace writes; 0 for nowhere
 */
struct remote_point {
	enum remote_group group;
	const char *names[3];
	bool optional;
	int (*call)(const unsigned long *args, unsigned long caller);
	unsigned long entry;
};

static struct remote_point points[] = {
	{ GROUP_OTHER, { "pin_user_pages_remote" }, .call = call_pin_remote },
	{ GROUP_PROCESS_VM,
	  { "process_vm_rw_core.constprop.0", "process_vm_rw_core",
	    "process_vm_rw_core.isra.0" }, .call = call_process_vm },
	{ GROUP_OTHER, { "access_remote_vm" }, .call = call_access_remote },
	{ GROUP_OTHER, { "access_process_vm" }, .call = call_access_process },
	{ GROUP_PTRACE, { "arch_ptrace" }, .call = call_ptrace },
	{ GROUP_PTRACE, { "compat_arch_ptrace" }, .optional = true,
	  .call = call_compat_ptrace },
	{ GROUP_PROC_MEM, { "mem_write" }, .call = call_proc_mem },
	{ GROUP_USERFAULTFD, { "mfill_atomic_copy" }, .call = call_userfaultfd_copy },
	{ GROUP_USERFAULTFD, { "mfill_atomic_zeropage" }, .call = call_userfaultfd },
	{ GROUP_USERFAULTFD, { "mfill_atomic_continue" }, .call = call_userfaultfd },
	{ GROUP_USERFAULTFD,
	  { "mfill_atomic_poison", "mfill_atomic_poison.constprop.0" }, .optional = true,
	  .call = call_userfaultfd },
#ifdef CONFIG_UPROBES
	{ GROUP_UPROBES, { "set_swbp" }, .call = call_uprobe_set },
	{ GROUP_UPROBES, { "set_orig_insn" }, .call = call_uprobe_clear },
	{ GROUP_UPROBES, { "__update_ref_ctr" }, .call = call_uprobe_count },
#endif
	{ GROUP_LOAD, { "bpf_check" }, .call = call_bpf_check },
	{ GROUP_LOAD, { "perf_event_bpf_event" }, .call = call_bpf_event },
	{ GROUP_HANDLES, { "security_bpf_map" }, .call = call_bpf_map },
	{ GROUP_HANDLES, { "security_bpf_prog" }, .call = call_bpf_prog },
	{ GROUP_HANDLES, { "bpf_link_new_fd" }, .call = call_bpf_link },
	{ GROUP_ATTEMPTS, { "bpf_obj_pin_user" }, .call = call_bpf_pin },
	{ GROUP_ATTEMPTS, { "find_module_all" }, .call = call_find_module },
	{ GROUP_ATTEMPTS, { "proc_sys_write" }, .call = call_sysctl },
	/* Without debugfs nobody can. */
	{ GROUP_ATTEMPTS, { "write_enabled_file_bool" }, .optional = true,
	  .call = call_kprobes },
};

/**
 * sbpf_remote_dispatch - A function is called that may write into another's memory
 * @args: the six registers that may hold its arguments
 * @body: where it goes on
 * @caller: where its caller goes on
 *
 * Context: trampoline; task, may not sleep.
 *
 * Return: 0 to go on, -errno to return that instead, 1 to return 0 instead.
 */
int sbpf_remote_dispatch(const unsigned long *args, unsigned long body,
			 unsigned long caller)
{
	int i;

	guard(rcu)();
	for (i = 0; i < ARRAY_SIZE(points); i++)
		if (points[i].entry + MCOUNT_INSN_SIZE == body)
			return points[i].call(args, caller);
	WARN_ON_ONCE(1);
	return 0;
}

/* Hooks some groups, all or none. */
static int set_attach(unsigned int mask)
{
	unsigned long ips[ARRAY_SIZE(points)];
	struct remote_set *set = sets;
	unsigned int count = 0, i;
	int err;

	while (set->groups)
		set++;
	for (i = 0; i < ARRAY_SIZE(points); i++)
		if (mask & BIT(points[i].group) && points[i].entry)
			ips[count++] = points[i].entry;
	/* Of what this kernel does not have; no filter would be one of all functions. */
	if (!count)
		return 0;
	memset(&set->ops, 0, sizeof(set->ops));
	err = ftrace_set_filter_ips(&set->ops, ips, count, 0, 0);
	if (!err)
		err = register_ftrace_direct(&set->ops,
					     (unsigned long)sbpf_trampoline_remote);
	/* On 6.12 nothing is written, and nothing said, while ftrace is switched off. */
	if (!err && READ_ONCE(*(u8 *)ips[0]) != CALL_INSN_OPCODE) {
		err = unregister_ftrace_direct(&set->ops,
					       (unsigned long)sbpf_trampoline_remote, true);
		return err ?: -EOPNOTSUPP;
	}
	if (err) {
		/* It may have been in ftrace's list for a moment. */
		synchronize_rcu_tasks();
		/* ftrace may have died having attached some of it. */
		if (err == -ENODEV)
			__module_get(THIS_MODULE);
		else
			ftrace_free_filter(&set->ops);
		return err;
	}
	/* As in hooks.c: nobody can switch ftrace off. */
	set->ops.flags |= FTRACE_OPS_FL_PERMANENT;
	set->groups = mask;
	return 0;
}

/* On return no task is in the trampoline that came from its functions. */
static void set_detach(struct remote_set *set)
{
	int err = unregister_ftrace_direct(&set->ops, (unsigned long)sbpf_trampoline_remote,
					   true);

	if (!err) {
		set->groups = 0;
		return;
	}
	/* It stays in ftrace's list, and nothing else may be put in its place. */
	pr_err("writes into memory cannot be left unwatched: error %d; the module stays\n",
	       err);
	__module_get(THIS_MODULE);
}

/* Has the kernel all functions that it needs? */
static bool group_complete(enum remote_group group)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(points); i++)
		if (points[i].group == group && !points[i].entry && !points[i].optional)
			return false;
	return true;
}

/* Its first function, for people. */
static const char *group_name(enum remote_group group)
{
	int i;

	for (i = 0; points[i].group != group; i++)
		;
	return points[i].names[0];
}

/* Says once why a group cannot be hooked; or, without an error, that it is. */
static void group_fail(enum remote_group group, int err)
{
	if (err && err != groups[group].error)
		pr_err("cannot watch all writes and loads (%s): error %d%s\n",
		       group_name(group), err, err == -EBUSY ?
		       " (a BPF fentry, fexit or fmod_ret program or a live patch is on it)" :
		       err == -EOPNOTSUPP ?
		       " (ftrace is off: sysctl -w kernel.ftrace_enabled=1)" : "");
	WRITE_ONCE(groups[group].error, err);
}

static bool group_wanted(enum remote_group group)
{
	int i;

	for (i = 0; i < SBPF_CHANNEL_MAX; i++)
		if (groups[group].channels & BIT(i) &&
		    sbpf_ledger_mode(i) != SBPF_WRITE_OFF)
			return true;
	return false;
}

/**
 * sbpf_remote_error - Can writes by a channel be watched?
 * @channel: the channel
 *
 * Context: process; one at a time, with sbpf_remote_watch().
 *
 * Return: 0 or -errno.
 */
int sbpf_remote_error(enum sbpf_channel channel)
{
	int i;

	for (i = 0; i < GROUP_MAX; i++)
		if (groups[i].channels & BIT(channel) && groups[i].error)
			return groups[i].error;
	return 0;
}

/**
 * sbpf_remote_watch - Modes have been set: hook what is needed for them
 *
 * What cannot be hooked is told by sbpf_remote_error().
 *
 * Context: process, may sleep; one at a time.
 */
void sbpf_remote_watch(void)
{
	unsigned int wanted = 0, missing, i;
	bool together;

	/*
	 * What was asked before is not to be taken for what is written after; and
	 * whoever still saw another mode has then left its ticket.
	 */
	if (sbpf_ledger_mode(SBPF_CHANNEL_PROCESS_VM) == SBPF_WRITE_OFF) {
		synchronize_rcu();
		tickets_forget();
	}
	for (i = 0; i < GROUP_MAX; i++)
		if (group_wanted(i))
			wanted |= BIT(i);
		else
			WRITE_ONCE(groups[i].error, 0);
	missing = wanted;
	for (i = 0; i < GROUP_MAX; i++) {
		/* Those of a set that are not wanted any more do nothing. */
		if (sets[i].groups && !(sets[i].groups & wanted))
			set_detach(&sets[i]);
		missing &= ~sets[i].groups;
		if (missing & BIT(i) && !group_complete(i)) {
			group_fail(i, -ENOENT);
			missing &= ~BIT(i);
		}
	}
	/* Others may be on one of them: then each by itself. */
	together = hweight32(missing) > 1 && !set_attach(missing);
	for (i = 0; i < GROUP_MAX; i++)
		if (missing & BIT(i))
			group_fail(i, together ? 0 : set_attach(BIT(i)));
}

/**
 * sbpf_remote_uses - Is a function one that is hooked while channels are watched?
 * @function: its name
 *
 * Context: any.
 *
 * Return: whether it is.
 */
bool sbpf_remote_uses(const char *function)
{
	int i, j;

	for (i = 0; i < ARRAY_SIZE(points); i++)
		for (j = 0; j < ARRAY_SIZE(points[i].names) && points[i].names[j]; j++)
			if (!strcmp(points[i].names[j], function))
				return true;
	return false;
}

/* Finds a function by one of its names. */
static void __init point_find(struct remote_point *point)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(point->names) && point->names[i] && !point->entry; i++)
		point->entry = sbpf_symbols_entry(point->names[i]);
}

/**
 * sbpf_remote_init - Find the functions
 *
 * Context: module init.
 */
void __init sbpf_remote_init(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		spin_lock_init(&rows[i].lock);
	for (i = 0; i < ARRAY_SIZE(points); i++)
		point_find(&points[i]);
}

/**
 * sbpf_remote_exit - Hook nothing any more
 *
 * Context: module exit, may sleep.
 */
void sbpf_remote_exit(void)
{
	int i;

	for (i = 0; i < GROUP_MAX; i++)
		if (sets[i].groups)
			set_detach(&sets[i]);
}
