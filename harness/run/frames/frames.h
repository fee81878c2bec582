/*
 * frames.h - the frames of a launch's capture, read again: by libpcap, which
 * also compiles the filters of pcap-filter(7).
 *
 * The file is evidence and not trusted.  What was captured is described in
 * sys/capture.h; files of another link type are refused.
 */
#ifndef PTCHECK_RUN_FRAMES_H
#define PTCHECK_RUN_FRAMES_H

#include <stdint.h>

#include "harness/report/scene/scene.h"
#include "parent/base/buf.h"
#include "parent/base/err.h"
#include "parent/proto/net/packet.h"

struct frame {
	uint64_t number;    /* from 1, as in the trace and in Wireshark */
	uint16_t ethertype; /* 0x0800, 0x86dd, or something else */
	size_t length;	    /* as sent, from the IP header on */
	bool is_ip;
	struct packet packet; /* where it is; its payload is valid until the
				 next frame is read */
};

/* --- filters --- */

struct frame_filter;

/* NULL: it is none, and @e says why. */
struct frame_filter *frame_filter_new(const char *text, struct err *e);
void frame_filter_free(struct frame_filter *f);

/* --- a file --- */

struct frames;

/* Every frame, or those that @filter lets through; it must live as long.  NULL:
 * that cannot be read. */
struct frames *frames_open(const char *path, const struct frame_filter *filter,
			   struct err *e);
/* 1 and the next one; 0 behind the last; -1 where the file is broken. */
int frames_next(struct frames *f, struct frame *out, struct err *e);
void frames_close(struct frames *f);

/* "udp 10.0.0.2:4141 > 198.51.100.53:53, 33 bytes" */
void frame_words(struct buf *out, const struct frame *f);

/* --- of a trace --- */

/* A source of words for the frames of a directory's captures. */
struct frames_dir {
	const char *dir;
	struct frames *open; /* the one that was asked for last, or NULL */
	char trace[64];
	uint64_t at; /* the number of the frame that was read last */
};

/* @d must not move, and @dir stay; what it gives is good until the end of it.
 * NULL: nothing is kept, there are no words. */
struct frame_source frames_source(struct frames_dir *d, const char *dir);
void frames_dir_fini(struct frames_dir *d);

#endif
