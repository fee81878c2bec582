/*
 * bridge.c - see bridge.h.
 *
 * Everything that it understands and answers is proto/extor.h's; here is when
 * a reply goes out, whole or byte by byte, and all that a bridge can do
 * wrong.  Behind OKAY the connection carries what was tunnelled.
 */
#include "harness/worker/peer/bridge.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "parent/proto/net/extor.h"
#include "harness/worker/disk.h"
#include "harness/worker/peer/served.h"

#define REPLY_MAX (EXTOR_REPLY_MAX + 512)

/* What "glue" sends right behind OKAY, what "body" puts into it, and what
 * "unknown" sends before: one command with a body, one without, and one with
 * more of it than a byte counts. */
#define GLUE SPAN("glued")
#define BODY SPAN("BODY!")
#define UNKNOWN "\x1f\xff\0\3abc\x20\0\0\0\x1f\xfe\1\x2c"
#define UNKNOWN_BODY 300
#define UNKNOWN_SIZE (sizeof(UNKNOWN) - 1 + UNKNOWN_BODY)

struct bridge {
	struct served served;
	const struct step_extor *how;
	struct extor x;
	char key[EXTOR_KEY_SIZE];
	uint8_t nonce[EXTOR_HASH_SIZE];
	char unknown[UNKNOWN_SIZE];
	char types[EXTOR_TYPES_MAX];
};

static bool bridge_does(const struct bridge *b, enum extor_deed deed)
{
	return b->how->does == deed;
}

static void bridge_tell(struct bridge *b, enum extor_did what, struct span data)
{
	rec(b->served.c->all->task, extor, .conn = span_str(b->served.c->name),
	    .what = what, .data = data);
}

/* --- the cookie --- */

static void bridge_default_key(const struct task *t, char key[EXTOR_KEY_SIZE])
{
	struct span marker = pairs_get(&t->plan->head.vars, "marker");
	char text[EXTOR_KEY_SIZE + 1];

	snprintf(text, sizeof(text), "%.*s-cookie-key-", SPAN_ARG(marker));
	memcpy(key, text, EXTOR_KEY_SIZE);
}

/* Is the transport told of the file? */
static bool bridge_names(const struct task *t, struct span path)
{
	const struct trace_head *h = &t->plan->head;

	for (size_t i = 0; i < h->env.n; i++)
		if (span_eq(h->env.v[i].value, path))
			return true;
	return strings_has(&h->argv, path);
}

/* Before the first of them listens: the file ${cookie}, where it is named and
 * not there; NULL, or why not. */
static const char *bridge_place_cookie(struct task *t)
{
	struct span path = pairs_get(&t->plan->head.vars, "cookie");
	char name[4096], key[EXTOR_KEY_SIZE];
	struct buf file = BUF_MAX(256);
	const char *why;

	if (path.n >= sizeof(name) || !bridge_names(t, path))
		return NULL;
	snprintf(name, sizeof(name), "%.*s", SPAN_ARG(path));
	if (access(name, F_OK) == 0)
		return NULL;
	bridge_default_key(t, key);
	buf_add(&file, SPAN(EXTOR_HEADER));
	buf_add(&file, span_of(key, sizeof(key)));
	why = disk_place(t, name, buf_span(&file));
	buf_fini(&file);
	return why;
}

/* --- what it answers --- */

static bool bridge_is_second(const struct bridge *b)
{
	const char *number = strrchr(b->served.c->name, '#');

	return number && atoi(number + 1) % 2 == 0;
}

/* No chance: the same launch says the same, and no two connections do. */
static void bridge_choose_nonce(struct bridge *b)
{
	crypto_auth_hmacsha256(
		b->nonce, (const unsigned char *)b->served.c->name,
		strlen(b->served.c->name), (const unsigned char *)b->key);
}

static struct span bridge_types_of(struct bridge *b)
{
	if (bridge_does(b, BRIDGE_NO_TYPE))
		return bridge_is_second(b) ? SPAN("") : SPAN("\x02");
	if (bridge_does(b, BRIDGE_SOME_TYPES))
		return SPAN("\x02\xfe\x01\x07");
	if (!bridge_does(b, BRIDGE_ALL_TYPES))
		return (struct span){ NULL, 0 };
	/* SAFE_COOKIE is the last. */
	for (int i = 0; i < EXTOR_TYPES_MAX; i++)
		b->types[i] = (char)(EXTOR_TYPES_MAX - i);
	return span_of(b->types, sizeof(b->types));
}

static struct span bridge_unknown(struct bridge *b)
{
	memset(b->unknown, 'x', sizeof(b->unknown));
	memcpy(b->unknown, UNKNOWN, sizeof(UNKNOWN) - 1);
	return span_of(b->unknown, sizeof(b->unknown));
}

static void bridge_write_script(struct bridge *b, struct extor_script *out)
{
	struct span cookie = b->how->cookie;
	int second = bridge_is_second(b);

	bridge_default_key(b->served.c->all->task, b->key);
	if (!span_absent(cookie))
		memcpy(b->key, cookie.p,
		       cookie.n < sizeof(b->key) ? cookie.n : sizeof(b->key));
	bridge_choose_nonce(b);
	*out = EXTOR_SCRIPT(span_of(b->key, sizeof(b->key)),
			    span_of(b->nonce, sizeof(b->nonce)));
	out->types = bridge_types_of(b);
	if (bridge_does(b, BRIDGE_WRONG_HASH))
		out->flip = second ? 8 * EXTOR_HASH_SIZE - 1 : 0;
	if (bridge_does(b, BRIDGE_REFUSE_HASH))
		out->status = second ? 2 : 0;
	if (bridge_does(b, BRIDGE_DENY))
		out->answer = EXTOR_DENY;
	if (bridge_does(b, BRIDGE_UNKNOWN))
		out->before = bridge_unknown(b);
	if (bridge_does(b, BRIDGE_BODY))
		out->body = BODY;
	if (bridge_does(b, BRIDGE_GLUE))
		out->behind = GLUE;
}

/* --- bridge_misdeeds --- */

/* What it does instead of an answer, and at which stage. */
static const struct bridge_misdeed {
	bool any; /* or it answers */
	enum extor_stage at;
	enum extor_did did;
} bridge_misdeeds[] = {
	[BRIDGE_NEVER] = { true, EXTOR_ANSWER, EXTOR_DID_STALLED },
/* clang-format off */
#define X(DEED, did)                                            \
	[BRIDGE_##DEED##_TYPES] = { true, EXTOR_TYPES, did },      \
	[BRIDGE_##DEED##_NONCE] = { true, EXTOR_CHALLENGE, did },  \
	[BRIDGE_##DEED##_HASH] = { true, EXTOR_STATUS, did },      \
	[BRIDGE_##DEED##_COMMAND] = { true, EXTOR_COMMANDS, did }, \
	[BRIDGE_##DEED##_DONE] = { true, EXTOR_ANSWER, did },
	X(STALL, EXTOR_DID_STALLED)
	X(CLOSE, EXTOR_DID_CLOSED)
	X(RESET, EXTOR_DID_RESET)
#undef X
	/* clang-format on */
};

static bool bridge_is_time(const struct bridge *b, enum extor_stage at)
{
	/* All commands may come at once. */
	if (at == EXTOR_COMMANDS && b->x.stage == EXTOR_ANSWER)
		return true;
	return b->x.stage == at && (at != EXTOR_COMMANDS || b->x.commands);
}

static bool bridge_misbehaves(struct bridge *b)
{
	const struct bridge_misdeed *m = &bridge_misdeeds[b->how->does];

	if (!m->any || !bridge_is_time(b, m->at))
		return false;
	bridge_tell(b, m->did, SPAN(""));
	b->served.stuck = true;
	if (m->did != EXTOR_DID_STALLED)
		conn_end(b->served.c, m->did == EXTOR_DID_RESET);
	return true;
}

/* --- the dialogue --- */

static void bridge_sent(struct served *served, struct span piece)
{
	extor_sent(&((struct bridge *)served)->x, piece);
}

/* A bridge closes where no type fits; it sends no more after a status that
 * is not 1, but goes on reading, to see what comes.  Whom it denied may go
 * by himself. */
static void bridge_see_failure(struct bridge *b)
{
	b->served.stuck = true;
	if (b->x.answer >= 0) {
		bridge_tell(b, EXTOR_DID_DENIED, SPAN(""));
		return;
	}
	bridge_tell(b, EXTOR_DID_FAILED, SPAN(""));
	if (b->x.status >= 0)
		conn_half(b->served.c);
	else
		conn_end(b->served.c, false);
}

static void bridge_go_on(struct served *served)
{
	struct bridge *b = (struct bridge *)served;

	while (!served_waits(served) && b->x.stage < EXTOR_TUNNEL) {
		size_t n = extor_feed(&b->x, buf_span(&served->in));

		buf_eat(&served->in, n);
		if (bridge_misbehaves(b))
			return;
		if (extor_due(&b->x)) {
			extor_reply(&b->x, &served->out);
			served_reply(served);
		} else if (n == 0) {
			return;
		}
	}
	if (served_waits(served))
		return;
	if (b->x.stage == EXTOR_TUNNEL) {
		bridge_tell(b, EXTOR_DID_GRANTED, SPAN(""));
		served_tunnel(served);
	} else if (b->x.stage == EXTOR_FAILED) {
		bridge_see_failure(b);
	}
}

static void bridge_attach(struct conn *c, const struct step *st)
{
	const struct step_extor *how = &st->extor;
	struct bridge *b = served_new(c, how->split, sizeof(*b), REPLY_MAX);
	struct extor_script script;

	b->how = how;
	b->served.go_on = bridge_go_on;
	b->served.sent = bridge_sent;
	bridge_write_script(b, &script);
	extor_init(&b->x, &script);
	bridge_tell(b, EXTOR_DID_COOKIE, span_of(b->key, sizeof(b->key)));
	bridge_go_on(&b->served);
}

static void extor_begin(void *part, const struct step *st)
{
	struct bridges *all = part;

	wire_tell_clients(all->wire);
	task_skipped(all->task, bridge_place_cookie(all->task));
	listen_open(all->listeners, st->extor.at, st->extor.as, false,
		    bridge_attach, st);
}

const struct step_ops step_extor_ops = { .part = PART_BRIDGES,
					 .begin = extor_begin };
