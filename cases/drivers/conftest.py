"""What the drivers share: running ptcheck, and looking for what it leaves.

PTCHECK and PTREF name the programs (build/ptcheck and build/ptref by
default).  Nothing here sleeps: waits are for an event, with a deadline.
"""
import json
import os
import pathlib
import re
import select
import shutil
import subprocess
import sys
import time
import types
import uuid

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "ci"))
import limits  # noqa: E402
PTCHECK = os.path.abspath(os.environ.get("PTCHECK", ROOT / "build/ptcheck"))
PTREF = os.path.abspath(os.environ.get("PTREF", ROOT / "build/ptref"))

LIMIT = limits.RUN  # for whatever ends by itself; far above what it takes
# How long something dead may take to go; less than a run that waits 60 s.
GONE = min(limits.SOON, 40.0)
# What passes on a busy machine is waited for longer, within reason.
PATIENCE = min(limits.FACTOR, 5.0)

# What takes longest begins first, so that no worker is left alone with it.
LONGEST = ("test_faults.py", "test_hostile.py", "test_reference.py",
           "test_transports.py")

# How much of a failure is told at once, in characters.
TOLD = 2000

# No patience with a transport that does not answer.
IMPATIENT = tuple(word for name in (
    "init", "exit", "graceful", "connect", "window", "orphan")
    for word in ("--option",
                 f"limits.{name}="
                 f"{(2 if name == 'init' else 0.3) * PATIENCE:.1f}"))

# A run that is short, and still launches something.
QUICK = ("--role", "client", "--option", "limits.window=1")
FEW = (*QUICK, "--select", "version")


def pytest_configure(config):
    Failures.config = config


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: LONGEST.index(item.path.name)
               if item.path.name in LONGEST else len(LONGEST))


class Failures:
    """A failure is told when it is seen: the whole takes half an hour."""
    config = None


def pytest_runtest_logreport(report):
    if not report.failed or "PYTEST_XDIST_WORKER" in os.environ:
        return
    terminal = Failures.config.pluginmanager.get_plugin("terminalreporter")
    if terminal:
        terminal.write(f"\nfailed: {report.nodeid}\n"
                       f"{report.longreprtext[-TOLD:]}\n")


def ptcheck(*args, program=PTCHECK, under=(), timeout=LIMIT, **more):
    """Run ptcheck to its end, its output as text; `under` is a command that
    is to run it."""
    more.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.run(
        [*under, program, *map(str, args)], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, errors="surrogateescape",
        timeout=timeout, check=False, **more)


def run(*args, pt=(PTREF,), **more):
    """`ptcheck run` of a transport, ptref by default."""
    return ptcheck("run", *args, "--", *pt, **more)


def one_complaint(p, status, *pieces):
    """It ended with that status and one line on stderr that says all of
    `pieces`, and printed nothing."""
    assert p.returncode == status, (p.returncode, p.stderr)
    lines = p.stderr.splitlines()
    assert len(lines) == 1, p.stderr
    assert lines[0].startswith("ptcheck: "), p.stderr
    for piece in pieces:
        assert str(piece) in lines[0], (piece, lines[0])


def report(p):
    """The JSON report on the standard output of a run."""
    return json.loads(p.stdout)


def verdicts(rep):
    """id -> verdict of a report."""
    return {row["id"]: row["verdict"] for row in rep["requirements"]}


def is_hindered(row):
    """It takes a machine with a processor to spare to decide it: beside other
    tests it may stay open, and nothing else may come of that."""
    return (row["verdict"] == "inconclusive" and
            re.search("processor|the harness", row["reason"]) is not None)


def traces_of(out):
    """The traces of a run, one after the other; there are some."""
    paths = sorted((out / "traces").glob("*.jsonl"))
    assert paths, out
    for path in paths:
        head, *facts = map(json.loads, path.read_text().splitlines())
        yield types.SimpleNamespace(path=path, id=head["id"], head=head,
                                    events=facts)


def events(trace, kind, **fields):
    """Events of a kind whose fields are so."""
    return [ev for ev in trace.events if ev["k"] == kind and
            all(ev.get(key) == value for key, value in fields.items())]


def wait_for(what, seconds=GONE):
    """Ask until `what` is true, or the deadline: its last answer."""
    end = time.monotonic() + seconds
    nothing = select.poll()
    while True:
        answer = what()
        if answer or time.monotonic() >= end:
            return answer
        nothing.poll(10)


# --- what is left ---

def pids():
    """All processes."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def is_alive(pid):
    """Not gone, and no zombie: one that init has not reaped yet is dead."""
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def said_of(pid):
    """The program and the command line of a process; b"" when it is gone."""
    said = b""
    try:
        said += os.readlink(f"/proc/{pid}/exe").encode()
    except OSError:
        pass
    try:
        said += pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        pass
    return said


def marked(mark):
    """Processes whose program or command line holds the mark.  A worker is
    a copy of ptcheck and has its command line."""
    return [pid for pid in pids() if mark.encode() in said_of(pid)]


def world(pid):
    """The pid namespace of a process; None when it is gone."""
    try:
        return os.stat(f"/proc/{pid}/ns/pid").st_ino
    except OSError:
        return None


def common_ground():
    """A directory that a launch shares with the host: of those for temporary
    files it has its own."""
    for top in (ROOT / "build", pathlib.Path.home(), pathlib.Path("/run")):
        top = pathlib.Path(top).resolve()
        own = [pathlib.Path(t) for t in ("/tmp", "/var/tmp", "/dev/shm")]
        if not any(t in top.parents for t in own) and top.is_dir() \
                and os.access(top, os.W_OK):
            return top
    return pytest.skip("all that can be written is for temporary files")


class Place:
    """A directory to run in whose name marks all processes of the run: the
    copy of ptref in it, or whatever transport is put there."""

    def __init__(self, path):
        self.mark = "mark-" + uuid.uuid4().hex[:12]
        self.dir = path / self.mark
        self.dir.mkdir()
        self.tmp = path / "tmp"
        self.tmp.mkdir()
        self.env = {**os.environ, "TMPDIR": str(self.tmp)}
        self.held = {}  # pid namespaces of the run, by number

    def ptref(self):
        """A copy of ptref."""
        copy = self.dir / "ptref"
        if not copy.exists():
            shutil.copy(PTREF, copy)
        return str(copy)

    def transport(self, text, name="pt"):
        """A script as transport."""
        path = self.dir / name
        path.write_text(text)
        path.chmod(0o755)
        return str(path)

    def start(self, *args, pt, **more):
        """`ptcheck run`, not waited for."""
        more.setdefault("stdout", subprocess.DEVNULL)
        return subprocess.Popen(
            [PTCHECK, "run", *map(str, args), "--", *pt], env=self.env,
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            **more)

    def children(self):
        """The marked processes by their parents, in one look: what goes on
        does not wait for a second one."""
        found = {}
        for child in marked(self.mark):
            try:
                stat = pathlib.Path(f"/proc/{child}/stat").read_text()
            except OSError:
                continue
            parent = int(stat.rpartition(")")[2].split()[1])
            found.setdefault(parent, []).append(child)
        return found

    def workers(self, pid, generation=3):
        """The workers of a run; the generations before are the one process
        that starts others (1) and those that have a worker each (2)."""
        found, children = [pid], self.children()
        for _ in range(generation):
            found = [child for one in found for child in
                     children.get(one, ())]
        return found

    def look(self):
        """Remember the pid namespaces that the run uses now.  They are held
        open: the kernel gives their numbers to others otherwise."""
        for pid in marked(self.mark):
            try:
                fd = os.open(f"/proc/{pid}/ns/pid", os.O_RDONLY)
            except OSError:
                continue
            number = os.fstat(fd).st_ino
            if number in self.held or number == world("self"):
                os.close(fd)
            else:
                self.held[number] = fd

    def clean(self):
        """Kill what is left."""
        for pid in marked(self.mark):
            try:
                os.kill(pid, 9)
            except OSError:
                pass
        for fd in self.held.values():
            os.close(fd)
        self.held = {}

    def left(self):
        """Everything that is still there of the run, in words."""
        mark = self.mark.encode()
        found = [f"process {pid}: {said!r}"
                 for pid, said in ((pid, said_of(pid)) for pid in pids())
                 if (mark in said or self.held and world(pid) in self.held)
                 and is_alive(pid)]
        found += [f"file {path}" for path in self.tmp.iterdir()]
        mounts = pathlib.Path("/proc/self/mounts").read_text()
        found += re.findall("^ptcheck .*", mounts, re.MULTILINE)
        if os.path.exists("/ptcheck-work"):
            found.append("/ptcheck-work")
        return found

    def assert_nothing_left(self, seconds=GONE):
        """Nothing is left, at the latest after that time."""
        wait_for(lambda: not self.left(), seconds)
        assert self.left() == []


@pytest.fixture
def place(tmp_path):
    """A place of its own; what is left there at the end is killed."""
    it = Place(tmp_path)
    yield it
    it.clean()
