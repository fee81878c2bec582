"""Streams over datagrams, in the manner of KCP: no TCP between the sides.

A datagram is the stream's number, a kind, a sequence number, the next one
that is expected, and data. Lost ones are sent again, all from the first that
is missing on.
"""
import errno
import os
import socket
import struct

from pypt import client, net, server
from pypt.ipc import proxy_error
from pypt.loop import IN, OUT, TimedOut, now, wait
from pypt.net import Unreachable

from wire import keep_loop, pair, spawn

HEAD = struct.Struct(">IBII")
DATA, OPEN, END, ACK, GONE = range(5)
PIECE = 1200
WINDOW = 24
PENDING = 65536
AGAIN = 0.2
PATIENCE = 10.0
FORGET = 60.0


class Session:
    """One stream."""

    def __init__(self, wire, number, peer):
        self.wire, self.number, self.peer = wire, number, peer
        self.near, self.far = pair(peer)
        self.unacked = []  # (sequence number, kind, data)
        self.sent = self.expected = 0
        self.pending = b""
        self.read_end = self.peer_end = self.shut = self.opened = False
        self.again = None
        self.heard = now()

    def queue(self, kind, data=b""):
        """Send it until it is acknowledged."""
        self.unacked.append((self.sent, kind, data))
        self.wire.put(self, kind, self.sent, data)
        self.sent += 1
        self.again = self.again or now() + AGAIN

    def mask(self):
        """What to wait for at the near end."""
        mask = OUT if self.pending else 0
        if not self.read_end and len(self.unacked) < WINDOW:
            mask |= IN
        return mask

    def took(self, kind, number, ack, data):
        """A datagram has come."""
        self.heard = now()
        if self.unacked and ack > self.unacked[0][0]:
            self.unacked = [u for u in self.unacked if u[0] >= ack]
            self.again = now() + AGAIN if self.unacked else None
            self.opened = True
        if kind == GONE:
            self.close()
            return
        if kind == ACK:
            return
        if number == self.expected and len(self.pending) < PENDING:
            self.expected += 1
            self.pending += data
            self.peer_end |= kind == END
        self.wire.put(self, ACK, 0)

    def flush(self):
        """Hand on what came."""
        try:
            while self.pending:
                self.pending = self.pending[self.near.sock.send(
                    self.pending):]
            if self.peer_end and not self.shut:
                self.shut = True
                self.near.sock.shutdown(socket.SHUT_WR)
        except BlockingIOError:
            return
        except OSError:
            self.wire.put(self, GONE, 0)
            self.close()

    def pull(self):
        """Take what there is to send."""
        try:
            data = self.near.sock.recv(PIECE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self.queue(DATA, data)
            return
        self.read_end = True
        if self.wire.ends:
            self.queue(END)

    def late(self):
        """Its time has come: once more, or never again."""
        if now() - self.heard > PATIENCE and self.unacked:
            self.close()
            return
        for number, kind, data in self.unacked:
            self.wire.put(self, kind, number, data)
        self.again = now() + AGAIN if self.unacked else None

    def over(self):
        """Both directions have ended, or nobody was heard for long."""
        return (self.read_end and self.shut and not self.unacked) or \
            (self.read_end and now() - self.heard > FORGET)

    def close(self):
        """Forget it."""
        self.wire.sessions.pop((self.peer, self.number), None)
        self.near.close()


class Wire:
    """A socket for datagrams and the sessions on it."""

    def __init__(self, sock, ends, accept=None):
        self.sock, self.ends, self.accept = sock, ends, accept
        self.sessions = {}

    def put(self, session, kind, number, data=b""):
        """Send a datagram; whether it arrives is not known."""
        head = HEAD.pack(session.number, kind, number, session.expected)
        try:
            if self.accept:
                self.sock.sendto(head + data, session.peer)
            else:
                self.sock.send(head + data)
        except OSError:
            pass

    def _take(self):
        try:
            data, peer = self.sock.recvfrom(65536)
        except BlockingIOError:
            return False
        except OSError:
            for session in list(self.sessions.values()):
                session.close()
            return False
        if len(data) < HEAD.size:
            return True
        number, kind, seq, ack = HEAD.unpack_from(data)
        peer = peer if self.accept else None
        session = self.sessions.get((peer, number))
        if not session:
            if not self.accept or seq or kind in (ACK, GONE, END):
                return True
            session = Session(self, number, peer)
            self.sessions[peer, number] = session
            spawn(self.accept(session.far))
        session.took(kind, seq, ack, data[HEAD.size:])
        return True

    async def step(self, deadline=None):
        """Wait for one thing, and do what is to be done."""
        masks = {self.sock.fileno(): IN}
        for session in self.sessions.values():
            if session.mask():
                masks[session.near.fd] = session.mask()
        times = [s.again for s in self.sessions.values() if s.again]
        times += [s.heard + FORGET for s in self.sessions.values()
                  if s.read_end]
        if deadline:
            times.append(deadline)
        try:
            seen = await wait(masks, min(times, default=None))
        except TimedOut:
            seen = {}
        if seen.get(self.sock.fileno()):
            while self._take():
                pass
        for key, session in list(self.sessions.items()):
            if seen.get(session.near.fd, 0) & ~OUT and not session.read_end:
                session.pull()
            if session.again and session.again <= now():
                session.late()
            if key in self.sessions:
                session.flush()
            if key in self.sessions and session.over():
                session.close()

    async def run(self):
        """Until its sessions have ended, or for ever."""
        while self.sessions or self.accept:
            await self.step()
        self.sock.close()


class Dialer:
    """A client's way out; @ends: streams are opened and ended by a word."""

    def __init__(self, ends):
        self.ends = ends

    async def dial(self, where, deadline):
        """A stream to the destination."""
        if where[0] is None:
            where = (await net.lookup(*where[1:], deadline) or [None])[0]
        if not where:
            raise Unreachable(errno.EHOSTUNREACH)
        sock = socket.socket(where[0], socket.SOCK_DGRAM)
        sock.setblocking(False)
        try:
            sock.connect(where[1:])
        except OSError as e:
            sock.close()
            raise Unreachable(e.errno) from e
        wire = Wire(sock, self.ends)
        session = Session(wire, int.from_bytes(os.urandom(4), "big"), None)
        wire.sessions[None, session.number] = session
        if self.ends:
            session.queue(OPEN)
            while not session.opened and wire.sessions:
                if now() > deadline:
                    session.close()
                    raise Unreachable(errno.ETIMEDOUT)
                await wire.step(deadline)
            if not wire.sessions:
                sock.close()
                raise Unreachable(errno.ECONNREFUSED)
        spawn(wire.run())
        return session.far


def _bind(family, host, port):
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.setblocking(False)
    try:
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock


def _dialer(config, ends):
    if config.proxy:
        raise proxy_error("no proxy takes datagrams")
    return Dialer(ends)


def _patch(ends):
    keep_loop()

    async def serve(_loop, sock, handle):
        await Wire(sock, ends, handle).run()

    client.dialer = lambda config, _parent: _dialer(config, ends)
    server.listener, server.serve = _bind, serve


def udp():
    """Datagrams, with a word that opens and one that ends a stream."""
    _patch(True)


def kcp():
    """Datagrams: the first opens a stream, and nothing ends it."""
    _patch(False)
