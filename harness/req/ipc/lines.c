/*
 * lines.c - Line protocol.
 *
 * What holds for every line on stdout, whatever it says.
 */
#include <strings.h>

#include "harness/req/core/judges.h"
#include "harness/req/launch/life.h"
#include "harness/req/text/mixed_lines.h"

/* --- which lines count --- */

#define KEYWORDS (IPC_STATUS + 1)

/* Which messages are there; asking for each line anew would be slow. */
static void note_keywords(const struct lines *lines, bool seen[KEYWORDS])
{
	for_lines (l, lines)
		seen[l->ipc.kw] = true;
}

/* The six messages on stdout that are no errors and whose form is fixed. */
static bool is_status(enum ipc_keyword kw)
{
	return kw == IPC_VERSION || kw == IPC_PROXY || kw == IPC_CMETHOD ||
	       kw == IPC_CMETHODS || kw == IPC_SMETHOD || kw == IPC_SMETHODS;
}

static bool is_error(enum ipc_keyword kw)
{
	return kw == IPC_VERSION_ERROR || kw == IPC_ENV_ERROR ||
	       kw == IPC_PROXY_ERROR || kw == IPC_CMETHOD_ERROR ||
	       kw == IPC_SMETHOD_ERROR;
}

/*
 * Is this a session at all?  A usage text after a configuration that made no
 * sense is none.
 */
static bool speaks(const struct judge *j)
{
	if (j->v->head->config == CONFIG_LEGAL)
		return j->v->out.n > 0;
	for_lines (l, &j->v->out)
		if (l->ipc.kw != IPC_UNKNOWN)
			return true;
	return false;
}

/* Everything that it wrote to stdout was recorded. */
static bool stdout_whole(const struct view *v)
{
	return !view_event(v, EV_CUT, "stdout", 1) &&
	       !view_event(v, EV_CLOSE, "stdout", 1);
}

/* A line that recording cut off says nothing about the transport. */
static bool is_cut(const struct judge *j, const struct line *l)
{
	return !l->terminated && !stdout_whole(j->v);
}

/*
 * No byte of stdout is known to break the rule, and all were looked at: the
 * common end of the judges below.
 */
static void pass_all(struct judge *j)
{
	if (j->v->out.n)
		j_pass(j, j->v->out.v[0].ev);
}

/* --- the grammar --- */

/* A tail is final when the transport ended by itself, or was quiet for this
 * long before we ended it. */
#define TAIL_QUIET_US 1000000

REQ(ipc_nl_1) = {
	.id = "IPC-NL-1",
	.area = AREA_LINES,
	.level = L_IMPLIED,
	.section = "3.3.2",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Every message ends with a line feed.",
	.traps = "T-SPLIT: wait before judging.",
	.judge = ipc_nl_1,
};

static void ipc_nl_1(struct judge *j)
{
	const struct view *v = j->v;
	const struct line *l = v->out.n ? &v->out.v[v->out.n - 1] : NULL;

	if (!l || !speaks(j) || !stdout_whole(v) || left_unread(v) ||
	    crashed(j))
		return;
	if (l->terminated)
		j_pass(j, l->ev);
	else if (v->kill && v->kill->t - l->t > TAIL_QUIET_US &&
		 v->kill->t - l->t - view_held_us(v, l->ev) <= TAIL_QUIET_US)
		j_hindered(j, "a line had no end yet when the case ended, but "
			      "transport or harness waited for a processor");
	else if ((view_ended(v) && !view_signalled(v)) ||
		 (v->kill && v->kill->t - l->t > TAIL_QUIET_US))
		j_broken(j, l->ev, "a line feed behind the last message",
			 "\"%s\" at the end of stdout", j_show(j, l->raw));
}

REQ(ipc_kw_1) = {
	.id = "IPC-KW-1",
	.area = AREA_LINES,
	.level = L_IMPLIED,
	.section = "3.3.2",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "A keyword is one or more ASCII letters, digits, dashes, "
		 "underscores.",
	.traps = "`-->`: dashes are allowed, `>` is not. Free text such as "
		 "`Listening on ...` is an unknown keyword: legal.",
	.judge = ipc_kw_1,
};

static void ipc_kw_1(struct judge *j)
{
	if (!speaks(j))
		return;
	for_lines (l, &j->v->out) {
		if (!(l->ipc.anomalies & IPC_BAD_KEYWORD) || is_cut(j, l) ||
		    l->ipc.anomalies & (IPC_EMPTY | IPC_LEADING_SPACE))
			continue;
		j_broken(
			j, l->ev,
			span_starts(l->raw, SPAN("ARGS:"))
				? "ARGS as a part of the SMETHOD line, which an example "
				  "of the specification wraps"
				: "a keyword of letters, digits, dashes, underscores",
			"the line \"%s\"", j_show(j, l->raw));
		return;
	}
	pass_all(j);
}

REQ(ipc_sp_1) = {
	.id = "IPC-SP-1",
	.area = AREA_LINES,
	.level = L_IMPLIED,
	.section = "3.3.2",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Keyword and arguments are separated by a space character "
		 "(32).",
	.traps = "Double spaces are grammatical (a space is an ArgChar); for "
		 "known messages WARN (Tor splits on runs, others do not).",
	.judge = ipc_sp_1,
};

static void ipc_sp_1(struct judge *j)
{
	if (!speaks(j))
		return;
	for_lines (l, &j->v->out) {
		if (j_said(j, V_FAIL))
			return;
		if (l->ipc.anomalies & IPC_TAB)
			j_broken(j, l->ev, "a space behind the keyword",
				 "a tab in the line \"%s\"", j_show(j, l->raw));
		else if (l->ipc.anomalies & IPC_DOUBLE_SPACE &&
			 is_status(l->ipc.kw) && !j_said(j, V_WARN))
			j_say(j, V_WARN, l->ev,
			      "single spaces in a message of fixed form",
			      "the line \"%s\"", j_show(j, l->raw));
	}
	pass_all(j);
}

REQ(ipc_lead_1) = {
	.id = "IPC-LEAD-1",
	.area = AREA_LINES,
	.level = L_IMPLIED,
	.section = "3.3.2",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "No leading white space, no empty line.",
	.traps = "Config `ipc.blank_lines=warn` for leniency; parents "
		 "usually ignore them.",
	.judge = ipc_lead_1,
};

static void ipc_lead_1(struct judge *j)
{
	bool lenient = policy_is(j->policy, P_BLANK_LINES, "warn");

	if (!speaks(j))
		return;
	for_lines (l, &j->v->out) {
		if (j_said(j, V_FAIL))
			return;
		if (l->ipc.anomalies & IPC_EMPTY)
			j_say(j, lenient ? V_WARN : j->req->dflt, l->ev,
			      "a keyword in each line", "an empty line");
		else if (l->ipc.anomalies & IPC_LEADING_SPACE)
			j_broken(j, l->ev, "a keyword at the start of a line",
				 "the line \"%s\"", j_show(j, l->raw));
	}
	pass_all(j);
}

/* A name that was asked for, unknown as it is, is CM-UNK-1's matter. */
static bool repeats_name(const struct judge *j, const struct line *l)
{
	return (l->ipc.kw == IPC_CMETHOD_ERROR ||
		l->ipc.kw == IPC_SMETHOD_ERROR) &&
	       l->ipc.ntok && name_check(l->ipc.tok[0]) & NAME_INVALID &&
	       view_requested(j->v, l->ipc.tok[0]);
}

REQ(ipc_ascii_1) = {
	.id = "IPC-ASCII-1",
	.area = AREA_LINES,
	.level = L_IMPLIED,
	.section = "3.3.2",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Arguments are US-ASCII without NUL.",
	.traps = "Localised system messages; run also under a non-English "
		 "locale. Non-protocol stderr text is exempt; for stderr "
		 "protocol lines WARN.",
	.judge = ipc_ascii_1,
};

static void ipc_ascii_1(struct judge *j)
{
	for_lines (l, &j->v->out)
		if (l->ipc.anomalies & (IPC_NUL | IPC_NONASCII) &&
		    !repeats_name(j, l)) {
			j_broken(j, l->ev, "US-ASCII without NUL on stdout",
				 "the line \"%s\"", j_show(j, l->raw));
			return;
		}
	for_lines (l, &j->v->err)
		if (is_error(l->ipc.kw) && !repeats_name(j, l) &&
		    l->ipc.anomalies & (IPC_NUL | IPC_NONASCII)) {
			j_say(j, V_WARN, l->ev, "messages in US-ASCII",
			      "the line \"%s\" on stderr", j_show(j, l->raw));
			return;
		}
	pass_all(j);
}

REQ(ipc_trail_1) = {
	.id = "IPC-TRAIL-1",
	.area = AREA_LINES,
	.level = L_IMPLIED,
	.section = "3.3.2",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "A space is always followed by at least one argument "
		 "character.",
	.traps = "Grammar allows a space as ArgChar only after a first "
		 "ArgChar: `DONE ` is grammatical as one argument `DONE `; "
		 "hence WARN.",
	.judge = ipc_trail_1,
};

static void ipc_trail_1(struct judge *j)
{
	if (!speaks(j))
		return;
	for_lines (l, &j->v->out) {
		bool bare = l->ipc.anomalies & IPC_BARE_KEYWORD_SPACE;
		bool trail = l->ipc.anomalies & IPC_TRAILING_SPACE;

		if (!(bare || (trail && is_status(l->ipc.kw))) || is_cut(j, l))
			continue;
		j_broken(j, l->ev, "no space at the end of a line",
			 "the line \"%s\"", j_show(j, l->raw));
		return;
	}
	pass_all(j);
}

REQ(ipc_cr_1) = {
	.id = "IPC-CR-1",
	.area = AREA_LINES,
	.level = L_IMPLIED,
	.section = "3.3.2",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "Lines do not end in CR LF.",
	.traps = "T-CR, AMB-022: on Windows builds accept with INFO.",
	.judge = ipc_cr_1,
};

static void ipc_cr_1(struct judge *j)
{
	bool windows = policy_is(j->policy, P_PLATFORM, "windows");

	for_lines (l, &j->v->out)
		if (l->ipc.anomalies & IPC_CR &&
		    (is_status(l->ipc.kw) || is_error(l->ipc.kw))) {
			j_say(j, windows ? V_INFO : j->req->dflt, l->ev,
			      "a line feed alone at the end of a message",
			      "the line \"%s\"", j_show(j, l->raw));
			return;
		}
	pass_all(j);
}

/* --- keywords in the wrong case --- */

/* Which message @l would be if case did not count. */
static enum ipc_keyword meant(const struct line *l)
{
	for (enum ipc_keyword kw = IPC_VERSION; kw < IPC_LOG; kw++)
		if (span_eq_nocase(l->ipc.keyword,
				   span_str(ipc_keyword_name(kw))))
			return kw;
	return IPC_UNKNOWN;
}

/* Does it have the arguments of that message, and not just its first word? */
static bool has_form_of(const struct judge *j, const struct line *l,
			enum ipc_keyword kw)
{
	struct span first = l->ipc.ntok ? l->ipc.tok[0] : SPAN("");
	struct addr at;

	switch ((int)kw) {
	case IPC_VERSION:
		return l->ipc.ntok == 1 && verlist_has(j->v->versions, first);
	case IPC_PROXY:
	case IPC_CMETHODS:
	case IPC_SMETHODS:
		return l->ipc.ntok == 1 &&
		       span_eq_nocase(first, span_str("DONE"));
	case IPC_CMETHOD:
		return l->ipc.ntok == 3 && !addr_parse(l->ipc.tok[2], &at);
	case IPC_SMETHOD:
		return l->ipc.ntok >= 2 && !addr_parse(l->ipc.tok[1], &at);
	}
	return is_error(kw);
}

REQ(ipc_case_1) = {
	.id = "IPC-CASE-1",
	.area = AREA_LINES,
	.level = L_IMPLIED,
	.section = "3.3.2",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Keywords are spelled in upper case exactly.",
	.traps = "An unknown lower-case keyword is legal; the failure shows "
		 "as the missing real message.",
	.judge = ipc_case_1,
};

static void ipc_case_1(struct judge *j)
{
	const struct view *v = j->v;
	bool seen[KEYWORDS] = { 0 };

	note_keywords(&v->out, seen);
	note_keywords(&v->err, seen);
	for_lines (l, &v->out) {
		enum ipc_keyword kw = meant(l);

		/* With the real message there, this is any other line. */
		if (!(l->ipc.anomalies & IPC_CASE) || kw == IPC_UNKNOWN ||
		    seen[kw] || !has_form_of(j, l, kw))
			continue;
		j_broken(j, l->ev, "keywords in upper case",
			 "the line \"%s\" in place of %s", j_show(j, l->raw),
			 ipc_keyword_name(kw));
		return;
	}
	if (v->version)
		j_pass(j, v->version->ev);
}

/* --- when and where lines come --- */

REQ(ipc_flush_1) = {
	.id = "IPC-FLUSH-1",
	.area = AREA_LINES,
	.level = L_IMPLIED,
	.section = "3.3.2",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Messages are delivered when they happen although stdout is "
		 "a pipe.",
	.traps = "T-TIME.",
	.judge = ipc_flush_1,
};

/*
 * Held back until the end: not a byte before the limit, all of it with the
 * end.  A transport that is slow alone is CM-TIME-1's matter.
 */
static void ipc_flush_1(struct judge *j)
{
	const struct view *v = j->v;
	const struct event *limit = view_limit(v, "init", 1);

	if (!v->done || v->head->config == CONFIG_BROKEN)
		return;
	if (!limit || v->done->ev < limit->n)
		j_pass(j, v->done->ev);
	else if (v->out.v[0].ev > limit->n &&
		 life_stimulus(v, limit->n) < v->out.v[0].ev && view_ended(v)) {
		j_late(j, limit, "messages when they happen",
		       "the first line came only with the end");
		j_also(j, v->out.v[0].ev);
	}
}

REQ(ipc_atom_1) = {
	.id = "IPC-ATOM-1",
	.area = AREA_LINES,
	.level = L_IMPLIED,
	.section = "3.3.2",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Lines are not interleaved with each other or with log "
		 "text.",
	.traps = "T-SPLIT.",
	.judge = ipc_atom_1,
};

static void ipc_atom_1(struct judge *j)
{
	const struct view *v = j->v;

	for_methods (m, v)
		if (method_is_mixed(m)) {
			j_broken(j, m->line->ev, "one message in one line",
				 "two in the line \"%s\"",
				 j_show(j, m->line->raw));
			return;
		}
	for_lines (l, &v->out)
		if (!is_status(l->ipc.kw) && !is_error(l->ipc.kw) &&
		    line_is_mixed(v, l)) {
			j_broken(j, l->ev, "one message in one line",
				 "two in the line \"%s\"", j_show(j, l->raw));
			return;
		}
	if (v->done && v->methods.n)
		j_pass(j, v->done->ev);
}

/* CMETHOD and SMETHOD have rows of their own. */
static bool is_lone_message(const struct view *v, const struct line *l)
{
	if (l->ipc.ntok != 1)
		return false;
	if (l->ipc.kw == IPC_VERSION)
		return verlist_has(v->versions, l->ipc.tok[0]);
	return (l->ipc.kw == IPC_PROXY || l->ipc.kw == IPC_CMETHODS ||
		l->ipc.kw == IPC_SMETHODS) &&
	       span_eqs(l->ipc.tok[0], "DONE");
}

REQ(ipc_chan_1) = {
	.id = "IPC-CHAN-1",
	.area = AREA_LINES,
	.level = L_IMPLIED,
	.section = "3.3.2",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Status messages travel on stdout (the appendices' "
		 "\"stdin\" is an error).",
	.traps = "AMB-020.",
	.judge = ipc_chan_1,
};

static void ipc_chan_1(struct judge *j)
{
	const struct view *v = j->v;
	bool seen[KEYWORDS] = { 0 };

	note_keywords(&v->out, seen);
	for_lines (l, &v->err)
		/* A copy in a log is none of our business. */
		if (is_lone_message(v, l) && !seen[l->ipc.kw]) {
			j_broken(j, l->ev, "status messages on stdout",
				 "the line \"%s\" on stderr only",
				 j_show(j, l->raw));
			return;
		}
	if (v->version)
		j_pass(j, v->version->ev);
}

REQ(ipc_block_1) = {
	.id = "IPC-BLOCK-1",
	.area = AREA_LINES,
	.level = L_IMPLIED,
	.section = "3.3.2",
	.role = "pt-common",
	.classes = "proc",
	.dflt = V_WARN,
	.title = "A PT keeps serving when the parent reads stdout or stderr "
		 "slowly or closes them after DONE.",
	.traps = "Unspecified; WARN only.",
	.needs = LEGAL,
	.judge = ipc_block_1,
};

/* Serving goes on after the parent closed its end of stdout. */
static void ipc_block_1(struct judge *j)
{
	const struct view *v = j->v;
	const struct event *c = view_event(v, EV_CLOSE, "stdout", 1), *w;
	const struct event *err = view_event(v, EV_CLOSE, "stderr", 1);
	const struct event *refused;
	uint32_t last;

	if (!c || !life_serving(v, c))
		return;
	last = err && err->n > c->n ? err->n : c->n;
	w = life_survived(v, last);
	refused = life_refused(v, last);
	if (life_ended_unasked(v, last))
		j_broken(j, end_ev(v),
			 "a transport that serves on after its "
			 "outputs were closed",
			 "it %s", view_how_ended(v));
	else if (refused)
		j_broken(j, refused->n,
			 "a transport that serves on after its "
			 "outputs were closed",
			 "its listener was gone");
	else if (w)
		j_pass(j, w->n);
}
