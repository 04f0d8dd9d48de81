// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - How the running module lays out struct sbpf_policy_ops
 */
#include <errno.h>
#include <string.h>

#include <bpf/btf.h>

#include "layout.h"

/**
 * layout_member - Find a member of a struct
 * @btf: type information
 * @type: the struct
 * @name: name of the member
 *
 * Return: the member, or NULL.
 */
const struct btf_member *layout_member(const struct btf *btf, const struct btf_type *type,
				       const char *name)
{
	const struct btf_member *member = btf_members(type);
	int i;

	for (i = 0; i < btf_vlen(type); i++, member++)
		if (!strcmp(btf__name_by_offset(btf, member->name_off), name))
			return member;
	return NULL;
}

/**
 * layout_load - Read the layout from the module's type information
 * @layout: where to put it; to be freed, also after an error
 *
 * Return: 0 or -errno.
 */
int layout_load(struct layout *layout)
{
	const struct btf_member *data;
	const struct btf_type *value;

	memset(layout, 0, sizeof(*layout));
	layout->vmlinux = btf__load_vmlinux_btf();
	if (!layout->vmlinux)
		return -errno;
	layout->module = btf__load_module_btf("sbpf", layout->vmlinux);
	if (!layout->module)
		return -errno;
	layout->value_id = btf__find_by_name_kind(layout->module, "bpf_struct_ops_" LAYOUT_OPS,
						  BTF_KIND_STRUCT);
	if (layout->value_id < 0)
		return -ENOENT;
	value = btf__type_by_id(layout->module, layout->value_id);
	data = layout_member(layout->module, value, "data");
	if (!data)
		return -ENOENT;
	layout->ops = btf__type_by_id(layout->module, data->type);
	layout->offset = data->offset / 8;
	layout->size = value->size;
	return 0;
}

/**
 * layout_free - Free what layout_load() allocated
 * @layout: the layout
 */
void layout_free(struct layout *layout)
{
	btf__free(layout->module);
	btf__free(layout->vmlinux);
}
