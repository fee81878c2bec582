/*
 * upstream.h - the proxy's side of an upstream proxy, without I/O.
 *
 * SOCKS5 (RFC 1928, 1929), SOCKS4, SOCKS4a and HTTP CONNECT with Basic
 * credentials (PT 2.0 §3.3.1.2).  One machine serves the fake proxy, which
 * answers a transport, and the judges, who read again what was recorded: what
 * it makes of the client's bytes depends on these bytes, on the script and on
 * when a reply had been sent, never on how the bytes were cut.
 *
 *	struct upstream_script how = UPSTREAM_SCRIPT(UPSTREAM_SOCKS5);
 *	upstream_init(&u, &how);
 *	taken = upstream_feed(&u, bytes);	keep what was not taken
 *	if (u.due)
 *		upstream_reply(&u, &out);	send it, slowly or in pieces
 *	upstream_answered(&u);			when it is out; feed the rest
 *
 * The machine takes nothing while a reply is due, and notes that bytes came
 * too early.  At UPSTREAM_TUNNEL what is not taken belongs to the tunnel.
 */
#ifndef PTCHECK_PROTO_UPSTREAM_H
#define PTCHECK_PROTO_UPSTREAM_H

#include <stdint.h>

#include "parent/base/buf.h"
#include "parent/base/span.h"
#include "parent/proto/net/addr.h"
#include "parent/proto/net/socksaddr.h"

/* The longest HTTP header block, and the longest SOCKS4 request. */
#define UPSTREAM_HEAD_MAX (16u * 1024u)
/* SOCKS5 greeting, RFC 1929 message and request, each of the longest. */
#define UPSTREAM_SOCKS5_MAX (2 + 255 + 3 + 255 + 255 + 3 + SOCKS_ADDR_MAX)
/* A reply of upstream_reply() is not longer than this and the script's own
 * bytes in it. */
#define UPSTREAM_REPLY_MAX 1024

enum upstream_kind {
	UPSTREAM_SOCKS5,
	UPSTREAM_SOCKS4,
	UPSTREAM_SOCKS4A,
	UPSTREAM_HTTP,
};

enum upstream_stage {
	UPSTREAM_GREETING, /* SOCKS5: methods awaited, or being answered */
	UPSTREAM_AUTH,	   /* SOCKS5: RFC 1929 message */
	UPSTREAM_REQUEST,  /* request awaited, or being answered */
	UPSTREAM_TUNNEL,   /* granted */
	UPSTREAM_FAILED,   /* refused or not understood; for good */
};
#define UPSTREAM_STAGES 5

/* X(enum suffix, word in vectors, what it means). */
#define UPSTREAM_ANOMALIES(X)                                                  \
	X(VERSION, "version", "the first byte belongs to another protocol")    \
	X(NO_METHODS, "no_methods", "no method offered")                       \
	X(METHOD_FF, "method_ff", "FF among the methods")                      \
	X(AUTH_VERSION, "auth_version", "an RFC 1929 message without 01")      \
	X(AUTH_SKIPPED, "auth_skipped", "05 where credentials are due")        \
	X(AUTH_UNASKED, "auth_unasked", "01 where the request is due")         \
	X(EMPTY_USER, "empty_user", "a SOCKS5 user name of no bytes")          \
	X(EMPTY_PASSWORD, "empty_password", "a SOCKS5 password of no bytes")   \
	X(CMD, "cmd", "a command other than CONNECT")                          \
	X(RSV, "rsv", "a reserved byte that is not 00")                        \
	X(ATYP, "atyp", "an unknown address type")                             \
	X(EMPTY_NAME, "empty_name", "a host name of no bytes")                 \
	X(NAME_NUL, "name_nul", "a NUL in the host name")                      \
	X(NAME_IS_IP, "name_is_ip", "an address sent as a name")               \
	X(PORT_ZERO, "port_zero", "port 0")                                    \
	X(ADDR_ZERO, "addr_zero", "destination 0.0.0.0 or ::")                 \
	X(NOT_4A, "not_4a", "a name for a proxy that speaks SOCKS4 only")      \
	X(TOO_LONG, "too_long", "longer than UPSTREAM_HEAD_MAX")               \
	X(HTTP_METHOD, "http_method", "a method other than CONNECT")           \
	X(HTTP_LINE, "http_line", "not METHOD TARGET VERSION")                 \
	X(HTTP_TARGET, "http_target", "a target other than host:port")         \
	X(HTTP_VERSION, "http_version", "neither HTTP/1.0 nor HTTP/1.1")       \
	X(HTTP_FIELD, "http_field", "a header line that is none")              \
	X(BARE_LF, "bare_lf", "a line that ends in LF alone")                  \
	X(NO_HOST, "no_host", "HTTP/1.1 without a Host field")                 \
	X(HOST_DIFFERS, "host_differs", "a Host field that is not the target") \
	X(REPEATED, "repeated", "Host or Proxy-Authorization twice")           \
	X(NOT_BASIC, "not_basic", "credentials of another kind than Basic")    \
	X(BAD_BASIC, "bad_basic", "no base64, or no colon inside")             \
	X(BODY, "body", "a body announced")                                    \
	X(PIPELINED, "pipelined", "bytes before the reply they depend on")

enum upstream_anomaly_bit {
#define X(id, word, text) UPSTREAM_BIT_##id,
	UPSTREAM_ANOMALIES(X)
#undef X
};

enum upstream_anomaly {
#define X(id, word, text) UPSTREAM_##id = 1 << UPSTREAM_BIT_##id,
	UPSTREAM_ANOMALIES(X)
#undef X
};

/* No word of the script: the machine decides. */
#define UPSTREAM_AUTO (-1)

/*
 * How the proxy answers.  Spans are the caller's and must outlive the
 * machine.  Start with UPSTREAM_SCRIPT().
 */
struct upstream_script {
	enum upstream_kind kind;
	/* Ask for credentials: by method 02, or by 407.  Without it they are
	 * read where they are given. */
	bool demand;
	/* SOCKS5: it knows nothing of passwords. */
	bool open;
	/* The right ones; an absent one may be anything.  SOCKS4 knows only a
	 * user.  They are looked at only with @demand. */
	struct span user, password;
	/* SOCKS5: this one whether offered or not; by itself 02 with @demand,
	 * else 00 or 02, or FF when that is not offered. */
	int method;
	/* RFC 1929 status; by itself 0 or, for wrong credentials, 1. */
	int status;
	/* What a request in order gets: REP, CD or HTTP status; one out of
	 * order gets a refusal that fits.  By itself success, or for wrong
	 * credentials a refusal. */
	int reply;
	/* SOCKS: the bound address; ATYP 0 stands for 0.0.0.0:0. */
	struct socks_addr bound;
	/* HTTP: instead of "HTTP/1.1 CODE REASON" for a request in order,
	 * without a line end; more
	 * header lines, each with its end; what follows the empty line. */
	struct span status_line, fields, body;
	/* Send this in place of the reply of a stage, and fail; absent: not. */
	struct span instead[UPSTREAM_STAGES];
};

#define UPSTREAM_SCRIPT(k)                                  \
	((struct upstream_script){ .kind = (k),             \
				   .method = UPSTREAM_AUTO, \
				   .status = UPSTREAM_AUTO, \
				   .reply = UPSTREAM_AUTO })

/* Read it, do not write it; it points into itself, so do not copy it. */
struct upstream {
	struct upstream_script script;
	enum upstream_stage stage;
	bool due;	    /* upstream_reply() is awaited */
	unsigned anomalies; /* enum upstream_anomaly */
	unsigned early;	    /* 1 << stage whose reply was not waited for */
	/* Bytes of the client that were taken: the tunnel begins here. */
	size_t used;
	/* used, when the message of a stage was complete; 0: never. */
	size_t end[UPSTREAM_STAGES];
	/* Where the unfinished message began: used - start bytes are there. */
	size_t start;

	int first;	     /* the very first byte, or -1 */
	struct span methods; /* SOCKS5; absent before the greeting is there */
	int method;	     /* SOCKS5: what was chosen, or -1 */
	/* As the client gave them: raw, with base64 removed; absent when not
	 * given.  SOCKS4: the user id, absent when empty. */
	struct span user, password;
	int status; /* RFC 1929: the answer, or -1 */
	int cmd;    /* SOCKS: the command, or -1 */
	/* Absent name and family 0: not known.  HTTP: of the target; an
	 * address has no brackets.  ATYP is set for all kinds. */
	struct socks_addr dest;
	int code; /* the last reply: REP, CD or HTTP status; or -1 */

	/* HTTP: the request line, its parts, and two fields as written. */
	struct span line, verb, target, version, host, credentials;

	/* The machine's own. */
	enum upstream_stage next; /* once the reply that is due is sent */
	bool ragged;		  /* where the message ends is unknown */

	/* What was taken; everything above points into it or into cred. */
	char raw[UPSTREAM_HEAD_MAX + 1];
	char cred[UPSTREAM_HEAD_MAX + 1];
};

void upstream_init(struct upstream *u, const struct upstream_script *how);

/*
 * Take as many bytes as belong to the message that is awaited; returns how
 * many.  None while a reply is due, in the tunnel and after a failure.
 */
size_t upstream_feed(struct upstream *u, struct span in);

/* Append the reply that is due, which does not change the machine. */
void upstream_reply(const struct upstream *u, struct buf *out);

/* The reply that was due has been sent, all of it. */
void upstream_answered(struct upstream *u);

/*
 * For bytes whose times are not known: feed @in, each reply being sent the
 * moment it is due.  Nothing is PIPELINED then.  Returns how many were taken.
 */
size_t upstream_read(struct upstream *u, struct span in);

/* The codes that open the tunnel: 0, 0x5a, 2xx. */
bool upstream_grants(enum upstream_kind kind, int code);

const char *upstream_kind_name(enum upstream_kind kind);    /* "socks5" */
const char *upstream_stage_name(enum upstream_stage stage); /* "greeting" */
/* The word of an anomaly and what it means; for one bit of the set. */
const char *upstream_anomaly_name(enum upstream_anomaly one);
const char *upstream_anomaly_text(enum upstream_anomaly one);

/* --- single replies, for who wants no machine --- */

void upstream_put_method(struct buf *out, uint8_t method);
void upstream_put_status(struct buf *out, uint8_t status);
/* @bound NULL or of ATYP 0: 0.0.0.0:0. */
void upstream_put_socks5(struct buf *out, uint8_t rep,
			 const struct socks_addr *bound);
void upstream_put_socks4(struct buf *out, uint8_t cd,
			 const struct socks_addr *bound);
/* @line absent: made of @code; see struct upstream_script. */
void upstream_put_http(struct buf *out, int code, struct span line,
		       struct span fields, struct span body);

#endif
