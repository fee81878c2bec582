"""Every exit status, and what is said about bad input: one line."""
import json
import shutil
import signal
import subprocess
import tempfile

import pytest

from conftest import (FEW, IMPATIENT, LIMIT, PTCHECK, PTREF, QUICK, ROOT,
                      common_ground, one_complaint, ptcheck, run, wait_for)

# Namespaces are forbidden below it, and nowhere else.
FORBID = ("unshare", "-Ur", "sh", "-c",
          'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"', "sh")


def faulty(name):
    """ptref with one fault."""
    return (PTREF, "--fault", name)


# --- 0 and 1: verdicts ---

def test_0_conforms():
    p = run(*FEW)
    assert (p.returncode, p.stderr) == (0, "")
    assert "\nConforms" in p.stdout


def test_1_fails():
    p = run(*QUICK, "--select", "ENV-VER-4", pt=faulty("version-always-2"))
    assert (p.returncode, p.stderr) == (1, "")
    assert "ENV-VER-4" in p.stdout
    assert "\nDoes not conform" in p.stdout


@pytest.mark.parametrize("strict, status", [((), 0), (("--strict",), 1)])
def test_1_warns_if_strict(strict, status):
    p = run(*QUICK, *strict, "--select", "ENV-VER-7",
            pt=faulty("version-per-match"))
    assert (p.returncode, p.stderr) == (status, "")
    assert "ENV-VER-7" in p.stdout


def test_1_fails_for_what_keeps_it_from_starting():
    """What was selected never began: why is said, and nothing else."""
    p = run("--role", "client", *IMPATIENT, "--select",
            "CM-ROLE-1,CM-TIME-1", "--report", "json",
            pt=faulty("cmethods-no-done"))
    rows = {r["id"]: (r["verdict"], r["caused_by"])
            for r in json.loads(p.stdout)["requirements"]}
    assert (p.returncode, p.stderr) == (1, "")
    assert rows == {"CM-DONE-1": ("fail", None),
                    "CM-ROLE-1": ("untested", None),
                    "CM-TIME-1": ("warn", "CM-DONE-1")}


def test_1_fails_for_a_crash_at_the_start(tmp_path):
    pt = tmp_path / "pt"
    pt.write_text("#!/bin/sh\necho VERSION 2\nkill -ABRT $$\n")
    pt.chmod(0o755)
    p = run("--role", "client", "--transport", "x", "--select", "SK-REQ-1",
            "--report", "json", pt=(str(pt),))
    assert [(r["id"], r["verdict"]) for r in
            json.loads(p.stdout)["requirements"]] == \
        [("CM-DONE-1", "fail"), ("SK-REQ-1", "untested")]
    assert p.returncode == 1
    # Who does not want to hear of it does not.
    p = run("--role", "client", "--transport", "x", "--select", "SK-REQ-1",
            "--skip", "CM-DONE-1", pt=(str(pt),))
    assert p.returncode == 3


# --- 2: usage ---

@pytest.mark.parametrize("args, says", [
    ((), "no transport given"),
    (("--spec", "3.0"), '--spec: "3.0"'),
    (("--spec", ""), '--spec: ""'),
    (("--role", "relay"), '--role: "relay"'),
    (("--jobs", "0"), '--jobs: "0"'),
    (("--jobs", "two"), '--jobs: "two"'),
    (("--jobs", "-1"), '--jobs: "-1"'),
    (("--jobs", "99999999999999999999"), '--jobs: "99999999999999999999"'),
    (("--shard", "2"), '--shard: "2"'),
    (("--shard", "0/2"), '--shard: "0"'),
    (("--shard", "3/2"), '--shard: "3"'),
    (("--shard", "1/2/3"), '--shard: "2/3"'),
    (("--seed", "x"), '--seed: "x"'),
    (("--repeat", "0"), '--repeat: "0"'),
    (("--timeout-multiplier", "0"), '--timeout-multiplier: "0"'),
    (("--timeout-multiplier", "nan"), '--timeout-multiplier: "nan"'),
    (("--require", "luck"), '--require: "luck"'),
    (("--option", "socks.codes"), '--option: "socks.codes"'),
    (("--option", "no.such=1"), '--option: no option is called "no.such"'),
    (("--option", "limits.init=soon"), '"soon"'),
    (("--option", "limits.init=-1"), '"-1"'),
    (("--option", "limits.nap=1"), '"limits.nap"'),
    (("--select", "NO-SUCH-1"), '--select: "NO-SUCH-1"'),
    (("--select", "@/nonexistent"), "/nonexistent: No such file"),
    (("--report", "json=/nonexistent/x"), "/nonexistent/x: No such file"),
    (("--skip", "NO-SUCH-1"), '--skip: "NO-SUCH-1"'),
    (("--min-requirements", "many"), '--min-requirements: "many"'),
    (("--report", "pdf"), '--report: "pdf"'),
    (("--report", "json="), "--report json="),
    (("--update-baseline",), "--update-baseline: not with --role"),
    (("--update-baseline", "--shard", "1/2"), "--shard"),
    (("--transport", "two words"), '--transport: "two words"'),
    (("--transport", "a,a"), '--transport: "a"'),
    (("--launch", "no-such-launch"), '--launch: "no-such-launch"'),
])
def test_2_bad_value(args, says):
    p = run(*FEW[:-2], *args) if args else ptcheck("run")
    one_complaint(p, 2, says)


def test_2_escape_sequence_in_a_value():
    p = run("--transport", "\x1b[31mred")
    one_complaint(p, 2, r"\x1b[31mred")
    assert "\x1b" not in p.stderr


@pytest.mark.parametrize("args", [
    ("run", "--nonsense"), ("run", "--spec"), ("judge", "--nonsense"),
    ("list", "--nonsense"), ("explain", "--nonsense"),
])
def test_2_option_that_getopt_refuses(args):
    p = ptcheck(*args)
    assert p.returncode == 2
    assert p.stdout == ""
    said, hint = p.stderr.split("\n", 1)
    assert said.startswith(f"ptcheck {args[0]}: ") and args[1] in said
    assert hint.startswith(f"Try `ptcheck {args[0]} --help'")


def test_2_no_such_command():
    one_complaint(ptcheck("walk"), 2, '"walk"', "--help")


@pytest.mark.parametrize("command", ["judge", "explain"])
def test_2_argument_missing(command):
    one_complaint(ptcheck(command), 2, command)


def test_2_no_command():
    p = ptcheck()
    assert p.returncode == 2
    assert p.stderr.startswith("Usage: ptcheck ")


# --- 2: files ---

def test_2_program(tmp_path):
    plain = tmp_path / "plain"
    plain.write_text("")
    one_complaint(run(pt=(tmp_path / "none",)), 2,
                  tmp_path / "none", "No such file")
    one_complaint(run(pt=("no-such-program",)), 2, "no-such-program")
    one_complaint(run(pt=(tmp_path,)), 2, tmp_path, "Is a directory")
    one_complaint(run(pt=(plain,)), 2, plain, "Permission denied")


TARGET = {"transports": {"ident": {}}}


@pytest.mark.parametrize("text, says", [
    ('{"transports": \n  oops}', ":2:"),
    ("", ""),
    ("[]", ""),
    ("{}", "transports"),
    ('{"transports": {}}', "/transports"),
    ('{"transports": {"ident": {"colour": 1}}}',
     '/transports/ident: "colour"'),
    ('{"transports": {"ident": {"roles": ["relay"]}}}',
     "/transports/ident/roles/0"),
    ('{"transports": {"ident": {"udp_idle_s": "x"}}}',
     "/transports/ident/udp_idle_s"),
    ('{"transports": {"id ent": {}}}', "id ent"),
    ('{"transports": {"ident": {}}, "wrapper": 1}', "/wrapper"),
    ('{"transports": {"ident": {}}, "options": {"no.such": "1"}}',
     "/options/no.such"),
    ('{"transports": {"ident": {}}, "wrapper": true, "wrapper": true}', ""),
])
def test_2_target_file(tmp_path, text, says):
    target = tmp_path / "target.json"
    target.write_text(text)
    one_complaint(run("--target", target), 2, target, says)


def test_2_target_file_missing(tmp_path):
    one_complaint(run("--target", tmp_path / "none"), 2, tmp_path / "none",
                  "No such file")
    one_complaint(run("--target", tmp_path), 2, tmp_path, "Is a directory")


def test_2_target_without_that_transport(tmp_path):
    target = tmp_path / "target.json"
    target.write_text(json.dumps(TARGET))
    one_complaint(run("--target", target, "--transport", "veil"), 2, target,
                  '"veil"')


CASE = '{"id": "a", "title": "t", "aims": ["ENV-VER-1"]}'


@pytest.mark.parametrize("text, says", [
    ('{"schema": 1, "cases": [}', ":1:"),
    ('{"schema": 2, "cases": []}', "/schema"),
    ('{"schema": 1, "cases": {}}', "/cases"),
    ('{"schema": 1, "cases": [{}]}', "/cases/0"),
    ('{"schema": 1, "cases": [%s], "more": 1}' % CASE, '"more"'),
    ('{"schema": 1, "cases": [%s]}' % CASE.replace("VER-1", "VER-999"),
     "/cases/0/aims/0"),
    ('{"schema": 1, "cases": [%s, %s]}' % (CASE, CASE), '"a"'),
])
def test_2_case_file(tmp_path, text, says):
    (tmp_path / "bad.json").write_text(text)
    one_complaint(run("--cases", tmp_path), 2, tmp_path / "bad.json", says)


def test_2_case_directory_missing(tmp_path):
    one_complaint(run("--cases", tmp_path / "none"), 2, tmp_path / "none")


BASELINE = '{"baseline": 1, "expected": [%s]}'


@pytest.mark.parametrize("text, says", [
    ("{", ":1:"),
    ("[]", ""),
    ('{"baseline": 2, "expected": []}', ""),
    (BASELINE % '{"id": "NO-SUCH-1", "verdict": "fail", "reason": "r"}',
     "/expected/0/id"),
    (BASELINE % '{"id": "ENV-VER-1", "verdict": "pass", "reason": "r"}',
     "/expected/0/verdict"),
    (BASELINE % '{"id": "ENV-VER-1", "verdict": "fail", "reason": ""}',
     "/expected/0/reason"),
    (BASELINE % '{"id": "ENV-VER-1", "verdict": "fail"}', "/expected/0"),
])
def test_2_baseline(tmp_path, text, says):
    baseline = tmp_path / "baseline.json"
    baseline.write_text(text)
    one_complaint(run("--baseline", baseline), 2, baseline, says)


# --- 3: nothing tested ---

def test_3_nothing_exercised():
    p = run(*QUICK, "--select", "GEN-ROLE-2", "--launch", "control*")
    assert p.returncode == 3
    assert p.stderr == "ptcheck: nothing that was selected was exercised\n"


def test_3_nothing_selected():
    p = run(*FEW, "--skip", "version")
    assert p.returncode == 3
    assert p.stderr == "ptcheck: nothing was selected\n"


@pytest.mark.parametrize("command", [
    ("run",), ("run", "--dry-run"), ("list",), ("judge",)])
def test_3_an_empty_expression(tmp_path, command):
    """A variable of a script that is not set, a list that is empty."""
    empty = tmp_path / "empty"
    empty.write_text("# nothing\n")
    for expr in "", " ,", f"@{empty}":
        p = ptcheck(*command, "--select", expr)
        one_complaint(p, 3, "--select: ", "selects no requirement")


def test_3_too_few():
    p = run(*FEW, "--min-requirements", "400")
    assert p.returncode == 3
    assert "400" in p.stderr and p.stderr.count("\n") == 1
    assert run(*FEW, "--min-requirements", "5").returncode == 0


# --- 4: trouble ---

@pytest.mark.parametrize("pt", [
    ("/bin/cat",), ("/bin/true",), ("/bin/sleep", "1000"),
    ("/bin/echo", "hello")], ids=lambda pt: pt[0])
def test_4_no_transport(pt):
    p = run(*IMPATIENT, pt=pt)
    one_complaint(p, 4, pt[0], "not a pluggable transport")


def test_4_not_executable_after_all(tmp_path):
    text = tmp_path / "text"
    text.write_text("neither a script nor a program\n")
    text.chmod(0o755)
    one_complaint(run(pt=(text,)), 4, text, "Exec format error")


def test_4_its_stderr_is_shown_escaped(tmp_path):
    pt = tmp_path / "pt"
    pt.write_text("#!/bin/sh\nprintf 'no \\033[31mway\\n' >&2\n")
    pt.chmod(0o755)
    one_complaint(run(pt=(pt,)), 4, r"no \x1b[31mway")



def test_4_sandbox_required():
    p = subprocess.run(
        [*FORBID, PTCHECK, "run", "--require", "sandbox", "--", PTREF],
        capture_output=True, text=True, timeout=LIMIT, check=False)
    one_complaint(p, 4, "no sandbox")
    one_complaint(run("--require", "sandbox", "--no-sandbox"), 4,
                  "no sandbox", "--no-sandbox")


@pytest.fixture
def shared():
    """What a launch does here the next one sees."""
    with tempfile.TemporaryDirectory(dir=common_ground()) as place:
        yield place


def test_4_environment_changes(tmp_path, shared):
    """It works at first and not at the end: nothing is believed."""
    pt, cases = tmp_path / "pt", tmp_path / "cases"
    # One launch spoils the place for all that follow.
    pt.write_text(f"#!/bin/sh\n[ -e {shared}/spoiled ] && exit 1\n"
                  'case "$TOR_PT_MANAGED_TRANSPORT_VER" in\n'
                  f"*spoil*) touch {shared}/spoiled ;;\nesac\n"
                  f'exec {PTREF} "$@"\n')
    pt.chmod(0o755)
    cases.mkdir()
    shutil.copy(ROOT / "cases/general.json", cases)
    (cases / "spoil.json").write_text(json.dumps({"schema": 1, "cases": [{
        "id": "spoil", "title": "t", "aims": ["ENV-VER-1"],
        "env": {"TOR_PT_MANAGED_TRANSPORT_VER": "2,spoil"}}]}))
    p = run("--transport", "ident", "--cases", cases, *QUICK, pt=(pt,))
    one_complaint(p, 4, "environment", "worked at the beginning",
                  "failed at the end")


# --- 5: stale baseline ---

def test_5_stale_baseline(tmp_path):
    baseline = tmp_path / "baseline.json"
    baseline.write_text(
        BASELINE % '{"id": "ENV-VER-4", "verdict": "fail", "reason": "r"}')
    p = run(*QUICK, "--select", "ENV-VER-4", "--baseline", baseline)
    assert p.returncode == 5
    assert p.stderr == (f"{baseline}: /expected/0: ENV-VER-4 is pass now, "
                        "not fail\n")


def test_5_not_when_it_still_fails(tmp_path):
    baseline = tmp_path / "baseline.json"
    baseline.write_text(
        BASELINE % '{"id": "ENV-VER-4", "verdict": "fail", "reason": "r"}')
    p = run(*QUICK, "--select", "ENV-VER-4", "--baseline", baseline,
            pt=faulty("version-always-2"))
    assert (p.returncode, p.stderr) == (0, "")


# --- 130: interrupted ---

@pytest.mark.parametrize("sig", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("sandbox", [(), ("--no-sandbox",)],
                         ids=["sandbox", "no-sandbox"])
def test_130_interrupted(place, sig, sandbox):
    pt = place.transport("#!/bin/sh\nexec sleep 1000\n")
    p = place.start(*sandbox, pt=(pt,))
    assert wait_for(lambda: place.left(), LIMIT)  # workers are there
    assert wait_for(lambda: len(place.workers(p.pid)) > 2, LIMIT)
    p.send_signal(sig)
    _, said = p.communicate(timeout=LIMIT)
    assert (p.returncode, said) == (130, "ptcheck: interrupted\n")
    place.assert_nothing_left(0)


def test_130_interrupted_evidence_is_no_run(place, tmp_path):
    """What an interrupted run left is not taken for a whole one."""
    pt = place.transport("#!/bin/sh\nexec sleep 1000\n")
    p = place.start("--out", tmp_path / "out", pt=(pt,))
    assert wait_for(lambda: len(place.workers(p.pid)) > 2, LIMIT)
    p.terminate()
    p.communicate(timeout=LIMIT)
    one_complaint(ptcheck("judge", tmp_path / "out"), 2,
                  tmp_path / "out/run.json")
