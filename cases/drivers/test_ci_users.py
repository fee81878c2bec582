"""What users put into their CI, played here as far as it can be: the scripts
are run, and with them what the files of CI systems run."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import xml.etree.ElementTree

import pytest

from conftest import FEW, LIMIT, PTCHECK, PTREF, report, verdicts

yaml = pytest.importorskip("yaml")

USERS = pathlib.Path(__file__).resolve().parents[2] / "ci/users"
FAULTY = f"{PTREF} --fault version-per-match"


@pytest.fixture(name="place")
def a_place(tmp_path):
    """A user's tree, with ptcheck and its scripts on the path."""
    (tmp_path / "bin").mkdir()
    for name in ("ptcheck-ci", "ptcheck-shards"):
        (tmp_path / "bin" / name).symlink_to(USERS / name)
    (tmp_path / "bin/ptcheck").symlink_to(pathlib.Path(PTCHECK).resolve())
    (tmp_path / "mytransport").symlink_to(pathlib.Path(PTREF).resolve())
    return tmp_path


def sh(place, text, shell="sh", **env):
    return subprocess.run(
        [shell, "-ec", text], cwd=place, capture_output=True, text=True,
        timeout=LIMIT, check=False, stdin=subprocess.DEVNULL,
        env={**{k: v for k, v in os.environ.items()
                if not k.startswith("GITHUB")}, **env,
             "PATH": f"{place / 'bin'}:{os.environ['PATH']}"})


def assert_reports(where):
    xml.etree.ElementTree.parse(where / "junit.xml")
    for name in ("report.sarif", "ctrf.json", "evidence/report.json"):
        json.loads((where / name).read_text())
    for name in ("report.html", "badge.svg"):
        assert (where / name).stat().st_size


@pytest.mark.parametrize("pt, status", [(PTREF, 0), (FAULTY, 1)])
def test_entry(place, pt, status):
    p = sh(place, f"ptcheck-ci {' '.join(FEW)} -- {pt}")
    assert p.returncode == status, p.stderr
    assert ("Conforms" in p.stdout) == (status == 0)
    assert_reports(place / "ptcheck-report")


def test_entry_passes_on_what_is_wrong(place):
    assert sh(place, "ptcheck-ci -- ./nothing").returncode == 2
    assert sh(place, "ptcheck-ci --select NO-1 -- x").returncode == 2


def test_github(place):
    """The step that runs it, as the runner would."""
    action = yaml.safe_load((USERS / "action.yml").read_text())
    assert action["runs"]["using"] == "composite"
    (step,) = [s for s in action["runs"]["steps"] if "ptcheck-ci" in
               s.get("run", "")]
    inputs = {k: v.get("default", "") for k, v in action["inputs"].items()}
    inputs.update(transport=FAULTY, args=" ".join(FEW))
    env = {k: re.sub(r"\$\{\{ inputs\.(\w+) \}\}",
                     lambda m: inputs[m[1]], v)
           for k, v in step["env"].items()}
    p = sh(place, step["run"], "bash", GITHUB_ACTIONS="true",
           GITHUB_ACTION_PATH=str(USERS),
           GITHUB_STEP_SUMMARY=str(place / "summary"), **env)
    assert p.returncode == 1, p.stderr
    assert "::error" in p.stdout
    assert "ENV-VER" in (place / "summary").read_text()
    assert_reports(place / inputs["out"])


def test_gitlab(place):
    spec, job = yaml.safe_load_all(
        (USERS / "gitlab-component.yml").read_text())
    inputs = {k: v.get("default", "") for k, v in spec["spec"]["inputs"]
              .items()}
    inputs.update(transport=PTREF, args=" ".join(FEW))

    def fill(text):
        return re.sub(r"\$\[\[ inputs\.(\w+) \]\]", lambda m: inputs[m[1]],
                      text)
    job = job["ptcheck"]
    p = sh(place, fill("\n".join(job["script"])),
           **{k: fill(v) for k, v in job["variables"].items()})
    assert p.returncode == 0, p.stderr
    assert (place / job["artifacts"]["reports"]["junit"]).exists()
    assert_reports(place / job["artifacts"]["paths"][0])


@pytest.mark.parametrize("name", ["action.yml", "gitlab-component.yml"])
def test_users_write_six_lines(name):
    """What stands at the head is whole, and names inputs that are there."""
    lines = [line[2:] for line in (USERS / name).read_text().splitlines()
             if line.startswith("#   ")]
    assert 0 < len(lines) <= 6
    (told,) = yaml.safe_load("\n".join(lines)) if name == "action.yml" else (
        yaml.safe_load("\n".join(lines))["include"])
    inputs = set(told.get("with") or told["inputs"])
    text = (USERS / name).read_text()
    assert inputs and all(re.search(rf"^ +{i}:", text, re.M) for i in inputs)


def one_line(name):
    """What the README tells users of a build system."""
    return re.search(rf"^\| {name} \| `(.*)` \|$",
                     (USERS / "README.md").read_text(), re.M)[1]


def test_make(place):
    (place / "Makefile").write_text(one_line("Make"))
    p = sh(place, "make check",
           PTCHECK_ARGS=" ".join(("--transport", "ident", *FEW)))
    assert p.returncode == 0, p.stderr
    assert_reports(place / "ptcheck-report")


def test_meson(place):
    if not shutil.which("meson"):
        pytest.skip("no meson: ci/setup installs it")
    (place / "meson.build").write_text(
        "project('mine', 'c')\n"
        "mytransport = executable('mine', 'mine.c')\n" + one_line("Meson"))
    (place / "mine.c").write_text(
        "#include <unistd.h>\nint main(int c, char **v) {(void)c;"
        f'return execv("{pathlib.Path(PTREF).resolve()}", v);}}\n')
    p = sh(place, "meson setup out && meson test -C out",
           PTCHECK_ARGS=" ".join(("--transport", "ident", *FEW)))
    assert p.returncode == 0, p.stdout + p.stderr
    assert_reports(place / "out/ptcheck-report")


def test_go(place):
    """With a stand-in for go: only what it is told matters here."""
    (place / "bin/go").write_text(
        '#!/bin/sh\n[ "$*" = "build -o mytransport ." ]\n')
    (place / "bin/go").chmod(0o755)
    p = sh(place, one_line("Go"),
           PTCHECK_ARGS=" ".join(("--transport", "ident", *FEW)))
    assert p.returncode == 0, p.stderr
    assert_reports(place / "ptcheck-report")


def test_shards(place):
    """As one: the same as the undivided run."""
    few = " ".join(FEW)
    p = sh(place, f"ptcheck-shards 2 whole {few} -- {FAULTY}")
    assert p.returncode == 1, p.stderr
    p = sh(place, f"ptcheck run --quiet --report json {few} -- {FAULTY}")
    whole = json.loads((place / "whole/report.json").read_text())
    assert verdicts(whole) == verdicts(report(p))


def commands(name):
    """The one command that each machine is given."""
    text = yaml.safe_load((USERS / name).read_text())
    if name.startswith("gitlab"):
        return (text["ptcheck-shard"]["script"][0],
                text["ptcheck"]["script"][0], "CI_NODE_INDEX", 1, ".")
    (container,) = text["spec"]["template"]["spec"]["containers"]
    assert text["spec"]["completionMode"] == "Indexed"
    return (container["command"][2], "ptcheck merge --out whole shard.*",
            "JOB_COMPLETION_INDEX", 0, "/runs")


@pytest.mark.parametrize("name", ["gitlab-shards.yml",
                                  "kubernetes-shards.yml"])
def test_machines(place, name):
    each, last, number, first, where = commands(name)
    few = " ".join(FEW)
    for i in range(4):
        p = sh(place, each.replace("ptcheck run", f"ptcheck run {few}")
               .replace(f"{where}/shard", "shard")
               .replace("./mytransport", PTREF),
               **{number: str(first + i), "CI_NODE_TOTAL": "4"})
        assert p.returncode == 0, p.stderr
    p = sh(place, last)
    assert p.returncode == 0, p.stderr
    assert (place / "whole/report.json").exists()


CONTAINERFILE = (USERS / "Containerfile").read_text()


def test_what_the_image_is_built_from():
    """What it copies is there, and what it sets up is told in ci/packages."""
    for line in re.findall(r"^COPY (?!--from)(.*)", CONTAINERFILE, re.M):
        for name in line.split()[:-1]:
            assert (USERS.parents[1] / name).exists(), name
    uses = re.search(r"ci/setup ([a-z ]+) &&", CONTAINERFILE)[1].split()
    rows = (USERS.parents[1] / "ci/packages").read_text().splitlines()
    assert set(uses) <= {row.split()[1] for row in rows
                         if row and row[0] != "#"}


def test_what_the_image_leaves_out():
    """Neither history nor what was built outside of it."""
    left_out = (USERS.parents[1] / ".dockerignore").read_text().split()
    assert {".git", "build"} <= set(left_out)


def packages_of(libraries):
    found = subprocess.run(
        ["dpkg", "-S", *(f"*-linux-gnu*/{name}" for name in libraries)],
        capture_output=True, text=True, timeout=LIMIT, check=True)
    return {line.split(":")[0] for line in found.stdout.splitlines()
            if pathlib.Path(line.split()[-1]).name in libraries}


def test_what_the_image_holds():
    """The packages of the libraries that our programs are linked with, no more
    and no less."""
    here = pathlib.Path("/etc/debian_version")
    if not here.exists() or not here.read_text().startswith("12."):
        pytest.skip("this is no Debian 12, which the image is made of")
    linked = {lib for program in (PTCHECK, PTREF) for lib in re.findall(
        r"NEEDED +(\S+)", subprocess.run(
            ["objdump", "-p", program], check=True, capture_output=True,
            text=True, timeout=LIMIT).stdout)}
    wanted = packages_of(linked) - {"libc6"}
    text = CONTAINERFILE[CONTAINERFILE.rindex("FROM"):].replace("\\\n", " ")
    told = re.search(r"--no-install-recommends ([^&]*)&&", text)[1].split()
    assert set(told) == wanted


def test_scripts_are_plain_shell():
    for tool in (["dash", "-n"], ["shellcheck", "-s", "sh"]):
        if shutil.which(tool[0]):
            subprocess.run([*tool, USERS / "ptcheck-ci",
                            USERS / "ptcheck-shards"], check=True,
                           timeout=LIMIT)


def test_commands_of_the_readme(place):
    text = (USERS / "README.md").read_text()
    (place / "ci").mkdir()
    (place / "ci/users").symlink_to(USERS)
    for line in re.findall(r"```sh\n(.*?)\n```", text, re.S):
        p = sh(place, line.replace("./mytransport", PTREF))
        assert p.returncode == 0, (line, p.stderr)


def test_completeness():
    """Each file is told of."""
    told = (USERS / "README.md").read_text()
    for path in USERS.iterdir():
        assert path.name == "README.md" or path.name in told, path.name
