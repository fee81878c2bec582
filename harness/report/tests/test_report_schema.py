"""The committed report.json fits its schema, and the schema is strict."""
import copy
import json
import pathlib

import pytest

jsonschema = pytest.importorskip("jsonschema")

REPORTS = pathlib.Path(__file__).resolve().parents[3] / "reports"
SCHEMA = json.loads((REPORTS / "report.schema.json").read_text())
SAMPLE = json.loads((REPORTS / "samples" / "report.json").read_text())


def fits(report):
    """True when the report satisfies the schema."""
    return jsonschema.Draft202012Validator(SCHEMA).is_valid(report)


def test_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_sample_fits():
    jsonschema.Draft202012Validator(SCHEMA).validate(SAMPLE)


def objects(node, path=()):
    """The path of every object in the report."""
    if isinstance(node, dict):
        yield path
    items = node.items() if isinstance(node, dict) else (
        enumerate(node) if isinstance(node, list) else ())
    for key, value in items:
        yield from objects(value, path + (key,))


def at(node, path):
    """What stands at a path."""
    for key in path:
        node = node[key]
    return node


@pytest.mark.parametrize("path", list(objects(SAMPLE)), ids=str)
def test_keys_are_exact(path):
    for key in at(SAMPLE, path):
        broken = copy.deepcopy(SAMPLE)
        del at(broken, path)[key]
        assert not fits(broken), f"{key} may be missing"
    broken = copy.deepcopy(SAMPLE)
    at(broken, path)["surprise"] = 1
    assert not fits(broken), "an unknown key is accepted"


@pytest.mark.parametrize("path, value", [
    (("schema",), 2),
    (("target", "sha256"), "00"),
    (("target", "spec"), "3.0"),
    (("target", "roles"), ["parent"]),
    (("target", "argv"), []),
    (("target", "argv"), ["\x1b[31m"]),
    (("notes",), ["two\nlines"]),
    (("summary", "fail"), -1),
    (("timing", "wall_s"), "1"),
    (("requirements", 0, "verdict"), "none"),
    (("requirements", 0, "level"), "must"),
    (("requirements", 0, "id"), "env-ver-1"),
    (("requirements", 2, "reason"), ""),
    (("requirements", 2, "evidence", 0, "events"), [0]),
    (("requirements", 2, "evidence", 0, "events"), [1, 2, 3, 4, 5]),
])
def test_bad_values_are_refused(path, value):
    broken = copy.deepcopy(SAMPLE)
    at(broken, path[:-1])[path[-1]] = value
    assert not fits(broken)


def test_sample_has_every_verdict():
    verdicts = [row["verdict"] for row in SAMPLE["requirements"]]
    assert set(verdicts) == set(SAMPLE["summary"])
    for verdict, count in SAMPLE["summary"].items():
        assert verdicts.count(verdict) == count


def test_keys_stand_in_the_order_of_the_schema():
    def order(schema, value):
        if value is not None:  # it may be null, or what stands behind that
            schema = schema.get("anyOf", [schema])[-1]
        schema = SCHEMA["$defs"][schema["$ref"].split("/")[-1]] \
            if "$ref" in schema else schema
        if isinstance(value, dict):
            assert list(value) == list(schema["properties"])
            for key, part in value.items():
                order(schema["properties"][key], part)
        elif isinstance(value, list):
            for part in value:
                order(schema["items"], part)
    order(SCHEMA, SAMPLE)
