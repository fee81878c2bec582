/*
 * uncovered.h - the requirements that nothing judges yet, read from
 * uncovered.json, which is part of the program.
 */
#ifndef PTCHECK_REQ_CORE_UNCOVERED_H
#define PTCHECK_REQ_CORE_UNCOVERED_H

#include "harness/req/core/req.h"

/*
 * All @n of them, in the order of the file.  They stay for the life of the
 * process.  A mistake in the file is one in the program: it says where it is
 * and aborts, and the tests see that there is none.
 */
const struct req *uncovered_rows(size_t *n);

#endif
