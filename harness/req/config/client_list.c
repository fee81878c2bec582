/*
 * client_list.c - Client transport list.
 */
#include "harness/req/launch/startup.h"
#include "harness/req/launch/transport_list.h"

/* More items than any array that a careless program sets aside. */
#define LONG_LIST 500

REQ(ct_order_1) = {
	.id = "CT-ORDER-1",
	.area = AREA_CLIENT_LIST,
	.level = L_IMPLIED,
	.section = "3.3.2.2.1",
	.role = "pt-client",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Unknown names in any position do not stop later ones.",
	.traps = "T-ORDER.",
	.needs = OF_CLIENT | LEGAL,
	.judge = ct_order_1,
};

static void ct_order_1(struct judge *j)
{
	const struct view *v = j->v;
	struct list_shape s = list_shape(v);
	struct span name;

	if (!list_is_mixed(&s) || !v->done)
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

REQ(ct_empty_1) = {
	.id = "CT-EMPTY-1",
	.area = AREA_CLIENT_LIST,
	.level = L_IMPLIED,
	.section = "3.3.1.2",
	.role = "pt-client",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "An empty list is unspecified.",
	.traps = "AMB-053.",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = ct_empty_1,
};

/* AMB-053: whether an empty string is "set" is open. */
static void ct_empty_1(struct judge *j)
{
	const struct view *v = j->v;
	struct span list = view_setting(v, "TOR_PT_CLIENT_TRANSPORTS");
	const char *expected =
		"an ENV-ERROR, or `CMETHODS DONE` and a process that lives on";

	if (span_absent(list) || list.n)
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

/* Launched because of something in the list that is no name?  What nobody
 * asked for has its own rule, but a star may have asked for anything. */
static const struct method *find_unrequested(const struct view *v, bool star)
{
	for_methods (m, v)
		if (is_own_method(v, m) &&
		    (view_requested(v, m->m.name)
			     ? (name_check(m->m.name) & NAME_INVALID) != 0
			     : star))
			return m;
	return NULL;
}

REQ(ct_badname_1) = {
	.id = "CT-BADNAME-1",
	.area = AREA_CLIENT_LIST,
	.level = L_IMPLIED,
	.section = "3.1, 3.3.1.2",
	.role = "pt-client",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "Syntactically impossible names in the list are treated as "
		 "unknown.",
	.traps = "AMB-054; ENV-ERROR/64 for malformed list is tolerated "
		 "(INFO).",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = ct_badname_1,
};

static void ct_badname_1(struct judge *j)
{
	const struct view *v = j->v;
	struct list_shape s = list_shape(v);
	const struct method *unrequested = find_unrequested(v, s.star);
	const char *expected = "impossible names treated like unknown ones";
	struct span name;

	if (!s.invalid)
		return;
	if (unrequested)
		j_broken(j, unrequested->line->ev, expected,
			 "a CMETHOD line for \"%s\"",
			 j_show(j, unrequested->m.name));
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

REQ(ct_ws_1) = {
	.id = "CT-WS-1",
	.area = AREA_CLIENT_LIST,
	.level = L_IMPLIED,
	.section = "3.3.1.2",
	.role = "pt-client",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Blanks around commas are not part of the syntax.",
	.traps = "Either.",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = ct_ws_1,
};

static void ct_ws_1(struct judge *j)
{
	const struct view *v = j->v;
	struct list_shape s = list_shape(v);
	struct span name;

	if (!s.blank || s.invalid)
		return;
	j_orderly(j, "a transport list with blanks");
	if (v->done && list_lacks(v, &name) && output_whole(v))
		j_broken(j, v->done->ev,
			 "the name without blanks around it launched",
			 "nothing for \"%s\"", j_show(j, name));
}

REQ(ct_long_1) = {
	.id = "CT-LONG-1",
	.area = AREA_CLIENT_LIST,
	.level = L_IMPLIED,
	.section = "3.3.1.2",
	.role = "pt-client",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "List length is not limited.",
	.traps = "OS string limit.",
	.needs = OF_CLIENT | LEGAL,
	.judge = ct_long_1,
};

static void ct_long_1(struct judge *j)
{
	const struct view *v = j->v;
	struct list_shape s = list_shape(v);
	const char *expected = "a known transport launched at the end of a "
			       "very long list";
	struct span name;

	if (s.n < LONG_LIST || !s.known || j_no_done(j, V_FAIL, expected))
		return;
	if (!list_lacks(v, &name))
		j_pass(j, v->done->ev);
	else if (!output_whole(v))
		j_unsure(j, "the output was not recorded to its end");
	else
		j_broken(j, v->done->ev, expected, "nothing for \"%s\"",
			 j_show(j, name));
}

REQ(ct_flag_1) = {
	.id = "CT-FLAG-1",
	.area = AREA_CLIENT_LIST,
	.level = L_IMPLIED,
	.section = "3.3.1.2",
	.role = "pt-client",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "`-transports` takes the same list.",
	.traps = "AMB-009.",
	.needs = OF_CLIENT | LEGAL,
	.profiles = IN_20,
	.stimuli = STIMULUS(LIST_BY_FLAG),
	.judge = ct_flag_1,
};

static void ct_flag_1(struct judge *j)
{
	const struct view *v = j->v;
	struct span flag = view_flag(v, "-transports"), name;
	const char *expected =
		"the list behind -transports taken like the variable's";

	if (!j->rf->flags || span_find(flag, ',') == flag.n)
		return;
	if (!v->done && provoked(j))
		j_no_done(j, V_FAIL, expected);
	else if (v->done && list_lacks(v, &name))
		j_broken(j, v->done->ev, expected, "nothing for \"%s\"",
			 j_show(j, name));
	else if (v->done)
		j_pass(j, v->done->ev);
}
