/*
 * server_list.c - Server transport list.
 */
#include "harness/req/launch/startup.h"
#include "harness/req/launch/transport_list.h"

static void judge_svt_init_1(struct judge *j)
{
	if (is_server(j))
		judge_list_init(j);
}

static bool reported_any(const struct view *v)
{
	return any_line(v, IPC_SMETHOD) || any_line(v, IPC_SMETHOD_ERROR);
}

/* AMB-027: where only the server list is set, it must have been read. */
static void judge_svt_src_1(struct judge *j)
{
	const struct view *v = j->v;
	struct span name;

	if (!is_server(j) || !is_legal(j) || !v->done ||
	    view_flag(v, "-transports").n ||
	    view_env(v, "TOR_PT_CLIENT_TRANSPORTS").n)
		return;
	if (reported_any(v))
		j_pass(j, v->done->ev);
	else if (list_lacks(v, &name) && output_whole(v))
		j_broken(j, v->done->ev, "the transports of the server list",
			 "a DONE line without any of them");
}

static void judge_svt_only_1(struct judge *j)
{
	if (is_server(j))
		judge_list_only(j);
}

/* AMB-050: an error line for an unknown name is no more than a warning. */
static void judge_svt_ign_1(struct judge *j)
{
	if (is_server(j))
		judge_list_ignore(j);
}

/* The note that the process stays is about clients; the final message is due
 * from servers just the same. */
static void judge_svt_allunk_1(struct judge *j)
{
	if (is_server(j))
		judge_list_unknown(j, V_FAIL);
}

static void judge_svt_dup_1(struct judge *j)
{
	if (is_server(j))
		judge_list_twice(j);
}

static const struct req rows[] = {
	{
		.id = "SVT-INIT-1",
		.level = L_IMPLIED,
		.section = "3.3.1.3, 3.3.2.3",
		.role = "pt-server",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title =
			"Every listed known transport is initialised and reported.",
		.observe = "One SMETHOD or SMETHOD-ERROR per known name.",
		.fault =
			"Prints only SMETHODS DONE (the reference dispatcher omits "
			"SMETHOD lines).",
		.traps = "T-ORDER.",
		.profiles = IN_BOTH,
		.judge = judge_svt_init_1,
	},
	{
		.id = "SVT-SRC-1",
		.level = L_IMPLIED,
		.section = "3.3.2.3",
		.role = "pt-server",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title =
			"The list is the server variable, although the text names "
			"the client one.",
		.observe = "F-S sets only the server variable.",
		.fault =
			"Reads TOR_PT_CLIENT_TRANSPORTS in server mode and starts "
			"nothing.",
		.traps = "AMB-027: never set both.",
		.profiles = IN_BOTH,
		.judge = judge_svt_src_1,
	},
	{
		.id = "SVT-ONLY-1",
		.level = L_IMPLIED,
		.section = "3.3.1.3",
		.role = "pt-server",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "Unrequested transports are not started.",
		.observe =
			"As CT-ONLY-1; also when a BINDADDR entry exists for an "
			"unrequested one.",
		.fault = "Starts every BINDADDR key.",
		.traps = "none.",
		.profiles = IN_BOTH,
		.judge = judge_svt_only_1,
	},
	{
		.id = "SVT-IGN-1",
		.level = L_SHOULD,
		.section = "3.3.1.3",
		.role = "pt-server",
		.classes = "ipc",
		.dflt = V_WARN,
		.title = "Unknown names are skipped.",
		.observe = "`nosuch,T` → T served.",
		.fault = "ENV-ERROR.",
		.traps =
			"SMETHOD-ERROR for an unknown server name is only WARN: the "
			"MUST NOT exists for clients alone (AMB-050).",
		.profiles = IN_BOTH,
		.judge = judge_svt_ign_1,
	},
	{
		.id = "SVT-ALLUNK-1",
		.level = L_IMPLIED,
		.section = "3.3.2.3",
		.role = "pt-server",
		.classes = "ipc",
		.dflt = V_WARN,
		.title =
			"With only unknown names, SMETHODS DONE is still sent and "
			"the process lives on.",
		.observe = "As CT-ALLUNK-1.",
		.fault = "Exits 255.",
		.traps =
			"The explicit note covers clients only; \"final message\" "
			"rule is MUST: missing SMETHODS DONE is FAIL, exit "
			"afterwards is WARN.",
		.profiles = IN_BOTH,
		.judge = judge_svt_allunk_1,
	},
	{
		.id = "SVT-DUP-1",
		.level = L_IMPLIED,
		.section = "3.3.1.3",
		.role = "pt-server",
		.classes = "ipc",
		.dflt = V_WARN,
		.title = "A repeated name is started once.",
		.observe = "`T,T`.",
		.fault = "Two SMETHODs.",
		.traps = "SMETHOD-ERROR for the second: INFO.",
		.profiles = IN_BOTH,
		.judge = judge_svt_dup_1,
	},
	{
		.id = "SVT-PARENT-1",
		.level = L_MUST,
		.section = "3.3.1.3",
		.role = "parent",
		.classes = "parent",
		.dflt = V_FAIL,
		.title = "The parent sets the server list for a server PT.",
		.observe = "F-PT.",
		.fault = "Omitted.",
		.traps = "`-transports` flag is the alternative.",
		.profiles = IN_BOTH,
	},
};

const struct req_area req_area_server_list = {
	.name = "server-list",
	.title = "Server transport list",
	.rows = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};
