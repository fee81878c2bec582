/*
 * test_proto.c - the codecs against the files in vectors/.
 *
 * Each subject is one test that walks over all rows of its file and tells
 * about every row that is wrong before it fails.  What must hold for any bytes
 * is in test_proto_props.c.
 */
#include "parent/base/tests/suite.h"
#include "parent/proto/ipc/args.h"
#include "parent/proto/ipc/bindaddr.h"
#include "parent/proto/ipc/ipc.h"
#include "parent/proto/ipc/name.h"
#include "parent/proto/ipc/options.h"
#include "parent/proto/tests/vectors.h"
#include "parent/proto/net/uri.h"
#include "parent/proto/ipc/verlist.h"

/* --- anomalies by the names that the vectors use ----------------------- */

static const struct word name_words[] = {
	{ "empty", NAME_EMPTY },       { "bad_first", NAME_BAD_FIRST },
	{ "bad_byte", NAME_BAD_BYTE }, { "underscore", NAME_UNDERSCORE },
	{ "keyword", NAME_KEYWORD },   END
};

static const struct word verlist_words[] = { { "empty", VERLIST_EMPTY },
					     { "empty_item",
					       VERLIST_EMPTY_ITEM },
					     { "bad_byte", VERLIST_BAD_BYTE },
					     { "repeated", VERLIST_REPEATED },
					     END };

static const struct word addr_words[] = { { "no_host", ADDR_NO_HOST },
					  { "no_port", ADDR_NO_PORT },
					  { "port_syntax", ADDR_PORT_SYNTAX },
					  { "port_range", ADDR_PORT_RANGE },
					  { "port_zero", ADDR_PORT_ZERO },
					  { "hostname", ADDR_HOSTNAME },
					  { "not_ip", ADDR_NOT_IP },
					  { "unbracketed", ADDR_UNBRACKETED },
					  { "zone", ADDR_ZONE },
					  END };

static const struct word uri_words[] = {
	{ "no_scheme", URI_NO_SCHEME },
	{ "no_authority", URI_NO_AUTHORITY },
	{ "unknown_scheme", URI_UNKNOWN_SCHEME },
	{ "other_scheme", URI_OTHER_SCHEME },
	{ "scheme_case", URI_SCHEME_CASE },
	{ "bad_addr", URI_BAD_ADDR },
	{ "hostname", URI_HOSTNAME },
	{ "port_zero", URI_PORT_ZERO },
	{ "path", URI_PATH },
	{ "path_long", URI_PATH_LONG },
	{ "empty_userinfo", URI_EMPTY_USERINFO },
	{ "empty_user", URI_EMPTY_USER },
	{ "no_password", URI_NO_PASSWORD },
	{ "cred_too_long", URI_CRED_TOO_LONG },
	{ "socks4_password", URI_SOCKS4_PASSWORD },
	{ "bad_percent", URI_BAD_PERCENT },
	{ "blank", URI_BLANK },
	{ "garbage", URI_GARBAGE },
	{ "zone", URI_ZONE },
	END
};

static const struct word uri_expects[] = {
	{ "absent", URI_ABSENT }, { "acceptable", URI_ACCEPTABLE },
	{ "either", URI_EITHER }, { "should-refuse", URI_REFUSE_SHOULD },
	{ "refuse", URI_REFUSE }, END
};

static const struct word bindaddr_words[] = {
	{ "empty_item", BINDADDR_EMPTY_ITEM },
	{ "no_dash", BINDADDR_NO_DASH },
	{ "empty_key", BINDADDR_EMPTY_KEY },
	{ "duplicate", BINDADDR_DUPLICATE },
	{ "bad_addr", BINDADDR_BAD_ADDR },
	{ "hostname", BINDADDR_HOSTNAME },
	{ "unbracketed", BINDADDR_UNBRACKETED },
	{ "port_zero", BINDADDR_PORT_ZERO },
	{ "zone", BINDADDR_ZONE },
	END
};

static const struct word options_words[] = {
	{ "no_colon", OPTIONS_NO_COLON },
	{ "no_equals", OPTIONS_NO_EQUALS },
	{ "empty_name", OPTIONS_EMPTY_NAME },
	{ "empty_key", OPTIONS_EMPTY_KEY },
	{ "empty_value", OPTIONS_EMPTY_VALUE },
	{ "dangling", OPTIONS_DANGLING },
	{ "odd_escape", OPTIONS_ODD_ESCAPE },
	{ "bare_equals", OPTIONS_BARE_EQUALS },
	{ "bare_colon", OPTIONS_BARE_COLON },
	{ "empty_item", OPTIONS_EMPTY_ITEM },
	{ "repeated", OPTIONS_REPEATED },
	{ "json", OPTIONS_JSON },
	END
};

static const struct word ipc_words[] = {
	{ "empty", IPC_EMPTY },
	{ "leading_space", IPC_LEADING_SPACE },
	{ "bad_keyword", IPC_BAD_KEYWORD },
	{ "tab", IPC_TAB },
	{ "double_space", IPC_DOUBLE_SPACE },
	{ "trailing_space", IPC_TRAILING_SPACE },
	{ "cr", IPC_CR },
	{ "nul", IPC_NUL },
	{ "nonascii", IPC_NONASCII },
	{ "case", IPC_CASE },
	{ "bare_keyword_space", IPC_BARE_KEYWORD_SPACE },
	{ "decorated", IPC_DECORATED },
	END
};

static const struct word method_words[] = {
	{ "missing", METHOD_MISSING },
	{ "extra", METHOD_EXTRA },
	{ "unknown_opt", METHOD_UNKNOWN_OPT },
	{ "args_twice", METHOD_ARGS_TWICE },
	{ "opt_pair", METHOD_OPT_PAIR },
	END
};

static const struct word args_words[] = { { "empty", ARGS_EMPTY },
					  { "no_equals", ARGS_NO_EQUALS },
					  { "empty_key", ARGS_EMPTY_KEY },
					  { "empty_value", ARGS_EMPTY_VALUE },
					  { "bare_equals", ARGS_BARE_EQUALS },
					  { "dangling", ARGS_DANGLING },
					  { "odd_escape", ARGS_ODD_ESCAPE },
					  { "trailing_comma",
					    ARGS_TRAILING_COMMA },
					  { "plus", ARGS_PLUS },
					  { "semicolon", ARGS_SEMICOLON },
					  { "repeated", ARGS_REPEATED },
					  END };

/* --- one check per subject ---------------------------------------------- */

static void check_name(struct row *r)
{
	unsigned notes = name_check(row_bytes(r, "input"));

	same_set(r, r->json, "anomalies", name_words, notes);
	same_bool(r, "invalid", strcmp(row_text(r, "expect"), "invalid") == 0,
		  (notes & NAME_INVALID) != 0);
}

static void check_verlist(struct row *r)
{
	const char *expect = row_text(r, "expect");
	struct span list = row_bytes(r, "input");
	unsigned an = verlist_check(list);
	bool has = verlist_has(list, SPAN("2"));

	same_set(r, r->json, "anomalies", verlist_words, an);
	same_bool(r, "has_2", json_is_true(json_object_get(r->json, "has_2")),
		  has);
	/* Malformed lists are disputed, the others are not. */
	same_bool(r, "disputed",
		  !strcmp(expect, "either") || !strcmp(expect, "missing"),
		  (an & VERLIST_MALFORMED) != 0);
	if (!(an & VERLIST_MALFORMED))
		same_bool(r, "accept", strcmp(expect, "accept") == 0, has);
}

static void check_uri(struct row *r)
{
	json_t *dec = json_object_get(r->json, "decoded");
	struct span in = row_bytes(r, "input");
	enum uri_expect got = uri_classify(in);
	struct proxy_uri u;

	if (got != find_word(uri_expects, row_text(r, "expect")))
		complain(r, "expect", row_text(r, "expect"),
			 uri_expects[got].name);
	if (in.n == 0)
		return;
	uri_parse(r->a, in, &u);
	same_set(r, r->json, "anomalies", uri_words, u.anomalies);
	same_set(r, r->json, "addr_anomalies", addr_words, u.addr_anomalies);
	if (!dec)
		return;
	same_span(r, "scheme", bytes_of(r->a, json_object_get(dec, "scheme")),
		  u.scheme);
	same_span(r, "user", bytes_of(r->a, json_object_get(dec, "user")),
		  u.user);
	same_span(r, "password",
		  bytes_of(r->a, json_object_get(dec, "password")), u.password);
	same_addr(r, dec, &u.addr);
}

static void check_bindaddr(struct row *r)
{
	const char *expect = row_text(r, "expect");
	json_t *dec = json_object_get(r->json, "decoded"), *item;
	struct bindaddr_list l;
	unsigned an = bindaddr_parse(r->a, row_bytes(r, "input"), &l);
	unsigned addr_an = 0;
	size_t i;

	same_set(r, r->json, "anomalies", bindaddr_words, an);
	for (i = 0; i < l.n; i++)
		addr_an |= l.v[i].addr_anomalies;
	same_set(r, r->json, "addr_anomalies", addr_words, addr_an);
	same_bool(r, "refuse", strcmp(expect, "refuse") == 0,
		  (an & BINDADDR_MALFORMED) != 0);
	if (!dec)
		return;
	same_size(r, "items", json_array_size(dec), l.n);
	json_array_foreach(dec, i, item)
	{
		if (i >= l.n)
			break;
		same_span(r, "transport",
			  bytes_of(r->a, json_object_get(item, "transport")),
			  l.v[i].key);
		same_addr(r, item, &l.v[i].addr);
	}
}

static void check_options(struct row *r)
{
	json_t *dec = json_object_get(r->json, "decoded"), *item;
	struct option_list l;
	unsigned an = options_parse(r->a, row_bytes(r, "input"), &l);
	size_t i;

	same_set(r, r->json, "anomalies", options_words, an);
	same_bool(r, "refuse", strcmp(row_text(r, "expect"), "refuse") == 0,
		  (an & OPTIONS_MALFORMED) != 0);
	if (!dec)
		return;
	same_size(r, "items", json_array_size(dec), l.n);
	json_array_foreach(dec, i, item)
	{
		if (i >= l.n)
			break;
		same_span(r, "transport",
			  bytes_of(r->a, json_object_get(item, "transport")),
			  l.v[i].transport);
		same_span(r, "key",
			  bytes_of(r->a, json_object_get(item, "key")),
			  l.v[i].key);
		same_span(r, "value",
			  bytes_of(r->a, json_object_get(item, "value")),
			  l.v[i].value);
	}
}

static void check_method(struct row *r, const struct ipc_line *line,
			 json_t *want)
{
	struct ipc_method m;

	ipc_parse_method(line, &m);
	same_set(r, want, "anomalies", method_words, m.anomalies);
	same_set(r, want, "addr_anomalies", addr_words, m.addr_anomalies);
	same_span(r, "transport",
		  bytes_of(r->a, json_object_get(want, "transport")), m.name);
	same_span(r, "protocol",
		  bytes_of(r->a, json_object_get(want, "protocol")), m.proto);
	same_span(r, "args", bytes_of(r->a, json_object_get(want, "args")),
		  m.args);
	same_addr(r, want, &m.addr);
}

static void check_tokens(struct row *r, const struct ipc_line *line,
			 json_t *want)
{
	json_t *tok;
	size_t i;

	same_size(r, "tokens", json_array_size(want), line->ntok);
	json_array_foreach(want, i, tok)
	{
		if (i >= IPC_TOK_MAX || i >= line->ntok)
			break;
		same_span(r, "token", bytes_of(r->a, tok), line->tok[i]);
	}
}

static void check_line(struct row *r)
{
	json_t *dec = json_object_get(r->json, "decoded");
	json_t *deco = json_object_get(dec, "decorated");
	struct ipc_line line;

	ipc_parse(row_bytes(r, "input"), &line);
	same_set(r, r->json, "anomalies", ipc_words, line.anomalies);
	same_span(r, "keyword", bytes_of(r->a, json_object_get(dec, "keyword")),
		  line.keyword);
	same_bool(r, "known", json_is_true(json_object_get(dec, "known")),
		  line.kw != IPC_UNKNOWN);
	if (line.kw != IPC_UNKNOWN)
		same_span(r, "name of keyword", line.keyword,
			  span_str(ipc_keyword_name(line.kw)));
	if (json_object_get(dec, "args"))
		same_span(r, "args",
			  bytes_of(r->a, json_object_get(dec, "args")),
			  line.args);
	if (json_object_get(dec, "tokens"))
		check_tokens(r, &line, json_object_get(dec, "tokens"));
	if (json_object_get(dec, "method"))
		check_method(r, &line, json_object_get(dec, "method"));
	if (deco) {
		same_span(r, "decorated",
			  bytes_of(r->a, json_object_get(deco, "keyword")),
			  span_str(ipc_keyword_name(line.decorated)));
		same_span(r, "decorated args",
			  bytes_of(r->a, json_object_get(deco, "args")),
			  line.decorated_args);
	}
}

/* The arguments are cut out of a whole line, as a parent has to do it. */
static void check_args(struct row *r)
{
	json_t *dec = json_object_get(r->json, "decoded"), *item;
	struct buf b = BUF_MAX(INPUT_MAX);
	struct ipc_line line;
	struct ipc_method m;
	struct kv_list l;
	size_t i;

	buf_adds(&b, "SMETHOD t 127.0.0.1:1 ARGS:");
	buf_add(&b, row_bytes(r, "input"));
	ipc_parse(buf_span(&b), &line);
	ipc_parse_method(&line, &m);
	same_set(r, r->json, "method_anomalies", method_words, m.anomalies);
	same_set(r, r->json, "anomalies", args_words,
		 args_parse(r->a, m.args, &l));
	if (dec)
		same_size(r, "pairs", json_array_size(dec), l.n);
	json_array_foreach(dec, i, item)
	{
		if (i >= l.n)
			break;
		same_span(r, "key",
			  bytes_of(r->a, json_object_get(item, "key")),
			  l.v[i].key);
		same_span(r, "value",
			  bytes_of(r->a, json_object_get(item, "value")),
			  l.v[i].value);
	}
	buf_fini(&b);
}

START_TEST(vectors_names)
{
	each_row("names", check_name);
}
END_TEST

START_TEST(vectors_version_lists)
{
	each_row("version-lists", check_verlist);
}
END_TEST

START_TEST(vectors_proxy_uris)
{
	each_row("proxy-uris", check_uri);
}
END_TEST

START_TEST(vectors_bind_addresses)
{
	each_row("bind-addresses", check_bindaddr);
}
END_TEST

START_TEST(vectors_server_options)
{
	each_row("server-options", check_options);
}
END_TEST

START_TEST(vectors_ipc_lines)
{
	each_row("ipc-lines", check_line);
}
END_TEST

START_TEST(vectors_smethod_args)
{
	each_row("smethod-args", check_args);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("proto");
	TCase *t = tcase_create("vectors");

	tcase_add_test(t, vectors_names);
	tcase_add_test(t, vectors_version_lists);
	tcase_add_test(t, vectors_proxy_uris);
	tcase_add_test(t, vectors_bind_addresses);
	tcase_add_test(t, vectors_server_options);
	tcase_add_test(t, vectors_ipc_lines);
	tcase_add_test(t, vectors_smethod_args);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return suite_run(suite());
}
