"""Shards of a run, put together, are the whole run."""
import json
import re

import pytest

from conftest import PTREF, QUICK, one_complaint, ptcheck, run

FAULTY = (PTREF, "--fault", "cmethod-error-unknown")
# Little, and something is found in it.
SOME = (*QUICK, "--spec", "2.0", "--select", "CM-UNK-1,ENV-VER-*,MSG-VER-1")
SHARDS = 2


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    """The whole run, and its shards."""
    tmp = tmp_path_factory.mktemp("merge")
    whole, shards = tmp / "whole", []
    assert run(*SOME, "--out", whole, pt=FAULTY).returncode == 1
    for i in range(1, SHARDS + 1):
        shards.append(tmp / f"shard{i}")
        p = run(*SOME, "--shard", f"{i}/{SHARDS}", "--out", shards[-1],
                pt=FAULTY)
        assert p.returncode in (0, 1, 3), p.stderr
    return whole, shards


def untimed(path):
    """Without what differs between any two runs: times, ports that the system
    gave, and how many events there are before one."""
    text = json.loads(path.read_text())
    text.pop("timing")
    for row in text.get("requirements", ()):
        for piece in row["evidence"]:
            del piece["events"], piece["shown"]
    return re.sub(r"127\.0\.0\.1:\d+", "PORT", json.dumps(text, indent=1))


def test_merged_is_the_whole(parts, tmp_path):
    whole, shards = parts
    out = tmp_path / "out"
    p = ptcheck("merge", "--out", out, *reversed(shards))
    assert (p.returncode, p.stderr) == (1, "")
    for name in ("run.json", "report.json"):
        assert untimed(out / name) == untimed(whole / name), name
    names = [sorted(f.name for f in (d / "traces").iterdir())
             for d in (out, whole)]
    assert names[0] == names[1]
    assert ptcheck("judge", out).stdout == p.stdout
    for launch in json.loads((out / "run.json").read_text())["launches"]:
        head = (out / launch["file"]).read_text().split("\n")[0]
        assert json.loads(head)["id"] == launch["id"]


def cut(whole, shards, tmp):
    """The evidence of a whole run as its shards would have left it."""
    record = json.loads((whole / "run.json").read_text())
    common = ("probe.", "control")
    planned = [x["id"] for x in record["launches"]
               if not x["id"].startswith(common)]
    for i, made in enumerate(shards):
        there = tmp / f"cut{i}"
        (there / "traces").mkdir(parents=True)
        launches = []
        for x in record["launches"]:
            if x["id"] in planned and planned.index(x["id"]) % SHARDS != i:
                continue
            name = f"traces/{len(launches) + 1:03}"
            for end in ".jsonl", ".pcap":
                there.joinpath(name + end).write_bytes(
                    (whole / x["file"]).with_suffix(end).read_bytes())
            launches.append(x | {"file": name + ".jsonl"})
        (there / "run.json").write_text(json.dumps(record | {
            "launches": launches,
            "shard": json.loads((made / "run.json").read_text())["shard"]}))
        yield there


def test_the_same_evidence_gives_the_same_bytes(parts, tmp_path):
    """All but the times that are added up: nothing is lost or renumbered."""
    whole, shards = parts
    out = tmp_path / "out"
    p = ptcheck("merge", "--out", out, *cut(whole, shards, tmp_path))
    assert (p.returncode, p.stderr) == (1, "")
    for path in sorted((whole / "traces").iterdir()):
        assert (out / "traces" / path.name).read_bytes() == path.read_bytes()
    for name in "run.json", "report.json":
        a, b = (re.sub(r'(_s"|"launches"): *[0-9.]+', r"\1: 0",
                       (d / name).read_text()) for d in (out, whole))
        assert a == b, name


def test_merge_refuses(parts, tmp_path):
    whole, shards = parts
    out = tmp_path / "out"
    one_complaint(ptcheck("merge", "--out", out, shards[0]), 2, "2 shards")
    one_complaint(ptcheck("merge", "--out", out, shards[0], shards[0]), 2,
                  "shard 1")
    one_complaint(ptcheck("merge", "--out", out, whole), 2, "no shard")
    one_complaint(ptcheck("merge", "--out", out, tmp_path), 2, "No such file")
    one_complaint(ptcheck("merge", *shards), 2, "--out")
    one_complaint(ptcheck("merge", "--out", out), 2, "no directory")
    other = tmp_path / "other"
    other.mkdir()
    record = json.loads((shards[1] / "run.json").read_text())
    (other / "run.json").write_text(json.dumps(record | {"spec": "1.0"}))
    one_complaint(ptcheck("merge", "--out", out, shards[0], other), 2,
                  '"spec"')
    assert not out.exists()
