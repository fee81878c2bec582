"""TLS by the ssl module. A server keeps a certificate of its own in its state
directory and prints the fingerprint, which clients have to be told."""
import errno
import hashlib
import os
import ssl
import subprocess

from pypt import lists, relay, server, socks, transports
from pypt.loop import IN, TimedOut, now, wait
from pypt.net import CHUNK, Closed, Unreachable
from pypt.transports import handshake_deadline

from wire import keep_loop, pair, same, spawn

SIZE = hashlib.sha256().digest_size


class Session:
    """TLS over a stream; @context of a server or a client."""

    def __init__(self, context, stream, is_server):
        self.stream = stream
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, is_server)

    async def flush(self, deadline):
        """Send what TLS wants to say."""
        await self.stream.write(self.outgoing.read(), deadline)

    async def feed(self, deadline):
        """Wait for more, or for the end."""
        await wait({self.stream.fd: IN}, deadline)
        self.take()

    def take(self):
        """Read once."""
        try:
            data = self.stream.sock.recv(CHUNK)
        except BlockingIOError:
            return
        if data:
            self.incoming.write(data)
        else:
            self.incoming.write_eof()

    async def handshake(self, deadline):
        """Until both sides know each other."""
        while True:
            try:
                self.tls.do_handshake()
                await self.flush(deadline)
                return
            except ssl.SSLWantReadError:
                await self.flush(deadline)
                await self.feed(deadline)
            except ssl.SSLError:
                await self.flush(deadline)
                raise Closed from None

    def decoded(self):
        """What has come: b"" for its end, None for nothing yet."""
        found = b""
        try:
            while data := self.tls.read(CHUNK):
                found += data
        except ssl.SSLWantReadError:
            return found or None
        except ssl.SSLZeroReturnError:
            pass
        return found

    async def end(self):
        """Nothing more will be sent."""
        try:
            self.tls.unwrap()
        except ssl.SSLError:
            pass
        await self.flush(now() + 60)


async def _carry(near, session):
    there, ended, over = session.stream, False, False
    try:
        while not (ended and over):
            data = None if over else session.decoded()
            if data:
                await near.write(data, now() + 600)
                continue
            if data == b"":
                over = True
                near.sock.shutdown(1)
                continue
            masks = {} if ended else {near.fd: IN}
            if not over:
                masks[there.fd] = IN
            seen = await wait(masks)
            if seen.get(there.fd):
                session.take()
            if seen.get(near.fd):
                data = near.sock.recv(16384)
                if data:
                    session.tls.write(data)
                    await session.flush(now() + 600)
                else:
                    ended = True
                    await session.end()
    except (OSError, Closed, TimedOut, ssl.SSLError):
        there.abort()
    near.close()
    there.close()


class Tls(transports.Identity):
    """pytls."""

    name = "pytls"

    def __init__(self, state):
        super().__init__(state)
        self.state = state
        self.context = None

    def check(self, settings):
        """The fingerprint, in hexadecimal."""
        if len(bytes.fromhex(settings.get(b"cert", b"").decode())) != SIZE:
            raise ValueError("no fingerprint in cert")

    def args(self, options):
        if self.state is None:
            raise FileNotFoundError(errno.ENOENT, "no state location")
        path = os.path.join(os.fsdecode(self.state), "pytls", "identity.pem")
        if not os.path.exists(path):
            _make(path)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        try:
            self.context.load_cert_chain(path)
        except ssl.SSLError:
            raise ValueError("identity.pem is broken") from None
        with open(path, encoding="ascii") as file:
            text = file.read()
        pem = text[text.index("-----BEGIN CERT"):]
        found = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()
        return lists.args({b"cert": found.encode()})


def _make(path):
    mask = os.umask(0o077)
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
    finally:
        os.umask(mask)
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "-", "-out",
         "-", "-days", "3650", "-subj", "/CN=bridge"], check=False,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL)
    if made.returncode:
        raise OSError(errno.EIO, "no certificate can be made")
    partial = f"{path}.{os.getpid()}"
    with open(partial, "wb", opener=lambda *a: os.open(*a, 0o600)) as file:
        file.write(made.stdout)
    os.rename(partial, path)


async def _dial(transport, dialer, where, settings):
    deadline = now() + socks.CONNECT
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        there = await dialer.dial(where, deadline)
        try:
            session = Session(context, there, False)
            await session.handshake(deadline)
            found = session.tls.getpeercert(True)
            if hashlib.sha256(found).hexdigest() != \
                    settings[b"cert"].decode().lower():
                raise Closed
        except BaseException:
            there.close()
            raise
    except TimedOut:
        raise socks.Parting(socks.reply(4)) from None
    except (Closed, OSError):
        raise socks.Parting(socks.reply(1)) from None
    except Unreachable as e:
        raise socks.Parting(socks.reply(
            socks.REPLIES.get(e.errno, 1))) from None
    near, far = pair()
    spawn(_carry(near, session))
    return far, (same, same)


async def _connection(self, stream):
    try:
        client = stream.sock.getpeername()[:2]
        session = Session(self.transport.context, stream, True)
        await session.handshake(handshake_deadline())
        app = await self._destination(client)
    except (Closed, TimedOut, Unreachable, OSError):
        stream.close()
        return
    near, far = pair(client)
    spawn(_carry(near, session))
    await relay.join(app, far, same, same)


def tls():
    """A TLS connection for each session."""
    keep_loop()
    transports.KNOWN.clear()
    transports.KNOWN[Tls.name] = Tls
    socks._dial = _dial
    server.Server.connection = _connection
