// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arguments: of operations, which policies may read, and of kfuncs, which must
 * be what the kernel takes them for.
 */
#include "reject.bpf.h"

char LICENSE[] SEC("license") = "GPL";

#define READ_ONLY "only read is supported|cannot write into"
#define BOUNDS "memory, len pair leads to invalid memory access|invalid (variable-offset )?(indirect )?(read|write|access) (to|from) stack|unbounded memory access|invalid access to memory"
#define NULLABLE "Possibly NULL pointer passed"
#define UNTRUSTED \
	"must be referenced or trusted|must be a rcu pointer|expected pointer|pointer type|is [a-z]+ expected (STRUCT|struct)"

/* Writes. */

REJECT(file_open, write_file, READ_ONLY, struct file *file)
{
	BAD(file->f_mode = FMODE_READ;)
	return file->f_mode & FMODE_WRITE ? -EACCES : 0;
}

REJECT(file_open, write_sandbox, READ_ONLY, struct file *file)
{
	BAD(sandbox->id = 1;)
	return sandbox->id == 1 ? -EACCES : 0;
}

REJECT(file_open, write_name, READ_ONLY, struct file *file)
{
	BAD(sandbox->name[0] = 0;)
	return sandbox->name[0] ? -EACCES : 0;
}

REJECT(task_kill, write_task, READ_ONLY, struct task_struct *target, int sig)
{
	BAD(target->pid = 1;)
	return target->pid == 1 ? -EPERM : 0;
}

REJECT(task_kill, write_current, READ_ONLY, struct task_struct *target, int sig)
{
	struct task_struct *task = bpf_get_current_task_btf();

	BAD(task->flags = 0;)
	return task->flags ? -EPERM : 0;
}

REJECT(file_open, write_context, "invalid bpf_context access", struct file *file)
{
	BAD(ctx[1] = 0;)
	return 0;
}

/* An argument that there is not. */
REJECT(file_open, third_argument, "invalid bpf_context access|doesn't have .* argument",
       struct file *file)
{
	return BAD(ctx[2] +) (ctx[1] ? 0 : -EPERM);
}

/* Buffers. */

REJECT(file_open, short_buffer, BOUNDS, struct file *file)
{
	char path[16];

	return bpf_sbpf_file_path(file, path, BAD(4 *) sizeof(path)) < 0 ? -EPERM : 0;
}

REJECT(file_open, unbounded_buffer, BOUNDS, struct file *file)
{
	u32 size = bpf_get_prandom_u32();
	char path[16];

	GOOD(size &= sizeof(path) - 1;)
	return bpf_sbpf_file_path(file, path, size) < 0 ? -EPERM : 0;
}

REJECT(file_open, no_buffer, BOUNDS "|" NULLABLE "|" UNTRUSTED, struct file *file)
{
	char path[16];

	return bpf_sbpf_file_path(file, BAD(NULL) GOOD(path), sizeof(path)) < 0 ? -EPERM : 0;
}

/* Memory of a kernel object is no buffer. */
REJECT(file_open, kernel_buffer, READ_ONLY "|type=.* expected=|" BOUNDS, struct file *file)
{
	char path[16];
	void *buf = BAD(file) GOOD(path);

	return bpf_sbpf_file_path(file, buf, sizeof(path)) < 0 ? -EPERM : 0;
}

REJECT(file_open, long_note, BOUNDS, struct file *file)
{
	char text[16] = "text";

	bpf_sbpf_note(sandbox, text, BAD(8 *) sizeof(text), 0);
	return 0;
}

REJECT(file_open, unbounded_note, BOUNDS, struct file *file)
{
	u32 size = bpf_get_prandom_u32();
	char text[16] = "text";

	GOOD(size &= sizeof(text) - 1;)
	bpf_sbpf_note(sandbox, text, size, 0);
	return 0;
}

/* Pointers that are not what they should be. */

REJECT(file_open, task_as_sandbox,
       "expected pointer to STRUCT sbpf_sandbox but .* pointer to STRUCT task_struct",
       struct file *file)
{
	void *s = BAD(bpf_get_current_task_btf()) GOOD(sandbox);

	return bpf_sbpf_resource_usage(s, SBPF_RESOURCE_PIDS) > 9 ? -EAGAIN : 0;
}

REJECT(file_open, file_as_task,
       "expected pointer to STRUCT task_struct but .* pointer to STRUCT file",
       struct file *file)
{
	void *task = BAD(file) GOOD(bpf_get_current_task_btf());

	return bpf_sbpf_sandbox_contains(sandbox, task) ? 0 : -EPERM;
}

REJECT(file_open, null_sandbox, NULLABLE "|" UNTRUSTED, struct file *file)
{
	return bpf_sbpf_resource_usage(BAD(NULL) GOOD(sandbox), SBPF_RESOURCE_PIDS) > 9 ?
		-EAGAIN : 0;
}

REJECT(file_open, number_as_sandbox, UNTRUSTED, struct file *file)
{
	void *s = BAD((void *)0xffff888000001000) GOOD(sandbox);

	return bpf_sbpf_resource_usage(s, SBPF_RESOURCE_PIDS) > 9 ? -EAGAIN : 0;
}

REJECT(file_open, stack_as_sandbox, UNTRUSTED, struct file *file)
{
	BAD(struct sbpf_sandbox fake = { .id = 1 };)
	void *s = BAD(&fake) GOOD(sandbox);

	return bpf_sbpf_resource_usage(s, SBPF_RESOURCE_PIDS) > 9 ? -EAGAIN : 0;
}

REJECT(file_open, offset_into_sandbox, "zero offset|" UNTRUSTED, struct file *file)
{
	void *s = sandbox;

	BAD(s += 8;)
	return bpf_sbpf_resource_usage(s, SBPF_RESOURCE_PIDS) > 9 ? -EAGAIN : 0;
}

/* Read from memory, so nobody knows whether the task still exists. */
REJECT(file_open, probed_task, UNTRUSTED, struct file *file)
{
	struct task_struct *task = bpf_get_current_task_btf();

	BAD(bpf_probe_read_kernel(&task, sizeof(task), &task->parent);)
	return bpf_sbpf_sandbox_contains(sandbox, task) ? 0 : -EPERM;
}

REJECT(file_open, walked_task, UNTRUSTED, struct file *file)
{
	struct task_struct *task = bpf_get_current_task_btf();

	BAD(task = task->parent;)
	return bpf_sbpf_task_same(bpf_get_current_task_btf(), task) ? 0 : -EPERM;
}

REJECT(mmap_file, unchecked_file, "invalid mem access '(trusted_|rcu_)*ptr_or_null_'",
       struct file *file, u64 reqprot, u64 prot, u64 flags)
{
	GOOD(if (!file) return 0;)
	return file->f_mode & FMODE_WRITE ? -EACCES : 0;
}

REJECT(path_rename, unchecked_inode, "invalid mem access '(trusted_|rcu_)*ptr_or_null_'",
       struct dentry *old_dentry, const struct path *new_dir, const char *new_name,
       struct inode *new_inode, u32 flags)
{
	GOOD(if (!new_inode) return 0;)
	return new_inode->i_ino == 1 ? -EACCES : 0;
}

REJECT(settime, unchecked_time, "invalid mem access '(trusted_|rcu_)*ptr_or_null_'",
       const struct timespec64 *ts, const struct timezone *tz)
{
	GOOD(if (!ts) return 0;)
	return ts->tv_sec ? -EPERM : 0;
}

REJECT(settime, unchecked_timezone, "invalid mem access '(trusted_|rcu_)*ptr_or_null_'",
       const struct timespec64 *ts, const struct timezone *tz)
{
	GOOD(if (!tz) return 0;)
	return tz->tz_dsttime ? -EPERM : 0;
}

REJECT(kernel_read_file, unchecked_read_file, "invalid mem access '(trusted_|rcu_)*ptr_or_null_'",
       struct file *file, u32 id)
{
	GOOD(if (!file) return 0;)
	return file->f_mode & FMODE_WRITE ? -EACCES : 0;
}

REJECT(mem_write, write_record, READ_ONLY, const struct sbpf_write_record *record)
{
	BAD(((struct sbpf_write_record *)record)->error = 0;)
	return record->len > 8 ? -EPERM : 0;
}

/* A text is an address, to be read by a helper. */
REJECT(path_mkdir, text_followed, "invalid mem access '(scalar|inv)'",
       const struct path *dir, const char *name, u32 mode)
{
	char first = 0;

	BAD(first = *name;)
	GOOD(bpf_probe_read_kernel(&first, sizeof(first), name);)
	return first == '.' ? -EACCES : 0;
}

REJECT(mmap_file, unchecked_path, NULLABLE, struct file *file, u64 reqprot, u64 prot,
       u64 flags)
{
	char path[16];

	GOOD(if (!file) return 0;)
	return bpf_sbpf_file_path(file, path, sizeof(path)) < 0 ? -EACCES : 0;
}
