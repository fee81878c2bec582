/*
 * relay.c - see relay.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "parent/program/relay.h"

/* So much is on its way at most: what a pipe holds. */
#define HELD_MAX 65536
/* Moves in a row before others get their turn. */
#define ROUNDS 16

/* From one side to the other. */
struct flow {
	int pipe[2];  /* -1: none at the moment */
	char *buffer; /* instead of a pipe */
	size_t at, n; /* what it holds; of the pipe only n */
	bool ended;   /* FIN came */
	bool passed;  /* and was passed on */
};

struct relay {
	struct relays *of;
	LIST_ENTRY(relay) in;
	/* flow[i] goes from side i. */
	struct poll_watch side[2];
	struct flow flow[2];
};

void relays_init(struct relays *r, struct poller *poller)
{
	*r = (struct relays){ .poller = poller };
}

void relay_reset(int fd)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
}

/* --- where it is held --- */

static bool flow_open(struct relays *r, struct flow *f)
{
	if (r->no_splice) {
		if (!f->buffer)
			f->buffer = malloc(HELD_MAX);
		return f->buffer != NULL;
	}
	if (f->pipe[0] >= 0)
		return true;
	if (r->npipes > 0) {
		memcpy(f->pipe, r->pipe[--r->npipes], sizeof(f->pipe));
		return true;
	}
	return pipe2(f->pipe, O_CLOEXEC | O_NONBLOCK) == 0;
}

static void flow_close(struct relays *r, struct flow *f)
{
	free(f->buffer);
	f->buffer = NULL;
	if (f->pipe[0] < 0)
		return;
	if (f->n == 0 && r->npipes < RELAY_PIPES) {
		memcpy(r->pipe[r->npipes++], f->pipe, sizeof(f->pipe));
	} else {
		close(f->pipe[0]);
		close(f->pipe[1]);
	}
	f->pipe[0] = f->pipe[1] = -1;
}

/* --- an end --- */

static void relay_free(struct relay *l, bool reset)
{
	struct relays *r = l->of;

	for (int i = 0; i < 2; i++) {
		poller_drop(r->poller, &l->side[i]);
		flow_close(r, &l->flow[i]);
		if (reset)
			relay_reset(l->side[i].fd);
		else
			close(l->side[i].fd);
	}
	LIST_REMOVE(l, in);
	free(l);
}

void relays_fini(struct relays *r)
{
	while (!LIST_EMPTY(&r->all))
		relay_free(LIST_FIRST(&r->all), true);
	while (r->npipes > 0) {
		close(r->pipe[--r->npipes][0]);
		close(r->pipe[r->npipes][1]);
	}
}

/* --- moving --- */

/* Both return bytes, 0 at the end, -1 with errno. */
static ssize_t take(struct relays *r, struct flow *f, int from)
{
	ssize_t n;

	if (f->buffer) {
		n = recv(from, f->buffer + f->at + f->n,
			 HELD_MAX - f->at - f->n, 0);
	} else {
		n = splice(from, NULL, f->pipe[1], NULL, HELD_MAX - f->n,
			   SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
		if (n < 0 && (errno == EINVAL || errno == ENOSYS) &&
		    f->n == 0) {
			r->no_splice = true;
			flow_close(r, f);
			return flow_open(r, f) ? take(r, f, from) : -1;
		}
	}
	return n;
}

static ssize_t give(struct flow *f, int to)
{
	ssize_t n = f->buffer ? send(to, f->buffer + f->at, f->n, MSG_NOSIGNAL)
			      : splice(f->pipe[0], NULL, to, NULL, f->n,
				       SPLICE_F_MOVE | SPLICE_F_NONBLOCK);

	if (n > 0) {
		f->n -= (size_t)n;
		f->at = f->n && f->buffer ? f->at + (size_t)n : 0;
	}
	return n;
}

static bool is_later(void)
{
	return errno == EAGAIN || errno == EINTR;
}

/* False: one side was reset, or cannot be served. */
static bool pump(struct relay *l, int from)
{
	struct flow *f = &l->flow[from];
	int in = l->side[from].fd, out = l->side[1 - from].fd;

	for (int i = 0; i < ROUNDS; i++) {
		if (!f->ended && f->n == 0) {
			ssize_t n = flow_open(l->of, f) ? take(l->of, f, in)
							: -1;

			if (n < 0 && !is_later())
				return false;
			if (n < 0)
				break;
			f->ended = n == 0;
			f->n += (size_t)n;
		}
		if (f->n == 0)
			break;
		if (give(f, out) < 0 && !is_later())
			return false;
		if (f->n > 0)
			break;
	}
	if (f->n == 0)
		flow_close(l->of, f);
	if (f->ended && f->n == 0 && !f->passed) {
		shutdown(out, SHUT_WR);
		f->passed = true;
	}
	return true;
}

/* --- waiting --- */

static void await(struct relay *l, int side)
{
	struct flow *in = &l->flow[side], *out = &l->flow[1 - side];
	uint32_t events = 0;

	if (!in->ended && in->n == 0)
		events |= EPOLLIN;
	if (out->n > 0)
		events |= EPOLLOUT;
	/* Both of its directions are over: it would only be told again and
	 * again that it hung up. */
	if (in->ended && out->passed)
		poller_drop(l->of->poller, &l->side[side]);
	else
		poller_change(l->of->poller, &l->side[side], events);
}

static void relay_go(struct relay *l)
{
	if (!pump(l, 0) || !pump(l, 1)) {
		relay_free(l, true);
		return;
	}
	if (l->flow[0].passed && l->flow[1].passed) {
		relay_free(l, false);
		return;
	}
	await(l, 0);
	await(l, 1);
}

static void side_ready(struct relay *l, int side, uint32_t events)
{
	int error = 0;
	socklen_t n = sizeof(error);

	/* Where nothing is read nor written, only this tells of a reset. */
	if (events & EPOLLERR) {
		getsockopt(l->side[side].fd, SOL_SOCKET, SO_ERROR, &error, &n);
		if (error) {
			relay_free(l, true);
			return;
		}
	}
	relay_go(l);
}

static void first_ready(struct poll_watch *w, uint32_t events)
{
	side_ready(POLL_OWNER(w, struct relay, side[0]), 0, events);
}

static void second_ready(struct poll_watch *w, uint32_t events)
{
	side_ready(POLL_OWNER(w, struct relay, side[1]), 1, events);
}

/* --- beginning --- */

static struct poll_watch side_of(int fd,
				 void (*ready)(struct poll_watch *, uint32_t))
{
	return (struct poll_watch){
		.fd = fd, .events = EPOLLIN, .deadline = -1, .ready = ready
	};
}

void relay_new(struct relays *r, int a, int b, const void *head, size_t n)
{
	struct relay *l = calloc(1, sizeof(*l));
	int one = 1;

	/* A socket that was just connected takes a header whole. */
	if (!l || (n && send(b, head, n, MSG_NOSIGNAL) != (ssize_t)n)) {
		free(l);
		relay_reset(a);
		relay_reset(b);
		return;
	}
	l->of = r;
	l->side[0] = side_of(a, first_ready);
	l->side[1] = side_of(b, second_ready);
	for (int i = 0; i < 2; i++) {
		l->flow[i].pipe[0] = l->flow[i].pipe[1] = -1;
		setsockopt(l->side[i].fd, IPPROTO_TCP, TCP_NODELAY, &one,
			   sizeof(one));
	}
	LIST_INSERT_HEAD(&r->all, l, in);
	if (poller_add(r->poller, &l->side[0]) < 0 ||
	    poller_add(r->poller, &l->side[1]) < 0)
		relay_free(l, true);
	else
		relay_go(l);
}
