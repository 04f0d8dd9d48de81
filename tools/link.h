/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - The BPF link that keeps a policy registered
 */
#ifndef _SBPF_LINK_H
#define _SBPF_LINK_H

int link_open(const char *policy);

#endif /* _SBPF_LINK_H */
