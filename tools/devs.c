// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Devices as people write them
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

#include "cli.h"
#include "devs.h"

#define DEV_RW		(SBPF_DEV_READ | SBPF_DEV_WRITE)
#define ANY		SBPF_DEV_ANY

/* Pseudo-terminals. */
#define PTS_FIRST	136
#define PTS_LAST	143

/**
 * struct device - A device by name; several lines are one with several numbers
 * @name: its name
 * @type: 'c' or 'b'
 * @first: first major number
 * @last: last major number
 * @minor: minor number, or ANY
 * @terminal: whoever has it could type for others
 * @nodes: where its nodes are
 */
struct device {
	const char *name;
	char type;
	__u32 first;
	__u32 last;
	__u32 minor;
	bool terminal;
	const char *nodes;
};

static const struct device devices[] = {
	/* Those that every sandbox gets come first. */
	{ "null", 'c', 1, 1, 3, false, "/dev/null" },
	{ "zero", 'c', 1, 1, 5, false, "/dev/zero" },
	{ "full", 'c', 1, 1, 7, false, "/dev/full" },
	{ "random", 'c', 1, 1, 8, false, "/dev/random" },
	{ "urandom", 'c', 1, 1, 9, false, "/dev/urandom" },
	{ "tty", 'c', 5, 5, 0, true, "/dev/tty" },
	{ "ptmx", 'c', 5, 5, 2, true, "/dev/ptmx" },
	{ "pts", 'c', PTS_FIRST, PTS_LAST, ANY, true, "/dev/pts" },
	{ "console", 'c', 4, 4, ANY, true, "/dev/tty[0-9]*" },
	{ "console", 'c', 5, 5, 1, true, "/dev/console" },
	{ "serial", 'c', 4, 4, ANY, true, "/dev/ttyS*" },
	{ "serial", 'c', 166, 166, ANY, true, "/dev/ttyACM*" },
	{ "serial", 'c', 188, 188, ANY, true, "/dev/ttyUSB*" },
	{ "input", 'c', 13, 13, ANY, false, "/dev/input" },
	{ "sound", 'c', 116, 116, ANY, false, "/dev/snd" },
	{ "video", 'c', 81, 81, ANY, false, "/dev/video*" },
	{ "dri", 'c', 226, 226, ANY, false, "/dev/dri" },
	{ "fb", 'c', 29, 29, ANY, false, "/dev/fb[0-9]*" },
	{ "usb", 'c', 189, 189, ANY, false, "/dev/bus/usb" },
	{ "fuse", 'c', 10, 10, 229, false, "/dev/fuse" },
	{ "kvm", 'c', 10, 10, 232, false, "/dev/kvm" },
	{ "tun", 'c', 10, 10, 200, false, "/dev/net/tun" },
	{ "loop", 'c', 10, 10, 237, false, "/dev/loop-control" },
	{ "loop", 'b', 7, 7, ANY, false, "/dev/loop[0-9]*" },
	{ "cdrom", 'b', 11, 11, ANY, false, "/dev/sr[0-9]*" },
};

#define DEFAULT_COUNT	7

/*
 * What types for others, changes how a line is read, or what stays of consoles: their
 * keyboards, fonts and modes (<linux/kd.h>), and which is shown (<linux/vt.h>).
 */
static const struct {
	__u32 first;
	__u32 last;
} terminal_denied[] = {
	{ TIOCSTI, TIOCSTI },
	{ TIOCLINUX, TIOCLINUX },
	{ TIOCCONS, TIOCCONS },
	{ TIOCSETD, TIOCSETD },
	{ 0x5437, 0x5437 },	/* TIOCVHANGUP */
	{ 'K' << 8, 'K' << 8 | 0xff },
	{ 'V' << 8, 'V' << 8 | 0xff },
};

/* Were the commands of a rule asked for by themselves? */
static bool is_wanted(const struct rules *rules, const struct sbpf_dev_rule *rule)
{
	const struct sbpf_dev_rule *other;

	for (other = rules->devs; other < rules->devs + rules->devs_count; other++)
		if (other->allow & SBPF_DEV_IOCTL && other->ioctl_last != ~0U &&
		    other->type == rule->type && other->major == rule->major &&
		    (other->minor == rule->minor || other->minor == ANY) &&
		    other->ioctl_first <= rule->ioctl_first &&
		    other->ioctl_last >= rule->ioctl_last)
			return true;
	return false;
}

static void add_terminal(struct rules *rules, struct sbpf_dev_rule rule)
{
	size_t i;

	rule.allow = 0;
	rule.deny = SBPF_DEV_IOCTL;
	for (i = 0; i < ARRAY_SIZE(terminal_denied); i++) {
		rule.ioctl_first = terminal_denied[i].first;
		rule.ioctl_last = terminal_denied[i].last;
		if (!is_wanted(rules, &rule))
			rules_add_dev(rules, &rule);
	}
}

/* One rule, with all ioctls that the device has for everybody. */
static void add(struct rules *rules, struct sbpf_dev_rule rule, bool deny, __u32 access,
		bool terminal)
{
	*(deny ? &rule.deny : &rule.allow) = access;
	rules_add_dev(rules, &rule);
	if (terminal && !deny && rule.ioctl_last == ~0U && (access & SBPF_DEV_IOCTL))
		add_terminal(rules, rule);
}

static struct sbpf_dev_rule any_command(char type, __u32 major, __u32 minor)
{
	return (struct sbpf_dev_rule){
		.type = type == 'c' ? S_IFCHR : S_IFBLK,
		.major = major,
		.minor = minor,
		.ioctl_last = ~0U,
	};
}

/**
 * struct choice - Which devices, and what is to be said of them
 * @rules: where to
 * @where: for messages
 * @fault: gets what is wrong
 * @deny: deny instead of allow
 * @access: enum sbpf_dev_access
 * @first: first command
 * @last: last command
 */
struct choice {
	struct rules *rules;
	const char *where;
	struct fault *fault;
	bool deny;
	__u32 access;
	__u32 first;
	__u32 last;
};

static void add_numbers(const struct choice *choice, char type, __u32 major, __u32 minor,
			bool terminal)
{
	struct sbpf_dev_rule rule = any_command(type, major, minor);

	rule.ioctl_first = choice->first;
	rule.ioctl_last = choice->last;
	add(choice->rules, rule, choice->deny, choice->access, terminal);
}

/* The nodes can be opened as far as the device's rules allow. */
static int add_nodes(const struct choice *choice, const char *nodes, bool optional)
{
	if (choice->deny || !(choice->access & DEV_RW))
		return 0;
	return rules_add_path(choice->rules, RULE_NODE, nodes, optional, choice->where,
			      choice->fault);
}

static bool is_terminal(char type, __u32 major)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(devices); i++)
		if (devices[i].terminal && devices[i].type == type &&
		    major >= devices[i].first && major <= devices[i].last)
			return true;
	return false;
}

static int add_node(const struct choice *choice, const char *node)
{
	struct stat st;
	char *pattern, type;
	int error;

	if (stat(node, &st))
		return fault_set(choice->fault, "write its numbers: c:MAJOR:MINOR or b:MAJOR:MINOR",
				 "%s: %m", node);
	if (!S_ISCHR(st.st_mode) && !S_ISBLK(st.st_mode))
		return fault_set(choice->fault, "files are in [files]", "%s: is no device", node);
	type = S_ISCHR(st.st_mode) ? 'c' : 'b';
	add_numbers(choice, type, major(st.st_rdev), minor(st.st_rdev),
		    is_terminal(type, major(st.st_rdev)));
	pattern = rules_escape(node);
	error = add_nodes(choice, pattern, false);
	free(pattern);
	return error;
}

static bool read_number(const char *text, __u32 max, __u32 *number)
{
	__u64 value;

	if (!strcmp(text, "*")) {
		*number = ANY;
		return true;
	}
	*number = 0;
	if (!cli_number(text, &value) || value > max)
		return false;
	*number = value;
	return true;
}

static int add_by_number(const struct choice *choice, const char *text)
{
	__u32 major, minor;
	char copy[64], *colon;

	snprintf(copy, sizeof(copy), "%s", text + 2);
	colon = strchr(copy, ':');
	if (colon)
		*colon++ = '\0';
	if (!colon || !read_number(copy, 4095, &major) || !read_number(colon, 1048575, &minor) ||
	    (major == ANY && minor != ANY))
		return fault_set(choice->fault, "write " DEV_SYNTAX "; numbers may be *",
				 "not the numbers of a device: %s", text);
	add_numbers(choice, *text, major, minor, major == ANY || is_terminal(*text, major));
	return 0;
}

static void list_names(char *list, size_t size)
{
	size_t i, len;

	len = snprintf(list, size, "names are");
	for (i = 0; i < ARRAY_SIZE(devices); i++)
		if (!i || strcmp(devices[i].name, devices[i - 1].name))
			len += snprintf(list + len, len < size ? size - len : 0, " %s",
					devices[i].name);
}

static int add_by_name(const struct choice *choice, const char *name)
{
	bool found = false;
	char list[512];
	size_t i;
	int error = 0;
	__u32 major;

	for (i = 0; i < ARRAY_SIZE(devices) && !error; i++) {
		const struct device *device = &devices[i];

		if (strcmp(device->name, name))
			continue;
		found = true;
		for (major = device->first; major <= device->last; major++)
			add_numbers(choice, device->type, major, device->minor, device->terminal);
		error = add_nodes(choice, device->nodes, true);
	}
	if (found)
		return error;
	list_names(list, sizeof(list));
	return fault_set(choice->fault, list, "no such device: %s", name);
}

static int add_choice(const struct choice *choice, const char *text)
{
	if (*text == '/')
		return add_node(choice, text);
	if (!strncmp(text, "c:", 2) || !strncmp(text, "b:", 2))
		return add_by_number(choice, text);
	return add_by_name(choice, text);
}

static __u32 access_of(const char *letters)
{
	__u32 access = 0;

	for (; *letters; letters++) {
		switch (*letters) {
		case 'r':
			access |= SBPF_DEV_READ;
			break;
		case 'w':
			access |= SBPF_DEV_WRITE;
			break;
		case 'm':
			access |= SBPF_DEV_MKNOD;
			break;
		case 'i':
			access |= SBPF_DEV_IOCTL;
			break;
		default:
			return 0;
		}
	}
	return access;
}

/**
 * devs_add - Add rules about a device
 * @rules: where to
 * @deny: deny instead of allow
 * @text: as DEV_SYNTAX; without letters it is rwi to allow, rwmi to deny
 * @where: for messages: the place that it was written at
 * @fault: gets what is wrong with it
 *
 * Return: 0 or -errno.
 */
int devs_add(struct rules *rules, bool deny, const char *text, const char *where,
	     struct fault *fault)
{
	struct choice choice = {
		.rules = rules,
		.where = where,
		.fault = fault,
		.deny = deny,
		.access = DEV_RW | SBPF_DEV_IOCTL | (deny ? SBPF_DEV_MKNOD : 0),
		.last = ~0U,
	};
	char device[512], *letters;

	if (snprintf(device, sizeof(device), "%s", text) >= (int)sizeof(device))
		return fault_set(fault, "write " DEV_SYNTAX, "too long");
	letters = strrchr(device, ':');
	if (letters && access_of(letters + 1)) {
		choice.access = access_of(letters + 1);
		*letters = '\0';
	}
	return add_choice(&choice, device);
}

static bool read_command(const char *text, __u32 *command)
{
	unsigned long value;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	value = strtoul(text, &end, 0);
	*command = value;
	return !*end && !errno && value <= ~0U;
}

/**
 * devs_add_ioctl - Add rules about ioctls on a device
 * @rules: where to
 * @deny: deny instead of allow
 * @text: as DEV_IOCTL_SYNTAX
 * @where: for messages: the place that it was written at
 * @fault: gets what is wrong with it
 *
 * Return: 0 or -errno.
 */
int devs_add_ioctl(struct rules *rules, bool deny, const char *text, const char *where,
		   struct fault *fault)
{
	struct choice choice = {
		.rules = rules,
		.where = where,
		.fault = fault,
		.deny = deny,
		.access = SBPF_DEV_IOCTL,
	};
	char device[512], *commands, *dash;

	if (snprintf(device, sizeof(device), "%s", text) >= (int)sizeof(device))
		return fault_set(fault, "write " DEV_IOCTL_SYNTAX, "too long");
	commands = strrchr(device, ':');
	if (commands) {
		*commands++ = '\0';
		dash = strchr(commands, '-');
		if (dash)
			*dash++ = '\0';
		if (read_command(commands, &choice.first) &&
		    read_command(dash ? dash : commands, &choice.last) &&
		    choice.first <= choice.last)
			return add_choice(&choice, device);
	}
	return fault_set(fault, "write " DEV_IOCTL_SYNTAX ", as in kvm:0xae00-0xaeff",
			 "no range of commands: %s", text);
}

/**
 * devs_add_default - Add what every program needs: /dev/null, the terminal, ...
 * @rules: where to
 *
 * Of the terminals that standard input, output and error are, and of all
 * pseudo-terminals, that is ioctls only.
 */
void devs_add_default(struct rules *rules)
{
	struct fault fault;
	struct stat st;
	__u32 i;

	for (i = 0; i < DEFAULT_COUNT; i++)
		devs_add(rules, false, devices[i].name, "default devices", &fault);
	for (i = PTS_FIRST; i <= PTS_LAST; i++)
		add(rules, any_command('c', i, ANY), false, SBPF_DEV_IOCTL, true);
	for (i = 0; i <= STDERR_FILENO; i++)
		if (isatty(i) && !fstat(i, &st))
			add(rules, any_command('c', major(st.st_rdev), minor(st.st_rdev)), false,
			    SBPF_DEV_IOCTL, true);
}
