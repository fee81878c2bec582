/*
 * setup.h - what a launch was configured with, and what became of it.
 *
 * Shared by the judges of settings.  They ask two things again and again: was
 * this setting there in one form alone, and did the transport start with it,
 * refuse it in order, or neither?
 */
#ifndef PTCHECK_REQ_LAUNCH_SETUP_H
#define PTCHECK_REQ_LAUNCH_SETUP_H

#include "harness/req/core/judges.h"

/* --- settings --- */

/*
 * The value of @variable where the environment, or the flag, is the only one
 * to give it; absent else.  Which of two counts is the business of the rules
 * on overriding (§3.3.1.4), and of no others.
 */
struct span env_only(const struct view *v, const char *variable);
struct span flag_only(const struct view *v, const char *variable);
/* Neither form is there; an empty one is. */
bool setting_unset(const struct view *v, const char *variable);

/* Both forms, neither empty, and they differ. */
struct override {
	struct span env, flag;
};
bool overridden(const struct view *v, const char *variable,
		struct override *out);

/* What is no URI of the form at all; unknown types are another matter. */
#define PROXY_MALFORMED \
	(URI_NO_SCHEME | URI_NO_AUTHORITY | URI_BAD_ADDR | URI_GARBAGE)

/* --- how it started --- */

enum outcome {
	OUT_STARTED, /* DONE, and no fatal error message */
	OUT_REFUSED, /* a fatal error message, or an end by itself */
	OUT_CRASHED,
	OUT_STUCK,   /* neither within the limit */
	OUT_UNCLEAR, /* not waited for, or disturbed by the harness */
};

/* First thing of the harness that may keep a transport from starting. */
uint32_t disturbed_at(const struct view *v);
enum outcome outcome(const struct judge *j);
bool has_started(const struct judge *j);
/* The event that shows it, and what was seen: "the line "ENV-ERROR x" on
 * stdout", "no error message: it exited with status 1". */
uint32_t outcome_ev(const struct judge *j);
const char *outcome_words(struct judge *j);

/* It must have started: passes, or says the row's default. */
void must_start(struct judge *j, const char *expected);
/*
 * A setting was malformed: an ENV-ERROR passes, another refusal is the row's
 * default, a crash or a hang fails.  When it started all the same, an error
 * for one of the transports is worth a note; without any, it is @silent.
 */
void env_error_due(struct judge *j, const char *stimulus, enum verdict silent);

/* --- error messages --- */

/* First error line of the kind, also behind a logger's prefix; or NULL. */
const struct line *error_line(const struct view *v, enum ipc_keyword kw);
/* CMETHOD-ERROR or SMETHOD-ERROR for @name on any stream, or NULL. */
const struct line *method_error(const struct view *v, struct span name);
/* The same for the first requested transport that has one. */
const struct line *any_method_error(const struct view *v);
/* The first requested transport that it knows and said nothing about; or
 * absent. */
struct span unanswered(const struct view *v);
/* Words for whoever reads them: no message, or one of kind LOG. */
bool has_words(const struct lines *lines);
/* "the line "..." on stdout" */
const char *line_words(struct judge *j, const struct line *l);

/* The rules that all fatal messages share: on stderr (1.0: on stdout), with
 * @status behind them, with a text. */
void judge_stream(struct judge *j, enum ipc_keyword kw);
void judge_status(struct judge *j, enum ipc_keyword kw, int status);
void judge_message(struct judge *j, enum ipc_keyword kw);

/* --- sockets --- */

/* The same address; of ::ffff:127.0.0.1 it is 127.0.0.1. */
struct addr unmapped(struct addr a);

/* The snapshot of sockets called "running", taken while the transport was
 * alive, alone and left in peace; or NULL. */
const struct event *running_sockets(const struct view *v);
/* Why a step that was to look around saw nothing; NULL: none was in vain. */
const struct event *snapshot_skipped(const struct view *v);
/* A socket in it that serves @a, be it by a wildcard address; or NULL. */
const struct event *socket_for(const struct view *v, const struct event *snap,
			       const struct addr *a);
/* A TCP listener in it with the port of @a and another address, or NULL. */
const struct event *socket_beside(const struct view *v,
				  const struct event *snap,
				  const struct addr *a);
/* First attempt to connect to the listener of @name, or NULL. */
const struct event *method_connect(const struct view *v, struct span name);
/* The listener that the harness opened at @a in time, or NULL. */
const struct event *listener_at(const struct view *v, const struct addr *a);
/* Begin of the first step that connects, be it for a session, before any of
 * its effects; or NULL. */
const struct event *first_client(const struct view *v);
/* First connection to that listener after event @from, or NULL. */
const struct event *accepted(const struct view *v, const struct event *listener,
			     uint32_t from);
/* Does it serve, all alone, the transport that most launches are about?  What
 * one transport does with bytes says nothing of another. */
bool serves_first(const struct view *v);
/* Which of two destinations was called once a client had come?  False: a server
 * was not given two. */
bool judge_override_destination(struct judge *j, const char *variable);

/* --- server options --- */

/* Options with such a key are the harness's own. */
#define OWN_OPTION "ptcheck"
/* All options of the harness come back in ARGS: the target's description
 * says so, or one of them was seen there. */
bool echoes(const struct judge *j);
/* What ARGS of the transport's SMETHOD line says for @key, or absent. */
struct span args_value(const struct judge *j, struct span transport,
		       struct span key);

#endif
