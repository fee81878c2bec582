#include "fake-transports/udp/link.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

void link_end(struct link *l, enum pool_event why)
{
	pool_happens(l->pool, &l->entry, why, l->pt->loop.now);
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
	l->pt->conns--;
	free(l);
}

static void arm(struct link *l)
{
	struct pt_wish wish;
	int64_t end = pool_expiry(l->pool, &l->entry);

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

	if (l->entry.state != POOL_CONNECTED)
		return;
	r = pt_write_buf(l->conn, &l->out);
	if (r == 0)
		r = pt_flush(l->conn);
	if (r < 0 && r != -EAGAIN)
		link_end(l, POOL_WRITE_FAILED);
	else
		arm(l);
}

enum pool_effect link_packet(struct link *l, const uint8_t *p, size_t n)
{
	enum pool_effect effect =
		pool_happens(l->pool, &l->entry, POOL_PACKET, l->pt->loop.now);

	if (effect == POOL_SEND && buf_n(&l->out) + n < OUT_MAX)
		frame_put(link_framing(l->pt), p, n, &l->out);
	return effect;
}

/* False if it was the end of the link. */
static bool deliver_frames(struct link *l)
{
	enum framing f = link_framing(l->pt);
	struct frame got;
	enum frame_result r;

	while ((r = frame_take(f, buf_head(&l->in), buf_n(&l->in), &got)) ==
	       FRAME_HERE) {
		pool_used(&l->entry, l->pt->loop.now);
		l->ops->deliver(l, got.p, got.n);
		buf_eat(&l->in, got.eaten);
	}
	if (r == FRAME_BROKEN)
		link_end(l, POOL_CLOSED);
	return r != FRAME_BROKEN;
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
			link_end(l, POOL_CLOSED);
			return;
		}
		buf_grew(&l->in, (size_t)n);
		if (!deliver_frames(l))
			return;
	}
	link_flush(l);
}

static void go_on(struct link *l)
{
	int r = pt_establish(l->conn);

	if (r == -EAGAIN) {
		arm(l);
	} else if (r < 0) {
		link_end(l, POOL_FAILED);
	} else {
		pool_happens(l->pool, &l->entry, POOL_SUCCESS, l->pt->loop.now);
		read_stream(l);
	}
}

static bool is_over(const struct link *l, enum pool_event *why)
{
	int64_t now = l->pt->loop.now;

	*why = POOL_TIMEOUT;
	if (now >= pool_expiry(l->pool, &l->entry))
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
