// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - A policy's BPF object file: opened, checked, loaded
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/limits.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "caps.h"
#include "layout.h"
#include "names.h"
#include "object.h"
#include "out.h"
#include "signature.h"

/* More than any policy has, in bytes. */
#define OBJECT_MAX (64 << 20)

#define FORM_HINT "a policy is one struct sbpf_policy_ops in section .struct_ops.link; " \
		  "<sbpf/policy.bpf.h> has SBPF_POLICY() for that"

/* The type, in the object, of what a struct_ops map holds. */
static const struct btf_type *map_type(const struct policy_object *object,
				       const struct bpf_map *map)
{
	return btf__type_by_id(bpf_object__btf(object->bpf), bpf_map__btf_value_type_id(map));
}

/* Find the one policy of the object and report if there is not exactly one. */
static int find_map(struct policy_object *object, const char *file)
{
	const struct btf *btf = bpf_object__btf(object->bpf);
	struct bpf_map *map;
	const char *type;

	bpf_object__for_each_map(map, object->bpf) {
		if (bpf_map__type(map) != BPF_MAP_TYPE_STRUCT_OPS)
			continue;
		type = btf__name_by_offset(btf, map_type(object, map)->name_off);
		if (strcmp(type, LAYOUT_OPS))
			return out_error(FORM_HINT, "not only a policy: %s has a struct %s", file,
					 type);
		if (!(bpf_map__map_flags(map) & BPF_F_LINK))
			return out_error(FORM_HINT, "in section .struct_ops, which has no link: %s",
					 file);
		if (object->map)
			return out_error(FORM_HINT, "more than one policy in: %s", file);
		object->map = map;
	}
	if (!object->map)
		return out_error(FORM_HINT, "no policy in: %s", file);
	return 0;
}

/* Read the policy's name from its initial value and report if there is none. */
static int read_name(struct policy_object *object, const char *file)
{
	const struct btf_type *type = map_type(object, object->map);
	const struct btf_member *member;
	const char *value;
	size_t size;

	value = bpf_map__initial_value(object->map, &size);
	member = layout_member(bpf_object__btf(object->bpf), type, "name");
	if (!value || !member || member->offset / 8 + sizeof(object->name) > size)
		return out_error(FORM_HINT, "the policy has no member \"name\": %s", file);
	memcpy(object->name, value + member->offset / 8, sizeof(object->name));
	if (!name_valid(object->name))
		return out_error(NAME_RULE, "the policy's name is not valid: %s", file);
	return 0;
}

/* The contents of a file, to be freed; NULL in errno. */
static void *read_file(const char *file, size_t *size)
{
	FILE *stream = fopen(file, "re");
	char *data = NULL, *more;
	size_t room = 0;

	*size = 0;
	while (stream && !feof(stream) && !ferror(stream)) {
		if (*size == room) {
			room = room ? 2 * room : 1 << 16;
			more = room <= OBJECT_MAX ? realloc(data, room) : NULL;
			if (!more) {
				errno = EFBIG;
				goto fail;
			}
			data = more;
		}
		*size += fread(data + *size, 1, room - *size, stream);
	}
	if (stream && !ferror(stream)) {
		fclose(stream);
		return data;
	}
fail:
	if (stream)
		fclose(stream);
	free(data);
	return NULL;
}

static int open_file(struct policy_object *object, const char *file, const char *hint)
{
	LIBBPF_OPTS(bpf_object_open_opts, options);
	const char *base = strrchr(file, '/') ? strrchr(file, '/') + 1 : file;
	char name[64], signed_by[PATH_MAX];
	size_t size, signature_size;
	void *data, *signature;
	int error;

	memset(object, 0, sizeof(*object));
	data = read_file(file, &size);
	if (!data)
		return out_error(hint, "cannot read: %s: %m", file);
	snprintf(signed_by, sizeof(signed_by), "%s" SIGNATURE_SUFFIX, file);
	signature = read_file(signed_by, &signature_size);
	/* Whoever made the file may know how to take libraries in. */
	error = caps_keep_loading();
	if (error)
		out_error(NULL, "cannot give up privileges: %s", strerror(-error));
	else
		error = signature_check(file, data, size, signature, signature_size);
	free(signature);
	if (error) {
		free(data);
		return EXIT_FAILURE;
	}
	/* As libbpf itself calls what it reads from a file. */
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(base, "."), base);
	options.object_name = name;
	object->bpf = bpf_object__open_mem(data, size, &options);
	free(data);
	if (!object->bpf)
		return out_error("compile it with: clang -g -O2 -target bpf -c",
				 "not a BPF object: %s", file);
	if (!find_map(object, file) && !read_name(object, file))
		return 0;
	object_close(object);
	return EXIT_FAILURE;
}

/**
 * object_open_shipped - Open a policy that comes with sbpf
 * @object: where to put it; to be closed if it was opened
 * @name: its name
 *
 * As object_open() does.
 *
 * Return: 0 or EXIT_FAILURE.
 */
int object_open_shipped(struct policy_object *object, const char *name)
{
	char file[256];

	snprintf(file, sizeof(file), SBPF_POLICY_DIR "/%s.bpf.o", name);
	return open_file(object, file,
			 "other policies are loaded by: sbpf policy load ./FILE.bpf.o");
}

/**
 * object_open - Open a policy's object file and see what is in it
 * @object: where to put it; to be closed if it was opened
 * @file: path of the file, or for a word without / and without .o at its end the
 *	name of a policy that comes with sbpf
 *
 * Between reading the file and looking at what is in it the process gives up all privilege
 * that it does not need to load it. Reports what is wrong if that fails.
 *
 * Return: 0 or EXIT_FAILURE.
 */
int object_open(struct policy_object *object, const char *file)
{
	size_t len = strlen(file);

	if (strchr(file, '/') || (len > 2 && !strcmp(file + len - 2, ".o")))
		return open_file(object, file, NULL);
	return object_open_shipped(object, file);
}

/**
 * object_operation - Which operation a program of a policy is
 * @object: from object_open()
 * @layout: of the module
 * @program: one of @object's
 *
 * Return: the member of the module's struct sbpf_policy_ops, or NULL.
 */
const struct btf_member *object_operation(const struct policy_object *object,
					  const struct layout *layout,
					  const struct bpf_program *program)
{
	const struct btf *btf = bpf_object__btf(object->bpf);
	const struct btf_type *type = map_type(object, object->map);
	const struct btf_member *member = btf_members(type);
	const struct bpf_program *there;
	const char *initial;
	size_t size;
	int i;

	initial = bpf_map__initial_value(object->map, &size);
	for (i = 0; i < btf_vlen(type); i++, member++) {
		if (!btf_is_ptr(btf__type_by_id(btf, btf__resolve_type(btf, member->type))))
			continue;
		memcpy(&there, initial + member->offset / 8, sizeof(there));
		if (there == program)
			return layout_member(layout->module, layout->ops,
					     btf__name_by_offset(btf, member->name_off));
	}
	return NULL;
}

/*
 * The value of the struct_ops map in the kernel's layout: data, and descriptors of
 * programs in place of functions.
 */
static int set_value(const struct policy_object *object, const struct layout *layout)
{
	const struct btf *btf = bpf_object__btf(object->bpf);
	const struct btf_type *type = map_type(object, object->map);
	const struct btf_member *from = btf_members(type);
	const struct btf_member *to;
	const char *initial;
	__u32 key = 0;
	size_t size;
	char *value;
	int i, error;

	if (bpf_map__value_size(object->map) != layout->size)
		return -EINVAL;
	value = calloc(1, layout->size);
	if (!value)
		return -ENOMEM;
	initial = bpf_map__initial_value(object->map, &size);
	for (i = 0; i < btf_vlen(type); i++, from++) {
		const char *source = initial + from->offset / 8;
		const struct bpf_program *program;
		char *target;

		to = layout_member(layout->module, layout->ops,
				   btf__name_by_offset(btf, from->name_off));
		if (!to)
			continue;
		target = value + layout->offset + to->offset / 8;
		if (btf_is_ptr(btf__type_by_id(layout->module,
					       btf__resolve_type(layout->module, to->type)))) {
			memcpy(&program, source, sizeof(program));
			if (program)
				*(unsigned long *)target = bpf_program__fd(program);
		} else {
			memcpy(target, source, btf__resolve_size(layout->module, to->type));
		}
	}
	error = bpf_map_update_elem(bpf_map__fd(object->map), &key, value, 0);
	free(value);
	return error;
}

/**
 * object_load - Load a policy, ready to be registered
 * @object: from object_open()
 *
 * Reports what is wrong, with the end of the verifier's log, if that fails.
 *
 * Return: 0 or EXIT_FAILURE.
 */
int object_load(struct policy_object *object)
{
	const char *hint = "see the log above and dmesg; sbpf check tells if the kernel is able";
	int error;

	error = bpf_object__load(object->bpf);
	if (error && !caps_loading())
		hint = LOADERS_HINT;
	if (error)
		return out_error(hint, "the kernel refuses the policy: %s: %s", object->name,
				 strerror(-error));
	return 0;
}

/**
 * object_set_value - Have a loaded policy ready to replace another
 * @object: from object_load()
 *
 * libbpf does that only as a part of attaching or replacing a link of its own
 * making, but a live replacement starts from a pinned one. Reports what is wrong
 * if that fails.
 *
 * Return: 0 or EXIT_FAILURE.
 */
int object_set_value(struct policy_object *object)
{
	struct layout layout;
	int error;

	error = layout_load(&layout);
	if (!error)
		error = set_value(object, &layout);
	layout_free(&layout);
	if (error)
		return out_error("dmesg tells the module's reason",
				 "the module refuses the policy: %s: %s", object->name,
				 strerror(-error));
	return 0;
}

/**
 * object_close - Close a policy's object; what the kernel took of it stays
 * @object: from object_open()
 */
void object_close(struct policy_object *object)
{
	bpf_object__close(object->bpf);
	object->bpf = NULL;
}
