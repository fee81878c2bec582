/*
 * socks_settings.c - blocks of settings that a transport has to take (PT 2.0
 * section 3.3.4), however they are written and sent.
 */
#include "harness/req/traffic/settings_block.h"
#include "harness/req/socks/socks_judges.h"

/* How long a block may take that must not meet a timeout (AMB-065). */
#define SLOW_MIN_US 900000
#define SLOW_MAX_US 2200000
#define PATIENCE_US 2000000
/* PT 1.0 has room for so much, so it must go here, too (AMB-064). */
#define ORDINARY 510
#define LARGE 4096
/* A block whose count needs more than its last byte. */
#define TWO_BYTES 256
/* One that nobody has a limit for: it was counted in another way. */
#define TINY 64
/* An end so soon behind the first piece is not for the time that passed. */
#define AT_ONCE_US 50000

static bool block_is_split(const struct dialogue *d)
{
	return is_split(&d->sent, d->said.auth_at, d->said.auth_end);
}

static int64_t block_us(const struct dialogue *d)
{
	return piece_us(&d->sent, d->said.auth_at, d->said.auth_end);
}

/* Its request went out, or the settings were refused before it could. */
static bool is_decided(const struct dialogue *d, const struct block *b)
{
	return b->kind != BLOCK_NONE && is_lockstep(d) &&
	       (dialogue_asked(d) || d->eof || d->s->code >= 0);
}

/*
 * A block that had to be taken, told on one dialogue: passed, or why it was
 * not.  @spare: a code that is the business of another row, or -1.
 */
static void must_be_taken(struct judge *j, const struct dialogues *all,
			  const struct dialogue *d, const struct block *b,
			  int spare, const char *expected)
{
	const struct event *limit;
	enum fate fate;
	int code;

	fate = fate_of(d, &code);
	/* Who wants nothing, or something that nobody knows, may say so. */
	if (b->empty && fate == FATE_CODE && (code == 0x12 || code == 0x13))
		return;
	switch (fate) {
	case FATE_TAKEN:
		j_pass(j, dialogue_ev(d));
		return;
	case FATE_OPEN:
		limit = dialogue_asked(d)
				? silent_until(j, all, d, dialogue_asked(d))
				: NULL;
		/* A far end that says nothing: the request was understood. */
		if (!limit ||
		    (dest_listener(j, d) &&
		     accepts(j, dest_listener(j, d), dialogue_asked(d)->n)))
			return;
		j_late(j, limit, expected,
		       "no reply on %.*s, %" PRId64
		       " ms after a good block of %u bytes and a request",
		       SPAN_ARG(d->ch),
		       (limit->t - dialogue_asked(d)->t) / 1000, d->said.count);
		return;
	case FATE_CLOSED:
	case FATE_CODE:
	case FATE_REFUSED:
	case FATE_GARBAGE:
		if (code != spare && !service_lost(j))
			j_broken(j, dialogue_ev(d), expected,
				 "%s to a good block of %u bytes: %s",
				 show_answer(j, d), d->said.count,
				 j_show(j, d->said.block));
		return;
	}
}

static bool fits(const struct block *b)
{
	return b->kind == BLOCK_MAP && b->strings &&
	       (b->fit == FIT_GOOD || b->fit == FIT_UNKNOWN);
}

/* An ordinary block in which nothing is special but a key that nobody asked
 * for. */
static bool is_only_extra(const struct dialogue *d, const struct block *b)
{
	return is_decided(d, b) && fits(b) && b->extra && !b->wide &&
	       !b->lines && !block_is_split(d);
}

/* Does a key that it does not know make settings malformed for it, as for a
 * decoder that wants to know all keys? */
static bool is_strict(const struct judge *j, const struct dialogues *all)
{
	for_dialogues (d, all) {
		struct block b = block_of(j, d);
		int code;

		if (is_only_extra(d, &b) && fate_of(d, &code) == FATE_CODE &&
		    code == 0x12)
			return true;
	}
	return false;
}

/* Taken, or refused because the transport does not know the key. */
static void may_be_unknown(struct judge *j, const struct dialogues *all,
			   const struct dialogue *d, const struct block *b,
			   const char *expected)
{
	int spare = !b->extra ? -1 : is_strict(j, all) ? 0x12 : 0x13;

	must_be_taken(j, all, d, b, spare, expected);
}

REQ(sk_jpb_frame_1) = {
	.id = "SK-JPB-FRAME-1",
	.area = AREA_SOCKS,
	.level = L_IMPLIED,
	.section = "3.3.4",
	.role = "socks",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "After selection the client sends a 4-byte big-endian count "
		 "followed by that many bytes of JSON, with no version byte.",
	.traps = "AMB-058; a PT reading LE sees a huge count and stalls: "
		 "detect by timeout.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_20,
	.judge = sk_jpb_frame_1,
};

static void sk_jpb_frame_1(struct judge *j)
{
	struct dialogues all = dialogues(j);

	for_dialogues (d, &all) {
		struct block b = block_of(j, d);

		if (is_decided(d, &b) && block_is_good(&b) &&
		    !block_is_split(d) && d->said.count < TWO_BYTES)
			must_be_taken(j, &all, d, &b,
				      d->said.count > TINY ? 0x10 : -1,
				      "a block behind four bytes of length, "
				      "big-endian, to be understood");
	}
}

/* Ended by the transport in the middle of a block of ordinary size: so long
 * behind the choice of the method, and behind the last byte, in µs. */
struct cut {
	int64_t chosen, last;
	int64_t late; /* the harness may have seen the choice */
};

static bool is_cut(const struct judge *j, const struct dialogue *d,
		   struct cut *out)
{
	const struct event *first = piece_ev(&d->sent, d->said.auth_at);
	const struct event *end = dialogue_replied(d) ? dialogue_replied(d)
						      : d->eof;

	if (d->said.auth_at == SIZE_MAX || d->said.auth_end != SIZE_MAX ||
	    d->s->method == SOCKS_METHOD_USERPASS || d->said.count > LARGE ||
	    !first || !end || d->closed || !is_lockstep(d))
		return false;
	out->chosen = end->t - dialogue_selected(d)->t;
	out->late = j->v->lag_us > 0 ? j->v->lag_us : 0;
	out->last = end->t - d->sent.v[d->sent.n - 1].ev->t;
	return true;
}

/* Rather for a piece that had just come than for the time that passed. */
static bool is_for_piece(const struct dialogue *d, const struct cut *c)
{
	return d->s->code != 0x11 && c->last < AT_ONCE_US;
}

REQ(sk_jpb_frame_2) = {
	.id = "SK-JPB-FRAME-2",
	.area = AREA_SOCKS,
	.level = L_IMPLIED,
	.section = "3.3.4",
	.role = "socks",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "The block may be split anywhere.",
	.traps = "Lock-step pauses below the PT timeout.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_20,
	.judge = sk_jpb_frame_2,
};

static void sk_jpb_frame_2(struct judge *j)
{
	struct dialogues all = dialogues(j);

	for_dialogues (d, &all) {
		struct block b = block_of(j, d);
		struct cut cut;

		if (is_cut(j, d, &cut) && is_for_piece(d, &cut) &&
		    !service_lost(j))
			j_broken(j, dialogue_ev(d),
				 "the rest of a block to be waited for",
				 "%s to the first %zu bytes of it",
				 show_answer(j, d),
				 d->sent.all.n - d->said.auth_at);
		if (is_decided(d, &b) && fits(&b) && block_is_split(d) &&
		    block_us(d) < SLOW_MIN_US)
			may_be_unknown(j, &all, d, &b,
				       "a block in pieces to be taken as one "
				       "piece is");
	}
}

REQ(sk_jpb_frame_3) = {
	.id = "SK-JPB-FRAME-3",
	.area = AREA_SOCKS,
	.level = L_IMPLIED,
	.section = "3.3.4",
	.role = "socks",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Exactly the counted bytes are consumed; the CONNECT "
		 "request is parsed right after.",
	.traps = "Blocks padded with JSON white space up to the length are "
		 "valid JSON.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_20,
	.judge = sk_jpb_frame_3,
};

static void sk_jpb_frame_3(struct judge *j)
{
	struct dialogues all = dialogues(j);

	for_dialogues (d, &all) {
		struct block b = block_of(j, d);

		if (is_decided(d, &b) && block_is_good(&b) &&
		    !block_is_split(d) && d->said.count >= TWO_BYTES &&
		    d->said.count <= LARGE)
			must_be_taken(
				j, &all, d, &b, 0x10,
				"a block of that length to end there, and "
				"the request behind it to be understood");
	}
}

REQ(sk_jpb_10_2) = {
	.id = "SK-JPB-10-2",
	.area = AREA_SOCKS,
	.level = L_IMPLIED,
	.section = "3.3.4",
	.role = "socks",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Ordinary sizes are supported.",
	.traps = "No minimum is stated (AMB-064).",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_20,
	.judge = sk_jpb_10_2,
};

static void sk_jpb_10_2(struct judge *j)
{
	struct dialogues all = dialogues(j);

	for_dialogues (d, &all) {
		struct block b = block_of(j, d);
		uint32_t n = d->said.count;
		int code;

		if (!is_decided(d, &b) || b.kind != BLOCK_MAP)
			continue;
		if (fate_of(d, &code) == FATE_TAKEN)
			j_pass(j, dialogue_ev(d));
		else if (fate_of(d, &code) == FATE_CODE && code == 0x10)
			j_say(j,
			      n <= ORDINARY ? V_FAIL
			      : n <= LARGE  ? V_WARN
					    : V_INFO,
			      dialogue_ev(d), "room for settings of 510 bytes",
			      "%u bytes refused as too large: %s", n,
			      show_answer(j, d));
	}
}

REQ(sk_jpb_11_3) = {
	.id = "SK-JPB-11-3",
	.area = AREA_SOCKS,
	.level = L_IMPLIED,
	.section = "3.3.4",
	.role = "socks",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "A slow but complete block within 2 s is accepted.",
	.traps = "2 s is a harness choice (config).",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_20,
	.judge = sk_jpb_11_3,
};

static void sk_jpb_11_3(struct judge *j)
{
	struct dialogues all = dialogues(j);

	for_dialogues (d, &all) {
		struct block b = block_of(j, d);
		struct cut cut;

		bool short_of = is_cut(j, d, &cut) && !is_for_piece(d, &cut) &&
				cut.chosen < PATIENCE_US && !service_lost(j);

		if (short_of && cut.chosen + cut.late >= PATIENCE_US)
			j_hindered(j, "a slow block was not waited for, but "
				      "the harness itself was late");
		else if (short_of)
			j_broken(j, dialogue_ev(d),
				 "a block that is complete within 2 s to be "
				 "taken",
				 "%s after %" PRId64 " ms", show_answer(j, d),
				 cut.chosen / 1000);
		if (!block_is_split(d) || block_us(d) < SLOW_MIN_US ||
		    !fits(&b))
			continue;
		if (block_us(d) > SLOW_MAX_US)
			j_hindered(j,
				   "the harness took longer than 2 s to send "
				   "a slow block");
		else if (is_decided(d, &b))
			may_be_unknown(j, &all, d, &b,
				       "a block that is complete within 2 s to "
				       "be taken");
	}
}

/* --- how they are written --- */

REQ(sk_jpb_utf_1) = {
	.id = "SK-JPB-UTF-1",
	.area = AREA_SOCKS,
	.level = L_IMPLIED,
	.section = "3.3.4",
	.role = "socks",
	.classes = "net",
	.dflt = V_WARN,
	.title = "Values may hold any Unicode, raw UTF-8 or `\\u` escapes.",
	.traps = "The transport may reject the value itself with 0x13.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_20,
	.judge = sk_jpb_utf_1,
};

static void sk_jpb_utf_1(struct judge *j)
{
	struct dialogues all = dialogues(j);

	for_dialogues (d, &all) {
		struct block b = block_of(j, d);

		if (is_decided(d, &b) && fits(&b) && b.wide &&
		    !block_is_split(d))
			may_be_unknown(j, &all, d, &b,
				       "any Unicode in settings to be taken, "
				       "or refused with 13");
	}
}

REQ(sk_jpb_ws_1) = {
	.id = "SK-JPB-WS-1",
	.area = AREA_SOCKS,
	.level = L_IMPLIED,
	.section = "3.3.4",
	.role = "socks",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Any JSON white space and key order is fine.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_20,
	.judge = sk_jpb_ws_1,
};

static void sk_jpb_ws_1(struct judge *j)
{
	struct dialogues all = dialogues(j);

	for_dialogues (d, &all) {
		struct block b = block_of(j, d);

		if (is_decided(d, &b) && fits(&b) && b.lines && !b.wide &&
		    !block_is_split(d))
			may_be_unknown(j, &all, d, &b,
				       "white space between the parts of a "
				       "JSON object to change nothing");
	}
}

REQ(sk_jpb_extra_1) = {
	.id = "SK-JPB-EXTRA-1",
	.area = AREA_SOCKS,
	.level = L_IMPLIED,
	.section = "3.3.4",
	.role = "socks",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Unknown keys are unspecified.",
	.traps = "Either.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_20,
	.judge = sk_jpb_extra_1,
};

static void sk_jpb_extra_1(struct judge *j)
{
	struct dialogues all = dialogues(j);

	for_dialogues (d, &all) {
		struct block b = block_of(j, d);
		const char *expected = "unknown keys to be passed over, or "
				       "refused with 13";
		int code;

		if (!is_only_extra(d, &b))
			continue;
		if (service_lost(j) && fate_of(d, &code) == FATE_CLOSED)
			j_broken(j, d->eof->n, expected, "the transport %s",
				 view_how_ended(j->v));
		else if (fate_of(d, &code) == FATE_CODE && code != 0x13)
			j_say(j, code == 0x12 ? V_INFO : V_WARN, dialogue_ev(d),
			      expected, "%s", show_answer(j, d));
		else if (fate_of(d, &code) != FATE_REFUSED)
			must_be_taken(j, &all, d, &b, 0x13, expected);
	}
}
