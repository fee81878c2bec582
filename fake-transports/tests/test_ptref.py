"""Black-box tests of ptref: sessions, errors, tunnels.

Needs only the standard library and pytest. PTREF names the program to test,
build/ptref by default.
"""

import base64
import contextlib
import hashlib
import hmac
import json
import os
import pathlib
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "ci"))
import limits  # noqa: E402

PTREF = os.path.abspath(os.environ.get("PTREF", "build/ptref"))
LIMIT = limits.SOON  # for whatever ought to happen at once


class Session:
    """One run of ptref, with pipes for all three standard streams."""

    def __init__(self, env, args=(), cwd=None, fault=None, program=PTREF,
                 **popen):
        argv = [program, *args]
        if fault:
            argv += ["--fault", fault]
        self.out = b""
        self.p = subprocess.Popen(
            argv, env=env, cwd=cwd, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, **popen)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(ProcessLookupError):
            self.p.kill()
        self.p.wait()
        for f in (self.p.stdin, self.p.stdout, self.p.stderr):
            with contextlib.suppress(OSError):
                f.close()

    def lines_until(self, last):
        """All stdout lines up to the one that equals `last`."""
        end = time.monotonic() + LIMIT
        want = (last + "\n").encode()
        while not self.out.endswith(want):
            left = end - time.monotonic()
            ready, _, _ = select.select([self.p.stdout], [], [], max(left, 0))
            chunk = os.read(self.p.stdout.fileno(), 65536) if ready else b""
            assert chunk, f"no {last!r} in {self.out!r}"
            self.out += chunk
        return self.out.decode("ascii").splitlines()

    def finish(self):
        """(status, stdout, stderr) of a run that ends by itself."""
        self.wait()
        out = self.out + self.p.stdout.read()
        return self.p.returncode, out.decode(), self.p.stderr.read().decode()

    def wait(self):
        return self.p.wait(timeout=LIMIT)


@pytest.fixture
def state(tmp_path):
    return str(tmp_path / "pt" / "state")


def common(state, version="2"):
    env = {"TOR_PT_STATE_LOCATION": state, "TOR_PT_EXIT_ON_STDIN_CLOSE": "1"}
    if version is not None:
        env["TOR_PT_MANAGED_TRANSPORT_VER"] = version
    return env


def client_env(state, names="ident", version="2", **more):
    return {**common(state, version), "TOR_PT_CLIENT_TRANSPORTS": names,
            **more}


def server_env(state, names="ident", version="2", orport="127.0.0.1:9",
               **more):
    env = {**common(state, version), "TOR_PT_SERVER_TRANSPORTS": names,
           "TOR_PT_EXTENDED_SERVER_PORT": "", **more}
    if orport:
        env["TOR_PT_ORPORT"] = orport
    return env


def run(env, *args, fault=None, stdin_open=False):
    """A run that is expected to end by an error or at the end of stdin."""
    with Session(env, args, fault=fault) as s:
        if not stdin_open:
            s.p.stdin.close()
        return s.finish()


def method_addr(line):
    host, port = re.fullmatch(
        r"(?:CMETHOD \w+ [\w-]+|SMETHOD \w+) ([0-9.]+|\[[0-9a-f:]+\]):(\d+)"
        r"(?: ARGS:\S+)?", line).groups()
    return host.strip("[]"), int(port)


class Listener:
    """A TCP server on loopback that hands each connection to a function."""

    def __init__(self, serve, family=socket.AF_INET):
        self.sock = socket.socket(family)
        self.sock.bind(("127.0.0.1" if family == socket.AF_INET else "::1",
                        0))
        self.sock.listen(64)
        self.port = self.sock.getsockname()[1]
        self.serve = serve
        self.seen = 0
        self.errors = []
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            try:
                conn, peer = self.sock.accept()
            except OSError:
                return
            self.seen += 1
            threading.Thread(target=self._one, args=(conn, peer),
                             daemon=True).start()

    def _one(self, conn, peer):
        conn.settimeout(LIMIT)
        with conn:
            try:
                self.serve(conn)
            except (OSError, AssertionError) as e:
                self.errors.append(e)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # A close alone would not end an accept() that waits.
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()

    stop = __exit__

    @property
    def addr(self):
        return f"127.0.0.1:{self.port}"


def echo(conn):
    while data := conn.recv(65536):
        conn.sendall(data)
    conn.shutdown(socket.SHUT_WR)


def exactly(conn, n):
    data = b""
    while len(data) < n:
        more = conn.recv(n - len(data))
        assert more, f"closed after {data!r}"
        data += more
    return data


def wait_for(condition):
    """Waits until what a thread or another process does has happened."""
    end = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def json_block(obj):
    body = obj if isinstance(obj, bytes) else json.dumps(obj).encode()
    return struct.pack(">I", len(body)) + body


def request_for(dest):
    host, port = dest
    return (b"\x05\x01\x00\x01" + socket.inet_aton(host) +
            struct.pack(">H", port))


def socks(addr, dest, settings=None):
    """Connects through the front end; (socket, REP)."""
    s = socket.create_connection(addr, timeout=LIMIT)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    method = b"\x09" if settings is not None else b"\x00"
    s.sendall(b"\x05\x01" + method)
    assert exactly(s, 2) == b"\x05" + method
    if settings is not None:
        s.sendall(json_block(settings))
    s.sendall(request_for(dest))
    return s, exactly(s, 10)[1]


def closed(s):
    try:
        return s.recv(1) == b""
    except ConnectionError:
        return True


# ---- sessions ----

def test_client_session(state):
    with Session(client_env(state, "veil,nosuch,ident")) as s:
        lines = s.lines_until("CMETHODS DONE")
        assert lines[0] == "VERSION 2"
        assert [x.split()[:3] for x in lines[1:3]] == [
            ["CMETHOD", "veil", "socks5"], ["CMETHOD", "ident", "socks5"]]
        assert len({method_addr(x) for x in lines[1:3]}) == 2
        for x in lines[1:3]:
            socket.create_connection(method_addr(x), timeout=LIMIT).close()
        s.p.stdin.close()
        assert s.wait() == 0
        assert s.p.stderr.read() == b""
    assert os.stat(state).st_mode & 0o777 == 0o700
    assert os.listdir(state) == ["ptref.state"]


def test_server_session(state):
    env = server_env(
        state, "ident,veil",
        TOR_PT_SERVER_BINDADDR="ident-127.0.0.2:0,nosuch-127.0.0.1:0",
        TOR_PT_SERVER_TRANSPORT_OPTIONS=r"veil:key=a\=b\;c\\,d;ident:x=1;"
        r"ident:secret=hush;nosuch:k=v;ident:e=")
    with Session(env) as s:
        lines = s.lines_until("SMETHODS DONE")
        assert lines[0] == "VERSION 2"
        assert lines[1].endswith(" ARGS:x=1,e=")
        assert method_addr(lines[1])[0] == "127.0.0.2"
        assert lines[2].endswith(r" ARGS:key=a\=b;c\\\,d")
        s.p.send_signal(signal.SIGTERM)
        assert s.wait() == 0


def test_version_1_session(state):
    with Session(client_env(state, version="0,1")) as s:
        lines = s.lines_until("CMETHODS DONE")
        assert lines[0] == "VERSION 1"
        method_addr(lines[1])


def test_flags_alone(state):
    args = ["-client", "-ptversion", "2", "-exit-on-stdin-close", "-state",
            state, "-transports", "ident"]
    status, out, err = run({}, *args)
    assert (status, err) == (0, "")
    assert out.splitlines()[-1] == "CMETHODS DONE"
    args = ["-server", "-ptversion", "2", "-state", state, "-transports",
            "ident", "-options", "ident:a=b", "-orport", "[::1]:80",
            "-bindaddr", "ident-127.0.0.1:0", "-exit-on-stdin-close"]
    status, out, err = run({}, *args)
    assert (status, err) == (0, "")
    assert " ARGS:a=b\n" in out


def test_flag_beats_variable(state):
    env = client_env(state, "veil", version="99")
    status, out, _ = run(env, "-ptversion", "2", "-transports", "ident",
                         "-state", state + "2", "-proxy", "")
    assert status == 0
    assert "CMETHOD ident" in out and "veil" not in out
    assert os.path.exists(state + "2") and not os.path.exists(state)


@pytest.mark.parametrize("offer, answer", [
    ("2", "2"), ("1,2", "2"), ("2,1", "2"), ("x,2,y", "2"), ("2,2", "2"),
    (",2", "2"), ("20,12,2", "2"), ("x," * 5000 + "2", "2"), ("1,1a", "1"),
    ("!\"#$%&'()*+-./:;<=>?@[]^_`{|}~,2", "2"),
    ("20", None), ("02", None), ("+2", None), ("2.0", None), ("1, 2", "1"),
    (" 2", None), ("2\n", None), ("1;2", None),
])
def test_version_list(state, offer, answer):
    status, out, err = run(client_env(state, version=offer))
    if answer:
        assert (status, err) == (0, "")
        assert out.startswith(f"VERSION {answer}\nCMETHOD ident ")
    else:
        assert (status, out, err) == (78, "", "VERSION-ERROR no-version\n")
        assert not os.path.exists(state)


def test_stdin(state):
    with Session(client_env(state)) as s:
        s.lines_until("CMETHODS DONE")
        s.p.stdin.write(b"noise\n" * 200000)
        s.p.stdin.flush()
        assert s.p.poll() is None
    for value in (None, "0", "", "true", "01", "1 "):
        env = client_env(state)
        del env["TOR_PT_EXIT_ON_STDIN_CLOSE"]
        if value is not None:
            env["TOR_PT_EXIT_ON_STDIN_CLOSE"] = value
        with Session(env) as s:
            s.lines_until("CMETHODS DONE")
            s.p.stdin.close()
            time.sleep(0.1)
            assert s.p.poll() is None


def test_missing_descriptors(state):
    env = client_env(state)
    del env["TOR_PT_EXIT_ON_STDIN_CLOSE"]
    with Session(env, preexec_fn=lambda: os.close(0)) as s:
        s.lines_until("CMETHODS DONE")
        assert s.p.poll() is None


def test_signals(state):
    with Session(client_env(state)) as s:
        s.lines_until("CMETHODS DONE")
        for sig in (signal.SIGHUP, signal.SIGPIPE, signal.SIGUSR1,
                    signal.SIGUSR2):
            s.p.send_signal(sig)
        time.sleep(0.05)
        assert s.p.poll() is None
        s.p.send_signal(signal.SIGINT)
        assert s.wait() == 0


def test_death_of_the_parent(state):
    env = client_env(state)
    del env["TOR_PT_EXIT_ON_STDIN_CLOSE"]
    read, write = os.pipe()
    middle = subprocess.Popen(
        ["/bin/sh", "-c", f"{PTREF} & echo $! >&2; wait"], env=env,
        stdin=read, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    pid = int(middle.stderr.readline())
    assert middle.stdout.readline() == b"VERSION 2\n"
    middle.kill()
    middle.wait()
    # It holds our pipe as its stdout: that ends when it does. A zombie that
    # nobody reaps would still answer to its process id.
    end = time.monotonic() + LIMIT
    ended = False
    while not ended and time.monotonic() < end:
        if select.select([middle.stdout], [], [], 0.1)[0]:
            ended = os.read(middle.stdout.fileno(), 4096) == b""
    if not ended:
        os.kill(pid, signal.SIGKILL)
    assert ended
    for fd in (read, write):
        os.close(fd)
    middle.stdout.close()
    middle.stderr.close()


def test_streams_closed_by_the_parent(state):
    with Listener(echo) as target, Session(client_env(state)) as s:
        lines = s.lines_until("CMETHODS DONE")
        s.p.stdout.close()
        s.p.stderr.close()
        for _ in range(30):
            c, rep = socks(method_addr(lines[1]), ("127.0.0.1", target.port))
            assert rep == 0
            c.close()
        assert s.p.poll() is None


# ---- errors ----

def bad_server(**change):
    def env(state):
        e = server_env(state)
        e.update(change)
        return {k: v for k, v in e.items() if v is not None}
    return env


@pytest.mark.parametrize("make, word", [
    (bad_server(TOR_PT_ORPORT=None), "TOR_PT_ORPORT"),
    (bad_server(TOR_PT_ORPORT="nonsense"), "TOR_PT_ORPORT"),
    (bad_server(TOR_PT_ORPORT="127.0.0.1:0"), "TOR_PT_ORPORT"),
    (bad_server(TOR_PT_ORPORT="1.2.3.4:99999"), "TOR_PT_ORPORT"),
    (bad_server(TOR_PT_ORPORT="999.2.3.4:9"), "TOR_PT_ORPORT"),
    (bad_server(TOR_PT_EXTENDED_SERVER_PORT="127.0.0.1:1"),
     "TOR_PT_AUTH_COOKIE_FILE"),
    (bad_server(TOR_PT_EXTENDED_SERVER_PORT="host.example:1",
                TOR_PT_AUTH_COOKIE_FILE="/x"), "TOR_PT_EXTENDED_SERVER_PORT"),
    (bad_server(TOR_PT_SERVER_BINDADDR="ident"), "TOR_PT_SERVER_BINDADDR"),
    (bad_server(TOR_PT_SERVER_BINDADDR="ident-localhost:1"),
     "TOR_PT_SERVER_BINDADDR"),
    (bad_server(TOR_PT_SERVER_BINDADDR="ident-::1:1"),
     "TOR_PT_SERVER_BINDADDR"),
    (bad_server(TOR_PT_SERVER_BINDADDR="x-[::1]:1,x-[::1]:2"),
     "TOR_PT_SERVER_BINDADDR"),
    *((bad_server(TOR_PT_SERVER_TRANSPORT_OPTIONS=o),
       "TOR_PT_SERVER_TRANSPORT_OPTIONS")
      for o in ("T", "T:", "T:k", ":k=v", "T:=v", "T:k=v\\",
                '{"T":{"k":"v"}}')),
    (bad_server(TOR_PT_STATE_LOCATION="/dev/null"), "TOR_PT_STATE_LOCATION"),
])
def test_environment_errors(state, make, word):
    status, out, err = run(make(state), stdin_open=True)
    assert (status, out) == (64, "VERSION 2\n")
    assert err.startswith("ENV-ERROR ") and word in err
    assert err.count("\n") == 1
    assert not os.path.exists(state)


def test_errors_before_version(state):
    both = {**client_env(state), "TOR_PT_SERVER_TRANSPORTS": "ident"}
    for env, args in ((client_env(state, version=None), ()), (both, ()),
                      (client_env(state), ("-nosuch",)),
                      (client_env(state), ("-state",)),
                      (client_env(state), ("stray",))):
        status, out, err = run(env, *args)
        assert (status, out) == (64, "")
        assert err.startswith("ENV-ERROR ")
    status, out, err = run(common(state))
    assert (status, out) == (64, "VERSION 2\n")


def test_error_in_a_flag_names_the_flag(state):
    status, _, err = run(server_env(state), "-bindaddr", "ident-x")
    assert status == 64
    assert err.startswith("ENV-ERROR -bindaddr: ")


def test_errors_of_version_1_go_to_stdout(state):
    status, out, err = run(server_env(state, version="1", orport=None))
    assert (status, err) == (1, "")
    assert out.startswith("VERSION 1\nENV-ERROR ")


@pytest.mark.parametrize("uri", [
    "garbage", "socks5://", "socks5://127.0.0.1", "socks5://127.0.0.1:99999",
    "socks5://127.0.0.1:0", "://127.0.0.1:1", "socks5://127.0.0.1:port",
    "socks5:127.0.0.1:1", "gopher://127.0.0.1:70", "socks5://proxy.test:1",
    "socks5://::1:1080", "socks5://127.0.0.1:1 ", "socks5://u@127.0.0.1:1",
    "socks5://:p@127.0.0.1:1", f"socks5://{'a' * 256}:p@127.0.0.1:1",
    "socks4a://u:p@127.0.0.1:1", "socks5://999.1.1.1:1",
    "socks5://a%zz:p@127.0.0.1:1", "http://127.0.0.1:80/x?y#z",
])
def test_proxy_errors(state, uri):
    status, out, err = run(client_env(state, TOR_PT_PROXY=uri),
                           stdin_open=True)
    assert (status, out) == (69, "VERSION 2\n")
    assert err.startswith("PROXY-ERROR ") and err.count("\n") == 1
    assert "aaaa" not in err
    assert not os.path.exists(state)


@pytest.mark.parametrize("uri", [
    "socks5://127.0.0.1:1", "socks5://tor:test1234@127.0.0.1:1",
    "socks5://[::1]:1", "socks4a://bob@127.0.0.1:1", "http://127.0.0.1:1",
    "http://u:p%40@127.0.0.1:1", "http://u@127.0.0.1:1",
    f"socks5://{'%61' * 255}:p@127.0.0.1:1",
])
def test_proxy_accepted(state, uri):
    status, out, err = run(client_env(state, TOR_PT_PROXY=uri))
    assert (status, err) == (0, "")
    assert out.startswith("VERSION 2\nPROXY DONE\nCMETHOD ident ")


def test_proxy_means_nothing_without_a_value_or_to_a_server(state):
    _, out, _ = run(client_env(state, TOR_PT_PROXY=""))
    assert "PROXY" not in out
    _, out, _ = run(server_env(state, TOR_PT_PROXY="garbage"))
    assert out.endswith("SMETHODS DONE\n")


def test_one_failing_transport(state):
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        env = server_env(state, "ident,veil", TOR_PT_SERVER_BINDADDR="ident-"
                         f"127.0.0.1:{busy.getsockname()[1]}")
        with Session(env) as s:
            assert s.lines_until("SMETHODS DONE") == [
                "VERSION 2", "SMETHODS DONE"]
            s.p.stdin.close()
            assert s.wait() == 0
            err = s.p.stderr.read().decode()
    assert err.startswith("SMETHOD-ERROR ident cannot listen on 127.0.0.1:")
    assert "\nSMETHOD-ERROR veil option key is missing\n" in err


def test_options_that_args_cannot_say(state):
    env = server_env(state, "ident",
                     TOR_PT_SERVER_TRANSPORT_OPTIONS="ident:a=b c")
    _, out, err = run(env)
    assert out == "VERSION 2\nSMETHODS DONE\n"
    assert err.startswith("SMETHOD-ERROR ident ")


# ---- tunnels ----

@contextlib.contextmanager
def pair(state, name, target, options="", **client):
    """A server and a client of one transport; yields the SOCKS address, the
    server address and the settings from ARGS."""
    env = server_env(state + "/s", name, orport=target,
                     TOR_PT_SERVER_TRANSPORT_OPTIONS=options)
    with Session(env) as srv, \
            Session(client_env(state + "/c", name, **client)) as cli:
        line = srv.lines_until("SMETHODS DONE")[1]
        args = re.search(r" ARGS:(\S+)", line)
        pairs = dict(x.split("=", 1) for x in args[1].split(",")) \
            if args else None
        front = [x for x in cli.lines_until("CMETHODS DONE")
                 if x.startswith("CMETHOD ")][0]
        yield method_addr(front), method_addr(line), pairs


def transfer(s, data):
    """Sends data while reading the echo of it; then its end."""
    def send():
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)
    t = threading.Thread(target=send)
    t.start()
    got = b""
    while more := s.recv(65536):
        got += more
    t.join()
    return got


@pytest.mark.parametrize("name, options", [
    ("ident", ""), ("veil", "veil:key=swordfish")])
def test_tunnel(state, name, options):
    data = bytes(range(256)) * 40 + os.urandom(3 << 20)
    with Listener(echo) as target, \
            pair(state, name, target.addr, options) as (front, srv, args):
        s, rep = socks(front, srv, args)
        assert rep == 0
        assert target.errors == []
        assert transfer(s, data) == data
        many = [socks(front, srv, args)[0] for _ in range(50)]
        for i, c in enumerate(many):
            c.sendall(b"number %d" % i)
        for i, c in enumerate(many):
            assert exactly(c, len(b"number %d" % i)) == b"number %d" % i
            c.close()


PLAIN = ("-mode", "transparent-TCP")


def test_tunnel_without_socks(state):
    data = b"\5\1\0" + os.urandom(1 << 20)
    with Listener(echo) as target, \
            Session(server_env(state + "/s", orport=target.addr),
                    PLAIN) as srv:
        at = srv.lines_until("SMETHODS DONE")[1].split()[2]
        with Session(client_env(state + "/c"),
                     (*PLAIN, "-target", at)) as cli:
            line = cli.lines_until("CMETHODS DONE")[1]
            assert line.startswith("CMETHOD ident transparent-TCP ")
            with socket.create_connection(method_addr(line)) as s:
                assert transfer(s, data) == data


@pytest.mark.parametrize("change, words, why", [
    ({}, PLAIN, "ident no -target"),
    ({"TOR_PT_CLIENT_TRANSPORTS": "veil"},
     (*PLAIN, "-target", "127.0.0.1:9"), "veil a setting is missing"),
    ({"TOR_PT_CLIENT_TRANSPORTS": "veil"},
     ("-mode", "STUN", "-target", "127.0.0.1:9"), "veil a setting"),
    ({}, ("-mode", "transparent-UDP"), "ident no -target"),
    ({"TOR_PT_MANAGED_TRANSPORT_VER": "1"},
     (*PLAIN, "-target", "127.0.0.1:9"), "ident version 1")])
def test_no_client_without_socks(state, change, words, why):
    with Session(client_env(state) | change, words) as s:
        out = s.lines_until("CMETHODS DONE")
        s.p.stdin.close()
        out += s.p.stderr.read().decode().splitlines()
        assert any(f"CMETHOD-ERROR {why}" in line for line in out)


@pytest.mark.parametrize("env", [client_env, server_env])
@pytest.mark.parametrize("words, why", [
    (("-mode", "tcp"), '-mode: "tcp" is no mode'),
    (("-udp-idle", "0"), '-udp-idle: "0" is no number of seconds'),
    (("-udp-idle", "1s"), '-udp-idle: "1s" is no number of seconds')])
def test_bad_mode(state, env, words, why):
    with Session(env(state), words) as s:
        assert s.p.wait(LIMIT) == 64
        assert s.p.stderr.read().decode() == f"ENV-ERROR {why}\n"


def test_veil_hides_and_needs_its_key(state):
    seen = []

    def relay(conn):
        conn.sendall(bytes(24))
        conn.settimeout(0.3)
        data = b""
        with contextlib.suppress(socket.timeout):
            while more := conn.recv(65536):
                data += more
        seen.append(data)

    marker = os.urandom(64)
    with Listener(relay) as wire, Session(client_env(state, "veil")) as cli:
        front = method_addr(cli.lines_until("CMETHODS DONE")[1])
        for _ in range(2):
            s, rep = socks(front, ("127.0.0.1", wire.port), {"key": "k"})
            assert rep == 0
            s.sendall(marker)
            assert closed(s)
        assert len(seen) == 2 and seen[0][:24] != seen[1][:24]
        assert all(len(x) == 24 + 64 and marker not in x for x in seen)
        dest = ("127.0.0.1", wire.port)
        assert socks(front, dest)[1] == 0x01
        assert socks(front, dest, {})[1] == 0x13
        assert socks(front, dest, {"key": 7})[1] == 0x13
        assert socks(front, dest, [])[1] == 0x12
        assert socks(front, dest, b"{")[1] == 0x12
        assert socks(front, dest, b"")[1] == 0x12
        assert socks(front, dest, b'{"key":"\xff"}')[1] == 0x12
        assert socks(front, dest, b'{"key":"\\u0000"}')[1] == 0x13


def test_server_of_veil_waits_for_a_nonce(state):
    with Listener(echo) as target, Session(server_env(
            state, "veil", orport=target.addr,
            TOR_PT_SERVER_TRANSPORT_OPTIONS="veil:key=k")) as s:
        addr = method_addr(s.lines_until("SMETHODS DONE")[1])
        with socket.create_connection(addr, timeout=LIMIT) as c:
            c.sendall(bytes(23))
            time.sleep(0.1)
            assert target.seen == 0
            c.sendall(bytes(1))
            assert len(exactly(c, 24)) == 24
            wait_for(lambda: target.seen == 1)


def test_client_of_veil_waits_for_a_nonce(state):
    with socket.create_server(("127.0.0.1", 0)) as server, \
            Session(client_env(state, "veil")) as cli:
        server.settimeout(LIMIT)
        front = method_addr(cli.lines_until("CMETHODS DONE")[1])
        for answer, rep in ((24, 0), (23, 1)):
            dest = server.getsockname()
            with socket.create_connection(front, timeout=LIMIT) as s:
                s.sendall(b"\x05\x01\x09" + json_block({"key": "k"}) +
                          request_for(dest))
                assert exactly(s, 2) == b"\x05\x09"
                with server.accept()[0] as c:
                    c.settimeout(LIMIT)
                    assert len(exactly(c, 24)) == 24
                    s.settimeout(0.1)
                    with pytest.raises(TimeoutError):
                        s.recv(1)
                    s.settimeout(LIMIT)
                    c.sendall(bytes(answer))
                    c.shutdown(socket.SHUT_WR)
                    assert exactly(s, 2)[1] == rep


@pytest.fixture
def front(state):
    with Session(client_env(state)) as s:
        yield method_addr(s.lines_until("CMETHODS DONE")[1])


def test_socks_in_pieces_and_in_one(front):
    with Listener(echo) as target:
        talk = (b"\x05\x02\x00\x09" + json_block({"a": "\u00e9"}) +
                request_for(("127.0.0.1", target.port)) + b"early")
        want = b"\x05\x09" + b"\x05\x00\x00\x01" + bytes(6) + b"early"
        for step in (1, len(talk)):
            with socket.create_connection(front, timeout=LIMIT) as s:
                s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                for i in range(0, len(talk), step):
                    s.sendall(talk[i:i + step])
                    time.sleep(0.002)
                assert exactly(s, len(want)) == want


@pytest.mark.parametrize("talk, answer", [
    (b"\x05\x01\x7f", b"\x05\xff"),
    (b"\x05\x01\x02", b"\x05\xff"),
    (b"\x05\x00", b"\x05\xff"),
    (b"\x04\x01\x00\x50\x7f\x00\x00\x01\x00", b""),
    (b"GET / HTTP/1.0\r\n\r\n", b""),
    # The rest of a block that is longer than it says is no request.
    (b"\x05\x01\x09\0\0\0\x05" + b'{"k":"v"}',
     b"\x05\x09\x05\x12\x00\x01" + bytes(6)),
    (b"\x05\x01\x09\x7f\xff\xff\xff", b"\x05\x09\x05\x10\x00\x01" + bytes(6)),
    (b"\x05\x01\x00\x05\x02\x00\x01" + bytes(6),
     b"\x05\x00\x05\x07\x00\x01" + bytes(6)),
    (b"\x05\x01\x00\x05\x01\x00\x02" + bytes(6),
     b"\x05\x00\x05\x08\x00\x01" + bytes(6)),
    (b"\x05\x01\x00\x05\x01\x00\x03\x00" + bytes(2),
     b"\x05\x00\x05\x01\x00\x01" + bytes(6)),
])
def test_socks_refusals(front, talk, answer):
    with socket.create_connection(front, timeout=LIMIT) as s:
        s.sendall(talk)
        got = b""
        while more := s.recv(100):
            got += more
        assert got == answer


def test_socks_destinations(front):
    with Listener(echo) as target:
        for atyp in (b"\x01\x7f\x00\x00\x01", b"\x03\x09127.0.0.1",
                     b"\x03\x09localhost"):
            s = socket.create_connection(front, timeout=LIMIT)
            s.sendall(b"\x05\x01\x00")
            exactly(s, 2)
            s.sendall(b"\x05\x01\x00" + atyp + struct.pack(">H", target.port))
            assert exactly(s, 10)[1] == 0
            s.close()
        dead = target.port
    assert socks(front, ("127.0.0.1", dead))[1] == 5


def test_stalled_clients_do_not_matter(front):
    stalled = []
    for part in (b"", b"\x05", b"\x05\x01\x09", b"\x05\x01\x09\x00\x00"):
        for _ in range(25):
            s = socket.create_connection(front, timeout=LIMIT)
            s.sendall(part)
            stalled.append(s)
    with Listener(echo) as target:
        s, rep = socks(front, ("127.0.0.1", target.port))
        assert rep == 0 and transfer(s, b"x") == b"x"
    for s in stalled:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                     struct.pack("ii", 1, 0))
        s.close()


def test_slow_settings_time_out(front):
    with socket.create_connection(front, timeout=LIMIT) as s:
        s.sendall(b"\x05\x01\x09\x00\x00\x00\x10{")
        assert exactly(s, 12)[2:4] == b"\x05\x11"
        assert closed(s)


def test_version_1_settings(state):
    with Listener(echo) as target, Session(client_env(
            state, "veil", version="1")) as cli:
        addr = method_addr(cli.lines_until("CMETHODS DONE")[1])
        for user, password in ((rb"x=\;y;key=a\=b", b"\0"),
                               (b"key=" + b"a" * 251, b"aaa")):
            s = socket.create_connection(addr, timeout=LIMIT)
            s.sendall(b"\x05\x02\x00\x02")
            assert exactly(s, 2) == b"\x05\x02"
            s.sendall(b"\x01" + bytes([len(user)]) + user +
                      bytes([len(password)]) + password)
            assert exactly(s, 2) == b"\x01\x00"
            s.sendall(request_for(("127.0.0.1", target.port)))
            assert exactly(s, 10)[1] == 0
            # The echo brings our own nonce back: a wire of its own key.
            s.close()


def test_destination_that_is_down(state):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        with Session(server_env(state, orport=f"127.0.0.1:{port}")) as s:
            addr = method_addr(s.lines_until("SMETHODS DONE")[1])
            with socket.create_connection(addr, timeout=LIMIT) as c:
                assert closed(c)
            unused.listen()
            with socket.create_connection(addr, timeout=LIMIT) as c:
                conn, _ = unused.accept()
                c.sendall(b"now")
                assert exactly(conn, 3) == b"now"
                conn.close()


def test_server_survives_resets(state):
    with Listener(echo) as target, Session(server_env(
            state, orport=target.addr)) as s:
        addr = method_addr(s.lines_until("SMETHODS DONE")[1])
        for _ in range(100):
            c = socket.create_connection(addr, timeout=LIMIT)
            c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                         struct.pack("ii", 1, 0))
            c.close()
        with socket.create_connection(addr, timeout=LIMIT) as c:
            assert transfer(c, b"alive") == b"alive"


def test_half_close_from_the_destination(state):
    got = []

    def says_bye(conn):
        conn.sendall(b"bye")
        conn.shutdown(socket.SHUT_WR)
        while data := conn.recv(100):
            got.append(data)

    with Listener(says_bye) as target, Session(server_env(
            state, orport=target.addr)) as s:
        addr = method_addr(s.lines_until("SMETHODS DONE")[1])
        with socket.create_connection(addr, timeout=LIMIT) as c:
            assert exactly(c, 3) == b"bye" and c.recv(1) == b""
            c.sendall(b"still here")
            c.shutdown(socket.SHUT_WR)
            end = time.monotonic() + LIMIT
            while b"".join(got) != b"still here":
                assert time.monotonic() < end
                time.sleep(0.01)


# ---- upstream proxies ----

def pump(a, b):
    while data := a.recv(65536):
        b.sendall(data)
    with contextlib.suppress(OSError):
        b.shutdown(socket.SHUT_WR)


def splice(conn, dest):
    with socket.create_connection(dest, timeout=LIMIT) as far:
        t = threading.Thread(target=pump, args=(far, conn), daemon=True)
        t.start()
        pump(conn, far)
        t.join()


def slowly(conn, data):
    for i in range(len(data)):
        conn.sendall(data[i:i + 1])
        time.sleep(0.001)


def socks5_proxy(user, log, bnd=b"\x01" + bytes(6)):
    def serve(conn):
        n = exactly(conn, 2)[1]
        methods = exactly(conn, n)
        if user:
            assert 2 in methods
            slowly(conn, b"\x05\x02")
            assert exactly(conn, 1) == b"\x01"
            got = [exactly(conn, exactly(conn, 1)[0]) for _ in range(2)]
            assert got == user
            slowly(conn, b"\x01\x00")
        else:
            assert 0 in methods
            slowly(conn, b"\x05\x00")
        head = exactly(conn, 4)
        assert head[:3] == b"\x05\x01\x00"
        host = (socket.inet_ntoa(exactly(conn, 4)) if head[3] == 1 else
                exactly(conn, exactly(conn, 1)[0]).decode())
        port = struct.unpack(">H", exactly(conn, 2))[0]
        log.append(host)
        slowly(conn, b"\x05\x00\x00" + bnd)
        splice(conn, ("127.0.0.1", port))
    return serve


def socks4a_proxy(log):
    def serve(conn):
        head = exactly(conn, 8)
        assert head[:2] == b"\x04\x01"
        words = []
        for _ in range(2 if head[4:7] == bytes(3) else 1):
            word = b""
            while (c := exactly(conn, 1)) != b"\0":
                word += c
            words.append(word)
        log.append(words)
        conn.sendall(b"\x00\x5a" + bytes(6))
        splice(conn, ("127.0.0.1", struct.unpack(">H", head[2:4])[0]))
    return serve


def http_proxy(log):
    def serve(conn):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += exactly(conn, 1)
        log.append(head.decode())
        host, port = head.split()[1].decode().rsplit(":", 1)
        conn.sendall(b"HTTP/1.0 200 fine\r\nX: y\r\n\r\n")
        splice(conn, (host, int(port)))
    return serve


def through(state, uri, dest):
    with Session(client_env(state, TOR_PT_PROXY=uri)) as cli:
        front = method_addr(cli.lines_until("CMETHODS DONE")[2])
        s, rep = socks(front, dest)
        return rep, transfer(s, b"payload" * 1000) if rep == 0 else b""


@pytest.mark.parametrize("bnd", [
    b"\x01" + bytes(6), b"\x04" + bytes(18), b"\x03\x04name" + bytes(2)])
def test_socks5_proxy(state, bnd):
    log = []
    with Listener(echo) as target, \
            Listener(socks5_proxy([b"tor", b"p@ss:"], log, bnd)) as px:
        rep, got = through(state, f"socks5://tor:p%40ss%3A@{px.addr}",
                           ("127.0.0.1", target.port))
        assert px.errors == []
        assert (rep, got) == (0, b"payload" * 1000)
        assert log == ["127.0.0.1"]


def test_socks5_proxy_gets_names_unresolved(state):
    log = []
    with Listener(echo) as target, \
            Listener(socks5_proxy(None, log)) as px, \
            Session(client_env(state, TOR_PT_PROXY=f"socks5://{px.addr}")) \
            as cli:
        front = method_addr(cli.lines_until("CMETHODS DONE")[2])
        with socket.create_connection(front, timeout=LIMIT) as s:
            s.sendall(b"\x05\x01\x00")
            exactly(s, 2)
            s.sendall(b"\x05\x01\x00\x03\x08srv.test" +
                      struct.pack(">H", target.port))
            assert exactly(s, 10)[1] == 0
        assert log == ["srv.test"]


def test_socks4a_and_http_proxies(state):
    log = []
    with Listener(echo) as target, Listener(socks4a_proxy(log)) as px4, \
            Listener(http_proxy(log)) as pxh:
        dest = ("127.0.0.1", target.port)
        assert through(state, f"socks4a://bob@{px4.addr}", dest)[0] == 0
        assert log.pop() == [b"bob"]
        assert through(state, f"http://u:p@{pxh.addr}", dest)[1] != b""
        head = log.pop()
        assert head.startswith(f"CONNECT 127.0.0.1:{target.port} HTTP/1.1\r\n")
        token = base64.b64encode(b"u:p").decode()
        assert f"\r\nProxy-Authorization: Basic {token}\r\n" in head


@pytest.mark.parametrize("answer", [
    b"", b"\x05\xff", b"\x05\x02", b"HTTP/1.0 407 no\r\n\r\n",
    b"\x05\x00\x05\x02\x00\x01" + bytes(6)])
def test_proxy_failures_stay_closed(state, answer):
    def serve(conn):
        conn.recv(100)
        conn.sendall(answer)

    with Listener(echo) as target, Listener(serve) as px:
        for scheme in ("socks5", "socks4a", "http"):
            rep, _ = through(state, f"{scheme}://{px.addr}",
                             ("127.0.0.1", target.port))
            assert rep != 0
        dead = px.port
        px.stop()
        assert through(state, f"socks5://127.0.0.1:{dead}",
                       ("127.0.0.1", target.port))[0] != 0
        assert target.seen == 0


# ---- the Extended ORPort ----

HEADER = b"! Extended ORPort Auth Cookie !\n"


def ext_orport(secret, log, *, spoil=False, status=1, long=b"",
               reply=b"\x1f\xff\x00\x03abc\x10\x00\x00\x05xxxxxhello"):
    def serve(conn):
        slowly(conn, b"\x02\xfe\x01\x07\x00")
        assert exactly(conn, 1) == b"\x01"
        nonce = exactly(conn, 32)
        ours = os.urandom(32)

        def mac(role):
            text = b"ExtORPort authentication " + role + b" hash"
            return hmac.new(secret, text + nonce + ours,
                            hashlib.sha256).digest()
        proof = bytearray(mac(b"server-to-client"))
        proof[-1] ^= spoil
        slowly(conn, bytes(proof) + ours)
        assert exactly(conn, 32) == mac(b"client-to-server")
        conn.sendall(bytes([status]))
        while True:
            kind, size = struct.unpack(">HH", exactly(conn, 4))
            body = exactly(conn, size)
            log.append((kind, body))
            if kind == 0:
                break
        time.sleep(0.1)
        assert not select.select([conn], [], [], 0)[0], "payload too early"
        if long:
            conn.sendall(long[:-1])
            time.sleep(0.1)
            conn.sendall(long[-1:])
        slowly(conn, reply)
        log.append(exactly(conn, 4))
        echo(conn)
    return serve


def ext_client(state, tmp_path, ext, cookie, log):
    path = tmp_path / "cookie"
    env = server_env(state, orport=None, TOR_PT_AUTH_COOKIE_FILE=str(path),
                     TOR_PT_EXTENDED_SERVER_PORT=ext.addr)
    with Session(env) as s:
        addr = method_addr(s.lines_until("SMETHODS DONE")[1])
        # The file may come after the start.
        path.write_bytes(cookie)
        with socket.create_connection(addr, timeout=LIMIT,
                                      source_address=("127.0.0.77", 0)) as c:
            c.sendall(b"data")
            got = b""
            with contextlib.suppress(ConnectionError):
                if got := c.recv(5):
                    got += exactly(c, 5 - len(got))
            # Ending the session now would take "data" along.
            end = time.monotonic() + LIMIT
            while got and b"data" not in log and time.monotonic() < end:
                time.sleep(0.01)
            return got, c.getsockname()


def test_extended_orport(state, tmp_path):
    log = []
    secret = os.urandom(32)
    with Listener(ext_orport(secret, log)) as ext:
        got, me = ext_client(state, tmp_path, ext, HEADER + secret, log)
        assert ext.errors == [] and got == b"hello"
    assert log == [(1, f"{me[0]}:{me[1]}".encode()), (2, b"ident"), (0, b""),
                   b"data"]


def test_extended_orport_skips_the_longest_message(state, tmp_path):
    log = []
    secret = os.urandom(32)
    with Listener(ext_orport(secret, log, long=b"\x1f\xff\xff\xff"
                             + bytes(0xffff))) as ext:
        got, _ = ext_client(state, tmp_path, ext, HEADER + secret, log)
        assert ext.errors == [] and got == b"hello"


def test_extended_orport_refusals(state, tmp_path):
    secret = os.urandom(32)
    for cookie, more in ((HEADER + secret, {"spoil": True}),
                         (HEADER + secret, {"status": 0}),
                         (HEADER + secret, {"reply": b"\x10\x01\x00\x00"}),
                         (b"x" * 32 + secret, {}),
                         (HEADER + secret + b"x", {}), (b"", {})):
        log = []
        with Listener(ext_orport(secret, log, **more)) as ext:
            got, _ = ext_client(state, tmp_path, ext, cookie, log)
        assert got == b"" and b"data" not in log


def test_an_extended_orport_elsewhere_is_warned_of(state):
    for at, words in (("192.0.2.1:1", "192.0.2.1:1 is not"), ("[::1]:1", ""),
                      ("[2001:db8::1]:1", "[2001:db8::1]:1 is not"),
                      ("127.1.2.3:1", "")):
        env = server_env(state, TOR_PT_AUTH_COOKIE_FILE="/nowhere",
                         TOR_PT_EXTENDED_SERVER_PORT=at)
        status, _, err = run(env)
        assert status == 0 and words in err
        assert err.count("\n") == bool(words)


# ---- the program itself ----

def test_help_and_faults():
    for flag in ("--help", "--version"):
        r = subprocess.run([PTREF, flag], capture_output=True, env={},
                           check=True, timeout=LIMIT)
        assert r.stdout and not r.stderr
    table = json.loads(subprocess.run([PTREF, "--list-faults"], check=True,
                                      capture_output=True, env={}).stdout)
    names = [row["name"] for row in table]
    assert len(set(names)) == len(names) > 100
    for row in table:
        assert set(row) == {"name", "what", "must", "may", "args"}
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", row["name"])
        assert row["what"] and row["must"]
        assert all(re.fullmatch(r"[A-Z0-9]+(-[A-Z0-9]+)*-R?\d+", x)
                   for x in row["must"])
    r = subprocess.run([PTREF, "--fault", "no-such"], capture_output=True,
                       env={}, timeout=LIMIT)
    assert r.returncode == 2 and r.stdout == b""
    assert r.stderr.count(b"\n") == 1


def test_a_fault_anywhere_in_argv(state):
    env = client_env(state, version="99")
    for args in (("--fault", "version-error-exit-1", "-state", state),
                 ("-state", state, "--fault", "version-error-exit-1")):
        assert run(env, *args)[0] == 1
