"""Connections through the upstream proxy, of all three kinds."""
import base64
import socket
import struct

import pytest

from ptpy_runs import HASTY, connect, dial, pt, read, rest

assert pt  # the fixture


def bytewise(conn, data):
    """Each byte in a segment of its own, as far as one can tell."""
    conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for i in range(len(data)):
        conn.sendall(data[i:i + 1])


def address(conn, kind):
    """An address of RFC 1928 as text, with its port."""
    if kind == 3:
        host = read(conn, read(conn, 1)[0]).decode()
    else:
        family, n = {1: (socket.AF_INET, 4), 4: (socket.AF_INET6, 16)}[kind]
        host = socket.inet_ntop(family, read(conn, n))
    return host, struct.unpack(">H", read(conn, 2))[0]


def socks5(conn, user=None, bound=b"\1\0\0\0\0\0\0"):
    """The handshake of a good proxy: where the client wants to go."""
    version, n = read(conn, 2)
    methods = read(conn, n)
    assert version == 5
    if user:
        assert 2 in methods
        bytewise(conn, b"\5\2")
        assert read(conn, len(user)) == user
        bytewise(conn, b"\1\0")
    else:
        assert methods == b"\0"
        bytewise(conn, b"\5\0")
    version, command, reserved, kind = read(conn, 4)
    assert (version, command, reserved) == (5, 1, 0)
    where = address(conn, kind)
    bytewise(conn, b"\5\0\0" + bound)
    return where


def until(conn, end):
    """Everything before `end`, which is taken, too."""
    data = b""
    while not data.endswith(end):
        data += read(conn, 1)
    return data[:-len(end)]


def socks4a(conn, user=b""):
    """The same for SOCKS4 and 4a."""
    version, command, port = struct.unpack(">BBH", read(conn, 4))
    assert (version, command) == (4, 1)
    packed = read(conn, 4)
    assert until(conn, b"\0") == user
    host = socket.inet_ntoa(packed)
    if packed[:3] == b"\0\0\0" and packed[3]:
        host = until(conn, b"\0").decode()
    bytewise(conn, b"\0\x5a" + bytes(6))
    return host, port


def http(conn, credentials=None, answer=b"HTTP/1.0 200 OK\r\n\r\n"):
    """The same for HTTP."""
    first, *head = until(conn, b"\r\n\r\n").decode().split("\r\n")
    method, where, version = first.split(" ")
    assert (method, version) == ("CONNECT", "HTTP/1.1")
    fields = dict(line.split(": ") for line in head)
    assert fields.pop("Host") == where
    if credentials:
        basic = base64.b64encode(credentials).decode()
        assert fields.pop("Proxy-Authorization") == f"Basic {basic}"
    assert fields == {}
    bytewise(conn, answer)
    host, _, port = where.rpartition(":")
    return host.strip("[]"), int(port)


KINDS = {"socks5": socks5, "socks4a": socks4a, "http": http}
PROXIES = [
    ("socks5://{}", socks5, {}),
    ("socks5://{}", socks5, {"bound": b"\3\5abcde\0\1"}),
    ("socks5://{}", socks5, {"bound": b"\4" + bytes(18)}),
    ("socks5://tor:test1234@{}", socks5, {"user": b"\1\3tor\10test1234"}),
    ("socks5://u:p%40ss%3A@{}", socks5, {"user": b"\1\1u\5p@ss:"}),
    ("SOCKS5://{}", socks5, {}), ("socks5://@{}", socks5, {}),
    ("socks4a://{}", socks4a, {}), ("socks4a://bob@{}", socks4a,
                                    {"user": b"bob"}),
    ("http://{}", http, {}), ("http://u:p@{}", http, {"credentials": b"u:p"}),
    ("http://u@{}", http, {"credentials": b"u:"}),
    ("http://{}", http, {"answer": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 "
                         b"204 No\r\nVia: x\r\n\r\n"}),
]


@pytest.mark.parametrize("uri, talk, more", PROXIES, ids=range(len(PROXIES)))
@pytest.mark.parametrize("version", [2, 1])
@pytest.mark.parametrize("to", [
    ("203.0.113.5", 443), ("2001:db8::5", 1), ("secret.test", 65535),
    ("0.0.0.7", 80)])
def test_through(pt, version, uri, talk, more, to):
    proxy = pt.peer()
    run = pt.client({"PROXY": uri.format(proxy.at),
                     "MANAGED_TRANSPORT_VER": str(version)})
    assert run.lines()[:2] == [f"VERSION {version}", "PROXY DONE"]
    front = run.methods()[0]["pyident"]
    seen = []

    def script(conn):
        seen.append(talk(conn, **more))
        conn.sendall(b"early" + read(conn, 1))
    proxy.play(script)
    conn, code = connect(front, to)
    assert code == 0
    conn.sendall(b"!")
    assert read(conn, 6) == b"early!"
    assert seen == [to]


REFUSALS = {
    "socks5": [b"", b"\5\xff", b"\5\1", b"\5\2", b"\4\0", b"\xff" * 50,
               b"\5\0\5\1\0\1\0\0\0\0\0\0", b"\5\0\5\xff\0\1\0\0\0\0\0\0",
               b"\5\0\4\0\0\1\0\0\0\0\0\0", b"\5\0\5\0\0\7\0\0\0\0\0\0",
               b"\5\0\5\0\0\1\0\0"],
    "socks4a": [b"", b"\0\x5b" + bytes(6), b"\0\x5d" + bytes(6),
                b"\5\0" + bytes(6), b"\0\x5a\0"],
    "http": [b"", b"HTTP/1.1 407 No\r\n\r\n", b"HTTP/1.1 502 No\r\n\r\n",
             b"HTTP/1.1 302 No\r\nLocation: /\r\n\r\n", b"\0" * 20000,
             b"HTTP/1.1 2000 No\r\n\r\n", b"ICY 200 OK\r\n\r\n",
             b"HTTP/1.1 200 OK\r\nVia: " + b"x" * 20000,
             b"HTTP/1.1 200 OK\r\n"],
}


@pytest.mark.parametrize("kind, said", [
    (kind, said) for kind, all_said in REFUSALS.items() for said in all_said],
    ids=range(sum(map(len, REFUSALS.values()))))
def test_fails_closed(pt, kind, said):
    """Whatever the proxy does: a failure, and nobody is called directly."""
    proxy, target = pt.peer(), pt.peer()
    front = pt.client({"PROXY": f"{kind}://{proxy.at}"}).methods()[0]

    def script(conn):
        conn.recv(65536)
        conn.sendall(said)
        conn.shutdown(socket.SHUT_WR)
        rest(conn)
        conn.close()
    proxy.play(script)
    for _ in range(2):
        conn, code = connect(front["pyident"], ("127.0.0.1", target.port))
        assert code != 0
        assert rest(conn) == b""
    assert target.nobody()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("how", ["down", "stall", "drop"])
def test_fails_closed_without_a_word(pt, kind, how):
    proxy, target = pt.peer(), pt.peer()
    run = pt.client({"PROXY": f"{kind}://{proxy.at}"},
                    program=HASTY)
    front = run.methods()[0]["pyident"]
    if how == "down":
        proxy.sock.close()
    held = []
    if how == "stall":
        proxy.play(held.append)
    if how == "drop":
        proxy.play(lambda conn: (KINDS[kind](conn), conn.close()))
    for _ in range(2):
        conn, code = connect(front, ("127.0.0.1", target.port))
        assert (code == 0) == (how == "drop")
        assert rest(conn) == b""
    assert target.nobody()


def test_names_are_for_the_proxy(pt):
    """The resolver is not asked: that would end the client."""
    proxy = pt.peer()
    proxy.play(socks5)
    code = HASTY[-1].replace("from pypt.main", "import socket\n"
                             "socket.getaddrinfo = lambda *_, **__: "
                             "os._exit(99)\nfrom pypt.main")
    env = {"PROXY": f"socks5://{proxy.at}"}
    run = pt.client(env, program=[*HASTY[:-1], code])
    conn, reply = connect(run.methods()[0]["pyident"], ("secret.test", 443))
    assert reply == 0
    conn.close()
    run.close_stdin()
    assert run.end()[0] == 0
    # Without a proxy it would have.
    run = pt.client(program=[*HASTY[:-1], code])
    with pytest.raises((AssertionError, ConnectionError)):
        connect(run.methods()[0]["pyident"], ("secret.test", 443))
    assert run.end()[0] == 99


def test_a_server_has_no_proxy(pt):
    app = pt.peer()
    run = pt.server(app.at, {"PROXY": "garbage"})
    conn = dial(run.methods()[0]["pyident"])
    conn.sendall(b"x")
    assert read(app.take(), 1) == b"x"


@pytest.mark.parametrize("value", ["", None])
def test_no_proxy(pt, value):
    assert "PROXY DONE" not in pt.client({"PROXY": value}).lines()
