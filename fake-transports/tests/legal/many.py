"""Habits of programs with much to offer and much to say."""
import os
import time

from pypt import client, ipc, transports
from pypt.loop import TimedOut, now
from pypt.net import Closed, Unreachable


def _several():
    known = transports.KNOWN
    for name in ("pyident2", "pyident_3"):
        known[name] = type(name, (transports.Identity,), {"name": name})
    known["pyxor2"] = type("pyxor2", (transports.Xor,), {"name": "pyxor2"})


STATUS = ("STATUS TYPE=version IMPLEMENTATION=many VERSION=1.2.3",
          "STATUS TRANSPORT=pyident ADDRESS=198.51.100.7:443 CONNECT=Success",
          'LOG SEVERITY=debug MESSAGE="a quote \\" and a \\\\ in it"',
          "LOG SEVERITY=notice MESSAGE=word",
          "X-OWN-KEYWORD anything at all")


def chatty():
    """It knows more transports than anybody names.  Between its lines it says
    other things, each line comes half a second after the one before, and
    stderr gets much."""
    _several()
    real = ipc.Parent.say

    def say(self, line):
        if not line.startswith("VERSION"):
            for more in STATUS:
                real(self, more)
            for _ in range(40):
                os.write(2, b"many: " + b"." * 900 + b"\n")
            time.sleep(0.5)
        real(self, line)
    ipc.Parent.say = say


SPARE = 2


def pool():
    """A client keeps connections to where it has been, opened ahead, and
    takes those first. Its server waits for the first data of each."""
    from small import _late_server
    _late_server()
    spare = {}

    class _Dialer:
        def __init__(self, real):
            self.real = real

        async def dial(self, where, deadline):
            kept = spare.setdefault(where, [])
            while kept:
                stream = kept.pop(0)
                if await _is_alive(stream):
                    return stream
                stream.close()
            stream = await self.real.dial(where, deadline)
            try:
                while len(kept) < SPARE:
                    kept.append(await self.real.dial(where, now() + 5))
            except (Closed, TimedOut, Unreachable, OSError):
                pass
            return stream
    real = client.dialer
    client.dialer = lambda cfg, parent: _Dialer(real(cfg, parent))


async def _is_alive(stream):
    """Nothing came yet, nor its end."""
    try:
        stream.sock.recv(1)
    except BlockingIOError:
        return True
    except OSError:
        pass
    return False
