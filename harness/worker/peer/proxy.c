/*
 * proxy.c - see proxy.h.
 *
 * Everything that it understands and answers is proto/upstream.h's; here is
 * when a reply goes out, whole or byte by byte, and all that a proxy can do
 * wrong.  What it grants it plays itself: behind the reply the connection
 * carries what is meant for the destination.
 */
#include "harness/worker/peer/proxy.h"

#include <stdio.h>

#include "parent/proto/net/upstream.h"
#include "harness/worker/net/relay.h"
#include "harness/worker/peer/served.h"

/* A case's own line and fields are longer than those that it makes. */
#define OWN_LINE_MAX 8192
#define REPLY_MAX (UPSTREAM_REPLY_MAX + OWN_LINE_MAX + 64)
/* Neither protocol begins so. */
#define GARBAGE SPAN("\x16\x03garbage\r\n\r\n")
/* What "glue" sends right behind its reply. */
#define GLUE SPAN("glued")
/* How each kind says that it takes no password: 1928 REP, SOCKS4 CD, HTTP. */
#define BAD_AUTH_SOCKS5 2
#define BAD_AUTH_SOCKS4A 0x5d
#define BAD_AUTH_HTTP 407

struct proxied {
	struct served served;
	const struct step_proxy *how;
	struct upstream u;
};

static void proxy_tell(struct proxied *p, enum proxy_did did, struct span what)
{
	rec(p->served.c->all->task, upstream,
	    .conn = span_str(p->served.c->name), .stage = did, .what = what);
}

static void proxy_write_script(const struct step_proxy *how,
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
	bool is_bad_auth = how->does == PROXY_BAD_AUTH ||
			   how->does == PROXY_BAD_AUTH_OPEN;

	*out = UPSTREAM_SCRIPT(kinds[how->kind].kind);
	out->demand = !span_absent(how->user) || is_bad_auth;
	out->open = how->open;
	out->user = how->user;
	out->password = how->password;
	out->status_line = how->line;
	if (how->does == PROXY_FAIL)
		out->reply = (int)how->code;
	if (how->does == PROXY_INTERIM)
		out->reply = 100;
	if (how->does == PROXY_NO_METHOD)
		out->method = 0xff;
	if (is_bad_auth) {
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
static const struct proxy_misdeed {
	bool any; /* or it answers */
	enum upstream_stage at;
	enum proxy_did did;
} proxy_misdeeds[] = {
	[PROXY_STALL_GREETING] = { true, UPSTREAM_GREETING, PROXY_DID_STALL },
	[PROXY_STALL_REQUEST] = { true, UPSTREAM_REQUEST, PROXY_DID_STALL },
	[PROXY_CLOSE_GREETING] = { true, UPSTREAM_GREETING, PROXY_DID_CLOSE },
	[PROXY_CLOSE_REQUEST] = { true, UPSTREAM_REQUEST, PROXY_DID_CLOSE },
	[PROXY_RESET_GREETING] = { true, UPSTREAM_GREETING, PROXY_DID_RESET },
	[PROXY_RESET_REQUEST] = { true, UPSTREAM_REQUEST, PROXY_DID_RESET },
	[PROXY_GLUE] = { .any = false },
};

static bool proxy_misbehaves(struct proxied *p)
{
	const struct proxy_misdeed *m = &proxy_misdeeds[p->how->does];

	if (!m->any || m->at != p->u.stage)
		return false;
	proxy_tell(p, m->did, SPAN(""));
	p->served.stuck = true;
	if (m->did != PROXY_DID_STALL)
		conn_end(p->served.c, m->did == PROXY_DID_RESET);
	return true;
}

static void proxy_answered(struct proxied *p)
{
	enum upstream_stage before = p->u.stage;

	upstream_answered(&p->u);
	if (p->u.stage == UPSTREAM_FAILED && p->how->does == PROXY_INTERIM) {
		proxy_tell(p, PROXY_DID_STALL, SPAN(""));
		p->served.stuck = true;
	} else if (p->u.stage == UPSTREAM_FAILED) {
		proxy_tell(p, PROXY_DID_REFUSED, SPAN(""));
		p->served.stuck = true;
		if (p->how->does != PROXY_BAD_AUTH_OPEN)
			conn_end(p->served.c, false);
	} else if (p->u.stage == UPSTREAM_TUNNEL && before != p->u.stage) {
		proxy_tell(p, PROXY_DID_GRANTED, SPAN(""));
	}
}

static void proxy_sent(struct served *served, struct span piece)
{
	if (piece.n == served->out.n || served->c->ended)
		proxy_answered((struct proxied *)served);
}

static struct span proxy_asked_for(const struct proxied *p, char *text,
				   size_t size)
{
	const struct socks_addr *to = &p->u.dest;

	if (!span_absent(to->name))
		snprintf(text, size, "%.*s:%u", SPAN_ARG(to->name),
			 to->addr.port);
	else
		addr_format(&to->addr, text);
	return span_str(text);
}

/* Of the stage whose message is complete. */
static enum proxy_did proxy_heard(enum upstream_stage stage)
{
	return stage == UPSTREAM_GREETING ? PROXY_DID_GREETING
	       : stage == UPSTREAM_AUTH	  ? PROXY_DID_AUTH
					  : PROXY_DID_REQUEST;
}

static void proxy_reply(struct proxied *p)
{
	char text[SOCKS_NAME_MAX + ADDR_STRLEN];

	proxy_tell(p, proxy_heard(p->u.stage),
		   p->u.stage == UPSTREAM_REQUEST
			   ? proxy_asked_for(p, text, sizeof(text))
			   : SPAN(""));
	if (proxy_misbehaves(p))
		return;
	upstream_reply(&p->u, &p->served.out);
	if (p->how->does == PROXY_GLUE && p->u.stage == UPSTREAM_REQUEST)
		buf_add(&p->served.out, GLUE);
	served_reply(&p->served);
}

/* The tunnel is there; it may be to break. */
static void proxy_see_tunnel(struct served *served)
{
	struct proxied *p = (struct proxied *)served;

	if (p->how->does == PROXY_DROP) {
		if (served->in.n == 0)
			return;
		proxy_tell(p, PROXY_DID_DROPPED, SPAN(""));
		conn_end(served->c, true);
	}
	served_tunnel(served);
	if (!span_absent(p->how->to) && !served->c->ended)
		relay_pass(served->c, p->how->to, (struct span){ 0 }, false,
			   buf_span(&served->in));
}

static void proxy_go_on(struct served *served)
{
	struct proxied *p = (struct proxied *)served;

	while (!served_waits(served) && p->u.stage != UPSTREAM_TUNNEL) {
		size_t n = upstream_feed(&p->u, buf_span(&served->in));

		buf_eat(&served->in, n);
		if (p->u.due)
			proxy_reply(p);
		else if (n == 0)
			break;
	}
	if (p->u.stage == UPSTREAM_TUNNEL && !served->drip && !served->c->ended)
		proxy_see_tunnel(served);
}

static void proxy_attach(struct conn *c, const struct step *st)
{
	const struct step_proxy *how = &st->proxy;
	struct proxied *p = served_new(c, how->split, sizeof(*p), REPLY_MAX);
	struct upstream_script script;

	p->how = how;
	p->served.go_on = proxy_go_on;
	p->served.sent = proxy_sent;
	proxy_write_script(how, &script);
	upstream_init(&p->u, &script);
}

static void proxy_begin(void *part, const struct step *st)
{
	listen_open(part, st->proxy.at, st->proxy.as, false, proxy_attach, st);
}

const struct step_ops step_proxy_ops = { .part = PART_LISTENERS,
					 .begin = proxy_begin };
