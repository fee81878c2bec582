"""Reports from a result that is kept: every format, two of them compared, and
what is refused."""
import json
import re
import xml.etree.ElementTree as ET

import jsonschema
import pytest

from conftest import FEW, PTREF, QUICK, ROOT, one_complaint, ptcheck, run

SAMPLES = ROOT / "reports/samples"


@pytest.fixture(scope="module")
def evidence(tmp_path_factory):
    """A short run, its evidence and what it said itself."""
    out = tmp_path_factory.mktemp("reports") / "evidence"
    p = run(*FEW, "--out", out)
    assert p.returncode == 0, p.stderr
    return out, p.stdout


def formats():
    """As --help lists them."""
    text = ptcheck("report", "--help").stdout.split("Formats of reports:")[1]
    return re.findall(r"^  (\w+) ", text, re.M)


def test_report_says_what_the_run_said(evidence):
    out, said = evidence
    p = ptcheck("report", out)
    assert (p.returncode, p.stderr, p.stdout) == (0, "", said)


def test_all_formats_at_once(evidence, tmp_path):
    out, _ = evidence
    words = [w for f in formats() for w in ("--report", f"{f}={tmp_path / f}")]
    p = ptcheck("report", "--quiet", *words, out)
    assert (p.returncode, p.stdout, p.stderr) == (0, "", "")
    again = ptcheck("judge", "--quiet", *[w + "2" if "=" in w else w
                                          for w in words], out)
    assert again.returncode == 0
    for name in formats():
        one, two = tmp_path / name, tmp_path / f"{name}2"
        assert one.read_bytes(), name
        assert one.read_bytes() == two.read_bytes(), name
    assert ((tmp_path / "json").read_bytes() ==
            (out / "report.json").read_bytes())


def test_a_file_will_do(tmp_path):
    path = tmp_path / "mine.json"
    path.write_bytes((SAMPLES / "report.json").read_bytes())
    p = ptcheck("report", "--report", "json", path)
    assert (p.returncode, p.stdout) == (0, path.read_text())


def test_a_failing_result_is_no_failing_report():
    p = ptcheck("report", SAMPLES / "report.json")
    assert p.returncode == 0
    assert "Does not conform" in p.stdout


@pytest.mark.parametrize("change,complaint", [
    (lambda r: r.pop("summary") and r.pop("target"), "/target: is missing"),
    (lambda r: r["requirements"][0].update(verdict="fine"),
     '/requirements/0/verdict: "fine" is no word'),
    (lambda r: r.update(notes="x"), "/notes: is no array"),
    (lambda r: r.update(schema=7), "/schema: is not 1")])
def test_bad_results_are_refused(tmp_path, change, complaint):
    report = json.loads((SAMPLES / "report.json").read_text())
    change(report)
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(report))
    one_complaint(ptcheck("report", path), 2, f"{path}: {complaint}")


def test_what_is_no_result_is_refused(tmp_path):
    one_complaint(ptcheck("report", tmp_path / "no"), 2, "No such file")
    one_complaint(ptcheck("report", tmp_path), 2, tmp_path / "report.json")
    one_complaint(ptcheck("report"), 2, "no directory")
    one_complaint(ptcheck("report", "a", "b"), 2, "--report html")
    one_complaint(ptcheck("report", "--filter", "udp", "a", "b"), 2, "one")
    one_complaint(ptcheck("report", "--report", "wat", tmp_path), 2, "wat")


# --- diff ------------------------------------------------------------------------

def kinds_of(was, is_):
    """What diff has to say of each requirement, by its definition."""
    def state(row):
        if row is None or row["verdict"] in ("na", "untested",
                                             "inconclusive"):
            return None
        if row["baseline"] is not None or row["verdict"] in ("pass", "info"):
            return 0
        return {"warn": 1, "fail": 2}[row["verdict"]]

    rows = [{r["id"]: r for r in side["requirements"]} for side in (was, is_)]
    for rid in rows[0] | rows[1]:
        a, b = (state(side.get(rid)) for side in rows)
        if a != b:
            yield rid, ("kept" if b == 0 else "new") if a is None else (
                "open" if a == 0 else "gone") if b is None else (
                "worse" if b > a else "better")


VERDICTS = ("pass", "info", "warn", "fail", "na", "untested", "inconclusive")


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """Two results in which every verdict becomes every other, and some come
    and go."""
    tmp = tmp_path_factory.mktemp("pair")
    base = json.loads((SAMPLES / "report.json").read_text())
    row = base["requirements"][0]
    sides = ([], [])
    for i, a in enumerate((*VERDICTS, None)):
        for k, b in enumerate((*VERDICTS, None)):
            for side, verdict in zip(sides, (a, b)):
                if verdict:
                    side.append(row | {
                        "id": f"T-{i}-{k}", "verdict": verdict,
                        "reason": f"why {verdict} \x1b[31m",
                        "baseline": None})
    sides[1].append(row | {"id": "T-BASE", "verdict": "fail",
                           "baseline": "known"})
    paths = tmp / "was.json", tmp / "is.json"
    for path, side in zip(paths, sides):
        path.write_text(json.dumps(base | {"requirements": side}))
    return paths


def test_diff_by_its_definition(pair):
    p = ptcheck("diff", "--json", *pair)
    assert p.returncode == 1
    got = json.loads(p.stdout)
    wanted = dict(kinds_of(*(json.loads(f.read_text()) for f in pair)))
    assert {c["id"]: c["kind"] for c in got["changes"]} == wanted
    for kind, count in got["summary"].items():
        assert list(wanted.values()).count(kind) == count > 0
    schema = json.loads((ROOT / "reports/diff.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(got)
    text = ptcheck("diff", *pair).stdout
    assert "\x1b" not in text
    for rid in wanted:
        assert re.search(rf"^{rid}  ", text, re.M)


@pytest.mark.parametrize("kind", ["worse", "new", "open", "better", "gone",
                                  "kept"])
def test_diff_fails_on_what_it_is_told(pair, tmp_path, kind):
    was, is_ = (json.loads(f.read_text()) for f in pair)
    wanted = dict(kinds_of(was, is_))
    only = [rid for rid, k in wanted.items() if k == kind][:1]
    for side, name in ((was, "was"), (is_, "is")):
        side["requirements"] = [r for r in side["requirements"]
                                if r["id"] in only]
        (tmp_path / name).write_text(json.dumps(side))
    files = tmp_path / "was", tmp_path / "is"
    assert ptcheck("diff", "--fail-on", kind, *files).returncode == 1
    assert ptcheck("diff", "--fail-on", "none", *files).returncode == 0
    others = {"worse", "new", "open", "better", "gone", "kept"} - {kind}
    assert ptcheck("diff", "--fail-on", ",".join(others),
                   *files).returncode == 0
    assert ptcheck("diff", *files).returncode == int(kind in ("worse", "new"))


def test_diff_of_the_same_is_nothing(evidence):
    out, _ = evidence
    p = ptcheck("diff", out, out / "report.json")
    assert p.returncode == 0
    assert p.stdout.endswith("\n0 worse, 0 new, 0 open, 0 better, 0 gone, "
                             "0 kept\n")


def test_diff_refuses(pair, tmp_path):
    one_complaint(ptcheck("diff", pair[0]), 2, "two")
    one_complaint(ptcheck("diff", *pair, pair[0]), 2, "two")
    one_complaint(ptcheck("diff", pair[0], tmp_path / "no"), 2, "No such file")
    one_complaint(ptcheck("diff", "--fail-on", "sad", *pair), 2, "sad")
    report = json.loads(pair[0].read_text())
    (tmp_path / "bad").write_text(json.dumps(report | {"trouble": "it"}))
    assert ptcheck("diff", pair[0], tmp_path / "bad").returncode == 4


# --- side by side ----------------------------------------------------------------

def test_matrix_has_every_verdict(pair):
    p = ptcheck("matrix", f"before={pair[0]}", pair[1])
    assert (p.returncode, p.stderr) == (0, "")
    page = ET.fromstring(p.stdout.removeprefix("<!DOCTYPE html>\n"))
    heads = [th.text for th in page.findall(".//thead/tr/th")]
    assert heads == ["before", str(pair[1])]
    sides = [{r["id"]: r["verdict"] for r in json.loads(
        f.read_text())["requirements"]} for f in pair]
    seen = {}
    for tr in page.iter("tr"):
        if tr.get("id"):
            seen[tr.get("id")] = [
                (td.get("class") or "c-").split(" ")[0][2:] or None
                for td in tr.findall("td")]
    assert seen == {rid: [side.get(rid) for side in sides]
                    for rid in sides[0] | sides[1]}
    assert len(list(page.iter("script"))) == 1


def test_a_large_matrix_is_no_large_page(tmp_path):
    """Ten transports and all requirements."""
    rows = json.loads(ptcheck("list", "--json").stdout)
    base = json.loads((SAMPLES / "report.json").read_text())
    row = base["requirements"][2]
    path = tmp_path / "all.json"
    path.write_text(json.dumps(base | {"requirements": [
        row | {key: r[key] for key in ("id", "level", "section", "area",
                                       "role", "title")} for r in rows]}))
    p = ptcheck("matrix", *(f"t{i}={path}" for i in range(10)))
    assert p.returncode == 0
    assert p.stdout.count("<abbr ") == 10 * len(rows)
    assert len(p.stdout) < 5_000_000
    (tmp_path / "page.html").write_text(p.stdout)


def test_report_of_several_is_the_matrix(pair, tmp_path):
    """The format from the name of the file; a '=' of a file stays its own."""
    page, again = tmp_path / "matrix.html", tmp_path / "again"
    odd = tmp_path / "a=b.json"
    odd.write_bytes(pair[1].read_bytes())
    words = f"before={pair[0]}", odd
    p = ptcheck("report", "--report", page, "--report", f"html={again}", *words)
    assert (p.returncode, p.stdout, p.stderr) == (0, "", "")
    assert page.read_text() == ptcheck("matrix", *words).stdout
    assert page.read_text() == again.read_text()
    heads = [th.text for th in ET.fromstring(page.read_text().removeprefix(
        "<!DOCTYPE html>\n")).findall(".//thead/tr/th")]
    assert heads == ["before", str(odd)]


def test_report_of_several_refuses(pair, tmp_path):
    for words in ([], ["--report", "junit"],
                  ["--report", "html=/dev/null", "--report", "json"]):
        one_complaint(ptcheck("report", *words, *pair), 2, "side by side")
    one_complaint(ptcheck("report", "--report", "html", pair[0],
                          tmp_path / "no"), 2, "No such file")


@pytest.mark.parametrize("ending,form", [
    ("json", "json"), ("xml", "junit"), ("tap", "tap"), ("sarif", "sarif"),
    ("md", "markdown"), ("svg", "badge"), ("html", "html"), ("txt", "text")])
def test_the_name_of_a_file_says_the_format(tmp_path, ending, form):
    path = tmp_path / f"a.b.{ending}"
    sample = SAMPLES / "report.json"
    p = ptcheck("report", "--quiet", "--report", path, sample)
    assert (p.returncode, p.stdout) == (0, "")
    assert path.read_text() == ptcheck("report", "--report", form,
                                       sample).stdout
    one_complaint(ptcheck("report", "--report", f"x{ending}", sample), 2,
                  f"x{ending}")


def test_matrix_refuses(tmp_path):
    one_complaint(ptcheck("matrix"), 2, "no directory")
    one_complaint(ptcheck("matrix", f"x={tmp_path / 'no'}"), 2, "No such file")


def test_beside_a_launch_that_kept_the_rule(tmp_path):
    """The variant of the same case, from the run and from what it left."""
    out = tmp_path / "evidence"
    p = run(*QUICK, "--spec", "2.0", "--select", "ENV-VER-2", "--out", out,
            "--report", "html", pt=(PTREF, "--fault", "version-first-only"))
    row, = json.loads((out / "report.json").read_text())["requirements"]
    assert (p.returncode, row["verdict"]) == (1, "fail"), p.stderr
    broke, kept = row["evidence"][0], row["kept"]
    assert broke["launch"] != kept["launch"]
    assert broke["launch"].split("/")[0] == kept["launch"].split("/")[0]
    assert (out / kept["trace"]).exists()
    assert len(re.findall(r"<svg ", p.stdout)) == 2
    assert [kept["launch"] in figure for figure in re.findall(
        r"<figure .*?</figure>", p.stdout, re.S)] == [False, True]
    for command in "report", "judge":
        again = ptcheck(command, "--report", "html", out)
        assert again.stdout == p.stdout, command
