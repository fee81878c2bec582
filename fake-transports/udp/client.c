/*
 * The client's end: one socket for all applications. Each that sends has a
 * transport connection of its own, so that an answer reaches who asked.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "fake-transports/faults/actions.h"
#include "fake-transports/faults/datagrams.h"
#include "fake-transports/faults/faults.h"
#include "fake-transports/udp/link.h"
#include "fake-transports/udp/udp.h"

/* As many at the same time; datagrams of others are dropped. */
#define SOURCES_MAX 1024
/* Per event, so that applications leave time for the connections. */
#define DATAGRAMS_MAX 64

struct udp_client {
	struct listener *listener;
	struct pool pool;
	int fd;
	int other; /* by a fault */
	uint8_t datagram[FRAME_MAX];
};

FAULT(UC_NO_RETURN, "udp-no-return",
      "a client passes nothing back to applications", "UC-RET-1", NO_DATAGRAMS);
FAULT(UC_LAST_SENDER, "udp-last-sender",
      "a client gives answers to another application than has asked",
      "UC-POOL-3", "UC-RET-1");
FAULT(UC_OTHER_PORT, "udp-other-port",
      "a client answers applications from another port", "UC-RET-1", "UC-*");
FAULT(UC_RETURNS_SMALL, "udp-returns-small",
      "a client drops answers of more than 1472 bytes", "UC-RET-2", "");
static void deliver(struct link *l, const uint8_t *p, size_t n)
{
	const struct sockaddr_storage *to =
		fault_is(F_UC_LAST_SENDER) && l->client->pool.first
			? &l->client->pool.first->key
			: &l->entry.key;
	socklen_t to_n = to->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6)
						   : sizeof(struct sockaddr_in);

	if (fault_is(F_UC_NO_RETURN) ||
	    (n > 1472 && fault_is(F_UC_RETURNS_SMALL)))
		return;
	/* What the kernel does not take is lost, as datagrams are. */
	sendto(fault_is(F_UC_OTHER_PORT) ? l->client->other : l->client->fd, p,
	       n, 0, (const struct sockaddr *)to, to_n);
}

static void fini(struct link *l)
{
	(void)l;
}

static const struct link_ops client_ops = {
	.deliver = deliver,
	.fini = fini,
};

static void dial(struct link *l)
{
	struct listener *from = l->client->listener;
	struct pt_conn *conn;
	int r = from->client.connect(&from->client, &from->options,
				     &l->pt->cfg.target, &conn);

	if (r < 0)
		link_end(l, POOL_FAILED);
	else
		link_start(l, conn);
}

FAULT(UC_EACH_DIALS, "udp-each-dials",
      "a client makes a second connection although it has one",
      "UC-POOL-2 UC-T1-R3", NO_DATAGRAMS);
FAULT(UC_ONE_FOR_ALL, "udp-one-for-all",
      "a client has one connection for all applications", "UC-POOL-4",
      NO_DATAGRAMS);
FAULT(UC_FEW, "udp-few", "a client serves no more than three applications",
      "UC-POOL-3", NO_DATAGRAMS);
static void on_datagram(struct udp_client *c,
			const struct sockaddr_storage *from, size_t n)
{
	struct link *l = (struct link *)pool_find(&c->pool, from);

	if (!l && c->pool.first && fault_is(F_UC_ONE_FOR_ALL))
		l = (struct link *)c->pool.first;
	if (l && fault_is(F_UC_EACH_DIALS) && c->pool.n < 3 &&
	    l->entry.state == POOL_CONNECTED && l->merged++ > 0)
		l = NULL;

	if (!l && c->pool.n >= (fault_is(F_UC_FEW) ? 3 : SOURCES_MAX))
		return;
	if (!l) {
		l = xcalloc(1, sizeof(*l));
		link_init(l, c->listener->pt, &c->pool, &client_ops);
		l->client = c;
		l->entry.key = *from;
		fault_datagrams_begin(l->pt, from);
	}
	if (link_packet(l, c->datagram, n) == POOL_DIAL)
		dial(l);
}

static void flush_all(struct udp_client *c)
{
	struct pool_entry *next;

	for (struct pool_entry *e = c->pool.first; e; e = next) {
		struct link *l = (struct link *)e;

		next = e->next;
		if (buf_n(&l->out) > 0)
			link_flush(l);
	}
}

static void on_socket(struct watch *w, short revents)
{
	struct udp_client *c = w->arg;

	(void)revents;
	for (int i = 0; i < DATAGRAMS_MAX; i++) {
		struct sockaddr_storage from = { 0 };
		socklen_t from_n = sizeof(from);
		ssize_t n = recvfrom(c->fd, c->datagram, sizeof(c->datagram), 0,
				     (struct sockaddr *)&from, &from_n);

		/* An application that has gone says so by ICMP. */
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			continue;
		if (n < 0)
			break;
		on_datagram(c, &from, (size_t)n);
	}
	flush_all(c);
}

FAULT(UC_DIALS_EARLY, "udp-dials-early",
      "a client connects before there is a datagram", "UC-POOL-1",
      NO_DATAGRAMS " PX-UDP-1");
FAULT(UC_NOT_BOUND, "udp-not-bound",
      "a client announces another port than it has bound", "UC-LISTEN-1",
      NO_DATAGRAMS " PX-UDP-1");
int udp_client_open(struct listener *l, const struct sockaddr_storage *at)
{
	struct udp_client *c;
	socklen_t n = sizeof(l->at);
	int fd = udp_socket(at->ss_family, at);

	if (fd < 0)
		return -errno;
	c = xcalloc(1, sizeof(*c));
	c->listener = l;
	c->fd = fd;
	c->pool = (struct pool){ .side = POOL_CLIENT,
				 .idle_ms = l->pt->cfg.udp_idle_s * 1000 };
	getsockname(fd, (struct sockaddr *)&l->at, &n);
	c->other = fault_is(F_UC_OTHER_PORT) ? udp_socket(AF_INET, NULL) : -1;
	l->watch = loop_add(&l->pt->loop, fd, POLLIN, on_socket, c);
	if (fault_is(F_UC_DIALS_EARLY))
		fault_connect(&l->pt->cfg.target);
	if (fault_is(F_UC_NOT_BOUND))
		addr_set_port(&l->at, 9);
	return 0;
}
