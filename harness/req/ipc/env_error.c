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

REQ(enverr_val_1) = {
	.id = "ENVERR-VAL-1",
	.area = AREA_ENV_ERROR,
	.level = L_IMPLIED,
	.section = "3.3.2.1",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "After VERSION the PT checks that required variables are "
		 "there and well formed.",
	.traps = "Reacting is MAY-level except where another entry says "
		 "otherwise; silent *wrong* operation is the failure.",
	.needs = LAUNCHED,
	.judge = enverr_val_1,
};

/* Giving up is optional; going on as if all were well is what fails. */
static void enverr_val_1(struct judge *j)
{
	if (j->v->head->config != CONFIG_BROKEN)
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

REQ(enverr_stream_1) = {
	.id = "ENVERR-STREAM-1",
	.area = AREA_ENV_ERROR,
	.level = L_IMPLIED,
	.section = "3.3.2.1",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "ENV-ERROR goes to stderr.",
	.traps = "AMB-016, T-STDERR.",
	.judge = enverr_stream_1,
};

static void enverr_stream_1(struct judge *j)
{
	judge_stream(j, IPC_ENV_ERROR);
}

REQ(enverr_exit_1) = {
	.id = "ENVERR-EXIT-1",
	.area = AREA_ENV_ERROR,
	.level = L_MUST,
	.section = "3.3.2.1",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "ENV-ERROR is followed by exit with status 64.",
	.traps = "T-WRAP.",
	.needs = LAUNCHED,
	.judge = enverr_exit_1,
};

static void enverr_exit_1(struct judge *j)
{
	judge_status(j, IPC_ENV_ERROR, 64);
}

REQ(enverr_msg_1) = {
	.id = "ENVERR-MSG-1",
	.area = AREA_ENV_ERROR,
	.level = L_SHOULD,
	.section = "3.3.2.1",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "It carries a useful message.",
	.traps = "Wording free; may name the flag rather than the variable.",
	.judge = enverr_msg_1,
};

static void enverr_msg_1(struct judge *j)
{
	judge_message(j, IPC_ENV_ERROR);
}

/* The harness was called there: what it says on it is an answer. */
static bool was_accepted(const struct view *v, struct span conn)
{
	for_events (ev, v)
		if (ev->kind == EV_ACCEPT && span_eq(ev->accept.name, conn))
			return true;
	return false;
}

/* Somebody uses its methods, or those of the other side of its tunnel. */
static bool is_use(const struct view *v, const struct event *ev)
{
	if (ev->kind == EV_SEND)
		return !was_accepted(v, ev->send.conn);
	return (ev->kind == EV_CONNECT && ev->connect.result == CONNECT_OK) ||
	       ev->kind == EV_SOCKS || ev->kind == EV_SENT;
}

/* It came after a finished start: behind a use of the methods, or a window in
 * which there was time for all that belongs to a start. */
static bool is_late(const struct judge *j, const struct line *l)
{
	const struct event *window;

	if (!j->v->done)
		return false;
	window = view_window(j->v, j->v->done->ev);
	if (window && window->n < l->ev)
		return true;
	for_events (ev, j->v)
		if (ev->n < l->ev && is_use(j->v, ev))
			return true;
	return false;
}

REQ(enverr_nodone_1) = {
	.id = "ENVERR-NODONE-1",
	.area = AREA_ENV_ERROR,
	.level = L_IMPLIED,
	.section = "3.3.2.1",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "No DONE line accompanies ENV-ERROR.",
	.traps = "Method lines printed before a late error are odd: WARN.",
	.judge = enverr_nodone_1,
};

static void enverr_nodone_1(struct judge *j)
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

REQ(enverr_afterver_1) = {
	.id = "ENVERR-AFTERVER-1",
	.area = AREA_ENV_ERROR,
	.level = L_IMPLIED,
	.section = "3.3.2.1",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "Validation follows version negotiation, so VERSION was "
		 "already sent.",
	.traps = "AMB-015: errors detected before negotiation (missing "
		 "version list, both roles set) are tolerated.",
	.judge = enverr_afterver_1,
};

static void enverr_afterver_1(struct judge *j)
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

REQ(enverr_any_1) = {
	.id = "ENVERR-ANY-1",
	.area = AREA_ENV_ERROR,
	.level = L_MAY,
	.section = "3.3.2.1",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_INFO,
	.title = "The PT may give up with an error at any later point "
		 "because of configuration.",
	.traps = "Do not fail a late one.",
	.judge = enverr_any_1,
};

static void enverr_any_1(struct judge *j)
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

REQ(enverr_flag_1) = {
	.id = "ENVERR-FLAG-1",
	.area = AREA_ENV_ERROR,
	.level = L_IMPLIED,
	.section = "3.3.1.4, 3.3.2.1",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "Malformed flag values are reported like malformed "
		 "variables.",
	.traps = "Usage text with 64, or exit 2 from a flag library: "
		 "AMB-018, WARN.",
	.profiles = IN_20,
	.judge = enverr_flag_1,
};

static void enverr_flag_1(struct judge *j)
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

REQ(enverr_only_1) = {
	.id = "ENVERR-ONLY-1",
	.area = AREA_ENV_ERROR,
	.level = L_IMPLIED,
	.section = "3.3.2.1",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "Status 64, 69, 78 are paired with their own messages.",
	.traps = "Other codes for crashes are not covered.",
	.profiles = IN_20,
	.judge = enverr_only_1,
};

static void enverr_only_1(struct judge *j)
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
