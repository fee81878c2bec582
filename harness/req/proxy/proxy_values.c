/*
 * proxy_values.c - which settings of a proxy a client takes.
 *
 * A transport may refuse any proxy, so a refusal tells something only beside
 * one that was accepted (see facts_learned.h).
 */
#include "harness/req/launch/setup.h"
#include "harness/req/proxy/proxy.h"
#include "harness/req/traffic/outgoing.h"

static const char a_refusal[] = "`PROXY-ERROR` and an end";

/* --- what is to be refused --- */

/* @v: what it means to accept the proxy, or to refuse it without a word. */
static void judge_refusal(struct judge *j, enum verdict v)
{
	const struct line *error = error_line(j->v, IPC_PROXY_ERROR);
	const struct line *env = error_line(j->v, IPC_ENV_ERROR);
	const struct line *done = j->v->proxy_done;
	enum outcome out = outcome(j);

	if (error)
		j_pass(j, error->ev);
	else if (done)
		j_say(j, v, done->ev, a_refusal, "%s", line_words(j, done));
	else if (env)
		j_say(j, V_WARN, env->ev, a_refusal, "%s", line_words(j, env));
	else if (error_line(j->v, IPC_VERSION_ERROR) || out == OUT_UNCLEAR)
		return;
	else if (out == OUT_STUCK)
		j_late(j, view_limit(j->v, "init", 1), a_refusal,
		       "no answer within the limit");
	else
		j_say(j, out == OUT_CRASHED ? V_FAIL : v, outcome_ev(j),
		      a_refusal, "%s, %s", outcome_words(j), proxy_words(j));
}

/* An URI, but with more than the form has (AMB-031). */
#define BEYOND_THE_FORM \
	(URI_PATH_LONG | URI_EMPTY_USER | URI_BAD_PERCENT | URI_BLANK)

REQ(px_malf_1) = {
	.id = "PX-MALF-1",
	.area = AREA_PROXY,
	.level = L_IMPLIED,
	.section = "3.3.1.2, 3.3.2.2",
	.role = "proxy",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "A string that is not a URI of the given form is refused.",
	.traps = "Some implementations answer ENV-ERROR/64 for unparsable "
		 "values: WARN (the keyword should be PROXY-ERROR).",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = px_malf_1,
};

static void px_malf_1(struct judge *j)
{
	struct proxy_uri u;

	if (proxy_configured(j, &u) == URI_ABSENT)
		return;
	if (u.anomalies & PROXY_MALFORMED)
		judge_refusal(j, V_FAIL);
	else if (u.anomalies & BEYOND_THE_FORM &&
		 !(u.anomalies & URI_UNKNOWN_SCHEME))
		judge_refusal(j, V_WARN);
}

REQ(px_scheme_1) = {
	.id = "PX-SCHEME-1",
	.area = AREA_PROXY,
	.level = L_IMPLIED,
	.section = "3.3.2.2",
	.role = "proxy",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Unknown proxy types are refused.",
	.traps = "`https`, `socks4`, `socks5h` may be supported by some: "
		 "only use impossible schemes for FAIL.",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = px_scheme_1,
};

static void px_scheme_1(struct judge *j)
{
	struct proxy_uri u;

	if (proxy_configured(j, &u) != URI_ABSENT &&
	    u.anomalies & URI_UNKNOWN_SCHEME &&
	    !(u.anomalies & PROXY_MALFORMED))
		judge_refusal(j, V_FAIL);
}

/* The one thing that is wrong with the proxy is @anomaly. */
static bool proxy_has_only(const struct judge *j, unsigned anomaly)
{
	struct proxy_uri u;

	return proxy_configured(j, &u) != URI_ABSENT && u.anomalies == anomaly;
}

REQ(px_auth_3) = {
	.id = "PX-AUTH-3",
	.area = AREA_PROXY,
	.level = L_IMPLIED,
	.section = "RFC 1929",
	.role = "proxy",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "Credentials longer than 255 bytes cannot be used with "
		 "SOCKS5.",
	.traps = "Failing only at connect time: INFO.",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = px_auth_3,
};

static void px_auth_3(struct judge *j)
{
	if (proxy_has_only(j, URI_CRED_TOO_LONG))
		judge_refusal(j, V_WARN);
}

REQ(px_host_1) = {
	.id = "PX-HOST-1",
	.area = AREA_PROXY,
	.level = L_IMPLIED,
	.section = "3.3.1.2",
	.role = "proxy",
	.classes = "ipc,dns",
	.dflt = V_WARN,
	.title = "The host part is an IP address, not a name.",
	.traps = "AMB-031.",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = px_host_1,
};

static void px_host_1(struct judge *j)
{
	const struct line *done = j->v->proxy_done;
	const struct event *query = view_event(j->v, EV_QUERY, NULL, 1);

	if (!proxy_has_only(j, URI_HOSTNAME))
		return;
	if (done && query) {
		j_broken(j, done->ev, a_refusal, "%s and %s",
			 line_words(j, done), query_words(j, query));
		j_also(j, query->n);
	} else {
		judge_refusal(j, V_WARN);
	}
}

/* --- what is to be accepted, if the type is --- */

static void judge_support(struct judge *j, bool supported)
{
	const struct line *error = error_line(j->v, IPC_PROXY_ERROR);
	const struct line *done = j->v->proxy_done;

	if (done)
		j_pass(j, done->ev);
	else if (error && supported)
		j_broken(j, error->ev,
			 "`PROXY DONE`, as for another proxy of this type",
			 "%s", line_words(j, error));
}

REQ(px_auth_4) = {
	.id = "PX-AUTH-4",
	.area = AREA_PROXY,
	.level = L_IMPLIED,
	.section = "3.3.1.2",
	.role = "proxy",
	.classes = "net",
	.dflt = V_WARN,
	.title = "A user name without password is acceptable syntax (SOCKS4a "
		 "user id, HTTP Basic with empty password).",
	.traps = "For socks5 many PTs refuse (RFC 1929 wants 1..255): "
		 "PROXY-ERROR is fine.",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = px_auth_4,
};

static void px_auth_4(struct judge *j)
{
	struct proxy_uri u;

	if (proxy_configured(j, &u) == URI_ACCEPTABLE && u.user.n &&
	    span_absent(u.password) && span_eqs(u.scheme, "socks4a") &&
	    !judge_px_userid(j))
		judge_support(j, j->rf->proxy_socks4a);
}

REQ(px_v6_1) = {
	.id = "PX-V6-1",
	.area = AREA_PROXY,
	.level = L_IMPLIED,
	.section = "3.3.1.2",
	.role = "proxy",
	.classes = "net",
	.dflt = V_WARN,
	.title = "A bracketed IPv6 proxy address works.",
	.traps = "SKIP if the host has no IPv6.",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = px_v6_1,
};

static void px_v6_1(struct judge *j)
{
	struct proxy_uri u;

	/* That the harness could listen there shows that IPv6 works. */
	if (proxy_configured(j, &u) == URI_ACCEPTABLE &&
	    u.addr.family == AF_INET6 && span_eqs(u.scheme, "socks5") &&
	    span_absent(u.user) && listener_at(j->v, &u.addr) &&
	    !judge_px_called(j))
		judge_support(j, j->rf->proxy_socks5);
}

REQ(px_probe_1) = {
	.id = "PX-PROBE-1",
	.area = AREA_PROXY,
	.level = L_MAY,
	.section = "3.3.2.2",
	.role = "proxy",
	.classes = "net",
	.dflt = V_INFO,
	.title = "Whether the proxy is contacted during start-up is free.",
	.traps = "A probe connection must not be failed, nor its absence; "
		 "F-PX must tolerate connect-and-close.",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = px_probe_1,
};

static void px_probe_1(struct judge *j)
{
	const struct event *listener, *call, *client = first_client(j->v);
	struct proxy_uri u;

	if (proxy_configured(j, &u) != URI_ACCEPTABLE)
		return;
	listener = listener_at(j->v, &u.addr);
	if (!listener)
		return;
	call = accepted(j->v, listener, listener->n);
	if (call && (!client || call->n < client->n))
		j_broken(j, call->n, "either",
			 "a connection to the proxy while it starts");
	else if (j->v->proxy_done)
		j_pass(j, j->v->proxy_done->ev);
}
