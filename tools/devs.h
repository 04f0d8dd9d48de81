/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Devices as people write them
 */
#ifndef _SBPF_TOOLS_DEVS_H
#define _SBPF_TOOLS_DEVS_H

#include "rules.h"

/** DEV_SYNTAX: what devs_add() takes. */
#define DEV_SYNTAX	"NAME, /dev/NODE, c:MAJOR:MINOR or b:MAJOR:MINOR, then perhaps :rwmi"

/** DEV_IOCTL_SYNTAX: what devs_add_ioctl() takes. */
#define DEV_IOCTL_SYNTAX "DEVICE:COMMAND[-COMMAND]"

int devs_add(struct rules *rules, bool deny, const char *text, const char *where,
	     struct fault *fault);
int devs_add_ioctl(struct rules *rules, bool deny, const char *text, const char *where,
		   struct fault *fault);
void devs_add_default(struct rules *rules);

#endif /* _SBPF_TOOLS_DEVS_H */
