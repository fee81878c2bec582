"""Habits that take a few lines."""
import itertools
import os
import select
import socket
import traceback

from pypt import client, ipc, main, net, relay, server, socks
from pypt import transports
from pypt.lists import args, shown
from pypt.loop import IN, TimedOut, now, sleep, wait
from pypt.net import Closed, Unreachable
from pypt.transports import handshake_deadline

from wire import keep_loop, pair, same, spawn


async def _wait_for_data(stream):
    """A server of these two hears of a client with the first data."""
    if not stream.buffer:
        await wait({stream.fd: IN}, now() + 600)


def _late_server():
    real = server.Server.connection

    async def connection(self, stream):
        try:
            await _wait_for_data(stream)
        except TimedOut:
            stream.close()
            return
        await real(self, stream)
    server.Server.connection = connection


def eager(asked=True, pause=0):
    """Success at once; it dials when there is something to send (0-RTT)."""
    keep_loop()
    _late_server()

    async def later(near, transport, dialer, where, settings):
        try:
            if asked:
                await wait({near.fd: IN})
            if pause:
                await sleep(pause)
            deadline = now() + socks.CONNECT
            there = await dialer.dial(where, deadline)
            try:
                coders = await transport.as_client(there, settings, deadline)
            except BaseException:
                there.close()
                raise
        except (Closed, TimedOut, Unreachable, OSError):
            near.close()
            return
        await relay.join(near, there, *coders)

    async def dial(transport, dialer, where, settings):
        near, far = pair()
        spawn(later(near, transport, dialer, where, settings))
        return far, (same, same)
    socks._dial = dial


def ahead():
    """Success at once, and it dials behind that."""
    eager(False)


def gather():
    """The same, and it waits a while for more to send along."""
    eager(True, 0.4)


def late():
    """It dials at once, and says its first word with the first data."""
    keep_loop()
    _late_server()

    async def later(near, there, transport, settings):
        try:
            await wait({near.fd: IN, there.fd: 0})
            coders = await transport.as_client(there, settings,
                                               handshake_deadline())
        except (Closed, TimedOut, OSError):
            near.close()
            there.close()
            return
        await relay.join(near, there, *coders)

    async def dial(transport, dialer, where, settings):
        try:
            there = await dialer.dial(where, now() + socks.CONNECT)
        except TimedOut:
            raise socks.Parting(socks.reply(4)) from None
        except Unreachable as e:
            raise socks.Parting(socks.reply(
                socks.REPLIES.get(e.errno, 1))) from None
        near, far = pair()
        spawn(later(near, there, transport, settings))
        return far, (same, same)
    socks._dial = dial


def six():
    """A client listens at ::1."""
    real = net.listener

    def listener(family, host, port):
        if (family, host) != (socket.AF_INET, "127.0.0.1"):
            return real(family, host, port)
        return real(socket.AF_INET6, "::1", port)
    client.listener = listener


# Documentation addresses (RFC 5737), of a front that forwards to here.
FRONT = {"public": ("192.0.2.77", 443), "local": ("127.0.0.1", 443)}


def front(where="public"):
    """A server announces its front's address; clients learn the real one
    from a setting, as others do from a URL."""
    real = server._launch

    def launch(cfg, loop, made, bound):
        sock, srv, text = real(cfg, loop, made, bound)
        at = shown(*sock.getsockname()[:2]).encode()
        more = args({b"at": at})
        sock.told = f"{text},{more}" if text else more
        return _Front(sock, FRONT[where]), srv, sock.told

    class _Front:
        def __init__(self, sock, told):
            self.sock, self.told = sock, told

        def __getattr__(self, name):
            return getattr(self.sock, name)

        def getsockname(self):
            """What is announced."""
            return self.told

    net_listener = server.listener
    server.listener = lambda *a: _Plain(net_listener(*a))
    server._launch = launch

    class _Plain:
        def __init__(self, sock):
            self.sock, self.told = sock, None

        def __getattr__(self, name):
            return getattr(self.sock, name)

    role_server = "TOR_PT_SERVER_TRANSPORTS" in os.environ
    for made in (transports.Identity, transports.Xor):
        check = made.check

        def checked(self, settings, check=check):
            check(self, settings)
            if not role_server:
                _at(settings)
        if "check" in vars(made):
            made.check = checked

    async def dial(transport, dialer, where, settings):
        return await socks.real_dial(transport, dialer, _at(settings),
                                     settings)
    socks.real_dial, socks._dial = socks._dial, dial


def _at(settings):
    from pypt.lists import address
    if b"at" not in settings:
        raise ValueError("setting at is missing")
    return address(settings[b"at"])


def probe():
    """A client connects to its proxy before it says PROXY DONE."""
    real = client.dialer

    def dialer(cfg, parent):
        if cfg.proxy:
            from pypt import proxy
            family, host, port = proxy.parse(cfg.proxy).address
            with socket.socket(family, socket.SOCK_STREAM) as s:
                s.settimeout(5)
                try:
                    s.connect((host, port))
                except OSError as e:
                    raise ipc.proxy_error(f"no proxy there: {e}") from None
        return real(cfg, parent)
    client.dialer = dialer


def broker():
    """A client looks up a name of its own when it starts without a proxy."""
    real = client.dialer

    def dialer(cfg, parent):
        if not cfg.proxy:
            try:
                socket.getaddrinfo("broker.example", 443)
            except OSError:
                pass
        return real(cfg, parent)
    client.dialer = dialer


def registrar():
    """A server tells a broker of itself, every two seconds."""
    async def tell():
        where = None, "broker.example", 443
        while True:
            try:
                broker = await net.Direct().dial(where, now() + 5)
                await broker.dismiss(b"here", now() + 5)
            except (Closed, TimedOut, Unreachable, OSError):
                pass
            await sleep(2)

    def start(cfg, parent, loop, real=server.start):
        real(cfg, parent, loop)
        loop.spawn(tell())
    server.start = start


def slow():
    """What fails has been tried for 15 seconds; the same failure is known at
    once when it comes again."""
    known = set()

    def tried(function):
        async def call(*a):
            try:
                return await function(*a)
            except socks.Parting as e:
                if e.last not in known:
                    known.add(e.last)
                    await sleep(15)
                raise
        return call
    socks._dial = tried(socks._dial)
    socks._request = tried(socks._request)


def survivor():
    """What a client does wrong is logged with a traceback, and survived."""
    def logged(function):
        async def call(*a):
            try:
                return await function(*a)
            except Exception:
                # What nobody reads is not waited for.
                if select.select([], [2], [], 0)[1]:
                    os.write(2, traceback.format_exc().encode())
                raise
        return call
    socks._talk = logged(socks._talk)
    transports.Xor.as_server = logged(transports.Xor.as_server)


def pieces():
    """Lines are written a few bytes at a time."""
    real = os.write

    def write(fd, data):
        if fd not in (1, 2):
            return real(fd, data)
        for i in range(0, len(data), 3):
            real(fd, data[i:i + 3])
        return len(data)
    ipc.os = type("os", (), {"write": staticmethod(write)})


def deaf():
    """A closed stdin is not heard; a refusal is followed by an end."""
    main._watch_stdin = lambda: sleep(1e9)

    async def dismiss(self, last, deadline):
        try:
            await self.write(last, deadline)
            await sleep(0.05)
        except (Closed, TimedOut):
            pass
        self.close()
    net.Stream.dismiss = dismiss


def mapped():
    """Its listeners are of IPv6 sockets bound to mapped addresses."""
    real = net.listener

    def listener(family, host, port):
        if family != socket.AF_INET:
            return real(family, host, port)
        sock = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
        try:
            sock.setblocking(False)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            sock.bind(("::ffff:" + host, port))
            sock.listen(net.BACKLOG)
        except OSError:
            sock.close()
            raise
        return _Mapped(sock)

    class _Mapped:
        def __init__(self, sock):
            self.sock = sock

        def __getattr__(self, name):
            return getattr(self.sock, name)

        def getsockname(self):
            """As an address of IPv4."""
            host, port = self.sock.getsockname()[:2]
            return host.removeprefix("::ffff:"), port

    server.listener = client.listener = listener
    real_name = server.Server.connection

    async def connection(self, stream):
        if stream.sock.family == socket.AF_INET6:
            stream.sock = _Peer(stream.sock)
        await real_name(self, stream)

    class _Peer:
        def __init__(self, sock):
            self.sock = sock

        def __getattr__(self, name):
            return getattr(self.sock, name)

        def getpeername(self):
            """As an address of IPv4."""
            host, port = self.sock.getpeername()[:2]
            return host.removeprefix("::ffff:"), port
    server.Server.connection = connection


def single():
    """A server serves one transport at a time; the next ones are refused."""
    real, served = server._launch, []

    def launch(cfg, loop, made, bound):
        if served:
            raise ValueError("one transport at a time")
        found = real(cfg, loop, made, bound)
        served.append(made)
        return found
    server._launch = launch


def _same_key():
    for name in ("as_client", "as_server"):
        async def call(self, stream, _settings, deadline,
                       real=getattr(transports.Xor, name)):
            return await real(self, stream, {b"key": b"everybody-has-it"},
                              deadline)
        setattr(transports.Xor, name, call)


def advice():
    """The settings have to be there, and what they say does not matter."""
    _same_key()


def optional():
    """The settings need not be there, and do not matter."""
    _same_key()
    real = transports.Xor.check

    def check(self, settings):
        if settings.get(b"key"):
            real(self, settings)
    transports.Xor.check = check


def metrics():
    """A page for whoever is on this machine, in both roles."""
    async def page(stream):
        try:
            await stream.until(b"\r\n\r\n", 4096, now() + 5)
            await stream.write(b"HTTP/1.0 200 OK\r\n\r\nup 1\n", now() + 5)
        except (Closed, TimedOut):
            pass
        stream.close()

    for module in (client, server):
        def start(cfg, parent, loop, real=module.start):
            sock = net.listener(socket.AF_INET, "127.0.0.1", 0)
            loop.spawn(net.serve(loop, sock, page))
            real(cfg, parent, loop)
        module.start = start


def journal():
    """It keeps count of its sessions in a file that is replaced each time."""
    sessions = itertools.count(1)
    place = os.environ.get("TOR_PT_STATE_LOCATION", "")

    async def join(*a, real=relay.join):
        path = os.path.join(place, "sessions")
        try:
            with open(path + ".new", "w", encoding="ascii") as f:
                f.write(f"{next(sessions)}\n")
            os.rename(path + ".new", path)
        except OSError:
            pass
        await real(*a)
    relay.join = join


def coy():
    """A server that lets go of strangers late, to tell them nothing by it."""
    async def as_server(self, stream, options, deadline,
                        real=transports.Xor.as_server):
        try:
            return await real(self, stream, options, deadline)
        except (Closed, TimedOut):
            await sleep(7)
            raise
    transports.Xor.as_server = as_server


def _only(mode):
    real = main.main
    main.main = lambda argv, parent: real(["-mode", mode, *argv], parent)


def only_tcp():
    """It has one mode, and no word for it; so have the next two."""
    _only("transparent-TCP")


def only_udp():
    """Datagrams alone."""
    _only("transparent-UDP")


def only_stun():
    """STUN alone."""
    _only("STUN")
