/*
 * dial.c - one connection through a PT client: SOCKS5 with settings by method
 * 09 (PT 2.0 section 3.3.4) or as user name and password (PT 1.0 section 3.5),
 * SOCKS4 with settings as user id, or none at all (transparent TCP).
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "parent/proto/ipc/settings.h"
#include "parent/proto/net/addr.h"
#include "parent/proto/net/socks.h"
#include "parent/lib/lib.h"

/*
 * Whether a block is answered before the request is nowhere defined.  So long
 * is an answer waited for, until a transport is known not to give one.
 */
#define BLOCK_ANSWER_US 200000
#define DIAL_TIMEOUT_US 120000000

struct ptp_dial {
	struct ptp *p;
	struct poll_watch w;
	ptp_dial_fn *fn;
	void *ctx;
	int64_t give_up;
	bool transparent, connected;
	struct socks socks;
	struct buf out;	    /* to send */
	struct buf first;   /* RFC 1929 message, or block */
	struct buf request; /* of SOCKS5 */
};

static void dial_free(struct ptp_dial *d)
{
	buf_fini(&d->out);
	buf_fini(&d->first);
	buf_fini(&d->request);
	free(d);
}

void ptp_dial_cancel(struct ptp_dial *d)
{
	if (!d)
		return;
	poller_drop(process_poller(d->p), &d->w);
	close(d->w.fd);
	dial_free(d);
}

static void dial_end(struct ptp_dial *d, const char *why)
{
	ptp_dial_fn *fn = d->fn;
	void *ctx = d->ctx;
	int fd = d->w.fd;

	poller_drop(process_poller(d->p), &d->w);
	dial_free(d);
	if (why) {
		close(fd);
		fd = -1;
	}
	fn(ctx, fd, why);
}

/* --- what it says --- */

static const char *reply_text(int rep)
{
	switch (rep) {
	case 0x01:
		return "general failure";
	case 0x02:
		return "not allowed";
	case 0x03:
		return "network unreachable";
	case 0x04:
		return "host unreachable";
	case 0x05:
		return "connection refused";
	case 0x06:
		return "TTL expired";
	case 0x07:
		return "command not supported";
	case 0x08:
		return "address type not supported";
	case 0x10:
		return "settings too large";
	case 0x11:
		return "settings came too slowly";
	case 0x12:
		return "settings not understood";
	case 0x13:
		return "settings missing or wrong";
	case 0x5b:
	case 0x5c:
	case 0x5d:
		return "refused";
	}
	return "a code that nobody knows";
}

static void refused(struct ptp_dial *d)
{
	const struct socks *s = &d->socks;
	int code = s->rep > 0 ? s->rep : s->code;
	char why[128];

	if (s->method == SOCKS_METHOD_REFUSED)
		snprintf(why, sizeof(why),
			 "the transport takes no such settings");
	else if (code > 0)
		snprintf(why, sizeof(why), "the transport answered %02x: %s",
			 (unsigned)code, reply_text(code));
	else if (s->status > 0)
		snprintf(why, sizeof(why),
			 "the transport refused the settings");
	else if (s->ended)
		snprintf(why, sizeof(why),
			 "the transport closed the connection");
	else
		snprintf(why, sizeof(why),
			 "the transport's answer is no SOCKS");
	dial_end(d, why);
}

/* --- what it is told --- */

static void queue(struct ptp_dial *d, enum socks_stage stage,
		  const struct buf *message)
{
	buf_add(&d->out, buf_span(message));
	socks_sent(&d->socks, stage);
}

/* Put what the machine waits for behind what is still to be sent. */
static void speak(struct ptp_dial *d)
{
	struct socks *s = &d->socks;
	enum socks_stage stage = s->stage;

	if (s->kind == SOCKS4)
		return;
	if ((stage == SOCKS_AUTH || stage == SOCKS_BLOCK) &&
	    !(s->sent & 1u << stage)) {
		queue(d, stage, &d->first);
		if (stage != SOCKS_BLOCK)
			return;
		if (process_block_silent(d->p))
			queue(d, SOCKS_REQUEST, &d->request);
		else
			poller_deadline(process_poller(d->p), &d->w,
					clock_now() + BLOCK_ANSWER_US);
	} else if (stage == SOCKS_REQUEST && !(s->sent & 1u << SOCKS_REQUEST)) {
		queue(d, SOCKS_REQUEST, &d->request);
		poller_deadline(process_poller(d->p), &d->w, d->give_up);
	}
}

static void flush(struct ptp_dial *d)
{
	while (d->out.n > 0) {
		ssize_t n = send(d->w.fd, d->out.p, d->out.n, MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0 && errno != EINTR)
			break; /* what came before the end is read first */
		if (n > 0)
			buf_eat(&d->out, (size_t)n);
	}
	poller_change(process_poller(d->p), &d->w,
		      d->out.n ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

/* Only what belongs to the answers: the rest is the application's. */
static bool listen_to(struct ptp_dial *d)
{
	struct socks *s = &d->socks;
	char answer[512];
	ssize_t n = recv(d->w.fd, answer, sizeof(answer), MSG_PEEK);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n <= 0) {
		socks_end(s);
		return false;
	}
	n = (ssize_t)socks_feed(s, span_of(answer, (size_t)n));
	if (n > 0 && recv(d->w.fd, answer, (size_t)n, 0) != n)
		return false;
	if (s->form == SOCKS_FORM_STATUS01 || s->form == SOCKS_FORM_STATUS05)
		process_block_answered(d->p);
	return s->stage != SOCKS_FAILED && n > 0;
}

static void go_on(struct ptp_dial *d)
{
	if (d->socks.stage == SOCKS_TUNNEL) {
		dial_end(d, NULL);
		return;
	}
	speak(d);
	flush(d);
}

static void connected(struct ptp_dial *d)
{
	int error = 0, one = 1;
	socklen_t n = sizeof(error);
	char why[128];

	getsockopt(d->w.fd, SOL_SOCKET, SO_ERROR, &error, &n);
	if (error) {
		snprintf(why, sizeof(why), "connecting to the transport: %s",
			 strerror(error));
		dial_end(d, why);
		return;
	}
	d->connected = true;
	setsockopt(d->w.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (d->transparent)
		dial_end(d, NULL);
	else
		go_on(d);
}

static void dial_ready(struct poll_watch *w, uint32_t events)
{
	struct ptp_dial *d = POLL_OWNER(w, struct ptp_dial, w);

	if (!d->connected) {
		connected(d);
		return;
	}
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR) && !listen_to(d)) {
		refused(d);
		return;
	}
	go_on(d);
}

static void dial_late(struct poll_watch *w)
{
	struct ptp_dial *d = POLL_OWNER(w, struct ptp_dial, w);

	if (clock_now() < d->give_up && d->socks.stage == SOCKS_BLOCK) {
		/* No answer to the block: it waits for the request. */
		process_block_was_silent(d->p);
		socks_quiet(&d->socks);
		poller_deadline(process_poller(d->p), &d->w, d->give_up);
		go_on(d);
		return;
	}
	dial_end(d, "the transport gave no answer in time");
}

/* --- beginning --- */

static int prepare_socks5(struct ptp_dial *d, const struct kv_list *settings,
			  const struct socks_addr *to, int version,
			  struct ptp_error *err)
{
	struct buf text = BUF_MAX(1 << 20);
	struct span user, password, method = SPAN("\0");
	int r = 0;

	socks_init(&d->socks, SOCKS5, SOCKS_ANSWER_AUTO);
	if (settings->n && version == 2) {
		method = SPAN("\x09");
		settings_json(&text, settings);
		settings_block(&d->first, buf_span(&text));
	} else if (settings->n) {
		method = SPAN("\x02");
		settings_flat(&text, settings);
		if (settings_split(buf_span(&text), &user, &password))
			socks_put_userpass(&d->first, user, password);
		else
			r = fail(err,
				 "%zu bytes of settings: 510 can be told "
				 "to a transport of version 1",
				 text.n);
	}
	buf_fini(&text);
	socks_offer(&d->socks, method);
	socks_put_greeting(&d->out, method);
	socks_put_request(&d->request, SOCKS_CONNECT, to);
	return r;
}

static int prepare_socks4(struct ptp_dial *d, const struct kv_list *settings,
			  const struct socks_addr *to, struct ptp_error *err)
{
	struct buf text = BUF_MAX(1 << 20);
	bool can;

	socks_init(&d->socks, SOCKS4, SOCKS_ANSWER_AUTO);
	settings_flat(&text, settings);
	can = socks_put_socks4(&d->out, buf_span(&text), to);
	buf_fini(&text);
	socks_sent(&d->socks, SOCKS_REQUEST);
	return can ? 0 : fail(err, "SOCKS4 cannot tell that destination");
}

static int destination(const char *address, struct socks_addr *to,
		       struct ptp_error *err)
{
	char shown[128];
	struct addr a;
	unsigned odd = addr_parse(span_str(address), &a);

	if (odd == 0)
		*to = socks_addr_of(&a);
	else if (odd == ADDR_HOSTNAME && a.host.n <= SOCKS_NAME_MAX)
		*to = socks_addr_name(a.host, a.port);
	else
		return fail(err, "\"%s\" is no HOST:PORT",
			    ptp_printable(shown, sizeof(shown), address));
	return 0;
}

static int prepare(struct ptp_dial *d, const struct ptp_method *m,
		   const char *address, const struct ptp_pairs *settings,
		   struct ptp_error *err)
{
	struct arena a = { 0 };
	struct kv_list l = { 0 };
	struct socks_addr to;
	int r = -1;

	if (settings && settings->n) {
		l.v = arena_alloc(&a, settings->n * sizeof(*l.v));
		for (; l.n < settings->n; l.n++)
			l.v[l.n] =
				(struct kv){ span_str(settings->v[l.n].key),
					     span_str(settings->v[l.n].value) };
	}
	if (strcmp(m->protocol, "transparent-TCP") == 0) {
		d->transparent = true;
		r = 0;
	} else if (destination(address, &to, err) < 0) {
		r = -1;
	} else if (strcmp(m->protocol, "socks5") == 0) {
		r = prepare_socks5(d, &l, &to,
				   ptp_session_version(ptp_session_of(d->p)),
				   err);
	} else if (strcmp(m->protocol, "socks4") == 0) {
		r = prepare_socks4(d, &l, &to, err);
	} else {
		fail(err, "%s listens for %s, which carries no stream", m->name,
		     m->protocol);
	}
	arena_fini(&a);
	return r;
}

static int connect_to(struct ptp_dial *d, const struct ptp_method *m,
		      struct ptp_error *err)
{
	int fd = socket(m->at.ss_family,
			SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return fail(err, "socket: %s", strerror(errno));
	if (connect(fd, (const struct sockaddr *)&m->at, m->at_len) < 0 &&
	    errno != EINPROGRESS) {
		fail(err, "connecting to the transport: %s", strerror(errno));
		close(fd);
		return -1;
	}
	d->w = (struct poll_watch){ .fd = fd,
				    .events = EPOLLOUT,
				    .deadline = d->give_up,
				    .ready = dial_ready,
				    .late = dial_late };
	if (poller_add(process_poller(d->p), &d->w) == 0)
		return 0;
	close(fd);
	return fail(err, "epoll: %s", strerror(errno));
}

struct ptp_dial *ptp_dial(struct ptp *p, const char *transport,
			  const char *address, const struct ptp_pairs *settings,
			  int64_t timeout, ptp_dial_fn *fn, void *ctx,
			  struct ptp_error *err)
{
	const struct ptp_method *m =
		ptp_session_method(ptp_session_of(p), transport);
	struct ptp_dial *d;

	if (!m) {
		fail(err, "%s is not ready", transport);
		return NULL;
	}
	d = calloc(1, sizeof(*d));
	if (!d)
		die_oom();
	d->p = p;
	d->fn = fn;
	d->ctx = ctx;
	d->give_up = clock_now() + (timeout > 0 ? timeout : DIAL_TIMEOUT_US);
	d->out = d->first = d->request = BUF_MAX(1 << 20);
	if (prepare(d, m, address, settings, err) == 0 &&
	    connect_to(d, m, err) == 0)
		return d;
	dial_free(d);
	return NULL;
}
