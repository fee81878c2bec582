"""The benchmark measures, and says when it is too much."""
import json
import subprocess

import pytest

from conftest import LIMIT, PTCHECK, ROOT


@pytest.mark.parametrize("limit, status", [("0.01", 1), ("100", 0)])
def test_bench_of_the_sandbox(limit, status):
    p = subprocess.run(
        [ROOT / "bench/sandbox", "--rounds", "1", "--limit", limit, "--build",
         PTCHECK.rpartition("/")[0], "--role", "client", "--select",
         "version"], capture_output=True, text=True, timeout=2 * LIMIT,
        check=False)
    assert (p.returncode, p.stderr) == (status, "")
    last = json.loads(p.stdout.splitlines()[-1])
    assert last["launches"] > 20
    assert last["ratio"] == pytest.approx(last["with_s"] / last["without_s"],
                                          abs=0.01)
    # Two ways to count the same; the reports leave out what ptcheck does
    # after it has written them.
    assert 0.5 < last["with_s"] / last["kernel_with_s"] <= 1.1


def test_bench_without_programs(tmp_path):
    p = subprocess.run([ROOT / "bench/sandbox", "--build", tmp_path],
                       capture_output=True, text=True, timeout=LIMIT,
                       check=False)
    assert p.returncode != 0 and str(tmp_path) in p.stderr
