// SPDX-License-Identifier: GPL-2.0-only
/*
 * probe - A policy that does what a test wants and tells it what it was asked
 *
 * The test sets a rule per layer and operation in memory that it shares with
 * the policy, and reads what the policy was given. It may register the policy
 * under any name, and leave out operations or exchange their programs.
 */
#include "vmlinux.h"
#include <sbpf/policy.bpf.h>

#include "probe.h"

char LICENSE[] SEC("license") = "GPL";

struct probe_rule rules[PROBE_LAYERS][PROBE_OP_MAX];
struct probe_record records[PROBE_LAYERS][PROBE_OP_MAX];

/* What sandbox_init returns, how often both were called, and for whom last. */
int init_verdict;
__u64 init_calls;
__u64 init_sandbox;
char init_name[SBPF_NAME_MAX];
__u64 exit_calls;
__u64 exit_sandbox;

static __always_inline int probe(struct sbpf_sandbox *sandbox, enum probe_op op,
				 __u64 number, __u64 key, __u64 extra)
{
	__u32 layer = sandbox->layer;
	struct probe_record *record;
	struct probe_rule *rule;

	if (layer >= PROBE_LAYERS)
		return -EPERM;
	rule = &rules[layer][op];
	record = &records[layer][op];
	record->sandbox = sandbox->id;
	record->pid = bpf_get_current_task_btf()->pid;
	record->number = number;
	record->key = key;
	record->extra = extra;
	__sync_fetch_and_add(&record->calls, 1);
	if (!rule->verdict || (number & rule->bits) != rule->bits ||
	    (rule->key && rule->key != key))
		return 0;
	__sync_fetch_and_add(&record->hits, 1);
	return rule->verdict;
}

SBPF_OP(task_alloc, struct sbpf_sandbox *sandbox, struct task_struct *task,
	__u64 clone_flags)
{
	return probe(sandbox, PROBE_TASK_ALLOC, clone_flags, 0, 0);
}

SBPF_OP(bprm_check_security, struct sbpf_sandbox *sandbox, struct linux_binprm *bprm)
{
	return probe(sandbox, PROBE_BPRM_CHECK_SECURITY, 0,
		     bprm->file->f_inode->i_ino, 0);
}

SBPF_OP(file_open, struct sbpf_sandbox *sandbox, struct file *file)
{
	return probe(sandbox, PROBE_FILE_OPEN, file->f_flags, file->f_inode->i_ino, 0);
}

SBPF_OP(ptrace_access_check, struct sbpf_sandbox *sandbox, struct task_struct *child,
	__u32 mode)
{
	return probe(sandbox, PROBE_PTRACE_ACCESS_CHECK, mode, child->tgid, 0);
}

SBPF_OP(ptrace_traceme, struct sbpf_sandbox *sandbox, struct task_struct *parent)
{
	return probe(sandbox, PROBE_PTRACE_TRACEME, 0, parent->tgid, 0);
}

SBPF_OP(task_kill, struct sbpf_sandbox *sandbox, struct task_struct *target, int sig)
{
	return probe(sandbox, PROBE_TASK_KILL, sig, target->tgid, 0);
}

SBPF_OP(socket_connect, struct sbpf_sandbox *sandbox, struct socket *sock,
	struct sockaddr *address, int addrlen)
{
	__u64 start = 0;

	/* The port of an internet address, or a path's first characters. */
	bpf_probe_read_kernel(&start, sizeof(start), address);
	return probe(sandbox, PROBE_SOCKET_CONNECT, address->sa_family, addrlen, start);
}

SBPF_OP(mmap_file, struct sbpf_sandbox *sandbox, struct file *file, __u64 reqprot,
	__u64 prot, __u64 flags)
{
	return probe(sandbox, PROBE_MMAP_FILE, prot, file ? file->f_inode->i_ino : 0,
		     reqprot);
}

SBPF_OP(file_mprotect, struct sbpf_sandbox *sandbox, struct vm_area_struct *vma,
	__u64 reqprot, __u64 prot)
{
	return probe(sandbox, PROBE_FILE_MPROTECT, prot, reqprot, vma->vm_start);
}

/* Processes */

SBPF_OP(task_setnice, struct sbpf_sandbox *sandbox, struct task_struct *task, int nice)
{
	return probe(sandbox, PROBE_TASK_SETNICE, nice, task->tgid, 0);
}

SBPF_OP(task_setioprio, struct sbpf_sandbox *sandbox, struct task_struct *task, int ioprio)
{
	return probe(sandbox, PROBE_TASK_SETIOPRIO, ioprio, task->tgid, 0);
}

SBPF_OP(task_setscheduler, struct sbpf_sandbox *sandbox, struct task_struct *task)
{
	return probe(sandbox, PROBE_TASK_SETSCHEDULER, 0, task->tgid, 0);
}

SBPF_OP(task_setrlimit, struct sbpf_sandbox *sandbox, struct task_struct *task,
	__u32 resource, struct rlimit *new_rlim)
{
	return probe(sandbox, PROBE_TASK_SETRLIMIT, resource, task->tgid,
		     new_rlim->rlim_cur);
}

SBPF_OP(task_fix_setuid, struct sbpf_sandbox *sandbox, struct cred *new,
	const struct cred *old, int flags)
{
	return probe(sandbox, PROBE_TASK_FIX_SETUID, new->fsuid.val, 0,
		     (__u64)flags << 32 | old->fsuid.val);
}

SBPF_OP(task_fix_setgid, struct sbpf_sandbox *sandbox, struct cred *new,
	const struct cred *old, int flags)
{
	return probe(sandbox, PROBE_TASK_FIX_SETGID, new->fsgid.val, 0,
		     (__u64)flags << 32 | old->fsgid.val);
}

SBPF_OP(task_prctl, struct sbpf_sandbox *sandbox, int option, __u64 arg2, __u64 arg3,
	__u64 arg4, __u64 arg5)
{
	return probe(sandbox, PROBE_TASK_PRCTL, option, 0, arg2 + arg3 + arg4 + arg5);
}

SBPF_OP(capable, struct sbpf_sandbox *sandbox, const struct cred *cred,
	struct user_namespace *ns, int cap, __u32 opts)
{
	return probe(sandbox, PROBE_CAPABLE, cap, cap,
		     (__u64)ns->level << 32 | cred->euid.val);
}

SBPF_OP(userns_create, struct sbpf_sandbox *sandbox, const struct cred *cred)
{
	return probe(sandbox, PROBE_USERNS_CREATE, 0, 0, cred->euid.val);
}

/* Files */

SBPF_OP(file_receive, struct sbpf_sandbox *sandbox, struct file *file)
{
	return probe(sandbox, PROBE_FILE_RECEIVE, 0, file->f_inode->i_ino, 0);
}

SBPF_OP(file_ioctl, struct sbpf_sandbox *sandbox, struct file *file, __u32 cmd, __u64 arg)
{
	return probe(sandbox, PROBE_FILE_IOCTL, cmd, file->f_inode->i_ino, arg);
}

SBPF_OP(file_lock, struct sbpf_sandbox *sandbox, struct file *file, __u32 cmd)
{
	return probe(sandbox, PROBE_FILE_LOCK, cmd, file->f_inode->i_ino, 0);
}

SBPF_OP(file_fcntl, struct sbpf_sandbox *sandbox, struct file *file, __u32 cmd, __u64 arg)
{
	return probe(sandbox, PROBE_FILE_FCNTL, cmd, file->f_inode->i_ino, arg);
}

static __always_inline __u64 path_ino(const struct path *path)
{
	return path->dentry->d_inode->i_ino;
}

/* On some kernels the verifier knows that it may be NULL, on others that it is not. */
static __always_inline __u64 dentry_ino(struct dentry *dentry)
{
	struct inode *inode = dentry->d_inode;

	return inode ? inode->i_ino : 0;
}

/* The first characters of a name. */
static __always_inline __u64 start_of(const char *text)
{
	__u64 start = 0;

	bpf_probe_read_kernel_str(&start, sizeof(start), text);
	return start;
}

SBPF_OP(path_truncate, struct sbpf_sandbox *sandbox, const struct path *path)
{
	return probe(sandbox, PROBE_PATH_TRUNCATE, 0, path_ino(path), 0);
}

SBPF_OP(path_mknod, struct sbpf_sandbox *sandbox, const struct path *dir,
	const char *name, __u32 mode, __u32 dev)
{
	return probe(sandbox, PROBE_PATH_MKNOD, mode, path_ino(dir), start_of(name) + dev);
}

SBPF_OP(path_mkdir, struct sbpf_sandbox *sandbox, const struct path *dir,
	const char *name, __u32 mode)
{
	return probe(sandbox, PROBE_PATH_MKDIR, mode, path_ino(dir), start_of(name));
}

SBPF_OP(path_symlink, struct sbpf_sandbox *sandbox, const struct path *dir,
	const char *name, const char *old_name)
{
	return probe(sandbox, PROBE_PATH_SYMLINK, 0, path_ino(dir),
		     start_of(name) + start_of(old_name));
}

SBPF_OP(path_link, struct sbpf_sandbox *sandbox, struct dentry *old_dentry,
	const struct path *new_dir, const char *new_name)
{
	return probe(sandbox, PROBE_PATH_LINK, 0, dentry_ino(old_dentry),
		     start_of(new_name) + path_ino(new_dir));
}

SBPF_OP(path_rename, struct sbpf_sandbox *sandbox, struct dentry *old_dentry,
	const struct path *new_dir, const char *new_name, struct inode *new_inode,
	__u32 flags)
{
	return probe(sandbox, PROBE_PATH_RENAME, flags, dentry_ino(old_dentry),
		     start_of(new_name) + path_ino(new_dir) +
		     (new_inode ? new_inode->i_ino : 0));
}

SBPF_OP(path_unlink, struct sbpf_sandbox *sandbox, const struct path *dir,
	struct dentry *dentry)
{
	return probe(sandbox, PROBE_PATH_UNLINK, 0, dentry_ino(dentry), path_ino(dir));
}

SBPF_OP(path_chmod, struct sbpf_sandbox *sandbox, const struct path *path, __u32 mode)
{
	return probe(sandbox, PROBE_PATH_CHMOD, mode, path_ino(path), 0);
}

SBPF_OP(path_chown, struct sbpf_sandbox *sandbox, const struct path *path, __u32 uid,
	__u32 gid)
{
	return probe(sandbox, PROBE_PATH_CHOWN, uid, path_ino(path), gid);
}

SBPF_OP(path_chroot, struct sbpf_sandbox *sandbox, const struct path *path)
{
	return probe(sandbox, PROBE_PATH_CHROOT, 0, path_ino(path), 0);
}

SBPF_OP(path_notify, struct sbpf_sandbox *sandbox, const struct path *path, __u64 mask)
{
	return probe(sandbox, PROBE_PATH_NOTIFY, mask, path_ino(path), 0);
}

SBPF_OP(inode_setattr, struct sbpf_sandbox *sandbox, struct dentry *dentry,
	struct iattr *attr)
{
	return probe(sandbox, PROBE_INODE_SETATTR, attr->ia_valid, dentry_ino(dentry), 0);
}

SBPF_OP(inode_setxattr, struct sbpf_sandbox *sandbox, struct dentry *dentry,
	const char *name, __u64 size, int flags)
{
	return probe(sandbox, PROBE_INODE_SETXATTR, flags, dentry_ino(dentry),
		     start_of(name));
}

SBPF_OP(inode_removexattr, struct sbpf_sandbox *sandbox, struct dentry *dentry,
	const char *name)
{
	return probe(sandbox, PROBE_INODE_REMOVEXATTR, 0, dentry_ino(dentry),
		     start_of(name));
}

/* Mounts */

SBPF_OP(sb_mount, struct sbpf_sandbox *sandbox, const char *dev_name,
	const struct path *path, const char *type, __u64 flags)
{
	return probe(sandbox, PROBE_SB_MOUNT, flags, path_ino(path),
		     start_of(dev_name) + start_of(type));
}

SBPF_OP(sb_umount, struct sbpf_sandbox *sandbox, struct vfsmount *mnt, int flags)
{
	return probe(sandbox, PROBE_SB_UMOUNT, flags, mnt->mnt_root->d_inode->i_ino, 0);
}

SBPF_OP(sb_pivotroot, struct sbpf_sandbox *sandbox, const struct path *old_path,
	const struct path *new_path)
{
	return probe(sandbox, PROBE_SB_PIVOTROOT, 0, path_ino(new_path),
		     path_ino(old_path));
}

SBPF_OP(move_mount, struct sbpf_sandbox *sandbox, const struct path *from_path,
	const struct path *to_path)
{
	return probe(sandbox, PROBE_MOVE_MOUNT, 0, path_ino(to_path),
		     path_ino(from_path));
}

/* Communication */

SBPF_OP(ipc_permission, struct sbpf_sandbox *sandbox, struct kern_ipc_perm *ipcp,
	__u32 flag)
{
	return probe(sandbox, PROBE_IPC_PERMISSION, flag, 0, ipcp->id);
}

SBPF_OP(unix_stream_connect, struct sbpf_sandbox *sandbox, struct sock *sock,
	struct sock *other, struct sock *newsk)
{
	return probe(sandbox, PROBE_UNIX_STREAM_CONNECT, other->__sk_common.skc_family, 0,
		     sock->__sk_common.skc_family + newsk->__sk_common.skc_family);
}

SBPF_OP(unix_may_send, struct sbpf_sandbox *sandbox, struct socket *sock,
	struct socket *other)
{
	return probe(sandbox, PROBE_UNIX_MAY_SEND, other->ops->family, 0,
		     sock->ops->family);
}

SBPF_OP(socket_create, struct sbpf_sandbox *sandbox, int family, int type, int protocol,
	int kern)
{
	return probe(sandbox, PROBE_SOCKET_CREATE, family, 0,
		     (__u64)kern << 63 | (__u64)type << 32 | protocol);
}

SBPF_OP(socket_bind, struct sbpf_sandbox *sandbox, struct socket *sock,
	struct sockaddr *address, int addrlen)
{
	return probe(sandbox, PROBE_SOCKET_BIND, address->sa_family, addrlen, 0);
}

SBPF_OP(socket_listen, struct sbpf_sandbox *sandbox, struct socket *sock, int backlog)
{
	return probe(sandbox, PROBE_SOCKET_LISTEN, backlog, 0, sock->ops->family);
}

SBPF_OP(socket_sendmsg, struct sbpf_sandbox *sandbox, struct socket *sock,
	struct msghdr *msg, int size)
{
	__u64 start = 0;

	if (msg->msg_namelen)
		bpf_probe_read_kernel(&start, sizeof(start), msg->msg_name);
	return probe(sandbox, PROBE_SOCKET_SENDMSG, sock->ops->family, size, start);
}

/* Keys */

SBPF_OP(key_alloc, struct sbpf_sandbox *sandbox, struct key *key, const struct cred *cred,
	__u64 flags)
{
	return probe(sandbox, PROBE_KEY_ALLOC, 0, 0, start_of(key->description));
}

SBPF_OP(key_permission, struct sbpf_sandbox *sandbox, struct key *key,
	const struct cred *cred, __u32 need_perm)
{
	return probe(sandbox, PROBE_KEY_PERMISSION, need_perm, 0,
		     start_of(key->description));
}

/* The kernel */

SBPF_OP(bpf, struct sbpf_sandbox *sandbox, int cmd, __u32 size)
{
	return probe(sandbox, PROBE_BPF, cmd, 0, size);
}

SBPF_OP(bpf_prog_load, struct sbpf_sandbox *sandbox, struct bpf_prog *prog)
{
	return probe(sandbox, PROBE_BPF_PROG_LOAD, prog->type, 0, prog->len);
}

SBPF_OP(perf_event_open, struct sbpf_sandbox *sandbox, int type)
{
	return probe(sandbox, PROBE_PERF_EVENT_OPEN, type, 0, 0);
}

SBPF_OP(kernel_read_file, struct sbpf_sandbox *sandbox, struct file *file, __u32 id)
{
	return probe(sandbox, PROBE_KERNEL_READ_FILE, id, file ? file->f_inode->i_ino : 0, 0);
}

SBPF_OP(inode_init_security_anon, struct sbpf_sandbox *sandbox, struct inode *inode,
	const char *name)
{
	return probe(sandbox, PROBE_INODE_INIT_SECURITY_ANON, 0, 0, start_of(name));
}

SBPF_OP(syslog, struct sbpf_sandbox *sandbox, int type)
{
	return probe(sandbox, PROBE_SYSLOG, type, 0, 0);
}

SBPF_OP(settime, struct sbpf_sandbox *sandbox, const struct timespec64 *ts,
	const struct timezone *tz)
{
	return probe(sandbox, PROBE_SETTIME, ts ? ts->tv_sec : 0, 0,
		     tz ? tz->tz_minuteswest : 0);
}

/* Resources */

SBPF_OP(charge, struct sbpf_sandbox *sandbox, __u32 resource, __u64 amount, __u64 usage)
{
	return probe(sandbox, PROBE_CHARGE, amount, resource + 1, usage);
}

/* The memory of others */

SBPF_OP(mem_write, struct sbpf_sandbox *sandbox, const struct sbpf_write_record *record)
{
	return probe(sandbox, PROBE_MEM_WRITE, record->channel, record->target_pid,
		     record->addr);
}

static __always_inline int init(struct sbpf_sandbox *sandbox)
{
	__u32 i;

	__sync_fetch_and_add(&init_calls, 1);
	init_sandbox = sandbox->id;
	for (i = 0; i < SBPF_NAME_MAX; i++)
		init_name[i] = sandbox->name[i];
	return init_verdict;
}

SBPF_OP(sandbox_init, struct sbpf_sandbox *sandbox)
{
	return init(sandbox);
}

SBPF_OP(sandbox_exit, struct sbpf_sandbox *sandbox)
{
	__sync_fetch_and_add(&exit_calls, 1);
	exit_sandbox = sandbox->id;
	return 0;
}

/* The same, sleepable: fit for sandbox_init, unfit for file_open. */
SEC("?struct_ops.s/sandbox_init")
int BPF_PROG(sleepable_init, struct sbpf_sandbox *sandbox)
{
	return init(sandbox);
}

SEC("?struct_ops.s/file_open")
int BPF_PROG(sleepable_open, struct sbpf_sandbox *sandbox, struct file *file)
{
	return probe(sandbox, PROBE_FILE_OPEN, file->f_flags, file->f_inode->i_ino, 0);
}

SBPF_POLICY(policy) = {
	.sandbox_init = (void *)sandbox_init,
	.sandbox_exit = (void *)sandbox_exit,
#define OP(name, NAME) .name = (void *)name,
	SBPF_OPS(OP)
#undef OP
	.name = "probe",
};

/* Without a link nobody could unregister it safely: refused. */
SEC("?.struct_ops")
struct sbpf_policy_ops unlinked = {
	.file_open = (void *)file_open,
	.name = "unlinked",
};
