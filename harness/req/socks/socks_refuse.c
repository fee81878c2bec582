/*
 * socks_refuse.c - settings that a transport must not take, and how it says so
 * (PT 2.0 section 3.3.4).
 */
#include "harness/req/traffic/settings_block.h"
#include "harness/req/socks/socks_judges.h"

/* More than anybody has settings: no body is sent for such a count. */
#define HUGE_COUNT 0x01000000u
/* What a transport may need for connections, in KiB; below any huge count. */
#define GROWTH_MAX 65536

/* Method 09, lock-step, and what was sent is not only pieces of a block that
 * the harness still owes. */
static bool is_block(const struct dialogue *d)
{
	return takes_blocks(d) && d->said.has_count;
}

/* Owes the rest of a block of ordinary size. */
static bool is_stalled(const struct dialogue *d)
{
	return takes_blocks(d) && d->said.auth_end == SIZE_MAX &&
	       d->said.count < HUGE_COUNT &&
	       d->sent.all.n > d->said.greeting_end;
}

static const struct event *last_sent(const struct dialogue *d)
{
	return d->sent.v[d->sent.n - 1].ev;
}

static enum verdict strict(const struct judge *j)
{
	return policy_is(j->policy, P_SOCKS_CODES, "fail") ? V_FAIL : V_WARN;
}

/* Was a code told in a form that is one of those that are meant? */
static void judge_form(struct judge *j, const struct dialogue *d)
{
	bool status = d->s->form == SOCKS_FORM_STATUS01 ||
		      d->s->form == SOCKS_FORM_STATUS05;
	const char *expected = "the code as REP of a reply";

	if (status ? policy_is(j->policy, P_BLOCK_ERROR, "rep")
		   : policy_is(j->policy, P_BLOCK_ERROR, "status"))
		j_say(j, V_WARN, dialogue_ev(d),
		      "the form that --option socks.settings_error asks for",
		      "%s", show_answer(j, d));
	else if (d->s->form == SOCKS_FORM_STATUS05)
		j_say(j, V_WARN, dialogue_ev(d), expected,
		      "two bytes that begin like one: %s", show_answer(j, d));
	else if (d->s->form == SOCKS_FORM_STATUS01)
		j_say(j, V_INFO, dialogue_ev(d), expected,
		      "a status, as in RFC 1929: %s", show_answer(j, d));
	else
		j_pass(j, dialogue_ev(d));
}

/* The reply has nothing to do with the settings: were they taken? */
static bool was_taken(const struct judge *j, const struct dialogue *d, int rep)
{
	const struct event *l = dest_listener(j, d);

	return rep == 0 ||
	       (l && dialogue_asked(d) && accepts(j, l, dialogue_asked(d)->n) &&
		d->s->reply.n);
}

/*
 * @codes: the REPs that are right, in ascending order, each a byte.
 * @taken: the verdict on one that goes on as if nothing was wrong.
 */
static void must_be_refused(struct judge *j, const struct dialogues *all,
			    const struct dialogue *d, const char *codes,
			    enum verdict taken, const char *expected)
{
	const struct event *limit;
	enum fate fate;
	int code;

	fate = fate_of(d, &code);
	switch (fate) {
	case FATE_CODE:
		if (span_find(span_str(codes), (char)code) < strlen(codes))
			judge_form(j, d);
		/* To one that could not run it may have come too late. */
		else if (code != 0x11 || !j_own_late(j, d->ch, dialogue_ev(d)))
			j_say(j, V_WARN, dialogue_ev(d), expected,
			      "code %02x for %s: %s", (unsigned)code,
			      j_show(j, d->said.block), show_answer(j, d));
		return;
	case FATE_TAKEN:
		j_say(j, was_taken(j, d, code) ? taken : V_WARN, dialogue_ev(d),
		      expected, "REP %02x for %s: %s", (unsigned)code,
		      j_show(j, d->said.block), show_answer(j, d));
		return;
	case FATE_REFUSED:
	case FATE_GARBAGE:
		j_say(j, V_WARN, dialogue_ev(d), expected, "%s for %s",
		      show_answer(j, d), j_show(j, d->said.block));
		return;
	case FATE_CLOSED:
		if (!service_lost(j) && !j_own_late(j, d->ch, d->eof->n))
			j_say(j, strict(j), d->eof->n, expected,
			      "a bare end for %s", j_show(j, d->said.block));
		return;
	case FATE_OPEN:
		limit = silent_until(j, all, d, last_sent(d));
		if (limit && is_lockstep(d))
			j_late(j, limit, expected, "nothing for %s",
			       j_show(j, d->said.block));
		return;
	}
}

/* --- 10: too large --- */

static bool is_huge(const struct dialogue *d)
{
	return is_block(d) && d->said.count >= HUGE_COUNT;
}

static void judge_memory(struct judge *j)
{
	const struct event *first = view_event(j->v, EV_MEMORY, NULL, 1);
	const struct event *last = first;

	for_events (ev, j->v)
		if (ev->kind == EV_MEMORY)
			last = ev;
	if (first && last->memory.kib - first->memory.kib > GROWTH_MAX)
		j_say(j, V_FAIL, last->n,
		      "bounded memory whatever size a client declares",
		      "%" PRId64 " MiB more of it",
		      (last->memory.kib - first->memory.kib) / 1024);
}

REQ(sk_jpb_10_1) = {
	.id = "SK-JPB-10-1",
	.area = AREA_SOCKS,
	.level = L_MAY,
	.section = "3.3.4",
	.role = "socks",
	.classes = "net",
	.dflt = V_WARN,
	.title = "A declared size above the implementation's limit can be "
		 "answered with 0x10.",
	.traps = "\"can be used\": any failure form passes, and an end for the "
		 "time that passed; success is FAIL.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_20,
	.judge = sk_jpb_10_1,
};

static void sk_jpb_10_1(struct judge *j)
{
	struct dialogues all = dialogues(j);
	const char *expected = "10, or the end, for a size that nobody has";
	bool any = false;

	for_dialogues (d, &all) {
		int code;

		if (!is_huge(d))
			continue;
		any = true;
		if (d->s->stage == SOCKS_TUNNEL)
			j_say(j, V_FAIL, dialogue_ev(d), expected,
			      "success for a count of %u: %s", d->said.count,
			      show_answer(j, d));
		else if (service_lost(j))
			continue;
		else if (fate_of(d, &code) != FATE_OPEN)
			j_pass(j, dialogue_ev(d));
		else
			must_not_wait_on(j, d, "a size that nobody has");
	}
	if (!any)
		return;
	judge_memory(j);
	if (service_lost(j))
		j_say(j, V_FAIL, end_ev(j->v), expected, "the transport %s",
		      view_how_ended(j->v));
}

/* --- 11: too slow --- */

/* The limit begins with the wait, when the last bytes may still be under way. */
#define SENDING_US 1000000

void must_not_wait_on(struct judge *j, const struct dialogue *d,
		      const char *what)
{
	const struct event *last = last_sent(d);
	const struct event *until = open_until(j, d, last);
	int64_t max = policy_number(j->policy, P_BLOCK_TIMEOUT);

	if (!until)
		return;
	if (until->t - last->t >= max * 1000000 - SENDING_US)
		j_late(j, until,
		       arena_printf(j->a, "an end within %" PRId64 " s for %s",
				    max, what),
		       "%.*s open %" PRId64 " ms after the last of %zu bytes",
		       SPAN_ARG(d->ch), (until->t - last->t) / 1000,
		       d->sent.all.n);
	else if (span_eqs(until->limit.limit, "settings"))
		j_unsure(j,
			 "%.*s was watched for %" PRId64
			 " ms, and may be open for %" PRId64 " s",
			 SPAN_ARG(d->ch), (until->t - last->t) / 1000, max);
}

/* The harness left it at that: nothing but the time can have ended it. */
static bool was_left(const struct dialogue *d)
{
	return is_stalled(d) && !d->closed;
}

REQ(sk_jpb_11_1) = {
	.id = "SK-JPB-11-1",
	.area = AREA_SOCKS,
	.level = L_IMPLIED,
	.section = "3.3.4",
	.role = "socks",
	.classes = "net",
	.dflt = V_WARN,
	.title = "Reading the settings is subject to a timeout.",
	.traps = "The value is implementation-dependent; run in parallel "
		 "with other tests.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_20,
	.judge = sk_jpb_11_1,
};

static void sk_jpb_11_1(struct judge *j)
{
	struct dialogues all = dialogues(j);

	for_dialogues (d, &all) {
		if (!was_left(d) || service_lost(j))
			continue;
		if (dialogue_decided(d) || d->s->code >= 0)
			j_pass(j, dialogue_ev(d));
		else
			must_not_wait_on(j, d,
					 "a block that does not come to its "
					 "end");
	}
}

REQ(sk_jpb_11_2) = {
	.id = "SK-JPB-11-2",
	.area = AREA_SOCKS,
	.level = L_MAY,
	.section = "3.3.4",
	.role = "socks",
	.classes = "net",
	.dflt = V_INFO,
	.title = "The code for that is 0x11.",
	.traps = "Plain close passes.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_20,
	.judge = sk_jpb_11_2,
};

static void sk_jpb_11_2(struct judge *j)
{
	struct dialogues all = dialogues(j);

	for_dialogues (d, &all) {
		int code;

		if (!was_left(d) || service_lost(j))
			continue;
		switch (fate_of(d, &code)) {
		case FATE_CODE:
			if (code == 0x11) {
				j_pass(j, dialogue_ev(d));
				break;
			}
			/* fallthrough */
		case FATE_REFUSED:
		case FATE_TAKEN:
		case FATE_GARBAGE:
			j_broken(j, dialogue_ev(d),
				 "11 for a block that does not come to its "
				 "end, or no word",
				 "%s", show_answer(j, d));
			break;
		case FATE_CLOSED:
			j_pass(j, d->eof->n);
			break;
		case FATE_OPEN:
			break;
		}
	}
}

/* --- 12: not understood --- */

REQ(sk_jpb_12_1) = {
	.id = "SK-JPB-12-1",
	.area = AREA_SOCKS,
	.level = L_IMPLIED,
	.section = "3.3.4",
	.role = "socks",
	.classes = "net",
	.dflt = V_WARN,
	.title = "Bytes that are not well-formed JSON are answered with "
		 "0x12.",
	.traps = "Bare close: WARN (reference behaviour); wrong code among "
		 "0x10–0x13: WARN; proceeding to REP 00: FAIL.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_20,
	.judge = sk_jpb_12_1,
};

static void sk_jpb_12_1(struct judge *j)
{
	struct dialogues all = dialogues(j);

	for_dialogues (d, &all) {
		struct block b = block_of(j, d);

		if (b.kind == BLOCK_MALFORMED || b.kind == BLOCK_LENIENT)
			must_be_refused(j, &all, d, "\x12",
					b.kind == BLOCK_LENIENT ? V_WARN
								: V_FAIL,
					"12 for bytes that are no JSON");
	}
}

REQ(sk_jpb_12_2) = {
	.id = "SK-JPB-12-2",
	.area = AREA_SOCKS,
	.level = L_IMPLIED,
	.section = "3.3.4",
	.role = "socks",
	.classes = "net",
	.dflt = V_WARN,
	.title = "Invalid UTF-8 is an encoding error.",
	.traps = "Replacement by U+FFFD is common: WARN.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_20,
	.judge = sk_jpb_12_2,
};

static void sk_jpb_12_2(struct judge *j)
{
	struct dialogues all = dialogues(j);

	for_dialogues (d, &all)
		if (block_of(j, d).kind == BLOCK_BAD_UTF8)
			must_be_refused(j, &all, d, "\x12", V_WARN,
					"12 for bytes that are no UTF-8");
}

REQ(sk_jpb_12_3) = {
	.id = "SK-JPB-12-3",
	.area = AREA_SOCKS,
	.level = L_IMPLIED,
	.section = "3.3.4",
	.role = "socks",
	.classes = "net",
	.dflt = V_WARN,
	.title = "A zero count holds no JSON text, so it is an error.",
	.traps = "AMB-063.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_20,
	.judge = sk_jpb_12_3,
};

static void sk_jpb_12_3(struct judge *j)
{
	struct dialogues all = dialogues(j);
	const char *expected = "12, or the end, for a block without a byte";

	for_dialogues (d, &all) {
		const struct event *limit;
		int code;

		if (block_of(j, d).kind != BLOCK_NOTHING)
			continue;
		switch (fate_of(d, &code)) {
		case FATE_CODE:
			if (code == 0x12)
				j_pass(j, dialogue_ev(d));
			else
				j_broken(j, dialogue_ev(d), expected,
					 "code %02x", (unsigned)code);
			break;
		case FATE_CLOSED:
			if (!service_lost(j))
				j_pass(j, d->eof->n);
			break;
		case FATE_TAKEN:
			j_say(j, V_INFO, dialogue_ev(d), expected,
			      "it is taken for no settings: %s",
			      show_answer(j, d));
			break;
		case FATE_REFUSED:
		case FATE_GARBAGE:
			j_broken(j, dialogue_ev(d), expected, "%s",
				 show_answer(j, d));
			break;
		case FATE_OPEN:
			limit = silent_until(j, &all, d, last_sent(d));
			if (limit && is_lockstep(d) && !j_lagged(j, limit))
				j_say(j, V_FAIL, limit->n, expected,
				      "nothing on %.*s", SPAN_ARG(d->ch));
			break;
		}
	}
}

REQ(sk_jpb_12_4) = {
	.id = "SK-JPB-12-4",
	.area = AREA_SOCKS,
	.level = L_IMPLIED,
	.section = "3.3.4",
	.role = "socks",
	.classes = "net",
	.dflt = V_WARN,
	.title = "The top level must be a map.",
	.traps = "Either code; `null` accepted as empty by some decoders: "
		 "WARN.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_20,
	.judge = sk_jpb_12_4,
};

static void sk_jpb_12_4(struct judge *j)
{
	struct dialogues all = dialogues(j);

	for_dialogues (d, &all)
		if (block_of(j, d).kind == BLOCK_NOT_MAP)
			must_be_refused(j, &all, d, "\x12\x13", V_WARN,
					"12 or 13 for JSON that is no map");
}

/* --- 13: not suitable --- */

REQ(sk_jpb_13_1) = {
	.id = "SK-JPB-13-1",
	.area = AREA_SOCKS,
	.level = L_IMPLIED,
	.section = "3.3.4",
	.role = "socks",
	.classes = "net",
	.dflt = V_WARN,
	.title = "Well-formed settings that do not suit the transport get "
		 "0x13.",
	.traps = "Nonzero REP of another kind: WARN; a transport that "
		 "discovers a bad secret only by failing the handshake "
		 "answers with an ordinary connect error: PASS. What works "
		 "without any settings may do without some of them.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_20,
	.judge = sk_jpb_13_1,
};

/* Or says that this is not known. */
static bool may_work_untold(struct judge *j)
{
	if (!j->rf->works_untold && !j->rf->fails_untold)
		j_unsure(j, "whether it works without settings is not known");
	return !j->rf->fails_untold || j->rf->works_untold;
}

static void sk_jpb_13_1(struct judge *j)
{
	struct dialogues all = dialogues(j);

	for_dialogues (d, &all) {
		struct block b = block_of(j, d);
		int code;

		if (b.kind != BLOCK_MAP ||
		    (b.fit == FIT_MISSING && fate_of(d, &code) == FATE_TAKEN &&
		     may_work_untold(j)))
			continue;
		if (b.fit == FIT_MISSING || b.fit == FIT_MISTYPED)
			must_be_refused(j, &all, d, "\x13",
					b.fit == FIT_MISSING ? V_FAIL : V_INFO,
					"13 for settings that do not suit the "
					"transport");
		else if (!b.strings && fate_of(d, &code) == FATE_CODE &&
			 code == 0x12)
			j_say(j, V_WARN, dialogue_ev(d),
			      "13, if anything, for values that are no "
			      "strings",
			      "%s", show_answer(j, d));
	}
}
