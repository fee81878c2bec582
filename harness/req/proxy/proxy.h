/*
 * proxy.h - what the judges of proxies share.
 */
#ifndef PTCHECK_REQ_PROXY_PROXY_H
#define PTCHECK_REQ_PROXY_PROXY_H

#include "harness/req/core/judges.h"

#define PROXY "TOR_PT_PROXY"

/* The proxy that the variable alone sets. */
enum uri_expect proxy_configured(const struct judge *j, struct proxy_uri *u);

/* What it was about, for reasons. */
const char *proxy_words(struct judge *j);

/* Of a session with a proxy that was accepted, where there was one: was it
 * called, and with the user id?  False: there was no such session. */
bool judge_px_called(struct judge *j);
bool judge_px_userid(struct judge *j);

/* Of a session with an HTTP proxy: whether it went on after each answer that
 * grants, as it did after the first. */
void judge_px_answers(struct judge *j, const struct proxy_uri *u);
/* And whether it took an answer that grants nothing for one that does. */
void judge_px_interim(struct judge *j, const struct proxy_uri *u);

#endif
