/* kept.c - results and traces that a run left. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/cli/cli.h"
#include "harness/report/read.h"
#include "harness/report/scene/scene.h"
#include "harness/run/evidence/evidence.h"
#include "harness/run/frames/frames.h"

#define TRACE_MAX (256u << 20)

/* Of evidence that the directory has; what a report names may lie anywhere. */
int cli_read_trace(const char *dir, const struct evidence *ev, struct trace *t)
{
	struct err e = { 0 };
	struct span text;
	char file[4096];
	int rc;

	if (strncmp(ev->trace, "traces/", 7) != 0 || strstr(ev->trace, ".."))
		return -1;
	snprintf(file, sizeof(file), "%s/%s", dir, ev->trace);
	if (evidence_read_file(file, TRACE_MAX, &text, &e))
		return -1;
	rc = trace_read(text, t, &e);
	free((void *)text.p);
	return rc;
}

static void draw_one(const char *dir, struct arena *a,
		     struct frame_source *frames, struct evidence *ev)
{
	struct trace t;

	if (cli_read_trace(dir, ev, &t))
		return;
	frames->trace = ev->trace;
	ev->scene = scene_make(a, &t, frames, ev->ev, ev->nev);
	trace_fini(&t);
}

/* What judging does with the traces at hand. */
static void draw(const char *dir, struct result *r)
{
	struct frames_dir d;
	struct frame_source frames = frames_source(&d, dir);

	for (size_t i = 0; i < r->nrows; i++) {
		struct result_row *row = &r->rows[i];

		if (row->verdict < V_WARN || !row->nevidence)
			continue;
		draw_one(dir, &r->arena, &frames, row->evidence);
		if (row->kept) {
			struct evidence *kept =
				arena_alloc(&r->arena, sizeof(*kept));

			*kept = *row->kept;
			draw_one(dir, &r->arena, &frames, kept);
			row->kept = kept;
		}
	}
	frames_dir_fini(&d);
}

/* "DIR" means DIR/report.json, anything else a file. */
static int read_kept(const char *path, struct result *r, struct err *e)
{
	char file[4096];
	struct span text;
	struct stat st;
	bool dir = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
	int rc;

	snprintf(file, sizeof(file), "%s%s", path, dir ? "/report.json" : "");
	if (evidence_read_file(file, REPORT_JSON_MAX, &text, e))
		return -1;
	rc = report_read(text, r, e);
	free((void *)text.p);
	if (rc)
		return err_wrap(e, "%s", file);
	if (dir) {
		r->out_dir = arena_strdup(&r->arena, path);
		draw(path, r);
	}
	return 0;
}

int cli_read_result(const char *path, struct result *r)
{
	struct err e = { 0 };

	*r = (struct result){ 0 };
	if (read_kept(path, r, &e) == 0)
		return 0;
	cli_error("%s", e.msg);
	arena_fini(&r->arena);
	return -1;
}
