/*
 * extor.c - Extended ORPort: the rows.  The judges are in extor_config.c,
 * extor_auth.c and extor_talk.c.
 */
#include "harness/req/traffic/extor_session.h"

static const struct req rows[] = {
	{
		.id = "EXT-CFG-1",
		.level = L_IMPLIED,
		.section = "3.3.1.3",
		.role = "extor",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "An empty port string means \"not supported\": plain "
			 "forwarding is used.",
		.observe =
			"F-S (EXT set empty, ORPORT set): starts, forwards raw to "
			"F-OR.",
		.fault = "ENV-ERROR for the empty string.",
		.traps = "none.",
		.profiles = IN_BOTH,
		.judge = judge_ext_cfg_1,
	},
	{
		.id = "EXT-CFG-2",
		.level = L_IMPLIED,
		.section = "3.3.2.1",
		.role = "extor",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title =
			"A port without a cookie file is an environment error.",
		.observe =
			"EXT=127.0.0.1:p, no cookie: ENV-ERROR on stderr, exit 64.",
		.fault = "Starts and connects without authenticating.",
		.traps =
			"T-NOMODE: a PT without ExtORPort support may ignore EXT if "
			"ORPORT is set (WARN, AMB-034).",
		.profiles = IN_BOTH,
		.judge = judge_ext_cfg_2,
	},
	{
		.id = "EXT-CFG-3",
		.level = L_MUST,
		.section = "3.3.1.3",
		.role = "parent",
		.classes = "parent",
		.dflt = V_FAIL,
		.title =
			"A parent without ExtORPort sets the variable to the empty "
			"string.",
		.observe = "F-PT: variable present and empty (server role).",
		.fault = "Variable absent.",
		.traps =
			"Absent is harmless to modern PTs; config may lower to "
			"WARN. PT 2.2+ drops the rule.",
		.profiles = IN_BOTH,
	},
	{
		.id = "EXT-CFG-4",
		.level = L_MUST,
		.section = "3.3.1.3",
		.role = "parent",
		.classes = "parent",
		.dflt = V_FAIL,
		.title =
			"The cookie variable is absent when ExtORPort is not used.",
		.observe = "F-PT.",
		.fault = "Sets it empty or with a stale path.",
		.traps = "Empty: WARN.",
		.profiles = IN_BOTH,
	},
	{
		.id = "EXT-CFG-5",
		.level = L_IMPLIED,
		.section = "3.3.1.3",
		.role = "extor",
		.classes = "net",
		.dflt = V_WARN,
		.title = "A cookie without a port is ignored.",
		.observe =
			"Cookie set (even to a missing file), EXT empty: normal raw "
			"forwarding.",
		.fault = "ENV-ERROR for unreadable cookie.",
		.traps = "none.",
		.profiles = IN_BOTH,
		.judge = judge_ext_cfg_5,
	},
	{
		.id = "EXT-CFG-6",
		.level = L_IMPLIED,
		.section = "3.3.1.3",
		.role = "extor",
		.classes = "net",
		.dflt = V_WARN,
		.title =
			"With both destinations set, the extended one is used.",
		.observe =
			"F-OR and F-EXT both live: client traffic arrives at F-EXT.",
		.fault = "Uses ORPORT.",
		.traps = "AMB-033; T-NOMODE.",
		.profiles = IN_BOTH,
		.judge = judge_ext_cfg_6,
	},
	{
		.id = "EXT-CFG-7",
		.level = L_IMPLIED,
		.section = "3.3.1.3",
		.role = "extor",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "EXT alone (no ORPORT) suffices.",
		.observe = "ORPORT unset: starts.",
		.fault = "ENV-ERROR for missing ORPORT.",
		.traps = "T-NOMODE.",
		.profiles = IN_BOTH,
		.judge = judge_ext_cfg_7,
	},
	{
		.id = "EXT-CFG-8",
		.level = L_IMPLIED,
		.section = "3.3.1.3",
		.role = "parent",
		.classes = "parent",
		.dflt = V_WARN,
		.title = "The cookie path is absolute.",
		.observe = "F-PT.",
		.fault = "Relative path.",
		.traps = "none.",
		.profiles = IN_BOTH,
	},
	{
		.id = "EXT-CFG-9",
		.level = L_IMPLIED,
		.section = "3.3.1.3",
		.role = "extor",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "`-extorport`/`-authcookie` equal the variables.",
		.observe = "EXT-AUTH-1 by flags.",
		.fault = "Ignored.",
		.traps = "T-FLAGSYN.",
		.profiles = IN_20,
		.judge = judge_ext_cfg_9,
	},
	{
		.id = "EXT-CFG-10",
		.level = L_IMPLIED,
		.section = "3.3.2.1",
		.role = "extor",
		.classes = "ipc",
		.dflt = V_WARN,
		.title = "Malformed EXT address is an environment error.",
		.observe = "`nonsense`, no port, host name: ENV-ERROR/64.",
		.fault = "Crash at first client.",
		.traps = "Lazy failure INFO; resolving a name INFO.",
		.profiles = IN_BOTH,
		.judge = judge_ext_cfg_10,
	},
	{
		.id = "EXT-AUTH-1",
		.level = L_IMPLIED,
		.section = "EXTORPORT",
		.role = "extor",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"The PT reads the auth-type list up to the zero byte and "
			"answers with type 1.",
		.observe = "F-EXT sends `01 00`; next byte from PT is `01`.",
		.fault = "Sends `01` before reading the list, or includes the "
			 "terminator.",
		.traps = "Sending `01` and the nonce in one segment is fine.",
		.profiles = IN_BOTH,
		.judge = judge_ext_auth_1,
	},
	{
		.id = "EXT-AUTH-2",
		.level = L_IMPLIED,
		.section = "EXTORPORT",
		.role = "extor",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "Type 1 is found wherever it stands in the list.",
		.observe = "`02 fe 01 07 00`.",
		.fault = "Looks at the first byte only.",
		.traps = "none.",
		.profiles = IN_BOTH,
		.judge = judge_ext_auth_2,
	},
	{
		.id = "EXT-AUTH-3",
		.level = L_IMPLIED,
		.section = "EXTORPORT",
		.role = "extor",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "If nothing acceptable is offered, the PT sends 0 or "
			 "closes, and sends no client data.",
		.observe = "`02 00`, `00`.",
		.fault = "Sends `01` anyway, or raw traffic.",
		.traps = "T-CLOSE.",
		.profiles = IN_BOTH,
		.judge = judge_ext_auth_3,
	},
	{
		.id = "EXT-AUTH-4",
		.level = L_IMPLIED,
		.section = "EXTORPORT",
		.role = "extor",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"The auth list may arrive byte by byte, or be up to 255 "
			"entries.",
		.observe = "Delayed single bytes; 255 types then 0.",
		.fault = "Assumes two bytes.",
		.traps = "A PT capping at 256 bytes is fine.",
		.profiles = IN_BOTH,
		.judge = judge_ext_auth_4,
	},
	{
		.id = "EXT-AUTH-5",
		.level = L_MUST,
		.section = "EXTORPORT",
		.role = "extor",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"The cookie file's 32-byte static header is verified before "
			"authenticating.",
		.observe =
			"Cookie file with a wrong header (or truncated/63/65 "
			"bytes/empty): PT does not complete SAFE_COOKIE; client "
			"connection closed (or ENV-ERROR at start).",
		.fault = "Skips the first 32 bytes unchecked.",
		.traps =
			"Reading the cookie only at connect time is legal, so the "
			"failure may be late. Trailing bytes after 64 are "
			"unspecified: INFO.",
		.profiles = IN_BOTH,
		.judge = judge_ext_auth_5,
	},
	{
		.id = "EXT-AUTH-6",
		.level = L_IMPLIED,
		.section = "EXTORPORT",
		.role = "extor",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "The client nonce is 32 fresh random bytes.",
		.observe =
			"Exactly 32 bytes after type; 20 connections give 20 "
			"distinct values; not all-zero.",
		.fault = "Constant nonce.",
		.traps = "none.",
		.profiles = IN_BOTH,
		.judge = judge_ext_auth_6,
	},
	{
		.id = "EXT-AUTH-7",
		.level = L_MUST,
		.section = "EXTORPORT",
		.role = "extor",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "A wrong server hash makes the PT drop the connection "
			 "without sending its own hash.",
		.observe =
			"F-EXT flips one bit (first, last byte): PT closes; zero "
			"further bytes.",
		.fault = "Ignores the server hash.",
		.traps = "T-CLOSE.",
		.profiles = IN_BOTH,
		.judge = judge_ext_auth_7,
	},
	{
		.id = "EXT-AUTH-8",
		.level = L_IMPLIED,
		.section = "EXTORPORT",
		.role = "extor",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "The client hash is right.",
		.observe = "F-EXT recomputes (catalogue part 3.4).",
		.fault =
			"Nonces in the wrong order, or the server constant used.",
		.traps = "none.",
		.profiles = IN_BOTH,
		.judge = judge_ext_auth_8,
	},
	{
		.id = "EXT-AUTH-9",
		.level = L_IMPLIED,
		.section = "EXTORPORT",
		.role = "extor",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "Status other than 1 means failure: no commands, no "
			 "payload.",
		.observe = "Status 0; also status 2.",
		.fault = "Continues.",
		.traps = "Bytes already in flight before status arrives are a "
			 "violation too (see EXT-MSG-1).",
		.profiles = IN_BOTH,
		.judge = judge_ext_auth_9,
	},
	{
		.id = "EXT-AUTH-10",
		.level = L_IMPLIED,
		.section = "EXTORPORT",
		.role = "extor",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"Server hash and nonce may arrive in any segmentation.",
		.observe = "64 bytes sent one at a time.",
		.fault = "Single read assumption.",
		.traps =
			"The status follows the PT's hash, so it cannot be glued "
			"legitimately.",
		.profiles = IN_BOTH,
		.judge = judge_ext_auth_10,
	},
	{
		.id = "EXT-AUTH-11",
		.level = L_IMPLIED,
		.section = "EXTORPORT",
		.role = "extor",
		.classes = "net",
		.dflt = V_WARN,
		.title =
			"A cookie regenerated after the PT started is picked up.",
		.observe = "Replace the cookie file after SMETHODS DONE; new "
			   "connection authenticates with the new cookie.",
		.fault = "Reads the cookie once at start.",
		.traps =
			"Not in PT 2.0; Tor regenerates at its own start. WARN.",
		.profiles = IN_BOTH,
		.judge = judge_ext_auth_11,
	},
	{
		.id = "EXT-AUTH-12",
		.level = L_IMPLIED,
		.section = "3.3.2.1",
		.role = "extor",
		.classes = "ipc",
		.dflt = V_WARN,
		.title = "A missing cookie file is handled.",
		.observe =
			"Path does not exist: ENV-ERROR/64 at start, or closed "
			"client connections; never plaintext to EXT or ORPORT.",
		.fault = "Falls back to raw forwarding to the EXT address.",
		.traps = "Either time of detection.",
		.profiles = IN_BOTH,
		.judge = judge_ext_auth_12,
	},
	{
		.id = "EXT-MSG-1",
		.level = L_IMPLIED,
		.section = "EXTORPORT",
		.role = "extor",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"After authentication commands are sent as 2-byte type, "
			"2-byte length, body, big-endian.",
		.observe = "Parse the stream strictly.",
		.fault = "Little-endian length.",
		.traps = "T-SPLIT.",
		.profiles = IN_BOTH,
		.judge = judge_ext_msg_1,
	},
	{
		.id = "EXT-MSG-2",
		.level = L_IMPLIED,
		.section = "3.3.1.3",
		.role = "extor",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "USERADDR tells the real client address and port.",
		.observe =
			"Connect from 127.0.0.77 with a known source port; body is "
			"`127.0.0.77:<port>`.",
		.fault = "Sends the server's own address, or port 0.",
		.traps =
			"USERADDR is optional in the protocol: missing is WARN. "
			"Front-ended transports cannot know the port (config); "
			"IPv4-mapped form `[::ffff:127.0.0.77]:p`: WARN.",
		.profiles = IN_BOTH,
		.judge = judge_ext_msg_2,
	},
	{
		.id = "EXT-MSG-3",
		.level = L_MUST_NOT,
		.section = "EXTORPORT",
		.role = "extor",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "USERADDR uses only `a.b.c.d:port` or `[v6]:port`.",
		.observe = "Regex, both families.",
		.fault = "Unbracketed IPv6, host name, zone id.",
		.traps = "none.",
		.profiles = IN_BOTH,
		.judge = judge_ext_msg_3,
	},
	{
		.id = "EXT-MSG-4",
		.level = L_MUST_NOT,
		.section = "EXTORPORT",
		.role = "extor",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "Bodies are not NUL-terminated.",
		.observe = "No NUL in USERADDR/TRANSPORT bodies.",
		.fault = "Includes trailing NUL (Tor closes such connections).",
		.traps = "none.",
		.profiles = IN_BOTH,
		.judge = judge_ext_msg_4,
	},
	{
		.id = "EXT-MSG-5",
		.level = L_IMPLIED,
		.section = "3.3.1.3",
		.role = "extor",
		.classes = "net",
		.dflt = V_WARN,
		.title = "TRANSPORT names the transport of this connection.",
		.observe =
			"Body equals the SMETHOD name; with two transports each is "
			"right.",
		.fault = "Always sends the first transport's name.",
		.traps = "Missing TRANSPORT: WARN; wrong name: FAIL.",
		.profiles = IN_BOTH,
		.judge = judge_ext_msg_5,
	},
	{
		.id = "EXT-MSG-6",
		.level = L_IMPLIED,
		.section = "EXTORPORT",
		.role = "extor",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "DONE (type 0) ends the metadata.",
		.observe = "Last command before payload is type 0.",
		.fault = "Never sends DONE.",
		.traps =
			"DONE with a non-empty body is tolerated (body ignored): "
			"WARN.",
		.profiles = IN_BOTH,
		.judge = judge_ext_msg_6,
	},
	{
		.id = "EXT-MSG-7",
		.level = L_IMPLIED,
		.section = "EXTORPORT",
		.role = "extor",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"Tunnelled bytes are not sent before OKAY was received.",
		.observe =
			"F-EXT delays OKAY 2 s while the client already sent data: "
			"nothing after DONE until OKAY.",
		.fault =
			"Pipelines payload after DONE (Tor drops the connection).",
		.traps =
			"The DONE text says the next bytes are tunnelled ones; Tor "
			"insists on an empty buffer (AMB-066). Default FAIL, config "
			"`ext.early_payload=warn`.",
		.profiles = IN_BOTH,
		.judge = judge_ext_msg_7,
	},
	{
		.id = "EXT-MSG-8",
		.level = L_IMPLIED,
		.section = "EXTORPORT",
		.role = "extor",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "DENY ends the client connection without payload.",
		.observe =
			"F-EXT answers 0x1001: client side closed, no payload.",
		.fault = "Treats any reply as OKAY.",
		.traps = "T-CLOSE.",
		.profiles = IN_BOTH,
		.judge = judge_ext_msg_8,
	},
	{
		.id = "EXT-MSG-9",
		.level = L_MUST,
		.section = "EXTORPORT",
		.role = "extor",
		.classes = "net",
		.dflt = V_WARN,
		.title = "Unknown reply codes are ignored.",
		.observe =
			"F-EXT sends `1fff 0003 616263` then OKAY: session works.",
		.fault = "Closes on unknown code (goptlib does).",
		.traps = "Level is MUST in the ExtORPort document but common "
			 "libraries violate it; default WARN, strict FAIL.",
		.profiles = IN_BOTH,
		.judge = judge_ext_msg_9,
	},
	{
		.id = "EXT-MSG-10",
		.level = L_IMPLIED,
		.section = "EXTORPORT",
		.role = "extor",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "A body on OKAY is skipped.",
		.observe =
			"OKAY with 5-byte body: those bytes must not reach the "
			"client.",
		.fault = "Forwards the body as data.",
		.traps = "none.",
		.profiles = IN_BOTH,
		.judge = judge_ext_msg_10,
	},
	{
		.id = "EXT-MSG-11",
		.level = L_IMPLIED,
		.section = "EXTORPORT",
		.role = "extor",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"Payload right behind OKAY in the same segment is kept.",
		.observe =
			"F-EXT sends OKAY+`hello` in one write; client app gets "
			"`hello`.",
		.fault = "Discards the rest of the read buffer.",
		.traps = "none.",
		.profiles = IN_BOTH,
		.judge = judge_ext_msg_11,
	},
	{
		.id = "EXT-MSG-12",
		.level = L_IMPLIED,
		.section = "EXTORPORT",
		.role = "extor",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "After OKAY the stream is transparent both ways.",
		.observe = "GEN-E2E-1 over F-EXT.",
		.fault = "Keeps framing payload as commands.",
		.traps = "none.",
		.profiles = IN_BOTH,
		.judge = judge_ext_msg_12,
	},
	{
		.id = "EXT-MSG-13",
		.level = L_IMPLIED,
		.section = "EXTORPORT",
		.role = "extor",
		.classes = "net",
		.dflt = V_INFO,
		.title =
			"Order of USERADDR and TRANSPORT is free; repeating is "
			"allowed.",
		.observe = "Accept both orders.",
		.fault = "none.",
		.traps = "Do not fail.",
		.profiles = IN_BOTH,
		.judge = judge_ext_msg_13,
	},
	{
		.id = "EXT-FAIL-1",
		.level = L_IMPLIED,
		.section = "3.3.1.3",
		.role = "extor",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"If the ExtORPort cannot be used for a connection, that "
			"client is dropped; no raw fallback.",
		.observe =
			"F-EXT refuses/stalls; ORPORT also set: F-OR must not get "
			"the connection.",
		.fault = "Falls back to ORPORT.",
		.traps =
			"Fallback loses metadata the parent asked for; text silent "
			"→ WARN when ORPORT is also configured, FAIL when raw bytes "
			"go to EXT.",
		.profiles = IN_BOTH,
		.judge = judge_ext_fail_1,
	},
	{
		.id = "EXT-WARN-1",
		.level = L_SHOULD,
		.section = "EXTORPORT",
		.role = "extor",
		.classes = "ipc",
		.dflt = V_INFO,
		.title =
			"A PT told to use a non-loopback ExtORPort should warn.",
		.observe =
			"EXT=dummy interface address: some message on stderr/LOG.",
		.fault = "Silent.",
		.traps = "Form is free.",
		.profiles = IN_BOTH,
		.judge = judge_ext_warn_1,
	},
	{
		.id = "EXT-TIME-1",
		.level = L_IMPLIED,
		.section = "—",
		.role = "extor",
		.classes = "net",
		.dflt = V_INFO,
		.title = "A stalled ExtORPort does not pin resources for ever.",
		.observe =
			"F-EXT never answers: PT closes within the connect limit.",
		.fault = "Waits for ever.",
		.traps = "No time given.",
		.profiles = IN_BOTH,
		.judge = judge_ext_time_1,
	},
};

const struct req_area req_area_extor = {
	.name = "extor",
	.title = "Extended ORPort",
	.rows = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};
