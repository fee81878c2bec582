/* fuzz_options.c - options: decoded and escaped again they stay the same. */
#include "parent/proto/fuzz/fuzz.h"
#include "parent/proto/ipc/options.h"

static void check_again(struct arena *a, const struct option_list *l)
{
	const unsigned fine = OPTIONS_EMPTY_VALUE | OPTIONS_REPEATED;
	struct buf b = BUF_MAX(1 << 24);
	struct option_list again;
	unsigned an;

	for (size_t i = 0; i < l->n; i++) {
		if (i)
			buf_addc(&b, ';');
		options_escape(&b, l->v[i].transport);
		buf_addc(&b, ':');
		options_escape(&b, l->v[i].key);
		buf_addc(&b, '=');
		options_escape(&b, l->v[i].value);
	}
	an = options_parse(a, buf_span(&b), &again);
	/* A name may begin like JSON once its escapes are gone. */
	if (an == OPTIONS_JSON)
		goto out;
	MUST((an & ~fine) == 0);
	MUST(again.n == l->n);
	for (size_t i = 0; i < l->n; i++) {
		MUST(span_eq(again.v[i].transport, l->v[i].transport));
		MUST(span_eq(again.v[i].key, l->v[i].key));
		MUST(span_eq(again.v[i].value, l->v[i].value));
	}
out:
	buf_fini(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = fuzz_input(data, size);
	struct arena a = { 0 };
	struct option_list l;
	unsigned an = options_parse(&a, in, &l);
	size_t total = 0;

	MUST(in.n > 0 || (an == 0 && l.n == 0));
	MUST(in.n == 0 || l.n > 0 || an != 0);
	for (size_t i = 0; i < l.n; i++) {
		MUST(l.v[i].transport.n > 0 && l.v[i].key.n > 0);
		MUST(!span_absent(l.v[i].value));
		total += l.v[i].transport.n + l.v[i].key.n + l.v[i].value.n;
	}
	MUST(total <= in.n);
	check_again(&a, &l);
	arena_fini(&a);
	return 0;
}
