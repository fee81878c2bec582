"""An idiomatic asyncio transport behind ptpy's configuration.

The data plane is all of asyncio: start_server(), streams, two copying tasks
for each connection; errors go to its logger as they do by default.
"""
import asyncio
import errno
import os
import signal
import socket
import threading

from pypt import ipc, lists, main, settings
from pypt.ipc import EX_OK, Fatal

REFUSED = {errno.ECONNREFUSED: 5, errno.ENETUNREACH: 3, errno.EHOSTUNREACH: 4}
CONNECT = 20


async def _copy(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()


async def _join(a, b):
    try:
        await asyncio.gather(_copy(a[0], b[1]), _copy(b[0], a[1]))
    except OSError:
        a[1].transport.abort()
        b[1].transport.abort()
    finally:
        a[1].close()
        b[1].close()


def _reply(code):
    return bytes((5, code, 0, 1, 0, 0, 0, 0, 0, 0))


class Refused(Exception):
    """Say that and close."""


async def _settings(version, r, w):
    offered = await r.readexactly((await r.readexactly(1))[0])
    if version == 2 and 9 in offered:
        w.write(b"\5\x09")
        try:
            async with asyncio.timeout(15):
                size = int.from_bytes(await r.readexactly(4), "big")
                if size > settings.MAX_BLOCK:
                    raise Refused(_reply(0x10))
                settings.from_json(await r.readexactly(size))
        except TimeoutError:
            raise Refused(_reply(0x11)) from None
        except settings.Refused as e:
            raise Refused(_reply(e.code)) from None
    elif version == 1 and 2 in offered:
        w.write(b"\5\2")
        await r.readexactly(1)
        fields = [await r.readexactly((await r.readexactly(1))[0])
                  for _ in range(2)]
        try:
            if not all(fields):
                raise settings.Refused(1)
            settings.from_password(*fields)
        except settings.Refused:
            raise Refused(b"\1\1") from None
        w.write(b"\1\0")
    elif 0 in offered:
        w.write(b"\5\0")
    else:
        raise Refused(b"\5\xff")


async def _request(r):
    version, command, _, kind = await r.readexactly(4)
    if version != 5:
        raise Refused(_reply(1))
    if kind == 3:
        host = (await r.readexactly((await r.readexactly(1))[0])).decode(
            "latin-1")
    elif kind in (1, 4):
        raw = await r.readexactly(4 if kind == 1 else 16)
        host = socket.inet_ntop(
            socket.AF_INET if kind == 1 else socket.AF_INET6, raw)
    else:
        raise Refused(_reply(8))
    port = int.from_bytes(await r.readexactly(2), "big")
    if command != 1:
        raise Refused(_reply(7))
    if not port or not host:
        raise Refused(_reply(1))
    return host, port


async def _client(cfg, r, w):
    try:
        try:
            async with asyncio.timeout(30):
                if await r.readexactly(1) != b"\5":
                    return
                await _settings(cfg.version, r, w)
                where = await _request(r)
            there = await asyncio.wait_for(asyncio.open_connection(*where),
                                           CONNECT)
        except Refused as e:
            w.write(e.args[0])
            w.write_eof()
            await asyncio.wait_for(r.read(), 2)
            return
        except (asyncio.TimeoutError, OSError, UnicodeError) as e:
            number = getattr(e, "errno", errno.EHOSTUNREACH)
            w.write(_reply(4 if isinstance(e, socket.gaierror)
                           else REFUSED.get(number, 1)))
            return
        w.write(_reply(0))
        await _join((r, w), there)
    except (asyncio.IncompleteReadError, asyncio.TimeoutError, OSError):
        pass
    finally:
        w.close()


async def _server(cfg, r, w):
    try:
        where = cfg.orport or cfg.extorport
        there = await asyncio.wait_for(
            asyncio.open_connection(*where[1:]), CONNECT)
        await _join((r, w), there)
    except (OSError, asyncio.TimeoutError):
        w.close()


def _read_to_end(then):
    try:
        while os.read(0, 65536):
            pass
    except OSError:
        pass
    then()


async def _serve(cfg, parent):
    loop = asyncio.get_running_loop()
    client = cfg.role == "client"
    servers = []
    if client and cfg.proxy:
        raise ipc.proxy_error("upstream proxies are not supported")
    for name in cfg.transports:
        if name != "pyident":
            continue
        family, host, port = (socket.AF_INET, "127.0.0.1", 0) if client else \
            cfg.bind.get(name.encode(), (socket.AF_INET, "127.0.0.1", 0))
        handle = _client if client else _server
        try:
            made = await asyncio.start_server(
                lambda r, w, h=handle: h(cfg, r, w), host, port,
                family=family)
        except OSError as e:
            word = "CMETHOD-ERROR" if client else "SMETHOD-ERROR"
            parent.complain(f"{word} {name} {os.strerror(e.errno)}")
            continue
        servers.append(made)
        at = lists.shown(*made.sockets[0].getsockname()[:2])
        parent.say(f"CMETHOD {name} socks5 {at}" if client
                   else f"SMETHOD {name} {at}")
    parent.say("CMETHODS DONE" if client else "SMETHODS DONE")
    over = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    if cfg.stdin_close:
        threading.Thread(target=_read_to_end, daemon=True, args=(
            lambda: loop.call_soon_threadsafe(over.set),)).start()
    up = os.getppid()
    while not over.is_set() and os.getppid() == up:
        try:
            await asyncio.wait_for(over.wait(), 1)
        except asyncio.TimeoutError:
            pass
    os._exit(EX_OK)


def _run(argv, _parent):
    main._prepare()
    parent = ipc.Parent()
    try:
        cfg = main.configured(argv, parent)
        if cfg.role == "server" and cfg.extorport:
            raise ipc.env_error("the extended port is not supported")
        asyncio.run(_serve(cfg, parent))
    except Fatal as e:
        parent.complain(f"{e.keyword} {e.message}")
        os._exit(e.status)
    except OSError as e:
        os.write(2, f"stopped by {e}\n".encode())
        os._exit(1)


def streams():
    """All of it by asyncio's streams."""
    main.main = _run
