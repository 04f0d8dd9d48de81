// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - The module as seen by this command: libsbpf, and what to say when it fails
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dev.h"
#include "out.h"

/* How long the members of a sandbox may take to die of SIGKILL. */
#define KILL_TIMEOUT_MS	5000

/**
 * dev_open - Open the module's device
 *
 * Reports what is wrong if that fails or the module is too old.
 *
 * Return: a descriptor that is closed on exec, or -1.
 */
int dev_open(void)
{
	struct sbpf_info info;
	int dev = sbpf_device(), error;

	switch (dev) {
	case -ENOENT:
	case -ENXIO:
	case -ENODEV:
		out_error(DEV_LOAD_HINT, "the module is not loaded: %s", DEV_PATH);
		return -1;
	case -EACCES:
	case -EPERM:
		out_error("inside of a sandbox its policy may forbid this", "cannot open: %s: %s",
			  DEV_PATH, strerror(-dev));
		return -1;
	}
	if (dev < 0) {
		out_error(NULL, "cannot open: %s: %s", DEV_PATH, strerror(-dev));
		return -1;
	}
	error = sbpf_module(dev, &info);
	if (!error && info.abi >= SBPF_ABI)
		return dev;
	if (error)
		out_error("load the module of the same version as this command",
			  "cannot talk to the module: %s", strerror(-error));
	else
		out_error("load the module of the same version as this command",
			  "the module is too old: it has ABI %u, this command needs %u", info.abi,
			  SBPF_ABI);
	close(dev);
	return -1;
}

/**
 * sandbox_members - List the members of a sandbox
 * @sandbox: its descriptor
 * @pids: where to put an array of their thread ids, to be freed
 * @count: where to put its length
 *
 * Return: 0 or -errno.
 */
int sandbox_members(int sandbox, __u64 **pids, __u32 *count)
{
	__u32 room = 64;
	int found;

	/* However long it has become while we asked. */
	while (1) {
		*pids = calloc(room, sizeof(**pids));
		if (!*pids)
			return -ENOMEM;
		found = sbpf_members(sandbox, *pids, room);
		if (found >= 0 && (__u32)found <= room) {
			*count = found;
			return 0;
		}
		free(*pids);
		*pids = NULL;
		if (found < 0)
			return found;
		room = found + 64;
	}
}

/**
 * sandbox_kill - Kill all members of a sandbox and wait until they are gone
 * @sandbox: its descriptor
 *
 * Reports what is wrong if that fails.
 *
 * Return: whether nobody is left.
 */
bool sandbox_kill(int sandbox)
{
	struct sbpf_stat stat;
	int error;

	error = sbpf_kill(sandbox);
	if (error == -EPERM) {
		out_error("a member cannot kill its own sandbox", "not permitted");
		return false;
	}
	if (error) {
		out_error(NULL, "cannot kill the sandbox: %s", strerror(-error));
		return false;
	}
	if (!sbpf_stat(sandbox, &stat) && !stat.usage[SBPF_RESOURCE_PIDS])
		return true;
	if (!sbpf_wait(sandbox, KILL_TIMEOUT_MS))
		return true;
	out_error("they end as soon as the kernel lets them: sbpf show tells",
		  "members are still alive %d s after SIGKILL", KILL_TIMEOUT_MS / 1000);
	return false;
}
