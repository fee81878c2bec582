/*
 * facts_learned.h - what ordinary traces teach about a transport.
 *
 * Some answers mean nothing by themselves: PROXY-ERROR for an IPv6 proxy is
 * fine from a transport that takes no proxy at all.  So, before anything is
 * judged, every trace of the run is looked through for things that the
 * transport can do.  Facts are only ever added, in any order.
 */
#ifndef PTCHECK_REQ_FACTS_FACTS_LEARNED_H
#define PTCHECK_REQ_FACTS_FACTS_LEARNED_H

#include "harness/req/core/req.h"

/* @f: the facts of the trace's role. */
void learn(struct role_facts *f, const struct view *v);

#endif
