/*
 * proxy.c - the upstream proxy that the harness plays.
 *
 * Everything that it understands and answers is proto/upstream.h's; here is
 * when a reply goes out, whole or byte by byte, and all that a proxy can do
 * wrong.  What it grants it plays itself: behind the reply the connection
 * carries what is meant for the destination.
 */
#include <stdio.h>

#include "harness/proto/net/upstream.h"
#include "harness/worker/worker_int.h"

#define REPLY_MAX (UPSTREAM_REPLY_MAX + 64)
/* Neither protocol begins so. */
#define GARBAGE SPAN("\x16\x03garbage\r\n\r\n")
/* What "glue" sends right behind its reply. */
#define GLUE SPAN("glued")
/* How each kind says that it takes no password: 1928 REP, SOCKS4 CD, HTTP. */
#define BAD_AUTH_SOCKS5 2
#define BAD_AUTH_SOCKS4A 0x5d
#define BAD_AUTH_HTTP 407

struct proxied {
	struct play play;
	const struct step_proxy *how;
	struct upstream u;
};

static void tell(struct proxied *p, const char *stage, struct span what)
{
	rec(p->play.c->w, upstream, .conn = span_str(p->play.c->name),
	    .stage = span_str(stage), .what = what);
}

static void write_script(const struct step_proxy *how,
			 struct upstream_script *out)
{
	static const struct {
		enum upstream_kind kind;
		int bad_auth; /* how it says that */
	} kinds[] = {
#define X(P, id, ...) [P##_##id] = { UPSTREAM_##id, BAD_AUTH_##id },
		PROXY_KINDS(X, PROXY)
#undef X
	};

	*out = UPSTREAM_SCRIPT(kinds[how->kind].kind);
	out->demand = !span_absent(how->user) || how->does == PROXY_BAD_AUTH;
	out->user = how->user;
	out->password = how->password;
	if (how->does == PROXY_FAIL)
		out->reply = (int)how->code;
	if (how->does == PROXY_NO_METHOD)
		out->method = 0xff;
	if (how->does == PROXY_BAD_AUTH) {
		out->status = 1;
		out->reply = kinds[how->kind].bad_auth;
	}
	if (how->does == PROXY_BOUND_V6)
		out->bound = (struct socks_addr){
			.atyp = SOCKS_IPV6,
			.addr = { .family = AF_INET6,
				  .ip = { 0x20, 1, 0xd, 0xb8, [15] = 9 },
				  .port = 4444 },
		};
	if (how->does == PROXY_BOUND_NAME)
		out->bound = (struct socks_addr){
			.atyp = SOCKS_NAME,
			.addr = { .port = 4444 },
			.name = SPAN("proxy.example"),
		};
	for (int i = 0; i < UPSTREAM_STAGES && how->does == PROXY_GARBAGE; i++)
		out->instead[i] = GARBAGE;
}

/* What it does when a message is complete, instead of an answer. */
static const struct misdeed {
	const char *event; /* NULL: it answers */
	enum upstream_stage at;
	bool ends, resets;
} misdeeds[] = {
	[PROXY_STALL_GREETING] = { "stall", UPSTREAM_GREETING, false, false },
	[PROXY_STALL_REQUEST] = { "stall", UPSTREAM_REQUEST, false, false },
	[PROXY_CLOSE_GREETING] = { "close", UPSTREAM_GREETING, true, false },
	[PROXY_CLOSE_REQUEST] = { "close", UPSTREAM_REQUEST, true, false },
	[PROXY_RESET_GREETING] = { "reset", UPSTREAM_GREETING, true, true },
	[PROXY_RESET_REQUEST] = { "reset", UPSTREAM_REQUEST, true, true },
	[PROXY_GLUE] = { NULL },
};

static bool misbehaves(struct proxied *p)
{
	const struct misdeed *m = &misdeeds[p->how->does];

	if (!m->event || m->at != p->u.stage)
		return false;
	tell(p, m->event, SPAN(""));
	p->play.stuck = true;
	if (m->ends)
		net_end(p->play.c, m->resets);
	return true;
}

static void answered(struct proxied *p)
{
	enum upstream_stage before = p->u.stage;

	upstream_answered(&p->u);
	if (p->u.stage == UPSTREAM_FAILED) {
		tell(p, "refused", SPAN(""));
		p->play.stuck = true;
		net_end(p->play.c, false);
	} else if (p->u.stage == UPSTREAM_TUNNEL && before != p->u.stage) {
		tell(p, "granted", SPAN(""));
	}
}

static void sent(struct play *play, struct span piece)
{
	if (piece.n == play->out.n || play->c->ended)
		answered((struct proxied *)play);
}

static struct span asked_for(const struct proxied *p, char *text, size_t size)
{
	const struct socks_addr *to = &p->u.dest;

	if (!span_absent(to->name))
		snprintf(text, size, "%.*s:%u", SPAN_ARG(to->name),
			 to->addr.port);
	else
		addr_format(&to->addr, text);
	return span_str(text);
}

static void reply(struct proxied *p)
{
	char text[SOCKS_NAME_MAX + ADDR_STRLEN];

	tell(p, upstream_stage_name(p->u.stage),
	     p->u.stage == UPSTREAM_REQUEST ? asked_for(p, text, sizeof(text))
					    : SPAN(""));
	if (misbehaves(p))
		return;
	upstream_reply(&p->u, &p->play.out);
	if (p->how->does == PROXY_GLUE && p->u.stage == UPSTREAM_REQUEST)
		buf_add(&p->play.out, GLUE);
	play_reply(&p->play);
}

/* The tunnel is there; it may be to break. */
static void see_tunnel(struct play *play)
{
	struct proxied *p = (struct proxied *)play;

	if (p->how->does == PROXY_DROP) {
		if (play->in.n == 0)
			return;
		tell(p, "dropped", SPAN(""));
		net_end(play->c, true);
	}
	play_tunnel(play);
}

static void go_on(struct play *play)
{
	struct proxied *p = (struct proxied *)play;

	while (!play_waits(play) && p->u.stage != UPSTREAM_TUNNEL) {
		size_t n = upstream_feed(&p->u, buf_span(&play->in));

		buf_eat(&play->in, n);
		if (p->u.due)
			reply(p);
		else if (n == 0)
			break;
	}
	if (p->u.stage == UPSTREAM_TUNNEL && !play->drip && !play->c->ended)
		see_tunnel(play);
}

void proxy_attach(struct conn *c, const struct step_proxy *how)
{
	struct proxied *p = play_new(c, how->split, sizeof(*p), REPLY_MAX);
	struct upstream_script script;

	p->how = how;
	p->play.go_on = go_on;
	p->play.sent = sent;
	write_script(how, &script);
	upstream_init(&p->u, &script);
}
