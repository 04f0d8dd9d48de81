/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - "policy": register, replace and remove policies
 */
#ifndef _SBPF_POLICY_H
#define _SBPF_POLICY_H

int policy_load(int dev, const char *name);

#endif /* _SBPF_POLICY_H */
