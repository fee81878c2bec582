"""The fault matrix itself: `-k NAME` is quick."""
import json
import os
import shlex
import subprocess
import sys

from conftest import LIMIT, PTCHECK, PTREF, ROOT



def test_one_fault_makes_only_its_launches(tmp_path):
    log, out = tmp_path / "log", tmp_path / "out"
    spy = tmp_path / "ptcheck"
    spy.write_text(f"#!/bin/sh\necho \"$*\" >>{shlex.quote(str(log))}\n"
                   f"exec {shlex.quote(PTCHECK)} \"$@\"\n")
    spy.chmod(0o755)
    faults = json.loads(subprocess.run(
        [PTREF, "--list-faults"], check=True, stdout=subprocess.PIPE,
        timeout=LIMIT).stdout)
    name = "both-roles"
    aims, = [",".join(sorted(f["must"])) for f in faults if f["name"] == name]
    p = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
         "-p", "no:xdist", "--basetemp", out, "-k", f"test_fault[{name}]",
         ROOT / "cases/drivers/test_faults.py"],
        env={**os.environ, "PTCHECK": str(spy)}, cwd=ROOT, text=True,
        stdout=subprocess.PIPE, timeout=LIMIT, check=False)
    assert p.returncode == 0, p.stdout
    assert "1 passed" in p.stdout
    runs = [line.split() for line in log.read_text().splitlines()
            if line.startswith("run ")]
    for run in runs:
        assert "--launch" in run or run[run.index("--select") + 1] == aims
    # Without a fault as client, as server, as both; and with it.
    assert len(runs) == 4
