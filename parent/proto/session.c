/*
 * session.c - see session.h.
 *
 * The lines are parsed by ipc/; here is what they mean one after the other.
 * What a line says is noted by see_*(), which also say what is odd about it.
 */
#include "parent/proto/session.h"

#include "parent/proto/ipc/verlist.h"

void session_init(struct session *s, const struct session_offer *offer)
{
	*s = (struct session){ .offer = *offer };
	for (int i = 0; i < 2; i++)
		s->line[i] = BUF_MAX(SESSION_LINE_MAX);
}

void session_fini(struct session *s)
{
	for (int i = 0; i < 2; i++)
		buf_fini(&s->line[i]);
	arena_fini(&s->arena);
}

/* --- lines --- */

static bool says_done(const struct ipc_line *line)
{
	return line->ntok == 1 && span_eqs(line->tok[0], "DONE");
}

static unsigned early(const struct session *s)
{
	return s->versioned ? 0 : SESSION_EARLY;
}

/* @server: of the line. */
static unsigned other_role(const struct session *s, bool server)
{
	return server == s->offer.server ? 0 : SESSION_OTHER_ROLE;
}

static void see_version(struct session *s, const struct ipc_line *line,
			struct session_event *ev)
{
	ev->what = SESSION_VERSION;
	if (line->ntok != 1)
		ev->odd |= SESSION_MALFORMED;
	if (line->ntok > 0) {
		ev->word = line->tok[0];
		if (!verlist_has(s->offer.versions, ev->word))
			ev->odd |= SESSION_NOT_OFFERED;
	}
	if (s->versioned) {
		ev->odd |= SESSION_AGAIN;
		return;
	}
	s->versioned = true;
	s->version = arena_span(&s->arena, ev->word);
	s->not_offered = ev->odd & SESSION_NOT_OFFERED;
}

static void see_fatal(struct session *s, const struct ipc_line *line,
		      struct session_event *ev)
{
	ev->what = SESSION_FATAL;
	ev->word = line->keyword;
	ev->text = line->args;
	s->fatal = true;
}

static void see_proxy(struct session *s, const struct ipc_line *line,
		      struct session_event *ev)
{
	if (!says_done(line)) {
		ev->odd |= SESSION_MALFORMED;
		return;
	}
	ev->what = SESSION_PROXY_DONE;
	ev->odd |= early(s);
	if (s->proxied)
		ev->odd |= SESSION_AGAIN;
	s->proxied = true;
}

static void see_done(struct session *s, const struct ipc_line *line,
		     struct session_event *ev)
{
	if (!says_done(line)) {
		ev->odd |= SESSION_MALFORMED;
		return;
	}
	ev->what = SESSION_DONE;
	ev->server = line->kw == IPC_SMETHODS;
	ev->odd |= early(s) | other_role(s, ev->server);
	if (ev->server != s->offer.server)
		return;
	if (s->done)
		ev->odd |= SESSION_AGAIN;
	s->done = true;
}

static bool is_asked(const struct session *s, struct span name)
{
	/* The same commas and the same whole words as in a version list. */
	return verlist_has(s->offer.transports, name) ||
	       verlist_has(s->offer.transports, SPAN("*"));
}

static bool is_known(const struct session *s, struct span name)
{
	for (size_t i = 0; i < s->nmethods; i++)
		if (span_eq(s->method[i].m.name, name))
			return true;
	return false;
}

/* Both the good news and the bad news of a method. */
static unsigned odd_of_method(const struct session *s, bool server,
			      struct span name)
{
	unsigned odd = early(s) | other_role(s, server);

	if (s->offer.proxy && !s->proxied)
		odd |= SESSION_EARLY;
	if (s->done)
		odd |= SESSION_LATE;
	if (is_known(s, name))
		odd |= SESSION_AGAIN;
	if (!span_absent(name) && !is_asked(s, name))
		odd |= SESSION_NOT_ASKED;
	return odd;
}

/* A copy of the line, so that the spans of the method may point into it. */
static void keep_method(struct session *s, struct session_event *ev)
{
	struct session_method *kept = &s->method[s->nmethods++];
	struct ipc_line line;

	ipc_parse(arena_span(&s->arena, ev->line), &line);
	*kept = (struct session_method){ .server = ev->server, .odd = ev->odd };
	ipc_parse_method(&line, &kept->m);
	ev->method = kept->m;
}

static void see_method(struct session *s, const struct ipc_line *line,
		       struct session_event *ev)
{
	const struct ipc_method *m = &ev->method;

	ev->what = SESSION_METHOD;
	ev->server = line->kw == IPC_SMETHOD;
	ipc_parse_method(line, &ev->method);
	if (m->anomalies & METHOD_MISSING || !m->addr.family || !m->addr.port)
		ev->odd |= SESSION_MALFORMED;
	ev->odd |= odd_of_method(s, ev->server, m->name);
	if (s->nmethods == SESSION_METHODS_MAX)
		ev->odd |= SESSION_TOO_MANY;
	else if (!(ev->odd & SESSION_MALFORMED))
		keep_method(s, ev);
	ev->word = m->name;
}

static void see_method_error(struct session *s, const struct ipc_line *line,
			     struct session_event *ev)
{
	ev->what = SESSION_METHOD_ERROR;
	ev->server = line->kw == IPC_SMETHOD_ERROR;
	if (line->ntok == 0) {
		ev->odd |= SESSION_MALFORMED;
	} else {
		size_t end;

		ev->word = line->tok[0];
		end = (size_t)(ev->word.p - line->args.p) + ev->word.n;
		if (line->ntok > 1)
			ev->text = span_sub(line->args, end + 1, line->args.n);
	}
	ev->odd |= odd_of_method(s, ev->server, ev->word);
}

static void see_words(const struct ipc_line *line, enum session_what what,
		      struct session_event *ev)
{
	ev->what = what;
	ev->text = line->args;
}

static void see_stdout(struct session *s, const struct ipc_line *line,
		       struct session_event *ev)
{
	switch (line->kw) {
	case IPC_VERSION_ERROR:
	case IPC_ENV_ERROR:
	case IPC_PROXY_ERROR:
		see_fatal(s, line, ev);
		break;
	case IPC_VERSION:
		see_version(s, line, ev);
		break;
	case IPC_PROXY:
		see_proxy(s, line, ev);
		break;
	case IPC_CMETHOD:
	case IPC_SMETHOD:
		see_method(s, line, ev);
		break;
	case IPC_CMETHOD_ERROR:
	case IPC_SMETHOD_ERROR:
		see_method_error(s, line, ev);
		break;
	case IPC_CMETHODS:
	case IPC_SMETHODS:
		see_done(s, line, ev);
		break;
	case IPC_LOG:
		see_words(line, SESSION_LOG, ev);
		break;
	case IPC_STATUS:
		see_words(line, SESSION_STATUS, ev);
		break;
	case IPC_UNKNOWN:
		break;
	}
}

static void see_stderr(struct session *s, const struct ipc_line *line,
		       struct session_event *ev)
{
	if (line->kw == IPC_VERSION_ERROR || line->kw == IPC_ENV_ERROR ||
	    line->kw == IPC_PROXY_ERROR)
		see_fatal(s, line, ev);
	else if (line->kw != IPC_UNKNOWN)
		ev->odd |= SESSION_WRONG_STREAM;
}

/* --- bytes --- */

static void see_line(struct session *s, enum session_stream on,
		     struct session_event *ev)
{
	struct ipc_line line;

	*ev = (struct session_event){ .on = on,
				      .line = buf_span(&s->line[on]) };
	if (s->line[on].full) {
		ev->odd = SESSION_TOO_LONG;
	} else {
		ipc_parse(ev->line, &line);
		if (line.anomalies & IPC_TAB)
			ev->odd |= SESSION_MALFORMED;
		if (on == SESSION_STDOUT)
			see_stdout(s, &line, ev);
		else
			see_stderr(s, &line, ev);
	}
	s->odd |= ev->odd;
}

bool session_feed(struct session *s, enum session_stream on, struct span *bytes,
		  struct session_event *ev)
{
	size_t end = span_find(*bytes, '\n');
	bool whole = end < bytes->n;

	if (s->told[on])
		buf_reset(&s->line[on]);
	buf_add(&s->line[on], span_sub(*bytes, 0, end));
	*bytes = span_sub(*bytes, end + whole, bytes->n);
	s->told[on] = whole;
	if (whole)
		see_line(s, on, ev);
	return whole;
}

/* --- ends --- */

void session_closed(struct session *s, enum session_stream on)
{
	s->closed[on] = true;
}

void session_exited(struct session *s)
{
	s->exited = true;
}

enum session_unusable session_unusable(const struct session *s)
{
	if (s->fatal)
		return SESSION_IS_FATAL;
	if (s->not_offered)
		return SESSION_OTHER_VERSION;
	if (s->offer.proxy && !s->proxied)
		return SESSION_NO_PROXY;
	if (s->exited || (s->closed[SESSION_STDOUT] && !s->done))
		return SESSION_GONE;
	if (!s->versioned)
		return SESSION_NO_VERSION;
	return s->done ? SESSION_USABLE : SESSION_NOT_DONE;
}
