// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each kind of pointer that kfuncs take: no other is accepted. What is given instead is
 * the current task, which is trusted and not NULL, but of another type.
 */
#include "reject.bpf.h"
#include <sbpf/rules.bpf.h>

char LICENSE[] SEC("license") = "GPL";

#define OTHER(type) \
	"expected pointer to STRUCT " type " but .* pointer to STRUCT task_struct"
#define BOUNDS "memory, len pair leads to invalid memory access|invalid (variable-offset )?(indirect )?(read|write|access) (to|from|of) stack|invalid access to memory"

/* @right, or in the program that is to be rejected something else. */
#define WRONG(right) (BAD((void *)bpf_get_current_task_btf()) GOOD((void *)(right)))

REJECT(path_chmod, path_of_another_type, OTHER("path"), const struct path *path, u32 mode)
{
	return bpf_sbpf_path_access(sandbox, WRONG(path), SBPF_ACCESS_READ_FILE);
}

REJECT(inode_setattr, dentry_of_another_type, OTHER("dentry"), struct dentry *dentry,
       struct iattr *attr)
{
	return bpf_sbpf_dentry_access(sandbox, WRONG(dentry), SBPF_ACCESS_METADATA);
}

REJECT(file_open, file_of_another_type, OTHER("file"), struct file *file)
{
	return bpf_sbpf_open_access(sandbox, WRONG(file)) < 0 ? -EACCES : 0;
}

REJECT(file_mprotect, vma_of_another_type, OTHER("vm_area_struct"),
       struct vm_area_struct *vma, u64 reqprot, u64 prot)
{
	return bpf_sbpf_vma_access(sandbox, WRONG(vma), SBPF_ACCESS_READ_FILE);
}

REJECT(path_unlink, removed_of_another_type, OTHER("dentry"), const struct path *dir,
       struct dentry *dentry)
{
	return bpf_sbpf_remove_access(sandbox, dir, WRONG(dentry));
}

REJECT(path_unlink, removed_from_another_type, OTHER("path"), const struct path *dir,
       struct dentry *dentry)
{
	return bpf_sbpf_remove_access(sandbox, WRONG(dir), dentry);
}

REJECT(path_mkdir, created_in_another_type, OTHER("path"), const struct path *dir,
       const char *name, u32 mode)
{
	struct sbpf_new_name to = {};

	return bpf_sbpf_create_access(sandbox, WRONG(dir), &to, SBPF_ACCESS_CREATE_DIR);
}

REJECT(path_mkdir, created_name_too_short, BOUNDS, const struct path *dir,
       const char *name, u32 mode)
{
	struct sbpf_new_name to = {};
	char less[4] = {};

	return bpf_sbpf_create_access(sandbox, dir, BAD((void *)less) GOOD(&to),
				      SBPF_ACCESS_CREATE_DIR);
}

REJECT(path_link, new_name_too_short, BOUNDS, struct dentry *old_dentry,
       const struct path *new_dir, const char *new_name)
{
	struct sbpf_new_name to = {};
	char less[4] = {};

	return bpf_sbpf_link_access(sandbox, old_dentry, new_dir,
				    BAD((void *)less) GOOD(&to));
}

REJECT(path_link, linked_of_another_type, OTHER("dentry"), struct dentry *old_dentry,
       const struct path *new_dir, const char *new_name)
{
	struct sbpf_new_name to = {};

	return bpf_sbpf_link_access(sandbox, WRONG(old_dentry), new_dir, &to);
}

REJECT(path_link, linked_in_another_type, OTHER("path"), struct dentry *old_dentry,
       const struct path *new_dir, const char *new_name)
{
	struct sbpf_new_name to = {};

	return bpf_sbpf_link_access(sandbox, old_dentry, WRONG(new_dir), &to);
}

/* Each of the arguments of a rename. */
#define RENAMES(prog, why, old, dir, replaced, name)				\
	REJECT(path_rename, prog, why, struct dentry *old_dentry,			\
	       const struct path *new_dir, const char *new_name,			\
	       struct inode *new_inode, u32 flags)					\
	{										\
		struct sbpf_new_name to = {};						\
		char less[4] = {};							\
											\
		if (!new_inode)								\
			return 0;							\
		(void)less;								\
		return bpf_sbpf_rename_access(sandbox, old, dir, replaced, name);		\
	}

RENAMES(renamed_of_another_type, OTHER("dentry"), WRONG(old_dentry), new_dir, new_inode, &to)
RENAMES(renamed_in_another_type, OTHER("path"), old_dentry, WRONG(new_dir), new_inode, &to)
RENAMES(replaced_of_another_type, OTHER("inode"), old_dentry, new_dir, WRONG(new_inode), &to)
RENAMES(new_name_of_rename_too_short, BOUNDS, old_dentry, new_dir, new_inode,
	BAD((void *)less) GOOD(&to))

REJECT(path_rename, unchecked_replaced, "Possibly NULL pointer passed",
       struct dentry *old_dentry, const struct path *new_dir, const char *new_name,
       struct inode *new_inode, u32 flags)
{
	struct sbpf_new_name to = {};

	GOOD(if (!new_inode) return 0;)
	return bpf_sbpf_rename_access(sandbox, old_dentry, new_dir, new_inode, &to);
}

REJECT(socket_connect, socket_of_another_type, OTHER("socket"), struct socket *sock,
       struct sockaddr *address, int addrlen)
{
	return bpf_sbpf_connect_access(sandbox, WRONG(sock), address, addrlen);
}

REJECT(socket_connect, connected_to_another_type, OTHER("sockaddr"), struct socket *sock,
       struct sockaddr *address, int addrlen)
{
	return bpf_sbpf_connect_access(sandbox, sock, WRONG(address), addrlen);
}

REJECT(socket_bind, bound_of_another_type, OTHER("socket"), struct socket *sock,
       struct sockaddr *address, int addrlen)
{
	return bpf_sbpf_bind_access(sandbox, WRONG(sock), address, addrlen);
}

REJECT(socket_bind, address_of_another_type, OTHER("sockaddr"), struct socket *sock,
       struct sockaddr *address, int addrlen)
{
	return bpf_sbpf_bind_access(sandbox, sock, WRONG(address), addrlen);
}

REJECT(socket_listen, listener_of_another_type, OTHER("socket"), struct socket *sock,
       int backlog)
{
	return bpf_sbpf_listen_access(sandbox, WRONG(sock));
}

REJECT(socket_sendmsg, message_of_another_type, OTHER("msghdr"), struct socket *sock,
       struct msghdr *msg, int size)
{
	return bpf_sbpf_send_access(sandbox, sock, WRONG(msg));
}

REJECT(socket_sendmsg, sender_of_another_type, OTHER("socket"), struct socket *sock,
       struct msghdr *msg, int size)
{
	return bpf_sbpf_send_access(sandbox, WRONG(sock), msg);
}

REJECT(unix_stream_connect, sock_of_another_type, OTHER("sock"), struct sock *sock,
       struct sock *other, struct sock *newsk)
{
	return bpf_sbpf_unix_access(sandbox, WRONG(other));
}

REJECT(task_kill, killed_of_another_type, OTHER("sbpf_sandbox"), struct task_struct *target,
       int sig)
{
	bpf_sbpf_sandbox_kill(WRONG(sandbox));
	return 0;
}

REJECT(file_open, limited_of_another_type, OTHER("sbpf_sandbox"), struct file *file)
{
	return bpf_sbpf_limit_tighten(WRONG(sandbox), SBPF_RESOURCE_PIDS, 9) ? -EPERM : 0;
}

REJECT(file_open, limit_of_another_type, OTHER("sbpf_sandbox"), struct file *file)
{
	return bpf_sbpf_resource_limit(WRONG(sandbox), SBPF_RESOURCE_PIDS) ? 0 : -EPERM;
}

REJECT(file_open, asked_of_another_type, OTHER("sbpf_sandbox"), struct file *file)
{
	return bpf_sbpf_right(WRONG(sandbox), SBPF_RIGHT_WX);
}

REJECT(capable, capable_of_another_type, OTHER("sbpf_sandbox"), const struct cred *cred,
       struct user_namespace *ns, int cap, u32 opts)
{
	return bpf_sbpf_capability(WRONG(sandbox), cap);
}

REJECT(file_open, device_of_another_type, OTHER("sbpf_sandbox"), struct file *file)
{
	return bpf_sbpf_dev_access(WRONG(sandbox), 0020000, 1, SBPF_DEV_READ, 0);
}

REJECT(ipc_permission, private_of_another_type, OTHER("sbpf_sandbox"),
       struct kern_ipc_perm *ipcp, u32 flag)
{
	return bpf_sbpf_ipc_private(WRONG(sandbox)) ? 0 : -EPERM;
}

REJECT(socket_create, created_of_another_type, OTHER("sbpf_sandbox"), int family, int type,
       int protocol, int kern)
{
	return bpf_sbpf_socket_access(WRONG(sandbox), family, type, protocol);
}

REJECT(file_open, writes_more_than_there_is, BOUNDS, struct file *file)
{
	char bytes[8] = {};

	return bpf_sbpf_write_user(sandbox, 4096, bytes, BAD(4 *) sizeof(bytes)) ? -EPERM : 0;
}
