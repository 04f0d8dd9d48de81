/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Path rules as the command line has them
 */
#ifndef _SBPF_TOOLS_RULES_H
#define _SBPF_TOOLS_RULES_H

#include "uapi/sbpf.h"

/**
 * struct rules - Rules that were asked for; all zero to begin with
 * @paths: descriptors and what is allowed of them
 * @count: number of @paths
 */
struct rules {
	struct sbpf_path_rule *paths;
	__u32 count;
};

int rules_add(struct rules *rules, const char *option, const char *path);
void rules_add_command(struct rules *rules, const char *command);
int rules_apply(struct rules *rules, int sandbox);

#endif /* _SBPF_TOOLS_RULES_H */
