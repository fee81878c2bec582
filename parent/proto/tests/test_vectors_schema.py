"""Every file in vectors/ fits vectors/schema.json, and ids occur once."""

import json
import pathlib

import jsonschema
import pytest

VECTORS = pathlib.Path(__file__).resolve().parents[3] / "vectors"
FILES = sorted(p for p in VECTORS.glob("*.json") if p.name != "schema.json")
SCHEMA = json.loads((VECTORS / "schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def without_repeats(pairs):
    assert len(dict(pairs)) == len(pairs), f"a key twice among {pairs}"
    return dict(pairs)


def load(path):
    return json.loads(path.read_text(), object_pairs_hook=without_repeats)


def test_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert sorted(SCHEMA["properties"]["subject"]["enum"]) == [
        p.stem for p in FILES]


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_file_fits(path):
    doc = load(path)
    VALIDATOR.validate(doc)
    assert doc["subject"] == path.stem
    ids = [row["id"] for row in doc["rows"]]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_other_rows_do_not(path):
    doc = load(path)
    doc["rows"] = doc["rows"][:1]
    assert VALIDATOR.is_valid(doc)
    doc["rows"][0]["no-such-key"] = 1
    assert not VALIDATOR.is_valid(doc)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_readme_tells_of_it(path):
    assert f"`{path.name}`" in (VECTORS / "README.md").read_text()
