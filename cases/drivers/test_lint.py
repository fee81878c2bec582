"""The checks of ci/lint notice what they are for."""
import shutil
import subprocess

import pytest

from conftest import ROOT

FUNCTION = "static int f{0}(int a,\n\t\tint b)\n{{\n{1}}}\n\n"


class Tree:
    """A small project with ci/sizes in it."""

    def __init__(self, path):
        self.path = path
        (path / "ci").mkdir()
        shutil.copy(ROOT / "ci/sizes", path / "ci")
        subprocess.run(["git", "init", "-q", path], check=True)
        self.allow()

    def write(self, name, text):
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def allow(self, *lines):
        self.write("ci/sizes-allowed", "".join(f"{x}\n" for x in lines))

    def complaints(self, *args):
        p = subprocess.run([self.path / "ci/sizes", *args], text=True,
                           stdout=subprocess.PIPE, check=False)
        lines = p.stdout.splitlines()
        assert args or p.returncode == bool(lines), p
        return lines


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path)


def test_sizes_as_they_may_be(tree):
    for i in range(20):
        tree.write(f"harness/a/{i}.c", "x\n" * 600)
        tree.write(f"harness/a/tests/{i}.h", "x\n")
    # 60 lines from name to brace: 2 of the name, 2 braces
    tree.write("harness/b/b.c", FUNCTION.format(1, "\t;\n" * 56) * 2)
    assert tree.complaints() == []


@pytest.mark.parametrize("name, text, complaint", [
    ("b.c", "x\n" * 601, "harness/a/b.c: 601 lines, 600 are allowed"),
    ("rows.inc", "x\n" * 601,
     "harness/a/rows.inc: 601 lines, 600 are allowed"),
    ("b.c", FUNCTION.format(1, "") + FUNCTION.format(2, "\t;\n" * 57),
     "harness/a/b.c:f2: 61 lines, 60 are allowed"),
    ("b.c", "START_TEST(t)\n{\n" + "\t;\n" * 58 + "}\nEND_TEST\n",
     "harness/a/b.c:t: 61 lines, 60 are allowed"),
], ids=["file", "rows", "function", "test"])
def test_too_large(tree, name, text, complaint):
    tree.write(f"harness/a/{name}", text)
    assert tree.complaints() == [complaint]
    kind = "function" if ":" in complaint.split(" ")[0][:-1] else "file"
    what, size = complaint.split(" ")[:2]
    line = f"{kind} {what[:-1]} {size}"
    assert tree.complaints("--list") == [line]
    tree.allow(line)
    assert tree.complaints() == []
    tree.allow(f"{kind} {what[:-1]} {int(size) - 1}")
    assert tree.complaints() == [
        f"{what} {size} lines, {int(size) - 1} are allowed"]


def test_too_many_files(tree):
    for i in range(21):
        tree.write(f"harness/a/tests/{i}.py", "")
    assert tree.complaints() == [
        "harness/a/tests: 21 files, 20 are allowed"]


def test_a_line_that_is_not_needed(tree):
    tree.write("harness/a/b.c", "x\n")
    tree.allow("# why", "file harness/a/b.c 700")
    assert tree.complaints() == [
        "ci/sizes-allowed: no longer needed: file harness/a/b.c"]
