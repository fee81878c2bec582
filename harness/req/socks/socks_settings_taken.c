/*
 * socks_settings_taken.c - settings that were taken: the form of the answer, and
 * whose they are.
 */
#include "harness/req/traffic/settings_block.h"
#include "harness/req/traffic/tunnel.h"

/* --- the form of the answer --- */

static bool form_allowed(const struct judge *j, enum socks_form form)
{
	const char *want = policy_is(j->policy, P_BLOCK_REPLY, "none") ? "none"
			   : policy_is(j->policy, P_BLOCK_REPLY, "status1929")
				   ? "status1929"
			   : policy_is(j->policy, P_BLOCK_REPLY, "status05")
				   ? "status05"
				   : NULL;

	if (!want)
		return true;
	return (form == SOCKS_FORM_STATUS01) == (want[6] == '1') &&
	       (form == SOCKS_FORM_STATUS05) == (want[6] == '0');
}

static void judge_form(struct judge *j, const struct dialogue *d)
{
	const char *expected = "nothing in answer to a block that is good, "
			       "until the request comes";

	if (d->s->anomalies & SOCKS_ODD_UNASKED)
		j_broken(j, dialogue_ev(d), expected,
			 "success before there was a request: %s",
			 show_answer(j, d));
	else if (!form_allowed(j, d->s->form))
		j_broken(j, dialogue_ev(d), expected,
			 "another form than --option %s asks for: %s",
			 policy_rows[P_BLOCK_REPLY].name, show_answer(j, d));
	else if (d->s->form == SOCKS_FORM_STATUS05)
		j_say(j, V_WARN, dialogue_ev(d), expected,
		      "05 00, which looks like a reply");
	else if (d->s->form == SOCKS_FORM_STATUS01)
		j_say(j, V_INFO, dialogue_ev(d), expected,
		      "01 00, as RFC 1929 has it");
}

/* Both good, and answered in different forms. */
static void judge_consistency(struct judge *j, const struct dialogue *a,
			      const struct dialogue *b)
{
	if (a->s->form != b->s->form && a->s->form != SOCKS_FORM_UNKNOWN &&
	    b->s->form != SOCKS_FORM_UNKNOWN)
		j_say(j, V_WARN, dialogue_ev(b),
		      "the same form of answer for every block",
		      "\"%s\" and \"%s\"", socks_form_name(a->s->form),
		      socks_form_name(b->s->form));
}

REQ(sk_jpb_ok_1) = {
	.id = "SK-JPB-OK-1",
	.area = AREA_SOCKS,
	.level = L_IMPLIED,
	.section = "3.3.4",
	.role = "socks",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "A good block leads to acceptance in one of the permitted "
		 "forms and the connection then works.",
	.traps = "No reply before the CONNECT request is the reference "
		 "behaviour; `01 00` seen in a branch.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_20,
	.judge = sk_jpb_ok_1,
};

static void sk_jpb_ok_1(struct judge *j)
{
	struct dialogues all = dialogues(j);
	const struct dialogue *first = NULL;

	for_dialogues (d, &all) {
		struct block b = block_of(j, d);
		int code;

		if (b.kind == BLOCK_NONE || !block_is_good(&b) ||
		    (!is_lockstep(d) && !d->s->reply.n))
			continue;
		if (fate_of(d, &code) == FATE_GARBAGE)
			j_broken(j, dialogue_ev(d),
				 "an answer to a good block in one of the "
				 "known forms, or none",
				 "%s", show_answer(j, d));
		else if (fate_of(d, &code) == FATE_TAKEN) {
			judge_form(j, d);
			if (first)
				judge_consistency(j, first, d);
			first = first ? first : d;
			if (dest_is_server(j, d) && !by_proxy(j) && code > 0)
				j_broken(j, dialogue_ev(d),
					 "success for good settings and the "
					 "server that they are of",
					 "REP %02x%s", (unsigned)code,
					 whose_end(j));
			j_pass(j, dialogue_ev(d));
		}
	}
}

/* --- to whom they belong --- */

REQ(sk_jpb_ok_2) = {
	.id = "SK-JPB-OK-2",
	.area = AREA_SOCKS,
	.level = L_IMPLIED,
	.section = "3.3.4",
	.role = "socks",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "The settings really reach the transport for that "
		 "connection.",
	.traps = "If global options are set by flag they may win "
		 "(unspecified). What works without any settings, or whose "
		 "target calls them advice, may work with others, too.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_20,
	.judge = sk_jpb_ok_2,
};

/* A tunnel worked with settings that are not those of the server. */
static void works_with_others(struct judge *j, const struct dialogue *d)
{
	if (target_says(j, "learnt"))
		j_unsure(j, "settings that are not those of the server "
			    "work as well: a target has to say whether "
			    "they are advice");
	else if (!j->rf->fails_untold)
		j_unsure(j, "settings that are not those of the server "
			    "work as well, and whether it works "
			    "without any is not known");
	else
		j_broken(j, dialogue_ev(d),
			 "settings that are not those of the server "
			 "not to work",
			 "a working tunnel with %s%s", j_show(j, d->said.block),
			 either_end(j->v));
}

static void sk_jpb_ok_2(struct judge *j)
{
	struct dialogues all = dialogues(j);
	bool advice = j->rf->works_untold || target_says(j, "advice");

	for_dialogues (d, &all) {
		struct block b = block_of(j, d);
		const struct event *limit;

		if (b.kind != BLOCK_MAP || !dest_is_server(j, d) ||
		    use_of(j, d, &limit) != USEFUL)
			continue;
		if (b.fit == FIT_OTHER && !advice)
			works_with_others(j, d);
		else if (b.fit == FIT_GOOD)
			j_pass(j, dialogue_ev(d));
	}
}

/* Does it work for one that tells nothing when nobody has told anything? */
static bool works_without(const struct judge *j, const struct dialogues *all)
{
	for_dialogues (d, all)
		if (is_untold(j, all, d) && d->s->stage == SOCKS_TUNNEL)
			return true;
	return j->rf->works_untold;
}

REQ(sk_jpb_ok_3) = {
	.id = "SK-JPB-OK-3",
	.area = AREA_SOCKS,
	.level = L_IMPLIED,
	.section = "3.2.1, 3.3.4",
	.role = "socks",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Settings are per connection.",
	.traps = "Needs a transport with settings.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_20,
	.judge = sk_jpb_ok_3,
};

static void sk_jpb_ok_3(struct judge *j)
{
	struct dialogues all = dialogues(j);

	for_dialogues (d, &all) {
		if (!wants_settings(j, d) || !is_without(j, d) ||
		    !told_before(j, &all, d) || works_without(j, &all))
			continue;
		if (d->s->stage == SOCKS_TUNNEL)
			j_broken(j, dialogue_ev(d),
				 "a connection that is told nothing not to use "
				 "what another one was told",
				 "%s", show_answer(j, d));
		else if (d->eof || d->s->reply.n)
			j_pass(j, dialogue_ev(d));
	}
}
