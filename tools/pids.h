/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - The first process of a sandbox that has processes of its own
 */
#ifndef _SBPF_PIDS_H
#define _SBPF_PIDS_H

#include <stdbool.h>
#include <stdnoreturn.h>
#include <sys/types.h>

noreturn void pids_init(pid_t command, bool wait);

#endif /* _SBPF_PIDS_H */
