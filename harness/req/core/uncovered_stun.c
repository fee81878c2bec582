/*
 * uncovered_stun.c - STUN-aware mode.
 */
#include "harness/req/core/judges.h"

static const struct req rows[] = {
	{
		.id = "STN-C-1",
		.level = L_IMPLIED,
		.section = "3.3.5.4",
		.role = "stun",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"STUN packets are concatenated into the stream with no "
			"added framing.",
		.observe =
			"F-XC: stream equals the concatenation of sent messages "
			"(header lengths 0, 8, 12, 548).",
		.fault = "Adds the 2-byte length.",
		.traps = "First packets dropped while connecting.",
		.profiles = IN_20,
	},
	{
		.id = "STN-C-2",
		.level = L_IMPLIED,
		.section = "3.3.5.4",
		.role = "stun",
		.classes = "net",
		.dflt = V_WARN,
		.title = "A non-STUN datagram must not break the stream.",
		.observe =
			"Between valid messages send garbage, a truncated STUN "
			"header (19 bytes), a datagram whose header length is "
			"larger/smaller than its body: subsequent valid messages "
			"must still parse at the other end.",
		.fault = "Forwards garbage raw.",
		.traps =
			"AMB-077: dropping is the expected reaction; forwarding raw "
			"data makes the peer lose sync: FAIL when same-mode pair "
			"loses later valid packets.",
		.profiles = IN_20,
	},
	{
		.id = "STN-C-3",
		.level = L_IMPLIED,
		.section = "Table 1",
		.role = "stun",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "Pool behaviour is the same as in transparent UDP.",
		.observe = "UC-T1-* in this mode.",
		.fault = "as there.",
		.traps = "as there.",
		.profiles = IN_20,
	},
	{
		.id = "STN-S-1",
		.level = L_IMPLIED,
		.section = "3.3.5.5",
		.role = "stun",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"The server cuts the stream at STUN message boundaries "
			"(20-byte header + header length) and sends one datagram "
			"each.",
		.observe =
			"F-XS: concatenated messages → separate datagrams, bytes "
			"identical including magic cookie and transaction id.",
		.fault = "Forwards TCP reads as datagrams.",
		.traps = "none.",
		.profiles = IN_20,
	},
	{
		.id = "STN-S-2",
		.level = L_IMPLIED,
		.section = "3.3.5.5",
		.role = "stun",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"Header split over reads, message split, several messages "
			"per read are handled.",
		.observe =
			"Bytewise; 20 messages in one write; split at byte 3 and at "
			"byte 20.",
		.fault =
			"Reuses a buffer so that a later header is wrong (append "
			"aliasing).",
		.traps = "none.",
		.profiles = IN_20,
	},
	{
		.id = "STN-S-3",
		.level = L_IMPLIED,
		.section = "3.3.5.5",
		.role = "stun",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"A zero-attribute message (length 0) is a complete 20-byte "
			"datagram.",
		.observe = "Binding request `0001 0000 2112a442 ...`.",
		.fault = "Waits for a body.",
		.traps = "none.",
		.profiles = IN_20,
	},
	{
		.id = "STN-S-4",
		.level = L_IMPLIED,
		.section = "3.3.5.5",
		.role = "stun",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "Destination is the configured TURN server.",
		.observe = "US-DST-1.",
		.fault = "Uses XOR-PEER address.",
		.traps = "none.",
		.profiles = IN_20,
	},
	{
		.id = "STN-S-5",
		.level = L_IMPLIED,
		.section = "3.3.5.5",
		.role = "stun",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "Replies go back as concatenated STUN messages.",
		.observe =
			"F-UDP sends two responses: stream contains both unframed.",
		.fault = "No return path.",
		.traps = "none.",
		.profiles = IN_20,
	},
	{
		.id = "STN-S-6",
		.level = L_IMPLIED,
		.section = "RFC 5389",
		.role = "stun",
		.classes = "net",
		.dflt = V_WARN,
		.title =
			"A stream that is not STUN (top bits set, length not a "
			"multiple of 4, wrong cookie) ends that connection rather "
			"than being guessed.",
		.observe = "Send `ff ff ff ff ...`: connection closed or bytes "
			   "ignored; PT lives; next connection works.",
		.fault = "Endless loop.",
		.traps =
			"Old STUN without cookie may be accepted; ChannelData may "
			"be supported (STN-CD-1).",
		.profiles = IN_20,
	},
	{
		.id = "STN-S-7",
		.level = L_IMPLIED,
		.section = "3.3.5.5",
		.role = "stun",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "A message cut by close is not sent.",
		.observe = "Header length 100, 10 bytes, close.",
		.fault = "Sends partial.",
		.traps = "none.",
		.profiles = IN_20,
	},
	{
		.id = "STN-S-8",
		.level = L_IMPLIED,
		.section = "RFC 5389",
		.role = "stun",
		.classes = "net",
		.dflt = V_WARN,
		.title = "Large lengths (up to 65532) do not crash.",
		.observe =
			"Length 0xfffc with full body: dropped or EMSGSIZE handled; "
			"next message delivered.",
		.fault = "Exit.",
		.traps = "none.",
		.profiles = IN_20,
	},
	{
		.id = "STN-CD-1",
		.level = L_IMPLIED,
		.section = "RFC 5766/8656",
		.role = "stun",
		.classes = "net",
		.dflt = V_INFO,
		.title =
			"TURN ChannelData is not mentioned; a useful TURN relay "
			"needs it, or clients must use Send/Data indications.",
		.observe =
			"ChannelData datagram (padded and unpadded) between two "
			"STUN messages: delivered intact, or dropped; never desync.",
		.fault = "Desync after ChannelData.",
		.traps = "AMB-078: desync WARN, other outcomes pass.",
		.profiles = IN_20,
	},
	{
		.id = "STN-PASS-1",
		.level = L_IMPLIED,
		.section = "3.3.5.5",
		.role = "stun",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "Message contents are not altered.",
		.observe =
			"Message with MESSAGE-INTEGRITY/FINGERPRINT and unknown "
			"attributes survives bit-exact.",
		.fault = "Re-encodes.",
		.traps = "none.",
		.profiles = IN_20,
	},
};

const struct req_area req_area_stun = {
	.name = "stun",
	.title = "STUN-aware mode",
	.rows = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};
