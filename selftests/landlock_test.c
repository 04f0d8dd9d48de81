// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf selftests - Landlock as an oracle
 *
 * The same scenarios without a sandbox, under Landlock and under the policy "rules",
 * with rules of the same meaning. What they cover is what Landlock's own tests cover.
 * Each step says what it returns; where the two differ on purpose it names the
 * difference, and Documentation/landlock.rst explains it.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/landlock.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/sendfile.h>
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

#define RULES_MAX	6
#define LAYERS_MAX	7
#define STEPS_MAX	64

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
	D14_THREADS,
	D15_RULES_GO_ALONG,
	D16_ABOVE_A_RULE,
	D17_RULES_HOLD,
	D18_MULTIPATH_TCP,
	D19_FILES_LIKE_DIRECTORIES,
	D20_MOUNTED_LATER,
	D21_NAMESPACES,
	D22_PORTS_COME_FIRST,
	DIFFERENCES,
};

static bool met[DIFFERENCES];

enum what {
	END,
	/* The next layer: its rules are made, then it is entered; or both at once. */
	MAKE, RESTRICT, ENTER,
	/* Before that, mostly. */
	CHDIR, HOLD_DIR, OPEN_TREE, MOUNT_BIND, MOUNT_OVERLAY, UMOUNT_IDLE, HOLD_SOCKET,
	READ, WRITE, READ_WRITE, OPEN_TRUNCATE, READ_TRUNCATE, CREAT, LIST, EXECUTE, REOPEN,
	REOPEN_UNLINKED, PATH_ONLY, READ_THREAD,
	CREATE, MAKE_FILE, MAKE_DIR, MAKE_FIFO, MAKE_SOCK, MAKE_SYMLINK, MAKE_CHAR, MAKE_BLOCK,
	MAKE_WHITEOUT,
	UNLINK, RMDIR, RENAME, EXCHANGE, WHITEOUT, LINK,
	IOCTL, IOCTL_EXEMPT, IOCTL_KEPT, IOCTL_GUARDED, IOCTL_MEMORY, IOCTL_SOCKET,
	TRUNCATE, FTRUNCATE, FTRUNCATE_OLD, FTRUNCATE_OUTSIDE, FTRUNCATE_MEMORY, PIPE_REOPEN,
	MOUNT, REMOUNT, PRIVATE, UMOUNT, MOVE_MOUNT, MOVE_MOUNT_BY_OLD, PIVOT_ROOT, CHROOT,
	/* See inet_uses. */
	BIND4, BIND6, BIND_UDP, BIND_UDP6, BIND_EMPTY, BIND_SHORT, BIND6_SHORT, BIND6_MINIMAL,
	BIND_UNSPEC, BIND_UNSPEC_LOCAL, BIND6_UNSPEC, CONNECT4, CONNECT6, CONNECT_UDP,
	CONNECT_MPTCP, CONNECT_NOWHERE, CONNECT_EMPTY, CONNECT_SHORT, CONNECT6_SHORT,
	CONNECT6_MINIMAL, SEND_UDP, FAST_OPEN, FAST_OPEN_NOWHERE,
	DISCONNECT, DISCONNECT_SHORT, RECONNECT, UNIX_AS_INET, ANY_FREE_PORT,
	SIGNAL_PARENT, SIGNAL_SELF, SIGNAL_THREAD, SIGNAL_OLD,
	OWN_SELF, OWN_PARENT, OWN_CHILD, OWN_GROUP,
	ABSTRACT, ABSTRACT_DATAGRAM, ABSTRACT_SEND, ABSTRACT_OWN, ABSTRACT_BY_OUTSIDER,
	PATHNAME, PATHNAME_DATAGRAM, PATHNAME_SEND, PAIR_OLD, DATAGRAM_OLD, SELF_OLD, SELF_OLD_SEND,
	READ_PARENT, ENVIRON_PARENT, ATTACH_PARENT, TRACE_ME, SETUID,
	/* A process to its child; "actor", "target" or "both" have entered the next layer. */
	KIN_SIGNAL, KIN_READ, KIN_ENVIRON, KIN_ATTACH, KIN_STREAM, KIN_DATAGRAM,
	KIN_OFFER,	/* and the child to it: to be traced */
};

struct step {
	enum what what;
	/* A path that begins with @ is relative to a directory that is held. */
	const char *one, *two;
	int landlock, sbpf;
	enum difference why;
	bool anyway;	/* it is denied without a sandbox, too */
};

struct rule {
	const char *path;	/* or the number of a port */
	uint64_t access;
};

struct layer {
	/* What is handled. */
	uint64_t files, ports, scopes;
	struct rule rules[RULES_MAX];
};

struct scenario {
	const char *name;
	/* The first is entered at once if it handles anything, all others by steps. */
	struct layer layers[LAYERS_MAX];
	struct step steps[STEPS_MAX];
};

#define STEP(what, one, two, error)	{ what, one, two, error, error, SAME, false }
#define ANYWAY(what, one, two, error)	{ what, one, two, error, error, SAME, true }
#define DIFF(what, one, two, landlock, sbpf, why) { what, one, two, landlock, sbpf, why, false }

#define ENTERED				STEP(ENTER, NULL, NULL, 0)

/* A node that is made, linked and renamed; where it may not be, one is there already. */
#define MADE(what, n)							\
	STEP(what, "a/in/" n, NULL, 0), STEP(LINK, "a/in/" n, "a/in/l" n, 0), \
	STEP(RENAME, "a/in/l" n, "a/in/r" n, 0), STEP(what, "a/in/deep/" n, NULL, 0)
#define NOT_MADE(what, n)						\
	STEP(what, "a/x" n, NULL, EACCES), STEP(LINK, "a/" n, "a/l" n, EACCES), \
	DIFF(RENAME, "a/" n, "a/r" n, EACCES, 0, D1_RENAME_IS_REFER)

#define LL_RW		(LL_READ | LL_WRITE)
#define LL_RO_DIR	(LL_READ | LL(READ_DIR))
#define LL_RW_DIR	(LL_RW | LL(READ_DIR))
#define LL_ALL		((LL(IOCTL_DEV) << 1) - 1)

/* Of two trees in which names may be made, or moved away, but not both in the same places. */
#define REPARENTING	{ .files = LL(MAKE_REG) | LL(REFER),		\
			  .rules = { { "a/in", LL(MAKE_REG) }, { "a/in/deep", LL(REFER) }, \
				     { "b/in", LL(REFER) }, { "b/in/deep", LL(MAKE_REG) } } }
#define ALIKE		{ .files = LL(MAKE_REG) | LL(REFER),		\
			  .rules = { { "a/in", LL(REFER) }, { "a/in/deep", LL(MAKE_REG) }, \
				     { "b/in", LL(REFER) }, { "b/in/deep", LL(MAKE_REG) } } }
#define DIRS_AS_WELL	{ .files = LL(MAKE_DIR), .rules = { { "b/in/deep", LL(MAKE_DIR) } } }

static const struct scenario files[] = {
	{ .name = "what is below adds to what is above",
	  .layers = { { .files = LL_RW_DIR,
			.rules = { { "a/in", LL_READ }, { "a/in/deep", LL_WRITE } } },
		      { .files = LL_RW_DIR, .rules = { { "a/in", LL_RW } } },
		      { .files = LL_RW_DIR, .rules = { { "a/in", LL_WRITE } } } },
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
		/* Nothing more, and nothing less. */
		ENTERED,
		STEP(READ, "a/f", NULL, EACCES),
		STEP(WRITE, "a/f", NULL, EACCES),
		STEP(READ, "a/in/f", NULL, 0),
		STEP(WRITE, "a/in/f", NULL, EACCES),
		STEP(READ_WRITE, "a/in/deep/f", NULL, 0),
		STEP(LIST, "a", NULL, EACCES),
		/* Reading no more. */
		ENTERED,
		STEP(READ, "a/f", NULL, EACCES),
		STEP(READ, "a/in/f", NULL, EACCES),
		STEP(WRITE, "a/in/f", NULL, EACCES),
		STEP(READ, "a/in/deep/f", NULL, EACCES),
		STEP(WRITE, "a/in/deep/f", NULL, 0),
		STEP(READ_WRITE, "a/in/deep/f", NULL, EACCES),
	  } },
	{ .name = "two rules about the same",
	  .layers = { { .files = LL_RW_DIR,
			.rules = { { "a/in", LL_RW }, { "a/in", LL_RO_DIR } } } },
	  .steps = {
		STEP(READ, "a/f", NULL, EACCES),
		STEP(WRITE, "a/f", NULL, EACCES),
		STEP(LIST, "a", NULL, EACCES),
		STEP(READ_WRITE, "a/in/f", NULL, 0),
		STEP(LIST, "a/in", NULL, 0),
		STEP(READ_WRITE, "a/in/deep/f", NULL, 0),
		STEP(LIST, "a/in/deep", NULL, 0),
	  } },
	{ .name = "directories and files",
	  .layers = { { .files = LL_RO_DIR,
			.rules = { { "a", LL(READ_DIR) }, { "b/f", LL_READ } } } },
	  .steps = {
		STEP(LIST, "a", NULL, 0),
		STEP(LIST, "a/in/deep", NULL, 0),
		STEP(READ, "a/f", NULL, EACCES),
		STEP(LIST, "b", NULL, EACCES),
		STEP(READ, "b/f", NULL, 0),
		STEP(READ, "b/g", NULL, EACCES),
		/* What no rule can be about. */
		STEP(WRITE, "b/g", NULL, 0),
		STEP(READ_WRITE, "b/g", NULL, EACCES),
		STEP(READ_WRITE, "b/f", NULL, 0),
		STEP(CREATE, "b/new", NULL, 0),
	  } },
	{ .name = "a file and a directory",
	  .layers = { { .files = LL_RW_DIR,
			.rules = { { "a/in", LL_RO_DIR }, { "b/in/f", LL_RW } } } },
	  .steps = {
		STEP(LIST, "/", NULL, EACCES), STEP(PATH_ONLY, "/", NULL, EBADF),
		STEP(LIST, "a", NULL, EACCES), STEP(PATH_ONLY, "a", NULL, EBADF),
		STEP(READ, "a/f", NULL, EACCES), STEP(PATH_ONLY, "a/f", NULL, EBADF),
		STEP(LIST, "a/in", NULL, 0),
		STEP(READ, "a/in/f", NULL, 0),
		STEP(LIST, "a/in/deep", NULL, 0),
		STEP(READ, "a/in/deep/f", NULL, 0),
		STEP(LIST, "b/in", NULL, EACCES), STEP(PATH_ONLY, "b/in", NULL, EBADF),
		STEP(READ_WRITE, "b/in/f", NULL, 0),
	  } },
	{ .name = "two layers",
	  .layers = { { .files = LL_RW, .rules = { { "a", LL_RW } } },
		      { .files = LL_RW, .rules = { { "a/in", LL_READ }, { "b", LL_RW } } } },
	  .steps = {
		ENTERED,
		STEP(READ, "a/f", NULL, EACCES),
		STEP(READ, "a/in/f", NULL, 0),
		STEP(WRITE, "a/in/f", NULL, EACCES),
		STEP(READ, "b/f", NULL, EACCES),
	  } },
	{ .name = "two layers about different accesses",
	  .layers = { { .files = LL_READ, .rules = { { "a", LL_READ } } },
		      { .files = LL_WRITE, .rules = { { "a/in", LL_WRITE } } } },
	  .steps = {
		ENTERED,
		STEP(READ, "a/f", NULL, 0),
		STEP(WRITE, "a/f", NULL, EACCES),
		STEP(READ_WRITE, "a/in/f", NULL, 0),
		STEP(READ, "b/f", NULL, EACCES),
	  } },
	{ .name = "two layers about names",
	  .layers = { { .files = LL(MAKE_REG), .rules = { { "a/in", LL(MAKE_REG) } } },
		      { .files = LL(REMOVE_FILE),
			.rules = { { "a/in/deep", LL(REMOVE_FILE) } } } },
	  .steps = {
		STEP(MAKE_FILE, "a/n", NULL, EACCES),
		STEP(MAKE_FILE, "a/in/n", NULL, 0),
		STEP(UNLINK, "a/in/n", NULL, 0),
		ENTERED,
		STEP(MAKE_FILE, "a/n", NULL, EACCES),
		STEP(MAKE_FILE, "a/in/n", NULL, 0),
		STEP(UNLINK, "a/in/n", NULL, EACCES),
		STEP(UNLINK, "a/in/deep/f", NULL, 0),
	  } },
	{ .name = "seven layers",
	  .layers = { { .files = LL_READ, .rules = { { "a/in/deep/f", LL_READ } } },
		      { .files = LL_RW,
			.rules = { { "a/in/deep", LL_RW }, { "a/in", LL_WRITE } } },
		      { .files = LL_READ, .rules = { { "a", LL_READ } } },
		      { .files = LL_RW, .rules = { { "a/in", LL_READ } } },
		      { .files = LL_READ, .rules = { { "a/in", LL_READ } } },
		      { .files = LL(EXECUTE), .rules = { { "b", LL(EXECUTE) } } },
		      { .files = LL_RW, .rules = { { "a/in", LL_WRITE } } } },
	  .steps = {
		STEP(READ_WRITE, "a/in/deep/f", NULL, 0),
		STEP(READ, "a/in/deep/g", NULL, EACCES),
		STEP(WRITE, "a/in/deep/g", NULL, 0),
		ENTERED,
		STEP(READ_WRITE, "a/in/deep/f", NULL, 0),
		STEP(READ, "a/in/deep/g", NULL, EACCES),
		STEP(WRITE, "a/in/deep/g", NULL, 0),
		ENTERED,
		STEP(READ_WRITE, "a/in/deep/f", NULL, 0),
		STEP(READ, "a/in/deep/g", NULL, EACCES),
		STEP(WRITE, "a/in/deep/g", NULL, 0),
		/* Writing no more. */
		ENTERED,
		STEP(READ, "a/in/deep/f", NULL, 0),
		STEP(WRITE, "a/in/deep/f", NULL, EACCES),
		STEP(READ, "a/in/deep/g", NULL, EACCES),
		STEP(WRITE, "a/in/deep/g", NULL, EACCES),
		ENTERED,
		STEP(READ, "a/in/deep/f", NULL, 0),
		STEP(WRITE, "a/in/deep/f", NULL, EACCES),
		ENTERED,
		STEP(READ, "a/in/deep/f", NULL, 0),
		STEP(WRITE, "a/in/deep/f", NULL, EACCES),
		/* Nor reading. */
		ENTERED,
		STEP(READ, "a/in/deep/f", NULL, EACCES),
		STEP(WRITE, "a/in/deep/f", NULL, EACCES),
		STEP(READ, "a/in/deep/g", NULL, EACCES),
		STEP(WRITE, "a/in/deep/g", NULL, EACCES),
	  } },
	{ .name = "more in the layers within",
	  .layers = { { .files = LL_RW_DIR, .rules = { { "a/in", LL_RO_DIR } } },
		      { .files = LL_RW_DIR, .rules = { { "a/in", LL_RW_DIR } } },
		      { .files = LL_RW_DIR,
			.rules = { { "a/in", LL_RW_DIR }, { "a", LL_RW_DIR } } },
		      { .files = LL_RW_DIR, .rules = { { "a", LL_RW_DIR },
						       { "a/in/deep", LL_WRITE } } } },
	  .steps = {
#define THE_SAME							\
		STEP(WRITE, "a/f", NULL, EACCES), STEP(LIST, "a", NULL, EACCES), \
		STEP(WRITE, "a/in/f", NULL, EACCES), STEP(LIST, "a/in", NULL, 0), \
		STEP(WRITE, "a/in/deep/f", NULL, EACCES), STEP(LIST, "a/in/deep", NULL, 0)
		THE_SAME, ENTERED, THE_SAME, ENTERED, THE_SAME, ENTERED, THE_SAME,
#undef THE_SAME
	  } },
	{ .name = "more above, in a layer within",
	  .layers = { { .files = LL_RW_DIR, .rules = { { "a/in/deep", LL_RO_DIR } } },
		      { .files = LL_RW_DIR, .rules = { { "a/in/deep", LL_RO_DIR },
						       { "a/in", LL_RO_DIR } } } },
	  .steps = {
		STEP(LIST, "a/in", NULL, EACCES), STEP(LIST, "a/in/deep", NULL, 0),
		STEP(READ, "a/in/deep/f", NULL, 0),
		ENTERED,
		STEP(LIST, "a/in", NULL, EACCES), STEP(LIST, "a/in/deep", NULL, 0),
		STEP(READ, "a/in/deep/f", NULL, 0),
	  } },
	{ .name = "mount points",
	  .layers = { { .files = LL_RO_DIR,
			.rules = { { "b/in", LL_RO_DIR }, { "a/m", LL_RO_DIR } } } },
	  .steps = {
		STEP(READ, "a/m/f", NULL, 0),
		STEP(READ, "a/f", NULL, EACCES),
		STEP(READ, "b/m/f", NULL, EACCES),
		STEP(LIST, "b/in", NULL, 0),
		STEP(LIST, "b", NULL, EACCES),
		STEP(LIST, "a", NULL, EACCES),
		STEP(LIST, "a/m", NULL, 0),
		STEP(LIST, "a/m/in", NULL, 0),
	  } },
	{ .name = "above mount points",
	  .layers = { { .files = LL_RO_DIR, .rules = { { "a", LL_RO_DIR } } } },
	  .steps = {
		STEP(READ, "a/m/f", NULL, 0),
		STEP(READ, "b/m/f", NULL, EACCES),
		STEP(LIST, "b", NULL, EACCES),
		STEP(LIST, "a", NULL, 0),
		STEP(LIST, "a/m", NULL, 0),
		STEP(LIST, "a/m/in", NULL, 0),
	  } },
	{ .name = "under a mount",
	  .layers = { {}, { .files = LL_READ, .rules = { { "a/bind", LL_READ } } } },
	  .steps = {
		STEP(UMOUNT_IDLE, "a/bind", NULL, 0),
		STEP(MAKE, NULL, NULL, 0),
		STEP(MOUNT_BIND, "b/in", "a/bind", 0),
		STEP(RESTRICT, NULL, NULL, 0),
		DIFF(READ, "a/bind/f", NULL, EACCES, 0, D20_MOUNTED_LATER),
		STEP(READ, "b/in/f", NULL, EACCES),
	  } },
	{ .name = "everything below the root",
	  .layers = { { .files = LL_RW_DIR, .rules = { { "/", LL_RO_DIR } } },
		      { .files = LL_RW_DIR, .rules = { { "/", LL_READ } } } },
	  .steps = {
		STEP(READ, "a/m/f", NULL, 0),
		STEP(READ, "b/f", NULL, 0),
		STEP(WRITE, "b/f", NULL, EACCES),
		STEP(LIST, "/", NULL, 0),
		STEP(LIST, "a", NULL, 0),
		ENTERED,
		STEP(READ, "b/f", NULL, 0),
		STEP(LIST, "/", NULL, EACCES),
		STEP(LIST, "a", NULL, EACCES),
	  } },
	{ .name = "no rule at all",
	  .layers = { { .files = LL_READ }, { .files = LL(READ_DIR) }, { .files = LL(READ_DIR) } },
	  .steps = {
		STEP(READ, "a/f", NULL, EACCES), STEP(WRITE, "a/f", NULL, 0),
		STEP(LIST, "a", NULL, 0),
		/* Who was there before. */
		DIFF(READ_THREAD, "a/f", NULL, 0, EACCES, D14_THREADS),
		ENTERED,
		STEP(READ, "a/f", NULL, EACCES), STEP(LIST, "a", NULL, EACCES),
		ENTERED,
		STEP(READ, "a/f", NULL, EACCES), STEP(LIST, "a", NULL, EACCES),
	  } },
	{ .name = "another root",
	  .layers = { {}, { .files = LL_RW_DIR, .rules = { { "in", LL_RO_DIR } } } },
	  .steps = {
		STEP(PIVOT_ROOT, "a/m", "a/m/in", 0),
		STEP(CHDIR, "/", NULL, 0),
		ENTERED,
		STEP(LIST, "in", NULL, 0),
		STEP(LIST, "/", NULL, EACCES),
	  } },
	{ .name = "names that are relative",
	  .layers = { { .files = LL_RW_DIR, .rules = { { ".", LL_RO_DIR } } },
		      { .files = LL_RW_DIR,
			.rules = { { "a/in", LL_RO_DIR }, { "b/in", LL_RO_DIR } } } },
	  .steps = {
		STEP(HOLD_DIR, "a/in", NULL, 0),
		ENTERED,
		STEP(LIST, "@/..", NULL, EACCES),
		STEP(LIST, "@/.", NULL, 0),
		STEP(LIST, "@/deep", NULL, 0),
		STEP(LIST, "@/../../a", NULL, EACCES),
		STEP(LIST, "@/../../a/in", NULL, 0),
		STEP(LIST, "@/../../a/in/deep", NULL, 0),
		STEP(LIST, "@/../../b", NULL, EACCES),
		STEP(LIST, "@/../../b/in", NULL, 0),
		STEP(LIST, "@/../../b/in/deep", NULL, 0),
		STEP(CHDIR, "a/in", NULL, 0),
		STEP(LIST, "..", NULL, EACCES),
		STEP(LIST, ".", NULL, 0),
		STEP(LIST, "deep", NULL, 0),
		STEP(LIST, "../../b", NULL, EACCES),
		STEP(LIST, "../../b/in", NULL, 0),
	  } },
	/* The root is changed before, as sbpf denies that within: D6. */
	{ .name = "names outside what is the root",
	  .layers = { {}, { .files = LL_RW_DIR,
			    .rules = { { "a/in", LL_RO_DIR }, { "b/in", LL_RO_DIR } } } },
	  .steps = {
		STEP(MAKE, NULL, NULL, 0),
		STEP(CHDIR, "b/in", NULL, 0),
		STEP(CHROOT, "../../a/in", NULL, 0),
		STEP(RESTRICT, NULL, NULL, 0),
		STEP(LIST, "..", NULL, EACCES),
		STEP(LIST, ".", NULL, 0),
		STEP(LIST, "deep", NULL, 0),
		STEP(LIST, "/..", NULL, 0),
		STEP(LIST, "/", NULL, 0),
		STEP(READ, "/f", NULL, 0),
		STEP(LIST, "/deep", NULL, 0),
		STEP(LIST, "../../a", NULL, EACCES),
		STEP(LIST, "../../a/in", NULL, 0),
		STEP(LIST, "../../b", NULL, EACCES),
		STEP(LIST, "../../b/in", NULL, 0),
	  } },
	{ .name = "names inside what is the root",
	  .layers = { {}, { .files = LL_RW_DIR, .rules = { { "a/in", LL_RO_DIR } } } },
	  .steps = {
		STEP(MAKE, NULL, NULL, 0),
		STEP(CHDIR, "a/in", NULL, 0),
		STEP(CHROOT, ".", NULL, 0),
		STEP(RESTRICT, NULL, NULL, 0),
		STEP(LIST, "..", NULL, 0),
		STEP(LIST, ".", NULL, 0),
		STEP(LIST, "deep", NULL, 0),
		STEP(LIST, "/..", NULL, 0),
		STEP(READ, "/f", NULL, 0),
	  } },
	{ .name = "programs",
	  /* With the interpreter of programs. */
	  .layers = { { .files = LL(EXECUTE),
			.rules = { { "a", LL(EXECUTE) }, { "/usr", LL(EXECUTE) } } } },
	  .steps = {
		STEP(EXECUTE, "a/true", NULL, 0),
		STEP(EXECUTE, "a/in/true", NULL, 0),
		STEP(EXECUTE, "b/true", NULL, EACCES),
		STEP(READ, "b/true", NULL, 0),
		STEP(LIST, "b", NULL, 0),
	  } },
	{ .name = "removing",
	  .layers = { { .files = LL_REMOVE, .rules = { { "a/in", LL_REMOVE } } } },
	  .steps = {
		STEP(UNLINK, "a/f", NULL, EACCES),
		STEP(RMDIR, "a/in", NULL, EACCES),
		STEP(RMDIR, "a", NULL, EACCES),
		STEP(UNLINK, "a/in/f", NULL, 0),
		STEP(RMDIR, "a/in/deep", NULL, ENOTEMPTY),
		STEP(UNLINK, "a/in/deep/f", NULL, 0),
		STEP(UNLINK, "a/in/deep/g", NULL, 0),
		STEP(RMDIR, "a/in/deep", NULL, 0),
		STEP(MAKE_DIR, "a/in/deep", NULL, 0),
		STEP(RMDIR, "a/in/deep", NULL, 0),
	  } },
	{ .name = "creating",
	  .layers = { {}, { .files = LL_MAKE, .rules = { { "a/in", LL_MAKE } } } },
	  .steps = {
		STEP(MAKE_FILE, "a/1", NULL, 0), STEP(MAKE_FIFO, "a/2", NULL, 0),
		STEP(MAKE_SOCK, "a/3", NULL, 0), STEP(MAKE_SYMLINK, "a/4", NULL, 0),
		STEP(MAKE_CHAR, "a/5", NULL, 0), STEP(MAKE_BLOCK, "a/6", NULL, 0),
		STEP(MAKE_WHITEOUT, "a/7", NULL, 0),
		ENTERED,
		STEP(CREATE, "a/8", NULL, EACCES), STEP(CREATE, "a/in/8", NULL, 0),
		STEP(MAKE_DIR, "a/9", NULL, EACCES), STEP(MAKE_DIR, "a/in/9", NULL, 0),
		STEP(MAKE_DIR, "a/in/deep/9", NULL, 0),
		NOT_MADE(MAKE_FILE, "1"), MADE(MAKE_FILE, "1"),
		NOT_MADE(MAKE_FIFO, "2"), MADE(MAKE_FIFO, "2"),
		NOT_MADE(MAKE_SOCK, "3"), MADE(MAKE_SOCK, "3"),
		NOT_MADE(MAKE_SYMLINK, "4"), MADE(MAKE_SYMLINK, "4"),
		NOT_MADE(MAKE_CHAR, "5"), MADE(MAKE_CHAR, "5"),
		NOT_MADE(MAKE_BLOCK, "6"), MADE(MAKE_BLOCK, "6"),
		NOT_MADE(MAKE_WHITEOUT, "7"), MADE(MAKE_WHITEOUT, "7"),
	  } },
	{ .name = "creating one kind",
	  .layers = { { .files = LL_MAKE,
			.rules = { { "a", LL(MAKE_FIFO) }, { "b", LL(MAKE_REG) } } } },
	  .steps = {
		STEP(MAKE_FIFO, "a/3", NULL, 0),
		DIFF(MAKE_SOCK, "a/4", NULL, EACCES, 0, D4_PIPES_AND_SOCKETS),
		STEP(CREATE, "a/1", NULL, EACCES), STEP(MAKE_DIR, "a/2", NULL, EACCES),
		STEP(CREATE, "b/1", NULL, 0), STEP(MAKE_DIR, "b/2", NULL, EACCES),
		STEP(MAKE_SYMLINK, "b/5", NULL, EACCES),
		STEP(MAKE_CHAR, "b/6", NULL, EACCES), STEP(MAKE_BLOCK, "b/6", NULL, EACCES),
	  } },
	{ .name = "whiteouts",
	  .layers = { { .files = LL_MAKE,
			.rules = { { "a", LL_MAKE }, { "b", LL(MAKE_REG) } } } },
	  .steps = {
		STEP(WHITEOUT, "a/f", "a/w", 0),
		DIFF(MAKE_WHITEOUT, "b/6", NULL, 0, EACCES, D11_WHITEOUTS),
		DIFF(WHITEOUT, "b/f", "b/w", 0, EACCES, D11_WHITEOUTS),
	  } },
	{ .name = "no whiteouts",
	  .layers = { { .files = LL_MAKE, .rules = { { "a", LL(MAKE_FIFO) } } } },
	  .steps = {
		STEP(MAKE_WHITEOUT, "a/6", NULL, EACCES),
		STEP(MAKE_FIFO, "a/3", NULL, 0),
		STEP(WHITEOUT, "a/3", "a/w", EACCES),
		STEP(WHITEOUT, "b/f", "b/w", EACCES),
	  } },
	{ .name = "whiteouts that move",
	  .layers = { {}, { .files = LL(MAKE_REG) | LL(REFER),
			    .rules = { { "a", LL(REFER) }, { "a/in", LL(MAKE_REG) } } } },
	  .steps = {
		STEP(MAKE_FIFO, "a/1", NULL, 0), STEP(MAKE_FIFO, "a/2", NULL, 0),
		STEP(MAKE_FIFO, "a/in/1", NULL, 0), STEP(MAKE_FIFO, "a/in/2", NULL, 0),
		STEP(MAKE_WHITEOUT, "a/in/w", NULL, 0),
		ENTERED,
		DIFF(WHITEOUT, "a/1", "a/in/3", EACCES, EXDEV, D19_FILES_LIKE_DIRECTORIES),
		STEP(WHITEOUT, "a/in/1", "a/3", 0),
		DIFF(EXCHANGE, "a/2", "a/in/w", EACCES, EXDEV, D19_FILES_LIKE_DIRECTORIES),
		STEP(EXCHANGE, "a/in/2", "a/in/w", 0),
	  } },
	{ .name = "ioctls",
	  .layers = { { .files = LL(IOCTL_DEV), .rules = { { "/dev/zero", LL(IOCTL_DEV) } } } },
	  .steps = {
		STEP(IOCTL, "/dev/zero", NULL, ENOTTY),
		STEP(IOCTL_KEPT, "/dev/zero", NULL, 0),
		STEP(IOCTL_EXEMPT, "/dev/zero", NULL, 0),
		STEP(IOCTL, "/dev/null", NULL, EACCES),
		STEP(IOCTL_GUARDED, "/dev/null", NULL, EACCES),
		STEP(IOCTL_KEPT, "/dev/null", NULL, 0),
		DIFF(IOCTL_EXEMPT, "/dev/null", NULL, 0, EACCES, D12_IOCTL_OF_DEVICES),
		/* What is no device. */
		STEP(IOCTL, "a/f", NULL, 0),
		STEP(IOCTL, "/dev", NULL, ENOTTY),
		STEP(IOCTL_KEPT, "/dev", NULL, 0),
		STEP(IOCTL_EXEMPT, "/dev", NULL, 0),
		STEP(MAKE_FIFO, "a/3", NULL, 0),
		STEP(IOCTL, "a/3", NULL, 0),
		STEP(IOCTL_SOCKET, NULL, NULL, 0),
	  } },
	{ .name = "ioctls below a directory",
	  .layers = { { .files = LL(IOCTL_DEV), .rules = { { "/dev", LL(IOCTL_DEV) } } } },
	  .steps = {
		DIFF(IOCTL, "/dev/null", NULL, ENOTTY, EACCES, D12_IOCTL_OF_DEVICES),
		STEP(IOCTL, "a/f", NULL, 0),
		STEP(IOCTL, "/dev", NULL, ENOTTY),
	  } },
	{ .name = "ioctls that nobody handles",
	  .layers = { { .files = LL(EXECUTE) } },
	  .steps = {
		STEP(IOCTL, "/dev/null", NULL, ENOTTY),
		STEP(IOCTL_KEPT, "/dev/null", NULL, 0),
		STEP(IOCTL_EXEMPT, "/dev/null", NULL, 0),
	  } },
	{ .name = "bind mounts",
	  .layers = { { .files = LL_READ, .rules = { { "a", LL_READ } } } },
	  .steps = {
		STEP(READ, "a/bind/f", NULL, 0),
		STEP(READ, "b/in/f", NULL, EACCES),
		ANYWAY(RENAME, "a/bind/f", "a/new", EXDEV),
		ANYWAY(LINK, "a/bind/f", "a/new", EXDEV),
	  } },
	{ .name = "what is mounted",
	  .layers = { { .files = LL_READ, .rules = { { "b/in", LL_READ } } } },
	  .steps = {
		STEP(READ, "a/bind/f", NULL, 0),
		STEP(READ, "a/bind/deep/f", NULL, 0),
		STEP(READ, "b/in/f", NULL, 0),
		STEP(READ, "a/f", NULL, EACCES),
	  } },
	{ .name = "above what is mounted",
	  .layers = { { .files = LL_READ, .rules = { { "b", LL_READ } } } },
	  .steps = {
		STEP(READ, "a/bind/f", NULL, EACCES),
		STEP(READ, "b/in/f", NULL, 0),
	  } },
	{ .name = "the same by two ways",
	  .layers = { { .files = LL_RW_DIR, .rules = { { "b", LL_RO_DIR }, { "a", LL_RW_DIR } } },
		      { .files = LL_RW_DIR,
			.rules = { { "b/in", LL_READ }, { "a/bind", LL_RW_DIR } } },
		      { .files = LL_RW_DIR, .rules = { { "b/in/deep", LL_READ } } },
		      { .files = LL_RW_DIR, .rules = { { "a/bind/deep/f", LL_WRITE } } } },
	  .steps = {
		STEP(READ, "b/f", NULL, 0), STEP(WRITE, "b/f", NULL, EACCES),
		STEP(LIST, "b", NULL, 0),
		STEP(READ, "b/in/f", NULL, 0), STEP(WRITE, "b/in/f", NULL, EACCES),
		STEP(LIST, "b/in", NULL, 0),
		STEP(READ_WRITE, "a/f", NULL, 0), STEP(LIST, "a", NULL, 0),
		STEP(READ_WRITE, "a/bind/f", NULL, 0), STEP(LIST, "a/bind", NULL, 0),
		ENTERED,
		STEP(READ, "b/f", NULL, EACCES), STEP(LIST, "b", NULL, EACCES),
		STEP(READ, "b/in/f", NULL, 0), STEP(WRITE, "b/in/f", NULL, EACCES),
		STEP(LIST, "b/in", NULL, 0),
		STEP(READ, "a/f", NULL, EACCES), STEP(WRITE, "a/f", NULL, EACCES),
		STEP(LIST, "a", NULL, EACCES),
		STEP(READ_WRITE, "a/bind/f", NULL, 0), STEP(LIST, "a/bind", NULL, 0),
		STEP(LIST, "a/bind/deep", NULL, 0),
		ENTERED,
		STEP(READ, "b/in/f", NULL, EACCES), STEP(LIST, "b/in", NULL, EACCES),
		STEP(READ, "b/in/deep/f", NULL, 0), STEP(WRITE, "b/in/deep/f", NULL, EACCES),
		STEP(LIST, "b/in/deep", NULL, EACCES),
		STEP(READ, "a/bind/f", NULL, EACCES), STEP(LIST, "a/bind", NULL, EACCES),
		STEP(READ, "a/bind/deep/f", NULL, 0), STEP(WRITE, "a/bind/deep/f", NULL, EACCES),
		STEP(LIST, "a/bind/deep", NULL, EACCES),
		ENTERED,
		STEP(READ, "b/in/deep/f", NULL, EACCES), STEP(WRITE, "b/in/deep/f", NULL, EACCES),
		STEP(READ, "a/bind/deep/f", NULL, EACCES),
		STEP(WRITE, "a/bind/deep/f", NULL, EACCES),
	  } },
	{ .name = "within what is mounted",
	  .layers = { { .files = LL(REFER) | LL(EXECUTE),
			.rules = { { "a", LL(REFER) }, { "a/bind/deep", LL(EXECUTE) } } } },
	  .steps = {
		DIFF(RENAME, "b/f", "b/in/n", EXDEV, EACCES, D3_ERRNO_OF_REFER),
		ANYWAY(RENAME, "a/f", "a/bind/n", EXDEV),
		STEP(RENAME, "a/bind/f", "a/bind/deep/n", EXDEV),
		STEP(RENAME, "a/bind/deep/f", "a/bind/n", 0),
	  } },
	{ .name = "moved out of what is mounted",
	  .layers = { {}, { .files = LL_READ, .rules = { { "a", LL_READ } } } },
	  .steps = {
		STEP(HOLD_DIR, "a/bind/deep", NULL, 0),
		STEP(RENAME, "b/in/deep", "b/moved", 0),
		ENTERED,
		DIFF(READ, "@/f", NULL, 0, EACCES, D13_DISCONNECTED),
		STEP(LIST, "@/..", NULL, ENOENT),
		STEP(READ, "b/moved/f", NULL, EACCES),
		STEP(READ, "a/bind/f", NULL, 0),
	  } },
	{ .name = "moved out of what is mounted and allowed",
	  .layers = { {}, { .files = LL_READ | LL(REFER) | LL(MAKE_REG),
			    .rules = { { "b/in", LL_READ | LL(REFER) | LL(MAKE_REG) },
				       { "b", LL(REFER) } } } },
	  .steps = {
		STEP(HOLD_DIR, "a/bind/deep", NULL, 0),
		STEP(MAKE_DIR, "b/in/deep/more", NULL, 0),
		STEP(RENAME, "b/in/deep", "b/moved", 0),
		ENTERED,
		DIFF(READ, "@/f", NULL, 0, EACCES, D13_DISCONNECTED),
		STEP(READ, "b/moved/f", NULL, EACCES),
		/* It would be allowed again. */
		STEP(RENAME, "b/moved", "b/in/deep", EXDEV),
		DIFF(RENAME, "@/f", "a/bind/n", 0, EXDEV, D13_DISCONNECTED),
		DIFF(LINK, "@/g", "@/l", 0, EACCES, D13_DISCONNECTED),
		STEP(RENAME, "@/g", "@/more/g", 0),
	  } },
	{ .name = "moved with rules of its own",
	  .layers = { {}, { .files = LL_READ | LL(REFER) | LL(MAKE_REG) | LL(EXECUTE),
			    .rules = { { "b/in/deep", LL(REFER) | LL(MAKE_REG) },
				       { "b/in/deep/f", LL_READ },
				       { "b/in/deep/more", LL(EXECUTE) } } } },
	  .steps = {
		STEP(HOLD_DIR, "a/bind/deep", NULL, 0),
		STEP(MAKE_DIR, "b/in/deep/more", NULL, 0),
		STEP(MAKE_DIR, "b/in/deep/less", NULL, 0),
		STEP(MAKE_FILE, "b/in/deep/more/g", NULL, 0),
		STEP(MAKE_FILE, "b/in/deep/less/g", NULL, 0),
		STEP(MAKE, NULL, NULL, 0),
		STEP(RENAME, "b/in/deep", "b/moved", 0),
		STEP(RESTRICT, NULL, NULL, 0),
		STEP(READ, "@/f", NULL, 0),
		STEP(READ, "@/g", NULL, EACCES),
		STEP(RENAME, "@/g", "@/n", 0),
		STEP(RENAME, "@/n", "@/less/n", 0),
		STEP(EXCHANGE, "@/less/n", "@/less/g", 0),
		STEP(RENAME, "@/less/n", "@/more/n", EXDEV),
		STEP(EXCHANGE, "@/less/n", "@/more/g", EXDEV),
		STEP(RENAME, "@/more/g", "@/less/m", 0),
		STEP(LINK, "@/less/m", "@/l", 0),
		STEP(LINK, "@/less/m", "a/bind/l", EACCES),
		DIFF(LINK, "a/bind/f", "@/less/o", EXDEV, EACCES, D3_ERRNO_OF_REFER),
	  } },
	{ .name = "moved to where more is allowed",
	  .layers = { {}, { .files = LL_READ | LL(REFER) | LL(MAKE_REG),
			    .rules = { { "b", LL_READ | LL(REFER) | LL(MAKE_REG) } } } },
	  .steps = {
		STEP(HOLD_DIR, "a/bind/deep", NULL, 0),
		STEP(RENAME, "b/in/deep", "b/moved", 0),
		ENTERED,
		STEP(READ, "@/f", NULL, 0),
		STEP(READ, "b/moved/f", NULL, 0),
		STEP(READ, "a/bind/f", NULL, EACCES),
		STEP(RENAME, "@/f", "@/n", 0),
	  } },
	{ .name = "a union of two directories",
	  .layers = { {}, { .files = LL_RW_DIR,
			    .rules = { { "b", LL_READ }, { "a", LL_RW_DIR } } },
		      { .files = LL_RW_DIR, .rules = { { "a/in/deep", LL_RW } } } },
	  .steps = {
		/* Of b/in, and what is written is in a/m/up. */
		STEP(MOUNT_OVERLAY, "a/in", NULL, 0),
		ENTERED,
		STEP(READ, "b/in/f", NULL, 0), STEP(WRITE, "b/in/f", NULL, EACCES),
		STEP(LIST, "b/in", NULL, EACCES),
		STEP(READ_WRITE, "a/in/f", NULL, 0), STEP(LIST, "a/in", NULL, 0),
		STEP(READ_WRITE, "a/in/deep/f", NULL, 0),
		ENTERED,
		STEP(READ, "b/in/deep/f", NULL, EACCES), STEP(READ, "a/m/up/f", NULL, EACCES),
		STEP(READ_WRITE, "a/in/deep/f", NULL, 0), STEP(READ_WRITE, "a/in/deep/g", NULL, 0),
		STEP(READ_WRITE, "a/in/f", NULL, EACCES), STEP(LIST, "a/in", NULL, EACCES),
	  } },
	{ .name = "other file systems",
	  .layers = { { .files = LL_READ,
			.rules = { { "/proc", LL_READ }, { "/sys/kernel", LL_READ },
				   { "/sys/fs/cgroup/cgroup.procs", LL_READ } } },
		      { .files = LL_READ } },
	  .steps = {
		STEP(READ, "/dev/zero", NULL, EACCES),
		STEP(READ, "/proc/self/status", NULL, 0),
		STEP(READ, "/sys/kernel/notes", NULL, 0),
		STEP(READ, "/sys/fs/cgroup/cgroup.procs", NULL, 0),
		ENTERED,
		STEP(READ, "/proc/self/status", NULL, EACCES),
		STEP(READ, "/sys/kernel/notes", NULL, EACCES),
		STEP(READ, "/sys/fs/cgroup/cgroup.procs", NULL, EACCES),
	  } },
	{ .name = "a link is made",
	  .layers = { { .files = LL(MAKE_REG) | LL(MAKE_FIFO),
			.rules = { { "a", LL(MAKE_REG) }, { "b", LL(MAKE_FIFO) } } } },
	  .steps = {
		STEP(LINK, "a/f", "a/h", 0),
		STEP(LINK, "b/f", "b/h", EACCES),
		STEP(MAKE_FIFO, "b/3", NULL, 0),
		STEP(LINK, "b/3", "b/h", 0),
	  } },
	{ .name = "a link is made where nothing is removed",
	  .layers = { { .files = LL(MAKE_REG), .rules = { { "a/in", LL(MAKE_REG) } } },
		      { .files = LL(REMOVE_FILE),
			.rules = { { "a/in/deep", LL(REMOVE_FILE) } } } },
	  .steps = {
		STEP(LINK, "a/g", "a/n", EACCES),
		STEP(LINK, "b/f", "a/in/1", EXDEV),
		DIFF(LINK, "a/in/g", "a/in/deep/1", EXDEV, 0, D2_REFER_BY_DEFAULT),
		DIFF(LINK, "a/in/deep/g", "a/in/2", EXDEV, 0, D2_REFER_BY_DEFAULT),
		STEP(LINK, "a/in/g", "a/in/n", 0),
		STEP(LINK, "a/in/deep/g", "a/in/deep/n", 0),
		ENTERED,
		STEP(LINK, "a/in/g", "a/in/m", 0),
		STEP(LINK, "a/in/deep/g", "a/in/deep/m", 0),
	  } },
	{ .name = "renaming within a directory",
	  .layers = { { .files = LL_REMOVE | LL_MAKE, .rules = { { "a", LL_REMOVE | LL_MAKE } } } },
	  .steps = {
		STEP(RENAME, "a/f", "a/h", 0),
		STEP(EXCHANGE, "a/g", "a/h", 0),
		STEP(EXCHANGE, "a/g", "a/in", 0),
		STEP(RENAME, "a/h", "a/true", 0),
		DIFF(RENAME, "b/f", "b/h", EACCES, 0, D1_RENAME_IS_REFER),
		/* What it replaces is removed. */
		STEP(RENAME, "b/g", "b/true", EACCES),
	  } },
	{ .name = "replacing files",
	  .layers = { { .files = LL(REMOVE_FILE),
			.rules = { { "a/in/deep", LL(REMOVE_FILE) },
				   { "b/in", LL(REMOVE_FILE) } } } },
	  .steps = {
		/* What is removed may not be, whatever else is wrong. */
		STEP(RENAME, "b/in", "b/f", EACCES),
		STEP(RENAME, "a/f", "a/in", EACCES),
		STEP(RENAME, "b/in/deep/g", "b/in/deep/f", 0),
		STEP(EXCHANGE, "b/in/f", "b/in/deep", 0),
		STEP(EXCHANGE, "b/in/f", "b/in/deep", 0),
		DIFF(EXCHANGE, "b/in", "b/f", EACCES, 0, D1_RENAME_IS_REFER),
		DIFF(EXCHANGE, "b/in", "b/f", EACCES, 0, D1_RENAME_IS_REFER),
		DIFF(RENAME, "b/true", "a/in/deep/g", EACCES, EXDEV, D1_RENAME_IS_REFER),
		DIFF(EXCHANGE, "b/in/g", "a/in/deep/g", EXDEV, 0, D2_REFER_BY_DEFAULT),
		DIFF(RENAME, "b/in/g", "a/in/deep/f", EXDEV, 0, D2_REFER_BY_DEFAULT),
		DIFF(RENAME, "b/in/deep/f", "a/in/n", EXDEV, 0, D2_REFER_BY_DEFAULT),
	  } },
	{ .name = "replacing directories",
	  .layers = { { .files = LL(REMOVE_DIR),
			.rules = { { "a/in", LL(REMOVE_DIR) }, { "b", LL(REMOVE_DIR) } } } },
	  .steps = {
		STEP(RENAME, "a/in", "a/f", EACCES),
		STEP(RENAME, "a/f", "a/in", EACCES),
		DIFF(EXCHANGE, "a/f", "a/in", EACCES, 0, D1_RENAME_IS_REFER),
		DIFF(EXCHANGE, "a/f", "a/in", EACCES, 0, D1_RENAME_IS_REFER),
		STEP(EXCHANGE, "a/in/deep", "a/in/f", 0),
		STEP(EXCHANGE, "a/in/deep", "a/in/f", 0),
		STEP(RENAME, "a/in/deep", "a/in/n", 0),
		DIFF(RENAME, "b/in/deep", "a/in/m", EXDEV, 0, D2_REFER_BY_DEFAULT),
	  } },
	{ .name = "removing the one, not the other",
	  .layers = { { .files = LL(REFER) | LL_REMOVE,
			.rules = { { "a", LL(REFER) | LL(REMOVE_DIR) }, { "a/in", LL(REMOVE_FILE) },
				   { "b", LL(REFER) | LL(REMOVE_FILE) } } } },
	  .steps = {
		DIFF(RENAME, "a/f", "b/in", EACCES, EISDIR, D4_PIPES_AND_SOCKETS),
		DIFF(RENAME, "b/in", "a/f", EACCES, ENOTDIR, D4_PIPES_AND_SOCKETS),
		STEP(RENAME, "b/f", "a/in", EISDIR),
		STEP(RENAME, "a/in", "b/f", ENOTDIR),
		STEP(RENAME, "a/in/deep", "b/f", ENOTDIR),
		STEP(UNLINK, "b/f", NULL, 0),
		STEP(RENAME, "a/in/deep", "b/f", 0),
		STEP(MAKE_DIR, "a/in/deep", NULL, 0),
		STEP(EXCHANGE, "b/in/f", "a/in/deep", 0),
		DIFF(EXCHANGE, "b/in/f", "a/in/deep", EACCES, 0, D4_PIPES_AND_SOCKETS),
		DIFF(EXCHANGE, "a/f", "b/in", EACCES, 0, D4_PIPES_AND_SOCKETS),
	  } },
	{ .name = "above a rule",
	  .layers = { { .files = LL_READ, .rules = { { "a/in/deep", LL_READ } } } },
	  .steps = {
		STEP(RENAME, "a/in/deep", "a/in/n", 0),
		DIFF(RENAME, "a/in", "a/n", 0, EACCES, D16_ABOVE_A_RULE),
	  } },
	{ .name = "into another directory, without a word about that",
	  .layers = { { .files = LL(EXECUTE), .rules = { { "/", LL(EXECUTE) } } } },
	  .steps = {
		STEP(RENAME, "a/f", "a/h", 0),
		DIFF(RENAME, "a/g", "b/h", EXDEV, 0, D2_REFER_BY_DEFAULT),
	  } },
	{ .name = "into another directory, without a word about that in the layer within",
	  .layers = { { .files = LL(REFER), .rules = { { "a", LL(REFER) } } },
		      { .files = LL(EXECUTE), .rules = { { "a", LL(EXECUTE) } } } },
	  .steps = {
		STEP(RENAME, "a/f", "a/in/n", 0),
		STEP(RENAME, "a/in/n", "a/f", 0),
		STEP(EXCHANGE, "a/g", "a/in/g", 0),
		ENTERED,
		DIFF(RENAME, "a/f", "a/in/n", EXDEV, 0, D2_REFER_BY_DEFAULT),
		DIFF(EXCHANGE, "a/g", "a/in/g", EXDEV, 0, D2_REFER_BY_DEFAULT),
	  } },
	{ .name = "into another directory, with a word about that in the layer within",
	  .layers = { { .files = LL(EXECUTE), .rules = { { "b", LL(EXECUTE) } } },
		      { .files = LL(REFER), .rules = { { "a", LL(REFER) } } } },
	  .steps = {
		DIFF(RENAME, "a/f", "a/in/1", EXDEV, 0, D2_REFER_BY_DEFAULT),
		DIFF(EXCHANGE, "a/g", "a/in/g", EXDEV, 0, D2_REFER_BY_DEFAULT),
		ENTERED,
		DIFF(RENAME, "a/true", "a/in/2", EXDEV, 0, D2_REFER_BY_DEFAULT),
		DIFF(EXCHANGE, "a/in/g", "a/g", EXDEV, 0, D2_REFER_BY_DEFAULT),
	  } },
	{ .name = "the root of a mount that is nowhere",
	  .layers = { {}, { .files = LL(MAKE_DIR) } },
	  .steps = {
		STEP(OPEN_TREE, "a", NULL, 0),
		ENTERED,
		ANYWAY(LINK, "@/.", "@/n", EACCES),
		STEP(RENAME, "@/.", "@/n", EBUSY),
	  } },
	{ .name = "into another directory",
	  .layers = { { .files = LL(REFER),
			.rules = { { "a/in", LL(REFER) }, { "b", LL(REFER) } } } },
	  .steps = {
		DIFF(RENAME, "a/f", "b/new", EXDEV, EACCES, D3_ERRNO_OF_REFER),
		DIFF(RENAME, "b/f", "a/new", EXDEV, EACCES, D3_ERRNO_OF_REFER),
		DIFF(LINK, "a/f", "b/new", EXDEV, EACCES, D3_ERRNO_OF_REFER),
		DIFF(EXCHANGE, "a/f", "b/f", EXDEV, EACCES, D3_ERRNO_OF_REFER),
		DIFF(RENAME, "a/in", "b", EXDEV, EACCES, D3_ERRNO_OF_REFER),
		DIFF(RENAME, "a/in", "b/in", EXDEV, EACCES, D3_ERRNO_OF_REFER),
		DIFF(RENAME, "a/in/deep", "b", EXDEV, EACCES, D3_ERRNO_OF_REFER),
		DIFF(RENAME, "a/f", "a/h", 0, EACCES, D1_RENAME_IS_REFER),
		STEP(RENAME, "a/in/f", "b/in/new", 0),
		STEP(LINK, "a/in/g", "b/l", 0),
		STEP(EXCHANGE, "b/in/f", "a/in/g", 0),
		STEP(RENAME, "b/in/deep", "a/in/d", 0),
		STEP(RENAME, "a/in/d", "b/in", ENOTEMPTY),
	  } },
	{ .name = "to where more is allowed",
	  .layers = { { .files = LL(REFER) | LL(EXECUTE),
			.rules = { { "a", LL(REFER) }, { "b", LL(REFER) | LL(EXECUTE) } } } },
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
	  .layers = { { .files = LL(REFER) | LL(EXECUTE),
			.rules = { { "a", LL(REFER) }, { "b", LL(REFER) | LL(EXECUTE) } } },
		      { .files = LL(REFER) | LL_WRITE,
			.rules = { { "a", LL(REFER) | LL_WRITE }, { "b", LL(REFER) } } } },
	  .steps = {
		ENTERED,
		STEP(RENAME, "a/f", "b/new", EXDEV),
		STEP(RENAME, "b/f", "a/new", EXDEV),
		STEP(EXCHANGE, "a/f", "b/f", EXDEV),
		STEP(LINK, "a/f", "b/new", EXDEV),
		STEP(LINK, "b/f", "a/new", EXDEV),
		STEP(RENAME, "a/f", "a/in/new", 0),
		STEP(RENAME, "b/f", "b/in/new", 0),
	  } },
	{ .name = "into another directory, which one layer does not allow",
	  .layers = { { .files = LL(REFER), .rules = { { "/", LL(REFER) } } },
		      { .files = LL(REFER), .rules = { { "b", LL(REFER) } } } },
	  .steps = {
		ENTERED,
		STEP(RENAME, "b/f", "b/in/new", 0),
		DIFF(RENAME, "b/g", "a/new", EXDEV, EACCES, D3_ERRNO_OF_REFER),
		DIFF(LINK, "a/f", "b/new", EXDEV, EACCES, D3_ERRNO_OF_REFER),
	  } },
	{ .name = "a directory with rights of its own",
	  .layers = { { .files = LL(REFER) | LL(EXECUTE),
			.rules = { { "a", LL(REFER) }, { "a/in", LL(EXECUTE) },
				   { "b", LL(REFER) } } } },
	  .steps = {
		STEP(RENAME, "a/in/f", "b/new", 0),
		STEP(RENAME, "a/f", "a/in/h", EXDEV),
		STEP(RENAME, "a/in", "b/d", 0),
		STEP(RENAME, "b/d", "a/in", 0),
	  } },
	{ .name = "links between directories",
	  .layers = { REPARENTING },
	  .steps = {
		STEP(LINK, "a/g", "a/1", EACCES),
		DIFF(LINK, "b/f", "a/in/1", EXDEV, EACCES, D3_ERRNO_OF_REFER),
		DIFF(LINK, "b/f", "a/in/deep/1", EXDEV, EACCES, D3_ERRNO_OF_REFER),
		STEP(LINK, "b/in/f", "a/1", EACCES),
		DIFF(LINK, "b/in/f", "a/in/1", EXDEV, EACCES, D3_ERRNO_OF_REFER),
		DIFF(LINK, "b/in/f", "a/in/deep/2", 0, EXDEV, D19_FILES_LIKE_DIRECTORIES),
		STEP(LINK, "a/in/deep/f", "b/in/1", EACCES),
		STEP(LINK, "a/in/deep/f", "b/in/deep/1", 0),
		STEP(LINK, "b/in/deep/f", "a/in/deep/3", 0),
		DIFF(LINK, "a/in/g", "a/in/deep/1", EXDEV, EACCES, D3_ERRNO_OF_REFER),
		DIFF(LINK, "a/in/deep/g", "a/in/1", EXDEV, EACCES, D3_ERRNO_OF_REFER),
		DIFF(LINK, "a/in/g", "a/in/2", 0, EACCES, D1_RENAME_IS_REFER),
		STEP(LINK, "a/in/deep/g", "a/in/deep/4", 0),
	  } },
	{ .name = "renames between directories",
	  .layers = { REPARENTING },
	  .steps = {
		STEP(EXCHANGE, "a/g", "a/f", EACCES),
		STEP(EXCHANGE, "a/f", "a/g", EACCES),
		STEP(RENAME, "a/g", "a/1", EACCES),
		STEP(EXCHANGE, "a/g", "a/g", EACCES),
		DIFF(RENAME, "b/f", "a/in/1", EXDEV, EACCES, D3_ERRNO_OF_REFER),
		STEP(EXCHANGE, "b/f", "a/g", EACCES),
		STEP(EXCHANGE, "a/g", "b/f", EACCES),
		DIFF(RENAME, "b/f", "a/in/deep/1", EXDEV, EACCES, D3_ERRNO_OF_REFER),
		STEP(EXCHANGE, "b/f", "a/in/deep/g", EACCES),
		STEP(RENAME, "b/in/f", "a/1", EACCES),
		DIFF(RENAME, "b/in/f", "a/in/1", EXDEV, EACCES, D3_ERRNO_OF_REFER),
		DIFF(EXCHANGE, "b/in/f", "a/in/deep/g", EACCES, EXDEV, D1_RENAME_IS_REFER),
		DIFF(RENAME, "b/in/f", "a/in/deep/1", 0, EXDEV, D19_FILES_LIKE_DIRECTORIES),
		STEP(RENAME, "a/in/deep/f", "b/in/deep/1", 0),
		STEP(RENAME, "b/in/deep/1", "a/in/deep/f", 0),
		STEP(EXCHANGE, "b/in/deep/g", "a/in/deep/f", 0),
		/* A directory with a rule of its own. */
		STEP(RENAME, "b/in/deep", "a/in/deep/2", 0),
		STEP(RENAME, "a/in/deep/2", "b/in/deep", 0),
		DIFF(EXCHANGE, "b/in/deep/f", "a/in/deep", EXDEV, EACCES, D3_ERRNO_OF_REFER),
		DIFF(EXCHANGE, "a/in/deep", "b/in/deep/f", EXDEV, EACCES, D3_ERRNO_OF_REFER),
		DIFF(RENAME, "b/in/deep/f", "a/in/deep", EXDEV, EACCES, D3_ERRNO_OF_REFER),
		DIFF(RENAME, "a/in/g", "a/in/deep/2", EXDEV, EACCES, D3_ERRNO_OF_REFER),
		DIFF(RENAME, "b/in/deep/g", "a/in/2", EXDEV, EACCES, D3_ERRNO_OF_REFER),
		DIFF(RENAME, "a/in/g", "a/in/2", 0, EACCES, D1_RENAME_IS_REFER),
		STEP(RENAME, "b/in/deep/g", "b/in/deep/2", 0),
		DIFF(RENAME, "b/in/deep", "a/in/3", EXDEV, EACCES, D3_ERRNO_OF_REFER),
		DIFF(RENAME, "b/in", "a/in/deep/3", EXDEV, EACCES, D3_ERRNO_OF_REFER),
		DIFF(RENAME, "a/in/deep/g", "b/in/3", EACCES, 0, D1_RENAME_IS_REFER),
	  } },
	{ .name = "renames between directories that are alike",
	  .layers = { ALIKE, DIRS_AS_WELL },
	  .steps = {
		STEP(UNLINK, "b/in/f", NULL, 0),
		STEP(UNLINK, "b/in/deep/f", NULL, 0),
		STEP(RENAME, "a/in/deep", "b/in/f", 0),
		STEP(RENAME, "b/in/f", "a/in/deep", 0),
		STEP(RENAME, "a/in/deep", "b/in/deep/f", 0),
		STEP(RENAME, "b/in/deep/f", "a/in/deep", 0),
		STEP(RENAME, "a/in/deep/f", "b/in/deep/f", 0),
		ENTERED,
		STEP(RENAME, "a/in/deep", "b/in/deep/n", EXDEV),
		STEP(RENAME, "a/in/deep/g", "b/in/deep/n", EXDEV),
		DIFF(RENAME, "a/in/deep", "b/in/f", EACCES, 0, D1_RENAME_IS_REFER),
	  } },
	{ .name = "which error it is",
	  .layers = { ALIKE, DIRS_AS_WELL },
	  .steps = {
		STEP(RENAME, "a/f", "b/in/f", EACCES),
		DIFF(RENAME, "a/f", "b/in/deep/f", EXDEV, EACCES, D3_ERRNO_OF_REFER),
		DIFF(RENAME, "a/in/f", "b/in/deep/f", 0, EXDEV, D19_FILES_LIKE_DIRECTORIES),
		DIFF(RENAME, "a", "b/in/f", EXDEV, EACCES, D3_ERRNO_OF_REFER),
		DIFF(RENAME, "a/in", "b/in/f", EXDEV, EACCES, D3_ERRNO_OF_REFER),
		ENTERED,
		STEP(RENAME, "a/f", "b/in/f", EACCES),
		STEP(RENAME, "a/f", "b/in/deep/f", EXDEV),
		STEP(RENAME, "a", "b/in/f", EACCES),
		STEP(RENAME, "a/in", "b/in/f", EACCES),
		DIFF(RENAME, "a/in/deep/f", "b/in/f", EACCES, 0, D1_RENAME_IS_REFER),
		STEP(RENAME, "a/in/g", "b/in/deep/f", EXDEV),
	  } },
	{ .name = "exchanges between directories that are alike",
	  .layers = { ALIKE, DIRS_AS_WELL },
	  .steps = {
		STEP(MAKE_DIR, "a/in/d", NULL, 0),
		STEP(MAKE_DIR, "b/in/deep/d", NULL, 0),
		STEP(EXCHANGE, "a/f", "b/in/deep/f", EACCES),
		STEP(EXCHANGE, "b/in/deep/f", "a/f", EACCES),
		STEP(EXCHANGE, "a/in/d", "b/in/deep/d", EXDEV),
		STEP(EXCHANGE, "b/in/deep/d", "a/in/d", EXDEV),
		STEP(EXCHANGE, "a/in/deep", "b/in/deep", 0),
		STEP(EXCHANGE, "b/in/deep", "a/in/deep", 0),
		STEP(EXCHANGE, "b/in/deep", "a/in/d", 0),
		STEP(EXCHANGE, "a/in/d", "b/in/deep", 0),
		DIFF(EXCHANGE, "b/in/f", "b/in/deep/d", 0, EXDEV, D19_FILES_LIKE_DIRECTORIES),
		DIFF(EXCHANGE, "b/in/deep/d", "b/in/f", EACCES, EXDEV, D1_RENAME_IS_REFER),
		DIFF(EXCHANGE, "b/in/f", "b/in/deep/d", EACCES, EXDEV, D1_RENAME_IS_REFER),
		STEP(MAKE_DIR, "b/in/deep/e", NULL, 0),
		ENTERED,
		DIFF(EXCHANGE, "a/f", "b/in/deep/f", EACCES, EXDEV, D19_FILES_LIKE_DIRECTORIES),
		DIFF(EXCHANGE, "b/in/deep/f", "a/f", EACCES, EXDEV, D19_FILES_LIKE_DIRECTORIES),
		DIFF(EXCHANGE, "a/in/d", "b/in/deep/e", EACCES, EXDEV, D1_RENAME_IS_REFER),
		DIFF(EXCHANGE, "b/in/g", "b/in/deep/e", EACCES, EXDEV, D1_RENAME_IS_REFER),
		DIFF(EXCHANGE, "b/in/deep", "a/in/d", EACCES, 0, D1_RENAME_IS_REFER),
		DIFF(EXCHANGE, "a/in/deep", "b/in/deep", EACCES, 0, D1_RENAME_IS_REFER),
	  } },
	{ .name = "rules that go with what they are about",
	  .layers = { { .files = LL(REFER) | LL(EXECUTE) | LL(MAKE_SOCK) | LL_READ | LL(MAKE_FIFO),
			.rules = { { "a/in", LL(REFER) }, { "a/in/f", LL(EXECUTE) },
				   { "a/in/deep", LL(MAKE_SOCK) | LL(EXECUTE) },
				   { "b/in", LL(REFER) | LL(EXECUTE) | LL(MAKE_SOCK) },
				   { "b/in/deep", LL_READ | LL(MAKE_FIFO) } } } },
	  .steps = {
		DIFF(RENAME, "a/in/f", "b/n", EXDEV, EACCES, D3_ERRNO_OF_REFER),
		STEP(RENAME, "a/in/f", "b/in/n", 0),
		STEP(RENAME, "b/in/n", "a/in/f", 0),
		DIFF(RENAME, "a/in/deep", "b/n", EXDEV, EACCES, D3_ERRNO_OF_REFER),
		STEP(RENAME, "a/in/deep", "b/in/n", 0),
		STEP(RENAME, "b/in/n", "a/in/deep", 0),
		STEP(RENAME, "b/in/deep/f", "a/in/n", 0),
		STEP(RENAME, "a/in/n", "b/in/deep/f", EXDEV),
		DIFF(RENAME, "a/in/f", "b/in/deep/1", EXDEV, 0, D15_RULES_GO_ALONG),
		DIFF(RENAME, "a/in/deep", "b/in/deep/2", EXDEV, 0, D15_RULES_GO_ALONG),
	  } },
	{ .name = "a directory that may not come back",
	  .layers = { { .files = LL(REFER) | LL(EXECUTE),
			.rules = { { "a/in", LL(REFER) }, { "b/in", LL(REFER) | LL(EXECUTE) } } } },
	  .steps = {
		STEP(RENAME, "b/in/deep", "a/in/n", 0),
		STEP(RENAME, "a/in/n", "b/in/deep", EXDEV),
	  } },
	{ .name = "truncating",
	  .layers = { { .files = LL_WRITE | LL(TRUNCATE),
			.rules = { { "a", LL_WRITE }, { "b", LL(TRUNCATE) },
				   { "a/in", LL_WRITE | LL(TRUNCATE) } } } },
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
		DIFF(FTRUNCATE_OLD, NULL, NULL, 0, EACCES, D5_ASKED_AT_TRUNCATE),
		/* By somebody outside, who has got the descriptor from here. */
		DIFF(FTRUNCATE_OUTSIDE, "a/f", NULL, EACCES, 0, D5_ASKED_AT_TRUNCATE),
		STEP(FTRUNCATE_OUTSIDE, "a/in/f", NULL, 0),
	  } },
	{ .name = "truncating that is not handled",
	  .layers = { { .files = LL_RW, .rules = { { "a/f", LL_READ }, { "a/g", LL_WRITE } } } },
	  .steps = {
		STEP(TRUNCATE, "a/f", NULL, 0), STEP(READ_TRUNCATE, "a/f", NULL, 0),
		STEP(OPEN_TRUNCATE, "a/f", NULL, EACCES), STEP(CREAT, "a/f", NULL, EACCES),
		STEP(TRUNCATE, "a/g", NULL, 0), STEP(READ_TRUNCATE, "a/g", NULL, EACCES),
		STEP(OPEN_TRUNCATE, "a/g", NULL, 0), STEP(CREAT, "a/g", NULL, 0),
		STEP(FTRUNCATE, "a/g", NULL, 0),
		STEP(TRUNCATE, "b/f", NULL, 0), STEP(READ_TRUNCATE, "b/f", NULL, EACCES),
		STEP(OPEN_TRUNCATE, "b/f", NULL, EACCES), STEP(CREAT, "b/f", NULL, EACCES),
	  } },
	{ .name = "truncating by each way",
	  .layers = { { .files = LL_RW | LL(TRUNCATE),
			.rules = { { "a/f", LL_RW | LL(TRUNCATE) }, { "a/g", LL_RW },
				   { "b/f", LL_READ | LL(TRUNCATE) }, { "b/g", LL(TRUNCATE) },
				   { "a/in", LL(TRUNCATE) }, { "b/in", LL_WRITE } } } },
	  .steps = {
		STEP(TRUNCATE, "a/f", NULL, 0), STEP(READ_TRUNCATE, "a/f", NULL, 0),
		STEP(OPEN_TRUNCATE, "a/f", NULL, 0),
		STEP(TRUNCATE, "a/g", NULL, EACCES), STEP(READ_TRUNCATE, "a/g", NULL, EACCES),
		STEP(OPEN_TRUNCATE, "a/g", NULL, EACCES),
		STEP(TRUNCATE, "b/f", NULL, 0), STEP(READ_TRUNCATE, "b/f", NULL, 0),
		STEP(OPEN_TRUNCATE, "b/f", NULL, EACCES),
		STEP(TRUNCATE, "b/g", NULL, 0), STEP(READ_TRUNCATE, "b/g", NULL, EACCES),
		STEP(OPEN_TRUNCATE, "b/g", NULL, EACCES),
		STEP(TRUNCATE, "a/true", NULL, EACCES), STEP(READ_TRUNCATE, "a/true", NULL, EACCES),
		STEP(OPEN_TRUNCATE, "a/true", NULL, EACCES),
		STEP(TRUNCATE, "a/in/f", NULL, 0), STEP(READ_TRUNCATE, "a/in/f", NULL, EACCES),
		STEP(OPEN_TRUNCATE, "a/in/f", NULL, EACCES),
		STEP(CREAT, "b/in/f", NULL, EACCES), STEP(UNLINK, "b/in/f", NULL, 0),
		DIFF(CREAT, "b/in/f", NULL, 0, EACCES, D5_ASKED_AT_TRUNCATE),
	  } },
	{ .name = "truncating what was opened before",
	  .layers = { { .files = LL_RW, .rules = { { "a/f", LL_WRITE } } },
		      { .files = LL(TRUNCATE), .rules = { { "a/f", LL(TRUNCATE) } } },
		      { .files = LL(TRUNCATE) | LL_WRITE, .rules = { { "a/f", LL_WRITE } } } },
	  .steps = {
		STEP(FTRUNCATE_OLD, NULL, NULL, 0), STEP(FTRUNCATE, "a/f", NULL, 0),
		ENTERED,
		STEP(FTRUNCATE_OLD, NULL, NULL, 0), STEP(FTRUNCATE, "a/f", NULL, 0),
		ENTERED,
		DIFF(FTRUNCATE_OLD, NULL, NULL, 0, EACCES, D5_ASKED_AT_TRUNCATE),
		STEP(FTRUNCATE, "a/f", NULL, EACCES),
	  } },
	{ .name = "objects that are on no tree",
	  .layers = { { .files = LL_RW_DIR, .rules = { { "/dev/null", LL_RW } } },
		      { .files = LL_ALL } },
	  .steps = {
		STEP(LIST, "/", NULL, EACCES), STEP(LIST, "/dev", NULL, EACCES),
		STEP(READ, "/dev/null", NULL, 0), STEP(READ, "/dev/full", NULL, EACCES),
		STEP(LIST, "/proc", NULL, EACCES), STEP(LIST, "/proc/self", NULL, EACCES),
		STEP(LIST, "/proc/self/ns", NULL, EACCES),
		DIFF(READ, "/proc/self/ns/mnt", NULL, 0, EACCES, D21_NAMESPACES),
		STEP(PIPE_REOPEN, NULL, NULL, 0),
		ENTERED,
		STEP(FTRUNCATE_MEMORY, NULL, NULL, 0), STEP(IOCTL_MEMORY, NULL, NULL, 0),
		STEP(PATH_ONLY, "a", NULL, EBADF),
	  } },
	{ .name = "a file without a name",
	  .layers = { { .files = LL_RW, .rules = { { "a/f", LL_READ } } } },
	  .steps = {
		STEP(READ_WRITE, "a/f", NULL, EACCES), STEP(READ, "a/f", NULL, 0),
		STEP(REOPEN_UNLINKED, "a/f", NULL, EACCES),
	  } },
	{ .name = "mounts",
	  .layers = { { .files = LL_READ, .rules = { { "/", LL_READ } } } },
	  .steps = {
		STEP(MOUNT, "a/in", NULL, EPERM),
		STEP(REMOUNT, "a/m", NULL, EPERM),
		STEP(PRIVATE, "a/m", NULL, EPERM),
		STEP(MOVE_MOUNT, "a/m", "a/in", EPERM),
		STEP(MOVE_MOUNT_BY_OLD, "a/m", "a/in", EPERM),
		STEP(UMOUNT, "a/m", NULL, EPERM),
		STEP(PIVOT_ROOT, "a/m", "a/m/in", EPERM),
		DIFF(CHROOT, "a", NULL, 0, EPERM, D6_CHROOT),
	  } },
	{ .name = "mounts that rules are about",
	  .layers = { {}, { .files = LL_RW_DIR, .rules = { { "a", LL_RO_DIR }, { "b/m", LL_RO_DIR },
							   { "b/m/in", LL_RO_DIR } } } },
	  .steps = {
		STEP(MAKE, NULL, NULL, 0),
		DIFF(UMOUNT_IDLE, "b/m", NULL, 0, EBUSY, D17_RULES_HOLD),
		STEP(RESTRICT, NULL, NULL, 0),
		STEP(READ, "a/f", NULL, 0),
		DIFF(LIST, "b/m", NULL, EACCES, 0, D17_RULES_HOLD),
		DIFF(LIST, "b/m/in", NULL, ENOENT, 0, D17_RULES_HOLD),
	  } },
};

#define NET_BIND	LANDLOCK_ACCESS_NET_BIND_TCP
#define NET_CONNECT	LANDLOCK_ACCESS_NET_CONNECT_TCP
#define NET_BOTH	(NET_BIND | NET_CONNECT)
#define A		"5601"
#define B		"5602"
#define F		"5603"
#define G		"5604"
#define A_SWAPPED	"57621"

static const struct scenario nets[] = {
	{ .name = "ports to bind to and to connect to",
	  .layers = { { .ports = NET_BOTH,
			.rules = { { A, NET_CONNECT }, { F, NET_BIND }, { "65535", NET_BIND } } } },
	  .steps = {
		STEP(CONNECT4, A, NULL, 0), STEP(CONNECT6, A, NULL, 0),
		STEP(CONNECT6_MINIMAL, A, NULL, 0),
		STEP(CONNECT4, B, NULL, EACCES), STEP(CONNECT6, B, NULL, EACCES),
		STEP(CONNECT6_MINIMAL, B, NULL, EACCES),
		STEP(BIND4, F, NULL, 0), STEP(BIND6, F, NULL, 0), STEP(BIND6_MINIMAL, F, NULL, 0),
		STEP(BIND4, "65535", NULL, 0),
		STEP(BIND4, G, NULL, EACCES), STEP(BIND6, G, NULL, EACCES),
		STEP(BIND6_MINIMAL, G, NULL, EACCES),
		STEP(BIND4, A, NULL, EACCES), STEP(CONNECT4, F, NULL, EACCES),
		STEP(BIND4, "0", NULL, EACCES),
		STEP(CONNECT_NOWHERE, NULL, NULL, 0),
		STEP(CONNECT_EMPTY, NULL, NULL, EINVAL), STEP(CONNECT_SHORT, NULL, NULL, EINVAL),
		STEP(CONNECT6_SHORT, NULL, NULL, EINVAL),
		STEP(BIND_EMPTY, NULL, NULL, EINVAL), STEP(BIND_SHORT, NULL, NULL, EINVAL),
		STEP(BIND6_SHORT, NULL, NULL, EINVAL),
		STEP(BIND_UNSPEC, F, NULL, 0), STEP(BIND_UNSPEC, G, NULL, EACCES),
		STEP(BIND_UNSPEC_LOCAL, F, NULL, EAFNOSUPPORT),
		DIFF(BIND_UNSPEC_LOCAL, G, NULL, EAFNOSUPPORT, EACCES, D22_PORTS_COME_FIRST),
		STEP(BIND6_UNSPEC, F, NULL, EAFNOSUPPORT),
		STEP(BIND6_UNSPEC, G, NULL, EAFNOSUPPORT),
		STEP(FAST_OPEN, A, NULL, 0), STEP(FAST_OPEN, B, NULL, EACCES),
		STEP(FAST_OPEN_NOWHERE, NULL, NULL, EINVAL),
		/* Neither of these is TCP. */
		STEP(BIND_UDP, G, NULL, 0), STEP(BIND_UDP6, G, NULL, 0),
		STEP(CONNECT_UDP, B, NULL, 0), STEP(SEND_UDP, B, NULL, 0),
		STEP(PATHNAME, NULL, NULL, 0), STEP(ABSTRACT_OWN, NULL, NULL, 0),
		STEP(ABSTRACT, NULL, NULL, 0), STEP(PATHNAME_SEND, NULL, NULL, 0),
		STEP(UNIX_AS_INET, A, NULL, EINVAL), STEP(UNIX_AS_INET, B, NULL, EINVAL),
		DIFF(CONNECT_MPTCP, B, NULL, 0, EACCES, D18_MULTIPATH_TCP),
	  } },
	{ .name = "any free port",
	  .layers = { { .ports = NET_BIND, .rules = { { "0", NET_BIND } } },
		      { .ports = NET_BOTH, .rules = { { "0", NET_BOTH } } } },
	  .steps = {
		STEP(BIND4, "0", NULL, 0), STEP(BIND6, "0", NULL, 0),
		STEP(BIND4, F, NULL, EACCES), STEP(CONNECT4, B, NULL, 0),
		ENTERED,
		STEP(BIND4, "0", NULL, 0), STEP(BIND6, "0", NULL, 0),
		STEP(CONNECT4, "0", NULL, ECONNREFUSED), STEP(CONNECT6, "0", NULL, ECONNREFUSED),
		STEP(ANY_FREE_PORT, NULL, NULL, EACCES),
	  } },
	{ .name = "ports as people say them",
	  .layers = { { .ports = NET_BOTH,
			.rules = { { A_SWAPPED, NET_BOTH }, { "1023", NET_BOTH },
				   { "1024", NET_BOTH } } } },
	  .steps = {
		STEP(CONNECT4, A, NULL, EACCES),
		STEP(BIND4, "1023", NULL, 0), STEP(CONNECT4, "1023", NULL, ECONNREFUSED),
		STEP(BIND4, "1024", NULL, 0), STEP(CONNECT4, "1024", NULL, ECONNREFUSED),
		STEP(BIND6, "1022", NULL, EACCES), STEP(BIND6, "1023", NULL, 0),
		STEP(BIND6, "1024", NULL, 0), STEP(BIND6, "1025", NULL, EACCES),
	  } },
	{ .name = "layers",
	  .layers = { { .ports = NET_BOTH, .rules = { { F, NET_BIND }, { F, NET_BOTH },
						      { A, NET_CONNECT }, { B, NET_CONNECT } } },
		      { .ports = NET_CONNECT,
			.rules = { { A, NET_CONNECT }, { F, NET_CONNECT } } },
		      { .ports = NET_BOTH, .rules = { { F, NET_BIND }, { G, NET_BIND } } },
		      { .ports = NET_BOTH, .rules = { { F, NET_BOTH } } } },
	  .steps = {
		STEP(BIND4, F, NULL, 0), STEP(CONNECT4, F, NULL, ECONNREFUSED),
		STEP(CONNECT6, F, NULL, ECONNREFUSED), STEP(BIND4, G, NULL, EACCES),
		ENTERED,
		STEP(CONNECT4, A, NULL, 0), STEP(CONNECT4, B, NULL, EACCES),
		STEP(CONNECT4, F, NULL, ECONNREFUSED), STEP(BIND4, F, NULL, 0),
		ENTERED,
		STEP(BIND4, F, NULL, 0), STEP(BIND6, F, NULL, 0), STEP(BIND4, G, NULL, EACCES),
		STEP(CONNECT4, F, NULL, EACCES), STEP(CONNECT6, F, NULL, EACCES),
		STEP(CONNECT4, A, NULL, EACCES),
		ENTERED,
		STEP(BIND4, F, NULL, 0), STEP(CONNECT4, F, NULL, EACCES),
	  } },
	{ .name = "what is connected already",
	  .layers = { {}, { .ports = NET_CONNECT, .rules = { { A, NET_CONNECT } } },
		      { .ports = NET_CONNECT } },
	  .steps = {
		STEP(HOLD_SOCKET, A, NULL, 0), STEP(RECONNECT, A, NULL, EISCONN),
		ENTERED,
		STEP(DISCONNECT, NULL, NULL, 0), STEP(RECONNECT, A, NULL, 0),
		ENTERED,
		STEP(DISCONNECT_SHORT, NULL, NULL, EINVAL), STEP(DISCONNECT, NULL, NULL, 0),
		STEP(RECONNECT, A, NULL, EACCES),
	  } },
	{ .name = "ports and no files",
	  .layers = { { .ports = NET_BOTH } },
	  .steps = {
		STEP(MOUNT, "a/in", NULL, 0), STEP(PRIVATE, "a/in", NULL, 0),
		STEP(MOVE_MOUNT, "a/in", "b/in", 0), STEP(UMOUNT, "b/in", NULL, 0),
		STEP(PIVOT_ROOT, "a/m", "a/m/in", 0), STEP(CHDIR, "/", NULL, 0),
	  } },
	{ .name = "ports and files",
	  .layers = { { .files = LL(READ_DIR), .ports = NET_BIND,
			.rules = { { "/dev", LL(READ_DIR) }, { F, NET_BIND } } } },
	  .steps = {
		STEP(LIST, "/dev", NULL, 0), STEP(LIST, "/", NULL, EACCES),
		STEP(BIND4, F, NULL, 0), STEP(BIND4, G, NULL, EACCES),
		STEP(MOUNT, "a/in", NULL, EPERM), STEP(PRIVATE, "a/m", NULL, EPERM),
		STEP(MOVE_MOUNT, "a/m", "a/in", EPERM), STEP(UMOUNT, "a/m", NULL, EPERM),
		STEP(PIVOT_ROOT, "a/m", "a/m/in", EPERM),
	  } },
};

#define BOTH_SCOPES	(LANDLOCK_SCOPE_SIGNAL | LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET)

/* Among members of the first layer, and with those who are further in. */
#define KIN(who, signals, landlock, sbpf, why)				\
	STEP(KIN_SIGNAL, NULL, who, signals),				\
	DIFF(KIN_STREAM, NULL, who, landlock, sbpf, why),		\
	DIFF(KIN_DATAGRAM, NULL, who, landlock, sbpf, why)
#define KIN_TRACE(who, error)						\
	STEP(KIN_READ, NULL, who, error), STEP(KIN_ATTACH, NULL, who, error), \
	STEP(KIN_ENVIRON, NULL, who, error == EPERM ? EACCES : 0)

static const struct scenario scopes[] = {
	{ .name = "signals and sockets",
	  .layers = { { .scopes = BOTH_SCOPES } },
	  .steps = {
		STEP(SIGNAL_PARENT, NULL, NULL, EPERM),
		STEP(SIGNAL_SELF, NULL, NULL, 0),
		STEP(SIGNAL_THREAD, NULL, NULL, 0),
		STEP(SIGNAL_OLD, NULL, NULL, 0),
		STEP(OWN_SELF, NULL, NULL, 0),
		DIFF(OWN_PARENT, NULL, NULL, 0, EPERM, D8_OWNER_OF_SIGNALS),
		DIFF(OWN_CHILD, NULL, NULL, 0, EPERM, D8_OWNER_OF_SIGNALS),
		DIFF(OWN_GROUP, NULL, NULL, 0, EPERM, D8_OWNER_OF_SIGNALS),
		DIFF(ABSTRACT, NULL, NULL, EPERM, EACCES, D7_ERRNO_OF_UNIX),
		DIFF(ABSTRACT_DATAGRAM, NULL, NULL, EPERM, EACCES, D7_ERRNO_OF_UNIX),
		DIFF(ABSTRACT_SEND, NULL, NULL, EPERM, EACCES, D7_ERRNO_OF_UNIX),
		STEP(ABSTRACT_OWN, NULL, NULL, 0),
		STEP(ABSTRACT_BY_OUTSIDER, NULL, NULL, 0),
		STEP(PATHNAME, NULL, NULL, 0),
		STEP(PATHNAME_DATAGRAM, NULL, NULL, 0),
		STEP(PATHNAME_SEND, NULL, NULL, 0),
		DIFF(PAIR_OLD, NULL, NULL, 0, EACCES, D9_DATAGRAM_PEER),
		DIFF(DATAGRAM_OLD, NULL, NULL, 0, EACCES, D9_DATAGRAM_PEER),
		DIFF(SELF_OLD, NULL, NULL, EPERM, EACCES, D7_ERRNO_OF_UNIX),
		DIFF(SELF_OLD_SEND, NULL, NULL, EPERM, EACCES, D7_ERRNO_OF_UNIX),
		STEP(READ_PARENT, NULL, NULL, EPERM),
		STEP(ENVIRON_PARENT, NULL, NULL, EACCES),
		STEP(ATTACH_PARENT, NULL, NULL, EPERM),
		DIFF(TRACE_ME, NULL, NULL, 0, EPERM, D10_TRACED_BY_OUTSIDE),
		/* Which the C library has every thread do, by signals. */
		STEP(SETUID, NULL, NULL, 0),
	  } },
	{ .name = "signals and sockets of the layers within",
	  .layers = { { .scopes = BOTH_SCOPES }, { .scopes = BOTH_SCOPES } },
	  .steps = {
		KIN(NULL, 0, 0, 0, SAME), KIN_TRACE(NULL, 0),
		STEP(KIN_OFFER, NULL, NULL, 0),
		KIN("target", 0, 0, 0, SAME), KIN_TRACE("target", 0),
		DIFF(KIN_OFFER, NULL, "target", 0, EPERM, D10_TRACED_BY_OUTSIDE),
		KIN("actor", EPERM, EPERM, EACCES, D7_ERRNO_OF_UNIX), KIN_TRACE("actor", EPERM),
		STEP(KIN_OFFER, NULL, "actor", EPERM),
		KIN("both", EPERM, EPERM, EACCES, D7_ERRNO_OF_UNIX), KIN_TRACE("both", EPERM),
		STEP(KIN_OFFER, NULL, "both", EPERM),
	  } },
	{ .name = "signals and sockets, about which the layers within say nothing",
	  .layers = { { .scopes = BOTH_SCOPES }, { .files = LL(MAKE_BLOCK) } },
	  .steps = {
		KIN("target", 0, 0, 0, SAME), KIN_TRACE("target", 0),
		KIN("actor", 0, 0, 0, SAME), KIN_TRACE("actor", EPERM),
		STEP(KIN_OFFER, NULL, "actor", EPERM),
		KIN("both", 0, 0, 0, SAME), KIN_TRACE("both", EPERM),
		/* The layer around it says something. */
		ENTERED,
		STEP(SIGNAL_PARENT, NULL, NULL, EPERM),
		DIFF(ABSTRACT, NULL, NULL, EPERM, EACCES, D7_ERRNO_OF_UNIX),
	  } },
	{ .name = "signals and sockets, about which nobody says anything",
	  .layers = { { .files = LL(MAKE_BLOCK) } },
	  .steps = {
		STEP(SIGNAL_PARENT, NULL, NULL, 0),
		STEP(ABSTRACT, NULL, NULL, 0), STEP(ABSTRACT_DATAGRAM, NULL, NULL, 0),
		STEP(ABSTRACT_SEND, NULL, NULL, 0), STEP(PATHNAME, NULL, NULL, 0),
		STEP(PATHNAME_DATAGRAM, NULL, NULL, 0), STEP(PAIR_OLD, NULL, NULL, 0),
		STEP(READ_PARENT, NULL, NULL, EPERM), STEP(ENVIRON_PARENT, NULL, NULL, EACCES),
	  } },
};

/* What the steps need, from before the sandbox. */
static int old_file = -1, old_dir = -1, old_tcp = -1, old_pair[2], old_pipe[2], old_datagram,
	old_self;
static int canary = 42;

#define STREAM_NAME	"\0sbpf-landlock"
#define DATAGRAM_NAME	"\0sbpf-landlock-datagrams"
#define OWN_NAME	"\0sbpf-landlock-own"
#define SOCKET_PATH	DIR "/landlock-socket"
#define DATAGRAM_PATH	DIR "/landlock-datagrams"
/* As many as connect and are never accepted. */
#define BACKLOG		1024

/* A process or a thread that stays outside. */
struct helper {
	int (*volatile act)(long arg);
	volatile long arg;
	volatile int answer;
};

/* Memory that all share. */
static struct results {
	int entered;
	int errors[STEPS_MAX];
	struct helper process, thread;
	pid_t outsider, player;
	volatile int signals;	/* that reached it */
} *results;

/* One of the two: makes rules and returns a descriptor or -errno; makes them bind. */
struct side {
	int (*make)(const struct layer *layer);
	int (*enter)(int fd);
};

/* Without any nothing is denied. */
static const struct side *side;
static const struct layer *next_layer;
static int made;
static pthread_t thread;

#define ERR(call)	((call) ? errno : 0)

static int make_next(void)
{
	made = side ? side->make(next_layer++) : 0;
	return made < 0 ? -made : 0;
}

static int enter_made(void)
{
	int err = side ? side->enter(made) : 0;

	if (side)
		close(made);
	return err;
}

static void *help(void *arg)
{
	struct helper *helper = arg;
	const pid_t parent = getppid();

	for (;;) {
		while (!helper->act) {
			/* It cannot be told so by a signal, which would be one of a member. */
			if (getppid() != parent)
				_exit(0);
			usleep(1000);
		}
		helper->answer = helper->act(helper->arg);
		helper->act = NULL;
	}
	return NULL;
}

static int helped(struct helper *helper, int (*act)(long arg), long arg)
{
	helper->arg = arg;
	helper->act = act;
	while (helper->act)
		usleep(1000);
	return helper->answer;
}

static int nothing(long arg)
{
	return 0;
}

static void helpers_start(void)
{
	results->player = getpid();
	if (!fork())
		help(&results->process);
	pthread_create(&thread, NULL, help, &results->thread);
	/* Or it could begin when there is nobody any more whose end it would get to know. */
	helped(&results->process, nothing, 0);
}

static void count_signal(int signal)
{
	if (getpid() == results->outsider)
		results->signals++;
}

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

	err = ERR(connect(fd, (const void *)un, len));
	close(fd);
	return err;
}

static int unix_send(const struct sockaddr_un *un, socklen_t len)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), err;

	err = ERR(sendto(fd, "x", 1, MSG_DONTWAIT, (const void *)un, len) != 1);
	close(fd);
	return err;
}

/* A new socket that is bound and listens, or -1. */
static int unix_serve(int type, const struct sockaddr_un *un, socklen_t len)
{
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	if (!bind(fd, (const void *)un, len) && (type == SOCK_DGRAM || !listen(fd, BACKLOG)))
		return fd;
	close(fd);
	return -1;
}

/* The same open file, as a descriptor of the caller. */
static int from_player(int fd)
{
	int pidfd = syscall(SYS_pidfd_open, results->player, 0), got;

	got = syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	close(pidfd);
	return got;
}

static int serve_own_name(long fd)
{
	struct sockaddr_un un;
	socklen_t len = UNIX(&un, OWN_NAME);

	return ERR(bind(fd, (void *)&un, len) || listen(fd, BACKLOG));
}

static int process_serve_own_name(long fd)
{
	int err;

	fd = from_player(fd);
	err = serve_own_name(fd);
	close(fd);
	return err;
}

/* To the address of another family. */
static int unix_as_inet(int type, const char *port)
{
	const struct sockaddr_in in = {
		.sin_family = AF_INET, .sin_port = htons(atoi(port)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0), err, other;

	err = ERR(bind(fd, (const void *)&in, sizeof(in)));
	other = ERR(connect(fd, (const void *)&in, sizeof(in)));
	close(fd);
	return err == other ? err : ENOTRECOVERABLE;
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

enum how { DO_BIND, DO_CONNECT, DO_SEND };

/* Of IPv6, without a scope. */
#define IN6_MINIMAL	offsetof(struct sockaddr_in6, sin6_scope_id)
#define WHOLE		(sizeof(struct sockaddr_storage))

static const struct inet_use {
	int family, type;
	enum how how;
	socklen_t len;		/* of the address, at most */
	int flags;		/* of send */
	bool unspec, everywhere;	/* what the address says */
	int protocol;
} inet_uses[] = {
	[BIND4] = { AF_INET, SOCK_STREAM, DO_BIND, WHOLE },
	[BIND6] = { AF_INET6, SOCK_STREAM, DO_BIND, WHOLE },
	[BIND_UDP] = { AF_INET, SOCK_DGRAM, DO_BIND, WHOLE },
	[BIND_UDP6] = { AF_INET6, SOCK_DGRAM, DO_BIND, WHOLE },
	[BIND_EMPTY] = { AF_INET, SOCK_STREAM, DO_BIND, 0 },
	[BIND_SHORT] = { AF_INET, SOCK_STREAM, DO_BIND, 4 },
	[BIND6_SHORT] = { AF_INET6, SOCK_STREAM, DO_BIND, IN6_MINIMAL - 1 },
	[BIND6_MINIMAL] = { AF_INET6, SOCK_STREAM, DO_BIND, IN6_MINIMAL },
	[BIND_UNSPEC] = { AF_INET, SOCK_STREAM, DO_BIND, WHOLE, 0, true, true },
	[BIND_UNSPEC_LOCAL] = { AF_INET, SOCK_STREAM, DO_BIND, WHOLE, 0, true },
	[BIND6_UNSPEC] = { AF_INET6, SOCK_STREAM, DO_BIND, WHOLE, 0, true },
	[CONNECT4] = { AF_INET, SOCK_STREAM, DO_CONNECT, WHOLE },
	[CONNECT6] = { AF_INET6, SOCK_STREAM, DO_CONNECT, WHOLE },
	[CONNECT_UDP] = { AF_INET, SOCK_DGRAM, DO_CONNECT, WHOLE },
	[CONNECT_MPTCP] = { AF_INET, SOCK_STREAM, DO_CONNECT, WHOLE, .protocol = IPPROTO_MPTCP },
	[CONNECT_NOWHERE] = { AF_INET, SOCK_STREAM, DO_CONNECT, WHOLE, 0, true },
	[CONNECT_EMPTY] = { AF_INET, SOCK_STREAM, DO_CONNECT, 0 },
	[CONNECT_SHORT] = { AF_INET, SOCK_STREAM, DO_CONNECT, 4 },
	[CONNECT6_SHORT] = { AF_INET6, SOCK_STREAM, DO_CONNECT, IN6_MINIMAL - 1 },
	[CONNECT6_MINIMAL] = { AF_INET6, SOCK_STREAM, DO_CONNECT, IN6_MINIMAL },
	[SEND_UDP] = { AF_INET, SOCK_DGRAM, DO_SEND, WHOLE },
	[FAST_OPEN] = { AF_INET, SOCK_STREAM, DO_SEND, WHOLE, MSG_FASTOPEN },
	[FAST_OPEN_NOWHERE] = { AF_INET, SOCK_STREAM, DO_SEND, 0, MSG_FASTOPEN },
};

static int inet_use(const struct inet_use *use, int port)
{
	struct sockaddr_in6 in6 = { .sin6_addr = in6addr_loopback, .sin6_port = htons(port) };
	struct sockaddr_in in = {
		.sin_addr.s_addr = htonl(use->everywhere ? INADDR_ANY : INADDR_LOOPBACK),
		.sin_port = htons(port),
	};
	int fd = socket(use->family, use->type | SOCK_CLOEXEC, use->protocol), one = 1, err;
	struct sockaddr *any = use->family == AF_INET6 ? (void *)&in6 : (void *)&in;
	socklen_t len = use->family == AF_INET6 ? sizeof(in6) : sizeof(in);

	if (fd < 0)
		return ENOTRECOVERABLE;
	any->sa_family = use->unspec ? AF_UNSPEC : use->family;
	if (len > use->len)
		len = use->len;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	switch (use->how) {
	case DO_BIND:
		err = ERR(bind(fd, any, len));
		break;
	case DO_CONNECT:
		err = ERR(connect(fd, any, len));
		break;
	default:
		err = ERR(sendto(fd, "x", 1, use->flags, len ? any : NULL, len) != 1);
	}
	close(fd);
	return err;
}

/* To a port that the kernel has found. */
static int connect_any_free(void)
{
	struct sockaddr_in in = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), err;
	socklen_t len = sizeof(in);

	err = ERR(bind(fd, (void *)&in, len) || listen(fd, 1) ||
		  getsockname(fd, (void *)&in, &len)) ?:
	      inet_use(&inet_uses[CONNECT4], ntohs(in.sin_port));
	close(fd);
	return err;
}

/* With the socket that has been connected before. */
static int connect_again(enum what what, const char *port)
{
	const struct sockaddr_in in = {
		.sin_family = what == RECONNECT ? AF_INET : AF_UNSPEC,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(port ? atoi(port) : 0),
	};
	const socklen_t len = what == RECONNECT ? sizeof(in) : sizeof(in.sin_family);

	return ERR(connect(old_tcp, (const void *)&in, what == DISCONNECT_SHORT ? len - 1 : len));
}

/* Newer kernels do not ask when whoever has CAP_PERFMON reads. */
static int environ_open(pid_t pid)
{
	const uint64_t profiling = 1ULL << CAP_PERFMON | 1ULL << CAP_SYS_ADMIN;
	char name[32];
	int err;

	if (capabilities_set(profiling, false))
		return ENOTRECOVERABLE;
	snprintf(name, sizeof(name), "/proc/%d/environ", pid);
	err = opened(open(name, O_RDONLY | O_CLOEXEC));
	return capabilities_set(profiling, true) ? ENOTRECOVERABLE : err;
}

static int memory_read(pid_t pid)
{
	struct iovec here = { &(int){ 0 }, sizeof(int) }, there = { &canary, sizeof(canary) };

	return ERR(process_vm_readv(pid, &here, 1, &there, 1, 0) != sizeof(int));
}

static int trace(pid_t pid)
{
	int err = ERR(ptrace(PTRACE_ATTACH, pid, NULL, NULL));

	if (!err) {
		waitpid(pid, NULL, 0);
		ptrace(PTRACE_DETACH, pid, NULL, NULL);
	}
	return err;
}

/* The child: ends when nobody can write to @go any more. */
static _Noreturn void kin_target(enum what what, bool enters, int go, int ready)
{
	struct sockaddr_un stream, datagram;
	int err;

	if (read(go, &err, 1) != 1)
		_exit(0);
	err = enters ? make_next() ?: enter_made() : 0;
	if (!err && what == KIN_OFFER)
		err = ERR(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
	if (!err && (what == KIN_STREAM || what == KIN_DATAGRAM) &&
	    (unix_serve(SOCK_STREAM, &stream, UNIX(&stream, OWN_NAME "-stream")) < 0 ||
	     unix_serve(SOCK_DGRAM, &datagram, UNIX(&datagram, OWN_NAME "-datagram")) < 0))
		err = ENOTRECOVERABLE;
	if (write(ready, &err, sizeof(err)) == sizeof(err))
		while (read(go, &err, 1) > 0)
			;
	_exit(0);
}

static int kin_do(enum what what, pid_t pid)
{
	struct sockaddr_un un;

	switch (what) {
	case KIN_SIGNAL:
		return ERR(kill(pid, SIGURG));
	case KIN_READ:
		return memory_read(pid);
	case KIN_ENVIRON:
		return environ_open(pid);
	case KIN_ATTACH:
		return trace(pid);
	case KIN_STREAM:
		return unix_connect(SOCK_STREAM, &un, UNIX(&un, OWN_NAME "-stream"));
	case KIN_DATAGRAM:
		return unix_connect(SOCK_DGRAM, &un, UNIX(&un, OWN_NAME "-datagram")) ?:
		       unix_send(&un, UNIX(&un, OWN_NAME "-datagram"));
	default:
		return 0;
	}
}

static int kin_act(enum what what, const char *who)
{
	const bool actor_enters = who && strcmp(who, "target");
	const bool target_enters = who && strcmp(who, "actor");
	int go[2], ready[2], err;
	pid_t pid;

	if (pipe2(go, O_CLOEXEC) || pipe2(ready, O_CLOEXEC))
		return ENOTRECOVERABLE;
	pid = fork();
	if (!pid) {
		close(go[1]);
		kin_target(what, target_enters, go[0], ready[1]);
	}
	if ((actor_enters && (make_next() || enter_made())) || write(go[1], "x", 1) != 1 ||
	    read(ready[0], &err, sizeof(err)) != sizeof(err))
		return ENOTRECOVERABLE;
	err = err ?: kin_do(what, pid);
	close(go[1]);
	waitpid(pid, NULL, 0);
	return err;
}

/* In a process of its own, as one of them may enter. */
static int kin(enum what what, const char *who)
{
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(kin_act(what, who));
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : ENOTRECOVERABLE;
}

/* The owner gets signals when a pipe is written to. */
static int own(int fd, pid_t pid)
{
	return ERR(fcntl(fd, F_SETSIG, SIGURG) || fcntl(fd, F_SETOWN, pid) ||
		   fcntl(fd, F_SETFL, O_ASYNC | O_NONBLOCK));
}

static int own_new(pid_t pid)
{
	int fds[2], err;

	if (pipe2(fds, O_CLOEXEC))
		return errno;
	err = own(fds[0], pid);
	close(fds[0]);
	close(fds[1]);
	return err;
}

static int own_child(void)
{
	pid_t pid = fork();
	int err;

	if (!pid) {
		pause();
		_exit(0);
	}
	err = own_new(pid);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return err;
}

/* It reaches the owner, and nothing before has. */
static int signal_old(void)
{
	if (write(old_pipe[1], "x", 1) != 1)
		return errno;
	return await(results->signals) && results->signals == 1 ? 0 : ENOTRECOVERABLE;
}

/* Of files, by number of what the headers do not have. */
#define RESERVE(number)	_IOC(_IOC_WRITE, 'X', number, 48)

/* Landlock never denies these, nor does sbpf; */
static const unsigned int ioctls_kept[] = { FIOCLEX, FIONCLEX, FIONBIO };
/* nor does Landlock these, by any device; */
static const unsigned int ioctls_exempt[] = {
	FIOASYNC, FIOQSIZE, FIFREEZE, FITHAW, FS_IOC_FIEMAP, FIGETBSZ, FICLONE, FICLONERANGE,
	FIDEDUPERANGE, FS_IOC_GETFSUUID, FS_IOC_GETFSSYSFSPATH,
};
/* both may deny these. */
static const unsigned int ioctls_guarded[] = {
	FIONREAD, FS_IOC_GETFLAGS, FS_IOC_SETFLAGS, FS_IOC_FSGETXATTR, FS_IOC_FSSETXATTR, FIBMAP,
	RESERVE(40), RESERVE(42), RESERVE(41), RESERVE(43), RESERVE(57),
	0xc00ffeee,
};

/* 0: none is denied; EACCES: all are. What else the kernel says to them does not matter. */
static int ioctl_all(int fd, const unsigned int *cmds, int count)
{
	/* What is a descriptor in there is none. */
	int argument[64] = { -1 }, denied = 0, i;

	for (i = 0; i < count; i++)
		if (ioctl(fd, cmds[i], argument) && errno == EACCES)
			denied++;
	return !denied ? 0 : denied == count ? EACCES : ENOTRECOVERABLE;
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

/* A path that begins with @ is relative to what is held. */
static int at(const char **path)
{
	if (!*path || (*path)[0] != '@')
		return AT_FDCWD;
	*path += 2;
	return old_dir;
}

/* Is what was written read again? */
static int write_and_read(int fd)
{
	char c = 0;

	if (fd < 0)
		return errno;
	if (write(fd, "x", 1) != 1 || lseek(fd, 0, SEEK_SET) || read(fd, &c, 1) != 1 || c != 'x')
		c = 0;
	close(fd);
	return c ? 0 : ENOTRECOVERABLE;
}

static int hold(int fd)
{
	if (fd < 0)
		return errno;
	close(old_dir);
	old_dir = fd;
	return 0;
}

static int process_ftruncate(long fd)
{
	int err;

	fd = from_player(fd);
	err = ERR(ftruncate(fd, 1));
	close(fd);
	return err;
}

static int thread_read(long path)
{
	return opened(open((const char *)path, O_RDONLY | O_CLOEXEC));
}

static int socket_ioctl(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), err;
	struct sockaddr_un un;
	socklen_t len = UNIX(&un, SOCKET_PATH);

	err = ERR(connect(fd, (void *)&un, len) || ioctl(fd, FIONREAD, &(int){ 0 }));
	close(fd);
	return err;
}

/* One step; the working directory is TREE. */
static int perform(const struct step *step)
{
	const char *one = step->one, *two = step->two;
	const int from = at(&one), to = at(&two);
	int fds[2], err, flags = 0;
	struct sockaddr_un un;
	socklen_t len;

	if (step->what >= BIND4 && step->what <= FAST_OPEN_NOWHERE)
		return inet_use(&inet_uses[step->what], one ? atoi(one) : PORT_A);
	switch (step->what) {
	case MAKE:
		return make_next();
	case RESTRICT:
		return enter_made();
	case ENTER:
		return make_next() ?: enter_made();
	case CHDIR:
		return ERR(chdir(one));
	case HOLD_DIR:
		return hold(open(one, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	case OPEN_TREE:
		return hold(syscall(SYS_open_tree, AT_FDCWD, one,
				    OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));
	case MOUNT_BIND:
		return ERR(mount(one, two, NULL, MS_BIND, NULL));
	case MOUNT_OVERLAY:
		return ERR(mkdir("a/m/up", 0700) || mkdir("a/m/work", 0700) ||
			   mount("none", one, "overlay", 0,
				 "lowerdir=b/in,upperdir=a/m/up,workdir=a/m/work"));
	case UMOUNT_IDLE:
		return ERR(umount(one));
	case HOLD_SOCKET:
		old_tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		/* fallthrough */
	case RECONNECT:
	case DISCONNECT:
	case DISCONNECT_SHORT:
		return connect_again(step->what == HOLD_SOCKET ? RECONNECT : step->what, one);
	case READ:
		return opened(openat(from, one, O_RDONLY | O_CLOEXEC));
	case WRITE:
		return opened(openat(from, one, O_WRONLY | O_CLOEXEC));
	case READ_WRITE:
		return write_and_read(openat(from, one, O_RDWR | O_CLOEXEC));
	case OPEN_TRUNCATE:
		return opened(openat(from, one, O_WRONLY | O_TRUNC | O_CLOEXEC));
	case READ_TRUNCATE:
		return opened(openat(from, one, O_RDONLY | O_TRUNC | O_CLOEXEC));
	case CREAT:
		return opened(creat(one, 0600));
	case LIST:
		return opened(openat(from, one, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	case REOPEN:
		fds[0] = open(one, O_PATH | O_CLOEXEC);
		err = reopen(fds[0], O_RDONLY);
		close(fds[0]);
		return err;
	case REOPEN_UNLINKED:
		/* To read it is allowed, to write not. */
		fds[0] = open(one, O_RDONLY | O_CLOEXEC);
		err = ERR(unlink(one)) ?: reopen(fds[0], O_RDONLY);
		err = err ? ENOTRECOVERABLE : reopen(fds[0], O_RDWR);
		close(fds[0]);
		return err;
	case PATH_ONLY:
		fds[0] = open(one, O_PATH | O_CLOEXEC);
		if (fds[0] < 0)
			return errno;
		err = ERR(ftruncate(fds[0], 1));
		if (ERR(ioctl(fds[0], FS_IOC_GETFLAGS, &flags)) != err)
			err = ENOTRECOVERABLE;
		close(fds[0]);
		return err;
	case READ_THREAD:
		return helped(&results->thread, thread_read, (long)one);
	case EXECUTE:
		return execute(one);
	case CREATE:
		return opened(open(one, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
	case MAKE_FILE:
		return ERR(mknod(one, 0600, 0));
	case MAKE_DIR:
		return ERR(mkdir(one, 0700));
	case MAKE_FIFO:
		return ERR(mkfifo(one, 0600));
	case MAKE_SOCK:
		return ERR(mknod(one, S_IFSOCK | 0600, 0));
	case MAKE_SYMLINK:
		return ERR(symlink("f", one));
	case MAKE_CHAR:
		return ERR(mknod(one, S_IFCHR | 0600, makedev(1, 3)));
	case MAKE_BLOCK:
		return ERR(mknod(one, S_IFBLK | 0600, makedev(7, 0)));
	case MAKE_WHITEOUT:
		return ERR(mknod(one, S_IFCHR | 0600, 0));
	case UNLINK:
		return ERR(unlink(one));
	case RMDIR:
		return ERR(rmdir(one));
	case RENAME:
		return ERR(renameat(from, one, to, two));
	case EXCHANGE:
		return ERR(renameat2(from, one, to, two, RENAME_EXCHANGE));
	case WHITEOUT:
		return ERR(renameat2(from, one, to, two, RENAME_WHITEOUT));
	case LINK:
		return ERR(linkat(from, one, to, two, 0));
	case IOCTL:
	case IOCTL_KEPT:
	case IOCTL_EXEMPT:
	case IOCTL_GUARDED:
		fds[0] = open(one, O_RDWR | O_CLOEXEC);
		if (fds[0] < 0 && errno == EISDIR)
			fds[0] = open(one, O_RDONLY | O_CLOEXEC);
		if (step->what == IOCTL)
			err = ERR(ioctl(fds[0], FIONREAD, &flags));
		else if (step->what == IOCTL_KEPT)
			err = ioctl_all(fds[0], ioctls_kept, COUNT(ioctls_kept));
		else if (step->what == IOCTL_EXEMPT)
			err = ioctl_all(fds[0], ioctls_exempt, COUNT(ioctls_exempt));
		else
			err = ioctl_all(fds[0], ioctls_guarded, COUNT(ioctls_guarded));
		close(fds[0]);
		return err;
	case IOCTL_SOCKET:
		return socket_ioctl();
	case TRUNCATE:
		return ERR(truncate(one, 1));
	case FTRUNCATE:
	case FTRUNCATE_OUTSIDE:
		fds[0] = open(one, O_WRONLY | O_CLOEXEC);
		err = step->what == FTRUNCATE ? ERR(ftruncate(fds[0], 1)) :
		      helped(&results->process, process_ftruncate, fds[0]);
		close(fds[0]);
		return err;
	case FTRUNCATE_OLD:
		return ERR(ftruncate(old_file, 1));
	case FTRUNCATE_MEMORY:
	case IOCTL_MEMORY:
		fds[0] = memfd_create("x", MFD_CLOEXEC);
		err = step->what == FTRUNCATE_MEMORY ? ERR(ftruncate(fds[0], 1)) :
		      ERR(ioctl(fds[0], FS_IOC_GETFLAGS, &flags));
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
	case PRIVATE:
		return ERR(mount(NULL, one, NULL, MS_PRIVATE | MS_REC, NULL));
	case UMOUNT:
		return ERR(umount2(one, MNT_DETACH));
	case MOVE_MOUNT:
		return ERR(syscall(SYS_move_mount, AT_FDCWD, one, AT_FDCWD, two, 0));
	case MOVE_MOUNT_BY_OLD:
		return ERR(mount(one, two, NULL, MS_MOVE, NULL));
	case PIVOT_ROOT:
		return ERR(syscall(SYS_pivot_root, one, two));
	case CHROOT:
		return ERR(chroot(one));
	case UNIX_AS_INET:
		err = unix_as_inet(SOCK_STREAM, one);
		return err == unix_as_inet(SOCK_DGRAM, one) ? err : ENOTRECOVERABLE;
	case ANY_FREE_PORT:
		return connect_any_free();
	case SIGNAL_PARENT:
		return ERR(kill(getppid(), SIGURG));
	case SIGNAL_SELF:
		return ERR(kill(getpid(), SIGURG));
	case SIGNAL_THREAD:
		return pthread_kill(thread, 0);
	case SIGNAL_OLD:
		return signal_old();
	case OWN_SELF:
		return own_new(getpid());
	case OWN_PARENT:
		return own_new(getppid());
	case OWN_CHILD:
		return own_child();
	case OWN_GROUP:
		return own_new(-getpgrp());
	case ABSTRACT:
		len = UNIX(&un, STREAM_NAME);
		return unix_connect(SOCK_STREAM, &un, len);
	case ABSTRACT_DATAGRAM:
		len = UNIX(&un, DATAGRAM_NAME);
		return unix_connect(SOCK_DGRAM, &un, len);
	case ABSTRACT_SEND:
		len = UNIX(&un, DATAGRAM_NAME);
		return unix_send(&un, len);
	case ABSTRACT_OWN:
	case ABSTRACT_BY_OUTSIDER:
		/* A socket is of who has created it, not of who binds it. */
		fds[0] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		err = step->what == ABSTRACT_OWN ? serve_own_name(fds[0]) :
		      helped(&results->process, process_serve_own_name, fds[0]);
		len = UNIX(&un, OWN_NAME);
		err = err ?: unix_connect(SOCK_STREAM, &un, len);
		close(fds[0]);
		return err;
	case PATHNAME:
		len = UNIX(&un, SOCKET_PATH);
		return unix_connect(SOCK_STREAM, &un, len);
	case PATHNAME_DATAGRAM:
		len = UNIX(&un, DATAGRAM_PATH);
		return unix_connect(SOCK_DGRAM, &un, len);
	case PATHNAME_SEND:
		len = UNIX(&un, DATAGRAM_PATH);
		return unix_send(&un, len);
	case PAIR_OLD:
		return ERR(send(old_pair[0], "x", 1, MSG_DONTWAIT) != 1);
	case DATAGRAM_OLD:
		return ERR(send(old_datagram, "x", 1, MSG_DONTWAIT) != 1);
	case SELF_OLD:
	case SELF_OLD_SEND:
		len = sizeof(un);
		if (getsockname(old_self, (void *)&un, &len))
			return ENOTRECOVERABLE;
		if (step->what == SELF_OLD)
			return ERR(connect(old_self, (void *)&un, len));
		return ERR(sendto(old_self, "x", 1, MSG_DONTWAIT, (void *)&un, len) != 1);
	case READ_PARENT:
		return memory_read(getppid());
	case ENVIRON_PARENT:
		return environ_open(getppid());
	case ATTACH_PARENT:
		return trace(getppid());
	case TRACE_ME:
		return ERR(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
	case SETUID:
		return ERR(setuid(USER_A));
	default:
		if (step->what >= KIN_SIGNAL)
			return kin(step->what, two);
	}
	return ENOTRECOVERABLE;
}

/* The two sides */

/* What is no directory cannot have rights that only directories have. */
static uint64_t file_access(const char *path, uint64_t access)
{
	struct stat st;

	if (stat(path, &st) || S_ISDIR(st.st_mode))
		return access;
	return access & (LL(EXECUTE) | LL_READ | LL_WRITE | LL(TRUNCATE) | LL(IOCTL_DEV));
}

static bool is_port(const struct rule *rule)
{
	return isdigit(rule->path[0]);
}

static int landlock_make(const struct layer *layer)
{
	const struct landlock_ruleset_attr attr = {
		.handled_access_fs = layer->files, .handled_access_net = layer->ports,
		.scoped = layer->scopes,
	};
	const struct rule *rule = layer->rules;
	int ruleset, err = 0;

	ruleset = syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (ruleset < 0)
		return -errno;
	for (; rule < layer->rules + RULES_MAX && rule->path && !err; rule++) {
		struct landlock_path_beneath_attr path = {
			.allowed_access = file_access(rule->path, rule->access),
		};
		struct landlock_net_port_attr port = {
			.allowed_access = rule->access, .port = atoi(rule->path),
		};

		if (is_port(rule)) {
			err = ERR(syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_NET_PORT,
					  &port, 0));
			continue;
		}
		path.parent_fd = open(rule->path, O_PATH | O_CLOEXEC);
		err = ERR(syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH,
				  &path, 0));
		close(path.parent_fd);
	}
	if (!err)
		return ruleset;
	close(ruleset);
	return -err;
}

static int landlock_enter(int ruleset)
{
	return ERR(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
		   syscall(SYS_landlock_restrict_self, ruleset, 0));
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
	const uint32_t rest = (SBPF_ACCESS_MAX - 1) & ~access_of(layer->files);
	struct sbpf_path_rule paths[RULES_MAX + 1] = { path_rule("/", rest) };
	struct sbpf_net_rule nets[2 * RULES_MAX + 2];
	struct sbpf_dev_rule devs[2 + RULES_MAX] = {
		{ SBPF_DEV_MAX - 1, 0, S_IFCHR, SBPF_DEV_ANY, SBPF_DEV_ANY, 0, ~0U, 0 },
		{ SBPF_DEV_MAX - 1, 0, S_IFBLK, SBPF_DEV_ANY, SBPF_DEV_ANY, 0, ~0U, 0 },
	};
	const struct rule *rules = layer->rules;
	struct sbpf_set_rules set = {
		.size = sizeof(set), .paths = (uintptr_t)paths, .nets = (uintptr_t)nets,
		.devs = (uintptr_t)devs, .paths_count = 1, .nets_count = 2, .devs_count = 2,
		.rights = (1ULL << SBPF_RIGHT_MAX) - 1,
		.capabilities = (1ULL << (CAP_LAST_CAP + 1)) - 1,
		.sockets = SBPF_SOCKET_MAX - 1,
	};
	uint32_t net = SBPF_NET_MAX - 1, allow;
	struct stat st;
	int i, j, err;

	/* Landlock denies changes of mounts as soon as it handles files, tracing always. */
	set.rights &= ~(1ULL << SBPF_RIGHT_TRACE);
	if (layer->files)
		set.rights &= ~(1ULL << SBPF_RIGHT_MOUNT);
	if (layer->scopes & LANDLOCK_SCOPE_SIGNAL)
		set.rights &= ~(1ULL << SBPF_RIGHT_SIGNAL);
	if (layer->scopes & LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET)
		set.rights &= ~(1ULL << SBPF_RIGHT_UNIX);
	if (layer->files & LL(IOCTL_DEV)) {
		devs[0].allow &= ~SBPF_DEV_IOCTL;
		devs[1].allow &= ~SBPF_DEV_IOCTL;
	}
	if (layer->ports & NET_BIND)
		net &= ~SBPF_NET_TCP_BIND;
	if (layer->ports & NET_CONNECT)
		net &= ~SBPF_NET_TCP_CONNECT;
	nets[0] = port_rule(AF_INET, 0, 65535, net);
	nets[1] = port_rule(AF_INET6, 0, 65535, net);
	for (i = 0; i < RULES_MAX && rules[i].path; i++) {
		if (is_port(&rules[i])) {
			allow = (rules[i].access & NET_BIND ? SBPF_NET_TCP_BIND : 0) |
				(rules[i].access & NET_CONNECT ? SBPF_NET_TCP_CONNECT : 0);
			j = atoi(rules[i].path);
			nets[set.nets_count++] = port_rule(AF_INET, j, j, allow);
			nets[set.nets_count++] = port_rule(AF_INET6, j, j, allow);
			continue;
		}
		if (rules[i].access & LL(IOCTL_DEV) && !stat(rules[i].path, &st) &&
		    S_ISCHR(st.st_mode)) {
			devs[set.devs_count] = devs[0];
			devs[set.devs_count].allow |= SBPF_DEV_IOCTL;
			devs[set.devs_count].major = major(st.st_rdev);
			devs[set.devs_count++].minor = minor(st.st_rdev);
		}
		allow = rest | access_of(rules[i].access);
		/* Rules about the same add up here, too. */
		for (j = 0; j < RULES_MAX && rules[j].path; j++)
			if (strcmp(rules[i].path, rules[j].path) &&
			    below(rules[i].path, rules[j].path))
				allow |= access_of(rules[j].access);
		paths[set.paths_count++] = path_rule(rules[i].path, allow);
	}
	err = sbpf_ioctl(sandbox, SBPF_IOC_SET_RULES, &set);
	for (i = 0; i < set.paths_count; i++)
		close(paths[i].fd);
	return err;
}

static int sbpf_make(const struct layer *layer)
{
	int sandbox = sandbox_create("rules", "", 0, SBPF_UNLIMITED), err;

	if (sandbox < 0)
		return sandbox;
	err = sbpf_rules(sandbox, layer);
	if (!err)
		return sandbox;
	close(sandbox);
	return -err;
}

static const struct side landlock = { landlock_make, landlock_enter };
static const struct side sbpf = { sbpf_make, sandbox_enter };

static int copy_program(const char *to)
{
	int from = open(PROGRAM, O_RDONLY | O_CLOEXEC);
	int fd = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	struct stat st;
	int err;

	err = ERR(fstat(from, &st) || sendfile(fd, from, NULL, st.st_size) != st.st_size);
	close(from);
	close(fd);
	return err;
}

static int tree_fill(const char *top)
{
	static const char *const dirs[] = { "", "/in", "/in/deep", "/m" };
	static const char *const names[] = {
		"/f", "/g", "/in/f", "/in/g", "/in/deep/f", "/in/deep/g", "/m/f",
	};
	char path[64];
	int err = 0, i;

#define AT(name)	(snprintf(path, sizeof(path), TREE "/%s%s", top, name), path)
	for (i = 0; i < COUNT(dirs) && !err; i++)
		err = ERR(mkdir(AT(dirs[i]), 0755));
	err = err ?: ERR(mount("none", AT("/m"), "tmpfs", 0, NULL)) ?:
	      ERR(mkdir(AT("/m/in"), 0755));
	for (i = 0; i < COUNT(names) && !err; i++)
		err = write_file(AT(names[i]), CONTENT);
	return err ?: copy_program(AT("/true")) ?: copy_program(AT("/in/true"));
#undef AT
}

/* A new one; that of before may still be held by rules. */
static int tree_mount(void)
{
	umount2(TREE, MNT_DETACH);
	mkdir(TREE, 0755);
	return ERR(mount("none", TREE, "tmpfs", 0, NULL)) ?: tree_fill("a") ?: tree_fill("b") ?:
	       ERR(mkdir(TREE "/a/bind", 0755) ||
		   mount(TREE "/b/in", TREE "/a/bind", NULL, MS_BIND, NULL));
}

static void tree_make(void)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	socklen_t len;
	int err = tree_mount();

	if (err)
		fprintf(stderr, "# cannot make the tree: %s\n", strerror(err));
	old_file = open(TREE "/a/f", O_WRONLY | O_CLOEXEC);
	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, old_pair) ||
	    pipe2(old_pipe, O_CLOEXEC) || own(old_pipe[0], getpid()))
		perror("# descriptors");
	/* The kernel finds an abstract name. */
	old_self = unix_serve(SOCK_DGRAM, &un, sizeof(un.sun_family));
	len = UNIX(&un, DATAGRAM_NAME);
	old_datagram = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (connect(old_datagram, (void *)&un, len))
		perror("# connect");
}

static _Noreturn void play_steps(const struct scenario *scenario)
{
	const struct layer *first = scenario->layers;
	int i;

	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL) ||
	    chdir(TREE))
		_exit(1);
	helpers_start();
	next_layer = first;
	if (first->files || first->ports || first->scopes)
		results->entered = make_next() ?: enter_made();
	else
		next_layer++;
	for (i = 0; !results->entered && scenario->steps[i].what; i++)
		results->errors[i] = perform(&scenario->steps[i]);
	_exit(0);
}

/* Without a side it is told what happens without a sandbox. */
static void play(const struct scenario *scenario, const struct side *by)
{
	const int *const old[] = {
		&old_file, &old_pair[0], &old_pair[1], &old_pipe[0], &old_pipe[1], &old_self,
		&old_datagram,
	};
	pid_t pid;
	int i;

	tree_make();
	memset(results, 0, sizeof(*results));
	memset(results->errors, 0xff, sizeof(results->errors));
	results->outsider = getpid();
	side = by;
	pid = fork();
	if (!pid)
		play_steps(scenario);
	waitpid(pid, &i, 0);
	if (i)
		results->entered = ENOTRECOVERABLE;
	/* Whoever it has left is our child now, and may not help the next. */
	while (wait(NULL) > 0)
		;
	for (i = 0; i < COUNT(old); i++)
		close(*old[i]);
}

FIXTURE(landlock) {
	int sockets[6];
};

FIXTURE_SETUP(landlock)
{
	const struct sigaction count = { .sa_handler = count_signal, .sa_flags = SA_RESTART };
	const uint16_t ports[] = { PORT_A, PORT_B };
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_addr = in6addr_any };
	struct sockaddr_un un;
	int i, one = 1;

	/* Scopes came with the sixth version, in Linux 6.12. */
	ASSERT_LE(6, syscall(SYS_landlock_create_ruleset, NULL, 0,
			     LANDLOCK_CREATE_RULESET_VERSION))
		TH_LOG("no Landlock to compare with: %m");
	results = mmap(NULL, sizeof(*results), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, results);
	ASSERT_EQ(0, sigaction(SIGURG, &count, NULL));
	ASSERT_EQ(0, prctl(PR_SET_CHILD_SUBREAPER, 1));
	for (i = 0; i < COUNT(ports); i++) {
		any.sin6_port = htons(ports[i]);
		self->sockets[i] = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
		setsockopt(self->sockets[i], SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
		ASSERT_EQ(0, bind(self->sockets[i], (void *)&any, sizeof(any)));
		ASSERT_EQ(0, listen(self->sockets[i], BACKLOG));
	}
	unlink(SOCKET_PATH);
	unlink(DATAGRAM_PATH);
	self->sockets[2] = unix_serve(SOCK_STREAM, &un, UNIX(&un, STREAM_NAME));
	self->sockets[3] = unix_serve(SOCK_DGRAM, &un, UNIX(&un, DATAGRAM_NAME));
	self->sockets[4] = unix_serve(SOCK_STREAM, &un, UNIX(&un, SOCKET_PATH));
	self->sockets[5] = unix_serve(SOCK_DGRAM, &un, UNIX(&un, DATAGRAM_PATH));
	for (i = 2; i < COUNT(self->sockets); i++)
		ASSERT_LE(0, self->sockets[i]);
}

FIXTURE_TEARDOWN(landlock)
{
	int i;

	for (i = 0; i < COUNT(self->sockets); i++)
		close(self->sockets[i]);
}

static bool is_denial(int err)
{
	return err == EACCES || err == EPERM || err == EXDEV;
}

static void compare(struct __test_metadata *_metadata, const struct scenario *scenario)
{
	const struct step *const steps = scenario->steps;
	int i;

	play(scenario, NULL);
	EXPECT_EQ(0, results->entered) TH_LOG("without: %s", scenario->name);
	for (i = 0; steps[i].what; i++) {
		EXPECT_TRUE(!is_denial(results->errors[i]) ||
			    steps[i].anyway)
			TH_LOG("without: %s, step %d: %s", scenario->name, i,
			       strerror(results->errors[i]));
	}
	play(scenario, &landlock);
	EXPECT_EQ(0, results->entered) TH_LOG("Landlock: %s", scenario->name);
	for (i = 0; steps[i].what; i++) {
		EXPECT_EQ(steps[i].landlock, results->errors[i])
			TH_LOG("Landlock: %s, step %d", scenario->name, i);
	}
	play(scenario, &sbpf);
	EXPECT_EQ(0, results->entered) TH_LOG("sbpf: %s", scenario->name);
	for (i = 0; steps[i].what; i++) {
		EXPECT_EQ(steps[i].sbpf, results->errors[i])
			TH_LOG("sbpf: %s, step %d", scenario->name, i);
		EXPECT_EQ(steps[i].why == SAME, steps[i].sbpf == steps[i].landlock)
			TH_LOG("%s, step %d", scenario->name, i);
		met[steps[i].why] = true;
	}
}

TEST_F_TIMEOUT(landlock, agrees_on, 3000)
{
	int i;

	for (i = 0; i < COUNT(files); i++)
		compare(_metadata, &files[i]);
	for (i = 0; i < COUNT(nets); i++)
		compare(_metadata, &nets[i]);
	for (i = 0; i < COUNT(scopes); i++)
		compare(_metadata, &scopes[i]);
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
