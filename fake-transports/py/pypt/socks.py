"""The SOCKS5 front end of a client (RFC 1928, PT 2.0 section 3.3.4).

Errors in settings are told by an ordinary reply with one of the codes 0x10 to
0x13, as soon as they are known; after good settings nothing is said before
the reply to the request. Nothing here minds how the bytes are cut.
"""
import errno
import socket

from . import lists
from .loop import TimedOut, now
from .net import Closed, Unreachable
from .settings import (MAX_BLOCK, MALFORMED, TIMEOUT, TOO_LARGE, UNSUITABLE,
                       Refused, from_json, from_password)
from .transports import reach

NONE, PASSWORD, JSON, NO_METHOD = 0, 2, 9, 0xff
HANDSHAKE = 15.0  # seconds for each step that waits for the application
CONNECT = 20.0  # to be through to the other side
PARTING = 2.0  # to take the last reply

GENERAL = 1
REPLIES = {errno.EACCES: 2, errno.EPERM: 2, errno.ENETUNREACH: 3,
           errno.EHOSTUNREACH: 4, errno.ETIMEDOUT: 4, errno.ECONNREFUSED: 5,
           errno.EAFNOSUPPORT: 8}
NO_COMMAND, NO_ADDRESS_TYPE = 7, 8


class Parting(Exception):
    """Say that and close."""

    def __init__(self, last):
        super().__init__(last)
        self.last = last


def reply(code):
    """A reply with no address in it."""
    return bytes((5, code, 0, 1, 0, 0, 0, 0, 0, 0))


async def _method(stream, version, deadline):
    """Greeting and selection. Settings are preferred: who offers them has
    some."""
    if await stream.exactly(1, deadline) != b"\5":
        raise Closed
    count = (await stream.exactly(1, deadline))[0]
    offered = await stream.exactly(count, deadline)
    for method in ((JSON, NONE) if version == 2 else (PASSWORD, NONE)):
        if method in offered:
            await stream.write(bytes((5, method)), deadline)
            return method
    raise Parting(bytes((5, NO_METHOD)))


async def _json(stream, transport, deadline):
    try:
        size = int.from_bytes(await stream.exactly(4, deadline), "big")
        if size > MAX_BLOCK:
            raise Refused(TOO_LARGE)
        found = from_json(await stream.exactly(size, deadline))
        transport.check(found)
    except TimedOut:
        raise Parting(reply(TIMEOUT)) from None
    except ValueError:
        raise Parting(reply(UNSUITABLE)) from None
    except Refused as e:
        raise Parting(reply(e.code)) from None
    return found


async def _password(stream, transport, deadline):
    if await stream.exactly(1, deadline) != b"\1":
        raise Closed
    fields = []
    for _ in range(2):
        size = (await stream.exactly(1, deadline))[0]
        fields.append(await stream.exactly(size, deadline))
    try:
        if not all(fields):
            raise Refused(MALFORMED)
        found = from_password(*fields)
        transport.check(found)
    except (Refused, ValueError):
        raise Parting(b"\1\1") from None
    await stream.write(b"\1\0", deadline)
    return found


async def _request(stream, deadline):
    """The destination of a CONNECT: (family, host, port)."""
    version, command, _, kind = await stream.exactly(4, deadline)
    if version != 5:
        raise Parting(reply(GENERAL))
    if kind == 3:
        size = (await stream.exactly(1, deadline))[0]
    elif kind in (1, 4):
        size = 4 if kind == 1 else 16
    else:
        raise Parting(reply(NO_ADDRESS_TYPE))
    raw = await stream.exactly(size, deadline)
    port = int.from_bytes(await stream.exactly(2, deadline), "big")
    if command != 1:
        raise Parting(reply(NO_COMMAND))
    if port == 0:
        raise Parting(reply(GENERAL))
    if kind != 3:
        family = socket.AF_INET if kind == 1 else socket.AF_INET6
        return family, socket.inet_ntop(family, raw), port
    return _named(raw, port)


def _named(name, port):
    """A name may be a literal address in disguise."""
    for text in (name, b"[" + name + b"]"):
        try:
            return lists.address(text + b":%d" % port, host=True)
        except ValueError:
            pass
    raise Parting(reply(GENERAL))


async def _dial(transport, dialer, where, settings):
    try:
        return await reach(dialer, where, transport, settings,
                           now() + CONNECT)
    except TimedOut:
        code = REPLIES[errno.ETIMEDOUT]
    except Closed:
        code = GENERAL
    except Unreachable as e:
        code = REPLIES.get(e.errno, GENERAL)
    raise Parting(reply(code))


async def _talk(stream, version, transport, dialer):
    method = await _method(stream, version, now() + HANDSHAKE)
    settings = None
    if method == JSON:
        settings = await _json(stream, transport, now() + HANDSHAKE)
    elif method == PASSWORD:
        settings = await _password(stream, transport, now() + HANDSHAKE)
    where = await _request(stream, now() + HANDSHAKE)
    if settings is None:
        settings = {}
        try:
            transport.check(settings)
        except ValueError:
            raise Parting(reply(GENERAL)) from None
    there, coders = await _dial(transport, dialer, where, settings)
    try:
        await stream.write(reply(0), now() + HANDSHAKE)
    except BaseException:
        there.close()
        raise
    return there, coders


async def accept(stream, version, transport, dialer):
    """The whole handshake with an application: (stream to the server, its
    coders), or None when the connection has been closed."""
    try:
        return await _talk(stream, version, transport, dialer)
    except Parting as e:
        await stream.dismiss(e.last, now() + PARTING)
    except (Closed, TimedOut):
        stream.close()
    except BaseException:
        stream.close()
        raise
    return None
