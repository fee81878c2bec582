"""The command line: help, list, explain, choosing, reports and
the commands that findings come with."""
import json
import os
import re
import subprocess
import xml.etree.ElementTree

import pytest

from conftest import (FEW, LIMIT, PTCHECK, PTREF, QUICK, one_complaint,
                      ptcheck, report, run, verdicts)

COMMANDS = ("run", "judge", "list", "explain")
FAULTY = (PTREF, "--fault", "version-per-match")  # fails one, warns of one


@pytest.fixture(name="catalogue", scope="module")
def all_requirements():
    """The rows of `list --json`."""
    return json.loads(ptcheck("list", "--json").stdout)


# --- help ---

@pytest.mark.parametrize("command", COMMANDS)
def test_help(command):
    p = ptcheck(command, "--help")
    assert (p.returncode, p.stderr) == (0, "")
    assert p.stdout.startswith(f"Usage: ptcheck {command} ")


@pytest.mark.parametrize("args", [("--version",), *(
    (command, "--version") for command in COMMANDS)], ids=" ".join)
def test_version(args):
    p = ptcheck(*args)
    assert (p.returncode, p.stderr) == (0, "")
    assert re.fullmatch(r"ptcheck \d+\.\d+\.\d+\n", p.stdout)


@pytest.mark.parametrize("word", ["--help", "help"])
def test_help_names_all_commands(word):
    p = ptcheck(word)
    assert p.returncode == 0
    for command in COMMANDS:
        assert re.search(f"^  {command} +\\w", p.stdout, re.MULTILINE)


def test_run_help_explains_exit_statuses():
    p = ptcheck("run", "--help")
    text = " ".join(p.stdout.split())
    for status in ("0 conforms", "1 at least one fail", "2 usage", "3 nothing",
                   "4 harness", "5 stale", "130 interrupted"):
        assert status in text


# --- list, explain ---

def test_list_has_the_whole_catalogue(catalogue):
    ids = [row["id"] for row in catalogue]
    assert len(ids) >= 472
    assert len(set(ids)) == len(ids)
    assert {"GEN-ROLE-1", "ENV-VER-12", "SM-ARGS-1"} <= set(ids)


def test_list_rows(catalogue):
    for row in catalogue:
        assert set(row) == {"id", "level", "section", "area", "role",
                            "verdict", "title", "covered", "specs"}
        assert re.fullmatch(r"[A-Z0-9]+(-[A-Z0-9]+)+", row["id"])
        assert row["level"] in ("MUST", "MUST NOT", "SHOULD", "MAY",
                                "implied", "hygiene")
        assert row["verdict"] in ("fail", "warn", "info", "na")
        assert row["specs"] and set(row["specs"]) <= {"1.0", "2.0"}
        assert isinstance(row["covered"], bool)
        assert row["title"] and row["section"] and row["area"]


def test_list_text(catalogue):
    *rows, last = ptcheck("list").stdout.splitlines()
    covered = sum(row["covered"] for row in catalogue)
    assert last == f"{len(catalogue)} requirements, {covered} covered"
    assert [row.split()[0] for row in rows] == [r["id"] for r in catalogue]


def test_list_selected(catalogue):
    rows = json.loads(ptcheck("list", "--json", "--select", "version").stdout)
    assert rows == [row for row in catalogue if row["area"] == "version"]


def test_list_takes_no_words():
    assert ptcheck("list", "version").returncode == 2


def test_explain_each(catalogue):
    """All of one area, and one of each other area."""
    areas = set()
    for row in catalogue:
        if row["area"] in areas and row["area"] != "version":
            continue
        areas.add(row["area"])
        p = ptcheck("explain", row["id"])
        assert (p.returncode, p.stderr) == (0, "")
        assert p.stdout.startswith(row["id"] + "\n")
        assert row["title"].split()[0] in p.stdout
        assert f"section {row['section']}" in p.stdout


def test_explain_unknown():
    one_complaint(ptcheck("explain", "NO-SUCH-1"), 2, '"NO-SUCH-1"')
    one_complaint(ptcheck("explain", "a\x1bb"), 2, "explain")
    one_complaint(ptcheck("explain", "ENV-VER-1", "ENV-VER-2"), 2, "one")


# --- choosing requirements ---

def in_section(row, section):
    """Is the row from that section or one below it?"""
    return any(s == section or s.startswith(section + ".")
               for s in re.split(", *", row["section"]))


@pytest.mark.parametrize("expr, fits", [
    ("ENV-VER-7", lambda r: r["id"] == "ENV-VER-7"),
    ("ENV-VER-*", lambda r: r["id"].startswith("ENV-VER-")),
    ("*-1[0-9]", lambda r: re.search("-1[0-9]$", r["id"])),
    ("3.3.1", lambda r: in_section(r, "3.3.1")),
    ("§3.3.1.1", lambda r: in_section(r, "3.3.1.1")),
    ("version", lambda r: r["area"] == "version"),
    ("MUST", lambda r: r["level"] == "MUST"),
    ("must-not", lambda r: r["level"] == "MUST NOT"),
    ("implied", lambda r: r["level"] == "implied"),
    ("ENV-VER-1, proxy ,may", lambda r: r["id"] == "ENV-VER-1" or
     r["area"] == "proxy" or r["level"] == "MAY"),
])
def test_select(catalogue, expr, fits):
    rows = json.loads(ptcheck("list", "--json", "--select", expr).stdout)
    assert rows
    assert rows == [row for row in catalogue if fits(row)]


def test_select_from_file(catalogue, tmp_path):
    wish = tmp_path / "wish"
    wish.write_text("# what matters\nENV-VER-1\n\n  proxy  # all of it\n")
    rows = json.loads(
        ptcheck("list", "--json", "--select", f"@{wish}").stdout)
    assert rows == [row for row in catalogue
                    if row["id"] == "ENV-VER-1" or row["area"] == "proxy"]
    wish.write_text("ENV-VER-1\nNO-SUCH-1\n")
    one_complaint(ptcheck("list", "--select", f"@{wish}"), 2, f"{wish}:2:",
                  '"NO-SUCH-1"')


def test_skip(catalogue):
    rep = report(run(*FEW, "--skip", "ENV-VER-*", "--report", "json"))
    assert [row["id"] for row in rep["requirements"]] == [
        row["id"] for row in catalogue if row["area"] == "version" and
        not row["id"].startswith("ENV-VER-")]


def test_select_several_times():
    rep = report(run(*QUICK, "--select", "ENV-VER-1", "--select", "ENV-VER-2",
                     "--report", "json"))
    assert list(verdicts(rep)) == ["ENV-VER-1", "ENV-VER-2"]


@pytest.mark.parametrize("command", ["run", "judge"])
def test_formats_are_those_of_the_table(command):
    """--help and the complaint name the same ones, and all are there."""
    said = ptcheck("judge", "--report", "nothing", "x").stderr
    names = said.split("formats ")[1].strip().split(", ")
    assert {"json", "junit", "tap", "html", "text"} <= set(names)
    shown = ptcheck(command, "--help").stdout.split("Formats of reports:\n")
    assert [line.split()[0] for line in shown[1].splitlines()] == names


# --- choosing launches ---

def launches(tmp_path, name, *args):
    """The ids of all launches of a run."""
    out = tmp_path / name
    p = run(*args, "--out", out)
    assert p.returncode in (0, 3), p.stderr
    record = json.loads((out / "run.json").read_text())
    return [one["id"] for one in record["launches"]]


def probes(ids):
    """Those that every run makes."""
    return [i for i in ids if i.startswith(("probe.", "control"))]


def test_launch(tmp_path):
    ids = launches(tmp_path, "out", *QUICK, "--launch", "version.*")
    assert len(ids) > len(probes(ids))
    assert all(i.startswith("version.") for i in ids if i not in probes(ids))


def test_launch_that_is_partly_unknown(tmp_path):
    """A warning, on stderr and in the report; the rest is launched."""
    out = tmp_path / "out"
    p = run(*QUICK, "--launch", "versoin.*,version.*,nothing@client",
            "--out", out, "--report", "json")
    said = ('--launch: "versoin.*", "nothing@client" is no launch of this '
            "run")
    assert p.returncode == 0, p.stderr
    assert p.stderr.splitlines() == [f"ptcheck: {said}"]
    assert f"{said}." in report(p)["notes"]
    ids = [one["id"] for one in
           json.loads((out / "run.json").read_text())["launches"]]
    assert any(i.startswith("version.") for i in ids)


def test_repeat(tmp_path):
    once = launches(tmp_path, "once", *FEW)
    thrice = launches(tmp_path, "thrice", *FEW, "--repeat", "3")
    one = sorted(set(once) - set(probes(once)))
    many = sorted(set(thrice) - set(probes(thrice)))
    assert many == sorted(i + mark for i in one for mark in ("", "~2", "~3"))


@pytest.mark.parametrize("where", [(), ("--no-sandbox",)],
                         ids=["sandbox", "no-sandbox"])
@pytest.mark.parametrize("named", ["control@client", "control*,version.last*"])
def test_repeat_of_the_control(tmp_path, named, where):
    once = launches(tmp_path, "once", *QUICK, "--launch", named, *where)
    thrice = launches(tmp_path, "thrice", *QUICK, "--launch", named,
                      "--repeat", "3", *where)
    again = {i for i in once if not i.startswith("probe.") and "~" not in i}
    assert "control@client" in again
    assert sorted(thrice) == sorted(
        once + [i + mark for i in again for mark in ("~2", "~3")])


def test_shards_make_all_launches(tmp_path):
    whole = launches(tmp_path, "whole", *FEW)
    parts = [launches(tmp_path, f"part{i}", *FEW, "--shard", f"{i}/3")
             for i in (1, 2, 3)]
    without = [sorted(set(p) - set(probes(p))) for p in parts]
    assert all(without)
    assert sorted(sum(without, [])) == sorted(set(whole) - set(probes(whole)))
    assert all(probes(p) == probes(whole) for p in parts)


def test_seed_decides_the_random_names(tmp_path):
    def names(name, *args):
        launches(tmp_path, name, *FEW, *args)
        head = (tmp_path / name / "traces/001.jsonl").read_text().split("\n")
        return json.loads(head[0])["nosuch"]

    assert names("a") == names("b") != names("c", "--seed", "2")


def roles(ids):
    """The roles of launches."""
    return {i.split("~")[0].rsplit("@")[-1] for i in ids}


# What clients of veil are told in ARGS, a server must be asked for.
HELPER = "probe.args+veil@server"


@pytest.mark.parametrize("role", ["client", "server"])
def test_role(tmp_path, role):
    ids = launches(tmp_path, "out", "--role", role, "--select", "ENV-VER-1")
    assert roles(i for i in ids if i != HELPER) == {role}


def of_client(tmp_path, *fault):
    """What a run of the client alone found about clients that are told
    settings, and about servers: id -> row."""
    out = tmp_path / "out"
    p = run(*QUICK, "--select", "SK-JPB-*,smethod",
            "--out", out, "--report", "json", pt=(PTREF, *fault))
    rep = report(p)
    record = json.loads((out / "run.json").read_text())
    ids = [one["id"] for one in record["launches"]]
    assert [one["id"] for one in record["launches"] if one["helper"]] == [
        i for i in ids if roles([i]) == {"server"}] == [HELPER]
    assert rep["timing"]["launches"] == len(ids)
    assert rep["target"]["roles"] == ["client"]
    assert any(note.startswith(HELPER) for note in rep["notes"])
    again = ptcheck("judge", out, "--report", "json")
    assert (again.returncode, again.stdout) == (p.returncode, p.stdout)
    return {row["id"]: row for row in rep["requirements"]}


@pytest.mark.parametrize("fault", [(), ("--fault", "smethod-and-error")])
def test_client_alone_is_told(tmp_path, fault):
    """Its server is a means: nothing that it does is judged."""
    rows = of_client(tmp_path, *fault)
    assert rows["SK-JPB-OK-2"]["verdict"] == "pass"
    assert {row["verdict"] for row in rows.values()} <= {
        "pass", "na", "untested"}
    assert all(row["verdict"] != "pass" for row in rows.values()
               if row["role"] == "pt-server")


def test_client_alone_is_not_told(tmp_path):
    """A server that prints no ARGS is not held against its client."""
    rows = of_client(tmp_path, "--fault", "smethod-stderr")
    told = rows.pop("SK-JPB-OK-2")
    assert told["verdict"] == "inconclusive"
    assert told["reason"].endswith("and none printed any")
    assert "fail" not in {row["verdict"] for i, row in rows.items()
                          if i.startswith("SK-JPB-")}


@pytest.mark.parametrize("role, names, select", [
    # Told what it needs, though it was named
    ("client", "veil", "SK-JPB-*,SK-REQ-*"),
    # The second one hands on whatever comes, the first wants a handshake
    ("server", "veil,ident", "destination")])
def test_transport_of_a_known_program(role, names, select):
    p = run("--role", role, "--transport", names, "--select", select,
            "--report", "json")
    assert (p.returncode, p.stderr) == (0, "")
    found = set(verdicts(report(p)).values())
    assert "pass" in found
    assert not found & {"fail", "warn", "inconclusive"}


@pytest.mark.parametrize("spec", ["1.0", "2.0"])
def test_spec(spec):
    rep = report(run(*FEW, "--spec", spec, "--report", "json"))
    assert rep["target"]["spec"] == spec
    assert spec in rep["target"]["spec_why"]


def test_jobs_do_not_change_verdicts():
    one = run(*FEW, "--jobs", "1", "--report", "json")
    many = run(*FEW, "--jobs", "16", "--report", "json")
    assert verdicts(report(one)) == verdicts(report(many))


# --- what comes out ---

def test_a_name_that_nobody_knows():
    p = run("--transport", "idnet", "--select", "version")
    for role in ("client", "server"):
        assert (f'As {role} it says nothing about "idnet": is its transport '
                'called so?') in " ".join(p.stdout.split()), p.stdout
    assert "says nothing" not in run("--select", "version").stdout


def test_numbers_add_up(catalogue):
    p = run(*QUICK, "--report", "json")
    rep = report(p)
    assert len(rep["requirements"]) == len(catalogue)
    assert sum(rep["summary"].values()) == len(catalogue)
    found = list(verdicts(rep).values())
    for verdict, count in rep["summary"].items():
        assert found.count(verdict) == count


def test_numbers_in_the_text_add_up():
    text = run(*FEW, pt=FAULTY).stdout
    line = re.search(r"^selected (\d+) = (.*)$", text, re.MULTILINE)
    assert int(line[1]) == sum(map(int, re.findall(r"\d+", line[2])))
    assert line[2].count("+") == 6


def tap_subtests(text):
    """id -> ok, from the subtests of a TAP report; the plans are right."""
    first, plan, *lines = text.splitlines()
    assert first == "TAP version 14"
    results = {}
    for block in re.split(r"^# Subtest: .*\n", "\n".join(lines) + "\n",
                          flags=re.MULTILINE)[1:]:
        rows = re.findall(r"^    (not ok|ok) (\d+) - (\S+)", block,
                          re.MULTILINE)
        assert [int(number) for _, number, _ in rows] == list(
            range(1, len(rows) + 1))
        assert f"    1..{len(rows)}\n" in block
        results |= {name: ok == "ok" for ok, _, name in rows}
    blocks = re.findall(r"^(?:not ok|ok) \d+", text, re.MULTILINE)
    assert plan == f"1..{len(blocks)}"
    return results


def test_all_reports_at_once(tmp_path):
    files = {f: tmp_path / f for f in ("json", "junit", "tap", "html")}
    p = run(*FEW, *(word for f, path in files.items()
                    for word in ("--report", f"{f}={path}")), pt=FAULTY)
    assert p.returncode == 1
    assert "selected" in p.stdout  # the text comes as well
    rep = json.loads(files["json"].read_text())
    cases = xml.etree.ElementTree.parse(files["junit"]).findall(".//testcase")
    by_name = {case.get("name").split()[0]: case for case in cases}
    for row in rep["requirements"]:
        failed = by_name[row["id"]].find("failure") is not None
        assert failed == (row["verdict"] == "fail"), row["id"]
    verdict_by_tap = tap_subtests(files["tap"].read_text())
    assert verdict_by_tap == {row["id"]: row["verdict"] != "fail"
                              for row in rep["requirements"]}
    html = files["html"].read_text()
    assert html.lower().startswith("<!doctype html>")
    for row in rep["requirements"]:
        assert row["id"] in html


@pytest.mark.parametrize("arg", ["{}", "{}=-"])
@pytest.mark.parametrize("form, begins", [
    ("json", "{\n"), ("junit", "<?xml"), ("tap", "TAP version 14\n"),
    ("html", "<!DOCTYPE html")])
def test_report_to_stdout(arg, form, begins):
    p = run(*QUICK, "--select", "ENV-VER-7", "--report", arg.format(form))
    assert (p.returncode, p.stderr) == (0, "")
    assert p.stdout.startswith(begins)
    assert "\nselected " not in p.stdout


def test_verbose_shows_all():
    rep = report(run(*FEW, "--report", "json"))
    text = run(*FEW, "--verbose").stdout
    for row in rep["requirements"]:
        assert row["id"] in text


def test_stdout_that_is_full():
    with open("/dev/full", "w", encoding="ascii") as full:
        p = subprocess.run([PTCHECK, "run", *FEW, "--report", "json", "--",
                            PTREF], stdout=full, stderr=subprocess.PIPE,
                           text=True, timeout=LIMIT, check=False)
    assert p.returncode == 4
    assert p.stderr.startswith("ptcheck: ") and p.stderr.count("\n") == 1


# --- the command that repeats a finding ---

def shell(command, where):
    """Run a command as a user would who copied it."""
    path = os.path.dirname(PTCHECK) + ":" + os.environ["PATH"]
    return subprocess.run(["sh", "-c", command], capture_output=True,
                          text=True, timeout=LIMIT, check=False, cwd=where,
                          env={**os.environ, "PATH": path})


@pytest.mark.parametrize("fault", [
    "version-per-match", "client-any-addr", "cmethod-error-no-name",
    "name-twice"])
def test_repro(tmp_path, fault):
    """Run by a shell, it gives the finding again, and nothing else."""
    strange = tmp_path / "it's\\a \"dir\" $HOME `id` \x1b\u00e4"
    strange.mkdir()
    os.symlink(PTREF, strange / "ptref")
    p = run(*QUICK, "--report", "json",
            pt=(strange / "ptref", "--fault", fault))
    findings = [row for row in report(p)["requirements"]
                if row["verdict"] in ("fail", "warn")]
    assert findings
    for row in findings[:2]:
        assert row["repro"].isascii() and row["repro"].isprintable()
        again = shell(row["repro"].replace(
            "ptcheck run", "ptcheck run --report json", 1), tmp_path)
        assert again.stderr == "", row["repro"]
        rep = json.loads(again.stdout)
        assert verdicts(rep) == {row["id"]: row["verdict"]}
        assert rep["requirements"][0]["reason"] == row["reason"]


def test_repro_keeps_the_options(tmp_path):
    """All that the finding may hang on."""
    row = report(run(
        "--role", "client", "--seed", "7", "--timeout-multiplier", "2",
        "--no-sandbox", "--transport", "ident", "--option", "limits.exit=2.5",
        "--select", "ENV-VER-7", "--report", "json",
        pt=FAULTY))["requirements"][0]
    for words in ("--seed 7", "--timeout-multiplier 2", "--no-sandbox",
                  "--transport ident", "--option limits.exit=2.5",
                  "--select ENV-VER-7"):
        assert f" {words} " in row["repro"]
    assert shell(row["repro"], tmp_path).stdout.startswith("WARN  ENV-VER-7")


def test_repro_in_the_text(tmp_path):
    """As it is broken into lines for a terminal."""
    strange = tmp_path / "quite a long name of a directory, isn't it"
    strange.mkdir()
    os.symlink(PTREF, strange / "ptref")
    text = run(*QUICK, "--select", "ENV-VER-7",
               pt=(strange / "ptref", *FAULTY[1:])).stdout
    said = re.search(r"repeat: (.*?[^\\])\n\n", text, re.DOTALL)[1]
    assert "\\\n" in said
    assert shell(said, tmp_path).stdout.startswith("WARN  ENV-VER-7")


def test_program_by_a_relative_path(tmp_path):
    os.symlink(PTREF, tmp_path / "ptref")
    p = run(*FEW, pt=("./ptref",), cwd=tmp_path)
    assert p.returncode == 0, p.stderr


def test_program_along_the_path(tmp_path):
    os.symlink(PTREF, tmp_path / "ptref")
    p = run(*FEW, pt=("ptref",),
            env={**os.environ, "PATH": f"{tmp_path}:/usr/bin:/bin"})
    assert p.returncode == 0, p.stderr
