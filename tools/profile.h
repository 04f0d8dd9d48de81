/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Profiles: files that say what a sandbox may do
 */
#ifndef _SBPF_PROFILE_H
#define _SBPF_PROFILE_H

#include "keys.h"

/** PROFILE_DEFAULT: what a command runs under unless something else is asked for. */
#define PROFILE_DEFAULT	"untrusted"

int profile_read(struct settings *settings, const struct profile_file *parent, const char *name,
		 struct fault *fault);

#endif /* _SBPF_PROFILE_H */
