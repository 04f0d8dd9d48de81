/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Names of the numbers that the module's interface consists of
 */
#ifndef _SBPF_NAMES_H
#define _SBPF_NAMES_H

#include <stdbool.h>
#include <linux/types.h>

/** NAME_RULE: what name_valid() wants. */
#define NAME_RULE	"names are 1 to 31 characters of A-Z a-z 0-9 . _ -"

const char *name_op(__u32 op);
const char *name_state(__u32 state);
const char *name_resource(__u32 resource);
const char *name_action(__u32 action);
const char *name_policy_flag(__u32 bit);
const char *name_sandbox_flag(__u32 bit);
const char *name_event(__u32 type);
const char *name_write_mode(__u32 mode);
const char *name_channel(__u32 channel);
const char *name_mapping(__u32 mapping);
const char *name_ptrace(__u32 request);
const char *name_right(__u32 right);
const char *name_capability(__u32 capability);
const char *name_socket(__u32 bit);
const char *name_access(__u32 bit);
const char *name_net_access(__u32 bit);
const char *name_dev_access(__u32 bit);
int name_find(const char *(*name)(__u32 number), const char *text);
const char *name_errno(int error);
bool name_valid(const char *name);

#endif /* _SBPF_NAMES_H */
