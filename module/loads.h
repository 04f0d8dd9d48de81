/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Loads: BPF programs that could change what is not their own, seen when they are
 * loaded
 */
#ifndef _SBPF_LOADS_H
#define _SBPF_LOADS_H

#include <linux/types.h>

struct bpf_link;
struct bpf_map;
struct bpf_prog;

int sbpf_loads_check(const struct bpf_prog *prog);
void sbpf_loads_done(const struct bpf_prog *prog);
void sbpf_loads_map(const struct bpf_map *map);
int sbpf_loads_prog(const struct bpf_prog *prog);
void sbpf_loads_link(const struct bpf_link *link);
void sbpf_loads_pin(unsigned int descriptor);
bool sbpf_loads_foreign(const struct bpf_prog *prog);
int __init sbpf_loads_init(void);

#endif /* _SBPF_LOADS_H */
