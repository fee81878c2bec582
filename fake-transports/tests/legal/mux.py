"""All sessions to one place over one connection, which outlives them."""
import os
import socket
import struct

from pypt import relay, server, socks
from pypt.loop import ERROR, IN, OUT, TimedOut, wait
from pypt.net import Closed, Unreachable
from pypt.transports import handshake_deadline

from wire import keep_loop, pair, same, spawn

HEAD = struct.Struct(">BIH")
OPEN, DATA, END, GONE, CREDIT = range(5)
WINDOW = 65536
PIECE = 16384


class Stream:
    """One of many."""

    def __init__(self, link, number, peer=None):
        self.link, self.number = link, number
        self.near, self.far = pair(peer)
        self.credit, self.pending, self.taken = WINDOW, b"", 0
        self.read_end = self.peer_end = self.shut = False

    def mask(self):
        """What to wait for at the near end."""
        mask = OUT if self.pending else 0
        if not self.read_end and self.credit and not self.link.full():
            mask |= IN
        return mask

    def pull(self):
        """Take what there is to send."""
        try:
            data = self.near.sock.recv(min(PIECE, self.credit))
        except BlockingIOError:
            return
        except OSError:
            self.link.put(GONE, self.number)
            self.close()
            return
        if data:
            self.credit -= len(data)
            self.link.put(DATA, self.number, data)
        else:
            self.read_end = True
            self.link.put(END, self.number)

    def flush(self):
        """Hand on what came."""
        try:
            while self.pending:
                sent = self.near.sock.send(self.pending)
                self.pending, self.taken = self.pending[sent:], \
                    self.taken + sent
            if self.peer_end and not self.shut:
                self.shut = True
                self.near.sock.shutdown(socket.SHUT_WR)
        except BlockingIOError:
            pass
        except OSError:
            self.link.put(GONE, self.number)
            self.close()
            return
        if self.taken >= WINDOW // 2:
            self.link.put(CREDIT, self.number, struct.pack(">I", self.taken))
            self.taken = 0
        if self.read_end and self.shut:
            self.close()

    def close(self):
        """Forget it."""
        self.link.streams.pop(self.number, None)
        self.near.close()


class Link:
    """The connection; @accept takes what the other side opens."""

    def __init__(self, stream, encode, decode, accept=None):
        self.stream, self.accept = stream, accept
        self.encode, self.decode = encode, decode
        self.streams, self.next = {}, 1
        self.out, self.heard = b"", b""
        self.wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self.dead = False

    def full(self):
        """Whether more is to wait."""
        return len(self.out) > 4 * PIECE

    def put(self, kind, number, data=b""):
        """Send a frame."""
        self.out += self.encode(HEAD.pack(kind, number, len(data)) + data)

    def open(self):
        """A new stream."""
        new = Stream(self, self.next)
        self.next += 1
        self.streams[new.number] = new
        self.put(OPEN, new.number)
        os.eventfd_write(self.wake, 1)
        return new.far

    def _frame(self, kind, number, data):
        if kind == OPEN and self.accept:
            new = Stream(self, number, self.stream.sock.getpeername()[:2])
            self.streams[number] = new
            spawn(self.accept(new.far))
            return
        found = self.streams.get(number)
        if not found:
            return
        if kind == DATA:
            found.pending += data
        elif kind == END:
            found.peer_end = True
        elif kind == CREDIT:
            found.credit += int.from_bytes(data, "big")
        elif kind == GONE:
            found.close()

    def _hear(self, data):
        self.heard += self.decode(data) if data else b""
        while len(self.heard) >= HEAD.size:
            kind, number, size = HEAD.unpack_from(self.heard)
            if len(self.heard) < HEAD.size + size:
                break
            body = self.heard[HEAD.size:HEAD.size + size]
            self.heard = self.heard[HEAD.size + size:]
            self._frame(kind, number, body)

    async def _step(self):
        fd = self.stream.fd
        masks = {fd: IN | (OUT if self.out else 0), self.wake: IN}
        for each in self.streams.values():
            if each.mask():
                masks[each.near.fd] = each.mask()
        seen = await wait(masks)
        if seen.get(self.wake):
            os.eventfd_read(self.wake)
        if seen.get(fd, 0) & ERROR:
            raise ConnectionResetError
        if seen.get(fd, 0) & ~OUT:
            data = self.stream.sock.recv(65536)
            if not data:
                raise ConnectionResetError
            self._hear(data)
        for each in list(self.streams.values()):
            if seen.get(each.near.fd, 0) & ~OUT and not each.read_end:
                each.pull()
            if each.number in self.streams:
                each.flush()
        try:
            while self.out:
                self.out = self.out[self.stream.sock.send(self.out):]
        except BlockingIOError:
            pass

    async def run(self):
        """Until the connection ends."""
        self._hear(self.stream.taken())
        try:
            while True:
                await self._step()
        except OSError:
            pass
        self.dead = True
        for each in list(self.streams.values()):
            each.close()
        self.stream.close()
        os.close(self.wake)


LINKS = {}


async def _dial(transport, dialer, where, settings):
    key = (transport.name, where, tuple(sorted(settings.items())))
    link = LINKS.get(key)
    if not link or link.dead:
        stream, coders = await socks.real_dial(transport, dialer, where,
                                               settings)
        link = LINKS[key] = Link(stream, *coders)
        spawn(link.run())
    return link.open(), (same, same)


async def _connection(self, stream):
    try:
        coders = await self.transport.as_server(stream, self.options,
                                                handshake_deadline())
    except (Closed, TimedOut, OSError):
        stream.close()
        return

    async def accept(far):
        try:
            client = far.sock.getpeername()[:2]
            app = await self._destination(client)
        except (Closed, TimedOut, Unreachable, OSError):
            far.close()
            return
        await relay.join(app, far, same, same)
    await Link(stream, *coders, accept).run()


def mux():
    """All sessions to one place over one connection."""
    keep_loop()
    socks.real_dial, socks._dial = socks._dial, _dial
    server.Server.connection = _connection
