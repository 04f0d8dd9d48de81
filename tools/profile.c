// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Profiles: files that say what a sandbox may do
 *
 * inih takes a line of a profile apart, if it is short and has no mistakes: it
 * would tell the first only. So lines are looked at here, and long ones handed to
 * it in pieces, the second and following as lines that continue the one before.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <linux/limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "names.h"
#include "out.h"
#include "profile.h"

#define SUFFIX		".conf"
#define BYTES_MAX	(1 << 20)
#define DEPTH_MAX	16
#define FILES_MAX	64

/* No section or key of ours is that long, and inih would cut it off. */
#define WORD_MAX	48

#define SECTIONS	"sections are [sandbox] [view] [files] [network] [devices] [process] [limits]"

/* Before what continues a line, so that inih does not take it for a comment. */
#define MARK		'|'

/**
 * struct reader - A profile on its way through inih
 * @settings: what comes of it
 * @file: the profile
 * @next: where the next line begins
 * @end: end of the text
 * @line: number of the line that was read last
 * @piece: what is left of it, or NULL
 * @continues: the next line may continue what there is
 * @marked: what inih was given last begins with MARK
 * @glued: what it will be given next begins in the middle of a word
 * @section_seen: there was one
 * @section_known: it exists
 * @section: its name
 * @name: key of @value, empty if there is none
 * @value: what stands behind it on this line
 * @value_len: bytes at @value
 * @empty_line: line of a key without a value so far, or 0
 */
struct reader {
	struct settings *settings;
	const struct profile_file *file;
	char *next;
	char *end;
	unsigned int line;
	char *piece;
	bool continues;
	bool marked;
	bool glued;
	bool section_seen;
	bool section_known;
	char section[WORD_MAX + 2];
	char name[WORD_MAX + 2];
	char *value;
	size_t value_len;
	unsigned int empty_line;
};

static void mistake(const struct reader *reader, unsigned int line, const struct fault *fault)
{
	const struct source source = { reader->file, line };

	keys_mistake(reader->settings, &source, fault);
}

static void mistake_at(const struct reader *reader, unsigned int line, const char *remedy,
		       const char *what)
{
	struct fault fault;

	fault_set(&fault, remedy, "%s", what);
	mistake(reader, line, &fault);
}

/* The values of a line are complete: set them. */
static void finish_line(struct reader *reader)
{
	const struct source source = { reader->file, reader->line };

	if (reader->value_len)
		keys_set(reader->settings, &source, reader->section, reader->name, reader->value);
	reader->value_len = 0;
}

static void finish_key(struct reader *reader)
{
	if (reader->empty_line)
		mistake_at(reader, reader->empty_line, "write one, or remove the line",
			   "a key without a value");
	reader->empty_line = 0;
}

/* Called by inih for what stands behind a key, for a piece of that or a line more. */
static int take(void *user, const char *section, const char *name, const char *value)
{
	struct reader *reader = user;

	value += reader->marked;
	if (!reader->section_known)
		return 1;
	if (*value)
		reader->empty_line = 0;
	else if (!reader->marked && !reader->piece)
		reader->empty_line = reader->line;
	snprintf(reader->section, sizeof(reader->section), "%s", section);
	snprintf(reader->name, sizeof(reader->name), "%s", name);
	reader->value_len += sprintf(reader->value + reader->value_len, "%s%s", value,
				     reader->glued || !*value ? "" : " ");
	return 1;
}

/* Cut off what stands behind a line: its end, blanks and a comment. */
static void trim(char *line)
{
	char *p;

	for (p = line; *p; p++)
		if ((*p == ';' || *p == '#') && (p == line || isblank((unsigned char)p[-1])))
			break;
	while (p > line && isspace((unsigned char)p[-1]))
		p--;
	*p = '\0';
}

static bool check_section(struct reader *reader, char *line, struct fault *fault)
{
	size_t len = strlen(line);

	reader->section_seen = true;
	reader->section_known = false;
	if (line[len - 1] != ']') {
		fault_set(fault, "write it on a line of its own, as [files]", "not a section: %s",
			  line);
		return false;
	}
	line[len - 1] = '\0';
	reader->section_known = keys_section(line + 1);
	line[len - 1] = ']';
	if (!reader->section_known)
		fault_set(fault, SECTIONS, "no such section: %s", line);
	return reader->section_known;
}

static bool check_key(const struct reader *reader, const char *line, struct fault *fault)
{
	size_t len = strcspn(line, "=:");
	char name[WORD_MAX + 1];

	if (!line[len] || !len) {
		fault_set(fault,
			  "write KEY = VALUE; what continues the line before begins with a blank",
			  "neither a key with a value nor a section: %s", line);
		return false;
	}
	while (isspace((unsigned char)line[len - 1]))
		len--;
	if (len > WORD_MAX || strcspn(line, "=:") > 2 * WORD_MAX) {
		fault_set(fault, "sbpf run --help tells the keys", "no such key: %s", line);
		return false;
	}
	if (reader->section_seen)
		return true;
	snprintf(name, sizeof(name), "%.*s", (int)len, line);
	fault_set(fault, SECTIONS, "a key that is in no section: %s", name);
	return false;
}

/* A line that continues another looks as if it was to be one of its own. */
static bool check_continued(const char *line, struct fault *fault)
{
	size_t len = strcspn(line, "= \t");
	char name[WORD_MAX + 1];

	if (len > WORD_MAX || line[len + strspn(line + len, " \t")] != '=')
		return true;
	snprintf(name, sizeof(name), "%.*s", (int)len, line);
	if (!keys_place(name))
		return true;
	fault_set(fault, "remove the blanks at its beginning",
		  "a line that begins with a blank continues the one before it: %s", line);
	return false;
}

static bool is_text(const char *line, size_t len)
{
	size_t i;

	/* Lines that end otherwise than by a newline would be one, and perhaps a comment. */
	for (i = 0; i < len; i++)
		if ((unsigned char)line[i] < ' ' && line[i] != '\t' &&
		    (line[i] != '\r' || i + 1 < len))
			return false;
	return true;
}

/* Get the next line ready for inih; false if there is nothing in it for that. */
static bool prepare(struct reader *reader)
{
	char *line = reader->next, *newline = memchr(line, '\n', reader->end - line), *start;
	size_t len = (newline ? newline : reader->end) - line;
	struct fault fault;
	bool good;

	finish_line(reader);
	reader->next = newline ? newline + 1 : reader->end;
	reader->line++;
	line[len] = '\0';
	if (!is_text(line, len)) {
		mistake_at(reader, reader->line, "a profile is a text, see sbpf(1)",
			   "something that is no text");
		return false;
	}
	/* Some editors leave a mark there. */
	if (reader->line == 1 && !strncmp(line, "\xef\xbb\xbf", 3))
		line += 3;
	trim(line);
	start = line + strspn(line, " \t");
	if (!*start)
		return false;
	reader->piece = start;
	reader->marked = start > line && reader->continues;
	if (reader->marked) {
		good = check_continued(start, &fault);
	} else {
		finish_key(reader);
		reader->continues = *start != '[';
		good = *start == '[' ? check_section(reader, start, &fault) :
		       check_key(reader, start, &fault);
	}
	if (good)
		return true;
	mistake(reader, reader->line, &fault);
	reader->continues = reader->marked;
	reader->piece = NULL;
	return false;
}

/* Called by inih for a line. */
static char *get(char *str, int num, void *user)
{
	struct reader *reader = user;
	char *piece;
	size_t cut;

	if (reader->piece) {
		reader->marked = true;
	} else if (reader->next == reader->end) {
		return NULL;
	} else if (!prepare(reader)) {
		snprintf(str, num, "\n");
		return str;
	}
	piece = reader->piece;
	cut = strnlen(piece, num - 4);
	reader->glued = piece[cut] && !isblank((unsigned char)piece[cut]) &&
			!isblank((unsigned char)piece[cut - 1]);
	reader->piece = piece[cut] ? piece + cut + strspn(piece + cut, " \t") : NULL;
	if (reader->marked)
		snprintf(str, num, " %c%.*s\n", MARK, (int)cut, piece);
	else
		snprintf(str, num, "%.*s\n", (int)cut, piece);
	return str;
}

/* Read the whole of a profile: its text, to be freed, or NULL. */
static char *load(int fd, size_t *size, struct fault *fault, const char *path)
{
	char *text = malloc(BYTES_MAX + 2);
	ssize_t len;

	*size = 0;
	do {
		len = text ? read(fd, text + *size, BYTES_MAX + 1 - *size) : -1;
		if (len > 0)
			*size += len;
	} while (len > 0 && *size <= BYTES_MAX);
	if (len >= 0 && *size <= BYTES_MAX)
		return text;
	if (len < 0)
		fault_set(fault, "see that it is a file that you may read",
			  "cannot read the profile: %s: %m", path);
	else
		fault_set(fault, "put parts of it into others and extend those",
			  "a profile has at most 1 MiB: %s", path);
	free(text);
	return NULL;
}

static int parse(struct settings *settings, const struct profile_file *file, int fd,
		 struct fault *fault)
{
	struct reader reader = { .settings = settings, .file = file };
	char *text;
	size_t size;
	int error;

	text = load(fd, &size, fault, file->path);
	if (!text)
		return -EIO;
	reader.next = text;
	reader.end = text + size;
	/* A blank behind each piece at most. */
	reader.value = malloc(2 * size + 2);
	error = reader.value ? ini_parse_stream(get, &reader, take, &reader) : -ENOMEM;
	finish_line(&reader);
	finish_key(&reader);
	if (error)
		mistake_at(&reader, 0, NULL, "cannot be taken apart");
	free(reader.value);
	free(text);
	return 0;
}

/* Is a profile among those that are being read? */
static bool is_open(const struct profile_file *file, const struct stat *st)
{
	for (; file; file = file->parent)
		if (file->dev == st->st_dev && file->ino == st->st_ino)
			return true;
	return false;
}

/* The directories of profiles, the first that has one of a name counts. */
static bool directory(int number, char *path, size_t size)
{
	const char *config = getenv("XDG_CONFIG_HOME");
	struct fault fault;
	bool optional;
	char *home;

	switch (number) {
	case 0:
		if (config && *config == '/') {
			snprintf(path, size, "%s/sbpf/profiles", config);
			return true;
		}
		home = keys_path("~", &optional, &fault);
		snprintf(path, size, "%s/.config/sbpf/profiles", home ? home : "");
		free(home);
		return true;
	case 1:
		snprintf(path, size, "/etc/sbpf/profiles");
		return true;
	case 2:
		snprintf(path, size, SBPF_PROFILE_DIR);
		return true;
	}
	return false;
}

/*
 * Open a profile of a name, but none of those that are being read: one may have
 * the name of the one that it extends.
 */
static int find(const char *name, const struct profile_file *parent, char *path,
		struct stat *st, struct fault *fault)
{
	char dir[PATH_MAX];
	bool cycle = false;
	int i, fd;

	for (i = 0; directory(i, dir, sizeof(dir)); i++) {
		if (snprintf(path, PATH_MAX, "%s/%s" SUFFIX, dir, name) >= PATH_MAX)
			continue;
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0 && errno == ENOENT)
			continue;
		if (fd < 0 || fstat(fd, st)) {
			fault_set(fault, "see that it is a file that you may read",
				  "cannot read the profile: %s: %m", path);
			return -EIO;
		}
		if (!is_open(parent, st))
			return fd;
		cycle = true;
		close(fd);
	}
	return cycle ? fault_set(fault, "remove it from one of them",
				 "the profile extends itself: %s", name) :
	       fault_set(fault, "sbpf profile list shows those with a name; a path has a slash",
			 "no such profile: %s", name);
}

static bool is_path(const char *name)
{
	size_t len = strlen(name), suffix = strlen(SUFFIX);

	return strchr(name, '/') || (len > suffix && !strcmp(name + len - suffix, SUFFIX));
}

/* Open a profile by path, which for one that is extended is relative to the other. */
static int open_path(const char *name, const struct profile_file *parent, char *path,
		     struct stat *st, struct fault *fault)
{
	const char *slash = parent ? strrchr(parent->path, '/') : NULL;
	char relative[PATH_MAX];
	int fd;

	if (*name == '~') {
		bool optional;
		char *home = keys_path("~", &optional, fault);

		if (!home || (name[1] && name[1] != '/')) {
			free(home);
			return fault_set(fault, "write the path", "no such profile: %s", name);
		}
		snprintf(relative, sizeof(relative), "%s%s", home, name + 1);
		free(home);
	} else if (slash && *name != '/') {
		snprintf(relative, sizeof(relative), "%.*s%s", (int)(slash + 1 - parent->path),
			 parent->path, name);
	} else {
		snprintf(relative, sizeof(relative), "%s", name);
	}
	strcpy(path, relative);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, st))
		return fault_set(fault, "names have neither slash nor .conf: sbpf profile list",
				 "cannot read the profile: %s: %m", path);
	if (!is_open(parent, st))
		return fd;
	close(fd);
	return fault_set(fault, "remove it from one of them", "the profile extends itself: %s",
			 path);
}

/**
 * profile_read - Set what a profile says
 * @settings: where; counts mistakes, which are reported
 * @parent: profile that extends it, or NULL
 * @name: path, if there is a slash in it or .conf at its end; else name
 * @fault: gets why it cannot be read
 *
 * Return: 0, though there may have been mistakes in it, or -errno.
 */
int profile_read(struct settings *settings, const struct profile_file *parent, const char *name,
		 struct fault *fault)
{
	struct profile_file file = { .parent = parent, .depth = parent ? parent->depth + 1 : 1 };
	char path[PATH_MAX];
	struct stat st;
	int fd, error;

	if (settings->profiles++ == FILES_MAX || file.depth > DEPTH_MAX)
		return fault_set(fault, "let fewer extend others",
				 "more than %d profiles, or %d deep", FILES_MAX, DEPTH_MAX);
	if (strlen(name) >= PATH_MAX / 2 || !*name)
		return fault_set(fault, "write a name or a path", "not a profile");
	fd = is_path(name) ? open_path(name, parent, path, &st, fault) :
	     find(name, parent, path, &st, fault);
	if (fd < 0)
		return fd;
	file.path = path;
	file.dev = st.st_dev;
	file.ino = st.st_ino;
	error = parse(settings, &file, fd, fault);
	close(fd);
	return error;
}

static int list_one(const char *dir, const char *file)
{
	char path[PATH_MAX + 256], line[256] = "", name[256], text[2 * sizeof(line)];
	const char *summary = "";
	struct json_object *record;
	FILE *from;

	snprintf(name, sizeof(name), "%.*s", (int)(strlen(file) - strlen(SUFFIX)), file);
	snprintf(path, sizeof(path), "%s/%s", dir, file);
	from = fopen(path, "re");
	if (!from)
		return 0;
	while (!*summary && fgets(line, sizeof(line), from) && *line == '#') {
		line[strcspn(line, "\n")] = '\0';
		if (!strstr(line, "SPDX"))
			summary = line + 1 + strspn(line + 1, " ");
	}
	fclose(from);
	out_clean(text, sizeof(text), summary, sizeof(line));
	record = out_new();
	out_text(record, "profile", name, sizeof(name));
	out_text(record, "path", path, sizeof(path));
	out_text(record, "summary", summary, sizeof(line));
	out_record(record, "%-14s %-36s %s", name, path, text);
	return 0;
}

static int is_profile(const struct dirent *entry)
{
	return is_path(entry->d_name) && *entry->d_name != '.';
}

/* Has a directory before this one a profile of that name? */
static bool is_hidden(int number, const char *file)
{
	char dir[PATH_MAX], path[PATH_MAX + 256];
	int i;

	for (i = 0; i < number && directory(i, dir, sizeof(dir)); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, file);
		if (!access(path, F_OK))
			return true;
	}
	return false;
}

static int profile_list(int argc, char **argv)
{
	struct dirent **names;
	char dir[PATH_MAX];
	int i, n, count;

	cli_plain(argc, argv, 0);
	for (i = 0; directory(i, dir, sizeof(dir)); i++) {
		count = scandir(dir, &names, is_profile, alphasort);
		for (n = 0; n < count; n++) {
			if (!is_hidden(i, names[n]->d_name))
				list_one(dir, names[n]->d_name);
			free(names[n]);
		}
		if (count >= 0)
			free(names);
	}
	return EXIT_SUCCESS;
}

/* Read a profile for its own sake: 0, or EXIT_FAILURE after reports. */
static int read_one(struct settings *settings, const char *name)
{
	struct fault fault = { 0 };

	if (profile_read(settings, NULL, name, &fault)) {
		settings->mistakes++;
		out_error(*fault.remedy ? fault.remedy : NULL, "%s", fault.what);
	}
	keys_check(settings);
	return settings->mistakes ? EXIT_FAILURE : EXIT_SUCCESS;
}

static void show_entry(const struct entry *entry, const char *section)
{
	struct json_object *record = out_new();
	const char *quote = entry->value[strcspn(entry->value, " \t")] ? "\"" : "";

	out_text(record, "section", section, strlen(section) + 1);
	out_text(record, "key", keys_name(entry->key), WORD_MAX);
	out_text(record, "value", entry->value, strlen(entry->value) + 1);
	out_text(record, "path", entry->path, strlen(entry->path) + 1);
	out_u64(record, "line", entry->line);
	out_record(record, "%s = %s%s%s\t; %s:%u", keys_name(entry->key), quote, entry->value,
		   quote, entry->path, entry->line);
}

static int profile_show(int argc, char **argv)
{
	struct settings settings = { 0 };
	const char *section = "";
	size_t i;
	int key;

	cli_plain(argc, argv, 1);
	if (read_one(&settings, argv[optind]))
		return EXIT_FAILURE;
	for (key = 0; keys_name(key); key++) {
		for (i = 0; i < settings.entries_count; i++) {
			const struct entry *entry = &settings.entries[i];

			if (entry->key != key || !keys_in_force(&settings, entry))
				continue;
			if (strcmp(section, keys_section_of(key)) && !out_json)
				printf("%s[%s]\n", *section ? "\n" : "", keys_section_of(key));
			section = keys_section_of(key);
			show_entry(entry, section);
		}
	}
	return EXIT_SUCCESS;
}

static int profile_check(int argc, char **argv)
{
	static const struct option none = { NULL, 0, NULL, 0 };
	int status = EXIT_SUCCESS;

	cli_getopt(argc, argv, &none);
	if (optind == argc)
		return cli_usage("missing argument: %s %s", cli_verb->name, cli_verb->args);
	for (; optind < argc; optind++) {
		struct settings settings = { 0 };
		struct json_object *record;

		if (read_one(&settings, argv[optind]))
			status = EXIT_FAILURE;
		record = out_new();
		out_text(record, "profile", argv[optind], strlen(argv[optind]) + 1);
		out_u64(record, "mistakes", settings.mistakes);
		if (settings.mistakes)
			out_record(record, "%s: mistakes: %u", argv[optind], settings.mistakes);
		else
			out_record(record, "%s: ok", argv[optind]);
	}
	return status;
}

const struct verb verb_profile_list = {
	.name = "profile list",
	.args = "",
	.summary = "List the profiles that can be used by name",
	.run = profile_list,
};

const struct verb verb_profile_show = {
	.name = "profile show",
	.args = "PROFILE",
	.summary = "Show all that a profile says, and those that it extends",
	.help = "PROFILE is a path if it has a slash in it or ends in .conf, else a name. What is\n"
		"printed can be used as a profile.\n",
	.run = profile_show,
};

const struct verb verb_profile_check = {
	.name = "profile check",
	.args = "PROFILE...",
	.summary = "Tell the mistakes of profiles, all of them",
	.help = "PROFILE is a path if it has a slash in it or ends in .conf, else a name. The\n"
		"exit status is 1 if there are any mistakes.\n",
	.run = profile_check,
};
