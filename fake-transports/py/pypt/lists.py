"""The little languages in which the parent writes its values.

Everything is bytes here: a value may hold any byte but NUL. What cannot be
read raises ValueError with a message for the parent's human.
"""
import socket

from .ipc import quoted

NAME_FIRST = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                       b"abcdefghijklmnopqrstuvwxyz_")
NAME_CHARS = NAME_FIRST | frozenset(b"0123456789")
HOST_CHARS = NAME_CHARS | frozenset(b"-.")


def is_name(name):
    """Whether it has the form of a transport's name (section 3.1)."""
    return name[:1] != b"" and name[0] in NAME_FIRST \
        and NAME_CHARS.issuperset(name)


def names(value):
    """A list of transports: the names in it, each once. What cannot be a
    name is nobody's, like any unknown one."""
    return list(dict.fromkeys(
        n.decode("ascii") for n in value.split(b",") if is_name(n)))


def split(text, separator, limit=-1):
    """Split at unescaped separators, which leaves the escapes alone."""
    parts, start, at = [], 0, 0
    while at < len(text):
        if text[at] == 0x5c:
            if at + 1 == len(text):
                raise ValueError("a backslash escapes nothing")
            at += 2
            continue
        if text[at] == separator[0] and limit != 0:
            parts.append(text[start:at])
            start = at + 1
            limit -= 1
        at += 1
    return parts + [text[start:]]


def unescaped(text):
    """A backslash makes the character behind it plain."""
    out, escaped = bytearray(), False
    for c in text:
        if not escaped and c == 0x5c:
            escaped = True
            continue
        out.append(c)
        escaped = False
    if escaped:
        raise ValueError("a backslash escapes nothing")
    return bytes(out)


def pair(text):
    """KEY=VALUE, split at the first bare equals sign, both unescaped."""
    key, *value = split(text, b"=", 1)
    if not value:
        raise ValueError(f"no equals sign in {quoted(text)}")
    if not key:
        raise ValueError(f"no key in {quoted(text)}")
    return unescaped(key), unescaped(value[0])


def options(value):
    """NAME:KEY=VALUE;... to {name: {key: value}}. An equals sign or a colon
    in a value may be bare, as only PT 2.0 wants the first escaped."""
    found = {}
    for item in split(value, b";"):
        name, *rest = split(item, b":", 1)
        if not rest:
            raise ValueError(f"no colon in {quoted(item)}")
        if not name:
            raise ValueError(f"no transport in {quoted(item)}")
        key, text = pair(rest[0])
        found.setdefault(unescaped(name), {})[key] = text
    return found


def args(pairs):
    """The pairs of an SMETHOD line's ARGS, escaped; they must fit into one
    word."""
    def escaped(text):
        if not all(33 <= c < 127 for c in text):
            raise ValueError(f"{quoted(text)} does not fit into ARGS")
        for c in (b"\\", b"=", b","):
            text = text.replace(c, b"\\" + c)
        return text.decode("ascii")
    return ",".join(f"{escaped(k)}={escaped(v)}" for k, v in pairs.items())


# --- addresses ---

def _port(text, lowest):
    if not 1 <= len(text) <= 5 or not text.isdigit() \
            or not lowest <= int(text) <= 65535:
        raise ValueError(f"{quoted(text)} is no port")
    return int(text)


def _ip(text):
    """A literal address; None when it is something else."""
    v6 = text.startswith(b"[") and text.endswith(b"]")
    family = socket.AF_INET6 if v6 else socket.AF_INET
    try:
        literal = (text[1:-1] if v6 else text).decode("ascii")
        packed = socket.inet_pton(family, literal)
    except (ValueError, OSError):
        return None
    return family, socket.inet_ntop(family, packed)


def is_host(text):
    """Whether it can be a domain name. One whose last label is a number
    would be taken for an address by some resolvers."""
    labels = (text[:-1] if text.endswith(b".") else text).split(b".")
    return HOST_CHARS.issuperset(text) and len(text) <= 255 \
        and all(0 < len(label) < 64 for label in labels) \
        and not labels[-1].isdigit()


def address(text, lowest=1, host=False):
    """ADDRESS:PORT to (family, host, port); with `host` a domain name may
    stand there, whose family is None."""
    where, colon, port = text.rpartition(b":")
    if not colon:
        raise ValueError(f"no port in {quoted(text)}")
    number = _port(port, lowest)
    found = _ip(where)
    if found:
        return (*found, number)
    if host and is_host(where):
        return None, where.decode("ascii"), number
    raise ValueError(f"{quoted(where)} is no "
                     + ("address and no name" if host else "IP address"))


def bind_addresses(value):
    """NAME-ADDRESS:PORT,... to {name: (family, address, port)}."""
    found = {}
    for item in value.split(b","):
        name, dash, where = item.partition(b"-")
        if not dash:
            raise ValueError(f"no dash in {quoted(item)}")
        if not name:
            raise ValueError(f"no transport in {quoted(item)}")
        if name in found:
            raise ValueError(f"two addresses for {quoted(name)}")
        found[name] = address(where, 0)
    return found


def source(value, family):
    """An outbound address of PT 1.0, or None when it is empty."""
    if not value:
        return None
    found = _ip(value)
    if not found or found[0] != family:
        raise ValueError(f"{quoted(value)} is no address of that family")
    return found[1]


def shown(host, port):
    """ADDRESS:PORT as it stands in messages, without a zone."""
    host = host.partition("%")[0]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
