/*
 * log_status.c - LOG and STATUS, messages of PT 1.0; under 2.0 they are unknown
 * keywords and as free as any other.
 */
#include "harness/req/core/judges.h"
#include "harness/req/text/log_line.h"

static void check_log(struct judge *j, const struct line *l)
{
	const char *trouble = logline_trouble(l->ipc.args);

	if (j_said(j, V_WARN))
		return;
	if (trouble)
		j_broken(j, l->ev, "`LOG SEVERITY=... MESSAGE=...`",
			 "%s in the line \"%s\"", trouble, j_show(j, l->raw));
	else
		j_pass(j, l->ev);
}

/* On stderr a word at the start of a log text may happen to be "LOG". */
static bool begins_with_pair(const struct line *l)
{
	return l->ipc.ntok && span_find(l->ipc.tok[0], '=') < l->ipc.tok[0].n;
}

REQ(log_fmt_1) = {
	.id = "LOG-FMT-1",
	.area = AREA_LINES,
	.level = L_IMPLIED,
	.section = "PT 1.0 3.3.4",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "A LOG line has a severity and a message.",
	.traps = "Either stream is fine. The quoted form has backslash "
		 "escapes.",
	.profiles = IN_10,
	.judge = log_fmt_1,
};

static void log_fmt_1(struct judge *j)
{
	for_lines (l, &j->v->out)
		if (l->ipc.kw == IPC_LOG && l->terminated)
			check_log(j, l);
	for_lines (l, &j->v->err)
		if (l->ipc.kw == IPC_LOG && l->terminated &&
		    begins_with_pair(l))
			check_log(j, l);
}

static void check_status(struct judge *j, const struct line *l)
{
	bool no_transport = false;
	const char *trouble =
		logline_status_trouble(l->ipc.args, &no_transport);

	if (j_said(j, V_WARN))
		return;
	if (trouble)
		j_broken(j, l->ev, "`STATUS TRANSPORT=... KEY=VALUE ...`",
			 "%s in the line \"%s\"", trouble, j_show(j, l->raw));
	else if (no_transport && !j_said(j, V_INFO))
		j_say(j, V_INFO, l->ev, "`STATUS TRANSPORT=... KEY=VALUE ...`",
		      "no TRANSPORT in the line \"%s\", as deployed transports "
		      "do it",
		      j_show(j, l->raw));
	else
		j_pass(j, l->ev);
}

REQ(status_fmt_1) = {
	.id = "STATUS-FMT-1",
	.area = AREA_LINES,
	.level = L_IMPLIED,
	.section = "PT 1.0 3.3.5",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "A STATUS line names the transport and has at least one "
		 "more pair.",
	.traps = "Deployed transports print `STATUS TYPE=version ...` "
		 "without TRANSPORT: INFO.",
	.profiles = IN_10,
	.judge = status_fmt_1,
};

static void status_fmt_1(struct judge *j)
{
	for_lines (l, &j->v->out)
		if (l->ipc.kw == IPC_STATUS && l->terminated)
			check_status(j, l);
	for_lines (l, &j->v->err)
		if (l->ipc.kw == IPC_STATUS && l->terminated &&
		    begins_with_pair(l))
			check_status(j, l);
}
