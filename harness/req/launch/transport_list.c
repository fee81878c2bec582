/* transport_list.c - see transport_list.h. */
#include "harness/req/launch/transport_list.h"

#include "harness/req/launch/startup.h"
#include "harness/req/launch/setup.h"

/* More than this is the business of the rules about long lists and names. */
#define ORDINARY_ITEMS 16
#define ORDINARY_NAME 255

static struct span trimmed(struct span s)
{
	while (s.n && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = span_sub(s, 1, s.n);
	while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	return s;
}

static void add_item(const struct view *v, struct span item,
		     struct list_shape *s)
{
	s->n++;
	if (item.n > s->longest)
		s->longest = item.n;
	s->star |= span_eqs(item, "*");
	if (view_known(v, item))
		s->known++;
	else if (!(name_check(item) & NAME_INVALID))
		s->unknown++;
	else if (!(name_check(trimmed(item)) & NAME_INVALID))
		s->blank++;
	else
		s->invalid++;
}

struct list_shape list_shape(const struct view *v)
{
	struct list_shape s = { 0 };

	if (view_setting(v, view_transports_var(v)).n == 0)
		return s;
	s.by_flag = view_flag(v, "-transports").n > 0;
	for (size_t i = 0; i < v->requested.n; i++)
		add_item(v, v->requested.v[i], &s);
	return s;
}

bool list_is_mixed(const struct list_shape *s)
{
	return s->known && s->unknown && s->known + s->unknown == s->n &&
	       s->n <= ORDINARY_ITEMS && s->longest <= ORDINARY_NAME &&
	       !s->by_flag;
}

bool is_own_method(const struct view *v, const struct method *m)
{
	enum ipc_keyword kw = v->head->role == ROLE_CLIENT ? IPC_CMETHOD
							   : IPC_SMETHOD;

	return m->line->ipc.kw == kw && m->m.name.n &&
	       !(m->line->ipc.anomalies & IPC_TAB);
}

bool name_reported(const struct view *v, struct span name)
{
	for_methods (m, v)
		if (is_own_method(v, m) && span_eq(m->m.name, name))
			return true;
	return method_error(v, name) != NULL;
}

bool name_bound(const struct view *v, struct span name)
{
	struct span list = view_setting(v, "TOR_PT_SERVER_BINDADDR");
	struct bindaddr_list b;

	if (v->head->role == ROLE_CLIENT || list.n == 0)
		return true;
	bindaddr_parse(v->a, list, &b);
	for (size_t i = 0; i < b.n; i++)
		if (span_eq(b.v[i].key, name))
			return true;
	return false;
}

size_t name_requests(const struct view *v, struct span name)
{
	size_t n = 0;

	for (size_t i = 0; i < v->requested.n; i++)
		n += span_eq(v->requested.v[i], name);
	return n;
}

bool list_lacks(const struct view *v, struct span *name)
{
	for (size_t i = 0; i < v->requested.n; i++) {
		*name = v->requested.v[i];
		if (view_known(v, *name) && !name_reported(v, *name) &&
		    name_bound(v, *name))
			return true;
	}
	return false;
}

const char *method_word(const struct view *v)
{
	return v->head->role == ROLE_CLIENT ? "CMETHOD" : "SMETHOD";
}
