/*
 * smethod.c - Server status messages.
 *
 * What clients do alike is judged in method_lines.c.
 */
#include "harness/req/core/judges.h"
#include "harness/req/traffic/tunnel.h"
#include "harness/req/launch/life.h"
#include "harness/req/ipc/method_lines.h"

/* --- the form of SMETHOD --- */

REQ(sm_fmt_1) = {
	.id = "SM-FMT-1",
	.area = AREA_SMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "SMETHOD has transport, address:port, and optional options "
		 "on the same line.",
	.traps = "T-EXTRA.",
	.needs = OF_SERVER,
	.judge = sm_fmt_1,
};

static void sm_fmt_1(struct judge *j)
{
	for_own_methods (m, j) {
		if (m->m.anomalies & METHOD_MISSING)
			j_broken(j, m->line->ev,
				 "`SMETHOD` with transport "
				 "and address",
				 "the line \"%s\"", j_show(j, m->line->raw));
		else
			j_pass(j, m->line->ev);
	}
}

/* --- ARGS --- */

/*
 * Each of the next four goes over all SMETHOD lines that have ARGS; @say gets
 * the line and what the codec found odd about it.
 */
static void each_args(struct judge *j,
		      void (*say)(struct judge *j, const struct method *m,
				  unsigned odd))
{
	struct kv_list list;

	for_own_methods (m, j)
		if (!span_absent(m->m.args))
			say(j, m, args_parse(j->a, m->m.args, &list));
}

static void args_1(struct judge *j, const struct method *m, unsigned odd)
{
	/* X(anomaly, verdict, what it is) in falling weight */
	static const struct {
		unsigned odd;
		enum verdict v;
		const char *what;
	} rules[] = {
		{ ARGS_NO_EQUALS, V_FAIL, "an item without `=`" },
		{ ARGS_EMPTY_KEY, V_FAIL, "an empty key" },
		{ ARGS_SEMICOLON, V_WARN, "pairs with semicolons" },
		{ ARGS_EMPTY, V_WARN, "nothing" },
		{ ARGS_PLUS, V_WARN, "a plus sign behind a comma" },
		{ ARGS_TRAILING_COMMA, V_WARN, "a comma at the end" },
		{ ARGS_REPEATED, V_INFO, "a key twice" },
		{ ARGS_EMPTY_VALUE, V_INFO, "an empty value" },
	};
	bool comma = policy_is(j->policy, P_ARGS_SEP, "comma");

	/* Given twice, it may come out twice. */
	if (!is_legal(j))
		odd &= ~(unsigned)ARGS_REPEATED;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (odd & rules[i].odd) {
			bool worse = comma && rules[i].odd == ARGS_SEMICOLON;

			j_say(j, worse ? V_FAIL : rules[i].v, m->line->ev,
			      "ARGS with key=value pairs and commas",
			      "%s in \"ARGS:%s\"", rules[i].what,
			      j_show(j, m->m.args));
			return;
		}
	j_pass(j, m->line->ev);
}

REQ(sm_args_1) = {
	.id = "SM-ARGS-1",
	.area = AREA_SMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "ARGS is `ARGS:` followed by comma-separated key=value "
		 "pairs.",
	.traps = "AMB-024/025: `;` style → WARN; empty `ARGS:` → WARN "
		 "(goptlib-based servers print it).",
	.needs = OF_SERVER,
	.judge = sm_args_1,
};

static void sm_args_1(struct judge *j)
{
	each_args(j, args_1);
}

static void args_2(struct judge *j, const struct method *m, unsigned odd)
{
	if (odd & ARGS_BARE_EQUALS)
		j_broken(j, m->line->ev,
			 "`=` and `,` in values escaped with "
			 "a backslash",
			 "a second bare `=` in \"ARGS:%s\"",
			 j_show(j, m->m.args));
	else if (m->m.args.n)
		j_pass(j, m->line->ev);
}

REQ(sm_args_2) = {
	.id = "SM-ARGS-2",
	.area = AREA_SMETHOD,
	.level = L_MUST,
	.section = "3.3.2.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Equals signs and commas inside keys or values are "
		 "backslash-escaped.",
	.traps = "AMB-025: the spec's own examples contain unescaped `=` "
		 "after `;`.",
	.needs = OF_SERVER,
	.judge = sm_args_2,
};

static void sm_args_2(struct judge *j)
{
	each_args(j, args_2);
}

static void args_3(struct judge *j, const struct method *m, unsigned odd)
{
	if (odd & ARGS_DANGLING)
		j_say(j, V_FAIL, m->line->ev, "escaped backslashes",
		      "a lone backslash at the end of \"ARGS:%s\"",
		      j_show(j, m->m.args));
	else if (odd & ARGS_ODD_ESCAPE)
		j_broken(j, m->line->ev, "escaped backslashes",
			 "a backslash before another byte than `=`, `,` or "
			 "`\\` in \"ARGS:%s\"",
			 j_show(j, m->m.args));
	else if (m->m.args.n)
		j_pass(j, m->line->ev);
}

REQ(sm_args_3) = {
	.id = "SM-ARGS-3",
	.area = AREA_SMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "Backslashes in values are escaped so that decoding is "
		 "unambiguous.",
	.traps = "Text does not list backslash.",
	.needs = OF_SERVER,
	.judge = sm_args_3,
};

static void sm_args_3(struct judge *j)
{
	each_args(j, args_3);
}

static void args_4(struct judge *j, const struct method *m, unsigned odd)
{
	(void)odd;
	if (m->m.anomalies & METHOD_OPT_PAIR)
		j_broken(j, m->line->ev, "ARGS without spaces",
			 "the line \"%s\"", j_show(j, m->line->raw));
	else
		j_pass(j, m->line->ev);
}

REQ(sm_args_4) = {
	.id = "SM-ARGS-4",
	.area = AREA_SMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "ARGS has no spaces.",
	.traps = "A second token would parse as an unknown option.",
	.needs = OF_SERVER,
	.judge = sm_args_4,
};

static void sm_args_4(struct judge *j)
{
	each_args(j, args_4);
}

/* Names of options that are not meant for clients, where the target's
 * description names none. */
static bool sounds_secret(struct span key)
{
	static const char *const names[] = {
		"secret", "private-key", "private_key", "privkey", "password",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (span_eqs(key, names[i]))
			return true;
	return false;
}

/*
 * The description speaks of the first transport.  Where it names no secrets, a
 * password may be one that clients share, so that only what a case of this row
 * gives counts, and that is worth a note: who repeats all options cannot know
 * what this one is.
 */
static bool is_secret(const struct judge *j, const struct option *o,
		      enum verdict *v)
{
	const struct trace_head *h = j->v->head;
	bool named = false;

	*v = j->req->dflt;
	for (size_t i = 0; i < h->vars.n; i++) {
		if (!span_eqs(h->vars.v[i].key, "secret_option"))
			continue;
		named = true;
		if (h->known.n && span_eq(o->transport, h->known.v[0]) &&
		    span_eq(o->key, h->vars.v[i].value))
			return true;
	}
	*v = V_INFO;
	return !named && provoked(j) && sounds_secret(o->key);
}

/* Shorter values may be there by accident. */
#define SECRET_MIN 8

/* The method that shows the value of a secret option, or NULL. */
static const struct method *shows(const struct judge *j, const struct option *o)
{
	struct kv_list list;

	for_own_methods (m, j) {
		if (!span_eq(m->m.name, o->transport) || span_absent(m->m.args))
			continue;
		args_parse(j->a, m->m.args, &list);
		for (size_t i = 0; i < list.n; i++)
			if (span_contains(list.v[i].value, o->value))
				return m;
	}
	return NULL;
}

REQ(sm_args_6) = {
	.id = "SM-ARGS-6",
	.area = AREA_SMETHOD,
	.level = L_IMPLIED,
	.section = "5",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "ARGS holds no secrets not meant for clients.",
	.traps = "Shared secrets clients need are legitimately there.",
	.needs = OF_SERVER,
	.stimuli = STIMULUS(OPTION_SECRET),
	.judge = sm_args_6,
};

static void sm_args_6(struct judge *j)
{
	struct option_list list;

	options_parse(j->a,
		      view_setting(j->v, "TOR_PT_SERVER_TRANSPORT_OPTIONS"),
		      &list);
	for (size_t i = 0; i < list.n; i++) {
		const struct option *o = &list.v[i];
		const struct method *m = shows(j, o);
		enum verdict v;

		if (o->value.n < SECRET_MIN || !is_secret(j, o, &v))
			continue;
		if (m)
			j_say(j, v, m->line->ev, "ARGS without secrets",
			      "the value of the option \"%s\" in ARGS",
			      j_show(j, o->key));
		else if (view_method(j->v, o->transport))
			j_pass(j, view_method(j->v, o->transport)->line->ev);
	}
}

/* --- outcomes --- */

/* --- DONE --- */
