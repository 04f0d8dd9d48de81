/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - The recorder: a ring buffer into which the module's events are copied
 *
 * One recorder is pinned while policies are loaded by this command, so that
 * "sbpf events" can tell what happened before it was started. Whoever follows
 * events has a recorder of its own, since readers of one ring take the events
 * from each other.
 */
#ifndef _SBPF_RECORDER_H
#define _SBPF_RECORDER_H

#include <linux/types.h>

#include "uapi/sbpf.h"

struct events_bpf;
struct ring_buffer;

/** recorder_event_fn: takes one event; a negative value ends the reading. */
typedef int (*recorder_event_fn)(void *context, const struct sbpf_event *event);

/**
 * struct recorder - A recorder that is read
 * @programs: of an own recorder, else NULL
 * @ring: its ring buffer
 * @ring_fd: descriptor of the ring's map
 * @next_fd: descriptor of the map that holds the next reader's number
 * @lock_fd: of the pinned recorder: held while it is read, else -1
 * @event: takes the events
 * @context: handed to @event
 * @next: sequence number of the first event that cannot have been missed
 */
struct recorder {
	struct events_bpf *programs;
	struct ring_buffer *ring;
	int ring_fd;
	int next_fd;
	int lock_fd;
	recorder_event_fn event;
	void *context;
	__u64 next;
};

int recorder_start(struct recorder *recorder, int dev);
int recorder_open(struct recorder *recorder);
int recorder_read(struct recorder *recorder, int timeout_ms);
void recorder_close(struct recorder *recorder, __u64 next);

int recorder_pin(int dev);
void recorder_unpin(void);

#endif /* _SBPF_RECORDER_H */
