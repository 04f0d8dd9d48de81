// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - "commit" and "discard": the end of a private view of files
 *
 * What the copies hold was written by whoever was in the sandbox, and the originals
 * may be in directories that others can write to. So objects are made under a name
 * of our own, looked at once they are open, and only then put in their place.
 *
 * A commit that was interrupted is begun again: what it has done then is no change
 * any more.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "cli.h"
#include "diff.h"
#include "out.h"
#include "store.h"
#include "tree.h"

/**
 * struct commit - A commit under way
 * @created: when the view was made
 * @force: commit what can be, whatever the findings
 * @findings: what speaks against it
 * @done: changes that were applied
 * @temp: name of what is being made
 * @old: name of what is being removed
 */
struct commit {
	struct timespec created;
	bool force;
	__u64 findings;
	__u64 done;
	char temp[40];
	char old[40];
};

static void tell(const struct commit *commit, const char *path, const char *what)
{
	size_t size = 4 * strlen(path) + 1;
	char *clean = malloc(size);

	if (clean && commit->force)
		out_warn(NULL, "%s: %s", out_clean(clean, size, path, size), what);
	else if (clean)
		out_error(NULL, "%s: %s", out_clean(clean, size, path, size), what);
	free(clean);
}

static bool is_newer(const struct commit *commit, const struct stat *st)
{
	return st->st_ctim.tv_sec > commit->created.tv_sec ||
	       (st->st_ctim.tv_sec == commit->created.tv_sec &&
		st->st_ctim.tv_nsec > commit->created.tv_nsec);
}

/* Is it, or anything in it, newer than the view? Directories are as their entries are. */
static int look_for_newer(void *data, int dir, const char *name)
{
	const struct commit *commit = data;
	struct stat st;
	int fd, found;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW))
		return 0;
	if (!S_ISDIR(st.st_mode))
		return is_newer(commit, &st);
	fd = tree_open(dir, name);
	if (fd < 0)
		return 0;
	found = tree_each(fd, look_for_newer, data);
	close(fd);
	return found;
}

/* Look at one change before anything is done; directories come and go with entries. */
static int check(void *data, const struct tree_change *change)
{
	struct commit *commit = data;
	const char *finding = NULL;

	if (change->kind != TREE_DELETED && !S_ISDIR(change->new.st_mode) &&
	    (S_ISCHR(change->new.st_mode) || S_ISBLK(change->new.st_mode)))
		finding = "device nodes are not committed";
	else if (change->kind == TREE_ADDED || !strcmp(change->name, "."))
		return 0;
	else if (S_ISDIR(change->old.st_mode) && change->kind == TREE_MODIFIED &&
		 S_ISDIR(change->new.st_mode))
		return 0;
	else if (look_for_newer(commit, change->lower, change->name))
		finding = "was changed outside since the view was made";
	if (!finding)
		return 0;
	commit->findings++;
	tell(commit, change->path, finding);
	return 0;
}

/* Move what is there out of the way, then remove it. */
static int remove_old(struct commit *commit, const struct tree_change *change)
{
	int error = tree_remove(change->lower, commit->old);

	if (error)
		return error;
	if (renameat(change->lower, change->name, change->lower, commit->old))
		return errno == ENOENT ? 0 : -errno;
	return tree_remove(change->lower, commit->old);
}

static int copy_xattrs(int from, int to)
{
	char *names = malloc(XATTR_LIST_MAX), *value = malloc(XATTR_SIZE_MAX), *name;
	ssize_t len = names ? flistxattr(from, names, XATTR_LIST_MAX) : -1, size;
	int error = names && value ? 0 : -ENOMEM;

	for (name = names; !error && name < names + len; name += strlen(name) + 1) {
		if (!tree_keeps_xattr(name))
			continue;
		size = fgetxattr(from, name, value, XATTR_SIZE_MAX);
		if (size >= 0 && fsetxattr(to, name, value, size, 0) && errno != EOPNOTSUPP)
			error = -errno;
	}
	/* What is not on the copy any more. */
	len = !error ? flistxattr(to, names, XATTR_LIST_MAX) : -1;
	for (name = names; !error && name < names + len; name += strlen(name) + 1)
		if (tree_keeps_xattr(name) && fgetxattr(from, name, NULL, 0) < 0 &&
		    errno == ENODATA)
			fremovexattr(to, name);
	free(names);
	free(value);
	return error;
}

/* A file that makes its user another one is not for an attacker to make. */
static mode_t harmless_mode(struct commit *commit, const struct tree_change *change)
{
	mode_t mode = change->new.st_mode & 07777;

	if (!S_ISREG(change->new.st_mode) || !(mode & TREE_SET_ID))
		return mode;
	commit->findings++;
	tell(commit, change->path, "committed without its set-user-ID and set-group-ID bits");
	return mode & ~TREE_SET_ID;
}

static int set_times(int fd, const struct stat *st)
{
	const struct timespec times[2] = { st->st_atim, st->st_mtim };

	return utimensat(fd, "", times, AT_EMPTY_PATH) ? -errno : 0;
}

static int copy_contents(int from, int to)
{
	static char buf[65536];
	ssize_t len, done, part;

	while ((len = read(from, buf, sizeof(buf))) > 0)
		for (done = 0; done < len; done += part) {
			part = write(to, buf + done, len - done);
			if (part < 0)
				return -errno;
		}
	return len < 0 ? -errno : 0;
}

static int fill_file(struct commit *commit, const struct tree_change *change, int to)
{
	int from = tree_open_copy(change->upper, change->name, &change->new), error;

	if (from < 0)
		return from;
	error = copy_contents(from, to);
	if (!error && fchown(to, change->new.st_uid, change->new.st_gid))
		error = -errno;
	if (!error)
		error = copy_xattrs(from, to);
	if (!error && fgetxattr(from, "security.capability", NULL, 0) >= 0) {
		commit->findings++;
		tell(commit, change->path, "committed without its capabilities");
	}
	close(from);
	if (!error && fchmod(to, harmless_mode(commit, change)))
		error = -errno;
	if (!error)
		error = set_times(to, &change->new);
	if (!error && fsync(to))
		error = -errno;
	return error;
}

/* Owner and times of what was made under our name, if it is still that. */
static int dress(struct commit *commit, const struct tree_change *change)
{
	int fd = openat(change->lower, commit->temp, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	int error = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		error = -errno;
	else if ((st.st_mode ^ change->new.st_mode) & S_IFMT || st.st_uid != geteuid() ||
		 st.st_nlink != 1)
		error = -ESTALE;
	else if (fchownat(fd, "", change->new.st_uid, change->new.st_gid, AT_EMPTY_PATH))
		error = -errno;
	if (!error)
		error = set_times(fd, &change->new);
	close(fd);
	return error;
}

/* Make the new object under our own name. */
static int make(struct commit *commit, const struct tree_change *change)
{
	char target[PATH_MAX];
	ssize_t len;
	int fd, error;

	switch (change->new.st_mode & S_IFMT) {
	case S_IFREG:
		fd = openat(change->lower, commit->temp,
			    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd < 0)
			return -errno;
		error = fill_file(commit, change, fd);
		close(fd);
		return error;
	case S_IFLNK:
		len = readlinkat(change->upper, change->name, target, sizeof(target) - 1);
		if (len < 0)
			return -errno;
		target[len] = '\0';
		if (symlinkat(target, change->lower, commit->temp))
			return -errno;
		return dress(commit, change);
	default:
		if (mkfifoat(change->lower, commit->temp, change->new.st_mode & 0777))
			return -errno;
		return dress(commit, change);
	}
}

static int replace(struct commit *commit, const struct tree_change *change)
{
	int error = tree_remove(change->lower, commit->temp);

	if (!error)
		error = make(commit, change);
	/* A name cannot be given from a directory to a file. */
	if (!error && change->kind == TREE_MODIFIED && S_ISDIR(change->old.st_mode))
		error = remove_old(commit, change);
	if (!error && renameat(change->lower, commit->temp, change->lower, change->name))
		error = -errno;
	if (error)
		unlinkat(change->lower, commit->temp, 0);
	return error;
}

static int apply(void *data, const struct tree_change *change)
{
	struct commit *commit = data;
	mode_t type = change->kind == TREE_DELETED ? 0 : change->new.st_mode & S_IFMT;
	int error = 0;

	if (type == S_IFCHR || type == S_IFBLK)
		return 0;
	if (type == S_IFSOCK) {
		tell(commit, change->path, "sockets are not committed");
		return 0;
	}
	commit->done++;
	if (!type)
		return remove_old(commit, change);
	if (type != S_IFDIR)
		return replace(commit, change);
	if (change->kind == TREE_MODIFIED && !S_ISDIR(change->old.st_mode))
		error = remove_old(commit, change);
	/* Others get in when it is complete. */
	if (!error && (change->kind == TREE_ADDED || !S_ISDIR(change->old.st_mode)) &&
	    mkdirat(change->lower, change->name, 0700))
		error = -errno;
	return error;
}

/* A directory has all that is in it: now it gets its owner, mode and times. */
static int finish(void *data, const struct tree_change *change, int upper, int lower)
{
	bool made = change->kind == TREE_ADDED || !S_ISDIR(change->old.st_mode);
	bool top = !strcmp(change->name, ".");
	struct stat st;
	int error;

	(void)data;
	if (lower < 0 || fstat(lower, &st))
		return -errno;
	/* Whoever may write where it is could have put another in its place. */
	if (made ? st.st_uid != geteuid() || (st.st_mode & 0777) != 0700 :
	    st.st_ino != change->old.st_ino || st.st_dev != change->old.st_dev)
		return -ESTALE;
	if (!top && fchown(lower, change->new.st_uid, change->new.st_gid))
		return -errno;
	error = copy_xattrs(upper, lower);
	if (!error && fchmod(lower, change->new.st_mode & 07777))
		error = -errno;
	return error ? error : set_times(lower, &change->new);
}

/* Take the command line and the view that it names, which must have ended. */
static int take(struct store *store, const char *text)
{
	int error;

	if (store_open(store, text))
		return EXIT_FAILURE;
	error = store_read(store);
	if (!error)
		error = store_take(store);
	if (!error && store_runs(store))
		error = -EWOULDBLOCK;
	if (!error)
		return 0;
	if (error == -EWOULDBLOCK)
		out_error("sbpf list shows the sandboxes, sbpf kill ends one",
			  "view %llu is in use: its sandbox %llu still runs", store->id,
			  store->sandbox);
	else
		out_error(NULL, "cannot use view %llu: %s", store->id, strerror(-error));
	store_close(store);
	return EXIT_FAILURE;
}

/* Is each directory still the one that the view was over? */
static int check_layers(const struct store *store, struct commit *commit)
{
	struct stat st;
	size_t i;
	int fd;

	for (i = 0; i < store->count; i++) {
		const struct store_layer *layer = &store->layers[i];

		fd = diff_lower(layer, &st);
		if (fd < 0)
			return out_error(NULL, "%s: %s", layer->path, strerror(-fd));
		close(fd);
		if (st.st_dev == layer->dev && st.st_ino == layer->ino)
			continue;
		commit->findings++;
		tell(commit, layer->path, "is not the directory that the view was over");
	}
	return 0;
}

static int commit_store(struct store *store, struct commit *commit)
{
	struct tree_visitor checks = { .change = check, .data = commit };
	struct tree_visitor applies = { .change = apply, .leave = finish, .data = commit };
	int error;

	if (check_layers(store, commit))
		return EXIT_FAILURE;
	error = diff_walk(store, &checks);
	if (error)
		error = diff_failed(&checks, error);
	free(checks.failed);
	if (error)
		return EXIT_FAILURE;
	if (commit->findings && !commit->force)
		return out_error("sbpf commit --force commits all but device nodes",
				 "view %llu is not committed, nothing has been changed", store->id);
	umask(0);
	commit->force = true;
	error = diff_walk(store, &applies);
	if (error)
		error = diff_failed(&applies, error);
	free(applies.failed);
	if (error)
		return out_error("the same command goes on where this one ended",
				 "view %llu is committed in part", store->id);
	return 0;
}

static int finish_store(struct store *store, const char *action, __u64 changes)
{
	int error = store_remove(store);
	struct json_object *record;

	if (error) {
		out_error("sbpf discard tries again", "cannot remove view %llu: %s", store->id,
			  strerror(-error));
		return EXIT_FAILURE;
	}
	record = out_new();
	out_u64(record, "view", store->id);
	out_text(record, "action", action, 16);
	out_u64(record, "changes", changes);
	out_record(record, "view %llu: %s, %llu change%s", store->id, action, changes,
		   changes == 1 ? "" : "s");
	return EXIT_SUCCESS;
}

static int run_commit(int argc, char **argv)
{
	static const struct option options[] = {
		{ "force", no_argument, NULL, 'f' },
		{ NULL, 0, NULL, 0 }
	};
	struct commit commit = { 0 };
	struct store store;
	int status;

	while (cli_getopt(argc, argv, options) != -1)
		commit.force = true;
	cli_operands(argc, argv, 1);
	if (take(&store, argv[optind]))
		return EXIT_FAILURE;
	commit.created = store.created;
	snprintf(commit.temp, sizeof(commit.temp), ".sbpf-%llu.new", store.id);
	snprintf(commit.old, sizeof(commit.old), ".sbpf-%llu.old", store.id);
	status = commit_store(&store, &commit);
	if (!status)
		status = finish_store(&store, "committed", commit.done);
	store_close(&store);
	return status;
}

static int run_discard(int argc, char **argv)
{
	struct store store;
	__u64 count = 0;
	int status;

	cli_plain(argc, argv, 1);
	if (take(&store, argv[optind]))
		return EXIT_FAILURE;
	/* Even if what it was over is not there any more. */
	if (diff_count(&store, &count))
		count = 0;
	status = finish_store(&store, "discarded", count);
	store_close(&store);
	return status;
}

const struct verb verb_commit = {
	.name = "commit",
	.args = "[--force] VIEW",
	.summary = "Apply what was changed in a private view of files, and end the view",
	.help = "VIEW is the number that \"sbpf run --overlay\" printed. Nothing is done if an\n"
		"object was changed outside since the view was made, or is a device node.\n\n"
		"  --force          overwrite what was changed outside, leave device nodes out\n\n"
		"Files lose set-user-ID and set-group-ID bits and capabilities. Sockets are left\n"
		"out, links between files become copies. After an interruption run it again.\n",
	.run = run_commit,
};

const struct verb verb_discard = {
	.name = "discard",
	.args = "VIEW",
	.summary = "Forget what was changed in a private view of files, and end the view",
	.help = "VIEW is the number that \"sbpf run --overlay\" printed.\n",
	.run = run_discard,
};
