// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Usage: the page in which members read what their sandbox uses
 *
 * Nothing that members do writes to it. While somebody has it mapped, a work item brings
 * it up to date, less often when nobody does anything.
 */
#include <linux/gfp.h>
#include <linux/highuid.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "main.h"
#include "sandbox.h"
#include "uapi/sbpf.h"
#include "usage.h"

static_assert(sizeof(struct sbpf_usage) <= PAGE_SIZE);

/* How often, in jiffies. */
#define PERIOD_MIN	max(HZ / 100, 1)
#define PERIOD_MAX	(HZ / 10)

static void usage_fill(struct sbpf_usage *usage, const struct sbpf_stat *stat)
{
	u32 seq = usage->seq;

	WRITE_ONCE(usage->seq, seq + 1);
	/* Readers in user space look at it, at the rest, and at it again. */
	smp_wmb();
	memcpy(&usage->stat, stat, sizeof(*stat));
	WRITE_ONCE(usage->time_ns, ktime_get_boottime_ns());
	/* As above. */
	smp_wmb();
	WRITE_ONCE(usage->seq, seq + 2);
}

/**
 * sbpf_usage_stat - State and statistics of a sandbox as its own members are told
 * @sandbox: the sandbox, held or its refresh
 * @stat: receives them; @stat->size is left alone
 *
 * Context: process, may sleep.
 */
void sbpf_usage_stat(struct sbpf_sandbox *sandbox, struct sbpf_stat *stat)
{
	sbpf_sandbox_stat(sandbox, stat);
	/* What is around it is not for them to see. */
	stat->parent = 0;
	stat->layer = 0;
}

/**
 * sbpf_usage_refresh - Bring the page up to date, and again later
 * @work: struct sbpf_sandbox.refresh
 *
 * Context: work item; not while the sandbox is taken apart.
 */
void sbpf_usage_refresh(struct work_struct *work)
{
	struct sbpf_sandbox *sandbox =
		container_of(to_delayed_work(work), struct sbpf_sandbox, refresh);
	struct sbpf_usage *usage = page_address(sandbox->page);
	struct sbpf_stat *stat;
	bool idle;

	stat = kzalloc(sizeof(*stat), GFP_KERNEL);
	if (stat) {
		stat->size = sizeof(*stat);
		sbpf_usage_stat(sandbox, stat);
		/* Its readers may be in different user namespaces. */
		stat->uid = overflowuid;
		idle = usage->stat.usage[SBPF_RESOURCE_CPU_TIME] ==
		       stat->usage[SBPF_RESOURCE_CPU_TIME];
		sandbox->period = idle ? clamp(2 * sandbox->period, PERIOD_MIN, PERIOD_MAX) :
					 PERIOD_MIN;
		usage_fill(usage, stat);
		kfree(stat);
	}
	/* Mapping it comes here again. */
	if (folio_mapped(page_folio(sandbox->page)))
		queue_delayed_work(sbpf_wq, &sandbox->refresh, sandbox->period);
}

static int usage_alloc(struct sbpf_sandbox *sandbox)
{
	struct page *page, *old = NULL;
	struct sbpf_usage *usage;

	if (READ_ONCE(sandbox->page))
		return 0;
	page = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!page)
		return -ENOMEM;
	usage = page_address(page);
	usage->version = SBPF_USAGE_VERSION;
	usage->size = sizeof(*usage);
	if (!try_cmpxchg(&sandbox->page, &old, page))
		__free_page(page);
	return 0;
}

/**
 * sbpf_usage_map - Map the page
 * @sandbox: the sandbox, held
 * @vma: where to
 *
 * The mapping outlives the sandbox, but then nothing changes in it.
 *
 * Context: mmap(2).
 *
 * Return: 0, -EINVAL (not one page at offset 0), -EACCES (not for reading only), or
 * -ENOMEM.
 */
int sbpf_usage_map(struct sbpf_sandbox *sandbox, struct vm_area_struct *vma)
{
	int err;

	if (vma->vm_pgoff || vma_pages(vma) != 1)
		return -EINVAL;
	if (vma->vm_flags & (VM_WRITE | VM_EXEC))
		return -EACCES;
	err = usage_alloc(sandbox);
	if (err)
		return err;
	vm_flags_mod(vma, VM_DONTEXPAND | VM_DONTDUMP, VM_MAYWRITE | VM_MAYEXEC);
	err = vm_insert_page(vma, vma->vm_start, sandbox->page);
	if (err)
		return err;
	/* Not waited for, as what it takes its locks inside of is not known here. */
	mod_delayed_work(sbpf_wq, &sandbox->refresh, 0);
	return 0;
}

/**
 * sbpf_usage_free - Give up the page
 * @sandbox: the sandbox, which is being taken apart
 *
 * Context: process, may sleep.
 */
void sbpf_usage_free(struct sbpf_sandbox *sandbox)
{
	cancel_delayed_work_sync(&sandbox->refresh);
	if (sandbox->page)
		__free_page(sandbox->page);
}
