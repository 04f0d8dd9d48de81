// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Output: records as text or JSON, errors with their remedy
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>
#include <json-c/json.h>

#include "out.h"

/* How much of libbpf's warnings is kept, and how much of it is shown. */
#define LOG_BYTES	16384
#define LOG_LINES	20

bool out_json;
bool out_verbose;

/* What libbpf warned of since the last error, the end of it when it is long. */
static char log_text[LOG_BYTES + 1];
static size_t log_len;

/* Decode one UTF-8 sequence of at most @max bytes: its length, 0 if invalid. */
static size_t utf8_decode(const unsigned char *s, size_t max, __u32 *code)
{
	static const __u32 smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len, i;

	if (s[0] < 0x80) {
		*code = s[0];
		return 1;
	}
	len = s[0] >= 0xf8 ? 0 : s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : s[0] >= 0xc2 ? 2 : 0;
	if (!len || len > max)
		return 0;
	*code = s[0] & (0xff >> (len + 1));
	for (i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (s[i] & 0x3f);
	}
	if (*code < smallest[len] || *code > 0x10ffff || (*code >= 0xd800 && *code <= 0xdfff))
		return 0;
	return len;
}

/* Copy @text; bytes that are not UTF-8, and controls unless kept, as "\xNN". */
static char *escape(char *buf, size_t size, const char *text, size_t max, bool keep_controls)
{
	size_t len = strnlen(text, max), in = 0, out = 0;

	while (in < len) {
		const unsigned char *s = (const unsigned char *)text + in;
		__u32 code = 0;
		size_t n = utf8_decode(s, len - in, &code);

		if (!keep_controls && (code < 0x20 || (code >= 0x7f && code < 0xa0)))
			n = 0;
		if (out + (n ? n : 4) >= size)
			break;
		if (n) {
			memcpy(buf + out, s, n);
			out += n;
			in += n;
		} else {
			out += snprintf(buf + out, size - out, "\\x%02x", *s);
			in++;
		}
	}
	buf[out] = '\0';
	return buf;
}

/**
 * out_clean - Make a text of unknown origin safe for a terminal
 * @buf: where to put it
 * @size: bytes at @buf
 * @text: the text; a member of a sandbox may have chosen it
 * @max: bytes at @text, which may end earlier with a NUL
 *
 * Return: @buf, in which control characters and bytes that are not UTF-8 are
 * written as "\xNN".
 */
char *out_clean(char *buf, size_t size, const char *text, size_t max)
{
	return escape(buf, size, text, max, false);
}

/**
 * out_names - Write a bit mask as names
 * @buf: where to put them
 * @size: bytes at @buf
 * @mask: the mask
 * @name: gives the name of a bit
 *
 * Return: @buf: the names, separated by commas, or "-" for none.
 */
char *out_names(char *buf, size_t size, __u64 mask, const char *(*name)(__u32 bit))
{
	size_t len = 0;
	__u32 bit;

	snprintf(buf, size, "-");
	for (bit = 0; bit < 64 && len < size; bit++)
		if (mask & 1ULL << bit)
			len += snprintf(buf + len, size - len, "%s%s", len ? "," : "", name(bit));
	return buf;
}

/**
 * out_new - Begin a record
 *
 * Return: an empty record, to be given to out_record(); NULL without --json,
 * which the functions that add to a record ignore.
 */
struct json_object *out_new(void)
{
	return out_json ? json_object_new_object() : NULL;
}

/**
 * out_u64 - Add an unsigned number to a record
 * @record: the record
 * @key: name of the field
 * @value: the number
 */
void out_u64(struct json_object *record, const char *key, __u64 value)
{
	if (record)
		json_object_object_add(record, key, json_object_new_uint64(value));
}

/**
 * out_i64 - Add a signed number to a record
 * @record: the record
 * @key: name of the field
 * @value: the number
 */
void out_i64(struct json_object *record, const char *key, __s64 value)
{
	if (record)
		json_object_object_add(record, key, json_object_new_int64(value));
}

/**
 * out_text - Add a text to a record
 * @record: the record
 * @key: name of the field
 * @text: the text, of whatever origin
 * @max: bytes at @text, which may end earlier with a NUL
 *
 * Bytes that are not UTF-8, which JSON cannot hold, are written as "\xNN".
 */
void out_text(struct json_object *record, const char *key, const char *text, size_t max)
{
	/* Each byte may become "\xNN". */
	size_t size = 4 * strnlen(text, max) + 1;
	char *buf = record ? malloc(size) : NULL;

	if (!buf)
		return;
	escape(buf, size, text, max, true);
	json_object_object_add(record, key, json_object_new_string(buf));
	free(buf);
}

/**
 * out_list - Add a bit mask to a record as a list of names
 * @record: the record
 * @key: name of the field
 * @mask: the mask
 * @name: gives the name of a bit
 */
void out_list(struct json_object *record, const char *key, __u64 mask,
	      const char *(*name)(__u32 bit))
{
	struct json_object *list;
	__u32 bit;

	if (!record)
		return;
	list = json_object_new_array();
	for (bit = 0; bit < 64; bit++)
		if (mask & 1ULL << bit)
			json_object_array_add(list, json_object_new_string(name(bit)));
	json_object_object_add(record, key, list);
}

/**
 * out_array - Add an empty list of records to a record
 * @record: the record
 * @key: name of the field
 *
 * Return: the list.
 */
struct json_object *out_array(struct json_object *record, const char *key)
{
	struct json_object *list = NULL;

	if (record) {
		list = json_object_new_array();
		json_object_object_add(record, key, list);
	}
	return list;
}

/**
 * out_append - Put a record into a list
 * @list: from out_array()
 * @record: the record, the list's from now on
 */
void out_append(struct json_object *list, struct json_object *record)
{
	if (list)
		json_object_array_add(list, record);
}

/**
 * out_heading - Print the heading of a table, which JSON does not have
 * @line: the heading
 */
void out_heading(const char *line)
{
	if (!out_json)
		puts(line);
}

/**
 * out_record - Print a record and free it
 * @record: what is printed with --json
 * @fmt: what is printed without; texts of unknown origin cleaned
 */
void out_record(struct json_object *record, const char *fmt, ...)
{
	va_list args;

	if (out_json) {
		puts(json_object_to_json_string_ext(record, JSON_C_TO_STRING_PLAIN |
						    JSON_C_TO_STRING_NOSLASHESCAPE));
	} else {
		va_start(args, fmt);
		vprintf(fmt, args);
		va_end(args);
		putchar('\n');
	}
	json_object_put(record);
}

/**
 * out_forget - Leave what libbpf warned of so far out of the next report
 */
void out_forget(void)
{
	log_len = 0;
	log_text[0] = '\0';
}

/* The last LOG_LINES lines of what libbpf warned of. */
static const char *log_tail(void)
{
	const char *p = log_text + log_len;
	int lines = 0;

	while (p > log_text)
		if (*--p == '\n' && p + 1 < log_text + log_len && ++lines == LOG_LINES)
			return p + 1;
	return p;
}

static void complain(const char *kind, const char *hint, const char *fmt, va_list args)
{
	struct json_object *record;
	char message[1024];

	vsnprintf(message, sizeof(message), fmt, args);
	fflush(stdout);
	if (out_json) {
		record = out_new();
		out_text(record, kind, message, sizeof(message));
		if (log_len)
			json_object_object_add(record, "log", json_object_new_string(log_tail()));
		if (hint)
			out_text(record, "hint", hint, strlen(hint));
		fprintf(stderr, "%s\n",
			json_object_to_json_string_ext(record, JSON_C_TO_STRING_PLAIN |
						       JSON_C_TO_STRING_NOSLASHESCAPE));
		json_object_put(record);
	} else {
		fprintf(stderr, "sbpf: %s\n%s", message, log_tail());
		if (hint)
			fprintf(stderr, "hint: %s\n", hint);
	}
	out_forget();
}

/**
 * out_error - Report why the command fails
 * @hint: what the user can do about it, or NULL
 * @fmt: what was wrong
 *
 * What libbpf warned of since the last report, such as the verifier's log, is
 * part of this one.
 *
 * Return: EXIT_FAILURE.
 */
int out_error(const char *hint, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	complain("error", hint, fmt, args);
	va_end(args);
	return EXIT_FAILURE;
}

/**
 * out_warn - Report something that does not make the command fail
 * @hint: what the user can do about it, or NULL
 * @fmt: what was wrong
 */
void out_warn(const char *hint, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	complain("warning", hint, fmt, args);
	va_end(args);
}

/**
 * out_note - Tell on stderr how things stand
 * @fmt: what there is to tell
 */
void out_note(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	complain("note", NULL, fmt, args);
	va_end(args);
}

static int keep_log(enum libbpf_print_level level, const char *fmt, va_list args)
{
	const char *from;
	char *message;
	size_t len;

	if (out_verbose)
		return level == LIBBPF_DEBUG ? 0 : vfprintf(stderr, fmt, args);
	if (level != LIBBPF_WARN || vasprintf(&message, fmt, args) < 0)
		return 0;
	from = message;
	len = strlen(message);
	if (len > LOG_BYTES) {
		from += len - LOG_BYTES;
		len = LOG_BYTES;
	}
	if (log_len + len > LOG_BYTES) {
		size_t drop = log_len + len - LOG_BYTES;

		memmove(log_text, log_text + drop, log_len - drop);
		log_len -= drop;
	}
	memcpy(log_text + log_len, from, len);
	log_len += len;
	log_text[log_len] = '\0';
	free(message);
	return 0;
}

/**
 * out_init - Take what libbpf says into our hands
 */
void out_init(void)
{
	libbpf_set_print(keep_log);
}

/**
 * out_finish - Write out all that was printed
 * @status: exit status so far
 *
 * Return: @status, or EXIT_FAILURE if @status was success but the output did
 * not reach its destination.
 */
int out_finish(int status)
{
	if (fflush(stdout) || ferror(stdout)) {
		int error = out_error(NULL, "cannot write output: %m");

		return status ? status : error;
	}
	return status;
}
