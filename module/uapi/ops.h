/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * sbpf - The operations, for whatever has to be written for each of them
 *
 * Needs no other header, so that BPF programs can include it as well.
 */
#ifndef _UAPI_SBPF_OPS_H
#define _UAPI_SBPF_OPS_H

/** SBPF_HOOK_OPS: X(name, NAME) for each that is an LSM hook. */
#define SBPF_HOOK_OPS(X)					\
	X(task_alloc, TASK_ALLOC)				\
	X(bprm_check_security, BPRM_CHECK_SECURITY)		\
	X(file_open, FILE_OPEN)					\
	X(ptrace_access_check, PTRACE_ACCESS_CHECK)		\
	X(ptrace_traceme, PTRACE_TRACEME)			\
	X(task_kill, TASK_KILL)					\
	X(socket_connect, SOCKET_CONNECT)			\
	X(mmap_file, MMAP_FILE)					\
	X(file_mprotect, FILE_MPROTECT)				\
	X(task_setnice, TASK_SETNICE)				\
	X(task_setioprio, TASK_SETIOPRIO)			\
	X(task_setscheduler, TASK_SETSCHEDULER)			\
	X(task_setrlimit, TASK_SETRLIMIT)			\
	X(task_fix_setuid, TASK_FIX_SETUID)			\
	X(task_fix_setgid, TASK_FIX_SETGID)			\
	X(task_prctl, TASK_PRCTL)				\
	X(capable, CAPABLE)					\
	X(userns_create, USERNS_CREATE)				\
	X(file_receive, FILE_RECEIVE)				\
	X(file_ioctl, FILE_IOCTL)				\
	X(file_lock, FILE_LOCK)					\
	X(file_fcntl, FILE_FCNTL)				\
	X(path_truncate, PATH_TRUNCATE)				\
	X(path_mknod, PATH_MKNOD)				\
	X(path_mkdir, PATH_MKDIR)				\
	X(path_symlink, PATH_SYMLINK)				\
	X(path_link, PATH_LINK)					\
	X(path_rename, PATH_RENAME)				\
	X(path_unlink, PATH_UNLINK)				\
	X(path_chmod, PATH_CHMOD)				\
	X(path_chown, PATH_CHOWN)				\
	X(path_chroot, PATH_CHROOT)				\
	X(path_notify, PATH_NOTIFY)				\
	X(inode_setattr, INODE_SETATTR)				\
	X(inode_setxattr, INODE_SETXATTR)			\
	X(inode_removexattr, INODE_REMOVEXATTR)			\
	X(sb_mount, SB_MOUNT)					\
	X(sb_umount, SB_UMOUNT)					\
	X(sb_pivotroot, SB_PIVOTROOT)				\
	X(move_mount, MOVE_MOUNT)				\
	X(ipc_permission, IPC_PERMISSION)			\
	X(unix_stream_connect, UNIX_STREAM_CONNECT)		\
	X(unix_may_send, UNIX_MAY_SEND)				\
	X(socket_create, SOCKET_CREATE)				\
	X(socket_bind, SOCKET_BIND)				\
	X(socket_listen, SOCKET_LISTEN)				\
	X(socket_sendmsg, SOCKET_SENDMSG)			\
	X(key_alloc, KEY_ALLOC)					\
	X(key_permission, KEY_PERMISSION)			\
	X(bpf, BPF)						\
	X(bpf_prog_load, BPF_PROG_LOAD)				\
	X(perf_event_open, PERF_EVENT_OPEN)			\
	X(kernel_read_file, KERNEL_READ_FILE)			\
	X(inode_init_security_anon, INODE_INIT_SECURITY_ANON)	\
	X(syslog, SYSLOG)					\
	X(settime, SETTIME)

/** SBPF_OTHER_OPS: X(name, NAME) for each that the module asks about by itself. */
#define SBPF_OTHER_OPS(X)					\
	X(charge, CHARGE)					\
	X(mem_write, MEM_WRITE)

/** SBPF_OPS: X(name, NAME) for each, in the order of enum sbpf_op. */
#define SBPF_OPS(X) SBPF_HOOK_OPS(X) SBPF_OTHER_OPS(X)

#endif /* _UAPI_SBPF_OPS_H */
