"""Legal transports, each with a habit that judges once took for a violation:
nothing is found in them.

They are kinds of fake-transports/tests/legal/legal, and a plain one in Node
beside it. Only those launches are made in which the habit matters;
options are those that users have.
"""
import concurrent.futures
import json
import shutil

import pytest

from conftest import ROOT, is_hindered, report, run

LEGAL = ROOT / "fake-transports/tests/legal"
PTPY = json.loads((ROOT / "cases/targets/ptpy.json").read_text())
SIDE_BY_SIDE = 4

# kind -> launches in which its habit matters
KINDS = {
    "udp": "socks.pair*,bindaddr.in-use*,tunnel.data*,smethod.session*",
    "kcp": "bindaddr.in-use*,stdin.connections*,tunnel.data*,tunnel.close*",
    "mux": "socks.destination*,socks.pair*,tunnel.data*,tunnel.close*",
    "poll": "tunnel.close*",
    "streams": "hygiene.emfile*,hygiene.closed*,tunnel.data*",
    "eager": "socks.destination*,tunnel.data*",
    "late": "tunnel.first*,tunnel.data*,socks.pair*",
    "front": "smethod.session*,bindaddr.plain*,tunnel.data*",
    "probe": "config.override-proxy*,proxy.scheme*,proxy.socks5*",
    "broker": "quiet.idle*",
    "slow": "socks.request*,settings.wrong*",
    "survivor": "socks.abuse*,stdin.data*",
    "pieces": "socks.pair*",
    "deaf": "settings.bad*,socks.greet*",
    "mapped": "bindaddr.plain*",
    "single": "bindaddr.part*,server-list.two*",
    "advice": "settings.wrong*,settings.mixed*",
    "optional": "settings.bad*,settings.needed*,settings.mixed*",
}
# The same for a plain one, which has the habits of its runtime.
PLAIN = "hygiene.nofile*,socks.pair*,tunnel.data*,stdin.connections*"


def target_of(kind):
    """ptpy's, or what of it is so of the kind."""
    if kind in ("poll", "streams"):
        return {**PTPY, "transports": {"pyident":
                                       PTPY["transports"]["pyident"]}}
    if kind not in ("front", "advice", "optional"):
        return PTPY
    pyxor = dict(PTPY["transports"]["pyxor"])
    if kind == "optional":
        del pyxor["bad_settings"]
    if kind == "advice":
        pyxor["settings_are_advice"] = True
    return {**PTPY, "transports": {"pyxor": pyxor}}


def found_in(place, name, target, launches, pt):
    """What is found: {id: (verdict, reason)}, and how much passes."""
    path = place / f"{name}.json"
    path.write_text(json.dumps(target))
    rows = report(run("--target", path, "--spec", "2.0", "--launch", launches,
                      "--report", "json", pt=pt))["requirements"]
    return ({r["id"]: (r["verdict"], r["reason"]) for r in rows
             if r["verdict"] in ("fail", "warn", "inconclusive")
             and not is_hindered(r)},
            sum(r["verdict"] == "pass" for r in rows))


@pytest.fixture(scope="module")
def kinds(request, tmp_path_factory):
    """Runs of those that are asked for, side by side."""
    place = tmp_path_factory.mktemp("legal")
    wanted = {item.callspec.params["kind"] for item in request.session.items
              if item.path == request.path and hasattr(item, "callspec")}
    with concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        runs = {kind: pool.submit(found_in, place, kind, target_of(kind),
                                  KINDS[kind], (LEGAL / "legal", kind))
                for kind in wanted}
        return {kind: run.result() for kind, run in runs.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_found(kinds, kind):
    found, passed = kinds[kind]
    assert found == {}
    assert passed


@pytest.mark.skipif(not shutil.which("node"), reason="there is no node")
def test_node(tmp_path):
    found, passed = found_in(tmp_path, "node", {"transports": {"nident": {}}},
                           PLAIN, (LEGAL / "node/ident.js",))
    assert found == {}
    assert passed
