/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Ranges: a table from a key to what is allowed of each number of an axis,
 * ports of an address or commands of a device
 */
#ifndef _SBPF_RANGES_H
#define _SBPF_RANGES_H

#include <linux/types.h>

struct sbpf_ranges;

/**
 * struct sbpf_range_key - What a range is about, as its user encodes it
 * @words: all of it
 */
struct sbpf_range_key {
	u64 words[3];
};

/**
 * struct sbpf_range - A rule about a range of numbers
 * @key: what it is about
 * @first: first number
 * @last: last number, not less than @first
 * @allow: bits that are allowed of each
 * @deny: bits that are not
 */
struct sbpf_range {
	struct sbpf_range_key key;
	u32 first;
	u32 last;
	u16 allow;
	u16 deny;
};

/**
 * struct sbpf_span - What all ranges of a key together say about some numbers
 * @first: first number; the last is the one before the next span
 * @allow: bits that some range allows
 * @deny: bits that some range denies
 */
struct sbpf_span {
	u32 first;
	u16 allow;
	u16 deny;
};

struct sbpf_ranges *sbpf_ranges_make(struct sbpf_range *ranges, u32 count);
void sbpf_ranges_free(struct sbpf_ranges *table);
const struct sbpf_range *sbpf_ranges_all(const struct sbpf_ranges *table, u32 *count);
const struct sbpf_span *sbpf_ranges_find(const struct sbpf_ranges *table,
					 const struct sbpf_range_key *key, u32 number);

#endif /* _SBPF_RANGES_H */
