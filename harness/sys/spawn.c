/* spawn.c - see spawn.h. */
#include "harness/sys/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness/sys/sandbox.h"

/* Of the stand-in parent; launch() and its callees need a few KiB. */
#define STACK_BYTES (64u * 1024u)

/* What is told of a start; the stand-in tells it first. */
struct hello {
	pid_t pid;    /* -1: vfork failed */
	pid_t parent; /* where a sub-reaper made the stand-in; else 0 */
	int error;    /* of vfork or exec */
	int filter;   /* errno of installing the filter */
};

/* What a start needs: lifted descriptors, and one end of a socket pair on
 * which the filter's listener comes back, or -1. */
struct start {
	const struct spawn *s;
	int listener;
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

/* --- the filter's listener ------------------------------------------------ */

/* Room for one descriptor, aligned as the kernel wants it. */
union passing {
	char buf[CMSG_SPACE(sizeof(int))];
	struct cmsghdr head;
};

/*
 * The filter begins to hold with the return of the call.  Speculation is left
 * as it was and a call that is looked at waits without being interrupted, so
 * that it is seen once (Linux 5.19).
 */
static int install(const struct sock_fprog *program)
{
	const long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER |
			   SECCOMP_FILTER_FLAG_SPEC_ALLOW;
	long fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			  flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
			  program);

	if (fd < 0 && errno == EINVAL)
		fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags,
			     program);
	return (int)fd;
}

static int send_fd(int to, int fd)
{
	struct iovec iov = { (char[]){ 'L' }, 1 };
	union passing p = { .head = { .cmsg_len = CMSG_LEN(sizeof(fd)),
				      .cmsg_level = SOL_SOCKET,
				      .cmsg_type = SCM_RIGHTS } };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = p.buf,
			    .msg_controllen = sizeof(p.buf) };

	memcpy(CMSG_DATA(&p.head), &fd, sizeof(fd));
	return syscall(SYS_sendmsg, to, &m, MSG_NOSIGNAL) == 1 ? 0 : -1;
}

/* -1 when none was sent. */
static int receive_fd(int from)
{
	char c;
	struct iovec iov = { &c, 1 };
	union passing p;
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = p.buf,
			    .msg_controllen = sizeof(p.buf) };
	int fd = -1;

	if (recvmsg(from, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) == 1 &&
	    CMSG_FIRSTHDR(&m))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(fd));
	return fd;
}

/*
 * Without its listener, every watched call would fail; then nothing is
 * executed.  The kernel closes the child's copy at exec.
 */
static int hold_back(const struct start *st, volatile int *error)
{
	int fd;

	if (st->listener < 0)
		return 0;
	fd = install(st->s->filter);
	if (fd < 0) {
		*error = errno;
		return 0;
	}
	return send_fd(st->listener, fd);
}

/* --- starting ------------------------------------------------------------- */

/*
 * In the vforked child, which shares memory with its parent until exec: only
 * system calls from here on.  The three descriptors were moved above 2 by
 * the parent, so that dup2 cannot overwrite one that is still needed.
 */
static void become(const struct start *st, volatile int *filter_errno)
{
	const struct spawn *s = st->s;
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
	if (s->drop_caps)
		sandbox_drop_caps();
	if (chdir(s->cwd))
		return;
	if (hold_back(st, filter_errno))
		return;
	/* Only now: the listener and its way out must find room. */
	setrlimit(RLIMIT_NOFILE, &s->nofile);
	execve(s->argv[0], (char *const *)s->argv, (char *const *)s->envp);
}

/*
 * Start the transport from this process.  vfork returns in the parent when
 * the child has executed or failed, so its errno is simply there.
 */
static void launch(const struct start *st, struct hello *hello)
{
	volatile int failed = 0, filter = 0;
	sigset_t all, old;
	pid_t pid;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	pid = vfork();
	if (pid == 0) {
		reset_signals();
		become(st, &filter);
		failed = errno ? errno : EIO;
		_exit(127);
	}
	hello->pid = pid;
	hello->error = pid < 0 ? errno : failed;
	hello->filter = filter;
	sigprocmask(SIG_SETMASK, &old, NULL);
}

/* What a stand-in works with: the stacks are of itself, of its thread, and of
 * the stand-in below a sub-reaper. */
struct stand_in {
	const struct start *start;
	int report;
	char *stack, *thread_stack;
};

/* The only holder of the transport's streams must be the transport. */
static void close_but(int one, int other)
{
	int low = one < other ? one : other, high = one < other ? other : one;

	if (low > 0)
		close_range(0, (unsigned)low - 1, 0);
	if (high > low + 1)
		close_range((unsigned)low + 1, (unsigned)high - 1, 0);
	close_range((unsigned)high + 1, ~0U, 0);
}

/* Wait until that child has ended, and leave it to be reaped: -1: there is
 * none. */
static int wait_end(pid_t pid, struct spawn_report *end)
{
	struct rusage ru;
	siginfo_t si;

	while (syscall(SYS_waitid, P_PID, pid, &si, WEXITED | WNOWAIT, &ru) < 0)
		if (errno != EINTR)
			return -1;
	end->status = si.si_code == CLD_EXITED ? W_EXITCODE(si.si_status, 0)
					       : si.si_status;
	end->cpu_us = spawn_cpu_us(&ru);
	return 0;
}

/* Report first, reap then: a transport that kills its parent may do it between
 * the two, and its end must not get lost. */
_Noreturn static void tell_end(pid_t pid, int report)
{
	struct spawn_report end = { 0 };

	if (wait_end(pid, &end) ||
	    write(report, &end, sizeof(end)) != sizeof(end))
		_exit(1);
	wait4(pid, NULL, 0, NULL);
	_exit(0);
}

struct starter {
	const struct start *start;
	int to;
};

/* The thread that starts the transport, which is told of its end if it wants:
 * PR_SET_PDEATHSIG is about the thread, not the process. */
static int start_and_end(void *arg)
{
	static const struct timespec wait = { .tv_nsec = SPAWN_THREAD_MS *
							 1000000L };
	const struct starter *s = arg;
	struct hello hello = { 0 };

	launch(s->start, &hello);
	if (write(s->to, &hello, sizeof(hello)) == sizeof(hello))
		syscall(SYS_nanosleep, &wait, NULL);
	syscall(SYS_exit, 0);
	return 0;
}

/* Start the transport, by a thread of its own if there is a stack for one. */
static void start_it(const struct stand_in *in, struct hello *hello)
{
	const int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
			  CLONE_THREAD | CLONE_SYSVSEM;
	struct starter s = { .start = in->start };
	int fds[2];

	if (!in->thread_stack) {
		launch(in->start, hello);
		return;
	}
	*hello = (struct hello){ .pid = -1, .error = EAGAIN };
	if (pipe2(fds, O_CLOEXEC))
		return;
	s.to = fds[1];
	if (clone(start_and_end, in->thread_stack + STACK_BYTES, flags, &s) < 0)
		return;
	if (read(fds[0], hello, sizeof(*hello)) != sizeof(*hello))
		_exit(1);
}

/*
 * The life of the stand-in parent.  It shares the worker's memory, but nothing
 * else (see start_stand_in): once the transport runs it may only make system
 * calls that succeed, because errno is shared, too.
 */
static int stand_in(void *arg)
{
	const struct stand_in *in = arg;
	int report = in->report;
	struct hello hello = { 0 };

	start_it(in, &hello);
	if (write(report, &hello, sizeof(hello)) != sizeof(hello) ||
	    hello.pid < 0)
		_exit(1);
	/* @arg is gone from here on: the worker has read the greeting. */
	close_but(report, report);
	tell_end(hello.pid, report);
}

/*
 * CLONE_VM spares the copy of the page tables, the faults behind it and the
 * clean-up at the exit, which cost as much as all namespaces together; it is
 * a process of its own all the same.  Its stack stays mapped until the worker
 * exits.
 */
static pid_t clone_process(int (*life)(void *), char *stack,
			   struct stand_in *in)
{
	pid_t pid = SANDBOX_SHARES ? -1 : fork();

	if (pid == 0)
		_exit(life(in));
	return SANDBOX_SHARES ? clone(life, stack + STACK_BYTES,
				      CLONE_VM | SIGCHLD, in)
			      : pid;
}

/*
 * The life of a sub-reaper: it has a stand-in parent for the transport, passes
 * on what that tells, and when that is killed adopts the transport and tells
 * its end itself.
 */
static int sub_reaper(void *arg)
{
	const struct stand_in *in = arg;
	int report = in->report, fds[2];
	struct stand_in below = *in;
	struct spawn_report end;
	struct hello hello;
	pid_t parent;

	prctl(PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L);
	if (pipe2(fds, O_CLOEXEC))
		_exit(1);
	below.report = fds[1];
	parent = clone_process(stand_in, in->stack, &below);
	close(fds[1]);
	if (read(fds[0], &hello, sizeof(hello)) != sizeof(hello))
		_exit(1);
	hello.parent = parent;
	if (write(report, &hello, sizeof(hello)) != sizeof(hello) ||
	    hello.pid < 0)
		_exit(1);
	close_but(fds[0], report);
	if (read(fds[0], &end, sizeof(end)) != sizeof(end)) {
		wait4(parent, NULL, 0, NULL);
		tell_end(hello.pid, report);
	}
	if (write(report, &end, sizeof(end)) != sizeof(end))
		_exit(1);
	wait4(parent, NULL, 0, NULL);
	_exit(0);
}

static char *new_stack(void)
{
	char *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);

	return stack == MAP_FAILED ? NULL : stack;
}

/* The stand-in parent, or the sub-reaper above it. */
static pid_t clone_stand_in(const struct spawn *s, struct stand_in *in)
{
	char *stack = new_stack();

	if (s->reaped)
		in->stack = new_stack();
	if (s->thread)
		in->thread_stack = new_stack();
	if (!stack || (s->reaped && !in->stack) ||
	    (s->thread && !in->thread_stack))
		return -1;
	return clone_process(s->reaped ? sub_reaper : stand_in, stack, in);
}

static int start_stand_in(struct spawn *s, const struct start *st,
			  struct hello *hello, struct err *e)
{
	struct stand_in in = { .start = st };
	int fds[2];
	pid_t pid;
	ssize_t n;

	if (pipe2(fds, O_CLOEXEC))
		return err_sys(e, errno, "pipe");
	in.report = fds[1];
	pid = clone_stand_in(s, &in);
	if (pid < 0) {
		err_sys(e, errno, "cannot clone a parent process");
		close(fds[0]);
		close(fds[1]);
		return -1;
	}
	close(fds[1]);
	do
		n = read(fds[0], hello, sizeof(*hello));
	while (n < 0 && errno == EINTR);
	if (n != sizeof(*hello) || hello->pid < 0) {
		close(fds[0]);
		return err_sys(e, n == sizeof(*hello) ? hello->error : EIO,
			       "the parent process cannot start anything");
	}
	s->parent = hello->parent ? hello->parent : pid;
	s->reaper = hello->parent ? pid : 0;
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

/* Start it, and let the listener come back; @s holds lifted descriptors. */
static int spawn_lifted(struct spawn *s, struct err *e)
{
	struct start st = { .s = s, .listener = -1 };
	struct hello hello = { 0 };
	int fds[2] = { -1, -1 }, rc = 0;

	if (s->filter && socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fds))
		s->listener_errno = errno;
	st.listener = fds[1];
	if (!s->direct)
		rc = start_stand_in(s, &st, &hello, e);
	else
		launch(&st, &hello);
	if (rc == 0 && hello.pid < 0)
		rc = err_sys(e, hello.error, "cannot start a process");
	/* First this, so that there is room for what is received. */
	drop(fds[1]);
	if (rc == 0) {
		s->pid = hello.pid;
		s->exec_errno = hello.error;
		if (hello.filter)
			s->listener_errno = hello.filter;
		else if (st.listener >= 0 && !hello.error)
			s->listener_fd = receive_fd(fds[0]);
	}
	drop(fds[0]);
	return rc;
}

int spawn_start(struct spawn *s, struct err *e)
{
	struct spawn own = *s;
	int rc = -1;

	own.report_fd = -1;
	own.parent = own.reaper = 0;
	own.listener_fd = -1;
	own.listener_errno = 0;
	own.stdin_fd = own.stdout_fd = own.stderr_fd = -1;
	if (lift(s->stdin_fd, &own.stdin_fd, e) == 0 &&
	    lift(s->stdout_fd, &own.stdout_fd, e) == 0 &&
	    lift(s->stderr_fd, &own.stderr_fd, e) == 0)
		rc = spawn_lifted(&own, e);
	drop(own.stdin_fd);
	drop(own.stdout_fd);
	drop(own.stderr_fd);
	if (rc)
		return -1;
	s->pid = own.pid;
	s->parent = own.parent;
	s->reaper = own.reaper;
	s->report_fd = own.report_fd;
	s->exec_errno = own.exec_errno;
	s->listener_fd = own.listener_fd;
	s->listener_errno = own.listener_errno;
	return 0;
}
