/*
 * Listening: for SOCKS on the side of clients, and through the transport on
 * that of servers, to which listener_socket() is lent. A socket is live from
 * the moment listener_open() returns, so that its line can be printed at once.
 */
#include "fake-transports/ptref.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <unistd.h>

#include "fake-transports/faults/actions.h"
#include "fake-transports/faults/faults.h"
#include "fake-transports/net/dial.h"
#include "fake-transports/net/tcp.h"
#include "fake-transports/udp/udp.h"

#define ACCEPT_PAUSE_MS 100 /* when out of descriptors */

void listener_stop(struct listener *l)
{
	loop_del(l->watch);
	loop_del(l->timer);
	l->watch = l->timer = NULL;
	if (l->from)
		pt_listener_close(l->from);
	l->from = NULL;
}

/* Serves IPC-BLOCK-1 only: a conforming transport prints nothing here. */
static void log_connection(void)
{
	static const char line[] = "LOG SEVERITY=debug MESSAGE=connection\n";

	if (write(STDOUT_FILENO, line, sizeof(line) - 1) < 0)
		_exit(1);
}

/* More than a pipe of a page takes after some dozen connections. */
static void log_at_length(void)
{
	static const char line[] =
		"ptref: a connection was accepted, it will be served as soon "
		"as it says where it wants to go to\n";

	if (write(STDERR_FILENO, line, sizeof(line) - 1) < 0)
		return;
}

FAULT(CLIENT_ACCEPTS_20, "client-accepts-20",
      "stops listening after 20 connections", "CM-LIFE-1",
      "GEN-* SK-* PX-* SD-* HY-EMFILE-1");
static bool stops_after_20(void)
{
	return fault_is(F_CLIENT_ACCEPTS_20);
}

/* A short queue shows the end of accepting at once. */
static int backlog(void)
{
	return stops_after_20() ? 4 : SOMAXCONN;
}

static void on_pause_over(struct watch *w, short revents)
{
	struct listener *l = w->arg;

	(void)revents;
	loop_del(w);
	l->timer = NULL;
	l->watch->events = POLLIN;
}

FAULT(ACCEPT_SPINS, "accept-spins",
      "calls accept without a pause when out of descriptors", "HY-EMFILE-1",
      "");
FAULT(ACCEPT_ERROR_STOPS, "accept-error-stops",
      "stops listening after an error in accept", "HY-ACCEPT-1",
      "CM-LIFE-1 HY-EMFILE-1");
static void pause_accepting(struct listener *l)
{
	if (fault_is(F_ACCEPT_SPINS))
		return;
	if (fault_is(F_ACCEPT_ERROR_STOPS)) {
		listener_stop(l);
		return;
	}
	l->watch->events = 0;
	l->timer = loop_add(&l->pt->loop, -1, 0, on_pause_over, l);
	l->timer->deadline = l->pt->loop.now + ACCEPT_PAUSE_MS;
}

FAULT(DIES_ON_CLOSED_STDOUT, "dies-on-closed-stdout",
      "prints a line per connection, blocking, and dies if it cannot",
      "IPC-BLOCK-1", "CM-DONE-2 SM-DONE-2 HY-FULL-1 SK-GREET-3");
FAULT(LOGS_CONNECTIONS, "logs-connections",
      "waits for stderr to take a line about each connection", "HY-FULL-1",
      "SK-GREET-3");
static void on_accept(struct watch *w, short revents)
{
	struct listener *l = w->arg;

	(void)revents;
	while (l->from) {
		struct sockaddr_storage peer = { 0 };
		struct pt_conn *near;
		int r = pt_accept(l->from, &near, &peer);

		if (r < 0) {
			if (r != -EAGAIN)
				pause_accepting(l);
			return;
		}
		l->accepted++;
		if (fault_is(F_DIES_ON_CLOSED_STDOUT))
			log_connection();
		if (fault_is(F_LOGS_CONNECTIONS))
			log_at_length();
		conn_start(l, near, &peer);
		if (stops_after_20() && l->accepted >= 20 &&
		    l->role == ROLE_CLIENT)
			listener_stop(l);
	}
}

static void on_late_listen(struct watch *w, short revents)
{
	struct listener *l = w->arg;

	(void)revents;
	listen(pt_listener_socket(l->from), backlog());
	l->watch = loop_add(&l->pt->loop, pt_listener_socket(l->from), POLLIN,
			    on_accept, l);
	loop_del(w);
	l->timer = NULL;
}

static bool bind_once(int fd, const struct sockaddr_storage *at)
{
	socklen_t n = at->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6)
						: sizeof(struct sockaddr_in);

	return bind(fd, (const struct sockaddr *)at, n) == 0;
}

void addr_make_any(struct sockaddr_storage *at)
{
	if (at->ss_family == AF_INET6)
		((struct sockaddr_in6 *)at)->sin6_addr = in6addr_any;
	else
		((struct sockaddr_in *)at)->sin_addr.s_addr = INADDR_ANY;
}

FAULT(BIND_DENIED_WAITS, "bind-denied-waits",
      "waits for a permission to bind that it has not", "HY-SOCKET-1", "BA-*");
FAULT(BIND_FALLBACK_PORT, "bind-fallback-port",
      "takes another port when the configured one is in use", "BA-INUSE-1",
      "SM-ERR-* BA-USE-1 SD-CLEAN-1");
FAULT(BIND_FALLBACK_ANY, "bind-fallback-any",
      "listens on all addresses when the configured one is not local",
      "BA-NONLOCAL-1", "SM-ERR-* BA-USE-1 BA-USE-2");
FAULT(PORT_MOVES, "port-moves",
      "does without SO_REUSEADDR and takes another port when its own is in use",
      "SVT-INIT-1 BA-INUSE-1",
      "SM-ERR-* BA-USE-1 SD-CLEAN-1 ST-PERSIST-1 ST-KEEP-1 SD-STATE-1");
static bool bind_or_fall_back(int fd, struct sockaddr_storage at)
{
	if (bind_once(fd, &at))
		return true;
	while (errno == EACCES && fault_is(F_BIND_DENIED_WAITS)) {
		fault_sleep(100);
		if (bind_once(fd, &at))
			return true;
	}
	if (errno == EADDRINUSE &&
	    (fault_is(F_BIND_FALLBACK_PORT) || fault_is(F_PORT_MOVES))) {
		addr_set_port(&at, 0);
		return bind_once(fd, &at);
	}
	if (errno == EADDRNOTAVAIL && fault_is(F_BIND_FALLBACK_ANY)) {
		addr_make_any(&at);
		return bind_once(fd, &at);
	}
	return false;
}

FAULT(PORT_SHARED, "port-shared", "shares its port with whoever shares his",
      "BA-INUSE-1", "");
FAULT(PORT_NOT_REUSED, "port-not-reused", "does without SO_REUSEADDR",
      "SVT-INIT-1", "ST-PERSIST-1 ST-KEEP-1 SD-STATE-1");
static void allow_reuse(int fd)
{
	int one = 1;

	if (!fault_is(F_PORT_NOT_REUSED) && !fault_is(F_PORT_MOVES))
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (fault_is(F_PORT_SHARED))
		setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
}

FAULT(SOCKET_ERROR_SILENT, "socket-error-silent",
      "exits with success and without a word when it gets no socket",
      "HY-SOCKET-1", "HY-NOFILE-1");
/* A bound socket, listening unless a fault wants that to be late. */
int listener_socket(const struct sockaddr_storage *at, bool late)
{
	int one = 1;
	int fd = socket(at->ss_family,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 && fault_is(F_SOCKET_ERROR_SILENT))
		_exit(0);
	if (fd < 0)
		return -1;
	/* Never SO_REUSEPORT: a port in use is to be an error. */
	allow_reuse(fd);
	if (at->ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	/* With SO_REUSEADDR two may bind; the second listen() then fails. */
	if (!bind_or_fall_back(fd, *at) ||
	    (!late && listen(fd, backlog()) < 0)) {
		int saved = errno;

		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

FAULT(CMETHOD_LATE_LISTEN, "cmethod-late-listen",
      "listens one second after it said so", "CM-LISTEN-1", NO_CLIENT);
FAULT(SMETHOD_LATE_LISTEN, "smethod-late-listen",
      "listens one second after it said so", "SM-LISTEN-1",
      NO_SERVER " TT-SRV-1 TT-RAW-1");
static bool is_late(enum role role)
{
	return fault_is(role == ROLE_CLIENT ? F_CMETHOD_LATE_LISTEN
					    : F_SMETHOD_LATE_LISTEN);
}

/* What the binder does; its host is the listener. */
static int bind_plain(struct pt_binder *b, const struct sockaddr_storage *at,
		      struct pt_listener **out)
{
	const struct listener *l = b->host;
	int fd = listener_socket(at, is_late(l->role));

	if (fd < 0)
		return -errno;
	*out = tcp_listener(fd);
	return 0;
}

/* The two sides of the Transports API. */
static int listener_start(struct listener *l, const struct sockaddr_storage *at)
{
	int r;

	l->binder = (struct pt_binder){ .listen = bind_plain, .host = l };
	if (l->role == ROLE_SERVER) {
		r = pt_server_init(&l->server, l->transport, &l->options,
				   &l->binder);
		return r < 0 ? r : l->server.listen(&l->server, at, &l->from);
	}
	l->dialer = client_dialer(l->pt);
	r = pt_client_init(&l->client, l->transport, &l->options, &l->dialer);
	if (r < 0)
		return r;
	return mode_is_udp(l->pt->cfg.mode)
		       ? udp_client_open(l, at)
		       : bind_plain(&l->binder, at, &l->from);
}

static void wait_for_clients(struct listener *l)
{
	struct loop *loop = &l->pt->loop;

	if (is_late(l->role)) {
		l->timer = loop_add(loop, -1, 0, on_late_listen, l);
		l->timer->deadline = clock_ms() + 1000;
	} else {
		l->watch = loop_add(loop, pt_listener_socket(l->from), POLLIN,
				    on_accept, l);
	}
}

struct listener *listener_open(struct pt *pt, const struct pt_transport *t,
			       struct option_list *options,
			       const struct sockaddr_storage *at)
{
	struct listener *l = xcalloc(1, sizeof(*l));
	int r;

	l->pt = pt;
	l->role = pt->cfg.role;
	l->transport = t;
	l->options = *options;
	r = listener_start(l, at);
	if (r < 0) {
		pt_client_fini(&l->client);
		pt_server_fini(&l->server);
		free(l);
		errno = -r;
		return NULL;
	}
	*options = (struct option_list){ 0 };
	if (l->from) {
		pt_listener_addr(l->from, &l->at);
		wait_for_clients(l);
	}
	l->next = pt->listeners;
	pt->listeners = l;
	return l;
}
