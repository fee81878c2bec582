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

/* AMB-010: with both lists set an error is as good as either role. */
static void judge_gen_role_1(struct judge *j)
{
	const struct view *v = j->v;
	const struct line *c = first_of_role(v, ROLE_CLIENT);
	const struct line *s = first_of_role(v, ROLE_SERVER);

	if (!launched(j))
		return;
	if (view_env(v, "TOR_PT_CLIENT_TRANSPORTS").n &&
	    view_env(v, "TOR_PT_SERVER_TRANSPORTS").n)
		j_orderly(j, "both transport lists");
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

static void judge_gen_role_2(struct judge *j)
{
	const struct view *v = j->v;
	const char *expected = "an error message and an exit";
	const char *said = v->version ? "a VERSION line" : "nothing";
	const struct event *limit = view_limit(v, "exit", 1);

	if (!launched(j) || has_role(v))
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

static void judge_gen_mode_1(struct judge *j)
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

/* AMB-013: "clients" may mean applications, so this is a warning at most. */
static void judge_gen_mode_2(struct judge *j)
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

static void judge_gen_local_1(struct judge *j)
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

static const struct req rows[] = {
	{
		.id = "GEN-ROLE-1",
		.level = L_MUST,
		.section = "2",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title =
			"One launched PT process acts as a client or as a server, "
			"never both.",
		.observe =
			"Launch with both `TOR_PT_CLIENT_TRANSPORTS` and "
			"`TOR_PT_SERVER_TRANSPORTS` set. Accept an ENV-ERROR with "
			"64, or service in exactly one role. Also on every other "
			"run check that `CMETHOD*` and `SMETHOD*` lines never "
			"appear in the same process.",
		.fault =
			"Emits both CMETHOD and SMETHOD lines and both DONE lines "
			"when both variables are set.",
		.traps =
			"Either outcome (error or one role) is legal; the choice of "
			"role is unspecified. T-STDERR.",
		.profiles = IN_BOTH,
		.judge = judge_gen_role_1,
	},
	{
		.id = "GEN-ROLE-2",
		.level = L_IMPLIED,
		.section = "2, 3.3.1.2, 3.3.1.3",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_WARN,
		.title =
			"With neither role configured, the process must not pretend "
			"to be a working PT.",
		.observe =
			"Launch with common variables only; expect an error message "
			"and exit (ENV-ERROR/64 is the natural form) within the "
			"error limit.",
		.fault = "Prints `VERSION 2` and idles for ever.",
		.traps =
			"A role flag of the implementation's own (`-client`, "
			"`-server`) may exist; PT 2.2+ defaults to client. A usage "
			"text plus non-zero exit is fine.",
		.profiles = IN_BOTH,
		.judge = judge_gen_role_2,
	},
	{
		.id = "GEN-MODE-1",
		.level = L_MAY,
		.section = "2",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_INFO,
		.title =
			"A dispatcher may offer any subset of: PT 1.0/SOCKS4, PT "
			"1.0/SOCKS5, PT 2.0, transparent TCP, transparent UDP, "
			"STUN-aware UDP.",
		.observe =
			"The target description lists modes with the arguments that "
			"select them (2.0 defines no selector, AMB-070); probe "
			"each, and use the CMETHOD protocol token as proof.",
		.fault = "none (gates other tests).",
		.traps = "T-NOMODE. A PT offering only socks5 is fully legal.",
		.profiles = IN_20,
		.judge = judge_gen_mode_1,
	},
	{
		.id = "GEN-MODE-2",
		.level = L_SHOULD,
		.section = "2",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_WARN,
		.title =
			"When both sides can do PT 1.0 and 2.0, 2.0 is preferred.",
		.observe =
			"Offer `1,2` and `2,1`; expect `VERSION 2` from a PT that "
			"answers `VERSION 2` when offered `2` alone.",
		.fault =
			"Picks the first listed version, so `1,2` gives `VERSION "
			"1`.",
		.traps = "\"Clients\" in the sentence may mean client apps "
			 "(AMB-013). Never FAIL.",
		.profiles = IN_20,
		.judge = judge_gen_mode_2,
	},
	{
		.id = "GEN-E2E-1",
		.level = L_IMPLIED,
		.section = "1, 2, 3.3.5.1",
		.role = "pt-client+pt-server",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"Bytes the client app writes come out at the server app "
			"unchanged and in order, and the reverse.",
		.observe =
			"F-E2E; send all 256 byte values, 0-length writes, 1 byte, "
			"64 KiB, 16 MiB pseudo-random in both directions at once; "
			"compare hashes.",
		.fault =
			"Drops NULs, translates LF to CRLF, or corrupts byte 65536.",
		.traps = "T-OBFS, T-SPLIT; slow transports need scaled volumes "
			 "(description file); some carry a small maximum rate.",
		.profiles = IN_BOTH,
		.judge = judge_gen_e2e_1,
	},
	{
		.id = "GEN-E2E-2",
		.level = L_IMPLIED,
		.section = "2",
		.role = "pt-common",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"Several transport connections run at once without mixing "
			"their data.",
		.observe = "50 concurrent F-E2E connections, each with its own "
			   "pattern; every stream must match its own.",
		.fault = "One shared upstream connection for all clients.",
		.traps = "Multiplexing inside one outer connection is legal if "
			 "streams stay separate. Limits on concurrency may be "
			 "configured.",
		.profiles = IN_BOTH,
		.judge = judge_gen_e2e_2,
	},
	{
		.id = "GEN-E2E-3",
		.level = L_IMPLIED,
		.section = "2",
		.role = "pt-common",
		.classes = "net",
		.dflt = V_WARN,
		.title =
			"Closing one end of a relayed connection is carried to the "
			"other end.",
		.observe =
			"App closes after writing N bytes; F-OR must receive all N "
			"then end-of-stream; and the reverse. Then test half-close "
			"(shutdown write) and whether the other direction still "
			"flows.",
		.fault =
			"Never closes the far side; or loses the last buffer on "
			"close.",
		.traps =
			"Losing queued data on an orderly close is the violation; "
			"not supporting half-close is legal (common relays close "
			"both ways): report INFO. T-CLOSE.",
		.profiles = IN_BOTH,
		.judge = judge_gen_e2e_3,
	},
	{
		.id = "GEN-XFORM-1",
		.level = L_IMPLIED,
		.section = "2",
		.role = "pt-client",
		.classes = "pcap",
		.dflt = V_WARN,
		.title =
			"What leaves the client host is transformed traffic, not "
			"the application bytes in clear.",
		.observe =
			"F-NS; send a 64-byte high-entropy marker repeatedly; "
			"search captured client-to-server payload for it (raw).",
		.fault = "Forwards raw bytes to the server.",
		.traps =
			"T-IDENT: only judged if the description file says the "
			"transport conceals payload.",
		.profiles = IN_BOTH,
		.judge = judge_gen_xform_1,
	},
	{
		.id = "GEN-FWD-1",
		.level = L_IMPLIED,
		.section = "2",
		.role = "pt-server",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "By default the PT server hands the recovered stream "
			 "straight to the Server App.",
		.observe =
			"F-E2E; F-OR sees exactly the client bytes (see OR-PAY-1).",
		.fault = "Prefixes a banner or a SOCKS greeting.",
		.traps = "ExtORPort mode adds its own prologue by design.",
		.profiles = IN_BOTH,
		.judge = judge_gen_fwd_1,
	},
	{
		.id = "GEN-LOCAL-1",
		.level = L_IMPLIED,
		.section = "2",
		.role = "pt-client",
		.classes = "ipc",
		.dflt = V_WARN,
		.title = "The client's proxy is local to the client app.",
		.observe =
			"Parse the CMETHOD address; expect a loopback address.",
		.fault = "Listens on 0.0.0.0.",
		.traps =
			"Not a MUST; a user-set listen address (later versions' "
			"`-proxylistenaddr`) can be anything. T-V6.",
		.profiles = IN_BOTH,
		.judge = judge_gen_local_1,
	},
	{
		.id = "GEN-META-1",
		.level = L_MAY,
		.section = "2",
		.role = "pt-server",
		.classes = "",
		.dflt = V_NA,
		.title =
			"Per-connection metadata (client address) can be passed by "
			"the optional ExtORPort protocol.",
		.observe = "F-EXT; if supported, EXT-* apply.",
		.fault = "none.",
		.traps = "T-NOMODE.",
		.profiles = IN_BOTH,
	},
	{
		.id = "GEN-MIX-1",
		.level = L_IMPLIED,
		.section = "2",
		.role = "pt-common",
		.classes = "net",
		.dflt = V_INFO,
		.title =
			"One end may use the IPC interface while the other uses the "
			"library API of the same transport.",
		.observe =
			"If a second implementation of the same transport is "
			"available, run IPC client against it.",
		.fault =
			"Dispatcher adds its own framing on top of the transport "
			"stream in TCP mode.",
		.traps = "Needs a peer; SKIP otherwise.",
		.profiles = IN_BOTH,
	},
	{
		.id = "GEN-ONESIDE-1",
		.level = L_IMPLIED,
		.section = "1, 3.2.2.1",
		.role = "pt-common",
		.classes = "",
		.dflt = V_NA,
		.title = "A transport may lack one side (e.g. client only).",
		.observe =
			"Description file declares sides; requesting the missing "
			"side should yield `*METHOD-ERROR` (or being ignored as "
			"unknown), never a crash.",
		.fault = "Crashes when asked to serve a client-only transport.",
		.traps = "T-NOMODE; either ignoring or an error line is fine.",
		.profiles = IN_BOTH,
	},
};

const struct req_area req_area_general = {
	.name = "general",
	.title = "General and architecture",
	.rows = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};
