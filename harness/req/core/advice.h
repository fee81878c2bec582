/*
 * advice.h - why a rule matters, and where one who broke it looks first.  Most
 * rules share what areas.h says of their area; those that people meet most, or
 * that cost most when they are broken, have their own in advice.c.
 */
#ifndef PTCHECK_REQ_CORE_ADVICE_H
#define PTCHECK_REQ_CORE_ADVICE_H

#include "harness/req/core/req.h"

/* One or two sentences; empty where neither has any. */
const char *req_why(const struct req *r);
const char *req_mend(const struct req *r);

/* The rows of advice.c, for the tests; NULL behind the last. */
const char *advice_id(unsigned i);

#endif
