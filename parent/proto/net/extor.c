/*
 * extor.c - see extor.h.
 *
 * Both directions advance byte by byte, so nothing can depend on how the
 * bytes came.
 */
#include "parent/proto/net/extor.h"

#include <sodium.h>
#include <string.h>

#include "parent/proto/ipc/name.h"

#define SERVER_WORDS SPAN("ExtORPort authentication server-to-client hash")
#define CLIENT_WORDS SPAN("ExtORPort authentication client-to-server hash")

static const uint8_t *bytes_of(struct span s)
{
	return (const uint8_t *)s.p;
}

/* --- hashes --- */

void extor_hash(bool server, struct span key,
		const uint8_t client_nonce[EXTOR_HASH_SIZE],
		const uint8_t server_nonce[EXTOR_HASH_SIZE],
		uint8_t out[EXTOR_HASH_SIZE])
{
	struct span words = server ? SERVER_WORDS : CLIENT_WORDS;
	crypto_auth_hmacsha256_state h;

	crypto_auth_hmacsha256_init(&h, bytes_of(key), key.n);
	crypto_auth_hmacsha256_update(&h, bytes_of(words), words.n);
	crypto_auth_hmacsha256_update(&h, client_nonce, EXTOR_HASH_SIZE);
	crypto_auth_hmacsha256_update(&h, server_nonce, EXTOR_HASH_SIZE);
	crypto_auth_hmacsha256_final(&h, out);
}

static bool same_hash(const uint8_t *a, const uint8_t *b)
{
	return sodium_memcmp(a, b, EXTOR_HASH_SIZE) == 0;
}

bool extor_server_knows(const struct extor *x, struct span key)
{
	uint8_t want[EXTOR_HASH_SIZE];

	if (!x->challenged)
		return false;
	extor_hash(true, key, x->nonce, x->server_nonce, want);
	return same_hash(want, x->server_hash);
}

bool extor_client_knows(const struct extor *x, struct span key)
{
	uint8_t want[EXTOR_HASH_SIZE];

	if (!x->has_hash)
		return false;
	extor_hash(false, key, x->nonce, x->server_nonce, want);
	return same_hash(want, x->hash);
}

unsigned extor_cookie_parse(struct span file, struct span *key)
{
	struct span header = SPAN(EXTOR_HEADER);
	unsigned odd = span_starts(file, header) ? 0 : EXTOR_COOKIE_HEADER;

	*key = (struct span){ NULL, 0 };
	if (file.n < header.n + EXTOR_KEY_SIZE)
		return odd | EXTOR_COOKIE_SHORT;
	*key = span_sub(file, header.n, EXTOR_KEY_SIZE);
	return odd |
	       (file.n > header.n + EXTOR_KEY_SIZE ? EXTOR_COOKIE_LONG : 0);
}

/* --- the transport's bytes --- */

static void choice_byte(struct extor *x, uint8_t c)
{
	bool offered = memchr(x->types, c,
			      x->ntypes < EXTOR_TYPES_MAX
				      ? x->ntypes
				      : EXTOR_TYPES_MAX) != NULL;

	x->choice = c;
	x->stage = EXTOR_FAILED;
	if (c == 0)
		x->anomalies |= EXTOR_CHOICE_NONE;
	else if (c != EXTOR_SAFE_COOKIE || !offered)
		x->anomalies |= EXTOR_CHOICE_OTHER;
	else
		x->stage = EXTOR_NONCE;
}

static void nonce_byte(struct extor *x, uint8_t c)
{
	size_t same = 0;

	x->nonce[x->partial++] = c;
	if (x->partial < EXTOR_HASH_SIZE)
		return;
	while (same < EXTOR_HASH_SIZE && x->nonce[same] == x->nonce[0])
		same++;
	if (same == EXTOR_HASH_SIZE)
		x->anomalies |= EXTOR_NONCE_DULL;
	x->has_nonce = true;
	x->partial = 0;
	x->stage = EXTOR_CHALLENGE;
}

static void judge_hash(struct extor *x)
{
	uint8_t want[EXTOR_HASH_SIZE];

	if (extor_client_knows(x, x->script.key))
		return;
	x->anomalies |= EXTOR_HASH_WRONG;
	extor_hash(false, x->script.key, x->server_nonce, x->nonce, want);
	if (same_hash(want, x->hash))
		x->anomalies |= EXTOR_HASH_SWAPPED;
	extor_hash(true, x->script.key, x->nonce, x->server_nonce, want);
	if (same_hash(want, x->hash))
		x->anomalies |= EXTOR_HASH_SERVERS;
}

static void hash_byte(struct extor *x, uint8_t c)
{
	x->hash[x->partial++] = c;
	if (x->partial < EXTOR_HASH_SIZE)
		return;
	x->has_hash = true;
	x->partial = 0;
	judge_hash(x);
	x->stage = EXTOR_STATUS;
}

static unsigned code_of(const uint8_t head[4])
{
	return (unsigned)head[0] << 8 | head[1];
}

static size_t length_of(const uint8_t head[4])
{
	return (size_t)head[2] << 8 | head[3];
}

/* [ff::1]:1 or 1.2.3.4:1, and nothing else. */
static void judge_user(struct extor *x)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct addr *a = &x->user_addr;
	unsigned odd;

	if (span_find(x->user, '\0') < x->user.n)
		x->anomalies |= EXTOR_USER_NUL;
	/* What it means is clear with a NUL behind it, too. */
	odd = addr_parse(span_sub(x->user, 0, span_find(x->user, '\0')), a);
	if (odd & ADDR_HOSTNAME)
		x->anomalies |= EXTOR_USER_NAME;
	if (odd & ADDR_UNBRACKETED)
		x->anomalies |= EXTOR_USER_BARE;
	if (odd & ADDR_ZONE)
		x->anomalies |= EXTOR_USER_ZONE;
	if (odd & ADDR_PORT_ZERO)
		x->anomalies |= EXTOR_USER_PORT_ZERO;
	if (odd & (ADDR_NO_HOST | ADDR_NO_PORT | ADDR_PORT_SYNTAX |
		   ADDR_PORT_RANGE | ADDR_NOT_IP))
		x->anomalies |= EXTOR_USER_SYNTAX;
	if (a->family == AF_INET && x->user.n && x->user.p[0] == '[')
		x->anomalies |= EXTOR_USER_SYNTAX;
	if (a->family == AF_INET6 && memcmp(a->ip, mapped, 12) == 0)
		x->anomalies |= EXTOR_USER_MAPPED;
}

static void judge_transport(struct extor *x)
{
	struct span s = x->transport;

	if (span_find(s, '\0') < s.n)
		x->anomalies |= EXTOR_TRANSPORT_NUL;
	if (name_check(span_sub(s, 0, span_find(s, '\0'))) & NAME_INVALID)
		x->anomalies |= EXTOR_TRANSPORT_NAME;
}

static void command_begins(struct extor *x)
{
	unsigned code = code_of(x->head);
	size_t n = length_of(x->head);
	bool kept = code == EXTOR_USERADDR || code == EXTOR_TRANSPORT;

	x->left = n;
	if (kept && n > EXTOR_BODY_KEEP)
		x->anomalies |= EXTOR_TOO_LONG;
	if (code == 0x0100 || code == 0x0200)
		x->anomalies |= EXTOR_CMD_SWAPPED;
	else if (code > EXTOR_TRANSPORT)
		x->anomalies |= EXTOR_CMD_UNKNOWN;
}

static void done(struct extor *x)
{
	if (length_of(x->head))
		x->anomalies |= EXTOR_DONE_BODY;
	if (span_absent(x->user))
		x->anomalies |= EXTOR_NO_USER;
	if (span_absent(x->transport))
		x->anomalies |= EXTOR_NO_TRANSPORT;
	x->stage = EXTOR_ANSWER;
}

static void command_ends(struct extor *x)
{
	size_t n = length_of(x->head);
	size_t kept = n < EXTOR_BODY_KEEP ? n : EXTOR_BODY_KEEP;

	x->commands++;
	x->partial = 0;
	switch (code_of(x->head)) {
	case EXTOR_USERADDR:
		if (!span_absent(x->user))
			x->anomalies |= EXTOR_USER_AGAIN;
		else if (!span_absent(x->transport))
			x->anomalies |= EXTOR_TRANSPORT_FIRST;
		x->user = span_of(x->user_body, kept);
		judge_user(x);
		break;
	case EXTOR_TRANSPORT:
		if (!span_absent(x->transport))
			x->anomalies |= EXTOR_TRANSPORT_AGAIN;
		x->transport = span_of(x->transport_body, kept);
		judge_transport(x);
		break;
	case EXTOR_DONE:
		done(x);
		break;
	default:
		break;
	}
}

static void command_byte(struct extor *x, uint8_t c)
{
	size_t at = x->partial++;
	unsigned code;

	if (at < 4) {
		x->head[at] = c;
		if (at < 3)
			return;
		command_begins(x);
	} else {
		code = code_of(x->head);
		if (code == EXTOR_USERADDR && at - 4 < EXTOR_BODY_KEEP)
			x->user_body[at - 4] = (char)c;
		if (code == EXTOR_TRANSPORT && at - 4 < EXTOR_BODY_KEEP)
			x->transport_body[at - 4] = (char)c;
		x->left--;
	}
	if (x->left == 0)
		command_ends(x);
}

/* --- the bridge's bytes --- */

static void types_byte(struct extor *x, uint8_t c)
{
	if (c == 0) {
		x->stage = EXTOR_CHOICE;
		return;
	}
	x->offers |= c == EXTOR_SAFE_COOKIE;
	if (x->ntypes < EXTOR_TYPES_MAX)
		x->types[x->ntypes] = c;
	x->ntypes++;
}

static void challenge_byte(struct extor *x, uint8_t c)
{
	size_t at = x->reply++;

	if (at < EXTOR_HASH_SIZE)
		x->server_hash[at] = c;
	else
		x->server_nonce[at - EXTOR_HASH_SIZE] = c;
	if (x->reply < (size_t)2 * EXTOR_HASH_SIZE)
		return;
	x->reply = 0;
	x->challenged = true;
	x->stage = EXTOR_HASH;
}

static void answer_ends(struct extor *x)
{
	unsigned code = code_of(x->reply_head);

	x->reply = 0;
	if (code != EXTOR_OKAY && code != EXTOR_DENY) {
		x->unknown++;
		return;
	}
	x->answer = (int)code;
	x->answer_body = length_of(x->reply_head);
	x->stage = code == EXTOR_OKAY ? EXTOR_TUNNEL : EXTOR_FAILED;
}

static void answer_byte(struct extor *x, uint8_t c)
{
	size_t at = x->reply++;

	if (at < 4) {
		x->reply_head[at] = c;
		if (at < 3)
			return;
		x->reply_left = length_of(x->reply_head);
	} else {
		x->reply_left--;
	}
	if (x->reply_left == 0)
		answer_ends(x);
}

/* --- the machine --- */

void extor_init(struct extor *x, const struct extor_script *how)
{
	memset(x, 0, sizeof(*x));
	x->script = *how;
	x->choice = x->status = x->answer = -1;
}

bool extor_due(const struct extor *x)
{
	static const bool due[] = {
#define X(id, word, due) due,
		EXTOR_STAGES_X(X)
#undef X
	};

	return due[x->stage];
}

static void fed(struct extor *x, uint8_t c)
{
	if (x->stage == EXTOR_CHOICE)
		choice_byte(x, c);
	else if (x->stage == EXTOR_NONCE)
		nonce_byte(x, c);
	else if (x->stage == EXTOR_HASH)
		hash_byte(x, c);
	else
		command_byte(x, c);
}

size_t extor_feed(struct extor *x, struct span in)
{
	size_t n = 0;

	while (n < in.n && !extor_due(x) && x->stage < EXTOR_TUNNEL)
		fed(x, (uint8_t)in.p[n++]);
	x->used += n;
	if (n < in.n && extor_due(x)) {
		x->anomalies |= EXTOR_EARLY;
		x->early |= 1u << x->stage;
	}
	return n;
}

static void sent(struct extor *x, uint8_t c)
{
	if (x->stage == EXTOR_TYPES) {
		types_byte(x, c);
	} else if (x->stage == EXTOR_CHALLENGE) {
		challenge_byte(x, c);
	} else if (x->stage == EXTOR_STATUS) {
		x->status = c;
		x->stage = c == 1 ? EXTOR_COMMANDS : EXTOR_FAILED;
	} else {
		answer_byte(x, c);
	}
}

size_t extor_sent(struct extor *x, struct span out)
{
	size_t n = 0;

	while (n < out.n && extor_due(x))
		sent(x, (uint8_t)out.p[n++]);
	x->sent += n;
	return n;
}

/* --- what to answer --- */

void extor_put_command(struct buf *out, unsigned code, struct span body)
{
	const char head[4] = { (char)(code >> 8), (char)code,
			       (char)(body.n >> 8), (char)body.n };

	buf_add(out, span_of(head, 4));
	buf_add(out, body);
}

static void put_challenge(const struct extor *x, struct buf *out)
{
	const struct extor_script *how = &x->script;
	uint8_t hash[EXTOR_HASH_SIZE];
	int flip = how->flip;

	extor_hash(true, how->key, x->nonce, bytes_of(how->nonce), hash);
	if (flip >= 0)
		hash[flip / 8 % EXTOR_HASH_SIZE] ^= (uint8_t)(1 << flip % 8);
	buf_add(out, span_of(hash, sizeof(hash)));
	buf_add(out, how->nonce);
}

static void put_answer(const struct extor *x, struct buf *out)
{
	const struct extor_script *how = &x->script;
	unsigned code = how->answer == EXTOR_AUTO ? EXTOR_OKAY
						  : (unsigned)how->answer;

	buf_add(out, how->before);
	extor_put_command(out, code, how->body);
	buf_add(out, how->behind);
}

void extor_reply(const struct extor *x, struct buf *out)
{
	const struct extor_script *how = &x->script;
	int status = x->anomalies & EXTOR_HASH_WRONG ? 0 : 1;

	switch (x->stage) {
	case EXTOR_TYPES:
		buf_add(out,
			span_absent(how->types) ? SPAN("\x01") : how->types);
		buf_addc(out, '\0');
		break;
	case EXTOR_CHALLENGE:
		put_challenge(x, out);
		break;
	case EXTOR_STATUS:
		if (how->status != EXTOR_AUTO)
			status = how->status;
		buf_addc(out, (char)status);
		break;
	case EXTOR_ANSWER:
		put_answer(x, out);
		break;
	case EXTOR_CHOICE:
	case EXTOR_NONCE:
	case EXTOR_HASH:
	case EXTOR_COMMANDS:
	case EXTOR_TUNNEL:
	case EXTOR_FAILED:
	case EXTOR_STAGES:
		break;
	}
}

/* --- names --- */

const char *extor_stage_name(enum extor_stage stage)
{
	static const char *const names[] = {
#define X(id, word, due) word,
		EXTOR_STAGES_X(X)
#undef X
	};

	return stage < EXTOR_STAGES ? names[stage] : "";
}

struct anomaly_row {
	const char *word, *text;
};

static const struct anomaly_row anomaly_rows[] = {
#define X(id, word, text) { word, text },
	EXTOR_ANOMALIES(X)
#undef X
};

static struct anomaly_row anomaly_row(enum extor_anomaly one)
{
	for (size_t i = 0; i < sizeof(anomaly_rows) / sizeof(*anomaly_rows);
	     i++)
		if ((unsigned)one == 1u << i)
			return anomaly_rows[i];
	return (struct anomaly_row){ "", "" };
}

const char *extor_anomaly_name(enum extor_anomaly one)
{
	return anomaly_row(one).word;
}

const char *extor_anomaly_text(enum extor_anomaly one)
{
	return anomaly_row(one).text;
}
