/*
 * fuzz_block.c - blocks of settings, as the judges read them.
 *
 * An input is what a client is to be told, k=v;k2=v2, up to the first line
 * end, and behind it the bytes of a block.
 */
#include <jansson.h>

#include "parent/proto/fuzz/fuzz.h"
#include "parent/proto/ipc/settings.h"
#include "harness/req/traffic/settings_block.h"

static struct block look(struct span settings, struct span bytes)
{
	struct pair var = { SPAN("settings"), settings };
	struct trace_head head = { .vars = { &var, 1 } };
	struct trace tr = { 0 };
	struct view v = { .head = &head, .tr = &tr };
	struct socks s = { .method = SOCKS_METHOD_JSON };
	struct dialogue d = { .s = &s, .said.block = bytes };
	struct arena a = { 0 };
	struct judge j = { .v = &v, .a = &a };
	struct block b = block_of(&j, &d);

	arena_fini(&a);
	return b;
}

static void any_bytes(struct span settings, struct span bytes)
{
	struct block b = look(settings, bytes);
	struct buf more = BUF_MAX(1u << 24);

	MUST(b.kind != BLOCK_NONE);
	MUST((b.kind == BLOCK_NOTHING) == (bytes.n == 0));
	MUST(b.kind == BLOCK_MAP || !block_is_good(&b));
	MUST(b.kind == BLOCK_MAP || b.fit == FIT_UNKNOWN);
	MUST(!(b.empty && b.extra));
	if (b.kind != BLOCK_MAP)
		return;
	/* Blanks behind it do not matter, and without its end it is none. */
	buf_add(&more, bytes);
	buf_adds(&more, " \t\r\n");
	MUST(look(settings, buf_span(&more)).fit == b.fit);
	MUST(look(settings, buf_span(&more)).kind == BLOCK_MAP);
	buf_fini(&more);
	if (bytes.p[bytes.n - 1] == '}')
		MUST(look(settings, span_sub(bytes, 0, bytes.n - 1)).kind !=
		     BLOCK_MAP);
}

/* Can it stand in JSON?  Such bytes, and no others, can be told. */
static bool is_text(struct span s)
{
	json_t *v = json_stringn(s.p, s.n);

	json_decref(v);
	return v && span_find(s, '\0') == s.n;
}

/* What the harness writes is good, and with other values it is not. */
static void own_words(struct span settings)
{
	struct buf json = BUF_MAX(1u << 24);
	struct arena a = { 0 };
	struct kv_list l;
	struct block b;
	unsigned odd = settings_parse(&a, settings, &l);

	if (l.n && is_text(settings) &&
	    !(odd & (SETTINGS_REPEATED | SETTINGS_NO_EQUALS))) {
		settings_json(&json, &l);
		b = look(settings, buf_span(&json));
		MUST(block_is_good(&b) && !b.empty);
		l.v[0].value = span_str(
			arena_printf(&a, "%.*s-wrong", SPAN_ARG(l.v[0].value)));
		buf_reset(&json);
		settings_json(&json, &l);
		b = look(settings, buf_span(&json));
		MUST(b.kind == BLOCK_MAP && b.fit == FIT_OTHER);
	}
	buf_fini(&json);
	arena_fini(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = fuzz_input(data, size);
	size_t line = span_find(in, '\n');
	struct span settings = span_sub(in, 0, line);

	any_bytes(settings, span_sub(in, line + (line < in.n), in.n));
	own_words(settings);
	return 0;
}
