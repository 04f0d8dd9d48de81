// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Rules as people write them, until a sandbox gets them
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <linux/limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dev.h"
#include "out.h"
#include "rules.h"

/* Descriptors at a time, of each kind: programs often may have 1024 in all. */
#define BATCH		256

/* So many that the process has room for them, and gets no larger table. */
#define BATCH_SMALL	24

static const struct {
	__u32 allow;
	__u32 deny;
} kinds[] = {
	[RULE_RO] = { SBPF_PATH_RO, 0 },
	[RULE_RW] = { SBPF_PATH_RW, 0 },
	[RULE_EXEC] = { SBPF_PATH_EXEC, 0 },
	[RULE_DENY] = { 0, SBPF_PATH_ALL },
	[RULE_UNIX] = { SBPF_ACCESS_CONNECT, 0 },
	[RULE_NODE] = { SBPF_PATH_NODE, 0 },
};

/* How many directories of how many bytes of names are not read again. */
#define LISTINGS_MAX	64
#define LISTING_MAX	(256 << 10)

/**
 * struct listing - The names in a directory
 * @next: of another one
 * @dev: the directory's device
 * @ino: its inode
 * @len: bytes of @names
 * @size: bytes that there is room for
 * @names: names, each with a zero byte after it
 */
struct listing {
	struct listing *next;
	dev_t dev;
	ino_t ino;
	size_t len;
	size_t size;
	char *names;
};

/**
 * struct batch - Rules on their way into a sandbox
 * @sandbox: its descriptor; -1 just to see whether there is anything
 * @rule: the rule that is expanded now
 * @found: how much it is about
 * @max: how many of each kind there may be
 * @listings: directories that were read: many patterns are about the same few
 * @listings_count: number of @listings
 * @paths_count: number of @paths
 * @names_count: number of @names
 * @paths: objects
 * @names: names in directories
 */
struct batch {
	int sandbox;
	const struct path_rule *rule;
	unsigned long found;
	__u32 max;
	struct listing *listings;
	unsigned int listings_count;
	__u32 paths_count;
	__u32 names_count;
	struct sbpf_path_rule paths[BATCH];
	struct sbpf_name_rule names[BATCH];
};

/**
 * fault_set - Tell what is wrong with a value
 * @fault: where
 * @remedy: what to do about it, or NULL
 * @fmt: what is wrong
 *
 * Return: -EINVAL.
 */
int fault_set(struct fault *fault, const char *remedy, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(fault->what, sizeof(fault->what), fmt, args);
	va_end(args);
	snprintf(fault->remedy, sizeof(fault->remedy), "%s", remedy ? remedy : "");
	return -EINVAL;
}

static void *needed(void *memory)
{
	if (!memory)
		exit(out_error(NULL, "out of memory"));
	return memory;
}

/**
 * rules_escape - Make a pattern that matches a text only
 * @text: the text
 *
 * Return: the pattern, to be freed.
 */
char *rules_escape(const char *text)
{
	char *pattern = needed(malloc(2 * strlen(text) + 1)), *to = pattern;

	for (; *text; text++) {
		if (strchr("*?[\\", *text))
			*to++ = '\\';
		*to++ = *text;
	}
	*to = '\0';
	return pattern;
}

static bool is_pattern(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (strchr("*?[", text[i]))
			return true;
		if (text[i] == '\\')
			i++;
	}
	return false;
}

/* The text that a pattern without * ? [ stands for. */
static void unescape(char *to, const char *pattern, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (pattern[i] == '\\' && i + 1 < len)
			i++;
		*to++ = pattern[i];
	}
	*to = '\0';
}

/* Whether fnmatch(3) and the module, which is asked later, agree on a pattern. */
static bool is_clear(const char *pattern)
{
	const char *p;

	for (p = pattern; *p; p++) {
		if (*p == '\\' && !*++p)
			return false;
		if (*p != '[')
			continue;
		p++;
		if (*p == '!')
			p++;
		if (!*p || *p == '^')
			return false;
		do {
			if (!*p || strchr("/[\\", *p))
				return false;
			p++;
		} while (*p != ']');
	}
	return true;
}

/* What can be told of a pattern without a look at any file. */
static int check_pattern(const char *pattern)
{
	char component[PATH_MAX];
	size_t len;

	for (; *pattern; pattern += strspn(pattern, "/")) {
		len = strcspn(pattern, "/");
		if (len >= sizeof(component))
			return -ENAMETOOLONG;
		snprintf(component, sizeof(component), "%.*s", (int)len, pattern);
		pattern += len;
		if (!is_pattern(component, len))
			continue;
		if (!is_clear(component))
			return -EILSEQ;
		if (!pattern[strspn(pattern, "/")] &&
		    len >= sizeof(((struct sbpf_name_rule *)NULL)->pattern))
			return -ENAMETOOLONG;
	}
	return 0;
}

static void discard(struct batch *batch)
{
	while (batch->paths_count)
		close(batch->paths[--batch->paths_count].fd);
	while (batch->names_count)
		close(batch->names[--batch->names_count].fd);
}

static struct batch *batch_new(int sandbox, __u32 max)
{
	struct batch *batch = needed(calloc(1, sizeof(*batch)));

	batch->sandbox = sandbox;
	batch->max = max;
	return batch;
}

static void listing_free(struct listing *listing)
{
	free(listing->names);
	free(listing);
}

static void batch_free(struct batch *batch)
{
	struct listing *listing;

	discard(batch);
	while ((listing = batch->listings)) {
		batch->listings = listing->next;
		listing_free(listing);
	}
	free(batch);
}

/* Give them to the sandbox, along with what else is in @set. */
static int give(struct batch *batch, struct sbpf_set_rules *set)
{
	int error;

	set->paths_count = batch->paths_count;
	set->names_count = batch->names_count;
	set->paths = (unsigned long)batch->paths;
	set->names = (unsigned long)batch->names;
	error = sbpf_add_rules(batch->sandbox, set);
	discard(batch);
	return error;
}

static int flush(struct batch *batch)
{
	struct sbpf_set_rules set = { 0 };

	return give(batch, &set);
}

/* A rule about an object; takes the descriptor. */
static int add_object(struct batch *batch, int fd)
{
	enum rule_kind kind = batch->rule->kind;
	struct stat st;

	if (kind == RULE_UNIX && (fstat(fd, &st) || !S_ISSOCK(st.st_mode))) {
		close(fd);
		return is_pattern(batch->rule->pattern, strlen(batch->rule->pattern)) ?
			0 : -ENOTSOCK;
	}
	batch->found++;
	if (batch->sandbox < 0) {
		close(fd);
		return 0;
	}
	batch->paths[batch->paths_count++] = (struct sbpf_path_rule){
		.fd = fd,
		.allow = kinds[kind].allow,
		.deny = kinds[kind].deny,
	};
	return batch->paths_count < batch->max ? 0 : flush(batch);
}

/* A rule about names in a directory. */
static int add_name(struct batch *batch, int dir, const char *pattern)
{
	struct sbpf_name_rule *name = &batch->names[batch->names_count];
	enum rule_kind kind = batch->rule->kind;

	batch->found++;
	if (strlen(pattern) >= sizeof(name->pattern))
		return -ENAMETOOLONG;
	if (batch->sandbox < 0)
		return 0;
	*name = (struct sbpf_name_rule){
		.fd = openat(dir, ".", O_PATH | O_CLOEXEC),
		.allow = kinds[kind].allow,
		.deny = kinds[kind].deny,
	};
	if (name->fd < 0)
		return -errno;
	strcpy(name->pattern, pattern);
	batch->names_count++;
	return batch->names_count < batch->max ? 0 : flush(batch);
}

static int expand(struct batch *batch, int dir, const char *pattern);

/* What goes on behind an object, to which @rest of the pattern leads; takes it. */
static int descend(struct batch *batch, int fd, const char *rest)
{
	int error;

	if (!*rest)
		return add_object(batch, fd);
	error = expand(batch, fd, rest);
	close(fd);
	return error;
}

static int read_names(struct listing *listing, int dir)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct dirent *entry;
	size_t len;
	DIR *names;

	if (fd < 0)
		return -errno;
	names = fdopendir(fd);
	if (!names) {
		close(fd);
		return -ENOMEM;
	}
	while ((entry = readdir(names))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		len = strlen(entry->d_name) + 1;
		if (listing->len + len > listing->size) {
			listing->size = 2 * (listing->len + len);
			listing->names = needed(realloc(listing->names, listing->size));
		}
		memcpy(listing->names + listing->len, entry->d_name, len);
		listing->len += len;
	}
	closedir(names);
	return 0;
}

/*
 * The names in a directory, which are kept if @kept says so; NULL if @error says why not.
 * What comes and goes meanwhile is found by rules about names only, as is what does so
 * later.
 */
static struct listing *list(struct batch *batch, int dir, bool *kept, int *error)
{
	struct listing *listing;
	struct stat st;

	if (fstatat(dir, "", &st, AT_EMPTY_PATH)) {
		*error = -errno;
		return NULL;
	}
	*kept = true;
	for (listing = batch->listings; listing; listing = listing->next)
		if (listing->ino == st.st_ino && listing->dev == st.st_dev)
			return listing;
	listing = needed(calloc(1, sizeof(*listing)));
	*error = read_names(listing, dir);
	if (*error) {
		listing_free(listing);
		return NULL;
	}
	listing->dev = st.st_dev;
	listing->ino = st.st_ino;
	*kept = listing->len <= LISTING_MAX && batch->listings_count < LISTINGS_MAX;
	if (*kept) {
		listing->next = batch->listings;
		batch->listings = listing;
		batch->listings_count++;
	}
	return listing;
}

/*
 * All that matches in a directory. Who could write there may have left symbolic
 * links to what was never meant: these lead to denials only.
 */
static int expand_names(struct batch *batch, int dir, const char *component, const char *rest)
{
	struct listing *listing;
	const char *name;
	int error = 0, fd;
	struct stat st;
	bool kept;

	listing = list(batch, dir, &kept, &error);
	if (!listing)
		return error;
	for (name = listing->names; !error && name < listing->names + listing->len;
	     name += strlen(name) + 1) {
		if (fnmatch(component, name, 0))
			continue;
		fd = openat(dir, name, O_PATH | O_CLOEXEC |
			    (batch->rule->kind == RULE_DENY ? 0 : O_NOFOLLOW));
		if (fd < 0 || fstat(fd, &st) || S_ISLNK(st.st_mode) ||
		    (*rest && !S_ISDIR(st.st_mode))) {
			if (fd >= 0)
				close(fd);
			continue;
		}
		error = descend(batch, fd, rest);
		/* There may be others that have it. */
		if (error == -ENOENT || error == -ENOTDIR || error == -EACCES)
			error = 0;
	}
	if (!kept)
		listing_free(listing);
	return error;
}

/* Find what a pattern, relative to a directory, is about. */
static int expand(struct batch *batch, int dir, const char *pattern)
{
	const char *rest = pattern + strcspn(pattern, "/");
	char component[PATH_MAX];
	size_t len = rest - pattern;
	int fd, error;

	if (!is_pattern(pattern, strlen(pattern))) {
		/* The rest in one step. */
		len = strlen(pattern);
		rest = pattern + len;
	} else {
		while (*rest == '/')
			rest++;
	}
	if (len >= sizeof(component))
		return -ENAMETOOLONG;
	if (!is_pattern(pattern, len)) {
		unescape(component, pattern, len);
		fd = openat(dir, *component ? component : ".", O_PATH | O_CLOEXEC);
		return fd < 0 ? -errno : descend(batch, fd, rest);
	}
	snprintf(component, sizeof(component), "%.*s", (int)len, pattern);
	if (!is_clear(component))
		return -EILSEQ;
	error = *rest ? 0 : add_name(batch, dir, component);
	return error ?: expand_names(batch, dir, component, rest);
}

/* Something that just looks like a pattern is meant as well. */
static int expand_text(struct batch *batch, const char *pattern)
{
	int fd;

	if (!strchr(pattern, '[') || strchr(pattern, '\\'))
		return 0;
	fd = open(pattern, O_PATH | O_CLOEXEC);
	return fd < 0 ? 0 : add_object(batch, fd);
}

static int expand_rule(struct batch *batch, const struct path_rule *rule)
{
	const char *pattern = rule->pattern;
	int dir = AT_FDCWD, error;

	batch->rule = rule;
	batch->found = 0;
	error = expand_text(batch, pattern);
	if (error)
		return error;
	if (*pattern == '/' && is_pattern(pattern, strlen(pattern))) {
		dir = open("/", O_PATH | O_CLOEXEC);
		if (dir < 0)
			return -errno;
		pattern += strspn(pattern, "/");
	}
	error = expand(batch, dir, pattern);
	if (dir >= 0)
		close(dir);
	if (batch->found && (error == -ENOENT || error == -EACCES))
		error = 0;
	if (!error && !batch->found)
		error = -ENOENT;
	if (rule->optional && (error == -ENOENT || error == -ENOTDIR || error == -EACCES))
		error = 0;
	return error;
}

/* Say why a path cannot be had. */
static void explain(struct fault *fault, const struct path_rule *rule, int error)
{
	switch (error) {
	case -ENOENT:
	case -ENOTDIR:
		fault_set(fault, "put - before the path if it need not exist", "%s: %s",
			  rule->pattern, strerror(-error));
		break;
	case -EACCES:
		fault_set(fault, "put - before the path if it does not matter to you",
			  "%s: %s", rule->pattern, strerror(-error));
		break;
	case -ELOOP:
		fault_set(fault, "name what the symbolic links were to lead to", "%s: %s",
			  rule->pattern, strerror(-error));
		break;
	case -ENOTSOCK:
		fault_set(fault, "name the socket itself, or a pattern such as DIRECTORY/*",
			  "%s: is no unix socket", rule->pattern);
		break;
	case -EILSEQ:
		fault_set(fault,
			  "patterns have * ? [a-z] [!a-z]; put \\ before what stands for itself",
			  "%s: not a pattern", rule->pattern);
		break;
	case -ENAMETOOLONG:
		fault_set(fault, "a pattern of names has at most 63 characters", "%s: too long",
			  rule->pattern);
		break;
	default:
		fault_set(fault, "see that stat(1) finds it, or leave it out", "%s: %s",
			  rule->pattern, strerror(-error));
	}
}

/**
 * rules_add_path - Add a rule about a path
 * @rules: where to
 * @kind: what it is for
 * @pattern: path, or pattern of paths
 * @optional: it may be missing, so that it is not looked for before rules_apply()
 * @where: for messages: the place that it was written at
 * @fault: gets what is wrong with it
 *
 * Return: 0 or -errno.
 */
int rules_add_path(struct rules *rules, enum rule_kind kind, const char *pattern,
		   bool optional, const char *where, struct fault *fault)
{
	struct path_rule *rule;
	struct batch *batch;
	int error;

	rules->paths = needed(reallocarray(rules->paths, rules->paths_count + 1, sizeof(*rule)));
	rule = &rules->paths[rules->paths_count++];
	*rule = (struct path_rule){
		.pattern = needed(strdup(pattern)),
		.where = needed(strdup(where)),
		.kind = kind,
		.optional = optional,
	};
	if (optional && kind != RULE_UNIX) {
		error = check_pattern(pattern);
	} else {
		batch = batch_new(-1, 0);
		error = expand_rule(batch, rule);
		batch_free(batch);
	}
	if (error)
		explain(fault, rule, error);
	return error;
}

/**
 * rules_add_command - Allow the file of a command to be executed
 * @rules: where to
 * @command: what execvp(3) is given; if there is no such file, that will say so
 */
void rules_add_command(struct rules *rules, const char *command)
{
	const char *dirs = getenv("PATH"), *end;
	char path[PATH_MAX], *pattern;
	struct fault fault;

	snprintf(path, sizeof(path), "%s", command);
	if (!strchr(command, '/')) {
		for (dirs = dirs ? dirs : "/bin:/usr/bin";; dirs = end + 1) {
			end = strchrnul(dirs, ':');
			snprintf(path, sizeof(path), "%.*s/%s", end > dirs ? (int)(end - dirs) : 1,
				 end > dirs ? dirs : ".", command);
			if (!access(path, X_OK))
				break;
			if (!*end)
				return;
		}
	}
	pattern = rules_escape(path);
	rules_add_path(rules, RULE_EXEC, pattern, true, "the command", &fault);
	free(pattern);
}

/**
 * rules_add_net - Add a rule about addresses
 * @rules: where to
 * @rule: the rule
 */
void rules_add_net(struct rules *rules, const struct sbpf_net_rule *rule)
{
	rules->nets = needed(reallocarray(rules->nets, rules->nets_count + 1, sizeof(*rule)));
	rules->nets[rules->nets_count++] = *rule;
}

/**
 * rules_add_dev - Add a rule about a device
 * @rules: where to
 * @rule: the rule
 */
void rules_add_dev(struct rules *rules, const struct sbpf_dev_rule *rule)
{
	rules->devs = needed(reallocarray(rules->devs, rules->devs_count + 1, sizeof(*rule)));
	rules->devs[rules->devs_count++] = *rule;
}

/* Report a failure to give the rules to a sandbox. */
static void failed(int error)
{
	const char *hint = NULL;

	if (error == -E2BIG)
		hint = "fewer patterns: a sandbox has room for 1024, and for 65536 paths";
	if (error == -EOPNOTSUPP)
		hint = "no patterns of names where capital letters do not matter, as on vfat";
	if (error == -EMFILE)
		hint = "ulimit -n says how many files may be open";
	out_error(hint, "cannot set the rules of the sandbox: %s", strerror(-error));
}

static int apply_path(struct batch *batch, const struct path_rule *rule)
{
	int error = expand_rule(batch, rule);
	struct fault fault;

	if (error == -E2BIG || error == -ENOMEM || error == -EMFILE || error == -EOPNOTSUPP) {
		failed(error);
	} else if (error) {
		explain(&fault, rule, error);
		out_error(*fault.remedy ? fault.remedy : NULL, "%s: %s", rule->where, fault.what);
	}
	return error;
}

/**
 * rules_apply - Give the rules to a sandbox
 * @rules: rules
 * @sandbox: its descriptor
 *
 * Reports what is wrong if that fails. Opens paths and may be called where those
 * are to be found.
 *
 * Return: 0 or -errno.
 */
int rules_apply(const struct rules *rules, int sandbox)
{
	struct sbpf_set_rules set = {
		.nets = (unsigned long)rules->nets,
		.devs = (unsigned long)rules->devs,
		.nets_count = rules->nets_count,
		.devs_count = rules->devs_count,
		.rights = rules->rights,
		.capabilities = rules->capabilities,
		.sockets = rules->sockets,
	};
	struct batch *batch = batch_new(sandbox, rules->small ? BATCH_SMALL : BATCH);
	int error = 0;
	__u32 i;

	for (i = 0; i < rules->paths_count && !error; i++)
		error = apply_path(batch, &rules->paths[i]);
	if (!error) {
		error = give(batch, &set);
		if (error)
			failed(error);
	}
	batch_free(batch);
	return error;
}
