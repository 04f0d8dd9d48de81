// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Ranges: a table from a key to what is allowed of each number of an axis,
 * ports of an address or commands of a device
 *
 * Ranges of one key that overlap are cut into spans that do not, so that a lookup
 * is one of a hash table and a search by halves, however many there are.
 */
#include <linux/err.h>
#include <linux/jhash.h>
#include <linux/log2.h>
#include <linux/overflow.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "ranges.h"

/**
 * struct sbpf_range_slot - A key and its spans
 * @key: the key
 * @start: first of its spans
 * @count: number of its spans, 0 for an empty slot
 */
struct sbpf_range_slot {
	struct sbpf_range_key key;
	u32 start;
	u32 count;
};

/**
 * struct sbpf_ranges - A table that never changes
 * @ranges: what it was made of, sorted by key
 * @spans: of all keys
 * @count: number of @ranges
 * @mask: number of @slots minus 1
 * @seed: of the hash, so that nobody can choose keys that all collide
 * @slots: hash table with open addressing, at most half full
 */
struct sbpf_ranges {
	struct sbpf_range *ranges;
	struct sbpf_span *spans;
	u32 count;
	u32 mask;
	u32 seed;
	struct sbpf_range_slot slots[];
};

/* Where a range begins or, one behind its last number, ends. */
struct edge {
	u64 number;
	const struct sbpf_range *range;
	bool end;
};

static int range_compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct sbpf_range_key));
}

static int edge_compare(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

/* The slot of a key, or the empty one where it would be. */
static struct sbpf_range_slot *slot_of(const struct sbpf_ranges *table,
				       const struct sbpf_range_key *key)
{
	u32 i = jhash(key, sizeof(*key), table->seed);

	for (; ; i++) {
		const struct sbpf_range_slot *slot = &table->slots[i & table->mask];

		if (!slot->count || !memcmp(&slot->key, key, sizeof(*key)))
			return (struct sbpf_range_slot *)slot;
	}
}

/* Bits whose number of ranges that say so is not 0. */
static u16 bits_of(const u32 *counts)
{
	u16 bits = 0;
	int i;

	for (i = 0; i < 16; i++)
		if (counts[i])
			bits |= 1U << i;
	return bits;
}

static void count_bits(u32 *counts, u16 bits, bool end)
{
	int i;

	for (i = 0; i < 16; i++)
		if (bits & 1U << i)
			counts[i] += end ? -1 : 1;
}

/* Cuts @count ranges of one key into spans, at most two for each; returns how many. */
static u32 cut(const struct sbpf_range *ranges, u32 count, struct edge *edges,
	       struct sbpf_span *spans)
{
	u32 allow[16] = { 0 }, deny[16] = { 0 };
	u32 i, n = 0;

	for (i = 0; i < count; i++) {
		edges[2 * i] = (struct edge){ ranges[i].first, &ranges[i], false };
		edges[2 * i + 1] =
			(struct edge){ ranges[i].last + 1ULL, &ranges[i], true };
	}
	sort(edges, 2 * count, sizeof(*edges), edge_compare, NULL);
	for (i = 0; i < 2 * count; i++) {
		count_bits(allow, edges[i].range->allow, edges[i].end);
		count_bits(deny, edges[i].range->deny, edges[i].end);
		if (i + 1 < 2 * count && edges[i + 1].number == edges[i].number)
			continue;
		/* Behind the last number there is nothing to say. */
		if (edges[i].number <= U32_MAX)
			spans[n++] = (struct sbpf_span){ edges[i].number,
							 bits_of(allow), bits_of(deny) };
	}
	return n;
}

static void fill(struct sbpf_ranges *table, struct edge *edges)
{
	u32 i, end, spans = 0;

	for (i = 0; i < table->count; i = end) {
		const struct sbpf_range *range = &table->ranges[i];
		struct sbpf_range_slot *slot = slot_of(table, &range->key);

		for (end = i + 1; end < table->count; end++)
			if (range_compare(range, &table->ranges[end]))
				break;
		slot->key = range->key;
		slot->start = spans;
		slot->count = cut(range, end - i, edges, table->spans + spans);
		spans += slot->count;
		cond_resched();
	}
}

/**
 * sbpf_ranges_make - Make a table
 * @ranges: what it shall say, from kvmalloc(); the table's afterwards, also on
 *	failure
 * @count: number of @ranges, at least 1 and less than 2^30
 *
 * Context: process, may sleep.
 *
 * Return: the table, or ERR_PTR(-ENOMEM).
 */
struct sbpf_ranges *sbpf_ranges_make(struct sbpf_range *ranges, u32 count)
{
	u32 slots = roundup_pow_of_two(2 * count);
	struct sbpf_ranges *table;
	struct edge *edges;

	table = kvzalloc(struct_size(table, slots, slots), GFP_KERNEL_ACCOUNT);
	if (!table) {
		kvfree(ranges);
		return ERR_PTR(-ENOMEM);
	}
	table->ranges = ranges;
	table->count = count;
	table->mask = slots - 1;
	table->seed = get_random_u32();
	table->spans = kvmalloc_array(2 * count, sizeof(*table->spans),
				      GFP_KERNEL_ACCOUNT);
	edges = kvmalloc_array(2 * count, sizeof(*edges), GFP_KERNEL_ACCOUNT);
	if (!table->spans || !edges) {
		kvfree(edges);
		sbpf_ranges_free(table);
		return ERR_PTR(-ENOMEM);
	}
	sort(ranges, count, sizeof(*ranges), range_compare, NULL);
	fill(table, edges);
	kvfree(edges);
	return table;
}

/**
 * sbpf_ranges_free - Give up a table that nobody reads any more
 * @table: the table, may be NULL
 *
 * Context: process, may sleep.
 */
void sbpf_ranges_free(struct sbpf_ranges *table)
{
	if (!table)
		return;
	kvfree(table->ranges);
	kvfree(table->spans);
	kvfree(table);
}

/**
 * sbpf_ranges_all - What a table was made of
 * @table: the table, may be NULL
 * @count: gets their number
 *
 * Return: the ranges, in any order; the table's.
 */
const struct sbpf_range *sbpf_ranges_all(const struct sbpf_ranges *table, u32 *count)
{
	*count = table ? table->count : 0;
	return table ? table->ranges : NULL;
}

/**
 * sbpf_ranges_find - What is said about a number?
 * @table: the table, may be NULL
 * @key: what it is about
 * @number: the number
 *
 * Context: any; takes no lock.
 *
 * Return: what is said, or NULL if nothing is.
 */
const struct sbpf_span *sbpf_ranges_find(const struct sbpf_ranges *table,
					 const struct sbpf_range_key *key, u32 number)
{
	const struct sbpf_range_slot *slot;
	const struct sbpf_span *spans;
	u32 low = 0, high;

	if (!table)
		return NULL;
	slot = slot_of(table, key);
	spans = table->spans + slot->start;
	/* How many begin at the number or before it? */
	for (high = slot->count; low < high;) {
		u32 middle = low + (high - low) / 2;

		if (spans[middle].first <= number)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? &spans[low - 1] : NULL;
}
