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

REQ(env_ver_1) = {
	.id = "ENV-VER-1",
	.area = AREA_VERSION,
	.level = L_MUST,
	.section = "3.3.1.1",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Any well-formed comma-separated version list is accepted "
		 "if it holds a version the PT supports.",
	.traps = "T-NEGOT when other supported versions are listed too.",
	.judge = env_ver_1,
};

static void env_ver_1(struct judge *j)
{
	struct offer o = get_offer(j, false);

	if (o.legal)
		judge_accepted(j, &o);
}

REQ(env_ver_2) = {
	.id = "ENV-VER-2",
	.area = AREA_VERSION,
	.level = L_IMPLIED,
	.section = "3.3.1.1",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Position of the compatible version in the list does not "
		 "matter.",
	.judge = env_ver_2,
};

static void env_ver_2(struct judge *j)
{
	struct offer o = get_offer(j, false);

	if (o.legal && o.items > 1 && o.items <= PLAIN_ITEMS && !o.strange &&
	    !o.repeated)
		judge_accepted(j, &o);
}

REQ(env_ver_3) = {
	.id = "ENV-VER-3",
	.area = AREA_VERSION,
	.level = L_MUST,
	.section = "3.3.1.1",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Unknown version tokens made of any printable non-comma "
		 "non-space ASCII are tolerated.",
	.traps = "The harness must pass it by exec, not through a shell.",
	.judge = env_ver_3,
};

static void env_ver_3(struct judge *j)
{
	struct offer o = get_offer(j, false);

	if (o.legal && o.strange && o.items <= PLAIN_ITEMS)
		judge_accepted(j, &o);
}

REQ(env_ver_4) = {
	.id = "ENV-VER-4",
	.area = AREA_VERSION,
	.level = L_IMPLIED,
	.section = "3.3.2.1",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "The version answered is one of those offered.",
	.traps = "AMB-012 for `2.0`.",
	.judge = env_ver_4,
};

static void env_ver_4(struct judge *j)
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

REQ(env_ver_5) = {
	.id = "ENV-VER-5",
	.area = AREA_VERSION,
	.level = L_IMPLIED,
	.section = "3.3.1.1",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Tokens are compared whole: no prefix, substring or numeric "
		 "matching.",
	.traps = "`2.0` alone may be accepted (AMB-012). Tokens that happen "
		 "to be another real version of that PT must be avoided.",
	.needs = LAUNCHED,
	.judge = env_ver_5,
};

static void env_ver_5(struct judge *j)
{
	const struct view *v = j->v;
	const struct line *err = view_error(v, IPC_VERSION_ERROR);
	const char *expected = "VERSION-ERROR, as no whole token is a version";

	if (two_lists(v) || verlist_check(v->versions) & VERLIST_MALFORMED ||
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

REQ(env_ver_6) = {
	.id = "ENV-VER-6",
	.area = AREA_VERSION,
	.level = L_IMPLIED,
	.section = "3.3.1.1",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Long lists work.",
	.traps = "OS limit 128 KiB per string.",
	.judge = env_ver_6,
};

static void env_ver_6(struct judge *j)
{
	struct offer o = get_offer(j, false);

	if (o.legal && o.items >= LONG_LIST)
		judge_accepted(j, &o);
}

REQ(env_ver_7) = {
	.id = "ENV-VER-7",
	.area = AREA_VERSION,
	.level = L_IMPLIED,
	.section = "3.3.1.1",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "Duplicates in the list are harmless.",
	.judge = env_ver_7,
};

static void env_ver_7(struct judge *j)
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

REQ(env_ver_8) = {
	.id = "ENV-VER-8",
	.area = AREA_VERSION,
	.level = L_IMPLIED,
	.section = "3.3.1.1",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Behaviour for malformed lists (empty items, blanks, "
		 "control or non-ASCII bytes) is unspecified but must stay "
		 "orderly.",
	.traps = "Accept VERSION 2, VERSION-ERROR/78 or ENV-ERROR/64 "
		 "(AMB-011).",
	.needs = LAUNCHED,
	.judge = env_ver_8,
};

/* AMB-011: well-formed is not defined; any orderly answer will do. */
static void env_ver_8(struct judge *j)
{
	if (j->v->versions.n &&
	    verlist_check(j->v->versions) & VERLIST_MALFORMED)
		j_orderly(j, "a malformed version list");
}

REQ(env_ver_10) = {
	.id = "ENV-VER-10",
	.area = AREA_VERSION,
	.level = L_IMPLIED,
	.section = "3.3.1.1",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "The token for this specification is `2`, that of PT 1.0 "
		 "is `1`.",
	.traps = "A PT 1.0-only binary answers VERSION-ERROR: report \"not a "
		 "2.0 PT\", stop the 2.0 profile.",
	.needs = LAUNCHED,
	.judge = env_ver_10,
};

static void env_ver_10(struct judge *j)
{
	const struct view *v = j->v;
	const char *token = j_is20(j) ? "2" : "1";
	const struct line *err = view_error(v, IPC_VERSION_ERROR);

	if (!span_eqs(v->versions, token) || two_lists(v))
		return;
	if (v->version && span_eqs(v->negotiated, token))
		j_pass(j, v->version->ev);
	else if (err)
		j_broken(j, err->ev,
			 arena_printf(j->a, "`VERSION %s` to %s offered alone",
				      token, token),
			 "the line \"%s\"", j_show(j, err->raw));
}

REQ(env_ver_11) = {
	.id = "ENV-VER-11",
	.area = AREA_VERSION,
	.level = L_IMPLIED,
	.section = "3.3.1.1",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "A missing or empty version list is an error.",
	.traps = "PT 2.2+ makes it optional; under those profiles `VERSION "
		 "<latest>` is required instead. AMB-014.",
	.needs = LAUNCHED,
	.judge = env_ver_11,
};

static void env_ver_11(struct judge *j)
{
	const struct view *v = j->v;
	const char *expected = "ENV-ERROR or VERSION-ERROR without a list";
	const struct line *go = any_line(v, IPC_VERSION);

	if (v->versions.n)
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

REQ(env_ver_12) = {
	.id = "ENV-VER-12",
	.area = AREA_VERSION,
	.level = L_IMPLIED,
	.section = "3.3.1.1, 3.3.1.4",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "`-ptversion` accepts the same list syntax.",
	.traps = "T-FLAGSYN.",
	.profiles = IN_20,
	.judge = env_ver_12,
};

static void env_ver_12(struct judge *j)
{
	struct offer o = get_offer(j, true);

	if (o.legal && o.items > 1 && j->rf->flags)
		judge_accepted(j, &o);
}

REQ(msg_ver_1) = {
	.id = "MSG-VER-1",
	.area = AREA_VERSION,
	.level = L_IMPLIED,
	.section = "3.3.2.1",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "After reading the list the PT answers with exactly one of "
		 "VERSION or VERSION-ERROR.",
	.traps = "An ENV-ERROR before negotiation may replace both "
		 "(AMB-015).",
	.needs = LAUNCHED,
	.judge = msg_ver_1,
};

static void msg_ver_1(struct judge *j)
{
	const struct view *v = j->v;
	const struct line *ver = any_line(v, IPC_VERSION);
	const struct line *err = view_error(v, IPC_VERSION_ERROR);
	const char *expected = "exactly one of VERSION and VERSION-ERROR";

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

REQ(msg_ver_2) = {
	.id = "MSG-VER-2",
	.area = AREA_VERSION,
	.level = L_IMPLIED,
	.section = "3.3.2.1",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "VERSION goes to stdout.",
	.traps = "A copy on stderr (logging) is harmless.",
	.judge = msg_ver_2,
};

static void msg_ver_2(struct judge *j)
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

REQ(msg_ver_3) = {
	.id = "MSG-VER-3",
	.area = AREA_VERSION,
	.level = L_MUST,
	.section = "3.3.2.1",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "VERSION (or an error and exit) comes before any "
		 "initialisation or configuration of listeners.",
	.traps = "T-UNKKW: other keywords may precede it. Runtime-internal "
		 "sockets (netlink, resolver) are not listeners.",
	.judge = msg_ver_3,
};

static void msg_ver_3(struct judge *j)
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

REQ(msg_ver_4) = {
	.id = "MSG-VER-4",
	.area = AREA_VERSION,
	.level = L_IMPLIED,
	.section = "3.3.2.1",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "VERSION carries exactly one argument, the version token.",
	.traps = "T-CR.",
	.judge = msg_ver_4,
};

static void msg_ver_4(struct judge *j)
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

REQ(msg_ver_5) = {
	.id = "MSG-VER-5",
	.area = AREA_VERSION,
	.level = L_IMPLIED,
	.section = "3.3.2.1",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "VERSION is sent once only.",
	.judge = msg_ver_5,
};

static void msg_ver_5(struct judge *j)
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

REQ(msg_vererr_1) = {
	.id = "MSG-VERERR-1",
	.area = AREA_VERSION,
	.level = L_IMPLIED,
	.section = "3.3.2.1",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "No compatible version in the list leads to VERSION-ERROR.",
	.traps = "T-STDERR.",
	.needs = LAUNCHED,
	.judge = msg_vererr_1,
};

/* Lists that hold anything a transport might know are left to ENV-VER-4 and
 * ENV-VER-5. */
static void msg_vererr_1(struct judge *j)
{
	const struct view *v = j->v;
	const struct line *err = error_line(v, IPC_VERSION_ERROR);
	const char *expected = arena_printf(j->a,
					    "VERSION-ERROR for the list \"%s\"",
					    j_show(j, v->versions));

	if (two_lists(v) || verlist_check(v->versions) & VERLIST_MALFORMED ||
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

REQ(msg_vererr_2) = {
	.id = "MSG-VERERR-2",
	.area = AREA_VERSION,
	.level = L_SHOULD,
	.section = "3.3.2.1",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_INFO,
	.title = "Its message should be `no-version`, but another helpful "
		 "text is allowed.",
	.traps = "Any non-empty text passes; INFO if not `no-version`; WARN "
		 "if there is no message at all.",
	.judge = msg_vererr_2,
};

static void msg_vererr_2(struct judge *j)
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

REQ(msg_vererr_3) = {
	.id = "MSG-VERERR-3",
	.area = AREA_VERSION,
	.level = L_IMPLIED,
	.section = "3.3.2.1",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "VERSION-ERROR goes to stderr, under PT 1.0 to stdout.",
	.traps = "AMB-016: copy on stdout too: WARN. If the offered list had "
		 "`1` and no `2`, accept either stream.",
	.judge = msg_vererr_3,
};

static void msg_vererr_3(struct judge *j)
{
	const struct line *l = view_error(j->v, IPC_VERSION_ERROR);

	if (l && any_stream(j))
		j_pass(j, l->ev);
	else
		judge_stream(j, IPC_VERSION_ERROR);
}

REQ(msg_vererr_4) = {
	.id = "MSG-VERERR-4",
	.area = AREA_VERSION,
	.level = L_MUST,
	.section = "3.3.2.1",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "After VERSION-ERROR the process exits with status 78.",
	.traps = "T-WRAP.",
	.profiles = IN_20,
	.judge = msg_vererr_4,
};

static void msg_vererr_4(struct judge *j)
{
	judge_status(j, IPC_VERSION_ERROR, 78);
}

REQ(msg_vererr_5) = {
	.id = "MSG-VERERR-5",
	.area = AREA_VERSION,
	.level = L_MUST,
	.section = "3.3.2.1",
	.role = "pt-common",
	.classes = "proc",
	.dflt = V_FAIL,
	.title = "It really terminates after VERSION-ERROR (no lingering).",
	.traps = "T-TIME.",
	.judge = msg_vererr_5,
};

static void msg_vererr_5(struct judge *j)
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

REQ(msg_vererr_6) = {
	.id = "MSG-VERERR-6",
	.area = AREA_VERSION,
	.level = L_IMPLIED,
	.section = "3.3.2.1",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "No method or DONE line accompanies a VERSION-ERROR.",
	.traps = "T-UNKKW.",
	.judge = msg_vererr_6,
};

static void msg_vererr_6(struct judge *j)
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

REQ(msg_ver_compat_1) = {
	.id = "MSG-VER-COMPAT-1",
	.area = AREA_VERSION,
	.level = L_MAY,
	.section = "4.2",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_INFO,
	.title = "A PT may also implement PT 1.0 and pick it when 2 is not "
		 "offered.",
	.traps = "T-NEGOT.",
	.profiles = IN_20,
	.judge = msg_ver_compat_1,
};

static void msg_ver_compat_1(struct judge *j)
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
