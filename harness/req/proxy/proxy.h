/*
 * proxy.h - what judges of other areas ask of sessions with a proxy.
 */
#ifndef PTCHECK_REQ_PROXY_PROXY_H
#define PTCHECK_REQ_PROXY_PROXY_H

#include "harness/req/core/req.h"

/* Of a session with a proxy that was accepted, where there was one: was it
 * called, and with the user id?  False: there was no such session. */
bool judge_px_called(struct judge *j);
bool judge_px_userid(struct judge *j);

#endif
