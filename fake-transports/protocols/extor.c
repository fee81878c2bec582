#include "fake-transports/protocols/extor.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fake-transports/faults/faults.h"

#define COOKIE_HEADER "! Extended ORPort Auth Cookie !\n"
#define COOKIE_SIZE 64
#define TYPES_MAX 255

static const char to_client[] = "ExtORPort authentication "
				"server-to-client hash";
static const char to_server[] = "ExtORPort authentication "
				"client-to-server hash";

enum {
	AUTH_SAFE_COOKIE = 1,
	CMD_DONE = 0x0000,
	CMD_USERADDR = 0x0001,
	CMD_TRANSPORT = 0x0002,
	CMD_OKAY = 0x1000,
	CMD_DENY = 0x1001,
};

FAULT(EXTOR_HEADER_UNCHECKED, "extor-header-unchecked",
      "takes any 64 bytes for a cookie file", "EXT-AUTH-5", "");
/* Exactly a header and 32 secret bytes; the header is checked. */
bool extor_read_cookie(const char *file, uint8_t key[32])
{
	uint8_t cookie[COOKIE_SIZE + 1];
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	bool right;
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, cookie, sizeof(cookie));
	close(fd);
	right = n == COOKIE_SIZE && memcmp(cookie, COOKIE_HEADER, 32) == 0;
	if (n == COOKIE_SIZE && fault_is(F_EXTOR_HEADER_UNCHECKED))
		right = true;
	if (right)
		memcpy(key, cookie + 32, 32);
	sodium_memzero(cookie, sizeof(cookie));
	return right;
}

static bool find_key(struct extor *x)
{
	if (!x->kept_key)
		return extor_read_cookie(x->cookie_file, x->key);
	memcpy(x->key, x->kept_key, sizeof(x->key));
	return true;
}

FAULT(EXTOR_HASH_SWAPPED, "extor-hash-swapped",
      "hashes the nonces in the wrong order", "EXT-AUTH-8", NO_EXTOR_HASH);
static void hash(const struct extor *x, const char *role,
		 const uint8_t *server_nonce, uint8_t out[32])
{
	crypto_auth_hmacsha256_state h;
	const uint8_t *first = x->nonce, *second = server_nonce;

	/* Its own hash only, or it would never get there. */
	if (fault_is(F_EXTOR_HASH_SWAPPED) && role == to_server) {
		first = server_nonce;
		second = x->nonce;
	}
	crypto_auth_hmacsha256_init(&h, x->key, sizeof(x->key));
	crypto_auth_hmacsha256_update(&h, (const uint8_t *)role, strlen(role));
	crypto_auth_hmacsha256_update(&h, first, 32);
	crypto_auth_hmacsha256_update(&h, second, 32);
	crypto_auth_hmacsha256_final(&h, out);
}

FAULT(EXTOR_NONCE_CONSTANT, "extor-nonce-constant",
      "sends the same nonce each time", "EXT-AUTH-6", "");
FAULT(EXTOR_NONCE_COUNTER, "extor-nonce-counter",
      "sends the number of the connection as nonce", "EXT-AUTH-6", "");
FAULT(EXTOR_NONCE_CLOCK, "extor-nonce-clock",
      "makes its nonces from the time of day", "EXT-AUTH-6", "");
/* Chosen by who does not know better. */
static void dull_nonce(uint8_t nonce[32])
{
	static uint32_t count;
	struct timespec ts;
	uint64_t now;

	count++;
	if (fault_is(F_EXTOR_NONCE_COUNTER)) {
		memset(nonce, 0, 28);
		memcpy(nonce + 28, &count, sizeof(count));
	}
	if (fault_is(F_EXTOR_NONCE_CLOCK)) {
		clock_gettime(CLOCK_REALTIME, &ts);
		now = (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
		for (int i = 0; i < 4; i++)
			memcpy(nonce + 8 * i, &now, sizeof(now));
	}
}

static void begin(struct extor *x, struct buf *out)
{
	x->begun = true;
	if (sodium_init() < 0)
		abort();
	randombytes_buf(x->nonce, sizeof(x->nonce));
	dull_nonce(x->nonce);
	if (fault_is(F_EXTOR_NONCE_CONSTANT))
		memcpy(x->nonce, "It was chosen by a fair die roll", 32);
	buf_addc(out, AUTH_SAFE_COOKIE);
	buf_add(out, x->nonce, sizeof(x->nonce));
}

FAULT(EXTOR_TYPE_ANYWAY, "extor-type-anyway",
      "takes type 1 though it is not offered", "EXT-AUTH-3", "");
FAULT(EXTOR_TYPE_FIRST, "extor-type-first",
      "looks at the first of the types only", "EXT-AUTH-2", "EXT-AUTH-4");
static bool is_offered(const uint8_t *types, size_t n)
{
	if (fault_is(F_EXTOR_TYPE_ANYWAY))
		return true;
	if (fault_is(F_EXTOR_TYPE_FIRST))
		return types[0] == AUTH_SAFE_COOKIE;
	return memchr(types, AUTH_SAFE_COOKIE, n) != NULL;
}

FAULT(EXTOR_TYPES_ONE_READ, "extor-types-one-read",
      "expects the whole list of types at once", "EXT-AUTH-4",
      "EXT-AUTH-10 EXT-MSG-*");
FAULT(EXTOR_COOKIE_LOST_RAW, "extor-cookie-lost-raw",
      "forwards to the extended port as it is without a cookie file",
      "EXT-AUTH-12 EXT-FAIL-1", "EXT-AUTH-1 EXT-AUTH-5");
static enum step types(struct extor *x, struct buf *in, struct buf *out)
{
	const uint8_t *p = buf_head(in);
	const uint8_t *end = memchr(p, 0, buf_n(in));

	if (!end && fault_is(F_EXTOR_TYPES_ONE_READ))
		return STEP_FAIL;
	if (!end)
		return buf_n(in) > TYPES_MAX ? STEP_FAIL : STEP_MORE;
	if (!is_offered(p, (size_t)(end - p)))
		return STEP_FAIL;
	if (!find_key(x))
		return fault_is(F_EXTOR_COOKIE_LOST_RAW) ? STEP_DONE
							 : STEP_FAIL;
	buf_eat(in, (size_t)(end - p) + 1);
	if (!x->begun)
		begin(x, out);
	x->state = EXTOR_HASH;
	return STEP_MORE;
}

FAULT(EXTOR_HASH_ONE_READ, "extor-hash-one-read",
      "expects hash and nonce of the bridge at once", "EXT-AUTH-10",
      "EXT-MSG-*");
FAULT(EXTOR_HASH_UNCHECKED, "extor-hash-unchecked",
      "does not look at the hash of the bridge", "EXT-AUTH-7", "");
static enum step server_hash(struct extor *x, struct buf *in, struct buf *out)
{
	const uint8_t *p = buf_head(in);
	uint8_t want[32];
	uint8_t ours[32];

	if (buf_n(in) > 0 && buf_n(in) < 64 && fault_is(F_EXTOR_HASH_ONE_READ))
		return STEP_FAIL;
	if (buf_n(in) < 64)
		return STEP_MORE;
	hash(x, to_client, p + 32, want);
	if (sodium_memcmp(want, p, 32) != 0 &&
	    !fault_is(F_EXTOR_HASH_UNCHECKED))
		return STEP_FAIL;
	hash(x, to_server, p + 32, ours);
	buf_add(out, ours, sizeof(ours));
	buf_eat(in, 64);
	x->state = EXTOR_STATUS;
	return STEP_MORE;
}

FAULT(EXTOR_NUL, "extor-nul", "sends a NUL behind the client's address",
      "EXT-MSG-4", "");
FAULT(EXTOR_LITTLE_ENDIAN, "extor-little-endian",
      "sends lengths in little-endian order", "EXT-MSG-1", NO_EXTOR_TUNNEL);
static void command(struct buf *out, unsigned type, const char *body)
{
	unsigned len = (unsigned)strlen(body);

	if (type == CMD_USERADDR && fault_is(F_EXTOR_NUL))
		len++;
	buf_add16(out, type);
	if (fault_is(F_EXTOR_LITTLE_ENDIAN))
		buf_add16(out, (len & 0xff) << 8 | len >> 8);
	else
		buf_add16(out, len);
	buf_add(out, body, len);
}

FAULT(EXTOR_PORT_ZERO, "extor-port-zero", "tells port 0 of the client",
      "EXT-MSG-2", "");
FAULT(EXTOR_UNBRACKETED, "extor-unbracketed", "writes IPv6 without brackets",
      "EXT-MSG-3", "EXT-MSG-2");
FAULT(EXTOR_MAPPED, "extor-mapped",
      "writes the IPv4 address of a client as one of IPv6", "EXT-MSG-2", "");
FAULT(EXTOR_FIRST_CLIENT, "extor-first-client",
      "tells the address of its first client for all", "EXT-MSG-2", "");
static void useraddr(const struct extor *x, struct buf *out)
{
	static struct sockaddr_storage first;
	struct sockaddr_storage ss = *x->peer;
	char peer[ADDR_TEXT_MAX], *end;

	if (!first.ss_family)
		first = ss;
	if (fault_is(F_EXTOR_FIRST_CLIENT))
		ss = first;
	/* The port is at the same place in both families. */
	if (fault_is(F_EXTOR_PORT_ZERO))
		((struct sockaddr_in *)&ss)->sin_port = 0;
	addr_format(&ss, peer);
	if (ss.ss_family == AF_INET && fault_is(F_EXTOR_MAPPED)) {
		char plain[ADDR_TEXT_MAX];
		size_t host = strcspn(peer, ":");

		memcpy(plain, peer, sizeof(plain));
		snprintf(peer, sizeof(peer), "[::ffff:%.*s]:%.5s", (int)host,
			 plain, plain + host + 1);
	}
	end = strchr(peer, ']');
	if (end && fault_is(F_EXTOR_UNBRACKETED)) {
		memmove(end, end + 1, strlen(end));
		memmove(peer, peer + 1, strlen(peer));
	}
	command(out, CMD_USERADDR, peer);
}

FAULT(EXTOR_TRANSPORT_FIRST, "extor-transport-first",
      "tells the transport before the address", "EXT-MSG-13", "");
FAULT(EXTOR_NO_DONE, "extor-no-done", "never sends DONE", "EXT-MSG-6",
      NO_EXTOR_TUNNEL);
static void send_commands(const struct extor *x, struct buf *out)
{
	if (fault_is(F_EXTOR_TRANSPORT_FIRST)) {
		command(out, CMD_TRANSPORT, x->transport);
		useraddr(x, out);
	} else {
		useraddr(x, out);
		command(out, CMD_TRANSPORT, x->transport);
	}
	if (!fault_is(F_EXTOR_NO_DONE))
		command(out, CMD_DONE, "");
}

FAULT(EXTOR_STATUS_IGNORED, "extor-status-ignored",
      "goes on whatever the status is", "EXT-AUTH-9", "");
FAULT(EXTOR_EARLY_PAYLOAD, "extor-early-payload",
      "sends payload right behind DONE", "EXT-MSG-7",
      NO_EXTOR_TUNNEL " EXT-TIME-1");
static enum step status(struct extor *x, struct buf *in, struct buf *out)
{
	if (buf_n(in) < 1)
		return STEP_MORE;
	if (buf_head(in)[0] != 1 && !fault_is(F_EXTOR_STATUS_IGNORED))
		return STEP_FAIL;
	buf_eat(in, 1);
	send_commands(x, out);
	x->state = EXTOR_REPLY;
	return fault_is(F_EXTOR_EARLY_PAYLOAD) ? STEP_DONE : STEP_MORE;
}

FAULT(EXTOR_OKAY_BODY, "extor-okay-body", "forwards the body of OKAY",
      "EXT-MSG-10", "");
FAULT(EXTOR_BEHIND_LOST, "extor-behind-lost",
      "drops what came together with OKAY", "EXT-MSG-11", "");
FAULT(EXTOR_DONE_AGAIN, "extor-done-again", "sends DONE once more behind OKAY",
      "EXT-MSG-12", "");
static enum step okay(struct buf *in, struct buf *out, size_t len)
{
	buf_eat(in, fault_is(F_EXTOR_OKAY_BODY) ? 4 : 4 + len);
	if (fault_is(F_EXTOR_BEHIND_LOST))
		buf_eat(in, buf_n(in));
	if (fault_is(F_EXTOR_DONE_AGAIN))
		command(out, CMD_DONE, "");
	return STEP_DONE;
}

FAULT(EXTOR_DENY_IGNORED, "extor-deny-ignored", "takes DENY for OKAY",
      "EXT-MSG-8", "EXT-FAIL-1");
FAULT(EXTOR_UNKNOWN_FATAL, "extor-unknown-fatal", "closes on an unknown answer",
      "EXT-MSG-9", "");
FAULT(EXTOR_UNKNOWN_BYTE, "extor-unknown-byte",
      "takes the length of an unknown answer for one byte", "EXT-MSG-9", "");
/* Bodies and unknown commands are skipped; what stands behind OKAY is left. */
static enum step reply(struct buf *in, struct buf *out)
{
	while (buf_n(in) >= 4) {
		const uint8_t *p = buf_head(in);
		unsigned type = (unsigned)p[0] << 8 | p[1];
		size_t len = (size_t)p[2] << 8 | p[3];

		if (type != CMD_OKAY && type != CMD_DENY &&
		    fault_is(F_EXTOR_UNKNOWN_BYTE))
			len &= 0xff;
		if (buf_n(in) < 4 + len)
			break;
		if (type == CMD_DENY && fault_is(F_EXTOR_DENY_IGNORED))
			type = CMD_OKAY;
		if (type == CMD_OKAY)
			return okay(in, out, len);
		if (type == CMD_DENY || fault_is(F_EXTOR_UNKNOWN_FATAL))
			return STEP_FAIL;
		buf_eat(in, 4 + len);
	}
	return STEP_MORE;
}

FAULT(EXTOR_TYPES_UNREAD, "extor-types-unread",
      "sends type and nonce before it knows what is offered", "EXT-AUTH-1",
      "EXT-AUTH-* EXT-FAIL-1");
enum step extor_step(struct extor *x, struct buf *in, struct buf *out)
{
	enum step r = STEP_MORE;

	if (!x->begun && fault_is(F_EXTOR_TYPES_UNREAD))
		begin(x, out);
	if (x->state == EXTOR_TYPES && buf_n(in) > 0)
		r = types(x, in, out);
	if (r == STEP_MORE && x->state == EXTOR_HASH)
		r = server_hash(x, in, out);
	if (r == STEP_MORE && x->state == EXTOR_STATUS)
		r = status(x, in, out);
	if (r == STEP_MORE && x->state == EXTOR_REPLY)
		r = reply(in, out);
	return r;
}
