/*
 * outgoing.h - where the packets of a client went, and what its upstream
 * proxy got.
 *
 * Shared by the judges of proxies and of anonymity.  Loopback is not outgoing,
 * so a proxy there is known by the connections that it accepted.  That nothing
 * went astray shows only where the capture ran to its end and lost nothing.
 */
#ifndef PTCHECK_REQ_TRAFFIC_OUTGOING_H
#define PTCHECK_REQ_TRAFFIC_OUTGOING_H

#include "parent/proto/net/upstream.h"
#include "harness/req/core/judges.h"

/* That no packet of the launch is seen, and so no name answered; or NULL. */
const struct event *captured_off(const struct view *v);
/* NULL: every packet of this launch was seen; else why not. */
const char *unseen(struct judge *j);
/* Some packets were not seen: the rule is undecided, for @what (NULL: only for
 * that), and a second launch may tell where a busy machine lost them. */
bool open_if_unseen(struct judge *j, const char *what);
/* Where several transports run: was the socket of that frame found with the one
 * that the view is about? */
bool sent_by_itself(const struct view *v, int64_t frame);
/* The judge found nothing: passes at @ev when every packet was seen, and is
 * undecided else. */
void pass_if_seen(struct judge *j, const struct event *ev);
/* "a packet to 192.0.2.1:80 (tcp-syn, frame 7 of the capture)" */
const char *packet_words(struct judge *j, const struct event *packet);
/* "a query for A of "x.test" (frame 7 of the capture)" */
const char *query_words(struct judge *j, const struct event *query);

/* The session that an EV_SOCKS event is about went on: the application got a
 * reply of success. */
bool session_ok(const struct event *socks);

/* --- a proxy that was accepted --- */

/*
 * It is a client that said PROXY DONE about a proxy at an IP address, which
 * one form of the setting names: then *u is that proxy.
 */
bool proxy_accepted(const struct judge *j, struct proxy_uri *u);
/* What stands before the '@', as written. */
struct span proxy_userinfo(const struct view *v);

/* What happened last to the proxy, before a packet was sent. */
enum trouble {
	TROUBLE_NONE,
	TROUBLE_DOWN,	 /* a session, and nobody listened at its address */
	TROUBLE_REFUSED, /* refused, stalled, closed or reset in the dialogue */
	TROUBLE_DROPPED, /* granted, then reset */
};
#define TROUBLES 4

/* A whole launch with an accepted proxy. */
struct outgoing {
	struct proxy_uri uri;
	/* First packet to anything but the proxy, by what went before. */
	const struct event *direct[TROUBLES];
	/* The last trouble of each kind, and what shows that the transport
	 * had its time after it: the end of a session or of a window. */
	const struct event *trouble[TROUBLES], *settled[TROUBLES];
	/* Of `direct[TROUBLE_NONE]`: while the first session was going on. */
	bool direct_first;
	const struct event *session; /* the last one, or NULL */
	size_t sessions;	     /* that came to an end */
	const struct event *call;    /* the last one at the proxy, or NULL */
};

void outgoing_scan(const struct judge *j, const struct proxy_uri *u,
		   struct outgoing *out);
/* The first packet to anything but the proxy, or NULL. */
const struct event *outgoing_direct(const struct outgoing *o);

/* --- connections at the proxy --- */

/* One that the harness accepted as that proxy. */
struct proxied {
	const struct event *accept;
	const struct event *request; /* the request was complete */
	const struct event *granted;
	const struct event *failed;  /* what TROUBLE_REFUSED says of it */
	const struct event *session; /* how the session ended that was going
					   on, or NULL */
	struct span said, told;	     /* by the transport, by the proxy */
	struct span behind;	     /* of `said`: after it was granted */
	struct span tunnel;	     /* of the proxy, after it had granted */
	bool dripped;		     /* told byte by byte, before that */
};

/* The next one after event @from; false: there is none. */
bool proxied_next(const struct judge *j, const struct proxy_uri *u,
		  uint32_t from, struct proxied *out);
/* Read again what was said there. */
struct upstream *proxied_read(const struct judge *j, const struct proxy_uri *u,
			      const struct proxied *p);

#endif
