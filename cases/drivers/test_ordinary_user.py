"""Without privileges: as an ordinary user, where namespaces are forbidden, and
where an instrument of the sandbox is missing."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

import pytest

from conftest import (FEW, LIMIT, PTCHECK, PTREF, QUICK, Place, events,
                      is_hindered, one_complaint, ptcheck, report, run,
                      traces_of, verdicts)

# Namespaces are forbidden below it, and nowhere else: the limit is that of
# the new user namespace.
FORBID = ("unshare", "-Ur", "sh", "-c",
          'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"', "sh")
NOBODY = 65534
BE_NOBODY = ("setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY),
             "--clear-groups", "--")


def without_namespaces(*args, **more):
    """`ptcheck run` where namespaces are forbidden."""
    return run(*args, under=FORBID, **more)


# All requirements, so that runs can be compared.
ALL = ("--option", "limits.window=1", "--report", "json")


@pytest.fixture(name="usual", scope="module")
def usual_run():
    """The verdicts of all requirements with all instruments."""
    return verdicts(report(run(*ALL)))


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


def states(trace, kind):
    """What a trace says of the instrument `kind`, in order."""
    return [ev["state"] for ev in events(trace, kind)]


def as_nobody(place, *args, pt=None):
    """`ptcheck run` as nobody, of ptref by default."""
    return run(*args, under=BE_NOBODY,
               program=place.dir / os.path.basename(PTCHECK),
               pt=(pt or place.dir / os.path.basename(PTREF),),
               env=place.env, cwd=place.tmp)


def skips(out):
    """What each launch of a run left out, and why."""
    return [[ev["reason"] for ev in events(trace, "skipped")]
            for trace in traces_of(out)]


def test_nobody_gets_the_same_verdicts(public, tmp_path):
    p = as_nobody(public, *QUICK, "--require", "sandbox", "--report", "json",
                  "--out", public.tmp / "out")
    assert (p.returncode, p.stderr) == (0, "")
    mine = report(run(*QUICK, "--report", "json", "--out", tmp_path / "out"))
    its = report(p)
    assert verdicts(its) == verdicts(mine)
    assert its["notes"] == mine["notes"]
    for path in (public.tmp / "out").rglob("*"):
        assert path.stat().st_uid == NOBODY
    for trace in traces_of(public.tmp / "out"):
        assert states(trace, "capture") == ["on", "done"]
        assert set(states(trace, "fswatch")) in ({"on"}, {"spared"})
        assert [ev["link"] for ev in events(trace, "world")] != ["none"]
    # A step may be left out for the transport's sake, never for the user's.
    assert skips(public.tmp / "out") == skips(tmp_path / "out")
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


# A transport that does what only the instruments see.
BUSY = """#!/usr/bin/python3 -IS
import os, socket, sys
open(os.environ["HOME"] + "/note", "w").write("hello")
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(
    b"x", ("203.0.113.9", 999))
os.execv("{ptref}", ["ptref", *sys.argv[1:]])
"""


def test_nobody_sees_what_root_sees(public):
    """Files, packets and names, in each launch."""
    pt = public.transport(BUSY.format(ptref=public.dir / "ptref"))
    p = as_nobody(public, *FEW, "--transport", "ident", "--launch",
                  "control@*", "--out", public.tmp / "out", pt=pt)
    assert p.returncode == 0, p.stdout + p.stderr
    for path in sorted((public.tmp / "out/traces").glob("*.jsonl")):
        text = path.read_text()
        assert '"k":"touch","op":"create","was":"missing",' \
            '"path":"/ptcheck-work/home/note"' in text
        assert '"path":"/ptcheck-work/home/note","bytes":"hello"' in text
        assert '"what":"udp","to":"203.0.113.9:999"' in text
        assert path.with_suffix(".pcap").stat().st_size > 24


# --- namespaces forbidden ---

@pytest.fixture(name="confined", scope="module")
def confined_run():
    """The report of all requirements without namespaces."""
    p = without_namespaces(*ALL)
    assert (p.returncode, p.stderr) == (0, ""), p.stderr
    return report(p)


def test_forbidden_is_really_forbidden():
    p = subprocess.run([*FORBID, "unshare", "-U", "true"], check=False,
                       capture_output=True, timeout=LIMIT)
    assert p.returncode != 0 and b"unshare" in p.stderr


def test_forbidden_gives_no_fail_and_no_warn_of_its_own(confined, usual):
    without = verdicts(confined)
    assert "fail" not in without.values()
    different = {i: (usual[i], without[i]) for i in usual
                 if usual[i] != without[i]}
    # What can only be seen in a sandbox is not decided; the rest is as ever.
    assert different
    for name, (_, now) in different.items():
        assert now in ("inconclusive", "untested"), (name, different[name])


def test_forbidden_says_why(confined):
    assert any("No sandbox" in note and "namespaces" in note
               for note in confined["notes"])
    undecided = [row for row in confined["requirements"]
                 if row["verdict"] == "inconclusive"]
    assert undecided
    for row in undecided:
        assert "sandbox" in row["reason"] or is_hindered(row), row


def test_forbidden_instruments_are_off(tmp_path):
    """Each trace says that nothing was watched and captured, and why."""
    without_namespaces(*FEW, "--out", tmp_path / "out")
    for trace in traces_of(tmp_path / "out"):
        assert states(trace, "capture") == ["off"]
        assert set(states(trace, "fswatch")) == {"off"}
        assert {ev["why"] for kind in ("capture", "fswatch")
                for ev in events(trace, kind)} == {"needs a sandbox"}


def test_forbidden_finds_faults():
    p = without_namespaces(*QUICK, "--select", "ENV-VER-4", "--report", "json",
                           pt=(PTREF, "--fault", "version-always-2"))
    assert p.returncode == 1
    assert verdicts(report(p)) == {"ENV-VER-4": "fail"}


# Where a launch gets no /proc of its own, as in a container: a kernel refuses one
# below a /proc that is covered somewhere.  ptcheck has the number there that the
# transport has in its sandbox.
FOREIGN = ("unshare", "-Urmpf", "--mount-proc", "sh", "-c",
           'mount --bind /dev/null /proc/version; "$@"; exit $?', "sh")


def test_processes_of_others(tmp_path):
    """They are not taken for the transport's: those of ptcheck itself were
    its zombies.  How long its threads waited for a processor is asked of the
    machine."""
    p = run("--spec", "2.0", "--role", "client", "--select",
            "HY-ZOMBIE-1,HY-CHILD-1,HY-FDS-1", "--launch", "session.many@*",
            "--report", "json", "--out", tmp_path / "out", under=FOREIGN)
    assert p.returncode in (0, 3), p.stderr
    rows = {row["id"]: row for row in report(p)["requirements"]}
    row = rows["HY-ZOMBIE-1"]
    assert row["verdict"] == "inconclusive"
    assert "/proc shows another pid namespace" in row["reason"]
    assert rows["HY-CHILD-1"]["verdict"] == "pass"
    assert rows["HY-FDS-1"]["verdict"] == "untested"
    shares = [event for trace in (tmp_path / "out/traces").glob("*.jsonl")
              for event in map(json.loads, trace.read_text().splitlines())
              if event.get("k") == "processor"]
    assert shares and "schedstat" not in {event["by"] for event in shares}


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


# --- an instrument missing ---

# Runs a program with system calls that fail, by a seccomp filter; the first
# word says which.  "busy" takes the one listener that a process may have.
SUPERVISOR = r"""
import ctypes, errno, subprocess, sys

lib = ctypes.CDLL("libseccomp.so.2")
libc = ctypes.CDLL(None, use_errno=True)
ALLOW, ERRNO, EQUAL = 0x7fff0000, 0x00050000, 4
AF_NETLINK, AF_PACKET = 16, 17

class Compare(ctypes.Structure):
    _fields_ = [("arg", ctypes.c_uint), ("op", ctypes.c_int),
                ("a", ctypes.c_uint64), ("b", ctypes.c_uint64)]

class Program(ctypes.Structure):
    _fields_ = [("n", ctypes.c_ushort), ("code", ctypes.c_void_p)]

lib.seccomp_init.restype = ctypes.c_void_p

def fail(call, error, *args):
    f = ctypes.c_void_p(lib.seccomp_init(ctypes.c_uint32(ALLOW)))
    rules = (Compare * 3)(*[Compare(i, EQUAL, v) for i, v in args])
    assert lib.seccomp_rule_add_array(
        f, ctypes.c_uint32(ERRNO | error),
        lib.seccomp_syscall_resolve_name(call), len(args), rules) == 0
    assert lib.seccomp_load(f) == 0

def listen():
    code = (ctypes.c_uint64 * 1)(0x06 | ALLOW << 32)
    program = Program(1, ctypes.addressof(code))
    assert libc.prctl(38, 1, 0, 0, 0) == 0
    number = lib.seccomp_syscall_resolve_name(b"seccomp")
    assert libc.syscall(number, 1, 8, ctypes.byref(program)) > 0

{
    "packet": lambda: fail(b"socket", errno.EPERM, (0, AF_PACKET)),
    "route": lambda: fail(b"socket", errno.EPERM, (0, AF_NETLINK), (2, 0)),
    "netlink": lambda: fail(b"socket", errno.EPERM, (0, AF_NETLINK)),
    "seccomp": lambda: fail(b"seccomp", errno.ENOSYS),
    "old-seccomp": lambda: fail(b"seccomp", errno.EINVAL),
    "busy": listen,
}[sys.argv[1]]()
sys.exit(subprocess.run(sys.argv[2:]).returncode)
"""

# What is missing -> which instruments are off, and the reason.
MISSING = {
    "packet": ({"capture"}, "cannot open a packet socket"),
    "route": ({"capture"}, "rtnetlink"),
    "netlink": ({"capture"}, "rtnetlink"),
    "seccomp": ({"fswatch"}, "Function not implemented"),
    "old-seccomp": ({"fswatch"}, "Invalid argument"),
    "busy": ({"fswatch"}, "Device or resource busy"),
}
# One of each instrument; where another reason is told for the same, less is
# launched, and of that only what does not pass tells something.
WHOLE = {"netlink", "seccomp"}
PART = ("--launch", "control@*,state.*,quiet.*")
OPEN = {"fail", "warn", "inconclusive"}


@pytest.mark.parametrize("what", MISSING)
def test_an_instrument_is_missing(usual, tmp_path, what):
    """The run ends as ever; what cannot be seen is not decided, and nothing
    passes for it."""
    off, why = MISSING[what]
    whole = what in WHOLE
    p = run(*ALL, *(() if whole else PART), "--out", tmp_path / "out",
            "--require", "sandbox",
            under=("/usr/bin/python3", "-IS", "-c", SUPERVISOR, what))
    assert (p.returncode, p.stderr) == (0, "")
    for trace in traces_of(tmp_path / "out"):
        for kind in ("capture", "fswatch"):
            # Where files are not watched on purpose, nobody tried to.
            if states(trace, kind) != ["spared"]:
                assert ("off" in states(trace, kind)) == (kind in off)
            for ev in events(trace, kind, state="off"):
                assert why in ev["why"]
    rows = {row["id"]: row for row in report(p)["requirements"]}
    different = {i: row for i, row in rows.items()
                 if row["verdict"] != usual[i]
                 and (whole or row["verdict"] in OPEN)}
    for row in different.values():
        assert row["verdict"] == "inconclusive", (row, usual[row["id"]])
        assert row["reason"], row
    again = ptcheck("judge", tmp_path / "out", "--report", "json")
    assert report(again)["requirements"] == report(p)["requirements"]
    if what == "netlink":
        assert "BA-USE-2" in different
        assert "cannot list sockets" in rows["BA-USE-2"]["reason"]
