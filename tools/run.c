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
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/capability.h>
#include <linux/close_range.h>

#include "cli.h"
#include "dev.h"
#include "names.h"
#include "out.h"
#include "pids.h"
#include "policy.h"
#include "rules.h"
#include "view.h"

#define EXIT_CANNOT_EXEC	126
#define EXIT_NOT_FOUND		127

/**
 * struct run - What was asked for, and what came of it
 * @create: the sandbox to create
 * @rules: its rules
 * @view: what its members see
 * @no_new_privs: set no_new_privs, even where entering does not need it
 * @wait: wait for all members, not just for the command
 * @stealth: be the command, instead of its parent
 * @sandbox: descriptor of the sandbox
 * @signals: descriptor that tells signals
 * @mask: signal mask of our caller
 * @child: process of the command, 0 once it has ended
 * @status: how it ended, as wait(2) has it
 */
struct run {
	struct sbpf_create create;
	struct rules rules;
	struct view view;
	bool no_new_privs;
	bool wait;
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

/* Give the sandbox its rules, about what the caller sees. */
static int set_rules(struct run *run, const char *command)
{
	int error;

	if (!run->rules.count)
		return 0;
	if (!run->rules.paths && rules_open(&run->rules, command))
		return EXIT_SBPF;
	error = rules_apply(&run->rules, run->sandbox);
	if (!error)
		return 0;
	out_error(NULL, "cannot set the rules of the sandbox: %s", strerror(-error));
	return EXIT_SBPF;
}

/* Create the sandbox; root gets a shipped policy loaded if it is not there. */
static int make_sandbox(struct run *run)
{
	const char *policy = run->create.policy;
	int dev, error;

	dev = dev_open();
	if (dev < 0)
		return EXIT_SBPF;
	run->sandbox = dev_create(dev, &run->create);
	if (run->sandbox == -ENOENT && capable(CAP_SYS_ADMIN)) {
		if (out_verbose)
			out_note("policy %s is not registered yet, loading it", policy);
		error = policy_load(dev, policy);
		if (error) {
			close(dev);
			return EXIT_SBPF;
		}
		run->sandbox = dev_create(dev, &run->create);
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

/*
 * Enter the sandbox, with nothing but the standard descriptors, and be the command.
 * Returns where that failed, and errno says why.
 */
static enum stage become(struct run *run, char **argv)
{
	pid_t pid;

	if (syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC))
		return STAGE_PREPARE;
	if (view_wanted(&run->view) && (view_enter(&run->view) || set_rules(run, argv[0])))
		return STAGE_REPORTED;
	if (run->no_new_privs && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return STAGE_PREPARE;
	if (ioctl(run->sandbox, SBPF_IOC_ENTER))
		return STAGE_ENTER;
	if (run->view.pids) {
		pid = fork();
		if (pid < 0)
			return STAGE_PREPARE;
		if (pid) {
			syscall(SYS_close_range, 3, ~0U, 0);
			pids_init(pid, run->wait);
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
	run->child = view_fork(&run->view);
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
		return run->child || run->wait;
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

static void set_name(char *name, const char *value, const char *option)
{
	if (!name_valid(value))
		exit(cli_usage(NAME_RULE ", not: %s %s", option, value));
	snprintf(name, SBPF_NAME_MAX, "%s", value);
}

static void parse(struct run *run, int argc, char **argv)
{
	static const struct option options[] = {
		{ "policy", required_argument, NULL, 'p' },
		{ "pids", required_argument, NULL, 'n' },
		{ "name", required_argument, NULL, 'N' },
		{ "complain", no_argument, NULL, 'c' },
		{ "kill-on-loss", no_argument, NULL, 'k' },
		{ "no-new-privs", no_argument, NULL, 'P' },
		{ "wait", no_argument, NULL, 'w' },
		{ "ro", required_argument, NULL, 'r' },
		{ "rw", required_argument, NULL, 'R' },
		{ "exec", required_argument, NULL, 'x' },
		{ "deny", required_argument, NULL, 'd' },
		{ "overlay", required_argument, NULL, 'o' },
		{ "private-pids", no_argument, NULL, 'i' },
		{ "stealth", no_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 }
	};
	int c;

	while ((c = cli_getopt(argc, argv, options)) != -1) {
		switch (c) {
		case 'p':
			set_name(run->create.policy, optarg, "--policy");
			break;
		case 'N':
			set_name(run->create.name, optarg, "--name");
			break;
		case 'n':
			if (!cli_number(optarg, &run->create.pids) || !run->create.pids)
				exit(cli_usage("not a number of processes: %s", optarg));
			break;
		case 'r':
			rules_add(&run->rules, "ro", optarg);
			break;
		case 'R':
			rules_add(&run->rules, "rw", optarg);
			break;
		case 'x':
			rules_add(&run->rules, "exec", optarg);
			break;
		case 'd':
			rules_add(&run->rules, "deny", optarg);
			break;
		case 'o':
			view_add(&run->view, optarg);
			break;
		case 'i':
			run->view.pids = true;
			break;
		case 's':
			run->stealth = true;
			break;
		case 'c':
			run->create.flags |= SBPF_SANDBOX_COMPLAIN;
			break;
		case 'k':
			run->create.flags |= SBPF_SANDBOX_KILL;
			break;
		case 'P':
			run->no_new_privs = true;
			break;
		case 'w':
			run->wait = true;
			break;
		}
	}
	if (optind == argc)
		exit(cli_usage("no command given"));
	if (run->stealth && (run->wait || view_wanted(&run->view)))
		exit(cli_usage("--stealth cannot be had with --wait, --overlay, --private-pids"));
	if (!*run->create.policy)
		strcpy(run->create.policy, run->rules.count ? "rules" : "strict");
	/* In a view the paths are those of the view. */
	if (run->rules.count && !view_wanted(&run->view) &&
	    rules_open(&run->rules, argv[optind]))
		exit(out_finish(EXIT_SBPF));
	/* Number 1 of the view is ours, not the command's. */
	if (run->view.pids && run->create.pids != SBPF_UNLIMITED)
		run->create.pids++;
}

static int run_command(int argc, char **argv)
{
	struct run run = { .create = { .pids = SBPF_UNLIMITED } };
	bool privileged = capable(CAP_SYS_ADMIN);
	int status;

	run.no_new_privs = !privileged;
	parse(&run, argc, argv);
	status = make_sandbox(&run);
	if (!status && !view_wanted(&run.view))
		status = set_rules(&run, argv[optind]);
	if (!status && run.stealth)
		return replace(&run, argv + optind);
	if (!status)
		status = view_prepare(&run.view, run.sandbox, privileged);
	if (!status)
		status = catch_signals(&run);
	if (!status)
		status = start(&run, argv + optind);
	if (!status) {
		wait_for_end(&run);
		if (!sandbox_wait_empty(run.sandbox, 0))
			sandbox_kill(run.sandbox);
	}
	view_end(&run.view);
	if (status)
		return status;
	if (WIFSIGNALED(run.status))
		return 128 + WTERMSIG(run.status);
	return WEXITSTATUS(run.status);
}

const struct verb verb_run = {
	.name = "run",
	.args = "[OPTIONS] -- CMD...",
	.summary = "Run a command in a new sandbox",
	.help = "  --policy NAME    the policy to run it under: rules if there are any, or strict\n"
		"  --ro PATH        allow to read and execute PATH and all below it\n"
		"  --rw PATH        allow to read and write, not execute, PATH and all below it\n"
		"  --exec PATH      allow to execute PATH and all below it\n"
		"  --deny PATH      allow nothing of PATH and all below it\n"
		"  --overlay DIR    keep apart what is changed in DIR and all below it\n"
		"  --private-pids   let CMD see no processes but those of the sandbox\n"
		"  --pids N         at most N processes and threads\n"
		"  --complain       report what the policy would deny, and allow it\n"
		"  --kill-on-loss   if the policy goes away, kill all instead of denying all\n"
		"  --name NAME      a name for the sandbox\n"
		"  --stealth        give CMD as little as can be to tell that it is in a sandbox;\n"
		"                   what it leaves behind runs on\n"
		"  --wait           let what CMD leaves behind run until it ends; without it,\n"
		"                   that is killed when CMD ends\n"
		"  --no-new-privs   CMD gains no privilege by executing; always so but for root\n\n"
		"With rules, files that are not below any of the paths cannot be used; the nearest\n"
		"path on the way up decides. CMD itself may be executed.\n\n"
		"CMD gets no open files besides standard input, output and error. The exit\n"
		"status is CMD's, or 128 + N after signal N, 127 not found, 126 not executable or\n"
		"not allowed to be executed, 125 sbpf itself failed.\n",
	.command = true,
	.run = run_command,
};
