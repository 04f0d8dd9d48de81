// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - The BPF link that keeps a policy registered
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>

#include "layout.h"
#include "link.h"
#include "pin.h"
#include "uapi/sbpf.h"

/* Whether a link is one of a struct_ops map, which @map_id then gets. */
static bool is_struct_ops(int link, __u32 *map_id)
{
	struct bpf_link_info info = { 0 };
	__u32 len = sizeof(info);

	if (bpf_link_get_info_by_fd(link, &info, &len) || info.type != BPF_LINK_TYPE_STRUCT_OPS)
		return false;
	*map_id = info.struct_ops.map_id;
	return *map_id;
}

/* Whether a struct_ops map is the policy of a certain name. */
static bool is_policy(__u32 map_id, const char *policy, const struct layout *layout)
{
	const struct btf_member *name = layout_member(layout->module, layout->ops, "name");
	struct bpf_map_info info = { 0 };
	__u32 len = sizeof(info), key = 0;
	bool same = false;
	char *value;
	int map;

	map = bpf_map_get_fd_by_id(map_id);
	if (map < 0)
		return false;
	value = calloc(1, layout->size);
	if (name && value && !bpf_map_get_info_by_fd(map, &info, &len) &&
	    info.btf_vmlinux_value_type_id == (__u32)layout->value_id &&
	    info.value_size == layout->size && !bpf_map_lookup_elem(map, &key, value))
		same = !strncmp(value + layout->offset + name->offset / 8, policy, SBPF_NAME_MAX);
	free(value);
	close(map);
	return same;
}

/* Find the link among all of the system: a policy may be pinned anywhere. */
static int search(const char *policy)
{
	struct layout layout;
	__u32 id = 0, map_id;
	int link, error;

	error = layout_load(&layout);
	while (!error) {
		if (bpf_link_get_next_id(id, &id)) {
			error = -errno;
			break;
		}
		link = bpf_link_get_fd_by_id(id);
		if (link < 0)
			continue;
		if (is_struct_ops(link, &map_id) && is_policy(map_id, policy, &layout)) {
			layout_free(&layout);
			return link;
		}
		close(link);
	}
	layout_free(&layout);
	return error;
}

/**
 * link_open - Open the link that keeps a policy registered
 * @policy: name of the policy, whoever registered it
 *
 * Return: a descriptor, to be closed; -ENOENT there is none; or another -errno.
 */
int link_open(const char *policy)
{
	char path[PIN_PATH_MAX];
	__u32 map_id;
	int link;

	link = bpf_obj_get(pin_policy(path, policy));
	if (link >= 0) {
		if (is_struct_ops(link, &map_id))
			return link;
		close(link);
	}
	return search(policy);
}
