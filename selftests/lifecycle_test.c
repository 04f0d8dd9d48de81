// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf selftests - Whole lives: insmod, load a policy, run a loop of opens under
 * it, replace the policy meanwhile, unload it, rmmod; 200 times, or CYCLES times
 * (environment). Afterwards nothing may be left.
 *
 * Both versions of the policy deny what the loop opens, each with its own errno,
 * so that an open that succeeds, or ends with a third one, was not policed.
 *
 * What libbpf and the command do for a policy is done here by system calls, with
 * the kernel's types read only once: that is most of their time. The policy is
 * written in instructions for the same reason. scripts/lifecycle.sh lives through
 * the same with the command.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <dirent.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <linux/bpf.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>

#include "sbpf.h"

#define POLICY		"life"
#define FORBIDDEN	"/tmp/sbpf-lifecycle-forbidden"
#define KMEMLEAK	"/sys/kernel/debug/kmemleak"

/* Verdicts of the two versions; no kernel code returns them for an open. */
#define VERDICT_OLD	EXDEV
#define VERDICT_NEW	ENOTUNIQ

/* Opens that the loop makes at least under each version. */
#define OPENS		20

/* What is loaded and freed once is not there yet at first. */
#define WARM_UP		3

/* How long to wait for what happens at once unless it never does, in seconds. */
static int patience = 20;

static int points, failures;

static __attribute__((format(printf, 2, 3))) void point(bool good, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	printf("%sok %d - ", good ? "" : "not ", ++points);
	vprintf(fmt, args);
	putchar('\n');
	va_end(args);
	failures += !good;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/*
 * The kernel's types
 */

/**
 * struct layout - Numbers and offsets that are the same in every cycle
 * @vmlinux: types of the kernel
 * @f_inode: offset in struct file
 * @i_ino: offset in struct inode
 * @ops_id: struct sbpf_policy_ops
 * @value_id: the value of a struct_ops map of that type
 * @value_size: its size
 * @member: index of file_open in sbpf_policy_ops
 * @file_open: its offset in the value
 * @name: offset of the policy's name in the value
 */
static struct layout {
	struct btf *vmlinux;
	__u32 f_inode;
	__u32 i_ino;
	int ops_id;
	int value_id;
	__u32 value_size;
	int member;
	__u32 file_open;
	__u32 name;
} layout;

/* Index of a member of a structure, its offset in bytes added to @offset. */
static int find_member(const struct btf *btf, int id, const char *name, __u32 *offset)
{
	const struct btf_type *type = btf__type_by_id(btf, id);
	int i;

	for (i = 0; type && i < btf_vlen(type); i++) {
		if (strcmp(btf__name_by_offset(btf, btf_members(type)[i].name_off), name))
			continue;
		*offset += btf_member_bit_offset(type, i) / 8;
		return i;
	}
	return -1;
}

/* The kernel wants a struct_ops map to come with types of its own. */
static int own_btf;

static bool load_own_btf(void)
{
	struct btf *btf = btf__new_empty();
	const void *data;
	__u32 size;

	if (!btf || btf__add_int(btf, "int", 4, BTF_INT_SIGNED) < 0)
		return false;
	data = btf__raw_data(btf, &size);
	own_btf = bpf_btf_load(data, size, NULL);
	btf__free(btf);
	return own_btf >= 0;
}

static bool layout_kernel(void)
{
	layout.vmlinux = btf__load_vmlinux_btf();
	return layout.vmlinux &&
	       find_member(layout.vmlinux, btf__find_by_name_kind(layout.vmlinux, "file",
								  BTF_KIND_STRUCT),
			   "f_inode", &layout.f_inode) >= 0 &&
	       find_member(layout.vmlinux, btf__find_by_name_kind(layout.vmlinux, "inode",
								  BTF_KIND_STRUCT),
			   "i_ino", &layout.i_ino) >= 0;
}

static bool layout_module(void)
{
	struct btf *btf = btf__load_module_btf("sbpf", layout.vmlinux);
	__u32 data = 0;

	if (!btf)
		return false;
	layout.ops_id = btf__find_by_name_kind(btf, "sbpf_policy_ops", BTF_KIND_STRUCT);
	layout.value_id = btf__find_by_name_kind(btf, "bpf_struct_ops_sbpf_policy_ops",
						 BTF_KIND_STRUCT);
	if (layout.ops_id < 0 || layout.value_id < 0 ||
	    find_member(btf, layout.value_id, "data", &data) < 0)
		return false;
	layout.value_size = btf__type_by_id(btf, layout.value_id)->size;
	layout.file_open = data;
	layout.name = data;
	layout.member = find_member(btf, layout.ops_id, "file_open", &layout.file_open);
	if (layout.member < 0 || find_member(btf, layout.ops_id, "name", &layout.name) < 0)
		return false;
	btf__free(btf);
	return true;
}

/*
 * One life
 */

/**
 * struct counts - What the loop has seen, in memory that it shares
 * @ready: 0, 1 when it is in the sandbox, or -errno
 * @stop: it is told to end
 * @old: opens denied by the first version
 * @new: opens denied by the second version
 * @other: everything else
 */
struct counts {
	volatile int ready;
	volatile int stop;
	volatile unsigned long old;
	volatile unsigned long new;
	volatile unsigned long other;
};

static struct counts *counts;
static unsigned long denied, unpoliced;

/* Where the time goes. */
enum phase { INSMOD, LOAD, RUN, UPDATE, UNLOAD, RMMOD, PHASES };
static const char *const phase_names[] = { "insmod", "load", "run", "update", "unload", "rmmod" };
static double spent[PHASES];

/* Descriptors of one life; -1 for none. */
static struct life {
	int btf;
	int link;
	int control;
	int sandbox;
	pid_t loop;
} life;

static const char *step;

/* Poll for a condition; true if it came true in time. */
#define await(condition)						\
	({								\
		const double __until = seconds() + patience;		\
		bool __true;						\
									\
		while (!(__true = (condition)) && seconds() < __until)	\
			usleep(1000);					\
		__true;							\
	})

/* Remember what is being done, for the report of a failure. */
#define DO(...) (step = #__VA_ARGS__, __VA_ARGS__)

static int insmod(void)
{
	static char path[256];
	struct utsname name;
	int fd, result;

	if (!*path) {
		uname(&name);
		snprintf(path, sizeof(path), "/lib/modules/%s/updates/sbpf.ko", name.release);
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	result = fd < 0 ? -1 : syscall(SYS_finit_module, fd, "", 0);
	close(fd);
	return result;
}

/* Links and programs go in deferred work, which refers to the module until then. */
static int rmmod(void)
{
	return await(!syscall(SYS_delete_module, "sbpf", O_NONBLOCK) || errno == ENOENT) ? 0 : -1;
}

static int find_btf(void)
{
	static __u32 last;
	struct bpf_btf_info info;
	char name[64];
	__u32 id = last, len;
	int fd;

	while (!bpf_btf_get_next_id(id, &id)) {
		fd = bpf_btf_get_fd_by_id(id);
		if (fd < 0)
			continue;
		memset(&info, 0, sizeof(info));
		info.name = (unsigned long)name;
		info.name_len = sizeof(name);
		len = sizeof(info);
		if (!bpf_btf_get_info_by_fd(fd, &info, &len) && info.kernel_btf &&
		    !strcmp(name, "sbpf")) {
			last = id - 1;
			return fd;
		}
		close(fd);
	}
	return -1;
}

/* A map that holds the policy that denies FORBIDDEN with @verdict. */
static int policy(int verdict)
{
	static ino_t ino;
	struct stat st;

	if (!ino && !stat(FORBIDDEN, &st))
		ino = st.st_ino;

	const struct bpf_insn insns[] = {
		/* r1 = file, the second argument; r2 = file->f_inode->i_ino */
		{ BPF_LDX | BPF_MEM | BPF_DW, BPF_REG_1, BPF_REG_1, 8, 0 },
		{ BPF_LDX | BPF_MEM | BPF_DW, BPF_REG_1, BPF_REG_1, layout.f_inode, 0 },
		{ BPF_LDX | BPF_MEM | BPF_DW, BPF_REG_2, BPF_REG_1, layout.i_ino, 0 },
		{ BPF_LD | BPF_DW | BPF_IMM, BPF_REG_3, 0, 0, (__u32)ino },
		{ 0, 0, 0, 0, (__u64)ino >> 32 },
		{ BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0 },
		{ BPF_JMP | BPF_JNE | BPF_X, BPF_REG_2, BPF_REG_3, 1, 0 },
		{ BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, -verdict },
		{ BPF_JMP | BPF_EXIT, 0, 0, 0, 0 },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, prog_opts,
		.attach_btf_id = layout.ops_id,
		.attach_btf_obj_fd = life.btf,
		.expected_attach_type = layout.member);
	LIBBPF_OPTS(bpf_map_create_opts, map_opts,
		.btf_fd = own_btf,
		.map_flags = BPF_F_LINK | BPF_F_VTYPE_BTF_OBJ_FD,
		.btf_vmlinux_value_type_id = layout.value_id,
		.value_type_btf_obj_fd = life.btf);
	char *value = calloc(1, layout.value_size);
	__u32 key = 0;
	int prog, map, err;

	prog = DO(bpf_prog_load(BPF_PROG_TYPE_STRUCT_OPS, "file_open", "GPL", insns,
				sizeof(insns) / sizeof(insns[0]), &prog_opts));
	if (prog < 0 || !value)
		return -1;
	*(unsigned long *)(value + layout.file_open) = prog;
	strcpy(value + layout.name, POLICY);
	map = DO(bpf_map_create(BPF_MAP_TYPE_STRUCT_OPS, POLICY, sizeof(key), layout.value_size,
				1, &map_opts));
	err = map < 0 ? -1 : DO(bpf_map_update_elem(map, &key, value, 0));
	if (err)
		printf("# %.40s: %s\n", step, strerror(errno));
	close(prog);
	free(value);
	if (!err)
		return map;
	if (map >= 0)
		close(map);
	return -1;
}

static int load(void)
{
	int map;

	life.btf = DO(find_btf());
	if (life.btf < 0)
		return -1;
	map = policy(VERDICT_OLD);
	if (map < 0)
		return -1;
	life.link = DO(bpf_link_create(map, 0, BPF_STRUCT_OPS, NULL));
	close(map);
	return life.link < 0 ? -1 : 0;
}

static int update(void)
{
	int map = policy(VERDICT_NEW), err;

	if (map < 0)
		return -1;
	err = DO(bpf_link_update(life.link, map, NULL));
	close(map);
	return err;
}

static void loop(void)
{
	int fd;

	counts->ready = ioctl(life.sandbox, SBPF_IOC_ENTER) ? -errno : 1;
	while (counts->ready == 1 && !counts->stop) {
		fd = open(FORBIDDEN, O_RDONLY);
		if (fd >= 0) {
			close(fd);
			counts->other++;
		} else if (errno == VERDICT_OLD) {
			/* The old version does not come back. */
			counts->old++;
			if (counts->new)
				counts->other++;
		} else if (errno == VERDICT_NEW) {
			counts->new++;
		} else {
			counts->other++;
		}
	}
	_exit(0);
}

static int run(void)
{
	struct sbpf_create create = { .size = sizeof(create), .pids = SBPF_UNLIMITED };

	strcpy(create.policy, POLICY);
	strcpy(create.name, "lifecycle");
	memset(counts, 0, sizeof(*counts));
	life.control = DO(open("/dev/sbpf", O_RDWR | O_CLOEXEC));
	if (life.control < 0)
		return -1;
	life.sandbox = DO(ioctl(life.control, SBPF_IOC_CREATE, &create));
	if (life.sandbox < 0)
		return -1;
	life.loop = DO(fork());
	if (!life.loop)
		loop();
	return life.loop > 0 && DO(await(counts->old >= OPENS || counts->ready < 0)) &&
	       counts->ready == 1 ? 0 : -1;
}

static int end(void)
{
	int status = -1;

	if (!DO(await(counts->new >= OPENS)))
		return -1;
	counts->stop = 1;
	if (DO(waitpid(life.loop, &status, 0)) != life.loop || status)
		return -1;
	life.loop = 0;
	denied += counts->old + counts->new;
	unpoliced += counts->other;
	return 0;
}

static void let_go(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* The order in which they go is another one in every cycle. */
static void unload(int cycle)
{
	int *const fds[] = { &life.link, &life.sandbox, &life.control, &life.btf };
	int i;

	if (life.loop > 0) {
		kill(life.loop, SIGKILL);
		waitpid(life.loop, NULL, 0);
	}
	for (i = 0; i < 4; i++)
		let_go(fds[(i + cycle) % 4]);
}

static int timed(enum phase phase, int (*what)(void))
{
	double start = seconds();
	int err = what();

	spent[phase] += seconds() - start;
	return err;
}

static int live(int cycle)
{
	double start;
	int err;

	life = (struct life){ .btf = -1, .link = -1, .control = -1, .sandbox = -1 };
	err = DO(timed(INSMOD, insmod));
	if (!err && !layout.ops_id)
		err = DO(layout_module()) ? 0 : -1;
	if (!err)
		err = timed(LOAD, load);
	if (!err)
		err = timed(RUN, run);
	if (!err)
		err = timed(UPDATE, update);
	if (!err)
		err = timed(UPDATE, end);
	if (err)
		printf("# cycle %d: %.60s: %s\n", cycle, step, strerror(errno));
	start = seconds();
	unload(cycle);
	spent[UNLOAD] += seconds() - start;
	if (timed(RMMOD, rmmod)) {
		printf("# cycle %d: rmmod: %s\n", cycle, strerror(errno));
		err = -1;
	}
	return err;
}

/*
 * What is left
 */

#define MEASURES 96

/**
 * struct measure - How much there is of one thing
 * @name: its name
 * @amount: how much there is
 * @exact: it is the same again when nothing was left, else it may go up and down
 *	by itself, but not by one for each cycle
 */
struct measure {
	char name[48];
	long amount;
	bool exact;
};

static void add(struct measure *all, const char *name, long amount, bool exact)
{
	struct measure *m = all;

	while (*m->name)
		m++;
	snprintf(m->name, sizeof(m->name), "%s", name);
	m->amount = amount;
	m->exact = exact;
}

static long count_ids(int (*next)(__u32, __u32 *))
{
	__u32 id = 0;
	long n = 0;

	while (!next(id, &id))
		n++;
	return n;
}

static long count_lines(const char *path, const char *with)
{
	char *line = NULL;
	size_t size = 0;
	long n = 0;
	FILE *f = fopen(path, "r");

	if (!f)
		return -1;
	while (getline(&line, &size, f) > 0)
		n += !with || strstr(line, with);
	free(line);
	fclose(f);
	return n;
}

/* Processes; those of the kernel, children of the one with number 2, vary. */
static long count_processes(void)
{
	struct dirent *entry;
	char path[300], comm[64];
	DIR *dir = opendir("/proc");
	long n = 0;
	int parent;
	FILE *f;

	while (dir && (entry = readdir(dir))) {
		if (!atoi(entry->d_name))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/stat", entry->d_name);
		f = fopen(path, "r");
		if (!f)
			continue;
		n += fscanf(f, "%*d %63s %*c %d", comm, &parent) == 2 && parent != 2;
		fclose(f);
	}
	closedir(dir);
	return n;
}

/* Free objects that are kept at hand count as used until then. */
static void shrink_slabs(void)
{
	glob_t files;
	size_t i;
	int fd;

	if (glob("/sys/kernel/slab/kmalloc*/shrink", 0, NULL, &files))
		return;
	for (i = 0; i < files.gl_pathc; i++) {
		fd = open(files.gl_pathv[i], O_WRONLY | O_CLOEXEC);
		if (fd >= 0 && write(fd, "1", 1) != 1)
			printf("# cannot shrink %s\n", files.gl_pathv[i]);
		close(fd);
	}
	globfree(&files);
}

static void count_memory(struct measure *all)
{
	char line[256], name[32], full[40];
	long amount;
	FILE *f;

	shrink_slabs();
	f = fopen("/proc/slabinfo", "r");
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%31s %ld", name, &amount) != 2 || strncmp(name, "kmalloc", 7))
			continue;
		snprintf(full, sizeof(full), "slab %s", name);
		add(all, full, amount, false);
	}
	if (f)
		fclose(f);
	f = fopen("/proc/meminfo", "r");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "Percpu: %ld", &amount) == 1)
			add(all, "percpu kB", amount, false);
	if (f)
		fclose(f);
	add(all, "vmalloc areas", count_lines("/proc/vmallocinfo", NULL), false);
}

static void measure(struct measure *all)
{
	memset(all, 0, MEASURES * sizeof(*all));
	add(all, "BPF programs", count_ids(bpf_prog_get_next_id), true);
	add(all, "BPF maps", count_ids(bpf_map_get_next_id), true);
	add(all, "BPF links", count_ids(bpf_link_get_next_id), true);
	add(all, "BTF objects", count_ids(bpf_btf_get_next_id), true);
	add(all, "processes", count_processes(), true);
	add(all, "modules", count_lines("/proc/modules", NULL), true);
	add(all, "symbols of the module", count_lines("/proc/kallsyms", "[sbpf]"), true);
	add(all, "probes", count_lines("/sys/kernel/debug/kprobes/list", NULL), true);
	count_memory(all);
}

static struct measure before[MEASURES], after[MEASURES];

static bool exact_same(void)
{
	int i;

	measure(after);
	for (i = 0; *before[i].name; i++)
		if (before[i].exact && before[i].amount != after[i].amount)
			return false;
	return true;
}

static void compare(int cycles)
{
	long more;
	int i;

	await(exact_same());
	for (i = 0; *before[i].name; i++) {
		more = after[i].amount - before[i].amount;
		if (before[i].exact)
			point(!more, "no %s are left: %ld before, %ld after", before[i].name,
			      before[i].amount, after[i].amount);
		else if (more >= cycles / 2 && more > 20)
			printf("# %s: %ld before, %ld after\n", before[i].name, before[i].amount,
			       after[i].amount);
	}
	for (more = i = 0; *before[i].name; i++)
		more += !before[i].exact && after[i].amount - before[i].amount >= cycles / 2 &&
			after[i].amount - before[i].amount > 100;
	/* What slabs hold goes up and down by a hundred objects at any time. */
	if (cycles < 200)
		printf("ok %d - no memory grows with the cycles # SKIP with fewer than 200\n",
		       ++points);
	else
		point(!more, "no memory grows with the cycles");
}

int main(void)
{
	const char *wanted = getenv("CYCLES");
	bool debug = !access(KMEMLEAK, F_OK);
	int cycles = wanted ? atoi(wanted) : debug ? 10 : 200;
	int i, done, fd;

	setlinebuf(stdout);
	if (debug)
		patience *= 6;
	fd = open(FORBIDDEN, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	close(fd);
	counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (fd < 0 || counts == MAP_FAILED || !layout_kernel() ||
	    !load_own_btf() || rmmod()) {
		printf("Bail out! cannot set up: %s\n", strerror(errno));
		return 1;
	}

	for (i = 0; i < WARM_UP; i++)
		if (live(i))
			break;
	measure(before);
	memset(spent, 0, sizeof(spent));
	denied = 0;
	for (done = 0; done < cycles; done++)
		if (live(done))
			break;
	point(done == cycles,
	      "insmod, load, run, update during load, unload, rmmod: %d of %d cycles", done,
	      cycles);
	for (i = 0; i < PHASES; i++)
		printf("# %s: %.0f ms\n", phase_names[i], spent[i] * 1000 / (done ? done : 1));
	point(denied && !unpoliced, "of %lu opens %lu were unpoliced", denied + unpoliced,
	      unpoliced);
	compare(cycles);
	unlink(FORBIDDEN);
	printf("1..%d\n", points);
	return failures > 0;
}
