/*
 * second_life.c - what a second start with the same state makes of the first:
 * after a good end, after SIGKILL, while connections of the first still wait
 * for their time to pass, with other options.
 */
#include "parent/proto/ipc/args.h"
#include "harness/req/config/bindaddr.h"
#include "harness/req/config/config.h"
#include "harness/req/launch/life.h"
#include "harness/req/launch/location.h"
#include "harness/req/launch/setup.h"
#include "harness/req/launch/startup.h"
#include "harness/req/text/paths.h"

/* A first life that served, an end, and a second start of the same; nothing
 * was done to its state or its calls meanwhile. */
static bool has_second_life(const struct judge *j, struct view *v2,
			    struct judge *j2)
{
	return has_started(j) && j->v->methods.n && second_start(j, v2, j2) &&
	       !span_eqs(v2->spawn->spawn.role, "peer") &&
	       !view_event(j->v, EV_FILE, "garbled", 1) &&
	       !view_event(j->v, EV_INJECT, NULL, 1);
}

/* --- it serves again --- */

/* It did not even get as far as its method lines. */
static void never_again(struct judge *j, struct judge *j2, const char *expected)
{
	const struct event *limit;

	switch (outcome(j2)) {
	case OUT_REFUSED:
	case OUT_CRASHED:
		j_say(j, V_WARN, outcome_ev(j2), expected, "%s",
		      outcome_words(j2));
		break;
	case OUT_STUCK:
		limit = view_limit(j2->v, "init", j2->v->spawn->n);
		if (limit && !j_lagged(j, limit))
			j_say(j, V_WARN, limit->n, expected,
			      "nothing within the limit");
		break;
	case OUT_STARTED:
	case OUT_UNCLEAR:
		break;
	}
}

/* The first life had the address that it was told to have. */
static bool has_moved(const struct judge *j, const struct method *m,
		      const struct method *again)
{
	struct bindaddr_list l = bindaddr_given_well(j);

	for_binds (b, l)
		if (span_eq(b->key, m->m.name) && b->addr.port &&
		    addr_eq(&b->addr, &m->m.addr))
			return !addr_eq(&b->addr, &again->m.addr);
	return false;
}

void judge_second_life(struct judge *j)
{
	static const char expected[] =
		"a second start that serves as the first did";
	struct view v2;
	struct judge j2;

	if (!has_second_life(j, &v2, &j2))
		return;
	for_methods (m, j->v) {
		const struct method *again = view_method(&v2, m->m.name);
		const struct line *error = method_error(&v2, m->m.name);

		if (again && has_moved(j, m, again))
			j_say(j, V_WARN, again->line->ev, expected,
			      "\"%s\" at another address than the configured "
			      "one",
			      j_show(j, m->m.name));
		else if (again)
			j_pass(j, again->line->ev);
		else if (error)
			j_say(j, V_WARN, error->ev, expected, "%s",
			      line_words(j, error));
		else
			never_again(j, &j2, expected);
	}
}

/* --- and is the same --- */

static bool same_args(struct judge *j, struct span a, struct span b)
{
	struct kv_list l, m;

	args_parse(j->a, a, &l);
	args_parse(j->a, b, &m);
	if (l.n != m.n)
		return false;
	/* In any order. */
	for (size_t i = 0; i < l.n; i++) {
		struct span other = kv_get(&m, l.v[i].key.p);

		if (span_absent(other) || !span_eq(l.v[i].value, other))
			return false;
	}
	return true;
}

/* Did the first life leave something where its state belongs? */
static bool keeps_state(const struct judge *j)
{
	struct location l;

	location_of(j, &l);
	for_events (ev, j->v) {
		if (ev->n > j->v->exit->n)
			break;
		if (ev->kind == EV_TOUCH && touch_stores(ev) &&
		    !span_eqs(ev->touch.op, "mkdir") &&
		    path_is_below(ev->touch.path, l.dir))
			return true;
	}
	return false;
}

static bool has_other_options(const struct view *v)
{
	return !span_absent(pairs_get(&v->head->vars, "again:" OPTIONS));
}

/* A third life of the same, after the first one and another that ran beside it
 * have ended. */
static bool has_third_life(const struct judge *j, struct view *v3)
{
	struct view twin;

	view_init_nth(&twin, j->v->tr, 2, j->a);
	view_init_nth(v3, j->v->tr, 3, j->a);
	return j->v->exit && twin.spawn && v3->spawn && !v3->exec_failed &&
	       twin.spawn->n < j->v->exit->n && j->v->exit->n < v3->spawn->n &&
	       !life_hit_script(j->v);
}

/* The first life told the clients of @m what the later one tells. */
static void judge_kept(struct judge *j, const struct view *later,
		       const char *expected)
{
	for_methods (m, j->v) {
		const struct method *again = view_method(later, m->m.name);

		if (!again || !m->m.args.n)
			continue;
		if (same_args(j, m->m.args, again->m.args))
			j_pass(j, again->line->ev);
		else
			j_say(j, keeps_state(j) ? V_WARN : V_INFO,
			      again->line->ev, expected, "%s",
			      line_words(j, again->line));
	}
}

REQ(st_keep_1) = {
	.id = "ST-KEEP-1",
	.area = AREA_STATE,
	.level = L_IMPLIED,
	.section = "3.3.1.1",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "What clients were told in ARGS holds after a new start on "
		 "the same state.",
	.traps = "A fresh identity for each life is legal: a note where it "
		 "keeps no state at all.",
	.needs = OF_SERVER | LEGAL,
	.judge = st_keep_1,
};

static void st_keep_1(struct judge *j)
{
	struct view later;
	struct judge j2;

	if (has_other_options(j->v))
		return;
	if (has_third_life(j, &later))
		judge_kept(j, &later,
			   "the same ARGS as before another one was started "
			   "beside it");
	else if (has_second_life(j, &later, &j2))
		judge_kept(j, &later, "the same ARGS as at the first start");
}

/* --- unless it is told otherwise --- */

REQ(opt_late_1) = {
	.id = "OPT-LATE-1",
	.area = AREA_OPTIONS,
	.level = L_IMPLIED,
	.section = "3.3.1.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "Options of a new start count, whatever the state keeps of "
		 "earlier ones.",
	.traps = "T-NOMODE: only for transports that repeat their options in "
		 "ARGS.",
	.needs = OF_SERVER | LAUNCHED,
	.judge = opt_late_1,
};

/* The option of that name among those of the second start, or NULL. */
static const struct option *option_again(const struct option_list *l,
					 const struct option *o)
{
	for (size_t i = 0; i < l->n; i++)
		if (span_eq(l->v[i].transport, o->transport) &&
		    span_eq(l->v[i].key, o->key))
			return &l->v[i];
	return NULL;
}

static void opt_late_1(struct judge *j)
{
	struct span late = pairs_get(&j->v->head->vars, "again:" OPTIONS);
	struct option_list first, second;
	struct view v2;
	struct judge j2;

	if (!late.n || !has_second_life(j, &v2, &j2))
		return;
	options_parse(j->a, env_only(j->v, OPTIONS), &first);
	options_parse(j->a, late, &second);
	for (size_t i = 0; i < first.n; i++) {
		const struct option *o = &first.v[i];
		const struct option *now = option_again(&second, o);
		const struct method *m = view_method(&v2, o->transport);
		struct span was = args_value(j, o->transport, o->key), is;

		/* It has to show what it was given at all. */
		if (!now || !m || span_eq(now->value, o->value) ||
		    span_absent(was) || !span_eq(was, o->value))
			continue;
		is = args_value(&j2, o->transport, o->key);
		if (!span_absent(is) && span_eq(is, now->value))
			j_pass(j, m->line->ev);
		else
			j_broken(j, m->line->ev,
				 arena_printf(j->a, "\"%s\" as \"%s\" in ARGS",
					      j_show(j, now->key),
					      j_show(j, now->value)),
				 "%s", line_words(j, m->line));
	}
}
