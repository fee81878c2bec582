/*
 * steps.h - going through the steps of a plan.
 *
 * What a kind of step does is defined where it is done, as a struct step_ops
 * in the file of the part that does it; here is only the going-through: begin
 * a step, wait until it is through or its deadline passes, end it, and tell
 * all that.
 *
 * A deadline is for a transport that can run.  When it passed, and transport or
 * harness had to wait for a processor, or the harness has not done its part, it
 * is put off: until there was enough of the time, or WORKER_STRETCH times the
 * deadline passed.  What there was is told behind the end of the step.  Where
 * all that follows is about a transport that has come so far it is not gone on
 * with one that may still come (`coming`): then the launch ends there.  A probe
 * shows whether it comes, and has nothing behind that.
 *
 * A worker that only waits for time to pass says so on its control descriptor
 * (worker.h), and gives its place to another: after a while in any step, at
 * once in one that is nothing but time.
 */
#ifndef PTCHECK_WORKER_STEPS_H
#define PTCHECK_WORKER_STEPS_H

#include "harness/worker/task.h"

/* The parts of a worker that do steps: X(ID, member of struct worker) */
#define STEP_PARTS(X)           \
	X(INSTANCES, instances) \
	X(SNAPSHOTS, snapshots) \
	X(DIALS, dials)         \
	X(CONNS, conns)         \
	X(LISTENERS, listeners) \
	X(APP, app)             \
	X(BRIDGES, bridges)     \
	X(PUMP, pump)           \
	X(TASK, task)           \
	X(ENDS, ends)           \
	X(WAITS, waits)         \
	X(PORTS, ports)         \
	X(RELAYS, relays)       \
	X(UDPS, udps)           \
	X(RESOLVERS, resolvers)

enum step_part {
#define X(ID, ...) PART_##ID,
	STEP_PARTS(X)
#undef X
		STEP_PARTS_N
};

/* What a step has that waits in vain. */
#define STEP_VAIN_US 500000

/*
 * One kind of step, in the file of the part that does it, called
 * step_NAME_ops: worker.c finds it by the name in step_kinds.h.  @part points
 * to the struct of `part`; all functions may be NULL.
 */
struct step_ops {
	enum step_part part;
	/* Begin it.  NULL: nothing is to be done. */
	void (*begin)(void *part, const struct step *st);
	/* Is it through?  Asked after begin and whenever something happened.
	 * NULL: it is, at once. */
	bool (*met)(void *part, const struct step *st);
	/* It is over, because it is through or its time is; also when that
	 * was at once.  What it has going on must not outlive it. */
	void (*end)(void *part, const struct step *st, bool late);
	/* The same, after the end of the step was told. */
	void (*after)(void *part, const struct step *st);
	/* How long it may take, in µs.  NULL: its limit in the plan. */
	int64_t (*deadline_us)(void *part, const struct step *st);
	/* Nobody is there any more who could get it through: it has little
	 * time left.  Asked as `met` is.  NULL: one never knows. */
	bool (*in_vain)(void *part);
	/* Its time is over, but it is getting on: it may have it again. */
	bool (*gets_on)(void *part);
	/* What follows presumes it, and it is not through: may it still be?
	 * NULL: nothing presumes it. */
	bool (*coming)(void *part);
	/* No event tells when it is through: ask again and again. */
	bool (*polls)(const struct step *st);
	bool untold;   /* neither a `met` nor a `limit` event tells its end */
	bool unjudged; /* nothing is read from how long it takes */
	bool idle;     /* nothing but time: gives its place away at once */
	/* It shows how much the transport works: when that had too little of
	 * the processors it is begun anew, and not put off, until so much work
	 * was seen that this shows it. */
	bool anew;
};

/* Who does it. */
struct step_row {
	const struct step_ops *ops;
	void *part;
};

#define X(ID, name, ...) extern const struct step_ops step_##name##_ops;
STEP_KINDS(X)
#undef X

/* Who knows what the transport had of the processors; see processor.h. */
struct step_share {
	void (*look)(void *ctx);
	bool (*wanted)(void *ctx); /* by the transport, just now */
	struct event_processor (*had)(void *ctx);
	void *ctx;
};

struct steps {
	struct task *task;
	const struct step_row *rows; /* by enum step_kind */
	struct step_share share;     /* without functions: nobody knows */
	bool waiting, late, hurried;
	bool hopeless; /* what the rest presumes has not come yet */
	int64_t began, limit_us;
	bool looked; /* since it waits; and what there was then: */
	struct event_processor had;
	/* Of a step that is begun anew: how often, and what the transport
	 * worked in it before. */
	int tries;
	int64_t worked_us;
	struct watch *deadline, *poll, *idle;
	char said; /* last, on the control descriptor */
};

void steps_init(struct steps *s, struct task *t, const struct step_row *rows);

/* Begin steps until one waits, or all are done or hopeless, which is the
 * answer. */
bool steps_go(struct steps *s);

/* The deadline of @st where its limit gives it. */
int64_t steps_limit_us(const struct task *t, const struct step *st);
/* `met` for a step that only its deadline ends. */
bool steps_never(void *part, const struct step *st);

#endif
