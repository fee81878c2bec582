/*
 * uri.h - TOR_PT_PROXY: <type>://[<user>[:<password>]][@]<ip>:<port>
 * (PT 2.0 §3.3.1.2, RFC 3986).  What is said of a value here is how a PT
 * client may answer it.
 */
#ifndef PTCHECK_PROTO_URI_H
#define PTCHECK_PROTO_URI_H

#include "parent/base/arena.h"
#include "parent/base/span.h"
#include "parent/proto/net/addr.h"

enum uri_anomaly {
	URI_NO_SCHEME = 1 << 0,	     /* "127.0.0.1:1080", "://..." */
	URI_NO_AUTHORITY = 1 << 1,   /* "socks5:127.0.0.1:1080", "socks5://" */
	URI_UNKNOWN_SCHEME = 1 << 2, /* no proxy type that anybody knows */
	URI_OTHER_SCHEME = 1 << 3,   /* socks4, socks5h, https, socks: may be
					   supported by some */
	URI_SCHEME_CASE = 1 << 4,    /* not in lower case */
	URI_BAD_ADDR = 1 << 5, /* see addr_anomalies; not for the kinds that
					   have a name of their own here */
	URI_HOSTNAME = 1 << 6,
	URI_PORT_ZERO = 1 << 7,
	URI_PATH = 1 << 8,	      /* a path that is just "/" */
	URI_PATH_LONG = 1 << 9,	      /* longer path, query or fragment */
	URI_EMPTY_USERINFO = 1 << 10, /* "socks5://@127.0.0.1:1" */
	URI_EMPTY_USER = 1 << 11,     /* ":p@" */
	URI_NO_PASSWORD = 1 << 12,   /* user part without a password, or with an
					   empty one: fine but for socks5 */
	URI_CRED_TOO_LONG = 1 << 13, /* socks5: more than 255 decoded bytes */
	URI_SOCKS4_PASSWORD = 1 << 14, /* SOCKS4 has no place for it */
	URI_BAD_PERCENT = 1 << 15,
	URI_BLANK = 1 << 16,   /* white space, control byte, byte >= 0x7f */
	URI_GARBAGE = 1 << 17, /* none of the parts can be found */
	URI_ZONE = 1 << 18,    /* [fe80::1%25eth0] */
};

/* How a client may answer a proxy setting. */
enum uri_expect {
	URI_ABSENT,	   /* unset or empty: no PROXY line at all */
	URI_ACCEPTABLE,	   /* PROXY DONE, or PROXY-ERROR: type unsupported */
	URI_EITHER,	   /* disputed form: both are fine */
	URI_REFUSE_SHOULD, /* PROXY-ERROR expected, PROXY DONE is a warning */
	URI_REFUSE,	   /* malformed or impossible: PROXY-ERROR */
};

struct proxy_uri {
	unsigned anomalies;
	struct span scheme;	    /* as written; absent when there is none */
	struct span user, password; /* percent-decoded, in the arena; absent
					   when not given */
	struct addr addr;
	unsigned addr_anomalies;
};

void uri_parse(struct arena *a, struct span s, struct proxy_uri *out);
/* The class of a whole setting; absent or empty gives URI_ABSENT. */
enum uri_expect uri_classify(struct span s);

#endif
