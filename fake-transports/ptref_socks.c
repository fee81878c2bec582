#include "ptref_socks.h"

#include <errno.h>
#include <jansson.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "ptref_faults.h"

enum {
	METHOD_NONE = 0x00,
	METHOD_USERPASS = 0x02,
	METHOD_JSON = 0x09,
	METHOD_NO_MATCH = 0xff,
};

void socks_reply(enum socks_rep rep, struct buf *out)
{
	/* The bound address is of no use to anybody: all zero. */
	uint8_t reply[10] = { 5, (uint8_t)rep, 0, 1 };

	buf_add(out, reply, sizeof(reply));
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

void socks_timeout(const struct socks *s, struct buf *out)
{
	if (s->state == SOCKS_SETTINGS)
		socks_reply(REP_SETTINGS_TIMEOUT, out);
}

static enum socks_result refuse(enum socks_rep rep, struct buf *out)
{
	socks_reply(rep, out);
	return SOCKS_CLOSE;
}

static enum socks_result greeting(struct socks *s, struct buf *in,
				  struct buf *out)
{
	const uint8_t *p = buf_head(in);
	size_t n = buf_n(in);
	int method = METHOD_NO_MATCH;
	size_t count;

	if (p[0] != 5)
		return SOCKS_CLOSE;
	if (n < 2 || n < 2u + p[1])
		return SOCKS_MORE;
	count = p[1];
	if (memchr(p + 2, METHOD_JSON, count)) {
		method = METHOD_JSON;
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
	buf_addc(out, 5);
	buf_addc(out, method);
	return method == METHOD_NO_MATCH ? SOCKS_CLOSE : SOCKS_MORE;
}

/* The text of a JSON string. */
static void add_setting(struct option_list *to, const char *key,
			const json_t *value)
{
	const char *s = json_string_value(value);
	struct buf raw = { 0 };

	if (!fault_is(F_SETTINGS_JSON_RAW)) {
		option_add(to, key, strlen(key), s, json_string_length(value));
		return;
	}
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			buf_addc(&raw, '\\');
		buf_addc(&raw, *s);
	}
	option_add(to, key, strlen(key), (const char *)buf_head(&raw),
		   buf_n(&raw));
	buf_fini(&raw);
}

static enum socks_rep read_json(struct socks *s, const uint8_t *p, size_t n)
{
	json_t *root = json_loadb((const char *)p, n, 0, NULL);
	enum socks_rep rep = REP_OK;
	const char *key;
	json_t *value;

	if (!json_is_object(root)) {
		json_decref(root);
		return REP_SETTINGS_MALFORMED;
	}
	json_object_foreach(root, key, value)
	{
		if (!json_is_string(value)) {
			rep = REP_SETTINGS_INVALID;
			break;
		}
		add_setting(&s->settings, key, value);
	}
	json_decref(root);
	if (rep == REP_OK && transport_missing(s->transport, &s->settings))
		rep = REP_SETTINGS_INVALID;
	return rep;
}

static enum socks_result settings(struct socks *s, struct buf *in,
				  struct buf *out)
{
	const uint8_t *p = buf_head(in);
	uint32_t count;

	if (buf_n(in) < 4)
		return SOCKS_MORE;
	count = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
		(uint32_t)p[2] << 8 | p[3];
	if (count > SOCKS_SETTINGS_MAX)
		return refuse(REP_SETTINGS_TOO_LARGE, out);
	if (buf_n(in) - 4 < count)
		return SOCKS_MORE;
	s->verdict = read_json(s, p + 4, count);
	s->has_settings = true;
	s->state = SOCKS_REQUEST;
	buf_eat(in, 4 + count);
	return SOCKS_MORE;
}

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
	if ((pass_n == 1 && p[3 + user_n] == 0) || fault_is(F_SETTINGS_CUT))
		text[user_n] = '\0';
	else
		snprintf(text + user_n, sizeof(text) - user_n, "%.*s",
			 (int)pass_n, (const char *)p + 3 + user_n);
	ok = ok && options_parse_flat(text, &s->settings);
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

static bool read_name(struct hostport *hp, const uint8_t *p, uint16_t port)
{
	size_t n = p[0];
	struct hostport literal;
	char text[HOST_MAX + 10];

	memset(hp, 0, sizeof(*hp));
	if (n == 0 || memchr(p + 1, 0, n))
		return false;
	hp->is_name = true;
	hp->port = port;
	memcpy(hp->host, p + 1, n);
	/* An address in the clothes of a name. */
	hostport_format(hp, text, sizeof(text));
	if (hostport_parse(text, ADDR_PORT0_OK, &literal) == ADDR_OK)
		*hp = literal;
	return true;
}

static enum socks_result request(struct socks *s, struct buf *in,
				 struct buf *out)
{
	const uint8_t *p = buf_head(in);
	size_t n = buf_n(in);
	uint16_t port;
	int len;

	if (p[0] != 5)
		return SOCKS_CLOSE;
	if (n < 4)
		return SOCKS_MORE;
	if (p[1] != 1)
		return refuse(REP_BAD_COMMAND, out);
	len = address_length(p, n);
	if (len == 0)
		return refuse(REP_BAD_ADDRESS, out);
	if (len < 0 || n < 6 + (size_t)len)
		return SOCKS_MORE;
	port = (uint16_t)(p[4 + len] << 8 | p[5 + len]);
	if (s->verdict != REP_OK)
		return refuse(s->verdict, out);
	if (transport_missing(s->transport, &s->settings))
		return refuse(REP_FAILURE, out);
	if (p[3] == 3) {
		if (!read_name(&s->dest, p + 4, port))
			return refuse(REP_FAILURE, out);
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
		return settings(s, in, out);
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
		r = one_step(s, in, out);
	} while (r == SOCKS_MORE && s->state != before);
	return r;
}
