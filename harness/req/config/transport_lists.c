/*
 * transport_lists.c - the rules that the lists of a client and of a server
 * share.  What is said of one of them alone is in client_list.c and
 * server_list.c.
 */
#include "harness/req/config/config.h"
#include "harness/req/launch/setup.h"
#include "harness/req/launch/startup.h"
#include "harness/req/launch/transport_list.h"

static judge_fn list_init;

REQ_ROW(ct_init_1) = {
	.id = "CT-INIT-1",
	.area = AREA_CLIENT_LIST,
	.level = L_IMPLIED,
	.section = "3.3.1.2, 3.3.2.2",
	.role = "pt-client",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Every listed transport the PT knows is initialised and "
		 "reported.",
	.traps = "T-ORDER; known names come from the description file.",
	.needs = OF_CLIENT | LEGAL,
	.judge = list_init,
};

REQ_ROW(svt_init_1) = {
	.id = "SVT-INIT-1",
	.area = AREA_SERVER_LIST,
	.level = L_IMPLIED,
	.section = "3.3.1.3, 3.3.2.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Every listed known transport is initialised and reported.",
	.traps = "T-ORDER. Only a warning where a second life on the same "
		 "state does not serve what the first did: after SIGKILL, or "
		 "while connections of the first are in TIME_WAIT.",
	.needs = OF_SERVER | LEGAL,
	.judge = list_init,
};

static void list_is_whole(struct judge *j)
{
	const struct view *v = j->v;
	struct list_shape s = list_shape(v);
	const char *word = method_word(v);
	struct span name;

	if (!v->done || !s.n || s.known != s.n || s.by_flag)
		return;
	if (!list_lacks(v, &name))
		j_pass(j, v->done->ev);
	else if (!output_whole(v))
		j_unsure(j, "the output was not recorded to its end");
	else
		j_broken(j, v->done->ev,
			 arena_printf(j->a,
				      "a %s or %s-ERROR line for every "
				      "known transport of the list",
				      word, word),
			 "none for \"%s\"", j_show(j, name));
}

static void list_init(struct judge *j)
{
	list_is_whole(j);
	judge_second_life(j);
}

/* Does any line or setting tell of a listener on that port? */
static bool port_explained(const struct view *v, uint16_t port)
{
	struct bindaddr_list b;
	struct addr a;

	for_methods (m, v)
		if (m->m.addr.port == port)
			return true;
	bindaddr_parse(v->a, view_setting(v, "TOR_PT_SERVER_BINDADDR"), &b);
	for (size_t i = 0; i < b.n; i++)
		if (b.v[i].addr.port == port)
			return true;
	for_events (ev, v)
		if (ev->kind == EV_LISTEN && !span_absent(ev->listen.addr)) {
			addr_parse(ev->listen.addr, &a);
			if (a.port == port)
				return true;
		}
	return false;
}

/* Listeners of the transport's own that no line tells of are legal. */
static void note_listeners(struct judge *j)
{
	const struct view *v = j->v;
	struct addr a;

	if (!v->head->sandbox || !v->done || !running_sockets(v))
		return;
	for_events (ev, v) {
		if (ev->kind != EV_SOCKET ||
		    !span_eqs(ev->socket.in, "running") ||
		    !span_starts(ev->socket.proto, SPAN("tcp")))
			continue;
		addr_parse(ev->socket.addr, &a);
		if (a.port && !port_explained(v, a.port))
			j_say(j, V_INFO, ev->n,
			      "a listener for each announced method only",
			      "a further TCP listener that no line tells of");
	}
}

static judge_fn list_only;

REQ_ROW(ct_only_1) = {
	.id = "CT-ONLY-1",
	.area = AREA_CLIENT_LIST,
	.level = L_IMPLIED,
	.section = "3.3.1.2",
	.role = "pt-client",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Nothing that was not requested is started or reported.",
	.traps = "Internal helper sockets on loopback not announced: INFO.",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = list_only,
};

REQ_ROW(svt_only_1) = {
	.id = "SVT-ONLY-1",
	.area = AREA_SERVER_LIST,
	.level = L_IMPLIED,
	.section = "3.3.1.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Unrequested transports are not started.",
	.needs = OF_SERVER | LAUNCHED,
	.judge = list_only,
};

static void list_only(struct judge *j)
{
	const struct view *v = j->v;
	struct list_shape s = list_shape(v);
	const char *expected = "nothing but the requested transports";

	if (!s.n || s.star || s.by_flag)
		return;
	for_methods (m, v) {
		if (!is_own_method(v, m))
			continue;
		if (view_requested(v, m->m.name))
			j_pass(j, m->line->ev);
		else
			j_broken(j, m->line->ev, expected,
				 "a %s line for \"%s\"", method_word(v),
				 j_show(j, m->m.name));
	}
	for (size_t i = 0; i < v->head->known.n; i++) {
		struct span name = v->head->known.v[i];
		const struct line *l = method_error(v, name);

		if (l && !view_requested(v, name))
			j_broken(j, l->ev, expected, "the line \"%s\"",
				 j_show(j, l->raw));
	}
	note_listeners(j);
}

static judge_fn list_ignore;

REQ_ROW(ct_ign_1) = {
	.id = "CT-IGN-1",
	.area = AREA_CLIENT_LIST,
	.level = L_SHOULD,
	.section = "3.3.1.2",
	.role = "pt-client",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "Unknown names are skipped.",
	.traps = "See CM-UNK-1 for the harder MUST NOT.",
	.needs = OF_CLIENT | LEGAL,
	.judge = list_ignore,
};

REQ_ROW(svt_ign_1) = {
	.id = "SVT-IGN-1",
	.area = AREA_SERVER_LIST,
	.level = L_SHOULD,
	.section = "3.3.1.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "Unknown names are skipped.",
	.traps = "SMETHOD-ERROR for an unknown server name is only WARN: the "
		 "MUST NOT exists for clients alone (AMB-050).",
	.needs = OF_SERVER | LEGAL,
	.judge = list_ignore,
};

static void list_ignore(struct judge *j)
{
	const struct view *v = j->v;
	struct list_shape s = list_shape(v);

	if (!list_is_mixed(&s))
		return;
	if (j_no_done(j, j->req->dflt,
		      "the unknown name skipped and the known one launched"))
		return;
	j_pass(j, v->done->ev);
	if (is_client(j))
		return; /* an error line is CM-UNK-1's business */
	for (size_t i = 0; i < v->requested.n; i++) {
		struct span name = v->requested.v[i];
		const struct line *l = method_error(v, name);

		if (l && !view_known(v, name))
			j_broken(j, l->ev, "the unknown name skipped",
				 "an SMETHOD-ERROR line for it");
	}
}

static bool all_nosuch(const struct view *v)
{
	for (size_t i = 0; i < v->requested.n; i++)
		if (!view_nosuch(v, v->requested.v[i]))
			return false;
	return v->requested.n > 0;
}

static judge_fn list_unknown;

REQ_ROW(ct_allunk_1) = {
	.id = "CT-ALLUNK-1",
	.area = AREA_CLIENT_LIST,
	.level = L_IMPLIED,
	.section = "3.3.2.2.1",
	.role = "pt-client",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "A list of only unknown names still ends in CMETHODS DONE "
		 "and the process stays alive.",
	.traps = "T-UNKKW.",
	.needs = LEGAL | OF_CLIENT,
	.stimuli = STIMULUS(UNKNOWN_NAMES_ONLY),
	.judge = list_unknown,
};

REQ_ROW(svt_allunk_1) = {
	.id = "SVT-ALLUNK-1",
	.area = AREA_SERVER_LIST,
	.level = L_IMPLIED,
	.section = "3.3.2.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "With only unknown names, SMETHODS DONE is still sent and "
		 "the process lives on.",
	.traps = "The explicit note covers clients only; \"final message\" "
		 "rule is MUST: missing SMETHODS DONE is FAIL, exit "
		 "afterwards is WARN.",
	.needs = OF_SERVER | LEGAL,
	.stimuli = STIMULUS(UNKNOWN_NAMES_ONLY),
	.judge = list_unknown,
};

/* The note that the process stays is about clients; the final message is due
 * from servers just the same. */
static void list_unknown(struct judge *j)
{
	const struct view *v = j->v;
	const char *expected = arena_printf(
		j->a, "`%sS DONE` and a process that lives on", method_word(v));

	if (!all_nosuch(v) || j_no_done(j, V_FAIL, expected))
		return;
	for_methods (m, v)
		if (is_own_method(v, m))
			j_broken(j, m->line->ev,
				 "no method line for a name that nobody has",
				 "a %s line", method_word(v));
	j_pass(j, v->done->ev);
	/* Elsewhere stdin may be closed at the same time. */
	if (ended_unasked(v) && (provoked(j) || view_window(v, 1)))
		/* PT 1.0 does not say that the process stays. */
		j_say(j, j_is20(j) ? j->req->dflt : V_INFO, v->exit->n,
		      expected, "an end after the DONE line: it %s",
		      view_how_ended(v));
}

static bool find_repeated(const struct view *v, struct span *name)
{
	for (size_t i = 0; i < v->requested.n; i++) {
		*name = v->requested.v[i];
		if (view_known(v, *name) && name_requests(v, *name) > 1)
			return true;
	}
	return false;
}

static judge_fn list_twice;

REQ_ROW(ct_dup_1) = {
	.id = "CT-DUP-1",
	.area = AREA_CLIENT_LIST,
	.level = L_IMPLIED,
	.section = "3.1, 3.3.1.2",
	.role = "pt-client",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "A repeated name is not initialised twice.",
	.traps = "Second occurrence giving CMETHOD-ERROR or being ignored: "
		 "INFO.",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = list_twice,
};

REQ_ROW(svt_dup_1) = {
	.id = "SVT-DUP-1",
	.area = AREA_SERVER_LIST,
	.level = L_IMPLIED,
	.section = "3.3.1.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "A repeated name is started once.",
	.traps = "SMETHOD-ERROR for the second: INFO.",
	.needs = OF_SERVER | LAUNCHED,
	.judge = list_twice,
};

static void list_twice(struct judge *j)
{
	const struct view *v = j->v;
	const struct method *first = NULL;
	const char *expected = "one listener for a name that is given twice";
	struct span name;

	if (!find_repeated(v, &name))
		return;
	if (crashed(j))
		j_broken(j, end_ev(v), expected, "a crash: it %s",
			 view_how_ended(v));
	for_methods (m, v) {
		if (!is_own_method(v, m) || !span_eq(m->m.name, name))
			continue;
		if (first) {
			j_broken(j, m->line->ev, expected, "two %s lines",
				 method_word(v));
			j_also(j, first->line->ev);
			return;
		}
		first = m;
		j_pass(j, m->line->ev);
	}
	if (!first && view_fatal(v) && !crashed(j))
		j_say(j, V_INFO, view_fatal(v)->ev, expected, "the line \"%s\"",
		      j_show(j, view_fatal(v)->raw));
	if (first && method_error(v, name))
		j_say(j, V_INFO, method_error(v, name)->ev, expected,
		      "an error line for the second one");
}
