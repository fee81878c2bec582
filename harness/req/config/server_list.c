/*
 * server_list.c - Server transport list.
 */
#include "harness/req/launch/startup.h"
#include "harness/req/launch/transport_list.h"

static bool reported_any(const struct view *v)
{
	return any_line(v, IPC_SMETHOD) || any_line(v, IPC_SMETHOD_ERROR);
}

REQ(svt_src_1) = {
	.id = "SVT-SRC-1",
	.area = AREA_SERVER_LIST,
	.level = L_IMPLIED,
	.section = "3.3.2.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "The list is the server variable, although the text names "
		 "the client one.",
	.traps = "AMB-027: never set both.",
	.needs = OF_SERVER | LEGAL,
	.judge = svt_src_1,
};

/* AMB-027: where only the server list is set, it must have been read. */
static void svt_src_1(struct judge *j)
{
	const struct view *v = j->v;
	struct span name;

	if (!v->done || view_flag(v, "-transports").n ||
	    view_env(v, "TOR_PT_CLIENT_TRANSPORTS").n)
		return;
	if (reported_any(v))
		j_pass(j, v->done->ev);
	else if (list_lacks(v, &name) && output_whole(v))
		j_broken(j, v->done->ev, "the transports of the server list",
			 "a DONE line without any of them");
}

/* AMB-050: an error line for an unknown name is no more than a warning. */
