// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * libsbpf - For programs that ask what their sandbox uses
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "libsbpf.h"

#define DEVICE		"/dev/sbpf"
#define RESOURCES_MAX	(sizeof(((struct sbpf_stat *)0)->usage) / sizeof(__u64))

static const struct sbpf_usage *page;

int sbpf_self(void)
{
	const struct sbpf_usage *new, *old;
	int fd, error;

	fd = open(DEVICE, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	new = mmap(NULL, sizeof(*new), PROT_READ, MAP_SHARED, fd, 0);
	error = errno;
	close(fd);
	if (new == MAP_FAILED)
		return -error;
	old = __atomic_exchange_n(&page, new, __ATOMIC_ACQ_REL);
	if (old)
		munmap((void *)old, sizeof(*old));
	return 0;
}

static int ask(struct sbpf_stat *stat)
{
	int fd, error = 0;

	memset(stat, 0, sizeof(*stat));
	stat->size = sizeof(*stat);
	fd = open(DEVICE, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (ioctl(fd, SBPF_IOC_SELF, stat))
		error = -errno;
	close(fd);
	return error;
}

/* The page, once it has been filled. */
static const struct sbpf_usage *filled(void)
{
	const struct sbpf_usage *usage = __atomic_load_n(&page, __ATOMIC_ACQUIRE);

	if (!usage || usage->version != SBPF_USAGE_VERSION ||
	    __atomic_load_n(&usage->seq, __ATOMIC_ACQUIRE) < 2)
		return NULL;
	return usage;
}

int sbpf_self_stat(struct sbpf_stat *stat)
{
	const struct sbpf_usage *usage = filled();
	__u32 before, after;

	if (!usage)
		return ask(stat);
	do {
		before = __atomic_load_n(&usage->seq, __ATOMIC_ACQUIRE);
		memcpy(stat, &usage->stat, sizeof(*stat));
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		after = __atomic_load_n(&usage->seq, __ATOMIC_RELAXED);
	} while (before != after || before & 1);
	return 0;
}

__u64 sbpf_self_usage(__u32 resource)
{
	const struct sbpf_usage *usage = filled();
	struct sbpf_stat stat;

	if (resource >= RESOURCES_MAX)
		return 0;
	if (usage)
		return __atomic_load_n(&usage->stat.usage[resource], __ATOMIC_RELAXED);
	return ask(&stat) ? 0 : stat.usage[resource];
}

__u64 sbpf_self_limit(__u32 resource)
{
	const struct sbpf_usage *usage = filled();
	struct sbpf_stat stat;

	if (resource >= RESOURCES_MAX)
		return SBPF_UNLIMITED;
	if (usage)
		return __atomic_load_n(&usage->stat.limit[resource], __ATOMIC_RELAXED);
	return ask(&stat) || resource >= stat.resources_count ? SBPF_UNLIMITED :
							       stat.limit[resource];
}

__u64 sbpf_self_left(__u32 resource)
{
	__u64 limit = sbpf_self_limit(resource), usage;

	if (limit == SBPF_UNLIMITED)
		return limit;
	usage = sbpf_self_usage(resource);
	return usage < limit ? limit - usage : 0;
}
