// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Loads programs of which reject.bpf.h says what must become of them
 *
 *	load OBJECT...
 *
 * Prints TAP: a point for each program of each object. Each is loaded by itself. An
 * object takes libbpf a good deal of time, so those of policies share one.
 * The programs of NAME.mended.bpf.o must load, those of any other object must be
 * rejected, and what libbpf and the verifier say of it must match the regular
 * expression that the program is tagged with.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <regex.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TAG "reject:"
/* Names of points begin with it. */
#define ROW "verifier_assessment."
/* Lines at the end of the log that a failed point shows. */
#define LINES 12

static int points, failures;

/* What libbpf has said since the object was opened, or the verifier of a program. */
static char *said;
static size_t said_len;
static FILE *saying;

/**
 * struct verdict - What became of a program that was loaded from an object with others
 * @name: its name
 * @err: 0 or -errno
 * @log: what the verifier said if it rejected it
 */
struct verdict {
	char name[64];
	int err;
	char *log;
};

#define MAX_VERDICTS 64

static struct verdict verdicts[MAX_VERDICTS];
static size_t verdict_count;
static bool together;

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

	printf("%sok %d - " ROW "%s/%s %s\n", good ? "" : "not ", ++points, object, prog, what);
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

static void report(const char *object, const char *name, const char *tag, int err, bool mended)
{
	char what[256];
	regex_t re;

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
}

static struct bpf_object *open_object(const char *path)
{
	struct bpf_object *obj = bpf_object__open_file(path, NULL);

	if (!obj) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		exit(1);
	}
	return obj;
}

static void try(const char *path, const char *object, const char *name, const char *tag,
		bool mended)
{
	struct bpf_object *obj;
	int err;

	saying = open_memstream(&said, &said_len);
	if (!saying)
		exit(1);
	obj = open_object(path);
	select_program(obj, name);
	err = bpf_object__load(obj);
	fclose(saying);
	saying = NULL;
	report(object, name, tag, err, mended);
	bpf_object__close(obj);
	free(said);
	said = NULL;
}

static void record(const struct bpf_program *prog, int err, const char *log)
{
	struct verdict *verdict = &verdicts[verdict_count++];

	snprintf(verdict->name, sizeof(verdict->name), "%s", bpf_program__name(prog));
	verdict->err = err;
	verdict->log = strdup(log);
	if (!verdict->log)
		exit(1);
}

/*
 * libbpf is about to load a policy's program. Does that in its place, and leaves it
 * one that the verifier accepts, so that it goes on to the next.
 */
static int load_program(struct bpf_program *prog, struct bpf_prog_load_opts *opts,
			long flags)
{
	static struct bpf_insn nothing[] = {
		{ BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0 },
		{ BPF_JMP | BPF_EXIT, 0, 0, 0, 0 },
	};
	static char log[1 << 16];
	int fd;

	opts->prog_flags |= flags;
	if (!together || verdict_count == MAX_VERDICTS)
		return 0;
	fd = bpf_prog_load(bpf_program__type(prog), bpf_program__name(prog), "GPL",
			   bpf_program__insns(prog), bpf_program__insn_cnt(prog), opts);
	if (fd < 0) {
		*log = 0;
		opts->log_buf = log;
		opts->log_size = sizeof(log);
		opts->log_level = 1;
		fd = bpf_prog_load(bpf_program__type(prog), bpf_program__name(prog), "GPL",
				   bpf_program__insns(prog), bpf_program__insn_cnt(prog), opts);
		opts->log_buf = NULL;
		opts->log_size = 0;
		opts->log_level = 0;
	}
	record(prog, fd < 0 ? fd : 0, fd < 0 ? log : "");
	if (fd >= 0)
		close(fd);
	opts->prog_flags &= ~flags;
	opts->func_info_cnt = 0;
	opts->line_info_cnt = 0;
	return bpf_program__set_insns(prog, nothing, 2);
}

static struct verdict *verdict_of(const char *name)
{
	size_t i;

	for (i = 0; i < verdict_count; i++)
		if (!strcmp(verdicts[i].name, name))
			return &verdicts[i];
	return NULL;
}

/*
 * Loads the programs of policies, and if none has a fault the others with them. Where
 * that fails as a whole some have no verdict.
 */
static void load_together(const char *path, bool mended)
{
	struct bpf_object *obj = open_object(path);
	struct bpf_program *prog;
	int err;

	while (verdict_count)
		free(verdicts[--verdict_count].log);
	bpf_object__for_each_program(prog, obj)
		bpf_program__set_autoload(prog, mended || bpf_program__type(prog) ==
							  BPF_PROG_TYPE_STRUCT_OPS);
	together = true;
	err = bpf_object__load(obj);
	together = false;
	bpf_object__for_each_program(prog, obj) {
		if (err || !mended || verdict_count == MAX_VERDICTS ||
		    verdict_of(bpf_program__name(prog)))
			continue;
		record(prog, 0, "");
	}
	bpf_object__close(obj);
}

static void try_all(const char *path)
{
	struct verdict *verdict;
	struct bpf_program *prog;
	struct bpf_object *obj;
	const char *name, *tag;
	char object[64];
	bool mended;

	snprintf(object, sizeof(object), "%s", strrchr(path, '/') ? strrchr(path, '/') + 1 : path);
	mended = strstr(object, ".mended.");
	if (strstr(object, ".bpf.o"))
		*strstr(object, ".bpf.o") = 0;

	load_together(path, mended);
	obj = open_object(path);
	bpf_object__for_each_program(prog, obj) {
		name = bpf_program__name(prog);
		tag = tag_of(bpf_object__btf(obj), name);
		verdict = verdict_of(name);
		if (!verdict) {
			try(path, object, name, tag, mended);
			continue;
		}
		said = verdict->log;
		said_len = strlen(said);
		report(object, name, tag, verdict->err, mended);
		said = NULL;
	}
	bpf_object__close(obj);
}

int main(int argc, char **argv)
{
	LIBBPF_OPTS(libbpf_prog_handler_opts, opts, .prog_prepare_load_fn = load_program);
	LIBBPF_OPTS(libbpf_prog_handler_opts, sleepable, .prog_prepare_load_fn = load_program,
		    .cookie = BPF_F_SLEEPABLE);
	int i;

	setlinebuf(stdout);
	libbpf_set_print(hear);
	if (libbpf_register_prog_handler("struct_ops+", BPF_PROG_TYPE_STRUCT_OPS, 0, &opts) < 0 ||
	    libbpf_register_prog_handler("struct_ops.s+", BPF_PROG_TYPE_STRUCT_OPS, 0,
					 &sleepable) < 0)
		return 1;
	for (i = 1; i < argc; i++)
		try_all(argv[i]);
	printf("1..%d\n", points);
	return failures || !points;
}
