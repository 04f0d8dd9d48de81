/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Tags: whose unix sockets and open files are whose
 */
#ifndef _SBPF_TAGS_H
#define _SBPF_TAGS_H

#include <linux/init.h>
#include <linux/types.h>

struct file;
struct sbpf_sandbox;
struct sock;

/* Unix sockets are to be tagged: it is told when they are freed. */
extern bool sbpf_tags_wanted;

int __init sbpf_tags_init(void);
void sbpf_tags_exit(void);
int sbpf_tags_add(const struct sock *sk, struct sbpf_sandbox *sandbox);
void sbpf_tags_remove(const struct sock *sk);
bool sbpf_tags_within(const struct sock *sk, const struct sbpf_sandbox *sandbox);
void sbpf_tags_flush(void);
int sbpf_tags_add_file(const struct file *file, struct sbpf_sandbox *sandbox);
void sbpf_tags_remove_file(const struct file *file);

#endif /* _SBPF_TAGS_H */
