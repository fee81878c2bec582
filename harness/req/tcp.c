/*
 * tcp.c - Transparent TCP.
 */
#include "harness/req/judges.h"

static const struct req rows[] = {
	{
		.id = "TT-RAW-1",
		.level = L_IMPLIED,
		.section = "3.3.2.2",
		.role = "tcp",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"In transparent-TCP mode app bytes are relayed from the "
			"first byte, no handshake.",
		.observe =
			"Connect, send data beginning with `05 01 00`: arrives "
			"unchanged at F-OR.",
		.fault = "Answers as SOCKS.",
		.traps = "T-NOMODE.",
		.profiles = IN_20,
	},
	{
		.id = "TT-EARLY-1",
		.level = L_IMPLIED,
		.section = "3.3.2.2",
		.role = "tcp",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"Data written before the transport is connected is kept.",
		.observe = "Write at once, F-RELAY delays the connect 2 s.",
		.fault = "Drops until connected.",
		.traps = "T-TIME.",
		.profiles = IN_20,
	},
	{
		.id = "TT-FAIL-1",
		.level = L_IMPLIED,
		.section = "—",
		.role = "tcp",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"If the transport cannot connect, the app connection is "
			"closed and the PT lives.",
		.observe = "target closed.",
		.fault = "Leaves app hanging for ever / exits.",
		.traps = "Retry within connect limit is fine.",
		.profiles = IN_20,
	},
	{
		.id = "TT-TGT-1",
		.level = L_IMPLIED,
		.section = "3.3.1.3",
		.role = "tcp",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title =
			"Without any target this mode cannot work and says so.",
		.observe = "No `-target`: ENV-ERROR/64 or CMETHOD-ERROR.",
		.fault = "CMETHOD then dead connections.",
		.traps = "Implicit-server transports need none.",
		.profiles = IN_20,
	},
	{
		.id = "TT-SRV-1",
		.level = L_IMPLIED,
		.section = "3.3.5.6",
		.role = "pt-server",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"The server forwards the stream to its destination just as "
			"in socks mode.",
		.observe = "transparent client + server.",
		.fault = "Expects a SOCKS header in the stream.",
		.traps =
			"A \"SOCKS proxy\" server mode may exist; use matching "
			"mode.",
		.profiles = IN_20,
	},
};

const struct req_area req_area_tcp = {
	.name = "tcp",
	.title = "Transparent TCP",
	.rows = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};
