/* ends.c - see ends.h. */
#include "harness/worker/ends.h"

static void close_stream(struct ends *e, enum session_stream which)
{
	struct inst *in = inst_last(e->instances);

	if (!in || in->stream[which].fd < 0)
		return;
	rec(e->task, close, .what = span_str(in->stream[which].name));
	stream_close(&in->stream[which]);
}

static void close_begin(void *part, const struct step *st)
{
	struct ends *e = part;
	struct span what = st->close.what;
	struct inst *in = inst_last(e->instances);

	if (span_eqs(what, "stdin")) {
		if (in)
			inst_close_stdin(in);
	} else if (span_eqs(what, "stdout")) {
		close_stream(e, SESSION_STDOUT);
	} else if (span_eqs(what, "stderr")) {
		close_stream(e, SESSION_STDERR);
	} else {
		conns_close_named(e->conns, what, st->close.how);
		listen_close(e->listeners, what);
		udps_close_named(e->udps, what);
	}
}

const struct step_ops step_close_ops = { .part = PART_ENDS,
					 .begin = close_begin };

static void set_stall(struct ends *e, struct span what, bool on)
{
	struct inst *in = inst_running(e->instances);

	if (!span_eqs(what, "output")) {
		conns_stall(e->conns, what, on);
		if (!on)
			listen_resume(e->listeners, what);
	} else if (in) {
		inst_stall(in, on);
	}
}

static void stall_begin(void *part, const struct step *st)
{
	set_stall(part, st->stall.on, true);
}

static void resume_begin(void *part, const struct step *st)
{
	set_stall(part, st->resume.on, false);
}

const struct step_ops step_stall_ops = { .part = PART_ENDS,
					 .begin = stall_begin };
const struct step_ops step_resume_ops = { .part = PART_ENDS,
					  .begin = resume_begin };
