/*
 * test_proto_socks.c - the application's side of SOCKS against
 * vectors/socks-replies.json and vectors/socks-settings.json.
 *
 * Each dialogue is played whole, byte by byte and in random pieces, which
 * must give the same.
 */
#include "parent/base/tests/suite.h"
#include "parent/proto/ipc/settings.h"
#include "parent/proto/net/socks.h"
#include "parent/proto/tests/dialogues.h"

#define N(table) (int)(sizeof(table) / sizeof(*(table)))

static const struct word answer_words[] = {
	{ "auto", SOCKS_ANSWER_AUTO },
	{ "none", SOCKS_ANSWER_NONE },
	{ "status01", SOCKS_ANSWER_STATUS01 },
	{ "status05", SOCKS_ANSWER_STATUS05 },
	END,
};

static const struct word stage_words[] = {
	{ "auth", SOCKS_AUTH },
	{ "block", SOCKS_BLOCK },
	{ "request", SOCKS_REQUEST },
	END,
};

static const struct word anomaly_words[] = {
#define X(id, word, text) { word, SOCKS_ODD_##id },
	SOCKS_ANOMALIES(X)
#undef X
		END,
};

static const struct word settings_words[] = {
	{ "empty", SETTINGS_EMPTY },
	{ "no_equals", SETTINGS_NO_EQUALS },
	{ "empty_key", SETTINGS_EMPTY_KEY },
	{ "bare_equals", SETTINGS_BARE_EQUALS },
	{ "dangling", SETTINGS_DANGLING },
	{ "odd_escape", SETTINGS_ODD_ESCAPE },
	{ "repeated", SETTINGS_REPEATED },
	END,
};

/* --- dialogues ------------------------------------------------------------- */

static void feed(struct socks *s, struct span in, unsigned *seed,
		 struct buf *rest)
{
	while (in.n) {
		size_t n = piece(seed, in.n);
		size_t took = socks_feed(s, span_sub(in, 0, n));

		buf_add(rest, span_sub(in, took, n - took));
		in = span_sub(in, n, in.n);
	}
}

static void play_event(struct row *r, struct socks *s, json_t *e,
		       unsigned *seed, struct buf *rest)
{
	const char *word = json_string_value(e);
	const char *sent = json_string_value(json_object_get(e, "sent"));

	if (sent)
		socks_sent(s, find_word(stage_words, sent));
	else if (!word)
		feed(s, bytes_of(r->a, json_object_get(e, "server")), seed,
		     rest);
	else if (strcmp(word, "quiet") == 0)
		socks_quiet(s);
	else if (strcmp(word, "end") == 0)
		socks_end(s);
	else
		ck_abort_msg("no such event: %s", word);
}

static void same_bound(struct row *r, json_t *dec, const struct socks *s)
{
	json_t *name = json_object_get(dec, "name");

	same_addr(r, dec, &s->bound.addr);
	if (!name)
		return;
	same_size(r, "atyp", SOCKS_NAME, s->bound.atyp);
	same_span(r, "name", bytes_of(r->a, json_object_get(name, "name")),
		  s->bound.name);
	same_int(r, name, "port", s->bound.addr.port);
}

static void same_decoded(struct row *r, json_t *dec, const struct socks *s,
			 struct span rest)
{
	const char *form = json_string_value(json_object_get(dec, "form"));

	if (form && strcmp(form, socks_form_name(s->form)) != 0)
		complain(r, "form", form, socks_form_name(s->form));
	same_int(r, dec, "method", s->method);
	same_int(r, dec, "status", s->status);
	same_int(r, dec, "code", s->code);
	same_int(r, dec, "rep", s->rep);
	same_int(r, dec, "used", (int)s->used);
	same_int(r, dec, "reply", (int)s->reply.n);
	if (json_object_get(dec, "early"))
		same_bool(r, "early",
			  json_is_true(json_object_get(dec, "early")),
			  s->early);
	same_bytes(r, dec, "rest", rest);
	same_bound(r, dec, s);
}

static void play(struct row *r, unsigned seed)
{
	const char *kind = row_text(r, "kind"), *answer = row_text(r, "answer");
	struct buf rest = BUF_MAX(INPUT_MAX);
	struct socks s;
	json_t *e;
	size_t i;

	socks_init(&s, kind && !strcmp(kind, "socks4") ? SOCKS4 : SOCKS5,
		   answer ? find_word(answer_words, answer)
			  : SOCKS_ANSWER_AUTO);
	socks_offer(&s, row_bytes(r, "offered"));
	json_array_foreach(json_object_get(r->json, "events"), i, e)
		play_event(r, &s, e, &seed, &rest);
	same_stage(r, socks_stage_name(s.stage));
	same_set(r, r->json, "anomalies", anomaly_words, s.anomalies);
	same_decoded(r, json_object_get(r->json, "decoded"), &s,
		     buf_span(&rest));
	buf_fini(&rest);
}

static void check_reply(struct row *r)
{
	for (unsigned seed = 0; seed < 6; seed++)
		play(r, seed);
}

START_TEST(vectors_socks_replies)
{
	each_row("socks-replies", check_reply);
}
END_TEST

START_TEST(vectors_know_every_anomaly)
{
	all_occur("socks-replies", "events", anomaly_words);
	for (const struct word *w = anomaly_words; w->name; w++) {
		ck_assert_str_eq(socks_anomaly_name(w->bit), w->name);
		ck_assert_str_ne(socks_anomaly_text(w->bit), "?");
	}
}
END_TEST

/* --- settings ---------------------------------------------------------------- */

static struct kv_list pairs_of(struct row *r, json_t *list)
{
	struct kv_list l = { 0 };
	size_t cap = 0, i;
	json_t *item;

	json_array_foreach(list, i, item)
	{
		arena_grow(r->a, l.v, l.n, cap);
		l.v[l.n++] = (struct kv){
			.key = bytes_of(r->a, json_object_get(item, "key")),
			.value = bytes_of(r->a, json_object_get(item, "value")),
		};
	}
	return l;
}

static void same_pairs(struct row *r, const struct kv_list *want,
		       const struct kv_list *got)
{
	same_size(r, "pairs", want->n, got->n);
	for (size_t i = 0; i < want->n && i < got->n; i++) {
		same_span(r, "key", want->v[i].key, got->v[i].key);
		same_span(r, "value", want->v[i].value, got->v[i].value);
	}
}

/* The message that carries @flat says the same when it is read again. */
static void check_userpass(struct row *r, struct span flat)
{
	struct span user, password;
	struct buf msg = BUF_MAX(INPUT_MAX), back = BUF_MAX(INPUT_MAX);
	struct socks_said said;

	ck_assert(settings_split(flat, &user, &password));
	same_span(r, "user", row_bytes(r, "user"), user);
	same_span(r, "password", row_bytes(r, "password"), password);
	socks_put_greeting(&msg, SPAN("\x02"));
	socks_put_userpass(&msg, user, password);
	socks_said(buf_span(&msg), SOCKS_METHOD_USERPASS, &said);
	same_size(r, "message", msg.n, said.auth_end);
	settings_join(&back, said.user, said.password);
	same_span(r, "joined", flat, buf_span(&back));
	buf_fini(&msg);
	buf_fini(&back);
}

static void check_pairs(struct row *r, json_t *pairs)
{
	struct kv_list l = pairs_of(r, pairs), back;
	struct buf json = BUF_MAX(INPUT_MAX), flat = BUF_MAX(INPUT_MAX);
	const char *expect = row_text(r, "expect");
	struct span user, password;

	settings_json(&json, &l);
	settings_flat(&flat, &l);
	same_span(r, "json", row_bytes(r, "json"), buf_span(&json));
	same_span(r, "flat", row_bytes(r, "flat"), buf_span(&flat));
	settings_parse(r->a, buf_span(&flat), &back);
	same_pairs(r, &l, &back);
	if (strcmp(expect, "fits") == 0)
		check_userpass(r, buf_span(&flat));
	else
		same_bool(r, "fits", false,
			  settings_split(buf_span(&flat), &user, &password));
	same_bool(r, "empty", strcmp(expect, "empty") == 0, flat.n == 0);
	buf_fini(&json);
	buf_fini(&flat);
}

static void check_flat(struct row *r)
{
	struct kv_list want, got;

	want = pairs_of(r, json_object_get(r->json, "decoded"));
	same_set(r, r->json, "anomalies", settings_words,
		 settings_parse(r->a, row_bytes(r, "input"), &got));
	same_pairs(r, &want, &got);
}

/* What a server has read of a block when it comes behind a greeting. */
static void check_block(struct row *r)
{
	json_t *dec = json_object_get(r->json, "decoded");
	json_t *count = json_object_get(dec, "count");
	struct span stream = row_bytes(r, "stream");
	struct buf all = BUF_MAX(INPUT_MAX);
	struct socks_said said;

	socks_put_greeting(&all, SPAN("\x09"));
	buf_add(&all, stream);
	socks_said(buf_span(&all), SOCKS_METHOD_JSON, &said);
	same_bool(r, "has count", json_is_integer(count), said.has_count);
	same_size(r, "count", (size_t)json_integer_value(count), said.count);
	same_size(r, "body",
		  (size_t)json_integer_value(json_object_get(dec, "body")),
		  said.block.n);
	same_bool(r, "complete", json_is_true(json_object_get(dec, "complete")),
		  said.auth_end != SIZE_MAX);
	if (said.auth_end != SIZE_MAX)
		same_span(r, "rest",
			  json_object_get(dec, "rest")
				  ? bytes_of(r->a, json_object_get(dec, "rest"))
				  : SPAN(""),
			  span_sub(buf_span(&all), said.auth_end, all.n));
	buf_fini(&all);
}

static void check_settings(struct row *r)
{
	json_t *pairs = json_object_get(r->json, "pairs");

	if (pairs)
		check_pairs(r, pairs);
	else if (json_object_get(r->json, "stream"))
		check_block(r);
	else
		check_flat(r);
}

/* each_row() wants an expectation of every row; here not all have a word. */
START_TEST(vectors_socks_settings)
{
	struct arena a = { 0 };
	struct row r = { .a = &a };
	json_t *doc = load("socks-settings");
	json_t *rows = json_object_get(doc, "rows");
	size_t i;

	ck_assert(json_array_size(rows) > 0);
	json_array_foreach(rows, i, r.json)
	{
		r.id = row_text(&r, "id");
		ck_assert(r.id != NULL);
		check_settings(&r);
	}
	fflush(stdout);
	ck_assert_msg(r.wrong == 0, "%d complaints", r.wrong);
	json_decref(doc);
	arena_fini(&a);
}
END_TEST

/* --- messages of the client ---------------------------------------------------- */

START_TEST(blocks)
{
	struct buf b = BUF_MAX(1000);

	settings_block(&b, SPAN("{\"k\":\"v\"}"));
	ck_assert(span_eq(buf_span(&b), SPAN("\0\0\0\x09{\"k\":\"v\"}")));
	buf_reset(&b);
	settings_block_count(&b, 0x01020384, SPAN("x"));
	ck_assert(span_eq(buf_span(&b), SPAN("\1\2\3\x84x")));
	buf_fini(&b);
}
END_TEST

START_TEST(messages)
{
	struct buf b = BUF_MAX(4000);
	struct socks_addr to = socks_addr_name(SPAN("srv.test"), 443);
	char methods[300] = { 0 };

	socks_put_greeting(&b, span_of(methods, sizeof(methods)));
	ck_assert_uint_eq(b.n, 2 + 255);
	buf_reset(&b);
	socks_put_request(&b, SOCKS_CONNECT, &to);
	ck_assert(span_eq(buf_span(&b), SPAN("\5\1\0\3\x08srv.test\x01\xbb")));
	buf_reset(&b);
	socks_put_userpass(&b, span_of(methods, 300), SPAN(""));
	ck_assert_uint_eq(b.n, 3 + 255);
	buf_fini(&b);
}
END_TEST

START_TEST(socks4_requests)
{
	struct buf b = BUF_MAX(400);
	struct socks_addr to = socks_addr_name(SPAN("a.b"), 258);
	struct addr ip;

	ck_assert(socks_put_socks4(&b, SPAN("k=v"), &to));
	ck_assert(span_eq(buf_span(&b), SPAN("\4\1\1\2\0\0\0\1k=v\0a.b\0")));
	buf_reset(&b);
	addr_parse(SPAN("1.2.3.4:80"), &ip);
	to = socks_addr_of(&ip);
	ck_assert(!socks_put_socks4(&b, SPAN("k\0v"), &to));
	ck_assert(socks_put_socks4(&b, SPAN(""), &to));
	ck_assert(span_eq(buf_span(&b), SPAN("\4\1\0\x50\1\2\3\4\0")));
	buf_reset(&b);
	addr_parse(SPAN("[::1]:80"), &ip);
	to = socks_addr_of(&ip);
	ck_assert(!socks_put_socks4(&b, SPAN(""), &to));
	to = socks_addr_name(SPAN("a\0b"), 1);
	ck_assert(!socks_put_socks4(&b, SPAN(""), &to));
	to = socks_addr_name(SPAN(""), 1);
	ck_assert(!socks_put_socks4(&b, SPAN(""), &to));
	ck_assert_uint_eq(b.n, 0);
	buf_fini(&b);
}
END_TEST

/* Every prefix of a whole conversation is read, and no more than is there. */
START_TEST(client_messages_read_again)
{
	struct buf b = BUF_MAX(1000);
	struct socks_addr to = socks_addr_name(SPAN("srv.test"), 443);
	struct socks_said said;
	size_t block, request;

	socks_put_greeting(&b, SPAN("\x09"));
	settings_block(&b, SPAN("{\"k\":\"v\"}"));
	block = b.n;
	socks_put_request(&b, SOCKS_BIND, &to);
	request = b.n;
	buf_adds(&b, "tunnel");
	for (size_t n = 0; n <= b.n; n++) {
		socks_said(span_of(b.p, n), SOCKS_METHOD_JSON, &said);
		ck_assert(!said.odd);
		ck_assert_uint_eq(said.greeting_end, n < 3 ? SIZE_MAX : 3);
		ck_assert_uint_eq(said.auth_at, n < 3 ? SIZE_MAX : 3);
		ck_assert_int_eq(said.has_count, n >= 7);
		ck_assert_uint_eq(said.auth_end, n < block ? SIZE_MAX : block);
		ck_assert_uint_eq(said.request_end,
				  n < request ? SIZE_MAX : request);
		ck_assert_int_eq(said.cmd, n < block + 4 ? -1 : SOCKS_BIND);
	}
	ck_assert(span_eqs(said.to.name, "srv.test"));
	socks_said(buf_span(&b), -1, &said);
	ck_assert_uint_eq(said.auth_at, SIZE_MAX);
	socks_said(buf_span(&b), SOCKS_METHOD_NONE, &said);
	ck_assert(said.odd && said.request_at == 3);
	buf_fini(&b);
}
END_TEST

START_TEST(credentials_read_again)
{
	struct buf b = BUF_MAX(1000);
	struct socks_said said;

	socks_put_greeting(&b, SPAN("\x02"));
	socks_put_userpass(&b, SPAN("user"), SPAN("secret"));
	for (size_t n = 0; n <= b.n; n++) {
		socks_said(span_of(b.p, n), SOCKS_METHOD_USERPASS, &said);
		ck_assert_uint_eq(said.auth_end, n < b.n ? SIZE_MAX : b.n);
		ck_assert_int_eq(span_absent(said.password), n < b.n);
	}
	ck_assert(span_eqs(said.user, "user"));
	ck_assert(span_eqs(said.password, "secret"));
	buf_fini(&b);
}
END_TEST

/* Every prefix of a request is read, and no more than is there. */
START_TEST(socks4_read_again)
{
	struct buf b = BUF_MAX(1000);
	struct socks_addr to = socks_addr_name(SPAN("srv.test"), 443);
	struct socks_said said;
	size_t request;

	socks_put_socks4(&b, SPAN("k=v"), &to);
	request = b.n;
	buf_adds(&b, "tunnel");
	for (size_t n = 0; n <= b.n; n++) {
		socks4_said(span_of(b.p, n), &said);
		ck_assert(!said.odd && said.greeting_end == SIZE_MAX);
		ck_assert_uint_eq(said.request_at, n ? 0 : SIZE_MAX);
		ck_assert_uint_eq(said.request_end,
				  n < request ? SIZE_MAX : request);
		ck_assert_int_eq(said.cmd, n < 8 ? -1 : SOCKS_CONNECT);
		ck_assert_uint_eq(said.user.n, n < 8 ? 0 : n < 11 ? n - 8 : 3);
	}
	ck_assert(span_eqs(said.user, "k=v"));
	ck_assert(span_eqs(said.to.name, "srv.test"));
	ck_assert_uint_eq(said.to.addr.port, 443);
	socks4_said(SPAN("\4\2\0\x50\0\0\0\0\0"), &said);
	ck_assert(said.to.atyp == SOCKS_IPV4 && said.to.addr.port == 80);
	ck_assert(said.cmd == SOCKS_BIND && said.request_end == 9);
	socks4_said(SPAN("\5\1\0"), &said);
	ck_assert(said.odd && said.request_at == SIZE_MAX);
	buf_fini(&b);
}
END_TEST

START_TEST(names_are_total)
{
	ck_assert_str_eq(socks_stage_name((enum socks_stage)99), "?");
	ck_assert_str_eq(socks_form_name((enum socks_form)99), "?");
	ck_assert_str_eq(socks_anomaly_name((enum socks_anomaly)0), "?");
	ck_assert_str_eq(socks_anomaly_text((enum socks_anomaly)0), "?");
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("socks");
	TCase *t = tcase_create("socks");

	/* A block of 1 MiB; a sanitizer on a busy machine is slow. */
	tcase_add_test(t, vectors_socks_replies);
	tcase_add_test(t, vectors_know_every_anomaly);
	tcase_add_test(t, vectors_socks_settings);
	tcase_add_test(t, blocks);
	tcase_add_test(t, messages);
	tcase_add_test(t, socks4_requests);
	tcase_add_test(t, client_messages_read_again);
	tcase_add_test(t, credentials_read_again);
	tcase_add_test(t, socks4_read_again);
	tcase_add_test(t, names_are_total);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return suite_run(suite());
}
