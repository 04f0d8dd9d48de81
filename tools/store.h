/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - What views keep on disk: copies of what was changed, and of what
 *
 * STATE/sbpf/views/last	the last number that was given to a view
 * STATE/sbpf/views/ID/record	text: "created SECONDS NANOSECONDS", "sandbox NUMBER
 *				CREATED BOOT", and one line per layer, "over NUMBER
 *				DEVICE INODE PATH"
 * STATE/sbpf/views/ID/NUMBER/upper, work	of a layer, as overlayfs wants them
 *
 * The record is made first and removed last. It is locked while it is in use.
 */
#ifndef _SBPF_STORE_H
#define _SBPF_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <time.h>
#include <linux/types.h>

/** STORE_LIST_HINT: where numbers of views come from. */
#define STORE_LIST_HINT	"sbpf diff without a number lists the views"

/**
 * struct store_layer - One directory that has copies
 * @number: number of the layer in its view
 * @dev: device of the directory when the view was made
 * @ino: its inode
 * @path: its path, absolute and without symbolic links
 */
struct store_layer {
	unsigned int number;
	__u64 dev;
	__u64 ino;
	char *path;
};

/**
 * struct store - What one view keeps
 * @id: number of the view
 * @dir: descriptor of its directory
 * @record: descriptor of its record
 * @created: when it was made
 * @sandbox: number of the sandbox, 0 where that has not been recorded
 * @sandbox_created: when the sandbox was created, in nanoseconds since boot
 * @boot: identity of the boot
 * @layers: what it is over
 * @count: number of @layers
 */
struct store {
	__u64 id;
	int dir;
	int record;
	struct timespec created;
	__u64 sandbox;
	__u64 sandbox_created;
	char boot[40];
	struct store_layer *layers;
	size_t count;
};

int store_create(struct store *store, int sandbox);
int store_add(struct store *store, unsigned int number, const struct stat *st,
	      const char *path);
int store_directory(char **path);
int store_open(struct store *store, const char *text);
int store_read(struct store *store);
int store_take(struct store *store);
bool store_runs(const struct store *store);
int store_layer(const struct store *store, const struct store_layer *layer);
int store_remove(struct store *store);
int store_ids(__u64 **ids, size_t *count);
void store_close(struct store *store);

#endif /* _SBPF_STORE_H */
