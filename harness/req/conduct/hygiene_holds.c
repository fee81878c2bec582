/*
 * hygiene_holds.c - what a transport holds while it lives: listeners,
 * descriptors, memory.
 */
#include "harness/req/conduct/hygiene.h"
#include "harness/req/launch/life.h"
#include "harness/req/launch/setup.h"
#include "harness/req/traffic/datagrams.h"
#include "harness/req/traffic/tunnel.h"

/* --- listeners --- */

/* Later versions of the specification let the parent choose the address. */
static bool address_given(const struct view *v)
{
	for (size_t i = 1; i < v->head->argv.n; i++)
		if (span_contains(v->head->argv.v[i], SPAN("proxylisten")))
			return true;
	return false;
}

/* The same beside the server that a session goes to, once there was one. */
static const struct event *session_sockets(const struct view *v)
{
	const struct event *snap = view_event(v, EV_SNAPSHOT, "session", 1);

	return snap && has_peer(v) && was_carried(v) &&
			       life_alive_at(v, snap->n) &&
			       life_stimulus(v, 1) > snap->n
		       ? snap
		       : NULL;
}

/* Sockets after DONE, of a client whose method lines can all be read. */
static const struct event *client_sockets(const struct judge *j)
{
	const struct event *snap = has_peer(j->v) ? session_sockets(j->v)
						  : running_sockets(j->v);

	if (!j->rf->works || !snap || !j->v->done || j->v->done->ev > snap->n)
		return NULL;
	for_methods (m, j->v)
		if (!m->m.addr.family)
			return NULL;
	return snap;
}

/* A snapshot of sockets that was wanted and could not be made; said. */
static bool no_sockets(struct judge *j)
{
	const struct event *ev = view_event(j->v, EV_SKIPPED, NULL, 1);

	if (needs_sandbox(j))
		return true;
	if (provoked(j) && ev && !running_sockets(j->v))
		j_unsure(j, "a step was left out: %s",
			 j_show(j, ev->skipped.reason));
	return false;
}

/* With a server that runs beside it a socket must be known to be its own. */
static bool is_of_client(const struct view *v, const struct event *socket)
{
	return has_peer(v) ? span_eqs(socket->socket.of, v->pt)
			   : view_is_of(v, socket->socket.of);
}

/* Did its sessions go over TCP?  They came to the relay, or the server has a
 * listener for that where they went. */
static bool wire_is_tcp(const struct view *v, const struct event *snap)
{
	const struct event *socks = view_event(v, EV_SOCKS, NULL, 1);
	struct addr dest, at;

	if (dg_call(v, 0))
		return true;
	if (!has_peer(v) || !socks || addr_parse(socks->socks.dest, &dest))
		return false;
	for_events (ev, v)
		if (ev->kind == EV_SOCKET && !is_of_client(v, ev) &&
		    span_eq(ev->socket.in, event_name(snap)) &&
		    span_starts(ev->socket.proto, SPAN("tcp")) &&
		    !addr_parse(ev->socket.addr, &at) && at.port == dest.port)
			return true;
	return false;
}

/* The next listener in the snapshot behind *ev; false: no more.  A datagram
 * socket is one where nothing is to be dialled with it: behind a session over
 * TCP, after a while. */
static bool next_listener(const struct view *v, const struct event *snap,
			  const struct event **ev, struct addr *at)
{
	const struct event *end = v->tr->ev + v->tr->nev;
	bool tcp = wire_is_tcp(v, snap);

	for (*ev = *ev ? *ev + 1 : v->tr->ev; *ev < end && (*ev)->n < snap->n;
	     ++*ev)
		if ((*ev)->kind == EV_SOCKET &&
		    span_eq((*ev)->socket.in, event_name(snap)) &&
		    is_of_client(v, *ev) &&
		    (tcp || span_starts((*ev)->socket.proto, SPAN("tcp"))) &&
		    !addr_parse((*ev)->socket.addr, at)) {
			*at = unmapped(*at);
			return true;
		}
	return false;
}

/* A port for the machine itself, of a helper or a page of metrics: one that was
 * there before a session came.  One that a session left is none of these. */
static bool is_of_house(const struct view *v, const struct event *snap,
			const struct addr *at)
{
	const struct event *before = view_event(v, EV_SNAPSHOT, "quiet", 1);
	struct addr old;

	if (!addr_is_loopback(at))
		return false;
	if (!before || before->n > snap->n)
		return true;
	for (const struct event *ev = v->tr->ev; ev < before; ev++)
		if (ev->kind == EV_SOCKET &&
		    span_eq(ev->socket.in, event_name(before)) &&
		    is_of_client(v, ev) && !addr_parse(ev->socket.addr, &old) &&
		    old.port == at->port)
			return true;
	return false;
}

REQ(hy_listen_1) = {
	.id = "HY-LISTEN-1",
	.area = AREA_HYGIENE,
	.level = L_HYGIENE,
	.section = "—",
	.role = "pt-client",
	.classes = "net",
	.dflt = V_WARN,
	.title = "A client has no TCP listener but those that it announces.",
	.traps = "UDP sockets are for what it dials; one that stays behind a "
		 "session over TCP is a listener. Loopback ports of helpers "
		 "or for metrics that do not come with a session: INFO. A "
		 "port that the user asked for by an argument is not in the "
		 "trace: a note on the target says so.",
	.needs = OF_CLIENT | LAUNCHED,
	.stimuli = STIMULUS(IDLE),
	.judge = hy_listen_1,
};

static void hy_listen_1(struct judge *j)
{
	const struct event *snap = client_sockets(j), *ev = NULL;
	struct addr at;

	if (no_sockets(j) || !snap)
		return;
	while (next_listener(j->v, snap, &ev, &at))
		if (!life_announced(j->v, &at))
			j_say(j, is_of_house(j->v, snap, &at) ? V_INFO : V_WARN,
			      ev->n, "no listener but those announced",
			      "one more at %s (%s)", j_show(j, at.host),
			      j_show(j, ev->socket.proto));
	j_pass(j, snap->n);
}

REQ(hy_local_1) = {
	.id = "HY-LOCAL-1",
	.area = AREA_HYGIENE,
	.level = L_HYGIENE,
	.section = "—",
	.role = "pt-client",
	.classes = "net",
	.dflt = V_WARN,
	.title = "A client listens at loopback addresses only, whatever it "
		 "announces.",
	.traps = "An address given by -proxylistenaddr of later versions is "
		 "its owner's choice.",
	.needs = OF_CLIENT | LAUNCHED,
	.stimuli = STIMULUS(IDLE),
	.judge = hy_local_1,
};

static void hy_local_1(struct judge *j)
{
	const struct event *snap = client_sockets(j), *ev = NULL;
	struct addr at;

	if (no_sockets(j) || !snap || address_given(j->v))
		return;
	while (next_listener(j->v, snap, &ev, &at))
		if (!addr_is_loopback(&at))
			j_broken(j, ev->n, "listeners at loopback addresses",
				 "one at %s", j_show(j, at.host));
	j_pass(j, snap->n);
}

/* --- descriptors --- */

/* Fewer connections than that say nothing. */
#define ROUND_MIN 15

/* Connections that were opened between two events. */
static int64_t opened(const struct view *v, const struct event *from,
		      const struct event *to)
{
	int64_t n = 0;

	for (const struct event *ev = from; ev < to; ev++) {
		if (ev->kind == EV_CONNECT &&
		    ev->connect.result == CONNECT_OK && life_to_method(v, ev))
			n += ev->connect.tries;
		/* What was granted may be tried on in the background. */
		n += ev->kind == EV_SOCKS && ev->socks.result != SOCKS_END_OK;
	}
	return n;
}

/* Did the harness close the application's end of that session in between? */
static bool was_left(const struct event *session, const struct event *from,
		     const struct event *to)
{
	for (const struct event *ev = from; ev < to; ev++)
		if (ev->kind == EV_CLOSE && ev->close.how == CLOSED_FULLY &&
		    span_eq(ev->close.what, event_name(session)))
			return true;
	return false;
}

/* Connections with datagrams that the harness ended between two events. */
static int64_t cut(const struct view *v, const struct event *from,
		   const struct event *to)
{
	const struct event *call, *end;
	int64_t n = 0;

	for (size_t i = 0; (call = dg_call(v, i)); i++) {
		end = dg_call_cut(v, call);
		n += end && end > from && end < to;
	}
	return n;
}

/* Whole sessions that were over between two events: left by the application,
 * which was passed on to the destination.  Some transports do not tell, and
 * keep what they have. */
static int64_t finished(const struct view *v, const struct event *from,
			const struct event *to)
{
	int64_t left = 0, told = 0;

	if (dg_call(v, 0))
		return cut(v, from, to);
	for (const struct event *ev = v->tr->ev; ev < to; ev++) {
		left += ev->kind == EV_SOCKS &&
			ev->socks.result == SOCKS_END_OK &&
			was_left(ev, from, to);
		told += ev > from && ev->kind == EV_EOF &&
			span_starts(ev->eof.on, SPAN("or#"));
	}
	return left < told ? left : told;
}

/* Did the transport end that session between two events? */
static bool was_ended(const struct event *session, const struct event *from,
		      const struct event *to)
{
	for (const struct event *ev = from; ev < to; ev++)
		if (ev->kind == EV_EOF &&
		    span_eq(ev->eof.on, event_name(session)))
			return true;
	return false;
}

/* Sessions that came to nothing between two events: the client said so, or hung
 * up on those that it had granted.  What nobody waited for may be tried on. */
static int64_t failed(const struct event *first, const struct event *from,
		      const struct event *to)
{
	int64_t n = 0;

	for (const struct event *ev = first; ev < to; ev++) {
		if (ev->kind != EV_SOCKS)
			continue;
		if (ev->socks.result == SOCKS_END_OK)
			n += was_ended(ev, from, to);
		else
			n += ev > from &&
			     ev->socks.result != SOCKS_END_TIMEOUT &&
			     ev->socks.result != SOCKS_END_LEFT;
	}
	return n;
}

/* Sessions of a tunnel that were over between two events. */
static int64_t over(const struct view *v, const struct event *from,
		    const struct event *to)
{
	return finished(v, from, to) + failed(v->tr->ev, from, to);
}

/* The first snapshots of a kind, those that are its own; how many. */
static size_t snapshots(const struct view *v, enum event_kind kind,
			const struct event **at, size_t max)
{
	size_t n = 0;

	for_events (ev, v)
		if (ev->kind == kind && n < max &&
		    view_is_of(v, kind == EV_FDS ? ev->fds.of : ev->memory.of))
			at[n++] = ev;
	return n;
}

REQ(hy_fds_1) = {
	.id = "HY-FDS-1",
	.area = AREA_HYGIENE,
	.level = L_HYGIENE,
	.section = "—",
	.role = "pt-common",
	.classes = "proc",
	.dflt = V_WARN,
	.title = "Descriptors do not grow with the connections that it has "
		 "served.",
	.traps = "What a runtime opens once (epoll, pools, random numbers) "
		 "is no leak. Closing may take a while.",
	.stimuli = STIMULUS(SESSIONS_ALONE),
	.judge = hy_fds_1,
};

static void hy_fds_1(struct judge *j)
{
	const struct view *v = j->v;
	bool whole = has_peer(v) || (is_client(j) && was_carried(v));
	const struct event *at[3], *limit;
	int64_t conns = 0;
	size_t n = snapshots(v, EV_FDS, at, 3);

	if (n < 3)
		say_unseen(j);
	if (n < 3 || (whole ? life_stimulus(v, 1) : disturbed_at(v)) < at[2]->n)
		return;
	for (int i = 0; i < 2; i++) {
		conns = whole ? over(v, at[i], at[i + 1])
			      : opened(v, at[i], at[i + 1]);
		if (conns >= ROUND_MIN &&
		    (at[i + 1]->fds.count - at[i]->fds.count) * 2 >= conns)
			continue;
		if (!no_session_alone(j) && conns >= ROUND_MIN)
			j_pass(j, at[i + 1]->n);
		return;
	}
	/* Who tells strangers apart may keep them for longer, to tell them
	 * nothing by how soon it lets go. */
	limit = view_limit(v, "window", at[0]->n);
	if (!limit)
		limit = view_limit(v, "connect", at[0]->n);
	if (!limit)
		return;
	j_late(j, limit, "descriptors closed with their connections",
	       "%" PRId64 " descriptors, %" PRId64 " after %" PRId64
	       " connections that had ended, %" PRId64 " after as many more",
	       at[0]->fds.count, at[1]->fds.count, conns, at[2]->fds.count);
	j_also(j, at[0]->n);
	j_also(j, at[1]->n);
	j_also(j, at[2]->n);
}

/* --- memory --- */

/* So much for each session, of a thousand KiB that one may lose, is more than
 * allocators and caches take that are warm. */
#define LOST_KIB 700
#define MEMORY_ROUNDS 3

/* Of sessions that came to nothing: so many in a round, and so much for each
 * of them, which is what the buffers of a relay are. */
#define MANY_MIN 100
#define MANY_KIB 200

REQ(hy_mem_1) = {
	.id = "HY-MEM-1",
	.area = AREA_HYGIENE,
	.level = L_HYGIENE,
	.section = "—",
	.role = "pt-common",
	.classes = "proc",
	.dflt = V_WARN,
	.title = "Memory does not grow with the connections that it has "
		 "served.",
	.traps = "Pools and heaps fill once: only what grows in both of two "
		 "rounds of 100, by 200 KiB for each connection, counts.",
	.judge = hy_mem_1,
};

static void hy_mem_1(struct judge *j)
{
	const struct view *v = j->v;
	const struct event *at[3];
	int64_t kib = 0, conns = 0;

	if (has_peer(v) || snapshots(v, EV_MEMORY, at, 3) < 3 ||
	    disturbed_at(v) < at[2]->n)
		return;
	for (int i = 0; i < 2; i++) {
		conns = opened(v, at[i], at[i + 1]);
		if (conns < MANY_MIN)
			return;
		kib = at[i + 1]->memory.kib - at[i]->memory.kib;
		if (kib < MANY_KIB * conns) {
			j_pass(j, at[i + 1]->n);
			return;
		}
	}
	j_broken(j, at[2]->n, "memory that is used again",
		 "%" PRId64 " KiB, and %" PRId64 " KiB more with each of "
		 "%" PRId64 " connections that had ended, in both rounds",
		 at[0]->memory.kib, kib / conns, conns);
	j_also(j, at[0]->n);
	j_also(j, at[1]->n);
}

/* --- peers that say nothing --- */

/* What any negotiation may take; RFC 1928 leaves it open. */
#define PATIENCE_US 120000000

/* Did it hang up on that connection? */
static const struct event *hung_up(const struct view *v,
				   const struct event *connect)
{
	for (const struct event *ev = connect; ev < v->tr->ev + v->tr->nev;
	     ev++)
		if (ev->kind == EV_EOF &&
		    span_eq(ev->eof.on, connect->connect.conn))
			return ev;
	return NULL;
}

REQ(hy_silent_1) = {
	.id = "HY-SILENT-1",
	.area = AREA_HYGIENE,
	.level = L_HYGIENE,
	.section = "—",
	.role = "pt-common",
	.classes = "net",
	.dflt = V_WARN,
	.title = "It does not keep a peer for ever that says nothing.",
	.traps = "A server that forwards without a handshake cannot know "
		 "whether anything is due. Seen with --slow only.",
	.needs = LEGAL,
	.judge = hy_silent_1,
};

static void hy_silent_1(struct judge *j)
{
	const struct event *closed = view_window(j->v, 1), *end;

	if (!closed || has_peer(j->v) ||
	    (is_server(j) && !target_says(j, "conceals")))
		return;
	for_events (ev, j->v) {
		if (ev->kind != EV_CONNECT || !life_to_method(j->v, ev) ||
		    ev->connect.result != CONNECT_OK ||
		    closed->t - ev->t < PATIENCE_US)
			continue;
		end = hung_up(j->v, ev);
		if (end && end->n < closed->n)
			j_pass(j, end->n);
		else if (life_alive_at(j->v, closed->n))
			j_late(j, closed,
			       "an end of a connection on which nothing is said",
			       "\"%s\" still open after %" PRId64 " s",
			       j_show(j, ev->connect.conn),
			       (closed->t - ev->t) / 1000000);
	}
}

REQ(hy_mem_2) = {
	.id = "HY-MEM-2",
	.area = AREA_HYGIENE,
	.level = L_HYGIENE,
	.section = "—",
	.role = "pt-common",
	.classes = "proc",
	.dflt = V_WARN,
	.title = "Memory does not grow with the sessions that have ended.",
	.traps = "Buffers, pools and heaps fill once; a runtime collects when "
		 "it likes. Only what grows in each of three rounds, by "
		 "0.7 MiB for each session, counts.",
	.judge = hy_mem_2,
};

static void hy_mem_2(struct judge *j)
{
	const struct view *v = j->v;
	const struct event *at[MEMORY_ROUNDS + 1];
	int64_t kib = 0, sessions = 0;
	size_t n = snapshots(v, EV_MEMORY, at, MEMORY_ROUNDS + 1);

	if (n <= MEMORY_ROUNDS)
		say_unseen(j);
	if (!has_peer(v) || n <= MEMORY_ROUNDS ||
	    life_stimulus(v, 1) < at[MEMORY_ROUNDS]->n)
		return;
	for (int i = 0; i < MEMORY_ROUNDS; i++) {
		sessions = over(v, at[i], at[i + 1]);
		if (sessions < ROUND_MIN)
			return;
		kib = at[i + 1]->memory.kib - at[i]->memory.kib;
		if (kib < LOST_KIB * sessions) {
			j_pass(j, at[i + 1]->n);
			return;
		}
	}
	j_broken(j, at[MEMORY_ROUNDS]->n, "memory that is used again",
		 "%" PRId64 " KiB, and %" PRId64 " KiB more with each of "
		 "%" PRId64 " sessions that had ended, in every round",
		 at[0]->memory.kib, kib / sessions, sessions);
	for (int i = 0; i < MEMORY_ROUNDS; i++)
		j_also(j, at[i]->n);
}
