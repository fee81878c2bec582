/*
 * settings.c - what a client must be told for a connection: as the target's
 * description says, be it what a server of the same target printed in ARGS.
 */
#include "harness/case/planner.h"
#include "parent/proto/ipc/args.h"
#include "parent/proto/ipc/settings.h"

static void settings_add(struct arena *a, struct pairs *l, size_t *cap,
			 struct pair v)
{
	arena_grow(a, l->v, l->n, *cap);
	l->v[l->n++] = v;
}

bool target_told(const struct target_transport *t)
{
	return t->settings_from_args || t->settings_by_arg.n > 0;
}

bool target_may_be_told(const struct target_transport *t)
{
	return target_told(t) || t->settings_unsaid;
}

void target_learn(struct target *t, const struct pairs *args)
{
	for (size_t i = 0; i < t->n; i++) {
		struct target_transport *one = &t->t[i];

		if (one->settings_unsaid && pairs_get(args, one->name.p).n)
			one->settings_from_args = true;
	}
}

/* With the server's address instead of "${bound}". */
static struct span with_bound(struct span value, struct span bound,
			      struct arena *a)
{
	const struct span mark = SPAN("${bound}");
	const char *at = value.n ? memmem(value.p, value.n, mark.p, mark.n)
				 : NULL;
	size_t n = at ? (size_t)(at - value.p) : 0;

	if (!at || span_absent(bound))
		return value;
	return span_str(
		arena_printf(a, "%.*s%.*s%.*s", SPAN_ARG(span_sub(value, 0, n)),
			     SPAN_ARG(bound),
			     SPAN_ARG(span_sub(value, n + mark.n, value.n))));
}

void target_settings(const struct target_transport *t, struct span args,
		     struct span bound, struct arena *a, struct pairs *out)
{
	struct kv_list l;
	size_t cap = 0;

	*out = (struct pairs){ 0 };
	args_parse(a, args, &l);
	for (size_t i = 0; t->settings_from_args && i < l.n; i++)
		settings_add(a, out, &cap,
			     (struct pair){ l.v[i].key, l.v[i].value });
	for (size_t i = 0; i < t->settings.n; i++)
		settings_add(a, out, &cap,
			     (struct pair){ t->settings.v[i].key,
					    with_bound(t->settings.v[i].value,
						       bound, a) });
	for (size_t i = 0; i < t->settings_by_arg.n; i++) {
		const struct pair *by = &t->settings_by_arg.v[i];
		struct span v = kv_get(&l, by->value.p);

		if (!span_absent(v))
			settings_add(a, out, &cap, (struct pair){ by->key, v });
	}
}

const char *planner_settings(struct planner *p, struct pairs *out)
{
	const struct target_transport *t =
		target_find(p->env->target, p->names.v[0]);
	struct span args = pairs_get(&p->env->server_args, t->name.p);

	if (target_told(t) && span_absent(args))
		return arena_printf(p->a,
				    "clients of %.*s are told what a server "
				    "printed in ARGS, and none printed any",
				    SPAN_ARG(t->name));
	if (out)
		target_settings(t, args, p->bound, p->a, out);
	return NULL;
}

int64_t plan_idle_ms(const struct plan *p)
{
	int64_t s = p->transport->udp_idle_s;

	return (s ? s : UDP_IDLE_WAIT_S) * 1000;
}

static void note(struct planner *p, const struct target_transport *t,
		 const struct pairs *values)
{
	for (size_t i = 0; i < values->n; i++)
		if (strings_has(&t->secret_fields, values->v[i].key))
			planner_var(p, "secret", values->v[i].value.p);
}

/* What judges know otherwise from the wire only, when it is there. */
static void note_settings(struct planner *p, const struct pairs *settings)
{
	struct buf b = BUF_MAX(SETTINGS_FLAT_MAX * 2);
	struct kv_list l = { arena_alloc(p->a, settings->n * sizeof(*l.v)),
			     settings->n };

	for (size_t i = 0; i < l.n; i++)
		l.v[i] =
			(struct kv){ settings->v[i].key, settings->v[i].value };
	settings_flat(&b, &l);
	if (l.n && !b.full)
		planner_var(p, "settings", arena_span(p->a, buf_span(&b)).p);
	buf_fini(&b);
}

void planner_target(struct planner *p, const struct pairs *settings)
{
	const struct target_transport *t =
		target_find(p->env->target, p->names.v[0]);

	/* For judges: facts of T that decide what can be expected of it. */
	if (t->conceals_payload)
		planner_var(p, "conceals", "1");
	if (target_told(t))
		planner_var(p, "told", "1");
	if (target_told(t) && t->settings_unsaid)
		planner_var(p, "learnt", "1");
	if (t->lazy_dial)
		planner_var(p, "lazy", "1");
	if (t->advice)
		planner_var(p, "advice", "1");
	if (target_is_alone(p->env->target))
		planner_var(p, "alone", "1");
	if (p->role == ROLE_SERVER) {
		note(p, t, &t->server_options);
		for (size_t i = 0; i < t->secret_fields.n; i++)
			planner_var(p, "secret_option",
				    t->secret_fields.v[i].p);
	} else {
		note(p, t, settings);
		note_settings(p, settings);
	}
}
