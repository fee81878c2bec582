"""Datagrams in the stream of a connection (PT 2.0 section 3.3.5.4).

A framing is made for one direction of one connection. However the stream is
cut, the same datagrams come out of it.
"""


class Broken(Exception):
    """What comes is no such stream; where a datagram begins is lost."""


class Framing:
    """What the two have in common."""

    def __init__(self):
        self._rest = bytearray()  # the beginning of a datagram

    def feed(self, data):
        """More of the stream: the datagrams that are complete by that."""
        rest = self._rest
        rest += data
        at = 0
        try:
            while True:
                found = self._measure(rest, at)
                if not found:
                    return
                start, end, following = found
                if following > len(rest):
                    return
                yield bytes(rest[start:end])
                at = following
        finally:
            del rest[:at]

    def _measure(self, rest, at):
        """(start, end, where the next one is) of the datagram that begins
        there; None if that cannot be told yet."""
        raise NotImplementedError


class Lengths(Framing):
    """transparent-UDP: two bytes of length, in network order, before each."""

    @staticmethod
    def wrap(datagram):
        """As it stands in the stream. No UDP datagram is too long."""
        return len(datagram).to_bytes(2, "big") + datagram

    def _measure(self, rest, at):
        start = at + 2
        if start > len(rest):
            return None
        end = start + int.from_bytes(rest[at:start], "big")
        return start, end, end


class Stun(Framing):
    """STUN: messages as they are, since they say how long they are (RFC 5389
    section 6). The cookie is not asked for: messages of RFC 3489 have none.

    TURN's ChannelData (RFC 5766 section 11.4) is told from them by its first
    two bits. It is padded to four bytes in a stream, and need not be in a
    datagram.
    """

    @staticmethod
    def wrap(datagram):
        """As it stands in the stream; None for what is no such message and
        would spoil it."""
        try:
            found = _message(datagram, 0)
        except Broken:
            return None
        if not found:
            return None
        end, padded = found
        if not end <= len(datagram) <= padded:
            return None
        return datagram + bytes(padded - len(datagram))

    def _measure(self, rest, at):
        found = _message(rest, at)
        return found and (at, *found)


def _message(data, at):
    """Where what begins there ends, and where its padding does."""
    if at + 4 > len(data):
        return None
    kind = data[at] >> 6
    size = int.from_bytes(data[at + 2:at + 4], "big")
    if kind == 0 and size % 4 == 0:
        end = at + 20 + size
        return end, end
    if kind == 1:
        end = at + 4 + size
        return end, end + -size % 4
    raise Broken
