"""A finding as a shell script: it shows a fault on the fault, and not on the
transport without it."""
import json
import shutil
import subprocess

import pytest

from conftest import IMPATIENT, LIMIT, PTREF, one_complaint, ptcheck, run

# How much a shell may take to play a launch: it sleeps in whole seconds.
SHELL = min(LIMIT, 120)


def script(tmp_path, rid, *words, pt):
    """The script of what a run finds about a requirement."""
    out = tmp_path / "evidence"
    p = run("--quiet", "--select", rid, "--out", out, *words, pt=pt)
    assert p.returncode in (0, 1), p.stderr
    p = ptcheck("repro", rid, out)
    assert (p.returncode, p.stderr) == (0, "")
    path = tmp_path / "again.sh"
    path.write_text(p.stdout)
    if shutil.which("dash"):
        subprocess.run(["dash", "-n", path], check=True)
    return path


def play(path, *words):
    return subprocess.run(["sh", path, *words], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=SHELL,
                          stdin=subprocess.DEVNULL, check=False,
                          errors="replace")


@pytest.mark.parametrize("fault,rid,role", [
    ("cmethod-error-unknown", "CM-UNK-1", "client"),  # what is on stdout
    ("version-error-exit-1", "MSG-VERERR-4", "client"),  # how it ends
    ("stdin-eof-ignored", "SD-STDIN-5", "server"),  # that it does not end
    ("sigterm-exit-143", "SD-TERM-2", "client"),  # after a signal
    ("env-error-stdout", "ENVERR-STREAM-1", "server"),
    ("cmethod-and-error", "CM-ONCE-1", "client"),  # on both streams
    ("version-first-only", "ENV-VER-2", "client"),  # in one launch of many
    ("bindaddr-port0-reported", "BA-PORT0-1", "server"),  # a number
    ("bindaddr-flag-ignored", "BA-FLAG-1", "server"),  # one that was given
    ("version-always-2", "ENV-VER-4", "client"),  # a small one
    ("proxy-error-done", "PX-ERR-3", "client"),
    ("env-error-done", "ENVERR-NODONE-1", "server"),
])
def test_script_shows_the_fault(tmp_path, fault, rid, role):
    path = script(tmp_path, rid, "--spec", "2.0", "--role", role,
                  *IMPATIENT, pt=(PTREF, "--fault", fault))
    text = path.read_text()
    assert "mktemp" in text, text
    bad = play(path)
    assert bad.returncode == 1, bad.stdout
    assert "--- end: " in bad.stdout
    good = play(path, PTREF)
    assert good.returncode == 0, good.stdout


@pytest.mark.parametrize("fault,rid", [
    ("socks-no-methods-is-none", "SK-GREET-5"),  # two sides
    ("sigterm-early-survivor", "SD-TERM-3")])  # during start-up
def test_what_no_shell_can_do_is_a_command(tmp_path, fault, rid):
    path = script(tmp_path, rid, "--spec", "2.0", "--role", "client",
                  *IMPATIENT, pt=(PTREF, "--fault", fault))
    *comments, command = path.read_text().splitlines()
    assert all(line.startswith("#") for line in comments)
    report = json.loads((tmp_path / "evidence/report.json").read_text())
    assert command == f"exec {report['requirements'][0]['repro']}"


def test_comments_stay_comments(tmp_path):
    """A report from anywhere, and no trace: one line that is a command."""
    report = {
        "schema": 1, "tool": {"name": "ptcheck", "version": "x"},
        "target": {"argv": ["x\n/bin/touch gone"], "sha256": "", "spec": "2.0",
                   "spec_why": "", "roles": ["client"]},
        "trouble": None, "notes": [], "baseline": {"stale": 0},
        "timing": dict.fromkeys(("wall_s", "child_cpu_s", "harness_cpu_s",
                                 "longest_wait_s", "launches"), 0),
        "requirements": [{
            "id": "X-1", "section": "1", "level": "MUST", "area": "version",
            "role": "pt", "title": "a\ntouch gone", "verdict": "fail",
            "reason": "b\ntouch gone", "expected": "c\ntouch gone",
            "seen": "d\r\ntouch gone", "traces": 1, "repro": "true\nfalse",
            "baseline": None, "evidence": [
                {"trace": "traces/../../x.jsonl", "launch": "e\nfalse",
                 "events": [1], "shown": ["f"]}]}]}
    (tmp_path / "report.json").write_text(json.dumps(report))
    p = ptcheck("repro", "X-1", tmp_path)
    assert p.returncode == 0, p.stderr
    *comments, command = p.stdout.splitlines()
    assert all(line.startswith("#") for line in comments)
    assert command == "exec true\\x0afalse"


def test_nothing_to_repeat(tmp_path):
    out = tmp_path / "evidence"
    run("--quiet", "--select", "CM-DONE-3", "--role", "client", "--out", out)
    one_complaint(ptcheck("repro", "CM-DONE-3", out), 2, "CM-DONE-3")
    one_complaint(ptcheck("repro", "NO-1", out), 2, "NO-1")
    one_complaint(ptcheck("repro", "NO-1"), 2, "directory")
