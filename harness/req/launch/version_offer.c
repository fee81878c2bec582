/* version_offer.c - see version_offer.h. */
#include "harness/req/launch/version_offer.h"

#include "harness/req/launch/setup.h"
#include "harness/req/launch/startup.h"

/* A token longer than this is something special. */
#define PLAIN_TOKEN 64

/* Bytes that even a narrow idea of a version allows. */
static bool is_plain(struct span token)
{
	for (size_t i = 0; i < token.n; i++) {
		char c = token.p[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= '0' && c <= '9') && !strchr("._-", c))
			return false;
	}
	return token.n <= PLAIN_TOKEN;
}

static bool is_supported(const struct judge *j, struct span token)
{
	return (j->rf->speaks_1 && span_eqs(token, "1")) ||
	       (j->rf->speaks_2 && span_eqs(token, "2"));
}

bool offers_differ(const struct view *v)
{
	struct override o;

	return overridden(v, "TOR_PT_MANAGED_TRANSPORT_VER", &o);
}

struct offer get_offer(const struct judge *j, bool flag)
{
	struct offer o = { .list = j->v->versions };
	unsigned anomalies = verlist_check(o.list);
	struct span rest = o.list, token;
	bool common = false;

	while (span_split(&rest, ',', &token)) {
		o.items++;
		o.strange |= !is_plain(token);
		common |= is_supported(j, token);
	}
	o.repeated = anomalies & VERLIST_REPEATED;
	o.legal = common && !(anomalies & VERLIST_MALFORMED) &&
		  flag == !span_absent(view_flag(j->v, "-ptversion"));
	return o;
}

void judge_accepted(struct judge *j, const struct offer *o)
{
	const struct view *v = j->v;
	const struct line *err = view_error(v, IPC_VERSION_ERROR);
	const char *expected = arena_printf(
		j->a, "a VERSION line for the list \"%s\"", j_show(j, o->list));

	if (any_line(v, IPC_VERSION))
		j_pass(j, any_line(v, IPC_VERSION)->ev);
	else if (err)
		j_broken(j, err->ev, expected, "the line \"%s\"",
			 j_show(j, err->raw));
	else if (provoked(j) && !view_fatal(v))
		j_no_done(j, V_FAIL, expected);
}
