"""A hostile transport: the run ends in time and within its memory, nothing
is left behind, and nothing reaches a terminal or a report unescaped."""
import concurrent.futures
import json
import os
import select
import subprocess
import time
import types
import unicodedata
import xml.etree.ElementTree

import pytest

from conftest import IMPATIENT, LIMIT, PTCHECK, Place, wait_for

MEMORY = 300 << 10  # KiB
# For two dozen launches with short limits, each of which may take all of a
# processor, so that on a busy machine its limits are put off.
IN_TIME = 2 * LIMIT

FORMATS = ("json", "junit", "tap", "sarif", "ctrf", "markdown", "github",
           "badge", "shields", "html", "text")

PYTHON = """#!/usr/bin/python3
import os, signal, sys, time
def say(text):
    print(text, flush=True)
"""

# What each does, and how the run may end: 4 when it does not look like a
# transport at all.  What can pass for one says VERSION before it does what
# takes long on a busy machine, since these runs give it a second only.
TRANSPORTS = {
    "endless-noise": ("#!/bin/sh\nyes '' >&2 &\nexec yes\n", {4}),
    "endless-after-version": ("#!/bin/sh\necho VERSION 2\nexec yes\n", {0, 1}),
    "endless-single-bytes": (PYTHON + """
say("VERSION 2")
while True:
    os.write(1, b"x")
    os.write(2, b"\\n")
""", {0, 1}),
    "line-without-end": (PYTHON + """
say("VERSION 2")
while True:
    os.write(1, b"x" * 65536)
""", {0, 1}),
    "line-of-a-mebibyte": (PYTHON + """
say("VERSION 2")
say("CMETHOD evil socks5 127.0.0.1:9 " + "A" * (1 << 20))
say("CMETHODS DONE")
sys.stdin.read()
""", {0, 1}),
    "100000-methods": (PYTHON + """
say("VERSION 2")
print("".join(f"CMETHOD t{i} socks5 127.0.0.1:{1 + i % 65535}\\n"
              for i in range(100000)), end="")
say("CMETHODS DONE")
sys.stdin.read()
""", {0, 1}),
    "strange-bytes": (PYTHON + r"""
text = (b"VERSION 2\n\x1b[31mred\x00nul\xff\xfe\n\x1b]0;title\x07\x9b31m\n"
        b"]]></system-out><script>alert(1)</script>\n\xc2\x9b31m\xe2\x80\xae\n"
        b"CMETHOD \x1b[2J\x00'\"<b>& socks5 127.0.0.1:9\n"
        b"CMETHOD-ERROR evil \x1b[31m\xff\nLOG SEVERITY=\x1b MESSAGE=\x1b\n"
        b"ENV-ERROR \x1b[31m\xff]]>\r\b\x0b\x0c\x7f\nCMETHODS DONE\n")
os.write(1, text)
os.write(2, text)
sys.stdin.read()
""", {0, 1}),
    "process-storm": (PYTHON + """
say("VERSION 2")
for i in range(200):
    if os.fork() == 0:
        os.setsid()
        signal.pause()
say("CMETHODS DONE")
signal.pause()
""", {0, 1}),
    "daemon-storm": (PYTHON + """
say("VERSION 2")
for i in range(20):
    if os.fork() == 0:
        os.setsid()
        for k in range(5):
            if os.fork() == 0:
                os.setsid()
                for fd in range(3):
                    os.close(fd)
                signal.pause()
        os._exit(0)
say("CMETHODS DONE")
""", {0, 1}),
    "deaf": (PYTHON + """
for sig in range(1, 64):
    try:
        signal.signal(sig, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
say("VERSION 2")
say("CMETHOD evil socks5 127.0.0.1:9")
say("CMETHODS DONE")
while True:
    signal.pause()
""", {0, 1}),
    "closes-stdout": ("#!/bin/sh\nexec >&-\nexec sleep 1000\n", {4}),
    "closes-everything": (PYTHON + """
os.closerange(0, 1024)
while True:
    signal.pause()
""", {4}),
    "stops-itself": (PYTHON + """
say("VERSION 2")
os.kill(0, signal.SIGSTOP)
""", {0, 1}),
    "many-files": (PYTHON + r"""
say("VERSION 2")
state = os.environ["TOR_PT_STATE_LOCATION"]
os.makedirs(state)
for i in range(1500):
    open(f"{state}/\x1b[31m{i}\n", "w").close()
say("CMETHODS DONE")
sys.stdin.read()
""", {0, 1}),
    "kills-its-parent": (PYTHON + """
say("VERSION 2")
os.kill(os.getppid(), signal.SIGKILL)
signal.pause()
""", {0, 1}),
    "kills-everything": (PYTHON + """
say("VERSION 2")
os.kill(-1, signal.SIGKILL)
""", {0, 1}),
}


def attack(place, name, *args):
    """Run a transport to see what ptcheck makes of it."""
    pt = place.transport(TRANSPORTS[name][0])
    out, err = place.dir / "stdout", place.dir / "stderr"
    began = time.monotonic()
    with open(out, "wb") as o, open(err, "wb") as e:
        p = subprocess.Popen(
            [PTCHECK, "run", "--transport", "evil", "--role", "client",
             *IMPATIENT, *map(str, args), "--", pt], env=place.env,
            stdin=subprocess.DEVNULL, stdout=o, stderr=e)
        fd = os.pidfd_open(p.pid)
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        in_time = bool(poll.poll(IN_TIME * 1000))
        os.close(fd)
        if not in_time:
            p.kill()
        # wait4, because it tells the memory.
        _, status, usage = os.wait4(p.pid, 0)
        p.returncode = os.waitstatus_to_exitcode(status)
    wait_for(lambda: not place.left())
    return types.SimpleNamespace(
        in_time=in_time, status=p.returncode, memory=usage.ru_maxrss,
        seconds=time.monotonic() - began, stdout=out.read_bytes(),
        stderr=err.read_bytes(), left=place.left())


def reports_of(place):
    """format -> file."""
    return {f: place.tmp.parent / f"report.{f}"
            for f in FORMATS}


def in_sandbox(place, name):
    """Few launches, all kinds of output.  What a transport kills must be in
    the sandbox, so without one there is no attack."""
    return attack(
        place, name, "--require", "sandbox", "--select", "ENV-VER-1,CM-DONE-1",
        "--verbose", "--out", place.tmp.parent / "out",
        *(word for f, path in reports_of(place).items()
          for word in ("--report", f"{f}={path}")))


def outside(place, name):
    """The same without sandbox."""
    return attack(place, name, "--no-sandbox", "--select", "CM-DONE-1")


@pytest.fixture(name="attacks", scope="module")
def all_attacks(request, tmp_path_factory):
    """(test, transport) -> (place, what came of it).  Most of the time is
    spent waiting, so they run side by side."""
    wanted = [(item.originalname, item.callspec.params["name"])
              for item in request.session.items
              if item.path == request.path and hasattr(item, "callspec")]
    hows = {"test_hostile": in_sandbox,
            "test_hostile_without_sandbox": outside}

    places = [Place(tmp_path_factory.mktemp("hostile")) for _ in wanted]

    def one(what, place):
        try:
            return place, hows[what[0]](place, what[1])
        finally:
            place.clean()

    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        return dict(zip(wanted, pool.map(one, wanted, places)))


def assert_clean(data, what):
    """UTF-8 without control characters but LF (and tab)."""
    text = data.decode("utf-8")  # raises on anything else
    for c in set(text) - {"\n", "\t"}:
        assert unicodedata.category(c) not in ("Cc", "Cf"), (what, repr(c))


def assert_survived(it):
    """It ended in time, in bounds, and left nothing."""
    assert it.in_time, it.stderr
    assert it.left == []
    assert it.memory < MEMORY
    assert_clean(it.stdout, "stdout")
    assert_clean(it.stderr, "stderr")


@pytest.mark.parametrize("name", TRANSPORTS)
def test_hostile(attacks, name):
    place, it = attacks["test_hostile", name]
    if b"no sandbox" in it.stderr:
        pytest.skip(it.stderr.decode())
    assert_survived(it)
    assert it.status in TRANSPORTS[name][1], it.stderr
    files = list((place.tmp.parent / "out").rglob("*.json*"))
    assert files
    for path in files:
        assert_clean(path.read_bytes(), path)
    if it.status == 4:
        assert it.stderr.count(b"\n") == 1
        return
    assert it.stderr == b""
    reports = reports_of(place)
    for path in reports.values():
        assert_clean(path.read_bytes(), path)
    for form in "junit", "badge":
        xml.etree.ElementTree.parse(reports[form])
    for form in "html", "markdown":
        assert b"<script>alert" not in reports[form].read_bytes()
    for form in "sarif", "ctrf", "shields":
        json.loads(reports[form].read_text())
    assert json.loads(reports["json"].read_text())["tool"]["name"] == "ptcheck"


# Never one that kills what it can reach: that would be everything.
@pytest.mark.parametrize("name", [
    "process-storm", "daemon-storm", "endless-noise", "deaf", "many-files"])
def test_hostile_without_sandbox(attacks, name):
    _, it = attacks["test_hostile_without_sandbox", name]
    assert_survived(it)
    assert it.status in TRANSPORTS[name][1], it.stderr
