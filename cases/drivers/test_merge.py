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
