// SPDX-License-Identifier: GPL-2.0-only
/*
 * References to sandboxes: what is acquired is released once on every path, and
 * only what was acquired; whether there was one to acquire is looked at.
 */
#include "reject.bpf.h"

char LICENSE[] SEC("license") = "GPL";

#define RELEASE_NEEDS_REFERENCE \
	"release kernel function .* expects refcounted|release kfunc .* expects referenced"
/* What is left in the register after a release is a number. */
#define NOT_A_SANDBOX \
	RELEASE_NEEDS_REFERENCE "|arg#0 .*(pointer|referenced|scalar)" \
				"|R1 is scalar expected (STRUCT|struct)"

REJECT(file_open, no_release, "Unreleased reference", struct file *file)
{
	struct sbpf_sandbox *s;

	s = bpf_sbpf_sandbox_acquire(bpf_get_current_task_btf());
	if (!s)
		return 0;
	GOOD(bpf_sbpf_sandbox_release(s);)
	return 0;
}

REJECT(file_open, no_release_on_one_path, "Unreleased reference", struct file *file)
{
	struct sbpf_sandbox *s;

	s = bpf_sbpf_sandbox_acquire(bpf_get_current_task_btf());
	if (!s)
		return 0;
	if (s->layer == 1) {
		GOOD(bpf_sbpf_sandbox_release(s);)
		return -EPERM;
	}
	bpf_sbpf_sandbox_release(s);
	return 0;
}

REJECT(task_kill, lost_reference, "Unreleased reference", struct task_struct *target,
       int sig)
{
	struct sbpf_sandbox *s;

	s = bpf_sbpf_sandbox_acquire(target);
	GOOD(if (s) bpf_sbpf_sandbox_release(s);)
	s = bpf_sbpf_sandbox_acquire(bpf_get_current_task_btf());
	if (s)
		bpf_sbpf_sandbox_release(s);
	return 0;
}

REJECT(file_open, release_twice, NOT_A_SANDBOX, struct file *file)
{
	struct sbpf_sandbox *s;

	s = bpf_sbpf_sandbox_acquire(bpf_get_current_task_btf());
	if (!s)
		return 0;
	bpf_sbpf_sandbox_release(s);
	BAD(bpf_sbpf_sandbox_release(s);)
	return 0;
}

REJECT(file_open, use_after_release, "invalid mem access", struct file *file)
{
	struct sbpf_sandbox *s;
	u64 id = 0;

	s = bpf_sbpf_sandbox_acquire(bpf_get_current_task_btf());
	if (!s)
		return 0;
	GOOD(id = s->id;)
	bpf_sbpf_sandbox_release(s);
	BAD(id = s->id;)
	return id == 1 ? -EPERM : 0;
}

REJECT(file_open, pass_after_release, NOT_A_SANDBOX, struct file *file)
{
	struct sbpf_sandbox *s;
	u64 used = 0;

	s = bpf_sbpf_sandbox_acquire(bpf_get_current_task_btf());
	if (!s)
		return 0;
	GOOD(used = bpf_sbpf_resource_usage(s, SBPF_RESOURCE_PIDS);)
	bpf_sbpf_sandbox_release(s);
	BAD(used = bpf_sbpf_resource_usage(s, SBPF_RESOURCE_PIDS);)
	return used > 9 ? -EAGAIN : 0;
}

/* The sandbox that an operation is given is lent, not given away. */
REJECT(file_open, release_argument, RELEASE_NEEDS_REFERENCE, struct file *file)
{
	BAD(bpf_sbpf_sandbox_release(sandbox);)
	return 0;
}

REJECT(file_open, read_of_none, "invalid mem access '(trusted_)?ptr_or_null_'",
       struct file *file)
{
	struct sbpf_sandbox *s;
	u64 id;

	s = bpf_sbpf_sandbox_acquire(bpf_get_current_task_btf());
	GOOD(if (!s) return 0;)
	id = s->id;
	BAD(if (s))
		bpf_sbpf_sandbox_release(s);
	return id == 1 ? -EPERM : 0;
}

REJECT(file_open, pass_of_none, "Possibly NULL pointer passed", struct file *file)
{
	struct sbpf_sandbox *s;

	s = bpf_sbpf_sandbox_acquire(bpf_get_current_task_btf());
	GOOD(if (s))
		bpf_sbpf_sandbox_release(s);
	return 0;
}
