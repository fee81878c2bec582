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
	  "its own, and the same ports")                                    \
	X(P, SERVER, "server",                                              \
	  "the server of both: started first, it can tell its client what " \
	  "that has to know on its command line")                           \
	X(P, CLIENT, "client", "the client of both")

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

#define WORLD_PARTS(X, P)                                            \
	X(P, IPV6, "ipv6", "IPv6: no address of it, not even ::1")   \
	X(P, LOCALHOST, "localhost", "that name, in the hosts file") \
	X(P, LINK, "link", "the link, and with it the default route")

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
	X(P, BAD_AUTH_OPEN, "bad-auth-open",                                   \
	  "takes no password, and leaves the end to the client")               \
	X(P, GARBAGE, "garbage", "answers in no protocol")                     \
	X(P, STALL_GREETING, "stall-greeting", "is silent after the greeting") \
	X(P, STALL_REQUEST, "stall-request", "is silent after the request")    \
	X(P, CLOSE_GREETING, "close-greeting", "closes after the greeting")    \
	X(P, CLOSE_REQUEST, "close-request", "closes after the request")       \
	X(P, RESET_GREETING, "reset-greeting", "resets after the greeting")    \
	X(P, RESET_REQUEST, "reset-request", "resets after the request")       \
	X(P, INTERIM, "interim",                                               \
	  "says 100 (HTTP), which grants nothing, and is silent")              \
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

#define WAITS(X, P)                                                           \
	X(P, EXIT, "exit", "the transport exits")                             \
	X(P, ACCEPT, "accept", "the listener `on` is called")                 \
	X(P, FDS, "fds",                                                      \
	  "the transport has not more descriptors than in the snapshot `on`") \
	X(P, ENDED, "ended",                                                  \
	  "all connections called `on` have ended; for connections that "     \
	  "carry datagrams, as long as the target leaves them idle, too")

/* --- launches --- */

#define ROLES(X, P)                          \
	X(P, CLIENT, "client", "the client") \
	X(P, SERVER, "server", "the server")

#define PROFILES(X, P)                              \
	X(P, 10, "1.0", "Pluggable Transports 1.0") \
	X(P, 20, "2.0", "Pluggable Transports 2.0")

#define CONFIGS(X, P)                                               \
	X(P, LEGAL, "legal", "a transport must work with it")       \
	X(P, ODD, "odd", "unspecified: any orderly answer will do") \
	X(P, BROKEN, "broken", "an error answer is due, or at least allowed")

#define MODES(X, P)                                                       \
	X(P, SOCKS5, "socks5", "a SOCKS proxy (3.3.2.1)")                 \
	X(P, TCP, "transparent-TCP", "a transparent TCP proxy (3.3.2.2)") \
	X(P, UDP, "transparent-UDP", "a transparent UDP proxy")           \
	X(P, STUN, "STUN", "a STUN-aware UDP proxy")

#define STDINS(X, P)                                                        \
	X(P, PIPE, "pipe", "a pipe whose other end the harness keeps open") \
	X(P, NULL, "null", "/dev/null")                                     \
	X(P, CLOSED, "closed", "no descriptor 0")

#define PARENTS(X, P)                                      \
	X(P, STAND_IN, "stand-in",                         \
	  "an ordinary process that the harness can kill") \
	X(P, INIT, "init", "the parent has pid 1")         \
	X(P, REAPED, "reaped",                             \
	  "a stand-in whose orphans another process than " \
	  "pid 1 adopts")                                  \
	X(P, THREAD, "thread",                             \
	  "a stand-in; its thread that starts the "        \
	  "transport ends half a second later")

#define PIPES(X, P)                                                      \
	X(P, PLAIN, "plain", "as the kernel makes them")                 \
	X(P, NARROW, "narrow",                                           \
	  "they hold one page and are read byte by byte, a millisecond " \
	  "between two")

#define EACHES(X, P) \
	X(P, PAIR, "pair", "one for each transport that has both roles")

#define NEEDS(X, P)                                                           \
	X(P, FLAGS, "flags", "it takes flags")                                \
	X(P, TWO, "two", "two transports in the role; follows from ${T2}")    \
	X(P, SANDBOX, "sandbox",                                              \
	  "namespaces of its own; follows from \"ports\", \"lack\", from "    \
	  "\"parent\": \"init\", \"disk\", \"inject\", ${far}, ${far2}, "     \
	  "${far6} and ${hole}")                                              \
	X(P, SPEAKS_1, "speaks-1", "it takes version 1 offered alone")        \
	X(P, SPEAKS_2, "speaks-2", "it takes version 2 offered alone")        \
	X(P, OPTIONS, "options",                                              \
	  "the target names server options for the transport")                \
	X(P, BOTH_ROLES, "both-roles", "it is client and server")             \
	X(P, SETTINGS, "settings",                                            \
	  "what a client of T must be told is known; follows from a "         \
	  "step \"socks\", and from ${json} and what is made of it")          \
	X(P, PAIR, "pair",                                                    \
	  "T has both roles; follows from a start of the other role")         \
	X(P, ALONE, "alone",                                                  \
	  "no transport of the target has both sides, so that the harness "   \
	  "has to be the other end of its sessions")                          \
	X(P, CLEAR, "clear", "T does not conceal what it carries")            \
	X(P, OPTION_VALUES, "option-values",                                  \
	  "an option of T with values that ARGS shows")                       \
	X(P, FREE_OPTIONS, "free-options",                                    \
	  "the target names server options of T that may have any "           \
	  "value; follows from ${options:TEXT}")                              \
	X(P, MODE, "mode",                                                    \
	  "a transport has the launch's mode, as the target or its client "   \
	  "says; follows from \"mode\"")                                      \
	X(P, IDLE, "idle",                                                    \
	  "the target says that connections that carry no datagrams end "     \
	  "within 10 s (udp_idle_s), or --slow was given")                    \
	X(P, SLOW, "slow", "the run was asked for what takes minutes")        \
	X(P, SOCKS, "socks",                                                  \
	  "T does not announce another mode in its place; follows from a "    \
	  "step \"socks\"")                                                   \
	X(P, SOCKS5, "socks5", "as client it does not announce socks4 alone") \
	X(P, SOCKS4, "socks4", "as client it announces socks4")

#define INJECT_CALLS(X, P)                                   \
	X(P, OPEN, "open", "of a file")                      \
	X(P, MKDIR, "mkdir", "of a directory")               \
	X(P, RENAME, "rename", "of a file or a directory")   \
	X(P, UNLINK, "unlink", "of a file or a directory")   \
	X(P, WRITE, "write", "to a file")                    \
	X(P, FSYNC, "fsync", "of a file, fdatasync as well") \
	X(P, SOCKET, "socket", "of any kind")                \
	X(P, BIND, "bind", "to an address")                  \
	X(P, LISTEN, "listen", "on a socket")                \
	X(P, ACCEPT, "accept", "of a connection")            \
	X(P, CONNECT, "connect", "to an address")

/* The word is the errno's name. */
#define INJECT_ERRORS(X, P)                      \
	X(P, EACCES, "EACCES", "")               \
	X(P, EADDRINUSE, "EADDRINUSE", "")       \
	X(P, EDQUOT, "EDQUOT", "")               \
	X(P, EIO, "EIO", "")                     \
	X(P, EMFILE, "EMFILE", "")               \
	X(P, ENFILE, "ENFILE", "")               \
	X(P, ENOBUFS, "ENOBUFS", "")             \
	X(P, ENOMEM, "ENOMEM", "")               \
	X(P, ENOSPC, "ENOSPC", "")               \
	X(P, EPERM, "EPERM", "")                 \
	X(P, EROFS, "EROFS", "")                 \
	X(P, EAFNOSUPPORT, "EAFNOSUPPORT", "")   \
	X(P, EINTR, "EINTR", "")                 \
	X(P, EADDRNOTAVAIL, "EADDRNOTAVAIL", "") \
	X(P, ENETUNREACH, "ENETUNREACH", "")     \
	X(P, ECONNABORTED, "ECONNABORTED", "")

/* Names that events use for something else. */
#define RESERVED_NAMES(X, P) \
	X(P, , "stdin", "")  \
	X(P, , "stdout", "") \
	X(P, , "stderr", "") \
	X(P, , "output", "") \
	X(P, , "pt", "")     \
	X(P, , "parent", "") \
	X(P, , "after", "")

/* W(enum, prefix, list) */
#define WORD_LISTS(W)                             \
	W(start_role, START, START_ROLES)         \
	W(expectation, EXPECT, EXPECTATIONS)      \
	W(snapshot, SNAPSHOT, SNAPSHOTS)          \
	W(world_part, PART_OF, WORLD_PARTS)       \
	W(socks_pace, PACE, SOCKS_PACES)          \
	W(proxy_kind, PROXY, PROXY_KINDS)         \
	W(proxy_deed, PROXY, PROXY_DEEDS)         \
	W(extor_deed, BRIDGE, EXTOR_DEEDS)        \
	W(garble, GARBLE, GARBLES)                \
	W(close_how, CLOSE, CLOSE_HOWS)           \
	W(signal_id, SIGNAL, SIGNALS)             \
	W(signal_to, SIGNAL_TO, SIGNAL_RECEIVERS) \
	W(wait_for, WAIT, WAITS)                  \
	W(stdin_kind, STDIN, STDINS)              \
	W(parent_kind, PARENT, PARENTS)           \
	W(pipe_kind, PIPE, PIPES)                 \
	W(each, EACH, EACHES)                     \
	W(need, NEED, NEEDS)                      \
	W(inject_call, CALL, INJECT_CALLS)

/* The enums of these are not made here. */
#define OTHER_WORD_LISTS(W)            \
	W(stimulus, STIMULUS, STIMULI) \
	W(role, ROLE, ROLES)           \
	W(profile, PROFILE, PROFILES)  \
	W(config, CONFIG, CONFIGS)     \
	W(mode, MODE, MODES)           \
	W(inject_error, , INJECT_ERRORS) W(reserved, , RESERVED_NAMES)

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
OTHER_WORD_LISTS(WORD_DECLARE)
#undef WORD_DECLARE

/* --- deadlines of waiting steps --- */

/* X(ID, word, documentation): the word is a member of struct limits. */
#define LIMITS(X)                                                      \
	X(INIT, init, "for an answer behind the start")                \
	X(EXIT, exit, "for an exit that is due at once")               \
	X(GRACEFUL, graceful, "for an exit behind being asked to")     \
	X(CONNECT, connect, "for whatever goes over the network")      \
	X(WINDOW, window, "of a window of absence")                    \
	X(ORPHAN, orphan, "for an exit behind the parent's")           \
	X(SETTINGS, settings,                                          \
	  "for the end of a client that does not finish its settings") \
	X(IDLE, idle, "of a window in which a tunnel is idle")

enum limit_id {
	LIMIT_NONE,
#define X(id, ...) LIMIT_##id,
	LIMITS(X)
#undef X
#define X(...) +1
		LIMITS_N = LIMITS(X) /* the last one, too */
#undef X
};

/* Without LIMIT_NONE. */
extern const struct words words_limit;

const char *limit_name(enum limit_id id);
int64_t limit_ms(const struct limits *l, enum limit_id id);
/* Where it is kept, to change it; NULL for LIMIT_NONE. */
int64_t *limit_slot(struct limits *l, enum limit_id id);

#endif
