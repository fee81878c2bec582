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

static void sm_fmt_1(struct judge *j)
{
	if (!is_server(j))
		return;
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

static void sm_stream_1(struct judge *j)
{
	if (is_server(j))
		status_stream(j);
}

static void sm_addr_1(struct judge *j)
{
	/* The unspecified address is tolerated (AMB-044). */
	if (is_server(j))
		status_addr(j);
}

static void sm_listen_1(struct judge *j)
{
	if (is_server(j))
		status_listen(j);
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

	if (!is_server(j))
		return;
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
	return !named && is_aim(j) && sounds_secret(o->key);
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

static void sm_args_6(struct judge *j)
{
	struct option_list list;

	if (!is_server(j))
		return;
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

static void sm_once_1(struct judge *j)
{
	if (is_server(j))
		status_once(j);
}

static void sm_err_stream_1(struct judge *j)
{
	if (is_server(j))
		status_error_stream(j);
}

static void sm_err_fmt_1(struct judge *j)
{
	if (is_server(j))
		status_error_form(j);
}

static void sm_err_live_1(struct judge *j)
{
	if (is_server(j))
		status_error_live(j);
}

/* --- DONE --- */

static void sm_done_1(struct judge *j)
{
	if (is_server(j))
		status_done_once(j);
}

static void sm_done_2(struct judge *j)
{
	if (is_server(j))
		status_done_last(j);
}

static void sm_done_3(struct judge *j)
{
	if (is_server(j))
		status_done_form(j);
}

static void sm_role_1(struct judge *j)
{
	if (is_server(j))
		status_role(j);
}

static void sm_life_1(struct judge *j)
{
	if (is_server(j))
		status_life(j);
}

static const struct req rows[] = {
	{
		.id = "SM-FMT-1",
		.level = L_IMPLIED,
		.section = "3.3.2.3",
		.role = "pt-server",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title =
			"SMETHOD has transport, address:port, and optional options "
			"on the same line.",
		.observe = "≥3 tokens.",
		.fault = "Prints `ARGS:...` as a separate line (AMB-023).",
		.traps = "T-EXTRA.",
		.profiles = IN_BOTH,
		.judge = sm_fmt_1,
	},
	{
		.id = "SM-STREAM-1",
		.level = L_IMPLIED,
		.section = "3.3.2.3",
		.role = "pt-server",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "SMETHOD goes to stdout.",
		.observe = "fd 1.",
		.fault = "fd 2.",
		.traps = "none.",
		.profiles = IN_BOTH,
		.judge = sm_stream_1,
	},
	{
		.id = "SM-ADDR-1",
		.level = L_IMPLIED,
		.section = "3.3.2.3",
		.role = "pt-server",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title =
			"Address is a literal IP with a non-zero port that clients "
			"can use.",
		.observe = "Parse; connect.",
		.fault = "Port 0 or host name.",
		.traps =
			"`0.0.0.0:p`/`[::]:p` tolerated (AMB-044): connect via "
			"loopback.",
		.profiles = IN_BOTH,
		.judge = sm_addr_1,
	},
	{
		.id = "SM-LISTEN-1",
		.level = L_IMPLIED,
		.section = "3.3.2.3",
		.role = "pt-server",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "The listener is live when reported.",
		.observe = "Immediate connect.",
		.fault =
			"Delayed bind (reference dispatcher binds in a background "
			"task).",
		.traps = "T-OBFS.",
		.profiles = IN_BOTH,
		.judge = sm_listen_1,
	},
	{
		.id = "SM-OPT-1",
		.level = L_MAY,
		.section = "3.3.2.3",
		.role = "pt-server",
		.classes = "",
		.dflt = V_NA,
		.title = "Options may be absent.",
		.observe = "Three-token SMETHOD passes.",
		.fault = "none.",
		.traps = "Do not require ARGS.",
		.profiles = IN_BOTH,
	},
	{
		.id = "SM-OPT-2",
		.level = L_IMPLIED,
		.section = "3.3.2.3",
		.role = "parent",
		.classes = "parent",
		.dflt = V_FAIL,
		.title = "Unrecognised options are not an error.",
		.observe = "F-PT: `SMETHOD t 127.0.0.1:1 FOO:bar ARGS:a=b`.",
		.fault = "Parent rejects the line.",
		.traps =
			"\"currently recognized\" implies extensibility; missing "
			"ARGS after an unknown option: WARN.",
		.profiles = IN_BOTH,
	},
	{
		.id = "SM-ARGS-1",
		.level = L_IMPLIED,
		.section = "3.3.2.3",
		.role = "pt-server",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title =
			"ARGS is `ARGS:` followed by comma-separated key=value "
			"pairs.",
		.observe =
			"Unescape-aware parser; each item has a non-empty key and "
			"one unescaped `=`.",
		.fault = "`ARGS:cert` without value.",
		.traps = "AMB-024/025: `;` style → WARN; empty `ARGS:` → WARN "
			 "(goptlib-based servers print it).",
		.profiles = IN_BOTH,
		.judge = sm_args_1,
	},
	{
		.id = "SM-ARGS-2",
		.level = L_MUST,
		.section = "3.3.2.3",
		.role = "pt-server",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "Equals signs and commas inside keys or values are "
			 "backslash-escaped.",
		.observe =
			"Second unescaped `=` in an item → violation; base64 "
			"padding must appear as `\\=`.",
		.fault = "Prints `cert=abc==`.",
		.traps =
			"AMB-025: the spec's own examples contain unescaped `=` "
			"after `;`.",
		.profiles = IN_BOTH,
		.judge = sm_args_2,
	},
	{
		.id = "SM-ARGS-3",
		.level = L_IMPLIED,
		.section = "3.3.2.3",
		.role = "pt-server",
		.classes = "ipc",
		.dflt = V_WARN,
		.title =
			"Backslashes in values are escaped so that decoding is "
			"unambiguous.",
		.observe =
			"Dangling backslash at end → FAIL; `\\x` for x not in "
			"`=,\\` → WARN.",
		.fault = "Emits a single trailing backslash.",
		.traps = "Text does not list backslash.",
		.profiles = IN_BOTH,
		.judge = sm_args_3,
	},
	{
		.id = "SM-ARGS-4",
		.level = L_IMPLIED,
		.section = "3.3.2.3",
		.role = "pt-server",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "ARGS has no spaces.",
		.observe = "The option is one token.",
		.fault = "`ARGS:a=b, c=d`.",
		.traps = "A second token would parse as an unknown option.",
		.profiles = IN_BOTH,
		.judge = sm_args_4,
	},
	{
		.id = "SM-ARGS-5",
		.level = L_IMPLIED,
		.section = "3.3.2.3",
		.role = "pt-server",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "The given pairs are enough for a client to connect.",
		.observe = "F-E2E with exactly those pairs as settings.",
		.fault = "Prints a wrong public key.",
		.traps =
			"Key spelling may differ between sides (description-file "
			"map).",
		.profiles = IN_BOTH,
		.judge = judge_sm_args_5,
	},
	{
		.id = "SM-ARGS-6",
		.level = L_IMPLIED,
		.section = "5",
		.role = "pt-server",
		.classes = "ipc",
		.dflt = V_WARN,
		.title = "ARGS holds no secrets not meant for clients.",
		.observe =
			"Compare with configured private option values named secret "
			"in the description file; where it names none, with an "
			"option that the case calls a secret.",
		.fault = "Echoes the private key.",
		.traps = "Shared secrets clients need are legitimately there.",
		.profiles = IN_BOTH,
		.judge = sm_args_6,
	},
	{
		.id = "SM-ONCE-1",
		.level = L_IMPLIED,
		.section = "3.3.2.3",
		.role = "pt-server",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "One outcome per transport.",
		.observe = "As CM-ONCE-1.",
		.fault = "Both lines.",
		.traps = "none.",
		.profiles = IN_BOTH,
		.judge = sm_once_1,
	},
	{
		.id = "SM-ERR-STREAM-1",
		.level = L_IMPLIED,
		.section = "3.3.2.3",
		.role = "pt-server",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "SMETHOD-ERROR goes to stderr.",
		.observe = "Provoke with BA-INUSE-1.",
		.fault = "stdout only.",
		.traps = "AMB-016.",
		.profiles = IN_BOTH,
		.judge = sm_err_stream_1,
	},
	{
		.id = "SM-ERR-FMT-1",
		.level = L_IMPLIED,
		.section = "3.3.2.3",
		.role = "pt-server",
		.classes = "ipc",
		.dflt = V_WARN,
		.title = "It names transport and reason.",
		.observe = "As CM-ERR-FMT-1.",
		.fault = "Missing name.",
		.traps = "none.",
		.profiles = IN_BOTH,
		.judge = sm_err_fmt_1,
	},
	{
		.id = "SM-ERR-LIVE-1",
		.level = L_IMPLIED,
		.section = "3.3.2.3",
		.role = "pt-server",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title =
			"A failed transport does not end the process or the others.",
		.observe = "T1 port occupied, T2 free.",
		.fault = "Exits.",
		.traps = "With one transport only: alive after DONE.",
		.profiles = IN_BOTH,
		.judge = sm_err_live_1,
	},
	{
		.id = "SM-DONE-1",
		.level = L_MUST,
		.section = "3.3.2.3",
		.role = "pt-server",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title =
			"SMETHODS DONE is sent when all are initialised or failed.",
		.observe = "Exactly once on stdout.",
		.fault = "Omitted.",
		.traps = "T-TIME.",
		.profiles = IN_BOTH,
		.judge = sm_done_1,
	},
	{
		.id = "SM-DONE-2",
		.level = L_IMPLIED,
		.section = "3.3.2.3",
		.role = "pt-server",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "No SMETHOD after DONE.",
		.observe = "as CM-DONE-2.",
		.fault = "DONE first, SMETHOD after.",
		.traps = "T-ORDER (stderr only).",
		.profiles = IN_BOTH,
		.judge = sm_done_2,
	},
	{
		.id = "SM-DONE-3",
		.level = L_IMPLIED,
		.section = "3.3.2.3",
		.role = "pt-server",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "Exact form on stdout.",
		.observe = "`SMETHODS DONE`.",
		.fault = "`SMETHOD DONE`.",
		.traps = "T-CR.",
		.profiles = IN_BOTH,
		.judge = sm_done_3,
	},
	{
		.id = "SM-ROLE-1",
		.level = L_IMPLIED,
		.section = "3.3.2.3",
		.role = "pt-server",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "A server prints no CMETHOD or PROXY messages.",
		.observe = "Keyword scan.",
		.fault = "`CMETHODS DONE` in server mode.",
		.traps = "none.",
		.profiles = IN_BOTH,
		.judge = sm_role_1,
	},
	{
		.id = "SM-LIFE-1",
		.level = L_IMPLIED,
		.section = "3.3.2.3",
		.role = "pt-server",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"The server keeps accepting after DONE, across failures of "
			"single connections.",
		.observe =
			"200 connects, some garbage, some reset; then F-E2E works.",
		.fault = "Accept loop dies on a reset.",
		.traps =
			"Deliberate slow handling of bad handshakes (anti-probing) "
			"is legal.",
		.profiles = IN_BOTH,
		.judge = sm_life_1,
	},
};

const struct req_area req_area_smethod = {
	.name = "smethod",
	.title = "Server status messages",
	.rows = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};
