/*
 * test_block.c - what blocks of settings are taken for, by the J rows of
 * vectors/socks-settings.json, for a transport that wants the key k.
 */
#include "parent/base/tests/suite.h"
#include "parent/proto/tests/vectors.h"
#include "harness/req/traffic/settings_block.h"

static bool lists(json_t *row, const char *key, const char *word)
{
	json_t *list = json_object_get(row, key), *v;
	size_t i;

	json_array_foreach(list, i, v) if (strcmp(json_string_value(v), word) ==
					   0) return true;
	return false;
}

/* What the row says that a transport may do with it. */
static bool agrees(json_t *row, const struct block *b)
{
	bool taken = lists(row, "expect", "success");
	bool c12 = lists(row, "expect", "12"), c13 = lists(row, "expect", "13");
	bool lenient = lists(row, "warn", "success");

	switch (b->kind) {
	case BLOCK_MAP:
		return taken && !c12;
	case BLOCK_NOT_MAP:
		return !taken && c12 && c13;
	case BLOCK_NOTHING:
		return c12 && lists(row, "expect", "close");
	case BLOCK_MALFORMED:
		return !taken && c12 && !c13 && !lenient;
	case BLOCK_LENIENT:
	case BLOCK_BAD_UTF8:
		return !taken && c12 && !c13 && lenient;
	case BLOCK_EITHER:
		return c12 && c13;
	case BLOCK_NONE:
		break;
	}
	return !json_is_true(
		json_object_get(json_object_get(row, "decoded"), "complete"));
}

/* The only one that must be taken is one with k, a string, and no more. */
static bool is_right(json_t *row, const struct block *b)
{
	bool must = lists(row, "expect", "success") &&
		    !lists(row, "expect", "13");

	return !must || (b->kind == BLOCK_MAP && b->strings && !b->extra &&
			 b->fit == FIT_GOOD && block_is_good(b));
}

static void check(struct row *r)
{
	struct trace_head head = { 0 };
	struct pair told = { SPAN("settings"), SPAN("k=v") };
	struct trace tr = { 0 };
	struct view v = { .head = &head, .tr = &tr, .a = r->a };
	struct judge j = { .v = &v, .a = r->a };
	struct socks s = { .method = SOCKS_METHOD_JSON };
	struct dialogue d = { .s = &s };
	struct buf said = BUF_MAX(INPUT_MAX);
	struct block b;

	if (!json_object_get(r->json, "stream"))
		return;
	head.vars = (struct pairs){ &told, 1 };
	buf_add(&said, SPAN("\5\1\x09"));
	buf_add(&said, row_bytes(r, "stream"));
	socks_said(buf_span(&said), SOCKS_METHOD_JSON, &d.said);
	b = block_of(&j, &d);
	if (!agrees(r->json, &b) || !is_right(r->json, &b)) {
		fprintf(stderr, "%s: kind %d fit %d\n", r->id, b.kind, b.fit);
		r->wrong++;
	}
	buf_fini(&said);
}

START_TEST(rows)
{
	struct arena a = { 0 };
	json_t *doc = load("socks-settings"), *row;
	int wrong = 0;
	size_t i;

	json_array_foreach(json_object_get(doc, "rows"), i, row)
	{
		struct row r = { json_string_value(json_object_get(row, "id")),
				 row, &a, 0 };

		check(&r);
		wrong += r.wrong;
	}
	ck_assert_int_eq(wrong, 0);
	json_decref(doc);
	arena_fini(&a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("block");
	TCase *t = tcase_create("block");

	tcase_add_test(t, rows);
	suite_add_tcase(s, t);
	return suite_run(s);
}
