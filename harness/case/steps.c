/*
 * steps.c - the steps of a case: a table of what each kind may and must say,
 * and the checks that one step alone cannot make.
 */
#include <stdio.h>

#include "harness/case/defs.h"

/* A case with more steps than this is a mistake. */
#define STEPS_MAX 256
#define COUNT_MAX (1 << 30)
#define PAUSE_MAX_MS (10 * 60 * 1000)
#define PORTS_MAX 65535

/* --- what a step may say --- */

enum field {
	F_NONE,
	F_WORD,
	F_TEMPLATE,
	F_NEW_NAME,
	F_NAME,
	F_CLOSABLE, /* a name or one of our ends of the streams */
	F_READ,	    /* a name or "output" */
};

/* A text of the step; key NULL: the kind has none. */
struct text_field {
	const char *key;
	enum field type;
	bool optional; /* takes dflt, or stays absent */
	const char *dflt;
	const char *words[26]; /* F_WORD: up to the first NULL */
};

struct kind_row {
	struct text_field what, as, bytes, more[MORE_N];
	const char *count;	/* key of the number */
	int64_t min, max, dflt; /* of it; must be given when dflt < min */
	const char *flag;	/* key of the yes or no */
	enum limit_id limit;	/* default; others may be named when it is
				   neither NONE nor WINDOW */
	bool before_start;	/* makes sense before the PT runs */
};

static const struct kind_row rows[] = {
	[STEP_START] = {
		.what = { .key = "role", .type = F_WORD, .optional = true,
			  .dflt = "own", .words = { "own", "peer" } },
		.before_start = true,
	},
	[STEP_EXPECT] = {
		.what = { .key = "what", .type = F_WORD,
			  .words = { "version", "method", "done", "answer" } },
		.limit = LIMIT_INIT,
	},
	[STEP_SETTLE] = { .limit = LIMIT_EXIT },
	[STEP_SNAPSHOT] = {
		.what = { .key = "of", .type = F_WORD,
			  .words = { "sockets", "processes", "files", "fds",
				     "memory" } },
		.as = { .key = "as", .type = F_NEW_NAME },
		.before_start = true,
	},
	[STEP_CONNECT] = {
		.what = { .key = "to", .type = F_TEMPLATE },
		.as = { .key = "as", .type = F_NEW_NAME },
		.more = { { .key = "from", .type = F_TEMPLATE,
			    .optional = true } },
		.count = "count", .min = 1, .max = PORTS_MAX, .dflt = 1,
		.flag = "hold", .limit = LIMIT_CONNECT,
	},
	[STEP_SOCKS] = {
		.what = { .key = "dest", .type = F_TEMPLATE },
		.as = { .key = "as", .type = F_NEW_NAME },
		.bytes = { .key = "request", .type = F_TEMPLATE,
			   .optional = true },
		.more = {
			[MORE_FROM] = { .key = "from", .type = F_TEMPLATE,
					.optional = true },
			[MORE_SEND] = { .key = "send", .type = F_WORD,
					.optional = true, .dflt = "whole",
					.words = { "whole", "bytewise",
						   "slow" } },
			[MORE_EXTRA] = { .key = "extra", .type = F_TEMPLATE,
					 .optional = true },
			[MORE_UNTIL] = { .key = "until", .type = F_NAME,
					 .optional = true },
		},
		.count = "count", .min = 1, .max = PORTS_MAX, .dflt = 1,
		.flag = "hold", .limit = LIMIT_CONNECT,
	},
	[STEP_PUMP] = {
		.what = { .key = "on", .type = F_NAME },
		.as = { .key = "to", .type = F_NAME },
		.count = "bytes", .min = 1, .max = COUNT_MAX, .dflt = 0,
		.flag = "both", .limit = LIMIT_CONNECT,
	},
	[STEP_EXTOR] = {
		.what = { .key = "at", .type = F_TEMPLATE },
		.as = { .key = "as", .type = F_NEW_NAME },
		.more = {
			[MORE_DOES] = {
				.key = "does", .type = F_WORD,
				.optional = true, .dflt = "serve",
				.words = { "serve", "some-types", "all-types",
					   "body", "deny", "no-type",
					   "wrong-hash", "refuse-hash",
					   "unknown", "glue", "never",
					   "stall-types", "stall-nonce",
					   "stall-hash", "stall-command",
					   "stall-done", "close-types",
					   "close-nonce", "close-hash",
					   "close-command", "close-done",
					   "reset-types", "reset-nonce",
					   "reset-hash", "reset-command",
					   "reset-done" } },
			[MORE_COOKIE] = { .key = "cookie",
					  .type = F_TEMPLATE,
					  .optional = true },
		},
		.flag = "split", .before_start = true,
	},
	[STEP_PROXY] = {
		.what = { .key = "at", .type = F_TEMPLATE },
		.as = { .key = "as", .type = F_NEW_NAME },
		.more = {
			[MORE_KIND] = { .key = "kind", .type = F_WORD,
					.words = { "socks5", "socks4a",
						   "http" } },
			[MORE_DOES] = {
				.key = "does", .type = F_WORD,
				.optional = true, .dflt = "serve",
				.words = { "serve", "fail", "no-method",
					   "bad-auth", "garbage",
					   "stall-greeting", "stall-request",
					   "close-greeting", "close-request",
					   "reset-greeting", "reset-request",
					   "drop", "bound-v6", "bound-name",
					   "glue" } },
			[MORE_USER] = { .key = "user", .type = F_TEMPLATE,
					.optional = true },
			[MORE_PASSWORD] = { .key = "password",
					    .type = F_TEMPLATE,
					    .optional = true },
		},
		.count = "code", .min = 0, .max = 999, .dflt = 0,
		.flag = "split", .before_start = true,
	},
	[STEP_FILE] = {
		.what = { .key = "at", .type = F_TEMPLATE },
		.bytes = { .key = "bytes", .type = F_TEMPLATE },
		.before_start = true,
	},
	[STEP_GARBLE] = {
		.what = { .key = "below", .type = F_TEMPLATE },
		.as = { .key = "how", .type = F_WORD,
			.words = { "empty", "cut", "flip" } },
		.before_start = true,
	},
	[STEP_SEND] = {
		.what = { .key = "on", .type = F_NAME },
		.bytes = { .key = "bytes", .type = F_TEMPLATE },
	},
	[STEP_RECV] = {
		.what = { .key = "on", .type = F_NAME },
		.count = "count", .min = 1, .max = COUNT_MAX, .dflt = 0,
		.limit = LIMIT_CONNECT,
	},
	[STEP_LISTEN] = {
		.what = { .key = "at", .type = F_TEMPLATE },
		.as = { .key = "as", .type = F_NEW_NAME },
		.flag = "full", .before_start = true,
	},
	[STEP_WRITE] = {
		.bytes = { .key = "bytes", .type = F_TEMPLATE },
		.count = "times", .min = 1, .max = COUNT_MAX, .dflt = 1,
	},
	[STEP_CLOSE] = {
		.what = { .key = "what", .type = F_CLOSABLE },
		.as = { .key = "how", .type = F_WORD, .optional = true,
			.dflt = "fin", .words = { "fin", "rst", "half" } },
		.before_start = true,
	},
	[STEP_STALL] = {
		.what = { .key = "on", .type = F_READ, .optional = true,
			  .dflt = "output" },
	},
	[STEP_RESUME] = {
		.what = { .key = "on", .type = F_READ, .optional = true,
			  .dflt = "output" },
	},
	[STEP_SIGNAL] = {
		.what = { .key = "signal", .type = F_WORD,
			  .words = { "TERM", "INT", "HUP", "QUIT", "KILL",
				     "PIPE", "USR1", "USR2", "WINCH", "STOP",
				     "CONT" } },
		.as = { .key = "to", .type = F_WORD, .optional = true,
			.dflt = "pt",
			.words = { "pt", "parent" } },
	},
	[STEP_PAUSE] = {
		.count = "ms", .min = 1, .max = PAUSE_MAX_MS, .dflt = 0,
		.before_start = true,
	},
	[STEP_WAIT] = {
		.what = { .key = "for", .type = F_WORD, .optional = true,
			  .dflt = "exit",
			  .words = { "exit", "accept", "fds" } },
		.as = { .key = "on", .type = F_NAME, .optional = true },
		.limit = LIMIT_EXIT,
	},
	[STEP_WINDOW] = {
		.count = "ms", .min = 0, .max = PAUSE_MAX_MS, .dflt = 0,
		.limit = LIMIT_WINDOW,
	},
	[STEP_PORTS] = {
		.count = "left", .min = -1, .max = PORTS_MAX, .dflt = -2,
		.before_start = true,
	},
	[STEP_STOP] = { .before_start = false },
};

/* State of one walk over the steps. */
struct walk {
	struct arena *a;
	struct launch_def *l;
	size_t starts;
};

/* Names that events use for something else. */
static bool reserved(struct span name)
{
	static const char *const words[] = {
		"stdin", "stdout", "stderr", "output", "pt", "parent", "after",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (span_eqs(name, words[i]))
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

/* Was the connection or listener opened by an earlier step?  "NAME",
 * "NAME:TRANSPORT", "NAME#I". */
static bool opened(const struct walk *w, struct span s)
{
	struct span name = span_sub(s, 0, span_find(s, ':'));

	name = span_sub(name, 0, span_find(name, '#'));
	for (size_t i = 0; i < w->l->nsteps; i++) {
		const struct step *st = &w->l->steps[i];

		if (rows[st->kind].as.type == F_NEW_NAME &&
		    span_eq(st->as, name))
			return true;
	}
	return false;
}

static bool taken(const struct walk *w, struct span name)
{
	for (size_t i = 0; i < w->l->nsteps; i++)
		if (rows[w->l->steps[i].kind].as.type == F_NEW_NAME &&
		    span_eq(w->l->steps[i].as, name))
			return true;
	return false;
}

static bool is_stream(struct span s)
{
	return span_eqs(s, "stdin") || span_eqs(s, "stdout") ||
	       span_eqs(s, "stderr");
}

static int word_field(const struct json_path *at, const struct text_field *f,
		      struct span *out)
{
	size_t n = 0, w;

	while (n < sizeof(f->words) / sizeof(f->words[0]) && f->words[n])
		n++;
	if (json_path_word(at, f->words, n, &w))
		return -1;
	*out = span_str(f->words[w]);
	return 0;
}

static int text_field(struct walk *w, const struct json_path *step,
		      const struct text_field *f, struct span *out)
{
	struct json_path at;

	if (!f->key)
		return 0;
	at = json_path_get(step, f->key);
	if (!at.v && f->optional) {
		*out = span_str(f->dflt);
		return 0;
	}
	if (json_path_need(step, f->key, &at))
		return -1;
	if (f->type == F_WORD)
		return word_field(&at, f, out);
	if (f->type == F_NEW_NAME) {
		if (json_path_str(&at, w->a, out))
			return -1;
		if (!is_name(*out) || reserved(*out))
			return json_path_bad(&at, "cannot be a name");
		return taken(w, *out)
			       ? json_path_bad(&at,
					       "is the name of an earlier step")
			       : 0;
	}
	if (json_path_template(&at, w->a, out))
		return -1;
	if (f->type == F_TEMPLATE ||
	    (f->type == F_CLOSABLE && is_stream(*out)) ||
	    (f->type == F_READ && span_eqs(*out, "output")) || opened(w, *out))
		return 0;
	return json_path_bad(&at, "is opened by no earlier step");
}

static int limit_field(const struct json_path *step, const struct kind_row *row,
		       enum limit_id *out)
{
	const char *words[LIMIT_ORPHAN];
	struct json_path at = json_path_get(step, "limit");
	size_t w;

	*out = row->limit;
	if (!at.v)
		return 0;
	/* All but LIMIT_NONE, which is 0. */
	for (w = 0; w < LIMIT_ORPHAN; w++)
		words[w] = limit_name((enum limit_id)(w + 1));
	if (json_path_word(&at, words, LIMIT_ORPHAN, &w))
		return -1;
	if (row->limit == LIMIT_WINDOW && w + 1 != LIMIT_WINDOW)
		return json_path_bad(&at, "is no limit of a window");
	*out = (enum limit_id)(w + 1);
	return 0;
}

static int number_field(const struct json_path *step,
			const struct kind_row *row, int64_t *out)
{
	struct json_path at;

	if (!row->count)
		return 0;
	at = json_path_get(step, row->count);
	if (!at.v && row->dflt >= row->min) {
		*out = row->dflt;
		return 0;
	}
	if (json_path_need(step, row->count, &at))
		return -1;
	return json_path_int(&at, row->min, row->max, out);
}

static int check_keys(const struct json_path *at, enum step_kind kind)
{
	const struct kind_row *row = &rows[kind];
	const char *keys[8 + MORE_N] = { "do" }, *const all[] = {
		row->what.key,	  row->as.key,	    row->bytes.key,
		row->count,	  row->flag,	    row->limit ? "limit" : NULL,
		row->more[0].key, row->more[1].key, row->more[2].key,
		row->more[3].key,
	};
	size_t n = 1;
	char what[32];

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i])
			keys[n++] = all[i];
	snprintf(what, sizeof(what), "step \"%s\"", step_name(kind));
	return json_path_object(at, keys, what);
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

/* What depends on the steps before, and on two fields at once. */
static int check_step(struct walk *w, const struct json_path *at,
		      const struct step *st)
{
	bool on = st->kind == STEP_WAIT && !span_eqs(st->what, "exit");

	if (st->kind == STEP_START)
		w->starts++;
	if (w->starts > 2)
		return json_path_fail(at,
				      "a case starts two instances at most");
	if (w->starts == 0 && !rows[st->kind].before_start)
		return json_path_fail(at, "\"%s\" before \"start\"",
				      step_name(st->kind));
	if (on && span_absent(st->as))
		return json_path_fail(at, "\"on\" is missing");
	if (st->kind == STEP_WAIT && !on && !span_absent(st->as))
		return json_path_fail(at, "\"on\" is not for \"exit\"");
	if (st->kind == STEP_CLOSE && is_stream(st->what) &&
	    span_eqs(st->as, "rst"))
		return json_path_fail(at,
				      "only a connection can end with a reset");
	if (st->kind == STEP_CLOSE && is_stream(st->what) &&
	    span_eqs(st->as, "half"))
		return json_path_fail(at, "only a connection can end by half");
	return 0;
}

static int parse_step(struct walk *w, const struct json_path *at,
		      struct step *st)
{
	const struct kind_row *row;
	struct json_path flag;

	*st = (struct step){ 0 };
	if (find_kind(at, &st->kind) || check_keys(at, st->kind))
		return -1;
	row = &rows[st->kind];
	flag = json_path_get(at, row->flag ? row->flag : "");
	for (size_t i = 0; i < MORE_N; i++)
		if (text_field(w, at, &row->more[i], &st->more[i]))
			return -1;
	if (text_field(w, at, &row->what, &st->what) ||
	    text_field(w, at, &row->as, &st->as) ||
	    text_field(w, at, &row->bytes, &st->bytes) ||
	    number_field(at, row, &st->count) ||
	    limit_field(at, row, &st->limit) ||
	    (flag.v && json_path_bool(&flag, &st->flag)) ||
	    check_step(w, at, st))
		return -1;
	/* A wait for an accept is bounded like a connect of our own. */
	if (st->kind == STEP_WAIT && !json_path_get(at, "limit").v) {
		if (span_eqs(st->what, "accept"))
			st->limit = LIMIT_CONNECT;
		if (span_eqs(st->what, "fds"))
			st->limit = LIMIT_WINDOW;
	}
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
		  .what = SPAN("answer"),
		  .limit = LIMIT_INIT },
		{ .kind = STEP_SETTLE, .limit = LIMIT_EXIT },
		{ .kind = STEP_SNAPSHOT,
		  .what = SPAN("sockets"),
		  .as = SPAN("running") },
		{ .kind = STEP_CONNECT,
		  .what = SPAN("methods"),
		  .as = SPAN("probe"),
		  .count = 1,
		  .limit = LIMIT_CONNECT },
		{ .kind = STEP_CLOSE,
		  .what = SPAN("stdin"),
		  .as = SPAN("fin") },
		{ .kind = STEP_WAIT,
		  .what = SPAN("exit"),
		  .limit = LIMIT_GRACEFUL },
	};

	out->steps = session;
	out->nsteps = sizeof(session) / sizeof(session[0]);
}
