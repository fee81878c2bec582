"""Two streams joined, until both directions have ended.

No more than one read is held per direction, so who does not read slows down
who writes. The end of a direction is handed on when all before it has been
written; a reset is handed on at once, as a reset.
"""
import socket

from .loop import ERROR, HANGUP, IN, OUT, wait
from .net import CHUNK


class _Direction:
    """From one stream to another."""

    def __init__(self, source, sink, code):
        self.source, self.sink, self.code = source, sink, code
        self.hung = False  # both ways of the source are closed
        early = source.taken()
        self.pending = memoryview(code(early) if early else b"")
        self.ended = False  # nothing more comes
        self.done = False  # and the sink knows

    def reading(self):
        """Whether it waits for the source."""
        return not self.ended and not self.pending

    def pull(self):
        """Read once; an OSError is the end of both directions."""
        try:
            data = self.source.sock.recv(CHUNK)
        except BlockingIOError:
            return
        if data:
            self.pending = memoryview(self.code(data))
        else:
            self.ended = True

    def push(self):
        """Write what there is."""
        try:
            while self.pending:
                sent = self.sink.sock.send(self.pending)
                self.pending = self.pending[sent:]
        except BlockingIOError:
            return
        if self.ended and not self.done:
            self.done = True
            self.sink.sock.shutdown(socket.SHUT_WR)


def _masks(there, back):
    """What to wait for. Of a stream that is not read from or written to at
    least a reset is noticed, unless it is closed on both sides: then poll()
    would tell of that again and again."""
    masks = {}
    for out, into in ((there, back), (back, there)):
        mask = (IN if out.reading() else 0) | (OUT if into.pending else 0)
        if mask or not out.hung:
            masks[out.source.fd] = mask
    return masks


async def join(app, net, encode, decode):
    """Relay until both directions have ended; closes both."""
    there = _Direction(app, net, encode)
    back = _Direction(net, app, decode)
    try:
        there.push()
        back.push()
        while not (there.done and back.done):
            events = await wait(_masks(there, back))
            if any(seen & ERROR for seen in events.values()):
                raise ConnectionResetError
            for direction in (there, back):
                seen = events.get(direction.source.fd, 0)
                direction.hung |= bool(seen & HANGUP)
                if seen & (IN | HANGUP) and direction.reading():
                    direction.pull()
                direction.push()
        app.close()
        net.close()
    except OSError:
        app.abort()
        net.abort()
    except BaseException:
        app.close()
        net.close()
        raise
