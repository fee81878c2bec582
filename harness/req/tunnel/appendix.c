/*
 * appendix.c - Appendix sessions (App. A, App. B).
 */
#include "harness/req/launch/startup.h"
#include "harness/req/launch/transport_list.h"
#include "harness/req/launch/setup.h"

/* Place of a line in the sessions of the appendices; -1: not in them. */
static int place(const struct line *l)
{
	bool done = l->ipc.ntok == 1 && span_eqs(l->ipc.tok[0], "DONE");

	switch ((int)l->ipc.kw) {
	case IPC_VERSION:
		return 0;
	case IPC_PROXY:
		return done ? 1 : -1;
	case IPC_CMETHOD:
	case IPC_CMETHOD_ERROR:
	case IPC_SMETHOD:
	case IPC_SMETHOD_ERROR:
		return 2;
	case IPC_CMETHODS:
	case IPC_SMETHODS:
		return done ? 3 : -1;
	}
	return -1;
}

/* The first line on stdout that is out of turn, or a second time where there
 * is to be one. */
static const struct line *out_of_turn(const struct view *v)
{
	int last = -1;

	for_lines (l, &v->out) {
		int at = place(l);

		if (at < 0)
			continue;
		if (at < last || (at == last && at != 2))
			return l;
		last = at;
	}
	return NULL;
}

static void judge_session(struct judge *j, const char *expected)
{
	const struct view *v = j->v;
	const struct line *l = out_of_turn(v);

	if (l)
		j_broken(j, l->ev, expected, "the line \"%s\" out of turn",
			 j_show(j, l->ipc.kw == IPC_CMETHOD ||
						   l->ipc.kw == IPC_SMETHOD
					   ? l->ipc.keyword
					   : l->raw));
	else if (!v->version)
		j_broken(j, v->done->ev, expected, "no VERSION line");
	else
		j_pass(j, v->done->ev);
}

REQ(appx_a_1) = {
	.id = "APPX-A-1",
	.area = AREA_APPENDIX,
	.level = L_IMPLIED,
	.section = "App. A",
	.role = "pt-client",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "A client with a proxy and two transports prints, in order: "
		 "VERSION, PROXY DONE, one CMETHOD per transport, CMETHODS "
		 "DONE.",
	.traps = "T-ORDER, T-UNKKW; the appendix shows VERSION and PROXY "
		 "DONE on one line (AMB-021) and says stdin (AMB-020). "
		 "PROXY-ERROR is legal for an unsupported type.",
	.needs = OF_CLIENT | LEGAL,
	.judge = appx_a_1,
};

static void appx_a_1(struct judge *j)
{
	const struct view *v = j->v;
	struct list_shape s = list_shape(v);
	const char *expected = "VERSION, PROXY DONE, a CMETHOD line for each "
			       "transport and CMETHODS DONE in this order";
	struct span name;

	if (!v->done || s.n < 2 || s.known != s.n || view_fatal(v) ||
	    uri_classify(view_setting(v, "TOR_PT_PROXY")) != URI_ACCEPTABLE)
		return;
	if (!v->proxy_done)
		j_broken(j, v->done->ev, expected, "no `PROXY DONE`");
	else if (list_lacks(v, &name) && output_whole(v))
		j_broken(j, v->done->ev, expected, "nothing for \"%s\"",
			 j_show(j, name));
	else
		judge_session(j, expected);
}

/* A requested transport that the list of bind addresses leaves out. */
static bool find_unbound(const struct view *v, struct span *name)
{
	for (size_t i = 0; i < v->requested.n; i++) {
		*name = v->requested.v[i];
		if (!name_bound(v, *name))
			return true;
	}
	return false;
}

REQ(appx_b_1) = {
	.id = "APPX-B-1",
	.area = AREA_APPENDIX,
	.level = L_IMPLIED,
	.section = "App. B",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "A server with two transports and one bind address prints "
		 "VERSION, one SMETHOD per transport (the bound one as "
		 "configured, the other chosen), SMETHODS DONE.",
	.traps = "AMB-023 for the ARGS line; the appendix session has no "
		 "ORPORT at all although one is needed: the harness supplies "
		 "it.",
	.needs = OF_SERVER | LEGAL,
	.stimuli = STIMULUS(APPENDIX_B),
	.judge = appx_b_1,
};

static void appx_b_1(struct judge *j)
{
	const struct view *v = j->v;
	struct list_shape s = list_shape(v);
	const char *expected = "VERSION, an SMETHOD line for each transport, "
			       "bound or not, and SMETHODS DONE";
	struct span name, other;

	if (s.n < 2 || s.known != s.n || !find_unbound(v, &name) ||
	    (!v->done && !provoked(j)))
		return;
	if (j_no_done(j, V_FAIL, expected))
		return;
	if (list_lacks(v, &other) && output_whole(v))
		j_broken(j, v->done->ev, expected, "nothing for \"%s\"",
			 j_show(j, other));
	else if (!name_reported(v, name) && output_whole(v))
		/* Under PT 1.0 servers are used to be told all addresses. */
		j_say(j, j_is20(j) ? V_FAIL : V_WARN, v->done->ev, expected,
		      "nothing for \"%s\", which has no bind address",
		      j_show(j, name));
	else
		judge_session(j, expected);
}

/* The state path as it appears in snapshots: below the work directory and
 * without slashes at its end.  Absent when it is elsewhere. */
static struct span state_below_work(const struct view *v)
{
	struct span s = view_setting(v, "TOR_PT_STATE_LOCATION");
	struct span work = pairs_get(&v->head->vars, "work");

	if (!work.n || !span_starts(s, work) || s.n <= work.n + 1 ||
	    s.p[work.n] != '/')
		return (struct span){ NULL, 0 };
	s = span_sub(s, work.n + 1, s.n);
	while (s.n && s.p[s.n - 1] == '/')
		s.n--;
	return s;
}

/* A path that was put together from the state path without a slash. */
static const struct event *file_beside(const struct view *v)
{
	struct span state = state_below_work(v);

	for_events (ev, v)
		if (ev->kind == EV_FILE && state.n &&
		    ev->file.path.n > state.n &&
		    span_starts(ev->file.path, state) &&
		    ev->file.path.p[state.n] != '/')
			return ev;
	return NULL;
}

REQ(appx_b_2) = {
	.id = "APPX-B-2",
	.area = AREA_APPENDIX,
	.level = L_IMPLIED,
	.section = "App. A/B",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "The state path is given once with and once without a "
		 "trailing slash; both are fine.",
	.needs = LEGAL,
	.stimuli = STIMULUS(APPENDIX_SLASH),
	.judge = appx_b_2,
};

static void appx_b_2(struct judge *j)
{
	const struct view *v = j->v;
	struct span state = view_setting(v, "TOR_PT_STATE_LOCATION");
	const char *expected = "the same state directory with and without "
			       "a slash at its end";
	const struct event *beside = file_beside(v);

	if (!provoked(j) || !state.n || j_no_done(j, V_FAIL, expected))
		return;
	if (beside)
		j_broken(j, beside->n, expected, "\"%s\" beside it",
			 j_show(j, beside->file.path));
	else
		j_pass(j, v->done->ev);
}
