/*
 * output.h - what ptparent says: to people on stderr, to programs one JSON
 * object a line (--events, schema in reports/ptparent-events.schema.json), to
 * systemd by sd_notify(3)'s protocol.
 *
 * What a transport wrote is escaped in each, and lines that mean nothing are
 * told up to a limit: output without end must not fill a disk.
 */
#ifndef PTPARENT_OUTPUT_H
#define PTPARENT_OUTPUT_H

#include <stdio.h>

#include "parent/ptparent.h"

/* Lines that mean nothing, of one run. */
#define OUTPUT_OTHER_MAX 1000

struct output {
	FILE *events; /* NULL: none */
	bool quiet;
	int64_t start; /* of the program: times are since then */
	unsigned others;
	int notify; /* socket; -1: nobody asked */
};

/* @events: a file to append to, or NULL. */
int output_open(struct output *o, const char *events, bool quiet,
		struct ptp_error *err);
void output_close(struct output *o);

/* One line to people. */
void output_say(const struct output *o, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* An event of the library, in all ways that apply. */
void output_event(struct output *o, const struct ptp_event *ev);
/* Where a local listener stands: "listen", and a "bridge-line" of a server. */
void output_listen(struct output *o, const char *transport, const char *address,
		   const char *to);
void output_bridge(struct output *o, const char *line);
/* To systemd: "READY=1". */
void output_notify(const struct output *o, const char *state);

#endif
