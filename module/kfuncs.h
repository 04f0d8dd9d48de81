/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Kfuncs: what policies may call
 */
#ifndef _SBPF_KFUNCS_H
#define _SBPF_KFUNCS_H

int __init sbpf_kfuncs_init(void);

#endif /* _SBPF_KFUNCS_H */
