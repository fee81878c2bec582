/*
 * uncovered_udp_client.c - UDP, client side, transparent mode.
 */
#include "harness/req/core/judges.h"

static const struct req rows[] = {
	{
		.id = "UC-LISTEN-1",
		.level = L_IMPLIED,
		.section = "3.3.5.3",
		.role = "udp-client",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"The client receives datagrams on the announced UDP port.",
		.observe = "Send to the CMETHOD address; delivery starts.",
		.fault = "Listens on TCP.",
		.traps = "CM-MODE-UDP-1.",
		.profiles = IN_20,
	},
	{
		.id = "UC-FRAME-1",
		.level = L_IMPLIED,
		.section = "3.3.5.4",
		.role = "udp-client",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"Each datagram is written to the transport stream as a "
			"2-byte big-endian length plus payload.",
		.observe =
			"F-XC: stream at F-OR parses; lengths 1, 2, 255, 256, 258, "
			"1200, 1472.",
		.fault = "Little-endian length (the reference dispatcher).",
		.traps =
			"Length 257/0x0101 and palindromic values hide byte order: "
			"use 258 (`01 02`).",
		.profiles = IN_20,
	},
	{
		.id = "UC-FRAME-2",
		.level = L_IMPLIED,
		.section = "3.3.5.4",
		.role = "udp-client",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"Boundaries are kept: one datagram, one frame; no merging, "
			"splitting or reordering inside one connection.",
		.observe =
			"1000 numbered datagrams of varying size at a paced rate.",
		.fault = "Merges two datagrams in one frame.",
		.traps =
			"Loss is legal under load (pace it); reordering of frames "
			"relative to socket order is WARN.",
		.profiles = IN_20,
	},
	{
		.id = "UC-FRAME-3",
		.level = L_IMPLIED,
		.section = "3.3.5.4",
		.role = "udp-client",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "Payload is complete up to the maximum UDP size.",
		.observe = "1025, 2048, 9000, 65507 bytes on loopback.",
		.fault =
			"1024-byte receive buffer truncates (reference dispatcher); "
			"or sends whole buffer regardless of length.",
		.traps =
			"Truncated forwarding is FAIL; dropping oversize datagrams "
			"is WARN.",
		.profiles = IN_20,
	},
	{
		.id = "UC-FRAME-4",
		.level = L_IMPLIED,
		.section = "3.3.5.4",
		.role = "udp-client",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"A zero-length datagram is unspecified: frame `00 00` or "
			"nothing.",
		.observe =
			"Send empty datagram then a normal one: next frame parses.",
		.fault = "Treats it as end of stream and closes.",
		.traps = "AMB-075.",
		.profiles = IN_20,
	},
	{
		.id = "UC-FRAME-5",
		.level = L_IMPLIED,
		.section = "3.3.5.4",
		.role = "udp-client",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "Bytes are not interpreted: all values pass.",
		.observe =
			"Random payloads, payload looking like a length header or "
			"STUN.",
		.fault = "Drops non-text.",
		.traps = "none.",
		.profiles = IN_20,
	},
	{
		.id = "UC-FRAME-6",
		.level = L_IMPLIED,
		.section = "3.3.5.4",
		.role = "udp-client",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "Length and payload are not torn apart when several "
			 "datagrams arrive at once.",
		.observe =
			"Burst from 4 source sockets in parallel; stream(s) parse "
			"to the end.",
		.fault =
			"Two threads write length and payload separately on one "
			"connection.",
		.traps = "Several connections are allowed (UC-POOL-4).",
		.profiles = IN_20,
	},
	{
		.id = "UC-T1-R1",
		.level = L_IMPLIED,
		.section = "Table 1 row 1",
		.role = "udp-client",
		.classes = "net",
		.dflt = V_WARN,
		.title =
			"The first datagram without a pool entry creates one in "
			"Waiting state, and is dropped.",
		.observe =
			"First datagram `#1`, then silence, then after connection "
			"later ones: a transport connection attempt is seen after "
			"#1; #1 is not delivered.",
		.fault =
			"Delivers #1 by queueing; or never opens a connection.",
		.traps =
			"AMB-073: queueing is only WARN; not opening a connection "
			"on the first datagram is FAIL.",
		.profiles = IN_20,
	},
	{
		.id = "UC-T1-R2",
		.level = L_IMPLIED,
		.section = "Table 1 row 2",
		.role = "udp-client",
		.classes = "net",
		.dflt = V_WARN,
		.title = "Datagrams during Waiting are dropped.",
		.observe =
			"F-RELAY stalls the connect; send #2–#9; release; then "
			"#10…: #2–#9 absent, one connection only.",
		.fault = "Opens a new connection per datagram.",
		.traps = "Queueing WARN; opening many connections FAIL.",
		.profiles = IN_20,
	},
	{
		.id = "UC-T1-R3",
		.level = L_IMPLIED,
		.section = "Table 1 row 3",
		.role = "udp-client",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"Datagrams in Connected state are sent on that connection.",
		.observe = "Delivery, no new connection.",
		.fault = "New connection each time.",
		.traps = "none.",
		.profiles = IN_20,
	},
	{
		.id = "UC-T1-R4",
		.level = L_IMPLIED,
		.section = "Table 1 row 4",
		.role = "udp-client",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "A successful connect changes Waiting to Connected.",
		.observe = "After release delivery starts without restart.",
		.fault = "Stays Waiting for ever.",
		.traps = "T-TIME.",
		.profiles = IN_20,
	},
	{
		.id = "UC-T1-R5",
		.level = L_IMPLIED,
		.section = "Table 1 row 5",
		.role = "udp-client",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "A closed connection leaves the pool.",
		.observe =
			"F-RELAY closes; next datagram triggers a new connection; "
			"later ones flow.",
		.fault = "Keeps writing to the dead connection.",
		.traps = "One or more datagrams lost meanwhile.",
		.profiles = IN_20,
	},
	{
		.id = "UC-T1-R6",
		.level = L_IMPLIED,
		.section = "Table 1 row 6",
		.role = "udp-client",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"A failed connect leaves the pool, so a later datagram "
			"tries again.",
		.observe = "Server refused; later server up: delivery works.",
		.fault = "Entry stays Waiting for ever (reference code has the "
			 "removal commented out).",
		.traps =
			"Back-off between attempts is tolerated up to the connect "
			"limit.",
		.profiles = IN_20,
	},
	{
		.id = "UC-T1-R7",
		.level = L_IMPLIED,
		.section = "Table 1 row 7",
		.role = "udp-client",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"A write failure removes the entry and drops that datagram.",
		.observe = "RST from F-RELAY; next datagrams re-create.",
		.fault =
			"Process exits; or listens no more (reference closes its "
			"UDP socket on write failure).",
		.traps = "The failing write may succeed locally first.",
		.profiles = IN_20,
	},
	{
		.id = "UC-T1-R8",
		.level = L_IMPLIED,
		.section = "Table 1 row 8",
		.role = "udp-client",
		.classes = "net",
		.dflt = V_WARN,
		.title = "An unused connection is closed after a timeout and "
			 "removed.",
		.observe =
			"Idle longer than the configured timeout (description file, "
			"else wait up to `udp.idle_wait`, default 330 s): TCP close "
			"at F-RELAY; new datagram → new connection.",
		.fault = "Never closes.",
		.traps =
			"Value unspecified: SKIP if unknown and waiting disabled.",
		.profiles = IN_20,
	},
	{
		.id = "UC-T1-R9",
		.level = L_IMPLIED,
		.section = "Table 1 row 8",
		.role = "udp-client",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "Use renews the timeout.",
		.observe =
			"Datagrams at intervals of timeout/3 for 2× timeout: no "
			"close.",
		.fault = "Absolute lifetime.",
		.traps = "needs known timeout.",
		.profiles = IN_20,
	},
	{
		.id = "UC-TMO-1",
		.level = L_IMPLIED,
		.section = "3.3.5.3",
		.role = "udp-client",
		.classes = "ipc",
		.dflt = V_INFO,
		.title = "The timeout can be configured.",
		.observe = "Description file names the knob.",
		.fault = "none.",
		.traps = "No parameter is defined.",
		.profiles = IN_20,
	},
	{
		.id = "UC-POOL-1",
		.level = L_IMPLIED,
		.section = "3.3.5.3",
		.role = "udp-client",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"Transport connections are opened lazily, not at start.",
		.observe = "No connection before the first datagram.",
		.fault = "Connects at launch.",
		.traps = "Pre-handshakes with a broker: INFO.",
		.profiles = IN_20,
	},
	{
		.id = "UC-POOL-2",
		.level = L_IMPLIED,
		.section = "3.3.5.3",
		.role = "udp-client",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "Existing connections are reused.",
		.observe = "1000 datagrams from one source: one connection.",
		.fault = "Connection per datagram.",
		.traps = "none.",
		.profiles = IN_20,
	},
	{
		.id = "UC-POOL-3",
		.level = L_IMPLIED,
		.section = "3.3.5.3",
		.role = "udp-client",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"Several app sources are served at the same time without "
			"mixing replies.",
		.observe =
			"Sources A and B exchange distinct data; A never gets B's "
			"replies.",
		.fault = "Replies go to the last sender.",
		.traps =
			"AMB-074: with one shared connection replies cannot be told "
			"apart; if the PT uses one connection per PT-server address "
			"as the prose says, mixing is inherent → WARN unless the PT "
			"opened separate connections.",
		.profiles = IN_20,
	},
	{
		.id = "UC-POOL-4",
		.level = L_IMPLIED,
		.section = "3.3.5.3",
		.role = "udp-client",
		.classes = "net",
		.dflt = V_INFO,
		.title =
			"The pool key is the PT server address (prose) or the app "
			"source (practice).",
		.observe = "Count connections for 3 sources: 1 or 3.",
		.fault = "none.",
		.traps = "Either.",
		.profiles = IN_20,
	},
	{
		.id = "UC-RET-1",
		.level = L_IMPLIED,
		.section = "3.3.5.5",
		.role = "udp-client",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"Frames coming back are delivered as datagrams to the app, "
			"from the announced port.",
		.observe =
			"Same-mode pair, server app echoes: app gets each datagram "
			"once, whole, from the CMETHOD address.",
		.fault = "No return path (reference dispatcher 2.x).",
		.traps = "First echoes may be lost.",
		.profiles = IN_20,
	},
	{
		.id = "UC-RET-2",
		.level = L_IMPLIED,
		.section = "3.3.5.4",
		.role = "udp-client",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"Returned frames split or coalesced by TCP are reassembled.",
		.observe =
			"F-XC reversed: F-OR writes frames bytewise and ten frames "
			"in one write.",
		.fault = "One read = one datagram.",
		.traps = "T-OBFS.",
		.profiles = IN_20,
	},
	{
		.id = "UC-CFG-1",
		.level = L_IMPLIED,
		.section = "3.3.5.2",
		.role = "udp-client",
		.classes = "ipc",
		.dflt = V_WARN,
		.title =
			"UDP modes can be run entirely from command-line flags, "
			"without a host process.",
		.observe = "Launch with flags only, stdin null.",
		.fault = "Requires the environment.",
		.traps = "Flag names beyond 3.3.1 are implementation-defined.",
		.profiles = IN_20,
	},
	{
		.id = "UC-CFG-2",
		.level = L_IMPLIED,
		.section = "3.3.5.2",
		.role = "udp-client",
		.classes = "net",
		.dflt = V_INFO,
		.title = "Per-connection settings are global in UDP modes.",
		.observe = "Settings by flag reach the transport.",
		.fault = "none.",
		.traps = "AMB-043.",
		.profiles = IN_20,
	},
};

const struct req_area req_area_udp_client = {
	.name = "udp-client",
	.title = "UDP, client side, transparent mode",
	.rows = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};
