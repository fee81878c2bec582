"""What a command takes stands in --help, in ptcheck(1) and in the completion of
each shell, all from one table."""
import json
import re
import shutil
import subprocess

import pytest

from conftest import LIMIT, one_complaint, ptcheck

COMMANDS = re.findall(r"^  (\w+) ", ptcheck("--help").stdout, re.M)


def options(text):
    return set(re.findall(r"--([a-z][a-z-]+)", text))


def helped(command):
    """Options as --help lists them, its own aside."""
    text = ptcheck(command, "--help").stdout
    return options("\n".join(re.findall(r"^ .{0,6}--\S+", text, re.M))) - {
        "help", "usage", "version"}


def man(command):
    text = ptcheck("manual").stdout
    part = re.search(rf"^\.SS ptcheck {command}\n(.*?)^\.S", text,
                     re.M | re.S)[1]
    return options("\n".join(re.findall(r"^.*\\fB\\-\\-.*$", part, re.M))
                   .replace("\\-", "-"))


def bash(*words):
    """What bash offers for the last word."""
    script = ptcheck("completion", "bash").stdout + (
        f"\nCOMP_WORDS=({' '.join(words)}); COMP_CWORD={len(words) - 1}\n"
        "_ptcheck; printf '%s\\n' \"${COMPREPLY[@]}\"\n")
    return subprocess.run(["bash", "-c", script], stdout=subprocess.PIPE,
                          text=True, check=True,
                          timeout=LIMIT).stdout.split()


@pytest.mark.parametrize("command", COMMANDS)
def test_options_are_everywhere(command):
    wanted = helped(command)
    assert man(command) == wanted
    assert options(" ".join(bash("ptcheck", command, "--"))) - {
        "help"} == wanted
    fish = ptcheck("completion", "fish").stdout
    assert set(re.findall(rf"from {command}' -l (\S+)", fish)) == wanted


def test_there_are_commands():
    assert {"run", "judge", "report", "diff", "repro"} <= set(COMMANDS)
    assert len(helped("run")) > 20


def test_bash_knows_commands_ids_and_formats():
    assert bash("ptcheck", "exp") == ["explain"]
    assert bash("ptcheck", "explain", "CM-UNK") == ["CM-UNK-1"]
    assert bash("ptcheck", "run", "--select", "=", "CM-UNK") == ["CM-UNK-1"]
    assert bash("ptcheck", "report", "--report", "=", "sa") == ["sarif"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_can_read_it(shell, tmp_path):
    path = tmp_path / "completion"
    path.write_text(ptcheck("completion", shell).stdout)
    if not shutil.which(shell):
        shell = "bash" if shell == "zsh" else pytest.skip(f"no {shell}")
    subprocess.run([shell, "-n", path], check=True, timeout=LIMIT)


def test_completion_refuses():
    one_complaint(ptcheck("completion", "tcsh"), 2, "tcsh")
    one_complaint(ptcheck("completion"), 2, "bash, zsh or fish")


# --- what is selected ------------------------------------------------------------

def selected(expr):
    p = ptcheck("run", "--dry-run", "--select", expr)
    assert p.returncode == 0, p.stderr
    *rows, total = p.stdout.splitlines()
    assert total.startswith(f"{len(rows)} requirements, ")
    return [row.split()[0] for row in rows]


@pytest.mark.parametrize("expr,want", [
    ("version,!ENV-*", lambda r: r["area"] == "version" and
     not r["id"].startswith("ENV-")),
    ("!MUST,!socks", lambda r: r["level"] != "MUST" and r["area"] != "socks"),
    ("role:pt-server,!hygiene", lambda r: "pt-server" in r["role"].split("+")
     and r["area"] != "hygiene"),
    ("spec:1.0,!spec:2.0", lambda r: r["specs"] == ["1.0"])])
def test_dry_run_is_the_selection(expr, want):
    rows = json.loads(ptcheck("list", "--json").stdout)
    wanted = [r["id"] for r in rows if want(r)]
    assert selected(expr) == wanted != []


def test_dry_run_of_nothing():
    uncovered = [r["id"] for r in json.loads(ptcheck(
        "list", "--json").stdout) if not r["covered"]]
    p = ptcheck("run", "--dry-run", "--select", uncovered[0])
    assert p.returncode == 3
    p = ptcheck("run", "--dry-run", "--select", "version", "--skip",
                "version")
    assert p.returncode == 3
    one_complaint(ptcheck("run", "--dry-run", "--select", "nope"), 2, "nope")
