// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - "diff": what was changed in a private view of files
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cli.h"
#include "diff.h"
#include "out.h"
#include "store.h"
#include "tree.h"

/**
 * diff_lower - Open the directory that a layer has copies of
 * @layer: the layer
 * @st: what is known of it
 *
 * Return: a descriptor, or -errno.
 */
int diff_lower(const struct store_layer *layer, struct stat *st)
{
	struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	int fd = syscall(SYS_openat2, AT_FDCWD, layer->path, &how, sizeof(how)), error;

	if (fd < 0 || !fstat(fd, st))
		return fd < 0 ? -errno : fd;
	error = -errno;
	close(fd);
	return error;
}

/**
 * diff_walk - Find what was changed in a view
 * @store: the view
 * @visitor: who wants to know
 *
 * Return: 0 or -errno.
 */
int diff_walk(const struct store *store, struct tree_visitor *visitor)
{
	struct rlimit limit;
	struct stat st;
	int error = 0;
	size_t i;

	/* Each level of directories takes two descriptors. */
	if (!getrlimit(RLIMIT_NOFILE, &limit)) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	for (i = 0; i < store->count && !error; i++) {
		const struct store_layer *layer = &store->layers[i];
		int dir = store_layer(store, layer), lower;

		lower = diff_lower(layer, &st);
		error = dir < 0 ? dir : lower < 0 ? lower : 0;
		if (!error)
			error = tree_walk(visitor, dir, "upper", lower, layer->path);
		if (error && !visitor->failed)
			visitor->failed = strdup(layer->path);
		if (dir >= 0)
			close(dir);
		if (lower >= 0)
			close(lower);
	}
	return error;
}

/**
 * diff_failed - Report that the changes of a view could not be worked through
 * @visitor: who wanted to know
 * @error: -errno
 *
 * Return: EXIT_FAILURE.
 */
int diff_failed(const struct tree_visitor *visitor, int error)
{
	char path[1024] = "";

	if (visitor->failed)
		out_clean(path, sizeof(path), visitor->failed, strlen(visitor->failed));
	return out_error(NULL, "%s: %s", path, strerror(-error));
}

static int count_change(void *data, const struct tree_change *change)
{
	__u64 *count = data;

	(void)change;
	++*count;
	return 0;
}

/**
 * diff_count - Count the changes in a view
 * @store: the view
 * @count: where to put their number
 *
 * Return: 0 or -errno.
 */
int diff_count(const struct store *store, __u64 *count)
{
	struct tree_visitor visitor = { .change = count_change, .data = count };
	int error;

	*count = 0;
	error = diff_walk(store, &visitor);
	free(visitor.failed);
	return error;
}

static const char *kind_name(enum tree_kind kind)
{
	return kind == TREE_ADDED ? "added" : kind == TREE_DELETED ? "deleted" : "modified";
}

/* Print one change. */
static int print_change(void *data, const struct tree_change *change)
{
	bool has_new = change->kind != TREE_DELETED, has_old = change->kind != TREE_ADDED;
	const struct stat *st = has_new ? &change->new : &change->old;
	struct json_object *record = out_new();
	size_t len = strlen(change->path);
	char *path = malloc(4 * len + 1), detail[96] = "";

	(void)data;
	if (!path)
		return -ENOMEM;
	out_text(record, "change", kind_name(change->kind), 16);
	out_text(record, "type", tree_type(st->st_mode), 16);
	out_u64(record, "mode", st->st_mode & 07777);
	out_u64(record, "uid", st->st_uid);
	if (has_new && has_old) {
		if ((change->new.st_mode ^ change->old.st_mode) & S_IFMT)
			snprintf(detail, sizeof(detail), " (%s -> %s)",
				 tree_type(change->old.st_mode), tree_type(st->st_mode));
		else if (change->new.st_mode != change->old.st_mode)
			snprintf(detail, sizeof(detail), " (mode %04o -> %04o)",
				 change->old.st_mode & 07777, st->st_mode & 07777);
		out_text(record, "old_type", tree_type(change->old.st_mode), 16);
		out_u64(record, "old_mode", change->old.st_mode & 07777);
		out_u64(record, "old_uid", change->old.st_uid);
	}
	out_text(record, "path", change->path, len);
	out_clean(path, 4 * len + 1, change->path, len);
	out_record(record, "%c %s%s%s", change->kind, path,
		   S_ISDIR(st->st_mode) && strcmp(change->path, "/") ? "/" : "", detail);
	free(path);
	return 0;
}

/* Print one line per view. */
static int list(void)
{
	char number[24], path[1024];
	struct store store;
	size_t count, i;
	__u64 *ids;
	int error;

	error = store_ids(&ids, &count);
	if (error)
		return out_error(NULL, "cannot list the views: %s", strerror(-error));
	out_heading("  VIEW STATE OVER");
	for (i = 0; i < count; i++) {
		struct json_object *record = out_new(), *over, *layer;
		bool runs;
		size_t j;

		snprintf(number, sizeof(number), "%llu", ids[i]);
		if (store_open(&store, number))
			continue;
		error = store_read(&store);
		runs = !error && store_runs(&store);
		out_u64(record, "view", store.id);
		out_text(record, "state", runs ? "runs" : "ended", 8);
		over = out_array(record, "over");
		for (j = 0; j < store.count; j++) {
			layer = out_new();
			out_text(layer, "path", store.layers[j].path, PATH_MAX);
			out_append(over, layer);
		}
		snprintf(path, sizeof(path), "-");
		if (store.count)
			out_clean(path, sizeof(path), store.layers[0].path, PATH_MAX);
		out_record(record, "%6llu %-5s %s%s", store.id, runs ? "runs" : "ended", path,
			   store.count > 1 ? ", ..." : "");
		store_close(&store);
	}
	free(ids);
	return EXIT_SUCCESS;
}

static int run_diff(int argc, char **argv)
{
	static const struct option none = { NULL, 0, NULL, 0 };
	struct tree_visitor visitor = { .change = print_change };
	struct store store;
	int error, status = EXIT_SUCCESS;

	cli_getopt(argc, argv, &none);
	if (optind == argc)
		return list();
	cli_operands(argc, argv, 1);
	if (store_open(&store, argv[optind]))
		return EXIT_FAILURE;
	error = store_read(&store);
	if (!error)
		error = diff_walk(&store, &visitor);
	if (error)
		status = diff_failed(&visitor, error);
	free(visitor.failed);
	store_close(&store);
	return status;
}

const struct verb verb_diff = {
	.name = "diff",
	.args = "[VIEW]",
	.summary = "Show what was changed in a private view of files",
	.help = "VIEW is the number that \"sbpf run --overlay\" printed; without it the views are\n"
		"listed. One line per change: A added, M modified, D deleted (a directory with all\n"
		"that was in it).\n",
	.run = run_diff,
};
