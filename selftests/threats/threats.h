/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf selftests - Attacks: each is one way to do what a sandbox is to prevent
 *
 * An attack is a function that returns 0 if it has got what it wanted, or errno.
 * It runs in a process of its own, on a stage that attack.c has set outside: a tree
 * of files at T, and a process, the victim.
 */
#ifndef _SBPF_SELFTESTS_THREATS_H
#define _SBPF_SELFTESTS_THREATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * T/home	may be read
 * T/home/notes	the same; with LENT also written, but neither cut off nor otherwise changed
 * T/home/.ssh	may not be used at all
 * T/work	may be read and written
 * T/bin	may be read and executed, as may all of T but for the two
 */
#define T		"/var/tmp/threats"
#define HOME		T "/home"
#define KEY		HOME "/.ssh/key"
#define BASHRC		HOME "/.bashrc"
#define NOTES		HOME "/notes"
#define AUTOSTART	HOME "/.config/autostart"
#define WORK		T "/work"
#define BUS		T "/run/bus"
#define LOG		T "/run/log"
#define ABSTRACT	"sbpf-threats"
#define ABSTRACT_LOG	"sbpf-threats-log"
#define QUEUE		"/sbpf-threats"

#define SESSION_KEY	"sbpf-threats"	/* in the session's keyring, SECRET */

#define SECRET		"secret\n"	/* in KEY, and in the victim's memory */
#define USER_ID		1000

/* Descriptor of KEY that whoever starts the sandbox has open. */
#define INHERITED	9

/**
 * struct stage - What there is to be attacked
 * @attack: number of the attack, -1 for the end
 * @victim: a process outside
 * @tcp: port where it listens
 * @udp: port where it receives
 * @shm: its System V shared memory
 * @msg: its System V queue
 * @sem: its System V semaphore
 * @tty: number of its terminal in /dev/pts
 * @memory: address of SECRET in it
 * @pipe: descriptor of a pipe that it has
 * @ring: descriptor of its io_uring, in which SECRET is registered
 */
struct stage {
	int attack;
	pid_t victim;
	int tcp;
	int udp;
	int shm;
	int msg;
	int sem;
	int tty;
	uintptr_t memory;
	int pipe;
	int ring;
};

extern struct stage stage;

enum who {
	USER = 1 << 0,		/* the attacker is an ordinary user */
	ROOT = 1 << 1,
	BOTH = USER | ROOT,
	RING = 1 << 2,		/* in a sandbox that may use io_uring */
	NEWER = 1 << 3,		/* not all kernels have it: ENOSYS */
	LENT = 1 << 4,		/* in a sandbox that may write NOTES */
};

/**
 * struct attack - One way of one row of the table in threat-model.rst
 * @list: "threats" or "escapes"
 * @row: the row
 * @way: the way
 * @fn: does it
 * @who: enum who
 * @denied: what comes of it in a sandbox: "OPERATION:ERRNO:OBJECT" of the event,
 *	OBJECT being a part of its path, address or other text, or empty; then, if
 *	it differs from that of the event, ":ERRNO" that the attack gets. Several,
 *	separated by "|", for any of them. OPERATION "-" means that there is no
 *	event, "limit" that OBJECT is a resource. Where "capable" is one of several,
 *	root tries again in a sandbox that leaves it all capabilities, and then it
 *	must be one of the others. "hole" instead means that it succeeds, as
 *	threat-model.rst has to say.
 */
struct attack {
	const char *list;
	const char *row;
	const char *way;
	int (*fn)(void);
	int who;
	const char *denied;
};

#define ATTACK(r, w, users, verdict)						\
	static int r##_##w(void);						\
	static const struct attack attack_##r##_##w = {				\
		LIST, #r, #w, r##_##w, users, verdict				\
	};									\
	static const struct attack *const entry_##r##_##w			\
		__attribute__((section("attacks"), used)) = &attack_##r##_##w;	\
	static int r##_##w(void)

/* What they share: 0 or errno. */
int result(long value);
int reads_secret(int fd);		/* and closes it */
int appends(int fd);			/* the same */
int run_program(const char *const *argv, const char *const *env);
int in_child(int (*fn)(void));
void *scratch(int prot);		/* a page, NULL in errno */

/* A descriptor that somebody outside has. */
enum what {
	A_KEY = 1,		/* of KEY, read and written */
	A_BASHRC,		/* of BASHRC, the same */
	A_NOTES,		/* of NOTES, written */
	A_RING,			/* an io_uring */
	A_USERFAULTFD,
	A_USERNS,		/* a user namespace that is not ours */
	WHATS,
};

/* How it is handed in, if not by SCM_RIGHTS; added to enum what. */
enum how {
	ADDED = WHATS,		/* by SECCOMP_IOCTL_NOTIF_ADDFD */
	ADDED_IN_PLACE = 2 * WHATS,	/* in place of another one */
	ADDED_AND_SENT = 3 * WHATS,	/* by the answer itself */
};

/* A descriptor, received as recvmsg(2) would. */
struct msghdr;
int ask_for(enum what what, long (*receive)(int fd, struct msghdr *msg));
long receive(int fd, struct msghdr *msg);
int ask_to_add(enum what what, enum how how);
int read_text(const char *path, char *text, size_t size);
int write_text(const char *path, const char *text);
const char *victim_path(const char *name);	/* in its directory in /proc */

#endif /* _SBPF_SELFTESTS_THREATS_H */
