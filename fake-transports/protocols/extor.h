/*
 * The client side of the Extended ORPort: SAFE_COOKIE authentication, then
 * who the client is and which transport it used, then the wait for OKAY. No
 * I/O but the cookie file, which is read anew for each connection, as Tor may
 * write it after it started us.
 */
#ifndef PTREF_EXTOR_H
#define PTREF_EXTOR_H

#include "fake-transports/base/buf.h"
#include "fake-transports/protocols/proxy.h"

enum extor_state {
	EXTOR_TYPES,
	EXTOR_HASH,
	EXTOR_STATUS,
	EXTOR_REPLY,
};

struct extor {
	enum extor_state state;
	const char *cookie_file;
	const struct sockaddr_storage *peer;
	const char *transport;
	const uint8_t *kept_key; /* instead of the file's, or NULL */
	bool begun;		 /* type and nonce are sent */
	uint8_t key[32];
	uint8_t nonce[32];
};

/* False if there is no such file, or it is none. */
bool extor_read_cookie(const char *file, uint8_t key[32]);

enum step extor_step(struct extor *x, struct buf *in, struct buf *out);

#endif
