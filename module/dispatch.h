/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Dispatch: the one path that every hook takes
 */
#ifndef _SBPF_DISPATCH_H
#define _SBPF_DISPATCH_H

int __init sbpf_dispatch_init(void);

#endif /* _SBPF_DISPATCH_H */
