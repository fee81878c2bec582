/*
 * veil: hides the payload from a reader of the wire.
 *
 * Each side sends 24 random bytes in clear, then the payload combined with
 * the XChaCha20 key stream of that nonce. The key is the generic hash of the
 * setting `key`. There is no authentication: a wrong key yields garbage, and
 * somebody who changes bytes on the way is not noticed. It is here to be
 * tested with, not to be relied on.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "ptref_transport.h"

#define NONCE crypto_stream_xchacha20_NONCEBYTES
#define BLOCK 64 /* of the key stream */
#define CHUNK 4096

struct half {
	uint8_t nonce[NONCE];
	size_t have;  /* bytes of the nonce so far */
	uint64_t pos; /* in the key stream */
};

struct veil {
	uint8_t key[crypto_stream_xchacha20_KEYBYTES];
	struct half out;
	struct half in;
};

static const char *const veil_settings[] = { "key", NULL };

static void *veil_open(const struct option_list *settings, struct buf *wire)
{
	const char *key = option_get(settings, "key");
	struct veil *v = xcalloc(1, sizeof(*v));

	/* Picks the fast code; late, so that starting costs nothing. */
	if (sodium_init() < 0)
		abort();
	crypto_generichash(v->key, sizeof(v->key), (const uint8_t *)key,
			   strlen(key), NULL, 0);
	randombytes_buf(v->out.nonce, NONCE);
	v->out.have = NONCE;
	buf_add(wire, v->out.nonce, NONCE);
	return v;
}

/* The library counts in blocks, so the odd bytes of a block are skipped by
 * putting as many zeros in front. */
static void apply(const struct veil *v, struct half *h, const uint8_t *p,
		  size_t n, struct buf *to)
{
	uint8_t tmp[BLOCK + CHUNK];

	while (n > 0) {
		size_t skip = h->pos % BLOCK;
		size_t take = n < CHUNK ? n : CHUNK;

		memset(tmp, 0, skip);
		memcpy(tmp + skip, p, take);
		crypto_stream_xchacha20_xor_ic(tmp, tmp, skip + take, h->nonce,
					       h->pos / BLOCK, v->key);
		buf_add(to, tmp + skip, take);
		h->pos += take;
		p += take;
		n -= take;
	}
}

static void veil_encode(void *session, const uint8_t *p, size_t n,
			struct buf *wire)
{
	struct veil *v = session;

	apply(v, &v->out, p, n, wire);
}

static void veil_decode(void *session, const uint8_t *p, size_t n,
			struct buf *plain)
{
	struct veil *v = session;
	size_t want = NONCE - v->in.have;
	size_t take = n < want ? n : want;

	memcpy(v->in.nonce + v->in.have, p, take);
	v->in.have += take;
	apply(v, &v->in, p + take, n - take, plain);
}

static void veil_close(void *session)
{
	if (session)
		sodium_memzero(session, sizeof(struct veil));
	free(session);
}

const struct transport transport_veil = {
	.name = "veil",
	.required = veil_settings,
	.preamble = NONCE,
	.open = veil_open,
	.encode = veil_encode,
	.decode = veil_decode,
	.close = veil_close,
};
