"""What is behind a handshake is seen: the faults that show in sessions only
(session-*) are found in a transport that shakes hands, with the options that
users have."""
import concurrent.futures
import json
import subprocess

import pytest

from conftest import LIMIT, PTCHECK, PTREF, ROOT, is_hindered
from test_faults import SIDE_BY_SIDE, briefly, faults, requirements, spec_of

FAULTS = [f for f in faults() if f["name"].startswith("session-")]


@pytest.fixture(scope="module")
def target(tmp_path_factory):
    """ptref with veil alone."""
    known = json.loads((ROOT / "cases/targets/ptref.json").read_text())
    del known["transports"]["ident"]
    path = tmp_path_factory.mktemp("target") / "veil.json"
    path.write_text(json.dumps(known))
    return path


def judge(target, spec, ids, *args):
    done = subprocess.run(
        [PTCHECK, "run", "--report", "json", "--spec", spec, "--target",
         target, "--select", ",".join(sorted(ids)), "--", PTREF, *args],
        stdout=subprocess.PIPE, timeout=LIMIT, check=False)
    assert done.returncode in (0, 1), done.returncode
    return briefly(done.stdout)


@pytest.fixture(scope="module")
def runs(target):
    """Runs with each fault, side by side: {name: rows}."""
    known = requirements()
    with concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        found = {f["name"]: pool.submit(judge, target, spec_of(f, known),
                                        f["must"], "--fault", f["name"])
                 for f in FAULTS}
        found[None] = pool.submit(judge, target, "2.0",
                                  {i for f in FAULTS for i in f["must"]})
        return {name: run.result() for name, run in found.items()}


def test_it_is_clean_without_a_fault(runs):
    assert {i: row["verdict"] for i, row in runs[None].items()
            if row["verdict"] != "pass"} == {}


def unseen(rows, ids):
    """The rows of `ids` that tell nothing."""
    return {i: rows[i] for i in ids
            if rows[i]["verdict"] not in ("fail", "warn", "info")}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f["name"])
def test_a_fault_behind_the_handshake(fault, runs, target):
    missed = unseen(runs[fault["name"]], fault["must"])
    if missed and all(is_hindered(row) for row in missed.values()):
        # Beside all the others a machine can be too busy to tell.
        missed = unseen(judge(target, spec_of(fault, requirements()),
                              missed, "--fault", fault["name"]), missed)
        if missed and all(is_hindered(row) for row in missed.values()):
            pytest.skip(f"the machine is too busy: {missed}")
    assert not missed, fault["what"]
