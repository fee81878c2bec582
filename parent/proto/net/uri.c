/*
 * uri.c - see uri.h.
 *
 * Blanks around the value are noted and then ignored, so that the rest is
 * still judged; everything else follows RFC 3986: the authority ends at the
 * first slash, question mark or hash, the user part at its last at-sign.
 */
#include "parent/proto/net/uri.h"

/* RFC 1929 counts user name and password in one byte each. */
#define SOCKS5_CRED_MAX 255

static const char *const common_schemes[] = { "socks5", "socks4a", "http" };
static const char *const other_schemes[] = { "socks4", "socks5h", "https",
					     "socks" };

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Nothing of this may stand in a URI, anywhere. */
static bool is_blank(char c)
{
	return (unsigned char)c <= 0x20 || (unsigned char)c >= 0x7f;
}

static bool is_scheme(struct span s)
{
	if (s.n == 0 || !is_alpha(s.p[0]))
		return false;
	for (size_t i = 1; i < s.n; i++)
		if (!is_alpha(s.p[i]) && !is_digit(s.p[i]) &&
		    !(s.p[i] && strchr("+-.", s.p[i])))
			return false;
	return true;
}

static bool is_one_of(struct span s, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (span_eq_nocase(s, span_str(names[i])))
			return true;
	return false;
}
#define IS_ONE_OF(s, names) \
	is_one_of((s), (names), sizeof(names) / sizeof(*(names)))

static unsigned check_scheme(struct span s)
{
	unsigned an = 0;

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] >= 'A' && s.p[i] <= 'Z')
			an |= URI_SCHEME_CASE;
	if (IS_ONE_OF(s, other_schemes))
		an |= URI_OTHER_SCHEME;
	else if (!IS_ONE_OF(s, common_schemes))
		an |= URI_UNKNOWN_SCHEME;
	return an;
}

static bool is_socks4(struct span scheme)
{
	return span_eq_nocase(scheme, span_str("socks4")) ||
	       span_eq_nocase(scheme, span_str("socks4a"));
}

static bool is_socks5(struct span scheme)
{
	return span_eq_nocase(scheme, span_str("socks5")) ||
	       span_eq_nocase(scheme, span_str("socks5h")) ||
	       span_eq_nocase(scheme, span_str("socks"));
}

static int hexval(char c)
{
	if (is_digit(c))
		return c - '0';
	if (is_alpha(c) && (c | 0x20) <= 'f')
		return (c | 0x20) - 'a' + 10;
	return -1;
}

/* A broken escape stands for itself. */
static struct span decode(struct arena *a, struct span s, unsigned *an)
{
	char *p = arena_alloc(a, s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		int hi = -1, lo = -1;

		p[n++] = s.p[i];
		if (s.p[i] != '%')
			continue;
		if (i + 2 < s.n) {
			hi = hexval(s.p[i + 1]);
			lo = hexval(s.p[i + 2]);
		}
		if (hi < 0 || lo < 0) {
			*an |= URI_BAD_PERCENT;
			continue;
		}
		p[n - 1] = (char)(hi * 16 + lo);
		i += 2;
	}
	return span_of(p, n);
}

/* What stands before the at-sign. */
static unsigned parse_userinfo(struct arena *a, struct span s,
			       struct proxy_uri *out)
{
	size_t colon = span_find(s, ':');
	unsigned an = 0;

	if (s.n == 0)
		return URI_EMPTY_USERINFO;
	out->user = decode(a, span_sub(s, 0, colon), &an);
	if (colon < s.n)
		out->password = decode(a, span_sub(s, colon + 1, s.n), &an);
	if (out->user.n == 0)
		an |= URI_EMPTY_USER;
	if (out->password.n == 0)
		an |= URI_NO_PASSWORD;
	else if (is_socks4(out->scheme))
		an |= URI_SOCKS4_PASSWORD;
	if (is_socks5(out->scheme) && (out->user.n > SOCKS5_CRED_MAX ||
				       out->password.n > SOCKS5_CRED_MAX))
		an |= URI_CRED_TOO_LONG;
	return an;
}

static unsigned parse_host(struct span s, struct proxy_uri *out)
{
	unsigned an = 0;

	out->addr_anomalies = addr_parse(s, &out->addr);
	if (out->addr_anomalies & ADDR_HOSTNAME)
		an |= URI_HOSTNAME;
	if (out->addr_anomalies & ADDR_PORT_ZERO)
		an |= URI_PORT_ZERO;
	if (out->addr_anomalies & ADDR_ZONE)
		an |= URI_ZONE;
	if (out->addr_anomalies &
	    ~(unsigned)(ADDR_HOSTNAME | ADDR_PORT_ZERO | ADDR_ZONE))
		an |= URI_BAD_ADDR;
	return an;
}

/* Everything behind the two slashes. */
static unsigned parse_authority(struct arena *a, struct span s,
				struct proxy_uri *out)
{
	size_t end = 0, at;
	struct span tail;
	unsigned an = 0;

	while (end < s.n && s.p[end] != '/' && s.p[end] != '?' &&
	       s.p[end] != '#')
		end++;
	tail = span_sub(s, end, s.n);
	s = span_sub(s, 0, end);
	if (tail.n)
		an |= span_eqs(tail, "/") ? URI_PATH : URI_PATH_LONG;
	if (s.n == 0)
		return an | URI_NO_AUTHORITY;
	for (at = s.n; at > 0 && s.p[at - 1] != '@';)
		at--;
	if (at > 0)
		an |= parse_userinfo(a, span_sub(s, 0, at - 1), out);
	return an | parse_host(span_sub(s, at, s.n), out);
}

/* No "://" in it: still say which part is missing. */
static unsigned parse_broken(struct arena *a, struct span s,
			     struct proxy_uri *out)
{
	size_t colon = span_find(s, ':');
	struct span scheme = span_sub(s, 0, colon);
	struct addr addr;

	if (span_starts(s, SPAN("//")))
		return URI_NO_SCHEME |
		       parse_authority(a, span_sub(s, 2, s.n), out);
	/* host:port and user@host:port lack a scheme, no more. */
	if (!(addr_parse(s, &addr) & (ADDR_NO_PORT | ADDR_PORT_SYNTAX)))
		if (addr.family || span_find(addr.host, ':') == addr.host.n)
			return URI_NO_SCHEME | parse_authority(a, s, out);
	if (colon < s.n && is_scheme(scheme)) {
		out->scheme = scheme;
		return URI_NO_AUTHORITY | check_scheme(scheme);
	}
	if (addr.family || span_find(s, '@') < s.n)
		return URI_NO_SCHEME | parse_authority(a, s, out);
	return URI_GARBAGE;
}

static struct span trim(struct span s)
{
	while (s.n && is_blank(s.p[0]))
		s = span_sub(s, 1, s.n);
	while (s.n && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

void uri_parse(struct arena *a, struct span s, struct proxy_uri *out)
{
	const char *sep;
	struct span scheme;

	*out = (struct proxy_uri){ 0 };
	for (size_t i = 0; i < s.n; i++)
		if (is_blank(s.p[i]))
			out->anomalies |= URI_BLANK;
	s = trim(s);
	sep = s.n ? memmem(s.p, s.n, "://", 3) : NULL;
	if (!sep) {
		out->anomalies |= s.n ? parse_broken(a, s, out)
				      : (unsigned)URI_GARBAGE;
		return;
	}
	scheme = span_sub(s, 0, (size_t)(sep - s.p));
	if (is_scheme(scheme)) {
		out->scheme = scheme;
		out->anomalies |= check_scheme(scheme);
	} else {
		out->anomalies |= URI_NO_SCHEME;
	}
	out->anomalies |=
		parse_authority(a, span_sub(s, scheme.n + 3, s.n), out);
}

#define REFUSE                                                   \
	(URI_NO_SCHEME | URI_NO_AUTHORITY | URI_UNKNOWN_SCHEME | \
	 URI_BAD_ADDR | URI_GARBAGE)
#define REFUSE_SHOULD                                                        \
	(URI_HOSTNAME | URI_PATH_LONG | URI_EMPTY_USER | URI_CRED_TOO_LONG | \
	 URI_BAD_PERCENT | URI_BLANK)
#define EITHER                                                           \
	(URI_OTHER_SCHEME | URI_SCHEME_CASE | URI_PORT_ZERO | URI_PATH | \
	 URI_EMPTY_USERINFO | URI_SOCKS4_PASSWORD | URI_ZONE)

enum uri_expect uri_classify(struct span s)
{
	struct arena tmp = { 0 };
	enum uri_expect ret = URI_ACCEPTABLE;
	struct proxy_uri u;

	if (s.n == 0)
		return URI_ABSENT;
	uri_parse(&tmp, s, &u);
	if (u.anomalies & REFUSE)
		ret = URI_REFUSE;
	else if (u.anomalies & REFUSE_SHOULD)
		ret = URI_REFUSE_SHOULD;
	else if (u.anomalies & EITHER)
		ret = URI_EITHER;
	/* SOCKS4 has no password, HTTP may have an empty one. */
	else if (u.anomalies & URI_NO_PASSWORD && is_socks5(u.scheme))
		ret = URI_EITHER;
	arena_fini(&tmp);
	return ret;
}
