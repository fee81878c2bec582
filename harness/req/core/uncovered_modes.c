/*
 * uncovered_modes.c - Proxy modes.
 */
#include "harness/req/core/judges.h"

static const struct req rows[] = {
	{
		.id = "MODE-1",
		.level = L_IMPLIED,
		.section = "3.3.5.6",
		.role = "pt-server",
		.classes = "ipc",
		.dflt = V_INFO,
		.title = "A server runs one mode at a time, chosen by its own "
			 "configuration.",
		.observe =
			"Description file gives arguments per mode; each launch "
			"serves one.",
		.fault = "none.",
		.traps = "No standard selector.",
		.profiles = IN_20,
	},
	{
		.id = "MODE-2",
		.level = L_IMPLIED,
		.section = "3.3.5.6",
		.role = "pt-common",
		.classes = "net",
		.dflt = V_WARN,
		.title =
			"Both ends must be in the same mode; mismatch must not "
			"crash either.",
		.observe = "All mode pairs; both processes alive afterwards.",
		.fault = "Server exits on a frame it cannot parse.",
		.traps = "Data loss is expected.",
		.profiles = IN_20,
	},
	{
		.id = "MODE-3",
		.level = L_IMPLIED,
		.section = "3.3.5.6",
		.role = "pt-server",
		.classes = "ipc",
		.dflt = V_WARN,
		.title =
			"An unknown or contradictory mode request is an error.",
		.observe = "Implementation's mode flag with `bogus`.",
		.fault = "Falls back silently to socks5.",
		.traps = "Flag not in 2.0.",
		.profiles = IN_20,
	},
};

const struct req_area req_area_modes = {
	.name = "modes",
	.title = "Proxy modes",
	.rows = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};
