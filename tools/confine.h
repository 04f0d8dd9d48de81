/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Confined policies: that reach no memory but their own, whatever the verifier says
 */
#ifndef _SBPF_CONFINE_H
#define _SBPF_CONFINE_H

struct policy_object;

int confine_check(const struct policy_object *object);

#endif /* _SBPF_CONFINE_H */
