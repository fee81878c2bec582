/*
 * case.h - cases: what to launch and what to do with it, as strict JSON, and
 * the plan that comes out of a case for one target and role.
 *
 * The format is told in ptcheck-case(5).  What is told there stands in tables,
 * each row with its documentation, from which come the manual, the schema for
 * editors (cases/schema.json) and the reader:
 *
 *	format/step_kinds.h   the kinds of steps and their keys
 *	format/words.h        closed sets of words: signals, needs, limits, ...
 *	format/template.h     templates
 *	case.c, launch.c      the keys of cases, variants and launches
 */
#ifndef PTCHECK_CASE_CASE_H
#define PTCHECK_CASE_CASE_H

#include "parent/base/arena.h"
#include "parent/base/err.h"
#include "harness/case/format/step.h"
#include "harness/case/target.h"
#include "harness/trace/trace.h"

/* System calls of the PT that are to fail, see above. */
#define INJECT_MAX 4
struct inject {
	enum inject_call call;
	struct span below; /* absent: anywhere */
	int error;
	int64_t skip, times;
};

/* The state directory as a file system of its own. */
struct disk {
	bool own;
	int64_t bytes, files; /* room for so much; 0: no limit */
};

/* Where the target does not say when what is idle ends. */
#define UDP_IDLE_WAIT_S 330

struct late;

/* One launch, complete: the worker needs nothing else. */
struct plan {
	struct trace_head head; /* all values expanded */
	/* T, and how its other role is started; without a peer: empty */
	const struct target_transport *transport;
	struct strings peer_argv;
	struct pairs peer_env;
	bool has_peer;
	/* How the own role is started again; empty: as the first time. */
	struct strings again_argv;
	struct pairs again_env;
	bool helper; /* of a role that nobody asked for: it is a means to
				fill server_args, and is not judged */
	enum stdin_kind stdin_kind;
	enum parent_kind parent;
	struct step *steps;
	size_t nsteps;
	struct span work;    /* ${work} */
	struct span state;   /* ${state} */
	int64_t natural_ms;  /* the windows that it needs by nature */
	int64_t patience_ms; /* what it waits at most besides for things that
				a working transport may leave out: the limits
				but "init" and "connect" */
	int64_t nofile;	     /* 0: that of ptcheck */
	bool narrow;	     /* pipes */
	bool datagrams;	     /* what connections carry */
	struct disk disk;
	struct inject inject[INJECT_MAX];
	size_t ninject;
	struct pairs settings;	 /* what a client of T must be told, */
	struct span bound;	 /* where the server is that they are about, */
	const struct late *late; /* and what of that the launch's own server
				    has to say; or NULL */
};

/* How long a connection that carries no datagrams may stay, in ms. */
int64_t plan_idle_ms(const struct plan *p);

/* Why a case was not launched; requirements without any trace take their
 * verdict from it: `feature` gives na, else inconclusive. */
struct skip {
	struct span id; /* as that of the launch; without variant when
				   the target has no transport in the role */
	struct strings aims;
	bool feature; /* something the target does not offer */
	bool unasked; /* nobody asked for what it costs: untested */
	struct span reason;
};

/* What planning has to know; all of it is decided before. */
struct plan_env {
	const struct target *target;
	struct strings argv;	    /* the target's command line, */
	struct strings own_argv[2]; /* unless a role has its own */
	enum profile profile;
	struct limits limits;
	uint64_t seed;
	bool sandbox;
	struct span sandbox_why;
	bool slow;    /* wait for what takes minutes, too */
	bool probing; /* only cases with "probe", else others */
	bool speaks_1[2], speaks_2[2]; /* by role, from the probes */
	bool flags[2];
	/* What the client announces, as far as probes know. */
	bool socks5, socks4;
	/* The modes by transport, "STUN" for example; and whether clients
	 * start only with a flag that says where to go. */
	struct pairs announced;
	bool aimed;
	/* Which roles to launch.  For clients alone the probe "args" is
	 * launched as well where they must be told what it finds out. */
	bool role[2];
	/* ARGS that a server printed in a probe, by transport; for clients
	 * whose settings come from there. */
	struct pairs server_args;
	struct span work_root; /* ${work} in the sandbox; without it
					   ${work} is WORK_ROOT/N */
	size_t first;	       /* the first N, less one */
	const char *(*port)(void *ctx, struct span name, struct arena *a);
	void *port_ctx; /* one fresh ctx per launch: see below */
	void (*port_reset)(
		void *ctx); /* called before each launch's planning */
	/* Does the selection want this case?  NULL: all. */
	bool (*wanted)(void *ctx, struct span id, const struct strings *aims);
	/* And this launch of it?  NULL: all.  Others leave no skip either. */
	bool (*named)(void *ctx, struct span id);
	void *wanted_ctx;
};

struct cases {
	struct arena arena;
	struct case_def **v;
	size_t n, cap;
};

/*
 * Parse one file's text into @c (appending).  Ids must be unique over all.
 * After an error @c may hold some of the file's cases.
 */
int cases_parse(struct cases *c, struct span text, const char *name,
		struct err *e);
/* The case files built into the program. */
int cases_builtin(struct cases *c, struct err *e);
void cases_fini(struct cases *c);
/* Tell of each case that aims at the requirement, in the order of the files. */
void cases_aiming(const struct cases *c, const char *req,
		  void (*tell)(void *ctx, struct span id, struct span title),
		  void *ctx);

/* Does one aim at it that has a launch in one of these profiles (1 << enum
 * profile) and roles (1 << enum role)? */
bool cases_reach(const struct cases *c, const char *req, unsigned profiles,
		 unsigned roles);
/* Tell the id of each launch in them that a target can get; @t stands for the
 * transport where there is one launch for each. */
void cases_launches(const struct cases *c, unsigned profiles, unsigned roles,
		    const char *t, void (*tell)(void *ctx, const char *id),
		    void *ctx);

struct plans {
	struct plan *v;
	size_t n, cap;
	struct skip *skips;
	size_t nskips, skips_cap;
};

/*
 * Expand all cases, in the order of the files, client before server; fails
 * only on a template that cannot be expanded.  The plans live in @a and point
 * into target and env as well, but not into @c.
 *
 * A case that is not for the profile, for no wanted role, not wanted() or of
 * the other kind (probe or not) leaves no trace at all.
 */
int cases_plan(const struct cases *c, const struct plan_env *env,
	       struct arena *a, struct plans *out, struct err *e);

#endif
