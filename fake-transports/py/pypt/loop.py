"""Tasks that wait for file descriptors and for time, in one thread.

A task is a coroutine. It waits with `wait()`, and only there do others run;
a descriptor is waited for by one task at a time. asyncio would do, but takes
longer to load than everything else here together.
"""
import heapq
import itertools
import select
import time
import types
from collections import deque

IN = select.POLLIN
OUT = select.POLLOUT
# What poll() reports whether asked or not: an error, or that both directions
# have been closed.
ERROR = select.POLLERR
HANGUP = select.POLLHUP

now = time.monotonic


class TimedOut(Exception):
    """A deadline has passed."""


@types.coroutine
def wait(masks, deadline=None):
    """Wait for events {fd: mask}; gives those that occurred, {fd: events}."""
    return (yield masks, deadline)


async def sleep(seconds):
    """Let time pass."""
    try:
        await wait({}, now() + seconds)
    except TimedOut:
        pass


class Loop:
    """All tasks. What a task raises is the task's own end, of no other."""

    def __init__(self):
        self._poll = select.poll()
        self._waiting = {}  # fd -> token of the wait
        self._waits = {}  # token -> (task, fds)
        self._timers = []  # (deadline, token)
        self._ready = deque()  # (task, value or exception)
        self._tokens = itertools.count()

    def spawn(self, coroutine):
        """Start a task."""
        self._ready.append((coroutine, None))

    def run(self):
        """Run for ever; the process ends in another way."""
        while True:
            while self._ready:
                self._step(*self._ready.popleft())
            self._sleep()

    def _step(self, task, value):
        try:
            if isinstance(value, Exception):
                masks, deadline = task.throw(value)
            else:
                masks, deadline = task.send(value)
        except StopIteration:
            return
        except Exception:  # pylint: disable=broad-except
            # Connections are closed on the way up; there is nobody to tell.
            return
        token = next(self._tokens)
        self._waits[token] = (task, tuple(masks))
        for fd, mask in masks.items():
            self._waiting[fd] = token
            self._poll.register(fd, mask)
        if deadline is not None:
            heapq.heappush(self._timers, (deadline, token))

    def _sleep(self):
        while self._timers and self._timers[0][1] not in self._waits:
            heapq.heappop(self._timers)  # its wait is over
        limit = None
        if self._timers:
            limit = max(0.0, self._timers[0][0] - now()) * 1000 + 1
        found = {}
        for fd, events in self._poll.poll(limit):
            found.setdefault(self._waiting[fd], {})[fd] = events
        for token, events in found.items():
            self._resume(token, events)
        at = now()
        while self._timers and self._timers[0][0] <= at:
            token = heapq.heappop(self._timers)[1]
            if token in self._waits:
                self._resume(token, TimedOut())

    def _resume(self, token, value):
        task, fds = self._waits.pop(token)
        for fd in fds:
            self._poll.unregister(fd)
            del self._waiting[fd]
        self._ready.append((task, value))
