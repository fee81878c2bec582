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

struct proxied {
	struct play play;
	struct upstream u;
};

static void tell(struct proxied *p, const char *stage, struct span what)
{
	rec(p->play.c->w, upstream, .conn = span_str(p->play.c->name),
	    .stage = span_str(stage), .what = what);
}

static void write_script(const struct step *how, struct upstream_script *out)
{
	static const enum upstream_kind kinds[] = {
		UPSTREAM_SOCKS5,
		UPSTREAM_SOCKS4A,
		UPSTREAM_HTTP,
	};
	struct span word = how->more[MORE_DOES], kind = how->more[MORE_KIND];
	int k = span_eqs(kind, "http") ? 2 : span_eqs(kind, "socks4a");

	*out = UPSTREAM_SCRIPT(kinds[k]);
	out->demand = !span_absent(how->more[MORE_USER]) ||
		      span_eqs(word, "bad-auth");
	out->user = how->more[MORE_USER];
	out->password = how->more[MORE_PASSWORD];
	if (span_eqs(word, "fail"))
		out->reply = (int)how->count;
	if (span_eqs(word, "no-method"))
		out->method = 0xff;
	if (span_eqs(word, "bad-auth")) {
		out->status = 1;
		out->reply = k == 2 ? 407 : k == 1 ? 0x5d : 2;
	}
	if (span_eqs(word, "bound-v6"))
		out->bound = (struct socks_addr){
			.atyp = SOCKS_IPV6,
			.addr = { .family = AF_INET6,
				  .ip = { 0x20, 1, 0xd, 0xb8, [15] = 9 },
				  .port = 4444 },
		};
	if (span_eqs(word, "bound-name"))
		out->bound = (struct socks_addr){
			.atyp = SOCKS_NAME,
			.addr = { .port = 4444 },
			.name = SPAN("proxy.example"),
		};
	for (int i = 0; i < UPSTREAM_STAGES && span_eqs(word, "garbage"); i++)
		out->instead[i] = GARBAGE;
}

/* "stall-request" when that message is complete, and so on. */
static bool misbehaves(struct proxied *p)
{
	static const char *const words[] = { "stall", "close", "reset" };
	const char *stage = upstream_stage_name(p->u.stage);
	char word[32];

	for (size_t i = 0; i < 3; i++) {
		snprintf(word, sizeof(word), "%s-%s", words[i], stage);
		if (!play_does(&p->play, word))
			continue;
		tell(p, words[i], SPAN(""));
		p->play.stuck = true;
		if (i > 0)
			net_end(p->play.c, i == 2);
		return true;
	}
	return false;
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
	if (play_does(&p->play, "glue") && p->u.stage == UPSTREAM_REQUEST)
		buf_add(&p->play.out, GLUE);
	play_reply(&p->play);
}

/* The tunnel is there; it may be to break. */
static void see_tunnel(struct play *play)
{
	if (play_does(play, "drop")) {
		if (play->in.n == 0)
			return;
		tell((struct proxied *)play, "dropped", SPAN(""));
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

void proxy_attach(struct conn *c, const struct step *how)
{
	struct proxied *p = play_new(c, how, sizeof(*p), REPLY_MAX);
	struct upstream_script script;

	p->play.go_on = go_on;
	p->play.sent = sent;
	write_script(how, &script);
	upstream_init(&p->u, &script);
}
