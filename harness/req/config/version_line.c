/*
 * version_line.c - Version negotiation: the lines VERSION and VERSION-ERROR.
 */
#include "harness/req/launch/setup.h"
#include "harness/req/launch/startup.h"
#include "harness/req/launch/version_offer.h"

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
	.stimuli = STIMULUS(VERSION_LIST),
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
	} else if (is_legal(j) && (provoked(j) || is_probe(j, "control")) &&
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
	.stimuli = STIMULUS(NO_USABLE_VERSION),
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

	if (offers_differ(v) ||
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
	else if (provoked(j))
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
	.needs = LAUNCHED,
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
