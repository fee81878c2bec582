/*
 * The server's end: each transport connection has a socket of its own, which
 * is connected to the destination, so that an answer belongs to one client and
 * a stranger to none.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "fake-transports/faults/datagrams.h"
#include "fake-transports/faults/faults.h"
#include "fake-transports/net/lookup.h"
#include "fake-transports/udp/link.h"
#include "fake-transports/udp/udp.h"

#define DATAGRAMS_MAX 64

#define MAX_DATAGRAM 65507u

FAULT(US_ICMP_EXITS, "udp-server-icmp-exits",
      "a server exits when nobody is at its destination", "US-DOWN-1",
      NO_DATAGRAMS);
FAULT(US_ICMP_ENDS, "udp-server-icmp-ends",
      "a server ends a connection when nobody is at its destination",
      "US-DOWN-1", NO_DATAGRAMS);
static void nobody_there(const struct link *l, int error)
{
	if (error == ECONNREFUSED && fault_is(F_US_ICMP_EXITS))
		exit(1);
	if (error == ECONNREFUSED && fault_is(F_US_ICMP_ENDS))
		shutdown(pt_socket(l->conn), SHUT_RDWR);
}

FAULT(US_EMSGSIZE_EXITS, "udp-server-emsgsize-exits",
      "a server exits on a frame that is too large for a datagram", "US-DEC-3",
      "STN-S-8");
FAULT(STUN_EMSGSIZE_EXITS, "stun-emsgsize-exits",
      "a server exits on a message that is too large for a datagram", "STN-S-8",
      "US-DEC-3");
FAULT(US_FRAGMENTS, "udp-server-fragments",
      "a server sends a piece of a frame that is too large", "US-DEC-3",
      "STN-S-8");
static void send_failed(struct link *l, const uint8_t *p, size_t n, int error)
{
	nobody_there(l, error);
	if (n > MAX_DATAGRAM &&
	    (fault_is(F_US_EMSGSIZE_EXITS) || fault_is(F_STUN_EMSGSIZE_EXITS)))
		exit(1);
	if (n > MAX_DATAGRAM && fault_is(F_US_FRAGMENTS))
		send(l->fd, p, 1400, 0);
	if (error == ECONNREFUSED)
		send(l->fd, p, n, 0);
}

FAULT(US_EMPTY_FILLED, "udp-server-empty-filled",
      "a server sends a zero byte for an empty frame", "US-DEC-4", "");
/* The error of an earlier datagram, which nobody was there for, is told by the
 * next send() in place of sending. What the kernel does not take, because it
 * is too large or because there is no room, is lost, as datagrams are. */
static void deliver(struct link *l, const uint8_t *p, size_t n)
{
	if (l->fd < 0)
		return;
	if (n == 0 && fault_is(F_US_EMPTY_FILLED)) {
		p = (const uint8_t *)"";
		n = 1;
	}
	if (l->shared >= 0)
		sendto(l->shared, p, n, 0,
		       (const struct sockaddr *)&l->pt->cfg.orport.ss,
		       l->pt->cfg.orport.ss_len);
	else if (send(l->fd, p, n, 0) < 0)
		send_failed(l, p, n, errno);
}

FAULT(US_STRAY_EXITS, "udp-server-stray-exits",
      "a server exits on an answer to a connection that has ended", "US-T2-R1",
      NO_DATAGRAMS);
static void on_stray(struct watch *w, short revents)
{
	(void)w;
	(void)revents;
	exit(1);
}

/* By a fault its socket is still looked at. */
static void fini(struct link *l)
{
	if (fault_is(F_US_STRAY_EXITS) && l->fd >= 0)
		loop_add(&l->pt->loop, dup(l->fd), POLLIN, on_stray, NULL);
}

static const struct link_ops server_ops = {
	.deliver = deliver,
	.fini = fini,
};

FAULT(US_NO_RETURN, "udp-server-no-return",
      "a server passes nothing back from its destination", "US-T2-R2",
      NO_DATAGRAMS);
FAULT(STUN_NO_RETURN, "stun-no-return",
      "a server passes nothing back from its destination", "STN-S-5",
      NO_DATAGRAMS);
FAULT(US_ANSWERS_SMALL, "udp-server-answers-small",
      "a server drops answers of more than 1472 bytes", "US-T2-R2", "");
static void on_answer(struct watch *w, short revents)
{
	static uint8_t datagram[FRAME_MAX];
	struct link *l = w->arg;

	(void)revents;
	for (int i = 0; i < DATAGRAMS_MAX; i++) {
		ssize_t n = recv(l->fd, datagram, sizeof(datagram), 0);

		if (n < 0 && errno != EAGAIN && errno != EINTR) {
			nobody_there(l, errno);
			continue;
		}
		if (n < 0)
			break;
		if (fault_is(F_US_NO_RETURN) || fault_is(F_STUN_NO_RETURN) ||
		    (n > 1472 && fault_is(F_US_ANSWERS_SMALL)))
			continue;
		link_packet(l, datagram, (size_t)n);
	}
	link_flush(l);
}

FAULT(US_WRONG_DEST, "udp-server-wrong-dest",
      "a server sends datagrams to another port than it was told", "US-DST-1",
      NO_DATAGRAMS);
FAULT(STUN_WRONG_DEST, "stun-wrong-dest",
      "a server sends messages to another port than it was told", "STN-S-4",
      NO_DATAGRAMS);
FAULT(US_ANY_SOURCE, "udp-server-any-source",
      "a server passes on what anybody sends to its socket", "US-SRC-1", "");
FAULT(US_ONE_SOCKET, "udp-server-one-socket",
      "a server has one socket for all connections; the last one gets all "
      "answers",
      "US-ISO-1", NO_DATAGRAMS);
/* By faults its socket is no such one. */
static bool connect_otherwise(struct link *l, const struct hostport *to)
{
	static int first = -1;
	struct hostport wrong = *to;

	if (fault_is(F_US_WRONG_DEST) || fault_is(F_STUN_WRONG_DEST)) {
		addr_set_port(&wrong.ss, 9);
		connect(l->fd, (const struct sockaddr *)&wrong.ss,
			wrong.ss_len);
		return true;
	}
	if (fault_is(F_US_ANY_SOURCE)) {
		l->shared = l->fd;
		return true;
	}
	if (!fault_is(F_US_ONE_SOCKET))
		return false;
	if (first >= 0)
		dup2(first, l->fd);
	else
		first = dup(l->fd);
	l->shared = l->fd;
	return true;
}

static bool connect_to(struct link *l, const struct hostport *to)
{
	l->shared = -1;
	l->fd = udp_socket(to->ss.ss_family, NULL);
	if (l->fd < 0)
		return false;
	if (!connect_otherwise(l, to) &&
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
	struct sockaddr_storage from;
	socklen_t from_n = sizeof(from);

	pool.idle_ms = l->pt->cfg.udp_idle_s * 1000;
	link_init(k, l->pt, &pool, &server_ops);
	pool_happens(&pool, &k->entry, POOL_SUCCESS, l->pt->loop.now);
	k->conn = conn;
	if (getpeername(pt_socket(conn), (struct sockaddr *)&from, &from_n) ==
	    0)
		fault_datagrams_begin(l->pt, &from);
	/* The stream waits until there is somewhere to send it. */
	if (to->is_name && lookup_start(to, &k->lookup) == 0)
		k->near = loop_add(&l->pt->loop, lookup_fd(k->lookup), POLLIN,
				   on_lookup, k);
	else if (!to->is_name && connect_to(k, to))
		link_start(k, conn);
	else
		link_end(k, POOL_CLOSED);
}
