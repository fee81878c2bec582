"""Legal transports, each with a habit that judges once took for a violation:
nothing is found in them.

They are kinds of fake-transports/tests/legal/legal, and plain ones in Node and
Java beside it. Only those launches are made in which the habit matters;
options are those that users have.
"""
import concurrent.futures
import json
import shutil
import subprocess

import pytest

from conftest import LIMIT, ROOT, is_hindered, report, run

LEGAL = ROOT / "fake-transports/tests/legal"
PTPY = json.loads((ROOT / "cases/targets/ptpy.json").read_text())
SIDE_BY_SIDE = 4

# kind -> launches in which its habit matters
KINDS = {
    "udp": "socks.pair*,bindaddr.in-use*,tunnel.data*,smethod.session*,"
           "session.full*,tcp.target/ipv4*",
    "kcp": "bindaddr.in-use*,stdin.connections*,tunnel.data*,tunnel.close*,"
           "session.logs/address*,session.full*,session.half*",
    "quic": "session.logs*,tunnel.data*,settings.bad*,session.full*",
    "tls": "session.proxy-bound*,tunnel.data*,tunnel.close*,settings.bad*",
    "mux": "socks.destination*,socks.pair*,tunnel.data*,tunnel.close*,"
           "tunnel.rest*,session.full*,session.half*",
    "poll": "tunnel.close*,tunnel.rest*,session.full*,session.nowhere*,"
            "session.logs-server*",
    "streams": "hygiene.emfile*,hygiene.closed*,tunnel.data*,session.full*",
    "threads": "hygiene.emfile*,hygiene.many*,tunnel.data*,tunnel.close*,"
               "session.full*,hygiene.left*",
    "forks": "tunnel.close*,session.half*,session.end*,shutdown.term*",
    "pool": "proxy.answers*,proxy.pieces*,session.proxy*,tunnel.data*",
    "chatty": "cmethod.*,smethod.session*,client-list.*,lines.*",
    "eager": "socks.destination*,tunnel.data*",
    "ahead": "proxy.use*,tunnel.data*",
    "gather": "tunnel.slow*,tunnel.first*",
    "six": "session.logs*,anonymity*,socks.pair*",
    "late": "tunnel.first*,tunnel.data*,socks.pair*",
    "front": "smethod.session*,bindaddr.plain*,tunnel.data*",
    "probe": "config.override-proxy*,proxy.scheme*,proxy.socks5*",
    "broker": "quiet.idle*",
    "registrar": "session.proxy-broken*,session.proxy-bound*",
    "slow": "socks.request*,settings.wrong*",
    "survivor": "socks.abuse*,stdin.data*",
    "pieces": "socks.pair*",
    "deaf": "settings.bad*,socks.greet*",
    "mapped": "bindaddr.plain*",
    "metrics": "hygiene.idle*,session.half*",
    "journal": "session.many*,session.down*",
    "coy": "hygiene.fds-garbage*,tunnel.data*",
    "single": "bindaddr.part*,server-list.two*",
    "advice": "settings.wrong*,settings.mixed*",
    "remote": "socks.far*,socks.pair*",
    "names": "socks.far*,socks.pair*",
    "strict": "settings.good*",
    "learnt": "settings.good*,settings.bad*,settings.wrong*,tcp.tunnel*,"
              "udp-client.both*,udp-server.frames/plain*,stun.both*,"
              "udp-session.open*",
    "optional": "settings.bad*,settings.needed*,settings.mixed*",
}
# The same for plain ones, which have the habits of their runtimes.
REST = "session.full*,session.half*,session.nowhere*,hygiene.left*"
NODE = ("hygiene.nofile*,socks.pair*,tunnel.data*,stdin.connections*,"
        + REST)
JAVA = ("hygiene.closed*,tunnel.data*,socks.pair*,stdin.connections*,"
        + REST)
SCRIPT = "shutdown.term*,shutdown.early*,shutdown.parent@*"


# Those with a transport of their own.
OWN = {
    "quic": {"pyquic": {"bad_settings": [{}, {"id": "short"}]}},
    "tls": {"pytls": {"bad_settings": [{}, {"cert": "short"}],
                      "conceals_payload": True}},
}


def target_of(kind):
    """ptpy's, or what of it is so of the kind."""
    if kind in OWN:
        return {"transports": OWN[kind]}
    if kind in ("poll", "streams", "threads", "forks"):
        return {**PTPY, "transports": {"pyident":
                                       PTPY["transports"]["pyident"]}}
    if kind == "learnt":
        # What nobody says the probe finds out.
        said = PTPY["transports"]["pyxor"]
        return {"transports": {"pyxor": {"modes": said["modes"],
                                         "udp_idle_s": said["udp_idle_s"]}},
                "mode_args": PTPY["mode_args"]}
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
              if item.path == request.path and
              item.originalname == test_nothing_is_found.__name__}
    with concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        runs = {kind: pool.submit(found_in, place, kind, target_of(kind),
                                  KINDS[kind], (LEGAL / "legal", kind))
                for kind in wanted}
        return {kind: run.result() for kind, run in runs.items()}


@pytest.mark.parametrize("kind", [
    pytest.param(kind, marks=pytest.mark.skipif(
        kind == "tls" and not shutil.which("openssl"),
        reason="there is no openssl")) for kind in KINDS])
def test_nothing_is_found(kinds, kind):
    found, passed = kinds[kind]
    assert found == {}
    assert passed


# What speaks one mode alone, and nobody says so: launches, and what they show.
ONLY = {
    "only_tcp": ("tcp.tunnel/words*,tcp.refused*,cmethod.unknown*",
                 {"CM-MODE-TCP-1", "TT-RAW-1", "TT-SRV-1", "TT-FAIL-1"},
                 "announces transparent-TCP in place of SOCKS"),
    "only_udp": ("udp-client.both*,udp-client.lost/*,cmethod.unknown*",
                 {"CM-MODE-UDP-1", "UC-LISTEN-1", "UC-RET-1", "UC-POOL-1",
                  "UC-T1-R3", "UC-T1-R5", "UC-T1-R7"},
                 "announces transparent-UDP in place of SOCKS"),
    "only_stun": ("stun.both*,stun.lost/*,cmethod.unknown*",
                  {"CM-MODE-UDP-1", "STN-C-3"},
                  "announces STUN in place of SOCKS"),
}


@pytest.mark.parametrize("kind", ONLY)
def test_one_mode_needs_no_target(kind):
    launches, shown, why = ONLY[kind]
    rows = report(run("--transport", "pyident", "--launch", launches,
                      "--report", "json",
                      pt=(LEGAL / "legal", kind)))["requirements"]
    assert not [r for r in rows if r["verdict"] in
                ("fail", "warn", "inconclusive") and not is_hindered(r)]
    rows = {r["id"]: r for r in rows}
    assert {i for i in shown if rows[i]["verdict"] != "pass"} == set()
    socks = rows["SK-REQ-1"]
    assert (socks["verdict"], socks["reason"]) == ("na", why)
    # A server in STUN beside a client in another mode: whether it has both is
    # for a target to say.
    crossed = rows["STN-S-1"]
    assert crossed["verdict"] == "untested"
    assert "mode_args" in crossed["reason"]


def test_what_is_printed_is_told(tmp_path):
    rows = report(run("--transport", "pyxor", "--role", "client", "--launch",
                      "settings.wrong*", "--report", "json",
                      pt=(LEGAL / "legal", "learnt")))["requirements"]
    assert {r["id"]: r["verdict"] for r in rows}["SK-JPB-OK-2"] == "pass"


def test_script(tmp_path):
    # A signal hits the shell alone, and so does the end of its parent.
    found, passed = found_in(
        tmp_path, "script", {**PTPY, "wrapper": True}, SCRIPT,
        ("/bin/sh", "-c", '"$0" "$@"; exit $?',
         ROOT / "fake-transports/py/ptpy"))
    assert found == {}
    assert passed


@pytest.mark.skipif(not shutil.which("node"), reason="there is no node")
def test_node(tmp_path):
    found, passed = found_in(tmp_path, "node", {"transports": {"nident": {}}},
                           NODE, (LEGAL / "node/ident.js",))
    assert found == {}
    assert passed


@pytest.mark.skipif(not shutil.which("javac"), reason="there is no javac")
def test_java(tmp_path):
    # Classes of a directory cannot be loaded where descriptors are short.
    sources = sorted((LEGAL / "java").glob("*.java"))
    jar = tmp_path / "jident.jar"
    subprocess.run(["javac", "-nowarn", "-d", tmp_path / "made", *sources],
                   check=True, capture_output=True, timeout=LIMIT)
    subprocess.run(["jar", "--create", "--file", jar, "--main-class",
                    "Jident", "-C", tmp_path / "made", "."],
                   check=True, timeout=LIMIT)
    found, passed = found_in(tmp_path, "java", {"transports": {"jident": {}}},
                             JAVA, ("java", "-jar", jar))
    assert found == {}
    assert passed
