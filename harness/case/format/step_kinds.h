/*
 * step_kinds.h - what each kind of step may and must say: the one table of
 * them.  The structs (step.h), the reader, cases/schema.json and the manual
 * ptcheck-case(5) come from it.
 *
 * A kind is X(ID, name, when, fields, documentation); ANYTIME says that it
 * makes sense before the transport runs, STARTED that it does not.  A field is
 * F(TYPE, member, "key", documentation, ...):
 *
 *	WORD(list), WORD_OR(list, ID)    one of words.h; ID when not said
 *	TEXT, TEXT_OR_NONE               a template
 *	BYTES, BYTES_OR_NONE             a template for bytes that are sent or
 *	                                 written as they are
 *	NEW_NAME                         the name that it gives, once in a case
 *	NAME, NAME_OR_NONE               one that an earlier step gave
 *	STREAM_OR_NAME                   that, or an end of a stream
 *	OUTPUT_OR_NAME                   that, or "output"; which is the default
 *	INT(min, max), INT_OR(min, max, default)
 *	BOOL                             default false
 *	LIMIT(ID)                        the deadline, ID when not said
 */
#ifndef PTCHECK_CASE_FORMAT_STEP_KINDS_H
#define PTCHECK_CASE_FORMAT_STEP_KINDS_H

/* A case with more steps than this is a mistake. */
#define STEPS_MAX 256
/* Nor does one start more instances of transports. */
#define STARTS_MAX 3
#define STEP_COUNT_MAX (1 << 30)
#define STEP_PORTS_MAX 65535
#define STEP_DATAGRAMS_MAX 1000
#define STEP_UDPS_MAX 20
#define DATAGRAM_BYTES_MAX 65507
#define STEP_PAUSE_MAX_MS (10 * 60 * 1000)

#define START_FIELDS(F) \
	F(WORD_OR, role, "role", "which end", start_role, START_OWN)

#define TURN_FIELDS(F) F(WORD, to, "to", "the end", start_role)

#define EXPECT_FIELDS(F)                                         \
	F(WORD, what, "what", "what is waited for", expectation) \
	F(LIMIT, limit, "limit", "how long", LIMIT_INIT)

#define SETTLE_FIELDS(F) F(LIMIT, limit, "limit", "how long", LIMIT_EXIT)

#define SNAPSHOT_FIELDS(F)                               \
	F(WORD, of, "of", "what is looked at", snapshot) \
	F(NEW_NAME, as, "as", "name of the snapshot")

/* What connections of ours have in common. */
#define DIAL_FIELDS(F)                                                    \
	F(NEW_NAME, as, "as", "name of the connections")                  \
	F(TEXT_OR_NONE, from, "from",                                     \
	  "the address to come from; it is noted among the variables of " \
	  "the launch")                                                   \
	F(INT_OR, count, "count",                                         \
	  "how many, one after the other; the connections are called "    \
	  "NAME#I then",                                                  \
	  1, STEP_PORTS_MAX, 1)                                           \
	F(BOOL, hold, "hold",                                             \
	  "leave all of them open; otherwise only a single one stays")    \
	F(LIMIT, limit, "limit", "how long they may take", LIMIT_CONNECT)

#define CONNECT_FIELDS(F)                                              \
	F(TEXT, to, "to",                                              \
	  "\"methods\": every announced address, 0.0.0.0 and [::] by " \
	  "loopback, with connections called NAME:TRANSPORT; "         \
	  "\"clients\": those of CMETHOD lines alone; or an address")  \
	DIAL_FIELDS(F)

#define SOCKS_FIELDS(F)                                                       \
	F(TEXT, dest, "dest", "what is asked for: ADDRESS:PORT or NAME:PORT") \
	DIAL_FIELDS(F)                                                        \
	F(BYTES_OR_NONE, request, "request", "bytes instead of the request")  \
	F(WORD_OR, pace, "send", "how fast it says all that", socks_pace,     \
	  PACE_WHOLE)                                                         \
	F(TEXT_OR_NONE, extra, "extra",                                       \
	  "further settings, k=v;k2=v2, told before those of the target")     \
	F(BOOL, leave, "leave", "goes when it has asked, in 200 ms")          \
	F(BOOL, ask, "ask",                                                   \
	  "the answer is not waited for: the session stays as it is")         \
	F(NAME_OR_NONE, until, "until",                                       \
	  "the listener whose first caller ends the session, answered or "    \
	  "not: a transport that shakes hands never is")

#define PUMP_FIELDS(F)                                                      \
	F(NAME, on, "on", "connections on which it is sent")                \
	F(NAME, to, "to", "connections at which it comes out")              \
	F(INT, bytes, "bytes", "how many bytes on each", 1, STEP_COUNT_MAX) \
	F(BOOL, both, "both", "the other way, too")                         \
	F(BOOL, rest, "rest",                                               \
	  "those who get it stop reading at the first bytes, for as long "  \
	  "as a tunnel is idle (limits.idle), and then read on; what was "  \
	  "not sent by then is left out")                                   \
	F(BOOL, fill, "fill",                                               \
	  "those who get it stop reading at the first bytes and stay so, "  \
	  "and the step is over when no more has gone in for half a "       \
	  "second")                                                         \
	F(LIMIT, limit, "limit", "how long nothing may come", LIMIT_CONNECT)

/* What the parts that are played behind a listener have in common. */
#define LISTENER_FIELDS(F)                            \
	F(TEXT, at, "at", "the address, with a port") \
	F(NEW_NAME, as, "as",                         \
	  "name of the listener; its connections are called NAME#I")

#define LISTEN_FIELDS(F)                                                 \
	LISTENER_FIELDS(F)                                               \
	F(BOOL, full, "full",                                            \
	  "callers wait: the queue is full, and the kernel leaves them " \
	  "unanswered until \"resume\" on the name; they try again "     \
	  "after a second")                                              \
	F(BOOL, datagrams, "datagrams",                                  \
	  "the port is taken for UDP as well; what comes is left alone")

#define RELAY_FIELDS(F)                                                       \
	LISTENER_FIELDS(F)                                                    \
	F(TEXT, to, "to", "where it calls for each caller: ADDRESS:PORT")     \
	F(TEXT_OR_NONE, from, "from",                                         \
	  "the address to call from; it is noted among the variables of the " \
	  "launch")                                                           \
	F(BOOL, full, "full", "callers wait, as with \"listen\"")             \
	F(BOOL, split, "split",                                               \
	  "each byte goes by itself, a millisecond between any two")

#define CUT_FIELDS(F)                                         \
	F(NAME, on, "on", "a relay, or one connection of it") \
	F(WORD_OR, how, "how", "in which way", close_how, CLOSE_FIN)

#define UDP_FIELDS(F)                                                          \
	F(NEW_NAME, as, "as", "name of the socket")                            \
	F(TEXT_OR_NONE, at, "at",                                              \
	  "its address, with a port; default: any port of 127.0.0.1")          \
	F(TEXT_OR_NONE, to, "to",                                              \
	  "where it sends to: an address; \"client\": what the latest client " \
	  "announced for T; \"sender:NAME\": who sent to that socket last; "   \
	  "default: whoever sent to it last")                                  \
	F(INT_OR, count, "count",                                              \
	  "how many; the sockets are called NAME#I then", 1, STEP_UDPS_MAX, 1) \
	F(BOOL, echo, "echo", "it sends back each datagram that comes")

#define DATAGRAM_FIELDS(F)                                                     \
	F(NAME, on, "on", "a UDP socket, or all those of a name")              \
	F(BYTES, bytes, "bytes", "what is sent")                               \
	F(INT_OR, size, "size",                                                \
	  "a datagram of so many bytes, by repeating them; 0: as they are", 0, \
	  DATAGRAM_BYTES_MAX, 0)                                               \
	F(INT_OR, count, "count",                                              \
	  "so many at once; with more than one the last four bytes of each "   \
	  "are its number in the launch, in hexadecimal",                      \
	  1, STEP_DATAGRAMS_MAX, 1)                                            \
	F(NAME_OR_NONE, until, "until",                                        \
	  "wait until all that has come out there: at a UDP socket so many "   \
	  "datagrams, at each of several its share, at connections so many "   \
	  "bytes")                                                             \
	F(BOOL, again, "again",                                                \
	  "send one, numbered, again and again until anything new comes out "  \
	  "there, at each of several sockets")                                 \
	F(LIMIT, limit, "limit", "how long", LIMIT_CONNECT)

#define GATHER_FIELDS(F)                                                       \
	F(NAME, on, "on", "a UDP socket")                                      \
	F(INT, count, "count", "how many datagrams, from the beginning on", 1, \
	  STEP_DATAGRAMS_MAX)                                                  \
	F(LIMIT, limit, "limit", "how long", LIMIT_CONNECT)

#define PROXY_FIELDS(F)                                                       \
	LISTENER_FIELDS(F)                                                    \
	F(WORD, kind, "kind", "its protocol", proxy_kind)                     \
	F(WORD_OR, does, "does", "what it does", proxy_deed, PROXY_SERVE)     \
	F(TEXT_OR_NONE, user, "user", "it demands this name")                 \
	F(TEXT_OR_NONE, password, "password", "and this password")            \
	F(BOOL, open, "open", "of SOCKS5: it knows nothing of passwords")     \
	F(INT_OR, code, "code", "what \"fail\" says: REP, CD or HTTP status", \
	  0, 999, 0)                                                          \
	F(TEXT_OR_NONE, line, "line",                                         \
	  "of HTTP: the first line when it grants")                           \
	F(BOOL, split, "split", "each byte of a reply goes by itself")        \
	F(TEXT_OR_NONE, to, "to",                                             \
	  "the address where what it grants goes in truth")

#define EXTOR_FIELDS(F)                                                    \
	LISTENER_FIELDS(F)                                                 \
	F(WORD_OR, does, "does", "what it does", extor_deed, BRIDGE_SERVE) \
	F(TEXT_OR_NONE, cookie, "cookie",                                  \
	  "its key of 32 bytes; default: that of ${cookie}")               \
	F(BOOL, split, "split", "each byte of a reply goes by itself")

#define FILE_FIELDS(F)                                                     \
	F(TEXT, at, "at", "the path, below ${work}; directories are made") \
	F(BYTES, bytes, "bytes", "what is in it")

#define GARBLE_FIELDS(F)                                \
	F(TEXT, below, "below", "a path below ${work}") \
	F(WORD, how, "how", "what is done to each file", garble)

#define SEND_FIELDS(F)                                            \
	F(NAME, on, "on", "a connection, or all those of a name") \
	F(BYTES, bytes, "bytes", "what is sent")

#define RECV_FIELDS(F)                                              \
	F(NAME, on, "on", "a connection, or all those of a name")   \
	F(INT, count, "count", "how many bytes", 1, STEP_COUNT_MAX) \
	F(LIMIT, limit, "limit", "how long", LIMIT_CONNECT)

#define WRITE_FIELDS(F)                             \
	F(BYTES, bytes, "bytes", "what is written") \
	F(INT_OR, times, "times", "how often", 1, STEP_COUNT_MAX, 1)

#define CLOSE_FIELDS(F)                                                   \
	F(STREAM_OR_NAME, what, "what",                                   \
	  "\"stdin\", \"stdout\" or \"stderr\" (our ends), a connection " \
	  "or a listener")                                                \
	F(WORD_OR, how, "how", "in which way", close_how, CLOSE_FIN)

#define STALL_FIELDS(F)             \
	F(OUTPUT_OR_NAME, on, "on", \
	  "\"output\", which is stdout and stderr, or connections")

#define SIGNAL_FIELDS(F)                                 \
	F(WORD, id, "signal", "which signal", signal_id) \
	F(WORD_OR, to, "to", "who gets it", signal_to, SIGNAL_TO_PT)

#define PAUSE_FIELDS(F)                                                        \
	F(INT_OR, ms, "ms", "how long, in milliseconds", 0, STEP_PAUSE_MAX_MS, \
	  0)                                                                   \
	F(INT_OR, idle, "idle",                                                \
	  "and so many percent of the time after which the target closes "     \
	  "connections that carry no datagrams",                               \
	  0, 300, 0)

#define WAIT_FIELDS(F)                                                        \
	F(WORD_OR, what, "for", "what is waited for", wait_for, WAIT_EXIT)    \
	F(NAME_OR_NONE, on, "on", "the listener, or the snapshot of \"fds\"") \
	F(LIMIT, limit, "limit",                                              \
	  "how long; for \"accept\" it is \"connect\", for \"fds\" it "       \
	  "is \"window\", when not said",                                     \
	  LIMIT_EXIT)

#define WINDOW_FIELDS(F)                                               \
	F(INT_OR, ms, "ms",                                            \
	  "how long, in milliseconds, where it only has to tell work " \
	  "from rest; 0: the limit",                                   \
	  0, STEP_PAUSE_MAX_MS, 0)                                     \
	F(LIMIT, limit, "limit", "how long", LIMIT_WINDOW)

#define PORTS_FIELDS(F)                                                    \
	F(INT, left, "left",                                               \
	  "how many ephemeral ports the namespace still has; -1: all", -1, \
	  STEP_PORTS_MAX)

#define LACK_FIELDS(F) F(WORD, what, "what", "what is missing", world_part)

#define NO_FIELDS(F)

#define STEP_KINDS(X)                                                           \
	X(START, start, ANYTIME, START_FIELDS,                                  \
	  "Launch the transport.  A second one in a case is a second "          \
	  "instance, whose events carry the prefix \"2:\" (\"2:pt\", "          \
	  "\"2:stdout\"), a third one \"3:\"; the steps that follow are "       \
	  "about it.")                                                          \
	X(TURN, turn, STARTED, TURN_FIELDS,                                     \
	  "The steps that follow are about that instance again, the first "     \
	  "of its role.")                                                       \
	X(EXPECT, expect, STARTED, EXPECT_FIELDS,                               \
	  "Wait for an answer; ends early when the transport exits.")           \
	X(SETTLE, settle, STARTED, SETTLE_FIELDS,                               \
	  "After a fatal *-ERROR line, wait for the exit.")                     \
	X(SNAPSHOT, snapshot, ANYTIME, SNAPSHOT_FIELDS,                         \
	  "Look at what is there, for judges.")                                 \
	X(CONNECT, connect, STARTED, CONNECT_FIELDS,                            \
	  "Connect to the transport, or to anybody.")                           \
	X(SEND, send, STARTED, SEND_FIELDS, "Send on connections.")             \
	X(RECV, recv, STARTED, RECV_FIELDS,                                     \
	  "Wait until each connection has got so much, or has ended.")          \
	X(LISTEN, listen, ANYTIME, LISTEN_FIELDS,                               \
	  "Listen, accept, and record what comes.")                             \
	X(SOCKS, socks, STARTED, SOCKS_FIELDS,                                  \
	  "Be the application: connect to the announced method of T, "          \
	  "speak SOCKS5 or SOCKS4 as it says, tell it the settings of the "     \
	  "target (in SOCKS4 by the user id), ask for a destination, and "      \
	  "wait for the answer.  Behind the answer the connection carries "     \
	  "what is meant for the destination.  When a server was started, "     \
	  "too, it is told what that one printed.  A connection that was "      \
	  "refused stays, so that one sees when the transport closes it.  "     \
	  "Skipped when SOCKS4 cannot ask for an IPv6 destination, and "        \
	  "when no parent would use the transport: it has no such method, "     \
	  "printed a fatal line, chose a version that was not offered, or "     \
	  "did not say PROXY DONE to a proxy.")                                 \
	X(RELAY, relay, ANYTIME, RELAY_FIELDS,                                  \
	  "Stand between a client and a server: pass on what comes, and "       \
	  "record the connections, not the bytes.  An end is passed on, too.  " \
	  "\"stall\" and \"resume\" hold up what there is; the connection "     \
	  "that it made for NAME#I is NAME#I:out.")                             \
	X(CUT, cut, STARTED, CUT_FIELDS,                                        \
	  "End connections of a relay on both sides; it goes on listening.")    \
	X(UDP, udp, ANYTIME, UDP_FIELDS,                                        \
	  "Open a UDP socket, and record what comes.")                          \
	X(DATAGRAM, datagram, STARTED, DATAGRAM_FIELDS, "Send datagrams.")      \
	X(GATHER, gather, STARTED, GATHER_FIELDS,                               \
	  "Wait until so many datagrams have come.")                            \
	X(PROXY, proxy, ANYTIME, PROXY_FIELDS,                                  \
	  "Be an upstream proxy.  What is granted it plays itself, unless "     \
	  "it has to pass it on: the connection then carries what was meant "   \
	  "for the destination.")                                               \
	X(EXTOR, extor, ANYTIME, EXTOR_FIELDS,                                  \
	  "Be an Extended ORPort; a connection then carries what was "          \
	  "tunnelled.  The file ${cookie} is made here when the launch "        \
	  "names it and it is not there; its key is ${marker}-cookie-key-.")    \
	X(PUMP, pump, STARTED, PUMP_FIELDS,                                     \
	  "Send a known pattern on every connection of a name, and check "      \
	  "what comes out at those of another, which are matched by what "      \
	  "they get.  Waits for all of it, or an end, or until nothing "        \
	  "came for the limit.  The trace has the outcome, not the bytes.")     \
	X(FILE, file, ANYTIME, FILE_FIELDS, "Make a file.")                     \
	X(GARBLE, garble, ANYTIME, GARBLE_FIELDS,                               \
	  "Change every file below a path.")                                    \
	X(WRITE, write, STARTED, WRITE_FIELDS,                                  \
	  "Write to stdin; never blocks.")                                      \
	X(CLOSE, close, ANYTIME, CLOSE_FIELDS,                                  \
	  "Close a stream, connections or a listener.")                         \
	X(STALL, stall, STARTED, STALL_FIELDS, "Stop reading.")                 \
	X(RESUME, resume, STARTED, STALL_FIELDS, "Read again.")                 \
	X(SIGNAL, signal, STARTED, SIGNAL_FIELDS, "Send a signal.")             \
	X(PAUSE, pause, ANYTIME, PAUSE_FIELDS,                                  \
	  "Let time pass: a stimulus at a point in time, not a way to wait.")   \
	X(WAIT, wait, STARTED, WAIT_FIELDS,                                     \
	  "Wait for something; ends when the transport exits.")                 \
	X(WINDOW, window, STARTED, WINDOW_FIELDS,                               \
	  "A window of absence, in which something must not happen; ends "      \
	  "when the transport does.")                                           \
	X(PORTS, ports, ANYTIME, PORTS_FIELDS,                                  \
	  "Leave the namespace only so many ephemeral ports; needs the "        \
	  "sandbox.")                                                           \
	X(LACK, lack, ANYTIME, LACK_FIELDS,                                     \
	  "Take away what most machines have, for the rest of the launch; "     \
	  "needs the sandbox.")                                                 \
	X(MOVE, move, ANYTIME, NO_FIELDS,                                       \
	  "From now on moves.test, and what is below it, has the address "      \
	  "${far2} instead of ${far}.")                                         \
	X(STOP, stop, STARTED, NO_FIELDS,                                       \
	  "The end of the case, not judged: close stdin, give it half a "       \
	  "second.")

#endif
