"""ptcheck is killed in the middle of a run: everything goes with it.

PTCHECK_KILLS says how often it is tried, 10 times by default.
"""
import os
import random
import signal
import subprocess

import pytest

from conftest import GONE, LIMIT, PATIENCE, QUICK, wait_for

KILLS = int(os.environ.get("PTCHECK_KILLS", "10"))
# In seconds: the program has begun, and may be in any stage: probes,
# launches, the last control, verdicts.
MOMENTS = (0.05, 2.0 * PATIENCE)
# Short enough for a run to come to its last stages, and so long that nothing
# which survives goes by itself before it is seen.
WINDOWS = (1, 60)


def interrupt(place, sig, window, *args):
    """Start a run, send the signal at a random moment: exit status, what was
    said, and the moment."""
    moment = random.uniform(*MOMENTS)
    p = place.start(*QUICK, "--option", f"limits.window={window}", *args,
                    pt=(place.ptref(),))
    try:
        p.wait(moment)
    except subprocess.TimeoutExpired:
        place.look()
    p.send_signal(sig)
    _, said = p.communicate(timeout=LIMIT)
    return p.returncode, said, f"signal {sig} after {moment:.3f} s"


def assert_nothing_left(place, when, seconds):
    """As Place.assert_nothing_left, with the moment."""
    wait_for(lambda: not place.left(), seconds)
    assert (place.left(), when) == ([], when)


@pytest.mark.parametrize("args", [(), ("--no-sandbox",)],
                         ids=["sandbox", "no-sandbox"])
def test_killed(place, args):
    hits = 0
    for i in range(KILLS if not args else max(KILLS // 3, 2)):
        status, _, when = interrupt(place, signal.SIGKILL, WINDOWS[i % 2],
                                    *args)
        hits += status == -signal.SIGKILL
        assert_nothing_left(place, when, GONE)
    assert hits > 0, "no run lasted long enough"
    assert args or place.held, "no worker was ever seen"


@pytest.mark.parametrize("sig, args", [
    (signal.SIGINT, ()), (signal.SIGTERM, ()), (signal.SIGHUP, ()),
    (signal.SIGTERM, ("--no-sandbox",))])
def test_stopped(place, sig, args):
    """Nothing is left already when it has ended."""
    for i in range(max(KILLS // 5, 2)):
        status, said, when = interrupt(place, sig, WINDOWS[i % 2], *args)
        assert (status, said, when) in (
            (130, "ptcheck: interrupted\n", when), (0, "", when),
            (130, "", when))
        assert_nothing_left(place, when, 0)


@pytest.mark.parametrize("sig", [signal.SIGINT, signal.SIGTERM])
def test_stopped_with_all_its_process_group(place, sig):
    """As ^C at a terminal does it."""
    # Windows last, so that there is somebody to see on a busy machine.
    p = place.start("--role", "client", "--option", "limits.window=20",
                    pt=(place.ptref(),), start_new_session=True)
    assert wait_for(lambda: len(place.workers(p.pid)) > 2, LIMIT)
    os.killpg(p.pid, sig)
    _, said = p.communicate(timeout=LIMIT)
    assert (p.returncode, said) == (130, "ptcheck: interrupted\n")
    place.assert_nothing_left(0)


def kill_all(pids):
    """How many of them were still there to be killed."""
    killed = 0
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
            killed += 1
        except ProcessLookupError:
            pass
    return killed


@pytest.mark.parametrize("generation", [1, 2, 3])
def test_killed_worker_is_harness_trouble(place, generation):
    """A worker that dies is no verdict on the transport; nor is it one when
    that dies which has the workers."""
    # One launch lasts for a window: long enough to be seen on a busy machine.
    p = place.start("--report", "json", "--select", "OR-LAZY-1",
                    "--option", "limits.window=3", "--no-sandbox",
                    pt=(place.ptref(),),
                    stdout=subprocess.PIPE)
    assert wait_for(lambda: place.workers(p.pid), LIMIT)
    assert wait_for(lambda: kill_all(place.workers(p.pid, generation)), LIMIT)
    out, said = p.communicate(timeout=LIMIT)
    assert p.returncode in (0, 3, 4), said
    assert '"verdict": "fail"' not in out
