/*
 * socks.c - SOCKS5 front end.
 */
#include "harness/req/core/judges.h"
#include "harness/req/socks/socks_judges.h"

static const struct req rows[] = {
	{
		.id = "SK-GREET-1",
		.level = L_IMPLIED,
		.section = "RFC 1928",
		.role = "socks",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "`05 01 00` is answered `05 00`.",
		.observe = "F-C, connect, send, read exactly two bytes.",
		.fault = "Answers `05 02`.",
		.traps =
			"A transport that requires settings may answer `05 ff` "
			"(nothing acceptable) only if documented; WARN.",
		.profiles = IN_BOTH,
		.judge = sk_greet_1,
	},
	{
		.id = "SK-GREET-2",
		.level = L_IMPLIED,
		.section = "3.3.4",
		.role = "socks",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "`05 01 09` is answered `05 09`.",
		.observe = "as above.",
		.fault =
			"`05 ff`; accepting only 0x80 (drafts 1–2) or 0x02 (PT "
			"1.0).",
		.traps =
			"A PT whose transports take no settings refusing 0x09: WARN "
			"(AMB-062). Diagnose drafts: if `80` is accepted, say so.",
		.profiles = IN_20,
		.judge = sk_greet_2,
	},
	{
		.id = "SK-GREET-3",
		.level = L_IMPLIED,
		.section = "RFC 1928",
		.role = "socks",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"With several methods offered, the answer is one of them.",
		.observe =
			"`05 03 00 02 09`, `05 02 01 09`, 255 methods including 09.",
		.fault = "Picks a method not offered.",
		.traps = "Choice among offered is free (AMB-061).",
		.profiles = IN_BOTH,
		.judge = sk_greet_3,
	},
	{
		.id = "SK-GREET-4",
		.level = L_IMPLIED,
		.section = "RFC 1928",
		.role = "socks",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"With no acceptable method the answer is `05 ff` and the "
			"connection ends.",
		.observe = "`05 01 7f`, `05 01 01`.",
		.fault = "Answers `05 00` anyway.",
		.traps =
			"Closing without the answer: WARN. Client side must close "
			"by RFC; server may wait: allow 10 s.",
		.profiles = IN_BOTH,
		.judge = sk_greet_4,
	},
	{
		.id = "SK-GREET-5",
		.level = L_IMPLIED,
		.section = "RFC 1928",
		.role = "socks",
		.classes = "net",
		.dflt = V_WARN,
		.title = "NMETHODS 0 is refused.",
		.observe = "`05 00` → `05 ff` or close.",
		.fault = "Treats as no-auth.",
		.traps = "T-CLOSE.",
		.profiles = IN_BOTH,
		.judge = sk_greet_5,
	},
	{
		.id = "SK-GREET-6",
		.level = L_IMPLIED,
		.section = "RFC 1928",
		.role = "socks",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "Another version byte is not served as SOCKS5.",
		.observe =
			"`04 01 ...`, `47 45 54` (GET), `16 03`: no `05 00` reply; "
			"connection closed.",
		.fault = "Ignores the version byte.",
		.traps =
			"A PT may also speak SOCKS4 on the same port: a SOCKS4 "
			"reply is INFO.",
		.profiles = IN_BOTH,
		.judge = sk_greet_6,
	},
	{
		.id = "SK-GREET-7",
		.level = L_IMPLIED,
		.section = "RFC 1928",
		.role = "socks",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "The greeting may come in pieces.",
		.observe = "One byte per 50 ms.",
		.fault = "Single read.",
		.traps =
			"T-TIME: PT's own handshake timeout ≥ 5 s typical; keep "
			"total below 2 s.",
		.profiles = IN_BOTH,
		.judge = sk_greet_7,
	},
	{
		.id = "SK-JPB-FRAME-1",
		.level = L_IMPLIED,
		.section = "3.3.4",
		.role = "socks",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"After selection the client sends a 4-byte big-endian count "
			"followed by that many bytes of JSON, with no version byte.",
		.observe =
			"Valid block for the transport; then CONNECT succeeds "
			"(F-E2E).",
		.fault = "Reads the count little-endian, or expects a leading "
			 "version byte.",
		.traps =
			"AMB-058; a PT reading LE sees a huge count and stalls: "
			"detect by timeout.",
		.profiles = IN_20,
		.judge = sk_frame_1,
	},
	{
		.id = "SK-JPB-FRAME-2",
		.level = L_IMPLIED,
		.section = "3.3.4",
		.role = "socks",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "The block may be split anywhere.",
		.observe =
			"Split after 1,2,3,4 bytes and in the middle of a UTF-8 "
			"sequence.",
		.fault = "Single read.",
		.traps = "Lock-step pauses below the PT timeout.",
		.profiles = IN_20,
		.judge = sk_frame_2,
	},
	{
		.id = "SK-JPB-FRAME-3",
		.level = L_IMPLIED,
		.section = "3.3.4",
		.role = "socks",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "Exactly the counted bytes are consumed; the CONNECT "
			 "request is parsed right after.",
		.observe =
			"Follow-up request parsed correctly after blocks of length "
			"2, 57, 255, 256, 257, 510, 511, 4096.",
		.fault = "Uses one byte of the count.",
		.traps =
			"Blocks padded with JSON white space up to the length are "
			"valid JSON.",
		.profiles = IN_20,
		.judge = sk_frame_3,
	},
	{
		.id = "SK-JPB-OK-1",
		.level = L_IMPLIED,
		.section = "3.3.4",
		.role = "socks",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"A good block leads to acceptance in one of the permitted "
			"forms and the connection then works.",
		.observe = "Auto-detect reply form (AMB-057) and finish F-E2E.",
		.fault = "Sends an unparseable reply (e.g. 1 byte 00).",
		.traps = "No reply before the CONNECT request is the reference "
			 "behaviour; `01 00` seen in a branch.",
		.profiles = IN_20,
		.judge = sk_ok_1,
	},
	{
		.id = "SK-JPB-OK-2",
		.level = L_IMPLIED,
		.section = "3.3.4",
		.role = "socks",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "The settings really reach the transport for that "
			 "connection.",
		.observe = "Wrong key value → connection fails; right → works.",
		.fault = "Ignores the block, uses global options.",
		.traps = "If global options are set by flag they may win "
			 "(unspecified).",
		.profiles = IN_20,
		.judge = sk_ok_2,
	},
	{
		.id = "SK-JPB-OK-3",
		.level = L_IMPLIED,
		.section = "3.2.1, 3.3.4",
		.role = "socks",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "Settings are per connection.",
		.observe =
			"Two concurrent connections with different settings (two "
			"servers): each goes right; and a connection with 0x00 "
			"after one with settings does not inherit them.",
		.fault = "Stores the last settings globally.",
		.traps = "Needs a transport with settings.",
		.profiles = IN_20,
		.judge = sk_ok_3,
	},
	{
		.id = "SK-JPB-UTF-1",
		.level = L_IMPLIED,
		.section = "3.3.4",
		.role = "socks",
		.classes = "net",
		.dflt = V_WARN,
		.title =
			"Values may hold any Unicode, raw UTF-8 or `\\u` escapes.",
		.observe = "Equivalent blocks give equal results.",
		.fault = "ASCII only.",
		.traps = "The transport may reject the value itself with 0x13.",
		.profiles = IN_20,
		.judge = sk_utf_1,
	},
	{
		.id = "SK-JPB-WS-1",
		.level = L_IMPLIED,
		.section = "3.3.4",
		.role = "socks",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "Any JSON white space and key order is fine.",
		.observe = "Pretty-printed, CR LF inside, reordered keys.",
		.fault = "Line-based parser.",
		.traps = "none.",
		.profiles = IN_20,
		.judge = sk_ws_1,
	},
	{
		.id = "SK-JPB-EXTRA-1",
		.level = L_IMPLIED,
		.section = "3.3.4",
		.role = "socks",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "Unknown keys are unspecified.",
		.observe = "Add `\"x-unknown\":\"1\"`: success or 0x13.",
		.fault = "Crash.",
		.traps = "Either.",
		.profiles = IN_20,
		.judge = sk_extra_1,
	},
	{
		.id = "SK-JPB-10-1",
		.level = L_MAY,
		.section = "3.3.4",
		.role = "socks",
		.classes = "net",
		.dflt = V_WARN,
		.title =
			"A declared size above the implementation's limit can be "
			"answered with 0x10.",
		.observe =
			"Counts 0x7fffffff, 0xffffffff, 0x01000000 with no body: "
			"code 0x10, or close, or 0x11 after timeout; PT survives; "
			"memory does not grow by the declared size.",
		.fault = "Allocates 4 GiB; or crashes.",
		.traps =
			"\"can be used\": any failure form passes; success or hang "
			"beyond the limit is FAIL.",
		.profiles = IN_20,
		.judge = sk_10_1,
	},
	{
		.id = "SK-JPB-10-2",
		.level = L_IMPLIED,
		.section = "3.3.4",
		.role = "socks",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "Ordinary sizes are supported.",
		.observe =
			"≤ 510 bytes FAIL if refused with 0x10; ≤ 4096 WARN; more "
			"INFO.",
		.fault = "Limit of 64 bytes.",
		.traps = "No minimum is stated (AMB-064).",
		.profiles = IN_20,
		.judge = sk_10_2,
	},
	{
		.id = "SK-JPB-11-1",
		.level = L_IMPLIED,
		.section = "3.3.4",
		.role = "socks",
		.classes = "net",
		.dflt = V_WARN,
		.title = "Reading the settings is subject to a timeout.",
		.observe =
			"Send greeting, get `05 09`, send 4-byte count and half the "
			"body, stop: within `socks.settings_timeout_max` (default "
			"120 s) code 0x11 or close.",
		.fault = "Waits for ever.",
		.traps =
			"The value is implementation-dependent; run in parallel "
			"with other tests.",
		.profiles = IN_20,
		.judge = sk_11_1,
	},
	{
		.id = "SK-JPB-11-2",
		.level = L_MAY,
		.section = "3.3.4",
		.role = "socks",
		.classes = "net",
		.dflt = V_INFO,
		.title = "The code for that is 0x11.",
		.observe = "record the form.",
		.fault = "Sends 0x12.",
		.traps = "Plain close passes.",
		.profiles = IN_20,
		.judge = sk_11_2,
	},
	{
		.id = "SK-JPB-11-3",
		.level = L_IMPLIED,
		.section = "3.3.4",
		.role = "socks",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "A slow but complete block within 2 s is accepted.",
		.observe = "Dribble over 2 s.",
		.fault = "100 ms timeout.",
		.traps = "2 s is a harness choice (config).",
		.profiles = IN_20,
		.judge = sk_11_3,
	},
	{
		.id = "SK-JPB-12-1",
		.level = L_IMPLIED,
		.section = "3.3.4",
		.role = "socks",
		.classes = "net",
		.dflt = V_WARN,
		.title =
			"Bytes that are not well-formed JSON are answered with "
			"0x12.",
		.observe = "catalogue part 4.6 malformed rows: code 0x12 in an "
			   "accepted form.",
		.fault = "Ignores the error and connects; or sends 0x13.",
		.traps =
			"Bare close: WARN (reference behaviour); wrong code among "
			"0x10–0x13: WARN; proceeding to REP 00: FAIL.",
		.profiles = IN_20,
		.judge = sk_12_1,
	},
	{
		.id = "SK-JPB-12-2",
		.level = L_IMPLIED,
		.section = "3.3.4",
		.role = "socks",
		.classes = "net",
		.dflt = V_WARN,
		.title = "Invalid UTF-8 is an encoding error.",
		.observe = "Lone 0xff, overlong, surrogate bytes: 0x12.",
		.fault = "Accepts and replaces.",
		.traps = "Replacement by U+FFFD is common: WARN.",
		.profiles = IN_20,
		.judge = sk_12_2,
	},
	{
		.id = "SK-JPB-12-3",
		.level = L_IMPLIED,
		.section = "3.3.4",
		.role = "socks",
		.classes = "net",
		.dflt = V_WARN,
		.title = "A zero count holds no JSON text, so it is an error.",
		.observe =
			"`00000000`: 0x12, or close, or treated as no settings "
			"(INFO).",
		.fault = "Infinite loop.",
		.traps = "AMB-063.",
		.profiles = IN_20,
		.judge = sk_12_3,
	},
	{
		.id = "SK-JPB-12-4",
		.level = L_IMPLIED,
		.section = "3.3.4",
		.role = "socks",
		.classes = "net",
		.dflt = V_WARN,
		.title = "The top level must be a map.",
		.observe = "`[]`, `\"x\"`, `42`, `null`, `true`: 0x12 or 0x13.",
		.fault = "Accepts an array.",
		.traps =
			"Either code; `null` accepted as empty by some decoders: "
			"WARN.",
		.profiles = IN_20,
		.judge = sk_12_4,
	},
	{
		.id = "SK-JPB-13-1",
		.level = L_IMPLIED,
		.section = "3.3.4",
		.role = "socks",
		.classes = "net",
		.dflt = V_WARN,
		.title =
			"Well-formed settings that do not suit the transport get "
			"0x13.",
		.observe =
			"Required key missing, value out of range, wrong type "
			"(description file).",
		.fault = "General failure 0x01, or connects anyway.",
		.traps = "Nonzero REP of another kind: WARN; a transport that "
			 "discovers a bad secret only by failing the handshake "
			 "answers with an ordinary connect error: PASS.",
		.profiles = IN_20,
		.judge = sk_13_1,
	},
	{
		.id = "SK-JPB-ERRCLOSE-1",
		.level = L_IMPLIED,
		.section = "RFC 1928/1929",
		.role = "socks",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "After an error code the connection is closed.",
		.observe = "EOF within 10 s; a CONNECT sent afterwards gets no "
			   "success.",
		.fault = "Sends 0x12 and continues.",
		.traps = "T-CLOSE.",
		.profiles = IN_20,
		.judge = sk_errclose_1,
	},
	{
		.id = "SK-JPB-ERRLIVE-1",
		.level = L_IMPLIED,
		.section = "3.3.4",
		.role = "socks",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "A bad client does not harm others.",
		.observe = "After each error case a good connection works.",
		.fault =
			"Process exits on JSON error (an early reference version "
			"did).",
		.traps = "none.",
		.profiles = IN_20,
		.judge = sk_errlive_1,
	},
	{
		.id = "SK-JPB-NEED-1",
		.level = L_IMPLIED,
		.section = "3.3.4",
		.role = "socks",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"If the transport needs settings and the client used 0x00, "
			"the request fails.",
		.observe = "Non-zero REP or close.",
		.fault = "Success then dead connection.",
		.traps = "Global options by flag make it succeed.",
		.profiles = IN_20,
		.judge = sk_need_1,
	},
	{
		.id = "SK-REQ-1",
		.level = L_IMPLIED,
		.section = "RFC 1928",
		.role = "socks",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "CONNECT with IPv4 destination works.",
		.observe = "`05 01 00 01 ...`.",
		.fault = "Byte-swapped port.",
		.traps =
			"Transports with implicit server ignore the destination "
			"(T-NOMODE).",
		.profiles = IN_BOTH,
		.judge = sk_req_1,
	},
	{
		.id = "SK-REQ-2",
		.level = L_IMPLIED,
		.section = "RFC 1928",
		.role = "socks",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "CONNECT with IPv6 destination works.",
		.observe = "ATYP 4 to `[::1]`.",
		.fault = "Formats without brackets and fails.",
		.traps =
			"Reply 0x08 if the transport cannot: WARN; SKIP without "
			"IPv6.",
		.profiles = IN_BOTH,
		.judge = sk_req_2,
	},
	{
		.id = "SK-REQ-3",
		.level = L_IMPLIED,
		.section = "RFC 1928",
		.role = "socks",
		.classes = "net",
		.dflt = V_WARN,
		.title =
			"CONNECT with a domain name works or is refused with 0x08 "
			"(or 0x04).",
		.observe = "ATYP 3 `srv.test`.",
		.fault = "Crash on 255-byte names.",
		.traps = "AN-DNS rules with a proxy.",
		.profiles = IN_BOTH,
		.judge = sk_req_3,
	},
	{
		.id = "SK-REQ-4",
		.level = L_IMPLIED,
		.section = "RFC 1928",
		.role = "socks",
		.classes = "net",
		.dflt = V_WARN,
		.title =
			"BIND and UDP ASSOCIATE, if not offered, get reply 0x07.",
		.observe = "CMD 2, 3, 0xf0.",
		.fault = "Treats as CONNECT.",
		.traps =
			"Close without reply: WARN; REP 0x01: INFO. Treating as "
			"CONNECT: FAIL.",
		.profiles = IN_BOTH,
		.judge = sk_req_4,
	},
	{
		.id = "SK-REQ-5",
		.level = L_IMPLIED,
		.section = "RFC 1928",
		.role = "socks",
		.classes = "net",
		.dflt = V_WARN,
		.title = "Unknown address types get 0x08.",
		.observe = "ATYP 2, 5, 0xff.",
		.fault = "Hangs.",
		.traps = "Any failure or close.",
		.profiles = IN_BOTH,
		.judge = sk_req_5,
	},
	{
		.id = "SK-REQ-6",
		.level = L_IMPLIED,
		.section = "RFC 1928",
		.role = "socks",
		.classes = "net",
		.dflt = V_WARN,
		.title =
			"Zero-length name, port 0, RSV≠0 give an orderly failure or "
			"are tolerated.",
		.observe = "each.",
		.fault = "Crash.",
		.traps = "Either.",
		.profiles = IN_BOTH,
		.judge = sk_req_6,
	},
	{
		.id = "SK-REQ-7",
		.level = L_IMPLIED,
		.section = "RFC 1928",
		.role = "socks",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "The request may be split.",
		.observe = "Bytewise.",
		.fault = "Single read.",
		.traps = "none.",
		.profiles = IN_BOTH,
		.judge = sk_req_7,
	},
	{
		.id = "SK-REP-1",
		.level = L_IMPLIED,
		.section = "RFC 1928",
		.role = "socks",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "Replies are well formed: `05 REP 00 ATYP addr port`.",
		.observe = "Parse by ATYP (1,3,4).",
		.fault = "8-byte reply.",
		.traps = "BND may be all zero; ATYP 3 and 4 legal.",
		.profiles = IN_BOTH,
		.judge = sk_rep_1,
	},
	{
		.id = "SK-REP-2",
		.level = L_IMPLIED,
		.section = "RFC 1928",
		.role = "socks",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "Success is REP 0x00, then data flows.",
		.observe = "F-E2E.",
		.fault = "REP 0x5a.",
		.traps =
			"Server data may follow the reply in the same segment.",
		.profiles = IN_BOTH,
		.judge = sk_rep_2,
	},
	{
		.id = "SK-REP-3",
		.level = L_IMPLIED,
		.section = "RFC 1928",
		.role = "socks",
		.classes = "net",
		.dflt = V_WARN,
		.title = "A refused or unreachable server gives a failure REP.",
		.observe =
			"Destination port closed: REP in 01–08 (or implementation "
			"code), not 00.",
		.fault = "REP 00 then close.",
		.traps =
			"Transports that connect lazily may legitimately report "
			"success first (AMB-067): WARN.",
		.profiles = IN_BOTH,
		.judge = sk_rep_3,
	},
	{
		.id = "SK-REP-4",
		.level = L_MUST,
		.section = "RFC 1928",
		.role = "socks",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "After a failure reply the server closes within 10 s.",
		.observe = "measure.",
		.fault = "Leaves it open.",
		.traps = "T-CLOSE.",
		.profiles = IN_BOTH,
		.judge = sk_rep_4,
	},
	{
		.id = "SK-REP-5",
		.level = L_IMPLIED,
		.section = "RFC 1928",
		.role = "socks",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "Exactly one reply per request.",
		.observe = "No second reply in the data stream.",
		.fault = "Sends reply twice.",
		.traps = "none.",
		.profiles = IN_BOTH,
		.judge = sk_rep_5,
	},
	{
		.id = "SK-DATA-1",
		.level = L_IMPLIED,
		.section = "2",
		.role = "socks",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"First data bytes sent immediately after the reply are not "
			"lost.",
		.observe =
			"Client writes as soon as the reply is read; server writes "
			"first in another run.",
		.fault = "Discards the read-ahead buffer.",
		.traps = "none.",
		.profiles = IN_BOTH,
		.judge = sk_data_1,
	},
	{
		.id = "SK-PIPE-1",
		.level = L_IMPLIED,
		.section = "—",
		.role = "socks",
		.classes = "net",
		.dflt = V_INFO,
		.title = "Pipelined handshakes (greeting+block+request in one "
			 "segment) are unspecified.",
		.observe = "Record works/refused.",
		.fault = "none.",
		.traps =
			"Older reference code refuses trailing bytes: never fail.",
		.profiles = IN_BOTH,
		.judge = sk_pipe_1,
	},
	{
		.id = "SK-ROB-1",
		.level = L_IMPLIED,
		.section = "—",
		.role = "socks",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"Garbage, early close and half-open clients do not stop the "
			"service.",
		.observe =
			"500 abusive connections (random bytes, RST at each step), "
			"then a good one.",
		.fault = "Crash.",
		.traps = "T-TIME.",
		.profiles = IN_BOTH,
		.judge = sk_rob_1,
	},
	{
		.id = "SK-ROB-2",
		.level = L_IMPLIED,
		.section = "—",
		.role = "socks",
		.classes = "net",
		.dflt = V_WARN,
		.title = "Stalled clients do not block others.",
		.observe =
			"100 clients stuck in each handshake step; a good one works "
			"at once.",
		.fault = "Serial accept loop.",
		.traps = "Descriptor limits: set high.",
		.profiles = IN_BOTH,
		.judge = sk_rob_2,
	},
	{
		.id = "SK-DEST-1",
		.level = L_IMPLIED,
		.section = "3.2.1, 3.3.5.2",
		.role = "socks",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "For transports with an explicit server, the CONNECT "
			 "destination is where the PT connects.",
		.observe =
			"Connect destination = harness listener: connection arrives "
			"there.",
		.fault = "Always uses a built-in or first-seen server.",
		.traps = "Implicit-server transports (fronting) exempt by "
			 "description file.",
		.profiles = IN_BOTH,
		.judge = sk_dest_1,
	},
	{
		.id = "SK-LEG-1",
		.level = L_IMPLIED,
		.section = "PT 1.0",
		.role = "socks",
		.classes = "net",
		.dflt = V_INFO,
		.title =
			"Method 0x02 carrying 1.0-style arguments is outside 2.0.",
		.observe = "record acceptance.",
		.fault = "none.",
		.traps = "Under VERSION 1 it is the required way.",
		.profiles = IN_20,
		.judge = sk_leg_1,
	},
};

const struct req_area req_area_socks = {
	.name = "socks",
	.title = "SOCKS5 front end",
	.rows = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};
