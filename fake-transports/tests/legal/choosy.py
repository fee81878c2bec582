"""Habits of those who do not take everything: destinations and settings."""
import os

from pypt import lists, settings, socks, transports
from pypt.net import is_loopback

NOT_ALLOWED = 2


def _refusing(bad):
    real = socks._request

    async def request(stream, deadline):
        where = await real(stream, deadline)
        if bad(*where):
            raise socks.Parting(socks.reply(NOT_ALLOWED))
        return where
    socks._request = request


def remote():
    """A client connects to no loopback address: that is no bridge."""
    _refusing(lambda family, host, port: family and is_loopback(family, host))


def names():
    """A client connects to names only, as certificates are for these."""
    _refusing(lambda family, host, port: family)


def strict():
    """Settings that a client does not know are an error."""
    real = transports.Xor.check

    def check(self, found):
        if set(found) - {b"key"}:
            raise ValueError("unknown key")
        real(self, found)
    if "TOR_PT_SERVER_TRANSPORTS" not in os.environ:
        transports.Xor.check = check


def learnt():
    """A server makes its key itself.  Clients need it, can do without the
    other thing that it prints, and whatever else they are told is malformed
    to their decoder."""
    made, key = transports.Xor, os.urandom(8).hex().encode()
    if "TOR_PT_SERVER_TRANSPORTS" in os.environ:
        real = made.as_server

        async def as_server(self, stream, _options, deadline):
            return await real(self, stream, {b"key": key}, deadline)
        made.as_server, made.check = as_server, lambda self, options: None
        made.args = lambda self, options: lists.args(
            {b"key": key, b"mtu": b"1400"})
        return
    real_json = socks._json

    async def json(*a):
        found = await real_json(*a)
        if set(found) - {b"key", b"mtu"}:
            raise socks.Parting(socks.reply(settings.MALFORMED))
        return found
    socks._json = json
