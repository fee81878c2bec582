/* socks_client.c - see socks.h: what a client says, made and read again. */
#include "parent/proto/net/socks.h"

#include <string.h>

/* One byte of length and as much. */
static void put_counted(struct buf *out, struct span s)
{
	s = span_sub(s, 0, 255);
	buf_addc(out, (char)s.n);
	buf_add(out, s);
}

void socks_put_greeting(struct buf *out, struct span methods)
{
	buf_addc(out, 5);
	put_counted(out, methods);
}

void socks_put_userpass(struct buf *out, struct span user, struct span password)
{
	buf_addc(out, 1);
	put_counted(out, user);
	put_counted(out, password);
}

void socks_put_request(struct buf *out, uint8_t cmd,
		       const struct socks_addr *to)
{
	buf_addc(out, 5);
	buf_addc(out, (char)cmd);
	buf_addc(out, 0);
	socks_addr_put(out, to);
}

bool socks_put_socks4(struct buf *out, struct span userid,
		      const struct socks_addr *to)
{
	bool by_name = to->atyp == SOCKS_NAME;

	if (span_find(userid, '\0') < userid.n ||
	    span_find(to->name, '\0') < to->name.n)
		return false;
	if (by_name ? to->name.n == 0 : to->atyp != SOCKS_IPV4)
		return false;
	buf_add(out, SPAN("\4\1"));
	buf_addc(out, (char)(to->addr.port >> 8));
	buf_addc(out, (char)(to->addr.port & 0xff));
	/* 0.0.0.x says that a name follows. */
	buf_add(out, by_name ? SPAN("\0\0\0\1") : span_of(to->addr.ip, 4));
	buf_add(out, userid);
	buf_addc(out, 0);
	if (by_name) {
		buf_add(out, to->name);
		buf_addc(out, 0);
	}
	return true;
}

/* --- reading it again --- */

static uint8_t byte(struct span s, size_t i)
{
	return (uint8_t)s.p[i];
}

/* Each returns the length of the message at the front of @s, or SIZE_MAX. */

static size_t read_greeting(struct span s, struct socks_said *out)
{
	if (s.n && byte(s, 0) != 5)
		out->odd = true;
	if (out->odd || s.n < 2 || s.n < 2u + byte(s, 1))
		return SIZE_MAX;
	out->methods = span_sub(s, 2, byte(s, 1));
	return 2 + out->methods.n;
}

static size_t read_userpass(struct span s, struct socks_said *out)
{
	size_t user, password;

	if (s.n && byte(s, 0) != 1)
		out->odd = true;
	if (out->odd || s.n < 2)
		return SIZE_MAX;
	user = byte(s, 1);
	if (s.n < 3 + user)
		return SIZE_MAX;
	password = byte(s, 2 + user);
	if (s.n < 3 + user + password)
		return SIZE_MAX;
	out->user = span_sub(s, 2, user);
	out->password = span_sub(s, 3 + user, password);
	return 3 + user + password;
}

static size_t read_block(struct span s, struct socks_said *out)
{
	if (s.n < 4)
		return SIZE_MAX;
	out->has_count = true;
	for (size_t i = 0; i < 4; i++)
		out->count = out->count << 8 | byte(s, i);
	out->block = span_sub(s, 4, out->count);
	return out->block.n == out->count ? 4 + out->block.n : SIZE_MAX;
}

static size_t read_request(struct span s, struct socks_said *out)
{
	size_t used;

	if (s.n && byte(s, 0) != 5)
		out->odd = true;
	if (out->odd || s.n < 4)
		return SIZE_MAX;
	out->cmd = byte(s, 1);
	switch (socks_addr_get(span_sub(s, 3, s.n), &out->to, &used)) {
	case SOCKS_ADDR_UNKNOWN:
		out->odd = true;
		return SIZE_MAX;
	case SOCKS_ADDR_MORE:
		return SIZE_MAX;
	case SOCKS_ADDR_OK:
		break;
	}
	return 3 + used;
}

/* Read a message at offset @from; its end, or SIZE_MAX. */
static size_t read_at(struct span client, size_t from, struct socks_said *out,
		      size_t (*read)(struct span, struct socks_said *))
{
	size_t n = read(span_sub(client, from, client.n), out);

	return n == SIZE_MAX ? SIZE_MAX : from + n;
}

static void said_nothing(struct socks_said *out)
{
	*out = (struct socks_said){ .cmd = -1,
				    .auth_at = SIZE_MAX,
				    .auth_end = SIZE_MAX,
				    .request_at = SIZE_MAX,
				    .request_end = SIZE_MAX,
				    .greeting_end = SIZE_MAX };
}

/* 04 CMD PORT IP: what stands before the user id. */
#define SOCKS4_HEAD 8

/* Up to a NUL in @s from @at: where what follows begins, or SIZE_MAX. */
static size_t read_text(struct span s, size_t at, struct span *out)
{
	struct span rest = span_sub(s, at, s.n);
	size_t n = span_find(rest, '\0');

	*out = span_sub(rest, 0, n);
	return n < rest.n ? at + n + 1 : SIZE_MAX;
}

/* 0.0.0.x says that a name follows; 0.0.0.0 does not. */
static bool is_nowhere(const char *ip)
{
	return !ip[0] && !ip[1] && !ip[2] && ip[3];
}

static size_t read_socks4(struct span s, struct socks_said *out)
{
	size_t end = read_text(s, SOCKS4_HEAD, &out->user);
	struct span name;

	if (end == SIZE_MAX)
		return end;
	out->to = (struct socks_addr){ .atyp = SOCKS_IPV4 };
	if (is_nowhere(s.p + 4)) {
		end = read_text(s, end, &name);
		out->to = socks_addr_name(name, 0);
	} else {
		out->to.addr.family = AF_INET;
		memcpy(out->to.addr.ip, s.p + 4, 4);
	}
	out->to.addr.port = (uint16_t)(byte(s, 2) << 8 | byte(s, 3));
	return end;
}

void socks4_said(struct span client, struct socks_said *out)
{
	said_nothing(out);
	out->odd = client.n && byte(client, 0) != 4;
	if (out->odd || !client.n)
		return;
	out->request_at = 0;
	if (client.n < SOCKS4_HEAD)
		return;
	out->cmd = byte(client, 1);
	out->request_end = read_socks4(client, out);
}

void socks_said(struct span client, int method, struct socks_said *out)
{
	said_nothing(out);
	out->greeting_end = read_at(client, 0, out, read_greeting);
	if (out->greeting_end == SIZE_MAX || method < 0)
		return;
	switch (method) {
	case SOCKS_METHOD_NONE:
		out->request_at = out->greeting_end;
		break;
	case SOCKS_METHOD_USERPASS:
		out->auth_at = out->greeting_end;
		out->auth_end =
			read_at(client, out->auth_at, out, read_userpass);
		break;
	case SOCKS_METHOD_JSON:
	case SOCKS_METHOD_DRAFT:
		out->auth_at = out->greeting_end;
		out->auth_end = read_at(client, out->auth_at, out, read_block);
		break;
	default:
		return;
	}
	if (out->auth_end != SIZE_MAX)
		out->request_at = out->auth_end;
	if (out->request_at != SIZE_MAX)
		out->request_end =
			read_at(client, out->request_at, out, read_request);
}
