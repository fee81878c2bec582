/*
 * probing.c - what the probes say: which version the transport speaks, what it
 * offers, whether it is a transport at all.
 */
#include <string.h>

#include "parent/base/text.h"
#include "harness/run/files.h"
#include "harness/run/run_int.h"

static void choose_profile(struct running *r)
{
	const struct role_facts *c = &r->facts.role[ROLE_CLIENT];
	const struct role_facts *s = &r->facts.role[ROLE_SERVER];
	bool two = c->speaks_2 || s->speaks_2;
	bool one = c->speaks_1 || s->speaks_1;

	if (r->o->spec == RUN_10) {
		r->profile = PROFILE_10;
		r->spec_why = "as asked by --spec 1.0";
	} else if (r->o->spec == RUN_20) {
		r->profile = PROFILE_20;
		r->spec_why =
			two || !one
				? "as asked by --spec 2.0"
				: "as asked by --spec 2.0, although the transport "
				  "speaks version 1 only";
	} else if (two || !one) {
		r->profile = PROFILE_20;
		r->spec_why =
			two ? "the transport negotiates version 2"
			    : "the transport negotiates neither version 1 nor 2";
	} else {
		r->profile = PROFILE_10;
		r->spec_why = "the transport negotiates version 1 and not 2";
	}
}

static const char *role_words(const struct running *r)
{
	return r->role[0] && r->role[1] ? "client and server"
	       : r->role[0]		? "client"
					: "server";
}

/* Nothing like the PT protocol came: say what did. */
static enum run_outcome no_transport(struct running *r, struct err *e)
{
	struct arena a = { 0 };
	const struct launch *l = launches_find(
		r, "control", r->role[ROLE_CLIENT] ? ROLE_CLIENT : ROLE_SERVER,
		0);
	struct trace t;
	struct view v;

	if (!l || !l->done)
		return run_fail(RUN_ENVIRONMENT, e, "environment: %s",
				l && l->trouble[0] ? l->trouble
						   : "no control was launched");
	if (l->trouble[0] || launches_trace(r, l, &t))
		return run_fail(RUN_ENVIRONMENT, e, "environment: %s",
				l->trouble);
	view_init(&v, &t, &a);
	if (v.exec_failed)
		run_fail(RUN_BAD_INPUT, e, "%s: cannot be executed: %.*s",
			 r->shown_argv[0],
			 SPAN_ARG(v.exec_failed->exec_failed.error));
	else
		run_fail(RUN_BAD_INPUT, e,
			 "%s: not a pluggable transport: as %s it %s without "
			 "printing a line of the PT protocol%s%s",
			 r->shown_argv[0], role_words(r), view_how_ended(&v),
			 v.err.n ? "; its stderr begins: " : "",
			 v.err.n ? text_show(&a, v.err.v[0].raw, 200) : "");
	arena_fini(&a);
	trace_fini(&t);
	return RUN_ENVIRONMENT;
}

/* A launch that nobody asked for must not come as a surprise. */
static void note_helpers(struct running *r)
{
	for (size_t i = 0; i < r->nlaunches; i++) {
		const struct plan *p = r->launches[i].plan;

		if (p->helper)
			run_note(r,
				 "%.*s was launched only for what clients "
				 "are told in ARGS; it is not judged.",
				 SPAN_ARG(p->head.id));
	}
}

/* A transport passes over names that it does not know; so a typing error looks
 * like one that does not do what it is asked for. */
static void note_strangers(struct running *r)
{
	for (size_t i = 0; i < r->nlaunches; i++) {
		const struct launch *l = &r->launches[i];
		const struct trace_head *h = &l->plan->head;
		enum ipc_keyword error = h->role == ROLE_CLIENT
						 ? IPC_CMETHOD_ERROR
						 : IPC_SMETHOD_ERROR;
		struct arena a = { 0 };
		struct trace t;
		struct view v;

		if (!l->done || !span_eqs(h->probe, "control") ||
		    launches_trace(r, l, &t))
			continue;
		view_init(&v, &t, &a);
		if (v.done && !v.methods.n && !view_error(&v, error))
			run_note(r,
				 "As %s it says nothing about \"%.*s\": is its "
				 "transport called so?",
				 role_name(h->role), SPAN_ARG(h->known.v[0]));
		arena_fini(&a);
		trace_fini(&t);
	}
}

static void note_once(struct running *r, struct pairs *list, size_t *cap,
		      struct span name, struct span value)
{
	const char *key = arena_span(&r->arena, name).p;

	if (span_absent(value) || !key || !span_absent(pairs_get(list, key)))
		return;
	arena_grow(&r->arena, list->v, list->n, *cap);
	list->v[list->n++] = (struct pair){
		span_str(key),
		arena_span(&r->arena, value),
	};
}

/* What methods said while probing: what clients must be told, and which modes
 * there are. */
static void note_methods(struct running *r)
{
	size_t args_cap = 0, modes_cap = 0;

	r->server_args = r->announced = (struct pairs){ 0 };
	for (size_t i = 0; i < r->nlaunches; i++) {
		const struct launch *l = &r->launches[i];
		bool server = l->plan->head.role == ROLE_SERVER;
		struct arena a = { 0 };
		struct trace t;
		struct view v;

		if (!l->done || l->unaided || launches_trace(r, l, &t))
			continue;
		view_init(&v, &t, &a);
		for (size_t k = 0; k < v.methods.n; k++) {
			const struct ipc_method *m = &v.methods.v[k].m;

			if (server)
				note_once(r, &r->server_args, &args_cap,
					  m->name, m->args);
			/* Version 1 has no other mode than SOCKS. */
			else if (span_eqs(v.negotiated, "2"))
				note_once(r, &r->announced, &modes_cap, m->name,
					  m->proto);
		}
		arena_fini(&a);
		trace_fini(&t);
	}
}

static bool refuses(const struct view *v)
{
	return !v->methods.n && !v->done && !view_signalled(v) &&
	       (view_error(v, IPC_ENV_ERROR) ||
		view_error(v, IPC_VERSION_ERROR));
}

/*
 * Is it refused in order, whatever is asked of it in that role?  A probe may
 * be over before a busy machine has let the transport end.
 */
static bool always_refuses(struct running *r, enum role role)
{
	bool all = true, any = false;

	for (size_t i = 0; i < r->nlaunches && all; i++) {
		const struct launch *l = &r->launches[i];
		struct arena a = { 0 };
		struct trace t;
		struct view v;

		if (!l->done || l->plan->head.role != role ||
		    launches_trace(r, l, &t))
			continue;
		view_init(&v, &t, &a);
		all = refuses(&v) && (view_ended(&v) || v.kill);
		any |= all && view_ended(&v) && view_error(&v, IPC_ENV_ERROR);
		arena_fini(&a);
		trace_fini(&t);
	}
	return all && any;
}

/*
 * A program may be one side of a transport and say so in order (PT 2.0 section
 * 2): then the other side is none of its business.  Whoever asks for that
 * side alone is told what it answers.
 */
static void see_one_sided(struct running *r)
{
	for (int role = 0; role < 2; role++) {
		if (!r->o->role[!role] || !r->facts.role[!role].works ||
		    r->facts.role[role].works || !r->facts.role[role].tested ||
		    !always_refuses(r, (enum role)role))
			continue;
		run_note(r,
			 "As %s it answers ENV-ERROR whatever it is asked for, "
			 "so it is taken for a %s only.",
			 role_name((enum role)role),
			 role_name((enum role) !role));
		r->lacks[role] = true;
		files_drop_role(r, (enum role)role);
	}
}

/* One in place of SOCKS, which needs no -target. */
static bool announces_mode(const struct running *r)
{
	for (size_t i = 0; i < r->announced.n; i++)
		for (size_t k = 1; k < MODES_N; k++)
			if (span_eqs(r->announced.v[i].value,
				     mode_word((enum pt_mode)(1 << k))))
				return true;
	return false;
}

/* Leave out of account what clients did with -target, or without. */
static void settle_aim(struct running *r, size_t first, bool aimed)
{
	r->aimed = aimed;
	for (size_t i = 0; i < r->nlaunches; i++) {
		struct launch *l = &r->launches[i];

		if (l->plan->head.role == ROLE_CLIENT)
			l->unaided = aimed == (i < first);
	}
	verdicts_facts(run_launch_evidence(r), r->nlaunches, &r->store,
		       &r->facts);
}

/*
 * A client in a mode without SOCKS cannot know where to go when no -target
 * says so, and may refuse to start (PT 2.0 section 3.3.1.4).  So where none
 * announces anything, they are asked once more with one.
 */
static enum run_outcome probe_aimed(struct running *r, struct err *e)
{
	const struct role_facts *client = &r->facts.role[ROLE_CLIENT];
	struct plans plans = { 0 };
	size_t first = r->nlaunches;
	enum run_outcome rc;

	if (!client->recognised || client->works || r->announced.n)
		return RUN_DONE;
	r->aimed = true;
	if (launches_plan(r, true, &plans, e))
		return RUN_ENVIRONMENT;
	for (size_t i = 0; i < plans.n; i++)
		if (plans.v[i].head.role == ROLE_CLIENT)
			launches_add(r,
				     launches_again(r, &plans.v[i], "target"));
	rc = launches_run(r, first, "probing", e);
	if (rc == RUN_DONE)
		rc = again_probes(r, first, e);
	if (rc != RUN_DONE)
		return rc;
	note_methods(r);
	settle_aim(r, first, announces_mode(r));
	note_methods(r);
	if (r->aimed)
		run_note(r, "Its clients start when -target says where to go, "
			    "and not without; so they are given one.");
	return RUN_DONE;
}

enum run_outcome probing_run(struct running *r, struct err *e)
{
	struct plans plans = { 0 };
	enum run_outcome rc;

	if (launches_plan(r, true, &plans, e))
		return RUN_ENVIRONMENT;
	for (size_t i = 0; i < plans.n; i++)
		launches_add(r, &plans.v[i]);
	rc = launches_run(r, 0, "probing", e);
	if (rc == RUN_DONE)
		rc = again_probes(r, 0, e);
	if (rc != RUN_DONE)
		return rc;
	verdicts_facts(run_launch_evidence(r), r->nlaunches, &r->store,
		       &r->facts);
	if (!r->facts.role[0].recognised && !r->facts.role[1].recognised)
		return no_transport(r, e);
	if (r->unnamed)
		return run_fail(
			RUN_BAD_INPUT, e,
			"%s: its transports are not known here; name them "
			"with --transport NAME[,NAME] or --target FILE",
			r->shown_argv[0]);
	note_methods(r);
	rc = probe_aimed(r, e);
	if (rc != RUN_DONE)
		return rc;
	target_learn(&r->target, &r->server_args);
	see_one_sided(r);
	choose_profile(r);
	note_helpers(r);
	note_strangers(r);
	return RUN_DONE;
}
