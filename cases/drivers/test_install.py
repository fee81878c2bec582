"""`make install`: what it puts where, and that it works without the sources."""
import json
import os
import re
import shlex
import subprocess

import jsonschema
import pytest

from conftest import LIMIT, PTCHECK, PTREF, QUICK, ROOT, ptcheck, report, run


@pytest.fixture(name="usr", scope="module")
def installed(tmp_path_factory):
    """The /usr of an installation below another root."""
    root = tmp_path_factory.mktemp("root")
    subprocess.run(
        ["make", "-s", "install", f"BUILD={os.path.dirname(PTCHECK)}",
         f"DESTDIR={root}", "PREFIX=/usr"], cwd=ROOT, check=True,
        stdout=subprocess.DEVNULL, timeout=5 * LIMIT)
    return root / "usr"


@pytest.fixture(name="home")
def somewhere_else(tmp_path, monkeypatch):
    """An empty directory to be in, and an empty environment."""
    monkeypatch.chdir(tmp_path)
    return {"PATH": "/usr/bin:/bin"}


def test_what_is_installed(usr):
    programs = {path.name for path in (usr / "bin").iterdir()}
    assert {"ptcheck", "ptref", "ptparent", "ptcheck-ci",
            "ptcheck-shards"} <= programs
    for name in programs:
        assert os.access(usr / "bin" / name, os.X_OK)
        assert (usr / f"share/man/man1/{name}.1").exists()
    share = usr / "share/ptcheck"
    assert {"report.schema.json", "case.schema.json"} <= {
        path.name for path in (share / "schemas").iterdir()}
    for path in share.rglob("*.json"):
        json.loads(path.read_text())
        assert path.stat().st_mode & 0o777 == 0o644
    assert list((share / "vectors").glob("*.json"))
    assert {f"ptcheck-{name}.5" for name in ("case", "target", "baseline")
            } <= {path.name for path in (usr / "share/man/man5").iterdir()}


def test_all_vectors_are_installed_and_documented(usr):
    """And no other file is spoken of."""
    there = {path.name for path in (ROOT / "vectors").glob("*.json")}
    readme = (usr / "share/ptcheck/vectors/README.md").read_text()
    assert {path.name for path in (usr / "share/ptcheck/vectors").iterdir()
            } == there | {"README.md"}
    told = set(re.findall(r"^\| `([a-z0-9-]+\.json)` \|", readme, re.M))
    assert told == there - {"schema.json"}


def make(*words):
    subprocess.run(
        ["make", "-s", *words, f"BUILD={os.path.dirname(PTCHECK)}"], cwd=ROOT,
        check=True, stdout=subprocess.DEVNULL, timeout=5 * LIMIT)


def test_a_name_with_blanks_and_uninstalling(tmp_path):
    """What is installed goes again, and nothing else does."""
    prefix, foreign = tmp_path / "my programs", tmp_path / "my programs/bin/x"
    make("install", f"PREFIX={prefix}")
    flags = subprocess.run(
        ["pkg-config", "--cflags", "--libs", "ptparent"], check=True,
        env={**os.environ, "PKG_CONFIG_PATH": f"{prefix}/lib/pkgconfig"},
        capture_output=True, text=True, timeout=LIMIT).stdout
    assert shlex.split(flags) == [f"-I{prefix}/include", f"-L{prefix}/lib",
                                  "-lptparent"]
    assert (prefix / "bin/ptcheck").exists()
    foreign.write_text("")
    make("uninstall", f"PREFIX={prefix}")
    assert [p for p in tmp_path.rglob("*") if not p.is_dir()] == [foreign]
    assert not (prefix / "share/ptcheck").exists()


def test_installed_ptcheck_runs_from_anywhere(usr, home):
    p = run(*QUICK, "--report", "json", "--out", "out",
            program=usr / "bin/ptcheck", pt=(usr / "bin/ptref",), env=home)
    assert (p.returncode, p.stderr) == (0, "")
    rep = report(p)
    assert rep["summary"]["pass"] > 50
    schema = json.loads(
        (usr / "share/ptcheck/schemas/report.schema.json").read_text())
    jsonschema.validate(rep, schema)
    again = ptcheck("judge", "out", program=usr / "bin/ptcheck", env=home)
    assert (again.returncode, again.stderr) == (0, "")


def test_installed_ptcheck_is_found_along_the_path(usr, home):
    p = subprocess.run(
        ["sh", "-c", "ptcheck run --role client --select ENV-VER-1 -q -- "
         "ptref"], env={"PATH": f"{usr}/bin:{home['PATH']}"}, check=False,
        capture_output=True, text=True, timeout=LIMIT)
    assert (p.returncode, p.stdout, p.stderr) == (0, "", "")


def test_installed_ptcheck_opens_nothing_of_the_sources(usr, home):
    """The cases and targets are inside the program."""
    data = (usr / "bin/ptcheck").read_bytes()
    assert b'"probe.speaks-2"' in data
    p = ptcheck("list", "--json", program=usr / "bin/ptcheck", env=home)
    assert len(json.loads(p.stdout)) >= 472


def test_manual_of_ptref_has_every_flag():
    said = subprocess.run([PTREF, "--help"], capture_output=True, text=True,
                          timeout=LIMIT, check=True).stdout
    told = (ROOT / "docs/man/ptref.1").read_text().replace("\\-", "-")
    assert set(re.findall(r"(?<![\w-])-{1,2}[a-z][a-z-]+", said)) == set(
        re.findall(r"\\fB(--?[a-z-]+)\\fR", told))


@pytest.mark.parametrize("page", sorted(
    p.name for p in (ROOT / "docs/man").glob("*.[0-9]")))
def test_manuals_are_well_formed(page):
    done = subprocess.run(["groff", "-man", "-ww", "-Tutf8",
                           ROOT / "docs/man" / page], capture_output=True,
                          text=True, timeout=LIMIT, check=False)
    assert (done.returncode, done.stderr) == (0, "")
