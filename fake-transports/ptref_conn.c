#include "ptref_conn.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ptref_faults.h"

#define HANDSHAKE_MS 30000
#define SETTINGS_MS 5000
#define LINGER_MS 2000
/* A block of settings, a request, and as much as one read may bring along. */
#define SOCKS_IN_MAX (SOCKS_SETTINGS_MAX + 1024)

static void on_near(struct watch *w, short revents);
static void on_far(struct watch *w, short revents);
static void dial_next(struct conn *c, int error);

static void end_close(struct end *e)
{
	loop_del(e->watch);
	e->watch = NULL;
	if (e->fd >= 0)
		close(e->fd);
	e->fd = -1;
}

void conn_free(struct conn *c)
{
	end_close(&c->near);
	end_close(&c->far);
	if (c->has_session)
		c->listener->transport->close(c->session);
	buf_fini(&c->near.in);
	buf_fini(&c->near.out);
	buf_fini(&c->far.in);
	buf_fini(&c->far.out);
	options_fini(&c->socks.settings);
	c->pt->conns--;
	free(c);
}

/* Until RELAY the accepted end is read only where its state wants it. */
static void near_events(struct conn *c, bool reading)
{
	short events = reading ? POLLIN : 0;

	if (buf_n(&c->near.out) > 0)
		events |= POLLOUT;
	c->near.watch->events = events;
}

/* Lets the client read its answer: a close with unread input would reset. */
static void linger(struct conn *c)
{
	end_close(&c->far);
	if (c->state != CONN_LINGER)
		c->near.watch->deadline = c->pt->loop.now + LINGER_MS;
	c->state = CONN_LINGER;
	if (!end_flush(&c->near)) {
		conn_free(c);
		return;
	}
	if (buf_n(&c->near.out) == 0)
		shutdown(c->near.fd, SHUT_WR);
	near_events(c, true);
}

static void refuse(struct conn *c, enum socks_rep rep)
{
	if (c->listener->role == ROLE_SERVER) {
		conn_free(c);
		return;
	}
	socks_reply(rep, &c->near.out);
	linger(c);
}

static enum socks_rep rep_of_errno(int error)
{
	switch (error) {
	case ECONNREFUSED:
		return REP_REFUSED;
	case ENETUNREACH:
		return REP_NET_UNREACHABLE;
	case EHOSTUNREACH:
	case ETIMEDOUT:
		return REP_HOST_UNREACHABLE;
	default:
		return REP_FAILURE;
	}
}

/* ---- dialling ---- */

static void connected(struct conn *c)
{
	if (c->listener->role == ROLE_CLIENT)
		socks_reply(REP_OK, &c->near.out);
	relay_start(c);
}

static void upstream_step(struct conn *c)
{
	enum step r;

	if (c->listener->role == ROLE_CLIENT)
		r = proxy_step(&c->proxy, &c->far.in, &c->far.out);
	else
		r = extor_step(&c->extor, &c->far.in, &c->far.out);
	if (r == STEP_FAIL) {
		refuse(c, c->proxy.rep ? (enum socks_rep)c->proxy.rep
				       : REP_FAILURE);
	} else if (!end_flush(&c->far)) {
		refuse(c, REP_FAILURE);
	} else if (r == STEP_DONE) {
		connected(c);
	} else {
		c->far.watch->events = POLLIN |
				       (buf_n(&c->far.out) > 0 ? POLLOUT : 0);
	}
}

static void upstream_start(struct conn *c)
{
	const struct config *cfg = &c->pt->cfg;

	c->state = CONN_UPSTREAM;
	c->proxy.proxy = &c->pt->proxy;
	c->proxy.to = &c->socks.dest;
	c->extor.cookie_file = cfg->cookie_file;
	c->extor.peer = &c->peer;
	c->extor.transport = c->listener->transport->name;
	upstream_step(c);
}

static bool has_upstream(const struct conn *c)
{
	return c->listener->role == ROLE_CLIENT ? c->pt->has_proxy
						: c->pt->cfg.has_extorport;
}

static void on_connect(struct conn *c)
{
	int error = 0;
	socklen_t n = sizeof(error);

	getsockopt(c->far.fd, SOL_SOCKET, SO_ERROR, &error, &n);
	if (error != 0)
		dial_next(c, error);
	else if (has_upstream(c))
		upstream_start(c);
	else
		connected(c);
}

/* Tries the next address; `error` is why the one before failed. */
static void dial_next(struct conn *c, int error)
{
	int one = 1;

	end_close(&c->far);
	while (c->dial_i < c->dial_n) {
		struct hostport *hp = &c->dial[c->dial_i++];
		int fd = socket(hp->ss.ss_family,
				SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

		if (fd < 0) {
			error = errno;
			continue;
		}
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		if (connect(fd, (struct sockaddr *)&hp->ss, hp->ss_len) < 0 &&
		    errno != EINPROGRESS) {
			error = errno;
			close(fd);
			continue;
		}
		c->far.fd = fd;
		c->far.watch = loop_add(&c->pt->loop, fd, POLLOUT, on_far, c);
		return;
	}
	refuse(c, rep_of_errno(error));
}

/* The lookup blocks; a transport for more than tests would ask elsewhere. */
static int resolve(struct conn *c, const struct hostport *hp)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;

	if (getaddrinfo(hp->host, NULL, &hints, &list) != 0)
		return EHOSTUNREACH;
	for (struct addrinfo *ai = list; ai && c->dial_n < DIAL_MAX;
	     ai = ai->ai_next) {
		struct hostport *to = &c->dial[c->dial_n];

		if (ai->ai_family != AF_INET && ai->ai_family != AF_INET6)
			continue;
		memcpy(&to->ss, ai->ai_addr, ai->ai_addrlen);
		to->ss_len = ai->ai_addrlen;
		addr_set_port(&to->ss, hp->port);
		c->dial_n++;
	}
	freeaddrinfo(list);
	return 0;
}

static void dial(struct conn *c, const struct hostport *hp)
{
	int error = 0;

	c->state = CONN_CONNECTING;
	near_events(c, false);
	if (hp->is_name) {
		error = resolve(c, hp);
	} else {
		c->dial[0] = *hp;
		c->dial_n = 1;
	}
	if (fault_is(F_ORPORT_V4_DEAD) && c->listener->role == ROLE_SERVER &&
	    hp->ss.ss_family == AF_INET)
		c->dial_n = 0;
	dial_next(c, error);
}

/* With a proxy every connection goes to it and no name is looked up here. */
static void dial_as_client(struct conn *c)
{
	dial(c, c->pt->has_proxy ? &c->pt->proxy.at : &c->socks.dest);
}

static void dial_as_server(struct conn *c)
{
	const struct config *cfg = &c->pt->cfg;

	if (cfg->has_extorport)
		dial(c, &cfg->extorport);
	else if (cfg->has_orport)
		dial(c, &cfg->orport);
	else
		conn_free(c);
}

/* ---- events ---- */

static void socks_data(struct conn *c)
{
	bool was_settings = c->socks.state == SOCKS_SETTINGS;
	int64_t now = c->pt->loop.now;
	enum socks_result r;

	if (fault_is(F_SOCKS_NOT_SPOKEN)) {
		conn_free(c);
		return;
	}
	r = socks_step(&c->socks, &c->near.in, &c->near.out);
	if (!was_settings && c->socks.state == SOCKS_SETTINGS)
		c->near.watch->deadline = now + SETTINGS_MS;
	if (was_settings && c->socks.state != SOCKS_SETTINGS)
		c->near.watch->deadline = now + HANDSHAKE_MS;
	switch (r) {
	case SOCKS_CLOSE:
		linger(c);
		return;
	case SOCKS_CONNECT:
		c->near.watch->deadline = now + HANDSHAKE_MS;
		if (end_flush(&c->near))
			dial_as_client(c);
		else
			conn_free(c);
		return;
	case SOCKS_MORE:
		break;
	}
	if (end_flush(&c->near))
		near_events(c, true);
	else
		conn_free(c);
}

static void linger_data(struct conn *c)
{
	/* Only a peer that goes on sending fills this up. */
	buf_fini(&c->near.in);
	if (buf_n(&c->near.out) > 0)
		linger(c);
}

static void near_data(struct conn *c)
{
	switch (c->state) {
	case CONN_SOCKS:
		socks_data(c);
		break;
	case CONN_PREAMBLE:
		if (buf_n(&c->near.in) >= c->listener->transport->preamble)
			dial_as_server(c);
		break;
	case CONN_LINGER:
		linger_data(c);
		break;
	case CONN_CONNECTING:
	case CONN_UPSTREAM:
	case CONN_RELAY:
		break;
	}
}

/* Reads into `in`; false if the peer has ended or broken. */
static bool end_fill(struct end *e, size_t max)
{
	size_t room = max > buf_n(&e->in) ? max - buf_n(&e->in) : 0;
	uint8_t *to;
	ssize_t n;

	if (room == 0)
		return true;
	if (room > READ_CHUNK)
		room = READ_CHUNK;
	to = buf_room(&e->in, room);
	n = recv(e->fd, to, room, 0);
	if (n > 0)
		buf_grew(&e->in, (size_t)n);
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

static void near_timeout(struct conn *c)
{
	if (c->state == CONN_SOCKS) {
		socks_timeout(&c->socks, &c->near.out);
		linger(c);
	} else if (c->state == CONN_CONNECTING || c->state == CONN_UPSTREAM) {
		refuse(c, REP_HOST_UNREACHABLE);
	} else {
		conn_free(c);
	}
}

static void note_reset(struct conn *c)
{
	int error = 0;
	socklen_t n = sizeof(error);

	getsockopt(c->near.fd, SOL_SOCKET, SO_ERROR, &error, &n);
	if (c->listener->role == ROLE_SERVER &&
	    fault_is(F_SERVER_DIES_ON_RESET) &&
	    (error == ECONNRESET || errno == ECONNRESET))
		listener_stop(c->listener);
}

static void on_near(struct watch *w, short revents)
{
	struct conn *c = w->arg;
	bool waiting = c->state == CONN_CONNECTING || c->state == CONN_UPSTREAM;

	errno = 0;
	if (c->state == CONN_RELAY) {
		relay_event(c, &c->near, revents);
	} else if (revents == 0) {
		near_timeout(c);
	} else if (waiting) {
		/* Input waits until there is somewhere to send it. */
		if ((revents & (POLLERR | POLLHUP)) || !end_flush(&c->near)) {
			note_reset(c);
			conn_free(c);
		} else {
			near_events(c, false);
		}
	} else if ((revents & ~POLLOUT) && !end_fill(&c->near, SOCKS_IN_MAX)) {
		note_reset(c);
		conn_free(c);
	} else {
		near_data(c);
	}
}

static void on_far(struct watch *w, short revents)
{
	struct conn *c = w->arg;

	switch (c->state) {
	case CONN_CONNECTING:
		on_connect(c);
		break;
	case CONN_UPSTREAM:
		if ((revents & ~POLLOUT) && !end_fill(&c->far, SOCKS_IN_MAX))
			refuse(c, REP_FAILURE);
		else
			upstream_step(c);
		break;
	case CONN_RELAY:
		relay_event(c, &c->far, revents);
		break;
	case CONN_SOCKS:
	case CONN_PREAMBLE:
	case CONN_LINGER:
		break;
	}
}

void conn_start(struct listener *l, int fd, const struct sockaddr_storage *peer)
{
	struct conn *c = xcalloc(1, sizeof(*c));
	int one = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	c->pt = l->pt;
	c->listener = l;
	c->peer = *peer;
	c->near.fd = fd;
	c->far.fd = -1;
	c->near.watch = loop_add(&l->pt->loop, fd, POLLIN, on_near, c);
	c->near.watch->deadline = l->pt->loop.now + HANDSHAKE_MS;
	c->socks.pt_version = l->pt->ipc.version;
	c->socks.transport = l->transport;
	l->pt->conns++;
	if (l->role == ROLE_CLIENT) {
		c->state = CONN_SOCKS;
		return;
	}
	c->state = CONN_PREAMBLE;
	if (l->transport->preamble == 0)
		dial_as_server(c);
}
