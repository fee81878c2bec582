/*
 * extor_auth.c - judges: SAFE_COOKIE, the transport's side.
 */
#include "harness/req/traffic/extor_session.h"

/* More types than this are "many": all 255 is what the harness offers. */
#define MANY_TYPES 100

static const char type_1[] = "type 1, SAFE_COOKIE";

/* --- the choice of a type --- */

enum list_kind {
	LIST_NONE,    /* not sent, or not to its end */
	LIST_USELESS, /* without type 1 */
	LIST_PLAIN,
	LIST_SOME,
	LIST_HARD, /* in pieces, or long */
};

static enum list_kind list_kind(const struct ext_session *s)
{
	const struct extor *x = s->x;

	if (x->stage == EXTOR_TYPES)
		return LIST_NONE;
	if (!x->offers)
		return LIST_USELESS;
	if (s->types_split || x->ntypes > MANY_TYPES)
		return LIST_HARD;
	return x->ntypes == 1 ? LIST_PLAIN : LIST_SOME;
}

/* It has to choose type 1, and can: the cookie file is there. */
static void judge_choice(struct judge *j, const struct ext_session *s)
{
	int choice = s->x->choice;

	if (choice == EXTOR_SAFE_COOKIE)
		j_pass(j, s->at[EXTOR_NONCE]);
	else if (choice > 0 || (choice == 0 && ext_cookie_good(&s->cookie)))
		j_broken(j, s->last, type_1, "byte %02x on \"%s\"",
			 (unsigned)choice, j_show(j, s->name));
	else if (choice < 0 && ext_cookie_good(&s->cookie))
		ext_must_go_on(j, s, type_1);
}

REQ(ext_auth_1) = {
	.id = "EXT-AUTH-1",
	.area = AREA_EXTOR,
	.level = L_IMPLIED,
	.section = "EXTORPORT",
	.role = "extor",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "The PT reads the auth-type list up to the zero byte and "
		 "answers with type 1.",
	.traps = "Sending `01` and the nonce in one segment is fine.",
	.judge = ext_auth_1,
};

static void ext_auth_1(struct judge *j)
{
	struct ext_sessions l = ext_sessions(j->v);

	for_sessions (s, l) {
		if (s->early[EXTOR_TYPES])
			j_broken(j, s->early[EXTOR_TYPES],
				 "nothing before the list of types",
				 "bytes on \"%s\"", j_show(j, s->name));
		else if (list_kind(s) == LIST_PLAIN)
			judge_choice(j, s);
	}
}

REQ(ext_auth_2) = {
	.id = "EXT-AUTH-2",
	.area = AREA_EXTOR,
	.level = L_IMPLIED,
	.section = "EXTORPORT",
	.role = "extor",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Type 1 is found wherever it stands in the list.",
	.judge = ext_auth_2,
};

static void ext_auth_2(struct judge *j)
{
	struct ext_sessions l = ext_sessions(j->v);

	for_sessions (s, l)
		if (list_kind(s) == LIST_SOME)
			judge_choice(j, s);
}

REQ(ext_auth_3) = {
	.id = "EXT-AUTH-3",
	.area = AREA_EXTOR,
	.level = L_IMPLIED,
	.section = "EXTORPORT",
	.role = "extor",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "If nothing acceptable is offered, the PT sends 0 or "
		 "closes, and sends no client data.",
	.traps = "T-CLOSE.",
	.judge = ext_auth_3,
};

static void ext_auth_3(struct judge *j)
{
	struct ext_sessions l = ext_sessions(j->v);
	static const char expected[] = "byte 00 or an end: there is no "
				       "acceptable type";

	for_sessions (s, l) {
		const struct event *limit = ext_silent(j->v, s);
		int choice = s->x->choice;

		if (list_kind(s) != LIST_USELESS)
			continue;
		if (choice > 0)
			j_broken(j, s->at[EXTOR_FAILED], expected,
				 "byte %02x on \"%s\"", (unsigned)choice,
				 j_show(j, s->name));
		else if (s->surplus)
			j_broken(j, s->surplus->n, expected,
				 "more bytes on \"%s\"", j_show(j, s->name));
		else if (choice == 0 || s->eof)
			j_pass(j, s->last);
		else if (limit)
			j_late(j, limit, expected, "neither on \"%s\"",
			       j_show(j, s->name));
	}
}

REQ(ext_auth_4) = {
	.id = "EXT-AUTH-4",
	.area = AREA_EXTOR,
	.level = L_IMPLIED,
	.section = "EXTORPORT",
	.role = "extor",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "The auth list may arrive byte by byte, or be up to 255 "
		 "entries.",
	.traps = "A PT capping at 256 bytes is fine.",
	.judge = ext_auth_4,
};

static void ext_auth_4(struct judge *j)
{
	struct ext_sessions l = ext_sessions(j->v);

	for_sessions (s, l) {
		if (list_kind(s) == LIST_HARD)
			judge_choice(j, s);
		/* It went before the end of the list. */
		else if (s->types_split && s->x->stage == EXTOR_TYPES &&
			 ext_cookie_good(&s->cookie))
			ext_must_go_on(j, s, "the list read to its end");
	}
}

/* --- the cookie file --- */

static const char *cookie_words(struct judge *j, const struct ext_cookie *c)
{
	return arena_printf(j->a, "the cookie file \"%s\"",
			    j_show(j, c->placed->place.bytes));
}

/* The file that it gets is no cookie file. */
static bool bad_file(struct judge *j, struct ext_cookie *c)
{
	struct addr a;

	if (!ext_given(j, &a))
		return false;
	*c = ext_cookie_at(j->v, end_ev(j->v));
	return c->placed && c->odd;
}

static void judge_bad_session(struct judge *j, const struct ext_session *s)
{
	const struct ext_cookie *c = &s->cookie;

	if (s->x->has_hash && c->odd == EXTOR_COOKIE_LONG)
		j_say(j, V_INFO, s->at[EXTOR_STATUS], "any answer",
		      "a hash on \"%s\", given %s", j_show(j, s->name),
		      cookie_words(j, c));
	else if (s->x->has_hash)
		j_broken(j, s->at[EXTOR_STATUS], "no authentication",
			 "a hash on \"%s\", given %s", j_show(j, s->name),
			 cookie_words(j, c));
	else if (s->eof || s->x->choice == 0)
		j_pass(j, s->last);
}

REQ(ext_auth_5) = {
	.id = "EXT-AUTH-5",
	.area = AREA_EXTOR,
	.level = L_MUST,
	.section = "EXTORPORT",
	.role = "extor",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "The cookie file's 32-byte static header is verified before "
		 "authenticating.",
	.traps = "Reading the cookie only at connect time is legal, so the "
		 "failure may be late. Trailing bytes after 64 are "
		 "unspecified: INFO.",
	.needs = OF_SERVER | LAUNCHED,
	.judge = ext_auth_5,
};

static void ext_auth_5(struct judge *j)
{
	struct ext_sessions l = ext_sessions(j->v);
	const struct event *gone = ext_client_dropped(j->v);
	struct ext_cookie c;

	if (!bad_file(j, &c))
		return;
	if (outcome(j) == OUT_REFUSED)
		j_pass(j, outcome_ev(j));
	else if (gone && has_started(j))
		j_pass(j, gone->n);
	for_sessions (s, l)
		if (s->cookie.placed && s->cookie.odd)
			judge_bad_session(j, s);
}

REQ(ext_auth_11) = {
	.id = "EXT-AUTH-11",
	.area = AREA_EXTOR,
	.level = L_IMPLIED,
	.section = "EXTORPORT",
	.role = "extor",
	.classes = "net",
	.dflt = V_WARN,
	.title = "A cookie regenerated after the PT started is picked up.",
	.traps = "Not in PT 2.0; Tor regenerates at its own start. WARN.",
	.judge = ext_auth_11,
};

static void ext_auth_11(struct judge *j)
{
	struct ext_sessions l = ext_sessions(j->v);

	for_sessions (s, l)
		if (s->cookie.changed && ext_is_right(s))
			ext_must_know(j, s, "a hash with the new cookie");
}

REQ(ext_auth_12) = {
	.id = "EXT-AUTH-12",
	.area = AREA_EXTOR,
	.level = L_IMPLIED,
	.section = "3.3.2.1",
	.role = "extor",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "A missing cookie file is handled.",
	.traps = "Either time of detection.",
	.needs = OF_SERVER | LAUNCHED,
	.judge = ext_auth_12,
};

static void ext_auth_12(struct judge *j)
{
	struct ext_cookie c = ext_cookie_at(j->v, end_ev(j->v));
	struct ext_sessions l = ext_sessions(j->v);
	const struct event *gone = ext_client_dropped(j->v);
	struct addr a;

	if (!ext_given(j, &a) || !c.named || c.placed)
		return;
	if (outcome(j) == OUT_REFUSED)
		j_pass(j, outcome_ev(j));
	else if (ext_fallback(j->v))
		j_broken(j, ext_fallback(j->v)->n,
			 "an error, or the end of the client's connection",
			 "a connection to the ordinary destination");
	else if (gone && has_started(j))
		j_pass(j, gone->n);
	for_sessions (s, l)
		if (s->raw)
			j_broken(j, s->raw->n, "no client data",
				 "what the client had sent, on \"%s\"",
				 j_show(j, s->name));
}

/* --- nonce and hashes --- */

static bool same_nonce(const struct ext_session *a, const struct ext_session *b)
{
	return a != b && a->x->has_nonce && b->x->has_nonce &&
	       memcmp(a->x->nonce, b->x->nonce, EXTOR_HASH_SIZE) == 0;
}

static void judge_nonce(struct judge *j, const struct ext_session *s)
{
	const struct extor *x = s->x;

	if (x->choice != EXTOR_SAFE_COOKIE)
		return;
	if (!x->has_nonce)
		ext_must_go_on(j, s,
			       arena_printf(j->a,
					    "a nonce of 32 bytes, of which "
					    "%zu came, and",
					    x->partial));
	else if (s->early[EXTOR_CHALLENGE])
		j_broken(j, s->early[EXTOR_CHALLENGE], "a nonce of 32 bytes",
			 "more than that on \"%s\"", j_show(j, s->name));
	else if (x->anomalies & EXTOR_NONCE_DULL)
		j_broken(j, s->at[EXTOR_CHALLENGE], "a random nonce",
			 "32 times byte %02x", (unsigned)x->nonce[0]);
	else
		j_pass(j, s->at[EXTOR_CHALLENGE]);
}

/* So many nonces show what is common to all.  That a byte of random ones takes
 * the same step from each to the next happens once in 10^13 runs. */
#define NONCES_MIN 8
#define NONCES_MAX 64
/* Half a clock that stands in one twice. */
#define WORD 8

static bool is_stepping(const struct ext_session *const *v, size_t n, size_t at)
{
	for (size_t i = 2; i < n; i++)
		if ((unsigned char)(v[i]->x->nonce[at] -
				    v[i - 1]->x->nonce[at]) !=
		    (unsigned char)(v[1]->x->nonce[at] - v[0]->x->nonce[at]))
			return false;
	return true;
}

static bool has_repeated_word(const struct ext_session *s)
{
	const uint8_t *p = s->x->nonce;

	for (size_t i = WORD; i + WORD <= EXTOR_HASH_SIZE; i += WORD)
		for (size_t k = 0; k < i; k += WORD)
			if (memcmp(p + i, p + k, WORD) == 0)
				return true;
	return false;
}

/* From a counter, or a clock. */
static void judge_nonces(struct judge *j, const struct ext_sessions *l)
{
	const struct ext_session *v[NONCES_MAX];
	static const char expected[] = "nonces of random bytes";
	size_t n = 0, steps = 0;

	for_sessions (s, *l) {
		if (!s->x->has_nonce || n == NONCES_MAX)
			continue;
		v[n++] = s;
		if (has_repeated_word(s) &&
		    !(s->x->anomalies & EXTOR_NONCE_DULL))
			j_broken(j, s->at[EXTOR_CHALLENGE], expected,
				 "the same %d bytes twice in one on \"%s\"",
				 WORD, j_show(j, s->name));
	}
	for (size_t at = 0; n >= NONCES_MIN && at < EXTOR_HASH_SIZE; at++)
		steps += is_stepping(v, n, at);
	if (steps)
		j_broken(j, v[n - 1]->at[EXTOR_CHALLENGE], expected,
			 "%zu of the 32 bytes take the same step, or none, "
			 "from each of %zu to the next",
			 steps, n);
}

REQ(ext_auth_6) = {
	.id = "EXT-AUTH-6",
	.area = AREA_EXTOR,
	.level = L_IMPLIED,
	.section = "EXTORPORT",
	.role = "extor",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "The client nonce is 32 fresh random bytes.",
	.judge = ext_auth_6,
};

static void ext_auth_6(struct judge *j)
{
	struct ext_sessions l = ext_sessions(j->v);

	judge_nonces(j, &l);
	for_sessions (s, l) {
		judge_nonce(j, s);
		for_sessions (other, l) {
			if (other >= s)
				break;
			if (!same_nonce(s, other))
				continue;
			j_broken(j, s->at[EXTOR_CHALLENGE],
				 "a fresh nonce for each connection",
				 "the same on \"%s\" and \"%s\"",
				 j_show(j, other->name), j_show(j, s->name));
			j_also(j, other->at[EXTOR_CHALLENGE]);
		}
	}
}

REQ(ext_auth_7) = {
	.id = "EXT-AUTH-7",
	.area = AREA_EXTOR,
	.level = L_MUST,
	.section = "EXTORPORT",
	.role = "extor",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "A wrong server hash makes the PT drop the connection "
		 "without sending its own hash.",
	.traps = "T-CLOSE.",
	.judge = ext_auth_7,
};

static void ext_auth_7(struct judge *j)
{
	struct ext_sessions l = ext_sessions(j->v);
	static const char expected[] = "the end of the connection: the hash "
				       "of the bridge is wrong";

	for_sessions (s, l) {
		const struct event *limit = ext_silent(j->v, s);

		if (!s->x->challenged || !ext_cookie_good(&s->cookie) ||
		    s->cookie.changed || ext_is_right(s))
			continue;
		if (s->x->has_hash || s->x->partial)
			j_broken(j, s->last, expected, "bytes on \"%s\"",
				 j_show(j, s->name));
		else if (s->eof)
			j_pass(j, s->eof->n);
		else if (limit)
			j_late(j, limit, expected, "none on \"%s\"",
			       j_show(j, s->name));
	}
}

static const char *hash_words(const struct extor *x)
{
	if (x->anomalies & EXTOR_HASH_SWAPPED)
		return "the hash of the nonces in the wrong order";
	if (x->anomalies & EXTOR_HASH_SERVERS)
		return "the hash that the bridge had sent";
	return "another hash";
}

REQ(ext_auth_8) = {
	.id = "EXT-AUTH-8",
	.area = AREA_EXTOR,
	.level = L_IMPLIED,
	.section = "EXTORPORT",
	.role = "extor",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "The client hash is right.",
	.judge = ext_auth_8,
};

static void ext_auth_8(struct judge *j)
{
	struct ext_sessions l = ext_sessions(j->v);

	for_sessions (s, l) {
		if (!ext_is_right(s))
			continue;
		if (s->x->has_hash && extor_client_knows(s->x, s->cookie.key))
			j_pass(j, s->at[EXTOR_STATUS]);
		else if (s->x->has_hash)
			j_broken(j, s->at[EXTOR_STATUS],
				 "the client hash of cookie and nonces",
				 "%s on \"%s\"", hash_words(s->x),
				 j_show(j, s->name));
		else if (!s->cookie.changed && !s->challenge_split)
			ext_must_go_on(j, s, "a client hash of 32 bytes");
	}
}

REQ(ext_auth_9) = {
	.id = "EXT-AUTH-9",
	.area = AREA_EXTOR,
	.level = L_IMPLIED,
	.section = "EXTORPORT",
	.role = "extor",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Status other than 1 means failure: no commands, no "
		 "payload.",
	.traps = "Bytes already in flight before status arrives are a "
		 "violation too (see EXT-MSG-1).",
	.judge = ext_auth_9,
};

static void ext_auth_9(struct judge *j)
{
	struct ext_sessions l = ext_sessions(j->v);

	for_sessions (s, l) {
		int status = s->x->status;

		if (s->early[EXTOR_STATUS])
			j_broken(j, s->early[EXTOR_STATUS],
				 "nothing before the status",
				 "more bytes on \"%s\"", j_show(j, s->name));
		if (status < 0 || status == 1)
			continue;
		if (s->surplus)
			j_broken(j, s->surplus->n, "nothing more",
				 "bytes on \"%s\" after status %d",
				 j_show(j, s->name), status);
		else if (s->eof || ext_silent(j->v, s))
			j_pass(j, s->at[EXTOR_FAILED]);
	}
}

REQ(ext_auth_10) = {
	.id = "EXT-AUTH-10",
	.area = AREA_EXTOR,
	.level = L_IMPLIED,
	.section = "EXTORPORT",
	.role = "extor",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Server hash and nonce may arrive in any segmentation.",
	.traps = "The status follows the PT's hash, so it cannot be glued "
		 "legitimately.",
	.judge = ext_auth_10,
};

static void ext_auth_10(struct judge *j)
{
	struct ext_sessions l = ext_sessions(j->v);

	for_sessions (s, l) {
		bool whole = s->x->challenged;

		if (!s->challenge_split || !ext_cookie_good(&s->cookie) ||
		    (whole && !ext_is_right(s)))
			continue;
		if (s->x->has_hash)
			j_pass(j, s->at[EXTOR_STATUS]);
		else
			ext_must_go_on(j, s,
				       "a client hash once all 64 bytes of "
				       "the bridge are there");
	}
}
