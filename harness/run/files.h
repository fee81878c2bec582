/*
 * files.h - what a run needs before its first launch: the program, its
 * description, the cases, the sandbox, the evidence directory.
 */
#ifndef PTCHECK_RUN_FILES_H
#define PTCHECK_RUN_FILES_H

#include "harness/run/run_int.h"

/* Those of a directory, or, where that is NULL, the built-in ones; 0, or -1
 * with @e. */
int files_cases(const char *dir, struct cases *out, struct err *e);

/* RUN_DONE, or RUN_BAD_INPUT / RUN_ENVIRONMENT with one line in @e. */
enum run_outcome files_prepare(struct running *r, struct err *e);
void files_finish(struct running *r);
/* The target offers nothing in that role. */
void files_drop_role(struct running *r, enum role role);

/* "ptcheck run --spec 2.0 ..." and " -- PT ARG...": what repeats this run,
 * quoted for a shell; the selection goes in between. */
const char *files_repro_head(struct running *r);
const char *files_repro_tail(struct running *r);

#endif
