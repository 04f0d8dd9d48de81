// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A server that drops into a sandbox after start-up: to whoever connects and sends the name
 * of a file it sends what is in it.
 *
 *	cc -o server server.c $(pkg-config --cflags --libs libsbpf)
 *	./server DIR PORT
 *
 * Names are not looked at: when all is set up the process can but read files in DIR, so
 * that ../../etc/passwd is denied, and so is whatever a client might make it do by a bug.
 * Needs the policy rules: sbpf policy load rules.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <sbpf/libsbpf.h>

static int check(int result, const char *what)
{
	if (result >= 0)
		return result;
	fprintf(stderr, "server: %s: %s\n", what, strerror(-result));
	exit(1);
}

/* From here on there are reading in @dir, and the descriptors that are open. */
static void drop(const char *dir)
{
	int device = check(sbpf_device(), "cannot open /dev/sbpf");
	int sandbox = check(sbpf_create(device, "rules", "server", SBPF_SANDBOX_KILL),
			    "cannot create a sandbox");

	check(sbpf_add_path(sandbox, dir, SBPF_ACCESS_READ_FILE, 0), dir);
	check(sbpf_limit(sandbox, SBPF_RESOURCE_PIDS, 1, SBPF_ACTION_DENY), "limit of pids");
	check(sbpf_limit(sandbox, SBPF_RESOURCE_OPEN_FILES, 8, SBPF_ACTION_DENY),
	      "limit of open files");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		check(-errno, "no_new_privs");
	check(sbpf_enter(sandbox), "cannot enter the sandbox");
	close(sandbox);
	close(device);
}

static void serve(int client)
{
	char buf[4096];
	ssize_t len = read(client, buf, sizeof(buf) - 1);
	int file;

	buf[len > 0 ? len : 0] = '\0';
	buf[strcspn(buf, "\r\n")] = '\0';
	file = open(buf, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		dprintf(client, "error: %s\n", strerror(errno));
	while (file >= 0 && (len = read(file, buf, sizeof(buf))) > 0)
		if (write(client, buf, len) != len)
			break;
	if (file >= 0)
		close(file);
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), client;

	if (argc != 3 || chdir(argv[1]))
		check(-EINVAL, "usage: server DIR PORT");
	address.sin_port = htons(atoi(argv[2]));
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (server < 0 || bind(server, (void *)&address, sizeof(address)) ||
	    listen(server, 16)) {
		perror("server: cannot listen");
		return 1;
	}
	drop(".");
	puts("ready");
	fflush(stdout);
	while ((client = accept(server, NULL, NULL)) >= 0) {
		serve(client);
		close(client);
	}
	return 1;
}
