"""Streams, listeners, and connections without a proxy."""
import errno
import os
import socket
import struct

from .loop import IN, OUT, TimedOut, now, sleep, wait

CHUNK = 65536
BACKLOG = 1024


class Closed(Exception):
    """The other side has gone before it said everything."""


class Stream:
    """A connected socket with what was read too much from it."""

    def __init__(self, sock):
        self.sock = sock
        self.fd = sock.fileno()
        self.buffer = b""
        self.ended = False  # its end of stream has been read
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    async def _more(self, deadline, most):
        # Others get their turn even if there always is something to read.
        await wait({self.fd: IN}, deadline)
        if now() >= deadline:
            raise TimedOut
        try:
            data = self.sock.recv(most)
        except BlockingIOError:
            return
        except OSError as e:
            raise Closed from e
        if not data:
            self.ended = True
            raise Closed
        self.buffer += data

    async def exactly(self, n, deadline):
        """The next n bytes."""
        while len(self.buffer) < n:
            await self._more(deadline, max(n - len(self.buffer), 4096))
        data, self.buffer = self.buffer[:n], self.buffer[n:]
        return data

    async def until(self, end, most, deadline):
        """Everything up to and with `end`."""
        while end not in self.buffer:
            if len(self.buffer) >= most:
                raise Closed
            await self._more(deadline, 4096)
        data, found, self.buffer = self.buffer.partition(end)
        return data + found

    def taken(self):
        """What was read too much, once."""
        data, self.buffer = self.buffer, b""
        return data

    async def write(self, data, deadline):
        """All of it."""
        data = memoryview(data)
        while data:
            try:
                data = data[self.sock.send(data):]
            except BlockingIOError:
                await wait({self.fd: OUT}, deadline)
            except OSError as e:
                raise Closed from e

    async def dismiss(self, last, deadline):
        """Say a last thing and close, without a reset that would overtake
        it: what still comes is read and thrown away for a while."""
        try:
            await self.write(last, deadline)
            self.sock.shutdown(socket.SHUT_WR)
            while True:
                self.buffer = b""
                await self._more(deadline, CHUNK)
        except (Closed, TimedOut, OSError):
            pass
        finally:
            self.close()

    def close(self):
        """Give the descriptor back."""
        self.sock.close()

    def abort(self):
        """Close with a reset."""
        try:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                 struct.pack("ii", 1, 0))
        except OSError:
            pass
        self.sock.close()


def listener(family, host, port):
    """A listening socket; raises OSError."""
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        # Only over what is left of closed connections.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((host, port))
        sock.listen(BACKLOG)
    except OSError:
        sock.close()
        raise
    return sock


async def serve(loop, sock, handle):
    """Accept for ever; `handle(stream)` makes the task of a connection."""
    while True:
        await wait({sock.fileno(): IN})
        try:
            conn, _ = sock.accept()
        except OSError as e:
            if e.errno in (errno.EMFILE, errno.ENFILE, errno.ENOBUFS,
                           errno.ENOMEM):
                await sleep(0.1)  # until one is given back
            continue
        try:
            loop.spawn(handle(Stream(conn)))
        except OSError:  # reset already
            conn.close()


# --- connecting ---

class Unreachable(Exception):
    """No connection, and the errno that says why."""

    def __init__(self, number):
        super().__init__(os.strerror(number))
        self.errno = number


def is_loopback(family, host):
    """127.0.0.0/8 and ::1."""
    if family == socket.AF_INET:
        return host.startswith("127.")
    return host == "::1"


async def connect(family, host, port, deadline, source=None):
    """One attempt at a literal address."""
    try:
        sock = socket.socket(family, socket.SOCK_STREAM)
    except OSError as e:
        raise Unreachable(e.errno) from e
    try:
        stream = Stream(sock)
        bound = (source or {}).get(family)
        if bound and not is_loopback(family, host):
            sock.bind((bound, 0))
        number = sock.connect_ex((host, port))
        if number == errno.EINPROGRESS:
            await wait({sock.fileno(): OUT}, deadline)
            number = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if number:
            raise Unreachable(number)
    except OSError as e:
        sock.close()
        raise Unreachable(e.errno or errno.EIO) from e
    except BaseException:
        sock.close()
        raise
    return stream


MAX_LOOKUPS = 64
_lookups = []


async def lookup(name, port, deadline):
    """The addresses of a name. The resolver blocks, so it has a thread."""
    import threading  # pylint: disable=import-outside-toplevel
    if len(_lookups) >= MAX_LOOKUPS:
        raise Unreachable(errno.EAGAIN)
    found, (done, tell) = [], os.pipe()

    def ask():
        try:
            for family, _, _, _, where in socket.getaddrinfo(
                    name.encode(), port, type=socket.SOCK_STREAM):
                found.append((family, *where[:2]))
        except (OSError, ValueError):
            pass
        os.close(tell)
        _lookups.remove(tell)

    _lookups.append(tell)
    try:
        try:
            threading.Thread(target=ask, daemon=True).start()
        except RuntimeError as e:
            _lookups.remove(tell)
            os.close(tell)
            raise Unreachable(errno.EAGAIN) from e
        await wait({done: IN}, deadline)
    finally:
        os.close(done)
    return found


class Direct:
    """Connections without a proxy. A destination is (family, host, port);
    the family of a name is None."""

    def __init__(self, source=None):
        self.source = source

    async def dial(self, where, deadline):
        """A stream to the destination."""
        family, host, port = where
        if family is not None:
            return await connect(*where, deadline, self.source)
        failure = Unreachable(errno.EHOSTUNREACH)
        for each in await lookup(host, port, deadline):
            try:
                return await connect(*each, deadline, self.source)
            except Unreachable as e:
                failure = e
        raise failure
