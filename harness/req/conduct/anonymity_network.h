/*
 * anonymity_network.h - the judges of what nobody asked for and of what must not be seen
 * beside a proxy; their rows are in anonymity.c.
 */
#ifndef PTCHECK_REQ_CONDUCT_ANONYMITY_NETWORK_H
#define PTCHECK_REQ_CONDUCT_ANONYMITY_NETWORK_H

#include "harness/req/core/req.h"

judge_fn judge_an_dns_1, judge_an_dns_2, judge_an_dns_3;
/* Whether payload is on stdout; the row is one of lines.c. */
judge_fn judge_ipc_stdout_1;
judge_fn judge_an_fc_1, judge_an_fc_2, judge_an_net_1;

#endif
