/*
 * limits.h - how patient a test is.
 *
 * Every test program is linked with limits.c, which sets libcheck's limits
 * before anything of libcheck runs: they come from ci/limits.py.
 */
#ifndef PTCHECK_BASE_LIMITS_H
#define PTCHECK_BASE_LIMITS_H

/* So many times as long as on an idle machine: @ms, for what must happen. */
int limits_ms(int ms);

#endif
