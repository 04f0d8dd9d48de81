// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - "policy": register, replace and remove policies
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "cli.h"
#include "confine.h"
#include "dev.h"
#include "link.h"
#include "names.h"
#include "object.h"
#include "out.h"
#include "pin.h"
#include "policy.h"
#include "recorder.h"

#define LIST_HINT	"sbpf policy list shows the registered policies"

/* How long the kernel may take to let go of the module. */
#define IDLE_TIMEOUT_MS	5000

static int no_such_policy(const char *name)
{
	return out_error(LIST_HINT, "no such policy: %s", name);
}

/* Without policies there is nothing to record: let go of the module. */
static void drop_recorder(int dev, struct sbpf_info *info)
{
	if (sbpf_module(dev, info) || info->policies)
		return;
	recorder_unpin();
	rmdir(PIN_DIR);
}

/* Register a loaded policy and pin it, or neither; -EEXIST is not reported. */
static int register_policy(const struct policy_object *object)
{
	char path[PIN_PATH_MAX];
	struct bpf_link *link;
	int error;

	link = bpf_map__attach_struct_ops(object->map);
	if (!link && errno == EEXIST)
		return -EEXIST;
	if (!link)
		return out_error("dmesg tells the reason; sbpf check tells if the kernel is able",
				 "the module refuses the policy: %s: %m", object->name);
	/* What is pinned under the name of a policy that was not registered is dead. */
	unlink(pin_policy(path, object->name));
	error = bpf_obj_pin(bpf_link__fd(link), path);
	bpf_link__destroy(link);
	if (error)
		return out_error(NULL, "cannot pin the policy: %s: %s", path, strerror(-error));
	return 0;
}

/* Have the kernel take an opened policy, and see that it is confined if it is to be. */
static int take_policy(struct policy_object *object, bool confined)
{
	int error = object_load(object);

	return error || !confined ? error : confine_check(object);
}

/* Bring an opened policy into the kernel; -EEXIST is not reported. */
static int install_policy(int dev, struct policy_object *object, bool confined)
{
	struct sbpf_policy_info policy;
	struct sbpf_info info;
	int lock, error;

	if (!pin_available())
		return out_error(PIN_MOUNT_HINT, "the BPF file system is not mounted: " PIN_BPFFS);
	lock = pin_lock();
	if (lock < 0)
		return out_error(geteuid() ? LOADERS_HINT : NULL,
				 "cannot use " PIN_DIR ": %s", strerror(-lock));
	error = -EEXIST;
	if (!sbpf_policy_find(dev, object->name, &policy))
		goto out;
	error = recorder_pin(dev);
	if (error)
		out_warn("sbpf events --follow may show them", "events are not recorded: %s",
			 strerror(-error));
	error = take_policy(object, confined);
	if (!error)
		error = register_policy(object);
	if (error)
		drop_recorder(dev, &info);
out:
	close(lock);
	return error;
}

static int load_shipped(int dev, const char *name)
{
	struct policy_object object;
	int error;

	error = object_open_shipped(&object, name);
	if (error)
		return error;
	if (strcmp(name, object.name))
		error = out_error(NULL, "the policy shipped as %s is called %s", name, object.name);
	else
		error = install_policy(dev, &object, false);
	object_close(&object);
	return error == -EEXIST ? 0 : error;
}

/**
 * policy_load - Make sure that a policy that comes with sbpf is registered
 * @dev: from dev_open()
 * @name: its name
 *
 * Reports what is wrong if that fails. Starts to record events. In a child, which gives up
 * privilege that the caller goes on to need.
 *
 * Return: 0 or EXIT_FAILURE.
 */
int policy_load(int dev, const char *name)
{
	const struct sigaction plain = { .sa_handler = SIG_DFL };
	struct sigaction inherited;
	int status = 0;
	pid_t child, ended;

	/* Children of who ignores their end cannot be waited for. */
	sigaction(SIGCHLD, &plain, &inherited);
	fflush(stdout);
	child = fork();
	if (!child)
		_exit(load_shipped(dev, name) ? EXIT_FAILURE : 0);
	do
		ended = child < 0 ? -1 : waitpid(child, &status, 0);
	while (ended < 0 && errno == EINTR);
	if (ended < 0)
		status = out_error(NULL, "cannot load the policy: %s: %m", name);
	else if (WIFSIGNALED(status))
		status = out_error(NULL, "loading the policy was ended by signal %d: %s",
				   WTERMSIG(status), name);
	sigaction(SIGCHLD, &inherited, NULL);
	return status ? EXIT_FAILURE : 0;
}

/* The command line of load and update; whether the policy is to be confined. */
static bool take_options(int argc, char **argv, int operands)
{
	static const struct option options[] = {
		{ "confined", no_argument, NULL, 'c' },
		{ NULL, 0, NULL, 0 }
	};
	bool confined = false;

	while (cli_getopt(argc, argv, options) != -1)
		confined = true;
	cli_operands(argc, argv, operands);
	return confined;
}

static int run_load(int argc, char **argv)
{
	struct policy_object object;
	struct json_object *record;
	char path[PIN_PATH_MAX];
	bool confined;
	int dev, error;

	confined = take_options(argc, argv, 1);
	dev = dev_open();
	if (dev < 0)
		return EXIT_FAILURE;
	error = object_open(&object, argv[optind]);
	if (error) {
		close(dev);
		return error;
	}
	error = install_policy(dev, &object, confined);
	if (error == -EEXIST) {
		error = out_error("sbpf policy update replaces it",
				  "the policy is registered already: %s", object.name);
	} else if (!error) {
		pin_policy(path, object.name);
		record = out_new();
		out_text(record, "policy", object.name, sizeof(object.name));
		out_text(record, "action", "loaded", 8);
		out_text(record, "pin", path, sizeof(path));
		out_record(record, "%s: loaded, pinned at %s", object.name, path);
	}
	object_close(&object);
	close(dev);
	return error;
}

/* Wait, for a while, until the module can be removed. */
static void wait_idle(void)
{
	int waited, fd, len;
	char users[16];

	for (waited = 0; waited < IDLE_TIMEOUT_MS; waited += 10) {
		fd = open("/sys/module/sbpf/refcnt", O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return;
		len = read(fd, users, sizeof(users) - 1);
		close(fd);
		if (len < 1 || users[0] == '0')
			return;
		usleep(10000);
	}
}

/* Unregister a policy, and let go of the module if it was the last. */
static int remove_policy(int dev, const char *name, struct sbpf_info *info)
{
	char path[PIN_PATH_MAX];
	int lock, link, error;

	lock = pin_lock();
	if (lock < 0)
		return lock;
	link = link_open(name);
	error = link;
	if (link >= 0) {
		error = bpf_link_detach(link);
		close(link);
	}
	if (!error) {
		unlink(pin_policy(path, name));
		drop_recorder(dev, info);
	}
	close(lock);
	return error;
}

static int run_unload(int argc, char **argv)
{
	struct sbpf_policy_info policy;
	struct sbpf_info info = { 0 };
	struct json_object *record;
	char orphans[96] = "";
	const char *name;
	int dev, error;

	cli_plain(argc, argv, 1);
	name = argv[optind];
	dev = dev_open();
	if (dev < 0)
		return EXIT_FAILURE;
	error = sbpf_policy_find(dev, name, &policy) ? no_such_policy(name) : 0;
	if (error)
		goto out;
	error = remove_policy(dev, name, &info);
	if (error) {
		error = out_error(geteuid() ? "policies are unloaded by root" : NULL,
				  "cannot unload the policy: %s: %s", name, strerror(-error));
		goto out;
	}
	if (policy.sandboxes)
		snprintf(orphans, sizeof(orphans), "; without policy now: %u sandboxes",
			 policy.sandboxes);
	record = out_new();
	out_text(record, "policy", name, strlen(name));
	out_text(record, "action", "unloaded", 9);
	out_u64(record, "orphans", policy.sandboxes);
	out_record(record, "%s: unloaded%s", name, orphans);
out:
	close(dev);
	if (!error && !info.policies && !info.sandboxes)
		wait_idle();
	return error;
}

/* Put a loaded policy into the place of the registered one. */
static int replace_policy(const struct policy_object *object)
{
	int link, error;

	link = link_open(object->name);
	error = link;
	if (link >= 0) {
		error = bpf_link_update(link, bpf_map__fd(object->map), NULL);
		close(link);
	}
	if (error)
		return out_error("dmesg tells the module's reason, if it had one",
				 "cannot replace the policy: %s: %s", object->name,
				 strerror(-error));
	return 0;
}

static int run_update(int argc, char **argv)
{
	struct sbpf_policy_info info = { 0 };
	struct policy_object object;
	struct json_object *record;
	const char *name, *file;
	bool confined;
	int dev, error;

	confined = take_options(argc, argv, 2);
	name = argv[optind];
	file = argv[optind + 1];
	dev = dev_open();
	if (dev < 0)
		return EXIT_FAILURE;
	error = sbpf_policy_find(dev, name, &info) ? no_such_policy(name) : 0;
	if (error)
		goto out;
	error = object_open(&object, file);
	if (error)
		goto out;
	if (strcmp(name, object.name))
		error = out_error("a replacement has the same name",
				  "the policy in %s is called %s, not %s", file, object.name, name);
	else
		error = take_policy(&object, confined);
	if (!error)
		error = object_set_value(&object);
	if (!error)
		error = replace_policy(&object);
	if (!error) {
		sbpf_policy_find(dev, name, &info);
		record = out_new();
		out_text(record, "policy", name, strlen(name));
		out_text(record, "action", "updated", 8);
		out_u64(record, "generation", info.generation);
		out_record(record, "%s: updated, generation %llu", name, info.generation);
	}
	object_close(&object);
out:
	close(dev);
	return error;
}

/* Where a policy is pinned; who cannot look gets "unknown". */
static const char *pinned(const char *name)
{
	char path[PIN_PATH_MAX];

	if (!access(pin_policy(path, name), F_OK))
		return "yes";
	return errno == ENOENT ? "no" : "unknown";
}

static struct json_object *policy_record(const struct sbpf_policy_info *info)
{
	struct json_object *record = out_new();

	out_text(record, "policy", info->name, sizeof(info->name));
	out_u64(record, "generation", info->generation);
	out_u64(record, "sandboxes", info->sandboxes);
	out_list(record, "flags", info->flags, name_policy_flag);
	out_list(record, "ops", info->ops, name_op);
	out_text(record, "pinned", pinned(info->name), 8);
	return record;
}

static int run_list(int argc, char **argv)
{
	struct sbpf_policy_info info;
	char ops[2048], flags[64];
	__u32 index;
	int dev, error;

	cli_plain(argc, argv, 0);
	dev = dev_open();
	if (dev < 0)
		return EXIT_FAILURE;
	out_heading("NAME             GEN SANDBOXES PINNED  FLAGS OPERATIONS");
	for (index = 0; !(error = sbpf_policy(dev, index, &info)); index++)
		out_record(policy_record(&info), "%-15s %4llu %9u %-7s %-5s %s", info.name,
			   info.generation, info.sandboxes, pinned(info.name),
			   out_names(flags, sizeof(flags), info.flags, name_policy_flag),
			   out_names(ops, sizeof(ops), info.ops, name_op));
	close(dev);
	if (error != -ENOENT)
		return out_error(NULL, "cannot list the policies: %s", strerror(-error));
	return EXIT_SUCCESS;
}

static int run_show(int argc, char **argv)
{
	struct sbpf_policy_info info;
	char ops[2048], flags[64];
	int dev, error;

	cli_plain(argc, argv, 1);
	dev = dev_open();
	if (dev < 0)
		return EXIT_FAILURE;
	error = sbpf_policy_find(dev, argv[optind], &info);
	close(dev);
	if (error)
		return no_such_policy(argv[optind]);
	out_record(policy_record(&info),
		   "policy:     %s\ngeneration: %llu\nsandboxes:  %u\npinned:     %s\n"
		   "flags:      %s\noperations: %s",
		   info.name, info.generation, info.sandboxes, pinned(info.name),
		   out_names(flags, sizeof(flags), info.flags, name_policy_flag),
		   out_names(ops, sizeof(ops), info.ops, name_op));
	return EXIT_SUCCESS;
}

const struct verb verb_policy_load = {
	.name = "policy load",
	.args = "[--confined] FILE",
	.summary = "Load a policy and register it",
	.help = "FILE is a BPF object with one struct sbpf_policy_ops. A word without / and\n"
		"without .o at its end is the name of a policy that comes with sbpf.\n"
		"The policy stays, pinned under " PIN_DIR ", until it is unloaded.\n"
		"--confined refuses it unless all memory that its programs reach is a BPF arena\n"
		"of its own, and they see no kernel address as a number; which is seen from\n"
		"their instructions, not taken from the verifier.\n",
	.run = run_load,
};

const struct verb verb_policy_unload = {
	.name = "policy unload",
	.args = "NAME",
	.summary = "Remove a policy",
	.help = "Sandboxes under it fail closed: all that they ask for is denied, or their\n"
		"members are killed if they were created with --kill-on-loss.\n",
	.run = run_unload,
};

const struct verb verb_policy_update = {
	.name = "policy update",
	.args = "[--confined] NAME FILE",
	.summary = "Replace a policy while it is in use",
	.help = "Every operation is decided by the old or by the new policy, none by neither.\n"
		"The policy in FILE must be called NAME. --confined is as for policy load.\n",
	.run = run_update,
};

const struct verb verb_policy_list = {
	.name = "policy list",
	.args = "",
	.summary = "List the registered policies",
	.run = run_list,
};

const struct verb verb_policy_show = {
	.name = "policy show",
	.args = "NAME",
	.summary = "Show one registered policy",
	.run = run_show,
};
