/*
 * methods_done.c - CMETHODS DONE and SMETHODS DONE.
 */
#include "harness/req/ipc/method_lines.h"
#include "harness/req/launch/life.h"
#include "harness/req/launch/startup.h"

/* A line that was meant to be DONE, or NULL. */
static const struct line *misspelt_done(const struct judge *j)
{
	for_lines (l, &j->v->out) {
		if (l->ipc.kw == method_words(j)->done &&
		    !method_is_bare_done(l))
			return l;
		if (!j->v->done &&
		    ((l->ipc.kw == method_words(j)->method &&
		      method_is_bare_done(l)) ||
		     span_eqs(l->ipc.keyword,
			      is_client(j) ? "CMETHODSDONE" : "SMETHODSDONE")))
			return l;
	}
	return NULL;
}

static const struct line *second_done(const struct judge *j)
{
	for_lines (l, &j->v->out)
		if (l != j->v->done && l->ipc.kw == method_words(j)->done &&
		    method_is_bare_done(l) && !(l->ipc.anomalies & IPC_TAB))
			return l;
	return NULL;
}

/* Is the missing DONE the consequence of what other rules are about? */
static bool excused(const struct judge *j)
{
	if (misspelt_done(j) || view_fatal(j->v))
		return true;
	return !is_probe(j, "control") &&
	       (crashed(j) || (life_gave_up(j->v) && refused_orderly(j)));
}

static judge_fn status_done_once;

REQ_ROW(cm_done_1) = {
	.id = "CM-DONE-1",
	.area = AREA_CMETHOD,
	.level = L_MUST,
	.section = "3.3.2.2",
	.role = "pt-client",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "A final CMETHODS DONE is sent once all transports "
		 "succeeded or failed.",
	.traps = "T-TIME. Not after VERSION-ERROR/ENV-ERROR/PROXY-ERROR.",
	.needs = OF_CLIENT,
	.root = true,
	.judge = status_done_once,
};

REQ_ROW(sm_done_1) = {
	.id = "SM-DONE-1",
	.area = AREA_SMETHOD,
	.level = L_MUST,
	.section = "3.3.2.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "SMETHODS DONE is sent when all are initialised or failed.",
	.traps = "T-TIME.",
	.needs = OF_SERVER,
	.root = true,
	.judge = status_done_once,
};

static void status_done_once(struct judge *j)
{
	const struct view *v = j->v;
	const char *expected = arena_printf(j->a, "`%s` once on stdout",
					    method_words(j)->done_line);
	const struct line *again = second_done(j);

	if (again && v->done) {
		j_broken(j, v->done->ev, expected, "it twice");
		j_also(j, again->ev);
	} else if (v->done) {
		j_pass(j, v->done->ev);
	} else if (!is_legal(j) || excused(j)) {
		return;
	} else if (life_gave_up(v)) {
		/* Else what it wrote last may be missing. */
		if (!output_whole(v))
			return;
		j_broken(j, end_ev(v), expected, "none before it %s",
			 view_how_ended(v));
	} else if (hung(j) && !left_unread(v)) {
		j_late(j, view_limit(v, "init", 1), expected,
		       "none within the limit");
	}
}

static judge_fn status_done_last;

REQ_ROW(cm_done_2) = {
	.id = "CM-DONE-2",
	.area = AREA_CMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.2",
	.role = "pt-client",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Nothing about methods follows DONE.",
	.traps = "T-ORDER for stderr.",
	.needs = OF_CLIENT,
	.judge = status_done_last,
};

REQ_ROW(sm_done_2) = {
	.id = "SM-DONE-2",
	.area = AREA_SMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "No SMETHOD after DONE.",
	.traps = "T-ORDER (stderr only).",
	.needs = OF_SERVER,
	.judge = status_done_last,
};

static void status_done_last(struct judge *j)
{
	const struct view *v = j->v;

	if (!v->done)
		return;
	for (const struct line *l = v->done + 1; l < v->out.v + v->out.n; l++) {
		if ((l->ipc.kw != method_words(j)->method &&
		     l->ipc.kw != method_words(j)->error) ||
		    l->ipc.anomalies & IPC_TAB)
			continue;
		j_broken(j, l->ev,
			 arena_printf(j->a,
				      "nothing about methods "
				      "after `%s`",
				      method_words(j)->done_line),
			 "the line \"%s\"", j_show(j, l->raw));
		j_also(j, v->done->ev);
		return;
	}
	if (v->complete)
		j_pass(j, v->done->ev);
}

static judge_fn status_done_form;

REQ_ROW(cm_done_3) = {
	.id = "CM-DONE-3",
	.area = AREA_CMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.2",
	.role = "pt-client",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Its form is `CMETHODS DONE` on stdout.",
	.traps = "T-CR.",
	.needs = OF_CLIENT,
	.root = true,
	.judge = status_done_form,
};

REQ_ROW(sm_done_3) = {
	.id = "SM-DONE-3",
	.area = AREA_SMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Exact form on stdout.",
	.traps = "T-CR.",
	.needs = OF_SERVER,
	.root = true,
	.judge = status_done_form,
};

static void status_done_form(struct judge *j)
{
	const struct line *l = misspelt_done(j);

	if (l)
		j_broken(j, l->ev,
			 arena_printf(j->a, "`%s`", method_words(j)->done_line),
			 "the line \"%s\"", j_show(j, l->raw));
	else if (j->v->done)
		j_pass(j, j->v->done->ev);
}
