/*
 * settings.h - the two forms of every setting: a variable and a flag
 * (PT 2.0 §3.3.1.1 to §3.3.1.3).
 */
#ifndef PTCHECK_TRACE_SETTINGS_H
#define PTCHECK_TRACE_SETTINGS_H

#include <stdbool.h>

#include "harness/base/span.h"

struct setting {
	const char *variable, *flag;
	bool bare; /* the flag takes no value, it means "1" */
};

/* Ends with a NULL variable. */
extern const struct setting settings[];

/* By the variable's name; NULL when it has no flag. */
const struct setting *setting_find(struct span variable);

#endif
