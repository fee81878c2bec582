"""ptref and ptpy at the two ends of a tunnel, in every mode: each was written
from the specification alone, so what one misreads does not get through."""
import contextlib
import pathlib
import socket
import struct

import pytest

from test_ptref import (
    LIMIT, PTREF, Session, client_env, closed, echo, exactly, method_addr,
    server_env, socks, state, Listener)  # noqa: F401
from test_udp import BINDING, CHANNEL, SOFTWARE, insist, name_of, udp

PTPY = str(pathlib.Path(__file__).resolve().parents[1] / "py/ptpy")
# What does nothing to the bytes has its own name in each.
PROGRAMS = {"ptref": (PTREF, "ident"), "ptpy": (PTPY, "pyident")}
GREETING = BINDING[:8] + b"greetings-00"
SIZES = [0, 1, 2, 1200, 1472, 1500, 9000, 65507]


def pattern(n):
    return bytes(i % 251 for i in range(n))


def message(n):
    """STUN of n bytes, with one attribute that nobody knows."""
    return struct.pack(">HHI12sHH", 1, n - 20, 0x2112a442, b"0123456789ab",
                       0xc0de, n - 24) + pattern(n - 24)


def channel(n):
    """ChannelData around n bytes."""
    return struct.pack(">HH", 0x4001, n) + pattern(n)


CARRIED = {
    "transparent-UDP": [*map(pattern, SIZES), BINDING],
    # Lengths of messages are multiples of four; 65507 is none.
    "STUN": [BINDING, SOFTWARE, CHANNEL,
             *(message(n) for n in SIZES[3:-1]), message(65504),
             *(channel(n) for n in SIZES[:-1]), channel(65507 - 4)],
}


@contextlib.contextmanager
def tunnel(state, ends, mode, orport):
    """Where the client listens; what a SOCKS client asks for is the server."""
    (near, near_name), (far, far_name) = (PROGRAMS[end] for end in ends)
    with Session(server_env(state + "/s", far_name, orport=orport),
                 ("-mode", mode), program=far) as server:
        at = server.lines_until("SMETHODS DONE")[1].split()[2]
        words = () if mode == "socks5" else ("-target", at)
        with Session(client_env(state + "/c", near_name),
                     ("-mode", mode, *words), program=near) as client:
            line = client.lines_until("CMETHODS DONE")[1]
            assert line.startswith(f"CMETHOD {near_name} {mode} 127.0.0.1:")
            host, port = at.split(":")
            yield method_addr(line), (host, int(port))


def received(sock):
    """More greetings may be on their way."""
    while True:
        got, source = sock.recvfrom(65536)
        if got != GREETING:
            return got, source


PAIRS = pytest.mark.parametrize(
    "ends", [("ptref", "ptpy"), ("ptpy", "ptref")], ids="-".join)


@PAIRS
@pytest.mark.parametrize("mode", CARRIED)
def test_datagrams(state, ends, mode):
    with udp() as orport, udp() as one, udp() as two, \
            tunnel(state, ends, mode, name_of(orport)) as (front, _):
        for app in one, two:
            app.connect(front)
            got, source = insist(app.send, GREETING, orport)
            assert got == GREETING
            for datagram in CARRIED[mode]:
                app.send(datagram)
                assert received(orport) == (datagram, source)
                orport.sendto(datagram, source)
                assert app.recv(65536) == datagram


@PAIRS
@pytest.mark.parametrize("mode", ["socks5", "transparent-TCP"])
def test_streams(state, ends, mode):
    with Listener(echo) as orport, \
            tunnel(state, ends, mode, orport.addr) as (front, at):
        app = socks(front, at)[0] if mode == "socks5" else \
            socket.create_connection(front, LIMIT)
        with app:
            for n in SIZES:
                app.sendall(pattern(n))
                assert exactly(app, n) == pattern(n)
            app.shutdown(socket.SHUT_WR)
            assert closed(app)
