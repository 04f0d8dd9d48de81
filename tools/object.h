/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - A policy's BPF object file: opened, checked, loaded
 */
#ifndef _SBPF_OBJECT_H
#define _SBPF_OBJECT_H

#include "uapi/sbpf.h"

#define LOADERS_HINT \
	"policies are loaded by root, or with CAP_BPF, CAP_PERFMON and CAP_SYS_ADMIN"

struct bpf_map;
struct bpf_object;
struct bpf_program;
struct btf_member;
struct layout;

/**
 * struct policy_object - A policy on its way into the kernel
 * @bpf: the object
 * @map: the one struct sbpf_policy_ops in it
 * @name: name of the policy
 */
struct policy_object {
	struct bpf_object *bpf;
	struct bpf_map *map;
	char name[SBPF_NAME_MAX];
};

int object_open(struct policy_object *object, const char *file);
int object_open_shipped(struct policy_object *object, const char *name);
int object_load(struct policy_object *object);
const struct btf_member *object_operation(const struct policy_object *object,
					  const struct layout *layout,
					  const struct bpf_program *program);
int object_set_value(struct policy_object *object);
void object_close(struct policy_object *object);

#endif /* _SBPF_OBJECT_H */
