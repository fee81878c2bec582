/*
 * uncovered_adapters.c - Adapters.
 */
#include "harness/req/core/judges.h"

static const struct req rows[] = {
	{
		.id = "ADP-1",
		.level = L_IMPLIED,
		.section = "4.1",
		.role = "pt-common",
		.classes = "",
		.dflt = V_NA,
		.title =
			"A dispatcher may wrap API transports; behaviour over IPC "
			"is the same as any PT.",
		.observe = "All IPC tests.",
		.fault = "none.",
		.traps = "none.",
		.profiles = IN_BOTH,
	},
	{
		.id = "ADP-2",
		.level = L_IMPLIED,
		.section = "4.2",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_INFO,
		.title = "Compatibility between 1.0 and 2.0 rests on version "
			 "negotiation only; dual PTs answer per list.",
		.observe =
			"Offer `1`, `2`, `1,2`, `1.0,2.0`; then check message rules "
			"of the version answered.",
		.fault =
			"Answers VERSION 1 but writes errors to stderr with 2.0 "
			"exit codes.",
		.traps =
			"AMB-012; behaviour after VERSION 1 is judged by the 1.0 "
			"profile.",
		.profiles = IN_BOTH,
	},
	{
		.id = "ADP-3",
		.level = L_IMPLIED,
		.section = "4.3",
		.role = "api",
		.classes = "",
		.dflt = V_NA,
		.title = "Cross-language wrappers are possible.",
		.observe = "Not testable.",
		.fault = "none.",
		.traps = "none.",
		.profiles = IN_BOTH,
	},
	{
		.id = "ADP-4",
		.level = L_IMPLIED,
		.section = "4.4",
		.role = "api",
		.classes = "",
		.dflt = V_NA,
		.title =
			"The IPC may be reproduced in-process between threads.",
		.observe =
			"Not testable as a process; a harness library mode could "
			"feed lines from a callback into the same line checker.",
		.fault = "none.",
		.traps = "none.",
		.profiles = IN_BOTH,
	},
};

const struct req_area req_area_adapters = {
	.name = "adapters",
	.title = "Adapters",
	.rows = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};
