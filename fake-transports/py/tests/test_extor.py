"""The Extended ORPort, with a scripted one."""
import hashlib
import hmac
import os
import socket

import pytest

from ptpy_runs import HASTY, KEY, LIMIT, connect, dial, pt, read, rest

assert pt  # the fixture

HEADER = b"! Extended ORPort Auth Cookie !\n"
OKAY = b"\x10\0\0\0"
DENY = b"\x10\1\0\0"


def hashed(cookie, way, client, server):
    """A hash of SAFE_COOKIE."""
    return hmac.digest(
        cookie, b"ExtORPort authentication " + way + b" hash" + client
        + server, hashlib.sha256)


def authenticate(conn, cookie, types=b"\1\0", flip=None, status=b"\1"):
    """The server's part, bytewise; the client's nonce."""
    for i in range(len(types)):
        conn.sendall(types[i:i + 1])
    assert read(conn, 1) == b"\1"
    client, server = read(conn, 32), os.urandom(32)
    said = bytearray(hashed(cookie, b"server-to-client", client, server)
                     + server)
    if flip is not None:
        said[flip] ^= 1
    for i in range(len(said)):
        conn.sendall(said[i:i + 1])
    if flip is not None:
        assert rest(conn) == b""
        return client
    assert read(conn, 32) == hashed(cookie, b"client-to-server", client,
                                    server)
    conn.sendall(status)
    return client


def commands(conn):
    """{code: body} up to DONE."""
    found = {}
    while 0 not in found:
        head = read(conn, 4)
        code = int.from_bytes(head[:2], "big")
        assert code not in found
        found[code] = read(conn, int.from_bytes(head[2:], "big"))
    return found


@pytest.fixture(name="ext")
def _ext(pt, tmp_path):
    """A server with an Extended ORPort: ext.peer is that, ext.where its
    listeners; the ORPort is there, too, and must never be used."""
    class Ext:
        """See above."""
        cookie = os.urandom(32)
        path = tmp_path / "cookie"

        def __init__(self):
            self.peer, self.orport = pt.peer(), pt.peer()
            self.path.write_bytes(HEADER + self.cookie)

        def start(self, **more):
            """Start the server."""
            self.run = pt.server(self.orport.at, {
                "EXTENDED_SERVER_PORT": self.peer.at,
                "AUTH_COOKIE_FILE": str(self.path)}, **more)
            self.where = self.run.methods()[0]
            return self

        def refused(self, conn):
            """The client is gone, and nobody else was asked."""
            assert rest(conn) == b""
            assert self.orport.nobody()

    return Ext()


@pytest.mark.parametrize("types", [b"\1\0", b"\2\xfe\1\7\0",
                                   bytes(range(255, 0, -1)) + b"\0"])
def test_a_good_one(ext, types):
    ext.start()
    nonces = set()
    for source in ("127.0.0.77", "127.0.0.78"):
        conn = socket.create_connection(ext.where["pyident"], 10,
                                        (source, 0))
        port = conn.getsockname()[1]
        conn.sendall(b"payload")
        far = ext.peer.take()
        nonces.add(authenticate(far, ext.cookie, types))
        assert commands(far) == {1: f"{source}:{port}".encode(),
                                 2: b"pyident", 0: b""}
        far.settimeout(0.3)
        with pytest.raises(TimeoutError):  # not before OKAY
            far.recv(1)
        far.settimeout(LIMIT)
        far.sendall(b"\x1f\xff\0\3abc" + b"\x10\2\0\1x"
                    + b"\x10\0\0\5ignor" + b"hello")
        assert read(far, 7) == b"payload"
        assert read(conn, 5) == b"hello"
        conn.shutdown(socket.SHUT_WR)
        assert rest(far) == b""
        far.sendall(b"late" * 50000)
        far.close()
        assert rest(conn) == b"late" * 50000
    assert len(nonces) == 2 and bytes(32) not in nonces
    assert ext.orport.nobody()


def test_transport_and_v6(pt, ext):
    client = pt.client()
    ext.run = pt.server(None, {
        "EXTENDED_SERVER_PORT": ext.peer.at, "SERVER_BINDADDR":
        "pyxor-[::1]:0", "AUTH_COOKIE_FILE": str(ext.path)})
    where, args = ext.run.methods()
    assert args["pyxor"] == {"key": KEY}
    seen = []

    def script(far):
        authenticate(far, ext.cookie)
        seen.append(commands(far))
        far.sendall(OKAY + b"hi")
    ext.peer.play(script)
    conn, code = connect(client.methods()[0]["pyxor"], where["pyxor"],
                         args["pyxor"])
    assert code == 0
    assert read(conn, 2) == b"hi"
    assert seen[0][2] == b"pyxor"
    assert seen[0][1].startswith(b"[::1]:")


@pytest.mark.parametrize("types", [b"\2\0", b"\0"])
def test_no_acceptable_type(ext, types):
    ext.start()
    conn = dial(ext.where["pyident"])
    far = ext.peer.take()
    far.sendall(types)
    assert rest(far) in (b"\0", b"")
    ext.refused(conn)


@pytest.mark.parametrize("flip", [0, 31, 32, 63])
def test_a_wrong_hash(ext, flip):
    ext.start()
    conn = dial(ext.where["pyident"])
    authenticate(ext.peer.take(), ext.cookie, flip=flip)
    ext.refused(conn)


@pytest.mark.parametrize("status", [b"\0", b"\2"])
def test_a_bad_status(ext, status):
    ext.start()
    conn = dial(ext.where["pyident"])
    conn.sendall(b"x")
    far = ext.peer.take()
    authenticate(far, ext.cookie, status=status)
    assert rest(far) == b""
    ext.refused(conn)


@pytest.mark.parametrize("reply", [DENY, b"\1\1\0\0" + DENY, None])
def test_denied(ext, reply):
    ext.start()
    conn = dial(ext.where["pyident"])
    conn.sendall(b"x")
    far = ext.peer.take()
    authenticate(far, ext.cookie)
    commands(far)
    if reply:
        far.sendall(reply)
    else:
        far.shutdown(socket.SHUT_WR)
    assert rest(far) == b""
    ext.refused(conn)


@pytest.mark.parametrize("content", [
    None, b"", HEADER, HEADER + bytes(31), HEADER + bytes(33),
    HEADER[:-1] + b"\r" + bytes(32), b"?" + HEADER[1:] + bytes(32)])
def test_a_bad_cookie_file(ext, content):
    """It is told to nobody, and another cookie counts at once."""
    if content is None:
        ext.path.unlink()
    else:
        ext.path.write_bytes(content)
    ext.start()
    conn = dial(ext.where["pyident"])
    far = ext.peer.take()
    far.sendall(b"\1\0")
    assert rest(far) in (b"", b"\0")
    ext.refused(conn)
    ext.path.write_bytes(HEADER + ext.cookie)
    conn = dial(ext.where["pyident"])
    far = ext.peer.take()
    authenticate(far, ext.cookie)
    commands(far)
    far.sendall(OKAY + b"x")
    assert read(conn, 1) == b"x"


def test_a_cookie_that_blocks(ext):
    ext.path.unlink()
    os.mkfifo(ext.path)
    ext.start()
    conn = dial(ext.where["pyident"])
    ext.peer.take().sendall(b"\1\0")
    ext.refused(conn)


def test_nobody_there(ext):
    ext.start()
    ext.peer.sock.close()
    conn = dial(ext.where["pyident"])
    ext.refused(conn)


def test_it_stalls(ext):
    """Impatience is the same for all steps: the deadline is one."""
    code = HASTY[-1].replace("import pypt.socks", "import pypt.server, "
                             "pypt.socks\npypt.server.CONNECT = 0.5")
    ext.start(program=[*HASTY[:-1], code])
    conn = dial(ext.where["pyident"])
    far = ext.peer.take()
    ext.refused(conn)
    assert rest(far) == b""


def test_empty_means_none(pt, tmp_path):
    app = pt.peer()
    run = pt.server(app.at, {"EXTENDED_SERVER_PORT": "",
                             "AUTH_COOKIE_FILE": str(tmp_path / "none")})
    conn = dial(run.methods()[0]["pyident"])
    conn.sendall(b"x")
    assert read(app.take(), 1) == b"x"


@pytest.mark.parametrize("version", [2, 1])
def test_far_away_is_worth_a_warning(pt, version):
    run = pt.server(None, {"EXTENDED_SERVER_PORT": "192.0.2.1:1",
                           "AUTH_COOKIE_FILE": "/none",
                           "MANAGED_TRANSPORT_VER": str(version)})
    lines = run.lines()
    run.close_stdin()
    _, _, err = run.end()
    said = lines[1] if version == 1 else err.decode()
    assert "not on this host" in said
    assert said.startswith("LOG SEVERITY=warning MESSAGE=\"") == (
        version == 1)
