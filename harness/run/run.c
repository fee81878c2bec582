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

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "parent/base/text.h"
#include "harness/run/files.h"
#include "harness/run/run_int.h"

/* Launches that do not wait for time to pass, for each processor.  They wait
 * for the kernel, too: for 10 ms and more when they begin and end to capture
 * (capture.h), which is several times as long as they run. */
#define JOBS_EACH 8

/* --- options --- */

void run_opts_init(struct run_opts *o)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	*o = (struct run_opts){
		.role = { true, true },
		.jobs = cpus > 0 ? (unsigned)cpus * JOBS_EACH : JOBS_EACH,
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
			    .orphan = 15000,
			    /* As long as the disputed point says. */
			    .settings = 0,
			    .idle = IDLE_MS },
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
	for (enum limit_id id = LIMIT_INIT; id <= LIMITS_N; id++) {
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

const char *run_part_of_launches(const struct run_opts *o)
{
	return o->launch		     ? "--launch"
	       : !(o->role[0] && o->role[1]) ? "--role"
					     : NULL;
}

/* The day of the run, which baselines go by; a test sets it, as a build does
 * that is to be the same again. */
static int take_date(char date[11], struct err *e)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	char shown[80], *end = NULL;
	long long said = epoch ? strtoll(epoch, &end, 10) : 0;
	time_t now = epoch ? (time_t)said : time(NULL);
	struct tm tm;

	if ((epoch && (*end || !*epoch || said < 0)) || !gmtime_r(&now, &tm) ||
	    strftime(date, 11, "%Y-%m-%d", &tm) != 10)
		return err_set(
			e, 0,
			"SOURCE_DATE_EPOCH: \"%s\" is no number of "
			"seconds",
			text_showbuf(shown, sizeof(shown), span_str(epoch)));
	return 0;
}

enum run_outcome run_fail(enum run_outcome o, struct err *e, const char *fmt,
			  ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	return o;
}

/* --- the control again --- */

/* Did it reach DONE with a method?  Tells a control that works. */
static bool control_works(const struct running *r, const struct launch *l)
{
	struct arena a = { 0 };
	struct trace t;
	struct view v;
	bool ok;

	if (launches_trace(r, l, &t))
		return false;
	view_init(&v, &t, &a);
	ok = v.done && v.methods.n > 0;
	arena_fini(&a);
	trace_fini(&t);
	return ok;
}

static enum run_outcome control_again(struct running *r, struct err *e)
{
	size_t first = r->nlaunches;
	enum run_outcome rc;

	for (int role = 0; role < 2; role++) {
		const struct launch *l =
			launches_find(r, "control", (enum role)role, 0);

		if (l)
			launches_add(r, launches_again(r, l->plan, "last"));
	}
	rc = launches_run(r, first, "control", e);
	if (rc == RUN_DONE)
		rc = again_probes(r, first, e);
	if (rc != RUN_DONE)
		return rc;
	for (int role = 0; role < 2; role++) {
		const struct launch *a =
			launches_find(r, "control", (enum role)role, 0);
		const struct launch *b =
			launches_find(r, "control", (enum role)role, first);

		if (!a || !b)
			continue;
		if (!a->done || !b->done || b->trouble[0])
			return run_fail(RUN_ENVIRONMENT, e,
					"environment: the control could not be "
					"repeated: %s",
					b->trouble);
		if (control_works(r, a) != control_works(r, b))
			return run_fail(
				RUN_ENVIRONMENT, e,
				"environment: a plain launch as %s %s at "
				"the beginning and %s at the end; nothing "
				"in between can be believed",
				role_name((enum role)role),
				control_works(r, a) ? "worked" : "failed",
				control_works(r, b) ? "worked" : "failed");
		if (!control_works(r, a))
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
		       ? run_fail(RUN_INTERRUPTED, e, "interrupted")
		       : RUN_DONE;
}

static enum run_outcome stages(struct running *r, struct result *out,
			       struct err *e)
{
	enum run_outcome rc = probing_run(r, e);

	if (rc == RUN_DONE)
		rc = launches_all(r, e);
	if (rc == RUN_DONE)
		rc = again_launches(r, e);
	if (rc == RUN_DONE)
		rc = control_again(r, e);
	if (rc == RUN_DONE)
		rc = interrupted(e);
	if (rc == RUN_DONE)
		rc = run_judge(r, out, e);
	return rc;
}

enum run_outcome run_execute(const struct run_opts *o, struct result *out,
			     struct err *e)
{
	struct running r = {
		.o = o,
		.started = run_seconds(),
		.store = STORE_NONE,
	};
	enum run_outcome rc;
	sigset_t stop, old;

	e->msg[0] = '\0';
	/* Between the stages, too, the way out is an orderly one. */
	stop_signals(&stop);
	sigprocmask(SIG_BLOCK, &stop, &old);
	rc = take_date(r.date, e) ? RUN_BAD_INPUT : files_prepare(&r, e);
	if (rc == RUN_DONE && store_open(&r.store, e))
		rc = RUN_ENVIRONMENT;
	if (rc == RUN_DONE && !r.sandbox)
		run_note(&r, "No sandbox (%s): what needs one is inconclusive.",
			 r.sandbox_why);
	if (rc == RUN_DONE)
		rc = stages(&r, out, e);
	launches_wait(&r);
	store_close(&r.store);
	files_finish(&r);
	if (rc == RUN_DONE && interrupted(e) != RUN_DONE) {
		result_fini(out);
		rc = RUN_INTERRUPTED;
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
	return rc;
}
