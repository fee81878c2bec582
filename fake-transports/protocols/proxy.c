#include "fake-transports/protocols/proxy.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fake-transports/faults/faults.h"

#define HTTP_HEADER_MAX 16384

/* What is wrong with a URI, as far as faults tell it apart. */
enum uri_error {
	URI_OK,
	URI_MALFORMED,
	URI_SCHEME,
	URI_CREDENTIALS,
};

static bool parse_scheme(const char *s, size_t n, enum proxy_kind *out)
{
	static const char *const schemes[] = {
		[PROXY_SOCKS5] = "socks5",
		[PROXY_SOCKS4A] = "socks4a",
		[PROXY_HTTP] = "http",
	};

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		if (strlen(schemes[i]) == n &&
		    strncasecmp(schemes[i], s, n) == 0) {
			*out = (enum proxy_kind)i;
			return true;
		}
	}
	return false;
}

static int hex_value(char c)
{
	const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c | 0x20) : NULL;

	return at ? (int)(at - digits) : -1;
}

FAULT(PROXY_CREDENTIALS_RAW, "proxy-credentials-raw",
      "does not decode proxy credentials", "PX-AUTH-2", "");
FAULT(PROXY_CREDENTIALS_CUT, "proxy-credentials-cut",
      "cuts proxy credentials to 255 bytes", "PX-AUTH-3", "PX-ERR-1");
/* Percent decoding (RFC 3986 section 2.1). */
static bool decode_word(const char *s, size_t n, char *out, struct err *e)
{
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		int c = (unsigned char)s[i];

		if (c == '%' && !fault_is(F_PROXY_CREDENTIALS_RAW)) {
			int hi = i + 2 < n ? hex_value(s[i + 1]) : -1;
			int lo = i + 2 < n ? hex_value(s[i + 2]) : -1;

			if (hi < 0 || lo < 0 || (hi == 0 && lo == 0))
				return err_set(e, "malformed percent sign in "
						  "the credentials");
			c = hi << 4 | lo;
			i += 2;
		}
		if (len == PROXY_WORD_MAX && fault_is(F_PROXY_CREDENTIALS_CUT))
			break;
		if (len == PROXY_WORD_MAX)
			return err_set(e, "credentials of more than 255 "
					  "bytes");
		out[len++] = (char)c;
	}
	out[len] = '\0';
	return true;
}

FAULT(PROXY_USER_ONLY_REFUSED, "proxy-user-only-refused",
      "refuses a proxy user name without a password", "PX-AUTH-4", "");
static bool parse_credentials(const char *s, size_t n, struct proxy *p,
			      struct err *e)
{
	const char *colon = memchr(s, ':', n);
	size_t user_n = colon ? (size_t)(colon - s) : n;

	if (n == 0)
		return true;
	p->has_user = true;
	p->has_pass = colon != NULL;
	if (!decode_word(s, user_n, p->user, e))
		return false;
	if (colon && !decode_word(colon + 1, n - user_n - 1, p->pass, e))
		return false;
	if (!p->user[0])
		return err_set(e, "a password without a user name");
	if (!colon && fault_is(F_PROXY_USER_ONLY_REFUSED))
		return err_set(e, "a user name without a password");
	if (p->kind == PROXY_SOCKS5 && !p->pass[0])
		return err_set(e, "SOCKS5 wants a password with a user name");
	if (p->kind == PROXY_SOCKS4A && p->has_pass)
		return err_set(e, "SOCKS4a has no passwords");
	return true;
}

/* Only for the fault: asks the resolver, and goes on if it does not know. */
static void resolve_proxy(struct hostport *hp)
{
	struct addrinfo hints = { .ai_family = AF_INET,
				  .ai_socktype = SOCK_STREAM };
	struct addrinfo *ai = NULL;
	struct in_addr nowhere = { htonl(INADDR_LOOPBACK) };
	uint16_t port = hp->port;

	setenv("RES_OPTIONS", "timeout:1 attempts:1", 1);
	if (getaddrinfo(hp->host, NULL, &hints, &ai) == 0)
		nowhere = ((struct sockaddr_in *)ai->ai_addr)->sin_addr;
	if (ai)
		freeaddrinfo(ai);
	hostport_from_bytes(hp, AF_INET, &nowhere, port);
}

FAULT(PROXY_FIRST_COLON, "proxy-first-colon",
      "cuts the proxy address at its first colon", "PX-V6-1", "");
FAULT(PROXY_RESOLVES, "proxy-resolves",
      "accepts a host name in the proxy URI and resolves it", "PX-HOST-1",
      "AN-DNS-1 AN-DNS-2 PX-ERR-1 PX-MALF-1");
static enum uri_error parse_uri(const char *uri, struct proxy *p, struct err *e)
{
	const char *colon = strstr(uri, "://");
	const char *rest = colon ? colon + 3 : NULL;
	const char *at;
	enum addr_result r;

	if (!colon || colon == uri) {
		err_set(e, "not of the form TYPE://ADDRESS:PORT");
		return URI_MALFORMED;
	}
	if (!parse_scheme(uri, (size_t)(colon - uri), &p->kind)) {
		err_set(e, "unsupported proxy type \"%.*s\"",
			colon - uri > 40 ? 40 : (int)(colon - uri), uri);
		return URI_SCHEME;
	}
	at = strrchr(rest, '@');
	if (at && !parse_credentials(rest, (size_t)(at - rest), p, e))
		return URI_CREDENTIALS;
	if (at)
		rest = at + 1;
	/* The address is quoted in messages, the credentials never are. */
	r = hostport_parse(rest, 0, &p->at);
	if (fault_is(F_PROXY_FIRST_COLON) && rest[0] == '[')
		r = ADDR_BAD_SHAPE;
	if (r == ADDR_IS_NAME && fault_is(F_PROXY_RESOLVES)) {
		resolve_proxy(&p->at);
		r = ADDR_OK;
	}
	if (r != ADDR_OK) {
		err_set(e, "proxy address \"%.60s\" %s", rest,
			addr_result_text(r));
		return r == ADDR_IS_NAME ? URI_CREDENTIALS : URI_MALFORMED;
	}
	return URI_OK;
}

FAULT(PROXY_MALFORMED_OK, "proxy-malformed-ok", "accepts a malformed proxy URI",
      "PX-MALF-1", ANY_PROXY_ERROR);
FAULT(PROXY_SCHEME_OK, "proxy-scheme-ok", "accepts an unknown proxy type",
      "PX-SCHEME-1", ANY_PROXY_ERROR);
bool proxy_parse(const char *uri, struct proxy *out, struct err *e)
{
	struct in_addr loopback = { htonl(INADDR_LOOPBACK) };
	enum uri_error r;

	*out = (struct proxy){ 0 };
	r = parse_uri(uri, out, e);
	if (r == URI_OK)
		return true;
	if ((r == URI_MALFORMED && fault_is(F_PROXY_MALFORMED_OK)) ||
	    (r == URI_SCHEME && fault_is(F_PROXY_SCHEME_OK))) {
		/* Where nothing listens, so that nothing goes direct. */
		hostport_from_bytes(&out->at, AF_INET, &loopback, 1);
		return true;
	}
	return false;
}

/* ---- the dialogue ---- */

static void add_socks5_request(const struct hostport *to, struct buf *out)
{
	buf_add(out, "\5\1\0", 3);
	if (to->is_name) {
		size_t n = strlen(to->host);

		buf_addc(out, 3);
		buf_addc(out, (int)n);
		buf_add(out, to->host, n);
	} else if (to->ss.ss_family == AF_INET6) {
		buf_addc(out, 4);
		buf_add(out, &((const struct sockaddr_in6 *)&to->ss)->sin6_addr,
			16);
	} else {
		buf_addc(out, 1);
		buf_add(out, &((const struct sockaddr_in *)&to->ss)->sin_addr,
			4);
	}
	buf_add16(out, to->port);
}

FAULT(PROXY_SOCKS4A_ENDLESS, "proxy-socks4a-endless",
      "leaves out the NUL at the end of a SOCKS4a request", "PX-S4A-1", "PX-*");
static void add_socks4a_request(const struct proxy *p,
				const struct hostport *to, struct buf *out)
{
	bool v4 = !to->is_name && to->ss.ss_family == AF_INET;
	size_t nul = fault_is(F_PROXY_SOCKS4A_ENDLESS) ? 0 : 1;

	buf_add(out, "\4\1", 2);
	buf_add16(out, to->port);
	if (v4)
		buf_add(out, &((const struct sockaddr_in *)&to->ss)->sin_addr,
			4);
	else
		buf_add(out, "\0\0\0\1", 4);
	buf_add(out, p->user, strlen(p->user) + (v4 ? nul : 1));
	/* 4a has names only; an IPv6 address goes as one. */
	if (!v4)
		buf_add(out, to->host, strlen(to->host) + nul);
}

static void add_base64(const uint8_t *p, size_t n, struct buf *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < n; i += 3) {
		uint32_t v = (uint32_t)p[i] << 16;

		if (i + 1 < n)
			v |= (uint32_t)p[i + 1] << 8;
		if (i + 2 < n)
			v |= p[i + 2];
		buf_addc(out, digits[v >> 18 & 63]);
		buf_addc(out, digits[v >> 12 & 63]);
		buf_addc(out, i + 1 < n ? digits[v >> 6 & 63] : '=');
		buf_addc(out, i + 2 < n ? digits[v & 63] : '=');
	}
}

FAULT(PROXY_CREDENTIALS_ONCE, "proxy-credentials-once",
      "gives a SOCKS5 proxy the credentials for its first connection only",
      "PX-AUTH-1", "");
FAULT(PROXY_BASIC_ONCE, "proxy-basic-once",
      "gives an HTTP proxy the credentials for its first connection only",
      "PX-HTTP-1", "");
static bool gives_credentials(const struct proxy *p)
{
	static bool given;
	bool again = given;

	given |= p->has_user;
	return p->has_user &&
	       !(again &&
		 fault_is(p->kind == PROXY_HTTP ? F_PROXY_BASIC_ONCE
						: F_PROXY_CREDENTIALS_ONCE));
}

FAULT(PROXY_HTTP_ENDLESS, "proxy-http-endless",
      "leaves out the empty line at the end of an HTTP request", "PX-HTTP-1",
      "PX-*");
FAULT(PROXY_HTTP_GET, "proxy-http-get", "sends GET to an HTTP proxy",
      "PX-HTTP-1", "");
static bool add_http_request(const struct proxy *p, const struct hostport *to,
			     struct buf *out)
{
	char where[HOST_MAX + 10];
	struct buf word = { 0 };

	hostport_format(to, where, sizeof(where));
	/* A name from a SOCKS request must not end the request line. */
	for (const char *s = where; *s; s++) {
		if (*s <= 0x20 || *s >= 0x7f)
			return false;
	}
	buf_addf(out, "%s %s HTTP/1.1\r\nHost: %s\r\n",
		 fault_is(F_PROXY_HTTP_GET) ? "GET" : "CONNECT", where, where);
	if (gives_credentials(p)) {
		buf_addf(&word, "%s:%s", p->user, p->pass);
		buf_adds(out, "Proxy-Authorization: Basic ");
		add_base64(word.p, word.len, out);
		buf_adds(out, "\r\n");
		buf_fini(&word);
	}
	if (!fault_is(F_PROXY_HTTP_ENDLESS))
		buf_adds(out, "\r\n");
	return true;
}

FAULT(PROXY_PASSWORD_ONLY, "proxy-password-only",
      "with a password offers a SOCKS5 proxy no other method", "PX-AUTH-5", "");
FAULT(PROXY_CREDENTIALS_DROPPED, "proxy-credentials-dropped",
      "offers a SOCKS5 proxy no credentials", "PX-AUTH-1", "");
FAULT(PROXY_SOCKS4A_AS_5, "proxy-socks4a-as-5",
      "speaks SOCKS5 to a SOCKS4a proxy", "PX-S4A-1", "");
static enum step proxy_start(struct proxy_dialogue *d, struct buf *out)
{
	const struct proxy *p = d->proxy;

	d->state = PROXY_REPLY;
	switch (p->kind) {
	case PROXY_SOCKS5:
		if (p->has_user && fault_is(F_PROXY_PASSWORD_ONLY))
			buf_add(out, "\5\1\2", 3);
		else if (gives_credentials(p) &&
			 !fault_is(F_PROXY_CREDENTIALS_DROPPED))
			buf_add(out, "\5\2\0\2", 4);
		else
			buf_add(out, "\5\1\0", 3);
		d->state = PROXY_METHOD;
		break;
	case PROXY_SOCKS4A:
		if (fault_is(F_PROXY_SOCKS4A_AS_5)) {
			buf_add(out, "\5\1\0", 3);
			d->state = PROXY_METHOD;
			break;
		}
		add_socks4a_request(p, d->to, out);
		break;
	case PROXY_HTTP:
		if (!add_http_request(p, d->to, out))
			return STEP_FAIL;
		break;
	}
	return STEP_MORE;
}

FAULT(PROXY_PASSWORD_UNASKED, "proxy-password-unasked",
      "gives a SOCKS5 proxy the password though it chose no method",
      "PX-AUTH-5", "");
static enum step method(struct proxy_dialogue *d, struct buf *in,
			struct buf *out)
{
	const struct proxy *p = d->proxy;
	const uint8_t *b = buf_head(in);

	if (b[0] != 5)
		return STEP_FAIL;
	if (b[1] == 0 && !(p->has_user && fault_is(F_PROXY_PASSWORD_UNASKED))) {
		add_socks5_request(d->to, out);
		d->state = PROXY_REPLY;
	} else if ((b[1] == 0 || b[1] == 2) && p->has_user) {
		buf_addc(out, 1);
		buf_addc(out, (int)strlen(p->user));
		buf_adds(out, p->user);
		buf_addc(out, (int)strlen(p->pass));
		buf_adds(out, p->pass);
		d->state = PROXY_AUTH;
	} else {
		return STEP_FAIL;
	}
	buf_eat(in, 2);
	return STEP_MORE;
}

FAULT(PROXY_AUTH_UNCHECKED, "proxy-auth-unchecked",
      "goes on when a SOCKS5 proxy refuses its password", "PX-CLOSED-2", "");
static enum step auth(struct proxy_dialogue *d, struct buf *in, struct buf *out)
{
	if (buf_head(in)[1] != 0 && !fault_is(F_PROXY_AUTH_UNCHECKED))
		return STEP_FAIL;
	buf_eat(in, 2);
	add_socks5_request(d->to, out);
	d->state = PROXY_REPLY;
	return STEP_MORE;
}

FAULT(PROXY_REPLY_TEN, "proxy-reply-ten",
      "takes the first read of a SOCKS5 reply for its 10 bytes", "PX-SPLIT-1",
      "");
FAULT(PROXY_REPLY_TEN_ONLY, "proxy-reply-ten-only",
      "takes 10 bytes of a SOCKS5 reply, and the rest for data", "PX-SPLIT-1",
      "");
static enum step socks5_reply(struct proxy_dialogue *d, struct buf *in)
{
	const uint8_t *b = buf_head(in);
	size_t n = buf_n(in);
	size_t len;

	if (b[0] != 5)
		return STEP_FAIL;
	if (n >= 2 && b[1] != 0) {
		d->rep = b[1] <= 8 ? b[1] : 1;
		return STEP_FAIL;
	}
	if (fault_is(F_PROXY_REPLY_TEN)) {
		buf_eat(in, n < 10 ? n : 10);
		return n < 10 ? STEP_FAIL : STEP_DONE;
	}
	if (n < 5)
		return STEP_MORE;
	if (b[3] == 1 || fault_is(F_PROXY_REPLY_TEN_ONLY))
		len = 10;
	else if (b[3] == 4)
		len = 22;
	else if (b[3] == 3)
		len = 7u + b[4];
	else
		return STEP_FAIL;
	if (n < len)
		return STEP_MORE;
	buf_eat(in, len);
	return STEP_DONE;
}

static enum step socks4_reply(struct buf *in)
{
	const uint8_t *b = buf_head(in);

	if (b[0] != 0 || (buf_n(in) >= 2 && b[1] != 0x5a))
		return STEP_FAIL;
	if (buf_n(in) < 8)
		return STEP_MORE;
	buf_eat(in, 8);
	return STEP_DONE;
}

FAULT(PROXY_HTTP_NO_10, "proxy-http-no-10",
      "takes an answer of HTTP/1.0 for none", "PX-HTTP-1", "");
FAULT(PROXY_HTTP_200_ONLY, "proxy-http-200-only",
      "takes an answer other than 200 for a refusal", "PX-HTTP-1", "");
FAULT(PROXY_HTTP_WORDS, "proxy-http-words",
      "wants to be told that the connection is established", "PX-HTTP-1", "");
FAULT(PROXY_HTTP_BARE, "proxy-http-bare",
      "takes an answer with header fields for a refusal", "PX-HTTP-1", "");
FAULT(PROXY_HTTP_SHORT, "proxy-http-short",
      "has room for 2 KiB of an HTTP proxy's answer", "PX-HTTP-1", "");
/* By a fault it does not like how it was told. */
static bool odd_grant(const uint8_t *head, size_t n)
{
	static const char words[] = "Connection established";

	return (fault_is(F_PROXY_HTTP_NO_10) && head[7] == '0') ||
	       (fault_is(F_PROXY_HTTP_200_ONLY) &&
		memcmp(head + 9, "200", 3) != 0) ||
	       (fault_is(F_PROXY_HTTP_WORDS) &&
		!memmem(head, n, words, sizeof(words) - 1)) ||
	       (fault_is(F_PROXY_HTTP_BARE) && memchr(head, '\r', n)) ||
	       (fault_is(F_PROXY_HTTP_SHORT) && n > 2048);
}

FAULT(PROXY_HTTP_407_OK, "proxy-http-407-ok", "takes status 407 for success",
      "PX-HTTP-1", "");
FAULT(PROXY_HTTP_100_OK, "proxy-http-100-ok",
      "takes an interim answer of an HTTP proxy for success", "PX-HTTP-1", "");
static bool is_2xx(const uint8_t *head)
{
	return head[9] == '2' ||
	       (fault_is(F_PROXY_HTTP_407_OK) &&
		memcmp(head + 9, "407", 3) == 0) ||
	       (fault_is(F_PROXY_HTTP_100_OK) && head[9] == '1');
}

FAULT(PROXY_HTTP_100_REFUSED, "proxy-http-100-refused",
      "takes an interim answer of an HTTP proxy for a refusal", "PX-HTTP-1",
      "");
static enum step http_reply(struct buf *in)
{
	const uint8_t *b = buf_head(in);
	size_t n = buf_n(in);
	const uint8_t *end = memmem(b, n, "\r\n\r\n", 4);

	/* Something else than HTTP would never get to the empty line. */
	if (memcmp(b, "HTTP/1.", n < 7 ? n : 7) != 0)
		return STEP_FAIL;
	if (!end)
		return n > HTTP_HEADER_MAX ? STEP_FAIL : STEP_MORE;
	/* HTTP/1.x 2yz; 1yz says that another answer follows. */
	if (end - b < 12 || b[8] != ' ')
		return STEP_FAIL;
	if (is_2xx(b)) {
		if (odd_grant(b, (size_t)(end - b)))
			return STEP_FAIL;
		buf_eat(in, (size_t)(end - b) + 4);
		return STEP_DONE;
	}
	if (b[9] != '1' || fault_is(F_PROXY_HTTP_100_REFUSED))
		return STEP_FAIL;
	buf_eat(in, (size_t)(end - b) + 4);
	return buf_n(in) ? http_reply(in) : STEP_MORE;
}

static enum step reply(struct proxy_dialogue *d, struct buf *in)
{
	switch (d->proxy->kind) {
	case PROXY_SOCKS5:
		return socks5_reply(d, in);
	case PROXY_SOCKS4A:
		return socks4_reply(in);
	case PROXY_HTTP:
		return http_reply(in);
	}
	return STEP_FAIL;
}

enum step proxy_step(struct proxy_dialogue *d, struct buf *in, struct buf *out)
{
	enum step r = STEP_MORE;

	if (d->state == PROXY_START)
		r = proxy_start(d, out);
	if (r == STEP_MORE && d->state == PROXY_METHOD && buf_n(in) >= 2)
		r = method(d, in, out);
	if (r == STEP_MORE && d->state == PROXY_AUTH && buf_n(in) >= 2)
		r = auth(d, in, out);
	if (r == STEP_MORE && d->state == PROXY_REPLY && buf_n(in) >= 1)
		r = reply(d, in);
	return r;
}
