/*
 * suite.h - the end of main() of a test program.
 */
#ifndef PTCHECK_BASE_SUITE_H
#define PTCHECK_BASE_SUITE_H

#include <check.h>

/* Run @s and give it up: what main() returns.  CK_VERBOSITY and the like are
 * libcheck's. */
int suite_run(Suite *s);
/* The same, all tests in this process: one that crashes takes the rest along. */
int suite_run_here(Suite *s);

#endif
