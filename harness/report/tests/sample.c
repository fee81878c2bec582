/* sample.c - see sample.h. */
#include "harness/report/scene/scene.h"
#include "harness/report/tests/sample.h"

#include <stdio.h>
#include <stdlib.h>

/* What a hostile transport may print, escaped as base/text.h does it. */
#define MARKUP "<script>alert('x')</script> \"]]>\" &amp; \\x1b[31m\\x00\\xff"
#define PT "./obfs-demo --log='a b'"

static const char *const argv[] = { "./obfs-demo", "--log=a b", NULL };
static const char *const notes[] = {
	"No sandbox: user namespaces are forbidden here (EPERM), so what needs "
	"one is inconclusive.",
	"The transport printed " MARKUP " before its first line.",
	NULL,
};

static const char *const shown_verr[] = {
	"stdout: VERSION 2",
	"stdout: CMETHOD " MARKUP " socks5 127.0.0.1:1",
	"exit: status 0",
};
static const char *const shown_early[] = {
	"stdout: VERSION-ERROR  no-version"
};
static const char *const shown_wait[] = { "kill: after 4000 ms" };
static const char *const shown_long[] = {
	"stderr: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
};

static struct scene_step steps_verr[] = {
	{ .ev = 10,
	  .from = LANE_PARENT,
	  .to = LANE_CLIENT,
	  .text = "spawn pt own pid=3" },
	{ .ev = 12,
	  .ms = 7,
	  .from = LANE_CLIENT,
	  .to = LANE_PARENT,
	  .text = "stdout: VERSION 2",
	  .marked = true },
	{ .ev = 14,
	  .ms = 8,
	  .from = LANE_CLIENT,
	  .to = LANE_PARENT,
	  .text = "stdout: CMETHOD " MARKUP " socks5 127.0.0.1:1",
	  .marked = true },
	{ .ev = 900,
	  .ms = 1400,
	  .from = LANE_PARENT,
	  .to = LANE_PARENT,
	  .text = "limit init step=2 ms=30000",
	  .left_out = 23 },
	{ .ev = 1007,
	  .ms = 1500,
	  .from = LANE_CLIENT,
	  .to = LANE_PARENT,
	  .text = "exit pt exited code=0",
	  .marked = true },
};
static const struct scene scene_verr = {
	.steps = steps_verr,
	.n = sizeof(steps_verr) / sizeof(steps_verr[0]),
	.lane = { [LANE_PARENT] = true, [LANE_CLIENT] = true },
};

static struct scene_step steps_kept[] = {
	{ .ev = 10,
	  .from = LANE_PARENT,
	  .to = LANE_CLIENT,
	  .text = "spawn pt own pid=3" },
	{ .ev = 12,
	  .ms = 6,
	  .from = LANE_CLIENT,
	  .to = LANE_PARENT,
	  .text = "stdout: VERSION-ERROR no-version " MARKUP,
	  .marked = true },
};
static const struct scene scene_kept = {
	.steps = steps_kept,
	.n = sizeof(steps_kept) / sizeof(steps_kept[0]),
	.lane = { [LANE_PARENT] = true, [LANE_CLIENT] = true },
};
static const char *const shown_kept[] = {
	"stdout: VERSION-ERROR no-version " MARKUP,
};
static const struct evidence ev_kept = {
	.trace = "traces/016.jsonl",
	.launch = "ver.list/none@client",
	.ev = { 12 },
	.nev = 1,
	.shown = shown_kept,
	.scene = &scene_kept,
};

static struct evidence ev_verr[] = {
	{
		.trace = "traces/017.jsonl",
		.launch = "ver.list/first@client",
		.ev = { 12, 14, 1007 },
		.nev = 3,
		.shown = shown_verr,
		.display_filter = "ip.dst == 198.51.100.53 && "
				  "udp.dstport == 53",
		.scene = &scene_verr,
	},
	{
		.trace = "traces/018.jsonl",
		.launch = "ver.list/last@server",
		.ev = { 9 },
		.nev = 1,
		.shown = shown_early,
	},
};
static struct evidence ev_wait[] = {
	{
		.trace = "traces/021.jsonl",
		.launch = "stdin.close/var1@client",
		.ev = { 30 },
		.nev = 1,
		.shown = shown_wait,
	},
};
static struct evidence ev_long[] = {
	{
		.trace = "traces/002.jsonl",
		.launch = "lines.plain@server",
		.ev = { 7 },
		.nev = 1,
		.shown = shown_long,
	},
};

struct row {
	const char *id;
	enum verdict verdict;
	const char *expected, *seen, *reason, *repro, *baseline;
	struct evidence *evidence;
	size_t nevidence, traces;
	const struct evidence *kept;
};

#define REPRO(id)                             \
	"ptcheck run --spec 2.0 --select " id \
	" --transport demo --seed 7 -- " PT

/* In the order of the catalogue. */
static const struct row rows[] = {
	{ .id = "GEN-E2E-1", .verdict = V_PASS, .traces = 9 },
	{ .id = "CFG-ENV-1", .verdict = V_PASS, .traces = 2 },
	{
		.id = "ENV-VER-1",
		.verdict = V_FAIL,
		.traces = 6,
		.expected = "VERSION 2 for the list \"1,x-" MARKUP ",2\"",
		.seen = "the line \"VERSION-ERROR  no-version\", then exit "
			"status 0",
		.reason = "expected VERSION 2, saw VERSION-ERROR",
		.repro = REPRO("ENV-VER-1"),
		.evidence = ev_verr,
		.nevidence = 2,
		.kept = &ev_kept,
	},
	{ .id = "ENV-VER-2", .verdict = V_PASS, .traces = 6 },
	{
		.id = "ENV-VER-3",
		.verdict = V_FAIL,
		.traces = 1,
		.expected = "VERSION 2",
		.seen = "no line at all",
		.reason = "expected VERSION 2, saw no line at all",
		.repro = REPRO("ENV-VER-3"),
		.baseline = "bug 42: <b>long</b> tokens, fixed in 0.0.15",
		.evidence = ev_wait,
		.nevidence = 1,
	},
	{
		.id = "ST-PERM-1",
		.verdict = V_WARN,
		.traces = 3,
		.expected = "the directory is made with mode 0700",
		.seen = "mode 0755 on state/key-\\xe2\\x82.pem",
		.reason = "expected mode 0700, saw mode 0755",
		.repro = REPRO("ST-PERM-1"),
		.evidence = ev_long,
		.nevidence = 1,
	},
	{
		.id = "SD-STDIN-1",
		.verdict = V_INCONCLUSIVE,
		.traces = 1,
		.seen = "a limit of 4000 ms passed, but the harness itself "
			"was late by up to 612 ms",
		.reason = "a limit of 4000 ms passed, but the harness itself "
			  "was late by up to 612 ms",
		.repro = REPRO("SD-STDIN-1"),
		.evidence = ev_wait,
		.nevidence = 1,
	},
	{
		.id = "IPC-UNK-1",
		.verdict = V_INFO,
		.traces = 4,
		.expected = "lines with a known keyword",
		.seen = "the line \"X-" MARKUP "\"",
		.reason = "expected lines with a known keyword, saw the line "
			  "\"X-" MARKUP "\"",
		.evidence = ev_long,
		.nevidence = 1,
	},
	{
		.id = "UC-LISTEN-1",
		.verdict = V_NA,
		.reason = "the transport does not offer transparent-UDP",
	},
	{
		.id = "STN-C-1",
		.verdict = V_UNTESTED,
		.reason = "no launch provoked it",
	},
};

#define NROWS (sizeof(rows) / sizeof(rows[0]))

static void fill_row(struct result *r, const struct row *from)
{
	struct result_row *row = &r->rows[r->nrows++];

	*row = (struct result_row){
		.req = req_find(from->id),
		.verdict = from->verdict,
		.expected = from->expected,
		.seen = from->seen,
		.reason = from->reason ? from->reason : "",
		.evidence = from->evidence,
		.nevidence = from->nevidence,
		.kept = from->kept,
		.traces = from->traces,
		.repro = from->repro ? from->repro : "",
		.expected_fail = from->baseline != NULL,
		.baseline_reason = from->baseline,
	};
	if (!row->req) {
		fprintf(stderr, "sample: no requirement %s\n", from->id);
		abort();
	}
	r->count[row->verdict]++;
}

void sample_result(struct result *r)
{
	*r = (struct result){
		.version = "0.0-sample", .argv = argv,
		.sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca49"
			  "5991b7852b855",
		.spec = "2.0",
		.spec_why = "offered 1 and 2, the transport answered VERSION 2",
		.role = { true, true }, .notes = notes, .stale = 1,
		.out_dir = "out/demo",
		.timing = {
			.wall_s = 12.3456, .child_cpu_s = 0.1 + 0.2,
			.harness_cpu_s = 1, .longest_wait_s = 4,
			.launches = 37, .date = "2026-11-29",
		},
	};
	r->rows = arena_alloc(&r->arena, NROWS * sizeof(r->rows[0]));
	for (size_t i = 0; i < NROWS; i++)
		fill_row(r, &rows[i]);
}

/* --- raw -------------------------------------------------------------- */

#define RAW "<script>\"]]>'&\x01\x1b[2J\xff\xc2\xe2\x80\xae\xef\xbf\xbf\r\n#\\"

static const struct req raw_req = {
	.id = "RAW-" RAW,
	.level = L_MUST,
	.section = "9." RAW,
	.role = "pt-" RAW,
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Title " RAW,

	.traps = "Traps " RAW,

};
static const char *const raw_list[] = { RAW, RAW, NULL };

static struct scene_step raw_step = {
	.ev = 1,
	.to = LANE_WORLD,
	.text = RAW,
	.marked = true,
};
static const struct scene raw_scene = {
	.steps = &raw_step,
	.n = 1,
	.lane = { [LANE_PARENT] = true, [LANE_WORLD] = true },
};

static void raw_row(struct result *r, struct result_row *row, enum verdict v)
{
	static struct evidence e = {
		.trace = RAW,
		.launch = RAW,
		.ev = { 1, 2 },
		.nev = 2,
		.shown = raw_list,
		.scene = &raw_scene,
	};

	*row = (struct result_row){
		.req = &raw_req,
		.verdict = v,
		.expected = RAW,
		.seen = RAW,
		.reason = RAW,
		.evidence = &e,
		.nevidence = 1,
		.kept = &e,
		.repro = "ptcheck " RAW,
		.traces = 1,
	};
	r->count[v]++;
}

void sample_hostile(struct result *r)
{
	static const enum verdict all[] = {
		V_FAIL, V_FAIL, V_WARN, V_INCONCLUSIVE,
		V_INFO, V_PASS, V_NA,	V_UNTESTED,
	};

	*r = (struct result){
		.version = RAW,
		.argv = raw_list,
		.sha256 = RAW,
		.spec = RAW,
		.spec_why = RAW,
		.notes = raw_list,
		.out_dir = RAW,
		.nrows = sizeof(all) / sizeof(all[0]),
	};
	r->rows = arena_alloc(&r->arena, sizeof(all) / sizeof(all[0]) *
						 sizeof(r->rows[0]));
	for (size_t i = 0; i < r->nrows; i++)
		raw_row(r, &r->rows[i], all[i]);
	r->rows[0].expected_fail = true;
	r->rows[0].baseline_reason = RAW;
}

sample_fn *const sample_fns[2] = { sample_result, sample_hostile };

const char *sample_term(const struct result *r, struct buf *out, unsigned width,
			bool colour, bool verbose)
{
	struct term_style st = {
		.width = width,
		.colour = colour,
		.verbose = verbose,
	};

	*out = BUF_MAX(SAMPLE_MAX);
	report_term(r, &st, out);
	return buf_cstr(out);
}
