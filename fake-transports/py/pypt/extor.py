"""The Extended ORPort, seen from the transport.

Cookie authentication, then who the client is and which transport it uses;
payload only after OKAY. The cookie is read for every connection: the parent
may write a new one at any time.
"""
import hashlib
import hmac
import os
import stat

from .lists import shown
from .net import Closed

HEADER = b"! Extended ORPort Auth Cookie !\n"
COOKIE = 32
NONCE = 32
TO_CLIENT = b"ExtORPort authentication server-to-client hash"
TO_SERVER = b"ExtORPort authentication client-to-server hash"

SAFE_COOKIE = 1
MAX_TYPES = 256
DONE, USERADDR, TRANSPORT, OKAY, DENY = 0, 1, 2, 0x1000, 0x1001


def cookie(path):
    """The cookie in a file; raises Closed when it holds none."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                raise Closed
            data = os.read(fd, len(HEADER) + COOKIE + 1)
        finally:
            os.close(fd)
    except OSError as e:
        raise Closed from e
    if len(data) != len(HEADER) + COOKIE or not data.startswith(HEADER):
        raise Closed
    return data[len(HEADER):]


def _hash(secret, words, client, server):
    return hmac.new(secret, words + client + server, hashlib.sha256).digest()


async def _authenticate(stream, path, deadline):
    types = await stream.until(b"\0", MAX_TYPES, deadline)
    if SAFE_COOKIE not in types:
        await stream.write(b"\0", deadline)
        raise Closed
    secret = cookie(path)
    mine = os.urandom(NONCE)
    await stream.write(bytes((SAFE_COOKIE,)) + mine, deadline)
    proof = await stream.exactly(32, deadline)
    theirs = await stream.exactly(NONCE, deadline)
    if not hmac.compare_digest(proof, _hash(secret, TO_CLIENT, mine, theirs)):
        raise Closed
    await stream.write(_hash(secret, TO_SERVER, mine, theirs), deadline)
    if await stream.exactly(1, deadline) != b"\1":
        raise Closed


def _command(code, body=b""):
    return code.to_bytes(2, "big") + len(body).to_bytes(2, "big") + body


async def introduce(stream, path, client, transport, deadline):
    """Everything up to OKAY. `client` is (host, port). Raises Closed or
    TimedOut when the client is not wanted or nothing works."""
    await _authenticate(stream, path, deadline)
    await stream.write(
        _command(USERADDR, shown(*client).encode())
        + _command(TRANSPORT, transport.encode()) + _command(DONE), deadline)
    while True:
        head = await stream.exactly(4, deadline)
        code = int.from_bytes(head[:2], "big")
        await stream.exactly(int.from_bytes(head[2:], "big"), deadline)
        if code == OKAY:
            return
        if code == DENY:
            raise Closed
