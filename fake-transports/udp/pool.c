#include "fake-transports/udp/pool.h"

#include <netinet/in.h>
#include <string.h>

struct row {
	enum pool_event event;
	enum pool_state state;
	enum pool_state next;
	enum pool_effect effect;
};

/* What stands in no row changes nothing. */
static const struct row table_1[] = {
	{ POOL_PACKET, POOL_ABSENT, POOL_WAITING, POOL_DIAL },
	{ POOL_PACKET, POOL_WAITING, POOL_WAITING, POOL_DROP },
	{ POOL_PACKET, POOL_CONNECTED, POOL_CONNECTED, POOL_SEND },
	{ POOL_SUCCESS, POOL_WAITING, POOL_CONNECTED, POOL_NOTHING },
	{ POOL_CLOSED, POOL_CONNECTED, POOL_ABSENT, POOL_NOTHING },
	{ POOL_FAILED, POOL_WAITING, POOL_ABSENT, POOL_NOTHING },
	{ POOL_WRITE_FAILED, POOL_CONNECTED, POOL_ABSENT, POOL_DROP },
	{ POOL_TIMEOUT, POOL_WAITING, POOL_ABSENT, POOL_NOTHING },
	{ POOL_TIMEOUT, POOL_CONNECTED, POOL_ABSENT, POOL_NOTHING },
};

/* That a connection comes is in none of its rows, but it must. */
static const struct row table_2[] = {
	{ POOL_SUCCESS, POOL_ABSENT, POOL_CONNECTED, POOL_NOTHING },
	{ POOL_PACKET, POOL_ABSENT, POOL_ABSENT, POOL_DROP },
	{ POOL_PACKET, POOL_CONNECTED, POOL_CONNECTED, POOL_SEND },
	{ POOL_CLOSED, POOL_CONNECTED, POOL_ABSENT, POOL_NOTHING },
	{ POOL_WRITE_FAILED, POOL_CONNECTED, POOL_ABSENT, POOL_DROP },
	{ POOL_TIMEOUT, POOL_CONNECTED, POOL_ABSENT, POOL_NOTHING },
};

static const struct {
	const struct row *rows;
	size_t n;
} tables[] = {
	[POOL_CLIENT] = { table_1, sizeof(table_1) / sizeof(table_1[0]) },
	[POOL_SERVER] = { table_2, sizeof(table_2) / sizeof(table_2[0]) },
};

static const struct row *find_row(enum pool_side side, enum pool_event ev,
				  enum pool_state state)
{
	for (size_t i = 0; i < tables[side].n; i++) {
		const struct row *r = &tables[side].rows[i];

		if (r->event == ev && r->state == state)
			return r;
	}
	return NULL;
}

static bool same(const struct sockaddr_storage *a,
		 const struct sockaddr_storage *b)
{
	const struct sockaddr_in *a4 = (const void *)a, *b4 = (const void *)b;
	const struct sockaddr_in6 *a6 = (const void *)a, *b6 = (const void *)b;

	if (a->ss_family != b->ss_family)
		return false;
	if (a->ss_family == AF_INET)
		return a4->sin_port == b4->sin_port &&
		       a4->sin_addr.s_addr == b4->sin_addr.s_addr;
	return a6->sin6_port == b6->sin6_port &&
	       a6->sin6_scope_id == b6->sin6_scope_id &&
	       memcmp(&a6->sin6_addr, &b6->sin6_addr, 16) == 0;
}

struct pool_entry *pool_find(const struct pool *p,
			     const struct sockaddr_storage *key)
{
	struct pool_entry *e = p->first;

	while (e && !same(&e->key, key))
		e = e->next;
	return e;
}

static void insert(struct pool *p, struct pool_entry *e)
{
	e->next = p->first;
	p->first = e;
	p->n++;
}

static void take_out(struct pool *p, struct pool_entry *e)
{
	struct pool_entry **at = &p->first;

	while (*at && *at != e)
		at = &(*at)->next;
	if (!*at)
		return;
	*at = e->next;
	p->n--;
}

enum pool_effect pool_happens(struct pool *p, struct pool_entry *e,
			      enum pool_event ev, int64_t now)
{
	const struct row *r = find_row(p->side, ev, e->state);

	if (!r)
		return POOL_NOTHING;
	if (e->state == POOL_ABSENT && r->next != POOL_ABSENT) {
		insert(p, e);
		e->used = now;
	} else if (e->state != POOL_ABSENT && r->next == POOL_ABSENT) {
		take_out(p, e);
	}
	if (ev == POOL_PACKET)
		e->used = now;
	e->state = r->next;
	return r->effect;
}

void pool_used(struct pool_entry *e, int64_t now)
{
	e->used = now;
}

int64_t pool_expiry(const struct pool *p, const struct pool_entry *e)
{
	return e->used + p->idle_ms;
}
