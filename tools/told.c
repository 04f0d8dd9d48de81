// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - The rules of a sandbox, as the module tells them
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "dev.h"
#include "names.h"
#include "out.h"
#include "told.h"

/* Of how many to ask at a time. */
#define AT_A_TIME	64

/* As the module has numbers of devices. */
#define MAJOR(dev)	((dev) >> 20)
#define MINOR(dev)	((dev) & 0xfffff)

/* What any kind of rule says. */
struct says {
	const char *kind;
	char what[160];
	__u32 allow;
	__u32 deny;
	const char *(*name)(__u32 bit);
};

static void show(struct json_object *record, const struct says *says)
{
	char allow[256], deny[256];

	out_list(record, "allow", says->allow, says->name);
	out_list(record, "deny", says->deny, says->name);
	out_record(record, "%-7s %-32s allow %s deny %s", says->kind, says->what,
		   out_names(allow, sizeof(allow), says->allow, says->name),
		   out_names(deny, sizeof(deny), says->deny, says->name));
}

static struct json_object *begin(const char *kind)
{
	struct json_object *record = out_new();

	out_text(record, "rule", kind, 16);
	return record;
}

static struct json_object *begin_file(const char *kind, __u32 dev, __u64 ino)
{
	struct json_object *record = begin(kind);
	char text[32];

	snprintf(text, sizeof(text), "%u:%u", MAJOR(dev), MINOR(dev));
	out_text(record, "dev", text, sizeof(text));
	out_u64(record, "ino", ino);
	return record;
}

static void show_path(const void *from)
{
	const struct sbpf_path_record *rule = from;
	struct says says = { "path", "", rule->allow, rule->deny, name_access };

	snprintf(says.what, sizeof(says.what), "%u:%u inode %llu", MAJOR(rule->dev),
		 MINOR(rule->dev), rule->ino);
	show(begin_file(says.kind, rule->dev, rule->ino), &says);
}

static void show_name(const void *from)
{
	const struct sbpf_name_record *rule = from;
	struct says says = { "name", "", rule->allow, rule->deny, name_access };
	struct json_object *record = begin_file(says.kind, rule->dev, rule->ino);
	char pattern[4 * SBPF_PATTERN_MAX];

	out_text(record, "pattern", rule->pattern, sizeof(rule->pattern));
	snprintf(says.what, sizeof(says.what), "%u:%u inode %llu %.100s", MAJOR(rule->dev),
		 MINOR(rule->dev), rule->ino,
		 out_clean(pattern, sizeof(pattern), rule->pattern, sizeof(rule->pattern)));
	show(record, &says);
}

static void show_net(const void *from)
{
	const struct sbpf_net_rule *rule = from;
	struct says says = { "net", "", rule->allow, rule->deny, name_net_access };
	struct json_object *record = begin(says.kind);
	char address[INET6_ADDRSTRLEN] = "", ports[32] = "";

	inet_ntop(rule->family, rule->address, address, sizeof(address));
	snprintf(says.what, sizeof(says.what), "%s/%u", address, rule->prefix);
	out_text(record, "address", says.what, sizeof(says.what));
	out_u64(record, "port_first", rule->port_first);
	out_u64(record, "port_last", rule->port_last);
	if (rule->port_first == rule->port_last)
		snprintf(ports, sizeof(ports), " port %u", rule->port_first);
	else if (rule->port_first || rule->port_last != 65535)
		snprintf(ports, sizeof(ports), " ports %u-%u", rule->port_first, rule->port_last);
	strcat(says.what, ports);
	show(record, &says);
}

/* A number of a device, which may be any. */
static const char *number(char *buf, size_t size, __u32 value)
{
	if (value == SBPF_DEV_ANY)
		snprintf(buf, size, "*");
	else
		snprintf(buf, size, "%u", value);
	return buf;
}

static void show_dev(const void *from)
{
	const struct sbpf_dev_rule *rule = from;
	struct says says = { "device", "", rule->allow, rule->deny, name_dev_access };
	struct json_object *record = begin(says.kind);
	char major[16], minor[16], commands[48] = "";

	snprintf(says.what, sizeof(says.what), "%c:%s:%s", S_ISBLK(rule->type) ? 'b' : 'c',
		 number(major, sizeof(major), rule->major),
		 number(minor, sizeof(minor), rule->minor));
	out_text(record, "device", says.what, sizeof(says.what));
	out_u64(record, "ioctl_first", rule->ioctl_first);
	out_u64(record, "ioctl_last", rule->ioctl_last);
	if (rule->ioctl_first || rule->ioctl_last != ~0U)
		snprintf(commands, sizeof(commands), " commands %#x-%#x", rule->ioctl_first,
			 rule->ioctl_last);
	strcat(says.what, commands);
	show(record, &says);
}

static const struct {
	size_t size;
	void (*show)(const void *rule);
} kinds[SBPF_RULE_MAX] = {
	[SBPF_RULE_PATH] = { sizeof(struct sbpf_path_record), show_path },
	[SBPF_RULE_NAME] = { sizeof(struct sbpf_name_record), show_name },
	[SBPF_RULE_NET] = { sizeof(struct sbpf_net_rule), show_net },
	[SBPF_RULE_DEV] = { sizeof(struct sbpf_dev_rule), show_dev },
};

/* What is allowed by name, as a rule of its own; nothing if there is nothing. */
static void show_mask(const char *kind, __u64 mask, const char *(*name)(__u32 bit))
{
	struct json_object *record;
	char text[1024];

	if (!mask)
		return;
	record = begin(kind);
	out_list(record, "allow", mask, name);
	out_record(record, "%-40s allow %s", kind, out_names(text, sizeof(text), mask, name));
}

static int show_kind(int sandbox, __u32 kind, struct sbpf_get_rules *rules, char *records)
{
	int count, i;

	*rules = (struct sbpf_get_rules){ .kind = kind, .rules = (uintptr_t)records };
	do {
		rules->count = AT_A_TIME;
		count = sbpf_rules(sandbox, rules);
		for (i = 0; i < count; i++)
			kinds[kind].show(records + i * kinds[kind].size);
	} while (count >= 0 && rules->from);
	return count < 0 ? count : 0;
}

/**
 * told_rules - Print all rules of a sandbox, each as a record
 * @sandbox: its descriptor
 *
 * Reports what is wrong if that fails.
 *
 * Return: 0 or EXIT_FAILURE.
 */
int told_rules(int sandbox)
{
	/* The largest. */
	static struct sbpf_name_record records[AT_A_TIME];
	struct sbpf_get_rules rules = { 0 };
	int error = 0;
	__u32 kind;

	for (kind = 0; kind < SBPF_RULE_MAX && !error; kind++)
		error = show_kind(sandbox, kind, &rules, (char *)records);
	if (error)
		return out_error(NULL, "cannot ask for the rules: %s", strerror(-error));
	show_mask("rights", rules.rights, name_right);
	show_mask("capabilities", rules.capabilities, name_capability);
	show_mask("sockets", rules.sockets, name_socket);
	return EXIT_SUCCESS;
}
