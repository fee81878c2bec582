/*
 * test_proto_corners.c - corners of the codecs that the shared vectors do not
 * go into: one table per codec.
 */
#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness/base/text.h"
#include "harness/proto/net/addr.h"
#include "harness/proto/ipc/args.h"
#include "harness/proto/ipc/bindaddr.h"
#include "harness/proto/ipc/ipc.h"
#include "harness/proto/ipc/name.h"
#include "harness/proto/ipc/options.h"
#include "harness/proto/net/uri.h"
#include "harness/proto/ipc/verlist.h"

#define N(table) (int)(sizeof(table) / sizeof(*(table)))

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

/* --- lines --------------------------------------------------------------- */

static const struct {
	const char *text;
	unsigned anomalies;
	enum ipc_keyword kw;
	const char *args; /* NULL: absent */
	size_t ntok;
} line_rows[] = {
	{ "VERSION ", IPC_BARE_KEYWORD_SPACE | IPC_TRAILING_SPACE, IPC_VERSION,
	  "", 0 },
	{ "VERSION  ", IPC_TRAILING_SPACE, IPC_VERSION, " ", 0 },
	{ "CMETHODS DONE ", IPC_TRAILING_SPACE, IPC_CMETHODS, "DONE ", 1 },
	{ "CMETHODS DONE \r", IPC_TRAILING_SPACE | IPC_CR, IPC_CMETHODS,
	  "DONE ", 1 },
	{ "CMETHODS DONE\r\r", IPC_CR, IPC_CMETHODS, "DONE\r", 1 },
	{ "CMETHODS\r", IPC_CR, IPC_CMETHODS, NULL, 0 },
	{ "\r", IPC_CR | IPC_EMPTY, IPC_UNKNOWN, NULL, 0 },
	{ " ", IPC_LEADING_SPACE | IPC_TRAILING_SPACE, IPC_UNKNOWN, "", 0 },
	{ "  VERSION 2", IPC_LEADING_SPACE, IPC_UNKNOWN, " VERSION 2", 2 },
	{ "  VERSION  2", IPC_LEADING_SPACE | IPC_DOUBLE_SPACE, IPC_UNKNOWN,
	  " VERSION  2", 2 },
	{ "\tVERSION 2", IPC_LEADING_SPACE, IPC_UNKNOWN, "VERSION 2", 2 },
	{ "CMETHOD a  b", IPC_DOUBLE_SPACE, IPC_CMETHOD, "a  b", 2 },
	{ "CMETHOD\ta b", IPC_TAB, IPC_CMETHOD, "a b", 2 },
	{ "FOO\ta b", IPC_BAD_KEYWORD, IPC_UNKNOWN, "a b", 2 },
	{ "cmethods\tDONE", IPC_BAD_KEYWORD | IPC_CASE, IPC_UNKNOWN, "DONE",
	  1 },
	{ "Cmethods DONE", IPC_CASE, IPC_UNKNOWN, "DONE", 1 },
	{ "CMETHOD-error x", IPC_CASE, IPC_UNKNOWN, "x", 1 },
	{ "VERSION\\ 2", IPC_BAD_KEYWORD, IPC_UNKNOWN, "2", 1 },
	{ "X \x80", IPC_NONASCII, IPC_UNKNOWN, "\x80", 1 },
	{ "X \x7f", 0, IPC_UNKNOWN, "\x7f", 1 },
	{ "V\xff 2", IPC_BAD_KEYWORD | IPC_NONASCII, IPC_UNKNOWN, "2", 1 },
	{ "LOG 1 2 3 4 5 6 7 8 9 10", 0, IPC_LOG, "1 2 3 4 5 6 7 8 9 10", 10 },
};

START_TEST(line_table)
{
	struct ipc_line l;

	ipc_parse(span_str(line_rows[_i].text), &l);
	ck_assert_msg(l.anomalies == line_rows[_i].anomalies,
		      "%s: %#x, not %#x", line_rows[_i].text, l.anomalies,
		      line_rows[_i].anomalies);
	ck_assert_int_eq(l.kw, line_rows[_i].kw);
	ck_assert_msg(span_absent(l.args) == !line_rows[_i].args, "%s",
		      line_rows[_i].text);
	ck_assert(span_eqs(l.args, line_rows[_i].args));
	ck_assert_uint_eq(l.ntok, line_rows[_i].ntok);
}
END_TEST

static const struct {
	const char *text;
	enum ipc_keyword kw; /* IPC_UNKNOWN: not decorated */
	const char *args;
} decorated_rows[] = {
	{ "2024 ENV-ERROR some text", IPC_ENV_ERROR, "some text" },
	{ "[pt]VERSION-ERROR no-version\r", IPC_VERSION_ERROR, "no-version" },
	{ " PROXY-ERROR x", IPC_PROXY_ERROR, "x" },
	{ "level=error msg=\"SMETHOD-ERROR t x\"", IPC_SMETHOD_ERROR, "t x\"" },
	{ "x CMETHOD-ERROR", IPC_CMETHOD_ERROR, NULL },
	{ "x ENV-ERROR: y", IPC_ENV_ERROR, ": y" },
	{ "x ENV-ERROR PROXY-ERROR", IPC_ENV_ERROR, "PROXY-ERROR" },
	{ "x ENV-ERRORS PROXY-ERROR y", IPC_PROXY_ERROR, "y" },
	{ "x MY-ENV-ERROR y", IPC_UNKNOWN, NULL },
	{ "x env-error y", IPC_UNKNOWN, NULL },
	{ "x VERSION 2", IPC_UNKNOWN, NULL },
	{ "ENV-ERROR PROXY-ERROR", IPC_UNKNOWN, NULL },
	{ "LOG x ENV-ERROR y", IPC_UNKNOWN, NULL },
	{ "ENV-ERRORX y", IPC_UNKNOWN, NULL },
	{ "ENV-ERROR: y", IPC_UNKNOWN, NULL },
};

START_TEST(line_decorated)
{
	enum ipc_keyword kw = decorated_rows[_i].kw;
	const char *args = decorated_rows[_i].args;
	struct ipc_line l;

	ipc_parse(span_str(decorated_rows[_i].text), &l);
	ck_assert_msg(l.decorated == kw, "%s", decorated_rows[_i].text);
	ck_assert(!(l.anomalies & IPC_DECORATED) == (kw == IPC_UNKNOWN));
	ck_assert(span_absent(l.decorated_args) == !args);
	ck_assert(span_eqs(l.decorated_args, args));
}
END_TEST

START_TEST(line_keywords)
{
	static const enum ipc_keyword all[] = {
#define X(id, text) IPC_##id,
		IPC_KEYWORDS(X)
#undef X
	};
	char line[64];
	struct ipc_line l;

	for (int i = 0; i < N(all); i++) {
		const char *name = ipc_keyword_name(all[i]);

		snprintf(line, sizeof(line), "%s x", name);
		ipc_parse(span_str(line), &l);
		ck_assert_int_eq(l.kw, all[i]);
		ck_assert_uint_eq(l.anomalies, 0);
		snprintf(line, sizeof(line), "%sX x", name);
		ipc_parse(span_str(line), &l);
		ck_assert_int_eq(l.kw, IPC_UNKNOWN);
		snprintf(line, sizeof(line), "%.*s x", (int)strlen(name) - 1,
			 name);
		ipc_parse(span_str(line), &l);
		ck_assert_int_ne(l.kw, all[i]);
	}
	ck_assert_str_eq(ipc_keyword_name(IPC_UNKNOWN), "?");
	ck_assert_str_eq(ipc_keyword_name((enum ipc_keyword)999), "?");
}
END_TEST

static const struct {
	const char *line;
	unsigned anomalies;
	const char *name, *proto, *addr, *args;
} method_rows[] = {
	{ "CMETHOD", METHOD_MISSING, NULL, NULL, NULL, NULL },
	{ "CMETHOD t", METHOD_MISSING, "t", NULL, NULL, NULL },
	{ "SMETHOD t", METHOD_MISSING, "t", NULL, NULL, NULL },
	{ "SMETHOD  t  1.1.1.1:1", 0, "t", NULL, "1.1.1.1:1", NULL },
	{ "CMETHOD t socks5 1.1.1.1:1 ARGS:a=b", METHOD_EXTRA, "t", "socks5",
	  "1.1.1.1:1", NULL },
	{ "SMETHOD t 1.1.1.1:1 ARGS:a=b ARGS:c=d", METHOD_ARGS_TWICE, "t", NULL,
	  "1.1.1.1:1", "a=b" },
	{ "SMETHOD t 1.1.1.1:1 ARGS: ARGS:c=d", METHOD_ARGS_TWICE, "t", NULL,
	  "1.1.1.1:1", "" },
	{ "SMETHOD t 1.1.1.1:1 args:a=b", METHOD_UNKNOWN_OPT, "t", NULL,
	  "1.1.1.1:1", NULL },
	{ "SMETHOD t 1.1.1.1:1 FOO:a=b", METHOD_UNKNOWN_OPT, "t", NULL,
	  "1.1.1.1:1", NULL },
	{ "SMETHOD t 1.1.1.1:1 a=b:c", METHOD_UNKNOWN_OPT | METHOD_OPT_PAIR,
	  "t", NULL, "1.1.1.1:1", NULL },
	{ "SMETHOD t 1.1.1.1:1 =b", METHOD_UNKNOWN_OPT, "t", NULL, "1.1.1.1:1",
	  NULL },
	{ "SMETHOD t 1.1.1.1:1 A B C D E F G ARGS:a=b", METHOD_UNKNOWN_OPT, "t",
	  NULL, "1.1.1.1:1", "a=b" },
};

static bool same(struct span s, const char *want)
{
	return span_absent(s) == !want && span_eqs(s, want);
}

START_TEST(method_table)
{
	struct ipc_line l;
	struct ipc_method m;

	ipc_parse(span_str(method_rows[_i].line), &l);
	ipc_parse_method(&l, &m);
	ck_assert_msg(m.anomalies == method_rows[_i].anomalies, "%s: %#x",
		      method_rows[_i].line, m.anomalies);
	ck_assert(same(m.name, method_rows[_i].name));
	ck_assert(same(m.proto, method_rows[_i].proto));
	ck_assert(same(m.addr_text, method_rows[_i].addr));
	ck_assert(same(m.args, method_rows[_i].args));
	ck_assert_uint_eq(m.addr_anomalies, 0);
	ck_assert_int_eq(m.addr.family, method_rows[_i].addr ? AF_INET : 0);
}
END_TEST

/* --- lists --------------------------------------------------------------- */

/* @decoded: key=value; or key; for each pair, escaped. */
static const struct {
	const char *text;
	unsigned anomalies;
	const char *decoded;
} args_rows[] = {
	{ "a=b,,c=d", ARGS_NO_EQUALS, "a=b;c=d;" },
	{ ",a=b", ARGS_NO_EQUALS, "a=b;" },
	{ ",", ARGS_NO_EQUALS | ARGS_TRAILING_COMMA, "" },
	{ "a", ARGS_NO_EQUALS, "a;" },
	{ "a=b=c", ARGS_BARE_EQUALS, "a=b=c;" },
	{ "a=b\\", ARGS_DANGLING, "a=b\\\\;" },
	{ "a=b\\nc", ARGS_ODD_ESCAPE, "a=bnc;" },
	{ "a=b\\;c=d", ARGS_ODD_ESCAPE | ARGS_BARE_EQUALS, "a=b;c=d;" },
	{ "a=b,+c=d,+e=f", ARGS_PLUS, "a=b;c=d;e=f;" },
	{ "+a=b", 0, "+a=b;" },
	{ "a=b;c=d=;e=f", ARGS_SEMICOLON, "a=b;c=d=;e=f;" },
	{ "a=b;c=d,e=f", ARGS_SEMICOLON, "a=b;c=d;e=f;" },
	{ "a=b;c", 0, "a=b;c;" },
	{ "a=b;", 0, "a=b;;" },
	{ "a=b;=c", ARGS_BARE_EQUALS, "a=b;=c;" },
	{ ";a=b", 0, ";a=b;" },
	{ "a;b=c", 0, "a;b=c;" },
	{ "a=b;a=c", ARGS_SEMICOLON | ARGS_REPEATED, "a=b;a=c;" },
	{ "a\\=b=c,a\\=b=d", ARGS_REPEATED, "a=b=c;a=b=d;" },
};

START_TEST(args_table)
{
	struct arena a = { 0 };
	struct buf b = BUF_MAX(4096);
	struct kv_list l;
	unsigned an = args_parse(&a, span_str(args_rows[_i].text), &l);

	ck_assert_msg(an == args_rows[_i].anomalies, "%s: %#x, not %#x",
		      args_rows[_i].text, an, args_rows[_i].anomalies);
	for (size_t i = 0; i < l.n; i++) {
		text_escape(&b, l.v[i].key);
		if (!span_absent(l.v[i].value))
			buf_addc(&b, '=');
		text_escape(&b, l.v[i].value);
		buf_addc(&b, ';');
	}
	ck_assert_str_eq(buf_cstr(&b), args_rows[_i].decoded);
	buf_fini(&b);
	arena_fini(&a);
}
END_TEST

START_TEST(args_lookup)
{
	struct arena a = { 0 };
	struct kv_list l;

	args_parse(&a, SPAN("a=1,b,c=,a=2"), &l);
	ck_assert(same(kv_get(&l, "a"), "1"));
	ck_assert(same(kv_get(&l, "b"), NULL));
	ck_assert(same(kv_get(&l, "c"), ""));
	ck_assert(same(kv_get(&l, "d"), NULL));
	arena_fini(&a);
}
END_TEST

static const struct {
	const char *text;
	unsigned anomalies;
	size_t n;
} options_rows[] = {
	{ ";T:k=v", OPTIONS_EMPTY_ITEM, 1 },
	{ ";", OPTIONS_EMPTY_ITEM, 0 },
	{ "k=v", OPTIONS_NO_COLON, 0 },
	{ ":", OPTIONS_EMPTY_NAME | OPTIONS_NO_EQUALS, 0 },
	{ ":=", OPTIONS_EMPTY_NAME | OPTIONS_EMPTY_KEY | OPTIONS_EMPTY_VALUE,
	  0 },
	{ "T:a:b=c", OPTIONS_BARE_COLON, 1 },
	{ "T=x:k=v", OPTIONS_BARE_EQUALS, 1 },
	{ "T:k=v\\;S:k=v", OPTIONS_BARE_EQUALS | OPTIONS_BARE_COLON, 1 },
	{ "T:k=v;S", OPTIONS_NO_COLON, 1 },
	{ "T:k=v;S:k=v", 0, 2 },
	{ "T:k=v;T:\\k=w", OPTIONS_ODD_ESCAPE | OPTIONS_REPEATED, 2 },
	{ " { \"T\"", OPTIONS_JSON, 0 },
	{ "{}", OPTIONS_JSON, 0 },
	{ "{x}:k=v", 0, 1 },
};

START_TEST(options_table)
{
	struct arena a = { 0 };
	struct option_list l;
	unsigned an = options_parse(&a, span_str(options_rows[_i].text), &l);

	ck_assert_msg(an == options_rows[_i].anomalies, "%s: %#x, not %#x",
		      options_rows[_i].text, an, options_rows[_i].anomalies);
	ck_assert_uint_eq(l.n, options_rows[_i].n);
	arena_fini(&a);
}
END_TEST

START_TEST(bindaddr_later_duplicate)
{
	struct arena a = { 0 };
	struct bindaddr_list l;
	unsigned an;

	an = bindaddr_parse(&a, SPAN("b-1.1.1.1:1,a-h:1,b-1.1.1.1:2,b,b"), &l);
	ck_assert_uint_eq(l.n, 5);
	ck_assert_uint_eq(l.v[0].anomalies, 0);
	ck_assert_uint_eq(l.v[1].anomalies, BINDADDR_HOSTNAME);
	ck_assert_uint_eq(l.v[2].anomalies, BINDADDR_DUPLICATE);
	ck_assert_uint_eq(l.v[3].anomalies,
			  BINDADDR_DUPLICATE | BINDADDR_NO_DASH);
	ck_assert_uint_eq(an, BINDADDR_DUPLICATE | BINDADDR_NO_DASH |
				      BINDADDR_HOSTNAME);
	ck_assert(same(l.v[3].value, NULL));
	bindaddr_parse(&a, SPAN("a-b-c:1"), &l);
	ck_assert(same(l.v[0].key, "a") && same(l.v[0].value, "b-c:1"));
	arena_fini(&a);
}
END_TEST

START_TEST(bindaddr_zone)
{
	struct arena a = { 0 };
	struct bindaddr_list l;

	ck_assert_uint_eq(bindaddr_parse(&a, SPAN("a-[fe80::1%e]:1"), &l),
			  BINDADDR_ZONE);
	arena_fini(&a);
}
END_TEST

START_TEST(verlist_whole_items)
{
	ck_assert(verlist_has(SPAN("1,2"), SPAN("1")));
	ck_assert(!verlist_has(SPAN("1,2"), SPAN("1,2")));
	ck_assert(!verlist_has(SPAN("1,,2"), SPAN("")));
	ck_assert(!verlist_has((struct span){ 0 }, SPAN("1")));
	ck_assert_uint_eq(verlist_check(SPAN("a,b,a,\x7f,")),
			  VERLIST_REPEATED | VERLIST_BAD_BYTE |
				  VERLIST_EMPTY_ITEM);
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
	Suite *s = suite_create("proto-corners");
	TCase *t = tcase_create("corners");

	LOOP(t, addr_table, addr_rows);
	LOOP(t, addr_round_trips, addr_rows);
	tcase_add_test(t, addr_to_the_kernel);
	tcase_add_test(t, addr_nul_ends_nothing);
	LOOP(t, addr_loopback_and_any, addr_kinds);
	LOOP(t, line_table, line_rows);
	LOOP(t, line_decorated, decorated_rows);
	tcase_add_test(t, line_keywords);
	LOOP(t, method_table, method_rows);
	LOOP(t, args_table, args_rows);
	tcase_add_test(t, args_lookup);
	LOOP(t, options_table, options_rows);
	tcase_add_test(t, bindaddr_later_duplicate);
	tcase_add_test(t, bindaddr_zone);
	tcase_add_test(t, verlist_whole_items);
	LOOP(t, uri_table, uri_rows);
	tcase_add_test(t, uri_percent);
	tcase_add_test(t, uri_credential_length);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	SRunner *sr = srunner_create(suite());
	int failed;

	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
