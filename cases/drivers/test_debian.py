"""The Debian packages: made by dpkg-buildpackage out of what is built already,
so that nothing is compiled again, and looked at by lintian."""
import os
import pathlib
import re
import shutil
import subprocess

import pytest

from conftest import LIMIT, PTCHECK, ROOT

BUILD = pathlib.Path(PTCHECK).parent
PACKAGES = {"ptcheck", "ptref", "ptparent", "libptparent1", "libptparent-dev"}


def sh(where, *words, **env):
    p = subprocess.run(words, cwd=where, capture_output=True, text=True,
                       timeout=5 * LIMIT, check=False,
                       env={**os.environ, **env})
    assert p.returncode == 0, (p.stdout + p.stderr)[-3000:]
    return p.stdout


@pytest.fixture(name="made", scope="module")
def packages(tmp_path_factory):
    """What a build leaves beside its source."""
    for tool in ("dpkg-buildpackage", "dh", "lintian"):
        if not shutil.which(tool):
            pytest.skip(f"no {tool}: ci/setup installs it")
    top = tmp_path_factory.mktemp("debian")
    tree = top / "ptcheck"
    tree.mkdir()
    files = sh(ROOT, "git", "ls-files", "-z").split("\0")[:-1]
    sh(ROOT, "cp", "-p", "--parents", *files, tree)
    sh(top, "dpkg-source", "-Zgzip", "-z1", "-b", "ptcheck")
    # Found where the rules of dependency say that it is, and not written to.
    inside = tree / os.path.relpath(BUILD, ROOT)
    if ROOT not in BUILD.parents:
        pytest.skip("built elsewhere")
    inside.parent.mkdir(parents=True, exist_ok=True)
    inside.symlink_to(BUILD)
    log = sh(tree, "dpkg-buildpackage", "-us", "-uc", "-b", "-nc", "-d",
             BUILD=str(inside.relative_to(tree)),
             DEB_BUILD_OPTIONS="nocheck noautodbgsym")
    assert not re.search("^ +(CC|LINK) ", log, re.M), "it was compiled again"
    return top


def test_lintian(made):
    said = sh(made, "lintian", "--allow-root", "--fail-on", "error,warning",
              *(str(p) for p in made.glob("*.changes")),
              *(str(p) for p in made.glob("*.dsc")))
    assert said == ""


def test_packages(made, tmp_path):
    """Each has what it is named for; together they are an installation."""
    debs = {p.name.split("_")[0]: p for p in made.glob("*.deb")}
    assert set(debs) == PACKAGES
    for deb in debs.values():
        sh(made, "dpkg-deb", "-x", deb, tmp_path)
    usr = tmp_path / "usr"
    env = {"PATH": f"{usr}/bin:{os.environ['PATH']}"}
    sh(tmp_path, "ptcheck", "run", "-q", "--role", "client", "--select",
       "ENV-VER-1", "--", "ptref", **env)
    for name in ("ptcheck", "ptcheck-ci", "ptcheck-shards", "ptref",
                 "ptparent"):
        assert (usr / f"bin/{name}").exists()
        assert list((usr / "share/man/man1").glob(f"{name}.1.gz")), name
    for name in ("bash-completion/completions/ptcheck",
                 "zsh/vendor-completions/_ptcheck",
                 "fish/vendor_completions.d/ptcheck.fish",
                 "doc/ptcheck/README.md.gz", "man/man3/libptparent.3.gz",
                 "man/man7/ptcheck-requirements.7.gz",
                 "man/man5/ptcheck-case.5.gz"):
        assert (usr / "share" / name).stat().st_size, name
    (lib,) = usr.glob("lib/*/libptparent.so.1")
    assert (lib.parent / "libptparent.so").resolve() == lib.resolve()
    pc = (lib.parent / "pkgconfig/ptparent.pc").read_text()
    assert f"libdir=${{prefix}}/lib/{lib.parent.name}\n" in pc


def test_source(made):
    """Nothing that is built is in it, and all that is kept."""
    (tar,) = made.glob("*.tar.gz")
    names = {n.split("/", 1)[1] for n in sh(
        made, "tar", "-tzf", tar).splitlines() if not n.endswith("/")}
    kept = set(sh(ROOT, "git", "ls-files").splitlines())
    assert names <= kept
    assert {n for n in kept - names if not n.startswith(".git")} == set()


def test_versions_agree():
    version = re.search(r"^VERSION := (\S+)", (ROOT / "Makefile").read_text(),
                        re.M)[1]
    assert f"ptcheck ({version}) " in (ROOT / "debian/changelog").read_text()


def test_what_a_build_needs():
    """As in ci/packages, what every Debian build has aside."""
    rows = [line.split() for line in (ROOT / "ci/packages").read_text()
            .splitlines() if line and line[0] != "#"]
    wanted = {row[0] for row in rows if row[1] == "build"}
    text = (ROOT / "debian/control").read_text()
    needs = re.search(r"^Build-Depends:\n((?: .*\n)+)", text, re.M)[1]
    names = {re.match(r"[a-z0-9-]+", n.strip())[0]
             for n in needs.splitlines()}
    assert names - {"debhelper-compat", "pkgconf", "check"} == wanted - {
        "gcc", "make", "pkg-config"}
