#!/usr/bin/python3
"""How patient the tests are: the one place.

A limit of a test is there to end what hangs, not to measure.  So it is far
above what a good test takes, and grows with what a control piece of work
costs on this machine at this moment: a slow machine, or one that is busy with
something else, gets more.

Programs of libcheck ask for it when they start (parent/base/tests/limits.c),
drivers import it.  PTCHECK_TEST_FACTOR=N in the environment stands for the
measurement; whoever measured hands it on to what it starts.
"""
import os
import subprocess
import sys
import time

# What the control costs on an idle machine of 2023, in seconds.
USUAL = 0.05
# A machine that is slower than that is of no use.
SLOWEST = 100.0

# Limits where the control costs what is usual, in seconds.
UNIT = 60  # one test of libcheck; the slowest takes 2
RUN = 600.0  # a run of ptcheck, or of another program that ends by itself
SOON = 20.0  # what happens at once


def measured():
    """How many times the usual the control costs now."""
    began = time.monotonic()
    subprocess.run([sys.executable, "-S", "-c", "sum(range(10**6))"],
                   check=True)
    took = time.monotonic() - began
    return min(max(took / USUAL, 1.0), SLOWEST)


FACTOR = float(os.environ.get("PTCHECK_TEST_FACTOR") or measured())
os.environ["PTCHECK_TEST_FACTOR"] = f"{FACTOR:.1f}"
RUN *= FACTOR
SOON *= FACTOR


if __name__ == "__main__":
    # libcheck reads the two that begin with CK_.
    print(f"PTCHECK_TEST_FACTOR={FACTOR:.1f}")
    print(f"CK_DEFAULT_TIMEOUT={UNIT}")
    print(f"CK_TIMEOUT_MULTIPLIER={FACTOR:.1f}")
