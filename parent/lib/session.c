/*
 * session.c - what a parent knows of a transport and does with it, without
 * I/O and without a clock.
 *
 * Here is its life: how it is started, given up, ended and started again; what
 * it says is in session_lines.c.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "parent/lib/session_int.h"

#define START_TIMEOUT 30000000
#define STOP_WAIT 5000000
#define RESTART_FIRST 1000000
#define RESTART_CAP 300000000
#define RESTART_CALM 60000000
/* Between the end of an output and the exit that it is part of. */
#define EXIT_FOLLOWS 1000000
/* --- events --- */

static void queued_free(struct queued *q)
{
	if (!q)
		return;
	arena_fini(&q->memory);
	free(q);
}

struct queued *session_tell(struct ptp_session *s, int64_t now,
			    enum ptp_what what)
{
	struct queued *q = calloc(1, sizeof(*q));

	if (!q)
		die_oom();
	q->ev.what = what;
	q->ev.at = now;
	*s->tail = q;
	s->tail = &q->next;
	return q;
}

const char *session_kept(struct queued *q, struct span text)
{
	return span_absent(text)
		       ? NULL
		       : arena_span(&q->memory, span_sub(text, 0, LINE_TOLD)).p;
}

bool ptp_session_next(struct ptp_session *s, struct ptp_event *ev)
{
	struct queued *q = s->first;

	queued_free(s->given);
	s->given = q;
	if (!q)
		return false;
	s->first = q->next;
	if (!s->first)
		s->tail = &s->first;
	*ev = q->ev;
	return true;
}

/* --- making one --- */

struct ptp_session *ptp_session_new(const struct ptp_config *c,
				    struct ptp_error *err)
{
	struct ptp_session *s;

	if (ptp_config_check(c, err) < 0)
		return NULL;
	s = calloc(1, sizeof(*s));
	if (!s)
		die_oom();
	s->c = c;
	s->tail = &s->first;
	s->deadline = -1;
	s->names = BUF_MAX(1 << 20);
	s->last = BUF_MAX(512);
	for (size_t i = 0; i < config_count(c); i++)
		buf_addf(&s->names, "%s%s", i ? "," : "", config_name(c, i));
	s->answered = calloc(config_count(c), sizeof(bool));
	if (!s->answered)
		die_oom();
	return s;
}

static void forget_run(struct ptp_session *s)
{
	if (s->has_lines)
		session_fini(&s->lines);
	s->has_lines = false;
	arena_fini(&s->memory);
	s->memory = (struct arena){ 0 };
	s->method = NULL;
	s->nmethods = 0;
	buf_reset(&s->last);
}

void ptp_session_free(struct ptp_session *s)
{
	if (!s)
		return;
	while (s->first) {
		struct queued *q = s->first;

		s->first = q->next;
		queued_free(q);
	}
	queued_free(s->given);
	forget_run(s);
	buf_fini(&s->names);
	buf_fini(&s->last);
	free(s->answered);
	free(s);
}

/* --- starting --- */

static int64_t or_else(int64_t value, int64_t usual)
{
	return value ? value : usual;
}

static void spawn(struct ptp_session *s, int64_t now)
{
	s->state = SPAWNING;
	s->failed = s->mute = false;
	s->deadline = -1;
	s->attempt++;
	session_tell(s, now, PTP_SPAWN);
}

void ptp_session_start(struct ptp_session *s, int64_t now)
{
	if (s->state != IDLE)
		return;
	s->stop = false;
	s->attempt = 0;
	s->backoff = 0;
	spawn(s, now);
}

void ptp_session_spawned(struct ptp_session *s, int64_t now)
{
	const struct ptp_config *c = s->c;
	struct session_offer offer = {
		.server = c->role == PTP_SERVER,
		.versions = span_str(config_versions(c)),
		.transports = buf_span(&s->names),
		.proxy = c->proxy.type != NULL,
	};

	if (s->state != SPAWNING)
		return;
	forget_run(s);
	session_init(&s->lines, &offer);
	s->has_lines = true;
	memset(s->answered, 0, config_count(c) * sizeof(bool));
	memset(s->at, 0, sizeof(s->at));
	memset(s->line_at, 0, sizeof(s->line_at));
	s->method = arena_alloc(&s->memory,
				SESSION_METHODS_MAX * sizeof(*s->method));
	s->state = STARTING;
	s->deadline = c->start_timeout < 0
			      ? -1
			      : now + or_else(c->start_timeout, START_TIMEOUT);
	session_tell(s, now, PTP_STARTED)->ev.attempt = s->attempt;
	if (s->stop)
		ptp_session_stop(s, now);
}

/* --- ending --- */

static void next_rung(struct ptp_session *s, int64_t now)
{
	static const int signals[] = { [TERMED] = SIGTERM, [KILLED] = SIGKILL };

	s->state = s->state < CLOSED ? CLOSED : s->state + 1;
	s->deadline = s->state == KILLED
			      ? -1
			      : now + or_else(s->c->stop_wait, STOP_WAIT);
	if (s->state == CLOSED)
		session_tell(s, now, PTP_CLOSE_STDIN);
	else
		session_tell(s, now, PTP_SIGNAL)->ev.signal = signals[s->state];
}

static bool is_running(const struct ptp_session *s)
{
	return s->state >= STARTING && s->state <= KILLED;
}

static void stopped(struct ptp_session *s, int64_t now)
{
	s->state = IDLE;
	s->deadline = -1;
	session_tell(s, now, PTP_STOPPED);
}

void ptp_session_stop(struct ptp_session *s, int64_t now)
{
	s->stop = true;
	if (s->state == WAITING)
		stopped(s, now);
	else if (s->state == STARTING || s->state == READY)
		next_rung(s, now);
}

/* Not to be used, for good in this run. */
struct queued *session_give_up(struct ptp_session *s, int64_t now,
			       const char *why)
{
	struct queued *q;

	if (s->failed)
		return NULL;
	s->failed = true;
	q = session_tell(s, now, PTP_FAILED);
	q->ev.text = session_kept(q, span_str(why));
	if (s->state == STARTING || s->state == READY)
		next_rung(s, now);
	return q;
}

static void again_or_stopped(struct ptp_session *s, int64_t now)
{
	const struct ptp_config *c = s->c;
	int64_t first = or_else(c->restart_first, RESTART_FIRST);
	int64_t cap = or_else(c->restart_cap, RESTART_CAP);
	struct queued *q;

	if (s->stop || !c->restart) {
		stopped(s, now);
		return;
	}
	if (s->ready_at >= 0 &&
	    now - s->ready_at >= or_else(c->restart_calm, RESTART_CALM))
		s->backoff = 0;
	s->backoff = s->backoff ? 2 * s->backoff : first;
	if (s->backoff > cap)
		s->backoff = cap;
	s->ready_at = -1;
	s->state = WAITING;
	s->deadline = now + s->backoff;
	q = session_tell(s, now, PTP_RESTART);
	q->ev.wait = s->backoff;
	q->ev.attempt = s->attempt + 1;
}

void ptp_session_not_spawned(struct ptp_session *s, int64_t now,
			     const char *why)
{
	if (s->state != SPAWNING)
		return;
	s->ready_at = -1;
	session_give_up(s, now, why);
	again_or_stopped(s, now);
}

void ptp_session_closed(struct ptp_session *s, int64_t now, enum ptp_stream on)
{
	if (!s->has_lines)
		return;
	session_closed(&s->lines,
		       on == PTP_STDOUT ? SESSION_STDOUT : SESSION_STDERR);
	/* Its exit is told next, as a rule, and says more. */
	if (on == PTP_STDOUT && s->state == STARTING) {
		s->mute = true;
		if (s->deadline < 0 || s->deadline > now + EXIT_FOLLOWS)
			s->deadline = now + EXIT_FOLLOWS;
	}
}

/* --- ends and times --- */

static void describe_status(int status, char *dst, size_t size)
{
	if (WIFSIGNALED(status)) {
		const char *name = sigabbrev_np(WTERMSIG(status));

		snprintf(dst, size, "was killed by SIG%s%s", name ? name : "?",
			 WCOREDUMP(status) ? " (core dumped)" : "");
	} else {
		snprintf(dst, size, "exited with status %d",
			 WEXITSTATUS(status));
	}
}

static void fail_by_end(struct ptp_session *s, int64_t now, const char *how)
{
	char why[1024];
	const char *last = s->last.n ? buf_cstr(&s->last) : NULL;

	snprintf(why, sizeof(why), "the transport %s%s%s%s", how,
		 s->lines.done ? "" : " before it was ready",
		 last ? "; its last words: " : "", last ? last : "");
	session_give_up(s, now, why);
}

void ptp_session_exited(struct ptp_session *s, int64_t now, int status)
{
	struct queued *q;
	char how[64];

	if (!is_running(s))
		return;
	describe_status(status, how, sizeof(how));
	session_exited(&s->lines);
	if (s->state < CLOSED) {
		s->state = KILLED; /* nothing is left to end */
		fail_by_end(s, now, how);
	}
	q = session_tell(s, now, PTP_EXITED);
	q->ev.status = status;
	q->ev.text = session_kept(q, span_str(how));
	again_or_stopped(s, now);
}

void ptp_session_time(struct ptp_session *s, int64_t now)
{
	if (s->deadline < 0 || now < s->deadline)
		return;
	s->deadline = -1;
	switch (s->state) {
	case STARTING:
		session_give_up(
			s, now,
			s->mute ? "it closed its standard output before it "
				  "was ready"
			: s->lines.versioned ? "it was not ready in time"
					     : "it was not ready in time, and "
					       "said no version");
		break;
	case CLOSED:
	case TERMED:
		next_rung(s, now);
		break;
	case WAITING:
		spawn(s, now);
		break;
	case IDLE:
	case SPAWNING:
	case READY:
	case KILLED:
		break;
	}
}

int64_t ptp_session_deadline(const struct ptp_session *s)
{
	return s->deadline;
}

/* --- what may be used --- */

bool ptp_session_ready(const struct ptp_session *s)
{
	return s->state == READY && !s->failed;
}

static const struct ptp_method *find(const struct ptp_session *s,
				     struct span name)
{
	for (size_t i = 0; i < s->nmethods; i++)
		if (span_eqs(name, s->method[i].name))
			return &s->method[i];
	return NULL;
}

const struct ptp_method *ptp_session_method(const struct ptp_session *s,
					    const char *name)
{
	return ptp_session_ready(s) ? find(s, span_str(name)) : NULL;
}

int ptp_session_version(const struct ptp_session *s)
{
	if (!s->has_lines || !s->lines.versioned)
		return 0;
	if (span_eqs(s->lines.version, "1"))
		return 1;
	return span_eqs(s->lines.version, "2") ? 2 : 0;
}
