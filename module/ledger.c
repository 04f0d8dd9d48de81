// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Ledger: a record of each write into the memory of a process by another
 * party, system-wide
 *
 * A record gets a number when it is made. The last LEDGER_SIZE of them are kept, each
 * in the slot that its number says, for whoever may read /dev/sbpf_ledger; the
 * tracepoint sbpf:mem_write hands out all of them, and the kernel log shows as many
 * as are good for it. A slot is taken by whoever comes first, since records are also
 * made where nothing can be waited for; whoever finds it taken counts a loss, as does
 * whoever overwrites an older record. So records made are those kept and those lost.
 */
#include <linux/atomic.h>
#include <linux/build_bug.h>
#include <linux/capability.h>
#include <linux/cleanup.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/ktime.h>
#include <linux/maple_tree.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/mmap_lock.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/ratelimit.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/uidgid.h>

#include "dispatch.h"
#include "event.h"
#include "ledger.h"
#include "member.h"
#include "memwrite.h"
#include "remote.h"
#include "sandbox.h"

/* How many records are kept: 1.5 MiB of them. */
#define LEDGER_SIZE	4096

/* How far up from the target the writer is looked for among its ancestors. */
#define ANCESTORS_MAX	1024

/**
 * struct ledger_slot - Place for a record
 * @state: number of the record, times 2, and 1 more while it is being written; 0
 *	for none
 * @record: the record
 */
struct ledger_slot {
	u64 state;
	struct sbpf_write_record record;
};

static struct ledger_slot *slots;
static atomic64_t newest;

/**
 * struct ledger_counts - Records counted on one CPU
 * @records: made, by channel
 * @denied: these with the verdict to deny
 * @lost: older ones overwritten, or not kept as their slot was taken
 */
struct ledger_counts {
	u64 records[SBPF_CHANNEL_MAX];
	u64 denied[SBPF_CHANNEL_MAX];
	u64 lost;
};

static DEFINE_PER_CPU(struct ledger_counts, ledger_counts);

/**
 * struct ledger_channel - A channel
 * @name: what the log calls it; its parameter is that with _write, but of "load"
 * @mode: enum sbpf_write_mode, changed under ledger_lock
 * @limit: of lines in the log
 * @hidden: lines left out since the last that was shown
 * @suppressed: lines left out
 */
struct ledger_channel {
	const char *name;
	unsigned int mode;
	struct ratelimit_state limit;
	atomic_t hidden;
	atomic64_t suppressed;
};

static struct ledger_channel channels[SBPF_CHANNEL_MAX] = {
	[SBPF_CHANNEL_BPF] = { .name = "bpf", .mode = SBPF_WRITE_LOG },
	[SBPF_CHANNEL_PROCESS_VM] = { .name = "process_vm", .mode = SBPF_WRITE_LOG },
	[SBPF_CHANNEL_PTRACE] = { .name = "ptrace", .mode = SBPF_WRITE_LOG },
	[SBPF_CHANNEL_REGISTERS] = { .name = "registers", .mode = SBPF_WRITE_LOG },
	[SBPF_CHANNEL_PROC_MEM] = { .name = "proc_mem", .mode = SBPF_WRITE_LOG },
	[SBPF_CHANNEL_USERFAULTFD] = { .name = "userfaultfd", .mode = SBPF_WRITE_LOG },
	[SBPF_CHANNEL_OTHER] = { .name = "other", .mode = SBPF_WRITE_LOG },
	[SBPF_CHANNEL_LOAD] = { .name = "load", .mode = SBPF_WRITE_LOG },
};

/* Protects modes, and what is set up for them. Not taken where CPUs come and go. */
static DEFINE_MUTEX(ledger_lock);

/* Between sbpf_ledger_start() and sbpf_ledger_stop(), under ledger_lock. */
static bool started;

/**
 * sbpf_ledger_mode - What is to be done about writes by a channel?
 * @channel: the channel
 *
 * Context: any.
 *
 * Return: the mode in force.
 */
enum sbpf_write_mode sbpf_ledger_mode(enum sbpf_channel channel)
{
	return READ_ONCE(channels[channel].mode);
}

static u64 sandbox_of(const struct task_struct *task)
{
	const struct sbpf_sandbox *sandbox = sbpf_member_sandbox(task);

	return sandbox ? sandbox->id : 0;
}

/**
 * sbpf_ledger_begin - Begin to describe a write
 * @record: to be filled; what is not known stays zero
 * @channel: how
 * @target: a task whose memory it is, NULL if none is known
 * @addr: address in that memory
 * @len: length in bytes
 *
 * Context: under rcu_read_lock(); any, NMI included.
 */
void sbpf_ledger_begin(struct sbpf_write_record *record, enum sbpf_channel channel,
		       struct task_struct *target, u64 addr, u64 len)
{
	/* All of it: listeners get it as it is. */
	memset(record, 0, sizeof(*record));
	record->channel = channel;
	record->addr = addr;
	record->len = len;
	if (!target)
		return;
	record->target_sandbox = sandbox_of(target);
	record->target_pid = target->pid;
	record->target_tgid = target->tgid;
	record->target_uid = from_kuid(&init_user_ns, task_uid(target));
	strscpy(record->target_comm, target->comm);
}

/**
 * sbpf_ledger_writer - The current task is who writes
 * @record: from sbpf_ledger_begin()
 *
 * Context: under rcu_read_lock(); any.
 */
void sbpf_ledger_writer(struct sbpf_write_record *record)
{
	record->sandbox = sandbox_of(current);
	record->pid = current->pid;
	record->tgid = current->tgid;
	record->uid = from_kuid(&init_user_ns, current_uid());
	strscpy(record->comm, current->comm);
}

/* May be called without the lock of the mappings: then @vma can be another's by now. */
static void describe_mapping(struct sbpf_write_record *record, struct mm_struct *mm,
			     const struct vm_area_struct *vma)
{
	const vm_flags_t flags = READ_ONCE(vma->vm_flags);

	BUILD_BUG_ON(VM_READ != PROT_READ || VM_WRITE != PROT_WRITE || VM_EXEC != PROT_EXEC);
	record->prot = flags & (VM_READ | VM_WRITE | VM_EXEC);
	if (READ_ONCE(vma->vm_file))
		record->mapping = SBPF_MAPPING_FILE;
	else if (vma->vm_start < mm->brk && vma->vm_end > mm->start_brk)
		record->mapping = SBPF_MAPPING_HEAP;
	else if (vma->vm_start <= mm->start_stack && vma->vm_end >= mm->start_stack)
		record->mapping = SBPF_MAPPING_STACK;
	else
		record->mapping = SBPF_MAPPING_ANONYMOUS;
}

static void describe_path(struct sbpf_write_record *record, const struct path *path)
{
	char *text = ERR_PTR(-ENOENT);

	if (current->fs)
		text = d_path(path, record->path, sizeof(record->path));
	if (IS_ERR(text))
		snprintf(record->path, sizeof(record->path), ".../%pd3", path->dentry);
	else
		memmove(record->path, text, strlen(text) + 1);
}

/*
 * The last part of the name of what is mapped, where no lock can be had. A file may be
 * freed at once when nobody has it mapped any more, and its memory be used for anything:
 * nothing of it is believed before the mapping is found to be there still.
 */
static void describe_name(struct sbpf_write_record *record, struct mm_struct *mm,
			  const struct vm_area_struct *vma)
{
	static const char above[] = ".../";
	const size_t size = sizeof(record->path) - sizeof(above);
	const struct file *file = READ_ONCE(vma->vm_file);
	char *text = record->path + strlen(above);
	struct dentry *dentry;
	struct qstr name;

	if (!file)
		return;
	/* The last of the three may have copied some of it when it faults. */
	if (get_kernel_nofault(dentry, &file->f_path.dentry) ||
	    copy_from_kernel_nofault(&name, &dentry->d_name, sizeof(name)) ||
	    copy_from_kernel_nofault(text, name.name, min_t(size_t, name.len, size)) ||
	    mtree_load(&mm->mm_mt, record->addr) != vma || READ_ONCE(vma->vm_file) != file) {
		memset(record->path, 0, sizeof(record->path));
		return;
	}
	memcpy(record->path, above, strlen(above));
	/* It may have been another, shorter one by then. */
	memset(text + strlen(text), 0, size - strlen(text));
}

/**
 * sbpf_ledger_mapping - Tell what is mapped where a write goes
 * @record: from sbpf_ledger_begin()
 * @mm: the memory, which stays allocated
 * @lock: what of its mmap_lock
 *
 * Context: under rcu_read_lock(); task, may not sleep; with SBPF_LEDGER_NONE any, NMI
 * included.
 */
void sbpf_ledger_mapping(struct sbpf_write_record *record, struct mm_struct *mm,
			 enum sbpf_ledger_lock lock)
{
	const struct vm_area_struct *vma;

	if (lock == SBPF_LEDGER_TRY && !mmap_read_trylock(mm))
		return;
	/* Without the lock RCU keeps the tree and what is in it. */
	vma = mtree_load(&mm->mm_mt, record->addr);
	if (vma)
		describe_mapping(record, mm, vma);
	else
		record->mapping = SBPF_MAPPING_NONE;
	if (vma && lock == SBPF_LEDGER_NONE)
		describe_name(record, mm, vma);
	else if (vma && vma->vm_file)
		describe_path(record, &vma->vm_file->f_path);
	if (lock == SBPF_LEDGER_TRY)
		mmap_read_unlock(mm);
}

static bool descends(struct task_struct *task, struct task_struct *from)
{
	int i;

	for (i = 0; i < ANCESTORS_MAX && task->pid > 1; i++) {
		task = rcu_dereference(task->real_parent);
		if (same_thread_group(task, from))
			return true;
	}
	return false;
}

static bool same_user(const struct cred *cred)
{
	const kuid_t uid = current_uid();

	return uid_eq(uid, cred->uid) && uid_eq(uid, cred->euid) && uid_eq(uid, cred->suid);
}

/* In SBPF_WRITE_CONFINE: see there. */
static bool confined(struct task_struct *target)
{
	const struct sbpf_sandbox *inner = sbpf_member_sandbox(target);
	const struct sbpf_sandbox *own = sbpf_member_sandbox(current);
	const struct cred *cred = __task_cred(target);

	if (own && own == inner)
		return true;
	if ((!own || sbpf_sandbox_within(inner, own)) && descends(target, current))
		return true;
	return same_user(cred) && ns_capable_noaudit(cred->user_ns, CAP_SYS_PTRACE);
}

/**
 * sbpf_ledger_allows - May a write into the memory of another process go on?
 * @record: the write, described
 * @target: a task whose memory it is, NULL if none is known
 *
 * Context: under rcu_read_lock(); task, may not sleep; for SBPF_CHANNEL_BPF any, NMI
 * included.
 *
 * Return: whether the mode of the channel and the policies of both allow it.
 */
bool sbpf_ledger_allows(const struct sbpf_write_record *record,
			struct task_struct *target)
{
	const enum sbpf_write_mode mode = sbpf_ledger_mode(record->channel);

	if (mode == SBPF_WRITE_DENY)
		return false;
	/* Nor a program nor whoever is not known could be in a sandbox or have a capability. */
	if (mode == SBPF_WRITE_CONFINE && (record->channel == SBPF_CHANNEL_BPF ||
					   !record->pid || !target || !confined(target)))
		return false;
	return !sbpf_dispatch_write(record, target);
}

/* Names of tasks may be anything: a line stays one, and theirs is told from ours. */
static void ledger_log(const struct sbpf_write_record *record)
{
	struct ledger_channel *channel = &channels[record->channel];
	const char *verdict = record->error ? "denied" : "allowed";
	char writer[SBPF_PROGRAM_MAX + 64];
	int hidden;

	if (!__ratelimit(&channel->limit)) {
		atomic_inc(&channel->hidden);
		atomic64_inc(&channel->suppressed);
		return;
	}
	hidden = atomic_xchg(&channel->hidden, 0);
	if (hidden)
		pr_warn("%s%s: %d not shown\n", channel->name,
			record->channel == SBPF_CHANNEL_LOAD ? "" : " write", hidden);
	if (record->channel == SBPF_CHANNEL_LOAD) {
		pr_warn("load: pid %u comm %*pE uid %u program bpf_prog_%*phN_%s id %u type %u %s: %s\n",
			record->pid, (int)strlen(record->comm), record->comm, record->uid,
			(int)sizeof(record->tag), record->tag, record->program,
			record->program_id, record->request, record->path, verdict);
		return;
	}
	if (record->channel == SBPF_CHANNEL_BPF)
		snprintf(writer, sizeof(writer), "program bpf_prog_%*phN_%s",
			 (int)sizeof(record->tag), record->tag, record->program);
	else
		snprintf(writer, sizeof(writer), "pid %u comm %*pE%s%s", record->pid,
			 (int)strlen(record->comm), record->comm,
			 *record->program ? " by " : "", record->program);
	pr_warn("%s write: %s into pid %u comm %*pE address 0x%llx length %llu: %s\n",
		channel->name, writer, record->target_pid,
		(int)strlen(record->target_comm), record->target_comm, record->addr,
		record->len, verdict);
}

/* With preemption off, so that a reader can wait for it. */
static void ledger_keep(const struct sbpf_write_record *record)
{
	struct ledger_slot *slot = &slots[record->seq & (LEDGER_SIZE - 1)];
	const u64 state = record->seq << 1;
	u64 old = READ_ONCE(slot->state);

	if (old & 1 || old > state || cmpxchg(&slot->state, old, state | 1) != old) {
		this_cpu_inc(ledger_counts.lost);
		return;
	}
	if (old)
		this_cpu_inc(ledger_counts.lost);
	slot->record = *record;
	/* For slot_read(): the record is there when its number is. */
	smp_store_release(&slot->state, state);
}

/**
 * sbpf_ledger_commit - Put a write on record
 * @record: the write, described
 * @allow: does it go on?
 *
 * Context: any, NMI included.
 */
void sbpf_ledger_commit(struct sbpf_write_record *record, bool allow)
{
	record->error = allow ? 0 : -EPERM;
	record->time_ns = ktime_get_boot_fast_ns();
	scoped_guard(preempt) {
		this_cpu_inc(ledger_counts.records[record->channel]);
		if (!allow)
			this_cpu_inc(ledger_counts.denied[record->channel]);
		record->seq = atomic64_inc_return(&newest);
		ledger_keep(record);
	}
	sbpf_event_write(record);
	ledger_log(record);
}

/**
 * sbpf_ledger_count - How many writes by a channel have been recorded?
 * @channel: the channel
 *
 * Context: any.
 *
 * Return: their number.
 */
u64 sbpf_ledger_count(enum sbpf_channel channel)
{
	u64 count = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		count += READ_ONCE(per_cpu(ledger_counts.records[channel], cpu));
	return count;
}

static int channel_error(enum sbpf_channel channel)
{
	return channel == SBPF_CHANNEL_BPF ? sbpf_memwrite_error() :
					     sbpf_remote_error(channel);
}

/**
 * sbpf_ledger_info - State of the ledger
 * @info: filled but for its size
 *
 * Context: process, may sleep.
 */
void sbpf_ledger_info(struct sbpf_ledger_info *info)
{
	struct sbpf_channel_info *to;
	int cpu, i;

	static_assert(SBPF_CHANNEL_MAX <= ARRAY_SIZE(info->channels));
	guard(mutex)(&ledger_lock);
	info->channels_count = SBPF_CHANNEL_MAX;
	info->records = atomic64_read(&newest);
	for_each_possible_cpu(cpu)
		info->lost += READ_ONCE(per_cpu(ledger_counts.lost, cpu));
	for (i = 0; i < SBPF_CHANNEL_MAX; i++) {
		to = &info->channels[i];
		to->mode = channels[i].mode;
		to->error = -channel_error(i);
		to->records = sbpf_ledger_count(i);
		for_each_possible_cpu(cpu)
			to->denied += READ_ONCE(per_cpu(ledger_counts.denied[i], cpu));
		info->suppressed += atomic64_read(&channels[i].suppressed);
	}
}

/* The parameters */

static const char * const mode_names[] = {
	[SBPF_WRITE_OFF] = "off",
	[SBPF_WRITE_LOG] = "log",
	[SBPF_WRITE_DENY] = "deny",
	[SBPF_WRITE_CONFINE] = "confine",
};

/* The mode of a channel has changed from @old: sets up what it needs. */
static int channel_watch(enum sbpf_channel channel, unsigned int old)
{
	if (channel == SBPF_CHANNEL_BPF)
		sbpf_memwrite_watch(old);
	sbpf_remote_watch();
	/* That what is not seen is denied can be promised to nobody. */
	return channel_error(channel) && channels[channel].mode > SBPF_WRITE_LOG ? -EOPNOTSUPP : 0;
}

static int mode_set(const char *value, const struct kernel_param *param)
{
	struct ledger_channel *channel = param->arg;
	int new = sysfs_match_string(mode_names, value);
	unsigned int old;
	int err = 0;

	if (new < 0) {
		pr_err("mode of %s must be off, log, confine or deny\n", channel->name);
		return -EINVAL;
	}
	/* Root in a sandbox has no business with what happens outside. */
	if (sbpf_member_is(current))
		return -EPERM;
	guard(mutex)(&ledger_lock);
	old = channel->mode;
	WRITE_ONCE(channel->mode, new);
	/* At load time the parameters come first. */
	if (started)
		err = channel_watch(channel - channels, old);
	if (err) {
		WRITE_ONCE(channel->mode, old);
		channel_watch(channel - channels, new);
	} else if (started && old != new) {
		sbpf_event_control(0, "mode of %s set to %s", channel->name, mode_names[new]);
	}
	return err;
}

static int mode_get(char *buffer, const struct kernel_param *param)
{
	const struct ledger_channel *channel = param->arg;

	return sysfs_emit(buffer, "%s\n", mode_names[READ_ONCE(channel->mode)]);
}

static const struct kernel_param_ops mode_ops = {
	.set = mode_set,
	.get = mode_get,
};

#define CHANNEL(name, NAME, what)						\
module_param_cb(name##_write, &mode_ops, &channels[SBPF_CHANNEL_##NAME], 0644);	\
MODULE_PARM_DESC(name##_write,							\
		 "Writes into others' memory by " what ": log (default), confine, deny or off")

CHANNEL(bpf, BPF, "BPF programs");
CHANNEL(process_vm, PROCESS_VM, "process_vm_writev");
CHANNEL(ptrace, PTRACE, "ptrace");
CHANNEL(registers, REGISTERS, "ptrace, into registers");
CHANNEL(proc_mem, PROC_MEM, "/proc/PID/mem");
CHANNEL(userfaultfd, USERFAULTFD, "userfaultfd");
CHANNEL(other, OTHER, "other means");
#undef CHANNEL
module_param_cb(load, &mode_ops, &channels[SBPF_CHANNEL_LOAD], 0644);
MODULE_PARM_DESC(load, "BPF programs that could do so, when loaded: log (default), confine, deny or off");

/* The device */

/**
 * struct ledger_reader - A descriptor of /dev/sbpf_ledger
 * @lock: one reads at a time
 * @next: number of the record to be read next
 */
struct ledger_reader {
	/* Protects @next. */
	struct mutex lock;
	u64 next;
};

static int ledger_open(struct inode *inode, struct file *file)
{
	struct ledger_reader *reader;

	/* Root in a sandbox has no business with what happens outside. */
	if (sbpf_member_is(current))
		return -EPERM;
	reader = kzalloc(sizeof(*reader), GFP_KERNEL_ACCOUNT);
	if (!reader)
		return -ENOMEM;
	mutex_init(&reader->lock);
	reader->next = 1;
	file->private_data = reader;
	return stream_open(inode, file);
}

static int ledger_release(struct inode *inode, struct file *file)
{
	kfree(file->private_data);
	return 0;
}

/* Clears what an earlier record left behind the end of a text. */
#define clear_rest(text) memset((text) + strnlen(text, sizeof(text)), 0,		\
				sizeof(text) - strnlen(text, sizeof(text)))

/*
 * Copies a record out of its slot. Returns 0; -EAGAIN if it is not there, yet or
 * since it found no room; or -ENODATA if a newer one has its place.
 */
static int slot_read(u64 seq, struct sbpf_write_record *record)
{
	struct ledger_slot *slot = &slots[seq & (LEDGER_SIZE - 1)];
	/* Pairs with the store in ledger_keep(). */
	u64 state = smp_load_acquire(&slot->state);

	if (state > (seq << 1 | 1))
		return -ENODATA;
	if (state != seq << 1)
		return -EAGAIN;
	*record = slot->record;
	/* Pairs with the barrier of cmpxchg() in ledger_keep(). */
	smp_rmb();
	if (READ_ONCE(slot->state) != state)
		return -ENODATA;
	clear_rest(record->comm);
	clear_rest(record->target_comm);
	clear_rest(record->program);
	clear_rest(record->path);
	return 0;
}

static ssize_t ledger_read(struct file *file, char __user *buffer, size_t count,
			   loff_t *position)
{
	struct ledger_reader *reader = file->private_data;
	struct sbpf_write_record *record;
	u64 last, settled = 0;
	size_t done = 0;
	int err = 0;

	if (count < sizeof(*record))
		return -EINVAL;
	if (sbpf_member_is(current))
		return -EPERM;
	record = kmalloc(sizeof(*record), GFP_KERNEL_ACCOUNT);
	if (!record)
		return -ENOMEM;
	err = mutex_lock_interruptible(&reader->lock);
	if (err)
		goto free;
	while (count - done >= sizeof(*record) && !fatal_signal_pending(current)) {
		last = atomic64_read(&newest);
		if (reader->next > last)
			break;
		if (last - reader->next >= LEDGER_SIZE)
			reader->next = last - LEDGER_SIZE + 1;
		err = slot_read(reader->next, record);
		if (err == -EAGAIN && reader->next > settled) {
			err = 0;
			if (done)
				break;
			/* Whoever had its number by now will have put it in or not. */
			settled = last;
			synchronize_rcu();
			continue;
		}
		if (!err && copy_to_user(buffer + done, record, sizeof(*record))) {
			err = -EFAULT;
			break;
		}
		if (!err)
			done += sizeof(*record);
		err = 0;
		reader->next++;
		cond_resched();
	}
	mutex_unlock(&reader->lock);
free:
	kfree(record);
	return done ?: err;
}

static const struct file_operations ledger_fops = {
	.owner = THIS_MODULE,
	.open = ledger_open,
	.read = ledger_read,
	.release = ledger_release,
};

static struct miscdevice ledger_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "sbpf_ledger",
	.mode = 0440,
	.fops = &ledger_fops,
};

/* Registered, so that it is to be removed. */
static bool ledger_device_made;

/**
 * sbpf_ledger_device_init - Make /dev/sbpf_ledger
 *
 * Without it the rest of the module works.
 *
 * Context: module init, last.
 */
void __init sbpf_ledger_device_init(void)
{
	int err = misc_register(&ledger_device);

	ledger_device_made = !err;
	if (err)
		pr_err("cannot make /dev/sbpf_ledger: error %d\n", err);
}

/**
 * sbpf_ledger_device_exit - Remove /dev/sbpf_ledger
 *
 * Context: module exit.
 */
void sbpf_ledger_device_exit(void)
{
	if (ledger_device_made)
		misc_deregister(&ledger_device);
}

/**
 * sbpf_ledger_init - Make room for records
 *
 * Context: module init.
 *
 * Return: 0 or -ENOMEM.
 */
int __init sbpf_ledger_init(void)
{
	int i;

	BUILD_BUG_ON_NOT_POWER_OF_2(LEDGER_SIZE);
	for (i = 0; i < SBPF_CHANNEL_MAX; i++) {
		/* At most 20 lines in 5 seconds. */
		ratelimit_state_init(&channels[i].limit, 5 * HZ, 20);
		ratelimit_set_flags(&channels[i].limit, RATELIMIT_MSG_ON_RELEASE);
	}
	slots = kvcalloc(LEDGER_SIZE, sizeof(*slots), GFP_KERNEL);
	return slots ? 0 : -ENOMEM;
}

/**
 * sbpf_ledger_start - Watch the channels as their modes say
 *
 * A channel that cannot be watched leaves the others alone.
 *
 * Context: module init.
 *
 * Return: 0, or an error if such a one was to be denied.
 */
int __init sbpf_ledger_start(void)
{
	int i, err = 0;

	guard(mutex)(&ledger_lock);
	started = true;
	for (i = 0; i < SBPF_CHANNEL_MAX && !err; i++)
		err = channel_watch(i, SBPF_WRITE_OFF);
	return err;
}

/**
 * sbpf_ledger_stop - From now on parameters have no effect
 *
 * Context: module exit, may sleep.
 */
void sbpf_ledger_stop(void)
{
	guard(mutex)(&ledger_lock);
	started = false;
}

/**
 * sbpf_ledger_exit - Free the records; nobody makes or reads one any more
 *
 * Context: module exit, may sleep.
 */
void sbpf_ledger_exit(void)
{
	kvfree(slots);
}
