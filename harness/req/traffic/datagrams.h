/*
 * datagrams.h - what was sent in the modes for datagrams, and what came out.
 *
 * At one end of a launch are UDP sockets: applications, which send to what a
 * client announced ("app"), or the destination of a server ("or").  At the
 * other are such as well, or, where that end was started in a TCP mode, the
 * stream itself, whose frames are read here.
 */
#ifndef PTCHECK_REQ_TRAFFIC_DATAGRAMS_H
#define PTCHECK_REQ_TRAFFIC_DATAGRAMS_H

#include "parent/proto/udp/frame.h"
#include "harness/req/core/judges.h"

/* What one packet of Ethernet has room for.  A transport that drops what is
 * larger, as networks do, is not told off for more than that. */
#define DG_PACKET 1472

/* A datagram that went in or came out. */
struct dg {
	const struct event *ev; /* which has its last byte */
	struct span data;
	struct span ch;	       /* its socket or connection */
	bool again;	       /* one of those that were sent again and again */
	const struct dg *pair; /* the same at the other end; NULL: none */
};

struct dgs {
	struct dg *v;
	size_t n, cap;
	/* Of a stream: where it is none of that framing, or NULL; and the
	 * last one that ends inside a frame, and what is left there. */
	const struct event *garbage;
	const struct event *rest_ev;
	struct span rest;
};

#define for_dgs(d, list) for_array(dg, d, (list)->v, (list)->n)

/* Up: from applications to the destination.  @in: what goes in, as the far
 * end has to get it; @out: what came out; both paired. */
enum dg_way { DG_UP, DG_DOWN };

struct dg_flow {
	struct dgs in, out;
	bool stream_in, stream_out; /* frames of a stream, not datagrams */
	size_t paired;
};

/* In which framing; false: the launch is in neither mode for datagrams, or
 * not in @mode (NULL: any), or not all that was sent is in the trace.  Where a
 * connection may have been given up as idle only because the machine was too
 * busy to use it, nothing is held against the transport. */
bool dg_mode(struct judge *j, const char *mode, enum framing *f);
/* Does a transport whose own wire is datagrams send them to the relay, which
 * takes connections only? */
bool dg_misses_relay(const struct view *v);
/* Says of such a one that nothing can be told. */
bool dg_passes_relay(struct judge *j);
/* The case has the ends in different modes. */
bool dg_is_cross(const struct view *v);
void dg_flow(const struct judge *j, enum dg_way way, struct dg_flow *out);

/* The deadline of a step that waited for datagrams behind event @from, before
 * event @until; or NULL. */
const struct event *dg_limit(const struct view *v, uint32_t from,
			     uint32_t until);
/* Something came out that did not go in; or NULL. */
const struct dg *dg_stranger(const struct dg_flow *f);
/* A stream has a whole datagram in it where its frames have none: the words
 * for what it is instead; or NULL. */
const char *dg_misframed(const struct judge *j, const struct dg_flow *f);
/* The first datagram that was waited for in vain, and the deadline. */
const struct dg *dg_missing(const struct view *v, const struct dg_flow *f,
			    const struct event **limit);
/* One that was sent by itself and did not come out, while the next one in its
 * place did; or NULL. */
const struct dg *dg_passed_over(const struct view *v, const struct dg_flow *f);
/* What is to be said of such a one: less when it is large. */
void dg_say_passed_over(struct judge *j, const struct dg *lost,
			const char *expected);

/* Connections of clients to the relay: the @n-th from 0 (EV_ACCEPT), or NULL.
 */
const struct event *dg_call(const struct view *v, size_t n);
size_t dg_calls(const struct view *v, uint32_t from, uint32_t until);
/* Its end by the transport of that role; or by the harness; or NULL. */
const struct event *dg_call_ended(const struct view *v,
				  const struct event *call, enum role role);
const struct event *dg_call_cut(const struct view *v, const struct event *call);
/* After how much time unused connections end, in µs; 0: the target does not
 * say. */
int64_t dg_idle_us(const struct view *v);
/* How long before @end, of a connection, the last datagram passed, in µs. */
int64_t dg_unused_us(const struct view *v, const struct event *end);
/* Did a connection end (@end may be NULL) that was not idle, as it was used @us
 * before that?  Says that it cannot be told where it had been idle up to then:
 * a harness that is late sees the end only behind what it sends next. */
bool dg_ended_in_use(struct judge *j, const struct event *end, int64_t us);

#endif
