"""A ptparent that runs a scripted transport."""

import contextlib
import json
import os
import pathlib
import select
import socket
import subprocess
import sys
import time

import jsonschema
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "cases/drivers"))
from conftest import LIMIT  # noqa: E402

BUILD = pathlib.Path(os.environ.get("PTCHECK", "build/ptcheck")).parent
PTPARENT = str(BUILD / "ptparent")
SCHEMA = json.loads((pathlib.Path(__file__).parents[2] /
                     "reports/ptparent-events.schema.json").read_text())

SCRIPT = """\
#!/usr/bin/python3 -ISB
import os, signal, socket, sys, time
def say(*lines):
    os.write(1, "".join(line + "\\n" for line in lines).encode("latin-1"))
def wait():
    while os.read(0, 4096):
        pass
listener = socket.create_server(("127.0.0.1", 0))
port = listener.getsockname()[1]
"""
GOOD = ('say("VERSION 2", f"CMETHOD t1 socks5 127.0.0.1:{port}",'
        ' "CMETHODS DONE")\n')


@pytest.fixture
def transport(tmp_path):
    def make(text):
        path = tmp_path / "pt"
        path.write_text(SCRIPT + text)
        path.chmod(0o755)
        return str(path)
    return make


class Parent:
    """A ptparent that runs, with what it said."""

    def __init__(self, tmp_path, *words, pt, **more):
        self.events_file = tmp_path / "events"
        self.state = tmp_path / "state"
        self.said = ""  # and not yet asked for
        role, *rest = words
        self.process = subprocess.Popen(
            [PTPARENT, role, "--state", str(self.state), "--events",
             str(self.events_file), *rest, "--", *pt],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            errors="backslashreplace", **more)

    def line(self):
        """The next line of its standard output."""
        while "\n" not in self.said:
            fd = self.process.stdout.fileno()
            ready, _, _ = select.select([fd], [], [], LIMIT)
            assert ready, "nothing said"
            piece = os.read(fd, 65536).decode()
            assert piece, self.process.communicate(timeout=LIMIT)[1]
            self.said += piece
        line, self.said = self.said.split("\n", 1)
        return line

    def end(self, sig=None):
        if sig:
            self.process.send_signal(sig)
        _, err = self.process.communicate(timeout=LIMIT)
        return self.process.returncode, err

    def events(self):
        found = [json.loads(line) for line in
                 self.events_file.read_text().splitlines()]
        for event in found:
            jsonschema.validate(event, SCHEMA)
        return found

    def words(self):
        return [e["event"] for e in self.events()]

    def pid(self):
        """Of the transport: its only child."""
        def look():
            path = pathlib.Path(
                f"/proc/{self.process.pid}/task/{self.process.pid}/children")
            return path.read_text().split()
        return int(until(look)[0])


def until(look):
    deadline = time.monotonic() + LIMIT
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError("it did not come")


@pytest.fixture
def parent(tmp_path):
    with contextlib.ExitStack() as stack:
        def make(*words, pt, **more):
            p = Parent(tmp_path, *words, pt=pt, **more)
            stack.callback(p.process.wait)
            stack.callback(p.process.kill)
            return p
        yield make


BRIDGE = ("client", "-B", "t1 192.0.2.1:443")


def dial(line):
    host, port = line.split()[0].rsplit(":", 1)
    return socket.create_connection((host, int(port)), timeout=LIMIT)
