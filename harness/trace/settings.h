/*
 * settings.h - the two forms of every setting: a variable and a flag
 * (PT 2.0 §3.3.1.1 to §3.3.1.3), and what a launch was told by them.
 */
#ifndef PTCHECK_TRACE_SETTINGS_H
#define PTCHECK_TRACE_SETTINGS_H

#include <stdbool.h>

#include "parent/base/span.h"
#include "harness/trace/trace.h"

struct setting {
	const char *variable, *flag;
	bool bare; /* the flag takes no value, it means "1" */
};

/* Ends with a NULL variable. */
extern const struct setting settings[];

/* By the variable's name; NULL when it has no flag. */
const struct setting *setting_find(struct span variable);

/* The flag's value ("" for the bare one); absent when @argv has it not. */
struct span setting_flag(const struct strings *argv, const char *flag);
/* What that command line and environment set: a non-empty flag overrides the
 * variable (§3.3.1.4); absent: neither form is there. */
struct span setting_value(const struct strings *argv, const struct pairs *env,
			  const char *variable);
/* "TOR_PT_CLIENT_TRANSPORTS" or "TOR_PT_SERVER_TRANSPORTS". */
const char *setting_transports(enum role role);

#endif
