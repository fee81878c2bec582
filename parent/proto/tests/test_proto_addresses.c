/*
 * test_proto_addresses.c - corners of addresses and of the URIs of proxies
 * that the shared vectors do not go into.
 */
#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

#include "parent/base/tests/suite.h"
#include "parent/base/text.h"
#include "parent/proto/net/addr.h"
#include "parent/proto/net/uri.h"

#define N(table) (int)(sizeof(table) / sizeof(*(table)))

static bool same(struct span s, const char *want)
{
	return span_absent(s) == !want && span_eqs(s, want);
}

/* --- addresses ----------------------------------------------------------- */

static const struct {
	const char *text;
	unsigned anomalies;
	const char *canonical; /* "?:0" when there is no address */
	const char *host;
} addr_rows[] = {
	{ "127.0.0.1:80", 0, "127.0.0.1:80", "127.0.0.1" },
	{ "[::1]:65535", 0, "[::1]:65535", "::1" },
	{ "[::ffff:127.0.0.1]:1", 0, "[::ffff:127.0.0.1]:1",
	  "::ffff:127.0.0.1" },
	{ "1.2.3.4:00080", 0, "1.2.3.4:80", "1.2.3.4" },
	{ "", ADDR_NO_HOST | ADDR_NO_PORT, "?:0", "" },
	{ ":80", ADDR_NO_HOST, "?:80", "" },
	{ ":", ADDR_NO_HOST | ADDR_NO_PORT, "?:0", "" },
	{ "127.0.0.1", ADDR_NO_PORT, "127.0.0.1:0", "127.0.0.1" },
	{ "127.0.0.1:", ADDR_NO_PORT, "127.0.0.1:0", "127.0.0.1" },
	{ "[::1]", ADDR_NO_PORT, "[::1]:0", "::1" },
	{ "[::1", ADDR_NOT_IP | ADDR_NO_PORT, "?:0", "::1" },
	{ "[]:80", ADDR_NO_HOST, "?:80", "" },
	{ "[", ADDR_NOT_IP | ADDR_NO_PORT, "?:0", "" },
	{ "[::1]80", ADDR_PORT_SYNTAX, "[::1]:0", "::1" },
	{ "[::1]]:80", ADDR_PORT_SYNTAX, "[::1]:0", "::1" },
	{ "[127.0.0.1]:80", ADDR_NOT_IP, "?:80", "127.0.0.1" },
	{ "[host]:80", ADDR_NOT_IP, "?:80", "host" },
	{ "1.2.3.4: 80", ADDR_PORT_SYNTAX, "1.2.3.4:0", "1.2.3.4" },
	{ "1.2.3.4:+80", ADDR_PORT_SYNTAX, "1.2.3.4:0", "1.2.3.4" },
	{ "1.2.3.4:65536", ADDR_PORT_RANGE, "1.2.3.4:0", "1.2.3.4" },
	{ "1.2.3.4:655350", ADDR_PORT_RANGE, "1.2.3.4:0", "1.2.3.4" },
	{ "1.2.3.4:18446744073709551617", ADDR_PORT_RANGE, "1.2.3.4:0",
	  "1.2.3.4" },
	{ "1.2.3.4:000", ADDR_PORT_ZERO, "1.2.3.4:0", "1.2.3.4" },
	{ "localhost:80", ADDR_HOSTNAME, "?:80", "localhost" },
	{ "a-b.example.:80", ADDR_HOSTNAME, "?:80", "a-b.example." },
	{ "999.example:80", ADDR_HOSTNAME, "?:80", "999.example" },
	{ "256.0.0.1:80", ADDR_NOT_IP, "?:80", "256.0.0.1" },
	{ "127.1:80", ADDR_NOT_IP, "?:80", "127.1" },
	{ "0x7f000001:80", ADDR_NOT_IP, "?:80", "0x7f000001" },
	{ "127.0.0.01:80", ADDR_NOT_IP, "?:80", "127.0.0.01" },
	{ " 127.0.0.1:80", ADDR_NOT_IP, "?:80", " 127.0.0.1" },
	{ "...:80", ADDR_NOT_IP, "?:80", "..." },
	{ "*:80", ADDR_NOT_IP, "?:80", "*" },
	{ "127.0.0.1:80:90", ADDR_NOT_IP, "?:90", "127.0.0.1:80" },
	{ "::1:1080", ADDR_UNBRACKETED, "[::1]:1080", "::1" },
	{ "::1:http", ADDR_UNBRACKETED | ADDR_PORT_SYNTAX, "[::1]:0", "::1" },
	{ "::1:70000", ADDR_UNBRACKETED | ADDR_PORT_RANGE, "[::1]:0", "::1" },
	{ "::1", ADDR_UNBRACKETED | ADDR_NO_PORT, "[::1]:0", "::1" },
	{ "::", ADDR_UNBRACKETED | ADDR_NO_PORT, "[::]:0", "::" },
	{ "1:2:3:4:5:6:7:8", ADDR_UNBRACKETED | ADDR_NO_PORT,
	  "[1:2:3:4:5:6:7:8]:0", "1:2:3:4:5:6:7:8" },
	{ "[fe80::1%eth0]:80", ADDR_ZONE, "[fe80::1]:80", "fe80::1%eth0" },
	{ "fe80::1%eth0:80", ADDR_ZONE | ADDR_UNBRACKETED, "[fe80::1]:80",
	  "fe80::1%eth0" },
	{ "127.0.0.1%lo:80", ADDR_NOT_IP, "?:80", "127.0.0.1%lo" },
};

START_TEST(addr_table)
{
	const char *text = addr_rows[_i].text;
	char got[ADDR_STRLEN];
	struct addr a;
	unsigned an = addr_parse(span_str(text), &a);

	ck_assert_msg(an == addr_rows[_i].anomalies, "%s: %#x, not %#x", text,
		      an, addr_rows[_i].anomalies);
	ck_assert_str_eq(addr_format(&a, got), addr_rows[_i].canonical);
	ck_assert_msg(span_eqs(a.host, addr_rows[_i].host), "%s", text);
	ck_assert_msg(!span_absent(a.host), "%s", text);
}
END_TEST

START_TEST(addr_round_trips)
{
	struct sockaddr_storage ss;
	struct addr a, b;
	char text[ADDR_STRLEN];

	addr_parse(span_str(addr_rows[_i].text), &a);
	if (!a.family) {
		ck_assert_uint_eq(addr_to_sockaddr(&a, &ss), 0);
		return;
	}
	addr_parse(span_str(addr_format(&a, text)), &b);
	ck_assert(addr_eq(&a, &b));
	ck_assert_uint_eq(addr_to_sockaddr(&a, &ss),
			  a.family == AF_INET ? sizeof(struct sockaddr_in)
					      : sizeof(struct sockaddr_in6));
	ck_assert(addr_from_sockaddr((struct sockaddr *)&ss, &b));
	ck_assert(addr_eq(&a, &b));
	b.port ^= 1;
	ck_assert(!addr_eq(&a, &b));
	b.port ^= 1;
	b.ip[3] ^= 1;
	ck_assert(!addr_eq(&a, &b));
}
END_TEST

START_TEST(addr_to_the_kernel)
{
	struct sockaddr_storage ss;
	struct sockaddr_in sin;
	struct sockaddr_in6 sin6;
	struct addr a;

	addr_parse(SPAN("127.0.0.2:258"), &a);
	addr_to_sockaddr(&a, &ss);
	memcpy(&sin, &ss, sizeof(sin));
	ck_assert_int_eq(sin.sin_family, AF_INET);
	ck_assert_uint_eq(ntohs(sin.sin_port), 258);
	ck_assert_uint_eq(ntohl(sin.sin_addr.s_addr), 0x7f000002);
	addr_parse(SPAN("[::2]:3"), &a);
	addr_to_sockaddr(&a, &ss);
	memcpy(&sin6, &ss, sizeof(sin6));
	ck_assert_int_eq(sin6.sin6_family, AF_INET6);
	ck_assert_uint_eq(ntohs(sin6.sin6_port), 3);
	ck_assert_uint_eq(sin6.sin6_addr.s6_addr[15], 2);
	ss.ss_family = AF_UNIX;
	ck_assert(!addr_from_sockaddr((struct sockaddr *)&ss, &a));
}
END_TEST

START_TEST(addr_nul_ends_nothing)
{
	struct addr a;

	ck_assert_uint_eq(addr_parse(SPAN("127.0.0.1\0:80"), &a), ADDR_NOT_IP);
	ck_assert_uint_eq(addr_parse(SPAN("[::1\0]:80"), &a), ADDR_NOT_IP);
	ck_assert_uint_eq(addr_parse(SPAN("127.0.0.1:80\0"), &a),
			  ADDR_PORT_SYNTAX);
}
END_TEST

static const struct {
	const char *text;
	bool loopback, any;
} addr_kinds[] = {
	{ "127.0.0.1:1", true, false },
	{ "127.255.0.9:1", true, false },
	{ "[::1]:1", true, false },
	{ "[::ffff:127.0.0.1]:1", true, false },
	{ "128.0.0.1:1", false, false },
	{ "[::2]:1", false, false },
	{ "[::127.0.0.1]:1", false, false },
	{ "0.0.0.0:1", false, true },
	{ "[::]:1", false, true },
	{ "[1::]:1", false, false },
	{ "[::ffff:128.0.0.1]:1", false, false },
	{ "0.0.0.1:1", false, false },
	{ "localhost:1", false, false },
};

START_TEST(addr_loopback_and_any)
{
	struct addr a;

	addr_parse(span_str(addr_kinds[_i].text), &a);
	ck_assert_msg(addr_is_loopback(&a) == addr_kinds[_i].loopback, "%s",
		      addr_kinds[_i].text);
	ck_assert_msg(addr_is_any(&a) == addr_kinds[_i].any, "%s",
		      addr_kinds[_i].text);
}
END_TEST

/* --- URIs ---------------------------------------------------------------- */

static const struct {
	const char *text;
	unsigned anomalies;
	enum uri_expect expect;
} uri_rows[] = {
	{ "garbage", URI_GARBAGE, URI_REFUSE },
	{ " ", URI_GARBAGE | URI_BLANK, URI_REFUSE },
	{ "::::", URI_GARBAGE, URI_REFUSE },
	{ "socks5://", URI_NO_AUTHORITY, URI_REFUSE },
	{ "socks5:", URI_NO_AUTHORITY, URI_REFUSE },
	{ "socks5:///x", URI_NO_AUTHORITY | URI_PATH_LONG, URI_REFUSE },
	{ "socks5:/127.0.0.1:1", URI_NO_AUTHORITY, URI_REFUSE },
	{ "//127.0.0.1:1", URI_NO_SCHEME, URI_REFUSE },
	{ "u:p@127.0.0.1:1", URI_NO_AUTHORITY | URI_UNKNOWN_SCHEME,
	  URI_REFUSE },
	{ "u@127.0.0.1:1", URI_NO_SCHEME | URI_NO_PASSWORD, URI_REFUSE },
	{ "proxy.test:1080", URI_NO_SCHEME | URI_HOSTNAME, URI_REFUSE },
	{ "127.0.0.1", URI_NO_SCHEME | URI_BAD_ADDR, URI_REFUSE },
	{ "[::1]:1", URI_NO_SCHEME, URI_REFUSE },
	{ "5socks://127.0.0.1:1", URI_NO_SCHEME, URI_REFUSE },
	{ "socks9://127.0.0.1:1", URI_UNKNOWN_SCHEME, URI_REFUSE },
	{ "a+b-c.d://127.0.0.1:1", URI_UNKNOWN_SCHEME, URI_REFUSE },
	{ "GOPHER://127.0.0.1:1", URI_UNKNOWN_SCHEME | URI_SCHEME_CASE,
	  URI_REFUSE },
	{ "socks5://127.0.0.1:99999", URI_BAD_ADDR, URI_REFUSE },
	{ "socks5://127.0.0.1 :1", URI_BAD_ADDR | URI_BLANK, URI_REFUSE },
	{ "socks5://a.test", URI_BAD_ADDR | URI_HOSTNAME, URI_REFUSE },
	{ "\tsocks5://127.0.0.1:1\n", URI_BLANK, URI_REFUSE_SHOULD },
	{ "http://\xc3\xa4:p@127.0.0.1:1", URI_BLANK, URI_REFUSE_SHOULD },
	{ "http://a%4:p@127.0.0.1:1", URI_BAD_PERCENT, URI_REFUSE_SHOULD },
	{ "http://a:p%@127.0.0.1:1", URI_BAD_PERCENT, URI_REFUSE_SHOULD },
	{ "http://a:p%gg@127.0.0.1:1", URI_BAD_PERCENT, URI_REFUSE_SHOULD },
	{ "http://127.0.0.1:1?", URI_PATH_LONG, URI_REFUSE_SHOULD },
	{ "http://127.0.0.1:1#", URI_PATH_LONG, URI_REFUSE_SHOULD },
	{ "http://:@127.0.0.1:1", URI_EMPTY_USER | URI_NO_PASSWORD,
	  URI_REFUSE_SHOULD },
	{ "http://u@127.0.0.1:1", URI_NO_PASSWORD, URI_ACCEPTABLE },
	{ "http://u:@127.0.0.1:1", URI_NO_PASSWORD, URI_ACCEPTABLE },
	{ "socks5://u:@127.0.0.1:1", URI_NO_PASSWORD, URI_EITHER },
	{ "socks4://u:@127.0.0.1:1", URI_NO_PASSWORD | URI_OTHER_SCHEME,
	  URI_EITHER },
	{ "http://a@b:c@127.0.0.1:1", 0, URI_ACCEPTABLE },
	{ "https://127.0.0.1:1", URI_OTHER_SCHEME, URI_EITHER },
	{ "socks5h://127.0.0.1:1", URI_OTHER_SCHEME, URI_EITHER },
	{ "http://[fe80::1%25eth0]:1", URI_ZONE, URI_EITHER },
	{ "http://127.0.0.1:1/", URI_PATH, URI_EITHER },
};

START_TEST(uri_table)
{
	struct arena a = { 0 };
	struct proxy_uri u;
	struct span s = span_str(uri_rows[_i].text);

	uri_parse(&a, s, &u);
	ck_assert_msg(u.anomalies == uri_rows[_i].anomalies, "%s: %#x, not %#x",
		      uri_rows[_i].text, u.anomalies, uri_rows[_i].anomalies);
	ck_assert_msg(uri_classify(s) == uri_rows[_i].expect, "%s", s.p);
	arena_fini(&a);
}
END_TEST

START_TEST(uri_percent)
{
	struct arena a = { 0 };
	struct proxy_uri u;

	uri_parse(&a, SPAN("http://%00%fF%25:%4a%4%zz@127.0.0.1:1"), &u);
	ck_assert(span_eq(u.user, SPAN("\0\xff%")));
	ck_assert(same(u.password, "J%4%zz"));
	arena_fini(&a);
}
END_TEST

START_TEST(uri_credential_length)
{
	struct arena a = { 0 };
	char *user = arena_alloc(&a, 257);

	memset(user, 'a', 256);
	for (size_t n = 255; n <= 256; n++) {
		bool fits = n == 255;
		char *s = arena_printf(&a, "socks5://%%61%.*s:p@127.0.0.1:1",
				       (int)n - 1, user);

		ck_assert_int_eq(uri_classify(span_str(s)),
				 fits ? URI_ACCEPTABLE : URI_REFUSE_SHOULD);
		s = arena_printf(&a, "socks5://u:%.*s@127.0.0.1:1", (int)n,
				 user);
		ck_assert_int_eq(uri_classify(span_str(s)),
				 fits ? URI_ACCEPTABLE : URI_REFUSE_SHOULD);
		s = arena_printf(&a, "http://%.*s:p@127.0.0.1:1", (int)n, user);
		ck_assert_int_eq(uri_classify(span_str(s)), URI_ACCEPTABLE);
	}
	arena_fini(&a);
}
END_TEST

#define LOOP(t, test, table) tcase_add_loop_test((t), test, 0, N(table))

static Suite *suite(void)
{
	Suite *s = suite_create("proto-addresses");
	TCase *t = tcase_create("corners");

	LOOP(t, addr_table, addr_rows);
	LOOP(t, addr_round_trips, addr_rows);
	tcase_add_test(t, addr_to_the_kernel);
	tcase_add_test(t, addr_nul_ends_nothing);
	LOOP(t, addr_loopback_and_any, addr_kinds);
	LOOP(t, uri_table, uri_rows);
	tcase_add_test(t, uri_percent);
	tcase_add_test(t, uri_credential_length);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return suite_run(suite());
}
