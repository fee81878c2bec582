#include "fake-transports/net/tcp.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "fake-transports/base/buf.h"
#include "fake-transports/faults/faults.h"

struct tcp {
	struct pt_conn base;
	int fd;
	bool connecting;
};

static struct tcp *tcp_of(struct pt_conn *c)
{
	return (struct tcp *)c;
}

static int tcp_establish(struct pt_conn *c)
{
	struct tcp *t = tcp_of(c);
	struct pollfd pfd = { .fd = t->fd, .events = POLLOUT };
	int error = 0;
	socklen_t n = sizeof(error);

	if (!t->connecting)
		return 0;
	if (poll(&pfd, 1, 0) <= 0)
		return -EAGAIN;
	getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &error, &n);
	t->connecting = false;
	return -error;
}

static ssize_t tcp_read(struct pt_conn *c, void *p, size_t n)
{
	ssize_t got;

	do {
		got = recv(tcp_of(c)->fd, p, n, 0);
	} while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

static ssize_t tcp_write(struct pt_conn *c, const void *p, size_t n)
{
	int flags = fault_is(F_DIES_OF_SIGPIPE) ? 0 : MSG_NOSIGNAL;
	ssize_t put;

	do {
		put = send(tcp_of(c)->fd, p, n, flags);
	} while (put < 0 && errno == EINTR);
	return put < 0 ? -errno : put;
}

static int tcp_flush(struct pt_conn *c)
{
	(void)c;
	return 0;
}

static int tcp_shutdown(struct pt_conn *c)
{
	return shutdown(tcp_of(c)->fd, SHUT_WR) < 0 ? -errno : 0;
}

static void tcp_poll(struct pt_conn *c, short want, struct pt_wish *out)
{
	const struct tcp *t = tcp_of(c);

	*out = (struct pt_wish){ .fd = t->fd, .events = want };
	if (t->connecting)
		out->events = POLLOUT;
}

static int tcp_socket(struct pt_conn *c)
{
	return tcp_of(c)->fd;
}

/* Without lingering a close throws away what is unsent and resets. */
static void tcp_abort(struct pt_conn *c)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(tcp_of(c)->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

static void tcp_fini(struct pt_conn *c)
{
	close(tcp_of(c)->fd);
}

static const struct pt_conn_ops tcp_ops = {
	.establish = tcp_establish,
	.read = tcp_read,
	.write = tcp_write,
	.flush = tcp_flush,
	.shutdown = tcp_shutdown,
	.poll = tcp_poll,
	.socket = tcp_socket,
	.abort = tcp_abort,
	.fini = tcp_fini,
};

/* Takes over a descriptor. */
static struct pt_conn *tcp_conn(int fd)
{
	struct tcp *t = xcalloc(1, sizeof(*t));
	int one = 1;

	/* Small writes are to go out at once: a tunnel does not know whether
	 * more will follow. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	t->base.ops = &tcp_ops;
	t->fd = fd;
	return &t->base;
}

/* Only for a fault: then the kernel has to find a port that nobody has, where
 * it would do with one that goes to other addresses. */
static int bind_first(int fd, const struct hostport *to)
{
	struct sockaddr_storage any = { .ss_family = to->ss.ss_family };

	return bind(fd, (const struct sockaddr *)&any, to->ss_len) < 0 ? -errno
								       : 0;
}

FAULT(BINDS_FIRST, "binds-first",
      "a client binds to a port of its own before it connects", "HY-PORTS-1",
      "");
int tcp_connect(const struct hostport *to, struct pt_conn **out)
{
	int fd = socket(to->ss.ss_family,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct pt_conn *c;
	int r;

	if (fd < 0)
		return -errno;
	c = tcp_conn(fd);
	r = fault_is(F_BINDS_FIRST) ? bind_first(fd, to) : 0;
	if (r < 0) {
		pt_close(c);
		return r;
	}
	r = connect(fd, (const struct sockaddr *)&to->ss, to->ss_len);
	if (r < 0 && errno != EINPROGRESS) {
		/* As an error of ours EINVAL speaks of settings. */
		r = errno == EINVAL ? -EADDRNOTAVAIL : -errno;
		pt_close(c);
		return r;
	}
	tcp_of(c)->connecting = r < 0;
	*out = c;
	return 0;
}

/* ---- listening ---- */

struct tcp_listener {
	struct pt_listener base;
	int fd;
};

static int fd_of(struct pt_listener *l)
{
	return ((struct tcp_listener *)l)->fd;
}

static int tcp_accept(struct pt_listener *l, struct pt_conn **out,
		      struct sockaddr_storage *peer)
{
	socklen_t n = sizeof(*peer);
	int fd;

	/* A connection that is gone already was none. */
	do {
		fd = accept4(fd_of(l), (struct sockaddr *)peer, &n,
			     SOCK_NONBLOCK | SOCK_CLOEXEC);
	} while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
	if (fd < 0)
		return -errno;
	*out = tcp_conn(fd);
	return 0;
}

static int tcp_addr(struct pt_listener *l, struct sockaddr_storage *out)
{
	socklen_t n = sizeof(*out);

	return getsockname(fd_of(l), (struct sockaddr *)out, &n) < 0 ? -errno
								     : 0;
}

static void tcp_listener_fini(struct pt_listener *l)
{
	close(fd_of(l));
}

static const struct pt_listener_ops tcp_listener_ops = {
	.accept = tcp_accept,
	.socket = fd_of,
	.addr = tcp_addr,
	.fini = tcp_listener_fini,
};

struct pt_listener *tcp_listener(int fd)
{
	struct tcp_listener *l = xcalloc(1, sizeof(*l));

	l->base.ops = &tcp_listener_ops;
	l->fd = fd;
	return &l->base;
}
