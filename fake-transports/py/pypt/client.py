"""A client: a SOCKS5 listener for each transport."""
import socket

from . import proxy, relay, socks
from .lists import shown
from .net import Direct, listener, serve
from .transports import KNOWN


def dialer(config, parent):
    """The only way out: through the proxy if there is one."""
    if not config.proxy:
        return Direct(config.source)
    way = proxy.parse(config.proxy)
    way.source = config.source
    parent.say("PROXY DONE")
    return way


async def _connection(stream, version, transport, way):
    opened = await socks.accept(stream, version, transport, way)
    if opened:
        there, (encode, decode) = opened
        await relay.join(stream, there, encode, decode)


def start(config, parent, loop):
    """Open the listeners and announce them."""
    way = dialer(config, parent)
    for name in config.transports:
        made = KNOWN.get(name)
        if not made:
            continue
        try:
            transport = made(config.state)
            sock = listener(socket.AF_INET, "127.0.0.1", 0)
        except OSError as e:
            parent.complain(f"CMETHOD-ERROR {name} {e.strerror or e}")
            continue
        loop.spawn(serve(loop, sock, lambda stream, t=transport: _connection(
            stream, config.version, t, way)))
        parent.say(f"CMETHOD {name} socks5 {shown(*sock.getsockname()[:2])}")
    parent.say("CMETHODS DONE")
