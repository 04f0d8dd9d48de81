// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - The command: finds the verb and runs it
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "cli.h"
#include "out.h"
#include "uapi/sbpf.h"

static const struct verb *const verbs[] = {
	&verb_check,
	&verb_policy_load,
	&verb_policy_unload,
	&verb_policy_update,
	&verb_policy_list,
	&verb_policy_show,
	&verb_profile_list,
	&verb_profile_show,
	&verb_profile_check,
	&verb_run,
	&verb_list,
	&verb_show,
	&verb_kill,
	&verb_thaw,
	&verb_stats,
	&verb_events,
	&verb_ledger,
	&verb_guard,
	&verb_diff,
	&verb_commit,
	&verb_discard,
};

/* Print the verbs whose names begin with @prefix. */
static void print_verbs(const char *prefix)
{
	size_t i;

	printf("usage: sbpf [--json] [--verbose] [--help] [--version] VERB...\n\n");
	for (i = 0; i < ARRAY_SIZE(verbs); i++)
		if (!strncmp(verbs[i]->name, prefix, strlen(prefix)))
			printf("  %-14s %s\n", verbs[i]->name, verbs[i]->summary);
	printf("\n\"sbpf VERB --help\" tells more, and so does sbpf(1).\n");
}

static void print_version(void)
{
	struct json_object *record = out_new();

	out_text(record, "version", SBPF_VERSION, sizeof(SBPF_VERSION));
	out_u64(record, "abi", SBPF_ABI);
	out_text(record, "libbpf", libbpf_version_string() + 1, 16);
	out_record(record, "sbpf %s (ABI %d, libbpf %s)", SBPF_VERSION, SBPF_ABI,
		   libbpf_version_string() + 1);
}

/* Find the verb that the words at @argv name; *@words says how many do. */
static const struct verb *find(int argc, char **argv, int *words)
{
	char two[64];
	size_t i;

	snprintf(two, sizeof(two), "%s %s", argv[0], argc > 1 ? argv[1] : "");
	for (i = 0; i < ARRAY_SIZE(verbs); i++) {
		*words = strchr(verbs[i]->name, ' ') ? 2 : 1;
		if (!strcmp(verbs[i]->name, *words == 2 ? two : argv[0]))
			return verbs[i];
	}
	return NULL;
}

/* A group of verbs, such as "policy", named without saying which of them. */
static int group(int argc, char **argv)
{
	char prefix[32];
	size_t i;

	snprintf(prefix, sizeof(prefix), "%s ", argv[0]);
	for (i = 0; i < ARRAY_SIZE(verbs); i++) {
		if (strncmp(verbs[i]->name, prefix, strlen(prefix)))
			continue;
		if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
			print_verbs(prefix);
			return out_finish(EXIT_SUCCESS);
		}
		if (argc > 1)
			return cli_usage("unknown verb: %s%s", prefix, argv[1]);
		return cli_usage("incomplete verb: %s", argv[0]);
	}
	return cli_usage("unknown verb: %s", argv[0]);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 }
	};
	const struct verb *verb;
	bool want_version = false;
	int c, words;

	out_init();
	while ((c = cli_getopt(argc, argv, options)) != -1) {
		if (c == 'h') {
			print_verbs("");
			return out_finish(EXIT_SUCCESS);
		}
		want_version = true;
	}
	if (want_version) {
		print_version();
		return out_finish(EXIT_SUCCESS);
	}
	argc -= optind;
	argv += optind;
	if (!argc)
		return cli_usage("no verb given");

	verb = find(argc, argv, &words);
	if (!verb)
		return group(argc, argv);
	cli_verb = verb;
	optind = 0;
	return out_finish(verb->run(argc - words + 1, argv + words - 1));
}
