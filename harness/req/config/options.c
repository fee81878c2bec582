/*
 * options.c - Server transport options.
 *
 * What became of an option shows only where ARGS repeats it.  The cases use
 * options that nobody can know (OWN_OPTION); transports that do not show those
 * are judged by how they start, and the rest stays untested.
 */
#include "harness/req/core/judges.h"
#include "harness/req/launch/setup.h"
#include "harness/req/launch/startup.h"

#define OPTIONS "TOR_PT_SERVER_TRANSPORT_OPTIONS"

/* The options of a server that the variable alone gives.  Returns false when
 * there are none. */
static bool options_given(const struct judge *j, struct option_list *l,
			  unsigned *odd)
{
	struct span s = env_only(j->v, OPTIONS);

	if (!s.n)
		return false;
	*odd = options_parse(j->a, s, l);
	return true;
}

static bool is_own(const struct option *o)
{
	return span_starts(o->key, SPAN(OWN_OPTION));
}

static bool any_own(const struct option_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (is_own(&l->v[i]))
			return true;
	return false;
}

/* Does it hold one of the four bytes that need an escape? */
static bool has_special(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (strchr(":;=\\", s.p[i]))
			return true;
	return false;
}

/* ARGS is one word of printable ASCII: what becomes of other values is up to
 * the transport. */
static bool fits_args(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~')
			return false;
	return true;
}

static bool is_ours(const struct option *o)
{
	return is_own(o) && fits_args(o->key) && fits_args(o->value);
}

static bool is_plain(const struct option *o)
{
	return is_ours(o) && !has_special(o->key) && !has_special(o->value);
}

static bool is_shown(const struct judge *j, const struct option *o)
{
	struct span shown = args_value(j, o->transport, o->key);

	return !span_absent(shown) && span_eq(shown, o->value);
}

/* The SMETHOD line of the option's transport, or NULL. */
static const struct line *smethod(const struct judge *j, const struct option *o)
{
	const struct method *m = view_method(j->v, o->transport);

	return m ? m->line : NULL;
}

/* --- one that the target gives values for --- */

/* Such an option of T in the launch: its key, the value that was given to some
 * transport, and what T shows under that key. */
struct valued {
	struct span key, value, shown;
	const struct method *m; /* the SMETHOD line of T */
	bool own;		/* it was given to T, */
	bool beside;		/* which got others besides, */
	bool escaped;		/* with escapes in them */
};

static bool valued_given(const struct judge *j, struct valued *out)
{
	const struct trace_head *h = j->v->head;
	struct option_list l;
	unsigned odd;

	*out = (struct valued){
		.key = pairs_get(&h->vars, "valued"),
		.value = pairs_get(&h->vars, "value"),
	};
	if (span_absent(out->key) || !options_given(j, &l, &odd) || odd)
		return false;
	out->m = view_method(j->v, view_first_known(j->v));
	if (out->m)
		out->shown = args_value(j, view_first_known(j->v), out->key);
	for (size_t i = 0; i < l.n; i++) {
		const struct option *o = &l.v[i];

		if (!span_eq(o->transport, view_first_known(j->v)))
			continue;
		if (span_eq(o->key, out->key))
			out->own = true;
		else if (is_own(o)) {
			out->beside = true;
			out->escaped |= has_special(o->value);
		}
	}
	/* A transport that does not show it was described wrongly. */
	return out->m && !span_absent(out->shown);
}

/* Must it be shown as it was given? */
static void judge_valued(struct judge *j, bool escaped)
{
	struct valued o;

	if (!valued_given(j, &o) || !o.own || !o.beside || o.escaped != escaped)
		return;
	if (span_eq(o.shown, o.value))
		j_pass(j, o.m->line->ev);
	else
		j_broken(j, o.m->line->ev,
			 arena_printf(j->a, "\"%s\" as \"%s\" in ARGS",
				      j_show(j, o.key), j_show(j, o.value)),
			 "%s", line_words(j, o.m->line));
}

/* Given to another transport alone, it must not be shown. */
static void judge_valued_stranger(struct judge *j)
{
	struct valued o;

	if (!valued_given(j, &o) || o.own)
		return;
	if (span_eq(o.shown, o.value))
		j_broken(j, o.m->line->ev, "a transport's own options only",
			 "\"%s\" of another one in %s", j_show(j, o.key),
			 line_words(j, o.m->line));
	else
		j_pass(j, o.m->line->ev);
}

/* --- which option reaches whom --- */

/* Of the plain options: how many ARGS shows, the last of those, and the first
 * of those that it does not. */
struct tally {
	size_t n;
	const struct option *shown, *missing;
};

static struct tally count(const struct judge *j, const struct option_list *l)
{
	struct tally t = { 0 };

	for (size_t i = 0; i < l->n; i++) {
		const struct option *o = &l->v[i];

		if (!is_plain(o) || !smethod(j, o))
			continue;
		t.n++;
		if (is_shown(j, o))
			t.shown = o;
		else if (!t.missing)
			t.missing = o;
	}
	return t;
}

static void not_shown(struct judge *j, const struct option *o)
{
	j_broken(j, smethod(j, o)->ev,
		 arena_printf(j->a, "\"%s\" as \"%s\" in ARGS",
			      j_show(j, o->key), j_show(j, o->value)),
		 "%s", line_words(j, smethod(j, o)));
}

REQ(opt_parse_1) = {
	.id = "OPT-PARSE-1",
	.area = AREA_OPTIONS,
	.level = L_IMPLIED,
	.section = "3.3.1.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "`name:key=value` items separated by semicolons reach the "
		 "named transport.",
	.traps = "T-NOMODE: only for transports that repeat their options "
		 "(option `options.echo`, or another option was seen "
		 "there).",
	.needs = OF_SERVER | LAUNCHED,
	.judge = opt_parse_1,
};

static void opt_parse_1(struct judge *j)
{
	struct option_list l;
	struct tally t;
	unsigned odd;

	if (!options_given(j, &l, &odd) || odd)
		return;
	t = count(j, &l);
	if (t.shown)
		j_pass(j, smethod(j, t.shown)->ev);
	else if (t.missing && echoes(j))
		not_shown(j, t.missing);
}

REQ(opt_parse_2) = {
	.id = "OPT-PARSE-2",
	.area = AREA_OPTIONS,
	.level = L_IMPLIED,
	.section = "3.3.1.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Several items for one transport accumulate.",
	.traps = "Same key twice: unspecified.",
	.needs = OF_SERVER | LAUNCHED,
	.judge = opt_parse_2,
};

static void opt_parse_2(struct judge *j)
{
	struct option_list l;
	struct tally t;
	unsigned odd;

	judge_valued(j, false);
	if (!options_given(j, &l, &odd) || odd)
		return;
	t = count(j, &l);
	if (t.n < 2 || !t.shown)
		return;
	/* One of them is shown, so the others would be, too. */
	if (!t.missing)
		j_pass(j, smethod(j, t.shown)->ev);
	else if (span_eq(t.missing->transport, t.shown->transport))
		not_shown(j, t.missing);
}

/* The option @o of another transport, in the ARGS of @m? */
static void check_stranger(struct judge *j, const struct method *m,
			   const struct option *o)
{
	if (!span_absent(args_value(j, m->m.name, o->key)))
		j_broken(j, m->line->ev, "a transport's own options only",
			 "\"%s\" of another one in %s", j_show(j, o->key),
			 line_words(j, m->line));
	else if (is_shown(j, o))
		j_pass(j, m->line->ev);
}

static bool has_key(const struct option_list *l, struct span transport,
		    struct span key)
{
	for (size_t i = 0; i < l->n; i++)
		if (span_eq(l->v[i].transport, transport) &&
		    span_eq(l->v[i].key, key))
			return true;
	return false;
}

REQ(opt_parse_3) = {
	.id = "OPT-PARSE-3",
	.area = AREA_OPTIONS,
	.level = L_IMPLIED,
	.section = "3.3.1.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Items of one transport are not given to another.",
	.traps = "Needs two transports.",
	.needs = OF_SERVER | LAUNCHED,
	.judge = opt_parse_3,
};

static void opt_parse_3(struct judge *j)
{
	struct option_list l;
	unsigned odd;

	judge_valued_stranger(j);
	if (!options_given(j, &l, &odd) || odd)
		return;
	for (size_t i = 0; i < l.n; i++)
		for_methods (m, j->v)
			if (is_own(&l.v[i]) &&
			    !has_key(&l, m->m.name, l.v[i].key))
				check_stranger(j, m, &l.v[i]);
}

/* --- how an option is written --- */

/* Refused, although nothing is wrong with the string.  An unknown option may
 * be refused, but not by one that repeats them all. */
static bool refused_for_nothing(const struct judge *j,
				const struct option_list *l)
{
	return provoked(j) && outcome(j) == OUT_REFUSED &&
	       error_line(j->v, IPC_ENV_ERROR) && (!any_own(l) || echoes(j));
}

/* Version 1 says nothing of escaped equals signs (AMB-036). */
static bool has_escapes(const struct judge *j, const struct option *o)
{
	if (!is_ours(o) || !(has_special(o->key) || has_special(o->value)))
		return false;
	return j_is20(j) || (span_find(o->key, '=') == o->key.n &&
			     span_find(o->value, '=') == o->value.n);
}

/* One option of several may be lost for other reasons (OPT-PARSE-2). */
static bool is_alone(const struct option_list *l, const struct option *o)
{
	for (size_t i = 0; i < l->n; i++)
		if (&l->v[i] != o && is_own(&l->v[i]))
			return false;
	return true;
}

static void check_escaped(struct judge *j, const struct option_list *l,
			  const struct option *o)
{
	const struct line *at = smethod(j, o);
	bool garbled = !span_absent(args_value(j, o->transport, o->key));

	if (at && is_shown(j, o))
		j_pass(j, at->ev);
	else if (at && (garbled || (echoes(j) && is_alone(l, o))))
		not_shown(j, o);
	else if (!at && refused_for_nothing(j, l))
		j_broken(j, outcome_ev(j), "a start with an escaped option",
			 "%s", outcome_words(j));
}

REQ(opt_esc_1) = {
	.id = "OPT-ESC-1",
	.area = AREA_OPTIONS,
	.level = L_MUST,
	.section = "3.3.1.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Backslash-escaped colon, semicolon, equals and backslash "
		 "are literal.",
	.traps = "Needs an observable echo; see "
		 "vectors/server-options.json. Escaped equals signs are "
		 "of version 2 only.",
	.needs = OF_SERVER | LAUNCHED,
	.stimuli = STIMULUS(OPTIONS_UNKNOWN) | STIMULUS(OPTIONS_ESCAPED),
	.judge = opt_esc_1,
};

static void opt_esc_1(struct judge *j)
{
	struct option_list l;
	unsigned odd;

	judge_valued(j, true);
	if (!options_given(j, &l, &odd) || odd)
		return;
	for (size_t i = 0; i < l.n; i++)
		if (has_escapes(j, &l.v[i]))
			check_escaped(j, &l, &l.v[i]);
}

REQ(opt_eq_1) = {
	.id = "OPT-EQ-1",
	.area = AREA_OPTIONS,
	.level = L_IMPLIED,
	.section = "3.3.1.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "The separator `=` of the example form is unescaped.",
	.traps = "Accepting the escaped form in addition: INFO.",
	.needs = OF_SERVER | LAUNCHED,
	.stimuli = STIMULUS(OPTIONS_KNOWN) | STIMULUS(OPTIONS_UNKNOWN),
	.judge = opt_eq_1,
};

static void opt_eq_1(struct judge *j)
{
	struct option_list l;
	struct tally t;
	unsigned odd;

	if (!options_given(j, &l, &odd) || odd)
		return;
	t = count(j, &l);
	if (t.shown)
		j_pass(j, smethod(j, t.shown)->ev);
	else if (refused_for_nothing(j, &l))
		j_broken(j, outcome_ev(j), "a start with `name:key=value`",
			 "%s", outcome_words(j));
}

REQ(opt_unkt_1) = {
	.id = "OPT-UNKT-1",
	.area = AREA_OPTIONS,
	.level = L_IMPLIED,
	.section = "3.3.1.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "Options for names not requested or unknown are ignored.",
	.needs = OF_SERVER | LEGAL,
	.judge = opt_unkt_1,
};

static void opt_unkt_1(struct judge *j)
{
	struct option_list l;
	unsigned odd;

	if (!options_given(j, &l, &odd) || odd)
		return;
	for (size_t i = 0; i < l.n; i++)
		if (!view_requested(j->v, l.v[i].transport)) {
			must_start(j, "a start that ignores the options of "
				      "other transports");
			return;
		}
}

REQ(opt_malf_1) = {
	.id = "OPT-MALF-1",
	.area = AREA_OPTIONS,
	.level = L_IMPLIED,
	.section = "3.3.2.1",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "A string that cannot be parsed is an environment error.",
	.traps = "ENV-ERROR is MAY-level; SMETHOD-ERROR for the transport or "
		 "ignoring an item: INFO. Crash/hang FAIL.",
	.needs = OF_SERVER | LAUNCHED,
	.judge = opt_malf_1,
};

static void opt_malf_1(struct judge *j)
{
	struct option_list l;
	const char *what;
	unsigned odd;

	if (!options_given(j, &l, &odd) || !odd || odd & OPTIONS_JSON)
		return;
	what = arena_printf(j->a, "options \"%s\"",
			    j_show(j, env_only(j->v, OPTIONS)));
	if (odd & OPTIONS_MALFORMED)
		env_error_due(j, what, V_WARN);
	else if (odd & ~(OPTIONS_EMPTY_VALUE | OPTIONS_BARE_COLON))
		j_orderly(j, what);
	else
		must_start(j, arena_printf(j->a, "a start with %s", what));
}

/* --- without any --- */

REQ(opt_omit_1) = {
	.id = "OPT-OMIT-1",
	.area = AREA_OPTIONS,
	.level = L_MAY,
	.section = "3.3.1.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "The variable can be left out.",
	.traps = "A transport that *needs* an option may answer "
		 "SMETHOD-ERROR.",
	.needs = OF_SERVER | LEGAL,
	.stimuli = STIMULUS(OPTIONS_OMITTED),
	.judge = opt_omit_1,
};

static void opt_omit_1(struct judge *j)
{
	if (setting_unset(j->v, OPTIONS) && (has_started(j) || provoked(j)))
		must_start(j, "a start without options");
}

REQ(opt_need_1) = {
	.id = "OPT-NEED-1",
	.area = AREA_OPTIONS,
	.level = L_IMPLIED,
	.section = "3.3.2.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "A missing required option yields SMETHOD-ERROR for that "
		 "transport, others continue, DONE is sent.",
	.traps = "ENV-ERROR/64: WARN.",
	.needs = OF_SERVER | LEGAL,
	.stimuli = STIMULUS(OPTIONS_NEEDED),
	.judge = opt_need_1,
};

static void opt_need_1(struct judge *j)
{
	static const char expected[] = "`SMETHOD-ERROR` for a transport that "
				       "lacks its option, and DONE";
	const struct line *env = error_line(j->v, IPC_ENV_ERROR);

	if (!provoked(j) || !setting_unset(j->v, OPTIONS))
		return;
	if (!has_started(j)) {
		if (env)
			j_say(j, V_WARN, env->ev, expected, "%s",
			      line_words(j, env));
		else
			must_start(j, expected);
		return;
	}
	for (size_t i = 0; i < j->v->requested.n; i++)
		if (method_error(j->v, j->v->requested.v[i]))
			j_pass(j, j->v->done->ev);
}

REQ(opt_flag_1) = {
	.id = "OPT-FLAG-1",
	.area = AREA_OPTIONS,
	.level = L_IMPLIED,
	.section = "3.3.1.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "`-options` takes the same string.",
	.traps = "AMB-042: `options.flag_format` in the description file can "
		 "relax to JSON (WARN).",
	.needs = OF_SERVER,
	.profiles = IN_20,
	.stimuli = STIMULUS(OPTIONS_UNKNOWN) | STIMULUS(OPTIONS_BY_FLAG),
	.judge = opt_flag_1,
};

/* Policy "options.flag_format": a later version has JSON there (AMB-042). */
static void opt_flag_1(struct judge *j)
{
	static const char expected[] = "`-options` in the variable's format";
	struct span s = flag_only(j->v, OPTIONS);
	struct option_list l;
	struct tally t;

	if (!s.n || options_parse(j->a, s, &l) ||
	    policy_is(j->policy, P_FLAG_FORMAT, "json"))
		return;
	t = count(j, &l);
	if (t.shown || (has_started(j) && !any_own(&l)))
		j_pass(j, j->v->done ? j->v->done->ev : 0);
	else if (t.missing && echoes(j))
		not_shown(j, t.missing);
	else if (j->rf->flags && refused_for_nothing(j, &l))
		j_say(j,
		      policy_is(j->policy, P_FLAG_FORMAT, "either") ? V_WARN
								    : V_FAIL,
		      outcome_ev(j), expected, "%s", outcome_words(j));
}
