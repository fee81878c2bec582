"""The life of the process (PT 2.0 sections 3.3.2 and 3.3.3).

It ends gracefully, with status 0, on SIGTERM, when the parent has gone, and
when stdin closes if the parent wants that. The kernel closes what is open;
nothing else is left to clean up, since state files are replaced as a whole.
"""
import os
import resource
import signal
import sys

from .config import Config, Values, version
from .ipc import EX_OK, Fatal, Parent
from .loop import IN, Loop, sleep, wait

ORPHAN_POLL = 1.0  # seconds between two looks at the parent
EX_SOFTWARE = 70


def _shut_down(*_):
    os._exit(EX_OK)


def _prepare():
    """Descriptors, limits, signals."""
    for fd in (0, 1, 2):
        try:
            os.fstat(fd)
        except OSError:
            # Or a socket would be taken for a standard stream. The lowest
            # free number is this one.
            os.open("/dev/null", os.O_RDWR)
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    except (ValueError, OSError):
        pass
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _shut_down)
    for number in (signal.SIGHUP, signal.SIGPIPE, signal.SIGUSR1,
                   signal.SIGUSR2):
        signal.signal(number, signal.SIG_IGN)


async def _watch_stdin():
    """What comes is thrown away; its end is ours."""
    while True:
        await wait({0: IN})
        try:
            if not os.read(0, 65536):
                _shut_down()
        except BlockingIOError:
            continue
        except OSError:
            _shut_down()


async def _watch_parent(parent):
    while os.getppid() == parent:
        await sleep(ORPHAN_POLL)
    _shut_down()


def configured(argv, parent):
    """What it is asked for, behind the VERSION line; raises Fatal."""
    values = Values(argv, os.environb)
    parent.version = version(values)
    parent.say(f"VERSION {parent.version}")
    return Config(values, parent.version)


def _run(argv, parent_pid):
    _prepare()
    parent = Parent()
    loop = Loop()
    try:
        config = configured(argv, parent)
        loop.spawn(_watch_parent(parent_pid))
        if config.stdin_close:
            loop.spawn(_watch_stdin())
        if config.role == "client":
            from .client import start  # pylint: disable=C0415
        else:
            from .server import start  # pylint: disable=C0415
        start(config, parent, loop)
    except Fatal as e:
        parent.complain(f"{e.keyword} {e.message}")
        os._exit(e.status)
    loop.run()


def main(argv, parent_pid):
    """Never returns, and never with a traceback."""
    try:
        _run(argv, parent_pid)
    except BaseException as e:  # pylint: disable=broad-except
        try:
            os.write(2, f"ptpy: stopped by {type(e).__name__}\n".encode())
        except OSError:
            pass
    sys.stdout = sys.stderr = None
    os._exit(EX_SOFTWARE)
