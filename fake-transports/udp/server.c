/*
 * The server's end: each transport connection has a socket of its own, which
 * is connected to the destination, so that an answer belongs to one client and
 * a stranger to none.
 */
#include <errno.h>
#include <stdlib.h>

#include "fake-transports/net/lookup.h"
#include "fake-transports/udp/link.h"
#include "fake-transports/udp/udp.h"

#define DATAGRAMS_MAX 64

/* The error of an earlier datagram, which nobody was there for, is told by the
 * next send() in place of sending. What the kernel does not take, because it
 * is too large or because there is no room, is lost, as datagrams are. */
static void deliver(struct link *l, const uint8_t *p, size_t n)
{
	if (l->fd < 0)
		return;
	if (send(l->fd, p, n, 0) < 0 && errno == ECONNREFUSED)
		send(l->fd, p, n, 0);
}

static void fini(struct link *l)
{
	(void)l;
}

static const struct link_ops server_ops = {
	.deliver = deliver,
	.fini = fini,
};

static void on_answer(struct watch *w, short revents)
{
	static uint8_t datagram[FRAME_MAX];
	struct link *l = w->arg;

	(void)revents;
	for (int i = 0; i < DATAGRAMS_MAX; i++) {
		ssize_t n = recv(l->fd, datagram, sizeof(datagram), 0);

		if (n < 0 && errno != EAGAIN && errno != EINTR)
			continue;
		if (n < 0)
			break;
		link_packet(l, datagram, (size_t)n);
	}
	link_flush(l);
}

static bool connect_to(struct link *l, const struct hostport *to)
{
	l->fd = udp_socket(to->ss.ss_family, NULL);
	if (l->fd < 0 ||
	    connect(l->fd, (const struct sockaddr *)&to->ss, to->ss_len) < 0)
		return false;
	l->near = loop_add(&l->pt->loop, l->fd, POLLIN, on_answer, l);
	return true;
}

static void on_lookup(struct watch *w, short revents)
{
	struct link *l = w->arg;
	struct hostport found[LOOKUP_MAX];
	int n = lookup_take(l->lookup, found);
	struct pt_conn *conn = l->conn;

	(void)revents;
	if (n == -EAGAIN)
		return;
	loop_del(w);
	l->near = NULL;
	if (n < 0 || !connect_to(l, &found[0])) {
		link_end(l, POOL_CLOSED);
		return;
	}
	link_start(l, conn);
}

void udp_server_serve(struct listener *l, struct pt_conn *conn)
{
	static struct pool pool = { .side = POOL_SERVER };
	struct link *k = xcalloc(1, sizeof(*k));
	const struct hostport *to = &l->pt->cfg.orport;

	pool.idle_ms = l->pt->cfg.udp_idle_s * 1000;
	link_init(k, l->pt, &pool, &server_ops);
	pool_happens(&pool, &k->entry, POOL_SUCCESS, l->pt->loop.now);
	k->conn = conn;
	/* The stream waits until there is somewhere to send it. */
	if (to->is_name && lookup_start(to, &k->lookup) == 0)
		k->near = loop_add(&l->pt->loop, lookup_fd(k->lookup), POLLIN,
				   on_lookup, k);
	else if (!to->is_name && connect_to(k, to))
		link_start(k, conn);
	else
		link_end(k, POOL_CLOSED);
}
