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
#include "dev.h"
#include "out.h"

#define MOUNT		"/sys/fs/cgroup"

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
	return limits->limit[SBPF_RESOURCE_MEMORY] || limits->limit[SBPF_RESOURCE_CPU_SHARE];
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

/**
 * cgroup_lack - What this machine lacks for limits of memory and CPUs, whoever asks
 * @memory: is memory to be limited?
 * @cpu: are CPUs?
 * @remedy: receives what is to be done
 *
 * Return: what there is not, NULL if all is there.
 */
const char *cgroup_lack(bool memory, bool cpu, const char **remedy)
{
	char text[256];
	struct statfs fs;

	*remedy = "boot with systemd.unified_cgroup_hierarchy=1";
	if (statfs(MOUNT, &fs) || fs.f_type != CGROUP2_SUPER_MAGIC)
		return "cgroup v2, mounted at " MOUNT;
	read_text(MOUNT, "cgroup.controllers", text, sizeof(text));
	*remedy = "boot without cgroup_disable=memory, a kernel built with CONFIG_MEMCG=y";
	if (memory && !has_word(text, "memory"))
		return "the controller memory of cgroup v2";
	*remedy = "boot without cgroup_disable=cpu, a kernel built with CONFIG_CFS_BANDWIDTH=y";
	if (cpu && !has_word(text, "cpu"))
		return "the controller cpu of cgroup v2";
	return NULL;
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
	__u64 memory = limits->limit[SBPF_RESOURCE_MEMORY];
	__u64 cpu = limits->limit[SBPF_RESOURCE_CPU_SHARE];
	char path[PATH_MAX + 64], text[256];

	snprintf(path, sizeof(path), "%s/cgroup.procs", dir);
	if (access(dir, W_OK) || access(path, W_OK))
		return false;
	read_text(dir, "cgroup.controllers", text, sizeof(text));
	if ((memory && !has_word(text, "memory")) || (cpu && !has_word(text, "cpu")))
		return false;
	return (!memory || enable(dir, "memory")) && (!cpu || enable(dir, "cpu"));
}

/* Find where to make it: in a group around our own, or in the root. */
static int find(char *dir, size_t size, const struct limits *limits)
{
	char text[PATH_MAX], *own = text, *end;
	const char *remedy, *lack;

	lack = cgroup_lack(limits->limit[SBPF_RESOURCE_MEMORY],
			   limits->limit[SBPF_RESOURCE_CPU_SHARE], &remedy);
	if (lack)
		return out_error(remedy, "what limits of memory and cpu need is missing: %s", lack);
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
			 limits->limit[SBPF_RESOURCE_MEMORY] ? "memory " : "",
			 limits->limit[SBPF_RESOURCE_CPU_SHARE] ? "cpu" : "");
}

static int failed(int error)
{
	error = out_error(NULL, "cannot use the control group: %s: %s", made, strerror(error));
	cgroup_remove();
	return error;
}

/**
 * cgroup_make - Make a control group for a sandbox; it is removed by cgroup_remove()
 * @limits: those that it is to have
 * @sandbox: descriptor of the sandbox
 *
 * Reports what is wrong if that fails.
 *
 * Return: 0 or EXIT_FAILURE.
 */
int cgroup_make(const struct limits *limits, int sandbox)
{
	char dir[PATH_MAX - 64];
	struct sbpf_stat stat;
	int error;

	error = sbpf_stat(sandbox, &stat);
	if (error)
		return out_error(NULL, "cannot look at the sandbox: %s", strerror(-error));
	if (find(dir, sizeof(dir), limits))
		return EXIT_FAILURE;
	snprintf(made, sizeof(made), "%s/sbpf-%llu", dir, stat.id);
	if (mkdir(made, 0755)) {
		error = out_error(NULL, "cannot make a control group: %s: %m", made);
		*made = '\0';
		return error;
	}
	procs = open_file(made, "cgroup.procs", O_WRONLY);
	if (procs < 0)
		return failed(errno);
	error = sbpf_cgroup(sandbox, made);
	return error ? failed(-error) : 0;
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
 * cgroup_ran_out - Has the kernel killed somebody in the control group, for its memory?
 *
 * Return: whether it has; false if none was made.
 */
bool cgroup_ran_out(void)
{
	static const char what[] = "oom_kill ";
	char text[256], *count;

	if (!*made)
		return false;
	count = strstr(read_text(made, "memory.events", text, sizeof(text)), what);
	return count && strtoul(count + strlen(what), NULL, 10);
}

/**
 * cgroup_remove - Remove the control group, once all of its tasks are gone
 */
void cgroup_remove(void)
{
	int tries = 0;

	if (!*made)
		return;
	while (rmdir(made)) {
		if (errno != EBUSY || tries++ == REMOVE_TRIES) {
			out_warn("rmdir it", "cannot remove the control group: %s: %m", made);
			break;
		}
		usleep(REMOVE_WAIT_US);
	}
	*made = '\0';
}
