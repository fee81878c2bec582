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

/* --- judges --- */

void judge_list_init(struct judge *j)
{
	const struct view *v = j->v;
	struct list_shape s = list_shape(v);
	const char *word = method_word(v);
	struct span name;

	if (!is_legal(j) || !v->done || !s.n || s.known != s.n || s.by_flag)
		return;
	if (!list_lacks(v, &name))
		j_pass(j, v->done->ev);
	else if (!output_whole(v))
		j_unsure(j, "the output was not recorded to its end");
	else
		j_broken(j, v->done->ev,
			 arena_printf(j->a,
				      "a %s or %s-ERROR line for every "
				      "known transport of the list",
				      word, word),
			 "none for \"%s\"", j_show(j, name));
}

/* Does any line or setting tell of a listener on that port? */
static bool port_explained(const struct view *v, uint16_t port)
{
	struct bindaddr_list b;
	struct addr a;

	for_methods (m, v)
		if (m->m.addr.port == port)
			return true;
	bindaddr_parse(v->a, view_setting(v, "TOR_PT_SERVER_BINDADDR"), &b);
	for (size_t i = 0; i < b.n; i++)
		if (b.v[i].addr.port == port)
			return true;
	for_events (ev, v)
		if (ev->kind == EV_LISTEN && !span_absent(ev->data)) {
			addr_parse(ev->data, &a);
			if (a.port == port)
				return true;
		}
	return false;
}

/* Listeners of the transport's own that no line tells of are legal. */
static void note_listeners(struct judge *j)
{
	const struct view *v = j->v;
	struct addr a;

	if (!v->head->sandbox || !v->done || !running_sockets(v))
		return;
	for_events (ev, v) {
		if (ev->kind != EV_SOCKET || !span_eqs(ev->ch, "running") ||
		    !span_starts(ev->text, SPAN("tcp")))
			continue;
		addr_parse(ev->data, &a);
		if (a.port && !port_explained(v, a.port))
			j_say(j, V_INFO, ev->n,
			      "a listener for each announced method only",
			      "a further TCP listener that no line tells of");
	}
}

void judge_list_only(struct judge *j)
{
	const struct view *v = j->v;
	struct list_shape s = list_shape(v);
	const char *expected = "nothing but the requested transports";

	if (!launched(j) || !s.n || s.star || s.by_flag)
		return;
	for_methods (m, v) {
		if (!is_own_method(v, m))
			continue;
		if (view_requested(v, m->m.name))
			j_pass(j, m->line->ev);
		else
			j_broken(j, m->line->ev, expected,
				 "a %s line for \"%s\"", method_word(v),
				 j_show(j, m->m.name));
	}
	for (size_t i = 0; i < v->head->known.n; i++) {
		struct span name = v->head->known.v[i];
		const struct line *l = method_error(v, name);

		if (l && !view_requested(v, name))
			j_broken(j, l->ev, expected, "the line \"%s\"",
				 j_show(j, l->raw));
	}
	note_listeners(j);
}

void judge_list_ignore(struct judge *j)
{
	const struct view *v = j->v;
	struct list_shape s = list_shape(v);

	if (!is_legal(j) || !list_is_mixed(&s))
		return;
	if (j_no_done(j, j->req->dflt,
		      "the unknown name skipped and the known one launched"))
		return;
	j_pass(j, v->done->ev);
	if (is_client(j))
		return; /* an error line is CM-UNK-1's business */
	for (size_t i = 0; i < v->requested.n; i++) {
		struct span name = v->requested.v[i];
		const struct line *l = method_error(v, name);

		if (l && !view_known(v, name))
			j_broken(j, l->ev, "the unknown name skipped",
				 "an SMETHOD-ERROR line for it");
	}
}

static bool all_nosuch(const struct view *v)
{
	for (size_t i = 0; i < v->requested.n; i++)
		if (!view_nosuch(v, v->requested.v[i]))
			return false;
	return v->requested.n > 0;
}

void judge_list_unknown(struct judge *j, enum verdict no_done)
{
	const struct view *v = j->v;
	const char *expected = arena_printf(
		j->a, "`%sS DONE` and a process that lives on", method_word(v));

	if (!is_legal(j) || !all_nosuch(v) || j_no_done(j, no_done, expected))
		return;
	for_methods (m, v)
		if (is_own_method(v, m))
			j_broken(j, m->line->ev,
				 "no method line for a name that nobody has",
				 "a %s line", method_word(v));
	j_pass(j, v->done->ev);
	/* Elsewhere stdin may be closed at the same time. */
	if (ended_unasked(v) && (is_aim(j) || view_window(v, 1)))
		/* PT 1.0 does not say that the process stays. */
		j_say(j, j_is20(j) ? j->req->dflt : V_INFO, v->exit->n,
		      expected, "an end after the DONE line: it %s",
		      view_how_ended(v));
}

static bool find_repeated(const struct view *v, struct span *name)
{
	for (size_t i = 0; i < v->requested.n; i++) {
		*name = v->requested.v[i];
		if (view_known(v, *name) && name_requests(v, *name) > 1)
			return true;
	}
	return false;
}

void judge_list_twice(struct judge *j)
{
	const struct view *v = j->v;
	const struct method *first = NULL;
	const char *expected = "one listener for a name that is given twice";
	struct span name;

	if (!launched(j) || !find_repeated(v, &name))
		return;
	if (crashed(j))
		j_broken(j, end_ev(v), expected, "a crash: it %s",
			 view_how_ended(v));
	for_methods (m, v) {
		if (!is_own_method(v, m) || !span_eq(m->m.name, name))
			continue;
		if (first) {
			j_broken(j, m->line->ev, expected, "two %s lines",
				 method_word(v));
			j_also(j, first->line->ev);
			return;
		}
		first = m;
		j_pass(j, m->line->ev);
	}
	if (!first && view_fatal(v) && !crashed(j))
		j_say(j, V_INFO, view_fatal(v)->ev, expected, "the line \"%s\"",
		      j_show(j, view_fatal(v)->raw));
	if (first && method_error(v, name))
		j_say(j, V_INFO, method_error(v, name)->ev, expected,
		      "an error line for the second one");
}
