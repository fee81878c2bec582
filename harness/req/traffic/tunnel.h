/*
 * tunnel.h - whole tunnels: an application of the harness, a client, a server
 * of the same transport, and the harness as the destination.
 *
 * In such a launch the case has started both roles.  A tunnel is a SOCKS
 * session that was answered with success, and the connection to the
 * destination that belongs to it: the n-th of the one and of the other, as
 * sessions are opened one after the other.  Which of the two ends a lost byte
 * is to be blamed on cannot be told as a rule, so the reasons name both; they
 * name one where the trace shows that it was that.
 */
#ifndef PTCHECK_REQ_TRAFFIC_TUNNEL_H
#define PTCHECK_REQ_TRAFFIC_TUNNEL_H

#include "harness/req/core/judges.h"

struct tunnel {
	const struct event *near; /* EV_SOCKS: answered with success */
	const struct event *far;  /* EV_ACCEPT at the destination, or NULL */
};

/* The process of that role; its `spawn` is NULL where there is none. */
void tunnel_process(const struct view *v, enum role role, struct view *out);

/* For the end of a reason: " (client or server)"; "" where the case has
 * started one only. */
const char *either_end(const struct view *v);
/* The same for what is missing; the end that is no longer there, and that
 * nobody had asked to go: " (the server exited with status 1 after 2 ms)". */
const char *whose_end(const struct judge *j);

/* Is the destination a name with an IPv6 address only, where there is no
 * IPv6? */
bool tunnel_lacks_ipv6(const struct view *v);
/* The @n-th tunnel, from 0. */
bool tunnel_get(const struct view *v, size_t n, struct tunnel *out);

/* What the harness sent into a connection, and what came out of it, from the
 * first byte that belongs to the tunnel; in the view's arena. */
struct span tunnel_sent(const struct view *v, const struct event *end);
struct span tunnel_got(const struct view *v, const struct event *end);
/* The caller, of a session or of none, that brought these bytes, as they are,
 * to a listener of the harness; or NULL. */
const struct event *came_out(const struct view *v, struct span bytes);

/* Did anything that the harness had sent come out at one of its listeners?
 * Then a session was more than a handshake: a real peer was there, or the
 * transport needs none. */
bool was_carried(const struct view *v);
/* The harness sent that, by a connection or as a datagram. */
bool sent_with(const struct event *ev, struct span word);
/* Nothing was, so what comes behind a handshake was not seen.  Says that where
 * no other launch can show it, because the target has one side only. */
bool no_session(struct judge *j);
/* The same for a rule about sessions that are open, or were, where other
 * launches of the target pass it by bare connections: only of a target with
 * one side, and said in the launches that are made for it. */
bool no_session_alone(struct judge *j);

/* The event in which the harness closed that end (@how: "half", or "" for
 * all of it), or the transport did; NULL: not. */
const struct event *tunnel_closed(const struct view *v, const struct event *end,
				  enum closed_how how);
const struct event *tunnel_ended(const struct view *v, const struct event *end);
/* The same, if that was before event @until, up to which all others left it
 * alone; or NULL. */
const struct event *tunnel_given_up(const struct view *v,
				    const struct event *end, uint32_t until);

/* Bulk data, which is compared on the way and not kept: whether it came out as
 * it went in, up to event @until; a deadline "connect" counts from @from on.
 * False: there was none. */
bool judge_bulk(struct judge *j, uint32_t from, uint32_t until,
		const char *expected);

/* First byte in which what came differs from what went in; SIZE_MAX: none. */
size_t tunnel_first_wrong(struct span sent, struct span got);
/* The deadline of a step behind event @from that waited for bytes, or NULL. */
const struct event *tunnel_wait_limit(const struct view *v, uint32_t from);

/* Was a session refused, or waited for until the deadline? */
bool tunnel_late(const struct view *v, const struct event *asked);

/* Its own end came when the lookup of a name may have been answered too late
 * for want of a processor: a resolver gives up after a second.  Then that was
 * said. */
bool tunnel_cut_late(struct judge *j, const struct event *asked);

/* Is it a wire on which nothing tells that a session ends?  Datagrams, and
 * clients that ask again and again, be it by several connections for one
 * session or while nobody says anything. */
bool tunnel_has_no_ends(const struct view *v);
/* Did no client call a server, as far as packets tell?  One that takes no such
 * address refuses the session by itself.  Says that nothing can be told. */
bool tunnel_is_not_begun(struct judge *j);
/* The server ended, or reset, a connection of its client's behind event
 * @from, before anything was done to it; or NULL. */
const struct event *tunnel_server_ended(const struct view *v, uint32_t from);

bool tunnel_has_pump(const struct view *v);
size_t tunnel_count(const struct view *v);
/* Something else than the client called the server: what arrived for whom is
 * not to be told. */
bool tunnel_has_stranger(const struct view *v);
/* The only tunnel of such a launch, which nothing disturbed before it had
 * carried anything. */
bool tunnel_is_plain(const struct judge *j, struct tunnel *t);

#endif
