/*
 * socks_judges.h - the judges of socks.c; one file for each part of a session.
 */
#ifndef PTCHECK_REQ_SOCKS_SOCKS_JUDGES_H
#define PTCHECK_REQ_SOCKS_SOCKS_JUDGES_H

#include "harness/req/traffic/socks_dialogue.h"

/* socks_greet.c: the choice of a method */
judge_fn sk_greet_1, sk_greet_2, sk_greet_3, sk_greet_4, sk_greet_5, sk_greet_6,
	sk_greet_7, sk_pipe_1, sk_leg_1;

/* socks_settings.c: blocks that are good */
judge_fn sk_frame_1, sk_frame_2, sk_frame_3, sk_ok_1, sk_ok_2, sk_ok_3,
	sk_utf_1, sk_ws_1, sk_extra_1, sk_10_2, sk_11_3;

/* socks_refuse.c: blocks that are not */
judge_fn sk_10_1, sk_11_1, sk_11_2, sk_12_1, sk_12_2, sk_12_3, sk_12_4, sk_13_1,
	sk_errclose_1, sk_errlive_1, sk_need_1;

/* socks_request.c: requests and replies */
judge_fn sk_req_1, sk_req_2, sk_req_3, sk_req_4, sk_req_5, sk_req_6, sk_req_7,
	sk_rep_1, sk_rep_2, sk_rep_3, sk_rep_4, sk_rep_5;

/* The same for both versions of SOCKS. */
void ends_behind_failure(struct judge *j, const struct dialogues *all);
void replies_once(struct judge *j, const struct dialogues *all);
/* A request that came in pieces, as part of @what. */
void judge_torn(struct judge *j, const struct dialogues *all,
		const struct dialogue *d, const char *what,
		const char *expected);
/* A request of SOCKS4 that is all right. */
void must_be_granted(struct judge *j, const struct dialogues *all,
		     const struct dialogue *d, const char *expected);
/* How long the settings of a client may be waited for: as the user says. */
int64_t settings_timeout_us(const struct judge *j);

/* socks_session.c: what is carried, and what disturbs */
judge_fn sk_data_1, sk_rob_1, sk_rob_2, sk_dest_1;

#endif
