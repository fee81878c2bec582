/*
 * test_proto_extor.c - the bridge's side of an Extended ORPort against
 * vectors/ext-orport, and HMAC-SHA256 against the values of RFC 4231.
 *
 * Each dialogue is played whole, byte by byte and in random pieces, which
 * must give the same, and read again from what was recorded.
 */
#include <sodium.h>

#include "parent/base/tests/suite.h"
#include "parent/proto/net/extor.h"
#include "parent/proto/tests/dialogues.h"

#define N(table) (int)(sizeof(table) / sizeof(*(table)))

static const struct word stage_words[] = {
#define X(id, word, due) { word, EXTOR_##id },
	EXTOR_STAGES_X(X)
#undef X
		END,
};

static const struct word anomaly_words[] = {
#define X(id, word, text) { word, EXTOR_##id },
	EXTOR_ANOMALIES(X)
#undef X
		END,
};

static const struct word cookie_words[] = {
	{ "cookie_header", EXTOR_COOKIE_HEADER },
	{ "cookie_short", EXTOR_COOKIE_SHORT },
	{ "cookie_long", EXTOR_COOKIE_LONG },
	END,
};

/* --- hashes and cookie files ---------------------------------------------- */

static void check_hashes(struct row *r)
{
	struct span key = row_bytes(r, "cookie");
	struct span client = row_bytes(r, "client_nonce");
	struct span server = row_bytes(r, "server_nonce");
	uint8_t out[EXTOR_HASH_SIZE];

	ck_assert(key.n == EXTOR_KEY_SIZE && client.n == EXTOR_HASH_SIZE &&
		  server.n == EXTOR_HASH_SIZE);
	extor_hash(true, key, (const uint8_t *)client.p,
		   (const uint8_t *)server.p, out);
	same_span(r, "server_hash", row_bytes(r, "server_hash"),
		  span_of(out, sizeof(out)));
	extor_hash(false, key, (const uint8_t *)client.p,
		   (const uint8_t *)server.p, out);
	same_span(r, "client_hash", row_bytes(r, "client_hash"),
		  span_of(out, sizeof(out)));
}

static void check_cookie(struct row *r)
{
	struct span in = row_bytes(r, "input"), key;
	unsigned odd = extor_cookie_parse(in, &key);
	const char *word = odd == 0		      ? "use"
			   : odd == EXTOR_COOKIE_LONG ? "either"
						      : "refuse";

	same_set(r, r->json, "anomalies", cookie_words, odd);
	if (strcmp(word, row_text(r, "expect")) != 0)
		complain(r, "expect", row_text(r, "expect"), word);
	same_bool(r, "a key", in.n >= 64, !span_absent(key));
	if (in.n >= 64)
		same_span(r, "key", span_sub(in, 32, 32), key);
}

/* --- one dialogue ---------------------------------------------------------- */

static int number_of(json_t *obj, const char *key)
{
	json_t *v = json_object_get(obj, key);

	return json_is_integer(v) ? (int)json_integer_value(v) : EXTOR_AUTO;
}

static struct extor_script script_of(struct row *r)
{
	struct extor_script how = EXTOR_SCRIPT(row_bytes(r, "cookie"),
					       row_bytes(r, "server_nonce"));
	json_t *b = json_object_get(r->json, "bridge");

	how.types = bytes_of(r->a, json_object_get(b, "types"));
	how.flip = number_of(b, "flip");
	how.status = number_of(b, "status");
	how.before = bytes_of(r->a, json_object_get(b, "before"));
	how.answer = number_of(b, "answer");
	how.body = bytes_of(r->a, json_object_get(b, "body"));
	how.behind = bytes_of(r->a, json_object_get(b, "behind"));
	return how;
}

/* What a trace keeps of a dialogue: pieces of either side, in their order. */
struct record {
	bool sent;
	struct span bytes;
};

struct tape {
	struct arena *a;
	struct record v[4096];
	size_t n;
};

static void keep(struct tape *t, bool was_sent, struct span bytes)
{
	ck_assert_uint_lt(t->n, sizeof(t->v) / sizeof(*t->v));
	t->v[t->n++] = (struct record){ was_sent, arena_span(t->a, bytes) };
}

static void say(struct extor *x, struct span out, unsigned *seed,
		struct tape *tape)
{
	while (out.n) {
		size_t n = piece(seed, out.n);
		struct span part = span_sub(out, 0, n);

		keep(tape, true, part);
		extor_sent(x, part);
		out = span_sub(out, n, out.n);
	}
}

static void answer_all(struct extor *x, unsigned *seed, struct buf *pending,
		       struct buf *replies, struct tape *tape)
{
	while (extor_due(x)) {
		size_t before = replies->n;

		extor_reply(x, replies);
		ck_assert_uint_le(replies->n - before,
				  EXTOR_REPLY_MAX + x->script.before.n +
					  x->script.body.n +
					  x->script.behind.n);
		say(x, span_sub(buf_span(replies), before, replies->n), seed,
		    tape);
		buf_eat(pending, extor_feed(x, buf_span(pending)));
	}
}

static void play_turn(struct extor *x, struct span turn, unsigned *seed,
		      struct buf *pending, struct buf *replies,
		      struct tape *tape)
{
	while (turn.n) {
		size_t n = piece(seed, turn.n);

		keep(tape, false, span_sub(turn, 0, n));
		buf_add(pending, span_sub(turn, 0, n));
		turn = span_sub(turn, n, turn.n);
		buf_eat(pending, extor_feed(x, buf_span(pending)));
	}
	answer_all(x, seed, pending, replies, tape);
}

static void same_decoded(struct row *r, const struct extor *x, struct span rest)
{
	json_t *dec = json_object_get(r->json, "decoded");
	const struct {
		const char *key;
		struct span got;
	} spans[] = {
		{ "user", x->user },
		{ "transport", x->transport },
		{ "rest", rest },
	};
	const struct {
		const char *key;
		int got;
	} numbers[] = {
		{ "choice", x->choice },
		{ "commands", (int)x->commands },
		{ "partial", (int)x->partial },
		{ "used", (int)x->used },
		{ "status", x->status },
		{ "answer", x->answer },
		{ "answer_body", (int)x->answer_body },
		{ "unknown", (int)x->unknown },
	};

	for (int i = 0; i < N(spans); i++)
		same_bytes(r, dec, spans[i].key, spans[i].got);
	for (int i = 0; i < N(numbers); i++)
		same_int(r, dec, numbers[i].key, numbers[i].got);
	same_addr(r, dec, &x->user_addr);
}

static void same_end(struct row *r, const struct extor *x, struct span rest)
{
	same_stage(r, extor_stage_name(x->stage));
	same_early(r, stage_words, x->early);
	same_decoded(r, x, rest);
	same_set(r, r->json, "anomalies", anomaly_words, x->anomalies);
}

/* What was recorded, without a script but the key. */
static void read_again(struct row *r, const struct tape *tape)
{
	struct extor_script how =
		EXTOR_SCRIPT(row_bytes(r, "cookie"), SPAN(""));
	struct extor *x = arena_alloc(r->a, sizeof(*x));
	struct buf pending = BUF_MAX(INPUT_MAX);

	extor_init(x, &how);
	for (size_t i = 0; i < tape->n; i++) {
		if (tape->v[i].sent)
			extor_sent(x, tape->v[i].bytes);
		else
			buf_add(&pending, tape->v[i].bytes);
		buf_eat(&pending, extor_feed(x, buf_span(&pending)));
	}
	same_end(r, x, buf_span(&pending));
	buf_fini(&pending);
}

static void play(struct row *r, unsigned seed)
{
	struct buf pending = BUF_MAX(INPUT_MAX), replies = BUF_MAX(INPUT_MAX);
	struct extor_script how = script_of(r);
	struct extor *x = arena_alloc(r->a, sizeof(*x));
	struct tape *tape = arena_alloc(r->a, sizeof(*tape));
	json_t *turn;
	size_t i;

	tape->a = r->a;
	tape->n = 0;
	extor_init(x, &how);
	answer_all(x, &seed, &pending, &replies, tape);
	json_array_foreach(json_object_get(r->json, "turns"), i, turn)
		play_turn(x, bytes_of(r->a, turn), &seed, &pending, &replies,
			  tape);
	same_end(r, x, buf_span(&pending));
	same_span(r, "replies", row_bytes(r, "replies"), buf_span(&replies));
	same_size(r, "sent", replies.n - how.behind.n, x->sent);
	read_again(r, tape);
	buf_fini(&pending);
	buf_fini(&replies);
}

static void check_row(struct row *r)
{
	if (json_object_get(r->json, "server_hash"))
		check_hashes(r);
	else if (json_object_get(r->json, "input"))
		check_cookie(r);
	else
		for (unsigned seed = 0; seed < 6; seed++)
			play(r, seed);
}

START_TEST(vectors_ext_orport)
{
	each_row("ext-orport", check_row);
}
END_TEST

/* Every anomaly, and every word of the vectors, occurs. */
START_TEST(vectors_know_every_anomaly)
{
	all_occur("ext-orport", "turns", anomaly_words);
	for (const struct word *w = anomaly_words; w->name; w++) {
		ck_assert_str_eq(extor_anomaly_name(w->bit), w->name);
		ck_assert_str_ne(extor_anomaly_text(w->bit), "");
	}
	ck_assert_str_eq(extor_anomaly_name(0), "");
	ck_assert_str_eq(extor_stage_name(EXTOR_STAGES), "");
}
END_TEST

/* --- what no row can say --------------------------------------------------- */

/* RFC 4231, test cases 1, 2, 3 and 6: keys shorter and longer than a block. */
static const struct {
	struct span key, data;
	const char *want;
} hmac_rows[] = {
	{ SPAN("\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b"
	       "\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b"),
	  SPAN("Hi There"),
	  "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
	{ SPAN("Jefe"), SPAN("what do ya want for nothing?"),
	  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
	{ SPAN("\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa"
	       "\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa"),
	  SPAN("\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd"
	       "\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd"
	       "\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd"
	       "\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd"
	       "\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd"),
	  "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe" },
	{ { NULL, 131 },
	  SPAN("Test Using Larger Than Block-Size Key - Hash Key First"),
	  "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
};

START_TEST(hmac_is_that_of_the_rfc)
{
	struct span key = hmac_rows[_i].key, data = hmac_rows[_i].data;
	unsigned char out[crypto_auth_hmacsha256_BYTES];
	char hex[2 * sizeof(out) + 1], aa[131];
	crypto_auth_hmacsha256_state h;

	memset(aa, 0xaa, sizeof(aa));
	if (span_absent(key))
		key.p = aa;
	crypto_auth_hmacsha256_init(&h, (const unsigned char *)key.p, key.n);
	crypto_auth_hmacsha256_update(&h, (const unsigned char *)data.p,
				      data.n);
	crypto_auth_hmacsha256_final(&h, out);
	sodium_bin2hex(hex, sizeof(hex), out, sizeof(out));
	ck_assert_str_eq(hex, hmac_rows[_i].want);
}
END_TEST

/* A reply that is asked for twice is the same, and changes nothing. */
START_TEST(replies_can_be_asked_for_again)
{
	struct extor_script how =
		EXTOR_SCRIPT(SPAN("Gliding wrapt in a brown mantle,"),
			     SPAN("te road There is always another "));
	struct buf out = BUF_MAX(1000);
	struct extor x;

	extor_init(&x, &how);
	extor_reply(&x, &out);
	extor_reply(&x, &out);
	ck_assert(span_eq(buf_span(&out), SPAN("\1\0\1\0")));
	ck_assert_int_eq(x.stage, EXTOR_TYPES);
	/* Nothing is due where the transport is awaited, nor taken here. */
	ck_assert_uint_eq(extor_sent(&x, SPAN("\1\0\1\0")), 2);
	ck_assert_uint_eq(extor_sent(&x, SPAN("\1")), 0);
	buf_reset(&out);
	extor_reply(&x, &out);
	ck_assert_uint_eq(out.n, 0);
	ck_assert_uint_eq(x.sent, 2);
	buf_fini(&out);
}
END_TEST

/* A list that never ends, and a body of the greatest length. */
START_TEST(memory_is_bounded)
{
	struct extor_script how = EXTOR_SCRIPT(SPAN(""), SPAN(""));
	struct span head = SPAN("\0\1\xff\xff");
	struct extor x;

	extor_init(&x, &how);
	for (int i = 0; i < 5000; i++)
		ck_assert_uint_eq(extor_sent(&x, SPAN("\2")), 1);
	ck_assert_uint_eq(x.ntypes, 5000);
	extor_sent(&x, SPAN("\1\0"));
	ck_assert(x.offers);
	x.stage = EXTOR_COMMANDS;
	ck_assert_uint_eq(extor_feed(&x, head), 4);
	for (int i = 0; i < 65535; i++)
		ck_assert_uint_eq(extor_feed(&x, SPAN("1")), 1);
	ck_assert_uint_eq(x.commands, 1);
	ck_assert_uint_eq(x.user.n, EXTOR_BODY_KEEP);
	ck_assert(x.anomalies & EXTOR_TOO_LONG);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("extor");
	TCase *t = tcase_create("extor");

	tcase_add_test(t, vectors_ext_orport);
	tcase_add_test(t, vectors_know_every_anomaly);
	tcase_add_loop_test(t, hmac_is_that_of_the_rfc, 0, N(hmac_rows));
	tcase_add_test(t, replies_can_be_asked_for_again);
	tcase_add_test(t, memory_is_bounded);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return suite_run(suite());
}
