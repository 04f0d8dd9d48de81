/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - A tree of files and the copies that overlayfs has made of what was changed
 *
 * An attacker has written the copies, and may change the tree meanwhile: nothing
 * here follows a symbolic link, leaves a directory upwards or crosses a mount.
 */
#ifndef _SBPF_TREE_H
#define _SBPF_TREE_H

#include <stdbool.h>
#include <sys/stat.h>

/** TREE_SET_ID: the bits of a mode that let whoever executes a file be another. */
#define TREE_SET_ID	(S_ISUID | S_ISGID)

/**
 * enum tree_kind - What has happened to a name, printed as it is
 * @TREE_ADDED: it is new
 * @TREE_MODIFIED: it is another object, or has other contents or attributes
 * @TREE_DELETED: it is gone
 */
enum tree_kind {
	TREE_ADDED = 'A',
	TREE_MODIFIED = 'M',
	TREE_DELETED = 'D',
};

/**
 * struct tree_change - One change
 * @kind: enum tree_kind
 * @path: absolute path
 * @name: name in its directory, "." for the directory where it all begins
 * @upper: descriptor of the directory of the copy
 * @lower: descriptor of the directory of the original, -1 if it has none
 * @new: state of the copy, unless deleted
 * @old: state of the original, unless added
 */
struct tree_change {
	enum tree_kind kind;
	const char *path;
	const char *name;
	int upper;
	int lower;
	struct stat new;
	struct stat old;
};

/**
 * struct tree_visitor - Who wants to know of changes
 * @change: is told of each, of a directory before of what is in it; a directory that
 *	is there afterwards is looked into as the original. Stops at -errno
 * @leave: is told when that of a changed directory has been told, may be NULL: the
 *	change and descriptors of the copy and of the original. Stops at -errno
 * @data: given to both
 * @failed: path where it stopped, to be freed
 */
struct tree_visitor {
	int (*change)(void *data, const struct tree_change *change);
	int (*leave)(void *data, const struct tree_change *change, int upper, int lower);
	void *data;
	char *failed;
};

int tree_walk(struct tree_visitor *visitor, int dir, const char *name, int lower,
	      const char *path);
int tree_each(int dir, int (*visit)(void *data, int dir, const char *name), void *data);
int tree_open(int dir, const char *name);
int tree_open_copy(int dir, const char *name, const struct stat *st);
int tree_remove(int dir, const char *name);
bool tree_keeps_xattr(const char *name);
const char *tree_type(mode_t mode);

#endif /* _SBPF_TREE_H */
