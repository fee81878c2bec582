/*
 * env_error.c - Environment errors.
 *
 * The rules of the message itself hold for whatever caused it; whether one is
 * due for a certain mistake is said where that setting is judged.
 */
#include "harness/req/core/judges.h"
#include "harness/req/launch/setup.h"

#define BINDADDR "TOR_PT_SERVER_BINDADDR"
#define VERSIONS "TOR_PT_MANAGED_TRANSPORT_VER"
#define COOKIE "TOR_PT_AUTH_COOKIE_FILE"

static const struct line *env_error(const struct judge *j)
{
	return view_error(j->v, IPC_ENV_ERROR);
}

/* --- validation --- */

/* A bind address that tells nobody where to listen. */
static bool has_bad_bind(const struct judge *j)
{
	struct bindaddr_list l;

	return bindaddr_parse(j->a, env_only(j->v, BINDADDR), &l) &
	       BINDADDR_MALFORMED;
}

/* The extended port is the only destination, and there is no cookie. */
static bool lacks_cookie(const struct judge *j)
{
	return view_setting(j->v, "TOR_PT_EXTENDED_SERVER_PORT").n &&
	       !view_setting(j->v, COOKIE).n &&
	       !view_setting(j->v, "TOR_PT_ORPORT").n;
}

/* Giving up is optional; going on as if all were well is what fails. */
static void judge_enverr_val_1(struct judge *j)
{
	if (j->v->head->config != CONFIG_BROKEN || !launched(j))
		return;
	if (env_error(j))
		j_pass(j, env_error(j)->ev);
	else if (is_server(j) && has_started(j) && j->v->methods.n &&
		 !any_method_error(j->v) &&
		 (has_bad_bind(j) || lacks_cookie(j)))
		j_broken(j, j->v->methods.v[0].line->ev,
			 has_bad_bind(j)
				 ? "an error for a malformed bind address"
				 : "an error for an extended port without a "
				   "cookie",
			 "%s", line_words(j, j->v->methods.v[0].line));
}

/* --- the message --- */

static void judge_enverr_stream_1(struct judge *j)
{
	judge_stream(j, IPC_ENV_ERROR);
}

static void judge_enverr_exit_1(struct judge *j)
{
	judge_status(j, IPC_ENV_ERROR, 64);
}

static void judge_enverr_msg_1(struct judge *j)
{
	judge_message(j, IPC_ENV_ERROR);
}

/* It came after a client had come to a finished start. */
static bool is_late(const struct judge *j, const struct line *l)
{
	for_events (ev, j->v)
		if (ev->kind == EV_CONNECT && span_eqs(ev->text, "ok"))
			return j->v->done && ev->n < l->ev;
	return false;
}

static void judge_enverr_nodone_1(struct judge *j)
{
	const struct line *l = env_error(j);

	if (!l || is_late(j, l))
		return;
	if (j->v->done)
		j_broken(j, j->v->done->ev, "no DONE line beside `ENV-ERROR`",
			 "%s", line_words(j, j->v->done));
	else if (j->v->methods.n)
		j_say(j, V_WARN, j->v->methods.v[0].line->ev,
		      "no method line beside `ENV-ERROR`", "%s",
		      line_words(j, j->v->methods.v[0].line));
	else
		j_pass(j, l->ev);
	j_also(j, l->ev);
}

/* Errors that come before any negotiation (AMB-015): no list of versions, be
 * it for want of flags, no role or two of them.  PT 1.0 leaves the order to
 * the transport: an error and an end, or VERSION. */
static bool may_be_early(const struct judge *j)
{
	struct span list = j->rf->flags ? j->v->versions
					: view_env(j->v, VERSIONS);
	bool client = view_env(j->v, "TOR_PT_CLIENT_TRANSPORTS").n > 0;
	bool server = view_env(j->v, "TOR_PT_SERVER_TRANSPORTS").n > 0;

	return !j_is20(j) || client == server || !list.n ||
	       verlist_check(list) & VERLIST_MALFORMED;
}

static void judge_enverr_afterver_1(struct judge *j)
{
	const struct line *l = env_error(j);

	if (!l)
		return;
	if (j->v->version)
		j_pass(j, l->ev);
	else if (!may_be_early(j))
		j_broken(j, l->ev, "`VERSION` before `ENV-ERROR`",
			 "%s and no `VERSION`", line_words(j, l));
}

static void judge_enverr_any_1(struct judge *j)
{
	const struct line *l = env_error(j);

	if (l && is_late(j, l))
		j_broken(j, l->ev, "either", "%s after a finished start",
			 line_words(j, l));
}

/* --- flags --- */

/* The malformed value that a flag alone gives, where the like of it in the
 * variable is refused; absent: none. */
static struct span bad_flag(const struct judge *j)
{
	struct span bind = flag_only(j->v, BINDADDR);
	struct span proxy = flag_only(j->v, "TOR_PT_PROXY");
	bool refuses_bind = j->rf->refuses_bad_bind && !j->rf->takes_bad_bind;
	bool refuses_proxy = j->rf->refuses_bad_proxy &&
			     !j->rf->takes_bad_proxy;
	struct bindaddr_list l;

	if (is_server(j) && refuses_bind &&
	    bindaddr_parse(j->a, bind, &l) & BINDADDR_MALFORMED)
		return bind;
	if (is_client(j) && refuses_proxy && uri_classify(proxy) == URI_REFUSE)
		return proxy;
	return (struct span){ NULL, 0 };
}

static void judge_enverr_flag_1(struct judge *j)
{
	static const char expected[] = "`ENV-ERROR` or a usage text, and "
				       "status 64";
	struct span bad = bad_flag(j);
	enum outcome out = outcome(j);

	if (!bad.n || !j->rf->flags || out == OUT_UNCLEAR)
		return;
	if (error_line(j->v, IPC_ENV_ERROR) ||
	    (is_client(j) && error_line(j->v, IPC_PROXY_ERROR)) ||
	    (view_exited(j->v, 64) && view_stderr_words(j->v)))
		j_pass(j, end_ev(j->v));
	else if (out == OUT_STUCK)
		j_late(j, view_limit(j->v, "init", 1), expected,
		       "nothing within the limit, given \"%s\"",
		       j_show(j, bad));
	else if (out == OUT_STARTED && any_method_error(j->v))
		j_say(j, V_INFO, j->v->done->ev, expected, "%s",
		      line_words(j, any_method_error(j->v)));
	else
		j_say(j, out == OUT_STARTED ? V_FAIL : V_WARN, outcome_ev(j),
		      expected, "%s, given \"%s\"", outcome_words(j),
		      j_show(j, bad));
}

/* --- statuses --- */

static void judge_enverr_only_1(struct judge *j)
{
	static const struct {
		int status;
		enum ipc_keyword kw;
	} pairs[] = {
		{ 64, IPC_ENV_ERROR },
		{ 69, IPC_PROXY_ERROR },
		{ 78, IPC_VERSION_ERROR },
	};

	for (size_t i = 0; i < 3; i++) {
		if (!view_exited(j->v, pairs[i].status))
			continue;
		if (error_line(j->v, pairs[i].kw) ||
		    (pairs[i].status == 64 && view_stderr_words(j->v)))
			j_pass(j, j->v->exit->n);
		else
			j_broken(j, j->v->exit->n,
				 arena_printf(j->a, "`%s` before status %d",
					      ipc_keyword_name(pairs[i].kw),
					      pairs[i].status),
				 "none");
	}
}

static const struct req rows[] = {
	{
		.id = "ENVERR-VAL-1",
		.level = L_IMPLIED,
		.section = "3.3.2.1",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title =
			"After VERSION the PT checks that required variables are "
			"there and well formed.",
		.observe =
			"One broken setting per run (EXT without cookie, malformed "
			"bindaddr/orport/options): not silently accepted.",
		.fault = "Skips all validation.",
		.traps =
			"Reacting is MAY-level except where another entry says "
			"otherwise; silent *wrong* operation is the failure.",
		.profiles = IN_BOTH,
		.judge = judge_enverr_val_1,
	},
	{
		.id = "ENVERR-STREAM-1",
		.level = L_IMPLIED,
		.section = "3.3.2.1",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "ENV-ERROR goes to stderr.",
		.observe = "Line at a line start on stderr.",
		.fault = "stdout only.",
		.traps = "AMB-016, T-STDERR.",
		.profiles = IN_BOTH,
		.judge = judge_enverr_stream_1,
	},
	{
		.id = "ENVERR-EXIT-1",
		.level = L_MUST,
		.section = "3.3.2.1",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "ENV-ERROR is followed by exit with status 64.",
		.observe = "Exited 64 within the error limit.",
		.fault = "Exit 1; or continues.",
		.traps = "T-WRAP.",
		.profiles = IN_BOTH,
		.judge = judge_enverr_exit_1,
	},
	{
		.id = "ENVERR-MSG-1",
		.level = L_SHOULD,
		.section = "3.3.2.1",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_WARN,
		.title = "It carries a useful message.",
		.observe =
			"Non-empty; INFO if it names the offending parameter.",
		.fault = "Bare `ENV-ERROR`.",
		.traps =
			"Wording free; may name the flag rather than the variable.",
		.profiles = IN_BOTH,
		.judge = judge_enverr_msg_1,
	},
	{
		.id = "ENVERR-NODONE-1",
		.level = L_IMPLIED,
		.section = "3.3.2.1",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "No DONE line accompanies ENV-ERROR.",
		.observe = "stdout has no CMETHODS/SMETHODS DONE.",
		.fault = "Prints both.",
		.traps =
			"Method lines printed before a late error are odd: WARN.",
		.profiles = IN_BOTH,
		.judge = judge_enverr_nodone_1,
	},
	{
		.id = "ENVERR-AFTERVER-1",
		.level = L_IMPLIED,
		.section = "3.3.2.1",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_WARN,
		.title =
			"Validation follows version negotiation, so VERSION was "
			"already sent.",
		.observe = "VERSION on stdout in ENV-ERROR runs.",
		.fault = "ENV-ERROR without VERSION.",
		.traps = "AMB-015: errors detected before negotiation (missing "
			 "version list, both roles set) are tolerated.",
		.profiles = IN_BOTH,
		.judge = judge_enverr_afterver_1,
	},
	{
		.id = "ENVERR-FLAG-1",
		.level = L_IMPLIED,
		.section = "3.3.1.4, 3.3.2.1",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_WARN,
		.title = "Malformed flag values are reported like malformed "
			 "variables.",
		.observe = "`-bindaddr nonsense`.",
		.fault = "Panic/trace.",
		.traps = "Usage text with 64, or exit 2 from a flag library: "
			 "AMB-018, WARN.",
		.profiles = IN_20,
		.judge = judge_enverr_flag_1,
	},
	{
		.id = "ENVERR-ANY-1",
		.level = L_MAY,
		.section = "3.3.2.1",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_INFO,
		.title = "The PT may give up with an error at any later point "
			 "because of configuration.",
		.observe = "Accept ENV-ERROR after method lines if exit is 64.",
		.fault = "none.",
		.traps = "Do not fail a late one.",
		.profiles = IN_BOTH,
		.judge = judge_enverr_any_1,
	},
	{
		.id = "ENVERR-ONLY-1",
		.level = L_IMPLIED,
		.section = "3.3.2.1",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_WARN,
		.title =
			"Status 64, 69, 78 are paired with their own messages.",
		.observe =
			"Exit 78 without VERSION-ERROR, 69 without PROXY-ERROR, 64 "
			"without ENV-ERROR or usage text.",
		.fault = "Exits 78 on ENV-ERROR.",
		.traps = "Other codes for crashes are not covered.",
		.profiles = IN_20,
		.judge = judge_enverr_only_1,
	},
};

const struct req_area req_area_env_error = {
	.name = "env-error",
	.title = "Environment errors",
	.rows = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};
