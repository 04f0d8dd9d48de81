/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libsbpf - For programs that ask what their sandbox uses
 *
 * All functions may be called by several threads at a time, in signal handlers too, but
 * for sbpf_self(). Those that return int return 0, or -errno.
 */
#ifndef _LIBSBPF_H
#define _LIBSBPF_H

#ifdef SBPF_SOURCE_TREE
#include "uapi/sbpf.h"
#else
#include <sbpf/sbpf.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

/**
 * sbpf_self - Map the page of the sandbox that the caller is in
 *
 * To be called once, before the functions below; again after the process has entered
 * another sandbox. They work without it, but by a system call each time. Child processes
 * have the mapping as well. Not thread-safe.
 *
 * Return: 0; -ENODEV in no sandbox, or in one with SBPF_SANDBOX_STEALTH; -ENOENT the
 * module is not loaded; -EACCES or another error: the policy does not allow to open
 * /dev/sbpf.
 */
int sbpf_self(void);

/**
 * sbpf_self_stat - All that is known of the sandbox, as of one moment
 * @stat: receives it
 *
 * Return: as sbpf_self().
 */
int sbpf_self_stat(struct sbpf_stat *stat);

/**
 * sbpf_self_usage - How much of a resource the sandbox uses
 * @resource: enum sbpf_resource
 *
 * Return: that, as of a few milliseconds ago at most while the caller runs; 0 if it is not
 * known.
 */
__u64 sbpf_self_usage(__u32 resource);

/**
 * sbpf_self_limit - How much of a resource the sandbox may use
 * @resource: enum sbpf_resource
 *
 * Those of sandboxes around it are not told.
 *
 * Return: that, SBPF_UNLIMITED for all, or if it is not known.
 */
__u64 sbpf_self_limit(__u32 resource);

/**
 * sbpf_self_left - How much of a resource is left to the sandbox
 * @resource: enum sbpf_resource
 *
 * Return: the difference, 0 if there is none left, or SBPF_UNLIMITED.
 */
__u64 sbpf_self_left(__u32 resource);

#ifdef __cplusplus
}
#endif

#endif /* _LIBSBPF_H */
