/* A copy of this process, for as long as one piece of work takes. */
#include "io/apart.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

pid_t apart_begin(bool (*work)(void *arg), void *arg)
{
	pid_t parent = getpid(), pid;
	sigset_t all, before;

	/* A handler would tell the loop of the process that was copied. */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		_exit(work(arg) ? 0 : 1);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return pid;
}

void apart_end(pid_t pid)
{
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}
