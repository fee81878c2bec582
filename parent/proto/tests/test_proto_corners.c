/*
 * test_proto_corners.c - corners of the codecs that the shared vectors do not
 * go into: one table per codec.
 */
#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

#include "parent/base/tests/suite.h"
#include "parent/base/text.h"
#include "parent/proto/net/addr.h"
#include "parent/proto/ipc/args.h"
#include "parent/proto/ipc/bindaddr.h"
#include "parent/proto/ipc/ipc.h"
#include "parent/proto/ipc/name.h"
#include "parent/proto/ipc/options.h"
#include "parent/proto/net/uri.h"
#include "parent/proto/ipc/verlist.h"

#define N(table) (int)(sizeof(table) / sizeof(*(table)))

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

#define LOOP(t, test, table) tcase_add_loop_test((t), test, 0, N(table))

static Suite *suite(void)
{
	Suite *s = suite_create("proto-corners");
	TCase *t = tcase_create("corners");

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
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return suite_run(suite());
}
