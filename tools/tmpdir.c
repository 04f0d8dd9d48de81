// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - A directory for temporary files that goes with the sandbox
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/limits.h>

#include "out.h"
#include "rules.h"
#include "tmpdir.h"
#include "tree.h"

static char made[PATH_MAX];
static int parent = -1;

/* Members of other sandboxes may be there, and exchange what is in it for links. */
static void remove_all(void)
{
	if (*made)
		tree_remove(parent, strrchr(made, '/') + 1);
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

	if (!dir || *dir != '/')
		dir = "/tmp";
	parent = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	snprintf(made, sizeof(made), "%s/sbpf-XXXXXX", dir);
	if (parent < 0 || !mkdtemp(made)) {
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
