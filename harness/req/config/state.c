/*
 * state.c - State location.
 *
 * The rules about what is written where go by what the transport set out to do
 * (location.h), those about starts by what it said.
 */
#include "harness/req/launch/startup.h"
#include "harness/req/text/leak.h"
#include "harness/req/launch/life.h"
#include "harness/req/launch/location.h"
#include "harness/req/text/paths.h"
#include "harness/req/launch/setup.h"

/* --- nothing anywhere else --- */

REQ(st_only_1) = {
	.id = "ST-ONLY-1",
	.area = AREA_STATE,
	.level = L_MUST,
	.section = "3.3.1.1",
	.role = "state",
	.classes = "fs",
	.dflt = V_FAIL,
	.title = "Files are stored only under the state directory.",
	.traps = "T-RUNTIME, T-READ; device nodes, pipes, anonymous memory "
		 "and `/proc/self` writes do not count; sockets bound in the "
		 "file system do, and so does a file without a name "
		 "(O_TMPFILE): its bytes are on that disk.",
	.needs = LAUNCHED,
	.judge = st_only_1,
};

static void st_only_1(struct judge *j)
{
	struct location l;

	location_of(j, &l);
	if (l.kind == LOC_VARIABLE)
		j_inside(j, l.dir, touch_stores,
			 "all files under the state directory");
}

REQ(st_else_1) = {
	.id = "ST-ELSE-1",
	.area = AREA_STATE,
	.level = L_MUST_NOT,
	.section = "3.3.1.1",
	.role = "state",
	.classes = "fs",
	.dflt = V_FAIL,
	.title = "Nothing outside it is created or modified.",
	.traps = "Temporary file + rename inside the state directory is "
		 "fine. Creating missing parents of the state directory is "
		 "fine (AMB-006). stdout/stderr redirected to files are "
		 "harness-owned; files that the command line names are "
		 "wanted. A call that the kernel refuses counts as if it "
		 "were done: whether it is refused depends on who runs it, "
		 "and nobody asks for writing where reading would do. What "
		 "can change nothing whoever runs it is left out; a missing "
		 "directory in the way makes it WARN. A path that cannot be "
		 "seen is inconclusive.",
	.needs = LAUNCHED,
	.judge = st_else_1,
};

static void st_else_1(struct judge *j)
{
	struct location l;

	location_of(j, &l);
	if (l.kind == LOC_VARIABLE)
		j_inside(j, l.dir, NULL,
			 "no change outside of the state directory");
}

REQ(st_cwd_1) = {
	.id = "ST-CWD-1",
	.area = AREA_STATE,
	.level = L_MUST_NOT,
	.section = "3.3.1.1",
	.role = "state",
	.classes = "fs",
	.dflt = V_FAIL,
	.title = "With a state location given, the working directory is not "
		 "written.",
	.traps = "T-RUNTIME (core, profile files).",
	.needs = LAUNCHED,
	.judge = st_cwd_1,
};

static void st_cwd_1(struct judge *j)
{
	struct location l;

	location_of(j, &l);
	if (l.kind != LOC_VARIABLE || !l.cwd.n || path_is_below(l.cwd, l.dir))
		return;
	for_events (ev, j->v)
		if (touch_is_outside(j, ev, l.dir) &&
		    path_is_below(ev->touch.path, l.cwd) &&
		    !touch_cannot_succeed(ev))
			j_broken(j, ev->n, "an untouched working directory",
				 "%s", touch_words(j, ev));
	pass_if_watched(j);
}

REQ(st_slash_1) = {
	.id = "ST-SLASH-1",
	.area = AREA_STATE,
	.level = L_IMPLIED,
	.section = "3.3.1.1, App. A/B",
	.role = "state",
	.classes = "fs",
	.dflt = V_FAIL,
	.title = "Trailing slash or not is the same directory.",
	.needs = LEGAL,
	.stimuli = STIMULUS(STATE_SLASH),
	.judge = st_slash_1,
};

static void st_slash_1(struct judge *j)
{
	const char *expected = "the same state directory with and without "
			       "a slash at its end";
	struct location l;

	location_of(j, &l);
	if (l.kind != LOC_VARIABLE)
		return;
	for_events (ev, j->v)
		if (ev->kind == EV_TOUCH &&
		    path_is_beside(ev->touch.path, l.dir))
			j_broken(j, ev->n, expected, "%s", touch_words(j, ev));
	if (!provoked(j) || j_no_done(j, V_FAIL, expected))
		return;
	pass_if_watched(j);
}

REQ(st_chars_1) = {
	.id = "ST-CHARS-1",
	.area = AREA_STATE,
	.level = L_IMPLIED,
	.section = "3.3.1.1",
	.role = "state",
	.classes = "fs",
	.dflt = V_WARN,
	.title = "Any legal path works (spaces, UTF-8, `=`, long).",
	.traps = "Names invalid on the platform are not tested. An error "
		 "message that echoes non-ASCII breaks IPC-ASCII-1: note "
		 "separately.",
	.needs = LEGAL,
	.stimuli = STIMULUS(STATE_CHARACTERS),
	.judge = st_chars_1,
};

static void st_chars_1(struct judge *j)
{
	const char *expected = "a state directory of whatever name";
	struct location l;

	location_of(j, &l);
	if (!provoked(j) || l.kind != LOC_VARIABLE ||
	    j_no_done(j, V_WARN, expected))
		return;
	j_inside(j, l.dir, NULL, expected);
}

/* --- where there is no absolute path --- */

REQ(st_def_1) = {
	.id = "ST-DEF-1",
	.area = AREA_STATE,
	.level = L_MUST,
	.section = "3.3.1.1",
	.role = "state",
	.classes = "fs",
	.dflt = V_FAIL,
	.title = "With no state location given, the working directory is the "
		 "state location.",
	.traps = "Contradicted by the blanket \"all common parameters must "
		 "be set\" (AMB-004). A stateless PT passes if it starts. A "
		 "sub-directory of cwd (e.g. `./state`) is inside the "
		 "location: PASS.",
	.needs = LEGAL,
	.profiles = IN_20,
	.judge = st_def_1,
};

static void st_def_1(struct judge *j)
{
	const char *expected = "a start with the working directory as state "
			       "location";
	struct location l;

	location_of(j, &l);
	if (l.kind != LOC_UNSET || j_no_done(j, V_FAIL, expected))
		return;
	j_inside(j, l.cwd, NULL, "all files in the working directory");
}

REQ(st_empty_1) = {
	.id = "ST-EMPTY-1",
	.area = AREA_STATE,
	.level = L_IMPLIED,
	.section = "3.3.1.1",
	.role = "state",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "An empty value is unspecified: treat as unset, or "
		 "ENV-ERROR.",
	.traps = "AMB-005.",
	.needs = LAUNCHED,
	.judge = st_empty_1,
};

static void st_empty_1(struct judge *j)
{
	struct location l;

	location_of(j, &l);
	if (l.kind != LOC_EMPTY)
		return;
	j_orderly(j, "an empty state location");
	j_inside(j, l.cwd, NULL,
		 "an error, or all files in the working directory");
}

REQ(st_rel_1) = {
	.id = "ST-REL-1",
	.area = AREA_STATE,
	.level = L_IMPLIED,
	.section = "3.3.1.1",
	.role = "state",
	.classes = "fs",
	.dflt = V_FAIL,
	.title = "A relative path from a non-conforming parent is "
		 "unspecified: resolve against cwd or ENV-ERROR.",
	.traps = "Either accepted.",
	.needs = LAUNCHED,
	.judge = st_rel_1,
};

static void st_rel_1(struct judge *j)
{
	struct location l;

	location_of(j, &l);
	if (l.kind != LOC_RELATIVE)
		return;
	j_orderly(j, "a relative state location");
	j_inside(j, l.cwd, NULL,
		 "an error, or a path that begins in the working directory");
}

REQ(st_flag_1) = {
	.id = "ST-FLAG-1",
	.area = AREA_STATE,
	.level = L_IMPLIED,
	.section = "3.3.1.1",
	.role = "state",
	.classes = "fs",
	.dflt = V_FAIL,
	.title = "`-state` works like the variable.",
	.traps = "T-FLAGSYN.",
	.profiles = IN_20,
	.needs = LAUNCHED,
	.stimuli = STIMULUS(STATE_BY_FLAG),
	.judge = st_flag_1,
};

static void st_flag_1(struct judge *j)
{
	struct location l;

	location_of(j, &l);
	if (l.kind != LOC_FLAG || !j->rf->flags)
		return;
	if (provoked(j) && is_legal(j) &&
	    j_no_done(j, V_FAIL, "a start as with the variable"))
		return;
	if (has_started(j))
		j_inside(j, l.dir, NULL,
			 "all files under the flag's directory");
}

/* --- second starts --- */

/* A missing directory is the reason when the same launch works once the
 * harness has made it. */
static void starts_without(struct judge *j, const char *expected)
{
	struct view v2;
	struct judge j2;

	if (!provoked(j))
		return;
	if (has_started(j)) {
		j_pass(j, j->v->done->ev);
		return;
	}
	if (!second_start(j, &v2, &j2) || outcome(j) == OUT_UNCLEAR ||
	    !has_started(&j2))
		return;
	j_broken(j, outcome_ev(j), expected,
		 "%s; and a start once it was there", outcome_words(j));
	j_also(j, v2.done->ev);
}

REQ(st_mkdir_1) = {
	.id = "ST-MKDIR-1",
	.area = AREA_STATE,
	.level = L_SHOULD,
	.section = "3.3.1.1",
	.role = "state",
	.classes = "fs",
	.dflt = V_WARN,
	.title = "A missing state directory is created when needed.",
	.traps = "A PT that needs no state need not create it (\"as "
		 "required\").",
	.needs = LEGAL,
	.stimuli = STIMULUS(STATE_MISSING),
	.judge = st_mkdir_1,
};

static void st_mkdir_1(struct judge *j)
{
	starts_without(j, "a start although the state directory is missing");
}

REQ(st_mkdir_2) = {
	.id = "ST-MKDIR-2",
	.area = AREA_STATE,
	.level = L_IMPLIED,
	.section = "3.3.1.1",
	.role = "state",
	.classes = "fs",
	.dflt = V_WARN,
	.title = "Missing parent directories are created as well.",
	.traps = "As ST-MKDIR-1.",
	.needs = LEGAL,
	.stimuli = STIMULUS(STATE_MISSING_ABOVE),
	.judge = st_mkdir_2,
};

static void st_mkdir_2(struct judge *j)
{
	starts_without(j, "a start although directories above the state "
			  "directory are missing");
}

static bool is_garbled(const struct view *v)
{
	return view_event(v, EV_FILE, "garbled", 1) != NULL;
}

REQ(st_persist_1) = {
	.id = "ST-PERSIST-1",
	.area = AREA_STATE,
	.level = L_MAY,
	.section = "3.3.1.1",
	.role = "state",
	.classes = "fs",
	.dflt = V_INFO,
	.title = "State may persist over invocations.",
	.traps = "Fresh identity per run is legal.",
	.needs = LEGAL,
	.judge = st_persist_1,
};

static void st_persist_1(struct judge *j)
{
	const char *expected = "a start with the files of an earlier one";
	struct view v2;
	struct judge j2;

	if (is_garbled(j->v) || !j->v->done || !j->v->methods.n ||
	    !second_start(j, &v2, &j2) || life_left_listener(j->v) ||
	    life_left_process(j->v))
		return;
	switch (outcome(&j2)) {
	case OUT_STARTED:
		if (v2.methods.n)
			j_pass(j, v2.done->ev);
		else
			j_broken(j, v2.done->ev, expected,
				 "no method at the second start");
		break;
	case OUT_REFUSED:
	case OUT_CRASHED:
	case OUT_STUCK:
		j_broken(j, outcome_ev(&j2), expected, "%s",
			 outcome_words(&j2));
		break;
	case OUT_UNCLEAR:
		break;
	}
}

/* --- what cannot be used --- */

/* Gone without any message, crash aside. */
static bool is_silent_end(const struct judge *j)
{
	const struct view *v = j->v;

	return view_ended(v) && !v->done && !v->methods.n && !view_fatal(v) &&
	       !view_stderr_words(v) && output_whole(v) && ended_unasked(v);
}

/* Gone with words, but none that a parent understands. */
static bool is_logged_end(const struct judge *j)
{
	const struct view *v = j->v;

	return view_ended(v) && !v->done && !v->methods.n &&
	       !error_line(v, IPC_ENV_ERROR) && !any_method_error(v) &&
	       view_stderr_words(v) && output_whole(v) && ended_unasked(v);
}

static void orderly_or_told(struct judge *j, const char *stimulus)
{
	j_orderly(j, stimulus);
	if (is_silent_end(j) && !crashed(j))
		j_say(j, V_WARN, end_ev(j->v), "an error message, or DONE",
		      "after %s it %s without a word", stimulus,
		      view_how_ended(j->v));
}

REQ(st_deny_1) = {
	.id = "ST-DENY-1",
	.area = AREA_STATE,
	.level = L_IMPLIED,
	.section = "3.3.1.1, 3.3.2.1",
	.role = "state",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "An unusable location (not a directory, no permission) must "
		 "lead to an orderly outcome.",
	.traps = "Accept ENV-ERROR/64, `*METHOD-ERROR`, or normal start if no "
		 "state is needed; an end with words on stderr alone is INFO, "
		 "one without a word WARN. Falling back elsewhere is ST-ELSE-1 "
		 "FAIL. Root bypasses permissions: SKIP the second case.",
	.needs = LAUNCHED,
	.stimuli = STIMULUS(STATE_UNUSABLE),
	.judge = st_deny_1,
};

static void st_deny_1(struct judge *j)
{
	if (!provoked(j))
		return;
	orderly_or_told(j, "a state location that cannot be used");
	if (is_logged_end(j) && !crashed(j))
		j_say(j, V_INFO, end_ev(j->v), "`ENV-ERROR`, or DONE",
		      "that it %s with words on stderr that no parent reads",
		      view_how_ended(j->v));
}

REQ(st_corrupt_1) = {
	.id = "ST-CORRUPT-1",
	.area = AREA_STATE,
	.level = L_IMPLIED,
	.section = "3.3.2.1",
	.role = "state",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Damaged own state leads to an error line or regeneration, "
		 "not a crash or hang.",
	.traps = "Any error line with orderly exit is fine.",
	.judge = st_corrupt_1,
};

static void st_corrupt_1(struct judge *j)
{
	struct view v2;
	struct judge j2;

	/* Who keeps no state has none that could be damaged. */
	if (is_garbled(j->v) && second_start(j, &v2, &j2))
		orderly_or_told(&j2, "damage to its own state");
}

/* --- who may read it --- */

/* Mode of the state directory at the end, if it was looked at; or -1. */
static const struct event *directory(const struct view *v, struct span dir)
{
	struct span work = pairs_get(&v->head->vars, "work");
	const struct event *last = NULL;

	for_events (ev, v)
		if (ev->kind == EV_FILE && ev->file.type == FILE_IS_DIR &&
		    span_eq(path_absolute(v->a, ev->file.path, work), dir))
			last = ev;
	return last;
}

static bool holds_secret(const struct view *v, struct span bytes)
{
	for (size_t i = 0; i < v->head->vars.n; i++)
		if (span_eqs(v->head->vars.v[i].key, "secret") &&
		    leaks_word(bytes, v->head->vars.v[i].value))
			return true;
	return false;
}

/* Made to be passed on. */
static bool is_public(struct span path)
{
	return span_contains(path, SPAN("bridgeline")) ||
	       span_contains(path, SPAN("fingerprint")) ||
	       span_contains(path, SPAN(".pub"));
}

/* Why a file of that mode and content is too open, or NULL. */
static const char *too_open(const struct view *v, const struct event *file,
			    const struct event *dir)
{
	bool readable = file->content.mode & 044;

	if (file->content.mode & 022)
		return "may be changed by others";
	if (readable && holds_secret(v, file->content.bytes))
		return "holds a secret and may be read by others";
	if (readable && file->content.size > 0 && dir &&
	    (dir->file.mode & 011) && !is_public(file->content.path))
		return "may be read by others, in a directory that lets "
		       "them in";
	return NULL;
}

static bool made_directory(const struct view *v, struct span dir)
{
	const struct event *ev = touch_inside(v, dir);

	return ev && span_eqs(ev->touch.op, "mkdir") &&
	       span_eq(ev->touch.path, dir);
}

REQ(st_perm_1) = {
	.id = "ST-PERM-1",
	.area = AREA_STATE,
	.level = L_IMPLIED,
	.section = "5",
	.role = "state",
	.classes = "fs",
	.dflt = V_WARN,
	.title = "Secrets in state are not readable by others.",
	.traps = "Public descriptors (bridge lines) may be readable, and "
		 "anything without a known secret where the directory keeps "
		 "others out; WARN only.",
	.needs = LAUNCHED,
	.judge = st_perm_1,
};

static void st_perm_1(struct judge *j)
{
	const struct event *dir, *file = NULL;
	struct location l;

	location_of(j, &l);
	if (l.kind != LOC_VARIABLE || !j->v->complete)
		return;
	dir = directory(j->v, l.dir);
	for_events (ev, j->v) {
		const char *why;

		if (ev->kind != EV_CONTENT ||
		    !span_eqs(ev->content.at, "end") ||
		    !path_is_below(ev->content.path, l.dir))
			continue;
		file = ev;
		why = too_open(j->v, ev, dir);
		if (why)
			j_broken(j, ev->n, "state for its owner only",
				 "\"%s\" of mode %04o %s",
				 j_show(j, ev->content.path),
				 (unsigned)ev->content.mode, why);
	}
	if (dir && made_directory(j->v, l.dir) && (dir->file.mode & 077))
		j_broken(j, dir->n, "a state directory of mode 0700",
			 "mode %04o", (unsigned)dir->file.mode);
	if (file || dir)
		j_pass(j, file ? file->n : dir->n);
}
