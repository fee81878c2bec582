"""ptref in the modes for datagrams: what is carried, who gets the answers, and
what becomes of connections.
"""
import contextlib
import socket
import struct

import pytest

from test_ptref import (
    LIMIT, Session, client_env, method_addr, server_env,
    state)  # noqa: F401

BINDING = bytes.fromhex("000100002112a442") + b"0123456789ab"
SOFTWARE = (bytes.fromhex("0001000c2112a442") + b"0123456789ab" +
            bytes.fromhex("80220005") + b"ptest\0\0\0")
CHANNEL = bytes.fromhex("40010005") + b"hello"
MODES = {
    "transparent-UDP": [b"", b"A", b"\0\1A", BINDING, bytes(1472),
                        b"\1\2" * 32753 + b"!"],
    "STUN": [BINDING, SOFTWARE, CHANNEL],
}
SETTINGS = {"ident": (), "veil": ("-options", "veil:key=swordfish")}


def udp():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("127.0.0.1", 0))
    s.settimeout(LIMIT)
    return s


def name_of(s):
    return "%s:%d" % s.getsockname()


@contextlib.contextmanager
def client(state, mode, target, name="ident", *words):
    with Session(client_env(state + "/c", name),
                 ("-mode", mode, "-target", target, *SETTINGS[name],
                  *words)) as s:
        line = s.lines_until("CMETHODS DONE")[1]
        assert line.startswith(f"CMETHOD {name} {mode} 127.0.0.1:")
        yield method_addr(line)


@contextlib.contextmanager
def server(state, mode, orport, name="ident", *words):
    with Session(server_env(state + "/s", name, orport=orport),
                 ("-mode", mode, *SETTINGS[name], *words)) as s:
        yield s.lines_until("SMETHODS DONE")[1].split()[2]


def insist(send, datagram, receiver):
    """Sends until it comes: those before the connection is made are lost."""
    receiver.settimeout(0.05)
    while True:
        send(datagram)
        with contextlib.suppress(TimeoutError):
            got = receiver.recvfrom(65536)
            receiver.settimeout(LIMIT)
            return got


def drain(s):
    s.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while True:
            s.recv(65536)
    s.settimeout(LIMIT)


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("mode", MODES)
def test_both_ways(state, mode, name):
    with udp() as orport, udp() as one, udp() as two, \
            server(state, mode, name_of(orport), name) as at, \
            client(state, mode, at, name) as front:
        seen = set()
        for app in one, two:
            app.connect(front)
            got, source = insist(app.send, BINDING, orport)
            assert got == BINDING
            seen.add(source)
            drain(orport)
            for datagram in MODES[mode]:
                app.send(datagram)
                got, source = orport.recvfrom(65536)
                assert (got, source in seen) == (datagram, True)
                orport.sendto(datagram, source)
                assert app.recv(65536) == datagram
        assert len(seen) == 2


def test_not_carried_as_stun(state):
    with udp() as orport, udp() as app, \
            server(state, "STUN", name_of(orport)) as at, \
            client(state, "STUN", at) as front:
        app.connect(front)
        insist(app.send, BINDING, orport)
        drain(orport)
        for datagram in b"", b"hello", BINDING[:19], BINDING + b"x", \
                b"\xff" * 40, CHANNEL[:-1], b"\0\1\0\3" + BINDING[4:] + b"abc":
            app.send(datagram)
            app.send(SOFTWARE)
            assert orport.recv(65536) == SOFTWARE


def called(listener, app):
    """The connection that datagrams cause; the end of one before may not have
    been noticed yet."""
    listener.settimeout(0.05)
    while True:
        app.send(b"lost")
        with contextlib.suppress(TimeoutError):
            conn, _ = listener.accept()
            conn.settimeout(LIMIT)
            return conn


def frame(data):
    return struct.pack("!H", len(data)) + data


def test_client_pool(state):
    """One connection, made when it is needed, again when it was lost."""
    with socket.create_server(("127.0.0.1", 0)) as listener, udp() as app, \
            client(state, "transparent-UDP", name_of(listener), "ident",
                   "-udp-idle", "1") as front:
        app.connect(front)
        for _ in range(3):
            with called(listener, app) as conn:
                conn.sendall(frame(b"x")[:1])
                conn.sendall(frame(b"x")[1:] + frame(b"y") + b"\0\7cut")
                assert (app.recv(9), app.recv(9)) == (b"x", b"y")
                app.send(b"kept")
                assert conn.recv(100).endswith(frame(b"kept"))
        with called(listener, app) as conn:
            while conn.recv(100):
                pass  # it was idle


@pytest.mark.parametrize("how", ["idle", "garbage"])
def test_server_pool(state, how):
    with udp() as orport, \
            server(state, "STUN", name_of(orport), "ident",
                   "-udp-idle", "1") as at:
        host, port = at.split(":")
        with socket.create_connection((host, int(port)), LIMIT) as conn:
            conn.sendall(BINDING + SOFTWARE[:3])
            got, source = orport.recvfrom(100)
            assert got == BINDING
            with udp() as stranger:
                stranger.sendto(BINDING, source)
            conn.sendall(SOFTWARE[3:])
            assert orport.recv(100) == SOFTWARE
            orport.sendto(SOFTWARE, source)
            assert conn.recv(100) == SOFTWARE
            if how == "garbage":
                conn.sendall(b"\xff" * 20)
            assert conn.recv(1) == b""
