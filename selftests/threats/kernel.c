// SPDX-License-Identifier: GPL-2.0-only
/* Attacks on the kernel's settings and on the sandbox itself. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <linux/mount.h>
#include <linux/netlink.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <linux/tiocl.h>
#include <linux/userfaultfd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/quota.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <arpa/inet.h>

#include "sbpf.h"
#include "threats.h"

#ifndef SYS_listmount
#define SYS_statmount		457
#define SYS_listmount		458
#endif
#ifndef SYS_listns
#define SYS_listns		470
#endif
#ifndef SYS_open_tree_attr
#define SYS_open_tree_attr	467
#endif

#define LIST "escapes"

/* Mounts. Each is undone where it works. */

ATTACK(mount, bind, ROOT, "sb_mount:EPERM:/mnt|capable:EPERM:")
{
	return result(mount(HOME "/.ssh", T "/mnt", NULL, MS_BIND, NULL)) ?:
	       reads_secret(open(T "/mnt/key", O_RDONLY)) ?: result(umount2(T "/mnt", MNT_DETACH));
}

ATTACK(mount, tmpfs, ROOT, "sb_mount:EPERM:/mnt|capable:EPERM:")
{
	return result(mount("none", T "/mnt", "tmpfs", 0, NULL)) ?: result(umount(T "/mnt"));
}

ATTACK(mount, remount, ROOT, "sb_mount:EPERM:/dev/mqueue|capable:EPERM:")
{
	return result(mount(NULL, "/dev/mqueue", NULL, MS_REMOUNT | MS_BIND | MS_NOEXEC, NULL)) ?:
	       result(mount(NULL, "/dev/mqueue", NULL, MS_REMOUNT | MS_BIND | MS_RELATIME, NULL));
}

ATTACK(mount, propagation, ROOT, "sb_mount:EPERM:/dev/mqueue|capable:EPERM:")
{
	return result(mount(NULL, "/dev/mqueue", NULL, MS_PRIVATE, NULL));
}

ATTACK(mount, umount, ROOT, "sb_umount:EPERM:|capable:EPERM:")
{
	return result(umount2("/dev/mqueue", MNT_DETACH)) ?:
	       result(mount("mqueue", "/dev/mqueue", "mqueue", 0, NULL));
}

static int fsopen_tmpfs(void)
{
	int context = syscall(SYS_fsopen, "tmpfs", 0);

	if (context < 0)
		return -1;
	syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	return syscall(SYS_fsmount, context, 0, 0);
}

ATTACK(mount, fsopen, ROOT, "capable:EPERM:|move_mount:EPERM:/mnt")
{
	int mnt = fsopen_tmpfs();

	return result(mnt) ?: result(syscall(SYS_move_mount, mnt, "", AT_FDCWD, T "/mnt",
					     MOVE_MOUNT_F_EMPTY_PATH)) ?:
	       result(umount2(T "/mnt", MNT_DETACH));
}

/* Used without being anywhere: no rule is about it. */
ATTACK(mount, fsopen_unattached, ROOT, "capable:EPERM:|path_mknod:EACCES:/evil")
{
	int mnt = fsopen_tmpfs();

	return result(mnt) ?: result(openat(mnt, "evil", O_RDWR | O_CREAT, 0644));
}

ATTACK(mount, fspick, ROOT, "capable:EPERM:")
{
	return result(syscall(SYS_fspick, AT_FDCWD, "/dev/shm", 0));
}

ATTACK(mount, fsconfig, ROOT, "capable:EPERM:")
{
	int context = syscall(SYS_fspick, AT_FDCWD, "/dev/shm", 0);

	return result(context) ?: result(syscall(SYS_fsconfig, context, FSCONFIG_CMD_RECONFIGURE,
						 NULL, NULL, 0));
}

ATTACK(mount, open_tree, ROOT, "capable:EPERM:|file_open:EACCES:/key")
{
	int tree = syscall(SYS_open_tree, AT_FDCWD, HOME "/.ssh", OPEN_TREE_CLONE);

	return result(tree) ?: reads_secret(openat(tree, "key", O_RDONLY));
}

ATTACK(mount, open_tree_attr, ROOT | NEWER, "capable:EPERM:")
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_NOATIME, .attr_clr = MOUNT_ATTR__ATIME };

	return result(syscall(SYS_open_tree_attr, AT_FDCWD, HOME, OPEN_TREE_CLONE, &attr,
			      sizeof(attr)));
}

ATTACK(mount, move_mount, ROOT, "capable:EPERM:|move_mount:EPERM:")
{
	int tree = syscall(SYS_open_tree, AT_FDCWD, HOME "/.ssh", 0);

	/* It is no mount: EINVAL comes after all checks. */
	return syscall(SYS_move_mount, tree, "", AT_FDCWD, T "/mnt", MOVE_MOUNT_F_EMPTY_PATH) &&
	       errno != EINVAL ? errno : 0;
}

ATTACK(mount, mount_setattr, ROOT, "capable:EPERM:")
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_NOEXEC };
	int err = result(syscall(SYS_mount_setattr, AT_FDCWD, "/dev/mqueue", 0, &attr,
				 sizeof(attr)));

	attr.attr_clr = MOUNT_ATTR_NOEXEC;
	attr.attr_set = 0;
	syscall(SYS_mount_setattr, AT_FDCWD, "/dev/mqueue", 0, &attr, sizeof(attr));
	return err;
}

ATTACK(mount, pivot_root, ROOT, "capable:EPERM:|sb_pivotroot:EPERM:")
{
	return syscall(SYS_pivot_root, HOME, HOME) && errno != EINVAL && errno != EBUSY ? errno : 0;
}

ATTACK(mount, chroot, ROOT, "capable:EPERM:|path_chroot:EPERM:")
{
	return result(chroot(HOME));
}

ATTACK(mount, by_descriptor, ROOT, "sb_mount:EPERM:|capable:EPERM:")
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", open(HOME "/.ssh", O_PATH));
	return result(mount(path, T "/mnt", NULL, MS_BIND | MS_REC, NULL)) ?:
	       result(umount2(T "/mnt", MNT_DETACH));
}

/* 24 bytes are enough for all kernels that have it. */
struct mount_request { uint32_t size, spare; uint64_t id, param; };

ATTACK(mount, listed, BOTH, "hole")
{
	struct mount_request request = { 24, 0, ~0ULL, 0 };
	uint64_t ids[64];

	return result(syscall(SYS_listmount, &request, ids, 64, 0));
}

ATTACK(mount, told, BOTH, "hole")
{
	struct mount_request request = { 24, 0, ~0ULL, 0 };
	uint64_t id, told[512];

	if (syscall(SYS_listmount, &request, &id, 1, 0) != 1)
		return errno;
	/* STATMOUNT_MNT_BASIC */
	request.id = id;
	request.param = 2;
	return result(syscall(SYS_statmount, &request, told, sizeof(told), 0));
}

/* Namespaces. */

#define NAMESPACE(way, who, flag, verdict)					\
	ATTACK(namespaces, way, who, verdict)					\
	{									\
		return result(unshare(flag));					\
	}									\
	ATTACK(namespaces, way##_by_clone3, who, verdict)			\
	{									\
		struct clone_args args = { .flags = flag, .exit_signal = SIGCHLD };	\
		pid_t child = syscall(SYS_clone3, &args, sizeof(args));		\
										\
		if (!child)							\
			_exit(0);						\
		return result(child);						\
	}

/* One that there is; that it is the caller's own as well is no matter. */
#define NAMESPACE_OF_ALL(way, name, flag)					\
	NAMESPACE(way, ROOT, flag, "capable:EPERM:")				\
	ATTACK(namespaces, way##_by_file, ROOT, "file_open:EACCES:" name)	\
	{									\
		int fd = open("/proc/self/ns/" name, O_RDONLY);			\
										\
		return result(fd) ?: result(setns(fd, flag));			\
	}									\
	ATTACK(namespaces, way##_of_itself, ROOT, "capable:EPERM:")		\
	{									\
		return result(setns(syscall(SYS_pidfd_open, getpid(), 0), flag));	\
	}									\
	ATTACK(namespaces, way##_of_a_process, ROOT,				\
	       "capable:EPERM:|ptrace_access_check:EPERM:")			\
	{									\
		return result(setns(syscall(SYS_pidfd_open, stage.victim, 0), flag));	\
	}

NAMESPACE(user, BOTH, CLONE_NEWUSER, "userns_create:EPERM:")
NAMESPACE(user_and_mount, BOTH, CLONE_NEWUSER | CLONE_NEWNS, "userns_create:EPERM:")
NAMESPACE_OF_ALL(mount, "mnt", CLONE_NEWNS)
NAMESPACE_OF_ALL(network, "net", CLONE_NEWNET)
NAMESPACE_OF_ALL(pid, "pid", CLONE_NEWPID)
NAMESPACE_OF_ALL(ipc, "ipc", CLONE_NEWIPC)
NAMESPACE_OF_ALL(cgroup, "cgroup", CLONE_NEWCGROUP)
NAMESPACE_OF_ALL(time, "time", CLONE_NEWTIME)
NAMESPACE_OF_ALL(uts, "uts", CLONE_NEWUTS)

ATTACK(namespaces, user_received, ROOT, "file_receive:EACCES:user")
{
	int fd = ask_for(A_USERNS, receive);

	return result(fd) ?: result(setns(fd, CLONE_NEWUSER));
}

ATTACK(namespaces, clone, BOTH, "userns_create:EPERM:")
{
	pid_t child = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);

	if (!child)
		_exit(0);
	return result(child);
}

ATTACK(namespaces, listed, BOTH | NEWER, "hole")
{
	struct {
		uint32_t size, spare;
		uint64_t id;
		uint32_t types, spare2;
		uint64_t user;
	} request = { .size = sizeof(request) };
	uint64_t ids[64];

	return result(syscall(SYS_listns, &request, ids, 64, 0));
}

/* Cores, which the kernel writes; the name is that of the test machine. */

ATTACK(core_dumps, into_a_directory, BOTH, "path_mknod:EACCES:/home/core")
{
	const struct rlimit limit = { 1 << 20, 1 << 20 };
	pid_t child;

	if (chdir(HOME) || setrlimit(RLIMIT_CORE, &limit))
		return errno;
	child = fork();
	if (!child)
		abort();
	waitpid(child, NULL, 0);
	return access(HOME "/core", F_OK) ? EACCES : 0;
}

/* What root sets. */

#define SETTING(way, file, verdict)						\
	ATTACK(settings, way, ROOT, verdict)					\
	{									\
		char text[4096];						\
		int err = read_text(file, text, sizeof(text));			\
										\
		/* The same value again: it could be another. */		\
		return err ?: write_text(file, text);				\
	}

SETTING(core_pattern, "/proc/sys/kernel/core_pattern", "file_open:EACCES:/core_pattern")
SETTING(modprobe, "/proc/sys/kernel/modprobe", "file_open:EACCES:/modprobe")
SETTING(sysrq, "/proc/sys/kernel/sysrq", "file_open:EACCES:/sysrq")
SETTING(ptrace_scope, "/proc/sys/kernel/yama/ptrace_scope", "file_open:EACCES:/ptrace_scope")
SETTING(overcommit, "/proc/sys/vm/overcommit_memory", "file_open:EACCES:/overcommit_memory")
SETTING(hostname_file, "/proc/sys/kernel/hostname", "file_open:EACCES:/hostname")
SETTING(irq_affinity, "/proc/irq/default_smp_affinity", "file_open:EACCES:/default_smp_affinity")
SETTING(sysfs, "/sys/kernel/profiling", "file_open:EACCES:/profiling")
SETTING(write_guard, "/sys/module/sbpf/parameters/bpf_write", "file_open:EACCES:/bpf_write")
SETTING(cgroup, "/sys/fs/cgroup/cgroup.max.depth", "file_open:EACCES:/cgroup.max.depth")
SETTING(tracefs, "/sys/kernel/tracing/tracing_on", "file_open:EACCES:/tracing_on|file_open:EACCES:")
SETTING(debugfs, "/sys/kernel/debug/kprobes/enabled", "file_open:EACCES:/enabled|file_open:EACCES:")

SETTING(poweroff_command, "/proc/sys/kernel/poweroff_cmd", "file_open:EACCES:/poweroff_cmd")
SETTING(helpers, "/proc/sys/kernel/usermodehelper/bset", "file_open:EACCES:/bset")
SETTING(cores_of_setuid, "/proc/sys/fs/suid_dumpable", "file_open:EACCES:/suid_dumpable")
SETTING(kernel_pointers, "/proc/sys/kernel/kptr_restrict", "file_open:EACCES:/kptr_restrict")
SETTING(address_space, "/proc/sys/kernel/randomize_va_space",
	"file_open:EACCES:/randomize_va_space")

/* What not all kernels have. */
static int set_if_there(const char *path, const char *text)
{
	int err = write_text(path, text);

	return err == ENOENT ? ENOSYS : err;
}

ATTACK(settings, uevent_helper, ROOT | NEWER, "file_open:EACCES:/uevent_helper")
{
	return set_if_there("/sys/kernel/uevent_helper", "\n");
}

ATTACK(settings, firmware, ROOT | NEWER, "file_open:EACCES:/path")
{
	return set_if_there("/sys/module/firmware_class/parameters/path", "\n");
}

/* Something that happens to a device, of which nothing is true. */
ATTACK(settings, uevent, ROOT, "file_open:EACCES:/uevent")
{
	return write_text("/sys/devices/virtual/mem/null/uevent", "change");
}

/* A program that runs others of some kind, in whatever namespace: as whoever starts them. */
ATTACK(settings, binfmt_misc, ROOT | NEWER, "file_open:EACCES:/register")
{
	return set_if_there("/proc/sys/fs/binfmt_misc/register",
			    ":threats:M::threats::" T "/bin/setuid:C") ?:
	       write_text("/proc/sys/fs/binfmt_misc/threats", "-1");
}

ATTACK(settings, sysrq_trigger, ROOT, "file_open:EACCES:/sysrq-trigger")
{
	/* Help. */
	return write_text("/proc/sysrq-trigger", "h");
}

ATTACK(settings, securityfs, ROOT, "file_open:EACCES:")
{
	return result(open("/sys/kernel/security/lsm", O_RDONLY));
}

ATTACK(settings, own_oom_score, BOTH, "file_open:EACCES:/oom_score_adj")
{
	return write_text("/proc/self/oom_score_adj", "500");
}

ATTACK(settings, hostname, ROOT, "capable:EPERM:")
{
	char name[64];

	gethostname(name, sizeof(name));
	return result(sethostname(name, strlen(name)));
}

ATTACK(settings, domainname, ROOT, "capable:EPERM:")
{
	char name[64];

	return result(getdomainname(name, sizeof(name))) ?:
	       result(setdomainname(name, strlen(name)));
}

ATTACK(settings, reboot, ROOT, "capable:EPERM:")
{
	return result(syscall(SYS_reboot, 0xfee1dead, 672274793, 0, NULL));
}

ATTACK(settings, clock, ROOT, "settime:EPERM:|capable:EPERM:")
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return result(clock_settime(CLOCK_REALTIME, &now));
}

ATTACK(settings, clock_by_settimeofday, ROOT, "settime:EPERM:|capable:EPERM:")
{
	struct timeval now;

	gettimeofday(&now, NULL);
	return result(settimeofday(&now, NULL));
}

ATTACK(settings, clock_adjusted, ROOT, "capable:EPERM:")
{
	struct timex t = { .modes = ADJ_TICK, .tick = 10000 };

	return result(adjtimex(&t));
}

ATTACK(settings, swap, ROOT, "capable:EPERM:")
{
	return swapon(T "/bin", 0) && errno != EISDIR ? errno : 0;
}

ATTACK(settings, accounting, ROOT, "capable:EPERM:")
{
	return result(acct(NULL));
}

ATTACK(settings, quota, ROOT, "capable:EPERM:")
{
	return quotactl(QCMD(Q_QUOTAOFF, 0), "/dev/vda", 0, NULL) && errno != ENOSYS &&
	       errno != EINVAL && errno != ESRCH ? errno : 0;
}

ATTACK(settings, quota_by_descriptor, ROOT, "capable:EPERM:")
{
	return syscall(SYS_quotactl_fd, open("/", O_PATH), QCMD(Q_QUOTAOFF, 0), 0, NULL) &&
	       errno != ENOSYS && errno != EINVAL && errno != ESRCH ? errno : 0;
}

ATTACK(settings, ports, ROOT, "capable:EPERM:")
{
	return result(ioperm(0x80, 1, 1));
}

ATTACK(settings, io_level, ROOT, "capable:EPERM:")
{
	return result(syscall(SYS_iopl, 3));
}

ATTACK(settings, kernel_log, ROOT, "syslog:EPERM:|capable:EPERM:")
{
	return result(syscall(SYS_syslog, 7, NULL, 0));
}

ATTACK(settings, priority, ROOT, "capable:EPERM::EACCES")
{
	return result(setpriority(PRIO_PROCESS, 0, -20));
}

ATTACK(settings, realtime, ROOT, "capable:EPERM:")
{
	const struct sched_param param = { 50 };

	return result(sched_setscheduler(0, SCHED_FIFO, &param));
}

ATTACK(settings, limits, ROOT, "capable:EPERM:")
{
	const struct rlimit more = { 1 << 20, 1 << 20 };
	const struct rlimit less = { 64, 64 };

	return result(setrlimit(RLIMIT_NOFILE, &less)) ?: result(setrlimit(RLIMIT_NOFILE, &more));
}

ATTACK(settings, memory_map, ROOT, "capable:EPERM:")
{
	/* The address is none: EINVAL comes after the check. */
	return prctl(PR_SET_MM, PR_SET_MM_BRK, 0, 0, 0) && errno != EINVAL ? errno : 0;
}

ATTACK(settings, terminal_hung_up, ROOT, "capable:EPERM:")
{
	return setsid() < 0 ? errno : result(vhangup());
}

/* Modules and other kernels. */

ATTACK(modules, unload, ROOT, "capable:EPERM:")
{
	/* It is in use, if it is loaded. */
	return syscall(SYS_delete_module, "sbpf", O_NONBLOCK) && errno != EAGAIN &&
	       errno != EBUSY && errno != EWOULDBLOCK ? errno : 0;
}

ATTACK(modules, load, ROOT, "capable:EPERM:")
{
	static char image[64];

	return syscall(SYS_init_module, image, sizeof(image), "") && errno != ENOEXEC ? errno : 0;
}

ATTACK(modules, load_file, ROOT, "capable:EPERM:|kernel_read_file:EPERM:")
{
	int fd = open(BASHRC, O_RDONLY);

	return syscall(SYS_finit_module, fd, "", 0) && errno != ENOEXEC ? errno : 0;
}

/* No segments: whatever is loaded is dropped. */
ATTACK(modules, kexec, ROOT, "capable:EPERM:")
{
	return result(syscall(SYS_kexec_load, 0, 0, NULL, 0));
}

ATTACK(modules, kexec_by_file, ROOT, "capable:EPERM:|kernel_read_file:EPERM:")
{
	int fd = open(BASHRC, O_RDONLY);

	return syscall(SYS_kexec_file_load, fd, -1, 0, NULL, 4) && errno != ENOEXEC ? errno : 0;
}

ATTACK(modules, by_command, ROOT, "bprm_check_security:EACCES:|capable:EPERM:|file_open:EACCES:")
{
	/* Succeeds where it is built in or has been loaded. */
	return system("/usr/sbin/modprobe crc-itu-t 2>/dev/null") ? EACCES :
	       system("/usr/sbin/modprobe -r crc-itu-t 2>/dev/null") ? EACCES : 0;
}

/* What is done when the machine starts, or a device or module is found. */
#define PLANTED(way, dir, name)							\
	ATTACK(modules, way, ROOT, "path_mknod:EACCES:/" name)			\
	{									\
		int fd = open(dir "/" name, O_WRONLY | O_CREAT | O_EXCL, 0644);	\
										\
		return result(fd) ?: result(unlink(dir "/" name));		\
	}

PLANTED(at_boot, "/etc/modules-load.d", "threats.conf")
PLANTED(options, "/etc/modprobe.d", "threats.conf")
PLANTED(settings_at_boot, "/etc/sysctl.d", "threats.conf")
PLANTED(preload, "/etc", "ld.so.preload")

ATTACK(modules, by_protocol, BOTH, "socket_create:EACCES:")
{
	/* Whoever asks for it has it loaded, or is told that there is none. */
	return socket(AF_INET, SOCK_STREAM, 132) < 0 && errno != EPROTONOSUPPORT &&
	       errno != ESOCKTNOSUPPORT ? errno : 0;
}

/* BPF and the policy. */

static int bpf(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

ATTACK(policy, map_created, ROOT, "bpf:EPERM:")
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1
	};

	return result(bpf(BPF_MAP_CREATE, &attr));
}

/* Outside of sandboxes too: the first link, map or program that there is. */
static int object_of(int next, int open_it)
{
	union bpf_attr attr = { 0 };

	if (bpf(next, &attr))
		return -1;
	attr.link_id = attr.next_id;
	attr.next_id = 0;
	attr.open_flags = 0;
	return bpf(open_it, &attr);
}

ATTACK(policy, link_opened, ROOT, "bpf:EPERM:")
{
	return result(object_of(BPF_LINK_GET_NEXT_ID, BPF_LINK_GET_FD_BY_ID));
}

ATTACK(policy, map_opened, ROOT, "bpf:EPERM:")
{
	return result(object_of(BPF_MAP_GET_NEXT_ID, BPF_MAP_GET_FD_BY_ID));
}

ATTACK(policy, program_opened, ROOT, "bpf:EPERM:")
{
	return result(object_of(BPF_PROG_GET_NEXT_ID, BPF_PROG_GET_FD_BY_ID));
}

/* As "sbpf policy load" makes it. */
#define PIN	"/sys/fs/bpf/sbpf/rules"

ATTACK(policy, pin_opened, ROOT, "bpf:EPERM:")
{
	union bpf_attr attr = { .pathname = (uintptr_t)PIN };

	return result(bpf(BPF_OBJ_GET, &attr));
}

ATTACK(policy, pin_moved, ROOT,
       "path_rename:EACCES:/sys/fs/bpf/|capable:EPERM::EACCES|file_open:EACCES:")
{
	return result(rename(PIN, "/sys/fs/bpf/moved")) ?: result(rename("/sys/fs/bpf/moved", PIN));
}

ATTACK(policy, unpinned, ROOT, "path_unlink:EACCES:|capable:EPERM::EACCES")
{
	/* Not the policy itself: without it all that follows would be denied. */
	return result(rmdir("/sys/fs/bpf/threats")) ?: result(mkdir("/sys/fs/bpf/threats", 0700));
}

ATTACK(policy, by_command, ROOT, "file_open:EACCES:|bpf:EPERM:")
{
	return system("sbpf policy list >/dev/null 2>&1") ? EACCES : 0;
}

/* /dev/sbpf: to nest is all that it is for in there, if it may be opened. */

static int control(unsigned long request, void *arg)
{
	int dev = open("/dev/sbpf", O_RDWR | O_CLOEXEC), err;

	if (dev < 0)
		return errno;
	err = result(ioctl(dev, request, arg));
	close(dev);
	return err;
}

ATTACK(control_device, list, BOTH, "file_open:EACCES:/dev/sbpf")
{
	uint64_t ids[8];
	struct sbpf_ids list = { .size = sizeof(list), .count = 8, .ids = (uintptr_t)ids };

	return control(SBPF_IOC_LIST, &list);
}

ATTACK(control_device, create, BOTH, "file_open:EACCES:/dev/sbpf")
{
	struct sbpf_info info = { .size = sizeof(info) };

	return control(SBPF_IOC_INFO, &info);
}

/* The terminal. */

static int types(unsigned long request, void *arg)
{
	signal(SIGHUP, SIG_IGN);
	if (setsid() < 0 || ioctl(1, TIOCSCTTY, 0))
		return errno;
	return result(ioctl(1, request, arg));
}

ATTACK(terminal, other_of_the_user, BOTH, "file_open:EACCES:/dev/pts/")
{
	char path[32];

	snprintf(path, sizeof(path), "/dev/pts/%d", stage.tty);
	return result(open(path, O_RDWR | O_NOCTTY));
}

ATTACK(terminal, paste, BOTH, "file_ioctl:EACCES:/dev/pts/")
{
	char request[] = { TIOCL_PASTESEL };

	/* Not that of a console: it would say so. */
	return ioctl(1, TIOCLINUX, request) && errno != ENOTTY && errno != EINVAL ? errno : 0;
}

ATTACK(terminal, mode, BOTH, "hole")
{
	struct termios mode;

	return result(tcgetattr(1, &mode)) ?: result(tcsetattr(1, TCSANOW, &mode));
}

ATTACK(terminal, typed_into, BOTH, "file_ioctl:EACCES:/dev/pts/")
{
	return types(TIOCSTI, "x");
}

/* Keys, performance events, page faults, keyrings. */

ATTACK(keyrings, add_key, BOTH, "key_alloc:EPERM:")
{
	return result(syscall(SYS_add_key, "user", "evil", "x", 1, KEY_SPEC_PROCESS_KEYRING));
}

ATTACK(keyrings, session, BOTH, "key_alloc:EPERM:")
{
	return result(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL));
}

ATTACK(keyrings, of_the_user, BOTH, "key_permission:EPERM::ENOKEY|key_alloc:EPERM:")
{
	return result(syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_USER_KEYRING, 1));
}

ATTACK(keyrings, request_key, BOTH, "key_alloc:EPERM:|key_permission:EPERM:")
{
	/* A helper outside is asked, and has none. */
	return syscall(SYS_request_key, "user", "evil", "x", KEY_SPEC_PROCESS_KEYRING) < 0 &&
	       errno != ENOKEY && errno != ENOENT ? errno : 0;
}

/* The session's, which whoever starts the sandbox has, too. */
ATTACK(keyrings, inherited, BOTH, "key_permission:EPERM:|key_permission:EPERM::ENOKEY")
{
	char text[sizeof(SECRET)] = "";
	long key = syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user",
			   SESSION_KEY, 0);

	return result(key) ?: result(syscall(SYS_keyctl, KEYCTL_READ, key, text,
					     sizeof(text) - 1)) ?:
	       strcmp(text, SECRET) ? ENODATA : 0;
}

ATTACK(keyrings, given_to_the_parent, ROOT,
       "key_permission:EPERM:|key_permission:EPERM::ENOKEY")
{
	return result(syscall(SYS_keyctl, KEYCTL_SESSION_TO_PARENT));
}

ATTACK(perf, own, ROOT, "perf_event_open:EPERM:|capable:EPERM::EACCES")
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE, .size = sizeof(attr), .config = PERF_COUNT_SW_TASK_CLOCK
	};

	return result(syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0));
}

ATTACK(perf, other, ROOT, "perf_event_open:EPERM:|capable:EPERM::EACCES")
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE, .size = sizeof(attr), .config = PERF_COUNT_SW_TASK_CLOCK
	};

	return result(syscall(SYS_perf_event_open, &attr, stage.victim, -1, -1, 0));
}

ATTACK(userfaultfd, call, BOTH, "inode_init_security_anon:EPERM:userfaultfd")
{
	return result(syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY));
}

ATTACK(userfaultfd, device, ROOT, "file_open:EACCES:/dev/userfaultfd")
{
	return result(open("/dev/userfaultfd", O_RDWR));
}

/* What is told about files that may not be opened. */

ATTACK(watched, inotify, BOTH, "path_notify:EACCES:/.ssh")
{
	int fd = inotify_init1(IN_CLOEXEC);

	return result(fd) ?: result(inotify_add_watch(fd, HOME "/.ssh", IN_ALL_EVENTS));
}

ATTACK(watched, fanotify, ROOT, "capable:EPERM:|path_notify:EACCES:/.ssh")
{
	int fd = fanotify_init(FAN_CLASS_CONTENT, O_RDONLY);

	return result(fd) ?: result(fanotify_mark(fd, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD,
						  HOME "/.ssh"));
}

ATTACK(watched, fanotify_as_user, BOTH, "path_notify:EACCES:/.ssh")
{
	int fd = fanotify_init(FAN_CLASS_NOTIF | FAN_REPORT_FID, O_RDONLY);

	return result(fd) ?: result(fanotify_mark(fd, FAN_MARK_ADD, FAN_OPEN | FAN_EVENT_ON_CHILD,
						  AT_FDCWD, HOME "/.ssh"));
}

ATTACK(watched, looked_up, BOTH, "hole")
{
	struct stat st;

	return result(stat(KEY, &st));
}

/* io_uring, in place of each system call that it can do. */

struct ring {
	int fd;
	unsigned int *sq_tail, *sq_mask, *sq_array, *cq_head, *cq_tail, *cq_mask;
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqes;
};

/* The ring of a descriptor, made with the same parameters. */
static int ring_map(struct ring *ring, int fd, const struct io_uring_params *p)
{
	char *sq, *cq;

	ring->fd = fd;
	sq = mmap(NULL, p->sq_off.array + p->sq_entries * sizeof(unsigned int),
		  PROT_READ | PROT_WRITE, MAP_SHARED, fd, IORING_OFF_SQ_RING);
	cq = mmap(NULL, p->cq_off.cqes + p->cq_entries * sizeof(struct io_uring_cqe),
		  PROT_READ | PROT_WRITE, MAP_SHARED, fd, IORING_OFF_CQ_RING);
	ring->sqes = mmap(NULL, p->sq_entries * sizeof(struct io_uring_sqe),
			  PROT_READ | PROT_WRITE, MAP_SHARED, fd, IORING_OFF_SQES);
	if (sq == MAP_FAILED || cq == MAP_FAILED || ring->sqes == MAP_FAILED)
		return errno;
	ring->sq_tail = (void *)(sq + p->sq_off.tail);
	ring->sq_mask = (void *)(sq + p->sq_off.ring_mask);
	ring->sq_array = (void *)(sq + p->sq_off.array);
	ring->cq_head = (void *)(cq + p->cq_off.head);
	ring->cq_tail = (void *)(cq + p->cq_off.tail);
	ring->cq_mask = (void *)(cq + p->cq_off.ring_mask);
	ring->cqes = (void *)(cq + p->cq_off.cqes);
	return 0;
}

static int ring_setup(struct ring *ring, struct io_uring_params *p)
{
	int fd = syscall(SYS_io_uring_setup, 4, p);

	return result(fd) ?: ring_map(ring, fd, p);
}

/* Do one request: its result, or -errno. */
static int ring_submit(struct ring *ring, struct io_uring_sqe sqe)
{
	unsigned int at = *ring->sq_tail & *ring->sq_mask;

	ring->sqes[at] = sqe;
	ring->sq_array[at] = at;
	__atomic_store_n(ring->sq_tail, *ring->sq_tail + 1, __ATOMIC_SEQ_CST);
	if (syscall(SYS_io_uring_enter, ring->fd, 1, 1,
		    IORING_ENTER_GETEVENTS | IORING_ENTER_SQ_WAKEUP, NULL, 0) < 0)
		return -errno;
	while (__atomic_load_n(ring->cq_tail, __ATOMIC_ACQUIRE) == *ring->cq_head)
		syscall(SYS_io_uring_enter, ring->fd, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0);
	return ring->cqes[*ring->cq_head & *ring->cq_mask].res;
}

/* The same by a ring of some kind. */
static int ring_of(unsigned int flags, struct io_uring_sqe sqe)
{
	struct io_uring_params params = { .flags = flags };
	struct ring ring = { 0 };
	int none = -1, err = ring_setup(&ring, &params);

	if (err)
		return -err;
	if (sqe.file_index && syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_FILES,
				      &none, 1))
		return -errno;
	return ring_submit(&ring, sqe);
}

/* By a worker of the ring. */
static int ring_do(struct io_uring_sqe sqe)
{
	sqe.flags |= IOSQE_ASYNC;
	return ring_of(0, sqe);
}

static int ring_result(int res)
{
	return res < 0 ? -res : 0;
}

ATTACK(io_uring, setup, BOTH, "inode_init_security_anon:EPERM:io_uring")
{
	struct io_uring_params p = { 0 };

	return result(syscall(SYS_io_uring_setup, 4, &p));
}

#define BY_RING(way, verdict, ...)						\
	ATTACK(io_uring, way, BOTH | RING, verdict)				\
	{									\
		return ring_result(ring_do((struct io_uring_sqe){ __VA_ARGS__ }));	\
	}
#define PATHS(from, to)	.fd = AT_FDCWD, .addr = (uintptr_t)(from), .len = AT_FDCWD,	\
			.addr2 = (uintptr_t)(to)

BY_RING(openat, "file_open:EACCES:/.ssh/key",
	.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = (uintptr_t)KEY)
BY_RING(openat_to_write, "file_open:EACCES:/.bashrc",
	.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = (uintptr_t)BASHRC, .open_flags = O_RDWR)
BY_RING(create, "path_mknod:EACCES:/evil.desktop",
	.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = (uintptr_t)AUTOSTART "/evil.desktop",
	.open_flags = O_RDWR | O_CREAT, .len = 0644)
BY_RING(renameat, "path_rename:EACCES:/.ssh/key",
	.opcode = IORING_OP_RENAMEAT, PATHS(KEY, WORK "/key"))
BY_RING(linkat, "path_link:EACCES:/work/doc|path_link:EXDEV:/work/doc",
	.opcode = IORING_OP_LINKAT, PATHS(HOME "/doc", WORK "/doc"))
BY_RING(symlinkat, "path_symlink:EACCES:/evil.desktop",
	.opcode = IORING_OP_SYMLINKAT, .fd = AT_FDCWD, .addr = (uintptr_t)WORK "/file",
	.addr2 = (uintptr_t)AUTOSTART "/evil.desktop")
BY_RING(mkdirat, "path_mkdir:EACCES:/home/new",
	.opcode = IORING_OP_MKDIRAT, .fd = AT_FDCWD, .addr = (uintptr_t)HOME "/new", .len = 0755)
BY_RING(unlinkat, "path_unlink:EACCES:/home/doc",
	.opcode = IORING_OP_UNLINKAT, .fd = AT_FDCWD, .addr = (uintptr_t)HOME "/doc")
BY_RING(setxattr, "inode_setxattr:EACCES:",
	.opcode = IORING_OP_SETXATTR, .addr = (uintptr_t)"user.evil", .len = 1,
	.addr2 = (uintptr_t)"1", .addr3 = (uintptr_t)BASHRC)

BY_RING(exchange, "path_rename:EACCES:/.ssh/key",
	.opcode = IORING_OP_RENAMEAT, PATHS(KEY, WORK "/file"), .rename_flags = RENAME_EXCHANGE)
BY_RING(rmdir, "path_unlink:EACCES:/home/empty",
	.opcode = IORING_OP_UNLINKAT, .fd = AT_FDCWD, .addr = (uintptr_t)HOME "/empty",
	.unlink_flags = AT_REMOVEDIR)
BY_RING(fsetxattr, "inode_setxattr:EACCES:",
	.opcode = IORING_OP_FSETXATTR, .fd = open(BASHRC, O_RDONLY),
	.addr = (uintptr_t)"user.evil", .len = 1, .addr2 = (uintptr_t)"1")
/* Into a table that is none of descriptors. */
BY_RING(openat_direct, "file_open:EACCES:/.ssh/key",
	.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = (uintptr_t)KEY, .file_index = 1)

/* By the caller itself; and by a thread of the kernel that looks for requests. */
#define OPEN_KEY	(struct io_uring_sqe){ .opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, \
					       .addr = (uintptr_t)KEY }

ATTACK(io_uring, openat_at_once, BOTH | RING, "file_open:EACCES:/.ssh/key")
{
	return ring_result(ring_of(0, OPEN_KEY));
}

ATTACK(io_uring, openat_by_poller, BOTH | RING, "file_open:EACCES:/.ssh/key")
{
	return ring_result(ring_of(IORING_SETUP_SQPOLL, OPEN_KEY));
}

ATTACK(io_uring, openat2, BOTH | RING, "file_open:EACCES:/.ssh/key")
{
	uint64_t how[3] = { O_RDONLY };

	return ring_result(ring_do((struct io_uring_sqe){
		.opcode = IORING_OP_OPENAT2, .fd = AT_FDCWD, .addr = (uintptr_t)KEY,
		.len = sizeof(how), .off = (uintptr_t)how }));
}

ATTACK(io_uring, open_and_truncate, BOTH | RING, "file_open:EACCES:/.bashrc")
{
	return ring_result(ring_do((struct io_uring_sqe){
		.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = (uintptr_t)BASHRC,
		.open_flags = O_TRUNC }));
}

/* The right to use it is there by then. */
ATTACK(io_uring, ftruncate, BOTH | LENT, "path_truncate:EACCES:/notes")
{
	return ring_result(ring_do((struct io_uring_sqe){
		.opcode = IORING_OP_FTRUNCATE, .fd = open(NOTES, O_WRONLY), .off = 0 }));
}

ATTACK(io_uring, fsetxattr_writable, BOTH | LENT, "inode_setxattr:EACCES:")
{
	return ring_result(ring_do((struct io_uring_sqe){
		.opcode = IORING_OP_FSETXATTR, .fd = open(NOTES, O_WRONLY),
		.addr = (uintptr_t)"user.evil", .len = 1, .addr2 = (uintptr_t)"1" }));
}

/* What nobody is asked about, into a file that would have to be open for it. */
static int splice_by_ring(int to)
{
	int pipes[2];

	if (to < 0 || pipe(pipes) || write(pipes[1], "evil\n", 5) != 5)
		return errno;
	return ring_result(ring_do((struct io_uring_sqe){
		.opcode = IORING_OP_SPLICE, .fd = to, .off = 0, .len = 5,
		.splice_fd_in = pipes[0], .splice_off_in = -1 }));
}

ATTACK(io_uring, splice_into, BOTH | RING, "file_open:EACCES:/.bashrc")
{
	return splice_by_ring(open(BASHRC, O_WRONLY));
}

ATTACK(io_uring, splice_into_received, BOTH | RING, "file_receive:EACCES:/.bashrc")
{
	return splice_by_ring(ask_for(A_BASHRC, receive));
}

ATTACK(io_uring, core_pattern, ROOT | RING, "file_open:EACCES:/core_pattern")
{
	return ring_result(ring_do((struct io_uring_sqe){
		.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .open_flags = O_WRONLY,
		.addr = (uintptr_t)"/proc/sys/kernel/core_pattern" }));
}

/* Memory that somebody else has registered: of the victim's ring, read by a pipe. */
static int reads_buffer(struct ring *ring)
{
	int pipes[2];

	return result(pipe(pipes)) ?: ring_result(ring_submit(ring, (struct io_uring_sqe){
		.opcode = IORING_OP_WRITE_FIXED, .fd = pipes[1], .off = -1ULL,
		.addr = stage.memory, .len = strlen(SECRET) })) ?: reads_secret(pipes[0]);
}

static int victims_ring(void)
{
	return syscall(SYS_pidfd_getfd, syscall(SYS_pidfd_open, stage.victim, 0), stage.ring, 0);
}

ATTACK(io_uring, buffers_of_others, BOTH | RING, "ptrace_access_check:EPERM:browser")
{
	struct io_uring_params params = { 0 };
	struct ring own, ring;
	int fd = victims_ring();

	return result(fd) ?: ring_setup(&own, &params) ?: ring_map(&ring, fd, &params) ?:
	       reads_buffer(&ring);
}

ATTACK(io_uring, buffers_cloned, BOTH | RING | NEWER, "ptrace_access_check:EPERM:browser")
{
	struct io_uring_clone_buffers from = { .src_fd = victims_ring() };
	struct io_uring_params params = { 0 };
	struct ring own;
	int err;

	if ((int)from.src_fd < 0)
		return errno;
	err = ring_setup(&own, &params) ?:
	      result(syscall(SYS_io_uring_register, own.fd, IORING_REGISTER_CLONE_BUFFERS,
			     &from, 1)) ?: reads_buffer(&own);
	/* From the memory of another process newer kernels do not. */
	return err == EINVAL ? ENOSYS : err;
}

ATTACK(io_uring, connect, BOTH | RING, "socket_connect:EACCES:127.0.0.1")
{
	struct sockaddr_in address = {
		AF_INET, htons(stage.tcp), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)
	};

	return ring_result(ring_do((struct io_uring_sqe){
		.opcode = IORING_OP_CONNECT, .fd = socket(AF_INET, SOCK_STREAM, 0),
		.addr = (uintptr_t)&address, .off = sizeof(address) }));
}

ATTACK(io_uring, connect_unix, BOTH | RING, "unix_stream_connect:EACCES:/run/bus")
{
	struct sockaddr_un name = { AF_UNIX, BUS };

	return ring_result(ring_do((struct io_uring_sqe){
		.opcode = IORING_OP_CONNECT, .fd = socket(AF_UNIX, SOCK_STREAM, 0),
		.addr = (uintptr_t)&name, .off = sizeof(name) }));
}

static int ring_sendmsg(int opcode)
{
	struct sockaddr_in address = {
		AF_INET, htons(stage.udp), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)
	};
	struct iovec iov = { "evil", 4 };
	struct msghdr msg = {
		.msg_name = &address, .msg_namelen = sizeof(address),
		.msg_iov = &iov, .msg_iovlen = 1,
	};

	return ring_result(ring_do((struct io_uring_sqe){
		.opcode = opcode, .fd = socket(AF_INET, SOCK_DGRAM, 0),
		.addr = (uintptr_t)&msg, .len = 1 }));
}

ATTACK(io_uring, sendmsg, BOTH | RING, "socket_sendmsg:EACCES:127.0.0.1")
{
	return ring_sendmsg(IORING_OP_SENDMSG);
}

ATTACK(io_uring, sendmsg_without_copy, BOTH | RING, "socket_sendmsg:EACCES:127.0.0.1")
{
	return ring_sendmsg(IORING_OP_SENDMSG_ZC);
}

static int ring_send_to(int opcode)
{
	struct sockaddr_in address = {
		AF_INET, htons(stage.udp), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)
	};

	return ring_result(ring_do((struct io_uring_sqe){
		.opcode = opcode, .fd = socket(AF_INET, SOCK_DGRAM, 0),
		.addr = (uintptr_t)"evil", .len = 4, .addr2 = (uintptr_t)&address,
		.addr_len = sizeof(address) }));
}

ATTACK(io_uring, send_to, BOTH | RING, "socket_sendmsg:EACCES:127.0.0.1")
{
	return ring_send_to(IORING_OP_SEND);
}

ATTACK(io_uring, send_without_copy, BOTH | RING, "socket_sendmsg:EACCES:127.0.0.1")
{
	return ring_send_to(IORING_OP_SEND_ZC);
}

ATTACK(io_uring, bind, BOTH | RING, "socket_bind:EACCES:127.0.0.1")
{
	struct sockaddr_in address = {
		AF_INET, htons(5900), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)
	};

	return ring_result(ring_do((struct io_uring_sqe){
		.opcode = IORING_OP_BIND, .fd = socket(AF_INET, SOCK_STREAM, 0),
		.addr = (uintptr_t)&address, .off = sizeof(address) }));
}

static long receive_by_ring(int fd, struct msghdr *msg)
{
	int got = ring_do((struct io_uring_sqe){
		.opcode = IORING_OP_RECVMSG, .fd = fd, .addr = (uintptr_t)msg, .len = 1 });

	errno = -got;
	return got < 0 ? -1 : got;
}

ATTACK(io_uring, recvmsg, BOTH | RING, "file_receive:EACCES:/.ssh/key")
{
	return reads_secret(ask_for(A_KEY, receive_by_ring));
}

BY_RING(listen, "socket_listen:EACCES:",
	.opcode = IORING_OP_LISTEN, .fd = socket(AF_INET, SOCK_STREAM, 0), .len = 1)

ATTACK(io_uring, socket, BOTH | RING, "socket_create:EACCES:")
{
	return ring_result(ring_do((struct io_uring_sqe){
		.opcode = IORING_OP_SOCKET, .fd = AF_NETLINK, .off = SOCK_RAW,
		.len = NETLINK_ROUTE }));
}
