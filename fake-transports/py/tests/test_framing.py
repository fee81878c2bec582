"""Datagrams in streams, and the two tables of PT 2.0 section 3.3.5, without a
process."""
import sys

import pytest

from ptpy_runs import HERE

sys.path.insert(0, str(HERE))
from pypt import pool  # noqa: E402
from pypt.framing import Broken, Lengths, Stun  # noqa: E402

BINDING = bytes.fromhex("000100002112a442") + b"0123456789ab"
SOFTWARE = (bytes.fromhex("0001000c2112a442") + b"0123456789ab"
            + bytes.fromhex("80220005") + b"ptest\0\0\0")
CLASSIC = bytes.fromhex("00010000deadbeef") + b"0123456789ab"
CHANNEL = bytes.fromhex("40010005") + b"hello"
DATAGRAMS = {
    Lengths: [b"", b"A", b"\0\1A", b"r" * 257, b"x" * 258, BINDING,
              bytes(65507)],
    Stun: [BINDING, SOFTWARE, CLASSIC, CHANNEL, CHANNEL[:3] + b"\0",
           b"\x7f\xff\0\4four",
           bytes.fromhex("0001ffcc2112a442") + bytes(65504 - 8)],
}


def test_in_network_order():
    assert Lengths.wrap(b"r" * 258) == b"\1\2" + b"r" * 258
    assert Lengths.wrap(b"") == b"\0\0"


def test_as_they_are():
    for message in BINDING, SOFTWARE, CLASSIC:
        assert Stun.wrap(message) == message
    assert Stun.wrap(CHANNEL) == CHANNEL + bytes(3)
    assert Stun.wrap(CHANNEL + bytes(3)) == CHANNEL + bytes(3)


@pytest.mark.parametrize("kind", DATAGRAMS)
def test_at_once(kind):
    stream = b"".join(map(kind.wrap, DATAGRAMS[kind]))
    assert list(kind().feed(stream)) == DATAGRAMS[kind]


@pytest.mark.parametrize("kind", DATAGRAMS)
def test_however_it_is_cut(kind):
    wanted = [d for d in DATAGRAMS[kind] if len(d) < 1000]
    stream = b"".join(map(kind.wrap, wanted))
    for at in range(len(stream) + 1):
        frames = kind()
        assert [*frames.feed(stream[:at]), *frames.feed(stream[at:])] == wanted
    frames = kind()
    assert [d for i in range(len(stream))
            for d in frames.feed(stream[i:i + 1])] == wanted


def test_longer_than_any_datagram():
    big = bytes(65535)
    assert list(Lengths().feed(b"\xff\xff" + big + b"\0\1A")) == [big, b"A"]
    big = bytes.fromhex("0001fffc2112a442") + bytes(12 + 65532)
    assert list(Stun().feed(big + BINDING)) == [big, BINDING]


@pytest.mark.parametrize("datagram", [
    b"", b"\0", b"\0\1\0", b"hello", BINDING[:19], BINDING + b"more",
    b"\0\1\0\3" + BINDING[4:] + b"abc", SOFTWARE[:-1], b"\xff" * 40,
    b"\x80" + BINDING[1:], CHANNEL[:-1], CHANNEL + bytes(4)])
def test_would_spoil_the_stream(datagram):
    assert Stun.wrap(datagram) is None


@pytest.mark.parametrize("stream", [
    b"\xff" * 4, b"\x80" + BINDING[1:], b"\xc0\0\0\0", b"\0\1\0\3"])
def test_no_stun(stream):
    frames = Stun()
    found = []
    with pytest.raises(Broken):
        for datagram in frames.feed(BINDING + stream):
            found.append(datagram)
    assert found == [BINDING]


# What the specification prints, cell by cell; an empty cell keeps the state.
PRINTED = {
    "client": (pool.TABLE_1, """
        Packet received | not in the pool | Waiting | dropped, connect
        Packet received | Waiting | | dropped
        Packet received | Connected | | sent
        Connection successful | Waiting | Connected |
        Connection closed | Connected | not in the pool |
        Connection failed | Waiting | not in the pool |
        Write failure sending packet | Connected | not in the pool | dropped
        Timeout since last packet | Waiting | not in the pool |
        Timeout since last packet | Connected | not in the pool |
        """),
    "server": (pool.TABLE_2, """
        Packet received | not in the pool | | dropped
        Packet received | Connected | | sent
        Connection closed | Connected | not in the pool |
        Write failure sending packet | Connected | not in the pool | dropped
        Timeout since last packet | Connected | not in the pool |
        """),
}


@pytest.mark.parametrize("table, row", [
    (table, row) for table, rows in PRINTED.values()
    for row in rows.strip().splitlines()])
def test_row(table, row):
    event, state, new, effect = (cell.strip() for cell in row.split("|"))
    connections = pool.Pool(table, 60)
    entry = pool.Entry("key")
    if state != pool.ABSENT:
        way = {pool.WAITING: (pool.PACKET,), pool.CONNECTED: (
            pool.PACKET, pool.SUCCESS)}[state]
        for each in way:
            connections.happens(each, entry)
    assert entry.state == state
    entry.used -= 30
    assert connections.happens(event, entry) == effect
    assert entry.state == (new or state)
    there = connections.get("key")
    assert there is (None if entry.state == pool.ABSENT else entry)
    # Use renews.
    assert (connections.left(entry) > 31) == (event == pool.PACKET)


def test_another_connection_of_the_same_source():
    connections = pool.Pool(pool.TABLE_1, 60)
    old, new = pool.Entry("key"), pool.Entry("key")
    connections.happens(pool.PACKET, old)
    connections.happens(pool.TIMEOUT, old)
    connections.happens(pool.PACKET, new)
    for event in pool.SUCCESS, pool.FAILED, pool.CLOSED:
        connections.happens(event, old)
        assert old.state == pool.ABSENT
    assert connections.get("key") is new and new.state == pool.WAITING
