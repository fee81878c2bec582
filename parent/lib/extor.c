/*
 * extor.c - an Extended ORPort: who proves to know the secret says whose
 * stream it brings (ext-orport-spec).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "parent/proto/net/addr.h"
#include "parent/proto/net/extor.h"
#include "parent/lib/lib.h"

/* A transport speaks at once. */
#define TALK_TIMEOUT_US 30000000
/* Of connections that have not proved anything yet. */
#define TALKS_MAX 1024
/* Of a port for which there is no descriptor. */
#define REST_US 100000

struct talk {
	struct ptp_extor *x;
	struct poll_watch w;
	struct extor machine;
	uint8_t nonce[EXTOR_HASH_SIZE];
	struct buf out;
	LIST_ENTRY(talk) in;
};

struct ptp_extor {
	struct poller poller;
	struct poll_watch listener;
	ptp_extor_fn *fn;
	void *ctx;
	char *cookie;
	char address[32];
	uint8_t key[EXTOR_KEY_SIZE];
	LIST_HEAD(, talk) talks;
	size_t n;
};

/* --- one transport's connection --- */

static void talk_end(struct talk *t, bool give)
{
	struct ptp_extor *x = t->x;
	int fd = t->w.fd;
	char user[ADDR_STRLEN] = "", transport[EXTOR_BODY_KEEP + 1] = "";

	if (give && t->machine.user_addr.family)
		addr_format(&t->machine.user_addr, user);
	if (give && !span_absent(t->machine.transport) &&
	    !memchr(t->machine.transport.p, 0, t->machine.transport.n))
		snprintf(transport, sizeof(transport), "%.*s",
			 SPAN_ARG(t->machine.transport));
	poller_drop(&x->poller, &t->w);
	LIST_REMOVE(t, in);
	x->n--;
	buf_fini(&t->out);
	free(t);
	if (give)
		x->fn(x->ctx, fd, user, transport);
	else
		close(fd);
}

static bool talk_send(struct talk *t)
{
	while (t->out.n > 0) {
		ssize_t n = send(t->w.fd, t->out.p, t->out.n, MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0) {
			extor_sent(&t->machine, span_of(t->out.p, (size_t)n));
			buf_eat(&t->out, (size_t)n);
		}
	}
	poller_change(&t->x->poller, &t->w, t->out.n ? EPOLLOUT : EPOLLIN);
	return true;
}

/* Take what belongs to the handshake, and leave the client's bytes. */
static bool talk_read(struct talk *t)
{
	char in[1024];
	ssize_t n = recv(t->w.fd, in, sizeof(in), MSG_PEEK);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n <= 0)
		return false;
	n = (ssize_t)extor_feed(&t->machine, span_of(in, (size_t)n));
	return n == 0 ? extor_due(&t->machine)
		      : recv(t->w.fd, in, (size_t)n, 0) == n;
}

static void talk_go(struct talk *t)
{
	if (extor_due(&t->machine) && t->out.n == 0)
		extor_reply(&t->machine, &t->out);
	if (!talk_send(t) || t->machine.stage == EXTOR_FAILED)
		talk_end(t, false);
	else if (t->machine.stage == EXTOR_TUNNEL && t->out.n == 0)
		talk_end(t, true);
}

static void talk_ready(struct poll_watch *w, uint32_t events)
{
	struct talk *t = POLL_OWNER(w, struct talk, w);

	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR) && t->out.n == 0 &&
	    !talk_read(t)) {
		talk_end(t, false);
		return;
	}
	talk_go(t);
}

static void talk_late(struct poll_watch *w)
{
	talk_end(POLL_OWNER(w, struct talk, w), false);
}

static void talk_new(struct ptp_extor *x, int fd)
{
	struct talk *t = calloc(1, sizeof(*t));
	struct extor_script script;

	if (!t)
		die_oom();
	randombytes_buf(t->nonce, sizeof(t->nonce));
	script = EXTOR_SCRIPT(span_of(x->key, sizeof(x->key)),
			      span_of(t->nonce, sizeof(t->nonce)));
	extor_init(&t->machine, &script);
	t->x = x;
	t->out = BUF_MAX(2 * EXTOR_REPLY_MAX);
	t->w = (struct poll_watch){ .fd = fd,
				    .events = EPOLLIN,
				    .deadline = clock_now() + TALK_TIMEOUT_US,
				    .ready = talk_ready,
				    .late = talk_late };
	LIST_INSERT_HEAD(&x->talks, t, in);
	x->n++;
	if (poller_add(&x->poller, &t->w) < 0)
		talk_end(t, false);
	else
		talk_go(t);
}

static void listener_late(struct poll_watch *w)
{
	poller_change(&POLL_OWNER(w, struct ptp_extor, listener)->poller, w,
		      EPOLLIN);
}

static void listener_ready(struct poll_watch *w, uint32_t events)
{
	struct ptp_extor *x = POLL_OWNER(w, struct ptp_extor, listener);

	(void)events;
	for (;;) {
		int fd = accept4(w->fd, NULL, NULL,
				 SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd < 0 && errno == EINTR)
			continue;
		/* No descriptor is left: others must end first, and asking
		 * again at once would only take their processor. */
		if (fd < 0 && errno != EAGAIN) {
			poller_change(&x->poller, w, 0);
			poller_deadline(&x->poller, w, clock_now() + REST_US);
		}
		if (fd < 0)
			return;
		if (x->n >= TALKS_MAX)
			close(fd);
		else
			talk_new(x, fd);
	}
}

/* --- the port --- */

/* A new file in place of whatever is there, for nobody else's eyes. */
static int write_cookie(const struct ptp_extor *x, struct ptp_error *err)
{
	char text[sizeof(EXTOR_HEADER) - 1 + EXTOR_KEY_SIZE];
	char name[4096];
	int fd;
	bool written;

	memcpy(text, EXTOR_HEADER, sizeof(EXTOR_HEADER) - 1);
	memcpy(text + sizeof(EXTOR_HEADER) - 1, x->key, EXTOR_KEY_SIZE);
	if (snprintf(name, sizeof(name), "%s.XXXXXX", x->cookie) >=
	    (int)sizeof(name))
		return fail(err, "the name of the cookie file is too long");
	fd = mkostemp(name, O_CLOEXEC);
	if (fd < 0)
		return fail(err, "%s: %s", x->cookie, strerror(errno));
	written = write(fd, text, sizeof(text)) == (ssize_t)sizeof(text);
	if (close(fd) == 0 && written && rename(name, x->cookie) == 0)
		return 0;
	fail(err, "%s: %s", x->cookie, strerror(errno));
	unlink(name);
	return -1;
}

static int open_port(struct ptp_extor *x, struct ptp_error *err)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	x->listener = (struct poll_watch){ .fd = fd,
					   .events = EPOLLIN,
					   .deadline = -1,
					   .ready = listener_ready,
					   .late = listener_late };
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, n) < 0 ||
	    listen(fd, SOMAXCONN) < 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &n) < 0 ||
	    poller_add(&x->poller, &x->listener) < 0)
		return fail(err, "Extended ORPort: %s", strerror(errno));
	snprintf(x->address, sizeof(x->address), "127.0.0.1:%u",
		 ntohs(a.sin_port));
	return 0;
}

struct ptp_extor *ptp_extor_new(const char *cookie, ptp_extor_fn *fn, void *ctx,
				struct ptp_error *err)
{
	struct ptp_extor *x = calloc(1, sizeof(*x));

	if (!x || !(x->cookie = strdup(cookie)))
		die_oom();
	x->fn = fn;
	x->ctx = ctx;
	x->listener.fd = -1;
	if (sodium_init() < 0)
		abort();
	randombytes_buf(x->key, sizeof(x->key));
	if (poller_init(&x->poller, err) == 0 && open_port(x, err) == 0 &&
	    write_cookie(x, err) == 0)
		return x;
	free(x->cookie);
	x->cookie = NULL;
	ptp_extor_free(x);
	return NULL;
}

void ptp_extor_free(struct ptp_extor *x)
{
	if (!x)
		return;
	while (!LIST_EMPTY(&x->talks))
		talk_end(LIST_FIRST(&x->talks), false);
	if (x->cookie)
		unlink(x->cookie);
	if (x->listener.fd >= 0)
		close(x->listener.fd);
	poller_fini(&x->poller);
	sodium_memzero(x->key, sizeof(x->key));
	free(x->cookie);
	free(x);
}

const char *ptp_extor_address(const struct ptp_extor *x)
{
	return x->address;
}

int ptp_extor_fd(const struct ptp_extor *x)
{
	return x->poller.epoll;
}

void ptp_extor_step(struct ptp_extor *x)
{
	poller_step(&x->poller);
}
