/*
 * plan.c - from cases to launches: which are left out, which are skipped and
 * why, and all of the others put together.
 *
 * Pure: the same cases, target, seed and ports give the same plans, byte for
 * byte.
 */
#include "harness/case/late.h"
#include "harness/case/planner.h"
#include "harness/case/format/step_rows.h"

/* --- what is left out --- */

static void add_skip(const struct planner *p, struct plans *out, bool feature,
		     bool unasked, const char *reason)
{
	arena_grow(p->a, out->skips, out->nskips, out->skips_cap);
	out->skips[out->nskips++] = (struct skip){
		.id = p->id,
		.aims = p->c->aims,
		.feature = feature,
		.unasked = unasked,
		.reason = span_str(reason),
	};
}

static bool skipped(struct planner *p, struct plans *out)
{
	bool feature, unasked;
	const char *why = planner_unmet(p, &feature, &unasked);

	if (why)
		add_skip(p, out, feature, unasked, why);
	return why != NULL;
}

/* --- plans --- */

static int expand_step(struct planner *p, struct step *st, size_t index)
{
	for (const struct key *k = step_row(st->kind)->keys(); k->name; k++) {
		struct span text, *to = step_span(st, k);

		if (!step_key_expands(k))
			continue;
		text = *to;
		p->tells = false;
		if (planner_expand(p, text, to))
			return -1;
		if (p->late && p->tells)
			late_add(p->late, p->a,
				 (struct late_text){ index, k->offset, text });
	}
	return 0;
}

/* Judges search for it in files and logs. */
static void note_from(struct planner *p, struct span from)
{
	if (!span_absent(from))
		planner_var(p, "from", from.p);
}

/* Time that passes for certain, and time that may. */
static void add_waits(struct planner *p, const struct step *st,
		      enum limit_id limit, struct plan *out)
{
	int64_t ms = limit_ms(&p->env->limits, limit);

	if (st->kind == STEP_PROXY && (st->proxy.does == PROXY_STALL_GREETING ||
				       st->proxy.does == PROXY_STALL_REQUEST))
		p->unanswered = true;
	if (st->kind == STEP_WINDOW)
		out->natural_ms += step_window_ms(&st->window, &p->env->limits);
	else if (limit != LIMIT_NONE && limit != LIMIT_INIT &&
		 limit != LIMIT_CONNECT)
		out->patience_ms += ms;
	if (st->kind == STEP_PAUSE)
		out->natural_ms +=
			st->pause.ms + plan_idle_ms(out) * st->pause.idle / 100;
	if (st->kind == STEP_WAIT && st->wait.what == WAIT_ENDED)
		out->natural_ms += plan_idle_ms(out);
	if (st->kind == STEP_PUMP && st->pump.rest)
		out->natural_ms += p->env->limits.idle;
	/* A transport that passes on what it is asked for waits, too. */
	if (st->kind == STEP_SOCKS && p->unanswered && limit == LIMIT_WINDOW)
		out->natural_ms += ms;
}

static int make_steps(struct planner *p, struct plan *out)
{
	out->nsteps = p->l->nsteps;
	out->steps = arena_alloc(p->a, out->nsteps * sizeof(*out->steps));
	for (size_t i = 0; i < out->nsteps; i++) {
		struct step *st = &out->steps[i];

		*st = p->l->steps[i];
		if (expand_step(p, st, i))
			return -1;
		if (st->kind == STEP_START)
			st->start.role = start_end(st->start.role, p->role);
		if (st->kind == STEP_TURN)
			st->turn.to = start_end(st->turn.to, p->role);
		if (st->kind == STEP_CONNECT)
			note_from(p, st->connect.from);
		if (st->kind == STEP_SOCKS)
			note_from(p, st->socks.from);
		if (st->kind == STEP_RELAY)
			note_from(p, st->relay.from);
		if (st->kind == STEP_UDP && span_eqs(st->udp.to, "client"))
			note_from(p, st->udp.at);
		add_waits(p, st, step_limit(&p->l->steps[i]), out);
	}
	return 0;
}

/* What lets the transport down: pipes, descriptors, a disk, calls. */
static int make_surroundings(struct planner *p, struct plan *out)
{
	const struct launch_def *l = p->l;

	out->bound = p->bound;
	out->nofile = l->nofile;
	out->narrow = l->pipes == PIPE_NARROW;
	out->datagrams = l->mode & (MODE_UDP | MODE_STUN);
	out->disk = l->disk;
	out->ninject = l->ninject;
	for (size_t i = 0; i < l->ninject; i++) {
		out->inject[i] = l->inject[i];
		if (planner_expand(p, l->inject[i].below,
				   &out->inject[i].below))
			return -1;
	}
	return 0;
}

/* For judges: the mode where it is another than SOCKS, that of the other end,
 * and how long connections that carry datagrams may be idle. */
static void note_mode(struct planner *p, const struct plan *out,
		      enum pt_mode mode)
{
	if (mode != MODE_SOCKS5)
		planner_var(p, "mode", mode_word(mode));
	if (p->l->peer_mode)
		planner_var(p, "peer_mode", mode_word(p->l->peer_mode));
	if (mode & (MODE_UDP | MODE_STUN))
		planner_var(p, "udp_idle",
			    arena_printf(p->a, "%lld",
					 (long long)plan_idle_ms(out) / 1000));
}

static int make_plan(struct planner *p, struct plan *out)
{
	const struct plan_env *env = p->env;
	const struct target_transport *t =
		target_find(env->target, p->names.v[0]);
	enum pt_mode mode = planner_mode(p, t);
	struct trace_head *h = &out->head;

	*out = (struct plan){
		.stdin_kind = p->l->stdin_kind,
		.parent = p->l->parent,
		.helper = p->helper,
		.transport = t,
		.work = p->work,
	};
	*h = (struct trace_head){
		.id = p->id,
		.probe = arena_span(p->a, p->l->probe),
		.role = p->role,
		.profile = env->profile,
		.config = p->l->config,
		.aims = p->c->aims,
		.stimuli = p->c->stimuli,
		.known = p->names,
		.limits = env->limits,
		.sandbox = env->sandbox,
		.sandbox_why = env->sandbox_why,
		.wrapper = env->target->wrapper,
	};
	if (env->port_reset)
		env->port_reset(env->port_ctx);
	planner_init(p);
	out->has_peer = planner_has_peer(p);
	if (out->has_peer && target_told(t))
		out->late = p->late = arena_alloc(p->a, sizeof(*p->late));
	if (planner_env(p, &h->env) || planner_argv(p, &h->env, &h->argv) ||
	    make_steps(p, out) || make_surroundings(p, out))
		return -1;
	out->state = pairs_get(&p->vars, "state");
	if (out->has_peer && planner_peer(p, &out->peer_env, &out->peer_argv))
		return -1;
	if (p->l->again_env.n &&
	    planner_again(p, &out->again_env, &out->again_argv))
		return -1;
	if (p->role == ROLE_CLIENT)
		planner_settings(p, &out->settings);
	planner_target(p, &out->settings);
	if (p->l->stdin_kind != STDIN_PIPE)
		planner_var(p, "ended", "1");
	note_mode(p, out, mode);
	h->vars = p->vars;
	h->nosuch = (struct strings){
		arena_alloc(p->a, sizeof(p->nosuch)),
		2,
	};
	memcpy(h->nosuch.v, p->nosuch, sizeof(p->nosuch));
	return 0;
}

/*
 * In the sandbox all launches have the same directory, each its own; without
 * it they would meet there.
 */
static struct span work_of(const struct planner *p, const struct plans *out)
{
	const struct plan_env *env = p->env;

	if (env->sandbox)
		return arena_span(p->a, env->work_root);
	return span_str(arena_printf(p->a, "%.*s/%zu", SPAN_ARG(env->work_root),
				     env->first + out->n + 1));
}

void launch_id(struct buf *out, const struct case_def *c,
	       const struct launch_def *l, const char *t, enum role role)
{
	buf_addf(out, "%.*s%s%.*s%s%s@%s", SPAN_ARG(c->id),
		 span_absent(l->variant) ? "" : "/", SPAN_ARG(l->variant),
		 *t ? "+" : "", t, role_name(role));
}

static struct span make_id(const struct planner *p)
{
	struct span t = p->l->each_pair ? p->names.v[0] : SPAN("");
	struct buf b = BUF_MAX(4096);
	struct span id;

	launch_id(&b, p->c, p->l, arena_span(p->a, t).p, p->role);
	id = arena_span(p->a, buf_span(&b));
	buf_fini(&b);
	return id;
}

/* Let the @i-th transport be T. */
static void put_first(struct planner *p, size_t i)
{
	struct span t = p->names.v[i];
	struct span *v = arena_alloc(p->a, p->names.n * sizeof(*v));
	size_t n = 0;

	v[n++] = t;
	for (size_t k = 0; k < p->names.n; k++)
		if (k != i)
			v[n++] = p->names.v[k];
	p->names.v = v;
}

/* Which transport is T is not all the same. */
#define FOR_SOME (1u << NEED_PAIR | 1u << NEED_MODE | 1u << NEED_SOCKS)

/* Can the @i-th transport be T?  A helper is for those only whose clients may
 * wait for what it prints. */
static bool may_be_first(const struct planner *p, unsigned needs, size_t i)
{
	const struct target_transport *t =
		target_find(p->env->target, p->names.v[i]);

	return (!(needs & 1u << NEED_PAIR) || t->role[!p->role]) &&
	       (!(needs & 1u << NEED_SOCKS) ||
		planner_mode(p, t) == MODE_SOCKS5) &&
	       planner_has_mode(p, t) && (!p->helper || target_may_be_told(t));
}

static int plan_launch(struct planner p, struct plans *out)
{
	const struct plan_env *env = p.env;

	p.id = make_id(&p);
	if (env->named && !env->named(env->wanted_ctx, p.id))
		return 0;
	p.work = work_of(&p, out);
	if (skipped(&p, out))
		return 0;
	arena_grow(p.a, out->v, out->n, out->cap);
	if (make_plan(&p, &out->v[out->n]))
		return -1;
	out->n++;
	return 0;
}

/* One, or one for each T that has both roles. */
static int plan_launches(struct planner p, struct plans *out)
{
	unsigned needs = p.l->needs | p.l->implied;
	bool any = false, some = needs & FOR_SOME;

	for (size_t i = 0; some && i < p.names.n; i++) {
		struct planner one = p;

		if (!may_be_first(&p, needs, i) || (any && !p.l->each_pair))
			continue;
		put_first(&one, i);
		if (plan_launch(one, out))
			return -1;
		any = true;
	}
	return any ? 0 : plan_launch(p, out);
}

/* Is there a client that must be told what a server prints, or may be? */
static bool any_told(const struct target *target)
{
	for (size_t i = 0; i < target->n; i++) {
		const struct target_transport *t = &target->t[i];

		if (t->role[ROLE_CLIENT] && t->role[ROLE_SERVER] &&
		    target_may_be_told(t))
			return true;
	}
	return false;
}

static bool is_helper(const struct planner *p, const struct launch_def *l)
{
	const struct plan_env *env = p->env;

	return p->role == ROLE_SERVER && !env->role[ROLE_SERVER] &&
	       env->role[ROLE_CLIENT] && span_eqs(l->probe, "args") &&
	       any_told(env->target);
}

/* Does this run want the launch at all? */
static bool wants(const struct planner *p, const struct launch_def *l)
{
	const struct plan_env *env = p->env;

	return (l->profiles & 1u << env->profile) &&
	       (!(l->needs & 1u << NEED_ALONE) ||
		target_is_alone(env->target)) &&
	       env->probing == !span_absent(l->probe) &&
	       (env->role[p->role] || is_helper(p, l));
}

static int plan_case(struct planner p, struct plans *out)
{
	bool any = false;

	for (size_t i = 0; i < p.c->n; i++)
		any |= wants(&p, &p.c->launches[i]);
	if (!any)
		return 0;
	target_names(p.env->target, p.role, p.a, &p.names);
	if (p.names.n == 0) {
		p.id = span_str(arena_printf(p.a, "%.*s@%s", SPAN_ARG(p.c->id),
					     role_name(p.role)));
		add_skip(&p, out, true, false,
			 arena_printf(p.a,
				      "the target offers no transport "
				      "as %s",
				      role_name(p.role)));
		return 0;
	}
	for (size_t i = 0; i < p.c->n; i++) {
		p.l = &p.c->launches[i];
		p.helper = is_helper(&p, p.l);
		if (wants(&p, p.l) && plan_launches(p, out))
			return -1;
	}
	return 0;
}

static void copy_aims(struct arena *a, const struct case_def *c,
		      struct case_def *out)
{
	*out = *c;
	out->aims.v = arena_alloc(a, c->aims.n * sizeof(*out->aims.v));
	for (size_t i = 0; i < c->aims.n; i++)
		out->aims.v[i] = arena_span(a, c->aims.v[i]);
}

int cases_plan(const struct cases *c, const struct plan_env *env,
	       struct arena *a, struct plans *out, struct err *e)
{
	*out = (struct plans){ 0 };
	for (size_t i = 0; i < c->n; i++) {
		struct case_def *def;

		if (env->wanted &&
		    !env->wanted(env->wanted_ctx, c->v[i]->id, &c->v[i]->aims))
			continue;
		def = arena_alloc(a, sizeof(*def));
		copy_aims(a, c->v[i], def);
		for (int r = ROLE_CLIENT; r <= ROLE_SERVER; r++) {
			struct planner p = {
				.env = env,
				.a = a,
				.e = e,
				.c = def,
				.role = (enum role)r,
			};

			if ((def->roles & 1u << r) && plan_case(p, out))
				return -1;
		}
	}
	return 0;
}
