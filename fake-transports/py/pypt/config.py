"""Variables and flags to one checked configuration.

A flag overrides its variable (PT 2.0 section 3.3.1.4), also when its value is
empty. Variables are read as bytes; an empty optional one is an unset one.
"""
import os
import socket

from . import lists
from .ipc import EX_CONFIG, Fatal, env_error, quoted

V = "TOR_PT_"

# flag -> (variable, role that alone has it). Nothing in PT 2.0 says by flag
# which role is meant; -client and -server are those of PT 2.2.
FLAGS = {
    "-ptversion": (V + "MANAGED_TRANSPORT_VER", None),
    "-state": (V + "STATE_LOCATION", None),
    "-transports": (None, None),
    "-proxy": (V + "PROXY", "client"),
    "-target": ("target", "client"),
    "-options": (V + "SERVER_TRANSPORT_OPTIONS", "server"),
    "-bindaddr": (V + "SERVER_BINDADDR", "server"),
    "-orport": (V + "ORPORT", "server"),
    "-extorport": (V + "EXTENDED_SERVER_PORT", "server"),
    "-authcookie": (V + "AUTH_COOKIE_FILE", "server"),
}
SWITCHES = {
    "-exit-on-stdin-close": (V + "EXIT_ON_STDIN_CLOSE", None),
    "-client": (None, "client"),
    "-server": (None, "server"),
}
LISTS = {"client": V + "CLIENT_TRANSPORTS", "server": V + "SERVER_TRANSPORTS"}


class Values:
    """What the parent gave, by variable name; flags have been applied."""

    def __init__(self, argv, environ):
        self.by_name = {os.fsdecode(k): v for k, v in environ.items()
                        if k.startswith(V.encode())}
        self.transports = None  # of the flag
        self.roles = set()  # that flags speak of
        self.complaint = None  # about the flags, for after the version
        words = list(argv)
        while words and not self.complaint:
            self._flag(words.pop(0), words)

    def _flag(self, flag, words):
        variable, role = {**FLAGS, **SWITCHES}.get(flag, (None, None))
        if flag in SWITCHES:
            value = b"1"
        elif flag not in FLAGS:
            self.complaint = f"unknown flag {quoted(flag)}"
            return
        elif not words:
            self.complaint = f"{flag} needs a value"
            return
        else:
            value = os.fsencode(words.pop(0))
        if role:
            self.roles.add(role)
        if flag == "-transports":
            self.transports = value
        elif variable:
            self.by_name[variable] = value

    def get(self, name):
        """A value without the prefix; b"" when it was not given."""
        return self.by_name.get(V + name, b"")


def version(values):
    """The version to speak: the newest that the parent offers."""
    offered = values.get("MANAGED_TRANSPORT_VER")
    if not offered:
        raise env_error("no TOR_PT_MANAGED_TRANSPORT_VER")
    tokens = offered.split(b",")
    for number in (2, 1):
        if b"%d" % number in tokens:
            return number
    raise Fatal("VERSION-ERROR", "no-version", EX_CONFIG)


def _role(values):
    """Client or server: by the variable that holds a list, else by the flags
    and variables that only one of them has."""
    given = {role for role, name in LISTS.items() if values.by_name.get(name)}
    if not given:
        given = {role for role, name in LISTS.items()
                 if name in values.by_name}
    if not given:
        given = values.roles
    if not given:
        given = {role for name, role in FLAGS.values()
                 if role and values.by_name.get(name)}
    if len(given) > 1:
        raise env_error("both a client and a server are asked for")
    if not given:
        raise env_error("neither TOR_PT_CLIENT_TRANSPORTS nor "
                        "TOR_PT_SERVER_TRANSPORTS is set")
    return given.pop()


def _parsed(name, parser, *more):
    try:
        return parser(*more)
    except ValueError as e:
        raise env_error(f"{V}{name}: {e}") from None


def _absolute(path):
    try:
        return os.path.abspath(path)
    except OSError:
        raise env_error("the working directory is gone") from None


class Config:
    """The checked configuration; raises Fatal."""

    def __init__(self, values, number):
        if values.complaint:
            raise env_error(values.complaint)
        self.version = number
        self.role = _role(values)
        wanted = values.transports
        if wanted is None:
            wanted = values.by_name.get(LISTS[self.role], b"")
        if not wanted:
            raise env_error(f"{LISTS[self.role]} is empty")
        self.transports = lists.names(wanted)
        self.stdin_close = values.get("EXIT_ON_STDIN_CLOSE") == b"1"
        self.state = self._state(values)
        self.source = self._source(values)
        if self.role == "client":
            self.proxy = values.get("PROXY")
            self._target(values)
        else:
            self._server(values)

    def _state(self, values):
        """Absolute; the working directory if none is given, but PT 1.0 knows
        no such default: None."""
        given = values.get("STATE_LOCATION")
        if given:
            return _absolute(given)
        return _absolute(b".") if self.version == 2 else None

    def _source(self, values):
        """Family -> source address; only PT 1.0 has these."""
        if self.version != 1:
            return {}
        return {family: _parsed(f"OUTBOUND_BIND_ADDRESS_{short}",
                                lists.source, values.get(
                                    f"OUTBOUND_BIND_ADDRESS_{short}"), family)
                for family, short in ((socket.AF_INET, "V4"),
                                      (socket.AF_INET6, "V6"))}

    @staticmethod
    def _target(values):
        """For modes without SOCKS, which are not offered; in this one the
        application names the destination."""
        text = values.by_name.get("target")
        if text:
            try:
                lists.address(text, host=True)
            except ValueError as e:
                raise env_error(f"-target: {e}") from None

    def _server(self, values):
        def parsed(name, parser, *more):
            text = values.get(name)
            return _parsed(name, parser, text, *more) if text else None

        self.options = parsed("SERVER_TRANSPORT_OPTIONS", lists.options) or {}
        self.bind = parsed("SERVER_BINDADDR", lists.bind_addresses) or {}
        self.orport = parsed("ORPORT", lists.address, 1, True)
        self.extorport = parsed("EXTENDED_SERVER_PORT", lists.address)
        self.cookie = values.get("AUTH_COOKIE_FILE")
        if self.extorport and not self.cookie:
            raise env_error("no TOR_PT_AUTH_COOKIE_FILE although "
                            "TOR_PT_EXTENDED_SERVER_PORT is set")
        if self.cookie:
            self.cookie = _absolute(self.cookie)
        if not self.orport and not self.extorport:
            raise env_error("neither TOR_PT_ORPORT nor "
                            "TOR_PT_EXTENDED_SERVER_PORT is set")
