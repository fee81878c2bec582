/*
 * state.c - State location.
 */
#include "harness/req/judges.h"

static const struct req rows[] = {
	{
		.id = "ST-ONLY-1",
		.level = L_MUST,
		.section = "3.3.1.1",
		.role = "state",
		.classes = "fs",
		.dflt = V_FAIL,
		.title = "Files are stored only under the state directory.",
		.observe =
			"F-FS around a full life (start, traffic, shutdown); every "
			"created file is inside the state path.",
		.fault = "Writes a log in the system temporary directory.",
		.traps =
			"T-RUNTIME, T-READ; device nodes, pipes, anonymous memory "
			"and `/proc/self` writes do not count; sockets bound in the "
			"file system do.",
		.profiles = IN_BOTH,
	},
	{
		.id = "ST-ELSE-1",
		.level = L_MUST_NOT,
		.section = "3.3.1.1",
		.role = "state",
		.classes = "fs",
		.dflt = V_FAIL,
		.title = "Nothing outside it is created or modified.",
		.observe =
			"F-FS: no create, write-open, truncate, rename, link, "
			"unlink, chmod, mkdir, utime on other paths; repeat with "
			"home directory and `TMPDIR` pointing to watched places.",
		.fault = "Touches a dot file in the home directory.",
		.traps =
			"Temporary file + rename inside the state directory is "
			"fine. Creating missing parents of the state directory is "
			"fine (AMB-006). stdout/stderr redirected to files are "
			"harness-owned.",
		.profiles = IN_BOTH,
	},
	{
		.id = "ST-CWD-1",
		.level = L_MUST_NOT,
		.section = "3.3.1.1",
		.role = "state",
		.classes = "fs",
		.dflt = V_FAIL,
		.title =
			"With a state location given, the working directory is not "
			"written.",
		.observe =
			"Launch with cwd = empty watched directory ≠ state; it "
			"stays empty.",
		.fault = "Logs to `./pt.log`.",
		.traps = "T-RUNTIME (core, profile files).",
		.profiles = IN_BOTH,
	},
	{
		.id = "ST-MKDIR-1",
		.level = L_SHOULD,
		.section = "3.3.1.1",
		.role = "state",
		.classes = "fs",
		.dflt = V_WARN,
		.title = "A missing state directory is created when needed.",
		.observe =
			"F-C with a non-existing path; the PT starts; if it keeps "
			"state the directory appears.",
		.fault = "ENV-ERROR because the directory is missing.",
		.traps = "A PT that needs no state need not create it (\"as "
			 "required\").",
		.profiles = IN_BOTH,
	},
	{
		.id = "ST-MKDIR-2",
		.level = L_IMPLIED,
		.section = "3.3.1.1",
		.role = "state",
		.classes = "fs",
		.dflt = V_WARN,
		.title = "Missing parent directories are created as well.",
		.observe = "State `<tmp>/a/b/c` with none existing.",
		.fault = "Single-level mkdir fails → error.",
		.traps = "As ST-MKDIR-1.",
		.profiles = IN_BOTH,
	},
	{
		.id = "ST-DEF-1",
		.level = L_MUST,
		.section = "3.3.1.1",
		.role = "state",
		.classes = "fs",
		.dflt = V_FAIL,
		.title =
			"With no state location given, the working directory is the "
			"state location.",
		.observe =
			"Unset variable, cwd = empty watched dir; PT starts (no "
			"ENV-ERROR) and stores only there.",
		.fault =
			"ENV-ERROR \"no TOR_PT_STATE_LOCATION\" (what goptlib-based "
			"PTs do).",
		.traps =
			"Contradicted by the blanket \"all common parameters must "
			"be set\" (AMB-004). A stateless PT passes if it starts. A "
			"sub-directory of cwd (e.g. `./state`) is inside the "
			"location: PASS.",
		.profiles = IN_20,
	},
	{
		.id = "ST-EMPTY-1",
		.level = L_IMPLIED,
		.section = "3.3.1.1",
		.role = "state",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "An empty value is unspecified: treat as unset, or "
			 "ENV-ERROR.",
		.observe = "`TOR_PT_STATE_LOCATION=`.",
		.fault = "Writes to `/`.",
		.traps = "AMB-005.",
		.profiles = IN_BOTH,
	},
	{
		.id = "ST-ABS-1",
		.level = L_IMPLIED,
		.section = "3.3.1.1",
		.role = "parent",
		.classes = "parent",
		.dflt = V_WARN,
		.title = "The path handed over is absolute.",
		.observe =
			"F-PT checks the first byte is `/` (or a drive path).",
		.fault = "Parent passes `state`.",
		.traps = "PT 2.2+ allows relative paths.",
		.profiles = IN_BOTH,
	},
	{
		.id = "ST-REL-1",
		.level = L_IMPLIED,
		.section = "3.3.1.1",
		.role = "state",
		.classes = "fs",
		.dflt = V_FAIL,
		.title = "A relative path from a non-conforming parent is "
			 "unspecified: resolve against cwd or ENV-ERROR.",
		.observe = "`TOR_PT_STATE_LOCATION=rel/dir`.",
		.fault = "Resolves against the home directory.",
		.traps = "Either accepted.",
		.profiles = IN_BOTH,
	},
	{
		.id = "ST-SLASH-1",
		.level = L_IMPLIED,
		.section = "3.3.1.1, App. A/B",
		.role = "state",
		.classes = "fs",
		.dflt = V_FAIL,
		.title = "Trailing slash or not is the same directory.",
		.observe = "Both spellings; same files.",
		.fault = "String concatenation without separator creates "
			 "`<state>file` beside the directory.",
		.traps = "none.",
		.profiles = IN_BOTH,
	},
	{
		.id = "ST-CHARS-1",
		.level = L_IMPLIED,
		.section = "3.3.1.1",
		.role = "state",
		.classes = "fs",
		.dflt = V_WARN,
		.title = "Any legal path works (spaces, UTF-8, `=`, long).",
		.observe =
			"Directory named with spaces and non-ASCII bytes, 200-char "
			"components.",
		.fault = "Splits the value at a space.",
		.traps =
			"Names invalid on the platform are not tested. An error "
			"message that echoes non-ASCII breaks IPC-ASCII-1: note "
			"separately.",
		.profiles = IN_BOTH,
	},
	{
		.id = "ST-DENY-1",
		.level = L_IMPLIED,
		.section = "3.3.1.1, 3.3.2.1",
		.role = "state",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title =
			"An unusable location (not a directory, no permission) must "
			"lead to an orderly outcome.",
		.observe = "Path is a file; path under a mode-0555 directory "
			   "(non-root).",
		.fault = "Crash, hang, or fallback to another directory.",
		.traps =
			"Accept ENV-ERROR/64, `*METHOD-ERROR`, or normal start if "
			"no state is needed. Falling back elsewhere is ST-ELSE-1 "
			"FAIL. Root bypasses permissions: SKIP the second case.",
		.profiles = IN_BOTH,
	},
	{
		.id = "ST-PERSIST-1",
		.level = L_MAY,
		.section = "3.3.1.1",
		.role = "state",
		.classes = "fs",
		.dflt = V_INFO,
		.title = "State may persist over invocations.",
		.observe =
			"Run twice with the same directory; second run starts with "
			"the first run's files present; server identity (SMETHOD "
			"ARGS) stable if the PT keeps one.",
		.fault = "Refuses to start when its own old files exist.",
		.traps = "Fresh identity per run is legal.",
		.profiles = IN_BOTH,
	},
	{
		.id = "ST-CORRUPT-1",
		.level = L_IMPLIED,
		.section = "3.3.2.1",
		.role = "state",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title =
			"Damaged own state leads to an error line or regeneration, "
			"not a crash or hang.",
		.observe =
			"Truncate/garble every file left by a first run; start "
			"again.",
		.fault = "Segfault.",
		.traps = "Any error line with orderly exit is fine.",
		.profiles = IN_BOTH,
	},
	{
		.id = "ST-PERM-1",
		.level = L_IMPLIED,
		.section = "5",
		.role = "state",
		.classes = "fs",
		.dflt = V_WARN,
		.title = "Secrets in state are not readable by others.",
		.observe = "With umask 022, no file holding key material is "
			   "group/world readable; directory created 0700.",
		.fault = "`chmod 0666` on the key file.",
		.traps =
			"Public descriptors (bridge lines) may be readable; WARN "
			"only.",
		.profiles = IN_BOTH,
	},
	{
		.id = "ST-FLAG-1",
		.level = L_IMPLIED,
		.section = "3.3.1.1",
		.role = "state",
		.classes = "fs",
		.dflt = V_FAIL,
		.title = "`-state` works like the variable.",
		.observe = "ST-ONLY-1 by flag alone.",
		.fault = "Flag ignored.",
		.traps = "T-FLAGSYN.",
		.profiles = IN_20,
	},
};

const struct req_area req_area_state = {
	.name = "state",
	.title = "State location",
	.rows = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};
