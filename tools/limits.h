/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Limits of resources: the module's, those of a control group and of processes
 */
#ifndef _SBPF_TOOLS_LIMITS_H
#define _SBPF_TOOLS_LIMITS_H

#include <stdbool.h>
#include <stddef.h>

#include "rules.h"
#include "uapi/sbpf.h"

/**
 * enum limit_number - Numbers of limits that are not the module's
 * @LIMIT_MEMORY: memory in bytes, of a control group
 * @LIMIT_CPU: CPUs in thousandths, of a control group
 * @LIMIT_FILE_SIZE: size of one file in bytes, of each process
 * @LIMITS_MAX: how many limits there are, the module's included
 */
enum limit_number {
	LIMIT_MEMORY = SBPF_RESOURCE_MAX,
	LIMIT_CPU,
	LIMIT_FILE_SIZE,
	LIMITS_MAX,
};

/**
 * struct limits - Limits that were asked for
 * @limit: by enum sbpf_resource and enum limit_number, 0 for none
 * @action: enum sbpf_action of each
 */
struct limits {
	__u64 limit[LIMITS_MAX];
	__u32 action[LIMITS_MAX];
};

int limits_parse(struct limits *limits, int number, const char *value, struct fault *fault);
int limits_apply(const struct limits *limits, int sandbox);
int limits_file_size(const struct limits *limits);
const char *limits_text(char *buf, size_t size, int number, __u64 amount);

#endif /* _SBPF_TOOLS_LIMITS_H */
