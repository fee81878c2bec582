/*
 * hygiene.c - Good behaviour: rules of our own, which no specification has.
 */
#include "harness/req/conduct/hygiene.h"
#include "harness/req/traffic/tunnel.h"

static const struct req rows[] = {
	{
		.id = "HY-CRASH-1",
		.level = L_HYGIENE,
		.section = "—",
		.role = "pt-common",
		.classes = "proc",
		.dflt = V_WARN,
		.title = "It never crashes, whatever it is given.",
		.observe =
			"Every launch of every case: an end by SIGSEGV, SIGABRT and "
			"the like, a panic, a traceback or the report of a "
			"sanitizer on stderr.",
		.fault = "Dereferences what was not there.",
		.traps =
			"Words of a crash in the logs of a transport that lives on "
			"do not count.",
		.profiles = IN_BOTH,
		.judge = hy_crash,
	},
	{
		.id = "HY-SIGNAL-1",
		.level = L_HYGIENE,
		.section = "—",
		.role = "pt-common",
		.classes = "proc",
		.dflt = V_WARN,
		.title = "It does not die of a signal that nobody sent.",
		.observe =
			"Every launch: an end by a signal that no step of the case "
			"sent; crashes have a row of their own.",
		.fault = "Sends itself SIGTERM to end.",
		.traps =
			"SIGPIPE after one of its outputs was closed is what "
			"runtimes do. What it asked the kernel to send at the death "
			"of its parent is the parent's doing. SIGKILL may be the "
			"kernel's, short of memory.",
		.profiles = IN_BOTH,
		.judge = hy_signal,
	},
	{
		.id = "HY-CHILD-1",
		.level = L_HYGIENE,
		.section = "—",
		.role = "pt-common",
		.classes = "proc",
		.dflt = V_WARN,
		.title = "No process that it started outlives it.",
		.observe =
			"Every launch that it ended by itself: processes a quarter "
			"of a second later.",
		.fault = "Leaves a helper behind when it exits after an error.",
		.traps = "A helper may need a moment to notice.",
		.profiles = IN_BOTH,
		.judge = hy_child,
	},
	{
		.id = "HY-ZOMBIE-1",
		.level = L_HYGIENE,
		.section = "—",
		.role = "pt-common",
		.classes = "proc",
		.dflt = V_WARN,
		.title = "It collects the children that have ended.",
		.observe =
			"The processes before and after a window: the same zombie "
			"in both.",
		.fault = "Never waits for its helper.",
		.traps = "A zombie of a moment is how a child ends.",
		.profiles = IN_BOTH,
		.judge = hy_zombie,
	},
	{
		.id = "HY-LISTEN-1",
		.level = L_HYGIENE,
		.section = "—",
		.role = "pt-client",
		.classes = "net",
		.dflt = V_WARN,
		.title =
			"A client has no TCP listener but those that it announces.",
		.observe = "Sockets after DONE.",
		.fault = "A second listener for its own statistics.",
		.traps =
			"UDP sockets are for what it dials. A port that the user "
			"asked for by an argument is not in the trace: a note on "
			"the target says so.",
		.profiles = IN_BOTH,
		.judge = hy_listen,
	},
	{
		.id = "HY-LOCAL-1",
		.level = L_HYGIENE,
		.section = "—",
		.role = "pt-client",
		.classes = "net",
		.dflt = V_WARN,
		.title =
			"A client listens at loopback addresses only, whatever it "
			"announces.",
		.observe = "Sockets after DONE.",
		.fault = "A debug listener at 0.0.0.0.",
		.traps =
			"An address given by -proxylistenaddr of later versions is "
			"its owner's choice.",
		.profiles = IN_BOTH,
		.judge = hy_local,
	},
	{
		.id = "HY-FDS-1",
		.level = L_HYGIENE,
		.section = "—",
		.role = "pt-common",
		.classes = "proc",
		.dflt = V_WARN,
		.title =
			"Descriptors do not grow with the connections that it has "
			"served.",
		.observe =
			"After some connections that warm it up two rounds of "
			"twenty, closed again; descriptors after each: growth by "
			"half a descriptor a connection in both is a leak. Whole "
			"connections, half-finished handshakes, refused "
			"destinations.",
		.fault = "Never closes the socket of a client that hung up.",
		.traps =
			"What a runtime opens once (epoll, pools, random numbers) "
			"is no leak. Closing may take a while.",
		.profiles = IN_BOTH,
		.judge = hy_fds,
	},
	{
		.id = "HY-IDLE-1",
		.level = L_HYGIENE,
		.section = "—",
		.role = "pt-common",
		.classes = "proc",
		.dflt = V_WARN,
		.title =
			"It does next to nothing while there is nothing to do.",
		.observe =
			"A window without connections, after others have ended: "
			"processor time.",
		.fault = "Polls a descriptor that is at its end.",
		.traps =
			"What it does in the first 300 ms after DONE is part of "
			"starting.",
		.profiles = IN_BOTH,
		.judge = hy_idle,
	},
	{
		.id = "HY-EMFILE-1",
		.level = L_HYGIENE,
		.section = "—",
		.role = "pt-common",
		.classes = "proc",
		.dflt = V_WARN,
		.title =
			"Out of descriptors it waits for some in peace, and serves "
			"again when there are.",
		.observe =
			"A low limit, more connections than that, a window; then "
			"they are closed, and a client asks for an answer.",
		.fault = "Calls accept again and again without a pause.",
		.traps = "To refuse or to close what is too much is fine.",
		.profiles = IN_BOTH,
		.judge = hy_emfile,
	},
	{
		.id = "HY-FULL-1",
		.level = L_HYGIENE,
		.section = "—",
		.role = "pt-common",
		.classes = "proc",
		.dflt = V_WARN,
		.title =
			"It goes on serving when nobody reads its outputs and the "
			"pipes are full.",
		.observe =
			"Pipes of a page, nobody reads after DONE, 150 connections, "
			"and then a client that asks for an answer.",
		.fault =
			"Writes a line to stderr for each connection, and waits "
			"until it is read.",
		.traps = "A transport that prints nothing shows nothing.",
		.profiles = IN_BOTH,
		.judge = hy_full,
	},
	{
		.id = "HY-CLOSED-1",
		.level = L_HYGIENE,
		.section = "—",
		.role = "pt-common",
		.classes = "proc",
		.dflt = V_WARN,
		.title =
			"With stdout or stderr closed it ends in order or goes on "
			"in peace.",
		.observe =
			"Both closed at once, or stdout behind VERSION; a window.",
		.fault = "Writes the same line for ever.",
		.traps = "Dying of SIGPIPE is orderly here.",
		.profiles = IN_BOTH,
		.judge = hy_closed,
	},
	{
		.id = "HY-ARGV-1",
		.level = L_HYGIENE,
		.section = "—",
		.role = "pt-common",
		.classes = "proc",
		.dflt = V_WARN,
		.title =
			"No secret on the command line of a process that it starts.",
		.observe =
			"Command lines of its descendants: secret fields of the "
			"target, the password of the upstream proxy.",
		.fault = "`sh -c` with the key as an argument.",
		.traps = "The environment of a process is not public.",
		.profiles = IN_BOTH,
		.judge = hy_argv,
	},
	{
		.id = "HY-SECRET-1",
		.level = L_HYGIENE,
		.section = "—",
		.role = "pt-common",
		.classes = "fs",
		.dflt = V_WARN,
		.title = "No secret in a file that others can read.",
		.observe =
			"All that it wrote, anywhere: the values of secret fields "
			"and of the proxy's password, against mode bits.",
		.fault = "A copy of its options in a file of mode 0644.",
		.traps =
			"In a directory that it made for itself alone the bits of "
			"the file do not count.",
		.profiles = IN_BOTH,
		.judge = hy_secret,
	},
	{
		.id = "HY-NOFILE-1",
		.level = L_HYGIENE,
		.section = "—",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_WARN,
		.title =
			"With few descriptors it starts, or says in order that it "
			"cannot.",
		.observe =
			"A limit of 10, for one transport and for all of them, and "
			"of 12.",
		.fault = "Exits without a word.",
		.traps =
			"Below 10 the runtime of Go itself gives up: beside three "
			"standard descriptors and a listener it takes up to five "
			"for itself while it starts.",
		.profiles = IN_BOTH,
		.judge = hy_nofile,
	},
	{
		.id = "HY-DISK-1",
		.level = L_HYGIENE,
		.section = "—",
		.role = "pt-common",
		.classes = "fs",
		.dflt = V_WARN,
		.title =
			"A state directory without room, or with an input error, is "
			"answered in order.",
		.observe =
			"A file system of a page; ENOSPC, EDQUOT, EIO, EROFS in "
			"mkdir, open, write, fsync and rename below the state "
			"directory.",
		.fault = "Crashes on the file that it could not write.",
		.traps =
			"One that keeps no state, or can do without, just starts.",
		.profiles = IN_BOTH,
		.judge = hy_disk,
	},
	{
		.id = "HY-SOCKET-1",
		.level = L_HYGIENE,
		.section = "—",
		.role = "pt-common",
		.classes = "net",
		.dflt = V_WARN,
		.title =
			"Failing calls of socket, bind and listen are answered in "
			"order.",
		.observe =
			"EMFILE and ENOBUFS in socket, EACCES in bind, EADDRINUSE "
			"in listen.",
		.fault = "Tries to bind for ever.",
		.traps = "A second attempt that works is fine.",
		.profiles = IN_BOTH,
		.judge = hy_socket,
	},
	{
		.id = "HY-ACCEPT-1",
		.level = L_HYGIENE,
		.section = "—",
		.role = "pt-client",
		.classes = "net",
		.dflt = V_WARN,
		.title = "One failing accept is not the end of accepting.",
		.observe =
			"EMFILE, ECONNABORTED and ENOBUFS, once; then the client "
			"must get its answer.",
		.fault = "Leaves its loop at the first error.",
		.traps = "The connection that is waiting is not gone by that.",
		.profiles = IN_BOTH,
		.judge = hy_accept,
	},
	{
		.id = "HY-RESET-1",
		.level = L_HYGIENE,
		.section = "—",
		.role = "pt-common",
		.classes = "net",
		.dflt = V_INFO,
		.title = "A reset at one end of a tunnel comes out as a reset.",
		.observe =
			"A tunnel that carried a request; either end resets; "
			"what the other end sees.",
		.fault = "Closes the other end as if all had been said.",
		.traps =
			"Any end will do for the specification: a note, as a reader "
			"cannot tell a short answer from a whole one.",
		.profiles = IN_BOTH,
		.judge = judge_hy_reset_1,
	},
	{
		.id = "HY-SLOW-1",
		.level = L_HYGIENE,
		.section = "—",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_WARN,
		.title = "Lines come out whole when they are read slowly.",
		.observe =
			"Pipes of a page that are read byte by byte; nobody reads "
			"for a while; a line that is longer than a pipe.",
		.fault = "Ignores that a write took a part only.",
		.traps =
			"The long line is not legal for each transport: an error is "
			"fine there.",
		.profiles = IN_BOTH,
		.judge = hy_slow,
	},
	{
		.id = "HY-STDIN-1",
		.level = L_HYGIENE,
		.section = "—",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_WARN,
		.title = "When stdin ends, so does it, at every point of the "
			 "dialogue.",
		.observe =
			"stdin at its end from the start, closed at once, behind "
			"VERSION, behind the first method, behind DONE, with "
			"connections.",
		.fault = "Hangs when stdin ends before VERSION.",
		.traps = "Only where the variable asks for it.",
		.profiles = IN_BOTH,
		.judge = hy_stdin,
	},
};

const struct req_area req_area_hygiene = {
	.name = "hygiene",
	.title = "Good behaviour",
	.rows = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};
