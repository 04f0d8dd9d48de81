/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * sbpf - User space API: ioctls of /dev/sbpf and of sandboxes, and the event
 * record that the tracepoints hand out
 *
 * Every structure that an ioctl takes begins with its own size in bytes, set
 * by the caller, so that both sides may grow: a shorter structure is taken as
 * if the missing fields were zero, a longer one is refused with E2BIG unless
 * what the kernel does not know is zero.
 */
#ifndef _UAPI_SBPF_H
#define _UAPI_SBPF_H

#include <linux/ioctl.h>
#include <linux/types.h>

/** SBPF_ABI: raised whenever something is added to this file. */
#define SBPF_ABI		10

/** SBPF_NAME_MAX: length of a policy's or sandbox's name with its NUL. */
#define SBPF_NAME_MAX		32

/** SBPF_LAYERS_MAX: how deep sandboxes nest, the outermost included. */
#define SBPF_LAYERS_MAX		16

/**
 * enum sbpf_op - The operations that a policy may mediate
 *
 * @SBPF_OP_TASK_ALLOC: sbpf_policy_ops.task_alloc
 * @SBPF_OP_BPRM_CHECK_SECURITY: sbpf_policy_ops.bprm_check_security
 * @SBPF_OP_FILE_OPEN: sbpf_policy_ops.file_open
 * @SBPF_OP_PTRACE_ACCESS_CHECK: sbpf_policy_ops.ptrace_access_check
 * @SBPF_OP_PTRACE_TRACEME: sbpf_policy_ops.ptrace_traceme
 * @SBPF_OP_TASK_KILL: sbpf_policy_ops.task_kill
 * @SBPF_OP_SOCKET_CONNECT: sbpf_policy_ops.socket_connect
 * @SBPF_OP_MMAP_FILE: sbpf_policy_ops.mmap_file
 * @SBPF_OP_FILE_MPROTECT: sbpf_policy_ops.file_mprotect
 * @SBPF_OP_TASK_SETNICE: sbpf_policy_ops.task_setnice
 * @SBPF_OP_TASK_SETIOPRIO: sbpf_policy_ops.task_setioprio
 * @SBPF_OP_TASK_SETSCHEDULER: sbpf_policy_ops.task_setscheduler
 * @SBPF_OP_TASK_SETRLIMIT: sbpf_policy_ops.task_setrlimit
 * @SBPF_OP_TASK_FIX_SETUID: sbpf_policy_ops.task_fix_setuid
 * @SBPF_OP_TASK_FIX_SETGID: sbpf_policy_ops.task_fix_setgid
 * @SBPF_OP_TASK_PRCTL: sbpf_policy_ops.task_prctl
 * @SBPF_OP_CAPABLE: sbpf_policy_ops.capable
 * @SBPF_OP_USERNS_CREATE: sbpf_policy_ops.userns_create
 * @SBPF_OP_FILE_RECEIVE: sbpf_policy_ops.file_receive
 * @SBPF_OP_FILE_IOCTL: sbpf_policy_ops.file_ioctl
 * @SBPF_OP_FILE_LOCK: sbpf_policy_ops.file_lock
 * @SBPF_OP_FILE_FCNTL: sbpf_policy_ops.file_fcntl
 * @SBPF_OP_PATH_TRUNCATE: sbpf_policy_ops.path_truncate
 * @SBPF_OP_PATH_MKNOD: sbpf_policy_ops.path_mknod
 * @SBPF_OP_PATH_MKDIR: sbpf_policy_ops.path_mkdir
 * @SBPF_OP_PATH_SYMLINK: sbpf_policy_ops.path_symlink
 * @SBPF_OP_PATH_LINK: sbpf_policy_ops.path_link
 * @SBPF_OP_PATH_RENAME: sbpf_policy_ops.path_rename
 * @SBPF_OP_PATH_UNLINK: sbpf_policy_ops.path_unlink
 * @SBPF_OP_PATH_CHMOD: sbpf_policy_ops.path_chmod
 * @SBPF_OP_PATH_CHOWN: sbpf_policy_ops.path_chown
 * @SBPF_OP_PATH_CHROOT: sbpf_policy_ops.path_chroot
 * @SBPF_OP_PATH_NOTIFY: sbpf_policy_ops.path_notify
 * @SBPF_OP_INODE_SETATTR: sbpf_policy_ops.inode_setattr
 * @SBPF_OP_INODE_SETXATTR: sbpf_policy_ops.inode_setxattr
 * @SBPF_OP_INODE_REMOVEXATTR: sbpf_policy_ops.inode_removexattr
 * @SBPF_OP_SB_MOUNT: sbpf_policy_ops.sb_mount
 * @SBPF_OP_SB_UMOUNT: sbpf_policy_ops.sb_umount
 * @SBPF_OP_SB_PIVOTROOT: sbpf_policy_ops.sb_pivotroot
 * @SBPF_OP_MOVE_MOUNT: sbpf_policy_ops.move_mount
 * @SBPF_OP_IPC_PERMISSION: sbpf_policy_ops.ipc_permission
 * @SBPF_OP_UNIX_STREAM_CONNECT: sbpf_policy_ops.unix_stream_connect
 * @SBPF_OP_UNIX_MAY_SEND: sbpf_policy_ops.unix_may_send
 * @SBPF_OP_SOCKET_CREATE: sbpf_policy_ops.socket_create
 * @SBPF_OP_SOCKET_BIND: sbpf_policy_ops.socket_bind
 * @SBPF_OP_SOCKET_LISTEN: sbpf_policy_ops.socket_listen
 * @SBPF_OP_SOCKET_SENDMSG: sbpf_policy_ops.socket_sendmsg
 * @SBPF_OP_KEY_ALLOC: sbpf_policy_ops.key_alloc
 * @SBPF_OP_KEY_PERMISSION: sbpf_policy_ops.key_permission
 * @SBPF_OP_BPF: sbpf_policy_ops.bpf
 * @SBPF_OP_BPF_PROG_LOAD: sbpf_policy_ops.bpf_prog_load
 * @SBPF_OP_PERF_EVENT_OPEN: sbpf_policy_ops.perf_event_open
 * @SBPF_OP_KERNEL_READ_FILE: sbpf_policy_ops.kernel_read_file
 * @SBPF_OP_INODE_INIT_SECURITY_ANON: sbpf_policy_ops.inode_init_security_anon
 * @SBPF_OP_SYSLOG: sbpf_policy_ops.syslog
 * @SBPF_OP_SETTIME: sbpf_policy_ops.settime
 * @SBPF_OP_CHARGE: sbpf_policy_ops.charge
 * @SBPF_OP_MEM_WRITE: sbpf_policy_ops.mem_write
 *
 * The order is ABI; new operations are added before SBPF_OP_MAX.
 */
enum sbpf_op {
	SBPF_OP_TASK_ALLOC,
	SBPF_OP_BPRM_CHECK_SECURITY,
	SBPF_OP_FILE_OPEN,
	SBPF_OP_PTRACE_ACCESS_CHECK,
	SBPF_OP_PTRACE_TRACEME,
	SBPF_OP_TASK_KILL,
	SBPF_OP_SOCKET_CONNECT,
	SBPF_OP_MMAP_FILE,
	SBPF_OP_FILE_MPROTECT,
	SBPF_OP_TASK_SETNICE,
	SBPF_OP_TASK_SETIOPRIO,
	SBPF_OP_TASK_SETSCHEDULER,
	SBPF_OP_TASK_SETRLIMIT,
	SBPF_OP_TASK_FIX_SETUID,
	SBPF_OP_TASK_FIX_SETGID,
	SBPF_OP_TASK_PRCTL,
	SBPF_OP_CAPABLE,
	SBPF_OP_USERNS_CREATE,
	SBPF_OP_FILE_RECEIVE,
	SBPF_OP_FILE_IOCTL,
	SBPF_OP_FILE_LOCK,
	SBPF_OP_FILE_FCNTL,
	SBPF_OP_PATH_TRUNCATE,
	SBPF_OP_PATH_MKNOD,
	SBPF_OP_PATH_MKDIR,
	SBPF_OP_PATH_SYMLINK,
	SBPF_OP_PATH_LINK,
	SBPF_OP_PATH_RENAME,
	SBPF_OP_PATH_UNLINK,
	SBPF_OP_PATH_CHMOD,
	SBPF_OP_PATH_CHOWN,
	SBPF_OP_PATH_CHROOT,
	SBPF_OP_PATH_NOTIFY,
	SBPF_OP_INODE_SETATTR,
	SBPF_OP_INODE_SETXATTR,
	SBPF_OP_INODE_REMOVEXATTR,
	SBPF_OP_SB_MOUNT,
	SBPF_OP_SB_UMOUNT,
	SBPF_OP_SB_PIVOTROOT,
	SBPF_OP_MOVE_MOUNT,
	SBPF_OP_IPC_PERMISSION,
	SBPF_OP_UNIX_STREAM_CONNECT,
	SBPF_OP_UNIX_MAY_SEND,
	SBPF_OP_SOCKET_CREATE,
	SBPF_OP_SOCKET_BIND,
	SBPF_OP_SOCKET_LISTEN,
	SBPF_OP_SOCKET_SENDMSG,
	SBPF_OP_KEY_ALLOC,
	SBPF_OP_KEY_PERMISSION,
	SBPF_OP_BPF,
	SBPF_OP_BPF_PROG_LOAD,
	SBPF_OP_PERF_EVENT_OPEN,
	SBPF_OP_KERNEL_READ_FILE,
	SBPF_OP_INODE_INIT_SECURITY_ANON,
	SBPF_OP_SYSLOG,
	SBPF_OP_SETTIME,
	SBPF_OP_CHARGE,
	SBPF_OP_MEM_WRITE,
	/* private: */
	SBPF_OP_MAX,
};

/**
 * enum sbpf_policy_flags - Flags of a policy (sbpf_policy_ops.flags)
 * @SBPF_POLICY_OPEN: any user may create sandboxes under this policy; without
 *	it that takes CAP_SYS_ADMIN
 */
enum sbpf_policy_flags {
	SBPF_POLICY_OPEN	= 1ULL << 0,
};

/**
 * enum sbpf_sandbox_flags - Flags of a sandbox
 * @SBPF_SANDBOX_KILL: when the policy goes away kill all members, instead of
 *	denying them every operation (set at creation only)
 * @SBPF_SANDBOX_COMPLAIN: report what the policy would deny and allow it;
 *	resource limits and the loss of the policy are enforced all the same
 * @SBPF_SANDBOX_STEALTH: members cannot ask about the sandbox that they are in (set at
 *	creation only)
 */
enum sbpf_sandbox_flags {
	SBPF_SANDBOX_KILL	= 1U << 0,
	SBPF_SANDBOX_COMPLAIN	= 1U << 1,
	SBPF_SANDBOX_STEALTH	= 1U << 2,
};

/**
 * enum sbpf_sandbox_state - Life of a sandbox
 * @SBPF_STATE_LIVE: its policy is asked
 * @SBPF_STATE_ORPHAN: its policy is gone: every operation is denied
 * @SBPF_STATE_DYING: being killed: every operation is denied and every member
 *	is sent SIGKILL
 * @SBPF_STATE_FROZEN: live, but a limit has stopped its members (SIGSTOP)
 */
enum sbpf_sandbox_state {
	SBPF_STATE_LIVE,
	SBPF_STATE_ORPHAN,
	SBPF_STATE_DYING,
	SBPF_STATE_FROZEN,
};

/**
 * enum sbpf_resource - What a sandbox accounts for and can limit
 * @SBPF_RESOURCE_PIDS: tasks (processes and threads), from fork to exit; with a
 *	limit, at most 4096 more that are dead and have not been waited for. EAGAIN
 * @SBPF_RESOURCE_CPU_TIME: CPU time in nanoseconds, of user and kernel, of all that
 *	have been members, from when they became that
 * @SBPF_RESOURCE_WALL_TIME: nanoseconds since the sandbox was first entered, while
 *	the machine was suspended included
 * @SBPF_RESOURCE_OPEN_FILES: open files of all kinds, sockets and pipes too, that
 *	members have opened since there is a limit, here or around, until they are
 *	closed; descriptors that were duplicated or inherited are one file. EMFILE
 * @SBPF_RESOURCE_FILES_OPENED: files that were opened; cannot be limited
 * @SBPF_RESOURCE_FILES_CREATED: files, directories, symbolic links and nodes that
 *	members tried to create, those without a name (O_TMPFILE) too, since there is a
 *	limit or a policy with the operation charge. EDQUOT
 * @SBPF_RESOURCE_BYTES_READ: bytes that system calls have read, from files of all
 *	kinds; cannot be limited
 * @SBPF_RESOURCE_BYTES_WRITTEN: bytes that write(2), sendfile(2), copy_file_range(2) and
 *	their like have written, to files of all kinds; what is written to mapped
 *	memory, by splice(2), io_submit(2), io_uring, send(2) or fallocate(2) is not
 *	counted. A write that begins below the limit is finished. EDQUOT
 * @SBPF_RESOURCE_SOCKETS: sockets that were created, those accepted not. ENOBUFS
 * @SBPF_RESOURCE_CONNECTIONS: connections of stream sockets that were tried; those that
 *	are opened by sending (MSG_FASTOPEN) since there is a limit of them in any sandbox, or
 *	a policy with the operation socket_sendmsg or charge. ENOBUFS
 * @SBPF_RESOURCE_CONNECTION_RATE: the same in one second, counted from the creation
 *	of the sandbox, of one that has a limit of it. EAGAIN
 * @SBPF_RESOURCE_EXECS: programs that were executed; cannot be limited
 * @SBPF_RESOURCE_EXEC_RATE: programs that members tried to execute in one second, as
 *	before. EAGAIN
 * @SBPF_RESOURCE_MEMORY: bytes of memory of the control group, without swap. Who wants
 *	more when none can be reclaimed is killed by the kernel
 * @SBPF_RESOURCE_CPU_SHARE: CPUs at a time, in thousandths, of the control group; who has
 *	used them up waits. Nobody measures how many are used, but see SBPF_RESOURCE_CPU_TIME
 * @SBPF_RESOURCE_FILE_SIZE: size in bytes to which members make any one file
 *	(RLIMIT_FSIZE); nobody measures how large they are. EFBIG and SIGXFSZ
 *
 * Each includes the use of nested sandboxes. The errno is that of who is denied more.
 * The last three are enforced by the kernel's own engines; the first two of them can be
 * limited, and memory is measured, where SBPF_IOC_SET_CGROUP has named a control group.
 */
enum sbpf_resource {
	SBPF_RESOURCE_PIDS,
	SBPF_RESOURCE_CPU_TIME,
	SBPF_RESOURCE_WALL_TIME,
	SBPF_RESOURCE_OPEN_FILES,
	SBPF_RESOURCE_FILES_OPENED,
	SBPF_RESOURCE_FILES_CREATED,
	SBPF_RESOURCE_BYTES_READ,
	SBPF_RESOURCE_BYTES_WRITTEN,
	SBPF_RESOURCE_SOCKETS,
	SBPF_RESOURCE_CONNECTIONS,
	SBPF_RESOURCE_CONNECTION_RATE,
	SBPF_RESOURCE_EXECS,
	SBPF_RESOURCE_EXEC_RATE,
	SBPF_RESOURCE_MEMORY,
	SBPF_RESOURCE_CPU_SHARE,
	SBPF_RESOURCE_FILE_SIZE,
	/* private: */
	SBPF_RESOURCE_MAX,
};

/**
 * enum sbpf_action - What happens to what would exceed a limit
 * @SBPF_ACTION_DENY: the operation fails; not for time, which nobody asks for
 * @SBPF_ACTION_KILL: it fails, and the sandbox is killed with all nested in it
 * @SBPF_ACTION_FREEZE: it fails, and all members are stopped by SIGSTOP, until
 *	SBPF_IOC_THAW
 * @SBPF_ACTION_NOTIFY: it succeeds; there is an event when the limit is passed
 *
 * Of SBPF_RESOURCE_MEMORY: with SBPF_ACTION_DENY the kernel kills one that has much of it,
 * with SBPF_ACTION_KILL all that are in the control group; the other two let it pass, and
 * act when that is seen, within 50 milliseconds. Of SBPF_RESOURCE_CPU_SHARE: whoever has used
 * it up waits, with each of them; that it was so in one of the kernel's periods of 100
 * milliseconds is seen within two more, and told once in a second at most.
 */
enum sbpf_action {
	SBPF_ACTION_DENY,
	SBPF_ACTION_KILL,
	SBPF_ACTION_FREEZE,
	SBPF_ACTION_NOTIFY,
	/* private: */
	SBPF_ACTION_MAX,
};

/** SBPF_UNLIMITED: the limit of a resource that has none. */
#define SBPF_UNLIMITED		(~0ULL)

/** SBPF_UNKNOWN: the use of a resource that nobody measures. */
#define SBPF_UNKNOWN		(~0ULL)

/**
 * enum sbpf_channel - Ways to write into the memory of another process
 * @SBPF_CHANNEL_BPF: a BPF program calls bpf_probe_write_user(), a policy bpf_sbpf_write_user()
 * @SBPF_CHANNEL_PROCESS_VM: process_vm_writev(2)
 * @SBPF_CHANNEL_PTRACE: ptrace(2), PTRACE_POKETEXT and PTRACE_POKEDATA
 * @SBPF_CHANNEL_REGISTERS: ptrace(2), whatever sets registers: PTRACE_POKEUSER,
 *	PTRACE_SETREGS, PTRACE_SETFPREGS, PTRACE_SETREGSET and so on
 * @SBPF_CHANNEL_PROC_MEM: a write to /proc/PID/mem, by whatever system call
 * @SBPF_CHANNEL_USERFAULTFD: pages are filled in by a userfaultfd
 * @SBPF_CHANNEL_OTHER: anything else that uses the kernel's function for it
 * @SBPF_CHANNEL_LOAD: no write, but what may come to it: a BPF program is loaded that
 *	could change what is not its own, see module/loads.c
 */
enum sbpf_channel {
	SBPF_CHANNEL_BPF,
	SBPF_CHANNEL_PROCESS_VM,
	SBPF_CHANNEL_PTRACE,
	SBPF_CHANNEL_REGISTERS,
	SBPF_CHANNEL_PROC_MEM,
	SBPF_CHANNEL_USERFAULTFD,
	SBPF_CHANNEL_OTHER,
	SBPF_CHANNEL_LOAD,
	/* private: */
	SBPF_CHANNEL_MAX,
};

/**
 * enum sbpf_write_mode - What is done about writes by one channel
 * @SBPF_WRITE_OFF: nothing, they go unwatched
 * @SBPF_WRITE_LOG: each is recorded
 * @SBPF_WRITE_DENY: each is recorded and fails with EPERM
 * @SBPF_WRITE_CONFINE: each is recorded, and fails with EPERM unless writer and
 *	target are in the same sandbox, or the target descends from the writer and
 *	is not outside of the writer's sandbox, or both are of the same user and the
 *	writer has CAP_SYS_PTRACE over the target. A BPF program is none of these. For
 *	SBPF_CHANNEL_LOAD: fails unless the loader is in no sandbox
 */
enum sbpf_write_mode {
	SBPF_WRITE_OFF,
	SBPF_WRITE_LOG,
	SBPF_WRITE_DENY,
	SBPF_WRITE_CONFINE,
};

/**
 * struct sbpf_info - State of the module (SBPF_IOC_INFO)
 * @size: sizeof(struct sbpf_info), set by the caller
 * @abi: SBPF_ABI of the module
 * @hooks: bit mask by enum sbpf_op of the LSM hooks that are attached now
 * @policies: number of registered policies
 * @sandboxes: number of sandboxes, those that the caller is a member of aside
 * @write_mode: enum sbpf_write_mode in force
 * @write_error: 0, or the positive errno for which the guard could not be set up
 * @writes: calls of bpf_probe_write_user() since the module was loaded
 * @events: sequence number of the newest event
 * @writes_missed: those of @writes that could be counted, but neither shown nor
 *	denied: what programs in a kprobe called where there was no breakpoint
 * @write_break_error: 0, or the positive errno for which a processor has no
 *	breakpoint on that helper, while the mode is not SBPF_WRITE_OFF
 * @resources_missing: bit mask by enum sbpf_resource of what this kernel keeps no
 *	account of: their usage is SBPF_UNKNOWN, and they cannot be limited
 * @write_disarmed: 1 if somebody has switched the kernel's kprobes off, 0 if not: then
 *	only breakpoints see writes, and @writes_missed is too low
 * @reserved: 0
 */
struct sbpf_info {
	__u32 size;
	__u32 abi;
	__u64 hooks;
	__u32 policies;
	__u32 sandboxes;
	__u32 write_mode;
	__u32 write_error;
	__u64 writes;
	__u64 events;
	__u64 writes_missed;
	__u32 write_break_error;
	__u32 resources_missing;
	__u32 write_disarmed;
	__u32 reserved;
};

/**
 * struct sbpf_channel_info - State of one channel
 * @mode: enum sbpf_write_mode in force
 * @error: 0, or the positive errno for which its writes cannot be watched
 * @records: writes by it that were recorded
 * @denied: how many of these were denied
 */
struct sbpf_channel_info {
	__u32 mode;
	__u32 error;
	__u64 records;
	__u64 denied;
};

/**
 * struct sbpf_ledger_info - State of the ledger (SBPF_IOC_LEDGER)
 * @size: sizeof(struct sbpf_ledger_info), set by the caller
 * @channels_count: number of entries of @channels that the module filled
 * @records: records since the module was loaded: the newest one's number
 * @lost: those that the kernel does not keep any more, or never did, as there was
 *	no room; it keeps the other @records
 * @suppressed: those that the kernel log has not shown, to keep it readable
 * @channels: by enum sbpf_channel
 */
struct sbpf_ledger_info {
	__u32 size;
	__u32 channels_count;
	__u64 records;
	__u64 lost;
	__u64 suppressed;
	struct sbpf_channel_info channels[16];
};

/**
 * struct sbpf_policy_info - One registered policy (SBPF_IOC_POLICY)
 * @size: sizeof(struct sbpf_policy_info), set by the caller
 * @index: in: which policy, from 0 in the order of registration
 * @flags: enum sbpf_policy_flags
 * @ops: bit mask by enum sbpf_op of the operations it implements
 * @generation: 1 when registered, one more at each live replacement
 * @sandboxes: number of sandboxes under it, those that the caller is a member of aside
 * @reserved: zero
 * @name: its name
 */
struct sbpf_policy_info {
	__u32 size;
	__u32 index;
	__u64 flags;
	__u64 ops;
	__u64 generation;
	__u32 sandboxes;
	__u32 reserved;
	char name[SBPF_NAME_MAX];
};

/**
 * struct sbpf_create - A sandbox to be created (SBPF_IOC_CREATE)
 * @size: sizeof(struct sbpf_create), set by the caller
 * @flags: enum sbpf_sandbox_flags
 * @pids: limit of SBPF_RESOURCE_PIDS, at least 1, or SBPF_UNLIMITED
 * @policy: name of a registered policy
 * @name: a name for people, may be empty and need not be unique
 */
struct sbpf_create {
	__u32 size;
	__u32 flags;
	__u64 pids;
	char policy[SBPF_NAME_MAX];
	char name[SBPF_NAME_MAX];
};

/**
 * struct sbpf_ids - A list of numbers (SBPF_IOC_LIST, SBPF_IOC_MEMBERS)
 * @size: sizeof(struct sbpf_ids), set by the caller
 * @count: in: how many __u64 fit at @ids; out: how many there are, which may
 *	be more than fitted
 * @ids: address of an array of __u64
 */
struct sbpf_ids {
	__u32 size;
	__u32 count;
	__aligned_u64 ids;
};

/**
 * struct sbpf_open - A sandbox to be opened by number (SBPF_IOC_OPEN)
 * @size: sizeof(struct sbpf_open), set by the caller
 * @reserved: zero
 * @id: number of the sandbox
 */
struct sbpf_open {
	__u32 size;
	__u32 reserved;
	__u64 id;
};

/**
 * struct sbpf_limit - One limit
 * @resource: enum sbpf_resource
 * @action: enum sbpf_action
 * @limit: what use may not exceed, at least 1, or SBPF_UNLIMITED; use above it stays,
 *	but cannot grow. For rates less than 2^32; for SBPF_RESOURCE_MEMORY at least a page,
 *	of which the kernel takes whole ones; for SBPF_RESOURCE_CPU_SHARE 10 to 1000000.
 *	SBPF_RESOURCE_FILE_SIZE, when lowered, is lowered for all members; when raised, it
 *	is for those who enter then
 */
struct sbpf_limit {
	__u32 resource;
	__u32 action;
	__u64 limit;
};

/** SBPF_LIMITS_MAX: how many limits one request may set. */
#define SBPF_LIMITS_MAX		64

/**
 * struct sbpf_set_limits - Limits to be set (SBPF_IOC_SET_LIMITS)
 * @size: sizeof(struct sbpf_set_limits), set by the caller
 * @count: number of @limits
 * @limits: address of an array of struct sbpf_limit
 */
struct sbpf_set_limits {
	__u32 size;
	__u32 count;
	__aligned_u64 limits;
};

/**
 * struct sbpf_set_policy - A change of policy (SBPF_IOC_SET_POLICY)
 * @size: sizeof(struct sbpf_set_policy), set by the caller
 * @reserved: zero
 * @policy: name of a registered policy
 */
struct sbpf_set_policy {
	__u32 size;
	__u32 reserved;
	char policy[SBPF_NAME_MAX];
};

/**
 * enum sbpf_access - What a path rule allows or denies
 * @SBPF_ACCESS_READ_FILE: open a file for reading
 * @SBPF_ACCESS_READ_DIR: list a directory
 * @SBPF_ACCESS_WRITE: open a file for writing
 * @SBPF_ACCESS_TRUNCATE: cut a file off
 * @SBPF_ACCESS_EXECUTE: execute a file
 * @SBPF_ACCESS_MAP_EXEC: map a file as code, a library
 * @SBPF_ACCESS_CREATE_FILE: create files
 * @SBPF_ACCESS_CREATE_DIR: create directories
 * @SBPF_ACCESS_CREATE_SYMLINK: create symbolic links
 * @SBPF_ACCESS_CREATE_SPECIAL: create pipes and sockets
 * @SBPF_ACCESS_CREATE_DEVICE: create device nodes
 * @SBPF_ACCESS_REMOVE: remove what is in a directory
 * @SBPF_ACCESS_REFER: rename or link into or out of a directory; a link must be allowed
 *	to be created, too
 * @SBPF_ACCESS_METADATA: change mode, owner, times and attributes
 * @SBPF_ACCESS_IOCTL: ioctl that may change a file; those on devices are asked of
 *	device rules
 * @SBPF_ACCESS_CONNECT: connect and send to a unix socket of somebody outside
 */
enum sbpf_access {
	SBPF_ACCESS_READ_FILE		= 1U << 0,
	SBPF_ACCESS_READ_DIR		= 1U << 1,
	SBPF_ACCESS_WRITE		= 1U << 2,
	SBPF_ACCESS_TRUNCATE		= 1U << 3,
	SBPF_ACCESS_EXECUTE		= 1U << 4,
	SBPF_ACCESS_MAP_EXEC		= 1U << 5,
	SBPF_ACCESS_CREATE_FILE		= 1U << 6,
	SBPF_ACCESS_CREATE_DIR		= 1U << 7,
	SBPF_ACCESS_CREATE_SYMLINK	= 1U << 8,
	SBPF_ACCESS_CREATE_SPECIAL	= 1U << 9,
	SBPF_ACCESS_CREATE_DEVICE	= 1U << 10,
	SBPF_ACCESS_REMOVE		= 1U << 11,
	SBPF_ACCESS_REFER		= 1U << 12,
	SBPF_ACCESS_METADATA		= 1U << 13,
	SBPF_ACCESS_IOCTL		= 1U << 14,
	SBPF_ACCESS_CONNECT		= 1U << 15,
	/* private: */
	SBPF_ACCESS_MAX			= 1U << 16,
};

/**
 * struct sbpf_path_rule - A rule about a file, or a directory and all below it
 * @fd: descriptor of the object, O_PATH is enough; may be closed afterwards
 * @allow: enum sbpf_access
 * @deny: enum sbpf_access; wins over @allow on the same object
 * @reserved: zero
 *
 * Several rules about one object add up.
 */
struct sbpf_path_rule {
	__s32 fd;
	__u32 allow;
	__u32 deny;
	__u32 reserved;
};

/** SBPF_PATTERN_MAX: length of a pattern of names with its NUL. */
#define SBPF_PATTERN_MAX	64

/**
 * struct sbpf_name_rule - A rule about names in a directory, those to come included
 * @fd: descriptor of the directory, O_PATH is enough; may be closed afterwards
 * @allow: enum sbpf_access
 * @deny: enum sbpf_access
 * @pattern: of the names: ? is any character, * any number of them, [a-z] and
 *	[!a-z] one of a class, \ takes the next as it is; a terminated string that
 *	is not empty and has no slash
 * @reserved: zero
 *
 * Is a rule about each object in the directory whose name matches, unless it has a
 * path rule of its own. Of several patterns that match, all add up. An object gets such
 * a name only if that allows it too: SBPF_ACCESS_CREATE_FILE and the like for a new one,
 * SBPF_ACCESS_REFER for one that is renamed or linked. The directory stays where it is.
 */
struct sbpf_name_rule {
	__s32 fd;
	__u32 allow;
	__u32 deny;
	__u32 reserved;
	char pattern[SBPF_PATTERN_MAX];
};

/**
 * enum sbpf_net_access - What a network rule allows or denies
 * @SBPF_NET_TCP_CONNECT: connect a TCP socket to an address, or open it by sending
 *	with MSG_FASTOPEN
 * @SBPF_NET_TCP_BIND: bind a TCP socket to an address
 * @SBPF_NET_TCP_LISTEN: accept connections at an address
 * @SBPF_NET_UDP_CONNECT: connect a UDP socket to an address, and send there
 * @SBPF_NET_UDP_BIND: bind a UDP socket to an address
 * @SBPF_NET_UDP_SEND: send to an address that comes with the message
 *
 * What binds no address itself gets a free one from the kernel, without a rule.
 */
enum sbpf_net_access {
	SBPF_NET_TCP_CONNECT	= 1U << 0,
	SBPF_NET_TCP_BIND	= 1U << 1,
	SBPF_NET_TCP_LISTEN	= 1U << 2,
	SBPF_NET_UDP_CONNECT	= 1U << 3,
	SBPF_NET_UDP_BIND	= 1U << 4,
	SBPF_NET_UDP_SEND	= 1U << 5,
	/* private: */
	SBPF_NET_MAX		= 1U << 6,
};

/**
 * struct sbpf_net_rule - A rule about IP addresses and ports
 * @allow: enum sbpf_net_access
 * @deny: enum sbpf_net_access
 * @family: AF_INET, IPv6 addresses that stand for IPv4 included, or AF_INET6
 * @prefix: how many bits of @address count; the others are zero
 * @port_first: first port; 0 is a free one when binding
 * @port_last: last port
 * @reserved: zero
 * @address: in network byte order; IPv4 in the first four bytes, the rest is zero
 *
 * Of the rules that include an address and port and say anything about the access,
 * those with the longest prefix decide; among them deny wins. The unspecified
 * address (0.0.0.0, ::) as a destination needs a rule about it alone.
 */
struct sbpf_net_rule {
	__u32 allow;
	__u32 deny;
	__u16 family;
	__u16 prefix;
	__u16 port_first;
	__u16 port_last;
	__u64 reserved;
	__u8 address[16];
};

/**
 * enum sbpf_socket - Kinds of sockets beside unix, TCP and UDP, allowed as a whole
 * @SBPF_SOCKET_RAW: raw sockets of IPv4 and IPv6
 * @SBPF_SOCKET_PING: ICMP echo
 * @SBPF_SOCKET_SCTP: SCTP
 * @SBPF_SOCKET_PACKET: frames of network devices
 * @SBPF_SOCKET_ROUTE: netlink for addresses, routes and devices
 * @SBPF_SOCKET_NETLINK: netlink of all protocols
 * @SBPF_SOCKET_VSOCK: to the host of a virtual machine
 * @SBPF_SOCKET_ALG: algorithms of the kernel
 * @SBPF_SOCKET_BLUETOOTH: Bluetooth
 * @SBPF_SOCKET_CAN: CAN bus
 * @SBPF_SOCKET_OTHER: all that is none of these
 */
enum sbpf_socket {
	SBPF_SOCKET_RAW		= 1U << 0,
	SBPF_SOCKET_PING	= 1U << 1,
	SBPF_SOCKET_SCTP	= 1U << 2,
	SBPF_SOCKET_PACKET	= 1U << 3,
	SBPF_SOCKET_ROUTE	= 1U << 4,
	SBPF_SOCKET_NETLINK	= 1U << 5,
	SBPF_SOCKET_VSOCK	= 1U << 6,
	SBPF_SOCKET_ALG		= 1U << 7,
	SBPF_SOCKET_BLUETOOTH	= 1U << 8,
	SBPF_SOCKET_CAN		= 1U << 9,
	SBPF_SOCKET_OTHER	= 1U << 10,
	/* private: */
	SBPF_SOCKET_MAX		= 1U << 11,
};

/**
 * enum sbpf_dev_access - What a device rule allows or denies
 * @SBPF_DEV_READ: open for reading
 * @SBPF_DEV_WRITE: open for writing
 * @SBPF_DEV_MKNOD: create a node of it
 * @SBPF_DEV_IOCTL: ioctl with a command of the rule's range
 */
enum sbpf_dev_access {
	SBPF_DEV_READ		= 1U << 0,
	SBPF_DEV_WRITE		= 1U << 1,
	SBPF_DEV_MKNOD		= 1U << 2,
	SBPF_DEV_IOCTL		= 1U << 3,
	/* private: */
	SBPF_DEV_MAX		= 1U << 4,
};

/** SBPF_DEV_ANY: every major or minor number. */
#define SBPF_DEV_ANY		(~0U)

/**
 * struct sbpf_dev_rule - A rule about a device, whatever its nodes are called
 * @allow: enum sbpf_dev_access
 * @deny: enum sbpf_dev_access
 * @type: S_IFCHR or S_IFBLK
 * @major: major number, or SBPF_DEV_ANY, then @minor as well
 * @minor: minor number, or SBPF_DEV_ANY
 * @ioctl_first: first command that SBPF_DEV_IOCTL is about
 * @ioctl_last: last command
 * @reserved: zero
 *
 * Of the rules that say anything about an access the one with a minor number
 * decides, then the one with a major number; deny wins over allow.
 */
struct sbpf_dev_rule {
	__u32 allow;
	__u32 deny;
	__u32 type;
	__u32 major;
	__u32 minor;
	__u32 ioctl_first;
	__u32 ioctl_last;
	__u32 reserved;
};

/**
 * enum sbpf_right - What a policy that denies it may ask about
 * @SBPF_RIGHT_WX: memory that is writable and executable, at once or in turn
 * @SBPF_RIGHT_ANON_EXEC: execute files without a name (memfd, shared memory)
 * @SBPF_RIGHT_TRACE: trace, and read and write the memory of, tasks outside
 * @SBPF_RIGHT_SIGNAL: signal tasks outside
 * @SBPF_RIGHT_SCHED: scheduling and limits of tasks outside
 * @SBPF_RIGHT_PROC: read what /proc tells about tasks outside
 * @SBPF_RIGHT_IPC: System V and POSIX IPC with others outside
 * @SBPF_RIGHT_UNIX: unix sockets of others outside, abstract ones included
 * @SBPF_RIGHT_USERNS: create user namespaces
 * @SBPF_RIGHT_MOUNT: mount, unmount, move mounts, change the root
 * @SBPF_RIGHT_SETID: give files set-user-ID and set-group-ID bits
 * @SBPF_RIGHT_CGROUP: write to control groups, and create tasks in another one; so members
 *	may also leave that of the sandbox (SBPF_IOC_SET_CGROUP), and end, freeze and starve
 *	whomever they may move into one, which is up to the permissions of control groups
 * @SBPF_RIGHT_KEYS: keys of the kernel
 * @SBPF_RIGHT_BPF: bpf(2)
 * @SBPF_RIGHT_PERF: performance events
 * @SBPF_RIGHT_MODULES: load modules, firmware and other kernels; have the kernel load
 *	modules, and start a program for a core dump
 * @SBPF_RIGHT_IO_URING: io_uring
 * @SBPF_RIGHT_USERFAULTFD: userfaultfd
 * @SBPF_RIGHT_SYSLOG: read and control the kernel log
 * @SBPF_RIGHT_TIME: set the clock
 * @SBPF_RIGHT_LOCK: locks and leases that block others, on files open for reading only
 * @SBPF_RIGHT_READ_LOCK: shared locks on them, which block whoever wants to write
 * @SBPF_RIGHT_ABSTRACT: give unix sockets abstract names, which all processes share
 */
enum sbpf_right {
	SBPF_RIGHT_WX,
	SBPF_RIGHT_ANON_EXEC,
	SBPF_RIGHT_TRACE,
	SBPF_RIGHT_SIGNAL,
	SBPF_RIGHT_SCHED,
	SBPF_RIGHT_PROC,
	SBPF_RIGHT_IPC,
	SBPF_RIGHT_UNIX,
	SBPF_RIGHT_USERNS,
	SBPF_RIGHT_MOUNT,
	SBPF_RIGHT_SETID,
	SBPF_RIGHT_CGROUP,
	SBPF_RIGHT_KEYS,
	SBPF_RIGHT_BPF,
	SBPF_RIGHT_PERF,
	SBPF_RIGHT_MODULES,
	SBPF_RIGHT_IO_URING,
	SBPF_RIGHT_USERFAULTFD,
	SBPF_RIGHT_SYSLOG,
	SBPF_RIGHT_TIME,
	SBPF_RIGHT_LOCK,
	SBPF_RIGHT_READ_LOCK,
	SBPF_RIGHT_ABSTRACT,
	/* private: */
	SBPF_RIGHT_MAX,
};

/** SBPF_NAMES_MAX: how many rules about names may be in one sandbox. */
#define SBPF_NAMES_MAX		1024

/** SBPF_NAMES_DIR_MAX: how many of them may be about one directory. */
#define SBPF_NAMES_DIR_MAX	64

/** SBPF_NAMES_WALK_MAX: how many of them are compared for one object; it is denied if more are. */
#define SBPF_NAMES_WALK_MAX	256

/** SBPF_RECORDS_MAX: how many records of sandboxes or rules one request fills at most. */
#define SBPF_RECORDS_MAX	1024

/** SBPF_RULES_MAX: how many rules of each other kind may be in one sandbox. */
#define SBPF_RULES_MAX		65536

/**
 * enum sbpf_rules_flags - Flags of SBPF_IOC_SET_RULES
 * @SBPF_RULES_ADD: keep the rules that there are
 */
enum sbpf_rules_flags {
	SBPF_RULES_ADD		= 1U << 0,
};

/**
 * struct sbpf_set_rules - Rules for a sandbox (SBPF_IOC_SET_RULES)
 * @size: sizeof(struct sbpf_set_rules), set by the caller
 * @flags: enum sbpf_rules_flags
 * @paths_count: number of @paths
 * @names_count: number of @names
 * @paths: address of an array of struct sbpf_path_rule
 * @names: address of an array of struct sbpf_name_rule
 * @nets: address of an array of struct sbpf_net_rule
 * @devs: address of an array of struct sbpf_dev_rule
 * @nets_count: number of @nets
 * @devs_count: number of @devs
 * @rights: mask by enum sbpf_right
 * @capabilities: mask by number (CAP_*) of those that members who have them may use
 * @sockets: enum sbpf_socket
 */
struct sbpf_set_rules {
	__u32 size;
	__u32 flags;
	__u32 paths_count;
	__u32 names_count;
	__aligned_u64 paths;
	__aligned_u64 names;
	__aligned_u64 nets;
	__aligned_u64 devs;
	__u32 nets_count;
	__u32 devs_count;
	__u64 rights;
	__u64 capabilities;
	__u64 sockets;
};

/**
 * enum sbpf_rule_kind - Kinds of rules, and what SBPF_IOC_GET_RULES tells of each
 * @SBPF_RULE_PATH: struct sbpf_path_record
 * @SBPF_RULE_NAME: struct sbpf_name_record
 * @SBPF_RULE_NET: struct sbpf_net_rule
 * @SBPF_RULE_DEV: struct sbpf_dev_rule; one of SBPF_DEV_IOCTL and other access is told as
 *	two, of which the other has all commands
 */
enum sbpf_rule_kind {
	SBPF_RULE_PATH,
	SBPF_RULE_NAME,
	SBPF_RULE_NET,
	SBPF_RULE_DEV,
	/* private: */
	SBPF_RULE_MAX,
};

/**
 * struct sbpf_path_record - All rules about one object, as they are told
 * @ino: its inode
 * @dev: device of its file system, as in struct sbpf_event
 * @allow: enum sbpf_access
 * @deny: enum sbpf_access
 * @reserved: zero
 */
struct sbpf_path_record {
	__u64 ino;
	__u32 dev;
	__u32 allow;
	__u32 deny;
	__u32 reserved;
};

/**
 * struct sbpf_name_record - A rule about names in a directory, as it is told
 * @ino: inode of the directory
 * @dev: device of its file system, as in struct sbpf_event
 * @allow: enum sbpf_access
 * @deny: enum sbpf_access
 * @reserved: zero
 * @pattern: of the names
 */
struct sbpf_name_record {
	__u64 ino;
	__u32 dev;
	__u32 allow;
	__u32 deny;
	__u32 reserved;
	char pattern[SBPF_PATTERN_MAX];
};

/**
 * struct sbpf_get_rules - Rules of a sandbox, as they are told (SBPF_IOC_GET_RULES)
 * @size: sizeof(struct sbpf_get_rules), set by the caller
 * @kind: enum sbpf_rule_kind
 * @count: in: how many records fit at @rules; out: how many were filled
 * @from: in: 0 to begin with; out: the same for the next request, 0 when there are no more
 * @rules: address of an array of records, in any order
 * @rights: out: mask by enum sbpf_right
 * @capabilities: out: mask by number (CAP_*)
 * @sockets: out: enum sbpf_socket
 */
struct sbpf_get_rules {
	__u32 size;
	__u32 kind;
	__u32 count;
	__u32 from;
	__aligned_u64 rules;
	__u64 rights;
	__u64 capabilities;
	__u64 sockets;
};

/**
 * struct sbpf_stat - State and statistics of a sandbox (SBPF_IOC_STAT)
 * @size: sizeof(struct sbpf_stat), set by the caller
 * @state: enum sbpf_sandbox_state
 * @id: its number, never used again
 * @parent: number of the sandbox it is nested in, 0 for none, for the caller's, and when
 *	it is the caller's (SBPF_IOC_SELF)
 * @layer: 1 for a sandbox without parent, one more per level of nesting; a member
 *	counts from its own, which has 0
 * @flags: enum sbpf_sandbox_flags
 * @uid: user who created it, in the caller's user namespace
 * @ops_count: number of entries of @asked and @denied that the module filled
 * @policy_generation: generation of its policy, 0 for an orphan
 * @created_ns: CLOCK_BOOTTIME of its creation, in nanoseconds
 * @stopped: 1 + enum sbpf_resource whose limit killed it or froze it last; 0 for none
 * @resources_count: number of entries of @usage, @peak, @limit and @action that the
 *	module filled
 * @usage: use now of each enum sbpf_resource; SBPF_UNKNOWN if nobody measures it
 * @peak: highest use so far, or SBPF_UNKNOWN
 * @limit: limits, SBPF_UNLIMITED for none
 * @action: enum sbpf_action of each limit
 * @asked: how often the policy was asked, by enum sbpf_op
 * @denied: how often an operation was denied by this sandbox (or would have
 *	been, in complain mode), by enum sbpf_op; what has none is in @denied_other
 * @policy: name of its policy
 * @name: its own name
 * @events: how many events told of it, see struct sbpf_event
 * @denied_other: how often it denied what no operation is about: beyond limits of open files,
 *	bytes written, the size of a file and memory, and to write to control groups
 */
struct sbpf_stat {
	__u32 size;
	__u32 state;
	__u64 id;
	__u64 parent;
	__u32 layer;
	__u32 flags;
	__u32 uid;
	__u32 ops_count;
	__u64 policy_generation;
	__u64 created_ns;
	__u32 stopped;
	__u32 resources_count;
	__u64 usage[32];
	__u64 peak[32];
	__u64 limit[32];
	__u8 action[32];
	__u64 asked[64];
	__u64 denied[64];
	char policy[SBPF_NAME_MAX];
	char name[SBPF_NAME_MAX];
	__u64 events;
	__u64 denied_other;
};

/**
 * struct sbpf_brief - State and counters of a sandbox in short, for lists of many
 * @id: as in struct sbpf_stat, and so are the others
 * @parent: the same
 * @created_ns: the same
 * @policy_generation: the same
 * @state: the same
 * @layer: the same
 * @flags: the same
 * @uid: the same
 * @stopped: the same
 * @resources_count: number of entries of @usage that the module filled
 * @pids_peak: highest use of SBPF_RESOURCE_PIDS
 * @pids_limit: limit of it
 * @asked: sum over all operations
 * @denied: sum over all operations, and @denied_other of struct sbpf_stat
 * @usage: use now of each enum sbpf_resource
 * @policy: name of its policy
 * @name: its own name
 */
struct sbpf_brief {
	__u64 id;
	__u64 parent;
	__u64 created_ns;
	__u64 policy_generation;
	__u32 state;
	__u32 layer;
	__u32 flags;
	__u32 uid;
	__u32 stopped;
	__u32 resources_count;
	__u64 pids_peak;
	__u64 pids_limit;
	__u64 asked;
	__u64 denied;
	__u64 usage[16];
	char policy[SBPF_NAME_MAX];
	char name[SBPF_NAME_MAX];
};

/**
 * enum sbpf_record - What SBPF_IOC_RECORDS tells of each sandbox
 * @SBPF_RECORD_BRIEF: struct sbpf_brief
 * @SBPF_RECORD_STAT: struct sbpf_stat
 */
enum sbpf_record {
	SBPF_RECORD_BRIEF,
	SBPF_RECORD_STAT,
	/* private: */
	SBPF_RECORD_MAX,
};

/**
 * struct sbpf_records - State of many sandboxes (SBPF_IOC_RECORDS)
 * @size: sizeof(struct sbpf_records), set by the caller
 * @record: enum sbpf_record
 * @record_size: length of one record in bytes, at least 8; what the module knows is cut
 *	off there, and what it does not know is left alone
 * @count: in: how many records fit at @records; out: how many were filled
 * @from: in: lowest number of a sandbox to be told, 0 to begin with; out: the same for the
 *	next request, 0 when there are no more
 * @records: address of an array of records, by number of the sandbox
 */
struct sbpf_records {
	__u32 size;
	__u32 record;
	__u32 record_size;
	__u32 count;
	__u64 from;
	__aligned_u64 records;
};

/** SBPF_USAGE_VERSION: of struct sbpf_usage; what is added at its end does not change it. */
#define SBPF_USAGE_VERSION	1

/**
 * struct sbpf_usage - The page that a member can map from /dev/sbpf: its innermost sandbox
 * @version: SBPF_USAGE_VERSION
 * @size: how much of it there is, in bytes
 * @seq: odd while the rest is being written; to be read before and after what belongs
 *	together, until both are the same and even. One number needs no such care. 0 until
 *	it was written first, which is soon after the page was mapped
 * @reserved: zero
 * @time_ns: CLOCK_BOOTTIME of what follows, in nanoseconds; about 10 milliseconds old at
 *	most while a member runs, 100 after a rest
 * @stat: as SBPF_IOC_SELF has it, but for @stat.uid, which is kernel.overflowuid (65534):
 *	members in different user namespaces read the same page
 *
 * To be mapped with PROT_READ, one page at offset 0. Another sandbox that is entered later
 * has another page.
 */
struct sbpf_usage {
	__u32 version;
	__u32 size;
	__u32 seq;
	__u32 reserved;
	__u64 time_ns;
	struct sbpf_stat stat;
};

/*
 * On /dev/sbpf. A member of a sandbox sees and reaches only the sandboxes
 * nested in its own; everyone else those of the same user, or with
 * CAP_SYS_ADMIN all. SBPF_IOC_CREATE and SBPF_IOC_OPEN take a descriptor that is open for
 * writing (EACCES), the others do not.
 *
 * SBPF_IOC_CREATE returns a close-on-exec file descriptor that owns the new
 * sandbox; nested in the caller's own if the caller is a member. Errors:
 * EINVAL bad flag, limit or name; ENOENT no such policy; EPERM the policy is
 * not open to all and the caller lacks CAP_SYS_ADMIN; E2BIG nested too deep;
 * ENOMEM; or what the policy's sandbox_init returned.
 *
 * SBPF_IOC_OPEN returns another descriptor of a sandbox. Errors: ENOENT no
 * such sandbox within the caller's reach.
 *
 * SBPF_IOC_RECORDS tells state and statistics of many sandboxes, those that SBPF_IOC_LIST
 * lists; each as of its own moment. One request looks at a bounded number of them: fewer
 * records than fitted, or none, may be filled although there are more, which @from says.
 * Sandboxes that are created meanwhile have higher numbers than all before. Errors:
 * EINVAL no such record, or a size of less than 8; E2BIG a size of more than a page; ENOMEM;
 * EFAULT, then some of the records may have been filled; EINTR the caller is being killed.
 *
 * SBPF_IOC_SELF tells state and statistics of the caller's innermost sandbox; mmap(2) maps
 * a page that has the same, see struct sbpf_usage. Errors of both: ENODEV the caller is
 * in none, or in one with SBPF_SANDBOX_STEALTH. Errors of mmap(2): EINVAL not one page at
 * offset 0; EACCES not for reading only; ENOMEM.
 */
#define SBPF_IOC_INFO		_IOWR('s', 0x00, struct sbpf_info)
#define SBPF_IOC_POLICY		_IOWR('s', 0x01, struct sbpf_policy_info)
#define SBPF_IOC_CREATE		_IOW('s', 0x02, struct sbpf_create)
#define SBPF_IOC_LIST		_IOWR('s', 0x03, struct sbpf_ids)
#define SBPF_IOC_OPEN		_IOW('s', 0x04, struct sbpf_open)
#define SBPF_IOC_LEDGER		_IOWR('s', 0x05, struct sbpf_ledger_info)
#define SBPF_IOC_SELF		_IOWR('s', 0x06, struct sbpf_stat)
#define SBPF_IOC_RECORDS	_IOWR('s', 0x07, struct sbpf_records)

/*
 * On the descriptor of a sandbox. All but STAT and ENTER fail with EPERM for a
 * member of any sandbox that this one is not nested in, itself included.
 * poll(2) reports POLLIN when the sandbox has been entered and no task is
 * left in it (nor in one nested in it).
 *
 * SBPF_IOC_ENTER makes the calling process with all its threads a member.
 * Errors: EPERM without CAP_SYS_ADMIN: the policy is not open to all, or a thread
 * lacks no_new_privs; EPERM the caller is a member already of another sandbox than
 * the one this is nested in; ESRCH the sandbox is dying or its policy is gone, or
 * that of one around it; EBUSY the caller is tracing a process; EAGAIN limit of
 * processes, or threads appear faster than they can be taken in; EINTR the caller
 * is being killed; EXDEV the caller, or a thread of it, is not in the control group of the
 * sandbox, or of that around it; ENOMEM.
 *
 * SBPF_IOC_KILL sends SIGKILL to every member, those of nested sandboxes
 * included, and lets nothing new into it.
 *
 * SBPF_IOC_SET_RULES replaces the rules of the sandbox, in one step for its members.
 * They hold their objects as open descriptors would. Rules have an effect where a
 * policy asks them. Errors, with nothing changed: EBADF a descriptor is not open;
 * EBADFD it is of a pipe or another object that is on no file tree; ENOTDIR names in
 * what is no directory; EOPNOTSUPP names in one whose file system takes others for
 * the same (vfat, case-folding ext4); EINVAL unknown access, right or flag, or a rule that makes no
 * sense; E2BIG more than SBPF_RULES_MAX, SBPF_NAMES_MAX or SBPF_NAMES_DIR_MAX; ENOMEM; EINTR
 * the caller is being killed.
 *
 * SBPF_IOC_GET_RULES tells rules, in an order that stays while nobody sets any. One request
 * fills a bounded number of records. Errors: EINVAL no such kind; ENOMEM.
 *
 * SBPF_IOC_SET_LIMITS sets limits; those that it does not name stay. Errors, with nothing
 * changed: EINVAL unknown resource or action, a limit of 0 or too high, an action that
 * it cannot have: SBPF_ACTION_DENY of time, SBPF_ACTION_NOTIFY of SBPF_RESOURCE_FILE_SIZE;
 * EOPNOTSUPP the resource cannot be limited, or this kernel keeps no account of it, or the
 * control group lacks the controller, or does not tell what the action takes; ENOENT
 * it takes a control group, and there is none; EACCES and others: the caller may not write
 * to its files; EXDEV something else is mounted in their place; E2BIG more than
 * SBPF_LIMITS_MAX; EBUSY, ENOMEM and others: what would have to be hooked for it cannot be.
 *
 * SBPF_IOC_SET_CGROUP names the control group of the sandbox, once and for all, by a
 * descriptor of its directory: limits are set there, as if the caller wrote to its files,
 * and memory is told from there. The caller must be allowed to write to its cgroup.procs. It
 * should be the sandbox's own, or what others in it use is told as well, and counts. Only who
 * is in it, or in one below it, enters.
 *
 * Whatever the policy, no member, root included, takes anybody out of it or changes its
 * limits: what members write to its files is denied (EPERM, SBPF_EVENT_CGROUP), but
 * cgroup.procs, cgroup.threads and cgroup.subtree_control, and so is what they write to
 * files of groups that are not below it, whoever opened them; and clone3(2) with
 * CLONE_INTO_CGROUP, whatever the group. Not so with SBPF_RIGHT_CGROUP. Who is not in the
 * sandbox, nor in one around it that has a group, moves members as ever.
 *
 * Errors: EBADF no descriptor, or not of a group of version 2; EACCES the caller may not say
 * who is in it; EXDEV the sandbox is nested in one with a control group that this is not in;
 * EBUSY it has one already, or has been entered; EOPNOTSUPP this kernel has none of memory;
 * ENOMEM.
 *
 * SBPF_IOC_THAW lets members go on that SBPF_ACTION_FREEZE has stopped.
 *
 * SBPF_IOC_MEMBERS lists the live threads of the sandbox and of those nested in
 * it, by their numbers in the caller's pid namespace.
 */
#define SBPF_IOC_ENTER		_IO('s', 0x10)
#define SBPF_IOC_KILL		_IO('s', 0x11)
#define SBPF_IOC_STAT		_IOWR('s', 0x12, struct sbpf_stat)
#define SBPF_IOC_MEMBERS	_IOWR('s', 0x13, struct sbpf_ids)
#define SBPF_IOC_SET_POLICY	_IOW('s', 0x14, struct sbpf_set_policy)
#define SBPF_IOC_SET_LIMITS	_IOW('s', 0x15, struct sbpf_set_limits)
#define SBPF_IOC_SET_COMPLAIN	_IOW('s', 0x16, __u32)
#define SBPF_IOC_SET_RULES	_IOW('s', 0x17, struct sbpf_set_rules)
#define SBPF_IOC_THAW		_IO('s', 0x18)
#define SBPF_IOC_GET_RULES	_IOWR('s', 0x19, struct sbpf_get_rules)
#define SBPF_IOC_SET_CGROUP	_IOW('s', 0x1a, __s32)

/**
 * enum sbpf_event_type - What an event tells
 * @SBPF_EVENT_DENIED: an operation was denied (tracepoint sbpf:sbpf_denied)
 * @SBPF_EVENT_NOTE: a policy's own message (sbpf:sbpf_note)
 * @SBPF_EVENT_ERROR: a policy returned a verdict out of range, taken as -EPERM
 *	(sbpf:sbpf_error); the denial follows as an event of its own. Or, with
 *	SBPF_EVENT_LIMIT, a limit could not be lowered as a policy wanted, and stays
 * @SBPF_EVENT_WRITE: a BPF program called bpf_probe_write_user()
 *	(sbpf:sbpf_write)
 * @SBPF_EVENT_LOAD: a BPF program was loaded that could change what is not its own, or
 *	was not to be loaded (sbpf:sbpf_load)
 * @SBPF_EVENT_CONTROL: something was done to sbpf itself: a policy was registered,
 *	replaced or unregistered, a mode set, or somebody got a descriptor of a
 *	policy's program, map or link by its number or pin (sbpf:sbpf_control)
 * @SBPF_EVENT_SANDBOX: a sandbox was created, entered, moved to another policy,
 *	lost its policy, is being killed, was frozen or thawed, or is gone
 *	(sbpf:sbpf_sandbox)
 */
enum sbpf_event_type {
	SBPF_EVENT_DENIED,
	SBPF_EVENT_NOTE,
	SBPF_EVENT_ERROR,
	SBPF_EVENT_WRITE,
	SBPF_EVENT_SANDBOX,
	SBPF_EVENT_LOAD,
	SBPF_EVENT_CONTROL,
};

/**
 * enum sbpf_event_flags - Flags of an event
 * @SBPF_EVENT_COMPLAIN: the denial was not carried out (complain mode, or
 *	SBPF_ACTION_NOTIFY)
 * @SBPF_EVENT_LIMIT: the denial came from a resource limit
 * @SBPF_EVENT_ORPHANED: the denial came from the loss of the policy or the
 *	sandbox's being killed, no policy was asked
 * @SBPF_EVENT_KILLED: the sandbox is killed for it (SBPF_ACTION_KILL)
 * @SBPF_EVENT_FROZEN: the sandbox is frozen for it (SBPF_ACTION_FREEZE)
 * @SBPF_EVENT_CGROUP: the denial keeps members in the control group of the sandbox, no
 *	policy was asked
 */
enum sbpf_event_flags {
	SBPF_EVENT_COMPLAIN	= 1U << 0,
	SBPF_EVENT_LIMIT	= 1U << 1,
	SBPF_EVENT_ORPHANED	= 1U << 2,
	SBPF_EVENT_KILLED	= 1U << 3,
	SBPF_EVENT_FROZEN	= 1U << 4,
	SBPF_EVENT_CGROUP	= 1U << 5,
};

/** SBPF_WRITE_USER_MAX: most bytes that a policy writes into user memory at a time. */
#define SBPF_WRITE_USER_MAX	256

/** SBPF_TEXT_MAX: length of the text of an event with its NUL. */
#define SBPF_TEXT_MAX		256

/**
 * struct sbpf_event - One event
 * @seq: sequence number, one more for each event of the system, of any type
 * @time_ns: CLOCK_BOOTTIME in nanoseconds
 * @sandbox: number of the sandbox that denied, noted or changed; 0 for none
 * @policy_generation: generation of the policy that was asked
 * @type: enum sbpf_event_type
 * @op: enum sbpf_op (denied, error), else SBPF_OP_MAX, also when a limit was passed
 *	without being asked about, and for a write to a control group
 * @error: verdict: 0 or -errno; the faulty value itself for an error, -errno for a limit
 *	that stays
 * @flags: enum sbpf_event_flags
 * @layer: layer of @sandbox
 * @pid: thread that acted, in the initial pid namespace; 0 for nobody in particular
 * @tgid: its process
 * @target_pid: object: task acted upon (ptrace, kill, write, task_*), 0 for none
 * @number: object: signal (kill), mode (ptrace, chmod, mknod, mkdir), protection
 *	(mmap, mprotect), clone flags (task_alloc), address family (sockets, but
 *	the backlog for listen), user or group id (setuid, setgid, chown),
 *	capability, CLOCK_REALTIME in seconds (settime), type of the BPF program
 *	(load, bpf_prog_load), number of a program, map or link (control), the
 *	policy's own (note);
 *	else the number, command, type or flags among the operation's arguments
 * @addr: object: address written to (write) or mapped (mprotect); type
 *	(socket_create); number of the IPC object (ipc_permission) or of the BPF
 *	program (load; 0 if that was denied)
 * @len: object: number of bytes written (write), mapped (mprotect), sent
 *	(sendmsg) or set (setxattr); protocol (socket_create)
 * @ino: object: inode of the file, 0 for none and for one that does not exist yet
 * @dev: object: device of the file as the kernel encodes it (major << 20 | minor)
 * @port: object: port (connect, bind, sendmsg)
 * @resource: enum sbpf_resource, with SBPF_EVENT_LIMIT and of charge
 * @comm: name of the thread that acted
 * @target_comm: name of the task acted upon, or of the BPF program (load)
 * @policy: name of the policy
 * @text: object: path of the file (the old one for rename, the new one for link,
 *	that of the mount point for mounts, within its file system for inode_*),
 *	address as text (sockets), description (keys), kind of file
 *	(inode_init_security_anon), name of the BPF program (write, bpf_prog_load),
 *	module or core_pattern (kernel_read_file without a file), what it could do
 *	(load), the policy's own (note), what happened (sandbox, control)
 */
struct sbpf_event {
	__u64 seq;
	__u64 time_ns;
	__u64 sandbox;
	__u64 policy_generation;
	__u32 type;
	__u32 op;
	__s32 error;
	__u32 flags;
	__u32 layer;
	__u32 pid;
	__u32 tgid;
	__u32 target_pid;
	__u64 number;
	__u64 addr;
	__u64 len;
	__u64 ino;
	__u32 dev;
	__u16 port;
	__u16 resource;
	char comm[16];
	char target_comm[16];
	char policy[SBPF_NAME_MAX];
	char text[SBPF_TEXT_MAX];
};

/**
 * enum sbpf_mapping - What is mapped where a process's memory was written to
 * @SBPF_MAPPING_UNKNOWN: it could not be told: the mappings were being changed
 * @SBPF_MAPPING_NONE: nothing, or the write is not into memory (registers)
 * @SBPF_MAPPING_FILE: a file, of which it may be a private copy
 * @SBPF_MAPPING_HEAP: the heap (brk)
 * @SBPF_MAPPING_STACK: the stack of the first thread
 * @SBPF_MAPPING_ANONYMOUS: other anonymous memory
 */
enum sbpf_mapping {
	SBPF_MAPPING_UNKNOWN,
	SBPF_MAPPING_NONE,
	SBPF_MAPPING_FILE,
	SBPF_MAPPING_HEAP,
	SBPF_MAPPING_STACK,
	SBPF_MAPPING_ANONYMOUS,
};

/** SBPF_PROGRAM_MAX: length of the name of a program or function with its NUL. */
#define SBPF_PROGRAM_MAX	64

/** SBPF_PATH_MAX: length of the path in a record with its NUL. */
#define SBPF_PATH_MAX		128

/**
 * struct sbpf_write_record - A write into the memory of a process by another party
 *	(read(2) of /dev/sbpf_ledger, tracepoint sbpf:mem_write)
 * @seq: sequence number, one more for each record
 * @time_ns: CLOCK_BOOTTIME in nanoseconds
 * @sandbox: number of the writer's sandbox, 0 for none
 * @target_sandbox: number of the target's sandbox, 0 for none
 * @addr: address; for registers what the request gives instead: an offset in
 *	struct user (POKEUSER), a type (SETREGSET), a number (ARCH_PRCTL,
 *	SET_THREAD_AREA), else 0; for a load the expected attach type
 * @len: length in bytes that was asked for; 0 if not known (SETREGSET); for a load the
 *	number of instructions
 * @tag: of the BPF program; zero for a load that is denied, as it has none yet
 * @channel: enum sbpf_channel
 * @error: verdict: 0, then the kernel goes on, or -EPERM, then nothing was written
 * @pid: thread that writes, or loads, in the initial pid namespace; for a BPF program
 *	that which loaded it; 0 if not known
 * @tgid: its process
 * @uid: its user, in the initial user namespace; for a BPF program its loader's
 * @target_pid: thread written to (ptrace, BPF), or one whose memory it is
 * @target_tgid: its process
 * @target_uid: its user
 * @request: of ptrace(2), or 0; for a load the type of the program
 * @program_id: of the BPF program, 0 for none, if not known and for a load that is denied
 * @mapping: enum sbpf_mapping that @addr is in
 * @prot: its protection, PROT_*
 * @comm: name of that thread
 * @target_comm: name of the thread written to
 * @program: name of the BPF program; for SBPF_CHANNEL_OTHER of the kernel's function
 * @path: of the file that is mapped, as the writer sees it, its end if it is long; of a BPF
 *	program's write ".../" and its name alone; for a load what the program could do: what
 *	it calls, and where it is to be attached
 */
struct sbpf_write_record {
	__u64 seq;
	__u64 time_ns;
	__u64 sandbox;
	__u64 target_sandbox;
	__u64 addr;
	__u64 len;
	__u8 tag[8];
	__u32 channel;
	__s32 error;
	__u32 pid;
	__u32 tgid;
	__u32 uid;
	__u32 target_pid;
	__u32 target_tgid;
	__u32 target_uid;
	__u32 request;
	__u32 program_id;
	__u32 mapping;
	__u32 prot;
	char comm[16];
	char target_comm[16];
	char program[SBPF_PROGRAM_MAX];
	char path[SBPF_PATH_MAX];
};

#endif /* _UAPI_SBPF_H */
