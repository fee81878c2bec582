/*
 * gen.h - what `make docs` writes from the tables of the formats: the schemas
 * for editors, and the parts of the manuals.  Not part of ptcheck.
 */
#ifndef PTCHECK_CASE_GEN_GEN_H
#define PTCHECK_CASE_GEN_GEN_H

#include <jansson.h>
#include <stdio.h>

#include "harness/case/format/keys.h"

/* The schema of a file, owned by the caller. */
json_t *schema_case(void);
json_t *schema_target(void);

/*
 * Copy a manual in roff, with a part made from a table for each line
 * "@NAME@".  0, or -1 when there is no such part.
 */
int manual_fill(FILE *in, FILE *out);

/* The variables that have a flag, as "flags" of a case names them. */
size_t flag_variables(const char **out, size_t max);

#endif
