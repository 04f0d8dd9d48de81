// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf selftests - What the test programs share
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <grp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "common.h"
#include "listener.skel.h"

#define SAME_OP(name, NAME) \
	_Static_assert((int)PROBE_##NAME == (int)SBPF_OP_##NAME, #name);
SBPF_OPS(SAME_OP)
_Static_assert((int)PROBE_OP_MAX == (int)SBPF_OP_MAX, "MAX");

int control = -1;
ino_t forbidden_ino;
struct policy probe;

static struct listener_bpf *listener;
/* One ring per CPU. */
static struct ring_buffer *rings;

static struct sbpf_event *events;
static size_t events_heard, events_room;
/* Newest event of the system when the listening began. */
static uint64_t events_before;

uint64_t slow(void)
{
	const char *factor = getenv("SLOW");

	return factor ? strtoul(factor, NULL, 10) : 1;
}

double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

uint64_t boottime_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

/* Files */

ino_t file_ino(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : st.st_ino;
}

uint32_t file_dev(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : major(st.st_dev) << 20 | minor(st.st_dev);
}

int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	int err = 0;

	if (fd < 0)
		return errno;
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		err = errno ?: EIO;
	close(fd);
	return err;
}

int read_file(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		return errno;
	got = read(fd, text, size - 1);
	close(fd);
	if (got < 0)
		return errno;
	text[got] = 0;
	return 0;
}

bool kernel_counts_bytes(void)
{
	return !access("/proc/self/io", R_OK);
}

bool file_intact(const char *path)
{
	char text[64];

	return !read_file(path, text, sizeof(text)) && !strcmp(text, CONTENT);
}

static int copy_program(const char *from, const char *to)
{
	char buf[65536];
	ssize_t got = -1;
	int in, out;

	in = open(from, O_RDONLY | O_CLOEXEC);
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	if (in >= 0 && out >= 0)
		while ((got = read(in, buf, sizeof(buf))) > 0)
			if (write(out, buf, got) != got)
				got = -1;
	close(in);
	close(out);
	return got < 0 ? errno ?: EIO : 0;
}

static int setup_files(void)
{
	int err;

	if (unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("sbpf-test", DIR, "tmpfs", 0, "mode=0755"))
		return errno;
	umask(0);
	err = write_file(FORBIDDEN, CONTENT);
	err = err ?: write_file(FREE, CONTENT);
	err = err ?: copy_program("/usr/bin/true", PROGRAM);
	err = err ?: write_file(SCRIPT, "#!" PROGRAM "\n");
	if (!err && chmod(SCRIPT, 0755))
		err = errno;
	forbidden_ino = file_ino(FORBIDDEN);
	return err;
}

/* libbpf is talkative about what tests do on purpose. */
static bool quiet;

static int print(enum libbpf_print_level level, const char *format, va_list args)
{
	if (quiet || level != LIBBPF_WARN)
		return 0;
	return vfprintf(stderr, format, args);
}

static int on_event(void *unused, void *data, size_t size)
{
	if (events_heard == events_room) {
		events_room = events_room * 2 ?: 64;
		events = realloc(events, events_room * sizeof(*events));
		if (!events)
			abort();
	}
	memcpy(&events[events_heard++], data, sizeof(*events));
	return 0;
}

static int setup_listener(void)
{
	int cpus = libbpf_num_possible_cpus(), cpu, fd, err = 0;

	if (cpus < 0)
		return -cpus;
	listener = listener_bpf__open();
	if (!listener)
		return errno;
	bpf_map__set_max_entries(listener->maps.rings, cpus);
	if (listener_bpf__load(listener))
		return errno;
	for (cpu = 0; cpu < cpus && !err; cpu++) {
		fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "ring", 0, 0, 2 << 20, NULL);
		if (fd < 0)
			return -fd;
		err = -bpf_map_update_elem(bpf_map__fd(listener->maps.rings), &cpu, &fd,
					   BPF_ANY);
		if (err)
			break;
		if (!rings) {
			rings = ring_buffer__new(fd, on_event, NULL, NULL);
			err = rings ? 0 : errno;
		} else {
			err = -ring_buffer__add(rings, fd, on_event, NULL);
		}
	}
	return err ?: -listener_bpf__attach(listener);
}

int setup(void)
{
	const char *step = "open /dev/sbpf (modprobe sbpf?)";
	int err = 0;

	libbpf_set_print(print);
	setvbuf(stdout, NULL, _IOLBF, 0);
	/* What is told to an actor that is gone is an error. */
	signal(SIGPIPE, SIG_IGN);
	control = open("/dev/sbpf", O_RDWR | O_CLOEXEC);
	if (control < 0)
		err = errno;
	if (!err) {
		step = "prepare files in " DIR;
		err = setup_files();
	}
	if (!err) {
		step = "listen to events";
		err = setup_listener();
	}
	if (err)
		printf("Bail out! cannot %s: %s\n", step, strerror(err));
	return err;
}

int setup_policy(struct policy *policy, const char *name, uint64_t ops,
		 uint64_t flags)
{
	int err = policy_open(policy, name, ops);

	if (!err) {
		policy->skel->struct_ops.policy->flags = flags;
		err = policy_register(policy);
	}
	if (err)
		printf("Bail out! cannot register the policy %s: %s\n", name,
		       strerror(err));
	return err;
}

static pid_t rules_loader;

/* The harness ends the process itself. */
static void unload_rules(void)
{
	if (getpid() == rules_loader && system("sbpf policy unload rules >/dev/null"))
		fprintf(stderr, "cannot unload the policy\n");
}

int setup_rules(void)
{
	if (system("sbpf policy load rules >/dev/null")) {
		printf("Bail out! cannot load the policy rules\n");
		return EIO;
	}
	rules_loader = getpid();
	return atexit(unload_rules) ? ENOMEM : 0;
}

/* Sandboxes */

int sbpf_ioctl(int fd, unsigned long request, void *arg)
{
	return ioctl(fd, request, arg) < 0 ? errno : 0;
}

int info_get(struct sbpf_info *info)
{
	memset(info, 0, sizeof(*info));
	info->size = sizeof(*info);
	return sbpf_ioctl(control, SBPF_IOC_INFO, info);
}

int sandbox_create(const char *policy, const char *name, uint32_t flags,
		   uint64_t pids)
{
	struct sbpf_create create = {
		.size = sizeof(create),
		.flags = flags,
		.pids = pids,
	};
	int fd;

	strncpy(create.policy, policy, sizeof(create.policy) - 1);
	strncpy(create.name, name, sizeof(create.name) - 1);
	fd = ioctl(control, SBPF_IOC_CREATE, &create);
	return fd < 0 ? -errno : fd;
}

int sandbox_open(uint64_t id)
{
	struct sbpf_open open = { .size = sizeof(open), .id = id };
	int fd = ioctl(control, SBPF_IOC_OPEN, &open);

	return fd < 0 ? -errno : fd;
}

int sandbox_enter(int fd)
{
	return sbpf_ioctl(fd, SBPF_IOC_ENTER, NULL);
}

int sandbox_kill(int fd)
{
	return sbpf_ioctl(fd, SBPF_IOC_KILL, NULL);
}

int sandbox_set_policy(int fd, const char *policy)
{
	struct sbpf_set_policy set = { .size = sizeof(set) };

	strncpy(set.policy, policy, sizeof(set.policy) - 1);
	return sbpf_ioctl(fd, SBPF_IOC_SET_POLICY, &set);
}

int sandbox_limit(int fd, uint32_t resource, uint64_t limit, uint32_t action)
{
	struct sbpf_limit one = { resource, action, limit };
	struct sbpf_set_limits set = {
		.size = sizeof(set),
		.count = 1,
		.limits = (uintptr_t)&one,
	};

	return sbpf_ioctl(fd, SBPF_IOC_SET_LIMITS, &set);
}

int sandbox_set_limit(int fd, uint64_t pids)
{
	return sandbox_limit(fd, SBPF_RESOURCE_PIDS, pids, SBPF_ACTION_DENY);
}

int sandbox_set_complain(int fd, uint32_t on)
{
	return sbpf_ioctl(fd, SBPF_IOC_SET_COMPLAIN, &on);
}

int sandbox_set_cgroup(int fd, int dir)
{
	int32_t group = dir;

	return sbpf_ioctl(fd, SBPF_IOC_SET_CGROUP, &group);
}

void group_remove(const char *path)
{
	if (!await(!rmdir(path) || errno != EBUSY))
		fprintf(stderr, "%s is not empty\n", path);
}

int group_make(const char *path)
{
	char end[128];
	int fd;

	mkdir(GROUPS, 0700);
	if (!file_ino(GROUPS "/cgroup.procs") &&
	    mount("none", GROUPS, "cgroup2", 0, NULL))
		return -errno;
	if (write_file(GROUPS "/cgroup.subtree_control", "+memory +cpu"))
		return -EOPNOTSUPP;
	/* A test that was out of time has left it. */
	snprintf(end, sizeof(end), "%s/cgroup.kill", path);
	if (!write_file(end, "1"))
		group_remove(path);
	if (mkdir(path, 0755))
		return -errno;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int group_move(pid_t pid, const char *path)
{
	char procs[128], text[16];

	snprintf(procs, sizeof(procs), "%s/cgroup.procs", path);
	snprintf(text, sizeof(text), "%d", pid);
	return write_file(procs, text);
}

int act_join_group(long path)
{
	return group_move(0, (const char *)path);
}

int act_clone_into(long path)
{
	struct clone_args args = { .flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD };
	int dir = open((const char *)path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	pid_t pid;

	if (dir < 0)
		return ENOTRECOVERABLE;
	args.cgroup = dir;
	pid = syscall(SYS_clone3, &args, sizeof(args));
	if (!pid)
		_exit(0);
	close(dir);
	if (pid < 0)
		return errno;
	waitpid(pid, NULL, 0);
	return 0;
}

int sandbox_stat(int fd, struct sbpf_stat *stat)
{
	memset(stat, 0, sizeof(*stat));
	stat->size = sizeof(*stat);
	return sbpf_ioctl(fd, SBPF_IOC_STAT, stat);
}

uint64_t sandbox_id(int fd)
{
	struct sbpf_stat stat;

	return sandbox_stat(fd, &stat) ? 0 : stat.id;
}

uint64_t sandbox_pids(int fd)
{
	struct sbpf_stat stat;

	return sandbox_stat(fd, &stat) ? ~0ULL : stat.usage[SBPF_RESOURCE_PIDS];
}

uint64_t sandbox_sum_denied(int fd)
{
	struct sbpf_stat stat;
	uint64_t sum = 0;
	int op;

	if (sandbox_stat(fd, &stat))
		return ~0ULL;
	for (op = 0; op < SBPF_OP_MAX; op++)
		sum += stat.denied[op];
	return sum;
}

static int ids_get(int fd, unsigned long request, uint64_t *ids, uint32_t capacity)
{
	struct sbpf_ids arg = {
		.size = sizeof(arg),
		.count = capacity,
		.ids = (uintptr_t)ids,
	};
	int err = sbpf_ioctl(fd, request, &arg);

	return err ? -err : (int)arg.count;
}

int sandbox_members(int fd, uint64_t *pids, uint32_t capacity)
{
	return ids_get(fd, SBPF_IOC_MEMBERS, pids, capacity);
}

int sandbox_list(uint64_t *ids, uint32_t capacity)
{
	return ids_get(control, SBPF_IOC_LIST, ids, capacity);
}

bool sandbox_listed(uint64_t id)
{
	uint64_t ids[256];
	int i, count = sandbox_list(ids, 256);

	for (i = 0; i < count && i < 256; i++)
		if (ids[i] == id)
			return true;
	return false;
}

static bool no_sandbox(void)
{
	struct sbpf_info info;

	return !info_get(&info) && !info.sandboxes;
}

bool sandboxes_gone(void)
{
	return await(no_sandbox());
}

bool sandbox_empty(int fd, int timeout)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, timeout) == 1 && (p.revents & POLLIN);
}

/* Policies */

char *policy_name(struct policy *policy)
{
	/* The skeleton has no member for an array; it follows the flags. */
	return (char *)(&policy->skel->struct_ops.policy->flags + 1);
}

int policy_open(struct policy *policy, const char *name, uint64_t ops)
{
	memset(policy, 0, sizeof(*policy));
	policy->skel = probe_bpf__open();
	if (!policy->skel)
		return errno;
	memset(policy_name(policy), 0, SBPF_NAME_MAX);
	memcpy(policy_name(policy), name, strnlen(name, SBPF_NAME_MAX));

#define KEEP(op, OP)								\
	if (!(ops & (1ULL << SBPF_OP_##OP))) {					\
		policy->skel->struct_ops.policy->op = NULL;			\
		bpf_program__set_autoload(policy->skel->progs.op, false);	\
	}
	SBPF_OPS(KEEP)
#undef KEEP
	return 0;
}

int policy_load(struct policy *policy)
{
	return probe_bpf__load(policy->skel) ? errno : 0;
}

int policy_register(struct policy *policy)
{
	int err = policy_load(policy);

	if (err)
		return err;
	policy->link = bpf_map__attach_struct_ops(policy->skel->maps.policy);
	return policy->link ? 0 : errno;
}

int policy_replace(struct policy *policy, struct policy *by)
{
	return bpf_link__update_map(policy->link, by->skel->maps.policy) ? errno : 0;
}

void policy_close(struct policy *policy)
{
	bpf_link__destroy(policy->link);
	probe_bpf__destroy(policy->skel);
	memset(policy, 0, sizeof(*policy));
}

void policy_reset(struct policy *policy)
{
	memset(policy->skel->bss, 0, sizeof(*policy->skel->bss));
}

void policy_rule(struct policy *policy, int layer, enum sbpf_op op, int error,
		 uint32_t bits, uint64_t key)
{
	struct probe_rule *rule = (void *)&policy->skel->bss->rules[layer][op];

	rule->verdict = 0;
	rule->bits = bits;
	rule->key = key;
	__atomic_store_n(&rule->verdict, -error, __ATOMIC_RELEASE);
}

void policy_forbid(struct policy *policy, int layer, int error)
{
	policy_rule(policy, layer, SBPF_OP_FILE_OPEN, error, 0, forbidden_ino);
}

void bpf_quiet(bool on)
{
	quiet = on;
}

/* Events */

static uint64_t events_newest(void)
{
	struct sbpf_info info;

	return info_get(&info) ? 0 : info.events;
}

static int by_number(const void *a, const void *b)
{
	const struct sbpf_event *x = a, *y = b;

	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

static int events_hear(void)
{
	int heard = ring_buffer__consume(rings);

	if (heard > 0)
		qsort(events, events_heard, sizeof(*events), by_number);
	return heard < 0 || listener->bss->lost;
}

void events_reset(void)
{
	events_hear();
	events_heard = 0;
	listener->bss->lost = 0;
	events_before = events_newest();
}

int events_count(enum sbpf_event_type type)
{
	int count = 0;
	size_t i;

	if (events_hear())
		return -1;
	for (i = 0; i < events_heard; i++)
		if (events[i].type == type)
			count++;
	return count;
}

/*
 * Each event has a number of its own, so what was not heard leaves a gap. A
 * sandbox's end is asynchronous: it may still be on its way.
 */
static bool events_complete(void)
{
	uint64_t first = ~0ULL, last = 0;
	size_t i, count = 0;

	if (events_hear())
		return false;
	for (i = 0; i < events_heard; i++) {
		if (events[i].seq <= events_before)
			continue;
		count++;
		if (events[i].seq < first)
			first = events[i].seq;
		if (events[i].seq > last)
			last = events[i].seq;
	}
	return !count || (first == events_before + 1 && last - first + 1 == count);
}

int events_total(void)
{
	int total = 0;
	size_t i;

	if (!await(events_complete())) {
		fprintf(stderr, "# %zu events heard after number %llu, %llu lost:\n",
			events_heard, (unsigned long long)events_before,
			(unsigned long long)listener->bss->lost);
		for (i = 0; i < events_heard; i++)
			fprintf(stderr, "#   %llu type %u op %u %s\n",
				events[i].seq, events[i].type, events[i].op,
				events[i].text);
		return -1;
	}
	for (i = 0; i < events_heard; i++)
		if (events[i].type != SBPF_EVENT_SANDBOX &&
		    events[i].type != SBPF_EVENT_CONTROL)
			total++;
	return total;
}

const struct sbpf_event *event(enum sbpf_event_type type, int index)
{
	static const struct sbpf_event none;
	size_t i;

	events_hear();
	for (i = 0; i < events_heard; i++)
		if (events[i].type == type && !index--)
			return &events[i];
	return &none;
}

int events_sandbox(uint64_t id, const char *what)
{
	int count = 0;
	size_t i;

	events_hear();
	for (i = 0; i < events_heard; i++)
		if (events[i].type == SBPF_EVENT_SANDBOX && events[i].sandbox == id &&
		    !strcmp(events[i].text, what))
			count++;
	return count;
}

/* The kernel's log */

int log_open(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0)
		lseek(fd, 0, SEEK_END);
	return fd;
}

bool log_next(int fd, const char *text, char *line, size_t size)
{
	char record[2048], *start;
	ssize_t got;

	for (;;) {
		got = read(fd, record, sizeof(record) - 1);
		if (got < 0 && errno == EPIPE)
			continue;
		if (got <= 0)
			return false;
		record[got] = 0;
		start = strchr(record, ';');
		if (!start || !strstr(start, text))
			continue;
		snprintf(line, size, "%.*s", (int)strcspn(start + 1, "\n"), start + 1);
		return true;
	}
}

bool log_find(int fd, const char *text, char *line, size_t size)
{
	/* The log may be written a little later than what it tells. */
	return await(log_next(fd, text, line, size));
}

/* Processes */

static int status_of(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) != pid)
		if (errno != EINTR)
			return KILLED;
	return WIFEXITED(status) ? WEXITSTATUS(status) : KILLED;
}

int run(int sandbox, act_fn fn, long arg)
{
	pid_t pid = fork();

	if (pid < 0)
		return errno;
	if (!pid) {
		int err = 0;

		prctl(PR_SET_NAME, ACTOR_COMM);
		if (sandbox >= 0)
			err = sandbox_enter(sandbox);
		_exit(err ?: fn(arg));
	}
	return status_of(pid);
}

struct order {
	act_fn fn;
	long arg;
};

/* By pipes, which a sandbox that denies everything leaves alone. */
static _Noreturn void actor_main(int orders, int answers)
{
	struct order order;
	int result;

	prctl(PR_SET_NAME, ACTOR_COMM);
	while (read(orders, &order, sizeof(order)) == sizeof(order)) {
		result = order.fn(order.arg);
		if (write(answers, &result, sizeof(result)) != sizeof(result))
			break;
	}
	_exit(0);
}

static int actor_fork(struct actor *actor, bool group)
{
	int orders[2], answers[2];

	if (pipe2(orders, O_CLOEXEC) || pipe2(answers, O_CLOEXEC))
		return errno;
	actor->pid = fork();
	if (actor->pid < 0)
		return errno;
	if (!actor->pid) {
		close(orders[1]);
		close(answers[0]);
		if (group)
			setpgid(0, 0);
		actor_main(orders[0], answers[1]);
	}
	close(orders[0]);
	close(answers[1]);
	actor->orders = orders[1];
	actor->answers = answers[0];
	return actor_call(actor, act_nothing, 0);
}

int actor_start(struct actor *actor)
{
	return actor_fork(actor, false);
}

int actor_start_group(struct actor *actor)
{
	return actor_fork(actor, true);
}

int actor_tell(struct actor *actor, act_fn fn, long arg)
{
	struct order order = { fn, arg };

	if (write(actor->orders, &order, sizeof(order)) != sizeof(order))
		return KILLED;
	return 0;
}

int actor_answer(struct actor *actor)
{
	int result;

	if (read(actor->answers, &result, sizeof(result)) != sizeof(result))
		return KILLED;
	return result;
}

int actor_call(struct actor *actor, act_fn fn, long arg)
{
	return actor_tell(actor, fn, arg) ?: actor_answer(actor);
}

void actor_stop(struct actor *actor)
{
	if (actor->pid <= 0)
		return;
	close(actor->orders);
	close(actor->answers);
	kill(actor->pid, SIGKILL);
	status_of(actor->pid);
	actor->pid = 0;
}

/* Acts */

int act_nothing(long arg)
{
	return 0;
}

int act_enter(long sandbox)
{
	return sandbox_enter(sandbox);
}

int act_enter_id(long id)
{
	int fd = sandbox_open(id), err;

	if (fd < 0)
		return -fd;
	err = sandbox_enter(fd);
	close(fd);
	return err;
}

int act_close(long fd)
{
	return close(fd) ? errno : 0;
}

int act_open(long path)
{
	int fd = open((const char *)path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

int act_forbidden(long unused)
{
	return act_open(PATH(FORBIDDEN));
}

int act_fork(long unused)
{
	pid_t pid = syscall(SYS_fork);

	if (pid < 0)
		return errno;
	if (!pid)
		_exit(0);
	return status_of(pid);
}

static void *idle_thread(void *unused)
{
	return NULL;
}

int act_thread(long unused)
{
	pthread_t thread;
	int err = pthread_create(&thread, NULL, idle_thread, NULL);

	return err ?: pthread_join(thread, NULL);
}

int capabilities_set(uint64_t mask, bool on)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	int i;

	if (syscall(SYS_capget, &header, data))
		return errno;
	for (i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		data[i].effective &= ~(uint32_t)(mask >> 32 * i);
		if (on)
			data[i].effective |= data[i].permitted & (uint32_t)(mask >> 32 * i);
	}
	return syscall(SYS_capset, &header, data) ? errno : 0;
}

int act_no_new_privs(long unused)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? errno : 0;
}

int act_become(long uid)
{
	if (setgroups(0, NULL) || setresgid(uid, uid, uid) || setresuid(uid, uid, uid))
		return errno;
	return 0;
}
