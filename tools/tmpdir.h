/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - A directory for temporary files that goes with the sandbox
 */
#ifndef _SBPF_TMPDIR_H
#define _SBPF_TMPDIR_H

struct rules;

int tmpdir_make(struct rules *rules);
void tmpdir_keep(void);

#endif /* _SBPF_TMPDIR_H */
