/* dial.c - see dial.h. */
#include "harness/worker/net/dial.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/sys/network/sockets.h"
#include "harness/sys/world.h"

void dials_init(struct dials *d, struct task *t, struct conns *conns,
		const struct announced_list *announced)
{
	*d = (struct dials){
		.task = t, .conns = conns, .announced = announced, .fd = -1
	};
}

/* --- one connection --- */

static int dial_bind(int fd, struct span from)
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

int dial_begin(const struct addr *to, struct span from, int *fd)
{
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(to, &ss);

	*fd = socket(ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
		     0);
	if (*fd < 0 || dial_bind(*fd, from) ||
	    connect(*fd, (struct sockaddr *)&ss, len))
		return errno;
	return 0;
}

int dial_result(int fd)
{
	socklen_t len = sizeof(int);
	int error = 0;

	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
	return error;
}

/* --- attempts --- */

struct dial_search {
	const struct addr *at;
	bool found;
};

static void dial_saw_socket(void *ctx, const char *proto, const struct addr *a,
			    uint32_t inode)
{
	struct dial_search *s = ctx;

	(void)inode;
	s->found |= proto[0] == 'u' && a->port == s->at->port &&
		    (addr_eq(a, s->at) || addr_is_any(a));
}

/* Some speak over UDP: who is not there for TCP may be there all the same. */
static bool dial_is_udp(const struct addr *at)
{
	struct dial_search s = { .at = at };
	struct err e = { 0 };

	return !sockets_listening(dial_saw_socket, &s, &e) && s.found;
}

static enum connect_result dial_result_of(int error, const struct addr *at)
{
	switch (error) {
	case 0:
		return CONNECT_OK;
	case ECONNREFUSED:
		return dial_is_udp(at) ? CONNECT_UDP : CONNECT_REFUSED;
	case ETIMEDOUT:
		return CONNECT_TIMEOUT;
	case ECONNRESET:
		return CONNECT_RESET;
	case EHOSTUNREACH:
	case ENETUNREACH:
		return CONNECT_UNREACHABLE;
	case EADDRNOTAVAIL:
		return CONNECT_NO_PORT;
	default:
		return CONNECT_ERROR;
	}
}

static void dial_tell(struct dials *d, enum connect_result result, int error)
{
	char text[ADDR_STRLEN];

	rec(d->task, connect, .conn = span_str(d->name), .result = result,
	    .addr = span_str(addr_format(&d->target[d->next].addr, text)),
	    .code = error, .tries = d->try);
}

static void dial_keep(struct dials *d, int fd)
{
	char name[64];

	if (d->tries > 1)
		snprintf(name, sizeof(name), "%.50s#%u", d->name,
			 (unsigned)d->try);
	else
		snprintf(name, sizeof(name), "%s", d->name);
	conn_add(d->conns, fd, name);
}

static void dial_next(struct dials *d);

/* One attempt is over: go on with the same target, or the next. */
static void dial_ended(struct dials *d, int error)
{
	bool keep = !error && (d->st->hold || d->tries == 1);
	int fd = d->fd;

	loop_drop(d->watch);
	d->watch = NULL;
	d->fd = -1;
	if (!keep && fd >= 0)
		close(fd);
	/* Many attempts make one event: the first failure or the last. */
	if (error || d->try == d->tries)
		dial_tell(d, dial_result_of(error, &d->target[d->next].addr),
			  error);
	if (keep)
		dial_keep(d, fd);
	if (error || d->try == d->tries) {
		d->next++;
		d->try = 0;
	}
	dial_next(d);
}

static void dial_writable(void *ctx, unsigned what)
{
	struct dials *d = ctx;

	(void)what;
	dial_ended(d, dial_result(d->fd));
	task_changed(d->task);
}

static void dial_name(struct dials *d)
{
	const struct step_connect *st = d->st;
	const struct announced *t = &d->target[d->next];

	/* An application's is no connection to a method of the own role's. */
	if (t->name[0] && !span_eqs(st->to, "clients"))
		snprintf(d->name, sizeof(d->name), "%.*s:%s",
			 SPAN_ARG(span_sub(st->as, 0, 16)), t->name);
	else
		snprintf(d->name, sizeof(d->name), "%.*s",
			 SPAN_ARG(span_sub(st->as, 0, 40)));
}

static void dial_next(struct dials *d)
{
	int error;

	if (d->next >= d->n) {
		d->busy = false;
		return;
	}
	d->try++;
	dial_name(d);
	error = dial_begin(&d->target[d->next].addr, d->st->from, &d->fd);
	if (error != EINPROGRESS)
		dial_ended(d, error);
	else
		d->watch = loop_fd(d->task->loop, d->fd, LOOP_WRITE,
				   dial_writable, d);
}

/* --- the step --- */

/* 0.0.0.0 and :: are reached by loopback. */
static struct addr dial_reachable(const struct addr *a)
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

static bool dial_is_silent(const struct dials *d, const struct addr *a)
{
	for (size_t i = 0; i < d->nsilent; i++)
		if (addr_eq(&d->silent[i], a))
			return true;
	return false;
}

/* A server behind a front announces where the front is.  Whoever does not
 * answer there once costs no second limit: it is sought where it was told to
 * listen, if that is another place. */
static bool dial_instead(const struct dials *d, const struct announced *an,
			 struct addr *to)
{
	const struct plan *p = d->task->plan;
	struct addr bound;

	if (!dial_is_silent(d, to) || an->client || !p->transport ||
	    !announced_is(an, p->transport->name))
		return !dial_is_silent(d, to) || an->client;
	addr_parse(p->bound, &bound);
	if (!bound.family || !bound.port)
		return false;
	*to = dial_reachable(&bound);
	return true;
}

static void dial_note_silent(struct dials *d)
{
	if (d->next < d->n && d->target[d->next].name[0] &&
	    d->nsilent < ANNOUNCED_MAX)
		d->silent[d->nsilent++] = d->target[d->next].addr;
}

static void dial_announced(struct dials *d, bool clients)
{
	for (size_t i = 0; i < d->announced->n; i++) {
		const struct announced *an = &d->announced->v[i];

		if (!an->tcp || (clients && !an->client))
			continue;
		d->target[d->n] = *an;
		d->target[d->n].addr = dial_reachable(&an->addr);
		if (dial_instead(d, an, &d->target[d->n].addr))
			d->n++;
	}
}

static void connect_begin(void *part, const struct step *st)
{
	struct dials *d = part;
	bool clients = span_eqs(st->connect.to, "clients");
	struct addr *first = &d->target[0].addr;

	d->busy = true;
	d->st = &st->connect;
	d->next = d->n = 0;
	d->try = 0;
	d->tries = st->connect.count;
	d->fd = -1;
	d->target[0] = (struct announced){ 0 };
	if (clients || span_eqs(st->connect.to, "methods"))
		dial_announced(d, clients);
	else if (!(addr_parse(st->connect.to, first) &
		   (ADDR_NO_PORT | ADDR_NOT_IP | ADDR_HOSTNAME)) &&
		 first->family)
		d->n = 1;
	dial_next(d);
}

static bool connect_met(void *part, const struct step *st)
{
	const struct dials *d = part;

	(void)st;
	return !d->busy;
}

static void connect_end(void *part, const struct step *st, bool late)
{
	struct dials *d = part;

	(void)st;
	(void)late;
	if (!d->busy)
		return;
	loop_drop(d->watch);
	d->watch = NULL;
	if (d->fd >= 0)
		close(d->fd);
	d->fd = -1;
	dial_tell(d, CONNECT_TIMEOUT, 0);
	dial_note_silent(d);
	d->busy = false;
}

const struct step_ops step_connect_ops = {
	.part = PART_DIALS,
	.begin = connect_begin,
	.met = connect_met,
	.end = connect_end,
};
