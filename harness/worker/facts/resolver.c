/* resolver.c - see resolver.h. */
#include "harness/worker/facts/resolver.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "parent/proto/net/dns.h"
#include "harness/sys/world.h"
#include "harness/worker/steps.h"

/* One TCP connection to the resolver. */
#define DNS_TCP_MAX 4096u

void resolvers_init(struct resolvers *all, struct task *t)
{
	*all = (struct resolvers){ .task = t };
}

void resolvers_asked(struct resolvers *all, enum query_way by, struct span msg,
		     int64_t frame)
{
	char type[DNS_TYPE_MAX];
	struct dns_query q;

	if (dns_parse(msg, &q) & (DNS_MALFORMED | DNS_RESPONSE) ||
	    all->nqueries++ >= RESOLVER_QUERIES)
		return;
	rec(all->task, query, .by = by,
	    .type = span_str(dns_type_name(q.type, type)),
	    .name = span_str(q.name), .frame = frame);
}

static void resolver_asked_udp(void *ctx, unsigned what)
{
	struct resolver *r = ctx;
	struct sockaddr_storage from;
	socklen_t len = sizeof(from);
	char bytes[4096];
	ssize_t n = recvfrom(r->udp, bytes, sizeof(bytes), 0,
			     (struct sockaddr *)&from, &len);
	struct buf out = BUF_MAX(DNS_ANSWER_MAX);

	(void)what;
	if (n < 0)
		return;
	dns_answer(&out, span_of(bytes, (size_t)n), r->all->moved);
	if (out.n)
		sendto(r->udp, out.p, out.n, MSG_DONTWAIT,
		       (struct sockaddr *)&from, len);
	buf_fini(&out);
}

static void resolver_drop_asker(struct resolver_asker *a)
{
	loop_drop(a->watch);
	a->watch = NULL;
	close(a->fd);
	a->fd = -1;
	buf_fini(&a->in);
}

static void resolver_asked_tcp(void *ctx, unsigned what)
{
	struct resolver_asker *a = ctx;
	char bytes[1024];
	ssize_t n = read(a->fd, bytes, sizeof(bytes));
	struct buf answer = BUF_MAX(DNS_ANSWER_MAX), out = BUF_MAX(1024);
	struct span rest, msg;

	(void)what;
	if (n <= 0) {
		if (n == 0 || errno != EAGAIN)
			resolver_drop_asker(a);
		return;
	}
	buf_add(&a->in, span_of(bytes, (size_t)n));
	rest = buf_span(&a->in);
	while (dns_take(&rest, &msg)) {
		resolvers_asked(a->all, QUERY_BY_TCP, msg, 0);
		buf_reset(&answer);
		buf_reset(&out);
		dns_answer(&answer, msg, a->all->moved);
		dns_put(&out, buf_span(&answer));
		if (answer.n &&
		    send(a->fd, out.p, out.n, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
			rest.n = 0;
	}
	buf_eat(&a->in, a->in.n - rest.n);
	buf_fini(&answer);
	buf_fini(&out);
}

static void resolver_asker_came(void *ctx, unsigned what)
{
	struct resolver *r = ctx;
	struct resolvers *all = r->all;
	int fd = accept4(r->tcp, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)what;
	if (fd < 0)
		return;
	for (size_t i = 0; i < RESOLVER_ASKERS; i++) {
		struct resolver_asker *a = &all->asker[i];

		if (a->watch)
			continue;
		*a = (struct resolver_asker){ .all = all,
					      .fd = fd,
					      .in = BUF_MAX(DNS_TCP_MAX) };
		a->watch = loop_fd(all->task->loop, fd, LOOP_READ,
				   resolver_asked_tcp, a);
		return;
	}
	close(fd);
}

static int resolver_bound(int type, const struct sockaddr_storage *ss,
			  socklen_t len)
{
	int fd = socket(ss->ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct err e;

	if (fd >= 0 && (world_bindable(fd, ss->ss_family, &e) ||
			bind(fd, (const struct sockaddr *)ss, len))) {
		close(fd);
		return -1;
	}
	return fd;
}

static void resolver_open(struct resolvers *all, const char *address)
{
	struct resolver *r = &all->v[all->n];
	struct sockaddr_storage ss;
	char text[ADDR_STRLEN];
	struct addr a;
	socklen_t len;

	snprintf(text, sizeof(text), strchr(address, ':') ? "[%s]:%d" : "%s:%d",
		 address, RESOLVER_PORT);
	addr_parse(span_str(text), &a);
	len = addr_to_sockaddr(&a, &ss);
	*r = (struct resolver){ .all = all, .at = a, .udp = -1, .tcp = -1 };
	r->udp = resolver_bound(SOCK_DGRAM, &ss, len);
	r->tcp = resolver_bound(SOCK_STREAM, &ss, len);
	if (r->udp >= 0)
		loop_fd(all->task->loop, r->udp, LOOP_READ, resolver_asked_udp,
			r);
	if (r->tcp >= 0 && listen(r->tcp, 16) == 0)
		loop_fd(all->task->loop, r->tcp, LOOP_READ, resolver_asker_came,
			r);
	all->n++;
}

bool resolvers_have(const struct resolvers *all, const struct addr *a)
{
	for (size_t i = 0; i < all->n; i++)
		if (addr_eq(a, &all->v[i].at))
			return true;
	return false;
}

void resolvers_start(struct resolvers *all, bool ipv6)
{
	resolver_open(all, WORLD_RESOLVER4);
	if (ipv6)
		resolver_open(all, WORLD_RESOLVER6);
}

void resolvers_fini(struct resolvers *all)
{
	for (size_t i = 0; i < RESOLVER_ASKERS; i++)
		if (all->asker[i].watch)
			resolver_drop_asker(&all->asker[i]);
}

static void move_begin(void *part, const struct step *st)
{
	struct resolvers *all = part;

	(void)st;
	all->moved = true;
}

const struct step_ops step_move_ops = { .part = PART_RESOLVERS,
					.begin = move_begin };
