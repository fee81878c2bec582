/*
 * veil: hides the payload from a reader of the wire.
 *
 * Each side sends 24 random bytes in clear, then the payload combined with
 * the XChaCha20 key stream of that nonce. The key is the generic hash of the
 * setting `key`. There is no authentication: a wrong key yields garbage, and
 * somebody who changes bytes on the way is not noticed. It is here to be
 * tested with, not to be relied on.
 *
 * It shakes hands: the client sends its nonce, the server answers with its
 * own, and only then either of them counts as established. Who does not speak
 * veil answers nothing.
 */
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "fake-transports/base/buf.h"
#include "fake-transports/faults/faults.h"
#include "fake-transports/pt_transport.h"

#define NONCE crypto_stream_xchacha20_NONCEBYTES
#define BLOCK 64 /* of the key stream */

struct half {
	uint8_t nonce[NONCE];
	size_t have;  /* bytes of the nonce so far */
	uint64_t pos; /* in the key stream */
};

struct veil_conn {
	struct pt_conn base;
	bool server;
	bool told; /* by a fault: the nonce was handed on */
	uint8_t key[crypto_stream_xchacha20_KEYBYTES];
	struct half in;
	struct half out;
	struct buf held; /* for the wire */
};

struct veil_listener {
	struct pt_listener base;
	const struct option_list *options;
};

static const char *const veil_settings[] = { "key", NULL };

static struct veil_conn *veil_of(struct pt_conn *c)
{
	return (struct veil_conn *)c;
}

/* By a fault: what follows so many bytes of a direction is not combined. */
#define VEILED_MAX 4000

FAULT(VEIL_PLAIN_LATER, "veil-plain-later",
      "veil sends as it is what follows the first 4000 bytes", "GEN-XFORM-1",
      "");
FAULT(VEIL_PLAIN, "veil-plain", "veil sends the payload as it is",
      "GEN-XFORM-1", "SK-JPB-OK-2");
/* How much of @n is still to be combined. */
static size_t to_veil(const struct half *h, size_t n)
{
	size_t left = h->pos < VEILED_MAX ? VEILED_MAX - h->pos : 0;

	if (fault_is(F_VEIL_PLAIN))
		return 0;
	return fault_is(F_VEIL_PLAIN_LATER) && n > left ? left : n;
}

/* The library counts in blocks: the rest of a block that was begun before is
 * combined by hand. `to` may be `p`. */
static void apply(const struct veil_conn *v, struct half *h, const uint8_t *p,
		  size_t n, uint8_t *to)
{
	size_t skip = h->pos % BLOCK;

	if (to_veil(h, n) < n) {
		size_t veiled = to_veil(h, n);

		memmove(to + veiled, p + veiled, n - veiled);
		n = veiled;
	}
	if (skip > 0) {
		uint8_t stream[BLOCK] = { 0 };
		size_t take = n < BLOCK - skip ? n : BLOCK - skip;

		crypto_stream_xchacha20_xor_ic(stream, stream, BLOCK, h->nonce,
					       h->pos / BLOCK, v->key);
		for (size_t i = 0; i < take; i++)
			to[i] = p[i] ^ stream[skip + i];
		h->pos += take;
		p += take;
		to += take;
		n -= take;
	}
	crypto_stream_xchacha20_xor_ic(to, p, n, h->nonce, h->pos / BLOCK,
				       v->key);
	h->pos += n;
}

/* 1 once it is there, 0 if the peer ended before. */
static int read_nonce(struct veil_conn *v)
{
	while (v->in.have < NONCE) {
		ssize_t n = pt_read(v->base.wire, v->in.nonce + v->in.have,
				    NONCE - v->in.have);

		if (n <= 0)
			return (int)n;
		v->in.have += (size_t)n;
	}
	return 1;
}

FAULT(VEIL_PASSES_STRANGERS, "veil-passes-strangers",
      "veil hands on what does not come from a client of its own", "OR-PROBE-1",
      "");
/* Only for the fault: words where a nonce should be. */
static bool is_stranger(const struct veil_conn *v)
{
	return fault_is(F_VEIL_PASSES_STRANGERS) && v->server && !v->told &&
	       memcmp(v->in.nonce, "GET ", 4) == 0;
}

static ssize_t veil_read(struct pt_conn *c, void *p, size_t n)
{
	struct veil_conn *v = veil_of(c);
	ssize_t got = read_nonce(v);

	if (got <= 0)
		return got;
	if (is_stranger(v)) {
		v->told = true;
		memcpy(p, v->in.nonce, n < NONCE ? n : NONCE);
		return n < NONCE ? (ssize_t)n : NONCE;
	}
	got = pt_read(c->wire, p, n);
	if (got > 0)
		apply(v, &v->in, p, (size_t)got, p);
	return got;
}

static void send_nonce(struct veil_conn *v)
{
	if (v->out.have > 0)
		return;
	randombytes_buf(v->out.nonce, NONCE);
	buf_add(&v->held, v->out.nonce, NONCE);
	v->out.have = NONCE;
}

static int veil_flush(struct pt_conn *c)
{
	int r;

	send_nonce(veil_of(c));
	r = pt_write_buf(c->wire, &veil_of(c)->held);
	return r < 0 ? r : pt_flush(c->wire);
}

/* The client's nonce, then the server's. */
static int veil_establish(struct pt_conn *c)
{
	struct veil_conn *v = veil_of(c);
	int r = pt_establish(c->wire);

	if (r == 0 && !v->server)
		r = veil_flush(c);
	if (r < 0)
		return r;
	r = read_nonce(v);
	if (r <= 0)
		return r < 0 ? r : -EPROTO;
	return v->server ? veil_flush(c) : 0;
}

static ssize_t veil_write(struct pt_conn *c, const void *p, size_t n)
{
	struct veil_conn *v = veil_of(c);
	uint8_t *to;
	int r;

	send_nonce(v);
	if (buf_n(&v->held) >= PT_CHUNK) {
		r = veil_flush(c);
		if (r < 0)
			return r;
	}
	if (n > PT_CHUNK)
		n = PT_CHUNK;
	to = buf_room(&v->held, n);
	apply(v, &v->out, p, n, to);
	buf_grew(&v->held, n);
	r = veil_flush(c);
	return r < 0 && r != -EAGAIN ? r : (ssize_t)n;
}

static int veil_shutdown(struct pt_conn *c)
{
	int r = veil_flush(c);

	return r < 0 ? r : pt_shutdown(c->wire);
}

static void veil_poll(struct pt_conn *c, short want, struct pt_wish *out)
{
	struct veil_conn *v = veil_of(c);

	if (buf_n(&v->held) > 0)
		want |= POLLOUT;
	pt_poll(c->wire, want, out);
}

static void veil_fini(struct pt_conn *c)
{
	struct veil_conn *v = veil_of(c);

	buf_fini(&v->held);
	sodium_memzero(v->key, sizeof(v->key));
}

static const struct pt_conn_ops veil_conn_ops = {
	.establish = veil_establish,
	.read = veil_read,
	.write = veil_write,
	.flush = veil_flush,
	.shutdown = veil_shutdown,
	.poll = veil_poll,
	.fini = veil_fini,
};

FAULT(OPTION_CUT, "option-cut",
      "the server of veil takes its key up to the first semicolon only",
      "SM-ARGS-5", "GEN-E2E-* GEN-FWD-1 OR-PAY-1");
static struct pt_conn *wrap(struct pt_conn *wire,
			    const struct option_list *settings, bool server)
{
	struct veil_conn *v = xcalloc(1, sizeof(*v));
	const char *key = option_get(settings, "key");
	size_t key_n = strlen(key);

	if (server && fault_is(F_OPTION_CUT))
		key_n = strcspn(key, ";");
	/* Picks the fast code; late, so that starting costs nothing. */
	if (sodium_init() < 0)
		abort();
	v->base.ops = &veil_conn_ops;
	v->base.wire = wire;
	v->server = server;
	crypto_generichash(v->key, sizeof(v->key), (const uint8_t *)key, key_n,
			   NULL, 0);
	return &v->base;
}

/* ---- the client ---- */

static int veil_connect(struct pt_client *f, const struct option_list *settings,
			const struct hostport *to, struct pt_conn **out)
{
	struct pt_conn *wire;
	int r = f->dialer->dial(f->dialer, to, &wire);

	if (r == 0)
		*out = wrap(wire, settings, false);
	return r;
}

static int veil_client(struct pt_client *f)
{
	f->connect = veil_connect;
	return 0;
}

/* ---- the server ---- */

static int veil_accept(struct pt_listener *l, struct pt_conn **out,
		       struct sockaddr_storage *peer)
{
	struct veil_listener *vl = (struct veil_listener *)l;
	struct pt_conn *wire;
	int r = pt_accept(l->wire, &wire, peer);

	if (r == 0)
		*out = wrap(wire, vl->options, true);
	return r;
}

static const struct pt_listener_ops veil_listener_ops = {
	.accept = veil_accept,
};

static int veil_listen(struct pt_server *f, const struct sockaddr_storage *at,
		       struct pt_listener **out)
{
	struct veil_listener *vl;
	struct pt_listener *wire;
	int r = f->binder->listen(f->binder, at, &wire);

	if (r < 0)
		return r;
	vl = xcalloc(1, sizeof(*vl));
	vl->base.ops = &veil_listener_ops;
	vl->base.wire = wire;
	vl->options = f->config;
	*out = &vl->base;
	return 0;
}

static int veil_server(struct pt_server *f)
{
	f->listen = veil_listen;
	return 0;
}

const struct pt_transport transport_veil = {
	.name = "veil",
	.required = veil_settings,
	.client = veil_client,
	.server = veil_server,
};
