/*
 * proxy.h - the judges of upstream proxies; their rows are in proxy.c.
 */
#ifndef PTCHECK_REQ_PROXY_PROXY_H
#define PTCHECK_REQ_PROXY_PROXY_H

#include "harness/req/core/req.h"

/* proxy_talk.c: what a transport says of its proxy. */
judge_fn judge_px_ans_1, judge_px_first_1, judge_px_afterver_1, judge_px_done_1,
	judge_px_none_1, judge_px_err_1, judge_px_err_2, judge_px_err_3,
	judge_px_err_4, judge_px_malf_1, judge_px_scheme_1, judge_px_auth_3,
	judge_px_host_1, judge_px_auth_4, judge_px_v6_1, judge_px_probe_1,
	judge_px_flag_1, judge_px_srv_1;

/* proxy_use.c: what it does with a proxy that it accepted. */
judge_fn judge_px_use_1, judge_px_use_2, judge_px_closed_1, judge_px_closed_2,
	judge_px_closed_3, judge_px_auth_1, judge_px_auth_2, judge_px_s4a_1,
	judge_px_http_1, judge_px_split_1;

/* The same of two proxies, for a row of config.c. */
judge_fn judge_cfg_ovr_px_1;

/* Of a session with a proxy that was accepted, where there was one: was it
 * called, and with the user id?  False: there was no such session. */
bool judge_px_called(struct judge *j);
bool judge_px_userid(struct judge *j);

#endif
