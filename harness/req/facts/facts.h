/*
 * facts.h - what the probes find out before anything is judged.
 *
 * The probes are cases with the key "probe" (cases/general.json).  They tell
 * the kind of transport: which versions and roles it has, whether it takes
 * flags, and whether it is a transport at all.
 */
#ifndef PTCHECK_REQ_FACTS_FACTS_H
#define PTCHECK_REQ_FACTS_FACTS_H

#include "harness/req/core/req.h"

/* Add what the trace of a probe shows; others are left alone.  Any order
 * gives the same facts. */
void facts_add(struct facts *f, const struct view *v);

#endif
