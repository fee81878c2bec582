/*
 * scene.h - a launch as a drawing shows it: who did what to whom, in order.
 *
 * Pure: a trace and the events that are evidence give the same scene.  What
 * belongs to the harness's bookkeeping is left out, and of a long launch all
 * but the beginning and what stands around the evidence.
 */
#ifndef PTCHECK_REPORT_SCENE_H
#define PTCHECK_REPORT_SCENE_H

#include "harness/trace/trace.h"

/* From left to right. */
#define SCENE_LANES(X)                \
	X(PARENT, "parent")           \
	X(APPLICATION, "application") \
	X(CLIENT, "client")           \
	X(PROXY, "proxy")             \
	X(SERVER, "server")           \
	X(WORLD, "world")

enum scene_lane {
#define X(id, name) LANE_##id,
	SCENE_LANES(X)
#undef X
		LANES,
};

extern const char *const scene_lane_names[LANES];

struct scene_step {
	uint32_t ev;		  /* its number in the trace */
	int64_t ms;		  /* since the transport was started */
	enum scene_lane from, to; /* the same: it happened there */
	const char *text;	  /* escaped, one line */
	bool marked;		  /* it is evidence */
	size_t left_out;	  /* how many before it are not shown */
};

struct scene {
	struct scene_step *steps;
	size_t n;
	bool lane[LANES]; /* that have a part in it */
};

/* What a frame of a launch's capture is, "udp 10.0.0.2:4141 > 1.2.3.4:53" in
 * @a; NULL when it cannot be had. */
struct frame_source {
	const char *(*words)(void *ctx, const char *trace, int64_t number,
			     struct arena *a);
	void *ctx;
	const char *trace; /* of the launch, "traces/017.jsonl" */
};

/* All strings in @a; @frames may be NULL. */
const struct scene *scene_make(struct arena *a, const struct trace *t,
			       const struct frame_source *frames,
			       const uint32_t *marked, size_t nmarked);

/* One event in words: "stdout: VERSION 1\n", "exit pt exited code=1", and the
 * frame that it is about: "frame 14, udp 10.0.0.2:4141 > 1.2.3.4:53". */
const char *scene_words(struct arena *a, const struct event *ev,
			const struct frame_source *frames);

#endif
