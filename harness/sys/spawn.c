/* spawn.c - see spawn.h. */
#include "harness/sys/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/sys/sandbox.h"

/* Of the stand-in parent; launch() and its callees need a few KiB. */
#define STACK_BYTES (64u * 1024u)

/* The address sanitizer's vfork knows only the stack that a thread began
 * with: there the stand-in is forked instead of cloned. */
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define FORK_STAND_IN true
#else
#define FORK_STAND_IN false
#endif

/* What the stand-in tells first: the pid, or that nothing could be started. */
struct hello {
	pid_t pid; /* -1: vfork failed, see error */
	int error;
};

int64_t spawn_cpu_us(const struct rusage *ru)
{
	return (int64_t)(ru->ru_utime.tv_sec + ru->ru_stime.tv_sec) * 1000000 +
	       ru->ru_utime.tv_usec + ru->ru_stime.tv_usec;
}

/*
 * All of them, also the two that glibc keeps for itself and hides from
 * sigaction(): a parent may have left even those ignored.  The kernel's
 * struct sigaction is four words on every 64-bit Linux; zero is the default.
 */
static void reset_signals(void)
{
	static const uint64_t dfl[4], none;

	for (long sig = 1; sig < NSIG; sig++)
		syscall(SYS_rt_sigaction, sig, dfl, NULL, sizeof(none));
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof(none));
}

/*
 * In the vforked child, which shares memory with its parent until exec: only
 * system calls from here on.  The three descriptors were moved above 2 by
 * the parent, so that dup2 cannot overwrite one that is still needed.
 */
static void become(const struct spawn *s)
{
	struct rlimit no_core = { 0, 0 };

	setsid();
	if (s->stdin_fd >= 0)
		dup2(s->stdin_fd, 0);
	else
		close(0);
	dup2(s->stdout_fd, 1);
	dup2(s->stderr_fd, 2);
	close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
	setrlimit(RLIMIT_CORE, &no_core);
	setrlimit(RLIMIT_NOFILE, &s->nofile);
	if (s->drop_caps)
		sandbox_drop_caps();
	if (chdir(s->cwd))
		return;
	execve(s->argv[0], (char *const *)s->argv, (char *const *)s->envp);
}

/*
 * Start the transport from this process.  vfork returns in the parent when
 * the child has executed or failed, so its errno is simply there.
 */
static pid_t launch(const struct spawn *s, int *exec_errno)
{
	volatile int failed = 0;
	sigset_t all, old;
	pid_t pid;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	pid = vfork();
	if (pid == 0) {
		reset_signals();
		become(s);
		failed = errno ? errno : EIO;
		_exit(127);
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
	*exec_errno = pid > 0 ? failed : 0;
	return pid;
}

struct stand_in {
	const struct spawn *s;
	int report;
};

/*
 * The life of the stand-in parent.  It shares the worker's memory, but nothing
 * else (see start_stand_in): once the transport runs it may only make system
 * calls that succeed, because errno is shared, too.
 */
static int stand_in(void *arg)
{
	const struct stand_in *in = arg;
	int report = in->report;
	struct spawn_report end = { 0 };
	struct hello hello = { 0 };
	struct rusage ru;
	siginfo_t si;

	hello.pid = launch(in->s, &hello.error);
	if (hello.pid < 0)
		hello.error = errno;
	if (write(report, &hello, sizeof(hello)) != sizeof(hello) ||
	    hello.pid < 0)
		_exit(1);
	/* @arg is gone from here on: the worker has read the greeting.  The
	 * transport's streams must have no other holder. */
	close_range(0, (unsigned)report - 1, 0);
	close_range((unsigned)report + 1, ~0U, 0);
	/* Report first, reap then: a transport that kills its parent may do it
	 * between the two, and its end must not get lost. */
	while (syscall(SYS_waitid, P_PID, hello.pid, &si, WEXITED | WNOWAIT,
		       &ru) < 0)
		if (errno != EINTR)
			_exit(1);
	end.status = si.si_code == CLD_EXITED ? W_EXITCODE(si.si_status, 0)
					      : si.si_status;
	end.cpu_us = spawn_cpu_us(&ru);
	if (write(report, &end, sizeof(end)) != sizeof(end))
		_exit(1);
	wait4(hello.pid, NULL, 0, NULL);
	_exit(0);
}

/*
 * CLONE_VM spares the copy of the page tables, the faults behind it and the
 * clean-up at the exit, which cost as much as all namespaces together; it is
 * a process of its own all the same.  Its stack stays mapped until the worker
 * exits.
 */
static pid_t clone_stand_in(struct stand_in *in)
{
	pid_t pid = FORK_STAND_IN ? fork() : -1;
	char *stack;

	if (pid == 0)
		_exit(stand_in(in));
	if (FORK_STAND_IN)
		return pid;
	stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	if (stack == MAP_FAILED)
		return -1;
	return clone(stand_in, stack + STACK_BYTES, CLONE_VM | SIGCHLD, in);
}

static int start_stand_in(struct spawn *s, struct err *e)
{
	struct stand_in in = { .s = s };
	struct hello hello;
	int fds[2];
	ssize_t n;

	if (pipe2(fds, O_CLOEXEC))
		return err_sys(e, errno, "pipe");
	in.report = fds[1];
	s->parent = clone_stand_in(&in);
	if (s->parent < 0) {
		err_sys(e, errno, "cannot clone a parent process");
		close(fds[0]);
		close(fds[1]);
		return -1;
	}
	close(fds[1]);
	do
		n = read(fds[0], &hello, sizeof(hello));
	while (n < 0 && errno == EINTR);
	if (n != sizeof(hello) || hello.pid < 0) {
		close(fds[0]);
		return err_sys(e, n == sizeof(hello) ? hello.error : EIO,
			       "the parent process cannot start anything");
	}
	s->pid = hello.pid;
	s->exec_errno = hello.error;
	s->report_fd = fds[0];
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	return 0;
}

/* A copy of one of the child's ends with a number above 2. */
static int lift(int fd, int *out, struct err *e)
{
	if (fd < 0)
		return 0;
	*out = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return *out < 0 ? err_sys(e, errno, "dup") : 0;
}

static void drop(int fd)
{
	if (fd >= 0)
		close(fd);
}

int spawn_start(struct spawn *s, struct err *e)
{
	struct spawn own = *s;
	int rc;

	own.report_fd = -1;
	own.parent = 0;
	own.stdin_fd = own.stdout_fd = own.stderr_fd = -1;
	if (lift(s->stdin_fd, &own.stdin_fd, e) ||
	    lift(s->stdout_fd, &own.stdout_fd, e) ||
	    lift(s->stderr_fd, &own.stderr_fd, e)) {
		rc = -1;
	} else if (s->direct) {
		own.pid = launch(&own, &own.exec_errno);
		rc = own.pid < 0 ? err_sys(e, errno, "cannot start a process")
				 : 0;
	} else {
		rc = start_stand_in(&own, e);
	}
	drop(own.stdin_fd);
	drop(own.stdout_fd);
	drop(own.stderr_fd);
	if (rc)
		return -1;
	s->pid = own.pid;
	s->parent = own.parent;
	s->report_fd = own.report_fd;
	s->exec_errno = own.exec_errno;
	return 0;
}
