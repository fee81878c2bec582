"""A server: a listener for each transport, in front of one destination."""
import socket

from . import relay
from .config import STUN, UDP
from .lists import shown
from .loop import TimedOut, now
from .net import Closed, Direct, Unreachable, is_loopback, listener, serve
from .transports import KNOWN, handshake_deadline

CONNECT = 20.0
# Where to listen when nobody says: reachable by whoever forwards a port.
ANYWHERE = (socket.AF_INET, "127.0.0.1", 0)


class Server:
    """One transport of a server."""

    def __init__(self, loop, config, transport, options):
        self.config, self.transport, self.options = config, transport, options
        self.direct = Direct(config.source)
        self.datagrams = None
        if config.mode in (UDP, STUN):
            from . import udp  # pylint: disable=import-outside-toplevel
            self.datagrams = udp.Server(loop, config)

    async def _destination(self, client):
        """A stream that takes payload: the Extended ORPort's if there is
        one, and then nothing else."""
        config, deadline = self.config, now() + CONNECT
        if not config.extorport:
            return await self.direct.dial(config.orport, deadline)
        from . import extor  # pylint: disable=import-outside-toplevel
        stream = await self.direct.dial(config.extorport, deadline)
        try:
            await extor.introduce(stream, config.cookie, client,
                                  self.transport.name, deadline)
        except BaseException:
            stream.close()
            raise
        return stream

    async def connection(self, stream):
        """From the handshake of a client to its end."""
        try:
            client = stream.sock.getpeername()[:2]
            coders = await self.transport.as_server(
                stream, self.options, handshake_deadline())
            if self.datagrams:
                await self.datagrams.take(stream, coders)
                return
            app = await self._destination(client)
        except (Closed, TimedOut, Unreachable, OSError):
            stream.close()
            return
        except BaseException:
            stream.close()
            raise
        await relay.join(app, stream, *coders)


def _launch(config, loop, transport_class, bound):
    """A listener and what the parent is told of it."""
    name = transport_class.name.encode()
    options = config.options.get(name, {})
    transport = transport_class(config.state)
    args = transport.args(options)
    sock = listener(*bound.get(name, ANYWHERE))
    return sock, Server(loop, config, transport, options), args


def start(config, parent, loop):
    """Open the listeners and announce them."""
    if config.extorport and not is_loopback(*config.extorport[:2]):
        parent.warn("the Extended ORPort is not on this host, and the "
                    "connection to it is not protected")
    for name in config.transports:
        if name not in KNOWN:
            continue
        try:
            sock, server, args = _launch(config, loop, KNOWN[name],
                                         config.bind)
        except ValueError as e:
            parent.complain(f"SMETHOD-ERROR {name} {e}")
            continue
        except OSError as e:
            parent.complain(f"SMETHOD-ERROR {name} {e.strerror or e}")
            continue
        loop.spawn(serve(loop, sock, server.connection))
        line = f"SMETHOD {name} {shown(*sock.getsockname()[:2])}"
        parent.say(f"{line} ARGS:{args}" if args else line)
    parent.say("SMETHODS DONE")
