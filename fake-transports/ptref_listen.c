/*
 * Listening sockets. One is live from the moment listener_open() returns, so
 * that its line can be printed at once.
 */
#include "ptref.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ptref_faults.h"

#define ACCEPT_PAUSE_MS 100 /* when out of descriptors */

void listener_stop(struct listener *l)
{
	loop_del(l->watch);
	loop_del(l->timer);
	l->watch = l->timer = NULL;
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}

/* Serves IPC-BLOCK-1 only: a conforming transport prints nothing here. */
static void log_connection(void)
{
	static const char line[] = "LOG SEVERITY=debug MESSAGE=connection\n";

	if (write(STDOUT_FILENO, line, sizeof(line) - 1) < 0)
		_exit(1);
}

static bool wears_out(void)
{
	return fault_is(F_CLIENT_ACCEPTS_20);
}

/* A short queue shows the end of accepting at once. */
static int backlog(void)
{
	return wears_out() ? 4 : SOMAXCONN;
}

static void on_pause_over(struct watch *w, short revents)
{
	struct listener *l = w->arg;

	(void)revents;
	loop_del(w);
	l->timer = NULL;
	l->watch->events = POLLIN;
}

static void pause_accepting(struct listener *l)
{
	l->watch->events = 0;
	l->timer = loop_add(&l->pt->loop, -1, 0, on_pause_over, l);
	l->timer->deadline = l->pt->loop.now + ACCEPT_PAUSE_MS;
}

static void on_accept(struct watch *w, short revents)
{
	struct listener *l = w->arg;

	(void)revents;
	while (l->fd >= 0) {
		struct sockaddr_storage peer = { 0 };
		socklen_t n = sizeof(peer);
		int fd = accept4(l->fd, (struct sockaddr *)&peer, &n,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0) {
			if (errno == EINTR || errno == ECONNABORTED)
				continue;
			if (errno == EMFILE || errno == ENFILE ||
			    errno == ENOBUFS || errno == ENOMEM)
				pause_accepting(l);
			return;
		}
		l->accepted++;
		if (fault_is(F_DIES_ON_CLOSED_STDOUT))
			log_connection();
		conn_start(l, fd, &peer);
		if (wears_out() && l->accepted >= 20 && l->role == ROLE_CLIENT)
			listener_stop(l);
	}
}

static void on_late_listen(struct watch *w, short revents)
{
	struct listener *l = w->arg;

	(void)revents;
	listen(l->fd, backlog());
	l->watch = loop_add(&l->pt->loop, l->fd, POLLIN, on_accept, l);
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

static bool bind_somehow(int fd, struct sockaddr_storage at)
{
	if (bind_once(fd, &at))
		return true;
	if (errno == EADDRINUSE && fault_is(F_BIND_FALLBACK_PORT)) {
		addr_set_port(&at, 0);
		return bind_once(fd, &at);
	}
	if (errno == EADDRNOTAVAIL && fault_is(F_BIND_FALLBACK_ANY)) {
		addr_make_any(&at);
		return bind_once(fd, &at);
	}
	return false;
}

/* A bound socket, listening unless a fault wants that to be late. */
int listener_socket(const struct sockaddr_storage *at, bool late)
{
	int one = 1;
	int fd = socket(at->ss_family,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	/* Never SO_REUSEPORT: a port in use is to be an error. */
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (at->ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	/* With SO_REUSEADDR two may bind; the second listen() then fails. */
	if (!bind_somehow(fd, *at) || (!late && listen(fd, backlog()) < 0)) {
		int saved = errno;

		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

struct listener *listener_open(struct pt *pt, const char *name,
			       const struct transport *t,
			       const struct sockaddr_storage *at)
{
	bool late = fault_is(pt->cfg.role == ROLE_CLIENT
				     ? F_CMETHOD_LATE_LISTEN
				     : F_SMETHOD_LATE_LISTEN);
	int fd = listener_socket(at, late);
	struct listener *l;
	socklen_t n;

	if (fd < 0)
		return NULL;
	l = xcalloc(1, sizeof(*l));
	l->pt = pt;
	l->role = pt->cfg.role;
	l->transport = t;
	l->name = xstrndup(name, strlen(name));
	l->fd = fd;
	n = sizeof(l->at);
	getsockname(fd, (struct sockaddr *)&l->at, &n);
	if (late) {
		l->timer = loop_add(&pt->loop, -1, 0, on_late_listen, l);
		l->timer->deadline = clock_ms() + 1000;
	} else {
		l->watch = loop_add(&pt->loop, fd, POLLIN, on_accept, l);
	}
	l->next = pt->listeners;
	pt->listeners = l;
	return l;
}
