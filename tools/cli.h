/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Verbs of the command and what their command lines have in common
 */
#ifndef _SBPF_CLI_H
#define _SBPF_CLI_H

#include <getopt.h>
#include <stdbool.h>
#include <linux/types.h>

#include "out.h"

#define SBPF_VERSION	"0.1.0"

/** EXIT_USAGE: exit status after a command line that makes no sense. */
#define EXIT_USAGE	2

/** EXIT_SBPF: exit status of "sbpf run" when sbpf itself failed. */
#define EXIT_SBPF	125

/**
 * struct verb - One thing that sbpf can do
 * @name: one word or two
 * @args: arguments, as shown in the usage
 * @summary: one line
 * @options: prints the help of options that are a table elsewhere, or NULL
 * @help: the rest of the help, or NULL
 * @command: its operands are a command: options end at the first of them, and
 *	the exit status is the command's, so that own failures are EXIT_SBPF
 * @run: does it; gets the arguments from the last word of @name on and returns
 *	the exit status
 */
struct verb {
	const char *name;
	const char *args;
	const char *summary;
	void (*options)(void);
	const char *help;
	bool command;
	int (*run)(int argc, char **argv);
};

extern const struct verb verb_check;
extern const struct verb verb_policy_load;
extern const struct verb verb_policy_unload;
extern const struct verb verb_policy_update;
extern const struct verb verb_policy_list;
extern const struct verb verb_policy_show;
extern const struct verb verb_profile_list;
extern const struct verb verb_profile_show;
extern const struct verb verb_profile_check;
extern const struct verb verb_run;
extern const struct verb verb_list;
extern const struct verb verb_show;
extern const struct verb verb_kill;
extern const struct verb verb_thaw;
extern const struct verb verb_stats;
extern const struct verb verb_events;
extern const struct verb verb_ledger;
extern const struct verb verb_guard;
extern const struct verb verb_diff;
extern const struct verb verb_commit;
extern const struct verb verb_discard;

/** cli_verb: the verb that runs, NULL before it is known. */
extern const struct verb *cli_verb;

int cli_getopt(int argc, char **argv, const struct option *options);
void cli_operands(int argc, char **argv, int operands);
void cli_plain(int argc, char **argv, int operands);
int __printf(1, 2) cli_usage(const char *fmt, ...);
void cli_help(const struct verb *verb);
bool cli_number(const char *text, __u64 *number);

#endif /* _SBPF_CLI_H */
