"""Baselines: written by a run, completed by hand, used, and out of date.

Whole runs, which alone may write one, with the cases of one subject."""
import json
import os
import pathlib
import shutil

import jsonschema
import pytest

from conftest import FEW, PTREF, one_complaint, ptcheck, report, run

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "reports/baseline.schema.json").read_text())
FAULTY = (PTREF, "--fault", "version-per-match")  # fails one, warns of one
SOME = ("--spec", "2.0", "--transport", "ident", "--option", "limits.window=1")


def validate(baseline):
    jsonschema.Draft202012Validator(SCHEMA).validate(baseline)


@pytest.fixture(scope="module", name="whole")
def whole_run(tmp_path_factory):
    """What makes a whole run short."""
    cases = tmp_path_factory.mktemp("whole") / "cases"
    cases.mkdir()
    for name in ("general", "version"):
        shutil.copy(ROOT / f"cases/{name}.json", cases)
    return (*SOME, "--cases", cases)


@pytest.fixture(scope="module", name="evidence")
def evidence_of_a_day(whole, tmp_path_factory):
    """The evidence of a faulty transport, and a baseline of it with reasons."""
    out = tmp_path_factory.mktemp("evidence") / "out"
    p = run(*whole, "--out", out, "--quiet", pt=FAULTY,
            env={**os.environ, "SOURCE_DATE_EPOCH": "1767225600"})
    assert p.returncode == 1, p.stderr
    p = ptcheck("judge", out, "--update-baseline")
    assert p.returncode == 0, p.stderr
    written = json.loads(p.stdout)
    for entry in written["expected"]:
        entry["reason"] = f"accepted: {entry['id']}"
    return out, written


def judge(evidence, tmp_path, baseline, *words):
    file = tmp_path / "known.json"
    file.write_text(json.dumps(baseline))
    return ptcheck("judge", evidence[0], "--baseline", file, "--strict",
                   "--report", "json", *words), file


def test_round(whole, tmp_path):
    """Written, completed by hand, used, out of date."""
    file = tmp_path / "baseline.json"
    p = run(*whole, "--baseline", file, "--update-baseline", pt=FAULTY)
    assert p.returncode == 0, p.stderr
    written = json.loads(file.read_text())
    validate(written)
    ids = {e["id"]: e["verdict"] for e in written["expected"]}
    assert ids["ENV-VER-7"] == "warn" and "fail" in ids.values()
    # A reason has to be given for each.
    one_complaint(run(*FEW, "--baseline", file, pt=FAULTY), 2, file,
                  "/expected/0/reason")
    for entry in written["expected"]:
        entry["reason"] = f"accepted: {entry['id']}"
    file.write_text(json.dumps(written))
    out = tmp_path / "out"
    p = run(*whole, "--baseline", file, "--strict", "--report", "json",
            "--out", out, pt=FAULTY)
    assert (p.returncode, p.stderr) == (0, "")
    rep = report(p)
    assert rep["baseline"] == {"expected": len(ids), "stale": 0}
    assert {row["id"] for row in rep["requirements"]
            if row["baseline"]} == set(ids)
    # Later reports know of it as well.
    assert json.loads((out / "report.json").read_text()) == rep
    # Reasons survive the next update; a better transport makes it stale.
    run(*whole, "--baseline", file, "--update-baseline", pt=FAULTY)
    assert json.loads(file.read_text()) == written
    p = run(*whole, "--baseline", file)
    assert p.returncode == 5
    assert p.stderr.count("\n") == len(ids)
    # What is not selected is not missed.
    assert run(*FEW[:-1], "CM-ADDR-1", "--baseline", file).returncode == 0


def test_another_verdict_is_news(tmp_path):
    file = tmp_path / "baseline.json"
    file.write_text(json.dumps({"baseline": 1, "expected": [
        {"id": "ENV-VER-7", "verdict": "warn", "reason": "known"}]}))
    assert run(*FEW, "--baseline", file, pt=FAULTY).returncode == 1


def test_printed_one_fits(evidence, tmp_path):
    validate(evidence[1])
    p, _ = judge(evidence, tmp_path, evidence[1])
    assert (p.returncode, p.stderr) == (0, "")
    p = ptcheck("judge", evidence[0], "--update-baseline", "--report", "json")
    one_complaint(p, 2, "--update-baseline", "standard output")


def test_launches_are_accepted_one_by_one(evidence, tmp_path):
    """By all of them it is accepted; by all but one it is not, and what is
    written then has that one."""
    first = evidence[1]["expected"][0]
    text = json.loads((evidence[0] / "report.json").read_text())
    (row,) = [r for r in text["requirements"] if r["id"] == first["id"]]
    one = row["evidence"][0]["launch"]
    entry = {**first, "launch": one, "link": "https://example.org/1"}
    rest = {"baseline": 1, "expected": [entry, *evidence[1]["expected"][1:]]}
    p, file = judge(evidence, tmp_path, rest)
    found = len([f for f in row["evidence"] if f["launch"] != one])
    assert p.returncode == (1 if found else 0), p.stderr
    assert p.stderr == ""
    p = ptcheck("judge", evidence[0], "--baseline", file, "--update-baseline",
                "--quiet")
    assert p.returncode == 0, p.stderr
    new = json.loads(file.read_text())["expected"]
    assert new[0] == entry
    assert sum(e["id"] == first["id"] and "launch" in e and
               e["launch"] != one for e in new) >= found


@pytest.mark.parametrize("more, says", [
    ({"launch": "nowhere@client"},
     '/launch: "nowhere@client" is no launch in which {id} is {verdict}'),
    ({"message": "no such words"},
     '/message: "no such words" is not what {id} says: '),
    ({"expires": "2025-12-31"},
     '/expires: "2025-12-31" is over, and {id} was accepted until then'),
])
def test_5(evidence, tmp_path, more, says):
    entry = {**evidence[1]["expected"][0], **more}
    baseline = {"baseline": 1,
                "expected": [entry, *evidence[1]["expected"][1:]]}
    validate(baseline)
    p, file = judge(evidence, tmp_path, baseline)
    assert p.returncode == 5
    assert p.stderr.startswith(f"{file}: /expected/0" + says.format(**entry))
    assert p.stderr.count("\n") == 1
    assert report(p)["baseline"]["stale"] == 1


@pytest.mark.parametrize("more", [
    {"launch": "*"}, {"profile": "2.0"}, {"expires": "2026-01-01"},
    {"link": "https://example.org/42"}, {"message": "saw"},
], ids=str)
def test_still_accepted(evidence, tmp_path, more):
    baseline = {"$schema": "baseline.schema.json", "baseline": 1,
                "expected": [{**e, **more} for e in evidence[1]["expected"]]}
    validate(baseline)
    p, _ = judge(evidence, tmp_path, baseline)
    assert (p.returncode, p.stderr) == (0, "")
    for row in report(p)["requirements"]:
        if row["baseline"] is not None:
            assert ("https://example.org/42" in row["baseline"]) == (
                "link" in more)


def test_the_day_is_that_of_the_run(evidence):
    for name in ("run", "report"):
        text = json.loads((evidence[0] / f"{name}.json").read_text())
        assert text["timing"]["date"] == "2026-01-01"


@pytest.mark.parametrize("value", ["", "soon", "-1"])
def test_2_no_day(value):
    p = run(*FEW, env={**os.environ, "SOURCE_DATE_EPOCH": value})
    one_complaint(p, 2, f'SOURCE_DATE_EPOCH: "{value}"')


@pytest.mark.parametrize("words", [
    ("--select", "version"), ("--skip", "version"), ("--role", "client"),
    ("--launch", "control*"), ("--shard", "1/2")], ids=lambda w: w[0])
def test_2_a_part_writes_none(tmp_path, words):
    """Before anything is launched, and nothing is touched."""
    file = tmp_path / "baseline.json"
    one_complaint(run(*words, "--baseline", file, "--update-baseline"), 2,
                  "--update-baseline", words[0])
    one_complaint(run(*words, "--update-baseline"), 2, words[0])
    assert not file.exists()


def test_2_nor_does_the_evidence_of_one(whole, tmp_path):
    shard = tmp_path / "shard"
    assert run(*whole, "--shard", "2/3", "--out", shard,
               "--quiet").returncode == 0
    one_complaint(ptcheck("judge", shard, "--update-baseline"), 2, "--shard")
    some = tmp_path / "some"
    assert run(*whole, "--launch", "version.*", "--out", some,
               "--quiet").returncode == 0
    one_complaint(ptcheck("judge", some, "--update-baseline"), 2, "--launch")


# The schema knows of these mistakes, and so does the program.
@pytest.mark.parametrize("key, value", [
    ("id", "no such"), ("verdict", "pass"), ("reason", ""), ("reason", 1),
    ("link", "ftp://x"), ("launch", ""), ("message", ""), ("profile", "3.0"),
    ("expires", "2026-13-01"), ("expires", "tomorrow"), ("surprise", 1),
])
def test_2_mistakes(evidence, tmp_path, key, value):
    good = {"id": "CM-UNK-1", "verdict": "fail", "reason": "r"}
    baseline = {"baseline": 1, "expected": [{**good, key: value}]}
    with pytest.raises(jsonschema.ValidationError):
        validate(baseline)
    p, file = judge(evidence, tmp_path, baseline)
    one_complaint(p, 2, file, "/expected/0")
