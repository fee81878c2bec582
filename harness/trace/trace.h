/*
 * trace.h - the record of one launch: a head and an append-only event list.
 *
 * File form: JSON lines.  The first line is the head (what was launched and
 * how), every further line one event; see event.h.  A worker writes it, the
 * judges read it; the same file gives the same verdicts at any time.
 */
#ifndef PTCHECK_TRACE_TRACE_H
#define PTCHECK_TRACE_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "parent/base/arena.h"
#include "parent/base/buf.h"
#include "parent/base/err.h"
#include "harness/trace/event.h"
#include "harness/trace/stimuli.h"

#define TRACE_FORMAT 1

enum role { ROLE_CLIENT, ROLE_SERVER };
enum profile { PROFILE_10, PROFILE_20 };

/*
 * What kind of configuration the launch got.  LEGAL: the specification says
 * that a PT must work with it.  ODD: unspecified, any orderly answer will do.
 * BROKEN: an error answer is due, or at least allowed.
 */
enum config { CONFIG_LEGAL, CONFIG_ODD, CONFIG_BROKEN };

struct pair {
	struct span key, value;
};

struct strings {
	struct span *v;
	size_t n;
};

struct pairs {
	struct pair *v;
	size_t n;
};

/* In the order of the head. */
#define TRACE_LIMITS(X) \
	X(init)         \
	X(exit) X(graceful) X(connect) X(window) X(orphan) X(settings) X(idle)

/* All times in ms, before the timeout multiplier is applied: after. */
struct limits {
#define X(name) int64_t name;
	TRACE_LIMITS(X)
#undef X
};

struct trace_head {
	struct span id;	   /* "ver.list/first@client" */
	struct span probe; /* "speaks-2", "control", ...; absent mostly */
	enum role role;
	enum profile profile;
	enum config config;
	struct strings aims;   /* requirement ids that the case aims at */
	uint64_t stimuli;      /* set of STIMULUS(): what it does on purpose */
	struct strings argv;   /* as executed; values are raw bytes */
	struct pairs env;      /* all variables, in order */
	struct strings known;  /* transports the target offers in this role */
	struct strings nosuch; /* random names that no transport has */
	struct pairs vars;     /* template variables: ports, paths */
	struct limits limits;
	bool sandbox;		 /* own namespaces */
	struct span sandbox_why; /* reason when not */
	bool wrapper;		 /* the target is a script around the binary */
	struct span repro;	 /* what to select to repeat this launch */
};

struct trace {
	struct arena arena;
	struct trace_head head;
	struct event *ev;
	size_t nev, cap;
};

/* Reading.  Names line and value in the error; never trusts the file. */
int trace_read(struct span file, struct trace *out, struct err *e);
void trace_fini(struct trace *t);

/* Writing: append the file form to @out. */
void trace_write_head(struct buf *out, const struct trace_head *h);
void trace_write_event(struct buf *out, const struct event *ev);

const char *role_name(enum role r);	  /* "client", "server" */
const char *profile_name(enum profile p); /* "1.0", "2.0" */
const char *config_name(enum config c);
bool role_parse(struct span s, enum role *out);
bool profile_parse(struct span s, enum profile *out);
bool config_parse(struct span s, enum config *out);
bool stimuli_parse(const struct strings *words, uint64_t *out);

bool strings_has(const struct strings *l, struct span s);
struct span pairs_get(const struct pairs *l, const char *key);

#endif
