// SPDX-License-Identifier: GPL-2.0-only
/*
 * sbpf - The first process of a sandbox that has processes of its own
 *
 * The kernel wants number 1 of a pid namespace to wait for whoever has lost his
 * parent, and does not let most signals kill it. A command that does not know would
 * behave in another way than outside, so number 1 is this, and the command its child.
 * It is a member of the sandbox: nothing is to be gained by taking it over.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pids.h"

static int status_of(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/**
 * pids_init - Be number 1 until the command ends; what is left then is killed
 * @command: number of the command, a child
 * @wait: until all others have ended too
 *
 * Signals are blocked. Those that "sbpf run" sends are passed on to the command; with
 * @wait, once that has ended, they are the end. The exit status is the command's, or
 * 128 + N if signal N killed it.
 */
noreturn void pids_init(pid_t command, bool wait)
{
	int status = 0, last, sig;
	siginfo_t info;
	sigset_t set;
	pid_t pid;

	prctl(PR_SET_NAME, "init");
	sigfillset(&set);
	while (1) {
		sig = sigwaitinfo(&set, &info);
		while ((pid = waitpid(-1, &last, WNOHANG)) > 0)
			if (pid == command) {
				status = status_of(last);
				command = 0;
			}
		if (!command && (!wait || (pid < 0 && errno == ECHILD)))
			_exit(status);
		/* Members' own signals, which have a sender here, are not for us to pass on. */
		if (sig <= 0 || sig == SIGCHLD || info.si_pid)
			continue;
		/* What the terminal sends, it has sent to the command too. */
		if (info.si_code > 0 && (sig == SIGINT || sig == SIGQUIT))
			continue;
		if (!command)
			_exit(status);
		kill(command, sig);
	}
}
