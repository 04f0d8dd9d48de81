// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Path rules as the command line has them
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dev.h"
#include "out.h"
#include "rules.h"

#define ACCESS_ALL	(SBPF_ACCESS_MAX - 1)
#define ACCESS_EXEC	(SBPF_ACCESS_READ_FILE | SBPF_ACCESS_EXECUTE | SBPF_ACCESS_MAP_EXEC)
#define ACCESS_RO	(ACCESS_EXEC | SBPF_ACCESS_READ_DIR)
#define ACCESS_RW	(ACCESS_ALL & ~(SBPF_ACCESS_EXECUTE | SBPF_ACCESS_MAP_EXEC | \
					SBPF_ACCESS_CREATE_DEVICE))

static const struct {
	const char *option;
	__u32 allow;
	__u32 deny;
} kinds[] = {
	{ "ro", ACCESS_RO, 0 },
	{ "rw", ACCESS_RW, 0 },
	{ "exec", ACCESS_EXEC, 0 },
	{ "deny", 0, ACCESS_ALL },
};

static int add(struct rules *rules, const char *path, __u32 allow, __u32 deny)
{
	struct sbpf_path_rule *paths;
	int fd;

	paths = reallocarray(rules->paths, rules->count + 1, sizeof(*paths));
	if (!paths)
		return -ENOMEM;
	rules->paths = paths;
	fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	paths[rules->count++] = (struct sbpf_path_rule){ .fd = fd, .allow = allow, .deny = deny };
	return 0;
}

/**
 * rules_add - Add a rule
 * @rules: where to
 * @option: "ro", "rw", "exec" or "deny"
 * @path: file or directory
 *
 * Return: 0, or -errno of opening @path.
 */
int rules_add(struct rules *rules, const char *option, const char *path)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].option, option))
			return add(rules, path, kinds[i].allow, kinds[i].deny);
	return -EINVAL;
}

/**
 * rules_add_command - Allow the file of a command to be executed
 * @rules: where to
 * @command: what execvp(3) is given; if there is no such file, that will say so
 */
void rules_add_command(struct rules *rules, const char *command)
{
	const char *dirs = getenv("PATH"), *end;
	char path[PATH_MAX];

	if (strchr(command, '/')) {
		add(rules, command, ACCESS_EXEC, 0);
		return;
	}
	for (dirs = dirs ? dirs : "/bin:/usr/bin"; *dirs; dirs = *end ? end + 1 : end) {
		end = strchrnul(dirs, ':');
		snprintf(path, sizeof(path), "%.*s/%s", end > dirs ? (int)(end - dirs) : 1,
			 end > dirs ? dirs : ".", command);
		if (!access(path, X_OK) && !add(rules, path, ACCESS_EXEC, 0))
			return;
	}
}

/**
 * rules_apply - Give the rules to a sandbox
 * @rules: rules; forgotten afterwards
 * @sandbox: its descriptor
 *
 * Return: 0 or -errno.
 */
int rules_apply(struct rules *rules, int sandbox)
{
	int error = sandbox_add_rules(sandbox, rules->paths, rules->count);
	__u32 i;

	for (i = 0; i < rules->count; i++)
		close(rules->paths[i].fd);
	free(rules->paths);
	*rules = (struct rules){ 0 };
	return error;
}
