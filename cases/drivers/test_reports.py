"""Reports from a result that is kept: every format, and what is refused."""
import json
import re

import pytest

from conftest import FEW, ROOT, one_complaint, ptcheck, run

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
     "/requirements/0/verdict: "),
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
    one_complaint(ptcheck("report", "a", "b"), 2, "one")
    one_complaint(ptcheck("report", "--report", "wat", tmp_path), 2, "wat")
