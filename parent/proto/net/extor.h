/*
 * extor.h - the bridge's side of an Extended ORPort, without I/O.
 *
 * SAFE_COOKIE, then what the transport says of its client, then OKAY or DENY
 * (ext-orport-spec, sections 2 and 3).  One machine serves the fake bridge,
 * which answers a transport, and the judges, who read again what was
 * recorded: it is told the bytes of both sides in the order in which they
 * were received and sent, however they were cut, and a judge needs no script.
 *
 *	extor_init(&x, &how);
 *	if (extor_due(&x))
 *		extor_reply(&x, &out);		send it, slowly or in pieces
 *	extor_sent(&x, piece);			for what was really sent
 *	taken = extor_feed(&x, bytes);		keep what was not taken
 *
 * The machine takes nothing while a reply is due, and notes that bytes came
 * too early.  At EXTOR_TUNNEL what is not taken belongs to the tunnel, at
 * EXTOR_FAILED nothing should have come.
 */
#ifndef PTCHECK_PROTO_EXTOR_H
#define PTCHECK_PROTO_EXTOR_H

#include <stdint.h>

#include "parent/base/buf.h"
#include "parent/base/span.h"
#include "parent/proto/net/addr.h"

#define EXTOR_KEY_SIZE 32  /* the secret of a cookie file */
#define EXTOR_HASH_SIZE 32 /* also of a nonce */
#define EXTOR_SAFE_COOKIE 1
/* Types, each of which occurs once at most; more of a list are not kept. */
#define EXTOR_TYPES_MAX 255
/* So much of a USERADDR or TRANSPORT is kept. */
#define EXTOR_BODY_KEEP 255
/* A reply of extor_reply() is not longer than this and the script's own
 * bytes in it. */
#define EXTOR_REPLY_MAX 512

/* What is awaited: of the bridge where extor_due(), else of the transport.
 * X(enum suffix, word, due) */
#define EXTOR_STAGES_X(X)               \
	X(TYPES, "types", true)         \
	X(CHOICE, "choice", false)      \
	X(NONCE, "nonce", false)        \
	X(CHALLENGE, "challenge", true) \
	X(HASH, "hash", false)          \
	X(STATUS, "status", true)       \
	X(COMMANDS, "commands", false)  \
	X(ANSWER, "answer", true)       \
	X(TUNNEL, "tunnel", false)      \
	X(FAILED, "failed", false)

enum extor_stage {
#define X(id, word, due) EXTOR_##id,
	EXTOR_STAGES_X(X)
#undef X
		EXTOR_STAGES
};

enum extor_command {
	EXTOR_DONE = 0x0000,
	EXTOR_USERADDR = 0x0001,
	EXTOR_TRANSPORT = 0x0002,
	EXTOR_OKAY = 0x1000,
	EXTOR_DENY = 0x1001,
};

/* X(enum suffix, word in vectors, what it means). */
#define EXTOR_ANOMALIES(X)                                                \
	X(EARLY, "early", "bytes before the reply they depend on")        \
	X(CHOICE_NONE, "choice_none", "type 0: no type will do")          \
	X(CHOICE_OTHER, "choice_other",                                   \
	  "a type that was not offered, "                                 \
	  "or that nobody knows")                                         \
	X(NONCE_DULL, "nonce_dull", "a nonce of 32 equal bytes")          \
	X(HASH_WRONG, "hash_wrong", "a wrong client hash")                \
	X(HASH_SWAPPED, "hash_swapped",                                   \
	  "a hash of the nonces in the "                                  \
	  "wrong order")                                                  \
	X(HASH_SERVERS, "hash_servers", "the server's hash sent back")    \
	X(CMD_SWAPPED, "cmd_swapped", "a code in little-endian order")    \
	X(CMD_UNKNOWN, "cmd_unknown", "a code that nobody knows")         \
	X(TOO_LONG, "too_long",                                           \
	  "a USERADDR or TRANSPORT of more than "                         \
	  "255 bytes")                                                    \
	X(USER_NUL, "user_nul", "a NUL in USERADDR")                      \
	X(USER_SYNTAX, "user_syntax",                                     \
	  "a USERADDR that is no address "                                \
	  "and port")                                                     \
	X(USER_NAME, "user_name", "a host name in USERADDR")              \
	X(USER_BARE, "user_bare", "IPv6 without brackets in USERADDR")    \
	X(USER_ZONE, "user_zone", "a zone in USERADDR")                   \
	X(USER_MAPPED, "user_mapped", "IPv4 written as IPv6 in USERADDR") \
	X(USER_PORT_ZERO, "user_port_zero", "port 0 in USERADDR")         \
	X(USER_AGAIN, "user_again", "more than one USERADDR")             \
	X(NO_USER, "no_user", "DONE without USERADDR")                    \
	X(TRANSPORT_NUL, "transport_nul", "a NUL in TRANSPORT")           \
	X(TRANSPORT_NAME, "transport_name",                               \
	  "a TRANSPORT that is no C "                                     \
	  "identifier")                                                   \
	X(TRANSPORT_FIRST, "transport_first",                             \
	  "TRANSPORT before "                                             \
	  "USERADDR")                                                     \
	X(TRANSPORT_AGAIN, "transport_again", "more than one TRANSPORT")  \
	X(NO_TRANSPORT, "no_transport", "DONE without TRANSPORT")         \
	X(DONE_BODY, "done_body", "a body of DONE")

enum extor_anomaly_bit {
#define X(id, word, text) EXTOR_BIT_##id,
	EXTOR_ANOMALIES(X)
#undef X
};

enum extor_anomaly {
#define X(id, word, text) EXTOR_##id = 1 << EXTOR_BIT_##id,
	EXTOR_ANOMALIES(X)
#undef X
};

/* No word of the script: the machine decides. */
#define EXTOR_AUTO (-1)

/* How the bridge answers.  Spans are the caller's and must outlive the
 * machine.  Start with EXTOR_SCRIPT(). */
struct extor_script {
	struct span key, nonce; /* EXTOR_KEY_SIZE and EXTOR_HASH_SIZE bytes */
	struct span types;	/* without the 0 behind them; absent: 01 */
	int flip;	    /* bit of the ServerHash that is wrong; or AUTO */
	int status;	    /* by itself 1 for a right hash, else 0 */
	struct span before; /* whole commands in front of the answer */
	int answer;	    /* code; by itself OKAY */
	struct span body;   /* of the answer */
	struct span behind; /* right behind it */
};

#define EXTOR_SCRIPT(key_, nonce_)                    \
	((struct extor_script){ .key = (key_),        \
				.nonce = (nonce_),    \
				.flip = EXTOR_AUTO,   \
				.status = EXTOR_AUTO, \
				.answer = EXTOR_AUTO })

/* Read it, do not write it; it points into itself, so do not copy it. */
struct extor {
	struct extor_script script;
	enum extor_stage stage;
	unsigned anomalies; /* enum extor_anomaly */
	unsigned early;	    /* 1 << stage whose reply was not awaited */

	/* Of the transport.  Bytes that were taken: what follows them belongs
	 * to the tunnel, or should not be there. */
	size_t used;
	int choice; /* -1: not yet */
	bool has_nonce, has_hash;
	uint8_t nonce[EXTOR_HASH_SIZE], hash[EXTOR_HASH_SIZE];
	/* The last of each, absent: none; at most EXTOR_BODY_KEEP bytes. */
	struct span user, transport;
	struct addr user_addr; /* family 0: not understood */
	unsigned commands;     /* complete ones, with DONE */
	/* Of the message that is not complete yet. */
	size_t partial;

	/* Of the bridge. */
	size_t sent; /* bytes that were taken: the tunnel follows */
	uint8_t types[EXTOR_TYPES_MAX];
	size_t ntypes;	 /* also those that are not kept */
	bool offers;	 /* SAFE_COOKIE is one of them */
	bool challenged; /* hash and nonce are out */
	uint8_t server_hash[EXTOR_HASH_SIZE], server_nonce[EXTOR_HASH_SIZE];
	int status, answer; /* -1: not yet */
	unsigned unknown;   /* commands before the answer */
	size_t answer_body; /* its length */

	/* The machine's own. */
	size_t reply; /* bytes of the reply that is due, which are out */
	uint8_t head[4];
	uint8_t reply_head[4];
	size_t left, reply_left; /* of a body */
	char user_body[EXTOR_BODY_KEEP], transport_body[EXTOR_BODY_KEEP];
};

void extor_init(struct extor *x, const struct extor_script *how);

/* Is it the bridge's turn? */
bool extor_due(const struct extor *x);

/*
 * Bytes of the transport: take as many as belong to the messages that are
 * awaited; returns how many.  None while a reply is due, in the tunnel and
 * after a failure.
 */
size_t extor_feed(struct extor *x, struct span in);

/* Append the reply that is due, which does not change the machine. */
void extor_reply(const struct extor *x, struct buf *out);

/* Bytes of the bridge have been sent; returns how many of them belong to the
 * replies that were due.  It need not be what extor_reply() says. */
size_t extor_sent(struct extor *x, struct span out);

const char *extor_stage_name(enum extor_stage stage);
/* The word of an anomaly and what it means; for one bit of the set. */
const char *extor_anomaly_name(enum extor_anomaly one);
const char *extor_anomaly_text(enum extor_anomaly one);

/* --- for who wants no machine --- */

/* ServerHash (@server) or ClientHash under @key, of EXTOR_KEY_SIZE bytes. */
void extor_hash(bool server, struct span key,
		const uint8_t client_nonce[EXTOR_HASH_SIZE],
		const uint8_t server_nonce[EXTOR_HASH_SIZE],
		uint8_t out[EXTOR_HASH_SIZE]);
/* Did the bridge prove to know @key, the transport answer under it? */
bool extor_server_knows(const struct extor *x, struct span key);
bool extor_client_knows(const struct extor *x, struct span key);

#define EXTOR_HEADER "! Extended ORPort Auth Cookie !\n"
/* What is wrong with a cookie file; 0: nothing. */
enum extor_cookie_anomaly {
	EXTOR_COOKIE_HEADER = 1 << 0, /* not EXTOR_HEADER in front */
	EXTOR_COOKIE_SHORT = 1 << 1,
	EXTOR_COOKIE_LONG = 1 << 2, /* bytes behind the key */
};
/* Reads a cookie file; *key is absent when it is SHORT. */
unsigned extor_cookie_parse(struct span file, struct span *key);

void extor_put_command(struct buf *out, unsigned code, struct span body);

#endif
