"""ci/fault-rows: what stands beside the code becomes a table."""
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CODE = "static void f(void)\n{\n\tif (fault_is(F_A) || fault_is(F_B))\n}\n"
ROW = 'FAULT(A, "a", "what", "X-1", "");\n'


@pytest.fixture
def collect(tmp_path):
    def run(*texts):
        files = [f"{i}.c" for i in range(len(texts))]
        for name, text in zip(files, texts):
            (tmp_path / name).write_text(text)
        p = subprocess.run([ROOT / "ci/fault-rows", *files], text=True,
                           cwd=tmp_path, capture_output=True, check=False)
        assert p.returncode == bool(p.stderr), p
        return p.stdout.splitlines(), p.stderr.splitlines()

    return run


def test_rows(collect):
    rows, wrong = collect(
        "/* FAULT(C) in a comment */\n"
        'FAULT(A, "a",\n      "is \\"odd, really", "X-1 "\n\t"Y-1",\n'
        '      MANY " Z-*");\n'
        'FAULT_WITH(MODE " -b", B, "b", "w", "X-1",\n\t   "*");\n' + CODE,
        'FAULT(C_2, "c-2", "w", MANY, "");\nenum fault f = F_C_2;\n')
    assert not wrong
    assert rows == [
        'X(A, "a", "is \\"odd, really", "X-1 " "Y-1", MANY " Z-*", "")',
        'X(B, "b", "w", "X-1", "*", MODE " -b")',
        'X(C_2, "c-2", "w", MANY, "", "")']


@pytest.mark.parametrize("row", [
    'FAULT(A, "a", "what", "X-1");\n',
    'FAULT(A, "a", "what", "X-1", "", "more");\n',
    'FAULT(a, "a", "what", "X-1", "");\n',
    'FAULT(A, "A b", "what", "X-1", "");\n',
    'FAULT(A, "a", "", "X-1", "");\n',
    'FAULT(A, "a", "what", "", "");\n',
    'FAULT(A, "a", "what", "X-1, "");\n',
    'FAULT_WITH(A, "a", "what", "X-1", "");\n',
])
def test_unreadable(collect, row):
    rows, wrong = collect("\n" + row + CODE)
    assert not rows
    assert len(wrong) == 1
    assert wrong[0].startswith("0.c:2: cannot read this fault; ")


@pytest.mark.parametrize("texts, complaint", [
    ((ROW + CODE, "\n" + ROW.replace('"a"', '"b"') + CODE), "1.c:2: A is at 0.c:1 already"),
    ((ROW + ROW.replace("(A", "(B") + CODE,),
     '0.c:2: "a" is at 0.c:1 already'),
    ((CODE + ROW,), "0.c:5: nothing below says F_A"),
    ((ROW, CODE), "0.c:1: nothing below says F_A"),
    ((ROW + CODE.replace("F_A", "F_AB"),), "0.c:1: nothing below says F_A"),
    (('FAULT(A, "a",\n' + CODE,), "0.c:1: a fault without an end"),
    (('FAULT(A, "a",\n' + ROW + CODE,), "0.c:1: a fault without an end"),
])
def test_complaints(collect, texts, complaint):
    assert collect(*texts)[1] == [complaint]
