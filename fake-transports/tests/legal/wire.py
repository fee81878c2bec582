"""What the kinds share that have a wire of their own.

The relay of ptpy joins two sockets. Where there is no socket to the other
side, it gets one end of a pair, and a task carries what comes out of the other
end over the wire.
"""
import socket

from pypt import client, main, net, server


class _Socket(socket.socket):
    """Of a pair, and with the address of who is behind it."""

    peer = ("127.0.0.1", 1)

    def getpeername(self):
        return self.peer


class End(net.Stream):
    """One end of a pair."""

    # pylint: disable=super-init-not-called
    def __init__(self, sock, peer):
        self.sock = _Socket(fileno=sock.detach())
        self.sock.setblocking(False)
        if peer:
            self.sock.peer = peer
        self.fd = self.sock.fileno()
        self.buffer = b""
        self.ended = False


def pair(peer=None):
    """For the task of the wire, and for the relay."""
    near, far = socket.socketpair()
    return End(near, None), End(far, peer)


def same(data):
    """What is sent as it is."""
    return data


LOOP = []


def spawn(coroutine):
    """Start a task."""
    LOOP[0].spawn(coroutine)


def keep_loop():
    """Call before spawn() is needed."""
    for module in (client, server):
        def start(config, parent, loop, real=module.start):
            LOOP.append(loop)
            real(config, parent, loop)
        module.start = start
    return main
