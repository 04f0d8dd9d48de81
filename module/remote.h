/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Remote: writes of tasks into the memory of others, seen where the kernel
 * begins them
 */
#ifndef _SBPF_REMOTE_H
#define _SBPF_REMOTE_H

#include "uapi/sbpf.h"

int sbpf_remote_dispatch(const unsigned long *args, unsigned long body,
			 unsigned long caller);
int sbpf_remote_error(enum sbpf_channel channel);
bool sbpf_remote_uses(const char *function);
void sbpf_remote_watch(void);
void __init sbpf_remote_init(void);
void sbpf_remote_exit(void);

#endif /* _SBPF_REMOTE_H */
