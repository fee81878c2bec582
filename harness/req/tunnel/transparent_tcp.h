/*
 * transparent_tcp.h - what launches in the mode transparent-TCP show of settings and lines.
 *
 * There the client's application speaks to its destination from the first
 * byte on (PT 2.0 §3.3.2.2), so that `-target` has to name the server
 * (§3.3.1.3).
 */
#ifndef PTCHECK_REQ_TUNNEL_TRANSPARENT_TCP_H
#define PTCHECK_REQ_TUNNEL_TRANSPARENT_TCP_H

#include "harness/req/core/req.h"

void judge_or_tgt_1(struct judge *j);
void judge_or_tgt_2(struct judge *j);
void judge_cm_mode_tcp_1(struct judge *j);

#endif
