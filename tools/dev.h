/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - The module as seen by this command: libsbpf, and what to say when it fails
 */
#ifndef _SBPF_DEV_H
#define _SBPF_DEV_H

#include <stdbool.h>

#include "lib/libsbpf.h"

#define DEV_PATH	"/dev/sbpf"

/** DEV_LOAD_HINT: how to load the module. */
#define DEV_LOAD_HINT	"as root: modprobe sbpf (or insmod sbpf.ko where it was built)"

int dev_open(void);

int sandbox_members(int sandbox, __u64 **pids, __u32 *count);
bool sandbox_kill(int sandbox);

#endif /* _SBPF_DEV_H */
