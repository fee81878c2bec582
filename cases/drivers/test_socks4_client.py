"""A client that announces socks4, as version 1 lets it: what goes through
tunnels is judged there as well, and what only SOCKS5 has is left out."""
import pytest

from conftest import PTREF, events, is_hindered, report, run, traces_of

SOCKS4 = (PTREF, "-mode", "socks4")
# Fewer would mean that much was not seen at all.
AT_LEAST = 270


@pytest.fixture(scope="module")
def evidence(tmp_path_factory):
    out = tmp_path_factory.mktemp("socks4") / "out"
    p = run("--spec", "1.0", "--role", "both", "--strict", "--out", out,
            "--report", "json", pt=SOCKS4)
    rep = report(p)
    assert (p.returncode, p.stderr) == (
        3 if rep["summary"]["inconclusive"] else 0, "")
    return out, rep


@pytest.fixture(scope="module")
def rows(evidence):
    return {row["id"]: row for row in evidence[1]["requirements"]}


def test_conforms(evidence, rows):
    found = {i: row["reason"] for i, row in rows.items()
             if row["verdict"] in ("fail", "warn", "inconclusive")
             and not is_hindered(row)}
    assert found == {}
    assert evidence[1]["summary"]["pass"] >= AT_LEAST


@pytest.mark.parametrize("i", [
    "CM-LISTEN-2", "CM-PROTO-1", "EXT-MSG-11", "GEN-E2E-1", "HY-EMFILE-1",
    "PX-USE-1", "SK-ARG-5", "SK-ARG-6", "SK-ARG-7", "SK-ARG-8", "SK-ARG-9",
    "SK-DATA-1", "SK-DEST-1", "SK-ROB-1", "SK-ROB-2", "SM-ARGS-5",
    "ST-ONLY-1", *(f"SK-V4-{n}" for n in range(1, 10))])
def test_is_exercised(rows, i):
    assert rows[i]["verdict"] == "pass", rows[i]


@pytest.mark.parametrize("i", [
    "SK-GREET-1", "SK-REQ-1", "SK-REP-1", "SK-ARG-1"])
def test_what_socks5_has_is_left_out(rows, i):
    assert rows[i]["verdict"] == "na", rows[i]
    assert rows[i]["reason"] == "speaks SOCKS4, not SOCKS5"


def methods(trace):
    """The connections of a launch to what a client announced."""
    client = trace.head["role"] == "client"
    return [ev["conn"] for ev in events(trace, "connect", result="ok")
            if client and ":" in ev["conn"]]


def test_nothing_else_is_spoken(evidence):
    """No launch but that about other versions greets it by SOCKS5."""
    greeted, asked = set(), 0
    for trace in traces_of(evidence[0]):
        sessions = {ev["conn"] for ev in events(trace, "socks")}
        asked += len(sessions)
        seen = set()
        for ev in events(trace, "send"):
            if ev["conn"] in seen:
                continue
            seen.add(ev["conn"])
            if ev["conn"] in sessions:
                assert ev["data"].startswith("\\x04"), (trace.id, ev)
            elif ev["conn"] in methods(trace) and \
                    ev["data"].startswith("\\x05"):
                greeted.add(trace.id)
    assert greeted <= {"socks4.request@client"}
    assert asked > 100


@pytest.mark.parametrize("spec", ["1.0", "2.0"])
def test_socks5_needs_none_of_it(spec):
    p = run("--spec", spec, "--role", "client", "--select", "SK-V4-1,SK-ARG-5",
            "--report", "json")
    for row in report(p)["requirements"]:
        if row["id"] in ("SK-V4-1", "SK-ARG-5"):
            assert row["verdict"] == "na", row
