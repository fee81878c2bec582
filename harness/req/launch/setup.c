/*
 * setup.c - see setup.h.
 */
#include "harness/req/launch/setup.h"

#include "parent/proto/ipc/args.h"
#include "harness/req/launch/startup.h"
#include "harness/req/launch/life.h"
#include "harness/trace/settings.h"

/* --- settings --- */

static struct span flag_of(const struct view *v, const char *variable)
{
	const struct setting *s = setting_find(span_str(variable));

	return s ? view_flag(v, s->flag) : (struct span){ NULL, 0 };
}

struct span env_only(const struct view *v, const char *variable)
{
	if (!span_absent(flag_of(v, variable)))
		return (struct span){ NULL, 0 };
	return view_env(v, variable);
}

struct span flag_only(const struct view *v, const char *variable)
{
	if (!span_absent(view_env(v, variable)))
		return (struct span){ NULL, 0 };
	return flag_of(v, variable);
}

bool setting_unset(const struct view *v, const char *variable)
{
	return span_absent(view_env(v, variable)) &&
	       span_absent(flag_of(v, variable));
}

bool overridden(const struct view *v, const char *variable,
		struct override *out)
{
	out->env = view_env(v, variable);
	out->flag = flag_of(v, variable);
	return out->env.n && out->flag.n && !span_eq(out->env, out->flag);
}

/* --- how it started --- */

static bool disturbs(const struct view *v, const struct event *ev)
{
	if (ev->kind == EV_PORTS)
		return ev->ports.left >= 0;
	if (ev->kind == EV_STEP)
		return span_eqs(ev->step.kind, "stall");
	/* A second instance, which shares ports and directories. */
	return ev->kind == EV_SPAWN && !span_eqs(ev->spawn.what, v->pt) &&
	       span_contains(ev->spawn.what, SPAN(":"));
}

uint32_t disturbed_at(const struct view *v)
{
	uint32_t n = life_stimulus(v, 1);

	for_events (ev, v)
		if (ev->n < n && disturbs(v, ev))
			return ev->n;
	return n;
}

static const struct line *fatal_line(const struct view *v)
{
	static const enum ipc_keyword kinds[] = {
		IPC_VERSION_ERROR,
		IPC_ENV_ERROR,
		IPC_PROXY_ERROR,
	};
	const struct line *l = view_fatal(v);

	/* A log line that mentions one is no error in a running transport. */
	for (size_t i = 0; !l && !v->done && i < 3; i++)
		l = error_line(v, kinds[i]);
	return l;
}

enum outcome outcome(const struct judge *j)
{
	const struct view *v = j->v;
	const struct event *limit = view_limit(v, "init", 1);
	uint32_t until = disturbed_at(v);

	if (!launched(j))
		return OUT_UNCLEAR;
	if (fatal_line(v))
		return view_signalled(v) && crashed(j) ? OUT_CRASHED
						       : OUT_REFUSED;
	if (v->done)
		return OUT_STARTED;
	if (crashed(j))
		return OUT_CRASHED;
	/* Else what it wrote last may be missing. */
	if (view_ended(v) && v->exit->n < until)
		return output_whole(v) ? OUT_REFUSED : OUT_UNCLEAR;
	if (limit && limit->n < until)
		return OUT_STUCK;
	return OUT_UNCLEAR;
}

bool has_started(const struct judge *j)
{
	return outcome(j) == OUT_STARTED;
}

uint32_t outcome_ev(const struct judge *j)
{
	const struct line *l = fatal_line(j->v);

	if (!l)
		l = j->v->done;
	return l ? l->ev : end_ev(j->v);
}

const char *outcome_words(struct judge *j)
{
	const struct line *l = fatal_line(j->v);

	if (!l)
		l = j->v->done;
	if (l && outcome(j) != OUT_CRASHED)
		return line_words(j, l);
	return arena_printf(j->a, "no error message: it %s",
			    view_how_ended(j->v));
}

void must_start(struct judge *j, const char *expected)
{
	switch (outcome(j)) {
	case OUT_STARTED:
		j_pass(j, j->v->done->ev);
		break;
	case OUT_REFUSED:
	case OUT_CRASHED:
		j_broken(j, outcome_ev(j), expected, "%s", outcome_words(j));
		break;
	case OUT_STUCK:
		j_late(j, view_limit(j->v, "init", 1), expected,
		       "nothing within the limit");
		break;
	case OUT_UNCLEAR:
		break;
	}
}

static const char env_error[] = "`ENV-ERROR` and an end";

/* Whatever the level of a rule: a hang is not an answer. */
static void setup_stuck(struct judge *j, const char *stimulus)
{
	const struct event *limit = view_limit(j->v, "init", 1);

	if (!j_lagged(j, limit))
		j_say(j, V_FAIL, limit->n, "an answer or an end",
		      "neither within the limit, given %s", stimulus);
}

static void started_anyway(struct judge *j, const char *stimulus,
			   enum verdict silent)
{
	const struct line *error = any_method_error(j->v);

	if (error)
		j_say(j, V_INFO, error->ev, env_error, "%s",
		      line_words(j, error));
	else
		j_say(j, silent, j->v->done->ev, env_error,
		      "DONE and no error, given %s", stimulus);
}

void env_error_due(struct judge *j, const char *stimulus, enum verdict silent)
{
	switch (outcome(j)) {
	case OUT_STARTED:
		started_anyway(j, stimulus, silent);
		break;
	case OUT_REFUSED:
		if (error_line(j->v, IPC_ENV_ERROR))
			j_pass(j, outcome_ev(j));
		else
			j_broken(j, outcome_ev(j), env_error, "%s, given %s",
				 outcome_words(j), stimulus);
		break;
	case OUT_CRASHED:
		j_say(j, V_FAIL, end_ev(j->v), env_error,
		      "a crash, given %s: it %s", stimulus,
		      view_how_ended(j->v));
		break;
	case OUT_STUCK:
		setup_stuck(j, stimulus);
		break;
	case OUT_UNCLEAR:
		break;
	}
}

/* --- error messages --- */

/* Does the keyword stand in quotes?  Then somebody writes about the message,
 * unless all of it is the value of a logger's field, as in msg="ENV-ERROR x". */
static bool is_quoted(const struct line *l)
{
	struct span name = span_str(ipc_keyword_name(l->ipc.decorated));
	const char *at = memmem(l->raw.p, l->raw.n, name.p, name.n);

	if (!at || at == l->raw.p || !strchr("\"'`", at[-1]))
		return false;
	return at - l->raw.p < 2 || at[-2] != '=';
}

/* One behind the prefix of a logger.  A crash report may quote what it likes,
 * such as the message that its process never sent. */
static const struct line *decorated(const struct lines *lines,
				    enum ipc_keyword kw)
{
	for_lines (l, lines) {
		if (is_crash_line(l->raw))
			return NULL;
		if (l->ipc.anomalies & IPC_DECORATED &&
		    l->ipc.decorated == kw && !is_quoted(l))
			return l;
	}
	return NULL;
}

const struct line *error_line(const struct view *v, enum ipc_keyword kw)
{
	const struct line *l = view_error(v, kw);

	if (!l)
		l = decorated(&v->err, kw);
	return l ? l : decorated(&v->out, kw);
}

static const struct line *method_error_in(const struct lines *lines,
					  enum ipc_keyword kw, struct span name)
{
	for_lines (l, lines)
		if (l->ipc.kw == kw && l->ipc.ntok &&
		    span_eq(l->ipc.tok[0], name))
			return l;
	return NULL;
}

const struct line *method_error(const struct view *v, struct span name)
{
	enum ipc_keyword kw = v->head->role == ROLE_CLIENT ? IPC_CMETHOD_ERROR
							   : IPC_SMETHOD_ERROR;
	const struct line *l = method_error_in(&v->err, kw, name);

	return l ? l : method_error_in(&v->out, kw, name);
}

const struct line *any_method_error(const struct view *v)
{
	const struct line *l = NULL;

	for (size_t i = 0; !l && i < v->requested.n; i++)
		l = method_error(v, v->requested.v[i]);
	return l;
}

struct span unanswered(const struct view *v)
{
	/* A word about it may be among what nobody read. */
	if (left_unread(v))
		return (struct span){ NULL, 0 };
	for (size_t i = 0; i < v->requested.n; i++) {
		struct span name = v->requested.v[i];

		if (view_known(v, name) && !view_method(v, name) &&
		    !method_error(v, name))
			return name;
	}
	return (struct span){ NULL, 0 };
}

bool has_words(const struct lines *lines)
{
	for_lines (l, lines)
		if (l->raw.n &&
		    (l->ipc.kw == IPC_UNKNOWN || l->ipc.kw == IPC_LOG))
			return true;
	return false;
}

const char *line_words(struct judge *j, const struct line *l)
{
	return arena_printf(j->a, "the line \"%s\" on %s", j_show(j, l->raw),
			    l->on_stderr ? "stderr" : "stdout");
}

/* Policy "errors.stream", and PT 1.0, which knows stdout only.  One that has
 * both versions cannot know before it has chosen, and where it had to choose 1
 * either is right. */
static const char *wanted_stream(const struct judge *j)
{
	if (!j_is20(j) && !j->v->version && j->rf->speaks_2)
		return "either";
	if (j_is20(j) && !life_by_20(j))
		return "either";
	if (!j_is20(j) || policy_is(j->policy, P_ERRORS_STREAM, "stdout"))
		return "stdout";
	return policy_is(j->policy, P_ERRORS_STREAM, "either") ? "either"
							       : "stderr";
}

/* Only a line with a logger's prefix: policy "errors.prefix". */
static void judge_prefix(struct judge *j, enum ipc_keyword kw,
			 const char *expected)
{
	const struct line *l = j->v->done ? NULL : error_line(j->v, kw);

	if (!l)
		return;
	if (policy_is(j->policy, P_ERRORS_PREFIX, "pass"))
		j_pass(j, l->ev);
	else if (policy_is(j->policy, P_ERRORS_PREFIX, "fail"))
		j_broken(j, l->ev, expected, "%s", line_words(j, l));
	else
		j_say(j, V_WARN, l->ev, expected, "%s", line_words(j, l));
}

void judge_stream(struct judge *j, enum ipc_keyword kw)
{
	const struct line *err = lines_find(&j->v->err, kw, 0);
	const struct line *out = lines_find(&j->v->out, kw, 0);
	const char *want = wanted_stream(j);
	bool on_err = strcmp(want, "stderr") == 0;
	const char *expected =
		arena_printf(j->a, "`%s` on %s", ipc_keyword_name(kw), want);

	if (!err && !out) {
		judge_prefix(j, kw, expected);
		return;
	}
	if (on_err && err && out) {
		j_say(j, V_WARN, out->ev, expected, "%s as well",
		      line_words(j, out));
		j_also(j, err->ev);
	} else if (strcmp(want, "either") == 0 || (on_err ? err : out)) {
		j_pass(j, err && on_err ? err->ev : line_ev(out ? out : err));
	} else {
		j_broken(j, line_ev(out ? out : err), expected, "%s",
			 line_words(j, out ? out : err));
	}
}

void judge_status(struct judge *j, enum ipc_keyword kw, int status)
{
	const struct view *v = j->v;
	const struct line *l = v->done ? view_error(v, kw) : error_line(v, kw);
	const struct event *limit = view_limit(v, "exit", 1);
	bool by_20 = life_by_20(j);
	const char *expected =
		!by_20 ? "an end by itself"
		       : arena_printf(j->a, "exit status %d", status);

	if (!l)
		return;
	if (view_ended(v) && v->exit->n < life_stimulus(v, 1)) {
		if (!by_20 || view_exited(v, status))
			j_pass(j, v->exit->n);
		else if (v->head->wrapper)
			j_unsure(j, "the target is a wrapper, which %s",
				 view_how_ended(v));
		else
			j_broken(j, v->exit->n, expected, "that it %s after %s",
				 view_how_ended(v), line_words(j, l));
		j_also(j, l->ev);
	} else if (limit && limit->n < life_stimulus(v, 1)) {
		j_late(j, limit, expected, "no end after %s", line_words(j, l));
		j_also(j, l->ev);
	}
}

void judge_message(struct judge *j, enum ipc_keyword kw)
{
	const struct line *l = view_error(j->v, kw);

	if (!l)
		return;
	if (l->ipc.ntok)
		j_pass(j, l->ev);
	else
		j_broken(j, l->ev, "a message behind the keyword", "%s",
			 line_words(j, l));
}

/* --- sockets --- */

struct addr unmapped(struct addr a)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (a.family == AF_INET6 && memcmp(a.ip, mapped, 12) == 0) {
		memmove(a.ip, a.ip + 12, 4);
		memset(a.ip + 4, 0, 12);
		a.family = AF_INET;
	}
	return a;
}

static struct addr read_addr(struct span text)
{
	struct addr a = { 0 };

	addr_parse(text, &a);
	return unmapped(a);
}

const struct event *running_sockets(const struct view *v)
{
	for_events (ev, v)
		if (ev->kind == EV_SNAPSHOT &&
		    span_eqs(ev->snapshot.in, "running") &&
		    span_eqs(ev->snapshot.of, "sockets"))
			return life_alive_at(v, ev->n) &&
					       disturbed_at(v) > ev->n
				       ? ev
				       : NULL;
	return NULL;
}

const struct event *snapshot_skipped(const struct view *v)
{
	int64_t step = -1;

	for_events (ev, v) {
		if (ev->kind == EV_STEP)
			step = span_eqs(ev->step.kind, "snapshot")
				       ? ev->step.step
				       : -1;
		else if (ev->kind == EV_SKIPPED && ev->skipped.step == step)
			return ev;
	}
	return NULL;
}

/* Does a socket bound to @s get what is sent to @a? */
static bool serves(const struct addr *s, const struct addr *a)
{
	if (s->port != a->port)
		return false;
	/* The wildcard of IPv6 takes IPv4 as well, mostly. */
	if (addr_is_any(s))
		return s->family == AF_INET6 || a->family == AF_INET;
	/* 0.0.0.0 may come out as any address of the host. */
	return addr_eq(s, a) || addr_is_any(a);
}

const struct event *socket_for(const struct view *v, const struct event *snap,
			       const struct addr *a)
{
	struct addr want = unmapped(*a);

	for_events (ev, v) {
		struct addr s;

		if (ev->kind != EV_SOCKET ||
		    !span_eq(ev->socket.in, event_name(snap)))
			continue;
		s = read_addr(ev->socket.addr);
		if (serves(&s, &want))
			return ev;
	}
	return NULL;
}

const struct event *socket_beside(const struct view *v,
				  const struct event *snap,
				  const struct addr *a)
{
	struct addr want = unmapped(*a);

	for_events (ev, v) {
		struct addr s;

		if (ev->kind != EV_SOCKET ||
		    !span_eq(ev->socket.in, event_name(snap)) ||
		    !span_starts(ev->socket.proto, SPAN("tcp")))
			continue;
		s = read_addr(ev->socket.addr);
		if (s.port == want.port && !addr_eq(&s, &want))
			return ev;
	}
	return NULL;
}

const struct event *method_connect(const struct view *v, struct span name)
{
	for_events (ev, v) {
		struct span conn = event_name(ev);
		size_t colon = span_find(conn, ':');
		struct span to = span_sub(conn, colon + 1, conn.n);

		if (ev->kind == EV_CONNECT && colon < conn.n &&
		    span_eq(group_of(to), name))
			return ev;
	}
	return NULL;
}

const struct event *listener_at(const struct view *v, const struct addr *a)
{
	for_events (ev, v) {
		struct addr at;

		if (ev->kind != EV_LISTEN || !span_eqs(ev->listen.result, "ok"))
			continue;
		at = read_addr(ev->listen.addr);
		if (addr_eq(&at, a) && v->spawn && ev->n < v->spawn->n)
			return ev;
	}
	return NULL;
}

const struct event *first_client(const struct view *v)
{
	for_events (ev, v)
		if (ev->kind == EV_STEP &&
		    (span_eqs(ev->step.kind, "connect") ||
		     span_eqs(ev->step.kind, "socks") ||
		     span_eqs(ev->step.kind, "datagram")))
			return ev;
	return NULL;
}

const struct event *accepted(const struct view *v, const struct event *listener,
			     uint32_t from)
{
	for_events (ev, v)
		if (ev->kind == EV_ACCEPT && ev->n > from &&
		    span_eq(group_of(ev->accept.name), listener->listen.name))
			return ev;
	return NULL;
}

bool serves_first(const struct view *v)
{
	const struct strings *known = &v->head->known;

	for_methods (m, v)
		if (!known->n || !span_eq(m->m.name, known->v[0]))
			return false;
	return v->methods.n > 0 && !has_peer(v);
}

bool judge_override_destination(struct judge *j, const char *variable)
{
	const struct event *env, *flag;
	struct addr env_addr, flag_addr;
	struct override o;

	if (!overridden(j->v, variable, &o) || addr_parse(o.env, &env_addr) ||
	    addr_parse(o.flag, &flag_addr))
		return false;
	env = listener_at(j->v, &env_addr);
	flag = listener_at(j->v, &flag_addr);
	if (env && accepted(j->v, env, env->n))
		j_broken(j, accepted(j->v, env, env->n)->n,
			 "connections to the flag's destination only",
			 "one to the variable's");
	else if (flag && accepted(j->v, flag, flag->n))
		j_pass(j, accepted(j->v, flag, flag->n)->n);
	return true;
}

/* --- server options --- */

bool echoes(const struct judge *j)
{
	return j->rf->echoes_any || policy_is(j->policy, P_OPTIONS_ECHO, "all");
}

struct span args_value(const struct judge *j, struct span transport,
		       struct span key)
{
	const struct method *m = view_method(j->v, transport);
	struct kv_list args;

	if (!m || span_absent(m->m.args))
		return (struct span){ NULL, 0 };
	args_parse(j->a, m->m.args, &args);
	for (size_t i = 0; i < args.n; i++)
		if (span_eq(args.v[i].key, key))
			return args.v[i].value;
	return (struct span){ NULL, 0 };
}
