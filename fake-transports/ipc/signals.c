#include "fake-transports/ipc/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "fake-transports/faults/faults.h"

static volatile sig_atomic_t stop_signal;

static void on_stop(int signo)
{
	stop_signal = signo;
}

static void on_wake(int signo)
{
	(void)signo;
}

FAULT(STDIN_CLOSED_DIES, "stdin-closed-dies",
      "dies at start if descriptor 0 is not open", "SD-STDIN-4", "");
void std_fds_fill(void)
{
	if (fault_is(F_STDIN_CLOSED_DIES) && fcntl(0, F_GETFD) < 0)
		_exit(1);
	/* open() returns the lowest free number, hence in this order. */
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
		    open("/dev/null", fd ? O_WRONLY : O_RDONLY) < 0)
			_exit(1);
	}
}

static void handle(int signo, void (*fn)(int))
{
	/* No SA_RESTART: a blocked write must notice. */
	struct sigaction sa = { .sa_handler = fn };

	sigemptyset(&sa.sa_mask);
	sigaction(signo, &sa, NULL);
}

FAULT(SIGTERM_IGNORED, "sigterm-ignored", "ignores SIGTERM", "SD-TERM-1",
      "SD-TERM-* SD-STATUS-1 SD-CLEAN-1 SD-STATE-1");
FAULT(DIES_OF_SIGPIPE, "dies-of-sigpipe", "does not ignore SIGPIPE", "SD-IGN-1",
      "CM-LIFE-1 SM-LIFE-1 IPC-BLOCK-1 GEN-* SK-ROB-1");
FAULT(PARENT_THREAD_ENDS_IT, "parent-thread-ends-it",
      "ends with the thread of its parent that started it", "SD-PARENT-2", "");
void signals_install(void)
{
	sigset_t none;

	handle(SIGTERM, fault_is(F_SIGTERM_IGNORED) ? SIG_IGN : on_stop);
	handle(SIGINT, on_stop);
	handle(SIGHUP, SIG_IGN);
	handle(SIGUSR1, SIG_IGN);
	handle(SIGUSR2, SIG_IGN);
	handle(SIGPIPE, fault_is(F_DIES_OF_SIGPIPE) ? SIG_DFL : SIG_IGN);
	handle(SIGRTMIN, on_wake);
	if (fault_is(F_PARENT_THREAD_ENDS_IT))
		prctl(PR_SET_PDEATHSIG, SIGTERM);
	else if (!fault_is(F_PARENT_DEATH_IGNORED))
		prctl(PR_SET_PDEATHSIG, SIGRTMIN);
	/* The parent may have had some of them blocked. */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

void signals_block(sigset_t *out_open)
{
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	sigemptyset(out_open);
}

int signals_stop(void)
{
	return stop_signal;
}
