/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Events in the order of their numbers, and which of them were lost
 *
 * An event gets its number first and reaches the ring buffer a little later,
 * so that events of several processors may arrive out of order. An event is
 * lost when it has not come within REORDER_MS of one with a higher number.
 */
#ifndef _SBPF_REORDER_H
#define _SBPF_REORDER_H

#include <stdbool.h>
#include <linux/types.h>

#include "uapi/sbpf.h"

/** REORDER_MS: how long an event may take to arrive, in milliseconds. */
#define REORDER_MS	1000

/** REORDER_SLOTS: how many events may wait for an earlier one. */
#define REORDER_SLOTS	16384

/**
 * struct reorder_slot - An event that waits for earlier ones
 * @seq: its number
 * @due: until when, CLOCK_MONOTONIC in milliseconds
 * @event: the event, or NULL for the mark: only that events before exist
 */
struct reorder_slot {
	__u64 seq;
	__u64 due;
	struct sbpf_event *event;
};

/**
 * struct reorder - State; the first four are set by the user, the rest is zero
 * @event: takes the events in order
 * @lost: is told about @count events from number @first on
 * @context: handed to both
 * @next: number of the next event
 * @count: slots in use
 * @marked: one of them is the mark
 * @slots: by number, lowest first
 */
struct reorder {
	void (*event)(void *context, const struct sbpf_event *event);
	void (*lost)(void *context, __u64 first, __u64 count);
	void *context;
	__u64 next;
	unsigned int count;
	bool marked;
	struct reorder_slot slots[REORDER_SLOTS];
};

int reorder_add(struct reorder *reorder, const struct sbpf_event *event);
void reorder_mark(struct reorder *reorder, __u64 newest);
void reorder_run(struct reorder *reorder);
void reorder_free(struct reorder *reorder);

__u64 reorder_now(void);

#endif /* _SBPF_REORDER_H */
