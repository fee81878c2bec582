"""Sessions of ptpy: what it says to its parent, where it writes, how it ends.

Its connections are in the files beside this one.
"""
import os
import select
import signal
import socket
import subprocess

import pytest

from ptpy_runs import KEY, LIMIT, PTPY, connect, dial, pt, rest

FREE = "127.0.0.1:0"
CLIENT = {"CLIENT_TRANSPORTS": "pyident"}
SERVER = {"SERVER_TRANSPORTS": "pyident", "ORPORT": "127.0.0.1:9"}


def stop(run):
    """Close stdin; the streams are empty and the status is 0."""
    run.close_stdin()
    status, out, err = run.end()
    assert (status, err) == (0, b"")
    return out


def spelled(lines):
    """Lines with the ports of listeners replaced."""
    return [" ".join("127.0.0.1:PORT" if w.startswith("127.0.0.1:") else w
                     for w in line.split(" ")) for line in lines]


# --- what is said ---

@pytest.mark.parametrize("offered, spoken", [
    ("2", 2), ("1", 1), ("1,2", 2), ("2,1", 2), ("x,1,20", 1), (",2", 2),
    ("!\"#$%&'()*+-./:;<=>?@[\\]^_`{|}~,2", 2)])
@pytest.mark.parametrize("role", ["client", "server"])
def test_session(pt, role, offered, spoken):
    env = {"MANAGED_TRANSPORT_VER": offered}
    run = pt.client(env) if role == "client" else pt.server(FREE[:-1] + "9",
                                                             env)
    letter = role[0].upper()
    proto = " socks5" if role == "client" else ""
    args = f" ARGS:key={KEY}" if role == "server" else ""
    assert spelled(run.lines()) == [
        f"VERSION {spoken}",
        f"{letter}METHOD pyident{proto} 127.0.0.1:PORT",
        f"{letter}METHOD pyxor{proto} 127.0.0.1:PORT{args}",
        f"{letter}METHODS DONE"]
    stop(run)


@pytest.mark.parametrize("wanted", [
    "nosuch,pyident", "pyident,nosuch,pyident", "PYIDENT,pyidentx,pyident",
    "*,9x,pyident, pyxor", "\u00e9,LONG,pyident"])
def test_unknown_names_are_ignored(pt, wanted):
    run = pt({"CLIENT_TRANSPORTS": wanted.replace("LONG", "n" * 60000)})
    assert [line.split()[:2] for line in run.lines()[1:-1]] == \
        [["CMETHOD", "pyident"]]
    stop(run)


def test_only_unknown_names(pt):
    run = pt({"CLIENT_TRANSPORTS": "nosuch"})
    assert run.lines() == ["VERSION 2", "CMETHODS DONE"]
    assert stop(run) == b"VERSION 2\nCMETHODS DONE\n"


ERRORS = [
    ("VERSION-ERROR", 78, {**CLIENT, "MANAGED_TRANSPORT_VER": "3"}),
    ("VERSION-ERROR", 78, {**CLIENT, "MANAGED_TRANSPORT_VER": "2.0,+2,02"}),
    ("VERSION-ERROR", 78, {**CLIENT, "MANAGED_TRANSPORT_VER": "1 ,2\n"}),
    ("ENV-ERROR", 64, {**CLIENT, "MANAGED_TRANSPORT_VER": None}),
    ("ENV-ERROR", 64, {**CLIENT, "MANAGED_TRANSPORT_VER": ""}),
    ("ENV-ERROR", 64, {}),
    ("ENV-ERROR", 64, {"CLIENT_TRANSPORTS": ""}),
    ("ENV-ERROR", 64, {**CLIENT, **SERVER}),
    ("ENV-ERROR", 64, {**SERVER, "ORPORT": None}),
    *[("ENV-ERROR", 64, {**SERVER, "ORPORT": value}) for value in (
        "nonsense", "127.0.0.1", "127.0.0.1:0", ":9001", "1.2.3.4:99999",
        "999.1.1.1:1", "::1:80", "a..b:1", "h\u00e9:1")],
    *[("ENV-ERROR", 64, {**SERVER, "SERVER_BINDADDR": value}) for value in (
        "pyident", "pyident-127.0.0.1", "pyident-:1", "-127.0.0.1:1",
        "pyident-127.0.0.1:65536", "pyident-127.0.0.1:http",
        "pyident-256.0.0.1:1", "pyident-localhost:1", "pyident-::1:1",
        "pyident-127.0.0.1:1,pyident-127.0.0.1:2")],
    *[("ENV-ERROR", 64, {**SERVER, "SERVER_TRANSPORT_OPTIONS": value})
      for value in ("pyident", "pyident:", "pyident:k", ":k=v", "pyident:=v",
                    "pyident:k=v\\")],
    ("ENV-ERROR", 64, {**SERVER, "EXTENDED_SERVER_PORT": "127.0.0.1:1"}),
    ("ENV-ERROR", 64, {**SERVER, "EXTENDED_SERVER_PORT": "localhost:1",
                       "AUTH_COOKIE_FILE": "/x"}),
    *[("PROXY-ERROR", 69, {**CLIENT, "PROXY": value}) for value in (
        "garbage", "socks5://", "socks5://127.0.0.1", "socks5://:1080",
        "socks5://127.0.0.1:65536", "socks5://127.0.0.1:-1",
        "socks5://::1:1080", "socks5:127.0.0.1:1", "127.0.0.1:1",
        "://127.0.0.1:1", "gopher://127.0.0.1:70", "socks5://999.1.1.1:1",
        "socks5://proxy.test:1080", "http://127.0.0.1:80/x", "socks5://"
        "u@127.0.0.1:1", "socks5://:p@127.0.0.1:1", "socks4a://u:p@127.0.0.1"
        ":1", "http://a%3ab:p@127.0.0.1:1", "socks5://127.0.0.1:1 ",
        "socks5://u:p%4@127.0.0.1:1", "socks5://" + "a" * 256
        + ":p@127.0.0.1:1")],
]


@pytest.mark.parametrize("version, keyword, status, env", [
    (version, *row) for row in ERRORS for version in (2, 1)
    if version == 2 or "MANAGED_TRANSPORT_VER" not in row[2]])
def test_errors(pt, version, keyword, status, env):
    offered = {"MANAGED_TRANSPORT_VER": str(version), **env}
    run = pt(offered)
    code, out, err = run.end()
    negotiated = "MANAGED_TRANSPORT_VER" not in env
    said = [] if not negotiated else [f"VERSION {version}"]
    if version == 1 and negotiated:
        assert err == b""
        said, last = said, out.splitlines()[-1].decode()
        out = b"".join(out.splitlines(True)[:-1])
    else:
        last, = err.decode("ascii").splitlines()
    assert out.decode().splitlines() == said
    assert last.split(" ", 1)[0] == keyword and last.split(" ", 1)[1]
    assert code == status


def test_flags_override(pt):
    run = pt({"MANAGED_TRANSPORT_VER": "99", "CLIENT_TRANSPORTS": "nosuch",
              "PROXY": "garbage", "EXIT_ON_STDIN_CLOSE": "0"},
             args=["-exit-on-stdin-close", "-ptversion", "9,2", "-transports",
                   "pyxor", "-proxy", "http://127.0.0.1:9", "-state",
                   str(pt.state / "flag")])
    assert spelled(run.lines()) == [
        "VERSION 2", "PROXY DONE", "CMETHOD pyxor socks5 127.0.0.1:PORT",
        "CMETHODS DONE"]
    stop(run)
    assert os.listdir(pt.state) == ["flag"]


def test_flags_alone(pt):
    run = pt({"MANAGED_TRANSPORT_VER": None, "STATE_LOCATION": None,
              "EXIT_ON_STDIN_CLOSE": None},
             args=["-ptversion", "2", "-transports", "pyident", "-bindaddr",
                   "pyident-[::1]:0", "-orport", "or.test:1", "-options",
                   "pyident:a=b", "-exit-on-stdin-close"])
    line = run.lines()[1]
    assert line.startswith("SMETHOD pyident [::1]:")
    assert line.endswith(" ARGS:a=b")
    stop(run)


@pytest.mark.parametrize("args", [["-nosuch"], ["-ptversion"], ["word"],
                                  ["-target", "x"]])
def test_bad_flags(pt, args):
    code, _, err = pt(CLIENT, args=args).end()
    assert code in (64, 78)
    assert err.startswith(b"ENV-ERROR ")


# --- servers ---

@pytest.mark.parametrize("options, args", [
    ("pyident:key=banana", "key=banana"),
    ("pyident:a=1;pyident:b=2;nosuch:c=3", "a=1,b=2"),
    (r"pyident:k=a\:b\;c\=d\\e", r"k=a:b;c\=d\\e"),
    (r"pyident:k=a\\\;b", r"k=a\\;b"), ("pyident:k=a=b:c", r"k=a\=b:c"),
    (r"pyident:a\=b=c,d", r"a\=b=c\,d"), ("pyident:k=", "k="),
    (r"pyident:k=a\nb", "k=anb"), ("pyident:secret=x;pyident:k=v", "k=v"),
    (r"py\ident:secret=x", "")])
def test_options(pt, options, args):
    run = pt({**SERVER, "SERVER_TRANSPORT_OPTIONS": options})
    line = run.lines()[1]
    assert line.split(" ")[3:] == ([f"ARGS:{args}"] if args else [])
    stop(run)


@pytest.mark.parametrize("options", [None, "pyxor:key=short",
                                     "pyxor:key=with blank in it"])
def test_a_needed_option(pt, options):
    run = pt.server("127.0.0.1:9", {"SERVER_TRANSPORT_OPTIONS": options})
    assert [line.split()[:2] for line in run.lines()] == [
        ["VERSION", "2"], ["SMETHOD", "pyident"], ["SMETHODS", "DONE"]]
    run.close_stdin()
    status, _, err = run.end()
    assert status == 0
    assert err.startswith(b"SMETHOD-ERROR pyxor option key ")


def test_bind_addresses(pt):
    with socket.create_server(("127.0.0.2", 0)) as free:
        port = free.getsockname()[1]
    run = pt.server("127.0.0.1:9", {
        "SERVER_BINDADDR": f"pyxor-127.0.0.2:{port},other-127.0.0.1:1"})
    where, _ = run.methods()
    assert where["pyxor"] == ("127.0.0.2", port)
    assert where["pyident"][1] != 0
    for place in where.values():
        dial(place).close()
    with pytest.raises(ConnectionRefusedError):
        dial(("127.0.0.1", port))


@pytest.mark.parametrize("version", [2, 1])
def test_an_address_in_use(pt, version):
    taken = pt.peer()
    run = pt.server("127.0.0.1:9", {
        "SERVER_BINDADDR": f"pyident-{taken.at}",
        "MANAGED_TRANSPORT_VER": str(version)})
    lines = [line.split()[:2] for line in run.lines()]
    assert ["SMETHOD", "pyident"] not in lines
    assert ["SMETHOD", "pyxor"] in lines
    assert (["SMETHOD-ERROR", "pyident"] in lines) == (version == 1)
    run.close_stdin()
    _, _, err = run.end()
    assert err.startswith(b"SMETHOD-ERROR pyident ") == (version == 2)


# --- the state directory ---

def test_state(pt, tmp_path):
    cwd = tmp_path / "cwd"
    cwd.mkdir()
    pt.state = tmp_path / "a b" / "\u00e9" / "c"
    seeds = set()
    for damage in (b"", b"x" * 100, None, None):
        seed = pt.state / "pyxor.seed"
        if damage is not None and seed.exists():
            seed.write_bytes(damage)
        run = pt.client(cwd=cwd)
        assert len(run.lines()) == 4
        stop(run)
        assert os.listdir(pt.state) == ["pyxor.seed"]
        assert os.listdir(cwd) == []
        for made in (pt.state, pt.state.parent, pt.state.parent.parent):
            assert made.stat().st_mode & 0o777 == 0o700
        assert seed.stat().st_mode & 0o777 == 0o600
        seeds.add(seed.read_bytes())
    assert len(seeds) == 4
    assert {len(s) for s in seeds} == {32}


@pytest.mark.parametrize("location, where", [
    (None, "cwd"), ("", "cwd"), ("rel/dir", "cwd/rel/dir")])
def test_state_by_default(pt, tmp_path, location, where):
    cwd = tmp_path / "cwd"
    cwd.mkdir()
    run = pt.client({"STATE_LOCATION": location}, cwd=cwd)
    assert len(run.lines()) == 4
    stop(run)
    assert os.listdir(tmp_path / where) == ["pyxor.seed"]


@pytest.mark.parametrize("env", [
    {"STATE_LOCATION": "/dev/null/x"}, {"STATE_LOCATION": "/dev/null"},
    {"STATE_LOCATION": None, "MANAGED_TRANSPORT_VER": "1"}])
def test_no_state(pt, tmp_path, env):
    run = pt.client(env, cwd=tmp_path)
    lines = [line for line in run.lines() if "-ERROR" not in line]
    assert [line.split()[1] for line in lines] == [lines[0][8:], "pyident",
                                                   "DONE"]
    run.close_stdin()
    _, out, err = run.end()
    assert b"CMETHOD-ERROR pyxor " in out + err
    assert os.listdir(tmp_path) == []


# --- the end ---

@pytest.mark.parametrize("value", [None, "", "0", "true", "01", " 1"])
def test_a_closed_stdin_may_mean_nothing(pt, value):
    run = pt.client({"EXIT_ON_STDIN_CLOSE": value})
    where, _ = run.methods()
    run.close_stdin()
    for _ in range(5):
        connect(where["pyident"], ("127.0.0.1", 1))[0].close()
    run.p.send_signal(signal.SIGTERM)
    assert run.end()[0] == 0


def test_what_stdin_says_means_nothing(pt):
    run = pt.client()
    where, _ = run.methods()
    run.p.stdin.write(b"hello\n" * 100000)
    connect(where["pyident"], ("127.0.0.1", 1))[0].close()
    stop(run)


@pytest.mark.parametrize("how", ["stdin", signal.SIGTERM, signal.SIGINT])
def test_connections_do_not_keep_it(pt, how):
    app = pt.peer()
    server = pt.server(app.at)
    conn = dial(server.methods()[0]["pyident"])
    app.take()
    if how == "stdin":
        stop(server)
    else:
        server.p.send_signal(how)
        assert server.end()[0] == 0
    assert rest(conn) == b""


def test_other_signals_are_survived(pt):
    run = pt.client()
    where, _ = run.methods()
    for number in (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2,
                   signal.SIGPIPE, signal.SIGWINCH):
        run.p.send_signal(number)
    assert connect(where["pyident"], ("127.0.0.1", 1))[1] == 5
    stop(run)


def test_an_orphan_ends(tmp_path):
    """Its stdin is kept open by the test, not by the parent that dies."""
    end, mine = os.pipe()
    out, theirs = os.pipe()
    code = ("import os, subprocess, sys\n"
            "p = subprocess.Popen(sys.argv[1:], stdin=0)\n"
            "os.write(2, b'%d' % p.pid)\n"
            "os.read(0, 1)\n")
    env = {"TOR_PT_MANAGED_TRANSPORT_VER": "2",
           "TOR_PT_STATE_LOCATION": str(tmp_path),
           "TOR_PT_CLIENT_TRANSPORTS": "pyident"}
    parent = subprocess.Popen(
        ["/usr/bin/python3", "-ISBc", code, PTPY],
        env=env, stdin=end, stdout=theirs, stderr=subprocess.PIPE)
    os.close(theirs)
    said = b""
    while not said.endswith(b"DONE\n"):
        said += os.read(out, 4096)
    pid = int(os.read(parent.stderr.fileno(), 20))
    parent.kill()
    parent.wait()
    parent.stderr.close()
    # Its end closes the last copy of the pipe.
    ended = select.select([out], [], [], LIMIT)[0]
    if not ended:
        os.kill(pid, signal.SIGKILL)
    for fd in (out, mine, end):
        os.close(fd)
    assert ended


def test_closed_streams_are_survived(pt):
    app = pt.peer()
    run = pt.server(app.at)
    where, _ = run.methods()
    run.p.stdout.close()
    run.p.stderr.close()
    for _ in range(3):
        conn = dial(where["pyident"])
        got = app.take()
        conn.sendall(b"x")
        assert got.recv(1) == b"x"
        conn.close()
        got.close()
    assert run.p.poll() is None


def test_starts_without_standard_streams(tmp_path):
    """Descriptor 0 is not open at all."""
    env = {"TOR_PT_MANAGED_TRANSPORT_VER": "2",
           "TOR_PT_STATE_LOCATION": str(tmp_path),
           "TOR_PT_CLIENT_TRANSPORTS": "pyident"}
    p = subprocess.Popen(["/bin/sh", "-c", f'exec "{PTPY}" 0<&-'], env=env,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert p.stdout.readline() == b"VERSION 2\n"
    line = p.stdout.readline().decode().split()
    assert line[:3] == ["CMETHOD", "pyident", "socks5"]
    port = int(line[3].split(":")[1])
    assert connect(("127.0.0.1", port), ("127.0.0.1", 1))[1] == 5
    p.terminate()
    assert p.communicate(timeout=LIMIT)[1] == b""
    assert p.returncode == 0
