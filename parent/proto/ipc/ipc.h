/*
 * ipc.h - the line protocol between a transport and its parent.
 *
 * PT 2.0 §3.3.2: <Keyword> <OptArgs> <LF>, US-ASCII.  The parser takes one
 * raw line, without its LF, and reports what it is and everything odd about
 * it; nothing is rejected here.  Parsing gives spans into the raw line.
 */
#ifndef PTCHECK_PROTO_IPC_H
#define PTCHECK_PROTO_IPC_H

#include "parent/base/span.h"
#include "parent/proto/net/addr.h"
#include "parent/proto/ipc/args.h"

/* Known keywords: X(enum suffix, spelling). */
#define IPC_KEYWORDS(X)                   \
	X(VERSION, "VERSION")             \
	X(VERSION_ERROR, "VERSION-ERROR") \
	X(ENV_ERROR, "ENV-ERROR")         \
	X(PROXY, "PROXY")                 \
	X(PROXY_ERROR, "PROXY-ERROR")     \
	X(CMETHOD, "CMETHOD")             \
	X(CMETHOD_ERROR, "CMETHOD-ERROR") \
	X(CMETHODS, "CMETHODS")           \
	X(SMETHOD, "SMETHOD")             \
	X(SMETHOD_ERROR, "SMETHOD-ERROR") \
	X(SMETHODS, "SMETHODS")           \
	X(LOG, "LOG")                     \
	X(STATUS, "STATUS")

enum ipc_keyword {
	IPC_UNKNOWN,
#define X(id, text) IPC_##id,
	IPC_KEYWORDS(X)
#undef X
};

enum ipc_anomaly {
	IPC_EMPTY = 1 << 0,	     /* no byte at all, or just a CR */
	IPC_LEADING_SPACE = 1 << 1,  /* first byte is blank or tab */
	IPC_BAD_KEYWORD = 1 << 2,    /* byte outside A-Za-z0-9_- before the
					   first space */
	IPC_TAB = 1 << 3,	     /* a known keyword followed by a tab: kw is
					   set, but a parent must not know it */
	IPC_DOUBLE_SPACE = 1 << 4,   /* run of blanks between tokens */
	IPC_TRAILING_SPACE = 1 << 5, /* blank at the end (before CR) */
	IPC_CR = 1 << 6,	     /* last byte is CR */
	IPC_NUL = 1 << 7,
	IPC_NONASCII = 1 << 8, /* any byte >= 0x80 */
	IPC_CASE = 1 << 9,     /* a known keyword in the wrong case */
	IPC_BARE_KEYWORD_SPACE = 1 << 10, /* keyword, one space, end */
	IPC_DECORATED = 1 << 11, /* a known error keyword (*-ERROR) stands
					   as a word later in a line that starts
					   with no known one: logger prefix */
};

/* Tokens kept; a line may have more (ntok counts all). */
#define IPC_TOK_MAX 8

struct ipc_line {
	enum ipc_keyword kw; /* exact match only */
	unsigned anomalies;
	struct span keyword; /* up to the first space (or tab), CR removed */
	struct span args;    /* after that one space, CR removed; absent
				   when the line is the keyword alone */
	size_t ntok;	     /* args split at runs of spaces; all counted, */
	struct span tok[IPC_TOK_MAX]; /* the first few kept */
	enum ipc_keyword decorated;   /* with IPC_DECORATED: which one */
	struct span decorated_args;
};

void ipc_parse(struct span raw, struct ipc_line *out);
const char *ipc_keyword_name(enum ipc_keyword kw); /* "?" for unknown */

enum method_anomaly {
	METHOD_MISSING = 1 << 0,     /* fewer tokens than the message needs */
	METHOD_EXTRA = 1 << 1,	     /* CMETHOD: tokens behind the address */
	METHOD_UNKNOWN_OPT = 1 << 2, /* SMETHOD: option that is not ARGS: */
	METHOD_ARGS_TWICE = 1 << 3,
	METHOD_OPT_PAIR = 1 << 4, /* an unknown option that looks like
					   k=v: a cut-off piece of ARGS */
};

struct ipc_method {
	unsigned anomalies;	 /* enum method_anomaly */
	struct span name, proto; /* proto only for CMETHOD */
	struct span addr_text;
	struct addr addr;
	unsigned addr_anomalies; /* enum addr_anomaly */
	struct span args;	 /* behind "ARGS:"; absent when none */
};

/* @line must be CMETHOD or SMETHOD; absent spans for what is missing. */
void ipc_parse_method(const struct ipc_line *line, struct ipc_method *out);

#endif
