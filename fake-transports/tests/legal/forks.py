"""The same with a process for each connection, as inetd has it: they hold the
listener and the standard streams as well, and end with whom they are of.
"""
import ctypes
import os
import signal

import threads

PR_SET_PDEATHSIG = 1


def _begin(handle, cfg, sock):
    parent = os.getpid()
    try:
        pid = os.fork()
    except OSError:
        sock.close()
        return
    if pid:
        sock.close()
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() == parent:
        threads.served(handle, cfg, sock)
    os._exit(0)


def forks():
    """A blocking transport that forks."""
    # The system collects them.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    threads.begin = _begin
    threads.threads()
