/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - "list", "show" and "kill": sandboxes that exist
 */
#ifndef _SBPF_SANDBOX_H
#define _SBPF_SANDBOX_H

#include <linux/types.h>

int sandbox_find(int dev, const char *text, __u64 *id);

#endif /* _SBPF_SANDBOX_H */
