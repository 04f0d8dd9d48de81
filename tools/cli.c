// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Verbs of the command and what their command lines have in common
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "out.h"

const struct verb *cli_verb;

/**
 * cli_usage - Report a command line that makes no sense
 * @fmt: what is wrong with it
 *
 * Return: the exit status for that.
 */
int cli_usage(const char *fmt, ...)
{
	char message[256], hint[64];
	va_list args;

	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	snprintf(hint, sizeof(hint), "sbpf %s%s--help", cli_verb ? cli_verb->name : "",
		 cli_verb ? " " : "");
	out_error(hint, "%s", message);
	return cli_verb && cli_verb->command ? EXIT_SBPF : EXIT_USAGE;
}

/**
 * cli_help - Print the help of a verb
 * @verb: the verb
 */
void cli_help(const struct verb *verb)
{
	printf("usage: sbpf %s%s%s\n\n%s.\n", verb->name, *verb->args ? " " : "", verb->args,
	       verb->summary);
	if (verb->options || verb->help)
		putchar('\n');
	if (verb->options)
		verb->options();
	if (verb->help)
		fputs(verb->help, stdout);
	puts("\nEvery verb takes --json, --verbose and --help.");
}

/**
 * cli_getopt - Take the next option, those that are common to all verbs aside
 * @argc: number of arguments
 * @argv: arguments
 * @options: the verb's own options, ending with an empty one
 *
 * Does not return after --help or an option that the verb does not have. Before
 * the verb is known options end at it.
 *
 * Return: as getopt_long(3).
 */
int cli_getopt(int argc, char **argv, const struct option *options)
{
	static const struct option common[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 }
	};
	const char *letters = cli_verb && !cli_verb->command ? ":jvh" : "+:jvh";
	struct option all[64];
	size_t own = 0;

	for (; options[own].name; own++)
		all[own] = options[own];
	memcpy(all + own, common, sizeof(common));
	opterr = 0;
	while (1) {
		int c = getopt_long(argc, argv, letters, all, NULL);

		switch (c) {
		case 'j':
			out_json = true;
			break;
		case 'v':
			out_verbose = true;
			break;
		case 'h':
			if (!cli_verb)
				return c;
			cli_help(cli_verb);
			exit(out_finish(EXIT_SUCCESS));
		case ':':
			exit(cli_usage("option needs a value: %s", argv[optind - 1]));
		case '?':
			exit(cli_usage("unknown option: %s", argv[optind - 1]));
		default:
			return c;
		}
	}
}

/**
 * cli_operands - Check how many operands follow the options
 * @argc: number of arguments
 * @argv: arguments, the options before @argv[optind] taken
 * @operands: how many there must be
 *
 * Does not return after a wrong command line.
 */
void cli_operands(int argc, char **argv, int operands)
{
	if (argc - optind < operands)
		exit(cli_usage("missing argument: %s %s", cli_verb->name, cli_verb->args));
	if (argc - optind > operands)
		exit(cli_usage("unexpected argument: %s", argv[optind + operands]));
}

/**
 * cli_plain - Take the command line of a verb that has no options of its own
 * @argc: number of arguments
 * @argv: arguments; afterwards the operands begin at @argv[optind]
 * @operands: how many there must be
 *
 * Does not return after a wrong command line.
 */
void cli_plain(int argc, char **argv, int operands)
{
	static const struct option none = { NULL, 0, NULL, 0 };

	cli_getopt(argc, argv, &none);
	cli_operands(argc, argv, operands);
}

/**
 * cli_number - Read a number
 * @text: decimal digits and nothing else
 * @number: where to put it
 *
 * Return: whether it is one.
 */
bool cli_number(const char *text, __u64 *number)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	*number = strtoull(text, &end, 10);
	return !*end && !errno;
}
