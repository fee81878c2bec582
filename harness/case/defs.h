/*
 * defs.h - cases as they were written, between parsing and planning.
 *
 * Only harness/case includes this.  Values are still templates; variants are
 * already merged with their case, so that each launch_def stands for itself.
 */
#ifndef PTCHECK_CASE_DEFS_H
#define PTCHECK_CASE_DEFS_H

#include "harness/case/case.h"
#include "harness/case/json_path.h"

/* X(enum, word) */
#define NEEDS(X)                        \
	X(FLAGS, "flags")               \
	X(TWO, "two")                   \
	X(SANDBOX, "sandbox")           \
	X(SPEAKS_1, "speaks-1")         \
	X(SPEAKS_2, "speaks-2")         \
	X(OPTIONS, "options")           \
	X(BOTH_ROLES, "both-roles")     \
	X(SETTINGS, "settings")         \
	X(PAIR, "pair")                 \
	X(CLEAR, "clear")               \
	X(FREE_OPTIONS, "free-options") \
	X(MODE, "mode")                 \
	X(SOCKS5, "socks5")             \
	X(SOCKS4, "socks4")

enum need {
#define X(id, ...) NEED_##id,
	NEEDS(X)
#undef X
		NEEDS_N
};

/* One launch: a case, or one variant of it. */
struct launch_def {
	struct span variant; /* absent: the case has none */
	unsigned profiles;   /* 1 << enum profile */
	enum config config;
	unsigned needs;	       /* 1 << enum need: as the file says, */
	unsigned implied;      /* and what follows from all the rest */
	struct span probe;     /* absent mostly */
	struct pairs env;      /* over the fixture; absent value: remove */
	struct pairs peer_env; /* the same for the other role */
	bool each_pair;	       /* once for each T that has both roles */
	bool bare_env;
	bool flags_all;
	struct strings flags; /* variables given as flags */
	struct strings args;
	enum pt_mode mode;  /* 0: that of the target, SOCKS */
	struct span target; /* absent, or for the client's flag */
	enum stdin_kind stdin_kind;
	bool parent_init;
	int64_t nofile; /* 0: not said */
	bool narrow;
	bool disk;
	int64_t disk_bytes, disk_files;
	struct inject inject[INJECT_MAX]; /* templates in below */
	size_t ninject;
	const struct step *steps; /* templates not expanded */
	size_t nsteps;
};

static inline bool is_peer_start(const struct step *st)
{
	return st->kind == STEP_START && st->start.role == START_PEER;
}

struct case_def {
	struct span id;
	const char *file;
	struct strings aims;
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

/* A value with templates: checked here, expanded when planning. */
int json_path_template(const struct json_path *at, struct arena *a,
		       struct span *out);

#endif
