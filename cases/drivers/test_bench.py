"""The benchmarks measure, and say when it is too much."""
import json
import subprocess

import pytest

from conftest import LIMIT, PTCHECK, PTREF, ROOT


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


def tunnels(*args):
    return subprocess.run([ROOT / "bench/tunnels", "--quick", *args],
                          capture_output=True, text=True, timeout=2 * LIMIT,
                          check=False)


@pytest.mark.parametrize("limit, status", [("1000", 1), ("0.001", 0)])
def test_bench_of_tunnels(limit, status):
    p = tunnels("--limit", limit, "--build", PTREF.rpartition("/")[0])
    assert (p.returncode, p.stderr) == (status, "")
    last = json.loads(p.stdout.splitlines()[-1])
    assert set(last["mb_s"]) == {"socat", "two_socats", "ident", "veil"}
    assert all(rate > 0 for rate in last["mb_s"].values())
    for name, ratio in (("ident", "ratio"), ("veil", "veil_ratio")):
        assert last[ratio] == pytest.approx(
            last["mb_s"][name] / last["mb_s"]["socat"], rel=0.01, abs=0.001)


def test_bench_of_tunnels_looks_at_what_comes_out(tmp_path):
    """A transport that changes a byte has carried nothing."""
    pt = tmp_path / "ptref"
    pt.write_text(f"#!/bin/sh\nexec {PTREF} --fault data-corrupt\n")
    pt.chmod(0o755)
    p = tunnels("--build", tmp_path)
    assert p.returncode == 4 and "other bytes" in p.stderr


def test_bench_of_tunnels_without_programs(tmp_path):
    p = tunnels("--build", tmp_path)
    assert p.returncode == 4 and str(tmp_path) in p.stderr
