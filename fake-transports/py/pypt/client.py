"""A client: a listener for each transport, by mode.

Where applications do not speak SOCKS, all their connections go to the same
place, with the same settings.
"""
import socket

from . import proxy, relay, socks
from .config import SOCKS5, STUN, TCP, UDP
from .lists import shown
from .loop import TimedOut, now
from .net import Closed, Direct, Unreachable, listener, serve
from .transports import KNOWN, reach


def dialer(config, parent):
    """The only way out: through the proxy if there is one."""
    if not config.proxy:
        return Direct(config.source)
    way = proxy.parse(config.proxy)
    way.source = config.source
    parent.say("PROXY DONE")
    return way


async def _socks(stream, config, transport, way):
    opened = await socks.accept(stream, config.version, transport, way)
    if opened:
        there, (encode, decode) = opened
        await relay.join(stream, there, encode, decode)


async def _plain(stream, config, transport, way):
    """What the application says before there is a connection waits in its
    own."""
    try:
        there, (encode, decode) = await reach(
            way, config.target, transport, config.settings(transport),
            now() + socks.CONNECT)
    except (Closed, TimedOut, Unreachable, OSError):
        stream.close()
        return
    except BaseException:
        stream.close()
        raise
    await relay.join(stream, there, encode, decode)


def _launch(config, loop, transport, way):
    """Serve applications; gives where. Raises OSError, and ValueError for
    settings that do not suit."""
    if config.mode != SOCKS5:
        transport.check(config.settings(transport))
    if config.mode in (UDP, STUN):
        from . import udp  # pylint: disable=import-outside-toplevel
        client = udp.Client(loop, transport, way, config)
        loop.spawn(client.serve())
        return client.sock.getsockname()
    sock = listener(socket.AF_INET, "127.0.0.1", 0)
    handle = _plain if config.mode == TCP else _socks
    loop.spawn(serve(loop, sock, lambda stream: handle(
        stream, config, transport, way)))
    return sock.getsockname()


def start(config, parent, loop):
    """Open the listeners and announce them."""
    way = dialer(config, parent)
    for name in config.transports:
        made = KNOWN.get(name)
        if not made:
            continue
        try:
            where = _launch(config, loop, made(config.state), way)
        except ValueError as e:
            parent.complain(f"CMETHOD-ERROR {name} {e}")
            continue
        except OSError as e:
            parent.complain(f"CMETHOD-ERROR {name} {e.strerror or e}")
            continue
        parent.say(f"CMETHOD {name} {config.mode} {shown(*where[:2])}")
    parent.say("CMETHODS DONE")
