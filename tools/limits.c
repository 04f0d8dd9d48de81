// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Limits of resources
 *
 * A limit is written as AMOUNT[:ACTION]. Amounts of time and of bytes may have a unit.
 */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dev.h"
#include "limits.h"
#include "names.h"
#include "out.h"

enum unit { COUNT, TIME, BYTES, CPUS };

static const struct suffix {
	enum unit unit;
	const char *text;
	double factor;
} suffixes[] = {
	{ COUNT, "", 1 },
	{ TIME, "", 1e9 },
	{ TIME, "ms", 1e6 },
	{ TIME, "s", 1e9 },
	{ TIME, "m", 60e9 },
	{ TIME, "h", 3600e9 },
	{ TIME, "d", 24 * 3600e9 },
	{ BYTES, "", 1 },
	{ BYTES, "K", 1ULL << 10 },
	{ BYTES, "M", 1ULL << 20 },
	{ BYTES, "G", 1ULL << 30 },
	{ BYTES, "T", 1ULL << 40 },
	{ CPUS, "", 1000 },
	{ CPUS, "%", 10 },
};

static const char *const remedies[] = {
	[COUNT] = "write a number from 1 on",
	[TIME] = "write a number with ms, s, m, h or d",
	[BYTES] = "write a number with K, M, G or T",
	[CPUS] = "write a number of CPUs, as 0.5, or 50%",
};

static enum unit unit(int number)
{
	switch (number) {
	case SBPF_RESOURCE_CPU_TIME:
	case SBPF_RESOURCE_WALL_TIME:
		return TIME;
	case SBPF_RESOURCE_BYTES_READ:
	case SBPF_RESOURCE_BYTES_WRITTEN:
	case SBPF_RESOURCE_MEMORY:
	case SBPF_RESOURCE_FILE_SIZE:
		return BYTES;
	case SBPF_RESOURCE_CPU_SHARE:
		return CPUS;
	default:
		return COUNT;
	}
}

/* An amount: 0 if it makes no sense. */
static __u64 amount(const char *text, size_t len, enum unit of)
{
	char copy[32], *end;
	double value;
	size_t i;

	if (len >= sizeof(copy) || *text < '0' || *text > '9')
		return 0;
	memcpy(copy, text, len);
	copy[len] = '\0';
	/* Nothing but what people write: no exponents, nor hexadecimal numbers. */
	end = copy + strspn(copy, of == COUNT ? "0123456789" : "0123456789.");
	for (i = 0; i < ARRAY_SIZE(suffixes); i++)
		if (suffixes[i].unit == of && !strcmp(suffixes[i].text, end))
			break;
	if (i == ARRAY_SIZE(suffixes))
		return 0;
	*end = '\0';
	value = strtod(copy, &end) * suffixes[i].factor;
	return !*end && value < 9e18 ? value : 0;
}

/**
 * limits_parse - Read one limit
 * @limits: gets it
 * @number: enum sbpf_resource
 * @value: as it was written
 * @fault: gets what is wrong
 *
 * Return: 0, or a negative number after telling what is wrong.
 */
int limits_parse(struct limits *limits, int number, const char *value, struct fault *fault)
{
	size_t len = strcspn(value, ":");
	enum unit of = unit(number);
	bool kill = of == TIME || number == SBPF_RESOURCE_MEMORY;
	int action = kill ? SBPF_ACTION_KILL : SBPF_ACTION_DENY;
	__u64 limit = amount(value, len, of);

	if (!limit)
		return fault_set(fault, remedies[of], "not a limit: %s", value);
	if (value[len] == ':') {
		action = name_find(name_action, value + len + 1);
		if (action < 0)
			return fault_set(fault, "there are: deny kill freeze notify",
					 "no such action: %s", value + len + 1);
		if (number == SBPF_RESOURCE_FILE_SIZE && action == SBPF_ACTION_NOTIFY)
			return fault_set(fault, "there are: deny kill freeze",
					 "the kernel denies it anyway: %s", value);
		if (of == TIME && action == SBPF_ACTION_DENY)
			return fault_set(fault, "there are: kill freeze notify",
					 "time cannot be denied: %s", value);
	}
	limits->limit[number] = limit;
	limits->action[number] = action;
	return 0;
}

/**
 * limits_apply - Set limits
 * @limits: those that were asked for
 * @sandbox: descriptor of the sandbox
 *
 * Reports what is wrong if that fails.
 *
 * Return: 0 or EXIT_FAILURE.
 */
int limits_apply(const struct limits *limits, int sandbox)
{
	struct sbpf_limit list[SBPF_RESOURCE_MAX];
	__u32 count = 0, i;
	int error;

	for (i = 0; i < SBPF_RESOURCE_MAX; i++)
		if (limits->limit[i])
			list[count++] = (struct sbpf_limit){
				.resource = i,
				.action = limits->action[i],
				.limit = limits->limit[i],
			};
	error = count ? sbpf_limits(sandbox, list, count) : 0;
	if (!error)
		return 0;
	return out_error(error == -EINVAL ? "rates are less than 2^32, memory is at least 4K, "
					    "cpu from 1% to 1000" :
			 error == -EOPNOTSUPP ? "sbpf check tells what this kernel does not count" :
						"dmesg may tell more",
			 "cannot set limits: %s", strerror(-error));
}

/**
 * limits_text - An amount of a resource as text
 * @buf: where to put it
 * @size: size of @buf
 * @number: enum sbpf_resource
 * @value: the amount, SBPF_UNLIMITED for none, SBPF_UNKNOWN
 *
 * Return: @buf.
 */
const char *limits_text(char *buf, size_t size, int number, __u64 value)
{
	static const char units[] = " KMGT";
	double shown = value;
	int i = 0;

	if (value == SBPF_UNLIMITED) {
		snprintf(buf, size, "-");
		return buf;
	}
	switch (unit(number)) {
	case TIME:
		snprintf(buf, size, "%.3fs", value / 1e9);
		break;
	case BYTES:
		for (; shown >= 1024 && i < 4; i++)
			shown /= 1024;
		if (i)
			snprintf(buf, size, "%.1f%c", shown, units[i]);
		else
			snprintf(buf, size, "%llu", value);
		break;
	case CPUS:
		snprintf(buf, size, "%.3g", value / 1e3);
		break;
	default:
		snprintf(buf, size, "%llu", value);
	}
	return buf;
}
