/*
 * socks_judges.h - what the judges of several parts of a session share.
 */
#ifndef PTCHECK_REQ_SOCKS_SOCKS_JUDGES_H
#define PTCHECK_REQ_SOCKS_SOCKS_JUDGES_H

#include "harness/req/traffic/socks_dialogue.h"

/* A request, and settings that are not in its way: they were answered before
 * it came, or in one go with it and understood. */
bool request_is_simple(const struct judge *j, const struct dialogue *d);
/* The reserved byte of a request that is there. */
bool request_rsv_is_zero(const struct dialogue *d);

/* A name with an IPv6 address only, and one whose address has changed. */
void judge_six_only(struct judge *j, const struct dialogues *all);
void judge_moved(struct judge *j, const struct dialogues *all);

/* The same for both versions of SOCKS. */
void ends_behind_failure(struct judge *j, const struct dialogues *all);
void replies_once(struct judge *j, const struct dialogues *all);
/* A request that came in pieces, as part of @what. */
void judge_split_request(struct judge *j, const struct dialogues *all,
			 const struct dialogue *d, const char *what,
			 const char *expected);
/* A request of SOCKS4 that is all right. */
void must_be_granted(struct judge *j, const struct dialogues *all,
		     const struct dialogue *d, const char *expected);
/* @what, the last that was sent on @d, does not come to its end: it is not
 * waited for longer than the user says. */
void must_not_wait_on(struct judge *j, const struct dialogue *d,
		      const char *what);

#endif
