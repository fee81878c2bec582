"""Legal transports with needs of their own: nothing is found in them.

They are kinds of fake-transports/tests/needs/needs. Of each only those launches
are made that its need could mislead.
"""
import json

import pytest

from conftest import ROOT, report, run

NEEDS = ROOT / "fake-transports/tests/needs/needs"
PYXOR = {
    "server_options": {"key": "both-sides-have-it"},
    "client_settings": "from-args",
    "conceals_payload": True,
}


def launched(tmp_path, kind, target, launches, *more):
    """The verdicts of a run: {verdict: {id: reason}}."""
    path = tmp_path / "target.json"
    path.write_text(json.dumps(target))
    p = run("--target", path, "--spec", "2.0", "--report", "json",
            *(("--launch", launches) if launches else ()), *more,
            pt=(NEEDS, kind))
    found = {}
    for row in report(p)["requirements"]:
        found.setdefault(row["verdict"], {})[row["id"]] = row["reason"]
    return found


def nothing_in(found):
    """No finding, and nothing that could not be decided."""
    for verdict in ("fail", "warn", "inconclusive"):
        assert not found.get(verdict), found[verdict]


@pytest.mark.parametrize("kind, target, launches", [
    ("identity", {"transports": {"pyxor": PYXOR}},
     "settings.wrong*,socks.pair*,tunnel.data*,settings.good*"),
])
def test_nothing_is_found(tmp_path, kind, target, launches):
    found = launched(tmp_path, kind, target, launches)
    nothing_in(found)
    assert found["pass"]
