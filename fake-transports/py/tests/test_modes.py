"""Modes without SOCKS: streams as they are, and datagrams."""
import contextlib
import socket
import struct

import pytest

from ptpy_runs import KEY, LIMIT, connect, dial, pt, read, rest
from test_framing import BINDING, CHANNEL, SOFTWARE

UDP, STUN, TCP = "transparent-UDP", "STUN", "transparent-TCP"
SETTINGS = ("-options", f"pyxor:key={KEY}")
SIZES = [0, 1, 2, 1200, 1472, 1500, 9000, 65507]
GREETING = BINDING[:8] + b"greetings-00"
# STUN says how long it is in fours; ChannelData may have any length.
CARRIED = {
    UDP: [bytes(i % 251 for i in range(n)) for n in SIZES],
    STUN: [BINDING, SOFTWARE, CHANNEL, *(
        struct.pack(">HHI", 1, n - 20, 0x2112a442) + bytes(n - 8)
        for n in (1200, 1472, 1500, 9000, 65504)), *(
        struct.pack(">HH", 0x4001, n) + bytes(n)
        for n in (0, 1, 2, 65503))],
}


def udp(port=0):
    """A bound socket."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    sock.bind(("127.0.0.1", port))
    sock.settimeout(LIMIT)
    return sock


def name_of(sock):
    """As the flags want it."""
    return "%s:%d" % sock.getsockname()


def client(pt, mode, target, *words):
    """transport -> where it takes what applications say."""
    run = pt.client(args=("-mode", mode, "-target", target, *SETTINGS, *words))
    return run.methods(mode)[0]


def server(pt, mode, orport, *words):
    """transport -> where it listens."""
    return pt.server(orport, args=("-mode", mode, *words)).methods()[0]


def insist(app, sock):
    """Greet until it comes: what is sent before the connection is made is
    lost. Gives the source."""
    sock.settimeout(0.05)
    while True:
        app.send(GREETING)
        with contextlib.suppress(TimeoutError):
            got, source = sock.recvfrom(65536)
            sock.settimeout(LIMIT)
            assert got == GREETING
            return source


def received(sock):
    """The next datagram, and its source; more greetings may be on their
    way."""
    while True:
        got, source = sock.recvfrom(65536)
        if got != GREETING:
            return got, source


def called(listener, app, datagram=b"lost"):
    """The connection that datagrams cause, after what was before has been
    noticed."""
    listener.sock.settimeout(0.05)
    while True:
        app.send(datagram)
        with contextlib.suppress(TimeoutError):
            conn, _ = listener.sock.accept()
            conn.settimeout(LIMIT)
            return conn


def application(front):
    """A socket of one."""
    app = udp()
    app.connect(front)
    return app


def frame(data):
    """Of transparent UDP."""
    return struct.pack("!H", len(data)) + data


# --- whole tunnels ---

@pytest.mark.parametrize("name", ["pyident", "pyxor"])
@pytest.mark.parametrize("mode", CARRIED)
def test_both_ways(pt, mode, name):
    """Each application gets its own answers."""
    with udp() as orport:
        at = server(pt, mode, name_of(orport))[name]
        front = client(pt, mode, "%s:%d" % at)[name]
        sources = set()
        for app in application(front), application(front):
            source = insist(app, orport)
            sources.add(source)
            for datagram in CARRIED[mode]:
                app.send(datagram)
                assert received(orport) == (datagram, source)
                orport.sendto(datagram, source)
                assert app.recv(65536) == datagram
            app.close()
        assert len(sources) == 2


def test_stream(pt):
    """From its first byte, though the destination speaks late."""
    with pt.peer() as orport:
        at = server(pt, TCP, orport.at)["pyxor"]
        front = client(pt, TCP, "%s:%d" % at)["pyxor"]
        with dial(front) as app:
            app.sendall(b"\5\1\0early")
            with orport.take() as far:
                assert read(far, 8) == b"\5\1\0early"
                far.sendall(b"late")
                assert read(app, 4) == b"late"
                app.shutdown(socket.SHUT_WR)
                assert rest(far) == b""


def test_stream_without_a_destination(pt):
    with pt.peer() as nobody:
        at = nobody.at
    front = client(pt, TCP, at)["pyident"]
    for _ in range(2):
        with dial(front) as app:
            app.sendall(b"hello")
            assert rest(app) == b""


def test_through_a_proxy(pt):
    """There is no other way out."""
    proxy = pt.peer()
    front = pt.client({"PROXY": f"socks5://{proxy.at}"}, args=(
        "-mode", UDP, "-target", "192.0.2.1:9")).methods(UDP)[0]
    with application(front["pyident"]) as app, called(proxy, app) as conn:
        assert read(conn, 3) == b"\5\1\0"
        conn.sendall(b"\5\0")
        assert read(conn, 10) == b"\5\1\0\1\xc0\0\2\1\0\x09"
        conn.sendall(b"\5\0\0\1" + bytes(6))
        insist_stream(app, conn)


def insist_stream(app, conn):
    """Until a datagram comes by a new connection."""
    conn.settimeout(0.05)
    while True:
        app.send(b"here")
        with contextlib.suppress(TimeoutError):
            conn.recv(1, socket.MSG_PEEK)
            break
    conn.settimeout(LIMIT)
    while (got := read(conn, 6)) == frame(b"lost"):
        pass  # it was made while that came
    assert got == frame(b"here")


# --- a client ---

def test_lazy(pt):
    """The first packet makes the connection, and is lost; nothing before it
    does."""
    target = pt.peer()
    front = client(pt, UDP, target.at)["pyident"]
    assert target.nobody()
    with application(front) as app:
        app.send(b"lost")
        with target.take() as conn:
            insist_stream(app, conn)
            assert target.nobody()


@pytest.mark.parametrize("how", ["closed", "reset", "cut"])
def test_made_again(pt, how):
    """A connection that was lost is out of the pool."""
    target = pt.peer()
    front = client(pt, UDP, target.at)["pyident"]
    with application(front) as app:
        for _ in range(2):
            with called(target, app) as conn:
                insist_stream(app, conn)
                conn.sendall(frame(b"x")[:1])
                conn.sendall(frame(b"x")[1:] + frame(b"y")
                             + (b"\0\7cut" if how == "cut" else b""))
                assert (app.recv(9), app.recv(9)) == (b"x", b"y")
                if how == "reset":
                    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                    struct.pack("ii", 1, 0))


def test_refused(pt):
    """A connection that was not made is tried again."""
    with pt.peer() as target:
        where = target.at
    front = client(pt, UDP, where)["pyident"]
    with application(front) as app:
        for _ in range(100):
            app.send(b"lost")
        with socket.create_server(("127.0.0.1", target.port)) as later:
            target.sock = later
            with called(target, app) as conn:
                insist_stream(app, conn)


def test_waiting(pt):
    """What comes meanwhile is lost, and makes no second connection. The
    handshake is part of connecting."""
    target = pt.peer()
    front = client(pt, UDP, target.at)["pyxor"]
    with application(front) as app:
        app.send(b"lost")
        with target.take() as conn:
            read(conn, 64)
            for _ in range(20):
                app.send(b"lost")
            conn.settimeout(0.1)
            with pytest.raises(TimeoutError):
                conn.recv(1)
            assert target.nobody()


@pytest.mark.parametrize("name", ["pyident", "pyxor"])
def test_idle(pt, name):
    """Also one whose handshake is not answered."""
    target = pt.peer()
    front = client(pt, UDP, target.at, "-udp-idle", "1")[name]
    with application(front) as app:
        for _ in range(2):
            with called(target, app) as conn:
                rest(conn)


def test_not_carried_as_stun(pt):
    with udp() as orport:
        at = server(pt, STUN, name_of(orport))["pyident"]
        front = client(pt, STUN, "%s:%d" % at)["pyident"]
        with application(front) as app:
            insist(app, orport)
            for datagram in (b"", b"hello", BINDING[:19], BINDING + b"x",
                             b"\xff" * 40, CHANNEL[:-1]):
                app.send(datagram)
                app.send(SOFTWARE)
                assert received(orport)[0] == SOFTWARE


# --- a server ---

@pytest.mark.parametrize("mode, cut, big", [
    (UDP, b"\0\7cut", b"\xff\xff" + bytes(65535)),
    (STUN, BINDING[:12], bytes.fromhex("0001fffc2112a442") + bytes(65544))])
def test_odd_frames(pt, mode, cut, big):
    """What is too large for a datagram is left out, and so is what is cut."""
    with udp() as orport:
        wrap = frame if mode == UDP else bytes
        at = server(pt, mode, name_of(orport))["pyident"]
        with dial(at) as conn:
            conn.sendall(big + wrap(BINDING) * 2 + cut)
            for _ in range(2):
                assert orport.recv(65536) == BINDING
            conn.shutdown(socket.SHUT_WR)
            assert rest(conn) == b""
        with dial(at) as conn:
            conn.sendall(wrap(SOFTWARE))
            assert orport.recv(65536) == SOFTWARE


def test_garbage_ends_a_connection(pt):
    with udp() as orport:
        at = server(pt, STUN, name_of(orport))["pyident"]
        with dial(at) as conn:
            conn.sendall(BINDING + b"\xff" * 20 + SOFTWARE)
            assert orport.recv(100) == BINDING
            assert rest(conn) == b""
        with dial(at) as conn:
            conn.sendall(SOFTWARE)
            assert orport.recv(100) == SOFTWARE


def test_destination_away(pt):
    """Nobody takes the datagrams for a while; the connection stays."""
    with udp() as orport:
        at = server(pt, UDP, name_of(orport))["pyident"]
        port = orport.getsockname()[1]
        conn = dial(at)
        conn.sendall(frame(b"one"))
        assert orport.recv(100) == b"one"
    for _ in range(10):
        conn.sendall(frame(b"lost"))
    with udp(port) as orport, conn:
        conn.sendall(frame(b"two"))
        while (got := orport.recv(100)) == b"lost":
            pass
        assert got == b"two"


def test_strangers(pt):
    """Only the destination answers, and only a connection that is there."""
    with udp() as orport, udp() as stranger:
        at = server(pt, UDP, name_of(orport))["pyident"]
        with dial(at) as conn, dial(at) as other:
            conn.sendall(frame(b"hello"))
            source = orport.recvfrom(100)[1]
            stranger.sendto(b"strange", source)
            orport.sendto(b"answer", source)
            assert read(conn, 8) == frame(b"answer")
            conn.shutdown(socket.SHUT_WR)
            assert rest(conn) == b""
            orport.sendto(b"too late", source)
            other.sendall(frame(b"hi"))
            orport.sendto(b"ho", orport.recvfrom(100)[1])
            assert read(other, 4) == frame(b"ho")


def test_server_idle(pt):
    with udp() as orport:
        at = server(pt, UDP, name_of(orport), "-udp-idle", "1")["pyident"]
        with dial(at) as conn:
            conn.sendall(frame(b"hello"))
            assert orport.recv(100) == b"hello"
            assert rest(conn) == b""


def test_who_does_not_read(pt):
    """Answers are lost; memory and other connections are not."""
    with udp() as orport:
        run = pt.server(name_of(orport), args=("-mode", UDP))
        at = run.methods()[0]["pyident"]
        with dial(at) as conn, dial(at) as other:
            conn.sendall(frame(b"hello"))
            source = orport.recvfrom(100)[1]
            before = run.memory()
            for _ in range(1000):
                orport.sendto(bytes(60000), source)
            other.sendall(frame(b"hi"))
            orport.sendto(b"ho", orport.recvfrom(100)[1])
            assert read(other, 4) == frame(b"ho")
            assert run.memory() - before < 10 << 20


# --- what is said ---

@pytest.mark.parametrize("args", [
    ("-mode", "bogus"), ("-mode", "stun", "-target", "127.0.0.1:1"),
    ("-mode", UDP), ("-mode", TCP, "-target", ""),
    ("-mode", UDP, "-target", "127.0.0.1"),
    ("-mode", UDP, "-target", "127.0.0.1:1", "-options", "pyxor"),
    *(("-udp-idle", value) for value in ("0", "-1", "1s", "100000"))])
def test_refused_by_a_client(pt, args):
    status, out, err = pt.client(args=args).end()
    assert (status, out) == (64, b"VERSION 2\n")
    assert err.startswith(b"ENV-ERROR ")


@pytest.mark.parametrize("mode", [UDP, STUN])
def test_datagrams_need_a_destination(pt, mode):
    """The extended port takes streams only."""
    status, _, err = pt.server("", {
        "EXTENDED_SERVER_PORT": "127.0.0.1:1", "AUTH_COOKIE_FILE": "/x"},
        args=("-mode", mode)).end()
    assert (status, err[:10]) == (64, b"ENV-ERROR ")


def test_modes_are_of_version_2(pt):
    status, out, _ = pt.client({"MANAGED_TRANSPORT_VER": "1"}, args=(
        "-mode", UDP, "-target", "127.0.0.1:1")).end()
    assert (status, out) == (78, b"")


def test_settings_that_do_not_suit(pt):
    run = pt.client(args=("-mode", UDP, "-target", "127.0.0.1:1"))
    assert list(run.methods(UDP)[0]) == ["pyident"]
    run.close_stdin()
    assert run.end()[2].startswith(b"CMETHOD-ERROR pyxor ")


def test_socks_takes_no_notice(pt):
    """What modes need does not disturb where nothing needs it."""
    with pt.peer() as far:
        front = pt.client(args=(
            "-mode", "socks5", "-target", "127.0.0.1:1", "-udp-idle", "1",
            *SETTINGS)).methods()[0]["pyident"]
        conn, code = connect(front, ("127.0.0.1", far.port))
        assert code == 0
        conn.close()
