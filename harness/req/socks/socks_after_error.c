/*
 * socks_after_error.c - after an error in the settings: the connection ends, others
 * go on; and a client that tells nothing where something is needed.
 */
#include "harness/req/traffic/settings_block.h"

REQ(sk_jpb_errclose_1) = {
	.id = "SK-JPB-ERRCLOSE-1",
	.area = AREA_SOCKS,
	.level = L_IMPLIED,
	.section = "RFC 1928/1929",
	.role = "socks",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "After an error code the connection is closed.",
	.traps = "T-CLOSE.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_20,
	.judge = sk_jpb_errclose_1,
};

static void sk_jpb_errclose_1(struct judge *j)
{
	struct dialogues all = dialogues(j);
	const char *expected = "the end of the connection behind a code";

	for_dialogues (d, &all) {
		const struct event *code, *until;
		int n;

		if (fate_of(d, &n) != FATE_CODE)
			continue;
		code = d->got.v[d->got.n - 1].ev;
		until = open_until(j, d, code);
		if (d->s->reply.n && d->got.all.n > d->s->used)
			j_broken(j, code->n, expected, "more behind it: %s",
				 show_answer(j, d));
		else if (until && until->t - code->t >=
					  j->v->head->limits.graceful * 1000)
			j_late(j, until, expected,
			       "%.*s still open after %" PRId64 " ms",
			       SPAN_ARG(d->ch), (until->t - code->t) / 1000);
		else if (d->eof)
			j_pass(j, d->eof->n);
	}
}

/* A block of which nothing good can come, or what was answered so. */
static bool is_error(const struct judge *j, const struct dialogue *d)
{
	int code;

	switch (block_of(j, d).kind) {
	case BLOCK_MALFORMED:
	case BLOCK_LENIENT:
	case BLOCK_BAD_UTF8:
	case BLOCK_NOTHING:
	case BLOCK_NOT_MAP:
		return true;
	case BLOCK_NONE:
	case BLOCK_MAP:
	case BLOCK_EITHER:
		break;
	}
	return fate_of(d, &code) == FATE_CODE;
}

REQ(sk_jpb_errlive_1) = {
	.id = "SK-JPB-ERRLIVE-1",
	.area = AREA_SOCKS,
	.level = L_IMPLIED,
	.section = "3.3.4",
	.role = "socks",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "A bad client does not harm others.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_20,
	.judge = sk_jpb_errlive_1,
};

static void sk_jpb_errlive_1(struct judge *j)
{
	struct dialogues all = dialogues(j);
	const char *expected = "a bad client to harm nobody but itself";
	const struct dialogue *bad = NULL;

	for_dialogues (d, &all) {
		if (is_error(j, d))
			bad = bad ? bad : d;
		else if (bad && d->is_app && d->s->stage == SOCKS_TUNNEL)
			j_pass(j, dialogue_ev(d));
		else if (bad && d->is_app && dest_listener(j, d) &&
			 !dest_is_foreign(j, d) && !wants_settings(j, d) &&
			 !by_proxy(j) && (d->eof || d->s->reply.n) &&
			 !service_lost(j))
			j_broken(j, dialogue_ev(d), expected,
				 "%s in the next session", show_answer(j, d));
	}
	if (bad && service_lost(j) && j->v->exit->n > dialogue_ev(bad))
		j_broken(j, j->v->exit->n, expected,
			 "the transport %s after %s", view_how_ended(j->v),
			 j_show(j, bad->said.block));
}

REQ(sk_jpb_need_1) = {
	.id = "SK-JPB-NEED-1",
	.area = AREA_SOCKS,
	.level = L_IMPLIED,
	.section = "3.3.4",
	.role = "socks",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "If the transport needs settings and the client used 0x00, "
		 "the request fails.",
	.traps = "Global options by flag make it succeed. A tunnel that works "
		 "shows that the settings are optional.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_20,
	.judge = sk_jpb_need_1,
};

static void sk_jpb_need_1(struct judge *j)
{
	struct dialogues all = dialogues(j);
	const char *expected = "no success for a client that tells nothing";

	for_dialogues (d, &all) {
		const struct event *limit;
		bool told_some = false;
		enum use use = use_of(j, d, &limit);

		for_dialogues (o, &all)
			told_some |= o < d && o->s->method > 0 &&
				     dialogue_asked(o);
		if (!wants_settings(j, d) || d->s->method != 0 ||
		    !dialogue_asked(d) || told_some)
			continue;
		if (use == USEFUL)
			j_say(j, V_INFO, dialogue_ev(d), expected,
			      "that it works without settings");
		else if (use == USELESS && limit)
			j_late(j, limit, expected,
			       "%s, and nothing comes out of the tunnel",
			       show_answer(j, d));
		else if (use == USELESS)
			j_broken(j, dialogue_ev(d), expected, "%s",
				 show_answer(j, d));
		else if (d->s->stage != SOCKS_TUNNEL &&
			 (d->eof || d->s->reply.n))
			j_pass(j, dialogue_ev(d));
	}
}
