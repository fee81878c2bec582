/*
 * launches.c - which launches a run makes, and making them.
 */
#include <errno.h>
#include <fnmatch.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "parent/base/text.h"
#include "harness/run/evidence/evidence.h"
#include "harness/run/run_int.h"

/* Ports of a launch in its own network namespace: below the ephemeral range,
 * above what needs privileges. */
#define PORT_FIRST 21000
/* Those of a host: where they begin, how many there must be, and how far apart
 * two runs begin that were started one after the other. */
#define HOST_PORT_FIRST 10000u
#define HOST_PORTS_MIN 5000u
#define HOST_PORTS_STEP 1499u

/* --- ports and the wish list --- */

struct ports {
	struct running *r;
	struct pairs names;
	size_t cap;
};

/* Port 0: any.  The one that was free, or 0. */
static unsigned take_port(unsigned port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)port) };
	socklen_t len = sizeof(sa);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	unsigned got = 0;

	sa.sin_addr.s_addr = htonl(port ? INADDR_ANY : INADDR_LOOPBACK);
	if (fd >= 0 && bind(fd, (struct sockaddr *)&sa, len) == 0 &&
	    getsockname(fd, (struct sockaddr *)&sa, &len) == 0)
		got = ntohs(sa.sin_port);
	if (fd >= 0)
		close(fd);
	return got;
}

/* Where the kernel's own choice begins, ip(7). */
static unsigned first_of_kernel(void)
{
	FILE *f = fopen("/proc/sys/net/ipv4/ip_local_port_range", "re");
	unsigned first;

	if (!f || fscanf(f, "%u", &first) != 1 || !first)
		first = 32768;
	if (f)
		fclose(f);
	return first;
}

/*
 * Outside a network namespace.  Ports are planned long before they are used,
 * and the kernel gives those of its own range to every connection and to
 * whoever asks for any: one below is free still.  Runs beside each other begin
 * in different places.
 */
static unsigned free_port(struct running *r)
{
	unsigned n, port = 0;

	if (!r->ports_end) {
		r->ports_end = first_of_kernel();
		r->next_port = (unsigned)getpid() * HOST_PORTS_STEP;
	}
	if (r->ports_end < HOST_PORT_FIRST + HOST_PORTS_MIN)
		return take_port(0);
	n = r->ports_end - HOST_PORT_FIRST;
	for (unsigned i = 0; i < n && !port; i++)
		port = take_port(HOST_PORT_FIRST + r->next_port++ % n);
	return port ? port : take_port(0);
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
				      : free_port(p->r))),
	};
	return p->names.v[p->names.n++].value.p;
}

static void ports_reset(void *ctx)
{
	struct ports *p = ctx;

	p->names = (struct pairs){ 0 };
	p->cap = 0;
}

static bool wanted(void *ctx, struct span id, const struct strings *aims)
{
	const struct running *r = ctx;

	(void)id;
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

/* Is it of this case? */
static bool is_of(const struct plan *p, struct span id)
{
	struct span of = p->head.id;

	return span_starts(of, id) && of.n > id.n && strchr("/+@", of.p[id.n]);
}

/* When they are planned again: only those that the run makes. */
static bool wanted_again(void *ctx, struct span id, const struct strings *aims)
{
	const struct running *r = ctx;

	(void)aims;
	for (size_t i = 0; i < r->nrepeated; i++)
		if (is_of(r->repeated[i], id))
			return true;
	return false;
}

static bool named_again(void *ctx, struct span id)
{
	const struct running *r = ctx;

	for (size_t i = 0; i < r->nrepeated; i++)
		if (span_eq(r->repeated[i]->head.id, id))
			return true;
	return false;
}

/* --- planning --- */

static struct limits multiplied(const struct running *r)
{
	const struct run_opts *o = r->o;
	struct limits l = o->limits;

	if (!l.settings)
		l.settings = policy_number(&r->policy, P_BLOCK_TIMEOUT) * 1000;
	if (o->slow && l.idle == IDLE_MS)
		l.idle = IDLE_SLOW_MS;

	for (enum limit_id id = LIMIT_INIT; id <= LIMITS_N; id++) {
		int64_t *ms = limit_slot(&l, id);

		*ms = (int64_t)((double)*ms * o->multiplier);
	}
	return l;
}

int launches_plan(struct running *r, bool probing, struct plans *out,
		  struct err *e)
{
	struct ports ports = { .r = r };
	const struct role_facts *client = &r->facts.role[ROLE_CLIENT];
	/* The version that launches will get. */
	bool two = r->profile == PROFILE_20 && client->speaks_2;
	struct plan_env env = {
		.target = &r->target,
		.argv = r->argv,
		.own_argv = { r->own_argv[0], r->own_argv[1] },
		.profile = r->profile,
		.limits = multiplied(r),
		.seed = r->o->seed,
		.sandbox = r->sandbox,
		.sandbox_why = span_str(r->sandbox_why),
		.probing = probing,
		.slow = r->o->slow,
		.aimed = r->aimed,
		.work_root = span_str(r->work_root),
		.first = r->nplanned,
		.server_args = r->server_args,
		.port = port_for,
		.port_ctx = &ports,
		.port_reset = ports_reset,
		.wanted = r->nrepeated ? wanted_again
			  : probing    ? NULL
				       : wanted,
		.named = r->nrepeated ? named_again : NULL,
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
	if (two)
		env.announced = r->announced;
	if (cases_plan(&r->cases, &env, &r->arena, out, e))
		return -1;
	r->nplanned += out->n;
	return 0;
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

/* What of --launch is no launch of this run; the number of globs that are. */
static size_t unknown_names(const struct running *r, const struct plans *plans,
			    struct buf *unknown)
{
	struct span rest = span_str(r->o->launch ? r->o->launch : "*"), glob;
	size_t known = 0;

	while (span_split(&rest, ',', &glob)) {
		if (names_any(r, plans, glob))
			known++;
		else
			buf_addf(unknown, "%s\"%.*s\"", unknown->n ? ", " : "",
				 SPAN_ARG(glob));
	}
	return known;
}

/* A typing error in --launch must not make a green run; beside what is there
 * it must not cost the run. */
static int check_names(struct running *r, const struct plans *plans,
		       struct err *e)
{
	struct buf unknown = BUF_MAX(4096);
	size_t known = unknown_names(r, plans, &unknown);
	char shown[800];
	int rc = 0;

	text_showbuf(shown, sizeof(shown), buf_span(&unknown));
	if (!known) {
		rc = err_set(e, 0, "--launch: %s is no launch of this run",
			     shown);
	} else if (unknown.n) {
		fprintf(stderr,
			"ptcheck: --launch: %s is no launch of this run\n",
			shown);
		run_note(r, "--launch: %s is no launch of this run.", shown);
	}
	buf_fini(&unknown);
	return rc;
}

void launches_add(struct running *r, const struct plan *p)
{
	arena_grow(&r->arena, r->launches, r->nlaunches, r->launches_cap);
	r->launches[r->nlaunches++] = (struct launch){
		.plan = p,
		.trace_fd = -1,
		.pcap_fd = -1,
	};
}

/* Where its worker writes: memory, unless evidence is kept. */
static int open_files(void *ctx, struct launch *l, struct err *e)
{
	const struct running *r = ctx;
	size_t number = (size_t)(l - r->launches) + 1;

	if (!r->o->out_dir) {
		l->trace_fd = memfd_create("trace", MFD_CLOEXEC);
		return l->trace_fd < 0 ? err_sys(e, errno, "memfd_create") : 0;
	}
	l->trace_fd = evidence_trace(r->o->out_dir, number, l->file, e);
	if (l->trace_fd < 0 || !r->sandbox)
		return l->trace_fd < 0 ? -1 : 0;
	l->pcap_fd = evidence_capture(r->o->out_dir, number, e);
	return l->pcap_fd < 0 ? -1 : 0;
}

const struct plan *launches_again(struct running *r, const struct plan *p,
				  const char *mark)
{
	struct plan *copy = arena_alloc(&r->arena, sizeof(*copy));

	*copy = *p;
	copy->head.id = span_str(
		arena_printf(&r->arena, "%.*s~%s", SPAN_ARG(p->head.id), mark));
	return copy;
}

/* --- launching --- */

static void progress(void *ctx, size_t done, size_t idle, size_t total)
{
	struct running *r = ctx;

	fprintf(stderr, "\r%s: %zu of %zu launches, %zu waiting \x1b[K",
		r->stage, done, total, idle);
	fflush(stderr);
}

static enum run_outcome run_from(struct running *r, size_t first, bool alone,
				 const char *stage, struct err *e)
{
	struct sched s = {
		.jobs = r->o->jobs,
		.alone = alone,
		.sandbox = r->sandbox,
		.filter = r->filter,
		.nofile = r->nofile,
		.store = &r->store,
		.open_files = open_files,
		.files_ctx = r,
		.progress = r->o->progress ? progress : NULL,
		.progress_ctx = r,
	};
	struct pool *pool;
	int rc;

	r->stage = stage;
	rc = sched_run(&s, r->launches + first, r->nlaunches - first, &pool, e);
	if (r->pool)
		r->workers_us += pool_free(r->pool);
	r->pool = pool;
	if (r->o->progress)
		fputs("\r\x1b[K", stderr);
	if (rc == 0)
		return RUN_DONE;
	return e->code == EINTR ? RUN_INTERRUPTED : RUN_ENVIRONMENT;
}

enum run_outcome launches_run(struct running *r, size_t first,
			      const char *stage, struct err *e)
{
	return run_from(r, first, false, stage, e);
}

enum run_outcome launches_alone(struct running *r, size_t first, struct err *e)
{
	return run_from(r, first, true, "again, alone", e);
}

void launches_wait(struct running *r)
{
	if (r->pool)
		r->workers_us += pool_free(r->pool);
	r->pool = NULL;
}

int launches_trace(const struct running *r, const struct launch *l,
		   struct trace *out)
{
	struct err e;

	if (store_read(&r->store, &l->trace, out, &e))
		return -1;
	out->head.profile = r->profile;
	return 0;
}

const struct launch *launches_find(const struct running *r, const char *probe,
				   enum role role, size_t from)
{
	for (size_t i = from; i < r->nlaunches; i++) {
		const struct trace_head *h = &r->launches[i].plan->head;

		if (h->role == role && span_eqs(h->probe, probe) &&
		    !r->launches[i].superseded && !r->launches[i].unaided)
			return &r->launches[i];
	}
	return NULL;
}

/* --- all cases --- */

static void add_launches(struct running *r, const struct plans *plans)
{
	for (size_t i = 0; i < plans->n; i++)
		if (keep_plan(r->o, &plans->v[i], i))
			launches_add(r, &plans->v[i]);
}

/* What a repetition is of: all launches from @first on, and the probes, the
 * control among them, that were asked for by name. */
static void note_repeated(struct running *r, size_t first)
{
	r->repeated = arena_alloc(&r->arena,
				  (r->nlaunches + 1) * sizeof(*r->repeated));
	for (size_t i = first; i < r->nlaunches; i++)
		r->repeated[r->nrepeated++] = r->launches[i].plan;
	for (size_t i = 0; r->o->launch && i < first; i++)
		if (is_named(r->o, r->launches[i].plan->head.id))
			r->repeated[r->nrepeated++] = r->launches[i].plan;
}

/* Side by side in one network, repetitions need ports and directories of
 * their own, and so plans. */
static int add_planned_again(struct running *r, bool probing, const char *mark,
			     struct err *e)
{
	struct plans plans = { 0 };

	if (launches_plan(r, probing, &plans, e))
		return -1;
	for (size_t i = 0; i < plans.n; i++)
		launches_add(r, launches_again(r, &plans.v[i], mark));
	return 0;
}

static int repeat(struct running *r, unsigned rep, struct err *e)
{
	const char *mark = arena_printf(&r->arena, "%u", rep);

	if (!r->sandbox)
		return add_planned_again(r, false, mark, e) ||
				       add_planned_again(r, true, mark, e)
			       ? -1
			       : 0;
	for (size_t i = 0; i < r->nrepeated; i++)
		launches_add(r, launches_again(r, r->repeated[i], mark));
	return 0;
}

enum run_outcome launches_all(struct running *r, struct err *e)
{
	struct plans plans = { 0 };
	size_t first = r->nlaunches;

	if (launches_plan(r, false, &plans, e))
		return RUN_ENVIRONMENT;
	if (check_names(r, &plans, e))
		return RUN_BAD_INPUT;
	add_launches(r, &plans);
	r->skips = plans.skips;
	r->nskips = plans.nskips;
	note_repeated(r, first);
	for (unsigned rep = 2; r->nrepeated && rep <= r->o->repeat; rep++)
		if (repeat(r, rep, e))
			return RUN_ENVIRONMENT;
	return launches_run(r, first, "launching", e);
}
