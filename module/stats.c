// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Counters of sandboxes per CPU, those of many on a page
 *
 * Memory per CPU is taken from the kernel by whole pages. Thousands of pieces of a few
 * hundred bytes would leave gaps between them that the kernel's allocator looks into
 * first whenever anybody needs a little of such memory: every fork on the system would
 * cost a tenth more (mm/percpu.c: pcpu_alloc_noprof() goes through chunks by how much
 * they have left, those with the least first).
 */
#include <linux/bitmap.h>
#include <linux/cleanup.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "sandbox.h"
#include "stats.h"

#define PAGE_STATS	(PAGE_SIZE / sizeof(struct sbpf_stats))

/**
 * struct sbpf_stats_page - A page per CPU
 * @stats: the page
 * @list: in pages_with_room, or in no list
 * @used: by bit, which of @stats belong to a sandbox
 */
struct sbpf_stats_page {
	struct sbpf_stats __percpu *stats;
	struct list_head list;
	DECLARE_BITMAP(used, PAGE_STATS);
};

/* Protects the list and all of what is in pages. Nested in nothing of ours. */
static DEFINE_MUTEX(pages_lock);
static LIST_HEAD(pages_with_room);

static struct sbpf_stats_page *page_alloc(void)
{
	struct sbpf_stats_page *page = kzalloc(sizeof(*page), GFP_KERNEL_ACCOUNT);

	if (!page)
		return NULL;
	page->stats = __alloc_percpu_gfp(PAGE_SIZE, PAGE_SIZE, GFP_KERNEL_ACCOUNT);
	if (!page->stats) {
		kfree(page);
		return NULL;
	}
	return page;
}

static void page_free(struct sbpf_stats_page *page)
{
	list_del(&page->list);
	free_percpu(page->stats);
	kfree(page);
}

/**
 * sbpf_stats_alloc - Give a new sandbox its counters
 * @sandbox: the sandbox, with nobody in it; its @stats and @stats_page are set
 *
 * Whoever needs a page pays for all of it.
 *
 * Context: process, may sleep.
 *
 * Return: 0, or -ENOMEM.
 */
int sbpf_stats_alloc(struct sbpf_sandbox *sandbox)
{
	struct sbpf_stats_page *page;
	unsigned int i, cpu;

	mutex_lock(&pages_lock);
	page = list_first_entry_or_null(&pages_with_room, struct sbpf_stats_page, list);
	if (!page) {
		/* That may wait for memory of this user, and nobody else shall. */
		mutex_unlock(&pages_lock);
		page = page_alloc();
		if (!page)
			return -ENOMEM;
		mutex_lock(&pages_lock);
		list_add(&page->list, &pages_with_room);
	}
	i = find_first_zero_bit(page->used, PAGE_STATS);
	__set_bit(i, page->used);
	if (bitmap_full(page->used, PAGE_STATS))
		list_del_init(&page->list);
	mutex_unlock(&pages_lock);
	sandbox->stats_page = page;
	sandbox->stats = page->stats + i;
	for_each_possible_cpu(cpu)
		memset(per_cpu_ptr(sandbox->stats, cpu), 0, sizeof(struct sbpf_stats));
	return 0;
}

/**
 * sbpf_stats_free - Take the counters of a sandbox back
 * @sandbox: a sandbox that nobody counts in any more
 *
 * A page is kept for who comes next, if no other has room.
 *
 * Context: process, may sleep.
 */
void sbpf_stats_free(struct sbpf_sandbox *sandbox)
{
	struct sbpf_stats_page *page = sandbox->stats_page;

	guard(mutex)(&pages_lock);
	__clear_bit(sandbox->stats - page->stats, page->used);
	if (list_empty(&page->list))
		list_add(&page->list, &pages_with_room);
	if (bitmap_empty(page->used, PAGE_STATS) && !list_is_singular(&pages_with_room))
		page_free(page);
}

/**
 * sbpf_stats_exit - Free what was kept; there is no sandbox any more
 *
 * Context: module exit.
 */
void sbpf_stats_exit(void)
{
	struct sbpf_stats_page *page, *next;

	list_for_each_entry_safe(page, next, &pages_with_room, list)
		page_free(page);
}
