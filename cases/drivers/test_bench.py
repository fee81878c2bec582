"""The benchmarks measure, and say when it is too much."""
import json
import os
import pathlib
import subprocess

import pytest

from conftest import LIMIT, PTCHECK, PTREF, ROOT


@pytest.mark.parametrize("limit, status", [("0.01", 1), ("100", 0)])
def test_bench_of_the_sandbox(limit, status):
    p = subprocess.run(
        [ROOT / "bench/sandbox", "--rounds", "1", "--limit", limit, "--build",
         PTCHECK.rpartition("/")[0], "--role", "client", "--select",
         "version"], capture_output=True, text=True, timeout=LIMIT,
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


def launches(build):
    return subprocess.run(
        [ROOT / "bench/launch", "--rounds", "1", "--launches", "10", "--many",
         "40", "--build", build, "--role", "client", "--select", "ENV-VER-1",
         "--option", "limits.window=0.5"],
        capture_output=True, text=True, timeout=4 * LIMIT, check=False)


def test_bench_of_launches():
    p = launches(PTCHECK.rpartition("/")[0])
    assert p.stderr == ""
    last = json.loads(p.stdout.splitlines()[-1])
    assert p.returncode == (1 if last["missed"] else 0)
    rate = last["rate"]["ptref"]
    assert rate["ratio"] == pytest.approx(
        rate["ptcheck_per_s"] / rate["bare_per_s"], rel=0.01)
    # Whoever does more takes longer.
    assert 0 < rate["cpu_ratio"] < 1
    assert set(last["memory_mib"]) == {"sandbox", "no-sandbox"}
    for few, many in last["memory_mib"].values():
        assert 1 < few and 1 < many
    whole = last["whole"]["ptref"]
    assert whole["wall"] > 1 and whole["cpu"] > 0


def test_bench_of_launches_needs_done(tmp_path):
    """A transport that does not say so is no launch."""
    build = pathlib.Path(PTCHECK).parent
    for name in ("ptcheck", "bare"):
        (tmp_path / name).symlink_to(build / name)
    pt = tmp_path / "ptref"
    pt.write_text(f"#!/bin/sh\n[ $HOME = /ptcheck-work/home ] || exit 0\n"
                  f"exec {PTREF}\n")
    pt.chmod(0o755)
    p = launches(tmp_path)
    assert p.returncode == 4 and "bare launches of ptref failed" in p.stderr


def test_bench_of_launches_without_programs(tmp_path):
    p = launches(tmp_path)
    assert p.returncode == 4 and str(tmp_path) in p.stderr


@pytest.mark.parametrize("args, status", [
    (["--launches", "0.001", "--bytes", "0.001", "--idle-kib", "16"], 0),
    (["--launches", "1000"], 1), (["--idle-kib", "0"], 1)])
def test_bench_of_the_parent(args, status):
    p = subprocess.run(
        [ROOT / "bench/parent", "--rounds", "1", "--count", "10", "--mib", "4",
         "--idle", "300", "--build", PTCHECK.rpartition("/")[0], *args],
        capture_output=True, text=True, timeout=2 * LIMIT, check=False)
    assert (p.returncode, p.stderr) == (status, "")
    last = json.loads(p.stdout.splitlines()[-1])
    assert last["idle"] == 300
    assert last["rss_kib"] > last["rss_kib_before"] > 0
    assert last["launch_ratio"] == pytest.approx(
        last["ptparent_per_s"] / last["bare_per_s"])
    assert last["byte_ratio"] == pytest.approx(
        last["ptparent_mb_per_s"] / last["socat_mb_per_s"])


def test_bench_of_the_parent_without_programs(tmp_path):
    p = subprocess.run([ROOT / "bench/parent", "--build", tmp_path],
                       capture_output=True, text=True, timeout=LIMIT,
                       check=False)
    assert p.returncode == 4 and str(tmp_path) in p.stderr


def tunnels(*args):
    return subprocess.run([ROOT / "bench/tunnels", "--quick", *args],
                          capture_output=True, text=True, timeout=LIMIT,
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


def datagrams(*args):
    return subprocess.run([ROOT / "bench/udp", "--quick", *args],
                          capture_output=True, text=True, timeout=LIMIT,
                          check=False)


def test_bench_of_datagrams():
    p = datagrams("--build", PTREF.rpartition("/")[0])
    assert p.stderr == ""
    last = json.loads(p.stdout.splitlines()[-1])
    rate, lost = last["datagrams_s"], last["lost"]
    assert set(rate) == set(lost) == {"socat", "ptref"}
    assert last["ratio"] == pytest.approx(rate["ptref"] / rate["socat"],
                                          rel=0.01, abs=0.001)
    # A busy machine may lose some.
    assert all(0 <= n < 1000 for n in lost.values())
    missed = last["ratio"] < 0.5 or lost["ptref"]
    assert p.returncode == (1 if missed else 0)


def test_bench_of_datagrams_has_a_limit():
    p = datagrams("--build", PTREF.rpartition("/")[0], "--limit", "1000")
    assert (p.returncode, p.stderr) == (1, "")


def test_bench_of_datagrams_looks_at_what_comes_out(tmp_path):
    """A transport that cuts datagrams has carried nothing."""
    (tmp_path / "datagrams").symlink_to(
        pathlib.Path(PTREF).parent / "datagrams")
    pt = tmp_path / "ptref"
    pt.write_text(f'#!/bin/sh\nexec {PTREF} --fault udp-truncates "$@"\n')
    pt.chmod(0o755)
    p = datagrams("--build", tmp_path)
    assert p.returncode == 4 and "other bytes" in p.stderr


def loaded(*args):
    cpu = min(os.sched_getaffinity(0))
    return subprocess.run(
        [ROOT / "bench/loaded", "--build", PTCHECK.rpartition("/")[0],
         "--processor", str(cpu), "--loops", "20", "--runs", "1", *args],
        capture_output=True, text=True, timeout=4 * LIMIT, check=False)


def test_busy_machine_makes_no_finding():
    """The harness has to send by its timers there."""
    p = loaded("--transport", "ptref", "--spec", "2.0", "--select",
               "PX-SPLIT-1")
    assert (p.returncode, p.stderr) == (0, "")
    one = json.loads(p.stdout.splitlines()[-1])["ptref"]["loaded"][0]
    assert (one["blamed"], one["unsure"]) == ([], [])


def test_busy_machine_without_programs(tmp_path):
    p = subprocess.run([ROOT / "bench/loaded", "--build", tmp_path],
                       capture_output=True, text=True, timeout=LIMIT,
                       check=False)
    assert p.returncode == 4 and str(tmp_path) in p.stderr
