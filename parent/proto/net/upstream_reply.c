/* upstream_reply.c - see upstream.h: what a proxy says, and its names. */
#include "parent/proto/net/upstream_parts.h"

#define N(table) (sizeof(table) / sizeof(*(table)))

void upstream_put_method(struct buf *out, uint8_t method)
{
	buf_addc(out, 5);
	buf_addc(out, (char)method);
}

void upstream_put_status(struct buf *out, uint8_t status)
{
	buf_addc(out, 1);
	buf_addc(out, (char)status);
}

static struct socks_addr bound_or_zero(const struct socks_addr *bound)
{
	struct addr zero = { .family = AF_INET };

	return bound && bound->atyp ? *bound : socks_addr_of(&zero);
}

void upstream_put_socks5(struct buf *out, uint8_t rep,
			 const struct socks_addr *bound)
{
	struct socks_addr a = bound_or_zero(bound);

	buf_addc(out, 5);
	buf_addc(out, (char)rep);
	buf_addc(out, 0);
	socks_addr_put(out, &a);
}

void upstream_put_socks4(struct buf *out, uint8_t cd,
			 const struct socks_addr *bound)
{
	struct socks_addr a = bound_or_zero(bound);

	buf_addc(out, 0);
	buf_addc(out, (char)cd);
	buf_addc(out, (char)(a.addr.port >> 8));
	buf_addc(out, (char)(a.addr.port & 0xff));
	/* There is no other kind of address. */
	if (a.atyp == SOCKS_IPV4)
		buf_add(out, span_of(a.addr.ip, 4));
	else
		buf_add(out, SPAN("\0\0\0\0"));
}

static const char *reason_of(int code)
{
	static const struct {
		int code;
		const char *text;
	} reasons[] = {
		{ 200, "Connection established" },
		{ 400, "Bad Request" },
		{ 403, "Forbidden" },
		{ 405, "Method Not Allowed" },
		{ 407, "Proxy Authentication Required" },
		{ 431, "Request Header Fields Too Large" },
		{ 500, "Internal Server Error" },
		{ 502, "Bad Gateway" },
		{ 503, "Service Unavailable" },
		{ 504, "Gateway Timeout" },
		{ 505, "HTTP Version Not Supported" },
	};

	for (size_t i = 0; i < N(reasons); i++)
		if (reasons[i].code == code)
			return reasons[i].text;
	return "";
}

void upstream_put_http(struct buf *out, int code, struct span line,
		       struct span fields, struct span body)
{
	if (span_absent(line))
		buf_addf(out, "HTTP/1.1 %03d %s", code, reason_of(code));
	else
		buf_add(out, line);
	buf_adds(out, "\r\n");
	if (code == 407)
		buf_adds(out, "Proxy-Authenticate: Basic realm=\"proxy\"\r\n");
	/* Behind a success the tunnel begins, which has no length. */
	if (!upstream_grants(UPSTREAM_HTTP, code))
		buf_addf(out, "Content-Length: %zu\r\nConnection: close\r\n",
			 body.n);
	buf_add(out, fields);
	buf_adds(out, "\r\n");
	buf_add(out, body);
}

/* The script's line says what the script's code says, or 200. */
static struct span line_for(const struct upstream *u)
{
	const struct upstream_script *how = &u->script;
	int own = how->reply == UPSTREAM_AUTO ? 200 : how->reply;

	return u->code == own ? how->status_line : (struct span){ 0 };
}

static void put_answer(const struct upstream *u, struct buf *out)
{
	const struct upstream_script *how = &u->script;

	switch (how->kind) {
	case UPSTREAM_SOCKS5:
		upstream_put_socks5(out, (uint8_t)u->code, &how->bound);
		break;
	case UPSTREAM_SOCKS4:
	case UPSTREAM_SOCKS4A:
		upstream_put_socks4(out, (uint8_t)u->code, &how->bound);
		break;
	case UPSTREAM_HTTP:
		upstream_put_http(out, u->code, line_for(u), how->fields,
				  how->body);
		break;
	}
}

void upstream_reply(const struct upstream *u, struct buf *out)
{
	if (!u->due)
		return;
	if (!span_absent(u->script.instead[u->stage]))
		buf_add(out, u->script.instead[u->stage]);
	else if (u->stage == UPSTREAM_GREETING)
		upstream_put_method(out, (uint8_t)u->method);
	else if (u->stage == UPSTREAM_AUTH)
		upstream_put_status(out, (uint8_t)u->status);
	else
		put_answer(u, out);
}

bool upstream_grants(enum upstream_kind kind, int code)
{
	switch (kind) {
	case UPSTREAM_SOCKS5:
		return code == 0;
	case UPSTREAM_SOCKS4:
	case UPSTREAM_SOCKS4A:
		return code == 0x5a;
	case UPSTREAM_HTTP:
		return code >= 200 && code <= 299;
	}
	return false;
}

/* --- names --- */

const char *upstream_kind_name(enum upstream_kind kind)
{
	static const char *const names[] = {
		[UPSTREAM_SOCKS5] = "socks5",
		[UPSTREAM_SOCKS4] = "socks4",
		[UPSTREAM_SOCKS4A] = "socks4a",
		[UPSTREAM_HTTP] = "http",
	};

	return (size_t)kind < N(names) ? names[kind] : "?";
}

const char *upstream_stage_name(enum upstream_stage stage)
{
	static const char *const names[UPSTREAM_STAGES] = {
		[UPSTREAM_GREETING] = "greeting", [UPSTREAM_AUTH] = "auth",
		[UPSTREAM_REQUEST] = "request",	  [UPSTREAM_TUNNEL] = "tunnel",
		[UPSTREAM_FAILED] = "failed",
	};

	return (size_t)stage < N(names) ? names[stage] : "?";
}

static const struct {
	enum upstream_anomaly bit;
	const char *name, *text;
} anomalies[] = {
#define X(id, word, meaning) { UPSTREAM_##id, word, meaning },
	UPSTREAM_ANOMALIES(X)
#undef X
};

const char *upstream_anomaly_name(enum upstream_anomaly one)
{
	for (size_t i = 0; i < N(anomalies); i++)
		if (anomalies[i].bit == one)
			return anomalies[i].name;
	return "?";
}

const char *upstream_anomaly_text(enum upstream_anomaly one)
{
	for (size_t i = 0; i < N(anomalies); i++)
		if (anomalies[i].bit == one)
			return anomalies[i].text;
	return "?";
}
