/*
 * words.h - the closed sets of words in a case, each said once.
 *
 * A list is X(P, ID, word, documentation): P is the prefix of its enumerators.
 * From the lists come the enums, the reader, the schema, the manual, and the
 * tables of whoever carries out a step.
 */
#ifndef PTCHECK_CASE_FORMAT_WORDS_H
#define PTCHECK_CASE_FORMAT_WORDS_H

#include <stddef.h>

#include "harness/trace/trace.h"

/* --- steps --- */

#define START_ROLES(X, P)                                                   \
	X(P, OWN, "own", "the role of the case")                            \
	X(P, PEER, "peer",                                                  \
	  "the other role of T, with the fixture of that role, a state of " \
	  "its own, and the same ports")

#define EXPECTATIONS(X, P)                                   \
	X(P, VERSION, "version", "the answer VERSION")       \
	X(P, METHOD, "method", "CMETHOD or SMETHOD")         \
	X(P, DONE, "done", "CMETHODS DONE or SMETHODS DONE") \
	X(P, ANSWER, "answer", "DONE, or a fatal *-ERROR line on either stream")

#define SNAPSHOTS(X, P)                                            \
	X(P, SOCKETS, "sockets", "what listens or is connected")   \
	X(P, PROCESSES, "processes", "what runs")                  \
	X(P, FILES, "files", "what is below the work directory")   \
	X(P, FDS, "fds", "how many descriptors the transport has") \
	X(P, MEMORY, "memory", "how much memory the transport has had at most")

#define SOCKS_PACES(X, P)                                               \
	X(P, WHOLE, "whole", "each message at once")                    \
	X(P, BYTEWISE, "bytewise",                                      \
	  "10 ms between any two bytes, and 300 ms between a block of " \
	  "settings and the request")                                   \
	X(P, SLOW, "slow", "a block of settings takes 1.5 s")

#define PROXY_KINDS(X, P)                             \
	X(P, SOCKS5, "socks5", "RFC 1928")            \
	X(P, SOCKS4A, "socks4a", "SOCKS4 with names") \
	X(P, HTTP, "http", "CONNECT")

#define PROXY_DEEDS(X, P)                                                      \
	X(P, SERVE, "serve", "what it is asked for")                           \
	X(P, FAIL, "fail", "refuses with `code`")                              \
	X(P, NO_METHOD, "no-method", "takes no method of authentication")      \
	X(P, BAD_AUTH, "bad-auth", "takes no password")                        \
	X(P, GARBAGE, "garbage", "answers in no protocol")                     \
	X(P, STALL_GREETING, "stall-greeting", "is silent after the greeting") \
	X(P, STALL_REQUEST, "stall-request", "is silent after the request")    \
	X(P, CLOSE_GREETING, "close-greeting", "closes after the greeting")    \
	X(P, CLOSE_REQUEST, "close-request", "closes after the request")       \
	X(P, RESET_GREETING, "reset-greeting", "resets after the greeting")    \
	X(P, RESET_REQUEST, "reset-request", "resets after the request")       \
	X(P, DROP, "drop", "grants, and resets at the first byte")             \
	X(P, BOUND_V6, "bound-v6", "grants with an IPv6 address")              \
	X(P, BOUND_NAME, "bound-name", "grants with a host name")              \
	X(P, GLUE, "glue", "sends data right behind the reply that grants")

/* What a bridge does wrong at one point of the dialogue. */
#define EXTOR_DEEDS_AT(X, P, ID, word, doc)                              \
	X(P, ID##_TYPES, word "-types", doc " at the choice of a type")  \
	X(P, ID##_NONCE, word "-nonce", doc " at the nonce")             \
	X(P, ID##_HASH, word "-hash", doc " at the hash")                \
	X(P, ID##_COMMAND, word "-command", doc " at the first command") \
	X(P, ID##_DONE, word "-done", doc " at DONE")

#define EXTOR_DEEDS(X, P)                                                   \
	X(P, SERVE, "serve", "what is right")                               \
	X(P, SOME_TYPES, "some-types", "offers others beside SAFE_COOKIE")  \
	X(P, ALL_TYPES, "all-types", "offers all 255 types")                \
	X(P, BODY, "body", "has a body in OKAY")                            \
	X(P, DENY, "deny", "answers DENY")                                  \
	X(P, NO_TYPE, "no-type",                                            \
	  "offers type 2 alone; every second time none at all")             \
	X(P, WRONG_HASH, "wrong-hash",                                      \
	  "the first bit of its hash is wrong; every second time the last") \
	X(P, REFUSE_HASH, "refuse-hash",                                    \
	  "sends status 0; every second time 2")                            \
	X(P, UNKNOWN, "unknown",                                            \
	  "sends commands that nobody knows before OKAY")                   \
	X(P, GLUE, "glue", "sends data right behind OKAY")                  \
	X(P, NEVER, "never", "does not answer DONE")                        \
	EXTOR_DEEDS_AT(X, P, STALL, "stall", "is silent")                   \
	EXTOR_DEEDS_AT(X, P, CLOSE, "close", "closes")                      \
	EXTOR_DEEDS_AT(X, P, RESET, "reset", "resets")

#define GARBLES(X, P)                           \
	X(P, EMPTY, "empty", "nothing is left") \
	X(P, CUT, "cut", "half of it is left")  \
	X(P, FLIP, "flip", "all bits of its beginning are inverted")

#define CLOSE_HOWS(X, P)                                            \
	X(P, FIN, "fin", "in order")                                \
	X(P, RST, "rst", "a connection ends with a reset")          \
	X(P, HALF, "half",                                          \
	  "nothing more is sent on a connection; and from then on " \
	  "what the transport ends stays open for sending, in all " \
	  "connections")

/* X(P, ID, word, documentation): SIG##ID is the number. */
#define SIGNALS(X, P)                                                       \
	X(P, TERM, "TERM", "asks to end")                                   \
	X(P, INT, "INT", "asks to end")                                     \
	X(P, HUP, "HUP", "asks to read the configuration again, or to end") \
	X(P, QUIT, "QUIT", "asks to end with a core dump")                  \
	X(P, KILL, "KILL", "ends")                                          \
	X(P, PIPE, "PIPE", "as if a reader had gone")                       \
	X(P, USR1, "USR1", "has no meaning of its own")                     \
	X(P, USR2, "USR2", "has no meaning of its own")                     \
	X(P, WINCH, "WINCH", "is ignored by those who know nothing of it")  \
	X(P, STOP, "STOP", "holds")                                         \
	X(P, CONT, "CONT", "lets go on")

#define SIGNAL_RECEIVERS(X, P)          \
	X(P, PT, "pt", "the transport") \
	X(P, PARENT, "parent", "its parent process")

#define WAITS(X, P)                                           \
	X(P, EXIT, "exit", "the transport exits")             \
	X(P, ACCEPT, "accept", "the listener `on` is called") \
	X(P, FDS, "fds",                                      \
	  "the transport has not more descriptors than in the snapshot `on`")

/* W(enum, prefix, list) */
#define WORD_LISTS(W)                             \
	W(start_role, START, START_ROLES)         \
	W(expectation, EXPECT, EXPECTATIONS)      \
	W(snapshot, SNAPSHOT, SNAPSHOTS)          \
	W(socks_pace, PACE, SOCKS_PACES)          \
	W(proxy_kind, PROXY, PROXY_KINDS)         \
	W(proxy_deed, PROXY, PROXY_DEEDS)         \
	W(extor_deed, BRIDGE, EXTOR_DEEDS)        \
	W(garble, GARBLE, GARBLES)                \
	W(close_how, CLOSE, CLOSE_HOWS)           \
	W(signal_id, SIGNAL, SIGNALS)             \
	W(signal_to, SIGNAL_TO, SIGNAL_RECEIVERS) \
	W(wait_for, WAIT, WAITS)

#define WORD_ID(P, id, ...) P##_##id,
#define WORD_ENUM(name, P, LIST) enum name { LIST(WORD_ID, P) };
WORD_LISTS(WORD_ENUM)
#undef WORD_ENUM

/* One list as data. */
struct words {
	const char *const *names;
	const char *const *docs;
	size_t n;
};

#define WORD_DECLARE(name, ...) extern const struct words words_##name;
WORD_LISTS(WORD_DECLARE)
#undef WORD_DECLARE

/* --- deadlines of waiting steps --- */

/* X(ID, word): a member of struct limits */
#define LIMITS(X)             \
	X(INIT, init)         \
	X(EXIT, exit)         \
	X(GRACEFUL, graceful) \
	X(CONNECT, connect)   \
	X(WINDOW, window)     \
	X(ORPHAN, orphan)

enum limit_id {
	LIMIT_NONE,
#define X(id, ...) LIMIT_##id,
	LIMITS(X)
#undef X
#define X(...) +1
		LIMITS_N = LIMITS(X) /* the last one, too */
#undef X
};

const char *limit_name(enum limit_id id);
int64_t limit_ms(const struct limits *l, enum limit_id id);
/* Where it is kept, to change it; NULL for LIMIT_NONE. */
int64_t *limit_slot(struct limits *l, enum limit_id id);

#endif
