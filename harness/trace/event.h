/*
 * event.h - what a worker can record.
 *
 * One flat record serves all kinds; the table below says which of its fields
 * a kind uses and under which key each appears in the trace file.  A new kind
 * of fact is a new row here; writer, reader and docs follow from it.
 */
#ifndef PTCHECK_TRACE_EVENT_H
#define PTCHECK_TRACE_EVENT_H

#include <stdint.h>

#include "harness/base/span.h"

/*
 * X(enum, name, key of ch, key of text, key of data, key of a, key of b)
 * NULL: the kind does not use that field.  `data` is bytes from outside and
 * is written escaped (harness/base/text.h); `ch` and `text` are our words.
 *
 * spawn       a process of ours was started: the PT; text: "own" role of the
 *             launch, or the "peer" of that
 * exec_failed the PT could not be executed; text: the system's words
 * out         bytes read from stdout or stderr, as they came
 * eof         that stream, or a connection, ended; text: "fin" or an error
 * cut         bytes beyond the recording limit were drained, not recorded
 * write       bytes offered to stdin: a taken, b not taken (pipe full, EPIPE)
 * close       the harness closed something: stdin, a connection, a listener;
 *             text: "half" when it goes on reading, "rst"
 * signal      the harness sent a signal; text: "TERM"
 * exit        a process of ours was reaped; text: "exited" or "killed" (by
 *             signal); a: status or signal, b: processor time in µs
 * kill        the harness ends the PT at the end of the case: closes stdin,
 *             sends SIGTERM, then SIGKILL; what comes after is its doing
 * step        a step of the case begins; a: its number from 1; text: kind
 * met         the condition that a step waited for came true; a: step number
 * limit       the deadline of a step passed; text: which limit, b: its ms
 * window      a window of absence; text: "open" or "closed", a: its ms
 * socket      one socket seen in a snapshot; text: "tcp", "tcp6", "udp",
 *             "udp6"; data: local address:port; only listeners and bound UDP
 * process     one process seen in a snapshot; text: its name, data: the letter
 *             of its state, a: pid, b: ppid
 * file        one path seen in a snapshot; data: path below the work
 *             directory, text: "dir", "file", "other"; a: mode bits, b: size
 * snapshot    a snapshot is complete; text: "sockets", "processes", "files";
 *             a: how many
 * connect     a connection attempt ended; data: address; text: "ok",
 *             "refused", "timeout", ...; a: errno, b: attempts made
 * listen      the harness opened a listener; data: address
 * accept      somebody connected to it; data: peer address
 * send, recv  bytes on a connection
 * ports       ephemeral ports left to the namespace; a: how many
 * orphan      a process that outlived the PT and its parent; a: pid
 * world       what the namespace has beside loopback; text: the kind of link,
 *             "local" or "none"; data: why not; a: 1 with IPv6
 * capture     text: "on", "off" (data: why) or "done" (a: frames, b: lost)
 * packet      the first packet of a flow to anything but a loopback address,
 *             kernel traffic left out; ch: "lo" or the link; text: "tcp-syn",
 *             "tcp", "udp", "icmp", "other"; data: to; a: number of its frame
 *             in the launch's .pcap, b: its bytes
 * query       a question to the fake resolver; ch: "udp" or "tcp"; text: its
 *             type ("A"); data: the name; a: frame, 0 by TCP
 * fswatch     file watching; text: "on", "off" (data: why), or "spared": a
 *             signal would have met the transport in a watched call
 * touch       a process of the transport is about to change something in the
 *             file system; ch: what it does ("create", "open", "mkdir", ...);
 *             text: what was there ("missing", "file", "dir", ...); data: the
 *             path; a: mode bits or flags, b: pid; EVENT_TOUCHES_MAX a
 *             launch
 * content     bytes of a file that it wrote; ch: "end", or what it was about
 *             to do with it; text: the path; a: mode bits, b: size;
 *             EVENT_CONTENTS_MAX a launch
 * inject      a system call of the transport was made to fail; ch: call, text:
 *             error, data: path; a: errno, b: pid
 * fds         open descriptors of the PT; ch: name, a: how many
 * memory      the most that the PT had in memory so far, in KiB; ch: name
 * cpu         processor time of the PT so far; ch: name, or "open" and
 *             "closed" for a window; a: µs
 * command     command line of a descendant in a snapshot of processes; data:
 *             its words, each with a NUL byte behind it; a: pid
 * upstream    what the harness's proxy did on a connection; text: the stage
 *             that was reached or the misdeed; data: what was asked for
 * extor       what the harness's Extended ORPort did on a connection, text;
 *             "cookie": the key under which it answers, data; "stalled",
 *             "closed", "reset": the misdeed; "granted", "denied", "failed"
 *             (nobody was authenticated).  Or "client": the first packet of
 *             data, a client, to the server ch, a transport; a launch tells
 *             of 64 at most
 * place       the harness made a file, or replaced it; text: path; data: its
 *             first 256 bytes; a: size
 * socks       a SOCKS session of the harness's application ended, or began to
 *             carry data; ch: connection; text: "ok", "refused", "method",
 *             "settings", "closed", "garbage", "timeout", "left" (before an
 *             answer, by the case); data: destination;
 *             a: REP or the method, b: whether a tunnel byte came already
 * pump        what came out of a connection of the bytes that were sent into
 *             another one; ch: where they came out; text: "ok", "short",
 *             "differs", "surplus" or "nothing"; data: where they went in; a:
 *             bytes that came, b: offset of the first that is wrong, or -1
 * visible     a packet holds the marker of the launch; ch, text: from, to; a:
 *             number of its frame
 * skipped     a step could not be done here; text: the reason
 * lag         a: the latest that a timer was served, in µs
 * end         last event; text: "complete" or "aborted: ..."; a: processor
 *             time of all children in µs, b: of the worker itself
 */
#define EVENT_KINDS(X)                                                      \
	X(SPAWN, "spawn", "what", "role", NULL, "pid", "ppid")              \
	X(EXEC_FAILED, "exec-failed", "what", "error", NULL, "errno", NULL) \
	X(OUT, "out", "on", NULL, "data", NULL, NULL)                       \
	X(EOF, "eof", "on", "how", NULL, NULL, NULL)                        \
	X(CUT, "cut", "on", NULL, NULL, "bytes", NULL)                      \
	X(WRITE, "write", "on", NULL, NULL, "taken", "refused")             \
	X(CLOSE, "close", "what", "how", NULL, NULL, NULL)                  \
	X(SIGNAL, "signal", "to", "signal", NULL, NULL, NULL)               \
	X(EXIT, "exit", "what", "how", NULL, "code", "cpu_us")              \
	X(KILL, "kill", "what", NULL, NULL, NULL, NULL)                     \
	X(STEP, "step", NULL, "kind", NULL, "step", NULL)                   \
	X(MET, "met", NULL, NULL, NULL, "step", NULL)                       \
	X(LIMIT, "limit", NULL, "limit", NULL, "step", "ms")                \
	X(WINDOW, "window", NULL, "state", NULL, "ms", NULL)                \
	X(SOCKET, "socket", "in", "proto", "addr", NULL, NULL)              \
	X(PROCESS, "process", "in", "name", "state", "pid", "ppid")         \
	X(FILE, "file", "in", "type", "path", "mode", "size")               \
	X(SNAPSHOT, "snapshot", "in", "of", NULL, "count", NULL)            \
	X(CONNECT, "connect", "conn", "result", "addr", "errno", "tries")   \
	X(LISTEN, "listen", "name", "result", "addr", NULL, NULL)           \
	X(ACCEPT, "accept", "name", NULL, "peer", NULL, NULL)               \
	X(SEND, "send", "conn", NULL, "data", NULL, NULL)                   \
	X(RECV, "recv", "conn", NULL, "data", NULL, NULL)                   \
	X(PORTS, "ports", NULL, NULL, NULL, "left", NULL)                   \
	X(ORPHAN, "orphan", NULL, "name", NULL, "pid", NULL)                \
	X(WORLD, "world", NULL, "link", "why", "ipv6", NULL)                \
	X(CAPTURE, "capture", NULL, "state", "why", "frames", "lost")       \
	X(PACKET, "packet", "on", "what", "to", "frame", "bytes")           \
	X(QUERY, "query", "by", "type", "name", "frame", NULL)              \
	X(FSWATCH, "fswatch", NULL, "state", "why", NULL, NULL)             \
	X(TOUCH, "touch", "op", "was", "path", "mode", "pid")               \
	X(CONTENT, "content", "at", "path", "bytes", "mode", "size")        \
	X(INJECT, "inject", "call", "error", "path", "errno", "pid")        \
	X(FDS, "fds", "as", NULL, NULL, "count", NULL)                      \
	X(MEMORY, "memory", "as", NULL, NULL, "kib", NULL)                  \
	X(CPU, "cpu", "at", NULL, NULL, "us", NULL)                         \
	X(COMMAND, "command", "in", NULL, "argv", "pid", NULL)              \
	X(UPSTREAM, "upstream", "conn", "stage", "what", NULL, NULL)        \
	X(EXTOR, "extor", "conn", "what", "data", NULL, NULL)               \
	X(PLACE, "place", NULL, "path", "bytes", "size", NULL)              \
	X(SOCKS, "socks", "conn", "result", "dest", "code", "data")         \
	X(PUMP, "pump", "out", "result", "in", "bytes", "wrong")            \
	X(VISIBLE, "visible", "from", "to", NULL, "frame", NULL)            \
	X(SKIPPED, "skipped", NULL, "reason", NULL, "step", NULL)           \
	X(LAG, "lag", NULL, NULL, NULL, "us", NULL)                         \
	X(END, "end", NULL, "how", NULL, "children_cpu_us", "worker_cpu_us")

enum event_kind {
#define X(id, ...) EV_##id,
	EVENT_KINDS(X)
#undef X
		EV_KINDS
};

/* What a trace has of a transport that goes on for ever. */
#define EVENT_TOUCHES_MAX 2000
#define EVENT_CONTENTS_MAX 64

struct event {
	uint32_t n; /* number in its trace, from 1 */
	int64_t t;  /* µs since the worker began, monotonic */
	enum event_kind kind;
	struct span ch, text, data;
	int64_t a, b;
};

struct event_row {
	const char *name, *ch, *text, *data, *a, *b;
};

extern const struct event_row event_rows[EV_KINDS];

#endif
