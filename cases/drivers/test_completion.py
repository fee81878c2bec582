"""What a command takes stands in --help, in ptcheck(1) and in the completion of
each shell, all from one table."""
import json
import os
import pty
import re
import select
import signal
import subprocess
import time

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
    zsh = re.search(rf"^\t{command}\) (.*?);;$",
                    ptcheck("completion", "zsh").stdout, re.M | re.S)[1]
    assert options(" ".join(re.findall(r"'\*(--[a-z-]+)", zsh))) == wanted


def test_there_are_commands():
    assert {"run", "judge", "report", "diff", "repro"} <= set(COMMANDS)
    assert len(helped("run")) > 20


def test_bash_knows_commands_ids_and_formats():
    assert bash("ptcheck", "exp") == ["explain"]
    assert bash("ptcheck", "explain", "CM-UNK") == ["CM-UNK-1"]
    assert bash("ptcheck", "run", "--select", "=", "CM-UNK") == ["CM-UNK-1"]
    assert bash("ptcheck", "report", "--report", "=", "sa") == ["sarif"]


# --- in the shell itself, with a person at the keys --------------------------------

START = {"bash": (("bash", "--norc", "-i"), "set +H; . ./completion"),
         "zsh": (("zsh", "-f", "-i"), "setopt nobanghist; autoload -U "
                 "compinit; compinit -u -D; . ./completion")}
# What is typed, and what stands there when it is run; "~" is the tab.
TYPED = [("ptcheck exp~ x", ["explain", "x"]),
         ("ptcheck explain CM-UNK~", ["explain", "CM-UNK-1"]),
         ("ptcheck run --dry~", ["run", "--dry-run"]),
         ("ptcheck run --select=ENV-VER-1,CM-UNK~",
          ["run", "--select=ENV-VER-1,CM-UNK-1"]),
         ("ptcheck run -s !CM-UNK~", ["run", "-s", "!CM-UNK-1"]),
         ("ptcheck judge --report=sa~", ["judge", "--report=sarif"]),
         ("ptcheck run --role=cl~", ["run", "--role=client"]),
         ("ptcheck run --target comp~", ["run", "--target", "completion"]),
         ("ptcheck completion f~", ["completion", "fish"])]


class Keys:
    """A shell that reads keys."""

    def __init__(self, command, where):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(where)
            os.execvpe(command[0], command, {**os.environ, "TERM": "xterm"})
        self.got = b""

    def type(self, keys):
        os.write(self.fd, keys.encode())

    def wait_for(self, text):
        """Read until it is there, and forget what stood before."""
        end = time.monotonic() + LIMIT
        while text.encode() not in self.got:
            left = max(end - time.monotonic(), 0)
            assert select.select([self.fd], [], [], left)[0], self.got
            self.got += os.read(self.fd, 4096)
        self.got = self.got.split(text.encode(), 1)[1]

    def end(self):
        os.kill(self.pid, signal.SIGKILL)
        os.close(self.fd)
        os.waitpid(self.pid, 0)


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_keys(shell, tmp_path):
    command, setup = START[shell]
    (tmp_path / "completion").write_text(ptcheck("completion", shell).stdout)
    keys = Keys(command, tmp_path)
    try:
        keys.type(f"{setup}; ptcheck() {{ printf '<%s>' \"$@\"; }}; "
                  "PS1='to''ld '\n")
        for typed, want in TYPED:
            keys.wait_for("told ")
            keys.type(typed.replace("~", "\t") + "\r")
            keys.wait_for("".join(f"<{word}>" for word in want))
    finally:
        keys.end()


def test_fish(tmp_path):
    """Its own word for what it would offer."""
    (tmp_path / "completion").write_text(ptcheck("completion", "fish").stdout)
    script = "source completion\n" + "".join(
        f"complete -C '{keys.split('~')[0]}'; echo '=='\n"
        for keys, _ in TYPED)
    p = subprocess.run(
        ["fish", "--no-config", "-c", script], capture_output=True, text=True,
        cwd=tmp_path, timeout=LIMIT, check=True,
        env={**os.environ, "HOME": str(tmp_path)})
    assert p.stderr == ""
    offered = [{line.split("\t")[0] for line in part.splitlines()}
               for part in p.stdout.split("==\n")]
    for (keys, want), words in zip(TYPED, offered):
        word = next(w for w in want if w.startswith(
            keys.split("~")[0].split()[-1]))
        assert word in words, (keys, words)
        assert len(words) == 1 or "--" in word, (keys, words)


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


def dry(*words):
    p = ptcheck("run", "--dry-run", *words)
    assert p.returncode == 0, p.stderr
    return {row.split()[0] for row in p.stdout.splitlines()[:-1]}


def test_dry_run_goes_by_version_and_role():
    rows = {r["id"]: r for r in json.loads(ptcheck("list", "--json").stdout)}
    for spec in "1.0", "2.0":
        assert dry("--spec", spec) == {
            rid for rid, r in rows.items() if spec in r["specs"]} != set(rows)
    client, server = dry("--role", "client"), dry("--role", "server")
    assert client | server == set(rows) == dry() == dry("--role", "both")
    assert "CM-DONE-1" in client - server
    assert "SM-DONE-1" in server - client
    p = ptcheck("run", "--dry-run", "--role", "server", "--select",
                "CM-DONE-1")
    one_complaint(p, 3, "nothing")


def test_dry_run_knows_launches():
    """By the cases that it would plan."""
    want = dry("--select", "version")
    launches = ("version.list/last@client", "version.list*@server,typo",
                "socks.pair+x@client", "proxy*")
    for launch in launches:
        assert dry("--select", "version", "--launch", launch) == want
    for words in (("--launch", "typo"), ("--launch", "version.list/x@client"),
                  ("--role", "server", "--launch",
                   "version.list/last@client"),
                  ("--launch", "version.none+x@client")):
        p = ptcheck("run", "--dry-run", *words)
        one_complaint(p, 2, "--launch: ", "is no launch of this run")


def test_dry_run_of_nothing():
    uncovered = [r["id"] for r in json.loads(ptcheck(
        "list", "--json").stdout) if not r["covered"]]
    p = ptcheck("run", "--dry-run", "--select", uncovered[0])
    assert p.returncode == 3
    p = ptcheck("run", "--dry-run", "--select", "version", "--skip",
                "version")
    assert p.returncode == 3
    one_complaint(ptcheck("run", "--dry-run", "--select", "nope"), 2, "nope")
