"""In the manner of meek: a client asks again and again, by HTTP, for what
there is, and stops when it has no more questions. Nobody says that a session
has ended."""
import os

from pypt import server, socks
from pypt.loop import IN, TimedOut, now, sleep, wait
from pypt.net import Closed, Unreachable
from pypt.transports import handshake_deadline

from wire import keep_loop, pair, same, spawn

FIRST, SLOWEST = 0.1, 5.0
RETRY = 30.0
FORGET = 120.0
BODY = 65536


async def _ask(dialer, where, session, body, deadline):
    """One question: (status, body)."""
    stream = await dialer.dial(where, deadline)
    try:
        await stream.write(
            b"POST / HTTP/1.1\r\nHost: front\r\nX-Session-Id: %s\r\n"
            b"Content-Length: %d\r\n\r\n" % (session, len(body)) + body,
            deadline)
        head = await stream.until(b"\r\n\r\n", 4096, deadline)
        status = int(head.split(b" ")[1])
        size = int(head.lower().split(b"content-length:")[1].split()[0])
        return status, await stream.exactly(size, deadline)
    except (ValueError, IndexError):
        raise Closed from None
    finally:
        stream.close()


async def _poll(near, dialer, where, session, early):
    gap, ended = FIRST, False
    to_app, body = early, b""
    try:
        while not ended:
            if to_app:
                await near.write(to_app, now() + 60)
                gap = FIRST
            try:
                await wait({near.fd: IN}, now() + gap)
                body = near.sock.recv(BODY)
                ended, gap = not body, FIRST
                if ended:
                    break
            except TimedOut:
                body, gap = b"", min(gap * 1.5, SLOWEST)
            while True:
                try:
                    status, to_app = await _ask(dialer, where, session, body,
                                                now() + 20)
                    if status == 200:
                        break
                except (Closed, TimedOut, Unreachable, OSError):
                    pass
                await sleep(RETRY)
    except (OSError, Closed, TimedOut):
        pass
    near.close()


async def _dial(transport, dialer, where, settings):
    session = os.urandom(8).hex().encode()
    try:
        status, early = await _ask(dialer, where, session, b"",
                                   now() + socks.CONNECT)
    except TimedOut:
        raise socks.Parting(socks.reply(4)) from None
    except Unreachable as e:
        raise socks.Parting(socks.reply(
            socks.REPLIES.get(e.errno, 1))) from None
    except Closed:
        raise socks.Parting(socks.reply(1)) from None
    if status != 200:
        raise socks.Parting(socks.reply(1))
    near, far = pair()
    spawn(_poll(near, dialer, where, session, early))
    return far, (same, same)


SESSIONS = {}  # id -> [stream, when it was asked for last]


async def _forget():
    while True:
        await sleep(FORGET / 4)
        for key, (app, at) in list(SESSIONS.items()):
            if now() - at > FORGET:
                del SESSIONS[key]
                app.close()


async def _answer(self, stream, client):
    head = await stream.until(b"\r\n\r\n", 4096, handshake_deadline())
    fields = dict(line.split(b": ", 1) for line in
                  head.split(b"\r\n")[1:] if b": " in line)
    key = fields[b"X-Session-Id"]
    body = await stream.exactly(int(fields[b"Content-Length"]),
                                handshake_deadline())
    if key not in SESSIONS:
        SESSIONS[key] = [await self._destination(client), now()]
    app, SESSIONS[key][1] = SESSIONS[key][0], now()
    try:
        if body:
            await app.write(body, now() + 20)
        data = app.taken()
        if not data:
            await wait({app.fd: IN}, now() + 0.02)
            data = app.sock.recv(BODY)
            if not data:
                raise Closed
    except TimedOut:
        data = b""
    except (Closed, OSError):
        del SESSIONS[key]
        app.close()
        raise Closed from None
    return data


async def _connection(self, stream):
    try:
        client = stream.sock.getpeername()[:2]
        try:
            status, body = b"200 OK", await _answer(self, stream, client)
        except (KeyError, ValueError):
            status, body = b"404 Not Found", b""
        except Unreachable:
            status, body = b"500 Internal Server Error", b""
        except Closed:
            status, body = b"500 Internal Server Error", b""
        await stream.dismiss(b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n"
                             % (status, len(body)) + body, now() + 20)
    except (Closed, TimedOut, OSError):
        stream.close()


def poll():
    """Questions by HTTP, and no word when a session ends."""
    keep_loop()
    socks._dial = _dial
    server.Server.connection = _connection
    server_start = server.start

    def start(config, parent, loop):
        server_start(config, parent, loop)
        loop.spawn(_forget())
    server.start = start
