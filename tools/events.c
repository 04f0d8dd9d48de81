// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - "events": what the module has to tell
 */
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "cli.h"
#include "dev.h"
#include "names.h"
#include "out.h"
#include "recorder.h"
#include "reorder.h"
#include "sandbox.h"

/* How often to look for events that were lost, in milliseconds. */
#define POLL_MS		100

/* Returned to the recorder when no more events are wanted. */
#define ENOUGH		(-ECANCELED)

/**
 * struct reader - What is wanted, and how far we are
 * @reorder: puts the events in order
 * @sandbox: number of the only sandbox to show, 0 for all
 * @count: how many events are still to be shown
 */
struct reader {
	struct reorder reorder;
	__u64 sandbox;
	__u64 count;
};

/* Hold back SIGINT and SIGTERM, to end when it suits us. */
static void catch_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static bool interrupted(void)
{
	sigset_t set;

	sigpending(&set);
	return sigismember(&set, SIGINT) || sigismember(&set, SIGTERM);
}

static const char *flag_name(__u32 bit)
{
	static const char *const names[] = { "complain", "limit", "orphaned", "killed",
					     "frozen", "cgroup" };

	return bit < ARRAY_SIZE(names) ? names[bit] : "unknown";
}

static const char *protection_name(__u32 bit)
{
	static const char *const names[] = { "read", "write", "exec" };

	return bit < ARRAY_SIZE(names) ? names[bit] : "other";
}

/* What an event of an operation has, besides a number. */
enum {
	TASK = 1 << 0,		/* another task */
	FILENAME = 1 << 1,		/* a file: path, device, inode */
	ADDRESS = 1 << 2,	/* address and port of a socket */
	TEXT = 1 << 3,		/* another text */
	LENGTH = 1 << 4,
	MEMORY = 1 << 5,	/* address in memory and length */
	PROTECTION = 1 << 6,	/* the number is one */
	SIGNED = 1 << 7,	/* the number is */
	HEX = 1 << 8,		/* the number is told so in text */
	OCTAL = 1 << 9,		/* as well */
};

/**
 * struct shape - What an operation's events have
 * @number: what its number is called, NULL if it has none
 * @text: what its text is called (TEXT)
 * @parts: see above
 */
static const struct shape {
	const char *number;
	const char *text;
	unsigned int parts;
} shapes[] = {
	[SBPF_OP_TASK_ALLOC] = { "clone_flags", .parts = HEX },
	[SBPF_OP_BPRM_CHECK_SECURITY] = { .parts = FILENAME },
	[SBPF_OP_FILE_OPEN] = { .parts = FILENAME },
	[SBPF_OP_PTRACE_ACCESS_CHECK] = { "mode", .parts = TASK | HEX },
	[SBPF_OP_PTRACE_TRACEME] = { .parts = TASK },
	[SBPF_OP_TASK_KILL] = { "signal", .parts = TASK },
	[SBPF_OP_SOCKET_CONNECT] = { "family", .parts = ADDRESS },
	[SBPF_OP_MMAP_FILE] = { .parts = FILENAME | PROTECTION },
	[SBPF_OP_FILE_MPROTECT] = { .parts = FILENAME | PROTECTION | MEMORY },
	[SBPF_OP_TASK_SETNICE] = { "nice", .parts = TASK | SIGNED },
	[SBPF_OP_TASK_SETIOPRIO] = { "ioprio", .parts = TASK },
	[SBPF_OP_TASK_SETSCHEDULER] = { .parts = TASK },
	[SBPF_OP_TASK_SETRLIMIT] = { "rlimit", .parts = TASK },
	[SBPF_OP_TASK_FIX_SETUID] = { "uid" },
	[SBPF_OP_TASK_FIX_SETGID] = { "gid" },
	[SBPF_OP_TASK_PRCTL] = { "option", .parts = HEX },
	[SBPF_OP_CAPABLE] = { "capability" },
	[SBPF_OP_USERNS_CREATE] = { .parts = 0 },
	[SBPF_OP_FILE_RECEIVE] = { .parts = FILENAME },
	[SBPF_OP_FILE_IOCTL] = { "command", .parts = FILENAME | HEX },
	[SBPF_OP_FILE_LOCK] = { "command", .parts = FILENAME },
	[SBPF_OP_FILE_FCNTL] = { "command", .parts = FILENAME },
	[SBPF_OP_PATH_TRUNCATE] = { .parts = FILENAME },
	[SBPF_OP_PATH_MKNOD] = { "mode", .parts = FILENAME | OCTAL },
	[SBPF_OP_PATH_MKDIR] = { "mode", .parts = FILENAME | OCTAL },
	[SBPF_OP_PATH_SYMLINK] = { .parts = FILENAME },
	[SBPF_OP_PATH_LINK] = { .parts = FILENAME },
	[SBPF_OP_PATH_RENAME] = { "rename_flags", .parts = FILENAME | HEX },
	[SBPF_OP_PATH_UNLINK] = { .parts = FILENAME },
	[SBPF_OP_PATH_CHMOD] = { "mode", .parts = FILENAME | OCTAL },
	[SBPF_OP_PATH_CHOWN] = { "uid", .parts = FILENAME },
	[SBPF_OP_PATH_CHROOT] = { .parts = FILENAME },
	[SBPF_OP_PATH_NOTIFY] = { "mask", .parts = FILENAME | HEX },
	[SBPF_OP_INODE_SETATTR] = { "valid", .parts = FILENAME | HEX },
	[SBPF_OP_INODE_SETXATTR] = { "xattr_flags", .parts = FILENAME | LENGTH | HEX },
	[SBPF_OP_INODE_REMOVEXATTR] = { .parts = FILENAME },
	[SBPF_OP_SB_MOUNT] = { "mount_flags", .parts = FILENAME | HEX },
	[SBPF_OP_SB_UMOUNT] = { "umount_flags", .parts = FILENAME | HEX },
	[SBPF_OP_SB_PIVOTROOT] = { .parts = FILENAME },
	[SBPF_OP_MOVE_MOUNT] = { .parts = FILENAME },
	[SBPF_OP_IPC_PERMISSION] = { "mode", .parts = OCTAL },
	[SBPF_OP_UNIX_STREAM_CONNECT] = { "family", .parts = ADDRESS },
	[SBPF_OP_UNIX_MAY_SEND] = { "family", .parts = ADDRESS },
	[SBPF_OP_SOCKET_CREATE] = { "family" },
	[SBPF_OP_SOCKET_BIND] = { "family", .parts = ADDRESS },
	[SBPF_OP_SOCKET_LISTEN] = { "backlog", .parts = SIGNED },
	[SBPF_OP_SOCKET_SENDMSG] = { "family", .parts = ADDRESS | LENGTH },
	[SBPF_OP_KEY_ALLOC] = { .text = "description", .parts = TEXT },
	[SBPF_OP_KEY_PERMISSION] = { "permission", "description", TEXT },
	[SBPF_OP_BPF] = { "command" },
	[SBPF_OP_BPF_PROG_LOAD] = { "program_type", "program", TEXT },
	[SBPF_OP_PERF_EVENT_OPEN] = { "perf_type" },
	[SBPF_OP_KERNEL_READ_FILE] = { "kind", .parts = FILENAME },
	[SBPF_OP_INODE_INIT_SECURITY_ANON] = { .text = "kind", .parts = TEXT },
	[SBPF_OP_SYSLOG] = { "action" },
	[SBPF_OP_SETTIME] = { "seconds", .parts = SIGNED },
	[SBPF_OP_CHARGE] = { "amount" },
	[SBPF_OP_MEM_WRITE] = { "channel", .parts = TASK | MEMORY },
};

static_assert(ARRAY_SIZE(shapes) == SBPF_OP_MAX, "every operation has a shape");

static void add_target(struct json_object *record, const struct sbpf_event *event)
{
	out_u64(record, "target_pid", event->target_pid);
	out_text(record, "target_comm", event->target_comm, sizeof(event->target_comm));
}

static void add_file(struct json_object *record, const struct sbpf_event *event)
{
	char dev[32];

	out_text(record, "path", event->text, sizeof(event->text));
	snprintf(dev, sizeof(dev), "%u:%u", event->dev >> 20, event->dev & 0xfffff);
	out_text(record, "dev", dev, sizeof(dev));
	out_u64(record, "ino", event->ino);
}

static void add_number(struct json_object *record, const struct sbpf_event *event,
		       const struct shape *shape)
{
	if (shape->parts & PROTECTION)
		out_list(record, "prot", event->number, protection_name);
	else if (shape->number && shape->parts & SIGNED)
		out_i64(record, shape->number, event->number);
	else if (shape->number)
		out_u64(record, shape->number, event->number);
}

/* The number in words, to follow others: what it is called, and itself. */
static void number_text(char *text, size_t size, const struct sbpf_event *event,
			const struct shape *shape)
{
	const char *name = shape->number;
	char *c;

	*text = 0;
	if (!name)
		return;
	if (shape->parts & SIGNED)
		snprintf(text, size, ", %s %lld", name, (long long)event->number);
	else if (shape->parts & HEX)
		snprintf(text, size, ", %s 0x%llx", name, event->number);
	else if (shape->parts & OCTAL)
		snprintf(text, size, ", %s 0%llo", name, event->number);
	else
		snprintf(text, size, ", %s %llu", name, event->number);
	for (c = text; *c; c++)
		if (*c == '_')
			*c = ' ';
}

/* Add the object of an operation; @text gets it in words. */
static void add_object(struct json_object *record, const struct sbpf_event *event, char *text,
		       size_t size)
{
	static const struct shape unknown = { "number", .parts = FILENAME };
	const struct shape *shape = event->op < SBPF_OP_MAX ? &shapes[event->op] : &unknown;
	char object[4 * SBPF_TEXT_MAX], target[4 * sizeof(event->target_comm)], words[64];

	out_clean(object, sizeof(object), event->text, sizeof(event->text));
	out_clean(target, sizeof(target), event->target_comm, sizeof(event->target_comm));
	if (shape->parts & ADDRESS) {
		out_text(record, "address", event->text, sizeof(event->text));
		out_u64(record, "port", event->port);
	}
	if (shape->parts & FILENAME)
		add_file(record, event);
	if (shape->parts & TEXT)
		out_text(record, shape->text, event->text, sizeof(event->text));
	add_number(record, event, shape);
	if (shape->parts & TASK)
		add_target(record, event);
	if (shape->parts & MEMORY)
		out_u64(record, "addr", event->addr);
	if (shape->parts & (MEMORY | LENGTH))
		out_u64(record, "len", event->len);
	if (event->op == SBPF_OP_SOCKET_CREATE) {
		out_u64(record, "socket_type", event->addr);
		out_u64(record, "protocol", event->len);
	}
	if (event->op == SBPF_OP_IPC_PERMISSION)
		out_u64(record, "id", event->addr);

	switch (event->op) {
	case SBPF_OP_TASK_KILL:
		snprintf(text, size, "signal %llu to %s[%u]", event->number, target,
			 event->target_pid);
		return;
	case SBPF_OP_MMAP_FILE:
		snprintf(text, size, "%s, %s", *object ? object : "anonymous memory",
			 out_names(words, sizeof(words), event->number, protection_name));
		return;
	case SBPF_OP_FILE_MPROTECT:
		snprintf(text, size, "0x%llx+%llu %s, %s", event->addr, event->len, object,
			 out_names(words, sizeof(words), event->number, protection_name));
		return;
	case SBPF_OP_PTRACE_ACCESS_CHECK:
		snprintf(text, size, "%s[%u]", target, event->target_pid);
		return;
	}
	number_text(words, sizeof(words), event, shape);
	if (shape->parts & ADDRESS && event->port)
		snprintf(text, size, "%s port %u", object, event->port);
	else if (shape->parts & ADDRESS)
		snprintf(text, size, "%s", *object ? object : "-");
	else if (shape->parts & TASK)
		snprintf(text, size, "%s[%u]%s", target, event->target_pid, words);
	else if (shape->parts & (FILENAME | TEXT))
		snprintf(text, size, "%s%s", object, words);
	else
		snprintf(text, size, "%s", *words ? words + strlen(", ") : "-");
}

/* Add what an event tells besides who and where; @text gets it in words. */
static void add_story(struct json_object *record, const struct sbpf_event *event, char *text,
		      size_t size)
{
	char object[5 * SBPF_TEXT_MAX], flags[64], target[4 * sizeof(event->target_comm)];
	const char *type;

	switch (event->type) {
	case SBPF_EVENT_DENIED:
		out_text(record, "op", name_op(event->op), 32);
		out_i64(record, "error", event->error);
		out_text(record, "errno", name_errno(event->error), 32);
		out_list(record, "flags", event->flags, flag_name);
		if (event->flags & SBPF_EVENT_LIMIT || event->op == SBPF_OP_CHARGE)
			out_text(record, "resource", name_resource(event->resource), 32);
		add_object(record, event, object, sizeof(object));
		snprintf(text, size, "%s: %s%s%s%s%s: %s",
			 event->op < SBPF_OP_MAX ? name_op(event->op) :
			 event->flags & SBPF_EVENT_CGROUP ? "write" : "limit",
			 event->error ? name_errno(event->error) : "passed",
			 event->flags ? " " : "",
			 event->flags ? out_names(flags, sizeof(flags), event->flags, flag_name) :
					"",
			 event->flags & SBPF_EVENT_LIMIT ? " of " : "",
			 event->flags & SBPF_EVENT_LIMIT ? name_resource(event->resource) : "",
			 object);
		break;
	case SBPF_EVENT_ERROR:
		if (event->flags & SBPF_EVENT_LIMIT) {
			out_text(record, "resource", name_resource(event->resource), 32);
			out_i64(record, "error", event->error);
			snprintf(text, size, "limit of %s cannot be lowered: %s",
				 name_resource(event->resource), name_errno(event->error));
			break;
		}
		out_text(record, "op", name_op(event->op), 32);
		out_i64(record, "error", event->error);
		snprintf(text, size, "%s: verdict %d is out of range, taken as EPERM",
			 name_op(event->op), event->error);
		break;
	case SBPF_EVENT_NOTE:
		out_text(record, "text", event->text, sizeof(event->text));
		out_u64(record, "number", event->number);
		snprintf(text, size, "%s (%llu)",
			 out_clean(object, sizeof(object), event->text, sizeof(event->text)),
			 event->number);
		break;
	case SBPF_EVENT_WRITE:
		out_text(record, "program", event->text, sizeof(event->text));
		add_target(record, event);
		out_u64(record, "addr", event->addr);
		out_u64(record, "len", event->len);
		out_text(record, "verdict", event->error ? "denied" : "allowed", 8);
		out_i64(record, "error", event->error);
		if (event->error)
			out_text(record, "errno", name_errno(event->error), 32);
		snprintf(text, size, "BPF program %s to %s[%u] 0x%llx+%llu: %s",
			 out_clean(object, sizeof(object), event->text, sizeof(event->text)),
			 out_clean(target, sizeof(target), event->target_comm,
				   sizeof(event->target_comm)),
			 event->target_pid, event->addr, event->len,
			 event->error ? "denied" : "allowed");
		break;
	case SBPF_EVENT_LOAD:
		type = libbpf_bpf_prog_type_str(event->number);
		out_text(record, "program", event->target_comm, sizeof(event->target_comm));
		out_u64(record, "program_id", event->addr);
		out_text(record, "program_type", type ? type : "unknown", 32);
		out_text(record, "harm", event->text, sizeof(event->text));
		out_text(record, "verdict", event->error ? "denied" : "allowed", 8);
		out_i64(record, "error", event->error);
		snprintf(text, size, "%s program %s[%llu] %s: %s", type ? type : "unknown",
			 out_clean(target, sizeof(target), event->target_comm,
				   sizeof(event->target_comm)), event->addr,
			 out_clean(object, sizeof(object), event->text, sizeof(event->text)),
			 event->error ? "denied" : "allowed");
		break;
	case SBPF_EVENT_CONTROL:
		out_text(record, "text", event->text, sizeof(event->text));
		out_u64(record, "number", event->number);
		out_clean(object, sizeof(object), event->text, sizeof(event->text));
		if (event->number)
			snprintf(text, size, "%s (%llu)", object, event->number);
		else
			snprintf(text, size, "%s", object);
		break;
	default:
		out_text(record, "text", event->text, sizeof(event->text));
		out_clean(text, size, event->text, sizeof(event->text));
	}
}

static void show(const struct sbpf_event *event)
{
	char story[6 * SBPF_TEXT_MAX], comm[4 * sizeof(event->comm)];
	struct json_object *record = out_new();

	out_text(record, "type", name_event(event->type), 16);
	out_u64(record, "seq", event->seq);
	out_u64(record, "time_ns", event->time_ns);
	out_u64(record, "sandbox", event->sandbox);
	out_u64(record, "layer", event->layer);
	out_text(record, "policy", event->policy, sizeof(event->policy));
	out_u64(record, "generation", event->policy_generation);
	out_u64(record, "pid", event->pid);
	out_u64(record, "tgid", event->tgid);
	out_text(record, "comm", event->comm, sizeof(event->comm));
	add_story(record, event, story, sizeof(story));
	out_record(record, "%llu.%06llu %-7s %llu %s/%llu %s[%u] %s", event->time_ns / 1000000000,
		   event->time_ns / 1000 % 1000000, name_event(event->type), event->sandbox,
		   *event->policy ? event->policy : "-", event->policy_generation,
		   out_clean(comm, sizeof(comm), event->comm, sizeof(event->comm)), event->pid,
		   story);
}

static void in_order(void *context, const struct sbpf_event *event)
{
	struct reader *reader = context;

	if (!reader->count || (reader->sandbox && event->sandbox != reader->sandbox))
		return;
	reader->count--;
	show(event);
}

static void missing(void *context, __u64 first, __u64 count)
{
	const struct reader *reader = context;
	struct json_object *record;

	if (!reader->count)
		return;
	record = out_new();
	out_text(record, "type", "lost", 4);
	out_u64(record, "seq", first);
	out_u64(record, "count", count);
	out_record(record, "lost %llu events", count);
}

static int arrived(void *context, const struct sbpf_event *event)
{
	struct reader *reader = context;

	if (reorder_add(&reader->reorder, event))
		return -ENOMEM;
	return reader->count ? 0 : ENOUGH;
}

/* Read what there is, and go on until all gaps are filled or given up. */
static int drain(struct reader *reader, struct recorder *recorder, int dev)
{
	struct sbpf_info info;
	int error;

	error = sbpf_module(dev, &info);
	if (error)
		return error;
	/* To read what there is may take longer than what is missing is waited for. */
	recorder_read(recorder, 0);
	reorder_mark(&reader->reorder, info.events);
	do {
		error = recorder_read(recorder, 0);
		reorder_run(&reader->reorder);
		if (error >= 0 && reader->reorder.count)
			usleep(10000);
	} while (error >= 0 && reader->reorder.count && reader->count);
	return error;
}

static int follow(struct reader *reader, struct recorder *recorder, int dev, __u64 until)
{
	struct sbpf_info info;
	int error;

	while (!interrupted() && reader->count && reorder_now() < until) {
		error = recorder_read(recorder, POLL_MS);
		if (error == -EINTR)
			continue;
		if (error >= 0)
			error = sbpf_module(dev, &info);
		if (error < 0)
			return error;
		reorder_mark(&reader->reorder, info.events);
		reorder_run(&reader->reorder);
		if (fflush(stdout))
			return 0;
	}
	return drain(reader, recorder, dev);
}

static int cannot(const char *what, int error)
{
	/* What libbpf makes of a lack of permission would mislead. */
	if (error == -EPERM)
		out_forget();
	return out_error(geteuid() ? "events are shown to root" : "sbpf check may tell why",
			 "%s: %s", what, strerror(-error));
}

/* Print events as they happen, from a recorder of our own. */
static int follow_own(struct reader *reader, struct recorder *recorder, int dev, __u64 timeout)
{
	__u64 wanted = reader->count;
	__u64 until;
	int error;

	catch_signals();
	error = recorder_start(recorder, dev);
	if (error)
		return cannot("cannot record events", error);
	reader->reorder.next = recorder->next;
	out_note("following events");
	until = timeout == ~0ULL ? timeout : reorder_now() + timeout * 1000;
	error = follow(reader, recorder, dev, until);
	recorder_close(recorder, 0);
	if (error < 0 && error != ENOUGH && error != -EINTR)
		return cannot("cannot read events", error);
	if (wanted != ~0ULL && reader->count && !interrupted())
		return out_error(NULL, "time is over after %llu of %llu events",
				 wanted - reader->count, wanted);
	return EXIT_SUCCESS;
}

/* Print what the pinned recorder holds. */
static int read_pinned(struct reader *reader, struct recorder *recorder, int dev)
{
	int error;

	error = recorder_open(recorder);
	if (error == -ENOENT)
		return out_error("sbpf policy load starts the recorder; --follow needs none",
				 "no events have been recorded");
	if (error)
		return cannot("cannot open the recorded events", error);
	reader->reorder.next = recorder->next;
	error = drain(reader, recorder, dev);
	recorder_close(recorder, reader->reorder.next);
	return error < 0 ? cannot("cannot read events", error) : EXIT_SUCCESS;
}

static int run_events(int argc, char **argv)
{
	static const struct option options[] = {
		{ "follow", no_argument, NULL, 'f' },
		{ "sandbox", required_argument, NULL, 's' },
		{ "count", required_argument, NULL, 'c' },
		{ "timeout", required_argument, NULL, 't' },
		{ NULL, 0, NULL, 0 }
	};
	static struct reader reader;
	struct recorder recorder = { .event = arrived, .context = &reader };
	const char *sandbox = NULL;
	bool following = false;
	__u64 timeout = ~0ULL;
	int c, dev, status;

	reader.count = ~0ULL;
	reader.reorder.event = in_order;
	reader.reorder.lost = missing;
	reader.reorder.context = &reader;
	while ((c = cli_getopt(argc, argv, options)) != -1) {
		if (c == 's')
			sandbox = optarg;
		else
			following = true;
		if (c == 'c' && (!cli_number(optarg, &reader.count) || !reader.count))
			return cli_usage("not a number of events: %s", optarg);
		if (c == 't' && (!cli_number(optarg, &timeout) || timeout > 1000000000))
			return cli_usage("not a number of seconds: %s", optarg);
	}
	cli_operands(argc, argv, 0);

	dev = dev_open();
	if (dev < 0)
		return EXIT_FAILURE;
	if (sandbox && sandbox_find(dev, sandbox, &reader.sandbox))
		status = EXIT_FAILURE;
	else if (following)
		status = follow_own(&reader, &recorder, dev, timeout);
	else
		status = read_pinned(&reader, &recorder, dev);
	reorder_free(&reader.reorder);
	close(dev);
	return status;
}

const struct verb verb_events = {
	.name = "events",
	.args = "[--follow] [--sandbox ID] [--count N] [--timeout SEC]",
	.summary = "Show what was denied, noted, written, loaded and what became of sandboxes",
	.help = "Without --follow: what was recorded since the last time, or since the first\n"
		"\"sbpf policy load\". Events are shown once.\n\n"
		"  --follow        show events as they happen, from now on\n"
		"  --sandbox ID    only those of one sandbox: a number, or a name if it exists\n"
		"  --count N       follow until N events were shown\n"
		"  --timeout SEC   follow for so many seconds; failure if --count was not reached\n",
	.run = run_events,
};
