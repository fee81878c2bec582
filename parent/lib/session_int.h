/*
 * session_int.h - the inside of a session, for session.c (its life) and
 * session_lines.c (what the transport says).
 */
#ifndef PTPARENT_SESSION_INT_H
#define PTPARENT_SESSION_INT_H

#include "parent/proto/session.h"
#include "parent/lib/lib.h"

/* So much of a line is told. */
#define LINE_TOLD 4096

enum state {
	IDLE,	  /* not started, or stopped */
	SPAWNING, /* SPAWN was told, and not yet answered */
	STARTING, /* it runs, and DONE has not come */
	READY,
	/* It is being ended: what was done last. */
	CLOSED,
	TERMED,
	KILLED,
	WAITING, /* for the time to start again */
};

/* The next events, each with memory of its own. */
struct queued {
	struct ptp_event ev;
	struct arena memory;
	struct queued *next;
};

struct ptp_session {
	const struct ptp_config *c;
	enum state state;
	struct session lines;
	bool has_lines;
	struct buf names; /* of the offer */
	uint64_t at[2];	  /* offset of the next byte of each stream */
	uint64_t line_at[2];
	struct ptp_method *method; /* lines.nmethods of them at most */
	size_t nmethods;
	struct arena memory; /* of the methods */
	bool *answered;	     /* each transport that was asked for */
	struct buf last;     /* the last line of its own on stderr */

	bool stop;   /* asked for */
	bool failed; /* in this run */
	bool mute;   /* it closed its standard output before DONE */
	int64_t deadline, ready_at;
	unsigned attempt;
	int64_t backoff;

	struct queued *first, **tail, *given;
};

/* A new event at the end of the queue, to be filled in. */
struct queued *session_tell(struct ptp_session *s, int64_t now,
			    enum ptp_what what);
/* A copy that lives as long as the event, cut to LINE_TOLD. */
const char *session_kept(struct queued *q, struct span text);
/* Not to be used, for good in this run; NULL when that was told before. */
struct queued *session_give_up(struct ptp_session *s, int64_t now,
			       const char *why);

#endif
