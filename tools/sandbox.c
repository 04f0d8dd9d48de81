// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - "list", "show" and "kill": sandboxes that exist
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "dev.h"
#include "limits.h"
#include "names.h"
#include "out.h"
#include "sandbox.h"
#include "told.h"

#define LIST_HINT	"sbpf list shows the sandboxes within reach"

/* Of how many to ask at a time. */
#define AT_A_TIME	32

static __u64 total(const __u64 *counters)
{
	__u64 sum = 0;
	int i;

	for (i = 0; i < 64; i++)
		sum += counters[i];
	return sum;
}

static __u64 all_denied(const struct sbpf_stat *stat)
{
	return total(stat->denied) + stat->denied_other;
}

static void add_resource(struct json_object *resources, int number, __u64 usage, __u64 peak,
			 __u64 limit, __u32 action, FILE *text)
{
	const char *name = name_resource(number);
	struct json_object *resource = out_new();
	char used[32], most[32], max[32];

	out_text(resource, "resource", name, 32);
	if (usage != SBPF_UNKNOWN) {
		out_u64(resource, "usage", usage);
		out_u64(resource, "peak", peak);
	}
	if (limit != SBPF_UNLIMITED) {
		out_u64(resource, "limit", limit);
		out_text(resource, "action", name_action(action), 16);
	}
	out_append(resources, resource);
	if (!text || ((!peak || peak == SBPF_UNKNOWN) && limit == SBPF_UNLIMITED))
		return;
	fprintf(text, "\n  %-20s %10s now %10s at most, limit %s", name,
		limits_text(used, sizeof(used), number, usage),
		limits_text(most, sizeof(most), number, peak),
		limits_text(max, sizeof(max), number, limit));
	if (limit != SBPF_UNLIMITED && action != SBPF_ACTION_DENY)
		fprintf(text, " (%s)", name_action(action));
}

/* Add what the sandbox uses; as lines of text, too. */
static void add_resources(struct json_object *record, const struct sbpf_stat *stat, FILE *text)
{
	struct json_object *resources = out_array(record, "resources");
	__u32 i;

	for (i = 0; i < stat->resources_count && i < ARRAY_SIZE(stat->usage); i++)
		add_resource(resources, i, stat->usage[i], stat->peak[i], stat->limit[i],
			     stat->action[i], text);
}

static struct json_object *brief_record(const struct sbpf_brief *brief)
{
	struct json_object *record = out_new();

	out_u64(record, "sandbox", brief->id);
	out_text(record, "name", brief->name, sizeof(brief->name));
	out_text(record, "state", name_state(brief->state), 16);
	out_text(record, "policy", brief->policy, sizeof(brief->policy));
	out_u64(record, "generation", brief->policy_generation);
	out_list(record, "flags", brief->flags, name_sandbox_flag);
	out_u64(record, "parent", brief->parent);
	out_u64(record, "layer", brief->layer);
	out_u64(record, "uid", brief->uid);
	out_u64(record, "created_ns", brief->created_ns);
	out_u64(record, "pids", brief->usage[SBPF_RESOURCE_PIDS]);
	out_u64(record, "pids_peak", brief->pids_peak);
	if (brief->pids_limit != SBPF_UNLIMITED)
		out_u64(record, "pids_limit", brief->pids_limit);
	if (brief->stopped)
		out_text(record, "stopped", name_resource(brief->stopped - 1), 32);
	out_u64(record, "asked", brief->asked);
	out_u64(record, "denied", brief->denied);
	return record;
}

static struct json_object *stat_record(const struct sbpf_stat *stat)
{
	struct json_object *record;
	struct sbpf_brief brief = {
		.id = stat->id,
		.parent = stat->parent,
		.created_ns = stat->created_ns,
		.policy_generation = stat->policy_generation,
		.state = stat->state,
		.layer = stat->layer,
		.flags = stat->flags,
		.uid = stat->uid,
		.stopped = stat->stopped,
		.pids_peak = stat->peak[SBPF_RESOURCE_PIDS],
		.pids_limit = stat->limit[SBPF_RESOURCE_PIDS],
		.asked = total(stat->asked),
		.denied = all_denied(stat),
		.usage[SBPF_RESOURCE_PIDS] = stat->usage[SBPF_RESOURCE_PIDS],
	};

	memcpy(brief.policy, stat->policy, sizeof(brief.policy));
	memcpy(brief.name, stat->name, sizeof(brief.name));
	record = brief_record(&brief);
	out_u64(record, "events", stat->events);
	return record;
}

static int cannot_list(int error)
{
	return out_error(NULL, "cannot list the sandboxes: %s", strerror(-error));
}

/* Find the one sandbox of a name. */
static int find_name(int dev, const char *name, __u64 *id)
{
	struct sbpf_brief briefs[AT_A_TIME];
	unsigned int found = 0;
	__u64 from = 0;
	int count, i;

	do {
		count = sbpf_list(dev, &from, briefs, AT_A_TIME);
		if (count < 0)
			return cannot_list(count);
		for (i = 0; i < count; i++) {
			if (strncmp(briefs[i].name, name, sizeof(briefs[i].name)))
				continue;
			*id = briefs[i].id;
			found++;
		}
	} while (from);
	if (!found)
		return out_error(LIST_HINT, "no such sandbox: %s", name);
	if (found > 1)
		return out_error(LIST_HINT, "%u sandboxes have this name, give a number: %s", found,
				 name);
	return 0;
}

/**
 * sandbox_find - Find the sandbox that the user means
 * @dev: from dev_open()
 * @text: its number, or its name if no other has it
 * @id: where to put its number; a number is not checked
 *
 * Reports what is wrong if that fails.
 *
 * Return: 0 or EXIT_FAILURE.
 */
int sandbox_find(int dev, const char *text, __u64 *id)
{
	return cli_number(text, id) ? 0 : find_name(dev, text, id);
}

/* Open the sandbox that the command line names: a descriptor, or -1. */
static int open_operand(int argc, char **argv)
{
	int dev, sandbox = -1;
	__u64 id;

	cli_operands(argc, argv, 1);
	dev = dev_open();
	if (dev < 0)
		return -1;
	if (!sandbox_find(dev, argv[optind], &id)) {
		sandbox = sbpf_open(dev, id);
		if (sandbox < 0)
			out_error(LIST_HINT, "cannot open sandbox: %llu: %s", id,
				  sandbox == -ENOENT ? "no such sandbox" : strerror(-sandbox));
	}
	close(dev);
	return sandbox < 0 ? -1 : sandbox;
}

/* The same, of a verb that has no options. */
static int open_plain(int argc, char **argv)
{
	cli_plain(argc, argv, 1);
	return open_operand(argc, argv);
}

static void show_brief(const struct sbpf_brief *brief)
{
	char limit[24], name[4 * SBPF_NAME_MAX];

	out_record(brief_record(brief), "%6llu %-6s %-15s %4llu %6llu %6s %10llu %s", brief->id,
		   name_state(brief->state), brief->policy, brief->policy_generation,
		   brief->usage[SBPF_RESOURCE_PIDS],
		   limits_text(limit, sizeof(limit), SBPF_RESOURCE_PIDS, brief->pids_limit),
		   brief->denied, out_clean(name, sizeof(name), brief->name, sizeof(brief->name)));
}

static int run_list(int argc, char **argv)
{
	struct sbpf_brief briefs[AT_A_TIME];
	int dev, count, i;
	__u64 from = 0;

	cli_plain(argc, argv, 0);
	dev = dev_open();
	if (dev < 0)
		return EXIT_FAILURE;
	out_heading("    ID STATE  POLICY           GEN   PIDS  LIMIT     DENIED NAME");
	do {
		count = sbpf_list(dev, &from, briefs, AT_A_TIME);
		for (i = 0; i < count; i++)
			show_brief(&briefs[i]);
	} while (count >= 0 && from);
	close(dev);
	return count < 0 ? cannot_list(count) : EXIT_SUCCESS;
}

/* The name of a task, empty when it is gone. */
static void read_comm(__u64 pid, char *comm, size_t size)
{
	char path[48];
	ssize_t len;
	int fd;

	*comm = '\0';
	snprintf(path, sizeof(path), "/proc/%llu/comm", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	len = read(fd, comm, size - 1);
	close(fd);
	if (len > 0 && comm[len - 1] == '\n')
		len--;
	comm[len > 0 ? len : 0] = '\0';
}

static void add_operation(struct json_object *operations, const char *op, __u64 asked,
			  __u64 denied, FILE *text)
{
	struct json_object *operation = out_new();

	out_text(operation, "op", op, 32);
	out_u64(operation, "asked", asked);
	out_u64(operation, "denied", denied);
	out_append(operations, operation);
	if (text)
		fprintf(text, "\n  %-20s %10llu asked %10llu denied", op, asked, denied);
}

/* Add what the policy was asked, operation by operation; as lines of text, too. */
static void add_operations(struct json_object *record, const struct sbpf_stat *stat, FILE *text)
{
	struct json_object *operations = out_array(record, "operations");
	__u32 op;

	for (op = 0; op < stat->ops_count && op < 64; op++)
		if (stat->asked[op] || stat->denied[op])
			add_operation(operations, name_op(op), stat->asked[op],
				      stat->denied[op], text);
	if (stat->denied_other)
		add_operation(operations, "other", 0, stat->denied_other, text);
}

static void add_members(struct json_object *record, int sandbox, FILE *text)
{
	struct json_object *members, *member;
	char comm[32], clean[4 * sizeof(comm)];
	__u64 *pids;
	__u32 count, i;
	int error;

	error = sandbox_members(sandbox, &pids, &count);
	if (error) {
		fprintf(text, "\nmembers:    %s", strerror(-error));
		return;
	}
	fprintf(text, "\nmembers:    %u", count);
	members = out_array(record, "members");
	for (i = 0; i < count; i++) {
		read_comm(pids[i], comm, sizeof(comm));
		member = out_new();
		out_u64(member, "pid", pids[i]);
		out_text(member, "comm", comm, sizeof(comm));
		out_append(members, member);
		fprintf(text, "\n  %8llu %s", pids[i],
			out_clean(clean, sizeof(clean), comm, sizeof(comm)));
	}
	free(pids);
}

static int show(int sandbox)
{
	struct json_object *record;
	struct sbpf_stat stat;
	char name[4 * SBPF_NAME_MAX], flags[64], limit[24];
	char *text = NULL;
	size_t size;
	FILE *stream;
	int error;

	error = sbpf_stat(sandbox, &stat);
	if (error)
		return out_error(NULL, "cannot look at the sandbox: %s", strerror(-error));
	stream = open_memstream(&text, &size);
	if (!stream)
		return out_error(NULL, "%m");
	fprintf(stream, "sandbox:    %llu", stat.id);
	fprintf(stream, "\nname:       %s",
		out_clean(name, sizeof(name), stat.name, sizeof(stat.name)));
	fprintf(stream, "\nstate:      %s", name_state(stat.state));
	fprintf(stream, "\npolicy:     %s, generation %llu", stat.policy, stat.policy_generation);
	fprintf(stream, "\nflags:      %s",
		out_names(flags, sizeof(flags), stat.flags, name_sandbox_flag));
	fprintf(stream, "\nlayer:      %u", stat.layer);
	if (stat.parent)
		fprintf(stream, ", nested in sandbox %llu", stat.parent);
	fprintf(stream, "\nuser:       %u", stat.uid);
	fprintf(stream, "\npids:       %llu now, %llu at most, limit %s",
		stat.usage[SBPF_RESOURCE_PIDS], stat.peak[SBPF_RESOURCE_PIDS],
		limits_text(limit, sizeof(limit), SBPF_RESOURCE_PIDS,
			    stat.limit[SBPF_RESOURCE_PIDS]));
	if (stat.stopped)
		fprintf(stream, "\nstopped:    by the limit of %s",
			name_resource(stat.stopped - 1));
	fprintf(stream, "\nevents:     %llu", stat.events);
	fprintf(stream, "\nresources:");
	record = stat_record(&stat);
	add_resources(record, &stat, stream);
	fprintf(stream, "\noperations: %llu asked, %llu denied", total(stat.asked),
		all_denied(&stat));
	add_operations(record, &stat, stream);
	add_members(record, sandbox, stream);
	fclose(stream);
	out_record(record, "%s", text);
	free(text);
	return EXIT_SUCCESS;
}

static int run_show(int argc, char **argv)
{
	static const struct option options[] = {
		{ "rules", no_argument, NULL, 'r' },
		{ NULL, 0, NULL, 0 }
	};
	bool rules = false;
	int sandbox, status;

	while (cli_getopt(argc, argv, options) != -1)
		rules = true;
	sandbox = open_operand(argc, argv);
	if (sandbox < 0)
		return EXIT_FAILURE;
	status = rules ? told_rules(sandbox) : show(sandbox);
	close(sandbox);
	return status;
}

static void show_stats(const struct sbpf_stat *stat)
{
	static const int shown[] = {
		SBPF_RESOURCE_CPU_TIME, SBPF_RESOURCE_MEMORY, SBPF_RESOURCE_FILES_OPENED,
		SBPF_RESOURCE_BYTES_READ, SBPF_RESOURCE_BYTES_WRITTEN, SBPF_RESOURCE_EXECS,
	};
	char used[ARRAY_SIZE(shown)][32], name[4 * SBPF_NAME_MAX];
	struct json_object *record = stat_record(stat);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(shown); i++)
		limits_text(used[i], sizeof(used[i]), shown[i], stat->usage[shown[i]]);
	add_resources(record, stat, NULL);
	add_operations(record, stat, NULL);
	out_record(record, "%6llu %6llu %10s %8s %10s %10s %10s %10s %10llu %s", stat->id,
		   stat->usage[SBPF_RESOURCE_PIDS], used[0], used[1], used[2], used[3], used[4],
		   used[5], all_denied(stat),
		   out_clean(name, sizeof(name), stat->name, sizeof(stat->name)));
}

static int run_stats(int argc, char **argv)
{
	struct sbpf_stat stats[AT_A_TIME];
	int dev, count, i;
	__u64 from = 0;

	cli_plain(argc, argv, 0);
	dev = dev_open();
	if (dev < 0)
		return EXIT_FAILURE;
	out_heading("    ID   PIDS   CPU TIME   MEMORY     OPENED       READ    WRITTEN      EXECS"
		    "     DENIED NAME");
	do {
		count = sbpf_list_stats(dev, &from, stats, AT_A_TIME);
		for (i = 0; i < count; i++)
			show_stats(&stats[i]);
	} while (count >= 0 && from);
	close(dev);
	return count < 0 ? cannot_list(count) : EXIT_SUCCESS;
}

static int run_thaw(int argc, char **argv)
{
	int sandbox, error;

	sandbox = open_plain(argc, argv);
	if (sandbox < 0)
		return EXIT_FAILURE;
	error = sbpf_thaw(sandbox);
	close(sandbox);
	return error ? out_error(NULL, "cannot thaw the sandbox: %s", strerror(-error)) :
		       EXIT_SUCCESS;
}

static int run_kill(int argc, char **argv)
{
	int sandbox, status;

	sandbox = open_plain(argc, argv);
	if (sandbox < 0)
		return EXIT_FAILURE;
	status = sandbox_kill(sandbox) ? EXIT_SUCCESS : EXIT_FAILURE;
	close(sandbox);
	return status;
}

const struct verb verb_list = {
	.name = "list",
	.args = "",
	.summary = "List the sandboxes within reach",
	.help = "Those of the same user; root reaches all, a member of a sandbox those nested\n"
		"in its own.\n",
	.run = run_list,
};

const struct verb verb_show = {
	.name = "show",
	.args = "[--rules] ID",
	.summary = "Show one sandbox, its statistics and members, or its rules",
	.help = "ID is a sandbox's number, or its name if no other has it.\n"
		"  --rules                instead, each of its rules\n",
	.run = run_show,
};

const struct verb verb_kill = {
	.name = "kill",
	.args = "ID",
	.summary = "Kill all members of a sandbox and wait until they are gone",
	.help = "ID is a sandbox's number, or its name if no other has it.\n",
	.run = run_kill,
};

const struct verb verb_thaw = {
	.name = "thaw",
	.args = "ID",
	.summary = "Let the members of a sandbox go on that a limit has frozen",
	.help = "ID is a sandbox's number, or its name if no other has it.\n",
	.run = run_thaw,
};

const struct verb verb_stats = {
	.name = "stats",
	.args = "",
	.summary = "Show what all sandboxes within reach use",
	.help = "With --json all resources, limits and operations of each.\n",
	.run = run_stats,
};
