/*
 * method_lines.c - see method_lines.h.
 */
#include "harness/req/ipc/method_lines.h"

#include "harness/req/launch/startup.h"
#include "harness/req/core/judges.h"
#include "harness/req/launch/life.h"

/* The own role's messages. */
struct words {
	enum ipc_keyword method, error, done;
	const char *method_name, *done_line;
};

static const struct words *words(const struct judge *j)
{
	static const struct words client = {
		IPC_CMETHOD, IPC_CMETHOD_ERROR, IPC_CMETHODS,
		"CMETHOD", "CMETHODS DONE",
	}, server = {
		IPC_SMETHOD, IPC_SMETHOD_ERROR, IPC_SMETHODS,
		"SMETHOD", "SMETHODS DONE",
	};

	return is_client(j) ? &client : &server;
}

static bool is_bare_done(const struct line *l)
{
	return l->ipc.ntok == 1 && span_eqs(l->ipc.tok[0], "DONE");
}

bool status_is_own(const struct judge *j, const struct method *m)
{
	return m->line->ipc.kw == words(j)->method &&
	       !(m->line->ipc.anomalies & IPC_TAB) && !is_bare_done(m->line) &&
	       (m->line->terminated || view_ended(j->v));
}

/* --- the method line --- */

static judge_fn status_stream;

REQ_ROW(cm_stream_1) = {
	.id = "CM-STREAM-1",
	.area = AREA_CMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.2",
	.role = "pt-client",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "CMETHOD goes to stdout.",
	.needs = OF_CLIENT,
	.judge = status_stream,
};

REQ_ROW(sm_stream_1) = {
	.id = "SM-STREAM-1",
	.area = AREA_SMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "SMETHOD goes to stdout.",
	.needs = OF_SERVER,
	.judge = status_stream,
};

static void status_stream(struct judge *j)
{
	const struct view *v = j->v;

	for_own_methods (m, j)
		j_pass(j, m->line->ev);
	for_lines (l, &v->err) {
		struct ipc_method m;

		if (l->ipc.kw != words(j)->method || l->ipc.ntok < 2)
			continue;
		ipc_parse_method(&l->ipc, &m);
		/* A copy in a log is none of our business. */
		if (!view_requested(v, m.name) || view_method(v, m.name))
			continue;
		j_broken(j, l->ev,
			 arena_printf(j->a, "%s on stdout",
				      words(j)->method_name),
			 "the line \"%s\" on stderr only", j_show(j, l->raw));
		return;
	}
}

static judge_fn status_addr;

REQ_ROW(cm_addr_1) = {
	.id = "CM-ADDR-1",
	.area = AREA_CMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.2",
	.role = "pt-client",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "The address is a literal IPv4 or bracketed IPv6 with a "
		 "port 1–65535.",
	.traps = "T-V6; leading zeros in the expanded IPv6 form are fine.",
	.needs = OF_CLIENT,
	.judge = status_addr,
};

REQ_ROW(sm_addr_1) = {
	.id = "SM-ADDR-1",
	.area = AREA_SMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Address is a literal IP with a non-zero port that clients "
		 "can use.",
	.traps = "`0.0.0.0:p`/`[::]:p` tolerated (AMB-044): connect via "
		 "loopback.",
	.needs = OF_SERVER,
	.judge = status_addr,
};

/* The unspecified address is tolerated (AMB-044). */
static void status_addr(struct judge *j)
{
	for_own_methods (m, j) {
		unsigned odd = m->m.addr_anomalies;

		if (span_absent(m->m.addr_text))
			continue;
		if (odd & ~(unsigned)ADDR_ZONE)
			j_broken(j, m->line->ev,
				 "a literal IPv4 or bracketed "
				 "IPv6 address with a port from 1 to 65535",
				 "\"%s\"", j_show(j, m->m.addr_text));
		else if (odd)
			j_say(j, V_WARN, m->line->ev,
			      "an address that others can use",
			      "the scope in \"%s\"", j_show(j, m->m.addr_text));
		else
			j_pass(j, m->line->ev);
	}
}

/* --- listeners --- */

/* Was there no attempt before that to the same address? */
static bool is_first_attempt(const struct view *v, const struct event *attempt)
{
	for_events (ev, v) {
		if (ev == attempt)
			break;
		if (ev->kind == EV_CONNECT && span_eq(ev->data, attempt->data))
			return false;
	}
	return true;
}

static judge_fn status_listen;

REQ_ROW(cm_listen_1) = {
	.id = "CM-LISTEN-1",
	.area = AREA_CMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.2",
	.role = "pt-client",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "The listener is live when the line is sent.",
	.traps = "Accept-queue semantics: connect success is enough.",
	.needs = OF_CLIENT,
	.judge = status_listen,
};

REQ_ROW(sm_listen_1) = {
	.id = "SM-LISTEN-1",
	.area = AREA_SMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.3",
	.role = "pt-server",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "The listener is live when reported.",
	.traps = "T-OBFS.",
	.needs = OF_SERVER,
	.judge = status_listen,
};

static void status_listen(struct judge *j)
{
	const struct view *v = j->v;
	uint32_t end = life_stimulus(v, 1);

	for_events (ev, v) {
		const struct method *m;

		if (ev->n >= end)
			break;
		if (ev->kind != EV_CONNECT || !life_alive_at(v, ev->n) ||
		    !is_first_attempt(v, ev))
			continue;
		m = life_to_method(v, ev);
		if (!m)
			continue;
		/* A series is one event: that of its last attempt. */
		if (span_eqs(ev->text, "ok") || ev->b > 1)
			j_pass(j, ev->n);
		else if (span_eqs(ev->text, "refused"))
			j_broken(j, m->line->ev,
				 "a listener that is there with the line "
				 "that announces it",
				 "no listener at the "
				 "address of \"%s\"",
				 j_show(j, m->m.name));
		else
			continue;
		j_also(j, ev->n);
	}
}

/* So many connections one after the other are a test of it. */
#define LIFE_CONNECTIONS 20

/* Attempts at announced listeners before the event @end. */
static int64_t attempts(const struct view *v, uint32_t end,
			const struct event **out_last)
{
	int64_t n = 0;

	for_events (ev, v) {
		if (ev->n >= end)
			break;
		if (ev->kind != EV_CONNECT || !life_to_method(v, ev))
			continue;
		n += ev->b;
		*out_last = ev;
	}
	return n;
}

/* Refused where a connection had been accepted before, or NULL. */
static const struct event *refused_later(const struct view *v)
{
	const struct event *ev = life_refused(v, v->done->ev);

	return ev && (ev->b > 1 || !is_first_attempt(v, ev)) ? ev : NULL;
}

static judge_fn status_life;

REQ_ROW(cm_life_1) = {
	.id = "CM-LIFE-1",
	.area = AREA_CMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.2",
	.role = "pt-client",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Listeners stay up after DONE and accept many connections "
		 "one after another.",
	.traps = "Backlog limits under burst: retry.",
	.needs = OF_CLIENT,
	.judge = status_life,
};

REQ_ROW(sm_life_1) = {
	.id = "SM-LIFE-1",
	.area = AREA_SMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.3",
	.role = "pt-server",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "The server keeps accepting after DONE, across failures of "
		 "single connections.",
	.traps = "Deliberate slow handling of bad handshakes (anti-probing) "
		 "is legal.",
	.needs = OF_SERVER,
	.judge = status_life,
};

static void status_life(struct judge *j)
{
	const struct view *v = j->v;
	const struct event *last = NULL;
	int64_t n;

	if (!v->done || life_stimulus(v, 1) < v->done->ev)
		return;
	n = attempts(v, life_stimulus(v, 1), &last);
	if (refused_later(v))
		j_broken(j, refused_later(v)->n, "a listener that stays",
			 "a refused connection after others had been "
			 "accepted");
	else if (n < LIFE_CONNECTIONS)
		return;
	else if (life_gave_up(v))
		j_broken(j, end_ev(v),
			 "a transport that accepts connections "
			 "one after another",
			 "it %s", view_how_ended(v));
	else if (life_alive_at(v, last->n))
		j_pass(j, last->n);
}

/* --- errors --- */

/* As many error lines are looked at. */
#define ERRORS_MAX 256

/* Up to @max lines of keyword @kw. */
static size_t collect(const struct lines *lines, enum ipc_keyword kw,
		      const struct line **out, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < lines->n && n < max; i++)
		if (lines->v[i].ipc.kw == kw)
			out[n++] = &lines->v[i];
	return n;
}

/* The own role's error lines on both streams. */
static size_t errors(const struct judge *j, const struct line **out)
{
	size_t n = collect(&j->v->err, words(j)->error, out, ERRORS_MAX);

	return n +
	       collect(&j->v->out, words(j)->error, out + n, ERRORS_MAX - n);
}

static struct span error_name(const struct line *l)
{
	return l->ipc.ntok ? l->ipc.tok[0] : SPAN("");
}

static bool requested_twice(const struct view *v, struct span name)
{
	size_t n = 0;

	for (size_t i = 0; i < v->requested.n; i++)
		n += span_eq(v->requested.v[i], name);
	return n > 1;
}

static judge_fn status_once;

REQ_ROW(cm_once_1) = {
	.id = "CM-ONCE-1",
	.area = AREA_CMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.2",
	.role = "pt-client",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "One outcome per transport: launched or failed, not both.",
	.traps = "With several modes in one process see AMB-051.",
	.needs = OF_CLIENT,
	.judge = status_once,
};

REQ_ROW(sm_once_1) = {
	.id = "SM-ONCE-1",
	.area = AREA_SMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "One outcome per transport.",
	.needs = OF_SERVER,
	.judge = status_once,
};

static void status_once(struct judge *j)
{
	const struct line *e[ERRORS_MAX];
	size_t n = errors(j, e);

	for_own_methods (m, j)
		j_pass(j, m->line->ev);
	for (size_t i = 0; i < n; i++) {
		struct span name = error_name(e[i]);
		const struct method *m = view_method(j->v, name);

		/* Asked for twice, it may well come and fail. */
		if (!m || !status_is_own(j, m) || requested_twice(j->v, name))
			continue;
		j_broken(j, m->line->ev, "one outcome per transport",
			 "\"%s\" both launched and failed", j_show(j, name));
		j_also(j, e[i]->ev);
		return;
	}
}

/* Does the same text stand in a line of the other stream? */
static bool has_copy(const struct lines *lines, const struct line *l)
{
	for (size_t i = 0; i < lines->n && i < 4 * ERRORS_MAX; i++)
		if (span_contains(lines->v[i].raw, l->raw))
			return true;
	return false;
}

static const char *stream_name(const struct judge *j, const struct lines *s)
{
	return s == &j->v->err ? "stderr" : "stdout";
}

/* Error lines belong on @wanted; where they are on @other, too, is said. */
static void on_stream(struct judge *j, const struct lines *wanted,
		      const struct lines *other)
{
	const struct line *e[ERRORS_MAX];
	size_t n = collect(other, words(j)->error, e, ERRORS_MAX);
	const struct line *l = lines_find(wanted, words(j)->error, 0);
	const char *expected = arena_printf(j->a, "%s-ERROR on %s",
					    words(j)->method_name,
					    stream_name(j, wanted));

	for (size_t i = 0; i < n; i++)
		if (!has_copy(wanted, e[i])) {
			j_broken(j, e[i]->ev, expected,
				 "the line \"%s\" on %s only",
				 j_show(j, e[i]->raw), stream_name(j, other));
			return;
		}
	if (n && wanted == &j->v->err)
		j_say(j, V_WARN, e[0]->ev, expected,
		      "the line \"%s\" on stdout as well",
		      j_show(j, e[0]->raw));
	else if (l)
		j_pass(j, l->ev);
}

/* Behind a logger's prefix, and nowhere else (AMB-019). */
static void decorated_error(struct judge *j)
{
	const struct view *v = j->v;

	if (view_error(v, words(j)->error) ||
	    policy_is(j->policy, P_ERRORS_PREFIX, "pass"))
		return;
	for_lines (l, &v->err)
		if (l->ipc.anomalies & IPC_DECORATED &&
		    l->ipc.decorated == words(j)->error) {
			j_say(j,
			      policy_is(j->policy, P_ERRORS_PREFIX, "fail")
				      ? V_FAIL
				      : V_WARN,
			      l->ev,
			      "an error message at the start of its line",
			      "the line \"%s\"", j_show(j, l->raw));
			return;
		}
}

static judge_fn status_error_stream;

REQ_ROW(cm_err_stream_1) = {
	.id = "CM-ERR-STREAM-1",
	.area = AREA_CMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.2",
	.role = "pt-client",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "CMETHOD-ERROR goes to stderr.",
	.traps = "AMB-016; SKIP if no failure can be provoked.",
	.needs = OF_CLIENT,
	.judge = status_error_stream,
};

REQ_ROW(sm_err_stream_1) = {
	.id = "SM-ERR-STREAM-1",
	.area = AREA_SMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "SMETHOD-ERROR goes to stderr.",
	.traps = "AMB-016.",
	.needs = OF_SERVER,
	.judge = status_error_stream,
};

static void status_error_stream(struct judge *j)
{
	const struct view *v = j->v;
	const struct line *l = view_error(v, words(j)->error);

	if (life_by_20(j))
		decorated_error(j);
	/* Who chose 2 in a probe does as 2 wants it. */
	if ((!j_is20(j) && !span_eqs(v->negotiated, "2")) ||
	    policy_is(j->policy, P_ERRORS_STREAM, "stdout"))
		on_stream(j, &v->out, &v->err);
	else if (life_by_20(j) &&
		 policy_is(j->policy, P_ERRORS_STREAM, "stderr"))
		on_stream(j, &v->err, &v->out);
	else if (l)
		j_pass(j, l->ev);
}

/* Length of the requested name at the start of @args, 0: none.  A name that
 * breaks the rules for names may hold spaces. */
static size_t name_in(struct span list, struct span args)
{
	struct span one;
	size_t longest = 0;

	while (span_split(&list, ',', &one))
		if (span_starts(args, one) && one.n > longest &&
		    (one.n == args.n || args.p[one.n] == ' '))
			longest = one.n;
	return longest;
}

/* An empty item of the list, and the line repeats it between two spaces. */
static bool names_nothing(const struct view *v, struct span args)
{
	return args.n && args.p[0] == ' ' && view_requested(v, SPAN(""));
}

static judge_fn status_error_form;

REQ_ROW(cm_err_fmt_1) = {
	.id = "CM-ERR-FMT-1",
	.area = AREA_CMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.2",
	.role = "pt-client",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "It names the transport and gives a message.",
	.traps = "Text free.",
	.needs = OF_CLIENT,
	.judge = status_error_form,
};

REQ_ROW(sm_err_fmt_1) = {
	.id = "SM-ERR-FMT-1",
	.area = AREA_SMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "It names transport and reason.",
	.needs = OF_SERVER,
	.judge = status_error_form,
};

static void status_error_form(struct judge *j)
{
	const char *var = view_transports_var(j->v);
	const struct line *e[ERRORS_MAX];
	size_t n = errors(j, e);

	for (size_t i = 0; i < n; i++) {
		struct span args = e[i]->ipc.args;
		size_t len = name_in(view_setting(j->v, var), args);

		if (!len)
			len = name_in(view_env(j->v, var), args);
		if (e[i]->ipc.anomalies & IPC_TAB || names_nothing(j->v, args))
			continue;
		if (!len || args.n < len + 2)
			j_broken(j, e[i]->ev,
				 "the name of a requested transport and a "
				 "message",
				 "the line \"%s\"", j_show(j, e[i]->raw));
		else
			j_pass(j, e[i]->ev);
	}
}

/* The error line of a transport that the target offers and was asked for. */
static const struct line *known_error(const struct judge *j)
{
	const struct line *e[ERRORS_MAX];
	size_t n = errors(j, e);

	for (size_t i = 0; i < n; i++)
		if (view_known(j->v, error_name(e[i])) &&
		    view_requested(j->v, error_name(e[i])))
			return e[i];
	return NULL;
}

static judge_fn status_error_live;

REQ_ROW(cm_err_live_1) = {
	.id = "CM-ERR-LIVE-1",
	.area = AREA_CMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.2",
	.role = "pt-client",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "A failed transport does not end the process or the others.",
	.traps = "Exit when *all* fail: the text says no termination; FAIL "
		 "too.",
	.needs = OF_CLIENT,
	.judge = status_error_live,
};

REQ_ROW(sm_err_live_1) = {
	.id = "SM-ERR-LIVE-1",
	.area = AREA_SMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "A failed transport does not end the process or the others.",
	.traps = "With one transport only: alive after DONE.",
	.needs = OF_SERVER,
	.judge = status_error_live,
};

static void status_error_live(struct judge *j)
{
	const struct view *v = j->v;
	const struct line *e = known_error(j);
	const char *expected = "a process that goes on after one transport "
			       "failed";
	/* 1.0 does not say what happens when none is left. */
	bool free = !life_by_20(j) && !v->methods.n;

	/* Who was told to end with stdin has another reason to go. */
	if (!e || view_fatal(v) || target_says(j, "ended"))
		return;
	if (life_gave_up(v))
		j_say(j, free ? V_INFO : j->req->dflt, e->ev, expected,
		      "after \"%s\" it %s", j_show(j, e->raw),
		      view_how_ended(v));
	else if (v->done && life_survived(v, v->done->ev))
		j_pass(j, e->ev);
}

/* --- DONE --- */

/* A line that was meant to be DONE, or NULL. */
static const struct line *misspelt_done(const struct judge *j)
{
	for_lines (l, &j->v->out) {
		if (l->ipc.kw == words(j)->done && !is_bare_done(l))
			return l;
		if (!j->v->done &&
		    ((l->ipc.kw == words(j)->method && is_bare_done(l)) ||
		     span_eqs(l->ipc.keyword,
			      is_client(j) ? "CMETHODSDONE" : "SMETHODSDONE")))
			return l;
	}
	return NULL;
}

static const struct line *second_done(const struct judge *j)
{
	for_lines (l, &j->v->out)
		if (l != j->v->done && l->ipc.kw == words(j)->done &&
		    is_bare_done(l) && !(l->ipc.anomalies & IPC_TAB))
			return l;
	return NULL;
}

/* Is the missing DONE the consequence of what other rules are about? */
static bool excused(const struct judge *j)
{
	if (misspelt_done(j) || view_fatal(j->v))
		return true;
	return !is_probe(j, "control") && (crashed(j) || refused_orderly(j));
}

static judge_fn status_done_once;

REQ_ROW(cm_done_1) = {
	.id = "CM-DONE-1",
	.area = AREA_CMETHOD,
	.level = L_MUST,
	.section = "3.3.2.2",
	.role = "pt-client",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "A final CMETHODS DONE is sent once all transports "
		 "succeeded or failed.",
	.traps = "T-TIME. Not after VERSION-ERROR/ENV-ERROR/PROXY-ERROR.",
	.needs = OF_CLIENT,
	.judge = status_done_once,
};

REQ_ROW(sm_done_1) = {
	.id = "SM-DONE-1",
	.area = AREA_SMETHOD,
	.level = L_MUST,
	.section = "3.3.2.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "SMETHODS DONE is sent when all are initialised or failed.",
	.traps = "T-TIME.",
	.needs = OF_SERVER,
	.judge = status_done_once,
};

static void status_done_once(struct judge *j)
{
	const struct view *v = j->v;
	const char *expected =
		arena_printf(j->a, "`%s` once on stdout", words(j)->done_line);
	const struct line *again = second_done(j);

	if (again && v->done) {
		j_broken(j, v->done->ev, expected, "it twice");
		j_also(j, again->ev);
	} else if (v->done) {
		j_pass(j, v->done->ev);
	} else if (!is_legal(j) || excused(j)) {
		return;
	} else if (life_gave_up(v)) {
		/* Else what it wrote last may be missing. */
		if (!output_whole(v))
			return;
		j_broken(j, end_ev(v), expected, "none before it %s",
			 view_how_ended(v));
	} else if (hung(j)) {
		j_late(j, view_limit(v, "init", 1), expected,
		       "none within the limit");
	}
}

static judge_fn status_done_last;

REQ_ROW(cm_done_2) = {
	.id = "CM-DONE-2",
	.area = AREA_CMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.2",
	.role = "pt-client",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Nothing about methods follows DONE.",
	.traps = "T-ORDER for stderr.",
	.needs = OF_CLIENT,
	.judge = status_done_last,
};

REQ_ROW(sm_done_2) = {
	.id = "SM-DONE-2",
	.area = AREA_SMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "No SMETHOD after DONE.",
	.traps = "T-ORDER (stderr only).",
	.needs = OF_SERVER,
	.judge = status_done_last,
};

static void status_done_last(struct judge *j)
{
	const struct view *v = j->v;

	if (!v->done)
		return;
	for (const struct line *l = v->done + 1; l < v->out.v + v->out.n; l++) {
		if ((l->ipc.kw != words(j)->method &&
		     l->ipc.kw != words(j)->error) ||
		    l->ipc.anomalies & IPC_TAB)
			continue;
		j_broken(j, l->ev,
			 arena_printf(j->a,
				      "nothing about methods "
				      "after `%s`",
				      words(j)->done_line),
			 "the line \"%s\"", j_show(j, l->raw));
		j_also(j, v->done->ev);
		return;
	}
	if (v->complete)
		j_pass(j, v->done->ev);
}

static judge_fn status_done_form;

REQ_ROW(cm_done_3) = {
	.id = "CM-DONE-3",
	.area = AREA_CMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.2",
	.role = "pt-client",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Its form is `CMETHODS DONE` on stdout.",
	.traps = "T-CR.",
	.needs = OF_CLIENT,
	.judge = status_done_form,
};

REQ_ROW(sm_done_3) = {
	.id = "SM-DONE-3",
	.area = AREA_SMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Exact form on stdout.",
	.traps = "T-CR.",
	.needs = OF_SERVER,
	.judge = status_done_form,
};

static void status_done_form(struct judge *j)
{
	const struct line *l = misspelt_done(j);

	if (l)
		j_broken(j, l->ev,
			 arena_printf(j->a, "`%s`", words(j)->done_line),
			 "the line \"%s\"", j_show(j, l->raw));
	else if (j->v->done)
		j_pass(j, j->v->done->ev);
}

/* --- roles --- */

static bool is_foreign(const struct judge *j, enum ipc_keyword kw)
{
	if (is_client(j))
		return kw == IPC_SMETHOD || kw == IPC_SMETHOD_ERROR ||
		       kw == IPC_SMETHODS;
	if (kw == IPC_PROXY || kw == IPC_PROXY_ERROR)
		/* With a proxy set, that is PX-SRV-1. */
		return span_absent(view_setting(j->v, "TOR_PT_PROXY"));
	return kw == IPC_CMETHOD || kw == IPC_CMETHOD_ERROR ||
	       kw == IPC_CMETHODS;
}

static judge_fn status_role;

REQ_ROW(cm_role_1) = {
	.id = "CM-ROLE-1",
	.area = AREA_CMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.2",
	.role = "pt-client",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "A client prints no SMETHOD messages.",
	.needs = OF_CLIENT,
	.judge = status_role,
};

REQ_ROW(sm_role_1) = {
	.id = "SM-ROLE-1",
	.area = AREA_SMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "A server prints no CMETHOD or PROXY messages.",
	.needs = OF_SERVER,
	.judge = status_role,
};

static void status_role(struct judge *j)
{
	const struct view *v = j->v;

	/* With both lists set, or none, the role is not settled. */
	if (!span_absent(view_env(v, is_client(j)
					     ? "TOR_PT_SERVER_TRANSPORTS"
					     : "TOR_PT_CLIENT_TRANSPORTS")) ||
	    span_absent(view_env(v, view_transports_var(v))))
		return;
	for_lines (l, &v->out)
		if (is_foreign(j, l->ipc.kw)) {
			j_broken(j, l->ev, "messages of the own role only",
				 "the line \"%s\" from a %s", j_show(j, l->raw),
				 is_client(j) ? "client" : "server");
			return;
		}
	if (v->done)
		j_pass(j, v->done->ev);
}
