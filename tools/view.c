// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Private views: what the members of a sandbox see of files and processes
 *
 * The child that is to be the command makes them, in namespaces of its own, before it
 * enters the sandbox. Each mount at or below a directory gets an overlay. One on
 * which nothing is kept (proc, devices) stays as it is; one that cannot have an
 * overlay can be read only.
 *
 * Without privilege the kernel lets nobody see what a mount lies on, so it allows no
 * overlay over a directory that has mounts below. Then its subdirectories get
 * overlays, and it can itself be read only.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/limits.h>
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cli.h"
#include "dev.h"
#include "diff.h"
#include "out.h"
#include "store.h"
#include "view.h"

#define USER_HINT	"as root, or see that users may have namespaces: sysctl " \
			"user.max_user_namespaces kernel.unprivileged_userns_clone " \
			"kernel.apparmor_restrict_unprivileged_userns"

/*
 * What overlayfs needs for its own work, which a policy is asked about as if the
 * member did it, though it is done with the rights of who has made the overlay.
 */
#define OVERLAY_CAPABILITIES	(1ULL << CAP_CHOWN | 1ULL << CAP_DAC_OVERRIDE | \
				 1ULL << CAP_DAC_READ_SEARCH | 1ULL << CAP_FOWNER | \
				 1ULL << CAP_FSETID)

/* What holds no files but shows things of the kernel. */
static const char *const special[] = {
	"proc", "sysfs", "devtmpfs", "devpts", "mqueue", "cgroup", "cgroup2", "bpf", "debugfs",
	"tracefs", "securityfs", "selinuxfs", "configfs", "fusectl", "pstore", "efivarfs",
	"binfmt_misc", "hugetlbfs", "autofs", "rpc_pipefs", "nsfs",
};

/**
 * struct mount - A mount
 * @path: where it is
 * @type: type of its file system
 * @fd: what will be there in the view, or -1
 */
struct mount {
	char *path;
	char *type;
	int fd;
};

/**
 * struct mounts - Mounts, those below others after them
 * @all: them
 * @count: how many
 */
struct mounts {
	struct mount *all;
	size_t count;
};

/**
 * view_add - Ask for changes of a directory to be kept apart
 * @view: the view
 * @path: the directory, absolute and without symbolic links; the view's from now on
 *
 * Once is enough.
 */
void view_add(struct view *view, char *path)
{
	const char **more;
	size_t i;

	for (i = 0; i < view->count; i++) {
		if (!strcmp(view->over[i], path)) {
			free(path);
			return;
		}
	}
	more = reallocarray(view->over, view->count + 1, sizeof(*more));

	if (!more) {
		out_error(NULL, "%m");
		exit(EXIT_SBPF);
	}
	view->over = more;
	more[view->count++] = path;
}

/**
 * view_wanted - Was any view asked for?
 * @view: the view
 *
 * Return: whether there was.
 */
bool view_wanted(const struct view *view)
{
	return view->count || view->pids;
}

/**
 * view_prepare - Make room for what the view will keep
 * @view: the view
 * @sandbox: descriptor of the sandbox
 * @privileged: no user namespace is needed
 *
 * Reports what is wrong if that fails.
 *
 * Return: 0 or EXIT_SBPF.
 */
int view_prepare(struct view *view, int sandbox, bool privileged)
{
	const struct sbpf_set_rules rules = { .capabilities = OVERLAY_CAPABILITIES };
	int error;

	view->user = !privileged;
	view->uid = geteuid();
	view->gid = getegid();
	if (!view->count)
		return 0;
	error = sbpf_add_rules(sandbox, &rules);
	if (!error)
		error = store_directory(&view->hidden);
	if (!error)
		error = store_create(&view->store, sandbox);
	if (!error)
		return 0;
	out_error(geteuid() ? "it is kept in $XDG_STATE_HOME/sbpf, by default ~/.local/state/sbpf" :
			      "it is kept in /var/lib/sbpf",
		  "cannot keep a view: %s", strerror(-error));
	return EXIT_SBPF;
}

/**
 * view_fork - Fork into the namespaces that a view needs
 * @view: the view, may not be wanted
 *
 * Reports what is wrong if that fails.
 *
 * Return: as fork(2).
 */
pid_t view_fork(const struct view *view)
{
	unsigned long flags = SIGCHLD;
	pid_t pid;

	if (view_wanted(view))
		flags |= CLONE_NEWNS;
	if (view_wanted(view) && view->user)
		flags |= CLONE_NEWUSER;
	if (view->pids)
		flags |= CLONE_NEWPID;
	pid = flags == SIGCHLD ? fork() : syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
	if (pid >= 0)
		return pid;
	if (flags == SIGCHLD || errno == ENOMEM || errno == EAGAIN)
		out_error(NULL, "cannot fork: %m");
	else
		out_error(view->user ? USER_HINT : NULL, "cannot make a private view: %m");
	return pid;
}

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t len;

	if (fd < 0)
		return -errno;
	len = write(fd, text, strlen(text));
	close(fd);
	return len < 0 ? -errno : 0;
}

/* In the user namespace, whoever it is for is the same as outside, and nobody else is. */
static int map_user(const struct view *view)
{
	char text[48];
	int error;

	snprintf(text, sizeof(text), "%u %u 1", view->uid, view->uid);
	error = write_file("/proc/self/uid_map", text);
	if (!error)
		error = write_file("/proc/self/setgroups", "deny");
	snprintf(text, sizeof(text), "%u %u 1", view->gid, view->gid);
	if (!error)
		error = write_file("/proc/self/gid_map", text);
	return error;
}

static bool is_special(const char *type)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(special); i++)
		if (!strcmp(type, special[i]))
			return true;
	return false;
}

/* Is a path below a directory? */
static bool is_below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	if (len == 1)
		return path[1];
	return !strncmp(path, dir, len) && path[len] == '/';
}

static int open_path(const char *path, int flags)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC | flags,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	int fd = syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));

	return fd < 0 ? -errno : fd;
}

/* Octal numbers stand for white space and backslashes. */
static void decode(char *text)
{
	char *to = text;

	for (; *text; text++) {
		if (*text == '\\' && text[1] && text[2] && text[3]) {
			*to++ = (text[1] - '0') << 6 | (text[2] - '0') << 3 | (text[3] - '0');
			text += 3;
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct mount *)a)->path, ((const struct mount *)b)->path);
}

/* Add the mount of one line, unless another one lies on it. */
static int add_mount(struct mounts *mounts, const char *line)
{
	char *path = NULL, *type = NULL;
	struct mount *more;
	struct statx st;
	int id, at = 0;
	const char *rest = strstr(line, " - ");

	if (sscanf(line, "%d %*d %*s %*s %ms%n", &id, &path, &at) < 2 || !rest ||
	    sscanf(rest, " - %ms", &type) != 1)
		goto free;
	decode(path);
	if (statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_MNT_ID, &st) ||
	    st.stx_mnt_id != (__u64)id)
		goto free;
	more = reallocarray(mounts->all, mounts->count + 1, sizeof(*more));
	if (!more)
		goto free;
	mounts->all = more;
	more[mounts->count++] = (struct mount){ .path = path, .type = type, .fd = -1 };
	return 0;
free:
	free(path);
	free(type);
	return 0;
}

static int read_mounts(struct mounts *mounts)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	char *line = NULL;
	size_t size = 0;

	if (!file)
		return -errno;
	while (getline(&line, &size, file) > 0)
		add_mount(mounts, line);
	free(line);
	fclose(file);
	if (mounts->count)
		qsort(mounts->all, mounts->count, sizeof(*mounts->all), by_path);
	return mounts->count ? 0 : -ENOENT;
}

static struct mount *mount_at(struct mounts *mounts, const char *path)
{
	size_t i;

	for (i = 0; i < mounts->count; i++)
		if (!strcmp(mounts->all[i].path, path))
			return &mounts->all[i];
	return NULL;
}

static bool mounts_below(struct mounts *mounts, const char *path)
{
	size_t i;

	for (i = 0; i < mounts->count; i++)
		if (is_below(mounts->all[i].path, path))
			return true;
	return false;
}

/* What a mount forbids, its overlay does. */
static unsigned int attributes(int fd)
{
	struct statvfs st;
	unsigned int attr = 0;

	if (fstatvfs(fd, &st))
		return MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
	if (st.f_flag & ST_RDONLY)
		attr |= MOUNT_ATTR_RDONLY;
	if (st.f_flag & ST_NOSUID)
		attr |= MOUNT_ATTR_NOSUID;
	if (st.f_flag & ST_NODEV)
		attr |= MOUNT_ATTR_NODEV;
	if (st.f_flag & ST_NOEXEC)
		attr |= MOUNT_ATTR_NOEXEC;
	return attr;
}

/* The directories of a layer; what is uppermost looks as it does without the view. */
static int make_upper(struct view *view, int lower, const struct stat *st, int *upper, int *work)
{
	static const int rights[] = { R_OK, W_OK, X_OK };
	mode_t mode = st->st_mode & 07777;
	char name[32];
	size_t i;

	snprintf(name, sizeof(name), "%u", view->next);
	if (mkdirat(view->store.dir, name, 0700))
		return -errno;
	snprintf(name, sizeof(name), "%u/work", view->next);
	if (mkdirat(view->store.dir, name, 0700))
		return -errno;
	*work = openat(view->store.dir, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	snprintf(name, sizeof(name), "%u/upper", view->next);
	if (mkdirat(view->store.dir, name, 0700))
		return -errno;
	*upper = openat(view->store.dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*work < 0 || *upper < 0)
		return -errno;
	if (fchown(*upper, st->st_uid, st->st_gid)) {
		if (!view->user)
			return -errno;
		/*
		 * In a user namespace only what is the user's own can stay whose it is.
		 * The user gets the rights that he has without the view.
		 */
		mode = mode & 07077;
		for (i = 0; i < ARRAY_SIZE(rights); i++)
			if (!faccessat(lower, "", rights[i], AT_EMPTY_PATH | AT_EACCESS))
				mode |= rights[i] << 6;
	}
	return fchmod(*upper, mode) ? -errno : 0;
}

static bool set_fd(int fs, const char *key, int fd)
{
	char path[40];

	/* No path of ours is seen among the mounts, and none needs to be quoted. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return !fsconfig(fs, FSCONFIG_SET_STRING, key, path, 0);
}

static int mount_overlay(int lower, int upper, int work)
{
	int fs = fsopen("overlay", FSOPEN_CLOEXEC), fd;

	if (fs < 0)
		return -errno;
	if (fsconfig(fs, FSCONFIG_SET_STRING, "source", "overlay", 0) ||
	    !set_fd(fs, "lowerdir", lower) || !set_fd(fs, "upperdir", upper) ||
	    !set_fd(fs, "workdir", work) ||
	    fsconfig(fs, FSCONFIG_SET_FLAG, "userxattr", NULL, 0) ||
	    fsconfig(fs, FSCONFIG_SET_STRING, "index", "off", 0) ||
	    fsconfig(fs, FSCONFIG_SET_STRING, "metacopy", "off", 0) ||
	    fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		fd = -errno;
	else
		fd = fsmount(fs, FSMOUNT_CLOEXEC, attributes(lower));
	if (fd == -1)
		fd = -errno;
	close(fs);
	return fd;
}

/* Make an overlay over an open directory: a descriptor of the mount, or -errno. */
static int make_layer(struct view *view, int lower, const char *path)
{
	int upper = -1, work = -1, fd, error;
	struct stat st;

	if (fstat(lower, &st))
		return -errno;
	error = make_upper(view, lower, &st, &upper, &work);
	if (!error)
		error = store_add(&view->store, view->next, &st, path);
	fd = error ? error : mount_overlay(lower, upper, work);
	view->next++;
	if (upper >= 0)
		close(upper);
	if (work >= 0)
		close(work);
	return fd;
}

static int attach(int mount, int target)
{
	if (target < 0)
		return target;
	if (move_mount(mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH))
		return -errno;
	return 0;
}

static int attach_at(int mount, const char *path)
{
	int target = open_path(path, 0), error = attach(mount, target);

	if (target >= 0)
		close(target);
	return error;
}

static int set_read_only(int fd)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };

	return mount_setattr(fd, "", AT_EMPTY_PATH, &attr, sizeof(attr)) ? -errno : 0;
}

static int copy_mount(int fd, bool read_only)
{
	int copy = open_tree(fd, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH), error;

	if (copy < 0)
		return -errno;
	error = read_only ? set_read_only(copy) : 0;
	if (!error)
		return copy;
	close(copy);
	return error;
}

/* What is to be where a mount is that will be covered: a descriptor, or -errno. */
static int make_part(struct view *view, const struct mount *mount)
{
	int lower = open_path(mount->path, 0), fd = -ENOTDIR;
	struct stat st;

	if (lower < 0)
		return lower;
	if (is_special(mount->type)) {
		fd = copy_mount(lower, false);
	} else {
		if (!fstat(lower, &st) && S_ISDIR(st.st_mode))
			fd = make_layer(view, lower, mount->path);
		if (fd < 0) {
			if (out_verbose)
				out_note("read-only in the view: %s: %s", mount->path,
					 strerror(-fd));
			fd = copy_mount(lower, true);
		}
	}
	close(lower);
	return fd;
}

/* Make what is mounted on / the root, and leave nothing of the old one. */
static int change_root(int mount)
{
	int old = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), error = 0;

	if (old < 0 || fchdir(mount) || syscall(SYS_pivot_root, ".", ".") || fchdir(old) ||
	    umount2(".", MNT_DETACH) || chdir("/"))
		error = -errno;
	if (old >= 0)
		close(old);
	return error;
}

/* With privilege: one overlay over all that is of the same mount, then those below. */
static int cover_whole(struct view *view, struct mounts *mounts, const char *path)
{
	int lower = open_path(path, O_DIRECTORY), top, error = 0;
	size_t i;

	if (lower < 0)
		return lower;
	top = make_layer(view, lower, path);
	for (i = 0; top >= 0 && !error && i < mounts->count; i++) {
		struct mount *mount = &mounts->all[i];

		if (!is_below(mount->path, path))
			continue;
		mount->fd = make_part(view, mount);
		if (mount->fd < 0)
			error = mount->fd;
	}
	if (!error)
		error = top < 0 ? top : attach(top, lower);
	close(lower);
	if (!error && !path[1])
		error = change_root(top);
	for (i = 0; i < mounts->count; i++) {
		if (mounts->all[i].fd < 0)
			continue;
		if (!error)
			error = attach_at(mounts->all[i].fd, mounts->all[i].path);
		close(mounts->all[i].fd);
	}
	if (top >= 0)
		close(top);
	return error;
}

static int cover_parts(struct view *view, struct mounts *mounts, const char *path, bool top);

/* Without privilege: an overlay, or where that cannot be one for each directory in it. */
static int cover_part(struct view *view, struct mounts *mounts, const char *path)
{
	int lower, fd, error;

	if (mounts_below(mounts, path))
		return cover_parts(view, mounts, path, false);
	lower = open_path(path, O_DIRECTORY);
	if (lower < 0)
		return lower;
	fd = make_layer(view, lower, path);
	error = fd < 0 ? fd : attach(fd, lower);
	if (fd >= 0)
		close(fd);
	close(lower);
	return error;
}

/* Overlays for what holds files below what does not, such as /dev/shm. */
static int cover_special(struct view *view, struct mounts *mounts, const char *path)
{
	const char *last = NULL;
	int error = 0;
	size_t i;

	for (i = 0; i < mounts->count && !error; i++) {
		const struct mount *mount = &mounts->all[i];

		if (!is_below(mount->path, path) || is_special(mount->type) ||
		    (last && is_below(mount->path, last)))
			continue;
		last = mount->path;
		error = cover_part(view, mounts, mount->path);
	}
	return error;
}

static int cover_parts(struct view *view, struct mounts *mounts, const char *path, bool top)
{
	struct dirent *entry;
	struct stat st;
	char *below;
	int error = 0, fd;
	DIR *dir;

	if (top && path[1]) {
		/* It is to be read only, and what else is on the same mount is not. */
		fd = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
		error = fd < 0 ? -errno : attach_at(fd, path);
		if (fd >= 0)
			close(fd);
		if (error)
			return error;
	}
	fd = open_path(path, O_DIRECTORY);
	if (fd < 0)
		return fd;
	dir = opendir(path);
	if (!dir)
		error = -errno;
	while (dir && !error && (entry = readdir(dir))) {
		struct mount *mount;

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") ||
		    fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) ||
		    !S_ISDIR(st.st_mode))
			continue;
		if (asprintf(&below, "%s/%s", path[1] ? path : "", entry->d_name) < 0) {
			error = -ENOMEM;
			break;
		}
		mount = mount_at(mounts, below);
		/* What the user may not enter can stay: nothing in it can be changed. */
		if (mount && is_special(mount->type))
			error = cover_special(view, mounts, below);
		else if (!faccessat(dirfd(dir), entry->d_name, X_OK, AT_EACCESS))
			error = cover_part(view, mounts, below);
		if (error)
			out_error(NULL, "%s: %s", below, strerror(-error));
		free(below);
	}
	if (dir)
		closedir(dir);
	/* Not before: what overlays write to may be on the same mount. */
	if (!error && top)
		error = set_read_only(fd);
	close(fd);
	return error;
}

static int cover(struct view *view, const char *over)
{
	struct mounts mounts = { 0 };
	char *path = realpath(over, NULL);
	const char *hint = NULL;
	struct stat st;
	int error;
	size_t i;

	if (!path) {
		error = -errno;
	} else if (stat(path, &st) || !S_ISDIR(st.st_mode)) {
		error = -ENOTDIR;
	} else {
		error = read_mounts(&mounts);
		if (!error && view->user && mounts_below(&mounts, path))
			error = cover_parts(view, &mounts, path, true);
		else if (!error && view->user)
			error = cover_part(view, &mounts, path);
		else if (!error)
			error = cover_whole(view, &mounts, path);
	}
	if (error == -ENODEV)
		hint = "as root: modprobe overlay";
	else if (error == -EPERM || error == -EACCES)
		hint = view->user ? USER_HINT : NULL;
	else if (error == -EINVAL)
		hint = "dmesg may tell more";
	if (error)
		out_error(hint, "cannot keep changes apart: %s: %s", over, strerror(-error));
	for (i = 0; i < mounts.count; i++) {
		free(mounts.all[i].path);
		free(mounts.all[i].type);
	}
	free(mounts.all);
	free(path);
	return error;
}

/* The copies are changed through the overlays, or not at all. */
static int hide(const char *path)
{
	int fd = open_path(path, O_DIRECTORY), fs, top, error;

	/* Not in the view: so be it. */
	if (fd == -ENOENT)
		return 0;
	if (fd < 0)
		return fd;
	fs = fsopen("tmpfs", FSOPEN_CLOEXEC);
	if (fs < 0 || fsconfig(fs, FSCONFIG_SET_STRING, "source", "tmpfs", 0) ||
	    fsconfig(fs, FSCONFIG_SET_STRING, "mode", "0700", 0) ||
	    fsconfig(fs, FSCONFIG_SET_STRING, "nr_inodes", "1", 0) ||
	    fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0)) {
		error = -errno;
	} else {
		top = fsmount(fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
						   MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
		error = top < 0 ? -errno : attach(top, fd);
		if (top >= 0)
			close(top);
	}
	if (fs >= 0)
		close(fs);
	close(fd);
	return error;
}

/* The directory for the copies as it is in our mount namespace, before it is covered. */
static int reopen_store(struct view *view)
{
	char *path;
	int fd;

	if (!view->hidden || asprintf(&path, "%s/%llu", view->hidden, view->store.id) < 0)
		return -ENOENT;
	fd = open_path(path, O_DIRECTORY);
	free(path);
	if (fd < 0)
		return fd;
	close(view->store.dir);
	view->store.dir = fd;
	return 0;
}

/**
 * view_enter - See the view from now on
 * @view: the view; the caller is from view_fork()
 *
 * Reports what is wrong if that fails.
 *
 * Return: 0 or EXIT_SBPF.
 */
int view_enter(struct view *view)
{
	char *cwd = getcwd(NULL, 0);
	int error = 0;
	size_t i;

	if (!cwd) {
		out_error(NULL, "cannot tell the working directory: %m");
		return EXIT_SBPF;
	}
	if (view->user)
		error = map_user(view);
	if (!error && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		error = -errno;
	if (!error && view->count)
		error = reopen_store(view);
	if (error) {
		out_error(view->user ? USER_HINT : NULL, "cannot make a private view: %s",
			  strerror(-error));
		return EXIT_SBPF;
	}
	for (i = 0; i < view->count; i++)
		if (cover(view, view->over[i]))
			return EXIT_SBPF;
	if (view->hidden)
		error = hide(view->hidden);
	if (error) {
		out_error(NULL, "cannot hide %s: %s", view->hidden, strerror(-error));
		return EXIT_SBPF;
	}
	if (view->pids && mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL)) {
		out_error("in a container all of /proc must be seen", "cannot mount /proc: %m");
		return EXIT_SBPF;
	}
	/* By its name: what we are in is the directory outside. */
	if (chdir(cwd)) {
		out_error(NULL, "cannot go to the working directory in the view: %s: %m", cwd);
		return EXIT_SBPF;
	}
	free(cwd);
	return 0;
}

/**
 * view_end - Tell what is to be done with what was changed
 * @view: the view, of which nobody is left
 *
 * A view in which nothing was changed is removed.
 */
void view_end(struct view *view)
{
	__u64 id = view->store.id, count;
	char what[48] = "";

	/* It may have failed before there was one. */
	if (!id)
		return;
	if (store_read(&view->store) || diff_count(&view->store, &count))
		snprintf(what, sizeof(what), "something was changed");
	else if (count)
		snprintf(what, sizeof(what), "%llu change%s", count, count == 1 ? "" : "s");
	if (*what)
		out_note("view %llu: %s; see with: sbpf diff %llu; "
			 "then: sbpf commit %llu or sbpf discard %llu", id, what, id, id, id);
	else
		store_remove(&view->store);
	store_close(&view->store);
}
