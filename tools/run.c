// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - "run": a command in a new sandbox
 *
 * The command is a child: it enters the sandbox, then executes. This process
 * stays outside, passes signals on, and kills what is left in the sandbox when
 * the command has ended. But with --stealth the command takes the place of this
 * process.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/capability.h>
#include <linux/close_range.h>

#include "cgroup.h"
#include "cli.h"
#include "dev.h"
#include "keys.h"
#include "limits.h"
#include "names.h"
#include "out.h"
#include "pids.h"
#include "policy.h"
#include "profile.h"
#include "rules.h"
#include "store.h"
#include "tmpdir.h"
#include "view.h"

#define EXIT_LIMIT		124
#define EXIT_CANNOT_EXEC	126
#define EXIT_NOT_FOUND		127

/**
 * struct run - What was asked for, and what came of it
 * @settings: of the sandbox
 * @has_rules: there are rules among them
 * @stealth: be the command, instead of its parent
 * @sandbox: descriptor of the sandbox
 * @signals: descriptor that tells signals
 * @mask: signal mask of our caller
 * @child: process of the command, 0 once it has ended
 * @status: how it ended, as wait(2) has it
 */
struct run {
	struct settings settings;
	bool has_rules;
	bool stealth;
	int sandbox;
	int signals;
	sigset_t mask;
	pid_t child;
	int status;
};

enum stage { STAGE_REPORTED, STAGE_PREPARE, STAGE_ENTER, STAGE_EXEC };

/**
 * struct failure - What the child tells when it could not execute the command
 * @stage: enum stage
 * @error: errno
 */
struct failure {
	int stage;
	int error;
};

static bool capable(int capability)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (syscall(SYS_capget, &header, data))
		return false;
	return data[capability / 32].effective & 1U << capability % 32;
}

/* What is kept of views says what a commit changes, wherever that is. */
static int protect_views(struct rules *rules)
{
	char *path, *pattern;
	struct fault fault;
	int error = store_directory(&path);

	if (error)
		return out_error("free memory and descriptors",
				 "cannot protect what is kept of views: %s", strerror(-error));
	if (!path)
		return 0;
	pattern = rules_escape(path);
	error = rules_add_path(rules, RULE_DENY, pattern, true, "what is kept of views", &fault);
	free(pattern);
	free(path);
	return error ? out_error(NULL, "%s", fault.what) : 0;
}

/* Give the sandbox its rules, about what the caller sees. */
static int set_rules(const struct run *run)
{
	if (!run->has_rules || !rules_apply(&run->settings.rules, run->sandbox))
		return 0;
	return EXIT_SBPF;
}

/* Create the sandbox; root gets a shipped policy loaded if it is not there. */
static int make_sandbox(struct run *run)
{
	const struct sbpf_create *create = &run->settings.create;
	const char *policy = create->policy;
	int dev, error;

	dev = dev_open();
	if (dev < 0)
		return EXIT_SBPF;
	run->sandbox = sbpf_create(dev, policy, create->name, create->flags);
	if (run->sandbox == -ENOENT && capable(CAP_SYS_ADMIN)) {
		if (out_verbose)
			out_note("policy %s is not registered yet, loading it", policy);
		error = policy_load(dev, policy);
		if (error) {
			close(dev);
			return EXIT_SBPF;
		}
		run->sandbox = sbpf_create(dev, policy, create->name, create->flags);
	}
	close(dev);
	switch (run->sandbox) {
	case -ENOENT:
		out_error("as root: sbpf policy load FILE, for a shipped one its name as FILE",
			  "no such policy: %s", policy);
		break;
	case -EPERM:
		out_error("run as root, or have the policy built with the flag SBPF_POLICY_OPEN",
			  "policy %s is not open to all users", policy);
		break;
	case -E2BIG:
		out_error(NULL, "sandboxes are nested too deep: at most %d", SBPF_LAYERS_MAX);
		break;
	default:
		if (run->sandbox < 0)
			out_error("dmesg may tell more",
				  "cannot create a sandbox under policy %s: %s", policy,
				  strerror(-run->sandbox));
	}
	return run->sandbox < 0 ? EXIT_SBPF : 0;
}

/* Give the sandbox its limits; memory and CPUs are those of a control group. */
static int set_limits(const struct run *run)
{
	const struct limits *limits = &run->settings.limits;

	if (cgroup_wanted(limits) && cgroup_make(limits, run->sandbox))
		return EXIT_SBPF;
	return limits_apply(limits, run->sandbox) ? EXIT_SBPF : 0;
}

/*
 * Enter the sandbox, with nothing but the standard descriptors, and be the command.
 * Returns where that failed, and errno says why.
 */
static enum stage become(struct run *run, char **argv)
{
	int error;
	pid_t pid;

	if (syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC))
		return STAGE_PREPARE;
	if (cgroup_enter())
		return STAGE_PREPARE;
	if (view_wanted(&run->settings.view) && (view_enter(&run->settings.view) || set_rules(run)))
		return STAGE_REPORTED;
	if (run->settings.no_new_privs && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return STAGE_PREPARE;
	error = sbpf_enter(run->sandbox);
	if (error) {
		errno = -error;
		return STAGE_ENTER;
	}
	if (run->settings.view.pids) {
		pid = fork();
		if (pid < 0)
			return STAGE_PREPARE;
		if (pid) {
			syscall(SYS_close_range, 3, ~0U, 0);
			pids_init(pid, run->settings.wait);
		}
	}
	if (!run->stealth && sigprocmask(SIG_SETMASK, &run->mask, NULL))
		return STAGE_PREPARE;
	execvp(argv[0], argv);
	return STAGE_EXEC;
}

static noreturn void execute(struct run *run, int pipe, char **argv)
{
	struct failure failure = { .stage = become(run, argv), .error = errno };

	if (write(pipe, &failure, sizeof(failure)) != sizeof(failure))
		_exit(EXIT_SBPF);
	_exit(EXIT_SBPF);
}

/* Report why the child did not execute the command: our exit status. */
static int explain(const struct failure *failure, const char *command)
{
	const char *text = strerror(failure->error);

	if (failure->stage == STAGE_REPORTED)
		return EXIT_SBPF;
	if (failure->stage == STAGE_EXEC) {
		if (failure->error == ENOENT) {
			out_error(NULL, "command not found: %s", command);
			return EXIT_NOT_FOUND;
		}
		out_error("sbpf events tells whether the policy denied it",
			  "cannot execute: %s: %s", command, text);
		return EXIT_CANNOT_EXEC;
	}
	if (failure->stage == STAGE_ENTER)
		out_error(failure->error == ESRCH ? "the policy was removed just now" : NULL,
			  "cannot enter the sandbox: %s", text);
	else
		out_error(NULL, "cannot prepare the command: %s", text);
	return EXIT_SBPF;
}

/* Be the command: our exit status if that fails. */
static int replace(struct run *run, char **argv)
{
	struct failure failure = { .stage = become(run, argv), .error = errno };

	return explain(&failure, argv[0]);
}

/* Fork and execute the command: 0 when it runs, else our exit status. */
static int start(struct run *run, char **argv)
{
	struct failure failure;
	int pipes[2];
	ssize_t len;

	if (pipe2(pipes, O_CLOEXEC)) {
		out_error(NULL, "cannot make a pipe: %m");
		return EXIT_SBPF;
	}
	run->child = view_fork(&run->settings.view);
	if (!run->child)
		execute(run, pipes[1], argv);
	close(pipes[1]);
	if (run->child < 0) {
		close(pipes[0]);
		return EXIT_SBPF;
	}
	do {
		len = read(pipes[0], &failure, sizeof(failure));
	} while (len < 0 && errno == EINTR);
	close(pipes[0]);
	if (len != sizeof(failure))
		return 0;
	waitpid(run->child, NULL, 0);
	return explain(&failure, argv[0]);
}

/* Take the signals into a descriptor, before there is a child to miss. */
static int catch_signals(struct run *run)
{
	static const int caught[] = { SIGCHLD, SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2 };
	sigset_t set;
	size_t i;

	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&set);
	for (i = 0; i < ARRAY_SIZE(caught); i++)
		sigaddset(&set, caught[i]);
	sigprocmask(SIG_BLOCK, &set, &run->mask);
	run->signals = signalfd(-1, &set, SFD_CLOEXEC);
	if (run->signals >= 0)
		return 0;
	out_error(NULL, "cannot wait for signals: %m");
	return EXIT_SBPF;
}

/*
 * Act on one signal; returns false when there is nothing more to wait for.
 * What the terminal sends, it has sent to the command too.
 */
static bool handle_signal(struct run *run)
{
	struct signalfd_siginfo info;
	int sig;

	if (read(run->signals, &info, sizeof(info)) != sizeof(info))
		return true;
	sig = info.ssi_signo;
	if (sig == SIGCHLD) {
		if (run->child && waitpid(run->child, &run->status, WNOHANG) == run->child)
			run->child = 0;
		return run->child || run->settings.wait;
	}
	if (!run->child)
		return false;
	if (info.ssi_code <= 0 || (sig != SIGINT && sig != SIGQUIT))
		kill(run->child, sig);
	return true;
}

/* Wait for the command, and with --wait for all that it left behind. */
static void wait_for_end(struct run *run)
{
	struct pollfd fds[] = {
		{ .fd = run->signals, .events = POLLIN },
		{ .fd = run->sandbox, .events = POLLIN },
	};

	do {
		fds[1].fd = run->child ? -1 : run->sandbox;
		if (poll(fds, 2, -1) < 0)
			continue;
		if (fds[1].revents)
			break;
	} while (!fds[0].revents || handle_signal(run));
}

/* Tell whether the limit of memory ended a process, while others could go on. */
static void tell_memory(const struct sbpf_stat *stat)
{
	const __u64 limit = stat->limit[SBPF_RESOURCE_MEMORY];
	char text[32];

	if (limit != SBPF_UNLIMITED &&
	    stat->action[SBPF_RESOURCE_MEMORY] == SBPF_ACTION_DENY && cgroup_ran_out())
		out_warn(NULL, "a process was killed: the limit of memory is %s",
			 limits_text(text, sizeof(text), SBPF_RESOURCE_MEMORY, limit));
}

/* Tell which limit ended the sandbox, or one of its processes; returns whether the former. */
static bool told_limit(const struct run *run)
{
	struct sbpf_stat stat;
	char text[32];
	__u32 i;

	if (sbpf_stat(run->sandbox, &stat))
		return false;
	tell_memory(&stat);
	if (!stat.stopped)
		return false;
	i = stat.stopped - 1;
	if (i >= ARRAY_SIZE(stat.action) || stat.action[i] != SBPF_ACTION_KILL)
		return false;
	out_warn(NULL, "killed: the limit of %s is %s", name_resource(i),
		 limits_text(text, sizeof(text), i, stat.limit[i]));
	return true;
}

static void parse(struct run *run, int argc, char **argv)
{
	static const struct option own[] = {
		{ "complain", no_argument, NULL, 'c' },
		{ "kill-on-loss", no_argument, NULL, 'k' },
		{ NULL, 0, NULL, 0 }
	};
	struct option options[KEYS_MAX + ARRAY_SIZE(own)];
	struct settings *settings = &run->settings;
	int c;

	memcpy(options + keys_options(options), own, sizeof(own));
	while ((c = cli_getopt(argc, argv, options)) != -1) {
		switch (c) {
		case 'c':
			keys_flag(settings, keys_option("mode"), "complain");
			break;
		case 'k':
			keys_flag(settings, keys_option("on-loss"), "kill");
			break;
		default:
			keys_flag(settings, c, optarg);
		}
	}
	if (optind == argc)
		exit(cli_usage("no command given"));
	run->has_rules = keys_finish(settings, argv[optind]);
	if (settings->mistakes)
		exit(out_finish(EXIT_SBPF));
	if (run->has_rules && protect_views(&settings->rules))
		exit(out_finish(EXIT_SBPF));
	run->stealth = settings->create.flags & SBPF_SANDBOX_STEALTH;
	settings->rules.small = run->stealth;
	if (settings->private_tmp && tmpdir_make(&settings->rules))
		exit(out_finish(EXIT_SBPF));
	/* Number 1 of the view is ours, not the command's. */
	if (run->settings.view.pids && settings->limits.limit[SBPF_RESOURCE_PIDS])
		settings->limits.limit[SBPF_RESOURCE_PIDS]++;
}

static int run_command(int argc, char **argv)
{
	struct run run = { 0 };
	bool privileged = capable(CAP_SYS_ADMIN), limit = false;
	int status;

	parse(&run, argc, argv);
	run.settings.no_new_privs |= !privileged;
	status = make_sandbox(&run);
	if (!status)
		status = set_limits(&run);
	if (!status && !view_wanted(&run.settings.view))
		status = set_rules(&run);
	if (!status && run.stealth)
		return replace(&run, argv + optind);
	if (!status)
		status = view_prepare(&run.settings.view, run.sandbox, privileged);
	if (!status)
		status = catch_signals(&run);
	if (!status)
		status = start(&run, argv + optind);
	if (!status) {
		wait_for_end(&run);
		if (sbpf_wait(run.sandbox, 0) && !sandbox_kill(run.sandbox))
			tmpdir_keep();
	}
	view_end(&run.settings.view);
	if (!status)
		limit = told_limit(&run);
	cgroup_remove();
	if (status)
		return status;
	/* Some end by themselves when they can create no process any more, just before. */
	if (limit)
		return EXIT_LIMIT;
	if (WIFSIGNALED(run.status))
		return 128 + WTERMSIG(run.status);
	return WEXITSTATUS(run.status);
}

const struct verb verb_run = {
	.name = "run",
	.args = "[OPTIONS] -- CMD...",
	.summary = "Run a command in a new sandbox",
	.options = keys_help,
	.help = "  --complain             --mode complain\n"
		"  --kill-on-loss         --on-loss kill\n\n"
		"All of these but the last two are keys of profiles as well, and may be given\n"
		"more than once. With --stealth what CMD leaves behind runs on. Without profile, policy and rules the profile is\n"
		PROFILE_DEFAULT ".\n"
		"With rules, what they do not allow is denied; of paths, the nearest on the way up\n"
		"decides. CMD itself may be executed, and /dev/null and the like used.\n\n"
		"CMD gets no open files besides standard input, output and error. The exit\n"
		"status is CMD's, or 128 + N after signal N, 127 not found, 126 not executable or\n"
		"not allowed to be executed, 125 sbpf itself failed, 124 killed for a limit.\n"
		"\n"
		"Limits are AMOUNT[:ACTION]. What would exceed one is denied (deny), or all are\n"
		"killed (kill), which is so for time and memory if nothing is said, or stopped (freeze) until\n"
		"sbpf thaw; or it is but told (notify).\n",
	.command = true,
	.run = run_command,
};
