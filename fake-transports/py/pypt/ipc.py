"""Lines to the parent (PT 2.0 section 3.3.2, PT 1.0 section 3.3).

Every line is one write, so that lines of several processes on one pipe are
not mixed. Once the parent has gone nobody reads, and nothing is said.
"""
import os
import select

EX_OK = 0
EX_USAGE = 64
EX_UNAVAILABLE = 69
EX_CONFIG = 78


class Fatal(Exception):
    """An error message after which the process ends."""

    def __init__(self, keyword, message, status):
        super().__init__(message)
        self.keyword, self.message, self.status = keyword, message, status


def env_error(message):
    """The configuration cannot be used."""
    return Fatal("ENV-ERROR", message, EX_USAGE)


def proxy_error(message):
    """The upstream proxy cannot be used."""
    return Fatal("PROXY-ERROR", message, EX_UNAVAILABLE)


def quoted(data, limit=100):
    """Bytes from outside, as text that may stand in a line."""
    if isinstance(data, str):
        data = data.encode("utf-8", "surrogateescape")
    text = "".join(chr(c) if 32 <= c < 127 and c not in b'"\\'
                   else f"\\x{c:02x}" for c in data[:limit])
    return f'"{text}"' + ("..." if len(data) > limit else "")


def _write(fd, line):
    data = (line + "\n").encode("ascii", "backslashreplace")
    while data:
        try:
            data = data[os.write(fd, data):]
        except BlockingIOError:
            # Somebody made the pipe non-blocking.
            waiting = select.poll()
            waiting.register(fd, select.POLLOUT)
            waiting.poll()
        except OSError:
            return


class Parent:
    """Where messages go: version 2 wants errors on stderr, 1 has stdout."""

    def __init__(self):
        self.version = None

    def say(self, line):
        """A message that is no error."""
        _write(1, line)

    def complain(self, line):
        """An error message."""
        _write(1 if self.version == 1 else 2, line)

    def warn(self, text):
        """For the human behind the parent."""
        if self.version == 1:
            _write(1, f'LOG SEVERITY=warning MESSAGE="{text}"')
        else:
            _write(2, f"ptpy: {text}")
