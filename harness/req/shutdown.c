/*
 * shutdown.c - Shutdown.
 */
#include "harness/req/judges.h"

static const struct req rows[] = {
	{
		.id = "SD-TERM-1",
		.level = L_SHOULD,
		.section = "3.3.3",
		.role = "shutdown",
		.classes = "proc",
		.dflt = V_WARN,
		.title = "SIGTERM is handled with a graceful end.",
		.observe = "After DONE send SIGTERM: reaped within the graceful limit.",
		.fault = "Ignores SIGTERM.",
		.traps = "Ignoring entirely is the violation; death by default "
			"action is SD-TERM-2 matter.",
		.profiles = IN_BOTH,
	},
	{
		.id = "SD-TERM-2",
		.level = L_IMPLIED,
		.section = "3.3.3",
		.role = "shutdown",
		.classes = "proc",
		.dflt = V_WARN,
		.title = "A graceful exit has status 0.",
		.observe = "exited 0 after SIGTERM.",
		.fault = "exit 143 or killed-by-signal.",
		.traps = "T-WRAP: 143 from a shell wrapper. WARN only (AMB-071).",
		.profiles = IN_20,
	},
	{
		.id = "SD-TERM-3",
		.level = L_IMPLIED,
		.section = "3.3.3",
		.role = "shutdown",
		.classes = "proc",
		.dflt = V_WARN,
		.title = "SIGTERM during start-up ends it too.",
		.observe = "Signal 10 ms, 50 ms after spawn.",
		.fault = "Handler installed late so partially started children "
			"survive.",
		.traps = "Any termination accepted; leftover processes FAIL→WARN.",
		.profiles = IN_BOTH,
	},
	{
		.id = "SD-TERM-4",
		.level = L_IMPLIED,
		.section = "3.3.3",
		.role = "shutdown",
		.classes = "proc",
		.dflt = V_WARN,
		.title = "Open connections do not block it.",
		.observe = "3 open relays, SIGTERM: exit in limit; peers see close.",
		.fault = "Waits for ever.",
		.traps = "Bounded drain is fine.",
		.profiles = IN_BOTH,
	},
	{
		.id = "SD-PARENT-1",
		.level = L_SHOULD,
		.section = "3.3.3",
		.role = "shutdown",
		.classes = "proc",
		.dflt = V_WARN,
		.title = "Death of the parent is noticed and ends the PT.",
		.observe = "Harness spawns an intermediate parent that launches the PT "
			"with a stdin pipe held by the *harness* (so no EOF) and "
			"variable unset; SIGKILL the intermediate; PT gone within "
			"15 s.",
		.fault = "Orphans for ever.",
		.traps = "Detection may poll; parent-death signals depend on the "
			"launching thread; a sub-reaper may adopt the orphan (the "
			"parent PID still changes). Separate INFO run with stdin "
			"EOF and variable `1`.",
		.profiles = IN_BOTH,
	},
	{
		.id = "SD-PARENT-2",
		.level = L_IMPLIED,
		.section = "3.3.3",
		.role = "shutdown",
		.classes = "proc",
		.dflt = V_FAIL,
		.title = "A living parent is not mistaken for a dead one.",
		.observe = "Launch under a parent with PID 1 in its own PID namespace, "
			"and under a re-parenting double fork done *before* exec: "
			"PT stays alive.",
		.fault = "Exits whenever getppid() is 1.",
		.traps = "In containers the parent is often PID 1.",
		.profiles = IN_BOTH,
	},
	{
		.id = "SD-STATUS-1",
		.level = L_IMPLIED,
		.section = "3.3.3",
		.role = "shutdown",
		.classes = "proc",
		.dflt = V_WARN,
		.title = "`EX_OK` (0) is the status of any graceful exit.",
		.observe = "union of SD-STDIN-6, SD-TERM-2.",
		.fault = "exit -1.",
		.traps = "none.",
		.profiles = IN_20,
	},
	{
		.id = "SD-CLEAN-1",
		.level = L_IMPLIED,
		.section = "3.3.3",
		.role = "shutdown",
		.classes = "proc,net",
		.dflt = V_WARN,
		.title = "Graceful end includes cleaning up: connections closed, "
			"ports freed, helper processes gone.",
		.observe = "Immediately relaunch on the same bind address: works.",
		.fault = "Leaves a helper bound.",
		.traps = "TIME_WAIT without SO_REUSEADDR on the next bind: retry for "
			"60 s, then WARN.",
		.profiles = IN_BOTH,
	},
	{
		.id = "SD-STATE-1",
		.level = L_IMPLIED,
		.section = "3.3.3",
		.role = "state",
		.classes = "fs",
		.dflt = V_INFO,
		.title = "State files are whole after a graceful end.",
		.observe = "Relaunch with the same state: no corruption error.",
		.fault = "Truncated state on exit.",
		.traps = "none.",
		.profiles = IN_BOTH,
	},
	{
		.id = "SD-IGN-1",
		.level = L_IMPLIED,
		.section = "3.3.3",
		.role = "shutdown",
		.classes = "proc",
		.dflt = V_INFO,
		.title = "SIGHUP, SIGUSR1, SIGPIPE, SIGWINCH are not named; "
			"surviving them is expected.",
		.observe = "Send each.",
		.fault = "Dies of SIGPIPE when a client resets.",
		.traps = "SIGHUP/SIGUSR* default-kill is legal (INFO); death by "
			"SIGPIPE due to network activity is FAIL under "
			"CM-LIFE-1/SM-LIFE-1.",
		.profiles = IN_BOTH,
	},
	{
		.id = "SD-INT-1",
		.level = L_IMPLIED,
		.section = "PT 1.0 heritage",
		.role = "shutdown",
		.classes = "proc",
		.dflt = V_INFO,
		.title = "SIGINT semantics are unspecified in 2.0 (older PTs: first "
			"SIGINT drains, second exits).",
		.observe = "Record.",
		.fault = "none.",
		.traps = "Never fail.",
		.profiles = IN_BOTH,
	},
};

const struct req_area req_area_shutdown = {
	.name = "shutdown",
	.title = "Shutdown",
	.rows = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};
