"""The data plane of ptref: ends, resets, back-pressure, lookups, and the
Transports API that it is built on.
"""

import os
import re
import select
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time

import pytest

from test_ptref import (
    LIMIT, PTREF, Listener, Session, client_env, closed, echo, exactly,
    method_addr, pair, server_env, socks, state,  # noqa: F401
    through, transfer, wait_for)

SOURCES = os.path.join(os.path.dirname(__file__), "..")
TRANSPORTS = [("ident", ""), ("veil", "veil:key=swordfish")]
both = pytest.mark.parametrize("name, options", TRANSPORTS)


class Accepted:
    """A destination whose connections the test holds itself."""

    def __init__(self, rcvbuf=None):
        self.sock = socket.socket()
        if rcvbuf:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
        self.sock.bind(("127.0.0.1", 0))
        self.sock.listen()
        self.sock.settimeout(LIMIT)
        self.addr = "127.0.0.1:%d" % self.sock.getsockname()[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    def accept(self):
        conn, _ = self.sock.accept()
        conn.settimeout(LIMIT)
        return conn


def reset(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                 struct.pack("ii", 1, 0))
    s.close()


def was_reset(s):
    """Reads to the end, which is to be an error."""
    try:
        while s.recv(1 << 20):
            pass
    except ConnectionResetError:
        return True
    return False


def open_pair(front, srv, args, target, back=False):
    """The two ends of a new tunnel: application and destination, or the
    other way round."""
    s, rep = socks(front, srv, args)
    assert rep == 0
    ends = s, target.accept()
    return ends[::-1] if back else ends


# ---- ends ----

@both
def test_each_direction_ends_alone(state, name, options):
    """The reply comes after the end of the request, late, and the other way
    round."""
    with Accepted() as target, \
            pair(state, name, target.addr, options) as at:
        for back in (False, True):
            a, b = open_pair(*at, target, back)
            a.sendall(b"question")
            a.shutdown(socket.SHUT_WR)
            assert exactly(b, 8) == b"question" and b.recv(1) == b""
            time.sleep(0.3)
            assert not select.select([a], [], [], 0)[0]
            b.sendall(b"answer" * 50000)
            b.shutdown(socket.SHUT_WR)
            assert exactly(a, 300000) == b"answer" * 50000
            assert a.recv(1) == b""


@both
def test_the_destination_speaks_first(state, name, options):
    with Accepted() as target, \
            pair(state, name, target.addr, options) as at:
        app, dest = open_pair(*at, target)
        dest.sendall(b"220 ready\r\n")
        assert exactly(app, 11) == b"220 ready\r\n"
        app.sendall(b"x")
        assert exactly(dest, 1) == b"x"


@both
def test_data_before_an_end_arrives(state, name, options):
    data = os.urandom(1 << 20)
    with Accepted() as target, \
            pair(state, name, target.addr, options) as at:
        for back in (False, True):
            a, b = open_pair(*at, target, back)
            t = threading.Thread(target=lambda: (a.sendall(data), a.close()))
            t.start()
            assert exactly(b, len(data)) == data and b.recv(1) == b""
            t.join()


# ---- resets ----

@both
@pytest.mark.parametrize("back", [False, True])
def test_a_reset_is_passed_on(state, name, options, back):
    with Accepted() as target, \
            pair(state, name, target.addr, options) as at:
        a, b = open_pair(*at, target, back)
        a.sendall(b"before")
        assert exactly(b, 6) == b"before"
        reset(a)
        assert was_reset(b)
        # And nothing else suffered.
        a, b = open_pair(*at, target)
        a.sendall(b"again")
        assert exactly(b, 5) == b"again"


@both
@pytest.mark.parametrize("back", [False, True])
def test_a_reset_after_an_end_is_passed_on(state, name, options, back):
    with Accepted() as target, \
            pair(state, name, target.addr, options) as at:
        a, b = open_pair(*at, target, back)
        a.shutdown(socket.SHUT_WR)
        assert b.recv(1) == b""
        reset(a)
        # The end was seen already: now a write shows the reset.
        def refused():
            try:
                b.send(b"x")
            except (BrokenPipeError, ConnectionResetError):
                return True
            return False
        wait_for(refused)


@both
def test_a_reset_of_a_stalled_sender_is_passed_on(state, name, options):
    """Nobody reads from the sender when it breaks, as nobody reads from us
    either."""
    with Accepted(rcvbuf=4096) as target, \
            pair(state, name, target.addr, options) as at:
        app, dest = open_pair(*at, target)
        fill(app)
        reset(app)
        # Without reading there, which would let all go on.
        watch = select.poll()
        watch.register(dest, 0)
        assert watch.poll(LIMIT * 1000)
        assert was_reset(dest)


# ---- back-pressure ----

def fill(s):
    """Sends until nothing more is taken for a while; how much it was."""
    n = 0
    chunk = bytes(1 << 16)
    while select.select([], [s], [], 0.5)[1]:
        n += s.send(chunk)
        assert n < 64 << 20, "it never stops taking"
    return n


def resident_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return int(re.search(r"VmRSS:\s+(\d+)", f.read())[1])


def cpu_ticks(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as f:
        return sum(map(int, f.read().rsplit(")", 1)[1].split()[11:13]))


@both
def test_who_does_not_read_stops_who_sends(state, name, options):
    with Accepted() as target, \
            Session(server_env(state + "/s", name, orport=target.addr,
                               TOR_PT_SERVER_TRANSPORT_OPTIONS=options)) \
            as srv, Session(client_env(state + "/c", name)) as cli:
        at = [method_addr(s.lines_until(f"{k}METHODS DONE")[1])
              for s, k in ((cli, "C"), (srv, "S"))]
        args = {"key": "swordfish"}
        for back in (False, True):
            a, b = open_pair(*at, args, target, back)
            before = [resident_kib(s.p.pid) for s in (cli, srv)]
            n = fill(a)
            used = [cpu_ticks(s.p.pid) for s in (cli, srv)]
            time.sleep(0.5)
            for s, kib, ticks in zip((cli, srv), before, used):
                assert resident_kib(s.p.pid) - kib < 2048
                assert cpu_ticks(s.p.pid) - ticks < 10
            t = threading.Thread(target=lambda: (
                a.sendall(b"rest"), a.shutdown(socket.SHUT_WR)))
            t.start()
            assert exactly(b, n + 4)[-4:] == b"rest" and b.recv(1) == b""
            t.join()


# ---- destinations ----

def test_a_destination_that_vanishes(state):
    """It is there at first, then gone: an end, and refused afterwards."""
    with Accepted() as target, Session(client_env(state)) as cli:
        front = method_addr(cli.lines_until("CMETHODS DONE")[1])
        dest = target.sock.getsockname()
        s, rep = socks(front, dest)
        assert rep == 0
        target.accept().close()
        assert closed(s)
        target.sock.close()
        assert socks(front, dest)[1] == 5


@pytest.mark.parametrize("code", range(1, 10))
def test_the_reply_of_a_proxy_is_passed_on(state, code):
    def serve(conn):
        exactly(conn, 3)
        conn.sendall(b"\x05\x00")
        exactly(conn, 10)
        conn.sendall(b"\x05" + bytes([code]) + b"\x00\x01" + bytes(6))
        conn.recv(1)

    with Listener(serve) as px:
        rep, _ = through(state, f"socks5://{px.addr}", ("127.0.0.1", 1))
    assert rep == (code if code <= 8 else 1)


def test_what_stands_behind_the_reply_of_a_proxy_is_kept(state):
    data = os.urandom(100000)

    def serve(conn):
        exactly(conn, 3)
        conn.sendall(b"\x05\x00")
        exactly(conn, 10)
        conn.sendall(b"\x05\x00\x00\x01" + bytes(6) + data)
        conn.recv(1)

    with Listener(serve) as px, Session(client_env(
            state, TOR_PT_PROXY=f"socks5://{px.addr}")) as cli:
        front = method_addr(cli.lines_until("CMETHODS DONE")[2])
        s, rep = socks(front, ("127.0.0.1", 1))
        assert rep == 0 and exactly(s, len(data)) == data


# ---- names ----

# In namespaces of its own: first nobody serves names, then somebody who never
# answers.
SILENT_DNS = """
import socket, sys, time
sys.path.insert(0, sys.argv[1])
from test_ptref import *
from test_tunnels import reset

def ask(front):
    s = socket.create_connection(front, timeout=LIMIT)
    s.sendall(b"\\5\\1\\0\\5\\1\\0\\3\\x09slow.test\\0\\x50")
    assert exactly(s, 2) == b"\\5\\0"
    return s

with Listener(echo) as target, Session(client_env(sys.argv[2])) as cli:
    front = method_addr(cli.lines_until("CMETHODS DONE")[1])
    assert exactly(ask(front), 10)[1] == 4
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))
    server.settimeout(LIMIT)
    stuck = [ask(front) for i in range(40)]
    server.recvfrom(512)
    began = time.monotonic()
    for s in stuck[:10]:
        reset(s)
    s, rep = socks(front, ("127.0.0.1", target.port))
    assert rep == 0 and transfer(s, b"meanwhile") == b"meanwhile"
    cli.p.stdin.close()
    assert cli.wait() == 0
    assert time.monotonic() - began < 2 * limits.FACTOR
"""


def namespaces(tmp_path):
    """The start of a command line for a world without a network."""
    resolv = tmp_path / "resolv.conf"
    resolv.write_text("nameserver 127.0.0.1\n")
    shell = (f"ip link set lo up && mount --bind {resolv} /etc/resolv.conf "
             "&& exec \"$@\"")
    argv = ["unshare", "-Urnm", "sh", "-c", shell, "sh"]
    if not os.path.exists("/etc/resolv.conf") or subprocess.run(
            [*argv, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no namespaces here, or nothing to mount over")
    return argv


def test_a_silent_name_server_stops_nobody_else(state, tmp_path):
    r = subprocess.run(
        [*namespaces(tmp_path), sys.executable, "-c", SILENT_DNS,
         os.path.dirname(__file__), state],
        capture_output=True, text=True, timeout=10 * LIMIT, check=False)
    assert r.returncode == 0, r.stderr


# ---- the Transports API ----

def example():
    with open(os.path.join(SOURCES, "pt_transport.h"), encoding="ascii") as f:
        text = re.search(r" \* \[example\]\n(.*?) \* \[end\]\n", f.read(),
                         re.S)[1]
    return re.sub(r"^ \* ?", "", text, flags=re.M)


def test_a_transport_is_one_file_and_one_line(state, tmp_path):
    """The example of the header, built and used."""
    src = tmp_path / "fake-transports"
    shutil.copytree(SOURCES, src,
                    ignore=shutil.ignore_patterns("py", "tests"))
    (src / "transports/flip.c").write_text(example())
    table = src / "transports/transports.h"
    lines = table.read_text().replace("\tX(veil) \\\n",
                                      "\tX(veil) \\\n\tX(flip) \\\n")
    table.write_text(lines)
    program = tmp_path / "ptref"
    files = sorted(src.rglob("*.c"))
    (tmp_path / "gen").mkdir()
    with open(tmp_path / "gen/ptref_faults.inc", "wb") as rows:
        subprocess.run([os.path.join(SOURCES, "../ci/fault-rows"), *files],
                       check=True, stdout=rows, timeout=LIMIT)
    subprocess.run(
        [os.environ.get("CC", "gcc"), "-std=gnu17", "-D_GNU_SOURCE", "-Wall",
         "-Wextra", "-Werror", "-I", tmp_path, "-o", program,
         *files, "-ljansson", "-lsodium", "-pthread"],
        check=True, timeout=10 * LIMIT)
    seen = []

    def wire(conn):
        seen.append(exactly(conn, 5))

    with Listener(echo) as target, Listener(wire) as tap, \
            Session(server_env(state + "/s", "flip", orport=target.addr),
                    program=program) as srv, \
            Session(client_env(state + "/c", "flip"),
                    program=program) as cli:
        at = method_addr(srv.lines_until("SMETHODS DONE")[1])
        front = method_addr(cli.lines_until("CMETHODS DONE")[1])
        s, rep = socks(front, at)
        data = os.urandom(300000)
        assert rep == 0 and transfer(s, data) == data
        s, rep = socks(front, ("127.0.0.1", tap.port))
        s.sendall(b"hello")
        assert closed(s)
        assert seen == [bytes(b ^ 0xff for b in b"hello")]


def test_only_the_dispatcher_opens_sockets():
    """A transport has no way around the dialer, hence none around a proxy."""
    for name, _ in TRANSPORTS:
        with open(os.path.join(SOURCES, f"transports/{name}.c"),
                  encoding="ascii") as f:
            text = f.read()
        assert not re.search(r"\b(socket|connect|bind|getaddrinfo)\(", text)
