/*
 * udp.h - what the judges of the modes for datagrams share.
 */
#ifndef PTCHECK_REQ_UDP_UDP_H
#define PTCHECK_REQ_UDP_UDP_H

#include "harness/req/traffic/datagrams.h"

/* The sockets or connections that datagrams came from: how many, and the
 * first @max of them. */
size_t dg_sources(const struct dg_flow *f, struct span *out, size_t max);

/* What goes up of a client in @mode (NULL: any); false: nothing does, or the
 * launch is no such one. */
bool dg_up(struct judge *j, const char *mode, struct dg_flow *f);
/* The same of a server whose stream the harness writes, either way. */
bool dg_streamed(struct judge *j, const char *mode, enum dg_way way,
		 struct dg_flow *f);

/* The case gave a mode that nobody has, instead of its own. */
bool view_has_bad_mode(const struct view *v);

/* Event @step waits for what is idle to end, not for the transport that was
 * asked to. */
bool view_waits_idle(const struct view *v, const struct event *step);
/* A step ends connections of the relay. */
bool view_step_cuts(const struct view *v);

/* Memory that grows with the datagrams that come while a client waits. */
void judge_growth(struct judge *j);

/* The other end has ended by itself: what is missing may be its doing. */
bool dg_peer_gone(const struct judge *j);
/* @nothing came of an end in another mode: if it was waited for, that says no
 * more than that, unless the machine was too busy for it. */
void dg_strangers(struct judge *j, const char *nothing);

#endif
