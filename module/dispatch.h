/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Dispatch: the one path that every hook takes; called by trampoline.S
 */
#ifndef _SBPF_DISPATCH_H
#define _SBPF_DISPATCH_H

#include <linux/types.h>

#include "hooks.h"

struct linux_binprm;
struct sbpf_write_record;
struct task_struct;

extern const sbpf_hook_fn sbpf_dispatch_calls[SBPF_HOOK_MAX];

int sbpf_dispatch(const unsigned long *args, unsigned long body);
int sbpf_dispatch_any(const unsigned long *args, unsigned long body);
int sbpf_dispatch_write(const struct sbpf_write_record *record,
			struct task_struct *target);
int sbpf_dispatch_policy_write(struct sbpf_sandbox *sandbox,
			       const struct sbpf_write_record *record);
bool sbpf_dispatch_write_asks(const struct sbpf_write_record *record);
void sbpf_dispatch_executed(struct sbpf_sandbox *sandbox,
			    const struct linux_binprm *bprm);
int sbpf_dispatch_rest(void *object, u64 argument, unsigned long body);

#endif /* _SBPF_DISPATCH_H */
