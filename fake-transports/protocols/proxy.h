/*
 * The upstream proxy (PT 2.0 section 3.3.1.2): the URI, and the dialogue with
 * a proxy once connected. The dialogue does no I/O: proxy_step() reads what
 * came from `in`, writes answers to `out`, and copes with any chunking.
 */
#ifndef PTREF_PROXY_H
#define PTREF_PROXY_H

#include "fake-transports/base/addr.h"
#include "fake-transports/base/buf.h"
#include "fake-transports/base/err.h"

enum proxy_kind {
	PROXY_SOCKS5,
	PROXY_SOCKS4A,
	PROXY_HTTP,
};

#define PROXY_WORD_MAX 255 /* RFC 1929 length octets */

struct proxy {
	enum proxy_kind kind;
	struct hostport at;
	bool has_user;
	bool has_pass;
	char user[PROXY_WORD_MAX + 1];
	char pass[PROXY_WORD_MAX + 1];
};

/* Reads scheme://[user[:pass]@]ip:port; a name as host is an error. */
bool proxy_parse(const char *uri, struct proxy *out, struct err *e);

enum proxy_state {
	PROXY_START,
	PROXY_METHOD, /* SOCKS5: waiting for the method */
	PROXY_AUTH,   /* SOCKS5: waiting for the user name verdict */
	PROXY_REPLY,
};

enum step {
	STEP_MORE,
	STEP_DONE,
	STEP_FAIL,
};

struct proxy_dialogue {
	const struct proxy *proxy;
	const struct hostport *to;
	enum proxy_state state;
	unsigned rep; /* on failure: SOCKS5 reply code to pass on */
};

enum step proxy_step(struct proxy_dialogue *d, struct buf *in, struct buf *out);

#endif
