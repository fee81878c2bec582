/*
 * run.c - a whole run; see run.h.
 *
 * Probes first: which version the transport speaks, whether flags work,
 * whether it answers to any name, and the control.  They decide the profile
 * and what can be planned.  Then all cases side by side, then the control
 * again: when it comes out differently, the environment changed and nothing
 * of the run is worth a verdict.
 */
#include "harness/run/run.h"

#include <errno.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/text.h"
#include "harness/run/evidence.h"
#include "harness/run/files.h"
#include "harness/run/run_int.h"
#include "harness/run/sched.h"
#include "harness/run/verdicts.h"
#include "harness/sys/sandbox.h"

/* Ports of a launch in its own network namespace: below the ephemeral range,
 * above what needs privileges. */
#define PORT_FIRST 21000

/* --- options --- */

void run_opts_init(struct run_opts *o)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	*o = (struct run_opts){
		.role = { true, true },
		.jobs = cpus > 0 ? (unsigned)cpus * 4 : 4,
		.shard = 1,
		.shards = 1,
		.repeat = 1,
		.seed = 1,
		.multiplier = 1,
		/* The times that the specification leaves open; generous,
		 * because a slow start is legal. */
		.limits = { .init = 30000,
			    .exit = 5000,
			    .graceful = 10000,
			    .connect = 30000,
			    .window = 5000,
			    .orphan = 15000 },
	};
}

int run_set_limit(struct run_opts *o, struct span name, struct span value,
		  struct err *e)
{
	char text[32], shown[80], *end;
	double s;

	snprintf(text, sizeof(text), "%.*s", (int)(value.n < 31 ? value.n : 31),
		 value.p);
	s = strtod(text, &end);
	for (enum limit_id id = LIMIT_INIT; id <= LIMIT_ORPHAN; id++) {
		char full[32];

		snprintf(full, sizeof(full), "limits.%s", limit_name(id));
		if (!span_eqs(name, full))
			continue;
		if (*end || end == text || !(s > 0 && s <= 3600))
			return err_set(
				e, 0,
				"option %s: \"%s\" is no number "
				"of seconds up to 3600",
				full,
				text_showbuf(shown, sizeof(shown), value));
		*limit_slot(&o->limits, id) = (int64_t)(s * 1000);
		return 0;
	}
	return err_set(e, 0, "no option is called \"%s\"",
		       text_showbuf(shown, sizeof(shown), name));
}

/* --- the state of a run --- */

static enum run_outcome fail(enum run_outcome o, struct err *e, const char *fmt,
			     ...) __attribute__((format(printf, 3, 4)));

static enum run_outcome fail(enum run_outcome o, struct err *e, const char *fmt,
			     ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	return o;
}

/* --- ports and the wish list --- */

struct ports {
	struct running *r;
	struct pairs names;
	size_t cap;
};

/* Outside a network namespace the kernel says which port is free. */
static unsigned free_port(void)
{
	struct sockaddr_in sa = { .sin_family = AF_INET };
	socklen_t len = sizeof(sa);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	unsigned port = 0;

	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd >= 0 && bind(fd, (struct sockaddr *)&sa, len) == 0 &&
	    getsockname(fd, (struct sockaddr *)&sa, &len) == 0)
		port = ntohs(sa.sin_port);
	if (fd >= 0)
		close(fd);
	return port;
}

static const char *port_for(void *ctx, struct span name, struct arena *a)
{
	struct ports *p = ctx;

	for (size_t i = 0; i < p->names.n; i++)
		if (span_eq(p->names.v[i].key, name))
			return p->names.v[i].value.p;
	arena_grow(a, p->names.v, p->names.n, p->cap);
	p->names.v[p->names.n] = (struct pair){
		arena_span(a, name),
		span_str(arena_printf(
			a, "%u",
			p->r->sandbox ? PORT_FIRST + (unsigned)p->names.n
				      : free_port())),
	};
	return p->names.v[p->names.n++].value.p;
}

static void ports_reset(void *ctx)
{
	struct ports *p = ctx;

	p->names = (struct pairs){ 0 };
	p->cap = 0;
}

static bool wanted(void *ctx, const struct strings *aims)
{
	const struct running *r = ctx;

	/* Named launches are picked by name afterwards. */
	if (r->o->launch)
		return true;
	for (size_t i = 0; i < aims->n; i++) {
		const struct req *req = req_find(aims->v[i].p);

		if (req && select_has(&r->o->selection, req))
			return true;
	}
	return false;
}

/* --- planning --- */

static struct limits multiplied(const struct run_opts *o)
{
	struct limits l = o->limits;

	for (enum limit_id id = LIMIT_INIT; id <= LIMIT_ORPHAN; id++) {
		int64_t *ms = limit_slot(&l, id);

		*ms = (int64_t)((double)*ms * o->multiplier);
	}
	return l;
}

static int make_plan(struct running *r, bool probing, struct plans *out,
		     struct err *e)
{
	struct ports ports = { .r = r };
	const struct role_facts *client = &r->facts.role[ROLE_CLIENT];
	/* The version that launches will get. */
	bool two = r->profile == PROFILE_20 && client->speaks_2;
	struct plan_env env = {
		.target = &r->target,
		.argv = r->argv,
		.profile = r->profile,
		.limits = multiplied(r->o),
		.seed = r->o->seed,
		.sandbox = r->sandbox,
		.sandbox_why = span_str(r->sandbox_why),
		.probing = probing,
		.work_root = span_str(r->work_root),
		.first = r->nlaunches,
		.server_args = r->server_args,
		.port = port_for,
		.port_ctx = &ports,
		.port_reset = ports_reset,
		.wanted = probing ? NULL : wanted,
		.wanted_ctx = r,
	};

	for (int role = 0; role < 2; role++) {
		/* A role that is wanted but not offered is skipped with a
		 * reason, which makes it na. */
		env.role[role] = probing ? r->role[role] : r->o->role[role];
		env.speaks_1[role] = r->facts.role[role].speaks_1;
		env.speaks_2[role] = r->facts.role[role].speaks_2;
		env.flags[role] = r->facts.role[role].flags;
	}
	env.socks5 = client->socks5[two];
	env.socks4 = client->socks4[two];
	return cases_plan(&r->cases, &env, &r->arena, out, e);
}

static bool fits(struct span glob, struct span launch)
{
	char pattern[512], id[512];

	snprintf(pattern, sizeof(pattern), "%.*s", SPAN_ARG(glob));
	snprintf(id, sizeof(id), "%.*s", SPAN_ARG(launch));
	return fnmatch(pattern, id, 0) == 0;
}

static bool is_named(const struct run_opts *o, struct span launch)
{
	struct span rest = span_str(o->launch ? o->launch : "*"), glob;

	while (span_split(&rest, ',', &glob))
		if (fits(glob, launch))
			return true;
	return false;
}

/* Which of the planned launches this run is to make. */
static bool keep_plan(const struct run_opts *o, const struct plan *p,
		      size_t index)
{
	return is_named(o, p->head.id) && index % o->shards == o->shard - 1;
}

static bool names_any(const struct running *r, const struct plans *plans,
		      struct span glob)
{
	for (size_t i = 0; i < r->nlaunches; i++)
		if (fits(glob, r->launches[i].plan->head.id))
			return true;
	for (size_t i = 0; i < plans->n; i++)
		if (fits(glob, plans->v[i].head.id))
			return true;
	for (size_t i = 0; i < plans->nskips; i++)
		if (fits(glob, plans->skips[i].id))
			return true;
	return false;
}

/* A typing error in --launch must not make a green run. */
static int check_names(const struct running *r, const struct plans *plans,
		       struct err *e)
{
	struct span rest = span_str(r->o->launch ? r->o->launch : "*"), glob;

	while (span_split(&rest, ',', &glob))
		if (!names_any(r, plans, glob))
			return err_set(e, 0,
				       "--launch: \"%.*s\" is no "
				       "launch of this run",
				       SPAN_ARG(glob));
	return 0;
}

static int add_launch(struct running *r, const struct plan *p, struct err *e)
{
	struct launch *l;

	arena_grow(&r->arena, r->launches, r->nlaunches, r->launches_cap);
	l = &r->launches[r->nlaunches];
	*l = (struct launch){ .plan = p, .pcap_fd = -1 };
	if (r->o->out_dir)
		l->trace_fd = evidence_trace(r->o->out_dir, r->nlaunches + 1,
					     l->file, e);
	else
		l->trace_fd = memfd_create("trace", MFD_CLOEXEC);
	if (l->trace_fd < 0) {
		if (!e->msg[0])
			err_sys(e, errno, "memfd_create");
		return -1;
	}
	r->nlaunches++;
	if (!r->o->out_dir || !r->sandbox)
		return 0;
	l->pcap_fd = evidence_capture(r->o->out_dir, r->nlaunches, e);
	return l->pcap_fd < 0 ? -1 : 0;
}

/* A repeated launch is another one with a mark behind its id. */
static const struct plan *again(struct running *r, const struct plan *p,
				const char *mark)
{
	struct plan *copy = arena_alloc(&r->arena, sizeof(*copy));

	*copy = *p;
	copy->head.id = span_str(
		arena_printf(&r->arena, "%.*s~%s", SPAN_ARG(p->head.id), mark));
	return copy;
}

/* --- launching --- */

static void progress(void *ctx, size_t done, size_t parked, size_t total)
{
	struct running *r = ctx;

	fprintf(stderr, "\r%s: %zu of %zu launches, %zu waiting \x1b[K",
		r->stage, done, total, parked);
	fflush(stderr);
}

static enum run_outcome launch_from(struct running *r, size_t first,
				    const char *stage, struct err *e)
{
	struct sched s = {
		.jobs = r->o->jobs,
		.sandbox = r->sandbox,
		.filter = r->filter,
		.nofile = r->nofile,
		.progress = r->o->progress ? progress : NULL,
		.progress_ctx = r,
	};
	int rc;

	r->stage = stage;
	rc = sched_run(&s, r->launches + first, r->nlaunches - first, e);
	if (r->o->progress)
		fputs("\r\x1b[K", stderr);
	/* A trace belongs to the run's profile, which the probes were to
	 * find out. */
	for (size_t i = first; i < r->nlaunches; i++)
		r->launches[i].trace.head.profile = r->profile;
	if (rc == 0)
		return RUN_DONE;
	return e->code == EINTR ? RUN_INTERRUPTED : RUN_ENVIRONMENT;
}

/* A trace without its proper end is harness trouble. */
static void note_incomplete(struct running *r)
{
	for (size_t i = 0; i < r->nlaunches; i++) {
		struct launch *l = &r->launches[i];
		const struct event *last =
			l->done && l->trace.nev ? &l->trace.ev[l->trace.nev - 1]
						: NULL;

		if (l->trouble[0] || !l->done)
			continue;
		if (!last || last->kind != EV_END)
			snprintf(l->trouble, sizeof(l->trouble),
				 "the worker died");
		else if (!span_eqs(last->text, "complete"))
			text_showbuf(l->trouble, sizeof(l->trouble),
				     last->text);
	}
}

/* --- what the probes say --- */

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

/* Did this trace reach DONE with a method?  Tells a control that works. */
static bool control_works(const struct trace *t)
{
	struct arena a = { 0 };
	struct view v;
	bool ok;

	view_init(&v, t, &a);
	ok = v.done && v.methods.n > 0;
	arena_fini(&a);
	return ok;
}

static const struct launch *find_launch(const struct running *r,
					const char *probe, enum role role,
					size_t from)
{
	for (size_t i = from; i < r->nlaunches; i++) {
		const struct trace_head *h = &r->launches[i].plan->head;

		if (h->role == role && span_eqs(h->probe, probe))
			return &r->launches[i];
	}
	return NULL;
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
	const struct launch *l = find_launch(
		r, "control", r->role[ROLE_CLIENT] ? ROLE_CLIENT : ROLE_SERVER,
		0);
	struct view v;

	if (!l || !l->done)
		return fail(RUN_ENVIRONMENT, e, "environment: %s",
			    l && l->trouble[0] ? l->trouble
					       : "no control was launched");
	if (l->trouble[0])
		return fail(RUN_ENVIRONMENT, e, "environment: %s", l->trouble);
	view_init(&v, &l->trace, &a);
	if (v.exec_failed)
		fail(RUN_BAD_INPUT, e, "%s: cannot be executed: %.*s",
		     r->o->argv[0], SPAN_ARG(v.exec_failed->text));
	else
		fail(RUN_BAD_INPUT, e,
		     "%s: not a pluggable transport: as %s it %s without "
		     "printing a line of the PT protocol%s%s",
		     r->o->argv[0], role_words(r), view_how_ended(&v),
		     v.err.n ? "; its stderr begins: " : "",
		     v.err.n ? text_show(&a, v.err.v[0].raw, 200) : "");
	arena_fini(&a);
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
		struct view v;

		if (!l->done || !span_eqs(h->probe, "control"))
			continue;
		view_init(&v, &l->trace, &a);
		if (v.done && !v.methods.n && !view_error(&v, error))
			run_note(r,
				 "As %s it says nothing about \"%.*s\": is its "
				 "transport called so?",
				 role_name(h->role), SPAN_ARG(h->known.v[0]));
		arena_fini(&a);
	}
}

/* What servers printed in ARGS while probing: what clients must be told. */
static void learn_args(struct running *r)
{
	size_t cap = 0;

	for (size_t i = 0; i < r->nlaunches; i++) {
		const struct launch *l = &r->launches[i];
		struct arena a = { 0 };
		struct view v;

		if (!l->done || l->plan->head.role != ROLE_SERVER)
			continue;
		view_init(&v, &l->trace, &a);
		for (size_t k = 0; k < v.methods.n; k++) {
			const struct ipc_method *m = &v.methods.v[k].m;
			const char *name = arena_span(&r->arena, m->name).p;

			if (span_absent(m->args) || !name ||
			    !span_absent(pairs_get(&r->server_args, name)))
				continue;
			arena_grow(&r->arena, r->server_args.v,
				   r->server_args.n, cap);
			r->server_args.v[r->server_args.n++] = (struct pair){
				span_str(name),
				arena_span(&r->arena, m->args),
			};
		}
		arena_fini(&a);
	}
}

static enum run_outcome probe(struct running *r, struct err *e)
{
	struct plans plans = { 0 };
	enum run_outcome rc;

	if (make_plan(r, true, &plans, e))
		return RUN_ENVIRONMENT;
	for (size_t i = 0; i < plans.n; i++)
		if (add_launch(r, &plans.v[i], e))
			return RUN_ENVIRONMENT;
	rc = launch_from(r, 0, "probing", e);
	if (rc != RUN_DONE)
		return rc;
	note_incomplete(r);
	verdicts_facts(run_exhibits(r), r->nlaunches, &r->facts);
	if (!r->facts.role[0].recognised && !r->facts.role[1].recognised)
		return no_transport(r, e);
	if (r->unnamed)
		return fail(RUN_BAD_INPUT, e,
			    "%s: its transports are not known here; name them "
			    "with --transport NAME[,NAME] or --target FILE",
			    r->o->argv[0]);
	choose_profile(r);
	note_helpers(r);
	note_strangers(r);
	learn_args(r);
	for (size_t i = 0; i < r->nlaunches; i++)
		r->launches[i].trace.head.profile = r->profile;
	return RUN_DONE;
}

/* --- all cases, and the control again --- */

static int add_launches(struct running *r, const struct plans *plans,
			unsigned rep, struct err *e)
{
	for (size_t i = 0; i < plans->n; i++) {
		const struct plan *p = &plans->v[i];

		if (!keep_plan(r->o, p, i))
			continue;
		if (rep > 1)
			p = again(r, p, arena_printf(&r->arena, "%u", rep));
		if (add_launch(r, p, e))
			return -1;
	}
	return 0;
}

static enum run_outcome launch_all(struct running *r, struct err *e)
{
	struct plans plans = { 0 };
	size_t first = r->nlaunches;

	for (unsigned rep = 1; rep <= r->o->repeat; rep++) {
		/* Side by side in one network, repetitions need ports and
		 * directories of their own. */
		if ((rep == 1 || !r->sandbox) && make_plan(r, false, &plans, e))
			return RUN_ENVIRONMENT;
		if (rep == 1 && check_names(r, &plans, e))
			return RUN_BAD_INPUT;
		if (add_launches(r, &plans, rep, e))
			return RUN_ENVIRONMENT;
	}
	r->skips = plans.skips;
	r->nskips = plans.nskips;
	return launch_from(r, first, "launching", e);
}

static enum run_outcome control_again(struct running *r, struct err *e)
{
	size_t first = r->nlaunches;
	enum run_outcome rc;

	for (int role = 0; role < 2; role++) {
		const struct launch *l =
			find_launch(r, "control", (enum role)role, 0);

		if (l && add_launch(r, again(r, l->plan, "last"), e))
			return RUN_ENVIRONMENT;
	}
	rc = launch_from(r, first, "control", e);
	if (rc != RUN_DONE)
		return rc;
	note_incomplete(r);
	for (int role = 0; role < 2; role++) {
		const struct launch *a =
			find_launch(r, "control", (enum role)role, 0);
		const struct launch *b =
			find_launch(r, "control", (enum role)role, first);

		if (!a || !b)
			continue;
		if (!a->done || !b->done || b->trouble[0])
			return fail(RUN_ENVIRONMENT, e,
				    "environment: the control could not be "
				    "repeated: %s",
				    b->trouble);
		if (control_works(&a->trace) != control_works(&b->trace))
			return fail(
				RUN_ENVIRONMENT, e,
				"environment: a plain launch as %s %s at "
				"the beginning and %s at the end; nothing "
				"in between can be believed",
				role_name((enum role)role),
				control_works(&a->trace) ? "worked" : "failed",
				control_works(&b->trace) ? "worked" : "failed");
		if (!control_works(&a->trace))
			run_note(r,
				 "A plain launch as %s did not reach DONE with "
				 "a method; what needs one is not judged.",
				 role_name((enum role)role));
	}
	return RUN_DONE;
}

/* What ends a run; sched_run() looks for them while it waits. */
static void stop_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGHUP);
}

/* Did one come between two stages?  It is taken. */
static enum run_outcome interrupted(struct err *e)
{
	static const struct timespec now = { 0 };
	sigset_t set;

	stop_signals(&set);
	return sigtimedwait(&set, NULL, &now) > 0
		       ? fail(RUN_INTERRUPTED, e, "interrupted")
		       : RUN_DONE;
}

static enum run_outcome stages(struct running *r, struct result *out,
			       struct err *e)
{
	enum run_outcome rc = probe(r, e);

	if (rc == RUN_DONE)
		rc = launch_all(r, e);
	if (rc == RUN_DONE)
		rc = control_again(r, e);
	if (rc == RUN_DONE)
		rc = interrupted(e);
	if (rc == RUN_DONE)
		rc = run_conclude(r, out, e);
	return rc;
}

enum run_outcome run_execute(const struct run_opts *o, struct result *out,
			     struct err *e)
{
	struct running r = { .o = o, .started = run_seconds() };
	enum run_outcome rc;
	sigset_t stop, old;

	e->msg[0] = '\0';
	/* Between the stages, too, the way out is an orderly one. */
	stop_signals(&stop);
	sigprocmask(SIG_BLOCK, &stop, &old);
	rc = files_prepare(&r, e);
	if (rc == RUN_DONE && !r.sandbox)
		run_note(&r, "No sandbox (%s): what needs one is inconclusive.",
			 r.sandbox_why);
	if (rc == RUN_DONE)
		rc = stages(&r, out, e);
	for (size_t i = 0; i < r.nlaunches; i++) {
		if (r.launches[i].trace_fd >= 0)
			close(r.launches[i].trace_fd);
		if (r.launches[i].pcap_fd >= 0)
			close(r.launches[i].pcap_fd);
		trace_fini(&r.launches[i].trace);
	}
	files_finish(&r);
	if (rc == RUN_DONE && interrupted(e) != RUN_DONE) {
		result_fini(out);
		rc = RUN_INTERRUPTED;
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
	return rc;
}
