/* pieces.c - see pieces.h. */
#include "harness/run/verdicts/pieces.h"

#include "harness/report/scene/wireshark.h"
#include "parent/base/text.h"

#define PIECES_MAX 3

void piece_make(const struct verdict_env *env, struct arena *a,
		struct evidence *ev, const struct launch_evidence *x,
		const struct trace *t, const struct finding *f, bool is_drawn)
{
	struct frame_source frames = env->frames;
	const char **shown;

	frames.trace = x->file;
	shown = arena_alloc(a, FINDING_EVENTS * sizeof(*shown));
	for (size_t i = 0; i < f->nev; i++) {
		ev->ev[i] = f->ev[i];
		shown[i] =
			f->ev[i] >= 1 && f->ev[i] <= t->nev
				? scene_words(a, &t->ev[f->ev[i] - 1], &frames)
				: "?";
	}
	ev->nev = f->nev;
	ev->shown = shown;
	ev->launch = text_show(a, x->id, 200);
	ev->trace = x->file[0] ? arena_strdup(a, x->file) : ev->launch;
	if (x->file[0] && f->v >= V_WARN)
		ev->display_filter = wireshark_filter(a, t, ev->ev, ev->nev);
	if (is_drawn)
		ev->scene = scene_make(a, t, &frames, ev->ev, ev->nev);
}

void pieces_add(const struct verdict_env *env, struct arena *a,
		struct result_row *row, const struct launch_evidence *x,
		const struct trace *t, const struct finding *f)
{
	if (row->nevidence == PIECES_MAX || f->nev == 0)
		return;
	if (!row->evidence)
		row->evidence =
			arena_alloc(a, PIECES_MAX * sizeof(*row->evidence));
	piece_make(env, a, &row->evidence[row->nevidence], x, t, f,
		   row->nevidence == 0 && f->v >= V_WARN);
	row->nevidence++;
}
