/*
 * version.c - Version negotiation.
 *
 * A list is told apart by what is special in it, so that one mistake in
 * reading it shows under one requirement.
 */
#include "harness/req/launch/startup.h"
#include "harness/req/launch/version_offer.h"
#include "harness/req/launch/setup.h"

/* A list longer than this is the business of its own rule. */
#define PLAIN_ITEMS 16
#define LONG_LIST 500

/* With two lists that differ, which one counts is CFG-OVR-VER-1's business. */
static bool two_lists(const struct view *v)
{
	struct override o;

	return overridden(v, "TOR_PT_MANAGED_TRANSPORT_VER", &o);
}

static void judge_env_ver_1(struct judge *j)
{
	struct offer o = get_offer(j, false);

	if (o.legal)
		judge_accepted(j, &o);
}

static void judge_env_ver_2(struct judge *j)
{
	struct offer o = get_offer(j, false);

	if (o.legal && o.items > 1 && o.items <= PLAIN_ITEMS && !o.strange &&
	    !o.repeated)
		judge_accepted(j, &o);
}

static void judge_env_ver_3(struct judge *j)
{
	struct offer o = get_offer(j, false);

	if (o.legal && o.strange && o.items <= PLAIN_ITEMS)
		judge_accepted(j, &o);
}

static void judge_env_ver_4(struct judge *j)
{
	const struct view *v = j->v;
	const struct line *l = v->version;

	if (!l || !l->ipc.ntok || two_lists(v) ||
	    verlist_check(v->versions) & (VERLIST_EMPTY | VERLIST_BAD_BYTE))
		return;
	if (verlist_has(v->versions, v->negotiated))
		j_pass(j, l->ev);
	else
		j_broken(j, l->ev,
			 arena_printf(j->a, "a version from the list \"%s\"",
				      j_show(j, v->versions)),
			 "the line \"%s\"", j_show(j, l->raw));
}

/* Does @list hold no version of ours, but a token that looks like @digit? */
static bool near_miss(struct span list, char digit)
{
	bool near = false;
	struct span token;

	while (span_split(&list, ',', &token)) {
		if (span_eqs(token, "1") || span_eqs(token, "2"))
			return false;
		near |= span_find(token, digit) < token.n;
	}
	return near;
}

static void judge_env_ver_5(struct judge *j)
{
	const struct view *v = j->v;
	const struct line *err = view_error(v, IPC_VERSION_ERROR);
	const char *expected = "VERSION-ERROR, as no whole token is a version";

	if (!launched(j) || two_lists(v) ||
	    verlist_check(v->versions) & VERLIST_MALFORMED ||
	    !near_miss(v->versions, j_is20(j) ? '2' : '1'))
		return;
	if (v->version && verlist_has(v->versions, v->negotiated))
		/* AMB-012: it has another version of that name. */
		j_say(j, V_INFO, v->version->ev, expected, "the line \"%s\"",
		      j_show(j, v->version->raw));
	else if (v->version)
		j_broken(j, v->version->ev, expected,
			 "the line \"%s\" for "
			 "the list \"%s\"",
			 j_show(j, v->version->raw), j_show(j, v->versions));
	else if (err)
		j_pass(j, err->ev);
}

static void judge_env_ver_6(struct judge *j)
{
	struct offer o = get_offer(j, false);

	if (o.legal && o.items >= LONG_LIST)
		judge_accepted(j, &o);
}

static void judge_env_ver_7(struct judge *j)
{
	struct offer o = get_offer(j, false);
	const struct line *first = j->v->version, *again;

	if (!o.legal || !o.repeated || o.items > PLAIN_ITEMS)
		return;
	again = first ? lines_find(&j->v->out, IPC_VERSION,
				   (size_t)(first - j->v->out.v) + 1)
		      : NULL;
	if (again)
		j_broken(j, again->ev,
			 "one VERSION line for a repeated version",
			 "a second one");
	else
		judge_accepted(j, &o);
}

/* AMB-011: well-formed is not defined; any orderly answer will do. */
static void judge_env_ver_8(struct judge *j)
{
	if (launched(j) && j->v->versions.n &&
	    verlist_check(j->v->versions) & VERLIST_MALFORMED)
		j_orderly(j, "a malformed version list");
}

static void judge_env_ver_10(struct judge *j)
{
	const struct view *v = j->v;
	const char *token = j_is20(j) ? "2" : "1";
	const struct line *err = view_error(v, IPC_VERSION_ERROR);

	if (!launched(j) || !span_eqs(v->versions, token) || two_lists(v))
		return;
	if (v->version && span_eqs(v->negotiated, token))
		j_pass(j, v->version->ev);
	else if (err)
		j_broken(j, err->ev,
			 arena_printf(j->a, "`VERSION %s` to %s offered alone",
				      token, token),
			 "the line \"%s\"", j_show(j, err->raw));
}

static void judge_env_ver_11(struct judge *j)
{
	const struct view *v = j->v;
	const char *expected = "ENV-ERROR or VERSION-ERROR without a list";
	const struct line *go = any_line(v, IPC_VERSION);

	if (!launched(j) || v->versions.n)
		return;
	if (go)
		j_broken(j, go->ev, expected, "the line \"%s\"",
			 j_show(j, go->raw));
	else if (view_fatal(v) && !crashed(j))
		j_pass(j, view_fatal(v)->ev);
	else if (v->done || v->methods.n)
		j_broken(j, v->done ? v->done->ev : v->methods.v->line->ev,
			 expected, "that it went on without a version");
	else if (refused_orderly(j))
		j_say(j, V_INFO, end_ev(v), expected,
		      "words on stderr alone: it %s", view_how_ended(v));
	else
		j_no_done(j, V_WARN, expected);
}

static void judge_env_ver_12(struct judge *j)
{
	struct offer o = get_offer(j, true);

	if (o.legal && o.items > 1 && j->rf->flags)
		judge_accepted(j, &o);
}

static void judge_msg_ver_1(struct judge *j)
{
	const struct view *v = j->v;
	const struct line *ver = any_line(v, IPC_VERSION);
	const struct line *err = view_error(v, IPC_VERSION_ERROR);
	const char *expected = "exactly one of VERSION and VERSION-ERROR";

	if (!launched(j))
		return;
	if (ver && err) {
		j_broken(j, err->ev, expected, "both");
		j_also(j, ver->ev);
	} else if (lines_count(&v->out, IPC_VERSION_ERROR) > 1 ||
		   lines_count(&v->err, IPC_VERSION_ERROR) > 1) {
		j_broken(j, err->ev, expected, "VERSION-ERROR twice");
	} else if (ver || err) {
		j_pass(j, ver ? ver->ev : err->ev);
	} else if (is_legal(j) && (is_aim(j) || is_probe(j, "control")) &&
		   !view_fatal(v)) {
		j_no_done(j, V_FAIL, expected);
	}
}

static void judge_msg_ver_2(struct judge *j)
{
	const struct view *v = j->v;
	const struct line *err = lines_find(&v->err, IPC_VERSION, 0);

	if (v->version)
		j_pass(j, v->version->ev);
	else if (err)
		j_broken(j, err->ev, "VERSION on stdout",
			 "the line \"%s\" on stderr", j_show(j, err->raw));
}

/* A message of the initialisation that VERSION has to precede? */
static bool is_setup_line(const struct line *l)
{
	return l->ipc.kw == IPC_PROXY || is_role_line(l, ROLE_CLIENT) ||
	       is_role_line(l, ROLE_SERVER);
}

static void judge_msg_ver_3(struct judge *j)
{
	const struct view *v = j->v;

	if (view_error(v, IPC_VERSION_ERROR) ||
	    (!v->version && (any_line(v, IPC_VERSION) || view_fatal(v))))
		return; /* other rules */
	for_lines (l, &v->out) {
		if (l == v->version)
			break;
		if (!is_setup_line(l))
			continue;
		j_broken(j, l->ev, "VERSION before anything is set up",
			 "the keyword %s first", ipc_keyword_name(l->ipc.kw));
		return;
	}
	if (v->version)
		j_pass(j, v->version->ev);
}

static bool is_run_on(const struct line *l)
{
	return l->ipc.ntok == 3 && span_eqs(l->ipc.tok[1], "PROXY") &&
	       span_eqs(l->ipc.tok[2], "DONE");
}

static void judge_msg_ver_4(struct judge *j)
{
	const struct view *v = j->v;
	const char *expected = "VERSION with one argument";

	for_lines (l, &v->out) {
		if (!v->version && span_eqs(l->ipc.keyword, "VERSION:"))
			j_broken(j, l->ev, expected, "the line \"%s\"",
				 j_show(j, l->raw));
		if (l->ipc.kw != IPC_VERSION)
			continue;
		if (l->ipc.ntok == 1)
			j_pass(j, l->ev);
		else
			j_broken(
				j, l->ev, expected, "the line \"%s\"%s",
				j_show(j, l->raw),
				is_run_on(l)
					? ", two messages run together as appendix A "
					  "prints them"
					: "");
	}
}

static void judge_msg_ver_5(struct judge *j)
{
	const struct view *v = j->v;
	const struct line *first = v->version, *again;

	if (!first)
		return;
	again = lines_find(&v->out, IPC_VERSION,
			   (size_t)(first - v->out.v) + 1);
	if (again) {
		j_broken(j, again->ev, "VERSION once", "a second one");
		j_also(j, first->ev);
	} else {
		j_pass(j, first->ev);
	}
}

/* --- VERSION-ERROR --- */

/* Lists that hold anything a transport might know are left to ENV-VER-4 and
 * ENV-VER-5. */
static void judge_msg_vererr_1(struct judge *j)
{
	const struct view *v = j->v;
	const struct line *err = error_line(v, IPC_VERSION_ERROR);
	const char *expected = arena_printf(j->a,
					    "VERSION-ERROR for the list \"%s\"",
					    j_show(j, v->versions));

	if (!launched(j) || two_lists(v) ||
	    verlist_check(v->versions) & VERLIST_MALFORMED ||
	    verlist_has(v->versions, SPAN("1")) ||
	    verlist_has(v->versions, SPAN("2")) ||
	    verlist_has(v->versions, v->negotiated))
		return;
	if (err)
		j_pass(j, err->ev);
	else if (v->version)
		j_broken(j, v->version->ev, expected, "the line \"%s\"",
			 j_show(j, v->version->raw));
	else if (is_aim(j))
		j_no_done(j, V_FAIL, expected);
}

static void judge_msg_vererr_2(struct judge *j)
{
	const struct line *l = view_error(j->v, IPC_VERSION_ERROR);

	if (!l)
		return;
	if (l->ipc.ntok == 0)
		j_say(j, V_WARN, l->ev, "a message", "a bare VERSION-ERROR");
	else if (l->ipc.ntok == 1 && span_eqs(l->ipc.tok[0], "no-version"))
		j_pass(j, l->ev);
	else
		j_broken(j, l->ev, "the message no-version", "the line \"%s\"",
			 j_show(j, l->raw));
}

/* AMB-016: a parent that offers 1 and not 2 may be told in either way, and a
 * transport that has both versions cannot know which parent it has. */
static bool any_stream(const struct judge *j)
{
	const struct view *v = j->v;

	if (!j_is20(j))
		return j->rf->speaks_2;
	return verlist_has(v->versions, SPAN("1")) &&
	       !verlist_has(v->versions, SPAN("2"));
}

static void judge_msg_vererr_3(struct judge *j)
{
	const struct line *l = view_error(j->v, IPC_VERSION_ERROR);

	if (l && any_stream(j))
		j_pass(j, l->ev);
	else
		judge_stream(j, IPC_VERSION_ERROR);
}

static void judge_msg_vererr_4(struct judge *j)
{
	judge_status(j, IPC_VERSION_ERROR, 78);
}

static void judge_msg_vererr_5(struct judge *j)
{
	const struct view *v = j->v;
	const struct line *l = view_error(v, IPC_VERSION_ERROR);
	const char *expected = "its end after VERSION-ERROR";
	const struct event *limit, *orphan;

	if (!l)
		return;
	limit = view_limit(v, "exit", l->ev);
	orphan = view_event(v, EV_ORPHAN, NULL, 1);
	if (limit)
		j_late(j, limit, expected, "that it kept running");
	else if (orphan && view_ended(v))
		j_broken(j, orphan->n, expected, "a process left behind");
	else if (ended_unasked(v))
		j_pass(j, v->exit->n);
}

static void judge_msg_vererr_6(struct judge *j)
{
	const struct view *v = j->v;
	const struct line *err = view_error(v, IPC_VERSION_ERROR);

	if (!err)
		return;
	for_lines (l, &v->out)
		if (l->ipc.kw == IPC_VERSION || is_setup_line(l)) {
			j_broken(j, l->ev, "VERSION-ERROR alone",
				 "the keyword %s beside it",
				 ipc_keyword_name(l->ipc.kw));
			j_also(j, err->ev);
		}
	if (output_whole(v))
		j_pass(j, err->ev);
}

static void judge_msg_ver_compat_1(struct judge *j)
{
	const struct view *v = j->v;
	const struct line *err = view_error(v, IPC_VERSION_ERROR);

	if (!verlist_has(v->versions, SPAN("1")) ||
	    verlist_has(v->versions, SPAN("2")))
		return;
	if (v->version && span_eqs(v->negotiated, "1"))
		j_say(j, V_INFO, v->version->ev, NULL,
		      "it speaks version 1 as well");
	else if (err)
		j_pass(j, err->ev);
}

static const struct req rows[] = {
	{
		.id = "ENV-VER-1",
		.level = L_MUST,
		.section = "3.3.1.1",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title =
			"Any well-formed comma-separated version list is accepted "
			"if it holds a version the PT supports.",
		.observe =
			"Lists in vectors/version-lists.json rows V1–V12 → `VERSION "
			"2`.",
		.fault = "Accepts only the exact string `2`.",
		.traps =
			"T-NEGOT when other supported versions are listed too.",
		.profiles = IN_BOTH,
		.judge = judge_env_ver_1,
	},
	{
		.id = "ENV-VER-2",
		.level = L_IMPLIED,
		.section = "3.3.1.1",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title =
			"Position of the compatible version in the list does not "
			"matter.",
		.observe = "`2,x,y`, `x,2,y`, `x,y,2`.",
		.fault = "Looks at the first (or last) entry only.",
		.traps = "none.",
		.profiles = IN_BOTH,
		.judge = judge_env_ver_2,
	},
	{
		.id = "ENV-VER-3",
		.level = L_MUST,
		.section = "3.3.1.1",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title =
			"Unknown version tokens made of any printable non-comma "
			"non-space ASCII are tolerated.",
		.observe =
			"One token made of every byte 0x21–0x7e except the comma, "
			"then `,2`; a 4096-character token, then `,2`.",
		.fault = "Rejects tokens with punctuation.",
		.traps =
			"The harness must pass it by exec, not through a shell.",
		.profiles = IN_BOTH,
		.judge = judge_env_ver_3,
	},
	{
		.id = "ENV-VER-4",
		.level = L_IMPLIED,
		.section = "3.3.2.1",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "The version answered is one of those offered.",
		.observe =
			"`2` offered → answer exactly `2`; never `2.0`, `1`.",
		.fault = "Always answers `VERSION 2` even when offered `1`.",
		.traps = "AMB-012 for `2.0`.",
		.profiles = IN_BOTH,
		.judge = judge_env_ver_4,
	},
	{
		.id = "ENV-VER-5",
		.level = L_IMPLIED,
		.section = "3.3.1.1",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title =
			"Tokens are compared whole: no prefix, substring or numeric "
			"matching.",
		.observe =
			"`20`, `12`, `02`, `2x`, `x2`, `2-`, `+2`, each alone → "
			"VERSION-ERROR.",
		.fault = "Substring search for `2`.",
		.traps =
			"`2.0` alone may be accepted (AMB-012). Tokens that happen "
			"to be another real version of that PT must be avoided.",
		.profiles = IN_BOTH,
		.judge = judge_env_ver_5,
	},
	{
		.id = "ENV-VER-6",
		.level = L_IMPLIED,
		.section = "3.3.1.1",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "Long lists work.",
		.observe = "5000 tokens then `2` (under the OS limit).",
		.fault = "Fixed-size buffer or array.",
		.traps = "OS limit 128 KiB per string.",
		.profiles = IN_BOTH,
		.judge = judge_env_ver_6,
	},
	{
		.id = "ENV-VER-7",
		.level = L_IMPLIED,
		.section = "3.3.1.1",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_WARN,
		.title = "Duplicates in the list are harmless.",
		.observe = "`2,2,2` → one `VERSION 2`.",
		.fault = "Prints VERSION three times.",
		.traps = "none.",
		.profiles = IN_BOTH,
		.judge = judge_env_ver_7,
	},
	{
		.id = "ENV-VER-8",
		.level = L_IMPLIED,
		.section = "3.3.1.1",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title =
			"Behaviour for malformed lists (empty items, blanks, "
			"control or non-ASCII bytes) is unspecified but must stay "
			"orderly.",
		.observe =
			"`,2`, `2,`, `1,,2`, `1, 2`, ` 2`, `2\\t`, `2\\n`, bytes "
			"≥0x80.",
		.fault = "Crashes on an empty item.",
		.traps = "Accept VERSION 2, VERSION-ERROR/78 or ENV-ERROR/64 "
			 "(AMB-011).",
		.profiles = IN_BOTH,
		.judge = judge_env_ver_8,
	},
	{
		.id = "ENV-VER-9",
		.level = L_MUST,
		.section = "3.3.1.1",
		.role = "parent",
		.classes = "parent",
		.dflt = V_FAIL,
		.title =
			"Version tokens a parent sends hold only printable ASCII "
			"without white space or comma.",
		.observe = "F-PT checks the received value bytewise.",
		.fault = "Parent sends `1, 2`.",
		.traps = "none.",
		.profiles = IN_BOTH,
	},
	{
		.id = "ENV-VER-10",
		.level = L_IMPLIED,
		.section = "3.3.1.1",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title =
			"The token for this specification is `2`, that of PT 1.0 "
			"is `1`.",
		.observe = "Offer `2` alone; a PT claiming 2.0 must take it.",
		.fault = "Knows only `2.0` or `2.1`.",
		.traps =
			"A PT 1.0-only binary answers VERSION-ERROR: report \"not a "
			"2.0 PT\", stop the 2.0 profile.",
		.profiles = IN_BOTH,
		.judge = judge_env_ver_10,
	},
	{
		.id = "ENV-VER-11",
		.level = L_IMPLIED,
		.section = "3.3.1.1",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_WARN,
		.title = "A missing or empty version list is an error.",
		.observe = "Unset, then empty: expect ENV-ERROR/64 or "
			   "VERSION-ERROR/78, and no method lines.",
		.fault = "Silently assumes version 2.",
		.traps =
			"PT 2.2+ makes it optional; under those profiles `VERSION "
			"<latest>` is required instead. AMB-014.",
		.profiles = IN_BOTH,
		.judge = judge_env_ver_11,
	},
	{
		.id = "ENV-VER-12",
		.level = L_IMPLIED,
		.section = "3.3.1.1, 3.3.1.4",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "`-ptversion` accepts the same list syntax.",
		.observe = "`-ptversion 1a,x,2`.",
		.fault = "Treats the whole argument as one version.",
		.traps = "T-FLAGSYN.",
		.profiles = IN_20,
		.judge = judge_env_ver_12,
	},
	{
		.id = "MSG-VER-1",
		.level = L_IMPLIED,
		.section = "3.3.2.1",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title =
			"After reading the list the PT answers with exactly one of "
			"VERSION or VERSION-ERROR.",
		.observe = "Count over stdout+stderr: one in total.",
		.fault = "Prints VERSION then VERSION-ERROR.",
		.traps = "An ENV-ERROR before negotiation may replace both "
			 "(AMB-015).",
		.profiles = IN_BOTH,
		.judge = judge_msg_ver_1,
	},
	{
		.id = "MSG-VER-2",
		.level = L_IMPLIED,
		.section = "3.3.2.1",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "VERSION goes to stdout.",
		.observe = "Line `VERSION 2` on stdout.",
		.fault = "Writes it on stderr.",
		.traps = "A copy on stderr (logging) is harmless.",
		.profiles = IN_BOTH,
		.judge = judge_msg_ver_2,
	},
	{
		.id = "MSG-VER-3",
		.level = L_MUST,
		.section = "3.3.2.1",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "VERSION (or an error and exit) comes before any "
			 "initialisation or configuration of listeners.",
		.observe =
			"On stdout VERSION precedes PROXY DONE, CMETHOD, SMETHOD, "
			"CMETHODS, SMETHODS; with a tracing backend, no bind/listen "
			"before the VERSION write.",
		.fault = "Prints CMETHOD first.",
		.traps =
			"T-UNKKW: other keywords may precede it. Runtime-internal "
			"sockets (netlink, resolver) are not listeners.",
		.profiles = IN_BOTH,
		.judge = judge_msg_ver_3,
	},
	{
		.id = "MSG-VER-4",
		.level = L_IMPLIED,
		.section = "3.3.2.1",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title =
			"VERSION carries exactly one argument, the version token.",
		.observe = "The line is `VERSION`, one space, `2`.",
		.fault =
			"`VERSION 2 beta`, `VERSION: 2`, `VERSION`, or `VERSION 2 "
			"PROXY DONE` (AMB-021).",
		.traps = "T-CR.",
		.profiles = IN_BOTH,
		.judge = judge_msg_ver_4,
	},
	{
		.id = "MSG-VER-5",
		.level = L_IMPLIED,
		.section = "3.3.2.1",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "VERSION is sent once only.",
		.observe = "Count for the life of the process.",
		.fault = "Repeats it per transport.",
		.traps = "none.",
		.profiles = IN_BOTH,
		.judge = judge_msg_ver_5,
	},
	{
		.id = "MSG-VERERR-1",
		.level = L_IMPLIED,
		.section = "3.3.2.1",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title =
			"No compatible version in the list leads to VERSION-ERROR.",
		.observe = "Offer `99,nonsense`.",
		.fault = "Exits silently; or answers `VERSION 2`.",
		.traps = "T-STDERR.",
		.profiles = IN_BOTH,
		.judge = judge_msg_vererr_1,
	},
	{
		.id = "MSG-VERERR-2",
		.level = L_SHOULD,
		.section = "3.3.2.1",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_INFO,
		.title =
			"Its message should be `no-version`, but another helpful "
			"text is allowed.",
		.observe = "Compare the argument.",
		.fault = "Empty message.",
		.traps =
			"Any non-empty text passes; INFO if not `no-version`; WARN "
			"if there is no message at all.",
		.profiles = IN_BOTH,
		.judge = judge_msg_vererr_2,
	},
	{
		.id = "MSG-VERERR-3",
		.level = L_IMPLIED,
		.section = "3.3.2.1",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title =
			"VERSION-ERROR goes to stderr, under PT 1.0 to stdout.",
		.observe = "Line starts at column 0 of some stderr line.",
		.fault = "Writes to stdout only.",
		.traps =
			"AMB-016: copy on stdout too: WARN. If the offered list had "
			"`1` and no `2`, accept either stream.",
		.profiles = IN_BOTH,
		.judge = judge_msg_vererr_3,
	},
	{
		.id = "MSG-VERERR-4",
		.level = L_MUST,
		.section = "3.3.2.1",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title =
			"After VERSION-ERROR the process exits with status 78.",
		.observe = "waitpid status = exited, 78.",
		.fault = "Exits 1, or 255.",
		.traps = "T-WRAP.",
		.profiles = IN_20,
		.judge = judge_msg_vererr_4,
	},
	{
		.id = "MSG-VERERR-5",
		.level = L_MUST,
		.section = "3.3.2.1",
		.role = "pt-common",
		.classes = "proc",
		.dflt = V_FAIL,
		.title =
			"It really terminates after VERSION-ERROR (no lingering).",
		.observe =
			"Reaped within the error limit with stdin still open; no "
			"descendants left in its session.",
		.fault = "Prints the error and waits for stdin.",
		.traps = "T-TIME.",
		.profiles = IN_BOTH,
		.judge = judge_msg_vererr_5,
	},
	{
		.id = "MSG-VERERR-6",
		.level = L_IMPLIED,
		.section = "3.3.2.1",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "No method or DONE line accompanies a VERSION-ERROR.",
		.observe =
			"stdout has none of VERSION, CMETHOD*, SMETHOD*, PROXY "
			"DONE.",
		.fault = "Prints VERSION-ERROR then CMETHODS DONE.",
		.traps = "T-UNKKW.",
		.profiles = IN_BOTH,
		.judge = judge_msg_vererr_6,
	},
	{
		.id = "MSG-VER-COMPAT-1",
		.level = L_MAY,
		.section = "4.2",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_INFO,
		.title =
			"A PT may also implement PT 1.0 and pick it when 2 is not "
			"offered.",
		.observe =
			"Offer `1`: `VERSION 1` or VERSION-ERROR; if `VERSION 1`, "
			"re-run under the 1.0 profile.",
		.fault = "none.",
		.traps = "T-NEGOT.",
		.profiles = IN_20,
		.judge = judge_msg_ver_compat_1,
	},
	{
		.id = "MSG-VER-COMPAT-2",
		.level = L_IMPLIED,
		.section = "4.2",
		.role = "parent",
		.classes = "parent",
		.dflt = V_INFO,
		.title =
			"An application may list several versions and adapt to the "
			"answer.",
		.observe =
			"F-PT answers with each offered version in turn; the parent "
			"copes or stops cleanly.",
		.fault = "Parent hard-codes its own idea of the version.",
		.traps = "Parents may offer one version only.",
		.profiles = IN_BOTH,
	},
};

const struct req_area req_area_version = {
	.name = "version",
	.title = "Version negotiation",
	.rows = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};
