// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Events: numbered records of what was denied, noted and changed, handed
 * to whoever listens on the tracepoints
 *
 * An event is numbered whether somebody listens or not, so that a listener sees
 * from the numbers what it missed. The record is made on the stack only for a
 * listener.
 */
#include <linux/atomic.h>
#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ktime.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/socket.h>
#include <linux/stdarg.h>
#include <linux/string.h>
#include <linux/un.h>
#include <net/af_unix.h>

#include "event.h"
#include "hooks.h"
#include "member.h"
#include "policy.h"
#include "sandbox.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

static atomic64_t sequence;

/*
 * A BPF program that hears an event is not started once more on the same processor
 * before it has ended, and misses what whoever preempts it reports. That could not be
 * before Linux 7, as tracepoints disabled preemption themselves.
 */
#define TELL(name, event)				\
	do {						\
		preempt_disable_notrace();		\
		trace_##name(event);			\
		preempt_enable_notrace();		\
	} while (0)

/**
 * sbpf_op_name - Name of an operation
 * @op: the operation
 *
 * Return: its name, as in struct sbpf_policy_ops.
 */
const char *sbpf_op_name(enum sbpf_op op)
{
#define OP(name, NAME) [SBPF_OP_##NAME] = #name,
	static const char * const names[] = { SBPF_OPS(OP) };
#undef OP

	static_assert(ARRAY_SIZE(names) == SBPF_OP_MAX);
	return op < SBPF_OP_MAX ? names[op] : "-";
}

/**
 * sbpf_event_newest - Number of the newest event
 *
 * Return: its number, 0 if there was none.
 */
u64 sbpf_event_newest(void)
{
	return atomic64_read(&sequence);
}

/* The number of an event, which tells of @sandbox or of none. */
static u64 event_number(struct sbpf_sandbox *sandbox)
{
	if (sandbox)
		atomic64_inc(&sandbox->events);
	return atomic64_inc_return(&sequence);
}

/* The same, of the sandbox of the current task. */
static u64 event_own_number(void)
{
	u64 seq;

	rcu_read_lock();
	seq = event_number(sbpf_member_sandbox(current));
	rcu_read_unlock();
	return seq;
}

static void event_start(struct sbpf_event *event, u64 seq,
			enum sbpf_event_type type, enum sbpf_op op, int error)
{
	memset(event, 0, sizeof(*event));
	event->seq = seq;
	event->time_ns = ktime_get_boot_fast_ns();
	event->type = type;
	event->op = op;
	event->error = error;
	event->pid = current->pid;
	event->tgid = current->tgid;
	strscpy(event->comm, current->comm);
}

static void event_sandbox(struct sbpf_event *event,
			  const struct sbpf_sandbox *sandbox)
{
	const struct sbpf_policy_version *version;
	const struct sbpf_policy *policy;

	event->sandbox = sandbox->id;
	event->layer = sandbox->layer;
	rcu_read_lock();
	policy = rcu_dereference(sandbox->asked);
	strscpy(event->policy, policy->name);
	version = rcu_dereference(policy->version);
	if (version)
		event->policy_generation = version->generation;
	rcu_read_unlock();
}

/* Of the current task, if it is in one. */
static void event_own_sandbox(struct sbpf_event *event)
{
	struct sbpf_sandbox *sandbox;

	rcu_read_lock();
	sandbox = sbpf_member_sandbox(current);
	if (sandbox)
		event_sandbox(event, sandbox);
	rcu_read_unlock();
}

/* For @path, @dentry in the directory @path, or @dentry alone (@path is NULL). */
static void event_path(struct sbpf_event *event, const struct path *path,
		       const struct dentry *dentry, const struct inode *inode)
{
	const struct dentry *named = dentry ?: path->dentry;
	char *text = ERR_PTR(-ENOENT);
	size_t len;

	event->ino = inode ? inode->i_ino : 0;
	event->dev = named->d_sb->s_dev;
	/* d_path() needs the root of a task that has not given it up yet. */
	if (!path)
		text = dentry_path_raw(dentry, event->text, sizeof(event->text));
	else if (current->fs)
		text = d_path(path, event->text, sizeof(event->text));
	if (IS_ERR(text)) {
		snprintf(event->text, sizeof(event->text), ".../%pd3", named);
		return;
	}
	len = strlen(text);
	memmove(event->text, text, len + 1);
	if (path && dentry)
		snprintf(event->text + len, sizeof(event->text) - len, "%s%pd",
			 event->text[len - 1] == '/' ? "" : "/", dentry);
}

static void event_address(struct sbpf_event *event, const struct sockaddr *address,
			  int len)
{
	const struct sockaddr_in6 *in6 = (const void *)address;
	const struct sockaddr_in *in = (const void *)address;
	const struct sockaddr_un *un = (const void *)address;
	int path_len;

	if (len < (int)sizeof(address->sa_family))
		return;
	event->number = address->sa_family;
	switch (address->sa_family) {
	case AF_INET:
		if (len < (int)sizeof(*in))
			return;
		event->port = ntohs(in->sin_port);
		snprintf(event->text, sizeof(event->text), "%pI4", &in->sin_addr);
		return;
	case AF_INET6:
		if (len < (int)offsetofend(struct sockaddr_in6, sin6_addr))
			return;
		event->port = ntohs(in6->sin6_port);
		snprintf(event->text, sizeof(event->text), "%pI6c", &in6->sin6_addr);
		return;
	case AF_UNIX:
		path_len = len - (int)offsetof(struct sockaddr_un, sun_path);
		if (path_len <= 0)
			return;
		/* An abstract name begins with NUL and is written with @. */
		if (un->sun_path[0])
			snprintf(event->text, sizeof(event->text), "%.*s",
				 path_len, un->sun_path);
		else
			snprintf(event->text, sizeof(event->text), "@%.*s",
				 path_len - 1, un->sun_path + 1);
		return;
	}
}

static void event_unix(struct sbpf_event *event, const struct sock *sock)
{
	/* Set once, and then kept as long as the socket. */
	const struct unix_address *address = smp_load_acquire(&unix_sk(sock)->addr);

	event->number = AF_UNIX;
	if (address)
		event_address(event, (const struct sockaddr *)address->name,
			      address->len);
}

static void event_object(struct sbpf_event *event, const struct sbpf_object *object)
{
	const struct dentry *dentry = object->dentry;

	if (!dentry && object->path)
		dentry = object->path->dentry;
	event->number = object->number;
	event->resource = object->resource;
	event->addr = object->addr;
	event->len = object->len;
	if (object->task) {
		event->target_pid = object->task->pid;
		strscpy(event->target_comm, object->task->comm);
	}
	if (object->file)
		event_path(event, &object->file->f_path, NULL,
			   file_inode(object->file));
	else if (dentry)
		event_path(event, object->path, object->dentry,
			   object->inode ?: d_inode(dentry));
	if (object->address)
		event_address(event, object->address, object->address_len);
	if (object->unix_sock)
		event_unix(event, object->unix_sock);
	if (object->text)
		strscpy(event->text, object->text);
}

/**
 * sbpf_event_denied - Report a denial
 * @sandbox: sandbox that denies
 * @version: version of the policy that was asked, NULL for none
 * @op: operation
 * @error: -errno of the denial
 * @flags: enum sbpf_event_flags
 * @object: what the operation acts upon
 *
 * Context: any that a hook runs in; may not sleep.
 */
void sbpf_event_denied(struct sbpf_sandbox *sandbox,
		       const struct sbpf_policy_version *version, enum sbpf_op op,
		       int error, u32 flags, const struct sbpf_object *object)
{
	u64 seq = event_number(sandbox);
	struct sbpf_event event;

	if (!trace_sbpf_denied_enabled())
		return;
	event_start(&event, seq, SBPF_EVENT_DENIED, op, error);
	event_sandbox(&event, sandbox);
	/* The policy may have been replaced since it was asked. */
	event.policy_generation = version ? version->generation : 0;
	event.flags = flags;
	event_object(&event, object);
	TELL(sbpf_denied, &event);
}

/* What the kernel does in its own time is nobody's in particular. */
static void event_nobody(struct sbpf_event *event)
{
	event->pid = 0;
	event->tgid = 0;
	memset(event->comm, 0, sizeof(event->comm));
}

/**
 * sbpf_event_limit - Report that a limit was passed without being asked about
 * @sandbox: sandbox whose limit it is
 * @resource: enum sbpf_resource
 * @flags: enum sbpf_event_flags
 *
 * Context: any that a hook runs in, or a work item; may not sleep.
 */
void sbpf_event_limit(struct sbpf_sandbox *sandbox, u16 resource, u32 flags)
{
	u64 seq = event_number(sandbox);
	struct sbpf_event event;

	if (!trace_sbpf_denied_enabled())
		return;
	event_start(&event, seq, SBPF_EVENT_DENIED, SBPF_OP_MAX, 0);
	/* Of memory it is told by whoever comes by. */
	if (current->flags & PF_KTHREAD || resource == SBPF_RESOURCE_MEMORY)
		event_nobody(&event);
	event_sandbox(&event, sandbox);
	event.flags = flags;
	event.resource = resource;
	TELL(sbpf_denied, &event);
}

/**
 * sbpf_event_error - Report a verdict out of range
 * @sandbox: sandbox whose policy gave it
 * @version: version of the policy
 * @op: operation
 * @value: the verdict
 *
 * Context: any that a hook runs in; may not sleep.
 */
void sbpf_event_error(struct sbpf_sandbox *sandbox,
		      const struct sbpf_policy_version *version, enum sbpf_op op,
		      int value)
{
	u64 seq = event_number(sandbox);
	struct sbpf_event event;

	pr_warn_ratelimited("sandbox %llu: policy returned %d for %s, taken as -EPERM\n",
			    sandbox->id, value, sbpf_op_name(op));
	if (!trace_sbpf_error_enabled())
		return;
	event_start(&event, seq, SBPF_EVENT_ERROR, op, value);
	event_sandbox(&event, sandbox);
	event.policy_generation = version->generation;
	TELL(sbpf_error, &event);
}

/**
 * sbpf_event_not_tightened - Report that a limit is not lowered although a policy wants it
 * @sandbox: sandbox whose limit it is
 * @resource: enum sbpf_resource
 * @error: why: -errno
 *
 * Context: work item.
 */
void sbpf_event_not_tightened(struct sbpf_sandbox *sandbox, u16 resource, int error)
{
	u64 seq = event_number(sandbox);
	struct sbpf_event event;

	pr_warn_ratelimited("sandbox %llu: a limit of its control group cannot be lowered: error %d\n",
			    sandbox->id, error);
	if (!trace_sbpf_error_enabled())
		return;
	event_start(&event, seq, SBPF_EVENT_ERROR, SBPF_OP_MAX, error);
	event_nobody(&event);
	event_sandbox(&event, sandbox);
	event.flags = SBPF_EVENT_LIMIT;
	event.resource = resource;
	TELL(sbpf_error, &event);
}

/**
 * sbpf_event_note - Report what a policy notes
 * @sandbox: sandbox that it was asked about
 * @text: its text, not terminated
 * @len: length of @text in bytes; what is beyond SBPF_TEXT_MAX - 1 is cut off
 * @number: its number
 *
 * Context: any that a policy runs in.
 */
void sbpf_event_note(struct sbpf_sandbox *sandbox, const char *text, size_t len,
		     u64 number)
{
	u64 seq = event_number(sandbox);
	struct sbpf_event event;

	if (!trace_sbpf_note_enabled())
		return;
	event_start(&event, seq, SBPF_EVENT_NOTE, SBPF_OP_MAX, 0);
	event_sandbox(&event, sandbox);
	event.number = number;
	memcpy(event.text, text, strnlen(text, min(len, sizeof(event.text) - 1)));
	TELL(sbpf_note, &event);
}

/**
 * sbpf_event_sandbox - Report a change in the life of a sandbox
 * @sandbox: the sandbox
 * @what: "created", "entered", "moved", "orphaned", "killed", "frozen",
 *	"thawed" or "destroyed"
 *
 * Context: any.
 */
void sbpf_event_sandbox(struct sbpf_sandbox *sandbox, const char *what)
{
	u64 seq = event_number(sandbox);
	struct sbpf_event event;

	if (!trace_sbpf_sandbox_enabled())
		return;
	event_start(&event, seq, SBPF_EVENT_SANDBOX, SBPF_OP_MAX, 0);
	event_sandbox(&event, sandbox);
	strscpy(event.text, what);
	TELL(sbpf_sandbox, &event);
}

/**
 * sbpf_event_control - Report that something is done to sbpf itself
 * @number: number of the program, map or link that it is done with, or 0
 * @format: what, as printf() has it
 *
 * Context: any but NMI.
 */
void sbpf_event_control(u64 number, const char *format, ...)
{
	u64 seq = event_own_number();
	struct sbpf_event event;
	va_list args;

	if (!trace_sbpf_control_enabled())
		return;
	event_start(&event, seq, SBPF_EVENT_CONTROL, SBPF_OP_MAX, 0);
	if (current->flags & PF_KTHREAD)
		event_nobody(&event);
	event_own_sandbox(&event);
	event.number = number;
	va_start(args, format);
	vsnprintf(event.text, sizeof(event.text), format, args);
	va_end(args);
	TELL(sbpf_control, &event);
}

/* The memory that a BPF program writes to is the current task's. */
static void event_write(const struct sbpf_write_record *record)
{
	u64 seq = event_own_number();
	struct sbpf_event event;

	if (!trace_sbpf_write_enabled())
		return;
	event_start(&event, seq, SBPF_EVENT_WRITE, SBPF_OP_MAX, record->error);
	event_own_sandbox(&event);
	event.target_pid = event.pid;
	memcpy(event.target_comm, event.comm, sizeof(event.comm));
	event.addr = record->addr;
	event.len = record->len;
	snprintf(event.text, sizeof(event.text), "bpf_prog_%*phN_%s",
		 (int)sizeof(record->tag), record->tag, record->program);
	TELL(sbpf_write, &event);
}

/* The current task has loaded a program, or was not to. */
static void event_load(const struct sbpf_write_record *record)
{
	u64 seq = event_own_number();
	struct sbpf_event event;

	if (!trace_sbpf_load_enabled())
		return;
	event_start(&event, seq, SBPF_EVENT_LOAD, SBPF_OP_MAX, record->error);
	event_own_sandbox(&event);
	event.number = record->request;
	event.addr = record->program_id;
	strscpy(event.target_comm, record->program);
	strscpy(event.text, record->path);
	TELL(sbpf_load, &event);
}

/**
 * sbpf_event_write - Report a record of the ledger
 * @record: the record
 *
 * If a BPF program writes, or is loaded, it is an event as well.
 *
 * Context: any, NMI included.
 */
void sbpf_event_write(const struct sbpf_write_record *record)
{
	TELL(mem_write, record);
	if (record->channel == SBPF_CHANNEL_BPF)
		event_write(record);
	else if (record->channel == SBPF_CHANNEL_LOAD)
		event_load(record);
}
