// SPDX-License-Identifier: GPL-2.0-only
/* Attacks on files, their names and what is told about them. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <linux/tiocl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <utime.h>

#include "threats.h"

#ifndef SYS_fchmodat2
#define SYS_fchmodat2		452
#endif
#ifndef SYS_setxattrat
#define SYS_setxattrat		463
#endif
#ifndef SYS_removexattrat
#define SYS_removexattrat	466
#endif
#ifndef SYS_file_setattr
#define SYS_file_setattr	469
#endif

static int renamed(const char *from, const char *to, unsigned int flags)
{
	return result(renameat2(AT_FDCWD, from, AT_FDCWD, to, flags));
}

static int created(int fd)
{
	int err = result(fd);

	close(fd);
	return err;
}

/* A descriptor of a file that may be read. */
static int readable(void)
{
	return open(BASHRC, O_RDONLY | O_CLOEXEC);
}

#define LIST "threats"

/* Malicious process 1: what a macro in a document does. */

ATTACK(social_engineering, autostart, BOTH, "path_mknod:EACCES:/evil.desktop")
{
	return created(open(AUTOSTART "/evil.desktop", O_WRONLY | O_CREAT, 0644));
}

ATTACK(social_engineering, autostart_rename, BOTH, "path_rename:EACCES:/work/file")
{
	return renamed(WORK "/file", AUTOSTART "/evil.desktop", 0);
}

ATTACK(social_engineering, autostart_link, BOTH, "path_link:EACCES:/evil.desktop")
{
	return result(link(WORK "/file", AUTOSTART "/evil.desktop"));
}

ATTACK(social_engineering, autostart_symlink, BOTH, "path_symlink:EACCES:/evil.desktop")
{
	return result(symlink(WORK "/file", AUTOSTART "/evil.desktop"));
}

ATTACK(social_engineering, autostart_tmpfile, BOTH, "file_open:EACCES:")
{
	char path[64];
	int fd = open(AUTOSTART, O_TMPFILE | O_WRONLY, 0644);

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return result(fd) ?: result(linkat(AT_FDCWD, path, AT_FDCWD, AUTOSTART "/evil.desktop",
					   AT_SYMLINK_FOLLOW));
}

ATTACK(social_engineering, bashrc, BOTH, "file_open:EACCES:/.bashrc")
{
	return appends(open(BASHRC, O_WRONLY | O_APPEND));
}

ATTACK(social_engineering, bashrc_replaced, BOTH, "path_rename:EACCES:/work/file")
{
	return renamed(WORK "/file", BASHRC, 0);
}

ATTACK(social_engineering, cron, BOTH, "path_mknod:EACCES:/cron.d/evil")
{
	return created(open(T "/cron.d/evil", O_WRONLY | O_CREAT, 0644));
}

ATTACK(social_engineering, cron_of_the_system, ROOT, "path_mknod:EACCES:/etc/threats-evil")
{
	int fd = open("/etc/threats-evil", O_WRONLY | O_CREAT, 0644);

	return created(fd) ?: result(unlink("/etc/threats-evil"));
}

/* Mechanism: local file system. */

ATTACK(local_file_system, read, BOTH, "file_open:EACCES:/.ssh/key")
{
	return reads_secret(open(KEY, O_RDONLY));
}

ATTACK(local_file_system, list, BOTH, "file_open:EACCES:/.ssh")
{
	return created(open(HOME "/.ssh", O_RDONLY | O_DIRECTORY));
}

ATTACK(local_file_system, write, BOTH, "file_open:EACCES:/home/doc")
{
	return appends(open(HOME "/doc", O_RDWR | O_APPEND));
}

ATTACK(local_file_system, create, BOTH, "path_mknod:EACCES:/home/new")
{
	return created(creat(HOME "/new", 0644));
}

ATTACK(local_file_system, mkdir, BOTH, "path_mkdir:EACCES:/home/new")
{
	return result(mkdir(HOME "/new", 0755));
}

ATTACK(local_file_system, mkfifo, BOTH, "path_mknod:EACCES:/home/new")
{
	return result(mkfifo(HOME "/new", 0644));
}

ATTACK(local_file_system, socket, BOTH, "path_mknod:EACCES:/home/new")
{
	const struct sockaddr_un name = { AF_UNIX, HOME "/new" };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	return result(fd) ?: result(bind(fd, (void *)&name, sizeof(name)));
}

ATTACK(local_file_system, unlink, BOTH, "path_unlink:EACCES:/home/doc")
{
	return result(unlink(HOME "/doc"));
}

ATTACK(local_file_system, rmdir, BOTH, "path_unlink:EACCES:/home/empty")
{
	return result(rmdir(HOME "/empty"));
}

/* The same by other system calls. */

#define BY(way, op, object, call)						\
	ATTACK(local_file_system, way, BOTH, op ":EACCES:" object)		\
	{									\
		return result(call);						\
	}

BY(mkdirat, "path_mkdir", "/home/new", mkdirat(open(HOME, O_PATH), "new", 0755))
BY(mknod, "path_mknod", "/home/new", syscall(SYS_mknod, HOME "/new", S_IFIFO | 0644, 0))
BY(mknodat, "path_mknod", "/home/new", mknodat(open(HOME, O_PATH), "new", S_IFREG | 0644, 0))
BY(creat, "path_mknod", "/home/new", syscall(SYS_creat, HOME "/new", 0644))
BY(open, "path_mknod", "/home/new", syscall(SYS_open, HOME "/new", O_CREAT | O_WRONLY, 0644))
BY(unlinkat, "path_unlink", "/home/doc", unlinkat(open(HOME, O_PATH), "doc", 0))
BY(unlinkat_directory, "path_unlink", "/home/empty",
   unlinkat(open(HOME, O_PATH), "empty", AT_REMOVEDIR))
BY(symlink, "path_symlink", "/home/new", symlink(WORK "/file", HOME "/new"))
BY(symlinkat, "path_symlink", "/home/new", symlinkat(WORK "/file", open(HOME, O_PATH), "new"))

ATTACK(local_file_system, openat2_created, BOTH, "path_mknod:EACCES:/home/new")
{
	struct open_how how = { .flags = O_CREAT | O_WRONLY, .mode = 0644 };

	return created(syscall(SYS_openat2, AT_FDCWD, HOME "/new", &how, sizeof(how)));
}

ATTACK(local_file_system, execute, BOTH, "file_open:EACCES:/work/prog")
{
	static const char *const argv[] = { WORK "/prog", "evil", NULL };

	return run_program(argv, NULL);
}

/* Mechanism: device permissions. */

/* A machine without such a device says so after all checks. */
static int device(int fd)
{
	int err = created(fd);

	return err == ENXIO ? 0 : err;
}

ATTACK(device_permissions, read, BOTH, "file_open:EACCES:/bin/screen")
{
	return device(open(T "/bin/screen", O_RDONLY));
}

ATTACK(device_permissions, ioctls_only, BOTH, "file_open:EACCES:/bin/screen")
{
	return device(open(T "/bin/screen", 3));
}

ATTACK(device_permissions, disk, BOTH, "file_open:EACCES:/bin/disk")
{
	return device(open(T "/bin/disk", O_RDONLY));
}

ATTACK(device_permissions, memory, ROOT, "file_open:EACCES:/bin/mem")
{
	return device(open(T "/bin/mem", O_RDWR));
}

ATTACK(device_permissions, memory_of_the_system, ROOT, "file_open:EACCES:/dev/mem")
{
	int err = device(open("/dev/mem", O_RDONLY));

	/* A kernel may be built without. */
	return err == ENOENT ? 0 : err;
}

ATTACK(device_permissions, kernel_memory, ROOT, "file_open:EACCES:/bin/kmem")
{
	return device(open(T "/bin/kmem", O_RDWR));
}

ATTACK(device_permissions, ports, ROOT, "file_open:EACCES:/bin/port")
{
	return device(open(T "/bin/port", O_RDWR));
}

ATTACK(device_permissions, ioctl, BOTH, "file_ioctl:EACCES:/dev/pts/")
{
	char request[] = { TIOCL_PASTESEL };

	/* It is no console, which it says if it is asked. */
	return ioctl(1, TIOCLINUX, request) && errno != ENOTTY && errno != EINVAL ? errno : 0;
}

ATTACK(device_permissions, mknod, ROOT, "path_mknod:EACCES:/work/mem|capable:EPERM:")
{
	return result(mknod(WORK "/mem", S_IFCHR | 0666, makedev(1, 1)));
}

ATTACK(device_permissions, mknod_block, ROOT, "path_mknod:EACCES:/work/disk|capable:EPERM:")
{
	return result(mknod(WORK "/disk", S_IFBLK | 0666, makedev(254, 0)));
}

/* Malicious process 7: a key. */

ATTACK(steals_files, open, BOTH, "file_open:EACCES:/.ssh/key")
{
	return reads_secret(open(KEY, O_RDONLY));
}

ATTACK(steals_files, inherited, BOTH, "-:EBADF:")
{
	return reads_secret(dup(INHERITED));
}

ATTACK(steals_files, scm_rights, BOTH, "file_receive:EACCES:/.ssh/key")
{
	return reads_secret(ask_for(A_KEY, receive));
}

ATTACK(steals_files, hard_link, BOTH, "path_link:EACCES:/work/key|path_link:EXDEV:/work/key")
{
	return result(link(KEY, WORK "/key")) ?: reads_secret(open(WORK "/key", O_RDONLY));
}

ATTACK(steals_files, proc_self_root, BOTH, "file_open:EACCES:/.ssh/key")
{
	return reads_secret(open("/proc/self/root" KEY, O_RDONLY));
}

#undef LIST
#define LIST "escapes"

/* Across the border of a rule, out of what may not be read into what may be. */

ATTACK(rename, out, BOTH, "path_rename:EACCES:/.ssh/key")
{
	return renamed(KEY, WORK "/key", 0) ?: reads_secret(open(WORK "/key", O_RDONLY));
}

ATTACK(rename, in, BOTH, "path_rename:EACCES:/work/file")
{
	return renamed(WORK "/file", HOME "/.ssh/authorized_keys", 0);
}

ATTACK(rename, out_by_rename, BOTH, "path_rename:EACCES:/.ssh/key")
{
	return result(syscall(SYS_rename, KEY, WORK "/key"));
}

ATTACK(rename, out_by_renameat, BOTH, "path_rename:EACCES:/.ssh/key")
{
	return result(syscall(SYS_renameat, open(HOME "/.ssh", O_PATH), "key", open(WORK, O_PATH),
			      "key"));
}

ATTACK(rename, directory_out, BOTH, "path_rename:EACCES:/.ssh")
{
	return renamed(HOME "/.ssh", WORK "/ssh", 0) ?:
	       reads_secret(open(WORK "/ssh/key", O_RDONLY));
}

ATTACK(rename, parent_out, BOTH, "path_rename:EACCES:/home")
{
	return renamed(HOME, WORK "/home", 0) ?:
	       reads_secret(open(WORK "/home/.ssh/key", O_RDONLY));
}

ATTACK(rename, work_away, BOTH, "path_rename:EACCES:/work")
{
	return renamed(WORK, T "/work2", 0) ?: renamed(T "/work2", WORK, 0);
}

ATTACK(rename, read_only_to_executable, BOTH, "path_rename:EACCES:/work/prog")
{
	static const char *const argv[] = { T "/bin/prog", "evil", NULL };

	return renamed(WORK "/prog", T "/bin/prog", 0) ?: run_program(argv, NULL);
}

ATTACK(rename, noreplace, BOTH, "path_rename:EACCES:/home/doc")
{
	return renamed(HOME "/doc", WORK "/doc", RENAME_NOREPLACE);
}

ATTACK(rename, whiteout, ROOT, "path_rename:EACCES:/home/doc|capable:EPERM:")
{
	return renamed(HOME "/doc", WORK "/doc", RENAME_WHITEOUT);
}

ATTACK(rename, whiteout_left, BOTH, "path_rename:EACCES:/work/file")
{
	return renamed(WORK "/file", WORK "/file2", RENAME_WHITEOUT);
}

ATTACK(rename, exchange_out, BOTH, "path_rename:EACCES:/.ssh/key")
{
	return renamed(KEY, WORK "/file", RENAME_EXCHANGE) ?:
	       reads_secret(open(WORK "/file", O_RDONLY));
}

ATTACK(rename, exchange_in, BOTH, "path_rename:EACCES:/work/file")
{
	return renamed(WORK "/file", BASHRC, RENAME_EXCHANGE);
}

ATTACK(rename, exchange_directories, BOTH, "path_rename:EACCES:")
{
	return result(mkdir(WORK "/d", 0755)) ?:
	       renamed(WORK "/d", HOME "/.ssh", RENAME_EXCHANGE) ?:
	       reads_secret(open(WORK "/d/key", O_RDONLY));
}

ATTACK(hard_link, out, BOTH, "path_link:EACCES:/work/doc|path_link:EXDEV:/work/doc")
{
	return result(link(HOME "/doc", WORK "/doc")) ?: appends(open(WORK "/doc", O_WRONLY));
}

ATTACK(hard_link, in, BOTH, "path_link:EACCES:/home/file")
{
	return result(link(WORK "/file", HOME "/file"));
}

ATTACK(hard_link, to_executable, BOTH, "path_link:EACCES:/bin/prog")
{
	static const char *const argv[] = { T "/bin/prog", "evil", NULL };

	return result(link(WORK "/prog", T "/bin/prog")) ?: run_program(argv, NULL);
}

ATTACK(hard_link, by_descriptor, BOTH, "path_link:EACCES:/work/doc|path_link:EXDEV:/work/doc")
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", open(HOME "/doc", O_RDONLY));
	return result(linkat(AT_FDCWD, path, AT_FDCWD, WORK "/doc", AT_SYMLINK_FOLLOW)) ?:
	       appends(open(WORK "/doc", O_WRONLY));
}

ATTACK(hard_link, by_empty_path, ROOT,
       "path_link:EACCES:/work/doc|path_link:EXDEV:/work/doc|capable:EPERM::ENOENT")
{
	return result(linkat(open(HOME "/doc", O_PATH), "", AT_FDCWD, WORK "/doc", AT_EMPTY_PATH));
}

ATTACK(symlink, out, BOTH, "file_open:EACCES:/.ssh/key")
{
	return result(symlink(KEY, WORK "/key")) ?: reads_secret(open(WORK "/key", O_RDONLY));
}

ATTACK(symlink, of_the_directory, BOTH, "file_open:EACCES:/.ssh/key")
{
	return result(symlink(HOME, WORK "/home")) ?:
	       reads_secret(open(WORK "/home/.ssh/key", O_RDONLY));
}

ATTACK(symlink, written_through, BOTH, "file_open:EACCES:/.bashrc")
{
	return result(symlink(BASHRC, WORK "/rc")) ?: appends(open(WORK "/rc", O_WRONLY));
}

ATTACK(symlink, created_through, BOTH, "path_mknod:EACCES:/evil.desktop")
{
	return result(symlink(AUTOSTART "/evil.desktop", WORK "/rc")) ?:
	       created(open(WORK "/rc", O_WRONLY | O_CREAT, 0644));
}

ATTACK(symlink, in, BOTH, "path_symlink:EACCES:/home/new")
{
	return result(symlink(WORK "/file", HOME "/new"));
}

ATTACK(paths, dots, BOTH, "file_open:EACCES:/.ssh/key")
{
	return reads_secret(open(WORK "/../work/../home/.ssh/key", O_RDONLY));
}

ATTACK(paths, directory_descriptor, BOTH, "file_open:EACCES:/.ssh/key")
{
	int dir = open(WORK, O_RDONLY | O_DIRECTORY);

	return result(dir) ?: reads_secret(openat(dir, "../home/.ssh/key", O_RDONLY));
}

ATTACK(paths, path_descriptor, BOTH, "file_open:EACCES:/.ssh/key")
{
	int dir = open(HOME "/.ssh", O_PATH | O_DIRECTORY);

	return result(dir) ?: reads_secret(openat(dir, "key", O_RDONLY));
}

ATTACK(paths, working_directory, BOTH, "file_open:EACCES:/.ssh/key")
{
	return result(chdir(HOME "/.ssh")) ?: reads_secret(open("key", O_RDONLY));
}

ATTACK(paths, proc_self_cwd, BOTH, "file_open:EACCES:/.ssh/key")
{
	return result(chdir(HOME)) ?: reads_secret(open("/proc/self/cwd/.ssh/key", O_RDONLY));
}

ATTACK(paths, proc_thread_self_root, BOTH, "file_open:EACCES:/.ssh/key")
{
	return reads_secret(open("/proc/thread-self/root" KEY, O_RDONLY));
}

ATTACK(paths, openat2, BOTH, "file_open:EACCES:/.ssh/key")
{
	struct open_how how = { .flags = O_RDONLY, .resolve = RESOLVE_IN_ROOT };
	int dir = open(HOME, O_PATH);

	return result(dir) ?:
	       reads_secret(syscall(SYS_openat2, dir, "/.ssh/key", &how, sizeof(how)));
}

ATTACK(paths, open, BOTH, "file_open:EACCES:/.ssh/key")
{
	return reads_secret(syscall(SYS_open, KEY, O_RDONLY));
}

ATTACK(paths, openat2_beneath, BOTH, "file_open:EACCES:/.ssh/key")
{
	struct open_how how = { .flags = O_RDONLY, .resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV };

	return reads_secret(syscall(SYS_openat2, open(HOME "/.ssh", O_PATH), "key", &how,
				    sizeof(how)));
}

ATTACK(paths, file_handle, ROOT, "file_open:EACCES:key|capable:EPERM:")
{
	struct { struct file_handle handle; char room[128]; } h = { .handle.handle_bytes = 128 };
	int mount, dir = open(WORK, O_RDONLY);

	return result(name_to_handle_at(AT_FDCWD, KEY, &h.handle, &mount, 0)) ?:
	       reads_secret(open_by_handle_at(dir, &h.handle, O_RDONLY));
}

ATTACK(paths, executed_to_be_read, BOTH,
       "file_open:EACCES:/.ssh/key|bprm_check_security:EACCES:/.ssh/key")
{
	/* Exists to be told from one that does not; is no program. */
	int err = result(execl(KEY, KEY, NULL));

	return err == ENOEXEC ? 0 : err == EACCES && faccessat(AT_FDCWD, KEY, X_OK, 0) ?
	       reads_secret(open(KEY, O_RDONLY)) : err;
}

/* Reopening */

ATTACK(proc_self_fd, path_descriptor, BOTH, "file_open:EACCES:/.ssh/key")
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", open(KEY, O_PATH));
	return reads_secret(open(path, O_RDONLY));
}

ATTACK(proc_self_fd, for_writing, BOTH, "file_open:EACCES:/.bashrc")
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", readable());
	return appends(open(path, O_WRONLY));
}

ATTACK(proc_self_fd, empty_path, BOTH, "file_open:EACCES:/.bashrc")
{
	char path[64];

	snprintf(path, sizeof(path), "/dev/fd/%d", open(BASHRC, O_PATH));
	return appends(open(path, O_RDWR));
}

ATTACK(proc_self_fd, standard_output, BOTH, "file_open:EACCES:/dev/pts/")
{
	return created(open("/proc/self/fd/1", O_RDWR));
}

/*
 * From one file into another without a buffer. The kernel asks nobody about what is
 * written to a file that is open: what is denied is to have it so.
 */

static int target(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", readable());
	return open(path, O_WRONLY);
}

static int splice_to(int to)
{
	int pipes[2];

	return result(pipe(pipes)) ?: result(write(pipes[1], "evil\n", 5)) ?:
	       result(splice(pipes[0], NULL, to, NULL, 5, 0));
}

/* Of memory, and of another pipe. */
static int vmsplice_to(int to)
{
	struct iovec iov = { "evil\n", 5 };
	int pipes[2];

	return result(pipe(pipes)) ?: result(vmsplice(pipes[1], &iov, 1, 0)) ?:
	       result(splice(pipes[0], NULL, to, NULL, 5, 0));
}

static int tee_to(int to)
{
	int from[2], pipes[2];

	return result(pipe(from)) ?: result(pipe(pipes)) ?:
	       result(write(from[1], "evil\n", 5)) ?: result(tee(from[0], pipes[1], 5, 0)) ?:
	       result(splice(pipes[0], NULL, to, NULL, 5, 0));
}

static int sendfile_to(int to)
{
	return result(sendfile(to, open(WORK "/file", O_RDONLY), NULL, 5));
}

static int copy_file_range_to(int to)
{
	return result(copy_file_range(open(WORK "/file", O_RDONLY), NULL, to, NULL, 5, 0));
}

static int fallocate_to(int to)
{
	return result(fallocate(to, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096));
}

static int mmap_to(int to)
{
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, to, 0);

	if (page == MAP_FAILED)
		return errno;
	*page = 'e';
	return 0;
}

static int mappable(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", readable());
	return open(path, O_RDWR);
}

/* With a descriptor that is opened, and with one that is received. */
#define BY_FILE(way, path, opened, what, call)					\
	ATTACK(splice, way, BOTH, "file_open:EACCES:" path)			\
	{									\
		int fd = opened;						\
										\
		return result(fd) ?: call(fd);					\
	}									\
	ATTACK(splice, way##_received, BOTH, "file_receive:EACCES:" path)	\
	{									\
		int fd = ask_for(what, receive);				\
										\
		return result(fd) ?: call(fd);					\
	}

#define INTO(call)	BY_FILE(call##_into, "/.bashrc", target(), A_BASHRC, call##_to)
#define OUT_OF(call)	BY_FILE(call##_out, "/.ssh/key", open(KEY, O_RDONLY), A_KEY, call##_from)

INTO(splice)
INTO(vmsplice)
INTO(tee)
INTO(sendfile)
INTO(copy_file_range)
INTO(fallocate)
BY_FILE(mmap_into, "/.bashrc", mappable(), A_BASHRC, mmap_to)

static int splice_from(int from)
{
	int pipes[2];

	return result(pipe(pipes)) ?:
	       result(splice(from, NULL, pipes[1], NULL, strlen(SECRET), 0)) ?:
	       reads_secret(pipes[0]);
}

static int sendfile_from(int from)
{
	int to = open(WORK "/copy", O_RDWR | O_CREAT, 0644);

	return result(sendfile(to, from, NULL, strlen(SECRET))) ?: reads_secret(to);
}

static int copy_file_range_from(int from)
{
	int to = open(WORK "/copy", O_RDWR | O_CREAT, 0644);

	return result(copy_file_range(from, NULL, to, NULL, strlen(SECRET), 0)) ?:
	       reads_secret(to);
}

OUT_OF(splice)
OUT_OF(sendfile)
OUT_OF(copy_file_range)

ATTACK(splice, into_read_only_descriptor, BOTH, "file_open:EACCES:/.bashrc")
{
	int fd = readable();

	/* None of them writes to one that is open for reading. */
	if (!splice_to(fd) || !vmsplice_to(fd) || !tee_to(fd) || !sendfile_to(fd) ||
	    !copy_file_range_to(fd) || !fallocate_to(fd) || !mmap_to(fd) || !ftruncate(fd, 0))
		return 0;
	return appends(target());
}

/* Metadata of what may only be read. */

#define METADATA(way, op, call)							\
	ATTACK(metadata, way, BOTH, op ":EACCES:")				\
	{									\
		return result(call);						\
	}

static const struct utimbuf early = { 1, 1 };
static const struct timeval early_usec[2] = { { 1, 1 }, { 1, 1 } };
static const struct timespec early_nsec[2] = { { 1, 1 }, { 1, 1 } };

METADATA(chmod, "path_chmod", chmod(BASHRC, 0777))
METADATA(fchmod, "path_chmod", fchmod(readable(), 0777))
METADATA(fchmodat, "path_chmod", fchmodat(AT_FDCWD, BASHRC, 0777, 0))
METADATA(fchmodat2, "path_chmod",
	 syscall(SYS_fchmodat2, open(BASHRC, O_PATH), "", 0777, AT_EMPTY_PATH))
METADATA(chmod_by_descriptor, "path_chmod", (fchdir(open(HOME, O_PATH)), chmod(".bashrc", 0777)))
METADATA(chown, "path_chown", chown(BASHRC, getuid(), getgid()))
METADATA(lchown, "path_chown", lchown(BASHRC, getuid(), getgid()))
METADATA(fchown, "path_chown", fchown(readable(), getuid(), getgid()))
METADATA(fchownat, "path_chown",
	 fchownat(open(BASHRC, O_PATH), "", getuid(), getgid(), AT_EMPTY_PATH))
METADATA(utime, "inode_setattr", utime(BASHRC, &early))
METADATA(utimes, "inode_setattr", utimes(BASHRC, early_usec))
METADATA(lutimes, "inode_setattr", lutimes(BASHRC, early_usec))
METADATA(futimesat, "inode_setattr",
	 syscall(SYS_futimesat, open(HOME, O_PATH), ".bashrc", early_usec))
METADATA(utimensat, "inode_setattr",
	 utimensat(AT_FDCWD, BASHRC, early_nsec, 0))
METADATA(utimensat_now, "inode_setattr", utimensat(AT_FDCWD, BASHRC, NULL, 0))
METADATA(futimens, "inode_setattr",
	 futimens(readable(), early_nsec))
METADATA(utimensat_empty_path, "inode_setattr",
	 syscall(SYS_utimensat, open(BASHRC, O_PATH), "", NULL, AT_EMPTY_PATH))
METADATA(setxattr, "inode_setxattr", setxattr(BASHRC, "user.evil", "1", 1, 0))
METADATA(lsetxattr, "inode_setxattr", lsetxattr(BASHRC, "user.evil", "1", 1, 0))
METADATA(fsetxattr, "inode_setxattr", fsetxattr(readable(), "user.evil", "1", 1, 0))

ATTACK(metadata, setxattrat, BOTH | NEWER, "inode_setxattr:EACCES:")
{
	struct { uint64_t value; uint32_t size, flags; } args = { (uintptr_t)"1", 1, 0 };

	return result(syscall(SYS_setxattrat, AT_FDCWD, BASHRC, 0, "user.evil", &args,
			      sizeof(args)));
}

ATTACK(metadata, file_setattr, BOTH | NEWER, "file_ioctl:EACCES:|inode_setattr:EACCES:")
{
	struct { uint64_t xflags; uint32_t extsize, nextents, projid, cowextsize; } attr = {
		.xflags = FS_XFLAG_NODUMP
	};

	return result(syscall(SYS_file_setattr, AT_FDCWD, BASHRC, &attr, sizeof(attr), 0));
}

ATTACK(metadata, access_list, BOTH, "inode_setxattr:EACCES:")
{
	/* Version 2, then owner, group, others: what the mode says already, but for w. */
	static const unsigned char acl[] = {
		2, 0, 0, 0, 1, 0, 6, 0, 0xff, 0xff, 0xff, 0xff,
		4, 0, 6, 0, 0xff, 0xff, 0xff, 0xff, 0x20, 0, 6, 0, 0xff, 0xff, 0xff, 0xff
	};

	return result(setxattr(BASHRC, "system.posix_acl_access", acl, sizeof(acl), 0));
}

ATTACK(metadata, access_list_removed, BOTH, "inode_removexattr:EACCES:")
{
	return result(removexattr(BASHRC, "system.posix_acl_access"));
}

METADATA(lremovexattr, "inode_removexattr", lremovexattr(BASHRC, "system.posix_acl_access"))
METADATA(fremovexattr, "inode_removexattr", fremovexattr(readable(), "system.posix_acl_access"))

ATTACK(metadata, removexattrat, BOTH | NEWER, "inode_removexattr:EACCES:")
{
	return result(syscall(SYS_removexattrat, AT_FDCWD, BASHRC, 0, "system.posix_acl_access"));
}

ATTACK(metadata, inode_flags, BOTH, "file_ioctl:EACCES:/.bashrc")
{
	int file = readable(), flags = 0;

	/* Others stay: a file system may not be able to change them. */
	ioctl(file, FS_IOC_GETFLAGS, &flags);
	flags |= FS_NODUMP_FL;
	return result(ioctl(file, FS_IOC_SETFLAGS, &flags));
}

ATTACK(metadata, inode_flags_extended, BOTH, "file_ioctl:EACCES:/.bashrc")
{
	struct fsxattr attr = { .fsx_xflags = FS_XFLAG_NODUMP };

	return result(ioctl(readable(), FS_IOC_FSSETXATTR, &attr));
}

ATTACK(metadata, set_user_id, BOTH, "path_chmod:EPERM:/work/prog")
{
	return result(chmod(WORK "/prog", 04755));
}

ATTACK(metadata, set_user_id_at_creation, BOTH, "path_mknod:EPERM:/work/new")
{
	int fd = open(WORK "/new", O_WRONLY | O_CREAT, 06755);
	struct stat st;

	if (fd < 0)
		return errno;
	return fstat(fd, &st) || !(st.st_mode & S_ISUID) ? ENODATA : 0;
}

ATTACK(metadata, set_user_id_by_mknod, BOTH, "path_mknod:EPERM:/work/new")
{
	return result(mknod(WORK "/new", S_IFREG | 06755, 0));
}

ATTACK(metadata, set_user_id_by_tmpfile, BOTH, "file_open:EPERM:")
{
	int fd = open(WORK, O_WRONLY | O_TMPFILE, 06755);
	struct stat st;

	if (fd < 0)
		return errno;
	return fstat(fd, &st) || !(st.st_mode & S_ISUID) ? ENODATA : 0;
}

ATTACK(truncate, truncate, BOTH, "path_truncate:EACCES:/.bashrc")
{
	return result(truncate(BASHRC, 0));
}

ATTACK(truncate, open, BOTH, "file_open:EACCES:/.bashrc")
{
	return created(open(BASHRC, O_WRONLY | O_TRUNC));
}

ATTACK(truncate, open_for_reading, BOTH, "file_open:EACCES:/.bashrc")
{
	return created(open(BASHRC, O_RDONLY | O_TRUNC));
}

ATTACK(truncate, creat, BOTH, "file_open:EACCES:/.bashrc")
{
	return created(creat(BASHRC, 0644));
}

ATTACK(truncate, openat2, BOTH, "file_open:EACCES:/.bashrc")
{
	struct open_how how = { .flags = O_WRONLY | O_TRUNC };

	return created(syscall(SYS_openat2, AT_FDCWD, BASHRC, &how, sizeof(how)));
}

ATTACK(truncate, ftruncate, BOTH, "file_open:EACCES:/.bashrc")
{
	int fd = target();

	return result(fd) ?: result(ftruncate(fd, 0));
}

ATTACK(truncate, ftruncate_received, BOTH, "file_receive:EACCES:/.bashrc")
{
	int fd = ask_for(A_BASHRC, receive);

	return result(fd) ?: result(ftruncate(fd, 0));
}

/* What may be written may not be cut off for that, nor may anything else be done to it. */

#define CUT_OFF(way, op, call)							\
	ATTACK(truncate, way, BOTH | LENT, op ":EACCES:/notes")			\
	{									\
		return result(call);						\
	}

CUT_OFF(truncate_writable, "path_truncate", truncate(NOTES, 0))
CUT_OFF(truncate_by_descriptor, "path_truncate", (fchdir(open(HOME, O_PATH)), truncate("notes", 0)))
CUT_OFF(open_writable, "file_open", open(NOTES, O_WRONLY | O_TRUNC))
CUT_OFF(creat_writable, "file_open", creat(NOTES, 0644))

ATTACK(truncate, openat2_writable, BOTH | LENT, "file_open:EACCES:/notes")
{
	struct open_how how = { .flags = O_WRONLY | O_TRUNC };

	return created(syscall(SYS_openat2, open(HOME, O_PATH), "notes", &how, sizeof(how)));
}

static int lent_opened(void)
{
	return open(NOTES, O_WRONLY | O_CLOEXEC);
}

static int lent_received(void)
{
	return ask_for(A_NOTES, receive);
}

static int lent_added(void)
{
	return ask_to_add(A_NOTES, ADDED);
}

/* Of a child that has opened it. */
static int lent_taken(void)
{
	int pipes[2], fd = -1, err;
	pid_t child;

	if (pipe(pipes))
		return -1;
	child = fork();
	if (!child) {
		fd = lent_opened();
		if (write(pipes[1], &fd, sizeof(fd)) == sizeof(fd))
			pause();
		_exit(1);
	}
	if (child < 0 || read(pipes[0], &fd, sizeof(fd)) != sizeof(fd))
		return -1;
	fd = syscall(SYS_pidfd_getfd, syscall(SYS_pidfd_open, child, 0), fd, 0);
	err = errno;
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	errno = err;
	return fd;
}

/* By a descriptor that a member has rightly, whichever way. */
#define BY_LENT(row, way, op, call)						\
	static int row##_lent_##way(int fd)					\
	{									\
		return result(fd) ?: result(call);				\
	}									\
	ATTACK(row, way##_writable, BOTH | LENT, op ":EACCES:/notes")			\
	{									\
		return row##_lent_##way(lent_opened());				\
	}									\
	ATTACK(row, way##_of_received, BOTH | LENT, op ":EACCES:/notes")		\
	{									\
		return row##_lent_##way(lent_received());			\
	}									\
	ATTACK(row, way##_of_added, BOTH | LENT, op ":EACCES:/notes")			\
	{									\
		return row##_lent_##way(lent_added());				\
	}									\
	ATTACK(row, way##_of_taken, BOTH | LENT, op ":EACCES:/notes")			\
	{									\
		return row##_lent_##way(lent_taken());				\
	}

BY_LENT(truncate, ftruncate, "path_truncate", ftruncate(fd, 0))
BY_LENT(truncate, ftruncate_longer, "path_truncate", ftruncate(fd, 4096))
BY_LENT(metadata, fchmod, "path_chmod", fchmod(fd, 0777))
BY_LENT(metadata, fchown, "path_chown", fchown(fd, getuid(), getgid()))
BY_LENT(metadata, futimens, "inode_setattr", futimens(fd, early_nsec))
BY_LENT(metadata, futimens_now, "inode_setattr", futimens(fd, NULL))
BY_LENT(metadata, fsetxattr, "inode_setxattr", fsetxattr(fd, "user.evil", "1", 1, 0))
BY_LENT(metadata, fremovexattr, "inode_removexattr", fremovexattr(fd, "system.posix_acl_access"))
BY_LENT(metadata, inode_flags, "file_ioctl",
	ioctl(fd, FS_IOC_FSSETXATTR, &(struct fsxattr){ .fsx_xflags = FS_XFLAG_NODUMP }))

/* Shut others out of a file that may only be read. */

ATTACK(lock, flock, BOTH, "file_lock:EACCES:/.bashrc")
{
	return result(flock(readable(), LOCK_EX | LOCK_NB));
}

ATTACK(lock, lease, BOTH, "file_fcntl:EACCES:/.bashrc|file_lock:EACCES:/.bashrc")
{
	return result(fcntl(readable(), F_SETLEASE, F_RDLCK));
}

/* Whoever wants to write has to wait all the same. */
ATTACK(lock, shared, BOTH, "file_lock:EACCES:/.bashrc")
{
	return result(flock(readable(), LOCK_SH | LOCK_NB));
}

ATTACK(lock, shared_range, BOTH, "file_lock:EACCES:/.bashrc")
{
	struct flock range = { .l_type = F_RDLCK };

	return result(fcntl(readable(), F_SETLK, &range));
}

ATTACK(lock, shared_open_file, BOTH, "file_lock:EACCES:/.bashrc")
{
	struct flock range = { .l_type = F_RDLCK };

	return result(fcntl(readable(), F_OFD_SETLKW, &range));
}

/* Descriptors of others. */

ATTACK(preopened, inherited, BOTH, "-:EBADF:")
{
	return reads_secret(dup(INHERITED));
}

ATTACK(preopened, all_of_them, BOTH, "-:EBADF:")
{
	int fd;

	for (fd = 3; fd < 1024; fd++)
		if (!reads_secret(fcntl(fd, F_DUPFD, 3)))
			return 0;
	return EBADF;
}

ATTACK(scm_rights, received, BOTH, "file_receive:EACCES:/.ssh/key")
{
	return reads_secret(ask_for(A_KEY, receive));
}

static long receive_many(int fd, struct msghdr *msg)
{
	struct mmsghdr messages = { .msg_hdr = *msg };
	int got = recvmmsg(fd, &messages, 1, 0, NULL);

	*msg = messages.msg_hdr;
	return got < 0 ? got : (long)messages.msg_len;
}

ATTACK(scm_rights, received_by_recvmmsg, BOTH, "file_receive:EACCES:/.ssh/key")
{
	return reads_secret(ask_for(A_KEY, receive_many));
}

ATTACK(scm_rights, received_writable, BOTH, "file_receive:EACCES:/.ssh/key")
{
	return appends(ask_for(A_KEY, receive));
}

ATTACK(scm_rights, received_of_what_may_be_read, BOTH, "file_receive:EACCES:/.bashrc")
{
	return appends(ask_for(A_BASHRC, receive));
}

/* What may not be made here: of somebody else's memory. */
ATTACK(scm_rights, received_userfaultfd, BOTH, "file_receive:EPERM:userfaultfd:EACCES")
{
	return result(ask_for(A_USERFAULTFD, receive));
}

/* Put in by whoever supervises a system call. */

#define ADD(way, how)								\
	ATTACK(addfd, way, BOTH, "file_receive:EACCES:/.ssh/key")		\
	{									\
		return reads_secret(ask_to_add(A_KEY, how));			\
	}

ADD(added, ADDED)
ADD(in_place, ADDED_IN_PLACE)
ADD(added_and_sent, ADDED_AND_SENT)

ATTACK(addfd, writable, BOTH, "file_receive:EACCES:/.bashrc")
{
	return appends(ask_to_add(A_BASHRC, ADDED));
}

/* io_uring, in a sandbox that may not use it. */
ATTACK(addfd, ring, BOTH, "file_receive:EPERM:io_uring")
{
	return result(ask_to_add(A_RING, ADDED));
}
