/*
 * test_proto_upstream.c - the proxy's side against vectors/upstream-proxies.
 *
 * Each row is played whole, byte by byte and in random pieces, which must
 * give the same, and read again from all its bytes at once.
 */
#include <sodium.h>

#include "parent/base/tests/suite.h"
#include "parent/proto/net/socksaddr.h"
#include "parent/proto/tests/dialogues.h"
#include "parent/proto/net/upstream.h"

#define N(table) (int)(sizeof(table) / sizeof(*(table)))

static const struct word kind_words[] = {
	{ "socks5", UPSTREAM_SOCKS5 },
	{ "socks4", UPSTREAM_SOCKS4 },
	{ "socks4a", UPSTREAM_SOCKS4A },
	{ "http", UPSTREAM_HTTP },
	END,
};

static const struct word stage_words[] = {
	{ "greeting", UPSTREAM_GREETING }, { "auth", UPSTREAM_AUTH },
	{ "request", UPSTREAM_REQUEST },   { "tunnel", UPSTREAM_TUNNEL },
	{ "failed", UPSTREAM_FAILED },	   END,
};

static const struct word anomaly_words[] = {
#define X(id, word, text) { word, UPSTREAM_##id },
	UPSTREAM_ANOMALIES(X)
#undef X
		END,
};

/* --- one row -------------------------------------------------------------- */

static int number_of(json_t *obj, const char *key, int missing)
{
	json_t *v = json_object_get(obj, key);

	return json_is_integer(v) ? (int)json_integer_value(v) : missing;
}

/* "[::1]:80", or {"name": ..., "port": ...} */
static struct socks_addr bound_of(struct arena *a, json_t *v)
{
	struct addr addr;

	if (json_is_object(v))
		return socks_addr_name(bytes_of(a, json_object_get(v, "name")),
				       (uint16_t)number_of(v, "port", 0));
	if (!json_is_string(v))
		return (struct socks_addr){ 0 };
	addr_parse(span_str(json_string_value(v)), &addr);
	return socks_addr_of(&addr);
}

static struct upstream_script script_of(struct row *r)
{
	enum upstream_kind kind = find_word(kind_words, row_text(r, "kind"));
	struct upstream_script how = UPSTREAM_SCRIPT(kind);
	json_t *p = json_object_get(r->json, "proxy"), *v;
	const char *stage;

	how.demand = json_is_true(json_object_get(p, "demand"));
	how.user = bytes_of(r->a, json_object_get(p, "user"));
	how.password = bytes_of(r->a, json_object_get(p, "password"));
	how.method = number_of(p, "method", UPSTREAM_AUTO);
	how.status = number_of(p, "status", UPSTREAM_AUTO);
	how.reply = number_of(p, "reply", UPSTREAM_AUTO);
	how.bound = bound_of(r->a, json_object_get(p, "bound"));
	how.status_line = bytes_of(r->a, json_object_get(p, "status_line"));
	how.fields = bytes_of(r->a, json_object_get(p, "fields"));
	how.body = bytes_of(r->a, json_object_get(p, "body"));
	json_object_foreach(json_object_get(p, "instead"), stage, v)
		how.instead[find_word(stage_words, stage)] = bytes_of(r->a, v);
	return how;
}

static void feed(struct upstream *u, struct buf *pending)
{
	buf_eat(pending, upstream_feed(u, buf_span(pending)));
}

/* Send a turn in pieces, then answer what is due; the rest stays. */
static void play_turn(struct upstream *u, struct span turn, unsigned *seed,
		      struct buf *pending, struct buf *replies)
{
	while (turn.n) {
		size_t n = piece(seed, turn.n);

		buf_add(pending, span_sub(turn, 0, n));
		turn = span_sub(turn, n, turn.n);
		feed(u, pending);
	}
	while (u->due) {
		upstream_reply(u, replies);
		upstream_answered(u);
		feed(u, pending);
	}
}

static void same_dest(struct row *r, json_t *dec, const struct socks_addr *d)
{
	json_t *name = json_object_get(dec, "name");

	same_addr(r, dec, &d->addr);
	if (json_object_get(dec, "address"))
		same_bool(r, "dest is a name", false, d->atyp == SOCKS_NAME);
	if (!name)
		return;
	same_size(r, "atyp", SOCKS_NAME, d->atyp);
	same_span(r, "name", bytes_of(r->a, json_object_get(name, "name")),
		  d->name);
	same_int(r, name, "port", d->addr.port);
}

static void same_decoded(struct row *r, const struct upstream *u,
			 struct span rest)
{
	json_t *dec = json_object_get(r->json, "decoded");
	const struct {
		const char *key;
		struct span got;
	} spans[] = {
		{ "methods", u->methods },   { "user", u->user },
		{ "password", u->password }, { "verb", u->verb },
		{ "target", u->target },     { "version", u->version },
		{ "host", u->host },	     { "rest", rest },
	};
	const struct {
		const char *key;
		int got;
	} numbers[] = {
		{ "chosen", u->method },  { "status", u->status },
		{ "cmd", u->cmd },	  { "code", u->code },
		{ "used", (int)u->used },
	};

	for (int i = 0; i < N(spans); i++)
		same_bytes(r, dec, spans[i].key, spans[i].got);
	for (int i = 0; i < N(numbers); i++)
		same_int(r, dec, numbers[i].key, numbers[i].got);
	same_dest(r, dec, &u->dest);
}

static void play(struct row *r, unsigned seed)
{
	struct buf pending = BUF_MAX(INPUT_MAX), replies = BUF_MAX(INPUT_MAX);
	struct upstream_script how = script_of(r);
	struct upstream u;
	json_t *turn;
	size_t i;

	upstream_init(&u, &how);
	json_array_foreach(json_object_get(r->json, "turns"), i, turn)
		play_turn(&u, bytes_of(r->a, turn), &seed, &pending, &replies);
	same_stage(r, upstream_stage_name(u.stage));
	same_decoded(r, &u, buf_span(&pending));
	same_early(r, stage_words, u.early);
	same_span(r, "replies", row_bytes(r, "replies"), buf_span(&replies));
	same_set(r, r->json, "anomalies", anomaly_words, u.anomalies);
	buf_fini(&pending);
	buf_fini(&replies);
}

/* All bytes at once, without knowing when the proxy answered. */
static void read_again(struct row *r)
{
	struct buf all = BUF_MAX(INPUT_MAX);
	struct upstream_script how = script_of(r);
	struct upstream u;
	json_t *turn;
	size_t i, n;

	upstream_init(&u, &how);
	json_array_foreach(json_object_get(r->json, "turns"), i, turn)
		buf_add(&all, bytes_of(r->a, turn));
	n = upstream_read(&u, buf_span(&all));
	same_size(r, "read", n, u.used);
	same_stage(r, upstream_stage_name(u.stage));
	same_decoded(r, &u, span_sub(buf_span(&all), n, all.n));
	same_bool(r, "pipelined when read", false,
		  u.early || u.anomalies & UPSTREAM_PIPELINED);
	buf_fini(&all);
}

static void check_row(struct row *r)
{
	for (unsigned seed = 0; seed < 6; seed++)
		play(r, seed);
	read_again(r);
}

START_TEST(vectors_upstream_proxies)
{
	each_row("upstream-proxies", check_row);
}
END_TEST

/* Every anomaly, and every word of the vectors, occurs. */
START_TEST(vectors_know_every_anomaly)
{
	all_occur("upstream-proxies", "turns", anomaly_words);
	for (const struct word *w = anomaly_words; w->name; w++) {
		ck_assert_str_eq(upstream_anomaly_name(w->bit), w->name);
		ck_assert_str_ne(upstream_anomaly_text(w->bit), "?");
	}
}
END_TEST

/* --- what no row can say --------------------------------------------------- */

/* A reply that is asked for twice is the same, and changes nothing. */
START_TEST(replies_can_be_asked_for_again)
{
	struct upstream_script how = UPSTREAM_SCRIPT(UPSTREAM_SOCKS5);
	struct buf out = BUF_MAX(100);
	struct upstream u;

	upstream_init(&u, &how);
	upstream_reply(&u, &out);
	ck_assert_uint_eq(out.n, 0);
	upstream_answered(&u);
	ck_assert_int_eq(u.stage, UPSTREAM_GREETING);
	ck_assert_uint_eq(upstream_feed(&u, SPAN("\5\1\0")), 3);
	upstream_reply(&u, &out);
	upstream_reply(&u, &out);
	ck_assert(span_eq(buf_span(&out), SPAN("\5\0\5\0")));
	ck_assert(u.due && u.end[UPSTREAM_GREETING] == 3);
	ck_assert_uint_eq(upstream_feed(&u, SPAN("")), 0);
	ck_assert_uint_eq(u.early, 0);
	ck_assert_uint_eq(upstream_feed(&u, SPAN("\5")), 0);
	ck_assert_uint_eq(u.early, 1u << UPSTREAM_GREETING);
	buf_fini(&out);
}
END_TEST

/* All codes of all kinds come out as they were ordered. */
START_TEST(any_code_is_sent)
{
	struct upstream_script how = UPSTREAM_SCRIPT(UPSTREAM_SOCKS5);
	struct buf out = BUF_MAX(1000);
	struct upstream u;

	how.reply = _i;
	upstream_init(&u, &how);
	upstream_read(&u, SPAN("\5\1\0"));
	upstream_feed(&u, SPAN("\5\1\0\1\1\2\3\4\0\1"));
	upstream_reply(&u, &out);
	ck_assert_uint_eq(out.n, 10);
	ck_assert_int_eq((uint8_t)out.p[1], _i);
	upstream_answered(&u);
	ck_assert_int_eq(u.stage == UPSTREAM_TUNNEL, _i == 0);

	buf_reset(&out);
	how.kind = UPSTREAM_SOCKS4A;
	upstream_init(&u, &how);
	upstream_feed(&u, SPAN("\4\1\0\1\1\2\3\4\0"));
	upstream_reply(&u, &out);
	ck_assert_uint_eq(out.n, 8);
	ck_assert_int_eq((uint8_t)out.p[1], _i);
	upstream_answered(&u);
	ck_assert_int_eq(u.stage == UPSTREAM_TUNNEL, _i == 0x5a);
	buf_fini(&out);
}
END_TEST

START_TEST(names_are_total)
{
	ck_assert_str_eq(upstream_kind_name(UPSTREAM_HTTP), "http");
	ck_assert_str_eq(upstream_kind_name((enum upstream_kind)99), "?");
	ck_assert_str_eq(upstream_stage_name((enum upstream_stage)99), "?");
	ck_assert_str_eq(upstream_anomaly_name((enum upstream_anomaly)0), "?");
}
END_TEST

/* --- the address field ------------------------------------------------------ */

static const struct {
	struct span bytes;
	enum socks_addr_result result;
	size_t used;
} field_rows[] = {
	{ { "", 0 }, SOCKS_ADDR_MORE, 0 },
	{ { "\1", 1 }, SOCKS_ADDR_MORE, 0 },
	{ { "\1\x7f\0\0\1\0", 6 }, SOCKS_ADDR_MORE, 0 },
	{ { "\1\x7f\0\0\1\0\x50X", 8 }, SOCKS_ADDR_OK, 7 },
	{ { "\3", 1 }, SOCKS_ADDR_MORE, 0 },
	{ { "\3\0\0\x50", 4 }, SOCKS_ADDR_OK, 4 },
	{ { "\3\2ab\0", 5 }, SOCKS_ADDR_MORE, 0 },
	{ { "\3\2ab\0\x50", 6 }, SOCKS_ADDR_OK, 6 },
	{ { "\4AAAAAAAAAAAAAAAA\0", 18 }, SOCKS_ADDR_MORE, 0 },
	{ { "\4AAAAAAAAAAAAAAAA\0\x50", 19 }, SOCKS_ADDR_OK, 19 },
	{ { "\2", 1 }, SOCKS_ADDR_UNKNOWN, 0 },
	{ { "\xff\0\0\0\0\0\0", 7 }, SOCKS_ADDR_UNKNOWN, 0 },
};

START_TEST(address_fields)
{
	struct span in = field_rows[_i].bytes;
	/* Exactly as large as the input: reading on is then seen. */
	char *exact = malloc(in.n ? in.n : 1);
	struct buf out = BUF_MAX(300);
	struct socks_addr a;
	size_t used = 0;

	ck_assert(exact != NULL);
	memcpy(exact, in.p, in.n);
	ck_assert_int_eq(socks_addr_get(span_of(exact, in.n), &a, &used),
			 field_rows[_i].result);
	ck_assert_uint_eq(used, field_rows[_i].used);
	if (field_rows[_i].result == SOCKS_ADDR_OK) {
		ck_assert_uint_eq(a.addr.port, 80);
		socks_addr_put(&out, &a);
		ck_assert(span_eq(buf_span(&out),
				  span_sub(field_rows[_i].bytes, 0, used)));
	}
	free(exact);
	buf_fini(&out);
}
END_TEST

/* --- credentials --------------------------------------------------------------- */

static void read_basic(struct upstream *u, const char *coded)
{
	struct upstream_script how = UPSTREAM_SCRIPT(UPSTREAM_HTTP);
	char head[1000];

	snprintf(head, sizeof(head),
		 "CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n"
		 "Proxy-Authorization: Basic %s\r\n\r\n",
		 coded);
	upstream_init(u, &how);
	ck_assert_uint_eq(upstream_feed(u, span_str(head)), strlen(head));
}

static const struct {
	const char *coded, *user, *password;
} basic_rows[] = {
	{ "dTpw", "u", "p" },
	{ "dTo=", "u", "" },
	{ "Og==", "", "" },
	{ "dTo6Zg==", "u", ":f" },
	{ "//86Zg==", "\xff\xff", "f" },
	{ "Ojo6", "", "::" },
};

START_TEST(credentials)
{
	struct upstream u;

	read_basic(&u, basic_rows[_i].coded);
	ck_assert(!(u.anomalies & UPSTREAM_BAD_BASIC));
	ck_assert(span_eqs(u.user, basic_rows[_i].user));
	ck_assert(span_eqs(u.password, basic_rows[_i].password));
}
END_TEST

/* Whole groups, padding at the end and no more than is needed, no bits set
 * that stand for nothing; and a colon. */
static const char *const bad_basic[] = {
	"",	    "dTo",  "dTo==",	"dTp=",	    "Oh==",  "Og=",   "====",
	"dTpw====", "=dTp", "dTo=dTo=", "Og==Og==", "dT pw", "dTpw=", "dTpwd",
	"dTp-",	    "dTp_", "dTpw\xff", "Zm9vYmFy", "Og",    "O",
};

START_TEST(bad_credentials)
{
	struct upstream u;

	read_basic(&u, bad_basic[_i]);
	ck_assert_msg(u.anomalies & UPSTREAM_BAD_BASIC, "%s", bad_basic[_i]);
	ck_assert(span_absent(u.user) && span_absent(u.password));
}
END_TEST

START_TEST(credentials_of_all_bytes)
{
	unsigned char all[256];
	char coded[400];
	struct upstream u;

	all[0] = ':';
	for (int i = 1; i < 256; i++)
		all[i] = (unsigned char)(i == ':' ? 0 : i);
	sodium_bin2base64(coded, sizeof(coded), all, sizeof(all),
			  sodium_base64_VARIANT_ORIGINAL);
	read_basic(&u, coded);
	ck_assert(span_eqs(u.user, ""));
	ck_assert(span_eq(u.password, span_of((char *)all + 1, 255)));
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("upstream");
	TCase *t = tcase_create("upstream");

	/* Many plays of each row; a sanitizer on a busy machine is slow. */
	tcase_add_test(t, vectors_upstream_proxies);
	tcase_add_test(t, vectors_know_every_anomaly);
	tcase_add_test(t, replies_can_be_asked_for_again);
	tcase_add_loop_test(t, any_code_is_sent, 0, 256);
	tcase_add_test(t, names_are_total);
	tcase_add_loop_test(t, address_fields, 0, N(field_rows));
	tcase_add_loop_test(t, credentials, 0, N(basic_rows));
	tcase_add_loop_test(t, bad_credentials, 0, N(bad_basic));
	tcase_add_test(t, credentials_of_all_bytes);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return suite_run(suite());
}
