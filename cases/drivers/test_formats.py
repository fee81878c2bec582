"""The formats of cases and targets: reader, schema and manual are of one mind,
and what `make docs` makes of the tables is fresh."""
import copy
import json
import pathlib
import re
import shutil
import subprocess

import jsonschema
import pytest

from conftest import LIMIT, PTCHECK, ROOT, one_complaint, ptcheck, run

GEN = pathlib.Path(PTCHECK).parent / "gen-docs"
CASES = sorted(p for p in (ROOT / "cases").glob("*.json")
               if p.name != "schema.json")
TARGETS = sorted((ROOT / "cases/targets").glob("*.json"))
MANUALS = sorted((ROOT / "docs/man").glob("*.[1357]"))


def validator(path):
    schema = json.loads((ROOT / path).read_text())
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


CASE = validator("cases/schema.json")
TARGET = validator("reports/target.schema.json")


def gen(*args):
    return subprocess.run([GEN, *args], stdout=subprocess.PIPE, text=True,
                          check=True, timeout=LIMIT).stdout


@pytest.mark.parametrize("path,args", [
    ("cases/schema.json", ["case-schema"]),
    ("reports/target.schema.json", ["target-schema"]),
    ("docs/man/ptcheck-case.5",
     ["manual", ROOT / "docs/man/ptcheck-case.5.in"]),
    ("docs/man/ptcheck-target.5",
     ["manual", ROOT / "docs/man/ptcheck-target.5.in"])])
def test_generated_files_are_fresh(path, args):
    assert (ROOT / path).read_text() == gen(*args), "`make docs` writes it"


@pytest.mark.parametrize("path,args", [
    ("docs/man/ptcheck.1", []),
    ("docs/man/ptcheck-requirements.7", ["requirements"])])
def test_manuals_of_the_program_are_fresh(path, args):
    assert ((ROOT / path).read_text() ==
            ptcheck("manual", *args).stdout), "`make docs` writes it"


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.name)
def test_cases_follow_the_schema(path):
    CASE.validate(json.loads(path.read_text()))


@pytest.mark.parametrize("path", TARGETS, ids=lambda p: p.name)
def test_targets_follow_the_schema(path):
    TARGET.validate(json.loads(path.read_text()))


# A case in which nothing is wrong, and which has a bit of everything.
RIGHT = {
    "schema": 1,
    "cases": [{
        "id": "mine.all", "title": "t", "aims": ["CT-IGN-1"],
        "roles": ["client"], "profiles": ["2.0"], "config": "odd",
        "needs": ["two"], "env": {"A": "${T}", "B": None},
        "flags": ["TOR_PT_@_TRANSPORTS"], "args": ["-x"], "stdin": "null",
        "parent": "init", "nofile": 20, "pipes": "narrow",
        "disk": {"bytes": 1}, "inject": [{"call": "open", "error": "EIO"}],
        "mode": "STUN", "target": "a:1",
        "steps": [
            {"do": "start"},
            {"do": "expect", "what": "done"},
            {"do": "connect", "to": "methods", "as": "c", "count": 2},
            {"do": "close", "what": "stdin"},
            {"do": "wait", "limit": "graceful"}],
        "variants": [{"id": "one"}]}],
}
AT = "/cases/0"

# Where, what to put there (None: take it away), and where ptcheck sees it.
WRONG_CASES = [
    ("/schema", 2, "/schema"),
    ("/wat", 1, "/"),
    (f"{AT}/id", "A b", f"{AT}/id"),
    (f"{AT}/id", ..., AT),
    (f"{AT}/title", 5, f"{AT}/title"),
    (f"{AT}/aims", "CT-IGN-1", f"{AT}/aims"),
    (f"{AT}/wat", 1, AT),
    (f"{AT}/roles", [], f"{AT}/roles"),
    (f"{AT}/roles", ["client", "client"], f"{AT}/roles/1"),
    (f"{AT}/profiles", [2.0], f"{AT}/profiles/0"),
    (f"{AT}/config", "good", f"{AT}/config"),
    (f"{AT}/needs", ["luck"], f"{AT}/needs/0"),
    (f"{AT}/env/A", 1, f"{AT}/env/A"),
    (f"{AT}/env/A=B", "", f"{AT}/env/A=B"),
    (f"{AT}/env/A", "\\q", f"{AT}/env/A"),
    (f"{AT}/flags", "some", f"{AT}/flags"),
    (f"{AT}/flags", ["HOME"], f"{AT}/flags/0"),
    (f"{AT}/stdin", "tty", f"{AT}/stdin"),
    (f"{AT}/nofile", 3, f"{AT}/nofile"),
    (f"{AT}/disk/size", 1, f"{AT}/disk"),
    (f"{AT}/disk/bytes", -1, f"{AT}/disk/bytes"),
    (f"{AT}/inject/0/call", ..., f"{AT}/inject/0"),
    (f"{AT}/inject/0/error", "EWAT", f"{AT}/inject/0/error"),
    (f"{AT}/inject", [{"call": "open", "error": "EIO"}] * 5, f"{AT}/inject"),
    (f"{AT}/mode", "tcp", f"{AT}/mode"),
    (f"{AT}/each", "role", f"{AT}/each"),
    (f"{AT}/variants", [], f"{AT}/variants"),
    (f"{AT}/variants/0/id", ..., f"{AT}/variants/0"),
    (f"{AT}/variants/0/roles", ["client"], f"{AT}/variants/0"),
    (f"{AT}/steps", [], f"{AT}/steps"),
    (f"{AT}/steps/1", {"do": "start"}, None),
    (f"{AT}/steps/1", 1, f"{AT}/steps/1"),
    (f"{AT}/steps/1/do", ..., f"{AT}/steps/1"),
    (f"{AT}/steps/1/do", "wat", f"{AT}/steps/1/do"),
    (f"{AT}/steps/1/what", ..., f"{AT}/steps/1"),
    (f"{AT}/steps/1/what", "peace", f"{AT}/steps/1/what"),
    (f"{AT}/steps/1/limit", "none", f"{AT}/steps/1/limit"),
    (f"{AT}/steps/1/as", "x", f"{AT}/steps/1"),
    (f"{AT}/steps/2/as", "stdin", f"{AT}/steps/2/as"),
    (f"{AT}/steps/2/as", "A", f"{AT}/steps/2/as"),
    (f"{AT}/steps/2/count", 0, f"{AT}/steps/2/count"),
    (f"{AT}/steps/2/hold", 1, f"{AT}/steps/2/hold"),
    (f"{AT}/steps/3/how", "now", f"{AT}/steps/3/how"),
    (f"{AT}/steps/3/how", "rst", f"{AT}/steps/3"),
    (f"{AT}/steps/4/for", "accept", f"{AT}/steps/4"),
    (f"{AT}/steps/4/on", "c", f"{AT}/steps/4"),
    (f"{AT}/steps/4", {"do": "window", "limit": "init"},
     f"{AT}/steps/4/limit"),
    (f"{AT}/steps/4", {"do": "pause", "ms": -1}, f"{AT}/steps/4/ms"),
    (f"{AT}/steps/4", {"do": "signal", "signal": "SIGTERM"},
     f"{AT}/steps/4/signal"),
    (f"{AT}/steps/4", {"do": "proxy", "at": "x", "as": "p",
                       "kind": "socks6"}, f"{AT}/steps/4/kind"),
    (f"{AT}/steps/4", {"do": "extor", "at": "x", "as": "p",
                       "does": "stall-wat"}, f"{AT}/steps/4/does"),
]

RIGHT_TARGET = {
    "transports": {"a": {
        "roles": ["client"], "modes": ["STUN"], "server_options": {"k": "v"},
        "free_options": ["k"], "client_settings": {"k": {"arg": "c"}},
        "bad_settings": [{"k": "v"}], "lazy_dial": True, "udp_idle_s": 5}},
    "client_args": ["-c"], "mode_args": {"STUN": ["-s"]}, "wrapper": False,
    "options": {"errors.stream": "either"},
}
A = "/transports/a"
WRONG_TARGETS = [
    ("/transports", ..., "/"),
    ("/transports", {}, "/transports"),
    ("/transports/9a", {}, "/transports/9a"),
    (A, 1, A),
    (f"{A}/role", [], A),
    (f"{A}/roles", ["sever"], f"{A}/roles/0"),
    (f"{A}/modes", [], f"{A}/modes"),
    (f"{A}/server_options/k", 1, f"{A}/server_options/k"),
    (f"{A}/client_settings", "args", f"{A}/client_settings"),
    (f"{A}/client_settings/k/b", 1, f"{A}/client_settings/k"),
    (f"{A}/client_settings/k/arg", 1, f"{A}/client_settings/k/arg"),
    (f"{A}/bad_settings", [[]], f"{A}/bad_settings/0"),
    (f"{A}/secret_fields", [None], f"{A}/secret_fields/0"),
    (f"{A}/lazy_dial", "no", f"{A}/lazy_dial"),
    (f"{A}/udp_idle_s", 0, f"{A}/udp_idle_s"),
    ("/args", [], "/"),
    ("/client_args", "x", "/client_args"),
    ("/mode_args/tcp", [], "/mode_args"),
    ("/mode_args/STUN", "x", "/mode_args/STUN"),
    ("/wrapper", 0, "/wrapper"),
    ("/options/wat", "x", "/options/wat"),
]


def changed(document, pointer, value):
    """A copy with `value` at the pointer, or (...) without what is there."""
    out = at = copy.deepcopy(document)
    *way, last = pointer.split("/")[1:]
    for word in way:
        at = at[int(word) if isinstance(at, list) else word]
    last = int(last) if isinstance(at, list) else last
    if value is ...:
        del at[last]
    else:
        at[last] = value
    return out


def complaint_about(tmp_path, option, document):
    path = tmp_path / "file.json"
    path.write_text(json.dumps(document))
    return path, run(option, tmp_path if option == "--cases" else path,
                     pt=("/bin/true",))


def test_right_files_are_right(tmp_path):
    CASE.validate(RIGHT)
    TARGET.validate(RIGHT_TARGET)
    for option, document in (("--cases", RIGHT), ("--target", RIGHT_TARGET)):
        path, p = complaint_about(tmp_path, option, document)
        assert str(path) not in p.stderr


def refused_by_both(tmp_path, schema, option, document, seen):
    """The schema and ptcheck refuse it, both for what is at the pointer."""
    places = ["/" + "/".join(map(str, error.absolute_path))
              for error in schema.iter_errors(document)]
    # That a step is none of all its kinds is all that a schema can say.
    assert any(place == seen or seen.startswith(place + "/") or
               seen.startswith(place) and place == "/"
               for place in places), places
    path, p = complaint_about(tmp_path, option, document)
    one_complaint(p, 2, f"{path}: {seen}: ")


@pytest.mark.parametrize("schema,option,document,pointer,value,seen", [
    # nothing is wrong
    (CASE, "--cases", RIGHT, f"{AT}/title", "other", f"{AT}/title"),
    (TARGET, "--target", RIGHT_TARGET, f"{A}/lazy_dial", False,
     f"{A}/lazy_dial"),
    # something else is
    (CASE, "--cases", RIGHT, f"{AT}/title", 5, f"{AT}/id"),
    (TARGET, "--target", RIGHT_TARGET, "/wrapper", 0, f"{A}/modes")])
def test_mistakes_that_are_none_are_seen(tmp_path, schema, option, document,
                                         pointer, value, seen):
    with pytest.raises(AssertionError):
        refused_by_both(tmp_path, schema, option,
                        changed(document, pointer, value), seen)


@pytest.mark.parametrize("pointer,value,seen", WRONG_CASES)
def test_wrong_cases_are_refused_by_both(tmp_path, pointer, value, seen):
    document = changed(RIGHT, pointer, value)
    if seen is None:  # three starts are right, four are not
        document["cases"][0]["steps"][:0] = [{"do": "start"}] * 2
        seen = f"{AT}/steps/3"
    refused_by_both(tmp_path, CASE, "--cases", document, seen)


@pytest.mark.parametrize("pointer,value,seen", WRONG_TARGETS)
def test_wrong_targets_are_refused_by_both(tmp_path, pointer, value, seen):
    refused_by_both(tmp_path, TARGET, "--target",
                    changed(RIGHT_TARGET, pointer, value), seen)


@pytest.mark.parametrize("path", MANUALS, ids=lambda p: p.name)
def test_manuals_are_clean_roff(path):
    if not shutil.which("groff"):
        pytest.skip("groff is not installed")
    p = subprocess.run(["groff", "-man", "-ww", "-Tutf8", path], text=True,
                       capture_output=True, check=False, timeout=LIMIT)
    assert (p.returncode, p.stderr) == (0, "")
    assert "SEE ALSO" in re.sub(".\b", "", p.stdout)
