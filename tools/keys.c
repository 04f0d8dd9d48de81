// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - What can be set for a sandbox, by a profile or on the command line
 */
#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <glob.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <linux/capability.h>

#include "cgroup.h"
#include "cli.h"
#include "devs.h"
#include "keys.h"
#include "names.h"
#include "nets.h"
#include "out.h"
#include "profile.h"

/* What root needs to be root among its own files and users. */
#define CAPABILITIES_DEFAULT	(1ULL << CAP_CHOWN | 1ULL << CAP_DAC_OVERRIDE | \
				 1ULL << CAP_FOWNER | 1ULL << CAP_FSETID | 1ULL << CAP_KILL | \
				 1ULL << CAP_SETGID | 1ULL << CAP_SETUID | 1ULL << CAP_SETPCAP | \
				 1ULL << CAP_NET_BIND_SERVICE)

/**
 * struct key - Something that can be set
 * @section: where it is in a profile
 * @name: its name there
 * @flag: its name on the command line
 * @arg: what it takes, for the help
 * @help: what it does
 * @single: there is one of it; what is set last, and nearest to the command line,
 *	counts. Of others there are as many as are given
 * @rule: a rule
 * @alone: the flag may be without a value, which means yes
 * @number: for @set, to tell similar keys apart
 * @set: sets it; returns 0, or a negative number after telling what is wrong
 */
struct key {
	const char *section;
	const char *name;
	const char *flag;
	const char *arg;
	const char *help;
	bool single;
	bool rule;
	bool alone;
	int number;
	int (*set)(struct settings *settings, const struct key *key, const struct source *source,
		   const char *value, struct fault *fault);
};

static char *where(char *buf, size_t size, const struct source *source, const struct key *key)
{
	if (key && !source->file)
		snprintf(buf, size, "--%s", key->flag);
	else if (source->line)
		snprintf(buf, size, "%s:%u", source->file->path, source->line);
	else
		snprintf(buf, size, "%s", source->file->path);
	return buf;
}

static void report(struct settings *settings, const struct source *source, const struct key *key,
		   const struct fault *fault)
{
	char place[4200], what[sizeof(fault->what) * 4];

	settings->mistakes++;
	out_error(*fault->remedy ? fault->remedy : NULL, "%s: %s",
		  where(place, sizeof(place), source, key),
		  out_clean(what, sizeof(what), fault->what, sizeof(fault->what)));
}

/**
 * keys_mistake - Report a mistake in a profile
 * @settings: counts it
 * @source: where it is
 * @fault: what is wrong
 */
void keys_mistake(struct settings *settings, const struct source *source,
		  const struct fault *fault)
{
	report(settings, source, NULL, fault);
}

static const char *home(void)
{
	const char *dir = getenv("HOME");
	const struct passwd *user;

	if (dir && *dir == '/')
		return dir;
	user = getpwuid(getuid());
	return user && *user->pw_dir == '/' ? user->pw_dir : NULL;
}

/* Put in what $NAME, ${NAME} or $$ at @text stands for; returns what is behind. */
static const char *expand_variable(FILE *to, const char *text, struct fault *fault)
{
	bool brace = text[1] == '{';
	const char *name = text + 1 + brace, *end = name, *value;
	char variable[128], *pattern;

	if (text[1] == '$') {
		putc('$', to);
		return text + 2;
	}
	while (isalnum((unsigned char)*end) || *end == '_')
		end++;
	if (end == name || (brace && *end != '}') || end - name >= (int)sizeof(variable)) {
		fault_set(fault, "write $NAME or ${NAME}, and $$ for a $", "no variable: %s", text);
		return NULL;
	}
	snprintf(variable, sizeof(variable), "%.*s", (int)(end - name), name);
	value = strcmp(variable, "HOME") ? getenv(variable) : home();
	if (!value || !*value) {
		fault_set(fault, "set it, or write the path", "the variable %s is not set",
			  variable);
		return NULL;
	}
	pattern = rules_escape(value);
	fputs(pattern, to);
	free(pattern);
	return end + brace;
}

/**
 * keys_path - Read a path as people write it
 * @text: the path, perhaps with - before it, ~ and variables
 * @optional: gets whether there is a - before it
 * @fault: gets what is wrong with it
 *
 * Return: a pattern, to be freed; NULL if something is wrong.
 */
char *keys_path(const char *text, bool *optional, struct fault *fault)
{
	char *pattern = NULL, *escaped;
	size_t len;
	FILE *to = open_memstream(&pattern, &len);

	if (!to)
		exit(out_error(NULL, "out of memory"));
	*optional = *text == '-';
	text += *optional;
	if (*text == '~' && (!text[1] || text[1] == '/')) {
		if (!home())
			goto no_home;
		escaped = rules_escape(home());
		fputs(escaped, to);
		free(escaped);
		text++;
	} else if (*text == '~') {
		goto no_home;
	}
	while (text && *text) {
		if (*text == '$')
			text = expand_variable(to, text, fault);
		else
			putc(*text++, to);
	}
	fclose(to);
	if (text && !*pattern) {
		fault_set(fault, "write a path", "an empty path");
		text = NULL;
	}
	if (text)
		return pattern;
	free(pattern);
	return NULL;
no_home:
	fclose(to);
	free(pattern);
	fault_set(fault, "write the path; ~ is your own home directory only",
		  "there is no such home directory: %s", text);
	return NULL;
}

static int set_name(struct settings *settings, const struct key *key, const struct source *source,
		    const char *value, struct fault *fault)
{
	char *to = key->number ? settings->create.name : settings->create.policy;

	(void)source;
	if (!name_valid(value))
		return fault_set(fault, NAME_RULE, "not a name: %s", value);
	snprintf(to, SBPF_NAME_MAX, "%s", value);
	return 0;
}

static int set_flag(struct settings *settings, __u32 flag, bool on)
{
	settings->create.flags &= ~flag;
	if (on)
		settings->create.flags |= flag;
	return 0;
}

static int set_mode(struct settings *settings, const struct key *key, const struct source *source,
		    const char *value, struct fault *fault)
{
	bool complain = !strcmp(value, "complain");

	(void)key;
	(void)source;
	if (!complain && strcmp(value, "enforce"))
		return fault_set(fault, "write enforce or complain", "not a mode: %s", value);
	return set_flag(settings, SBPF_SANDBOX_COMPLAIN, complain);
}

static int set_on_loss(struct settings *settings, const struct key *key,
		       const struct source *source, const char *value, struct fault *fault)
{
	bool kill = !strcmp(value, "kill");

	(void)key;
	(void)source;
	if (!kill && strcmp(value, "deny"))
		return fault_set(fault, "write deny or kill", "not what can be done: %s", value);
	return set_flag(settings, SBPF_SANDBOX_KILL, kill);
}

/* Keys that are yes or no. */
enum {
	SWITCH_NO_NEW_PRIVS,
	SWITCH_PRIVATE_PIDS,
	SWITCH_PRIVATE_TMP,
	SWITCH_STEALTH,
	SWITCH_WAIT,
};

static int set_switch(struct settings *settings, const struct key *key,
		      const struct source *source, const char *value, struct fault *fault)
{
	bool on = !strcmp(value, "yes");

	(void)source;
	if (!on && strcmp(value, "no"))
		return fault_set(fault, "write yes or no", "neither yes nor no: %s", value);
	switch (key->number) {
	case SWITCH_NO_NEW_PRIVS:
		settings->no_new_privs = on;
		break;
	case SWITCH_PRIVATE_PIDS:
		settings->view.pids = on;
		break;
	case SWITCH_PRIVATE_TMP:
		settings->private_tmp = on;
		break;
	case SWITCH_STEALTH:
		return set_flag(settings, SBPF_SANDBOX_STEALTH, on);
	case SWITCH_WAIT:
		settings->wait = on;
	}
	return 0;
}

/* One of the paths of a pattern: a directory, or something else that matches as well. */
static int add_overlay(struct view *view, const char *path, bool alone, struct fault *fault)
{
	char *real = realpath(path, NULL);
	struct stat st;

	if (!real || stat(real, &st)) {
		free(real);
		return fault_set(fault, "name a directory that you may enter", "%s: %m", path);
	}
	if (S_ISDIR(st.st_mode)) {
		view_add(view, real);
		return 0;
	}
	free(real);
	return alone ? fault_set(fault, "name the directory that it is in", "not a directory: %s",
				 path) : 0;
}

static int set_overlay(struct settings *settings, const struct key *key,
		       const struct source *source, const char *value, struct fault *fault)
{
	glob_t found = { 0 };
	bool optional;
	char *pattern;
	int error;
	size_t i;

	(void)key;
	(void)source;
	pattern = keys_path(value, &optional, fault);
	if (!pattern)
		return -1;
	error = glob(pattern, GLOB_NOSORT, NULL, &found);
	for (i = 0; !error && i < found.gl_pathc; i++)
		error = add_overlay(&settings->view, found.gl_pathv[i], found.gl_pathc == 1, fault);
	if (error == GLOB_NOMATCH && optional)
		error = 0;
	else if (error == GLOB_NOMATCH)
		fault_set(fault, "put - before the path if it may be missing", "%s: %s", value,
			  strerror(ENOENT));
	globfree(&found);
	free(pattern);
	return error;
}

static int set_extends(struct settings *settings, const struct key *key,
		       const struct source *source, const char *value, struct fault *fault)
{
	(void)key;
	return profile_read(settings, source->file, value, fault);
}

static int set_path(struct settings *settings, const struct key *key, const struct source *source,
		    const char *value, struct fault *fault)
{
	char place[4200], *pattern;
	bool optional;
	int error;

	if (key->number == RULE_UNIX && !strcmp(value, "any")) {
		settings->rules.rights |= 1ULL << SBPF_RIGHT_UNIX;
		return 0;
	}
	pattern = keys_path(value, &optional, fault);
	if (!pattern)
		return -1;
	error = rules_add_path(&settings->rules, key->number, pattern, optional,
			       where(place, sizeof(place), source, key), fault);
	free(pattern);
	return error;
}

static int set_net(struct settings *settings, const struct key *key, const struct source *source,
		   const char *value, struct fault *fault)
{
	(void)source;
	return nets_add(&settings->rules, key->number, value, fault);
}

static int set_device(struct settings *settings, const struct key *key,
		      const struct source *source, const char *value, struct fault *fault)
{
	char place[4200];

	return devs_add(&settings->rules, key->number, value,
			where(place, sizeof(place), source, key), fault);
}

static int set_ioctl(struct settings *settings, const struct key *key,
		     const struct source *source, const char *value, struct fault *fault)
{
	char place[4200];

	return devs_add_ioctl(&settings->rules, key->number, value,
			      where(place, sizeof(place), source, key), fault);
}

/* One of some names, as the bit of its number; what they are is the remedy. */
static int find_bit(__u64 *mask, const char *(*name)(__u32 number), const char *value,
		    const char *what, struct fault *fault)
{
	int bit = name_find(name, value);
	char list[512] = "there are:";
	size_t len = strlen(list);
	__u32 i;

	if (bit >= 0) {
		*mask |= 1ULL << bit;
		return 0;
	}
	for (i = 0; strcmp(name(i), "unknown") && len < sizeof(list); i++)
		len += snprintf(list + len, sizeof(list) - len, " %s", name(i));
	return fault_set(fault, list, "no such %s: %s", what, value);
}

static int set_sockets(struct settings *settings, const struct key *key,
		       const struct source *source, const char *value, struct fault *fault)
{
	(void)key;
	(void)source;
	return find_bit(&settings->rules.sockets, name_socket, value, "kind of sockets", fault);
}

static int set_right(struct settings *settings, const struct key *key,
		     const struct source *source, const char *value, struct fault *fault)
{
	(void)key;
	(void)source;
	return find_bit(&settings->rules.rights, name_right, value, "right", fault);
}

static int set_capability(struct settings *settings, const struct key *key,
			  const struct source *source, const char *value, struct fault *fault)
{
	(void)key;
	(void)source;
	settings->capabilities = true;
	if (!strcmp(value, "none"))
		return 0;
	if (!strcmp(value, "default")) {
		settings->rules.capabilities |= CAPABILITIES_DEFAULT;
		return 0;
	}
	return find_bit(&settings->rules.capabilities, name_capability, value,
			"capability, nor is it default or none", fault);
}

static int set_limit(struct settings *settings, const struct key *key, const struct source *source,
		     const char *value, struct fault *fault)
{
	(void)source;
	return limits_parse(&settings->limits, key->number, value, fault);
}

#define SINGLE	true, false, false
#define ALONE	true, false, true
#define MANY	false, false, false
#define RULE	false, true, false

static const struct key keys[] = {
	{ "sandbox", "policy", "policy", "NAME", "run under this policy",
	  SINGLE, 0, set_name },
	{ "sandbox", "extends", "profile", "PROFILE", "all that a profile says",
	  MANY, 0, set_extends },
	{ "sandbox", "name", "name", "NAME", "a name for the sandbox",
	  SINGLE, 1, set_name },
	{ "sandbox", "mode", "mode", "MODE", "enforce, or complain: report and allow",
	  SINGLE, 0, set_mode },
	{ "sandbox", "on-loss", "on-loss", "WHAT", "if the policy goes away: deny all, or kill",
	  SINGLE, 0, set_on_loss },
	{ "sandbox", "private-tmp", "private-tmp", "YES",
	  "yes: a $TMPDIR of its own, removed at the end",
	  SINGLE, SWITCH_PRIVATE_TMP, set_switch },
	{ "sandbox", "wait", "wait", "YES", "what CMD leaves behind is not killed when CMD ends",
	  ALONE, SWITCH_WAIT, set_switch },
	{ "view", "overlay", "overlay", "DIR", "keep apart what is changed in DIR and all below it",
	  MANY, 0, set_overlay },
	{ "view", "private-pids", "private-pids", "YES",
	  "no processes to be seen but those of the sandbox",
	  ALONE, SWITCH_PRIVATE_PIDS, set_switch },
	{ "view", "stealth", "stealth", "YES", "as little as can be to tell that it is a sandbox",
	  ALONE, SWITCH_STEALTH, set_switch },
	{ "files", "ro", "ro", "PATH", "read and execute PATH and all below it",
	  RULE, RULE_RO, set_path },
	{ "files", "rw", "rw", "PATH", "read and write, not execute, PATH and all below",
	  RULE, RULE_RW, set_path },
	{ "files", "exec", "exec", "PATH", "execute PATH and all below it",
	  RULE, RULE_EXEC, set_path },
	{ "files", "deny", "deny", "PATH", "nothing of PATH and all below it",
	  RULE, RULE_DENY, set_path },
	{ "network", "connect", "connect", "ADDRESS", "connect and send to ADDRESS",
	  RULE, NET_CONNECT, set_net },
	{ "network", "bind", "bind", "ADDRESS", "bind to and listen at ADDRESS",
	  RULE, NET_BIND, set_net },
	{ "network", "deny-connect", "deny-connect", "ADDRESS", "not to ADDRESS",
	  RULE, NET_DENY_CONNECT, set_net },
	{ "network", "deny-bind", "deny-bind", "ADDRESS", "not at ADDRESS",
	  RULE, NET_DENY_BIND, set_net },
	{ "network", "unix", "unix", "PATH", "connect to this unix socket; \"any\": to all",
	  RULE, RULE_UNIX, set_path },
	{ "network", "sockets", "socket", "KIND", "raw, ping, route, ...",
	  RULE, 0, set_sockets },
	{ "devices", "allow", "device", "DEVICE", "use a device: its name, path or numbers",
	  RULE, false, set_device },
	{ "devices", "deny", "deny-device", "DEVICE", "not that device",
	  RULE, true, set_device },
	{ "devices", "ioctl", "ioctl", "RANGE", "ioctls, DEVICE:COMMAND[-COMMAND]",
	  RULE, false, set_ioctl },
	{ "devices", "deny-ioctl", "deny-ioctl", "RANGE", "not those ioctls",
	  RULE, true, set_ioctl },
	{ "process", "allow", "allow", "RIGHT", "wx, trace, signal, userns, ...",
	  RULE, 0, set_right },
	{ "process", "capabilities", "capability", "NAME", "root keeps it; \"default\", \"none\"",
	  RULE, 0, set_capability },
	{ "process", "no-new-privs", "no-new-privs", "YES",
	  "nothing gained by executing; always so but for root",
	  ALONE, SWITCH_NO_NEW_PRIVS, set_switch },
	{ "limits", "pids", "pids", "N", "at most N processes and threads",
	  SINGLE, SBPF_RESOURCE_PIDS, set_limit },
	{ "limits", "memory", "memory", "SIZE", "at most so much memory; beyond it all are killed",
	  SINGLE, SBPF_RESOURCE_MEMORY, set_limit },
	{ "limits", "cpu", "cpu", "CPUS", "at most so many CPUs at a time, as 0.5 or 50%",
	  SINGLE, SBPF_RESOURCE_CPU_SHARE, set_limit },
	{ "limits", "cpu-time", "cpu-time", "TIME", "at most so much time of CPUs in all",
	  SINGLE, SBPF_RESOURCE_CPU_TIME, set_limit },
	{ "limits", "wall-time", "wall-time", "TIME", "at most so long",
	  SINGLE, SBPF_RESOURCE_WALL_TIME, set_limit },
	{ "limits", "open-files", "open-files", "N", "at most N files open at a time",
	  SINGLE, SBPF_RESOURCE_OPEN_FILES, set_limit },
	{ "limits", "files-created", "files-created", "N", "create at most N files",
	  SINGLE, SBPF_RESOURCE_FILES_CREATED, set_limit },
	{ "limits", "file-size", "file-size", "SIZE", "no file becomes larger than SIZE",
	  SINGLE, SBPF_RESOURCE_FILE_SIZE, set_limit },
	{ "limits", "bytes-written", "bytes-written", "SIZE", "write at most so much in all",
	  SINGLE, SBPF_RESOURCE_BYTES_WRITTEN, set_limit },
	{ "limits", "sockets", "sockets", "N", "create at most N sockets",
	  SINGLE, SBPF_RESOURCE_SOCKETS, set_limit },
	{ "limits", "connections", "connections", "N", "try at most N connections",
	  SINGLE, SBPF_RESOURCE_CONNECTIONS, set_limit },
	{ "limits", "connection-rate", "connection-rate", "N", "so many in a second",
	  SINGLE, SBPF_RESOURCE_CONNECTION_RATE, set_limit },
	{ "limits", "exec-rate", "exec-rate", "N", "execute at most N programs in a second",
	  SINGLE, SBPF_RESOURCE_EXEC_RATE, set_limit },
};

static_assert(ARRAY_SIZE(keys) <= KEYS_MAX, "struct settings has room for all keys");

/**
 * keys_options - Options of the command line, one for each key
 * @options: gets them, KEYS_MAX at most
 *
 * Return: how many there are.
 */
size_t keys_options(struct option *options)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(keys); i++)
		options[i] = (struct option){
			keys[i].flag,
			keys[i].alone ? optional_argument : required_argument,
			NULL, KEYS_OPTION + i
		};
	return i;
}

/**
 * keys_option - Option of a key
 * @flag: its name on the command line
 *
 * Return: what getopt_long(3) returns for it.
 */
int keys_option(const char *flag)
{
	int option = KEYS_OPTION;

	while (strcmp(keys[option - KEYS_OPTION].flag, flag))
		option++;
	return option;
}

/**
 * keys_help - Print the options
 */
void keys_help(void)
{
	char option[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		snprintf(option, sizeof(option), keys[i].alone ? "--%s[=%s]" : "--%s %s",
			 keys[i].flag, keys[i].arg);
		printf("  %-22s %s\n", option, keys[i].help);
	}
}

static void remember(struct settings *settings, int key, const struct source *source,
		     const char *value)
{
	struct entry *entry;

	settings->entries = reallocarray(settings->entries, settings->entries_count + 1,
					 sizeof(*entry));
	if (!settings->entries)
		exit(out_error(NULL, "out of memory"));
	entry = &settings->entries[settings->entries_count++];
	*entry = (struct entry){
		.key = key,
		.depth = source->file ? source->file->depth : 0,
		.line = source->line,
		.path = strdup(source->file ? source->file->path : ""),
		.value = strdup(value),
	};
}

static void set(struct settings *settings, int number, const struct source *source,
		const char *value)
{
	int depth = source->file ? source->file->depth : 0;
	const struct key *key = &keys[number];
	struct settings before = *settings;
	struct fault fault = { 0 };

	remember(settings, number, source, value);
	if (key->set(settings, key, source, value, &fault) && *fault.what)
		report(settings, source, key, &fault);
	if (!key->single)
		return;
	/* What is further from the command line has been looked at only. */
	if (settings->depth[number] && settings->depth[number] <= depth) {
		settings->create = before.create;
		settings->limits = before.limits;
		settings->private_tmp = before.private_tmp;
		settings->wait = before.wait;
		settings->no_new_privs = before.no_new_privs;
		settings->view.pids = before.view.pids;
	} else {
		settings->depth[number] = depth + 1;
	}
}

/**
 * keys_flag - Set what an option of the command line says
 * @settings: where
 * @option: from getopt_long(3), KEYS_OPTION or above
 * @value: its argument, NULL if it has none
 */
void keys_flag(struct settings *settings, int option, const char *value)
{
	const struct key *key = &keys[option - KEYS_OPTION];
	const struct source source = { 0 };

	settings->rule_flags |= key->rule;
	set(settings, option - KEYS_OPTION, &source, value ?: "yes");
}

/* What is to be known about keys by whoever wrote one that does not exist. */
static void explain(struct fault *fault, const char *section, const char *name)
{
	char list[512];
	size_t i, len;

	len = snprintf(list, sizeof(list), "keys of [%s] are:", section);
	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		if (!strcmp(keys[i].name, name)) {
			snprintf(list, sizeof(list), "it belongs below [%s]", keys[i].section);
			break;
		}
		if (!strcmp(keys[i].section, section))
			len += snprintf(list + len, sizeof(list) - len, " %s", keys[i].name);
	}
	fault_set(fault, list, "no such key in [%s]: %s", section, name);
}

/**
 * keys_set - Set what a line of a profile says
 * @settings: where
 * @source: the line
 * @section: its section, one of the table's
 * @name: its key
 * @value: its value: one or more, with blanks between them
 *
 * Reports what is wrong.
 */
void keys_set(struct settings *settings, const struct source *source, const char *section,
	      const char *name, const char *value)
{
	char *word = malloc(strlen(value) + 1);
	struct fault fault;
	int words = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(keys); i++)
		if (!strcmp(keys[i].section, section) && !strcmp(keys[i].name, name))
			break;
	if (i == ARRAY_SIZE(keys) || !word) {
		explain(&fault, section, name);
		keys_mistake(settings, source, &fault);
		free(word);
		return;
	}
	while (*(value += strspn(value, " \t"))) {
		bool quoted = false;
		char *to = word;

		for (; *value && (quoted || !strchr(" \t", *value)); value++) {
			if (*value == '"')
				quoted = !quoted;
			else
				*to++ = *value;
		}
		*to = '\0';
		if (quoted) {
			fault_set(&fault, "put \" behind the value as well", "a \" has no end");
			keys_mistake(settings, source, &fault);
		} else if (words++ && keys[i].single) {
			fault_set(&fault, "leave one", "more than one value: %s", word);
			keys_mistake(settings, source, &fault);
		} else {
			set(settings, i, source, word);
		}
	}
	free(word);
}

/**
 * keys_section - Is there such a section?
 * @section: its name
 *
 * Return: whether there is.
 */
bool keys_section(const char *section)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(keys); i++)
		if (!strcmp(keys[i].section, section))
			return true;
	return false;
}

/**
 * keys_place - Where does a key belong?
 * @name: its name
 *
 * Return: a section, or NULL if there is no such key.
 */
const char *keys_place(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(keys); i++)
		if (!strcmp(keys[i].name, name))
			return keys[i].section;
	return NULL;
}

/**
 * keys_name - Name of a key
 * @key: its number, from 0
 *
 * Return: its name, NULL if there are not so many.
 */
const char *keys_name(int key)
{
	return key < (int)ARRAY_SIZE(keys) ? keys[key].name : NULL;
}

/**
 * keys_section_of - Section of a key
 * @key: its number
 *
 * Return: name of the section.
 */
const char *keys_section_of(int key)
{
	return keys[key].section;
}

/**
 * keys_in_force - Does a value count, or another one?
 * @settings: all that was set
 * @entry: the value, one of @settings
 *
 * Return: whether it does.
 */
bool keys_in_force(const struct settings *settings, const struct entry *entry)
{
	const struct entry *next;

	if (!strcmp(keys[entry->key].name, "extends"))
		return false;
	if (!keys[entry->key].single)
		return true;
	if (entry->depth + 1 != settings->depth[entry->key])
		return false;
	for (next = entry + 1; next < settings->entries + settings->entries_count; next++)
		if (next->key == entry->key && next->depth == entry->depth)
			return false;
	return true;
}

/**
 * keys_check - Report what cannot be had together
 * @settings: all that was set; counts mistakes
 */
void keys_check(struct settings *settings)
{
	const struct entry *entry;
	struct fault fault;

	if (!(settings->create.flags & SBPF_SANDBOX_STEALTH) ||
	    (!settings->private_tmp && !settings->wait && !view_wanted(&settings->view) &&
	     !cgroup_wanted(&settings->limits)))
		return;
	/* Nobody would be there to end them. */
	fault_set(&fault, "leave out one or the other",
		  "stealth cannot be had with overlay, private-pids, private-tmp, wait, memory and cpu");
	for (entry = settings->entries; entry < settings->entries + settings->entries_count;
	     entry++) {
		const struct profile_file file = { .path = entry->path };
		const struct source source = { entry->line ? &file : NULL, entry->line };
		const struct key *key = &keys[entry->key];

		if (!strcmp(key->name, "stealth") && keys_in_force(settings, entry))
			report(settings, &source, key, &fault);
	}
}

/**
 * keys_finish - Fill in what was not set
 * @settings: what was set
 * @command: the command that is to run
 *
 * A sandbox without a profile, a policy or rules gets the profile for programs
 * that nobody knows. With rules it gets what all programs need.
 *
 * Return: whether there are rules.
 */
bool keys_finish(struct settings *settings, const char *command)
{
	struct fault fault = { 0 };

	if (!settings->profiles && !settings->rule_flags && !*settings->create.policy &&
	    profile_read(settings, NULL, PROFILE_DEFAULT, &fault)) {
		settings->mistakes++;
		out_error(fault.remedy, "%s", fault.what);
	}
	keys_check(settings);
	if (!*settings->create.policy)
		strcpy(settings->create.policy, "rules");
	if (!settings->profiles && !settings->rule_flags)
		return false;
	if (!settings->capabilities)
		settings->rules.capabilities = CAPABILITIES_DEFAULT;
	devs_add_default(&settings->rules);
	rules_add_command(&settings->rules, command);
	return true;
}
