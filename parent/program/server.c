/*
 * server.c - a PT server in front of an application: either the transport
 * connects to the application itself, or ptparent is its Extended ORPort and
 * tells the application whose stream it is (PROXY protocol, version 2).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "parent/proto/net/addr.h"
#include "parent/program/app.h"

/* --- PROXY protocol --- */

/* Signature, version and command, family, length, two addresses. */
#define PROXY_HEADER_MAX (16 + 36)

/* What the client's address is; without one LOCAL, which says nothing. */
static size_t proxy_header(char *out, const char *client,
			   const struct sockaddr_storage *server)
{
	static const char signature[12] = "\r\n\r\n\0\r\nQUIT\n";
	struct addr from = { 0 }, to = { 0 };
	size_t n, size = 0;

	addr_parse(span_str(client), &from);
	addr_from_sockaddr((const struct sockaddr *)server, &to);
	memcpy(out, signature, 12);
	out[12] = from.family ? 0x21 : 0x20;
	out[13] = from.family == AF_INET ? 0x11 : from.family ? 0x21 : 0x00;
	n = from.family == AF_INET ? 4 : from.family ? 16 : 0;
	if (n) {
		/* The address it came to is of the same family or unknown. */
		if (to.family != from.family)
			memset(to.ip, 0, sizeof(to.ip));
		memcpy(out + 16, from.ip, n);
		memcpy(out + 16 + n, to.ip, n);
		size = 2 * n + 4;
		out[16 + 2 * n] = (char)(from.port >> 8);
		out[17 + 2 * n] = (char)from.port;
		out[18 + 2 * n] = (char)(to.port >> 8);
		out[19 + 2 * n] = (char)to.port;
	}
	out[14] = 0;
	out[15] = (char)size;
	return 16 + size;
}

/* --- one client --- */

/* A connection to the application that is being made. */
struct reaching {
	struct app *app;
	struct poll_watch w;
	int client;
	char header[PROXY_HEADER_MAX];
	size_t n;
};

static void reached(struct poll_watch *w, uint32_t events)
{
	struct reaching *r = POLL_OWNER(w, struct reaching, w);
	struct app *a = r->app;
	int error = 0;
	socklen_t n = sizeof(error);

	(void)events;
	poller_drop(&a->poller, w);
	getsockopt(w->fd, SOL_SOCKET, SO_ERROR, &error, &n);
	if (error) {
		output_say(&a->out, "the application at %s: %s", a->o->app,
			   strerror(error));
		relay_reset(r->client);
		close(w->fd);
	} else {
		relay_new(&a->relays, r->client, w->fd, r->header, r->n);
	}
	free(r);
}

static void client_came(void *ctx, int fd, const char *address,
			const char *transport)
{
	struct app *a = ctx;
	const struct ptp_method *m =
		ptp_session_method(ptp_session_of(a->ptp), transport);
	struct sockaddr_storage to, none = { 0 };
	struct reaching *r = calloc(1, sizeof(*r));
	socklen_t n;
	int app;

	if (!r || address_parse(a->o->app, &to, &n) < 0)
		abort(); /* the options were checked */
	app = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
		     0);
	if (app < 0 || (connect(app, (struct sockaddr *)&to, n) < 0 &&
			errno != EINPROGRESS)) {
		output_say(&a->out, "the application at %s: %s", a->o->app,
			   strerror(errno));
		if (app >= 0)
			close(app);
		relay_reset(fd);
		free(r);
		return;
	}
	r->app = a;
	r->client = fd;
	if (a->o->proxy_protocol)
		r->n = proxy_header(r->header, address, m ? &m->at : &none);
	r->w = (struct poll_watch){
		.fd = app, .events = EPOLLOUT, .deadline = -1, .ready = reached
	};
	poller_add(&a->poller, &r->w);
}

/* --- the whole --- */

static void extor_ready(struct poll_watch *w, uint32_t events)
{
	(void)events;
	ptp_extor_step(POLL_OWNER(w, struct app, extor_watch)->extor);
}

int server_prepare(struct app *a, struct ptp_error *err)
{
	struct ptp_config *c = &a->o->config;
	static char cookie[4096];

	if (!a->o->extor) {
		c->orport = a->o->app;
		return 0;
	}
	if (snprintf(cookie, sizeof(cookie), "%s/extended_orport_auth_cookie",
		     c->state) >= (int)sizeof(cookie)) {
		snprintf(err->text, sizeof(err->text),
			 "the name of the state directory is too long");
		return -1;
	}
	a->extor = ptp_extor_new(cookie, client_came, a, err);
	if (!a->extor)
		return -1;
	c->extorport = ptp_extor_address(a->extor);
	c->cookie = cookie;
	a->extor_watch = (struct poll_watch){ .fd = ptp_extor_fd(a->extor),
					      .events = EPOLLIN,
					      .deadline = -1,
					      .ready = extor_ready };
	poller_add(&a->poller, &a->extor_watch);
	return 0;
}

/* The address as clients reach it, with the port that is bound. */
static void public_address(const struct app *a, const struct ptp_method *m,
			   char *out)
{
	struct addr at;

	addr_from_sockaddr((const struct sockaddr *)&m->at, &at);
	if (a->o->public)
		snprintf(out, ADDR_STRLEN, "%s:%u", a->o->public, at.port);
	else
		addr_format(&at, out);
}

/* Anew in one step, so that nobody reads half of it. */
static void write_lines(struct app *a, const char *text, size_t n)
{
	char name[4096];
	FILE *f;
	bool written;

	snprintf(name, sizeof(name), "%s.new", a->o->bridge_lines);
	f = fopen(name, "we");
	written = f && fwrite(text, 1, n, f) == n;
	if (f && fclose(f) != 0)
		written = false;
	if (!written || rename(name, a->o->bridge_lines) < 0)
		output_say(&a->out, "%s: %s", a->o->bridge_lines,
			   strerror(errno));
}

void server_ready(struct app *a)
{
	char *text = NULL;
	size_t n = 0;
	FILE *all = open_memstream(&text, &n);

	for (size_t i = 0; all && i < a->o->config.nservers; i++) {
		const struct ptp_method *m = ptp_session_method(
			ptp_session_of(a->ptp), a->o->config.servers[i].name);
		char at[ADDR_STRLEN], shown[8192];
		char *line;

		if (!m)
			continue;
		public_address(a, m, at);
		line = ptp_bridge_line(m, at);
		output_bridge(&a->out, line);
		fprintf(all, "%s\n", ptp_printable(shown, sizeof(shown), line));
		free(line);
	}
	if (all)
		fclose(all);
	if (a->o->bridge_lines && text)
		write_lines(a, text, n);
	free(text);
}

void server_close(struct app *a)
{
	if (!a->extor)
		return;
	poller_drop(&a->poller, &a->extor_watch);
	ptp_extor_free(a->extor);
	a->extor = NULL;
}
