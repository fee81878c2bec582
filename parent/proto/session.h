/*
 * session.h - what a parent learns from a transport while that starts
 * (PT 2.0 §3.3.2): a machine without I/O and without a clock.
 *
 * It is told what the transport was offered, and then fed the bytes of both
 * output streams as they come, in whatever pieces.  Each complete line is one
 * event.  What the lines have said so far stands in the session; what is odd
 * about a line stands in its event, and whether that is tolerated is up to
 * the caller: the harness goes on with whatever can be used, to see more; a
 * parent may refuse.
 *
 *	struct session s;
 *
 *	session_init(&s, &offer);
 *	... bytes came from stdout:
 *	while (session_feed(&s, SESSION_STDOUT, &bytes, &ev))
 *		... look at ev
 *	... it ended:
 *	session_closed(&s, SESSION_STDOUT);
 *	... it was reaped:
 *	session_exited(&s);
 *	... time to use what it announced?
 *	if (session_unusable(&s) == SESSION_USABLE)
 *		... s.method[0 .. s.nmethods - 1]
 *	session_fini(&s);
 *
 * A line that no LF ends is no message.  Messages count on stdout only, but
 * the fatal *-ERROR lines on either stream: transports print them on both.
 */
#ifndef PTCHECK_PROTO_SESSION_H
#define PTCHECK_PROTO_SESSION_H

#include <stdbool.h>

#include "parent/base/arena.h"
#include "parent/base/buf.h"
#include "parent/proto/ipc/ipc.h"

/* A longer line is not understood, only told of. */
#define SESSION_LINE_MAX (64u * 1024u)
/* Methods that a session keeps: well-formed ones, in their order, whatever
 * else is odd about them.  Further ones are told of, and not kept. */
#define SESSION_METHODS_MAX 64

/* What the transport was told.  The texts must outlive the session. */
struct session_offer {
	bool server;		/* to start SMETHODs, not CMETHODs */
	struct span versions;	/* "1,2" */
	struct span transports; /* "obfs4,meek"; "*" stands for all */
	bool proxy;		/* an upstream proxy is set */
};

enum session_stream { SESSION_STDOUT, SESSION_STDERR };

enum session_what {
	SESSION_OTHER, /* a line that says nothing to a parent */
	SESSION_FATAL, /* VERSION-, ENV- or PROXY-ERROR: it cannot go on */
	SESSION_VERSION,
	SESSION_PROXY_DONE,
	SESSION_METHOD, /* CMETHOD or SMETHOD */
	SESSION_METHOD_ERROR,
	SESSION_DONE, /* CMETHODS DONE or SMETHODS DONE */
	SESSION_LOG,
	SESSION_STATUS,
};

enum session_odd {
	/* Something is missing or behind it: VERSION with no token or two,
	 * a method without an address and port, a keyword and a tab.  Finer
	 * oddities of a method stand in struct ipc_method. */
	SESSION_MALFORMED = 1 << 0,
	SESSION_TOO_LONG = 1 << 1,     /* SESSION_OTHER: see above */
	SESSION_TOO_MANY = 1 << 2,     /* a method that is not kept */
	SESSION_WRONG_STREAM = 1 << 3, /* SESSION_OTHER: a message on stderr */
	SESSION_OTHER_ROLE = 1 << 4,   /* CMETHODs of a server, or so */
	SESSION_AGAIN = 1 << 5, /* VERSION, DONE, or that method came before */
	SESSION_EARLY = 1 << 6, /* before VERSION, or a method before a
				     PROXY DONE that is due */
	SESSION_LATE = 1 << 7,	/* behind DONE */
	SESSION_NOT_OFFERED = 1 << 8, /* version */
	SESSION_NOT_ASKED = 1 << 9,   /* transport */
};

/* The spans hold until the next call with this session; those of a method
 * that is kept, for its whole life. */
struct session_event {
	enum session_what what;
	enum session_stream on;
	unsigned odd;	  /* enum session_odd */
	struct span line; /* without LF */
	struct span word; /* VERSION: which; FATAL: the keyword; METHOD,
			     METHOD_ERROR: the transport's name */
	struct span text; /* *-ERROR, LOG, STATUS: what else it says */
	bool server;	  /* METHOD, METHOD_ERROR, DONE: S..., not C... */
	struct ipc_method method; /* METHOD */
};

struct session_method {
	bool server; /* SMETHOD */
	unsigned odd;
	struct ipc_method m;
};

struct session {
	/* For the caller to read: what it has said so far. */
	bool versioned;	     /* VERSION came; the first counts */
	struct span version; /* its token; absent: none */
	bool not_offered;    /* that was not in the list */
	bool proxied;	     /* PROXY DONE */
	bool done;	     /* DONE of its role */
	bool fatal;
	bool closed[2], exited; /* as told */
	unsigned odd;		/* of all lines */
	struct session_method method[SESSION_METHODS_MAX];
	size_t nmethods;

	/* Its own. */
	struct session_offer offer;
	struct buf line[2]; /* the unfinished line of each stream */
	bool told[2];	    /* the line was the last event's */
	struct arena arena;
};

void session_init(struct session *s, const struct session_offer *offer);
void session_fini(struct session *s);

/*
 * Take bytes of a stream off the front of *@bytes, up to the end of a line:
 * true, and @ev is what that says.  False: all are taken.
 */
bool session_feed(struct session *s, enum session_stream on, struct span *bytes,
		  struct session_event *ev);

/* That stream ended, or was closed; the transport is no more. */
void session_closed(struct session *s, enum session_stream on);
void session_exited(struct session *s);

/* Why a parent may not use the methods, as things stand.  The worst first. */
enum session_unusable {
	SESSION_USABLE,
	SESSION_IS_FATAL,      /* it said that it cannot go on */
	SESSION_OTHER_VERSION, /* it chose one that was not offered */
	SESSION_NO_PROXY,      /* one is set, and it did not say PROXY DONE */
	SESSION_GONE,	       /* it exited, or closed stdout before DONE */
	SESSION_NO_VERSION,    /* not yet */
	SESSION_NOT_DONE,      /* not yet */
};

enum session_unusable session_unusable(const struct session *s);

#endif
