"""What the specification asks of a parent, ptcheck keeps itself when it
launches.  A scripted transport writes down the world that it was given, and
says and does what a parent must cope with; ptcheck itself is started from as
odd a place as can be."""
import contextlib
import json
import os
import pathlib
import re
import resource
import signal
import tempfile

import pytest

from conftest import ROOT, Place, common_ground, events, run, traces_of

# What the transport is given, as the kernel tells it.  A shell, because
# Python changes signal dispositions before its first line.
RECORDER = """#!/bin/sh
here=$(mktemp -d {top}/seen.XXXXXX)
for name in environ cmdline limits stat; do
	cat /proc/$$/$name >"$here/$(basename $name)" 2>&1
done
readlink /proc/$$/cwd >"$here/cwd"
# Not the shell's own, which it has others blocked in at times.
cat /proc/self/status >"$here/status"
# Writes its file by itself: a redirection is one more descriptor.
find /proc/$$/fd -type l -fprintf "$here/fds" '%M %f %l\\n'
exec /usr/bin/python3 -IS {top}/duty.py "$here"
"""

# What it then does depends on the variable DUTY, which only cases set.
BEHAVIOUR = r"""
import fcntl, os, select, signal, socket, sys, termios, threading, time

here, duty = sys.argv[1], os.environ.get("DUTY", "plain")
server = "TOR_PT_SERVER_TRANSPORTS" in os.environ
names = os.environ.get("TOR_PT_SERVER_TRANSPORTS" if server else
                       "TOR_PT_CLIENT_TRANSPORTS", "").split(",")
version = "2" if "2" in os.environ["TOR_PT_MANAGED_TRANSPORT_VER"].split(
    ",") else "1"
told = open(here + "/sessions", "wb", 0)

def listener():
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    s.listen()
    return s, "127.0.0.1:%d" % s.getsockname()[1]

def note(what, data=b""):
    told.write(b"%s %s\n" % (what.encode(), data.hex().encode()))

def take(c, n):
    data = b""
    while len(data) < n:
        more = c.recv(n - len(data))
        if not more:
            raise EOFError(data)
        data += more
    return data

# A SOCKS5 server, as far as a parent can tell.
def serve(c):
    count = take(c, 2)[1]
    methods = take(c, count)
    note("methods", methods)
    c.sendall(b"\5" + methods[:1])
    if methods[:1] == b"\x09":
        size = int.from_bytes(take(c, 4), "big")
        note("block", take(c, size))
    if methods[:1] == b"\x02":
        user = take(c, take(c, 2)[1])
        note("userpass", user + b"|" + take(c, take(c, 1)[0]))
        c.sendall(b"\1\0")
    head = take(c, 4)
    rest = take(c, {1: 6, 4: 18}[head[3]])
    note("request", head + rest)
    if duty == "late":
        early = select.select([c], [], [], 0.5)[0]
        note("early", c.recv(999) if early else b"")
    rep = int(duty[5:], 16) if duty.startswith("code-") else 0
    c.sendall(bytes((5, rep, 0, 1, 127, 0, 0, 1, 0, 9)))
    while True:
        data = c.recv(4096)
        if not data:
            return
        note("data", data)
        if not rep:
            c.sendall(data)

def accept(s, name):
    while True:
        c = s.accept()[0]
        note("accepted", name.encode())
        threading.Thread(target=guarded, args=(c,), daemon=True).start()

def guarded(c):
    try:
        serve(c)
    except (EOFError, OSError, KeyError, IndexError) as e:
        note("ended", repr(e).encode())

def method(name, proto="socks5", args=""):
    s, at = listener()
    threading.Thread(target=accept, args=(s, name), daemon=True).start()
    return ("SMETHOD %s %s%s" % (name, at, args) if server else
            "CMETHOD %s %s %s" % (name, proto, at))

def fatal(line, status):
    os.write(2, line.encode() + b"\n")
    sys.exit(status)

error = "SMETHOD-ERROR" if server else "CMETHOD-ERROR"
done = "SMETHODS DONE" if server else "CMETHODS DONE"
proxy = ["PROXY DONE"] if "TOR_PT_PROXY" in os.environ else []
# A server's word for its clients; each escape of the rules is in it.
ARGS = " ARGS:k=a\\=b\\,c,l=\\\\,m=x:y"
NOISE = ["LOG SEVERITY=error MESSAGE=\"CMETHODS DONE\"", "STATUS TYPE=x y=z",
         "EVENT what", "X-y_9 z", "CMETHODX evil socks5 127.0.0.1:1",
         "SMETHODX evil 127.0.0.1:1", "VERSIONS 3", "version 1", "PROXYDONE",
         "CMETHODS", "Z" * 65536]

if duty == "version-error":
    fatal("VERSION-ERROR no-version", 78)
if duty == "env-error":
    fatal("ENV-ERROR state: not there", 64)
if duty == "proxy-error":
    os.write(1, b"VERSION 2\n")
    fatal("PROXY-ERROR no such type", 69)
if duty == "version-9":
    version = "9"
known = [n for n in names if n in ("duty", "other")]
methods = [method(n, args=ARGS if server else "") for n in known]
if duty == "reversed":
    methods = methods[::-1]
if duty == "order":
    methods = ["%s no-such-name not here" % error] + methods[::-1]
if duty == "method-error":
    methods = ["%s %s broken" % (error, known[0])] + methods[1:]
if duty == "missing":
    methods = []
if duty == "transparent":
    methods = [method(known[0], "transparent-TCP")]
if duty == "datagrams":
    methods = [method(known[0], "transparent-UDP")]
if duty == "strange-option" and server:
    methods = [method(known[0], args=" FOO:bar" + ARGS)]
if duty == "long" and server:
    methods = [method(known[0], args=" ARGS:k=" + "v" * 32768)]
if duty == "no-proxy-done":
    proxy = []

lines = ["VERSION " + version] + proxy + methods + [done]
if duty == "noise":
    lines = [x for line in lines for x in NOISE + [line]] + NOISE
text = "".join(line + "\n" for line in lines).encode()
if duty in ("split", "lines"):
    pieces = ([text[i:i + 1] for i in range(len(text))] if duty == "split"
              else text.splitlines(True))
    for piece in pieces:
        os.write(1, piece)
        # Alone in the pipe, so that no reader gets two at once.
        while any(fcntl.ioctl(1, termios.FIONREAD, bytes(4))):
            time.sleep(0.001)
else:
    while text:
        text = text[os.write(1, text):]

if duty == "dies":
    sys.exit(3)
deaf = duty.startswith("deaf")
if deaf:
    signal.signal(signal.SIGTERM, lambda *_: note("TERM %.3f" % time.time()))
while True:
    data = os.read(0, 4096)
    note("stdin %.3f" % time.time(), data)
    if not data:
        break
while deaf:
    signal.pause()
os._exit(0)
"""

TARGET = {"transports": {
    "duty": {"client_settings": "from-args"},
    "other": {"roles": ["client"]},
}}

SESSION = [
    {"do": "start"},
    {"do": "expect", "what": "answer"},
    {"do": "settle"},
    {"do": "connect", "to": "methods", "as": "probe"},
    {"do": "close", "what": "stdin"},
    {"do": "wait", "limit": "graceful"},
]
APPLICATION = [
    {"do": "start"},
    {"do": "expect", "what": "answer"},
    {"do": "settle"},
    {"do": "socks", "dest": "127.0.0.1:9", "as": "app"},
    {"do": "send", "on": "app", "bytes": "hello"},
    {"do": "recv", "on": "app", "count": 5},
    {"do": "close", "what": "stdin"},
    {"do": "wait", "limit": "graceful"},
]
WINDOW = [
    {"do": "start"},
    {"do": "expect", "what": "answer"},
    {"do": "window"},
    {"do": "close", "what": "stdin"},
    {"do": "wait", "limit": "graceful"},
]
STOP = [
    {"do": "start"},
    {"do": "expect", "what": "answer"},
    {"do": "stop"},
]
START = STOP[:2]
PROXY = {"env": {"TOR_PT_PROXY": "socks5://127.0.0.1:${port:proxy}"}}
TWO = {"roles": ["client"],
       "env": {"TOR_PT_CLIENT_TRANSPORTS": "duty,other"}}
OTHER = {"env": {"TOR_PT_CLIENT_TRANSPORTS": "other"}}


def application(**more):
    """A client's case with a session of an application."""
    return (APPLICATION, {"roles": ["client"], **more})


# What the transport does -> the steps, and what else the case has.
DUTIES = {
    "plain": (SESSION, {}),
    "split": (SESSION, {}),
    "lines": (SESSION, {}),
    "noise": (SESSION, {}),
    "order": (SESSION, TWO),
    "method-error": (SESSION, TWO),
    "strange-option": (SESSION, {"roles": ["server"]}),
    "long": (SESSION, {"roles": ["server"]}),
    "missing": (SESSION, {}),
    "version-error": application(),
    "env-error": application(),
    "proxy-error": application(**PROXY),
    "version-9": application(),
    "no-proxy-done": application(**PROXY),
    "proxy-done": application(**PROXY),
    "transparent": application(),
    "datagrams": application(),
    "args": application(),
    "another": application(**OTHER),
    "reversed": application(**TWO),
    "late": application(),
    **{f"code-{code}": application()
       for code in ("01", "10", "11", "12", "13")},
    "dies": application(),
    "waits": (WINDOW, {}),
    "stopped": (STOP, {}),
    "deaf": (SESSION, {}),
    "deaf-stopped": (STOP, {}),
    "deaf-started": (START, {}),
    "flags": (SESSION, {"flags": "all"}),
}


def case_of(name, steps, **more):
    """One case; the transport sees its name."""
    return {"id": f"duty.{name}", "title": "what a parent must cope with",
            "aims": ["GEN-LOCAL-1"], "config": "odd", "steps": steps, **more,
            "env": {"DUTY": name, **more.get("env", {})}}


# --- running it from an odd place ---

POISON = {
    "TOR_PT_MANAGED_TRANSPORT_VER": "poison",
    "TOR_PT_STATE_LOCATION": "poison",
    "TOR_PT_EXIT_ON_STDIN_CLOSE": "0",
    "TOR_PT_CLIENT_TRANSPORTS": "poison",
    "TOR_PT_SERVER_TRANSPORTS": "poison",
    "TOR_PT_PROXY": "socks5://127.0.0.1:1",
    "TOR_PT_SERVER_TRANSPORT_OPTIONS": "poison:k=v",
    "TOR_PT_SERVER_BINDADDR": "poison-127.0.0.1:1",
    "TOR_PT_ORPORT": "127.0.0.1:1",
    "TOR_PT_EXTENDED_SERVER_PORT": "127.0.0.1:1",
    "TOR_PT_AUTH_COOKIE_FILE": "/poison",
    "TOR_PT_OUTBOUND_BIND_ADDRESS_V4": "127.0.0.1",
    "LD_BIND_NOW": "1",
    "LANG": "xx_XX",
    "HOME": "/poison",
    "SECRET": "poison",
}


def odd_place():
    """In the child: signals ignored and blocked, a strict umask, no
    descriptor 0, core dumps allowed."""
    for number in (signal.SIGINT, signal.SIGPIPE, signal.SIGHUP,
                   signal.SIGUSR1):
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2, signal.SIGALRM])
    os.umask(0o077)
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    os.close(0)


def environment(path):
    """The variables that a process was started with, in order."""
    words = (path / "environ").read_bytes().split(b"\0")[:-1]
    return [word.decode().split("=", 1) for word in words]


def seen_of(place):
    """What the transport wrote down, by its environment."""
    return {json.dumps(environment(path)): path
            for path in place.dir.glob("seen.*")}


def carry_out(place, duties, described, *args):
    """Launch all duties, and what the probes launch: traces by id, each with
    what the transport saw."""
    mine = place.dir / "cases"
    mine.mkdir()
    (mine / "general.json").write_text(
        (ROOT / "cases/general.json").read_text())
    (mine / "duty.json").write_text(json.dumps({
        "schema": 1, "cases": [case_of(name, steps, **more)
                               for name, (steps, more) in duties.items()]}))
    target = place.dir / "target.json"
    target.write_text(json.dumps(described))
    (place.dir / "duty.py").write_text(BEHAVIOUR)
    pt = place.transport(RECORDER.format(top=place.dir))
    out = place.dir / "out"
    spare = os.pipe()
    p = run("--cases", mine, "--target", target, "--out", out,
            "--launch", "duty.*", "--option", "limits.window=0.3", "--option",
            "limits.graceful=5", *args, pt=(pt,),
            env={**place.env, **POISON}, preexec_fn=odd_place,
            pass_fds=spare, cwd=place.tmp)
    for fd in spare:
        os.close(fd)
    assert p.returncode in (0, 1), p.stdout + p.stderr
    seen, found = seen_of(place), {t.id: t for t in traces_of(out)}
    rows = json.loads((out / "report.json").read_text())["requirements"]
    for trace in found.values():
        trace.seen = seen.get(json.dumps(trace.head["env"]))
        trace.findings = [row["verdict"] for row in rows
                          if trace.id in (e["launch"]
                                          for e in row["evidence"])]
    return found


@contextlib.contextmanager
def shared_place():
    """A place in which a launch can leave what it saw."""
    with tempfile.TemporaryDirectory(dir=common_ground()) as top:
        it = Place(pathlib.Path(top))
        yield it
        it.clean()


@pytest.fixture(name="place")
def place_of_one_test():
    with shared_place() as it:
        yield it


@pytest.fixture(name="launches", scope="module",
                params=["sandbox", "no-sandbox"])
def launched(request):
    """All duties under version 2, with and without a sandbox."""
    with shared_place() as place:
        yield carry_out(place, DUTIES, TARGET, "--spec", "2.0",
                        *(["--no-sandbox"] if request.param == "no-sandbox"
                          else ["--require", "sandbox"]))


# --- reading it ---

def both(launches, duty):
    """The launches of a duty."""
    found = [t for t in (launches.get(f"duty.{duty}@{role}")
                         for role in ("client", "server")) if t]
    assert found, duty
    return found


def sessions(trace):
    """What the transport wrote down of its listeners and of stdin."""
    lines = (trace.seen / "sessions").read_text().splitlines()
    return [(word[0], bytes.fromhex(word[-1]) if len(word) > 1 else b"", word)
            for word in (line.split(" ") for line in lines)]


def noted(trace, what):
    """The bytes of all notes of that name."""
    return [data for name, data, _ in sessions(trace) if name == what]


def controls(launches):
    """The plain good launches."""
    return [launches[f"control@{role}"] for role in ("client", "server")]


# --- what the transport is given ---

def test_every_launch_is_what_the_trace_says(launches):
    """All variables, in order; those of whoever started ptcheck are none of
    them."""
    assert all(trace.seen for trace in launches.values())
    for trace in launches.values():
        words = (trace.seen / "cmdline").read_bytes().split(b"\0")[1:-1]
        assert [w.decode() for w in words] == trace.head["argv"]
        text = (trace.seen / "environ").read_text()
        assert "poison" not in text and "LD_BIND_NOW" not in text
        assert "SECRET" not in text and "OUTBOUND" not in text


def test_streams_and_no_other_descriptor(launches):
    """Three pipes, the write end of stdin not among them.  The shell has its
    script open."""
    for trace in launches.values():
        fds = {n: (mode, to) for mode, n, to in re.findall(
            r"^(\S+) (\d+) (\S+)$",
            (trace.seen / "fds").read_text(), re.M)
            if not to.endswith("/pt")}
        assert sorted(fds) == ["0", "1", "2"], fds
        assert [fds[n][0][1:3] for n in "012"] == ["r-", "-w", "-w"], fds
        assert len({to for _, to in fds.values()}) == 3
        assert all(to.startswith("pipe:") for _, to in fds.values()), fds


def status_of(trace):
    """/proc/PID/status of the transport."""
    return dict(line.split(":\t", 1) for line in (
        trace.seen / "status").read_text().splitlines())


def test_signals_and_mask(launches):
    """As an ordinary program expects them, whatever ptcheck was given."""
    for trace in launches.values():
        status = status_of(trace)
        assert int(status["SigIgn"], 16) == 0
        assert int(status["SigBlk"], 16) == 0
        assert status["Umask"] == "0022"
        if trace.head["sandbox"]:
            assert int(status["CapEff"], 16) == 0


def test_session_limits_and_place(launches):
    """A session of its own, no core dumps, as many descriptors as ptcheck
    was given, an own directory to be in."""
    nofile = resource.getrlimit(resource.RLIMIT_NOFILE)
    for trace in launches.values():
        stat = (trace.seen / "stat").read_text()
        pid, (ppid, group, session) = int(stat.split()[0]), map(
            int, stat.rpartition(")")[2].split()[1:4])
        assert group == session == pid
        assert ppid != 1
        limits = (trace.seen / "limits").read_text()
        assert re.search(r"^Max core file size +0 +0 ", limits, re.M)
        assert re.search(rf"^Max open files +{nofile[0]} +{nofile[1]} ",
                         limits, re.M), limits
        work = dict(trace.head["vars"])["work"]
        assert (trace.seen / "cwd").read_text() == f"{work}/cwd\n"


def test_the_control_sets_what_its_role_needs(launches):
    """CFG-ALLSET-1, ENV-VER-9, ST-ABS-1, CT-PARENT-1, SVT-PARENT-1,
    PX-OMIT-1, EXT-CFG-3, EXT-CFG-4, BA-IP-1: all variables, no flag."""
    for trace in controls(launches):
        env = {name: value for name, value in environment(trace.seen)
               if name.startswith("TOR_PT_")}
        common = {"TOR_PT_MANAGED_TRANSPORT_VER": "2,1",
                  "TOR_PT_STATE_LOCATION":
                  dict(trace.head["vars"])["work"] + "/state",
                  "TOR_PT_EXIT_ON_STDIN_CLOSE": "1"}
        assert common["TOR_PT_STATE_LOCATION"].startswith("/")
        assert len(trace.head["argv"]) == 1
        if trace.head["role"] == "client":
            assert env == {**common, "TOR_PT_CLIENT_TRANSPORTS": "duty"}
            continue
        port = re.fullmatch(r"duty-127\.0\.0\.1:(\d+)",
                            env.pop("TOR_PT_SERVER_BINDADDR"))
        orport = re.fullmatch(r"127\.0\.0\.1:(\d+)", env.pop("TOR_PT_ORPORT"))
        assert 0 < int(port[1]) != int(orport[1]) > 0
        assert env == {**common, "TOR_PT_SERVER_TRANSPORTS": "duty",
                       "TOR_PT_EXTENDED_SERVER_PORT": ""}


def test_flags_and_variables_do_not_contradict(launches):
    """What is given as a flag is no variable, but for the list."""
    for trace in both(launches, "flags"):
        env, argv = dict(environment(trace.seen)), trace.head["argv"][1:]
        assert "TOR_PT_STATE_LOCATION" not in env
        assert env["TOR_PT_" + trace.head["role"].upper() +
                   "_TRANSPORTS"] == argv[argv.index("-transports") + 1]
        left = {name for name in env if name.startswith("TOR_PT_")}
        assert left <= {"TOR_PT_CLIENT_TRANSPORTS", "TOR_PT_SERVER_TRANSPORTS",
                        "TOR_PT_EXTENDED_SERVER_PORT"}, left


def test_bind_addresses_in_the_order_of_the_list(tmp_path):
    """BA-ORDER-1, BA-DUP-1, BA-NAME-1 of the built-in cases that ask for two
    transports."""
    p = run("--out", tmp_path / "out", "--role", "server", "--select",
            "SVT-*,OPT-*")
    assert p.returncode == 0, p.stdout
    asked = 0
    for trace in traces_of(tmp_path / "out"):
        env = dict(trace.head["env"])
        names = env["TOR_PT_SERVER_TRANSPORTS"].split(",")
        items = env.get("TOR_PT_SERVER_BINDADDR", "").split(",")
        if trace.head["config"] != "legal" or len(items) < 2:
            continue
        asked += 1
        assert [item.rpartition("-")[0] for item in items] == [
            name for name in names
            if any(item.startswith(name + "-") for item in items)]
        for item in items:
            assert re.fullmatch(r"127\.0\.0\.1:\d+", item.rpartition("-")[2])
    assert asked >= 2


# --- what it says is understood ---

@pytest.mark.parametrize("duty", ["plain", "split", "lines", "noise", "order",
                                  "strange-option", "long"])
def test_lines_are_understood(launches, duty):
    """IPC-UNK-1, IPC-LONG-1, PAR-SPLIT-1, PAR-ORDER-1, SM-OPT-2: the methods
    are found however they come, and no other."""
    for trace in both(launches, duty):
        assert not events(trace, "limit")
        reached = [ev["conn"] for ev in events(trace, "connect", result="ok")]
        assert reached == (["probe:other", "probe:duty"] if duty == "order"
                           else ["probe:duty"])
        # It may be gone before it knows of them all.
        assert set(noted(trace, "accepted")) <= {
            conn.split(":")[1].encode() for conn in reached}
        assert len(events(trace, "connect")) == len(reached)


def test_split_means_split(launches):
    """The transport really wrote single bytes, and lines by themselves."""
    for trace in both(launches, "split"):
        assert len(events(trace, "out", on="stdout")) > 3
    for trace in both(launches, "plain"):
        assert len(events(trace, "out", on="stdout")) == 1


def test_one_method_error_leaves_the_others(launches):
    """PAR-METHERR-1."""
    (trace,) = both(launches, "method-error")
    assert [ev["conn"] for ev in events(trace, "connect", result="ok")] == [
        "probe:other"]


def test_nothing_reported_is_no_wait(launches):
    """PAR-MISSING-1, PAR-DONE-1."""
    for trace in both(launches, "missing"):
        assert not events(trace, "limit") and not events(trace, "connect")
        assert events(trace, "exit", how="exited", code=0)


# --- whom it does not trust ---

@pytest.mark.parametrize("duty, said", [
    ("version-9", "not offered"), ("no-proxy-done", "PROXY DONE"),
    ("version-error", "cannot go on"), ("env-error", "cannot go on"),
    ("proxy-error", "cannot go on"), ("transparent", "no SOCKS method"),
    ("datagrams", "no SOCKS method"), ("another", "no SOCKS method")])
def test_no_session_through_it(launches, duty, said):
    """PAR-VER-1, PAR-VERERR-1, PAR-ENVERR-1, PAR-PXERR-1, PAR-PXDONE-1,
    PAR-PROTO-1: nobody connects, and the trace says why."""
    (trace,) = both(launches, duty)
    (skipped,) = [ev for ev in events(trace, "skipped")
                  if "sandbox" not in ev["reason"]]
    assert said in skipped["reason"]
    assert not events(trace, "socks") and not events(trace, "send")
    assert not events(trace, "limit")
    if not duty.endswith("error"):
        assert not noted(trace, "accepted")


@pytest.mark.parametrize("duty", ["version-9", "no-proxy-done"])
def test_it_is_a_failure(launches, duty):
    """And the verdict is that of the transport."""
    (trace,) = both(launches, duty)
    assert "fail" in trace.findings


def test_a_death_is_noticed(launches):
    """PAR-DEATH-1: the session ends, and the exit is told with its status."""
    (trace,) = both(launches, "dies")
    assert events(trace, "exit", how="exited", code=3)
    assert not events(trace, "limit")


# --- what applications say ---

@pytest.mark.parametrize("duty", ["args", "reversed"])
def test_with_settings(launches, duty):
    """PAR-SOCKS-1, PAR-ARGS-1: method 09, and what the server's ARGS mean
    behind its length.  The session is with the transport that the settings
    are of, wherever it is in the list."""
    (trace,) = both(launches, duty)
    assert noted(trace, "accepted") == [b"duty"]
    assert noted(trace, "methods") == [b"\x09"]
    (block,) = noted(trace, "block")
    assert json.loads(block) == {"k": "a=b,c", "l": "\\", "m": "x:y"}
    assert noted(trace, "data") == [b"hello"]


def test_data_waits_for_the_reply(launches):
    """PAR-SOCKS-4."""
    (trace,) = both(launches, "late")
    assert noted(trace, "early") == [b""]
    assert noted(trace, "data") == [b"hello"]


@pytest.mark.parametrize("code", ["01", "10", "11", "12", "13"])
def test_codes_of_failure(launches, code):
    """PAR-SOCKS-3: reported, and no data.  It stays open until the end: the
    transport has to close it."""
    (trace,) = both(launches, f"code-{code}")
    (end,) = events(trace, "socks")
    assert (end["result"], end["code"]) == ("refused", int(code, 16))
    assert not noted(trace, "data")


# --- how it ends ---

def times(trace, what):
    """When the transport noted it, in seconds."""
    return [float(words[1]) for name, _, words in sessions(trace)
            if name == what]


@pytest.mark.parametrize("duty", ["plain", "waits", "stopped"])
def test_stdin_is_open_until_it_is_closed(launches, duty):
    """PAR-SHUT-2, PAR-STDIN-1: one end of file, and no byte before it; who
    exits then is not asked again."""
    for trace in both(launches, duty):
        assert noted(trace, "stdin") == [b""]
        assert not noted(trace, "TERM") and not events(trace, "kill")
        assert dict(environment(trace.seen))["TOR_PT_EXIT_ON_STDIN_CLOSE"] \
            == "1"
        closed = events(trace, "close", what="stdin")
        closed = closed or events(trace, "step", kind="stop")
        (end,) = events(trace, "exit")
        assert (end["how"], end["code"]) == ("exited", 0)
        assert end["n"] > closed[0]["n"]
        if duty == "waits":
            (window,) = events(trace, "window", state="closed")
            assert window["n"] < closed[0]["n"] < end["n"]


@pytest.mark.parametrize("duty", ["deaf", "deaf-stopped", "deaf-started"])
def test_closing_then_asking_then_killing(launches, duty):
    """PAR-SHUT-1: with at least a tenth of a second in between."""
    for trace in both(launches, duty):
        (closed,), (asked,) = times(trace, "stdin"), times(trace, "TERM")
        assert asked - closed >= 0.1
        (kill,), (end,) = events(trace, "kill"), events(trace, "exit")
        assert (end["how"], end["code"]) == ("killed", signal.SIGKILL)
        # The kill event comes with the first of the three that is left.
        steps = 2 if duty == "deaf-started" else 1
        assert end["t"] - kill["t"] >= steps * 100000


# --- the same by other methods ---

def test_settings_under_version_1(place):
    """By RFC 1929."""
    found = carry_out(place, {"args": DUTIES["args"]}, TARGET, "--spec", "1.0")
    (trace,) = both(found, "args")
    assert noted(trace, "methods") == [b"\x02"]
    assert noted(trace, "userpass") == [rb"k=a\=b,c;l=\\;m=x:y|" + b"\0"]
    assert noted(trace, "data") == [b"hello"]


@pytest.mark.parametrize("spec", ["1.0", "2.0"])
def test_without_settings(place, spec):
    """PAR-SOCKS-2: method 00, no block, whatever the server printed."""
    found = carry_out(place, {"args": DUTIES["args"]},
                      {"transports": {"duty": {"client_settings": {}}}},
                      "--spec", spec)
    (trace,) = both(found, "args")
    assert noted(trace, "methods") == [b"\x00"]
    assert not noted(trace, "block") and not noted(trace, "userpass")
    assert noted(trace, "data") == [b"hello"]
