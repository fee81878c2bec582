/*
 * version.c - Version negotiation: the list.  What is said of the lines that
 * answer it is in version_line.c.
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
	.needs = LEGAL,
	.stimuli = STIMULUS(VERSION_LIST),
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
	.needs = LEGAL,
	.stimuli = STIMULUS(VERSION_LIST),
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
	.needs = LEGAL,
	.stimuli = STIMULUS(VERSION_LIST),
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

	if (!l || !l->ipc.ntok || offers_differ(v) ||
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

	if (offers_differ(v) ||
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
	.needs = LEGAL,
	.stimuli = STIMULUS(VERSION_LIST),
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
	.needs = LEGAL,
	.stimuli = STIMULUS(VERSION_LIST),
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

	if (!span_eqs(v->versions, token) || offers_differ(v))
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
	.needs = LEGAL,
	.stimuli = STIMULUS(VERSION_FLAG),
	.judge = env_ver_12,
};

static void env_ver_12(struct judge *j)
{
	struct offer o = get_offer(j, true);

	if (o.legal && o.items > 1 && j->rf->flags)
		judge_accepted(j, &o);
}
