/*
 * The request of SOCKS4, and of SOCKS4a where the address is 0.0.0.x:
 *
 *	04 CMD PORT(2) IP(4) USERID 00 [NAME 00]
 *
 * and its reply, 00 CODE and six bytes that mean nothing. The user id holds
 * the settings of the connection (PT 1.0 section 3.5).
 */
#include "fake-transports/protocols/socks.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "fake-transports/faults/faults.h"

enum {
	CODE_GRANTED = 0x5a,
	CODE_REJECTED = 0x5b,
};

#define HEAD 8 /* what stands before the user id */

/* A complete request. */
struct request {
	const uint8_t *userid;
	size_t userid_n;
	const uint8_t *name; /* NULL: there is an address */
	size_t name_n;
	size_t length;
};

FAULT_WITH(SOCKS4_ARGS, SOCKS4_REPLY_04, "socks4-reply-04",
	   "begins a reply with 04 instead of 00", "SK-V4-4", "");
FAULT_WITH(SOCKS4_ARGS, SOCKS4_REPLY_TWICE, "socks4-reply-twice",
	   "sends the reply of success twice", "SK-V4-5",
	   "GEN-* OR-* EXT-* SM-ARGS-5");
void socks4_reply(enum socks_rep rep, struct buf *out)
{
	uint8_t reply[8] = { 0, CODE_REJECTED };

	if (rep == REP_OK)
		reply[1] = CODE_GRANTED;
	if (fault_is(F_SOCKS4_REPLY_04))
		reply[0] = 4;
	buf_add(out, reply, sizeof(reply));
	if (rep == REP_OK && fault_is(F_SOCKS4_REPLY_TWICE))
		buf_add(out, reply, sizeof(reply));
}

static enum socks_result socks4_refuse(struct buf *out)
{
	socks4_reply(REP_FAILURE, out);
	return SOCKS_CLOSE;
}

FAULT_WITH(SOCKS4_ARGS, USERID_ENDLESS, "userid-endless",
	   "waits without end for the end of a user id", "SK-ARG-9", "");
FAULT_WITH(SOCKS4_ARGS, USERID_255, "userid-255",
	   "refuses a user id of more than 255 bytes", "SK-ARG-6", "SM-ARGS-5");
static size_t longest_userid(void)
{
	if (fault_is(F_USERID_ENDLESS))
		return SIZE_MAX;
	return fault_is(F_USERID_255) ? 255 : SOCKS4_USERID_MAX;
}

/* Text up to a NUL: its end, or NULL with SOCKS_CLOSE in *r when it is longer
 * than it may be, and SOCKS_MORE when that cannot be told yet. */
static const uint8_t *text_end(const uint8_t *p, size_t n, size_t max,
			       enum socks_result *r)
{
	const uint8_t *end = n ? memchr(p, 0, n) : NULL;

	if ((end ? (size_t)(end - p) : n) > max)
		*r = SOCKS_CLOSE;
	else if (!end)
		*r = SOCKS_MORE;
	else
		return end;
	return NULL;
}

/* 0.0.0.x says that a name follows; 0.0.0.0 does not. */
static bool has_name(const uint8_t *ip)
{
	return !ip[0] && !ip[1] && !ip[2] && ip[3];
}

/* SOCKS_CONNECT: all of it is there. */
static enum socks_result parse_request(const uint8_t *p, size_t n,
				       struct request *q)
{
	enum socks_result r = SOCKS_MORE;
	const uint8_t *end;

	*q = (struct request){ 0 };
	if (n <= HEAD)
		return r;
	q->userid = p + HEAD;
	end = text_end(q->userid, n - HEAD, longest_userid(), &r);
	if (!end)
		return r;
	q->userid_n = (size_t)(end - q->userid);
	if (has_name(p + 4)) {
		q->name = end + 1;
		end = text_end(q->name, (size_t)(p + n - q->name), HOST_MAX,
			       &r);
		if (!end)
			return r;
		q->name_n = (size_t)(end - q->name);
	}
	q->length = (size_t)(end + 1 - p);
	return SOCKS_CONNECT;
}

FAULT_WITH(SOCKS4_ARGS, USERID_ANYTHING, "userid-anything",
	   "accepts anything as user id", "SK-ARG-8", "SM-ARGS-5");
FAULT_WITH(SOCKS4_ARGS, USERID_REFUSED, "userid-refused",
	   "refuses every user id that is not empty", "SK-ARG-5", "SM-ARGS-5");
FAULT_WITH(SOCKS4_ARGS, USERID_NO_ESCAPES, "userid-no-escapes",
	   "refuses a user id with a backslash", "SK-ARG-7", "SM-ARGS-5");
static bool take_settings(struct socks *s, const struct request *q)
{
	char *text = xstrndup((const char *)q->userid, q->userid_n);
	bool ok = options_parse_flat(text, &s->settings);

	if (fault_is(F_USERID_ANYTHING))
		ok = true;
	if (text[0] && fault_is(F_USERID_REFUSED))
		ok = false;
	if (strchr(text, '\\') && fault_is(F_USERID_NO_ESCAPES))
		ok = false;
	free(text);
	s->has_settings = s->settings.n > 0;
	return ok && !transport_missing(s->transport, &s->settings);
}

FAULT_WITH(SOCKS4_ARGS, SOCKS4_PORT_SWAPPED, "socks4-port-swapped",
	   "reads the port of a request the wrong way round", "SK-V4-1",
	   "SK-ARG-* SM-ARGS-5 OR-DOWN-1");
static uint16_t read_port(const uint8_t *p)
{
	return fault_is(F_SOCKS4_PORT_SWAPPED) ? (uint16_t)(p[1] << 8 | p[0])
					       : (uint16_t)(p[0] << 8 | p[1]);
}

static bool read_dest(struct socks *s, const uint8_t *p,
		      const struct request *q)
{
	uint16_t port = read_port(p + 2);

	if (q->name)
		return socks_read_name(&s->dest, q->name, q->name_n, port);
	hostport_from_bytes(&s->dest, AF_INET, p + 4, port);
	return true;
}

FAULT_WITH(SOCKS4_ARGS, SOCKS4_ANY_VERSION, "socks4-any-version",
	   "does not look at the first byte of a request", "SK-V4-9", "");
FAULT_WITH(SOCKS4_ARGS, SOCKS4_ONE_READ, "socks4-one-read",
	   "ends a connection whose request comes in pieces", "SK-V4-3", "");
FAULT_WITH(SOCKS4_ARGS, SOCKS4_ANY_COMMAND, "socks4-any-command",
	   "takes every command for CONNECT", "SK-V4-8", "");
FAULT_WITH(SOCKS4_ARGS, SOCKS4_NAME_HANGS, "socks4-name-hangs",
	   "never answers a request with a name", "SK-V4-2", "");
enum socks_result socks4_request(struct socks *s, struct buf *in,
				 struct buf *out)
{
	const uint8_t *p = buf_head(in);
	struct request q;
	enum socks_result r;

	if (p[0] != 4 && !fault_is(F_SOCKS4_ANY_VERSION))
		return SOCKS_CLOSE;
	r = parse_request(p, buf_n(in), &q);
	if (r == SOCKS_CLOSE)
		return socks4_refuse(out);
	if (r == SOCKS_MORE)
		return fault_is(F_SOCKS4_ONE_READ) ? SOCKS_CLOSE : SOCKS_MORE;
	if (p[1] != 1 && !fault_is(F_SOCKS4_ANY_COMMAND))
		return socks4_refuse(out);
	if (q.name && fault_is(F_SOCKS4_NAME_HANGS))
		return SOCKS_MORE;
	if (!take_settings(s, &q) || !read_dest(s, p, &q))
		return socks4_refuse(out);
	buf_eat(in, q.length);
	return SOCKS_CONNECT;
}
