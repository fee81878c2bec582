/*
 * advice.c - see advice.h.  In the order of the catalogue; texts as those of
 * areas.h: whom it hurts, and what to look at first.
 */
#include "harness/req/core/advice.h"

#include <string.h>

static const struct advice {
	const char *id, *why, *mend;
} rows[] = {
	{ "ENV-VER-1",
	  "A parent offers all the versions it knows. A transport that "
	  "wants the list to be one number starts under no parent but "
	  "today's.",
	  "Split the value at commas and look for one element that you "
	  "support; ignore the others." },
	{ "ENV-VER-3",
	  "Later versions may be called anything. Who stops at a word it "
	  "does not know cannot be started by a newer parent.",
	  "Compare elements as text, and skip those that you do not know "
	  "without parsing them." },
	{ "ENV-VER-5",
	  "\"20\" or \"2.1\" taken for \"2\" is an agreement that the "
	  "other side does not know of.",
	  "Compare the whole element with \"2\"; no prefix, no number." },
	{ "ENV-VER-11",
	  "Without a version nobody knows how the lines are to be read, "
	  "so a transport that goes on talks to nobody.",
	  "Where the variable is missing or empty, say `ENV-ERROR` or "
	  "`VERSION-ERROR` and exit." },
	{ "AN-LOG-1",
	  "Addresses in a file of the client say which bridges a user "
	  "had, to everybody who gets hold of the disk.",
	  "Take addresses out of log lines before they are written, also "
	  "at the most talkative level." },
	{ "AN-LOG-2",
	  "A bridge that keeps its clients' addresses is a list of the "
	  "people who needed it.",
	  "Take addresses out of log lines, also out of the errors of "
	  "system calls, which often have them in their text." },
	{ "AN-LOG-3",
	  "What a transport prints is kept in the log of its parent, so "
	  "an address there is on the disk as well.",
	  "Print errors without the addresses in them; errors of a "
	  "library have to be taken apart first." },
	{ "AN-CONF-1",
	  "Who learns the address or the secret of a bridge from a log "
	  "can block it for everybody.",
	  "Never print settings as they came; name the key that is wrong,"
	  " and not its value." },
	{ "AN-CONF-2", "Payload in a log is what users said and read.",
	  "Remove what dumps buffers, or build it only where no release "
	  "is made of it." },
	{ "AN-DNS-1",
	  "A query in clear tells the network what a transport is about "
	  "to do, and that there is one.",
	  "Use addresses as they are given, and look for libraries that "
	  "resolve a name when they start." },
	{ "AN-DNS-2",
	  "The network sees the name of the bridge though a proxy was set"
	  " up so that it does not.",
	  "Hand the name to the proxy: SOCKS4a and SOCKS5 take names, and"
	  " so does HTTP CONNECT." },
	{ "AN-DNS-3",
	  "Asking for the name of an address tells the resolver who the "
	  "clients are.",
	  "Look for functions that find names for log lines, and print "
	  "numbers or nothing." },
	{ "AN-DNS-4",
	  "A resolver of its own goes around what the user has set up, "
	  "and tells a third party.",
	  "Use the resolver of the system, and no built-in list of "
	  "servers." },
	{ "AN-FC-1",
	  "Somebody who set up a proxy may be in danger without it, so a "
	  "direct connection is the worst thing to do.",
	  "Where the proxy cannot be used, fail the connection. There is "
	  "no second way." },
	{ "AN-FC-2",
	  "A proxy with a typing error must not become no proxy: nobody "
	  "would notice.",
	  "Check the setting before anything is started, and exit with "
	  "`PROXY-ERROR` if it will not do." },
	{ "AN-NET-1",
	  "Traffic besides the tunnel is a mark by which the network "
	  "knows the transport.",
	  "Turn off what libraries send by themselves: looking for "
	  "updates, telemetry, time, names on the local network." },
	{ "PX-USE-1",
	  "One connection around the proxy shows the network the user's "
	  "address and the bridge together.",
	  "Have one function that connects, with the proxy in it, and let"
	  " everything use that." },
	{ "PX-USE-2",
	  "A retry or a helper that goes around the proxy undoes it for "
	  "all the others.",
	  "Look at connections that libraries make: those for brokers, "
	  "fronts, and names need the proxy, too." },
	{ "PX-UDP-1",
	  "Datagrams past the proxy show what the proxy is there to hide.",
	  "Carry them through the proxy or refuse the mode when there is "
	  "a proxy." },
	{ "PX-CLOSED-1",
	  "A client that connects directly when the proxy is away tells "
	  "the network everything at the first hiccup.",
	  "Hand the error to the parent as a reply that fails, and drop "
	  "the code that tries without." },
	{ "PX-CLOSED-2",
	  "A proxy that refuses is not a proxy that is not needed.",
	  "Treat each refusal as the failure of the connection: 0xFF, "
	  "another reply than 0, a status of HTTP that is not 2xx." },
	{ "PX-CLOSED-3",
	  "Sending again around the proxy shows the network what had been"
	  " hidden until then.",
	  "When the connection to the proxy ends, end the one of the "
	  "application as well." },
	{ "PX-ERR-2",
	  "A parent waits for the transport or believes that it works "
	  "without the proxy.",
	  "Exit with status 69 right behind the line, before any listener"
	  " is opened." },
	{ "PX-ERR-3",
	  "A method line behind the error says that the transport works, "
	  "and a parent may use it, without a proxy.",
	  "Return right after `PROXY-ERROR`; open listeners only when the"
	  " proxy has been accepted." },
	{ "PX-ANS-1",
	  "Without an answer the parent cannot know whether the proxy is "
	  "used, and has to give the transport up.",
	  "Print `PROXY DONE` or `PROXY-ERROR` once, behind `VERSION` and"
	  " before any `CMETHOD`." },
	{ "PX-AUTH-2",
	  "A password with a special character can only be written "
	  "percent-encoded, and a proxy refuses it so.",
	  "Decode user name and password after the URI was taken apart, "
	  "not before." },
	{ "PX-SPLIT-1",
	  "A proxy may answer in any pieces, so one that is far away "
	  "fails where the one in the tests did not.",
	  "Read exactly as many bytes as the reply has, and keep those "
	  "behind it for the tunnel." },
	{ "ST-ELSE-1",
	  "Files elsewhere are not removed with the state, cannot be "
	  "written in a sandbox, and tell that the transport was there.",
	  "Look for caches, locks and logs of libraries, and for paths "
	  "made from HOME." },
	{ "ST-ONLY-1",
	  "A parent gives each transport a place of its own. Elsewhere, "
	  "files collide, or are not writable.",
	  "Make all paths from `TOR_PT_STATE_LOCATION`." },
	{ "ST-CWD-1",
	  "The working directory is that of the parent, which may be the "
	  "user's home or the root of the system.",
	  "Make all paths from `TOR_PT_STATE_LOCATION`; a path without a "
	  "slash at its start is one to look at." },
	{ "ST-MKDIR-1",
	  "A parent names the directory and does not make it, so the "
	  "first start of all fails.",
	  "Create it, with its parents and for the owner alone, before "
	  "the first file is written." },
	{ "ST-CORRUPT-1",
	  "A crash at a bad moment leaves half a file. A transport that "
	  "cannot start with it has to be mended by hand, on a bridge "
	  "that nobody looks at.",
	  "Write to a new file and rename it; where reading fails, make "
	  "new state or say `ENV-ERROR`." },
	{ "ST-DENY-1",
	  "Who cannot write its state and says nothing loses the keys "
	  "that its clients need.",
	  "Check the directory at the start, and say what is wrong in "
	  "`ENV-ERROR` or in `SMETHOD-ERROR`." },
	{ "ST-KEEP-1",
	  "Bridge lines hold the arguments. When they change with a "
	  "restart, nobody who has the old line comes in.",
	  "Write keys to the state before they are announced, and read "
	  "them at the next start." },
	{ "ST-PERM-1",
	  "Another user of the machine can read the bridge's keys, and "
	  "speak for it or unmask its traffic.",
	  "Open files with mode 0600 and make directories with 0700, "
	  "whatever the umask is." },
	{ "SD-STDIN-1",
	  "A parent that gives no stdin loses the transport at once.",
	  "Watch stdin only when `TOR_PT_EXIT_ON_STDIN_CLOSE` is 1." },
	{ "SD-STDIN-5",
	  "Where the parent is killed, nothing else tells the transport, "
	  "and it runs on without anybody.",
	  "With the variable at 1, read stdin until its end, in a thread "
	  "or an event of its own, and shut down then." },
	{ "SD-STDIN-6",
	  "A parent takes another status for a crash and may start the "
	  "transport again, or report it.",
	  "Let the end of stdin go the way of SIGTERM, to an exit with 0." },
	{ "SD-STDIN-9",
	  "A parent that gives up early leaves a transport behind that "
	  "still starts up.",
	  "Watch stdin from the beginning, before anything is done that "
	  "takes time." },
	{ "SD-STDIN-10",
	  "A transport that waits for its connections never ends, as "
	  "those of Tor stay for days.",
	  "Close what is open, or exit with it open." },
	{ "SD-STDIN-11",
	  "A port or a helper that stays makes the next start fail.",
	  "End helpers and wait for them before the exit; give their "
	  "pipes an end that they notice." },
	{ "SD-TERM-1",
	  "A parent, or the system that goes down, waits for the "
	  "transport and has to kill it.",
	  "Handle SIGTERM with the same function as the end of stdin." },
	{ "SD-TERM-2",
	  "Service managers report another status as a failure and may "
	  "restart what was to stop.",
	  "Catch the signal and exit with 0; do not die of it, and do not"
	  " exit with 143." },
	{ "SD-TERM-3",
	  "Who stops a start that hangs wants it to end, and not to wait "
	  "for it.",
	  "Set up the handler before anything is done that takes time." },
	{ "SD-TERM-4",
	  "Connections of Tor stay for days, so waiting for them is not "
	  "stopping.",
	  "Close listeners and connections, wait for a second at most, "
	  "and exit." },
	{ "SD-PARENT-1",
	  "A transport without a parent keeps its port, and the next one "
	  "cannot start.",
	  "Watch stdin, ask for a signal with `PR_SET_PDEATHSIG`, or look"
	  " at the parent's id." },
	{ "SD-CLEAN-1",
	  "What stays behind keeps ports and memory, and goes on talking "
	  "to the network.",
	  "Keep a list of what was started and opened, and go through it "
	  "at the end." },
	{ "SD-STATE-1",
	  "A file that was half written is found at the next start, and a"
	  " bridge without its keys is another bridge.",
	  "Write to a new file, sync it and rename it over the old one." },
	{ "SK-GREET-1",
	  "Parents that know nothing of settings offer this alone, so "
	  "none of them can connect.",
	  "Look through the list of methods for 0x00, and answer with it "
	  "where no settings are needed." },
	{ "SK-GREET-3",
	  "A method that was not offered is a protocol error, and the "
	  "parent hangs up.",
	  "Choose among the offered methods, wherever in the list they "
	  "stand." },
	{ "SK-GREET-4",
	  "A client that is not refused waits for an answer, and the "
	  "parent with it.",
	  "Answer `05 ff`, and close." },
	{ "SK-GREET-7",
	  "TCP has no messages. Who reads a greeting with one read fails "
	  "on a slow machine, now and then.",
	  "Read the two bytes, then as many as they say; keep what is "
	  "behind them." },
	{ "SK-REQ-7",
	  "TCP has no messages. Who reads a request with one read fails "
	  "on a slow machine, now and then.",
	  "Read four bytes, then as many as the address type says, then "
	  "the port." },
	{ "SK-REQ-3",
	  "Fronts and brokers are often given by name, and the parent "
	  "hands them on as they are.",
	  "Resolve the name where that is allowed, or answer with 0x08, "
	  "and never hang up without a reply." },
	{ "SK-REP-1",
	  "A parent reads a reply of fixed form. With a byte more or "
	  "less, payload is taken for a reply, or a reply for payload.",
	  "Send ten bytes, `05 REP 00 01` with address and port, zeros if"
	  " there is nothing to say." },
	{ "SK-REP-2",
	  "A parent that gets \"succeeded\" believes that the bridge was "
	  "reached, and sends.",
	  "Reply when the connection stands, not when the request was "
	  "read." },
	{ "SK-REP-3",
	  "Without a reply that fails, Tor waits for its own time limit "
	  "before it tries the next bridge.",
	  "Answer with the code that fits: 0x03 to 0x06, or 0x01." },
	{ "SK-REP-4",
	  "A connection that stays after a failure keeps the parent "
	  "waiting.",
	  "Close right behind the failure reply." },
	{ "SK-REP-5",
	  "The second reply is payload for the parent, in front of what "
	  "the bridge said.",
	  "Send replies from one place, and note that it was done." },
	{ "SK-JPB-FRAME-3",
	  "A byte too many is taken from the request behind the block, "
	  "and the connection hangs.",
	  "Read the count, then exactly that many bytes; keep what is "
	  "behind them for the request." },
	{ "SK-JPB-OK-3",
	  "Settings of one bridge used for another break both, or show "
	  "one the secret of the other.",
	  "Keep settings with the connection and in no variable that is "
	  "shared." },
	{ "SK-ROB-1",
	  "Everything on the machine can connect to the port. One bad "
	  "visitor must not take everybody's tunnel down.",
	  "Handle each connection's errors where they occur, and let none"
	  " of them end the process." },
	{ "SK-ROB-2",
	  "A visitor who says nothing blocks the port for the parent.",
	  "Give each connection its own thread or its own state, and a "
	  "time limit for its handshake." },
	{ "SK-DATA-1",
	  "A parent sends at once when the reply is there. What is lost "
	  "then is the beginning of the handshake of TLS.",
	  "Hand on what was read behind the request, before reading any "
	  "more." },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static const struct advice *own(const struct req *r)
{
	for (size_t i = 0; i < ROWS; i++)
		if (strcmp(rows[i].id, r->id) == 0)
			return &rows[i];
	return NULL;
}

const char *req_why(const struct req *r)
{
	const struct advice *a = own(r);

	return a ? a->why : area_why(r->area);
}

const char *req_mend(const struct req *r)
{
	const struct advice *a = own(r);

	return a ? a->mend : area_mend(r->area);
}

const char *advice_id(unsigned i)
{
	return i < ROWS ? rows[i].id : NULL;
}
