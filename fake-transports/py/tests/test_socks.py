"""The SOCKS5 front end, byte by byte."""
import json
import os
import socket
import struct

import pytest

from ptpy_runs import (HASTY, KEY, LIMIT, block, connect, dial, pt, read,
                       request, rest)

assert pt  # the fixture

GREET = b"\5\1\11"
GOOD = {"key": KEY}


def reply(code):
    """A reply as ptpy gives it."""
    return bytes((5, code, 0, 1, 0, 0, 0, 0, 0, 0))


@pytest.fixture(name="front")
def _front(pt):
    """The addresses of a client's listeners, and the client."""
    run = pt.client()
    where, _ = run.methods()
    where["run"] = run
    return where


@pytest.fixture(name="first")
def _first(pt):
    """The same under PT 1.0."""
    run = pt.client({"MANAGED_TRANSPORT_VER": "1"})
    return run.methods()[0]


# --- segments ---

def talks(where):
    """What a client may say up to the payload, with what is answered."""
    body = block({"a": "caf\u00e9 \U0001f600"})
    user = b"a=" + b"b" * 253
    return {
        "2 none": (2, b"\5\2\0\1" + request(where), b"\5\0"),
        "2 json": (2, GREET + body + request(where), b"\5\11"),
        "2 name": (2, b"\5\1\0" + request(("localhost", where[1])), b"\5\0"),
        "1 none": (1, b"\5\1\0" + request(where), b"\5\0"),
        "1 user": (1, b"\5\2\0\2\1\xff" + user + b"\4cdef"
                   + request(where), b"\5\2\1\0"),
    }


@pytest.mark.parametrize("talk", ["2 none", "2 json", "2 name", "1 none",
                                  "1 user"])
def test_split_at_every_byte(pt, talk):
    """Two pieces, cut at each place; bytewise; and all in one with payload
    behind it."""
    app = pt.peer()
    version, said, answer = talks(("127.0.0.1", app.port))[talk]
    run = pt.client({"MANAGED_TRANSPORT_VER": str(version)})
    front = run.methods()[0]["pyident"]
    answer += reply(0)
    cuts = [[said[:k], said[k:] + b"!"] for k in range(1, len(said))]
    cuts += [[said[k:k + 1] for k in range(len(said))] + [b"!"]]
    for pieces in cuts:
        conn = dial(front)
        for piece in pieces:
            conn.sendall(piece)
        assert read(conn, len(answer)) == answer
        far = app.take()
        assert read(far, 1) == b"!"
        far.sendall(b"?")
        assert read(conn, 1) == b"?"
        conn.close()
        far.close()


# --- greetings ---

@pytest.mark.parametrize("said, answer", [
    (b"\5\1\0", b"\5\0"), (b"\5\1\11", b"\5\11"), (b"\5\3\0\2\11", b"\5\11"),
    (b"\5\2\1\11", b"\5\11"), (b"\5\xff" + bytes(range(1, 256)), b"\5\11"),
    (b"\5\1\2", b"\5\xff"), (b"\5\1\x7f", b"\5\xff"), (b"\5\0", b"\5\xff"),
    (b"\5\1\x80", b"\5\xff"), (b"\5\1\xff", b"\5\xff"),
    (b"\4\1\0\x50\x7f\0\0\1\0", b""), (b"GET / HTTP/1.0\r\n\r\n", b""),
    (b"\x16\3\1", b""), (b"", b"")])
def test_greetings(front, said, answer):
    conn = dial(front["pyident"])
    conn.sendall(said)
    if len(answer) == 2 and answer[1] != 0xff:
        assert read(conn, 2) == answer
        conn.shutdown(socket.SHUT_WR)
        assert rest(conn) == b""
        return
    if not said:
        conn.shutdown(socket.SHUT_WR)
    assert rest(conn) == answer


# --- settings of PT 2.0 ---

BLOCKS = [
    # (code of the reply, or None for good settings; block)
    (None, b'{"key":"%s"} ' % KEY.encode()),
    (None, b'{\r\n\t"other": "1",\n "key" :"\\u0061-key-for-both"}\r\n'),
    (None, json.dumps({**GOOD, "x": "caf\u00e9"}, ensure_ascii=False)
     .encode()),
    (None, json.dumps({**GOOD, "x": "\U0001f600\u0000"}).encode()),
    (None, json.dumps({**GOOD, "x": "y" * 65000}).encode()),
    (0x12, b""), (0x12, b'{"a":"b"'), (0x12, b'{"a":"b",}'),
    (0x12, b"{'a':'b'}"), (0x12, b'{a:"b"}'), (0x12, b"hello"),
    (0x12, b'{/*x*/"key":"12345678"}'), (0x12, b'{"key":NaN}'),
    (0x12, b'{"key":-Infinity}'), (0x12, b'{"key":"12345678"}x'),
    (0x12, b'{"key":"12345678"}{}'), (0x12, b"[]"), (0x12, b'"x"'),
    (0x12, b"42"), (0x12, b"null"), (0x12, b"true"),
    (0x12, b'{"key":"\xff\xfe345678"}'),
    (0x12, b'{"key":"\xed\xa0\x80345678"}'), (0x12, b'{"key":"\0002345678"}'),
    (0x12, b'{"k":' + b"[" * 10000), (0x12, b"[" * 20000 + b"]" * 20000),
    (0x12, '{"key":"12345678"}'.encode("utf-16-le")),
    (0x12, b'{"key":' + b"9" * 60000), (0x12, b"{" * 30000),
    (0x13, b"{}"), (0x13, b'{"other":"v"}'), (0x13, b'{"key":"short"}'),
    (0x13, b'{"key":12345678}'), (0x13, b'{"key":["12345678"]}'),
    (0x13, b'{"key":{"a":"12345678"}}'), (0x13, b'{"key":null}'),
    (0x13, b'{"key":"\\ud800345678"}'), (0x13, b'{"key":"1234 5678"}'),
    (0x13, b'{"key":"12345678","key":"12345678"}'),
    (0x13, b'{"key":' + b"9" * 60000 + b"}"), (0x13, b'{"KEY":"12345678"}'),
    (0x13, b'{"key":"%s"}' % (b"x" * 256)),
]


@pytest.mark.parametrize("code, body", BLOCKS, ids=range(len(BLOCKS)))
def test_blocks(front, code, body):
    conn = dial(front["pyxor"])
    conn.sendall(GREET)
    assert read(conn, 2) == b"\5\11"
    conn.sendall(block(body))
    if code is None:
        # Nothing is said; the server's port is closed.
        conn.sendall(request(("127.0.0.1", 1)))
        code = 5
    assert rest(conn) == reply(code)


@pytest.mark.parametrize("size", [0x10001, 0x100000, 0x7fffffff, 0x80000000,
                                  0xffffffff, 0x09000000])
def test_huge_counts(front, size):
    before = front["run"].memory()
    conn = dial(front["pyxor"])
    conn.sendall(GREET)
    read(conn, 2)
    conn.sendall(struct.pack(">I", size) + b'{"key":"12345678"}')
    assert rest(conn) == reply(0x10)
    assert front["run"].memory() - before < 4 << 20


def test_the_count_is_what_counts(front):
    """What stands behind the block is the request, good or not."""
    conn = dial(front["pyxor"])
    conn.sendall(GREET + struct.pack(">I", 5) + block(GOOD)[4:]
                 + request(("127.0.0.1", 1)))
    assert rest(conn) == b"\5\11" + reply(0x12)


def test_what_stalls_is_ended(pt):
    """All at once, and somebody else is served meanwhile."""
    run = pt.client(program=HASTY)
    front, _ = run.methods()
    stalled = [(b"\5", b""), (b"\5\2\0", b""), (GREET, b"\5\11"),
               (GREET + b"\0\0", b"\5\11"),
               (GREET + b"\0\0\0\x20{\"key\"", b"\5\11"),
               (b"\5\1\0\5\1\0\1\x7f", b"\5\0"), (b"", b"")]
    conns = []
    for said, _ in stalled:
        conn = dial(front["pyxor"])
        conn.sendall(said)
        conns.append(conn)
    assert connect(front["pyxor"], ("127.0.0.1", 1), GOOD)[1] == 5
    for conn, (said, answer) in zip(conns, stalled):
        late = reply(0x11) if said.startswith(GREET) else b""
        assert rest(conn) == answer + late


def test_an_end_within_the_block(front):
    conn = dial(front["pyxor"])
    conn.sendall(GREET + b"\0\0\0\x20{\"key\"")
    conn.shutdown(socket.SHUT_WR)
    assert rest(conn) == b"\5\11"


def test_settings_that_are_needed(front):
    assert connect(front["pyxor"], ("127.0.0.1", 1))[1] == 1


# --- settings of PT 1.0 ---

LONG = b"x=" + b"y" * 280 + b";key=" + KEY.encode()


@pytest.mark.parametrize("user, password, good", [
    (b"key=%s" % KEY.encode(), b"\0", True),
    (b"other=a\\;b\\=c\\\\;key=%s" % KEY.encode(), b"\0", True),
    (b"key=a-key\\-for\\-both", b"\0", True),
    (LONG[:255], LONG[255:], True),
    (LONG[:250], LONG[250:], True),
    (b"x=" + b"y" * (252 - len(KEY) - 4) + b";key=%s" % KEY.encode(), b"\0",
     True),
    (b"nothing", b"\0", False), (b"=x", b"\0", False),
    (b"key=12345678\\", b"\0", False), (b"key=short", b"\0", False),
    (b"other=12345678", b"\0", False), (b"key=12345678;", b"\0", False),
    (b"", b"key=12345678", False), (b"key=12345678", b"", False)])
def test_user_and_password(first, user, password, good):
    conn = dial(first["pyxor"])
    conn.sendall(b"\5\1\2")
    assert read(conn, 2) == b"\5\2"
    conn.sendall(bytes((1, len(user))) + user
                 + bytes((len(password),)) + password)
    if not good:
        assert rest(conn) == b"\1\1"
        return
    assert read(conn, 2) == b"\1\0"
    conn.sendall(request(("127.0.0.1", 1)))
    assert rest(conn) == reply(5)


def test_methods_of_version_1(first):
    for said, answer in ((b"\5\1\11", b"\5\xff"), (b"\5\2\0\2", b"\5\2"),
                         (b"\5\1\0", b"\5\0")):
        conn = dial(first["pyident"])
        conn.sendall(said)
        assert read(conn, 2) == answer


# --- requests ---

@pytest.mark.parametrize("said, code", [
    (request(("127.0.0.1", 1)), 5), (request(("::1", 1)), 5),
    (request(("localhost", 1)), 5), (request(("127.0.0.1", 1), 2), 7),
    (request(("127.0.0.1", 1), 3), 7), (request(("::1", 1), 0xf0), 7),
    (b"\5\1\0\2\0\0\0\0\0\0", 8), (b"\5\1\0\xff", 8),
    (b"\4\1\0\1\x7f\0\0\1\0\1", 1), (request(("", 1)), 1),
    (request(("127.0.0.1", 0)), 1), (request(("a" * 255, 1)), 1),
    (request(("a\0b", 1)), 1), (request(("no-such-name.invalid", 1)), 4),
    (b"\5\1\x77\1\x7f\0\0\1\0\1", 5)])
def test_requests(front, said, code):
    conn = dial(front["pyident"])
    conn.sendall(b"\5\1\0")
    assert read(conn, 2) == b"\5\0"
    conn.sendall(said)
    assert rest(conn) == reply(code)


@pytest.mark.parametrize("host", ["::1", "127.0.0.1", "localhost"])
def test_destinations(front, host):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as app:
        app.settimeout(LIMIT)
        conn, code = connect(front["pyident"], (host, app.getsockname()[1]))
        assert code == 0
        far, _ = app.accept()
        far.sendall(b"x")
        assert read(conn, 1) == b"x"
        far.close()


def test_abuse(pt, front):
    """Garbage, early ends and resets at every step, then a good one."""
    app = pt.peer()
    whole = GREET + block(GOOD) + request(("127.0.0.1", app.port))
    for i in range(300):
        conn = dial(front["pyxor"])
        conn.sendall(os.urandom(i) if i % 2 else whole[:i % len(whole)])
        if i % 3:
            conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                            struct.pack("ii", 1, 0))
        conn.close()
    idle = [dial(front["pyident"]) for _ in range(100)]
    conn, code = connect(front["pyident"], ("127.0.0.1", app.port))
    assert code == 0
    conn.sendall(b"x")
    assert read(app.take(), 1) == b"x"
    for conn in idle:
        conn.close()
