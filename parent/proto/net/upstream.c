/*
 * upstream.c - see upstream.h: the machine, SOCKS5 and SOCKS4.
 *
 * The machine advances byte by byte: a step looks at the message so far, of
 * which only the last byte is new, so no step can depend on how the bytes
 * came.  Each step is short work, as the lengths stand in front.
 */
#include "parent/proto/net/upstream_parts.h"

#include <arpa/inet.h>

/* All of it fits into raw, whatever the client says. */
_Static_assert(UPSTREAM_SOCKS5_MAX <= UPSTREAM_HEAD_MAX, "raw is too small");

/* RFC 1928 */
enum {
	METHOD_NONE = 0x00,
	METHOD_USERPASS = 0x02,
	METHOD_REFUSED = 0xff,
	REP_OK = 0x00,
	REP_FAILURE = 0x01,
	REP_COMMAND = 0x07,
	REP_ADDRESS = 0x08,
	CMD_CONNECT = 0x01,
};

/* SOCKS4 */
enum {
	CD_GRANTED = 0x5a,
	CD_REJECTED = 0x5b,
	CD_OTHER_USER = 0x5d,
};

/* --- for the files of the machine --- */

void upstream_fail(struct upstream *u, enum upstream_anomaly why)
{
	u->anomalies |= why;
	u->stage = UPSTREAM_FAILED;
}

void upstream_owe(struct upstream *u, enum upstream_stage next)
{
	if (!span_absent(u->script.instead[u->stage]))
		next = UPSTREAM_FAILED;
	u->end[u->stage] = u->used;
	u->next = next;
	u->due = true;
}

void upstream_owe_code(struct upstream *u, int code)
{
	if (span_absent(u->script.instead[u->stage]))
		u->code = code;
	upstream_owe(u, upstream_grants(u->script.kind, code)
				? UPSTREAM_TUNNEL
				: UPSTREAM_FAILED);
}

static bool is_literal(struct span name)
{
	char text[SOCKS_NAME_MAX + 1];
	uint8_t ip[16];

	if (name.n > 2 && name.p[0] == '[' && name.p[name.n - 1] == ']')
		name = span_sub(name, 1, name.n - 2);
	if (name.n == 0 || name.n > SOCKS_NAME_MAX ||
	    span_find(name, '\0') < name.n)
		return false;
	memcpy(text, name.p, name.n);
	text[name.n] = '\0';
	return inet_pton(AF_INET, text, ip) == 1 ||
	       inet_pton(AF_INET6, text, ip) == 1;
}

void upstream_check_dest(struct upstream *u)
{
	const struct socks_addr *d = &u->dest;

	if (d->addr.port == 0)
		u->anomalies |= UPSTREAM_PORT_ZERO;
	if (d->atyp != SOCKS_NAME) {
		if (addr_is_any(&d->addr))
			u->anomalies |= UPSTREAM_ADDR_ZERO;
		return;
	}
	if (d->name.n == 0)
		u->anomalies |= UPSTREAM_EMPTY_NAME;
	if (span_find(d->name, '\0') < d->name.n)
		u->anomalies |= UPSTREAM_NAME_NUL;
	if (is_literal(d->name))
		u->anomalies |= UPSTREAM_NAME_IS_IP;
}

static bool is_right(struct span want, struct span got)
{
	return span_absent(want) || (!span_absent(got) && span_eq(want, got));
}

bool upstream_is_trusted(const struct upstream *u)
{
	const struct upstream_script *how = &u->script;
	bool has_password = how->kind == UPSTREAM_SOCKS5 ||
			    how->kind == UPSTREAM_HTTP;

	if (!how->demand)
		return true;
	return !span_absent(u->user) && is_right(how->user, u->user) &&
	       (!has_password || is_right(how->password, u->password));
}

/* --- SOCKS5 --- */

static int choose_method(const struct upstream *u)
{
	bool none = span_find(u->methods, METHOD_NONE) < u->methods.n;
	bool userpass = span_find(u->methods, METHOD_USERPASS) < u->methods.n;

	if (u->script.method != UPSTREAM_AUTO)
		return u->script.method & 0xff;
	if (none && !u->script.demand)
		return METHOD_NONE;
	return userpass && !u->script.open ? METHOD_USERPASS : METHOD_REFUSED;
}

static void greeting_step(struct upstream *u)
{
	struct span m = upstream_message(u);

	if (m.p[0] != 5)
		upstream_fail(u, UPSTREAM_VERSION);
	if (m.p[0] != 5 || m.n < 2 || m.n < 2u + (uint8_t)m.p[1])
		return;
	u->methods = span_sub(m, 2, m.n);
	if (u->methods.n == 0)
		u->anomalies |= UPSTREAM_NO_METHODS;
	if (span_find(u->methods, (char)METHOD_REFUSED) < u->methods.n)
		u->anomalies |= UPSTREAM_METHOD_FF;
	if (span_absent(u->script.instead[UPSTREAM_GREETING]))
		u->method = choose_method(u);
	if (u->method == METHOD_NONE)
		upstream_owe(u, UPSTREAM_REQUEST);
	else if (u->method == METHOD_USERPASS)
		upstream_owe(u, UPSTREAM_AUTH);
	else
		upstream_owe(u, UPSTREAM_FAILED);
}

/* Both fields are there. */
static void judge_credentials(struct upstream *u)
{
	bool ok = upstream_is_trusted(u) &&
		  !(u->anomalies & UPSTREAM_AUTH_VERSION);
	int status = u->script.status;

	if (u->user.n == 0)
		u->anomalies |= UPSTREAM_EMPTY_USER;
	if (u->password.n == 0)
		u->anomalies |= UPSTREAM_EMPTY_PASSWORD;
	if (status == UPSTREAM_AUTO)
		status = ok ? 0 : 1;
	status &= 0xff;
	if (span_absent(u->script.instead[UPSTREAM_AUTH]))
		u->status = status;
	upstream_owe(u, status ? UPSTREAM_FAILED : UPSTREAM_REQUEST);
}

static void auth_step(struct upstream *u)
{
	struct span m = upstream_message(u);
	size_t user, password;

	/* The request itself, as if nothing had been asked. */
	if (m.p[0] == 5) {
		upstream_fail(u, UPSTREAM_AUTH_SKIPPED);
		return;
	}
	if (m.p[0] != 1)
		u->anomalies |= UPSTREAM_AUTH_VERSION;
	if (m.n < 2)
		return;
	user = (uint8_t)m.p[1];
	if (m.n < 3 + user)
		return;
	password = (uint8_t)m.p[2 + user];
	if (m.n < 3 + user + password)
		return;
	u->user = span_sub(m, 2, user);
	u->password = span_sub(m, 3 + user, password);
	judge_credentials(u);
}

/* What a SOCKS5 request gets. */
static int rep_of(const struct upstream *u)
{
	if (u->anomalies & UPSTREAM_CMD)
		return REP_COMMAND;
	if (u->anomalies & UPSTREAM_ATYP)
		return REP_ADDRESS;
	if (u->anomalies & (UPSTREAM_EMPTY_NAME | UPSTREAM_NAME_NUL))
		return REP_FAILURE;
	if (u->script.reply != UPSTREAM_AUTO)
		return u->script.reply & 0xff;
	return REP_OK;
}

static void check_cmd(struct upstream *u, char cmd)
{
	u->cmd = (uint8_t)cmd;
	if (u->cmd != CMD_CONNECT)
		u->anomalies |= UPSTREAM_CMD;
}

static void request_step(struct upstream *u)
{
	struct span m = upstream_message(u);
	size_t used;

	if (m.p[0] != 5) {
		upstream_fail(u, m.p[0] == 1 && u->method != METHOD_USERPASS
					 ? UPSTREAM_AUTH_UNASKED
					 : UPSTREAM_VERSION);
		return;
	}
	if (m.n < 4)
		return;
	switch (socks_addr_get(span_sub(m, 3, m.n), &u->dest, &used)) {
	case SOCKS_ADDR_MORE:
		return;
	case SOCKS_ADDR_UNKNOWN:
		u->anomalies |= UPSTREAM_ATYP;
		u->ragged = true;
		break;
	case SOCKS_ADDR_OK:
		upstream_check_dest(u);
		break;
	}
	check_cmd(u, m.p[1]);
	if (m.p[2] != 0)
		u->anomalies |= UPSTREAM_RSV;
	upstream_owe_code(u, rep_of(u));
}

/* --- SOCKS4 and SOCKS4a --- */

static int cd_of(const struct upstream *u)
{
	if (u->anomalies & (UPSTREAM_CMD | UPSTREAM_EMPTY_NAME |
			    UPSTREAM_NOT_4A | UPSTREAM_TOO_LONG))
		return CD_REJECTED;
	if (!upstream_is_trusted(u))
		return CD_OTHER_USER;
	if (u->script.reply != UPSTREAM_AUTO)
		return u->script.reply & 0xff;
	return CD_GRANTED;
}

/* @m is whole; @user is its user id, @name what follows or absent. */
static void read_socks4(struct upstream *u, struct span m, struct span user,
			struct span name)
{
	uint16_t port = (uint16_t)((uint8_t)m.p[2] << 8 | (uint8_t)m.p[3]);
	struct addr a = { .family = AF_INET, .port = port };

	memcpy(a.ip, m.p + 4, 4);
	check_cmd(u, m.p[1]);
	if (user.n)
		u->user = user;
	u->dest = span_absent(name) ? socks_addr_of(&a)
				    : socks_addr_name(name, port);
	if (!span_absent(name) && u->script.kind == UPSTREAM_SOCKS4)
		u->anomalies |= UPSTREAM_NOT_4A;
	upstream_check_dest(u);
	upstream_owe_code(u, cd_of(u));
}

/* VN CD PORT(2) IP(4) USERID 00 [NAME 00] */
static void socks4_step(struct upstream *u)
{
	struct span m = upstream_message(u), user, name = { 0 };
	size_t nul;

	if (m.p[0] != 4) {
		upstream_fail(u, UPSTREAM_VERSION);
		return;
	}
	if (m.n > 8 && m.p[m.n - 1] == '\0') {
		nul = 8 + span_find(span_sub(m, 8, m.n), '\0');
		user = span_sub(m, 8, nul - 8);
		if (memcmp(m.p + 4, "\0\0\0", 3) != 0 || m.p[7] == 0) {
			read_socks4(u, m, user, name);
			return;
		}
		if (nul + 1 < m.n) {
			name = span_sub(m, nul + 1, m.n - nul - 2);
			read_socks4(u, m, user, name);
			return;
		}
	}
	if (m.n == UPSTREAM_HEAD_MAX) {
		u->anomalies |= UPSTREAM_TOO_LONG;
		u->ragged = true;
		upstream_owe_code(u, CD_REJECTED);
	}
}

/* --- the machine --- */

void upstream_init(struct upstream *u, const struct upstream_script *how)
{
	memset(u, 0, sizeof(*u));
	u->script = *how;
	u->stage = how->kind == UPSTREAM_SOCKS5 ? UPSTREAM_GREETING
						: UPSTREAM_REQUEST;
	u->first = u->method = u->status = u->cmd = u->code = -1;
}

/* The message has one byte more. */
static void step(struct upstream *u)
{
	switch (u->script.kind) {
	case UPSTREAM_SOCKS4:
	case UPSTREAM_SOCKS4A:
		socks4_step(u);
		return;
	case UPSTREAM_HTTP:
		upstream_http_step(u);
		return;
	case UPSTREAM_SOCKS5:
		break;
	}
	if (u->stage == UPSTREAM_GREETING)
		greeting_step(u);
	else if (u->stage == UPSTREAM_AUTH)
		auth_step(u);
	else
		request_step(u);
}

static size_t take(struct upstream *u, struct span in)
{
	size_t n = 0;

	while (n < in.n && !u->due && u->stage < UPSTREAM_TUNNEL) {
		if (u->first < 0)
			u->first = (uint8_t)in.p[n];
		u->raw[u->used++] = in.p[n++];
		step(u);
	}
	return n;
}

size_t upstream_feed(struct upstream *u, struct span in)
{
	size_t n = take(u, in);

	if (u->due && n < in.n && !u->ragged) {
		u->anomalies |= UPSTREAM_PIPELINED;
		u->early |= 1u << u->stage;
	}
	return n;
}

void upstream_answered(struct upstream *u)
{
	if (!u->due)
		return;
	u->due = false;
	u->stage = u->next;
	u->start = u->used;
}

size_t upstream_read(struct upstream *u, struct span in)
{
	size_t n = take(u, in);

	while (u->due) {
		upstream_answered(u);
		n += take(u, span_sub(in, n, in.n));
	}
	return n;
}
