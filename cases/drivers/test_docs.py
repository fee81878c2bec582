"""Every command in the README and the documents runs: the ```sh blocks of a
file are carried out in order, in a directory of their own.  What they would
launch in whole runs other tests launch (test_transports.py, test_faults.py), so
there they have the cases of two subjects."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

from conftest import LIMIT

ROOT = pathlib.Path(__file__).resolve().parents[2]
PTCHECK = pathlib.Path(os.environ.get("PTCHECK", ROOT / "build/ptcheck"))
PTREF = pathlib.Path(os.environ.get("PTREF", ROOT / "build/ptref"))
DOCUMENTS = sorted(
    p for p in [ROOT / "README.md", *ROOT.glob("docs/*.md"),
                *ROOT.glob("*/README.md")]
    if "```sh" in p.read_text())

# With none of these a run is a whole one.
PARTLY = ("--select", "--launch", "--cases", "--dry-run")

# A reader's transport: ptref under the names that the documents use.
WRAPPER = """#!/bin/sh
for word; do
	case $word in --its|--own|--flags) shift ;; esac
done
exec {ptref} "$@"
"""


def blocks(path):
    return re.findall(r"```sh\n(.*?)```", path.read_text(), re.S)


def files(path):
    """Files that a document shows: `name`: followed by a ```json block."""
    return re.findall(r"^`([\w./-]+)`:\n\n```json\n(.*?)```",
                      path.read_text(), re.S | re.M)


def prepare(tmp_path):
    """Where a reader stands: the source tree, with his transport in it."""
    here = tmp_path / "here"
    here.mkdir()
    for name in ("bench", "cases", "vectors", "reports"):
        shutil.copytree(ROOT / name, here / name)
    (here / "build").symlink_to(PTCHECK.resolve().parent)
    (here / "few").mkdir()
    for name in ("general", "version"):
        shutil.copy(ROOT / f"cases/{name}.json", here / "few")
    wrapper = here / "mytransport"
    wrapper.write_text(WRAPPER.format(ptref=PTREF))
    wrapper.chmod(0o755)
    links = tmp_path / "bin"
    links.mkdir()
    (links / "ptcheck").symlink_to(PTCHECK)
    (links / "ptref").symlink_to(PTREF)
    path = f"{links}:{os.environ['PATH']}"
    # The documents' transport answers to ptref's name.
    return here, {**os.environ, "PATH": path}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: str(
    p.relative_to(ROOT)))
def test_commands_run(path, tmp_path):
    here, env = prepare(tmp_path)
    shown = files(path)
    for block in blocks(path):
        for line in filter(None, block.replace("\\\n", " ").splitlines()):
            line = line.replace("--transport mytransport",
                                "--transport ident")
            if "./mytransport" in line and "--transport" not in line:
                line = line.replace("ptcheck run",
                                    "ptcheck run --transport ident")
            if not any(word in line for word in PARTLY):
                line = line.replace("ptcheck run", "ptcheck run --cases few")
            for name, text in shown:
                if (here / name).parent.is_dir():
                    (here / name).write_text(text)
            done = subprocess.run(["sh", "-c", line], cwd=here, env=env,
                                  capture_output=True, timeout=LIMIT)
            told = done.stdout.decode() + done.stderr.decode()
            assert done.returncode in (0, 1), f"{line}\n{told[-2000:]}"


def test_makefile_targets_of_the_readme_exist():
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"`?make (\w[\w-]*)", (
            ROOT / "README.md").read_text()):
        assert re.search(rf"^{target}:", makefile, re.M), target


def test_links_of_the_documents_lead_somewhere():
    for path in [ROOT / "README.md", *ROOT.glob("docs/*.md"),
                 *ROOT.glob("*/README.md")]:
        for link in re.findall(r"\]\(([^)#:]+)\)", path.read_text()):
            assert (path.parent / link).exists(), f"{path}: {link}"
