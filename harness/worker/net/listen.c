/* listen.c - see listen.h. */
#include "harness/worker/net/listen.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/sys/world.h"

#define BACKLOG 64

void listeners_init(struct listeners *all, struct task *t, struct conns *conns)
{
	*all = (struct listeners){ .task = t, .conns = conns };
}

/* all->n: there is none. */
static size_t listen_find(const struct listeners *all, struct span name)
{
	size_t i = 0;

	while (i < all->n && !span_eqs(name, all->v[i].name))
		i++;
	return i;
}

/* --- callers --- */

static void listen_acceptable(void *ctx, unsigned what)
{
	struct listener *ln = ctx;
	struct task *t = ln->all->task;
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
	if (++ln->accepted > LISTEN_KEEP) {
		close(fd);
		return;
	}
	addr_from_sockaddr((struct sockaddr *)&ss, &peer);
	snprintf(name, sizeof(name), "%s#%u", ln->name, ln->accepted);
	rec(t, accept, .name = span_str(name),
	    .peer = span_str(addr_format(&peer, text)));
	c = conn_add(ln->all->conns, fd, name);
	if (c && ln->attach)
		ln->attach(c, ln->st);
	if (c)
		conn_open(c);
	task_changed(t);
}

static void listen_await(struct listener *ln)
{
	ln->watch = loop_fd(ln->all->task->loop, ln->fd, LOOP_READ,
			    listen_acceptable, ln);
}

/* A queue for none holds one caller all the same; with that the kernel drops
 * what comes, and the callers try again (tcp_abort_on_overflow is off). */
static int listen_fill_queue(struct listener *ln)
{
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(&ln->addr, &ss);

	ln->filler = socket(ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return ln->filler < 0 ||
			       connect(ln->filler, (struct sockaddr *)&ss, len)
		       ? -1
		       : 0;
}

void listen_resume(struct listeners *all, struct span name)
{
	struct listener *ln = &all->v[listen_find(all, name)];
	int fd;

	if (ln == &all->v[all->n] || ln->filler < 0)
		return;
	fd = accept4(ln->fd, NULL, NULL, SOCK_CLOEXEC);
	if (fd >= 0)
		close(fd);
	close(ln->filler);
	ln->filler = -1;
	listen(ln->fd, BACKLOG);
	listen_await(ln);
}

/* --- opening --- */

static int listen_socket(struct listener *ln, bool full)
{
	int on = 1, family = ln->addr.family == AF_INET6 ? AF_INET6 : AF_INET;
	struct sockaddr_storage ss;

	ln->fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (ln->fd < 0)
		return -1;
	if (family == AF_INET6)
		setsockopt(ln->fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	/* One listener after the other at the same port: connections that the
	 * harness itself has closed would keep it. */
	setsockopt(ln->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (world_bindable(ln->fd, ln->addr.family, &(struct err){ 0 }) ||
	    bind(ln->fd, (struct sockaddr *)&ss,
		 addr_to_sockaddr(&ln->addr, &ss)) ||
	    listen(ln->fd, full ? 0 : BACKLOG))
		return -1;
	return full ? listen_fill_queue(ln) : 0;
}

/* Without a record: nobody was let in, or all is over. */
static void listen_drop(struct listener *ln)
{
	loop_drop(ln->watch);
	ln->watch = NULL;
	if (ln->fd >= 0)
		close(ln->fd);
	ln->fd = -1;
	if (ln->filler >= 0)
		close(ln->filler);
	ln->filler = -1;
	if (ln->udp >= 0)
		close(ln->udp);
	ln->udp = -1;
}

void listen_open(struct listeners *all, struct span at, struct span as,
		 bool full, listen_attach *attach, const struct step *st)
{
	struct listener *ln = &all->v[all->n];
	const char *result = "ok";

	if (all->n == LISTEN_MAX)
		return;
	*ln = (struct listener){ .all = all,
				 .attach = attach,
				 .st = st,
				 .fd = -1,
				 .filler = -1,
				 .udp = -1 };
	snprintf(ln->name, sizeof(ln->name), "%.*s",
		 SPAN_ARG(span_sub(as, 0, 20)));
	addr_parse(at, &ln->addr);
	if (listen_socket(ln, full))
		result = strerror(errno);
	rec(all->task, listen, .name = span_str(ln->name),
	    .result = span_str(result), .addr = at);
	if (strcmp(result, "ok") != 0) {
		listen_drop(ln);
		return;
	}
	all->n++;
	if (!full)
		listen_await(ln);
}

/* --- questions --- */

bool listen_accepted(const struct listeners *all, struct span name)
{
	size_t i = listen_find(all, name);

	return i < all->n && all->v[i].accepted > 0;
}

bool listen_is_own(const struct listeners *all, const struct addr *a)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->v[i].fd >= 0 && addr_eq(a, &all->v[i].addr))
			return true;
	return false;
}

/* --- closing --- */

void listen_close(struct listeners *all, struct span name)
{
	struct listener *ln = &all->v[listen_find(all, name)];

	if (ln == &all->v[all->n] || ln->fd < 0)
		return;
	loop_drop(ln->watch);
	ln->watch = NULL;
	close(ln->fd);
	ln->fd = -1;
	if (ln->udp >= 0)
		close(ln->udp);
	ln->udp = -1;
	rec(all->task, close, .what = span_str(ln->name));
}

void listeners_close(struct listeners *all)
{
	for (size_t i = 0; i < all->n; i++)
		listen_drop(&all->v[i]);
}

/* --- the steps --- */

/* So that who listens with another kind of socket finds it taken, too. */
static void listen_take_udp(struct listener *ln)
{
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(&ln->addr, &ss);

	ln->udp = socket(ss.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (ln->udp >= 0)
		(void)!bind(ln->udp, (struct sockaddr *)&ss, len);
}

static void listen_begin(void *part, const struct step *st)
{
	struct listeners *all = part;
	size_t before = all->n;

	listen_open(all, st->listen.at, st->listen.as, st->listen.full, NULL,
		    st);
	if (st->listen.datagrams && all->n > before)
		listen_take_udp(&all->v[before]);
}

const struct step_ops step_listen_ops = { .part = PART_LISTENERS,
					  .begin = listen_begin };

/* Who is to call may be on the way; what we called is here by now. */
static bool recv_met(void *part, const struct step *st)
{
	const struct listeners *all = part;
	bool any, all_got = conns_received(all->conns, st->recv.on,
					   st->recv.count, &any);

	return all_got && (any || listen_find(all, st->recv.on) == all->n);
}

const struct step_ops step_recv_ops = { .part = PART_LISTENERS,
					.met = recv_met };
