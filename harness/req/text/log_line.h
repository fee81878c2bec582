/*
 * log_line.h - the LOG and STATUS messages of PT 1.0 (§3.3.4, §3.3.5).
 *
 * Both are lists of KEY=VALUE, where a value is a word without blanks or a
 * quoted string with backslash escapes.  @args is what stands behind the
 * keyword and its space.
 */
#ifndef PTCHECK_REQ_TEXT_LOG_LINE_H
#define PTCHECK_REQ_TEXT_LOG_LINE_H

#include <stdbool.h>

#include "parent/base/span.h"

/* What is wrong with a LOG line, in words, or NULL. */
const char *logline_trouble(struct span args);
/* The same for STATUS; a missing TRANSPORT is told apart, because deployed
 * transports leave it out. */
const char *logline_status_trouble(struct span args, bool *no_transport);

#endif
