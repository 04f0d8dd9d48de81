// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - "guard": what is done about writes into the memory of other processes, and about
 * loading BPF programs that could
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "dev.h"
#include "names.h"
#include "out.h"
#include "uapi/sbpf.h"

#define PARAMETERS	"/sys/module/sbpf/parameters"

/* Set the mode of one channel: an exit status. */
static int set(int channel, const char *mode)
{
	char path[128];
	int fd, error;

	snprintf(path, sizeof(path), PARAMETERS "/%s%s", name_channel(channel),
		 channel == SBPF_CHANNEL_LOAD ? "" : "_write");
	fd = open(path, O_WRONLY | O_CLOEXEC);
	error = fd < 0 || write(fd, mode, strlen(mode)) < 0 ? errno : 0;
	if (fd >= 0)
		close(fd);
	if (!error)
		return EXIT_SUCCESS;
	return out_error(error == EOPNOTSUPP ? "sbpf check and the kernel log tell why" :
			 error == EACCES ? "modes are set by root" : NULL,
			 "cannot set %s to %s: %s", name_channel(channel), mode, strerror(error));
}

/* CHANNEL=MODE, whose channel may be "all": is it a sensible one? */
static bool parse(const char *text, int *channel, const char **mode)
{
	char name[32];
	size_t len = strcspn(text, "=");

	if (!text[len] || len >= sizeof(name))
		return false;
	memcpy(name, text, len);
	name[len] = 0;
	*channel = strcmp(name, "all") ? name_find(name_channel, name) : SBPF_CHANNEL_MAX;
	*mode = text + len + 1;
	return *channel >= 0 && name_find(name_write_mode, *mode) >= 0;
}

static void show(const struct sbpf_channel_info *info, int channel)
{
	struct json_object *record = out_new();
	const char *name = name_channel(channel), *mode = name_write_mode(info->mode);

	out_text(record, "channel", name, 32);
	out_text(record, "mode", mode, 16);
	out_u64(record, "records", info->records);
	out_u64(record, "denied", info->denied);
	if (info->error)
		out_text(record, "errno", name_errno(info->error), 32);
	out_record(record, "%-12s %-8s %10llu %10llu%s%s", name, mode, info->records,
		   info->denied, info->error ? "  not watched: " : "",
		   info->error ? strerror(info->error) : "");
}

static int show_all(void)
{
	struct sbpf_ledger_info info;
	int dev = dev_open(), error;
	__u32 i;

	if (dev < 0)
		return EXIT_FAILURE;
	error = sbpf_ledger(dev, &info);
	close(dev);
	if (error)
		return out_error(NULL, "cannot ask for the ledger: %s", strerror(-error));
	out_heading("CHANNEL      MODE        RECORDS     DENIED");
	for (i = 0; i < info.channels_count && i < SBPF_CHANNEL_MAX; i++)
		show(&info.channels[i], i);
	return EXIT_SUCCESS;
}

static int run_guard(int argc, char **argv)
{
	static const struct option none = { NULL, 0, NULL, 0 };
	int i, channel, from, status = EXIT_SUCCESS;
	const char *mode;

	cli_getopt(argc, argv, &none);
	for (i = optind; i < argc; i++)
		if (!parse(argv[i], &channel, &mode))
			return cli_usage("not a channel and a mode: %s", argv[i]);
	if (optind == argc)
		return show_all();
	for (i = optind; i < argc && !status; i++) {
		parse(argv[i], &channel, &mode);
		if (channel < SBPF_CHANNEL_MAX) {
			status = set(channel, mode);
			continue;
		}
		for (from = 0; from < SBPF_CHANNEL_MAX && !status; from++)
			status = set(from, mode);
	}
	return status;
}

const struct verb verb_guard = {
	.name = "guard",
	.args = "[CHANNEL=MODE...]",
	.summary = "Show or set what is done about writes into the memory of other processes",
	.help = "Channels: bpf, process_vm, ptrace, registers, proc_mem, userfaultfd, other;\n"
		"and load: BPF programs that could change what is not their own, when they are\n"
		"loaded; all for each of them.\n"
		"Modes:\n\n"
		"  off      they go unwatched\n"
		"  log      each is recorded (see sbpf ledger)\n"
		"  confine  and denied, but in the same sandbox, to descendants, and to processes\n"
		"           of the same user by one with CAP_SYS_PTRACE; load: in sandboxes\n"
		"  deny     and denied\n",
	.run = run_guard,
};
