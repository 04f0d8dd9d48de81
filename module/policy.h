/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf - Policies: the struct_ops type, registration and live replacement
 */
#ifndef _SBPF_POLICY_H
#define _SBPF_POLICY_H

#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/types.h>

#include "uapi/sbpf.h"

struct bpf_link;
struct bpf_prog;
struct cred;
struct dentry;
struct file;
struct iattr;
struct inode;
struct kern_ipc_perm;
struct key;
struct linux_binprm;
struct msghdr;
struct path;
struct rlimit;
struct sbpf_sandbox;
struct sock;
struct sockaddr;
struct socket;
struct task_struct;
struct timespec64;
struct timezone;
struct user_namespace;
struct vfsmount;
struct vm_area_struct;

/**
 * struct sbpf_policy_ops - What a policy implements, written in BPF
 *
 * Every operation is optional; an operation left out is allowed by this
 * policy. Operations return 0 to allow or -errno (-1 to -4095) to deny; any
 * other value denies with -EPERM and is reported as the policy's error. All
 * pointers are trusted kernel objects that user space cannot change under the
 * policy, and valid only during the call; none is NULL unless it is said here.
 * A text (char pointer) is a terminated string in kernel memory, to be read with
 * bpf_probe_read_kernel_str(). A dentry always has an inode (what does not exist
 * yet is given by directory and name, since the verifier of Linux 6.12 takes
 * d_inode for a valid pointer).
 *
 * A task that acts is asked about in its innermost sandbox first, then in each
 * sandbox around it; the first denial ends it. Operations run under
 * rcu_read_lock(), some of them under spinlocks, and may not sleep, except
 * sandbox_init and sandbox_exit. "current" (bpf_get_current_task_btf()) is the
 * task that acts. Nothing is asked about in an interrupt, where there is none.
 *
 * The kernel has checked its own permissions before, unless it is said here. One
 * system call may be several operations: chmod is path_chmod, then inode_setattr.
 */
struct sbpf_policy_ops {
	/* The life of a sandbox */

	/**
	 * @sandbox_init: A sandbox is created under this policy, or moved to
	 * it. Called before any task can enter. May sleep.
	 *
	 * Return: 0, or -errno to refuse the sandbox (the errno that its
	 * creator gets).
	 */
	int (*sandbox_init)(struct sbpf_sandbox *sandbox);

	/**
	 * @sandbox_exit: A sandbox for which sandbox_init returned 0 is
	 * destroyed or moved to another policy. Not called when the policy was
	 * unregistered before. May sleep.
	 */
	void (*sandbox_exit)(struct sbpf_sandbox *sandbox);

	/* Processes */

	/**
	 * @task_alloc: The current task, a member, creates @task by fork, vfork or
	 * clone. @task is not running yet; @clone_flags are those of clone(2).
	 * The limit of processes has been checked before. If allowed, @task is
	 * a member of the same sandbox before its first instruction.
	 */
	int (*task_alloc)(struct sbpf_sandbox *sandbox, struct task_struct *task,
			  u64 clone_flags);

	/**
	 * @bprm_check_security: The current task executes the file
	 * @bprm->file. Called again for the interpreter of a script.
	 */
	int (*bprm_check_security)(struct sbpf_sandbox *sandbox,
				   struct linux_binprm *bprm);

	/**
	 * @ptrace_access_check: The current task wants to trace @child or to
	 * read or write what tracing would give, as through /proc/PID/mem,
	 * process_vm_writev(2), move_pages(2) or pidfd_getfd(2). @mode has PTRACE_MODE_READ (1)
	 * or PTRACE_MODE_ATTACH (2). Also asked (PTRACE_MODE_READ) when it wants to
	 * know the process group, session or scheduling of @child, of another
	 * process. Not asked by newer kernels when who has CAP_PERFMON reads of its
	 * memory what /proc/PID tells (maps, environ): @capable is, and @file_open.
	 */
	int (*ptrace_access_check)(struct sbpf_sandbox *sandbox,
				   struct task_struct *child, u32 mode);

	/**
	 * @ptrace_traceme: The current task asks to be traced by @parent. Asked
	 * of the sandboxes of the current task and, where they differ, of those
	 * of @parent, who gains the power over it.
	 */
	int (*ptrace_traceme)(struct sbpf_sandbox *sandbox,
			      struct task_struct *parent);

	/**
	 * @task_kill: The current task sends signal @sig to @target; 0 probes
	 * whether it could. Asked for each target of a group or broadcast
	 * signal, also when a task signals itself.
	 */
	int (*task_kill)(struct sbpf_sandbox *sandbox, struct task_struct *target,
			 int sig);

	/**
	 * @task_setnice: The current task sets the nice value of @task (itself
	 * included) to @nice, -20 to 19.
	 */
	int (*task_setnice)(struct sbpf_sandbox *sandbox, struct task_struct *task,
			    int nice);

	/**
	 * @task_setioprio: The current task sets the I/O priority of @task to
	 * @ioprio, as ioprio_set(2) has it.
	 */
	int (*task_setioprio)(struct sbpf_sandbox *sandbox,
			      struct task_struct *task, int ioprio);

	/**
	 * @task_setscheduler: The current task sets the scheduling policy, the
	 * affinity or the timer slack of @task, or moves it to another cpuset.
	 */
	int (*task_setscheduler)(struct sbpf_sandbox *sandbox,
				 struct task_struct *task);

	/**
	 * @task_setrlimit: The current task sets limit @resource (RLIMIT_*) of
	 * the process of @task, its own included, to @new_rlim.
	 */
	int (*task_setrlimit)(struct sbpf_sandbox *sandbox,
			      struct task_struct *task, u32 resource,
			      struct rlimit *new_rlim);

	/**
	 * @task_fix_setuid: The current task changes user ids, from those of
	 * @old to those of @new, by setuid (@flags is 1), setreuid (2), setresuid
	 * (4) or setfsuid (8). Not called when a program with a set-user-ID bit is
	 * executed.
	 */
	int (*task_fix_setuid)(struct sbpf_sandbox *sandbox, struct cred *new,
			       const struct cred *old, int flags);

	/**
	 * @task_fix_setgid: The current task changes group ids, as for
	 * @task_fix_setuid. Not called for setgroups(2), which takes CAP_SETGID.
	 */
	int (*task_fix_setgid)(struct sbpf_sandbox *sandbox, struct cred *new,
			       const struct cred *old, int flags);

	/**
	 * @task_prctl: The current task calls prctl(2) with these arguments,
	 * which nobody has checked; some are addresses in user memory, whose
	 * contents decide nothing. -ENOSYS, which the kernel takes for "go on"
	 * here, denies as -EPERM.
	 */
	int (*task_prctl)(struct sbpf_sandbox *sandbox, int option,
			  unsigned long arg2, unsigned long arg3,
			  unsigned long arg4, unsigned long arg5);

	/**
	 * @capable: The kernel wants to know on behalf of the current task
	 * whether @cred, mostly its own, have capability @cap (CAP_*) in the user
	 * namespace @ns. A denial is as if they did not, whatever errno it has;
	 * the kernel often goes on another way. Called before the kernel looks at
	 * @cred, that is also when they do not have it. @opts has 2 when the
	 * kernel only probes and would not log a refusal. May be called from
	 * inside other operations of the kernel, with spinlocks held. Also asked,
	 * for CAP_SYS_RAWIO, about memory at the lowest addresses, of which the
	 * kernel asks no other module for the capability.
	 */
	int (*capable)(struct sbpf_sandbox *sandbox, const struct cred *cred,
		       struct user_namespace *ns, int cap, u32 opts);

	/**
	 * @userns_create: The current task creates a user namespace, by clone or
	 * unshare, and will have all capabilities in it; @cred are the
	 * credentials that it will have there.
	 */
	int (*userns_create)(struct sbpf_sandbox *sandbox,
			     const struct cred *cred);

	/* Memory */

	/**
	 * @mmap_file: The current task maps memory: @file, or anonymous memory
	 * when @file is NULL. @reqprot is what it asked for, @prot what the
	 * kernel will apply (PROT_*), @flags are those of mmap(2). Also called
	 * when the heap or other memory of a task grows whose personality(2) has
	 * READ_IMPLIES_EXEC, as for anonymous memory; a denial is ENOMEM then. And
	 * when a program has been executed whose stack is executable (@flags have
	 * MAP_GROWSDOWN); a denial is SIGKILL then, before it has run.
	 */
	int (*mmap_file)(struct sbpf_sandbox *sandbox, struct file *file,
			 unsigned long reqprot, unsigned long prot,
			 unsigned long flags);

	/**
	 * @file_mprotect: The current task changes the protection of @vma
	 * (mprotect, pkey_mprotect). @reqprot and @prot as for @mmap_file.
	 */
	int (*file_mprotect)(struct sbpf_sandbox *sandbox,
			     struct vm_area_struct *vma, unsigned long reqprot,
			     unsigned long prot);

	/* Mounts and the root */

	/**
	 * @sb_mount: The current task calls mount(2) for the directory @path.
	 * @flags (MS_*) say what it is: a new mount, a bind mount, a move, a change
	 * of one. @dev_name and @type are texts that may be NULL. Called before
	 * the kernel checks CAP_SYS_ADMIN. The newer system calls are asked about
	 * when they make a mount visible (@move_mount), else by @capable.
	 */
	int (*sb_mount)(struct sbpf_sandbox *sandbox, const char *dev_name,
			const struct path *path, const char *type, u64 flags);

	/**
	 * @sb_umount: The current task detaches @mnt. @flags are those of
	 * umount2(2).
	 */
	int (*sb_umount)(struct sbpf_sandbox *sandbox, struct vfsmount *mnt,
			 int flags);

	/**
	 * @sb_pivotroot: The current task moves the root of its mount namespace
	 * to @old_path, and makes @new_path the root.
	 */
	int (*sb_pivotroot)(struct sbpf_sandbox *sandbox,
			    const struct path *old_path,
			    const struct path *new_path);

	/**
	 * @move_mount: The current task moves the mount @from_path, which may be
	 * a new one that is nowhere yet, to the directory @to_path
	 * (move_mount(2)).
	 */
	int (*move_mount)(struct sbpf_sandbox *sandbox,
			  const struct path *from_path,
			  const struct path *to_path);

	/** @path_chroot: The current task makes @path its root directory. */
	int (*path_chroot)(struct sbpf_sandbox *sandbox, const struct path *path);

	/*
	 * The policy itself. Here, since the verifier takes the 24th operation of
	 * any struct_ops type for a raw tracepoint, all of whose arguments may be
	 * NULL: it confuses that number with BPF_TRACE_RAW_TP.
	 */

	/** @flags: enum sbpf_policy_flags; an unknown flag is refused. */
	u64 flags;

	/* Files that are open */

	/**
	 * @file_open: The current task opens @file, by whatever system call;
	 * @file->f_mode and @file->f_flags say how. Not called for O_PATH. With
	 * O_CREAT a new file has been created before (see @path_mknod), and stays
	 * when this denies.
	 */
	int (*file_open)(struct sbpf_sandbox *sandbox, struct file *file);

	/**
	 * @file_receive: The current task receives @file from elsewhere and gets
	 * a descriptor of it: SCM_RIGHTS, pidfd_getfd(2), a seccomp notifier,
	 * a descriptor of an io_uring made one of the process. When denied,
	 * recvmsg(2) succeeds without it and sets MSG_CTRUNC.
	 */
	int (*file_receive)(struct sbpf_sandbox *sandbox, struct file *file);

	/**
	 * @file_ioctl: The current task calls ioctl(2) on @file. @arg may be an
	 * address in user memory. 32-bit system calls are included, and commands
	 * that it has an io_uring give to @file, with @arg 0.
	 */
	int (*file_ioctl)(struct sbpf_sandbox *sandbox, struct file *file, u32 cmd,
			  unsigned long arg);

	/**
	 * @file_lock: The current task locks @file by flock(2) or fcntl(2), or
	 * asks for a lease. @cmd is F_RDLCK (0), F_WRLCK (1) or F_UNLCK (2).
	 */
	int (*file_lock)(struct sbpf_sandbox *sandbox, struct file *file, u32 cmd);

	/**
	 * @file_fcntl: The current task calls fcntl(2) on @file, duplicating a
	 * descriptor included. @arg may be an address in user memory.
	 */
	int (*file_fcntl)(struct sbpf_sandbox *sandbox, struct file *file, u32 cmd,
			  unsigned long arg);

	/* Names of files */

	/**
	 * @path_truncate: The current task truncates the file @path by
	 * truncate(2) or ftruncate(2), or, after @file_open, by opening it with
	 * O_TRUNC.
	 */
	int (*path_truncate)(struct sbpf_sandbox *sandbox, const struct path *path);

	/**
	 * @path_mknod: The current task creates @name, a text, in the directory
	 * @dir: a regular file by open(2) with O_CREAT, any kind but a directory by
	 * mknod(2), a socket by bind(2), a pin by bpf(2). @mode has its type and
	 * permissions, @dev is the argument of mknod(2). Not called for a file
	 * without a name (O_TMPFILE). For a POSIX message queue @dir is on the
	 * mount of the IPC namespace, and by mq_open(2) this is the only one.
	 */
	int (*path_mknod)(struct sbpf_sandbox *sandbox, const struct path *dir,
			  const char *name, u32 mode, u32 dev);

	/**
	 * @path_mkdir: The current task creates the directory @name, a text, in
	 * @dir.
	 */
	int (*path_mkdir)(struct sbpf_sandbox *sandbox, const struct path *dir,
			  const char *name, u32 mode);

	/**
	 * @path_symlink: The current task creates @name in the directory @dir
	 * as a symbolic link to the path @old_name; both are texts.
	 */
	int (*path_symlink)(struct sbpf_sandbox *sandbox, const struct path *dir,
			    const char *name, const char *old_name);

	/**
	 * @path_link: The current task gives the file @old_dentry another name,
	 * @new_name, a text, in the directory @new_dir.
	 */
	int (*path_link)(struct sbpf_sandbox *sandbox, struct dentry *old_dentry,
			 const struct path *new_dir, const char *new_name);

	/**
	 * @path_rename: The current task moves @old_dentry from the directory
	 * @old_dentry->d_parent to the name @new_name, a text, in @new_dir, which
	 * is on the same mount. @new_inode is what has that name now, to be
	 * replaced or, if @flags (those of renameat2(2)) say so, exchanged; NULL
	 * for nothing.
	 */
	int (*path_rename)(struct sbpf_sandbox *sandbox,
			   struct dentry *old_dentry, const struct path *new_dir,
			   const char *new_name, struct inode *new_inode,
			   u32 flags);

	/**
	 * @path_unlink: The current task removes the file or directory @dentry
	 * from @dir. If it is a POSIX message queue this is asked for @dir as on
	 * the mount of the IPC namespace, too, the only one of mq_unlink(2).
	 */
	int (*path_unlink)(struct sbpf_sandbox *sandbox, const struct path *dir,
			   struct dentry *dentry);

	/**
	 * @path_chmod: The current task sets the permissions of the file @path to
	 * @mode.
	 */
	int (*path_chmod)(struct sbpf_sandbox *sandbox, const struct path *path,
			  u32 mode);

	/**
	 * @path_chown: The current task gives the file @path to @uid and @gid, as
	 * in the initial user namespace; ~0 for one that stays.
	 */
	int (*path_chown)(struct sbpf_sandbox *sandbox, const struct path *path,
			  u32 uid, u32 gid);

	/**
	 * @path_notify: The current task wants to be told what happens to @path,
	 * or below it: inotify_add_watch(2), fanotify_mark(2). @mask says what,
	 * IN_* (FAN_* where there is none).
	 */
	int (*path_notify)(struct sbpf_sandbox *sandbox, const struct path *path,
			   u64 mask);

	/* What is known of files */

	/**
	 * @inode_setattr: Attributes of the file @dentry change as @attr says,
	 * whose ia_valid (ATTR_*) tells which: by chmod, chown, truncate and utime
	 * in all their forms, and when writing to it drops its set-user-ID bit. It
	 * is 0 for flags (file_setattr(2) and, since Linux 6.17, the ioctl(2)).
	 */
	int (*inode_setattr)(struct sbpf_sandbox *sandbox, struct dentry *dentry,
			     struct iattr *attr);

	/**
	 * @inode_setxattr: The current task sets the extended attribute @name, a
	 * text, of the file @dentry to @size bytes. @flags are those of
	 * setxattr(2). Of a POSIX ACL (system.posix_acl_access or
	 * system.posix_acl_default) @size and @flags are 0.
	 */
	int (*inode_setxattr)(struct sbpf_sandbox *sandbox, struct dentry *dentry,
			      const char *name, u64 size, int flags);

	/**
	 * @inode_removexattr: The current task removes the extended attribute
	 * @name, a text, of the file @dentry, or its POSIX ACL of that name.
	 */
	int (*inode_removexattr)(struct sbpf_sandbox *sandbox,
				 struct dentry *dentry, const char *name);

	/* Communication on this machine */

	/**
	 * @ipc_permission: The current task uses @ipcp, a System V message queue,
	 * semaphore set or shared memory. @flag has the permissions that it
	 * needs, as in a mode: 0444 to read, 0222 to write, which is said of
	 * removing and changing it (IPC_RMID, IPC_SET, SHM_LOCK, SHM_UNLOCK), too.
	 * A denial is EACCES for the task, but of these as it is, and of its
	 * creation, for which @flag is 0 and @ipcp has no id yet. To be told how
	 * many there are (IPC_INFO, SHM_INFO) is to read one whose id is -1.
	 */
	int (*ipc_permission)(struct sbpf_sandbox *sandbox,
			      struct kern_ipc_perm *ipcp, u32 flag);

	/**
	 * @unix_stream_connect: The current task connects @sock to the listening
	 * socket @other, after @socket_connect; @newsk will be the other end.
	 */
	int (*unix_stream_connect)(struct sbpf_sandbox *sandbox, struct sock *sock,
				   struct sock *other, struct sock *newsk);

	/**
	 * @unix_may_send: The current task connects the unix datagram socket
	 * @sock to @other or sends to it.
	 */
	int (*unix_may_send)(struct sbpf_sandbox *sandbox, struct socket *sock,
			     struct socket *other);

	/* Network, and sockets of other kinds */

	/**
	 * @socket_create: The current task creates a socket of @family (AF_*),
	 * @type (SOCK_*) and @protocol; if @kern is not 0 the kernel does, for
	 * its own use. Also asked, as for the raw socket that it would take, when a
	 * socket is to send what no address tells: a route by which it goes elsewhere
	 * first (IP_OPTIONS, IPV6_RTHDR, flow labels; IPPROTO_RAW), and that
	 * this machine joins a group (IPPROTO_IGMP, IPPROTO_ICMPV6).
	 */
	int (*socket_create)(struct sbpf_sandbox *sandbox, int family, int type,
			     int protocol, int kern);

	/** @socket_bind: The current task binds @sock; as @socket_connect. */
	int (*socket_bind)(struct sbpf_sandbox *sandbox, struct socket *sock,
			   struct sockaddr *address, int addrlen);

	/**
	 * @socket_connect: The current task connects @sock to @address, which
	 * has @addrlen bytes in kernel memory; more than sizeof(*@address)
	 * is read with bpf_probe_read_kernel().
	 */
	int (*socket_connect)(struct sbpf_sandbox *sandbox, struct socket *sock,
			      struct sockaddr *address, int addrlen);

	/** @socket_listen: The current task listens on @sock. */
	int (*socket_listen)(struct sbpf_sandbox *sandbox, struct socket *sock,
			     int backlog);

	/**
	 * @socket_sendmsg: The current task sends @size bytes on @sock, by
	 * whatever system call. @msg->msg_name is NULL or an address of
	 * @msg->msg_namelen bytes in kernel memory, which for a TCP socket with
	 * MSG_FASTOPEN in @msg->msg_flags is connected to. sendmmsg(2) is not
	 * asked again for another message to the same address.
	 */
	int (*socket_sendmsg)(struct sbpf_sandbox *sandbox, struct socket *sock,
			      struct msghdr *msg, int size);

	/* Keys */

	/**
	 * @key_alloc: The current task, with @cred, creates @key, or the kernel a
	 * keyring for it. @flags are the kernel's KEY_ALLOC_*.
	 */
	int (*key_alloc)(struct sbpf_sandbox *sandbox, struct key *key,
			 const struct cred *cred, u64 flags);

	/**
	 * @key_permission: The current task, with @cred, uses @key. @need_perm is
	 * the kernel's enum key_need_perm.
	 */
	int (*key_permission)(struct sbpf_sandbox *sandbox, struct key *key,
			      const struct cred *cred, u32 need_perm);

	/* The kernel */

	/**
	 * @bpf: The current task calls bpf(2) with @cmd (enum bpf_cmd) and @size
	 * bytes of attributes. Called before the kernel checks capabilities.
	 */
	int (*bpf)(struct sbpf_sandbox *sandbox, int cmd, u32 size);

	/**
	 * @bpf_prog_load: The current task loads the BPF program @prog, after
	 * @bpf. Its instructions are those that user space gave, which the verifier
	 * has not seen yet.
	 */
	int (*bpf_prog_load)(struct sbpf_sandbox *sandbox, struct bpf_prog *prog);

	/**
	 * @perf_event_open: The current task calls perf_event_open(2) (@type is
	 * 0), or wants an event to see all of a CPU (1), the kernel (2) or
	 * tracepoints (3).
	 */
	int (*perf_event_open)(struct sbpf_sandbox *sandbox, int type);

	/**
	 * @kernel_read_file: The kernel reads @file for the current task, to
	 * make it part of itself, or what does not come from a file (init_module(2),
	 * kexec_load(2)): then @file is NULL. @id (enum kernel_read_file_id, whose
	 * values enum kernel_load_data_id shares) says as what: a module, a kernel
	 * to boot, firmware. Also asked, without @file, when the kernel would load
	 * a module that the task's doing needs; but not for a family of sockets or
	 * a device, for which there are @socket_create and @file_open. And, with
	 * READING_UNKNOWN, when the current task has crashed and the kernel would
	 * start a program outside of all sandboxes (core_pattern) for its core;
	 * but not for a core in a file or sent to a socket, for which there are
	 * @path_mknod and @unix_stream_connect.
	 */
	int (*kernel_read_file)(struct sbpf_sandbox *sandbox, struct file *file,
				u32 id);

	/**
	 * @inode_init_security_anon: The current task creates a file that has no
	 * path, of a kind that gives power: @name, a text, is "[io_uring]",
	 * "[userfaultfd]", "[secretmem]" and others; which are asked about
	 * depends on the kernel ("[memfd]" too on newer ones, hardly any of
	 * eventfd, epoll and the like).
	 */
	int (*inode_init_security_anon)(struct sbpf_sandbox *sandbox,
					struct inode *inode, const char *name);

	/**
	 * @syslog: The current task reads or controls the kernel log: @type is
	 * that of syslog(2); opening /dev/kmsg for reading is 3.
	 */
	int (*syslog)(struct sbpf_sandbox *sandbox, int type);

	/**
	 * @settime: The current task sets the clock to @ts, NULL if it does not,
	 * and the time zone to @tz, NULL if it does not. adjtimex(2) is asked
	 * about by newer kernels, and only when it sets the clock; by @capable
	 * always.
	 */
	int (*settime)(struct sbpf_sandbox *sandbox, const struct timespec64 *ts,
		       const struct timezone *tz);

	/*
	 * The policy itself again: Linux 7.3 refuses to load a program for the
	 * 60th to 62nd operation, confusing it with BPF_TRACE_FENTRY_MULTI and
	 * those that follow.
	 */

	/**
	 * @name: 1 to 31 characters of A-Z a-z 0-9 . _ - ; unique among the
	 * registered policies. A replacement must have the same name.
	 */
	char name[SBPF_NAME_MAX];

	/** @reserved_60: Zero. */
	u64 reserved_60;

	/** @reserved_61: Zero. */
	u64 reserved_61;

	/* Resources */

	/**
	 * @charge: The current task is about to use @amount of @resource (enum
	 * sbpf_resource) more, of which the sandbox uses @usage. Asked after the
	 * operation itself was allowed and before limits, but of tasks, which are
	 * charged by then. Asked of tasks, files created, sockets, connections and
	 * their rate, the rate of programs, and of open files where a limit has
	 * them counted; rates are told of sandboxes that have a limit of them.
	 * Time and bytes are not charged one by one; bpf_sbpf_resource_usage()
	 * tells them. Nor is it asked when a process enters, whose threads are
	 * tasks of the sandbox then.
	 */
	int (*charge)(struct sbpf_sandbox *sandbox, u32 resource, u64 amount,
		      u64 usage);

	/* The memory of others */

	/**
	 * @mem_write: Somebody writes into the memory of a process that is not
	 * its own, as @record says, but for number, time and verdict, which it
	 * has not yet. Asked of the sandboxes of the writer, and of those of the target
	 * that the writer is not in, also if it is in none. Only for channels that
	 * are watched. Of a BPF program the writer is who loaded it, as far as that is
	 * known, and the target, the current task, is asked for first. It may write
	 * where no policy can be asked: in an interrupt, with interrupts or bottom
	 * halves off, or because of what a policy does that is being asked about a
	 * write. Then each sandbox denies whose policy has this operation. As other
	 * locks may be held there, kfuncs that wait for one may not be called:
	 * bpf_sbpf_file_path(), bpf_sbpf_unix_access() and those that ask path rules.
	 */
	int (*mem_write)(struct sbpf_sandbox *sandbox,
			 const struct sbpf_write_record *record);
};

/**
 * struct sbpf_policy_version - One version of a policy's operations
 * @ops: operations, in the map of the struct_ops core, which keeps them until an
 *	RCU and an RCU-tasks grace period after unregistration or replacement
 * @generation: 1 for the version registered, one more at each replacement
 * @rcu: frees this after the last reader
 */
struct sbpf_policy_version {
	const struct sbpf_policy_ops *ops;
	u64 generation;
	struct rcu_head rcu;
};

/**
 * struct sbpf_policy - A policy, from registration until it is unregistered and
 * its last sandbox is gone
 */
struct sbpf_policy {
	/**
	 * @version: What to ask now. NULL once unregistered. Written under
	 * the policy lock, read under RCU or the SRCU of this file.
	 */
	struct sbpf_policy_version __rcu *version;
	/** @list: In the list of registered policies, under the policy lock. */
	struct list_head list;
	/** @link: The struct_ops link it is registered by; identity only. */
	const struct bpf_link *link;
	/** @generation: Of the newest version, under the policy lock. */
	u64 generation;
	/** @hooks: Hooks that it holds attached, under the policy lock. */
	u128 hooks;
	/** @sandboxes: Number of sandboxes under it, under the policy lock. */
	u32 sandboxes;
	/** @name: Constant. */
	char name[SBPF_NAME_MAX];
	/** @rcu: Frees this after the last reader. */
	struct rcu_head rcu;
};

extern struct sbpf_policy sbpf_policy_none;

bool sbpf_name_valid(const char *name);
struct sbpf_policy *sbpf_policy_get(const char *name);
void sbpf_policy_put(struct sbpf_policy *policy);
int sbpf_policy_hooks_get(u128 hooks);
void sbpf_policy_hooks_put(u128 hooks);
int sbpf_policy_sandbox_init(struct sbpf_policy *policy,
			     struct sbpf_sandbox *sandbox);
void sbpf_policy_sandbox_exit(struct sbpf_policy *policy,
			      struct sbpf_sandbox *sandbox);
int sbpf_policy_info(struct sbpf_policy_info *info);
u32 sbpf_policy_count(void);
bool sbpf_policy_mem_write(const struct bpf_prog *prog);
int sbpf_policy_kfunc_filter(const struct bpf_prog *prog);
bool sbpf_policy_owns(const struct bpf_prog *prog);
bool sbpf_policy_module(const struct bpf_prog *prog);
int __init sbpf_policy_init(void);

#endif /* _SBPF_POLICY_H */
