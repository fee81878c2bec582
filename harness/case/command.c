/*
 * command.c - environment and command line of one launch.
 */
#include "harness/case/late.h"
#include "harness/case/planner.h"
#include "harness/trace/settings.h"

/* --- environment --- */

struct fixture_row {
	const char *key, *value;
	enum { ANY, SERVER, OPTIONS, OTHER } when;
};

/* See ptcheck-case(5); OTHER: not with "bare_env". */
static const struct fixture_row fixture[] = {
	{ "TOR_PT_MANAGED_TRANSPORT_VER", "${ver}", ANY },
	{ "TOR_PT_STATE_LOCATION", "${state}", ANY },
	{ "TOR_PT_EXIT_ON_STDIN_CLOSE", "1", ANY },
	{ "TOR_PT_@_TRANSPORTS", "${T}", ANY },
	{ "TOR_PT_SERVER_BINDADDR", "${T}-127.0.0.1:${port:T}", SERVER },
	{ "TOR_PT_ORPORT", "127.0.0.1:${port:or}", SERVER },
	{ "TOR_PT_EXTENDED_SERVER_PORT", "", SERVER },
	{ "TOR_PT_SERVER_TRANSPORT_OPTIONS", "${options}", OPTIONS },
	{ "PATH", "/usr/local/bin:/usr/bin:/bin", OTHER },
	{ "HOME", "${work}/home", OTHER },
	{ "TMPDIR", "${work}/tmp", OTHER },
	{ "LANG", "C", OTHER },
	{ "LC_ALL", "C", OTHER },
	{ "PYTHONDONTWRITEBYTECODE", "1", OTHER },
};

#define FIXTURE_N (sizeof(fixture) / sizeof(fixture[0]))

/* '@' in a name is the role. */
static struct span role_key(struct planner *p, struct span key)
{
	struct buf b = BUF_MAX(4096);
	struct span out;

	for (size_t i = 0; i < key.n; i++) {
		if (key.p[i] == '@')
			buf_adds(&b,
				 p->role == ROLE_CLIENT ? "CLIENT" : "SERVER");
		else
			buf_addc(&b, key.p[i]);
	}
	out = arena_span(p->a, buf_span(&b));
	buf_fini(&b);
	return out;
}

static bool has_options(struct planner *p)
{
	struct buf b = BUF_MAX(1);
	bool any;

	planner_options(p, (struct span){ 0 }, false, &b);
	any = b.n > 0;
	buf_fini(&b);
	return any;
}

static bool in_fixture(struct planner *p, const struct fixture_row *row)
{
	switch (row->when) {
	case ANY:
		return true;
	case SERVER:
		return p->role == ROLE_SERVER;
	case OPTIONS:
		return p->role == ROLE_SERVER && has_options(p);
	case OTHER:
		return !p->l->bare_env;
	}
	return false;
}

static void env_set(struct pairs *env, struct span key, struct span value)
{
	for (size_t i = 0; i < env->n; i++) {
		if (span_eq(env->v[i].key, key)) {
			env->v[i].value = value;
			return;
		}
	}
	env->v[env->n++] = (struct pair){ key, value };
}

static void env_override(struct planner *p, struct pairs *out,
			 const struct pairs *by)
{
	for (size_t i = 0; i < by->n; i++)
		env_set(out, role_key(p, by->v[i].key), by->v[i].value);
}

int planner_env(struct planner *p, struct pairs *out)
{
	const struct pairs *own = p->peer ? &p->l->peer_env : &p->l->env;
	size_t n = 0;

	if (!p->peer && span_absent(p->bound) && planner_bound(p))
		return -1;
	*out = (struct pairs){
		arena_alloc(p->a, (FIXTURE_N + own->n + p->l->again_env.n) *
					  sizeof(*out->v)),
		0,
	};
	for (size_t i = 0; i < FIXTURE_N; i++)
		if (in_fixture(p, &fixture[i]))
			env_set(out, role_key(p, span_str(fixture[i].key)),
				span_str(fixture[i].value));
	if (p->peer)
		env_set(out, SPAN("TOR_PT_STATE_LOCATION"),
			SPAN("${work}/peer"));
	env_override(p, out, own);
	if (p->again)
		env_override(p, out, &p->l->again_env);
	/* Only now, so that nothing is expanded that is not used. */
	for (size_t i = 0; i < out->n; i++) {
		struct pair v = out->v[i];

		if (span_absent(v.value))
			continue;
		if (planner_expand(p, v.value, &v.value))
			return -1;
		out->v[n++] = v;
	}
	out->n = n;
	return 0;
}

static struct span bind_text(const struct planner *p)
{
	const struct pairs *own = p->role == ROLE_SERVER ? &p->l->env
							 : &p->l->peer_env;
	struct span s = pairs_get(own, "TOR_PT_SERVER_BINDADDR");

	return span_absent(s) ? SPAN("${T}-127.0.0.1:${port:T}") : s;
}

bool planner_has_peer(const struct planner *p)
{
	for (size_t i = 0; i < p->l->nsteps; i++)
		if (is_peer_start(&p->l->steps[i], p->role))
			return true;
	return false;
}

/* Where the client is sent to; absent: nowhere. */
static struct span first_dest(const struct planner *p)
{
	for (size_t i = 0; i < p->l->nsteps; i++) {
		const struct step *st = &p->l->steps[i];

		if (st->kind == STEP_SOCKS)
			return st->socks.dest;
		if (st->kind == STEP_LISTEN)
			return st->listen.at;
	}
	return (struct span){ NULL, 0 };
}

int planner_bound(struct planner *p)
{
	struct span text = first_dest(p), first;

	if (p->role == ROLE_SERVER || planner_has_peer(p)) {
		if (planner_expand(p, bind_text(p), &text))
			return -1;
		span_split(&text, ',', &first);
		p->bound = span_sub(first, span_find(first, '-') + 1, first.n);
		return 0;
	}
	p->bound = SPAN("127.0.0.1:9");
	return span_absent(text) ? 0 : planner_expand(p, text, &p->bound);
}

/* --- command line --- */

static bool wants_flag(struct planner *p, struct span variable)
{
	if (p->l->flags_all || p->env->target->flags_only)
		return true;
	for (size_t i = 0; i < p->l->flags.n; i++)
		if (span_eq(role_key(p, p->l->flags.v[i]), variable))
			return true;
	return false;
}

static void command_add(struct strings *l, struct span s)
{
	l->v[l->n++] = s;
}

/*
 * Turn variables into flags.  An empty value stays a variable: an empty flag
 * is nothing that overrides (AMB-039); so does a value of a bare flag's
 * variable that the flag cannot say.
 */
static void move_to_flags(struct planner *p, struct pairs *env,
			  struct strings *argv)
{
	const char *last = NULL;
	size_t n = 0;

	for (size_t i = 0; i < env->n; i++) {
		struct pair v = env->v[i];
		const struct setting *s = setting_find(v.key);

		if (!s || !wants_flag(p, v.key) || v.value.n == 0 ||
		    (s->bare && !span_eqs(v.value, "1"))) {
			env->v[n++] = v;
			continue;
		}
		/* Behind all others: what one that takes the next word for
		 * its value does to those is a rule of its own. */
		if (s->bare) {
			last = s->flag;
			continue;
		}
		command_add(argv, span_str(s->flag));
		command_add(argv, v.value);
		/* The variable selects the role, which no flag does. */
		if (strcmp(s->flag, "-transports") == 0)
			env->v[n++] = v;
	}
	if (last)
		command_add(argv, span_str(last));
	env->n = n;
}

/* The target's words for the mode of that end. */
static const struct strings *mode_words(const struct planner *p, bool peer,
					enum role role)
{
	const struct target *target = p->env->target;
	enum pt_mode mode =
		peer && p->l->peer_mode
			? p->l->peer_mode
			: planner_mode(p, target_find(target, p->names.v[0]));

	return &target->mode_args[mode_index(mode)][role];
}

unsigned planner_mode_needs(const struct planner *p)
{
	const struct strings *own = mode_words(p, false, p->role);
	unsigned needs = 0;

	for (size_t i = 0; i < own->n; i++)
		if (span_contains(own->v[i], SPAN("${settings}")))
			needs |= 1u << NEED_SETTINGS;
	return needs;
}

#define NO_MODE "ptcheck-no-such-mode"

/* A word that stands for nothing takes the one before it along. */
static int add_mode_words(struct planner *p, const struct strings *words,
			  struct strings *out)
{
	for (size_t i = 0; i < words->n; i++) {
		struct span s;

		p->tells = false;
		if (planner_expand(p, words->v[i], &s))
			return -1;
		if (p->late && p->tells && p->role == ROLE_CLIENT)
			late_add_word(p->late, p->a,
				      (struct late_word){ s, words->v[i] });
		if (p->l->bad_mode && !p->peer &&
		    span_eqs(s, mode_word(p->l->mode)))
			s = SPAN(NO_MODE);
		if (s.n || !words->v[i].n)
			command_add(out, s);
		else if (i > 0)
			out->n--;
	}
	return 0;
}

/* What all command lines begin with: the target's words, and those for the
 * role and the mode; and room for @more. */
static int start_argv(struct planner *p, size_t more, struct strings *out)
{
	const struct target *t = p->env->target;
	const struct strings *mode = mode_words(p, p->peer, p->role);
	const struct strings *own = &p->env->own_argv[p->role];
	const struct strings *parts[] = {
		own->n ? own : &p->env->argv,
		&t->args[p->role],
	};

	more += parts[0]->n + parts[1]->n + mode->n;
	*out = (struct strings){ arena_alloc(p->a, more * sizeof(*out->v)), 0 };
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < parts[k]->n; i++)
			command_add(out, arena_span(p->a, parts[k]->v[i]));
	return add_mode_words(p, mode, out);
}

#define TARGET_WORDS 2
/* A flag and its value for each variable that there may be. */
#define ENV_WORDS(p) (2 * (FIXTURE_N + (p)->l->peer_env.n))

/* In a mode without SOCKS nobody else says where to go. */
#define SOMEWHERE SPAN("127.0.0.1:${port:somewhere}")

static int add_target(struct planner *p, struct strings *argv)
{
	struct span s, target = p->l->target;

	if (span_absent(target) && p->env->aimed && !p->l->mode)
		target = SOMEWHERE;
	if (p->role != ROLE_CLIENT || span_absent(target))
		return 0;
	if (planner_expand(p, target, &s))
		return -1;
	command_add(argv, SPAN("-target"));
	command_add(argv, s);
	return 0;
}

int planner_peer(struct planner *p, struct pairs *env, struct strings *argv)
{
	struct planner q;
	int rc;

	planner_var(
		p, "peer-state",
		arena_printf(p->a, "%s/peer", pairs_get(&p->vars, "work").p));
	q = *p;
	q.role = p->role == ROLE_CLIENT ? ROLE_SERVER : ROLE_CLIENT;
	q.peer = true;
	rc = start_argv(&q, ENV_WORDS(&q) + TARGET_WORDS, argv) ||
			     planner_env(&q, env)
		     ? -1
		     : 0;
	if (rc == 0 && p->env->target->flags_only)
		move_to_flags(&q, env, argv);
	if (rc == 0)
		rc = add_target(&q, argv);
	/* Ports and other variables are those of the launch. */
	p->vars = q.vars;
	p->vars_cap = q.vars_cap;
	return rc;
}

int planner_argv(struct planner *p, struct pairs *env, struct strings *out)
{
	if (start_argv(p, 2 * env->n + TARGET_WORDS + p->l->args.n, out))
		return -1;
	move_to_flags(p, env, out);
	if (add_target(p, out))
		return -1;
	for (size_t i = 0; i < p->l->args.n; i++) {
		struct span s;

		if (planner_expand(p, p->l->args.v[i], &s))
			return -1;
		command_add(out, s);
	}
	return 0;
}

int planner_again(struct planner *p, struct pairs *env, struct strings *argv)
{
	int rc;

	p->again = true;
	rc = planner_env(p, env) || planner_argv(p, env, argv) ? -1 : 0;
	p->again = false;
	for (size_t i = 0; rc == 0 && i < p->l->again_env.n; i++) {
		struct span key = role_key(p, p->l->again_env.v[i].key);
		struct span value = pairs_get(env, key.p);

		if (!span_absent(value))
			planner_var(p, arena_printf(p->a, "again:%s", key.p),
				    value.p);
	}
	return rc;
}
