// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - A tree of files and the copies that overlayfs has made of what was changed
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "out.h"
#include "tree.h"

#define OVERLAY_XATTR	"user.overlay."

static int open_beneath(int dir, const char *name, int flags)
{
	struct open_how how = {
		.flags = flags | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS |
			   RESOLVE_NO_XDEV,
	};
	int fd = syscall(SYS_openat2, dir, name, &how, sizeof(how));

	return fd < 0 ? -errno : fd;
}

/* Let us do what the owner of a copy of ours could allow himself. */
static int relax(int dir, const char *name, const struct stat *st, mode_t more)
{
	if (!geteuid() || st->st_uid != geteuid() || (st->st_mode & more) == more)
		return 0;
	/* Not of what a link leads to that has come in its place. */
	return fchmodat(dir, name, (st->st_mode | more) & 07777, AT_SYMLINK_NOFOLLOW) ? -errno : 0;
}

/**
 * tree_open - Open a directory
 * @dir: directory that it is in
 * @name: its name
 *
 * Return: a descriptor, or -errno.
 */
int tree_open(int dir, const char *name)
{
	return open_beneath(dir, name, O_RDONLY | O_DIRECTORY);
}

/* Open a directory of copies, to be closed with the next one. */
static int open_copies(int dir, const char *name, const struct stat *st)
{
	int error = relax(dir, name, st, 0700);

	return error ? error : tree_open(dir, name);
}

static void close_copies(int fd, const struct stat *st)
{
	if (geteuid() && st->st_uid == geteuid() && (st->st_mode & 0700) != 0700)
		fchmod(fd, st->st_mode & 07777);
	close(fd);
}

static int open_file(int dir, const char *name, const struct stat *st)
{
	int fd = open_beneath(dir, name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	struct stat now;

	if (fd < 0)
		return fd;
	if (!fstat(fd, &now) && S_ISREG(now.st_mode) && now.st_ino == st->st_ino &&
	    now.st_dev == st->st_dev)
		return fd;
	close(fd);
	return -ESTALE;
}

/**
 * tree_open_copy - Open the copy of a regular file for reading, whatever its mode
 * @dir: directory that it is in
 * @name: its name
 * @st: what it is known to be
 *
 * Return: a descriptor, -ESTALE if it is another file now, or another -errno.
 */
int tree_open_copy(int dir, const char *name, const struct stat *st)
{
	int error = relax(dir, name, st, 0400);
	int fd = error ? error : open_file(dir, name, st);

	if (fd >= 0 && geteuid() && !(st->st_mode & 0400))
		fchmod(fd, st->st_mode & 07777);
	return fd;
}

/**
 * tree_each - Do something with each entry of a directory, in order of their names
 * @dir: the directory
 * @visit: what to do, stops at -errno
 * @data: given to it
 *
 * Return: 0 or -errno.
 */
int tree_each(int dir, int (*visit)(void *data, int dir, const char *name), void *data)
{
	struct dirent **entries;
	int count = scandirat(dir, ".", &entries, NULL, alphasort), error = 0, i;

	if (count < 0)
		return -errno;
	for (i = 0; i < count; i++) {
		if (!error && strcmp(entries[i]->d_name, ".") && strcmp(entries[i]->d_name, ".."))
			error = visit(data, dir, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return error;
}

static int remove_entry(void *data, int dir, const char *name)
{
	(void)data;
	return tree_remove(dir, name);
}

/**
 * tree_remove - Remove a file, or a directory with all that is in it
 * @dir: directory that it is in
 * @name: its name
 *
 * Return: 0, also if there is none, or -errno.
 */
int tree_remove(int dir, const char *name)
{
	struct stat st;
	int fd, error;

	if (!unlinkat(dir, name, 0) || errno == ENOENT)
		return 0;
	error = -errno;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) || !S_ISDIR(st.st_mode))
		return error;
	fd = open_copies(dir, name, &st);
	if (fd < 0)
		return fd;
	error = tree_each(fd, remove_entry, NULL);
	close(fd);
	if (error)
		return error;
	return unlinkat(dir, name, AT_REMOVEDIR) ? -errno : 0;
}

/**
 * tree_keeps_xattr - Does an extended attribute go with a file?
 * @name: its name
 *
 * Those that overlayfs or other parts of the kernel act upon do not.
 *
 * Return: whether it does.
 */
bool tree_keeps_xattr(const char *name)
{
	return !strcmp(name, "system.posix_acl_access") ||
	       !strcmp(name, "system.posix_acl_default") ||
	       (!strncmp(name, "user.", 5) &&
		strncmp(name, OVERLAY_XATTR, strlen(OVERLAY_XATTR)));
}

/**
 * tree_type - Name the type of a file
 * @mode: its mode
 *
 * Return: the name.
 */
const char *tree_type(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return "file";
	case S_IFDIR:
		return "directory";
	case S_IFLNK:
		return "symlink";
	case S_IFIFO:
		return "fifo";
	case S_IFSOCK:
		return "socket";
	default:
		return "device";
	}
}

/* Are all extended attributes of @a that count the same on @b? */
static bool xattrs_in(int a, int b, size_t *count)
{
	char *one = malloc(XATTR_SIZE_MAX), *two = malloc(XATTR_SIZE_MAX);
	char *names = malloc(XATTR_LIST_MAX), *name;
	ssize_t len, size;
	bool same = one && two && names;

	len = same ? flistxattr(a, names, XATTR_LIST_MAX) : 0;
	for (name = names; same && name < names + len; name += strlen(name) + 1) {
		if (!tree_keeps_xattr(name))
			continue;
		++*count;
		size = fgetxattr(a, name, one, XATTR_SIZE_MAX);
		same = size >= 0 && fgetxattr(b, name, two, XATTR_SIZE_MAX) == size &&
		       !memcmp(one, two, size);
	}
	free(one);
	free(two);
	free(names);
	return same;
}

static bool same_xattrs(int a, int b)
{
	size_t in_a = 0, in_b = 0;

	return xattrs_in(a, b, &in_a) && xattrs_in(b, a, &in_b) && in_a == in_b;
}

static bool same_contents(int a, int b)
{
	static char one[65536], two[65536];
	ssize_t len;

	do {
		len = read(a, one, sizeof(one));
		if (len < 0 || read(b, two, sizeof(two)) != len || memcmp(one, two, len))
			return false;
	} while (len);
	return true;
}

static bool same_file(const struct tree_change *change)
{
	int a = tree_open_copy(change->upper, change->name, &change->new), b;
	bool same = false;

	if (a < 0)
		return false;
	b = open_file(change->lower, change->name, &change->old);
	if (b >= 0) {
		same = same_xattrs(a, b) && same_contents(a, b);
		close(b);
	}
	close(a);
	return same;
}

static bool same_link(const struct tree_change *change)
{
	char a[PATH_MAX], b[PATH_MAX];
	ssize_t len = readlinkat(change->upper, change->name, a, sizeof(a));

	return len > 0 && readlinkat(change->lower, change->name, b, sizeof(b)) == len &&
	       !memcmp(a, b, len);
}

static bool same_directory(const struct tree_change *change)
{
	bool top = !strcmp(change->name, ".");
	int a = top ? change->upper : open_copies(change->upper, change->name, &change->new);
	int b = tree_open(change->lower, change->name);
	bool same = a >= 0 && (b < 0 || same_xattrs(a, b));

	if (a >= 0 && !top)
		close_copies(a, &change->new);
	if (b >= 0)
		close(b);
	return same;
}

/* Has it been copied and not changed? What a commit made of it is the same, too. */
static bool same(const struct tree_change *change)
{
	const struct stat *new = &change->new, *old = &change->old;
	mode_t differ = new->st_mode ^ old->st_mode;

	/* The uppermost directory may be whoever's the view is, see make_upper(). */
	if (!strcmp(change->name, ".") && new->st_uid != old->st_uid)
		return same_directory(change);
	if (!S_ISDIR(new->st_mode) && !(old->st_mode & TREE_SET_ID))
		differ &= ~TREE_SET_ID;
	if (differ)
		return false;
	if (new->st_uid != old->st_uid || (new->st_gid != old->st_gid && strcmp(change->name, ".")))
		return false;
	switch (new->st_mode & S_IFMT) {
	case S_IFDIR:
		return same_directory(change);
	case S_IFREG:
		return new->st_size == old->st_size &&
		       new->st_mtim.tv_sec == old->st_mtim.tv_sec &&
		       new->st_mtim.tv_nsec == old->st_mtim.tv_nsec && same_file(change);
	case S_IFLNK:
		return same_link(change);
	case S_IFCHR:
	case S_IFBLK:
		return new->st_rdev == old->st_rdev;
	default:
		return true;
	}
}

/* The value of one of overlayfs's attributes that are one letter, else 0. */
static char overlay_xattr(int fd, const char *name)
{
	char value[2];

	return fgetxattr(fd, name, value, sizeof(value)) == 1 ? *value : 0;
}

static bool is_whiteout(int dir, const char *name, const struct stat *st)
{
	int fd;
	bool is;

	if (S_ISCHR(st->st_mode))
		return st->st_rdev == makedev(0, 0);
	if (!S_ISREG(st->st_mode) || st->st_size ||
	    overlay_xattr(dir, OVERLAY_XATTR "opaque") != 'x')
		return false;
	fd = tree_open_copy(dir, name, st);
	if (fd < 0)
		return false;
	is = fgetxattr(fd, OVERLAY_XATTR "whiteout", NULL, 0) >= 0;
	close(fd);
	return is;
}

/**
 * struct walk - Where a walk is
 * @visitor: who wants to know
 * @upper: directory with copies
 * @lower: its original, or -1
 * @path: path of both
 */
struct walk {
	struct tree_visitor *visitor;
	int upper;
	int lower;
	const char *path;
};

static int walk_directory(struct tree_visitor *visitor, int upper, int lower, const char *path);

/* Look into a directory that has a copy; the original may have been made just now. */
static int walk_into(struct walk *walk, const struct tree_change *change)
{
	int upper, lower = -1, error;

	if (walk->lower >= 0) {
		lower = tree_open(walk->lower, change->name);
		if (lower < 0 && lower != -ENOENT && lower != -ENOTDIR && lower != -ELOOP)
			return lower;
	}
	upper = open_copies(walk->upper, change->name, &change->new);
	if (upper < 0) {
		if (lower >= 0)
			close(lower);
		return upper;
	}
	error = walk_directory(walk->visitor, upper, lower, change->path);
	if (!error && change->kind && walk->visitor->leave)
		error = walk->visitor->leave(walk->visitor->data, change, upper, lower);
	close_copies(upper, &change->new);
	if (lower >= 0)
		close(lower);
	return error;
}

static int walk_name(struct walk *walk, struct tree_change *change)
{
	bool there = walk->lower >= 0 &&
		     !fstatat(walk->lower, change->name, &change->old, AT_SYMLINK_NOFOLLOW);
	int error = 0;

	if (fstatat(walk->upper, change->name, &change->new, AT_SYMLINK_NOFOLLOW))
		return -errno;
	if (is_whiteout(walk->upper, change->name, &change->new)) {
		if (!there)
			return 0;
		change->kind = TREE_DELETED;
		return walk->visitor->change(walk->visitor->data, change);
	}
	if (!there)
		change->kind = TREE_ADDED;
	else if (!same(change))
		change->kind = TREE_MODIFIED;
	if (change->kind)
		error = walk->visitor->change(walk->visitor->data, change);
	if (!error && S_ISDIR(change->new.st_mode))
		error = walk_into(walk, change);
	return error;
}

static int in_walk(struct walk *walk, const char *name,
		   int (*act)(struct walk *walk, struct tree_change *change))
{
	struct tree_change change = {
		.name = name,
		.upper = walk->upper,
		.lower = walk->lower,
	};
	char *path;
	int error;

	if (asprintf(&path, "%s/%s", strcmp(walk->path, "/") ? walk->path : "", name) < 0)
		return -ENOMEM;
	change.path = path;
	error = act(walk, &change);
	if (error && !walk->visitor->failed)
		walk->visitor->failed = path;
	else
		free(path);
	return error;
}

static int walk_upper(void *data, int dir, const char *name)
{
	(void)dir;
	return in_walk(data, name, walk_name);
}

/* What has no copy in an opaque directory is gone. */
static int walk_gone(struct walk *walk, struct tree_change *change)
{
	if (!fstatat(walk->upper, change->name, &change->new, AT_SYMLINK_NOFOLLOW))
		return 0;
	if (fstatat(walk->lower, change->name, &change->old, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT ? 0 : -errno;
	change->kind = TREE_DELETED;
	return walk->visitor->change(walk->visitor->data, change);
}

static int walk_lower(void *data, int dir, const char *name)
{
	(void)dir;
	return in_walk(data, name, walk_gone);
}

static int walk_directory(struct tree_visitor *visitor, int upper, int lower, const char *path)
{
	struct walk walk = { visitor, upper, lower, path };
	int error = tree_each(upper, walk_upper, &walk);

	if (!error && lower >= 0 && overlay_xattr(upper, OVERLAY_XATTR "opaque") == 'y')
		error = tree_each(lower, walk_lower, &walk);
	return error;
}

static int walk_top(struct tree_visitor *visitor, struct tree_change *change)
{
	int error = 0;

	if (!same(change)) {
		change->kind = TREE_MODIFIED;
		error = visitor->change(visitor->data, change);
	}
	if (!error)
		error = walk_directory(visitor, change->upper, change->lower, change->path);
	if (!error && change->kind && visitor->leave)
		error = visitor->leave(visitor->data, change, change->upper, change->lower);
	return error;
}

/**
 * tree_walk - Find what was changed
 * @visitor: who wants to know
 * @dir: directory in which there is one with the copies
 * @name: its name
 * @lower: directory that they are of
 * @path: its path
 *
 * Return: 0, or -errno, the visitor's own included.
 */
int tree_walk(struct tree_visitor *visitor, int dir, const char *name, int lower,
	      const char *path)
{
	struct tree_change change = {
		.path = path,
		.name = ".",
		.lower = lower,
	};
	int error;

	if (fstatat(dir, name, &change.new, AT_SYMLINK_NOFOLLOW) || fstat(lower, &change.old))
		return -errno;
	change.upper = open_copies(dir, name, &change.new);
	if (change.upper < 0)
		return change.upper;
	error = walk_top(visitor, &change);
	close_copies(change.upper, &change.new);
	return error;
}
