// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Where policies and the recorder are kept alive: pins in the BPF file system
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <linux/magic.h>

#include "pin.h"

/**
 * pin_available - Whether the BPF file system is where pins go
 *
 * Return: true if it is mounted.
 */
bool pin_available(void)
{
	struct statfs fs;

	return !statfs(PIN_BPFFS, &fs) && fs.f_type == BPF_FS_MAGIC;
}

/**
 * pin_lock - Keep others from changing what is pinned, and make PIN_DIR
 *
 * Return: a descriptor, to be closed, or -errno.
 */
int pin_lock(void)
{
	int fd = open(PIN_BPFFS, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error;

	if (fd < 0)
		return -errno;
	error = flock(fd, LOCK_EX) ? -errno : pin_make_dir(PIN_DIR);
	if (!error)
		return fd;
	close(fd);
	return error;
}

/**
 * pin_make_dir - Make a directory for pins, of root alone, unless it is there
 * @path: PIN_DIR or below
 *
 * Return: 0 or -errno.
 */
int pin_make_dir(const char *path)
{
	return mkdir(path, 0700) && errno != EEXIST ? -errno : 0;
}

/**
 * pin_policy - Tell where the link of a policy is pinned
 * @path: where to put the path, PIN_PATH_MAX bytes
 * @policy: name of the policy
 *
 * The BPF file system keeps names with dots for itself: a comma, which no name
 * of a policy has, stands for a dot.
 *
 * Return: @path.
 */
char *pin_policy(char *path, const char *policy)
{
	char *p;

	snprintf(path, PIN_PATH_MAX, PIN_DIR "/%.31s", policy);
	for (p = path + sizeof(PIN_DIR); *p; p++)
		if (*p == '.')
			*p = ',';
	return path;
}
