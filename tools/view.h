/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Private views: what the members of a sandbox see of files and processes
 */
#ifndef _SBPF_VIEW_H
#define _SBPF_VIEW_H

#include <stdbool.h>
#include <sys/types.h>

#include "store.h"

/**
 * struct view - A view that was asked for; all zero to begin with
 * @over: directories of which changes are kept apart
 * @count: number of @over
 * @pids: with processes of its own
 * @user: in a user namespace of its own, for want of privilege
 * @uid: user that it is for
 * @gid: group
 * @store: where changes are kept, if @count
 * @hidden: directory that nobody in it gets to see, or NULL
 * @next: number of the next layer
 */
struct view {
	const char **over;
	size_t count;
	bool pids;
	bool user;
	uid_t uid;
	gid_t gid;
	struct store store;
	char *hidden;
	unsigned int next;
};

void view_add(struct view *view, char *path);
bool view_wanted(const struct view *view);
int view_prepare(struct view *view, int sandbox, bool privileged);
pid_t view_fork(const struct view *view);
int view_enter(struct view *view);
void view_end(struct view *view);

#endif /* _SBPF_VIEW_H */
