// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - What views keep on disk: copies of what was changed, and of what
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "cli.h"
#include "dev.h"
#include "out.h"
#include "store.h"
#include "tree.h"

/* Open a directory that is ours alone, made where it is not there. */
static int open_own(int dir, const char *name, bool make)
{
	struct stat st;
	int fd;

	if (make && mkdirat(dir, name, 0700) && errno != EEXIST)
		return -errno;
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (!fstat(fd, &st) && st.st_uid == geteuid())
		return fd;
	close(fd);
	return -EPERM;
}

/* Where to keep it all: the first directory must be there, or in a home. */
static bool base(char *path, size_t size)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (!geteuid())
		snprintf(path, size, "/var/lib/sbpf/views");
	else if (state && *state == '/')
		snprintf(path, size, "%s/sbpf/views", state);
	else if (home && *home == '/')
		snprintf(path, size, "%s/.local/state/sbpf/views", home);
	else
		return false;
	return true;
}

/* Open the directory of all views: a descriptor, or -errno. */
static int open_views(bool make)
{
	char path[PATH_MAX], *slash;

	if (!base(path, sizeof(path)))
		return -ENOENT;
	for (slash = strchr(path + 1, '/'); make && slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0700) && errno != EEXIST && errno != EROFS)
			return -errno;
		*slash = '/';
	}
	return open_own(AT_FDCWD, path, make);
}

/**
 * store_directory - Where all views of the user are kept, made where it is not there
 *
 * @path: its path, without symbolic links, to be freed; NULL if the user can keep none
 *
 * Return: 0, or -errno if that cannot be told.
 */
int store_directory(char **path)
{
	char name[PATH_MAX];
	int views;

	*path = NULL;
	if (!base(name, sizeof(name)))
		return 0;
	views = open_views(true);
	/* Without the room for it, or the right to have it, or it being the user's. */
	if (views == -ENOENT || views == -ENOTDIR || views == -EROFS || views == -EACCES ||
	    views == -EPERM)
		return 0;
	if (views < 0)
		return views;
	close(views);
	*path = realpath(name, NULL);
	return *path ? 0 : -errno;
}

static void read_boot(char *boot, size_t size)
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

	snprintf(boot, size, "-");
	if (!file)
		return;
	if (fscanf(file, "%39s", boot) != 1)
		snprintf(boot, size, "-");
	fclose(file);
}

/* The next number; none is used twice, so that nobody means another view by it. */
static int next_id(int views, __u64 *id)
{
	char text[24] = "";
	int fd, len, error = 0;

	fd = openat(views, "last", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX) || pread(fd, text, sizeof(text) - 1, 0) < 0) {
		error = -errno;
	} else {
		*id = strtoull(text, NULL, 10) + 1;
		len = snprintf(text, sizeof(text), "%llu\n", *id);
		if (pwrite(fd, text, len, 0) != len)
			error = -EIO;
	}
	close(fd);
	return error;
}

static int create(struct store *store, int views, const struct sbpf_stat *stat)
{
	char name[24];
	int error = next_id(views, &store->id);

	if (error)
		return error;
	snprintf(name, sizeof(name), "%llu", store->id);
	if (mkdirat(views, name, 0700))
		return -errno;
	store->dir = open_own(views, name, false);
	if (store->dir < 0)
		return store->dir;
	store->record = openat(store->dir, "record",
			       O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
	if (store->record < 0 || flock(store->record, LOCK_EX))
		return -errno;
	read_boot(store->boot, sizeof(store->boot));
	clock_gettime(CLOCK_REALTIME, &store->created);
	if (dprintf(store->record, "created %lld %ld\nsandbox %llu %llu %s\n",
		    (long long)store->created.tv_sec, store->created.tv_nsec, stat->id,
		    stat->created_ns, store->boot) < 0)
		return -errno;
	return 0;
}

/**
 * store_create - Begin to keep a view
 * @store: filled and locked
 * @sandbox: descriptor of the sandbox that has the view
 *
 * Return: 0 or -errno.
 */
int store_create(struct store *store, int sandbox)
{
	struct sbpf_stat stat;
	int views, error;

	*store = (struct store){ .dir = -1, .record = -1 };
	error = sbpf_stat(sandbox, &stat);
	if (error)
		return error;
	views = open_views(true);
	if (views < 0)
		return views;
	error = create(store, views, &stat);
	close(views);
	return error;
}

/**
 * store_add - Record that a directory has copies
 * @store: the view
 * @number: number of the layer, whose directories are there
 * @st: what is known of the directory
 * @path: its path
 *
 * Return: 0 or -errno.
 */
int store_add(struct store *store, unsigned int number, const struct stat *st,
	      const char *path)
{
	if (strchr(path, '\n'))
		return -EINVAL;
	if (dprintf(store->record, "over %u %llu %llu %s\n", number,
		    (unsigned long long)st->st_dev, (unsigned long long)st->st_ino, path) < 0)
		return -errno;
	return 0;
}

/**
 * store_open - Find a view that was made earlier
 * @store: filled but for its layers
 * @text: its number
 *
 * Reports what is wrong if that fails.
 *
 * Return: 0 or EXIT_FAILURE.
 */
int store_open(struct store *store, const char *text)
{
	int views;

	*store = (struct store){ .dir = -1, .record = -1 };
	if (!cli_number(text, &store->id) || !store->id)
		return out_error(STORE_LIST_HINT, "not the number of a view: %s", text);
	views = open_views(false);
	if (views >= 0) {
		char name[24];

		snprintf(name, sizeof(name), "%llu", store->id);
		store->dir = open_own(views, name, false);
		close(views);
	}
	if (store->dir < 0)
		return out_error(STORE_LIST_HINT, "no such view: %llu", store->id);
	store->record = openat(store->dir, "record",
			       O_RDWR | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
	/* Without a record it was interrupted before it began, or at its very end. */
	return 0;
}

static int read_line(struct store *store, const char *line)
{
	struct store_layer layer, *more;
	long long seconds;
	int at = 0;

	if (sscanf(line, "created %lld %ld", &seconds, &store->created.tv_nsec) == 2)
		store->created.tv_sec = seconds;
	if (sscanf(line, "sandbox %llu %llu %39s", &store->sandbox, &store->sandbox_created,
		   store->boot) == 3)
		return 0;
	if (sscanf(line, "over %u %llu %llu %n", &layer.number, &layer.dev, &layer.ino, &at) < 3 ||
	    !at || line[at] != '/')
		return 0;
	more = reallocarray(store->layers, store->count + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	store->layers = more;
	layer.path = strdup(line + at);
	if (!layer.path)
		return -ENOMEM;
	more[store->count++] = layer;
	return 0;
}

/**
 * store_read - Read what a view is over
 * @store: from store_open()
 *
 * Return: 0 or -errno.
 */
int store_read(struct store *store)
{
	char *line = NULL;
	size_t size = 0;
	int fd, error = 0;
	ssize_t len;
	FILE *file;

	if (store->record < 0)
		return 0;
	fd = openat(store->dir, "record", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	file = fd < 0 ? NULL : fdopen(fd, "r");
	if (!file)
		return -errno;
	while (!error && (len = getline(&line, &size, file)) > 0 && line[len - 1] == '\n') {
		line[len - 1] = '\0';
		error = read_line(store, line);
	}
	free(line);
	fclose(file);
	return error;
}

/**
 * store_take - Lock a view, so that nobody else works on it
 * @store: from store_open()
 *
 * Return: 0, or -EWOULDBLOCK if it is in use.
 */
int store_take(struct store *store)
{
	return store->record >= 0 && flock(store->record, LOCK_EX | LOCK_NB) ? -errno : 0;
}

/**
 * store_runs - Is somebody left in the sandbox that has the view?
 * @store: with its layers read
 *
 * Return: whether there may be.
 */
bool store_runs(const struct store *store)
{
	char boot[sizeof(store->boot)];
	struct sbpf_stat stat;
	bool runs = false;
	int dev, sandbox;

	read_boot(boot, sizeof(boot));
	if (!store->sandbox || strcmp(boot, store->boot))
		return false;
	/* Without the module there are no sandboxes. */
	dev = sbpf_device();
	if (dev < 0)
		return dev != -ENOENT && dev != -ENXIO && dev != -ENODEV;
	sandbox = sbpf_open(dev, store->sandbox);
	close(dev);
	if (sandbox < 0)
		return sandbox != -ENOENT;
	if (!sbpf_stat(sandbox, &stat) && stat.created_ns == store->sandbox_created)
		runs = sbpf_wait(sandbox, 0);
	close(sandbox);
	return runs;
}

/**
 * store_layer - Open the directory of a layer, in which "upper" has the copies
 * @store: the view
 * @layer: one of its layers
 *
 * Return: a descriptor, or -errno.
 */
int store_layer(const struct store *store, const struct store_layer *layer)
{
	char name[24];

	snprintf(name, sizeof(name), "%u", layer->number);
	return tree_open(store->dir, name);
}

/**
 * store_remove - Forget a view
 * @store: the view, open and locked; may have been removed in part before
 *
 * Return: 0 or -errno.
 */
int store_remove(struct store *store)
{
	int views = openat(store->dir, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error = 0;
	struct dirent *entry;
	char name[24];
	DIR *dir;

	if (views < 0)
		return -errno;
	lseek(store->dir, 0, SEEK_SET);
	dir = fdopendir(dup(store->dir));
	while (dir && !error && (entry = readdir(dir)))
		if (strspn(entry->d_name, "0123456789") == strlen(entry->d_name))
			error = tree_remove(store->dir, entry->d_name);
	if (dir)
		closedir(dir);
	if (!error && unlinkat(store->dir, "record", 0) && errno != ENOENT)
		error = -errno;
	snprintf(name, sizeof(name), "%llu", store->id);
	if (!error && unlinkat(views, name, AT_REMOVEDIR))
		error = -errno;
	close(views);
	return error;
}

static int by_number(const void *a, const void *b)
{
	__u64 one = *(const __u64 *)a, two = *(const __u64 *)b;

	return (one > two) - (one < two);
}

/**
 * store_ids - List the views of the user
 * @ids: where to put an array of their numbers, to be freed
 * @count: where to put its length
 *
 * Return: 0 or -errno.
 */
int store_ids(__u64 **ids, size_t *count)
{
	int views = open_views(false);
	struct dirent *entry;
	__u64 id, *more;
	DIR *dir;

	*ids = NULL;
	*count = 0;
	if (views == -ENOENT)
		return 0;
	dir = views < 0 ? NULL : fdopendir(views);
	if (!dir)
		return views < 0 ? views : -errno;
	while ((entry = readdir(dir))) {
		if (!cli_number(entry->d_name, &id))
			continue;
		more = reallocarray(*ids, *count + 1, sizeof(**ids));
		if (!more)
			break;
		*ids = more;
		(*ids)[(*count)++] = id;
	}
	closedir(dir);
	if (*count)
		qsort(*ids, *count, sizeof(**ids), by_number);
	return 0;
}

/**
 * store_close - Let go of a view
 * @store: the view
 */
void store_close(struct store *store)
{
	size_t i;

	for (i = 0; i < store->count; i++)
		free(store->layers[i].path);
	free(store->layers);
	if (store->record >= 0)
		close(store->record);
	if (store->dir >= 0)
		close(store->dir);
}
