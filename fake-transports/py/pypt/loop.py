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


class Task:
    """A coroutine, and the wait that it is in."""
    __slots__ = ("coroutine", "token", "hurried")

    def __init__(self, coroutine):
        self.coroutine = coroutine
        self.token = None
        self.hurried = False


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
        """Start a task, which is given back."""
        task = Task(coroutine)
        self._ready.append((task, None))
        return task

    def hurry(self, task):
        """Let the wait of a task, or its next one if it is in none, end as if
        its deadline had passed."""
        if task.token in self._waits:
            self._resume(task.token, TimedOut())
        else:
            task.hurried = True

    def run(self):
        """Run for ever; the process ends in another way."""
        while True:
            while self._ready:
                self._step(*self._ready.popleft())
            self._sleep()

    def _step(self, task, value):
        try:
            if isinstance(value, Exception):
                masks, deadline = task.coroutine.throw(value)
            else:
                masks, deadline = task.coroutine.send(value)
        except StopIteration:
            return
        except Exception:  # pylint: disable=broad-except
            # Connections are closed on the way up; there is nobody to tell.
            return
        if task.hurried:
            task.hurried = False
            self._ready.append((task, TimedOut()))
            return
        token = task.token = next(self._tokens)
        self._waits[token] = (task, tuple(masks))
        for fd, mask in masks.items():
            self._waiting[fd] = token
            self._poll.register(fd, mask)
        if deadline is not None:
            heapq.heappush(self._timers, (deadline, token))

    def _sleep(self):
        while self._timers and self._timers[0][1] not in self._waits:
            heapq.heappop(self._timers)  # its wait is over
        if len(self._timers) > 2 * len(self._waits) + 64:
            # So are those of most: nothing else would make it shorter soon.
            self._timers = [t for t in self._timers if t[1] in self._waits]
            heapq.heapify(self._timers)
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
