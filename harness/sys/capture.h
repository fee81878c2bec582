/*
 * capture.h - every packet that is sent inside a launch's sandbox.
 *
 * Nobody but the processes in the sandbox sends there, so each packet is
 * taken once, where it goes out: on loopback, or on the link of world.h.
 * That happens inside the sender's system call.  So everything that a process
 * sent before capture_read() was called is seen by it; there is no timeout to
 * wait for.
 *
 * Frames are numbered from 1 in the order in which they were sent, and
 * written with the same numbers to a pcap file (LINKTYPE_LINUX_SLL2,
 * nanoseconds), which Wireshark reads.
 *
 * A packet socket with a ring is used as it is: libpcap drops the outgoing
 * copy on loopback in favour of the incoming one, which comes when the kernel
 * gets to it, and reads on for as long as somebody sends (docs/sandbox.md says
 * how that was measured).
 * Opening and closing cost 10 to 30 ms of waiting (not of processor time) for
 * the kernel; who is about to exit leaves the closing to the exit.
 */
#ifndef PTCHECK_SYS_CAPTURE_H
#define PTCHECK_SYS_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parent/base/buf.h"
#include "parent/base/err.h"
#include "parent/base/span.h"

/* Bytes kept of each packet, from its IP header on.  Enough for any packet
 * on the link; on loopback a single one may carry 64 KiB. */
#define CAPTURE_SNAPLEN 1900
/* Packets that may wait for a reader, 2 KiB each: what a processor that is free
 * soon needs, and the flood of a few seconds that nobody reads.  Multiples of 16. */
#define CAPTURE_SLOTS 256
#define CAPTURE_SLOTS_MANY 8192
/* A file does not become larger; later frames are only counted. */
#define CAPTURE_FILE_MAX (16u << 20)

struct capture_frame {
	uint64_t number; /* from 1; as Wireshark counts them in the file */
	int64_t time_ns; /* since 1970, when it was sent */
	int ifindex;
	bool loopback;	    /* sent on loopback, not on the link */
	uint16_t ethertype; /* 0x0800, 0x86dd, or something else */
	size_t length;	    /* of the packet; packet.n may be less */
	struct span packet; /* from the IP header on; valid in the function */
};

/* What became of all packets. */
struct capture_stats {
	uint64_t frames;  /* handed out */
	uint64_t written; /* the first so many of them are in the file */
	uint64_t dropped; /* did not fit into the ring: nobody saw them */
};

typedef void capture_fn(void *ctx, const struct capture_frame *f);

/* A socket that takes packets (-1: none), and where it puts them. */
struct capture_ring {
	int fd;
	char *slots;
	size_t n; /* slots */
};

/* In the network namespace of the caller, from now on. */
int capture_ring_open(struct capture_ring *r, size_t slots, struct err *e);
/* Waits for the kernel, see above. */
void capture_ring_close(struct capture_ring *r);

/* Fill with capture_open() or capture_begin(); then it must not move. */
struct capture {
	struct capture_ring ring;
	bool lent;	/* the ring stays another's */
	int file;	/* -1: none */
	size_t next;	/* the slot that is read next */
	uint64_t taken; /* frames that the kernel has put into slots */
	struct buf out;
	uint64_t file_size;
	struct capture_stats stats;
	struct err trouble; /* of the file; msg is empty without */
};

/*
 * Capture in the network namespace of the caller from now on.  @pcap_fd gets
 * the file, or is -1; it stays the caller's.
 */
int capture_open(struct capture *c, size_t slots, int pcap_fd, struct err *e);

/* The same with a ring that is lent, into which no packet has come yet. */
void capture_begin(struct capture *c, const struct capture_ring *lent,
		   int pcap_fd);

/* Readable when there is a frame. */
int capture_fd(const struct capture *c);

/* Hand out and write all that was sent before the call, and nothing else, so
 * that a flood does not keep the caller for ever. */
void capture_read(struct capture *c, capture_fn *fn, void *ctx);

/*
 * capture_read() for the last time; no frame is handed out after that.  Tells
 * the numbers; -1 when the file is not what they say.
 */
int capture_finish(struct capture *c, capture_fn *fn, void *ctx,
		   struct capture_stats *out, struct err *e);

/* Free all; waits for the kernel, see above. */
void capture_close(struct capture *c);

#endif
