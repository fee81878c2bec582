/*
 * config.h - what the judges of both forms of a setting share.
 */
#ifndef PTCHECK_REQ_CONFIG_CONFIG_H
#define PTCHECK_REQ_CONFIG_CONFIG_H

#include "harness/req/core/judges.h"

#define VER "TOR_PT_MANAGED_TRANSPORT_VER"
#define STATE "TOR_PT_STATE_LOCATION"
#define OPTIONS "TOR_PT_SERVER_TRANSPORT_OPTIONS"
#define BINDADDR "TOR_PT_SERVER_BINDADDR"

bool config_has_flag(const struct judge *j, const char *flag);

/* Started: fine.  Not: only a launch made for this rule can tell why, and not
 * when it was about the version. */
void config_start_shows(struct judge *j, bool decisive);

/* Does a second life serve what the first did?  A warning where not. */
void judge_second_life(struct judge *j);

#endif
