"""Legal transports with needs of their own: nothing is found in them.

They are kinds of fake-transports/tests/needs/needs. Of each only those launches
are made that its need could mislead.
"""
import json

import pytest

from conftest import PTREF, ROOT, is_hindered, ptcheck, report, run

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
        if not is_hindered(row):
            found.setdefault(row["verdict"], {})[row["id"]] = row["reason"]
    return found


def nothing_in(found):
    """No finding, and nothing that could not be decided."""
    for verdict in ("fail", "warn", "inconclusive"):
        assert not found.get(verdict), found[verdict]


@pytest.mark.parametrize("kind, target, launches", [
    ("identity", {"transports": {"pyxor": PYXOR}},
     "settings.wrong*,socks.pair*,tunnel.data*,settings.good*"),
    ("flagsonly", {"transports": {"pyxor": PYXOR}, "flags_only": True,
                   "client_args": ["-client"], "server_args": ["-server"]},
     "tunnel.data*,server-list.*,config.*,bindaddr.plain*,socks.pair*"),
    ("url", {"transports": {"pyident": {
        "client_settings": {"url": "http://${bound}/"}}}},
     "tunnel.data*,settings.wrong*,settings.needed*,socks.pair*"),
])
def test_nothing_is_found(tmp_path, kind, target, launches):
    found = launched(tmp_path, kind, target, launches)
    nothing_in(found)
    assert found["pass"]


def test_one_sided(tmp_path):
    """What it lacks is na, which is said once."""
    target = {"transports": {"pyident": {}}}
    found = launched(tmp_path, "clientonly", target, None,
                     "--select", "CT-*,SVT-*,CM-DONE-1,SM-DONE-1,GEN-ROLE-*")
    nothing_in(found)
    assert {"SM-DONE-1", "SVT-ALLUNK-1"} <= found["na"].keys()
    assert {"CM-DONE-1", "CT-ALLUNK-1"} <= found["pass"].keys()


def test_a_program_for_each_role(tmp_path):
    """Two names; neither serves what the other does."""
    p = ptcheck("run", "--client", f"{NEEDS} clientonly", "--server",
                f"{NEEDS} identity", "--target", ROOT / "cases/targets/ptpy.json",
                "--transport", "pyident", "--spec", "2.0", "--report", "json",
                "--select", "CM-DONE-1,SM-DONE-1,GEN-E2E-1")
    rep = report(p)
    assert {r["id"]: r["verdict"] for r in rep["requirements"]} == {
        "CM-DONE-1": "pass", "SM-DONE-1": "pass", "GEN-E2E-1": "pass"}, rep
    p = ptcheck("run", "--client", PTREF, "--transport", "ident", "--spec",
                "2.0", "--report", "json", "--select", "CM-DONE-1,SM-DONE-1")
    assert {r["id"]: r["verdict"] for r in report(p)["requirements"]} == {
        "CM-DONE-1": "pass", "SM-DONE-1": "na"}


def test_settings_that_are_too_long(tmp_path):
    """PT 1.0 has 510 bytes for them; what is not told says nothing."""
    path = tmp_path / "target.json"
    path.write_text(json.dumps({"transports": {"ident": {
        "client_settings": {"long": "x" * 600}}}}))
    args = ("--target", path, "--select", "SK-REQ-1", "--report", "json")
    told, = report(run(*args, "--spec", "2.0"))["requirements"]
    assert told["verdict"] == "pass"
    left, = report(run(*args, "--spec", "1.0"))["requirements"]
    assert left["verdict"] == "untested"
    assert "do not fit into user name and password" in left["reason"]
