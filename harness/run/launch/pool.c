/*
 * pool.c - see pool.h.
 *
 * The caller talks to each host on a socket pair of its own: an order goes
 * there (a job with its descriptors, or a signal for the worker), the end of
 * the worker comes back.  Whoever holds no other end knows by the end of the
 * stream that the other one is gone.  The pair is made here and one end of it
 * sent to the zygote, which forks the host; so nobody waits for a fork.
 */
#include "harness/run/launch/pool.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "parent/base/arena.h"
#include "harness/sys/spawn.h"

/* Jobs of one host.  Workers leave memory behind there, as processes that are
 * about to exit do; and what one of them might have spoilt ends with it. */
#define HOST_JOBS 64
/* From this one on a host has what its jobs can inherit: many hosts have a few
 * only, as most launches that wait begin at the same time. */
#define BASE_JOB 2
/* Both ends of a message of a few words. */
#define MESSAGE_TYPE (SOCK_SEQPACKET | SOCK_CLOEXEC)

struct pool_host {
	struct pool_host *next; /* of the idle ones */
	int fd;
	unsigned jobs;
};

struct pool {
	bool isolate;
	pool_job *job;
	void *ctx;
	pid_t zygote;
	int fd; /* to the zygote; there: to the caller */
	struct pool_host *idle;
};

struct order {
	uint64_t job;
	int32_t sig; /* for the worker; 0: do the job */
};

struct end {
	int32_t started; /* 0, -1: there was no worker, and why: */
	int32_t code;
	int32_t clean; /* it exited, and so has not left a mess */
	char msg[ERR_MAX];
};

/* --- messages with descriptors ---------------------------------------------- */

union passing {
	char buf[CMSG_SPACE(POOL_FDS * sizeof(int))];
	struct cmsghdr head;
};

static int send_with(int to, const void *p, size_t size, const int *fds,
		     size_t n)
{
	struct iovec iov = { (void *)p, size };
	union passing pass = { .head = { .cmsg_len = CMSG_LEN(n * sizeof(int)),
					 .cmsg_level = SOL_SOCKET,
					 .cmsg_type = SCM_RIGHTS } };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (n) {
		memcpy(CMSG_DATA(&pass.head), fds, n * sizeof(int));
		m.msg_control = pass.buf;
		m.msg_controllen = CMSG_SPACE(n * sizeof(int));
	}
	return sendmsg(to, &m, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

/* Waits.  False at the end of the stream; *n descriptors came along. */
static bool receive_with(int from, void *p, size_t size, int *fds, size_t *n)
{
	struct iovec iov = { p, size };
	union passing pass;
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = pass.buf,
			    .msg_controllen = sizeof(pass.buf) };
	const struct cmsghdr *c;

	*n = 0;
	if (recvmsg(from, &m, MSG_CMSG_CLOEXEC) != (ssize_t)size)
		return false;
	c = CMSG_FIRSTHDR(&m);
	if (c && c->cmsg_type == SCM_RIGHTS) {
		*n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(fds, CMSG_DATA(c), *n * sizeof(int));
	}
	return true;
}

static void close_all(const int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		close(fds[i]);
}

/* --- a host ----------------------------------------------------------------- */

struct host {
	const struct pool *pool;
	int fd; /* to the caller */
	struct sandbox_base base;
};

/* What a worker is started with, in the host's frame. */
struct worker {
	const struct pool *pool;
	size_t job;
	int fds[POOL_FDS];
	size_t nfds;
};

static int work(void *ctx, const struct sandbox_state *state)
{
	const struct worker *w = ctx;

	return w->pool->job(w->pool->ctx, w->job, w->fds, w->nfds, state);
}

/*
 * While there is a worker its memory is that of the host, errno included: so
 * only system calls that succeed are made here.  (All signals are blocked.)
 */
static void wait_for_end(struct host *h, pid_t pid, int pidfd, struct end *end)
{
	struct pollfd p[2] = { { .fd = pidfd, .events = POLLIN },
			       { .fd = h->fd, .events = POLLIN } };
	int status = 0;

	while (poll(p, 2, -1) > 0 && !p[0].revents) {
		struct order o;

		/* Without a caller the worker ends with its parent. */
		if (recv(h->fd, &o, sizeof(o), 0) != sizeof(o))
			_exit(0);
		if (o.sig)
			syscall(SYS_pidfd_send_signal, pidfd, o.sig, NULL, 0);
	}
	waitpid(pid, &status, 0);
	end->clean = WIFEXITED(status) && sandbox_is_clean(&h->base);
	if (status)
		sandbox_spoil_network(&h->base);
}

static void do_job(struct host *h, struct worker *w)
{
	struct end end = { 0 };
	struct err e = { 0 };
	int pidfd;
	pid_t pid;

	end.started = sandbox_clone(h->pool->isolate, &h->base, work, w, &pid,
				    &pidfd, &e);
	close_all(w->fds, w->nfds);
	if (end.started == 0) {
		wait_for_end(h, pid, pidfd, &end);
		close(pidfd);
	} else {
		end.code = e.code;
		memcpy(end.msg, e.msg, sizeof(end.msg));
	}
	send_with(h->fd, &end, sizeof(end), NULL, 0);
}

/* Also when the parent died before this call: then it is another's child. */
static void die_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
}

static void host_main(const struct pool *p, pid_t zygote, int fd)
{
	struct host h = { .pool = p, .fd = fd };
	struct worker w = { .pool = p };
	unsigned jobs = 0;
	struct order o;

	die_with(zygote);
	sandbox_make_base(&h.base);
	while (receive_with(fd, &o, sizeof(o), w.fds, &w.nfds)) {
		/* A signal for a worker that has just ended. */
		if (o.sig)
			continue;
		if (++jobs == BASE_JOB && p->isolate) {
			sandbox_make_root(&h.base);
			/* With other credentials nobody is told. */
			die_with(zygote);
		}
		sandbox_make_network(&h.base);
		w.job = o.job;
		do_job(&h, &w);
	}
	sandbox_exit(0);
}

/* --- the zygote ------------------------------------------------------------- */

static void zygote_main(const struct pool *p)
{
	pid_t self = getpid();
	size_t n;
	int fd;
	char c;

	while (receive_with(p->fd, &c, 1, &fd, &n)) {
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		if (n && fork() == 0) {
			close(p->fd);
			host_main(p, self, fd);
		}
		/* Without a fork: that tells the caller. */
		close_all(&fd, n);
	}
	/* So that their time is in that of this process. */
	while (waitpid(-1, NULL, 0) > 0)
		;
	sandbox_exit(0);
}

/* Keep nothing open but the standard three and @fd. */
static void close_others(int fd)
{
	if (fd > 3)
		close_range(3, (unsigned)fd - 1, 0);
	close_range((unsigned)fd + 1, ~0U, 0);
}

static pid_t fork_zygote(struct pool *p, int theirs)
{
	pid_t self = getpid(), pid;
	sigset_t all, old;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	pid = fork();
	if (pid == 0) {
		die_with(self);
		close_others(theirs);
		p->fd = theirs;
		zygote_main(p);
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
	return pid;
}

struct pool *pool_new(bool isolate, pool_job *job, void *ctx, struct err *e)
{
	struct pool *p = calloc(1, sizeof(*p));
	int fds[2];

	if (!p)
		die_oom();
	*p = (struct pool){ .isolate = isolate, .job = job, .ctx = ctx };
	if (socketpair(AF_UNIX, MESSAGE_TYPE, 0, fds)) {
		err_sys(e, errno, "socketpair");
		free(p);
		return NULL;
	}
	p->fd = fds[0];
	p->zygote = fork_zygote(p, fds[1]);
	close(fds[1]);
	if (p->zygote > 0)
		return p;
	err_sys(e, errno, "cannot fork");
	close(p->fd);
	free(p);
	return NULL;
}

/* --- hosts, as the caller sees them ------------------------------------------ */

static void host_free(struct pool_host *h)
{
	close(h->fd);
	free(h);
}

static struct pool_host *host_new(const struct pool *p, struct err *e)
{
	struct pool_host *h = calloc(1, sizeof(*h));
	int fds[2], rc;

	if (!h)
		die_oom();
	if (socketpair(AF_UNIX, MESSAGE_TYPE, 0, fds)) {
		err_sys(e, errno, "socketpair");
		free(h);
		return NULL;
	}
	h->fd = fds[0];
	rc = send_with(p->fd, "", 1, &fds[1], 1);
	if (rc)
		err_sys(e, errno, "cannot reach what starts workers");
	close(fds[1]);
	if (rc == 0)
		return h;
	host_free(h);
	return NULL;
}

struct pool_host *pool_start(struct pool *p, size_t job, const int *fds,
			     size_t n, struct err *e)
{
	const struct order o = { .job = job };
	struct pool_host *h = p->idle;

	if (h)
		p->idle = h->next;
	else
		h = host_new(p, e);
	if (!h)
		return NULL;
	h->jobs++;
	if (send_with(h->fd, &o, sizeof(o), fds, n) == 0)
		return h;
	err_sys(e, errno, "cannot reach a process for workers");
	host_free(h);
	return NULL;
}

int pool_host_fd(const struct pool_host *h)
{
	return h->fd;
}

bool pool_ended(struct pool *p, struct pool_host *h, int *started,
		struct err *e)
{
	struct end end = { 0 };
	ssize_t n = recv(h->fd, &end, sizeof(end), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	*started = end.started;
	if (end.started) {
		end.msg[sizeof(end.msg) - 1] = '\0';
		err_set(e, end.code, "%s", end.msg);
	}
	if (n != sizeof(end) || !end.clean || h->jobs == HOST_JOBS) {
		host_free(h);
		return true;
	}
	h->next = p->idle;
	p->idle = h;
	return true;
}

void pool_kill(struct pool_host *h, int sig)
{
	const struct order o = { .sig = sig };

	send_with(h->fd, &o, sizeof(o), NULL, 0);
}

void pool_end(struct pool *p)
{
	while (p->idle) {
		struct pool_host *h = p->idle;

		p->idle = h->next;
		host_free(h);
	}
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}

int64_t pool_free(struct pool *p)
{
	struct rusage ru = { 0 };
	int status;

	pool_end(p);
	while (wait4(p->zygote, &status, 0, &ru) < 0 && errno == EINTR)
		;
	free(p);
	return spawn_cpu_us(&ru);
}
