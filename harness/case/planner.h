/*
 * planner.h - one launch while it is worked out.  Only harness/case includes
 * this.
 */
#ifndef PTCHECK_CASE_PLANNER_H
#define PTCHECK_CASE_PLANNER_H

#include "parent/base/buf.h"
#include "harness/case/defs.h"

struct late;

struct planner {
	const struct plan_env *env;
	struct arena *a;
	struct err *e;
	const struct case_def *c;
	const struct launch_def *l;
	enum role role;
	struct span id, work;
	struct strings names; /* transports of the role, at least one: T */
	bool peer;	      /* it is the other role's start */
	bool again;	      /* it is a second start of the own role */
	bool helper;	      /* see struct plan */
	bool unanswered;      /* it may ask somebody who says nothing */
	struct span bound;    /* where the server is that clients are told of */
	struct late *late;    /* NULL: no server of the launch says anything */
	bool tells;	      /* what was expanded last holds settings */

	struct pairs vars; /* template variables used so far */
	size_t vars_cap;
	struct span nosuch[2];
};

/* The fields above the gap are set; works out the others. */
void planner_init(struct planner *p);

/* Note a variable of the launch; its value. */
struct span planner_var(struct planner *p, const char *key, const char *value);

/* Expand a value; an absent one stays absent. */
int planner_expand(struct planner *p, struct span text, struct span *out);
/* Server options of the transports that the launch is about: T, and T2 with
 * "two"; @text: what the free ones are set to, or absent; @sep: a ';' behind
 * them unless there are none. */
void planner_options(struct planner *p, struct span text, bool sep,
		     struct buf *out);

/*
 * What a client of T must be told (NULL: only asks whether that is known).
 * NULL, or why it is not: the end of a sentence about the target.
 */
const char *planner_settings(struct planner *p, struct pairs *out);
/* Note what the target says of T, for judges: the secrets among options and
 * @settings as variables "secret", the names of secret options as
 * "secret_option" (for a server), and "conceals", "told" (settings come from
 * ARGS), "lazy" (dials when it likes), "alone" (no transport of the target
 * has both sides, so there are no whole tunnels), each "1" or not there; and @settings
 * themselves as "settings", as settings_flat() writes them. */
void planner_target(struct planner *p, const struct pairs *settings);

/* Why what the launch needs is not there; NULL: all of it is.  *feature: it is
 * something that the target does not offer, or that nobody asked for;
 * *unasked: only that it takes time, and nobody wants to wait. */
const char *planner_unmet(struct planner *p, bool *feature, bool *unasked);

/* Does @t have the modes of the launch, if it is of some, and is it known how
 * to start it in them? */
bool planner_has_mode(const struct planner *p,
		      const struct target_transport *t);
/* The mode of the launch: what its case says, else what @t has when nobody
 * says any. */
enum pt_mode planner_mode(const struct planner *p,
			  const struct target_transport *t);

/* The fixture with the case's overrides, without removed variables. */
int planner_env(struct planner *p, struct pairs *out);
/* What the target's words for the modes of the launch need. */
unsigned planner_mode_needs(const struct planner *p);
/* Where the server of the launch is told to listen; without one, where the
 * client is first sent to.  Sets p->bound. */
int planner_bound(struct planner *p);
/* Does the launch start the other role of T, too? */
bool planner_has_peer(const struct planner *p);
/* How the other role of T is started. */
int planner_peer(struct planner *p, struct pairs *env, struct strings *argv);
/* How the own role is started a second time where that is not as the first;
 * notes the variables that the case then changes as "again:NAME". */
int planner_again(struct planner *p, struct pairs *env, struct strings *argv);
/* The target's words, its own for the role and the mode, flags, the case's
 * args; takes out of @env what becomes a flag. */
int planner_argv(struct planner *p, struct pairs *env, struct strings *out);

#endif
