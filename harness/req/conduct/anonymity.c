/*
 * anonymity.c - Anonymity: what must not get into files and logs.
 *
 * What to search for is chosen by the cases: applications and clients come
 * from addresses that occur nowhere else, the payload holds a word that nobody
 * else has.
 */
#include "harness/req/conduct/anonymity.h"
#include "harness/req/core/judges.h"
#include "harness/req/text/leak.h"
#include "harness/req/launch/location.h"
#include "harness/req/traffic/tunnel.h"

/* --- where to look --- */

/* Is it in there?  @ctx is what the caller searches for. */
typedef bool search_fn(struct judge *j, struct span text, const void *ctx);

/* Whose files: what is right for one end need not be for the other. */
enum whose { OF_BOTH, OF_ONE };

/* The name of a file that the transport made, or wrote to. */
static struct span name_of(const struct event *ev)
{
	return ev->kind == EV_TOUCH	? ev->touch.path
	       : ev->kind == EV_CONTENT ? ev->content.path
					: SPAN("");
}

static void search_names(struct judge *j, enum whose whose, search_fn *fn,
			 const void *ctx, const char *expected,
			 const char *what)
{
	for_events (ev, j->v) {
		struct span path = name_of(ev);

		if (!path.n || (whose == OF_ONE && path_is_peers(j, path)) ||
		    !fn(j, path, ctx))
			continue;
		j_broken(j, ev->n, expected, "%s in the name \"%s\"", what,
			 j_show(j, path));
		return;
	}
}

/*
 * In all that was written to files, and in their names: says the row's
 * default; else passes when there was a whole session, or says why the search
 * does not count.
 */
static void search_files(struct judge *j, enum whose whose, search_fn *fn,
			 const void *ctx, const char *expected,
			 const char *what)
{
	const char *why = NULL;
	size_t kept = 0;

	search_names(j, whose, fn, ctx, expected, what);
	for_events (ev, j->v) {
		if (ev->kind != EV_CONTENT)
			continue;
		kept += ev->content.bytes.n;
		if (whose == OF_ONE && path_is_peers(j, ev->content.path))
			continue;
		if (fn(j, ev->content.bytes, ctx))
			j_broken(j, ev->n, expected, "%s in \"%s\"", what,
				 j_show(j, ev->content.path));
		else if ((int64_t)ev->content.bytes.n < ev->content.size)
			why = arena_printf(j->a,
					   "of %" PRId64 " bytes in \"%s\" "
					   "the first %zu were kept",
					   ev->content.size,
					   j_show(j, ev->content.path),
					   ev->content.bytes.n);
	}
	if (kept >= EVENT_CONTENTS_KEEP)
		why = "it wrote more to files than is kept";
	if (why)
		j_unsure(j, "%s", why);
	else if (life_watched(j, &why) && !no_session(j))
		j_pass(j, end_ev(j->v));
	else if (why)
		j_unsure(j, "%s", why);
}

/* A line in which it is, or NULL. */
static const struct line *search_lines(struct judge *j, const struct lines *l,
				       search_fn *fn, const void *ctx)
{
	for_lines (one, l)
		if (fn(j, one->raw, ctx))
			return one;
	return NULL;
}

static bool in_addr(struct judge *j, struct span text, const void *ctx)
{
	(void)j;
	return leaks_addr(text, ctx);
}

/* --- addresses of clients --- */

/* A connection to one of its listeners, be it by another of its addresses. */
static bool is_visit(const struct view *v, const struct event *ev)
{
	struct addr to;

	if (ev->kind == EV_SOCKS)
		return ev->socks.result != SOCKS_END_UNREACHABLE;
	if (ev->kind == EV_SENT)
		return ev->sent.code == 0;
	if (ev->kind != EV_CONNECT || ev->connect.result != CONNECT_OK)
		return false;
	addr_parse(ev->connect.addr, &to);
	for_methods (m, v)
		if (m->m.addr.family && m->m.addr.port == to.port)
			return true;
	return false;
}

static bool was_visited(const struct view *v)
{
	for_events (ev, v)
		if (is_visit(v, ev))
			return true;
	return false;
}

/* The addresses that anything may have, and be told of. */
static bool is_common(const struct addr *a)
{
	static const uint8_t one[16] = { [15] = 1 };

	return !a->family || addr_is_any(a) ||
	       !memcmp(a->ip,
		       a->family == AF_INET ? "\x7f\0\0\1" : (const char *)one,
		       a->family == AF_INET ? 4 : 16);
}

/* The next address that the harness's clients came from, from @at on. */
static bool next_from(const struct judge *j, size_t *at, struct addr *out)
{
	const struct pairs *vars = &j->v->head->vars;

	while (*at < vars->n) {
		const struct pair *p = &vars->v[(*at)++];

		if (!span_eqs(p->key, "from"))
			continue;
		addr_parse(p->value, out);
		if (!is_common(out))
			return true;
	}
	return false;
}

bool holds_client(const struct judge *j, struct span text)
{
	struct addr from;
	size_t at = 0;

	while (next_from(j, &at, &from))
		if (leaks_addr(text, &from))
			return true;
	return false;
}

static judge_fn client_in_files;

REQ_ROW(an_log_1) = {
	.id = "AN-LOG-1",
	.area = AREA_ANONYMITY,
	.level = L_IMPLIED,
	.section = "5",
	.role = "anon",
	.classes = "fs",
	.dflt = V_WARN,
	.title = "A PT client does not write client addresses to disk.",
	.traps = "Use an address that occurs nowhere else; do not enable "
		 "unsafe-logging options; config raises to FAIL.",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = client_in_files,
};

REQ_ROW(an_log_2) = {
	.id = "AN-LOG-2",
	.area = AREA_ANONYMITY,
	.level = L_IMPLIED,
	.section = "5",
	.role = "anon",
	.classes = "fs",
	.dflt = V_WARN,
	.title = "A PT server does not write its clients' addresses to disk.",
	.traps = "stderr/stdout is not disk unless the PT opened the file "
		 "itself: report separately (AN-LOG-3).",
	.needs = OF_SERVER | LAUNCHED,
	.judge = client_in_files,
};

static void client_in_files(struct judge *j)
{
	struct addr from;
	size_t at = 0;

	if (!was_visited(j->v))
		return;
	while (next_from(j, &at, &from)) {
		search_files(j, OF_ONE, in_addr, &from,
			     "no address of a client on disk",
			     "the address of a client");
	}
}

REQ(an_log_3) = {
	.id = "AN-LOG-3",
	.area = AREA_ANONYMITY,
	.level = L_IMPLIED,
	.section = "5",
	.role = "anon",
	.classes = "ipc",
	.dflt = V_INFO,
	.title = "Addresses on stdout/stderr may end on the parent's disk.",
	.traps = "INFO only; USERADDR to the ExtORPort is intended.",
	.needs = LAUNCHED,
	.judge = an_log_3,
};

static void an_log_3(struct judge *j)
{
	const struct line *l;
	struct addr from;
	size_t at = 0;

	if (!was_visited(j->v))
		return;
	while (next_from(j, &at, &from)) {
		l = search_lines(j, &j->v->out, in_addr, &from);
		if (!l)
			l = search_lines(j, &j->v->err, in_addr, &from);
		if (l)
			j_broken(j, l->ev,
				 "no address of a client where a parent may "
				 "log it",
				 "the line \"%s\" on %s", j_show(j, l->raw),
				 l->on_stderr ? "stderr" : "stdout");
		else if (j->v->complete && !no_session(j))
			j_pass(j, end_ev(j->v));
	}
}

/* --- what a client knows of its server --- */

/* Do its settings name that address?  Its proxy may have it as well. */
static bool is_in_settings(const struct trace_head *h, const struct addr *a)
{
	for (size_t i = 0; i < h->env.n; i++)
		if (leaks_addr(h->env.v[i].value, a))
			return true;
	for (size_t i = 0; i < h->argv.n; i++)
		if (leaks_addr(h->argv.v[i], a))
			return true;
	return false;
}

/*
 * Only address and port together say which server it is on loopback, where a
 * client announces listeners of its own, and at an address that is also that
 * of something else.
 */
static bool in_server(struct judge *j, struct span text, const void *ctx)
{
	const struct addr *a = ctx;

	return addr_is_loopback(a) || is_in_settings(j->v->head, a)
		       ? leaks_addr_port(text, a)
		       : leaks_addr(text, a);
}

/* A name is the server's when the parent has not told it otherwise. */
static bool in_name(struct judge *j, struct span text, const void *ctx)
{
	const struct trace_head *h = j->v->head;
	struct span name = *(const struct span *)ctx;

	for (size_t i = 0; i < h->env.n; i++)
		if (span_contains(h->env.v[i].value, name))
			return false;
	return span_contains(text, name);
}

static bool in_secrets(struct judge *j, struct span text, const void *ctx)
{
	const struct pairs *vars = &j->v->head->vars;

	(void)ctx;
	for (size_t i = 0; i < vars->n; i++)
		if (span_eqs(vars->v[i].key, "secret") &&
		    leaks_word(text, vars->v[i].value))
			return true;
	return false;
}

/* STATUS lines are for the parent, who named the server; PT 1.0 shows them
 * with its address. */
static const struct line *server_line(struct judge *j, search_fn *fn,
				      const void *ctx)
{
	for_lines (l, &j->v->out)
		if (l->ipc.kw != IPC_STATUS && fn(j, l->raw, ctx))
			return l;
	return NULL;
}

/* A shorter one may stand anywhere. */
#define NAME_MIN 10

REQ(an_conf_1) = {
	.id = "AN-CONF-1",
	.area = AREA_ANONYMITY,
	.level = L_IMPLIED,
	.section = "5",
	.role = "anon",
	.classes = "fs,ipc",
	.dflt = V_WARN,
	.title = "A client keeps server details (address, port, secrets) "
		 "confidential where the transport depends on it.",
	.traps =
		"Caching in the state directory can be a feature: WARN; "
		"STATUS lines are left out, PT 1.0 shows them with the "
		"server's address; process arguments visible to others if passed by flag are "
		"the parent's choice.",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = an_conf_1,
};

/* That of the server at @dest, an address or a name. */
static void keeps_server(struct judge *j, struct span dest)
{
	const char *expected = "nothing of the server in files and on stdout";
	search_fn *fn = in_server;
	const struct line *l;
	struct addr a;
	const void *ctx = &a;

	addr_parse(dest, &a);
	if (!a.family && a.host.n < NAME_MIN)
		return;
	if (!a.family) {
		fn = in_name;
		ctx = &a.host;
	}
	search_files(j, OF_ONE, fn, ctx, expected, "the address of the server");
	search_files(j, OF_ONE, in_secrets, NULL, expected,
		     "a secret of the server");
	l = server_line(j, fn, ctx);
	if (!l)
		l = search_lines(j, &j->v->out, in_secrets, NULL);
	if (l)
		j_broken(j, l->ev, expected, "the line \"%s\"",
			 j_show(j, l->raw));
}

static void an_conf_1(struct judge *j)
{
	struct span target = view_flag(j->v, "-target");

	for_events (ev, j->v)
		if (ev->kind == EV_SOCKS &&
		    ev->socks.result != SOCKS_END_UNREACHABLE)
			keeps_server(j, ev->socks.dest);
	if (!span_absent(target) && was_visited(j->v))
		keeps_server(j, target);
}

/* --- payload --- */

/* The marker went through it, and was not part of a destination. */
static bool marker_carried(const struct view *v, struct span marker)
{
	bool sent = false;

	for_events (ev, v) {
		if (ev->kind == EV_SOCKS &&
		    span_contains(ev->socks.dest, marker))
			return false;
		sent |= sent_with(ev, marker);
	}
	return sent && was_visited(v);
}

static bool in_marker(struct judge *j, struct span text, const void *ctx)
{
	(void)j;
	return leaks_word(text, *(const struct span *)ctx);
}

/* Something was sent that is known by the *marker in it. */
static bool sent_marked(const struct judge *j, struct span *marker)
{
	*marker = pairs_get(&j->v->head->vars, "marker");
	return marker->n && marker_carried(j->v, *marker);
}

REQ(an_conf_2) = {
	.id = "AN-CONF-2",
	.area = AREA_ANONYMITY,
	.level = L_IMPLIED,
	.section = "5",
	.role = "anon",
	.classes = "ipc,fs",
	.dflt = V_WARN,
	.title = "Payload is not logged.",
	.needs = LAUNCHED,
	.judge = an_conf_2,
};

static void an_conf_2(struct judge *j)
{
	const char *expected = "no payload in files and logs";
	const struct line *l;
	struct span marker;

	if (!sent_marked(j, &marker))
		return;
	search_files(j, OF_BOTH, in_marker, &marker, expected, "payload");
	l = search_lines(j, &j->v->out, in_marker, &marker);
	if (!l)
		l = search_lines(j, &j->v->err, in_marker, &marker);
	if (l)
		j_broken(j, l->ev, expected, "payload in the line \"%s\"",
			 j_show(j, l->raw));
}

REQ(ipc_stdout_1) = {
	.id = "IPC-STDOUT-1",
	.area = AREA_LINES,
	.level = L_IMPLIED,
	.section = "3.3.2",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "stdout carries the protocol, so payload or binary data "
		 "never goes there.",
	.traps = "LOG lines mentioning sizes fine; payload in them WARN→ see "
		 "AN-CONF-2.",
	.needs = LAUNCHED,
	.judge = ipc_stdout_1,
};

/* A LOG line is text for people; what that may hold is AN-CONF-2. */
static void ipc_stdout_1(struct judge *j)
{
	struct span marker;

	if (!sent_marked(j, &marker))
		return;
	for_lines (l, &j->v->out)
		if (l->ipc.kw != IPC_LOG && in_marker(j, l->raw, &marker))
			j_broken(j, l->ev, "no payload on stdout",
				 "payload in \"%s\"", j_show(j, l->raw));
	if (j->v->complete && !no_session(j))
		j_pass(j, end_ev(j->v));
}
