"""Transports of Debian 12: what is found is known to be true, and is found."""
import pytest

from conftest import is_hindered, report, run

# The verdicts that are due, with the reason; each was looked at by hand.
KNOWN = {
    "obfs4proxy": {
        "fail": {
            "PX-ANS-1": "a broken proxy URI makes it exit without a word",
            "PX-MALF-1": "the same",
            "PX-USE-1": "with an http:// proxy it asks the local resolver",
            "AN-DNS-2": "the same",
            "AN-FC-1": "the same",
            "BA-OMIT-1": "it starts no server without bind addresses",
            "CM-UNK-1": "it complains of transports that it does not know",
        },
        "warn": {
            "APPX-B-1": "nothing about the transport without an address",
            "BA-PART-1": "the same",
            "CFG-EMPTY-1": "an empty bind address is taken for a missing one",
            "CT-BADNAME-1": "it panics at a transport's name in UTF-8",
            "CT-DUP-1": "two listeners for a name that is there twice",
            "CT-EMPTY-1": "an empty list of transports makes it exit",
            "EXT-MSG-9": "an unknown answer ends the connection",
            "HY-ACCEPT-1": "one error of accept() ends the listener",
            "HY-CRASH-1": "the panic",
            "HY-EMFILE-1": "it spins at the descriptor limit",
            "PX-HTTP-1": "of an HTTP proxy's answers it takes 200 alone",
            "SD-TERM-3": "SIGTERM during the start is lost",
            "SM-ARGS-1": "ARGS: with nothing behind it",
        },
        "info": {
            "GEN-E2E-3": "one direction's end ends the other one",
            "HY-RESET-1": "a reset comes out as an orderly end",
        },
    },
    "snowflake-client": {
        "fail": {
            "CM-UNK-1": "it complains of transports that it does not know",
            "PX-ANS-1": "a broken proxy URI makes it exit without a word",
            "PX-MALF-1": "the same",
        },
        "warn": {
            "CT-BADNAME-1": "it panics at a transport's name in UTF-8",
            "CT-DUP-1": "two listeners for a name that is there twice",
            "HY-ACCEPT-1": "one error of accept() ends the listener",
            "HY-CRASH-1": "the panic",
            "SD-PARENT-1": "it outlives its parent with stdin open",
            "SK-ROB-2": "one handshake at a time",
        },
        "info": {"SK-REP-3": "success before it has a server"},
        # It shakes hands with a broker that is not there.
        "alone": True,
    },
}
# What is said of every rule of a session that no peer can be had for.
UNSEEN = "what comes behind its handshake was not seen"
# How much a spinning process gets of a busy machine is not its own choice, nor
# how far it has come when a signal meets it.
BY_LOAD = {"HY-EMFILE-1", "SD-TERM-3"}


@pytest.mark.parametrize("name", KNOWN)
def test_known_transport(name):
    known = KNOWN[name]
    p = run("--report", "json", pt=(f"/usr/bin/{name}",))
    rows = report(p)["requirements"]
    found = {v: {r["id"]: r["reason"] for r in rows if r["verdict"] == v}
             for v in ("fail", "warn", "info", "inconclusive")}
    undecided = BY_LOAD | {r["id"] for r in rows if is_hindered(r)}
    for verdict in ("fail", "warn"):
        different = (found[verdict].keys() ^ known[verdict].keys()) - undecided
        assert not different, {i: found[verdict].get(i) for i in different}
    assert known["info"].keys() <= found["info"].keys() | undecided
    unsure = {i: why for i, why in found["inconclusive"].items()
              if not (known.get("alone") and why.startswith(UNSEEN))
              and i not in undecided}
    assert not unsure
    assert (p.returncode, p.stderr) == (1, "")
    for row in rows:
        if row["verdict"] in ("fail", "warn"):
            assert row["evidence"] and row["repro"], row
