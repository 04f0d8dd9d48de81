/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Output: records as text or JSON, errors with their remedy
 *
 * The only place that knows which of the two was asked for. Records go to
 * stdout, one per line; errors and warnings to stderr.
 */
#ifndef _SBPF_OUT_H
#define _SBPF_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

struct json_object;

#define __printf(text, first) __attribute((format(printf, text, first)))
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/** out_json: print JSON, one object per line (--json). */
extern bool out_json;

/** out_verbose: show what libbpf says, and what is done on the way (-v). */
extern bool out_verbose;

struct json_object *out_new(void);
void out_u64(struct json_object *record, const char *key, __u64 value);
void out_i64(struct json_object *record, const char *key, __s64 value);
void out_text(struct json_object *record, const char *key, const char *text, size_t max);
void out_list(struct json_object *record, const char *key, __u64 mask,
	      const char *(*name)(__u32 bit));
struct json_object *out_array(struct json_object *record, const char *key);
void out_append(struct json_object *list, struct json_object *record);

char *out_clean(char *buf, size_t size, const char *text, size_t max);
char *out_names(char *buf, size_t size, __u64 mask, const char *(*name)(__u32 bit));

void out_heading(const char *line);
void __printf(2, 3) out_record(struct json_object *record, const char *fmt, ...);
int __printf(2, 3) out_error(const char *hint, const char *fmt, ...);
void __printf(2, 3) out_warn(const char *hint, const char *fmt, ...);
void __printf(1, 2) out_note(const char *fmt, ...);

void out_init(void);
void out_forget(void);
int out_finish(int status);

#endif /* _SBPF_OUT_H */
