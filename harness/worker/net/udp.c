/* udp.c - see udp.h. */
#include "harness/worker/net/udp.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/sys/world.h"

/* How long is waited where one waited in vain before. */
#define LET_DOWN_US 2000000

/* Between two that are sent again, in µs. */
#define AGAIN_US 25000
/* So many are believed to be still under way; more have been lost. */
#define UNDER_WAY_MAX 64
/* As much as an ordinary user gets. */
#define SOCKET_BUF (4 << 20)

void udps_init(struct udps *all, struct task *t, const struct conns *conns,
	       const struct instances *instances)
{
	*all = (struct udps){ .task = t,
			      .conns = conns,
			      .instances = instances };
}

static struct udp_socket *udp_find(struct udps *all, struct span name)
{
	for (size_t i = 0; i < all->n; i++)
		if (span_eqs(name, all->v[i].name))
			return &all->v[i];
	return NULL;
}

static struct span udp_text(const struct sockaddr_storage *ss, socklen_t n,
			    char text[ADDR_STRLEN])
{
	struct addr a;

	if (n == 0)
		return SPAN("");
	addr_from_sockaddr((const struct sockaddr *)ss, &a);
	return span_str(addr_format(&a, text));
}

/* --- sending --- */

static void udp_send(struct udp_socket *u, struct span bytes)
{
	char text[ADDR_STRLEN];
	ssize_t n = -1;

	errno = EDESTADDRREQ;
	/* What nobody took earlier may be told now, in place of sending. */
	for (int i = 0; u->to_n && i < 2 && n < 0; i++)
		n = sendto(u->fd, bytes.p, bytes.n, MSG_DONTWAIT,
			   (struct sockaddr *)&u->to, u->to_n);
	if (n >= 0 && u->kept_sent + bytes.n > UDP_KEEP) {
		rec(u->all->task, cut, .on = span_str(u->name),
		    .bytes = (int64_t)bytes.n);
		return;
	}
	u->kept_sent += bytes.n;
	rec(u->all->task, sent, .from = span_str(u->name),
	    .to = udp_text(&u->to, u->to_n, text), .data = bytes,
	    .code = n < 0 ? errno : 0, .again = u->all->again_now);
}

/* --- what comes --- */

/* Four hexadecimal digits at its end, see datagram_send(); 0: there are none. */
static unsigned udp_number(struct span bytes)
{
	char digits[5] = "", *end = digits;
	unsigned long number;

	if (bytes.n < 4)
		return 0;
	memcpy(digits, bytes.p + bytes.n - 4, 4);
	if (isxdigit((unsigned char)digits[0]))
		number = strtoul(digits, &end, 16);
	return end == digits + 4 ? (unsigned)number : 0;
}

static void udp_note(struct udp_socket *u, const struct sockaddr_storage *from,
		     socklen_t from_n, struct span bytes)
{
	char text[ADDR_STRLEN];

	u->got++;
	if (udp_number(bytes))
		u->number = udp_number(bytes);
	if (u->kept + bytes.n > UDP_KEEP || u->kept_n == UDP_KEEP_N) {
		rec(u->all->task, cut, .on = span_str(u->name),
		    .bytes = (int64_t)bytes.n);
		return;
	}
	u->kept += bytes.n;
	u->kept_n++;
	rec(u->all->task, got, .on = span_str(u->name),
	    .from = udp_text(from, from_n, text), .data = bytes);
}

static void udp_readable(void *ctx, unsigned what)
{
	struct udp_socket *u = ctx;
	static char bytes[65536];
	struct sockaddr_storage from;
	socklen_t from_n = sizeof(from);
	ssize_t n = recvfrom(u->fd, bytes, sizeof(bytes), 0,
			     (struct sockaddr *)&from, &from_n);
	struct span got = span_of(bytes, n > 0 ? (size_t)n : 0);

	(void)what;
	if (n < 0)
		return;
	if (!u->fixed) {
		u->to = from;
		u->to_n = from_n;
	}
	udp_note(u, &from, from_n, got);
	if (u->echo)
		udp_send(u, got);
	task_changed(u->all->task);
}

/* --- opening --- */

static bool udp_sender(const struct udps *all, struct span name,
		       struct addr *out)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct udp_socket *u = &all->v[i];

		if (span_eqs(name, u->name) && u->to_n) {
			addr_from_sockaddr((const struct sockaddr *)&u->to,
					   out);
			return true;
		}
	}
	return false;
}

/* Where it is to send, by what the step says. */
static bool udp_target(const struct udps *all, struct span to, struct addr *out)
{
	struct span name = all->task->plan->transport->name;
	const struct announced_list *l = &all->instances->announced;

	if (span_starts(to, SPAN("sender:")))
		return udp_sender(all, span_sub(to, 7, to.n), out);
	if (!span_eqs(to, "client"))
		return addr_parse(to, out) == 0;
	for (size_t i = l->n; i > 0; i--) {
		const struct announced *an = &l->v[i - 1];

		if (an->udp && announced_is(an, name)) {
			*out = an->addr;
			return true;
		}
	}
	return false;
}

static int udp_socket(struct udp_socket *u, struct span at)
{
	int size = SOCKET_BUF;
	struct sockaddr_storage ss;
	struct addr a;
	socklen_t n;

	addr_parse(span_absent(at) ? SPAN("127.0.0.1:0") : at, &a);
	u->fd = socket(a.family == AF_INET6 ? AF_INET6 : AF_INET,
		       SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (u->fd < 0)
		return -1;
	setsockopt(u->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	setsockopt(u->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	n = addr_to_sockaddr(&a, &ss);
	return world_bindable(u->fd, a.family, &(struct err){ 0 }) ||
			       bind(u->fd, (struct sockaddr *)&ss, n)
		       ? -1
		       : 0;
}

static void udp_tell(const struct udp_socket *u, const char *result)
{
	struct sockaddr_storage ss = { 0 };
	socklen_t n = sizeof(ss);
	char at[ADDR_STRLEN], to[ADDR_STRLEN];

	if (u->fd < 0 || getsockname(u->fd, (struct sockaddr *)&ss, &n))
		n = 0;
	rec(u->all->task, udp, .name = span_str(u->name),
	    .result = span_str(result), .addr = udp_text(&ss, n, at),
	    .to = udp_text(&u->to, u->to_n, to));
}

static void udp_drop(struct udp_socket *u)
{
	loop_drop(u->watch);
	u->watch = NULL;
	if (u->fd >= 0)
		close(u->fd);
	u->fd = -1;
}

void udps_close(struct udps *all)
{
	loop_drop(all->again);
	all->again = NULL;
	for (size_t i = 0; i < all->n; i++)
		udp_drop(&all->v[i]);
}

void udps_close_named(struct udps *all, struct span name)
{
	struct udp_socket *u = udp_find(all, name);

	if (!u || u->fd < 0)
		return;
	udp_drop(u);
	rec(all->task, close, .what = span_str(u->name));
}

/* The @i-th of a step from 1 on, which sends to *to, or to who sent last. */
static void udp_open(struct udps *all, const struct step_udp *st, int64_t i,
		     const struct addr *to)
{
	struct udp_socket *u = &all->v[all->n];
	int n;

	if (all->n == UDP_MAX)
		return;
	*u = (struct udp_socket){
		.all = all, .fd = -1, .echo = st->echo, .fixed = to != NULL
	};
	n = snprintf(u->name, sizeof(u->name), "%.*s",
		     SPAN_ARG(span_sub(st->as, 0, 20)));
	if (st->count > 1)
		snprintf(u->name + n, sizeof(u->name) - (size_t)n, "#%" PRId64,
			 i);
	if (to)
		u->to_n = addr_to_sockaddr(to, &u->to);
	if (udp_socket(u, st->at)) {
		udp_tell(u, strerror(errno));
		udp_drop(u);
		return;
	}
	udp_tell(u, "ok");
	all->n++;
	u->watch = loop_fd(all->task->loop, u->fd, LOOP_READ, udp_readable, u);
}

static void udp_begin(void *part, const struct step *st)
{
	struct udps *all = part;
	bool fixed = !span_absent(st->udp.to);
	struct addr to;

	if (fixed && !udp_target(all, st->udp.to, &to)) {
		task_skipped(all->task,
			     "there is no address to send datagrams to");
		return;
	}
	for (int64_t i = 1; i <= st->udp.count; i++)
		udp_open(all, &st->udp, i, fixed ? &to : NULL);
}

const struct step_ops step_udp_ops = { .part = PART_UDPS, .begin = udp_begin };

/* --- the step that sends --- */

/* Of @st->size bytes, or as they are. */
static void datagram_fill(const struct step_datagram *st, struct buf *out)
{
	size_t n = st->size ? (size_t)st->size : st->bytes.n;

	while (out->n < n && st->bytes.n)
		buf_add(out, span_sub(st->bytes, 0, n - out->n));
}

/* One on each socket of that name; how many. */
static int64_t datagram_send(struct udps *all, const struct step_datagram *st)
{
	bool numbered = st->again || st->count > 1;
	struct buf b = BUF_MAX(65536);
	int64_t n = 0;
	char digits[8];

	all->again_now = st->again;
	datagram_fill(st, &b);
	for (size_t i = 0; i < all->n; i++) {
		struct udp_socket *u = &all->v[i];

		if (u->fd < 0 || !conn_belongs(u->name, st->on))
			continue;
		snprintf(digits, sizeof(digits), "%04x",
			 ++all->number & 0xffff);
		if (numbered && b.n >= 4)
			memcpy(b.p + b.n - 4, digits, 4);
		udp_send(u, buf_span(&b));
		n++;
	}
	all->again_now = false;
	buf_fini(&b);
	return n;
}

static void datagram_again(void *ctx, unsigned what)
{
	struct udps *all = ctx;

	(void)what;
	datagram_send(all, &all->st->datagram);
	all->again = loop_after(all->task->loop, AGAIN_US, datagram_again, all);
}

/* Those sent behind the latest one that came to this one of so many sockets may
 * still come: a step that sends until something comes out is not through by
 * them. */
static int64_t datagram_under_way(const struct udp_socket *u, int64_t sockets)
{
	unsigned n = u->number ? (u->all->number - u->number) & 0xffff : 0;

	return (n < UNDER_WAY_MAX ? n : UNDER_WAY_MAX) / sockets;
}

static int64_t datagram_sockets(const struct udps *all, struct span name)
{
	int64_t n = 0;

	for (size_t i = 0; i < all->n; i++)
		n += conn_belongs(all->v[i].name, name);
	return n;
}

/* What is to have come when @sent have: at connections of that name so many
 * bytes, or at each of so many UDP sockets its share. */
static void datagram_expect(struct udps *all, const struct step_datagram *st,
			    int64_t sent, int64_t sockets)
{
	for (size_t i = 0; i < all->n; i++)
		all->v[i].due += st->again ? 1 : sockets ? sent / sockets : 0;
	all->due += st->again ? 1
			      : sent * (int64_t)(st->size ? (size_t)st->size
							  : st->bytes.n);
}

static void datagram_begin(void *part, const struct step *st)
{
	const struct step_datagram *how = &st->datagram;
	struct udps *all = part;
	int64_t sent = 0, sockets = datagram_sockets(all, how->until);

	all->st = st;
	all->due = conns_got(all->conns, how->until);
	for (size_t i = 0; i < all->n; i++) {
		struct udp_socket *u = &all->v[i];

		u->due = u->got;
		if (how->again && sockets)
			u->due += datagram_under_way(u, sockets);
	}
	if (how->again)
		datagram_again(all, 0);
	for (int64_t i = 0; !how->again && i < how->count; i++)
		sent += datagram_send(all, how);
	datagram_expect(all, how, sent, sockets);
}

static bool datagram_met(void *part, const struct step *st)
{
	struct udps *all = part;
	struct span until = st->datagram.until;
	bool udp = false, met = true;

	if (span_absent(until))
		return true;
	for (size_t i = 0; i < all->n; i++) {
		const struct udp_socket *u = &all->v[i];

		if (!conn_belongs(u->name, until))
			continue;
		udp = true;
		met = met && u->got >= u->due;
	}
	return udp ? met : conns_got(all->conns, until) >= all->due;
}

static void gather_end(void *part, const struct step *st, bool late)
{
	struct udps *all = part;

	(void)st;
	all->let_down |= late;
}

static void datagram_end(void *part, const struct step *st, bool late)
{
	struct udps *all = part;

	gather_end(part, st, late);
	loop_drop(all->again);
	all->again = NULL;
}

/* An end that is gone passes nothing on. */
static bool udp_in_vain(void *part)
{
	const struct udps *all = part;

	return inst_any_ended_itself(all->instances);
}

/* Where one waited in vain, the next ones seldom have better luck: a transport
 * that hands nothing on costs one limit, not a dozen. */
static int64_t udp_deadline_us(void *part, const struct step *st)
{
	const struct udps *all = part;
	int64_t us = steps_limit_us(all->task, st);

	if (all->let_down && us > LET_DOWN_US)
		us = LET_DOWN_US;
	return udp_in_vain(part) && us > STEP_VAIN_US ? STEP_VAIN_US : us;
}

const struct step_ops step_datagram_ops = { .part = PART_UDPS,
					    .begin = datagram_begin,
					    .met = datagram_met,
					    .end = datagram_end,
					    .deadline_us = udp_deadline_us,
					    .in_vain = udp_in_vain };

/* --- the step that waits --- */

static bool gather_met(void *part, const struct step *st)
{
	const struct udp_socket *u = udp_find(part, st->gather.on);

	return !u || u->got >= st->gather.count;
}

const struct step_ops step_gather_ops = { .part = PART_UDPS,
					  .met = gather_met,
					  .end = gather_end,
					  .deadline_us = udp_deadline_us,
					  .in_vain = udp_in_vain };
