"""ptparent with scripted transports: what goes wrong with parents, and what
must not; streams through real ones.  Names of the catalogue are in the names
of the tests."""

import contextlib
import hashlib
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

import jsonschema
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "cases/drivers"))
from conftest import LIMIT  # noqa: E402

BUILD = pathlib.Path(os.environ.get("PTCHECK", "build/ptcheck")).parent
PTPARENT = str(BUILD / "ptparent")
SCHEMA = json.loads((pathlib.Path(__file__).parents[2] /
                     "reports/ptparent-events.schema.json").read_text())
PTREF = os.environ.get("PTREF", "build/ptref")

SCRIPT = """\
#!/usr/bin/python3 -ISB
import os, signal, socket, sys, time
def say(*lines):
    os.write(1, "".join(line + "\\n" for line in lines).encode("latin-1"))
def wait():
    while os.read(0, 4096):
        pass
listener = socket.create_server(("127.0.0.1", 0))
port = listener.getsockname()[1]
"""
GOOD = ('say("VERSION 2", f"CMETHOD t1 socks5 127.0.0.1:{port}",'
        ' "CMETHODS DONE")\n')


@pytest.fixture
def transport(tmp_path):
    def make(text):
        path = tmp_path / "pt"
        path.write_text(SCRIPT + text)
        path.chmod(0o755)
        return str(path)
    return make


class Parent:
    """A ptparent that runs, with what it said."""

    def __init__(self, tmp_path, *words, pt, **more):
        self.events_file = tmp_path / "events"
        self.state = tmp_path / "state"
        self.said = ""  # and not yet asked for
        role, *rest = words
        self.process = subprocess.Popen(
            [PTPARENT, role, "--state", str(self.state), "--events",
             str(self.events_file), *rest, "--", *pt],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            errors="backslashreplace", **more)

    def line(self):
        """The next line of its standard output."""
        while "\n" not in self.said:
            fd = self.process.stdout.fileno()
            ready, _, _ = select.select([fd], [], [], LIMIT)
            assert ready, "nothing said"
            piece = os.read(fd, 65536).decode()
            assert piece, self.process.communicate(timeout=LIMIT)[1]
            self.said += piece
        line, self.said = self.said.split("\n", 1)
        return line

    def end(self, sig=None):
        if sig:
            self.process.send_signal(sig)
        _, err = self.process.communicate(timeout=LIMIT)
        return self.process.returncode, err

    def events(self):
        found = [json.loads(line) for line in
                 self.events_file.read_text().splitlines()]
        for event in found:
            jsonschema.validate(event, SCHEMA)
        return found

    def words(self):
        return [e["event"] for e in self.events()]

    def pid(self):
        """Of the transport: its only child."""
        def look():
            path = pathlib.Path(
                f"/proc/{self.process.pid}/task/{self.process.pid}/children")
            return path.read_text().split()
        return int(until(look)[0])


def until(look):
    deadline = time.monotonic() + LIMIT
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError("it did not come")


@pytest.fixture
def parent(tmp_path):
    with contextlib.ExitStack() as stack:
        def make(*words, pt, **more):
            p = Parent(tmp_path, *words, pt=pt, **more)
            stack.callback(p.process.wait)
            stack.callback(p.process.kill)
            return p
        yield make


BRIDGE = ("client", "-B", "t1 192.0.2.1:443")


def dial(line):
    host, port = line.split()[0].rsplit(":", 1)
    return socket.create_connection((host, int(port)), timeout=LIMIT)


# --- transports that cannot be used ---

@pytest.mark.parametrize("name, text, words", [
    ("PAR-VERERR-1", 'sys.stderr.write("VERSION-ERROR no-version\\n")\n'
     "sys.exit(78)", "VERSION-ERROR no-version"),
    ("version error of other words",
     'say("VERSION-ERROR other words")\nsys.exit(1)',
     "VERSION-ERROR other words"),
    ("PAR-ENVERR-1", 'sys.stderr.write("ENV-ERROR no state\\n")\n'
     "sys.exit(64)", "ENV-ERROR no state"),
    ("text behind VERSION", 'say("VERSION 1", "ENV-ERROR bad cookie")\n'
     "sys.exit(1)", "ENV-ERROR bad cookie"),
    ("PAR-VER-1", 'say("VERSION 9")\nwait()', "not offered"),
    ("crash", "os.kill(os.getpid(), signal.SIGSEGV)", "SIGSEGV"),
    ("exit 3", "sys.exit(3)", "status 3"),
    ("last words", 'sys.stderr.write("panic: nil\\n\\nmore\\n")\n'
     "sys.exit(2)", "panic: nil"),
    ("far method", 'say("VERSION 2", "CMETHOD t1 socks5 8.8.8.8:1",'
     '"CMETHODS DONE")\nwait()', "outside loopback"),
    ("second VERSION", 'say("VERSION 2", "VERSION 2")\n' + GOOD + "wait()",
     "said before"),
    ("stranger", 'say("VERSION 2", f"CMETHOD tx socks5 127.0.0.1:{port}",'
     '"CMETHODS DONE")\nwait()', "not asked for"),
    ("PAR-MISSING-1", 'say("VERSION 2", "CMETHODS DONE")\nwait()',
     "no method"),
    ("invalid UTF-8", 'os.write(1, b"VERSION 2\\nENV-ERROR \\x1b[31m\\xff\\n")'
     "\nsys.exit(1)", "\\x1b[31m\\xff"),
])
def test_refuses(name, text, words, transport, parent):
    p = parent(*BRIDGE, pt=[transport(text)])
    status, err = p.end()
    assert status == 1, name
    assert words in err, name
    assert "\x1b" not in err
    assert "failed" in p.words() and "ready" not in p.words()
    assert p.words()[-1] == "stopped"


@pytest.mark.parametrize("text", [
    'say("VERSION 2")', 'say("VERSION 2", "CMETHODS DONEx")',
    'os.write(1, b"VERSION 2\\nCMETHODS DONE")', "",
    "os.close(1)"], ids=["no DONE", "DONEx", "no line end", "silence",
                         "closed"])
def test_gives_up_in_time(text, transport, parent):
    p = parent(*BRIDGE, "--start-timeout", "1.5",
               pt=[transport(text + "\nwait()")])
    status, err = p.end()
    assert status == 1
    assert "in time" in err or "closed its standard output" in err


@pytest.mark.parametrize("name, text", [
    ("PAR-PXDONE-1", GOOD + "wait()"),
    ("PAR-PXERR-1", 'say("VERSION 2", "PROXY-ERROR no")\n' + GOOD
     + "sys.exit(69)"),
    ("late", 'say("VERSION 2", f"CMETHOD t1 socks5 127.0.0.1:{port}",'
     '"PROXY DONE", "CMETHODS DONE")\nwait()'),
])
def test_never_without_its_proxy(name, text, transport, parent):
    p = parent(*BRIDGE, "--proxy", "socks5://127.0.0.1:9",
               pt=[transport(text)])
    assert p.end()[0] == 1
    assert "ready" not in p.words() and "listen" not in p.words()


def test_tells_the_proxy_encoded(transport, parent):
    p = parent(*BRIDGE, "--proxy", "socks5://us%40er:p%3Aw%2Fd@127.0.0.1:9",
               pt=[transport(
                   'say("VERSION 2", "ENV-ERROR " + '
                   'os.environ["TOR_PT_PROXY"])')])
    assert "socks5://us%40er:p%3Aw%2Fd@127.0.0.1:9" in p.end()[1]


def test_environment_from_scratch(transport, parent):
    text = 'say("VERSION 2", "ENV-ERROR " + " ".join(sorted(os.environ)))'
    p = parent(*BRIDGE, pt=[transport(text)],
               env=dict(os.environ, SECRET="x", TOR_PT_PROXY="y"))
    err = p.end()[1]
    assert "SECRET" not in err and "TOR_PT_PROXY" not in err
    assert "TOR_PT_EXIT_ON_STDIN_CLOSE" in err  # PAR-SHUT-2


def test_missing_program(parent):
    status, err = parent(*BRIDGE, pt=["/nowhere/pt"]).end()
    assert status == 1 and "No such file" in err


# --- transports that can ---

@pytest.mark.parametrize("text", [
    'say("noise", "FUTURE-KEYWORD x")\n' + GOOD,
    'for c in f"VERSION 2\\nCMETHOD t1 socks5 127.0.0.1:{port}\\n'
    'CMETHODS DONE\\n": os.write(1, c.encode())\n',
    'say("VERSION 2", "CMETHOD-ERROR zz no", "LOG MESSAGE=a SEVERITY=x",'
    '"LOG warning", f"CMETHOD t1 socks5 127.0.0.1:{port} a=b",'
    '"CMETHODS DONE")\n',
    'os.write(1, b"x" * 300000 + b"\\n\\xff\\x00\\n")\n' + GOOD,
    'os.write(2, b"y" * 300000)\n' + GOOD,
], ids=["noise", "PAR-SPLIT-1", "odd lines", "endless line", "much stderr"])
def test_tolerates(text, transport, parent):
    p = parent(*BRIDGE, pt=[transport(text + "wait()")])
    assert p.line().endswith("t1 192.0.2.1:443")
    status, err = p.end(signal.SIGTERM)
    assert status == 0, err
    assert p.words()[-1] == "stopped"


def test_PAR_STDIN_1_and_PAR_SHUT_1(transport, parent):
    """Standard input is open until the end, then come the rungs."""
    p = parent(*BRIDGE, pt=[transport(
        GOOD + "import select\n"
        "signal.signal(signal.SIGTERM,"
        "    lambda *_: os.write(2, b'TERM\\n'))\n"
        "wait()\nos.write(2, b'EOF\\n')\n"
        "while True:\n    signal.pause()\n")])
    p.line()
    status, err = p.end(signal.SIGINT)
    assert status == 0, err
    assert err.index("EOF") < err.index("TERM")
    assert "SIGKILL" in err
    words = p.words()
    assert words.index("close-stdin") < words.index("signal")
    assert words.count("signal") == 2


def test_PAR_DEATH_1(transport, parent):
    p = parent(*BRIDGE, pt=[transport(GOOD + "wait()")])
    line = p.line()
    os.kill(p.pid(), signal.SIGKILL)
    status, err = p.end()
    assert status == 1 and "SIGKILL" in err
    with pytest.raises(ConnectionRefusedError):
        dial(line)


def test_no_storm(transport, parent):
    """Started again, ever more slowly."""
    p = parent(*BRIDGE, "--restart", "on-failure",
               pt=[transport("sys.exit(3)")])
    until(lambda: p.events_file.exists() and
          p.events_file.read_text().count('"restart"') >= 2)
    status, _ = p.end(signal.SIGTERM)
    waits = [e["wait"] for e in p.events() if e["event"] == "restart"]
    assert waits[:2] == [1.0, 2.0]
    assert status == 0


def test_output_without_end(transport, parent):
    p = parent(*BRIDGE, pt=[transport(
        GOOD + "for i in range(200000): os.write(1, b'n' * 99 + b'\\n')\n"
        "os.write(2, b'over\\n')\nwait()")])
    p.line()
    until(lambda: "further lines" in os.read(
        p.process.stderr.fileno(), 1 << 20).decode())
    assert p.events_file.stat().st_size < 1 << 20
    assert p.end(signal.SIGTERM)[0] == 0


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
    with dial(p.line()) as c:
        with pytest.raises(ConnectionResetError):
            assert c.recv(1) != b""
            raise ConnectionResetError
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


def test_PAR_PROTO_1(transport, parent):
    """Datagrams to who announces them, and answers to who asked."""
    p = parent(*BRIDGE, pt=[transport("""
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.bind(("127.0.0.1", 0))
say("VERSION 2", "CMETHOD t1 transparent-UDP 127.0.0.1:%d"
    % u.getsockname()[1], "CMETHODS DONE")
while True:
    data, who = u.recvfrom(65536)
    u.sendto(data[::-1], who)
""")])
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


# --- nothing stays ---

def test_killed_at_any_time(transport, parent):
    """The transport and its helper are gone when ptparent is killed."""
    path = transport(
        "if os.fork() == 0:\n    signal.pause()\n" + GOOD
        + "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "while True:\n    signal.pause()\n")
    for i in range(int(os.environ.get("PTPARENT_KILLS", "10"))):
        p = parent(*BRIDGE, pt=[path])
        deadline = time.monotonic() + i % 10 * 0.02
        while time.monotonic() < deadline:
            pass
        p.process.kill()
        p.process.wait(timeout=LIMIT)
        until(lambda: not survivors(path))


def survivors(path):
    found = []
    for cmdline in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = cmdline.read_bytes().split(b"\0")
            if path.encode() in words and PTPARENT.encode() not in words:
                found.append(cmdline)
    return found


# --- the program ---

def test_words_of_events():
    """Schema and header know the same."""
    header = pathlib.Path(__file__).parents[1] / "ptparent.h"
    words = re.findall(r'^\tX\([A-Z_]+, "([a-z-]+)"', header.read_text(),
                       re.M)
    assert len(words) > 10
    assert {*words, "listen", "bridge-line"} == \
        set(SCHEMA["properties"]["event"]["enum"])


@pytest.mark.parametrize("words, says", [
    ([], "no command"),
    (["serve"], "no command"),
    (["client", "--", "x"], "no --bridge"),
    (["client", "-B", "t1 host:1", "--", "x"], "host:1"),
    (["client", "-B", "t1 1.1.1.1:1"], "behind"),
    (["client", "-B", "t1 1.1.1.1:1", "-L", "1.1.1.1:1", "-L", "1.1.1.1:2",
      "--", "x"], "more --listen"),
    (["client", "-B", "t1 1.1.1.1:1", "--spec", "3", "--", "x"], "spec"),
    (["client", "-B", "t1 1.1.1.1:1", "--proxy", "socks5://u@1.1.1.1:1",
      "--", "x"], "proxy"),
    (["server", "--transport", "t", "--", "x"], "no --app"),
    (["server", "--app", "1.1.1.1:1", "--", "x"], "no --transport"),
    (["server", "--transport", "t", "--app", "1.1.1.1:1",
      "--proxy-protocol", "--", "x"], "--extor"),
    (["server", "--bind", "t=1.1.1.1:1", "--", "x"], "--transport"),
])
def test_usage(words, says):
    done = subprocess.run([PTPARENT, *words], capture_output=True, text=True,
                          timeout=LIMIT)
    assert done.returncode == 2
    assert says in done.stderr
    assert not done.stdout


def test_readiness(transport, parent, tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.bind(str(tmp_path / "notify"))
        s.settimeout(LIMIT)
        p = parent(*BRIDGE, pt=[transport(GOOD + "wait()")],
                   env=dict(os.environ,
                            NOTIFY_SOCKET=str(tmp_path / "notify")))
        assert s.recv(99) == b"READY=1"
        p.process.terminate()
        assert s.recv(99) == b"STOPPING=1"
        assert p.end()[0] == 0


def test_state_directory(transport, parent, tmp_path):
    text = 'say("VERSION 2", "ENV-ERROR " + ' \
           'os.environ["TOR_PT_STATE_LOCATION"])'
    pt = transport(text)
    for env, want in (({"STATE_DIRECTORY": f"{tmp_path}/a/b:x"}, "a/b"),
                      ({"XDG_STATE_HOME": str(tmp_path)}, "ptparent")):
        done = subprocess.run(
            [PTPARENT, *BRIDGE, "--", pt], capture_output=True, text=True,
            timeout=LIMIT, env={"PATH": os.environ["PATH"], **env})
        assert f"{tmp_path}/{want}" in done.stderr
        assert (tmp_path / want).is_dir()
