/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Signatures of policies: by whom the administrator trusts
 */
#ifndef _SBPF_SIGNATURE_H
#define _SBPF_SIGNATURE_H

#include <stddef.h>

/** SIGNATURE_TRUSTED: directory of certificates; where it exists policies must be signed. */
#define SIGNATURE_TRUSTED	"/etc/sbpf/trusted"

/** SIGNATURE_SUFFIX: what the name of a signature has more than that of the file. */
#define SIGNATURE_SUFFIX	".p7s"

int signature_check(const char *file, const void *data, size_t size, const void *signature,
		    size_t signature_size);
int signature_trusted(void);

#endif /* _SBPF_SIGNATURE_H */
