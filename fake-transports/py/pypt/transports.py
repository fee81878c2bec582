"""The transports. Names, settings and what they do to the bytes.

pyident hands on what it gets.

pyxor conceals it with a key that both sides have. Each side sends 32 random
bytes and a MAC over what has been sent so far, the client first; from both
nonces come one keystream for each direction:

    block(i) = SHAKE256(key' | direction | client nonce | server nonce | i)

All that is seen looks random, and who does not have the key gets no answer.
Like TCP it does not protect what is changed on the way.
"""
import os

from . import lists
from .loop import now
from .net import Closed
from .state import fresh_seed

HANDSHAKE = 20.0
NONCE = 32
BLOCK = 16384


class Identity:
    """pyident."""

    name = "pyident"
    # Options of a server that are not for clients.
    private = frozenset((b"secret",))

    def __init__(self, state):
        """Raises OSError when the state cannot be kept."""

    def check(self, settings):
        """Whether settings (or options) suit: ValueError if not."""

    def args(self, options):
        """What clients need to know of a server's options, as ARGS."""
        self.check(options)
        return lists.args({k: v for k, v in options.items()
                           if k not in self.private})

    async def as_client(self, stream, settings, deadline):
        """The client's side of the handshake: (encode, decode)."""
        return _same, _same

    async def as_server(self, stream, options, deadline):
        """The server's side of the handshake: (encode, decode)."""
        return _same, _same


def _same(data):
    return data


class Xor(Identity):
    """pyxor."""

    name = "pyxor"

    def __init__(self, state):
        super().__init__(state)
        # Only who uses it pays for loading it.
        import hashlib  # pylint: disable=import-outside-toplevel
        self._shake = hashlib.shake_256
        self._seed = fresh_seed(state)
        self._count = 0

    def check(self, settings):
        """The key is 8 to 255 printable characters without blanks."""
        key = settings.get(b"key")
        if key is None:
            raise ValueError("option key is missing")
        if not 8 <= len(key) <= 255 or not all(33 <= c < 127 for c in key):
            raise ValueError("option key must have 8 to 255 printable "
                             "characters")

    def _nonce(self):
        self._count += 1
        return self._hash(NONCE, b"nonce", self._seed, os.urandom(NONCE),
                          self._count.to_bytes(8, "big"))

    def _hash(self, size, *parts):
        h = self._shake()
        for part in parts:
            h.update(len(part).to_bytes(4, "big"))
            h.update(part)
        return h.digest(size)

    def _mac(self, key, side, *said):
        return self._hash(NONCE, b"mac", key, side, *said)

    def _streams(self, key, client, server):
        return [Keystream(self._hash(64, b"stream", key, way, client, server),
                          self._shake)
                for way in (b"to server", b"to client")]

    async def as_client(self, stream, settings, deadline):
        key, mine = settings[b"key"], self._nonce()
        await stream.write(mine + self._mac(key, b"client", mine), deadline)
        theirs = await stream.exactly(NONCE, deadline)
        mac = await stream.exactly(NONCE, deadline)
        if not _equal(mac, self._mac(key, b"server", mine, theirs)):
            raise Closed
        return self._streams(key, mine, theirs)

    async def as_server(self, stream, options, deadline):
        key = options[b"key"]
        theirs = await stream.exactly(NONCE, deadline)
        mac = await stream.exactly(NONCE, deadline)
        if not _equal(mac, self._mac(key, b"client", theirs)):
            raise Closed
        mine = self._nonce()
        await stream.write(mine + self._mac(key, b"server", theirs, mine),
                           deadline)
        there, back = self._streams(key, theirs, mine)
        return back, there


def _equal(a, b):
    """In the same time whatever differs."""
    difference = 0
    for x, y in zip(a, b):
        difference |= x ^ y
    return difference == 0 and len(a) == len(b)


class Keystream:
    """One direction: the same call encodes and decodes."""

    def __init__(self, key, shake):
        self._key, self._shake = key, shake
        self._left = b""
        self._next = 0

    def _take(self, size):
        while len(self._left) < size:
            self._left += self._shake(
                self._key + self._next.to_bytes(8, "big")).digest(BLOCK)
            self._next += 1
        taken, self._left = self._left[:size], self._left[size:]
        return taken

    def __call__(self, data):
        stream = int.from_bytes(self._take(len(data)), "big")
        return (int.from_bytes(data, "big") ^ stream).to_bytes(
            len(data), "big")


KNOWN = {t.name: t for t in (Identity, Xor)}


async def reach(dialer, where, transport, settings, deadline):
    """Through the dialer and the handshake: (stream to the server, its
    coders). Raises Closed, TimedOut, Unreachable."""
    stream = await dialer.dial(where, deadline)
    try:
        return stream, await transport.as_client(stream, settings, deadline)
    except BaseException:
        stream.close()
        raise


def handshake_deadline():
    """When a client must have said who it is."""
    return now() + HANDSHAKE
