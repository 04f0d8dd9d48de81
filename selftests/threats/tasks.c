// SPDX-License-Identifier: GPL-2.0-only
/* Attacks on memory, code and other processes. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/kcmp.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "threats.h"

#define RWX	(PROT_READ | PROT_WRITE | PROT_EXEC)
#define RW	(PROT_READ | PROT_WRITE)
#define RX	(PROT_READ | PROT_EXEC)

static int mapped(void *page)
{
	return page == MAP_FAILED ? errno : 0;
}

/* Write a function that returns 42 into memory. */
static void *shellcode(void *page)
{
	static const unsigned char code[] = { 0xb8, 42, 0, 0, 0, 0xc3 };

	return page ? memcpy(page, code, sizeof(code)) : NULL;
}

static int runs(void *page)
{
	return ((int (*)(void))page)() == 42 ? 0 : ENODATA;
}

static int memfd_with(const char *path)
{
	char buf[65536];
	int fd = memfd_create("evil", MFD_CLOEXEC), from = open(path, O_RDONLY);
	ssize_t got;

	if (fd < 0 || from < 0)
		return -1;
	while ((got = read(from, buf, sizeof(buf))) > 0)
		if (write(fd, buf, got) != got)
			return -1;
	return fd;
}

#define LIST "threats"

/* Mechanism: memory access check. */

ATTACK(memory_access_check, mmap, BOTH, "mmap_file:EACCES:")
{
	return mapped(mmap(NULL, 4096, RWX, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

ATTACK(memory_access_check, mmap_code, BOTH, "mmap_file:EACCES:")
{
	return mapped(mmap(NULL, 4096, RX, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

ATTACK(memory_access_check, mprotect, BOTH, "file_mprotect:EACCES:")
{
	void *page = shellcode(scratch(RW));

	return result(mprotect(page, 4096, RX)) ?: runs(page);
}

ATTACK(memory_access_check, mprotect_all, BOTH, "file_mprotect:EACCES:")
{
	return result(mprotect(scratch(RW), 4096, RWX));
}

ATTACK(memory_access_check, pkey_mprotect, BOTH, "file_mprotect:EACCES:")
{
	return result(syscall(SYS_pkey_mprotect, scratch(RW), 4096, RX, -1));
}

ATTACK(memory_access_check, heap, BOTH, "file_mprotect:EACCES:")
{
	char *heap = sbrk(8192);

	return result(mprotect((void *)(((uintptr_t)heap + 4095) & ~4095UL), 4096, RX));
}

ATTACK(memory_access_check, private_file, BOTH, "mmap_file:EACCES:")
{
	int fd = open(T "/bin/setuid", O_RDONLY);

	return mapped(mmap(NULL, 4096, RWX, MAP_PRIVATE, fd, 0));
}

ATTACK(memory_access_check, private_file_written, BOTH, "file_mprotect:EACCES:")
{
	int fd = open(T "/bin/setuid", O_RDONLY);
	void *page = mmap(NULL, 4096, RW, MAP_PRIVATE, fd, 0);

	return mapped(page) ?: result(mprotect(shellcode(page), 4096, RX)) ?: runs(page);
}

ATTACK(memory_access_check, memfd, BOTH, "mmap_file:EACCES:")
{
	return mapped(mmap(NULL, 4096, RX, MAP_SHARED, memfd_with(WORK "/evil.so"), 0));
}

ATTACK(memory_access_check, memfd_mprotect, BOTH, "file_mprotect:EACCES:")
{
	void *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, memfd_with(WORK "/evil.so"), 0);

	return mapped(page) ?: result(mprotect(page, 4096, RX));
}

ATTACK(memory_access_check, memfd_twice, BOTH, "mmap_file:EACCES:")
{
	int fd = memfd_with(WORK "/evil.so");
	void *page = mmap(NULL, 4096, RW, MAP_SHARED, fd, 0);

	return mapped(page) ?: mapped(mmap(NULL, 4096, RX, MAP_SHARED, fd, 0));
}

/* It may not be used at all; where it may, it is no code: shm_exec in rules_test.c. */
ATTACK(memory_access_check, shared_memory, BOTH, "ipc_permission:EACCES:")
{
	int id = shmget(IPC_PRIVATE, 4096, 0700 | IPC_CREAT), err = result(id);

	if (err)
		return err;
	err = mapped(shmat(id, NULL, SHM_EXEC));
	shmctl(id, IPC_RMID, NULL);
	return err;
}

ATTACK(memory_access_check, file_twice, BOTH, "mmap_file:EACCES:/work/evil.so")
{
	int fd = open(WORK "/evil.so", O_RDWR);
	void *page = mmap(NULL, 4096, RW, MAP_SHARED, fd, 0);

	return mapped(page) ?: mapped(mmap(NULL, 4096, RX, MAP_SHARED, fd, 0));
}

ATTACK(memory_access_check, file_not_allowed, BOTH, "mmap_file:EACCES:/work/evil.so")
{
	return mapped(mmap(NULL, 4096, RX, MAP_PRIVATE, open(WORK "/evil.so", O_RDONLY), 0));
}

ATTACK(memory_access_check, file_not_allowed_mprotect, BOTH, "file_mprotect:EACCES:/work/evil.so")
{
	void *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, open(WORK "/evil.so", O_RDONLY), 0);

	return mapped(page) ?: result(mprotect(page, 4096, RX));
}

ATTACK(memory_access_check, mremap, BOTH, "file_mprotect:EACCES:")
{
	void *page = mremap(shellcode(scratch(RW)), 4096, 8192, MREMAP_MAYMOVE);

	return mapped(page) ?: result(mprotect(page, 4096, RX)) ?: runs(page);
}

ATTACK(memory_access_check, lowest_addresses, ROOT, "capable:EPERM:")
{
	return mapped(mmap(NULL, 4096, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
}

ATTACK(memory_access_check, read_implies_exec, BOTH, "mmap_file:EACCES:")
{
	return result(personality(READ_IMPLIES_EXEC)) ?: mapped(scratch(RW) ?: MAP_FAILED);
}

ATTACK(memory_access_check, read_implies_exec_heap, BOTH, "mmap_file:EACCES::ENOMEM")
{
	void *page;

	if (personality(READ_IMPLIES_EXEC) < 0)
		return errno;
	page = sbrk(8192);
	return mapped(page) ?: runs(shellcode(page));
}

ATTACK(memory_access_check, own_memory_file, BOTH, "file_open:EACCES:/mem")
{
	int fd = open("/proc/self/mem", O_RDWR);
	int err;

	/* This function is code and may not be written otherwise; some kernels forbid that. */
	err = result(fd) ?: result(pwrite(fd, "", 1, (off_t)(uintptr_t)memfd_with));
	return err == EIO ? result(pwrite(fd, &err, sizeof(err), (off_t)(uintptr_t)&err)) : err;
}

ATTACK(memory_access_check, other_read, BOTH, "ptrace_access_check:EPERM:browser")
{
	char text[sizeof(SECRET)] = "";
	struct iovec to = { text, strlen(SECRET) }, from = { (void *)stage.memory, strlen(SECRET) };

	return result(process_vm_readv(stage.victim, &to, 1, &from, 1, 0));
}

ATTACK(memory_access_check, other_written, BOTH, "ptrace_access_check:EPERM:browser")
{
	struct iovec from = { "evil", 4 }, to = { (void *)stage.memory, 4 };

	return result(process_vm_writev(stage.victim, &from, 1, &to, 1, 0));
}

/* Malicious process 2: code on the stack. */

ATTACK(stack_overflow, stack_made_executable, BOTH, "file_mprotect:EACCES:")
{
	char room[8192];
	void *page = (void *)(((uintptr_t)room + 4095) & ~4095UL);

	return result(mprotect(shellcode(page), 4096, RWX)) ?: runs(page);
}

ATTACK(stack_overflow, stack_grows_executable, BOTH, "file_mprotect:EACCES:")
{
	char room[4096];
	void *page = (void *)((uintptr_t)room & ~4095UL);

	return result(mprotect(page, 4096, RWX | PROT_GROWSDOWN));
}

/* Its file asks for a stack in which code can be written, and it does. */
ATTACK(stack_overflow, program_that_asks_for_it, BOTH, "mmap_file:EACCES:/bin/execstack")
{
	static const char *const argv[] = { T "/bin/execstack", NULL };

	return run_program(argv, NULL);
}

/* Its code is followed by nothing, which can be written and executed. */
ATTACK(memory_access_check, code_goes_on, BOTH, "mmap_file:EACCES:/bin/codebss")
{
	static const char *const argv[] = { T "/bin/codebss", NULL };

	return run_program(argv, NULL);
}

ATTACK(stack_overflow, shell_dropped, BOTH, "file_open:EACCES:/work/prog")
{
	static const char *const argv[] = { WORK "/prog", "evil", NULL };

	return run_program(argv, NULL);
}

/* Malicious process 3: what is told about others, and about the kernel. */

#define LEAK(way, file, verdict)						\
	ATTACK(leak, way, BOTH, verdict)					\
	{									\
		char text[4096];						\
		int err = read_text(victim_path(file), text, sizeof(text));	\
										\
		return err ?: !*text ? ENODATA : 0;				\
	}

LEAK(maps, "maps", "file_open:ENOENT:/maps")
LEAK(smaps, "smaps", "file_open:ENOENT:/smaps")
LEAK(environ, "environ", "file_open:ENOENT:/environ")
LEAK(auxv, "auxv", "file_open:ENOENT:/auxv")
LEAK(cmdline, "cmdline", "file_open:ENOENT:/cmdline")
LEAK(status, "status", "file_open:ENOENT:/status")
LEAK(stat, "stat", "file_open:ENOENT:/stat")
LEAK(wchan, "wchan", "file_open:ENOENT:/wchan")
LEAK(thread, "task/../comm", "file_open:ENOENT:/comm")
LEAK(mountinfo, "mountinfo", "file_open:ENOENT:/mountinfo")

ATTACK(leak, mem, BOTH,
       "file_open:ENOENT:/mem|ptrace_access_check:EPERM:browser:EACCES|file_open:EACCES:/mem")
{
	char text[sizeof(SECRET)] = "";
	int fd = open(victim_path("mem"), O_RDONLY);

	if (fd < 0)
		return errno;
	return result(pread(fd, text, strlen(SECRET), stage.memory)) ?:
	       strcmp(text, SECRET) ? ENODATA : 0;
}

ATTACK(leak, executable, BOTH, "ptrace_access_check:EPERM:browser:EACCES")
{
	char text[256];

	return result(readlink(victim_path("exe"), text, sizeof(text)));
}

ATTACK(leak, working_directory, BOTH, "ptrace_access_check:EPERM:browser:EACCES")
{
	return result(chdir(victim_path("cwd")));
}

ATTACK(leak, descriptors, BOTH, "file_open:ENOENT:/fd|ptrace_access_check:EPERM:browser:EACCES")
{
	return result(open(victim_path("fd"), O_RDONLY | O_DIRECTORY));
}

ATTACK(leak, robust_list, BOTH, "ptrace_access_check:EPERM:browser")
{
	void *head;
	size_t size;

	return result(syscall(SYS_get_robust_list, stage.victim, &head, &size));
}

ATTACK(leak, kcmp, BOTH, "ptrace_access_check:EPERM:browser")
{
	return result(syscall(SYS_kcmp, stage.victim, getpid(), KCMP_VM, 0, 0));
}

ATTACK(leak, kernel_stack, ROOT, "file_open:ENOENT:/stack|capable:EPERM:")
{
	char text[4096];

	return read_text(victim_path("stack"), text, sizeof(text));
}

ATTACK(leak, kallsyms, ROOT, "file_open:EACCES:/kallsyms")
{
	static char text[1 << 20];
	int fd = open("/proc/kallsyms", O_RDONLY);
	size_t got = 0;
	ssize_t more;

	while (fd >= 0 && got < sizeof(text) - 1 &&
	       (more = read(fd, text + got, sizeof(text) - 1 - got)) > 0)
		got += more;
	return fd < 0 ? errno : strstr(text, "ffffffff") ? 0 : EPERM;
}

ATTACK(leak, dmesg, ROOT, "syslog:EPERM:|capable:EPERM:")
{
	char text[256];

	return result(syscall(SYS_syslog, 3, text, sizeof(text)));
}

ATTACK(leak, kmsg, ROOT, "file_open:EACCES:/kmsg|syslog:EPERM:")
{
	return result(open("/dev/kmsg", O_RDONLY | O_NONBLOCK));
}

ATTACK(leak, proc_kmsg, ROOT, "syslog:EPERM:|file_open:EACCES:/kmsg")
{
	return result(open("/proc/kmsg", O_RDONLY | O_NONBLOCK));
}

ATTACK(leak, kcore, ROOT, "capable:EPERM:|file_open:EACCES:/kcore")
{
	return result(open("/proc/kcore", O_RDONLY));
}

/* Malicious process 4: code by the dynamic loader. */

ATTACK(dynamic_loader, preload, BOTH, "mmap_file:EACCES:/work/evil.so")
{
	static const char *const env[] = { "LD_PRELOAD=" WORK "/evil.so", NULL };
	static const char *const argv[] = { "/usr/bin/true", NULL };

	return run_program(argv, env);
}

ATTACK(dynamic_loader, audit, BOTH, "mmap_file:EACCES:/work/evil.so")
{
	static const char *const env[] = { "LD_AUDIT=" WORK "/evil.so", NULL };
	static const char *const argv[] = { "/usr/bin/true", NULL };

	return run_program(argv, env);
}

/* It has been linked with a DT_RUNPATH that leads to what was dropped. */
ATTACK(dynamic_loader, run_path, BOTH, "mmap_file:EACCES:/work/libevil.so")
{
	static const char *const argv[] = { T "/bin/runpath", NULL };

	return result(rename(WORK "/evil.so", WORK "/libevil.so")) ?: run_program(argv, NULL);
}

ATTACK(dynamic_loader, dlopen, BOTH, "mmap_file:EACCES:/work/evil.so")
{
	/* If it is loaded it ends this process, with 42. */
	pid_t child = fork();
	int status;

	if (!child) {
		dlopen(WORK "/evil.so", RTLD_NOW);
		_exit(1);
	}
	return waitpid(child, &status, 0) == child && WIFEXITED(status) &&
	       WEXITSTATUS(status) == 42 ? 0 : EACCES;
}

ATTACK(dynamic_loader, by_hand, BOTH, "mmap_file:EACCES:/work/prog")
{
	static const char *const argv[] = {
		"/lib64/ld-linux-x86-64.so.2", WORK "/prog", "evil", NULL
	};

	return run_program(argv, NULL);
}

ATTACK(dynamic_loader, preload_by_hand, BOTH, "mmap_file:EACCES:/work/evil.so")
{
	static const char *const argv[] = {
		"/lib64/ld-linux-x86-64.so.2", "--preload", WORK "/evil.so", "/usr/bin/true", NULL
	};

	return run_program(argv, NULL);
}

ATTACK(dynamic_loader, memfd, BOTH, "file_open:EACCES:evil (deleted)")
{
	static const char *const argv[] = { "evil", "evil", NULL };
	int fd = memfd_with(WORK "/prog"), status;
	pid_t child = fork();

	if (!child) {
		syscall(SYS_execveat, fd, "", argv, argv + 2, AT_EMPTY_PATH);
		_exit(errno);
	}
	if (waitpid(child, &status, 0) != child || !WIFEXITED(status))
		return EIO;
	return WEXITSTATUS(status) == 42 ? 0 : WEXITSTATUS(status);
}

ATTACK(dynamic_loader, memfd_by_path, BOTH, "file_open:EACCES:evil (deleted)")
{
	char path[64];
	const char *const argv[] = { path, "evil", NULL };

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", getpid(), memfd_with(WORK "/prog"));
	return run_program(argv, NULL);
}

ATTACK(dynamic_loader, memfd_library, BOTH, "mmap_file:EACCES:")
{
	char preload[64];
	const char *const env[] = { preload, NULL };
	static const char *const argv[] = { "/usr/bin/true", NULL };
	int fd = memfd_with(WORK "/evil.so");

	fcntl(fd, F_SETFD, 0);
	snprintf(preload, sizeof(preload), "LD_PRELOAD=/proc/self/fd/%d", fd);
	return run_program(argv, env);
}

ATTACK(dynamic_loader, script_interpreter, BOTH, "file_open:EACCES:/work/script")
{
	static const char *const argv[] = { WORK "/script", NULL };
	int fd = open(WORK "/script", O_WRONLY | O_CREAT, 0755);

	if (fd < 0 || write(fd, "#!" WORK "/prog evil\n", 27) < 0)
		return errno;
	close(fd);
	return run_program(argv, NULL) == EACCES ? EACCES : 0;
}

/* Malicious process 5: finds the browser and gets into it. */

ATTACK(process_list, walk, BOTH, "file_open:ENOENT:/comm")
{
	char path[300], name[32];
	int err = ESRCH, last;
	struct dirent *entry;
	DIR *dir = opendir("/proc");

	while (dir && (entry = readdir(dir))) {
		if (atoi(entry->d_name) != stage.victim)
			continue;
		snprintf(path, sizeof(path), "/proc/%s/comm", entry->d_name);
		last = read_text(path, name, sizeof(name));
		err = last ?: strcmp(name, "browser\n") ? ENODATA : 0;
	}
	return err;
}

ATTACK(process_list, ptrace, BOTH, "ptrace_access_check:EPERM:browser")
{
	return result(ptrace(PTRACE_ATTACH, stage.victim, 0, 0));
}

ATTACK(process_list, ptrace_seize, BOTH, "ptrace_access_check:EPERM:browser")
{
	return result(ptrace(PTRACE_SEIZE, stage.victim, 0, 0));
}

ATTACK(process_list, process_vm_writev, BOTH, "ptrace_access_check:EPERM:browser")
{
	struct iovec from = { "evil", 4 }, to = { (void *)stage.memory, 4 };

	return result(process_vm_writev(stage.victim, &from, 1, &to, 1, 0));
}

ATTACK(process_list, mem, BOTH,
       "file_open:EACCES:/mem|file_open:ENOENT:/mem|ptrace_access_check:EPERM:browser:EACCES")
{
	int fd = open(victim_path("mem"), O_RDWR);

	return result(fd) ?: result(pwrite(fd, "evil", 4, stage.memory));
}

/* Mechanism: process isolation. */

ATTACK(process_isolation, kill, BOTH, "task_kill:EPERM:browser")
{
	return result(kill(stage.victim, SIGKILL));
}

ATTACK(process_isolation, tkill, BOTH, "task_kill:EPERM:browser")
{
	return result(syscall(SYS_tkill, stage.victim, SIGUSR1));
}

ATTACK(process_isolation, tgkill, BOTH, "task_kill:EPERM:browser")
{
	return result(tgkill(stage.victim, stage.victim, SIGUSR1));
}

ATTACK(process_isolation, killpg, BOTH, "task_kill:EPERM:browser")
{
	return result(killpg(stage.victim, SIGUSR1));
}

ATTACK(process_isolation, sigqueue, BOTH, "task_kill:EPERM:browser")
{
	return result(sigqueue(stage.victim, SIGUSR1, (union sigval){ 0 }));
}

ATTACK(process_isolation, pidfd_send_signal, BOTH, "task_kill:EPERM:browser")
{
	int fd = syscall(SYS_pidfd_open, stage.victim, 0);

	return result(fd) ?: result(syscall(SYS_pidfd_send_signal, fd, SIGUSR1, NULL, 0));
}

ATTACK(process_isolation, proc_directory_as_pidfd, BOTH,
       "task_kill:EPERM:browser|file_open:ENOENT:")
{
	int fd = open(victim_path(""), O_RDONLY | O_DIRECTORY);

	return result(fd) ?: result(syscall(SYS_pidfd_send_signal, fd, SIGUSR1, NULL, 0));
}

/* A pipe in which something is written tells its owner so by a signal. */
static int owned(int owner_command, void *owner)
{
	int sockets[2];

	return result(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets)) ?:
	       result(fcntl(sockets[0], F_SETSIG, SIGUSR1)) ?:
	       result(fcntl(sockets[0], F_SETFL, O_ASYNC)) ?:
	       result(fcntl(sockets[0], owner_command, owner)) ?:
	       result(write(sockets[1], "", 1));
}

ATTACK(process_isolation, sigio, BOTH, "file_fcntl:EPERM:")
{
	return owned(F_SETOWN, (void *)(long)stage.victim);
}

ATTACK(process_isolation, sigio_group, BOTH, "file_fcntl:EPERM:")
{
	return owned(F_SETOWN, (void *)-(long)stage.victim);
}

ATTACK(process_isolation, sigio_extended, BOTH, "file_fcntl:EPERM:")
{
	struct f_owner_ex owner = { F_OWNER_PID, stage.victim };

	return owned(F_SETOWN_EX, &owner);
}

ATTACK(process_isolation, sigio_ioctl, BOTH, "file_ioctl:EPERM:")
{
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0), pid = stage.victim;

	return result(ioctl(fd, 0x8902, &pid));
}

ATTACK(process_isolation, sigio_ioctl_other, BOTH, "file_ioctl:EPERM:")
{
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0), pid = stage.victim;

	return result(ioctl(fd, 0x8901, &pid));
}

ATTACK(process_isolation, pidfd_getfd, BOTH, "ptrace_access_check:EPERM:browser")
{
	int fd = syscall(SYS_pidfd_open, stage.victim, 0);

	return result(fd) ?: result(syscall(SYS_pidfd_getfd, fd, stage.pipe, 0));
}

ATTACK(process_isolation, proc_fd, BOTH,
       "ptrace_access_check:EPERM:browser:EACCES|file_open:ENOENT:")
{
	char name[32];

	snprintf(name, sizeof(name), "fd/%d", stage.pipe);
	return result(open(victim_path(name), O_RDONLY | O_NONBLOCK));
}

ATTACK(process_isolation, nice, BOTH, "task_setnice:EPERM:browser")
{
	return result(setpriority(PRIO_PROCESS, stage.victim, 19));
}

ATTACK(process_isolation, nice_of_group, BOTH, "task_setnice:EPERM:browser")
{
	return result(setpriority(PRIO_PGRP, stage.victim, 19));
}

ATTACK(process_isolation, ioprio, BOTH, "task_setioprio:EPERM:browser")
{
	return result(syscall(SYS_ioprio_set, 1, stage.victim, 3 << 13));
}

ATTACK(process_isolation, affinity, BOTH, "task_setscheduler:EPERM:browser")
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	return result(sched_setaffinity(stage.victim, sizeof(cpus), &cpus));
}

ATTACK(process_isolation, scheduler, BOTH, "task_setscheduler:EPERM:browser")
{
	const struct sched_param param = { 0 };

	return result(sched_setscheduler(stage.victim, SCHED_IDLE, &param));
}

ATTACK(process_isolation, prlimit, BOTH, "task_setrlimit:EPERM:browser")
{
	const struct rlimit limit = { 1, 1 };

	return result(prlimit(stage.victim, RLIMIT_NOFILE, &limit, NULL));
}

ATTACK(process_isolation, prlimit_read, BOTH, "hole")
{
	struct rlimit limit;

	return result(prlimit(stage.victim, RLIMIT_NOFILE, NULL, &limit));
}

ATTACK(process_isolation, oom_score, BOTH, "file_open:EACCES:/oom_score_adj|file_open:ENOENT:")
{
	return write_text(victim_path("oom_score_adj"), "1000");
}

ATTACK(process_isolation, coredump_filter, BOTH,
       "file_open:EACCES:/coredump_filter|file_open:ENOENT:")
{
	return write_text(victim_path("coredump_filter"), "0x7f");
}

ATTACK(process_isolation, move_pages, BOTH, "ptrace_access_check:EPERM:browser")
{
	void *page = (void *)stage.memory;
	int state;

	return result(syscall(SYS_move_pages, stage.victim, 1, &page, NULL, &state, 0));
}

ATTACK(process_isolation, migrate_pages, BOTH, "ptrace_access_check:EPERM:browser")
{
	unsigned long nodes = 1;

	return result(syscall(SYS_migrate_pages, stage.victim, 64, &nodes, &nodes));
}

ATTACK(process_isolation, process_madvise, ROOT, "ptrace_access_check:EPERM:browser:EACCES")
{
	struct iovec range = { (void *)(stage.memory & ~4095UL), 4096 };
	int fd = syscall(SYS_pidfd_open, stage.victim, 0);

	return result(fd) ?: result(syscall(SYS_process_madvise, fd, &range, 1, MADV_COLD, 0));
}

ATTACK(process_isolation, process_mrelease, BOTH, "hole")
{
	int fd = syscall(SYS_pidfd_open, stage.victim, 0);

	/* EINVAL: it could be, were it dying. */
	return syscall(SYS_process_mrelease, fd, 0) && errno != EINVAL ? errno : 0;
}

ATTACK(process_isolation, wait_for_end, BOTH, "hole")
{
	return result(syscall(SYS_pidfd_open, stage.victim, 0));
}

ATTACK(process_isolation, session_read, BOTH, "ptrace_access_check:EPERM:browser")
{
	return result(getsid(stage.victim));
}

ATTACK(process_isolation, group_read, BOTH, "ptrace_access_check:EPERM:browser")
{
	return result(getpgid(stage.victim));
}

ATTACK(process_isolation, scheduler_read, BOTH, "ptrace_access_check:EPERM:browser")
{
	return result(sched_getscheduler(stage.victim));
}

ATTACK(process_isolation, affinity_read, BOTH, "ptrace_access_check:EPERM:browser")
{
	cpu_set_t cpus;

	return result(sched_getaffinity(stage.victim, sizeof(cpus), &cpus));
}

ATTACK(process_isolation, ioprio_read, BOTH, "ptrace_access_check:EPERM:browser")
{
	return result(syscall(SYS_ioprio_get, 1, stage.victim));
}

/* The kernel asks no security module about it. */
ATTACK(process_isolation, nice_read, BOTH, "hole")
{
	errno = 0;
	getpriority(PRIO_PROCESS, stage.victim);
	return errno;
}

/* Mechanism: resource limits, as far as the script gives some to the sandbox. */

/* More processes than there may be. */
static int fork_many(void)
{
	int pipes[2], count = 0, err = 0;
	pid_t child;

	if (pipe(pipes))
		return errno;
	while (count < 100 && !err) {
		child = fork();
		if (!child) {
			close(pipes[1]);
			_exit(read(pipes[0], &child, 1) < 0);
		}
		if (child < 0)
			err = errno;
		else
			count++;
	}
	close(pipes[1]);
	while (count--)
		wait(NULL);
	return err;
}

ATTACK(resource_limits, processes, BOTH, "limit:EAGAIN:pids")
{
	return fork_many();
}

ATTACK(resource_limits, open_files, BOTH, "limit:EMFILE:open-files")
{
	int i;

	for (i = 0; i < 512; i++)
		if (open("/dev/null", O_RDONLY | O_CLOEXEC) < 0)
			return errno;
	return 0;
}

/* The kernel's own: it tells the process. */
ATTACK(resource_limits, file_size, BOTH, "limit:EFBIG:file-size")
{
	signal(SIGXFSZ, SIG_IGN);
	return result(ftruncate(open(WORK "/file", O_WRONLY | O_CLOEXEC), 16 << 20));
}

/* Malicious process 9: takes all there is. What it sends is in nets.c. */

ATTACK(botnet, forks, BOTH, "limit:EAGAIN:pids")
{
	return fork_many();
}

#undef LIST
#define LIST "escapes"

ATTACK(pidfd_getfd, victim, BOTH, "ptrace_access_check:EPERM:browser")
{
	int fd = syscall(SYS_pidfd_open, stage.victim, 0);

	return result(fd) ?: result(syscall(SYS_pidfd_getfd, fd, stage.pipe, 0));
}

ATTACK(pidfd_getfd, ring, BOTH, "ptrace_access_check:EPERM:browser")
{
	int fd = syscall(SYS_pidfd_open, stage.victim, 0);

	return result(fd) ?: result(syscall(SYS_pidfd_getfd, fd, stage.ring, 0));
}

/* Of whoever has started the sandbox: our parent's parent. */
static pid_t starter(void)
{
	char text[512], *at;

	snprintf(text, sizeof(text), "/proc/%d/stat", getppid());
	read_text(text, text, sizeof(text));
	at = strrchr(text, ')');
	return at ? atoi(at + 4) : -1;
}

ATTACK(starter, kill, BOTH, "task_kill:EPERM:")
{
	return result(kill(starter(), 0));
}

/* If that can be done there will be another one. */
static int killed(long err, pid_t pid)
{
	while (!err && starter() == pid)
		usleep(1000);
	return result(err);
}

ATTACK(starter, killed, BOTH, "task_kill:EPERM:sbpf")
{
	pid_t pid = starter();

	return killed(kill(pid, SIGKILL), pid);
}

ATTACK(starter, killed_by_pidfd, BOTH, "task_kill:EPERM:sbpf")
{
	pid_t pid = starter();
	int fd = syscall(SYS_pidfd_open, pid, 0);

	return result(fd) ?: killed(syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0), pid);
}

ATTACK(starter, killed_by_tgkill, BOTH, "task_kill:EPERM:sbpf")
{
	pid_t pid = starter();

	return killed(tgkill(pid, pid, SIGKILL), pid);
}

ATTACK(starter, ptrace, BOTH, "ptrace_access_check:EPERM:")
{
	pid_t pid = starter();

	return result(ptrace(PTRACE_SEIZE, pid, 0, 0));
}

ATTACK(starter, pidfd_getfd, BOTH, "ptrace_access_check:EPERM:")
{
	int fd = syscall(SYS_pidfd_open, starter(), 0);

	return result(fd) ?: result(syscall(SYS_pidfd_getfd, fd, 0, 0));
}

ATTACK(starter, prlimit, BOTH, "task_setrlimit:EPERM:")
{
	const struct rlimit limit = { 4096, 4096 };

	return result(prlimit(starter(), RLIMIT_STACK, NULL, (struct rlimit *)&limit)) ?:
	       result(prlimit(starter(), RLIMIT_STACK, &limit, NULL));
}

/* Children outside */

static int child_steals(void)
{
	return reads_secret(open(KEY, O_RDONLY));
}

ATTACK(children, fork, BOTH, "file_open:EACCES:/.ssh/key")
{
	return in_child(child_steals);
}

ATTACK(children, vfork, BOTH, "file_open:EACCES:/.ssh/key")
{
	volatile int err = EIO;
	pid_t child = vfork();

	if (!child) {
		int fd = open(KEY, O_RDONLY);

		err = fd < 0 ? errno : 0;
		_exit(0);
	}
	waitpid(child, NULL, 0);
	return err;
}

static void *thread_steals(void *unused)
{
	return (void *)(long)child_steals();
}

ATTACK(children, thread, BOTH, "file_open:EACCES:/.ssh/key")
{
	pthread_t thread;
	void *err;

	return pthread_create(&thread, NULL, thread_steals, NULL) ?: pthread_join(thread, &err) ?:
	       (int)(long)err;
}

ATTACK(children, clone, BOTH, "file_open:EACCES:/.ssh/key")
{
	pid_t child = syscall(SYS_clone, CLONE_FILES | CLONE_FS | SIGCHLD, 0, 0, 0, 0);
	int status;

	if (!child)
		_exit(child_steals());
	return result(child) ?: result(waitpid(child, &status, 0)) ?: WEXITSTATUS(status);
}

ATTACK(children, orphan, BOTH, "file_open:EACCES:/.ssh/key")
{
	int pipes[2], err = EIO;
	pid_t child;

	if (pipe(pipes))
		return errno;
	child = fork();
	if (!child) {
		setsid();
		if (!fork()) {
			while (getppid() == child)
				sched_yield();
			err = child_steals();
			_exit(write(pipes[1], &err, sizeof(err)) < 0);
		}
		_exit(0);
	}
	waitpid(child, NULL, 0);
	close(pipes[1]);
	return result(read(pipes[0], &err, sizeof(err))) ?: err;
}

/* The child gets the parent that the caller has: it looks like the caller. */
ATTACK(children, sibling, BOTH, "file_open:EACCES:/.ssh/key")
{
	struct clone_args args = { .flags = CLONE_PARENT };
	int pipes[2], err = EIO;
	pid_t child;

	if (pipe(pipes))
		return errno;
	child = syscall(SYS_clone3, &args, sizeof(args));
	if (child < 0)
		return errno;
	if (!child) {
		err = child_steals();
		_exit(write(pipes[1], &err, sizeof(err)) < 0);
	}
	close(pipes[1]);
	return result(read(pipes[0], &err, sizeof(err))) ?: err;
}

ATTACK(children, other_cgroup, ROOT, "task_alloc:EPERM:")
{
	struct clone_args args = { .flags = CLONE_INTO_CGROUP };
	int status;
	pid_t child;

	args.cgroup = open("/sys/fs/cgroup", O_PATH | O_DIRECTORY);
	child = syscall(SYS_clone3, &args, sizeof(args));
	if (child < 0)
		return errno;
	if (!child)
		_exit(0);
	waitpid(child, &status, 0);
	return 0;
}

ATTACK(children, moved_to_other_cgroup, ROOT, "file_open:EACCES:/cgroup.procs")
{
	return write_text("/sys/fs/cgroup/cgroup.procs", "0");
}

ATTACK(setuid_program, by_descriptor, USER, "-:EACCES:|-:EPERM:")
{
	static const char *const argv[] = { "setuid", "euid", NULL };
	int fd = open(T "/bin/setuid", O_PATH), status;
	pid_t child = fork();

	if (!child) {
		syscall(SYS_execveat, fd, "", argv, argv + 2, AT_EMPTY_PATH);
		_exit(errno);
	}
	return result(waitpid(child, &status, 0)) ?: WEXITSTATUS(status) == 42 ? 0 : EACCES;
}

ATTACK(setuid_program, executed, USER, "-:EACCES:|-:EPERM:")
{
	static const char *const argv[] = { T "/bin/setuid", "euid", NULL };

	return run_program(argv, NULL);
}
