/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Rules as people write them, until a sandbox gets them
 *
 * Those about paths are kept as text and become descriptors when they are
 * given to the sandbox: what is mounted by then counts.
 */
#ifndef _SBPF_TOOLS_RULES_H
#define _SBPF_TOOLS_RULES_H

#include <stdbool.h>

#include "out.h"
#include "uapi/sbpf.h"

/**
 * struct fault - What is wrong with a value
 * @what: a sentence
 * @remedy: what to do about it, may be empty
 */
struct fault {
	char what[512];
	char remedy[512];
};

int __printf(3, 4) fault_set(struct fault *fault, const char *remedy, const char *fmt, ...);

/**
 * enum rule_kind - What a path is for
 * @RULE_RO: to read and execute it and what is below it
 * @RULE_RW: to read and write, not to execute
 * @RULE_EXEC: to read and execute files
 * @RULE_DENY: nothing at all
 * @RULE_UNIX: a socket, to be connected to
 * @RULE_NODE: a device, as far as its own rules allow
 */
enum rule_kind {
	RULE_RO,
	RULE_RW,
	RULE_EXEC,
	RULE_DENY,
	RULE_UNIX,
	RULE_NODE,
};

/**
 * struct path_rule - A rule about a path, or about those that match a pattern
 * @pattern: path; what stands for itself although it looks like a pattern has \ before it
 * @where: for messages: the place that it was written at
 * @kind: what it is for
 * @optional: it may be missing
 */
struct path_rule {
	char *pattern;
	char *where;
	enum rule_kind kind;
	bool optional;
};

/**
 * struct rules - Rules that were asked for; all zero to begin with
 * @paths: those about paths
 * @nets: those about addresses
 * @devs: those about devices
 * @paths_count: number of @paths
 * @nets_count: number of @nets
 * @devs_count: number of @devs
 * @rights: mask by enum sbpf_right
 * @capabilities: mask by CAP_*
 * @sockets: enum sbpf_socket
 * @small: the process is to keep a small table of descriptors, whose size can be seen
 */
struct rules {
	struct path_rule *paths;
	struct sbpf_net_rule *nets;
	struct sbpf_dev_rule *devs;
	__u32 paths_count;
	__u32 nets_count;
	__u32 devs_count;
	__u64 rights;
	__u64 capabilities;
	__u64 sockets;
	bool small;
};

char *rules_escape(const char *text);
int rules_add_path(struct rules *rules, enum rule_kind kind, const char *pattern,
		   bool optional, const char *where, struct fault *fault);
void rules_add_command(struct rules *rules, const char *command);
void rules_add_net(struct rules *rules, const struct sbpf_net_rule *rule);
void rules_add_dev(struct rules *rules, const struct sbpf_dev_rule *rule);
int rules_apply(const struct rules *rules, int sandbox);

#endif /* _SBPF_TOOLS_RULES_H */
