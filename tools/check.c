// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - "check": is this kernel able, and what is to be done where it is not
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "cgroup.h"
#include "cli.h"
#include "dev.h"
#include "names.h"
#include "out.h"
#include "pin.h"
#include "signature.h"

#define LSM_LIST	"/sys/kernel/security/lsm"
#define LOCKDOWN	"/sys/kernel/security/lockdown"

/* Each of them is in the documentation. */
#define UNDECIDED								\
	"no policy is asked about what is told of files without opening them, "	\
	"reading and writing of open files, accept, receiving, shutdown, socket options, "	\
	"data in message queues, lists of mounts and namespaces, limits, nice values, "	\
	"CPU time and end of processes outside, process_mrelease, most anonymous inodes, "	\
	"before 6.17 inode flags but as ioctls; nor, but for capabilities, "	\
	"namespaces but users', mount_setattr, fspick, adjtimex, sysctls: "	\
	"see Known holes in threat-model"

/* Why is in the documentation: Resource limits. */
#define UNLIMITED								\
	"output per second; time has no deny, file-size no notify; "			\
	"a write that begins below bytes-written is finished, up to 2 GB of each thread, "	\
	"and splice, io_uring, io_submit, send, fallocate and mapped memory do not count"

/* What no kernel offers yet. */
#define TRUSTED									\
	"whoever loads one needs CAP_SYS_ADMIN besides CAP_BPF and CAP_PERFMON, and its "	\
	"programs can see kernel pointers as numbers, unless they are loaded --confined"

enum result { OK, NO, WARN };

static bool able;

/* Print one line; @remedy is left out when all is well. */
static void __printf(4, 5) report(enum result result, const char *what, const char *remedy,
				  const char *fmt, ...)
{
	static const char *const words[] = { [OK] = "ok", [NO] = "no", [WARN] = "warn" };
	struct json_object *record = out_new();
	char detail[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(detail, sizeof(detail), fmt, args);
	va_end(args);
	if (result == OK)
		remedy = NULL;
	if (result == NO)
		able = false;
	out_text(record, "result", words[result], 8);
	out_text(record, "check", what, strlen(what));
	out_text(record, "detail", detail, sizeof(detail));
	if (remedy)
		out_text(record, "remedy", remedy, strlen(remedy));
	out_record(record, "%-4s %s: %s%s%s", words[result], what, detail,
		   remedy ? "\n     remedy: " : "", remedy ? remedy : "");
}

/* Read the first line of a small file: its length, or -errno. */
static int read_line(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len;

	if (fd < 0)
		return -errno;
	len = read(fd, buf, size - 1);
	if (len < 0)
		len = -errno;
	close(fd);
	if (len < 0)
		return len;
	buf[len] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	return strlen(buf);
}

static void check_kernel(void)
{
	unsigned int major = 0, minor = 0;
	struct utsname name;

	uname(&name);
	if (sscanf(name.release, "%u.%u", &major, &minor) != 2)
		report(WARN, "kernel", "Linux 6.12 or newer is needed", "%s", name.release);
	else
		report(major > 6 || (major == 6 && minor >= 12) ? OK : NO, "kernel",
		       "boot Linux 6.12 or newer, such as Debian 13's", "%s", name.release);
}

static void check_btf(void)
{
	if (access("/sys/kernel/btf/vmlinux", R_OK))
		report(NO, "type information",
		       "boot a kernel built with CONFIG_DEBUG_INFO_BTF=y, such as Debian's",
		       "/sys/kernel/btf/vmlinux: %m");
	else
		report(OK, "type information", NULL, "/sys/kernel/btf/vmlinux");
}

/* Hooks are calls that ftrace writes into the functions that call LSM hooks. */
static void check_hooks(void)
{
	/* A module that is loaded has found them. */
	bool direct = !access(DEV_PATH, F_OK), security = direct;
	char line[512], list[256];
	FILE *symbols = fopen("/proc/kallsyms", "re");

	/* To make this text takes the kernel longer than all the rest. */
	while (symbols && !(direct && security) && fgets(line, sizeof(line), symbols)) {
		direct |= !!strstr(line, " register_ftrace_direct\n");
		security |= !!strstr(line, " security_file_open\n");
	}
	if (symbols)
		fclose(symbols);
	if (read_line(LSM_LIST, list, sizeof(list)) < 0)
		strcpy(list, "unknown");
	if (!security)
		report(NO, "LSM hooks", "boot a kernel built with CONFIG_SECURITY=y",
		       "not in this kernel");
	else if (!direct)
		report(NO, "LSM hooks",
		       "boot a kernel built with CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS=y",
		       "ftrace has no direct calls");
	else
		report(OK, "LSM hooks", NULL, "beside the LSMs %s", list);
}

static void check_ftrace(void)
{
	char value[16];
	int error = read_line("/proc/sys/kernel/ftrace_enabled", value, sizeof(value));

	if (error < 0)
		report(NO, "ftrace", "boot a kernel built with CONFIG_FUNCTION_TRACER=y",
		       "/proc/sys/kernel/ftrace_enabled: %s", strerror(-error));
	else
		report(strcmp(value, "0") ? OK : NO, "ftrace", "sysctl -w kernel.ftrace_enabled=1",
		       "%s", strcmp(value, "0") ? "on" : "off");
}

static void check_jit(void)
{
	char value[16];
	int error = read_line("/proc/sys/net/core/bpf_jit_enable", value, sizeof(value));

	if (error < 0)
		report(WARN, "BPF JIT", NULL, "unknown: /proc/sys/net/core/bpf_jit_enable: %s",
		       strerror(-error));
	else
		report(strcmp(value, "0") ? OK : NO, "BPF JIT",
		       "sysctl -w net.core.bpf_jit_enable=1", "%s",
		       strcmp(value, "0") ? "on" : "off");
}

static void check_lockdown(void)
{
	char modes[128];

	if (read_line(LOCKDOWN, modes, sizeof(modes)) < 0 || strstr(modes, "[none]"))
		report(OK, "lockdown", NULL, "none");
	else if (strstr(modes, "[confidentiality]"))
		report(NO, "lockdown", "boot without lockdown=confidentiality",
		       "confidentiality: BPF programs may not read kernel memory");
	else
		report(WARN, "lockdown",
		       "sign sbpf.ko with a key that the kernel trusts, or turn Secure Boot off",
		       "integrity: only signed modules can be loaded");
}

static void check_libbpf(void)
{
	unsigned int major = libbpf_major_version(), minor = libbpf_minor_version();

	report(major > 1 || (major == 1 && minor >= 4) ? OK : NO, "libbpf",
	       "install libbpf 1.4 or newer (Debian 12: from bookworm-backports)", "%u.%u", major,
	       minor);
}

static void check_bpffs(void)
{
	if (pin_available())
		report(OK, "BPF file system", NULL, PIN_BPFFS);
	else
		report(NO, "BPF file system", PIN_MOUNT_HINT, "not mounted on " PIN_BPFFS);
}

/* Whether policies that nobody trusted has made can be loaded. */
static void check_signatures(void)
{
	int trusted = signature_trusted();

	if (trusted == -ENOENT)
		report(OK, "signatures", NULL, "not asked for: there is no " SIGNATURE_TRUSTED);
	else if (trusted < 0)
		report(WARN, "signatures", "see above: no policy can be loaded",
		       SIGNATURE_TRUSTED " cannot be used");
	else
		report(OK, "signatures", NULL, "policies must be signed, by one of %d certificates",
		       trusted);
}

static void check_cgroup(void)
{
	const char *remedy, *lack = cgroup_lack(true, true, &remedy);

	if (lack)
		report(WARN, "control groups", remedy,
		       "memory or cpu cannot be limited: there is not %s", lack);
	else
		report(OK, "control groups", NULL, "with memory and cpu");
}

/* The kernel adds up the time of a task that has such a CPU for itself once a second. */
static void check_nohz_full(void)
{
	char cpus[128];

	if (read_line("/sys/devices/system/cpu/nohz_full", cpus, sizeof(cpus)) > 0 &&
	    isdigit(*cpus))
		report(WARN, "CPU time", "boot without nohz_full=",
		       "on CPUs %s it is told, and limited, up to a second late", cpus);
	else
		report(OK, "CPU time", NULL, "all CPUs tell it in time");
}

static void check_tiocsti(void)
{
	char value[16];

	if (read_line("/proc/sys/dev/tty/legacy_tiocsti", value, sizeof(value)) >= 0 &&
	    !strcmp(value, "0"))
		report(OK, "terminal", NULL, "input cannot be faked");
	else
		report(WARN, "terminal", "sysctl -w dev.tty.legacy_tiocsti=0",
		       "a program in a sandbox could type into its terminal (TIOCSTI)");
}

static void check_write_guard(const struct sbpf_info *info)
{
	const char *mode = name_write_mode(info->write_mode);

	if (info->write_error)
		report(WARN, "write guard", "see dmesg; the kernel needs CONFIG_KPROBES=y",
		       "cannot be set up: %s", strerror(info->write_error));
	else if (info->write_mode == SBPF_WRITE_OFF)
		report(WARN, "write guard",
		       "echo log > /sys/module/sbpf/parameters/bpf_write", "off");
	else if (info->write_disarmed)
		report(WARN, "write guard", "echo 1 > /sys/kernel/debug/kprobes/enabled",
		       "%s, but kprobes are switched off: %s", mode, info->write_break_error ?
		       "writes of BPF programs are not seen" :
		       "only breakpoints see writes of BPF programs");
	else if (info->write_break_error)
		report(WARN, "write guard",
		       "see dmesg; then echo log > /sys/module/sbpf/parameters/bpf_write",
		       "%s, but calls in kprobes are only counted: no breakpoint: %s", mode,
		       strerror(info->write_break_error));
	else
		report(OK, "write guard", NULL, "%s, %llu writes seen", mode, info->writes);
}

/* Channels that cannot be watched have a line each. */
static void check_ledger(int dev)
{
	struct sbpf_ledger_info info;
	int error = sbpf_ledger(dev, &info);
	unsigned int failed = 0, off = 0;
	__u32 i;

	if (error) {
		report(NO, "ledger", "load the module of this version", "%s", strerror(-error));
		return;
	}
	for (i = 0; i < info.channels_count && i < SBPF_CHANNEL_MAX; i++) {
		off += info.channels[i].mode == SBPF_WRITE_OFF;
		if (!info.channels[i].error)
			continue;
		failed++;
		/* There is more to say about this one, see below. */
		if (i == SBPF_CHANNEL_BPF)
			continue;
		report(WARN, "ledger", "see dmesg; then: sbpf guard CHANNEL=log",
		       i == SBPF_CHANNEL_LOAD ? "%ss of programs cannot be watched: %s%s" :
						"writes by %s cannot be watched: %s%s",
		       name_channel(i), strerror(info.channels[i].error),
		       i == SBPF_CHANNEL_PTRACE || i == SBPF_CHANNEL_PROC_MEM ?
		       "; they are seen as writes by other, where a denial is EIO" : "");
	}
	report(off ? WARN : OK, "ledger", "sbpf guard all=log",
	       "%llu records, %llu of them not kept; %u channels watched, %u off", info.records,
	       info.lost, info.channels_count - failed - off, off);
}

/* Return: whether there is a module that the rest can be asked of. */
static bool check_module(struct sbpf_info *info)
{
	int dev = sbpf_device(), error;

	if (dev < 0) {
		report(NO, "module", dev == -ENOENT ? DEV_LOAD_HINT : NULL, "%s: %s", DEV_PATH,
		       dev == -ENOENT ? "not loaded" : strerror(-dev));
		return false;
	}
	error = sbpf_module(dev, info);
	if (error) {
		close(dev);
		report(NO, "module", "load the module of this version", "%s: %s", DEV_PATH,
		       strerror(-error));
		return false;
	}
	report(info->abi >= SBPF_ABI ? OK : NO, "module", "load the module of this version",
	       "ABI %u, %u policies, %u sandboxes", info->abi, info->policies, info->sandboxes);
	if (access("/sys/kernel/btf/sbpf", R_OK))
		report(NO, "module's type information",
		       "build sbpf.ko where the headers hold a vmlinux with BTF",
		       "/sys/kernel/btf/sbpf: %m");
	else
		report(OK, "module's type information", NULL, "/sys/kernel/btf/sbpf");
	/* The module is not loaded by a kernel that lacks a hook of one of them. */
	report(OK, "operations", NULL, "%u can be decided about; %s", SBPF_OP_MAX, UNDECIDED);
	report(OK, "policies", NULL, "%s", TRUSTED);
	report(OK, "what cannot be limited", NULL, "%s", UNLIMITED);
	if (info->resources_missing)
		report(WARN, "limits",
		       "boot a kernel built with CONFIG_TASK_XACCT=y, such as Debian's",
		       "bytes read and written are not counted and cannot be limited");
	check_ledger(dev);
	close(dev);
	return true;
}

static int run_check(int argc, char **argv)
{
	struct sbpf_info info;
	char hooks[512];

	cli_plain(argc, argv, 0);
	able = true;
	check_kernel();
	check_btf();
	check_hooks();
	check_ftrace();
	check_jit();
	check_lockdown();
	check_libbpf();
	check_bpffs();
	check_signatures();
	check_cgroup();
	check_nohz_full();
	check_tiocsti();
	if (check_module(&info)) {
		report(OK, "hooks", NULL, "%s",
		       info.hooks ? out_names(hooks, sizeof(hooks), info.hooks, name_op) :
				    "none attached, as no policy needs one");
		check_write_guard(&info);
	}
	return able ? EXIT_SUCCESS : EXIT_FAILURE;
}

const struct verb verb_check = {
	.name = "check",
	.args = "",
	.summary = "Tell whether this kernel is able to run sbpf, and what to do if not",
	.help = "One line per thing that is needed (ok, no) or advisable (ok, warn).\n"
		"Fails if something that is needed is missing.\n",
	.run = run_check,
};
