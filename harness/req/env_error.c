/*
 * env_error.c - Environment errors.
 */
#include "harness/req/judges.h"

static const struct req rows[] = {
	{
		.id = "ENVERR-VAL-1",
		.level = L_IMPLIED,
		.section = "3.3.2.1",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "After VERSION the PT checks that required variables are "
			"there and well formed.",
		.observe = "One broken setting per run (EXT without cookie, malformed "
			"bindaddr/orport/options): not silently accepted.",
		.fault = "Skips all validation.",
		.traps = "Reacting is MAY-level except where another entry says "
			"otherwise; silent *wrong* operation is the failure.",
		.profiles = IN_BOTH,
	},
	{
		.id = "ENVERR-STREAM-1",
		.level = L_IMPLIED,
		.section = "3.3.2.1",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "ENV-ERROR goes to stderr.",
		.observe = "Line at a line start on stderr.",
		.fault = "stdout only.",
		.traps = "AMB-016, T-STDERR.",
		.profiles = IN_BOTH,
	},
	{
		.id = "ENVERR-EXIT-1",
		.level = L_MUST,
		.section = "3.3.2.1",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "ENV-ERROR is followed by exit with status 64.",
		.observe = "Exited 64 within the error limit.",
		.fault = "Exit 1; or continues.",
		.traps = "T-WRAP.",
		.profiles = IN_BOTH,
	},
	{
		.id = "ENVERR-MSG-1",
		.level = L_SHOULD,
		.section = "3.3.2.1",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_WARN,
		.title = "It carries a useful message.",
		.observe = "Non-empty; INFO if it names the offending parameter.",
		.fault = "Bare `ENV-ERROR`.",
		.traps = "Wording free; may name the flag rather than the variable.",
		.profiles = IN_BOTH,
	},
	{
		.id = "ENVERR-NODONE-1",
		.level = L_IMPLIED,
		.section = "3.3.2.1",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "No DONE line accompanies ENV-ERROR.",
		.observe = "stdout has no CMETHODS/SMETHODS DONE.",
		.fault = "Prints both.",
		.traps = "Method lines printed before a late error are odd: WARN.",
		.profiles = IN_BOTH,
	},
	{
		.id = "ENVERR-AFTERVER-1",
		.level = L_IMPLIED,
		.section = "3.3.2.1",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_WARN,
		.title = "Validation follows version negotiation, so VERSION was "
			"already sent.",
		.observe = "VERSION on stdout in ENV-ERROR runs.",
		.fault = "ENV-ERROR without VERSION.",
		.traps = "AMB-015: errors detected before negotiation (missing "
			"version list, both roles set) are tolerated.",
		.profiles = IN_BOTH,
	},
	{
		.id = "ENVERR-FLAG-1",
		.level = L_IMPLIED,
		.section = "3.3.1.4, 3.3.2.1",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_WARN,
		.title = "Malformed flag values are reported like malformed "
			"variables.",
		.observe = "`-bindaddr nonsense`.",
		.fault = "Panic/trace.",
		.traps = "Usage text with 64, or exit 2 from a flag library: "
			"AMB-018, WARN.",
		.profiles = IN_20,
	},
	{
		.id = "ENVERR-ANY-1",
		.level = L_MAY,
		.section = "3.3.2.1",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_INFO,
		.title = "The PT may give up with an error at any later point "
			"because of configuration.",
		.observe = "Accept ENV-ERROR after method lines if exit is 64.",
		.fault = "none.",
		.traps = "Do not fail a late one.",
		.profiles = IN_BOTH,
	},
	{
		.id = "ENVERR-ONLY-1",
		.level = L_IMPLIED,
		.section = "3.3.2.1",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_WARN,
		.title = "Status 64, 69, 78 are paired with their own messages.",
		.observe = "Exit 78 without VERSION-ERROR, 69 without PROXY-ERROR, 64 "
			"without ENV-ERROR or usage text.",
		.fault = "Exits 78 on ENV-ERROR.",
		.traps = "Other codes for crashes are not covered.",
		.profiles = IN_20,
	},
};

const struct req_area req_area_env_error = {
	.name = "env-error",
	.title = "Environment errors",
	.rows = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};
