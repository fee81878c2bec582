/* conn.c - see conn.h. */
#include "harness/worker/net/conn.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

bool conn_belongs(const char *name, struct span group)
{
	return span_starts(span_str(name), group) &&
	       (name[group.n] == '\0' || name[group.n] == ':' ||
		name[group.n] == '#');
}

void conns_init(struct conns *all, struct task *t)
{
	*all = (struct conns){ .task = t };
}

/* --- the end --- */

static void conn_drop(struct conn *c, bool reset)
{
	/* Lingering for no time at all: the peer gets a reset. */
	const struct linger none = { .l_onoff = 1 };

	c->ended = true;
	if (c->bulk)
		c->bulk->end(c);
	loop_drop(c->watch);
	c->watch = NULL;
	if (reset)
		setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
	close(c->fd);
	c->fd = -1;
}

/* An end of the transport's is answered by ours, unless the case ends one
 * direction after the other: what goes the other way may come later. */
static void conn_ended(struct conn *c, const char *how)
{
	if (c->all->by_half && !c->half && strcmp(how, "fin") == 0) {
		c->eof = true;
		loop_drop(c->watch);
		c->watch = NULL;
	} else {
		conn_drop(c, false);
	}
	rec(c->all->task, eof, .on = span_str(c->name), .how = span_str(how));
	if (c->talk)
		c->talk->end(c);
}

void conn_end(struct conn *c, bool reset)
{
	if (c->ended)
		return;
	conn_drop(c, reset);
	rec(c->all->task, close, .what = span_str(c->name),
	    .how = reset ? CLOSED_RST : CLOSED_FULLY);
}

void conn_half(struct conn *c)
{
	if (c->ended)
		return;
	shutdown(c->fd, SHUT_WR);
	c->half = true;
	rec(c->all->task, close, .what = span_str(c->name), .how = CLOSED_HALF);
}

/* --- bytes --- */

ssize_t conn_put(struct conn *c, const void *bytes, size_t n)
{
	ssize_t sent =
		c->ended ? 0
			 : send(c->fd, bytes, n, MSG_NOSIGNAL | MSG_DONTWAIT);

	/* Told once: the next read would find an orderly end. */
	c->reset |= sent < 0 && errno == ECONNRESET;
	return sent;
}

void conn_send(struct conn *c, struct span bytes)
{
	ssize_t n = conn_put(c, bytes.p, bytes.n);

	rec(c->all->task, send, .conn = span_str(c->name),
	    .data = span_sub(bytes, 0, n > 0 ? (size_t)n : 0));
}

static void conn_take(struct conn *c, struct span bytes)
{
	struct span part = span_sub(bytes, 0, c->keep - c->kept);

	if (c->bulk && !c->talk) {
		c->bulk->data(c, bytes);
		return;
	}
	c->kept += part.n;
	if (part.n)
		rec(c->all->task, recv, .conn = span_str(c->name),
		    .data = part);
	if (c->talk)
		c->talk->data(c, bytes);
	else
		c->got += bytes.n;
}

static void conn_readable(void *ctx, unsigned what)
{
	struct conn *c = ctx;
	char bytes[65536];
	ssize_t n = read(c->fd, bytes, sizeof(bytes));

	(void)what;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		conn_take(c, span_of(bytes, (size_t)n));
	else
		conn_ended(c, c->reset		    ? "rst"
			      : n == 0		    ? "fin"
			      : errno == ECONNRESET ? "rst"
						    : "error");
	task_changed(c->all->task);
}

void conn_stall(struct conn *c, bool on)
{
	if (c->ended || c->eof)
		return;
	loop_drop(c->watch);
	c->watch = on ? NULL
		      : loop_fd(c->all->task->loop, c->fd, LOOP_READ,
				conn_readable, c);
}

/* --- the beginning --- */

struct conn *conn_add(struct conns *all, int fd, const char *name)
{
	struct conn *c;
	int on = 1;

	if (all->n == CONN_MAX) {
		if (!all->full)
			task_skipped(all->task,
				     "more connections than the harness holds");
		all->full = true;
		close(fd);
		return NULL;
	}
	c = arena_alloc(&all->task->arena, sizeof(*c));
	all->v[all->n++] = c;
	*c = (struct conn){ .all = all, .fd = fd, .keep = CONN_KEEP };
	if (all->task->plan->datagrams)
		c->keep = CONN_KEEP_DATAGRAMS;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	snprintf(c->name, sizeof(c->name), "%s", name);
	c->watch = loop_fd(all->task->loop, fd, LOOP_READ, conn_readable, c);
	return c;
}

void conn_open(struct conn *c)
{
	if (c->all->open && !c->talk)
		c->all->open(c->all->open_ctx, c);
}

void conn_talk(struct conn *c, const struct conn_taker *talk, void *talker)
{
	c->talk = talk;
	c->talk_fini = talk->fini;
	c->talker = talker;
}

void conn_talk_over(struct conn *c, size_t got)
{
	c->got = got;
	c->talk = NULL;
	conn_open(c);
}

/* --- all of a name --- */

void conns_close_named(struct conns *all, struct span name, enum close_how how)
{
	for (size_t i = 0; i < all->n; i++) {
		struct conn *c = all->v[i];

		if (c->ended || !conn_belongs(c->name, name))
			continue;
		if (how == CLOSE_HALF) {
			all->by_half = true;
			conn_half(c);
		} else {
			conn_end(c, how == CLOSE_RST);
		}
	}
}

void conns_stall(struct conns *all, struct span name, bool on)
{
	for (size_t i = 0; i < all->n; i++)
		if (conn_belongs(all->v[i]->name, name))
			conn_stall(all->v[i], on);
}

bool conns_ended(const struct conns *all, struct span name)
{
	bool any = false;

	for (size_t i = 0; i < all->n; i++) {
		if (!conn_belongs(all->v[i]->name, name))
			continue;
		any = true;
		if (!all->v[i]->ended)
			return false;
	}
	return any;
}

int64_t conns_got(const struct conns *all, struct span name)
{
	int64_t n = 0;

	for (size_t i = 0; i < all->n; i++)
		if (conn_belongs(all->v[i]->name, name))
			n += (int64_t)all->v[i]->got;
	return n;
}

bool conns_received(const struct conns *all, struct span name, int64_t count,
		    bool *any)
{
	*any = false;
	for (size_t i = 0; i < all->n; i++) {
		const struct conn *c = all->v[i];

		if (!conn_belongs(c->name, name))
			continue;
		*any = true;
		if (!c->ended && !c->eof && (int64_t)c->got < count)
			return false;
	}
	return true;
}

void conns_close(struct conns *all)
{
	for (size_t i = 0; i < all->n; i++) {
		struct conn *c = all->v[i];

		if (!c->ended)
			conn_drop(c, false);
	}
	for (size_t i = 0; i < all->n; i++) {
		struct conn *c = all->v[i];

		if (c->bulk && c->bulk->fini)
			c->bulk->fini(c);
		if (c->talk_fini)
			c->talk_fini(c);
		c->talk_fini = NULL;
		c->talk = NULL;
	}
}

/* --- send --- */

static void send_begin(void *part, const struct step *st)
{
	struct conns *all = part;

	for (size_t i = 0; i < all->n; i++) {
		struct conn *c = all->v[i];

		if (!c->ended && !c->refused && !c->talk &&
		    conn_belongs(c->name, st->send.on))
			conn_send(c, st->send.bytes);
	}
}

const struct step_ops step_send_ops = { .part = PART_CONNS,
					.begin = send_begin };
