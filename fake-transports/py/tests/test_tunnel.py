"""Tunnels: client, server and an application at each end."""
import contextlib
import hashlib
import os
import select
import socket
import struct
import threading

import pytest

from ptpy_runs import (HERE, KEY, LIMIT, connect, dial, pt, read,
                       request, rest)

assert pt  # the fixture

BOTH = pytest.mark.parametrize("name", ["pyident", "pyxor"])
BIG = os.urandom(1 << 16) * 128  # 8 MiB


class Tunnel:
    """A client, a server, and where the server's application listens."""

    def __init__(self, start, name, env=()):
        self.app = start.peer()
        self.server = start.server(self.app.at, env)
        self.client = start.client(env)
        where, args = self.server.methods()
        self.name, self.to, self.settings = name, where[name], args[name]
        self.front = self.client.methods()[0][name]

    def open(self, settings=None):
        """A connection through it: (client application, server's)."""
        conn, code = connect(self.front, self.to, settings or self.settings)
        assert code == 0
        return conn, self.app.take()


def pump(conn, data):
    """Send in a thread, and end the direction."""
    def send():
        conn.sendall(data)
        conn.shutdown(socket.SHUT_WR)
    thread = threading.Thread(target=send, daemon=True)
    thread.start()
    return thread


def reset(conn):
    """Close with a reset."""
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                    struct.pack("ii", 1, 0))
    conn.close()


def digest(data):
    """Short enough for a message."""
    return len(data), hashlib.sha256(data).hexdigest()


@BOTH
def test_both_ways_at_once(pt, name):
    tunnel = Tunnel(pt, name)
    near, far = tunnel.open()
    other = BIG[::-1]
    got = []
    threads = [pump(near, BIG), pump(far, other),
               threading.Thread(target=lambda: got.append(rest(far)),
                                daemon=True)]
    threads[2].start()
    assert digest(rest(near)) == digest(other)
    for thread in threads:
        thread.join(LIMIT)
    assert digest(got[0]) == digest(BIG)


@BOTH
@pytest.mark.parametrize("way", ["there", "back"])
def test_half_close(pt, name, way):
    """One direction ends; the other goes on, for as long as it likes."""
    near, far = Tunnel(pt, name).open()
    first, second = (near, far) if way == "there" else (far, near)
    pump(first, BIG)
    assert digest(rest(second)) == digest(BIG)
    for piece in (b"a", b"b" * 100000, b"c"):
        second.sendall(piece)
        assert read(first, len(piece)) == piece
    second.shutdown(socket.SHUT_WR)
    assert rest(first) == b""


@BOTH
def test_an_answer_that_is_read_late(pt, name):
    """The question has ended, the answer has been given and ended, too, as
    far as it fits, and only then does the reader begin: nothing is lost."""
    near, far = Tunnel(pt, name).open()
    near.sendall(b"?")
    near.shutdown(socket.SHUT_WR)
    assert rest(far) == b"?"
    far.setblocking(False)
    sent = fill(far)
    far.setblocking(True)
    far.shutdown(socket.SHUT_WR)
    assert len(rest(near)) == sent


class Local:
    """A stream over a socket pair, whose buffer does not grow."""

    def __init__(self, sock):
        self.sock, self.fd = sock, sock.fileno()
        sock.setblocking(False)
        self.close = self.abort = sock.close

    @staticmethod
    def taken():
        """Nothing was read too early."""
        return b""


class Stop(BaseException):
    """Ends a loop."""


def test_waiting_costs_nothing(monkeypatch):
    """A stream that both sides have closed while the other one is not read:
    poll() tells of it whenever it is asked."""
    monkeypatch.syspath_prepend(str(HERE))
    from pypt import loop, relay
    turns = []

    async def counted(masks):
        turns.append(masks)
        return await loop.wait(masks)

    async def stopper():
        await loop.sleep(0.3)
        raise Stop

    monkeypatch.setattr(relay, "wait", counted)
    (near, app), (far, net) = socket.socketpair(), socket.socketpair()
    near.shutdown(socket.SHUT_WR)
    tasks = loop.Loop()
    tasks.spawn(relay.join(Local(app), Local(net), bytes, bytes))
    far.setblocking(False)
    sent = 0
    for last in (False, False, True):
        with contextlib.suppress(BlockingIOError):
            while not last:
                sent += far.send(bytes(4096))
        if last:
            near.recv(4096)  # so that the end has room, too
            far.close()
        turns.clear()
        tasks.spawn(stopper())
        with pytest.raises(Stop):
            tasks.run()
    assert len(turns) < 10
    reader = threading.Thread(target=rest, args=(near,), daemon=True)
    reader.start()
    tasks.spawn(stopper())
    with pytest.raises(Stop):
        tasks.run()
    reader.join(LIMIT)
    assert app.fileno() == net.fileno() == -1


@BOTH
def test_nothing_is_nothing(pt, name):
    near, far = Tunnel(pt, name).open()
    near.close()
    assert rest(far) == b""


@BOTH
def test_the_server_speaks_first(pt, name):
    near, far = Tunnel(pt, name).open()
    far.sendall(bytes(range(256)))
    assert read(near, 256) == bytes(range(256))


@BOTH
@pytest.mark.parametrize("way", ["there", "back"])
def test_a_reset_goes_through(pt, name, way):
    near, far = Tunnel(pt, name).open()
    first, second = (near, far) if way == "there" else (far, near)
    first.sendall(b"x")
    assert read(second, 1) == b"x"
    reset(first)
    with pytest.raises(ConnectionResetError):
        second.recv(1)


@BOTH
def test_a_reset_while_the_other_does_not_read(pt, name):
    near, far = Tunnel(pt, name).open()
    near.setblocking(False)
    fill(near)
    reset(near)
    with pytest.raises(ConnectionResetError):
        while far.recv(1 << 20):
            pass


def fill(conn):
    """Send until nothing is taken for half a second; how much it was."""
    sent = 0
    while select.select([], [conn], [], 0.5)[1]:
        sent += conn.send(BIG[:1 << 18])
    return sent


@BOTH
def test_backpressure(pt, name):
    tunnel = Tunnel(pt, name)
    near, far = tunnel.open()
    before = tunnel.client.memory() + tunnel.server.memory()
    near.setblocking(False)
    sent = fill(near)
    assert sent < 64 << 20
    assert tunnel.client.memory() + tunnel.server.memory() - before < 8 << 20
    near.settimeout(LIMIT)
    near.shutdown(socket.SHUT_WR)
    assert len(rest(far)) == sent


@BOTH
def test_fifty_at_once(pt, name):
    tunnel = Tunnel(pt, name)
    pairs = [tunnel.open() for _ in range(50)]
    for i, (near, _) in enumerate(pairs):
        near.sendall(b"%d" % i * 1000)
    for i, (near, far) in enumerate(pairs):
        assert read(far, 1000 * len(str(i))) == b"%d" % i * 1000
        far.sendall(b"%d" % i)
        assert read(near, len(str(i))) == b"%d" % i


@BOTH
def test_version_1(pt, name):
    tunnel = Tunnel(pt, name, {"MANAGED_TRANSPORT_VER": "1",
                               "OUTBOUND_BIND_ADDRESS_V4": "203.0.113.4",
                               "OUTBOUND_BIND_ADDRESS_V6": "[2001:db8::4]"})
    conn = dial(tunnel.front)
    conn.sendall(b"\5\2\0\2")
    assert read(conn, 2) == b"\5\2"
    user = f"key={KEY}".encode()
    conn.sendall(bytes((1, len(user))) + user + b"\1\0")
    assert read(conn, 2) == b"\1\0"
    conn.sendall(request(tunnel.to))
    assert read(conn, 10)[:2] == b"\5\0"
    far = tunnel.app.take()
    conn.sendall(b"hello")
    assert read(far, 5) == b"hello"


def test_an_outbound_address_must_be_one(pt):
    run = pt.client({"MANAGED_TRANSPORT_VER": "1",
                     "OUTBOUND_BIND_ADDRESS_V6": "2001:db8::4"})
    assert run.lines()[1].startswith("ENV-ERROR TOR_PT_OUTBOUND_BIND_ADDRE")


@pytest.mark.parametrize("orport", ["[::1]:{}", "localhost:{}", "[0000:0000:"
                                    "0000:0000:0000:0000:0000:0001]:{}"])
def test_destinations_of_a_server(pt, orport):
    family, host = (socket.AF_INET, "127.0.0.1") if "local" in orport \
        else (socket.AF_INET6, "::1")
    with socket.create_server((host, 0), family=family) as app:
        app.settimeout(LIMIT)
        run = pt.server(orport.format(app.getsockname()[1]))
        conn = dial(run.methods()[0]["pyident"])
        conn.sendall(b"x")
        far, _ = app.accept()
        far.settimeout(LIMIT)
        assert read(far, 1) == b"x"


def test_a_destination_that_is_down(pt):
    """It costs its client the connection, nobody else."""
    app = pt.peer()
    server = pt.server(app.at)
    where, _ = server.methods()
    app.sock.close()
    assert rest(dial(where["pyident"])) == b""
    with socket.create_server(("127.0.0.1", app.port)) as again:
        again.settimeout(LIMIT)
        conn = dial(where["pyident"])
        far, _ = again.accept()
        far.close()
        assert rest(conn) == b""


# --- what pyxor is for ---

def test_the_payload_is_concealed(pt):
    tunnel = Tunnel(pt, "pyxor")
    wire = pt.peer()
    seen = {"there": b"", "back": b""}

    def copy(source, sink, way):
        while data := source.recv(65536):
            seen[way] += data
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)

    def between(conn):
        server = dial(tunnel.to)
        back = threading.Thread(target=copy, args=(server, conn, "back"),
                                daemon=True)
        back.start()
        copy(conn, server, "there")
        back.join(LIMIT)

    wire.play(between)
    marker = b"plain text that everybody can read"
    said = set()
    for _ in range(2):
        near, code = connect(tunnel.front, ("127.0.0.1", wire.port),
                             tunnel.settings)
        assert code == 0
        far = tunnel.app.take()
        near.sendall(marker)
        near.shutdown(socket.SHUT_WR)
        assert rest(far) == marker
        far.sendall(marker)
        far.shutdown(socket.SHUT_WR)
        assert rest(near) == marker
        for data in seen.values():
            assert len(data) == 64 + len(marker)
            assert marker not in data and KEY.encode() not in data
            said.add(data)
            said.add(data[64:])
        seen.update(there=b"", back=b"")
    assert len(said) == 8  # and it is different each time


@pytest.mark.parametrize("settings", [{"key": KEY + "!"}, {"key": KEY[:-1]}])
def test_a_wrong_key(pt, settings):
    tunnel = Tunnel(pt, "pyxor")
    conn, code = connect(tunnel.front, tunnel.to, settings)
    assert code == 1
    assert rest(conn) == b""
    assert tunnel.app.nobody()
    tunnel.open()


def test_a_prober_learns_nothing(pt):
    app = pt.peer()
    server = pt.server(app.at)
    where, _ = server.methods()
    for data in (b"", b"GET / HTTP/1.0\r\n\r\n", os.urandom(64),
                 os.urandom(5000)):
        conn = dial(where["pyxor"])
        with contextlib.suppress(OSError):  # it may be gone already
            conn.sendall(data)
            conn.shutdown(socket.SHUT_WR)
        assert rest(conn) == b""
    for _ in range(200):
        reset(dial(where["pyxor"]))
    assert app.nobody()


def test_settings_are_of_one_connection(pt):
    tunnel = Tunnel(pt, "pyxor")
    other = pt.server(tunnel.app.at, {
        "SERVER_TRANSPORT_OPTIONS": "pyxor:key=another-key"})
    where, args = other.methods()
    near, far = tunnel.open()
    again, code = connect(tunnel.front, where["pyxor"], args["pyxor"])
    assert code == 0
    again_far = tunnel.app.take()
    for a, b in ((near, far), (again, again_far)):
        a.sendall(b"hello")
        assert read(b, 5) == b"hello"
    assert connect(tunnel.front, tunnel.to, None)[1] == 1
