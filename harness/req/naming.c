/*
 * naming.c - Naming.
 */
#include "harness/req/judges.h"

static const struct req rows[] = {
	{
		.id = "NAME-UNIQ-1",
		.level = L_MUST,
		.section = "3.1",
		.role = "naming",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "Each transport has its own name.",
		.observe = "Collect names over one run; no name is reported twice with "
			"the same protocol token.",
		.fault = "Reports two different listeners both as `obfs4 socks5`.",
		.traps = "Two CMETHODs for one name with different protocol tokens: "
			"WARN only (AMB-051). Global uniqueness across vendors "
			"cannot be tested.",
		.profiles = IN_BOTH,
	},
	{
		.id = "NAME-CHARS-1",
		.level = L_MUST,
		.section = "3.1",
		.role = "naming",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "A name starts with an ASCII letter or underscore and "
			"continues with ASCII letters, digits, underscores.",
		.observe = "Validate the name field of every CMETHOD, CMETHOD-ERROR, "
			"SMETHOD, SMETHOD-ERROR and the ExtORPort TRANSPORT body.",
		.fault = "Registers and reports `obfs-4`.",
		.traps = "Leading underscore is accepted with INFO (AMB-001). "
			"Echoing an invalid requested name inside a CMETHOD-ERROR "
			"is already a CM-UNK-1 violation; report that one.",
		.profiles = IN_BOTH,
	},
	{
		.id = "NAME-RE-1",
		.level = L_MUST,
		.section = "3.1",
		.role = "naming",
		.classes = "ipc",
		.dflt = V_WARN,
		.title = "Names match the printed regular expression (as printed in "
			"this copy: letter first).",
		.observe = "As NAME-CHARS-1 with the stricter pattern.",
		.fault = "Registers `_hidden`.",
		.traps = "AMB-001: the published PDF's expression allows the "
			"underscore; so only WARN.",
		.profiles = IN_BOTH,
	},
	{
		.id = "NAME-CID-1",
		.level = L_MUST,
		.section = "3.1",
		.role = "naming",
		.classes = "ipc",
		.dflt = V_INFO,
		.title = "Names are valid C identifiers.",
		.observe = "Same field check; additionally note C keywords (`int`, "
			"`union`).",
		.fault = "Reports a name with a digit first.",
		.traps = "Keywords match both prose pattern and regex; do not fail "
			"them (AMB-002).",
		.profiles = IN_BOTH,
	},
	{
		.id = "NAME-LEN-1",
		.level = L_IMPLIED,
		.section = "3.1",
		.role = "naming",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "No length limit on names.",
		.observe = "Request `<T>,<name of 1000, 8000 and 60000 chars>`; T "
			"still starts, the long name is ignored, no crash, no "
			"truncated echo.",
		.fault = "Fixed 64-byte name buffer: crashes, or matches on a "
			"truncated prefix.",
		.traps = "The OS limits one environment string (128 KiB on Linux) "
			"and flags likewise; stay below.",
		.profiles = IN_BOTH,
	},
	{
		.id = "NAME-MATCH-1",
		.level = L_IMPLIED,
		.section = "3.1, 3.3.2.2",
		.role = "naming",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "The name in a status line is exactly the requested one "
			"(case-sensitive, whole).",
		.observe = "Request `T`, upper-cased `T`, `T`+`x`, `T` minus last "
			"char; only the exact one yields a method line, spelled "
			"identically.",
		.fault = "Case-insensitive or prefix matching.",
		.traps = "A PT could really offer two names differing in case; "
			"description file lists known names.",
		.profiles = IN_BOTH,
	},
};

const struct req_area req_area_naming = {
	.name = "naming",
	.title = "Naming",
	.rows = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};
