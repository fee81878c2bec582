/*
 * appendix.c - Appendix sessions (App. A, App. B).
 */
#include "harness/req/judges.h"

static const struct req rows[] = {
	{
		.id = "APPX-A-1",
		.level = L_IMPLIED,
		.section = "App. A",
		.role = "pt-client",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "A client with a proxy and two transports prints, in order: "
			"VERSION, PROXY DONE, one CMETHOD per transport, CMETHODS "
			"DONE.",
		.observe = "F-C with F-PX and `T1,T2`; stdout filtered to known "
			"keywords equals that sequence (CMETHODs in any order).",
		.fault = "PROXY DONE after the CMETHODs.",
		.traps = "T-ORDER, T-UNKKW; the appendix shows VERSION and PROXY "
			"DONE on one line (AMB-021) and says stdin (AMB-020). "
			"PROXY-ERROR is legal for an unsupported type.",
		.profiles = IN_BOTH,
	},
	{
		.id = "APPX-B-1",
		.level = L_IMPLIED,
		.section = "App. B",
		.role = "pt-server",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "A server with two transports and one bind address prints "
			"VERSION, one SMETHOD per transport (the bound one as "
			"configured, the other chosen), SMETHODS DONE.",
		.observe = "F-S with `T1,T2` and a bind address for T1 only.",
		.fault = "Omits T2.",
		.traps = "AMB-023 for the ARGS line; the appendix session has no "
			"ORPORT at all although one is needed: the harness supplies "
			"it.",
		.profiles = IN_BOTH,
	},
	{
		.id = "APPX-B-2",
		.level = L_IMPLIED,
		.section = "App. A/B",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "The state path is given once with and once without a "
			"trailing slash; both are fine.",
		.observe = "ST-SLASH-1.",
		.fault = "as there.",
		.traps = "none.",
		.profiles = IN_BOTH,
	},
};

const struct req_area req_area_appendix = {
	.name = "appendix",
	.title = "Appendix sessions (App. A, App. B)",
	.rows = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};
