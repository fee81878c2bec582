"""ptparent with scripted transports: what goes wrong with parents, and what
must not; the program itself.  Names of the catalogue are in the names of the
tests."""

import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

import pytest

from scripted import (BRIDGE, GOOD, LIMIT, PTPARENT, SCHEMA,  # noqa: F401
                      dial, parent, transport, until)


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
    ("longer version", 'say("VERSION 22")\nwait()', "not offered"),
    ("status of -1", "os._exit(-1 & 255)", "status 255"),
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
    ("more than DONE", 'say("VERSION 2", "PROXY DONEX",'
     'f"CMETHOD t1 socks5 127.0.0.1:{port}", "CMETHODS DONE")\nwait()'),
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


def test_started_again(transport, parent):
    """And offered again."""
    p = parent(*BRIDGE, "--restart", "on-failure",
               pt=[transport(GOOD + "wait()")])
    p.line()
    os.kill(p.pid(), signal.SIGKILL)
    with dial(p.line()):
        pass
    words = p.words()
    assert words.index("exited") < words.index("restart")
    assert words.count("ready") == 2
    assert p.end(signal.SIGTERM)[0] == 0


def test_output_without_end(transport, parent):
    p = parent(*BRIDGE, pt=[transport(
        GOOD + "for i in range(200000): os.write(1, b'n' * 99 + b'\\n')\n"
        "os.write(2, b'over\\n')\nwait()")])
    p.line()
    until(lambda: "further lines" in os.read(
        p.process.stderr.fileno(), 1 << 20).decode())
    assert p.events_file.stat().st_size < 1 << 20
    assert p.end(signal.SIGTERM)[0] == 0


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
