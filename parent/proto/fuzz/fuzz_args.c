/* fuzz_args.c - ARGS: what was decoded survives being encoded again. */
#include "parent/base/buf.h"
#include "parent/proto/ipc/args.h"
#include "parent/proto/fuzz/fuzz.h"

/* A plus sign in front would pass for part of the separator. */
static void encode(struct buf *b, struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (strchr("=,\\", s.p[i]) && s.p[i])
			buf_addc(b, '\\');
		else if (i == 0 && s.p[i] == '+')
			buf_addc(b, '\\');
		buf_addc(b, s.p[i]);
	}
}

static bool is_whole(const struct kv_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (span_absent(l->v[i].value))
			return false;
	return l->n > 0;
}

static void check_again(struct arena *a, const struct kv_list *l)
{
	const unsigned fine = ARGS_EMPTY_KEY | ARGS_EMPTY_VALUE |
			      ARGS_ODD_ESCAPE | ARGS_REPEATED;
	struct buf b = BUF_MAX(1 << 24);
	struct kv_list again;

	for (size_t i = 0; i < l->n; i++) {
		if (i)
			buf_addc(&b, ',');
		encode(&b, l->v[i].key);
		buf_addc(&b, '=');
		encode(&b, l->v[i].value);
	}
	MUST((args_parse(a, buf_span(&b), &again) & ~fine) == 0);
	MUST(again.n == l->n);
	for (size_t i = 0; i < l->n; i++) {
		MUST(span_eq(again.v[i].key, l->v[i].key));
		MUST(span_eq(again.v[i].value, l->v[i].value));
	}
	buf_fini(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = fuzz_input(data, size);
	struct arena a = { 0 };
	struct kv_list l;
	size_t total = 0;
	unsigned an = args_parse(&a, in, &l);

	MUST(!(an & ARGS_EMPTY) == (in.n > 0));
	for (size_t i = 0; i < l.n; i++) {
		MUST(!span_absent(l.v[i].key));
		MUST(!span_absent(l.v[i].value) || (an & ARGS_NO_EQUALS));
		total += l.v[i].key.n + l.v[i].value.n;
	}
	MUST(total <= in.n);
	if (is_whole(&l))
		check_again(&a, &l);
	arena_fini(&a);
	return 0;
}
