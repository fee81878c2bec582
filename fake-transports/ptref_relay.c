/*
 * Moves bytes both ways through the transport. Each direction ends on its own:
 * the end of one side is passed on once all before it was written, and the
 * other direction goes on. A side that broke takes both of its directions
 * along, but what it sent before is still delivered.
 */
#include "ptref_conn.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "ptref_faults.h"

bool end_flush(struct end *e)
{
	while (buf_n(&e->out) > 0) {
		int flags = fault_is(F_DIES_OF_SIGPIPE) ? 0 : MSG_NOSIGNAL;
		ssize_t n =
			send(e->fd, buf_head(&e->out), buf_n(&e->out), flags);

		if (n >= 0)
			buf_eat(&e->out, (size_t)n);
		else if (errno == EAGAIN)
			return true;
		else if (errno != EINTR)
			return false;
	}
	return true;
}

static struct end *other_end(struct conn *c, const struct end *e)
{
	return e == &c->near ? &c->far : &c->near;
}

/* Takes bytes that came in at `from` through the transport. */
static void transform(struct conn *c, const struct end *from, const uint8_t *p,
		      size_t n)
{
	const struct transport *t = c->listener->transport;
	struct buf *to = &other_end(c, from)->out;
	bool wire = (c->listener->role == ROLE_SERVER) == (from == &c->near);

	if (wire)
		t->decode(c->session, p, n, to);
	else
		t->encode(c->session, p, n, to);
}

static void end_broke(struct conn *c, struct end *e)
{
	e->eof = true;
	e->shut = true;
	buf_fini(&e->out);
	other_end(c, e)->eof = true;
}

static void end_read(struct conn *c, struct end *e)
{
	uint8_t chunk[READ_CHUNK];
	ssize_t n = recv(e->fd, chunk, sizeof(chunk), 0);

	if (n > 0) {
		transform(c, e, chunk, (size_t)n);
	} else if (n == 0) {
		e->eof = true;
	} else if (errno != EAGAIN && errno != EINTR) {
		if (errno == ECONNRESET && e == &c->near &&
		    c->listener->role == ROLE_SERVER &&
		    fault_is(F_SERVER_DIES_ON_RESET))
			listener_stop(c->listener);
		end_broke(c, e);
	}
}

/*
 * What to wait for. An end without any wish is not polled at all, as poll()
 * reports a hang-up unasked and for ever; except after its end of file, when a
 * reset is still of interest.
 */
static void want(const struct conn *c, struct end *e)
{
	const struct end *o = e == &c->near ? &c->far : &c->near;
	short events = 0;

	if (!e->eof && buf_n(&o->out) < RELAY_MAX)
		events |= POLLIN;
	if (!e->shut && buf_n(&e->out) > 0)
		events |= POLLOUT;
	e->watch->events = events;
	e->watch->fd = events || (e->eof && !e->shut) ? e->fd : -1;
}

static void settle(struct conn *c)
{
	struct end *ends[] = { &c->near, &c->far };

	for (int i = 0; i < 2; i++) {
		struct end *e = ends[i];
		struct end *o = ends[!i];

		if (!e->shut && !end_flush(e))
			end_broke(c, e);
		if (o->eof && !e->shut && buf_n(&e->out) == 0) {
			shutdown(e->fd, SHUT_WR);
			e->shut = true;
		}
	}
	/* A break of the second may have finished the first. */
	if (c->near.eof && buf_n(&c->far.out) == 0 && c->far.eof &&
	    buf_n(&c->near.out) == 0) {
		conn_free(c);
		return;
	}
	want(c, &c->near);
	want(c, &c->far);
}

void relay_start(struct conn *c)
{
	const struct transport *t = c->listener->transport;
	bool server = c->listener->role == ROLE_SERVER;
	const struct option_list *settings = server ? &c->listener->options
						    : &c->socks.settings;
	struct end *ends[] = { &c->near, &c->far };

	c->state = CONN_RELAY;
	c->near.watch->deadline = 0;
	c->far.watch->deadline = 0;
	c->session = t->open(settings, server ? &c->near.out : &c->far.out);
	c->has_session = true;
	for (int i = 0; i < 2; i++) {
		struct buf *in = &ends[i]->in;

		if (buf_n(in) > 0)
			transform(c, ends[i], buf_head(in), buf_n(in));
		buf_fini(in);
	}
	settle(c);
}

void relay_event(struct conn *c, struct end *e, short revents)
{
	if (e->eof && (revents & POLLERR))
		end_broke(c, e);
	else if (!e->eof && (revents & (POLLIN | POLLHUP | POLLERR)))
		end_read(c, e);
	settle(c);
}
