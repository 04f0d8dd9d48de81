/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - How the running module lays out struct sbpf_policy_ops
 */
#ifndef _SBPF_LAYOUT_H
#define _SBPF_LAYOUT_H

#include <linux/types.h>

#define LAYOUT_OPS	"sbpf_policy_ops"

struct btf;
struct btf_member;
struct btf_type;

/**
 * struct layout - Layout of the value of a struct_ops map
 * @vmlinux: type information of the kernel
 * @module: type information of the module, on top of @vmlinux
 * @value_id: type of the value, in @module
 * @ops: struct sbpf_policy_ops, in @module
 * @offset: where in the value @ops is, in bytes
 * @size: of the value, in bytes
 */
struct layout {
	struct btf *vmlinux;
	struct btf *module;
	int value_id;
	const struct btf_type *ops;
	__u32 offset;
	__u32 size;
};

int layout_load(struct layout *layout);
void layout_free(struct layout *layout);
const struct btf_member *layout_member(const struct btf *btf, const struct btf_type *type,
				       const char *name);

#endif /* _SBPF_LAYOUT_H */
