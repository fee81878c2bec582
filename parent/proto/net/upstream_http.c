/*
 * upstream_http.c - see upstream_parts.h: CONNECT as a proxy reads it.
 *
 * Nothing is looked at before the empty line, but for the very first byte,
 * which tells another protocol at once.  Syntax: RFC 9110 and 9112.
 */
#include "parent/proto/net/upstream_parts.h"

#include <sodium.h>

static bool is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

/* Take a line off *s; false when nothing is left. */
static bool next_line(struct upstream *u, struct span *s, struct span *line)
{
	size_t at = span_find(*s, '\n');

	if (s->n == 0)
		return false;
	*line = span_sub(*s, 0, at);
	*s = span_sub(*s, at + 1, s->n);
	if (line->n && line->p[line->n - 1] == '\r')
		line->n--;
	else
		u->anomalies |= UPSTREAM_BARE_LF;
	return true;
}

/* --- the request line --- */

/* The next word of *s, which begins with it or with one space; or absent. */
static struct span next_word(struct span *s)
{
	struct span word;

	while (s->n && s->p[0] == ' ')
		*s = span_sub(*s, 1, s->n);
	word = span_sub(*s, 0, span_find(*s, ' '));
	*s = span_sub(*s, word.n, s->n);
	return word.n ? word : (struct span){ 0 };
}

/* METHOD TARGET VERSION with one space between, and nothing else. */
static bool is_clean_line(const struct upstream *u)
{
	if (span_absent(u->version) ||
	    u->verb.n + u->target.n + u->version.n + 2 != u->line.n)
		return false;
	for (size_t i = 0; i < u->line.n; i++)
		if (is_control(u->line.p[i]))
			return false;
	return true;
}

static void read_target(struct upstream *u)
{
	struct addr a;
	unsigned odd = addr_parse(u->target, &a);

	if (odd & ~(unsigned)(ADDR_PORT_ZERO | ADDR_HOSTNAME | ADDR_NO_HOST))
		u->anomalies |= UPSTREAM_HTTP_TARGET;
	u->dest = a.family ? socks_addr_of(&a)
			   : socks_addr_name(a.host, a.port);
	/* A port that is not there is not 0. */
	if (!(odd & (ADDR_NO_PORT | ADDR_PORT_SYNTAX | ADDR_PORT_RANGE)))
		upstream_check_dest(u);
}

static void read_request_line(struct upstream *u)
{
	struct span rest = u->line;

	u->verb = next_word(&rest);
	u->target = next_word(&rest);
	u->version = next_word(&rest);
	if (!is_clean_line(u))
		u->anomalies |= UPSTREAM_HTTP_LINE;
	if (!span_eqs(u->verb, "CONNECT"))
		u->anomalies |= UPSTREAM_HTTP_METHOD;
	else if (!span_absent(u->target))
		read_target(u);
	if (!span_absent(u->version) && !span_eqs(u->version, "HTTP/1.1") &&
	    !span_eqs(u->version, "HTTP/1.0"))
		u->anomalies |= UPSTREAM_HTTP_VERSION;
}

/* --- the fields --- */

static struct span trim(struct span s)
{
	while (s.n && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = span_sub(s, 1, s.n);
	while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	return s;
}

static bool is_field_name(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (is_control(s.p[i]) || (unsigned char)s.p[i] >= 0x7f ||
		    strchr(" \"(),/:;<=>?@[\\]{}", s.p[i]))
			return false;
	return s.n > 0;
}

static bool is_field_value(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (is_control(s.p[i]) && s.p[i] != '\t')
			return false;
	return true;
}

static void keep_first(struct upstream *u, struct span *where, struct span s)
{
	if (span_absent(*where))
		*where = s;
	else
		u->anomalies |= UPSTREAM_REPEATED;
}

static void read_field(struct upstream *u, struct span line)
{
	size_t colon = span_find(line, ':');
	struct span name = span_sub(line, 0, colon);
	struct span value = trim(span_sub(line, colon + 1, line.n));

	if (colon == line.n || !is_field_name(name) || !is_field_value(value)) {
		u->anomalies |= UPSTREAM_HTTP_FIELD;
		return;
	}
	if (span_eq_nocase(name, SPAN("host")))
		keep_first(u, &u->host, value);
	else if (span_eq_nocase(name, SPAN("proxy-authorization")))
		keep_first(u, &u->credentials, value);
	else if (span_eq_nocase(name, SPAN("transfer-encoding")) ||
		 (span_eq_nocase(name, SPAN("content-length")) &&
		  !span_eqs(value, "0")))
		u->anomalies |= UPSTREAM_BODY;
}

/* The target, with its port or without. */
static void check_host(struct upstream *u)
{
	struct span bare = u->target;

	if (span_absent(u->host)) {
		if (span_eqs(u->version, "HTTP/1.1"))
			u->anomalies |= UPSTREAM_NO_HOST;
		return;
	}
	while (bare.n && bare.p[bare.n - 1] != ':')
		bare.n--;
	if (bare.n)
		bare.n--;
	if (!span_eq_nocase(u->host, u->target) &&
	    (bare.n == 0 || !span_eq_nocase(u->host, bare)))
		u->anomalies |= UPSTREAM_HOST_DIFFERS;
}

/* Basic and user:password in base64 (RFC 7617). */
static void read_credentials(struct upstream *u)
{
	struct span rest = u->credentials, scheme = next_word(&rest), s;
	size_t n, colon;

	if (!span_eq_nocase(scheme, SPAN("basic"))) {
		u->anomalies |= UPSTREAM_NOT_BASIC;
		return;
	}
	rest = trim(rest);
	/* Strict: with padding, and no bits that stand for nothing. */
	if (rest.n &&
	    sodium_base642bin((unsigned char *)u->cred, sizeof(u->cred), rest.p,
			      rest.n, NULL, &n, NULL,
			      sodium_base64_VARIANT_ORIGINAL) == 0) {
		s = span_of(u->cred, n);
		colon = span_find(s, ':');
		if (colon < s.n) {
			u->user = span_sub(s, 0, colon);
			u->password = span_sub(s, colon + 1, s.n);
		}
	}
	if (span_absent(u->user))
		u->anomalies |= UPSTREAM_BAD_BASIC;
}

/* --- the answer --- */

static int code_of(const struct upstream *u)
{
	if (u->anomalies & UPSTREAM_TOO_LONG)
		return 431;
	if (u->anomalies & UPSTREAM_HTTP_LINE)
		return 400;
	if (u->anomalies & UPSTREAM_HTTP_VERSION)
		return 505;
	if (u->anomalies & UPSTREAM_HTTP_METHOD)
		return 405;
	if (u->anomalies & (UPSTREAM_HTTP_TARGET | UPSTREAM_EMPTY_NAME))
		return 400;
	if (!upstream_is_trusted(u))
		return 407;
	if (u->script.reply != UPSTREAM_AUTO)
		return u->script.reply;
	return 200;
}

static void read_head(struct upstream *u)
{
	struct span rest = upstream_message(u), line;

	next_line(u, &rest, &u->line);
	read_request_line(u);
	while (next_line(u, &rest, &line) && line.n)
		read_field(u, line);
	check_host(u);
	if (!span_absent(u->credentials))
		read_credentials(u);
	upstream_owe_code(u, code_of(u));
}

/* Does the message end in an empty line? */
static bool is_empty_line(struct span m)
{
	size_t n = m.n;

	if (n == 0 || m.p[--n] != '\n')
		return false;
	if (n && m.p[n - 1] == '\r')
		n--;
	return n == 0 || m.p[n - 1] == '\n';
}

void upstream_http_step(struct upstream *u)
{
	struct span m = upstream_message(u), line;

	if (u->used == 1 && m.p[0] != '\r' && m.p[0] != '\n' &&
	    (is_control(m.p[0]) || (unsigned char)m.p[0] >= 0x7f)) {
		upstream_fail(u, UPSTREAM_VERSION);
		return;
	}
	if (is_empty_line(m)) {
		/* Before the request line it is passed over. */
		if (m.n > 2) {
			read_head(u);
			return;
		}
		u->anomalies |= UPSTREAM_HTTP_LINE;
		next_line(u, &m, &line);
		u->start = u->used;
	}
	if (u->used == UPSTREAM_HEAD_MAX) {
		u->anomalies |= UPSTREAM_TOO_LONG;
		u->ragged = true;
		upstream_owe_code(u, code_of(u));
	}
}
