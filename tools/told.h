/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - The rules of a sandbox, as the module tells them
 */
#ifndef _SBPF_TOLD_H
#define _SBPF_TOLD_H

int told_rules(int sandbox);

#endif /* _SBPF_TOLD_H */
