// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - A directory for temporary files that goes with the sandbox
 */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <linux/limits.h>

#include "out.h"
#include "rules.h"
#include "tmpdir.h"

static char made[PATH_MAX];

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	remove(path);
	return 0;
}

/* Nobody is in the sandbox any more who could exchange one for a link meanwhile. */
static void remove_all(void)
{
	if (*made)
		nftw(made, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/**
 * tmpdir_keep - Leave the directory when this process ends
 */
void tmpdir_keep(void)
{
	*made = '\0';
}

/**
 * tmpdir_make - Make a directory and let $TMPDIR be it until this process ends
 * @rules: get one that it may be written
 *
 * Reports what is wrong if that fails.
 *
 * Return: 0 or EXIT_FAILURE.
 */
int tmpdir_make(struct rules *rules)
{
	const char *dir = getenv("TMPDIR");
	struct fault fault;
	char *pattern;
	int error;

	snprintf(made, sizeof(made), "%s/sbpf-XXXXXX", dir && *dir == '/' ? dir : "/tmp");
	if (!mkdtemp(made)) {
		error = out_error(NULL, "cannot make a directory for temporary files: %s: %m",
				  made);
		tmpdir_keep();
		return error;
	}
	if (atexit(remove_all) || setenv("TMPDIR", made, 1))
		return out_error(NULL, "out of memory");
	pattern = rules_escape(made);
	error = rules_add_path(rules, RULE_RW, pattern, false, "private-tmp", &fault);
	free(pattern);
	return error ? out_error(NULL, "%s", fault.what) : 0;
}
