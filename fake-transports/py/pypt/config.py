"""Variables and flags to one checked configuration.

A flag overrides its variable (PT 2.0 section 3.3.1.4), also when its value is
empty. Variables are read as bytes; an empty optional one is an unset one.
"""
import os
import socket

from . import lists
from .ipc import EX_CONFIG, Fatal, env_error, quoted

V = "TOR_PT_"

# The mode in which a process runs is told by flag only (PT 2.0 section
# 3.3.5.6 leaves open how); -mode is that of PT 2.2.
SOCKS5 = "socks5"
TCP = "transparent-TCP"
UDP = "transparent-UDP"
STUN = "STUN"
MODES = (SOCKS5, TCP, UDP, STUN)
IDLE = 120  # seconds, for the two modes that carry datagrams

# flag -> (variable, role that alone has it). Nothing in PT 2.0 says by flag
# which role is meant; -client and -server are those of PT 2.2. What has no
# variable stands under a name of its own.
FLAGS = {
    "-ptversion": (V + "MANAGED_TRANSPORT_VER", None),
    "-state": (V + "STATE_LOCATION", None),
    "-transports": ("transports", None),
    "-mode": ("mode", None),
    "-udp-idle": ("idle", None),
    "-proxy": (V + "PROXY", "client"),
    "-target": ("target", "client"),
    # Of a server, and the settings of a client in a mode without SOCKS.
    "-options": ("options", None),
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
OPTIONS = V + "SERVER_TRANSPORT_OPTIONS"


class Values:
    """What the parent gave, by variable name; flags have been applied."""

    def __init__(self, argv, environ):
        self.by_name = {os.fsdecode(k): v for k, v in environ.items()
                        if k.startswith(V.encode())}
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
        if variable:
            self.by_name[variable] = value

    def get(self, name):
        """A value without the prefix; b"" when it was not given."""
        return self.by_name.get(V + name, b"")

    def flag(self, name):
        """A value that has no variable, in the same way."""
        return self.by_name.get(name, b"")


def version(values):
    """The version to speak: the newest that the parent offers. Modes are
    known to the second only."""
    offered = values.get("MANAGED_TRANSPORT_VER")
    if not offered:
        raise env_error("no TOR_PT_MANAGED_TRANSPORT_VER")
    tokens = offered.split(b",")
    spoken = (2, 1) if values.flag("mode") in (b"", b"socks5") else (2,)
    for number in spoken:
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


def _named(name, parser, *more):
    try:
        return parser(*more)
    except ValueError as e:
        raise env_error(f"{name}: {e}") from None


def _parsed(name, parser, *more):
    return _named(V + name, parser, *more)


def _mode(values):
    given = values.flag("mode") or SOCKS5.encode()
    for mode in MODES:
        if given == mode.encode():
            return mode
    raise env_error(f"-mode: {quoted(given)} is no mode")


def _idle(values):
    given = values.flag("idle")
    if not given:
        return IDLE
    if not given.isdigit() or len(given) > 5 or not int(given):
        raise env_error(f"-udp-idle: {quoted(given)} is no number of seconds")
    return int(given)


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
        wanted = values.by_name.get("transports")
        if wanted is None:
            wanted = values.by_name.get(LISTS[self.role], b"")
        if not wanted:
            raise env_error(f"{LISTS[self.role]} is empty")
        self.transports = lists.names(wanted)
        self.stdin_close = values.get("EXIT_ON_STDIN_CLOSE") == b"1"
        self.state = self._state(values)
        self.source = self._source(values)
        self.mode, self.idle = _mode(values), _idle(values)
        if self.role == "client":
            self.proxy = values.get("PROXY")
            self._settings(values)
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

    def settings(self, transport):
        """Of a client's transport in a mode without SOCKS."""
        return self.options.get(transport.name.encode(), {})

    def _settings(self, values):
        """What an application says by SOCKS, for modes that have none (PT 2.0
        section 3.3.5.2)."""
        target, options = values.flag("target"), values.flag("options")
        if not target and self.mode != SOCKS5:
            raise env_error(f"mode {self.mode} needs a -target")
        self.target = target and _named("-target", lists.address, target, 1,
                                        True)
        self.options = _named("-options", lists.options, options) \
            if options else {}

    def _server(self, values):
        def parsed(name, parser, *more):
            text = values.get(name)
            return _parsed(name, parser, text, *more) if text else None

        if "options" in values.by_name:
            values.by_name[OPTIONS] = values.flag("options")
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
        if not self.orport and self.mode in (UDP, STUN):
            # The extended port takes streams.
            raise env_error(f"mode {self.mode} needs TOR_PT_ORPORT")
        if not self.orport and not self.extorport:
            raise env_error("neither TOR_PT_ORPORT nor "
                            "TOR_PT_EXTENDED_SERVER_PORT is set")
