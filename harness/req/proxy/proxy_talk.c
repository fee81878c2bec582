/*
 * proxy_talk.c - the messages of a client about its proxy.
 */
#include <strings.h>

#include "harness/req/launch/setup.h"
#include "harness/req/launch/startup.h"
#include "harness/req/proxy/proxy.h"

enum uri_expect proxy_configured(const struct judge *j, struct proxy_uri *u)
{
	struct span s = env_only(j->v, PROXY);

	if (!s.n)
		return URI_ABSENT;
	uri_parse(j->a, s, u);
	return uri_classify(s);
}

static bool proxy_is_configured(const struct judge *j)
{
	struct proxy_uri u;

	return proxy_configured(j, &u) != URI_ABSENT;
}

const char *proxy_words(struct judge *j)
{
	return arena_printf(j->a, "given \"%s\"",
			    j_show(j, view_setting(j->v, PROXY)));
}

/* --- the answer --- */

static void no_answer(struct judge *j, const char *expected)
{
	/* Another error came first, and that is an answer of its kind. */
	if (error_line(j->v, IPC_VERSION_ERROR) ||
	    error_line(j->v, IPC_ENV_ERROR))
		return;
	switch (outcome(j)) {
	case OUT_STARTED:
		j_broken(j, outcome_ev(j), expected, "neither before %s, %s",
			 outcome_words(j), proxy_words(j));
		break;
	case OUT_REFUSED:
	case OUT_CRASHED:
		j_broken(j, outcome_ev(j), expected, "neither: it %s, %s",
			 view_how_ended(j->v), proxy_words(j));
		break;
	case OUT_STUCK:
		if (view_event(j->v, EV_ACCEPT, NULL, 1))
			j_unsure(j, "it waits for words of the proxy, which "
				    "this one does not say");
		else
			j_late(j, view_limit(j->v, "init", 1), expected,
			       "neither within the limit, %s", proxy_words(j));
		break;
	case OUT_UNCLEAR:
		break;
	}
}

REQ(px_ans_1) = {
	.id = "PX-ANS-1",
	.area = AREA_PROXY,
	.level = L_MUST,
	.section = "3.3.2.2",
	.role = "proxy",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "If a proxy is configured the client answers with "
		 "acceptance or failure.",
	.traps = "PROXY-ERROR is legal for any scheme (T-NOMODE).",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = px_ans_1,
};

static void px_ans_1(struct judge *j)
{
	const struct line *error = error_line(j->v, IPC_PROXY_ERROR);
	const struct line *done = j->v->proxy_done;
	static const char expected[] = "`PROXY DONE` or `PROXY-ERROR`";

	if (!proxy_is_configured(j))
		return;
	if (done && error) {
		j_broken(j, done->ev, expected, "both");
		j_also(j, error->ev);
	} else if (done || error) {
		j_pass(j, done ? done->ev : error->ev);
	} else {
		no_answer(j, expected);
	}
}

REQ(px_first_1) = {
	.id = "PX-FIRST-1",
	.area = AREA_PROXY,
	.level = L_MUST,
	.section = "3.3.2.2",
	.role = "proxy",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "The proxy setting is validated before any transport is "
		 "initialised.",
	.traps = "T-UNKKW between lines.",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = px_first_1,
};

static void px_first_1(struct judge *j)
{
	const struct line *done = j->v->proxy_done;

	if (!proxy_is_configured(j) || !done)
		return;
	for (const struct line *l = j->v->out.v; l < done; l++)
		if (l->ipc.kw == IPC_CMETHOD || l->ipc.kw == IPC_CMETHODS ||
		    l->ipc.kw == IPC_CMETHOD_ERROR) {
			j_broken(j, l->ev, "`PROXY DONE` before any method",
				 "%s before it", line_words(j, l));
			j_also(j, done->ev);
			return;
		}
	j_pass(j, done->ev);
}

REQ(px_afterver_1) = {
	.id = "PX-AFTERVER-1",
	.area = AREA_PROXY,
	.level = L_IMPLIED,
	.section = "3.3.2.2",
	.role = "proxy",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "The proxy answer follows VERSION.",
	.traps = "Streams have no mutual order: only presence of VERSION is "
		 "checkable for PROXY-ERROR.",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = px_afterver_1,
};

static void px_afterver_1(struct judge *j)
{
	const struct line *error = view_error(j->v, IPC_PROXY_ERROR);
	const struct line *done = j->v->proxy_done;
	const struct line *version = j->v->version;
	const struct line *answer = done ? done : error;

	if (!proxy_is_configured(j) || !answer)
		return;
	/* Only the two on stdout have an order. */
	if (version && (!done || version < done))
		j_pass(j, answer->ev);
	else
		j_broken(j, answer->ev, "`VERSION` before the answer",
			 "%s and %s", line_words(j, answer),
			 version ? "`VERSION` after it" : "no `VERSION`");
}

static bool is_proxy_done(const struct line *l)
{
	return l->ipc.kw == IPC_PROXY && l->ipc.ntok == 1 &&
	       span_eqs(l->ipc.tok[0], "DONE");
}

/* Meant to be `PROXY DONE`, but misspelt or on the wrong stream. */
static const struct line *misprint(const struct judge *j)
{
	for_lines (l, &j->v->out)
		if (!is_proxy_done(l) && l->raw.n >= 9 &&
		    strncasecmp(l->raw.p, "proxy", 5) == 0 &&
		    strncasecmp(l->raw.p + 6, "done", 4) == 0)
			return l;
	for_lines (l, &j->v->err)
		if (is_proxy_done(l))
			return l;
	return NULL;
}

REQ(px_done_1) = {
	.id = "PX-DONE-1",
	.area = AREA_PROXY,
	.level = L_IMPLIED,
	.section = "3.3.2.2",
	.role = "proxy",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Acceptance is the line `PROXY DONE` on stdout, once.",
	.traps = "T-CR.",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = px_done_1,
};

static void px_done_1(struct judge *j)
{
	static const char expected[] = "`PROXY DONE` once on stdout";
	const struct line *seen = NULL;

	if (!proxy_is_configured(j))
		return;
	for_lines (l, &j->v->out) {
		if (!is_proxy_done(l))
			continue;
		if (seen) {
			j_broken(j, l->ev, expected, "it twice");
			j_also(j, seen->ev);
		}
		seen = l;
	}
	if (seen)
		j_pass(j, seen->ev);
	else if (misprint(j))
		j_broken(j, misprint(j)->ev, expected, "%s",
			 line_words(j, misprint(j)));
}

REQ(px_none_1) = {
	.id = "PX-NONE-1",
	.area = AREA_PROXY,
	.level = L_IMPLIED,
	.section = "3.3.2.2",
	.role = "proxy",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Without a proxy configured there is no PROXY line.",
	.traps = "Existing parents merely log it; still, it claims "
		 "acceptance of a proxy nobody configured.",
	.needs = OF_CLIENT,
	.judge = px_none_1,
};

static void px_none_1(struct judge *j)
{
	const struct line *l = lines_find(&j->v->out, IPC_PROXY, 0);

	if (!setting_unset(j->v, PROXY))
		return;
	if (!l)
		l = lines_find(&j->v->err, IPC_PROXY, 0);
	if (!l)
		l = view_error(j->v, IPC_PROXY_ERROR);
	if (l)
		j_broken(j, l->ev, "no PROXY message", "%s", line_words(j, l));
	else if (has_started(j))
		j_pass(j, j->v->done->ev);
}

/* --- PROXY-ERROR --- */

REQ(px_err_1) = {
	.id = "PX-ERR-1",
	.area = AREA_PROXY,
	.level = L_IMPLIED,
	.section = "3.3.2.2",
	.role = "proxy",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Malformed, unsupported or unusable proxies give "
		 "`PROXY-ERROR <message>` on stderr.",
	.traps = "AMB-016, T-STDERR.",
	.needs = OF_CLIENT,
	.judge = px_err_1,
};

static void px_err_1(struct judge *j)
{
	judge_stream(j, IPC_PROXY_ERROR);
}

REQ(px_err_2) = {
	.id = "PX-ERR-2",
	.area = AREA_PROXY,
	.level = L_MUST,
	.section = "3.3.2.2",
	.role = "proxy",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "PROXY-ERROR is followed by immediate exit with status 69.",
	.traps = "T-WRAP.",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = px_err_2,
};

static void px_err_2(struct judge *j)
{
	judge_status(j, IPC_PROXY_ERROR, 69);
}

REQ(px_err_3) = {
	.id = "PX-ERR-3",
	.area = AREA_PROXY,
	.level = L_IMPLIED,
	.section = "3.3.2.2",
	.role = "proxy",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "No CMETHOD or CMETHODS DONE after PROXY-ERROR, and no "
		 "listener.",
	.needs = OF_CLIENT,
	.judge = px_err_3,
};

static void px_err_3(struct judge *j)
{
	const struct line *error = view_error(j->v, IPC_PROXY_ERROR);
	const struct line *l = j->v->methods.n ? j->v->methods.v[0].line
					       : j->v->done;

	if (!error)
		return;
	if (l)
		j_broken(j, l->ev,
			 "neither methods nor `CMETHODS DONE` "
			 "beside `PROXY-ERROR`",
			 "%s", line_words(j, l));
	else
		j_pass(j, error->ev);
	j_also(j, error->ev);
}

REQ(px_err_4) = {
	.id = "PX-ERR-4",
	.area = AREA_PROXY,
	.level = L_IMPLIED,
	.section = "3.3.2.2",
	.role = "proxy",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "PROXY-ERROR has a message.",
	.traps = "Content is free text.",
	.needs = OF_CLIENT,
	.judge = px_err_4,
};

static void px_err_4(struct judge *j)
{
	judge_message(j, IPC_PROXY_ERROR);
}

/* --- the flag, and a server --- */

REQ(px_flag_1) = {
	.id = "PX-FLAG-1",
	.area = AREA_PROXY,
	.level = L_IMPLIED,
	.section = "3.3.1.2",
	.role = "proxy",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "`-proxy` equals the variable.",
	.traps = "T-FLAGSYN.",
	.needs = OF_CLIENT,
	.profiles = IN_20,
	.stimuli = STIMULUS(PROXY_BY_FLAG),
	.judge = px_flag_1,
};

static void px_flag_1(struct judge *j)
{
	const struct line *error = error_line(j->v, IPC_PROXY_ERROR);
	const struct line *done = j->v->proxy_done;
	struct span s = flag_only(j->v, PROXY);

	if (uri_classify(s) != URI_ACCEPTABLE)
		return;
	if (done || error)
		j_pass(j, done ? done->ev : error->ev);
	else if (has_started(j) || (provoked(j) && j->rf->flags))
		no_answer(j, "`PROXY DONE` or `PROXY-ERROR` for the flag");
}

REQ(px_srv_1) = {
	.id = "PX-SRV-1",
	.area = AREA_PROXY,
	.level = L_IMPLIED,
	.section = "3.3.1.2",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_INFO,
	.title = "The proxy setting belongs to clients.",
	.traps = "Unspecified; INFO.",
	.needs = OF_SERVER | LAUNCHED,
	.judge = px_srv_1,
};

static void px_srv_1(struct judge *j)
{
	const struct line *error = error_line(j->v, IPC_PROXY_ERROR);

	if (!env_only(j->v, PROXY).n)
		return;
	if (error)
		j_broken(j, error->ev, "a start as without a proxy", "%s",
			 line_words(j, error));
	else
		j_orderly(j, "a proxy setting for a server");
}
