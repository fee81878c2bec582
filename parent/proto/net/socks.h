/*
 * socks.h - the application's side of SOCKS, without I/O.
 *
 * How the harness talks to a PT client (PT 2.0 §3.3.4, RFC 1928, RFC 1929; PT
 * 1.0 section 3.5), and how judges read again what was answered.  Builders
 * append one message of the client each; the machine reads the answers.
 *
 *	socks_init(&s, SOCKS5, SOCKS_ANSWER_AUTO);
 *	socks_offer(&s, SPAN("\x09"));		the methods of the greeting
 *	taken = socks_feed(&s, bytes);		keep what was not taken
 *	socks_sent(&s, SOCKS_BLOCK);		when its first byte goes out
 *	socks_quiet(&s);			nothing came for a while
 *	socks_end(&s);				end of file, reset, gave up
 *
 * s.stage says what comes next: at SOCKS_AUTH, SOCKS_BLOCK and SOCKS_REQUEST
 * the client sends that message, or awaits the answer if it has sent it.  The
 * result depends on the bytes and on where among them the other calls came,
 * never on how the bytes were cut.  At SOCKS_TUNNEL what is not taken belongs
 * to the tunnel; at SOCKS_FAILED it stood behind the failure.
 *
 * The answer to a block is nowhere defined (AMB-057), so the machine tells by
 * the bytes: none before the reply; 01 STATUS; 05 STATUS; a whole reply.  The
 * last two begin alike.  A third byte makes it a reply, unless it is 05, which
 * begins another message.  Without a third byte, 05 00 becomes a status when
 * silence is called or the request goes out; 05 and another value when the end
 * comes: until then a client sees s.code, and waits.
 */
#ifndef PTCHECK_PROTO_SOCKS_H
#define PTCHECK_PROTO_SOCKS_H

#include <stdint.h>

#include "parent/base/buf.h"
#include "parent/base/span.h"
#include "parent/proto/net/socksaddr.h"

/* --- what a client says -------------------------------------------------- */

enum socks_method {
	SOCKS_METHOD_NONE = 0x00,
	SOCKS_METHOD_USERPASS = 0x02,
	SOCKS_METHOD_JSON = 0x09,
	SOCKS_METHOD_DRAFT = 0x80, /* drafts 1 and 2 of PT 2.0 */
	SOCKS_METHOD_REFUSED = 0xff,
};

enum socks_cmd {
	SOCKS_CONNECT = 1,
	SOCKS_BIND = 2,
	SOCKS_UDP = 3,
};

/* 05 NMETHODS METHODS; at most 255 of them. */
void socks_put_greeting(struct buf *out, struct span methods);
/* 01 ULEN UNAME PLEN PASSWD; each is cut after 255 bytes. */
void socks_put_userpass(struct buf *out, struct span user,
			struct span password);
/* 05 CMD 00 and the address.  For a block see settings.h. */
void socks_put_request(struct buf *out, uint8_t cmd,
		       const struct socks_addr *to);
/*
 * SOCKS4 CONNECT: 04 01 PORT IP USERID 00, for a name in the form of SOCKS4a.
 * Returns false, and appends nothing, for what does not go into it: an IPv6
 * address, a NUL inside @userid or the name, an empty name.
 */
bool socks_put_socks4(struct buf *out, struct span userid,
		      const struct socks_addr *to);

/*
 * What a client's recorded bytes are, for SOCKS5 and a method that was
 * chosen; a message that is not complete has no end.  @method -1: not known,
 * so nothing behind the greeting is looked at.
 */
struct socks_said {
	bool odd;	     /* a version byte that is none, unknown ATYP:
				   what follows is unknown */
	struct span methods; /* absent: no complete greeting */
	/* Absent: no RFC 1929 message.  Of SOCKS4: the user id, as far as it
	 * is there, and no password. */
	struct span user, password;
	bool has_count;	   /* four bytes of a block are there */
	uint32_t count;	   /* what they say */
	struct span block; /* what is there of it, at most @count bytes */
	int cmd;	   /* -1: no request */
	struct socks_addr to;
	/* Where each message begins, and where it ends; SIZE_MAX: does not. */
	size_t auth_at, auth_end;	/* RFC 1929 message or block */
	size_t request_at, request_end; /* behind it: the tunnel */
	size_t greeting_end;
};

void socks_said(struct span client, int method, struct socks_said *out);
/* The same for SOCKS4, where the request is all. */
void socks4_said(struct span client, struct socks_said *out);

/* --- what it is answered ------------------------------------------------- */

enum socks_kind {
	SOCKS5,
	SOCKS4, /* no more than the eight bytes of the reply */
};

enum socks_stage {
	SOCKS_GREETING, /* method selection awaited */
	SOCKS_AUTH,	/* 02 was chosen */
	SOCKS_BLOCK,	/* 09 or 80 was chosen */
	SOCKS_REQUEST,	/* request may be sent, reply awaited */
	SOCKS_TUNNEL,	/* reply of success */
	SOCKS_FAILED,	/* refused, not understood, or ended */
};

/* What is expected between a block and the request. */
enum socks_answer {
	SOCKS_ANSWER_AUTO,
	SOCKS_ANSWER_NONE,     /* nothing: a reply, early or not */
	SOCKS_ANSWER_STATUS01, /* 01 STATUS, always */
	SOCKS_ANSWER_STATUS05, /* 05 STATUS, always */
};

/* What the answer to a block looked like. */
enum socks_form {
	SOCKS_FORM_UNKNOWN,  /* nothing seen, or no block */
	SOCKS_FORM_SILENT,   /* nothing, then the reply to the request */
	SOCKS_FORM_STATUS01, /* as in RFC 1929 */
	SOCKS_FORM_STATUS05,
	SOCKS_FORM_REP_EARLY, /* a reply, before the request went out */
	SOCKS_FORM_CLOSE,     /* nothing but the end */
	SOCKS_FORM_GARBAGE,   /* a byte that begins none of these */
};

/* X(enum suffix, word in vectors, what it means). */
#define SOCKS_ANOMALIES(X)                                               \
	X(VERSION, "version", "another first byte than the message has") \
	X(NOT_OFFERED, "not_offered", "a method that was not offered")   \
	X(RSV, "rsv", "a reserved byte that is not 00")                  \
	X(ATYP, "atyp", "an address type of unknown length")             \
	X(EMPTY_NAME, "empty_name", "a bound name of no bytes")          \
	X(NAME_NUL, "name_nul", "a NUL in the bound name")               \
	X(UNASKED, "unasked", "a success before the message it answers") \
	X(LATE_STATUS, "late_status", "a status behind the request")     \
	X(GARBAGE, "garbage", "no known form of an answer to a block")   \
	X(CUT, "cut", "the end came inside a message")

enum socks_anomaly_bit {
#define X(id, word, text) SOCKS_BIT_##id,
	SOCKS_ANOMALIES(X)
#undef X
};

enum socks_anomaly {
#define X(id, word, text) SOCKS_ODD_##id = 1 << SOCKS_BIT_##id,
	SOCKS_ANOMALIES(X)
#undef X
};

/* 05 REP RSV and the address. */
#define SOCKS_REPLY_MAX (3 + SOCKS_ADDR_MAX)

/* Read it, do not write it; it points into itself, so do not copy it. */
struct socks {
	enum socks_kind kind;
	enum socks_answer answer;
	enum socks_stage stage;
	unsigned anomalies; /* enum socks_anomaly */
	/* Bytes of the server that were taken: the tunnel begins here. */
	size_t used;
	bool ended; /* socks_end() was called */

	struct span methods; /* as offered */
	int method;	     /* chosen, or -1 */
	enum socks_form form;
	/* RFC 1929 status, or that of the answer to a block; or -1. */
	int status;
	/*
	 * What was said against the settings: the status that is not 0, or
	 * the REP of 10..13 or of an early reply, or -1.  It is set as soon as
	 * it is read, before the form is known.
	 */
	int code;
	int rep; /* REP, SOCKS4: CD; or -1 */
	/* The reply's first byte came before the request went out. */
	bool early;
	struct socks_addr bound; /* complete replies only */
	struct span reply;	 /* all bytes of a complete reply */

	/* The machine's own. */
	unsigned sent;	  /* 1 << stage of each message that went out */
	unsigned began;	  /* sent, when the first byte in raw came */
	bool status_over; /* no answer to a block can come any more */
	size_t n;	  /* bytes of the unfinished message */
	char raw[SOCKS_REPLY_MAX];
	char offer[255];
};

void socks_init(struct socks *s, enum socks_kind kind,
		enum socks_answer answer);

/* The methods of the greeting, which counts as sent by this. */
void socks_offer(struct socks *s, struct span methods);

/*
 * The client begins to send its message of @stage: SOCKS_AUTH, SOCKS_BLOCK or
 * SOCKS_REQUEST, which may be before its turn (pipelining).
 */
void socks_sent(struct socks *s, enum socks_stage stage);

/* Take what belongs to answers; returns how many bytes that were. */
size_t socks_feed(struct socks *s, struct span in);

/* Nothing more came for as long as a client waits for an optional answer. */
void socks_quiet(struct socks *s);

/* Nothing more will come.  A tunnel stays one. */
void socks_end(struct socks *s);

const char *socks_stage_name(enum socks_stage stage); /* "greeting" */
const char *socks_form_name(enum socks_form form);    /* "rep_early" */
/* The word of an anomaly and what it means; for one bit of the set. */
const char *socks_anomaly_name(enum socks_anomaly one);
const char *socks_anomaly_text(enum socks_anomaly one);

#endif
