// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - The recorder: a ring buffer into which the module's events are copied
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "dev.h"
#include "events.skel.h"
#include "out.h"
#include "pin.h"
#include "recorder.h"

/* Sizes of rings: one record is 432 bytes. */
#define PINNED_BYTES	(1024 * 1024)
#define OWN_BYTES	(8 * 1024 * 1024)

/* No policy can have this name. */
#define RECORDER_DIR	PIN_DIR "/@events"

/* What is pinned there; "next" comes last and so says that all is there. */
static const char *const pins[] = {
	"denied", "note", "error", "write", "load", "control", "sandbox", "ring", "next"
};

/* Wait until nobody else reads the pinned recorder: a descriptor to be closed, or -errno. */
static int lock(void)
{
	int fd = open(RECORDER_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error;

	if (fd < 0)
		return -errno;
	if (!flock(fd, LOCK_EX))
		return fd;
	error = -errno;
	close(fd);
	return error;
}

static char *pin_path(char *path, const char *name)
{
	snprintf(path, PIN_PATH_MAX, RECORDER_DIR "/%s", name);
	return path;
}

/*
 * Load and attach the programs, with a ring of @size bytes; from then on *@next
 * and later are recorded.
 */
static struct events_bpf *attach(int dev, __u32 size, __u64 *next, int *error)
{
	struct events_bpf *programs;
	struct sbpf_info info = { 0 };

	programs = events_bpf__open();
	if (!programs) {
		*error = -errno;
		return NULL;
	}
	*error = bpf_map__set_max_entries(programs->maps.ring, size);
	if (!*error)
		*error = events_bpf__load(programs);
	if (!*error)
		*error = events_bpf__attach(programs);
	if (!*error)
		*error = sbpf_module(dev, &info);
	if (!*error) {
		*next = info.events + 1;
		return programs;
	}
	events_bpf__destroy(programs);
	return NULL;
}

static int take(void *context, void *data, size_t size)
{
	struct recorder *recorder = context;

	if (size < sizeof(struct sbpf_event))
		return 0;
	return recorder->event(recorder->context, data);
}

/**
 * recorder_start - Start a recorder of one's own
 * @recorder: @event and @context are set by the caller, the rest here
 * @dev: from dev_open()
 *
 * Return: 0, then it is to be closed; or -errno.
 */
int recorder_start(struct recorder *recorder, int dev)
{
	int error;

	recorder->lock_fd = -1;
	recorder->programs = attach(dev, OWN_BYTES, &recorder->next, &error);
	if (!recorder->programs)
		return error;
	recorder->ring_fd = bpf_map__fd(recorder->programs->maps.ring);
	recorder->next_fd = bpf_map__fd(recorder->programs->maps.next);
	recorder->ring = ring_buffer__new(recorder->ring_fd, take, recorder, NULL);
	if (recorder->ring)
		return 0;
	error = -errno;
	recorder_close(recorder, 0);
	return error;
}

/**
 * recorder_open - Open the pinned recorder for reading, when nobody else reads it
 * @recorder: @event and @context are set by the caller, the rest here
 *
 * Return: 0, then it is to be closed; -ENOENT there is none; or another -errno.
 */
int recorder_open(struct recorder *recorder)
{
	char path[PIN_PATH_MAX];
	__u32 key = 0;
	int error;

	recorder->programs = NULL;
	recorder->ring = NULL;
	recorder->ring_fd = -1;
	recorder->next_fd = -1;
	recorder->lock_fd = lock();
	if (recorder->lock_fd < 0)
		return recorder->lock_fd;
	recorder->next_fd = bpf_obj_get(pin_path(path, "next"));
	if (recorder->next_fd < 0 || bpf_map_lookup_elem(recorder->next_fd, &key, &recorder->next))
		goto fail;
	recorder->ring_fd = bpf_obj_get(pin_path(path, "ring"));
	if (recorder->ring_fd < 0)
		goto fail;
	recorder->ring = ring_buffer__new(recorder->ring_fd, take, recorder, NULL);
	if (recorder->ring)
		return 0;
fail:
	error = -errno;
	recorder_close(recorder, 0);
	return error;
}

/**
 * recorder_read - Read what has been recorded
 * @recorder: the recorder
 * @timeout_ms: how long to wait at most if nothing has
 *
 * Return: number of events; -EINTR; what the taker of events returned; or
 * another -errno.
 */
int recorder_read(struct recorder *recorder, int timeout_ms)
{
	if (timeout_ms)
		return ring_buffer__poll(recorder->ring, timeout_ms);
	return ring_buffer__consume(recorder->ring);
}

/**
 * recorder_close - Stop reading a recorder; an own one ends thereby
 * @recorder: the recorder
 * @next: number of the event with which the next reader begins, 0 to leave it
 */
void recorder_close(struct recorder *recorder, __u64 next)
{
	__u32 key = 0;

	ring_buffer__free(recorder->ring);
	if (recorder->programs) {
		events_bpf__destroy(recorder->programs);
		return;
	}
	if (next)
		bpf_map_update_elem(recorder->next_fd, &key, &next, 0);
	if (recorder->ring_fd >= 0)
		close(recorder->ring_fd);
	if (recorder->next_fd >= 0)
		close(recorder->next_fd);
	close(recorder->lock_fd);
}

/* Pin all parts of a recorder, in the order of @pins. */
static int pin_all(struct events_bpf *programs, __u64 next)
{
	const int fds[ARRAY_SIZE(pins)] = {
		bpf_link__fd(programs->links.sbpf_denied),
		bpf_link__fd(programs->links.sbpf_note),
		bpf_link__fd(programs->links.sbpf_error),
		bpf_link__fd(programs->links.sbpf_write),
		bpf_link__fd(programs->links.sbpf_load),
		bpf_link__fd(programs->links.sbpf_control),
		bpf_link__fd(programs->links.sbpf_sandbox),
		bpf_map__fd(programs->maps.ring),
		bpf_map__fd(programs->maps.next),
	};
	char path[PIN_PATH_MAX];
	__u32 key = 0;
	size_t i;

	if (bpf_map_update_elem(fds[ARRAY_SIZE(fds) - 1], &key, &next, 0))
		return -errno;
	for (i = 0; i < ARRAY_SIZE(pins); i++)
		if (bpf_obj_pin(fds[i], pin_path(path, pins[i])))
			return -errno;
	return 0;
}

/**
 * recorder_pin - Make sure that there is a pinned recorder
 * @dev: from dev_open()
 *
 * Context: under pin_lock().
 *
 * Return: 0 or -errno.
 */
int recorder_pin(int dev)
{
	struct events_bpf *programs;
	char path[PIN_PATH_MAX];
	int error, fd;
	__u64 next;

	error = pin_make_dir(RECORDER_DIR);
	if (error)
		return error;
	fd = lock();
	if (fd < 0)
		return fd;
	if (access(pin_path(path, "next"), F_OK)) {
		programs = attach(dev, PINNED_BYTES, &next, &error);
		if (programs) {
			error = pin_all(programs, next);
			events_bpf__destroy(programs);
		}
		if (error)
			recorder_unpin();
	}
	close(fd);
	return error;
}

/**
 * recorder_unpin - End the pinned recorder, if there is one
 *
 * Context: under pin_lock().
 */
void recorder_unpin(void)
{
	char path[PIN_PATH_MAX];
	size_t i;

	for (i = ARRAY_SIZE(pins); i-- > 0;)
		unlink(pin_path(path, pins[i]));
	rmdir(RECORDER_DIR);
}
