/*
 * net.c - the harness's own ends: connections to what the transport
 * announced, and listeners that it may connect to.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/worker/worker_int.h"

bool net_belongs(const char *name, struct span group)
{
	return strncmp(name, group.p, group.n) == 0 &&
	       (name[group.n] == '\0' || name[group.n] == ':' ||
		name[group.n] == '#');
}

static const char *result_word(int error)
{
	switch (error) {
	case 0:
		return "ok";
	case ECONNREFUSED:
		return "refused";
	case ETIMEDOUT:
		return "timeout";
	case ECONNRESET:
		return "reset";
	case EHOSTUNREACH:
	case ENETUNREACH:
		return "unreachable";
	case EADDRNOTAVAIL:
		return "no-port";
	default:
		return "error";
	}
}

/* --- connections --- */

static void conn_drop(struct conn *c, bool reset)
{
	/* Lingering for no time at all: the peer gets a reset. */
	const struct linger none = { .l_onoff = 1 };

	c->ended = true;
	if (c->in) {
		c->in->over = true;
		loop_drop(c->in->watch);
		c->in->watch = NULL;
	}
	loop_drop(c->watch);
	c->watch = NULL;
	if (reset)
		setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
	close(c->fd);
	c->fd = -1;
}

/* An end of the transport's is answered by ours, unless the case ends one
 * direction after the other: what goes the other way may come later. */
static void conn_end(struct conn *c, const char *how)
{
	if (c->w->by_half && !c->half && strcmp(how, "fin") == 0) {
		c->eof = true;
		loop_drop(c->watch);
		c->watch = NULL;
	} else {
		conn_drop(c, false);
	}
	rec(c->w, eof, .on = span_str(c->name), .how = span_str(how));
	if (c->talk)
		c->talk->end(c);
}

void net_end(struct conn *c, bool reset)
{
	if (c->ended)
		return;
	conn_drop(c, reset);
	rec(c->w, close, .what = span_str(c->name),
	    .how = reset ? SPAN("rst") : SPAN(""));
}

ssize_t net_put(struct conn *c, const void *bytes, size_t n)
{
	ssize_t sent =
		c->ended ? 0
			 : send(c->fd, bytes, n, MSG_NOSIGNAL | MSG_DONTWAIT);

	/* Told once: the next read would find an orderly end. */
	c->reset |= sent < 0 && errno == ECONNRESET;
	return sent;
}

void net_talk(struct conn *c, struct span bytes)
{
	ssize_t n = net_put(c, bytes.p, bytes.n);

	rec(c->w, send, .conn = span_str(c->name),
	    .data = span_sub(bytes, 0, n > 0 ? (size_t)n : 0));
}

static void conn_readable(void *ctx, unsigned what)
{
	struct conn *c = ctx;
	char bytes[65536];
	ssize_t n = read(c->fd, bytes, sizeof(bytes));

	(void)what;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0) {
		struct span part = span_sub(span_of(bytes, (size_t)n), 0,
					    CONN_KEEP - c->kept);

		if (c->in && !c->talk) {
			pump_eat(c, span_of(bytes, (size_t)n));
			worker_check(c->w);
			return;
		}

		c->kept += part.n;
		if (part.n)
			rec(c->w, recv, .conn = span_str(c->name),
			    .data = part);
		if (c->talk)
			c->talk->data(c, span_of(bytes, (size_t)n));
		else
			c->got += (size_t)n;
	} else {
		conn_end(c, c->reset		  ? "rst"
			    : n == 0		  ? "fin"
			    : errno == ECONNRESET ? "rst"
						  : "error");
	}
	worker_check(c->w);
}

struct conn *net_add(struct worker *w, int fd, const char *name)
{
	struct conn *c;
	int on = 1;

	if (w->nconn == CONN_MAX) {
		close(fd);
		return NULL;
	}
	c = &w->conn[w->nconn++];
	*c = (struct conn){ .w = w, .fd = fd };
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	snprintf(c->name, sizeof(c->name), "%s", name);
	c->watch = loop_fd(w->loop, fd, LOOP_READ, conn_readable, c);
	return c;
}

void net_send(struct worker *w, struct span on, struct span bytes)
{
	for (size_t i = 0; i < w->nconn; i++) {
		struct conn *c = &w->conn[i];

		if (!c->ended && !c->refused && !c->talk &&
		    net_belongs(c->name, on))
			net_talk(c, bytes);
	}
}

static bool is_listener(const struct worker *w, struct span name)
{
	for (size_t i = 0; i < w->nlistener; i++)
		if (span_eqs(name, w->listener[i].name))
			return true;
	return false;
}

bool net_received(const struct worker *w, struct span on, int64_t count)
{
	bool any = false;

	for (size_t i = 0; i < w->nconn; i++) {
		const struct conn *c = &w->conn[i];

		if (!net_belongs(c->name, on))
			continue;
		any = true;
		if (!c->ended && !c->eof && (int64_t)c->got < count)
			return false;
	}
	/* Who is to call may be on the way; what we called is here by now. */
	return any || !is_listener(w, on);
}

/* --- connecting --- */

static void dial_next(struct worker *w);

static void dial_record(struct worker *w, const char *word, int error)
{
	struct dial *d = &w->dial;
	char text[ADDR_STRLEN];

	rec(w, connect, .conn = span_str(d->name), .result = span_str(word),
	    .addr = span_str(addr_format(&d->target[d->next].addr, text)),
	    .code = error, .tries = d->try);
}

/* One attempt is over: go on with the same target, or the next. */
static void dial_result(struct worker *w, int error)
{
	struct dial *d = &w->dial;
	bool keep = !error && (d->how->hold || d->tries == 1);
	int fd = d->fd;

	loop_drop(d->watch);
	d->watch = NULL;
	d->fd = -1;
	if (!keep && fd >= 0)
		close(fd);
	/* Many attempts make one event: the first failure or the last. */
	if (error || d->try == d->tries)
		dial_record(w, result_word(error), error);
	if (keep) {
		char name[64];

		if (d->tries > 1)
			snprintf(name, sizeof(name), "%.50s#%u", d->name,
				 (unsigned)d->try);
		else
			snprintf(name, sizeof(name), "%s", d->name);
		net_add(w, fd, name);
	}
	if (error || d->try == d->tries) {
		d->next++;
		d->try = 0;
	}
	dial_next(w);
}

static void dial_writable(void *ctx, unsigned what)
{
	struct worker *w = ctx;

	(void)what;
	dial_result(w, net_dialled(w->dial.fd));
	worker_check(w);
}

static void name_dial(struct worker *w)
{
	struct dial *d = &w->dial;
	const struct step_connect *st = d->how;
	const struct announced *t = &d->target[d->next];

	/* An application's is no connection to a method of the own role's. */
	if (t->name[0] && !span_eqs(st->to, "clients"))
		snprintf(d->name, sizeof(d->name), "%.*s:%.40s",
			 (int)(st->as.n < 16 ? st->as.n : 16), st->as.p,
			 t->name);
	else
		snprintf(d->name, sizeof(d->name), "%.*s",
			 (int)(st->as.n < 40 ? st->as.n : 40), st->as.p);
}

static int bind_from(int fd, struct span from)
{
	struct sockaddr_storage ss;
	struct addr a;
	int on = 1;

	if (span_absent(from))
		return 0;
	/* Without a port, which the kernel is to choose late: many
	 * connections may come from one address. */
	addr_parse(from, &a);
	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
	/* Far addresses are nobody's own. */
	world_bindable(fd, a.family, &(struct err){ 0 });
	return bind(fd, (struct sockaddr *)&ss, addr_to_sockaddr(&a, &ss));
}

int net_dial(const struct addr *to, struct span from, int *fd)
{
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(to, &ss);

	*fd = socket(ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
		     0);
	if (*fd < 0 || bind_from(*fd, from) ||
	    connect(*fd, (struct sockaddr *)&ss, len))
		return errno;
	return 0;
}

int net_dialled(int fd)
{
	socklen_t len = sizeof(int);
	int error = 0;

	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
	return error;
}

static void dial_next(struct worker *w)
{
	struct dial *d = &w->dial;
	int error;

	if (d->next >= d->n) {
		d->busy = false;
		return;
	}
	d->try++;
	name_dial(w);
	error = net_dial(&d->target[d->next].addr, d->how->from, &d->fd);
	if (error != EINPROGRESS)
		dial_result(w, error);
	else
		d->watch =
			loop_fd(w->loop, d->fd, LOOP_WRITE, dial_writable, w);
}

/* 0.0.0.0 and :: are reached by loopback. */
static struct addr reachable(const struct addr *a)
{
	struct addr r = *a;

	if (!addr_is_any(a))
		return r;
	if (r.family == AF_INET)
		memcpy(r.ip, "\x7f\0\0\1", 4);
	else
		r.ip[15] = 1;
	return r;
}

void net_connect(struct worker *w, const struct step_connect *st)
{
	bool clients = span_eqs(st->to, "clients");
	struct dial *d = &w->dial;

	*d = (struct dial){
		.busy = true, .how = st, .fd = -1, .tries = st->count
	};
	if (clients || span_eqs(st->to, "methods")) {
		for (size_t i = 0; i < w->nannounced; i++) {
			const struct announced *an = &w->announced[i];

			if (!an->tcp || (clients && !an->client))
				continue;
			d->target[d->n] = *an;
			d->target[d->n].addr = reachable(&an->addr);
			d->n++;
		}
	} else if (!(addr_parse(st->to, &d->target[0].addr) &
		     (ADDR_NO_PORT | ADDR_NOT_IP | ADDR_HOSTNAME)) &&
		   d->target[0].addr.family) {
		d->n = 1;
	}
	dial_next(w);
}

void net_connect_stop(struct worker *w, const char *why)
{
	struct dial *d = &w->dial;

	if (!d->busy)
		return;
	loop_drop(d->watch);
	d->watch = NULL;
	if (d->fd >= 0)
		close(d->fd);
	dial_record(w, why, 0);
	d->busy = false;
}

/* --- listeners --- */

#define BACKLOG 64

static void acceptable(void *ctx, unsigned what)
{
	struct listener *ln = ctx;
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	int fd = accept4(ln->fd, (struct sockaddr *)&ss, &len,
			 SOCK_CLOEXEC | SOCK_NONBLOCK);
	char name[64], text[ADDR_STRLEN];
	struct addr peer;
	struct conn *c;

	(void)what;
	if (fd < 0)
		return;
	/* One that comes back for ever must not make the trace grow. */
	if (++ln->accepted > ACCEPT_KEEP) {
		close(fd);
		return;
	}
	addr_from_sockaddr((struct sockaddr *)&ss, &peer);
	snprintf(name, sizeof(name), "%s#%u", ln->name, ln->accepted);
	rec(ln->w, accept, .name = span_str(name),
	    .peer = span_str(addr_format(&peer, text)));
	c = net_add(ln->w, fd, name);
	if (c && ln->how && ln->how->kind == STEP_PROXY)
		proxy_attach(c, &ln->how->proxy);
	else if (c && ln->how)
		extor_attach(c, &ln->how->extor);
	if (c)
		pump_join(c);
	worker_check(ln->w);
}

/* A queue for none holds one caller all the same; with that the kernel drops
 * what comes, and the callers try again (tcp_abort_on_overflow is off). */
static int fill_queue(struct listener *ln)
{
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(&ln->addr, &ss);

	ln->filler = socket(ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return ln->filler < 0 ||
			       connect(ln->filler, (struct sockaddr *)&ss, len)
		       ? -1
		       : 0;
}

static void await_callers(struct listener *ln)
{
	ln->watch = loop_fd(ln->w->loop, ln->fd, LOOP_READ, acceptable, ln);
}

static void empty_queue(struct listener *ln)
{
	int fd = accept4(ln->fd, NULL, NULL, SOCK_CLOEXEC);

	if (fd >= 0)
		close(fd);
	close(ln->filler);
	ln->filler = -1;
	listen(ln->fd, BACKLOG);
	await_callers(ln);
}

void net_listen(struct worker *w, struct span at, struct span as, bool full,
		const struct step *how)
{
	struct listener *ln = &w->listener[w->nlistener];
	struct sockaddr_storage ss;
	const char *result = "ok";
	int on = 1;

	if (w->nlistener == LISTEN_MAX)
		return;
	*ln = (struct listener){ .w = w, .how = how, .fd = -1, .filler = -1 };
	snprintf(ln->name, sizeof(ln->name), "%.*s",
		 (int)(as.n < 20 ? as.n : 20), as.p);
	addr_parse(at, &ln->addr);
	ln->fd = socket(ln->addr.family == AF_INET6 ? AF_INET6 : AF_INET,
			SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (ln->addr.family == AF_INET6)
		setsockopt(ln->fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	/* One listener after the other at the same port: connections that the
	 * harness itself has closed would keep it. */
	setsockopt(ln->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (ln->fd < 0 ||
	    world_bindable(ln->fd, ln->addr.family, &(struct err){ 0 }) ||
	    bind(ln->fd, (struct sockaddr *)&ss,
		 addr_to_sockaddr(&ln->addr, &ss)) ||
	    listen(ln->fd, full ? 0 : BACKLOG) || (full && fill_queue(ln)))
		result = strerror(errno);
	rec(w, listen, .name = span_str(ln->name), .result = span_str(result),
	    .addr = at);
	if (strcmp(result, "ok") != 0) {
		if (ln->fd >= 0)
			close(ln->fd);
		if (ln->filler >= 0)
			close(ln->filler);
		return;
	}
	w->nlistener++;
	if (!full)
		await_callers(ln);
}

bool net_accepted(const struct worker *w, struct span name)
{
	for (size_t i = 0; i < w->nlistener; i++)
		if (span_eqs(name, w->listener[i].name))
			return w->listener[i].accepted > 0;
	return false;
}

bool net_is_own(const struct worker *w, const struct addr *a)
{
	for (size_t i = 0; i < w->nlistener; i++)
		if (w->listener[i].fd >= 0 && addr_eq(a, &w->listener[i].addr))
			return true;
	return false;
}

/* --- closing --- */

void net_stall(struct worker *w, struct span name, bool on)
{
	for (size_t i = 0; i < w->nconn; i++) {
		struct conn *c = &w->conn[i];

		if (c->ended || c->eof || !net_belongs(c->name, name))
			continue;
		loop_drop(c->watch);
		c->watch = on ? NULL
			      : loop_fd(w->loop, c->fd, LOOP_READ,
					conn_readable, c);
	}
	for (size_t i = 0; i < w->nlistener; i++)
		if (!on && w->listener[i].filler >= 0 &&
		    span_eqs(name, w->listener[i].name))
			empty_queue(&w->listener[i]);
}

void net_half(struct conn *c)
{
	if (c->ended)
		return;
	shutdown(c->fd, SHUT_WR);
	c->half = true;
	rec(c->w, close, .what = span_str(c->name), .how = SPAN("half"));
}

bool net_close(struct worker *w, struct span name, enum close_how how)
{
	bool any = false;

	for (size_t i = 0; i < w->nconn; i++) {
		struct conn *c = &w->conn[i];

		if (c->ended || !net_belongs(c->name, name))
			continue;
		if (how == CLOSE_HALF) {
			w->by_half = true;
			net_half(c);
		} else {
			net_end(c, how == CLOSE_RST);
		}
		any = true;
	}
	for (size_t i = 0; i < w->nlistener; i++) {
		struct listener *ln = &w->listener[i];

		if (ln->fd < 0 || !span_eqs(name, ln->name))
			continue;
		loop_drop(ln->watch);
		ln->watch = NULL;
		close(ln->fd);
		ln->fd = -1;
		any = true;
		rec(w, close, .what = span_str(ln->name));
	}
	return any;
}

void net_close_all(struct worker *w)
{
	for (size_t i = 0; i < w->nconn; i++) {
		struct conn *c = &w->conn[i];

		if (!c->ended)
			conn_drop(c, false);
		if (c->fini)
			c->fini(c);
		c->fini = NULL;
		c->talk = NULL;
	}
	for (size_t i = 0; i < w->nlistener; i++) {
		loop_drop(w->listener[i].watch);
		w->listener[i].watch = NULL;
		if (w->listener[i].fd >= 0)
			close(w->listener[i].fd);
		w->listener[i].fd = -1;
		if (w->listener[i].filler >= 0)
			close(w->listener[i].filler);
		w->listener[i].filler = -1;
	}
}
