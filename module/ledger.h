/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Ledger: a record of each write into the memory of a process by another
 * party, system-wide
 *
 * memwrite.c sees the writes of BPF programs, remote.c those of other tasks. They
 * describe a write and ask here whether it may go on.
 */
#ifndef _SBPF_LEDGER_H
#define _SBPF_LEDGER_H

#include <linux/types.h>

#include "uapi/sbpf.h"

struct mm_struct;
struct task_struct;

/**
 * enum sbpf_ledger_lock - How to come by the lock of a process's mappings
 * @SBPF_LEDGER_TRY: take it, if that is possible at once
 * @SBPF_LEDGER_HELD: the caller has it
 * @SBPF_LEDGER_NONE: do without; of a file only its own name is told
 */
enum sbpf_ledger_lock {
	SBPF_LEDGER_TRY,
	SBPF_LEDGER_HELD,
	SBPF_LEDGER_NONE,
};

enum sbpf_write_mode sbpf_ledger_mode(enum sbpf_channel channel);
void sbpf_ledger_begin(struct sbpf_write_record *record, enum sbpf_channel channel,
		       struct task_struct *target, u64 addr, u64 len);
void sbpf_ledger_writer(struct sbpf_write_record *record);
void sbpf_ledger_mapping(struct sbpf_write_record *record, struct mm_struct *mm,
			 enum sbpf_ledger_lock lock);
bool sbpf_ledger_mode_allows(const struct sbpf_write_record *record,
			     struct task_struct *target);
bool sbpf_ledger_allows(const struct sbpf_write_record *record,
			struct task_struct *target);
void sbpf_ledger_commit(struct sbpf_write_record *record, bool allow);
void sbpf_ledger_info(struct sbpf_ledger_info *info);
u64 sbpf_ledger_count(enum sbpf_channel channel);
int __init sbpf_ledger_init(void);
int __init sbpf_ledger_start(void);
void __init sbpf_ledger_device_init(void);
void sbpf_ledger_device_exit(void);
void sbpf_ledger_stop(void);
void sbpf_ledger_exit(void);

#endif /* _SBPF_LEDGER_H */
