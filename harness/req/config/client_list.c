/*
 * client_list.c - Client transport list.
 */
#include "harness/req/launch/startup.h"
#include "harness/req/launch/transport_list.h"

/* More items than any array that a careless program sets aside. */
#define LONG_LIST 500

static void judge_ct_init_1(struct judge *j)
{
	if (is_client(j))
		judge_list_init(j);
}

static void judge_ct_only_1(struct judge *j)
{
	if (is_client(j))
		judge_list_only(j);
}

static void judge_ct_ign_1(struct judge *j)
{
	if (is_client(j))
		judge_list_ignore(j);
}

static void judge_ct_order_1(struct judge *j)
{
	const struct view *v = j->v;
	struct list_shape s = list_shape(v);
	struct span name;

	if (!is_client(j) || !is_legal(j) || !list_is_mixed(&s) || !v->done)
		return;
	if (!list_lacks(v, &name))
		j_pass(j, v->done->ev);
	else if (!output_whole(v))
		j_unsure(j, "the output was not recorded to its end");
	else
		j_broken(j, v->done->ev,
			 "every known transport launched, "
			 "wherever unknown names stand in the list",
			 "nothing for \"%s\"", j_show(j, name));
}

static void judge_ct_allunk_1(struct judge *j)
{
	if (is_client(j))
		judge_list_unknown(j, V_FAIL);
}

/* AMB-053: whether an empty string is "set" is open. */
static void judge_ct_empty_1(struct judge *j)
{
	const struct view *v = j->v;
	struct span list = view_setting(v, "TOR_PT_CLIENT_TRANSPORTS");
	const char *expected =
		"an ENV-ERROR, or `CMETHODS DONE` and a process that lives on";

	if (!is_client(j) || !launched(j) || span_absent(list) || list.n)
		return;
	j_orderly(j, "an empty transport list");
	for_methods (m, v)
		j_broken(j, m->line->ev, "no transport launched",
			 "a line for \"%s\"", j_show(j, m->m.name));
	if (v->done && j_is20(j) && ended_unasked(v))
		j_say(j, V_WARN, v->exit->n, expected,
		      "an end after the DONE line: it %s", view_how_ended(v));
	else if (!v->done && !view_fatal(v) && ended_unasked(v))
		j_say(j, V_WARN, v->exit->n, expected,
		      "none of the lines: it %s", view_how_ended(v));
}

static void judge_ct_dup_1(struct judge *j)
{
	if (is_client(j))
		judge_list_twice(j);
}

/* Launched because of something in the list that is no name?  What nobody
 * asked for has its own rule, but a star may have asked for anything. */
static const struct method *find_stray(const struct view *v, bool star)
{
	for_methods (m, v)
		if (is_own_method(v, m) &&
		    (view_requested(v, m->m.name)
			     ? (name_check(m->m.name) & NAME_INVALID) != 0
			     : star))
			return m;
	return NULL;
}

static void judge_ct_badname_1(struct judge *j)
{
	const struct view *v = j->v;
	struct list_shape s = list_shape(v);
	const struct method *stray = find_stray(v, s.star);
	const char *expected = "impossible names treated like unknown ones";
	struct span name;

	if (!is_client(j) || !launched(j) || !s.invalid)
		return;
	if (stray)
		j_broken(j, stray->line->ev, expected,
			 "a CMETHOD line for \"%s\"", j_show(j, stray->m.name));
	else if (view_fatal(v) && !crashed(j))
		j_say(j, V_INFO, view_fatal(v)->ev, expected, "the line \"%s\"",
		      j_show(j, view_fatal(v)->raw));
	else if (!v->done)
		j_no_done(j, V_WARN, expected);
	else if (list_lacks(v, &name) && output_whole(v))
		j_broken(j, v->done->ev, expected,
			 "nothing for \"%s\" in the same list",
			 j_show(j, name));
	else
		j_pass(j, v->done->ev);
}

static void judge_ct_ws_1(struct judge *j)
{
	const struct view *v = j->v;
	struct list_shape s = list_shape(v);
	struct span name;

	if (!is_client(j) || !launched(j) || !s.blank || s.invalid)
		return;
	j_orderly(j, "a transport list with blanks");
	if (v->done && list_lacks(v, &name) && output_whole(v))
		j_broken(j, v->done->ev,
			 "the name without blanks around it launched",
			 "nothing for \"%s\"", j_show(j, name));
}

static void judge_ct_long_1(struct judge *j)
{
	const struct view *v = j->v;
	struct list_shape s = list_shape(v);
	const char *expected = "a known transport launched at the end of a "
			       "very long list";
	struct span name;

	if (!is_client(j) || !is_legal(j) || s.n < LONG_LIST || !s.known ||
	    j_no_done(j, V_FAIL, expected))
		return;
	if (!list_lacks(v, &name))
		j_pass(j, v->done->ev);
	else if (!output_whole(v))
		j_unsure(j, "the output was not recorded to its end");
	else
		j_broken(j, v->done->ev, expected, "nothing for \"%s\"",
			 j_show(j, name));
}

static void judge_ct_flag_1(struct judge *j)
{
	const struct view *v = j->v;
	struct span flag = view_flag(v, "-transports"), name;
	const char *expected =
		"the list behind -transports taken like the variable's";

	if (!is_client(j) || !is_legal(j) || !j->rf->flags ||
	    span_find(flag, ',') == flag.n)
		return;
	if (!v->done && is_aim(j))
		j_no_done(j, V_FAIL, expected);
	else if (v->done && list_lacks(v, &name))
		j_broken(j, v->done->ev, expected, "nothing for \"%s\"",
			 j_show(j, name));
	else if (v->done)
		j_pass(j, v->done->ev);
}

static const struct req rows[] = {
	{
		.id = "CT-INIT-1",
		.level = L_IMPLIED,
		.section = "3.3.1.2, 3.3.2.2",
		.role = "pt-client",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title =
			"Every listed transport the PT knows is initialised and "
			"reported.",
		.observe =
			"For each known name: one CMETHOD (stdout) or one "
			"CMETHOD-ERROR (stderr) before/around CMETHODS DONE.",
		.fault = "Handles only the first list entry.",
		.traps = "T-ORDER; known names come from the description file.",
		.profiles = IN_BOTH,
		.judge = judge_ct_init_1,
	},
	{
		.id = "CT-ONLY-1",
		.level = L_IMPLIED,
		.section = "3.3.1.2",
		.role = "pt-client",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title =
			"Nothing that was not requested is started or reported.",
		.observe =
			"Request one of several known transports; only it appears; "
			"only one new listening socket.",
		.fault = "Starts all it knows.",
		.traps =
			"Internal helper sockets on loopback not announced: INFO.",
		.profiles = IN_BOTH,
		.judge = judge_ct_only_1,
	},
	{
		.id = "CT-IGN-1",
		.level = L_SHOULD,
		.section = "3.3.1.2",
		.role = "pt-client",
		.classes = "ipc",
		.dflt = V_WARN,
		.title = "Unknown names are skipped.",
		.observe = "`nosuch_<random>,<T>`: T works.",
		.fault = "ENV-ERROR/64 on unknown name.",
		.traps = "See CM-UNK-1 for the harder MUST NOT.",
		.profiles = IN_BOTH,
		.judge = judge_ct_ign_1,
	},
	{
		.id = "CT-ORDER-1",
		.level = L_IMPLIED,
		.section = "3.3.2.2.1",
		.role = "pt-client",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title =
			"Unknown names in any position do not stop later ones.",
		.observe = "`nosuch,T`, `T,nosuch`, `nosuch,T,nosuch2`.",
		.fault = "Stops at first unknown.",
		.traps = "T-ORDER.",
		.profiles = IN_BOTH,
		.judge = judge_ct_order_1,
	},
	{
		.id = "CT-ALLUNK-1",
		.level = L_IMPLIED,
		.section = "3.3.2.2.1",
		.role = "pt-client",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title =
			"A list of only unknown names still ends in CMETHODS DONE "
			"and the process stays alive.",
		.observe =
			"`nosuch_a,nosuch_b`: stdout `VERSION 2`, `CMETHODS DONE`; "
			"no CMETHOD; alive after 5 s; exits 0 on stdin close.",
		.fault = "Exits (255) because nothing launched (what "
			 "obfs4proxy-family PTs do).",
		.traps = "T-UNKKW.",
		.profiles = IN_BOTH,
		.judge = judge_ct_allunk_1,
	},
	{
		.id = "CT-EMPTY-1",
		.level = L_IMPLIED,
		.section = "3.3.1.2",
		.role = "pt-client",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "An empty list is unspecified.",
		.observe = "`TOR_PT_CLIENT_TRANSPORTS=` set but empty: accept "
			   "ENV-ERROR/64, or VERSION + CMETHODS DONE.",
		.fault = "Crash; or starts everything.",
		.traps = "AMB-053.",
		.profiles = IN_BOTH,
		.judge = judge_ct_empty_1,
	},
	{
		.id = "CT-DUP-1",
		.level = L_IMPLIED,
		.section = "3.1, 3.3.1.2",
		.role = "pt-client",
		.classes = "ipc",
		.dflt = V_WARN,
		.title = "A repeated name is not initialised twice.",
		.observe = "`T,T`: one CMETHOD expected.",
		.fault = "Two CMETHOD lines for T.",
		.traps =
			"Second occurrence giving CMETHOD-ERROR or being ignored: "
			"INFO.",
		.profiles = IN_BOTH,
		.judge = judge_ct_dup_1,
	},
	{
		.id = "CT-BADNAME-1",
		.level = L_IMPLIED,
		.section = "3.1, 3.3.1.2",
		.role = "pt-client",
		.classes = "ipc",
		.dflt = V_WARN,
		.title =
			"Syntactically impossible names in the list are treated as "
			"unknown.",
		.observe = "`9x,ob-fs,T,é,` and `*`.",
		.fault = "`*` starts everything; crash on non-ASCII.",
		.traps =
			"AMB-054; ENV-ERROR/64 for malformed list is tolerated "
			"(INFO).",
		.profiles = IN_BOTH,
		.judge = judge_ct_badname_1,
	},
	{
		.id = "CT-WS-1",
		.level = L_IMPLIED,
		.section = "3.3.1.2",
		.role = "pt-client",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "Blanks around commas are not part of the syntax.",
		.observe = "`T1, T2`: T1 must work; T2 may work or be ignored.",
		.fault = "Crash.",
		.traps = "Either.",
		.profiles = IN_BOTH,
		.judge = judge_ct_ws_1,
	},
	{
		.id = "CT-LONG-1",
		.level = L_IMPLIED,
		.section = "3.3.1.2",
		.role = "pt-client",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "List length is not limited.",
		.observe = "3000 unknown names then T.",
		.fault = "Array of 32 names.",
		.traps = "OS string limit.",
		.profiles = IN_BOTH,
		.judge = judge_ct_long_1,
	},
	{
		.id = "CT-FLAG-1",
		.level = L_IMPLIED,
		.section = "3.3.1.2",
		.role = "pt-client",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "`-transports` takes the same list.",
		.observe = "Role by description file, list by flag.",
		.fault = "Accepts only a single name.",
		.traps = "AMB-009.",
		.profiles = IN_20,
		.judge = judge_ct_flag_1,
	},
	{
		.id = "CT-PARENT-1",
		.level = L_MUST,
		.section = "3.3.1.2",
		.role = "parent",
		.classes = "parent",
		.dflt = V_FAIL,
		.title =
			"The parent sets the client list when starting a client PT.",
		.observe = "F-PT sees the variable (or `-transports`).",
		.fault = "Parent relies on the PT's default.",
		.traps = "Flag form is an alternative (§3.3.1.4).",
		.profiles = IN_BOTH,
	},
};

const struct req_area req_area_client_list = {
	.name = "client-list",
	.title = "Client transport list",
	.rows = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};
