/*
 * session_lines.c - what a parent makes of a transport's lines: what is used
 * and what is refused.  Whatever is refused ends the transport (fail closed).
 *
 * They are read by parent/proto/session.h.
 */
#include <stdio.h>

#include "parent/proto/ipc/args.h"
#include "parent/lib/session_int.h"

/* What is told of a line, @ev of the codec's. */
static struct queued *tell_line(struct ptp_session *s, int64_t now,
				enum ptp_what what,
				const struct session_event *ev)
{
	struct queued *q = session_tell(s, now, what);

	q->ev.on = ev->on == SESSION_STDOUT ? PTP_STDOUT : PTP_STDERR;
	q->ev.offset = s->line_at[ev->on];
	q->ev.text = session_kept(q, ev->line);
	return q;
}

/* Oddities in the order in which they are told; the first is told. */
static const struct {
	unsigned odd;
	bool fatal; /* whatever the line is about is not used, nor the rest */
	const char *rule;
} rules[] = {
	{ SESSION_TOO_LONG, false, "a line of more than 64 KiB" },
	{ SESSION_MALFORMED, false, "a message without what belongs to it" },
	{ SESSION_NOT_OFFERED, true, "a version that was not offered" },
	{ SESSION_OTHER_ROLE, true, "a message of the other role" },
	{ SESSION_NOT_ASKED, true, "a transport that was not asked for" },
	{ SESSION_TOO_MANY, true, "more than 64 methods" },
	{ SESSION_WRONG_STREAM, false,
	  "a message on the standard error stream" },
	{ SESSION_EARLY, true,
	  "a message before the one that has to precede "
	  "it" },
	{ SESSION_LATE, false, "a method after the end of the list" },
	{ SESSION_AGAIN, false, "what was said before" },
};

static void end_by(struct ptp_session *s, int64_t now, const char *rule)
{
	char why[256];

	snprintf(why, sizeof(why), "the transport broke the protocol: %s",
		 rule);
	session_give_up(s, now, why);
}

/* True: go on with this line. */
static bool see_rules(struct ptp_session *s, int64_t now,
		      const struct session_event *ev)
{
	/* Of these there is one, and it is whole. */
	bool fatal = ev->what == SESSION_VERSION;
	/* Many transports refuse by name what they do not know. */
	bool mild = ev->what == SESSION_METHOD_ERROR;

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (!(ev->odd & rules[i].odd))
			continue;
		tell_line(s, now, PTP_VIOLATION, ev)->ev.reason = rules[i].rule;
		if (fatal || (rules[i].fatal && !mild))
			end_by(s, now, rules[i].rule);
		return false;
	}
	return true;
}

static void answer(struct ptp_session *s, struct span name)
{
	for (size_t i = 0; i < config_count(s->c); i++)
		if (span_eqs(name, config_name(s->c, i)))
			s->answered[i] = true;
}

/* A method of a client that others could reach, or that leads elsewhere. */
static const char *forbids(const struct ptp_session *s,
			   const struct ipc_method *m)
{
	if (s->c->role == PTP_CLIENT && !addr_is_loopback(&m->addr))
		return "a method of a client outside loopback";
	if (m->addr_anomalies & ~(unsigned)ADDR_UNBRACKETED)
		return "a method without a literal address";
	return NULL;
}

static void see_method(struct ptp_session *s, int64_t now,
		       const struct session_event *ev)
{
	const struct ipc_method *m = &ev->method;
	const char *rule = forbids(s, m);
	struct ptp_method *keep;
	struct kv_list args = { 0 };

	if (rule) {
		tell_line(s, now, PTP_VIOLATION, ev)->ev.reason = rule;
		end_by(s, now, rule);
		return;
	}
	answer(s, m->name);
	if (s->nmethods == SESSION_METHODS_MAX)
		return;
	keep = &s->method[s->nmethods++];
	keep->name = arena_span(&s->memory, m->name).p;
	keep->protocol =
		span_absent(m->proto) ? "" : arena_span(&s->memory, m->proto).p;
	keep->address = arena_span(&s->memory, m->addr_text).p;
	keep->at_len = addr_to_sockaddr(&m->addr, &keep->at);
	if (!span_absent(m->args))
		args_parse(&s->memory, m->args, &args);
	keep->args = pairs_of(&s->memory, &args);
	tell_line(s, now, PTP_METHOD, ev)->ev.method = keep;
}

static void see_method_error(struct ptp_session *s, int64_t now,
			     const struct session_event *ev)
{
	struct queued *q = tell_line(s, now, PTP_METHOD_ERROR, ev);

	q->ev.name = session_kept(q, ev->word);
	q->ev.text = session_kept(q, ev->text);
	answer(s, ev->word);
}

static void see_fatal(struct ptp_session *s, int64_t now,
		      const struct session_event *ev)
{
	struct buf b = BUF_MAX(LINE_TOLD);
	struct queued *q;

	buf_add(&b, ev->word);
	if (!span_absent(ev->text) && ev->text.n) {
		buf_addc(&b, ' ');
		buf_add(&b, ev->text);
	}
	q = session_give_up(s, now, buf_cstr(&b));
	if (q) {
		q->ev.keyword = session_kept(q, ev->word);
		q->ev.on = ev->on == SESSION_STDOUT ? PTP_STDOUT : PTP_STDERR;
		q->ev.offset = s->line_at[ev->on];
	}
	buf_fini(&b);
}

static const char *unusable(enum session_unusable why)
{
	switch (why) {
	case SESSION_IS_FATAL:
		return "it said that it cannot go on";
	case SESSION_OTHER_VERSION:
		return "it chose a version that was not offered";
	case SESSION_NO_PROXY:
		return "it did not say that it will use the proxy";
	case SESSION_GONE:
		return "it ended";
	case SESSION_NO_VERSION:
		return "it chose no version";
	case SESSION_NOT_DONE:
	case SESSION_USABLE:
		break;
	}
	return NULL;
}

static void see_done(struct ptp_session *s, int64_t now)
{
	const char *why = unusable(session_unusable(&s->lines));

	for (size_t i = 0; i < config_count(s->c); i++) {
		const char *name = config_name(s->c, i);
		struct queued *q;

		if (s->answered[i])
			continue;
		q = session_tell(s, now, PTP_MISSING);
		q->ev.name = session_kept(q, span_str(name));
	}
	if (!why && !s->nmethods)
		why = "it has no method";
	if (why) {
		session_give_up(s, now, why);
		return;
	}
	s->state = READY;
	s->deadline = -1;
	s->ready_at = now;
	session_tell(s, now, PTP_READY);
}

static void see_version(struct ptp_session *s, int64_t now,
			const struct session_event *ev)
{
	struct queued *q = tell_line(s, now, PTP_VERSION, ev);

	q->ev.keyword = session_kept(q, ev->word);
}

/* A line that is nobody's message may be the reason of an end. */
static void note_words(struct ptp_session *s, const struct session_event *ev)
{
	if (ev->on != SESSION_STDERR || ev->line.n == 0)
		return;
	/* What comes behind the cause of a crash says less. */
	if (span_starts(buf_span(&s->last), SPAN("panic:")))
		return;
	buf_reset(&s->last);
	buf_add(&s->last, ev->line);
}

static void see_line(struct ptp_session *s, int64_t now,
		     const struct session_event *ev)
{
	if (ev->what == SESSION_FATAL) {
		see_fatal(s, now, ev);
		return;
	}
	if (!see_rules(s, now, ev))
		return;
	switch (ev->what) {
	case SESSION_FATAL:
		break;
	case SESSION_VERSION:
		see_version(s, now, ev);
		break;
	case SESSION_PROXY_DONE:
		if (s->c->proxy.type)
			tell_line(s, now, PTP_PROXY, ev);
		else
			tell_line(s, now, PTP_VIOLATION, ev)->ev.reason =
				"an answer about a proxy that is not set";
		break;
	case SESSION_METHOD:
		see_method(s, now, ev);
		break;
	case SESSION_METHOD_ERROR:
		see_method_error(s, now, ev);
		break;
	case SESSION_DONE:
		if (s->state == STARTING)
			see_done(s, now);
		break;
	case SESSION_LOG:
		tell_line(s, now, PTP_LOG, ev);
		break;
	case SESSION_STATUS:
		tell_line(s, now, PTP_STATUS, ev);
		break;
	case SESSION_OTHER:
		note_words(s, ev);
		tell_line(s, now, PTP_OTHER, ev);
		break;
	}
}

void ptp_session_bytes(struct ptp_session *s, int64_t now, enum ptp_stream on,
		       const void *p, size_t n)
{
	enum session_stream stream = on == PTP_STDOUT ? SESSION_STDOUT
						      : SESSION_STDERR;
	struct span rest = span_of(p, n);
	struct session_event ev;

	if (!s->has_lines)
		return;
	while (rest.n > 0) {
		size_t before = rest.n;
		bool whole = session_feed(&s->lines, stream, &rest, &ev);

		s->at[stream] += before - rest.n;
		if (!whole)
			break;
		see_line(s, now, &ev);
		s->line_at[stream] = s->at[stream];
	}
}
