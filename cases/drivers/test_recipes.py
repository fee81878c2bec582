"""The recipes of docs/architecture.md, carried out on a copy of the tree: a
requirement in four files, a step in three, a report format in two."""
import json
import os
import pathlib
import shutil
import subprocess

import pytest

from conftest import LIMIT, PTCHECK, ROOT, ptcheck

BUILD = pathlib.Path(PTCHECK).parent

# --- "after SIGHUP a server keeps its listeners" -------------------------------

JUDGE = r'''/* hangup.c - what a hang-up does to a server. */
#include "harness/req/core/judges.h"
#include "harness/req/launch/setup.h"

REQ(sd_hup_1) = {
	.id = "SD-HUP-1",
	.area = AREA_SHUTDOWN,
	.level = L_IMPLIED,
	.section = "3.3.3",
	.role = "pt-server",
	.classes = "proc",
	.dflt = V_FAIL,
	.title = "After SIGHUP a server keeps its listeners.",
	.needs = OF_SERVER | LEGAL,
	.judge = sd_hup_1,
};

static void sd_hup_1(struct judge *j)
{
	const struct event *snap =
		view_event(j->v, EV_SNAPSHOT, "hung-up", 1);

	if (!snap || !view_signal_sent(j->v, "HUP"))
		return;
	for_methods (m, j->v) {
		if (socket_for(j->v, snap, &m->m.addr))
			j_pass(j, snap->n);
		else
			j_broken(j, snap->n, "a listener behind SIGHUP",
				 "none for \"%s\"", j_show(j, m->m.name));
	}
}
'''

CASE = {
    "schema": 1,
    "cases": [{
        "id": "hangup.server",
        "title": "a hang-up, and what listens behind it",
        "aims": ["SD-HUP-1"],
        "roles": ["server"],
        "steps": [
            {"do": "start"},
            {"do": "expect", "what": "answer"},
            {"do": "signal", "signal": "HUP"},
            {"do": "yawn", "what": "wide"},
            {"do": "window"},
            {"do": "snapshot", "of": "sockets", "as": "hung-up"},
            {"do": "close", "what": "stdin"},
            {"do": "wait"},
        ],
    }],
}

STORIES = '''	{ { "listeners behind a hang-up",
	    "server",
	    { START, OUT(S_TALK), MET, STEP("signal"), SIGNAL("pt", "HUP"),
	      SOCKET("hung-up", "tcp", "127.0.0.1:21000"),
	      SNAP("hung-up", "sockets", 1), WENT } },
	  "SD-HUP-1",
	  "" },
	{ { "none behind a hang-up",
	    "server",
	    { START, OUT(S_TALK), MET, STEP("signal"), SIGNAL("pt", "HUP"),
	      SNAP("hung-up", "sockets", 0), WENT } },
	  "",
	  "SD-HUP-1=fail" },
'''

FAULT = r'''
FAULT(HANGUP_DEAF, "hangup-deaf", "a server closes its listeners at SIGHUP",
      "SD-HUP-1", "");
static void on_hangup(int signo)
{
	int on;
	socklen_t len = sizeof(on);

	(void)signo;
	for (int fd = 3; fd < 100; fd++)
		if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &len) == 0 &&
		    on)
			close(fd);
}
'''


def edit(path, *changes):
    text = path.read_text()
    for old, new in changes:
        assert text.count(old) == 1, f"{path}: {old!r}"
        text = text.replace(old, new)
    path.write_text(text)


def add_requirement(tree):
    (tree / "harness/req/end/hangup.c").write_text(JUDGE)
    (tree / "cases/hangup.json").write_text(json.dumps(CASE))
    path = tree / "harness/req/tests/rows_serve.inc"
    path.write_text(path.read_text() + STORIES)
    edit(tree / "fake-transports/ipc/signals.c",
         ("#include <unistd.h>\n", "#include <sys/socket.h>\n"
                                   "#include <unistd.h>\n"),
         ("\nstatic void handle(", FAULT + "\nstatic void handle("),
         ("handle(SIGHUP, SIG_IGN)",
          "handle(SIGHUP, fault_is(F_HANGUP_DEAF) ? on_hangup : SIG_IGN)"))


# --- a step that does nothing but tell -----------------------------------------

def add_step(tree):
    """The case above is its third file."""
    edit(tree / "harness/case/format/step_kinds.h",
         ("#define EXPECT_FIELDS(F)",
          "#define YAWN_FIELDS(F) F(TEXT, what, \"what\", \"how\")\n\n"
          "#define EXPECT_FIELDS(F)"),
         ("\tX(SEND, send,", "\tX(YAWN, yawn, ANYTIME, YAWN_FIELDS, "
                             "\"Yawn.\") \\\n\tX(SEND, send,"))
    path = tree / "harness/worker/waits.c"
    path.write_text(path.read_text() + '''
static void yawn_begin(void *part, const struct step *st)
{
	struct task *t = part;

	rec(t, skipped, .reason = st->yawn.what);
}

const struct step_ops step_yawn_ops = {
	.part = PART_TASK,
	.begin = yawn_begin,
};
''')


# --- a format that counts ------------------------------------------------------

def add_format(tree):
    (tree / "harness/report/formats/report_count.c").write_text('''
/* report_count.c - how many requirements there are. */
#include "harness/report/writers.h"

void report_count(const struct result *r, struct buf *out)
{
	buf_addf(out, "%zu requirements\\n", r->nrows);
}
''')
    edit(tree / "harness/report/writers.h",
         ("\tX(junit,",
          "\tX(count, \"how many\", NULL) \\\n\tX(junit,"))


# --- trying them ---------------------------------------------------------------

def copy_tree(to):
    """What git knows or would know, with its times, so that what was built
    need not be built again."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others",
         "--exclude-standard"], cwd=ROOT, check=True,
        stdout=subprocess.PIPE).stdout.decode().split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)
    for part in ("obj", "gen"):
        if (BUILD / part).is_dir():
            shutil.copytree(BUILD / part, to / "build" / part)
    return to


def snapshot(tree):
    return {p: p.read_bytes() for p in tree.rglob("*")
            if p.is_file() and tree / "build" not in p.parents}


def touched(before, tree):
    return sorted(str(p.relative_to(tree)) for p, text in
                  snapshot(tree).items() if before.get(p) != text)


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """The tree with all of them; `files`: what each took."""
    tree = copy_tree(tmp_path_factory.mktemp("recipes") / "tree")
    files = {}
    for add in (add_requirement, add_step, add_format):
        before = snapshot(tree)
        add(tree)
        files[add.__name__] = touched(before, tree)
    p = subprocess.run(
        ["make", "-j2", "WERROR=1", "all", "build/tests/test_judges"],
        cwd=tree, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=4 * LIMIT, check=False)
    assert p.returncode == 0, p.stdout[-3000:]
    return tree, files


def program(tree, *args):
    return ptcheck(*args, program=str(tree / "build/ptcheck"))


def test_few_files(tree):
    files = tree[1]
    assert len(files["add_requirement"]) == 4, files
    # and the case that uses it, which is counted above
    assert len(files["add_step"]) == 2, files
    assert len(files["add_format"]) == 2, files


def judged(tree, *fault):
    p = program(tree, "run", "--select", "SD-HUP-1", "--report", "json",
                "--", tree / "build/ptref", *fault)
    (row,) = json.loads(p.stdout)["requirements"]
    return row["verdict"], p.returncode


def test_requirement_trips(tree):
    assert judged(tree[0]) == ("pass", 0)
    assert judged(tree[0], "--fault", "hangup-deaf") == ("fail", 1)


def test_explain_knows_it(tree):
    p = program(tree[0], "explain", "SD-HUP-1")
    assert p.returncode == 0
    assert "hangup.server" in p.stdout
    assert "hangup-deaf" in p.stdout


def test_stories_hold(tree):
    p = subprocess.run([tree[0] / "build/tests/test_judges"],
                       stdout=subprocess.PIPE, text=True, check=False,
                       timeout=4 * LIMIT, env={**os.environ,
                                               "CK_FORK": "no"})
    assert p.returncode == 0, p.stdout[-2000:]


def test_step_is_done(tree):
    out = tree[0] / "evidence"
    program(tree[0], "run", "--select", "SD-HUP-1", "--out", out,
            "--", tree[0] / "build/ptref")
    traces = [t.read_text() for t in (out / "traces").glob("*.jsonl")]
    (trace,) = [t for t in traces if "hangup.server" in t.split("\n")[0]]
    assert '"kind":"yawn"' in trace
    assert '"reason":"wide"' in trace


def test_format_is_written(tree):
    p = program(tree[0], "run", "--select", "SD-HUP-1", "--report", "count",
                "--", tree[0] / "build/ptref")
    assert p.stdout == "1 requirements\n"
    assert "count" in program(tree[0], "run", "--help").stdout
