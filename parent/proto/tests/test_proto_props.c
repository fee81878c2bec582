/*
 * test_proto_props.c - what must hold for the codecs whatever the bytes are.
 */
#include <check.h>
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

/* A fixed sequence, so that a failure can be repeated. */
static unsigned next_random(unsigned *state)
{
	*state = *state * 1103515245u + 12345u;
	return *state >> 16;
}

/* Mostly separators: random letters would never get past the first check. */
static size_t random_text(unsigned *state, char *dst, size_t max)
{
	static const char alphabet[] =
		"::,,;;==--\\\\  \t\r@%/[]..+019aTxAG\0\xff{\"";
	static const char *const words[] = {
		"ARGS:",   "CMETHOD ",	 "SMETHOD ", "127.0.0.1:1", "socks5://",
		"[::1]:9", "ENV-ERROR ", "T:k=v",    "http:",
	};
	size_t n = 0, len = next_random(state) % max;

	while (n < len) {
		const char *w = words[next_random(state) % (unsigned)N(words)];

		if (next_random(state) % 8 || n + strlen(w) > len) {
			dst[n++] = alphabet[next_random(state) %
					    (sizeof(alphabet) - 1)];
			continue;
		}
		memcpy(dst + n, w, strlen(w));
		n += strlen(w);
	}
	return n;
}

static void put(struct buf *b, struct span s)
{
	buf_addf(b, "%s<", span_absent(s) ? "-" : "");
	text_escape(b, s);
	buf_addc(b, '>');
}

static void put_addr(struct buf *b, const struct addr *a)
{
	char text[ADDR_STRLEN];

	buf_addf(b, "%d %s", a->family, addr_format(a, text));
	put(b, a->host);
}

static void digest_line(struct buf *b, struct span s)
{
	struct ipc_line l;
	struct ipc_method m;

	ipc_parse(s, &l);
	buf_addf(b, "ipc %x %d %zu %d", l.anomalies, l.kw, l.ntok, l.decorated);
	put(b, l.keyword);
	put(b, l.args);
	put(b, l.decorated_args);
	for (size_t i = 0; i < l.ntok && i < IPC_TOK_MAX; i++)
		put(b, l.tok[i]);
	ipc_parse_method(&l, &m);
	buf_addf(b, "\nmethod %x %x", m.anomalies, m.addr_anomalies);
	put(b, m.name);
	put(b, m.proto);
	put(b, m.addr_text);
	put(b, m.args);
	put_addr(b, &m.addr);
}

static void digest_lists(struct arena *a, struct buf *b, struct span s)
{
	struct kv_list kv;
	struct option_list ol;
	struct bindaddr_list bl;

	buf_addf(b, "\nargs %x", args_parse(a, s, &kv));
	for (size_t i = 0; i < kv.n; i++) {
		put(b, kv.v[i].key);
		put(b, kv.v[i].value);
	}
	buf_addf(b, "\noptions %x", options_parse(a, s, &ol));
	for (size_t i = 0; i < ol.n; i++) {
		put(b, ol.v[i].transport);
		put(b, ol.v[i].key);
		put(b, ol.v[i].value);
	}
	buf_addf(b, "\nbindaddr %x", bindaddr_parse(a, s, &bl));
	for (size_t i = 0; i < bl.n; i++) {
		put(b, bl.v[i].key);
		put(b, bl.v[i].value);
		put_addr(b, &bl.v[i].addr);
		buf_addf(b, "%x", bl.v[i].anomalies);
	}
}

/* All that the codecs say about @s, as text. */
static void digest(struct arena *a, struct buf *b, struct span s)
{
	struct proxy_uri u;
	struct addr addr;
	unsigned an;

	buf_reset(b);
	digest_line(b, s);
	digest_lists(a, b, s);
	an = addr_parse(s, &addr);
	buf_addf(b, "\naddr %x", an);
	put_addr(b, &addr);
	uri_parse(a, s, &u);
	buf_addf(b, "\nuri %x %x %d", u.anomalies, u.addr_anomalies,
		 uri_classify(s));
	put(b, u.scheme);
	put(b, u.user);
	put(b, u.password);
	put_addr(b, &u.addr);
	buf_addf(b, "\nlist %x %d name %x", verlist_check(s),
		 verlist_has(s, SPAN("2")), name_check(s));
	ck_assert(!b->full);
}

/*
 * The answer depends on the bytes of the span alone: not on what stands
 * behind them, nor on whether they have been seen before.
 */
START_TEST(same_answer_in_any_place)
{
	struct buf b1 = BUF_MAX(1 << 20), b2 = BUF_MAX(1 << 20);
	unsigned state = (unsigned)_i + 1;
	char text[96];

	for (int round = 0; round < 40; round++) {
		size_t n = random_text(&state, text, sizeof(text));

		for (size_t cut = 0; cut <= n; cut++) {
			struct arena a = { 0 };
			char *copy = malloc(cut + !cut);

			ck_assert(copy != NULL);
			memcpy(copy, text, cut);
			digest(&a, &b1, span_of(text, cut));
			digest(&a, &b2, span_of(copy, cut));
			ck_assert_msg(span_eq(buf_span(&b1), buf_span(&b2)),
				      "%s\n%s", buf_cstr(&b1), buf_cstr(&b2));
			free(copy);
			arena_fini(&a);
		}
	}
	buf_fini(&b1);
	buf_fini(&b2);
}
END_TEST

/* Whatever a parent escapes, a transport gets back. */
START_TEST(options_escape_round_trip)
{
	struct arena a = { 0 };
	unsigned state = (unsigned)_i + 1;
	char key[96], value[96];

	for (int round = 0; round < 300; round++) {
		struct span k = span_of(key, random_text(&state, key, 95));
		struct span v = span_of(value, random_text(&state, value, 95));
		struct buf b = BUF_MAX(4096);
		struct option_list l;
		unsigned an;

		if (k.n == 0)
			k = SPAN("\\");
		buf_adds(&b, "T:");
		options_escape(&b, k);
		buf_addc(&b, '=');
		options_escape(&b, v);
		an = options_parse(&a, buf_span(&b), &l);
		ck_assert_uint_eq(an, v.n ? 0 : OPTIONS_EMPTY_VALUE);
		ck_assert_uint_eq(l.n, 1);
		ck_assert(span_eqs(l.v[0].transport, "T"));
		ck_assert(span_eq(l.v[0].key, k));
		ck_assert(span_eq(l.v[0].value, v));
		buf_fini(&b);
	}
	arena_fini(&a);
}
END_TEST

static const char *const long_units[] = {
	",",	     ";",
	":",	     "=",
	"\\",	     " ",
	"-",	     "@",
	"%",	     "/",
	"[",	     ".",
	"a",	     "\xff",
	"a=b,",	     "a=b;",
	"T:k=v;",    "T-1.1.1.1:1,",
	"ENV-ERROR", "x ENV-ERROR ",
	"1:",	     "://",
	"{\"",
};

/* The timeout of the test is the judge: nothing is quadratic. */
START_TEST(long_input_takes_linear_time)
{
	const char *unit = long_units[_i % N(long_units)];
	struct buf b = BUF_MAX(1 << 18);
	struct arena a = { 0 };
	struct kv_list kv;
	struct option_list ol;
	struct bindaddr_list bl;
	struct proxy_uri u;
	struct addr addr;
	struct ipc_line l;
	struct ipc_method m;

	if (_i >= N(long_units))
		buf_adds(&b, "SMETHOD t ");
	while (!b.full)
		buf_adds(&b, unit);
	ipc_parse(buf_span(&b), &l);
	ipc_parse_method(&l, &m);
	args_parse(&a, buf_span(&b), &kv);
	options_parse(&a, buf_span(&b), &ol);
	bindaddr_parse(&a, buf_span(&b), &bl);
	uri_parse(&a, buf_span(&b), &u);
	addr_parse(buf_span(&b), &addr);
	verlist_check(buf_span(&b));
	name_check(buf_span(&b));
	buf_fini(&b);
	arena_fini(&a);
}
END_TEST

START_TEST(absent_is_empty)
{
	struct arena a = { 0 };
	struct buf b1 = BUF_MAX(1 << 16), b2 = BUF_MAX(1 << 16);

	digest(&a, &b1, (struct span){ 0 });
	digest(&a, &b2, SPAN(""));
	ck_assert_str_eq(buf_cstr(&b1), buf_cstr(&b2));
	buf_fini(&b1);
	buf_fini(&b2);
	arena_fini(&a);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("proto-props");
	TCase *t = tcase_create("properties");

	tcase_add_loop_test(t, same_answer_in_any_place, 0, 4);
	tcase_add_loop_test(t, options_escape_round_trip, 0, 4);
	tcase_add_loop_test(t, long_input_takes_linear_time, 0,
			    2 * N(long_units));
	tcase_add_test(t, absent_is_empty);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return suite_run(suite());
}
