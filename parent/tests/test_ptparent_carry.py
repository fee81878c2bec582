"""What ptparent carries: how it asks scripted transports for a way, and
streams through ptref on both ends.  Names of the catalogue are in the names of
the tests."""

import contextlib
import hashlib
import os
import signal
import socket
import struct
import threading

import pytest

from scripted import (BRIDGE, GOOD, LIMIT, dial, parent,  # noqa: F401
                      transport, until)

PTREF = os.environ.get("PTREF", "build/ptref")


# --- SOCKS ---

SERVE = GOOD + """
def need(c, n):
    data = b""
    while len(data) < n:
        piece = c.recv(n - len(data))
        if not piece:
            sys.exit(0)
        data += piece
    return data
c, _ = listener.accept()
os.write(2, b"greeting " + need(c, 3).hex().encode() + b"\\n")
"""
REPLY = 'c.sendall(bytes.fromhex("0500000100000000 0000"))\n'


def reset(line):
    """Connected to, and then a reset: no orderly end, which would be an empty
    answer.  On a slow machine connect() itself meets it."""
    with pytest.raises(ConnectionResetError):
        with dial(line) as c:
            assert c.recv(1), "an orderly end"


def socks_words(p, text):
    until(lambda: p.events_file.exists() and
          text in p.events_file.read_text())


def test_PAR_SOCKS_1(transport, parent):
    """Settings as JSON, by method 09, and the bytes of a name counted."""
    p = parent("client", "-B", "t1 192.0.2.1:443 k=\u00e4 l=a=b", pt=[
        transport(SERVE + """
c.sendall(b"\\5\\x09")
n = int.from_bytes(need(c, 4), "big")
os.write(2, b"block " + need(c, n).hex().encode() + b"\\n")
need(c, 10)
""" + REPLY + "c.sendall(c.recv(99))\nwait()")])
    with dial(p.line()) as c:
        c.sendall(b"hello")
        assert c.recv(99) == b"hello"
    block = '{"k":"\u00e4","l":"a=b"}'.encode().hex()
    socks_words(p, "greeting 050109")
    socks_words(p, "block " + block)


def test_PAR_SOCKS_2(transport, parent):
    p = parent(*BRIDGE, pt=[transport(
        SERVE + 'c.sendall(b"\\5\\0")\n'
        'os.write(2, b"request " + need(c, 10).hex().encode() + b"\\n")\n'
        + REPLY + "wait()")])
    with dial(p.line()):
        socks_words(p, "request 05010001c000020101bb")
    socks_words(p, "greeting 050100")


@pytest.mark.parametrize("code", ["10", "11", "12", "13", "01", "77"])
def test_PAR_SOCKS_3(code, transport, parent):
    p = parent(*BRIDGE, pt=[transport(
        SERVE + 'c.sendall(b"\\5\\0")\nneed(c, 10)\n'
        f'c.sendall(bytes.fromhex("05{code}00010000000000 00"))\nwait()')])
    reset(p.line())
    assert f"answered {code}" in p.end(signal.SIGTERM)[1]


def test_PAR_SOCKS_4(transport, parent):
    """No byte of the application before the success."""
    p = parent(*BRIDGE, pt=[transport(
        SERVE + 'c.sendall(b"\\5\\0")\nneed(c, 10)\n'
        "c.settimeout(0.3)\n"
        "try:\n    os.write(2, b'early ' + c.recv(9))\n"
        "except TimeoutError:\n    os.write(2, b'quiet\\n')\n"
        "c.settimeout(None)\n" + REPLY
        + "os.write(2, b'then ' + c.recv(9) + b'\\n')\nwait()")])
    with dial(p.line()) as c:
        c.sendall(b"data")
        socks_words(p, "then data")
    assert "early" not in p.end(signal.SIGTERM)[1]


def test_old_settings(transport, parent):
    """To version 1 as user name and password."""
    p = parent("client", "-B", "t1 192.0.2.1:443 k=v;w", pt=[transport(
        SERVE.replace("VERSION 2", "VERSION 1")
        + 'c.sendall(b"\\5\\2")\n'
        "head = need(c, 2)\nuser = need(c, head[1])\n"
        "word = need(c, need(c, 1)[0])\n"
        'os.write(2, b"user " + user + b" " + word.hex().encode()'
        ' + b"\\n")\nc.sendall(b"\\1\\0")\nneed(c, 10)\n'
        + REPLY + "wait()")])
    with dial(p.line()):
        socks_words(p, "user k=v\\\\;w 00")


def test_socks4(transport, parent):
    """Where that is announced: settings as user id."""
    p = parent("client", "--spec", "1.0", "-B", "t1 192.0.2.1:443 k=v", pt=[
        transport("""
say("VERSION 1", f"CMETHOD t1 socks4 127.0.0.1:{port}", "CMETHODS DONE")
c, _ = listener.accept()
os.write(2, b"request " + c.recv(99).hex().encode() + b"\\n")
c.sendall(b"\\0\\x5a" + bytes(6) + b"early")
c.sendall(c.recv(99))
wait()
""")])
    with dial(p.line()) as c:
        assert c.recv(5, socket.MSG_WAITALL) == b"early"
        c.sendall(b"hello")
        assert c.recv(99) == b"hello"
    socks_words(p, "request 040101bbc00002016b3d7600")


def test_several_bridges(transport, parent):
    """Each has a listener; a method that could not be made has none."""
    pt = transport("""
say("VERSION 2", f"CMETHOD t1 socks5 127.0.0.1:{port}",
    "CMETHOD-ERROR t2 no luck", "CMETHODS DONE")
wait()
""")
    p = parent("client", "-B", "t1 192.0.2.1:1", "-B", "t2 192.0.2.2:2", "-B",
               "t1 192.0.2.3:3", "-L", f"127.0.0.1:{free_port()}", pt=[pt])
    assert p.line().endswith(" t1 192.0.2.1:1")
    assert p.line().endswith(" t1 192.0.2.3:3")
    status, err = p.end(signal.SIGTERM)
    assert status == 0 and "t2 cannot be used: no luck" in err


@pytest.mark.parametrize("mode", ["transparent-UDP", "STUN"])
def test_PAR_PROTO_1(mode, transport, parent):
    """Datagrams to who announces them, and answers to who asked."""
    p = parent(*BRIDGE, pt=[transport("""
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.bind(("127.0.0.1", 0))
say("VERSION 2", "CMETHOD t1 MODE 127.0.0.1:%d" % u.getsockname()[1],
    "CMETHODS DONE")
while True:
    data, who = u.recvfrom(65536)
    u.sendto(data[::-1], who)
""".replace("MODE", mode))])
    host, port = p.line().split()[0].rsplit(":", 1)
    apps = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            for _ in range(3)]
    for i, app in enumerate(apps):
        app.settimeout(LIMIT)
        app.connect((host, int(port)))
        app.send(b"from%d" % i)
    for i, app in enumerate(apps):
        assert app.recv(99) == b"%dmorf" % i
        app.close()


# --- streams through a real transport ---

@pytest.fixture
def pair(parent, tmp_path):
    """ptref on both ends in front of the port @app: where to connect."""
    def make(app, *words):
        server = parent("server", "--transport", "ident", "--bind",
                        "ident=127.0.0.1:0".replace(
                            ":0", f":{free_port()}"),
                        "--app", f"127.0.0.1:{app}", *words, pt=[PTREF])
        line = server.line()
        client = parent("client", "-B", line, pt=[PTREF])
        return client.line()
    return make


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


@pytest.fixture
def application():
    with socket.create_server(("127.0.0.1", 0)) as s:
        s.settimeout(LIMIT)
        yield s


def test_datagrams(parent):
    """Through ptref on both ends, whose mode carries them."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as far, \
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as near:
        far.bind(("127.0.0.1", 0))
        far.settimeout(0.1)
        mode = [PTREF, "-mode", "transparent-UDP"]
        server = parent(
            "server", "--transport", "ident", "--bind",
            f"ident=127.0.0.1:{free_port()}", "--app",
            "127.0.0.1:%d" % far.getsockname()[1], pt=mode)
        bridge = server.line()
        client = parent("client", "-B", bridge,
                        pt=[*mode, "-target", bridge.split()[2]])
        host, port = client.line().split()[0].rsplit(":", 1)
        near.connect((host, int(port)))

        def arrived():
            # What is sent before there is a way may be lost.
            near.send(b"there")
            with contextlib.suppress(TimeoutError):
                return far.recvfrom(99)
        data, who = until(arrived)
        assert data == b"there"
        far.sendto(b"and back", who)
        near.settimeout(LIMIT)
        assert near.recv(99) == b"and back"


@pytest.mark.parametrize("words", [[], ["--extor"],
                                   ["--extor", "--proxy-protocol"]])
def test_stream(words, pair, application):
    """Both directions, the half-close, and who it was."""
    line = pair(application.getsockname()[1], *words)
    data = os.urandom(1 << 22)
    with dial(line) as c:
        here = c.getsockname()
        threading.Thread(target=lambda: (c.sendall(data),
                                         c.shutdown(socket.SHUT_WR))).start()
        a, _ = application.accept()
        with a:
            a.settimeout(LIMIT)
            f = a.makefile("rb")
            if "--proxy-protocol" in words:
                head = f.read(28)
                assert head[:16] == b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c"
                assert head[16:20] == socket.inet_aton("127.0.0.1")
                assert struct.unpack("!H", head[24:26])[0] != here[1]
            assert hashlib.sha256(f.read()).digest() == \
                hashlib.sha256(data).digest()
            a.sendall(b"answer")
            a.shutdown(socket.SHUT_WR)
            got = b""
            while piece := c.recv(4096):
                got += piece
            assert got == b"answer"


def test_reset_is_told_from_end(pair, application):
    with dial(pair(application.getsockname()[1], "--extor")) as c:
        a, _ = application.accept()
        a.sendall(b"half")
        a.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                     struct.pack("ii", 1, 0))
        a.close()
        with pytest.raises(ConnectionResetError):
            while c.recv(4096):
                pass
            raise AssertionError("an orderly end")


def test_back_pressure(pair, application):
    """Nobody reads: what is held is bounded."""
    with dial(pair(application.getsockname()[1])) as c:
        a, _ = application.accept()
        c.settimeout(2)
        sent = 0
        with pytest.raises(TimeoutError):
            while sent < 1 << 29:
                sent += c.send(bytes(1 << 16))
        assert sent < 1 << 27
        a.close()
