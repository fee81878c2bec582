/*
 * What only faults do with files: leave some where none belong, and write down
 * what must not be written down. Logs of the second kind are in the state
 * directory, where files may be.
 */
#ifndef PTREF_LITTER_H
#define PTREF_LITTER_H

#include "fake-transports/net/conn.h"

/* Leaves things about; once, at the start. */
void litter_start(void);

/* A client of ours, or an application, has come. */
void litter_visit(const struct conn *c);

/* A server gives up a client before it was served. */
void litter_refused(const struct conn *c);

/* A client has been told where to connect to. */
void litter_dial(const struct conn *c);

/* Payload passes. */
void litter_payload(const struct conn *c, const uint8_t *p, size_t n);

#endif
