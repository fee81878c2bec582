/*
 * uncovered_parent.c - Parent process.
 */
#include "harness/req/core/judges.h"

static const struct req rows[] = {
	{
		.id = "PAR-ORDER-1",
		.level = L_MUST,
		.section = "3.3.2.2.1",
		.role = "parent",
		.classes = "parent",
		.dflt = V_FAIL,
		.title = "Client method lines are accepted in any order.",
		.observe =
			"F-PT reports in reversed and shuffled order, errors mixed "
			"in.",
		.fault = "Parent matches by position.",
		.traps = "none.",
		.profiles = IN_BOTH,
	},
	{
		.id = "PAR-VER-1",
		.level = L_IMPLIED,
		.section = "3.3.2.1",
		.role = "parent",
		.classes = "parent",
		.dflt = V_FAIL,
		.title = "A VERSION not offered is a protocol failure.",
		.observe = "F-PT answers `VERSION 9`: parent stops using it.",
		.fault = "Parent goes on.",
		.traps = "none.",
		.profiles = IN_BOTH,
	},
	{
		.id = "PAR-VERERR-1",
		.level = L_IMPLIED,
		.section = "3.3.2.1",
		.role = "parent",
		.classes = "parent",
		.dflt = V_FAIL,
		.title =
			"VERSION-ERROR on stderr plus exit 78 is understood as "
			"failure.",
		.observe =
			"Parent reports an error in bounded time, does not wait for "
			"ever.",
		.fault = "Parent reads stdout only and hangs.",
		.traps = "Detecting by exit status is enough.",
		.profiles = IN_BOTH,
	},
	{
		.id = "PAR-ENVERR-1",
		.level = L_IMPLIED,
		.section = "3.3.2.1",
		.role = "parent",
		.classes = "parent",
		.dflt = V_FAIL,
		.title = "Same for ENV-ERROR/64.",
		.observe = "as above.",
		.fault = "as above.",
		.traps = "none.",
		.profiles = IN_BOTH,
	},
	{
		.id = "PAR-PXERR-1",
		.level = L_IMPLIED,
		.section = "3.3.2.2, 5",
		.role = "parent",
		.classes = "parent",
		.dflt = V_FAIL,
		.title =
			"Same for PROXY-ERROR/69; and the parent does not then use "
			"the PT or go direct.",
		.observe = "No connection without proxy.",
		.fault = "Falls back to direct.",
		.traps = "none.",
		.profiles = IN_BOTH,
	},
	{
		.id = "PAR-PXDONE-1",
		.level = L_IMPLIED,
		.section = "3.3.2.2",
		.role = "parent",
		.classes = "parent",
		.dflt = V_FAIL,
		.title =
			"If a proxy was configured, missing PROXY DONE means the PT "
			"must not be used.",
		.observe =
			"F-PT skips PROXY DONE and sends CMETHODs: parent must not "
			"connect.",
		.fault = "Parent proceeds (fail open).",
		.traps =
			"Text says the PT MUST answer; the consequence for the "
			"parent is implied (Tor kills the PT).",
		.profiles = IN_BOTH,
	},
	{
		.id = "PAR-METHERR-1",
		.level = L_IMPLIED,
		.section = "3.3.2.2, 3.3.2.3",
		.role = "parent",
		.classes = "parent",
		.dflt = V_FAIL,
		.title =
			"One method error does not make the parent discard the "
			"other transports.",
		.observe = "t1 error, t2 ok: t2 usable.",
		.fault = "Parent kills the PT.",
		.traps = "A parent that needs t1 may report failure.",
		.profiles = IN_BOTH,
	},
	{
		.id = "PAR-MISSING-1",
		.level = L_IMPLIED,
		.section = "3.3.2.2.1",
		.role = "parent",
		.classes = "parent",
		.dflt = V_FAIL,
		.title = "A transport neither reported nor failed by DONE was "
			 "ignored; the parent notices.",
		.observe = "F-PT sends only DONE.",
		.fault = "Parent waits for ever.",
		.traps = "none.",
		.profiles = IN_BOTH,
	},
	{
		.id = "PAR-DONE-1",
		.level = L_IMPLIED,
		.section = "3.3.2.2",
		.role = "parent",
		.classes = "parent",
		.dflt = V_FAIL,
		.title =
			"The parent may rely on DONE as the end of initialisation.",
		.observe =
			"Parent starts using transports at or before DONE; not "
			"blocked later.",
		.fault = "Needs process exit.",
		.traps = "Using a CMETHOD before DONE is legal.",
		.profiles = IN_BOTH,
	},
	{
		.id = "PAR-PROTO-1",
		.level = L_IMPLIED,
		.section = "3.3.2.2",
		.role = "parent",
		.classes = "parent",
		.dflt = V_WARN,
		.title =
			"The parent uses the announced protocol for each transport, "
			"or declines it.",
		.observe =
			"F-PT announces `transparent-UDP`; parent must not send "
			"SOCKS bytes by TCP.",
		.fault = "Ignores the token.",
		.traps = "Unsupported protocol → skip transport.",
		.profiles = IN_BOTH,
	},
	{
		.id = "PAR-SPLIT-1",
		.level = L_IMPLIED,
		.section = "3.3.2",
		.role = "parent",
		.classes = "parent",
		.dflt = V_FAIL,
		.title = "Lines split or coalesced by the pipe are handled.",
		.observe =
			"F-PT writes byte by byte, then everything in one write.",
		.fault = "One read = one line.",
		.traps = "none.",
		.profiles = IN_BOTH,
	},
	{
		.id = "PAR-SOCKS-1",
		.level = L_IMPLIED,
		.section = "3.3.4",
		.role = "parent",
		.classes = "parent",
		.dflt = V_FAIL,
		.title = "With settings, the parent uses method 0x09 and sends "
			 "length + JSON.",
		.observe =
			"F-PT SOCKS server decodes; length big-endian equals bytes; "
			"valid UTF-8 JSON object.",
		.fault =
			"Little-endian length; length of characters instead of "
			"bytes.",
		.traps =
			"Whether 0x00 is also offered is unspecified (AMB-061).",
		.profiles = IN_BOTH,
	},
	{
		.id = "PAR-SOCKS-2",
		.level = L_IMPLIED,
		.section = "3.3.4",
		.role = "parent",
		.classes = "parent",
		.dflt = V_FAIL,
		.title = "Without settings, the parent uses method 0x00.",
		.observe = "Offer contains 0x00; no block is sent.",
		.fault = "Sends 0x09 with `{}`.",
		.traps = "Sending 0x09 `{}`: WARN.",
		.profiles = IN_BOTH,
	},
	{
		.id = "PAR-SOCKS-3",
		.level = L_IMPLIED,
		.section = "3.3.4",
		.role = "parent",
		.classes = "parent",
		.dflt = V_FAIL,
		.title = "Codes 0x10–0x13 are treated as failure.",
		.observe =
			"F-PT answers each, in the configured field; parent reports "
			"failure and closes.",
		.fault = "Treats unknown REP as success.",
		.traps = "AMB-057 field.",
		.profiles = IN_BOTH,
	},
	{
		.id = "PAR-SOCKS-4",
		.level = L_IMPLIED,
		.section = "RFC 1928",
		.role = "parent",
		.classes = "parent",
		.dflt = V_FAIL,
		.title = "The parent waits for a success reply before sending "
			 "application data.",
		.observe = "F-PT delays the reply; no data before it.",
		.fault = "Optimistic data.",
		.traps = "Optimistic data is a known technique; WARN if the PT "
			 "copes.",
		.profiles = IN_BOTH,
	},
	{
		.id = "PAR-SHUT-1",
		.level = L_IMPLIED,
		.section = "3.3.3",
		.role = "parent",
		.classes = "parent",
		.dflt = V_WARN,
		.title =
			"Shutdown goes: set the stdin variable at launch; close "
			"stdin; wait; ask by OS means; then kill.",
		.observe =
			"F-PT ignores EOF and SIGTERM: observe EOF, later SIGTERM, "
			"later SIGKILL with gaps ≥ 100 ms.",
		.fault = "SIGKILL first.",
		.traps =
			"Length of waits is free; skipping a later step because the "
			"PT exited is right.",
		.profiles = IN_BOTH,
	},
	{
		.id = "PAR-SHUT-2",
		.level = L_IMPLIED,
		.section = "3.3.3",
		.role = "parent",
		.classes = "parent",
		.dflt = V_WARN,
		.title =
			"The variable is set to `1` if stdin closing will be used.",
		.observe = "F-PT env.",
		.fault = "Closes stdin without the variable.",
		.traps = "none.",
		.profiles = IN_BOTH,
	},
	{
		.id = "PAR-STDIN-1",
		.level = L_IMPLIED,
		.section = "3.3.3",
		.role = "parent",
		.classes = "parent",
		.dflt = V_WARN,
		.title = "Stdin stays open while the PT is wanted.",
		.observe =
			"With variable `1`, F-PT sees no EOF until shutdown.",
		.fault = "Launches with the null device on stdin.",
		.traps = "none.",
		.profiles = IN_BOTH,
	},
	{
		.id = "PAR-DEATH-1",
		.level = L_IMPLIED,
		.section = "3.3.3",
		.role = "parent",
		.classes = "parent",
		.dflt = V_INFO,
		.title = "An unexpected PT exit is noticed.",
		.observe = "F-PT exits after DONE; parent reports or restarts.",
		.fault = "Zombie left, connections hang.",
		.traps = "Policy is free.",
		.profiles = IN_BOTH,
	},
	{
		.id = "PAR-ARGS-1",
		.level = L_IMPLIED,
		.section = "3.3.2.3",
		.role = "parent",
		.classes = "parent",
		.dflt = V_WARN,
		.title = "ARGS are decoded with backslash escapes.",
		.observe =
			"F-PT: `ARGS:k=a\\=b\\,c`: parent publishes `a=b,c`.",
		.fault = "Splits at `\\,`.",
		.traps =
			"A parent that passes the string through verbatim (Tor) is "
			"fine.",
		.profiles = IN_BOTH,
	},
};

const struct req_area req_area_parent = {
	.name = "parent",
	.title = "Parent process",
	.rows = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};
