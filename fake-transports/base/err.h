/* One error message, written where the trouble is and printed once. */
#ifndef PTREF_ERR_H
#define PTREF_ERR_H

#include <stdbool.h>

struct err {
	char text[400];
};

/* Sets the message; always false, so that a parser can `return err_set()`. */
bool err_set(struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
