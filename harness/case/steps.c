/*
 * steps.c - reads the steps of a case, as the table in step_kinds.h says, and
 * makes the checks that one field alone cannot make.
 */
#include <stdio.h>
#include <string.h>

#include "harness/case/defs.h"
#include "harness/case/format/dry_run.h"
#include "harness/case/format/step_rows.h"

/* State of one walk over the steps. */
struct walk {
	struct arena *a;
	struct launch_def *l;
	size_t starts;
};

static bool reserved(struct span name)
{
	for (size_t i = 0; i < words_reserved.n; i++)
		if (span_eqs(name, words_reserved.names[i]))
			return true;
	return false;
}

static bool is_name(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!(s.p[i] >= 'a' && s.p[i] <= 'z') &&
		    !(s.p[i] >= '0' && s.p[i] <= '9') && s.p[i] != '-' &&
		    s.p[i] != '_')
			return false;
	return s.n > 0;
}

static bool taken(const struct walk *w, struct span name)
{
	for (size_t i = 0; i < w->l->nsteps; i++)
		if (span_eq(step_gives(&w->l->steps[i]), name))
			return true;
	return false;
}

/* Was the connection or listener opened by an earlier step?  "NAME",
 * "NAME:TRANSPORT", "NAME#I". */
static bool opened(const struct walk *w, struct span s)
{
	struct span name = span_sub(s, 0, span_find(s, ':'));

	return taken(w, span_sub(name, 0, span_find(name, '#')));
}

static bool is_stream(struct span s)
{
	return span_eqs(s, "stdin") || span_eqs(s, "stdout") ||
	       span_eqs(s, "stderr");
}

static int new_name(struct walk *w, const struct json_path *at,
		    struct span *out)
{
	if (json_path_str(at, w->a, out))
		return -1;
	if (!is_name(*out) || reserved(*out))
		return json_path_bad(at, "cannot be a name");
	return taken(w, *out)
		       ? json_path_bad(at, "is the name of an earlier step")
		       : 0;
}

static int old_name(struct walk *w, const struct json_path *at,
		    enum key_type type, struct span *out)
{
	if (json_path_template(at, w->a, out))
		return -1;
	if ((type == KEY_STREAM_OR_NAME && is_stream(*out)) ||
	    (type == KEY_OUTPUT_OR_NAME && span_eqs(*out, "output")) ||
	    opened(w, *out))
		return 0;
	return json_path_bad(at, "is opened by no earlier step");
}

static int limit_field(const struct json_path *at, const struct key *k,
		       void *to)
{
	size_t w;

	if (json_path_word(at, words_limit.names, words_limit.n, &w))
		return -1;
	/* All but LIMIT_NONE, which is 0. */
	w++;
	if (k->dflt == LIMIT_WINDOW && w != LIMIT_WINDOW && w != LIMIT_IDLE)
		return json_path_bad(at, "is no limit of a window");
	key_put_word(to, w);
	return 0;
}

/* What the step says there. */
static int said(struct walk *w, const struct json_path *at, const struct key *k,
		struct step *st)
{
	void *to = (char *)st + k->offset;

	if (k->type == KEY_NEW_NAME)
		return new_name(w, at, to);
	if (k->type == KEY_NAME || k->type == KEY_STREAM_OR_NAME ||
	    k->type == KEY_OUTPUT_OR_NAME)
		return old_name(w, at, k->type, to);
	if (k->type == KEY_LIMIT)
		return limit_field(at, k, to);
	return key_read(at, w->a, k, st);
}

/* What holds when it says nothing; all else is 0, false or absent. */
static void unsaid(const struct key *k, struct step *st)
{
	void *to = (char *)st + k->offset;

	if (k->type == KEY_WORD || k->type == KEY_LIMIT)
		key_put_word(to, (size_t)k->dflt);
	if (k->type == KEY_INT)
		memcpy(to, &k->dflt, sizeof(k->dflt));
	if (k->type == KEY_OUTPUT_OR_NAME)
		*step_span(st, k) = SPAN("output");
}

static int read_key(struct walk *w, const struct json_path *step,
		    const struct key *k, struct step *st)
{
	struct json_path at = json_path_get(step, k->name);

	if (at.v)
		return said(w, &at, k, st);
	unsaid(k, st);
	return k->required ? json_path_need(step, k->name, &at) : 0;
}

static int check_keys(const struct json_path *at, enum step_kind kind)
{
	static const struct key always[] = { { .name = "do" },
					     { .name = NULL } };
	char what[32];

	snprintf(what, sizeof(what), "step \"%s\"", step_name(kind));
	return keys_known(at, always, step_row(kind)->keys(), what);
}

static int find_kind(const struct json_path *at, enum step_kind *out)
{
	struct json_path word;

	if (!json_is_object(at->v))
		return json_path_bad(at, "is no object");
	if (json_path_need(at, "do", &word))
		return -1;
	for (int k = 0; json_is_string(word.v) && k < STEP_KINDS_N; k++) {
		if (strcmp(json_string_value(word.v),
			   step_name((enum step_kind)k)) == 0) {
			*out = (enum step_kind)k;
			return 0;
		}
	}
	return json_path_bad(&word, "is no step");
}

/* What depends on the steps before. */
static int check_start(struct walk *w, const struct json_path *at,
		       const struct step *st)
{
	if (st->kind == STEP_START)
		w->starts++;
	if (w->starts > STARTS_MAX)
		return json_path_fail(at, "a case starts %d instances at most",
				      STARTS_MAX);
	if (w->starts == 0 && !step_row(st->kind)->before_start)
		return json_path_fail(at, "\"%s\" before \"start\"",
				      step_name(st->kind));
	return 0;
}

static int check_wait(const struct json_path *at, const struct step_wait *st)
{
	if (st->what != WAIT_EXIT && span_absent(st->on))
		return json_path_fail(at, "\"on\" is missing");
	if (st->what == WAIT_EXIT && !span_absent(st->on))
		return json_path_fail(at, "\"on\" is not for \"exit\"");
	return 0;
}

static int check_close(const struct json_path *at, const struct step_close *st)
{
	if (is_stream(st->what) && st->how == CLOSE_RST)
		return json_path_fail(at,
				      "only a connection can end with a reset");
	if (is_stream(st->what) && st->how == CLOSE_HALF)
		return json_path_fail(at, "only a connection can end by half");
	return 0;
}

static int check_pause(const struct json_path *at, const struct step_pause *st)
{
	return st->ms || st->idle ? 0 : json_path_fail(at, "\"ms\" is missing");
}

/* A wait for an accept is bounded like a connect of our own. */
static enum limit_id limit_of_wait(enum wait_for what)
{
	switch (what) {
	case WAIT_EXIT:
		return LIMIT_EXIT;
	case WAIT_ACCEPT:
	case WAIT_ENDED:
		return LIMIT_CONNECT;
	case WAIT_FDS:
		return LIMIT_WINDOW;
	}
	return LIMIT_NONE;
}

static int parse_step(struct walk *w, const struct json_path *at,
		      struct step *st)
{
	*st = (struct step){ 0 };
	if (find_kind(at, &st->kind) || check_keys(at, st->kind))
		return -1;
	for (const struct key *k = step_row(st->kind)->keys(); k->name; k++)
		if (read_key(w, at, k, st))
			return -1;
	if (check_start(w, at, st) ||
	    (st->kind == STEP_WAIT && check_wait(at, &st->wait)) ||
	    (st->kind == STEP_PAUSE && check_pause(at, &st->pause)) ||
	    (st->kind == STEP_CLOSE && check_close(at, &st->close)))
		return -1;
	if (st->kind == STEP_WAIT && !json_path_get(at, "limit").v)
		st->wait.limit = limit_of_wait(st->wait.what);
	return 0;
}

int steps_parse(const struct json_path *at, struct arena *a,
		struct launch_def *out)
{
	struct walk w = { .a = a, .l = out };
	struct step *steps;
	size_t n;

	if (json_path_array(at))
		return -1;
	n = json_array_size(at->v);
	if (n > STEPS_MAX)
		return json_path_fail(at, "more than %d steps", STEPS_MAX);
	steps = arena_alloc(a, n * sizeof(*steps));
	out->steps = steps;
	out->nsteps = 0;
	for (size_t i = 0; i < n; i++) {
		struct json_path item = json_path_item(at, i);

		/* Counted afterwards: a name is not its own earlier step. */
		if (parse_step(&w, &item, &steps[i]))
			return -1;
		out->nsteps++;
	}
	return w.starts ? 0 : json_path_fail(at, "nothing is started");
}

void steps_default(struct launch_def *out)
{
	static const struct step session[] = {
		{ .kind = STEP_START },
		{ .kind = STEP_EXPECT,
		  .expect = { EXPECT_ANSWER, LIMIT_INIT } },
		{ .kind = STEP_SETTLE, .settle = { LIMIT_EXIT } },
		{ .kind = STEP_SNAPSHOT,
		  .snapshot = { SNAPSHOT_SOCKETS, SPAN("running") } },
		{ .kind = STEP_CONNECT,
		  .connect = { .to = SPAN("methods"),
			       .as = SPAN("probe"),
			       .count = 1,
			       .limit = LIMIT_CONNECT } },
		{ .kind = STEP_CLOSE, .close = { SPAN("stdin"), CLOSE_FIN } },
		{ .kind = STEP_WAIT,
		  .wait = { .what = WAIT_EXIT, .limit = LIMIT_GRACEFUL } },
	};

	out->steps = session;
	out->nsteps = sizeof(session) / sizeof(session[0]);
}
