/*
 * wireshark.h - what to type into Wireshark to see what a finding is about.
 *
 * A launch's capture holds all that was sent in its sandbox, over loopback as
 * well, so what events tell of a connection, of a datagram or of a frame can be
 * looked at there.  Pure.
 */
#ifndef PTCHECK_REPORT_WIRESHARK_H
#define PTCHECK_REPORT_WIRESHARK_H

#include "harness/trace/trace.h"

/* Where a capture lies: "traces/017.jsonl" -> "traces/017.pcap"; false: that is
 * no trace's name. */
bool capture_file(char *dst, size_t size, const char *trace);

/*
 * A display filter (wireshark-filter(4)) for what these events of a trace are
 * about, in @a; NULL when none of them is about the network, or nothing was
 * captured.
 */
const char *wireshark_filter(struct arena *a, const struct trace *t,
			     const uint32_t *events, size_t n);

#endif
