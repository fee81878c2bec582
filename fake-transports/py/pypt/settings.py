"""Per-connection settings, as a client's application gives them.

PT 2.0 section 3.3.4: SOCKS5 method 9, a counted JSON object. PT 1.0 section
3.5: escaped KEY=VALUE list in user name and password of RFC 1929.
"""
import json

from .lists import pair, split

# A count above it is refused before anything of the block is read.
MAX_BLOCK = 65536

TOO_LARGE = 0x10
TIMEOUT = 0x11
MALFORMED = 0x12
UNSUITABLE = 0x13


class Refused(Exception):
    """The settings are not taken, with the code of PT 2.0 that says why."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


def _number(_):
    """Of whatever size: a number suits no transport here."""
    return 0


def _no_number(text):
    raise ValueError(text)


def from_json(block):
    """The object of a block, whose values must be strings."""
    try:
        value = json.loads(
            block.decode("utf-8"), object_pairs_hook=_object,
            parse_int=_number, parse_float=_number,
            parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Refused(MALFORMED) from None
    if not isinstance(value, _Object):
        raise Refused(MALFORMED)
    found = {}
    for name, text in value.pairs:
        key = _encoded(name)
        if not isinstance(text, str) or key in found:
            raise Refused(UNSUITABLE)
        found[key] = _encoded(text)
    return found


class _Object:
    """A JSON object as it was written, with its repetitions."""

    def __init__(self, pairs):
        self.pairs = pairs


_object = _Object


def _encoded(text):
    try:
        return text.encode("utf-8")
    except UnicodeError:  # half of a surrogate pair
        raise Refused(UNSUITABLE) from None


def from_password(user, password):
    """The list in the two fields of RFC 1929: it goes on in the password
    when it does not fit; otherwise the password is one NUL."""
    text = user + (b"" if password == b"\0" else password)
    found = {}
    try:
        for item in split(text, b";"):
            key, value = pair(item)
            found.setdefault(key, value)
    except ValueError:
        raise Refused(MALFORMED) from None
    return found
