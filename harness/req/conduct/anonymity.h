/* anonymity.h - who must not be known by what is left behind. */
#ifndef PTCHECK_REQ_CONDUCT_ANONYMITY_H
#define PTCHECK_REQ_CONDUCT_ANONYMITY_H

#include "harness/req/core/judges.h"

/* Is the address of a client of the harness in it, in whatever way?  Lists of
 * addresses in the DNS are asked for names that begin with one. */
bool holds_client(const struct judge *j, struct span text);

/* Passes with @ev.  Nearly every launch is an occasion: one that was not seen
 * decides nothing unless it was made for the rule. */
void pass_quietly(struct judge *j, const struct event *ev);

#endif
