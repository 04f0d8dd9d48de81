/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Tags: whose unix sockets are whose
 */
#ifndef _SBPF_TAGS_H
#define _SBPF_TAGS_H

#include <linux/types.h>

struct sbpf_sandbox;
struct sock;

int sbpf_tags_add(const struct sock *sk, struct sbpf_sandbox *sandbox);
void sbpf_tags_remove(const struct sock *sk);
bool sbpf_tags_within(const struct sock *sk, const struct sbpf_sandbox *sandbox);
void sbpf_tags_flush(void);

#endif /* _SBPF_TAGS_H */
