// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf selftests - Landlock as an oracle
 *
 * The same scenarios under Landlock and under the policy "rules", with rules of the
 * same meaning. What they cover is what Landlock's own tests cover. Each step says
 * what it returns; where the two differ on purpose it names the difference, and
 * Documentation/landlock.rst explains it. On a kernel without Landlock only sbpf's
 * side is tested.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "common.h"
#include "kselftest_harness.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

/*
 * a/ and b/ are alike:
 *
 *   f, g, true         files, the last one a program
 *   in/f, in/g
 *   in/deep/f
 *   m/f                another file system, mounted on m
 *
 * and b/in is mounted on a/bind, too.
 */
#define TREE	DIR "/landlock"

#define PORT_A		5601	/* somebody listens at both, by IPv4 and IPv6 */
#define PORT_B		5602
#define PORT_FREE	5603
#define PORT_FREE_2	5604

#define RULES_MAX	5
#define STEPS_MAX	24

/* Short names of what Landlock calls LANDLOCK_ACCESS_FS_*. */
#define LL(name)	LANDLOCK_ACCESS_FS_##name
#define LL_READ		LL(READ_FILE)
#define LL_WRITE	LL(WRITE_FILE)
#define LL_REMOVE	(LL(REMOVE_FILE) | LL(REMOVE_DIR))
#define LL_MAKE		(LL(MAKE_REG) | LL(MAKE_DIR) | LL(MAKE_SYM) | LL(MAKE_FIFO) | \
			 LL(MAKE_SOCK) | LL(MAKE_CHAR) | LL(MAKE_BLOCK))

/* Numbers of the rows in Documentation/landlock.rst. */
enum difference {
	SAME,
	D1_RENAME_IS_REFER,
	D2_REFER_BY_DEFAULT,
	D3_ERRNO_OF_REFER,
	D4_PIPES_AND_SOCKETS,
	D5_ASKED_AT_TRUNCATE,
	D6_CHROOT,
	D7_ERRNO_OF_UNIX,
	D8_OWNER_OF_SIGNALS,
	D9_DATAGRAM_PEER,
	D10_TRACED_BY_OUTSIDE,
	D11_WHITEOUTS,
	D12_IOCTL_OF_DEVICES,
	D13_DISCONNECTED,
	DIFFERENCES,
};

static bool met[DIFFERENCES];

enum what {
	END,
	READ, WRITE, READ_WRITE, OPEN_TRUNCATE, LIST, EXECUTE, REOPEN,
	CREATE, MAKE_DIR, MAKE_FIFO, MAKE_SOCK, MAKE_SYMLINK, MAKE_WHITEOUT,
	UNLINK, RMDIR, RENAME, EXCHANGE, WHITEOUT, LINK,
	IOCTL, IOCTL_OF_DESCRIPTOR, READ_MOVED,
	TRUNCATE, FTRUNCATE, FTRUNCATE_OLD, FTRUNCATE_MEMORY, PIPE_REOPEN,
	MOUNT, REMOUNT, UMOUNT, MOVE_MOUNT, PIVOT_ROOT, CHROOT,
	BIND4, BIND6, CONNECT4, CONNECT6, BIND_UDP, SEND_UDP, CONNECT_NOWHERE, CONNECT_SHORT,
	BIND_SHORT, BIND_UNSPEC, FAST_OPEN,
	SIGNAL_PARENT, SIGNAL_SELF, SIGNAL_CHILD, OWN_PARENT,
	ABSTRACT, ABSTRACT_DATAGRAM, ABSTRACT_OWN, PATHNAME, PAIR_OLD,
	READ_PARENT, READ_CHILD, ATTACH_CHILD, TRACE_ME,
};

struct step {
	enum what what;
	const char *one, *two;
	int landlock, sbpf;
	enum difference why;
};

struct scenario {
	const char *name;
	/* b/in/deep is b/moved meanwhile, and was opened by a/bind. */
	bool moved;
	uint64_t handled;
	struct {
		const char *path;
		uint64_t access;
	} rules[RULES_MAX];
	/* A second layer within, if it handles anything. */
	uint64_t handled_within;
	struct {
		const char *path;
		uint64_t access;
	} within[RULES_MAX];
	struct step steps[STEPS_MAX];
};

#define STEP(what, one, two, error)	{ what, one, two, error, error, SAME }
#define DIFF(what, one, two, landlock, sbpf, why)	{ what, one, two, landlock, sbpf, why }

static const struct scenario files[] = {
	{ .name = "what is below adds to what is above",
	  .handled = LL_READ | LL_WRITE | LL(READ_DIR),
	  .rules = { { "a/in", LL_READ }, { "a/in/deep", LL_WRITE } },
	  .steps = {
		STEP(READ, "a/f", NULL, EACCES),
		STEP(WRITE, "a/f", NULL, EACCES),
		STEP(READ_WRITE, "a/f", NULL, EACCES),
		STEP(READ, "a/in/f", NULL, 0),
		STEP(WRITE, "a/in/f", NULL, EACCES),
		STEP(READ_WRITE, "a/in/f", NULL, EACCES),
		STEP(READ, "a/in/deep/f", NULL, 0),
		STEP(WRITE, "a/in/deep/f", NULL, 0),
		STEP(READ_WRITE, "a/in/deep/f", NULL, 0),
		STEP(LIST, "a", NULL, EACCES),
		STEP(LIST, "a/in", NULL, EACCES),
		STEP(REOPEN, "a/in/f", NULL, 0),
		STEP(REOPEN, "a/f", NULL, EACCES),
	  } },
	{ .name = "directories and files",
	  .handled = LL_READ | LL(READ_DIR),
	  .rules = { { "a", LL(READ_DIR) }, { "b/f", LL_READ } },
	  .steps = {
		STEP(LIST, "a", NULL, 0),
		STEP(LIST, "a/in/deep", NULL, 0),
		STEP(READ, "a/f", NULL, EACCES),
		STEP(LIST, "b", NULL, EACCES),
		STEP(READ, "b/f", NULL, 0),
		STEP(READ, "b/g", NULL, EACCES),
		/* What no rule can be about. */
		STEP(WRITE, "b/g", NULL, 0),
		STEP(CREATE, "b/new", NULL, 0),
	  } },
	{ .name = "two layers",
	  .handled = LL_READ | LL_WRITE,
	  .rules = { { "a", LL_READ | LL_WRITE } },
	  .handled_within = LL_READ | LL_WRITE,
	  .within = { { "a/in", LL_READ }, { "b", LL_READ | LL_WRITE } },
	  .steps = {
		STEP(READ, "a/f", NULL, EACCES),
		STEP(READ, "a/in/f", NULL, 0),
		STEP(WRITE, "a/in/f", NULL, EACCES),
		STEP(READ, "b/f", NULL, EACCES),
	  } },
	{ .name = "two layers about different accesses",
	  .handled = LL_READ,
	  .rules = { { "a", LL_READ } },
	  .handled_within = LL_WRITE,
	  .within = { { "a/in", LL_WRITE } },
	  .steps = {
		STEP(READ, "a/f", NULL, 0),
		STEP(WRITE, "a/f", NULL, EACCES),
		STEP(READ_WRITE, "a/in/f", NULL, 0),
		STEP(READ, "b/f", NULL, EACCES),
	  } },
	{ .name = "mount points",
	  .handled = LL_READ,
	  .rules = { { "a/m", LL_READ } },
	  .steps = {
		STEP(READ, "a/m/f", NULL, 0),
		STEP(READ, "a/f", NULL, EACCES),
		STEP(READ, "b/m/f", NULL, EACCES),
	  } },
	{ .name = "above mount points",
	  .handled = LL_READ,
	  .rules = { { "a", LL_READ } },
	  .steps = {
		STEP(READ, "a/m/f", NULL, 0),
		STEP(READ, "b/m/f", NULL, EACCES),
	  } },
	{ .name = "everything below the root",
	  .handled = LL_READ | LL_WRITE,
	  .rules = { { "/", LL_READ } },
	  .steps = {
		STEP(READ, "a/m/f", NULL, 0),
		STEP(READ, "b/f", NULL, 0),
		STEP(WRITE, "b/f", NULL, EACCES),
	  } },
	{ .name = "no rule at all",
	  .handled = LL_READ,
	  .steps = { STEP(READ, "a/f", NULL, EACCES), STEP(WRITE, "a/f", NULL, 0) } },
	{ .name = "programs",
	  .handled = LL(EXECUTE),
	  /* With the interpreter of programs. */
	  .rules = { { "a", LL(EXECUTE) }, { "/usr", LL(EXECUTE) } },
	  .steps = {
		STEP(EXECUTE, "a/true", NULL, 0),
		STEP(EXECUTE, "b/true", NULL, EACCES),
		STEP(READ, "b/true", NULL, 0),
	  } },
	{ .name = "removing",
	  .handled = LL_REMOVE,
	  .rules = { { "a/in", LL_REMOVE } },
	  .steps = {
		STEP(UNLINK, "a/f", NULL, EACCES),
		STEP(RMDIR, "a/in", NULL, EACCES),
		STEP(UNLINK, "a/in/f", NULL, 0),
		STEP(RMDIR, "a/in/deep", NULL, ENOTEMPTY),
		STEP(UNLINK, "a/in/deep/f", NULL, 0),
		STEP(RMDIR, "a/in/deep", NULL, 0),
	  } },
	{ .name = "creating",
	  .handled = LL_MAKE,
	  .rules = { { "a/in", LL_MAKE } },
	  .steps = {
		STEP(CREATE, "a/1", NULL, EACCES), STEP(CREATE, "a/in/1", NULL, 0),
		STEP(MAKE_DIR, "a/2", NULL, EACCES), STEP(MAKE_DIR, "a/in/2", NULL, 0),
		STEP(MAKE_FIFO, "a/3", NULL, EACCES), STEP(MAKE_FIFO, "a/in/3", NULL, 0),
		STEP(MAKE_SOCK, "a/4", NULL, EACCES), STEP(MAKE_SOCK, "a/in/4", NULL, 0),
		STEP(MAKE_SYMLINK, "a/5", NULL, EACCES), STEP(MAKE_SYMLINK, "a/in/5", NULL, 0),
		STEP(MAKE_WHITEOUT, "a/6", NULL, EACCES),
		STEP(MAKE_WHITEOUT, "a/in/6", NULL, 0),
	  } },
	{ .name = "creating one kind",
	  .handled = LL_MAKE,
	  .rules = { { "a", LL(MAKE_FIFO) }, { "b", LL(MAKE_REG) } },
	  .steps = {
		STEP(MAKE_FIFO, "a/3", NULL, 0),
		DIFF(MAKE_SOCK, "a/4", NULL, EACCES, 0, D4_PIPES_AND_SOCKETS),
		STEP(CREATE, "a/1", NULL, EACCES), STEP(MAKE_DIR, "a/2", NULL, EACCES),
		STEP(CREATE, "b/1", NULL, 0), STEP(MAKE_DIR, "b/2", NULL, EACCES),
		STEP(MAKE_SYMLINK, "b/5", NULL, EACCES),
	  } },
	{ .name = "whiteouts",
	  .handled = LL_MAKE,
	  .rules = { { "a", LL_MAKE }, { "b", LL(MAKE_REG) }, { "b/in", LL(MAKE_FIFO) } },
	  .steps = {
		STEP(WHITEOUT, "a/f", "a/w", 0),
		DIFF(MAKE_WHITEOUT, "b/6", NULL, 0, EACCES, D11_WHITEOUTS),
		DIFF(WHITEOUT, "b/f", "b/w", 0, EACCES, D11_WHITEOUTS),
	  } },
	{ .name = "no whiteouts",
	  .handled = LL_MAKE,
	  .rules = { { "a", LL(MAKE_FIFO) } },
	  .steps = {
		STEP(MAKE_WHITEOUT, "a/6", NULL, EACCES),
		STEP(WHITEOUT, "a/f", "a/w", EACCES),
		STEP(WHITEOUT, "b/f", "b/w", EACCES),
	  } },
	{ .name = "ioctls",
	  .handled = LL(IOCTL_DEV),
	  .rules = { { "/dev/zero", LL(IOCTL_DEV) } },
	  .steps = {
		STEP(IOCTL, "/dev/zero", NULL, ENOTTY),
		STEP(IOCTL, "/dev/null", NULL, EACCES),
		STEP(IOCTL_OF_DESCRIPTOR, "/dev/null", NULL, 0),
		STEP(IOCTL, "a/f", NULL, 0),
	  } },
	{ .name = "ioctls below a directory",
	  .handled = LL(IOCTL_DEV),
	  .rules = { { "/dev", LL(IOCTL_DEV) } },
	  .steps = {
		DIFF(IOCTL, "/dev/null", NULL, ENOTTY, EACCES, D12_IOCTL_OF_DEVICES),
		STEP(IOCTL, "a/f", NULL, 0),
	  } },
	{ .name = "bind mounts",
	  .handled = LL_READ,
	  .rules = { { "a", LL_READ } },
	  .steps = {
		STEP(READ, "a/bind/f", NULL, 0),
		STEP(READ, "b/in/f", NULL, EACCES),
		STEP(RENAME, "a/bind/f", "a/new", EXDEV),
		STEP(LINK, "a/bind/f", "a/new", EXDEV),
	  } },
	{ .name = "what is mounted",
	  .handled = LL_READ,
	  .rules = { { "b/in", LL_READ } },
	  .steps = {
		STEP(READ, "a/bind/f", NULL, 0),
		STEP(READ, "a/bind/deep/f", NULL, 0),
		STEP(READ, "b/in/f", NULL, 0),
		STEP(READ, "a/f", NULL, EACCES),
	  } },
	{ .name = "above what is mounted",
	  .handled = LL_READ,
	  .rules = { { "b", LL_READ } },
	  .steps = {
		STEP(READ, "a/bind/f", NULL, EACCES),
		STEP(READ, "b/in/f", NULL, 0),
	  } },
	{ .name = "moved out of what is mounted",
	  .moved = true,
	  .handled = LL_READ,
	  .rules = { { "a", LL_READ } },
	  .steps = {
		DIFF(READ_MOVED, NULL, NULL, 0, EACCES, D13_DISCONNECTED),
		STEP(READ, "b/moved/f", NULL, EACCES),
		STEP(READ, "a/bind/f", NULL, 0),
	  } },
	{ .name = "moved to where more is allowed",
	  .moved = true,
	  .handled = LL_READ,
	  .rules = { { "b", LL_READ } },
	  .steps = {
		STEP(READ_MOVED, NULL, NULL, 0),
		STEP(READ, "b/moved/f", NULL, 0),
		STEP(READ, "a/bind/f", NULL, EACCES),
	  } },
	{ .name = "a link is made",
	  .handled = LL(MAKE_REG) | LL(MAKE_FIFO),
	  .rules = { { "a", LL(MAKE_REG) }, { "b", LL(MAKE_FIFO) } },
	  .steps = {
		STEP(LINK, "a/f", "a/h", 0),
		STEP(LINK, "b/f", "b/h", EACCES),
		STEP(MAKE_FIFO, "b/3", NULL, 0),
		STEP(LINK, "b/3", "b/h", 0),
	  } },
	{ .name = "renaming within a directory",
	  .handled = LL_REMOVE | LL_MAKE,
	  .rules = { { "a", LL_REMOVE | LL_MAKE } },
	  .steps = {
		STEP(RENAME, "a/f", "a/h", 0),
		STEP(EXCHANGE, "a/g", "a/h", 0),
		STEP(EXCHANGE, "a/g", "a/in", 0),
		STEP(RENAME, "a/h", "a/true", 0),
		DIFF(RENAME, "b/f", "b/h", EACCES, 0, D1_RENAME_IS_REFER),
		/* What it replaces is removed. */
		STEP(RENAME, "b/g", "b/true", EACCES),
	  } },
	{ .name = "into another directory, without a word about that",
	  .handled = LL(EXECUTE),
	  .rules = { { "/", LL(EXECUTE) } },
	  .steps = {
		STEP(RENAME, "a/f", "a/h", 0),
		DIFF(RENAME, "a/g", "b/h", EXDEV, 0, D2_REFER_BY_DEFAULT),
	  } },
	{ .name = "into another directory",
	  .handled = LL(REFER),
	  .rules = { { "a/in", LL(REFER) }, { "b", LL(REFER) } },
	  .steps = {
		DIFF(RENAME, "a/f", "b/new", EXDEV, EACCES, D3_ERRNO_OF_REFER),
		DIFF(RENAME, "b/f", "a/new", EXDEV, EACCES, D3_ERRNO_OF_REFER),
		DIFF(LINK, "a/f", "b/new", EXDEV, EACCES, D3_ERRNO_OF_REFER),
		DIFF(EXCHANGE, "a/f", "b/f", EXDEV, EACCES, D3_ERRNO_OF_REFER),
		DIFF(RENAME, "a/f", "a/h", 0, EACCES, D1_RENAME_IS_REFER),
		STEP(RENAME, "a/in/f", "b/in/new", 0),
		STEP(LINK, "a/in/g", "b/l", 0),
		STEP(EXCHANGE, "b/in/f", "a/in/g", 0),
		STEP(RENAME, "b/in/deep", "a/in/d", 0),
		STEP(RENAME, "a/in/d", "b/in", ENOTEMPTY),
	  } },
	{ .name = "to where more is allowed",
	  .handled = LL(REFER) | LL(EXECUTE),
	  .rules = { { "a", LL(REFER) }, { "b", LL(REFER) | LL(EXECUTE) } },
	  .steps = {
		STEP(RENAME, "a/f", "b/new", EXDEV),
		STEP(LINK, "a/f", "b/new", EXDEV),
		STEP(RENAME, "a/in", "b/new", EXDEV),
		STEP(EXCHANGE, "a/f", "b/f", EXDEV),
		STEP(EXCHANGE, "b/f", "a/f", EXDEV),
		STEP(EXCHANGE, "b/in", "a/in", EXDEV),
		STEP(RENAME, "b/f", "a/new", 0),
		STEP(LINK, "b/g", "a/l", 0),
		STEP(RENAME, "b/in", "a/d", 0),
		/* And not back. */
		STEP(RENAME, "a/d", "b/in", EXDEV),
	  } },
	{ .name = "to where more is allowed, by one layer",
	  .handled = LL(REFER) | LL(EXECUTE),
	  .rules = { { "a", LL(REFER) }, { "b", LL(REFER) | LL(EXECUTE) } },
	  .handled_within = LL(REFER) | LL_WRITE,
	  .within = { { "a", LL(REFER) | LL_WRITE }, { "b", LL(REFER) } },
	  .steps = {
		STEP(RENAME, "a/f", "b/new", EXDEV),
		STEP(RENAME, "b/f", "a/new", EXDEV),
		STEP(EXCHANGE, "a/f", "b/f", EXDEV),
		STEP(LINK, "a/f", "b/new", EXDEV),
		STEP(LINK, "b/f", "a/new", EXDEV),
		STEP(RENAME, "a/f", "a/in/new", 0),
		STEP(RENAME, "b/f", "b/in/new", 0),
	  } },
	{ .name = "into another directory, which one layer does not allow",
	  .handled = LL(REFER),
	  .rules = { { "/", LL(REFER) } },
	  .handled_within = LL(REFER),
	  .within = { { "b", LL(REFER) } },
	  .steps = {
		STEP(RENAME, "b/f", "b/in/new", 0),
		DIFF(RENAME, "b/g", "a/new", EXDEV, EACCES, D3_ERRNO_OF_REFER),
		DIFF(LINK, "a/f", "b/new", EXDEV, EACCES, D3_ERRNO_OF_REFER),
	  } },
	{ .name = "a directory with rights of its own",
	  .handled = LL(REFER) | LL(EXECUTE),
	  .rules = { { "a", LL(REFER) }, { "a/in", LL(EXECUTE) }, { "b", LL(REFER) } },
	  .steps = {
		STEP(RENAME, "a/in/f", "b/new", 0),
		STEP(RENAME, "a/f", "a/in/h", EXDEV),
		STEP(RENAME, "a/in", "b/d", 0),
		STEP(RENAME, "b/d", "a/in", 0),
	  } },
	{ .name = "truncating",
	  .handled = LL_WRITE | LL(TRUNCATE),
	  .rules = { { "a", LL_WRITE }, { "b", LL(TRUNCATE) },
		     { "a/in", LL_WRITE | LL(TRUNCATE) } },
	  .steps = {
		STEP(WRITE, "a/f", NULL, 0),
		STEP(OPEN_TRUNCATE, "a/f", NULL, EACCES),
		STEP(TRUNCATE, "a/f", NULL, EACCES),
		STEP(FTRUNCATE, "a/f", NULL, EACCES),
		STEP(WRITE, "b/f", NULL, EACCES),
		STEP(TRUNCATE, "b/f", NULL, 0),
		STEP(OPEN_TRUNCATE, "a/in/f", NULL, 0),
		STEP(FTRUNCATE, "a/in/f", NULL, 0),
		STEP(CREATE, "a/new", NULL, 0),
		STEP(FTRUNCATE_MEMORY, NULL, NULL, 0),
		DIFF(FTRUNCATE_OLD, NULL, NULL, 0, EACCES, D5_ASKED_AT_TRUNCATE),
	  } },
	{ .name = "objects that are on no tree",
	  .handled = LL_READ | LL_WRITE,
	  .steps = { STEP(PIPE_REOPEN, NULL, NULL, 0) } },
	{ .name = "mounts",
	  .handled = LL_READ,
	  .rules = { { "/", LL_READ } },
	  .steps = {
		STEP(MOUNT, "a/in", NULL, EPERM),
		STEP(REMOUNT, "a/m", NULL, EPERM),
		STEP(MOVE_MOUNT, "a/m", "a/in", EPERM),
		STEP(UMOUNT, "a/m", NULL, EPERM),
		STEP(PIVOT_ROOT, "a/m", NULL, EPERM),
		DIFF(CHROOT, "a", NULL, 0, EPERM, D6_CHROOT),
	  } },
};

/* The handled accesses are about TCP; "paths" of the rules are ports. */
#define NET_BIND	LANDLOCK_ACCESS_NET_BIND_TCP
#define NET_CONNECT	LANDLOCK_ACCESS_NET_CONNECT_TCP
#define A		"5601"
#define B		"5602"
#define F		"5603"
#define G		"5604"

static const struct scenario nets[] = {
	{ .name = "ports to bind to and to connect to",
	  .handled = NET_BIND | NET_CONNECT,
	  .rules = { { A, NET_CONNECT }, { F, NET_BIND } },
	  .steps = {
		STEP(CONNECT4, A, NULL, 0), STEP(CONNECT6, A, NULL, 0),
		STEP(CONNECT4, B, NULL, EACCES), STEP(CONNECT6, B, NULL, EACCES),
		STEP(BIND4, F, NULL, 0), STEP(BIND6, F, NULL, 0),
		STEP(BIND4, G, NULL, EACCES), STEP(BIND6, G, NULL, EACCES),
		STEP(BIND4, A, NULL, EACCES), STEP(CONNECT4, F, NULL, EACCES),
		STEP(BIND4, "0", NULL, EACCES),
		STEP(BIND_UDP, G, NULL, 0), STEP(SEND_UDP, B, NULL, 0),
		STEP(CONNECT_NOWHERE, NULL, NULL, 0),
		STEP(CONNECT_SHORT, NULL, NULL, EINVAL),
		STEP(BIND_SHORT, NULL, NULL, EINVAL),
		STEP(BIND_UNSPEC, G, NULL, EACCES),
		STEP(FAST_OPEN, A, NULL, 0), STEP(FAST_OPEN, B, NULL, EACCES),
	  } },
	{ .name = "any free port",
	  .handled = NET_BIND,
	  .rules = { { "0", NET_BIND } },
	  .steps = {
		STEP(BIND4, "0", NULL, 0), STEP(BIND6, "0", NULL, 0),
		STEP(BIND4, F, NULL, EACCES), STEP(CONNECT4, B, NULL, 0),
	  } },
	{ .name = "two layers",
	  .handled = NET_CONNECT,
	  .rules = { { A, NET_CONNECT }, { B, NET_CONNECT } },
	  .handled_within = NET_CONNECT,
	  .within = { { A, NET_CONNECT }, { F, NET_CONNECT } },
	  .steps = {
		STEP(CONNECT4, A, NULL, 0), STEP(CONNECT4, B, NULL, EACCES),
		STEP(CONNECT4, F, NULL, EACCES), STEP(BIND4, F, NULL, 0),
	  } },
};

/* Both scopes. */
static const struct scenario scopes[] = {
	{ .name = "signals and sockets",
	  .handled = LANDLOCK_SCOPE_SIGNAL | LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET,
	  .steps = {
		STEP(SIGNAL_PARENT, NULL, NULL, EPERM),
		STEP(SIGNAL_SELF, NULL, NULL, 0),
		STEP(SIGNAL_CHILD, NULL, NULL, 0),
		DIFF(OWN_PARENT, NULL, NULL, 0, EPERM, D8_OWNER_OF_SIGNALS),
		DIFF(ABSTRACT, NULL, NULL, EPERM, EACCES, D7_ERRNO_OF_UNIX),
		DIFF(ABSTRACT_DATAGRAM, NULL, NULL, EPERM, EACCES, D7_ERRNO_OF_UNIX),
		STEP(ABSTRACT_OWN, NULL, NULL, 0),
		STEP(PATHNAME, NULL, NULL, 0),
		DIFF(PAIR_OLD, NULL, NULL, 0, EACCES, D9_DATAGRAM_PEER),
		STEP(READ_PARENT, NULL, NULL, EPERM),
		STEP(READ_CHILD, NULL, NULL, 0),
		STEP(ATTACH_CHILD, NULL, NULL, 0),
		DIFF(TRACE_ME, NULL, NULL, 0, EPERM, D10_TRACED_BY_OUTSIDE),
	  } },
};

/* What the steps need, from before the sandbox. */
static int old_file = -1, old_dir = -1, old_pair[2];
static int canary = 42;

#define STREAM_NAME	"\0sbpf-landlock"
#define DATAGRAM_NAME	"\0sbpf-landlock-datagrams"
#define SOCKET_PATH	DIR "/landlock-socket"

static socklen_t unix_address(struct sockaddr_un *un, const char *name, size_t len)
{
	memset(un, 0, sizeof(*un));
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, name, len);
	return offsetof(struct sockaddr_un, sun_path) + len;
}

#define UNIX(un, name)	unix_address(un, name, sizeof(name) - 1)

static int unix_connect(int type, const struct sockaddr_un *un, socklen_t len)
{
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0), err;

	err = connect(fd, (const void *)un, len) ? errno : 0;
	close(fd);
	return err;
}

static int inet_use(enum what what, int family, int type, const char *port)
{
	struct sockaddr_in6 in6 = { .sin6_family = family, .sin6_addr = in6addr_loopback };
	struct sockaddr_in in = { .sin_family = family };
	int fd = socket(family, type | SOCK_CLOEXEC, 0), one = 1, err;
	struct sockaddr *any = family == AF_INET6 ? (void *)&in6 : (void *)&in;
	socklen_t len = family == AF_INET6 ? sizeof(in6) : sizeof(in);

	if (fd < 0)
		return ENOTRECOVERABLE;
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	in.sin_port = htons(port ? atoi(port) : PORT_A);
	in6.sin6_port = in.sin_port;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	switch (what) {
	case CONNECT_NOWHERE:
		in.sin_family = AF_UNSPEC;
		err = connect(fd, any, len);
		break;
	case CONNECT_SHORT:
		err = connect(fd, any, 4);
		break;
	case BIND_SHORT:
		err = bind(fd, any, 4);
		break;
	case BIND_UNSPEC:
		in.sin_family = AF_UNSPEC;
		in.sin_addr.s_addr = htonl(INADDR_ANY);
		err = bind(fd, any, len);
		break;
	case FAST_OPEN:
		err = sendto(fd, "x", 1, MSG_FASTOPEN, any, len) == 1 ? 0 : -1;
		break;
	case SEND_UDP:
		err = sendto(fd, "x", 1, 0, any, len) == 1 ? 0 : -1;
		break;
	case CONNECT4:
	case CONNECT6:
		err = connect(fd, any, len);
		break;
	default:
		err = bind(fd, any, len);
	}
	err = err ? errno : 0;
	close(fd);
	return err;
}

static int child_do(enum what what)
{
	struct iovec here = { &(int){ 0 }, sizeof(int) }, there = { &canary, sizeof(canary) };
	pid_t pid = fork();
	int err = 0, status;

	if (!pid) {
		pause();
		_exit(0);
	}
	switch (what) {
	case SIGNAL_CHILD:
		err = kill(pid, 0);
		break;
	case READ_CHILD:
		err = process_vm_readv(pid, &here, 1, &there, 1, 0) == sizeof(int) ? 0 : -1;
		break;
	default:
		err = ptrace(PTRACE_ATTACH, pid, NULL, NULL);
		if (!err)
			waitpid(pid, &status, 0);
	}
	err = err ? errno : 0;
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return err;
}

static int execute(const char *path)
{
	int pipes[2], err = 0;
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC))
		return ENOTRECOVERABLE;
	pid = fork();
	if (!pid) {
		execl(path, path, NULL);
		err = errno;
		if (write(pipes[1], &err, sizeof(err)) < 0)
			_exit(1);
		_exit(0);
	}
	close(pipes[1]);
	if (read(pipes[0], &err, sizeof(err)) < 0)
		err = ENOTRECOVERABLE;
	close(pipes[0]);
	waitpid(pid, NULL, 0);
	return err;
}

static int opened(int fd)
{
	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int reopen(int fd, int flags)
{
	char name[32];

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	return opened(open(name, flags | O_CLOEXEC));
}

#define ERR(call)	((call) ? errno : 0)

/* One step; the working directory is TREE. */
static int perform(const struct step *step)
{
	struct iovec here = { &(int){ 0 }, sizeof(int) }, there = { &canary, sizeof(canary) };
	const char *one = step->one, *two = step->two;
	struct sockaddr_un un;
	socklen_t len;
	int fds[2], err;

	switch (step->what) {
	case READ:
		return opened(open(one, O_RDONLY | O_CLOEXEC));
	case WRITE:
		return opened(open(one, O_WRONLY | O_CLOEXEC));
	case READ_WRITE:
		return opened(open(one, O_RDWR | O_CLOEXEC));
	case OPEN_TRUNCATE:
		return opened(open(one, O_WRONLY | O_TRUNC | O_CLOEXEC));
	case LIST:
		return opened(open(one, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	case REOPEN:
		fds[0] = open(one, O_PATH | O_CLOEXEC);
		err = reopen(fds[0], O_RDONLY);
		close(fds[0]);
		return err;
	case EXECUTE:
		return execute(one);
	case CREATE:
		return opened(open(one, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
	case MAKE_DIR:
		return ERR(mkdir(one, 0700));
	case MAKE_FIFO:
		return ERR(mkfifo(one, 0600));
	case MAKE_SOCK:
		return ERR(mknod(one, S_IFSOCK | 0600, 0));
	case MAKE_SYMLINK:
		return ERR(symlink("f", one));
	case MAKE_WHITEOUT:
		return ERR(mknod(one, S_IFCHR | 0600, 0));
	case UNLINK:
		return ERR(unlink(one));
	case RMDIR:
		return ERR(rmdir(one));
	case RENAME:
		return ERR(rename(one, two));
	case EXCHANGE:
		return ERR(renameat2(AT_FDCWD, one, AT_FDCWD, two, RENAME_EXCHANGE));
	case WHITEOUT:
		return ERR(renameat2(AT_FDCWD, one, AT_FDCWD, two, RENAME_WHITEOUT));
	case LINK:
		return ERR(link(one, two));
	case IOCTL:
	case IOCTL_OF_DESCRIPTOR:
		fds[0] = open(one, O_RDWR | O_CLOEXEC);
		err = ERR(ioctl(fds[0], step->what == IOCTL ? FIONREAD : FIONBIO, &(int){ 0 }));
		close(fds[0]);
		return err;
	case READ_MOVED:
		return opened(openat(old_dir, "f", O_RDONLY | O_CLOEXEC));
	case TRUNCATE:
		return ERR(truncate(one, 1));
	case FTRUNCATE:
		fds[0] = open(one, O_WRONLY | O_CLOEXEC);
		err = ERR(ftruncate(fds[0], 1));
		close(fds[0]);
		return err;
	case FTRUNCATE_OLD:
		return ERR(ftruncate(old_file, 1));
	case FTRUNCATE_MEMORY:
		fds[0] = memfd_create("x", MFD_CLOEXEC);
		err = ERR(ftruncate(fds[0], 1));
		close(fds[0]);
		return err;
	case PIPE_REOPEN:
		if (pipe2(fds, O_CLOEXEC))
			return errno;
		err = reopen(fds[0], O_RDONLY | O_NONBLOCK) ?:
		      reopen(fds[1], O_WRONLY | O_NONBLOCK);
		close(fds[0]);
		close(fds[1]);
		return err;
	case MOUNT:
		return ERR(mount("none", one, "tmpfs", 0, NULL));
	case REMOUNT:
		return ERR(mount(NULL, one, NULL, MS_REMOUNT | MS_RDONLY, NULL));
	case UMOUNT:
		return ERR(umount2(one, MNT_DETACH));
	case MOVE_MOUNT:
		return ERR(mount(one, two, NULL, MS_MOVE, NULL));
	case PIVOT_ROOT:
		return ERR(syscall(SYS_pivot_root, one, one));
	case CHROOT:
		return ERR(chroot(one));
	case BIND4:
	case CONNECT4:
	case CONNECT_NOWHERE:
	case CONNECT_SHORT:
	case BIND_SHORT:
	case BIND_UNSPEC:
	case FAST_OPEN:
		return inet_use(step->what, AF_INET, SOCK_STREAM, one);
	case BIND6:
	case CONNECT6:
		return inet_use(step->what, AF_INET6, SOCK_STREAM, one);
	case BIND_UDP:
	case SEND_UDP:
		return inet_use(step->what, AF_INET, SOCK_DGRAM, one);
	case SIGNAL_PARENT:
		return ERR(kill(getppid(), 0));
	case SIGNAL_SELF:
		return ERR(kill(getpid(), 0));
	case SIGNAL_CHILD:
	case READ_CHILD:
	case ATTACH_CHILD:
		return child_do(step->what);
	case OWN_PARENT:
		if (pipe2(fds, O_CLOEXEC))
			return errno;
		err = ERR(fcntl(fds[0], F_SETOWN, getppid()));
		close(fds[0]);
		close(fds[1]);
		return err;
	case ABSTRACT:
		len = UNIX(&un, STREAM_NAME);
		return unix_connect(SOCK_STREAM, &un, len);
	case ABSTRACT_DATAGRAM:
		len = UNIX(&un, DATAGRAM_NAME);
		return unix_connect(SOCK_DGRAM, &un, len);
	case ABSTRACT_OWN:
		len = UNIX(&un, "\0sbpf-landlock-own");
		fds[0] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		err = ERR(bind(fds[0], (void *)&un, len) || listen(fds[0], 1)) ?:
		      unix_connect(SOCK_STREAM, &un, len);
		close(fds[0]);
		return err;
	case PATHNAME:
		len = UNIX(&un, SOCKET_PATH);
		return unix_connect(SOCK_STREAM, &un, len);
	case PAIR_OLD:
		return ERR(send(old_pair[0], "x", 1, MSG_DONTWAIT) != 1);
	case READ_PARENT:
		return ERR(process_vm_readv(getppid(), &here, 1, &there, 1, 0) != sizeof(int));
	case TRACE_ME:
		return ERR(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
	case END:
		break;
	}
	return ENOTRECOVERABLE;
}

/* The two sides */

enum kind { FILES, NETS, SCOPES };

struct layer {
	enum kind kind;
	uint64_t handled;
	const void *rules;	/* of a scenario, of either layer */
};

/* Both arrays in a scenario have elements like these. */
struct any_rule {
	const char *path;
	uint64_t access;
};

static int landlock_abi(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

/* What is no directory cannot have rights that only directories have. */
static uint64_t file_access(const char *path, uint64_t access)
{
	struct stat st;

	if (stat(path, &st) || S_ISDIR(st.st_mode))
		return access;
	return access & (LL(EXECUTE) | LL_READ | LL_WRITE | LL(TRUNCATE) | LL(IOCTL_DEV));
}

static int landlock_enter(const struct layer *layer)
{
	struct landlock_ruleset_attr attr = {};
	const struct any_rule *rules = layer->rules;
	int ruleset, err = 0, i;

	if (layer->kind == FILES)
		attr.handled_access_fs = layer->handled;
	else if (layer->kind == NETS)
		attr.handled_access_net = layer->handled;
	else
		attr.scoped = layer->handled;
	ruleset = syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (ruleset < 0)
		return errno;
	for (i = 0; i < RULES_MAX && rules[i].path && !err; i++) {
		struct landlock_path_beneath_attr path = {
			.allowed_access = file_access(rules[i].path, rules[i].access),
			.parent_fd = -1,
		};
		struct landlock_net_port_attr port = {
			.allowed_access = rules[i].access, .port = atoi(rules[i].path),
		};

		if (layer->kind == FILES) {
			path.parent_fd = open(rules[i].path, O_PATH | O_CLOEXEC);
			err = syscall(SYS_landlock_add_rule, ruleset,
				      LANDLOCK_RULE_PATH_BENEATH, &path, 0);
			close(path.parent_fd);
		} else {
			err = syscall(SYS_landlock_add_rule, ruleset,
				      LANDLOCK_RULE_NET_PORT, &port, 0);
		}
	}
	if (err || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    syscall(SYS_landlock_restrict_self, ruleset, 0))
		err = errno;
	close(ruleset);
	return err;
}

static uint32_t access_of(uint64_t landlock)
{
	static const struct {
		uint64_t landlock;
		uint32_t sbpf;
	} same[] = {
		{ LL(EXECUTE), SBPF_ACCESS_EXECUTE },
		{ LL_WRITE, SBPF_ACCESS_WRITE },
		{ LL_READ, SBPF_ACCESS_READ_FILE },
		{ LL(READ_DIR), SBPF_ACCESS_READ_DIR },
		{ LL_REMOVE, SBPF_ACCESS_REMOVE },
		{ LL(MAKE_CHAR) | LL(MAKE_BLOCK), SBPF_ACCESS_CREATE_DEVICE },
		{ LL(MAKE_DIR), SBPF_ACCESS_CREATE_DIR },
		{ LL(MAKE_REG), SBPF_ACCESS_CREATE_FILE },
		{ LL(MAKE_SOCK) | LL(MAKE_FIFO), SBPF_ACCESS_CREATE_SPECIAL },
		{ LL(MAKE_SYM), SBPF_ACCESS_CREATE_SYMLINK },
		{ LL(REFER), SBPF_ACCESS_REFER },
		{ LL(TRUNCATE), SBPF_ACCESS_TRUNCATE },
	};
	uint32_t access = 0;
	int i;

	for (i = 0; i < COUNT(same); i++)
		if (landlock & same[i].landlock)
			access |= same[i].sbpf;
	return access;
}

/* Is @path the same as @top, or below it? */
static bool below(const char *path, const char *top)
{
	size_t len = strlen(top);

	return !strcmp(top, "/") ||
	       (!strncmp(path, top, len) && (!path[len] || path[len] == '/'));
}

static struct sbpf_path_rule path_rule(const char *path, uint32_t allow)
{
	return (struct sbpf_path_rule){
		.fd = open(path, O_PATH | O_CLOEXEC), .allow = allow,
	};
}

static struct sbpf_net_rule port_rule(int family, uint16_t first, uint16_t last,
				      uint32_t allow)
{
	return (struct sbpf_net_rule){
		.allow = allow, .family = family, .port_first = first, .port_last = last,
	};
}

/*
 * Here the nearest rule decides, for all accesses; in Landlock rights add up on the
 * way to the root, and what a ruleset does not handle is allowed.
 */
static int sbpf_rules(int sandbox, const struct layer *layer)
{
	const uint32_t handled = layer->kind == FILES ? access_of(layer->handled) : 0;
	const uint32_t rest = (SBPF_ACCESS_MAX - 1) & ~handled;
	const uint64_t scoped = 1ULL << SBPF_RIGHT_TRACE | 1ULL << SBPF_RIGHT_SIGNAL |
				1ULL << SBPF_RIGHT_UNIX;
	uint32_t net = SBPF_NET_MAX - 1, allow, paths_count = 1, nets_count = 2;
	struct sbpf_path_rule paths[RULES_MAX + 1];
	struct sbpf_net_rule nets[2 * RULES_MAX + 2];
	struct sbpf_dev_rule devs[2 + RULES_MAX] = {
		{ SBPF_DEV_MAX - 1, 0, S_IFCHR, SBPF_DEV_ANY, SBPF_DEV_ANY, 0, ~0U, 0 },
		{ SBPF_DEV_MAX - 1, 0, S_IFBLK, SBPF_DEV_ANY, SBPF_DEV_ANY, 0, ~0U, 0 },
	};
	const struct any_rule *rules = layer->rules;
	struct stat st;
	struct sbpf_set_rules set = {
		.size = sizeof(set), .paths = (uintptr_t)paths, .nets = (uintptr_t)nets,
		.devs = (uintptr_t)devs, .devs_count = 2,
		.rights = (1ULL << SBPF_RIGHT_MAX) - 1,
		.capabilities = (1ULL << (CAP_LAST_CAP + 1)) - 1,
		.sockets = SBPF_SOCKET_MAX - 1,
	};
	int i, j, err;

	/* Landlock denies changes of mounts as soon as it handles files, tracing always. */
	set.rights &= ~(1ULL << SBPF_RIGHT_TRACE);
	if (layer->kind == FILES)
		set.rights &= ~(1ULL << SBPF_RIGHT_MOUNT);
	if (layer->kind == SCOPES)
		set.rights &= ~scoped;
	paths[0] = path_rule("/", rest);
	if (layer->kind == FILES && layer->handled & LL(IOCTL_DEV)) {
		devs[0].allow &= ~SBPF_DEV_IOCTL;
		devs[1].allow &= ~SBPF_DEV_IOCTL;
	}
	for (i = 0; i < RULES_MAX && rules[i].path; i++) {
		if (layer->kind != FILES) {
			allow = (rules[i].access & NET_BIND ? SBPF_NET_TCP_BIND : 0) |
				(rules[i].access & NET_CONNECT ? SBPF_NET_TCP_CONNECT : 0);
			j = atoi(rules[i].path);
			nets[nets_count++] = port_rule(AF_INET, j, j, allow);
			nets[nets_count++] = port_rule(AF_INET6, j, j, allow);
			continue;
		}
		if (rules[i].access & LL(IOCTL_DEV) && !stat(rules[i].path, &st) &&
		    S_ISCHR(st.st_mode)) {
			devs[set.devs_count] = devs[0];
			devs[set.devs_count].allow |= SBPF_DEV_IOCTL;
			devs[set.devs_count].major = major(st.st_rdev);
			devs[set.devs_count++].minor = minor(st.st_rdev);
		}
		allow = rest;
		for (j = 0; j < RULES_MAX && rules[j].path; j++)
			if (below(rules[i].path, rules[j].path))
				allow |= access_of(rules[j].access);
		paths[paths_count++] = path_rule(rules[i].path, allow);
	}
	if (layer->kind == NETS && layer->handled & NET_BIND)
		net &= ~SBPF_NET_TCP_BIND;
	if (layer->kind == NETS && layer->handled & NET_CONNECT)
		net &= ~SBPF_NET_TCP_CONNECT;
	nets[0] = port_rule(AF_INET, 0, 65535, net);
	nets[1] = port_rule(AF_INET6, 0, 65535, net);
	set.paths_count = paths_count;
	set.nets_count = nets_count;
	err = sbpf_ioctl(sandbox, SBPF_IOC_SET_RULES, &set);
	for (i = 0; i < paths_count; i++)
		close(paths[i].fd);
	return err;
}

static int sbpf_enter(const struct layer *layer)
{
	int sandbox = sandbox_create("rules", "", 0, SBPF_UNLIMITED), err;

	if (sandbox < 0)
		return -sandbox;
	err = sbpf_rules(sandbox, layer) ?: sandbox_enter(sandbox);
	close(sandbox);
	return err;
}

typedef int (*enter_fn)(const struct layer *layer);

/* Memory that the child shares. */
static struct results {
	int entered;
	int errors[STEPS_MAX];
} *results;

static void tree_make(void)
{
	static const char script[] =
		/* The rules of the sandbox before hold them until it is destroyed. */
		"cd " DIR " && for d in a/m b/m a/bind; do while mountpoint -q landlock/$d; do "
		"umount landlock/$d 2>/dev/null || sleep 0.05; done; done; rm -rf landlock; "
		"for d in a b; do mkdir -p landlock/$d/in/deep landlock/$d/m && "
		"cd landlock/$d && mount -t tmpfs none m && "
		"echo intact | tee f g in/f in/g in/deep/f m/f >/dev/null && "
		"cp " PROGRAM " true; cd " DIR "; done; "
		"mkdir landlock/a/bind && mount --bind landlock/b/in landlock/a/bind";

	if (system(script))
		fprintf(stderr, "# cannot make the tree\n");
	old_file = open(TREE "/a/f", O_WRONLY | O_CLOEXEC);
	old_dir = open(TREE "/a/bind/deep", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, old_pair))
		perror("# socketpair");
}

static void play(enum kind kind, const struct scenario *scenario, enter_fn enter)
{
	const struct layer outer = { kind, scenario->handled, scenario->rules };
	const struct layer inner = { kind, scenario->handled_within, scenario->within };
	pid_t pid;
	int i;

	tree_make();
	if (scenario->moved && rename(TREE "/b/in/deep", TREE "/b/moved"))
		perror("# rename");
	memset(results, 0xff, sizeof(*results));
	pid = fork();
	if (!pid) {
		if (chdir(TREE))
			_exit(1);
		results->entered = enter ? enter(&outer) : 0;
		if (enter && !results->entered && inner.handled)
			results->entered = enter(&inner);
		for (i = 0; !results->entered && scenario->steps[i].what; i++)
			results->errors[i] = perform(&scenario->steps[i]);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	close(old_file);
	close(old_dir);
	close(old_pair[0]);
	close(old_pair[1]);
}

FIXTURE(landlock) {
	int sockets[8];
	bool oracle;
};

FIXTURE_SETUP(landlock)
{
	const uint16_t ports[] = { PORT_A, PORT_B };
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_addr = in6addr_any };
	struct sockaddr_un un;
	socklen_t len;
	int i, one = 1;

	results = mmap(NULL, sizeof(*results), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, results);
	for (i = 0; i < COUNT(ports); i++) {
		any.sin6_port = htons(ports[i]);
		self->sockets[i] = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
		setsockopt(self->sockets[i], SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
		ASSERT_EQ(0, bind(self->sockets[i], (void *)&any, sizeof(any)));
		ASSERT_EQ(0, listen(self->sockets[i], 64));
	}
	self->sockets[2] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	len = UNIX(&un, STREAM_NAME);
	ASSERT_EQ(0, bind(self->sockets[2], (void *)&un, len));
	ASSERT_EQ(0, listen(self->sockets[2], 64));
	self->sockets[3] = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	len = UNIX(&un, DATAGRAM_NAME);
	ASSERT_EQ(0, bind(self->sockets[3], (void *)&un, len));
	self->sockets[4] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	unlink(SOCKET_PATH);
	len = UNIX(&un, SOCKET_PATH);
	ASSERT_EQ(0, bind(self->sockets[4], (void *)&un, len));
	ASSERT_EQ(0, listen(self->sockets[4], 64));
	/* Scopes came with the sixth version. */
	self->oracle = landlock_abi() >= 6;
	if (!self->oracle)
		TH_LOG("no Landlock here: only sbpf is tested");
}

FIXTURE_TEARDOWN(landlock)
{
	int i;

	for (i = 0; i < 5; i++)
		close(self->sockets[i]);
}

static void compare(struct __test_metadata *_metadata, bool oracle, enum kind kind,
		    const struct scenario *scenario)
{
	const struct step *step;
	int i;

	if (oracle) {
		play(kind, scenario, landlock_enter);
		EXPECT_EQ(0, results->entered) TH_LOG("Landlock: %s", scenario->name);
		for (i = 0; scenario->steps[i].what; i++) {
			EXPECT_EQ(scenario->steps[i].landlock, results->errors[i])
				TH_LOG("Landlock: %s, step %d", scenario->name, i);
		}
	}
	play(kind, scenario, sbpf_enter);
	EXPECT_EQ(0, results->entered) TH_LOG("sbpf: %s", scenario->name);
	for (i = 0; scenario->steps[i].what; i++) {
		step = &scenario->steps[i];
		EXPECT_EQ(step->sbpf, results->errors[i])
			TH_LOG("sbpf: %s, step %d", scenario->name, i);
		EXPECT_EQ(step->why == SAME, step->sbpf == step->landlock);
		met[step->why] = true;
	}
}

TEST_F_TIMEOUT(landlock, agrees_on, 3000)
{
	int i;

	for (i = 0; i < COUNT(files); i++)
		compare(_metadata, self->oracle, FILES, &files[i]);
	for (i = 0; i < COUNT(nets); i++)
		compare(_metadata, self->oracle, NETS, &nets[i]);
	for (i = 0; i < COUNT(scopes); i++)
		compare(_metadata, self->oracle, SCOPES, &scopes[i]);
	/* No row of the table is out of date. */
	for (i = 0; i < DIFFERENCES && met[i]; i++)
		;
	EXPECT_EQ(DIFFERENCES, i);
}

int main(int argc, char **argv)
{
	if (setup() || setup_rules())
		return KSFT_FAIL;
	return run_tests(argc, argv);
}
