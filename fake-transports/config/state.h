/*
 * The state directory (PT 2.0 section 3.3.1.1): one small file that shows
 * where a transport would keep its keys. It is written whole, by a temporary
 * file in the same directory and a rename.
 */
#ifndef PTREF_STATE_H
#define PTREF_STATE_H

#include "fake-transports/base/buf.h"
#include "fake-transports/config/config.h"

/* Creates the directory if need be (0700) and the file in it (0600). An unset
 * or empty setting means the working directory. */
bool state_write(const struct setting *dir, enum role role, struct err *e);

/* The path of another file in it; to be freed. */
char *state_file(const struct setting *dir, const char *name);

/* For a fault: ARGS get a number that the state keeps, until a server cannot
 * listen. */
void state_add_number(const struct setting *dir, struct buf *args);
void state_forget_number(const struct setting *dir);

/* To be called before a graceful end; there is nothing left to save. */
void state_close(const struct setting *dir);

/* For a fault: a copy of the option in a file that all can read. */
void state_copy(const struct setting *dir, const struct option *o);

/* For a fault: the option is what an earlier life was given, if there was one
 * on this state. */
void state_keep(const struct setting *dir, struct option *o);

#endif
