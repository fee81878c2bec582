/*
 * process.c - a session with a process under it.
 */
#include <errno.h>

#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "parent/lib/lib.h"

/* Read at a time; so often in a row, that others get their turn. */
#define CHUNK 65536
#define CHUNKS 4

struct ptp {
	const struct ptp_config *c;
	struct ptp_session *session;
	struct poller poller;
	ptp_event_fn *fn;
	void *ctx;

	bool running;
	struct child child;
	/* What waits; named by what it waits for. */
	struct poll_watch out, err, end, time;
	bool telling; /* events are being told: no recursion */
	bool block_silent;
};

/* --- doing what the session wants --- */

static void tell_all(struct ptp *p);

static void stream_close(struct ptp *p, struct poll_watch *w)
{
	if (w->fd < 0)
		return;
	poller_drop(&p->poller, w);
	close(w->fd);
	w->fd = -1;
}

/* True: there may be more. */
static bool stream_read(struct ptp *p, struct poll_watch *w, enum ptp_stream on)
{
	char chunk[CHUNK];
	ssize_t n = read(w->fd, chunk, sizeof(chunk));

	if (n > 0) {
		ptp_session_bytes(p->session, clock_now(), on, chunk,
				  (size_t)n);
		return true;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	stream_close(p, w);
	ptp_session_closed(p->session, clock_now(), on);
	return false;
}

static void out_ready(struct poll_watch *w, uint32_t events)
{
	struct ptp *p = POLL_OWNER(w, struct ptp, out);

	(void)events;
	stream_read(p, w, PTP_STDOUT);
	tell_all(p);
}

static void err_ready(struct poll_watch *w, uint32_t events)
{
	struct ptp *p = POLL_OWNER(w, struct ptp, err);

	(void)events;
	stream_read(p, w, PTP_STDERR);
	tell_all(p);
}

/* What it wrote before its end; helpers that hold the pipe can write for
 * ever, so not to the end of that. */
static void drain(struct ptp *p, struct poll_watch *w, enum ptp_stream on)
{
	for (int i = 0; i < CHUNKS * 4 && w->fd >= 0; i++)
		if (!stream_read(p, w, on))
			break;
	stream_close(p, w);
	ptp_session_closed(p->session, clock_now(), on);
}

static int reap(struct ptp *p)
{
	int status = 0;

	poller_drop(&p->poller, &p->end);
	/* Before its number can belong to somebody else. */
	kill(-p->child.pid, SIGKILL);
	while (waitpid(p->child.pid, &status, 0) < 0 && errno == EINTR)
		;
	guard_forget(p->child.pid);
	close(p->child.pidfd);
	if (p->child.in >= 0)
		close(p->child.in);
	p->running = false;
	return status;
}

static void end_ready(struct poll_watch *w, uint32_t events)
{
	struct ptp *p = POLL_OWNER(w, struct ptp, end);
	int status;

	(void)events;
	status = reap(p);
	drain(p, &p->out, PTP_STDOUT);
	drain(p, &p->err, PTP_STDERR);
	ptp_session_exited(p->session, clock_now(), status);
	tell_all(p);
}

static void time_late(struct poll_watch *w)
{
	struct ptp *p = POLL_OWNER(w, struct ptp, time);

	ptp_session_time(p->session, clock_now());
	tell_all(p);
}

static void watch(struct ptp *p, struct poll_watch *w, int fd,
		  void (*ready)(struct poll_watch *, uint32_t))
{
	*w = (struct poll_watch){
		.fd = fd, .events = EPOLLIN, .deadline = -1, .ready = ready
	};
	poller_add(&p->poller, w);
}

static void start(struct ptp *p)
{
	struct ptp_error err;

	if (child_start(p->c, &p->child, &err) < 0) {
		ptp_session_not_spawned(p->session, clock_now(), err.text);
		return;
	}
	p->running = true;
	p->block_silent = false;
	watch(p, &p->out, p->child.out, out_ready);
	watch(p, &p->err, p->child.err, err_ready);
	watch(p, &p->end, p->child.pidfd, end_ready);
	ptp_session_spawned(p->session, clock_now());
}

static void do_event(struct ptp *p, const struct ptp_event *ev)
{
	if (ev->what == PTP_SPAWN) {
		start(p);
	} else if (ev->what == PTP_CLOSE_STDIN && p->running) {
		if (p->child.in >= 0)
			close(p->child.in);
		p->child.in = -1;
	} else if (ev->what == PTP_SIGNAL && p->running) {
		child_signal(&p->child, ev->signal);
	}
}

static void tell_all(struct ptp *p)
{
	struct ptp_event ev;

	if (p->telling)
		return;
	p->telling = true;
	while (ptp_session_next(p->session, &ev)) {
		do_event(p, &ev);
		if (p->fn)
			p->fn(p->ctx, &ev);
	}
	p->telling = false;
	poller_deadline(&p->poller, &p->time, ptp_session_deadline(p->session));
}

/* --- for the caller --- */

struct ptp *ptp_new(const struct ptp_config *c, ptp_event_fn *fn, void *ctx,
		    struct ptp_error *err)
{
	struct ptp *p = calloc(1, sizeof(*p));

	if (!p)
		die_oom();
	p->c = c;
	p->fn = fn;
	p->ctx = ctx;
	p->out.fd = p->err.fd = -1;
	p->time = (struct poll_watch){ .fd = -1,
				       .deadline = -1,
				       .late = time_late };
	p->session = ptp_session_new(c, err);
	if (!p->session || poller_init(&p->poller, err) < 0) {
		ptp_session_free(p->session);
		free(p);
		return NULL;
	}
	poller_add(&p->poller, &p->time);
	return p;
}

void ptp_free(struct ptp *p)
{
	if (!p)
		return;
	if (p->running) {
		child_signal(&p->child, SIGKILL);
		reap(p);
	}
	stream_close(p, &p->out);
	stream_close(p, &p->err);
	ptp_session_free(p->session);
	poller_fini(&p->poller);
	free(p);
}

int ptp_fd(const struct ptp *p)
{
	return p->poller.epoll;
}

void ptp_step(struct ptp *p)
{
	poller_step(&p->poller);
}

void ptp_start(struct ptp *p)
{
	ptp_session_start(p->session, clock_now());
	tell_all(p);
}

void ptp_stop(struct ptp *p)
{
	ptp_session_stop(p->session, clock_now());
	tell_all(p);
}

const struct ptp_session *ptp_session_of(const struct ptp *p)
{
	return p->session;
}

int ptp_pid(const struct ptp *p)
{
	return p->running ? p->child.pid : 0;
}

struct poller *process_poller(struct ptp *p)
{
	return &p->poller;
}

bool process_block_silent(const struct ptp *p)
{
	return p->block_silent;
}

void process_block_was_silent(struct ptp *p)
{
	p->block_silent = true;
}

void process_block_answered(struct ptp *p)
{
	p->block_silent = false;
}
