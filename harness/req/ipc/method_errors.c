/*
 * method_errors.c - CMETHOD-ERROR and SMETHOD-ERROR.
 */
#include "harness/req/ipc/method_lines.h"
#include "harness/req/launch/life.h"

/* As many error lines are looked at. */
#define ERRORS_MAX 256

/* Up to @max lines of keyword @kw. */
static size_t errors_collect(const struct lines *lines, enum ipc_keyword kw,
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
	size_t n = errors_collect(&j->v->err, method_words(j)->error, out,
				  ERRORS_MAX);

	return n + errors_collect(&j->v->out, method_words(j)->error, out + n,
				  ERRORS_MAX - n);
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
	size_t n = errors_collect(other, method_words(j)->error, e, ERRORS_MAX);
	const struct line *l = lines_find(wanted, method_words(j)->error, 0);
	const char *expected = arena_printf(j->a, "%s-ERROR on %s",
					    method_words(j)->method_name,
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

	if (view_error(v, method_words(j)->error) ||
	    policy_is(j->policy, P_ERRORS_PREFIX, "pass"))
		return;
	for_lines (l, &v->err)
		if (l->ipc.anomalies & IPC_DECORATED &&
		    l->ipc.decorated == method_words(j)->error) {
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
	const struct line *l = view_error(v, method_words(j)->error);

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
