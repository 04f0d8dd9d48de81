// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A program that runs a plug-in in a child, where it can neither read nor write nor reach
 * anything, nor take more than a second: only what it answers comes back.
 *
 *	cc -o plugin plugin.c $(pkg-config --cflags --libs libsbpf)
 *	./plugin ./plugin.so TEXT
 *
 * A plug-in has "void answer(const char *text, char *to, size_t size)", which fills the
 * string @to. Its constructors run in the sandbox, too.
 * Needs the policy rules: sbpf policy load rules.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sbpf/libsbpf.h>

#define SIZE	4096

typedef void (*answer_fn)(const char *text, char *to, size_t size);

static int check(int result, const char *what)
{
	if (result >= 0)
		return result;
	fprintf(stderr, "plugin: %s: %s\n", what, strerror(-result));
	exit(1);
}

static void child(int sandbox, const char *path, const char *text, char *to)
{
	answer_fn answer;
	void *plugin;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || sbpf_enter(sandbox))
		_exit(1);
	close(sandbox);
	plugin = dlopen(path, RTLD_NOW);
	answer = plugin ? (answer_fn)dlsym(plugin, "answer") : NULL;
	if (!answer)
		_exit(2);
	answer(text, to, SIZE);
	_exit(0);
}

int main(int argc, char **argv)
{
	char *to = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	const struct sbpf_limit limits[] = {
		{ SBPF_RESOURCE_PIDS, SBPF_ACTION_DENY, 1 },
		{ SBPF_RESOURCE_WALL_TIME, SBPF_ACTION_KILL, 1000000000 },
	};
	int device = check(sbpf_device(), "cannot open /dev/sbpf"), sandbox, status;
	struct sbpf_stat stat;
	pid_t pid;

	if (argc != 3 || to == MAP_FAILED)
		check(-EINVAL, "usage: plugin PLUGIN TEXT");
	sandbox = check(sbpf_create(device, "rules", "plugin", 0), "cannot create a sandbox");
	close(device);
	check(sbpf_limits(sandbox, limits, 2), "limits");
	/* What the plug-in is made of: itself, and libraries. */
	check(sbpf_add_path(sandbox, argv[1], SBPF_PATH_EXEC, 0), argv[1]);
	check(sbpf_add_path(sandbox, "/usr/lib", SBPF_PATH_RO, 0), "/usr/lib");
	check(sbpf_add_path(sandbox, "/etc/ld.so.cache", SBPF_ACCESS_READ_FILE, 0), "ld.so.cache");
	pid = fork();
	if (!pid)
		child(sandbox, argv[1], argv[2], to);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		check(-errno, "child");
	check(sbpf_stat(sandbox, &stat), "stat");
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		check(stat.stopped ? -ETIME : -ECHILD, "the plug-in failed");
	printf("%.*s\n", SIZE, to);
	return 0;
}
