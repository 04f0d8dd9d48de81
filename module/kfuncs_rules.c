// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Kfuncs: asking the rules of a sandbox
 *
 * kfuncs.c makes them known. Those that ask path rules are for operations that may not
 * sleep, which run under RCU; the others may be called by all.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/cleanup.h>
#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/ipc_namespace.h>
#include <linux/mm_types.h>
#include <linux/net.h>
#include <linux/nsproxy.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <net/af_unix.h>

#include "compat.h"
#include "kfuncs.h"
#include "nets.h"
#include "rules.h"
#include "sandbox.h"
#include "tags.h"

/**
 * struct sbpf_new_name - Where an object is to appear
 * @flags: of renameat2(2), 0 for a link
 * @name: name, terminated
 */
struct sbpf_new_name {
	u32 flags;
	char name[256];
};

__bpf_kfunc_start_defs();

/**
 * bpf_sbpf_path_access - Do the rules of a sandbox allow this?
 * @sandbox: sandbox that the policy is asked about
 * @path: object that is accessed
 * @access: enum sbpf_access, all of which are wanted
 *
 * The nearest object with a rule decides, on the way from @path to the root; without
 * one nothing is allowed. Pipes, sockets, memory files and the like may be used but
 * not executed.
 *
 * Return: 0, or -EACCES.
 */
__bpf_kfunc int bpf_sbpf_path_access(struct sbpf_sandbox *sandbox,
				     const struct path *path, u32 access)
{
	return sbpf_rules_access(sandbox, path->mnt, path->dentry, access);
}

/**
 * bpf_sbpf_dentry_access - Do the rules of a sandbox allow this, by whatever mount?
 * @sandbox: sandbox that the policy is asked about
 * @dentry: object, of an operation that does not tell the mount
 * @access: enum sbpf_access, all of which are wanted
 *
 * As bpf_sbpf_path_access(), but the way ends at the root of the file system: a rule
 * about a directory that this is mounted below does not count.
 *
 * Return: 0, or -EACCES.
 */
__bpf_kfunc int bpf_sbpf_dentry_access(struct sbpf_sandbox *sandbox,
				       struct dentry *dentry, u32 access)
{
	return sbpf_rules_access_dentry(sandbox, dentry, access);
}

/**
 * bpf_sbpf_open_access - Do the rules of a sandbox allow a file to be opened?
 * @sandbox: sandbox that the policy is asked about
 * @file: file, as operation file_open gets it
 *
 * Return: 0; -EACCES; or enum sbpf_special above 0 for a file that the rules allow,
 * but that a policy has to look at itself, as a verdict a denial.
 */
__bpf_kfunc int bpf_sbpf_open_access(struct sbpf_sandbox *sandbox, struct file *file)
{
	return sbpf_rules_open(sandbox, file);
}

/**
 * bpf_sbpf_vma_access - Do the rules of a sandbox allow this of a mapped file?
 * @sandbox: sandbox that the policy is asked about
 * @vma: mapping; the verifier does not trust the file that it leads to
 * @access: enum sbpf_access, all of which are wanted
 *
 * Return: 0, also for memory without a file; or -EACCES, in interrupts always.
 */
__bpf_kfunc int bpf_sbpf_vma_access(struct sbpf_sandbox *sandbox,
				    struct vm_area_struct *vma, u32 access)
{
	const struct path *path;

	if (!vma->vm_file)
		return 0;
	/* A program can find mappings wherever it is; who is interrupted may have rename_lock. */
	if (!in_task())
		return -EACCES;
	/* Of an overlay's file the one beneath it is mapped. */
	path = file_user_path(vma->vm_file);
	return sbpf_rules_access(sandbox, path->mnt, path->dentry, access);
}

/* The name may be where others write to it meanwhile, its end too. */
static int read_name(char *name, const struct sbpf_new_name *to)
{
	return strscpy(name, to->name, sizeof(to->name)) < 0 ? -ENAMETOOLONG : 0;
}

/**
 * bpf_sbpf_create_access - Do the rules of a sandbox allow an object to be created?
 * @sandbox: sandbox that the policy is asked about
 * @dir: directory
 * @to: name that it gets there
 * @access: SBPF_ACCESS_CREATE_FILE or another one
 *
 * It is needed of the directory and, if there is a rule about such names, of the name.
 *
 * Return: 0, -EACCES, or -ENAMETOOLONG: the name does not end.
 */
__bpf_kfunc int bpf_sbpf_create_access(struct sbpf_sandbox *sandbox,
				       const struct path *dir,
				       const struct sbpf_new_name *to, u32 access)
{
	char name[sizeof(to->name)];

	return read_name(name, to) ?:
	       sbpf_rules_create(sandbox, dir->mnt, dir->dentry, name, access);
}

/**
 * bpf_sbpf_remove_access - Do the rules of a sandbox allow a name to be removed?
 * @sandbox: sandbox that the policy is asked about
 * @dir: directory
 * @dentry: entry of @dir
 *
 * SBPF_ACCESS_REMOVE is needed of the directory and, if there is a rule about it, of
 * the object. A directory that has rules about names in it cannot be removed.
 *
 * Return: 0, or -EACCES.
 */
__bpf_kfunc int bpf_sbpf_remove_access(struct sbpf_sandbox *sandbox,
				       const struct path *dir, struct dentry *dentry)
{
	return sbpf_rules_remove(sandbox, dir->mnt, dir->dentry, dentry);
}

static int refer(struct sbpf_sandbox *sandbox, struct dentry *old_dentry,
		 const struct path *new_dir, struct inode *new_inode,
		 const struct sbpf_new_name *to, bool exchange)
{
	char name[sizeof(to->name)];
	int err = read_name(name, to);

	/* It leaves a device node, though one of no device. */
	if (!err && to->flags & RENAME_WHITEOUT)
		err = sbpf_rules_access(sandbox, new_dir->mnt, READ_ONCE(old_dentry->d_parent),
					SBPF_ACCESS_CREATE_DEVICE);
	return err ?: sbpf_rules_refer(sandbox, new_dir->mnt, old_dentry, new_dir->dentry, name,
				       new_inode, exchange);
}

/**
 * bpf_sbpf_link_access - Do the rules of a sandbox allow a link?
 * @sandbox: sandbox that the policy is asked about
 * @old_dentry: object that is linked
 * @new_dir: directory where it is to appear
 * @to: name that it gets there
 *
 * SBPF_ACCESS_REFER is needed in both directories and, if there are rules about the
 * names, of these, and the object may not get rights where it appears that it has not
 * where it is.
 *
 * Whether a name of such an object may be created there is for bpf_sbpf_path_access().
 *
 * Return: 0, -EACCES, -EXDEV if it would, or -ENAMETOOLONG: the name does not end.
 */
__bpf_kfunc int bpf_sbpf_link_access(struct sbpf_sandbox *sandbox,
				     struct dentry *old_dentry,
				     const struct path *new_dir,
				     const struct sbpf_new_name *to)
{
	return refer(sandbox, old_dentry, new_dir, NULL, to, false);
}

/**
 * bpf_sbpf_rename_access - Do the rules of a sandbox allow a rename onto an object?
 * @sandbox: sandbox that the policy is asked about
 * @old_dentry: object that is renamed
 * @new_dir: directory where it is to appear
 * @new_inode: object that has the new name; without one a rename is a link
 * @to: the new name, and the flags of renameat2(2)
 *
 * As for a link, in both directions for an exchange. What is replaced must be
 * allowed to be removed. RENAME_WHITEOUT takes SBPF_ACCESS_CREATE_DEVICE as well.
 *
 * Return: 0, -EACCES, -EXDEV if an object would gain rights, or -ENAMETOOLONG: the
 * name does not end.
 */
__bpf_kfunc int bpf_sbpf_rename_access(struct sbpf_sandbox *sandbox,
				       struct dentry *old_dentry,
				       const struct path *new_dir,
				       struct inode *new_inode,
				       const struct sbpf_new_name *to)
{
	return refer(sandbox, old_dentry, new_dir, new_inode, to,
		     to->flags & RENAME_EXCHANGE);
}

/**
 * bpf_sbpf_right - Has a sandbox been given a right?
 * @sandbox: sandbox that the policy is asked about
 * @right: enum sbpf_right
 *
 * Return: 0, or -EPERM.
 */
__bpf_kfunc int bpf_sbpf_right(struct sbpf_sandbox *sandbox, u32 right)
{
	guard(rcu)();
	return sbpf_rules_right(sandbox, right);
}

/**
 * bpf_sbpf_capability - May members use a capability, if they have it?
 * @sandbox: sandbox that the policy is asked about
 * @capability: CAP_*
 *
 * Return: 0, or -EPERM.
 */
__bpf_kfunc int bpf_sbpf_capability(struct sbpf_sandbox *sandbox, u32 capability)
{
	guard(rcu)();
	return sbpf_rules_capability(sandbox, capability);
}

/**
 * bpf_sbpf_dev_access - Do the rules of a sandbox allow a device to be used?
 * @sandbox: sandbox that the policy is asked about
 * @mode: mode of the node, or of the one to be created
 * @dev: the device as the kernel encodes it (major << 20 | minor)
 * @access: enum sbpf_dev_access, all of which are wanted
 * @cmd: command, for SBPF_DEV_IOCTL; else 0
 *
 * Return: 0, also for what is no device, or -EACCES.
 */
__bpf_kfunc int bpf_sbpf_dev_access(struct sbpf_sandbox *sandbox, u32 mode, u32 dev,
				    u32 access, u32 cmd)
{
	if (!S_ISCHR(mode) && !S_ISBLK(mode))
		return 0;
	guard(rcu)();
	return sbpf_rules_dev(sandbox, mode, dev, access, cmd);
}

/**
 * bpf_sbpf_socket_access - Do the rules of a sandbox allow a kind of socket?
 * @sandbox: sandbox that the policy is asked about
 * @family: AF_*
 * @type: SOCK_*
 * @protocol: of the family
 *
 * Return: 0, for unix, TCP and UDP sockets always, or -EACCES.
 */
__bpf_kfunc int bpf_sbpf_socket_access(struct sbpf_sandbox *sandbox, int family,
				       int type, int protocol)
{
	u64 sockets;

	guard(rcu)();
	sbpf_rules_nets(sandbox, &sockets);
	return sbpf_nets_create(sockets, family, type, protocol);
}

/**
 * bpf_sbpf_connect_access - Do the rules of a sandbox allow a connection?
 * @sandbox: sandbox that the policy is asked about
 * @sock: the socket
 * @address: as operation socket_connect gets it
 * @addrlen: length of @address in bytes
 *
 * Unix sockets are for bpf_sbpf_unix_access(), when the other end is known.
 *
 * Return: 0, -EACCES, or -EINVAL or -EAFNOSUPPORT for what is no address.
 */
__bpf_kfunc int bpf_sbpf_connect_access(struct sbpf_sandbox *sandbox,
					struct socket *sock, struct sockaddr *address,
					int addrlen)
{
	const struct sbpf_nets *nets;
	u64 sockets;

	guard(rcu)();
	nets = sbpf_rules_nets(sandbox, &sockets);
	return sbpf_nets_connect(nets, sockets, sock, address, addrlen);
}

/**
 * bpf_sbpf_bind_access - Do the rules of a sandbox allow a socket to be bound?
 * @sandbox: sandbox that the policy is asked about
 * @sock: the socket
 * @address: as operation socket_bind gets it
 * @addrlen: length of @address in bytes
 *
 * Return: as bpf_sbpf_connect_access().
 */
__bpf_kfunc int bpf_sbpf_bind_access(struct sbpf_sandbox *sandbox, struct socket *sock,
				     struct sockaddr *address, int addrlen)
{
	const struct sbpf_nets *nets;
	u64 sockets;

	guard(rcu)();
	nets = sbpf_rules_nets(sandbox, &sockets);
	return sbpf_nets_bind(nets, sockets, sock, address, addrlen);
}

/**
 * bpf_sbpf_listen_access - Do the rules of a sandbox allow connections to come in?
 * @sandbox: sandbox that the policy is asked about
 * @sock: the socket
 *
 * Return: 0 or -EACCES.
 */
__bpf_kfunc int bpf_sbpf_listen_access(struct sbpf_sandbox *sandbox, struct socket *sock)
{
	const struct sbpf_nets *nets;
	u64 sockets;

	guard(rcu)();
	nets = sbpf_rules_nets(sandbox, &sockets);
	return sbpf_nets_listen(nets, sockets, sock);
}

/**
 * bpf_sbpf_send_access - Do the rules of a sandbox allow a message to be sent?
 * @sandbox: sandbox that the policy is asked about
 * @sock: the socket
 * @msg: the message; one without an address goes where @sock is connected to
 *
 * Return: as bpf_sbpf_connect_access().
 */
__bpf_kfunc int bpf_sbpf_send_access(struct sbpf_sandbox *sandbox, struct socket *sock,
				     struct msghdr *msg)
{
	const struct sbpf_nets *nets;
	u64 sockets;

	guard(rcu)();
	nets = sbpf_rules_nets(sandbox, &sockets);
	return sbpf_nets_send(nets, sockets, sock, msg);
}

/**
 * bpf_sbpf_unix_access - May members talk to whoever has a unix socket?
 * @sandbox: sandbox that the policy is asked about
 * @other: the other end, as operations unix_stream_connect and unix_may_send get it
 *
 * They may if a member of @sandbox, or of one nested in it, has created it, or if
 * the rules allow SBPF_ACCESS_CONNECT of its path. Sockets that members have created
 * before a policy with one of these operations was registered are nobody's.
 *
 * Return: 0 or -EACCES.
 */
__bpf_kfunc int bpf_sbpf_unix_access(struct sbpf_sandbox *sandbox, struct sock *other)
{
	const struct path *path;

	guard(rcu)();
	if (other->sk_family != AF_UNIX)
		return -EACCES;
	if (sbpf_tags_within(other, sandbox))
		return 0;
	/* Its lock is held. */
	path = &unix_sk(other)->path;
	return path->dentry ? sbpf_rules_access(sandbox, path->mnt, path->dentry,
						SBPF_ACCESS_CONNECT) : -EACCES;
}

/**
 * bpf_sbpf_ipc_private - Has the current task another IPC namespace than the one
 * that the sandbox was created in?
 * @sandbox: sandbox that the policy is asked about
 *
 * Then it shares System V objects and POSIX queues at most with others that have
 * left that one.
 *
 * Return: whether it has.
 */
__bpf_kfunc bool bpf_sbpf_ipc_private(struct sbpf_sandbox *sandbox)
{
	return current->nsproxy && current->nsproxy->ipc_ns != sandbox->ipc_ns;
}

__bpf_kfunc_end_defs();
