/*
 * judges.c - the words of the judges, and what several areas ask.
 */
#include "harness/req/core/judges.h"

#include <stdarg.h>
#include <stdio.h>

/* In quiet it is a tenth of a second, byte by byte. */
#define OWN_LATE_US 1000000
/* What waits for others takes it from what a transport gives all of a
 * connection, and that is 2.5 s with some. */
#define HELD_LATE_US 500000
/* An answer that takes so long waited for something, a disk for one, that nobody
 * counts; what is left to the transport of its time is not known. */
#define ANSWER_LATE_US 1000000

/* How much of a raw line or value a reason quotes, in source bytes. */
#define SHOW_BYTES 160

/* Does @v replace what was found before? */
static bool heavier(const struct judge *j, enum verdict v)
{
	return v > j->out->v;
}

static void judges_set(struct judge *j, enum verdict v, uint32_t ev,
		       const char *expected, const char *seen)
{
	if (j->excuse && v > V_PASS && v != V_INCONCLUSIVE) {
		j_hindered(j, "%s", j->excuse);
		return;
	}
	*j->out = (struct finding){
		.v = v,
		.expected = expected,
		.seen = seen,
	};
	if (ev)
		j->out->ev[j->out->nev++] = ev;
}

void j_pass(struct judge *j, uint32_t ev)
{
	if (heavier(j, V_PASS))
		judges_set(j, V_PASS, ev, NULL, NULL);
}

void j_broken(struct judge *j, uint32_t ev, const char *expected,
	      const char *seen, ...)
{
	va_list ap;

	if (!heavier(j, j->req->dflt))
		return;
	va_start(ap, seen);
	judges_set(j, j->req->dflt, ev, expected,
		   arena_vprintf(j->a, seen, ap));
	va_end(ap);
}

void j_say(struct judge *j, enum verdict v, uint32_t ev, const char *expected,
	   const char *seen, ...)
{
	va_list ap;

	if (!heavier(j, v))
		return;
	va_start(ap, seen);
	judges_set(j, v, ev, expected, arena_vprintf(j->a, seen, ap));
	va_end(ap);
}

/* False: as much was said already. */
static bool judges_open(struct judge *j, const char *why, va_list ap)
{
	if (!heavier(j, V_INCONCLUSIVE))
		return false;
	judges_set(j, V_INCONCLUSIVE, 0, NULL, arena_vprintf(j->a, why, ap));
	return true;
}

void j_unsure(struct judge *j, const char *why, ...)
{
	va_list ap;

	va_start(ap, why);
	judges_open(j, why, ap);
	va_end(ap);
}

void j_beyond(struct judge *j, const char *why, ...)
{
	va_list ap;

	va_start(ap, why);
	if (judges_open(j, why, ap))
		j->out->lasting = true;
	va_end(ap);
}

void j_also(struct judge *j, uint32_t ev)
{
	struct finding *f = j->out;

	for (size_t i = 0; i < f->nev; i++)
		if (f->ev[i] == ev)
			return;
	if (ev && f->nev < FINDING_EVENTS)
		f->ev[f->nev++] = ev;
}

const char *j_show(struct judge *j, struct span s)
{
	return text_show(j->a, s, SHOW_BYTES);
}

void j_hindered(struct judge *j, const char *why, ...)
{
	va_list ap;

	va_start(ap, why);
	if (judges_open(j, why, ap))
		j->out->hindered = true;
	va_end(ap);
}

void j_excuse(struct judge *j, const char *why, ...)
{
	va_list ap;

	va_start(ap, why);
	j->excuse = arena_vprintf(j->a, why, ap);
	va_end(ap);
}

/* "a limit of 5000 ms passed" */
static const char *what_passed(const struct judge *j, const struct event *ev)
{
	bool window = ev->kind == EV_WINDOW;

	return arena_printf(j->a, "a %s of %" PRId64 " ms passed",
			    window ? "window" : "limit",
			    window ? ev->window.ms : ev->limit.ms);
}

static void say_held(struct judge *j, const struct event *ev,
		     const struct event_processor *had)
{
	const char *passed = what_passed(j, ev);

	if (had->owed > 0)
		j_hindered(j,
			   "%s, but the harness itself had not done its part: "
			   "%" PRId64 " bytes were still to go by its timers",
			   passed, had->owed);
	else if (had->state == SHARE_HELD)
		j_hindered(j,
			   "%s, but a thread of the transport was waiting for "
			   "a processor or the disk just then",
			   passed);
	else
		j_hindered(j,
			   "%s, but of %" PRId64 " ms the transport waited for "
			   "a processor for %" PRId64
			   " ms, all its threads together, and the harness for "
			   "%" PRId64 " ms",
			   passed, had->took_us / 1000, had->waited_us / 1000,
			   had->late_us / 1000);
}

bool j_lagged(struct judge *j, const struct event *limit)
{
	const struct event *share = view_share(j->v, limit);
	int64_t ms = limit->kind == EV_WINDOW ? limit->window.ms
					      : limit->limit.ms;

	if (!view_hindered(j->v, limit, ms))
		return false;
	if (j->v->lag_us < 0)
		j_unsure(j,
			 "%s, but the trace ends before it says how late the "
			 "harness was",
			 what_passed(j, limit));
	else if (share)
		say_held(j, limit, &share->processor);
	else
		j_hindered(j,
			   "%s, but the harness itself was late by up to "
			   "%" PRId64 " ms",
			   what_passed(j, limit), j->v->lag_us / 1000);
	return true;
}

bool j_own_late(struct judge *j, struct span conn, uint32_t until)
{
	int64_t own = view_own_us(j->v, conn, until);
	int64_t held = view_conn_held_us(j->v, conn, until);
	int64_t answer = view_answer_us(j->v, conn, until);
	const char *why = NULL;

	if (own >= OWN_LATE_US)
		why = arena_printf(j->a,
				   "the harness had taken %" PRId64
				   " ms for its part of it",
				   own / 1000);
	else if (held >= HELD_LATE_US)
		why = arena_printf(j->a,
				   "transport and harness had waited for a "
				   "processor or the disk for %" PRId64 " ms",
				   held / 1000);
	else if (answer >= ANSWER_LATE_US)
		why = arena_printf(j->a,
				   "an answer had taken %" PRId64
				   " ms before, as if something kept it",
				   answer / 1000);
	if (why)
		j_hindered(j, "the end of the connection \"%s\", but %s",
			   j_show(j, conn), why);
	return why != NULL;
}

void j_late(struct judge *j, const struct event *limit, const char *expected,
	    const char *seen, ...)
{
	va_list ap;

	if (j_lagged(j, limit) || !heavier(j, j->req->dflt))
		return;
	va_start(ap, seen);
	judges_set(j, j->req->dflt, limit->n, expected,
		   arena_vprintf(j->a, seen, ap));
	va_end(ap);
}

/* --- what several areas ask --- */

uint32_t end_ev(const struct view *v)
{
	if (v->kill)
		return v->kill->n;
	if (v->exit)
		return v->exit->n;
	return v->end ? v->end->n : 0;
}

/* What runtimes print when they die of a bug of the program; Go's words, which
 * others use as well, at the beginning of a line. */
static const char *const crash_starts[] = {
	"panic: ",
	"goroutine ",
	"fatal error: ",
};
static const char *const crash_marks[] = {
	"Traceback (most recent",
	"AddressSanitizer",
	"UndefinedBehaviorSanitizer",
	"runtime error: ",
	"thread 'main' panicked",
	"Segmentation fault",
	"SIGSEGV",
};

bool is_crash_line(struct span s)
{
	for (size_t i = 0; i < sizeof(crash_starts) / sizeof(crash_starts[0]);
	     i++)
		if (span_starts(s, span_str(crash_starts[i])))
			return true;
	for (size_t i = 0; i < sizeof(crash_marks) / sizeof(crash_marks[0]);
	     i++)
		if (span_contains(s, span_str(crash_marks[i])))
			return true;
	return false;
}

const struct line *crash_line(const struct view *v)
{
	for_lines (l, &v->err)
		if (is_crash_line(l->raw))
			return l;
	return NULL;
}

/* It lived on behind its words of a crash: until it was asked to end, or to an
 * end without a fault.  Some log what they have caught in the same words. */
static bool was_survived(const struct view *v, const struct line *words)
{
	const struct event *asked_to[] = {
		view_stdin_closed(v),
		view_signal_sent(v, "TERM"),
		view_signal_sent(v, "INT"),
		v->kill,
	};

	for (size_t i = 0; i < sizeof(asked_to) / sizeof(*asked_to); i++)
		if (asked_to[i] && asked_to[i]->n > words->ev &&
		    asked_to[i]->n < v->exit->n)
			return true;
	return view_exited(v, 0);
}

/* SIGINT is an exception in Python, which is told when it is the end. */
static bool was_interrupted(const struct view *v)
{
	return view_signal_sent(v, "INT") && view_signalled(v) &&
	       v->exit->exit.code == 2;
}

bool crashed(const struct judge *j)
{
	/* SIGILL, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS, SIGTRAP */
	static const int crash_signals[] = { 4, 6, 7, 8, 11, 31, 5 };
	const struct view *v = j->v;
	const struct line *words = crash_line(v);

	if (view_signalled(v))
		for (size_t i = 0; i < 7; i++)
			if (v->exit->exit.code == crash_signals[i])
				return true;
	return view_ended(v) && words && !was_survived(v, words) &&
	       !was_interrupted(v);
}

bool runtime_gave_up(const struct view *v)
{
	return view_signalled(v) && v->exit->exit.code == 6 && !v->out.n &&
	       v->err.n > 0;
}

bool left_unread(const struct view *v)
{
	bool unread = false;

	for_events (ev, v) {
		if (ev->kind != EV_STEP)
			continue;
		if (span_eqs(ev->step.kind, "stall"))
			unread = true;
		if (span_eqs(ev->step.kind, "resume"))
			unread = false;
	}
	return unread;
}

bool refused_orderly(const struct judge *j)
{
	return view_ended(j->v) && !view_signalled(j->v) && !crashed(j) &&
	       (view_fatal(j->v) || view_stderr_words(j->v));
}

bool has_peer(const struct view *v)
{
	for_events (ev, v)
		if (ev->kind == EV_SPAWN && span_eqs(ev->spawn.role, "peer"))
			return true;
	return false;
}

bool is_tunnelled(const struct view *v)
{
	enum ipc_keyword kw = v->head->role == ROLE_CLIENT ? IPC_SMETHODS
							   : IPC_CMETHODS;
	struct view peer;

	if (!v->spawn || !v->done || !has_peer(v))
		return false;
	view_init_nth(&peer, v->tr, 2, v->a);
	return lines_find(&peer.out, kw, 0) != NULL;
}
