"""ptparent around obfs4proxy on both ends: streams by their hash, an upstream
proxy with a password, and a web server that learns who its client is."""

import contextlib
import hashlib
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import threading

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "cases/drivers"))
from conftest import LIMIT  # noqa: E402

BUILD = pathlib.Path(os.environ.get("PTCHECK", "build/ptcheck")).parent
PTPARENT = str(BUILD / "ptparent")
MIB = int(os.environ.get("PTPARENT_MIB", "64"))


def program(name):
    found = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin")
    assert found, f"{name} is missing: ci/setup installs it"
    return found


@pytest.fixture
def start(tmp_path):
    with contextlib.ExitStack() as stack:
        def begin(*words, env=None):
            p = subprocess.Popen(words, stdout=subprocess.PIPE, text=True,
                                 env=env, stderr=open(
                                     tmp_path / "stderr", "a"))
            stack.callback(p.wait)
            stack.callback(p.kill)
            stack.callback(p.stdout.close)
            return p
        yield begin


@pytest.fixture
def pair(start, tmp_path):
    """Where to connect, for what comes out at @app."""
    def make(app, *words, client=()):
        server = start(PTPARENT, "server", "--state", f"{tmp_path}/server",
                       "--transport", "obfs4", "--app", app, *words, "--",
                       program("obfs4proxy"))
        bridge = server.stdout.readline().strip()
        assert "cert=" in bridge, (tmp_path / "stderr").read_text()
        bridge = bridge.replace("0.0.0.0", "127.0.0.1").replace(
            "[::]", "127.0.0.1")
        mine = start(PTPARENT, "client", "--state", f"{tmp_path}/client",
                     "-B", bridge, *client, "--", program("obfs4proxy"))
        line = mine.stdout.readline()
        assert line, (tmp_path / "stderr").read_text()
        host, port = line.split()[0].rsplit(":", 1)
        return host, int(port)
    return make


def need(c, n):
    data = b""
    while len(data) < n:
        piece = c.recv(n - len(data))
        assert piece, "ended early"
        data += piece
    return data


class Proxy:
    """SOCKS5 with user name and password, and what it was asked for."""

    USER, PASSWORD = b"us@er", b"p:w/d"

    def __init__(self, source="127.0.0.1"):
        self.asked = []
        self.source = source  # where it comes from to whom it calls
        self.server = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.serve, daemon=True).start()
        self.uri = "socks5://us%%40er:p%%3Aw%%2Fd@127.0.0.1:%d" \
            % self.server.getsockname()[1]

    def serve(self):
        while True:
            c, _ = self.server.accept()
            threading.Thread(target=self.one, args=(c,), daemon=True).start()

    def one(self, c):
        need(c, need(c, 2)[1])
        c.sendall(b"\5\2")
        user = need(c, need(c, 2)[1])
        password = need(c, need(c, 1)[0])
        assert (user, password) == (self.USER, self.PASSWORD)
        c.sendall(b"\1\0")
        request = need(c, 10)
        there = (socket.inet_ntoa(request[4:8]),
                 int.from_bytes(request[8:], "big"))
        self.asked.append(there)
        far = socket.create_connection(there,
                                       source_address=(self.source, 0))
        c.sendall(b"\5\0\0\1" + bytes(6))
        threading.Thread(target=self.carry, args=(c, far),
                         daemon=True).start()
        self.carry(far, c)

    @staticmethod
    def carry(a, b):
        with contextlib.suppress(OSError):
            while piece := a.recv(1 << 16):
                b.sendall(piece)
            b.shutdown(socket.SHUT_WR)


# obfs4proxy cuts the other direction when one ends: the answer comes before.
@pytest.mark.parametrize("proxied", [False, True])
def test_streams_by_hash(proxied, pair, tmp_path):
    data = os.urandom(1 << 20)
    want = hashlib.sha256()
    served = threading.Event()
    got = []

    def serve(s):
        c, _ = s.accept()
        digest = hashlib.sha256()
        with c:
            left = MIB << 20
            while left and (piece := c.recv(min(left, 1 << 18))):
                digest.update(piece)
                left -= len(piece)
            got.append(digest.hexdigest())
            c.sendall(b"over")
            served.wait(LIMIT)

    proxy = Proxy() if proxied else None
    with socket.create_server(("127.0.0.1", 0)) as s:
        threading.Thread(target=serve, args=(s,), daemon=True).start()
        at = pair("127.0.0.1:%d" % s.getsockname()[1],
                  client=["--proxy", proxy.uri] if proxied else [])
        with socket.create_connection(at, timeout=LIMIT) as c:
            for _ in range(MIB):
                c.sendall(data)
                want.update(data)
            assert need(c, 4) == b"over"
        served.set()
    assert got == [want.hexdigest()]
    assert not proxied or len(proxy.asked) == 1


NGINX = """\
daemon off;
worker_processes 1;
pid {dir}/pid;
error_log {dir}/error.log;
events {{ worker_connections 64; }}
http {{
    log_format who '$proxy_protocol_addr $request';
    access_log {dir}/access.log who;
    client_body_temp_path {dir}/a;
    proxy_temp_path {dir}/b;
    fastcgi_temp_path {dir}/c;
    uwsgi_temp_path {dir}/d;
    scgi_temp_path {dir}/e;
    server {{
        listen 127.0.0.1:{port} proxy_protocol;
        root {dir}/www;
    }}
}}
"""


def test_web_server_learns_its_client(pair, start, tmp_path):
    www = tmp_path / "www"
    www.mkdir()
    page = os.urandom(1 << 20)
    (www / "page").write_bytes(page)
    tmp_path.chmod(0o755)
    with socket.create_server(("127.0.0.1", 0)) as s:
        port = s.getsockname()[1]
    conf = tmp_path / "nginx.conf"
    text = NGINX.format(dir=tmp_path, port=port)
    if os.getuid() == 0:
        text = "user root;\n" + text
    conf.write_text(text)
    start(program("nginx"), "-c", str(conf), "-p", str(tmp_path))
    # An address that nobody else here has.
    proxy = Proxy("127.44.5.6")
    host, local = pair(f"127.0.0.1:{port}", "--extor", "--proxy-protocol",
                       client=["--proxy", proxy.uri])
    done = subprocess.run(
        ["curl", "-sS", "--fail", "--retry", "5", "--retry-all-errors", "-o",
         str(tmp_path / "got"), f"http://{host}:{local}/page"],
        capture_output=True, text=True, timeout=LIMIT)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "got").read_bytes() == page
    assert re.search(r"^127\.44\.5\.6 GET /page",
                     (tmp_path / "access.log").read_text(), re.M)
