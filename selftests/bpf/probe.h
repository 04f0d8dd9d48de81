/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sbpf selftests - What probe.bpf.c and the tests that drive it share
 *
 * Needs __u32 and __u64, from <linux/types.h> or from vmlinux.h.
 */
#ifndef _SBPF_PROBE_H
#define _SBPF_PROBE_H

/* The order of enum sbpf_op, which common.c checks. */
#define PROBE_OPS(X)						\
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
	X(file_truncate, FILE_TRUNCATE)				\
	X(path_truncate, PATH_TRUNCATE)				\
	X(path_mknod, PATH_MKNOD)				\
	X(path_mkdir, PATH_MKDIR)				\
	X(path_symlink, PATH_SYMLINK)				\
	X(path_link, PATH_LINK)					\
	X(path_rename, PATH_RENAME)				\
	X(path_unlink, PATH_UNLINK)				\
	X(path_rmdir, PATH_RMDIR)				\
	X(path_chmod, PATH_CHMOD)				\
	X(path_chown, PATH_CHOWN)				\
	X(path_chroot, PATH_CHROOT)				\
	X(inode_setattr, INODE_SETATTR)				\
	X(inode_setxattr, INODE_SETXATTR)			\
	X(inode_removexattr, INODE_REMOVEXATTR)			\
	X(inode_set_acl, INODE_SET_ACL)				\
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
	X(perf_event_open, PERF_EVENT_OPEN)			\
	X(kernel_read_file, KERNEL_READ_FILE)			\
	X(kernel_load_data, KERNEL_LOAD_DATA)			\
	X(inode_init_security_anon, INODE_INIT_SECURITY_ANON)	\
	X(syslog, SYSLOG)					\
	X(settime, SETTIME)

enum probe_op {
#define PROBE_OP(name, NAME) PROBE_##NAME,
	PROBE_OPS(PROBE_OP)
#undef PROBE_OP
	PROBE_OP_MAX,
};

/* Layers 1 to 16; rule and record 0 are not used. */
#define PROBE_LAYERS		17

/**
 * struct probe_rule - What the policy returns for one operation in one layer
 * @verdict: returned when the rest matches; 0 otherwise
 * @bits: matches when all of these are set in the operation's number, which is
 *	that of its event
 * @key: matches when 0 or the operation's key: inode of the file (of the
 *	directory for mknod, mkdir and symlink), process id of the other task,
 *	address length, capability
 */
struct probe_rule {
	__s32 verdict;
	__u32 bits;
	__u64 key;
};

/**
 * struct probe_record - What the policy saw of one operation in one layer
 * @calls: how often it was asked
 * @hits: how often the rule matched
 * @sandbox: number of the sandbox, of the last call, as everything below
 * @pid: thread that acted
 * @number: see struct probe_rule
 * @key: see struct probe_rule
 * @extra: arguments that are neither, as probe.bpf.c puts them together
 */
struct probe_record {
	__u64 calls;
	__u64 hits;
	__u64 sandbox;
	__u64 pid;
	__u64 number;
	__u64 key;
	__u64 extra;
};

#endif /* _SBPF_PROBE_H */
