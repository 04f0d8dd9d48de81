// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * libsbpf - For programs that ask what their own sandbox uses
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "libsbpf.h"

#define RESOURCES_MAX	(sizeof(((struct sbpf_stat *)0)->usage) / sizeof(__u64))

/* Where the page is mapped: once set it stays, as other threads may be reading there. */
static const struct sbpf_usage *page;

int sbpf_self(void)
{
	const struct sbpf_usage *new, *old = NULL;
	const size_t size = sizeof(*new);
	int device, error = 0;

	device = sbpf_device();
	if (device < 0)
		return device;
	new = mmap(NULL, size, PROT_READ, MAP_SHARED, device, 0);
	if (new == MAP_FAILED)
		error = -errno;
	close(device);
	if (error || __atomic_compare_exchange_n(&page, &old, new, 0, __ATOMIC_ACQ_REL,
						 __ATOMIC_ACQUIRE))
		return error;
	/* In place of the old one, with nothing in between. */
	if (mremap((void *)new, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, old) != MAP_FAILED)
		return 0;
	error = -errno;
	munmap((void *)new, size);
	return error;
}

static int ask(struct sbpf_stat *stat)
{
	int device, error = 0;

	memset(stat, 0, sizeof(*stat));
	stat->size = sizeof(*stat);
	device = sbpf_device();
	if (device < 0)
		return device;
	if (ioctl(device, SBPF_IOC_SELF, stat))
		error = -errno;
	close(device);
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
	__u64 id;

	if (!usage)
		return ask(stat);
	do {
		before = __atomic_load_n(&usage->seq, __ATOMIC_ACQUIRE);
		memcpy(stat, &usage->stat, sizeof(*stat));
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		after = __atomic_load_n(&usage->seq, __ATOMIC_RELAXED);
		/* It may have become that of another sandbox. */
		id = __atomic_load_n(&usage->stat.id, __ATOMIC_RELAXED);
	} while (before != after || before & 1 || id != stat->id);
	return 0;
}

/* What is used of one resource, and what may be. */
struct amount {
	__u64 usage;
	__u64 limit;
};

/* Without the page. Apart, as what it takes of the stack would have to be set up each time. */
static __attribute__((noinline)) struct amount ask_amount(__u32 resource)
{
	struct amount amount = { SBPF_UNKNOWN, SBPF_UNLIMITED };
	struct sbpf_stat stat;

	if (ask(&stat) || resource >= stat.resources_count)
		return amount;
	amount.usage = stat.usage[resource];
	amount.limit = stat.limit[resource];
	return amount;
}

static inline struct amount amount_of(__u32 resource)
{
	struct amount amount = { SBPF_UNKNOWN, SBPF_UNLIMITED };
	const struct sbpf_usage *usage = filled();

	if (resource >= RESOURCES_MAX)
		return amount;
	if (!usage)
		return ask_amount(resource);
	if (resource >= usage->stat.resources_count)
		return amount;
	amount.usage = __atomic_load_n(&usage->stat.usage[resource], __ATOMIC_RELAXED);
	amount.limit = __atomic_load_n(&usage->stat.limit[resource], __ATOMIC_RELAXED);
	return amount;
}

__u64 sbpf_self_usage(__u32 resource)
{
	return amount_of(resource).usage;
}

__u64 sbpf_self_limit(__u32 resource)
{
	return amount_of(resource).limit;
}

__u64 sbpf_self_left(__u32 resource)
{
	struct amount amount = amount_of(resource);

	if (amount.limit == SBPF_UNLIMITED || amount.usage == SBPF_UNKNOWN)
		return amount.limit;
	return amount.usage < amount.limit ? amount.limit - amount.usage : 0;
}
