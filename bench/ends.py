"""The ends of what is measured: socat and pairs of ptref, as processes."""
import contextlib
import os
import pathlib
import re
import select
import subprocess
import tempfile
import time

# Nothing here takes so long, not even on a busy machine.
PATIENCE = 60.0
LOCAL = "127.0.0.1"
KEY = "only-for-measuring"


class Failed(Exception):
    """Something does not work; nothing was measured."""


# --- processes ---

@contextlib.contextmanager
def running(argv, env=None, **streams):
    """A process for the time of the block, with stdin open."""
    try:
        child = subprocess.Popen(argv, env=env, stdin=subprocess.PIPE,
                                 **streams)
    except OSError as e:
        raise Failed(f"{argv[0]}: {e.strerror}") from None
    with child:
        try:
            yield child
        finally:
            child.kill()


def lines(stream, what):
    """What comes out of it, line by line, until the end or too late."""
    text, until = b"", time.monotonic() + PATIENCE
    while select.select([stream], [], [], max(0, until - time.monotonic()))[0]:
        more = os.read(stream.fileno(), 65536)
        if not more:
            break
        text += more
        *whole, text = text.split(b"\n")
        yield from (line.decode("ascii", "replace") for line in whole)
    raise Failed(f"{what} did not come up")


@contextlib.contextmanager
def socat(to, kind="TCP"):
    """A socat that hands one connection, or what one socket sends, on to
    `to`; its own address."""
    argv = ["socat", "-d", "-d", f"{kind}-LISTEN:0,bind={LOCAL}",
            f"{kind}:{to[0]}:{to[1]}"]
    with running(argv, stderr=subprocess.PIPE) as child:
        for line in lines(child.stderr, "socat"):
            found = re.search(r" listening on .*:(\d+)$", line)
            if found:
                yield LOCAL, int(found[1])
                return


# --- ptref ---

def unescaped_args(text):
    """{key: value} of ARGS: a backslash makes the next character plain."""
    words, escaped = [[""]], False
    for c in text:
        if escaped or c not in "\\=,":
            words[-1][-1] += c
            escaped = False
        elif c == "\\":
            escaped = True
        elif c == "=":
            words[-1].append("")
        else:
            words.append([""])
    return dict(words)


@contextlib.contextmanager
def ptref(build, state, role, *words, **settings):
    """One end; the words of its method line."""
    env = {"TOR_PT_MANAGED_TRANSPORT_VER": "2",
           "TOR_PT_STATE_LOCATION": str(state / role),
           "TOR_PT_EXIT_ON_STDIN_CLOSE": "1",
           **{f"TOR_PT_{k}": v for k, v in settings.items()}}
    with running([build / "ptref", *words], env, stdout=subprocess.PIPE) as child:
        found = None
        for line in lines(child.stdout, f"ptref as {role}"):
            word, *rest = line.split(" ")
            if word in ("CMETHOD", "SMETHOD"):
                found = rest
            if line in ("CMETHODS DONE", "SMETHODS DONE") and found:
                yield found
                return


def address(text):
    """Of HOST:PORT."""
    host, _, port = text.rpartition(":")
    return host, int(port)


@contextlib.contextmanager
def pair(build, name, far, mode="socks5"):
    """A client and a server: where each listens, and the server's ARGS."""
    options = {"SERVER_TRANSPORT_OPTIONS": f"{name}:key={KEY}"} \
        if name == "veil" else {}
    with tempfile.TemporaryDirectory(prefix="ptcheck-bench.") as top, \
            ptref(build, pathlib.Path(top), "server", "-mode", mode,
                  SERVER_TRANSPORTS=name,
                  SERVER_BINDADDR=f"{name}-{LOCAL}:0",
                  ORPORT=f"{far[0]}:{far[1]}", EXTENDED_SERVER_PORT="",
                  **options) as server, \
            ptref(build, pathlib.Path(top), "client", "-mode", mode,
                  *(() if mode == "socks5" else ("-target", server[1])),
                  CLIENT_TRANSPORTS=name) as client:
        args = [o[5:] for o in server[2:] if o.startswith("ARGS:")]
        yield (address(client[2]), address(server[1]),
               unescaped_args(args[0]) if args else None)
