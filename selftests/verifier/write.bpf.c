// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each kind of object that operations get can be read and not written. (Files, tasks and
 * sandboxes: argument.bpf.c.)
 */
#include "reject.bpf.h"

char LICENSE[] SEC("license") = "GPL";

/*
 * A program for operation @op that reads @member of its argument @object, and in the one to
 * be rejected writes to it.
 */
#define WRITES(op, type, object, member, args...)				\
	REJECT(op, write_##type, "only read is supported|cannot write into", ##args)	\
	{									\
		BAD(((struct type *)object)->member = 0;)			\
		return (u64)object->member == 1 ? -EPERM : 0;			\
	}

WRITES(bprm_check_security, linux_binprm, bprm, argc, struct linux_binprm *bprm)
WRITES(task_setrlimit, rlimit, new_rlim, rlim_cur, struct task_struct *task, u32 resource,
       struct rlimit *new_rlim)
WRITES(task_fix_setuid, cred, new, uid.val, struct cred *new, const struct cred *old,
       int flags)
WRITES(capable, user_namespace, ns, level, const struct cred *cred,
       struct user_namespace *ns, int cap, u32 opts)
WRITES(file_mprotect, vm_area_struct, vma, vm_start, struct vm_area_struct *vma,
       u64 reqprot, u64 prot)
WRITES(sb_umount, vfsmount, mnt, mnt_flags, struct vfsmount *mnt, int flags)
WRITES(path_chmod, path, path, dentry, const struct path *path, u32 mode)
WRITES(path_unlink, dentry, dentry, d_flags, const struct path *dir, struct dentry *dentry)
WRITES(inode_setattr, iattr, attr, ia_valid, struct dentry *dentry, struct iattr *attr)
WRITES(ipc_permission, kern_ipc_perm, ipcp, mode, struct kern_ipc_perm *ipcp, u32 flag)
WRITES(unix_stream_connect, sock, other, sk_shutdown, struct sock *sock, struct sock *other,
       struct sock *newsk)
WRITES(unix_may_send, socket, other, flags, struct socket *sock, struct socket *other)
WRITES(socket_connect, sockaddr, address, sa_family, struct socket *sock,
       struct sockaddr *address, int addrlen)
WRITES(socket_sendmsg, msghdr, msg, msg_namelen, struct socket *sock, struct msghdr *msg,
       int size)
WRITES(key_alloc, key, key, serial, struct key *key, const struct cred *cred, u64 flags)
WRITES(bpf_prog_load, bpf_prog, prog, len, struct bpf_prog *prog)
WRITES(inode_init_security_anon, inode, inode, i_ino, struct inode *inode, const char *name)
