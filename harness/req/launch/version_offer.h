/*
 * version_offer.h - the list of versions that a launch was offered.
 *
 * Which versions a transport has is what the probes saw it answer, one offered
 * at a time.
 */
#ifndef PTCHECK_REQ_LAUNCH_VERSION_OFFER_H
#define PTCHECK_REQ_LAUNCH_VERSION_OFFER_H

#include "harness/req/core/judges.h"

struct offer {
	struct span list;
	size_t items;
	bool legal;   /* in the form that was asked for, well-formed, and holds
			   a version that the PT has */
	bool strange; /* a token is long or holds punctuation */
	bool repeated;
};

/* With two lists that differ, which one counts is CFG-OVR-VER-1's business. */
bool offers_differ(const struct view *v);

/* @flag: only a list behind -ptversion counts, else only the variable. */
struct offer get_offer(const struct judge *j, bool flag);

/* A list that is to be accepted: was it? */
void judge_accepted(struct judge *j, const struct offer *o);

#endif
