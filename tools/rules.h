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
 * @asked: options and paths as they were given, of the same number
 * @count: number of both
 */
struct rules {
	struct sbpf_path_rule *paths;
	struct rules_option {
		const char *option;
		const char *path;
	} *asked;
	__u32 count;
};

void rules_add(struct rules *rules, const char *option, const char *path);
int rules_open(struct rules *rules, const char *command);
int rules_apply(struct rules *rules, int sandbox);

#endif /* _SBPF_TOOLS_RULES_H */
