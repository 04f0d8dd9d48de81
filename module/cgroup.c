// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - Control groups: what the kernel itself limits for all members together
 *
 * Limits are written to the files of the group, on behalf of whoever sets them; what is
 * used is read from its controller, which anybody may ask at any time.
 */
#include <linux/array_size.h>
#include <linux/cgroup.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernfs.h>
#include <linux/lockdep.h>
#include <linux/memcontrol.h>
#include <linux/namei.h>
#include <linux/path.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "cgroup.h"
#include "compat.h"
#include "sandbox.h"

/* In which CPU time is given out, in microseconds. */
#define CPU_PERIOD_US	100000ULL

#ifdef CONFIG_MEMCG

/**
 * struct sbpf_cgroup - The control group of a sandbox
 * @dir: its directory
 * @group: itself, held
 * @memory: its controller of memory, held; NULL if it has none
 * @ran_out: how often memory had run out when that was asked last
 * @max: files of its limits of memory and of CPUs, by SBPF_KERNEL(), as who has set these
 *	last could write there; NULL before. Under the control of its sandbox
 * @stat: file of its statistics of CPUs; NULL before there is a limit of these. Set once
 * @waited: how often its tasks had to wait for CPUs, as was told last
 */
struct sbpf_cgroup {
	struct path dir;
	struct cgroup *group;
	struct mem_cgroup *memory;
	atomic_long_t ran_out;
	struct file *max[SBPF_KERNEL(SBPF_RESOURCE_CPU_SHARE) + 1];
	struct file *stat;
	atomic64_t waited;
};

/* The nearest that is around a sandbox, or its own; NULL if there is none. */
static const struct sbpf_cgroup *cgroup_around(const struct sbpf_sandbox *sandbox)
{
	for (; sandbox; sandbox = sandbox->parent)
		if (READ_ONCE(sandbox->cgroup))
			return sandbox->cgroup;
	return NULL;
}

/**
 * sbpf_cgroup_has - May a task be a member, as far as control groups go?
 * @sandbox: the sandbox
 * @task: the task
 *
 * Context: under rcu_read_lock(); any.
 *
 * Return: whether it is in the group of the sandbox, or of that around it, if any.
 */
bool sbpf_cgroup_has(const struct sbpf_sandbox *sandbox, struct task_struct *task)
{
	const struct sbpf_cgroup *cgroup = cgroup_around(sandbox);

	return !cgroup || task_under_cgroup_hierarchy(task, cgroup->group);
}

/**
 * sbpf_cgroup_may_write - May members write to a file of a control group?
 * @cgroup: the control group of their sandbox
 * @of: the file, which is being written to
 *
 * They may to those of groups in theirs, whose limits are less, and of theirs to those that
 * say who is in it, and what there is to limit in groups in it. Another hierarchy, of
 * version 1, limits nothing that this one does.
 *
 * Context: cgroup_file_write(), under rcu_read_lock().
 *
 * Return: whether they may.
 */
bool sbpf_cgroup_may_write(const struct sbpf_cgroup *cgroup, struct kernfs_open_file *of)
{
	static const char * const own[] = {
		"cgroup.procs", "cgroup.threads", "cgroup.subtree_control",
	};
	/* Its removal waits for who is writing. */
	struct cgroup *group = sbpf_kernfs_parent(of->kn)->priv;

	if (group->root != cgroup->group->root)
		return true;
	if (group == cgroup->group)
		return match_string(own, ARRAY_SIZE(own), of_cft(of)->name) >= 0;
	return cgroup_is_descendant(group, cgroup->group);
}

static long times_ran_out(const struct sbpf_cgroup *cgroup)
{
	return cgroup->memory ?
	       atomic_long_read(&cgroup->memory->memory_events_local[MEMCG_OOM]) : 0;
}

/* Of the group itself: the kernel offers that of one further up where it has none. */
static struct mem_cgroup *own_memory(struct cgroup *group)
{
	struct cgroup_subsys_state *css = cgroup_get_e_css(group, &memory_cgrp_subsys);

	if (css->cgroup == group)
		return mem_cgroup_from_css(css);
	css_put(css);
	return NULL;
}

/*
 * Finds a file of a group that the current task may access. Not what somebody has mounted
 * in its place: whoever sets limits may do more than who named the group.
 */
static int find_file(const struct path *dir, const char *name, int access, struct path *file)
{
	int err = vfs_path_lookup(dir->dentry, dir->mnt, name, LOOKUP_NO_XDEV, file);

	if (err)
		return err;
	err = path_permission(file, access);
	if (err)
		path_put(file);
	return err;
}

/* Is it for the current task to say who is in a group? Then what it uses is as well. */
static int check_owner(const struct path *dir)
{
	struct path procs;
	int err = find_file(dir, "cgroup.procs", MAY_WRITE, &procs);

	if (!err)
		path_put(&procs);
	return err;
}

/**
 * sbpf_cgroup_bind - Name the control group of a sandbox
 * @sandbox: the sandbox, held; its control is locked
 * @fd: descriptor of the directory of the group
 *
 * Context: process, may sleep.
 *
 * Return: 0, or -errno as SBPF_IOC_SET_CGROUP documents.
 */
int sbpf_cgroup_bind(struct sbpf_sandbox *sandbox, int fd)
{
	const struct sbpf_cgroup *around = cgroup_around(sandbox->parent);
	struct sbpf_cgroup *cgroup;
	struct cgroup *group;
	struct file *file;
	int err = 0;

	lockdep_assert_held(&sandbox->control);
	/* Nobody may be outside of it; who enters has the lock. */
	if (sandbox->cgroup || sandbox->entered_ns)
		return -EBUSY;
	cgroup = kzalloc(sizeof(*cgroup), GFP_KERNEL_ACCOUNT);
	if (!cgroup)
		return -ENOMEM;
	file = fget_raw(fd);
	group = file ? cgroup_get_from_fd(fd) : ERR_PTR(-EBADF);
	if (IS_ERR(group)) {
		err = PTR_ERR(group);
		goto put_file;
	}
	/* Somebody may have put another file in its place. */
	if (file_inode(file)->i_private != group->kn)
		err = -EBADF;
	else if (around && !cgroup_is_descendant(group, around->group))
		err = -EXDEV;
	else
		err = check_owner(&file->f_path);
	if (err) {
		cgroup_put(group);
		goto put_file;
	}
	cgroup->dir = file->f_path;
	path_get(&cgroup->dir);
	cgroup->group = group;
	cgroup->memory = own_memory(group);
	atomic_long_set(&cgroup->ran_out, times_ran_out(cgroup));
	/* Whoever finds it finds it whole. */
	smp_store_release(&sandbox->cgroup, cgroup);
	cgroup = NULL;
put_file:
	if (file)
		fput(file);
	kfree(cgroup);
	return err;
}

/**
 * sbpf_cgroup_free - Forget a control group
 * @cgroup: it; nobody reads it any more
 *
 * Context: process, may sleep.
 */
void sbpf_cgroup_free(struct sbpf_cgroup *cgroup)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cgroup->max); i++)
		if (cgroup->max[i])
			fput(cgroup->max[i]);
	if (cgroup->stat)
		fput(cgroup->stat);
	if (cgroup->memory)
		css_put(&cgroup->memory->css);
	cgroup_put(cgroup->group);
	path_put(&cgroup->dir);
	kfree(cgroup);
}

/* Opens a file of a group, for reading or for writing, as the current task may. */
static struct file *open_file(const struct path *dir, const char *name, int flags)
{
	const int access = flags == O_RDONLY ? MAY_READ : MAY_WRITE;
	struct file *file;
	struct path path;
	int err = find_file(dir, name, access, &path);

	if (err)
		return ERR_PTR(err);
	file = dentry_open(&path, flags, current_cred());
	path_put(&path);
	return file;
}

/* A file of a group, what to write there, and who has it afterwards. */
struct setting {
	const char *name;
	bool optional;
	char text[48];
	struct file *file;
	struct file **keeper;
};

static int setting_open(const struct sbpf_cgroup *cgroup, struct setting *setting)
{
	struct file *file = open_file(&cgroup->dir, setting->name, O_WRONLY);

	if (file == ERR_PTR(-ENOENT))
		return setting->optional ? 0 : -EOPNOTSUPP;
	if (IS_ERR(file))
		return PTR_ERR(file);
	setting->file = file;
	return 0;
}

static int setting_write(const struct setting *setting)
{
	size_t len = strlen(setting->text);
	loff_t pos = 0;
	ssize_t done;

	if (!setting->file)
		return 0;
	done = kernel_write(setting->file, setting->text, len, &pos);
	if (done < 0)
		return done;
	return done == len ? 0 : -EIO;
}

/* Whatever does not let more memory be had has the kernel do it. */
static bool memory_by_kernel(const struct sbpf_limit *memory)
{
	return memory->limit != SBPF_UNLIMITED && memory->action <= SBPF_ACTION_KILL;
}

static void setting_text(struct setting *setting, u32 resource, u64 limit)
{
	if (limit == SBPF_UNLIMITED)
		strscpy(setting->text, "max");
	else if (resource == SBPF_RESOURCE_MEMORY)
		snprintf(setting->text, sizeof(setting->text), "%llu", limit);
	else
		snprintf(setting->text, sizeof(setting->text), "%llu %llu",
			 limit * CPU_PERIOD_US / 1000, CPU_PERIOD_US);
}

static void setting_max(struct setting *setting, const char *name, struct sbpf_cgroup *cgroup,
			u32 resource, u64 limit)
{
	setting->name = name;
	setting->keeper = &cgroup->max[SBPF_KERNEL(resource)];
	setting_text(setting, resource, limit);
}

/*
 * How often the kernel has had tasks of a group wait, as they had used up their share of CPUs:
 * in how many periods of CPU_PERIOD_US. -ENODATA if it does not tell.
 */
static s64 times_waited(const struct sbpf_cgroup *cgroup)
{
	char text[512], *line;
	loff_t pos = 0;
	ssize_t len;
	s64 times;

	len = kernel_read(cgroup->stat, text, sizeof(text) - 1, &pos);
	if (len < 0)
		return len;
	text[len] = '\0';
	line = strstr(text, "nr_throttled ");
	return line && sscanf(line, "nr_throttled %lld", &times) == 1 ? times : -ENODATA;
}

/* A limit of CPUs is about to be set: what was before does not count. */
static int waited_start(struct sbpf_cgroup *cgroup, const struct sbpf_limit *cpu)
{
	/* Where nothing is told the kernel enforces it all the same. */
	const bool needed = cpu->limit != SBPF_UNLIMITED && cpu->action != SBPF_ACTION_DENY;
	struct file *file;
	s64 times;

	if (!cgroup->stat) {
		file = open_file(&cgroup->dir, "cpu.stat", O_RDONLY);
		if (IS_ERR(file))
			return needed ? PTR_ERR(file) : 0;
		/* Whoever finds a limit finds it. */
		smp_store_release(&cgroup->stat, file);
	}
	times = times_waited(cgroup);
	if (times < 0)
		return needed ? -EOPNOTSUPP : 0;
	atomic64_set(&cgroup->waited, times);
	return 0;
}

/**
 * sbpf_cgroup_limit - Set limits of a control group, as the current task may
 * @cgroup: it; the control of its sandbox is locked
 * @memory: limit of SBPF_RESOURCE_MEMORY, NULL to leave it
 * @cpu: limit of SBPF_RESOURCE_CPU_SHARE, NULL to leave it
 *
 * Context: process, may sleep.
 *
 * Return: 0, or with nothing changed, unless the group has been removed meanwhile, -errno
 * as SBPF_IOC_SET_LIMITS documents.
 */
int sbpf_cgroup_limit(struct sbpf_cgroup *cgroup, const struct sbpf_limit *memory,
		      const struct sbpf_limit *cpu)
{
	struct setting settings[4] = {};
	int count = 0, err = 0, i;

	/* It may have got the controller since, of which nothing would be told. */
	if (memory && !cgroup->memory)
		return -EOPNOTSUPP;
	if (memory) {
		bool most = memory_by_kernel(memory);

		settings[count++] = (struct setting){ "memory.oom.group", false };
		strscpy(settings[0].text, most && memory->action == SBPF_ACTION_KILL ? "1" : "0");
		/* Where there is no swap there is no such file. */
		settings[count++] = (struct setting){ "memory.swap.max", true };
		strscpy(settings[1].text, most ? "0" : "max");
		setting_max(&settings[count++], "memory.max", cgroup, SBPF_RESOURCE_MEMORY,
			    most ? memory->limit : SBPF_UNLIMITED);
	}
	if (cpu)
		setting_max(&settings[count++], "cpu.max", cgroup, SBPF_RESOURCE_CPU_SHARE,
			    cpu->limit);
	for (i = 0; i < count && !err; i++)
		err = setting_open(cgroup, &settings[i]);
	if (cpu && !err)
		err = waited_start(cgroup, cpu);
	for (i = 0; i < count && !err; i++)
		err = setting_write(&settings[i]);
	for (i = 0; i < count; i++) {
		if (!err && settings[i].keeper)
			swap(*settings[i].keeper, settings[i].file);
		if (settings[i].file)
			fput(settings[i].file);
	}
	return err;
}

/**
 * sbpf_cgroup_tighten - Lower a limit of a control group, as who has set it could
 * @cgroup: it; the control of its sandbox is locked
 * @limit: the new limit, of SBPF_RESOURCE_MEMORY or SBPF_RESOURCE_CPU_SHARE; one with the
 *	same action has been set by sbpf_cgroup_limit()
 *
 * Context: process, may sleep, for as long as it takes to reclaim memory.
 *
 * Return: 0, or -errno of the group, as -ENODEV when it has been removed.
 */
int sbpf_cgroup_tighten(const struct sbpf_cgroup *cgroup, const struct sbpf_limit *limit)
{
	struct setting setting = { .file = cgroup->max[SBPF_KERNEL(limit->resource)] };

	if (limit->resource == SBPF_RESOURCE_MEMORY && !memory_by_kernel(limit))
		return 0;
	setting_text(&setting, limit->resource, limit->limit);
	return setting_write(&setting);
}

/**
 * sbpf_cgroup_memory - How much memory does a control group use?
 * @cgroup: it
 *
 * Context: any.
 *
 * Return: that in bytes, SBPF_UNKNOWN without the controller.
 */
u64 sbpf_cgroup_memory(const struct sbpf_cgroup *cgroup)
{
	return cgroup->memory ?
	       (u64)page_counter_read(&cgroup->memory->memory) * PAGE_SIZE : SBPF_UNKNOWN;
}

/**
 * sbpf_cgroup_memory_peak - How much memory has a control group used at most?
 * @cgroup: it
 *
 * Context: any.
 *
 * Return: that in bytes, SBPF_UNKNOWN without the controller.
 */
u64 sbpf_cgroup_memory_peak(const struct sbpf_cgroup *cgroup)
{
	return cgroup->memory ?
	       (u64)READ_ONCE(cgroup->memory->memory.watermark) * PAGE_SIZE : SBPF_UNKNOWN;
}

/**
 * sbpf_cgroup_ran_out - Has memory run out, for the limit of the group itself?
 * @cgroup: it
 *
 * Context: any.
 *
 * Return: whether it has, since somebody was told last.
 */
bool sbpf_cgroup_ran_out(struct sbpf_cgroup *cgroup)
{
	long told = atomic_long_read(&cgroup->ran_out), now = times_ran_out(cgroup);

	/* Somebody else may have seen more by now. */
	return now - told > 0 && atomic_long_try_cmpxchg(&cgroup->ran_out, &told, now);
}

/**
 * sbpf_cgroup_waited - Have tasks had to wait, as they had used up their share of CPUs?
 * @cgroup: it
 *
 * Context: process, may sleep.
 *
 * Return: whether they have, since somebody was told last, or a limit was set.
 */
bool sbpf_cgroup_waited(struct sbpf_cgroup *cgroup)
{
	s64 told = atomic64_read(&cgroup->waited), now;

	/* Pairs with waited_start(). */
	if (!smp_load_acquire(&cgroup->stat))
		return false;
	now = times_waited(cgroup);
	return now > told && atomic64_try_cmpxchg(&cgroup->waited, &told, now);
}

#else /* !CONFIG_MEMCG */

int sbpf_cgroup_bind(struct sbpf_sandbox *sandbox, int fd)
{
	return -EOPNOTSUPP;
}

void sbpf_cgroup_free(struct sbpf_cgroup *cgroup)
{
}

bool sbpf_cgroup_has(const struct sbpf_sandbox *sandbox, struct task_struct *task)
{
	return true;
}

bool sbpf_cgroup_may_write(const struct sbpf_cgroup *cgroup, struct kernfs_open_file *of)
{
	return true;
}

int sbpf_cgroup_limit(struct sbpf_cgroup *cgroup, const struct sbpf_limit *memory,
		      const struct sbpf_limit *cpu)
{
	return -EOPNOTSUPP;
}

int sbpf_cgroup_tighten(const struct sbpf_cgroup *cgroup, const struct sbpf_limit *limit)
{
	return -EOPNOTSUPP;
}

u64 sbpf_cgroup_memory(const struct sbpf_cgroup *cgroup)
{
	return SBPF_UNKNOWN;
}

u64 sbpf_cgroup_memory_peak(const struct sbpf_cgroup *cgroup)
{
	return SBPF_UNKNOWN;
}

bool sbpf_cgroup_ran_out(struct sbpf_cgroup *cgroup)
{
	return false;
}

bool sbpf_cgroup_waited(struct sbpf_cgroup *cgroup)
{
	return false;
}

#endif /* CONFIG_MEMCG */
