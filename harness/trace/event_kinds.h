/*
 * event_kinds.h - every kind of event: the one table of it.
 *
 * Structs, reader, writer and docs/trace-format.md (make docs) follow from it.
 * It is included by those who have defined what its words are to become (one
 * that is not defined becomes nothing), so it has no include guard; whoever
 * works with events includes event.h.
 *
 *   EVENT_KIND(ID, name, "key", "doc")
 *       EV_ID, struct event_NAME, and member NAME of struct event; "key" in the
 *       file.  Then its fields, in the order in which they stand in the file;
 *       the doc says the unit of a number:
 *   F_NAME(field, "key", "doc")   the process, stream, connection, listener or
 *                                 snapshot that it is about; the first field, if any
 *   F_WORD(field, "key", "doc")   one of a few words of ours that stand elsewhere
 *   F_ENUM(field, "key", set, "doc")   one of the words of that set in
 *                                 event_words.h; an enum of that name
 *   F_TEXT(field, "key", "doc")   words of the system, or more than a word
 *   F_ADDR(field, "key", "doc")   address:port
 *   F_BYTES(field, "key", "doc")  what came from outside, as it came
 *   F_INT(field, "key", "doc")    a number
 *   EVENT_END                     of the kind
 */
#ifndef EVENT_KIND
#define EVENT_KIND(...)
#endif
#ifndef F_NAME
#define F_NAME(...)
#endif
#ifndef F_WORD
#define F_WORD(...)
#endif
#ifndef F_ENUM
#define F_ENUM(...)
#endif
#ifndef F_TEXT
#define F_TEXT(...)
#endif
#ifndef F_ADDR
#define F_ADDR(...)
#endif
#ifndef F_BYTES
#define F_BYTES(...)
#endif
#ifndef F_INT
#define F_INT(...)
#endif
#ifndef EVENT_END
#define EVENT_END
#endif
/* clang-format off */

EVENT_KIND(SPAWN, spawn, "spawn",
	"a process of ours was started: the transport")
	F_NAME(what, "what", "the process: \"pt\", \"2:pt\" for a second one, \"3:pt\"")
	F_WORD(role, "role",
		"\"own\" role of the launch, or the \"peer\" of that")
	F_INT(pid, "pid", "its process id")
	F_INT(ppid, "ppid", "that of its parent")
EVENT_END

EVENT_KIND(EXEC_FAILED, exec_failed, "exec-failed",
	"the transport could not be executed")
	F_NAME(what, "what", "the process")
	F_TEXT(error, "error", "what the system says")
	F_INT(code, "errno", "number of the error")
EVENT_END

EVENT_KIND(OUT, out, "out", "bytes were read from stdout or stderr")
	F_NAME(on, "on", "the stream")
	F_BYTES(data, "data", "as they came in one read")
EVENT_END

EVENT_KIND(EOF, eof, "eof", "a stream or a connection ended")
	F_NAME(on, "on", "the stream or connection")
	F_TEXT(how, "how", "\"fin\", or an error of the system")
EVENT_END

EVENT_KIND(CUT, cut, "cut",
	"what came beyond the recording limit was read, or a datagram sent, but "
	"not recorded")
	F_NAME(on, "on", "the stream, connection or UDP socket")
	F_INT(bytes, "bytes", "how many bytes")
EVENT_END

EVENT_KIND(WRITE, write, "write", "bytes were offered to stdin")
	F_NAME(on, "on", "the stream")
	F_INT(taken, "taken", "bytes that went in")
	F_INT(refused, "refused", "bytes that did not: pipe full, or closed")
EVENT_END

EVENT_KIND(CLOSE, close, "close",
	"the harness closed a stream, a connection or a listener")
	F_NAME(what, "what", "which")
	F_ENUM(how, "how", closed_how, "which way")
EVENT_END

EVENT_KIND(SIGNAL, signal, "signal", "the harness sent a signal")
	F_NAME(to, "to", "the process")
	F_WORD(signal, "signal", "its name without SIG: \"TERM\"")
EVENT_END

EVENT_KIND(EXIT, exit, "exit", "a process of ours was reaped")
	F_NAME(what, "what", "the process")
	F_ENUM(how, "how", exit_how, "its end")
	F_INT(code, "code", "exit status, or number of the signal")
	F_INT(cpu_us, "cpu_us", "processor time that it took, in µs")
EVENT_END

EVENT_KIND(KILL, kill, "kill",
	"the harness ends the transport at the end of the case: it closes "
	"stdin, sends SIGTERM, then SIGKILL; what comes after is its doing")
	F_NAME(what, "what", "the process")
EVENT_END

EVENT_KIND(STEP, step, "step", "a step of the case begins")
	F_WORD(kind, "kind", "kind of the step")
	F_INT(step, "step", "its number in the case, from 1")
EVENT_END

EVENT_KIND(MET, met, "met", "the condition that a step waited for came true")
	F_INT(step, "step", "number of the step")
EVENT_END

EVENT_KIND(LIMIT, limit, "limit", "the deadline of a step passed")
	F_WORD(limit, "limit", "which limit")
	F_INT(step, "step", "number of the step")
	F_INT(ms, "ms", "the limit, in ms")
EVENT_END

EVENT_KIND(WINDOW, window, "window", "a window of absence opens or closes")
	F_ENUM(state, "state", window_state, "the new state")
	F_INT(ms, "ms", "its length, in ms")
EVENT_END

EVENT_KIND(PROCESSOR, processor, "processor",
	"what the transport and the harness had of the processors until the "
	"met, limit, window or kill before it; the transport: all processes "
	"that the case started, and all below them")
	F_ENUM(state, "state", share_state, "how the transport was")
	F_ENUM(by, "by", share_source,
		"how waiting for a processor is known")
	F_INT(step, "step", "number of the step, or 0 at the end of the case")
	F_INT(took_us, "took_us", "how long this is about, in µs")
	F_INT(cpu_us, "cpu_us",
		"processor time of the transport in it, in µs")
	F_INT(waited_us, "waited_us",
		"how long its threads waited for a processor, or a lock of the "
		"kernel, in it, in µs")
	F_INT(late_us, "late_us",
		"how long the harness waited for one, or was late, in µs")
	F_INT(disk_us, "disk_us",
		"how long anything on the machine waited for a disk in it, in "
		"µs, where the kernel counts that")
	F_INT(owed, "owed",
		"bytes that the harness had yet to send, or to read, by its "
		"own timers")
EVENT_END

EVENT_KIND(SOCKET, socket, "socket",
	"a listener or a bound UDP socket was seen in a snapshot")
	F_NAME(in, "in", "the snapshot")
	F_WORD(proto, "proto", "\"tcp\", \"tcp6\", \"udp\" or \"udp6\"")
	F_ADDR(addr, "addr", "local address:port")
	F_WORD(of, "of",
		"whose it is where two transports run, \"pt\" or \"2:pt\"; empty: "
		"not told")
EVENT_END

EVENT_KIND(PROCESS, process, "process", "a process was seen in a snapshot")
	F_NAME(in, "in", "the snapshot")
	F_TEXT(name, "name", "its name")
	F_WORD(state, "state", "the letter that the system gives its state")
	F_INT(pid, "pid", "its process id")
	F_INT(ppid, "ppid", "that of its parent")
EVENT_END

EVENT_KIND(FILE, file, "file", "a path was seen in a snapshot")
	F_NAME(in, "in", "the snapshot")
	F_ENUM(type, "type", file_type, "what it is")
	F_BYTES(path, "path", "below the work directory")
	F_INT(mode, "mode", "mode bits")
	F_INT(size, "size", "in bytes")
EVENT_END

EVENT_KIND(SNAPSHOT, snapshot, "snapshot", "a snapshot is complete")
	F_NAME(in, "in", "the snapshot")
	F_WORD(of, "of", "\"sockets\", \"processes\", \"files\", ...")
	F_INT(count, "count", "how many it has")
EVENT_END

EVENT_KIND(CONNECT, connect, "connect", "an attempt to connect ended")
	F_NAME(conn, "conn", "the connection")
	F_ENUM(result, "result", connect_result, "how it ended")
	F_ADDR(addr, "addr", "where to")
	F_INT(code, "errno", "number of the error, or 0")
	F_INT(tries, "tries", "attempts made so far")
EVENT_END

EVENT_KIND(LISTEN, listen, "listen", "the harness opened a listener")
	F_NAME(name, "name", "the listener")
	F_WORD(result, "result", "\"ok\", or an error")
	F_ADDR(addr, "addr", "where")
EVENT_END

EVENT_KIND(ACCEPT, accept, "accept", "somebody connected to a listener")
	F_NAME(name, "name", "the connection")
	F_ADDR(peer, "peer", "address of who connected")
EVENT_END

EVENT_KIND(SEND, send, "send", "bytes were sent")
	F_NAME(conn, "conn", "the connection")
	F_BYTES(data, "data",
		"those that the system took; none when the other side had gone")
EVENT_END

EVENT_KIND(RECV, recv, "recv", "bytes were received")
	F_NAME(conn, "conn", "the connection")
	F_BYTES(data, "data", "as they came in one read")
EVENT_END

EVENT_KIND(UDP, udp, "udp", "the harness opened a UDP socket")
	F_NAME(name, "name", "the socket")
	F_TEXT(result, "result", "\"ok\", or an error")
	F_ADDR(addr, "addr", "where")
	F_ADDR(to, "to", "where it sends to; empty: to who sent to it last")
EVENT_END

EVENT_KIND(SENT, sent, "sent", "a datagram was sent")
	F_NAME(from, "from", "the socket")
	F_ADDR(to, "to", "where to; empty: there is nobody to send to")
	F_BYTES(data, "data", "what is in it")
	F_INT(code, "errno", "number of the error, or 0")
	F_INT(again, "again", "1: it is sent again until one comes out")
EVENT_END

EVENT_KIND(GOT, got, "got", "a datagram came")
	F_NAME(on, "on", "the socket")
	F_ADDR(from, "from", "where it came from")
	F_BYTES(data, "data", "what is in it")
EVENT_END

EVENT_KIND(PORTS, ports, "ports",
	"ephemeral ports of the namespace were taken away")
	F_INT(left, "left", "how many are left")
EVENT_END

EVENT_KIND(ORPHAN, orphan, "orphan",
	"a process outlived the transport and its parent")
	F_TEXT(name, "name", "its name")
	F_INT(pid, "pid", "its process id")
EVENT_END

EVENT_KIND(WORLD, world, "world", "what the namespace has beside loopback")
	F_WORD(link, "link", "the kind of link, \"local\" or \"none\"")
	F_TEXT(why, "why", "what stands against more")
	F_INT(ipv6, "ipv6", "1 with IPv6")
EVENT_END

EVENT_KIND(LACK, lack, "lack", "what most machines have was taken away")
	F_TEXT(what, "what", "\"ipv6\", \"localhost\" or \"link\"")
EVENT_END

EVENT_KIND(CAPTURE, capture, "capture", "capturing of packets begins or ends")
	F_ENUM(state, "state", capture_state, "the new state")
	F_TEXT(why, "why", "why it is off")
	F_INT(frames, "frames", "how many frames were captured, when done")
	F_INT(lost, "lost", "how many were lost, when done")
EVENT_END

EVENT_KIND(PACKET, packet, "packet",
	"the first packet of a flow to anything but a loopback address; what "
	"the kernel sends by itself is left out")
	F_NAME(on, "on", "\"lo\" or the link")
	F_ENUM(what, "what", packet_type, "what it is")
	F_ADDR(to, "to", "address of its destination")
	F_INT(frame, "frame", "number of its frame in the launch's .pcap")
	F_INT(bytes, "bytes", "its length, in bytes")
EVENT_END

EVENT_KIND(SENDER, sender, "sender",
	"whose such a packet was, where several transports run; not told when "
	"nobody has its socket any more")
	F_NAME(of, "of", "the transport")
	F_INT(frame, "frame", "number of its frame in the .pcap")
EVENT_END

EVENT_KIND(WIRE, wire, "wire",
	"what the transport sends over loopback: between client and server of "
	"a tunnel, or as datagrams to a listener of the harness")
	F_ENUM(what, "what", wire_type, "what it is")
	F_ENUM(by, "by", wire_side, "which side does it")
	F_ADDR(at, "at", "address of the server, or of the listener")
	F_INT(frame, "frame", "number of its frame in the .pcap")
EVENT_END

EVENT_KIND(QUERY, query, "query", "a question to the fake resolver")
	F_ENUM(by, "by", query_way, "the way it came")
	F_TEXT(type, "type", "its type: \"A\"")
	F_BYTES(name, "name", "what was asked for")
	F_INT(frame, "frame", "number of its frame in the .pcap, 0 by TCP")
EVENT_END

EVENT_KIND(FSWATCH, fswatch, "fswatch", "the state of the file-system watch")
	F_ENUM(state, "state", fswatch_state, "the new state")
	F_TEXT(why, "why", "why it is off")
EVENT_END

EVENT_KIND(TOUCH, touch, "touch",
	"a process of the transport is about to change something in the file "
	"system; a trace has EVENT_TOUCHES_MAX of them at most")
	F_WORD(op, "op", "what it does: \"create\", \"open\", \"mkdir\", ...")
	F_WORD(was, "was",
		"what was there: \"missing\", \"file\", \"dir\", ...")
	F_BYTES(path, "path", "the path")
	F_INT(mode, "mode", "mode bits, or flags")
	F_INT(pid, "pid", "the process")
EVENT_END

EVENT_KIND(CONTENT, content, "content",
	"bytes of a file that the transport wrote; behind "
	"EVENT_CONTENTS_KEEP bytes, 4 MiB, a trace has no more of them")
	F_WORD(at, "at", "\"end\", or what it was about to do with the file")
	F_BYTES(path, "path", "the path")
	F_BYTES(bytes, "bytes", "its first bytes")
	F_INT(mode, "mode", "mode bits")
	F_INT(size, "size", "size of the whole, in bytes")
EVENT_END

EVENT_KIND(INJECT, inject, "inject",
	"a system call of the transport was made to fail")
	F_WORD(call, "call", "what it tried, in the words of touch")
	F_TEXT(error, "error", "name of the error: \"EACCES\"")
	F_BYTES(path, "path", "the path")
	F_INT(code, "errno", "number of the error")
	F_INT(pid, "pid", "the process")
EVENT_END

EVENT_KIND(FDS, fds, "fds", "open descriptors of the transport were counted")
	F_NAME(as, "as", "the snapshot")
	F_WORD(of, "of", "whose it is, \"pt\" or \"2:pt\"; empty: not told")
	F_INT(count, "count", "how many")
EVENT_END

EVENT_KIND(MEMORY, memory, "memory", "memory of the transport was looked at")
	F_NAME(as, "as", "the snapshot")
	F_WORD(of, "of", "whose it is, \"pt\" or \"2:pt\"; empty: not told")
	F_INT(kib, "kib", "the most that it had so far, in KiB")
EVENT_END

EVENT_KIND(CPU, cpu, "cpu", "processor time of the transport was looked at")
	F_NAME(at, "at",
		"the snapshot, or \"open\" and \"closed\" for a window")
	F_WORD(of, "of", "whose it is, \"pt\" or \"2:pt\"; empty: not told")
	F_INT(us, "us", "what it took so far, in µs")
EVENT_END

EVENT_KIND(COMMAND, command, "command",
	"command line of a descendant in a snapshot of processes")
	F_NAME(in, "in", "the snapshot")
	F_BYTES(argv, "argv", "its words, each with a NUL byte behind it")
	F_INT(pid, "pid", "its process id")
EVENT_END

EVENT_KIND(UPSTREAM, upstream, "upstream",
	"what the harness's proxy did on a connection")
	F_NAME(conn, "conn", "the connection")
	F_ENUM(stage, "stage", proxy_did, "the stage that was reached, or the misdeed")
	F_BYTES(what, "what", "what was asked for")
EVENT_END

EVENT_KIND(EXTOR, extor, "extor", "what the harness's Extended ORPort did")
	F_NAME(conn, "conn",
		"the connection; with \"client\" a transport's name")
	F_ENUM(what, "what", extor_did, "what it did")
	F_BYTES(data, "data", "the cookie, or the client's address")
EVENT_END

EVENT_KIND(PLACE, place, "place", "the harness made a file, or replaced it")
	F_TEXT(path, "path", "the path")
	F_BYTES(bytes, "bytes", "its first 256 bytes")
	F_INT(size, "size", "size of the whole, in bytes")
EVENT_END

EVENT_KIND(SOCKS, socks, "socks",
	"a SOCKS session of the harness's application ended, or began to carry "
	"data")
	F_NAME(conn, "conn", "the connection")
	F_ENUM(result, "result", socks_result, "how it ended, or \"ok\"")
	F_ADDR(dest, "dest", "the destination that was asked for")
	F_INT(code, "code", "REP, or the method; -1 without")
	F_INT(got_data, "data", "1 when a byte of the tunnel came already")
EVENT_END

EVENT_KIND(PUMP, pump, "pump",
	"what came out of a connection of the bytes that were sent into "
	"another")
	F_NAME(out, "out", "where they came out")
	F_ENUM(result, "result", pump_result, "how that went")
	F_TEXT(in, "in", "where they went in")
	F_INT(bytes, "bytes", "how many came")
	F_INT(wrong, "wrong", "offset of the first that is wrong, or -1")
	F_INT(rested, "rested",
		"how long nobody read them meanwhile, in ms; 0: they were read "
		"at once")
EVENT_END

EVENT_KIND(VISIBLE, visible, "visible",
	"a packet holds the marker of the launch")
	F_ADDR(from, "from", "its source")
	F_ADDR(to, "to", "its destination")
	F_INT(frame, "frame", "number of its frame in the .pcap")
EVENT_END

EVENT_KIND(TOLD, told, "told",
	"from here on the harness tells clients what belongs to a server of this "
	"launch, those that start now on their command lines in place of what "
	"stands there in the head")
	F_BYTES(settings, "settings", "all of it, as k=v;k2=v2")
EVENT_END

EVENT_KIND(SKIPPED, skipped, "skipped", "something could not be done here")
	F_TEXT(reason, "reason", "why")
	F_INT(step, "step", "number of the step, or 0")
EVENT_END

EVENT_KIND(LAG, lag, "lag", "how late timers were served")
	F_INT(us, "us", "the latest, in µs")
EVENT_END

EVENT_KIND(END, end, "end", "the last event of a whole trace")
	F_TEXT(how, "how", "\"complete\", or \"aborted: \" and why")
	F_INT(children_cpu_us, "children_cpu_us",
		"processor time of all children, in µs")
	F_INT(worker_cpu_us, "worker_cpu_us",
		"processor time of the worker itself, in µs")
EVENT_END

/* clang-format on */
#undef EVENT_KIND
#undef F_NAME
#undef F_WORD
#undef F_ENUM
#undef F_TEXT
#undef F_ADDR
#undef F_BYTES
#undef F_INT
#undef EVENT_END
