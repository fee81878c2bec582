/*
 * read.h - a result from a report.json, so that every format can be written
 * without the evidence, or by another version than the one that judged.
 */
#ifndef PTCHECK_REPORT_READ_H
#define PTCHECK_REPORT_READ_H

#include "parent/base/err.h"
#include "harness/report/result.h"

/* The longest report.json that is read. */
#define REPORT_JSON_MAX (256u << 20)

/*
 * Fill @r from @text; 0, or -1 with the place of what is wrong.  Written again
 * as json, it is the same but for keys that this version does not know.  A
 * requirement that it does not know is described by what the file says.
 * Either way @r->arena is the caller's to free.
 */
int report_read(struct span text, struct result *r, struct err *e);

#endif
