// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Loads programs of which reject.bpf.h says what must become of them
 *
 *	load OBJECT...
 *
 * Prints TAP: a point for each program of each object, which is loaded alone.
 * The programs of NAME.mended.bpf.o must load, those of any other object must be
 * rejected, and what libbpf and the verifier say of it must match the regular
 * expression that the program is tagged with.
 */
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <regex.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TAG "reject:"
/* Lines at the end of the log that a failed point shows. */
#define LINES 12

static int points, failures;

/* What libbpf has said since the object was opened. */
static char *said;
static size_t said_len;
static FILE *saying;

static int hear(enum libbpf_print_level level, const char *fmt, va_list args)
{
	/* Of relocations and of BTF it reports every step. */
	if (level == LIBBPF_DEBUG || !saying)
		return 0;
	return vfprintf(saying, fmt, args);
}

static void point(bool good, const char *object, const char *prog, const char *what)
{
	const char *p;
	int lines = 0;

	printf("%sok %d - %s/%s %s\n", good ? "" : "not ", ++points, object, prog, what);
	if (good)
		return;
	failures++;
	for (p = said + said_len; p > said && lines <= LINES; p--)
		lines += p[-1] == '\n';
	for (p += lines > LINES; *p; p = strchr(p, '\n') + 1) {
		printf("#   %.*s\n", (int)strcspn(p, "\n"), p);
		if (!strchr(p, '\n'))
			break;
	}
}

/* The regular expression that a function of the object is tagged with. */
static const char *tag_of(const struct btf *btf, const char *func)
{
	const struct btf_type *t;
	const char *tag;
	__u32 i;

	for (i = 1; i < btf__type_cnt(btf); i++) {
		t = btf__type_by_id(btf, i);
		if (!btf_is_decl_tag(t))
			continue;
		tag = btf__name_by_offset(btf, t->name_off);
		t = btf__type_by_id(btf, t->type);
		if (btf_is_func(t) && !strncmp(tag, TAG, strlen(TAG)) &&
		    !strcmp(btf__name_by_offset(btf, t->name_off), func))
			return tag + strlen(TAG);
	}
	return NULL;
}

/* Selects the program @name, and for a policy's program the map that refers to it. */
static void select_program(struct bpf_object *obj, const char *name)
{
	struct bpf_program *prog;
	struct bpf_map *map;
	char ops[128];

	snprintf(ops, sizeof(ops), "%s_ops", name);
	bpf_object__for_each_program(prog, obj)
		bpf_program__set_autoload(prog, !strcmp(bpf_program__name(prog), name));
	bpf_object__for_each_map(map, obj)
		if (bpf_map__type(map) == BPF_MAP_TYPE_STRUCT_OPS)
			bpf_map__set_autocreate(map, !strcmp(bpf_map__name(map), ops));
}

static void try(const char *path, const char *object, const char *name, bool mended)
{
	struct bpf_object *obj;
	char what[256];
	const char *tag;
	regex_t re;
	int err;

	saying = open_memstream(&said, &said_len);
	if (!saying)
		exit(1);
	obj = bpf_object__open_file(path, NULL);
	if (!obj) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		exit(1);
	}
	select_program(obj, name);
	tag = tag_of(bpf_object__btf(obj), name);
	err = bpf_object__load(obj);
	fclose(saying);
	saying = NULL;

	if (mended) {
		snprintf(what, sizeof(what), "loads: error %d", err);
		point(!err, object, name, err ? what : "loads");
	} else if (!tag || regcomp(&re, tag, REG_EXTENDED | REG_NEWLINE | REG_NOSUB)) {
		point(false, object, name, "has no valid expectation");
	} else {
		if (!err)
			snprintf(what, sizeof(what), "is rejected: it was loaded");
		else if (regexec(&re, said, 0, NULL, 0))
			snprintf(what, sizeof(what), "is rejected: no match for %s", tag);
		else
			err = 1;
		point(err == 1, object, name, err == 1 ? "is rejected" : what);
		regfree(&re);
	}
	bpf_object__close(obj);
	free(said);
	said = NULL;
}

static void try_all(const char *path)
{
	struct bpf_program *prog;
	struct bpf_object *obj;
	char object[64];
	bool mended;

	snprintf(object, sizeof(object), "%s", strrchr(path, '/') ? strrchr(path, '/') + 1 : path);
	mended = strstr(object, ".mended.");
	if (strstr(object, ".bpf.o"))
		*strstr(object, ".bpf.o") = 0;

	obj = bpf_object__open_file(path, NULL);
	if (!obj) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		exit(1);
	}
	bpf_object__for_each_program(prog, obj)
		try(path, object, bpf_program__name(prog), mended);
	bpf_object__close(obj);
}

int main(int argc, char **argv)
{
	int i;

	setlinebuf(stdout);
	libbpf_set_print(hear);
	for (i = 1; i < argc; i++)
		try_all(argv[i]);
	printf("1..%d\n", points);
	return failures || !points;
}
