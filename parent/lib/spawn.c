/*
 * spawn.c - a transport's process: how it starts, and how nothing of it stays.
 */
#include <errno.h>
#include <fcntl.h>

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "parent/lib/lib.h"

extern char **environ;

/* --- the guard --- */

static int guard_pipe = -1;

#define GROUPS_MAX 1024

static void guard_note(int group[], size_t *n, int pid)
{
	if (pid > 0) {
		if (*n < GROUPS_MAX)
			group[(*n)++] = pid;
		return;
	}
	for (size_t i = 0; i < *n; i++) {
		if (group[i] != -pid)
			continue;
		group[i] = group[--*n];
		return;
	}
}

static _Noreturn void guard_run(int fd)
{
	int group[GROUPS_MAX], pid;
	size_t n = 0;
	ssize_t got;

	for (;;) {
		/* So short a write to a pipe is whole. */
		got = read(fd, &pid, sizeof(pid));
		if (got == sizeof(pid))
			guard_note(group, &n, pid);
		else if (got == 0 || errno != EINTR)
			break;
	}
	while (n > 0)
		kill(-group[--n], SIGKILL);
	_exit(0);
}

int ptp_guard(struct ptp_error *err)
{
	int fd[2];
	pid_t pid;

	if (guard_pipe >= 0)
		return 0;
	if (pipe2(fd, O_CLOEXEC) < 0)
		return fail(err, "pipe: %s", strerror(errno));
	/* Twice, so that it is nobody's child whom a program could miss. */
	pid = fork();
	if (pid == 0) {
		if (fork() != 0)
			_exit(0);
		setsid();
		for (int sig = 1; sig < NSIG; sig++)
			signal(sig, SIG_IGN);
		if (dup2(fd[0], 0) < 0)
			_exit(1);
		close_range(1, ~0u, 0);
		guard_run(0);
	}
	close(fd[0]);
	if (pid < 0) {
		close(fd[1]);
		return fail(err, "fork: %s", strerror(errno));
	}
	waitpid(pid, NULL, 0);
	guard_pipe = fd[1];
	return 0;
}

int guard_fd(void)
{
	return guard_pipe;
}

void guard_forget(int pid)
{
	int gone = -pid;

	if (guard_pipe >= 0 && write(guard_pipe, &gone, sizeof(gone)) < 0)
		return; /* it is no more: nothing to forget */
}

/* --- pipes --- */

/* Above the standard ones, which the child's will replace. */
static int above(int fd)
{
	int up;

	if (fd > STDERR_FILENO)
		return fd;
	up = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	close(fd);
	return up;
}

static int make_pipe(int fd[2])
{
	if (pipe2(fd, O_CLOEXEC) < 0)
		return -1;
	fd[0] = above(fd[0]);
	fd[1] = above(fd[1]);
	return fd[0] < 0 || fd[1] < 0 ? -1 : 0;
}

static void close_pipes(int fd[3][2])
{
	for (int i = 0; i < 3; i++)
		for (int k = 0; k < 2; k++)
			if (fd[i][k] >= 0)
				close(fd[i][k]);
}

/* --- the process --- */

struct start {
	char **argv, **envp;
	int fd[3]; /* its ends */
	int guard;
	pid_t parent;
	volatile int why; /* errno */
};

/*
 * The child, in its parent's memory until exec (vfork): only system calls,
 * and nothing of the parent's is changed but `why`.
 */
static _Noreturn void child_run(struct start *st)
{
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	sigset_t none;
	pid_t self;

	for (int sig = 1; sig < NSIG; sig++)
		sigaction(sig, &dfl, NULL);
	setsid();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != st->parent)
		_exit(127); /* it died before it could be watched */
	self = getpid();
	if (st->guard >= 0 && write(st->guard, &self, sizeof(self)) < 0)
		_exit(127); /* whom the guard does not know may stay behind */
	for (int i = 0; i < 3; i++)
		dup2(st->fd[i], i);
	close_range(STDERR_FILENO + 1, ~0u, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	environ = st->envp; /* put back by the parent */
	execvp(st->argv[0], st->argv);
	st->why = errno;
	_exit(127);
}

static pid_t child_vfork(struct start *st)
{
	char **mine = environ;
	sigset_t all, old;
	pid_t pid;

	/* No handler of the parent's may run in the child. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	pid = vfork();
	if (pid == 0)
		child_run(st);
	environ = mine;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return pid;
}

static int child_open(struct child *out, int fd[3][2], pid_t pid,
		      struct ptp_error *err)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (pidfd < 0) {
		fail(err, "pidfd: %s", strerror(errno));
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		return -1;
	}
	fcntl(pidfd, F_SETFD, FD_CLOEXEC);
	*out = (struct child){ pid, pidfd, fd[0][1], fd[1][0], fd[2][0] };
	fd[0][1] = fd[1][0] = fd[2][0] = -1;
	fcntl(out->out, F_SETFL, O_NONBLOCK);
	fcntl(out->err, F_SETFL, O_NONBLOCK);
	return 0;
}

int child_start(const struct ptp_config *c, struct child *out,
		struct ptp_error *err)
{
	int fd[3][2] = { { -1, -1 }, { -1, -1 }, { -1, -1 } };
	struct start st = { .guard = guard_fd(), .parent = getpid() };
	pid_t pid;
	int r = -1;

	if (make_pipe(fd[0]) < 0 || make_pipe(fd[1]) < 0 ||
	    make_pipe(fd[2]) < 0) {
		fail(err, "pipe: %s", strerror(errno));
		close_pipes(fd);
		return -1;
	}
	st.argv = ptp_arguments(c);
	st.envp = ptp_environment(c, environ);
	st.fd[0] = fd[0][0];
	st.fd[1] = fd[1][1];
	st.fd[2] = fd[2][1];
	pid = child_vfork(&st);
	if (pid < 0) {
		fail(err, "fork: %s", strerror(errno));
	} else if (st.why) {
		waitpid(pid, NULL, 0);
		guard_forget(pid);
		fail(err, "%s cannot be started: %s", c->argv[0],
		     strerror(st.why));
	} else {
		r = child_open(out, fd, pid, err);
	}
	close_pipes(fd);
	free(st.argv);
	free(st.envp);
	return r;
}

void child_signal(const struct child *c, int sig)
{
	kill(c->pid, sig);
	if (sig == SIGKILL)
		kill(-c->pid, sig);
}
