"""Evidence: kept, complete, judged again to the same bytes, and not believed
when it is broken."""
import json
import os
import pty
import re
import select
import shutil
import subprocess

import jsonschema
import pytest

from conftest import (FEW, LIMIT, PTCHECK, PTREF, QUICK, ROOT, one_complaint,
                      ptcheck, run)

SCHEMA = json.loads((ROOT / "reports/report.schema.json").read_text())


@pytest.fixture(name="kept", scope="module")
def kept_run(tmp_path_factory):
    """Evidence of a run with findings of each kind: (directory, report)."""
    out = tmp_path_factory.mktemp("kept") / "out"
    p = run(*QUICK, "--out", out, "--report", "json",
            pt=(PTREF, "--fault", "version-per-match"))
    assert p.returncode == 1, p.stderr
    return out, p.stdout


@pytest.fixture(name="copy")
def copy_of_evidence(kept, tmp_path):
    """Evidence to be spoilt."""
    copy = tmp_path / "copy"
    shutil.copytree(kept[0], copy)
    return copy


def events():
    """kind -> keys, as harness/trace/event_kinds.h declares them."""
    text = (ROOT / "harness/trace/event_kinds.h").read_text()
    table = {}
    for kind in re.split(r"^EVENT_KIND\(", text, flags=re.MULTILINE)[1:]:
        name = re.match(r'\w+, \w+, "([^"]*)"', kind)[1]
        keys = re.findall(r'^\tF_[A-Z]+\(\w+, "([^"]*)"', kind, re.MULTILINE)
        table[name] = {"n", "t", "k", *keys}
    return table


def without_timing(text):
    """The bytes of a report up to its timing, which is the last key."""
    head, _, tail = text.partition('\n  "timing": {')
    assert tail.endswith("\n  }\n}\n"), tail
    return head


# --- what is kept ---

def test_report_fits_the_schema(kept):
    validator = jsonschema.Draft202012Validator(SCHEMA)
    validator.validate(json.loads(kept[1]))
    validator.validate(json.loads((kept[0] / "report.json").read_text()))


def test_directory_holds_the_report_that_was_printed(kept):
    assert (kept[0] / "report.json").read_text() == kept[1]


def test_traces_are_complete(kept):
    out, _ = kept
    table = events()
    assert len(table) > 20
    record = json.loads((out / "run.json").read_text())
    files = {launch["file"] for launch in record["launches"]}
    assert files == {f"traces/{p.name}"
                     for p in (out / "traces").glob("*.jsonl")}
    # And what went over the wires of each.
    assert {p.stem for p in (out / "traces").glob("*.pcap")} == \
        {p.stem for p in (out / "traces").glob("*.jsonl")}
    kinds = set()
    for launch in record["launches"]:
        head, *rest = [json.loads(line) for line in
                       (out / launch["file"]).read_text().splitlines()]
        assert head["trace"] == 1
        assert launch["id"] == head["id"]
        for number, event in enumerate(rest, 1):
            assert event["n"] == number
            assert set(event) == table[event["k"]], event
            kinds.add(event["k"])
        times = [event["t"] for event in rest]
        assert times == sorted(times)
        assert rest[-1]["k"] == "end" and rest[-1]["how"] == "complete"
    assert {"spawn", "out", "eof", "exit", "close", "snapshot"} <= kinds


def test_evidence_points_at_events(kept):
    out, text = kept
    seen = 0
    for row in json.loads(text)["requirements"]:
        for piece in row["evidence"]:
            lines = (out / piece["trace"]).read_text().splitlines()
            assert json.loads(lines[0])["id"] == piece["launch"]
            for number in piece["events"]:
                assert 1 <= number < len(lines)
                seen += 1
    assert seen > 50


# --- judged again ---

def test_judge_gives_the_same_bytes(kept):
    out, text = kept
    p = ptcheck("judge", out, "--report", "json")
    assert (p.returncode, p.stderr) == (1, "")
    assert without_timing(p.stdout) == without_timing(text)


@pytest.mark.parametrize("form", ["junit", "tap", "html"])
def test_judge_gives_the_same_reports(kept, tmp_path, form):
    """No other format names times at all."""
    out, _ = kept
    first = ptcheck("judge", out, "--report", form)
    again = ptcheck("judge", out, "--report", f"{form}=again", cwd=tmp_path)
    assert (first.returncode, again.returncode) == (1, 1)
    assert (tmp_path / "again").read_text() == first.stdout


def test_judge_needs_no_transport(tmp_path):
    pt = tmp_path / "ptref"
    shutil.copy(PTREF, pt)
    p = run(*FEW, "--out", tmp_path / "out", "--report", "json", pt=(pt,))
    pt.unlink()
    again = ptcheck("judge", tmp_path / "out", "--report", "json")
    assert without_timing(again.stdout) == without_timing(p.stdout)


def test_judge_with_a_narrower_selection(kept):
    p = ptcheck("judge", kept[0], "--select", "ENV-VER-*", "--strict",
                "--report", "json")
    assert p.returncode == 1
    rows = json.loads(p.stdout)["requirements"]
    assert rows and all(r["id"].startswith("ENV-VER-") for r in rows)


def test_judge_without_sandbox(tmp_path):
    """What could not be seen stays unseen."""
    out = tmp_path / "out"
    p = run(*FEW, "--no-sandbox", "--out", out, "--report", "json")
    again = ptcheck("judge", out, "--report", "json")
    assert without_timing(again.stdout) == without_timing(p.stdout)


# --- broken evidence ---

def first_trace(copy):
    """A trace that is long enough to be spoilt."""
    return max((copy / "traces").glob("*.jsonl"), key=lambda p: p.stat().st_size)


@pytest.mark.parametrize("spoil, says", [
    (lambda t: t[:len(t) // 2], "line"),
    (lambda t: b"\n".join(t.split(b"\n")[:3]) + b"\n", "cut off"),
    (lambda t: b"", "no trace head"),
    (lambda t: t.replace(b'"k":"end"', b'"k":"finis"'), "line"),
    (lambda t: t.split(b"\n", 1)[1], "line 1"),
    (lambda t: t.replace(b'"n":2,', b'"n":3,'), "line 3"),
    (lambda t: b"\x00\xff" + t, "line 1"),
    (lambda t: t.replace(b'"trace":1', b'"trace":2'), "line 1"),
], ids=["cut", "cut-clean", "empty", "kind", "headless", "number", "bytes",
        "format"])
def test_broken_trace(copy, spoil, says):
    trace = first_trace(copy)
    before = trace.read_bytes()
    trace.write_bytes(spoil(before))
    assert trace.read_bytes() != before
    one_complaint(ptcheck("judge", copy), 2, trace, says)


def test_missing_trace(copy):
    trace = first_trace(copy)
    trace.unlink()
    one_complaint(ptcheck("judge", copy), 2, trace, "No such file")


@pytest.mark.parametrize("spoil, says", [
    (lambda r: r.clear(), "/run"),
    (lambda r: r.update(run=2), "/run"),
    (lambda r: r.update(spec="3.0"), "/spec"),
    (lambda r: r.update(argv="x"), "/argv"),
    (lambda r: r.update(launches=[{}]), "/launches"),
    (lambda r: r["launches"][0].update(file="../../etc/passwd"), "/launches"),
    (lambda r: r["launches"][0].update(file="/etc/passwd"), "/launches"),
    (lambda r: r["options"].update({"no.such": "x"}), "no.such"),
    (lambda r: r.update(select=[1]), "/select"),
], ids=lambda f: f if isinstance(f, str) else "")
def test_broken_record(copy, spoil, says):
    record = json.loads((copy / "run.json").read_text())
    spoil(record)
    (copy / "run.json").write_text(json.dumps(record))
    one_complaint(ptcheck("judge", copy), 2, copy / "run.json", says)


def test_record_that_is_no_json(copy):
    (copy / "run.json").write_text("{\n oops")
    one_complaint(ptcheck("judge", copy), 2, f"{copy}/run.json:2:")


def test_no_evidence(tmp_path):
    one_complaint(ptcheck("judge", tmp_path), 2, tmp_path / "run.json",
                  "No such file")
    one_complaint(ptcheck("judge", tmp_path / "none"), 2, tmp_path / "none")


# --- the directory ---

def test_out_spares_a_foreign_directory(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    (tmp_path / "traces").mkdir()
    (tmp_path / "traces/001.jsonl").write_text("mine")
    (tmp_path / "report.json").write_text("mine, too")
    one_complaint(run(*FEW, "--out", tmp_path), 2, tmp_path, "thesis.tex")
    assert (tmp_path / "thesis.tex").read_text() == "years of work"
    assert (tmp_path / "traces/001.jsonl").read_text() == "mine"
    assert (tmp_path / "report.json").read_text() == "mine, too"


def test_out_spares_files_among_the_traces(tmp_path):
    (tmp_path / "traces").mkdir()
    (tmp_path / "traces/notes.txt").write_text("mine")
    run(*FEW, "--out", tmp_path)
    assert (tmp_path / "traces/notes.txt").read_text() == "mine"


def test_out_is_no_directory(tmp_path):
    (tmp_path / "file").write_text("mine")
    one_complaint(run(*FEW, "--out", tmp_path / "file"), 2, tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine"
    one_complaint(run(*FEW, "--out", tmp_path / "no/where"), 2,
                  tmp_path / "no/where")


def test_out_replaces_an_earlier_run(tmp_path):
    run(*QUICK, "--select", "version,cmethod", "--out", tmp_path)
    before = len(list((tmp_path / "traces").glob("*.jsonl")))
    run(*QUICK, "--select", "ENV-VER-1", "--out", tmp_path)
    record = json.loads((tmp_path / "run.json").read_text())
    after = list((tmp_path / "traces").glob("*.jsonl"))
    assert len(list((tmp_path / "traces").iterdir())) == 2 * len(after)
    assert len(after) == len(record["launches"]) < before
    assert ptcheck("judge", tmp_path).returncode == 0


# --- the terminal ---

def at_terminal(env=None):
    """Run with a terminal for stdout and stderr: all that it shows."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
            [PTCHECK, "run", *FEW, "--", PTREF, "--fault",
             "version-per-match"], stdin=subprocess.DEVNULL, stdout=theirs,
            stderr=theirs, env={**os.environ, **(env or {})}) as p:
        os.close(theirs)
        shown = b""
        poll = select.poll()
        poll.register(ours, select.POLLIN)
        while poll.poll(LIMIT * 1000):
            try:
                chunk = os.read(ours, 65536)
            except OSError:  # EIO: nobody has it open any more
                break
            if not chunk:
                break
            shown += chunk
        assert p.wait(LIMIT) == 1
    os.close(ours)
    return shown.decode()


COLOUR = re.compile("\x1b\\[[0-9;]*m")


def plain_env():
    """Without what decides on colour."""
    return {"NO_COLOR": "", "TERM": "xterm"}


def test_no_progress_and_no_colour_in_a_pipe():
    p = run(*FEW, env={**os.environ, **plain_env()})
    assert p.stderr == ""
    assert "\x1b" not in p.stdout and "\r" not in p.stdout


def test_progress_and_colour_at_a_terminal():
    shown = at_terminal(plain_env())
    assert re.search(r"\r\w+: \d+ of \d+ launches", shown)
    assert COLOUR.search(shown)


def test_no_color():
    shown = at_terminal({"NO_COLOR": "1", "TERM": "xterm"})
    assert not COLOUR.search(shown)
    assert re.search(r"\r\w+: \d+ of \d+ launches", shown)


def test_quiet_says_nothing():
    p = run(*FEW, "--quiet")
    assert (p.returncode, p.stdout, p.stderr) == (0, "", "")
