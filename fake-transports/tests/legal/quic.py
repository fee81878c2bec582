"""Many streams in one flow of datagrams, in the manner of QUIC: a client has
one socket for each server, which outlives its streams, and says now and then
that it is there. A server proves who it is by a key that it keeps in its state
directory; clients are told what that is."""
import errno
import hashlib
import os
import socket

from pypt import client, lists, server, socks, transports
from pypt.ipc import proxy_error
from pypt.loop import now, sleep
from pypt.net import Unreachable, lookup

from udp import HEAD, OPEN, Session, Wire, _bind
from wire import keep_loop, same, spawn

EVERY, IDLE, AGAIN = 3.0, 30.0, 0.3
HELLO, PING = 5, 6
SIZE = 32


def _proof(key, nonce):
    return hashlib.sha256(b"proof" + key + nonce).digest()


class Flow(Wire):
    """A client's, to one server."""

    def __init__(self, sock, key):
        super().__init__(sock, True)
        self.key, self.nonce = key, os.urandom(SIZE)
        self.proven = self.gone = False
        self.heard = self.used = self.said = now()
        self.next = 0

    def say(self, kind, data=b""):
        """Of no stream."""
        self.said = now()
        try:
            self.sock.send(HEAD.pack(0, kind, 0, 0) + data)
        except OSError:
            self.gone = True

    def _take(self):
        try:
            data = self.sock.recv(65536)
        except BlockingIOError:
            return False
        except OSError:
            self.gone = True
            return False
        if len(data) < HEAD.size:
            return True
        number, kind, seq, ack = HEAD.unpack_from(data)
        self.heard = now()
        if kind in (HELLO, PING):
            self.proven |= data[HEAD.size:] == _proof(self.key, self.nonce)
        elif session := self.sessions.get((None, number)):
            session.took(kind, seq, ack, data[HEAD.size:])
        return True

    async def run(self):
        """Until nobody is there, or nobody has used it for long."""
        while not self.gone:
            if self.sessions:
                self.used = now()
            if now() - self.used > IDLE or now() - self.heard > 4 * EVERY:
                break
            if now() - self.said > (EVERY if self.proven else AGAIN):
                self.say(PING if self.proven else HELLO, self.nonce)
            await self.step(now() + AGAIN)
        self.gone = True
        for session in list(self.sessions.values()):
            session.close()
        self.sock.close()


async def _until(done, deadline):
    while not done():
        if now() > deadline:
            raise Unreachable(errno.ETIMEDOUT)
        await sleep(0.01)


class Quic(transports.Identity):
    """pyquic."""

    name = "pyquic"

    def __init__(self, state):
        super().__init__(state)
        self.state, self.key = state, None

    def check(self, settings):
        """What a server prints."""
        if len(bytes.fromhex(settings.get(b"id", b"").decode())) != SIZE:
            raise ValueError("no id")

    def args(self, options):
        if self.state is None:
            raise FileNotFoundError(errno.ENOENT, "no state location")
        self.key = _kept(os.path.join(self.state, b"quic-id"))
        KEYS.append(self.key)
        return lists.args({b"id": self.key.hex().encode()})


KEYS, FLOWS = [], {}


def _kept(path):
    try:
        with open(path, "rb") as file:
            found = file.read(SIZE + 1)
        if len(found) == SIZE:
            return found
        raise ValueError("quic-id is broken")
    except FileNotFoundError:
        pass
    mask = os.umask(0o077)
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        found = os.urandom(SIZE)
        with open(path + b".new", "wb") as file:
            file.write(found)
        os.rename(path + b".new", path)
    finally:
        os.umask(mask)
    return found


async def _reach(dialer, where, transport, settings, deadline):
    """A stream of the flow to there."""
    if where[0] is None:
        where = (await lookup(*where[1:], deadline) or [None])[0]
    if not where:
        raise Unreachable(errno.EHOSTUNREACH)
    key = bytes.fromhex(settings[b"id"].decode())
    flow = FLOWS.get((where, key))
    if not flow or flow.gone:
        sock = socket.socket(where[0], socket.SOCK_DGRAM)
        sock.setblocking(False)
        try:
            sock.connect(where[1:])
        except OSError as e:
            sock.close()
            raise Unreachable(e.errno) from e
        flow = FLOWS[where, key] = Flow(sock, key)
        flow.say(HELLO, flow.nonce)
        spawn(flow.run())
    await _until(lambda: flow.proven or flow.gone, deadline)
    if flow.gone:
        raise Unreachable(errno.ECONNREFUSED)
    flow.next += 1
    session = Session(flow, flow.next, None)
    flow.sessions[None, flow.next] = session
    session.queue(OPEN)
    try:
        await _until(lambda: session.opened or
                     (None, session.number) not in flow.sessions, deadline)
    except Unreachable:
        session.close()
        raise
    if (None, session.number) not in flow.sessions:
        session.far.close()
        raise Unreachable(errno.ECONNREFUSED)
    return session.far, (same, same)


class Listener(Wire):
    """A server's."""

    def _take(self):
        try:
            data, peer = self.sock.recvfrom(65536)
        except BlockingIOError:
            return False
        except OSError:
            return True
        if len(data) < HEAD.size:
            return True
        number, kind, seq, ack = HEAD.unpack_from(data)
        if kind in (HELLO, PING):
            if len(data) >= HEAD.size + SIZE:
                self.answer(kind, data[HEAD.size:], peer)
            return True
        session = self.sessions.get((peer, number))
        if not session:
            if kind != OPEN or seq:
                return True
            session = Session(self, number, peer)
            self.sessions[peer, number] = session
            spawn(self.accept(session.far))
        session.took(kind, seq, ack, data[HEAD.size:])
        return True

    def answer(self, kind, nonce, peer):
        """Prove who this is; PINGs get it, too."""
        try:
            self.sock.sendto(HEAD.pack(0, kind, 0, 0)
                             + _proof(KEYS[0], nonce), peer)
        except OSError:
            pass


def quic():
    """A flow for each server."""
    keep_loop()
    transports.KNOWN.clear()
    transports.KNOWN[Quic.name] = Quic

    async def serve(_loop, sock, handle):
        await Listener(sock, True, handle).run()

    def dialer(config, _parent):
        if config.proxy:
            raise proxy_error("no proxy takes datagrams")

    socks.reach = _reach
    client.dialer = dialer
    server.listener, server.serve = _bind, serve
