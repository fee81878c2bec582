/*
 * api.c - Library API.
 */
#include "harness/req/judges.h"

static const struct req rows[] = {
	{
		.id = "API-GOAL-1",
		.level = L_IMPLIED,
		.section = "3.2.1",
		.role = "api",
		.classes = "",
		.dflt = V_NA,
		.title = "Implementers and users do minimal work. **Obs**: none. "
			"**Mut**: none. **Trap**: design goal.",
		.observe = "",
		.fault = "",
		.traps = "",
		.profiles = IN_BOTH,
	},
	{
		.id = "API-GOAL-2",
		.level = L_IMPLIED,
		.section = "3.2.1",
		.role = "api",
		.classes = "",
		.dflt = V_NA,
		.title = "A destination must be given explicitly (PT server or "
			"Server App, whichever is not implicit). **Obs** (proxy "
			"check): SK-DEST-1, OR-NONE-1. **Mut**: default destination "
			"built in. **Trap**: implicit-server transports.",
		.observe = "",
		.fault = "",
		.traps = "",
		.profiles = IN_BOTH,
	},
	{
		.id = "API-GOAL-3",
		.level = L_MAY,
		.section = "3.2.1",
		.role = "api",
		.classes = "",
		.dflt = V_NA,
		.title = "Transports may or may not keep state; state-less ones need "
			"no machinery. **Obs** (proxy check): ST-PERSIST-1. "
			"**Mut**: none. **Trap**: none.",
		.observe = "",
		.fault = "",
		.traps = "",
		.profiles = IN_BOTH,
	},
	{
		.id = "API-GOAL-4",
		.level = L_IMPLIED,
		.section = "3.2.1",
		.role = "api",
		.classes = "",
		.dflt = V_NA,
		.title = "Several independent connections with different parameters "
			"are possible. **Obs** (proxy check): SK-JPB-OK-3, "
			"GEN-E2E-2. **Mut**: global parameters. **Trap**: none.",
		.observe = "",
		.fault = "",
		.traps = "",
		.profiles = IN_BOTH,
	},
	{
		.id = "API-GOAL-5",
		.level = L_IMPLIED,
		.section = "3.2.1",
		.role = "api",
		.classes = "",
		.dflt = V_NA,
		.title = "The interface is idiomatic per language, blocking or not. "
			"**Obs**: none. **Mut**: none. **Trap**: none.",
		.observe = "",
		.fault = "",
		.traps = "",
		.profiles = IN_BOTH,
	},
	{
		.id = "API-TR-1",
		.level = L_IMPLIED,
		.section = "3.2.2.1",
		.role = "api",
		.classes = "",
		.dflt = V_NA,
		.title = "A Transport takes its configuration and yields a client "
			"factory and a server factory; only it can. **Obs**: source "
			"review. **Mut**: none. **Trap**: none.",
		.observe = "",
		.fault = "",
		.traps = "",
		.profiles = IN_BOTH,
	},
	{
		.id = "API-TR-2",
		.level = L_MAY,
		.section = "3.2.2.1",
		.role = "api",
		.classes = "",
		.dflt = V_NA,
		.title = "Extra language-specific configuration methods are allowed. "
			"**Obs**: none. **Mut**: none. **Trap**: none.",
		.observe = "",
		.fault = "",
		.traps = "",
		.profiles = IN_BOTH,
	},
	{
		.id = "API-TR-3",
		.level = L_IMPLIED,
		.section = "3.2.2.1",
		.role = "api",
		.classes = "",
		.dflt = V_NA,
		.title = "The server factory fails if there is no server side. "
			"**Obs** (proxy check): GEN-ONESIDE-1. **Mut**: server "
			"listens and does nothing. **Trap**: none.",
		.observe = "",
		.fault = "",
		.traps = "",
		.profiles = IN_BOTH,
	},
	{
		.id = "API-TR-4",
		.level = L_IMPLIED,
		.section = "3.2.2.1",
		.role = "api",
		.classes = "",
		.dflt = V_NA,
		.title = "Right parameters must be known to use a transport. **Obs** "
			"(proxy check): OPT-NEED-1, SK-JPB-13-1. **Mut**: accepts "
			"anything. **Trap**: none.",
		.observe = "",
		.fault = "",
		.traps = "",
		.profiles = IN_BOTH,
	},
	{
		.id = "API-CF-1",
		.level = L_IMPLIED,
		.section = "3.2.2.1",
		.role = "api",
		.classes = "",
		.dflt = V_NA,
		.title = "A client factory makes a Connection from connection "
			"settings and, for some, a destination. **Obs** (proxy "
			"check): SK-JPB-OK-2. **Mut**: none. **Trap**: none.",
		.observe = "",
		.fault = "",
		.traps = "",
		.profiles = IN_BOTH,
	},
	{
		.id = "API-CF-2",
		.level = L_IMPLIED,
		.section = "3.2.2.1",
		.role = "api",
		.classes = "",
		.dflt = V_NA,
		.title = "Making a Connection can fail if the server is unreachable "
			"or configuration is wrong. **Obs** (proxy check): "
			"SK-REP-3. **Mut**: nil connection on failure. **Trap**: "
			"the Go signature has no error result (AMB-081).",
		.observe = "",
		.fault = "",
		.traps = "",
		.profiles = IN_BOTH,
	},
	{
		.id = "API-SF-1",
		.level = L_IMPLIED,
		.section = "3.2.2.2",
		.role = "api",
		.classes = "",
		.dflt = V_NA,
		.title = "A server factory makes a Listener for a listen address. "
			"**Obs** (proxy check): BA-USE-1. **Mut**: none. **Trap**: "
			"none.",
		.observe = "",
		.fault = "",
		.traps = "",
		.profiles = IN_BOTH,
	},
	{
		.id = "API-LI-1",
		.level = L_IMPLIED,
		.section = "3.2.2.2",
		.role = "api",
		.classes = "",
		.dflt = V_NA,
		.title = "A Listener yields a stream of Connections, available once "
			"the client's connection is established. **Obs** (proxy "
			"check): SM-LIFE-1, OR-LAZY-1. **Mut**: one connection "
			"only. **Trap**: none.",
		.observe = "",
		.fault = "",
		.traps = "",
		.profiles = IN_BOTH,
	},
	{
		.id = "API-CO-1",
		.level = L_IMPLIED,
		.section = "3.2.2.2",
		.role = "api",
		.classes = "",
		.dflt = V_NA,
		.title = "A Connection resembles the native socket and gives access "
			"to the underlying socket. **Obs**: none (Draft 3 dropped "
			"the accessor types, AMB-082). **Mut**: none. **Trap**: "
			"none.",
		.observe = "",
		.fault = "",
		.traps = "",
		.profiles = IN_BOTH,
	},
	{
		.id = "API-CO-2",
		.level = L_IMPLIED,
		.section = "3.2.2.2",
		.role = "api",
		.classes = "",
		.dflt = V_NA,
		.title = "Obfuscation logic lives in the Connection. **Obs**: none. "
			"**Mut**: none. **Trap**: none.",
		.observe = "",
		.fault = "",
		.traps = "",
		.profiles = IN_BOTH,
	},
	{
		.id = "API-GO-1",
		.level = L_IMPLIED,
		.section = "3.2.4.1.1",
		.role = "api",
		.classes = "",
		.dflt = V_NA,
		.title = "Go: one package `base` with a Transport interface offering "
			"dial by address and listen by address. **Obs**: compile "
			"check in Go only. **Mut**: none. **Trap**: none.",
		.observe = "",
		.fault = "",
		.traps = "",
		.profiles = IN_BOTH,
	},
	{
		.id = "API-GO-2",
		.level = L_IMPLIED,
		.section = "3.2.4.2",
		.role = "api",
		.classes = "",
		.dflt = V_NA,
		.title = "Go: a constructor function returning the Transport must "
			"exist, taking arbitrary parameters. **Obs**: compile "
			"check. **Mut**: none. **Trap**: none.",
		.observe = "",
		.fault = "",
		.traps = "",
		.profiles = IN_BOTH,
	},
	{
		.id = "API-GO-3",
		.level = L_IMPLIED,
		.section = "3.2.4.2",
		.role = "api",
		.classes = "",
		.dflt = V_NA,
		.title = "Go: both dial and listen are implemented. **Obs** (proxy "
			"check): both roles start. **Mut**: none. **Trap**: "
			"one-sided transports.",
		.observe = "",
		.fault = "",
		.traps = "",
		.profiles = IN_BOTH,
	},
	{
		.id = "API-GO-4",
		.level = L_IMPLIED,
		.section = "3.2.4.1.1, 3.2.4.2",
		.role = "api",
		.classes = "",
		.dflt = V_NA,
		.title = "Go: the listener has accept, close, address; close stops "
			"listening. **Obs** (proxy check): port freed on shutdown. "
			"**Mut**: none. **Trap**: none.",
		.observe = "",
		.fault = "",
		.traps = "",
		.profiles = IN_BOTH,
	},
	{
		.id = "API-GO-5",
		.level = L_IMPLIED,
		.section = "3.2.4.1.1",
		.role = "api",
		.classes = "",
		.dflt = V_NA,
		.title = "Go: connections implement read, write, close, addresses "
			"and deadlines. **Obs**: Go unit test only. **Mut**: none. "
			"**Trap**: none.",
		.observe = "",
		.fault = "",
		.traps = "",
		.profiles = IN_BOTH,
	},
	{
		.id = "API-GO-6",
		.level = L_IMPLIED,
		.section = "3.2.4.2.2",
		.role = "api",
		.classes = "",
		.dflt = V_NA,
		.title = "Go: one transport write/read maps to one or more network "
			"writes/reads; write may be delayed. **Obs** (proxy check): "
			"GEN-E2E-1 with small writes eventually flushed: a lone "
			"1-byte write arrives within 5 s. **Mut**: buffers until 1 "
			"KiB. **Trap**: T-OBFS delays.",
		.observe = "",
		.fault = "",
		.traps = "",
		.profiles = IN_BOTH,
	},
	{
		.id = "API-GO-7",
		.level = L_IMPLIED,
		.section = "3.2.4.1.1",
		.role = "api",
		.classes = "",
		.dflt = V_NA,
		.title = "Go: closing the transport connection usually closes the "
			"network connection. **Obs** (proxy check): GEN-E2E-3. "
			"**Mut**: leak. **Trap**: \"usually\".",
		.observe = "",
		.fault = "",
		.traps = "",
		.profiles = IN_BOTH,
	},
	{
		.id = "API-GO-8",
		.level = L_IMPLIED,
		.section = "3.2.4.2",
		.role = "api",
		.classes = "",
		.dflt = V_NA,
		.title = "All network operations are the transport's. **Obs**: none. "
			"**Mut**: none. **Trap**: conflicts with upstream proxy use "
			"unless the transport is given a dialer (seen in practice "
			"as a fail-open bug).",
		.observe = "",
		.fault = "",
		.traps = "",
		.profiles = IN_BOTH,
	},
	{
		.id = "API-GO-9",
		.level = L_IMPLIED,
		.section = "3.2.4.2.1, 3.2.4.3",
		.role = "api",
		.classes = "",
		.dflt = V_NA,
		.title = "The application obtains and deserialises parameters; "
			"helpers are optional. **Obs**: none. **Mut**: none. "
			"**Trap**: none.",
		.observe = "",
		.fault = "",
		.traps = "",
		.profiles = IN_BOTH,
	},
	{
		.id = "API-GO-10",
		.level = L_MAY,
		.section = "3.2.4.3",
		.role = "api",
		.classes = "",
		.dflt = V_NA,
		.title = "The application may set parameters on the underlying "
			"network connection. **Obs**: none. **Mut**: none. "
			"**Trap**: none.",
		.observe = "",
		.fault = "",
		.traps = "",
		.profiles = IN_BOTH,
	},
};

const struct req_area req_area_api = {
	.name = "api",
	.title = "Library API",
	.rows = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};
