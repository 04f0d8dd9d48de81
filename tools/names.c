// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Names of the numbers that the module's interface consists of
 *
 * A newer module may use numbers that this command does not know yet; those
 * are "unknown".
 */
#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <linux/capability.h>
#include <sys/ptrace.h>

#include "names.h"
#include "out.h"
#include "uapi/ops.h"
#include "uapi/sbpf.h"

#define OP(name, NAME) #name,
static const char *const ops[] = { SBPF_OPS(OP) };
#undef OP

static_assert(ARRAY_SIZE(ops) == SBPF_OP_MAX, "every operation has a name");

static const char *const states[] = {
	[SBPF_STATE_LIVE] = "live",
	[SBPF_STATE_ORPHAN] = "orphan",
	[SBPF_STATE_DYING] = "dying",
	[SBPF_STATE_FROZEN] = "frozen",
};

/* Those of limits are those of the options of "sbpf run". */
static const char *const resources[] = {
	[SBPF_RESOURCE_PIDS] = "pids",
	[SBPF_RESOURCE_CPU_TIME] = "cpu-time",
	[SBPF_RESOURCE_WALL_TIME] = "wall-time",
	[SBPF_RESOURCE_OPEN_FILES] = "open-files",
	[SBPF_RESOURCE_FILES_OPENED] = "files-opened",
	[SBPF_RESOURCE_FILES_CREATED] = "files-created",
	[SBPF_RESOURCE_BYTES_READ] = "bytes-read",
	[SBPF_RESOURCE_BYTES_WRITTEN] = "bytes-written",
	[SBPF_RESOURCE_SOCKETS] = "sockets",
	[SBPF_RESOURCE_CONNECTIONS] = "connections",
	[SBPF_RESOURCE_CONNECTION_RATE] = "connection-rate",
	[SBPF_RESOURCE_EXECS] = "execs",
	[SBPF_RESOURCE_EXEC_RATE] = "exec-rate",
	[SBPF_RESOURCE_MEMORY] = "memory",
	[SBPF_RESOURCE_CPU_SHARE] = "cpu",
	[SBPF_RESOURCE_FILE_SIZE] = "file-size",
};

static_assert(ARRAY_SIZE(resources) == SBPF_RESOURCE_MAX, "every resource has a name");

static const char *const actions[] = {
	[SBPF_ACTION_DENY] = "deny",
	[SBPF_ACTION_KILL] = "kill",
	[SBPF_ACTION_FREEZE] = "freeze",
	[SBPF_ACTION_NOTIFY] = "notify",
};

static_assert(ARRAY_SIZE(actions) == SBPF_ACTION_MAX, "every action has a name");

static const char *const policy_flags[] = { "open" };

static const char *const sandbox_flags[] = { "kill-on-loss", "complain", "stealth" };

static const char *const events[] = {
	[SBPF_EVENT_DENIED] = "denied",
	[SBPF_EVENT_NOTE] = "note",
	[SBPF_EVENT_ERROR] = "error",
	[SBPF_EVENT_WRITE] = "write",
	[SBPF_EVENT_SANDBOX] = "sandbox",
	[SBPF_EVENT_LOAD] = "load",
	[SBPF_EVENT_CONTROL] = "control",
};

static const char *const write_modes[] = {
	[SBPF_WRITE_OFF] = "off",
	[SBPF_WRITE_LOG] = "log",
	[SBPF_WRITE_DENY] = "deny",
	[SBPF_WRITE_CONFINE] = "confine",
};

static const char *const channels[] = {
	[SBPF_CHANNEL_BPF] = "bpf",
	[SBPF_CHANNEL_PROCESS_VM] = "process_vm",
	[SBPF_CHANNEL_PTRACE] = "ptrace",
	[SBPF_CHANNEL_REGISTERS] = "registers",
	[SBPF_CHANNEL_PROC_MEM] = "proc_mem",
	[SBPF_CHANNEL_USERFAULTFD] = "userfaultfd",
	[SBPF_CHANNEL_OTHER] = "other",
	[SBPF_CHANNEL_LOAD] = "load",
};

static_assert(ARRAY_SIZE(channels) == SBPF_CHANNEL_MAX, "every channel has a name");

static const char *const mappings[] = {
	[SBPF_MAPPING_UNKNOWN] = "unknown",
	[SBPF_MAPPING_NONE] = "none",
	[SBPF_MAPPING_FILE] = "file",
	[SBPF_MAPPING_HEAP] = "heap",
	[SBPF_MAPPING_STACK] = "stack",
	[SBPF_MAPPING_ANONYMOUS] = "anonymous",
};

static const char *const rights[] = {
	[SBPF_RIGHT_WX] = "wx",
	[SBPF_RIGHT_ANON_EXEC] = "anon-exec",
	[SBPF_RIGHT_TRACE] = "trace",
	[SBPF_RIGHT_SIGNAL] = "signal",
	[SBPF_RIGHT_SCHED] = "sched",
	[SBPF_RIGHT_PROC] = "proc",
	[SBPF_RIGHT_IPC] = "ipc",
	[SBPF_RIGHT_UNIX] = "unix",
	[SBPF_RIGHT_USERNS] = "userns",
	[SBPF_RIGHT_MOUNT] = "mount",
	[SBPF_RIGHT_SETID] = "setid",
	[SBPF_RIGHT_CGROUP] = "cgroup",
	[SBPF_RIGHT_KEYS] = "keys",
	[SBPF_RIGHT_BPF] = "bpf",
	[SBPF_RIGHT_PERF] = "perf",
	[SBPF_RIGHT_MODULES] = "modules",
	[SBPF_RIGHT_IO_URING] = "io-uring",
	[SBPF_RIGHT_USERFAULTFD] = "userfaultfd",
	[SBPF_RIGHT_SYSLOG] = "syslog",
	[SBPF_RIGHT_TIME] = "time",
	[SBPF_RIGHT_LOCK] = "lock",
	[SBPF_RIGHT_READ_LOCK] = "read-lock",
	[SBPF_RIGHT_ABSTRACT] = "abstract",
};

static_assert(ARRAY_SIZE(rights) == SBPF_RIGHT_MAX, "every right has a name");

static const char *const capabilities[] = {
	[CAP_CHOWN] = "chown",
	[CAP_DAC_OVERRIDE] = "dac_override",
	[CAP_DAC_READ_SEARCH] = "dac_read_search",
	[CAP_FOWNER] = "fowner",
	[CAP_FSETID] = "fsetid",
	[CAP_KILL] = "kill",
	[CAP_SETGID] = "setgid",
	[CAP_SETUID] = "setuid",
	[CAP_SETPCAP] = "setpcap",
	[CAP_LINUX_IMMUTABLE] = "linux_immutable",
	[CAP_NET_BIND_SERVICE] = "net_bind_service",
	[CAP_NET_BROADCAST] = "net_broadcast",
	[CAP_NET_ADMIN] = "net_admin",
	[CAP_NET_RAW] = "net_raw",
	[CAP_IPC_LOCK] = "ipc_lock",
	[CAP_IPC_OWNER] = "ipc_owner",
	[CAP_SYS_MODULE] = "sys_module",
	[CAP_SYS_RAWIO] = "sys_rawio",
	[CAP_SYS_CHROOT] = "sys_chroot",
	[CAP_SYS_PTRACE] = "sys_ptrace",
	[CAP_SYS_PACCT] = "sys_pacct",
	[CAP_SYS_ADMIN] = "sys_admin",
	[CAP_SYS_BOOT] = "sys_boot",
	[CAP_SYS_NICE] = "sys_nice",
	[CAP_SYS_RESOURCE] = "sys_resource",
	[CAP_SYS_TIME] = "sys_time",
	[CAP_SYS_TTY_CONFIG] = "sys_tty_config",
	[CAP_MKNOD] = "mknod",
	[CAP_LEASE] = "lease",
	[CAP_AUDIT_WRITE] = "audit_write",
	[CAP_AUDIT_CONTROL] = "audit_control",
	[CAP_SETFCAP] = "setfcap",
	[CAP_MAC_OVERRIDE] = "mac_override",
	[CAP_MAC_ADMIN] = "mac_admin",
	[CAP_SYSLOG] = "syslog",
	[CAP_WAKE_ALARM] = "wake_alarm",
	[CAP_BLOCK_SUSPEND] = "block_suspend",
	[CAP_AUDIT_READ] = "audit_read",
	[CAP_PERFMON] = "perfmon",
	[CAP_BPF] = "bpf",
	[CAP_CHECKPOINT_RESTORE] = "checkpoint_restore",
};

/* By bit of enum sbpf_socket. */
static const char *const sockets[] = {
	"raw", "ping", "sctp", "packet", "route", "netlink",
	"vsock", "alg", "bluetooth", "can", "other",
};

static_assert(1U << ARRAY_SIZE(sockets) == SBPF_SOCKET_MAX, "every kind of socket has a name");

/* By bit of enum sbpf_access. */
static const char *const accesses[] = {
	"read-file", "read-dir", "write", "truncate", "execute", "map-exec", "create-file",
	"create-dir", "create-symlink", "create-special", "create-device", "remove", "refer",
	"metadata", "ioctl", "connect",
};

static_assert(1U << ARRAY_SIZE(accesses) == SBPF_ACCESS_MAX, "every access has a name");

/* By bit of enum sbpf_net_access. */
static const char *const net_accesses[] = {
	"tcp-connect", "tcp-bind", "tcp-listen", "udp-connect", "udp-bind", "udp-send",
};

static_assert(1U << ARRAY_SIZE(net_accesses) == SBPF_NET_MAX, "every access has a name");

/* By bit of enum sbpf_dev_access. */
static const char *const dev_accesses[] = { "read", "write", "mknod", "ioctl" };

static_assert(1U << ARRAY_SIZE(dev_accesses) == SBPF_DEV_MAX, "every access has a name");

static const char *look_up(const char *const *table, size_t size, __u32 index)
{
	return index < size ? table[index] : "unknown";
}

/**
 * name_op - Name of an operation
 * @op: enum sbpf_op
 *
 * Return: its name in struct sbpf_policy_ops.
 */
const char *name_op(__u32 op)
{
	return look_up(ops, ARRAY_SIZE(ops), op);
}

/**
 * name_state - Name of a sandbox's state
 * @state: enum sbpf_sandbox_state
 *
 * Return: its name.
 */
const char *name_state(__u32 state)
{
	return look_up(states, ARRAY_SIZE(states), state);
}

/**
 * name_resource - Name of a resource
 * @resource: enum sbpf_resource
 *
 * Return: its name, that of the option of "sbpf run" that limits it.
 */
const char *name_resource(__u32 resource)
{
	return look_up(resources, ARRAY_SIZE(resources), resource);
}

/**
 * name_action - Name of what happens at a limit
 * @action: enum sbpf_action
 *
 * Return: its name.
 */
const char *name_action(__u32 action)
{
	return look_up(actions, ARRAY_SIZE(actions), action);
}

/**
 * name_policy_flag - Name of a policy's flag
 * @bit: number of a bit of enum sbpf_policy_flags
 *
 * Return: its name.
 */
const char *name_policy_flag(__u32 bit)
{
	return look_up(policy_flags, ARRAY_SIZE(policy_flags), bit);
}

/**
 * name_sandbox_flag - Name of a sandbox's flag
 * @bit: number of a bit of enum sbpf_sandbox_flags
 *
 * Return: its name, that of the option of "sbpf run" that sets it.
 */
const char *name_sandbox_flag(__u32 bit)
{
	return look_up(sandbox_flags, ARRAY_SIZE(sandbox_flags), bit);
}

/**
 * name_event - Name of an event's type
 * @type: enum sbpf_event_type
 *
 * Return: its name.
 */
const char *name_event(__u32 type)
{
	return look_up(events, ARRAY_SIZE(events), type);
}

/**
 * name_write_mode - Name of what is done about writes into the memory of others
 * @mode: enum sbpf_write_mode
 *
 * Return: its name, a value of the module's parameters.
 */
const char *name_write_mode(__u32 mode)
{
	return look_up(write_modes, ARRAY_SIZE(write_modes), mode);
}

/**
 * name_channel - Name of a way to write into the memory of others
 * @channel: enum sbpf_channel
 *
 * Return: its name; with _write, but for "load", it is that of the module's parameter.
 */
const char *name_channel(__u32 channel)
{
	return look_up(channels, ARRAY_SIZE(channels), channel);
}

/**
 * name_mapping - Name of what is mapped somewhere
 * @mapping: enum sbpf_mapping
 *
 * Return: its name.
 */
const char *name_mapping(__u32 mapping)
{
	return look_up(mappings, ARRAY_SIZE(mappings), mapping);
}

/**
 * name_ptrace - Name of a request of ptrace(2) that writes
 * @request: PTRACE_*
 *
 * Return: its name.
 */
const char *name_ptrace(__u32 request)
{
	switch (request) {
	case PTRACE_POKETEXT:
		return "POKETEXT";
	case PTRACE_POKEDATA:
		return "POKEDATA";
	case PTRACE_POKEUSER:
		return "POKEUSER";
	case PTRACE_SETREGS:
		return "SETREGS";
	case PTRACE_SETFPREGS:
		return "SETFPREGS";
	case PTRACE_SETFPXREGS:
		return "SETFPXREGS";
	case PTRACE_SETREGSET:
		return "SETREGSET";
	case 26:
		return "SET_THREAD_AREA";
	case 30:
		return "ARCH_PRCTL";
	case 0x4212:
		return "SET_SYSCALL_INFO";
	}
	return "unknown";
}

/**
 * name_right - Name of a right
 * @right: enum sbpf_right
 *
 * Return: its name, as a profile has it.
 */
const char *name_right(__u32 right)
{
	return look_up(rights, ARRAY_SIZE(rights), right);
}

/**
 * name_capability - Name of a capability
 * @capability: CAP_*
 *
 * Return: its name, in lower case and without CAP_.
 */
const char *name_capability(__u32 capability)
{
	return look_up(capabilities, ARRAY_SIZE(capabilities), capability);
}

/**
 * name_socket - Name of a kind of sockets
 * @bit: number of a bit of enum sbpf_socket
 *
 * Return: its name.
 */
const char *name_socket(__u32 bit)
{
	return look_up(sockets, ARRAY_SIZE(sockets), bit);
}

/**
 * name_access - Name of what a path rule allows or denies
 * @bit: number of a bit of enum sbpf_access
 *
 * Return: its name.
 */
const char *name_access(__u32 bit)
{
	return look_up(accesses, ARRAY_SIZE(accesses), bit);
}

/**
 * name_net_access - Name of what a network rule allows or denies
 * @bit: number of a bit of enum sbpf_net_access
 *
 * Return: its name.
 */
const char *name_net_access(__u32 bit)
{
	return look_up(net_accesses, ARRAY_SIZE(net_accesses), bit);
}

/**
 * name_dev_access - Name of what a device rule allows or denies
 * @bit: number of a bit of enum sbpf_dev_access
 *
 * Return: its name.
 */
const char *name_dev_access(__u32 bit)
{
	return look_up(dev_accesses, ARRAY_SIZE(dev_accesses), bit);
}

/**
 * name_find - Number that a name stands for
 * @name: one of the functions above that tell names
 * @text: a name
 *
 * Return: the number, or -1 if it is none of the names.
 */
int name_find(const char *(*name)(__u32 number), const char *text)
{
	__u32 i;

	for (i = 0; strcmp(name(i), "unknown"); i++)
		if (!strcmp(name(i), text))
			return i;
	return -1;
}

/**
 * name_errno - Name of an error
 * @error: errno, positive or negative
 *
 * Return: its name, as "EPERM".
 */
const char *name_errno(int error)
{
	const char *name = strerrorname_np(abs(error));

	return name ? name : "unknown";
}

/**
 * name_valid - Whether policies and sandboxes can be called so
 * @name: a name
 *
 * Return: whether the module takes it; also false if it has no end within
 * SBPF_NAME_MAX bytes.
 */
bool name_valid(const char *name)
{
	size_t len = strnlen(name, SBPF_NAME_MAX), i;

	for (i = 0; i < len; i++)
		if (!isalnum((unsigned char)name[i]) && !strchr("._-", name[i]))
			return false;
	return len && len < SBPF_NAME_MAX;
}
