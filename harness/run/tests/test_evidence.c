/*
 * test_evidence.c - the directory that --out makes: what goes in comes out,
 * nothing foreign is touched, and a stored run is not trusted.
 */
#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "parent/base/tests/suite.h"
#include "harness/run/evidence/evidence.h"
#include "harness/run/evidence/record.h"
#include "harness/sys/observe.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static char dir[] = "/tmp/ptcheck-evidence-XXXXXX";
static struct err e;

static void setup(void)
{
	strcpy(dir + sizeof(dir) - 7, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(chdir(dir), 0);
}

static void teardown(void)
{
	ck_assert_int_eq(chdir("/"), 0);
	observe_remove_tree(dir);
}

static void put_file(const char *path, struct span text)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(text.p, 1, text.n, f), text.n);
	fclose(f);
}

static bool there(const char *path)
{
	return access(path, F_OK) == 0;
}

/* --- a record with something in every field ------------------------------------ */

static const char *const argv[] = { "/bin/pt", "a\\x1b[2J", "", NULL };
static const char *const notes[] = { "one note", "another \"note\"", NULL };
static const char *terms[] = { "ENV-VER-*", "\u00a73.3" };
static const char *skip_terms[] = { "CM-DONE-1" };
static struct span aims[] = { SPAN("ENV-VER-1"), SPAN("a\0\xff\n") };

static struct launch_evidence launches[] = {
	{ .file = "traces/001.jsonl",
	  .id = SPAN("x@client"),
	  .aims = { aims, 2 },
	  .trouble = "",
	  .helper = true },
	{ .file = "traces/002.jsonl",
	  .id = SPAN("\xff\0\"<y>"),
	  .aims = { aims, 0 },
	  .trouble = "the worker died" },
	{ .file = "",
	  .id = SPAN("z"),
	  .aims = { aims, 1 },
	  .trouble = "never started" },
};

static struct skip skips[] = {
	{ .id = SPAN("s\n1"),
	  .aims = { aims, 2 },
	  .feature = true,
	  .reason = SPAN("no \xc3\xa9") },
	{ .id = SPAN("s2"), .aims = { aims, 0 }, .reason = SPAN("") },
};

static struct run_record some_record(void)
{
	struct run_record rr = {
		.version = "0.1",
		.argv = argv,
		.sha256 = "abc",
		.spec_why = "because",
		.profile = PROFILE_10,
		.role = { false, true },
		.sandbox = false,
		.sandbox_why = "forbidden",
		.repro_head = "ptcheck run",
		.repro_tail = " -- /bin/pt",
		.notes = notes,
		.terms = terms,
		.nterms = 2,
		.skip_terms = skip_terms,
		.nskip_terms = 1,
		.skips = skips,
		.nskips = N(skips),
		.launches = launches,
		.nlaunches = N(launches),
		.timing = { 1.5, 0.25, 0.125, 5.0, 7 },
	};

	policy_set(&rr.policy, SPAN("name.regex"), SPAN("printed"), &e);
	return rr;
}

#define HEAD                                                                                   \
	"{\"trace\":1,\"id\":\"x\",\"role\":\"client\","                                       \
	"\"profile\":\"2.0\",\"config\":\"legal\",\"aims\":[],\"stimuli\":[],"                 \
	"\"argv\":[],\"env\":[],\"known\":[],\"nosuch\":[],\"vars\":[],"                       \
	"\"limits\":{\"init\":1,\"exit\":1,\"graceful\":1,"                                    \
	"\"connect\":1,\"window\":1,\"orphan\":1,\"settings\":1,\"idle\":1},\"sandbox\":true," \
	"\"sandbox_why\":\"\",\"wrapper\":false,\"repro\":\"\"}\n"
#define LAST                                                   \
	"{\"n\":1,\"t\":1,\"k\":\"end\",\"how\":\"complete\"," \
	"\"children_cpu_us\":1,\"worker_cpu_us\":1}\n"

/* A whole directory; the second trace was cut by the death of its worker. */
static void store(const struct run_record *rr)
{
	struct buf b = BUF_MAX(1u << 20);

	ck_assert_msg(evidence_open("d", &e) == 0, "%s", e.msg);
	record_to_json(rr, &b);
	ck_assert_msg(evidence_write("d", "run.json", buf_span(&b), &e) == 0,
		      "%s", e.msg);
	put_file("d/traces/001.jsonl", SPAN(HEAD LAST));
	put_file("d/traces/002.jsonl", SPAN(HEAD "{\"n\":1,\"t\""));
	buf_fini(&b);
}

static void same_text(const char *got, const char *want)
{
	ck_assert_str_eq(got, want);
}

static void same_words(const char *const *got, const char *const *want)
{
	for (; *want; got++, want++)
		same_text(*got, *want);
	ck_assert_ptr_null(*got);
}

static void same_spans(const struct strings *got, const struct strings *want)
{
	ck_assert_uint_eq(got->n, want->n);
	for (size_t i = 0; i < got->n; i++)
		ck_assert(span_eq(got->v[i], want->v[i]));
}

/* --- there and back ---------------------------------------------------------------- */

START_TEST(comes_back)
{
	struct run_record rr = some_record(), got;

	store(&rr);
	ck_assert_msg(record_load("d", &got, &e) == 0, "%s", e.msg);
	same_text(got.version, rr.version);
	same_words(got.argv, rr.argv);
	same_text(got.sha256, rr.sha256);
	same_text(got.spec_why, rr.spec_why);
	ck_assert_int_eq(got.profile, rr.profile);
	ck_assert(!got.role[0] && got.role[1] && !got.sandbox);
	same_text(got.sandbox_why, rr.sandbox_why);
	same_text(got.repro_head, rr.repro_head);
	same_text(got.repro_tail, rr.repro_tail);
	same_words(got.notes, rr.notes);
	ck_assert_uint_eq(got.nterms, 2);
	same_text(got.terms[1], rr.terms[1]);
	ck_assert_uint_eq(got.nskip_terms, 1);
	same_text(got.skip_terms[0], rr.skip_terms[0]);
	ck_assert(memcmp(&got.policy, &rr.policy, sizeof(rr.policy)) == 0);
	ck_assert(memcmp(&got.timing, &rr.timing, sizeof(rr.timing)) == 0);
	record_fini(&got);
}
END_TEST

START_TEST(launches_come_back)
{
	struct run_record rr = some_record(), got;
	struct trace t;

	store(&rr);
	ck_assert_msg(record_load("d", &got, &e) == 0, "%s", e.msg);
	ck_assert_uint_eq(got.nlaunches, N(launches));
	for (size_t i = 0; i < got.nlaunches; i++) {
		ck_assert(span_eq(got.launches[i].id, launches[i].id));
		same_text(got.launches[i].file, launches[i].file);
		same_text(got.launches[i].trouble, launches[i].trouble);
		ck_assert_int_eq(got.launches[i].helper, launches[i].helper);
		same_spans(&got.launches[i].aims, &launches[i].aims);
	}
	/* Only what could be read is there. */
	ck_assert_int_eq(store_read(&got.store, &got.launches[0].trace, &t, &e),
			 0);
	ck_assert_uint_eq(t.nev, 1);
	trace_fini(&t);
	ck_assert_uint_eq(got.launches[1].trace.n, 0);
	ck_assert_uint_eq(got.launches[2].trace.n, 0);
	ck_assert_uint_eq(got.nskips, N(skips));
	for (size_t i = 0; i < got.nskips; i++) {
		ck_assert(span_eq(got.skips[i].id, skips[i].id));
		ck_assert(span_eq(got.skips[i].reason, skips[i].reason));
		ck_assert_int_eq(got.skips[i].feature, skips[i].feature);
		same_spans(&got.skips[i].aims, &skips[i].aims);
	}
	record_fini(&got);
}
END_TEST

/* Written again it is the same file. */
START_TEST(same_bytes)
{
	struct buf once = BUF_MAX(1u << 20), twice = BUF_MAX(1u << 20);
	struct run_record rr = some_record(), got;

	store(&rr);
	ck_assert_int_eq(record_load("d", &got, &e), 0);
	record_to_json(&rr, &once);
	record_to_json(&got, &twice);
	ck_assert_str_eq(buf_cstr(&once), buf_cstr(&twice));
	for (size_t i = 0; i < once.n; i++)
		if (once.p[i] != '\n' && (once.p[i] & 0x80) == 0)
			ck_assert(once.p[i] >= ' ' && once.p[i] < 0x7f);
	record_fini(&got);
	buf_fini(&once);
	buf_fini(&twice);
}
END_TEST

/* --- what a stored run may not say ---------------------------------------------- */

struct forged {
	const char *was, *is, *message;
};

static const struct forged forged[] = {
	/* out of the directory */
	{ "traces/001.jsonl", "/etc/passwd",
	  "d/run.json: /launches/file: missing or of the wrong type" },
	{ "traces/001.jsonl", "../001.jsonl",
	  "d/run.json: /launches/file: missing or of the wrong type" },
	{ "traces/001.jsonl", "traces/../../x",
	  "d/run.json: /launches/file: missing or of the wrong type" },
	{ "traces/001.jsonl", "..",
	  "d/run.json: /launches/file: missing or of the wrong type" },
	{ "traces/001.jsonl", "traces/009.jsonl",
	  "d/traces/009.jsonl: No such file or directory" },
	{ "traces/001.jsonl", "traces", "d/traces: Is a directory" },
	/* another format, wrong words */
	{ "\"run\": 1", "\"run\": 2",
	  "d/run.json: /run: missing or of the wrong type" },
	{ "\"spec\": \"1.0\"", "\"spec\": \"1.5\"",
	  "d/run.json: /spec: missing or of the wrong type" },
	{ "\"version\": \"0.1\"", "\"version\": 1",
	  "d/run.json: /version: missing or of the wrong type" },
	{ "\"sha256\"", "\"sha255\"",
	  "d/run.json: /sha256: missing or of the wrong type" },
	{ "\"notes\"", "\"note\"",
	  "d/run.json: /notes: missing or of the wrong type" },
	{ "\"ENV-VER-*\"", "7",
	  "d/run.json: /select: missing or of the wrong type" },
	{ "\"x@client\"", "\"\\\\q\"",
	  "d/run.json: /launches/id: missing or of the wrong type" },
	{ "\"s\\\\n1\"", "null",
	  "d/run.json: /skipped/id: missing or of the wrong type" },
	{ "\"printed\"", "\"sloppy\"",
	  "d/run.json: option name.regex: \"sloppy\" is none of "
	  "prose|printed" },
	{ "\"name.regex\"", "\"a\\u001b\"",
	  "d/run.json: no option is called \"a\\x1b\"" },
	{ "{", "\x1b", "d/run.json:1:1: '[' or '{' expected near '\\x1b'" },
	{ "{", "[", "d/run.json:2:7: ']' expected near ':'" },
};

static void replace(const char *path, const char *was, const char *is)
{
	struct buf b = BUF_MAX(1u << 20);
	struct span text;
	char *at;

	ck_assert_int_eq(evidence_read_file(path, 1u << 20, &text, &e), 0);
	at = strstr(text.p, was);
	ck_assert_msg(at != NULL, "no %s in %s", was, text.p);
	buf_add(&b, span_of(text.p, (size_t)(at - text.p)));
	buf_adds(&b, is);
	buf_adds(&b, at + strlen(was));
	put_file(path, buf_span(&b));
	free((void *)text.p);
	buf_fini(&b);
}

START_TEST(forged_runs)
{
	const struct forged *f = &forged[_i];
	struct run_record rr = some_record(), got;

	store(&rr);
	put_file("001.jsonl", SPAN(HEAD LAST));
	put_file("x", SPAN(HEAD LAST));
	replace("d/run.json", f->was, f->is);
	ck_assert_int_eq(record_load("d", &got, &e), -1);
	ck_assert_str_eq(e.msg, f->message);
	ck_assert_int_eq(got.store.fd, -1);
	ck_assert_uint_eq(got.nlaunches, 0);
}
END_TEST

/* A trace that was called complete must be. */
static const char *const spoiled[][2] = {
	{ "", "d/traces/001.jsonl: no trace head" },
	{ HEAD, "d/traces/001.jsonl: cut off behind line 1" },
	{ HEAD "{", "d/traces/001.jsonl: line 2: not a JSON object" },
	{ "\x1b", "d/traces/001.jsonl: line 1: not a JSON object" },
};

START_TEST(spoiled_traces)
{
	struct run_record rr = some_record(), got;

	store(&rr);
	put_file("d/traces/001.jsonl", span_str(spoiled[_i][0]));
	ck_assert_int_eq(record_load("d", &got, &e), -1);
	ck_assert_str_eq(e.msg, spoiled[_i][1]);
	ck_assert_int_eq(got.store.fd, -1);
}
END_TEST

START_TEST(no_run)
{
	struct run_record got;

	ck_assert_int_eq(record_load("missing", &got, &e), -1);
	ck_assert_str_eq(e.msg, "missing/run.json: No such file or directory");
	ck_assert_int_eq(got.store.fd, -1);
}
END_TEST

/* --- the directory -------------------------------------------------------------- */

START_TEST(opens)
{
	char name[64];
	int fd;

	ck_assert_int_eq(evidence_open("d", &e), 0);
	ck_assert(there("d/traces"));
	fd = evidence_trace("d", 17, name, &e);
	ck_assert_int_ge(fd, 0);
	ck_assert_str_eq(name, "traces/017.jsonl");
	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(write(fd, "x", 1), 1);
	close(fd);
	fd = evidence_trace("d", 12345, name, &e);
	ck_assert_str_eq(name, "traces/12345.jsonl");
	close(fd);
	ck_assert_int_eq(evidence_write("d", "run.json", SPAN("{}"), &e), 0);
	ck_assert(!there("d/run.json.new"));
	put_file("d/report.json.new", SPAN("{"));
	/* An earlier run gives way. */
	ck_assert_msg(evidence_open("d", &e) == 0, "%s", e.msg);
	ck_assert(!there("d/run.json") && !there("d/traces/017.jsonl"));
	ck_assert(!there("d/report.json.new"));
	ck_assert(there("d/traces"));
}
END_TEST

START_TEST(foreign_directories)
{
	ck_assert_int_eq(mkdir("d", 0700), 0);
	put_file("d/run.json", SPAN("{}"));
	put_file("d/letter.txt", SPAN("dear"));
	ck_assert_int_eq(evidence_open("d", &e), -1);
	ck_assert_str_eq(e.msg,
			 "--out d: holds letter.txt, which is no earlier "
			 "run's; give an empty directory");
	/* Nothing was touched before that was seen. */
	ck_assert(there("d/run.json") && there("d/letter.txt"));
	ck_assert(!there("d/traces"));
	ck_assert_int_eq(unlink("d/letter.txt"), 0);
	put_file("d/a\x1b[2J", SPAN(""));
	ck_assert_int_eq(evidence_open("d", &e), -1);
	ck_assert_str_eq(e.msg, "--out d: holds a\\x1b[2J, which is no earlier "
				"run's; give an empty directory");
}
END_TEST

/* Somebody's own files in a directory of that name stay. */
START_TEST(foreign_traces)
{
	ck_assert_int_eq(mkdir("d", 0700), 0);
	ck_assert_int_eq(mkdir("d/traces", 0700), 0);
	put_file("d/traces/mine.jsonl", SPAN("x"));
	put_file("d/traces/001.jsonl.bak", SPAN("x"));
	put_file("d/traces/001.jsonl", SPAN("x"));
	ck_assert_int_eq(evidence_open("d", &e), 0);
	ck_assert(there("d/traces/mine.jsonl"));
	ck_assert(there("d/traces/001.jsonl.bak"));
	ck_assert(!there("d/traces/001.jsonl"));
}
END_TEST

START_TEST(no_directory)
{
	put_file("f", SPAN("x"));
	ck_assert_int_eq(evidence_open("f", &e), -1);
	ck_assert_str_eq(e.msg, "--out f: Not a directory");
	ck_assert_int_eq(evidence_open("a/b", &e), -1);
	ck_assert_str_eq(e.msg, "--out a/b: No such file or directory");
}
END_TEST

START_TEST(files_have_a_maximum)
{
	struct span text;

	put_file("f", SPAN("12345"));
	ck_assert_int_eq(evidence_read_file("f", 5, &text, &e), 0);
	ck_assert(span_eqs(text, "12345"));
	free((void *)text.p);
	ck_assert_int_eq(evidence_read_file("f", 4, &text, &e), -1);
	ck_assert_str_eq(e.msg, "f: larger than 4 bytes");
	ck_assert_int_eq(evidence_read_file("/dev/zero", 100000, &text, &e),
			 -1);
	put_file("f", SPAN(""));
	ck_assert_int_eq(evidence_read_file("f", 5, &text, &e), 0);
	ck_assert_uint_eq(text.n, 0);
	free((void *)text.p);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("evidence");
	TCase *t = tcase_create("evidence");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, comes_back);
	tcase_add_test(t, launches_come_back);
	tcase_add_test(t, same_bytes);
	tcase_add_loop_test(t, forged_runs, 0, (int)N(forged));
	tcase_add_loop_test(t, spoiled_traces, 0, (int)N(spoiled));
	tcase_add_test(t, no_run);
	tcase_add_test(t, opens);
	tcase_add_test(t, foreign_directories);
	tcase_add_test(t, foreign_traces);
	tcase_add_test(t, no_directory);
	tcase_add_test(t, files_have_a_maximum);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return suite_run(suite());
}
