/*
 * socks_dialogue.h - the SOCKS dialogues of a trace, read again from their bytes.
 *
 * Every connection of the harness to an announced socks5 or socks4 method that
 * was asked for on which something was said, be it by hand or by the
 * application.  What was answered is what the machine of parent/proto/net/socks.h
 * makes of it when it is told where among the answers each message went out.
 */
#ifndef PTCHECK_REQ_TRAFFIC_SOCKS_DIALOGUE_H
#define PTCHECK_REQ_TRAFFIC_SOCKS_DIALOGUE_H

#include "parent/proto/net/socks.h"
#include "harness/req/core/judges.h"

/* Values of REP (RFC 1928 §6). */
enum {
	REP_FORBIDDEN = 2, /* by rules */
	REP_REFUSED = 5,   /* nobody listens on that port */
	REP_COMMAND = 7,   /* no such command */
	REP_ADDRESS = 8,   /* no such kind of address */
};

/* Bytes that went over in one event. */
struct piece {
	const struct event *ev;
	size_t at, end;
};

struct pieces {
	struct piece *v;
	size_t n, cap;
	struct span all;
};

struct dialogue {
	struct span ch;
	const struct method *m;
	enum socks_kind kind; /* as it was announced */
	bool is_app;	      /* a session of the harness's application */
	struct pieces sent, got;
	struct socks *s;
	struct socks_said said;	    /* for the method that was chosen */
	const struct event *eof;    /* the transport ended it, unless it was
				       asked to end itself */
	const struct event *gone;   /* it ended, for whatever reason: what is
				       waited for later says nothing */
	const struct event *closed; /* the harness did, before */
};

struct dialogues {
	struct dialogue *v;
	size_t n;
};

#define for_dialogues(d, ds) for_array(dialogue, d, (ds)->v, (ds)->n)

/* Those of SOCKS5 in the trace of a client, in the order in which they began;
 * not those in which the harness was silent until they were given up. */
struct dialogues dialogues(const struct judge *j);
/* Those of SOCKS4, and of both: what holds for either looks at all. */
struct dialogues dialogues4(const struct judge *j);
struct dialogues all_dialogues(const struct judge *j);

/* A handshake that took longer may have met a timeout; an end that came sooner
 * behind the last byte is not for the time that passed. */
#define SLOW_US 2500000
#define HASTY_END_US 1000000

/* The event in which the byte at @at was sent or came; NULL: none did. */
const struct event *piece_ev(const struct pieces *p, size_t at);
/* In how many pieces the bytes from @at to @end were sent. */
size_t piece_count(const struct pieces *p, size_t at, size_t end);
/* How long that took, in µs. */
int64_t piece_us(const struct pieces *p, size_t at, size_t end);

/* Were they sent in pieces that may well have arrived as such? */
bool is_split(const struct pieces *p, size_t at, size_t end);

/* Did the transport end it at once behind what was sent last?  Where the harness
 * was slow with that, as it waited for a processor, that is said instead. */
bool ended_hastily(struct judge *j, const struct dialogue *d);

/* Number of the event of its last answer, of its end, or of its beginning. */
uint32_t dialogue_ev(const struct dialogue *d);

/* The event in which the last byte of a message was sent; NULL: it was not. */
const struct event *dialogue_greeted(const struct dialogue *d);
const struct event *dialogue_told(const struct dialogue *d);
const struct event *dialogue_asked(const struct dialogue *d);
/* The one in which the method, or the reply, was there; NULL: was not. */
const struct event *dialogue_selected(const struct dialogue *d);
const struct event *dialogue_replied(const struct dialogue *d);
/* The one that decided on it: the reply, or an end; NULL: none did. */
const struct event *dialogue_decided(const struct dialogue *d);

/* Did each message wait for the answer before?  A block has none for sure, so
 * that a request must leave some time to it. */
bool is_lockstep(const struct dialogue *d);

/*
 * Did the transport leave the connection open and say nothing from @since on
 * although it was waited for?  The event until which that is known, or NULL.
 * Never while an earlier dialogue had got no further, because one that serves
 * its clients one after the other breaks SK-ROB-2 alone.
 */
const struct event *silent_until(const struct judge *j,
				 const struct dialogues *all,
				 const struct dialogue *d,
				 const struct event *since);
/* The same for a connection that is left open, whatever is said on it. */
const struct event *open_until(const struct judge *j, const struct dialogue *d,
			       const struct event *since);

/* Did the transport end by itself before it was asked to, or crash? */
bool service_lost(const struct judge *j);

/* --- where it leads --- */

/* Names an open listener of the harness as destination: its event, else
 * NULL. */
const struct event *dest_listener(const struct judge *j,
				  const struct dialogue *d);
/* Is there no way from this world to the destination?  Beyond loopback there is
 * one only where it has a link.  Then that was said; @where: to the what. */
bool j_no_way(struct judge *j, const struct dialogue *d, const char *where);
/* Does it say that it knows no IPv6, of an address at which somebody listens? */
bool dest_is_beyond(const struct judge *j, const struct dialogue *d);
/* Is it the server that this launch started?  Not when the client says that
 * nobody listens there, which would be the server's fault, or that it knows no
 * such address; and where SOCKS4 has no word for that, only if the harness got
 * through to it. */
bool dest_is_server(const struct judge *j, const struct dialogue *d);
/*
 * May the client have refused to go there for what it is?  A transport that is
 * for the world calls no address of its own machine, and one that needs names
 * no address at all; known where it called others, and never such a one.
 */
bool dest_is_shunned(const struct judge *j, const struct addr *to);
/* Does it say that its rules forbid it, and nothing shows that they do not? */
bool dest_is_forbidden(const struct judge *j, const struct dialogue *d);
/* Connections that came to that listener behind event @since. */
size_t accepts(const struct judge *j, const struct event *listener,
	       uint32_t since);
/* Did anybody come to that listener behind the request? */
bool was_called(const struct judge *j, const struct dialogue *d);
/* Did the transport send datagrams to it, where it is on this machine? */
bool dest_has_datagrams(const struct judge *j, const struct dialogue *d);
/* Did datagrams go to that address at any time, here or elsewhere? */
bool dest_got_datagrams(const struct view *v, const struct addr *to);
/* Is there a listener that it might have no use for, as its own wire is not
 * TCP?  Known where datagrams were seen that went to a destination.  Or was it
 * shunned? */
bool dest_is_foreign(const struct judge *j, const struct dialogue *d);
/* Is it a port of this machine on which nobody listens? */
bool dest_is_closed(const struct judge *j, const struct dialogue *d);
/* What the client sent through its tunnel; empty: nothing. */
struct span tunnelled(const struct dialogue *d);
/* Is an upstream proxy set, so that destinations are for that? */
bool by_proxy(const struct judge *j);
/* Does the transport say yes before it has reached anybody? */
bool is_lazy(const struct judge *j);

/* --- in words --- */

/* "05 01 00"; a long one is cut. */
const char *show_bytes(const struct judge *j, struct span s);
/* What was said last, and all that was answered. */
const char *show_answer(const struct judge *j, const struct dialogue *d);

#endif
