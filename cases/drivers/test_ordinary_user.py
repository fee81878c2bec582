"""Without privileges: as an ordinary user, and where namespaces are
forbidden."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

import pytest

from conftest import (FEW, LIMIT, PTCHECK, PTREF, QUICK, Place, one_complaint,
                      report, run, verdicts)

# Namespaces are forbidden below it, and nowhere else: the limit is that of
# the new user namespace.
FORBID = ("unshare", "-Ur", "sh", "-c",
          'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"', "sh")
NOBODY = 65534


def without_namespaces(*args, pt=(PTREF,), **more):
    """`ptcheck run` where namespaces are forbidden."""
    return subprocess.run(
        [*FORBID, PTCHECK, "run", *map(str, args), "--", *map(str, pt)],
        capture_output=True, text=True, timeout=LIMIT, check=False,
        stdin=subprocess.DEVNULL, **more)


# --- as nobody ---

@pytest.fixture(name="public")
def public_place():
    """A world-readable copy of the programs, and a directory of nobody's."""
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else; the other tests "
                    "ran as an ordinary user already")
    top = pathlib.Path(tempfile.mkdtemp(dir="/tmp"))
    top.chmod(0o755)
    place = Place(top)
    for path in (place.dir, place.tmp):
        path.chmod(0o755)
    os.chown(place.tmp, NOBODY, NOBODY)
    for program in (PTCHECK, PTREF):
        shutil.copy(program, place.dir)
    yield place
    place.clean()
    shutil.rmtree(top)


def as_nobody(place, *args, **more):
    """`ptcheck run` as nobody."""
    return subprocess.run(
        ["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY),
         "--clear-groups", "--", place.dir / os.path.basename(PTCHECK), "run",
         *map(str, args), "--", place.dir / os.path.basename(PTREF)],
        capture_output=True, text=True, timeout=LIMIT, check=False,
        stdin=subprocess.DEVNULL, env=place.env, cwd=place.tmp, **more)


def test_nobody_gets_the_same_verdicts(public):
    p = as_nobody(public, *QUICK, "--require", "sandbox", "--report", "json",
                  "--out", public.tmp / "out")
    assert (p.returncode, p.stderr) == (0, "")
    mine = report(run(*QUICK, "--report", "json"))
    its = report(p)
    assert verdicts(its) == verdicts(mine)
    assert its["notes"] == []
    for path in (public.tmp / "out").rglob("*"):
        assert path.stat().st_uid == NOBODY
    shutil.rmtree(public.tmp / "out")
    public.assert_nothing_left(0)


def test_nobody_without_sandbox(public):
    p = as_nobody(public, *FEW, "--no-sandbox", "--report", "json")
    assert (p.returncode, p.stderr) == (0, "")
    assert "No sandbox" in report(p)["notes"][0]
    public.assert_nothing_left(0)


def test_nobody_cannot_write(public):
    """Where it may not write, it says so."""
    one_complaint(as_nobody(public, *FEW, "--out", public.dir / "out"), 2,
                  public.dir / "out", "Permission denied")
    one_complaint(as_nobody(public, *FEW, "--report",
                            f"tap={public.dir}/tap"), 2, public.dir / "tap",
                  "Permission denied")
    public.env["TMPDIR"] = str(public.dir)
    one_complaint(as_nobody(public, *FEW, "--no-sandbox"), 4, public.dir,
                  "Permission denied")


# --- namespaces forbidden ---

@pytest.fixture(name="confined", scope="module")
def confined_runs():
    """The reports of all requirements: without and with namespaces."""
    p = without_namespaces("--option", "limits.window=1", "--report", "json")
    assert (p.returncode, p.stderr) == (0, ""), p.stderr
    return report(p), report(run("--option", "limits.window=1", "--report",
                                 "json"))


def test_forbidden_is_really_forbidden():
    p = subprocess.run([*FORBID, "unshare", "-U", "true"], check=False,
                       capture_output=True, timeout=LIMIT)
    assert p.returncode != 0 and b"unshare" in p.stderr


def test_forbidden_gives_no_fail_and_no_warn_of_its_own(confined):
    without, usual = map(verdicts, confined)
    assert "fail" not in without.values()
    different = {i: (usual[i], without[i]) for i in usual
                 if usual[i] != without[i]}
    # What can only be seen in a sandbox is not decided; the rest is as ever.
    assert different
    for name, (_, now) in different.items():
        assert now in ("inconclusive", "untested"), (name, different[name])


def test_forbidden_says_why(confined):
    without, _ = confined
    assert any("No sandbox" in note and "namespaces" in note
               for note in without["notes"])
    undecided = [row for row in without["requirements"]
                 if row["verdict"] == "inconclusive"]
    assert undecided
    for row in undecided:
        assert "sandbox" in row["reason"], row


def test_forbidden_finds_faults():
    p = without_namespaces(*QUICK, "--select", "ENV-VER-4", "--report", "json",
                           pt=(PTREF, "--fault", "version-always-2"))
    assert p.returncode == 1
    assert verdicts(report(p)) == {"ENV-VER-4": "fail"}


def test_forbidden_and_required():
    one_complaint(without_namespaces("--require", "sandbox"), 4, "no sandbox",
                  "/proc/sys/user")


def test_forbidden_works_below_tmpdir(place):
    """The directories of the launches are there, and are gone afterwards."""
    pt = place.transport(
        "#!/bin/sh\n"
        f"env >{place.dir}/env.$$; echo x >$HOME/file; pwd >{place.dir}/pwd\n"
        f'exec {PTREF} "$@"\n')
    p = without_namespaces(*FEW, "--transport", "ident", "--repeat", "2",
                           pt=(pt,), env=place.env)
    assert p.returncode == 0, p.stdout
    place.assert_nothing_left(0)
    pwd = (place.dir / "pwd").read_text()
    assert pwd.startswith(f"{place.tmp}/ptcheck.")
    homes = [line for path in place.dir.glob("env.*")
             for line in path.read_bytes().splitlines()
             if line.startswith(b"HOME=")]
    assert len(homes) > 20
    # Each launch has its own; the last control that of the first.
    assert len(set(homes)) >= len(homes) - 1


def test_forbidden_evidence_is_judged_alike(tmp_path):
    out = tmp_path / "out"
    p = without_namespaces(*FEW, "--report", "json", "--out", out)
    stored = json.loads((out / "report.json").read_text())
    assert stored == report(p)
