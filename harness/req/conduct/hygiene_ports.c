/*
 * hygiene_ports.c - ephemeral ports: who binds before it connects takes one
 * for itself alone, where others share it with all that goes elsewhere.
 */
#include "harness/req/traffic/socks_dialogue.h"

REQ(hy_ports_1) = {
	.id = "HY-PORTS-1",
	.area = AREA_HYGIENE,
	.level = L_HYGIENE,
	.section = "—",
	.role = "pt-client",
	.classes = "net",
	.dflt = V_WARN,
	.title = "Connections to different addresses do not use the ephemeral "
		 "ports up.",
	.traps = "Several to one address need one each, so there are some. "
		 "One that calls nobody for our sessions shows nothing.",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = hy_ports_1,
};

/* Was the session @d given up without a call, although there was time? */
static bool gave_up(const struct dialogue *d)
{
	return (d->s->reply.n && d->s->rep) || d->eof;
}

static void hy_ports_1(struct judge *j)
{
	const char *expected = "a call to each of some addresses";
	const struct event *ports = view_event(j->v, EV_PORTS, NULL, 1);
	struct dialogues all = dialogues(j);
	const struct event *last = NULL;
	int64_t called = 0;

	if (!ports || ports->ports.left < 1)
		return;
	for_dialogues (d, &all) {
		const struct event *asked = dialogue_asked(d);

		if (!asked || asked->n < ports->n || !dest_listener(j, d))
			continue;
		if (was_called(j, d)) {
			called++;
			last = asked;
		} else if (j_no_way(j, d, "destination")) {
			return;
		} else if (called >= ports->ports.left && gave_up(d)) {
			j_broken(j, asked->n, expected,
				 "none on %.*s, with %" PRId64
				 " ephemeral ports, after %" PRId64 " calls",
				 SPAN_ARG(d->ch), ports->ports.left, called);
			return;
		}
	}
	if (called > ports->ports.left)
		j_pass(j, last->n);
}
