#include "fake-transports/protocols/socks.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake-transports/faults/faults.h"

enum {
	METHOD_NONE = 0x00,
	METHOD_USERPASS = 0x02,
	METHOD_CHAP = 0x03,
	METHOD_JSON = 0x09,
	METHOD_DRAFT = 0x80,
	METHOD_NO_MATCH = 0xff,
};

void socks_init(struct socks *s, enum mode mode, int pt_version,
		const struct pt_transport *t)
{
	*s = (struct socks){ .mode = mode,
			     .state = mode == MODE_SOCKS4 ? SOCKS_REQUEST
							  : SOCKS_GREETING,
			     .pt_version = pt_version,
			     .transport = t };
}

FAULT(SOCKS_REP_5A, "socks-rep-5a", "says 5a for success, as SOCKS4 does",
      "SK-REP-2",
      "SK-JPB-OK-1 SK-JPB-ERRLIVE-1 SK-REQ-1 SK-REQ-2 SM-ARGS-5 "
      "OR-DOWN-1");
FAULT(SOCKS_SHORT_REPLY, "socks-short-reply",
      "leaves out the port of a reply of failure", "SK-REP-1",
      "SK-REQ-3 SK-PIPE-1");
FAULT(SOCKS_REPLY_TWICE, "socks-reply-twice",
      "sends the reply of success twice", "SK-REP-5",
      "GEN-* OR-* SM-ARGS-5 EXT-MSG-11");
static void socks5_reply(enum socks_rep rep, struct buf *out)
{
	/* The bound address is of no use to anybody: all zero. */
	uint8_t reply[10] = { 5, (uint8_t)rep, 0, 1 };
	size_t n = sizeof(reply);

	if (rep == REP_OK && fault_is(F_SOCKS_REP_5A))
		reply[1] = 0x5a;
	if (rep != REP_OK && fault_is(F_SOCKS_SHORT_REPLY))
		n = 8;
	buf_add(out, reply, n);
	if (rep == REP_OK && fault_is(F_SOCKS_REPLY_TWICE))
		buf_add(out, reply, n);
}

void socks_reply(const struct socks *s, enum socks_rep rep, struct buf *out)
{
	if (s->mode == MODE_SOCKS4)
		socks4_reply(rep, out);
	else
		socks5_reply(rep, out);
}

/* The first of several for one reply stands for it. */
static const struct {
	int error;
	enum socks_rep rep;
} failures[] = {
	{ ECONNABORTED, REP_FAILURE },
	{ EACCES, REP_NOT_ALLOWED },
	{ ENETUNREACH, REP_NET_UNREACHABLE },
	{ EHOSTUNREACH, REP_HOST_UNREACHABLE },
	{ ETIMEDOUT, REP_HOST_UNREACHABLE },
	{ ECONNREFUSED, REP_REFUSED },
	{ ETIME, REP_TTL_EXPIRED },
	{ EOPNOTSUPP, REP_BAD_COMMAND },
	{ EAFNOSUPPORT, REP_BAD_ADDRESS },
	{ EINVAL, REP_SETTINGS_INVALID },
};

#define N_FAILURES (sizeof(failures) / sizeof(failures[0]))

enum socks_rep socks_rep_of_errno(int error)
{
	for (size_t i = 0; i < N_FAILURES; i++) {
		if (failures[i].error == -error)
			return failures[i].rep;
	}
	return REP_FAILURE;
}

int socks_errno_of_rep(unsigned rep)
{
	for (size_t i = 0; i < N_FAILURES; i++) {
		if (failures[i].rep == rep)
			return -failures[i].error;
	}
	return -ECONNABORTED;
}

/* By a fault: is a client waited for without end? */
static bool socks_is_patient(const struct socks *s, const struct buf *in)
{
	if (s->mode == MODE_SOCKS4)
		return fault_is(F_USERID_ENDLESS);
	return s->state == SOCKS_SETTINGS && buf_n(in) >= 4 &&
	       *(const uint8_t *)buf_head(in) &&
	       fault_is(F_SETTINGS_HUGE_WAITS);
}

FAULT(SETTINGS_TIMEOUT_12, "settings-timeout-12",
      "says 12 when settings do not come in time", "SK-JPB-11-2", "SM-ARGS-5");
bool socks_timeout(const struct socks *s, const struct buf *in, struct buf *out)
{
	enum socks_rep rep = REP_SETTINGS_TIMEOUT;

	if (socks_is_patient(s, in))
		return false;
	if (fault_is(F_SETTINGS_TIMEOUT_12))
		rep = REP_SETTINGS_MALFORMED;
	if (s->state == SOCKS_SETTINGS)
		socks5_reply(rep, out);
	return true;
}

FAULT(SETTINGS_INVALID_IS_01, "settings-invalid-is-01",
      "says 01 for settings that do not suit the transport", "SK-JPB-13-1",
      "SM-ARGS-5");
FAULT(SETTINGS_ERROR_GOES_ON, "settings-error-goes-on",
      "leaves the connection open after code 12", "SK-JPB-ERRCLOSE-1",
      "SK-REP-4 SK-REP-5 SM-ARGS-5");
enum socks_result socks_refuse(enum socks_rep rep, struct buf *out)
{
	if (rep == REP_SETTINGS_INVALID && fault_is(F_SETTINGS_INVALID_IS_01))
		rep = REP_FAILURE;
	socks5_reply(rep, out);
	if (rep == REP_SETTINGS_MALFORMED && fault_is(F_SETTINGS_ERROR_GOES_ON))
		return SOCKS_MORE;
	return SOCKS_CLOSE;
}

FAULT(SOCKS_NONE_IS_USERPASS, "socks-none-is-userpass",
      "answers 05 02 when method 00 alone is offered", "SK-GREET-1",
      "SK-GREET-7 PX-USE-1 PX-V6-1 OR-DOWN-1");
FAULT(SOCKS_METHOD_NOT_OFFERED, "socks-method-not-offered",
      "answers 05 03 when several methods are offered", "SK-GREET-3", "");
FAULT(SOCKS_NO_MATCH_IS_NONE, "socks-no-match-is-none",
      "answers 05 00 when it knows no method that is offered", "SK-GREET-4",
      "");
FAULT(SOCKS_NO_METHODS_IS_NONE, "socks-no-methods-is-none",
      "answers 05 00 when no method is offered", "SK-GREET-5", "");
/* What to say to a client of whose methods none, or no JSON, is wanted. */
static int odd_method(int method, size_t count)
{
	if (method == METHOD_NONE && count == 1 &&
	    fault_is(F_SOCKS_NONE_IS_USERPASS))
		return METHOD_USERPASS;
	if (count > 1 && fault_is(F_SOCKS_METHOD_NOT_OFFERED))
		return METHOD_CHAP;
	if (method == METHOD_NO_MATCH && count > 0 &&
	    fault_is(F_SOCKS_NO_MATCH_IS_NONE))
		return METHOD_NONE;
	if (count == 0 && fault_is(F_SOCKS_NO_METHODS_IS_NONE))
		return METHOD_NONE;
	return method;
}

FAULT(SOCKS_DRAFT_METHOD, "socks-draft-method",
      "knows the settings method of the drafts, 80, instead of 09",
      "SK-GREET-2", "SK-GREET-3 SK-JPB-* SM-ARGS-5");
static int json_method(void)
{
	return fault_is(F_SOCKS_DRAFT_METHOD) ? METHOD_DRAFT : METHOD_JSON;
}

FAULT(SOCKS_ANY_VERSION, "socks-any-version",
      "does not look at the first byte of a greeting", "SK-GREET-6", "");
FAULT(SOCKS_GREETING_ONE_READ, "socks-greeting-one-read",
      "ends a connection whose greeting comes in pieces", "SK-GREET-7", "");
static enum socks_result greeting(struct socks *s, struct buf *in,
				  struct buf *out)
{
	const uint8_t *p = buf_head(in);
	size_t n = buf_n(in);
	int method = METHOD_NO_MATCH;
	size_t count;

	if (p[0] != 5 && !fault_is(F_SOCKS_ANY_VERSION))
		return SOCKS_CLOSE;
	if (n < 2 || n < 2u + p[1])
		return fault_is(F_SOCKS_GREETING_ONE_READ) ? SOCKS_CLOSE
							   : SOCKS_MORE;
	count = p[1];
	if (memchr(p + 2, json_method(), count)) {
		method = json_method();
		s->state = SOCKS_SETTINGS;
	} else if (s->pt_version == 1 &&
		   memchr(p + 2, METHOD_USERPASS, count)) {
		method = METHOD_USERPASS;
		s->state = SOCKS_USERPASS;
	} else if (memchr(p + 2, METHOD_NONE, count)) {
		method = METHOD_NONE;
		s->state = SOCKS_REQUEST;
	}
	buf_eat(in, 2 + count);
	method = odd_method(method, count);
	buf_addc(out, 5);
	buf_addc(out, method);
	return method == METHOD_NO_MATCH ? SOCKS_CLOSE : SOCKS_MORE;
}

FAULT(SETTINGS_CUT, "settings-cut",
      "under version 1 does not look for settings in the password", "SM-ARGS-5",
      "GEN-E2E-* GEN-FWD-1 OR-PAY-1 SK-*");
FAULT(USER_NO_NUL, "user-no-nul", "refuses the password of one NUL", "SK-ARG-1",
      "SM-ARGS-5");
FAULT(USER_ONLY, "user-only", "reads settings from the user name alone",
      "SK-ARG-2", "SK-REQ-1 SK-REP-2 SM-ARGS-5");
FAULT(USER_NO_ESCAPES, "user-no-escapes", "refuses settings with a backslash",
      "SK-ARG-3", "SM-ARGS-5");
FAULT(USER_ANYTHING, "user-anything",
      "accepts anything as user name and password", "SK-ARG-4", "SM-ARGS-5");
/* PT 1.0: one text of up to 510 bytes over both fields; a password of one NUL
 * stands for none, as RFC 1929 has no empty one. */
static enum socks_result userpass(struct socks *s, struct buf *in,
				  struct buf *out)
{
	const uint8_t *p = buf_head(in);
	size_t n = buf_n(in);
	char text[511];
	size_t user_n;
	size_t pass_n;
	bool ok;

	if (p[0] != 1)
		return SOCKS_CLOSE;
	if (n < 2 || n < 3u + p[1] || n < 3u + p[1] + p[2 + p[1]])
		return SOCKS_MORE;
	user_n = p[1];
	pass_n = p[2 + user_n];
	ok = user_n > 0 && pass_n > 0;
	memcpy(text, p + 2, user_n);
	text[user_n] = '\0';
	if ((pass_n == 1 && p[3 + user_n] == 0) || fault_is(F_SETTINGS_CUT))
		ok = ok && !fault_is(F_USER_NO_NUL);
	else if (!fault_is(F_USER_ONLY))
		snprintf(text + user_n, sizeof(text) - user_n, "%.*s",
			 (int)pass_n, (const char *)p + 3 + user_n);
	if (strchr(text, '\\') && fault_is(F_USER_NO_ESCAPES))
		ok = false;
	ok = ok && options_parse_flat(text, &s->settings);
	if (fault_is(F_USER_ANYTHING))
		ok = true;
	buf_eat(in, 3 + user_n + pass_n);
	buf_addc(out, 1);
	buf_addc(out, ok ? 0 : 1);
	s->state = SOCKS_REQUEST;
	return ok ? SOCKS_MORE : SOCKS_CLOSE;
}

/* The length of the destination field, 0 for an unknown type, or -1 if that
 * cannot be told yet. */
static int address_length(const uint8_t *p, size_t n)
{
	switch (p[3]) {
	case 1:
		return 4;
	case 4:
		return 16;
	case 3:
		return n < 5 ? -1 : 1 + p[4];
	default:
		return 0;
	}
}

bool socks_read_name(struct hostport *hp, const uint8_t *name, size_t n,
		     uint16_t port)
{
	struct hostport literal;
	char text[HOST_MAX + 10];

	memset(hp, 0, sizeof(*hp));
	if (n == 0 || memchr(name, 0, n))
		return false;
	hp->is_name = true;
	hp->port = port;
	memcpy(hp->host, name, n);
	/* An address in the clothes of a name. */
	hostport_format(hp, text, sizeof(text));
	if (hostport_parse(text, ADDR_PORT0_OK, &literal) == ADDR_OK)
		*hp = literal;
	return true;
}

FAULT(SOCKS_PORT_0_ABORTS, "socks-port-0-aborts", "aborts at port 0",
      "SK-REQ-6", "SK-ROB-1 CM-LIFE-1 HY-CRASH-1");
FAULT(SOCKS_PORT_SWAPPED, "socks-port-swapped",
      "reads the port of a request the wrong way round", "SK-REQ-1",
      "SK-JPB-OK-1 SK-JPB-ERRLIVE-1 SK-REQ-2 SK-REP-2 OR-DOWN-1 SM-ARGS-5");
static uint16_t read_port(const uint8_t *p)
{
	uint16_t port = (uint16_t)(p[0] << 8 | p[1]);

	if (port == 0 && fault_is(F_SOCKS_PORT_0_ABORTS))
		abort();
	if (fault_is(F_SOCKS_PORT_SWAPPED))
		port = (uint16_t)(p[1] << 8 | p[0]);
	return port;
}

FAULT(SOCKS_REQUEST_ONE_READ, "socks-request-one-read",
      "ends a connection whose request comes in pieces", "SK-REQ-7",
      "SK-JPB-FRAME-2");
static enum socks_result incomplete(void)
{
	return fault_is(F_SOCKS_REQUEST_ONE_READ) ? SOCKS_CLOSE : SOCKS_MORE;
}

FAULT(SOCKS_ANY_COMMAND, "socks-any-command", "takes every command for CONNECT",
      "SK-REQ-4", "");
FAULT(SOCKS_ATYP_HANGS, "socks-atyp-hangs",
      "never answers an unknown address type", "SK-REQ-5", "");
FAULT(SOCKS_LONG_NAME_ABORTS, "socks-long-name-aborts",
      "aborts at a name of 255 bytes", "SK-REQ-3",
      "SK-ROB-1 CM-LIFE-1 HY-CRASH-1");
FAULT(SETTINGS_NOT_NEEDED, "settings-not-needed",
      "says success to a client that tells nothing, then ends", "SK-JPB-NEED-1",
      "SK-JPB-OK-3 SM-ARGS-5 SK-DEST-1");
FAULT(SOCKS_NO_IPV6, "socks-no-ipv6", "fails for every IPv6 destination",
      "SK-REQ-2", "SK-JPB-OK-1 SK-REP-2 SM-ARGS-5");
static enum socks_result request(struct socks *s, struct buf *in,
				 struct buf *out)
{
	const uint8_t *p = buf_head(in);
	size_t n = buf_n(in);
	uint16_t port;
	int len;

	/* Whoever miscounts a block is told about that, not about this. */
	if (p[0] != 5)
		return s->verdict == REP_OK ? SOCKS_CLOSE
					    : socks_refuse(s->verdict, out);
	if (n < 4)
		return incomplete();
	if (p[1] != 1 && !fault_is(F_SOCKS_ANY_COMMAND))
		return socks_refuse(REP_BAD_COMMAND, out);
	len = address_length(p, n);
	if (len == 0)
		return fault_is(F_SOCKS_ATYP_HANGS)
			       ? SOCKS_MORE
			       : socks_refuse(REP_BAD_ADDRESS, out);
	if (len < 0 || n < 6 + (size_t)len)
		return incomplete();
	if (len == 256 && fault_is(F_SOCKS_LONG_NAME_ABORTS))
		abort();
	port = read_port(p + 4 + len);
	if (s->verdict != REP_OK)
		return socks_refuse(s->verdict, out);
	if (transport_missing(s->transport, &s->settings))
		return socks_refuse(
			fault_is(F_SETTINGS_NOT_NEEDED) ? REP_OK : REP_FAILURE,
			out);
	if (p[3] == 4 && fault_is(F_SOCKS_NO_IPV6))
		return socks_refuse(REP_FAILURE, out);
	if (p[3] == 3) {
		if (!socks_read_name(&s->dest, p + 5, p[4], port))
			return socks_refuse(REP_FAILURE, out);
	} else {
		hostport_from_bytes(&s->dest, p[3] == 1 ? AF_INET : AF_INET6,
				    p + 4, port);
	}
	buf_eat(in, 6 + (size_t)len);
	return SOCKS_CONNECT;
}

static enum socks_result one_step(struct socks *s, struct buf *in,
				  struct buf *out)
{
	switch (s->state) {
	case SOCKS_GREETING:
		return greeting(s, in, out);
	case SOCKS_SETTINGS:
		return socks_settings(s, in, out);
	case SOCKS_USERPASS:
		return userpass(s, in, out);
	case SOCKS_REQUEST:
		return request(s, in, out);
	}
	return SOCKS_CLOSE;
}

enum socks_result socks_step(struct socks *s, struct buf *in, struct buf *out)
{
	enum socks_result r = SOCKS_MORE;
	enum socks_state before;

	do {
		if (buf_n(in) == 0)
			break;
		before = s->state;
		r = s->mode == MODE_SOCKS4 ? socks4_request(s, in, out)
					   : one_step(s, in, out);
	} while (r == SOCKS_MORE && s->state != before);
	return r;
}
