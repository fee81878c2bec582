/*
 * stdin.c - Closing stdin.
 */
#include "harness/req/judges.h"

static const struct req rows[] = {
	{
		.id = "SD-STDIN-1",
		.level = L_MUST_NOT,
		.section = "3.3.1.1",
		.role = "shutdown",
		.classes = "proc",
		.dflt = V_FAIL,
		.title = "Without the variable, a closed stdin is not a reason to "
			"exit.",
		.observe = "Variable unset; reach DONE; close stdin; after 10 s "
			"(config) PT alive and serving.",
		.fault = "Always exits on EOF.",
		.traps = "The observation window must exceed any polling; parent "
			"stays alive.",
		.profiles = IN_BOTH,
	},
	{
		.id = "SD-STDIN-2",
		.level = L_MUST_NOT,
		.section = "3.3.1.1",
		.role = "shutdown",
		.classes = "proc",
		.dflt = V_FAIL,
		.title = "Any value other than `1` means the same as unset.",
		.observe = "`0`, empty, `2`, `true`, `yes`, ` 1`, `1 `, `01`.",
		.fault = "Treats any non-empty value as true.",
		.traps = "ENV-ERROR for `true`-like values is tolerated (AMB-008).",
		.profiles = IN_BOTH,
	},
	{
		.id = "SD-STDIN-3",
		.level = L_MUST_NOT,
		.section = "3.3.1.1",
		.role = "shutdown",
		.classes = "proc",
		.dflt = V_FAIL,
		.title = "Starting with stdin already at EOF (null device) without "
			"the variable is fine.",
		.observe = "stdin = `/dev/null`; reaches DONE and stays alive.",
		.fault = "Exits at start.",
		.traps = "none.",
		.profiles = IN_BOTH,
	},
	{
		.id = "SD-STDIN-4",
		.level = L_IMPLIED,
		.section = "3.3.1.1",
		.role = "shutdown",
		.classes = "proc",
		.dflt = V_WARN,
		.title = "Starting with fd 0 not open at all is survived when the "
			"variable is unset.",
		.observe = "exec with fd 0 closed.",
		.fault = "A later socket gets fd 0 and is read as stdin.",
		.traps = "Some runtimes reopen fd 0 themselves.",
		.profiles = IN_BOTH,
	},
	{
		.id = "SD-STDIN-5",
		.level = L_SHOULD,
		.section = "3.3.1.1, 3.3.3",
		.role = "shutdown",
		.classes = "proc",
		.dflt = V_WARN,
		.title = "With value `1`, closing stdin makes the PT shut down "
			"gracefully.",
		.observe = "F-C/F-S; after DONE close stdin; reaped within the "
			"graceful limit.",
		.fault = "Ignores EOF.",
		.traps = "Harness must be the only holder of the write end. Config "
			"can raise this to FAIL.",
		.profiles = IN_BOTH,
	},
	{
		.id = "SD-STDIN-6",
		.level = L_IMPLIED,
		.section = "3.3.3",
		.role = "shutdown",
		.classes = "proc",
		.dflt = V_WARN,
		.title = "Such an exit has status 0.",
		.observe = "waitpid status exited 0.",
		.fault = "Exits 255 (the reference dispatcher does).",
		.traps = "T-WRAP.",
		.profiles = IN_20,
	},
	{
		.id = "SD-STDIN-7",
		.level = L_IMPLIED,
		.section = "3.3.1.1",
		.role = "shutdown",
		.classes = "proc",
		.dflt = V_FAIL,
		.title = "Data on stdin is not a close.",
		.observe = "With `1`, write lines and raw bytes (1 MiB) to stdin; PT "
			"stays alive, and does not block the writer for ever or "
			"corrupt service.",
		.fault = "Exits on the first byte read.",
		.traps = "A PT may leave the pipe unread so the writer blocks: use "
			"non-blocking writes; INFO.",
		.profiles = IN_BOTH,
	},
	{
		.id = "SD-STDIN-8",
		.level = L_IMPLIED,
		.section = "3.3.1.1",
		.role = "shutdown",
		.classes = "proc",
		.dflt = V_FAIL,
		.title = "The bare flag `-exit-on-stdin-close` equals value `1`.",
		.observe = "Flag alone, no value argument, variable unset; close "
			"stdin.",
		.fault = "Swallows the next argument as the flag's value.",
		.traps = "Place the flag both last and before another flag.",
		.profiles = IN_20,
	},
	{
		.id = "SD-STDIN-9",
		.level = L_IMPLIED,
		.section = "3.3.3",
		.role = "shutdown",
		.classes = "proc",
		.dflt = V_WARN,
		.title = "Closing stdin during start-up also leads to exit.",
		.observe = "With `1`, close right after spawn, and right after "
			"VERSION.",
		.fault = "Misses an EOF that happens before its watcher starts.",
		.traps = "It may finish initialising first.",
		.profiles = IN_BOTH,
	},
	{
		.id = "SD-STDIN-10",
		.level = L_IMPLIED,
		.section = "3.3.3",
		.role = "shutdown",
		.classes = "proc",
		.dflt = V_WARN,
		.title = "Open connections do not prevent exit on close.",
		.observe = "Hold 3 idle relayed connections; close stdin; exit within "
			"limit; connections end.",
		.fault = "Waits for connections for ever.",
		.traps = "A bounded drain time is legal (T-TIME).",
		.profiles = IN_BOTH,
	},
	{
		.id = "SD-STDIN-11",
		.level = L_IMPLIED,
		.section = "3.3.3",
		.role = "shutdown",
		.classes = "proc",
		.dflt = V_WARN,
		.title = "After exit nothing is left: no listening port, no child "
			"processes.",
		.observe = "Connect to old listener refused; no process of its session "
			"remains.",
		.fault = "A forked worker keeps the port.",
		.traps = "TIME_WAIT sockets are not listeners.",
		.profiles = IN_BOTH,
	},
};

const struct req_area req_area_stdin = {
	.name = "stdin",
	.title = "Closing stdin",
	.rows = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};
