// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Path rules as the command line has them
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
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

static void *grow(void *array, __u32 count, size_t size)
{
	array = reallocarray(array, count + 1, size);
	if (array)
		return array;
	out_error(NULL, "%m");
	exit(EXIT_SBPF);
}

/**
 * rules_add - Ask for a rule
 * @rules: where to
 * @option: "ro", "rw", "exec" or "deny"
 * @path: file or directory, looked up by rules_open()
 */
void rules_add(struct rules *rules, const char *option, const char *path)
{
	rules->asked = grow(rules->asked, rules->count, sizeof(*rules->asked));
	rules->asked[rules->count++] = (struct rules_option){ option, path };
}

static bool open_path(struct sbpf_path_rule *rule, const char *path, __u32 allow, __u32 deny)
{
	*rule = (struct sbpf_path_rule){
		.fd = open(path, O_PATH | O_CLOEXEC),
		.allow = allow,
		.deny = deny,
	};
	return rule->fd >= 0;
}

/* The file of a command, which may be executed; if there is none, execvp(3) will say so. */
static bool open_command(struct sbpf_path_rule *rule, const char *command)
{
	const char *dirs = getenv("PATH"), *end;
	char path[PATH_MAX];

	if (strchr(command, '/'))
		return open_path(rule, command, ACCESS_EXEC, 0);
	for (dirs = dirs ? dirs : "/bin:/usr/bin"; *dirs; dirs = *end ? end + 1 : end) {
		end = strchrnul(dirs, ':');
		snprintf(path, sizeof(path), "%.*s/%s", end > dirs ? (int)(end - dirs) : 1,
			 end > dirs ? dirs : ".", command);
		if (!access(path, X_OK) && open_path(rule, path, ACCESS_EXEC, 0))
			return true;
	}
	return false;
}

/**
 * rules_open - Look up what the rules are about
 * @rules: rules that were asked for
 * @command: what execvp(3) will be given
 *
 * Reports what is wrong if that fails.
 *
 * Return: 0 or EXIT_SBPF.
 */
int rules_open(struct rules *rules, const char *command)
{
	__u32 asked = rules->count, i;
	size_t kind;

	rules->paths = grow(NULL, asked, sizeof(*rules->paths));
	for (i = 0; i < asked; i++) {
		const struct rules_option *option = &rules->asked[i];

		for (kind = 0; strcmp(kinds[kind].option, option->option);)
			kind++;
		if (open_path(&rules->paths[i], option->path, kinds[kind].allow, kinds[kind].deny))
			continue;
		out_error(errno == ENOENT ? "rules are about files and directories that exist" :
					    NULL,
			  "--%s %s: %s", option->option, option->path, strerror(errno));
		return EXIT_SBPF;
	}
	if (asked && open_command(&rules->paths[asked], command))
		rules->count++;
	return 0;
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
	free(rules->asked);
	*rules = (struct rules){ 0 };
	return error;
}
