/*
 * Faults: the ways in which ptref breaks the rules on request.
 *
 * `--fault NAME` switches exactly one on. Each fault is a row,
 *
 *	FAULT(ID, "name", "what it does", "must", "may");
 *
 * directly above the function or table in which F_ID carries it out, the first
 * one where there are several: reading that one place shows the whole
 * deviation. The build collects the rows (ci/fault-rows).
 *
 * How to add a fault:
 *   1. Put `if (fault_is(F_ID))` at the one place where the deviation happens.
 *      Break one rule only: keep streams, statuses, spelling and timing right,
 *      so that the "must" list stays short.
 *   2. Put the row above it: identifier, kebab-case name, what it does in one
 *      line, the requirements it must trip, the ones it may, separated by
 *      blanks. A fault that shows only with certain words on the command line,
 *      as those of another mode than socks5, is a FAULT_WITH(words, ID, ...).
 *   3. A fault that forks must make the child end by itself within 60 s and
 *      close the standard descriptors there (see faults/actions.c).
 *   4. "may" is for requirements that are judged in the same sessions and
 *      cannot help noticing. A `*` stands for any characters. Never list
 *      there what the fault is aimed at. Lists that several faults share have
 *      names in faults/trips.h.
 */
#ifndef PTREF_FAULTS_H
#define PTREF_FAULTS_H

#include <stdbool.h>
#include <stdio.h>

/* Where it stands, a row only sees to it that it has been collected. */
#define FAULT(id, ...) _Static_assert(F_##id, "is collected")
#define FAULT_WITH(args, id, ...) FAULT(id, __VA_ARGS__)

enum fault {
	F_NONE,
#define X(id, name, what, must, may, args) F_##id,
#include "gen/ptref_faults.inc"
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
