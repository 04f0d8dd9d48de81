// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Dispatch: the one path that every hook takes
 *
 * The trampolines come here: find the sandbox of the task that acts, ask the
 * policy of each layer, inside out, count, and report a denial. All under RCU,
 * which keeps sandboxes, policies and, by the struct_ops core, their operations.
 */
#include <linux/array_size.h>
#include <linux/binfmts.h>
#include <linux/bpf.h>
#include <linux/build_bug.h>
#include <linux/capability.h>
#include <linux/cleanup.h>
#include <linux/cred.h>
#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/io_uring/cmd.h>
#include <linux/ipc.h>
#include <linux/ipc_namespace.h>
#include <linux/irqflags.h>
#include <linux/kernel_read_file.h>
#include <linux/kernfs.h>
#include <linux/key.h>
#include <linux/maple_tree.h>
#include <linux/mm_types.h>
#include <linux/mman.h>
#include <linux/mount.h>
#include <linux/net.h>
#include <linux/nsproxy.h>
#include <linux/path.h>
#include <linux/percpu.h>
#include <linux/personality.h>
#include <linux/preempt.h>
#include <linux/ptrace.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/resource.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/socket.h>
#include <linux/stat.h>
#include <linux/string.h>
#include <linux/time.h>
#include <linux/user_namespace.h>
#include <net/sock.h>
#include <uapi/linux/msg.h>
#include <uapi/linux/sched.h>
#include <uapi/linux/sem.h>
#include <uapi/linux/shm.h>

#include "cgroup.h"
#include "compat.h"
#include "dispatch.h"
#include "event.h"
#include "hooks.h"
#include "limits.h"
#include "member.h"
#include "policy.h"
#include "rules.h"
#include "sandbox.h"
#include "tags.h"
#include "trampoline.h"

/*
 * A layer does not allow: its policy said so, or there is none (@version NULL).
 * Returns what the layer makes of it: -errno, or 0 in complain mode.
 */
static noinline int refuse(struct sbpf_sandbox *layer,
			   const struct sbpf_policy_version *version,
			   enum sbpf_op op, int verdict,
			   const struct sbpf_object *object)
{
	u32 flags = 0;

	if (!version) {
		verdict = -EPERM;
		flags = SBPF_EVENT_ORPHANED;
	} else {
		if (verdict > 0 || verdict < -MAX_ERRNO) {
			sbpf_event_error(layer, version, op, verdict);
			verdict = -EPERM;
		}
		if (READ_ONCE(layer->complain))
			flags = SBPF_EVENT_COMPLAIN;
	}
	sbpf_sandbox_denied(layer, op);
	sbpf_event_denied(layer, version, op, verdict, flags, object);
	return flags & SBPF_EVENT_COMPLAIN ? 0 : verdict;
}

/*
 * Asks the policies of @sandbox and of those around it up to, not including,
 * @end. A macro because each operation has arguments of its own, which may depend on
 * @layer__. The object is made only when it is reported.
 */
#define ask(sandbox, end, OP, op, object, args...) ({			\
	const struct sbpf_policy_version *version__;			\
	struct sbpf_sandbox *layer__;					\
	typeof_member(struct sbpf_policy_ops, op) call__;		\
	int verdict__ = 0;						\
									\
	for (layer__ = (sandbox); layer__ != (end);			\
	     layer__ = layer__->parent) {				\
		version__ = rcu_dereference(				\
			rcu_dereference(layer__->asked)->version);	\
		if (likely(version__)) {				\
			call__ = version__->ops->op;			\
			if (!call__)					\
				continue;				\
			sbpf_sandbox_asked(layer__, OP);		\
			verdict__ = call__(layer__, args);		\
			if (likely(!verdict__))				\
				continue;				\
		}							\
		verdict__ = refuse(layer__, version__, OP, verdict__,	\
				   &(struct sbpf_object){ object });	\
		if (verdict__)						\
			break;						\
	}								\
	verdict__;							\
})

/* For an object of several members. */
#define OBJECT(members...) members

/*
 * While layers are asked that the current task is not in: these may not write into its
 * memory. Returns the task's membership, to be given to others_asked().
 */
static struct sbpf_member *ask_others(void)
{
	struct sbpf_member *self = sbpf_member_find(current);

	if (self)
		self->spared++;
	return self;
}

static void others_asked(struct sbpf_member *self)
{
	if (self)
		self->spared--;
}

/* Asks about a use of a resource, once the operation itself is allowed. */
static int ask_charge(struct sbpf_sandbox *sandbox, int resource)
{
	return ask(sandbox, NULL, SBPF_OP_CHARGE, charge,
		   OBJECT(.resource = resource, .number = 1),
		   resource, 1, sbpf_limits_usage(layer__, resource));
}

/* Charges it, unless a limit forbids. */
static int limit(struct sbpf_sandbox *sandbox, int resource, enum sbpf_op op,
		 const struct sbpf_object *object)
{
	struct sbpf_sandbox *full = sbpf_limits_charge(sandbox, NULL, resource, 1);

	return likely(!full) ? 0 : sbpf_limits_over(full, resource, op, object);
}

static int charge(struct sbpf_sandbox *sandbox, int resource, enum sbpf_op op,
		  const struct sbpf_object *object)
{
	return ask_charge(sandbox, resource) ?: limit(sandbox, resource, op, object);
}

static int charge_rate(struct sbpf_sandbox *sandbox, int resource, int rate,
		       enum sbpf_op op, const struct sbpf_object *object)
{
	int err = charge(sandbox, rate, op, object);

	if (err)
		return err;
	err = charge(sandbox, resource, op, object);
	if (err)
		sbpf_limits_uncharge(sandbox, NULL, rate, 1);
	return err;
}

/*
 * One function per hook, of the same name: what to ask about the arguments of the
 * kernel's security function. @sandbox is that of the current task; it is NULL in
 * hooks among SBPF_HOOKS_ANY only. All return 0 or -errno.
 */

/* Argument @n of the security function; registers may have more bits than it. */
#define INT(n)		((int)args[n])
#define U32(n)		((u32)args[n])
#define TEXT(n)		((const char *)args[n])
#define TASK(n)		((struct task_struct *)args[n])
#define CRED(n)		((struct cred *)args[n])
#define FILE(n)		((struct file *)args[n])
#define PATH(n)		((const struct path *)args[n])
#define DENTRY(n)	((struct dentry *)args[n])
#define SOCKET(n)	((struct socket *)args[n])
#define SOCK(n)		((struct sock *)args[n])

/* Most of them: the members of the object, in parentheses, and the arguments. */
#define HOOK(op, OP, object, arguments...)					\
static int hook_##op(struct sbpf_sandbox *sandbox, const unsigned long *args)	\
{										\
	return ask(sandbox, NULL, SBPF_OP_##OP, op, OBJECT object, arguments);	\
}

/*
 * The same with a dentry, which policies get only if it has an inode: on Linux
 * 6.12 the verifier takes that for given, and a policy that read it would crash
 * the kernel, even one that first compares it with NULL.
 */
#define HOOK_DENTRY(op, OP, dentry, object, arguments...)			\
static int hook_##op(struct sbpf_sandbox *sandbox, const unsigned long *args)	\
{										\
	if (d_really_is_negative(dentry))					\
		return -ENOENT;							\
	return ask(sandbox, NULL, SBPF_OP_##OP, op, OBJECT object, arguments);	\
}

/* The same for what creates a file. */
#define HOOK_CREATE(op, OP, object, arguments...)				\
static int hook_##op(struct sbpf_sandbox *sandbox, const unsigned long *args)	\
{										\
	int err = ask(sandbox, NULL, SBPF_OP_##OP, op, OBJECT object, arguments); \
										\
	return err ?: charge(sandbox, SBPF_RESOURCE_FILES_CREATED, SBPF_OP_##OP, \
			     &(struct sbpf_object){ OBJECT object });		\
}

/*
 * Members stay in the control groups of their sandboxes, whatever policies say, unless they
 * have been given the right to leave. @of is what they write to; NULL if it is not known.
 */
static int stay_in_group(struct sbpf_sandbox *sandbox, struct kernfs_open_file *of,
			 enum sbpf_op op, const struct sbpf_object *object)
{
	const struct sbpf_cgroup *cgroup;

	for (; sandbox; sandbox = sandbox->parent) {
		/* Pairs with sbpf_cgroup_bind(). */
		cgroup = smp_load_acquire(&sandbox->cgroup);
		if (!cgroup || (of && sbpf_cgroup_may_write(cgroup, of)) ||
		    !sbpf_rules_right(sandbox, SBPF_RIGHT_CGROUP))
			continue;
		sbpf_sandbox_denied(sandbox, op);
		sbpf_event_denied(sandbox, NULL, op, -EPERM, SBPF_EVENT_CGROUP, object);
		return -EPERM;
	}
	return 0;
}

/* Whoever opened the file: it may have been given to the sandbox, or been open before. */
static int hook_cgroup_write(struct sbpf_sandbox *sandbox, const unsigned long *args)
{
	struct kernfs_open_file *of = (struct kernfs_open_file *)args[0];

	return stay_in_group(sandbox, of, SBPF_OP_MAX,
			     &(struct sbpf_object){ .file = of->file });
}

/* Processes */

/* Or 1 if a member is being created: see sbpf_dispatch_rest(). */
static int hook_task_alloc(struct sbpf_sandbox *sandbox, const unsigned long *args)
{
	struct task_struct *task = (struct task_struct *)args[0];
	struct sbpf_object object = { .number = args[1] };
	int err;

	if (likely(!sandbox)) {
		sbpf_hooks_seen();
		return 0;
	}
	/* Into which group is not told. */
	err = unlikely(args[1] & CLONE_INTO_CGROUP) ?
	      stay_in_group(sandbox, NULL, SBPF_OP_TASK_ALLOC, &object) : 0;
	if (err)
		return err;
	err = limit(sandbox, SBPF_RESOURCE_PIDS, SBPF_OP_TASK_ALLOC, &object);
	if (err)
		return err;
	err = limit(sandbox, SBPF_COUNTER_TASKS, SBPF_OP_TASK_ALLOC, &object);
	if (err)
		goto uncharge;
	err = ask(sandbox, NULL, SBPF_OP_TASK_ALLOC, task_alloc,
		  OBJECT(.number = args[1]), task, args[1]);
	if (!err)
		err = ask_charge(sandbox, SBPF_RESOURCE_PIDS);
	if (!err)
		err = sbpf_member_add(task, sandbox);
	if (!err)
		return 1;
	sbpf_limits_uncharge(sandbox, NULL, SBPF_COUNTER_TASKS, 1);
uncharge:
	sbpf_limits_uncharge(sandbox, NULL, SBPF_RESOURCE_PIDS, 1);
	return err;
}

/* A script is asked about with each of its interpreters, but executed once. */
static int hook_bprm_check_security(struct sbpf_sandbox *sandbox,
				    const unsigned long *args)
{
	struct linux_binprm *bprm = (struct linux_binprm *)args[0];
	int err;

	err = ask(sandbox, NULL, SBPF_OP_BPRM_CHECK_SECURITY, bprm_check_security,
		  OBJECT(.file = bprm->file), bprm);
	if (err || bprm->interp != bprm->filename)
		return err;
	return charge(sandbox, SBPF_RESOURCE_EXEC_RATE, SBPF_OP_BPRM_CHECK_SECURITY,
		      &(struct sbpf_object){ .file = bprm->file });
}

HOOK(ptrace_access_check, PTRACE_ACCESS_CHECK, (.task = TASK(0), .number = U32(1)),
     TASK(0), U32(1))

/*
 * What else is told about a task: process group, session, scheduling. As for tracing,
 * nobody is asked about one's own.
 */
static int hook_task_get(struct sbpf_sandbox *sandbox, const unsigned long *args)
{
	if (same_thread_group(TASK(0), current))
		return 0;
	return ask(sandbox, NULL, SBPF_OP_PTRACE_ACCESS_CHECK, ptrace_access_check,
		   OBJECT(.task = TASK(0), .number = PTRACE_MODE_READ), TASK(0),
		   PTRACE_MODE_READ);
}

#define hook_task_getpgid hook_task_get
#define hook_task_getsid hook_task_get
#define hook_task_getscheduler hook_task_get
#define hook_task_getioprio hook_task_get

static int hook_ptrace_traceme(struct sbpf_sandbox *sandbox,
			       const unsigned long *args)
{
	struct task_struct *parent = (struct task_struct *)args[0];
	struct sbpf_sandbox *tracer = sbpf_member_sandbox(parent);
	struct sbpf_member *self;
	int err;

	err = ask(sandbox, NULL, SBPF_OP_PTRACE_TRACEME, ptrace_traceme,
		  OBJECT(.task = parent), parent);
	if (err || !tracer)
		return err;
	/* Layers of the tracer that the tracee is not in have a say too. */
	while (sandbox && !sbpf_sandbox_within(tracer, sandbox))
		sandbox = sandbox->parent;
	self = ask_others();
	err = ask(tracer, sandbox, SBPF_OP_PTRACE_TRACEME, ptrace_traceme,
		  OBJECT(.task = parent), parent);
	others_asked(self);
	return err;
}

HOOK(task_kill, TASK_KILL, (.task = TASK(0), .number = INT(2)), TASK(0), INT(2))
HOOK(task_setnice, TASK_SETNICE, (.task = TASK(0), .number = INT(1)), TASK(0), INT(1))
HOOK(task_setioprio, TASK_SETIOPRIO, (.task = TASK(0), .number = INT(1)),
     TASK(0), INT(1))
HOOK(task_setscheduler, TASK_SETSCHEDULER, (.task = TASK(0)), TASK(0))

static int hook_task_setrlimit(struct sbpf_sandbox *sandbox, const unsigned long *args)
{
	const struct sbpf_object object = { .task = TASK(0), .number = U32(1) };
	struct rlimit *new = (struct rlimit *)args[2];
	int err;

	err = ask(sandbox, NULL, SBPF_OP_TASK_SETRLIMIT, task_setrlimit,
		  OBJECT(.task = TASK(0), .number = U32(1)), TASK(0), U32(1), new);
	if (err || U32(1) != RLIMIT_FSIZE)
		return err;
	return sbpf_limits_set_rlimit(sandbox, new, &object);
}

HOOK(task_fix_setuid, TASK_FIX_SETUID, (.number = __kuid_val(CRED(0)->fsuid)),
     CRED(0), CRED(1), INT(2))
HOOK(task_fix_setgid, TASK_FIX_SETGID, (.number = __kgid_val(CRED(0)->fsgid)),
     CRED(0), CRED(1), INT(2))

static int hook_task_prctl(struct sbpf_sandbox *sandbox, const unsigned long *args)
{
	int err = ask(sandbox, NULL, SBPF_OP_TASK_PRCTL, task_prctl,
		      OBJECT(.number = INT(0)), INT(0), args[1], args[2], args[3],
		      args[4]);

	/* What the security function returns to say that it does not care. */
	return err == -ENOSYS ? -EPERM : err;
}

/*
 * Called from everywhere, but not from what we do for a policy or an event: kfuncs
 * and d_path() check no capability, so that this does not come back to itself.
 */
HOOK(capable, CAPABLE, (.number = INT(2)),
     CRED(0), (struct user_namespace *)args[1], INT(2), U32(3))
HOOK(userns_create, USERNS_CREATE, (), CRED(0))

/* Memory */

/* What the kernel will apply: mmap_prot() in security/security.c. */
static unsigned long mmap_prot(const struct file *file, unsigned long prot)
{
	if ((prot & (PROT_READ | PROT_EXEC)) != PROT_READ ||
	    !(current->personality & READ_IMPLIES_EXEC))
		return prot;
	/* path_noexec() is not for modules. */
	if (file && ((file->f_path.mnt->mnt_flags & MNT_NOEXEC) ||
		     (file->f_path.mnt->mnt_sb->s_iflags & SB_I_NOEXEC)))
		return prot;
	return prot | PROT_EXEC;
}

static int hook_mmap_file(struct sbpf_sandbox *sandbox, const unsigned long *args)
{
	struct file *file = (struct file *)args[0];
	unsigned long prot = mmap_prot(file, args[1]);

	return ask(sandbox, NULL, SBPF_OP_MMAP_FILE, mmap_file,
		   OBJECT(.file = file, .number = prot),
		   file, args[1], prot, args[2]);
}

/*
 * What the heap grows by is executable for a task with READ_IMPLIES_EXEC, and brk(2)
 * asks nothing else. Other ways to more memory are asked about once more.
 */
static int hook_vm_enough_memory_mm(struct sbpf_sandbox *sandbox,
				    const unsigned long *args)
{
	const unsigned long reqprot = PROT_READ | PROT_WRITE, prot = reqprot | PROT_EXEC;

	if (likely(!(current->personality & READ_IMPLIES_EXEC)))
		return 0;
	return ask(sandbox, NULL, SBPF_OP_MMAP_FILE, mmap_file,
		   OBJECT(.number = prot, .len = args[1] << PAGE_SHIFT),
		   NULL, reqprot, prot, MAP_PRIVATE | MAP_ANONYMOUS);
}

/* Of the lowest addresses the kernel looks at the capability without asking anybody. */
static int hook_mmap_addr(struct sbpf_sandbox *sandbox, const unsigned long *args)
{
	const struct cred *cred = current_cred();

	if (likely(args[0] >= CONFIG_DEFAULT_MMAP_MIN_ADDR))
		return 0;
	/* As of any capability: that it is denied, not by which errno. */
	return ask(sandbox, NULL, SBPF_OP_CAPABLE, capable, OBJECT(.number = CAP_SYS_RAWIO),
		   cred, &init_user_ns, CAP_SYS_RAWIO, 0) ? -EPERM : 0;
}

/**
 * sbpf_dispatch_executed - A member has become another program, which has not run yet
 * @sandbox: that of the current task
 * @bprm: the program
 *
 * Its stack is executable if its file asks for that, and so is what is zero behind a
 * segment of code; no hook of the kernel tells. They are asked about as other memory is;
 * and as there is no way back to the program before, that one is killed which may not
 * have them.
 *
 * Context: tracepoint sched_process_exec, under rcu_read_lock().
 */
void sbpf_dispatch_executed(struct sbpf_sandbox *sandbox,
			    const struct linux_binprm *bprm)
{
	const unsigned long prot = PROT_READ | PROT_WRITE | PROT_EXEC;
	const unsigned long both = VM_WRITE | VM_EXEC;
	const struct vm_area_struct *vma;
	int err;

	/*
	 * Nobody changes them just now: the program has not run, and no other task can
	 * change the map of another.
	 */
	VMA_ITERATOR(vmi, current->mm, 0);

	for_each_vma(vmi, vma) {
		/* Of a file it was asked when it was mapped. */
		if (likely((vma->vm_flags & both) != both) || vma->vm_file)
			continue;
		err = ask(sandbox, NULL, SBPF_OP_MMAP_FILE, mmap_file,
			  OBJECT(.file = bprm->file, .number = prot, .addr = vma->vm_start,
				 .len = vma->vm_end - vma->vm_start),
			  NULL, prot, prot,
			  MAP_PRIVATE | MAP_ANONYMOUS |
				  (vma->vm_flags & VM_GROWSDOWN ? MAP_GROWSDOWN : 0));
		if (!err)
			continue;
		send_sig(SIGKILL, current, 1);
		return;
	}
}

static int hook_file_mprotect(struct sbpf_sandbox *sandbox,
			      const unsigned long *args)
{
	struct vm_area_struct *vma = (struct vm_area_struct *)args[0];

	return ask(sandbox, NULL, SBPF_OP_FILE_MPROTECT, file_mprotect,
		   OBJECT(.file = vma->vm_file, .number = args[2],
			  .addr = vma->vm_start, .len = vma->vm_end - vma->vm_start),
		   vma, args[1], args[2]);
}

/* Files */

/* A file without a name (O_TMPFILE) has just been created. */
static noinline int open_nameless(struct sbpf_sandbox *sandbox, struct file *file)
{
	int err = charge(sandbox, SBPF_RESOURCE_FILES_CREATED, SBPF_OP_FILE_OPEN,
			 &(struct sbpf_object){ .file = file, .number = file->f_flags });

	if (!err)
		sbpf_limits_count(sandbox, SBPF_RESOURCE_FILES_OPENED);
	return err;
}

/* The most frequent of all: nothing on its stack can be written beyond. */
static __no_stack_protector int hook_file_open(struct sbpf_sandbox *sandbox,
					       const unsigned long *args)
{
	int err = ask(sandbox, NULL, SBPF_OP_FILE_OPEN, file_open,
		      OBJECT(.file = FILE(0), .number = FILE(0)->f_flags), FILE(0));

	if (err)
		return err;
	if (unlikely(FILE(0)->f_flags & __O_TMPFILE))
		return open_nameless(sandbox, FILE(0));
	sbpf_limits_count(sandbox, SBPF_RESOURCE_FILES_OPENED);
	return 0;
}

HOOK(file_receive, FILE_RECEIVE, (.file = FILE(0)), FILE(0))
HOOK(file_ioctl, FILE_IOCTL, (.file = FILE(0), .number = U32(1)),
     FILE(0), U32(1), args[2])
#define hook_file_ioctl_compat hook_file_ioctl

static int hook_uring_cmd(struct sbpf_sandbox *sandbox, const unsigned long *args)
{
	struct io_uring_cmd *cmd = (struct io_uring_cmd *)args[0];

	return ask(sandbox, NULL, SBPF_OP_FILE_IOCTL, file_ioctl,
		   OBJECT(.file = cmd->file, .number = cmd->cmd_op),
		   cmd->file, cmd->cmd_op, 0);
}

HOOK(file_lock, FILE_LOCK, (.file = FILE(0), .number = U32(1)), FILE(0), U32(1))
HOOK(file_fcntl, FILE_FCNTL, (.file = FILE(0), .number = U32(1)),
     FILE(0), U32(1), args[2])

static int hook_file_truncate(struct sbpf_sandbox *sandbox, const unsigned long *args)
{
	return ask(sandbox, NULL, SBPF_OP_PATH_TRUNCATE, path_truncate,
		   OBJECT(.file = FILE(0)), &FILE(0)->f_path);
}

HOOK(path_truncate, PATH_TRUNCATE, (.path = PATH(0)), PATH(0))

/* The directory is locked, so that the names in it stay. */
HOOK_CREATE(path_mknod, PATH_MKNOD,
	    (.path = PATH(0), .dentry = DENTRY(1), .number = (umode_t)args[2]),
	    PATH(0), DENTRY(1)->d_name.name, (umode_t)args[2], U32(3))
HOOK_CREATE(path_mkdir, PATH_MKDIR,
	    (.path = PATH(0), .dentry = DENTRY(1), .number = (umode_t)args[2]),
	    PATH(0), DENTRY(1)->d_name.name, (umode_t)args[2])
HOOK_CREATE(path_symlink, PATH_SYMLINK, (.path = PATH(0), .dentry = DENTRY(1)),
	    PATH(0), DENTRY(1)->d_name.name, TEXT(2))
HOOK_DENTRY(path_link, PATH_LINK, DENTRY(0),
	    (.path = PATH(1), .dentry = DENTRY(2), .inode = d_inode(DENTRY(0))),
	    DENTRY(0), PATH(1), DENTRY(2)->d_name.name)

static int hook_path_rename(struct sbpf_sandbox *sandbox, const unsigned long *args)
{
	const struct sbpf_object object = {
		.path = PATH(0), .dentry = DENTRY(1), .number = U32(4),
	};
	int err;

	if (d_really_is_negative(DENTRY(1)))
		return -ENOENT;
	err = ask(sandbox, NULL, SBPF_OP_PATH_RENAME, path_rename,
		  OBJECT(.path = PATH(0), .dentry = DENTRY(1), .number = U32(4)),
		  DENTRY(1), PATH(2), DENTRY(3)->d_name.name, d_inode(DENTRY(3)), U32(4));
	/* It leaves a new file where the old one was. */
	if (!err && U32(4) & RENAME_WHITEOUT)
		err = charge(sandbox, SBPF_RESOURCE_FILES_CREATED, SBPF_OP_PATH_RENAME,
			     &object);
	return err;
}

HOOK_DENTRY(path_unlink, PATH_UNLINK, DENTRY(1),
	    (.path = PATH(0), .dentry = DENTRY(1)), PATH(0), DENTRY(1))
#define hook_path_rmdir hook_path_unlink

/*
 * The way to a message queue's directory @dir that mq_open(2) and mq_unlink(2) take,
 * which no path operation tells.
 */
static bool queue_path(const struct inode *dir, const struct dentry *dentry,
		       struct path *path)
{
	if (dir->i_sb->s_magic != SBPF_MQUEUE_MAGIC || !current->nsproxy)
		return false;
	path->mnt = current->nsproxy->ipc_ns->mq_mnt;
	path->dentry = dentry->d_parent;
	/* The directory of another namespace is reached by a path only. */
	return path->mnt && path->mnt->mnt_sb == dir->i_sb;
}

static int hook_inode_create(struct sbpf_sandbox *sandbox, const unsigned long *args)
{
	struct path path;

	if (!queue_path((struct inode *)args[0], DENTRY(1), &path))
		return 0;
	return ask(sandbox, NULL, SBPF_OP_PATH_MKNOD, path_mknod,
		   OBJECT(.path = &path, .dentry = DENTRY(1), .number = (umode_t)args[2]),
		   &path, DENTRY(1)->d_name.name, (umode_t)args[2], 0);
}

static int hook_inode_unlink(struct sbpf_sandbox *sandbox, const unsigned long *args)
{
	struct path path;

	if (d_really_is_negative(DENTRY(1)) ||
	    !queue_path((struct inode *)args[0], DENTRY(1), &path))
		return 0;
	return ask(sandbox, NULL, SBPF_OP_PATH_UNLINK, path_unlink,
		   OBJECT(.path = &path, .dentry = DENTRY(1)), &path, DENTRY(1));
}

HOOK(path_chmod, PATH_CHMOD, (.path = PATH(0), .number = (umode_t)args[1]),
     PATH(0), (umode_t)args[1])
HOOK(path_chown, PATH_CHOWN, (.path = PATH(0), .number = U32(1)),
     PATH(0), U32(1), U32(2))
HOOK(path_chroot, PATH_CHROOT, (.path = PATH(0)), PATH(0))
HOOK(path_notify, PATH_NOTIFY, (.path = PATH(0), .number = args[1]), PATH(0), args[1])
HOOK_DENTRY(inode_setattr, INODE_SETATTR, DENTRY(1),
	    (.dentry = DENTRY(1), .number = ((struct iattr *)args[2])->ia_valid),
	    DENTRY(1), (struct iattr *)args[2])
static int hook_inode_file_setattr(struct sbpf_sandbox *sandbox,
				   const unsigned long *args)
{
	/* None of what is in there. */
	static struct iattr attr;

	if (d_really_is_negative(DENTRY(0)))
		return -ENOENT;
	return ask(sandbox, NULL, SBPF_OP_INODE_SETATTR, inode_setattr,
		   OBJECT(.dentry = DENTRY(0)), DENTRY(0), &attr);
}

HOOK_DENTRY(inode_setxattr, INODE_SETXATTR, DENTRY(1),
	    (.dentry = DENTRY(1), .number = INT(5), .len = args[4]),
	    DENTRY(1), TEXT(2), args[4], INT(5))
HOOK_DENTRY(inode_removexattr, INODE_REMOVEXATTR, DENTRY(1), (.dentry = DENTRY(1)),
	    DENTRY(1), TEXT(2))

/* ACLs are extended attributes, which have functions of their own. */

static int hook_inode_set_acl(struct sbpf_sandbox *sandbox, const unsigned long *args)
{
	if (d_really_is_negative(DENTRY(1)))
		return -ENOENT;
	return ask(sandbox, NULL, SBPF_OP_INODE_SETXATTR, inode_setxattr,
		   OBJECT(.dentry = DENTRY(1)), DENTRY(1), TEXT(2), 0, 0);
}

static int hook_inode_remove_acl(struct sbpf_sandbox *sandbox,
				 const unsigned long *args)
{
	if (d_really_is_negative(DENTRY(1)))
		return -ENOENT;
	return ask(sandbox, NULL, SBPF_OP_INODE_REMOVEXATTR, inode_removexattr,
		   OBJECT(.dentry = DENTRY(1)), DENTRY(1), TEXT(2));
}

/* Mounts */

HOOK(sb_mount, SB_MOUNT, (.path = PATH(1), .number = args[3]),
     TEXT(0), PATH(1), TEXT(2), args[3])

static int hook_sb_umount(struct sbpf_sandbox *sandbox, const unsigned long *args)
{
	struct vfsmount *mnt = (struct vfsmount *)args[0];
	const struct path path = { .mnt = mnt, .dentry = mnt->mnt_root };

	return ask(sandbox, NULL, SBPF_OP_SB_UMOUNT, sb_umount,
		   OBJECT(.path = &path, .number = INT(1)), mnt, INT(1));
}

HOOK(sb_pivotroot, SB_PIVOTROOT, (.path = PATH(1)), PATH(0), PATH(1))
HOOK(move_mount, MOVE_MOUNT, (.path = PATH(1)), PATH(0), PATH(1))

/* Communication */

HOOK(ipc_permission, IPC_PERMISSION,
     (.addr = ((struct kern_ipc_perm *)args[0])->id, .number = (u16)args[1]),
     (struct kern_ipc_perm *)args[0], (u16)args[1])
static int ask_ipc(struct sbpf_sandbox *sandbox, struct kern_ipc_perm *ipcp, u32 flag)
{
	return ask(sandbox, NULL, SBPF_OP_IPC_PERMISSION, ipc_permission,
		   OBJECT(.addr = ipcp->id, .number = flag), ipcp, flag);
}

/* The kernel sets only its mode and key before; the rest is not to be told as it is. */
static int hook_ipc_alloc(struct sbpf_sandbox *sandbox, const unsigned long *args)
{
	struct kern_ipc_perm *ipcp = (struct kern_ipc_perm *)args[0];

	ipcp->id = -1;
	ipcp->seq = 0;
	current_euid_egid(&ipcp->cuid, &ipcp->cgid);
	ipcp->uid = ipcp->cuid;
	ipcp->gid = ipcp->cgid;
	return ask(sandbox, NULL, SBPF_OP_IPC_PERMISSION, ipc_permission, OBJECT(), ipcp, 0);
}

#define hook_msg_queue_alloc hook_ipc_alloc
#define hook_sem_alloc hook_ipc_alloc
#define hook_shm_alloc hook_ipc_alloc

/*
 * Of these commands alone nothing has been asked: the others have been ipc_permission.
 * @stat_any reads without permission; and how many there are is of no object.
 */
static int ipc_control(struct sbpf_sandbox *sandbox, const unsigned long *args,
		       int stat_any)
{
	static struct kern_ipc_perm all = { .id = -1 };
	struct kern_ipc_perm *ipcp = (struct kern_ipc_perm *)args[0];

	if (!ipcp)
		return ask_ipc(sandbox, &all, 0444);
	if (INT(1) == IPC_RMID || INT(1) == IPC_SET)
		return ask_ipc(sandbox, ipcp, 0222);
	return INT(1) == stat_any ? ask_ipc(sandbox, ipcp, 0444) : 0;
}

static int hook_msg_queue_msgctl(struct sbpf_sandbox *sandbox, const unsigned long *args)
{
	return ipc_control(sandbox, args, MSG_STAT_ANY);
}

static int hook_sem_semctl(struct sbpf_sandbox *sandbox, const unsigned long *args)
{
	return ipc_control(sandbox, args, SEM_STAT_ANY);
}

static int hook_shm_shmctl(struct sbpf_sandbox *sandbox, const unsigned long *args)
{
	if (INT(1) != SHM_LOCK && INT(1) != SHM_UNLOCK)
		return ipc_control(sandbox, args, SHM_STAT_ANY);
	return ask_ipc(sandbox, (struct kern_ipc_perm *)args[0], 0222);
}

HOOK(unix_stream_connect, UNIX_STREAM_CONNECT, (.unix_sock = SOCK(1)),
     SOCK(0), SOCK(1), SOCK(2))
HOOK(unix_may_send, UNIX_MAY_SEND, (.unix_sock = SOCKET(1)->sk),
     SOCKET(0), SOCKET(1))
HOOK(socket_create, SOCKET_CREATE,
     (.number = INT(0), .addr = U32(1), .len = U32(2)),
     INT(0), INT(1), INT(2), INT(3))

/*
 * Something that only raw sockets can send, by another one: the family and protocol
 * that it would have.
 */
static int ask_raw(struct sbpf_sandbox *sandbox, int family, int protocol)
{
	if (!protocol)
		return 0;
	return ask(sandbox, NULL, SBPF_OP_SOCKET_CREATE, socket_create,
		   OBJECT(.number = family, .addr = SOCK_RAW, .len = protocol),
		   family, SOCK_RAW, protocol, 0);
}

/*
 * Options with which a socket sends what no address tells: routes that lead
 * elsewhere first, and announcements of groups that it joins. Else 0.
 */
static int raw_option4(int option)
{
	switch (option) {
	case IP_OPTIONS:
		return IPPROTO_RAW;
	case IP_ADD_MEMBERSHIP:
	case IP_ADD_SOURCE_MEMBERSHIP:
	case MCAST_JOIN_GROUP:
	case MCAST_JOIN_SOURCE_GROUP:
		return IPPROTO_IGMP;
	default:
		return 0;
	}
}

static int raw_option6(int option)
{
	switch (option) {
	case IPV6_RTHDR:
	case IPV6_2292PKTOPTIONS:
	case IPV6_FLOWLABEL_MGR:
		return IPPROTO_RAW;
	case IPV6_ADD_MEMBERSHIP:
	case IPV6_JOIN_ANYCAST:
	case MCAST_JOIN_GROUP:
	case MCAST_JOIN_SOURCE_GROUP:
		return IPPROTO_ICMPV6;
	default:
		return 0;
	}
}

static int hook_socket_setsockopt(struct sbpf_sandbox *sandbox,
				  const unsigned long *args)
{
	if (INT(1) == SOL_IP)
		return ask_raw(sandbox, AF_INET, raw_option4(INT(2)));
	return INT(1) == SOL_IPV6 ? ask_raw(sandbox, AF_INET6, raw_option6(INT(2))) : 0;
}

/* The same with a message. What the kernel will not read past, it refuses. */
static int ask_control(struct sbpf_sandbox *sandbox, struct msghdr *msg)
{
	struct cmsghdr *cmsg;
	int err = 0;

	for_each_cmsghdr(cmsg, msg) {
		if (!CMSG_OK(msg, cmsg))
			return -EINVAL;
		if (cmsg->cmsg_level == SOL_IP && cmsg->cmsg_type == IP_RETOPTS)
			err = ask_raw(sandbox, AF_INET, IPPROTO_RAW);
		else if (cmsg->cmsg_level == SOL_IPV6 &&
			 (cmsg->cmsg_type == IPV6_RTHDR || cmsg->cmsg_type == IPV6_2292RTHDR))
			err = ask_raw(sandbox, AF_INET6, IPPROTO_RAW);
		if (err)
			return err;
	}
	return 0;
}

HOOK(socket_bind, SOCKET_BIND,
     (.address = (struct sockaddr *)args[1], .address_len = INT(2)),
     SOCKET(0), (struct sockaddr *)args[1], INT(2))

/* Is this a connection that is counted? Not another look at how it is getting on. */
static bool connects(const struct socket *sock, const struct sockaddr *address,
		     int addrlen)
{
	return (sock->type == SOCK_STREAM || sock->type == SOCK_SEQPACKET) &&
	       sock->state == SS_UNCONNECTED &&
	       addrlen >= (int)sizeof(address->sa_family) &&
	       address->sa_family != AF_UNSPEC;
}

static int hook_socket_connect(struct sbpf_sandbox *sandbox,
			       const unsigned long *args)
{
	struct sockaddr *address = (struct sockaddr *)args[1];
	int err;

	err = ask(sandbox, NULL, SBPF_OP_SOCKET_CONNECT, socket_connect,
		  OBJECT(.address = address, .address_len = INT(2)),
		  SOCKET(0), address, INT(2));
	if (err || !connects(SOCKET(0), address, INT(2)))
		return err;
	return charge_rate(sandbox, SBPF_RESOURCE_CONNECTIONS,
			   SBPF_RESOURCE_CONNECTION_RATE, SBPF_OP_SOCKET_CONNECT,
			   &(struct sbpf_object){ .address = address,
						  .address_len = INT(2) });
}

HOOK(socket_listen, SOCKET_LISTEN, (.number = INT(1)), SOCKET(0), INT(1))

static int hook_socket_sendmsg(struct sbpf_sandbox *sandbox,
			       const unsigned long *args)
{
	struct msghdr *msg = (struct msghdr *)args[1];

	struct sbpf_object object = {
		.address = msg->msg_name,
		.address_len = msg->msg_namelen,
		.number = READ_ONCE(SOCKET(0)->ops)->family,
		.len = U32(2),
	};
	int err;

	err = ask(sandbox, NULL, SBPF_OP_SOCKET_SENDMSG, socket_sendmsg,
		  OBJECT(.address = msg->msg_name, .address_len = msg->msg_namelen,
			 .number = READ_ONCE(SOCKET(0)->ops)->family, .len = U32(2)),
		  SOCKET(0), msg, INT(2));
	if (!err && unlikely(msg->msg_controllen) && !msg->msg_control_is_user)
		err = ask_control(sandbox, msg);
	/* Those to the same address after it are sent unasked, with whatever control. */
	if (!err && unlikely(msg->msg_flags & MSG_BATCH) && msg->msg_name &&
	    (object.number == AF_INET || object.number == AF_INET6))
		err = ask_raw(sandbox, object.number, IPPROTO_RAW);
	/* Sending opens a connection, too. */
	if (err || likely(!(msg->msg_flags & MSG_FASTOPEN)) || !msg->msg_name ||
	    !connects(SOCKET(0), msg->msg_name, msg->msg_namelen))
		return err;
	return charge_rate(sandbox, SBPF_RESOURCE_CONNECTIONS,
			   SBPF_RESOURCE_CONNECTION_RATE, SBPF_OP_SOCKET_SENDMSG, &object);
}

/* Keys */

HOOK(key_alloc, KEY_ALLOC, (.text = ((struct key *)args[0])->description),
     (struct key *)args[0], CRED(1), args[2])

static int hook_key_permission(struct sbpf_sandbox *sandbox,
			       const unsigned long *args)
{
	struct key *key = key_ref_to_ptr((key_ref_t)args[0]);

	return ask(sandbox, NULL, SBPF_OP_KEY_PERMISSION, key_permission,
		   OBJECT(.text = key->description, .number = U32(2)),
		   key, CRED(1), U32(2));
}

/* The kernel */

HOOK(bpf, BPF, (.number = INT(0)), INT(0), U32(2))

/* Nobody else has the program yet. */
static int hook_bpf_prog_load(struct sbpf_sandbox *sandbox, const unsigned long *args)
{
	struct bpf_prog *prog = (struct bpf_prog *)args[0];

	return ask(sandbox, NULL, SBPF_OP_BPF_PROG_LOAD, bpf_prog_load,
		   OBJECT(.number = prog->type, .text = prog->aux->name), prog);
}

HOOK(perf_event_open, PERF_EVENT_OPEN, (.number = INT(SBPF_PERF_TYPE_ARG)),
     INT(SBPF_PERF_TYPE_ARG))
HOOK(kernel_read_file, KERNEL_READ_FILE, (.file = FILE(0), .number = U32(1)),
     FILE(0), U32(1))

static int hook_kernel_load_data(struct sbpf_sandbox *sandbox, const unsigned long *args)
{
	return ask(sandbox, NULL, SBPF_OP_KERNEL_READ_FILE, kernel_read_file,
		   OBJECT(.number = U32(0)), NULL, U32(0));
}

/* The kernel wants a module; not for what has been asked about under another name. */
static int hook_kernel_module_request(struct sbpf_sandbox *sandbox,
				      const unsigned long *args)
{
	if (strstarts(TEXT(0), "net-pf-") || strstarts(TEXT(0), "char-major-") ||
	    strstarts(TEXT(0), "block-major-"))
		return 0;
	return ask(sandbox, NULL, SBPF_OP_KERNEL_READ_FILE, kernel_read_file,
		   OBJECT(.text = TEXT(0), .number = READING_MODULE), NULL, READING_MODULE);
}

/*
 * The first thing that is done for a core, and the last for which a task needs other
 * credentials. Of the files and sockets that it may go to the kernel asks by itself.
 */
static int hook_prepare_creds(struct sbpf_sandbox *sandbox, const unsigned long *args)
{
	const char *pattern = sbpf_hooks_core_pattern;

	if (likely(!(current->flags & PF_SIGNALED)) || (pattern && *pattern != '|'))
		return 0;
	return ask(sandbox, NULL, SBPF_OP_KERNEL_READ_FILE, kernel_read_file,
		   OBJECT(.text = pattern, .number = READING_UNKNOWN), NULL, READING_UNKNOWN);
}

HOOK(inode_init_security_anon, INODE_INIT_SECURITY_ANON,
     (.text = ((const struct qstr *)args[1])->name),
     (struct inode *)args[0], ((const struct qstr *)args[1])->name)
HOOK(syslog, SYSLOG, (.number = INT(0)), INT(0))

static int hook_settime(struct sbpf_sandbox *sandbox, const unsigned long *args)
{
	const struct timespec64 *ts = (const struct timespec64 *)args[0];

	return ask(sandbox, NULL, SBPF_OP_SETTIME, settime,
		   OBJECT(.number = ts ? ts->tv_sec : 0),
		   ts, (const struct timezone *)args[1]);
}

/* The innermost of the layers of @sandbox that @other is in, too. */
static struct sbpf_sandbox *common_layer(struct sbpf_sandbox *sandbox,
					 const struct sbpf_sandbox *other)
{
	while (sandbox && !sbpf_sandbox_within(other, sandbox))
		sandbox = sandbox->parent;
	return sandbox;
}

/* Is a policy being asked about a write on this CPU? Nobody is preempted meanwhile. */
static DEFINE_PER_CPU(bool, asking_write);

static bool may_ask_write(void)
{
	return !in_interrupt() && !irqs_disabled() && !this_cpu_read(asking_write);
}

/* Members of the object of a write. */
#define WRITE_OBJECT(record, target)						\
	.task = (target), .number = (record)->channel, .addr = (record)->addr,	\
	.len = (record)->len

static int ask_write(struct sbpf_sandbox *sandbox, const struct sbpf_sandbox *end,
		     const struct sbpf_write_record *record, struct task_struct *target)
{
	int err;

	guard(preempt)();
	this_cpu_write(asking_write, true);
	err = ask(sandbox, end, SBPF_OP_MEM_WRITE, mem_write,
		  OBJECT(WRITE_OBJECT(record, target)), record);
	this_cpu_write(asking_write, false);
	return err;
}

/* The next layer, from @layer on, that is to be asked about a write. */
static struct sbpf_sandbox *write_layer(struct sbpf_sandbox *layer,
					const struct sbpf_sandbox *end,
					const struct sbpf_policy_version **version)
{
	for (; layer != end; layer = layer->parent) {
		*version = rcu_dereference(rcu_dereference(layer->asked)->version);
		if (!*version || (*version)->ops->mem_write)
			return layer;
	}
	return NULL;
}

/* As ask_write(), where no policy can run: who would be asked denies. */
static int refuse_write(struct sbpf_sandbox *sandbox, const struct sbpf_sandbox *end,
			const struct sbpf_write_record *record, struct task_struct *target)
{
	const struct sbpf_object object = { WRITE_OBJECT(record, target) };
	const struct sbpf_policy_version *version;
	int err = 0;

	while (!err && (sandbox = write_layer(sandbox, end, &version))) {
		err = refuse(sandbox, version, SBPF_OP_MEM_WRITE, -EPERM, &object);
		sandbox = sandbox->parent;
	}
	return err;
}

/*
 * Who beside the current task is in a sandbox, perhaps: the target; or, since of a BPF
 * program that is the current task, who loaded it.
 */
static struct sbpf_sandbox *write_other(const struct sbpf_write_record *record,
					struct task_struct *target)
{
	if (record->channel == SBPF_CHANNEL_BPF)
		return sbpf_sandbox_find(record->sandbox);
	return target ? sbpf_member_sandbox(target) : NULL;
}

/**
 * sbpf_dispatch_write_asks - Is a policy to be asked about a write of a BPF program?
 * @record: what is known of it; the target is the current task
 *
 * Context: under rcu_read_lock(); any, NMI included.
 *
 * Return: whether sbpf_dispatch_write() might deny it.
 */
bool sbpf_dispatch_write_asks(const struct sbpf_write_record *record)
{
	const struct sbpf_policy_version *version;

	return write_layer(sbpf_member_sandbox(current), NULL, &version) ||
	       write_layer(write_other(record, current), NULL, &version);
}

/**
 * sbpf_dispatch_write - Ask about a write into the memory of another process
 * @record: what is known of it
 * @target: a task whose memory it is, NULL if none is known
 *
 * A BPF program writes wherever it is attached. Where interrupts are off the locks may be
 * held that policies need, and so may be in an interrupt; and a program that is attached
 * to what a policy does, as it is asked, would have it asked again, and so on.
 *
 * Context: under rcu_read_lock(); may not sleep; for SBPF_CHANNEL_BPF any, NMI included.
 *
 * Return: 0; -errno if some layer of the current task, or of the target or who loaded the
 * BPF program, denies it; or -EPERM if one that would have been asked cannot be.
 */
int sbpf_dispatch_write(const struct sbpf_write_record *record,
			struct task_struct *target)
{
	struct sbpf_sandbox *other = write_other(record, target);
	struct sbpf_sandbox *own = sbpf_member_sandbox(current);
	struct sbpf_sandbox *common = common_layer(own, other);
	struct sbpf_member *self;
	int err;

	if (!may_ask_write())
		return refuse_write(own, NULL, record, target) ?:
		       refuse_write(other, common, record, target);

	err = ask_write(own, NULL, record, target);
	/* Its last task may have gone, and its counters with it. */
	if (!err && other != common && refcount_inc_not_zero(&other->refs)) {
		self = ask_others();
		err = ask_write(other, common, record, target);
		others_asked(self);
		sbpf_sandbox_put(other);
	}
	return err;
}

/**
 * sbpf_dispatch_policy_write - Ask about a write of a policy into one of its members
 * @sandbox: the current task is in it, or in one in it
 * @record: what is known of it; the target is the current task
 *
 * Those around are asked, as their policies are others; not @sandbox's own, which has just
 * decided to write.
 *
 * Context: under rcu_read_lock(); may not sleep.
 *
 * Return: 0; -errno if some layer around @sandbox denies it; or -EPERM if one that would
 * have been asked cannot be, see sbpf_dispatch_write().
 */
int sbpf_dispatch_policy_write(struct sbpf_sandbox *sandbox,
			       const struct sbpf_write_record *record)
{
	return may_ask_write() ? ask_write(sandbox->parent, NULL, record, current) :
				 refuse_write(sandbox->parent, NULL, record, current);
}

/* The task is about to be freed. */
static int hook_task_free(struct sbpf_sandbox *sandbox, const unsigned long *args)
{
	sbpf_member_remove((struct task_struct *)args[0]);
	return 0;
}

/* Of unix sockets it is to be known whose they are. */
static int hook_socket_post_create(struct sbpf_sandbox *sandbox,
				   const unsigned long *args)
{
	int err;

	if (INT(4))
		return 0;
	err = charge(sandbox, SBPF_RESOURCE_SOCKETS, SBPF_OP_SOCKET_CREATE,
		     &(struct sbpf_object){ .number = INT(1), .addr = U32(2),
					    .len = U32(3) });
	if (err || INT(1) != AF_UNIX || !READ_ONCE(sbpf_tags_wanted))
		return err;
	err = sbpf_tags_add(SOCKET(0)->sk, sandbox);
	if (err)
		sbpf_limits_uncharge(sandbox, NULL, SBPF_RESOURCE_SOCKETS, 1);
	return err;
}

static int hook_sk_free(struct sbpf_sandbox *sandbox, const unsigned long *args)
{
	sbpf_tags_remove(SOCK(0));
	return 0;
}

/* Has a sandbox, or one around it, a limit that needs this hook? */
static bool limited(const struct sbpf_sandbox *sandbox, enum sbpf_hook hook)
{
	for (; sandbox; sandbox = sandbox->parent)
		if (sandbox->hooks & SBPF_HOOK_BIT(hook))
			return true;
	return false;
}

/* Or 1 if the file counts: see sbpf_dispatch_rest(). */
static int hook_file_alloc(struct sbpf_sandbox *sandbox, const unsigned long *args)
{
	int err;

	if (!limited(sandbox, SBPF_HOOK_FILE_ALLOC))
		return 0;
	err = charge(sandbox, SBPF_RESOURCE_OPEN_FILES, SBPF_OP_MAX,
		     &(struct sbpf_object){});
	if (err)
		return err;
	err = sbpf_tags_add_file(FILE(0), sandbox);
	if (!err)
		return 1;
	sbpf_limits_uncharge(sandbox, NULL, SBPF_RESOURCE_OPEN_FILES, 1);
	return err;
}

static int hook_file_free(struct sbpf_sandbox *sandbox, const unsigned long *args)
{
	sbpf_tags_remove_file(FILE(0));
	return 0;
}

/* What was written before, since the size of this write is not told. */
static int hook_file_permission(struct sbpf_sandbox *sandbox, const unsigned long *args)
{
	struct sbpf_sandbox *full;

	if (!(INT(1) & MAY_WRITE) || !limited(sandbox, SBPF_HOOK_FILE_PERMISSION))
		return 0;
	sbpf_member_flush(sandbox);
	full = sbpf_limits_written(sandbox);
	return likely(!full) ? 0 :
	       sbpf_limits_over(full, SBPF_RESOURCE_BYTES_WRITTEN, SBPF_OP_MAX,
				&(struct sbpf_object){ .file = FILE(0) });
}

/* What to do when they fire. */
#define ENTRY(op, OP) [SBPF_OP_##OP] = hook_##op,
#define MORE(name, NAME, OP) [SBPF_HOOK_##NAME] = hook_##name,
const sbpf_hook_fn sbpf_dispatch_calls[SBPF_HOOK_MAX] = {
	SBPF_HOOK_OPS(ENTRY)
	SBPF_HOOKS_MORE(MORE)
	[SBPF_HOOK_TASK_FREE] = hook_task_free,
	[SBPF_HOOK_SOCKET_POST_CREATE] = hook_socket_post_create,
	[SBPF_HOOK_SK_FREE] = hook_sk_free,
	[SBPF_HOOK_CGROUP_WRITE] = hook_cgroup_write,
	[SBPF_HOOK_FILE_ALLOC] = hook_file_alloc,
	[SBPF_HOOK_FILE_FREE] = hook_file_free,
	[SBPF_HOOK_FILE_PERMISSION] = hook_file_permission,
};
#undef MORE
#undef ENTRY

static __always_inline int dispatch(struct sbpf_sandbox *sandbox,
				    const unsigned long *args, unsigned long body)
{
	sbpf_hook_fn call = sbpf_hook_find(body);

	return WARN_ON_ONCE(!call) ? -EPERM : call(sandbox, args);
}

/**
 * sbpf_dispatch - A hook that concerns members only has fired
 * @args: the six registers that may hold arguments of the hooked function
 * @body: where that function goes on
 *
 * Context: trampoline, that is: any that the function is called in. Whoever is not
 * a member must not sleep in here, since nothing keeps the module for it.
 *
 * Return: 0 to go on, -errno to return that instead; 1 to let sbpf_dispatch_rest() do
 * the rest.
 */
__no_stack_protector
int sbpf_dispatch(const unsigned long *args, unsigned long body)
{
	struct sbpf_sandbox *sandbox;

	guard(rcu)();
	sandbox = sbpf_member_sandbox(current);
	/*
	 * The bucket may be that of another task. What an interrupt does, like a USB
	 * completion that signals, is on behalf of somebody else.
	 */
	return sandbox && in_task() ? dispatch(sandbox, args, body) : 0;
}

/**
 * sbpf_dispatch_any - A hook among SBPF_HOOKS_ANY has fired
 * @args: as sbpf_dispatch()
 * @body: as sbpf_dispatch()
 *
 * Context: as sbpf_dispatch().
 *
 * Return: 0 to go on, -errno to return that instead; 1 to let
 * sbpf_dispatch_rest() do the rest.
 */
int sbpf_dispatch_any(const unsigned long *args, unsigned long body)
{
	guard(rcu)();
	return dispatch(sbpf_member_sandbox(current), args, body);
}

/**
 * sbpf_dispatch_rest - Do the rest of a function for a member
 * @object: its first argument: the new task or file, which was taken in
 * @argument: its second argument
 * @body: where it goes on
 *
 * When that fails nobody may tell the end of what was not created, as it does itself
 * when the failure is another LSM's.
 *
 * Context: trampoline, of a member, which keeps the module; may sleep.
 *
 * Return: 0 or -errno, to the caller of the function.
 */
int sbpf_dispatch_rest(void *object, u64 argument, unsigned long body)
{
	int err = sbpf_trampoline_body(object, argument, body);

	if (!err)
		return 0;
	if (sbpf_hook_find(body) == hook_task_alloc)
		sbpf_member_remove(object);
	else
		sbpf_tags_remove_file(object);
	return err;
}
