"""Datagrams to connections and back (PT 2.0 section 3.3.5).

Nothing is held up for want of room: what cannot be sent at once, or stored in
a bounded buffer, is lost, as datagrams are.
"""
import socket

from .config import STUN
from .framing import Broken, Lengths, Stun
from .loop import IN, OUT, TimedOut, now, sleep, wait
from .net import CHUNK, Closed, Unreachable, lookup
from .pool import (ABSENT, CLOSED, CONNECT, DROP, FAILED, PACKET, SEND,
                   SUCCESS, TABLE_1, TABLE_2, TIMEOUT, WRITE_FAILURE, Entry,
                   Pool)
from .transports import reach

MAX_DATAGRAM = 65536
MAX_PENDING = 4 * MAX_DATAGRAM  # to be written to a connection
BATCH = 64  # datagrams in a row, then others have their turn
RECEIVE = 1 << 20  # what the kernel is asked to store meanwhile
REACH = 20.0  # to be through to the server


def framing(mode):
    """Which framing belongs to the mode."""
    return Stun if mode == STUN else Lengths


def socket_for(family):
    """A socket for datagrams; raises OSError."""
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.setblocking(False)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE)
    return sock


def received(sock):
    """What has come: (datagram, source)s, without waiting. An error is about
    a datagram that was sent before."""
    for _ in range(BATCH):
        try:
            yield sock.recvfrom(MAX_DATAGRAM)
        except BlockingIOError:
            return
        except OSError:
            continue


class Link(Entry):
    """A connection. `deliver(datagram)` takes what comes by it."""

    def __init__(self, key, loop, pool, frames, deliver):
        super().__init__(key)
        self._loop, self._pool, self._deliver = loop, pool, deliver
        self._frames = frames()
        self._stream = self._encode = self._decode = None
        self._pending = bytearray()  # to be written
        self._task = self._clock = None

    def start(self, life):
        """Let a task of its own live through `life`, and no longer than it
        is used."""
        self._task = self._loop.spawn(self._live(life))
        self._clock = self._loop.spawn(self._expire())

    async def _live(self, life):
        try:
            await life
        finally:
            self._loop.hurry(self._clock)

    async def _expire(self):
        while self.state != ABSENT:
            left = self._pool.left(self)
            if left > 0:
                await sleep(left)
            else:
                self._pool.happens(TIMEOUT, self)
                self._loop.hurry(self._task)

    def packet(self, wrapped):
        """One for the connection, as it stands in the stream; gives what
        becomes of it. What is to be sent waits for send()."""
        if len(self._pending) >= MAX_PENDING:
            self._push()
        if len(self._pending) >= MAX_PENDING:
            return DROP  # and this is no use of the connection
        effect = self._pool.happens(PACKET, self)
        if effect == SEND:
            self._pending += self._encode(wrapped)
        return effect

    def send(self):
        """What packet() left; for other tasks than its own."""
        if self._pending:
            self._loop.hurry(self._task)

    def _push(self):
        try:
            while self._pending:
                sent = self._stream.sock.send(self._pending)
                del self._pending[:sent]
        except BlockingIOError:
            pass
        except OSError:
            self._pool.happens(WRITE_FAILURE, self)

    def _pull(self):
        try:
            data = self._stream.sock.recv(CHUNK)
            if data:
                self._take(data)
                return
        except BlockingIOError:
            return
        except (OSError, Broken):
            pass
        self._pool.happens(CLOSED, self)

    def _take(self, data):
        for datagram in self._frames.feed(self._decode(data)):
            self.used = now()
            self._deliver(datagram)

    async def carry(self, stream, coders, near=None, gather=None):
        """While it is in the pool, connected. `gather()` is called when
        something has come to the socket `near`."""
        self._stream, (self._encode, self._decode) = stream, coders
        early = stream.taken()
        try:
            if early and self.state != ABSENT:
                self._take(early)
        except Broken:
            self._pool.happens(CLOSED, self)
        while self.state != ABSENT:
            masks = {stream.fd: IN | (OUT if self._pending else 0)}
            if near:
                masks[near.fileno()] = IN
            try:
                seen = await wait(masks)
            except TimedOut:
                seen = {}  # there is something to write, or it is over
            if near and near.fileno() in seen:
                gather()
            self._push()
            if self.state != ABSENT and seen.get(stream.fd, 0) & ~OUT:
                self._pull()


# --- a client ---

class Client:
    """A socket for applications, and the pool behind it."""

    def __init__(self, loop, transport, way, config):
        self._loop, self._transport, self._way = loop, transport, way
        self._where = config.target
        self._settings = config.settings(transport)
        self._frames = framing(config.mode)
        self._pool = Pool(TABLE_1, config.idle)
        self.sock = socket_for(socket.AF_INET)
        self.sock.bind(("127.0.0.1", 0))

    async def serve(self):
        """For ever."""
        while True:
            await wait({self.sock.fileno(): IN})
            met = set()
            for datagram, source in received(self.sock):
                wrapped = self._frames.wrap(datagram)
                if wrapped is not None:
                    met.add(self._packet(wrapped, source))
            for link in met:
                link.send()

    def _packet(self, wrapped, source):
        link = self._pool.get(source) or Link(
            source, self._loop, self._pool, self._frames,
            lambda datagram: self._answer(datagram, source))
        if link.packet(wrapped) == CONNECT:
            link.start(self._connection(link))
        return link

    def _answer(self, datagram, source):
        try:
            self.sock.sendto(datagram, source)
        except OSError:
            pass

    async def _connection(self, link):
        try:
            stream, coders = await reach(
                self._way, self._where, self._transport, self._settings,
                now() + REACH)
        except (Closed, TimedOut, Unreachable, OSError):
            self._pool.happens(FAILED, link)
            return
        # Without effect if it has been waited for too long.
        self._pool.happens(SUCCESS, link)
        try:
            await link.carry(stream, coders)
        finally:
            stream.close()


# --- a server ---

class Server:
    """The pool of a server. Each connection has a socket of its own, connected
    to the destination: so the kernel knows whose an answer is, and drops what
    comes from others or for connections that have gone."""

    def __init__(self, loop, config):
        self._loop, self._where = loop, config.orport
        self._frames = framing(config.mode)
        self._pool = Pool(TABLE_2, config.idle)

    async def _near(self):
        """A socket towards the destination."""
        family, host, port = self._where
        if family is None:
            found = await lookup(host, port, now() + REACH)
            if not found:
                raise Closed
            family, host, port = found[0]
        sock = socket_for(family)
        try:
            sock.connect((host, port))
        except OSError:
            sock.close()
            raise
        return sock

    async def take(self, stream, coders):
        """A connection behind its handshake; it is the caller's as long as
        this raises Closed, TimedOut, Unreachable or OSError."""
        near = await self._near()
        link = Link(near, self._loop, self._pool, self._frames,
                    lambda datagram: _forward(near, datagram))
        self._pool.happens(SUCCESS, link)
        link.start(self._connection(link, near, stream, coders))

    async def _connection(self, link, near, stream, coders):
        def gather():
            for datagram, _ in received(near):
                wrapped = self._frames.wrap(datagram)
                if wrapped is not None:
                    link.packet(wrapped)

        try:
            await link.carry(stream, coders, near, gather)
        finally:
            near.close()
            stream.close()


def _forward(near, datagram):
    """The second attempt is for when the first one is told that nobody took
    a datagram before."""
    for _ in range(2):
        try:
            near.send(datagram)
            return
        except ConnectionRefusedError:
            continue
        except OSError:
            return
