/*
 * uncovered_udp_server.c - UDP, server side, transparent mode.
 */
#include "harness/req/core/judges.h"

static const struct req rows[] = {
	{
		.id = "US-DEC-1",
		.level = L_IMPLIED,
		.section = "3.3.5.5",
		.role = "udp-server",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "Each frame becomes one datagram to the configured "
			 "destination, without the length bytes.",
		.observe = "F-XS: write frames; F-UDP gets exact payloads.",
		.fault = "Forwards the prefix too; reads little-endian.",
		.traps = "Loopback loss: pace.",
		.profiles = IN_20,
	},
	{
		.id = "US-DEC-2",
		.level = L_IMPLIED,
		.section = "3.3.5.5",
		.role = "udp-server",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "Frames split across reads or coalesced are handled.",
		.observe =
			"Bytewise; 50 frames in one write; split inside the length.",
		.fault = "Single read.",
		.traps = "none.",
		.profiles = IN_20,
	},
	{
		.id = "US-DEC-3",
		.level = L_IMPLIED,
		.section = "3.3.5.5",
		.role = "udp-server",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"A frame too large for UDP does not desynchronise or kill "
			"the stream.",
		.observe =
			"Length 65535 + 65535 bytes, then a small frame: small one "
			"delivered.",
		.fault = "Process exits on EMSGSIZE.",
		.traps = "The big one is dropped; fragmenting it into several "
			 "datagrams: FAIL.",
		.profiles = IN_20,
	},
	{
		.id = "US-DEC-4",
		.level = L_IMPLIED,
		.section = "3.3.5.5",
		.role = "udp-server",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"A zero-length frame yields an empty datagram or nothing.",
		.observe = "`0000` then a normal frame.",
		.fault = "Closes the connection.",
		.traps = "AMB-075.",
		.profiles = IN_20,
	},
	{
		.id = "US-DEC-5",
		.level = L_IMPLIED,
		.section = "3.3.5.5",
		.role = "udp-server",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "A frame cut off by connection close is discarded.",
		.observe =
			"Length 100, 40 bytes, close: no datagram of 40 bytes.",
		.fault = "Sends the partial payload.",
		.traps = "none.",
		.profiles = IN_20,
	},
	{
		.id = "US-DST-1",
		.level = L_IMPLIED,
		.section = "3.3.5.5",
		.role = "udp-server",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"The destination is the configured one (same parameter as "
			"for TCP).",
		.observe = "ORPORT/`-orport` as UDP address.",
		.fault = "Uses the bind address.",
		.traps = "AMB-076: parameter name per description file.",
		.profiles = IN_20,
	},
	{
		.id = "US-T2-R1",
		.level = L_IMPLIED,
		.section = "Table 2 row 1",
		.role = "udp-server",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "A datagram from the Server App without a matching "
			 "connection is dropped.",
		.observe =
			"After the transport connection closed, F-UDP sends to the "
			"old source port: nothing happens, PT lives.",
		.fault = "Crash; or delivered to another client.",
		.traps = "ICMP port unreachable is fine.",
		.profiles = IN_20,
	},
	{
		.id = "US-T2-R2",
		.level = L_IMPLIED,
		.section = "Table 2 row 2",
		.role = "udp-server",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"A datagram with a matching connection is framed and sent "
			"to that client.",
		.observe = "F-XS: harness reads `len+payload` from the stream.",
		.fault = "No return path.",
		.traps = "T-OBFS.",
		.profiles = IN_20,
	},
	{
		.id = "US-T2-R3",
		.level = L_IMPLIED,
		.section = "Table 2 row 3",
		.role = "udp-server",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"A closed connection leaves the pool (its UDP socket is "
			"released).",
		.observe =
			"Open/close 200 connections: no descriptor growth; old "
			"ports closed.",
		.fault = "Leaks sockets.",
		.traps = "Delay up to idle timeout.",
		.profiles = IN_20,
	},
	{
		.id = "US-T2-R4",
		.level = L_IMPLIED,
		.section = "Table 2 row 4",
		.role = "udp-server",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "A write failure removes the connection and drops the "
			 "datagram.",
		.observe = "Reset the transport while the app sends.",
		.fault = "Exit.",
		.traps = "none.",
		.profiles = IN_20,
	},
	{
		.id = "US-T2-R5",
		.level = L_IMPLIED,
		.section = "Table 2 row 5",
		.role = "udp-server",
		.classes = "net",
		.dflt = V_WARN,
		.title = "An idle connection is timed out.",
		.observe = "as UC-T1-R8.",
		.fault = "Never.",
		.traps = "Unknown value → SKIP.",
		.profiles = IN_20,
	},
	{
		.id = "US-ISO-1",
		.level = L_IMPLIED,
		.section = "3.3.5.5",
		.role = "udp-server",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "Each transport connection has its own return path.",
		.observe =
			"Two clients; destination sees two source ports; replies go "
			"right.",
		.fault = "One shared UDP socket, replies to last.",
		.traps =
			"Sharing one socket is legal only if replies can be told "
			"apart.",
		.profiles = IN_20,
	},
	{
		.id = "US-SRC-1",
		.level = L_IMPLIED,
		.section = "—",
		.role = "udp-server",
		.classes = "net",
		.dflt = V_WARN,
		.title =
			"Datagrams from strangers to the server's UDP socket are "
			"not relayed to clients.",
		.observe = "Third socket sends to the PT's source port.",
		.fault = "Relays any source.",
		.traps = "Not stated.",
		.profiles = IN_20,
	},
	{
		.id = "US-DOWN-1",
		.level = L_IMPLIED,
		.section = "—",
		.role = "udp-server",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "ICMP errors (closed UDP destination) do not kill the "
			 "connection or process.",
		.observe = "Destination closed; later open: datagrams arrive.",
		.fault = "Fatal on ECONNREFUSED.",
		.traps = "Closing that one transport connection: WARN.",
		.profiles = IN_20,
	},
};

const struct req_area req_area_udp_server = {
	.name = "udp-server",
	.title = "UDP, server side, transparent mode",
	.rows = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};
