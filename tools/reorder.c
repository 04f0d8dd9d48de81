// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Events in the order of their numbers, and which of them were lost
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "reorder.h"

/**
 * reorder_now - The time
 *
 * Return: CLOCK_MONOTONIC in milliseconds.
 */
__u64 reorder_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

/* Hand out the first @count slots, and what is missing before them as lost. */
static void hand_out(struct reorder *reorder, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		struct reorder_slot *slot = &reorder->slots[i];

		if (slot->seq > reorder->next) {
			reorder->lost(reorder->context, reorder->next, slot->seq - reorder->next);
			reorder->next = slot->seq;
		}
		if (!slot->event) {
			reorder->marked = false;
			continue;
		}
		reorder->next = slot->seq + 1;
		reorder->event(reorder->context, slot->event);
		free(slot->event);
	}
	reorder->count -= count;
	memmove(reorder->slots, reorder->slots + count, reorder->count * sizeof(*reorder->slots));
}

/* How many slots need not wait: in order, or overdue and all before those. */
static unsigned int ready(const struct reorder *reorder)
{
	unsigned int count = 0, i;
	__u64 now = reorder_now(), next = reorder->next;

	for (i = 0; i < reorder->count; i++) {
		const struct reorder_slot *slot = &reorder->slots[i];

		if (slot->seq > next && slot->due > now)
			break;
		next = slot->event ? slot->seq + 1 : slot->seq;
		count = i + 1;
	}
	return count;
}

/* Put something into its place; the mark goes before an event of its number. */
static void insert(struct reorder *reorder, __u64 seq, struct sbpf_event *event)
{
	unsigned int i;

	if (reorder->count == REORDER_SLOTS)
		hand_out(reorder, REORDER_SLOTS / 2);
	i = reorder->count++;
	while (i && (reorder->slots[i - 1].seq > seq ||
		     (reorder->slots[i - 1].seq == seq && !event))) {
		reorder->slots[i] = reorder->slots[i - 1];
		i--;
	}
	reorder->slots[i] = (struct reorder_slot){
		.seq = seq,
		.due = reorder_now() + REORDER_MS,
		.event = event,
	};
}

/**
 * reorder_add - An event has arrived
 * @reorder: state
 * @event: the event; it is copied if it must wait
 *
 * Return: 0 or -ENOMEM.
 */
int reorder_add(struct reorder *reorder, const struct sbpf_event *event)
{
	struct sbpf_event *copy;

	if (event->seq < reorder->next) {
		reorder->event(reorder->context, event);
		return 0;
	}
	if (event->seq == reorder->next && !reorder->count) {
		reorder->next++;
		reorder->event(reorder->context, event);
		return 0;
	}
	copy = malloc(sizeof(*copy));
	if (!copy)
		return -ENOMEM;
	*copy = *event;
	insert(reorder, copy->seq, copy);
	if (copy->seq == reorder->next)
		reorder_run(reorder);
	return 0;
}

/**
 * reorder_mark - Events are known to exist, whether or not they will arrive
 * @reorder: state
 * @newest: number of the last of them
 */
void reorder_mark(struct reorder *reorder, __u64 newest)
{
	if (newest < reorder->next || reorder->marked)
		return;
	reorder->marked = true;
	insert(reorder, newest + 1, NULL);
}

/**
 * reorder_run - Hand out all events that need not wait any longer
 * @reorder: state
 */
void reorder_run(struct reorder *reorder)
{
	hand_out(reorder, ready(reorder));
}

/**
 * reorder_free - Forget all events that wait
 * @reorder: state
 */
void reorder_free(struct reorder *reorder)
{
	while (reorder->count)
		free(reorder->slots[--reorder->count].event);
}
