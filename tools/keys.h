/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - What can be set for a sandbox, by a profile or on the command line
 *
 * There is one table of keys, so that both have the same and mean the same.
 */
#ifndef _SBPF_KEYS_H
#define _SBPF_KEYS_H

#include <getopt.h>
#include <stdbool.h>
#include <sys/types.h>

#include "limits.h"
#include "rules.h"
#include "uapi/sbpf.h"
#include "view.h"

/** KEYS_MAX: at most so many keys. */
#define KEYS_MAX	40

/** KEYS_OPTION: what getopt_long(3) returns for the first key. */
#define KEYS_OPTION	256

/**
 * struct profile_file - A profile that is being read
 * @path: where it is
 * @dev: its device, with @ino to know it again
 * @ino: its inode
 * @depth: 1 for one that was asked for, one more for what it extends
 * @parent: the one that extends it, or NULL
 */
struct profile_file {
	const char *path;
	dev_t dev;
	ino_t ino;
	int depth;
	const struct profile_file *parent;
};

/**
 * struct source - Where a value was written
 * @file: profile, NULL for the command line
 * @line: line of the profile, from 1; 0 for none in particular
 */
struct source {
	const struct profile_file *file;
	unsigned int line;
};

/**
 * struct entry - A value that was set
 * @key: number of its key
 * @depth: of the profile, 0 for the command line
 * @line: line of the profile
 * @path: path of the profile
 * @value: the value
 */
struct entry {
	int key;
	int depth;
	unsigned int line;
	char *path;
	char *value;
};

/**
 * struct settings - What was asked for a sandbox; all zero to begin with
 * @create: policy, name and flags
 * @limits: limits
 * @rules: rules
 * @view: what its members see
 * @private_tmp: it shall have a directory of its own for temporary files
 * @wait: wait for all members, not just for the command
 * @no_new_privs: set no_new_privs, even where entering does not need it
 * @capabilities: there was something about capabilities
 * @rule_flags: the command line has rules
 * @depth: by key of which there is one: 1 more than the depth that it was set at
 * @profiles: how many have been read
 * @mistakes: how many have been reported
 * @entries: all that was set
 * @entries_count: number of @entries
 */
struct settings {
	struct sbpf_create create;
	struct limits limits;
	struct rules rules;
	struct view view;
	bool private_tmp;
	bool wait;
	bool no_new_privs;
	bool capabilities;
	bool rule_flags;
	int depth[KEYS_MAX];
	unsigned int profiles;
	unsigned int mistakes;
	struct entry *entries;
	size_t entries_count;
};

size_t keys_options(struct option *options);
int keys_option(const char *flag);
void keys_help(void);
void keys_flag(struct settings *settings, int option, const char *value);
void keys_set(struct settings *settings, const struct source *source, const char *section,
	      const char *name, const char *value);
bool keys_section(const char *section);
const char *keys_place(const char *name);
const char *keys_name(int key);
const char *keys_section_of(int key);
bool keys_in_force(const struct settings *settings, const struct entry *entry);
void keys_check(struct settings *settings);
bool keys_finish(struct settings *settings, const char *command);

void keys_mistake(struct settings *settings, const struct source *source,
		  const struct fault *fault);
char *keys_path(const char *text, bool *optional, struct fault *fault);

#endif /* _SBPF_KEYS_H */
