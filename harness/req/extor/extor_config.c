/*
 * extor_config.c - judges: how an Extended ORPort is configured, and what
 * becomes of clients when it cannot be used.
 */
#include "harness/req/traffic/extor_session.h"
#include "harness/req/traffic/tunnel.h"
#include "harness/req/launch/life.h"

REQ(ext_cfg_1) = {
	.id = "EXT-CFG-1",
	.area = AREA_EXTOR,
	.level = L_IMPLIED,
	.section = "3.3.1.3",
	.role = "extor",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "An empty port string means \"not supported\": plain "
		 "forwarding is used.",
	.needs = OF_SERVER | LEGAL,
	.stimuli = STIMULUS(EXTENDED_PORT_EMPTY),
	.judge = ext_cfg_1,
};

/* The rule has no trigger of its own in most launches, which all set the
 * variable to nothing: only a case that aims at it can fail. */
static void ext_cfg_1(struct judge *j)
{
	struct span env = view_env(j->v, EXT_PORT);

	if (env.n || !span_absent(view_flag(j->v, "-extorport")))
		return;
	/* A parent has to set it; a transport takes both alike (AMB-035). */
	if (has_started(j))
		j_pass(j, j->v->done->ev);
	else if (provoked(j))
		must_start(j, span_absent(env)
				      ? "a start without an extended port"
				      : "a start with an empty extended port");
}

REQ(ext_cfg_2) = {
	.id = "EXT-CFG-2",
	.area = AREA_EXTOR,
	.level = L_IMPLIED,
	.section = "3.3.2.1",
	.role = "extor",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "A port without a cookie file is an environment error.",
	.traps = "T-NOMODE: a PT without ExtORPort support may ignore EXT if "
		 "ORPORT is set (WARN, AMB-034).",
	.needs = OF_SERVER | LAUNCHED,
	.judge = ext_cfg_2,
};

/* A transport without Extended ORPort may ignore it (AMB-034). */
static void ext_cfg_2(struct judge *j)
{
	struct addr a;

	if (ext_given(j, &a) && view_setting(j->v, EXT_COOKIE).n == 0)
		env_error_due(j, "an extended port and no cookie file",
			      view_setting(j->v, EXT_ORPORT).n ? V_WARN
							       : V_FAIL);
}

REQ(ext_cfg_5) = {
	.id = "EXT-CFG-5",
	.area = AREA_EXTOR,
	.level = L_IMPLIED,
	.section = "3.3.1.3",
	.role = "extor",
	.classes = "net",
	.dflt = V_WARN,
	.title = "A cookie without a port is ignored.",
	.needs = OF_SERVER | LEGAL,
	.judge = ext_cfg_5,
};

static void ext_cfg_5(struct judge *j)
{
	if (view_setting(j->v, EXT_COOKIE).n &&
	    view_setting(j->v, EXT_PORT).n == 0)
		must_start(j, "a start: there is no port for the cookie");
}

/* The listener of the harness at the extended port, if one was there. */
static const struct event *ext_listener(const struct judge *j)
{
	struct addr a;

	return ext_given(j, &a) ? listener_at(j->v, &a) : NULL;
}

static bool called_early(const struct event *call, const struct view *v)
{
	return call && call->n < life_stimulus(v, 1);
}

static bool is_unusable(const struct ext_session *s)
{
	/* Where it was used all the same, others have to say so. */
	return s->x->stage != EXTOR_TUNNEL &&
	       (s->misdeed || s->x->stage == EXTOR_FAILED ||
		(s->x->stage > EXTOR_TYPES && !s->x->offers) ||
		!ext_cookie_good(&s->cookie) ||
		(s->x->challenged && !ext_is_right(s)));
}

/* Is there a reason to give it up?  That is EXT-FAIL-1's then. */
static bool is_unusable_once(const struct judge *j)
{
	struct ext_sessions l = ext_sessions(j->v);

	for_sessions (s, l)
		if (is_unusable(s))
			return true;
	return false;
}

REQ(ext_cfg_6) = {
	.id = "EXT-CFG-6",
	.area = AREA_EXTOR,
	.level = L_IMPLIED,
	.section = "3.3.1.3",
	.role = "extor",
	.classes = "net",
	.dflt = V_WARN,
	.title = "With both destinations set, the extended one is used.",
	.traps = "AMB-033; T-NOMODE.",
	.needs = OF_SERVER | LAUNCHED,
	.judge = ext_cfg_6,
};

static void ext_cfg_6(struct judge *j)
{
	const struct event *l = ext_listener(j), *call;
	struct ext_cookie cookie;

	if (!l || !has_started(j) || !view_setting(j->v, EXT_ORPORT).n)
		return;
	cookie = ext_cookie_at(j->v, end_ev(j->v));
	call = accepted(j->v, l, l->n);
	if (!ext_cookie_good(&cookie))
		return;
	if (called_early(call, j->v) &&
	    (!ext_fallback(j->v) || is_unusable_once(j)))
		j_pass(j, call->n);
	else if (called_early(call, j->v))
		j_broken(j, ext_fallback(j->v)->n,
			 "all connections to the extended destination",
			 "one to the ordinary destination beside it");
	else if (ext_fallback(j->v))
		j_broken(j, ext_fallback(j->v)->n,
			 "a connection to the extended destination",
			 "one to the ordinary destination only");
}

/* To refuse it is allowed where the transport never speaks the protocol. */
static void start_due(struct judge *j, const char *expected)
{
	if (has_started(j))
		j_pass(j, j->v->done->ev);
	else if (j->rf->speaks_extor)
		must_start(j, expected);
}

REQ(ext_cfg_7) = {
	.id = "EXT-CFG-7",
	.area = AREA_EXTOR,
	.level = L_IMPLIED,
	.section = "3.3.1.3",
	.role = "extor",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "EXT alone (no ORPORT) suffices.",
	.traps = "T-NOMODE.",
	.needs = OF_SERVER | LAUNCHED,
	.judge = ext_cfg_7,
};

static void ext_cfg_7(struct judge *j)
{
	struct ext_cookie cookie;
	struct addr a;

	if (!ext_given(j, &a) || view_setting(j->v, EXT_ORPORT).n ||
	    !env_only(j->v, EXT_PORT).n || view_has_flags(j->v))
		return;
	cookie = ext_cookie_at(j->v, end_ev(j->v));
	if (ext_cookie_good(&cookie))
		start_due(j, "a start with the extended destination alone");
}

/* A client came through to the transport? */
static bool client_came(const struct judge *j)
{
	const struct event *c = view_event(j->v, EV_CONNECT, NULL, 1);

	for_events (ev, j->v)
		if (ev->kind == EV_SOCKS && ev->socks.result == SOCKS_END_OK)
			return true;
	return j->rf->forwards_raw && serves_first(j->v) && c &&
	       c->connect.result == CONNECT_OK;
}

REQ(ext_cfg_9) = {
	.id = "EXT-CFG-9",
	.area = AREA_EXTOR,
	.level = L_IMPLIED,
	.section = "3.3.1.3",
	.role = "extor",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "`-extorport`/`-authcookie` equal the variables.",
	.traps = "T-FLAGSYN.",
	.needs = OF_SERVER,
	.profiles = IN_20,
	.judge = ext_cfg_9,
};

/* Both are as they should be. */
static bool is_start_owed(const struct judge *j)
{
	struct ext_cookie cookie = ext_cookie_at(j->v, end_ev(j->v));
	struct addr a;

	return ext_given(j, &a) && ext_cookie_good(&cookie);
}

/* As far as it came, the bridge had done what it should. */
static bool is_owed(const struct ext_session *s)
{
	return ext_cookie_good(&s->cookie) && !s->cookie.changed &&
	       s->x->offers && (!s->x->challenged || ext_is_right(s));
}

static void ext_cfg_9(struct judge *j)
{
	struct ext_sessions l = ext_sessions(j->v);
	const struct event *limit = view_limit(j->v, "exit", 1);

	if (!flag_only(j->v, EXT_PORT).n || !flag_only(j->v, EXT_COOKIE).n ||
	    !j->rf->flags)
		return;
	for_sessions (s, l)
		if (s->x->has_hash)
			j_pass(j, s->at[EXTOR_STATUS]);
		else if (is_owed(s))
			ext_must_go_on(j, s, "authentication, as by variables");
	if (!has_started(j) && is_start_owed(j))
		start_due(j, "a start with `-extorport` and `-authcookie`");
	else if (has_started(j) && l.n == 0 && limit && client_came(j) &&
		 j->rf->speaks_extor)
		j_late(j, limit, "a connection to the `-extorport`", "none");
}

REQ(ext_cfg_10) = {
	.id = "EXT-CFG-10",
	.area = AREA_EXTOR,
	.level = L_IMPLIED,
	.section = "3.3.2.1",
	.role = "extor",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "Malformed EXT address is an environment error.",
	.traps = "Lazy failure INFO; resolving a name INFO.",
	.needs = OF_SERVER | LAUNCHED,
	.judge = ext_cfg_10,
};

static void ext_cfg_10(struct judge *j)
{
	struct span s = view_setting(j->v, EXT_PORT);
	const char *what;
	struct addr a;

	if (!s.n || !addr_parse(s, &a))
		return;
	what = arena_printf(j->a, "\"%s\" as extended port", j_show(j, s));
	/* It may find out when the first client comes, but not by dying. */
	if (has_started(j) && crashed(j))
		j_say(j, V_FAIL, end_ev(j->v), "an orderly answer",
		      "a crash, given %s: it %s", what, view_how_ended(j->v));
	else
		env_error_due(j, what, V_INFO);
}

/* --- which of two --- */

/* The bridge of the flag's cookie proved it; so has the transport to. */
static void judge_flag_cookie(struct judge *j)
{
	struct ext_sessions l = ext_sessions(j->v);
	struct override o;

	if (!overridden(j->v, EXT_COOKIE, &o))
		return;
	for_sessions (s, l)
		if (ext_is_right(s))
			ext_must_know(j, s, "a hash with the flag's cookie");
}

REQ(cfg_ovr_ext_1) = {
	.id = "CFG-OVR-EXT-1",
	.area = AREA_CONFIG,
	.level = L_IMPLIED,
	.section = "3.3.1.4",
	.role = "extor",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "`-extorport` and `-authcookie` override their variables.",
	.traps = "T-NOMODE if no ExtORPort support.",
	.needs = OF_SERVER,
	.profiles = IN_20,
	.judge = cfg_ovr_ext_1,
};

static void cfg_ovr_ext_1(struct judge *j)
{
	if (judge_override_destination(j, EXT_PORT))
		judge_flag_cookie(j);
}

/* --- when it cannot be used --- */

/* Raw client data at the extended port; else: was there anything wrong with
 * that, so that a client had to be dropped? */
static bool judge_sessions(struct judge *j, bool *stalled)
{
	struct ext_sessions l = ext_sessions(j->v);
	bool unusable = l.n == 0 && !ext_listener(j);

	for_sessions (s, l) {
		if (s->raw)
			j_say(j, V_FAIL, s->raw->n,
			      "the protocol of the extended port, or nothing",
			      "what the client had sent, on \"%s\"",
			      j_show(j, s->name));
		unusable |= is_unusable(s);
		*stalled |= s->misdeed &&
			    s->misdeed->extor.what == EXTOR_DID_STALLED;
	}
	return unusable;
}

REQ(ext_fail_1) = {
	.id = "EXT-FAIL-1",
	.area = AREA_EXTOR,
	.level = L_IMPLIED,
	.section = "3.3.1.3",
	.role = "extor",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "If the ExtORPort cannot be used for a connection, that "
		 "client is dropped; no raw fallback.",
	.traps = "Fallback loses metadata the parent asked for; text silent "
		 "→ WARN when ORPORT is also configured, FAIL when raw bytes "
		 "go to EXT.",
	.needs = OF_SERVER | LAUNCHED,
	.judge = ext_fail_1,
};

static void ext_fail_1(struct judge *j)
{
	const struct event *other = ext_fallback(j->v);
	const struct event *gone = ext_client_dropped(j->v), *limit;
	const struct event *ended = tunnel_server_ended(j->v, 1);
	bool stalled = false;
	struct addr a;

	if (!ext_given(j, &a) || !has_started(j) ||
	    !view_setting(j->v, EXT_COOKIE).n || !client_came(j) ||
	    !judge_sessions(j, &stalled))
		return;
	limit = view_limit(j->v, "window", 1);
	if (other)
		j_say(j, V_WARN, other->n,
		      "no connection but to the extended destination",
		      "one to the ordinary destination, as the other "
		      "cannot be used");
	else if (gone || ended)
		j_pass(j, gone ? gone->n : ended->n);
	else if (tunnel_has_no_ends(j->v))
		return;
	/* How long a stall may last is another question. */
	else if (limit && !stalled && !j_lagged(j, limit))
		j_say(j, V_WARN, limit->n, "the end of the client's connection",
		      "none, though the extended port cannot be used");
}

REQ(ext_time_1) = {
	.id = "EXT-TIME-1",
	.area = AREA_EXTOR,
	.level = L_IMPLIED,
	.section = "—",
	.role = "extor",
	.classes = "net",
	.dflt = V_INFO,
	.title = "A stalled ExtORPort does not pin resources for ever.",
	.traps = "No time given.",
	.judge = ext_time_1,
};

static void ext_time_1(struct judge *j)
{
	struct ext_sessions l = ext_sessions(j->v);

	for_sessions (s, l) {
		const struct event *limit;

		if (!s->misdeed ||
		    s->misdeed->extor.what != EXTOR_DID_STALLED || !s->certain)
			continue;
		limit = view_limit(j->v, "connect", s->misdeed->n);
		if (s->eof)
			j_pass(j, s->eof->n);
		else if (limit && limit->n < s->until)
			j_late(j, limit, "an end of the connection",
			       "that it waits for the extended port on \"%s\"",
			       j_show(j, s->name));
	}
}

REQ(ext_warn_1) = {
	.id = "EXT-WARN-1",
	.area = AREA_EXTOR,
	.level = L_SHOULD,
	.section = "EXTORPORT",
	.role = "extor",
	.classes = "ipc",
	.dflt = V_INFO,
	.title = "A PT told to use a non-loopback ExtORPort should warn.",
	.traps = "Form is free.",
	.needs = OF_SERVER | LAUNCHED,
	.judge = ext_warn_1,
};

static void ext_warn_1(struct judge *j)
{
	const struct event *window;
	struct addr a;

	if (!ext_given(j, &a) || addr_is_loopback(&a) || !has_started(j))
		return;
	window = view_window(j->v, j->v->done->ev);
	if (has_words(&j->v->out) || view_stderr_words(j->v))
		j_pass(j, j->v->done->ev);
	else if (window && !j_lagged(j, window))
		j_broken(j, j->v->done->ev, "a warning of any form",
			 "no word about the extended port on another host");
}
