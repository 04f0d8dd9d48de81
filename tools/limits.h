/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Limits of resources
 */
#ifndef _SBPF_TOOLS_LIMITS_H
#define _SBPF_TOOLS_LIMITS_H

#include <stdbool.h>
#include <stddef.h>

#include "rules.h"
#include "uapi/sbpf.h"

/**
 * struct limits - Limits that were asked for
 * @limit: by enum sbpf_resource, 0 for none
 * @action: enum sbpf_action of each
 */
struct limits {
	__u64 limit[SBPF_RESOURCE_MAX];
	__u32 action[SBPF_RESOURCE_MAX];
};

int limits_parse(struct limits *limits, int number, const char *value, struct fault *fault);
int limits_apply(const struct limits *limits, int sandbox);
const char *limits_text(char *buf, size_t size, int number, __u64 amount);

#endif /* _SBPF_TOOLS_LIMITS_H */
