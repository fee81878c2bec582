/*
 * defs.h - cases as they were written, between parsing and planning.
 *
 * Only harness/case includes this.  Values are still templates; variants are
 * already merged with their case, so that each launch_def stands for itself.
 */
#ifndef PTCHECK_CASE_DEFS_H
#define PTCHECK_CASE_DEFS_H

#include "harness/case/case.h"
#include "harness/case/format/json_path.h"
#include "harness/case/format/keys.h"

/* One launch: a case, or one variant of it. */
struct launch_def {
	struct span variant; /* absent: the case has none */
	struct span title;
	unsigned profiles; /* 1 << enum profile */
	enum config config;
	unsigned needs;		/* 1 << enum need: as the file says, */
	unsigned implied;	/* and what follows from all the rest */
	struct span probe;	/* absent mostly */
	struct pairs env;	/* over the fixture; absent value: remove */
	struct pairs peer_env;	/* the same for the other role */
	struct pairs again_env; /* over env, for a second start */
	bool each_pair;		/* once for each T that has both roles */
	bool bare_env;
	bool flags_all;
	struct strings flags; /* variables given as flags */
	struct strings args;
	enum pt_mode mode;	/* 0: that of the target, SOCKS */
	enum pt_mode peer_mode; /* 0: the same */
	bool bad_mode;		/* in place of its word one that is none */
	struct span target;	/* absent, or for the client's flag */
	enum stdin_kind stdin_kind;
	enum parent_kind parent;
	int64_t nofile; /* 0: not said */
	enum pipe_kind pipes;
	struct disk disk;
	struct inject inject[INJECT_MAX]; /* templates in below */
	size_t ninject;
	const struct step *steps; /* templates not expanded */
	size_t nsteps;
};

struct case_def;
/* "case.id/variant+T@role", T where @t is not "". */
void launch_id(struct buf *out, const struct case_def *c,
	       const struct launch_def *l, const char *t, enum role role);

/* Which end that is in a launch of @role: START_OWN or START_PEER. */
static inline enum start_role start_end(enum start_role said, enum role role)
{
	if (said == START_SERVER)
		return role == ROLE_SERVER ? START_OWN : START_PEER;
	if (said == START_CLIENT)
		return role == ROLE_CLIENT ? START_OWN : START_PEER;
	return said;
}

static inline bool is_peer_start(const struct step *st, enum role role)
{
	return st->kind == STEP_START &&
	       start_end(st->start.role, role) == START_PEER;
}

struct case_def {
	struct span id, title;
	const char *file;
	struct strings aims;
	uint64_t stimuli;
	unsigned roles; /* 1 << enum role */
	struct launch_def *launches;
	size_t n;
};

/*
 * The keys that a case and a variant share, over what @l holds already.
 * Strings come from @a.
 */
int launch_parse(const struct json_path *at, struct arena *a,
		 struct launch_def *l);

/* The array of steps. */
int steps_parse(const struct json_path *at, struct arena *a,
		struct launch_def *out);
/* The steps of a case that names none. */
void steps_default(struct launch_def *out);

#endif
