"""Connections through the upstream proxy (TOR_PT_PROXY, -proxy).

A client that has a proxy has no other way out: what the proxy does not do
fails, and names are for the proxy to look up.
"""
import base64
import errno
import socket

from . import lists
from .ipc import proxy_error
from .net import Closed, Unreachable, connect

MAX_HEAD = 16384  # of an HTTP answer
# SOCKS5 reply codes as errors (RFC 1928 section 6), and the way back below.
REPLIES = {2: errno.EACCES, 3: errno.ENETUNREACH, 4: errno.EHOSTUNREACH,
           5: errno.ECONNREFUSED, 6: errno.ETIMEDOUT,
           8: errno.EAFNOSUPPORT}


def parse(uri):
    """A URI of the form TYPE://[USER[:PASSWORD]@]IP:PORT to a proxy."""
    try:
        if not all(33 <= c < 127 for c in uri):
            raise ValueError("blank or non-ASCII character")
        kind, mark, rest = uri.partition(b"://")
        if not mark or not kind:
            raise ValueError("not of the form TYPE://IP:PORT")
        made = KINDS.get(kind.lower())
        if not made:
            raise ValueError("a proxy of an unsupported type")
        if any(c in rest for c in b"/?#"):
            raise ValueError("something behind the port")
        user, at, where = rest.rpartition(b"@")
        if b"@" in user:
            raise ValueError("more than one @")
        address = lists.address(where)
        name, secret = _credentials(user) if at and user else (None, None)
        return made(address, name, secret)
    except ValueError as e:
        raise proxy_error(f"upstream proxy: {e}") from None


def _credentials(text):
    user, colon, password = text.partition(b":")
    decoded = [_decoded(part) for part in (user, password)]
    if not decoded[0]:
        raise ValueError("a password without a user name")
    return decoded[0], decoded[1] if colon else None


def _decoded(text):
    """With percent signs and two digits decoded (RFC 3986 section 2.1)."""
    digits = frozenset(b"0123456789abcdefABCDEF")
    first, *more = text.split(b"%")
    for piece in more:
        if len(piece) < 2 or not digits.issuperset(piece[:2]):
            raise ValueError("a percent sign without two digits")
        first += bytes((int(piece[:2], 16),)) + piece[2:]
    return first


class Proxy:
    """What the three have in common."""

    def __init__(self, address, user, password):
        self.address, self.user, self.password = address, user, password
        self.source = None  # family -> outbound address, of PT 1.0
        self.check()

    async def dial(self, where, deadline):
        """A stream to the destination, through the proxy."""
        stream = await connect(*self.address, deadline, self.source)
        try:
            await self.ask(stream, where, deadline)
        except Closed as e:
            stream.close()
            raise Unreachable(errno.EIO) from e
        except BaseException:
            stream.close()
            raise
        return stream


def _packed(where):
    family, host, _ = where
    return socket.inet_pton(family, host)


class Socks5(Proxy):
    """RFC 1928, with RFC 1929."""

    def check(self):
        """Both are 1 to 255 bytes long, if there are any."""
        if self.user is None:
            return
        if not self.password:
            raise ValueError("SOCKS5 needs a password with the user name")
        if len(self.user) > 255 or len(self.password) > 255:
            raise ValueError("SOCKS5 takes no more than 255 bytes each of "
                             "user name and password")

    async def ask(self, stream, where, deadline):
        """Greeting, password if it wants one, request."""
        methods = b"\0" if self.user is None else b"\2\0"
        await stream.write(bytes((5, len(methods))) + methods, deadline)
        version, method = await stream.exactly(2, deadline)
        if version != 5 or method not in methods:
            raise Unreachable(errno.EACCES)
        if method == 2:
            await stream.write(
                b"\1" + bytes((len(self.user),)) + self.user
                + bytes((len(self.password),)) + self.password, deadline)
            if await stream.exactly(2, deadline) != b"\1\0":
                raise Unreachable(errno.EACCES)
        await stream.write(b"\5\1\0" + self._destination(where), deadline)
        version, reply, _, kind = await stream.exactly(4, deadline)
        if version != 5 or reply:
            raise Unreachable(REPLIES.get(reply, errno.EIO))
        if kind == 3:
            size = (await stream.exactly(1, deadline))[0]
        elif kind in (1, 4):
            size = 4 if kind == 1 else 16
        else:
            raise Unreachable(errno.EIO)
        await stream.exactly(size + 2, deadline)

    @staticmethod
    def _destination(where):
        family, host, port = where
        if family is None:
            data = bytes((3, len(host))) + host.encode()
        else:
            kind = 1 if family == socket.AF_INET else 4
            data = bytes((kind,)) + _packed(where)
        return data + port.to_bytes(2, "big")


class Socks4a(Proxy):
    """SOCKS4 for IPv4, the extension 4a for everything else."""

    def check(self):
        """A user id is all that it has, ended by NUL."""
        if self.password is not None:
            raise ValueError("SOCKS4a knows no password")
        if self.user and b"\0" in self.user:
            raise ValueError("a NUL in the user name")

    async def ask(self, stream, where, deadline):
        """Request and answer."""
        family, host, port = where
        named = family != socket.AF_INET
        address = b"\0\0\0\1" if named else _packed(where)
        if not named and address[:3] == b"\0\0\0" and address[3]:
            # Would be read as the mark of a name.
            named, address = True, b"\0\0\0\1"
        await stream.write(
            b"\4\1" + port.to_bytes(2, "big") + address
            + (self.user or b"") + b"\0"
            + (host.encode() + b"\0" if named else b""), deadline)
        answer = await stream.exactly(8, deadline)
        if answer[0] != 0 or answer[1] != 0x5a:
            raise Unreachable(errno.ECONNREFUSED if answer[1] == 0x5b
                              else errno.EACCES)


class Http(Proxy):
    """CONNECT, with Basic authentication."""

    def check(self):
        """A colon ends the user name (RFC 7617)."""
        if self.user and b":" in self.user:
            raise ValueError("a colon in the user name")
        both = (self.user or b"") + (self.password or b"")
        if any(c < 32 or c == 127 for c in both):
            raise ValueError("a control character in user name or password")

    async def ask(self, stream, where, deadline):
        """Request and answer; informational answers come before it."""
        name = lists.shown(*where[1:])
        head = f"CONNECT {name} HTTP/1.1\r\nHost: {name}\r\n"
        if self.user is not None:
            both = base64.b64encode(self.user + b":" + (self.password or b""))
            head += f"Proxy-Authorization: Basic {both.decode()}\r\n"
        await stream.write(head.encode() + b"\r\n", deadline)
        status = 100
        while 100 <= status < 200:
            head = await stream.until(b"\r\n\r\n", MAX_HEAD, deadline)
            status = self._status(head)
        if not 200 <= status < 300:
            raise Unreachable(errno.EACCES if status in (401, 403, 407)
                              else errno.EIO)

    @staticmethod
    def _status(head):
        version, _, rest = head.partition(b" ")
        code = rest[:3]
        if not version.startswith(b"HTTP/1.") or not code.isdigit() \
                or len(code) != 3 or rest[3:4] not in (b" ", b"\r"):
            raise Unreachable(errno.EIO)
        return int(code)


KINDS = {b"socks5": Socks5, b"socks4a": Socks4a, b"http": Http}
