/*
 * What a transport is to the rest of ptref: a name and a pair of byte codecs.
 *
 * A session is one side of one connection. Plain bytes are those of the
 * application, wire bytes those between the two ends of the transport. The
 * codecs do no I/O; whoever owns the sockets moves the bytes. To add one,
 * write a file with a `const struct transport` and list it in
 * ptref_transport.c.
 */
#ifndef PTREF_TRANSPORT_H
#define PTREF_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ptref_buf.h"
#include "ptref_lists.h"

struct transport {
	const char *name;
	/* Settings that must be there, on both sides; ends with NULL. */
	const char *const *required;
	/* A server option that clients must not learn, or NULL. */
	const char *secret;
	/* Wire bytes that come before anything can be decoded. A server calls
	 * its own destination only once they are there. */
	size_t preamble;

	/* Starts a session and appends to `wire` what goes out at once. */
	void *(*open)(const struct option_list *settings, struct buf *wire);
	void (*encode)(void *session, const uint8_t *p, size_t n,
		       struct buf *wire);
	void (*decode)(void *session, const uint8_t *p, size_t n,
		       struct buf *plain);
	void (*close)(void *session);
};

extern const struct transport transport_ident;
extern const struct transport transport_veil;

/* All of them, ends with NULL. */
extern const struct transport *const transports[];

/* The transport of exactly that name, or NULL. */
const struct transport *transport_find(const char *name);

/* The first required setting that is not there, or NULL. */
const char *transport_missing(const struct transport *t,
			      const struct option_list *settings);

#endif
