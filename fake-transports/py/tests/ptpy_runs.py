"""What the tests of ptpy share: runs of it, SOCKS talk, scripted peers.

Needs only the standard library and pytest. Nothing sleeps: every wait is for
an event, with a deadline. It is no conftest.py: the drivers have one of that
name, and tests of both import from theirs in one run of pytest. So a test
imports the fixture `pt`, too.
"""
import contextlib
import json
import os
import pathlib
import select
import socket
import struct
import subprocess
import sys
import threading
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "ci"))
import limits  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parents[1]
PTPY = os.environ.get("PTPY", str(HERE / "ptpy"))
LIMIT = limits.SOON  # for whatever ought to happen at once
KEY = "a-key-for-both"
# The same program, with less patience.
HASTY = ["/usr/bin/python3", "-ISBc", f"""
import os, sys
sys.path.insert(0, {str(HERE)!r})
import pypt.socks
pypt.socks.HANDSHAKE = 0.4
pypt.socks.CONNECT = 1.0
from pypt.main import main
main(sys.argv[1:], os.getppid())
"""]


class Run:
    """One run, with pipes for all three standard streams."""

    def __init__(self, env, args=(), program=(PTPY,), **popen):
        self.out = b""
        self.p = subprocess.Popen(
            [*program, *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, bufsize=0, **popen,
            env={"TOR_PT_" + k: v for k, v in env.items() if v is not None})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.p.kill()
        self.p.wait()
        for f in (self.p.stdin, self.p.stdout, self.p.stderr):
            if f:
                f.close()

    def close_stdin(self):
        """Nobody else has it open."""
        self.p.stdin.close()
        self.p.stdin = None

    def lines(self):
        """The lines up to DONE, or to the end of the stream."""
        end = time.monotonic() + LIMIT
        while not self.out.endswith(b"METHODS DONE\n"):
            left = max(0, end - time.monotonic())
            assert select.select([self.p.stdout], [], [], left)[0], self.out
            data = os.read(self.p.stdout.fileno(), 65536)
            if not data:
                break
            self.out += data
        return self.out.decode("ascii").splitlines()

    def methods(self, mode="socks5"):
        """name -> (host, port), and name -> ARGS as a dictionary."""
        where, args = {}, {}
        for line in self.lines():
            keyword, name, *rest = line.split(" ")
            if keyword == "CMETHOD":
                assert rest.pop(0) == mode
            elif keyword != "SMETHOD":
                continue
            host, _, port = rest[0].rpartition(":")
            where[name] = (host.strip("[]"), int(port))
            text = rest[1].removeprefix("ARGS:") if rest[1:] else ""
            args[name] = dict(p.split("=") for p in text.split(",") if p)
        return where, args

    def end(self):
        """What it ends with by itself: (status, stdout, stderr)."""
        out, err = self.p.communicate(timeout=LIMIT)
        return self.p.returncode, self.out + out, err

    def memory(self):
        """Resident memory, in bytes."""
        text = pathlib.Path(f"/proc/{self.p.pid}/statm").read_text()
        return int(text.split()[1]) * os.sysconf("SC_PAGESIZE")


class Peer:
    """A listener on 127.0.0.1 of which the test takes the connections."""

    def __init__(self):
        self.sock = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.sock.settimeout(LIMIT)
        self.port = self.sock.getsockname()[1]
        self.at = f"127.0.0.1:{self.port}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    def take(self):
        """The next connection."""
        conn, _ = self.sock.accept()
        conn.settimeout(LIMIT)
        return conn

    def nobody(self):
        """Whether there is no connection now. Everything that could make
        one must have ended before."""
        self.sock.settimeout(0)
        try:
            self.sock.accept()[0].close()
        except BlockingIOError:
            return True
        finally:
            self.sock.settimeout(LIMIT)
        return False

    def play(self, script):
        """Let a thread carry out `script(connection)` for each connection;
        what it returns or raises is in the list that is given back."""
        seen = []

        def serve():
            while True:
                try:
                    conn = self.take()
                except OSError:
                    return
                try:
                    seen.append(script(conn))
                except (OSError, AssertionError) as e:
                    seen.append(e)
                    conn.close()
        threading.Thread(target=serve, daemon=True).start()
        return seen


def dial(where):
    """A connection to (host, port)."""
    conn = socket.create_connection(where, timeout=LIMIT)
    conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return conn


def read(conn, n):
    """Exactly n bytes."""
    data = b""
    while len(data) < n:
        more = conn.recv(n - len(data))
        assert more, f"ended after {data!r}"
        data += more
    return data


def rest(conn):
    """Everything up to the end; a reset is an end, too."""
    data = b""
    with contextlib.suppress(ConnectionResetError):
        while more := conn.recv(65536):
            data += more
    return data


def block(value):
    """A settings block of PT 2.0."""
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return struct.pack(">I", len(body)) + body


def request(where, command=1):
    """A CONNECT request to (host, port); the host may be a name."""
    host, port = where
    for family, kind in ((socket.AF_INET, 1), (socket.AF_INET6, 4)):
        with contextlib.suppress(OSError, ValueError):
            packed = socket.inet_pton(family, host)
            break
    else:
        kind, packed = 3, bytes((len(host),)) + host.encode()
    return bytes((5, command, 0, kind)) + packed + struct.pack(">H", port)


def connect(front, where, settings=None):
    """Through the SOCKS front end, as an application of PT 2.0 does it; the
    connection, and the code of the reply."""
    conn = dial(front)
    if settings is None:
        conn.sendall(b"\5\1\0")
        assert read(conn, 2) == b"\5\0"
    else:
        conn.sendall(b"\5\1\11")
        assert read(conn, 2) == b"\5\11"
        conn.sendall(block(settings))
    conn.sendall(request(where))
    answer = read(conn, 10)
    assert answer[0] == 5 and answer[2:4] == b"\0\1"
    return conn, answer[1]


@pytest.fixture
def pt(tmp_path):
    """Starts runs: pt.client(...), pt.server(...), both with a state
    directory of their own."""
    class Starter:
        """Everything is stopped at the end."""
        state = tmp_path / "state"

        def __init__(self, stack):
            self.stack = stack

        def __call__(self, env, **more):
            common = {"MANAGED_TRANSPORT_VER": "2",
                      "STATE_LOCATION": str(self.state),
                      "EXIT_ON_STDIN_CLOSE": "1"}
            return self.stack.enter_context(Run({**common, **env}, **more))

        def client(self, env=(), **more):
            """A client with both transports."""
            return self({"CLIENT_TRANSPORTS": "pyident,pyxor", **dict(env)},
                        **more)

        def server(self, orport, env=(), **more):
            """A server with both transports."""
            return self({"SERVER_TRANSPORTS": "pyident,pyxor",
                         "SERVER_TRANSPORT_OPTIONS": f"pyxor:key={KEY}",
                         "ORPORT": orport, "EXTENDED_SERVER_PORT": "",
                         **dict(env)}, **more)

        def peer(self):
            """A listener."""
            return self.stack.enter_context(Peer())

    with contextlib.ExitStack() as stack:
        yield Starter(stack)
