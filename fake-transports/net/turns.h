/*
 * Faults only: clients that are served one after the other, each of them at
 * another point of the way to its tunnel.
 */
#ifndef PTREF_TURNS_H
#define PTREF_TURNS_H

#include "fake-transports/net/conn.h"

/* Has this client to wait, as another one has got so far and no further? */
bool turn_must_wait(struct conn *c);

#endif
