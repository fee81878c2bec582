/* frames.c - ptcheck report --filter: launches by what their captures hold. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/cli/cli.h"
#include "harness/run/evidence/record.h"
#include "harness/run/frames/frames.h"
#include "harness/report/scene/wireshark.h"
#include "parent/base/text.h"

struct search {
	const char *dir, *text;
	const struct frame_filter *filter;
	size_t captures, launches, broken;
};

static void put_launch(const struct launch_evidence *x, const char *file)
{
	char id[200];

	printf("%s  %s\n", text_showbuf(id, sizeof(id), x->id), file);
}

static void put_frame(const struct frame *f)
{
	struct buf words = BUF_MAX(512);

	frame_words(&words, f);
	printf("  frame %ju, %s\n", (uintmax_t)f->number, buf_cstr(&words));
	buf_fini(&words);
}

/* Its launch stands above the first frame; one without is not named. */
static int put_frames(struct search *s, const struct launch_evidence *x,
		      const char *file, struct frames *frames, struct err *e)
{
	bool named = false;
	struct frame f;
	int rc;

	while ((rc = frames_next(frames, &f, e)) == 1) {
		if (!named)
			put_launch(x, file);
		named = true;
		put_frame(&f);
	}
	s->launches += named;
	return rc;
}

/* Nothing was captured where the file is missing, or empty. */
static bool is_captured(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return errno != ENOENT;
	return st.st_size > 0;
}

static void look(struct search *s, const struct launch_evidence *x)
{
	char file[64], path[4096];
	struct frames *frames;
	struct err e = { 0 };

	if (!capture_file(file, sizeof(file), x->file))
		return;
	snprintf(path, sizeof(path), "%s/%s", s->dir, file);
	if (!is_captured(path))
		return;
	s->captures++;
	frames = frames_open(path, s->filter, &e);
	if (frames && put_frames(s, x, file, frames, &e))
		err_wrap(&e, "%s", path);
	frames_close(frames);
	if (e.msg[0])
		cli_error("%s", e.msg);
	s->broken += e.msg[0] != '\0';
}

static int tell(const struct search *s)
{
	if (fflush(stdout) || ferror(stdout)) {
		cli_error("standard output: %s", strerror(errno));
		return EXIT_TROUBLE;
	}
	if (s->broken)
		return EXIT_USAGE;
	if (s->launches)
		return EXIT_CONFORMS;
	if (!s->captures)
		cli_error("%s: holds no captures; no launch of it had a "
			  "sandbox to capture in",
			  s->dir);
	else
		cli_error("no frame of %zu capture%s matches \"%s\"",
			  s->captures, s->captures == 1 ? "" : "s", s->text);
	return EXIT_NOTHING;
}

int cli_frames(const char *dir, const char *text)
{
	struct search s = { .dir = dir, .text = text };
	struct frame_filter *filter;
	struct run_record rr;
	struct err e = { 0 };
	int rc;

	filter = frame_filter_new(text, &e);
	if (!filter) {
		cli_error("--filter \"%s\": %s", text, e.msg);
		return EXIT_USAGE;
	}
	if (record_load_alone(dir, &rr, &e)) {
		cli_error("%s", e.msg);
		frame_filter_free(filter);
		return EXIT_USAGE;
	}
	s.filter = filter;
	for (size_t i = 0; i < rr.nlaunches; i++)
		look(&s, &rr.launches[i]);
	rc = tell(&s);
	record_fini(&rr);
	frame_filter_free(filter);
	return rc;
}
