/*
 * client.c - local listeners whose connections go through a PT client, each to
 * its bridge.
 *
 * They are there from READY on until the transport is no more: who connects
 * in between is refused by the system, and never carried some other way.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <unistd.h>

#include "parent/proto/net/addr.h"
#include "parent/program/app.h"
#include "parent/program/datagrams.h"

/* A connection of an application that waits for its way. */
struct waiting {
	struct client_bridge *of;
	struct poll_watch w;
	struct ptp_dial *dial;
	LIST_ENTRY(waiting) in;
};

struct client_bridge {
	struct app *app;
	const struct app_bridge *b;
	struct poll_watch listener;
	LIST_HEAD(, waiting) waiting;
	struct datagrams *datagrams; /* instead of the listener */
};

int address_parse(const char *text, struct sockaddr_storage *to, socklen_t *n)
{
	struct addr a;
	unsigned odd = addr_parse(span_str(text), &a);

	if (odd & ~(unsigned)ADDR_PORT_ZERO)
		return -1;
	*n = addr_to_sockaddr(&a, to);
	return 0;
}

/* --- one connection --- */

static void waiting_free(struct waiting *c)
{
	poller_drop(&c->of->app->poller, &c->w);
	LIST_REMOVE(c, in);
	free(c);
}

static void dialled(void *ctx, int fd, const char *why)
{
	struct waiting *c = ctx;
	struct client_bridge *cb = c->of;
	int app = c->w.fd;
	char shown[512];

	waiting_free(c);
	if (fd >= 0) {
		relay_new(&cb->app->relays, app, fd, NULL, 0);
		return;
	}
	output_say(&cb->app->out, "%s %s: %s", cb->b->bridge.transport,
		   cb->b->bridge.address,
		   ptp_printable(shown, sizeof(shown), why));
	relay_reset(app);
}

/* It left while its way was being made. */
static void app_gone(struct poll_watch *w, uint32_t events)
{
	struct waiting *c = POLL_OWNER(w, struct waiting, w);
	int fd = w->fd;

	(void)events;
	ptp_dial_cancel(c->dial);
	waiting_free(c);
	relay_reset(fd);
}

static void app_came(struct client_bridge *cb, int fd)
{
	struct app *a = cb->app;
	struct waiting *c = calloc(1, sizeof(*c));
	const struct ptp_bridge *b = &cb->b->bridge;
	struct ptp_error err = { "no memory" };

	if (c)
		c->dial = ptp_dial(a->ptp, b->transport, b->address,
				   &b->settings, 0, dialled, c, &err);
	if (!c || !c->dial) {
		output_say(&a->out, "%s %s: %s", b->transport, b->address,
			   err.text);
		free(c);
		relay_reset(fd);
		return;
	}
	c->of = cb;
	/* Only what nobody has to ask for: that it is reset, or gone. */
	c->w = (struct poll_watch){ .fd = fd,
				    .deadline = -1,
				    .ready = app_gone };
	LIST_INSERT_HEAD(&cb->waiting, c, in);
	poller_add(&a->poller, &c->w);
}

static void listener_late(struct poll_watch *w)
{
	poller_change(
		&POLL_OWNER(w, struct client_bridge, listener)->app->poller, w,
		EPOLLIN);
}

static void listener_ready(struct poll_watch *w, uint32_t events)
{
	struct client_bridge *cb =
		POLL_OWNER(w, struct client_bridge, listener);

	(void)events;
	for (int i = 0; i < 64; i++) {
		int fd = accept4(w->fd, NULL, NULL,
				 SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd >= 0) {
			app_came(cb, fd);
			continue;
		}
		/* No descriptor is left: others must end first, and asking
		 * again at once would only take their processor. */
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) {
			poller_change(&cb->app->poller, w, 0);
			poller_deadline(&cb->app->poller, w,
					clock_now() + 100000);
		}
		return;
	}
}

/* --- the listeners --- */

static int local_socket(const struct app_bridge *b, int type, char *shown,
			struct ptp_error *err)
{
	struct sockaddr_storage at;
	socklen_t n;
	struct addr real;
	int fd, one = 1;

	if (address_parse(b->listen ? b->listen : "127.0.0.1:0", &at, &n) < 0) {
		snprintf(err->text, sizeof(err->text),
			 "%s is not a literal ADDRESS:PORT", b->listen);
		return -1;
	}
	fd = socket(at.ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (fd >= 0 && bind(fd, (struct sockaddr *)&at, n) == 0 &&
	    (type == SOCK_DGRAM || listen(fd, SOMAXCONN) == 0)) {
		n = sizeof(at);
		getsockname(fd, (struct sockaddr *)&at, &n);
		addr_from_sockaddr((struct sockaddr *)&at, &real);
		addr_format(&real, shown);
		return fd;
	}
	snprintf(err->text, sizeof(err->text), "%s: %s",
		 b->listen ? b->listen : "127.0.0.1", strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool is_datagrams(const struct ptp_method *m)
{
	return strcmp(m->protocol, "transparent-UDP") == 0 ||
	       strcmp(m->protocol, "STUN") == 0;
}

static int bridge_open(struct app *a, struct app_bridge *b,
		       struct ptp_error *err)
{
	const struct ptp_method *m =
		ptp_session_method(ptp_session_of(a->ptp), b->bridge.transport);
	struct client_bridge *cb;
	char shown[ADDR_STRLEN];
	int fd;

	if (!m) {
		output_say(&a->out, "%s: there is no such method",
			   b->bridge.transport);
		return 0;
	}
	fd = local_socket(b, is_datagrams(m) ? SOCK_DGRAM : SOCK_STREAM, shown,
			  err);
	if (fd < 0)
		return -1;
	cb = calloc(1, sizeof(*cb));
	if (!cb)
		abort();
	LIST_INIT(&cb->waiting);
	cb->app = a;
	cb->b = b;
	cb->listener = (struct poll_watch){ .fd = fd,
					    .events = EPOLLIN,
					    .deadline = -1,
					    .ready = listener_ready,
					    .late = listener_late };
	b->at = cb;
	if (is_datagrams(m))
		cb->datagrams =
			datagrams_new(&a->poller, fd, &m->at, m->at_len);
	else
		poller_add(&a->poller, &cb->listener);
	output_listen(&a->out, b->bridge.transport, shown, b->bridge.address);
	return 0;
}

int client_open(struct app *a, struct ptp_error *err)
{
	for (size_t i = 0; i < a->o->nbridges; i++)
		if (bridge_open(a, &a->o->bridge[i], err) < 0)
			return -1;
	return 0;
}

void client_close(struct app *a)
{
	for (size_t i = 0; i < a->o->nbridges; i++) {
		struct client_bridge *cb = a->o->bridge[i].at;

		if (!cb)
			continue;
		while (!LIST_EMPTY(&cb->waiting))
			app_gone(&LIST_FIRST(&cb->waiting)->w, 0);
		if (cb->datagrams) {
			datagrams_free(cb->datagrams);
		} else {
			poller_drop(&a->poller, &cb->listener);
			close(cb->listener.fd);
		}
		free(cb);
		a->o->bridge[i].at = NULL;
	}
}
