/*
 * extor.c - the Extended ORPort that the harness plays.
 *
 * Everything that it understands and answers is proto/extor.h's; here is when
 * a reply goes out, whole or byte by byte, and all that a bridge can do
 * wrong.  Behind OKAY the connection carries what was tunnelled.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/proto/net/extor.h"
#include "harness/worker/worker_int.h"

#define REPLY_MAX (EXTOR_REPLY_MAX + 64)

/* What "glue" sends right behind OKAY, what "body" puts into it, and what
 * "unknown" sends before: one command with a body, one without. */
#define GLUE SPAN("glued")
#define BODY SPAN("BODY!")
#define UNKNOWN SPAN("\x1f\xff\0\3abc\x20\0\0\0")

struct bridge {
	struct play play;
	const struct step_extor *how;
	struct extor x;
	char key[EXTOR_KEY_SIZE];
	uint8_t nonce[EXTOR_HASH_SIZE];
	char types[EXTOR_TYPES_MAX];
};

static bool does(const struct bridge *b, enum extor_deed deed)
{
	return b->how->does == deed;
}

static void tell(struct bridge *b, const char *what, struct span data)
{
	rec(b->play.c->w, extor, .conn = span_str(b->play.c->name),
	    .what = span_str(what), .data = data);
}

/* --- the cookie --- */

static void default_key(const struct worker *w, char key[EXTOR_KEY_SIZE])
{
	struct span marker = pairs_get(&w->plan->head.vars, "marker");
	char text[EXTOR_KEY_SIZE + 1];

	snprintf(text, sizeof(text), "%.*s-cookie-key-", SPAN_ARG(marker));
	memcpy(key, text, EXTOR_KEY_SIZE);
}

/* Is the transport told of the file? */
static bool names(const struct worker *w, struct span path)
{
	const struct trace_head *h = &w->plan->head;

	for (size_t i = 0; i < h->env.n; i++)
		if (span_eq(h->env.v[i].value, path))
			return true;
	return strings_has(&h->argv, path);
}

const char *extor_prepare(struct worker *w)
{
	struct span path = pairs_get(&w->plan->head.vars, "cookie");
	char name[4096], key[EXTOR_KEY_SIZE];
	struct buf file = BUF_MAX(256);
	const char *why;

	w->bridges = true;
	if (path.n >= sizeof(name) || !names(w, path))
		return NULL;
	snprintf(name, sizeof(name), "%.*s", SPAN_ARG(path));
	if (access(name, F_OK) == 0)
		return NULL;
	default_key(w, key);
	buf_add(&file, SPAN(EXTOR_HEADER));
	buf_add(&file, span_of(key, sizeof(key)));
	why = disk_place(w, name, buf_span(&file));
	buf_fini(&file);
	return why;
}

/* --- what it answers --- */

static bool is_second(const struct bridge *b)
{
	const char *number = strrchr(b->play.c->name, '#');

	return number && atoi(number + 1) % 2 == 0;
}

/* No chance: the same launch says the same, and no two connections do. */
static void choose_nonce(struct bridge *b)
{
	crypto_auth_hmacsha256(b->nonce, (const unsigned char *)b->play.c->name,
			       strlen(b->play.c->name),
			       (const unsigned char *)b->key);
}

static struct span types_of(struct bridge *b)
{
	if (does(b, BRIDGE_NO_TYPE))
		return is_second(b) ? SPAN("") : SPAN("\x02");
	if (does(b, BRIDGE_SOME_TYPES))
		return SPAN("\x02\xfe\x01\x07");
	if (!does(b, BRIDGE_ALL_TYPES))
		return (struct span){ NULL, 0 };
	/* SAFE_COOKIE is the last. */
	for (int i = 0; i < EXTOR_TYPES_MAX; i++)
		b->types[i] = (char)(EXTOR_TYPES_MAX - i);
	return span_of(b->types, sizeof(b->types));
}

static void write_script(struct bridge *b, struct extor_script *out)
{
	struct span cookie = b->how->cookie;
	int second = is_second(b);

	default_key(b->play.c->w, b->key);
	if (!span_absent(cookie))
		memcpy(b->key, cookie.p,
		       cookie.n < sizeof(b->key) ? cookie.n : sizeof(b->key));
	choose_nonce(b);
	*out = EXTOR_SCRIPT(span_of(b->key, sizeof(b->key)),
			    span_of(b->nonce, sizeof(b->nonce)));
	out->types = types_of(b);
	if (does(b, BRIDGE_WRONG_HASH))
		out->flip = second ? 8 * EXTOR_HASH_SIZE - 1 : 0;
	if (does(b, BRIDGE_REFUSE_HASH))
		out->status = second ? 2 : 0;
	if (does(b, BRIDGE_DENY))
		out->answer = EXTOR_DENY;
	if (does(b, BRIDGE_UNKNOWN))
		out->before = UNKNOWN;
	if (does(b, BRIDGE_BODY))
		out->body = BODY;
	if (does(b, BRIDGE_GLUE))
		out->behind = GLUE;
}

/* --- misdeeds --- */

/* What it does instead of an answer, and at which stage. */
static const struct misdeed {
	enum extor_stage at;
	const char *event; /* NULL: it answers */
	bool ends, resets;
} misdeeds[] = {
#define X(DEED, ...)                                                 \
	[BRIDGE_##DEED##_TYPES] = { EXTOR_TYPES, __VA_ARGS__ },      \
	[BRIDGE_##DEED##_NONCE] = { EXTOR_CHALLENGE, __VA_ARGS__ },  \
	[BRIDGE_##DEED##_HASH] = { EXTOR_STATUS, __VA_ARGS__ },      \
	[BRIDGE_##DEED##_COMMAND] = { EXTOR_COMMANDS, __VA_ARGS__ }, \
	[BRIDGE_##DEED##_DONE] = { EXTOR_ANSWER, __VA_ARGS__ },
	X(STALL, "stalled", false, false) X(CLOSE, "closed", true,
					    false) X(RESET, "reset", true, true)
#undef X
		[BRIDGE_NEVER] = { EXTOR_ANSWER, "stalled", false, false },
};

static bool is_time(const struct bridge *b, enum extor_stage at)
{
	/* All commands may come at once. */
	if (at == EXTOR_COMMANDS && b->x.stage == EXTOR_ANSWER)
		return true;
	return b->x.stage == at && (at != EXTOR_COMMANDS || b->x.commands);
}

static bool misbehaves(struct bridge *b)
{
	const struct misdeed *m = &misdeeds[b->how->does];

	if (!m->event || !is_time(b, m->at))
		return false;
	tell(b, m->event, SPAN(""));
	b->play.stuck = true;
	if (m->ends)
		net_end(b->play.c, m->resets);
	return true;
}

/* --- the dialogue --- */

static void sent(struct play *play, struct span piece)
{
	extor_sent(&((struct bridge *)play)->x, piece);
}

/* A bridge closes where no type fits; it sends no more after a status that
 * is not 1, but goes on reading, to see what comes.  Whom it denied may go
 * by himself. */
static void see_failure(struct bridge *b)
{
	b->play.stuck = true;
	if (b->x.answer >= 0) {
		tell(b, "denied", SPAN(""));
		return;
	}
	tell(b, "failed", SPAN(""));
	if (b->x.status >= 0)
		net_half(b->play.c);
	else
		net_end(b->play.c, false);
}

static void go_on(struct play *play)
{
	struct bridge *b = (struct bridge *)play;

	while (!play_waits(play) && b->x.stage < EXTOR_TUNNEL) {
		size_t n = extor_feed(&b->x, buf_span(&play->in));

		buf_eat(&play->in, n);
		if (misbehaves(b))
			return;
		if (extor_due(&b->x)) {
			extor_reply(&b->x, &play->out);
			play_reply(play);
		} else if (n == 0) {
			return;
		}
	}
	if (play_waits(play))
		return;
	if (b->x.stage == EXTOR_TUNNEL) {
		tell(b, "granted", SPAN(""));
		play_tunnel(play);
	} else if (b->x.stage == EXTOR_FAILED) {
		see_failure(b);
	}
}

void extor_attach(struct conn *c, const struct step_extor *how)
{
	struct bridge *b = play_new(c, how->split, sizeof(*b), REPLY_MAX);
	struct extor_script script;

	b->how = how;
	b->play.go_on = go_on;
	b->play.sent = sent;
	write_script(b, &script);
	extor_init(&b->x, &script);
	tell(b, "cookie", span_of(b->key, sizeof(b->key)));
	go_on(&b->play);
}
