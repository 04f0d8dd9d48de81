// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Policies: the struct_ops type, registration and live replacement
 */
#include <linux/bpf.h>
#include <linux/bpf_verifier.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/capability.h>
#include <linux/ctype.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/srcu.h>
#include <linux/string.h>

#include "compat.h"
#include "event.h"
#include "hooks.h"
#include "loads.h"
#include "member.h"
#include "policy.h"
#include "sandbox.h"

/*
 * Protects the list of policies, what its members say they are protected by,
 * and the users of hooks. Taken inside the struct_ops core's update_mutex and
 * outside the lock of the tree of sandboxes.
 */
static DEFINE_MUTEX(policy_lock);
static LIST_HEAD(policies);

/* Held over calls of operations that may sleep. */
DEFINE_STATIC_SRCU(policy_srcu);

/* BTF of this module, by which policies are told from other struct_ops. */
static const struct btf *policy_btf;

/* What a sandbox asks that must allow nothing: it has no version. */
struct sbpf_policy sbpf_policy_none = { .name = "" };

/**
 * sbpf_name_valid - May this be the name of a policy?
 * @name: array of SBPF_NAME_MAX bytes
 *
 * Return: whether it is terminated, not empty, and made of A-Z a-z 0-9 . _ -
 */
bool sbpf_name_valid(const char *name)
{
	size_t i, len = strnlen(name, SBPF_NAME_MAX);

	if (!len || len == SBPF_NAME_MAX)
		return false;
	for (i = 0; i < len; i++)
		if (!isascii(name[i]) ||
		    (!isalnum(name[i]) && !strchr("._-", name[i])))
			return false;
	return true;
}

static struct sbpf_policy *policy_find(const char *name)
{
	struct sbpf_policy *policy;

	lockdep_assert_held(&policy_lock);
	list_for_each_entry(policy, &policies, list)
		if (!strcmp(policy->name, name))
			return policy;
	return NULL;
}

static struct sbpf_policy_version *policy_version(struct sbpf_policy *policy)
{
	return rcu_dereference_protected(policy->version,
					 lockdep_is_held(&policy_lock));
}

static void policy_free(struct sbpf_policy *policy)
{
	sbpf_hooks_put(policy->hooks);
	kfree_rcu(policy, rcu);
}

static u64 ops_mask(const struct sbpf_policy_ops *ops)
{
	u64 mask = 0;

#define OP(name, NAME)				\
	if (ops->name)				\
		mask |= BIT_ULL(SBPF_OP_##NAME);
	SBPF_OPS(OP)
#undef OP
	return mask;
}

/**
 * sbpf_policy_get - Take a policy for a new sandbox
 * @name: its name, terminated
 *
 * Context: process, may sleep.
 *
 * Return: the policy, to be given back by sbpf_policy_put(); ERR_PTR(-ENOENT) if
 * none of that name is registered, ERR_PTR(-EPERM) if the caller may not use it.
 */
struct sbpf_policy *sbpf_policy_get(const char *name)
{
	struct sbpf_policy *policy;

	mutex_lock(&policy_lock);
	policy = policy_find(name);
	if (!policy)
		policy = ERR_PTR(-ENOENT);
	else if (!(policy_version(policy)->ops->flags & SBPF_POLICY_OPEN) &&
		 !capable(CAP_SYS_ADMIN))
		policy = ERR_PTR(-EPERM);
	else
		policy->sandboxes++;
	mutex_unlock(&policy_lock);
	return policy;
}

/**
 * sbpf_policy_put - Give back the policy of a sandbox that has no members
 * @policy: from sbpf_policy_get()
 *
 * Context: process, may sleep.
 */
void sbpf_policy_put(struct sbpf_policy *policy)
{
	mutex_lock(&policy_lock);
	if (!--policy->sandboxes && !policy_version(policy))
		policy_free(policy);
	mutex_unlock(&policy_lock);
}

/**
 * sbpf_policy_hooks_get - Take hooks into use for a sandbox
 * @hooks: mask of hooks, beside those that its policy uses
 *
 * Context: process, may sleep; the caller has a sandbox, thus the member hooks.
 *
 * Return: 0, or -errno as sbpf_hooks_get().
 */
int sbpf_policy_hooks_get(u128 hooks)
{
	int err = 0;

	mutex_lock(&policy_lock);
	if (hooks)
		err = sbpf_hooks_get(hooks);
	mutex_unlock(&policy_lock);
	return err;
}

/**
 * sbpf_policy_hooks_put - Give up hooks of a sandbox
 * @hooks: from sbpf_policy_hooks_get()
 *
 * Context: process, may sleep.
 */
void sbpf_policy_hooks_put(u128 hooks)
{
	mutex_lock(&policy_lock);
	sbpf_hooks_put(hooks);
	mutex_unlock(&policy_lock);
}

/**
 * sbpf_policy_sandbox_init - Call a policy's sandbox_init
 * @policy: from sbpf_policy_get()
 * @sandbox: sandbox that will be under it
 *
 * Context: process, may sleep.
 *
 * Return: 0, -ENOENT if the policy has been unregistered meanwhile, or the
 * policy's refusal.
 */
int sbpf_policy_sandbox_init(struct sbpf_policy *policy,
			     struct sbpf_sandbox *sandbox)
{
	struct sbpf_policy_version *version;
	int err = 0, idx;

	idx = srcu_read_lock(&policy_srcu);
	version = srcu_dereference(policy->version, &policy_srcu);
	if (!version)
		err = -ENOENT;
	else if (version->ops->sandbox_init)
		err = version->ops->sandbox_init(sandbox);
	srcu_read_unlock(&policy_srcu, idx);
	if (err > 0 || err < -MAX_ERRNO) {
		pr_warn_ratelimited("policy %s: sandbox_init returned %d, taken as -EPERM\n",
				    policy->name, err);
		err = -EPERM;
	}
	return err;
}

/**
 * sbpf_policy_sandbox_exit - Call a policy's sandbox_exit, unless it is gone
 * @policy: policy for which sbpf_policy_sandbox_init() returned 0
 * @sandbox: the sandbox
 *
 * Context: process, may sleep.
 */
void sbpf_policy_sandbox_exit(struct sbpf_policy *policy,
			      struct sbpf_sandbox *sandbox)
{
	struct sbpf_policy_version *version;
	int idx;

	idx = srcu_read_lock(&policy_srcu);
	version = srcu_dereference(policy->version, &policy_srcu);
	if (version && version->ops->sandbox_exit)
		version->ops->sandbox_exit(sandbox);
	srcu_read_unlock(&policy_srcu, idx);
}

/**
 * sbpf_policy_info - Describe a registered policy
 * @info: index in, the rest out
 *
 * Context: process, may sleep.
 *
 * Return: 0, or -ENOENT if there are not so many.
 */
int sbpf_policy_info(struct sbpf_policy_info *info)
{
	struct sbpf_policy_version *version;
	struct sbpf_policy *policy;
	int err = -ENOENT;
	u32 i = 0;

	mutex_lock(&policy_lock);
	list_for_each_entry(policy, &policies, list) {
		if (i++ != info->index)
			continue;
		version = policy_version(policy);
		info->flags = version->ops->flags;
		info->ops = ops_mask(version->ops);
		info->generation = version->generation;
		info->sandboxes = policy->sandboxes;
		strscpy_pad(info->name, policy->name);
		err = 0;
		break;
	}
	mutex_unlock(&policy_lock);
	return err;
}

/**
 * sbpf_policy_count - How many policies are registered?
 *
 * Context: process, may sleep.
 *
 * Return: the number.
 */
u32 sbpf_policy_count(void)
{
	u32 count;

	mutex_lock(&policy_lock);
	count = list_count_nodes(&policies);
	mutex_unlock(&policy_lock);
	return count;
}

static struct sbpf_policy_version *version_alloc(const struct sbpf_policy_ops *ops,
						 u64 generation)
{
	struct sbpf_policy_version *version;

	version = kzalloc(sizeof(*version), GFP_KERNEL);
	if (version) {
		version->ops = ops;
		version->generation = generation;
	}
	return version;
}

/*
 * Makes @version what is asked from now on, in one store. Returns the old one,
 * for policy_retire().
 */
static struct sbpf_policy_version *policy_switch(struct sbpf_policy *policy,
						 struct sbpf_policy_version *version)
{
	struct sbpf_policy_version *old = policy_version(policy);

	rcu_assign_pointer(policy->version, version);
	return old;
}

/*
 * On return no operation that may sleep runs in the old version any more; those
 * that may not sleep end before the struct_ops core frees its trampolines. Not
 * under the policy lock: an operation may sleep for long.
 */
static void policy_retire(struct sbpf_policy_version *old)
{
	synchronize_srcu(&policy_srcu);
	kfree_rcu(old, rcu);
}

/* Set: policies stay as they are, whoever loads them and however. Under policy_lock. */
static bool policies_sealed;

static int sealed_set(const char *value, const struct kernel_param *param)
{
	bool new;
	int err = kstrtobool(value, &new);

	if (err)
		return err;
	/* Root in a sandbox has no business with what happens outside. */
	if (sbpf_member_is(current))
		return -EPERM;
	mutex_lock(&policy_lock);
	if (policies_sealed != new && policy_btf)
		sbpf_event_control(0, "policies %s", new ? "sealed" : "not sealed any more");
	policies_sealed = new;
	mutex_unlock(&policy_lock);
	return 0;
}

static const struct kernel_param_ops sealed_ops = {
	.set = sealed_set,
	.get = param_get_bool,
};

module_param_cb(policies_sealed, &sealed_ops, &policies_sealed, 0644);
MODULE_PARM_DESC(policies_sealed, "Refuse to register and to replace policies: N (default) or Y");

/*
 * A member that could put its own in the place of a policy could loosen its
 * sandbox, or everybody's next one.
 */
static bool policy_refuse(const struct sbpf_policy_ops *ops)
{
	bool member = sbpf_member_is(current);

	lockdep_assert_held(&policy_lock);
	if (!member && !policies_sealed)
		return false;
	pr_warn_ratelimited("policy %s: refused, %s, pid %d comm %s\n", ops->name,
			    member ? "by a member of a sandbox" : "policies are sealed",
			    current->pid, current->comm);
	if (!member)
		sbpf_event_control(0, "policy %s refused, policies are sealed", ops->name);
	return true;
}

static int policy_reg(void *kdata, struct bpf_link *link)
{
	const struct sbpf_policy_ops *ops = kdata;
	struct sbpf_policy_version *version;
	struct sbpf_policy *policy;
	u128 hooks;
	int err;

	if (!link) {
		pr_warn("policy %s: must be registered by a link (SEC(\".struct_ops.link\"))\n",
			ops->name);
		return -EOPNOTSUPP;
	}

	policy = kzalloc(sizeof(*policy), GFP_KERNEL);
	version = version_alloc(ops, 1);
	err = -ENOMEM;
	if (!policy || !version)
		goto free;
	policy->link = link;
	policy->generation = 1;
	strscpy(policy->name, ops->name);

	mutex_lock(&policy_lock);
	err = -EPERM;
	if (policy_refuse(ops))
		goto unlock;
	err = -EEXIST;
	if (policy_find(ops->name)) {
		pr_warn("policy %s: a policy of this name is registered already\n",
			ops->name);
		goto unlock;
	}
	hooks = sbpf_hooks_of(ops_mask(ops));
	err = sbpf_hooks_get(hooks);
	if (err) {
		pr_warn("policy %s: not registered, hooks failed: error %d\n",
			ops->name, err);
		goto unlock;
	}
	policy->hooks = hooks;
	RCU_INIT_POINTER(policy->version, version);
	list_add_tail(&policy->list, &policies);
	sbpf_event_control(0, "policy %s registered", ops->name);
	mutex_unlock(&policy_lock);
	pr_info("policy %s: registered\n", ops->name);
	return 0;

unlock:
	mutex_unlock(&policy_lock);
free:
	kfree(version);
	kfree(policy);
	return err;
}

static struct sbpf_policy *policy_of_link(const struct bpf_link *link)
{
	struct sbpf_policy *policy;

	lockdep_assert_held(&policy_lock);
	list_for_each_entry(policy, &policies, list)
		if (policy->link == link)
			return policy;
	return NULL;
}

static void policy_unreg(void *kdata, struct bpf_link *link)
{
	struct sbpf_policy_version *old;
	struct sbpf_policy *policy;

	mutex_lock(&policy_lock);
	policy = policy_of_link(link);
	if (WARN_ON_ONCE(!policy)) {
		mutex_unlock(&policy_lock);
		return;
	}
	list_del(&policy->list);
	policy->link = NULL;
	old = policy_switch(policy, NULL);
	pr_info("policy %s: unregistered, %u sandboxes left without it\n",
		policy->name, policy->sandboxes);
	sbpf_event_control(0, "policy %s unregistered", policy->name);
	if (!policy->sandboxes) {
		policy_free(policy);
	} else if (!sbpf_hooks_get(SBPF_HOOKS_ALL & ~policy->hooks)) {
		/* Its sandboxes deny what is asked, and now everything is. */
		policy->hooks = SBPF_HOOKS_ALL;
		sbpf_sandbox_orphan(policy, false);
	} else {
		pr_err("policy %s: cannot attach all hooks, killing its sandboxes\n",
		       policy->name);
		sbpf_sandbox_orphan(policy, true);
	}
	mutex_unlock(&policy_lock);
	policy_retire(old);
}

static int policy_update(void *kdata, void *old_kdata, struct bpf_link *link)
{
	struct sbpf_policy_version *version, *old;
	const struct sbpf_policy_ops *ops = kdata;
	struct sbpf_policy *policy;
	u128 hooks, unused;
	int err;

	version = version_alloc(ops, 0);
	if (!version)
		return -ENOMEM;

	mutex_lock(&policy_lock);
	err = -EPERM;
	if (policy_refuse(ops))
		goto free;
	policy = policy_of_link(link);
	err = -ENOENT;
	if (WARN_ON_ONCE(!policy))
		goto free;
	err = -EINVAL;
	if (strcmp(policy->name, ops->name)) {
		pr_warn("policy %s: cannot be replaced by policy %s: the names differ\n",
			policy->name, ops->name);
		goto free;
	}
	/* New hooks before the swap and old ones after it: none is missed. */
	hooks = sbpf_hooks_of(ops_mask(ops));
	err = sbpf_hooks_get(hooks & ~policy->hooks);
	if (err) {
		pr_warn("policy %s: not replaced, hooks failed: error %d\n",
			ops->name, err);
		goto free;
	}
	version->generation = ++policy->generation;
	old = policy_switch(policy, version);
	unused = policy->hooks & ~hooks;
	policy->hooks = hooks;
	sbpf_hooks_put(unused);
	pr_info("policy %s: replaced, generation %llu\n", ops->name,
		policy->generation);
	sbpf_event_control(0, "policy %s replaced, generation %llu", ops->name,
			   policy->generation);
	mutex_unlock(&policy_lock);
	policy_retire(old);
	return 0;

free:
	mutex_unlock(&policy_lock);
	kfree(version);
	return err;
}

static int policy_validate(void *kdata)
{
	const struct sbpf_policy_ops *ops = kdata;

	if (!sbpf_name_valid(ops->name)) {
		pr_warn("policy: name must have 1 to %d characters of A-Z a-z 0-9 . _ -\n",
			SBPF_NAME_MAX - 1);
		return -EINVAL;
	}
	return 0;
}

static int policy_init_btf(struct btf *btf)
{
	policy_btf = btf;
	return 0;
}

static int policy_check_member(const struct btf_type *t,
			       const struct btf_member *member,
			       const struct bpf_prog *prog)
{
	u32 offset = __btf_member_bit_offset(t, member) / 8;

	if (sbpf_loads_foreign(prog)) {
		pr_warn("policy: program %s: calls a kfunc that is not for policies\n",
			prog->aux->name);
		return -EINVAL;
	}
	switch (offset) {
	case offsetof(struct sbpf_policy_ops, sandbox_init):
	case offsetof(struct sbpf_policy_ops, sandbox_exit):
		return 0;
	}
	if (prog->sleepable) {
		pr_warn("policy: program %s: only sandbox_init and sandbox_exit may sleep\n",
			prog->aux->name);
		return -EINVAL;
	}
	return 0;
}

static int policy_init_member(const struct btf_type *t,
			      const struct btf_member *member, void *kdata,
			      const void *udata)
{
	u32 offset = __btf_member_bit_offset(t, member) / 8;
	const struct sbpf_policy_ops *from = udata;
	struct sbpf_policy_ops *to = kdata;

	switch (offset) {
	case offsetof(struct sbpf_policy_ops, flags):
		if (from->flags & ~SBPF_POLICY_OPEN) {
			pr_warn("policy: unknown flags 0x%llx\n",
				from->flags & ~SBPF_POLICY_OPEN);
			return -EINVAL;
		}
		to->flags = from->flags;
		return 1;
	case offsetof(struct sbpf_policy_ops, name):
		memcpy(to->name, from->name, sizeof(to->name));
		return 1;
	}
	return 0;
}

static bool policy_is_valid_access(int off, int size, enum bpf_access_type type,
				   const struct bpf_prog *prog,
				   struct bpf_insn_access_aux *info)
{
	if (off < 0 || off >= (int)sizeof(u64) * MAX_BPF_FUNC_ARGS ||
	    type != BPF_READ || off % size)
		return false;
	return btf_ctx_access(off, size, type, prog, info);
}

/* Nothing of a policy runs later, where nobody is asked, and in an interrupt. */
static const struct bpf_func_proto *policy_func_proto(enum bpf_func_id id,
						      const struct bpf_prog *prog)
{
	switch (id) {
	case BPF_FUNC_timer_init:
	case BPF_FUNC_timer_set_callback:
	case BPF_FUNC_timer_start:
	case BPF_FUNC_timer_cancel:
		return NULL;
	default:
		return bpf_base_func_proto(id, prog);
	}
}

static const struct bpf_verifier_ops policy_verifier_ops = {
	.get_func_proto = policy_func_proto,
	.is_valid_access = policy_is_valid_access,
};

/*
 * The struct_ops core takes from these the name of an argument that may be NULL
 * (suffix __nullable); they are never called.
 */
#define STUB(name, args...)						\
static int sbpf_policy_ops__##name(struct sbpf_sandbox *sandbox, ##args)	\
{									\
	return 0;							\
}

static void sbpf_policy_ops__sandbox_exit(struct sbpf_sandbox *sandbox)
{
}

STUB(sandbox_init)

STUB(task_alloc, struct task_struct *task, u64 clone_flags)
STUB(bprm_check_security, struct linux_binprm *bprm)
STUB(ptrace_access_check, struct task_struct *child, u32 mode)
STUB(ptrace_traceme, struct task_struct *parent)
STUB(task_kill, struct task_struct *target, int sig)
STUB(task_setnice, struct task_struct *task, int nice)
STUB(task_setioprio, struct task_struct *task, int ioprio)
STUB(task_setscheduler, struct task_struct *task)
STUB(task_setrlimit, struct task_struct *task, u32 resource,
     struct rlimit *new_rlim)
STUB(task_fix_setuid, struct cred *new, const struct cred *old, int flags)
STUB(task_fix_setgid, struct cred *new, const struct cred *old, int flags)
STUB(task_prctl, int option, unsigned long arg2, unsigned long arg3,
     unsigned long arg4, unsigned long arg5)
STUB(capable, const struct cred *cred, struct user_namespace *ns, int cap,
     u32 opts)
STUB(userns_create, const struct cred *cred)
STUB(mmap_file, struct file *file__nullable, unsigned long reqprot,
     unsigned long prot, unsigned long flags)
STUB(file_mprotect, struct vm_area_struct *vma, unsigned long reqprot,
     unsigned long prot)
STUB(file_open, struct file *file)
STUB(file_receive, struct file *file)
STUB(file_ioctl, struct file *file, u32 cmd, unsigned long arg)
STUB(file_lock, struct file *file, u32 cmd)
STUB(file_fcntl, struct file *file, u32 cmd, unsigned long arg)
STUB(path_truncate, const struct path *path)
STUB(path_mknod, const struct path *dir, const char *name, u32 mode, u32 dev)
STUB(path_mkdir, const struct path *dir, const char *name, u32 mode)
STUB(path_symlink, const struct path *dir, const char *name,
     const char *old_name)
STUB(path_link, struct dentry *old_dentry, const struct path *new_dir,
     const char *new_name)
STUB(path_rename, struct dentry *old_dentry, const struct path *new_dir,
     const char *new_name, struct inode *new_inode__nullable, u32 flags)
STUB(path_unlink, const struct path *dir, struct dentry *dentry)
STUB(path_chmod, const struct path *path, u32 mode)
STUB(path_chown, const struct path *path, u32 uid, u32 gid)
STUB(path_chroot, const struct path *path)
STUB(path_notify, const struct path *path, u64 mask)
STUB(inode_setattr, struct dentry *dentry, struct iattr *attr)
STUB(inode_setxattr, struct dentry *dentry, const char *name, u64 size,
     int flags)
STUB(inode_removexattr, struct dentry *dentry, const char *name)
STUB(sb_mount, const char *dev_name, const struct path *path, const char *type,
     u64 flags)
STUB(sb_umount, struct vfsmount *mnt, int flags)
STUB(sb_pivotroot, const struct path *old_path, const struct path *new_path)
STUB(move_mount, const struct path *from_path, const struct path *to_path)
STUB(ipc_permission, struct kern_ipc_perm *ipcp, u32 flag)
STUB(unix_stream_connect, struct sock *sock, struct sock *other,
     struct sock *newsk)
STUB(unix_may_send, struct socket *sock, struct socket *other)
STUB(socket_create, int family, int type, int protocol, int kern)
STUB(socket_bind, struct socket *sock, struct sockaddr *address, int addrlen)
STUB(socket_connect, struct socket *sock, struct sockaddr *address, int addrlen)
STUB(socket_listen, struct socket *sock, int backlog)
STUB(socket_sendmsg, struct socket *sock, struct msghdr *msg, int size)
STUB(key_alloc, struct key *key, const struct cred *cred, u64 flags)
STUB(key_permission, struct key *key, const struct cred *cred, u32 need_perm)
STUB(bpf, int cmd, u32 size)
STUB(bpf_prog_load, struct bpf_prog *prog)
STUB(perf_event_open, int type)
STUB(kernel_read_file, struct file *file__nullable, u32 id)
STUB(inode_init_security_anon, struct inode *inode, const char *name)
STUB(syslog, int type)
STUB(settime, const struct timespec64 *ts__nullable,
     const struct timezone *tz__nullable)
STUB(charge, u32 resource, u64 amount, u64 usage)
STUB(mem_write, const struct sbpf_write_record *record)
#undef STUB

/* See there. */
static_assert(offsetof(struct sbpf_policy_ops, flags) ==
	      BPF_TRACE_RAW_TP * sizeof(void *));
static_assert(offsetof(struct sbpf_policy_ops, name) ==
	      SBPF_POLICY_NAME_MEMBER * sizeof(void *));
static_assert(offsetof(struct sbpf_policy_ops, reserved_61) ==
	      SBPF_POLICY_NAME_MEMBER * sizeof(void *) + SBPF_NAME_MAX + sizeof(u64));

#define MEMBER(name, ...) .name = sbpf_policy_ops__##name,
static struct sbpf_policy_ops policy_stubs = {
	MEMBER(sandbox_init)
	MEMBER(sandbox_exit)
	SBPF_OPS(MEMBER)
};
#undef MEMBER

static struct bpf_struct_ops policy_struct_ops = {
	.verifier_ops = &policy_verifier_ops,
	.init = policy_init_btf,
	.check_member = policy_check_member,
	.init_member = policy_init_member,
	.validate = policy_validate,
	.reg = policy_reg,
	.unreg = policy_unreg,
	.update = policy_update,
	.cfi_stubs = &policy_stubs,
	.name = "sbpf_policy_ops",
	.owner = THIS_MODULE,
};

/**
 * sbpf_policy_kfunc_filter - May a struct_ops program call a kfunc of ours?
 * @prog: the program, being verified
 *
 * Return: 0 if it belongs to a policy, -EACCES if to another struct_ops type.
 */
int sbpf_policy_kfunc_filter(const struct bpf_prog *prog)
{
	return prog->aux->attach_btf == policy_btf ? 0 : -EACCES;
}

/**
 * sbpf_policy_mem_write - Is a program of a policy that for mem_write?
 * @prog: the program, being verified
 *
 * Return: whether it is.
 */
bool sbpf_policy_mem_write(const struct bpf_prog *prog)
{
	/* The number of its member: up to the name each is as long as a pointer. */
	return prog->expected_attach_type == SBPF_POLICY_NAME_MEMBER + 1 +
	       (offsetof(struct sbpf_policy_ops, mem_write) -
		offsetof(struct sbpf_policy_ops, reserved_60)) / sizeof(void *);
}

/**
 * sbpf_policy_owns - Is a program one of a policy?
 * @prog: the program
 *
 * Context: any.
 *
 * Return: whether it is.
 */
bool sbpf_policy_owns(const struct bpf_prog *prog)
{
	return prog->type == BPF_PROG_TYPE_STRUCT_OPS && prog->aux->attach_btf == policy_btf;
}

/**
 * sbpf_policy_module - Is a program for this module, by its type information?
 * @prog: the program
 *
 * Context: any.
 *
 * Return: whether it is to be attached to a function or tracepoint of the module, or
 * is one of a policy.
 */
bool sbpf_policy_module(const struct bpf_prog *prog)
{
	return prog->aux->attach_btf == policy_btf;
}

/**
 * sbpf_policy_init - Make the struct_ops type known
 *
 * Context: module init; there is no undoing it but the unloading of the module.
 *
 * Return: 0, -ENODATA if the module has no BTF, or the error of the core.
 */
int __init sbpf_policy_init(void)
{
	int err = register_bpf_struct_ops(&policy_struct_ops, sbpf_policy_ops);

	/* Of a module without BTF the core thinks nothing worth failing for. */
	return err ?: policy_btf ? 0 : -ENODATA;
}
