#include "ptref_extor.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COOKIE_HEADER "! Extended ORPort Auth Cookie !\n"
#define COOKIE_SIZE 64
#define TYPES_MAX 255

enum {
	AUTH_SAFE_COOKIE = 1,
	CMD_DONE = 0x0000,
	CMD_USERADDR = 0x0001,
	CMD_TRANSPORT = 0x0002,
	CMD_OKAY = 0x1000,
	CMD_DENY = 0x1001,
};

/* Exactly a header and 32 secret bytes; the header is checked. */
static bool read_cookie(struct extor *x)
{
	uint8_t cookie[COOKIE_SIZE + 1];
	int fd = open(x->cookie_file, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, cookie, sizeof(cookie));
	close(fd);
	if (n != COOKIE_SIZE || memcmp(cookie, COOKIE_HEADER, 32) != 0)
		return false;
	memcpy(x->key, cookie + 32, 32);
	sodium_memzero(cookie, sizeof(cookie));
	return true;
}

static void hash(const struct extor *x, const char *role,
		 const uint8_t *server_nonce, uint8_t out[32])
{
	crypto_auth_hmacsha256_state h;

	crypto_auth_hmacsha256_init(&h, x->key, sizeof(x->key));
	crypto_auth_hmacsha256_update(&h, (const uint8_t *)role, strlen(role));
	crypto_auth_hmacsha256_update(&h, x->nonce, sizeof(x->nonce));
	crypto_auth_hmacsha256_update(&h, server_nonce, 32);
	crypto_auth_hmacsha256_final(&h, out);
}

static enum step types(struct extor *x, struct buf *in, struct buf *out)
{
	const uint8_t *p = buf_head(in);
	const uint8_t *end = memchr(p, 0, buf_n(in));
	bool offered;

	if (!end)
		return buf_n(in) > TYPES_MAX ? STEP_FAIL : STEP_MORE;
	offered = memchr(p, AUTH_SAFE_COOKIE, (size_t)(end - p)) != NULL;
	if (!offered || !read_cookie(x))
		return STEP_FAIL;
	buf_eat(in, (size_t)(end - p) + 1);
	if (sodium_init() < 0)
		abort();
	randombytes_buf(x->nonce, sizeof(x->nonce));
	buf_addc(out, AUTH_SAFE_COOKIE);
	buf_add(out, x->nonce, sizeof(x->nonce));
	x->state = EXTOR_HASH;
	return STEP_MORE;
}

static enum step server_hash(struct extor *x, struct buf *in, struct buf *out)
{
	const uint8_t *p = buf_head(in);
	uint8_t want[32];
	uint8_t ours[32];

	if (buf_n(in) < 64)
		return STEP_MORE;
	hash(x, "ExtORPort authentication server-to-client hash", p + 32, want);
	if (sodium_memcmp(want, p, 32) != 0)
		return STEP_FAIL;
	hash(x, "ExtORPort authentication client-to-server hash", p + 32, ours);
	buf_add(out, ours, sizeof(ours));
	buf_eat(in, 64);
	x->state = EXTOR_STATUS;
	return STEP_MORE;
}

static void command(struct buf *out, unsigned type, const char *body)
{
	buf_add16(out, type);
	buf_add16(out, (unsigned)strlen(body));
	buf_adds(out, body);
}

static enum step status(struct extor *x, struct buf *in, struct buf *out)
{
	char peer[ADDR_TEXT_MAX];

	if (buf_n(in) < 1)
		return STEP_MORE;
	if (buf_head(in)[0] != 1)
		return STEP_FAIL;
	buf_eat(in, 1);
	addr_format(x->peer, peer);
	command(out, CMD_USERADDR, peer);
	command(out, CMD_TRANSPORT, x->transport);
	command(out, CMD_DONE, "");
	x->state = EXTOR_REPLY;
	return STEP_MORE;
}

/* Bodies and unknown commands are skipped; what stands behind OKAY is left. */
static enum step reply(struct buf *in)
{
	while (buf_n(in) >= 4) {
		const uint8_t *p = buf_head(in);
		unsigned type = (unsigned)p[0] << 8 | p[1];
		size_t len = (size_t)p[2] << 8 | p[3];

		if (buf_n(in) < 4 + len)
			break;
		buf_eat(in, 4 + len);
		if (type == CMD_OKAY)
			return STEP_DONE;
		if (type == CMD_DENY)
			return STEP_FAIL;
	}
	return STEP_MORE;
}

enum step extor_step(struct extor *x, struct buf *in, struct buf *out)
{
	enum step r = STEP_MORE;

	if (x->state == EXTOR_TYPES && buf_n(in) > 0)
		r = types(x, in, out);
	if (r == STEP_MORE && x->state == EXTOR_HASH)
		r = server_hash(x, in, out);
	if (r == STEP_MORE && x->state == EXTOR_STATUS)
		r = status(x, in, out);
	if (r == STEP_MORE && x->state == EXTOR_REPLY)
		r = reply(in);
	return r;
}
