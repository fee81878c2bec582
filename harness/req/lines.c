/*
 * lines.c - Line protocol.
 */
#include "harness/req/judges.h"

static const struct req rows[] = {
	{
		.id = "IPC-NL-1",
		.level = L_IMPLIED,
		.section = "3.3.2",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "Every message ends with a line feed.",
		.observe = "At quiescence and at exit, stdout has no unterminated "
			"tail.",
		.fault = "Last line `CMETHODS DONE` without LF.",
		.traps = "T-SPLIT: wait before judging.",
		.profiles = IN_BOTH,
	},
	{
		.id = "IPC-KW-1",
		.level = L_IMPLIED,
		.section = "3.3.2",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "A keyword is one or more ASCII letters, digits, dashes, "
			"underscores.",
		.observe = "First token of each stdout line.",
		.fault = "`@@@ handling` or `--> Entering` lines (seen in the "
			"reference dispatcher).",
		.traps = "`-->`: dashes are allowed, `>` is not. Free text such as "
			"`Listening on ...` is an unknown keyword: legal.",
		.profiles = IN_BOTH,
	},
	{
		.id = "IPC-SP-1",
		.level = L_IMPLIED,
		.section = "3.3.2",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "Keyword and arguments are separated by a space character "
			"(32).",
		.observe = "Known keywords are followed by LF or space; tabs are not "
			"separators.",
		.fault = "`CMETHOD\\tT\\tsocks5...`.",
		.traps = "Double spaces are grammatical (a space is an ArgChar); for "
			"known messages WARN (Tor splits on runs, others do not).",
		.profiles = IN_BOTH,
	},
	{
		.id = "IPC-LEAD-1",
		.level = L_IMPLIED,
		.section = "3.3.2",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "No leading white space, no empty line.",
		.observe = "Line length ≥1, first byte keyword char.",
		.fault = "Emits blank lines between messages.",
		.traps = "Config `ipc.blank_lines=warn` for leniency; parents "
			"usually ignore them.",
		.profiles = IN_BOTH,
	},
	{
		.id = "IPC-ASCII-1",
		.level = L_IMPLIED,
		.section = "3.3.2",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "Arguments are US-ASCII without NUL.",
		.observe = "All stdout bytes <0x80, no 0x00.",
		.fault = "Error text in UTF-8 or echo of a UTF-8 path.",
		.traps = "Localised system messages; run also under a non-English "
			"locale. Non-protocol stderr text is exempt; for stderr "
			"protocol lines WARN.",
		.profiles = IN_BOTH,
	},
	{
		.id = "IPC-TRAIL-1",
		.level = L_IMPLIED,
		.section = "3.3.2",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_WARN,
		.title = "A space is always followed by at least one argument "
			"character.",
		.observe = "`KEYWORD ` (keyword and a lone space) is ungrammatical; "
			"`CMETHODS DONE ` is flagged as well.",
		.fault = "Trailing space on each line.",
		.traps = "Grammar allows a space as ArgChar only after a first "
			"ArgChar: `DONE ` is grammatical as one argument `DONE `; "
			"hence WARN.",
		.profiles = IN_BOTH,
	},
	{
		.id = "IPC-CR-1",
		.level = L_IMPLIED,
		.section = "3.3.2",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_WARN,
		.title = "Lines do not end in CR LF.",
		.observe = "CR before LF on known messages.",
		.fault = "Text-mode CRLF output.",
		.traps = "T-CR, AMB-022: on Windows builds accept with INFO.",
		.profiles = IN_BOTH,
	},
	{
		.id = "IPC-CASE-1",
		.level = L_IMPLIED,
		.section = "3.3.2",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "Keywords are spelled in upper case exactly.",
		.observe = "No `Cmethod`, `cmethods done`.",
		.fault = "Lower-case keywords.",
		.traps = "An unknown lower-case keyword is legal; the failure shows "
			"as the missing real message.",
		.profiles = IN_BOTH,
	},
	{
		.id = "IPC-FLUSH-1",
		.level = L_IMPLIED,
		.section = "3.3.2",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "Messages are delivered when they happen although stdout is "
			"a pipe.",
		.observe = "With stdout a pipe and PT alive, all messages through DONE "
			"arrive within the init limit.",
		.fault = "Full buffering: lines appear at exit only.",
		.traps = "T-TIME.",
		.profiles = IN_BOTH,
	},
	{
		.id = "IPC-ATOM-1",
		.level = L_IMPLIED,
		.section = "3.3.2",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "Lines are not interleaved with each other or with log "
			"text.",
		.observe = "Start many transports with logging enabled; every line "
			"parses.",
		.fault = "Two threads writing halves.",
		.traps = "T-SPLIT.",
		.profiles = IN_BOTH,
	},
	{
		.id = "IPC-UNK-1",
		.level = L_MUST,
		.section = "3.3.2",
		.role = "parent",
		.classes = "parent",
		.dflt = V_FAIL,
		.title = "A parent ignores lines with unknown keywords.",
		.observe = "F-PT emits `LOG ...`, `STATUS ...`, `EVENT ...`, `X-y_9 "
			"z`, `CMETHODX a b c`, `VERSIONS 3`, a 64 KiB unknown line, "
			"before, between, after known ones; parent proceeds.",
		.fault = "Parent aborts on `LOG`.",
		.traps = "Prefix-matching parents treat `CMETHODX` as CMETHOD: that "
			"is the mutant.",
		.profiles = IN_BOTH,
	},
	{
		.id = "IPC-UNK-2",
		.level = L_IMPLIED,
		.section = "3.3.2",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_NA,
		.title = "Therefore a PT may emit any other keyword at any time.",
		.observe = "The harness itself must not fail a PT for it.",
		.fault = "none.",
		.traps = "T-UNKKW.",
		.profiles = IN_BOTH,
	},
	{
		.id = "IPC-CHAN-1",
		.level = L_IMPLIED,
		.section = "3.3.2",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "Status messages travel on stdout (the appendices' "
			"\"stdin\" is an error).",
		.observe = "All non-error messages on fd 1.",
		.fault = "Writes them to fd 0 or a log.",
		.traps = "AMB-020.",
		.profiles = IN_BOTH,
	},
	{
		.id = "IPC-LONG-1",
		.level = L_IMPLIED,
		.section = "3.3.2",
		.role = "parent",
		.classes = "parent",
		.dflt = V_WARN,
		.title = "No line length limit is given.",
		.observe = "F-PT: SMETHOD with 32 KiB ARGS; error message of 64 KiB.",
		.fault = "Parent truncates at 1 KiB and misparses the rest as a new "
			"line.",
		.traps = "Practical limits are legal if handled cleanly.",
		.profiles = IN_BOTH,
	},
	{
		.id = "IPC-STDOUT-1",
		.level = L_IMPLIED,
		.section = "3.3.2",
		.role = "pt-common",
		.classes = "ipc",
		.dflt = V_WARN,
		.title = "stdout carries the protocol, so payload or binary data "
			"never goes there.",
		.observe = "During GEN-E2E-1 traffic stdout stays line-clean and free "
			"of the payload marker.",
		.fault = "Dumps packets to stdout (reference UDP code prints "
			"payload).",
		.traps = "LOG lines mentioning sizes fine; payload in them WARN→ see "
			"AN-CONF-2.",
		.profiles = IN_BOTH,
	},
	{
		.id = "IPC-BLOCK-1",
		.level = L_IMPLIED,
		.section = "3.3.2",
		.role = "pt-common",
		.classes = "proc",
		.dflt = V_WARN,
		.title = "A PT keeps serving when the parent reads stdout or stderr "
			"slowly or closes them after DONE.",
		.observe = "After DONE stop reading both pipes and generate activity; "
			"then close both.",
		.fault = "Blocks in a log write; or dies of SIGPIPE.",
		.traps = "Unspecified; WARN only.",
		.profiles = IN_BOTH,
	},
};

const struct req_area req_area_lines = {
	.name = "lines",
	.title = "Line protocol",
	.rows = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};
