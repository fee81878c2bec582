/*
 * proxy.c - the upstream proxy that the harness plays.
 *
 * Everything that it understands and answers is proto/upstream.h's; here is
 * when a reply goes out, whole or byte by byte, and all that a proxy can do
 * wrong.  What it grants it plays itself: behind the reply the connection
 * carries what is meant for the destination.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/proto/upstream.h"
#include "harness/run/worker_int.h"

/* Between two bytes of a reply in pieces, in µs: long enough for the other
 * side to see each by itself. */
#define DRIP_US 1000
#define REPLY_MAX (UPSTREAM_REPLY_MAX + 64)
/* Neither protocol begins so. */
#define GARBAGE SPAN("\x16\x03garbage\r\n\r\n")
/* What "glue" sends right behind its reply. */
#define GLUE SPAN("glued")

struct proxied {
	struct conn *c;
	const struct step *how;
	struct upstream u;
	struct buf in;	/* read, and not taken yet */
	struct buf out; /* of the reply that is dripping */
	struct watch *drip;
	bool stuck; /* it says no more word */
};

static bool does(const struct proxied *p, const char *word)
{
	return span_eqs(p->how->more[MORE_DOES], word);
}

static void tell(struct proxied *p, const char *stage, struct span what)
{
	rec(p->c->w, .kind = EV_UPSTREAM, .ch = span_str(p->c->name),
	    .text = span_str(stage), .data = what);
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
		if (!does(p, word))
			continue;
		tell(p, words[i], SPAN(""));
		p->stuck = true;
		if (i > 0)
			net_end(p->c, i == 2);
		return true;
	}
	return false;
}

static void go_on(struct proxied *p);

static void answered(struct proxied *p)
{
	enum upstream_stage before = p->u.stage;

	upstream_answered(&p->u);
	if (p->u.stage == UPSTREAM_FAILED) {
		tell(p, "refused", SPAN(""));
		p->stuck = true;
		net_end(p->c, false);
	} else if (p->u.stage == UPSTREAM_TUNNEL && before != p->u.stage) {
		tell(p, "granted", SPAN(""));
	}
}

static void drip(void *ctx, unsigned what)
{
	struct proxied *p = ctx;

	(void)what;
	p->drip = NULL;
	net_talk(p->c, span_sub(buf_span(&p->out), 0, 1));
	buf_eat(&p->out, 1);
	if (p->out.n && !p->c->ended) {
		p->drip = loop_after(p->c->w->loop, DRIP_US, drip, p);
		return;
	}
	answered(p);
	go_on(p);
	worker_check(p->c->w);
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
	upstream_reply(&p->u, &p->out);
	if (does(p, "glue") && p->u.stage == UPSTREAM_REQUEST)
		buf_add(&p->out, GLUE);
	if (p->how->flag) {
		drip(p, 0);
		return;
	}
	net_talk(p->c, buf_span(&p->out));
	buf_reset(&p->out);
	answered(p);
}

/* The tunnel is there: the rest is the case's, unless it is to break. */
static void see_tunnel(struct proxied *p)
{
	struct conn *c = p->c;

	if (does(p, "drop")) {
		if (p->in.n == 0)
			return;
		tell(p, "dropped", SPAN(""));
		net_end(c, true);
	}
	c->got = p->in.n;
	c->talk = NULL;
	pump_join(c);
}

/* As far as what was read allows. */
static void go_on(struct proxied *p)
{
	while (!p->stuck && !p->drip && !p->c->ended &&
	       p->u.stage != UPSTREAM_TUNNEL) {
		size_t n = upstream_feed(&p->u, buf_span(&p->in));

		buf_eat(&p->in, n);
		if (p->u.due)
			reply(p);
		else if (n == 0)
			break;
	}
	if (p->u.stage == UPSTREAM_TUNNEL && !p->drip && !p->c->ended)
		see_tunnel(p);
}

static void said(struct conn *c, struct span bytes)
{
	struct proxied *p = c->talker;

	buf_add(&p->in, bytes);
	go_on(p);
}

static void left(struct conn *c)
{
	struct proxied *p = c->talker;

	loop_drop(p->drip);
	p->drip = NULL;
	p->stuck = true;
}

static void fini(struct conn *c)
{
	struct proxied *p = c->talker;

	loop_drop(p->drip);
	buf_fini(&p->in);
	buf_fini(&p->out);
	free(p);
}

void proxy_attach(struct conn *c, const struct step *how)
{
	static const struct talk talk = { .data = said, .end = left };
	struct proxied *p = calloc(1, sizeof(*p));
	struct upstream_script script;

	if (!p)
		die_oom();
	p->c = c;
	p->how = how;
	p->in = BUF_MAX(CONN_KEEP);
	p->out = BUF_MAX(REPLY_MAX);
	write_script(how, &script);
	upstream_init(&p->u, &script);
	c->talk = &talk;
	c->talker = p;
	c->fini = fini;
}
