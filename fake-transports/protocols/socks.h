/*
 * The SOCKS5 front end of a client (RFC 1928) with per-connection settings as
 * a JSON block, method 0x09 (PT 2.0 section 3.3.4), or as user name and
 * password once version 1 is negotiated (PT 1.0 section 3.5). In mode socks4
 * it is one of SOCKS4 and SOCKS4a, with the settings in the user id; only
 * version 1 knows that.
 *
 * No I/O: socks_step() eats what it can from `in` and appends answers to
 * `out`. Any chunking gives the same answers. Bad settings are answered in the
 * ordinary reply, once the request has come; a block that is too long or too
 * slow is answered at once, as no request will follow.
 */
#ifndef PTREF_SOCKS_H
#define PTREF_SOCKS_H

#include "fake-transports/base/addr.h"
#include "fake-transports/base/buf.h"
#include "fake-transports/config/config.h"
#include "fake-transports/config/lists.h"
#include "fake-transports/transports/transports.h"

#define SOCKS_SETTINGS_MAX 65536u
/* Nobody says how long a user id may be; as settings of SOCKS5 it could have
 * 510 bytes. */
#define SOCKS4_USERID_MAX 4096u

/* RFC 1928 section 6, and PT 2.0 section 3.3.4 from 0x10. */
enum socks_rep {
	REP_OK = 0x00,
	REP_FAILURE = 0x01,
	REP_NOT_ALLOWED = 0x02,
	REP_NET_UNREACHABLE = 0x03,
	REP_HOST_UNREACHABLE = 0x04,
	REP_REFUSED = 0x05,
	REP_TTL_EXPIRED = 0x06,
	REP_BAD_COMMAND = 0x07,
	REP_BAD_ADDRESS = 0x08,
	REP_SETTINGS_TOO_LARGE = 0x10,
	REP_SETTINGS_TIMEOUT = 0x11,
	REP_SETTINGS_MALFORMED = 0x12,
	REP_SETTINGS_INVALID = 0x13,
};

enum socks_state {
	SOCKS_GREETING,
	SOCKS_SETTINGS,
	SOCKS_USERPASS,
	SOCKS_REQUEST,
};

enum socks_result {
	SOCKS_MORE,
	SOCKS_CONNECT, /* dest is set; socks_reply() is due */
	SOCKS_CLOSE,   /* send out, then close */
};

struct socks {
	enum mode mode;
	enum socks_state state;
	int pt_version;
	const struct pt_transport *transport;
	struct option_list settings;
	bool has_settings;
	enum socks_rep verdict; /* on the settings */
	struct hostport dest;
};

void socks_init(struct socks *s, enum mode mode, int pt_version,
		const struct pt_transport *t);

enum socks_result socks_step(struct socks *s, struct buf *in, struct buf *out);

/* What to say to a client that took too long, if anything; false: it is waited
 * for all the same. */
bool socks_timeout(const struct socks *s, const struct buf *in,
		   struct buf *out);

void socks_reply(const struct socks *s, enum socks_rep rep, struct buf *out);

/* What to reply to the negative errno that a connection failed with. */
enum socks_rep socks_rep_of_errno(int error);

/* A negative errno that stands for the reply of another SOCKS server, so that
 * socks_rep_of_errno() gives that again. */
int socks_errno_of_rep(unsigned rep);

/* A host name of n bytes, which may be an address in the clothes of one; false
 * if it can be neither. n <= HOST_MAX. */
bool socks_read_name(struct hostport *hp, const uint8_t *name, size_t n,
		     uint16_t port);

/* Says so, and what becomes of the connection then. */
enum socks_result socks_refuse(enum socks_rep rep, struct buf *out);

/* protocols/socks_settings.c: the JSON block; the verdict on it waits for the
 * request. */
enum socks_result socks_settings(struct socks *s, struct buf *in,
				 struct buf *out);

/* protocols/socks4.c: the request of SOCKS4, which is the whole dialogue, and
 * its reply. */
enum socks_result socks4_request(struct socks *s, struct buf *in,
				 struct buf *out);
void socks4_reply(enum socks_rep rep, struct buf *out);

#endif
