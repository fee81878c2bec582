/*
 * extor_session.h - what was said to the Extended ORPorts of the harness.
 *
 * Shared by the judges of the area (extor_*.c).  The recorded bytes of both
 * sides are read again by proto/extor.h; what the worker understood while it
 * ran is not believed.  Absence counts only where nothing else can be its
 * reason: the client is still there, the harness let a limit pass, and the
 * case has not come to its end.
 */
#ifndef PTCHECK_REQ_TRAFFIC_EXTOR_SESSION_H
#define PTCHECK_REQ_TRAFFIC_EXTOR_SESSION_H

#include "parent/proto/net/extor.h"
#include "harness/req/launch/setup.h"

#define EXT_PORT "TOR_PT_EXTENDED_SERVER_PORT"
#define EXT_COOKIE "TOR_PT_AUTH_COOKIE_FILE"
#define EXT_ORPORT "TOR_PT_ORPORT"

/* The file that the transport is told of, as the harness made it. */
struct ext_cookie {
	bool named;		    /* the transport is told of one */
	const struct event *placed; /* NULL: it is not there */
	bool changed;		    /* since the transport was started */
	unsigned odd;		    /* enum extor_cookie_anomaly */
	struct span key;
};

/* One connection to an Extended ORPort. */
struct ext_session {
	struct span name;
	const struct event *accept;
	struct extor *x;	   /* at its end */
	struct ext_cookie cookie;  /* when it began */
	uint32_t at[EXTOR_STAGES]; /* event that led there; 0: never */
	/* First bytes that came early at a stage, or 0. */
	uint32_t early[EXTOR_STAGES];
	const struct event *raw;     /* client data before any hash */
	const struct event *surplus; /* bytes after a failure */
	const struct event *misdeed; /* stalled, closed or reset; or NULL */
	const struct event *eof;     /* the transport left; or NULL */
	uint32_t last;		     /* event of it before the end */
	uint32_t until;		     /* what the case does then ends it */
	bool certain;		     /* nobody closed a client meanwhile */
	bool types_split, challenge_split;
	struct span body;   /* of OKAY */
	struct span behind; /* sent together with OKAY */
	struct span sent;   /* all that was sent into the tunnel */
	size_t tunnelled;   /* bytes that came out of it */
};

struct ext_sessions {
	struct ext_session *v;
	size_t n;
};

#define for_sessions(s, list) for_array(ext_session, s, (list).v, (list).n)

/* In the order of their beginning; of the view's arena. */
struct ext_sessions ext_sessions(const struct view *v);

/* The cookie file as it is before event @n. */
struct ext_cookie ext_cookie_at(const struct view *v, uint32_t n);
/* A file that must do: also one with bytes behind the key is none. */
bool ext_cookie_good(const struct ext_cookie *c);

/* The bridge has proved to know the cookie, and did all it should. */
bool ext_is_right(const struct ext_session *s);
/* The transport ended it, and nothing but its own will is the reason. */
bool ext_gave_up(const struct ext_session *s);
/* It was the transport's turn, and a limit passed; or NULL. */
const struct event *ext_silent(const struct view *v,
			       const struct ext_session *s);
/* Broken, because it gave up or was silent where it had to go on. */
void ext_must_go_on(struct judge *j, const struct ext_session *s,
		    const char *expected);

/* The bridge proved that it knows the cookie, and so has the transport to. */
void ext_must_know(struct judge *j, const struct ext_session *s,
		   const char *expected);

/* The address of the extended port; false when it is not given, or odd. */
bool ext_given(const struct judge *j, struct addr *out);
/* A client of the harness lost its connection before the case ended it. */
const struct event *ext_client_dropped(const struct view *v);
/* First connection to the ordinary destination beside it, or NULL. */
const struct event *ext_fallback(const struct view *v);
/* What clients got: of all their connections, handshakes left out. */
struct span ext_client_got(const struct view *v, struct arena *a);
/* First packet of a client with address @a (NULL: of any); or NULL. */
const struct event *ext_client_at(const struct view *v, const struct addr *a);

#endif
