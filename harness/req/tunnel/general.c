/*
 * general.c - General and architecture.
 */
#include "harness/req/launch/startup.h"
#include "harness/req/traffic/tunnel.h"

static const struct line *first_of_role(const struct view *v, enum role role)
{
	for_lines (l, &v->out)
		if (is_role_line(l, role))
			return l;
	for_lines (l, &v->err)
		if (is_role_line(l, role))
			return l;
	return NULL;
}

REQ(gen_role_1) = {
	.id = "GEN-ROLE-1",
	.area = AREA_GENERAL,
	.level = L_MUST,
	.section = "2",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "One launched PT process acts as a client or as a server, "
		 "never both.",
	.traps = "Either outcome (error or one role) is legal; the choice of "
		 "role is unspecified. T-STDERR.",
	.needs = LAUNCHED,
	.judge = gen_role_1,
};

/* AMB-010: with both lists set an error is as good as either role. */
static void gen_role_1(struct judge *j)
{
	const struct view *v = j->v;
	const struct line *c = first_of_role(v, ROLE_CLIENT);
	const struct line *s = first_of_role(v, ROLE_SERVER);

	if (view_env(v, "TOR_PT_CLIENT_TRANSPORTS").n &&
	    view_env(v, "TOR_PT_SERVER_TRANSPORTS").n) {
		j_orderly(j, "both transport lists");
		if (v->methods.n && !view_fatal(v))
			j_say(j, V_INFO, v->methods.v[0].line->ev,
			      "an error where both lists of transports are set",
			      "that it serves as %s, without a word",
			      c ? "client" : "server");
	}
	if (c && s) {
		j_broken(j, c->ev, "one role in one process", "%s and %s",
			 ipc_keyword_name(c->ipc.kw),
			 ipc_keyword_name(s->ipc.kw));
		j_also(j, s->ev);
	} else if (c || s) {
		j_pass(j, c ? c->ev : s->ev);
	}
}

/* Do words of the target's own on the command line choose a role? */
static bool role_by_argument(const struct view *v)
{
	static const char *const words[] = { "client", "server" };

	for (size_t i = 1; i < v->head->argv.n; i++) {
		struct span arg = v->head->argv.v[i];

		while (arg.n && arg.p[0] == '-')
			arg = span_sub(arg, 1, arg.n);
		for (size_t w = 0; w < 2; w++)
			if (span_eqs(arg, words[w]))
				return true;
	}
	return false;
}

static bool has_role(const struct view *v)
{
	return !span_absent(view_env(v, "TOR_PT_CLIENT_TRANSPORTS")) ||
	       !span_absent(view_env(v, "TOR_PT_SERVER_TRANSPORTS")) ||
	       !span_absent(view_flag(v, "-transports")) || role_by_argument(v);
}

REQ(gen_role_2) = {
	.id = "GEN-ROLE-2",
	.area = AREA_GENERAL,
	.level = L_IMPLIED,
	.section = "2, 3.3.1.2, 3.3.1.3",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "With neither role configured, the process must not pretend "
		 "to be a working PT.",
	.traps = "A role flag of the implementation's own (`-client`, "
		 "`-server`) may exist; PT 2.2+ defaults to client. A usage "
		 "text plus non-zero exit is fine.",
	.needs = LAUNCHED,
	.judge = gen_role_2,
};

static void gen_role_2(struct judge *j)
{
	const struct view *v = j->v;
	const char *expected = "an error message and an exit";
	const char *said = v->version ? "a VERSION line" : "nothing";
	const struct event *limit = view_limit(v, "exit", 1);

	if (has_role(v))
		return;
	if (crashed(j))
		j_broken(j, end_ev(v), expected, "a crash: it %s",
			 view_how_ended(v));
	else if (view_fatal(v))
		j_pass(j, view_fatal(v)->ev);
	else if (v->done || v->methods.n)
		j_broken(j, v->done ? v->done->ev : v->methods.v->line->ev,
			 expected, "that it went on without a role");
	else if (ended_unasked(v) && view_stderr_words(v))
		j_pass(j, v->exit->n);
	else if (ended_unasked(v))
		j_say(j, V_INFO, v->exit->n, expected, "no message: it %s",
		      view_how_ended(v));
	else if (limit)
		j_late(j, limit, expected, "%s, and it kept running", said);
}

REQ(gen_mode_1) = {
	.id = "GEN-MODE-1",
	.area = AREA_GENERAL,
	.level = L_MAY,
	.section = "2",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_INFO,
	.title = "A dispatcher may offer any subset of: PT 1.0/SOCKS4, PT "
		 "1.0/SOCKS5, PT 2.0, transparent TCP, transparent UDP, "
		 "STUN-aware UDP.",
	.traps = "T-NOMODE. A PT offering only socks5 is fully legal.",
	.profiles = IN_20,
	.judge = gen_mode_1,
};

static void gen_mode_1(struct judge *j)
{
	for_methods (m, j->v) {
		if (m->line->ipc.kw != IPC_CMETHOD || !m->m.proto.n)
			continue;
		if (span_starts(m->m.proto, SPAN("socks")))
			j_pass(j, m->line->ev);
		else
			j_say(j, V_INFO, m->line->ev, "any of the proxy modes",
			      "\"%s\"", j_show(j, m->m.proto));
	}
}

REQ(gen_mode_2) = {
	.id = "GEN-MODE-2",
	.area = AREA_GENERAL,
	.level = L_SHOULD,
	.section = "2",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "When both sides can do PT 1.0 and 2.0, 2.0 is preferred.",
	.traps = "\"Clients\" in the sentence may mean client apps "
		 "(AMB-013). Never FAIL.",
	.profiles = IN_20,
	.judge = gen_mode_2,
};

/* AMB-013: "clients" may mean applications, so this is a warning at most. */
static void gen_mode_2(struct judge *j)
{
	const struct view *v = j->v;

	if (!v->version || !j->rf->speaks_2 ||
	    !verlist_has(v->versions, SPAN("1")) ||
	    !verlist_has(v->versions, SPAN("2")))
		return;
	if (span_eqs(v->negotiated, "1"))
		j_broken(j, v->version->ev,
			 arena_printf(j->a, "version 2 out of \"%s\"",
				      j_show(j, v->versions)),
			 "version 1");
	else if (span_eqs(v->negotiated, "2"))
		j_pass(j, v->version->ev);
}

/* Later versions of the specification let the parent choose the address. */
static bool address_given(const struct view *v)
{
	for (size_t i = 1; i < v->head->argv.n; i++)
		if (span_contains(v->head->argv.v[i], SPAN("proxylisten")))
			return true;
	return false;
}

REQ(gen_local_1) = {
	.id = "GEN-LOCAL-1",
	.area = AREA_GENERAL,
	.level = L_IMPLIED,
	.section = "2",
	.role = "pt-client",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "The client's proxy is local to the client app.",
	.traps = "Not a MUST; a user-set listen address (later versions' "
		 "`-proxylistenaddr`) can be anything. T-V6.",
	.judge = gen_local_1,
};

static void gen_local_1(struct judge *j)
{
	if (address_given(j->v))
		return;
	for_methods (m, j->v) {
		if (m->line->ipc.kw != IPC_CMETHOD || !m->m.addr.family)
			continue;
		if (addr_is_loopback(&m->m.addr))
			j_pass(j, m->line->ev);
		else
			j_broken(j, m->line->ev, "a loopback address", "\"%s\"",
				 j_show(j, m->m.addr.host));
	}
}
