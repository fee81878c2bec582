/*
 * view.h - what a judge looks at: a trace with the obvious worked out.
 *
 * A view belongs to one trace and derives nothing that is an opinion: lines
 * instead of chunks, parsed messages, effective settings, when and how the
 * transport ended.  Order counts within one channel only; between stdout and
 * stderr there is none.
 */
#ifndef PTCHECK_TRACE_VIEW_H
#define PTCHECK_TRACE_VIEW_H

#include <stdbool.h>

#include "parent/proto/ipc/ipc.h"
#include "harness/trace/trace.h"

struct line {
	uint32_t ev; /* event whose bytes completed the line */
	int64_t t;
	bool on_stderr;
	bool terminated; /* by LF; only the last of a stream may not be */
	struct span raw; /* without LF */
	struct ipc_line ipc;
};

struct lines {
	struct line *v;
	size_t n;
};

/* One CMETHOD or SMETHOD line. */
struct method {
	const struct line *line;
	struct ipc_method m;
};

struct methods {
	struct method *v;
	size_t n;
};

/* Of harness/req/traffic: read once for all judges, or NULL. */
struct view_read {
	struct view_dialogues *dialogues; /* socks_dialogue.c */
	struct ext_sessions *extor;	  /* extor_session.c */
};

struct view {
	const struct trace *tr;
	const struct trace_head *head;
	struct arena *a;	   /* for what the judges work out */
	const char *pt, *stdin_ch; /* what its events call them: "pt" */

	struct lines out, err;	/* stdout and stderr of the PT */
	struct methods methods; /* those on stdout, of either role */

	/* First of its kind on stdout, NULL when there is none. */
	const struct line *version;    /* VERSION */
	const struct line *done;       /* exact DONE line of the own role */
	const struct line *proxy_done; /* PROXY DONE */

	struct span versions;	  /* effective version list; absent: none */
	struct strings requested; /* effective transport list, split */
	struct span negotiated;	  /* token of VERSION; absent: none */

	const struct event *spawn; /* NULL: never started */
	const struct event *exec_failed;
	const struct event *exit; /* the PT was reaped; also after kill */
	const struct event *kill; /* the harness had to end it */
	const struct event *end;
	bool complete;	/* the worker finished all its steps */
	int64_t lag_us; /* how late timers were served at most;
					   -1: the trace does not say */

	/* Where the first judge that reads something leaves it for all
	 * others. */
	struct view_read *read;
};

/* @a owns everything that the view points to; @tr must outlive it. */
void view_init(struct view *v, const struct trace *tr, struct arena *a);
/* The same for the @nth instance that the case started, from 1.  Without a
 * second one its `spawn` is NULL. */
void view_init_nth(struct view *v, const struct trace *tr, unsigned nth,
		   struct arena *a);

/* --- settings: a non-empty flag overrides the variable (§3.3.1.4) --- */

/* Effective value by its variable's name; absent: neither form is there.
 * For the two transport lists the flag is -transports. */
struct span view_setting(const struct view *v, const char *variable);
/* The variable alone; absent when not in the environment. */
struct span view_env(const struct view *v, const char *variable);
/* Is there any PT flag of §3.3.1.4 on the command line? */
bool view_has_flags(const struct view *v);
/* The flag's value ("" for the bare one); absent when not given. */
struct span view_flag(const struct view *v, const char *flag);
/* "TOR_PT_CLIENT_TRANSPORTS" or "TOR_PT_SERVER_TRANSPORTS" of the role. */
const char *view_transports_var(const struct view *v);

/* --- names --- */

/* Is @name offered by the target in this role (target description)? */
bool view_known(const struct view *v, struct span name);
/* The first of these, which most cases ask for; absent: there is none. */
struct span view_first_known(const struct view *v);
/* Is @name one of the random names that nothing can know? */
bool view_nosuch(const struct view *v, struct span name);
bool view_requested(const struct view *v, struct span name);
/* First launched method of that name, or NULL. */
const struct method *view_method(const struct view *v, struct span name);

/* --- lines --- */

/* Next line with @kw at or after index @from on one stream; NULL: none. */
const struct line *lines_find(const struct lines *l, enum ipc_keyword kw,
			      size_t from);
size_t lines_count(const struct lines *l, enum ipc_keyword kw);
/* The *-ERROR line of that kind: stderr first, then stdout; NULL: none. */
const struct line *view_error(const struct view *v, enum ipc_keyword kw);
/* Any of VERSION-, ENV-, PROXY-ERROR on any stream; NULL: none. */
const struct line *view_fatal(const struct view *v);
/* A usage text or other words on stderr that are no protocol line. */
bool view_stderr_words(const struct view *v);

/* --- the end --- */

/* Ended by itself: reaped, and not by our SIGKILL. */
bool view_ended(const struct view *v);
/* Ended by itself with that status (not by a signal). */
bool view_exited(const struct view *v, int status);
/* Ended by itself through a signal; crash signals and Go panics alike are
 * the business of other judges. */
bool view_signalled(const struct view *v);
/* "exited with status 3 after 12 ms", "was killed by SIGSEGV ...", "was
 * still running when the case ended"; never NULL. */
const char *view_how_ended(const struct view *v);

/* --- steps --- */

/* First event of @kind about @name (NULL: any; see event_name) at or after
 * number @from (1 = all); NULL: none. */
const struct event *view_event(const struct view *v, enum event_kind kind,
			       const char *name, uint32_t from);
/* Is what was seen in a snapshot or a window that transport's?  @of is empty
 * where only one ran. */
static inline bool view_is_of(const struct view *v, struct span of)
{
	return !of.n || span_eqs(of, v->pt);
}
/* The event in which the harness closed stdin, or NULL. */
const struct event *view_stdin_closed(const struct view *v);
/* The signal that the harness sent to the PT, or NULL. */
const struct event *view_signal_sent(const struct view *v, const char *sig);
/* The window of absence that opened after event number @from: its "closed"
 * event, or NULL when there was none.  One that was begun anew is one. */
const struct event *view_window(const struct view *v, uint32_t from);
/* Did what ended at event number @closed not count, as the transport had too
 * little of the processors, and begin anew? */
bool view_is_anew(const struct view *v, uint32_t closed);
/* A deadline called @limit that passed after event number @from, or NULL. */
const struct event *view_limit(const struct view *v, const char *limit,
			       uint32_t from);

/* --- what there was of the processors --- */

/* Was there enough of a time of @limit_us for a transport to do what it has to
 * do in it?  Three quarters of it, that is, in which neither the transport nor
 * the harness waited for a processor, and no wait at its end; or so much
 * processor time, whatever it waited for more; and the harness had done its
 * part. */
bool view_suffices(const struct event_processor *had, int64_t limit_us);
/* Does so much work in a time of @limit_us that began anew, all its beginnings
 * together, show that the transport is at work, whatever it waited for?  What
 * is left over from its start is less. */
bool view_at_work(int64_t worked_us, int64_t limit_us);
/* What there was until @ev, a limit, a window that closed, what was waited for,
 * or the kill; NULL: the trace does not say. */
const struct event *view_share(const struct view *v, const struct event *ev);
/* How long transport and harness waited for processors from event number
 * @from on, and the machine for its disk, as far as anybody looked, in µs;
 * INT64_MAX: that is not known. */
int64_t view_held_us(const struct view *v, uint32_t from);
/* How long the harness took for its own words on @conn up to event @until: the
 * times from what was said there before to each of them, in µs. */
int64_t view_own_us(const struct view *v, struct span conn, uint32_t until);
/* The longest that an answer on @conn took that came before event @until, from
 * what the harness had said there, in µs. */
int64_t view_answer_us(const struct view *v, struct span conn, uint32_t until);
/* For how much of the time from its first event up to event @until there were
 * such waits, as far as anybody looked, in µs; not more than that time.  It
 * begins with the event before, and earlier by as much as the harness was late
 * in that step: a transport counts from when it connected, and the harness
 * accepts when it gets to it. */
int64_t view_conn_held_us(const struct view *v, struct span conn,
			  uint32_t until);
/* Is @limit_ms too much to hold against the transport when @ev ended it, or is
 * that not known?  Then a time bound is inconclusive. */
bool view_hindered(const struct view *v, const struct event *ev,
		   int64_t limit_ms);
/* Was the harness ever so late that @limit_ms means little, or is that not
 * known? */
bool view_lagged(const struct view *v, int64_t limit_ms);

#endif
