// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - "ledger": who wrote into the memory of whom, and who loads BPF programs that could
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "cli.h"
#include "dev.h"
#include "names.h"
#include "out.h"
#include "uapi/sbpf.h"

#define LEDGER_PATH	"/dev/sbpf_ledger"

/* How often to look for new records, in microseconds. */
#define POLL_US		100000

/**
 * struct view - What is wanted, and how far we are
 * @next: number of the record that comes next
 * @pid: show only what this process or thread did or suffered, 0 for all
 * @count: how many records are still to be shown
 */
struct view {
	__u64 next;
	__u64 pid;
	__u64 count;
};

static const char *protection_name(__u32 bit)
{
	static const char *const names[] = { "read", "write", "exec" };

	return bit < ARRAY_SIZE(names) ? names[bit] : "other";
}

static void tag_text(char *text, size_t size, const struct sbpf_write_record *record)
{
	size_t i;

	*text = 0;
	for (i = 0; i < sizeof(record->tag) && 2 * i + 2 < size; i++)
		sprintf(text + 2 * i, "%02x", record->tag[i]);
}

/* Who writes, in words. */
static void writer_text(char *text, size_t size, const struct sbpf_write_record *record)
{
	char comm[4 * sizeof(record->comm)], program[4 * SBPF_PROGRAM_MAX];

	out_clean(comm, sizeof(comm), record->comm, sizeof(record->comm));
	out_clean(program, sizeof(program), record->program, sizeof(record->program));
	if (record->channel != SBPF_CHANNEL_BPF)
		snprintf(text, size, "%s[%u]%s%s", comm, record->pid, *program ? " by " : "",
			 program);
	else if (record->pid)
		snprintf(text, size, "program %s[%u] of %s[%u]", program, record->program_id,
			 comm, record->pid);
	else
		snprintf(text, size, "program %s[%u] of user %u", program, record->program_id,
			 record->uid);
}

/* A program that was loaded. */
static void show_load(struct json_object *json, const struct sbpf_write_record *record)
{
	char comm[4 * sizeof(record->comm)], program[4 * SBPF_PROGRAM_MAX];
	char harm[4 * SBPF_PATH_MAX];
	const char *type = libbpf_bpf_prog_type_str(record->request);

	out_text(json, "program_type", type ? type : "unknown", 32);
	out_text(json, "harm", record->path, sizeof(record->path));
	out_u64(json, "instructions", record->len);
	out_record(json, "%llu.%06llu %llu load %s[%u] of user %u: %s program %s[%u] %s: %s",
		   record->time_ns / 1000000000, record->time_ns / 1000 % 1000000, record->seq,
		   out_clean(comm, sizeof(comm), record->comm, sizeof(record->comm)),
		   record->pid, record->uid, type ? type : "unknown",
		   out_clean(program, sizeof(program), record->program,
			     sizeof(record->program)), record->program_id,
		   out_clean(harm, sizeof(harm), record->path, sizeof(record->path)),
		   record->error ? "denied" : "allowed");
}

/* Where it goes to, in words. */
static void mapping_text(char *text, size_t size, const struct sbpf_write_record *record)
{
	char path[4 * SBPF_PATH_MAX], prot[32];

	out_clean(path, sizeof(path), record->path, sizeof(record->path));
	if (record->request && record->channel == SBPF_CHANNEL_REGISTERS)
		snprintf(text, size, "%s", name_ptrace(record->request));
	else if (record->mapping <= SBPF_MAPPING_NONE)
		snprintf(text, size, "%s", name_mapping(record->mapping));
	else
		snprintf(text, size, "%s %s", *path ? path : name_mapping(record->mapping),
			 out_names(prot, sizeof(prot), record->prot, protection_name));
}

static void show(const struct sbpf_write_record *record)
{
	char writer[512], mapping[5 * SBPF_PATH_MAX], target[4 * sizeof(record->target_comm)];
	char tag[2 * sizeof(record->tag) + 1];
	struct json_object *json = out_new();

	out_u64(json, "seq", record->seq);
	out_u64(json, "time_ns", record->time_ns);
	out_text(json, "channel", name_channel(record->channel), 32);
	out_text(json, "verdict", record->error ? "denied" : "allowed", 8);
	out_i64(json, "error", record->error);
	out_u64(json, "pid", record->pid);
	out_u64(json, "tgid", record->tgid);
	out_text(json, "comm", record->comm, sizeof(record->comm));
	out_u64(json, "uid", record->uid);
	out_u64(json, "sandbox", record->sandbox);
	if (*record->program)
		out_text(json, "program", record->program, sizeof(record->program));
	if (record->channel == SBPF_CHANNEL_BPF || record->channel == SBPF_CHANNEL_LOAD) {
		tag_text(tag, sizeof(tag), record);
		out_u64(json, "program_id", record->program_id);
		out_text(json, "tag", tag, sizeof(tag));
	}
	if (record->channel == SBPF_CHANNEL_LOAD) {
		show_load(json, record);
		return;
	}
	out_u64(json, "target_pid", record->target_pid);
	out_u64(json, "target_tgid", record->target_tgid);
	out_text(json, "target_comm", record->target_comm, sizeof(record->target_comm));
	out_u64(json, "target_uid", record->target_uid);
	out_u64(json, "target_sandbox", record->target_sandbox);
	if (record->request)
		out_text(json, "request", name_ptrace(record->request), 32);
	out_u64(json, "addr", record->addr);
	out_u64(json, "len", record->len);
	out_text(json, "mapping", name_mapping(record->mapping), 32);
	if (*record->path)
		out_text(json, "path", record->path, sizeof(record->path));
	out_list(json, "prot", record->prot, protection_name);

	writer_text(writer, sizeof(writer), record);
	mapping_text(mapping, sizeof(mapping), record);
	out_record(json, "%llu.%06llu %llu %s %s to %s[%u] 0x%llx+%llu %s: %s",
		   record->time_ns / 1000000000, record->time_ns / 1000 % 1000000, record->seq,
		   name_channel(record->channel), writer,
		   out_clean(target, sizeof(target), record->target_comm,
			     sizeof(record->target_comm)),
		   record->target_pid, record->addr, record->len, mapping,
		   record->error ? "denied" : "allowed");
}

static void show_gap(__u64 first, __u64 count)
{
	struct json_object *json = out_new();

	out_u64(json, "lost", count);
	out_u64(json, "seq", first);
	out_record(json, "%llu records are not kept any more", count);
}

static void take(struct view *view, const struct sbpf_write_record *record)
{
	if (!view->count)
		return;
	if (record->seq > view->next)
		show_gap(view->next, record->seq - view->next);
	view->next = record->seq + 1;
	if (view->pid && view->pid != record->pid && view->pid != record->tgid &&
	    view->pid != record->target_pid && view->pid != record->target_tgid)
		return;
	view->count--;
	show(record);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

/* Read until nothing is left, or with @following until @until or enough was shown. */
static int read_all(struct view *view, int fd, bool following, double until)
{
	static struct sbpf_write_record records[64];
	ssize_t len, i;

	while (view->count) {
		len = read(fd, records, sizeof(records));
		if (len < 0 && errno != EINTR)
			return out_error(NULL, "cannot read: %s: %m", LEDGER_PATH);
		for (i = 0; i < len / (ssize_t)sizeof(*records); i++)
			take(view, &records[i]);
		if (len > 0)
			continue;
		if (!following || now() >= until)
			break;
		if (fflush(stdout))
			break;
		usleep(POLL_US);
	}
	return EXIT_SUCCESS;
}

static int run_ledger(int argc, char **argv)
{
	static const struct option options[] = {
		{ "follow", no_argument, NULL, 'f' },
		{ "pid", required_argument, NULL, 'p' },
		{ "count", required_argument, NULL, 'c' },
		{ "timeout", required_argument, NULL, 't' },
		{ NULL, 0, NULL, 0 }
	};
	struct view view = { .next = 1, .count = ~0ULL };
	__u64 timeout = ~0ULL, wanted;
	bool following = false;
	int c, fd, status;

	while ((c = cli_getopt(argc, argv, options)) != -1) {
		if (c == 'p' && (!cli_number(optarg, &view.pid) || !view.pid))
			return cli_usage("not a process: %s", optarg);
		if (c != 'p')
			following = true;
		if (c == 'c' && (!cli_number(optarg, &view.count) || !view.count))
			return cli_usage("not a number of records: %s", optarg);
		if (c == 't' && (!cli_number(optarg, &timeout) || timeout > 1000000000))
			return cli_usage("not a number of seconds: %s", optarg);
	}
	cli_operands(argc, argv, 0);

	fd = open(LEDGER_PATH, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return out_error(DEV_LOAD_HINT, "the module is not loaded: " LEDGER_PATH);
	if (fd < 0)
		return out_error(errno == EACCES ? "the group of the file may read it" : NULL,
				 "cannot open: %s: %m", LEDGER_PATH);
	wanted = view.count;
	status = read_all(&view, fd, following, timeout == ~0ULL ? 1e18 : now() + timeout);
	close(fd);
	if (!status && wanted != ~0ULL && view.count)
		return out_error(NULL, "time is over after %llu of %llu records",
				 wanted - view.count, wanted);
	return status;
}

const struct verb verb_ledger = {
	.name = "ledger",
	.args = "[--follow] [--pid P] [--count N] [--timeout SEC]",
	.summary = "Show who wrote into the memory of others, and loads of BPF programs that could",
	.help = "Shows the records that the kernel keeps, the oldest first, and how many are\n"
		"missing.\n\n"
		"  --follow        go on with those that come\n"
		"  --pid P         only what this process or thread did or suffered\n"
		"  --count N       follow until N records were shown\n"
		"  --timeout SEC   follow for so many seconds; failure if --count was not reached\n",
	.run = run_ledger,
};
