/*
 * config.c - Configuration mechanics.
 */
#include "harness/req/judges.h"

static const struct req rows[] = {
	{
		.id = "CFG-ENV-1",
		.level = L_IMPLIED,
		.section = "3.3.1",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "A PT can be configured by environment variables alone.",
		.observe = "F-C and F-S with no arguments reach their DONE line.",
		.fault = "Needs `-transports` on the command line.",
		.traps = "A target description may require fixed argv words "
			"(sub-command); those are not configuration.",
		.profiles = IN_BOTH,
	},
	{
		.id = "CFG-FLAG-1",
		.level = L_IMPLIED,
		.section = "3.3.1, 3.3.1.4",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "Every parameter can be given as a flag instead.",
		.observe = "Repeat F-C/F-S with flags `-ptversion -state "
			"-exit-on-stdin-close -transports -proxy` / `-options "
			"-bindaddr -orport -extorport -authcookie`, no TOR_PT_ "
			"variables except what role selection needs (AMB-009).",
		.fault = "Ignores flags.",
		.traps = "T-FLAGSYN. No 2.0 flag says client or server: supply role "
			"arguments from the description file. PT 1.0-only binaries "
			"have no such flags; under the 1.0 profile SKIP.",
		.profiles = IN_20,
	},
	{
		.id = "CFG-MIX-1",
		.level = L_IMPLIED,
		.section = "3.3.1, 3.3.1.4",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "Some parameters by environment and others by flag may be "
			"combined.",
		.observe = "Version by env, transports by flag; then the reverse; both "
			"reach DONE.",
		.fault = "Any flag present makes it ignore the whole environment.",
		.traps = "PT 2.2+ forbids the application to set both forms of the "
			"*same* parameter; mixing different ones stays legal.",
		.profiles = IN_20,
	},
	{
		.id = "CFG-OVR-VER-1",
		.level = L_IMPLIED,
		.section = "3.3.1.4",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "`-ptversion` overrides the variable.",
		.observe = "Env `99`, flag `2` → `VERSION 2`. Env `2`, flag `99` → "
			"VERSION-ERROR/78.",
		.fault = "Environment wins.",
		.traps = "T-FLAGSYN.",
		.profiles = IN_20,
	},
	{
		.id = "CFG-OVR-STATE-1",
		.level = L_IMPLIED,
		.section = "3.3.1.4",
		.role = "state",
		.classes = "fs",
		.dflt = V_FAIL,
		.title = "`-state` overrides the variable.",
		.observe = "Env dir A, flag dir B; anything written is under B, A "
			"untouched (not even created).",
		.fault = "Writes under A.",
		.traps = "A PT that keeps no state writes to neither: PASS as "
			"vacuous (INFO).",
		.profiles = IN_20,
	},
	{
		.id = "CFG-OVR-STDIN-1",
		.level = L_IMPLIED,
		.section = "3.3.1.4",
		.role = "shutdown",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "`-exit-on-stdin-close` overrides a variable that says "
			"otherwise.",
		.observe = "Env `0` plus the flag; close stdin; expect graceful exit. "
			"Env `1` without the flag: closing stdin still exits (an "
			"absent flag overrides nothing).",
		.fault = "Environment `0` wins over the flag; or a missing flag "
			"disables env `1`.",
		.traps = "Exit on close is SHOULD level; if the PT never does it, "
			"report SD-STDIN-5 only.",
		.profiles = IN_20,
	},
	{
		.id = "CFG-OVR-CT-1",
		.level = L_IMPLIED,
		.section = "3.3.1.4",
		.role = "pt-client",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "`-transports` overrides `TOR_PT_CLIENT_TRANSPORTS` for a "
			"client.",
		.observe = "Env `T1`, flag `T2` → only T2 reported (or env unknown "
			"name, flag T1).",
		.fault = "Union of both lists.",
		.traps = "Role comes from the variable's presence; keep it set.",
		.profiles = IN_20,
	},
	{
		.id = "CFG-OVR-SVT-1",
		.level = L_IMPLIED,
		.section = "3.3.1.4",
		.role = "pt-server",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "`-transports` overrides `TOR_PT_SERVER_TRANSPORTS` for a "
			"server.",
		.observe = "As CFG-OVR-CT-1 on the server side.",
		.fault = "Environment wins.",
		.traps = "Bind addresses keyed to unlisted names must just be "
			"ignored.",
		.profiles = IN_20,
	},
	{
		.id = "CFG-OVR-PX-1",
		.level = L_IMPLIED,
		.section = "3.3.1.4",
		.role = "proxy",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "`-proxy` overrides `TOR_PT_PROXY`.",
		.observe = "Env proxy A, flag proxy B (two F-PX); all traffic at B, "
			"none at A.",
		.fault = "Uses A.",
		.traps = "T-NOMODE if the PT answers PROXY-ERROR to both schemes.",
		.profiles = IN_20,
	},
	{
		.id = "CFG-OVR-OPT-1",
		.level = L_IMPLIED,
		.section = "3.3.1.4",
		.role = "pt-server",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "`-options` overrides `TOR_PT_SERVER_TRANSPORT_OPTIONS`.",
		.observe = "Conflicting option values whose effect is visible (SMETHOD "
			"ARGS echo, or a key that makes a handshake succeed/fail).",
		.fault = "Merges or prefers the environment.",
		.traps = "Some implementations read `-options` as JSON (AMB-042).",
		.profiles = IN_20,
	},
	{
		.id = "CFG-OVR-BIND-1",
		.level = L_IMPLIED,
		.section = "3.3.1.4",
		.role = "pt-server",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "`-bindaddr` overrides `TOR_PT_SERVER_BINDADDR`.",
		.observe = "Env port A, flag port B → SMETHOD shows B, connect to A "
			"refused.",
		.fault = "Binds A.",
		.traps = "T-RACE.",
		.profiles = IN_20,
	},
	{
		.id = "CFG-OVR-OR-1",
		.level = L_IMPLIED,
		.section = "3.3.1.4",
		.role = "pt-server",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "`-orport` overrides `TOR_PT_ORPORT`.",
		.observe = "Two F-OR; only the flag's receives the connection.",
		.fault = "Environment wins.",
		.traps = "none special.",
		.profiles = IN_20,
	},
	{
		.id = "CFG-OVR-EXT-1",
		.level = L_IMPLIED,
		.section = "3.3.1.4",
		.role = "extor",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "`-extorport` and `-authcookie` override their variables.",
		.observe = "Two F-EXT with two cookies; flag pair must be used "
			"together.",
		.fault = "Flag port with environment cookie.",
		.traps = "T-NOMODE if no ExtORPort support.",
		.profiles = IN_20,
	},
	{
		.id = "CFG-SCOPE-1",
		.level = L_IMPLIED,
		.section = "3.3.1",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_WARN,
		.title = "Only variables with the `TOR_PT_` prefix carry PT "
			"configuration.",
		.observe = "Scrub everything else (`HOME`, `PATH`, `LANG`, `USER`, "
			"`TMPDIR` unset); PT still starts.",
		.fault = "Exits because `HOME` is unset.",
		.traps = "Interpreters may need `PATH`; restore the minimum named by "
			"the description file.",
		.profiles = IN_BOTH,
	},
	{
		.id = "CFG-UNKENV-1",
		.level = L_IMPLIED,
		.section = "3.3.1",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_WARN,
		.title = "Unknown `TOR_PT_*` variables do not disturb a PT.",
		.observe = "Add `TOR_PT_FUTURE_THING=x` and the PT 1.0 outbound-bind "
			"variables; start is unchanged.",
		.fault = "ENV-ERROR on any unrecognised `TOR_PT_` name.",
		.traps = "A PT also implementing 1.0's outbound-bind variables may "
			"act on them; use harmless values.",
		.profiles = IN_BOTH,
	},
	{
		.id = "CFG-EMPTY-1",
		.level = L_IMPLIED,
		.section = "3.3.1.2, 3.3.1.3",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_WARN,
		.title = "An optional variable set to the empty string behaves as "
			"unset.",
		.observe = "`TOR_PT_PROXY=`, `TOR_PT_SERVER_TRANSPORT_OPTIONS=`, "
			"`TOR_PT_SERVER_BINDADDR=`, `TOR_PT_EXTENDED_SERVER_PORT=`, "
			"`TOR_PT_AUTH_COOKIE_FILE=` each empty; start proceeds, no "
			"PROXY line.",
		.fault = "PROXY-ERROR for an empty proxy string.",
		.traps = "Only the ExtORPort empty string is normative (EXT-CFG-1, "
			"FAIL there); the rest are WARN.",
		.profiles = IN_BOTH,
	},
	{
		.id = "CFG-PERCONN-1",
		.level = L_IMPLIED,
		.section = "3.3.1.4, 3.3.5.2",
		.role = "pt-client",
		.classes = "net",
		.dflt = V_INFO,
		.title = "Per-connection settings can be given globally by flag, and "
			"then no SOCKS settings are needed.",
		.observe = "With the description file's flag (commonly `-options "
			"'<json>'`), connect with method 0x00 and expect success.",
		.fault = "Still demands 0x09.",
		.traps = "The flag's name and format are not in 2.0 (AMB-043); SKIP "
			"unless configured.",
		.profiles = IN_20,
	},
	{
		.id = "CFG-FLAGNAME-1",
		.level = L_IMPLIED,
		.section = "3.3.1.1, App. C",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "The negotiation flag is spelled `-ptversion` (renamed from "
			"`-version` in draft 2).",
		.observe = "`-ptversion 2` negotiates; `-version` is free for other "
			"use (often prints the program version).",
		.fault = "Negotiates only through `-version`.",
		.traps = "Never require or forbid `-version`.",
		.profiles = IN_20,
	},
	{
		.id = "CFG-CLIPRIV-1",
		.level = L_IMPLIED,
		.section = "3.3.1",
		.role = "parent",
		.classes = "parent",
		.dflt = V_INFO,
		.title = "(Design note) secrets given as flags are visible to other "
			"processes; environment is not.",
		.observe = "For a parent under test, note secrets in argv.",
		.fault = "none.",
		.traps = "Not a violation.",
		.profiles = IN_BOTH,
	},
	{
		.id = "CFG-ALLSET-1",
		.level = L_MUST,
		.section = "3.3.1.1–3.3.1.3",
		.role = "parent",
		.classes = "parent",
		.dflt = V_WARN,
		.title = "The parent sets all common parameters plus those of the "
			"role.",
		.observe = "F-PT dumps its environment and argv; check version, state, "
			"exit-on-stdin-close, transports.",
		.fault = "A parent that omits `TOR_PT_MANAGED_TRANSPORT_VER`.",
		.traps = "Individual parameter texts make state, exit-on-close, "
			"proxy, options, bindaddr, cookie omissible (AMB-004): FAIL "
			"only for version and transports.",
		.profiles = IN_BOTH,
	},
};

const struct req_area req_area_config = {
	.name = "config",
	.title = "Configuration mechanics",
	.rows = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};
