/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Events: numbered records of what was denied, noted and changed, handed
 * to whoever listens on the tracepoints
 */
#ifndef _SBPF_EVENT_H
#define _SBPF_EVENT_H

#include <linux/compiler_attributes.h>
#include <linux/types.h>

#include "uapi/sbpf.h"

struct dentry;
struct file;
struct inode;
struct path;
struct sbpf_policy_version;
struct sbpf_sandbox;
struct sock;
struct sockaddr;
struct task_struct;

/**
 * struct sbpf_object - What an operation acts upon; what does not apply is zero
 * @file: file
 * @path: file or, with @dentry, the directory that has it
 * @dentry: file, which need not exist; without @path on a mount unknown
 * @inode: the file's, if it is not what @path and @dentry lead to
 * @task: task
 * @address: address in kernel memory
 * @address_len: its length in bytes
 * @unix_sock: unix socket, which may have an address
 * @text: name, terminated, that is told as it is
 * @resource: resource of a limit
 * @number: see struct sbpf_event
 * @addr: see struct sbpf_event
 * @len: see struct sbpf_event
 */
struct sbpf_object {
	const struct file *file;
	const struct path *path;
	const struct dentry *dentry;
	const struct inode *inode;
	struct task_struct *task;
	const struct sockaddr *address;
	int address_len;
	const struct sock *unix_sock;
	const char *text;
	u16 resource;
	u64 number;
	u64 addr;
	u64 len;
};

const char *sbpf_op_name(enum sbpf_op op);
void sbpf_event_denied(struct sbpf_sandbox *sandbox,
		       const struct sbpf_policy_version *version, enum sbpf_op op,
		       int error, u32 flags, const struct sbpf_object *object);
void sbpf_event_error(struct sbpf_sandbox *sandbox,
		      const struct sbpf_policy_version *version, enum sbpf_op op,
		      int value);
void sbpf_event_note(struct sbpf_sandbox *sandbox, const char *text, size_t len,
		     u64 number);
void sbpf_event_limit(struct sbpf_sandbox *sandbox, u16 resource, u32 flags);
void sbpf_event_not_tightened(struct sbpf_sandbox *sandbox, u16 resource, int error);
void sbpf_event_sandbox(struct sbpf_sandbox *sandbox, const char *what);
__printf(2, 3) void sbpf_event_control(u64 number, const char *format, ...);
void sbpf_event_write(const struct sbpf_write_record *record);
u64 sbpf_event_newest(void);

#endif /* _SBPF_EVENT_H */
