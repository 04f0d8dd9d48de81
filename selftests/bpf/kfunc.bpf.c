// SPDX-License-Identifier: GPL-2.0-only
/*
 * kfunc - A policy that calls every kfunc and leaves the results to the test
 *
 * Opening the file with the number watched_ino exercises what concerns files and
 * the sandbox, a signal what concerns two tasks, and opening the file with the
 * number deadly_ino kills the sandbox. Who writes into a member is written to.
 */
#include "vmlinux.h"
#include <sbpf/policy.bpf.h>
#include <sbpf/rules.bpf.h>

char LICENSE[] SEC("license") = "GPL";

/* In. */
__u64 watched_ino;
__u64 deadly_ino;
/* Sizes to ask the path with, next to that of the whole buffer. */
__u32 path_size;
__u32 resource;
__u64 note_number;
/* What to tighten the limit of the resource to; 0 for not. */
__u64 tighten;
/* Where to write to in the memory of the member; 0 for nowhere. */
__u64 write_addr;

/* Out: of opening the watched file. */
__u32 opens;
char path[SBPF_TEXT_MAX];
int path_ret;
char path_sized[SBPF_TEXT_MAX];
int path_sized_ret;
int note_ret;
int note_long_ret;
int write_ret;
int write_long_ret;
__u64 usage;
__u64 limit;
int tighten_ret;
__u64 own_id;
__u32 own_layer;
__u64 asked_id;

/* Out: of a link, to a name that has no end. */
static struct sbpf_new_name endless;
int endless_ret;
int endless_create;

/* Out: of a write into a member, or by one. */
__u32 mem_writes;
int mem_write_ret;
/* The same with the sandbox of who writes, whichever that is. */
int mem_write_theirs_ret;

/* Out: of a signal. */
__u32 kills;
__u64 target_id;
bool target_none;
bool target_within;
bool target_same;
bool self_within;
bool self_same;

static char long_text[2 * SBPF_TEXT_MAX];

static void watch(struct sbpf_sandbox *sandbox, struct file *file)
{
	struct sbpf_sandbox *own;
	char mark[] = "mark";
	__u32 size = path_size;
	__u32 i;

	__sync_fetch_and_add(&opens, 1);
	asked_id = sandbox->id;
	path_ret = bpf_sbpf_file_path(file, path, sizeof(path));
	if (size <= sizeof(path_sized))
		path_sized_ret = bpf_sbpf_file_path(file, path_sized, size);
	note_ret = sbpf_note(sandbox, "watched file opened", note_number);
	for (i = 0; i < sizeof(long_text); i++)
		long_text[i] = 'x';
	note_long_ret = bpf_sbpf_note(sandbox, long_text, sizeof(long_text), ~0ULL);
	usage = bpf_sbpf_resource_usage(sandbox, resource);
	if (tighten)
		tighten_ret = bpf_sbpf_limit_tighten(sandbox, resource, tighten);
	limit = bpf_sbpf_resource_limit(sandbox, resource);
	if (write_addr) {
		write_ret = bpf_sbpf_write_user(sandbox, write_addr, mark, 4);
		write_long_ret = bpf_sbpf_write_user(sandbox, write_addr, long_text,
						     sizeof(long_text));
	}
	own = bpf_sbpf_sandbox_acquire(bpf_get_current_task_btf());
	if (own) {
		own_id = own->id;
		own_layer = own->layer;
		bpf_sbpf_sandbox_release(own);
	}
}

SBPF_OP(file_open, struct sbpf_sandbox *sandbox, struct file *file)
{
	__u64 ino = file->f_inode->i_ino;

	if (watched_ino && ino == watched_ino)
		watch(sandbox, file);
	if (deadly_ino && ino == deadly_ino)
		bpf_sbpf_sandbox_kill(sandbox);
	return 0;
}

SBPF_OP(path_link, struct sbpf_sandbox *sandbox, struct dentry *old_dentry,
	const struct path *new_dir, const char *new_name)
{
	__u32 i;

	for (i = 0; i < sizeof(endless.name); i++)
		endless.name[i] = 'x';
	endless_ret = bpf_sbpf_link_access(sandbox, old_dentry, new_dir, &endless);
	endless_create = bpf_sbpf_create_access(sandbox, new_dir, &endless,
						SBPF_ACCESS_CREATE_FILE);
	return 0;
}

SBPF_OP(task_kill, struct sbpf_sandbox *sandbox, struct task_struct *target, int sig)
{
	struct task_struct *self = bpf_get_current_task_btf();
	struct sbpf_sandbox *theirs;

	__sync_fetch_and_add(&kills, 1);
	theirs = bpf_sbpf_sandbox_acquire(target);
	target_none = !theirs;
	if (theirs) {
		target_id = theirs->id;
		bpf_sbpf_sandbox_release(theirs);
	}
	target_within = bpf_sbpf_sandbox_contains(sandbox, target);
	target_same = bpf_sbpf_task_same(self, target);
	self_within = bpf_sbpf_sandbox_contains(sandbox, self);
	self_same = bpf_sbpf_task_same(self, self);
	return 0;
}

SBPF_OP(mem_write, struct sbpf_sandbox *sandbox, const struct sbpf_write_record *record)
{
	struct sbpf_sandbox *theirs;
	char mark[] = "mark";

	__sync_fetch_and_add(&mem_writes, 1);
	mem_write_ret = bpf_sbpf_write_user(sandbox, write_addr, mark, 4);
	theirs = bpf_sbpf_sandbox_acquire(bpf_get_current_task_btf());
	if (theirs) {
		mem_write_theirs_ret = bpf_sbpf_write_user(theirs, write_addr, mark, 4);
		bpf_sbpf_sandbox_release(theirs);
	}
	return 0;
}

SBPF_POLICY(policy) = {
	.file_open = (void *)file_open,
	.path_link = (void *)path_link,
	.task_kill = (void *)task_kill,
	.mem_write = (void *)mem_write,
	.name = "kfunc",
};
