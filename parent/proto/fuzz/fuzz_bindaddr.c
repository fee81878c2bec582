/* fuzz_bindaddr.c - the items of a list, put together, are the list. */
#include "parent/base/buf.h"
#include "parent/proto/ipc/bindaddr.h"
#include "parent/proto/fuzz/fuzz.h"

static void check_item(const struct bindaddr *b, struct span in)
{
	MUST(is_inside(b->key, in) && !span_absent(b->key));
	MUST(is_inside(b->value, in));
	MUST(is_inside(b->addr.host, in));
	MUST(span_find(b->key, '-') == b->key.n);
	MUST(span_absent(b->value) == !!(b->anomalies & BINDADDR_NO_DASH));
	MUST((b->key.n == 0) == !!(b->anomalies & BINDADDR_EMPTY_KEY));
	/* Without an anomaly there is something to bind to. */
	if (!(b->anomalies & ~(unsigned)BINDADDR_DUPLICATE))
		MUST(b->addr.family && b->addr.port && !b->addr_anomalies);
}

/* Join the items as they were written; empty ones are gone. */
static void join(struct buf *out, const struct bindaddr_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		if (i)
			buf_addc(out, ',');
		buf_add(out, l->v[i].key);
		if (!span_absent(l->v[i].value))
			buf_addc(out, '-');
		buf_add(out, l->v[i].value);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = fuzz_input(data, size);
	struct buf b = BUF_MAX(1 << 24);
	struct arena a = { 0 };
	struct bindaddr_list l, again;
	unsigned an = bindaddr_parse(&a, in, &l), sum = 0;

	for (size_t i = 0; i < l.n; i++) {
		check_item(&l.v[i], in);
		sum |= l.v[i].anomalies;
	}
	MUST((an & ~(unsigned)BINDADDR_EMPTY_ITEM) == sum);
	join(&b, &l);
	MUST((an & BINDADDR_EMPTY_ITEM) || span_eq(buf_span(&b), in));
	MUST(bindaddr_parse(&a, buf_span(&b), &again) == sum);
	MUST(again.n == l.n);
	buf_fini(&b);
	arena_fini(&a);
	return 0;
}
