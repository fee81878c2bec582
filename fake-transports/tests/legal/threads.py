"""A blocking transport behind ptpy's configuration: a thread for each
connection, and one more for its other direction; a queue of connections as
long as the system allows.
"""
import errno
import os
import signal
import socket
import threading

from pypt import ipc, lists, main, net, settings
from pypt.ipc import EX_OK, Fatal

REFUSED = {errno.ECONNREFUSED: 5, errno.ENETUNREACH: 3, errno.EHOSTUNREACH: 4}
CONNECT = 20
BACKLOG = 65535


class Ended(Exception):
    """The other side said less than it had to."""


class Refused(Exception):
    """Say that and close."""


def _reply(code):
    return bytes((5, code, 0, 1, 0, 0, 0, 0, 0, 0))


def _exactly(sock, count):
    found = b""
    while len(found) < count:
        piece = sock.recv(count - len(found))
        if not piece:
            raise Ended
        found += piece
    return found


def _copy(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        # Both directions end, and both ends hear of it.
        for sock in (source, sink):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def _join(a, b):
    with a, b:
        a.settimeout(None)
        b.settimeout(None)
        other = threading.Thread(target=_copy, args=(b, a), daemon=True)
        other.start()
        _copy(a, b)
        other.join()


def _json(sock):
    try:
        size = int.from_bytes(_exactly(sock, 4), "big")
        if size > settings.MAX_BLOCK:
            raise Refused(_reply(0x10))
        settings.from_json(_exactly(sock, size))
    except socket.timeout:
        raise Refused(_reply(0x11)) from None
    except settings.Refused as e:
        raise Refused(_reply(e.code)) from None


def _password(sock):
    _exactly(sock, 1)
    fields = [_exactly(sock, _exactly(sock, 1)[0]) for _ in range(2)]
    try:
        if not all(fields):
            raise settings.Refused(1)
        settings.from_password(*fields)
    except settings.Refused:
        raise Refused(b"\1\1") from None
    sock.sendall(b"\1\0")


def _method(version, sock):
    offered = _exactly(sock, _exactly(sock, 1)[0])
    if version == 2 and 9 in offered:
        sock.sendall(b"\5\x09")
        _json(sock)
    elif version == 1 and 2 in offered:
        sock.sendall(b"\5\2")
        _password(sock)
    elif 0 in offered:
        sock.sendall(b"\5\0")
    else:
        raise Refused(b"\5\xff")


def _request(sock):
    version, command, _, kind = _exactly(sock, 4)
    if version != 5:
        raise Refused(_reply(1))
    if kind == 3:
        host = _exactly(sock, _exactly(sock, 1)[0]).decode("latin-1")
    elif kind in (1, 4):
        family = socket.AF_INET if kind == 1 else socket.AF_INET6
        host = socket.inet_ntop(family, _exactly(sock, 4 if kind == 1 else 16))
    else:
        raise Refused(_reply(8))
    port = int.from_bytes(_exactly(sock, 2), "big")
    if command != 1:
        raise Refused(_reply(7))
    if not port or not host:
        raise Refused(_reply(1))
    return host, port


def _dial(where):
    try:
        return socket.create_connection(where, CONNECT)
    except socket.gaierror:
        code = 4
    except socket.timeout:
        code = 4
    except (OSError, UnicodeError) as e:
        code = REFUSED.get(getattr(e, "errno", None), 1)
    raise Refused(_reply(code))


def _client(cfg, sock):
    try:
        sock.settimeout(15)
        if _exactly(sock, 1) != b"\5":
            sock.close()
            return
        _method(cfg.version, sock)
        there = _dial(_request(sock))
        sock.sendall(_reply(0))
    except Refused as e:
        with sock:
            sock.settimeout(2)
            sock.sendall(e.args[0])
            sock.shutdown(socket.SHUT_WR)
            while sock.recv(65536):
                pass
        return
    _join(sock, there)


def _server(cfg, sock):
    _join(sock, socket.create_connection(cfg.orport[1:], CONNECT))


def served(handle, cfg, sock):
    """To its end."""
    try:
        handle(cfg, sock)
    except (Ended, OSError):
        sock.close()


def begin(handle, cfg, sock):
    """A thread that serves a connection."""
    try:
        threading.Thread(target=served, args=(handle, cfg, sock),
                         daemon=True).start()
    except RuntimeError:
        sock.close()


def _accept(handle, cfg, listener):
    while True:
        try:
            sock, _ = listener.accept()
        except OSError:
            # No descriptors: somebody ends before long.
            threading.Event().wait(0.2)
            continue
        begin(handle, cfg, sock)


def _read_to_end():
    try:
        while os.read(0, 65536):
            pass
    except OSError:
        pass
    os._exit(EX_OK)


def _listener(family, host, port):
    sock = net.listener(family, host, port)
    sock.setblocking(True)
    sock.listen(BACKLOG)
    return sock


def _offer(cfg, parent):
    client = cfg.role == "client"
    word, middle, handle = ("CMETHOD", "socks5 ", _client) if client else \
        ("SMETHOD", "", _server)
    for name in cfg.transports:
        if name != "pyident":
            continue
        here = (socket.AF_INET, "127.0.0.1", 0)
        if not client:
            here = cfg.bind.get(name.encode(), here)
        try:
            listener = _listener(*here)
        except OSError as e:
            parent.complain(f"{word}-ERROR {name} {os.strerror(e.errno)}")
            continue
        threading.Thread(target=_accept, args=(handle, cfg, listener),
                         daemon=True).start()
        at = lists.shown(*listener.getsockname()[:2])
        parent.say(f"{word} {name} {middle}{at}")
    parent.say(f"{word}S DONE")


def _run(argv, up):
    main._prepare()
    parent = ipc.Parent()
    try:
        cfg = main.configured(argv, parent)
        if cfg.role == "client" and cfg.proxy:
            raise ipc.proxy_error("upstream proxies are not supported")
        if cfg.role == "server" and cfg.extorport:
            raise ipc.env_error("the extended port is not supported")
    except Fatal as e:
        parent.complain(f"{e.keyword} {e.message}")
        os._exit(e.status)
    _offer(cfg, parent)
    if cfg.stdin_close:
        threading.Thread(target=_read_to_end, daemon=True).start()
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(EX_OK))
    while os.getppid() == up:
        over.wait(1)
    os._exit(EX_OK)


def threads():
    """All of it by threads."""
    main.main = _run
