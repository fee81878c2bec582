#include "fake-transports/udp/link.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake-transports/faults/actions.h"
#include "fake-transports/faults/datagrams.h"
#include "fake-transports/faults/faults.h"
#include "fake-transports/net/lookup.h"

/* A transport may shake hands: it is not waited for without end. */
#define MADE_MS 30000
/* What waits for a connection that is slow; what comes beyond is dropped. */
#define OUT_MAX (512u << 10)
#define READ_CHUNK 65536u
/* Per event, so that one connection leaves time for the others. */
#define CHUNKS_MAX 8
/* As much as an ordinary user gets. */
#define SOCKET_BUF (4 << 20)

enum framing link_framing(const struct pt *pt)
{
	return pt->cfg.mode == MODE_STUN ? FRAMING_STUN : FRAMING_LENGTH;
}

int udp_socket(int family, const struct sockaddr_storage *at)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int size = SOCKET_BUF;
	socklen_t n = family == AF_INET6 ? sizeof(struct sockaddr_in6)
					 : sizeof(struct sockaddr_in);
	int saved;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	if (!at || bind(fd, (const struct sockaddr *)at, n) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

FAULT(UC_KEEPS_DEAD, "udp-keeps-dead",
      "a client keeps a connection that has ended and writes into it",
      "UC-T1-R5", NO_DATAGRAMS);
FAULT(UC_KEEPS_FAILED, "udp-keeps-failed",
      "a client waits for ever for a connection that has failed", "UC-T1-R6",
      NO_DATAGRAMS);
FAULT(UC_RESET_EXITS, "udp-reset-exits",
      "a client exits when a connection with datagrams is reset", "UC-T1-R7",
      NO_DATAGRAMS);
FAULT(US_RESET_EXITS, "udp-server-reset-exits",
      "a server exits when a connection with datagrams is reset", "US-T2-R4",
      NO_DATAGRAMS);
FAULT(US_FD_LEAK, "udp-server-fd-leak",
      "a server keeps the socket of a connection that has ended", "US-T2-R3",
      "US-T2-R1");
/* By faults it goes on, or takes all along. */
static bool ends_otherwise(struct link *l, enum pool_event why)
{
	bool client = l->pool->side == POOL_CLIENT;

	if ((client && why == POOL_CLOSED && fault_is(F_UC_KEEPS_DEAD)) ||
	    (client && why == POOL_FAILED && fault_is(F_UC_KEEPS_FAILED))) {
		if (l->watch) {
			l->watch->fd = -1;
			l->watch->deadline = 0;
		}
		l->deaf = true;
		return true;
	}
	if (l->reset && fault_is(client ? F_UC_RESET_EXITS : F_US_RESET_EXITS))
		exit(1);
	if (!client && fault_is(F_US_FD_LEAK))
		l->fd = -1;
	return false;
}

void link_end(struct link *l, enum pool_event why)
{
	if (ends_otherwise(l, why))
		return;
	pool_happens(l->pool, &l->entry, why, l->pt->loop.now);
	fault_datagrams_end();
	l->ops->fini(l);
	loop_del(l->watch);
	loop_del(l->near);
	if (l->conn)
		pt_close(l->conn);
	if (l->fd >= 0)
		close(l->fd);
	lookup_free(l->lookup);
	buf_fini(&l->in);
	buf_fini(&l->out);
	buf_fini(&l->held);
	l->pt->conns--;
	free(l);
}

FAULT(UC_NEVER_EXPIRES, "udp-never-expires",
      "a client never closes a connection that is not used", "UC-T1-R8",
      "UC-TMO-1 STN-C-3");
FAULT(UC_FIXED_LIFE, "udp-fixed-life",
      "a client closes a connection after a time, used or not", "UC-T1-R9",
      NO_DATAGRAMS);
FAULT(UC_EXPIRES_SOON, "udp-expires-soon",
      "a client closes connections after half of the time", "UC-TMO-1",
      NO_DATAGRAMS);
FAULT(US_NEVER_EXPIRES, "udp-server-never-expires",
      "a server never closes a connection that is not used", "US-T2-R5", "");
/* When it is closed. */
static int64_t expiry(const struct link *l)
{
	bool client = l->pool->side == POOL_CLIENT;
	int64_t used = pool_expiry(l->pool, &l->entry);

	if (fault_is(client ? F_UC_NEVER_EXPIRES : F_US_NEVER_EXPIRES))
		return INT64_MAX;
	if (client && fault_is(F_UC_FIXED_LIFE))
		return l->made_by - MADE_MS + l->pool->idle_ms;
	if (client && fault_is(F_UC_EXPIRES_SOON))
		return used - l->pool->idle_ms / 2;
	return used;
}

static void arm(struct link *l)
{
	struct pt_wish wish;
	int64_t end = expiry(l);

	pt_poll(l->conn, buf_n(&l->out) > 0 ? POLLIN | POLLOUT : POLLIN, &wish);
	l->watch->fd = wish.fd;
	l->watch->events = wish.events;
	if (l->entry.state == POOL_WAITING && l->made_by < end)
		end = l->made_by;
	l->watch->deadline = wish.ready ? l->pt->loop.now : end;
}

void link_flush(struct link *l)
{
	int r;

	if (l->entry.state != POOL_CONNECTED || l->deaf)
		return;
	r = pt_write_buf(l->conn, &l->out);
	if (r == 0)
		r = pt_flush(l->conn);
	l->reset |= r == -ECONNRESET || r == -EPIPE;
	if (r < 0 && r != -EAGAIN)
		link_end(l, POOL_WRITE_FAILED);
	else
		arm(l);
}

FAULT(UC_QUEUES, "udp-queues",
      "a client keeps datagrams while it waits for its connection, without "
      "end, and sends them then",
      "UC-T1-R1 UC-T1-R2 STN-C-3", "UC-T1-R6");
FAULT(UC_TRUNCATES, "udp-truncates",
      "a client passes on the first 1024 bytes of a datagram", "UC-FRAME-3",
      NO_DATAGRAMS);
FAULT(UC_REFUSES_LARGE, "udp-refuses-large",
      "a client drops datagrams of more than 1500 bytes", "UC-FRAME-3",
      "UC-T1-R3");
FAULT(UC_TEXT_ONLY, "udp-text-only",
      "a client drops datagrams with other bytes than text", "UC-FRAME-5",
      NO_DATAGRAMS);
FAULT(UC_EMPTY_ENDS, "udp-empty-ends",
      "a client takes an empty datagram for an end", "UC-FRAME-4", "UC-T1-R3");
FAULT(UC_MERGES, "udp-merges",
      "a client puts two datagrams of a burst into one frame",
      "UC-FRAME-2 UC-FRAME-6", NO_DATAGRAMS);
FAULT(UC_LOST_AGAIN, "udp-lost-again",
      "a client sends nothing on a connection that follows a lost one",
      "UC-T1-R5", NO_DATAGRAMS);
/* What becomes of a client's datagram by a fault: false where it is dropped. */
static bool spoil(struct link *l, const uint8_t *p, size_t *n)
{
	if (l->pool->side != POOL_CLIENT)
		return true;
	if (*n > 1024 && fault_is(F_UC_TRUNCATES))
		*n = 1024;
	if (*n > 1500 && fault_is(F_UC_REFUSES_LARGE))
		return false;
	if (l->second && fault_is(F_UC_LOST_AGAIN))
		return false;
	for (size_t i = 0; i < *n && fault_is(F_UC_TEXT_ONLY); i++)
		if (p[i] < ' ' || p[i] > '~')
			return false;
	return true;
}

/* Those of a burst two by two. */
static bool merge(struct link *l, const uint8_t *p, size_t n)
{
	if (l->pool->side != POOL_CLIENT || n < 16 || n > 600 ||
	    memcmp(p, "burst", 5) != 0)
		return false;
	buf_add(&l->held, p, n);
	if (l->merged++ % 2 == 0)
		return true;
	frame_put(link_framing(l->pt), buf_head(&l->held), buf_n(&l->held),
		  &l->out);
	buf_eat(&l->held, buf_n(&l->held));
	return true;
}

FAULT(UC_GROWS, "udp-grows-waiting",
      "a client keeps all datagrams that come while it waits for its "
      "connection, and never sends them",
      "UC-T1-R2", "");
static void keep_for_ever(const uint8_t *p, size_t n)
{
	static void *volatile kept;

	kept = memcpy(xcalloc(1, n), p, n);
	(void)kept;
}

/* By a fault it takes another way than that of the pool. */
static bool strays(struct link *l, enum pool_effect effect, const uint8_t *p,
		   size_t *n)
{
	bool client = l->pool->side == POOL_CLIENT;

	if (effect != POOL_SEND && client && fault_is(F_UC_QUEUES))
		frame_put(link_framing(l->pt), p, *n, &l->out);
	if (effect != POOL_SEND && client && fault_is(F_UC_GROWS))
		keep_for_ever(p, *n);
	if (effect != POOL_SEND)
		return false;
	return !spoil(l, p, n) || (fault_is(F_UC_MERGES) && merge(l, p, *n));
}

enum pool_effect link_packet(struct link *l, const uint8_t *p, size_t n)
{
	enum pool_effect effect =
		pool_happens(l->pool, &l->entry, POOL_PACKET, l->pt->loop.now);

	fault_datagram(p, n);
	if (strays(l, effect, p, &n))
		return effect;
	if (effect == POOL_SEND && n == 0 && l->pool->side == POOL_CLIENT &&
	    fault_is(F_UC_EMPTY_ENDS)) {
		link_end(l, POOL_CLOSED);
		return POOL_DROP;
	}
	if (effect == POOL_SEND && buf_n(&l->out) + n < OUT_MAX)
		frame_put(link_framing(l->pt), p, n, &l->out);
	return effect;
}

FAULT(UDP_FIRST_OF_MANY, "udp-first-of-many",
      "passes on only the first of several datagrams that one read brings",
      "UC-RET-2 US-DEC-2", NO_DATAGRAMS);
FAULT(UDP_READ_IS_DATAGRAM, "udp-read-is-datagram",
      "a server passes on what one read brings, whole or not", "US-DEC-2",
      NO_DATAGRAMS);
FAULT(STUN_READ_IS_DATAGRAM, "stun-read-is-datagram",
      "a server passes on what one read brings, but for its first bytes",
      "STN-S-1 STN-S-2", NO_DATAGRAMS);
FAULT(STUN_REWRITES, "stun-rewrites",
      "a server changes the last byte of messages with attributes",
      "STN-PASS-1", NO_DATAGRAMS);
/* By a fault something else than the datagram is delivered. */
static void deliver(struct link *l, const struct frame *got)
{
	uint8_t *copy;

	if (l->pool->side == POOL_CLIENT || got->n <= 20 ||
	    !fault_is(F_STUN_REWRITES)) {
		l->ops->deliver(l, got->p, got->n);
		return;
	}
	copy = xcalloc(1, got->n);
	memcpy(copy, got->p, got->n);
	copy[got->n - 1] ^= 1;
	l->ops->deliver(l, copy, got->n);
	free(copy);
}

/* By a fault there are no frames. */
static bool deliver_read(struct link *l)
{
	size_t skip = l->pt->cfg.mode == MODE_STUN ? 0 : 2;

	if (l->pool->side != POOL_SERVER || buf_n(&l->in) <= skip ||
	    !(fault_is(F_UDP_READ_IS_DATAGRAM) ||
	      fault_is(F_STUN_READ_IS_DATAGRAM)))
		return false;
	if (skip == 0)
		skip = buf_n(&l->in) > 24 ? 4 : 0;
	l->ops->deliver(l, buf_head(&l->in) + skip, buf_n(&l->in) - skip);
	buf_eat(&l->in, buf_n(&l->in));
	return true;
}

FAULT(US_EMPTY_ENDS, "udp-server-empty-ends",
      "a server takes an empty frame for an end", "US-DEC-4", "");
/* False if it was the end of the link. */
static bool deliver_frames(struct link *l)
{
	enum framing f = link_framing(l->pt);
	struct frame got;
	enum frame_result r;

	if (deliver_read(l))
		return true;
	while ((r = frame_take(f, buf_head(&l->in), buf_n(&l->in), &got)) ==
	       FRAME_HERE) {
		pool_used(&l->entry, l->pt->loop.now);
		deliver(l, &got);
		buf_eat(&l->in, got.eaten);
		if (fault_is(F_UDP_FIRST_OF_MANY))
			buf_eat(&l->in, buf_n(&l->in));
		if (got.n == 0 && l->pool->side == POOL_SERVER &&
		    fault_is(F_US_EMPTY_ENDS)) {
			link_end(l, POOL_CLOSED);
			return false;
		}
	}
	if (r == FRAME_BROKEN)
		link_end(l, POOL_CLOSED);
	return r != FRAME_BROKEN;
}

FAULT(US_PARTIAL, "udp-server-partial",
      "a server passes on a frame that the end of its connection cuts",
      "US-DEC-5", NO_DATAGRAMS);
FAULT(STUN_PARTIAL, "stun-partial",
      "a server passes on a message that the end of its connection cuts",
      "STN-S-7", NO_DATAGRAMS);
static void deliver_rest(struct link *l)
{
	if (l->pool->side == POOL_SERVER && buf_n(&l->in) > 2 &&
	    (fault_is(F_US_PARTIAL) || fault_is(F_STUN_PARTIAL)))
		l->ops->deliver(l, buf_head(&l->in) + 2, buf_n(&l->in) - 2);
}

/* A frame that the end cuts is none. */
static void read_stream(struct link *l)
{
	for (int i = 0; i < CHUNKS_MAX; i++) {
		uint8_t *chunk = buf_room(&l->in, READ_CHUNK);
		ssize_t n = pt_read(l->conn, chunk, READ_CHUNK);

		if (n == -EAGAIN)
			break;
		if (n <= 0) {
			l->reset = n == -ECONNRESET;
			deliver_rest(l);
			link_end(l, POOL_CLOSED);
			return;
		}
		buf_grew(&l->in, (size_t)n);
		if (!deliver_frames(l))
			return;
	}
	link_flush(l);
}

FAULT(UC_STAYS_WAITING, "udp-stays-waiting",
      "a client never notices that its connection was made", "UC-T1-R4",
      NO_DATAGRAMS);
static void go_on(struct link *l)
{
	int r = pt_establish(l->conn);

	if (r == -EAGAIN) {
		arm(l);
	} else if (r < 0) {
		link_end(l, POOL_FAILED);
	} else if (fault_is(F_UC_STAYS_WAITING)) {
		l->watch->fd = -1;
	} else {
		pool_happens(l->pool, &l->entry, POOL_SUCCESS, l->pt->loop.now);
		read_stream(l);
	}
}

static bool is_over(const struct link *l, enum pool_event *why)
{
	int64_t now = l->pt->loop.now;

	*why = POOL_TIMEOUT;
	if (now >= expiry(l))
		return true;
	*why = POOL_FAILED;
	return l->entry.state == POOL_WAITING && now >= l->made_by;
}

static void on_conn(struct watch *w, short revents)
{
	struct link *l = w->arg;
	enum pool_event why;

	if (revents == 0 && is_over(l, &why))
		link_end(l, why);
	else if (l->entry.state == POOL_WAITING)
		go_on(l);
	else
		read_stream(l);
}

void link_init(struct link *l, struct pt *pt, struct pool *pool,
	       const struct link_ops *ops)
{
	l->pt = pt;
	l->pool = pool;
	l->ops = ops;
	l->fd = -1;
	l->made_by = pt->loop.now + MADE_MS;
	l->second = pool->made++ > 0;
	pt->conns++;
}

void link_start(struct link *l, struct pt_conn *conn)
{
	l->conn = conn;
	l->watch = loop_add(&l->pt->loop, -1, 0, on_conn, l);
	if (l->entry.state == POOL_WAITING)
		go_on(l);
	else
		arm(l);
}
