/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Memory writes: every write of a BPF program into a process's memory
 */
#ifndef _SBPF_MEMWRITE_H
#define _SBPF_MEMWRITE_H

#include "uapi/sbpf.h"

struct bpf_prog;
struct bpf_prog_aux;

int sbpf_memwrite_error(void);
void sbpf_memwrite_watch(unsigned int old);
int sbpf_memwrite_load(const struct bpf_prog *prog);
void sbpf_memwrite_describe(struct sbpf_write_record *record, u64 addr, u32 len,
			    unsigned long bp, unsigned long ip);
void sbpf_memwrite_loaded(const struct bpf_prog_aux *aux, bool writes);
void sbpf_memwrite_info(struct sbpf_info *info);
void __init sbpf_memwrite_init(void);
void sbpf_memwrite_exit(void);

#endif /* _SBPF_MEMWRITE_H */
