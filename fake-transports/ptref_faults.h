/*
 * Faults: the ways in which ptref breaks the rules on request.
 *
 * `--fault NAME` switches exactly one on. Each fault is one row of the table in
 * ptref_faults_list.h and one `fault_is(F_...)` in the code, so that reading
 * that one place shows the whole deviation.
 *
 * How to add a fault:
 *   1. Append a row to ptref_faults_list.h, or to that of its area beside it:
 *      identifier, kebab-case name, what it does in one line, the requirements
 *      it must trip, the ones it may.
 *   2. Put `if (fault_is(F_IDENTIFIER))` at the one place where the deviation
 *      happens. Break one rule only: keep streams, statuses, spelling and
 *      timing right, so that the "must" list stays short. A fault of another
 *      mode than socks5 goes into the table of that mode.
 *   3. A fault that forks must make the child end by itself within 60 s and
 *      close the standard descriptors there (see ptref_misdeeds.c).
 *   4. "may" is for requirements that are judged in the same sessions and
 *      cannot help noticing. A `*` stands for any characters. Never list
 *      there what the fault is aimed at.
 */
#ifndef PTREF_FAULTS_H
#define PTREF_FAULTS_H

#include <stdbool.h>
#include <stdio.h>

#include "ptref_faults_list.h"

enum fault {
	F_NONE,
#define X(id, name, what, must, may) F_##id,
	PTREF_ALL_FAULTS(X)
#undef X
};

/* True if this fault was asked for. The only question the code may ask. */
bool fault_is(enum fault f);

/* Switches the named fault on; false if there is none of that name. */
bool fault_select(const char *name);

/* Writes the table as a JSON array of {name, what, must, may, args}; args are
 * the words of the command line without which the fault does not show. */
void fault_list(FILE *to);

#endif
