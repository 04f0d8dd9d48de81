// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who may call what: kfuncs for policies are for policies, and where an operation
 * may not sleep nothing that sleeps is accepted.
 */
#include "reject.bpf.h"
#include <sbpf/rules.bpf.h>

char LICENSE[] SEC("license") = "GPL";

#define NOT_ALLOWED(kfunc) "calling kernel function " kfunc " is not allowed"
#define HELPER(name, id) \
	"(program of this type cannot use helper|unknown func) " name "#" id

static __always_inline void take_and_give(void)
{
	struct sbpf_sandbox *s;

	s = bpf_sbpf_sandbox_acquire(bpf_get_current_task_btf());
	if (s)
		bpf_sbpf_sandbox_release(s);
}

/*
 * Kfuncs of policies, called by programs of other kinds. (Each by each:
 * kfuncs_are_for_policies_alone in generated_test.c.)
 */

REJECT_PROG("tp_btf/sched_process_exec", kfunc_from_tracing,
	    NOT_ALLOWED("bpf_sbpf_sandbox_acquire"), struct task_struct *task)
{
	BAD(take_and_give();)
	return 0;
}

REJECT_PROG("fentry/security_file_open", kfunc_from_fentry,
	    NOT_ALLOWED("bpf_sbpf_file_path"), struct file *file)
{
	char path[16];

	BAD(bpf_sbpf_file_path(file, path, sizeof(path));)
	return 0;
}

FOR(NOT_ALLOWED("bpf_sbpf_sandbox_acquire"))
SEC("kprobe/do_exit") int kfunc_from_kprobe(struct pt_regs *ctx)
{
	BAD(take_and_give();)
	return 0;
}

FOR(NOT_ALLOWED("bpf_sbpf_sandbox_acquire"))
SEC("socket") int kfunc_from_socket_filter(struct __sk_buff *skb)
{
	BAD(bpf_sbpf_sandbox_acquire(NULL);)
	return 0;
}

FOR(NOT_ALLOWED("bpf_sbpf_sandbox_acquire"))
SEC("tc") int kfunc_from_tc(struct __sk_buff *skb)
{
	BAD(bpf_sbpf_sandbox_acquire(NULL);)
	return 0;
}

FOR(NOT_ALLOWED("bpf_sbpf_sandbox_kill"))
SEC("xdp") int kfunc_from_xdp(struct xdp_md *xdp)
{
	BAD(bpf_sbpf_sandbox_kill(NULL);)
	return XDP_PASS;
}

FOR(NOT_ALLOWED("bpf_sbpf_sandbox_acquire"))
SEC("syscall") int kfunc_from_syscall(void *ctx)
{
	BAD(take_and_give();)
	return 0;
}

REJECT_PROG("lsm/file_open", kfunc_from_lsm,
	    NOT_ALLOWED("bpf_sbpf_sandbox_acquire"), struct file *file)
{
	BAD(take_and_give();)
	return 0;
}

REJECT_PROG("lsm/file_open", note_from_lsm, NOT_ALLOWED("bpf_sbpf_note"),
	    struct file *file)
{
	BAD(bpf_sbpf_note(NULL, "", 1, 0);)
	return 0;
}

/* Another struct_ops type has the program type of policies, but is none. */
REJECT_OPS(tcp_congestion_ops, "struct_ops/ssthresh", ssthresh,
	   other_ops, NOT_ALLOWED("bpf_sbpf_sandbox_acquire"), struct sock *sk)
{
	BAD(take_and_give();)
	return 2;
}

/* Sleeping where it is not allowed. */

#ifdef MENDED
#define MAYBE_SLEEPABLE(op) "struct_ops/" #op
#else
#define MAYBE_SLEEPABLE(op) "struct_ops.s/" #op
#endif

/* As any operation: operations_do_not_sleep in generated_test.c. */
REJECT_OPS(sbpf_policy_ops, MAYBE_SLEEPABLE(file_open), file_open, sleepable_file_open,
	   "attach to unsupported member file_open", struct sbpf_sandbox *sandbox,
	   struct file *file)
{
	return 0;
}

/* sandbox_init and sandbox_exit may sleep; one that does not is fine as well. */
REJECT_OPS(sbpf_policy_ops, "struct_ops.s/sandbox_init", sandbox_init, sleepable_init,
	   HELPER("bpf_probe_write_user", "36"), struct sbpf_sandbox *sandbox)
{
	BAD(bpf_probe_write_user(NULL, "", 1);)
	return 0;
}

REJECT_OPS(sbpf_policy_ops, "struct_ops.s/sandbox_exit", sandbox_exit, sleepable_exit,
	   HELPER("bpf_probe_write_user", "36"), struct sbpf_sandbox *sandbox)
{
	BAD(bpf_probe_write_user(NULL, "", 1);)
	return 0;
}

/* Those that ask path rules, with arguments; of vma_access there is more to say. */
#define RULES_KFUNCS(X)				\
	X(path_access, NULL, 0)			\
	X(dentry_access, NULL, 0)		\
	X(open_access, NULL)			\
	X(create_access, NULL, NULL, 0)		\
	X(remove_access, NULL, NULL)		\
	X(link_access, NULL, NULL, NULL)	\
	X(rename_access, NULL, NULL, NULL, NULL)

/* Who may sleep is not under the RCU that walks up to the root rely on. */
#define ASKS(kfunc, args...)							\
	REJECT_OPS(sbpf_policy_ops, "struct_ops.s/sandbox_init", sandbox_init,	\
		   sleepable_##kfunc, NOT_ALLOWED("bpf_sbpf_" #kfunc),		\
		   struct sbpf_sandbox *sandbox)				\
	{									\
		BAD(bpf_sbpf_##kfunc(sandbox, args);)				\
		return 0;							\
	}

RULES_KFUNCS(ASKS)

/* One that could, did it not sleep. */
REJECT_OPS(sbpf_policy_ops, MAYBE_SLEEPABLE(sandbox_exit), sandbox_exit, sleepable_asks,
	   NOT_ALLOWED("bpf_sbpf_vma_access"), struct sbpf_sandbox *sandbox)
{
	struct bpf_iter_task_vma iter;
	struct vm_area_struct *vma;

	bpf_iter_task_vma_new(&iter, bpf_get_current_task_btf(), 0);
	while ((vma = bpf_iter_task_vma_next(&iter)))
		bpf_sbpf_vma_access(sandbox, vma, 0);
	bpf_iter_task_vma_destroy(&iter);
	return 0;
}

/* Whoever is asked about a write may be holding the lock that these wait for. */
#define WAITS(kfunc, args...)							\
	REJECT(mem_write, writing_##kfunc, NOT_ALLOWED("bpf_sbpf_" #kfunc),	\
	       const struct sbpf_write_record *record)				\
	{									\
		BAD(bpf_sbpf_##kfunc(sandbox, args);)				\
		return 0;							\
	}

RULES_KFUNCS(WAITS)
WAITS(unix_access, NULL)

REJECT(mem_write, writing_file_path, NOT_ALLOWED("bpf_sbpf_file_path"),
       const struct sbpf_write_record *record)
{
	char path[16];

	BAD(bpf_sbpf_file_path(NULL, path, sizeof(path));)
	return 0;
}

/* One that finds what to ask about; other operations may. */
#ifdef MENDED
#define OTHER_THAN_WRITE path_chroot
#else
#define OTHER_THAN_WRITE mem_write
#endif
#define REJECT_AT(op, args...) REJECT(op, args)
REJECT_AT(OTHER_THAN_WRITE, writing_asks, NOT_ALLOWED("bpf_sbpf_vma_access"))
{
	struct bpf_iter_task_vma iter;
	struct vm_area_struct *vma;

	bpf_iter_task_vma_new(&iter, bpf_get_current_task_btf(), 0);
	while ((vma = bpf_iter_task_vma_next(&iter)))
		bpf_sbpf_vma_access(sandbox, vma, 0);
	bpf_iter_task_vma_destroy(&iter);
	return 0;
}

REJECT(file_open, sleeping_helper,
       HELPER("bpf_copy_from_user", "148") "|might sleep|sleepable helper",
       struct file *file)
{
	char buf[8];

	BAD(bpf_copy_from_user(buf, sizeof(buf), NULL);)
	return 0;
}

/* Helpers that a policy has no use for. */

REJECT(file_open, write_user, HELPER("bpf_probe_write_user", "36"), struct file *file)
{
	BAD(bpf_probe_write_user((void *)4096, "x", 1);)
	return 0;
}

REJECT(file_open, override, HELPER("bpf_override_return", "58"), struct file *file)
{
	BAD(bpf_override_return(NULL, 0);)
	return 0;
}

REJECT(file_open, sys_bpf, HELPER("bpf_sys_bpf", "166"), struct file *file)
{
	BAD(bpf_sys_bpf(0, NULL, 0);)
	return 0;
}
