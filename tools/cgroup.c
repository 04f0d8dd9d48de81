// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - A control group for a sandbox: memory and share of the CPUs
 *
 * It is made beside the group of this process, or further up, in the first group that
 * may be written to and has what is needed; and removed when nobody is left in it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <linux/limits.h>
#include <linux/magic.h>

#include "cgroup.h"
#include "out.h"

#define MOUNT		"/sys/fs/cgroup"
#define PERIOD_US	100000ULL

/* How long to try to remove it, while the kernel takes its tasks apart. */
#define REMOVE_TRIES	200
#define REMOVE_WAIT_US	10000

static char made[PATH_MAX];
static int procs = -1;

/**
 * cgroup_wanted - Is a control group needed for some limits?
 * @limits: those that were asked for
 *
 * Return: whether it is.
 */
bool cgroup_wanted(const struct limits *limits)
{
	return limits->limit[LIMIT_MEMORY] || limits->limit[LIMIT_CPU];
}

static int open_file(const char *dir, const char *name, int flags)
{
	char path[PATH_MAX + 64];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return open(path, flags | O_CLOEXEC);
}

/* The contents of a small file, "" if it cannot be read. */
static char *read_text(const char *dir, const char *name, char *buf, size_t size)
{
	int fd = open_file(dir, name, O_RDONLY);
	ssize_t len = -1;

	if (fd >= 0) {
		len = read(fd, buf, size - 1);
		close(fd);
	}
	buf[len > 0 ? len : 0] = '\0';
	return buf;
}

static bool write_text(const char *dir, const char *name, const char *text)
{
	int fd = open_file(dir, name, O_WRONLY);
	bool written;

	if (fd < 0)
		return false;
	written = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return written;
}

/* Is a word among those of a text? */
static bool has_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (; *text; text += strcspn(text, "\n "), text += strspn(text, "\n "))
		if (!strncmp(text, word, len) && strchr("\n ", text[len]))
			return true;
	return false;
}

/* Let groups in @dir have a controller; says whether they have. */
static bool enable(const char *dir, const char *controller)
{
	char text[256], plus[32];

	if (has_word(read_text(dir, "cgroup.subtree_control", text, sizeof(text)), controller))
		return true;
	snprintf(plus, sizeof(plus), "+%s", controller);
	return write_text(dir, "cgroup.subtree_control", plus);
}

static bool suits(const char *dir, const struct limits *limits)
{
	char path[PATH_MAX + 64], text[256];

	snprintf(path, sizeof(path), "%s/cgroup.procs", dir);
	if (access(dir, W_OK) || access(path, W_OK))
		return false;
	read_text(dir, "cgroup.controllers", text, sizeof(text));
	if ((limits->limit[LIMIT_MEMORY] && !has_word(text, "memory")) ||
	    (limits->limit[LIMIT_CPU] && !has_word(text, "cpu")))
		return false;
	return (!limits->limit[LIMIT_MEMORY] || enable(dir, "memory")) &&
	       (!limits->limit[LIMIT_CPU] || enable(dir, "cpu"));
}

/* Find where to make it: in a group around our own, or in the root. */
static int find(char *dir, size_t size, const struct limits *limits)
{
	char text[PATH_MAX], *own = text, *end;
	struct statfs fs;

	if (statfs(MOUNT, &fs) || fs.f_type != CGROUP2_SUPER_MAGIC)
		return out_error("boot with systemd.unified_cgroup_hierarchy=1",
				 "memory and cpu need cgroup v2, which is not mounted at " MOUNT);
	/* The line of cgroup v2 is 0::PATH. */
	read_text("/proc/self", "cgroup", text, sizeof(text));
	own = strstr(text, "0::/");
	if (!own)
		return out_error(NULL, "this process is in no group of cgroup v2");
	own += strlen("0::");
	own[strcspn(own, "\n")] = '\0';
	do {
		end = strrchr(own, '/');
		*end = '\0';
		snprintf(dir, size, MOUNT "%s", own);
		if (suits(dir, limits))
			return 0;
	} while (*own);
	return out_error("start it by: systemd-run --user --scope -p Delegate=yes sbpf run ...",
			 "no control group that may be used has the controllers %s%s",
			 limits->limit[LIMIT_MEMORY] ? "memory " : "",
			 limits->limit[LIMIT_CPU] ? "cpu" : "");
}

static int failed(const char *what)
{
	int error = out_error(NULL, "cannot set up the control group: %s/%s: %m", made, what);

	cgroup_remove();
	return error;
}

/**
 * cgroup_make - Make a control group, which is removed at the end of this process
 * @limits: of which it has memory and CPU
 * @id: number of the sandbox
 *
 * Reports what is wrong if that fails.
 *
 * Return: 0 or EXIT_FAILURE.
 */
int cgroup_make(const struct limits *limits, __u64 id)
{
	__u64 memory = limits->limit[LIMIT_MEMORY], cpu = limits->limit[LIMIT_CPU];
	char dir[PATH_MAX - 64], text[64];

	if (find(dir, sizeof(dir), limits))
		return EXIT_FAILURE;
	snprintf(made, sizeof(made), "%s/sbpf-%llu", dir, id);
	if (mkdir(made, 0755)) {
		int error = out_error(NULL, "cannot make a control group: %s: %m", made);

		*made = '\0';
		return error;
	}
	if (memory) {
		snprintf(text, sizeof(text), "%llu", memory);
		if (!write_text(made, "memory.max", text))
			return failed("memory.max");
		/* Where there is no swap there is no such file. */
		write_text(made, "memory.swap.max", "0");
		if (!write_text(made, "memory.oom.group", "1"))
			return failed("memory.oom.group");
	}
	if (cpu) {
		snprintf(text, sizeof(text), "%llu %llu", cpu * PERIOD_US / 1000, PERIOD_US);
		if (!write_text(made, "cpu.max", text))
			return failed("cpu.max");
	}
	procs = open_file(made, "cgroup.procs", O_WRONLY);
	return procs < 0 ? failed("cgroup.procs") : 0;
}

/**
 * cgroup_enter - Move this process into the control group, if one was made
 *
 * Return: 0, or -1 with errno.
 */
int cgroup_enter(void)
{
	return procs < 0 || write(procs, "0", 1) == 1 ? 0 : -1;
}

/**
 * cgroup_out_of_memory - Has somebody been killed for want of memory?
 *
 * Return: whether it happened in the control group.
 */
bool cgroup_out_of_memory(void)
{
	char text[512];
	const char *line;

	if (!*made)
		return false;
	line = strstr(read_text(made, "memory.events", text, sizeof(text)), "oom_kill ");
	return line && atoll(line + strlen("oom_kill "));
}

/**
 * cgroup_remove - Remove the control group, once all of its tasks are gone
 */
void cgroup_remove(void)
{
	int tries = 0;

	if (!*made)
		return;
	while (rmdir(made) && errno == EBUSY && tries++ < REMOVE_TRIES)
		usleep(REMOVE_WAIT_US);
	*made = '\0';
}

/* A number of bytes: CGROUP_UNKNOWN for "max", or if there is none. */
static __u64 read_bytes(const char *dir, const char *name)
{
	char text[32];

	return *read_text(dir, name, text, sizeof(text)) >= '0' && *text <= '9' ?
	       strtoull(text, NULL, 10) : CGROUP_UNKNOWN;
}

/**
 * cgroup_memory - What is used of the memory of a sandbox's control group
 * @pid: a member of the sandbox
 * @id: number of the sandbox
 * @memory: receives it, CGROUP_UNKNOWN if no group was made for the sandbox
 */
void cgroup_memory(__u64 pid, __u64 id, struct cgroup_memory *memory)
{
	char proc[32], text[PATH_MAX], dir[PATH_MAX + sizeof(MOUNT)], name[32];
	char *path, *end;

	snprintf(proc, sizeof(proc), "/proc/%llu", pid);
	snprintf(name, sizeof(name), "/sbpf-%llu", id);
	path = strstr(read_text(proc, "cgroup", text, sizeof(text)), "0::/");
	*dir = '\0';
	if (path) {
		path += strlen("0::");
		path[strcspn(path, "\n")] = '\0';
		/* Members may have made groups in it. */
		end = strstr(path, name);
		if (end && strchr("/", end[strlen(name)])) {
			end[strlen(name)] = '\0';
			snprintf(dir, sizeof(dir), MOUNT "%s", path);
		}
	}
	*memory = (struct cgroup_memory){ CGROUP_UNKNOWN, CGROUP_UNKNOWN, CGROUP_UNKNOWN };
	if (!*dir)
		return;
	memory->usage = read_bytes(dir, "memory.current");
	memory->peak = read_bytes(dir, "memory.peak");
	memory->limit = read_bytes(dir, "memory.max");
}
