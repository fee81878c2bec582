/*
 * The Transports API: what a transport is to a program that uses it, and what
 * the program lends to the transport. It is the interface of PT 2.0 section
 * 3.2.2 in C. ptref is a dispatcher over it (section 4.1): it speaks IPC,
 * SOCKS, the Extended ORPort and upstream proxies, and knows of transports
 * only what stands here.
 *
 * THE OBJECTS
 *
 *   pt_transport  section 3.2.2.1: a name, what it needs to be told, and the
 *                 constructors of its two factories. One constant per
 *                 transport.
 *   pt_client     the client factory: settings and a destination make a
 *                 connection.
 *   pt_server     the server factory: an address to listen at makes a
 *                 listener.
 *   pt_listener   section 3.2.2.2: a stream of connections.
 *   pt_conn       a connection: looks like a non-blocking socket to its user
 *                 and holds all that disguises the traffic.
 *
 *   pt_dialer,    what the program lends. A transport opens no socket by
 *   pt_binder     itself: whatever is to go out goes through the dialer, so
 *                 that an upstream proxy is used for every connection (section
 *                 3.3.1.2). What they give are plain connections and listeners
 *                 of this same API, the wire, ready to be wrapped.
 *
 * WRAPPING
 *
 * Both pt_conn and pt_listener have a table of functions and a `wire`. A
 * function that is NULL is that of the wire, so a transport writes only what
 * it does differently; one that changes nothing returns the wire itself.
 *
 * OWNERSHIP
 *
 * Who gets an object through `out` owns it and ends it by pt_close(),
 * pt_abort() or pt_listener_close(). A wrapper owns its wire: closing one
 * closes both. Objects come from calloc() (or xcalloc()) and their base is the
 * first member, as the API frees them. Settings, configuration and addresses
 * that are passed in belong to the caller and end with the call, but for
 * `config` of a factory, which outlives the factory.
 *
 * ERRORS
 *
 * Functions return 0 or a count, or a negative errno. -EAGAIN means: not now,
 * ask pt_poll() what to wait for. Any other error of a connection is final,
 * for both of its directions. `out` is set on success only. A destination that
 * cannot be had gives -ECONNREFUSED, -ENETUNREACH, -EHOSTUNREACH, -ETIMEDOUT
 * as connect() does, settings that make no sense -EINVAL, a peer that is no
 * peer of this transport -EPROTO: the dispatcher turns them into replies.
 *
 * BLOCKING, THREADS, TIME
 *
 * Nothing blocks, ever, not even on a host name. All calls come from one
 * thread. There are no timers here: the user of a connection closes it when
 * it has waited long enough.
 *
 * SIZES
 *
 * Users read and write up to PT_CHUNK bytes at a time. A write that was
 * accepted may still be inside, but never more than 2 * PT_CHUNK bytes: then it
 * is -EAGAIN. Bytes that can be sent are sent, however few they are.
 *
 * A COMPLETE TRANSPORT
 *
 * Lives in a file of its own, here transports/flip.c, and in one line of
 * transports/transports.h. It inverts all bits. (The tests build what
 * follows.)
 *
 * [example]
 * #include <errno.h>
 *
 * #include "fake-transports/pt_transport.h"
 * #include "fake-transports/base/buf.h"
 *
 * static ssize_t flip_read(struct pt_conn *c, void *p, size_t n)
 * {
 *	uint8_t *b = p;
 *	ssize_t got = pt_read(c->wire, p, n);
 *
 *	for (ssize_t i = 0; i < got; i++)
 *		b[i] ^= 0xff;
 *	return got;
 * }
 *
 * static ssize_t flip_write(struct pt_conn *c, const void *p, size_t n)
 * {
 *	const uint8_t *b = p;
 *	uint8_t flipped[4096];
 *
 *	if (n > sizeof(flipped))
 *		n = sizeof(flipped);
 *	for (size_t i = 0; i < n; i++)
 *		flipped[i] = b[i] ^ 0xff;
 *	return pt_write(c->wire, flipped, n);
 * }
 *
 * static const struct pt_conn_ops flip_conn = {
 *	.read = flip_read,
 *	.write = flip_write,
 * };
 *
 * static struct pt_conn *wrap(struct pt_conn *wire)
 * {
 *	struct pt_conn *c = xcalloc(1, sizeof(*c));
 *
 *	c->ops = &flip_conn;
 *	c->wire = wire;
 *	return c;
 * }
 *
 * static int flip_connect(struct pt_client *f,
 *			const struct option_list *settings,
 *			const struct hostport *to, struct pt_conn **out)
 * {
 *	int r = f->dialer->dial(f->dialer, to, out);
 *
 *	(void)settings;
 *	if (r == 0)
 *		*out = wrap(*out);
 *	return r;
 * }
 *
 * static int flip_client(struct pt_client *f)
 * {
 *	f->connect = flip_connect;
 *	return 0;
 * }
 *
 * static int flip_accept(struct pt_listener *l, struct pt_conn **out,
 *		       struct sockaddr_storage *peer)
 * {
 *	int r = pt_accept(l->wire, out, peer);
 *
 *	if (r == 0)
 *		*out = wrap(*out);
 *	return r;
 * }
 *
 * static const struct pt_listener_ops flip_listener = {
 *	.accept = flip_accept,
 * };
 *
 * static int flip_listen(struct pt_server *f,
 *		       const struct sockaddr_storage *at,
 *		       struct pt_listener **out)
 * {
 *	struct pt_listener *wire;
 *	int r = f->binder->listen(f->binder, at, &wire);
 *
 *	if (r < 0)
 *		return r;
 *	*out = xcalloc(1, sizeof(**out));
 *	(*out)->ops = &flip_listener;
 *	(*out)->wire = wire;
 *	return 0;
 * }
 *
 * static int flip_server(struct pt_server *f)
 * {
 *	f->listen = flip_listen;
 *	return 0;
 * }
 *
 * const struct pt_transport transport_flip = {
 *	.name = "flip",
 *	.client = flip_client,
 *	.server = flip_server,
 * };
 * [end]
 */
#ifndef PT_TRANSPORT_H
#define PT_TRANSPORT_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "fake-transports/base/addr.h"
#include "fake-transports/config/lists.h"

/* Nearly two segments of loopback, 65483 bytes each with timestamps: one byte
 * more than fits would travel in a segment of its own. */
#define PT_CHUNK (127u << 10)

struct buf;
struct pt_client;
struct pt_conn;
struct pt_listener;
struct pt_server;
struct pt_transport;

/* ---- connections (section 3.2.2.2 and, for wrapping, 3.2.4.2.2) ---- */

/* What to give to poll(), see pt_poll(). */
struct pt_wish {
	int fd; /* -1: nothing to wait for */
	short events;
	bool ready; /* no need to wait: bytes to be read are here already */
};

struct pt_conn_ops {
	/* Goes on with becoming a usable connection: dialling, a dialogue with
	 * a proxy, a handshake. 0 once it is, and for ever after. */
	int (*establish)(struct pt_conn *c);
	/* Plain bytes that came in, at least one; 0 at the clean end. n > 0.
	 * Fewer than n does not mean that there are no more. */
	ssize_t (*read)(struct pt_conn *c, void *p, size_t n);
	/* How many plain bytes were taken, at least one. n > 0. */
	ssize_t (*write)(struct pt_conn *c, const void *p, size_t n);
	/* 0 once nothing of what was taken is held back. */
	int (*flush)(struct pt_conn *c);
	/* Flushes, then sends the end; reading goes on. To be called again
	 * while it is -EAGAIN. */
	int (*shutdown)(struct pt_conn *c);
	void (*poll)(struct pt_conn *c, short want, struct pt_wish *out);
	/* The network socket itself, to set options on it; -1: none yet. */
	int (*socket)(struct pt_conn *c);
	/* Makes that fini resets the connection instead of ending it. */
	void (*abort)(struct pt_conn *c);
	/* Lets go of all but the wire and the memory of *c. */
	void (*fini)(struct pt_conn *c);
};

/* The base of a connection. */
struct pt_conn {
	const struct pt_conn_ops *ops;
	struct pt_conn *wire; /* owned; NULL at the bottom */
};

int pt_establish(struct pt_conn *c);
ssize_t pt_read(struct pt_conn *c, void *p, size_t n);
ssize_t pt_write(struct pt_conn *c, const void *p, size_t n);
int pt_flush(struct pt_conn *c);
int pt_shutdown(struct pt_conn *c);
int pt_socket(struct pt_conn *c);

/* Writes what is in the buffer: 0 once it is empty. What was taken is gone from
 * it in any case. */
int pt_write_buf(struct pt_conn *c, struct buf *b);

/*
 * What to wait for in order to read (POLLIN), write (POLLOUT), or both or
 * neither. It is to be asked anew after each call, as both the descriptor and
 * the events may differ: bytes that wait inside want POLLOUT unasked, and a
 * connection that is not yet established knows itself what it needs (it is
 * asked with POLLIN). POLLERR and POLLHUP may be seen without having been
 * waited for; unless pt_shutdown() was called before, they mean that the wire
 * is broken.
 */
void pt_poll(struct pt_conn *c, short want, struct pt_wish *out);

/* Ends and frees it. What was flushed before is still delivered. */
void pt_close(struct pt_conn *c);

/* The same by a reset, so that the peer sees an error and no clean end. */
void pt_abort(struct pt_conn *c);

/* ---- listeners (section 3.2.2.2) ---- */

struct pt_listener_ops {
	/* The next connection and where it comes from. It need not be
	 * established: that is up to pt_establish(). -EAGAIN: none. */
	int (*accept)(struct pt_listener *l, struct pt_conn **out,
		      struct sockaddr_storage *peer);
	/* The descriptor to wait on, with POLLIN. */
	int (*socket)(struct pt_listener *l);
	/* Where it listens, with the port that it got. */
	int (*addr)(struct pt_listener *l, struct sockaddr_storage *out);
	void (*fini)(struct pt_listener *l);
};

/* The base of a listener. */
struct pt_listener {
	const struct pt_listener_ops *ops;
	struct pt_listener *wire; /* owned; NULL at the bottom */
};

int pt_accept(struct pt_listener *l, struct pt_conn **out,
	      struct sockaddr_storage *peer);
int pt_listener_socket(struct pt_listener *l);
int pt_listener_addr(struct pt_listener *l, struct sockaddr_storage *out);
/* Stops listening; connections that were accepted live on. NULL is fine. */
void pt_listener_close(struct pt_listener *l);

/* ---- what the program lends ---- */

struct pt_dialer {
	/* A connection to that place, not yet established. Names are resolved
	 * on the way, by the proxy if there is one. */
	int (*dial)(struct pt_dialer *d, const struct hostport *to,
		    struct pt_conn **out);
	void *host; /* of the lender */
};

struct pt_binder {
	int (*listen)(struct pt_binder *b, const struct sockaddr_storage *at,
		      struct pt_listener **out);
	void *host; /* of the lender */
};

/* ---- factories (section 3.2.2.1) ---- */

/* The caller's storage; the first three are set by the caller, the rest by the
 * transport. */
struct pt_client {
	const struct pt_transport *transport;
	const struct option_list *config;
	struct pt_dialer *dialer;

	/* `settings` are those of this connection, `to` is where the server of
	 * the transport is (section 3.3.4: what the SOCKS request names). */
	int (*connect)(struct pt_client *f, const struct option_list *settings,
		       const struct hostport *to, struct pt_conn **out);
	void (*fini)(struct pt_client *f); /* or NULL */
	void *state;
};

struct pt_server {
	const struct pt_transport *transport;
	const struct option_list *config;
	struct pt_binder *binder;

	int (*listen)(struct pt_server *f, const struct sockaddr_storage *at,
		      struct pt_listener **out);
	void (*fini)(struct pt_server *f); /* or NULL */
	void *state;
};

/* ---- transports (section 3.2.2.1) ---- */

struct pt_transport {
	const char *name; /* section 3.1 */
	/* Settings and options that must be there, on both sides; ends with
	 * NULL. Neither constructor nor connect() is called without. NULL: it
	 * needs none. */
	const char *const *required;
	/* A server option that clients must not learn, or NULL. */
	const char *secret;
	/* Complete a factory; NULL where the transport lacks that side. */
	int (*client)(struct pt_client *f);
	int (*server)(struct pt_server *f);
};

/* -EOPNOTSUPP if the transport lacks that side. */
int pt_client_init(struct pt_client *f, const struct pt_transport *t,
		   const struct option_list *config, struct pt_dialer *d);
void pt_client_fini(struct pt_client *f);
int pt_server_init(struct pt_server *f, const struct pt_transport *t,
		   const struct option_list *config, struct pt_binder *b);
void pt_server_fini(struct pt_server *f);

#endif
