/* bindaddr.c - see bindaddr.h. */
#include "parent/proto/ipc/bindaddr.h"

#include "parent/proto/ipc/repeat.h"

static unsigned from_addr(unsigned addr_anomalies)
{
	unsigned an = 0;

	if (addr_anomalies & (ADDR_NO_HOST | ADDR_NO_PORT | ADDR_PORT_SYNTAX |
			      ADDR_PORT_RANGE | ADDR_NOT_IP))
		an |= BINDADDR_BAD_ADDR;
	if (addr_anomalies & ADDR_HOSTNAME)
		an |= BINDADDR_HOSTNAME;
	if (addr_anomalies & ADDR_UNBRACKETED)
		an |= BINDADDR_UNBRACKETED;
	if (addr_anomalies & ADDR_PORT_ZERO)
		an |= BINDADDR_PORT_ZERO;
	if (addr_anomalies & ADDR_ZONE)
		an |= BINDADDR_ZONE;
	return an;
}

static struct bindaddr read_item(struct span s)
{
	size_t dash = span_find(s, '-');
	struct bindaddr b = { .key = span_sub(s, 0, dash) };

	if (dash == s.n) {
		b.anomalies = BINDADDR_NO_DASH;
		return b;
	}
	if (dash == 0)
		b.anomalies = BINDADDR_EMPTY_KEY;
	b.value = span_sub(s, dash + 1, s.n);
	b.addr_anomalies = addr_parse(b.value, &b.addr);
	b.anomalies |= from_addr(b.addr_anomalies);
	return b;
}

/* The first use of a key is in order, later ones are not. */
static void mark_duplicates(struct arena *a, struct bindaddr_list *l)
{
	struct repeat *v = arena_alloc(a, l->n * sizeof(*v));

	for (size_t i = 0; i < l->n; i++)
		v[i] = (struct repeat){ .key = l->v[i].key, .at = i };
	repeat_sort(v, l->n);
	for (size_t i = 1; i < l->n; i++)
		if (repeat_same(&v[i - 1], &v[i]))
			l->v[v[i].at].anomalies |= BINDADDR_DUPLICATE;
}

unsigned bindaddr_parse(struct arena *a, struct span s,
			struct bindaddr_list *out)
{
	unsigned anomalies = 0;
	struct span item;
	size_t cap = 0;

	*out = (struct bindaddr_list){ 0 };
	if (s.n == 0)
		return 0;
	while (span_split(&s, ',', &item)) {
		if (item.n == 0) {
			anomalies |= BINDADDR_EMPTY_ITEM;
			continue;
		}
		arena_grow(a, out->v, out->n, cap);
		out->v[out->n++] = read_item(item);
	}
	mark_duplicates(a, out);
	for (size_t i = 0; i < out->n; i++)
		anomalies |= out->v[i].anomalies;
	return anomalies;
}
