/*
 * hygiene_secret.c - secrets where others can read them: command lines and
 * files.
 *
 * A secret is what the target's description calls one, and the password of
 * the upstream proxy.  It is looked for by its value, so short ones, which
 * may be there by chance, do not count.
 */
#include "harness/req/conduct/hygiene.h"
#include "harness/req/core/judges.h"
#include "harness/req/launch/life.h"

#define SECRET_MIN 6
#define SECRETS_MAX 16

struct secrets {
	struct span v[SECRETS_MAX];
	size_t n;
};

static void secret_add(struct secrets *s, struct span value)
{
	if (value.n >= SECRET_MIN && s->n < SECRETS_MAX)
		s->v[s->n++] = value;
}

static void secret_collect(const struct judge *j, struct secrets *s)
{
	const struct pairs *vars = &j->v->head->vars;
	struct proxy_uri u;

	*s = (struct secrets){ 0 };
	for (size_t i = 0; i < vars->n; i++)
		if (span_eqs(vars->v[i].key, "secret"))
			secret_add(s, vars->v[i].value);
	if (!is_client(j))
		return;
	uri_parse(j->a, view_setting(j->v, "TOR_PT_PROXY"), &u);
	secret_add(s, u.password);
}

static bool secret_held(const struct secrets *s, struct span text)
{
	for (size_t i = 0; i < s->n; i++)
		if (span_contains(text, s->v[i]))
			return true;
	return false;
}

REQ(hy_argv_1) = {
	.id = "HY-ARGV-1",
	.area = AREA_HYGIENE,
	.level = L_HYGIENE,
	.section = "—",
	.role = "pt-common",
	.classes = "proc",
	.dflt = V_WARN,
	.title = "No secret on the command line of a process that it starts.",
	.traps = "The environment of a process is not public.",
	.needs = LAUNCHED,
	.stimuli = STIMULUS(PROXY_PASSWORD) | STIMULUS(IDLE),
	.judge = hy_argv_1,
};

static void hy_argv_1(struct judge *j)
{
	const struct view *v = j->v;
	struct secrets s;

	secret_collect(j, &s);
	if (!s.n || needs_sandbox(j))
		return;
	/* A child has the words of its parent, which are the harness's. */
	for (size_t i = 0; i < v->head->argv.n; i++)
		if (secret_held(&s, v->head->argv.v[i]))
			return;
	for_events (ev, v) {
		if (ev->kind == EV_COMMAND && secret_held(&s, ev->command.argv))
			j_broken(j, ev->n, "no secret on a command line",
				 "process %" PRId64 ": \"%s\"", ev->command.pid,
				 j_show(j, ev->command.argv));
		else if (ev->kind == EV_SNAPSHOT &&
			 span_eqs(ev->snapshot.of, "processes") &&
			 life_alive_at(v, ev->n) && v->done &&
			 v->done->ev < ev->n)
			j_pass(j, ev->n);
	}
}

/* May others come through the directory, as far as the transport made it? */
static bool is_open_dir(const struct view *v, struct span dir)
{
	bool open = true;

	for_events (ev, v)
		if (ev->kind == EV_TOUCH && span_eq(ev->touch.path, dir) &&
		    (span_eqs(ev->touch.op, "mkdir") ||
		     span_eqs(ev->touch.op, "chmod")))
			open = (ev->touch.mode & 011) != 0;
	return open;
}

static bool is_reachable(const struct view *v, struct span path)
{
	for (size_t i = 1; i < path.n; i++)
		if (path.p[i] == '/' && !is_open_dir(v, span_sub(path, 0, i)))
			return false;
	return true;
}

REQ(hy_secret_1) = {
	.id = "HY-SECRET-1",
	.area = AREA_HYGIENE,
	.level = L_HYGIENE,
	.section = "—",
	.role = "pt-common",
	.classes = "fs",
	.dflt = V_WARN,
	.title = "No secret in a file that others can read.",
	.traps = "In a directory that it made for itself alone the bits of "
		 "the file do not count.",
	.needs = LAUNCHED,
	.stimuli = STIMULUS(PROXY_PASSWORD) | STIMULUS(IDLE),
	.judge = hy_secret_1,
};

static void hy_secret_1(struct judge *j)
{
	const struct view *v = j->v;
	struct secrets s;

	secret_collect(j, &s);
	if (!s.n || calls_unwatched(j))
		return;
	for_events (ev, v) {
		if (ev->kind == EV_CONTENT && (ev->content.mode & 044) &&
		    secret_held(&s, ev->content.bytes) &&
		    is_reachable(v, ev->content.path))
			j_broken(j, ev->n, "no secret that others can read",
				 "one in \"%s\", with the mode %04" PRIo64,
				 j_show(j, ev->content.path),
				 (uint64_t)ev->content.mode);
		else if (ev->kind == EV_FSWATCH &&
			 ev->fswatch.state == FSWATCH_IS_ON && v->complete &&
			 v->done)
			j_pass(j, end_ev(v));
	}
}
