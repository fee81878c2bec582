/*
 * startup.h - whether and how a launch answered, as the judges of versions and
 * transport lists ask it.
 */
#ifndef PTCHECK_REQ_LAUNCH_STARTUP_H
#define PTCHECK_REQ_LAUNCH_STARTUP_H

#include "harness/req/core/judges.h"

/* Was everything that it printed recorded?  Only then is a missing line
 * missing. */
bool output_whole(const struct view *v);

/* Ended by itself before the harness did anything that may end it. */
bool ended_unasked(const struct view *v);

/* First line with @kw on stdout, else on stderr; NULL: none. */
const struct line *any_line(const struct view *v, enum ipc_keyword kw);

/* Is @l one of CMETHOD, CMETHOD-ERROR, CMETHODS (client) or the like of a
 * server? */
bool is_role_line(const struct line *l, enum role role);

/*
 * Started, with DONE and without a fatal error line?  Then false, and nothing
 * is said.  Else says @v with what came instead: the error, a crash, an early
 * end, silence up to the init limit; nothing where the harness ended it, nor
 * after a VERSION-ERROR, which has rules enough of its own.
 */
bool j_no_done(struct judge *j, enum verdict v, const char *expected);

/* Neither ended nor reached DONE although the init limit passed, unless it was
 * told to end. */
bool hung(const struct judge *j);

/*
 * "Either" rules: any orderly answer is fine.  Says fail for a crash or a
 * hang and pass else.
 */
void j_orderly(struct judge *j, const char *stimulus);

/*
 * The second instance, as a judgement of its own: it came after the first had
 * served and ended, all of it.
 */
bool second_start(const struct judge *j, struct view *v2, struct judge *j2);

#endif
