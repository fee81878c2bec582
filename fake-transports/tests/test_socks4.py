"""ptref in mode socks4: SOCKS4 and SOCKS4a, settings in the user id."""

import re
import socket
import struct

import pytest

from test_ptref import (
    LIMIT, Listener, Session, client_env, closed, echo, exactly, method_addr,
    run, server_env, state)  # noqa: F401

MODE = ("-mode", "socks4")
GRANTED = b"\x00\x5a" + bytes(6)
REJECTED = b"\x00\x5b" + bytes(6)
KEY = b"key=a\\=b\\;c\\\\d"


def request(dest, userid=b"", cmd=1, name=None):
    host, port = dest
    ip = "0.0.0.1" if name is not None else host
    return (bytes([4, cmd]) + struct.pack(">H", port) + socket.inet_aton(ip) +
            userid + b"\0" + (name + b"\0" if name is not None else b""))


def front_of(line):
    host, port = re.fullmatch(r"CMETHOD \w+ socks4 ([0-9.]+):(\d+)",
                              line).groups()
    return host, int(port)


def ask(front, *pieces):
    """(socket, its eight bytes) of a request."""
    s = socket.create_connection(front, timeout=LIMIT)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for piece in pieces:
        s.sendall(piece)
    return s, exactly(s, 8)


@pytest.fixture
def ends(state, tmp_path):
    """(fronts of ident and veil, servers of both) over an echo."""
    with Listener(echo) as target, \
            Session(client_env(state, "ident,veil", version="1"), MODE) as c, \
            Session(server_env(str(tmp_path / "srv"), "ident,veil", "1",
                               target.addr,
                               TOR_PT_SERVER_TRANSPORT_OPTIONS="veil:" +
                               KEY.decode()), MODE) as s:
        yield ([front_of(x) for x in c.lines_until("CMETHODS DONE")[1:3]],
               [method_addr(x) for x in s.lines_until("SMETHODS DONE")[1:3]])


def test_only_version_1_has_it(state):
    status, out, err = run(client_env(state, version="2"), *MODE)
    assert (status, out) == (0, "VERSION 2\nCMETHODS DONE\n")
    assert err == "CMETHOD-ERROR ident socks4 belongs to version 1\n"
    _, out, err = run(client_env(state, version="2,1"), *MODE)
    assert out.startswith("VERSION 1\nCMETHOD ident socks4 ") and err == ""
    _, out, _ = run(server_env(state, version="2,1"), *MODE)
    assert out.startswith("VERSION 2\nSMETHOD ident ")


@pytest.mark.parametrize("make", [client_env, server_env])
def test_words(state, make):
    status, out, err = run(make(state), "-mode", "socks6")
    assert (status, out) == (64, "VERSION 2\n")
    assert err == 'ENV-ERROR -mode: "socks6" is no mode\n'
    status, out, _ = run(make(state), "-mode", "socks5")
    assert status == 0 and out.endswith("METHODS DONE\n")


def test_tunnels(ends):
    (ident, veil), (ident_at, veil_at) = ends
    for front, at, userid in ((ident, ident_at, b""), (veil, veil_at, KEY),
                              (ident, ident_at, b"x=" + b"y" * 4000)):
        s, answer = ask(front, request(at, userid), b"behind the request")
        assert answer == GRANTED
        assert exactly(s, 18) == b"behind the request"


def test_names(ends):
    (ident, _), (at, _) = ends
    for name in (b"localhost", b"127.0.0.1"):
        assert ask(ident, request(at, name=name))[1] == GRANTED
    for name in (b"", b"a" * 256):
        assert ask(ident, request(at, name=name))[1] == REJECTED


def test_pieces(ends):
    (_, veil), (_, at) = ends
    whole = request(at, KEY)
    assert ask(veil, *(whole[i:i + 1] for i in range(len(whole))))[1] == \
        GRANTED


@pytest.mark.parametrize("userid", [
    b"", b"hello", b"=v", b"key=wrong\\", b"other=1", b"k=" + b"v" * 5000])
def test_settings_that_do_not_suit(ends, userid):
    (_, veil), (_, at) = ends
    s, answer = ask(veil, request(at, userid))
    assert answer == REJECTED and closed(s)


def test_a_user_id_without_end(ends):
    (ident, _), (at, _) = ends
    s, answer = ask(ident, request(at, b"x" * 5000)[:-1])
    assert answer == REJECTED and closed(s)
    assert ask(ident, request(at))[1] == GRANTED


def test_refusals(ends):
    (ident, _), (at, _) = ends
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        s, answer = ask(ident, request(unused.getsockname()))
        assert answer == REJECTED and closed(s)
    assert ask(ident, request(at, cmd=2))[1] == REJECTED
    for talk in (b"\x05\x01\x00", b"GET / HTTP/1.0\r\n\r\n"):
        with socket.create_connection(ident, timeout=LIMIT) as s:
            s.sendall(talk)
            assert closed(s)
